"""Who asks the instance: the balancer's nodes in three zones, people who go on working, and the health agent that reads what nginx logged."""
import http.client
import re
import socket
import threading
import time

from .root import ADDRESS

SOURCES = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
AGENT = "ELB-HealthChecker/2.0"


def ask(path, source=None, timeout=5.0, agent=AGENT, host=ADDRESS, port=80):
    """(status or what went wrong, seconds)."""
    began = time.monotonic()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout, source_address=(source, 0) if source else None)
        try:
            connection.request("GET", path, headers={"Host": host, "User-Agent": agent, "Connection": "close"})
            answer = connection.getresponse()
            answer.read()
            return answer.status, time.monotonic() - began
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as why:
        return str(why) or type(why).__name__, time.monotonic() - began


def matches(matcher, status):
    """MatcherHTTPCode: "200", "200,202" or "200-299"."""
    if not isinstance(status, int):
        return False
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if low.isdigit() and int(low) <= status <= int(high or low):
            return True
    return False


class Source:
    """What one node of the balancer knows of the instance."""

    def __init__(self, address):
        self.address, self.checks, self.passed, self.in_row, self.healthy = address, 0, 0, 0, False

    def seen(self, good, needed, tolerated):
        self.checks += 1
        self.passed += good
        self.in_row = (max(self.in_row, 0) + 1) if good else (min(self.in_row, 0) - 1)
        if self.in_row >= needed:
            self.healthy = True
        elif -self.in_row >= tolerated:
            self.healthy = False


class Balancer:
    """Checks the instance from all zones while it is registered."""

    def __init__(self, interval):
        self.interval, self.sources, self.registered = interval, [Source(a) for a in SOURCES], False
        self.path, self.matcher, self.timeout, self.needed, self.tolerated = "/", "200", 5.0, 3, 5
        self.rounds, self.asked, self.last, self.lock, self.slowest = 0, 0, "nobody has asked yet", threading.Lock(), 0.0
        self.checks = self.failures = 0
        threading.Thread(target=self.watch, daemon=True).start()

    def configure(self, bundle):
        process = "aws:elasticbeanstalk:environment:process:default"
        path = bundle.option(process, "HealthCheckPath", bundle.option("aws:elasticbeanstalk:application", "Application Healthcheck URL", "/"))
        with self.lock:
            self.path = re.sub(r"^(HTTPS?|TCP):\d+", "", path) or "/"
            self.matcher = bundle.option(process, "MatcherHTTPCode", "200")
            self.timeout = float(bundle.option(process, "HealthCheckTimeout", 5))
            self.needed = int(bundle.option(process, "HealthyThresholdCount", 3))
            self.tolerated = int(bundle.option(process, "UnhealthyThresholdCount", 5))

    def register(self):
        with self.lock:
            self.rounds = self.asked = 0
            for source in self.sources:
                source.in_row, source.healthy = 0, False
            self.registered = True

    def deregister(self):
        with self.lock:
            self.registered = False

    def watch(self):
        while True:
            began = time.monotonic()
            if self.registered:
                self.round()
            time.sleep(max(0.02, self.interval - (time.monotonic() - began) if self.registered else 0.02))

    def round(self):
        good_ones = 0
        for source in self.sources:
            status, seconds = ask(self.path, source.address, self.timeout)
            good = matches(self.matcher, status)
            with self.lock:
                if not self.registered:
                    return
                source.seen(good, self.needed, self.tolerated)
                self.checks += 1
                self.failures += not good
                self.slowest = max(self.slowest, seconds)
                self.last = f"GET {self.path} from {source.address}: {status if isinstance(status, str) else f'status {status}'}"
            good_ones += good
        with self.lock:
            self.asked += 1
            self.rounds = self.rounds + 1 if good_ones == len(self.sources) else 0

    def healthy(self):
        with self.lock:
            return self.registered and all(s.healthy for s in self.sources)


def listens(port):
    """Whether somebody takes connections there; a connection without a request stands in no log."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except OSError:
        return False


class People:
    """Two ask for the page again and again through the balancer, which has other instances while this one is taken out or not healthy; a third one
    looks for how long nginx or the program behind it takes no connections."""

    def __init__(self, balancer, port, pause=0.05):
        self.balancer, self.port, self.pause, self.going = balancer, port, pause, True
        self.through, self.elsewhere, self.failed, self.silent, self.first_failure, self.slowest = 0, 0, 0, 0.0, None, 0.0
        self.busy, self.lock = 0, threading.Lock()
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self.people, self.people, self.direct)]
        for thread in self.threads:
            thread.start()

    def people(self):
        while self.going:
            with self.lock:  # a deregistration then waits for whoever saw the instance registered
                here = self.balancer.healthy()
                self.busy += here
                self.elsewhere += not here
            if here:
                self.request()
            time.sleep(self.pause)

    def request(self):
        status, seconds = ask("/", None, 60, "Mozilla/5.0 (rehearsal)", "localhost")
        with self.lock:
            self.busy -= 1
            self.through += 1
            self.slowest = max(self.slowest, seconds)
            if not isinstance(status, int) or status >= 500:
                self.failed += 1
                self.first_failure = self.first_failure or str(status)

    def direct(self):
        while self.going:
            began = time.monotonic()
            there = listens(80) and listens(self.port())
            time.sleep(self.pause / 2)
            if not there:
                self.silent += time.monotonic() - began

    def drained(self, seconds):
        end = time.monotonic() + seconds
        while self.busy and time.monotonic() < end:
            time.sleep(0.01)

    def stop(self):
        self.going = False
        for thread in self.threads:
            thread.join()


class Agent:
    """healthd: reads the hour's file that nginx writes for it, and says when there is none."""

    def __init__(self, logs, every):
        self.logs, self.every, self.offset, self.name, self.missing = logs, every, 0, None, None
        self.requests = self.errors_4xx = self.errors_5xx = self.bad_lines = 0
        self.going = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.going.wait(self.every):
            self.look()

    def look(self):
        name = time.strftime("application.log.%Y-%m-%d-%H", time.gmtime())
        if name != self.name:
            if self.name:
                self.read(self.name)
            self.name, self.offset = name, 0
        self.read(name)

    def read(self, name):
        path = self.logs.folder / "nginx" / "healthd" / name
        try:
            with open(path, encoding="utf-8", errors="replace") as source:
                source.seek(self.offset)
                text = source.read()
        except FileNotFoundError:
            if self.missing != name:
                self.missing = name
                self.logs.healthd(f'log file "/var/log/nginx/healthd/{name}" does not exist')
            return
        whole = text.rfind("\n") + 1
        self.offset += len(text[:whole].encode())
        for line in text[:whole].splitlines():
            self.count(line)

    def count(self, line):
        parts = line.split('"')
        if len(parts) < 6 or not re.fullmatch(r"\d+\.\d{3}", parts[0]) or not parts[2].isdigit():
            self.bad_lines += 1
            return
        self.requests += 1
        self.errors_4xx += parts[2][0] == "4"
        self.errors_5xx += parts[2][0] == "5"

    def stop(self):
        self.going.set()
        self.thread.join()
        self.look()
