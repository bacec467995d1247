#!/usr/bin/python3
"""prism logs report, on bundles as Elastic Beanstalk hands them out: of the gunicorn program that was replaced, and of prism.

test_logs.py PRISM: prints TAP; ends with 1 when a case failed. The bundles are generated here, line by line, in the formats of the
programs that write them; one deployment is given in numbers and the report has to find them again.
"""
import gzip
import html.parser
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jsonschema

from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
SOURCE = Path(os.environ.get("TEST_SOURCE", Path(__file__).resolve().parents[2]))
SCHEMA = json.loads((SOURCE / "docs" / "logs.schema.json").read_text())
WORK = Path(tempfile.mkdtemp(prefix="prism-logs-"))
HEALTHY, BAD_INPUT, PROBLEMS, FAILED, UNKNOWN = 0, 2, 4, 5, 6
BEGIN = datetime(2025, 11, 26, 18, 31, 57, 123456, timezone.utc)
SOURCES = ["172.31.32.81", "172.31.15.173", "172.31.27.130"]
CASES = []


def case(function):
    CASES.append(function)
    return function


def report(path, *words, code=None):
    done = subprocess.run([PRISM, "logs", "report", str(path), *words], capture_output=True, timeout=300, check=False)
    err = done.stderr.decode("utf-8", "replace")
    for trace in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
        assert trace not in err, err[:4000]
    if code is not None:
        assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{err[:500]}\n{done.stdout.decode()[:1500]}"
    return done.stdout.decode("utf-8"), err


def report_json(path, code=None):
    value = json.loads(report(path, "--format", "json", code=code)[0])
    jsonschema.validate(value, SCHEMA)
    return value


# --- lines of the formats ---
def after(seconds):
    return BEGIN + timedelta(seconds=seconds)


def engine(seconds, message, level="INFO"):
    return f"{after(seconds):%Y/%m/%d %H:%M:%S.%f} [{level}] {message}\n"


def cfn(seconds, message, level="INFO"):
    at = after(seconds)
    return f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} [{level}] {message}\n"


def access(at, request, status=200, size=62, agent="Mozilla/5.0", client="172.31.32.81", zone=0, behind=' "-"'):
    local = at + timedelta(minutes=zone)
    sign = "-" if zone < 0 else "+"
    offset = f"{sign}{abs(zone) // 60:02d}{abs(zone) % 60:02d}"
    return f'{client} - - [{local:%d/%b/%Y:%H:%M:%S} {offset}] "{request}" {status} {size} "-" "{agent}"{behind}\n'


def nginx_error(at, level, message):
    return f"{at:%Y/%m/%d %H:%M:%S} [{level}] 11711#11711: {message}\n"


def gunicorn(at, level, message, pid=11696):
    return f"[{at:%Y-%m-%d %H:%M:%S} +0000] [{pid}] [{level}] {message}\n"


def healthd(at, path, status, took):
    return f'{at.timestamp():.3f}"{path}"{status}"{took:.3f}"{took:.3f}"-\n'


def checks(seconds_from, n, every=15, status=200):
    """(time, line) of each balancer's node asking for /health."""
    for i in range(n):
        for k, source in enumerate(SOURCES):
            at = after(seconds_from + i * every + k)
            yield at, access(at, "GET /health HTTP/1.1", status, 62, "ELB-HealthChecker/2.0", source)


PIP = ["Flask-2.3.3", "boto3-1.28.85", "gevent-24.2.1", "gunicorn-21.2.0", "lxml-4.9.3", "python-docx-0.8.11"]
PROCESSES = [11705, 11706, 11707, 11710, 11715]


def engine_log(good=True):
    steps = [(25, "StageApplication"), (26, "RunAppDeployPreBuildHooks"), (56, "InstallDependency"), (71, "PostBuildEbExtension"),
             (72, "FlipApplication"), (72.5, "StartApplication")]  # fmt: skip
    lines = [
        engine(0, "Starting..."),
        engine(0, "Starting EBPlatform-PlatformEngine"),
        engine(0.1, "reading event message file"),
        engine(0.2, "Engine received EB command cfn-hup-exec"),
        engine(1, "Engine command: (env-launch)"),
        engine(23, "Region: eu-north-1"),
        engine(23, "envID: e-abcdefghij"),
        engine(24, "Downloading: bucket: elasticbeanstalk-eu-north-1-123456789012, object: /app/prism-production.zip"),
        engine(25, "Running leader election for instance i-0123456789abcdef0..."),
    ]
    for at, step in steps:
        if not good and at > 56:
            break
        lines.append(engine(at, f"Executing instruction: {step}"))
        if step == "InstallDependency":
            lines.append(engine(at, "Executing command: /var/app/venv/staging/bin/python3.11 -m pip install -r requirements.txt"))
            lines.append("Collecting Flask==2.3.3 (from -r requirements.txt (line 1))\n")
            lines.append("  Attempting uninstall: gunicorn\n    Found existing installation: gunicorn 23.0.0\n")
            lines.append("    Successfully uninstalled gunicorn-23.0.0\n")
            if good:
                lines.append("Successfully installed " + " ".join(PIP) + "\n")
    if good:
        lines.append(engine(73, 'CommandService Response: {"status":"SUCCESS","api_version":"1.0","results":[{"status":"SUCCESS"}]}'))
    else:
        lines.append(engine(60, "An error occurred during execution of command [env-launch] - [InstallDependency]. Stop running the "
                                "command. Error: fail to install dependencies with requirements.txt file", "ERROR"))  # fmt: skip
        lines.append(engine(61, 'CommandService Response: {"status":"FAILURE","api_version":"1.0","results":[{"status":"FAILURE"}]}'))
    lines.append(engine(73 if good else 61, "Platform Engine finished execution on command: env-launch"))
    # somebody asks for the logs afterwards: no deployment
    lines += [engine(900, "Starting..."), engine(900, "Starting EBPlatform-PlatformEngine"), engine(900.1, "Engine command: (bundle-log)"),
              engine(901, "Platform Engine finished execution on command: bundle-log")]  # fmt: skip
    return "".join(lines)


def gunicorn_log():
    start = after(72)
    lines = [gunicorn(start, "INFO", "Starting gunicorn 21.2.0"),
             gunicorn(start, "INFO", "Listening at: http://0.0.0.0:8000 (11696)"),
             gunicorn(start, "INFO", "Using worker: gevent")]  # fmt: skip
    lines += [gunicorn(start + timedelta(seconds=1), "INFO", f"Booting worker with pid: {p}", p) for p in PROCESSES]
    return "".join(lines)


def old_bundle(good=True):
    """The replaced system's own bundle: 3 sources each 15 s, the page of 389,686 bytes, 16 scripts, the three known warnings."""
    requests = list(checks(80, 6))
    for i in range(2):
        requests.append((after(90 + i), access(after(90 + i), "GET / HTTP/1.1", 200, 389686, client="203.0.113.9")))
        for k in range(16):
            at = after(91 + i)
            requests.append((at, access(at, f"GET /static/js/part{k}.js?v=1763828292 HTTP/1.1", 200, 14245 + k, client="203.0.113.9")))
    requests.sort(key=lambda r: r[0])
    warnings = nginx_error(after(72), "warn", "could not build optimal types_hash, you should increase either types_hash_max_size: 1024 or types_hash_bucket_size: 64; ignoring types_hash_bucket_size")  # fmt: skip
    for i in range(2):
        warnings += nginx_error(after(90 + i), "warn", f"*{i + 3} an upstream response is buffered to a temporary file /var/lib/nginx/tmp/proxy/1/00/000000000{i} while reading upstream, client: 203.0.113.9, server: , request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:8000/\", host: \"example.org\"")  # fmt: skip
    files = {
        "var/log/eb-engine.log": engine_log(good),
        "var/log/eb-hooks.log": engine(74, "Running platform hooks in .platform/hooks/postdeploy"),
        "var/log/cfn-init.log": cfn(10, "Command 01_create_directories succeeded") + cfn(11, "Command 02_cleanup_old_uploads succeeded")
        + cfn(54, "Yum installed ['git', 'libxml2-devel']"),
        "var/log/healthd/daemon.log": f"W, [{after(75):%Y-%m-%dT%H:%M:%S}.123456 #1833]  WARN -- healthd daemon: log file \"/var/log/nginx/healthd/application.log.2025-11-26-18\" does not exist\n",
    }
    if good:
        files["var/log/nginx/access.log"] = "".join(line for _, line in requests)
        files["var/log/nginx/error.log"] = warnings
        files["var/log/nginx/healthd/application.log.2025-11-26-18"] = "".join(
            healthd(at, re.search(r'"GET ([^ ?]+)', line)[1], 200, 0.1 if "GET / " in line else 0.002) for at, line in requests)
        files["var/log/gunicorn/error.log"] = gunicorn_log()
        files["var/log/gunicorn/access.log"] = ""
    return files


def write_folder(name, files):
    folder = WORK / name
    for path, text in files.items():
        at = folder / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def write_zip(name, files):
    path = WORK / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for member, text in files.items():
            out.writestr(member, text)
    return path


def by(rows, key, value):
    found = [r for r in rows if r[key] == value]
    assert len(found) == 1, f"{key}={value}: {len(found)} rows of {[r[key] for r in rows]}"
    return found[0]


# --- the replaced system ---
@case
def a_good_deployment_of_the_replaced_system_is_told_in_its_numbers():
    value = report_json(write_folder("old", old_bundle()), code=HEALTHY)
    assert value["verdict"] == "healthy" and value["reasons"] == []
    (run_,) = value["deployments"]
    assert (run_["command"], run_["outcome"], run_["instance"]) == ("env-launch", "succeeded", "i-0123456789abcdef0")
    assert run_["start"] == "2025-11-26T18:31:57.123Z" and run_["duration_ms"] == 73000
    assert [p["name"] for p in run_["phases"]][:3] == ["StageApplication", "RunAppDeployPreBuildHooks", "InstallDependency"]
    assert by(run_["phases"], "name", "InstallDependency")["duration_ms"] == 15000
    assert [(c["name"], c["failed"]) for c in value["commands"]] == [("01_create_directories", False), ("02_cleanup_old_uploads", False)]
    pip = [p for p in value["packages"] if p["by"] == "pip"]
    assert {f"{p['name']}-{p['version']}" for p in pip} == set(PIP)
    assert by(pip, "name", "gunicorn")["replaced"] == "23.0.0"
    assert by(value["packages"], "name", "libxml2-devel")["by"] == "dnf"
    (server,) = value["servers"]
    assert (server["program"], server["version"], server["listen"]) == ("gunicorn", "21.2.0", "http://0.0.0.0:8000")
    assert (server["worker_class"], server["workers"], server["workers_later"], server["pids"]) == ("gevent", 5, 0, PROCESSES)


@case
def its_health_checks_are_told_by_source_and_interval():
    health = report_json(WORK / "old")["health_checks"]
    assert (health["checks"], health["passed"]) == (18, 18)
    assert sorted(s["address"] for s in health["sources"]) == sorted(SOURCES)
    for source in health["sources"]:
        assert (source["checks"], source["passed"], source["interval_s"]) == (6, 6, 15)
        assert source["agent"] == "ELB-HealthChecker/2.0" and source["longest_run_of_failures"] == 0


@case
def its_requests_are_told_by_type_status_and_size():
    value = report_json(WORK / "old")
    requests = value["requests"]
    assert requests["told_by"] == "nginx" and requests["requests"] == 34 and requests["status_2xx"] == 34
    page, scripts = by(requests["types"], "type", "page"), by(requests["types"], "type", "static files")
    assert (page["requests"], page["bytes_largest"], page["bytes"]) == (2, 389686, 2 * 389686)
    assert (scripts["requests"], scripts["bytes_smallest"], scripts["bytes_largest"]) == (32, 14245, 14260)
    assert by(requests["statuses"], "status", 200)["requests"] == 52
    assert by(requests["paths"], "path", "/static/js/part3.js")["requests"] == 2  # without its query
    assert value["latency"]["requests"] == 34 and 0.09e6 < value["latency"]["max_us"] < 0.11e6


@case
def its_warnings_are_explained():
    value = report_json(WORK / "old")
    notes = {n["id"]: n for n in value["notes"]}
    assert set(notes) == {"types_hash", "response_to_disk", "healthd_missing"}
    assert notes["response_to_disk"]["times"] == 2 and notes["response_to_disk"]["file"] == "var/log/nginx/error.log"
    assert all(n["level"] == "remark" and n["meaning"] and n["advice"] for n in notes.values())
    found = {c["name"]: c["value"] for c in value["configuration"]}
    assert found["environment"] == "e-abcdefghij" and found["region"] == "eu-north-1" and found["bundle"] == "prism-production.zip" and found["python"] == "3.11"
    assert found["upstream of nginx"] == "127.0.0.1:8000" and found["gunicorn"] == "21.2.0"
    assert "123456789012" not in json.dumps(found)


@case
def the_checklist_claims_only_what_the_lines_show():
    checks_ = {c["id"]: c["state"] for c in report_json(WORK / "old")["checklist"]}
    for done in ("deployed", "commands", "started", "workers", "health", "page", "static", "5xx", "4xx", "latency"):
        assert checks_[done] == "verified", done
    for open_ in ("upload", "analysis", "chat", "export", "scaling", "alarms", "https", "s3", "load", "cost"):
        assert checks_[open_] == "not_verified", open_


@case
def a_zip_says_the_same_as_its_folder():
    files = old_bundle()
    rotated = files.pop("var/log/nginx/access.log").splitlines(keepends=True)
    files["var/log/nginx/rotated/access.log1764182000.gz"] = gzip.compress("".join(rotated[:20]).encode()) + gzip.compress("".join(rotated[20:30]).encode())
    files["var/log/nginx/access.log"] = "".join(rotated[30:])
    one, other = report_json(WORK / "old"), report_json(write_zip("old.zip", files), code=HEALTHY)
    for part in ("deployments", "packages", "servers", "health_checks", "requests", "errors", "checklist"):
        assert one[part] == other[part], part
    assert report(WORK / "old.zip")[0] == report(WORK / "old.zip")[0]


@case
def a_failing_deployment_says_where_and_why():
    value = report_json(write_zip("failing.zip", old_bundle(good=False)), code=FAILED)
    (run_,) = value["deployments"]
    assert (run_["outcome"], run_["failed_in"]) == ("failed", "InstallDependency")
    assert run_["error"] == "fail to install dependencies with requirements.txt file"
    assert any(r["level"] == "grave" and "InstallDependency" in r["text"] for r in value["reasons"])
    assert by(value["checklist"], "id", "deployed")["state"] == "contradicted"
    assert "Failed: the deployment failed" in report(WORK / "failing.zip")[0]


@case
def the_onset_of_errors_is_found_with_what_was_logged_around_it():
    files = old_bundle()
    lines, minute = [], datetime(2025, 11, 26, 19, 0, tzinfo=timezone.utc)
    for m in range(60):
        for k in range(20):
            at = minute + timedelta(minutes=m, seconds=3 * k)
            bad = m >= 37 and k % 2 == 0
            lines.append(access(at, "POST /analyze_section HTTP/1.1", 502 if bad else 200, 157 if bad else 5000, client="203.0.113.9"))
    files["var/log/nginx/access.log"] += "".join(lines)
    died = minute + timedelta(minutes=37)
    files["var/log/gunicorn/error.log"] += gunicorn(died, "CRITICAL", "WORKER TIMEOUT (pid:11705)")
    files["var/log/gunicorn/error.log"] += gunicorn(died, "ERROR", "Worker (pid:11705) was sent SIGKILL! Perhaps out of memory?")
    files["var/log/gunicorn/error.log"] += gunicorn(died, "INFO", "Booting worker with pid: 12001", 12001)
    files["var/log/messages"] = f"Nov 26 19:37:00 ip-172-31-32-81 kernel: Out of memory: Killed process 11705 (gunicorn) total-vm:9000000kB\n"
    files["var/log/nginx/error.log"] += nginx_error(died, "error", '*9 upstream prematurely closed connection while reading response header from upstream, client: 203.0.113.9, request: "POST /analyze_section HTTP/1.1"')  # fmt: skip
    value = report_json(write_folder("onset", files), code=PROBLEMS)
    onset = value["errors"]["onset_5xx"]
    assert onset["from"] == "2025-11-26T19:37:00.000Z" and onset["to"] == "2025-11-26T19:59:00.000Z" and onset["to_the_end"]
    assert (onset["errors"], onset["requests"], onset["errors_before"]) == (230, 460, 0)
    assert by(value["requests"]["paths"], "path", "/analyze_section")["first_5xx"] == "2025-11-26T19:37:00.000Z"
    notes = {n["id"]: n["times"] for n in value["notes"]}
    assert notes["worker_timeout"] == notes["worker_killed"] == notes["oom_kill"] == notes["upstream_closed"] == 1
    assert value["servers"][0]["workers_later"] == 1
    text = report(WORK / "onset")[0]
    around = text.split("## Errors over time")[1].split("## ")[0]
    assert "2025-11-26 19:37:00: The kernel killed a process" in around, around
    assert by(value["checklist"], "id", "workers")["state"] == "contradicted"


@case
def a_server_that_answers_nobody_at_the_end_has_failed():
    files = old_bundle()
    files["var/log/nginx/access.log"] += "".join(line for _, line in checks(600, 4, status=502))
    value = report_json(write_folder("down", files), code=FAILED)
    assert value["health_checks"]["passed"] == 18 and value["health_checks"]["checks"] == 30
    assert {s["longest_run_of_failures"] for s in value["health_checks"]["sources"]} == {4}


@case
def the_84_percent_of_4xx_are_not_called_healthy():
    files = old_bundle()
    at = after(300)
    files["var/log/nginx/access.log"] += "".join(
        access(at + timedelta(seconds=i), "POST /chat HTTP/1.1", 400 if i < 330 else 200, 60) for i in range(390))
    value = report_json(write_folder("400", files), code=PROBLEMS)
    assert value["errors"]["onset_4xx"]["from"] == "2025-11-26T18:36:00.000Z"
    assert by(value["checklist"], "id", "4xx")["state"] == "contradicted"


@case
def a_start_that_two_logs_tell_is_one():
    files = old_bundle()
    again = [gunicorn(after(4000), "INFO", "Starting gunicorn 21.2.0"), gunicorn(after(4000), "INFO", "Booting worker with pid: 12001", 12001)]
    files["var/log/gunicorn/error.log"] += "".join(again)
    prefix = "Nov 26 18:33:09 ip-172-31-32-81 web[11696]: "
    files["var/log/web.stdout.log"] = "".join(prefix + line for line in files["var/log/gunicorn/error.log"].splitlines(keepends=True))
    first, second = report_json(write_folder("twice", files))["servers"]
    assert (first["workers"], first["workers_later"], second["workers"]) == (5, 0, 1)


# --- ours ---
def prism_json(at, level, event, **fields):
    return json.dumps({"time": f"{at:%Y-%m-%dT%H:%M:%S}.123Z", "level": level, "event": event, **fields}, separators=(",", ":")) + "\n"


def prism_text(at, level, event, **fields):
    return f"{at:%Y-%m-%dT%H:%M:%S}.123Z {level} {event}" + "".join(
        f' {k}="{v}"' if " " in str(v) else f" {k}={v}" for k, v in fields.items()) + "\n"  # fmt: skip


def our_bundle(line, prefix=""):
    start = after(72)
    own = [
        line(start, "info", "started", version="0.1.0", bind="0.0.0.0", port=8000, pid=2101),
        line(start, "info", "server_ready", pid=2101),
        "prism serves on http://0.0.0.0:8000 (documents are kept in /var/app/data)\n",
    ]
    for i in range(50):
        at = start + timedelta(seconds=10 + i)
        request = ["POST /api/v1/documents", "GET /api/v1/reviews/ymjccrvekygt2ys5c6zkjs4aam", "GET /"][i % 3]
        own.append(access(at, f"{request} HTTP/1.1", 201 if "POST" in request else 200, 900, behind=f" {20000 + i * 1000}"))
    return {"var/log/eb-engine.log": engine_log(), "var/log/web.stdout.log": "".join(prefix + one for one in own)}


@case
def a_bundle_of_prism_is_read_with_its_log_as_json_or_text():
    values = [report_json(write_folder(name, our_bundle(line, prefix)), code=HEALTHY)
              for name, line, prefix in (("ours-json", prism_json, ""), ("ours-text", prism_text, ""),
                                         ("ours-prefix", prism_json, "Nov 26 18:33:09 ip-172-31-32-81 web[2101]: "))]  # fmt: skip
    for value in values:
        (server,) = value["servers"]
        assert (server["program"], server["version"], server["listen"], server["pids"]) == ("prism", "0.1.0", "0.0.0.0:8000", [2101])
        requests = value["requests"]
        assert requests["told_by"] == "program" and requests["requests"] == 50
        assert by(requests["paths"], "path", "/api/v1/reviews/:id")["requests"] == 17
        assert value["latency"]["requests"] == 50 and value["latency"]["max_us"] == 69000
        assert 40000 <= value["latency"]["p50_us"] <= 48000
        assert by(value["files"], "name", "var/log/web.stdout.log")["not_understood"] <= 1


@case
def a_server_of_ours_that_dies_is_told():
    files = our_bundle(prism_json)
    files["var/log/web.stdout.log"] += prism_json(after(200), "error", "server_died", pid=2101, signal="SEGV")
    files["var/log/web.stdout.log"] += prism_json(after(201), "error", "strange", what="a thing of 17")
    files["var/log/web.stdout.log"] += prism_json(after(202), "error", "strange", what="a thing of 18")
    value = report_json(write_folder("died", files), code=PROBLEMS)
    assert by(value["notes"], "id", "server_died")["times"] == 1
    (other,) = value["other_errors"]
    assert other["times"] == 2 and "strange" in other["example"]


# --- what logs can be like ---
@case
def other_time_zones_are_brought_to_utc():
    zone = 330
    at = datetime(2025, 11, 26, 18, 33, tzinfo=timezone.utc)
    local = at + timedelta(minutes=zone)
    value = report_json(write_folder("zone", {
        "nginx/access.log": "".join(access(at + timedelta(seconds=i), "GET / HTTP/1.1", zone=zone) for i in range(3)),
        "nginx/error.log": nginx_error(local, "error", "*1 upstream timed out (110: Connection timed out) while reading"),
        "messages": f"{local:%b %d %H:%M:%S} host systemd[1]: web.service: Scheduled restart job, restart counter is at 3.\n",
    }))  # fmt: skip
    assert value["zone_minutes"] == zone and value["requests"]["first"] == "2025-11-26T18:33:00.000Z"
    assert by(value["notes"], "id", "upstream_timeout")["first"] == "2025-11-26T18:33:00.000Z"
    assert by(value["notes"], "id", "service_restarted")["first"] == "2025-11-26T18:33:00.000Z"


@case
def the_last_hundred_lines_of_all_logs_in_one_text_are_read():
    text = ""
    for path, content in old_bundle().items():
        text += f"----------------------------------------\n/{path}\n----------------------------------------\n{content}\n\n"
    value = report_json(write_folder("tail", {"TailLogs-1764182000.txt": text}), code=HEALTHY)
    assert value["deployments"][0]["outcome"] == "succeeded" and value["requests"]["requests"] == 34
    assert value["servers"][0]["workers"] == 5


@case
def binary_truncated_and_endless_lines_do_not_stop_it():
    files = old_bundle()
    files["var/log/nginx/access.log"] += "\0\1\2\xff" * 1000 + "\n" + "A" * 5_000_000 + "\n" + access(after(100), "GET / HTTP/1.1")[:40]
    files["var/log/nginx/rotated/access.log1.gz"] = gzip.compress(b"x" * 100000)[:-20]
    files["var/log/nginx/rotated/access.log2.gz"] = b"\x1f\x8b\x08\x00" + b"garbage" * 10
    files["var/log/eb-engine.log"] = files["var/log/eb-engine.log"].encode() + os.urandom(1 << 16)
    value = report_json(write_folder("broken", files))
    assert value["requests"]["requests"] == 34 and value["deployments"][0]["outcome"] == "succeeded"
    files = {f["name"]: f for f in value["files"]}
    assert "too early" in files["var/log/nginx/rotated/access.log1.gz"]["wrong"]
    assert "damaged" in files["var/log/nginx/rotated/access.log2.gz"]["wrong"]
    assert files["var/log/nginx/access.log"]["not_understood"] == 3


@case
def markup_and_secrets_in_logs_stay_text_and_are_hidden():
    evil = '<script>alert(1)</script>|[x](javascript:y)`\x1b[31m\u202e'
    files = {
        "nginx/access.log": access(after(0), f"GET /{evil} HTTP/1.1", 500, agent=evil, client=evil.replace(" ", "")) * 3
        + access(after(1), "GET /health HTTP/1.1", 200, agent=evil),
        "nginx/error.log": nginx_error(after(0), "error", f'*1 {evil} password=hunter2 X-Amz-Signature=abcdef0123 AKIAIOSFODNN7EXAMPLE '
                                       'redis://user:sesame@host/0 Authorization: Bearer zzz.yyy'),
    }  # fmt: skip
    folder = write_folder("evil", files)
    texts = [report(folder, "--format", f)[0] for f in ("markdown", "html", "json")]
    for text in texts:
        for secret in ("hunter2", "abcdef0123", "AKIAIOSFODNN7EXAMPLE", "sesame", "zzz.yyy"):
            assert secret not in text, secret
        assert "\x1b" not in text and "\u202e" not in text
    assert "<script" not in texts[1] and "&lt;script&gt;" in texts[1]
    assert re.search(r"(?<!\\)<script", texts[0]) is None and "\\<script\\>" in texts[0]
    json.loads(texts[2])


class Checker(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.stack, self.tags, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "line", "rect", "br"):
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.stack and self.stack[-1] == tag, f"</{tag}> within {self.stack[-3:]}"
        self.stack.pop()


@case
def the_page_is_whole_and_needs_nothing():
    target = WORK / "onset.html"
    report(WORK / "onset", "-o", target, code=PROBLEMS)
    checker = Checker()
    checker.feed(target.read_text())
    assert not checker.stack and "svg" in checker.tags and "rect" in checker.tags
    assert "script" not in checker.tags and "link" not in checker.tags and "img" not in checker.tags
    for name, value in checker.attributes:
        assert name not in ("style", "src", "href") and not name.startswith("on"), (name, value)
    assert "default-src 'none'" in target.read_text() and "prefers-color-scheme: dark" in target.read_text()


@case
def the_name_of_the_file_decides_the_format():
    report(WORK / "old", "-o", WORK / "r.json", code=HEALTHY)
    assert json.loads((WORK / "r.json").read_text())["format"] == "prism-logs/1"
    report(WORK / "old", "-o", WORK / "r.md", code=HEALTHY)
    assert (WORK / "r.md").read_text().startswith("# Deployment report: old\n")
    report(WORK / "old", "-o", WORK / "r.json", "--format", "html", code=HEALTHY)
    assert (WORK / "r.json").read_text().startswith("<!DOCTYPE html>")


# --- hostile bundles ---
@case
def a_zip_writes_nothing_whatever_its_names_are():
    outside = WORK / "outside"
    path = WORK / "slip.zip"
    inside = zipfile.ZipInfo("var/log/link-access.log")
    inside.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("../" * 12 + str(outside).lstrip("/") + "/nginx/access.log", access(after(0), "GET / HTTP/1.1"))
        out.writestr("/etc/nginx/access.log", access(after(1), "GET / HTTP/1.1"))
        out.writestr(inside, "/etc/passwd")
    before = {p for p in WORK.rglob("*")}
    value = report_json(path, code=HEALTHY)
    assert value["requests"]["requests"] == 2 and not outside.exists() and {p for p in WORK.rglob("*")} == before
    assert "root:" not in json.dumps(value)


@case
def links_out_of_a_folder_are_not_followed():
    folder = write_folder("links", {"nginx/access.log": access(after(0), "GET / HTTP/1.1")})
    (WORK / "elsewhere.log").write_text(access(after(0), "GET /elsewhere HTTP/1.1"))
    (folder / "nginx" / "access.log.1").symlink_to(WORK / "elsewhere.log")
    os.mkfifo(folder / "nginx" / "access.log.2")
    assert report_json(folder)["requests"]["requests"] == 1


@case
def bombs_end_at_the_limit():
    path = WORK / "bomb.zip"
    block = gzip.compress(b"\0" * (1 << 30), 9)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("nginx/rotated/access.log1.gz", gzip.compress(b"\n" * 1000) + block + block)
        out.writestr("nginx/access.log", access(after(0), "GET / HTTP/1.1"))
    assert path.stat().st_size < 3 << 20
    before = os.times()
    value = report_json(path, code=HEALTHY)
    assert by(value["files"], "name", "nginx/rotated/access.log1.gz")["cut"]
    assert by(value["files"], "name", "nginx/rotated/access.log1.gz")["bytes"] == 1 << 30
    assert value["requests"]["requests"] == 1, os.times().children_user - before.children_user


@case
def too_many_files_damaged_zips_and_other_things_are_refused_in_words():
    many = WORK / "many.zip"
    with zipfile.ZipFile(many, "w") as out:
        for i in range(10001):
            out.writestr(f"{i}/access.log", "")
    assert "10001 files; the limit is 10000" in report(many, code=BAD_INPUT)[1]
    good = (WORK / "old.zip").read_bytes()
    damaged = WORK / "damaged.zip"
    damaged.write_bytes(good[: len(good) // 2])
    assert "neither a folder nor a .zip" in report(damaged, code=BAD_INPUT)[1]
    changed = bytearray(good)
    for i in range(40, 2000, 7):
        changed[i] ^= 0x55
    damaged.write_bytes(changed)
    report(damaged)  # a sentence or a report; never a crash
    assert "neither a folder nor a .zip" in report(__file__, code=BAD_INPUT)[1]
    assert "there is no file or folder" in report(WORK / "nothing", code=BAD_INPUT)[1]
    assert "holds no log that is known" in report(write_folder("strange", {"a.bin": "x"}), code=BAD_INPUT)[1]
    encrypted = WORK / "encrypted.zip"
    data = bytearray((write_zip("plain.zip", {"nginx/access.log": access(after(0), "GET / HTTP/1.1"), "messages": ""})).read_bytes())
    for at in [m.start() for m in re.finditer(b"PK\x03\x04", bytes(data))]:
        data[at + 6] |= 1
    for at in [m.start() for m in re.finditer(b"PK\x01\x02", bytes(data))]:
        data[at + 8] |= 1
    encrypted.write_bytes(data)
    assert "AddressSanitizer" not in report(encrypted)[1]


@case
def logs_that_hold_nothing_are_unknown():
    value = report_json(write_folder("empty", {"eb-engine.log": "", "nginx/access.log": ""}), code=UNKNOWN)
    assert value["verdict"] == "unknown" and value["latency"] is None


@case
def twenty_times_the_lines_take_no_more_memory():
    if b"__asan_init" in Path(PRISM).read_bytes():
        raise Skip("AddressSanitizer keeps what was freed")

    def peak(n):
        folder = write_folder(f"lines{n}", {"nginx/access.log": "".join(
            access(after(i * 0.05), f"GET /p{i % 5000}/{i} HTTP/1.1", 200 + 300 * (i % 50 == 0), i) for i in range(n))})  # fmt: skip
        code = ("import resource,subprocess,sys;"
                "subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);"
                "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")  # fmt: skip
        done = subprocess.run([sys.executable, "-c", code, PRISM, "logs", "report", str(folder)], capture_output=True, text=True, check=True)
        return int(done.stdout)

    small, large = peak(20000), peak(400000)
    assert large < small * 1.5 + 8192, f"{small} KiB for 20,000 lines, {large} KiB for 400,000"


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
