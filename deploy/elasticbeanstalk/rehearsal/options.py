"""The option settings that Elastic Beanstalk knows for a load-balanced environment of the Go branch of Amazon Linux 2023.

A row is "name = kind": text, "text 3" (at least that long), "int 1 10000", bool, "json", "time" (Sun:03:00) or the words that are allowed with bars
between. A namespace that ends in "*" has any names. Source: developer guide, "General options for all environments" (2025).
"""
import json
import re

from . import Failed

ENVIRONMENT = "aws:elasticbeanstalk:application:environment"
KNOWN = """
[aws:autoscaling:asg]
Availability Zones = Any|Any 1|Any 2|Any 3
Cooldown = int 0 10000
Custom Availability Zones = text
EnableCapacityRebalancing = bool
MinSize = int 1 10000
MaxSize = int 1 10000
[aws:autoscaling:launchconfiguration]
BlockDeviceMappings = text
DisableDefaultEC2SecurityGroup = bool
DisableIMDSv1 = bool
EC2KeyName = text
IamInstanceProfile = text
ImageId = text
InstanceType = text
LaunchTemplateTagPropagationEnabled = bool
MonitoringInterval = 1 minute|5 minute
RootVolumeIOPS = int 100 20000
RootVolumeSize = int 8 16384
RootVolumeThroughput = int 125 1000
RootVolumeType = standard|gp2|gp3|io1|io2
SecurityGroups = text
SSHSourceRestriction = text
[aws:autoscaling:scheduledaction:+]
DesiredCapacity = int 0 10000
EndTime = text
MaxSize = int 0 10000
MinSize = int 0 10000
Recurrence = text
StartTime = text
Suspend = bool
[aws:autoscaling:trigger]
BreachDuration = int 1 600
EvaluationPeriods = int 1 600
LowerBreachScaleIncrement = int -10000 10000
LowerThreshold = int 0 20000000
MeasureName = CPUUtilization|NetworkIn|NetworkOut|DiskWriteOps|DiskReadBytes|DiskReadOps|DiskWriteBytes|Latency|RequestCount|HealthyHostCount|UnHealthyHostCount|TargetResponseTime
Period = int 1 600
Statistic = Minimum|Maximum|Sum|Average
Unit = Seconds|Percent|Bytes|Bits|Count|Bytes/Second|Bits/Second|Count/Second|None
UpperBreachScaleIncrement = int -10000 10000
UpperThreshold = int 0 20000000
[aws:autoscaling:updatepolicy:rollingupdate]
MaxBatchSize = int 1 10000
MinInstancesInService = int 0 9999
PauseTime = duration
RollingUpdateEnabled = bool
RollingUpdateType = Time|Health|Immutable
Timeout = duration
[aws:cloudformation:template:parameter]
* = text
[aws:ec2:instances]
EnableSpot = bool
InstanceTypes = text
SpotAllocationStrategy = capacity-optimized|lowest-price|capacity-optimized-prioritized|price-capacity-optimized|diversified
SpotFleetOnDemandAboveBasePercentage = int 0 100
SpotFleetOnDemandBase = int 0 10000
SpotMaxPrice = text
SupportedArchitectures = text
[aws:ec2:vpc]
AssociatePublicIpAddress = bool
DBSubnets = text
ELBScheme = public|internal
ELBSubnets = text
Subnets = text
VPCId = text
[aws:elasticbeanstalk:application]
Application Healthcheck URL = text
[aws:elasticbeanstalk:application:environment]
* = any
[aws:elasticbeanstalk:application:environmentsecrets]
* = arn
[aws:elasticbeanstalk:cloudwatch:logs]
DeleteOnTerminate = bool
RetentionInDays = 1|3|5|7|14|30|60|90|120|150|180|365|400|545|731|1827|3653
StreamLogs = bool
[aws:elasticbeanstalk:cloudwatch:logs:health]
DeleteOnTerminate = bool
HealthStreamingEnabled = bool
RetentionInDays = 1|3|5|7|14|30|60|90|120|150|180|365|400|545|731|1827|3653
[aws:elasticbeanstalk:command]
BatchSize = int 1 10000
BatchSizeType = Percentage|Fixed
DeploymentPolicy = AllAtOnce|Rolling|RollingWithAdditionalBatch|Immutable|TrafficSplitting
IgnoreHealthCheck = bool
Timeout = int 1 3600
[aws:elasticbeanstalk:control]
DefaultSSHPort = int 1 65535
LaunchTimeout = int 0 86400
LaunchType = Migration
RollbackLaunchOnFailure = bool
[aws:elasticbeanstalk:environment]
EnvironmentType = LoadBalanced|SingleInstance
LoadBalancerIsShared = bool
LoadBalancerType = classic|application|network
ServiceRole = text
[aws:elasticbeanstalk:environment:process:+]
DeregistrationDelay = int 0 3600
HealthCheckInterval = int 5 300
HealthCheckPath = path
HealthCheckTimeout = int 2 60
HealthyThresholdCount = int 2 10
MatcherHTTPCode = text
Port = int 1 65535
Protocol = HTTP|HTTPS|TCP|TLS
StickinessEnabled = bool
StickinessLBCookieDuration = int 1 604800
StickinessType = lb_cookie|app_cookie
UnhealthyThresholdCount = int 2 10
[aws:elasticbeanstalk:environment:proxy]
ProxyServer = nginx|none
[aws:elasticbeanstalk:environment:proxy:staticfiles]
* = text
[aws:elasticbeanstalk:healthreporting:system]
ConfigDocument = json
EnhancedHealthAuthEnabled = bool
HealthCheckSuccessThreshold = Ok|Warning|Degraded|Severe
SystemType = basic|enhanced
[aws:elasticbeanstalk:hostmanager]
LogPublicationControl = bool
[aws:elasticbeanstalk:managedactions]
ManagedActionsEnabled = bool
PreferredStartTime = time
ServiceRoleForManagedUpdates = text
[aws:elasticbeanstalk:managedactions:platformupdate]
InstanceRefreshEnabled = bool
UpdateLevel = patch|minor
[aws:elasticbeanstalk:monitoring]
Automatically Terminate Unhealthy Instances = bool
[aws:elasticbeanstalk:sns:topics]
Notification Endpoint = text
Notification Protocol = http|https|email|email-json|sqs
Notification Topic ARN = text
Notification Topic Name = text
[aws:elasticbeanstalk:trafficsplitting]
EvaluationTime = int 3 600
NewVersionPercent = int 1 100
[aws:elasticbeanstalk:xray]
XRayEnabled = bool
[aws:elb:healthcheck]
HealthyThreshold = int 2 10
Interval = int 5 300
Target = text
Timeout = int 2 60
UnhealthyThreshold = int 2 10
[aws:elb:loadbalancer]
CrossZone = bool
ManagedSecurityGroup = text
SecurityGroups = text
[aws:elb:policies]
ConnectionDrainingEnabled = bool
ConnectionDrainingTimeout = int 1 3600
ConnectionSettingIdleTimeout = int 1 3600
[aws:elbv2:listener:+]
DefaultProcess = text
ListenerEnabled = bool
Protocol = HTTP|HTTPS|TCP
Rules = text
SSLCertificateArns = text
SSLPolicy = text
[aws:elbv2:listenerrule:+]
HostHeaders = text
PathPatterns = text
Priority = int 1 1000
Process = text
[aws:elbv2:loadbalancer]
AccessLogsS3Bucket = text 3
AccessLogsS3Enabled = bool
AccessLogsS3Prefix = text
IdleTimeout = int 1 3600
ManagedSecurityGroup = text
SecurityGroups = text
SharedLoadBalancer = text
"""
KEY = re.compile(r"[A-Za-z0-9_.:/+\\@-]{1,128}")
PROPERTIES_BYTES = 4096


def table():
    """{namespace: {name: kind}}; a namespace that ends in ":+" has any last part."""
    found, rows = {}, None
    for line in KNOWN.strip().splitlines():
        if line.startswith("["):
            rows = found.setdefault(line[1:-1], {})
        else:
            name, _, kind = line.partition(" = ")
            rows[name] = kind
    return found


TABLE = table()


def kind_of(namespace, name):
    """The kind of an option, or None if there is none."""
    rows = TABLE.get(namespace)
    if rows is None and ":" in namespace:
        rows = TABLE.get(namespace.rsplit(":", 1)[0] + ":+")
    if rows is None:
        return None
    return rows.get(name, rows.get("*"))


def as_text(value):
    """As it stands in the service: booleans are written small, numbers without a fraction."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def number(value, low, high):
    if not re.fullmatch(r"-?[0-9]+", value):
        return "Value is not a valid integer"
    if int(value) < low:
        return f"Value is less than minimum allowed value: {low}"
    return f"Value is greater than maximum allowed value: {high}" if int(value) > high else None


def wrong_value(kind, value):
    """Why a value is refused, or None."""
    word, *limits = kind.split(" ")
    if word == "int":
        return number(value, int(limits[0]), int(limits[1]))
    if word == "bool":
        return None if value in ("true", "false") else "Value must be one of: true, false"
    if word == "text":
        least = int(limits[0]) if limits else 0
        return f"Value is less than minimum allowed length: {least}" if len(value) < least else None
    if word == "any":
        return "Value is longer than the maximum allowed length: 256" if len(value) > 256 else None
    if word == "json":
        return not_json(value)
    shapes = {"path": r"(/\S*|HTTPS?:\d+/\S*|TCP:\d+)", "time": r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d", "arn": r"arn:aws[a-z-]*:(secretsmanager|ssm):\S+",
              "duration": r"PT(?=\d)(\d+H)?(\d+M)?(\d+S)?"}  # fmt: skip
    if word in shapes:
        return None if re.fullmatch(shapes[word], value) else f"Value does not match the pattern: {shapes[word]}"
    allowed = kind.split("|")
    return None if value in allowed else f"Value must be one of: {', '.join(allowed)}"


def not_json(value):
    try:
        return None if isinstance(json.loads(value), dict) else "Value is not a JSON object"
    except ValueError as why:
        return f"Value is not valid JSON: {why}"


def refused(file, said, advice):
    return Failed("option settings", said, f"{file}: {advice}", [f"Configuration validation exception: {said}", "Failed to deploy application."])


def check_property(file, name, value):
    if not KEY.fullmatch(name):
        raise refused(file, f"Invalid option specification (Namespace: '{ENVIRONMENT}', OptionName: '{name}'): the name of an environment property",
                      "a name has letters, digits and _ . : / + \\ - @ only, and 128 characters at most")  # fmt: skip
    if "\n" in value or "\0" in value:
        raise refused(file, f"Invalid option value: (Namespace: '{ENVIRONMENT}', OptionName: '{name}'): Value has a line break", "write it in one line")


def check_one(file, namespace, name, value):
    """Raises Failed if the service would refuse the setting."""
    kind = kind_of(namespace, name)
    if kind is None:
        known = namespace in TABLE or namespace.rsplit(":", 1)[0] + ":+" in TABLE
        raise refused(file, f"Invalid option specification (Namespace: '{namespace}', OptionName: '{name}'): Unknown configuration setting.",
                      "look the option's name up; capitals count" if known else f"there is no namespace {namespace} on this platform")  # fmt: skip
    if namespace == ENVIRONMENT:
        check_property(file, name, value)
    why = wrong_value(kind, value)
    if why:
        raise refused(file, f"Invalid option value: '{value}' (Namespace: '{namespace}', OptionName: '{name}'): {why}",
                      "give a value, or take the line out" if value == "" else "correct the value")  # fmt: skip


def check_together(settings):
    """Rules that are about several settings: settings is {namespace: {name: (value, file)}}."""
    trigger = settings.get("aws:autoscaling:trigger", {})
    period, evaluations = (int(trigger.get(n, (d, ""))[0]) for n, d in (("Period", 5), ("EvaluationPeriods", 1)))
    breach = int(trigger.get("BreachDuration", (5, ""))[0])
    if trigger and breach != period * evaluations:
        file = next(iter(trigger.values()))[1]
        raise refused(file, f"Invalid option value: '{breach}' (Namespace: 'aws:autoscaling:trigger', OptionName: 'BreachDuration'): Value must be "
                      f"Period x EvaluationPeriods, {period} x {evaluations} = {period * evaluations}",
                      "set all three: Period, EvaluationPeriods (5 and 1 where they are not given) and BreachDuration as their product")  # fmt: skip
    sizes = settings.get("aws:autoscaling:asg", {})
    least, most = (int(sizes.get(n, (d, ""))[0]) for n, d in (("MinSize", 1), ("MaxSize", 4)))
    if sizes and least > most:
        raise refused(next(iter(sizes.values()))[1], f"Invalid option value: '{least}' (Namespace: 'aws:autoscaling:asg', OptionName: 'MinSize'): Value is greater "
                      f"than MaxSize: {most}", "MinSize must not be larger than MaxSize (1 and 4 where they are not given)")  # fmt: skip
    check = settings.get("aws:elasticbeanstalk:environment:process:default", {})
    interval, timeout = (int(check.get(n, (d, ""))[0]) for n, d in (("HealthCheckInterval", 15), ("HealthCheckTimeout", 5)))
    if check and timeout >= interval:
        raise refused(next(iter(check.values()))[1], f"Invalid option value: '{timeout}' (Namespace: 'aws:elasticbeanstalk:environment:process:default', OptionName: "
                      f"'HealthCheckTimeout'): Value must be less than HealthCheckInterval: {interval}", "give the check more time than it may take")  # fmt: skip
    properties = settings.get(ENVIRONMENT, {})
    size = sum(len(f"{name}={value}".encode()) + 1 for name, (value, _) in properties.items())
    if size > PROPERTIES_BYTES:
        raise refused(next(iter(properties.values()))[1], f"The combined size of all environment properties is {size} bytes; the limit is {PROPERTIES_BYTES}",
                      "leave out those that equal the program's defaults, or put them into a file of the bundle (PRISM_CONF)")  # fmt: skip
