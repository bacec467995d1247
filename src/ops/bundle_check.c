/* What a value may look like: the rules of AWS for names, as its documentation has them, so that a name it would refuse is refused before anything
 * is uploaded. What several settings say together is bundle_rules.c's.
 * Source: API references of Elastic Beanstalk (CreateApplication, CreateEnvironment), IAM, S3 ("Bucket naming rules"), CloudWatch Logs
 * (PutRetentionPolicy), Elastic Load Balancing ("Access logs": prefixes). */
#include "ops/bundle_priv.h"

enum { ACCOUNT_DIGITS = 12, ARN_PARTS = 6, SUBNETS_MAX = 16 };

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_alnum(char c) { return is_lower((char)(c | 0x20)) || is_digit(c); }

static bool all(struct str s, const char *also, bool upper)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i]) && !is_lower(upper ? (char)(s.p[i] | 0x20) : s.p[i]) &&
            (s.p[i] == 0 || !strchr(also, s.p[i])))
            return false;
    return true;
}

static bool one_of(struct str s, const char *const *words)
{
    for (; *words; words++)
        if (str_eq_c(s, *words)) return true;
    return false;
}

static bool is_number(struct str s, uint64_t min, uint64_t max)
{
    uint64_t n;
    return str_to_u64(s, min, max, &n, NULL) == ERR_OK;
}

static bool is_name(struct str s, size_t min, size_t max)
{
    return s.n >= min && s.n <= max && all(s, "-", true) && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

bool bundle__is_application(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '/' || s.p[i] == '`') return false;
    return s.n >= 1 && s.n <= 100;
}

bool bundle__is_environment(struct str s) { return is_name(s, 4, 40); }
bool bundle__is_cname(struct str s) { return is_name(s, 4, 63); }

/* eu-north-1, us-gov-west-1: two letters, words, a digit. */
bool bundle__is_region(struct str s)
{
    size_t words = 0;
    struct str last = STR_EMPTY;
    for (struct str rest = s; rest.p; words++) {
        last = str_cut(rest, '-', &rest);
        if (last.n == 0 || (words == 0 && last.n != 2)) return false;
        for (size_t i = 0; i < last.n && rest.p; i++)
            if (!is_lower(last.p[i])) return false;
    }
    return words >= 3 && last.n == 1 && is_digit(last.p[0]);
}

bool bundle__is_branch(struct str s) { return str_eq_c(s, "go") || str_eq_c(s, "docker"); }
bool bundle__is_bool(struct str s) { return str_eq_c(s, "true") || str_eq_c(s, "false"); }
bool bundle__is_disk(struct str s) { return is_number(s, 8, 16384); }
bool bundle__is_count(struct str s) { return is_number(s, 1, 1000); }

bool bundle__is_instance_type(struct str s)
{
    struct str size = STR_EMPTY, family = str_cut(s, '.', &size);
    return family.n >= 2 && family.n <= 12 && is_lower(family.p[0]) && all(family, "-", false) && size.n >= 4 &&
           size.n <= 12 && all(size, "-", false);
}

/* --- ARNs: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE --- */

struct arn {
    struct str service, region, account, resource;
};

static bool arn_read(struct str s, struct arn *ret)
{
    struct str part[ARN_PARTS] = {0}, rest = s;
    for (size_t i = 0; i + 1 < ARN_PARTS; i++)
        part[i] = str_cut(rest, ':', &rest);
    part[ARN_PARTS - 1] = rest;
    *ret = (struct arn){.service = part[2], .region = part[3], .account = part[4], .resource = part[5]};
    for (size_t i = 0; i < ret->resource.n; i++)
        if (ret->resource.p[i] <= ' ' || ret->resource.p[i] > '~' || ret->resource.p[i] == '`') return false;
    return str_eq_c(part[0], "arn") && (str_eq_c(part[1], "aws") || str_starts(part[1], STR("aws-"))) &&
           ret->account.n == ACCOUNT_DIGITS && is_number(ret->account, 0, 999999999999);
}

struct str bundle__arn_region(struct str s)
{
    struct arn arn;
    return arn_read(s, &arn) ? arn.region : STR_EMPTY;
}

static bool is_iam(struct str s, struct str kind)
{
    struct arn arn;
    if (!str_starts(s, STR("arn:"))) return s.n >= 1 && s.n <= 128 && all(s, "+=,.@-_", true);
    return arn_read(s, &arn) && str_eq_c(arn.service, "iam") && arn.region.n == 0 && str_starts(arn.resource, kind) &&
           arn.resource.n > kind.n;
}

bool bundle__is_profile(struct str s) { return is_iam(s, STR("instance-profile/")); }
bool bundle__is_role(struct str s) { return is_iam(s, STR("role/")); }

bool bundle__is_certificate(struct str s)
{
    struct arn arn;
    return arn_read(s, &arn) && str_eq_c(arn.service, "acm") && bundle__is_region(arn.region) &&
           str_starts(arn.resource, STR("certificate/")) && arn.resource.n > 12;
}

bool bundle__is_topic(struct str s)
{
    struct arn arn;
    return arn_read(s, &arn) && str_eq_c(arn.service, "sns") && bundle__is_region(arn.region) && arn.resource.n > 0 &&
           all(arn.resource, "-_", true);
}

bool bundle__is_secret_arn(struct str s)
{
    struct arn arn;
    if (!arn_read(s, &arn) || !bundle__is_region(arn.region)) return false;
    if (str_eq_c(arn.service, "ssm")) return str_starts(arn.resource, STR("parameter/")) && arn.resource.n > 10;
    return str_eq_c(arn.service, "secretsmanager") && str_starts(arn.resource, STR("secret:")) && arn.resource.n > 7;
}

/* --- networks --- */

static bool is_id(struct str s, struct str prefix)
{
    struct str digits = str_sub(s, prefix.n, s.n);
    if (!str_starts(s, prefix) || (digits.n != 8 && digits.n != 17)) return false;
    for (size_t i = 0; i < digits.n; i++)
        if (!is_digit(digits.p[i]) && (digits.p[i] < 'a' || digits.p[i] > 'f')) return false;
    return true;
}

bool bundle__is_vpc(struct str s) { return is_id(s, STR("vpc-")); }

bool bundle__is_subnets(struct str s)
{
    size_t n = 0;
    for (struct str rest = s; rest.p; n++)
        if (!is_id(str_cut(rest, ',', &rest), STR("subnet-"))) return false;
    return n <= SUBNETS_MAX;
}

/* --- S3 and logs --- */

static bool is_address(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i]) && s.p[i] != '.') return false;
    return true;
}

bool bundle__is_bucket(struct str s)
{
    if (s.n < 3 || s.n > 63 || !all(s, ".-", false) || is_address(s)) return false;
    if (!is_alnum(s.p[0]) || !is_alnum(s.p[s.n - 1]) || str_find(s, STR(".."), 0) != STR_NONE) return false;
    return !str_starts(s, STR("xn--")) && !str_starts(s, STR("sthree-")) && !str_starts(s, STR("amzn-s3-demo-")) &&
           !str_ends(s, STR("-s3alias")) && !str_ends(s, STR("--ol-s3")) && !str_ends(s, STR(".mrap")) &&
           !str_ends(s, STR("--x-s3")) && !str_ends(s, STR("--table-s3"));
}

bool bundle__is_prefix(struct str s)
{
    return s.n >= 1 && s.n <= 200 && all(s, "-_./", true) && s.p[0] != '/' && s.p[s.n - 1] != '/' &&
           str_find(s, STR("AWSLogs"), 0) == STR_NONE;
}

bool bundle__is_log_days(struct str s)
{
    static const char *const days[] = {"1",  "3",   "5",   "7",   "14",  "30",  "60",
                                       "90", "120", "150", "180", "365", "400", NULL};
    return one_of(s, days);
}

bool bundle__is_window(struct str s)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", NULL};
    struct str rest = STR_EMPTY, day = str_cut(s, ':', &rest), minute = STR_EMPTY, hour = str_cut(rest, ':', &minute);
    return one_of(day, days) && hour.n == 2 && is_number(hour, 0, 23) && minute.n == 2 && is_number(minute, 0, 59);
}

/* "logs-eu-north-1-prod" has one: the longest run of its parts that is a region. */
struct str bundle__region_in(struct str s)
{
    for (size_t from = 0; from < s.n; from++) {
        if (from > 0 && is_alnum(s.p[from - 1])) continue;
        for (size_t to = s.n; to > from; to--) {
            struct str part = str_sub(s, from, to);
            bool ends = to == s.n || !is_alnum(s.p[to]);
            bool known = str_starts(part, STR("us-")) || str_starts(part, STR("eu-")) || str_starts(part, STR("ap-")) ||
                         str_starts(part, STR("ca-")) || str_starts(part, STR("sa-")) || str_starts(part, STR("af-")) ||
                         str_starts(part, STR("me-")) || str_starts(part, STR("il-")) || str_starts(part, STR("mx-"));
            if (ends && known && part.n <= 16 && bundle__is_region(part)) return part;
        }
    }
    return STR_EMPTY;
}
