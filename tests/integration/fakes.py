"""The fakes of the model providers (tests/peers/README.md) for tests of the server.

`with Fake("bedrock") as fake:` starts one; fake.settings() are the settings of a server that asks it, fake.script(...) what it answers.
"""
import json
import os
import subprocess
import urllib.request

from serve_util import SOURCE
from tap import Skip

PEERS = SOURCE / "tests" / "peers"
KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # of AWS's published examples; the fake knows them
BEARER, ANTHROPIC_KEY, OPENAI_KEY = "bedrock-api-key-example", "sk-ant-example", "sk-openai-example"
SECRETS = (SECRET, BEARER, ANTHROPIC_KEY, OPENAI_KEY)  # what no log and no answer may have


class Fake:
    def __init__(self, provider):
        self.provider, self.process, self.url = provider, None, None

    def __enter__(self):
        done = subprocess.run(["bash", SOURCE / "tools/npm_install.sh", PEERS], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Skip(f"the packages of tests/peers cannot be installed here: {done.stderr.strip()[-200:]}")
        self.process = subprocess.Popen(
            ["node", PEERS / f"fake_{self.provider}.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PATH": os.environ["PATH"]}
        )
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()  # it ends when its standard input does
        self.process.wait(20)

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)

    def script(self, *steps, **server):
        """In the place of the script before; what was seen is forgotten."""
        self.post("/__reset", {})
        told = self.post("/__script", {"server": server, "steps": list(steps)})
        assert not told.get("wrong"), told["wrong"]

    def seen(self):
        with urllib.request.urlopen(self.url + "/__seen?since=0", timeout=20) as answer:
            return json.load(answer)

    def settings(self, **more):
        """Of a server that asks this fake; those of bedrock sign with AWS credentials."""
        if self.provider == "bedrock":
            own = {
                "PRISM_MODEL_PROVIDER": "bedrock",
                "PRISM_BEDROCK_URL": self.url,
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": KEY_ID,
                "AWS_SECRET_ACCESS_KEY": SECRET,
            }
        elif self.provider == "anthropic":
            own = {"PRISM_MODEL_PROVIDER": "anthropic", "PRISM_ANTHROPIC_URL": self.url, "ANTHROPIC_API_KEY": ANTHROPIC_KEY}
        else:
            own = {"PRISM_MODEL_PROVIDER": "openai", "PRISM_OPENAI_URL": f"{self.url}/v1", "PRISM_OPENAI_MODEL": "local-model"}
        settings = {**own, "AWS_EC2_METADATA_DISABLED": "true", **more}
        return {name: value for name, value in settings.items() if value is not None}
