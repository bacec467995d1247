/* Any bytes as a form: the same events however they are cut, and an error of the kinds that are promised. The first byte says where to cut. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/sb.h"
#include "base/utf8.h"
#include "net/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum err begin(void *ctx, const struct net_part_head *h, struct error *e)
{
    (void)e;
    assert(h->name.n > 0 && utf8_valid(h->name) && utf8_valid(h->file_name) && utf8_valid(h->content_type));
    assert(str_find_char(h->file_name, '/', 0) == STR_NONE && str_find_char(h->file_name, '\\', 0) == STR_NONE);
    sb_printf(ctx, "[%.*s|%.*s|%.*s]", STR_ARG(h->name), STR_ARG(h->file_name), STR_ARG(h->content_type));
    return ERR_OK;
}

static enum err part_data(void *ctx, struct str bytes, struct error *e)
{
    (void)e;
    assert(bytes.n > 0);
    sb_str(ctx, bytes);
    return ERR_OK;
}

static enum err end(void *ctx, struct error *e)
{
    (void)e;
    SB_LIT((struct sb *)ctx, "[end]");
    return ERR_OK;
}

/* What the form gives, fed in pieces of `step` bytes, its end included. */
static void run(struct sb *seen, struct str body, size_t step)
{
    struct net_multipart_limits limits = {.parts = 8, .head_bytes = 512};
    struct net_multipart_sink sink = {begin, part_data, end, seen};
    struct net_multipart *m = NULL;
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    assert(a);
    enum err err = net_multipart_new(a, STR("multipart/form-data; boundary=XX"), limits, sink, &m, &e);
    assert(err == ERR_OK);
    for (size_t i = 0; i < body.n && err == ERR_OK; i += step)
        err = net_multipart_feed(m, str_sub(body, i, i + step), &e);
    if (err == ERR_OK) err = net_multipart_finish(m, &e);
    assert(err == ERR_OK || err == ERR_INVALID || err == ERR_LIMIT);
    sb_printf(seen, "=%d %s", err, err == ERR_OK ? "" : e.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0) return 0;
    struct str body = {(const char *)data + 1, n - 1};
    const size_t steps[] = {1, 1 + data[0] % 64u, 4096};
    CLEANUP_SB struct sb whole = SB_INIT((size_t)64 << 20);
    run(&whole, body, n);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        CLEANUP_SB struct sb parts = SB_INIT((size_t)64 << 20);
        run(&parts, body, steps[i]);
        assert(str_eq(sb_view(&whole), sb_view(&parts)));
    }
    return 0;
}
