"""A collector of traces: takes OTLP over HTTP in JSON, holds each request to the specification, and can be told to fail or to be slow."""
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from telemetry_util import otlp


class Collector:
    """`with Collector() as c:` listens on a free port of loopback, or on the one that is given."""

    def __init__(self, port=0):
        self.spans, self.resources, self.headers, self.wrong = [], [], [], []
        self.statuses = []  # of the next answers; then 200
        self.requests = 0
        self.connections = []
        self.lock = threading.Lock()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                collector.connections.append(self.connection)

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = collector.take(self.path, dict(self.headers), body)
                answer = b"{}"
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                if status == 503:
                    self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):  # a server that is killed
                pass

        self.server = Quiet(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def take(self, path, headers, body):
        with self.lock:
            self.requests += 1
            status = self.statuses.pop(0) if self.statuses else 200
            self.headers.append({k.lower(): v for k, v in headers.items()})
            try:
                assert path == "/v1/traces", path
                assert {k.lower(): v for k, v in headers.items()}["content-type"] == "application/json", headers
                spans, resource = otlp(body)
            except Exception as e:  # pylint: disable=broad-except
                self.wrong.append(f"{type(e).__name__} {e}")
                return 400
            if status == 200:
                self.spans += spans
                self.resources.append(resource)
            return status

    def until(self, what, seconds=60):
        """what(spans) becomes true; returns it."""
        end = time.monotonic() + seconds
        while True:
            with self.lock:
                spans, wrong = list(self.spans), list(self.wrong)
            assert not wrong, wrong
            got = what(spans)
            if got:
                return got
            assert time.monotonic() < end, [(s["name"], s["attributes"]) for s in spans][-40:]
            time.sleep(0.05)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:  # those that are kept, too
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
