#!/usr/bin/python3
"""What deploy/ holds for AWS, Docker and Kubernetes, as far as it can be shown without them: that it is right in itself and says the numbers that are promised, that
the scripts of an instance do what they say, and that the program runs in the root of the image. tests/peers/infra.sh asks other people's judges.

test_infra.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import yaml

from bundle_util import bundle, plain_program
from serve_util import KEPT_ENVIRONMENT, REPORTS, SOURCE, START_SECONDS, STOP_SECONDS, Person, Server, free_port, sample
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
DEPLOY = SOURCE / "deploy"
STACK = DEPLOY / "cloudformation" / "prism.yaml"
CASES = []


def case(function):
    CASES.append(function)
    return function


# --- the stack of CloudFormation ---


class Loader(yaml.SafeLoader):
    """Of a template: !Sub x is {"Fn::Sub": x}."""


def tagged(loader, suffix, node):
    kinds = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: loader.construct_sequence, yaml.MappingNode: loader.construct_mapping}
    value = kinds[type(node)](node) if isinstance(node, yaml.ScalarNode) else kinds[type(node)](node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", tagged)


def template():
    return yaml.load(STACK.read_text(encoding="utf-8"), Loader)  # a SafeLoader


def walk(value, path=""):
    """Every value inside, with its path."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from walk(item, f"{path}/{name}")


def substituted(function):
    """(text, names that it says itself) of what stands under Fn::Sub."""
    return (function, {}) if isinstance(function, str) else (function[0], function[1])


def variables(text):
    return re.findall(r"\$\{([^!}][^}]*)\}", text)


def statements(stack, resource):
    properties = stack["Resources"][resource]["Properties"]
    documents = [p["PolicyDocument"] for p in properties.get("Policies", [])] or [properties["PolicyDocument"]]
    found = []
    for document in documents:
        for statement in document["Statement"]:
            either = statement.get("Fn::If")
            found += [s for s in either[1:] if "Ref" not in s] if either else [statement]
    return found


def listed(value):
    return value if isinstance(value, list) else [value]


def attributes(stack, resource, key):
    return {a["Key"]: a["Value"] for a in stack["Resources"][resource]["Properties"][key]}


@case
def stack_every_name_resolves_and_none_is_idle():
    text, stack = STACK.read_text(encoding="utf-8"), template()
    assert len(text.encode()) <= 51200, "what --template-body takes"
    assert not [e for e in yaml.parse(text, Loader) if isinstance(e, yaml.AliasEvent)], "CloudFormation knows no aliases"
    known, used = {*stack["Parameters"], *stack["Resources"]}, set()
    for path, value in walk({k: stack[k] for k in ("Rules", "Conditions", "Resources", "Outputs")}):
        if not isinstance(value, dict):
            continue
        if "Ref" in value and len(value) == 1:
            assert value["Ref"] in known or value["Ref"].startswith("AWS::"), (path, value)
            used.add(value["Ref"])
        if "Fn::GetAtt" in value:
            assert value["Fn::GetAtt"][0] in stack["Resources"], (path, value)
            used.add(value["Fn::GetAtt"][0])
        if "Fn::Sub" in value:
            words, own = substituted(value["Fn::Sub"])
            for name in variables(words):
                head = name.split(".")[0]
                assert name in own or head in known or head.startswith("AWS::"), (path, name)
                used.add(head)
            assert not set(own) - set(variables(words)), (path, "says names that it does not use", own)
        if "Fn::If" in value:
            assert value["Fn::If"][0] in stack["Conditions"], (path, value)
            used.add(value["Fn::If"][0])
        for key in ("Condition",):
            if isinstance(value.get(key), str):
                assert value[key] in stack["Conditions"], (path, value)
                used.add(value[key])
        for name in listed(value.get("DependsOn", [])):
            assert name in stack["Resources"], (path, name)
    assert not set(stack["Parameters"]) - used, f"parameters that nothing uses: {set(stack['Parameters']) - used}"
    assert not set(stack["Conditions"]) - used, f"conditions that nothing uses: {set(stack['Conditions']) - used}"


@case
def stack_parameters_are_explained_and_held():
    stack = template()
    interface = stack["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(stack["Parameters"]) == sorted(interface["ParameterLabels"]), "each parameter in one group, with a label"
    for name, p in stack["Parameters"].items():
        assert len(p.get("Description", "")) > 10, name
        if p["Type"] == "String":
            assert "AllowedValues" in p or ("AllowedPattern" in p and "ConstraintDescription" in p), name
        if p["Type"] == "Number":
            assert p["MinValue"] < p["MaxValue"] and p["MinValue"] <= p["Default"] <= p["MaxValue"], name
        if "AllowedPattern" in p and "Default" in p:
            assert re.fullmatch(p["AllowedPattern"], p["Default"]), (name, p["Default"])
    for name, good, bad in (
        ("BundleSha256", "0" * 64, "0" * 63),
        ("DomainName", "prism.example.org", "https://prism.example.org"),
        ("CertificateArn", "arn:aws:acm:eu-north-1:111122223333:certificate/0a1b-2c", "prism"),
        ("BucketPrefix", "exports/ai prism/", "/exports/"),
        ("BucketPrefix", "Logs and data/", "Logs and data"),
        ("BedrockModel", "anthropic.claude-haiku-4-5-20251001-v1:0", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("InstanceType", "m7i.large", "t4g.large"),
        ("AlarmEmail", "ops@example.org", "ops"),
    ):
        pattern = stack["Parameters"][name]["AllowedPattern"]
        assert re.fullmatch(pattern, good) and not re.fullmatch(pattern, bad), name
    assert stack["Parameters"]["MinInstances"]["Default"] == 3 and stack["Parameters"]["MaxInstances"]["Default"] == 15
    assert stack["Parameters"]["InstanceType"]["Default"] == "t3.large"


@case
def stack_rights_are_the_least():
    stack = template()
    open_to_all = []
    for s in statements(stack, "Role"):
        assert s["Effect"] == "Allow" and s["Sid"], s
        for action in listed(s["Action"]):
            assert "*" not in action, (s["Sid"], action)
        for resource in listed(s["Resource"]):
            if resource == "*":
                open_to_all.append((s["Sid"], s.get("Condition")))
    assert open_to_all == [("MemoryAndDisk", {"StringEquals": {"cloudwatch:namespace": "AI-Prism"}})], open_to_all
    rights = {a: s for s in statements(stack, "Role") for a in listed(s["Action"])}
    assert {a for a in rights if a.startswith("s3:")} == {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}
    assert rights["s3:GetObject"]["Resource"] == {"Fn::Sub": "arn:${AWS::Partition}:s3:::${BundleBucket}/${BundleKey}"}
    assert rights["s3:PutObject"]["Resource"] == rights["s3:AbortMultipartUpload"]["Resource"] == {"Fn::Sub": "${Bucket.Arn}/${BucketPrefix}*"}
    models = [s for s in statements(stack, "Role") if "bedrock:InvokeModel" in s["Action"]]
    assert {a for s in models for a in s["Action"]} == {"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"}
    for s in models:
        for resource in s["Resource"]:
            for either in [r for r in resource["Fn::If"][1:] if "Ref" not in r] if "Fn::If" in resource else [resource]:
                words = either["Fn::Sub"]
                assert words.endswith(("Model}", "FallbackModel}")), words
                # any region only behind the condition that a configured profile asks
                assert "bedrock:*:" not in words or "bedrock:InferenceProfileArn" in s["Condition"]["StringLike"], words
    (deny,) = statements(stack, "BucketPolicy")
    assert deny["Effect"] == "Deny" and deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@case
def stack_scales_by_the_policy():
    r = template()["Resources"]
    group = r["Servers"]["Properties"]
    assert (group["MinSize"], group["MaxSize"]) == ({"Ref": "MinInstances"}, {"Ref": "MaxInstances"})
    for policy, alarm, step, threshold, operator in (("TwoMore", "ProcessorBusy", 2, 70, "GreaterThanThreshold"), ("OneLess", "ProcessorIdle", -1, 30, "LessThanThreshold")):
        p, a = r[policy]["Properties"], r[alarm]["Properties"]
        assert (p["PolicyType"], p["AdjustmentType"], p["ScalingAdjustment"], p["Cooldown"]) == ("SimpleScaling", "ChangeInCapacity", step, "180")
        assert (a["Threshold"], a["ComparisonOperator"], a["EvaluationPeriods"]) == (threshold, operator, 3)
        assert a["AlarmActions"] == [{"Ref": policy}]
    assert r["ProcessorBusy"]["Properties"]["Period"] == 60
    idle = {m["Id"]: m for m in r["ProcessorIdle"]["Properties"]["Metrics"]}
    assert idle["cpu"]["MetricStat"]["Metric"]["MetricName"] == "CPUUtilization" and idle["cpu"]["MetricStat"]["Period"] == 60
    # the two policies do not fight: tracking only adds, and what it has added is not taken away while the requests are there
    tracking = r["ByRequests"]["Properties"]["TargetTrackingConfiguration"]
    assert tracking["DisableScaleIn"] is True and tracking["PredefinedMetricSpecification"]["PredefinedMetricType"] == "ALBRequestCountPerTarget"
    assert idle["idle"]["Expression"] == {"Fn::Sub": "IF(FILL(requests, 0) < 0.7 * ${RequestsPerInstance}, cpu, 100)"}
    update = r["Servers"]["UpdatePolicy"]["AutoScalingRollingUpdate"]
    assert update["MaxBatchSize"] == 1 and update["WaitOnResourceSignals"] is True and update["MinInstancesInService"] == {"Ref": "MinInstances"}
    assert r["Template"]["Properties"]["LaunchTemplateData"]["Monitoring"] == {"Enabled": True}, "the policy counts minutes"


@case
def stack_balancer_asks_and_waits_as_promised():
    stack = template()
    r = stack["Resources"]
    balancer = attributes(stack, "Balancer", "LoadBalancerAttributes")
    assert balancer["idle_timeout.timeout_seconds"] == "600"
    t = r["Targets"]["Properties"]
    assert (t["HealthCheckPath"], t["HealthCheckIntervalSeconds"], t["HealthCheckTimeoutSeconds"]) == ("/health", 15, 5)
    assert (t["HealthyThresholdCount"], t["UnhealthyThresholdCount"]) == (2, 3)
    targets = attributes(stack, "Targets", "TargetGroupAttributes")
    assert int(targets["deregistration_delay.timeout_seconds"]) > 60 and targets["stickiness.enabled"] == "true" and targets["stickiness.type"] == "lb_cookie"
    https, http = r["Https"]["Properties"], r["Http"]["Properties"]
    assert (https["Port"], https["Protocol"], https["Certificates"]) == (443, "HTTPS", [{"CertificateArn": {"Ref": "CertificateArn"}}])
    (redirect,) = http["DefaultActions"]
    assert http["Port"] == 80 and redirect["Type"] == "redirect"
    assert redirect["RedirectConfig"] == {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}


@case
def stack_instances_and_bucket_are_closed():
    r = template()["Resources"]
    data = r["Template"]["Properties"]["LaunchTemplateData"]
    assert data["ImageId"].startswith("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-") and data["ImageId"].endswith("-x86_64")
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    (disk,) = data["BlockDeviceMappings"]
    assert disk["Ebs"]["VolumeType"] == "gp3" and disk["Ebs"]["Encrypted"] is True
    assert "SecurityGroupIngress" not in r["InstanceGroup"]["Properties"]
    assert r["InstancesFromBalancer"]["Properties"]["SourceSecurityGroupId"] == {"Ref": "BalancerGroup"}
    bucket = r["Bucket"]
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
    p = bucket["Properties"]
    assert all(p["PublicAccessBlockConfiguration"][k] is True for k in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"))
    assert p["VersioningConfiguration"]["Status"] == "Enabled" and p["BucketEncryption"]
    rules = {rule["Id"]: rule for rule in p["LifecycleConfiguration"]["Rules"]}
    assert rules["exports"]["Prefix"] == {"Ref": "BucketPrefix"} and rules["exports"]["ExpirationInDays"]
    assert rules["broken-off-uploads"]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
    for log in ("ServerLog", "AccessLog"):
        assert r[log]["Properties"]["RetentionInDays"] == 7


ALARMS = { # what is counted, and from where it is too much
    "ServerErrors": (("RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"), 1),
    "ManyServerErrors": (("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"), 50),
    "ClientErrors": (("RequestCount", "HTTPCode_Target_4XX_Count", "HTTPCode_ELB_4XX_Count"), 5),
    "SlowestRequests": (("TargetResponseTime",), 30),
    "SlowRequests": (("TargetResponseTime",), 5),
    "UnhealthyHosts": (("UnHealthyHostCount",), 0),
    "ProcessorHigh": (("CPUUtilization",), 80),
    "MemoryHigh": (("mem_used_percent",), 80),
    "DiskHigh": (("disk_used_percent",), 80),
    "Throttled": (("InvocationThrottles",), 10),
    "FallbackThrottled": (("InvocationThrottles",), 10),
}  # fmt: skip


@case
def stack_alarms_have_the_promised_thresholds():
    r = template()["Resources"]
    told = {name for name, x in r.items() if x["Type"] == "AWS::CloudWatch::Alarm" and {"Ref": "Topic"} in x["Properties"]["AlarmActions"]}
    assert told == set(ALARMS), told ^ set(ALARMS)
    for name, (metrics, threshold) in ALARMS.items():
        p = r[name]["Properties"]
        assert (p["Threshold"], p["ComparisonOperator"]) == (threshold, "GreaterThanThreshold"), name
        found = [m["MetricStat"]["Metric"]["MetricName"] for m in p.get("Metrics", []) if "MetricStat" in m] or [p["MetricName"]]
        assert sorted(found) == sorted(metrics), (name, found)
        assert p["TreatMissingData"] and p["OKActions"] == [{"Ref": "Topic"}], name
    assert r["SlowestRequests"]["Properties"]["ExtendedStatistic"] == "p99"
    # a share of a handful of requests is none; and the share itself
    for name in ("ServerErrors", "ClientErrors"):
        (expression,) = [m["Expression"] for m in r[name]["Properties"]["Metrics"] if "Expression" in m]
        share = re.sub(r"FILL\((\w+), 0\)", r"\1", expression).replace("IF(", "when(")
        for numbers, expected in (((1000, 10, 0), 1), ((1000, 11, 0), 1.1), ((50, 50, 0), 0), ((0, 0, 200), 100), ((1000, 0, 0), 0)):
            values = dict(zip(("all", "servers", "balancer"), numbers), when=lambda c, a, b: a() if c else b())
            lazy = re.sub(r"^when\((.*?>= 100), (.*), 0\)$", r"when(\1, lambda: \2, lambda: 0)", share)
            assert abs(eval(lazy, {"__builtins__": {}, **values}) - expected) < 1e-9, (name, numbers)  # our own text


@case
def stack_dashboard_is_json_and_shows_what_alarms_watch():
    stack = template()
    words, own = substituted(stack["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    assert set(own) == {"Lb", "Tg", "Model"}
    board = json.loads(re.sub(r"\$\{RequestsPerInstance\}", "6000", words))
    shown = json.dumps(board)
    for metrics, _ in ALARMS.values():
        for metric in metrics:
            assert metric in shown, f"{metric} is on no plot"
    places = set()
    for w in board["widgets"]:
        assert w["x"] + w["width"] <= 24
        for x in range(w["x"], w["x"] + w["width"]):
            for y in range(w["y"], w["y"] + w["height"]):
                assert (x, y) not in places, f"two widgets at {x},{y}"
                places.add((x, y))


# --- the scripts of an instance, with AWS played by small programs ---


def user_data(bundle_sum="0" * 64):
    """As an instance gets it."""
    words, own = substituted(template()["Resources"]["Template"]["Properties"]["LaunchTemplateData"]["UserData"]["Fn::Base64"]["Fn::Sub"])
    model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
    values = {
        "AWS::StackName": "prism-prod", "AWS::Region": "eu-north-1", "Bucket": "prism-prod-bucket", "BucketPrefix": "Logs and data/", "DomainName": "prism.example.org",
        "BalancerName": "Prism-Balan-1ABC.eu-north-1.elb.example.org", "ModelId": model, "FallbackId": "", "ServerLog": "/prism/prism-prod/server", "AccessLog": "/prism/prism-prod/access",
    }  # fmt: skip
    assert set(own) <= set(values) and set(variables(words)) == set(values), set(variables(words)) ^ set(values)
    text = re.sub(r"\$\{([^}]+)\}", lambda m: values[m.group(1)], words)
    assert len(text.encode()) <= 16384, "what EC2 takes"
    return text, bundle_sum


class Instance:
    """A scratch folder in which the scripts find /opt, /etc and so on, and programs that play AWS, systemd and the metadata."""

    FOLDERS = ("/opt/", "/etc/prism", "/etc/systemd/system", "/etc/logrotate.d", "/usr/local/sbin", "/var/log/prism", "/var/lib/prism-copy")

    def __init__(self, bundle_sum=None, ready=True, broken=False):
        self.root = Path(tempfile.mkdtemp(prefix="prism-instance-"))
        self.said, self.bin = self.root / "said", self.root / "bin"
        for folder in ("bin", "opt/aws/bin", "opt/aws/amazon-cloudwatch-agent/bin", "etc/systemd/system", "etc/logrotate.d", "var/log", "var/lib", "bucket"):
            (self.root / folder).mkdir(parents=True)
        self.bundle("one", broken=broken)
        self.release("one", bundle_sum)
        (self.root / "lifecycle").write_text("InService", encoding="utf-8")
        say = f'echo "$(basename "$0") $*" >>{self.said}\n'
        self.program("bin/aws", say + f'''case "$1 $2" in
            "ssm get-parameter") cat {self.root}/parameter ;;
            "s3 cp") [ "$6" = "${{6#s3:}}" ] && cp "$6" {self.root}/bucket/last || cp "{self.root}/bucket/$(basename "$6")" "$7" ;;
            esac''')  # fmt: skip
        self.program("bin/systemctl", say + f'case "$*" in "--quiet is-active prism") [ -e {self.root}/active ] ;; "enable --now prism.service") touch {self.root}/active ;; esac')
        self.program("bin/curl", f'''case "$*" in
            *latest/api/token*) echo token ;;
            *lifecycle*) cat {self.root}/lifecycle ;;
            *instance-id*) echo i-0123456789abcdef0 ;;
            *meta-data/mac) echo 0a:00:00:00:00:01 ;;
            *cidr-blocks*) printf '10.0.0.0/16\\n100.64.0.0/16\\n' ;;
            */ready*) {"true" if ready else "false"} ;;
            *) exit 22 ;; esac''')  # fmt: skip
        self.program("bin/unzip", 'exec /usr/bin/python3 -c "import os,sys,zipfile\nz=zipfile.ZipFile(sys.argv[2])\nfor i in z.infolist():\n p=z.extract(i,sys.argv[4]); os.chmod(p,i.external_attr>>16)" "$@"')
        self.program("bin/id", '[ "$1" = prism ] && exit 1; exec /usr/bin/id "$@"')
        self.program("bin/runuser", 'shift 3; exec "$@"')
        for name in ("bin/dnf", "bin/useradd", "opt/aws/bin/cfn-signal", "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"):
            self.program(name, say)
        self.program("bin/sleep", "true")
        self.program("bin/chown", "true")

    def program(self, name, text):
        path = self.root / name
        path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def bundle(self, name, broken=False):
        """A bundle in the bucket; its program makes a backup that knows its name."""
        path = self.root / "bucket" / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as z:
            program = zipfile.ZipInfo("bin/other" if broken else "bin/prism")
            program.external_attr = (stat.S_IFREG | 0o755) << 16
            z.writestr(program, f'#!/bin/sh\n[ "$1" = backup ] && mkdir "$2" && echo {name} "$PRISM_DATA" >"$2/manifest.json"\n')
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def release(self, name, bundle_sum=None):
        real = hashlib.sha256((self.root / "bucket" / f"{name}.zip").read_bytes()).hexdigest()
        (self.root / "parameter").write_text(f"{bundle_sum or real} s3://bundles/{name}.zip\n", encoding="utf-8")

    def moved(self, text):
        for folder in self.FOLDERS:
            text = text.replace(folder, f"{self.root}{folder}")
        return text

    def boot(self):
        text, _ = user_data()
        (self.root / "user-data").write_text(self.moved(text), encoding="utf-8")
        return self.call(str(self.root / "user-data"))

    def call(self, script):
        script = script if script.startswith("/") else str(self.root / "usr/local/sbin" / script)
        return subprocess.run(
            ["/bin/bash", script], env={"PATH": f"{self.bin}:/usr/bin:/bin"}, capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip

    def heard(self):
        return self.said.read_text(encoding="utf-8") if self.said.exists() else ""

    def current(self):
        path = self.root / "opt/prism/current"
        return os.readlink(path).rsplit("/", 1)[1] if path.is_symlink() else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)


@case
def an_instance_starts_and_tells_the_stack():
    with Instance() as i:
        done = i.boot()
        assert done.returncode == 0, done.stderr[-2000:]
        assert "cfn-signal -e 0 --stack prism-prod --resource Servers --region eu-north-1" in i.heard()
        assert "cfn-signal -e 1" not in i.heard()
        assert i.current() == (i.root / "parameter").read_text(encoding="utf-8").split()[0]
        assert "systemctl enable --now prism.service" in i.heard()
        json.loads((i.root / "etc/prism/agent.json").read_text(encoding="utf-8"))
        # the program takes these settings
        lines = (i.root / "etc/prism/environment").read_text(encoding="utf-8").splitlines()
        settings = dict(line.split("=", 1) for line in lines)
        assert settings["PRISM_TRUSTED_PROXIES"] == "127.0.0.0/8,10.0.0.0/16,100.64.0.0/16"
        env = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        shown = subprocess.run([PRISM, "conf"], env={**env, **settings, "PRISM_DATA": str(i.root / "data")}, capture_output=True, text=True, check=False)
        assert shown.returncode == 0, shown.stderr
        unit = i.root / "etc/systemd/system/prism.service"
        said = unit.read_text(encoding="utf-8")
        assert f"ExecStart={i.root}/opt/prism/current/bin/prism serve" in said and "User=prism" in said and "ExecReload=/bin/kill -HUP $MAINPID" in said
        grace = int(re.search(r"TimeoutStopSec=(\d+)", said).group(1))
        assert grace > 60, "longer than PRISM_GRACEFUL_TIMEOUT"
        if shutil.which("systemd-analyze"):
            for name in ("prism.service", "prism-release.timer", "prism-copy.timer", "prism-leave.timer"):
                path = i.root / "etc/systemd/system" / name
                path.write_text(path.read_text(encoding="utf-8").replace("User=prism\nGroup=prism\n", ""), encoding="utf-8")
                checked = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", str(path)], capture_output=True, text=True, check=False)
                if "Failed to" in checked.stderr and "manager" in checked.stderr:
                    break
                assert checked.returncode == 0 and f"{name}:" not in checked.stderr, checked.stderr


@case
def an_instance_that_cannot_start_says_so():
    for broken in ({"bundle_sum": "f" * 64}, {"broken": True}, {"ready": False}):
        with Instance(**broken) as i:
            done = i.boot()
            assert done.returncode != 0, broken
            assert "cfn-signal -e 1" in i.heard() and "cfn-signal -e 0" not in i.heard(), (broken, i.heard())
            if "bundle_sum" in broken:
                assert "does not have the SHA-256" in done.stderr and i.current() is None
                assert not list((i.root / "opt/prism/releases").iterdir()), "nothing is left lying"


@case
def another_bundle_replaces_the_program_and_not_the_instance():
    with Instance() as i:
        assert i.boot().returncode == 0
        first, heard = i.current(), len(i.heard())
        assert i.call("prism-release").returncode == 0
        assert "s3 cp" not in i.heard()[heard:] and "reload" not in i.heard()[heard:], "the same bundle is not fetched again"
        second = i.bundle("two")
        i.release("two", "e" * 64)
        refused = i.call("prism-release")
        assert refused.returncode == 1 and "does not have the SHA-256" in refused.stderr and i.current() == first
        assert "systemctl reload prism" not in i.heard()
        i.release("two")
        assert i.call("prism-release").returncode == 0 and i.current() == second
        assert i.heard().count("systemctl reload prism") == 1
        i.release("one")
        assert i.call("prism-release").returncode == 0 and i.current() == first, "and back"


@case
def the_bundle_that_prism_writes_is_one_for_an_instance():
    if not shutil.which("unzip"):
        raise Skip("unzip is not installed")
    program = plain_program(PRISM)
    with Instance() as i:
        made = bundle(program, i.root / "bucket" / "real.zip")
        assert made.returncode == 0, made.stderr
        (i.root / "bin/unzip").unlink()  # the real one
        i.release("real")
        done = i.boot()
        assert done.returncode == 0, done.stderr[-2000:]
        path = i.root / "opt/prism/current/bin/prism"
        said = subprocess.run([path, "version"], env={}, capture_output=True, text=True, check=False)
        own = subprocess.run([program, "version"], capture_output=True, text=True, check=True)
        assert said.returncode == 0 and said.stdout == own.stdout, said
        # what systemd does: the server from the link, which a reload looks up anew
        with Server(str(path)) as server:
            assert server.person().ask("GET", "/health").status == 200
            subprocess.run(["cp", "-a", os.path.realpath(i.root / "opt/prism/current"), i.root / "opt/prism/releases/next"], check=True)
            (i.root / "opt/prism/next").symlink_to(i.root / "opt/prism/releases/next")
            os.rename(i.root / "opt/prism/next", i.root / "opt/prism/current")
            server.process.send_signal(signal.SIGHUP)
            (pid,) = [m.group(1) for m in server.wait_log(r'"event":"server_ready","pid":(\d+)', 2)[1:]]
            assert f"{i.root}/opt/prism/releases/next/" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


@case
def an_instance_that_is_taken_away_leaves_a_backup():
    with Instance() as i:
        assert i.boot().returncode == 0
        assert i.call("prism-leave").returncode == 0
        assert "complete-lifecycle-action" not in i.heard(), "not while it is in service"
        (i.root / "lifecycle").write_text("Terminated", encoding="utf-8")
        done = i.call("prism-leave")
        assert done.returncode == 0, done.stderr
        heard = i.heard()
        assert heard.index("systemctl stop prism\n") < heard.index("s3 cp --region eu-north-1 --only-show-errors", heard.index("systemctl stop prism\n"))
        assert re.search(r"s3://prism-prod-bucket/Logs and data/backups/i-0123456789abcdef0/\d{4}-\d\d-\d\dT\d{6}Z\.tar\.gz", heard), heard
        assert "aws autoscaling complete-lifecycle-action --region eu-north-1 --auto-scaling-group-name prism-prod-servers --lifecycle-hook-name leave" in heard
        inside = subprocess.run(["tar", "-xzOf", str(i.root / "bucket/last"), "backup/manifest.json"], capture_output=True, text=True, check=True).stdout
        assert inside == "one /var/lib/prism\n", inside
        group = template()["Resources"]["Servers"]["Properties"]
        assert group["AutoScalingGroupName"] == {"Fn::Sub": "${AWS::StackName}-servers"}
        assert group["LifecycleHookSpecificationList"][0]["LifecycleHookName"] == "leave"


# --- the image ---


def dockerfile():
    """The instructions of each stage: [[(word, rest), …], …]."""
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "docker" / "Dockerfile").read_text(encoding="utf-8"))
    stages = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        word, rest = line.split(None, 1)
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest))
    return stages


def last_stage():
    words = {}
    for word, rest in dockerfile()[-1]:
        words.setdefault(word, []).append(rest)
    env = dict(pair.split("=", 1) for line in words["ENV"] for pair in line.split())
    return words, env


@case
def the_image_is_made_by_the_commands_of_this_tree():
    build, image = dockerfile()
    runs = [rest for word, rest in build if word == "RUN"]
    assert build[0] == ("FROM", "debian:12-slim AS build")
    assert any(r.startswith("tools/deps.sh run") for r in runs) and any("make build" in r and "deploy/docker/root.sh build/prism /image" in r for r in runs), runs
    assert image[0] == ("FROM", "scratch") and ("COPY", "--from=build /image/ /") in image
    assert not [word for word, _ in image if word in ("RUN", "ADD")], "nothing runs in an image without a shell"
    words, env = last_stage()
    assert words["USER"] == ["10001:10001"] and words["STOPSIGNAL"] == ["SIGTERM"] and words["VOLUME"] == [env["PRISM_DATA"]]
    assert "--timeout=5s" in words["HEALTHCHECK"][0] and "--interval=15s" in words["HEALTHCHECK"][0]
    ignored = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert {".git", "build", "**/node_modules"} <= set(ignored)


@case
def compose_gives_the_image_no_more_than_it_needs():
    service = yaml.safe_load((DEPLOY / "docker" / "compose.yaml").read_text(encoding="utf-8"))["services"]["prism"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert service["ports"] == ["127.0.0.1:8000:8000"] and service["volumes"] == ["data:/data"]
    assert int(service["stop_grace_period"].rstrip("s")) > 60
    assert (DEPLOY / "docker" / service["build"]["context"]).resolve() == SOURCE.resolve() and (SOURCE / service["build"]["dockerfile"]).exists()


class Container:
    """The image's root, read-only but for /data, entered as the Dockerfile says: as its user, with its environment, as process 1."""

    def __init__(self, folder):
        self.folder, self.port, self.process = Path(folder), free_port(), None
        self.root, self.data, self.log = self.folder / "root", self.folder / "data", self.folder / "log"
        self.words, env = last_stage()
        kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name.endswith("_OPTIONS") and name in os.environ}
        self.env = {**kept, **env, "PORT": str(self.port), "PRISM_BIND": "127.0.0.1"}
        self.user, self.group = self.words["USER"][0].split(":")

    def __enter__(self):
        subprocess.run([DEPLOY / "docker" / "root.sh", PRISM, self.root], check=True)
        for folder in ("proc", "dev"):  # which a container engine makes
            (self.root / folder).mkdir()
        self.data.mkdir(mode=0o700)
        os.chown(self.data, int(self.user), int(self.group))
        os.chmod(self.folder, 0o755)
        entry = [*json.loads(self.words["ENTRYPOINT"][0]), *json.loads(self.words["CMD"][0])]
        mounts = (
            f"mount --bind {self.root} {self.root} && mount --bind {self.data} {self.root}/data && mount -t proc proc {self.root}/proc && "
            f"mount --rbind /dev {self.root}/dev && mount -o remount,bind,ro {self.root} && "
        )
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c",
                 mounts + f'exec setpriv --no-new-privs unshare --root={self.root} --wd=/ --setuid={self.user} --setgid={self.group} "$@"', "sh", *entry],
                env={**self.env, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def read_log(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def first(self):
        """The process that is 1 inside."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="utf-8").split()
        return int(children[0])

    def inside(self, *command):
        return subprocess.run(
            ["nsenter", "--target", str(self.first()), "--mount", "--pid", "--root", "--wd", f"--setuid={self.user}", f"--setgid={self.group}", *command],
            env=self.env, capture_output=True, text=True, timeout=STOP_SECONDS, check=False,
        )  # fmt: skip

    def until_healthy(self):
        check = self.words["HEALTHCHECK"][0]
        command = json.loads(check[check.index("CMD") + 3 :])
        end = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None and time.monotonic() < end, self.read_log()[-3000:]
            try:
                done = self.inside(*command)
                if done.returncode == 0:
                    return done
            except (IndexError, FileNotFoundError):
                pass
            time.sleep(0.05)

    def __exit__(self, kind, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for report in REPORTS:
            assert kind is not None or report not in self.read_log(), self.read_log()[-3000:]


@case
def the_image_serves_without_root_rights_from_a_read_only_root():
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False).returncode != 0:
        raise Skip("needs root and namespaces")
    with tempfile.TemporaryDirectory(prefix="prism-image-") as folder, Container(folder) as c:
        answer = c.until_healthy()
        assert json.loads(answer.stdout)["status"] == "healthy"
        status = Path(f"/proc/{c.first()}/status").read_text(encoding="utf-8")
        assert re.search(r"^NSpid:.*\t1$", status, re.M) and re.search(r"^Uid:\t10001\t10001\t10001\t10001$", status, re.M), status
        assert re.search(r"^CapEff:\t0+$", status, re.M) and re.search(r"^NoNewPrivs:\t1$", status, re.M), status
        mounts = Path(f"/proc/{c.first()}/mounts").read_text(encoding="utf-8")
        assert re.search(r"^\S+ / \S+ ro[, ]", mounts, re.M), mounts
        assert not (c.root / "bin/sh").exists() and sorted(p.name for p in (c.root / "bin").iterdir()) == ["prism"]
        # the main job, with the dictionary that the image has
        person = Person(c.port)
        _, review, findings = person.reviewed("report.docx", sample())
        assert findings
        export = person.post(f"/api/v1/reviews/{review['id']}/exports", {"format": "docx"}, expect=202)
        export = person.wait(f"/api/v1/exports/{export['id']}")
        assert person.ask("GET", f"/api/v1/exports/{export['id']}/file", expect=200).body[:2] == b"PK"
        assert "dictionary" not in c.read_log()
        person.close()
        assert c.inside("/bin/prism", "health", f"http://127.0.0.1:{free_port()}/health").returncode == 1
        os.kill(c.first(), getattr(signal, c.words["STOPSIGNAL"][0]))
        assert c.process.wait(STOP_SECONDS) == 0, c.read_log()[-3000:]
        assert {p.name for p in c.data.iterdir()} >= {"files"}, "records and files are in the volume"


# --- Kubernetes ---


def manifests():
    found = {}
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for value in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            found.setdefault(value["kind"], []).append(value)
    return found


@case
def kubernetes_server_is_closed_and_ends_gracefully():
    kinds = manifests()
    listed_files = {*kinds["Kustomization"][0]["resources"], "kustomization.yaml"}
    assert {p.name for p in (DEPLOY / "kubernetes").glob("*.yaml")} == listed_files, "kustomization.yaml names each file"
    (server,), (config,) = kinds["StatefulSet"], kinds["ConfigMap"]
    pod = server["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    _, env = last_stage()
    assert pod["securityContext"]["runAsNonRoot"] is True and pod["securityContext"]["runAsUser"] == 10001 and pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    own = container["securityContext"]
    assert own == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    grace, wait = int(config["data"]["PRISM_GRACEFUL_TIMEOUT"]), container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > grace + wait + 5, "the supervisor kills five seconds after its own limit"
    probes = {kind: container[kind]["httpGet"]["path"] for kind in ("livenessProbe", "readinessProbe", "startupProbe")}
    assert probes == {"livenessProbe": "/health", "readinessProbe": "/ready", "startupProbe": "/health"}
    assert {m["name"] for m in container["volumeMounts"]} == {"data", "tmp"} and env["PRISM_DATA"] in [m["mountPath"] for m in container["volumeMounts"]]
    assert server["spec"]["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert "replicas" not in server["spec"], "the autoscaler has the number"
    assert container["envFrom"] == [{"configMapRef": {"name": "prism"}}, {"secretRef": {"name": "prism", "optional": True}}]
    # the program takes these settings, and none of them is a secret
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    shown = subprocess.run([PRISM, "conf"], env={**kept, **env, **config["data"]}, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert not [name for name in config["data"] if re.search("KEY|TOKEN|SECRET|PASSWORD", name)]


@case
def kubernetes_scales_by_the_policy_and_keeps_people_on_their_server():
    kinds = manifests()
    (scaler,), (budget,), (ingress,) = kinds["HorizontalPodAutoscaler"], kinds["PodDisruptionBudget"], kinds["Ingress"]
    s = scaler["spec"]
    assert (s["minReplicas"], s["maxReplicas"]) == (3, 15) and s["scaleTargetRef"]["kind"] == "StatefulSet"
    assert s["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]
    for way, step in (("scaleUp", 2), ("scaleDown", 1)):
        b = s["behavior"][way]
        assert b["stabilizationWindowSeconds"] == 180 and b["policies"] == [{"type": "Pods", "value": step, "periodSeconds": 180}]
    assert budget["spec"]["maxUnavailable"] == 1
    notes = {name.rsplit("/", 1)[1]: value for name, value in ingress["metadata"]["annotations"].items()}
    assert "idle_timeout.timeout_seconds=600" in notes["load-balancer-attributes"]
    assert "stickiness.enabled=true" in notes["target-group-attributes"] and "deregistration_delay.timeout_seconds=90" in notes["target-group-attributes"]
    asked = [notes[k] for k in ("healthcheck-path", "healthcheck-interval-seconds", "healthcheck-timeout-seconds", "healthy-threshold-count", "unhealthy-threshold-count")]
    assert asked == ["/health", "15", "5", "2", "3"]
    json.loads(notes["actions.nothing-here"]), json.loads(notes["listen-ports"])
    labels = {"app.kubernetes.io/name": "prism"}
    for kind in ("Service", "PodDisruptionBudget"):
        for thing in kinds[kind]:
            selector = thing["spec"]["selector"]
            assert selector.get("matchLabels", selector) == labels, thing
    ports = {p["name"] for service in kinds["Service"] for p in service["spec"]["ports"]}
    assert ports == {"http"}


# --- what a health check of a container runs ---


@case
def health_says_whether_a_server_answers():
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}

    def health(*words, **settings):
        return subprocess.run([PRISM, "health", *words], env={**kept, "HOME": "/nonexistent", **settings}, capture_output=True, text=True, check=False)

    with Server(PRISM) as server:
        asked = health(PORT=str(server.port), http_proxy="http://127.0.0.1:1")
        assert asked.returncode == 0 and re.fullmatch(r'\{"status":"healthy","timestamp":"[^"]+"\}\n', asked.stdout), asked
        assert health(PORT=str(server.port), PRISM_BIND="0.0.0.0").returncode == 0
        assert health(f"http://127.0.0.1:{server.port}/ready").returncode == 0
        lost = health(f"http://127.0.0.1:{server.port}/nowhere")
        assert lost.returncode == 1 and "status 404" in lost.stderr, lost
    gone = health(PORT=str(free_port()))
    assert gone.returncode == 1 and gone.stderr.startswith("prism: ") and not gone.stdout, gone
    assert health("a", "b").returncode == 2 and health("gopher://x").returncode == 2
    assert health(PORT="many").returncode == 2


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
