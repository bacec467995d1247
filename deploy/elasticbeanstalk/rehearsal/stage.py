"""The steps of a rehearsal, each told as it goes, and what they have shown."""
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile

from . import Failed, rotate
from .bundle import Bundle
from .engine import Engine
from .health import SOURCES, Agent, Balancer, People, listens
from .logs import Logs
from .root import Root
from .shims import Shims

COMMAND = "aws:elasticbeanstalk:command"
SETTLE_SECONDS = 10
STEPS = ("deploy", "rotate", "redeploy", "config", "restart", "rollback")


class Teller:
    """Prints what happens: lines for people, or one JSON object a line."""

    def __init__(self, as_json):
        self.as_json, self.began, self.deployment, self.phases = as_json, time.monotonic(), None, []

    def out(self, text):
        print(text, flush=True)

    def event(self, kind, text, **more):
        if self.as_json:
            self.out(json.dumps({"event": kind, "seconds": round(time.monotonic() - self.began, 3), **more}))
        elif text is not None:
            self.out(text)

    def step(self, name, what):
        self.began, self.phases, self.deployment = time.monotonic(), [], name
        self.event("step", f"\n{name}: {what}", step=name, what=what)

    def phase(self, name, what=""):
        at = time.monotonic() - self.began
        self.phases.append(name)
        self.event("phase", f"  {at:7.2f} s  {name:<36} {what}".rstrip(), step=self.deployment, phase=name, what=what)

    def say(self, text):
        self.event("say", f"  {text}", said=text)


class Rehearsal:
    """Runs the steps on one instance below SCRATCH; options are those of the command line."""

    def __init__(self, options, scratch, user_namespace):
        self.options, self.scratch, self.teller = options, scratch, Teller(options.json)
        self.verified, self.remarks, self.failure, self.stopped, self.failed_logs = [], [], None, False, None
        self.bundles = [Bundle(path) for path in options.bundles]
        first = self.bundles[0]
        self.teller.event("begin", f"Rehearsal of {', '.join(b.path.name for b in self.bundles)} in {scratch}: "
                          + ("one user for everything, as this is not run by root" if user_namespace else "hooks run as root, the program as webapp"),
                          bundles=[{"name": b.path.name, "bytes": b.size, "sha256": b.sha256} for b in self.bundles], scratch=str(scratch),
                          one_user=user_namespace)  # fmt: skip
        self.note(f"the service takes {first.path.name}: {first.size:,} bytes, {len(first.extensions)} configuration files, "
                  f"{sum(len(v) for v in first.settings.values())} option settings, {len(first.properties())} environment properties")  # fmt: skip
        self.root = Root(scratch / "root", user_namespace)
        self.logs = Logs(self.root.path("/var/log"))
        rotate.write_platform(self.root)
        self.engine = Engine(self.root, self.logs, self.teller.phase, leader=not options.follower, grant=not options.no_grant, console=dict(options.env))
        self.shims = Shims(self.root, self.engine)
        self.balancer, self.agent = Balancer(options.interval), Agent(self.logs, min(10.0, options.interval))

    def note(self, text):
        self.verified.append(text)

    # --- steps ---
    def run(self):
        """The exit status."""
        try:
            for step in self.options.steps:
                if not self.stopped:
                    getattr(self, step)()
                    self.probe(step)
            if self.options.serve and not self.stopped:
                self.serve()
        except Failed as why:
            self.failed(why)
        except BaseException:
            self.put_down()
            raise
        self.end()
        return 1 if self.failure else 0

    def deploy(self):
        bundle = self.bundles[0]
        self.teller.step("deploy", f"{bundle.path.name}, the first version of the environment")
        began = time.monotonic()
        self.roll_out(bundle, "env-launch")
        self.note(f"{bundle.path.name} was deployed in {time.monotonic() - began:.1f} s, until {self.options.passes} rounds of checks from {len(SOURCES)} zones passed")
        if self.engine.warnings:
            self.remarks += self.engine.warnings
        else:
            self.note("nginx takes its configuration without a warning" + (f" ({', '.join(self.engine.parts)})" if self.engine.parts else ""))

    def redeploy(self):
        bundle = self.bundles[min(1, len(self.bundles) - 1)]
        self.teller.step("redeploy", f"{bundle.path.name} over {self.engine.bundle.path.name}, while people work")
        self.under_load(lambda: self.roll_out(bundle, "app-deploy"), f"{bundle.path.name} replaced {self.engine.bundle.path.name}")

    def rollback(self):
        bundle = self.bundles[0]
        self.teller.step("rollback", f"back to {bundle.path.name}, while people work")
        self.under_load(lambda: self.roll_out(bundle, "app-deploy"), f"the environment went back to {bundle.path.name}")

    def config(self):
        changed = dict(self.options.change)
        self.teller.step("config", f"environment properties alone: {', '.join(changed)}")
        self.under_load(lambda: self.in_batch(lambda: self.engine.configure(changed)), "a configuration-only deployment (confighooks) went through")

    def restart(self):
        self.teller.step("restart", "restart app servers")
        self.in_batch(self.engine.restart_app_server)
        self.note("the app server was restarted")

    def rotate(self):
        self.teller.step("rotate", "the hourly rotation of the logs, as if they were large")
        done = rotate.hourly(self.root, True)
        self.teller.say(f"rotated: {', '.join(done) or 'nothing'}")
        if not done:
            raise Failed("log rotation", "no log was rotated", "the instance has written no logs, or their configuration is gone")
        before = self.size("nginx/access.log")
        end = time.monotonic() + 60
        while self.size("nginx/access.log") <= before:
            if time.monotonic() > end:
                raise Failed("log rotation", "nginx does not write to its new access log", "see the postrotate script of nginx")
            time.sleep(0.05)
        self.note(f"logs are rotated and written on: {', '.join(done)}")

    def size(self, name):
        path = self.logs.folder / name
        return path.stat().st_size if path.exists() else 0

    # --- parts of them ---
    def roll_out(self, bundle, command):
        self.engine.timeout = self.options.timeout or int(bundle.option(COMMAND, "Timeout", 600))
        self.in_batch(lambda: self.engine.deploy(bundle, command), bundle)

    def in_batch(self, work, bundle=None):
        """Takes the instance out of the balancer (but for AllAtOnce), does the work, and waits until it is healthy again."""
        at_work = self.engine.bundle
        policy = (bundle or at_work).option(COMMAND, "DeploymentPolicy", "AllAtOnce")
        end = time.monotonic() + (self.engine.timeout if bundle is None else self.options.timeout or int(bundle.option(COMMAND, "Timeout", 600)))
        if policy != "AllAtOnce" and at_work is not None:
            self.teller.phase("deregister", f"policy {policy}: other instances answer")
            self.balancer.deregister()
            self.people_drained()
        try:
            work()
        except Failed as why:
            self.old_version_stays(why, at_work)
            raise
        self.balancer.configure(bundle or at_work)
        self.settle()
        self.balancer.register()
        try:
            self.until_ok(end, (bundle or at_work).option(COMMAND, "IgnoreHealthCheck", "false") == "true")
        except Failed as why:
            self.balancer.deregister()
            self.old_version_stays(why, at_work)
            raise
        self.remarks += [r for r in self.engine.remarks if r not in self.remarks]
        unknown = [f"{line}: this setting of the unit is not rehearsed" for u in self.engine.units.by_name.values() for line in u.unknown]
        self.remarks += [r for r in unknown if r not in self.remarks]

    def port(self):
        return int(self.engine.environment["PORT"])

    def settle(self):
        """Some seconds pass until the service has heard that the engine is done and registers the instance."""
        unit, end = self.engine.units.by_name.get("web"), time.monotonic() + min(SETTLE_SECONDS, self.engine.timeout / 4)
        while not listens(self.port()) and time.monotonic() < end and not unit.failed:
            time.sleep(0.05)

    def people_drained(self):
        if getattr(self, "people", None):
            delay = int(self.engine.bundle.option("aws:elasticbeanstalk:environment:process:default", "DeregistrationDelay", 20))
            self.people.drained(delay)

    def until_ok(self, end, ignore):
        if ignore:
            self.remarks.append("IgnoreHealthCheck is true: a deployment counts as good whatever the health checks say")
        was, told, unit = False, False, self.engine.units.by_name.get("web")
        while self.balancer.rounds < self.options.passes:
            healthy = self.balancer.healthy()
            if healthy and not was:
                self.teller.phase("healthy", f"in all {len(SOURCES)} zones")
            was = healthy
            if not told and not healthy and self.balancer.asked >= self.balancer.tolerated:
                told = True
                self.teller.phase("unhealthy", f"{self.balancer.last}; {max(0, end - time.monotonic()):.0f} s are left of the command timeout")
            if self.stopped:
                raise Failed("health", "the rehearsal was stopped", "run it again")
            # a unit that systemd has given up will not come back: the rest of the command timeout is not waited for
            given_up = unit is not None and unit.failed and self.balancer.asked >= self.balancer.tolerated
            if given_up or time.monotonic() > end:
                if ignore:
                    return
                raise self.unhealthy(unit)
            time.sleep(0.02)
        self.teller.phase("Ok", f"{self.options.passes} rounds of checks in a row passed")

    def unhealthy(self, unit):
        said = self.logs.tail("web.stdout.log", 5)
        why = (f"the process web ended {len(unit.ends)} times ({unit.ends[-1]}), and systemd gave up" if unit is not None and unit.failed
               else f"the checks did not pass {self.options.passes} times in a row within the command timeout of {self.engine.timeout} s")  # fmt: skip
        port = self.engine.environment.get("PORT")
        advice = f"the program must listen on PORT ({port}) and answer the health check; last check: {self.balancer.last}"
        if said:
            advice += "; the program said: " + " | ".join(line.split(": ", 1)[-1] for line in said)
        return Failed("health", f"{why}; {self.balancer.last}", advice,
                      ["Environment health has transitioned from Info to Severe. ELB processes are not healthy on all instances. ELB health is failing or not "
                       "available for all instances.", f"The following instances have not responded in the allowed command timeout time (they might still finish "
                       f"eventually on their own): [{self.engine.instance}].", "Failed to deploy application."])  # fmt: skip

    def old_version_stays(self, why, at_work):
        """After a failure: the earlier version is what the environment answers with, and that is looked at."""
        self.failed_logs = self.scratch / "logs"
        shutil.copytree(self.logs.folder, self.failed_logs)  # those of the instance that failed, not of the one that takes its place
        if at_work is None:
            return
        replaced = self.engine.restore()
        self.balancer.configure(at_work)
        self.balancer.register()
        end = time.monotonic() + 120
        while not self.balancer.healthy() and time.monotonic() < end:
            time.sleep(0.05)
        state = "answers" if self.balancer.healthy() else "DOES NOT answer"
        how = "an instance of it took the place of the failed one" if replaced else "it was never touched"
        why.kept = f"{at_work.path.name}, the earlier version, is current and {state} ({how})"

    def under_load(self, work, what):
        self.people = People(self.balancer, self.port)
        try:
            time.sleep(0.3)
            work()
            time.sleep(0.3)
        finally:
            self.people.stop()
        people, self.people = self.people, None
        told = (f"{people.through} requests through the balancer, {people.failed} failed; the instance itself took no connections for {people.silent:.1f} s")
        self.teller.event("load", f"  {told}", through=people.through, failed=people.failed, elsewhere=people.elsewhere, silent_seconds=round(people.silent, 3))
        policy = self.engine.bundle.option(COMMAND, "DeploymentPolicy", "AllAtOnce")
        if people.failed and policy != "AllAtOnce":
            raise Failed("people", f"{people.failed} of {people.through} requests failed while the instance was replaced: {people.first_failure}",
                         "requests that run must be ended before the program stops")  # fmt: skip
        if people.failed:
            self.remarks.append(f"policy AllAtOnce: {people.failed} of {people.through} requests failed in a deployment; RollingWithAdditionalBatch has none")
        self.note(f"{what}: {told}")

    def probe(self, step):
        """The operator's own test, given REHEARSE_URL and REHEARSE_STEP."""
        if not self.options.probe or self.stopped:
            return
        env = {**os.environ, "REHEARSE_URL": "http://127.0.0.1", "REHEARSE_STEP": step, "REHEARSE_LOGS": str(self.logs.folder)}
        done = subprocess.run(["/bin/sh", "-c", self.options.probe], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        for line in (done.stdout + done.stderr).splitlines()[-20:]:
            self.teller.say(f"probe: {line}")
        if done.returncode:
            raise Failed("probe", f"{self.options.probe} ended with {done.returncode} after {step}", "see what it said above")
        self.note(f"the probe passed after {step}")

    def serve(self):
        url = f"http://127.0.0.1:{self.options.serve_port}"
        self.teller.event("serving", f"\nThe instance answers at {url} until Ctrl-C; logs: {self.logs.folder}", url=url, logs=str(self.logs.folder))
        while not self.stopped:
            time.sleep(0.1)

    # --- the end ---
    def failed(self, why):
        self.failure = why
        self.teller.event("failed", None, step=why.step, error=why.error, console=why.console, advice=why.advice, kept=getattr(why, "kept", None))

    def put_down(self):
        """Everything of the instance is stopped, as when it is terminated."""
        self.balancer.deregister()
        try:
            self.engine.proxy.stop()
            self.engine.units.stop()
        finally:
            self.agent.stop()

    def end(self):
        self.put_down()
        self.judge()
        if self.options.logs:
            self.pack_logs()
        self.summary()

    def judge(self):
        """What the whole run shows."""
        units, agent = self.engine.units, self.agent
        if self.balancer.checks:
            per = ", ".join(f"{s.address} {s.passed}/{s.checks}" for s in self.balancer.sources)
            self.note(f"health checks passed: {per}; the slowest took {self.balancer.slowest * 1000:.0f} ms")
        if units.killed:
            self.remarks.append(f"{units.killed} processes did not end after SIGTERM and had to be killed")
        elif units.slowest_stop:
            self.note(f"every process ended within {units.slowest_stop:.1f} s of SIGTERM")
        if agent.bad_lines:
            self.remarks.append(f"the health agent cannot read {agent.bad_lines} lines of nginx/healthd/application.log")
        elif agent.requests:
            self.note(f"the health agent read {agent.requests} requests of nginx's hourly files, {agent.errors_4xx} of them 4xx, {agent.errors_5xx} 5xx")
        self.remarks += [f"{line}: a rehearsal has no such unit" for line in sorted(set(self.shims.unknown))]

    def without_initgroups(self, path):
        """nginx complains where root is the only user that there is; on an instance it cannot, so the lines are not part of the log bundle."""
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        kept = [line for line in text.splitlines(keepends=True) if "initgroups(" not in line]
        if len(kept) < len(text.splitlines()):
            path.write_text("".join(kept), encoding="utf-8")
            self.remarks.append("as one user for everything nginx says \"initgroups failed\"; those lines are left out of the log bundle")

    def pack_logs(self):
        """As "full logs" come: var/log in a .zip, or a folder."""
        target, folder = os.fspath(self.options.logs), self.failed_logs or self.logs.folder
        if self.root.user_namespace:
            self.without_initgroups(folder / "nginx" / "error.log")
        if target.endswith(".zip"):
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
                for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                    out.write(path, "var/log/" + path.relative_to(folder).as_posix())
        else:
            shutil.copytree(folder, target, dirs_exist_ok=True)

    def summary(self):
        if self.options.json:
            self.teller.event("summary", None, ok=self.failure is None, verified=self.verified, remarks=self.remarks,
                              failed_in=self.failure.step if self.failure else None, logs=str(self.logs.folder))  # fmt: skip
            return
        out = self.teller.out
        if self.failure:
            out(f"\nFAILED in {self.failure.step}: {self.failure.error}")
            for line in self.failure.console:
                out(f"  console:    {line}")
            out(f"  what to do: {self.failure.advice}")
            if getattr(self.failure, "kept", None):
                out(f"  meanwhile:  {self.failure.kept}")
        out("\nShown" if self.verified else "\nNothing was shown")
        for line in self.verified:
            out(f"  - {line}")
        if self.remarks:
            out("Remarks")
            for line in self.remarks:
                out(f"  - {line}")
        if not self.failure:
            out("\nThe bundle would be deployed.")
        sys.stdout.flush()
