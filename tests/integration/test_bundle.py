#!/usr/bin/python3
"""The bundle for Elastic Beanstalk: what is in it, what it refuses, and that it runs where there is nothing else.

test_bundle.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
import functools
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import docx
import yaml

from bundle_util import EXAMPLE, Elf, bundle, plain_program, root_wrapper, unpack
from serve_util import SOURCE, Server
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
CASES = []
FOLDER = tempfile.TemporaryDirectory(prefix="prism-bundle-")
HERE = Path(FOLDER.name)

BASE = "EB_APPLICATION=ai-prism\nEB_ENVIRONMENT=ai-prism-prod\nEB_REGION=eu-north-1\n"
ADMIN = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:prism-admin-AbCdEf"
CERTIFICATE = "arn:aws:acm:eu-north-1:123456789012:certificate/0123"
TOPIC = "arn:aws:sns:eu-north-1:123456789012:ai-prism"
FULL = BASE + (
    f"EB_CERTIFICATE_ARN={CERTIFICATE}\nEB_ACCESS_LOG_BUCKET=balancer-logs\nEB_VPC=vpc-0123456789abcdef0\n"
    "EB_INSTANCE_SUBNETS=subnet-0123456789abcdef0,subnet-0123456789abcdef1\nEB_BALANCER_SUBNETS=subnet-0123456789abcdef2\n"
    f"EB_ALARM_TOPIC={TOPIC}\nPRISM_ALLOWED_HOSTS=prism.example.org\nPRISM_ADMIN_TOKEN={ADMIN}\nMAX_CONTENT_LENGTH=33554432\nEB_COUNT_4XX=true\n"
)

# The options that we set, as Elastic Beanstalk's guide lists them ("General options for all environments", "Options specific to load-balanced
# environments"): a wrong name is refused by it at deployment, or, worse, ignored.
OPTIONS = {
    "aws:autoscaling:asg": "Availability Zones|Cooldown|Custom Availability Zones|EnableCapacityRebalancing|MinSize|MaxSize",
    "aws:autoscaling:launchconfiguration": "DisableIMDSv1|EC2KeyName|IamInstanceProfile|ImageId|InstanceType|LaunchTemplateTagPropagationEnabled|MonitoringInterval|"
    "SecurityGroups|DisableDefaultEC2SecurityGroup|SSHSourceRestriction|BlockDeviceMappings|RootVolumeType|RootVolumeSize|RootVolumeIOPS|RootVolumeThroughput",
    "aws:autoscaling:trigger": "BreachDuration|LowerBreachScaleIncrement|LowerThreshold|MeasureName|Period|EvaluationPeriods|Statistic|Unit|"
    "UpperBreachScaleIncrement|UpperThreshold",
    "aws:autoscaling:updatepolicy:rollingupdate": "MaxBatchSize|MinInstancesInService|RollingUpdateEnabled|RollingUpdateType|PauseTime|Timeout",
    "aws:ec2:instances": "EnableSpot|InstanceTypes|SpotAllocationStrategy|SpotFleetOnDemandBase|SpotFleetOnDemandAboveBasePercentage|SpotMaxPrice|SupportedArchitectures",
    "aws:ec2:vpc": "VPCId|Subnets|ELBSubnets|ELBScheme|DBSubnets|AssociatePublicIpAddress",
    "aws:elasticbeanstalk:application": "Application Healthcheck URL",
    "aws:elasticbeanstalk:cloudwatch:logs": "StreamLogs|DeleteOnTerminate|RetentionInDays",
    "aws:elasticbeanstalk:cloudwatch:logs:health": "HealthStreamingEnabled|DeleteOnTerminate|RetentionInDays",
    "aws:elasticbeanstalk:command": "DeploymentPolicy|Timeout|BatchSizeType|BatchSize|IgnoreHealthCheck",
    "aws:elasticbeanstalk:environment": "EnvironmentType|ServiceRole|LoadBalancerType|LoadBalancerIsShared",
    "aws:elasticbeanstalk:environment:process:default": "DeregistrationDelay|HealthCheckInterval|HealthCheckPath|HealthCheckTimeout|HealthyThresholdCount|"
    "MatcherHTTPCode|Port|Protocol|StickinessEnabled|StickinessLBCookieDuration|StickinessType|UnhealthyThresholdCount",
    "aws:elasticbeanstalk:healthreporting:system": "SystemType|ConfigDocument|EnhancedHealthAuthEnabled|HealthCheckSuccessThreshold",
    "aws:elasticbeanstalk:managedactions": "ManagedActionsEnabled|PreferredStartTime|ServiceRoleForManagedUpdates",
    "aws:elasticbeanstalk:managedactions:platformupdate": "UpdateLevel|InstanceRefreshEnabled",
    "aws:elbv2:listener:443": "DefaultProcess|ListenerEnabled|Protocol|Rules|SSLCertificateArns|SSLPolicy",
    "aws:elbv2:loadbalancer": "AccessLogsS3Bucket|AccessLogsS3Enabled|AccessLogsS3Prefix|IdleTimeout|ManagedSecurityGroup|SecurityGroups|SharedLoadBalancer",
}


def case(function):
    CASES.append(function)
    return function


@functools.cache
def made(kind):
    """A bundle, made once, of a build as it is shipped."""
    confs = {"plain": BASE, "full": FULL, "docker": BASE + "PRISM_DATA=/srv/prism\nPORT=9000\nEB_MIN_INSTANCES=1\nEB_MAX_INSTANCES=1\n"}
    out = HERE / f"{kind}.zip"
    done = bundle(plain_program(PRISM), out, confs[kind], *(["--docker"] if kind == "docker" else []))
    assert done.returncode == 0, done.stderr
    return out


@functools.cache
def texts(kind):
    with zipfile.ZipFile(made(kind)) as package:
        return {name: package.read(name).decode() for name in package.namelist() if not name.startswith(("lib/", "bin/"))}


def options(kind):
    """{(namespace, option): value} of all configuration files, as the platform merges them."""
    found = {}
    for name, text in texts(kind).items():
        if name.startswith(".ebextensions/"):
            for namespace, values in yaml.safe_load(text).get("option_settings", {}).items():
                found.update({(namespace, option): value for option, value in values.items()})
    return found


def checked(conf):
    path = HERE / "checked.conf"
    path.write_text(conf, encoding="utf-8")
    return subprocess.run([PRISM, "bundle", "--check", "--conf", str(path)], capture_output=True, text=True, check=False, timeout=60)


def without(name):
    return "".join(line + "\n" for line in BASE.splitlines() if not line.startswith(name))


# what is written, and words of the refusal
REFUSALS = [
    (BASE + "EB_ACCESS_LOG_BUCKET=\n", ["EB_ACCESS_LOG_BUCKET is empty", "the balancer refuses an empty name", "line 4"]),
    (BASE + "EB_DISK_GB=\n", ["EB_DISK_GB is empty"]),
    (BASE + "EB_ACCESS_LOG_BUCKET=Logs_Of_Us\n", ["EB_ACCESS_LOG_BUCKET", "lower-case"]),
    (BASE + "EB_ACCESS_LOG_BUCKET=192.168.1.1\n", ["EB_ACCESS_LOG_BUCKET"]),
    (BASE + "EB_ACCESS_LOG_BUCKET=logs-us-east-1\n", ["us-east-1", "eu-north-1", "region of the balancer"]),
    (BASE + "EB_ACCESS_LOG_PREFIX=x\n", ["EB_ACCESS_LOG_PREFIX", "without EB_ACCESS_LOG_BUCKET"]),
    (BASE + "EB_ACCESS_LOG_BUCKET=logs\nEB_ACCESS_LOG_PREFIX=a/AWSLogs\n", ["EB_ACCESS_LOG_PREFIX", "AWSLogs"]),
    (without("EB_REGION"), ["EB_REGION is missing"]),
    (without("EB_ENVIRONMENT"), ["EB_ENVIRONMENT is missing"]),
    (without("EB_APPLICATION"), ["EB_APPLICATION is missing"]),
    (without("EB_ENVIRONMENT") + "EB_ENVIRONMENT=abc\n", ['EB_ENVIRONMENT is "abc"', "4 to 40"]),
    (without("EB_ENVIRONMENT") + "EB_ENVIRONMENT=ai_prism\n", ["EB_ENVIRONMENT", "hyphens"]),
    (without("EB_ENVIRONMENT") + "EB_ENVIRONMENT=-prism\n", ["EB_ENVIRONMENT"]),
    (without("EB_APPLICATION") + "EB_APPLICATION=a/b\n", ["EB_APPLICATION", '"/"']),
    (without("EB_REGION") + "EB_REGION=Stockholm\n", ["EB_REGION", "eu-north-1"]),
    (without("EB_REGION") + "EB_REGION=eu-north-1a\n", ["EB_REGION"]),
    (BASE + "EB_CNAME=x.y\n", ["EB_CNAME"]),
    (BASE + "EB_BRANCH=python\n", ["EB_BRANCH", "go or docker"]),
    (BASE + "EB_MIN_INSTANCES=4\nEB_MAX_INSTANCES=2\n", ["EB_MIN_INSTANCES is 4", "EB_MAX_INSTANCES is 2"]),
    (BASE + "EB_MAX_INSTANCES=0\n", ["EB_MAX_INSTANCES", "from 1"]),
    (BASE + "EB_STICKINESS=false\n", ["EB_STICKINESS", "keeps records on the instance"]),
    (BASE + "EB_INSTANCE_TYPE=m5.large\n", ["EB_INSTANCE_TYPE", "t3 class", "EB_ANY_INSTANCE_TYPE=true"]),
    (BASE + "EB_INSTANCE_TYPE=t4g.medium\n", ["EB_INSTANCE_TYPE", "Arm"]),
    (BASE + "EB_INSTANCE_TYPE=large\n", ["EB_INSTANCE_TYPE", "t3.medium"]),
    (BASE + "EB_DISK_GB=4\n", ["EB_DISK_GB", "from 8"]),
    (BASE + "EB_INSTANCE_PROFILE=arn:aws:iam::123:role/x\n", ["EB_INSTANCE_PROFILE", "instance-profile/NAME"]),
    (BASE + "EB_SERVICE_ROLE=a b\n", ["EB_SERVICE_ROLE", "role/NAME"]),
    (BASE + "EB_CERTIFICATE_ARN=certificate/0123\n", ["EB_CERTIFICATE_ARN", "arn:aws:acm"]),
    (BASE + f"EB_CERTIFICATE_ARN={CERTIFICATE.replace('north', 'west')}\n", ["EB_CERTIFICATE_ARN", "another region"]),
    (BASE + "EB_VPC=vpc-0123456789abcdef0\n", ["EB_VPC", "all three or none"]),
    (BASE + "EB_VPC=vpc-1\n", ["EB_VPC", "hexadecimal"]),
    (BASE + "EB_LOG_DAYS=8\n", ["EB_LOG_DAYS", "CloudWatch"]),
    (BASE + "EB_UPDATE_WINDOW=Sunday 3\n", ["EB_UPDATE_WINDOW", "Sun:03:00"]),
    (BASE + "EB_COUNT_4XX=no\n", ["EB_COUNT_4XX", "true or false"]),
    (BASE + "EB_INSTANCES_MIN=3\n", ["no setting EB_INSTANCES_MIN"]),
    (BASE + "EB_MIN_INSTANCE=3\n", ["no setting EB_MIN_INSTANCE", "did you mean EB_MIN_INSTANCES?"]),
    (BASE + "PRISM_WORKRES=3\n", ["no setting PRISM_WORKRES", "did you mean PRISM_WORKERS?"]),
    (BASE + "AWS_SECRET_ACCESS_KEY=abc\n", ["AWS_SECRET_ACCESS_KEY is not written into a bundle", "role"]),
    (BASE + "PRISM_ADMIN_TOKEN=correct-horse-battery\n", ["PRISM_ADMIN_TOKEN is a secret", "plain text"]),
    (BASE + "ANTHROPIC_API_KEY=arn:aws:s3:eu-north-1:123456789012:secret:x\n", ["ANTHROPIC_API_KEY is a secret"]),
    (BASE + f"PRISM_ADMIN_TOKEN={ADMIN.replace('north', 'west')}\n", ["PRISM_ADMIN_TOKEN", "eu-west-1", "own region"]),
    (BASE + "PRISM_MODEL_PROVIDER=anthropic\n", ["ANTHROPIC_API_KEY is missing"]),
    (BASE + "PRISM_OPENAI_URL=https://models.example.org/v1\n", ["PRISM_OPENAI_MODEL is missing"]),
    (BASE + "PORT=http\n", ['PORT is "http"', "whole number"]),
    (BASE + "PORT=80\n", ["PORT", "1024"]),
    (BASE + "PRISM_DATA=/var/app/current/data\n", ["PRISM_DATA", "replaced by each deployment"]),
    (BASE + "PRISM_DATA=data\n", ["PRISM_DATA", "from the root"]),
    (BASE + "PRISM_DATA=/srv/my data\n", ["PRISM_DATA", "shells"]),
    (BASE + "PRISM_CONF=/etc/prism.conf\n", ["PRISM_CONF", "no place in a bundle"]),
    (BASE + "DATABASE_URL=postgres://u:p@h/db\n", ["DATABASE_URL", "no other"]),
    (BASE + "PRISM_FRAMEWORK=`{\"Ref\": \"X\"}`\n", ["PRISM_FRAMEWORK", "CloudFormation"]),
    (BASE + "PRISM_ALLOWED_HOSTS=" + ",".join(f"{i:02d}" + "x" * 70 + ".example.org" for i in range(60)) + "\n", ["4096"]),
    (BASE + "EB_ALARM_TOPIC=alarms\n", ["EB_ALARM_TOPIC", "arn:aws:sns"]),
    (BASE + "EB_ALARM_TOPIC=arn:aws:sns:eu-west-1:123456789012:alarms\n", ["EB_ALARM_TOPIC", "another region"]),
    (BASE + "PRISM_RULES=rules.json\n", ["PRISM_RULES", "from the root"]),
    (BASE + "PRISM_TLS_CERT=/etc/prism/cert.pem\nPRISM_TLS_KEY=/etc/prism/key.pem\n", ["PRISM_TLS_CERT has no place in a bundle", "EB_CERTIFICATE_ARN"]),
    (BASE + "EB_LOG_DAYS\n", ["line 4", "NAME=value"]),
    (BASE + "EB_LOG_DAYS=7\nEB_LOG_DAYS=14\n", ["lines 4 and 5 both set EB_LOG_DAYS"]),
]
# where the program can export to S3
S3_REFUSALS = [
    (BASE + "S3_REGION=eu-north-1\n", ["S3_REGION", "without S3_BUCKET_NAME"]),
    (BASE + "S3_BASE_PATH=x/\n", ["S3_BASE_PATH", "without S3_BUCKET_NAME"]),
    (BASE + "S3_BUCKET_NAME=My_Bucket\n", ["S3_BUCKET_NAME", "no name of a bucket"]),
    (BASE + "S3_BUCKET_NAME=s3://exports\n", ["S3_BUCKET_NAME"]),
    (BASE + "S3_BUCKET_NAME=exports-us-east-1\n", ["S3_BUCKET_NAME", "us-east-1", "S3_REGION is eu-north-1"]),
    (BASE + "S3_BUCKET_NAME=exports.eu-north-1.ours\nS3_REGION=eu-west-1\n", ["S3_BUCKET_NAME", "S3_REGION is eu-west-1"]),
    (BASE + "S3_BUCKET_NAME=exports\nS3_REGION=north\n", ["S3_REGION"]),
]


def refuse(rows):
    for conf, words in rows:
        done = checked(conf)
        said = done.stderr
        assert done.returncode == 2, (conf[-200:], done.returncode, said)
        for word in words:
            assert word in said, (word, said)
        for secret in ("correct-horse-battery", "u:p@h"):
            assert secret not in said, said


@case
def what_would_break_the_deployment_is_refused_with_the_reason():
    refuse(REFUSALS)


@case
def a_bucket_and_its_region_must_agree():
    if "S3_BUCKET_NAME" not in subprocess.run([PRISM, "conf", "--markdown"], capture_output=True, text=True, check=True).stdout:
        raise Skip("this program does not export to S3")
    refuse(S3_REFUSALS)
    assert checked(BASE + "S3_BUCKET_NAME=ai.prism\n").returncode == 0
    assert checked(BASE + "S3_BUCKET_NAME=exports-eu-north-1\nS3_BASE_PATH=Logs and data/\n").returncode == 0


@case
def nothing_is_written_for_settings_that_are_wrong():
    out = HERE / "wrong.zip"
    done = bundle(PRISM, out, BASE + "EB_LOG_DAYS=8\n")
    assert done.returncode == 2 and not out.exists(), done
    done = subprocess.run([PRISM, "bundle", "-o", str(out)], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "bundle --example" in done.stderr, done
    done = subprocess.run([PRISM, "bundle", "--conf", str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "-o app.zip" in done.stderr, done


@case
def the_example_is_right_and_says_what_it_costs():
    done = subprocess.run([PRISM, "bundle", "--example"], capture_output=True, text=True, check=True)
    assert done.stdout == EXAMPLE.read_text(encoding="utf-8")
    said = checked(done.stdout)
    assert said.returncode == 0, said.stderr
    for words in ("keeps records and documents in SQLite", "no EB_CERTIFICATE_ARN", "PRISM_ALLOWED_HOSTS is ai-prism-prod.eu-north-1.elasticbeanstalk.com"):
        assert words in said.stderr, said.stderr
    # each line that is commented shows the default: with them all, nothing changes but what has none
    names = re.findall(r"^#?(EB_[A-Z0-9_]+)=", done.stdout, re.M)
    table = (SOURCE / "src" / "ops" / "bundle_priv.h").read_text(encoding="utf-8")
    assert sorted(names) == sorted(re.findall(r'X\(\w+, "(EB_[A-Z0-9_]+)"', table)), names
    defaults = dict(re.findall(r'X\(\w+, "(EB_[A-Z0-9_]+)", "([^"]+)"', table))
    for name, value in defaults.items():
        assert re.search(rf"^#{name}={re.escape(value)}$", done.stdout, re.M), (name, value)
    assert "keeps records" not in checked(BASE + "EB_MIN_INSTANCES=1\nEB_MAX_INSTANCES=1\n").stderr


@case
def the_options_are_those_of_the_platform():
    for kind in ("plain", "full", "docker"):
        for name, text in texts(kind).items():
            assert not re.search(r"@[A-Za-z_]+@", text), (name, text)
        for (namespace, option), value in options(kind).items():
            assert isinstance(value, str) and value, (namespace, option, value)
            if not namespace.startswith("aws:elasticbeanstalk:application:environment"):
                assert option in OPTIONS[namespace].split("|"), (namespace, option)


@case
def scaling_health_deployment_and_logs_are_as_meant():
    got = options("plain")

    def group(namespace):
        return {option: value for (of, option), value in got.items() if of == namespace}

    assert group("aws:autoscaling:asg") == {"MinSize": "3", "MaxSize": "15", "Cooldown": "180", "Availability Zones": "Any"}
    trigger = group("aws:autoscaling:trigger")
    assert trigger == {
        "MeasureName": "CPUUtilization", "Statistic": "Average", "Unit": "Percent", "Period": "3", "EvaluationPeriods": "1", "BreachDuration": "3",
        "UpperThreshold": "70", "UpperBreachScaleIncrement": "2", "LowerThreshold": "30", "LowerBreachScaleIncrement": "-1",
    }  # fmt: skip
    assert int(trigger["BreachDuration"]) == int(trigger["Period"]) * int(trigger["EvaluationPeriods"])
    launch = group("aws:autoscaling:launchconfiguration")
    assert launch["DisableIMDSv1"] == "true" and launch["MonitoringInterval"] == "1 minute", launch
    assert group("aws:ec2:instances")["InstanceTypes"] == "t3.medium"
    assert group("aws:elbv2:loadbalancer") == {"IdleTimeout": "600"}
    process = group("aws:elasticbeanstalk:environment:process:default")
    assert (process["HealthCheckPath"], process["HealthCheckInterval"], process["StickinessEnabled"]) == ("/health", "15", "true")
    command = group("aws:elasticbeanstalk:command")
    assert command == {"DeploymentPolicy": "RollingWithAdditionalBatch", "BatchSizeType": "Fixed", "BatchSize": "1", "Timeout": "600", "IgnoreHealthCheck": "false"}
    assert group("aws:autoscaling:updatepolicy:rollingupdate")["RollingUpdateType"] == "Health"
    logs = group("aws:elasticbeanstalk:cloudwatch:logs")
    assert logs == {"StreamLogs": "true", "DeleteOnTerminate": "false", "RetentionInDays": "7"}
    assert group("aws:elasticbeanstalk:cloudwatch:logs:health") == {"HealthStreamingEnabled": "true", "DeleteOnTerminate": "false", "RetentionInDays": "7"}
    assert group("aws:elasticbeanstalk:managedactions")["PreferredStartTime"] == "Sun:03:00"
    assert group("aws:elasticbeanstalk:managedactions:platformupdate") == {"UpdateLevel": "minor", "InstanceRefreshEnabled": "false"}
    document = json.loads(group("aws:elasticbeanstalk:healthreporting:system")["ConfigDocument"])
    metrics = document["CloudWatchMetrics"]["Environment"]
    assert set(metrics) >= {"ApplicationRequests4xx", "ApplicationRequests5xx", "ApplicationRequestsTotal", "ApplicationLatencyP99", "InstancesSevere"}
    assert set(metrics.values()) == {60} and document["Version"] == 1
    assert document["Rules"]["Environment"]["Application"]["ApplicationRequests4xx"]["Enabled"] is False
    assert "Rules" not in json.loads(options("full")["aws:elasticbeanstalk:healthreporting:system", "ConfigDocument"])
    # what is asked for is there, and nothing of it without
    full = options("full")
    assert full["aws:elbv2:listener:443", "SSLCertificateArns"] == CERTIFICATE
    assert full["aws:elbv2:loadbalancer", "AccessLogsS3Bucket"] == "balancer-logs" and full["aws:ec2:vpc", "VPCId"] == "vpc-0123456789abcdef0"
    redirect = yaml.safe_load(texts("full")[".ebextensions/21_https.config"])["Resources"]["AWSEBV2LoadBalancerListener"]["Properties"]
    assert redirect["DefaultActions"][0]["RedirectConfig"] == {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301"}
    metrics = json.loads(full["aws:elasticbeanstalk:healthreporting:system", "ConfigDocument"])["CloudWatchMetrics"]["Environment"]
    limits = {}
    for name, alarm in yaml.safe_load(texts("full")[".ebextensions/60_alarms.config"])["Resources"].items():
        properties = alarm["Properties"]
        assert alarm["Type"] == "AWS::CloudWatch::Alarm" and properties["AlarmActions"] == properties["OKActions"] == [TOPIC], name
        asked = [m["MetricStat"]["Metric"] for m in properties.get("Metrics", []) if "MetricStat" in m] or [properties]
        for metric in asked:
            assert metric["Namespace"] != "AWS/ElasticBeanstalk" or metric["MetricName"] in metrics, (name, metric)
        limits[asked[0]["MetricName"]] = properties["Threshold"]
    assert limits == {
        "ApplicationRequests5xx": 1, "ApplicationRequests4xx": 5, "ApplicationLatencyP99": 30, "InstancesSevere": 0, "TargetResponseTime": 5, "CPUUtilization": 80,
    }, limits  # fmt: skip
    assert not [name for name in texts("plain") if "60_" in name or "21_" in name or "22_" in name or "23_" in name]
    assert options("docker")["aws:autoscaling:updatepolicy:rollingupdate", "MinInstancesInService"] == "0"


@case
def every_setting_of_the_program_is_there_and_no_secret():
    program = plain_program(PRISM)
    page = subprocess.run([program, "conf", "--markdown"], capture_output=True, text=True, check=True).stdout
    names = [name for name in re.findall(r"^\| `([A-Z0-9_]+)` \|", page, re.M) if name != "PRISM_CONF"]
    assert len(names) > 40
    secrets = [name for name in names if re.search(rf"^\| `{name}` \|.*of ASCII, without spaces", page, re.M)]
    assert "PRISM_ADMIN_TOKEN" in secrets
    for kind in ("plain", "full"):
        text = texts(kind)[".ebextensions/00_environment.config"]
        assert sorted(re.findall(r"^    #?([A-Z0-9_]+): ", text, re.M)) == sorted(names), kind
        properties = {option: value for (of, option), value in options(kind).items() if of == "aws:elasticbeanstalk:application:environment"}
        assert not set(properties) & set(secrets)
        assert sum(len(name) + len(value) + 2 for name, value in properties.items()) <= 4096
        assert properties["PORT"] == "8000" and properties["PRISM_BIND"] == "127.0.0.1" and properties["PRISM_DATA"] == "/var/lib/prism", properties
    kept = {option: value for (of, option), value in options("full").items() if of == "aws:elasticbeanstalk:application:environmentsecrets"}
    assert kept == {"PRISM_ADMIN_TOKEN": ADMIN}
    # the program takes them as they are
    env = {option: value for (of, option), value in options("full").items() if of == "aws:elasticbeanstalk:application:environment"}
    done = subprocess.run([program, "conf"], env={**env, "PRISM_DATA": str(HERE / "none"), "PATH": "/bin"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "PRISM_ALLOWED_HOSTS=prism.example.org" in done.stdout, done.stderr


@case
def the_zip_is_as_the_platform_wants_it():
    with zipfile.ZipFile(made("plain")) as package:
        entries = package.infolist()
        names = [e.filename for e in entries]
        assert names == sorted(names) and {"Procfile", "bin/prism", "lib/prism", "bundle.json"} <= set(names)
        assert {e.date_time for e in entries} == {(1980, 1, 1, 0, 0, 0)}
        runs = {e.filename for e in entries if e.external_attr >> 16 & 0o111}
        assert runs == {"bin/prism", "lib/prism", "lib/ld-linux-x86-64.so.2", *(n for n in names if n.endswith(".sh"))}, runs
        assert re.fullmatch(r"web: bin/prism serve\n", package.read("Procfile").decode())
        listed = json.loads(package.read("bundle.json"))
        assert listed["format"] == "prism-bundle/1" and f"prism {listed['version']}" in subprocess.run([PRISM, "version"], capture_output=True, text=True, check=True).stdout
        assert sorted(f["path"] for f in listed["files"]) == sorted(set(names) - {"bundle.json"})
        for f in listed["files"]:
            data = package.read(f["path"])
            assert (len(data), hashlib.sha256(data).hexdigest(), f["path"] in runs) == (f["bytes"], f["sha256"], f["executable"]), f
        assert listed["settings"]["EB_MIN_INSTANCES"] == "3" and any("SQLite" in note for note in listed["notes"])
        hooks = [n for n in names if n.startswith(".platform/hooks/")]
        assert len(hooks) == 3
        for name in hooks:
            assert package.read(name) == package.read(name.replace("/hooks/", "/confighooks/")), name


@case
def the_docker_branch_has_the_same_program():
    got = texts("docker")
    assert "Procfile" not in got and "EXPOSE 9000" in got["Dockerfile"] and '"/srv/prism"' in got["Dockerfile"]
    volumes = json.loads(got["Dockerrun.aws.json"])
    assert volumes["AWSEBDockerrunVersion"] == "1" and volumes["Volumes"][0]["ContainerDirectory"] == "/srv/prism"
    assert options("docker")["aws:elasticbeanstalk:application:environment", "PRISM_BIND"] == "0.0.0.0"
    assert "http://docker" in got[".platform/nginx/conf.d/elasticbeanstalk/00_application.conf"] and "upstream prism" not in got[".platform/nginx/conf.d/prism.conf"]
    with zipfile.ZipFile(made("docker")) as one, zipfile.ZipFile(made("plain")) as other:
        for name in other.namelist():
            if name.startswith(("bin/", "lib/")):
                assert one.read(name) == other.read(name), name


@case
def every_library_and_version_is_in_the_bundle():
    with tempfile.TemporaryDirectory(prefix="prism-bundle-") as folder:
        root = unpack(made("plain"), folder)
        launcher = Elf(root / "bin" / "prism")
        assert launcher.interpreter is None and not launcher.tags, "bin/prism is to need nothing"
        files = {p.name: Elf(p) for p in (root / "lib").iterdir() if p.is_file()}
        assert "libc.so.6" in files and "libhunspell-1.7.so.0" in files
        for name, elf in files.items():
            for library in elf.needed:
                assert library in files, f"{name} needs {library}"
            for library, version in elf.versions_needed:
                assert version in files[library].versions_defined, f"{name} needs {version} of {library}"
        assert any(version.startswith("GLIBC_2.3") for _, version in files["prism"].versions_needed)
        if shutil.which("readelf"):
            sections = subprocess.run(["readelf", "-SW", str(root / "lib" / "prism")], capture_output=True, text=True, check=True)
            assert "debug" not in sections.stdout and ".symtab" not in sections.stdout and ".text" in sections.stdout and not sections.stderr, sections
            needed = subprocess.run(["readelf", "-d", str(root / "lib" / "prism")], capture_output=True, text=True, check=True).stdout
            assert sorted(re.findall(r"NEEDED.*\[(.+)\]", needed)) == sorted(files["prism"].needed)


def misspelled(folder):
    document = docx.Document()
    document.add_heading("Summary", 1)
    document.add_paragraph("The team has recieved the report on the outage and will discuss the findings in the next meeting of the board.")
    document.save(folder / "in.docx")
    return (folder / "in.docx").read_bytes()


def upload_and_review(person):
    _, _, findings = person.reviewed("report.docx", misspelled(HERE))
    assert [f for f in findings if "recieved" in json.dumps(f) and "dictionary" in f["description"]], findings
    return findings


@case
def it_runs_in_a_root_that_holds_nothing_else():
    with tempfile.TemporaryDirectory(prefix="prism-root-") as folder:
        root = unpack(made("plain"), folder)
        (root / "data").mkdir()
        wrapper = root_wrapper(root)
        assert sorted(p.name for p in root.iterdir()) == [".ebextensions", ".platform", "Procfile", "bin", "bundle.json", "data", "lib"]
        with Server("/bin/prism", wrapper=wrapper, PRISM_DATA="/data", HOME="/", LD_BIND_NOW="1", PRISM_LOG_FORMAT="json") as server:
            person = server.person()
            health = person.ask("GET", "/health", expect=200).body
            assert len(health) == 62 and json.loads(health)["status"] == "healthy", health
            assert b"<html" in person.ask("GET", "/", expect=200).body
            findings = upload_and_review(person)
            server.process.send_signal(signal.SIGHUP)
            server.wait_log(r'"event":"server_ready"', 2)
            server.wait_log(r'"event":"server_ended"', 1)
            assert "reload_failed" not in server.read_log()
            again = server.person()
            again.cookies = person.cookies
            person.close()
            assert again.get("/api/v1/documents")["documents"], "what was there is there"
            assert len(upload_and_review(again)) == len(findings)
            again.close()
        assert server.process.returncode == 0, server.process.returncode


@case
def the_process_has_the_program_s_name():
    with tempfile.TemporaryDirectory(prefix="prism-bundle-") as folder:
        root = unpack(made("plain"), Path(folder) / "a")
        with Server(str(root / "bin" / "prism")) as server:
            assert Path(f"/proc/{server.process.pid}/comm").read_text(encoding="ascii").strip() == "prism"
            maps = Path(f"/proc/{server.process.pid}/maps").read_text(encoding="ascii")
            strangers = {line.split()[-1] for line in maps.splitlines() if ".so" in line and str(root) not in line}
            assert not strangers, strangers


@case
def it_starts_however_it_is_called():
    with tempfile.TemporaryDirectory(prefix="prism-bundle-") as folder:
        top = Path(folder)
        root = unpack(made("plain"), top / "releases" / "one")
        (top / "current").symlink_to("releases/one")
        (top / "prism").symlink_to(root / "bin" / "prism")
        for words, cwd, env in (
            ([str(root / "bin" / "prism")], "/", {}),
            (["bin/prism"], root, {}),
            (["./prism"], root / "bin", {}),
            (["../bin/prism"], root / "lib", {}),
            (["current/bin/prism"], top, {}),
            ([str(top / "prism")], "/", {}),
            (["prism"], "/", {"PATH": str(root / "bin")}),
            (["prism"], "/", {"PATH": str(root / "bin"), "LD_LIBRARY_PATH": "/nowhere", "_PRISM_PROGRAM": "/nowhere/bin/prism"}),
        ):
            done = subprocess.run(["/usr/bin/env", "-i", *(f"{k}={v}" for k, v in env.items()), *words, "version"], cwd=cwd, capture_output=True, text=True, check=False)
            assert done.returncode == 0 and done.stdout.startswith("prism "), (words, done)
        (root / "lib" / "ld-linux-x86-64.so.2").unlink()
        done = subprocess.run([str(root / "bin" / "prism"), "version"], capture_output=True, text=True, check=False)
        assert done.returncode == 127 and "must lie together" in done.stderr, done


@case
def the_same_commit_gives_the_same_bytes():
    """From elsewhere, at another time of day, and by the program of a bundle itself, too."""
    one = made("plain").read_bytes()
    assert len(one) < 20_000_000, len(one)
    print(f"# the bundle has {len(one) / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory(prefix="prism-bundle-") as folder:
        root = unpack(made("plain"), folder)
        env = {"TZ": "Asia/Tokyo", "LC_ALL": "C"}
        done = subprocess.run([str(root / "bin" / "prism"), "bundle", "--conf", str(HERE / "plain.conf"), "-o", "again.zip"], cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert (root / "again.zip").read_bytes() == one


def hook(root, stage, kind="hooks", **env):
    (script,) = sorted((root / ".platform" / kind / stage).iterdir())
    return subprocess.run([str(script)], env={"PATH": os.environ["PATH"], **env}, cwd="/", capture_output=True, text=True, check=False, timeout=120)


@case
def the_hooks_prepare_and_can_be_run_again():
    with tempfile.TemporaryDirectory(prefix="prism-bundle-") as folder:
        root, data, system = unpack(made("plain"), Path(folder) / "app"), Path(folder) / "data", Path(folder) / "system"
        me = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        env = {"PRISM_DATA": str(data), "WEB_USER": me, "SYSTEM_ROOT": str(system)}
        for kind in ("hooks", "confighooks"):
            for _ in range(2):
                for stage in ("prebuild", "predeploy"):
                    done = hook(root, stage, kind, **env)
                    assert done.returncode == 0 and not done.stderr, (stage, done)
        assert data.stat().st_mode & 0o777 == 0o700
        assert "LimitNOFILE=65536" in (system / "etc/systemd/system/web.service.d/prism.conf").read_text(encoding="utf-8")
        for wrong, said in (
            ({"PRISM_DATA": ""}, "PRISM_DATA is not set"),
            ({"PRISM_DATA": "/var/app/current/data"}, "each deployment replaces /var/app"),
            ({"WEB_USER": "nobody-of-this-name"}, "there is no user"),
            ({"PORT": "many"}, "the settings of the program are wrong"),
        ):
            done = hook(root, "predeploy", **{**env, **wrong})
            assert done.returncode == 1 and said in done.stderr, (wrong, done)
        with Server(str(root / "bin" / "prism")) as server:
            url = f"http://localhost:{server.port}"
            done = hook(root, "postdeploy", PROXY_URL=url)
            assert done.returncode == 0, done
        (root / "bin" / "prism").chmod(0o644)
        done = hook(root, "prebuild", **env)
        assert done.returncode == 1 and "without its modes" in done.stderr, done


@case
def the_hooks_are_sound_shell():
    for name in (SOURCE / "deploy" / "elasticbeanstalk" / "hooks").iterdir():
        text = name.read_text(encoding="utf-8")
        assert text.startswith("#!/bin/sh\n") and "\nset -eu\n" in text, name
        subprocess.run(["sh", "-n", str(name)], check=True)
        if shutil.which("shellcheck"):
            subprocess.run(["shellcheck", str(name)], check=True)


if __name__ == "__main__":
    try:
        code = run(CASES, sys.argv[2:])
    finally:
        FOLDER.cleanup()
    sys.exit(code)
