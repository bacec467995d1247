"""The root in which an instance is rehearsed, and commands in it.

It is a folder with the paths of an instance (/var/app, /var/log, /opt/elasticbeanstalk, /etc/nginx, …) of its own, and the programs of this machine
(/usr) mounted read-only. The rehearsal runs in namespaces of its own (mounts, processes, network), so the scripts of a bundle run unchanged with the
paths and ports that they name, reach nothing outside, and are gone with it. As root the program of the Procfile runs as webapp (900), as there;
without root everything runs as one user who is root inside.
"""
import fcntl
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
from pathlib import Path

WEBAPP, NGINX = 900, 995
ADDRESS = "172.31.32.10"  # of the instance in its own network
PASSWD = """root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65534:nobody:/:/sbin/nologin
webapp:x:900:900::/home/webapp:/sbin/nologin
nginx:x:995:995:nginx:/var/lib/nginx:/sbin/nologin
ec2-user:x:1000:1000::/home/ec2-user:/bin/bash
"""
GROUP = "root:x:0:\nadm:x:4:\nnobody:x:65534:\nnogroup:x:65533:\nwebapp:x:900:\nnginx:x:995:\nec2-user:x:1000:\n"
FOLDERS = ("dev/shm etc/nginx etc/logrotate.elasticbeanstalk.hourly etc/cron.hourly etc/cron.d etc/systemd/system home/webapp home/ec2-user opt/aws/bin "
           "opt/aws/amazon-cloudwatch-agent/etc opt/aws/amazon-cloudwatch-agent/bin opt/elasticbeanstalk/bin opt/elasticbeanstalk/config "
           "opt/elasticbeanstalk/deployment opt/elasticbeanstalk/tasks/taillogs.d opt/elasticbeanstalk/tasks/bundlelogs.d "
           "opt/elasticbeanstalk/tasks/publishlogs.d opt/rehearsal/bin proc root run/rehearsal run/systemd/system srv tmp var/app var/cache var/lib/nginx var/lib/cloud "
           "var/log var/pids var/proxy/staging var/spool var/tmp")  # fmt: skip
COPIED = ("ld.so.cache", "ld.so.conf", "nsswitch.conf", "protocols", "services", "mime.types")
PATH = "/opt/rehearsal/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/elasticbeanstalk/bin"
ERRNO_WORDS = {2: "no such file or directory", 8: "exec format error", 13: "permission denied"}


class ForkExec(Exception):
    """A program that could not be started at all: the words that Go's runtime has for it."""


class Root:
    """Builds the root below FOLDER; user_namespace: only one user can be had."""

    def __init__(self, folder, user_namespace):
        self.folder, self.user_namespace, self.known = Path(folder), user_namespace, set()
        self.folder.mkdir(mode=0o755)
        self.folder.chmod(0o755)
        self.programs()
        for name in FOLDERS.split():
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "var/tmp", "dev/shm"):
            (self.folder / name).chmod(0o1777)
        (self.folder / "var/run").symlink_to("/run")
        self.etc()
        self.devices()
        for name, owner in (("home/webapp", WEBAPP), ("var/lib/nginx", NGINX)):
            self.give(self.folder / name, owner)
        loopback_up()

    def path(self, inside):
        """Where a path of the instance lies for this process."""
        return self.folder / str(inside).lstrip("/")

    # --- what is in it ---
    def programs(self):
        for name in ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"):
            real = Path("/") / name
            if real.is_symlink():
                (self.folder / name).symlink_to(os.readlink(real))
            elif real.is_dir():
                self.bind(real, self.folder / name)

    def bind(self, source, target):
        if Path(source).is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        subprocess.run(["mount", "--rbind", str(source), str(target)], check=True)
        # another user's namespace may not drop flags that a mount has, and cannot write below /usr anyway
        subprocess.run(["mount", "-o", "remount,bind,ro", str(target)], check=not self.user_namespace, stderr=subprocess.DEVNULL)

    def etc(self):
        etc = self.folder / "etc"
        for name in COPIED:
            if (Path("/etc") / name).exists():
                shutil.copy(Path("/etc") / name, etc / name)
        for name in ("alternatives", "ssl", "pki"):
            if (Path("/etc") / name).is_dir():
                self.bind(Path("/etc") / name, etc / name)
        # where there is one user only, all of them are that one
        one = (lambda text: re.sub(r":x:\d+", ":x:0", text.replace(":x:900:900", ":x:900:0").replace(":995:995", ":995:0"))) if self.user_namespace else str
        (etc / "passwd").write_text(one(PASSWD))
        (etc / "group").write_text(one(GROUP))
        (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        (etc / "resolv.conf").write_text("")
        (etc / "os-release").write_text('NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nVARIANT="rehearsal"\nPRETTY_NAME="Amazon Linux 2023 (a rehearsal of it)"\n')

    def devices(self):
        for name in ("null", "zero", "full", "random", "urandom", "tty"):
            target = self.folder / "dev" / name
            target.touch()
            subprocess.run(["mount", "--bind", f"/dev/{name}", str(target)], check=True)
        for name, to in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")):
            (self.folder / "dev" / name).symlink_to(to)
        subprocess.run(["mount", "-t", "proc", "proc", str(self.folder / "proc")], check=True)

    def give(self, path, owner):
        """Makes OWNER the owner of a folder and all in it, where there are several users."""
        if self.user_namespace:
            return
        os.lchown(path, owner, owner)
        for top, folders, files in os.walk(path):
            for name in folders + files:
                os.lchown(os.path.join(top, name), owner, owner)

    def write(self, inside, text, mode=0o644):
        target = self.path(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)

    def owner(self, name, file="passwd"):
        """The number of a user or group of the instance; one that does not exist is an error, as there."""
        if str(name).isdigit():
            return int(name)
        for line in self.path(f"/etc/{file}").read_text(encoding="utf-8").splitlines():
            if line.split(":")[0] == name:
                return int(line.split(":")[2])
        raise KeyError(name)

    # --- what runs in it ---
    def spawn(self, argv, cwd="/", env=None, user=0, files=None, umask=0o022, **more):
        """Starts a program of the instance; ForkExec if it cannot be."""
        folder, alone = str(self.folder), self.user_namespace

        def enter():
            os.chroot(folder)
            os.chdir(cwd)
            os.umask(umask)
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, files)
            if user and not alone:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)

        try:
            process = subprocess.Popen(argv, env={"PATH": PATH, "LANG": "C.UTF-8", **(env or {})}, preexec_fn=enter, stdin=subprocess.DEVNULL, start_new_session=True, **more)  # fmt: skip
        except (OSError, subprocess.SubprocessError) as why:
            words = ERRNO_WORDS.get(getattr(why, "errno", None), getattr(why, "strerror", None) or str(why))
            raise ForkExec(f"fork/exec {argv[0]}: {words}") from None
        self.known.add(process.pid)
        return process

    def run(self, argv, cwd="/", env=None, user=0, timeout=600):
        """Runs a program to its end: (status, output, its errors). All that it started is gone with it if it takes too long: status -9."""
        process = self.spawn(argv, cwd, env, user, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
        return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def reap(self):
        """Takes leave of processes whose parents are gone: this one is the first of its namespace."""
        if os.getpid() != 1:
            return
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) in self.known:
                continue
            try:
                state, parent = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[:2]
                if state == "Z" and parent == "1":
                    os.waitpid(int(entry), os.WNOHANG)
            except (OSError, IndexError):
                pass


def loopback_up():
    """A network namespace begins with its loopback down; the instance's own address is on it too."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running
        fcntl.ioctl(s, 0x8916, struct.pack("16sHH4s16x", b"lo:0", socket.AF_INET, 0, socket.inet_aton(ADDRESS)))  # SIOCSIFADDR
