/* Answers, from what a handler says to what can be sent.
 * The handler only states facts (status, body, tag, file name). Conditions and ranges are settled here once for all of them, and only for a GET
 * that is answered 200: a client may then not have it (304) or have a part of it (206).
 * One range is given; several are answered with the whole, which RFC 9110 allows and which no client of ours asks for.
 * Rejected: Last-Modified (a tag is exact, seconds are not), multipart/byteranges.
 * Limits: ATTACHMENT_MAX bytes of a file name; a header value VALUE_MAX. Source: RFC 9110 (13, 14), 6266, 8187. */
#include "net/response.h"

#include <assert.h>
#include <unistd.h>

#include "base/utf8.h"
#include "net/response_priv.h"
#include "net/sse_out.h"

#define ATTACHMENT_MAX 120
#define VALUE_MAX      1024

/* Scripts, styles and connections from here alone; nothing may frame a page; no text becomes script. img-src data: is for the small pictures
 * that style sheets carry. */
#define CONTENT_SECURITY                                                                                               \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "              \
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "                                   \
    "require-trusted-types-for 'script'"

static const struct net_pair security[] = {
    {STR_INIT("Content-Security-Policy"), STR_INIT(CONTENT_SECURITY)},
    {STR_INIT("X-Content-Type-Options"), STR_INIT("nosniff")},
    /* not no-referrer: a browser then sends "Origin: null" with its own forms, and the same-origin check could not know them */
    {STR_INIT("Referrer-Policy"), STR_INIT("same-origin")},
    {STR_INIT("Cross-Origin-Opener-Policy"), STR_INIT("same-origin")},
    {STR_INIT("Cross-Origin-Resource-Policy"), STR_INIT("same-origin")},
    {STR_INIT("Permissions-Policy"), STR_INIT("camera=(), geolocation=(), microphone=()")},
};

void net__response_init(struct net_response *rs, struct arena *a) { *rs = (struct net_response){.arena = a, .fd = -1}; }

void net__response_reset(struct net_response *rs)
{
    if (rs->fd >= 0) close(rs->fd);
    if (rs->stream) {
        net_sse_close(rs->stream);
        net_sse_unref(rs->stream);
    }
    net__response_init(rs, rs->arena);
}

void net_response_status(struct net_response *rs, int status)
{
    assert(status >= 200 && status <= 599);
    rs->status = status;
}

static void header_keep(struct net_response *rs, struct str name, struct str value)
{
    struct net_pair *to = VEC_PUSH(rs->arena, &rs->headers);
    if (to)
        *to = (struct net_pair){name, value};
    else
        rs->failed = true;
}

static bool is_header_value(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
    }
    return s.n > 0 && s.n <= VALUE_MAX;
}

void net_response_header(struct net_response *rs, const char *name, struct str value)
{
    struct str copy = is_header_value(value) ? str_dup(rs->arena, value) : STR_EMPTY;
    struct str text = str_from_c(name);
    assert(!str_eq_nocase(text, STR("Content-Length")) && !str_eq_nocase(text, STR("Connection")));
    if (!copy.p) {
        rs->failed = true;
        return;
    }
    if (str_eq_nocase(text, STR("Cache-Control"))) rs->cache_control = true;
    header_keep(rs, text, copy);
}

void net_response_body(struct net_response *rs, const char *type, struct str bytes)
{
    rs->body = bytes;
    header_keep(rs, STR("Content-Type"), str_from_c(type));
}

void net_response_fd(struct net_response *rs, int fd, size_t size, const char *type)
{
    if (rs->fd >= 0) close(rs->fd);
    rs->fd = fd;
    rs->fd_from = 0;
    rs->fd_size = size;
    header_keep(rs, STR("Content-Type"), str_from_c(type));
}

void net_response_stream(struct net_response *rs, struct net_sse *stream)
{
    net__response_reset(rs);
    rs->status = 200;
    rs->stream = net_sse_ref(stream);
    header_keep(rs, STR("Content-Type"), STR("text/event-stream"));
    /* nginx in front must not wait for more */
    header_keep(rs, STR("X-Accel-Buffering"), STR("no"));
}

static bool is_etag(struct str tag)
{
    for (size_t i = 0; i < tag.n; i++) {
        if (tag.p[i] <= ' ' || tag.p[i] >= 0x7f || tag.p[i] == '"') return false;
    }
    return tag.n > 0;
}

void net_response_etag(struct net_response *rs, struct str tag)
{
    rs->etag = is_etag(tag) ? str_printf(rs->arena, "\"%.*s\"", STR_ARG(tag)) : STR_EMPTY;
    if (!rs->etag.p) rs->failed = true;
}

/* The file name as one that every file system takes: no control characters, no separators, not too long. */
static struct str name_clean(struct arena *a, struct str name)
{
    struct str kept = str_sub(name, 0, name.n > ATTACHMENT_MAX ? utf8_floor(name, ATTACHMENT_MAX) : name.n);
    char *to = str_to_c(a, kept);
    if (!to) return STR_EMPTY;
    for (size_t i = 0; i < kept.n; i++) {
        unsigned char c = (unsigned char)to[i];
        if (c < 0x20 || c == 0x7f || c == '/' || c == '\\') to[i] = '_';
    }
    return (struct str){to, kept.n};
}

/* attr-char of RFC 8187, 3.2.1 */
static bool is_attr_char(char c)
{
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    return c != '\0' && strchr("!#$&+-.^_`|~", c) != NULL;
}

void net_response_attachment(struct net_response *rs, struct str file_name)
{
    struct str name = name_clean(rs->arena, file_name);
    CLEANUP_SB struct sb b = SB_INIT(VALUE_MAX);
    SB_LIT(&b, "attachment; filename=\"");
    for (size_t at = 0; at < name.n;) {
        uint32_t c = utf8_next(name, &at);
        /* '%' and '\' are read differently from browser to browser */
        sb_char(&b, c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '%' ? '_' : (char)c);
    }
    SB_LIT(&b, "\"; filename*=UTF-8''");
    for (size_t i = 0; i < name.n; i++) {
        if (is_attr_char(name.p[i]))
            sb_char(&b, name.p[i]);
        else
            sb_printf(&b, "%%%02X", (unsigned char)name.p[i]);
    }
    if (name.p && sb_ok(&b))
        net_response_header(rs, "Content-Disposition", sb_view(&b));
    else
        rs->failed = true;
}

/* The next entity tag of a list: its text without W/ and quotes, .p NULL at the end or where the list is none. */
static struct str etag_next(struct str *list)
{
    struct str s = *list;
    size_t i = 0;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == ','))
        i++;
    if (i + 1 < s.n && s.p[i] == 'W' && s.p[i + 1] == '/') i += 2;
    size_t end = i < s.n && s.p[i] == '"' ? str_find_char(s, '"', i + 1) : STR_NONE;
    if (end == STR_NONE) return STR_EMPTY;
    *list = str_sub(s, end + 1, s.n);
    return str_sub(s, i + 1, end);
}

bool net_etag_matches(struct str list, struct str tag)
{
    if (str_eq(str_trim(list), STR("*"))) return true;
    for (struct str found; (found = etag_next(&list)).p;) {
        if (str_eq(found, tag)) return true;
    }
    return false;
}

static void not_modified(struct net_response *rs)
{
    rs->status = 304;
    if (rs->fd >= 0) close(rs->fd);
    rs->fd = -1;
    rs->body = STR_EMPTY;
    size_t kept = 0;
    for (size_t i = 0; i < rs->headers.n; i++) { /* what describes a body that is not there goes */
        if (str_starts_nocase(rs->headers.at[i].name, STR("Content-"))) continue;
        rs->headers.at[kept++] = rs->headers.at[i];
    }
    rs->headers.n = kept;
}

/* "bytes=FROM-TO" of a file of size bytes. */
enum range { RANGE_NONE, RANGE_GOOD, RANGE_BAD };
static enum range range_read(struct str header, size_t size, size_t *ret_from, size_t *ret_n)
{
    if (!str_starts_nocase(header, STR("bytes="))) return RANGE_NONE;
    struct str to_text = STR_EMPTY;
    struct str from_text = str_trim(str_cut(str_sub(header, 6, header.n), '-', &to_text));
    if (!to_text.p) return RANGE_NONE;
    to_text = str_trim(to_text);
    uint64_t from = 0;
    uint64_t to = UINT64_MAX;
    if (from_text.n > 0 && str_to_u64(from_text, 0, UINT64_MAX, &from, NULL) != ERR_OK) return RANGE_NONE;
    if (to_text.n > 0 && str_to_u64(to_text, 0, UINT64_MAX, &to, NULL) != ERR_OK) return RANGE_NONE;
    if (from_text.n == 0 && to_text.n == 0) return RANGE_NONE;
    if (from_text.n == 0) { /* the last `to` bytes */
        if (to == 0 || size == 0) return RANGE_BAD;
        from = to >= size ? 0 : size - to;
        to = size - 1;
    }
    if (to < from) return RANGE_NONE;
    if (from >= size) return RANGE_BAD;
    if (to > size - 1) to = size - 1;
    *ret_from = (size_t)from;
    *ret_n = (size_t)(to - from) + 1;
    return RANGE_GOOD;
}

static void content_range(struct net_response *rs, struct str value)
{
    if (value.p)
        header_keep(rs, STR("Content-Range"), value);
    else
        rs->failed = true;
}

static enum err range_settle(struct net_response *rs, const struct net_request *rq, size_t *ret_size, struct error *e)
{
    struct str wanted = net_header(rq, "Range");
    struct str if_range = net_header(rq, "If-Range");
    size_t size = rs->fd_size;
    header_keep(rs, STR("Accept-Ranges"), STR("bytes"));
    if (!wanted.p || (if_range.p && !(rs->etag.p && str_eq(str_trim(if_range), rs->etag)))) return ERR_OK;
    switch (range_read(wanted, size, &rs->fd_from, &rs->fd_size)) {
    case RANGE_NONE: return ERR_OK;
    case RANGE_GOOD: break;
    case RANGE_BAD:
        *ret_size = size;
        return error_set_reason(e, ERR_INVALID, "bad_range", "the file has %zu bytes; the range \"%.*s\" is not in it",
                                size, STR_ARG(wanted));
    }
    rs->status = 206;
    content_range(rs, str_printf(rs->arena, "bytes %zu-%zu/%zu", rs->fd_from, rs->fd_from + rs->fd_size - 1, size));
    return ERR_OK;
}

enum err net__response_settle(struct net_response *rs, const struct net_request *rq, size_t *ret_size, struct error *e)
{
    if (rq->method != NET_GET || rs->status != 200) return ERR_OK;
    struct str wanted = net_header(rq, "If-None-Match");
    struct str tag = str_sub(rs->etag, 1, rs->etag.n ? rs->etag.n - 1 : 0);
    if (wanted.p && rs->etag.p && net_etag_matches(wanted, tag)) {
        not_modified(rs);
        return ERR_OK;
    }
    return rs->fd >= 0 ? range_settle(rs, rq, ret_size, e) : ERR_OK;
}

void net__response_finish(struct net_response *rs, const struct net_request *rq)
{
    for (size_t i = 0; i < sizeof security / sizeof *security; i++)
        header_keep(rs, security[i].name, security[i].value);
    if (!rs->cache_control) header_keep(rs, STR("Cache-Control"), STR("no-store"));
    if (rs->etag.p) header_keep(rs, STR("ETag"), rs->etag);
    if (rq->id.n > 0) header_keep(rs, STR("X-Request-Id"), rq->id);
}
