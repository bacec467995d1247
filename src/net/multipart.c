/* multipart/form-data, byte by byte.
 * The delimiter is "\r\n--boundary". A CR stands in it only at the start, so after a byte that does not fit the search goes on at that byte with
 * nothing or (if it is a CR) one byte matched: no table, no buffer, and what was held back is known (it is the delimiter's own start).
 * The body begins as if "\r\n" had been read, which makes the first delimiter like the others.
 * A part's head is gathered in a buffer of its limit and then read; Content-Disposition as browsers write it (HTML standard: %22 for a quotation
 * mark), as curl does (\" and \\), and with filename* (RFC 8187), which RFC 7578 forbids and some programs send.
 * Rejected: content-transfer-encoding (RFC 7578, 4.7: deprecated; nobody sends it), nested multipart/mixed (4.3: deprecated).
 * Limits: net_multipart_limits. Source: RFC 2046 5.1.1, RFC 7578. */
#include "net/multipart.h"

#include <assert.h>

#include "base/utf8.h"
#include "net/header_priv.h"

#define BOUNDARY_MAX 70

enum state {
    PREAMBLE, /* before the first delimiter */
    AFTER,    /* behind a delimiter: its line's end, or "--" */
    AFTER_CR, /* the CR of that end */
    DASH,     /* the first '-' */
    HEAD,
    BODY,
    EPILOGUE, /* behind the last delimiter: ignored */
    FAILED
};

struct net_multipart {
    struct arena *arena;
    struct net_multipart_limits limits;
    struct net_multipart_sink sink;
    enum state state;
    char delimiter[4 + BOUNDARY_MAX];
    size_t n_delimiter;
    size_t matched;  /* bytes of the delimiter that were just seen */
    size_t preamble; /* bytes of it so far */
    size_t parts;    /* begun */
    char *head;      /* limits.head_bytes */
    size_t n_head;
    struct error failure; /* of FAILED */
};

static enum err bad(const char *why, struct error *e)
{
    return error_set_reason(e, ERR_INVALID, "bad_multipart", "the form data (multipart/form-data) %s", why);
}

static bool is_boundary(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < ' ' || s.p[i] >= 0x7f) return false;
    }
    return s.n >= 1 && s.n <= BOUNDARY_MAX && s.p[s.n - 1] != ' ';
}

enum err net_multipart_new(struct arena *a, struct str content_type, struct net_multipart_limits limits,
                           struct net_multipart_sink sink, struct net_multipart **ret_parser, struct error *e)
{
    struct str boundary = STR_EMPTY;
    struct str type = str_trim(str_sub(content_type, 0, str_find_char(content_type, ';', 0)));
    if (!str_eq_nocase(type, STR("multipart/form-data"))) return bad("is not announced as such by Content-Type", e);
    TRY(net__header_parameter(a, content_type, "boundary", &boundary, e));
    if (!boundary.p || !is_boundary(boundary)) return bad("has no boundary of 1 to 70 characters in Content-Type", e);
    struct net_multipart *m = NEW(a, struct net_multipart, 1);
    char *head = m ? NEW(a, char, limits.head_bytes) : NULL;
    if (!head) return error_no_memory(e);
    *m = (struct net_multipart){.arena = a, .limits = limits, .sink = sink, .head = head, .matched = 2};
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.p, boundary.n);
    m->n_delimiter = 4 + boundary.n;
    *ret_parser = m;
    return ERR_OK;
}

/* Browsers write '"', CR and LF in names as %22, %0D and %0A (HTML standard, 4.10.21.8), and nothing else that way. */
static struct str browser_unescape(struct arena *a, struct str s)
{
    char *to = str_to_c(a, s);
    size_t n = 0;
    if (!to) return STR_EMPTY;
    for (size_t i = 0; i < s.n; i++) {
        int byte = net__percent_byte(s, i);
        bool ours = byte == '"' || byte == '\r' || byte == '\n';
        to[n++] = ours ? (char)byte : s.p[i];
        if (ours) i += 2;
    }
    return (struct str){to, n};
}

/* The file's own name: no folders (some browsers sent the whole path), no control characters. */
static enum err file_name_clean(struct arena *a, struct str name, struct str *ret, struct error *e)
{
    size_t from = name.n;
    while (from > 0 && name.p[from - 1] != '/' && name.p[from - 1] != '\\')
        from--;
    char *to = str_to_c(a, str_sub(name, from, name.n));
    if (!to) return error_no_memory(e);
    size_t n = 0;
    for (size_t i = from; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c >= 0x20 && c != 0x7f) to[n++] = (char)c;
    }
    struct str clean = {to, n};
    *ret = str_eq(clean, STR(".")) || str_eq(clean, STR("..")) ? STR("") : clean;
    return ERR_OK;
}

/* A plain parameter of Content-Disposition; .p NULL when it is not there. */
static enum err disposition_text(struct net_multipart *m, struct str value, const char *name, struct str *ret,
                                 struct error *e)
{
    struct str text = STR_EMPTY;
    TRY(net__header_parameter(m->arena, value, name, &text, e));
    *ret = text.p ? browser_unescape(m->arena, text) : STR_EMPTY;
    return text.p && !ret->p ? error_no_memory(e) : ERR_OK;
}

static enum err disposition_read(struct net_multipart *m, struct str value, struct net_part_head *head, struct error *e)
{
    struct str file_name = STR_EMPTY;
    struct str type = str_trim(str_sub(value, 0, str_find_char(value, ';', 0)));
    if (!str_eq_nocase(type, STR("form-data"))) return bad("has a part whose Content-Disposition is not form-data", e);
    if (head->name.p) return bad("has a part with two Content-Disposition lines", e);
    TRY(disposition_text(m, value, "name", &head->name, e));
    TRY(net__header_parameter(m->arena, value, "filename*", &file_name, e));
    if (file_name.p) TRY(net__header_extended(m->arena, file_name, &file_name, e));
    if (!file_name.p) TRY(disposition_text(m, value, "filename", &file_name, e));
    if (!utf8_valid(head->name)) return bad("has a part whose name is not UTF-8", e);
    if (!file_name.p) return ERR_OK;
    if (!utf8_valid(file_name)) return bad("has a file name that is not UTF-8", e);
    return file_name_clean(m->arena, file_name, &head->file_name, e);
}

static enum err head_line(struct net_multipart *m, struct str line, struct net_part_head *head, struct error *e)
{
    struct str value = STR_EMPTY;
    struct str name = str_cut(line, ':', &value);
    if (!value.p || name.n == 0 || str_trim(name).n != name.n) return bad("has a part with a malformed header line", e);
    value = str_trim(value);
    if (str_eq_nocase(name, STR("Content-Disposition"))) return disposition_read(m, value, head, e);
    if (str_eq_nocase(name, STR("Content-Type"))) {
        if (!utf8_valid(value)) return bad("has a part with a malformed Content-Type", e);
        head->content_type = str_dup(m->arena, value);
        if (!head->content_type.p) return error_no_memory(e);
    }
    bool encoded = str_eq_nocase(name, STR("Content-Transfer-Encoding"));
    if (encoded && !str_eq_nocase(value, STR("binary")) && !str_eq_nocase(value, STR("8bit")) &&
        !str_eq_nocase(value, STR("7bit")))
        return bad("has a part with a Content-Transfer-Encoding; parts must be sent as they are", e);
    return ERR_OK;
}

/* The head is whole ("…\r\n\r\n", or "\r\n"). */
static enum err head_read(struct net_multipart *m, struct error *e)
{
    struct net_part_head head = {0};
    struct str rest = {m->head, m->n_head};
    for (size_t end; (end = str_find(rest, STR("\r\n"), 0)) != STR_NONE && end > 0;) {
        TRY(head_line(m, str_sub(rest, 0, end), &head, e));
        rest = str_sub(rest, end + 2, rest.n);
    }
    if (head.name.n == 0) return bad("has a part without a name", e);
    if (m->parts == m->limits.parts)
        return error_set_reason(e, ERR_LIMIT, "too_many_parts", "the form data has more than %zu parts",
                                m->limits.parts);
    m->parts++;
    m->state = BODY;
    m->matched = 0;
    return m->sink.begin(m->sink.ctx, &head, e);
}

static enum err head_byte(struct net_multipart *m, char c, struct error *e)
{
    if (m->n_head == m->limits.head_bytes)
        return error_set_reason(e, ERR_LIMIT, "part_head_too_large",
                                "the header of a part of the form data is longer than %zu bytes", m->limits.head_bytes);
    m->head[m->n_head++] = c;
    struct str s = {m->head, m->n_head};
    bool whole = str_ends(s, STR("\r\n\r\n")) || str_eq(s, STR("\r\n"));
    return whole ? head_read(m, e) : ERR_OK;
}

static enum err after_byte(struct net_multipart *m, char c, struct error *e)
{
    if (m->state == DASH) {
        if (c != '-') return bad("has a boundary with something else behind it", e);
        m->state = EPILOGUE;
        return ERR_OK;
    }
    if (m->state == AFTER_CR) {
        if (c != '\n') return bad("has a boundary with something else behind it", e);
        m->state = HEAD;
        m->n_head = 0;
        return ERR_OK;
    }
    if (c == ' ' || c == '\t') return ERR_OK; /* padding, RFC 2046 */
    if (c != '\r' && c != '-') return bad("has a boundary with something else behind it", e);
    m->state = c == '\r' ? AFTER_CR : DASH;
    return ERR_OK;
}

static enum err data_out(struct net_multipart *m, struct str bytes, struct error *e)
{
    if (bytes.n == 0) return ERR_OK;
    if (m->state == BODY) return m->sink.data(m->sink.ctx, bytes, e);
    m->preamble += bytes.n;
    if (m->preamble > m->limits.head_bytes) return bad("does not begin with its boundary", e);
    return ERR_OK;
}

/* Takes bytes of a body (or of the preamble) up to and including a delimiter; *at moves behind what was taken. */
static enum err body_bytes(struct net_multipart *m, struct str s, size_t *at, struct error *e)
{
    size_t from = *at; /* of what is data for certain and was not given out */
    size_t i = *at;
    while (i < s.n) {
        if (m->matched == 0) { /* the fast way to the next byte that matters */
            size_t cr = str_find_char(s, '\r', i);
            i = cr == STR_NONE ? s.n : cr;
            if (i == s.n) break;
        }
        if (s.p[i] == m->delimiter[m->matched]) {
            if (m->matched == 0) {
                TRY(data_out(m, str_sub(s, from, i), e));
                from = i;
            }
            i++;
            if (++m->matched < m->n_delimiter) continue;
            *at = i;
            enum state before = m->state;
            m->state = AFTER;
            return before == BODY ? m->sink.end(m->sink.ctx, e) : ERR_OK;
        }
        TRY(data_out(m, (struct str){m->delimiter, m->matched}, e));
        m->matched = 0;
        from = i;
    }
    *at = s.n;
    return m->matched == 0 ? data_out(m, str_sub(s, from, s.n), e) : ERR_OK;
}

static enum err feed(struct net_multipart *m, struct str bytes, struct error *e)
{
    for (size_t i = 0; i < bytes.n;) {
        switch (m->state) {
        case PREAMBLE:
        case BODY: TRY(body_bytes(m, bytes, &i, e)); break;
        case AFTER:
        case AFTER_CR:
        case DASH: TRY(after_byte(m, bytes.p[i++], e)); break;
        case HEAD: TRY(head_byte(m, bytes.p[i++], e)); break;
        case EPILOGUE:
        case FAILED: return ERR_OK;
        }
    }
    return ERR_OK;
}

enum err net_multipart_feed(struct net_multipart *m, struct str bytes, struct error *e)
{
    struct error failure = {0};
    if (m->state == FAILED) {
        if (e) *e = m->failure;
        return m->failure.code;
    }
    enum err err = feed(m, bytes, &failure);
    if (err == ERR_OK) return ERR_OK;
    m->state = FAILED;
    m->failure = failure;
    if (e) *e = failure;
    return err;
}

enum err net_multipart_finish(struct net_multipart *m, struct error *e)
{
    if (m->state == FAILED) {
        if (e) *e = m->failure;
        return m->failure.code;
    }
    return m->state == EPILOGUE ? ERR_OK : bad("ends before its closing boundary", e);
}
