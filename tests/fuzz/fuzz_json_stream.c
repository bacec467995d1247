/* The input of a tool in pieces, on any bytes: whole or in pieces, the same items and the same error; and of what is read to its end, the items are
 * those that the JSON parser finds in the whole. */
#include <assert.h>
#include <stdint.h>

#include "ai/json_stream.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct heard {
    struct sb text;
    struct arena *a;
};

static void note(struct sb *b, struct str member, size_t index, struct str json)
{
    sb_printf(b, "%zu %zu ", member.n, index);
    sb_str(b, member);
    sb_char(b, '=');
    sb_str(b, json);
    sb_char(b, '\n');
}

static enum err hear(void *ctx, struct str member, size_t index, struct str json, struct error *e)
{
    (void)e;
    note(ctx, member, index, json);
    return ERR_OK;
}

/* *whole: a copy in the arena of what was read, when it was read to its end. */
static void run(struct sb *heard, struct str bytes, size_t step, struct arena *a, struct str *whole)
{
    struct ai_json_stream *s = NULL;
    struct error e = {0};
    assert(ai_json_stream_new(1 << 14, hear, heard, &s, &e) == ERR_OK);
    enum err err = ERR_OK;
    for (size_t at = 0; err == ERR_OK && at < bytes.n; at += step)
        err = ai_json_stream_feed(s, str_sub(bytes, at, at + step), &e);
    struct str text = STR_EMPTY;
    if (err == ERR_OK) err = ai_json_stream_end(s, &text, &e);
    assert(err == e.code);
    if (err == ERR_OK) *whole = str_dup(a, text);
    sb_c(heard, e.reason);
    ai_json_stream_free(s);
}

static void count(struct str whole, struct arena *a, struct str heard)
{
    const struct json *v = NULL;
    struct error e = {0};
    size_t want = 0, got = 0;
    struct str key;
    assert(json_parse(a, whole, &v, &e) == ERR_OK && json_type(v) == JSON_OBJECT);
    for (size_t i = 0; (v && (json_member(v, &i, &key)));) {
        const struct json *member = json_get(v, key.p);
        if (member && json_type(member) == JSON_ARRAY) want += json_count(member);
    }
    for (struct str rest = heard; rest.p && rest.n;) {
        size_t key_n = 0, digits = 0;
        while (digits < rest.n && rest.p[digits] >= '0' && rest.p[digits] <= '9')
            key_n = key_n * 10 + (size_t)(rest.p[digits++] - '0');
        struct str line = str_sub(rest, str_find_char(rest, ' ', digits + 1) + 1 + key_n + 1, rest.n);
        /* an item may have line ends of its own: it is as long as the parser says */
        size_t end = STR_NONE;
        for (size_t at = 0; end == STR_NONE && at != STR_NONE; at++) {
            at = str_find_char(line, '\n', at);
            assert(at != STR_NONE);
            const struct json *item = NULL;
            if (json_parse(a, str_sub(line, 0, at), &item, &e) == ERR_OK) end = at;
        }
        got++;
        rest = str_sub(line, end + 1, line.n);
    }
    assert(got == want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0 || n > 4096) return 0;
    struct str bytes = {(const char *)data, n}, whole = STR_EMPTY;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 24);
    CLEANUP_SB struct sb at_once = SB_INIT(1 << 20);
    run(&at_once, bytes, SIZE_MAX / 2, a, &whole);
    if (whole.p && n < 1024) count(whole, a, sb_view(&at_once));
    for (size_t step = 1; step < 16; step += 1 + n % 5) {
        CLEANUP_SB struct sb parts = SB_INIT(1 << 20);
        struct str again = STR_EMPTY;
        run(&parts, bytes, step, a, &again);
        assert(str_eq(sb_view(&at_once), sb_view(&parts)) && str_eq(whole, again));
    }
    return 0;
}
