"""docs/openapi.yaml as a judge: every answer of the server is what it describes, and every request that is accepted is one that it allows."""
import json
import re

import yaml
from jsonschema import Draft202012Validator, RefResolver

from serve_util import SOURCE, Person

METHODS = ("get", "post", "put", "patch", "delete")


class Contract:
    def __init__(self, path):
        self.spec = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.resolver = RefResolver("", self.spec)
        self.reasons = set(self.spec["x-reasons"])
        self.rows = []  # (regex, template, path item), fixed paths first
        for template, item in sorted(self.spec["paths"].items(), key=lambda p: p[0].count("{")):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            self.rows.append((re.compile(pattern + r"\Z"), template, item))
        self.operations = {(m, t) for _, t, item in self.rows for m in METHODS if m in item}
        self.tags = {(m, t): item[m]["tags"][0] for _, t, item in self.rows for m in METHODS if m in item}
        self.seen, self.seen_reasons = set(), set()

    def not_asked(self, *tags):
        """Operations of these tags that no case has asked; without tags, of all those that have no test file of their own."""
        own = {"models", "guidelines", "learning", "chat", "sections", "status"}  # test_models.py and so on
        return sorted(o for o, tag in self.tags.items() if o not in self.seen and (tag in tags if tags else tag not in own))

    def resolve(self, node):
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def errors(self, schema, value):
        found = Draft202012Validator(schema, resolver=self.resolver).iter_errors(value)
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in found][:5]

    def operation(self, method, path):
        for regex, template, item in self.rows:
            if regex.match(path):
                return template, item.get(method)
        return None, None

    def problem(self, answer):
        body = answer.json()
        wrong = self.errors({"$ref": "#/components/schemas/Problem"}, body)
        assert not wrong, (wrong, answer)
        assert body["status"] == answer.status and body["type"] == f"/problems/{body['reason']}", answer
        assert body["reason"] in self.reasons, f"{body['reason']} is not among x-reasons"
        assert body["request_id"] == answer.headers["X-Request-Id"], answer
        assert re.match(r'[A-Z0-9"/]|[\w.\[\]]+: ', body["detail"]) and body["detail"][-1] in ".!?", body["detail"]
        self.seen_reasons.add(body["reason"])

    def check(self, method, target, sent, answer):
        """sent: the request's body as bytes, or None."""
        path, method = target.split("?")[0], method.lower()
        kind = (answer.headers["Content-Type"] or "").split(";")[0]
        template, operation = self.operation(method, path)
        if answer.status >= 400 and not (path == "/ready" and kind == "application/json"):
            assert kind == "application/problem+json", answer
            self.problem(answer)
            return
        if operation is None:
            return  # a page, or a way to ask that net answers itself (HEAD, OPTIONS)
        self.seen.add((method, template))
        response = operation["responses"].get(str(answer.status))
        assert response is not None, f"{method} {template} does not describe {answer.status}"
        response = self.resolve(response)
        for name in response.get("headers", {}):
            assert name in answer.headers, f"{method} {template} without {name}"
        content = response.get("content")
        if not content:
            assert not answer.body, answer
        else:
            assert kind in content, f"{method} {template} answered {kind}"
            if kind == "application/json":
                wrong = self.errors(content[kind]["schema"], answer.json())
                assert not wrong, (method, template, wrong)
        self.check_sent(method, template, operation, sent)

    def check_sent(self, method, template, operation, sent):
        allowed = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if not sent or not allowed:
            return
        wrong = self.errors(allowed["schema"], json.loads(sent))
        assert not wrong, f"{method} {template} accepted what it does not describe: {wrong}"


CONTRACT = Contract(SOURCE / "docs" / "openapi.yaml")


class Visitor(Person):
    """A person whose every answer is held to the description, and every accepted request too."""

    def ask(self, method, path, body=None, headers=None, expect=None):
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers = {"Content-Type": "application/json", **(headers or {})}
        answer = super().ask(method, path, body, headers, expect)
        multipart_sent = (headers or {}).get("Content-Type", "").startswith("multipart")
        CONTRACT.check(method, path, None if multipart_sent else body, answer)
        self.asked(answer)
        return answer

    def asked(self, answer):
        """For tests that hold every answer to more."""
