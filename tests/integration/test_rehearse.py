#!/usr/bin/python3
"""deploy/elasticbeanstalk/rehearse: bundles that would be deployed and bundles that fail, as Elastic Beanstalk would have it.

test_rehearse.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Most bundles are small ones made here, around a program of a few lines;
the last cases are about prism itself.
"""
import functools
import gzip
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from bundle_util import bundle as written
from bundle_util import plain_program
from serve_util import SOURCE
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
REHEARSE = SOURCE / "deploy" / "elasticbeanstalk" / "rehearse"
WORK = Path(tempfile.mkdtemp(prefix="prism-test-rehearse-"))
QUICK = ["--interval", "0.2", "--passes", "3", "--json", "--scratch", str(WORK)]
HEALTHY, FAILED = 0, 5  # of "prism logs report"
CASES = []

APP = """#!/usr/bin/python3
import http.server, os, signal, sys
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = (os.environ.get("GREETING", "none") + " " + open("version").read()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
print("listening as", os.getuid(), flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
"""
OPTIONS = """option_settings:
  aws:elasticbeanstalk:application:environment:
    PORT: 8000
    GREETING: hello
  aws:elasticbeanstalk:command:
    DeploymentPolicy: RollingWithAdditionalBatch
    Timeout: 60
  aws:elasticbeanstalk:environment:process:default:
    HealthCheckPath: /health
    HealthyThresholdCount: 2
    UnhealthyThresholdCount: 3
"""
HOOK = "#!/bin/sh\necho \"$0 in $(pwd) as $(id -u): $GREETING $PORT\"\n"


def case(function):
    CASES.append(function)
    return function


def bundle(name, version="1", drop=(), **changed):
    """A bundle of the small program; changed: files by path ("/" as "__") or None to take one out; a file in "bin" or a hook is executable."""
    files = {"Procfile": "web: bin/app\n", "bin/app": APP, "version": version, ".ebextensions/01_options.config": OPTIONS,
             ".platform/hooks/prebuild/01_say.sh": HOOK, ".platform/hooks/postdeploy/01_say.sh": HOOK, ".platform/confighooks/predeploy/01_say.sh": HOOK,
             ".platform/nginx/conf.d/prism.conf": "types_hash_max_size 4096;\n"}  # fmt: skip
    files.update(changed.get("files", {}))
    path = WORK / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for member, text in files.items():
            if member in drop or text is None:
                continue
            info = zipfile.ZipInfo(changed.get("below", "") + member)
            info.create_system = 3
            executable = (member.startswith("bin/") or "hooks/" in member) and member not in changed.get("plain", ())
            info.external_attr = (0o755 if executable else 0o644) << 16
            out.writestr(info, text)
    return path


def rehearse(*words, code=0, quick=True):
    """Runs it: the events that it told, and by kind the last one."""
    done = subprocess.run([str(REHEARSE), *map(str, words), *(QUICK if quick else ["--json"])], capture_output=True, text=True, timeout=240, check=False)
    if done.returncode == 77:
        raise Skip(done.stderr.strip())
    assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return events, {e["event"]: e for e in events}


def report(logs, code):
    done = subprocess.run([PRISM, "logs", "report", str(logs), "-f", "json"], capture_output=True, text=True, timeout=120, check=False)
    value = json.loads(done.stdout)
    assert done.returncode == code, (done.returncode, value["verdict"], value["reasons"], value["notes"], value["other_errors"])
    return value


def text_of(logs, name):
    with zipfile.ZipFile(logs) as source:
        return source.read(f"var/log/{name}").decode()


def phases(events, step):
    return [e["phase"] for e in events if e["event"] == "phase" and e["step"] == step]


# --- what would be deployed ---
@case
def a_good_bundle_is_deployed_replaced_changed_restarted_and_rolled_back():
    logs = WORK / "good.zip"
    old, new = bundle("old", "one"), bundle("new", "two")
    probe = f"{sys.executable} -c 'import os, urllib.request as u; print(os.environ[\"REHEARSE_STEP\"], u.urlopen(os.environ[\"REHEARSE_URL\"]).read().decode())'"
    events, last = rehearse(old, new, "--logs", logs, "--change", "GREETING=changed", "--probe", probe)
    assert last["summary"]["ok"] and last["summary"]["failed_in"] is None, last["summary"]
    assert last["summary"]["remarks"] == [], last["summary"]["remarks"]
    said = [e["said"] for e in events if e["event"] == "say" and e["said"].startswith("probe: ")]
    assert said == [f"probe: {s}" for s in ("deploy hello one", "rotate hello one", "redeploy hello two", "config changed two", "restart changed two",
                                            "rollback changed one")], said  # fmt: skip
    order = phases(events, "deploy")
    for earlier, later in zip(WANTED, WANTED[1:]):
        assert order.index(earlier) < order.index(later), order
    assert "deregister" in phases(events, "redeploy") and "RunConfigDeployPreDeployHooks" in phases(events, "config")
    assert all(e["failed"] == 0 and e["through"] > 0 for e in events if e["event"] == "load")
    assert not Path("/var/app").exists() and not [p for p in WORK.iterdir() if p.name.startswith("prism-rehearse-")]


WANTED = ["ElectLeader", "PreBuildEbExtension", "StageApplication", "RunAppDeployPreBuildHooks", "configure proxy server", "PostBuildEbExtension",
          "RunAppDeployPreDeployHooks", "stop proxy", "FlipApplication", "start proxy with new configuration", "RunAppDeployPostDeployHooks", "healthy",
          "Ok"]  # fmt: skip


@case
def its_logs_are_those_of_an_instance():
    logs = WORK / "good.zip"
    if not logs.exists():
        raise Skip("the case before this one did not run")
    value = report(logs, HEALTHY)
    assert [(d["command"], d["outcome"]) for d in value["deployments"]] == [(c, "succeeded") for c in (
        "env-launch", "app-deploy", "config-deploy", "restart-app-server", "app-deploy")], value["deployments"]  # fmt: skip
    told = [p["name"] for p in value["deployments"][0]["phases"]]
    assert [name for name in WANTED if name in told] == WANTED[:-2], told
    health = value["health_checks"]
    assert sorted(s["address"] for s in health["sources"]) == ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    assert health["checks"] == health["passed"] >= 3 * 3 * 5 and all(s["agent"] == "ELB-HealthChecker/2.0" for s in health["sources"])
    assert value["latency"]["requests"] > 0, "healthd's log tells how long requests took"
    hooks = text_of(logs, "eb-hooks.log")
    assert "01_say.sh in /var/app/staging as 0: hello 8000" in hooks and "01_say.sh in /var/app/current as 0: hello 8000" in hooks
    assert "01_say.sh in /var/app/current as 0: changed 8000" in hooks, hooks
    assert "listening as 900" in text_of(logs, "web.stdout.log") or os.geteuid() != 0, "the program runs as webapp"
    with zipfile.ZipFile(logs) as source:
        names = source.namelist()
    assert any(n.startswith("var/log/rotated/web.stdout.log1") and n.endswith(".gz") for n in names), names
    assert any(n.startswith("var/log/nginx/rotated/access.log1") for n in names) and any("healthd/application.log.20" in n for n in names), names


@case
def files_commands_and_the_leader():
    config = """files:
  "/opt/elasticbeanstalk/tasks/taillogs.d/prism.conf":
    mode: "000644"
    owner: root
    group: root
    content: |
      /var/log/prism.log
commands:
  01_folder:
    command: mkdir -p /var/lib/prism && chown webapp:webapp /var/lib/prism
  02_never:
    test: test -e /nowhere
    command: exit 9
container_commands:
  01_for_one:
    command: echo $GREETING > /var/lib/prism/leader
    leader_only: true
  02_for_all:
    command: test $(stat -c %a /opt/elasticbeanstalk/tasks/taillogs.d/prism.conf) = 644 && test -x bin/app && systemctl is-active nginx; true
  03_asks:
    command: test "$(/opt/elasticbeanstalk/bin/get-config environment -k GREETING)" = hello || test ! -e /var/app/current
  04_hidden:
    command: exit 4
    ignoreErrors: true
packages:
  yum:
    git: []
"""
    path = bundle("commands", files={".ebextensions/02_commands.config": config})
    for words, leader in ((["--keep"], True), (["--keep", "--follower"], False)):
        _, last = rehearse(path, "--steps", "deploy", *words)
        root = Path(last["summary"]["logs"]).parent.parent
        try:
            assert (root / "var/lib/prism/leader").exists() == leader
            assert (root / "opt/elasticbeanstalk/tasks/taillogs.d/prism.conf").read_text() == "/var/log/prism.log\n"
            told = " ".join(last["summary"]["remarks"])
            assert "packages of yum are not installed by a rehearsal: git" in told and "04_hidden failed with exit status 4" in told, told
            assert (root / "var/log/cfn-init.log").read_text().count("Command 01_folder succeeded") == 1
        finally:
            remove(root.parent)


def remove(scratch):
    """With what was mounted in there gone, as it is when the rehearsal has ended."""
    assert str(scratch).startswith(str(WORK)) and str(scratch) not in Path("/proc/mounts").read_text()
    subprocess.run(["rm", "-rf", str(scratch)], check=True)


# --- what the service refuses before any instance sees it ---
def with_options(text):
    return {"files": {".ebextensions/02_more.config": f"option_settings:\n{text}"}}


def refused(path, *said):
    _, last = rehearse("--check", path, code=1, quick=False)
    for words in said:
        assert words in last["failed"]["error"] + last["failed"]["advice"] + " ".join(last["failed"]["console"]), (words, last["failed"])


@case
def option_settings_that_are_refused():
    refused(bundle("o1", **with_options('  aws:elbv2:loadbalancer:\n    AccessLogsS3Bucket: ""\n')), "OptionName: 'AccessLogsS3Bucket'", "minimum allowed length: 3", "take the line out")
    refused(bundle("o2", **with_options("  aws:elasticbeanstalk:nothing:\n    A: b\n")), "Unknown configuration setting", "there is no namespace")
    refused(bundle("o3", **with_options("  aws:autoscaling:asg:\n    Minsize: 3\n")), "OptionName: 'Minsize'): Unknown configuration setting", "capitals count")
    refused(bundle("o4", **with_options("  aws:autoscaling:trigger:\n    Period: 3\n    BreachDuration: 5\n")), "3 x 1 = 3")
    refused(bundle("o5", **with_options("  aws:elbv2:loadbalancer:\n    IdleTimeout: 6000\n")), "maximum allowed value: 3600")
    refused(bundle("o6", **with_options("  aws:elasticbeanstalk:cloudwatch:logs:\n    RetentionInDays: 8\n")), "Value must be one of")
    refused(bundle("o7", **with_options("  aws:elasticbeanstalk:healthreporting:system:\n    ConfigDocument: '{'\n")), "not valid JSON")
    many = "".join(f"    LONG_NAME_OF_A_PROPERTY_{i}: {'x' * 200}\n" for i in range(20))
    refused(bundle("o8", **with_options("  aws:elasticbeanstalk:application:environment:\n" + many)), "the limit is 4096")
    refused(bundle("o9", **with_options("  aws:autoscaling:asg:\n    MinSize: 5\n    MaxSize: 3\n")), "MinSize must not be larger than MaxSize")


@case
def configuration_files_that_are_refused():
    refused(bundle("y1", files={".ebextensions/02_tab.config": "option_settings:\n\taws:autoscaling:asg:\n\t\tMinSize: 3\n"}), "invalid YAML", "never with tabs")
    refused(bundle("y2", files={".ebextensions/02_x.config": "option_setting:\n  a: b\n"}), "unknown section 'option_setting'")
    refused(bundle("y3", files={".ebextensions/02_x.config": "commands:\n  01_a:\n    cmd: true\n"}), "keys of commands are")
    refused(bundle("y4", files={".ebextensions/02_x.config": "commands:\n  a:\n    command: x\n  a:\n    command: y\n"}), "duplicate key a")
    refused(bundle("y5", files={".ebextensions/02_x.config": "packages:\n  apt:\n    git: []\n"}), "no package manager apt")


@case
def bundles_that_are_refused():
    refused(bundle("p1", files={"Procfile": "web bin/app\n"}), "Procfile could not be parsed: line 1: web bin/app")
    refused(bundle("p2", files={"Procfile": "worker: bin/app\nweb: bin/app\n"}), "the first process is worker, not web")
    refused(bundle("p3", below="app/"), "there is no Procfile", "cd app && zip -r ../app.zip .")
    refused(bundle("p4", drop=["Procfile"]), "there is no Procfile", "put a Procfile")
    large = WORK / "large.zip"
    with open(large, "wb") as out:
        out.truncate((512 << 20) + 1)
    refused(large, "takes 536870912 (512 MB) at most")
    (WORK / "text.zip").write_text("no zip")
    refused(WORK / "text.zip", "is not a zip file")
    refused(WORK / "missing.zip", "No such file")
    large.unlink()


# --- what fails on an instance ---
def fails(path, *words, code=1, over=True, logs=None):
    """The failure of PATH, deployed over a good bundle: what was told, and what the log report says."""
    logs = logs or WORK / f"{path.stem}-logs.zip"
    paths = [bundle("before", "before"), path] if over else [path]
    _, last = rehearse(*paths, "--steps", "deploy,redeploy" if over else "deploy", "--logs", logs, *words, code=code)
    if over:
        assert "is current and answers" in last["failed"]["kept"], last["failed"]
    assert not last["summary"]["ok"] and "Failed to deploy application." in last["failed"]["console"], last["failed"]
    return last["failed"], report(logs, FAILED), logs


@case
def a_hook_that_fails_leaves_the_old_version():
    path = bundle("hook", files={".platform/hooks/predeploy/05_bad.sh": "#!/bin/sh\necho no luck >&2\nexit 3\n"})
    told, value, logs = fails(path)
    assert told["step"] == "RunAppDeployPreDeployHooks" and "it was never touched" in told["kept"]
    assert told["error"] == "Command .platform/hooks/predeploy/05_bad.sh failed with error exit status 3. Stderr:no luck", told
    last = value["deployments"][-1]
    assert (last["command"], last["outcome"], last["failed_in"]) == ("app-deploy", "failed", "RunAppDeployPreDeployHooks"), last
    assert "[app-deploy] - [RunAppDeployPreDeployHooks]. Stop running the command. Error: Command .platform/hooks" in text_of(logs, "eb-engine.log")


@case
def a_hook_that_is_not_executable():
    files = {".platform/hooks/prebuild/02_plain.sh": "#!/bin/sh\nexit 0\n"}
    path = bundle("plain", files=files, plain=[".platform/hooks/prebuild/02_plain.sh"])
    told, _, _ = fails(path, "--no-grant", over=False)
    assert "fork/exec .platform/hooks/prebuild/02_plain.sh: permission denied" in told["error"] and "chmod +x" in told["advice"], told
    # platforms of today make it executable
    _, last = rehearse(path, "--steps", "deploy")
    assert any("02_plain.sh is not executable" in r for r in last["summary"]["remarks"])


@case
def a_command_that_fails_is_in_the_log_of_cfn_init():
    path = bundle("command", files={".ebextensions/03.config": "container_commands:\n  07_wrong:\n    command: echo so sad; exit 2\n"})
    told, value, logs = fails(path, over=False)
    assert told["step"] == "PostBuildEbExtension" and "07_wrong ended with exit status 2 (so sad)" in told["advice"], told
    assert [c["name"] for c in value["commands"] if c["failed"]] == ["07_wrong"], value["commands"]
    assert "Command 07_wrong (echo so sad; exit 2) failed" in text_of(logs, "cfn-init.log")


@case
def nginx_that_refuses_its_configuration_brings_the_old_version_back():
    path = bundle("nginx", "bad", files={".platform/nginx/conf.d/wrong.conf": "location /x { return 204; }\n"})
    told, value, _ = fails(path)
    assert told["step"] == "start proxy with new configuration" and "took the place of the failed one" in told["kept"], told
    assert '"location" directive is not allowed here in /var/proxy/staging/nginx/conf.d/wrong.conf:1' in told["error"], told
    assert value["deployments"][-1]["failed_in"] == "start proxy with new configuration"


@case
def a_program_that_never_listens_fails_by_the_timeout():
    path = bundle("deaf", files={"Procfile": "web: exec sleep 1000\n"})
    told, value, _ = fails(path, "--timeout", "4")
    assert told["step"] == "health" and "must listen on PORT (8000)" in told["advice"] and "status 502" in told["error"], told
    assert any("ELB processes are not healthy" in line for line in told["console"]), told
    assert value["health_checks"]["passed"] < value["health_checks"]["checks"]


@case
def a_program_that_ends_at_once_is_started_five_times():
    path = bundle("ends", files={"bin/app": "#!/bin/sh\necho cannot open the store\nexit 1\n"})
    told, _, logs = fails(path, over=False)
    assert told["step"] == "health" and "ended 5 times (code=exited, status=1/FAILURE), and systemd gave up" in told["error"], told
    assert "cannot open the store" in told["advice"], told
    assert "web.service: Scheduled restart job, restart counter is at 4." in text_of(logs, "messages")
    plain, _, _ = fails(bundle("plainbin", plain=["bin/app"]), over=False)
    assert "Permission denied" in plain["advice"], plain


@case
def a_process_that_dies_is_started_again():
    app = APP.replace("class H", "if not os.path.exists('/tmp/died'):\n    open('/tmp/died', 'w').close()\n    os.abort()\nclass H")
    path = bundle("dies", files={"bin/app": app})
    logs = WORK / "dies-logs.zip"
    _, last = rehearse(path, "--steps", "deploy", "--logs", logs)
    assert last["summary"]["ok"]
    assert "web.service: Scheduled restart job, restart counter is at 1." in text_of(logs, "messages")
    assert "code=killed, status=6/ABRT" in text_of(logs, "messages"), text_of(logs, "messages")


@case
def a_postdeploy_hook_that_fails_brings_the_old_version_back():
    path = bundle("post", "bad", files={".platform/hooks/postdeploy/09_smoke.sh": "#!/bin/sh\nsystemctl is-active web nginx\nexit 1\n"})
    told, value, logs = fails(path)
    assert told["step"] == "RunAppDeployPostDeployHooks" and "took the place of the failed one" in told["kept"], told
    assert value["deployments"][-1]["failed_in"] == "RunAppDeployPostDeployHooks"
    assert "[INFO] active active\n" in text_of(logs, "eb-hooks.log"), "systemctl knows the units"


@case
def a_hook_that_does_not_end_fails_by_the_timeout():
    told, _, _ = fails(bundle("slow", files={".platform/hooks/prebuild/02_slow.sh": "#!/bin/sh\nsleep 1000\n"}), "--timeout", "2", over=False)
    assert told["step"] == "RunAppDeployPreBuildHooks" and "took longer than 2" in told["error"], told
    assert any("allowed command timeout time" in line for line in told["console"]), told


@case
def a_drop_in_of_the_unit_and_a_rotation_of_the_bundle_are_obeyed():
    hook = "#!/bin/sh\nmkdir -p /etc/systemd/system/web.service.d\nprintf '[Service]\\nLimitNOFILE=2048\\nUMask=0077\\nNice=5\\n' >/etc/systemd/system/web.service.d/x.conf\n"
    config = 'files:\n  "/etc/logrotate.elasticbeanstalk.hourly/own.conf":\n    content: |\n      /var/log/own.log {\n          size 10\n          rotate 1\n          copytruncate\n      }\ncommands:\n  01_log:\n    command: echo 12345678901 > /var/log/own.log\n'
    app = APP.replace('print("listening', 'import resource\nprint(resource.getrlimit(resource.RLIMIT_NOFILE)[0], oct(os.umask(0o77)))\nprint("listening')
    path = bundle("dropin", files={".platform/hooks/predeploy/01_unit.sh": hook, ".ebextensions/02.config": config, "bin/app": app})
    logs = WORK / "dropin-logs.zip"
    _, last = rehearse(path, "--steps", "deploy,rotate", "--logs", logs)
    assert last["summary"]["remarks"] == ["x.conf: Nice: this setting of the unit is not rehearsed"], last["summary"]["remarks"]
    assert any("own.log" in v for v in last["summary"]["verified"]), last["summary"]["verified"]
    with zipfile.ZipFile(logs) as source:
        assert source.read("var/log/own.log") == b"" and source.read("var/log/own.log.1") == b"12345678901\n"
        text = "".join(gzip.decompress(source.read(n)).decode() for n in source.namelist() if n.startswith("var/log/rotated/web.stdout.log"))
    assert "]: 2048 0o77" in text, text
    wrong = bundle("rotate", files={".ebextensions/02.config": config.replace("copytruncate", "copytruncated")})
    _, last = rehearse(wrong, "--steps", "deploy,rotate", code=1)
    assert last["failed"]["step"] == "log rotation" and "copytruncated" in last["failed"]["error"], last["failed"]


@case
def another_user_than_root_may_rehearse_too():
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("this is run by one user anyway")
    path, folder = bundle("user"), WORK / "user"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    WORK.chmod(0o755)
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", f"HOME={folder}", f"PATH={os.environ['PATH']}"]
    if subprocess.run([*words, str(REHEARSE), "--check", str(path)], capture_output=True, check=False).returncode != 0:
        raise Skip("another user cannot read the sources here")
    done = subprocess.run([*words, str(REHEARSE), str(path), "--steps", "deploy,redeploy", *QUICK[:-1], str(folder), "--logs", str(folder / "logs.zip")],
                          capture_output=True, text=True, timeout=240, check=False)  # fmt: skip
    if done.returncode == 77:
        raise Skip(done.stderr.strip())
    begin, summary = json.loads(done.stdout.splitlines()[0]), json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0 and begin["one_user"] and summary["ok"], (done.stdout[-2000:], done.stderr)
    report(folder / "logs.zip", HEALTHY)


# --- for people ---
@case
def it_serves_until_it_is_told_to_end_and_says_what_it_showed():
    words = [str(REHEARSE), str(bundle("serve", "served")), "--steps", "deploy", "--serve", *QUICK]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "serving":
                port = int(event["url"].rsplit(":", 1)[1])
                http_ = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                http_.request("GET", "/")
                assert http_.getresponse().read() == b"hello served"
                http_.close()
                process.send_signal(signal.SIGINT)
        err = process.stderr.read()
    if process.returncode == 77:
        raise Skip(err.strip())
    assert process.returncode == 0 and event["event"] == "summary" and event["ok"], (process.returncode, err, event)


@case
def people_read_it_in_lines():
    done = subprocess.run([str(REHEARSE), str(bundle("lines", files={"Procfile": "web bin/app\n"}))], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 77:
        raise Skip(done.stderr.strip())
    assert done.returncode == 1
    for words in ("FAILED in StageApplication: Procfile could not be parsed", "console:", "what to do: each line of Procfile"):
        assert words in done.stdout, done.stdout


# --- prism itself ---
PROBE = """import json, os, sys
sys.path.insert(0, {tests!r})
os.environ["TEST_SOURCE"] = {source!r}
from serve_util import Person, sample
person, kept, step = Person(80), {kept!r}, os.environ["REHEARSE_STEP"]
if step == "deploy":
    made, review, findings = person.reviewed("report.docx", sample())
    assert findings and review["state"] == "done"
    json.dump([made["id"], person.cookies, len(findings), review["id"]], open(kept, "w"))
    print("findings:", len(findings))
else:
    document, person.cookies, n, review = json.load(open(kept))
    assert person.get("/api/v1/documents/" + document)["id"] == document
    assert len(person.findings(review)) == n
    print("kept:", n)
"""


def probe_of(name):
    path = WORK / f"{name}.py"
    path.write_text(PROBE.format(tests=str(SOURCE / "tests" / "integration"), source=str(SOURCE), kept=str(WORK / f"{name}.json")))
    return f"/usr/bin/python3 {path}"


@case
def prism_reviews_through_nginx_and_keeps_its_documents_when_it_is_replaced():
    options = OPTIONS + "  aws:autoscaling:asg:\n    MinSize: 3\n    MaxSize: 15\n"
    options = options.replace("    GREETING: hello\n", "    PRISM_DATA: /var/lib/prism\n    PRISM_ALLOWED_HOSTS: 172.31.32.10\n")
    files = {"Procfile": "web: bin/prism serve\n", "bin/app": None, "bin/prism": Path(PRISM).read_bytes(), ".ebextensions/01_options.config": options,
             ".ebextensions/02.config": "commands:\n  01_data:\n    command: mkdir -p /var/lib/prism && chown webapp:webapp /var/lib/prism\n"}  # fmt: skip
    logs = WORK / "prism-logs.zip"
    events, last = rehearse(bundle("prism", files=files), "--steps", "deploy,redeploy,rollback", "--logs", logs, "--probe", probe_of("own"))
    said = [e["said"] for e in events if e["event"] == "say"]
    assert said[0].startswith("probe: findings: ") and [s.split(":")[1] for s in said[1:]] == [" kept", " kept"], said
    value = report(logs, HEALTHY)
    assert [s["program"] for s in value["servers"]] == ["prism"] * 3, value["servers"]
    states = {c["id"]: c["state"] for c in value["checklist"]}
    for name in ("deployed", "started", "health", "page", "5xx", "commands"):
        assert states[name] == "verified", (name, states)
    assert any(p["path"] == "/api/v1/documents" and p["method"] == "POST" for p in value["requests"]["paths"]), value["requests"]["paths"]


@functools.cache
def made_by_prism():
    """A bundle as `prism bundle` writes it; of a build that is shipped, if there is one, as that is quicker."""
    try:
        program = plain_program(PRISM)
    except Skip:
        program = PRISM
    path = WORK / "made.zip"
    done = written(program, path, "EB_APPLICATION=ai-prism\nEB_ENVIRONMENT=ai-prism-prod\nEB_REGION=eu-north-1\n")
    assert done.returncode == 0, done.stderr
    return path


@case
def the_bundle_that_prism_writes_would_be_deployed():
    logs = WORK / "made-logs.zip"
    events, last = rehearse(made_by_prism(), "--logs", logs, "--probe", probe_of("made"))
    summary = last["summary"]
    assert summary["ok"] and not summary["remarks"], summary
    said = [e["said"] for e in events if e["event"] == "say" and e["said"].startswith("probe: ")]
    assert said[0].startswith("probe: findings: ") and len(said) == 6 and all("kept" in s for s in said[1:]), said
    assert all(e["failed"] == 0 for e in events if e["event"] == "load")
    assert any("nginx takes its configuration without a warning" in v for v in summary["verified"]), summary["verified"]
    value = report(logs, HEALTHY)
    assert [d["outcome"] for d in value["deployments"]] == ["succeeded"] * 5 and [s["program"] for s in value["servers"]] == ["prism"] * 5
    phases_ = [p["name"] for p in value["deployments"][0]["phases"]]
    for name in ("StageApplication", ".platform/hooks/prebuild/10_platform.sh", "RunAppDeployPreDeployHooks", "FlipApplication", ".platform/hooks/postdeploy/30_ready.sh"):
        assert name in phases_, (name, phases_)
    assert {n["id"] for n in value["notes"]} <= {"healthd_missing", "server_stopped"}, value["notes"]


@case
def a_bundle_of_prism_that_was_packed_again_without_its_modes_is_told_by_its_hook():
    with zipfile.ZipFile(made_by_prism()) as source, zipfile.ZipFile(WORK / "repacked.zip", "w") as out:
        for info in source.infolist():
            plain = zipfile.ZipInfo(info.filename)
            plain.create_system, plain.external_attr = 0, 0
            out.writestr(plain, source.read(info))
    told, _, _ = fails(WORK / "repacked.zip", over=False)
    assert told["step"] == "RunAppDeployPreBuildHooks" and "without its modes" in told["error"], told


if __name__ == "__main__":
    status = run(CASES, sys.argv[2:])
    remove(WORK)
    sys.exit(status)
