/* The checks of settings that are no plain numbers, words or paths. Each says what is wrong in words that fit what it looked at; what is accepted
 * stands in the row. */
#include "conf/conf_priv.h"

#include <arpa/inet.h>

#include "base/cidr.h"

enum { HOST_MAX = 253, TEXT_MAX = 200, MODEL_MAX = 2048, REGION_MAX = 64, URL_MAX = 500 };

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
