/* The reader of server-sent events on any bytes: whole or in pieces, the same events and the same error; what it hands on is UTF-8. */
#include <assert.h>
#include <stdint.h>

#include "base/sb.h"
#include "base/utf8.h"
#include "client/sse_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define MAX_EVENT 300

static enum err hear(void *ctx, struct str type, struct str data, struct error *e)
{
    (void)e;
    assert(type.n > 0 && utf8_valid(type) && utf8_valid(data));
    assert(str_find_char(type, '\n', 0) == STR_NONE && str_find_char(data, '\r', 0) == STR_NONE);
    assert(type.n <= 3 * MAX_EVENT && data.n < 3 * MAX_EVENT);
    sb_str(ctx, type);
    sb_char(ctx, '\r');
    sb_str(ctx, data);
    sb_char(ctx, '\r');
    return ERR_OK;
}

static void run(struct sb *heard, struct str bytes, size_t step)
{
    struct client_sse *r = NULL;
    struct error e = {0};
    assert(client_sse_new(MAX_EVENT, hear, heard, &r, &e) == ERR_OK);
    enum err err = ERR_OK;
    for (size_t at = 0; err == ERR_OK && at < bytes.n; at += step)
        err = client_sse_feed(r, str_sub(bytes, at, at + step), &e);
    assert(err == e.code);
    sb_c(heard, e.reason);
    client_sse_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0 || n > 1 << 16) return 0;
    struct str bytes = {(const char *)data, n};
    CLEANUP_SB struct sb whole = SB_INIT(1 << 24);
    run(&whole, bytes, n);
    for (size_t step = 1; step < 30; step += 1 + n % 7) {
        CLEANUP_SB struct sb parts = SB_INIT(1 << 24);
        run(&parts, bytes, step);
        assert(str_eq(sb_view(&whole), sb_view(&parts)));
    }
    return 0;
}
