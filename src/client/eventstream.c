/* The event-stream reader.
 * A frame is a prelude (length of the whole, length of the headers, CRC of the two), headers, payload, and a CRC of all that. The lengths are
 * believed only once the prelude's CRC agrees, and only then is memory taken for the rest. A frame that lies whole in the bytes that were
 * fed, which is the rule, is read in place; only one that was cut is put together in a buffer.
 * Rejected: handing out numbers decoded (Bedrock's headers are all text); going on after a bad frame (there is no mark to find the next by).
 * Limits: 128 kB of headers, CLIENT_EVENTSTREAM_HEADERS_MAX of them, max_payload. CRC-32 as in zlib, which has it in the processor's words. */
#include "client/eventstream.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/sb.h"
#include "base/utf8.h"

#define PRELUDE     12 /* bytes: two lengths and their CRC */
#define CRC         4
#define FRAME_MIN   (PRELUDE + CRC)
#define HEADERS_MAX ((uint32_t)128 * 1024)

struct client_eventstream {
    struct sb buffer; /* the beginning of a frame that is not complete */
    size_t max_payload;
    size_t need; /* bytes of the frame whose prelude is in buffer; 0: not known yet */
    client_eventstream_fn on_message;
    void *ctx;
    struct error failed; /* code ERR_OK: not */
    struct client_eventstream_header headers[CLIENT_EVENTSTREAM_HEADERS_MAX];
};

enum err client_eventstream_new(size_t max_payload, client_eventstream_fn on_message, void *ctx,
                                struct client_eventstream **ret, struct error *e)
{
    assert(max_payload >= 1 && max_payload <= CLIENT_EVENTSTREAM_PAYLOAD_MAX);
    struct client_eventstream *r = calloc(1, sizeof *r);
    if (!r) return error_no_memory(e);
    r->buffer = (struct sb)SB_INIT(FRAME_MIN + HEADERS_MAX + max_payload);
    r->max_payload = max_payload;
    r->on_message = on_message;
    r->ctx = ctx;
    *ret = r;
    return ERR_OK;
}

void client_eventstream_free(struct client_eventstream *r)
{
    if (!r) return;
    sb_done(&r->buffer);
    free(r);
}

static uint32_t u32_at(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t crc_of(const char *p, size_t n) { return (uint32_t)crc32_z(0, (const unsigned char *)p, n); }

static enum err bad_frame(struct error *e, const char *what)
{
    return error_set_reason(e, ERR_UPSTREAM, "bad_frame", "the answer's stream is damaged: %s", what);
}

/* The length of the frame that begins at p, where its prelude is; checked against what is allowed. */
static enum err prelude_read(const struct client_eventstream *r, const char *p, size_t *ret, struct error *e)
{
    uint32_t total = u32_at(p), headers = u32_at(p + 4);
    if (crc_of(p, 8) != u32_at(p + 8))
        return error_set_reason(e, ERR_UPSTREAM, "bad_checksum",
                                "the answer's stream is damaged: the checksum of a frame's lengths is wrong");
    if (total < FRAME_MIN || headers > total - FRAME_MIN)
        return bad_frame(e, "a frame's lengths contradict each other");
    size_t payload = total - FRAME_MIN - headers;
    if (headers > HEADERS_MAX || payload > r->max_payload)
        return error_set_reason(e, ERR_UPSTREAM, "frame_too_large",
                                "the answer's stream has a frame of %u bytes; the limit is %zu of payload and %u of "
                                "headers",
                                total, r->max_payload, HEADERS_MAX);
    *ret = total;
    return ERR_OK;
}

/* How many bytes a value has, and how many bytes of length stand before it. false: no such type. */
static bool type_size(uint8_t type, size_t *size, size_t *n_length)
{
    static const uint8_t sizes[] = {0, 0, 1, 2, 4, 8, 0, 0, 8, 16};
    if (type > CLIENT_EVENTSTREAM_UUID) return false;
    *size = sizes[type];
    *n_length = type == CLIENT_EVENTSTREAM_BYTES || type == CLIENT_EVENTSTREAM_TEXT ? 2 : 0;
    return true;
}

/* One header at *at; moved behind it. */
static enum err header_read(struct str s, size_t *at, struct client_eventstream_header *ret, struct error *e)
{
    size_t i = *at, n_name = (unsigned char)s.p[i++], size = 0, n_length = 0;
    if (n_name == 0 || n_name + 1 > s.n - i) return bad_frame(e, "a header ends too early");
    ret->name = (struct str){s.p + i, n_name};
    i += n_name;
    uint8_t type = (uint8_t)s.p[i++];
    if (!type_size(type, &size, &n_length)) return bad_frame(e, "a header has an unknown type");
    if (n_length > s.n - i) return bad_frame(e, "a header ends too early");
    if (n_length) size = (size_t)(unsigned char)s.p[i] << 8 | (unsigned char)s.p[i + 1];
    i += n_length;
    if (size > s.n - i) return bad_frame(e, "a header ends too early");
    ret->type = (enum client_eventstream_type)type;
    ret->value = (struct str){s.p + i, size};
    *at = i + size;
    if (!utf8_valid(ret->name) || (type == CLIENT_EVENTSTREAM_TEXT && !utf8_valid(ret->value)))
        return bad_frame(e, "a header is not UTF-8");
    return ERR_OK;
}

static enum err headers_read(struct client_eventstream *r, struct str s, size_t *ret_n, struct error *e)
{
    size_t n = 0;
    for (size_t at = 0; at < s.n; n++) {
        if (n == CLIENT_EVENTSTREAM_HEADERS_MAX) return bad_frame(e, "a frame has too many headers");
        TRY(header_read(s, &at, &r->headers[n], e));
        for (size_t i = 0; i < n; i++)
            if (str_eq(r->headers[i].name, r->headers[n].name)) return bad_frame(e, "a header comes twice");
    }
    *ret_n = n;
    return ERR_OK;
}

/* A whole frame whose prelude was checked. */
static enum err frame_read(struct client_eventstream *r, const char *p, size_t n, struct error *e)
{
    if (crc_of(p, n - CRC) != u32_at(p + n - CRC))
        return error_set_reason(e, ERR_UPSTREAM, "bad_checksum",
                                "the answer's stream is damaged: the checksum of a frame is wrong");
    size_t headers = u32_at(p + 4);
    struct client_eventstream_message m = {.headers = r->headers};
    TRY(headers_read(r, (struct str){p + PRELUDE, headers}, &m.n_headers, e));
    m.payload = (struct str){p + PRELUDE + headers, n - FRAME_MIN - headers};
    return r->on_message(r->ctx, &m, e);
}

/* Moves bytes into the buffer until it holds n; false when there are not so many. */
static bool buffer_fill(struct client_eventstream *r, struct str *bytes, size_t n)
{
    size_t more = n - r->buffer.n;
    sb_str(&r->buffer, str_sub(*bytes, 0, more));
    *bytes = str_sub(*bytes, more, bytes->n);
    return r->buffer.n == n;
}

/* The frame whose beginning is in the buffer. */
static enum err feed_cut(struct client_eventstream *r, struct str *bytes, struct error *e)
{
    if (!r->need) {
        bool whole = buffer_fill(r, bytes, PRELUDE);
        if (!sb_ok(&r->buffer)) return error_no_memory(e);
        if (!whole) return ERR_OK;
        TRY(prelude_read(r, r->buffer.p, &r->need, e));
    }
    bool whole = buffer_fill(r, bytes, r->need);
    if (!sb_ok(&r->buffer)) return error_no_memory(e);
    if (!whole) return ERR_OK;
    TRY(frame_read(r, r->buffer.p, r->need, e));
    r->need = 0;
    sb_done(&r->buffer); /* a large frame leaves nothing behind */
    return ERR_OK;
}

static enum err feed(struct client_eventstream *r, struct str bytes, struct error *e)
{
    while (bytes.n > 0) {
        size_t need = 0;
        if (r->buffer.n == 0 && bytes.n >= PRELUDE) TRY(prelude_read(r, bytes.p, &need, e));
        if (need == 0 || need > bytes.n) {
            TRY(feed_cut(r, &bytes, e));
            continue;
        }
        TRY(frame_read(r, bytes.p, need, e));
        bytes = str_sub(bytes, need, bytes.n);
    }
    return ERR_OK;
}

enum err client_eventstream_feed(struct client_eventstream *r, struct str bytes, struct error *e)
{
    if (r->failed.code == ERR_OK) {
        enum err err = feed(r, bytes, &r->failed);
        if (err == ERR_OK) return ERR_OK;
        r->failed.code = err;
    }
    if (e) *e = r->failed;
    return r->failed.code;
}

enum err client_eventstream_end(struct client_eventstream *r, struct error *e)
{
    if (r->failed.code == ERR_OK && r->buffer.n > 0)
        (void)error_set_reason(&r->failed, ERR_UPSTREAM, "cut_stream", "the answer's stream ends within a frame");
    if (r->failed.code == ERR_OK) return ERR_OK;
    if (e) *e = r->failed;
    return r->failed.code;
}

struct str client_eventstream_text(const struct client_eventstream_message *m, struct str name)
{
    for (size_t i = 0; i < m->n_headers; i++)
        if (m->headers[i].type == CLIENT_EVENTSTREAM_TEXT && str_eq(m->headers[i].name, name))
            return m->headers[i].value;
    return STR_EMPTY;
}
