/* The reader of server-sent events.
 * It works by lines: a line that lies whole in the bytes that were fed is read in place, one that was cut is put together first. A line ends
 * with CR, LF or both; a CR ends it at once, and an LF that comes next, perhaps in the next piece, is passed over.
 * Rejected: waiting for the byte behind a CR (the last event of a slow stream would come late).
 * Limits: max_event for a line and for the data of an event. Of bytes that are not UTF-8 each becomes a U+FFFD, where the standard would have
 * one for some groups of them. Source: HTML standard, 9.2.6 "Interpreting an event stream". */
#include "client/sse_in.h"

#include <assert.h>
#include <stdlib.h>

#include "base/sb.h"
#include "base/utf8.h"

#define KEPT ((size_t)16 << 10) /* bytes that an emptied buffer may hold on to: a thousand streams may be open */

struct client_sse {
    struct sb line; /* the beginning of a line that is not complete */
    struct sb type; /* the "event type buffer" */
    struct sb data; /* the "data buffer": each line with an LF behind it */
    bool begun;     /* the first line is over, and with it the place of a byte order mark */
    bool after_cr;  /* the last byte was a CR: an LF now belongs to it */
    client_sse_fn on_event;
    void *ctx;
    struct error failed; /* code ERR_OK: not */
};

enum err client_sse_new(size_t max_event, client_sse_fn on_event, void *ctx, struct client_sse **ret, struct error *e)
{
    assert(max_event >= 1);
    struct client_sse *r = calloc(1, sizeof *r);
    if (!r) return error_no_memory(e);
    r->line = r->type = r->data = (struct sb)SB_INIT(max_event);
    r->on_event = on_event;
    r->ctx = ctx;
    *ret = r;
    return ERR_OK;
}

void client_sse_free(struct client_sse *r)
{
    if (!r) return;
    sb_done(&r->line);
    sb_done(&r->type);
    sb_done(&r->data);
    free(r);
}

static void empty(struct sb *b)
{
    if (b->cap > KEPT) sb_done(b);
    sb_reset(b);
}

static enum err no_room(const struct sb *b, struct error *e)
{
    if (b->no_memory) return error_no_memory(e);
    return error_set_reason(e, ERR_UPSTREAM, "event_too_large",
                            "the answer's stream has an event of more than %zu bytes", b->max);
}

/* Text as it may go on from here: b is used only when s is not UTF-8 as it is. */
static struct str text_of(struct sb *b, struct str s)
{
    if (utf8_valid(s)) return s;
    for (size_t at = 0; at < s.n;)
        sb_rune(b, utf8_next(s, &at));
    return sb_view(b);
}

static enum err dispatch(struct client_sse *r, struct error *e)
{
    enum err err = ERR_OK;
    if (r->data.n > 0) {
        size_t thrice = r->data.n * 3 + r->type.n * 3;
        CLEANUP_SB struct sb data = SB_INIT(thrice), type = SB_INIT(thrice);
        struct str d = text_of(&data, (struct str){r->data.p, r->data.n - 1}), t = text_of(&type, sb_view(&r->type));
        if (!sb_ok(&data) || !sb_ok(&type)) return error_no_memory(e);
        err = r->on_event(r->ctx, t.n ? t : STR("message"), d, e);
    }
    empty(&r->data);
    empty(&r->type);
    return err;
}

static enum err line_read(struct client_sse *r, struct str line, struct error *e)
{
    if (line.n > r->line.max) return no_room(&r->line, e);
    if (!r->begun && str_starts(line, STR("\xef\xbb\xbf"))) line = str_sub(line, 3, line.n);
    r->begun = true;
    if (line.n == 0) return dispatch(r, e);
    struct str value = STR_EMPTY, field = str_cut(line, ':', &value);
    if (value.n && value.p[0] == ' ') value = str_sub(value, 1, value.n);
    if (str_eq(field, STR("data"))) {
        sb_str(&r->data, value);
        sb_char(&r->data, '\n');
        if (!sb_ok(&r->data)) return no_room(&r->data, e);
    } else if (str_eq(field, STR("event"))) {
        sb_reset(&r->type);
        sb_str(&r->type, value);
        if (!sb_ok(&r->type)) return no_room(&r->type, e);
    }
    return ERR_OK;
}

static enum err feed(struct client_sse *r, struct str bytes, struct error *e)
{
    while (bytes.n > 0) {
        if (r->after_cr) {
            r->after_cr = false;
            if (bytes.p[0] == '\n') {
                bytes = str_sub(bytes, 1, bytes.n);
                continue;
            }
        }
        size_t end = 0;
        while (end < bytes.n && bytes.p[end] != '\n' && bytes.p[end] != '\r')
            end++;
        struct str line = str_sub(bytes, 0, end);
        if (r->line.n > 0 || end == bytes.n) {
            sb_str(&r->line, line);
            if (!sb_ok(&r->line)) return no_room(&r->line, e);
            line = sb_view(&r->line);
        }
        if (end == bytes.n) return ERR_OK;
        r->after_cr = bytes.p[end] == '\r';
        bytes = str_sub(bytes, end + 1, bytes.n);
        TRY(line_read(r, line, e));
        empty(&r->line);
    }
    return ERR_OK;
}

enum err client_sse_feed(struct client_sse *r, struct str bytes, struct error *e)
{
    if (r->failed.code == ERR_OK) {
        enum err err = feed(r, bytes, &r->failed);
        if (err == ERR_OK) return ERR_OK;
        r->failed.code = err;
    }
    if (e) *e = r->failed;
    return r->failed.code;
}
