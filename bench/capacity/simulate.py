"""A day of a fleet, minute by minute: people come and go, their work costs processor time, and the scaling policy adds and removes instances.

The policy is that of the deployment: the mean of the processors of all instances in service over so many minutes; above: so many more, below: so many
fewer, never outside least and most, and nothing within the cooldown after a change. An instance that was added serves when it has started; until then it
costs money and carries nothing. Work that no processor had time for stays for the next minute. Nothing here measures or asks anything: the same numbers
and the same seed give the same day."""
import math
import random

MINUTES = 1440


def curve(hours, minute):
    """The part of the people who are there."""
    at, rest = divmod(minute % MINUTES, 60)
    a, b = hours[at % 24], hours[(at + 1) % 24]
    return a + (b - a) * rest / 60


def poisson(rng, mean):
    """How many of what happens so often on the average."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    n, p, least = 0, rng.random(), math.exp(-mean)
    while p > least:
        p *= rng.random()
        n += 1
    return n


class Fleet:
    """Instances under the policy. desired: what it wants; in_service(minute): what carries work."""

    def __init__(self, policy, start_minutes):
        self.p, self.start_minutes = policy, start_minutes
        self.ready = [0] * policy["least"]  # the minute from which each serves
        self.changed = -math.inf  # minute of the last change
        self.seen = []  # per cent, the newest last

    @property
    def desired(self):
        return len(self.ready)

    def in_service(self, minute):
        return sum(r <= minute for r in self.ready)

    def end_of(self, minute, percent):
        """A minute is over in which the processors were so busy; returns by how many the fleet changes."""
        self.seen = [*self.seen, percent][-self.p["minutes"] :]
        if len(self.seen) < self.p["minutes"] or (minute - self.changed) * 60 < self.p["cooldown_seconds"]:
            return 0
        mean, change = sum(self.seen) / len(self.seen), 0
        if mean > self.p["above"]:
            change = min(self.p["add"], self.p["most"] - self.desired)
        elif mean < self.p["below"]:
            change = -min(self.p["remove"], self.desired - self.p["least"])
        if change > 0:
            self.ready += [minute + 1 + self.start_minutes] * change
        for _ in range(-change):
            self.ready.remove(min(self.ready))  # the oldest goes, as AWS's default has it
        if change:
            self.changed = minute
        return change


def busy(work_s, instances, processors):
    """(per cent of all processors in this minute, processor seconds that are left over)."""
    room = instances * processors * 60
    return min(100.0, 100 * work_s / room), max(0.0, work_s - room)


class Model:
    """The account's quota, all instances together: requests a minute, and tokens a minute as the provider counts them (text in, output by weight, and
    max_tokens of what is running). What is beyond waits."""

    def __init__(self, quota):
        self.q, self.waiting_calls, self.waiting_tokens = quota, 0.0, 0.0

    def minute(self, calls, tokens):
        """tokens: weighted. (asked for now and earlier as a part of the quota, the larger one; minutes that the last one waits)."""
        reserved = calls * self.q["answer_seconds"] / 60 * self.q["max_tokens"]
        self.waiting_calls += calls
        self.waiting_tokens += tokens + reserved
        by_calls, by_tokens = self.waiting_calls / self.q["requests_a_minute"], self.waiting_tokens / self.q["tokens_a_minute"]
        self.waiting_calls = max(0.0, self.waiting_calls - self.q["requests_a_minute"])
        self.waiting_tokens = max(0.0, self.waiting_tokens - self.q["tokens_a_minute"])
        return max(by_calls, by_tokens), max(self.waiting_calls / self.q["requests_a_minute"], self.waiting_tokens / self.q["tokens_a_minute"])


def weighted(tokens, weight):
    """As the quota counts: what is read from the cache is free, output counts several times."""
    return tokens["in"] + tokens["cache_write"] + weight * tokens["out"]


def day(a, people, work):
    """a: the assumptions. work(rng, present): (processor seconds of this minute on the instance, calls of the model, weighted tokens). Returns a dict of a row
    a minute, as lists."""
    rng = random.Random(f"{a['seed']}/{people}")
    fleet, model, i = Fleet(a["policy"], a["instance"]["start_minutes"]), Model(a["model"]), a["instance"]
    rows = {name: [] for name in ("people", "percent", "desired", "serving", "credits", "left_s", "quota", "model_wait", "calls", "tokens")}
    left, credit = 0.0, 0.0
    for minute in range(MINUTES):
        present = people * curve(a["day"]["hours"], minute)
        cpu_s, calls, tokens = work(rng, present)
        serving = fleet.in_service(minute)
        percent, left = busy(cpu_s + left, serving, i["processors"])
        credit = min(i["credits_max"], credit + i["processors"] * (i["baseline"] - percent / 100))
        quota, wait = model.minute(calls, tokens)
        fleet.end_of(minute, percent)
        for name, value in (("people", present), ("percent", percent), ("desired", fleet.desired), ("serving", serving), ("credits", credit),
                            ("left_s", left), ("quota", quota), ("model_wait", wait), ("calls", calls), ("tokens", tokens)):
            rows[name].append(value)
    return rows


def ours(a, costs):
    """Work as people make it (assumptions) at what each thing costs (measured, on a processor of the measuring machine)."""
    speed, c, hour = a["instance"]["speed"], costs["cpu_ms"], a["one_person_an_hour"]
    lasting = sum(c[kind] * n for kind, n in a["connections_of_a_person"].items())  # of each person, a minute
    tokens = {"document": costs["tokens"]["document"], "long_document": costs["tokens"]["long_document"], "chat": costs["tokens"]["chat"]}

    def work(rng, present):
        ms, calls, weight = present * lasting + a["health_checks_a_minute"] * c["health"] + c["rest_a_minute"], 0.0, 0.0
        for kind, an_hour in hour.items():
            n = poisson(rng, present * an_hour / 60)
            ms += n * c[kind]
            if kind in tokens:
                calls += n * tokens[kind]["calls"]
                weight += n * weighted(tokens[kind], a["model"]["output_weight"])
        return ms / 1000 / speed, calls, weight

    return work


def replaced(a):
    """The replaced system, by what its own table says that a person costs."""

    def work(rng, present):
        return poisson(rng, present) * a["replaced"]["processors_a_person"] * 60, 0.0, 0.0

    return work


def needed(a, costs, people):
    """Instances by each bound, without the policy and with all people there."""
    i, c = a["instance"], costs
    cpu_s, calls, tokens = steady(a, costs, people)
    n_connections = people * sum(a["connections_of_a_person"].values())
    memory = c["memory_kb"]["rest"] + people * a["memory_kb_of_a_person"]  # as the drive of people.py had it: what was freed stays with the process
    return {
        "cpu": cpu_s / 60 / i["processors"] / (a["policy"]["above"] / 100),
        "connections": n_connections / i["connections"],
        "memory": memory / 1024 / (i["memory_mb"] - i["system_mb"]),
        "requests_quota": calls / a["model"]["requests_a_minute"],
        "tokens_quota": (tokens + calls * a["model"]["answer_seconds"] / 60 * a["model"]["max_tokens"]) / a["model"]["tokens_a_minute"],
        "memory_mb": memory / 1024, "n_connections": n_connections, "cpu_s": cpu_s, "calls": calls, "tokens": tokens,
    }


def steady(a, costs, people):
    """A mean minute: (processor seconds on the instance, calls, weighted tokens)."""
    ms = people * sum(costs["cpu_ms"][kind] * n for kind, n in a["connections_of_a_person"].items()) + costs["cpu_ms"]["rest_a_minute"]
    calls = tokens = 0.0
    for kind, an_hour in a["one_person_an_hour"].items():
        n = people * an_hour / 60
        ms += n * costs["cpu_ms"][kind]
        if kind in costs["tokens"]:
            calls += n * costs["tokens"][kind]["calls"]
            tokens += n * weighted(costs["tokens"][kind], a["model"]["output_weight"])
    return ms / 1000 / a["instance"]["speed"], calls, tokens


def usd(a, tokens):
    """What an answer costs."""
    return sum(tokens[kind] * price for kind, price in a["model"]["usd_a_million"].items()) / 1e6
