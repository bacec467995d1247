/* The checks of settings that are no plain numbers, words or paths. Each says what is wrong in words that fit what it looked at; what is accepted
 * stands in the row. */
#include "conf/conf_priv.h"

#include <arpa/inet.h>

#include "base/cidr.h"

enum {
    HOST_MAX = 253,
    TEXT_MAX = 200,
    MODEL_MAX = 2048,
    REGION_MAX = 64,
    PREFIX_MAX = 200,
    NAMESPACE_MAX = 255,
    DIMENSION_MAX = 250,
    URL_MAX = 500,
    BUCKET_MIN = 3,
    BUCKET_MAX = 63,
    BASE_PATH_MAX = 300
};

enum err conf__not_accepted(struct error *e) { return error_set(e, ERR_INVALID, "%s", ""); }

enum err conf__check_address(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    struct in6_addr address;
    char *c = str_to_c(a, text);
    if (!c) return error_no_memory(e);
    if (inet_pton(AF_INET, c, &address) != 1 && inet_pton(AF_INET6, c, &address) != 1) return conf__not_accepted(e);
    *ret = text;
    return ERR_OK;
}

/* A name as it stands in a Host header, in lower case; an IPv6 address in brackets. */
enum err conf__check_host(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    bool brackets = text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']';
    if (brackets) {
        struct str address = STR_EMPTY;
        TRY(conf__check_address(a, str_sub(text, 1, text.n - 1), &address, e));
    }
    char *lower = str_to_c(a, text);
    if (!lower) return error_no_memory(e);
    if (text.n == 0 || text.n > HOST_MAX) return conf__not_accepted(e);
    for (size_t i = 0; i < text.n; i++) {
        char c = lower[i];
        if (c >= 'A' && c <= 'Z') lower[i] = (char)(c | 0x20);
        bool name_char =
            (lower[i] >= 'a' && lower[i] <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        if (!brackets && !name_char) return conf__not_accepted(e);
    }
    *ret = (struct str){lower, text.n};
    return ERR_OK;
}

/* Servers that a fleet would use. Such a URL is not quoted back: it may carry a password. */
enum err conf__check_database(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    if (!str_eq_c(text, "sqlite"))
        return error_set(
            e, ERR_INVALID,
            "DATABASE_URL names another store than \"sqlite\", and this version has no other; its file lies in "
            "the data folder, PRISM_DATA");
    *ret = text;
    return ERR_OK;
}

enum err conf__check_redis(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    if (!str_eq_c(text, "disabled"))
        return error_set(
            e, ERR_INVALID,
            "REDIS_URL names a server for live events, which this version cannot use; it runs as one server "
            "and carries them itself");
    *ret = text;
    return ERR_OK;
}

enum err conf__check_network(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    struct cidr ignored;
    (void)a;
    if (!str_eq_c(text, "none") && !cidr_parse(text, &ignored)) return conf__not_accepted(e);
    *ret = text;
    return ERR_OK;
}

enum err conf__check_text(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    if (text.n > TEXT_MAX) return error_set(e, ERR_INVALID, "it is longer than %d bytes", TEXT_MAX);
    *ret = text;
    return ERR_OK;
}

static bool is_printable(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~') return false;
    return true;
}

enum err conf__check_model(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    if (text.n == 0 || text.n > MODEL_MAX || !is_printable(text)) return conf__not_accepted(e);
    *ret = text;
    return ERR_OK;
}

enum err conf__check_model_or_none(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    if (text.n > 0) return conf__check_model(a, text, ret, e);
    *ret = text;
    return ERR_OK;
}

/* Of CloudWatch: PutMetricData, Namespace; the embedded format takes up to 250 characters in a dimension. */
enum err conf__check_namespace(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    if (text.n == 0 || text.n > NAMESPACE_MAX || str_starts(text, STR("AWS/"))) return conf__not_accepted(e);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && !strchr(" .-_/#", c)) return conf__not_accepted(e);
    }
    *ret = text;
    return ERR_OK;
}

enum err conf__check_dimension_or_none(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    if (text.n > DIMENSION_MAX) return conf__not_accepted(e);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < ' ' || text.p[i] > '~') return conf__not_accepted(e);
    *ret = text;
    return ERR_OK;
}

enum err conf__check_dimension(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    return text.n ? conf__check_dimension_or_none(a, text, ret, e) : conf__not_accepted(e);
}

static bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/* Parts of plain letters, so that they look the same decoded or not; the first may be none that the server has itself, or a request without the path
 * could be taken for one with it. */
enum err conf__check_prefix(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    static const struct str own[] = {STR_INIT("api"),   STR_INIT("assets"),  STR_INIT("documents"), STR_INIT("health"),
                                     STR_INIT("ready"), STR_INIT("metrics"), STR_INIT("problems"),  STR_INIT("status")};
    struct str rest = text;
    (void)a;
    if (text.n > PREFIX_MAX || text.p[0] != '/') return conf__not_accepted(e);
    str_cut(text, '/', &rest);
    for (bool first = true; rest.p; first = false) {
        struct str part = str_cut(rest, '/', &rest);
        bool good = part.n > 0 && part.p[0] != '.';
        for (size_t i = 0; i < part.n && good; i++) {
            char c = part.p[i];
            good = is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
        }
        for (size_t i = 0; i < sizeof own / sizeof *own && good && first; i++)
            good = !str_eq(part, own[i]);
        if (!good) return conf__not_accepted(e);
    }
    *ret = text;
    return ERR_OK;
}

enum err conf__check_region(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    if (text.n > REGION_MAX) return conf__not_accepted(e);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') return conf__not_accepted(e);
    }
    *ret = text;
    return ERR_OK;
}

static bool is_digits_and_dots(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '.' && (text.p[i] < '0' || text.p[i] > '9')) return false;
    return true;
}

/* By the rules of S3 for names of general purpose buckets. */
enum err conf__check_bucket(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    *ret = text;
    if (text.n == 0) return ERR_OK;
    if (str_starts(text, STR("s3://")) || str_starts(text, STR("arn:")) || str_find_char(text, '/', 0) != STR_NONE)
        return error_set(e, ERR_INVALID, "it is the name of the bucket alone; folders belong into S3_BASE_PATH");
    if (text.n < BUCKET_MIN || text.n > BUCKET_MAX)
        return error_set(e, ERR_INVALID, "it has %zu characters; the name of a bucket has %d to %d", text.n, BUCKET_MIN,
                         BUCKET_MAX);
    for (size_t i = 0; i < text.n; i++)
        if (!is_lower_or_digit(text.p[i]) && text.p[i] != '-' && text.p[i] != '.')
            return error_set(e, ERR_INVALID,
                             "it has a character other than a-z, 0-9, \"-\" and \".\", which S3 refuses");
    if (!is_lower_or_digit(text.p[0]) || !is_lower_or_digit(text.p[text.n - 1]))
        return error_set(e, ERR_INVALID, "it must begin and end with a letter or a digit");
    if (str_find(text, STR(".."), 0) != STR_NONE)
        return error_set(e, ERR_INVALID, "it has two dots in a row, which S3 refuses");
    if (is_digits_and_dots(text) && str_find_char(text, '.', 0) != STR_NONE)
        return error_set(e, ERR_INVALID, "it looks like an IP address, which S3 refuses");
    if (str_starts(text, STR("xn--")) || str_starts(text, STR("sthree-")) || str_ends(text, STR("-s3alias")))
        return error_set(e, ERR_INVALID, "it begins or ends with what S3 keeps for itself (xn--, sthree-, -s3alias)");
    return ERR_OK;
}

/* Kept without slashes at its ends. */
enum err conf__check_base_path(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    (void)a;
    while (text.n && text.p[0] == '/')
        text = str_sub(text, 1, text.n);
    while (text.n && text.p[text.n - 1] == '/')
        text.n--;
    *ret = text;
    if (text.n > BASE_PATH_MAX) return error_set(e, ERR_INVALID, "it is longer than %d bytes", BASE_PATH_MAX);
    if (str_starts(text, STR("s3:")))
        return error_set(e, ERR_INVALID, "it is a folder in the bucket; the bucket belongs into S3_BUCKET_NAME");
    for (struct str rest = text; text.n && rest.p;) {
        struct str part = str_cut(rest, '/', &rest);
        if (part.n == 0 || str_eq_c(part, ".") || str_eq_c(part, ".."))
            return error_set(e, ERR_INVALID, "it has an empty folder, \".\" or \"..\" in it");
    }
    return ERR_OK;
}

/* A base address: no query, no fragment, no slash at its end. It is printed and logged, so nothing secret may stand in it. */
enum err conf__check_url(struct arena *a, struct str text, struct str *ret, struct error *e)
{
    struct str rest = STR_EMPTY, host;
    (void)a;
    if (text.n > 0) {
        if (str_starts_nocase(text, STR("https://")))
            rest = str_sub(text, 8, text.n);
        else if (str_starts_nocase(text, STR("http://")))
            rest = str_sub(text, 7, text.n);
        host = str_cut(rest, '/', &rest);
        if (str_find_char(host, '@', 0) != STR_NONE)
            return error_set(e, ERR_INVALID, "it carries a user name or a password; keys have settings of their own");
        if (str_find_char(text, '?', 0) != STR_NONE || str_find_char(text, '#', 0) != STR_NONE)
            return error_set(
                e, ERR_INVALID,
                "it has a \"?\" or a \"#\"; an address ends with its path, and keys have settings of their own");
        if (host.n == 0 || text.n > URL_MAX || !is_printable(text)) return conf__not_accepted(e);
    }
    while (text.n > 0 && text.p[text.n - 1] == '/')
        text.n--;
    *ret = text;
    return ERR_OK;
}
