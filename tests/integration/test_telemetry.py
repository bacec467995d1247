#!/usr/bin/python3
"""What the server says of itself: the log and the access log with the ids of requests, GET /metrics, CloudWatch's embedded metrics, traces over OTLP.

test_telemetry.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
import os
import re
import sys
import time

from collector import Collector
from fakes import SECRETS, Fake
from serve_util import Person, Server
from tap import run
from telemetry_util import Metrics, emf, json_lines

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "eval"))
from test_model_review import SMALL, WHOLE, docx, find  # noqa: E402  pylint: disable=wrong-import-position

PRISM = os.path.abspath(sys.argv[1])
CASES = []
ID = "given-by-a-proxy.7"  # to a request
WORDS = ("quibblewort", "zebra", "Leipzig", "Maria")  # stand in the document
SECRET_QUERY = "sought-in-secret"


def case(function):
    CASES.append(function)
    return function


def scrape(server):
    answer = Person(server.port).ask("GET", "/metrics", expect=200)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Metrics(answer.body.decode())


def until(what, seconds=60):
    """What becomes true, at last."""
    end = time.monotonic() + seconds
    while not (got := what()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return got


def quiet(text, server):
    """No words of a document, no cookie, no key in what was written."""
    for word in (*WORDS, *SECRETS, SECRET_QUERY, "prism_visitor"):
        assert word not in text, f"{word!r} is in the log: {[line for line in text.splitlines() if word in line][:2]}"
    for cookie in server.cookies:
        assert cookie not in text, "a cookie is in the log"


def a_whole_life(server, name="small.docx"):
    """Upload, review by a model, a talk, a decision, an export, errors: (person, document, review, ids of requests)."""
    person = server.person()
    ids = {}
    body, headers = upload_of(name)
    made = person.ask("POST", "/api/v1/documents", body, {**headers, "X-Request-Id": ID}, expect=201)
    ids["upload"] = made.headers["X-Request-Id"]
    assert ids["upload"] == ID
    made = made.json()
    review = person.wait(f"/api/v1/reviews/{made['review']['id']}")
    assert review["state"] == "done" and review["model"]["state"] == "done", review
    document = made["document"]["id"]
    answer = person.ask("POST", f"/api/v1/documents/{document}/chat", {"text": "What of the zebra in Leipzig?"})
    assert answer.status == 200, answer
    ids["chat"] = answer.headers["X-Request-Id"]
    finding = person.findings(review["id"])[0]
    person.put(f"/api/v1/findings/{finding['id']}/decision", {"decision": "accepted", "note": "Maria said so"})
    answer = person.ask("POST", f"/api/v1/reviews/{review['id']}/exports", {"format": "docx"}, {"X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678"}, expect=202)
    ids["export"] = answer.headers["X-Request-Id"]
    assert ids["export"] == "1-67891233-abcdef012345678912345678"
    export = person.wait(f"/api/v1/exports/{answer.json()['id']}")
    assert export["state"] == "done", export
    person.ask("GET", f"/api/v1/reviews/{review['id']}/findings?q={SECRET_QUERY}", headers={"Referer": f"http://localhost/?q={SECRET_QUERY}"})
    person.ask("GET", "/api/v1/documents/nonesuch", expect=404)
    server.cookies = list(person.cookies.values())
    return person, document, review, ids


def upload_of(name):
    from serve_util import MULTIPART, multipart  # pylint: disable=import-outside-toplevel

    return multipart({}, name, docx(SMALL)), MULTIPART


def script(fake):
    fake.script(WHOLE, {"when": {"text": "What of the zebra"}, "text": "The zebra was late.", "times": "always"}, find("zebra \\w+", times="always"))


@case
def everything_that_a_request_starts_bears_its_id():
    with Fake("anthropic") as fake, Server(PRISM, **fake.settings(PRISM_LOG_LEVEL="debug", PRISM_LOG_FORMAT="json", PRISM_ACCESS_LOG="json")) as server:
        script(fake)
        person, document, review, ids = a_whole_life(server)
        me = person.get("/api/v1/me")["id"]
        server.wait_log(rf'"route":"/api/v1/me"')
        log = server.read_log()
        quiet(log, server)
        # of jobs
        until(lambda: any(line["kind"] == "export" for line in json_lines(server.read_log(), "event") if line["event"] == "job_done"))
        jobs = [line for line in json_lines(server.read_log(), "event") if line["event"] == "job_done"]
        kinds = {line["kind"]: line for line in jobs if line["kind"] != "sweep"}
        assert set(kinds) == {"review", "model", "export"}, jobs
        for kind, request in (("review", "upload"), ("model", "upload"), ("export", "export")):
            line = kinds[kind]
            assert (line["request"], line["user"], line["document"]) == (ids[request], me, document), line
            assert line["ms"] >= 0 and line["job"], line
        # of calls of models, in the log and at the provider
        calls = [line for line in json_lines(log, "event") if line["event"] == "model_call"]
        by = {}
        for line in calls:
            assert line["outcome"] == "answered" and line["user"] == me and line["document"] == document, line
            assert line["tokens_out"] > 0 and line["ms"] >= line["first_token_ms"] >= 0, line
            by.setdefault(line["request"], []).append(line["purpose"])
        assert set(by) == {ids["upload"], ids["chat"]} and set(by[ids["upload"]]) == {"review"} and set(by[ids["chat"]]) == {"chat"}, by
        seen = [(r["headers"].get("x-request-id"), r["headers"].get("traceparent")) for r in fake.seen()["requests"]]
        assert sorted(seen) == sorted((line["request"], None) for line in calls), seen
        # of the request itself, in both logs
        lines = [line for line in json_lines(log, "event") if line["event"] == "request" and line["request"] == ids["upload"]]
        assert len(lines) == 1 and lines[0]["user"] == me and lines[0]["document"] == document and lines[0]["ms"] == lines[0]["us"] // 1000, lines


@case
def access_log_as_json():
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with Server(PRISM, PRISM_ACCESS_LOG="json", PRISM_LOG_LEVEL="error") as server:
        person = server.person()
        person.ask("GET", "/api/v1/me", headers={"User-Agent": 'cu"rl\\ é', "Referer": f"https://x.example/a?q={SECRET_QUERY}", "traceparent": parent})
        person.ask("GET", "/nonesuch/%e2%82%ac?q=" + SECRET_QUERY, expect=404)
        person.ask("GET", "/health", expect=200)
        server.wait_log(r'"route":"/health"')
        lines = json_lines(server.read_log(), "protocol")
        me, lost, health = (next(x for x in lines if x["path"] == path) for path in ("/api/v1/me", "/nonesuch/\\xE2\\x82\\xAC", "/health"))
        assert me["status"] == 200 and me["method"] == "GET" and me["client"] == "127.0.0.1" and me["protocol"] == "HTTP/1.1", me
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", me["time"]) and me["ms"] > 0 and me["bytes"] > 0, me
        assert me["user"] == person.get("/api/v1/me")["id"] and len(me["request"]) >= 20 and me["route"] == "/api/v1/me", me
        assert me["agent"] == "cu\\x22rl\\x5C \\xE9" and me["referer"] == "https://x.example/a", me
        assert lost["status"] == 404 and "route" not in lost and "user" not in lost, lost
        assert health["bytes"] == 62 and "user" not in health, health
        assert SECRET_QUERY not in server.read_log()


@case
def metrics_are_strict_and_whole():
    with Fake("anthropic") as fake, Server(PRISM, **fake.settings()) as server:
        script(fake)
        before = scrape(server)
        a_whole_life(server, "other.docx")
        person = server.person()
        for i in range(20):  # ids and addresses make no series
            person.ask("GET", f"/api/v1/documents/nonesuch{i}", expect=404)
            person.ask("GET", f"/nonesuch{i}", expect=404)
        until(lambda: scrape(server).get("prism_jobs", kind="export", state="done") == 1)
        m = scrape(server)
        for name in ("requests_total response_bytes_total request_seconds connections connections_max requests_waiting workers workers_busy jobs jobs_oldest_seconds"
                     " jobs_ended_total job_seconds jobs_running store_seconds store_failed_total store_writes_waiting store_readers store_readers_max"
                     " model_calls_total model_failed_total model_throttled_total model_tokens_in_total model_tokens_out_total model_running model_waiting model_well"
                     " model_outcomes_total model_first_token_seconds model_call_seconds model_cost_usd_total process_cpu_seconds_total process_memory_bytes"
                     " process_open_files process_open_files_max uptime_seconds start_time_seconds info supervisor_restarts_total supervisor_reloads_total").split():  # fmt: skip
            assert "prism_" + name in m.kinds, name
        assert m.get("prism_requests_total", route="/api/v1/documents/{document}", status="4xx") >= 20
        assert m.get("prism_requests_total", route="none", status="4xx") >= 20 and not any("nonesuch" in r for r in m.values("prism_requests_total", "route"))
        assert m.get("prism_jobs", kind="review", state="done") == 1 == m.get("prism_jobs", kind="model", state="done")
        assert m.get("prism_jobs_ended_total", kind="model", outcome="done") == 1 and m.get("prism_job_seconds_count", kind="review") == 1
        calls = m.get("prism_model_calls_total")
        assert calls == m.get("prism_model_outcomes_total", outcome="answered") == m.get("prism_model_first_token_seconds_count") > 2, calls
        assert m.get("prism_model_call_seconds_count") == calls and m.get("prism_model_tokens_out_total") > 0
        for operation in ("write", "commit", "read", "reader_wait"):
            assert m.get("prism_store_seconds_count", operation=operation) > 0, operation
        assert m.get("prism_workers") >= 4 and m.get("prism_workers_busy") >= 1  # the one that answers this
        assert m.get("prism_process_open_files_max") > m.get("prism_process_open_files") > 3
        assert abs(time.time() - m.get("prism_uptime_seconds") - m.get("prism_start_time_seconds")) < 60
        assert m.get("prism_info") == 1 and m.values("prism_info", "version")
        for name in before.kinds:  # what counts never goes back
            if before.kinds[name] == "counter":
                assert m.get(name) >= before.get(name), name
        assert sum(len(v) for v in m.samples.values()) < 3000


@case
def failures_of_models_are_counted_by_reason():
    with Fake("anthropic") as fake, Server(PRISM, **fake.settings()) as server:
        fake.script({"error": "throttled", "times": "always"})
        person = server.person()
        made = person.ask("POST", "/api/v1/documents", *upload_of("a.docx"), expect=201).json()
        person.wait(f"/api/v1/reviews/{made['review']['id']}")
        m = scrape(server)
        failed = m.get("prism_model_failed_total")
        assert failed == m.get("prism_model_outcomes_total", outcome="throttled") > 0, failed
        assert m.get("prism_model_throttled_total") == failed and m.get("prism_model_first_token_seconds_count") == 0
        line = next(x for x in json_lines(server.read_log(), "event") if x["event"] == "model_call")
        assert line["outcome"] == "throttled" and line["first_token_ms"] == -1, line


@case
def the_supervisor_tells_of_restarts():
    with Server(PRISM) as server:
        assert scrape(server).get("prism_supervisor_restarts_total") == 0
        pid = int(json_lines(server.read_log(), "pid")[0]["pid"])
        os.kill(pid, 9)

        def again():
            try:
                return scrape(server).get("prism_supervisor_restarts_total") == 1
            except OSError:
                return False

        until(again)
        os.kill(server.process.pid, 1)
        until(lambda: scrape(server).get("prism_supervisor_reloads_total") == 1)
        assert scrape(server).get("prism_supervisor_restarts_total") == 1


# --- CloudWatch ---


def lines_of_emf(text):
    return [emf(line) for line in text.splitlines() if line.startswith('{"_aws"')]


@case
def embedded_metrics_add_up():
    settings = {"PRISM_EMF_SECONDS": "1", "PRISM_EMF_NAMESPACE": "Test/Prism", "PRISM_ENVIRONMENT": "AI-Prism1-prod", "PRISM_INSTANCE": "i-0123456789abcdef0"}
    with Fake("anthropic") as fake, Server(PRISM, **fake.settings(**settings)) as server:
        script(fake)
        a_whole_life(server)
        person = server.person()
        for _ in range(30):
            person.ask("GET", "/api/v1/documents/nonesuch", expect=404)
            person.ask("GET", "/health", expect=200)
        person.close()
        until(lambda: len(lines_of_emf(server.read_log())) >= 2)
        m = scrape(server)
        assert server.stop() == 0
        log = server.read_log()
        quiet(log, server)
        lines = lines_of_emf(log)
        assert '"Namespace":"Test/Prism"' in log
        for metrics, dimensions in lines:
            assert dimensions == {"Environment": "AI-Prism1-prod", "Instance": "i-0123456789abcdef0"}
            assert {"ApplicationRequestsTotal", "ApplicationRequests2xx", "ApplicationRequests3xx", "ApplicationRequests4xx", "ApplicationRequests5xx",
                    "RequestsInFlight", "Connections", "JobsQueued", "JobsRunning", "ModelCalls", "ModelThrottles", "ProcessMemory", "ProcessCPU"} <= set(metrics)  # fmt: skip
            assert metrics["ProcessMemory"][0] > 1 << 20 and metrics["ProcessMemory"][1] == "Bytes" and metrics["ApplicationRequestsTotal"][1] == "Count"
            timed = [name in metrics for name in ("ApplicationLatencyP50", "ApplicationLatencyP90", "ApplicationLatencyP99", "TargetResponseTime")]
            assert all(timed) or not any(timed), "what did not happen has no time"
            if all(timed):
                p50, p90, p99 = (metrics["ApplicationLatencyP" + p] for p in ("50", "90", "99"))
                assert 0 <= p50[0] <= p90[0] <= p99[0] < 60 and p50[1] == metrics["TargetResponseTime"][1] == "Seconds"
        total = {name: sum(metrics[name][0] for metrics, _ in lines if name in metrics) for name in lines[0][0]}
        # the sums are what /metrics counted, but for checks
        for status in "2345":
            counted = m.get("prism_requests_total", status=f"{status}xx") - sum(m.get("prism_requests_total", status=f"{status}xx", route=r) for r in ("/health", "/ready", "/metrics"))
            assert total[f"ApplicationRequests{status}xx"] == counted, (status, total, counted)
        assert total["ApplicationRequests4xx"] >= 31 and total["ModelCalls"] == m.get("prism_model_calls_total") and total["ModelThrottles"] == 0
        assert total["ApplicationRequestsTotal"] == sum(total[f"ApplicationRequests{s}xx"] for s in "2345")


@case
def embedded_metrics_go_to_a_file_that_is_rotated():
    with Server(PRISM) as server:
        assert server.stop() == 0
        assert "_aws" not in server.read_log()  # only where it is asked for
    with Server(PRISM, PRISM_EMF_SECONDS="1", PRISM_EMF_FILE="emf.log") as server:
        path = server.folder / "emf.log"
        until(path.exists)
        path.rename(server.folder / "emf.log.1")
        until(lambda: path.exists() and path.read_text().endswith("\n"))
        for text in (path.read_text(), (server.folder / "emf.log.1").read_text()):
            for metrics, dimensions in lines_of_emf(text):
                assert "ModelCalls" not in metrics and dimensions["Environment"] == "default" and dimensions["Instance"]
        assert "_aws" not in server.read_log()


# --- traces ---

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FAST = {"OTEL_BSP_SCHEDULE_DELAY": "20"}


def chain(spans, span):
    """Names from a span up to its root, or to a parent that is not ours."""
    by_id, names = {s["spanId"]: s for s in spans}, []
    while span:
        names.append(span["name"])
        parent = by_id.get(span.get("parentSpanId"))
        if parent:
            assert parent["traceId"] == span["traceId"] and parent["begin"] <= span["begin"], (parent, span)
        span = parent
    return names


@case
def a_trace_is_the_tree_of_request_review_section_and_call():
    settings = {"OTEL_SERVICE_NAME": "prism-test", "PRISM_ENVIRONMENT": "prod", "PRISM_INSTANCE": "i-1", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b%2Cc,x-more=1"}
    with Collector() as collector, Fake("anthropic") as fake, Server(PRISM, **fake.settings(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url + "/", **FAST, **settings)) as server:
        script(fake)
        person = server.person()
        body, headers = upload_of("a.docx")
        made = person.ask("POST", "/api/v1/documents", body, {**headers, "traceparent": PARENT}, expect=201)
        request_id, made = made.headers["X-Request-Id"], made.json()
        person.wait(f"/api/v1/reviews/{made['review']['id']}")
        document = made["document"]["id"]
        person.ask("POST", f"/api/v1/documents/{document}/chat", {"text": "What of the zebra?"})
        person.ask("GET", "/health", expect=200)
        server.cookies = list(person.cookies.values())
        calls = fake.seen()["requests"]
        spans = collector.until(lambda spans: spans if sum(s["name"].startswith("chat ") for s in spans) == len(calls) and any(s["name"].startswith("POST") and s["name"].endswith("/chat") for s in spans) and {"model", "talk"} <= {s["name"] for s in spans} else None)  # fmt: skip
        ours = [s for s in spans if s["traceId"] == PARENT[3:35]]
        request = next(s for s in ours if s["name"] == "POST /api/v1/documents")
        assert request["parentSpanId"] == PARENT[36:52] and request["kind"] == 2, request
        a = request["attributes"]
        assert a["http.request.method"] == "POST" and a["http.route"] == "/api/v1/documents" and a["http.response.status_code"] == 201, a
        assert a["prism.request"] == request_id and a["prism.document"] == document and a["enduser.id"] == person.get("/api/v1/me")["id"], a
        asked = [s for s in ours if s["name"].startswith("chat ")]
        chains = {tuple(chain(spans, s)) for s in asked}
        name = asked[0]["name"]
        assert chains == {(name, "section", "model", "review", "POST /api/v1/documents"), (name, "whole document", "model", "review", "POST /api/v1/documents")}, chains
        for s in asked:
            a = s["attributes"]
            assert s["kind"] == 3 and a["gen_ai.operation.name"] == "chat" and a["gen_ai.provider.name"] == "anthropic" and a["gen_ai.request.model"] in name, a
            assert a["gen_ai.usage.output_tokens"] > 0 and a["gen_ai.usage.input_tokens"] > 0 and a["gen_ai.response.model"] and "error.type" not in a, a
            section = next(x for x in ours if x["spanId"] == s["parentSpanId"])
            assert section["begin"] <= s["begin"] and s["end"] <= section["end"], (section, s)
        # what went out names the span of the call, and the request
        sent = {(r["headers"]["traceparent"], r["headers"]["x-request-id"]) for r in calls if r["headers"]["traceparent"][3:35] == PARENT[3:35]}
        assert sent == {(f"00-{s['traceId']}-{s['spanId']}-01", request_id) for s in asked}, sent
        # a talk is a trace of its own
        talk = next(s for s in spans if s["name"] == "talk")
        answer = next(s for s in spans if s.get("parentSpanId") == talk["spanId"])
        assert chain(spans, answer)[1:] == ["talk", "POST /api/v1/documents/{document}/chat"] and talk["traceId"] != PARENT[3:35]
        assert not any("health" in s["name"] for s in spans)
        assert collector.resources[0]["service.name"] == "prism-test" and collector.resources[0]["service.instance.id"] == "i-1"
        assert collector.resources[0]["deployment.environment.name"] == "prod" and collector.resources[0]["service.version"]
        assert all(h["x-key"] == "a b,c" and h["x-more"] == "1" for h in collector.headers)
        quiet(str(spans), server)
        until(lambda: scrape(server).get("prism_trace_spans_total", fate="sent") >= len(spans))
        assert scrape(server).get("prism_trace_spans_total", fate="dropped") == 0 == scrape(server).get("prism_trace_spans_total", fate="lost")
        assert "x-key" not in server.read_log() and "a%20b" not in server.read_log()


@case
def a_failed_call_is_a_failed_span():
    with Collector() as collector, Fake("openai") as fake, Server(PRISM, **fake.settings(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **FAST)) as server:
        fake.script({"error": "bad_key", "times": "always"})
        person = server.person()
        made = person.ask("POST", "/api/v1/documents", *upload_of("a.docx"), expect=201).json()
        person.wait(f"/api/v1/reviews/{made['review']['id']}")
        spans = collector.until(lambda spans: [s for s in spans if s["name"].startswith("chat ")])
        assert all(s["status"] == {"code": 2} and s["attributes"]["error.type"] == "bad_credentials" for s in spans), spans
        section = collector.until(lambda spans: [s for s in spans if s["name"] == "section"])
        assert section[0]["status"] == {"code": 2} and section[0]["attributes"]["error.type"] == "bad_credentials"


@case
def a_collector_that_is_away_costs_spans_and_nothing_else():
    with Collector() as first:
        port = first.port
        with Server(PRISM, OTEL_EXPORTER_OTLP_ENDPOINT=first.url, OTEL_BSP_MAX_QUEUE_SIZE="20", OTEL_BSP_SCHEDULE_DELAY="200") as server:
            person = server.person()
            person.ask("GET", "/api/v1/me", expect=200)
            first.until(lambda spans: spans)
            first.statuses[:] = [503, 429]  # tried again
            person.ask("GET", "/api/v1/server", expect=200)
            person.ask("GET", "/api/v1/rules", expect=200)
            first.until(lambda spans: any(s["name"] == "GET /api/v1/rules" for s in spans))
            until(lambda: scrape(server).get("prism_trace_spans_waiting") == 0)
            assert scrape(server).get("prism_trace_requests_failed_total") == 2 and scrape(server).get("prism_trace_spans_total", fate="lost") == 0
            first.statuses[:] = [400]  # not
            person.ask("GET", "/api/v1/frameworks", expect=200)
            until(lambda: scrape(server).get("prism_trace_spans_total", fate="lost") >= 1)
            first.__exit__()
            for _ in range(300):
                person.ask("GET", "/api/v1/rules", expect=200)
            until(lambda: scrape(server).get("prism_trace_spans_total", fate="dropped") > 0)
            assert scrape(server).get("prism_trace_spans_waiting") <= 20
            server.wait_log('"event":"traces_not_sent"')
            with Collector(port) as second:
                end = time.monotonic() + 60
                while not second.spans:  # it comes back by itself
                    person.ask("GET", "/api/v1/me", expect=200)
                    assert time.monotonic() < end
                    time.sleep(0.1)
                assert second.resources[0]["service.name"] == "prism"
                person.ask("GET", "/api/v1/frameworks", expect=200)
                person.close()
                assert server.stop() == 0  # the last ones are sent at the end
                second.until(lambda spans: any(s["name"] == "GET /api/v1/frameworks" for s in spans))


@case
def sampled_as_the_settings_and_the_caller_say():
    with Collector() as collector, Server(PRISM, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_TRACES_SAMPLER_ARG="0", **FAST) as server:
        person = server.person()
        for _ in range(20):
            person.ask("GET", "/api/v1/me", expect=200)
        person.ask("GET", "/api/v1/rules", headers={"traceparent": PARENT[:-1] + "0"}, expect=200)
        person.ask("GET", "/api/v1/rules", headers={"traceparent": "00-nonsense"}, expect=200)
        person.ask("GET", "/api/v1/frameworks", headers={"traceparent": PARENT}, expect=200)
        assert collector.until(lambda spans: [s["name"] for s in spans]) == ["GET /api/v1/frameworks"]


@case
def wrong_settings_stop_the_start():
    for name, value, word in (("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "http://"), ("OTEL_TRACES_SAMPLER_ARG", "2", "from 0 to 1"),
                              ("PRISM_EMF_NAMESPACE", "AWS/EC2", "AWS/"), ("PRISM_ACCESS_LOG", "xml", "json")):  # fmt: skip
        server = Server(PRISM, **{name: value})
        try:
            code, said = server.start(ready=False).ended()
            assert code != 0 and name in said and word in said, said
        finally:
            server.__exit__(None, None, None)
    server = Server(PRISM, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_EXPORTER_OTLP_HEADERS="secretvalue")
    try:
        code, said = server.start(ready=False).ended()
        assert code != 0 and "OTEL_EXPORTER_OTLP_HEADERS" in said and "secretvalue" not in said, said
    finally:
        server.__exit__(None, None, None)


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
