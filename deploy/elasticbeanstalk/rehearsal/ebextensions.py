"""What cfn-init does with the sections of .ebextensions on an instance: files and commands, and later container_commands."""
import base64
import os
import time

from . import Failed
from .root import ForkExec

FAILED = "EbExtension build failed. Please refer to /var/log/cfn-init.log for more details."
CONSOLE = "Instance deployment failed to run the commands of .ebextensions. The deployment failed."


class Init:
    """One run over the extensions of a bundle. remarks: what a rehearsal cannot do."""

    def __init__(self, root, logs, environment, leader, timeout):
        self.root, self.logs, self.environment, self.leader, self.timeout = root, logs, environment, leader, timeout
        self.remarks, self.commands, self.files = [], 0, 0

    def prebuild(self, extensions):
        for extension in extensions:
            for manager, packages in extension.section("packages").items():
                names = sorted(packages or {})
                self.remarks.append(f"{extension.name}: packages of {manager} are not installed by a rehearsal: {', '.join(names)}")
            for section in ("sources", "users", "groups", "services"):
                if extension.section(section):
                    self.remarks.append(f"{extension.name}: {section} is not rehearsed")
            if extension.section("Resources"):
                self.remarks.append(f"{extension.name}: Resources (CloudFormation) are made by the service, not on an instance")
            for path, rules in extension.section("files").items():
                self.file(extension, path, rules)
        for extension in extensions:
            for name, rules in sorted(extension.section("commands").items()):
                self.command("PreBuildEbExtension", "prebuild", name, rules, "/", {})

    def postbuild(self, extensions, staging):
        for extension in extensions:
            for name, rules in sorted(extension.section("container_commands").items()):
                if rules.get("leader_only") in (True, "true") and not self.leader:
                    self.logs.cfn(f"Command {name} is for the leader only: skipped")
                    continue
                self.command("PostBuildEbExtension", "postbuild", name, rules, staging, self.environment)

    def file(self, extension, path, rules):
        if not path.startswith("/"):
            raise self.failed("PreBuildEbExtension", f"{extension.name}: files: {path} is not an absolute path", "name files by their whole path")
        if "source" in rules:
            self.remarks.append(f"{extension.name}: {path} would be fetched from {rules['source']}")
            return
        content = rules.get("content", "")
        data = base64.b64decode(content) if rules.get("encoding") == "base64" else str(content).encode()
        target = self.root.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        try:
            target.chmod(int(str(rules.get("mode", "000644"))[-4:], 8))
            if not self.root.user_namespace:
                owner, group = self.root.owner(rules.get("owner", "root")), self.root.owner(rules.get("group", "root"), "group")
                os.chown(target, owner, group)
        except (ValueError, KeyError) as why:
            raise self.failed("PreBuildEbExtension", f"{extension.name}: files: {path}: there is no mode, user or group {why}",
                              "give the mode as six digits (\"000644\") and a user and group of the instance") from None  # fmt: skip
        self.files += 1

    def failed(self, step, error, advice):
        self.logs.cfn(error, "ERROR")
        return Failed(step, FAILED, f"{error}; {advice}", [CONSOLE])

    def command(self, step, phase, name, rules, cwd, environment):
        environment = {**environment, **{str(k): str(v) for k, v in (rules.get("env") or {}).items()}, "HOME": "/root"}
        cwd = rules.get("cwd", cwd)
        if "test" in rules and self.do(["/bin/sh", "-c", str(rules["test"])], cwd, environment)[0]:
            self.logs.cfn(f"Command {name} test failed, not running")
            return
        words = rules["command"]
        argv = [str(w) for w in words] if isinstance(words, list) else ["/bin/sh", "-c", str(words)]
        began = time.monotonic()
        status, output = self.do(argv, cwd, environment)
        self.commands += 1
        self.logs.cfn_command(f"Command {name}")
        for line in output.splitlines()[-50:]:
            self.logs.cfn_command(f"\t{line}")
        self.logs.cfn_command(f"Exited with code {status} after {time.monotonic() - began:.1f} s")
        if status == 0:
            self.logs.cfn(f"Command {name} succeeded")
            return
        if rules.get("ignoreErrors") in (True, "true"):
            self.logs.cfn(f"Command {name} failed with code {status}; ignoreErrors is set")
            self.remarks.append(f"command {name} failed with exit status {status}, which ignoreErrors hides")
            return
        self.logs.cfn(f"Command {name} ({words}) failed", "ERROR")
        self.logs.cfn(f"Error encountered during build of {phase}_0_app: Command {name} failed", "ERROR")
        last = output.strip().splitlines()[-1:] or ["it said nothing"]
        raise Failed(step, FAILED, f"command {name} ended with exit status {status} ({last[0][:300]}): correct it, or set ignoreErrors if it does not matter",
                     [CONSOLE])  # fmt: skip

    def do(self, argv, cwd, environment):
        try:
            status, out, err = self.root.run(argv, cwd, environment, 0, self.timeout)
        except ForkExec as why:
            return 127, str(why)
        return status, out + err
