"""The log files of an instance, in the formats of the programs that write them there. All times are UTC, as on an instance."""
import json
import threading
from datetime import datetime, timezone

HOST = "ip-172-31-32-10"


def now():
    return datetime.now(timezone.utc)


class File:
    """A log that several threads append to. It is opened for each write, as a rotation copies and truncates it, or moves it away."""

    def __init__(self, path):
        self.path, self.lock = path, threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def write(self, text):
        with self.lock, open(self.path, "a", encoding="utf-8", errors="replace") as out:
            out.write(text)


class Logs:
    """Below /var/log of the instance."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("nginx/healthd", "nginx/rotated", "healthd", "rotated"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.engine_file, self.hooks_file = File(folder / "eb-engine.log"), File(folder / "eb-hooks.log")
        self.cfn_file, self.cfn_cmd_file = File(folder / "cfn-init.log"), File(folder / "cfn-init-cmd.log")
        self.messages, self.daemon = File(folder / "messages"), File(folder / "healthd" / "daemon.log")
        self.streams = {}

    def engine(self, message, level="INFO"):
        self.engine_file.write(f"{now():%Y/%m/%d %H:%M:%S.%f} [{level}] {message}\n")

    def hook(self, message, level="INFO"):
        self.hooks_file.write(f"{now():%Y/%m/%d %H:%M:%S.%f} [{level}] {message}\n")

    def cfn(self, message, level="INFO"):
        at = now()
        self.cfn_file.write(f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} [{level}] {message}\n")

    def cfn_command(self, message, pid=0):
        at = now()
        self.cfn_cmd_file.write(f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} P{pid} [INFO] {message}\n")

    def system(self, program, message):
        self.messages.write(f"{now():%b %e %H:%M:%S} {HOST} {program}: {message}\n")

    def healthd(self, message, level="WARN"):
        self.daemon.write(f"{level[0]}, [{now():%Y-%m-%dT%H:%M:%S.%f} #1833]  {level} -- healthd daemon: {message}\n")

    def stream(self, process, pid, line):
        """A line that a process of the Procfile wrote."""
        if process not in self.streams:
            self.streams[process] = File(self.folder / f"{process}.stdout.log")
        self.streams[process].write(f"{now():%b %e %H:%M:%S} {HOST} {process}[{pid}]: {line}\n")

    def response(self, events, failed):
        """What the engine hands back to the service."""
        milliseconds = int(now().timestamp() * 1000)
        result = {"status": "FAILURE" if failed else "SUCCESS",
                  "msg": "Engine execution has encountered an error." if failed else "Engine execution has succeeded.", "returncode": int(failed),
                  "events": [{"msg": m, "timestamp": milliseconds, "severity": "ERROR" if failed else "INFO"} for m in events]}  # fmt: skip
        said = {"status": result["status"], "api_version": "1.0", "results": [result]}
        self.engine(f"CommandService Response: {json.dumps(said, separators=(',', ':'))}\n")

    def tail(self, name, lines=12):
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:] if path.exists() else []
