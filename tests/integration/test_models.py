#!/usr/bin/python3
"""The server and prism check with each provider of language models, as fakes of tests/peers play them: what works, what does not and what is
then said, who may ask, and that no credential is ever shown.

test_models.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Every answer is held to docs/openapi.yaml (contract.py).
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from contract import CONTRACT
from contract import Visitor as Judged
from fakes import ANTHROPIC_KEY, BEARER, KEY_ID, OPENAI_KEY, SECRETS, Fake
from serve_util import REPORTS, Server, free_port
from tap import run

PRISM = os.path.abspath(sys.argv[1])
CASES = []
MODEL, PROFILE = "anthropic.claude-sonnet-4-5-20250929-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
TOKEN = "an-administrators-token"
WELL = {"text": "OK", "times": "always"}


def case(function):
    CASES.append(function)
    return function


class Visitor(Judged):
    """A person to whom nothing secret is said."""

    def asked(self, answer):
        silent(answer.body.decode(errors="replace"))


def silent(text):
    for secret in (*SECRETS, TOKEN):
        assert secret not in text, text


class Models(Server):
    """A server whose log is held to say nothing secret."""

    def __exit__(self, kind, value, traceback):
        log = self.read_log()
        super().__exit__(kind, value, traceback)
        silent(log)

    def person(self):
        return Visitor(self.port)


def prism(*words, folder, **settings):
    """A command: (exit code, standard output, standard error)."""
    keep = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    env = {**keep, "HOME": folder, "PRISM_DATA": f"{folder}/data", "AWS_EC2_METADATA_DISABLED": "true", **settings}
    done = subprocess.run([PRISM, *words], env=env, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    silent(done.stdout + done.stderr)
    for report in REPORTS:
        assert report not in done.stderr, done.stderr[:4000]
    return done.returncode, done.stdout, done.stderr


def checked(**settings):
    """prism check --json without a server: (exit code, its parts)."""
    with tempfile.TemporaryDirectory(prefix="prism-check-") as folder:
        code, out, err = prism("check", "--json", folder=folder, **settings)
        assert err == "", err
        parts = json.loads(out)["parts"]
        wrong = [e for p in parts for e in CONTRACT.errors({"$ref": "#/components/schemas/CheckedPart"}, p)]
        assert not wrong, wrong
        return code, parts


def model_part(settings, expect=1):
    """What prism check says of the one model."""
    code, parts = checked(**settings)
    assert code == expect, (code, parts)
    assert all(p["state"] == "ok" for p in parts if p["part"] != "model"), parts
    (part,) = [p for p in parts if p["part"] == "model"]
    return part


def fails(settings, reason, *words):
    """The model's part has failed with this reason, and says these words, what to do among them."""
    part = model_part(settings)
    assert (part["state"], part["reason"]) == ("failed", reason), part
    for word in words:
        assert word in part["message"] + "\n" + part["hint"], (word, part)
    assert part["hint"], part
    return part


# --- what works ---


@case
def each_provider_is_well():
    rows = [
        ("bedrock", {"BEDROCK_MODEL_ID": PROFILE}, PROFILE, "sigv4"),
        ("bedrock", {"BEDROCK_MODEL_ID": PROFILE, "AWS_BEARER_TOKEN_BEDROCK": BEARER, "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, PROFILE, "bearer"),
        ("anthropic", {}, "claude-sonnet-4-5-20250929", None),
        ("openai", {}, "local-model", None),
        ("openai", {"PRISM_OPENAI_KEY": OPENAI_KEY}, "local-model", None),
    ]
    for provider, more, model, kind in rows:
        with Fake(provider) as fake:
            keys = {"bedrock": {"bearers": [BEARER]}, "openai": {"keys": [OPENAI_KEY] if more else []}}.get(provider, {})
            fake.script(WELL, **keys)
            part = model_part(fake.settings(**more), 0)
            assert (part["state"], part["model"]) == ("ok", model), part
            assert provider in part["message"], part
            (request,) = fake.seen()["requests"]
            body = request["body"]
            assert 1 in (body.get("max_tokens"), body.get("inferenceConfig", {}).get("maxTokens")), body  # one token is paid
            assert kind is None or request["auth"]["kind"] == kind, request["auth"]


@case
def a_server_asks_it_and_shows_it():
    with Fake("bedrock") as fake:
        fake.script(WELL)
        with Models(PRISM, **fake.settings(BEDROCK_MODEL_ID=PROFILE, BEDROCK_FALLBACK_MODELS=f"{MODEL},{PROFILE},us.amazon.nova-lite-v1:0", PRISM_REDACT="true")) as server:
            a = server.person()
            told = a.get("/api/v1/server")
            assert told["reviewers"] == ["rules", "model"], told
            assert told["model"] == {"provider": "bedrock", "primary": PROFILE, "fallback": [MODEL, "us.amazon.nova-lite-v1:0"], "chat": True, "redact": True}, told
            models = a.get("/api/v1/models")
            assert [m["model"] for m in models["models"]] == [PROFILE, MODEL, "us.amazon.nova-lite-v1:0"], models
            assert all(m["health"] == "well" and m["calls"] == 0 and m["priced"] for m in models["models"]), models
            assert not fake.seen()["requests"], "the start asks nobody"
            parts = a.ask("POST", "/api/v1/check", expect=200).json()["parts"]
            assert [p["state"] for p in parts] == ["ok"] * 6, parts
            assert [p["model"] for p in parts if p["part"] == "model"] == [PROFILE, MODEL, "us.amazon.nova-lite-v1:0"], parts
            models = a.get("/api/v1/models")
            assert all(m["calls"] == 1 and m["cost_usd"] > 0 for m in models["models"]), models
            assert models["budget"]["day"]["used_usd"] > 0, models
            metrics = a.ask("GET", "/metrics", expect=200).body.decode()
            for line in (f'prism_model_calls_total{{model="{MODEL}"}} 1', f'prism_model_well{{model="{PROFILE}"}} 1', f'prism_model_tokens_out_total{{model="{PROFILE}"}} 1'):
                assert f"\n{line}\n" in metrics, metrics
            said = server.read_log()
            assert f"Documents are also sent to {PROFILE} (bedrock, us-east-1" in said, said


@case
def a_server_without_a_model_starts_as_ever():
    with tempfile.TemporaryDirectory() as folder:
        code, out, _ = prism("check", folder=folder)
        assert code == 0 and "model     none    no language model is configured" in out, out
    with Models(PRISM) as server:
        assert "nothing leaves this machine" in server.read_log()


@case
def where_a_plain_id_is_not_on_demand_the_geographys_profile_is_used_and_said():
    with Fake("bedrock") as fake:
        fake.script(WELL, profilesOnly=[MODEL])
        settings = fake.settings(BEDROCK_MODEL_ID=MODEL)
        part = model_part(settings, 0)
        assert part["state"] == "ok" and f"through the inference profile {PROFILE}" in part["message"], part
        with Models(PRISM, **settings) as server:
            a = server.person()
            for _ in range(2):
                assert a.ask("POST", "/api/v1/check", expect=200).json()["parts"][-1]["state"] == "ok"
            assert server.read_log().count("model_by_profile") == 1, server.read_log()


# --- what does not, in its own words ---


@case
def credentials_that_are_missing_or_wrong():
    with Fake("bedrock") as fake:
        fake.script(WELL, expiredTokens=["old"])
        none = fake.settings(BEDROCK_MODEL_ID=PROFILE, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        fails(none, "bad_credentials", "no AWS credentials", "AWS_ACCESS_KEY_ID")
        fails({**none, "AWS_ACCESS_KEY_ID": KEY_ID}, "bad_credentials", "AWS_SECRET_ACCESS_KEY is not")
        fails({**none, "AWS_PROFILE": "work"}, "bad_credentials", "work")
        fails(fake.settings(BEDROCK_MODEL_ID=PROFILE, AWS_SECRET_ACCESS_KEY="another"), "bad_credentials", "again")
        fails(fake.settings(BEDROCK_MODEL_ID=PROFILE, AWS_SESSION_TOKEN="old"), "expired_token", "expired")
        fails(fake.settings(BEDROCK_MODEL_ID=PROFILE, AWS_BEARER_TOKEN_BEDROCK="wrong-key"), "bad_credentials", "key")
    with Fake("anthropic") as fake:
        fake.script(WELL)
        fails(fake.settings(ANTHROPIC_API_KEY="wrong-key"), "bad_credentials", "key")
    with Fake("openai") as fake:
        fake.script(WELL, keys=[OPENAI_KEY])
        fails(fake.settings(), "bad_credentials", "key")


@case
def a_region_that_is_not_that_of_the_address():
    with Fake("bedrock") as fake:
        fake.script(WELL)
        fails(fake.settings(BEDROCK_MODEL_ID=PROFILE, AWS_REGION="eu-west-1"), "bad_credentials", "eu-west-1", "name two regions")


@case
def a_clock_that_is_off():
    with Fake("bedrock") as fake:
        fake.script(WELL, clockSeconds=3600)
        fails(fake.settings(BEDROCK_MODEL_ID=PROFILE), "clock_off", "clock")


@case
def access_that_is_not_granted_and_models_that_are_not_there():
    with Fake("bedrock") as fake:
        for kind, reason, word in (
            ("no_access", "access_denied", "model access"),
            ("no_permission", "access_denied", "bedrock:InvokeModel"),
            ("form_not_filled", "access_denied", "console"),
            ("bad_model", "model_not_found", "region"),
            ("quota", "quota", "allowance"),
        ):
            fake.script({"error": kind, "times": "always"})
            part = fails(fake.settings(BEDROCK_MODEL_ID=PROFILE), reason, PROFILE, word)
            assert "111122223333" not in json.dumps(part), part  # the account is nobody's business
    with Fake("openai") as fake:
        fake.script(WELL, models=["another"])
        fails(fake.settings(), "model_not_found", "local-model")


@case
def a_region_that_has_the_model_only_for_another_geography():
    with Fake("bedrock") as fake:
        fake.script({"error": "on_demand", "times": "always"})
        fails(fake.settings(BEDROCK_MODEL_ID=f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"), "needs_inference_profile", "eu., us., apac. or global.")


@case
def throttling_overload_and_silence():
    with Fake("anthropic") as fake:
        for kind, reason in (("throttled", "throttled"), ("overloaded", "overloaded"), ("internal", "overloaded"), ("credit", "quota")):
            fake.script({"error": kind, "times": "always"})
            fails(fake.settings(), reason)
            assert len(fake.seen()["requests"]) == 1  # tried once: a check shows what is, and pays once
        fake.script({"text": "OK", "cut": {"after": 0}, "times": "always"})
        fails(fake.settings(), "cut_off", "again")


@case
def no_route():
    port = free_port()  # nobody listens there
    part = fails({"PRISM_OPENAI_URL": f"http://127.0.0.1:{port}/v1", "PRISM_OPENAI_MODEL": "m"}, "no_route", f"127.0.0.1:{port}", "address")
    assert part["model"] == "m"
    fails({"PRISM_MODEL_PROVIDER": "bedrock", "PRISM_BEDROCK_URL": "http://no-such-host.invalid", "AWS_REGION": "us-east-1", "AWS_BEARER_TOKEN_BEDROCK": BEARER}, "no_route", "region")


@case
def settings_that_do_not_go_together_stop_the_start_and_say_what_to_do():
    rows = [
        ({"PRISM_MODEL_PROVIDER": "bedrock"}, "Bedrock is to be asked, and there is no region", "Set AWS_REGION"),
        ({"BEDROCK_MODEL_ID": MODEL, "AWS_PROFILE": "absent"}, "absent", None),
        ({"PRISM_MODEL_PROVIDER": "anthropic"}, "no key is set", "Set ANTHROPIC_API_KEY"),
        ({"PRISM_MODEL_PROVIDER": "openai"}, "neither its address nor a key", "Set PRISM_OPENAI_URL"),
        ({"PRISM_OPENAI_URL": "http://127.0.0.1:1/v1"}, "and no model", "Set PRISM_OPENAI_MODEL"),
        ({"ANTHROPIC_API_KEY": ANTHROPIC_KEY, "PRISM_PRICES": "/absent.json"}, "absent.json", None),
        ({"ANTHROPIC_API_KEY": ANTHROPIC_KEY, "PRISM_PROMPTS": "/absent"}, "absent", None),
        ({"ANTHROPIC_API_KEY": ANTHROPIC_KEY, "PRISM_FALLBACK_MODELS": ",".join(f"m{i}" for i in range(20))}, "more than 15 models", None),
    ]
    for settings, message, hint in rows:
        with Models(PRISM, AWS_EC2_METADATA_DISABLED="true", **settings).start(ready=False) as server:
            code, log = server.ended()
            assert code == 2 and message in log and (hint is None or hint in log), (code, log)
    with tempfile.TemporaryDirectory() as folder:
        code, out, _ = prism("check", folder=folder, PRISM_MODEL_PROVIDER="bedrock")
        assert code == 1 and "model     FAILED  Bedrock is to be asked, and there is no region" in out and "-> Set AWS_REGION" in out, out
        code, out, _ = prism("check", folder=folder, PORT="99999")
        assert code == 1 and out.startswith("settings  FAILED  PORT is") and "model" not in out, out
        code, _, err = prism("check", "everything", folder=folder)
        assert code == 2 and "takes no arguments" in err, err


# --- the other parts ---


@case
def check_makes_nothing_and_leaves_a_server_alone():
    with tempfile.TemporaryDirectory() as folder:
        code, out, _ = prism("check", folder=folder)
        assert code == 0 and out.count("is not there yet; the first start of the server makes it") == 3 and os.listdir(folder) == [], (out, os.listdir(folder))
        with open(f"{folder}/data", "w", encoding="utf-8"):
            pass
        code, out, _ = prism("check", folder=folder)
        assert code == 1 and "is no folder" in out and "-> Set PRISM_DATA to a folder." in out, out
    with Models(PRISM) as server:
        code, out, _ = prism("check", folder=str(server.folder))
        assert code == 0 and "store     ok      a server that runs has them" in out, out
        server.person().get("/ready")
        assert server.stop() == 0
        code, out, _ = prism("check", folder=str(server.folder))
        assert code == 0 and "store     ok      records can be read and written" in out, out
        with open(server.data / "prism.db", "r+b") as records:
            records.write(b"\0" * 4096)
        code, out, _ = prism("check", folder=str(server.folder))
        assert code == 1 and "store     FAILED" in out and "model     none" in out, out


# --- cool-downs ---


@case
def a_cool_down_is_seen_and_reset():
    with Fake("anthropic") as fake:
        fake.script({"error": "throttled", "times": 1}, WELL)
        with Models(PRISM, PRISM_ADMIN_TOKEN=TOKEN, **fake.settings(PRISM_FALLBACK_MODELS="claude-haiku-4-5-20251001")) as server:
            a, admin = server.person(), {"Authorization": f"Bearer {TOKEN}"}
            a.ask("POST", "/api/v1/check", headers=admin, expect=200)
            states = {m["model"]: m for m in a.get("/api/v1/models")["models"]}
            (cooling,) = [m for m in states.values() if m["health"] != "well"]
            assert cooling["health"] == "cooling" and cooling["until"] and cooling["reason"] == "throttled" and cooling["throttled"] == 1, cooling
            assert "model_cooling" in server.read_log()
            reset = a.ask("POST", "/api/v1/models/reset", {"model": cooling["model"]}, admin, 200).json()
            assert all(m["health"] == "well" and m["until"] is None and m["reason"] == "" for m in reset["models"]), reset
            assert a.ask("POST", "/api/v1/models/reset", {"model": "absent"}, admin, 404).json()["reason"] == "unknown_model"


# --- administrators ---


@case
def administrators_have_the_token_or_the_machine():
    with Fake("openai") as fake:
        fake.script(WELL)
        with Models(PRISM, PRISM_ADMIN_TOKEN=TOKEN, **fake.settings()) as server:
            a = server.person()
            for header in ({}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": f"Bearer {TOKEN[:-1]}"}, {"Authorization": f"Basic {TOKEN}"}):
                for path, body in (("/api/v1/check", None), ("/api/v1/models/reset", {"model": "local-model"})):
                    refused = a.ask("POST", path, body, header, 403).json()
                    assert refused["reason"] == "not_admin" and "PRISM_ADMIN_TOKEN" in refused["hint"], refused
                assert a.ask("GET", "/api/v1/me", headers=header, expect=200).json()["admin"] is False
            assert not fake.seen()["requests"], "nobody who may not ask has it asked"
            token = {"Authorization": f"Bearer {TOKEN}"}
            assert a.ask("GET", "/api/v1/me", headers=token, expect=200).json()["admin"] is True
            a.ask("POST", "/api/v1/check", headers={"Authorization": f"bearer  {TOKEN}"}, expect=200)
            assert a.get("/api/v1/models")["configured"]  # for everybody
        with Models(PRISM, **fake.settings()) as server:  # bound to loopback, without a token
            a = server.person()
            assert a.get("/api/v1/me")["admin"] is True
            away = {"X-Forwarded-For": "192.0.2.7"}  # the proxy of this machine speaks for somebody elsewhere
            assert a.ask("GET", "/api/v1/me", headers=away, expect=200).json()["admin"] is False
            a.ask("POST", "/api/v1/check", headers=away, expect=403)
        with Models(PRISM, PRISM_BIND="0.0.0.0", **fake.settings()) as server:
            a = server.person()
            assert a.get("/api/v1/me")["admin"] is False
            a.ask("POST", "/api/v1/check", expect=403)


@case
def one_check_at_a_time():
    with Fake("openai") as fake:
        fake.script({"text": "OK", "firstTokenMs": 3000, "times": "always"})
        with Models(PRISM, **fake.settings()) as server:
            answers = []
            first = threading.Thread(target=lambda: answers.append(server.person().ask("POST", "/api/v1/check", expect=200)))
            first.start()
            end = time.monotonic() + 20
            while not fake.seen()["open"]:
                assert time.monotonic() < end
                time.sleep(0.02)
            refused = server.person().ask("POST", "/api/v1/check", expect=409).json()
            assert refused["reason"] == "check_running", refused
            first.join()
            assert answers[0].json()["parts"][-1]["state"] == "ok", answers
            server.person().ask("POST", "/api/v1/check", expect=200)


# --- what is shown of secrets ---


@case
def secrets_are_shown_nowhere():
    secret = {"ANTHROPIC_API_KEY": ANTHROPIC_KEY, "PRISM_OPENAI_KEY": OPENAI_KEY, "AWS_BEARER_TOKEN_BEDROCK": BEARER, "PRISM_ADMIN_TOKEN": TOKEN}
    with tempfile.TemporaryDirectory() as folder:
        code, out, _ = prism("conf", folder=folder, AWS_REGION="eu-west-1", **secret)  # prism() looks for secrets in what it says
        assert code == 0, out
        for name in secret:
            assert f"# from the environment; it is set and not shown\n# {name}=\n" in out, out
        code, _, err = prism("conf", folder=folder, ANTHROPIC_API_KEY=ANTHROPIC_KEY + " and more")
        assert code == 2 and "ANTHROPIC_API_KEY is not what is accepted" in err, err
    with Fake("openai") as fake:  # a provider that repeats the key that it was given
        fake.script({"error": {"kind": "bad_key", "message": f"Incorrect API key provided: {OPENAI_KEY}"}, "times": "always"})
        with Models(PRISM, PRISM_LOG_LEVEL="debug", **fake.settings(PRISM_OPENAI_KEY=OPENAI_KEY)) as server:
            part = server.person().ask("POST", "/api/v1/check", expect=200).json()["parts"][-1]
            assert part["reason"] == "bad_credentials", part


@case
def what_was_spent_is_known_after_a_restart():
    with Fake("anthropic") as fake, tempfile.TemporaryDirectory(prefix="prism-models-") as folder:
        fake.script(WELL)
        settings = fake.settings(PRISM_BUDGET_DAY="1.5", PRISM_BUDGET_DOCUMENT="1")
        with Models(PRISM, folder, **settings) as server:
            server.person().ask("POST", "/api/v1/check", expect=200)
            before = server.person().get("/api/v1/models")["budget"]["day"]
        with Models(PRISM, folder, **settings) as server:
            models = server.person().get("/api/v1/models")
            after = models["budget"]["day"]
            (used,) = models["today"]
            assert (used["model"], used["calls"], used["failed"]) == (models["primary"], 1, 0) and used["tokens"]["in"] > 0, used
            assert abs(used["cost_usd"] - after["used_usd"]) < 1e-9 and used["priced"], used
            assert models["models"][0]["calls"] == 0, "the router counts since the start"
        assert before == after and before["limit_usd"] == 1.5 and before["used_usd"] > 0, (before, after)


@case
def every_operation_was_asked():
    assert not CONTRACT.not_asked("models"), CONTRACT.not_asked("models")


if __name__ == "__main__":
    sys.exit(run(CASES, set(sys.argv[2:])))
