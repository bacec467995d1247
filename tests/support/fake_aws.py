#!/usr/bin/env python3
"""AWS's services that give credentials, for tests: STS (/sts/), a container's endpoint (/container), instance metadata (/latest/…).
Prints its port on the first line and ends when its standard input does. Every set of keys has a number of its own.

  /control/set/KEY/VALUE   sts, container, instance: ok | denied | broken | empty | slow | down | stumble (503 twice, then ok) | expired
                           lifetime: seconds; auth: what the container's Authorization must be; role: "" is none
  /control/count/KEY       how many requests that service had; /control/last/sts: the last form, as JSON
"""
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

state = {"sts": "ok", "container": "ok", "instance": "ok", "lifetime": "3600", "auth": "", "role": "prism-role"}
count = {"sts": 0, "container": 0, "instance": 0, "keys": 0, "stumbled": 0}
last = {"sts": {}}
lock = threading.Lock()


def keys(kind, mode):
    count["keys"] += 1
    seconds = -60 if mode == "expired" else int(state["lifetime"])
    return {
        "AccessKeyId": f"AKIA{kind}{count['keys']}",
        "SecretAccessKey": "s3cret/+=",
        "Token": "t0ken//==",
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds)),
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def say(self, status, text, kind="application/json"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def troubled(self, service):
        """What goes wrong for all services alike; None: nothing was answered yet."""
        mode = state[service]
        with lock:
            count[service] += 1
            if mode == "stumble":
                count["stumbled"] += 1
                mode = "down" if count["stumbled"] % 3 else "ok"
        if mode == "down":
            self.say(503, "{}")
        elif mode == "broken":
            self.say(200, '{"AccessKeyId": "AKIA')
        elif mode == "empty":
            self.say(200, "{}")
        elif mode == "slow":
            time.sleep(4)
            self.close_connection = True
        else:
            return mode
        return None

    def control(self, words):
        if words[1] == "set":
            state[words[2]] = urllib.parse.unquote(words[3]) if len(words) > 3 else ""
            self.say(200, "set")
        elif words[1] == "count":
            self.say(200, str(count[words[2]]))
        else:
            self.say(200, json.dumps(last[words[2]]))

    def sts(self, body):
        mode = self.troubled("sts")
        if mode is None:
            return
        last["sts"] = {k: v[0] for k, v in urllib.parse.parse_qs(body, strict_parsing=True).items()}
        space = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'
        if mode == "denied":
            text = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
            self.say(403, f"<ErrorResponse {space}><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{text}"
                     "</Message></Error><RequestId>1</RequestId></ErrorResponse>", "text/xml")  # fmt: skip
            return
        k = keys("STS", mode)
        self.say(200, f"""<AssumeRoleWithWebIdentityResponse {space}>
  <AssumeRoleWithWebIdentityResult>
    <AssumedRoleUser><AssumedRoleId>AROA:prism</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/a/b</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{k["AccessKeyId"]}</AccessKeyId><SecretAccessKey>{k["SecretAccessKey"]}</SecretAccessKey>
      <SessionToken>{k["Token"]}</SessionToken><Expiration>{k["Expiration"]}</Expiration>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>""", "text/xml")  # fmt: skip

    def container(self):
        mode = self.troubled("container")
        if mode is None:
            return
        if mode == "denied" or self.headers.get("Authorization", "") != state["auth"]:
            self.say(401, '{"code":"Unauthorized","message":"the token is not known"}')
        else:
            self.say(200, json.dumps(keys("CON", mode)))

    def instance(self, path):
        mode = self.troubled("instance")
        if mode is None:
            return
        if path == "/latest/api/token":
            ok = self.command == "PUT" and self.headers.get("X-aws-ec2-metadata-token-ttl-seconds")
            self.say(200 if ok else 400, "imds-token" if ok else "", "text/plain")
        elif self.headers.get("X-aws-ec2-metadata-token") != "imds-token":
            self.say(401, "")
        elif mode == "denied":
            self.say(403, "")
        elif path == "/latest/meta-data/placement/region":
            self.say(200, "eu-south-2", "text/plain")
        elif path == "/latest/meta-data/iam/security-credentials/":
            self.say(200 if state["role"] else 404, state["role"], "text/plain")
        elif path == "/latest/meta-data/iam/security-credentials/" + state["role"]:
            self.say(200, json.dumps({"Code": "Success", "Type": "AWS-HMAC", **keys("INS", mode)}))
        else:
            self.say(404, "")

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        words = self.path.strip("/").split("/")
        if words[0] == "control":
            self.control(words)
        elif self.path == "/sts/":
            self.sts(body)
        elif self.path == "/container":
            self.container()
        else:
            self.instance(self.path)

    do_GET = do_PUT = do_POST = answer


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
