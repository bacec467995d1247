"""The fakes of the model providers (tests/peers) for tests of the server: one process each, scripted by the test."""
import json
import subprocess
import time
import urllib.request

from serve_util import SOURCE
from tap import Skip

PEERS = SOURCE / "tests" / "peers"


def packages():
    """The packages of tests/peers, or the case is skipped."""
    done = subprocess.run([SOURCE / "tools" / "npm_install.sh", str(PEERS)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip("the packages of tests/peers cannot be installed here")


class Fake:
    """`with Fake("anthropic") as fake:` runs fake_anthropic.mjs."""

    def __init__(self, name, *words):
        packages()
        self.process = subprocess.Popen(
            ["node", f"fake_{name}.mjs", *words], cwd=PEERS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline().strip()
        assert line.isdigit(), f"the fake did not start: {line!r}"
        self.url = f"http://127.0.0.1:{line}"

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    def script(self, *steps, **settings):
        try:
            self.ask("/__script", {"server": settings, "steps": list(steps)})
        except urllib.error.HTTPError as e:
            raise AssertionError(f"the script is wrong: {e.read()!r}") from None

    def seen(self, since=0):
        return self.ask(f"/__seen?since={since}")

    def requests(self, since=0):
        return self.seen(since)["requests"]

    def until(self, seconds=20, **wanted):
        """Until /__seen says so: until(open=0)."""
        end = time.monotonic() + seconds
        while True:
            seen = self.seen()
            if all(seen[name] == value for name, value in wanted.items()):
                return seen
            assert time.monotonic() < end, (wanted, {k: seen[k] for k in ("total", "open", "outcomes")})
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
