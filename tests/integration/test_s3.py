#!/usr/bin/env python3
"""Packages of reviews, as a zip and in a bucket of S3: test_s3.py PRISM [CASE…]. S3 is s3rver from npm, with every signature verified by the AWS SDK."""
import csv
import hashlib
import http.client
import io
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from s3_util import BASE, BUCKET, KEYS, S3, TOKEN
from serve_util import KEPT_ENVIRONMENT, Server, free_port, os, sample
from tap import run

PRISM = Path(sys.argv[1]).resolve()
S3_SERVER = None  # one for all cases; each tells it anew


def s3():
    """The S3 of all cases, told nothing."""
    global S3_SERVER  # pylint: disable=global-statement
    if S3_SERVER is None:
        S3_SERVER = S3()
    S3_SERVER.tell()
    S3_SERVER.ask("/__reset", {})
    return S3_SERVER


def prism(*words, **settings):
    env = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    with tempfile.TemporaryDirectory() as home:
        env = {**env, "HOME": home, "PRISM_DATA": home, **settings}
        return subprocess.run([PRISM, *words], env=env, capture_output=True, text=True, timeout=300, check=False)


# --- trying it ---


def checked(**settings):
    done = prism("check", "--json", **settings)
    parts = {p["part"]: p for p in json.loads(done.stdout)["parts"]}
    return done.returncode, parts.get("s3") or parts["settings"]


def check_puts_and_deletes_a_small_object():
    there = s3()
    code, part = checked(**there.settings())
    assert (code, part["state"]) == (0, "ok"), part
    assert BUCKET in part["message"] and "eu-west-1" in part["message"], part
    seen = [(r["method"], r["url"]) for r in there.requests()]
    key = f"/{BUCKET}/{BASE.replace(' ', '%20')}/prism-check.txt"  # a bucket with a dot is named by the path
    assert seen == [("PUT", key), ("DELETE", key)], seen
    assert there.objects() == {}
    there.tell(denied=["DELETE"])
    code, part = checked(**there.settings())
    assert (code, part["state"]) == (0, "ok") and f"{BASE}/prism-check.txt stays there" in part["message"], part


def check_says_what_is_wrong_and_what_to_do():
    there = s3()
    code, part = checked(**there.settings(AWS_SECRET_ACCESS_KEY="wrong"))
    assert (code, part["reason"]) == (1, "s3_bad_keys") and "environment" in part["message"], part
    for settings, told, reason, words in (
        ({"AWS_ACCESS_KEY_ID": "AKIDNOBODY"}, {}, "s3_bad_keys", "does not know the access key"),
        ({"S3_REGION": "us-west-2"}, {}, "s3_wrong_region", "Set S3_REGION to eu-west-1"),
        ({"S3_BUCKET_NAME": "nobody-has-it"}, {}, "s3_no_bucket", "S3_BUCKET_NAME"),
        ({}, {"denied": ["PUT"]}, "s3_access_denied", "s3:PutObject"),
        ({}, {"clockSeconds": 3600}, "s3_clock_off", "clock"),
        ({"AWS_SESSION_TOKEN": "over"}, {}, "s3_bad_keys", "session"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, {}, "no_credentials", "AWS_ACCESS_KEY_ID"),
        ({"PRISM_S3_URL": f"http://127.0.0.1:{free_port()}"}, {}, "no_route", "S3 was not reached"),
    ):
        there.tell(**told)
        code, part = checked(**there.settings(**settings))
        text = part["message"] + " " + part["hint"]
        assert (code, part["part"], part["reason"]) == (1, "s3", reason) and words in text, (settings, told, part)
    there.tell(token=TOKEN)
    code, part = checked(**there.settings(AWS_SESSION_TOKEN=TOKEN))
    assert code == 0 and all(r["token"] == TOKEN for r in there.requests()[-2:]), part


def a_check_by_the_server_has_the_bucket_too():
    there = s3()
    with Server(PRISM, **there.settings()) as server:
        parts = {p["part"]: p for p in server.person().ask("POST", "/api/v1/check", expect=200).json()["parts"]}
        assert parts["s3"]["state"] == "ok", parts
    with Server(PRISM) as server:
        assert "s3" not in {p["part"] for p in server.person().ask("POST", "/api/v1/check", expect=200).json()["parts"]}


def settings_of_s3_are_looked_at_before_anything_starts():
    for wrong, words in (
        ({"S3_BUCKET_NAME": "Prism"}, "a-z, 0-9"),
        ({"S3_BUCKET_NAME": "ab"}, "3 to 63"),
        ({"S3_BUCKET_NAME": "s3://prism"}, "S3_BASE_PATH"),
        ({"S3_BUCKET_NAME": "10.0.0.1"}, "IP address"),
        ({"S3_BUCKET_NAME": "a..b"}, "two dots"),
        ({"S3_BUCKET_NAME": "-ab"}, "begin and end"),
        ({"S3_BUCKET_NAME": "xn--abc"}, "keeps for itself"),
        ({"S3_BUCKET_NAME": "prism", "S3_REGION": "Frankfurt"}, "eu-west-1"),
        ({"S3_BUCKET_NAME": "prism", "S3_BASE_PATH": "a//b"}, "empty folder"),
        ({"S3_BUCKET_NAME": "prism"}, "Set S3_REGION"),
    ):
        code, part = checked(AWS_EC2_METADATA_DISABLED="true", **wrong)
        assert code == 1 and words in part["message"] + part["hint"], (wrong, part)
        if wrong != {"S3_BUCKET_NAME": "prism"}:
            continue
        server = Server(PRISM, **wrong).start(ready=False)
        code, said = server.ended()
        server.__exit__(None, None, None)
        assert code != 0 and "Set S3_REGION" in said, said


# --- the zip ---

FILES = {"findings.json", "findings.csv", "report.html", "decisions.json", "chat.json", "activity.json", "statistics.json", "manifest.json"}
NAME = "日本 報告 (v2) – Überblick.docx"


def package_of(bytes_):
    """{path below the folder: bytes}, the folder."""
    with zipfile.ZipFile(io.BytesIO(bytes_)) as z:
        assert z.testzip() is None
        folders = {n.split("/")[0] for n in z.namelist()}
        assert len(folders) == 1, folders
        folder = folders.pop()
        assert z.namelist()[-1] == f"{folder}/manifest.json"
        return {n[len(folder) + 1 :]: z.read(n) for n in z.namelist()}, folder


def holds(files, original):
    """The manifest is right, and everything is there."""
    manifest = json.loads(files["manifest.json"])
    assert manifest["format"] == "prism-package/1", manifest
    listed = {f["path"]: f for f in manifest["files"]}
    assert set(listed) | {"manifest.json"} == set(files), (set(listed), set(files))
    for path, f in listed.items():
        data = files[path]
        assert (f["bytes"], f["sha256"]) == (len(data), hashlib.sha256(data).hexdigest()), (path, f)
    assert FILES < set(files), set(files)
    (first,) = [p for p in files if p.startswith("original/")]
    (second,) = [p for p in files if p.startswith("reviewed/")]
    assert files[first] == original and first.endswith(".docx") and second.endswith("-reviewed.docx"), (first, second)
    with zipfile.ZipFile(io.BytesIO(files[second])) as reviewed:
        assert "word/comments.xml" in reviewed.namelist()
    return first


def export(person, review, **body):
    made = person.post(f"/api/v1/reviews/{review['id']}/exports", body, 202)
    return made, f"/api/v1/exports/{made['id']}"


def a_package_is_one_zip_with_everything():
    with Server(PRISM) as server:
        ada = server.person()
        ada.put("/api/v1/me", {"name": "Ada"})
        assert "zip" in ada.get("/api/v1/server")["exports"] and "s3" not in ada.get("/api/v1/server")["exports"]
        data = sample()
        _, review, findings = ada.reviewed(NAME, data)
        ada.post(f"/api/v1/reviews/{review['id']}/decisions", {"ids": [findings[0]["id"]], "decision": "accepted", "note": "=1+1"}, 200)
        made, path = export(ada, review, format="zip")
        done = ada.wait(path)
        assert (done["state"], done["stage"], done["progress"], done["destination"], done["has_file"]) == ("done", None, 1, None, True), done
        assert done["steps"][-1]["file"] == "manifest.json" and all(s["state"] == "done" for s in done["steps"]), done
        answer = ada.ask("GET", f"{path}/file", expect=200)
        assert answer.headers["Content-Type"] == "application/zip"
        files, folder = package_of(answer.body)
        assert re.fullmatch(r"日本 報告 \(v2\) – Überblick_review_\d{8}T\d{6}Z", folder), folder
        assert holds(files, data) == f"original/{NAME}"
        assert {s["file"]: s["bytes"] for s in done["steps"]} == {p: len(b) for p, b in files.items()}
        assert json.loads(files["findings.json"])["findings"][0]["quote"]
        decisions = json.loads(files["decisions.json"])["decisions"]
        (accepted,) = [d for d in decisions if d["decision"] == "accepted"]
        assert (accepted["finding"], accepted["decided_by"], accepted["note"]) == (findings[0]["id"], "Ada", "=1+1")
        statistics = json.loads(files["statistics.json"])
        assert statistics["findings"] == len(findings) == len(decisions) and statistics["by_decision"]["accepted"] == 1
        kinds = [e["kind"] for e in json.loads(files["activity.json"])["events"]]
        assert kinds[0] == "document.added" and "findings.decided" in kinds, kinds
        assert json.loads(files["chat.json"])["messages"] == []
        assert b"<html" in files["report.html"] and files["findings.csv"].startswith(b"\xef\xbb\xbf")
        stranger = server.person()
        for method, where in (("GET", path), ("GET", f"{path}/file"), ("POST", f"{path}/retry")):
            assert stranger.ask(method, where).status == 404, where
        assert ada.ask("POST", f"{path}/retry", expect=409).json()["reason"] == "export_not_failed"
        refused = ada.ask("POST", f"/api/v1/reviews/{review['id']}/exports", {"format": "s3"}, expect=409).json()
        assert refused["reason"] == "no_bucket" and "S3_BUCKET_NAME" in refused["hint"], refused


def not_again_24_no_cell_of_a_package_is_a_formula():
    bad = ["=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1"]
    with Server(PRISM) as server:
        ada = server.person()
        document, review, _ = ada.reviewed("=HYPERLINK(1).docx", sample())
        content = ada.get(f"/api/v1/documents/{document['id']}/content")
        block, text = next((b["i"], "".join(r["t"] for r in b["runs"])) for b in content["blocks"] if sum(len(r["t"]) for r in b.get("runs", [])) > 20)
        for words in bad:
            ada.post(
                f"/api/v1/reviews/{review['id']}/findings",
                {"anchor": {"block": block, "start": 0, "end": 10, "quote": text[:10]}, "description": words + " description", "suggestion": words, "category": words.strip(), "kind": "important", "risk": "low"},
            )
        _, path = export(ada, review, format="zip")
        assert ada.wait(path)["state"] == "done"
        files, folder = package_of(ada.ask("GET", f"{path}/file", expect=200).body)
        rows = list(csv.reader(io.StringIO(files["findings.csv"].decode("utf-8-sig"))))
        cells = [cell for row in rows for cell in row]
        assert not [c for c in cells if re.match(r"\s*[=+\-@＝＋－＠]|[\t\r]", c)], cells
        assert sum(c.startswith("'") for c in cells) > len(bad), cells
        assert folder.startswith("_HYPERLINK(1)-"), folder
        assert all(re.fullmatch(r"[^\x00-\x1f<>:\"|?*\\]+", p) for p in files)


def two_packages_of_one_name_at_once_lie_apart():
    with Server(PRISM) as server:
        ada, bob = server.person(), server.person()
        paths = []
        for person in (ada, bob):
            _, review, _ = person.reviewed("same.docx", sample())
            paths += [(person, export(person, review, format="zip")[1]) for _ in range(3)]
        names = [person.wait(path)["name"] for person, path in paths]
        assert len(set(names)) == 6 and all(n.startswith("same_review_") for n in names), names


# --- S3 ---


def large(megabytes):
    """The sample report with a picture of so many megabytes that nothing packs."""
    out = io.BytesIO(sample())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as package:
        package.writestr("word/media/noise.bin", os.urandom(megabytes << 20))
    return out.getvalue()


def with_s3(there, **settings):
    return Server(PRISM, MAX_CONTENT_LENGTH=str(64 << 20), **there.settings(**settings))


def in_bucket(there, export_):
    """What lies in the folder of an export: {path: bytes}."""
    folder = export_["destination"]["folder"] + "/"
    return {key[len(folder) :]: there.get(key) for key in there.objects() if key.startswith(folder)}


def puts(there, what=""):
    return [r for r in there.requests() if r["method"] == "PUT" and what in r["url"]]


def a_package_goes_to_s3_file_by_file_and_the_manifest_last():
    there = s3()
    there.tell(token=TOKEN)
    with with_s3(there, AWS_SESSION_TOKEN=TOKEN) as server:
        ada = server.person()
        assert ada.get("/api/v1/server")["exports"][-1] == "s3"
        assert BUCKET not in json.dumps(ada.get("/api/v1/server"))  # nobody's business but the operator's and the owner's
        data = sample()
        document, review, _ = ada.reviewed(NAME, data)
        made, path = export(ada, review, format="s3")
        done = ada.wait(path)
        assert done["state"] == "done" and done["progress"] == 1, done
        place = done["destination"]
        assert place["url"] == f"s3://{BUCKET}/{place['folder']}/" and place["folder"].startswith(f"{BASE}/日本 報告 (v2) – Überblick_review_"), place
        files = in_bucket(there, done)
        holds(files, data)
        sent = [urllib.parse.unquote(r["url"]) for r in puts(there)]
        assert sent[-1] == f"/{BUCKET}/{place['folder']}/manifest.json" and len(sent) == len(files), sent
        assert all(r["token"] == TOKEN for r in there.requests())
        types = {key.rsplit("/", 1)[-1]: o["type"] for key, o in there.objects().items()}
        assert types["findings.csv"].startswith("text/csv") and types["report.html"].startswith("text/html"), types
        zipped, folder = package_of(ada.ask("GET", f"{path}/file", expect=200).body)
        assert zipped == files and place["folder"].endswith(folder)
        kinds = [e["kind"] for e in ada.get(f"/api/v1/documents/{document['id']}/activity")["events"]]
        assert {"export.queued", "export.done"} < set(kinds), kinds


def a_large_file_goes_in_parts_that_may_fail_once():
    there = s3()
    there.tell(
        {"when": "^PUT .*partNumber=2", "status": 503, "code": "SlowDown"},
        {"when": "^PUT .*partNumber=3", "cut": True},
        {"when": "^POST .*uploadId=", "status": 500, "code": "InternalError"},
        {"when": "^PUT .*findings.json", "cut": True},
    )
    with with_s3(there) as server:
        ada = server.person()
        data = large(18)
        _, review, _ = ada.reviewed("large.docx", data)
        _, path = export(ada, review, format="s3")
        done = ada.wait(path, 120)
        assert done["state"] == "done", done
        files = in_bucket(there, done)
        holds(files, data)
        parts = puts(there, "original/large.docx?partNumber=")
        assert sorted(r["bytes"] for r in parts)[-3:] == [8 << 20] * 3 and len(parts) == 5, parts
        assert len(puts(there, "findings.json")) == 2


def a_server_that_was_killed_goes_on_where_it_was():
    there = s3()
    there.tell({"when": "^PUT .*reviewed.*partNumber=2", "hang": True})
    server = with_s3(there, PRISM_JOB_WORKERS="1").start()
    try:
        ada = server.person()
        data = large(12)
        _, review, _ = ada.reviewed("killed.docx", data)
        _, path = export(ada, review, format="s3")
        end = time.monotonic() + 60
        while not [r for r in puts(there, "partNumber=2") if "reviewed" in r["url"]]:
            assert time.monotonic() < end, there.requests()
            time.sleep(0.05)
        now = ada.get(path)
        states = {s["file"].split("/")[0]: (s["state"], s["sent_bytes"]) for s in now["steps"]}
        assert now["stage"] == "uploading" and 0 < now["progress"] < 1, now
        assert states["original"] == ("done", len(data)) and states["reviewed"] == ("running", 8 << 20), states
        assert states["manifest.json"][0] == "waiting" and "manifest.json" not in in_bucket(there, now)
        children = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=False).stdout.split()
        server.kill()
        for child in children:
            subprocess.run(["kill", "-9", child], check=False)
        before = len(there.requests())
        ada.close()
        server.start()
        done = ada.wait(path, 120)
        assert done["state"] == "done", done
        again = there.requests()[before:]
        assert not [r for r in again if "original/" in r["url"]], again  # what is there is not sent again
        assert [r for r in again if r["method"] == "DELETE" and "uploadId=" in r["url"]], again  # what was begun is aborted
        holds(in_bucket(there, done), data)
    finally:
        server.__exit__(None, None, None)


class Unreached:
    """An export to an S3 that does not answer. It is tried for half a minute, so it is begun before the other cases and looked at after them."""

    def __init__(self):
        self.port, self.data = free_port(), sample()
        self.server = with_s3(s3(), PRISM_S3_URL=f"http://127.0.0.1:{self.port}").start()
        self.ada = self.server.person()
        self.document, review, _ = self.ada.reviewed("unreached.docx", self.data)
        _, self.path = export(self.ada, review, format="s3")
        self.ada.close()


UNREACHED = []


def not_again_14_s3_that_is_not_reached_is_a_failure_and_can_be_tried_again():
    """No silent local folder: the export fails and says so, the package is kept and can be fetched, and a retry sends the same files."""
    here = UNREACHED.pop() if UNREACHED else Unreached()
    with here.server as server:
        ada, path = here.ada, here.path
        failed = ada.wait(path, 180)
        assert failed["state"] == "failed" and failed["can_retry"] and failed["has_file"], failed
        assert failed["problem"]["reason"] == "no_route" and "S3 was not reached" in failed["problem"]["detail"] and failed["problem"]["hint"], failed
        kinds = [e["kind"] for e in ada.get(f"/api/v1/documents/{here.document['id']}/activity")["events"]]
        assert "export.failed" in kinds and "export.done" not in kinds, kinds
        kept, _ = package_of(ada.ask("GET", f"{path}/file", expect=200).body)
        holds(kept, here.data)
        with S3(port=here.port) as late:
            queued = ada.ask("POST", f"{path}/retry", expect=202).json()
            assert queued["state"] == "queued" and queued["problem"] is None, queued
            done = ada.wait(path, 120)
            assert done["state"] == "done", done
            assert in_bucket(late, done) == kept
            assert done["destination"] == failed["destination"]
        text = ada.ask("GET", "/metrics", expect=200).body.decode()
        for outcome in ("done", "failed"):
            assert f'prism_exports_total{{format="s3",outcome="{outcome}"}} 1\n' in text, text


def a_server_that_is_told_to_stop_does_not_wait_for_s3():
    there = s3()
    there.tell({"when": "^PUT .*findings.json", "hang": True})
    server = with_s3(there, PRISM_GRACEFUL_TIMEOUT="1").start()
    try:
        ada = server.person()
        _, review, _ = ada.reviewed("stopped.docx", sample())
        _, path = export(ada, review, format="s3")
        end = time.monotonic() + 60
        while not puts(there, "findings.json"):
            assert time.monotonic() < end, there.requests()
            time.sleep(0.05)
        ada.close()
        assert server.stop() == 0 and "server_cut" not in server.read_log(), server.read_log()[-2000:]
        server.start()
        assert ada.wait(path, 120)["state"] == "done"
    finally:
        server.__exit__(None, None, None)


def what_s3_refuses_fails_at_once_with_what_to_do():
    there = s3()
    for told, settings, reason in (
        ({"denied": ["PUT"]}, {}, "s3_access_denied"),
        ({}, {"AWS_SECRET_ACCESS_KEY": "wrong"}, "s3_bad_keys"),
        ({}, {"S3_BUCKET_NAME": "nobody-has-it"}, "s3_no_bucket"),
    ):
        there.tell(**told)
        with with_s3(there, **settings) as server:
            ada = server.person()
            _, review, _ = ada.reviewed("refused.docx", sample())
            _, path = export(ada, review, format="s3")
            failed = ada.wait(path)
            assert (failed["state"], failed["problem"]["reason"]) == ("failed", reason) and failed["problem"]["hint"], failed
            assert failed["has_file"] and failed["progress"] == 0, failed
            assert len(server.wait_log('"job_failed"')) == 1 and "job_will_be_tried_again" not in server.read_log()
            if told:
                there.tell()
                ada.ask("POST", f"{path}/retry", expect=202)
                assert ada.wait(path)["state"] == "done"


def steps_are_told_live():
    there = s3()
    with with_s3(there) as server:
        ada = server.person()
        document, review, _ = ada.reviewed("live.docx", sample())
        stream = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        cookie = "; ".join(f"{k}={v}" for k, v in ada.cookies.items())
        stream.request("GET", f"/api/v1/documents/{document['id']}/events", headers={"Cookie": cookie, "Accept": "text/event-stream"})
        answer = stream.getresponse()
        assert answer.status == 200
        export(ada, review, format="s3")
        seen = []
        while not seen or seen[-1]["kind"] != "export.done":
            line = answer.readline().decode()
            assert line, seen
            if line.startswith("data: {"):
                seen.append(json.loads(line[6:]))
        stages = [e["export"]["stage"] for e in seen if e["kind"] == "export.progress"]
        shares = [e["export"]["progress"] for e in seen if e["kind"] == "export.progress"]
        assert stages[0] == "making" and "uploading" in stages and shares == sorted(shares), (stages, shares)
        assert len({s for s in shares}) > 3, shares
        stream.close()


# --- the command line ---


def the_command_line_exports_beside_a_server_and_without_one():
    there = s3()
    with with_s3(there) as server:
        ada = server.person()
        data = sample()
        document, review, _ = ada.reviewed("from the command line.docx", data)
        with tempfile.TemporaryDirectory() as folder:
            settings = there.settings(PRISM_DATA=str(server.data), TMPDIR=folder)
            out = Path(folder) / "review.zip"
            for stop in (False, True):  # beside the server; then without one
                if stop:
                    server.stop()
                done = prism("export", document["id"], "-o", str(out), **settings)
                assert (done.returncode, done.stdout) == (0, f"{out}\n"), done
                holds(package_of(out.read_bytes())[0], data)
                done = prism("export", document["id"], "-o", str(out), **settings)
                assert done.returncode == 2 and "is there already" in done.stderr, done
                out.unlink()
                done = prism("export", review["id"], "--s3", **settings)
                assert done.returncode == 0 and done.stdout.startswith(f"s3://{BUCKET}/{BASE}/from the command line_review_"), done
                place = done.stdout.strip()[len(f"s3://{BUCKET}/") :]
                holds({key[len(place) :]: there.get(key) for key in there.objects() if key.startswith(place)}, data)
            there.tell(denied=["PUT"])
            done = prism("export", review["id"], "--s3", **settings)
            assert done.returncode == 2 and "S3 refuses access" in done.stderr and "docs/operations.md" in done.stderr, done
            done = prism("export", "nothing", "--s3", **settings)
            assert done.returncode == 2 and "there is no review and no document" in done.stderr, done
            done = prism("export", review["id"], "--s3", **{**settings, "S3_BUCKET_NAME": ""})
            assert done.returncode == 2 and "S3_BUCKET_NAME is not set" in done.stderr, done
            assert prism("export", review["id"], **settings).returncode == 2
            assert os.listdir(folder) == [], "the copy of the records is gone"
        server.start()
        ada.close()
        assert ada.get(f"/api/v1/reviews/{review['id']}/exports")["exports"] == []  # the server's own list knows its own


def main():
    cases = [
        check_puts_and_deletes_a_small_object,
        check_says_what_is_wrong_and_what_to_do,
        a_check_by_the_server_has_the_bucket_too,
        settings_of_s3_are_looked_at_before_anything_starts,
        a_package_is_one_zip_with_everything,
        not_again_24_no_cell_of_a_package_is_a_formula,
        two_packages_of_one_name_at_once_lie_apart,
        a_package_goes_to_s3_file_by_file_and_the_manifest_last,
        a_large_file_goes_in_parts_that_may_fail_once,
        a_server_that_was_killed_goes_on_where_it_was,
        a_server_that_is_told_to_stop_does_not_wait_for_s3,
        what_s3_refuses_fails_at_once_with_what_to_do,
        steps_are_told_live,
        the_command_line_exports_beside_a_server_and_without_one,
        not_again_14_s3_that_is_not_reached_is_a_failure_and_can_be_tried_again,
    ]
    try:
        if len(sys.argv) == 2:
            UNREACHED.append(Unreached())
        return run(cases, sys.argv[2:])
    finally:
        for left in UNREACHED:
            left.server.__exit__(None, None, None)
        if S3_SERVER is not None:
            S3_SERVER.__exit__()


if __name__ == "__main__":
    sys.exit(main())
