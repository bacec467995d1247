"""Readers of what a server says of itself, strict: Prometheus text, lines of JSON, CloudWatch's embedded metrics, OTLP. Each raises AssertionError at the
first thing that is not as the specification has it."""
import json
import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|(?=}))')
VALUE = re.compile(r"[+-]?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Inf|NaN)")


def labels_of(text):
    found, at = {}, 0
    while at < len(text):
        m = LABEL.match(text + "}", at)
        assert m, f"labels {text!r} from {text[at:]!r}"
        assert m[1] not in found, f"label {m[1]} twice in {text!r}"
        found[m[1]] = re.sub(r"\\(.)", lambda e: "\n" if e[1] == "n" else e[1], m[2])
        at = m.end()
    return found


class Metrics:
    """The text format of Prometheus, 0.0.4: families by name, each with its kind and its samples."""

    def __init__(self, text):
        self.kinds, self.samples, self.order = {}, {}, []
        helped, family, seen = set(), None, set()
        assert text.endswith("\n") and "\r" not in text
        for line in text.split("\n")[:-1]:
            assert line == line.strip() and line, repr(line)
            if line.startswith("# HELP "):
                name, words = line[7:].split(" ", 1)
                assert NAME.fullmatch(name) and words and name not in helped, line
                helped.add(name)
                family = name
            elif line.startswith("# TYPE "):
                name, kind = line[7:].split(" ")
                assert name == family and name not in self.kinds, f"{line}: not behind its HELP, or twice"
                assert kind in ("counter", "gauge", "histogram"), line
                self.kinds[name] = kind
            else:
                assert not line.startswith("#"), line
                name = NAME.match(line)[0]
                rest = line[len(name) :]
                found = {}
                if rest.startswith("{"):
                    inner, rest = rest[1:].rsplit("}", 1)
                    found = labels_of(inner)
                assert rest.startswith(" ") and VALUE.fullmatch(rest[1:]), line
                base = re.sub(r"_(bucket|sum|count)$", "", name) if self.kinds.get(family) == "histogram" else name
                assert base == family and family in self.kinds, f"{line}: among the samples of {family}"
                key = (name, tuple(sorted(found.items())))
                assert key not in seen, f"{line}: twice"
                seen.add(key)
                self.samples.setdefault(name, []).append((found, float(rest[1:])))
        assert helped == set(self.kinds)
        for name, kind in self.kinds.items():
            self.check(name, kind)

    def check(self, name, kind):
        assert name.startswith("prism_") and re.fullmatch(r"[a-z0-9_]+", name), name
        assert name.endswith("_total") == (kind == "counter"), f"{name} is a {kind}"
        if kind == "counter":
            assert all(v >= 0 and v == v for _, v in self.samples.get(name, ())), name
        if kind == "histogram":
            self.histogram(name)

    def histogram(self, name):
        """Buckets that grow, the last of them +Inf and the count; a sum that is no smaller than what the buckets allow."""
        series = {}
        for found, value in self.samples.get(name + "_bucket", ()):
            rest = dict(found)
            series.setdefault(tuple(sorted((k, v) for k, v in rest.items() if k != "le")), []).append((rest["le"], value))
        sums = {tuple(sorted(f.items())): v for f, v in self.samples.get(name + "_sum", ())}
        counts = {tuple(sorted(f.items())): v for f, v in self.samples.get(name + "_count", ())}
        assert set(series) == set(sums) == set(counts), name
        for key, buckets in series.items():
            bounds = [float(le) for le, _ in buckets]
            assert bounds == sorted(set(bounds)) and bounds[-1] == math.inf and len(bounds) > 2, (name, bounds)
            values = [v for _, v in buckets]
            assert values == sorted(values) and values[-1] == counts[key], (name, key, values)
            least = sum((values[i] - (values[i - 1] if i else 0)) * (bounds[i - 1] if i else 0) for i in range(len(values)))
            assert sums[key] >= least * 0.999, (name, key, sums[key], least)

    def get(self, name, **labels):
        """The sum of the samples that have these labels; 0 of none."""
        return sum(v for found, v in self.samples.get(name, ()) if all(found.get(k) == w for k, w in labels.items()))

    def values(self, name, label):
        return {found[label] for found, _ in self.samples.get(name, ())}


def json_lines(text, has):
    """The lines that are JSON objects with a member `has`."""
    found = []
    for line in text.splitlines():
        if line.startswith("{"):
            value = json.loads(line)
            if has in value:
                found.append(value)
    return found


# --- CloudWatch: "Specification: Embedded metric format" and its JSON schema ---

UNITS = set(
    "Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second"
    " Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second"
    " Count/Second None".split()
)


def members(value, required, optional=()):
    assert isinstance(value, dict) and set(required) <= set(value) <= set(required) | set(optional), value


def emf(line):
    """One line: (metrics by name, dimensions by name)."""
    assert len(line.encode()) <= 1 << 20 and not line.startswith(" ")
    root = json.loads(line)  # nothing before or behind it
    members(root["_aws"], ["Timestamp", "CloudWatchMetrics"])
    assert type(root["_aws"]["Timestamp"]) is int and root["_aws"]["Timestamp"] > 1.7e12
    metrics, dimensions = {}, {}
    assert isinstance(root["_aws"]["CloudWatchMetrics"], list) and root["_aws"]["CloudWatchMetrics"]
    for directive in root["_aws"]["CloudWatchMetrics"]:
        members(directive, ["Namespace", "Dimensions", "Metrics"])
        assert 1 <= len(directive["Namespace"]) <= 1024 and not directive["Namespace"].startswith("AWS/")
        assert directive["Dimensions"]
        for names in directive["Dimensions"]:
            assert len(names) <= 30 and len(set(names)) == len(names)
            for name in names:
                assert 1 <= len(name) <= 250 and isinstance(root[name], str) and 1 <= len(root[name]) <= 1024, name
                dimensions[name] = root[name]
        assert len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            members(metric, ["Name"], ["Unit", "StorageResolution"])
            assert 1 <= len(metric["Name"]) <= 1024 and metric.get("Unit", "None") in UNITS, metric
            value = root[metric["Name"]]
            assert type(value) in (int, float) and math.isfinite(value) and metric["Name"] not in metrics, metric
            metrics[metric["Name"]] = (value, metric["Unit"])
    assert set(root) == {"_aws", *metrics, *dimensions}
    return metrics, dimensions


# --- OTLP: opentelemetry-proto trace/v1 in the JSON encoding of OTLP ---


def attributes(values):
    found = {}
    for a in values:
        members(a, ["key", "value"])
        ((kind, value),) = a["value"].items()
        assert kind in ("stringValue", "intValue", "doubleValue", "boolValue"), a
        if kind == "intValue":
            assert isinstance(value, str) and re.fullmatch(r"-?\d+", value), a  # 64 bits
            value = int(value)
        assert a["key"] and a["key"] not in found, a
        found[a["key"]] = value
    return found


def otlp(body):
    """A request: (spans, attributes of the resource)."""
    root, spans, resource = json.loads(body), [], {}
    members(root, ["resourceSpans"])
    for rs in root["resourceSpans"]:
        members(rs, ["resource", "scopeSpans"], ["schemaUrl"])
        members(rs["resource"], ["attributes"], ["droppedAttributesCount"])
        resource = attributes(rs["resource"]["attributes"])
        for scope in rs["scopeSpans"]:
            members(scope, ["scope", "spans"], ["schemaUrl"])
            members(scope["scope"], ["name"], ["version", "attributes"])
            for s in scope["spans"]:
                members(s, ["traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes", "status"], ["parentSpanId", "flags"])
                assert re.fullmatch(r"[0-9a-f]{32}", s["traceId"]) and int(s["traceId"], 16), s
                for name in ("spanId", "parentSpanId"):
                    assert name not in s or (re.fullmatch(r"[0-9a-f]{16}", s[name]) and int(s[name], 16)), s
                assert s["name"] and type(s["kind"]) is int and 1 <= s["kind"] <= 5, s
                assert all(re.fullmatch(r"\d{19}", s[t]) for t in ("startTimeUnixNano", "endTimeUnixNano")), s
                members(s["status"], [], ["code", "message"])
                assert s["status"].get("code", 0) in (0, 1, 2), s
                spans.append({**s, "attributes": attributes(s["attributes"]), "begin": int(s["startTimeUnixNano"]), "end": int(s["endTimeUnixNano"])})
                assert spans[-1]["begin"] <= spans[-1]["end"], s
    return spans, resource
