#!/usr/bin/env python3
"""Packages of reviews, as a zip and in a bucket of S3: test_s3.py PRISM [CASE…]. S3 is s3rver from npm, with every signature verified by the AWS SDK."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from s3_util import BASE, BUCKET, KEYS, S3, TOKEN
from serve_util import KEPT_ENVIRONMENT, Server, free_port, os
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


def main():
    cases = [
        check_puts_and_deletes_a_small_object,
        check_says_what_is_wrong_and_what_to_do,
        a_check_by_the_server_has_the_bucket_too,
        settings_of_s3_are_looked_at_before_anything_starts,
    ]
    try:
        return run(cases, sys.argv[2:])
    finally:
        if S3_SERVER is not None:
            S3_SERVER.__exit__()


if __name__ == "__main__":
    sys.exit(main())
