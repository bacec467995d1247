/* Signature Version 4: canonical request, string to sign, signature.
 * The canonical request is one text with a line for each part of the request; both sides must make the same one from what went over the
 * wire, and everything hard is in that. The path is encoded once more than it was sent ("v1%3A0" is signed as "v1%253A0"): the classic
 * mistake of signers written by hand, and the reason why libcurl's own (7.88) does not do for model ids. A query is decoded first and
 * encoded anew, so that both spellings of a letter sign alike.
 * Rejected: a cache of the key that is derived for a day (four HMACs cost 10 µs; a cache would keep secrets around).
 * Limits: SIGNED_MAX of text. Source: AWS IAM user guide, "Create a signed AWS API request". */
#include "client/sigv4.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/time.h"
#include "base/vec.h"

#define SIGNED_MAX  ((size_t)256 << 10)
#define EXPIRES_MAX 604800

struct url_parts {
    struct str scheme, host, path, query; /* path begins with '/'; host without the default port */
};

struct scope {
    char stamp[32], day[16]; /* "20260102T030405Z", "20260102" */
    struct str scope;        /* "20260102/eu-west-1/bedrock/aws4_request" */
    struct str body_hash;
    char body_hex[HASH_SHA256_HEX + 1];
};

struct pair {
    struct str name, value; /* encoded, or in lower case and trimmed */
    size_t at;              /* its place among those given */
};

void client_sigv4_encode(struct sb *b, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '.' || c == '_' || c == '~';
        if (plain) {
            sb_char(b, (char)c);
        } else {
            sb_char(b, '%');
            sb_char(b, digits[c >> 4]);
            sb_char(b, digits[c & 15]);
        }
    }
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A part of a query, decoded and encoded anew. */
static void encode_again(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%' && i + 2 < s.n && digit_of(s.p[i + 1]) >= 0 && digit_of(s.p[i + 2]) >= 0) {
            c = (char)(digit_of(s.p[i + 1]) * 16 + digit_of(s.p[i + 2]));
            i += 2;
        }
        client_sigv4_encode(b, (struct str){&c, 1});
    }
}

static enum err url_split(struct str url, struct url_parts *ret, struct error *e)
{
    size_t at = str_find(url, STR("://"), 0);
    if (at == STR_NONE || at == 0)
        return error_set_reason(e, ERR_INVALID, "bad_url", "a URL to be signed must begin with https:// and a host");
    struct url_parts u = {.scheme = str_sub(url, 0, at)};
    struct str rest = str_sub(url, at + 3, url.n), tail = STR_EMPTY;
    rest = str_cut(rest, '#', &tail); /* a fragment is not sent */
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
        end++;
    u.host = str_sub(rest, 0, end);
    if (u.host.n == 0)
        return error_set_reason(e, ERR_INVALID, "bad_url", "a URL to be signed must begin with https:// and a host");
    struct str target = str_sub(rest, end, rest.n);
    u.path = str_cut(target, '?', &u.query);
    if (u.path.n == 0) u.path = STR("/");
    if (str_eq_nocase(u.scheme, STR("https")) && str_ends(u.host, STR(":443"))) u.host.n -= 4;
    if (str_eq_nocase(u.scheme, STR("http")) && str_ends(u.host, STR(":80"))) u.host.n -= 3;
    *ret = u;
    return ERR_OK;
}

/* RFC 3986, 5.2.4, and empty segments go: what is left of the path are its names, and a '/' at the end if there was one. */
static void path_normalized(struct sb *b, struct str path)
{
    struct str rest = path;
    bool folder = true; /* ends with a '/' */
    sb_char(b, '/');
    while (rest.p) {
        struct str part = str_cut(rest, '/', &rest);
        bool up = str_eq(part, STR("..")), name = part.n > 0 && !up && !str_eq(part, STR("."));
        folder = !name;
        if (up && sb_ok(b) && b->n > 1) {
            b->n--; /* the '/' behind the name */
            while (b->n > 1 && b->p[b->n - 1] != '/')
                b->n--;
        }
        if (!name) continue;
        sb_str(b, part);
        sb_char(b, '/');
    }
    if (!folder && sb_ok(b) && b->n > 1) b->n--;
}

static void path_write(struct sb *b, struct str path, const struct client_sigv4_options *o)
{
    CLEANUP_SB struct sb normal = SB_INIT(SIGNED_MAX);
    if (o->normalize_path) {
        path_normalized(&normal, path);
        if (!sb_ok(&normal)) b->failed = true;
        path = sb_view(&normal);
    }
    if (!o->encode_path) {
        sb_str(b, path);
        return;
    }
    struct str rest = path;
    for (bool first = true; rest.p; first = false) {
        struct str part = str_cut(rest, '/', &rest);
        if (!first) sb_char(b, '/');
        client_sigv4_encode(b, part);
    }
}

static int pair_cmp(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int c = str_cmp(x->name, y->name);
    return c ? c : str_cmp(x->value, y->value);
}

/* Of headers with one name the order is that in which they are sent. */
static int header_cmp(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int c = str_cmp(x->name, y->name);
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

static enum err query_write(struct sb *b, struct arena *a, struct str query, struct error *e)
{
    VEC(struct pair) pairs = {0};
    CLEANUP_SB struct sb part = SB_INIT(SIGNED_MAX);
    struct str rest = query;
    while (rest.p) {
        struct str value = STR_EMPTY, item = str_cut(rest, '&', &rest);
        if (item.n == 0) continue;
        struct str name = str_cut(item, '=', &value);
        struct pair *p = VEC_PUSH(a, &pairs);
        if (!p) return error_no_memory(e);
        encode_again(&part, name);
        TRY(sb_take(&part, a, &p->name, e));
        encode_again(&part, value);
        TRY(sb_take(&part, a, &p->value, e));
    }
    if (pairs.n > 1) qsort(pairs.at, pairs.n, sizeof *pairs.at, pair_cmp);
    for (size_t i = 0; i < pairs.n; i++) {
        if (i) sb_char(b, '&');
        sb_str(b, pairs.at[i].name);
        sb_char(b, '=');
        sb_str(b, pairs.at[i].value);
    }
    return ERR_OK;
}

/* Trimmed, and each run of white space in it one space. */
static void value_write(struct sb *b, struct str value)
{
    bool space = false, begun = false;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            space = true;
            continue;
        }
        if (space && begun) sb_char(b, ' ');
        sb_char(b, c);
        space = false;
        begun = true;
    }
}

/* The headers to be signed, by name in lower case. */
static enum err headers_sorted(struct arena *a, const struct client_header *h, size_t n, struct pair **ret,
                               struct error *e)
{
    struct pair *pairs = NEW(a, struct pair, n);
    if (!pairs) return error_no_memory(e);
    CLEANUP_SB struct sb part = SB_INIT(SIGNED_MAX);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < h[i].name.n; k++) {
            char c = h[i].name.p[k];
            sb_char(&part, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        }
        TRY(sb_take(&part, a, &pairs[i].name, e));
        value_write(&part, h[i].value);
        TRY(sb_take(&part, a, &pairs[i].value, e));
        pairs[i].at = i;
    }
    if (n > 1) qsort(pairs, n, sizeof *pairs, header_cmp);
    *ret = pairs;
    return ERR_OK;
}

static void names_write(struct sb *b, const struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i && str_eq(pairs[i].name, pairs[i - 1].name)) continue;
        if (i) sb_char(b, ';');
        sb_str(b, pairs[i].name);
    }
}

static void headers_write(struct sb *b, const struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool more = i && str_eq(pairs[i].name, pairs[i - 1].name);
        if (i && !more) sb_char(b, '\n');
        if (!more) sb_str(b, pairs[i].name);
        sb_char(b, more ? ',' : ':');
        sb_str(b, pairs[i].value);
    }
    sb_char(b, '\n');
}

static enum err scope_make(struct arena *a, const struct client_sigv4_request *rq, const struct client_sigv4_options *o,
                           struct scope *ret, struct error *e)
{
    struct time_civil t = time_to_civil(o->at_unix_ms);
    (void)snprintf(ret->day, sizeof ret->day, "%04d%02d%02d", t.year, t.month, t.day);
    (void)snprintf(ret->stamp, sizeof ret->stamp, "%sT%02d%02d%02dZ", ret->day, t.hour, t.minute, t.second);
    ret->scope = str_printf(a, "%s/%.*s/%.*s/aws4_request", ret->day, STR_ARG(o->region), STR_ARG(o->service));
    if (!ret->scope.p) return error_no_memory(e);
    ret->body_hash = STR("UNSIGNED-PAYLOAD");
    if (o->body == CLIENT_SIGV4_BODY_FREE) return ERR_OK;
    TRY(hash_sha256_hex(rq->body, ret->body_hex, e));
    ret->body_hash = str_dup(a, str_from_c(ret->body_hex));
    return ret->body_hash.p ? ERR_OK : error_no_memory(e);
}

static enum err signature_make(struct arena *a, const struct scope *s, const struct client_sigv4_options *o,
                               struct client_sigv4_signed *ret, struct error *e)
{
    char hex[HASH_SHA256_HEX + 1];
    TRY(hash_sha256_hex(ret->canonical, hex, e));
    ret->to_sign = str_printf(a, "AWS4-HMAC-SHA256\n%s\n%.*s\n%s", s->stamp, STR_ARG(s->scope), hex);
    if (!ret->to_sign.p) return error_no_memory(e);

    CLEANUP_SB struct sb secret = SB_INIT(4096);
    SB_LIT(&secret, "AWS4");
    sb_str(&secret, o->secret_key);
    if (!sb_ok(&secret)) return error_no_memory(e);
    struct str steps[] = {str_from_c(s->day), o->region, o->service, STR("aws4_request"), ret->to_sign};
    unsigned char key[HASH_SHA256_BYTES];
    enum err err = hash_hmac_sha256(sb_view(&secret), steps[0], key, e);
    for (size_t i = 1; err == ERR_OK && i < sizeof steps / sizeof *steps; i++)
        err = hash_hmac_sha256((struct str){(const char *)key, sizeof key}, steps[i], key, e);
    explicit_bzero(secret.p, secret.n);
    TRY(err);
    hash_hex(key, sizeof key, hex);
    ret->signature = str_dup(a, str_from_c(hex));
    return ret->signature.p ? ERR_OK : error_no_memory(e);
}

/* query: as it will be sent, with everything but the signature. */
static enum err canonical_make(struct arena *a, const struct client_sigv4_request *rq,
                               const struct client_sigv4_options *o, const struct url_parts *u,
                               const struct pair *pairs, size_t n, struct str body_hash, struct str *ret,
                               struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIGNED_MAX);
    sb_str(&b, rq->method);
    sb_char(&b, '\n');
    path_write(&b, u->path, o);
    sb_char(&b, '\n');
    TRY(query_write(&b, a, u->query, e));
    sb_char(&b, '\n');
    headers_write(&b, pairs, n);
    sb_char(&b, '\n');
    names_write(&b, pairs, n);
    sb_char(&b, '\n');
    sb_str(&b, body_hash);
    return sb_take(&b, a, ret, e);
}

/* The given headers and, of *ret, those that are signed too, with Host. */
static enum err headers_all(struct arena *a, const struct client_sigv4_request *rq, struct str host,
                            const struct client_sigv4_signed *ret, struct pair **pairs, size_t *n, struct error *e)
{
    *n = rq->n_headers + ret->n_headers + 1;
    struct client_header *all = NEW(a, struct client_header, *n);
    if (!all) return error_no_memory(e);
    all[0] = (struct client_header){STR("host"), host};
    if (rq->n_headers) memcpy(all + 1, rq->headers, rq->n_headers * sizeof *all);
    memcpy(all + 1 + rq->n_headers, ret->headers, ret->n_headers * sizeof *all);
    return headers_sorted(a, all, *n, pairs, e);
}

enum err client_sigv4_sign(struct arena *a, const struct client_sigv4_request *rq, const struct client_sigv4_options *o,
                           struct client_sigv4_signed *ret, struct error *e)
{
    struct client_sigv4_signed out = {.n_headers = 0};
    struct url_parts u;
    struct scope s;
    TRY(url_split(rq->url, &u, e));
    TRY(scope_make(a, rq, o, &s, e));
    struct str stamp = str_dup(a, str_from_c(s.stamp));
    if (!stamp.p) return error_no_memory(e);
    if (o->session_token.n)
        out.headers[out.n_headers++] = (struct client_header){STR("x-amz-security-token"), o->session_token};
    out.headers[out.n_headers++] = (struct client_header){STR("x-amz-date"), stamp};
    if (o->body != CLIENT_SIGV4_BODY_HASHED)
        out.headers[out.n_headers++] = (struct client_header){STR("x-amz-content-sha256"), s.body_hash};
    struct pair *pairs = NULL;
    size_t n = 0;
    TRY(headers_all(a, rq, u.host, &out, &pairs, &n, e));
    TRY(canonical_make(a, rq, o, &u, pairs, n, s.body_hash, &out.canonical, e));
    TRY(signature_make(a, &s, o, &out, e));
    CLEANUP_SB struct sb b = SB_INIT(SIGNED_MAX);
    sb_printf(&b, "AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=", STR_ARG(o->access_key), STR_ARG(s.scope));
    names_write(&b, pairs, n);
    sb_printf(&b, ", Signature=%.*s", STR_ARG(out.signature));
    struct client_header *last = &out.headers[out.n_headers++];
    last->name = STR("authorization");
    TRY(sb_take(&b, a, &last->value, e));
    *ret = out;
    return ERR_OK;
}

static void parameter_write(struct sb *b, const char *name, struct str value)
{
    sb_char(b, '&');
    sb_c(b, name);
    sb_char(b, '=');
    client_sigv4_encode(b, value);
}

/* The given query with all parameters but the signature. */
static enum err query_make(struct arena *a, const struct scope *s, const struct client_sigv4_options *o,
                           const struct pair *pairs, size_t n, unsigned expires_s, struct str *query, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIGNED_MAX), names = SB_INIT(SIGNED_MAX);
    sb_str(&b, *query);
    SB_LIT(&b, "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
    client_sigv4_encode(&b, o->access_key);
    SB_LIT(&b, "%2F");
    client_sigv4_encode(&b, s->scope);
    parameter_write(&b, "X-Amz-Date", str_from_c(s->stamp));
    names_write(&names, pairs, n);
    parameter_write(&b, "X-Amz-SignedHeaders", sb_view(&names));
    if (!sb_ok(&names)) b.failed = true;
    sb_printf(&b, "&X-Amz-Expires=%u", expires_s);
    if (o->session_token.n) parameter_write(&b, "X-Amz-Security-Token", o->session_token);
    TRY(sb_take(&b, a, query, e));
    if (query->p[0] == '&') *query = str_sub(*query, 1, query->n);
    return ERR_OK;
}

enum err client_sigv4_presign(struct arena *a, const struct client_sigv4_request *rq,
                              const struct client_sigv4_options *o, unsigned expires_s, struct client_sigv4_signed *ret,
                              struct error *e)
{
    if (expires_s < 1 || expires_s > EXPIRES_MAX)
        return error_set_reason(e, ERR_INVALID, "bad_expiry", "a link works for 1 to %d seconds, not %u", EXPIRES_MAX,
                                expires_s);
    struct client_sigv4_signed out = {.n_headers = 0};
    struct url_parts u;
    struct scope s;
    struct pair *pairs = NULL;
    size_t n = 0;
    TRY(url_split(rq->url, &u, e));
    TRY(scope_make(a, rq, o, &s, e));
    TRY(headers_all(a, rq, u.host, &out, &pairs, &n, e));
    TRY(query_make(a, &s, o, pairs, n, expires_s, &u.query, e));
    TRY(canonical_make(a, rq, o, &u, pairs, n, s.body_hash, &out.canonical, e));
    TRY(signature_make(a, &s, o, &out, e));
    CLEANUP_SB struct sb b = SB_INIT(SIGNED_MAX);
    sb_printf(&b, "%.*s://%.*s%.*s?%.*s&X-Amz-Signature=%.*s", STR_ARG(u.scheme), STR_ARG(u.host), STR_ARG(u.path),
              STR_ARG(u.query), STR_ARG(out.signature));
    TRY(sb_take(&b, a, &out.url, e));
    *ret = out;
    return ERR_OK;
}
