/* The event-stream reader on any bytes, in three ways by the first of them:
 *   'r' the rest is a stream as it comes;
 *   'h' the rest is one frame's headers, with lengths and checksums that are right;
 *   'f' each line "<type digit><name>=<value>" is a header of a right frame, '-' ends a frame: what is read is what was written.
 * Always: whole or in pieces, the same messages and the same error. */
#include <assert.h>
#include <stdint.h>

#include "client/eventstream.h"
#include "support/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define MAX_PAYLOAD 4096

static enum err hear(void *ctx, const struct client_eventstream_message *m, struct error *e)
{
    (void)e;
    for (size_t i = 0; i < m->n_headers; i++) {
        sb_printf(ctx, "%d", (int)m->headers[i].type);
        sb_str(ctx, m->headers[i].name);
        sb_char(ctx, '=');
        sb_str(ctx, m->headers[i].value);
        sb_char(ctx, '\n');
    }
    SB_LIT((struct sb *)ctx, "-");
    sb_str(ctx, m->payload);
    sb_char(ctx, '\n');
    return ERR_OK;
}

static void run(struct sb *heard, struct str bytes, size_t step)
{
    struct client_eventstream *r = NULL;
    struct error e = {0};
    assert(client_eventstream_new(MAX_PAYLOAD, hear, heard, &r, &e) == ERR_OK);
    enum err err = ERR_OK;
    for (size_t at = 0; err == ERR_OK && at < bytes.n; at += step)
        err = client_eventstream_feed(r, str_sub(bytes, at, at + step), &e);
    if (err == ERR_OK) err = client_eventstream_end(r, &e);
    assert(err == e.code && (err == ERR_OK) == !e.message[0]);
    sb_c(heard, e.reason);
    client_eventstream_free(r);
}

/* Builds frames from lines, and what is to be heard of them. */
static void build(struct sb *stream, struct sb *want, struct str text)
{
    static const size_t sizes[] = {0, 0, 1, 2, 4, 8, 0, 0, 8, 16};
    CLEANUP_SB struct sb headers = SB_INIT(1 << 16);
    size_t n = 0, lines_from = 0;
    for (struct str line, rest = text; rest.p;) {
        line = str_cut(rest, '\n', &rest);
        if (line.n && line.p[0] == '-') {
            struct str payload = str_sub(line, 1, 1 + MAX_PAYLOAD);
            frame_write(stream, sb_view(&headers), payload);
            SB_LIT(want, "-");
            sb_str(want, payload);
            sb_char(want, '\n');
            sb_reset(&headers);
            n = 0;
            lines_from = want->n;
            continue;
        }
        struct str value = STR_EMPTY, name = str_cut(line, '=', &value);
        if (name.n < 2 || name.n > 200 || name.p[0] < '0' || name.p[0] > '9') continue;
        int type = name.p[0] - '0';
        if (type != 6 && type != 7 && value.n != sizes[type]) continue;
        bool plain = value.n < 60000 && n < CLIENT_EVENTSTREAM_HEADERS_MAX && headers.n < 100000;
        for (size_t i = 0; i < line.n; i++)
            plain = plain && line.p[i] > 0;
        struct str key = str_sub(name, 1, name.n), sofar = str_sub(sb_view(want), lines_from, want->n);
        for (struct str old, more = sofar; more.p;) {
            old = str_cut(more, '\n', &more);
            plain = plain && !str_eq(str_sub(str_cut(old, '=', &old), 1, SIZE_MAX), key);
        }
        if (!plain) continue;
        frame_header(&headers, key, type, value);
        sb_str(want, line);
        if (!value.p) sb_char(want, '=');
        sb_char(want, '\n');
        n++;
    }
    assert(sb_ok(&headers));
    want->n = lines_from; /* headers that no frame came of */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2 || n > 1 << 16) return 0;
    struct str rest = {(const char *)data + 1, n - 1};
    CLEANUP_SB struct sb stream = SB_INIT(1 << 24), want = SB_INIT(1 << 24), whole = SB_INIT(1 << 24);
    if (data[0] == 'f')
        build(&stream, &want, rest);
    else if (data[0] == 'h')
        frame_write(&stream, rest, STR("{}"));
    else
        sb_str(&stream, rest);
    assert(sb_ok(&stream) && sb_ok(&want));
    run(&whole, sb_view(&stream), SIZE_MAX / 2);
    if (data[0] == 'f') assert(str_eq(sb_view(&whole), sb_view(&want)));
    for (size_t step = 1; step < 30; step += 1 + n % 7) {
        CLEANUP_SB struct sb parts = SB_INIT(1 << 24);
        run(&parts, sb_view(&stream), step);
        assert(str_eq(sb_view(&whole), sb_view(&parts)));
    }
    return 0;
}
