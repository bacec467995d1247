/* What a request line and its fields say, checked at the door.
 * A target is decoded once, here; whoever reads rq->path, a parameter or a query value has valid UTF-8 without control characters and need not
 * ask. "." and ".." are refused even when they come as "%2e": nothing behind this door resolves paths, and nothing in front of it may have
 * judged another path than we serve.
 * Rejected: libmicrohttpd's own decoding (it takes bad escapes as they are and stops at a NUL).
 * Limits: NET_QUERIES_MAX; the length is the head's (net_options.max_head_bytes). Source: RFC 3986, 9112 3.2, WHATWG URL 5.1 for '+'. */
#include "net/request.h"

#include "base/utf8.h"
#include "net/header_priv.h"
#include "net/multipart.h"

static struct str pair_find(const struct net_pair *pairs, size_t n, const char *name, bool any_case)
{
    struct str wanted = str_from_c(name);
    for (size_t i = 0; i < n; i++) {
        bool same = any_case ? str_eq_nocase(pairs[i].name, wanted) : str_eq(pairs[i].name, wanted);
        if (same) return pairs[i].value;
    }
    return STR_EMPTY;
}

struct str net_param(const struct net_request *rq, const char *name)
{
    if (!rq->route) return STR_EMPTY;
    for (size_t i = 0; i < NET_PARAMS_MAX; i++) {
        struct str of_pattern = net_route_param_name(rq->route, i);
        if (!of_pattern.p) break;
        if (str_eq_c(of_pattern, name)) return rq->params[i];
    }
    return STR_EMPTY;
}

struct str net_query(const struct net_request *rq, const char *name)
{
    return pair_find(rq->queries, rq->n_queries, name, false);
}

struct str net_header(const struct net_request *rq, const char *name)
{
    return pair_find(rq->headers, rq->n_headers, name, true);
}

struct str net_cookie(const struct net_request *rq, const char *name)
{
    return pair_find(rq->cookies, rq->n_cookies, name, false);
}

const struct net_part *net_part(const struct net_request *rq, const char *name)
{
    for (size_t i = 0; i < rq->n_parts; i++) {
        if (str_eq_c(rq->parts[i].name, name)) return &rq->parts[i];
    }
    return NULL;
}

static bool is_control(unsigned char c, bool query)
{
    if (query && (c == '\t' || c == '\r' || c == '\n')) return false;
    return c < 0x20 || c == 0x7f;
}

static enum err decode_error(bool query, const char *why, struct error *e)
{
    return error_set_reason(e, ERR_INVALID, query ? "bad_query" : "bad_path", "the %s of the address %s",
                            query ? "query" : "path", why);
}

/* Percent-decodes s into the arena; *ret.p is not NULL. query: by the rules of a query, else of a path. */
static enum err url_decode(struct arena *a, struct str s, bool query, struct str *ret, struct error *e)
{
    char *to = arena_alloc(a, s.n + 1);
    size_t n = 0;
    if (!to) return error_no_memory(e);
    for (size_t i = 0; i < s.n; i++) {
        int c = (unsigned char)s.p[i];
        if (c <= ' ') return decode_error(query, "has a space or a control character; it must be percent-encoded", e);
        if (c == '%') {
            c = net__percent_byte(s, i);
            if (c < 0) return decode_error(query, "has a '%' without two hexadecimal digits behind it", e);
            i += 2;
        } else if (c == '+' && query) {
            c = ' ';
        }
        if (is_control((unsigned char)c, query)) return decode_error(query, "has a control character", e);
        to[n++] = (char)c;
    }
    struct str text = {to, n};
    if (!utf8_valid(text)) return decode_error(query, "is not UTF-8", e);
    *ret = text;
    return ERR_OK;
}

static enum err queries_read(struct net_request *rq, struct error *e)
{
    struct str rest = rq->query_text;
    size_t most = 1;
    for (size_t i = 0; i < rest.n; i++)
        most += rest.p[i] == '&';
    if (most > NET_QUERIES_MAX)
        return error_set_reason(e, ERR_INVALID, "bad_query", "the query has %zu values; the limit is %d", most,
                                NET_QUERIES_MAX);
    rq->queries = NEW(rq->arena, struct net_pair, most);
    if (!rq->queries) return error_no_memory(e);
    while (rest.p) {
        struct str value = STR_EMPTY;
        struct str pair = str_cut(rest, '&', &rest);
        struct str name = str_cut(pair, '=', &value);
        if (pair.n == 0) continue;
        struct net_pair *to = &rq->queries[rq->n_queries++];
        TRY(url_decode(rq->arena, name, true, &to->name, e));
        TRY(url_decode(rq->arena, value, true, &to->value, e));
    }
    return ERR_OK;
}

/* "http://host/path": the host is taken out, target becomes the rest. */
static void authority_take(struct str *target, struct str *ret_host)
{
    size_t from = str_starts_nocase(*target, STR("http://")) ? 7 : str_starts_nocase(*target, STR("https://")) ? 8 : 0;
    if (from == 0) return;
    size_t to = from;
    while (to < target->n && target->p[to] != '/' && target->p[to] != '?')
        to++;
    *ret_host = str_sub(*target, from, to);
    *target = str_sub(*target, to, target->n);
}

static enum err dots_check(struct str path, struct error *e)
{
    struct str rest = path;
    while (rest.p) {
        struct str segment = str_cut(rest, '/', &rest);
        if (str_eq(segment, STR(".")) || str_eq(segment, STR("..")))
            return decode_error(false, "has \".\" or \"..\" as a part", e);
    }
    return ERR_OK;
}

enum err net_request_target(struct net_request *rq, struct str target, struct str *ret_raw_path, struct error *e)
{
    authority_take(&target, &rq->host);
    struct str query = STR_EMPTY;
    struct str raw_path = str_cut(target, '?', &query);
    if (raw_path.n == 0 || raw_path.p[0] != '/') return decode_error(false, "does not start with '/'", e);
    if (str_find_char(target, '#', 0) != STR_NONE) return decode_error(false, "has a '#'; a fragment is not sent", e);
    struct str path = STR_EMPTY;
    TRY(url_decode(rq->arena, raw_path, false, &path, e));
    TRY(dots_check(path, e));
    rq->path = path;
    rq->query_text = query;
    *ret_raw_path = raw_path;
    return query.p ? queries_read(rq, e) : ERR_OK;
}

enum err net_request_params(struct net_request *rq, const struct net_match *match, struct error *e)
{
    for (size_t i = 0; i < match->n_params; i++)
        TRY(url_decode(rq->arena, match->params[i], false, &rq->params[i], e));
    return ERR_OK;
}
