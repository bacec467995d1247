"""Idle connections, many at once: opens them, asks /health once on each, and keeps them open while newcomers ask."""
import errno
import selectors
import socket
import statistics
import time

ASK = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
AT_ONCE = 256  # that are being opened: fewer than any listen queue holds
ADDRESSES = 4  # each client address has its own ports


class Held:
    """n connections to 127.0.0.1:port; answered says how many got their 200 within the seconds that there were."""

    def __init__(self, port, n, seconds=90):
        self.port, self.sockets, self.answered, self.refused = port, [], 0, 0
        self._open(n, time.monotonic() + seconds)

    def _begin(self, selector, i):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setblocking(False)
        s.bind((f"127.0.0.{1 + i % ADDRESSES}", 0))
        if s.connect_ex(("127.0.0.1", self.port)) not in (0, errno.EINPROGRESS):
            self.refused += 1
            s.close()
            return
        self.sockets.append(s)
        selector.register(s, selectors.EVENT_WRITE)

    def _open(self, n, end):
        selector, begun = selectors.DefaultSelector(), 0
        while time.monotonic() < end and (begun < n or selector.get_map()):
            while begun < n and len(selector.get_map()) < AT_ONCE:
                self._begin(selector, begun)
                begun += 1
            for key, events in selector.select(0.5):
                self._go_on(selector, key.fileobj, events)
        selector.close()

    def _go_on(self, selector, s, events):
        try:
            if events & selectors.EVENT_WRITE:
                s.sendall(ASK)
                selector.modify(s, selectors.EVENT_READ)
                return
            if s.recv(4096).startswith(b"HTTP/1.1 200"):
                self.answered += 1
            else:
                self.refused += 1
        except OSError:
            self.refused += 1
        selector.unregister(s)

    def still_open(self):
        """How many the server has not closed meanwhile."""
        kept = 0
        for s in self.sockets:
            try:
                kept += s.recv(1, socket.MSG_PEEK) != b""
            except BlockingIOError:
                kept += 1  # open, and nothing to read
            except OSError:
                pass
        return kept

    def close(self):
        for s in self.sockets:
            s.close()


def newcomers(port, n, seconds=5):
    """n people who come one after the other and ask /health on a connection of their own: (times in ms, how many got no answer). Gives up after 5."""
    times, failed = [], 0
    for _ in range(n):
        start = time.perf_counter()
        try:
            with socket.create_connection(("127.0.0.1", port), seconds) as s:
                s.sendall(ASK)
                if not s.recv(4096).startswith(b"HTTP/1.1 200"):
                    raise OSError("no 200")
            times.append((time.perf_counter() - start) * 1000)
        except OSError:
            failed += 1
            if failed == 5:
                break
    return times, failed


def p95(times):
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))] if times else float("nan")


def median(times):
    return statistics.median(times) if times else float("nan")
