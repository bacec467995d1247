/* What the files of a bundle share. bundle_keys.c reads the settings, bundle_check.c and bundle_rules.c judge them, bundle_env.c and bundle_render.c make
 * configuration of them, bundle_load.c and bundle_elf.c collect the program, bundle_zip.c packs, bundle.c leads. */
#pragma once

#include "base/vec.h"
#include "ops/bundle.h"

struct bundle__key {
    const char *name;
    const char *default_text; /* NULL: it must be given; "": nothing */
    bool (*right)(struct str text);
    const char *accepted; /* in words */
};

/* X(field, name, default, check, accepted in words): settings that are of the environment and not of the program. */
#define BUNDLE__KEYS(X)                                                                                                \
    X(application, "EB_APPLICATION", NULL, bundle__is_application, "1 to 100 characters of ASCII without \"/\"")       \
    X(environment, "EB_ENVIRONMENT", NULL, bundle__is_environment,                                                     \
      "4 to 40 letters, digits and hyphens, with no hyphen at either end")                                             \
    X(region, "EB_REGION", NULL, bundle__is_region, "the name of a region such as eu-north-1")                         \
    X(cname, "EB_CNAME", "", bundle__is_cname, "4 to 63 letters, digits and hyphens, with no hyphen at either end")    \
    X(branch, "EB_BRANCH", "go", bundle__is_branch, "go or docker")                                                    \
    X(instance_type, "EB_INSTANCE_TYPE", "t3.medium", bundle__is_instance_type, "an instance type such as t3.medium")  \
    X(any_instance_type, "EB_ANY_INSTANCE_TYPE", "false", bundle__is_bool, "true or false")                            \
    X(disk_gb, "EB_DISK_GB", "30", bundle__is_disk, "a whole number from 8 to 16384")                                  \
    X(min_instances, "EB_MIN_INSTANCES", "3", bundle__is_count, "a whole number from 1 to 1000")                       \
    X(max_instances, "EB_MAX_INSTANCES", "15", bundle__is_count, "a whole number from 1 to 1000")                      \
    X(stickiness, "EB_STICKINESS", "true", bundle__is_bool, "true or false")                                           \
    X(instance_profile, "EB_INSTANCE_PROFILE", "aws-elasticbeanstalk-ec2-role", bundle__is_profile,                    \
      "the name of an instance profile or its ARN, arn:aws:iam::123456789012:instance-profile/NAME")                   \
    X(service_role, "EB_SERVICE_ROLE", "aws-elasticbeanstalk-service-role", bundle__is_role,                           \
      "the name of a role or its ARN, arn:aws:iam::123456789012:role/NAME")                                            \
    X(certificate, "EB_CERTIFICATE_ARN", "", bundle__is_certificate,                                                   \
      "the ARN of a certificate, arn:aws:acm:REGION:123456789012:certificate/ID")                                      \
    X(vpc, "EB_VPC", "", bundle__is_vpc, "the id of a network, vpc- and 8 or 17 hexadecimal digits")                   \
    X(instance_subnets, "EB_INSTANCE_SUBNETS", "", bundle__is_subnets,                                                 \
      "ids of subnets, subnet- and 8 or 17 hexadecimal digits, with commas between them")                              \
    X(balancer_subnets, "EB_BALANCER_SUBNETS", "", bundle__is_subnets,                                                 \
      "ids of subnets, subnet- and 8 or 17 hexadecimal digits, with commas between them")                              \
    X(access_log_bucket, "EB_ACCESS_LOG_BUCKET", "", bundle__is_bucket,                                                \
      "the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens")                                    \
    X(access_log_prefix, "EB_ACCESS_LOG_PREFIX", "ai-prism", bundle__is_prefix,                                        \
      "up to 200 letters, digits and any of -_./, with no / at either end and without AWSLogs")                        \
    X(log_days, "EB_LOG_DAYS", "7", bundle__is_log_days,                                                               \
      "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 or 400, which CloudWatch takes")                                 \
    X(alarm_topic, "EB_ALARM_TOPIC", "", bundle__is_topic, "the ARN of a topic, arn:aws:sns:REGION:123456789012:NAME") \
    X(count_4xx, "EB_COUNT_4XX", "false", bundle__is_bool, "true or false")                                            \
    X(update_window, "EB_UPDATE_WINDOW", "Sun:03:00", bundle__is_window, "a day and a time of UTC such as Sun:03:00")

enum bundle__field {
#define BUNDLE__FIELD(field, ...) BUNDLE_##field,
    BUNDLE__KEYS(BUNDLE__FIELD)
#undef BUNDLE__FIELD
        BUNDLE__KEY_COUNT
};

extern const struct bundle__key bundle__keys[BUNDLE__KEY_COUNT];

struct bundle__value {
    struct str text; /* .p NULL: not given and no default */
    unsigned line;   /* of the file; 0: the default, or ours */
};

struct bundle__file {
    const char *path; /* in the zip */
    struct str bytes;
    bool runs; /* can be executed */
};

struct ops_bundle {
    struct arena *a;
    const char *name; /* of the file of settings */
    struct bundle__value eb[BUNDLE__KEY_COUNT];
    struct bundle__value program[CONF_SETTING_COUNT]; /* as the environment will have them; of a secret its ARN */
    struct conf conf;                                 /* what the program makes of them */
    VEC(struct str) list;
    struct conf_list notes;
    VEC(struct bundle__file) files;
};

static inline struct str bundle__get(const struct ops_bundle *b, enum bundle__field field) { return b->eb[field].text; }
static inline bool bundle__is(const struct ops_bundle *b, enum bundle__field field, const char *word)
{
    return str_eq_c(b->eb[field].text, word);
}
static inline uint64_t bundle__number(const struct ops_bundle *b, enum bundle__field field)
{
    uint64_t n = 0;
    (void)!str_to_u64(b->eb[field].text, 0, UINT32_MAX, &n, NULL);
    return n;
}

/* Sets reason, message ("EB_REGION: …" and the rest by printf), and as the hint where the setting stands. ERR_INVALID. */
enum err bundle__refuse(const struct ops_bundle *b, const char *name, unsigned line, struct error *e,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));
enum err bundle__note(struct ops_bundle *b, struct str text, struct error *e) MUST_USE;

/* Checks of one value (bundle_check.c). */
bool bundle__is_application(struct str s);
bool bundle__is_environment(struct str s);
bool bundle__is_region(struct str s);
bool bundle__is_cname(struct str s);
bool bundle__is_branch(struct str s);
bool bundle__is_instance_type(struct str s);
bool bundle__is_bool(struct str s);
bool bundle__is_disk(struct str s);
bool bundle__is_count(struct str s);
bool bundle__is_profile(struct str s);
bool bundle__is_role(struct str s);
bool bundle__is_certificate(struct str s);
bool bundle__is_topic(struct str s);
bool bundle__is_vpc(struct str s);
bool bundle__is_subnets(struct str s);
bool bundle__is_bucket(struct str s);
bool bundle__is_prefix(struct str s);
bool bundle__is_log_days(struct str s);
bool bundle__is_window(struct str s);

/* An ARN of Secrets Manager or of a parameter of Systems Manager. */
bool bundle__is_secret_arn(struct str s);
/* The region of an ARN, or empty. */
struct str bundle__arn_region(struct str arn);
/* The first name of a region within a text, such as a bucket's name, or empty. */
struct str bundle__region_in(struct str s);

/* What one setting cannot say alone (bundle_rules.c); and defaults that follow from others. */
enum err bundle__settle(struct ops_bundle *b, struct error *e) MUST_USE;

/* .ebextensions/00_environment.config (bundle_env.c). */
enum err bundle__environment(struct ops_bundle *b, struct str *ret, struct error *e) MUST_USE;
/* A text in quotation marks, as YAML and JSON have it. */
void bundle__quoted(struct sb *out, struct str text);

/* Adds the files that are made of templates (bundle_render.c), and those of the program (bundle_load.c). */
enum err bundle__render(struct ops_bundle *b, struct error *e) MUST_USE;
enum err bundle__load(struct ops_bundle *b, struct error *e) MUST_USE;
enum err bundle__add(struct ops_bundle *b, struct str path, struct str bytes, bool runs, struct error *e) MUST_USE;

/* A program of x86-64 without what only debuggers read: symbols, debug information, comments (bundle_elf.c). ret may be elf itself.
 * ERR_INVALID "no_bundle": it is something else. */
enum err bundle__strip(struct arena *a, struct str elf, struct str *ret, struct error *e) MUST_USE;

/* Packs the files, sorted by path (bundle_zip.c). */
enum err bundle__pack(struct ops_bundle *b, struct str *ret, struct error *e) MUST_USE;
