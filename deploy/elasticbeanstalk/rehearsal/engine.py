"""The platform engine of an instance: its commands, instruction by instruction, with the words of its log."""
import json
import os
import shutil
import time

from . import Failed, options
from .ebextensions import Init
from .proxy import Proxy
from .root import WEBAPP, ForkExec
from .units import Units

STAGING, CURRENT = "/var/app/staging", "/var/app/current"
SCRIPT = """#!/bin/sh
# get-config of the rehearsal: environment properties and what the platform is
at=/opt/elasticbeanstalk/config/rehearsal
section=$1
shift
key=
while [ $# -gt 0 ]; do
    case $1 in
    -k | --key) key=$2 && shift ;;
    esac
    shift
done
if [ -z "$key" ]; then cat "$at/$section.json"; else cat "$at/$section/$key"; fi
"""


class Engine:
    """Deploys to one instance. TELL is called with (phase, what) as the work goes on."""

    def __init__(self, root, logs, tell, leader=True, timeout=600, grant=True, console=None):
        self.root, self.logs, self.tell, self.leader, self.timeout, self.grant = root, logs, tell, leader, timeout, grant
        self.console = console or {}
        self.units, self.proxy = Units(root, logs), Proxy(root, logs)
        self.bundle, self.environment, self.step, self.remarks = None, {}, "", []
        self.kept, self.flipped, self.warnings, self.parts = None, False, [], []
        self.instance = "i-0" + os.urandom(8).hex()
        root.write("/opt/elasticbeanstalk/bin/get-config", SCRIPT, 0o755)

    # --- a command of the engine ---
    def execute(self, command, work, done):
        """Runs WORK as the engine runs a command: its begin and end in the log, and what went wrong."""
        for line in ("Starting...", "Starting EBPlatform-PlatformEngine", "reading event message file", "Engine received EB command cfn-hup-exec\n",
                     f"checking whether command {command} is applicable to this instance...",
                     "this command is applicable to the instance, thus instance should execute command", f"Engine command: ({command})\n"):  # fmt: skip
            self.logs.engine(line)
        self.step, self.flipped, began = "", False, time.monotonic()
        try:
            work()
            if time.monotonic() - began > self.timeout:
                raise self.too_long()
        except Failed as why:
            why.step = self.step or why.step
            self.logs.engine(f"An error occurred during execution of command [{command}] - [{why.step}]. Stop running the command. Error: {why.error} \n", "ERROR")
            self.logs.engine("Executing cleanup logic")
            self.logs.response([*why.console, "Instance deployment failed. For details, see 'eb-engine.log'."], True)
            self.logs.engine(f"Platform Engine finished execution on command: {command}\n")
            why.console += ["Instance deployment failed. For details, see 'eb-engine.log'.",
                            f"[Instance: {self.instance}] Command failed on instance. Return code: 1 Output: Engine execution has encountered an error.",
                            f"Unsuccessful command execution on instance id(s) '{self.instance}'. Aborting the operation.", "Failed to deploy application."]  # fmt: skip
            raise
        self.logs.engine("Executing cleanup logic")
        self.logs.response([done], False)
        self.logs.engine(f"Platform Engine finished execution on command: {command}\n")

    def too_long(self):
        return Failed("command timeout", f"the command took longer than {self.timeout} s",
                      "raise aws:elasticbeanstalk:command Timeout, or do less in hooks and commands",
                      [f"The following instances have not responded in the allowed command timeout time (they might still finish eventually on their own): "
                       f"[{self.instance}]."])  # fmt: skip

    def instruction(self, name, what=""):
        self.step = name
        self.logs.engine(f"Executing instruction: {name}")
        self.tell(name, what)

    # --- deploying ---
    def deploy(self, bundle, command="app-deploy"):
        self.execute(command, lambda: self.all_instructions(bundle), "Instance deployment completed successfully.")

    def all_instructions(self, bundle):
        environment = self.environment_of(bundle)
        self.download(bundle)
        self.instruction("ElectLeader", "leader" if self.leader else "not the leader")
        self.logs.engine(f"Running leader election for instance {self.instance}...")
        self.logs.engine("Instance is Leader." if self.leader else "Instance is not Leader.")
        init = Init(self.root, self.logs, environment, self.leader, self.timeout)
        self.remarks = init.remarks
        self.instruction("PreBuildEbExtension")
        self.logs.engine("Starting executing the config set Infra-EmbeddedPreBuild.")
        init.prebuild(bundle.extensions)
        self.logs.engine("Finished executing the config set Infra-EmbeddedPreBuild.\n")
        self.stage(bundle)
        processes = bundle.processes()
        self.hooks("RunAppDeployPreBuildHooks", "hooks/prebuild", STAGING, environment)
        self.build(bundle, environment)
        self.instruction("configure proxy server", "nginx")
        self.parts = self.stage_proxy(bundle, environment, STAGING)
        self.instruction("PostBuildEbExtension")
        self.logs.engine("Starting executing the config set Infra-EmbeddedPostBuild.")
        init.postbuild(bundle.extensions, STAGING)
        self.logs.engine("Finished executing the config set Infra-EmbeddedPostBuild.\n")
        self.instruction("CleanEbExtensions")
        shutil.rmtree(self.root.path(f"{STAGING}/.ebextensions"), ignore_errors=True)
        self.hooks("RunAppDeployPreDeployHooks", "hooks/predeploy", STAGING, environment)
        self.root.give(self.root.path(STAGING), WEBAPP)
        self.flip(bundle, processes, environment)
        self.start_proxy(bundle)
        self.instruction("Track pids in healthd")
        self.hooks("RunAppDeployPostDeployHooks", "hooks/postdeploy", CURRENT, environment)

    def environment_of(self, bundle):
        """The bundle's environment properties, over them those that were set at the console, and PORT."""
        found = {**bundle.properties(), **self.console}
        found.setdefault("PORT", "5000")
        for name in [n for n, v in found.items() if v == ""]:
            del found[name]
        if not found.get("PORT", "5000").isdigit():
            raise options.refused("PORT", f"Invalid option value: '{found['PORT']}'", "give the number of a port")
        return found

    def download(self, bundle):
        self.logs.engine("Downloading EB Application...")
        self.logs.engine(f"Downloading: bucket: elasticbeanstalk-rehearsal, object: {bundle.path.name}")
        target = self.root.path("/opt/elasticbeanstalk/deployment/app_source_bundle")
        shutil.copyfile(bundle.path, target)
        self.logs.engine(f"Download successful{bundle.size}bytes downloaded")

    def stage(self, bundle):
        self.instruction("StageApplication", f"{len(bundle.names)} entries, {bundle.size:,} bytes")
        self.logs.engine(f"Recreating {STAGING}/")
        shutil.rmtree(self.root.path(STAGING), ignore_errors=True)
        self.root.path(STAGING).mkdir()
        self.logs.engine(f"extracting /opt/elasticbeanstalk/deployment/app_source_bundle to {STAGING}/")
        bundle.extract(self.root.path(STAGING))
        self.logs.engine(f"finished extracting /opt/elasticbeanstalk/deployment/app_source_bundle to {STAGING}/ successfully")

    def build(self, bundle, environment):
        for name, command in bundle.builds():
            self.instruction("Build by Buildfile", name)
            self.command_of(["/bin/sh", "-c", command], command, STAGING, environment, f"correct \"{name}: {command}\" of Buildfile")

    def command_of(self, argv, shown, cwd, environment, advice):
        """A command of the bundle; what it says goes to eb-hooks.log."""
        try:
            status, out, err = self.root.run(argv, cwd, {**environment, "HOME": "/root"}, 0, self.timeout)
        except ForkExec as why:
            raise Failed(self.step, f"Command {shown} failed with error {why}. Stderr:", advice) from None
        for line in (out + err).splitlines():
            self.logs.hook(line)
        if status == -9:
            raise self.too_long()
        if status:
            end = f"exit status {status}" if status > 0 else f"signal {-status}"
            raise Failed(self.step, f"Command {shown} failed with error {end}. Stderr:{err.strip()[-2000:]}", advice)

    def hooks(self, instruction, folder, cwd, environment):
        at = self.root.path(f"{cwd}/.platform/{folder}")
        names = sorted(p.name for p in at.iterdir() if p.is_file()) if at.is_dir() else []
        self.instruction(instruction, ", ".join(names) or "none")
        self.logs.engine(f"Executing platform hooks in .platform/{folder}/")
        if not names:
            self.logs.engine(f"The dir .platform/{folder}/ does not exist")
        else:
            self.logs.engine(f"Following platform hooks will be executed in order: [{', '.join(names)}]")
        for name in names:
            shown = f".platform/{folder}/{name}"
            if self.grant and not (at / name).stat().st_mode & 0o111:
                (at / name).chmod(0o755)
                self.remarks.append(f"{shown} is not executable in the bundle; platforms since 29 April 2022 make it so")
            self.logs.engine(f"Running platform hook: {shown}")
            self.logs.hook(f"Running platform hook: {shown}")
            self.command_of([shown], shown, cwd, environment,
                            f"run {shown} by hand; it must be executable (chmod +x), begin with #! and end with status 0")  # fmt: skip
        self.logs.engine(f"Finished running scripts in {cwd}/.platform/{folder}")

    def stage_proxy(self, bundle, environment, app):
        if bundle.option("aws:elasticbeanstalk:environment:proxy", "ProxyServer", "nginx") == "none":
            raise Failed(self.step, "ProxyServer is none", "a rehearsal shows the program behind nginx: take the option out")
        static = {n: v for n, (v, _) in bundle.settings.get("aws:elasticbeanstalk:environment:proxy:staticfiles", {}).items()}
        self.logs.engine(f"Running command: cp -rp {app}/.platform/nginx/. /var/proxy/staging/nginx")
        return self.proxy.stage(app, environment["PORT"], static)

    def flip(self, bundle, processes, environment):
        self.instruction("stop proxy")
        self.keep()
        self.proxy.stop()
        self.instruction("FlipApplication", ", ".join(n for n, _ in processes))
        self.flipped = True
        self.logs.engine("Fetching environment variables...")
        self.logs.engine("Purge old process...")
        self.units.stop()
        self.logs.engine("All processes have been fully terminated")
        self.logs.engine(f"Removing {CURRENT}/ if it exists")
        shutil.rmtree(self.root.path(CURRENT), ignore_errors=True)
        self.logs.engine(f"Renaming {STAGING}/ to {CURRENT}/")
        self.root.path(STAGING).rename(self.root.path(CURRENT))
        self.bundle, self.environment = bundle, environment
        self.write_environment(environment)
        self.start_processes(processes, environment)

    def start_processes(self, processes, environment):
        self.logs.engine("Register application processes...")
        for name, _ in processes:
            self.logs.engine(f"Registering the proc: {name}\n")
        try:
            self.units.start(processes, {**environment, "HOME": "/home/webapp", "USER": "webapp", "LOGNAME": "webapp"})
        except ForkExec as why:
            raise Failed(self.step, f"start of the processes failed with error {why}", "see the Procfile") from None

    def write_environment(self, environment):
        """Where the platform keeps them, and what get-config tells."""
        self.root.write("/opt/elasticbeanstalk/deployment/env", "".join(f"{n}={v}\n" for n, v in sorted(environment.items())), 0o600)
        at = "/opt/elasticbeanstalk/config/rehearsal"
        shutil.rmtree(self.root.path(at), ignore_errors=True)
        platform = {"AppUser": "webapp", "AppDeployDir": f"{CURRENT}/", "AppStagingDir": f"{STAGING}/", "ProxyServer": "nginx"}
        for section, rows in (("environment", environment), ("platformconfig", platform), ("container", platform)):
            self.root.write(f"{at}/{section}.json", json.dumps(rows) + "\n", 0o600)
            for name, value in rows.items():
                self.root.write(f"{at}/{section}/{name.replace('/', '_')}", value + "\n", 0o600)

    def start_proxy(self, bundle):
        self.instruction("start proxy with new configuration")
        self.warnings = self.proxy.check()
        self.proxy.install()
        self.proxy.start()

    # --- the earlier version ---
    def keep(self):
        """Puts the version at work aside, as the balancer's other instances keep it."""
        self.kept = None
        if self.bundle is None:
            return
        aside = self.root.folder.parent / "kept"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        shutil.copytree(self.root.path(CURRENT), aside / "current", symlinks=True)
        shutil.copytree(self.root.path("/etc/nginx"), aside / "nginx", symlinks=True)
        self.kept = (aside, self.bundle, self.environment, [(u.name, u.command) for u in self.units.by_name.values()])

    def restore(self):
        """A deployment that failed after the flip: an instance of the earlier version takes its place, as the service replaces it."""
        if not self.flipped or self.kept is None:
            return False
        aside, bundle, environment, processes = self.kept
        self.proxy.stop()
        self.units.stop()
        for inside, name in ((CURRENT, "current"), ("/etc/nginx", "nginx")):
            shutil.rmtree(self.root.path(inside), ignore_errors=True)
            shutil.copytree(aside / name, self.root.path(inside), symlinks=True)
        self.root.give(self.root.path(CURRENT), WEBAPP)
        self.bundle, self.environment = bundle, environment
        self.write_environment(environment)
        self.units.start(processes, {**environment, "HOME": "/home/webapp", "USER": "webapp", "LOGNAME": "webapp"})
        self.proxy.start()
        return True

    # --- the other commands ---
    def configure(self, changed):
        """A configuration-only deployment: environment properties of the console change, the version stays."""
        before, self.console = self.console, {**self.console, **changed}
        try:
            self.execute("config-deploy", self.configure_instructions, "Instance configuration completed successfully.")
        except Failed:
            self.console = before
            raise

    def configure_instructions(self):
        environment = self.environment_of(self.bundle)
        self.hooks("RunConfigDeployPreBuildHooks", "confighooks/prebuild", CURRENT, environment)
        self.instruction("configure proxy server", "nginx")
        self.parts = self.stage_proxy(self.bundle, environment, CURRENT)
        self.hooks("RunConfigDeployPreDeployHooks", "confighooks/predeploy", CURRENT, environment)
        self.instruction("stop proxy")
        self.keep()
        self.proxy.stop()
        self.flipped = True
        self.instruction("RestartApplication")
        processes = [(u.name, u.command) for u in self.units.by_name.values()]
        self.units.stop()
        self.environment = environment
        self.write_environment(environment)
        self.start_processes(processes, environment)
        self.start_proxy(self.bundle)
        self.hooks("RunConfigDeployPostDeployHooks", "confighooks/postdeploy", CURRENT, environment)

    def restart_app_server(self):
        def work():
            self.instruction("RestartAppServer")
            self.proxy.stop()
            self.units.restart()
            self.proxy.start()

        self.execute("restart-app-server", work, "Instance has been restarted successfully.")
