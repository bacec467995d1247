"""nginx as the platform configures it, with the bundle's own parts, on port 80 of the instance."""
import os
import re
import resource
import shutil
import signal
import time
from pathlib import Path

from . import Failed
from .root import NGINX

STAGING = "/var/proxy/staging/nginx"
STOP_SECONDS = 5  # of nginx.service: SIGQUIT, and SIGKILL after that
MAIN = """user nginx;
error_log /var/log/nginx/error.log warn;
pid /var/run/nginx.pid;
worker_processes auto;
worker_rlimit_nofile 200000;
events { worker_connections 1024; }
http {
    server_tokens off;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
    include conf.d/*.conf;
    map $http_upgrade $connection_upgrade { default "upgrade"; }
    server {
        listen 80 default_server;
        access_log /var/log/nginx/access.log main;
        client_header_timeout 60;
        client_body_timeout 60;
        keepalive_timeout 60;
        gzip off;
        gzip_comp_level 4;
        include conf.d/elasticbeanstalk/*.conf;
    }
}
"""
APPLICATION = """location / {{
    proxy_pass http://127.0.0.1:{port};
    proxy_http_version 1.1;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
}}
"""
FORMAT = """log_format healthd '$msec"$uri"$status"$request_time"$upstream_response_time"$http_x_forwarded_for';
"""
HEALTHD = r"""if ($time_iso8601 ~ "^(\d{4})-(\d{2})-(\d{2})T(\d{2})") {
    set $year $1;
    set $month $2;
    set $day $3;
    set $hour $4;
}
access_log /var/log/nginx/healthd/application.log.$year-$month-$day-$hour healthd;
"""


def program():
    return shutil.which("nginx") or ("/usr/sbin/nginx" if os.path.exists("/usr/sbin/nginx") else None)


class Proxy:
    """Its configuration below /var/proxy/staging, then in /etc/nginx; its process."""

    def __init__(self, root, logs):
        self.root, self.logs, self.program = root, logs, program()
        mime = Path("/etc/nginx/mime.types")
        self.root.write("/etc/nginx/mime.types", mime.read_text() if mime.exists() else "types { text/html html; text/css css; application/javascript js; }\n")
        self.root.give(self.root.path("/var/log/nginx"), NGINX)

    def stage(self, app, port, static):
        """The platform's files, and over them those of the bundle, which are below APP."""
        shutil.rmtree(self.root.path(STAGING), ignore_errors=True)
        self.root.write(f"{STAGING}/nginx.conf", MAIN)
        self.root.write(f"{STAGING}/conf.d/healthd_logformat.conf", FORMAT)
        self.root.write(f"{STAGING}/conf.d/elasticbeanstalk/00_application.conf", APPLICATION.format(port=port))
        self.root.write(f"{STAGING}/conf.d/elasticbeanstalk/healthd.conf", HEALTHD)
        if static:
            self.root.write(f"{STAGING}/conf.d/elasticbeanstalk/01_static.conf", "".join(
                f"location {path} {{ alias /var/app/current/{folder.strip('/')}; access_log off; }}\n" for path, folder in sorted(static.items())))
        own = self.root.path(f"{app}/.platform/nginx")
        if own.is_dir():
            shutil.copytree(own, self.root.path(STAGING), dirs_exist_ok=True)
        self.fit(self.root.path(f"{STAGING}/nginx.conf"))
        return sorted(str(p.relative_to(own)) for p in own.rglob("*.conf")) if own.is_dir() else []

    def fit(self, path):
        """What this machine cannot do: another user where there is one only, more open files than its limit where that cannot be raised."""
        text, most = path.read_text(encoding="utf-8"), resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if self.root.user_namespace:
            text = re.sub(r"(?m)^\s*user\s+[^;]+;", "user root;", text)
        text = re.sub(r"(?m)^\s*worker_rlimit_nofile\s+(\d+);", lambda m: f"worker_rlimit_nofile {min(int(m[1]), most)};", text)
        path.write_text(text, encoding="utf-8")

    def check(self):
        """nginx's own judgement of what is staged."""
        command = f"/usr/sbin/nginx -t -c {STAGING}/nginx.conf"
        self.logs.engine(f"Running command: {command}")
        status, _, err = self.root.run([self.program, "-t", "-c", f"{STAGING}/nginx.conf"])
        if status:
            raise Failed("start proxy with new configuration", "copy proxy conf from staging failed with error validate nginx configuration failed with error Command "
                         f"{command} failed with error exit status {status}. Stderr:{err.strip()}",
                         "correct the file that nginx names below .platform/nginx; `prism bundle` writes parts that nginx takes",
                         ["Instance deployment failed to configure the proxy server. The deployment failed."])  # fmt: skip
        self.logs.engine(err.strip() + "\n")
        return [line for line in err.splitlines() if "[warn]" in line]

    def install(self):
        self.logs.engine(f"Running command: cp -rp {STAGING}/* /etc/nginx")
        shutil.copytree(self.root.path(STAGING), self.root.path("/etc/nginx"), dirs_exist_ok=True)

    def pid(self):
        try:
            number = int(self.root.path("/run/nginx.pid").read_text())
            os.kill(number, 0)
            return number
        except (OSError, ValueError):
            return None

    def start(self):
        status, _, err = self.root.run([self.program, "-c", "/etc/nginx/nginx.conf"])
        if status:
            raise Failed("start proxy with new configuration", f"startProxy Failure: nginx ended with exit status {status}. Stderr:{err.strip()}",
                         "see /var/log/nginx/error.log", ["Instance deployment failed to start the proxy server. The deployment failed."])  # fmt: skip

    def reload(self):
        self.signal(signal.SIGHUP)

    def signal(self, number):
        pid = self.pid()
        if pid:
            os.kill(pid, number)

    def stop(self):
        pid, end = self.pid(), time.monotonic() + STOP_SECONDS
        self.signal(signal.SIGQUIT)
        while pid and self.pid() == pid:
            self.root.reap()
            if time.monotonic() > end:
                for member in self.members(pid):
                    os.kill(member, signal.SIGKILL)
            time.sleep(0.02)
        self.root.path("/run/nginx.pid").unlink(missing_ok=True)

    def members(self, pid):
        """nginx's master and its workers."""
        found = [pid]
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1] == str(pid):
                    found.append(int(entry))
            except OSError:
                pass
        return found
