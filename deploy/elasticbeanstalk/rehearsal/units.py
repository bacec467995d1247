"""The processes of the Procfile, held as systemd holds the units that Elastic Beanstalk writes for them.

Type=simple, Restart=always, RestartSec 100 ms, five starts within ten seconds at most; stopped by SIGTERM to all of its processes, and by SIGKILL
after 90 s; 1,024 open files, and more if it asks for them. A drop-in (/etc/systemd/system/NAME.service.d/*.conf) may change LimitNOFILE, UMask,
TimeoutStopSec and KillMode. Its output goes to /var/log/NAME.stdout.log, as rsyslog writes it.
"""
import os
import resource
import signal
import subprocess
import threading
import time

from .root import WEBAPP, ForkExec

RESTART_SECONDS, BURST, BURST_SECONDS = 0.1, 5, 10
DEFAULTS = {"LimitNOFILE": "1024:524288", "UMask": "0022", "TimeoutStopSec": "90", "KillMode": "control-group"}

SHELL = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"  # what /bin/sh is there: it becomes a single command that it is given


def drop_ins(root, name):
    """What the drop-ins of a unit set, and the names that are not understood."""
    found, unknown = dict(DEFAULTS), []
    for path in sorted(root.path(f"/etc/systemd/system/{name}.service.d").glob("*.conf")):
        for line in path.read_text(encoding="utf-8").splitlines():
            key, equals, value = line.strip().partition("=")
            if key in found:
                found[key] = value.strip()
            elif equals and not key.startswith(("#", ";")):
                unknown.append(f"{path.name}: {key}")
    return found, unknown


class Unit:
    """One process of the Procfile."""

    def __init__(self, root, logs, name, command, env):
        self.root, self.logs, self.name, self.command, self.env = root, logs, name, command, env
        self.process, self.starts, self.restarts, self.ends = None, [], 0, []
        self.wanted, self.failed, self.lock, self.thread = True, False, threading.RLock(), None
        self.rules, self.unknown = drop_ins(root, name)

    def start(self):
        self.begin()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def begin(self):
        self.starts.append(time.monotonic())
        soft, _, hard = self.rules["LimitNOFILE"].partition(":")
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        limits = (min(int(soft), most), min(int(hard or soft), most))
        self.process = self.root.spawn([SHELL, "-c", self.command], "/var/app/current", self.env, WEBAPP, limits, int(self.rules["UMask"], 8), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        self.root.write(f"/var/pids/{self.name}.pid", f"{self.process.pid}\n")
        self.logs.system("systemd[1]", f"Started {self.name}.service - This is {self.name} daemon.")
        threading.Thread(target=self.pump, args=(self.process,), daemon=True).start()

    def pump(self, process):
        with process.stdout:
            for line in process.stdout:
                self.logs.stream(self.name, process.pid, line.decode("utf-8", "replace").rstrip("\n"))

    def watch(self):
        while True:
            status = self.process.wait()
            with self.lock:
                if not self.wanted:
                    return
                self.ended(status)
                time.sleep(RESTART_SECONDS)
                if len([s for s in self.starts if time.monotonic() - s < BURST_SECONDS]) >= BURST:
                    self.failed = True
                    self.logs.system("systemd[1]", f"{self.name}.service: Start request repeated too quickly.")
                    self.logs.system("systemd[1]", f"{self.name}.service: Failed with result 'exit-code'.")
                    return
                self.restarts += 1
                self.logs.system("systemd[1]", f"{self.name}.service: Scheduled restart job, restart counter is at {self.restarts}.")
                try:
                    self.begin()
                except ForkExec as why:
                    self.logs.system("systemd[1]", f"{self.name}.service: Failed to execute command: {why}")
                    self.failed = True
                    return

    def ended(self, status):
        code = f"code=exited, status={status}/{'FAILURE' if status else 'SUCCESS'}" if status >= 0 else f"code=killed, status={-status}/{signal.Signals(-status).name[3:]}"
        self.ends.append(code)
        self.logs.system("systemd[1]", f"{self.name}.service: Main process exited, {code}")
        if status:
            self.logs.system("systemd[1]", f"{self.name}.service: Failed with result '{'exit-code' if status > 0 else 'signal'}'.")

    def stop(self):
        """Returns the seconds that it took; killed is set if it had to be killed."""
        began, killed, patience = time.monotonic(), False, float(self.rules["TimeoutStopSec"].removesuffix("s"))
        with self.lock:
            self.wanted = False
            group = self.process.pid
        self.logs.system("systemd[1]", f"Stopping {self.name}.service - This is {self.name} daemon...")
        if self.rules["KillMode"] == "control-group":
            self.signal(group, signal.SIGTERM)
        else:
            self.process.send_signal(signal.SIGTERM)
        while self.alive(group):
            if time.monotonic() - began > patience and not killed:
                killed = True
                self.logs.system("systemd[1]", f"{self.name}.service: State 'stop-sigterm' timed out. Killing.")
                self.signal(group, signal.SIGKILL)
            time.sleep(0.02)
        self.thread.join()
        self.root.path(f"/var/pids/{self.name}.pid").unlink(missing_ok=True)
        self.logs.system("systemd[1]", f"Stopped {self.name}.service - This is {self.name} daemon.")
        return time.monotonic() - began, killed

    def signal(self, group, number):
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            pass

    def alive(self, group):
        self.process.poll()
        self.root.reap()
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True

    def active(self):
        return self.wanted and not self.failed and self.process is not None and self.process.poll() is None


class Units:
    """All of them, by name, in the order of the Procfile."""

    def __init__(self, root, logs):
        self.root, self.logs, self.by_name, self.killed, self.slowest_stop = root, logs, {}, 0, 0.0

    def start(self, processes, env):
        for name, command in processes:
            unit = Unit(self.root, self.logs, name, command, env)
            self.write_unit(name, command)
            unit.start()
            self.by_name[name] = unit

    def write_unit(self, name, command):
        self.root.write(f"/etc/systemd/system/{name}.service",
                        f"[Unit]\nDescription=This is {name} daemon\nPartOf=eb-app.target\n\n[Service]\nUser=webapp\nType=simple\nExecStart=/bin/sh -c \"{command}\"\n"
                        f"EnvironmentFile=/opt/elasticbeanstalk/deployment/env\nRestart=always\nSyslogIdentifier={name}\nWorkingDirectory=/var/app/current/\n")  # fmt: skip

    def stop(self):
        for name, unit in list(self.by_name.items()):
            seconds, killed = unit.stop()
            self.killed += killed
            self.slowest_stop = max(self.slowest_stop, seconds)
            del self.by_name[name]

    def restart(self):
        units = list(self.by_name.values())
        self.stop()
        self.start([(u.name, u.command) for u in units], units[0].env if units else {})
