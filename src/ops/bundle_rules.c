/* What settings say together, and those that follow from others. Each refusal here is something that Elastic Beanstalk takes at upload and breaks on
 * later: an environment that cannot be made, a program that does not start on the instance, an export that fails on its first use.
 * The program's own settings are judged by the program (conf_check), as it would judge them on the instance. */
#include <stdio.h>

#include "ops/bundle_priv.h"

enum { ENVIRONMENT_MAX_BYTES = 4096 }; /* of all properties together, says Elastic Beanstalk */

#define CHAIN "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"

static enum err refuse_eb(const struct ops_bundle *b, enum bundle__field field, struct error *e, const char *text)
{
    return bundle__refuse(b, bundle__keys[field].name, b->eb[field].line, e, "%s", text);
}

/* The place of a program's setting by its name, or CONF_SETTING_COUNT where this program has none of it. */
static size_t setting(const char *name)
{
    size_t i = 0;
    while (i < CONF_SETTING_COUNT && strcmp(conf_row_at(i).name, name) != 0)
        i++;
    return i;
}

static struct bundle__value value_of(const struct ops_bundle *b, const char *name)
{
    size_t i = setting(name);
    return i < CONF_SETTING_COUNT ? b->program[i] : (struct bundle__value){0};
}

/* Unless the operator has said something else. */
static enum err give(struct ops_bundle *b, const char *name, struct str text, struct error *e)
{
    size_t i = setting(name);
    if (i == CONF_SETTING_COUNT || b->program[i].text.p) return ERR_OK;
    if (!text.p) return error_no_memory(e);
    b->program[i].text = text;
    return ERR_OK;
}

/* --- instances --- */

static enum err check_instances(struct ops_bundle *b, struct error *e)
{
    struct str type = bundle__get(b, BUNDLE_instance_type);
    uint64_t min = bundle__number(b, BUNDLE_min_instances), max = bundle__number(b, BUNDLE_max_instances);
    struct str family = str_cut(type, '.', &(struct str){0});
    bool arm = str_eq_c(family, "a1") || (family.n >= 3 && family.p[family.n - 1] == 'g') ||
               str_find(family, STR("gd"), 0) != STR_NONE || str_find(family, STR("gn"), 0) != STR_NONE;
    if (arm)
        return refuse_eb(
            b, BUNDLE_instance_type, e,
            "is an instance with an Arm processor, and this program is built for x86-64: a bundle is made for the "
            "architecture of the program that makes it");
    if (!str_starts(type, STR("t3.")) && !bundle__is(b, BUNDLE_any_instance_type, "true"))
        return refuse_eb(b, BUNDLE_instance_type, e,
                         "is not of the t3 class; another one costs otherwise and scales otherwise, so say "
                         "EB_ANY_INSTANCE_TYPE=true if it is meant");
    if (min > max)
        return bundle__refuse(b, "EB_MIN_INSTANCES", b->eb[BUNDLE_min_instances].line, e,
                              "is %llu, and EB_MAX_INSTANCES is %llu: the least cannot be more than the most",
                              (unsigned long long)min, (unsigned long long)max);
    if (max == 1) return ERR_OK;
    if (bundle__is(b, BUNDLE_stickiness, "false"))
        return refuse_eb(
            b, BUNDLE_stickiness, e,
            "is false with more than one instance: this version keeps records on the instance, so the next request of "
            "a person would find nothing. Leave it true, or set EB_MAX_INSTANCES=1");
    return bundle__note(
        b,
        str_printf(b->a,
                   "up to %llu instances: this version keeps records and documents in SQLite and files on "
                   "each instance. The balancer sends a person to the same one for a day (cookie); who comes "
                   "without it, or after that instance is gone (scaling in, a replaced instance), starts "
                   "empty. Download results or export them, or set EB_MIN_INSTANCES=1 and EB_MAX_INSTANCES=1",
                   (unsigned long long)max),
        e);
}

/* --- regions, networks, buckets --- */

static enum err check_network(struct ops_bundle *b, struct error *e)
{
    struct str region = bundle__get(b, BUNDLE_region), certificate = bundle__get(b, BUNDLE_certificate);
    size_t n = 0;
    for (size_t i = BUNDLE_vpc; i <= BUNDLE_balancer_subnets; i++)
        n += b->eb[i].text.n > 0;
    if (certificate.n && !str_eq(bundle__arn_region(certificate), region))
        return refuse_eb(
            b, BUNDLE_certificate, e,
            "is a certificate of another region than EB_REGION; a balancer takes those of its own region only");
    struct str topic = bundle__get(b, BUNDLE_alarm_topic);
    if (topic.n && !str_eq(bundle__arn_region(topic), region))
        return refuse_eb(b, BUNDLE_alarm_topic, e,
                         "is a topic of another region than EB_REGION; alarms tell topics of their own region only");
    if (n != 0 && n != 3)
        return refuse_eb(b, BUNDLE_vpc, e,
                         "goes with EB_INSTANCE_SUBNETS and EB_BALANCER_SUBNETS: give all three or none of them");
    if (b->eb[BUNDLE_access_log_prefix].line && !bundle__get(b, BUNDLE_access_log_bucket).n)
        return refuse_eb(b, BUNDLE_access_log_prefix, e,
                         "is given without EB_ACCESS_LOG_BUCKET; the balancer then keeps no log");
    struct str named = bundle__region_in(bundle__get(b, BUNDLE_access_log_bucket));
    if (named.n && !str_eq(named, region))
        return bundle__refuse(
            b, "EB_ACCESS_LOG_BUCKET", b->eb[BUNDLE_access_log_bucket].line, e,
            "has %.*s in its name, and EB_REGION is %.*s: the bucket must be in the region of the balancer",
            STR_ARG(named), STR_ARG(region));
    if (!certificate.n)
        return bundle__note(b, STR("no EB_CERTIFICATE_ARN: people reach the balancer by http, readable on the way"), e);
    return ERR_OK;
}

static enum err check_s3(struct ops_bundle *b, struct error *e)
{
    struct bundle__value bucket = value_of(b, "S3_BUCKET_NAME"), region = value_of(b, "S3_REGION"),
                         path = value_of(b, "S3_BASE_PATH");
    if (!bucket.text.n && region.line)
        return bundle__refuse(b, "S3_REGION", region.line, e, "is given without S3_BUCKET_NAME: a region of what?");
    if (!bucket.text.n && path.line)
        return bundle__refuse(b, "S3_BASE_PATH", path.line, e, "is given without S3_BUCKET_NAME");
    if (!bucket.text.n) return ERR_OK;
    if (!bundle__is_bucket(bucket.text))
        return bundle__refuse(
            b, "S3_BUCKET_NAME", bucket.line, e,
            "is \"%.*s\", which is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens; no "
            "address and no path",
            STR_ARG(str_sub(bucket.text, 0, 60)));
    struct str is = region.text.n ? region.text : bundle__get(b, BUNDLE_region);
    if (!bundle__is_region(is))
        return bundle__refuse(b, "S3_REGION", region.line, e,
                              "is \"%.*s\"; accepted is the name of a region such as eu-north-1",
                              STR_ARG(str_sub(is, 0, 60)));
    struct str named = bundle__region_in(bucket.text);
    if (named.n && !str_eq(named, is))
        return bundle__refuse(
            b, "S3_BUCKET_NAME", bucket.line, e,
            "has %.*s in its name, and S3_REGION is %.*s: S3 refuses requests that are signed for another region "
            "than the bucket's",
            STR_ARG(named), STR_ARG(is));
    return give(b, "S3_REGION", is, e);
}

static enum err check_secrets(struct ops_bundle *b, struct error *e)
{
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++) {
        if (!conf_row_at(i).secret || !b->program[i].text.n) continue;
        struct str region = bundle__arn_region(b->program[i].text);
        if (!str_eq(region, bundle__get(b, BUNDLE_region)))
            return bundle__refuse(
                b, conf_row_at(i).name, b->program[i].line, e,
                "is kept in %.*s, and EB_REGION is %.*s: instances fetch secrets from their own region",
                STR_ARG(region), STR_ARG(bundle__get(b, BUNDLE_region)));
    }
    return ERR_OK;
}

/* --- the program's settings --- */

static struct str address(struct ops_bundle *b)
{
    struct str name =
        bundle__get(b, BUNDLE_cname).n ? bundle__get(b, BUNDLE_cname) : bundle__get(b, BUNDLE_environment);
    struct str region = bundle__get(b, BUNDLE_region), ret;
    ret = str_printf(b->a, "%.*s.%.*s.elasticbeanstalk.com", STR_ARG(name), STR_ARG(region));
    char *lower = ret.p ? str_to_c(b->a, ret) : NULL;
    for (size_t i = 0; lower && i < ret.n; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] = (char)(lower[i] | 0x20);
    return lower ? (struct str){lower, ret.n} : STR_EMPTY;
}

static enum err give_defaults(struct ops_bundle *b, struct error *e)
{
    bool docker = bundle__is(b, BUNDLE_branch, "docker");
    struct str region = bundle__get(b, BUNDLE_region), host = address(b);
    if (!host.p) return error_no_memory(e);
    if (!value_of(b, "PRISM_ALLOWED_HOSTS").text.n)
        TRY(bundle__note(b,
                         str_printf(b->a,
                                    "PRISM_ALLOWED_HOSTS is %.*s; people who come by another name are refused, so give "
                                    "theirs if there is one",
                                    STR_ARG(host)),
                         e));
    TRY(give(b, "PORT", STR("8000"), e));
    TRY(give(b, "PRISM_BIND", docker ? STR("0.0.0.0") : STR("127.0.0.1"), e));
    TRY(give(b, "PRISM_DATA", STR("/var/lib/prism"), e));
    TRY(give(b, "PRISM_ALLOWED_HOSTS", host, e));
    /* people, balancer (an address of the network), nginx on the same machine */
    TRY(give(b, "PRISM_TRUSTED_PROXIES", STR(CHAIN), e));
    TRY(give(b, "PRISM_LOG_FORMAT", STR("json"), e));
    TRY(give(b, "AWS_REGION", region, e));
    return give(b, "AWS_DEFAULT_REGION", value_of(b, "AWS_REGION").text, e);
}

/* As the program will read it. Secrets come when the instance starts: what they are is not known here, only that they will be there. */
static enum err load_as_program(struct ops_bundle *b, struct error *e)
{
    char **environment = NEW(b->a, char *, CONF_SETTING_COUNT + 1);
    size_t n = 0;
    if (!environment) return error_no_memory(e);
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++) {
        struct conf_row row = conf_row_at(i);
        struct str text =
            row.secret && b->program[i].text.n ? STR("00000000-0000-0000-0000-000000000000") : b->program[i].text;
        if (!text.n) continue;
        struct str line = str_printf(b->a, "%s=%.*s", row.name, STR_ARG(text));
        environment[n] = line.p ? str_to_c(b->a, line) : NULL;
        if (!environment[n++]) return error_no_memory(e);
    }
    if (conf_check(b->a, environment, &b->conf, e) == ERR_OK) return ERR_OK;
    if (!error_is_no_memory(e))
        error_hint(
            e,
            "It stands in \"%s\", and the program would not start with it. docs/configuration.md lists all settings.",
            b->name);
    return e->code;
}

static enum err missing(const struct ops_bundle *b, struct error *e, const char *name, const char *why)
{
    error_set_reason(e, ERR_INVALID, "missing_bundle_setting", "%s is missing: %s", name, why);
    return error_hint(e, "Write it into \"%s\".", b->name);
}

static enum err check_models(const struct ops_bundle *b, struct error *e)
{
    const struct conf *c = &b->conf;
    if (c->model_provider == CONF_PROVIDER_ANTHROPIC && !c->anthropic_key.n)
        return missing(b, e, "ANTHROPIC_API_KEY",
                       "PRISM_MODEL_PROVIDER is anthropic, which asks for a key (by its ARN)");
    if (c->model_provider == CONF_PROVIDER_OPENAI && !c->openai_model.n)
        return missing(b, e, "PRISM_OPENAI_MODEL", "the provider is openai, and which model to ask has no default");
    return ERR_OK;
}

/* What a setting of the program cannot mean on an instance. */
static enum err check_files(struct ops_bundle *b, struct error *e)
{
    static const char *const files[] = {"PRISM_RULES", "PRISM_PRICES", "PRISM_PROMPTS"};
    static const char *const tls[] = {"PRISM_TLS_CERT", "PRISM_TLS_KEY"};
    for (size_t i = 0; i < sizeof tls / sizeof *tls; i++)
        if (value_of(b, tls[i]).text.n)
            return bundle__refuse(
                b, tls[i], value_of(b, tls[i]).line, e,
                "has no place in a bundle: nginx asks the program by http on the same machine; https is the "
                "balancer's (EB_CERTIFICATE_ARN)");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct bundle__value v = value_of(b, files[i]);
        if (!v.text.n) continue;
        if (!str_starts(v.text, STR("/")) || str_starts(v.text, STR("/var/app")))
            return bundle__refuse(
                b, files[i], v.line, e,
                "must be a path from the root and not below /var/app: the bundle does not bring it, so it has to "
                "lie on each instance where deployments leave it alone");
        TRY(bundle__note(b,
                         str_printf(b->a,
                                    "%s is not in the bundle; put it on each instance, or the program does not start",
                                    files[i]),
                         e));
    }
    return ERR_OK;
}

static bool is_within(struct str path, struct str folder)
{
    return str_starts(path, folder) && (path.n == folder.n || path.p[folder.n] == '/');
}

static enum err check_paths(const struct ops_bundle *b, struct error *e)
{
    const struct conf *c = &b->conf;
    struct bundle__value data = value_of(b, "PRISM_DATA"), port = value_of(b, "PORT"), file = value_of(b, "PRISM_CONF");
    if (!str_starts(data.text, STR("/")) || c->data_folder.n < 2 || str_find(data.text, STR(".."), 0) != STR_NONE)
        return bundle__refuse(b, "PRISM_DATA", data.line, e, "must be a folder of its own, written from the root");
    for (size_t i = 0; i < data.text.n; i++)
        if (strchr(" '\"\\$*", data.text.p[i]))
            return bundle__refuse(b, "PRISM_DATA", data.line, e, "has a character that shells read otherwise");
    if (is_within(c->data_folder, STR("/var/app")) || is_within(c->data_folder, STR("/tmp")))
        return bundle__refuse(
            b, "PRISM_DATA", data.line, e,
            "lies where it is lost: /var/app is replaced by each deployment, /tmp emptied by the system");
    if (c->port < 1024)
        return bundle__refuse(
            b, "PORT", port.line, e,
            "must be from 1024 to 65535: the program runs without rights, and nginx must know the port");
    if (file.text.n)
        return bundle__refuse(b, "PRISM_CONF", file.line, e,
                              "has no place in a bundle: settings stand here, or in prism.conf in the data folder");
    return ERR_OK;
}

static enum err check_room(const struct ops_bundle *b, struct error *e)
{
    size_t n = 0;
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        if (b->program[i].text.n) n += strlen(conf_row_at(i).name) + b->program[i].text.n + 2;
    if (n <= ENVIRONMENT_MAX_BYTES) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "bad_bundle_setting",
                     "the settings of the program take %zu bytes as environment properties; Elastic Beanstalk takes %d",
                     n, ENVIRONMENT_MAX_BYTES);
    return error_hint(e, "Put some into prism.conf in the data folder of the instances, or shorten lists in \"%s\".",
                      b->name);
}

enum err bundle__settle(struct ops_bundle *b, struct error *e)
{
    TRY(check_instances(b, e));
    TRY(check_network(b, e));
    TRY(check_s3(b, e));
    TRY(check_secrets(b, e));
    TRY(give_defaults(b, e));
    TRY(load_as_program(b, e));
    TRY(check_paths(b, e));
    TRY(check_files(b, e));
    TRY(check_models(b, e));
    return check_room(b, e);
}
