/* Any bytes as a log of any kind: the first byte says which. However the bytes are cut into pieces, the reports are the same; the JSON one is JSON, the
 * HTML one has no script and nothing in Markdown is a tag; and all counts of requests agree with each other. */
#include <assert.h>

#include "base/json.h"
#include "ops/logs_priv.h"

enum { REPORT_MAX = 64 << 20 };

static struct ops_logs *read_pieces(struct arena *a, struct str bytes, enum logs_kind kind, size_t piece)
{
    static struct logs_lines lines; /* too large for a stack; targets run in one thread */
    struct ops_logs *l = logs__new(a, NULL);
    assert(l);
    l->name = STR("bundle");
    logs__file_begin(l, STR("i-0123456789abcdef0/a.log"), kind, &lines);
    for (size_t at = 0; at < bytes.n; at += piece)
        logs__file_feed(l, &lines, str_sub(bytes, at, at + piece));
    logs__file_end(l, &lines);
    logs__requests_end(l);
    logs__judge(l);
    assert(!l->no_memory);
    return l;
}

static void check_counts(const struct logs_requests *r)
{
    uint64_t all = r->all.n + r->checks.n, by_status = 0, by_type = 0, by_minute = r->off_minutes, by_path = 0,
             timed = 0;
    const struct map_slot *slot;
    for (size_t i = 0; i < 600; i++)
        by_status += r->statuses[i];
    for (size_t i = 0; i < LOGS_TYPE_COUNT; i++)
        by_type += r->types[i].n;
    for (size_t i = 0; i < r->n_minutes; i++) {
        assert(i == 0 || r->minutes[i - 1].minute < r->minutes[i].minute);
        by_minute += r->minutes[i].n + r->minutes[i].checks;
    }
    for (size_t i = 0; (slot = map_next(&r->paths, &i));)
        by_path += ((const struct logs_path *)slot->value)->sum.n;
    for (size_t i = 0; i < LOGS_LATENCY_BUCKETS; i++)
        timed += r->latency[i];
    assert(by_status == all && by_type == all && by_minute == all && by_path == all && timed == r->timed);
    assert(logs__latency(r, 0.5) <= logs__latency(r, 0.99) && logs__latency(r, 0.99) <= r->max_us);
}

/* A '<' in Markdown that no backslash disarms. */
static bool has_tag(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\') {
            i++;
            continue;
        }
        if (s.p[i] == '<') return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)512 << 20);
    CLEANUP_SB struct sb whole = SB_INIT(REPORT_MAX);
    CLEANUP_SB struct sb pieces = SB_INIT(REPORT_MAX);
    const struct json *v;
    struct error e;
    if (n < 2 || !a) return 0;
    enum logs_kind kind = (enum logs_kind)(data[0] % LOGS_OTHER);
    struct str bytes = {(const char *)data + 2, n - 2};
    const struct ops_logs *l = read_pieces(a, bytes, kind, bytes.n ? bytes.n : 1);
    const struct ops_logs *other = read_pieces(a, bytes, kind, (size_t)data[1] % 61 + 1);
    for (size_t i = 0; i < LOGS_ORIGIN_COUNT; i++)
        check_counts(&l->requests[i]);
    assert(ops_logs_write(l, OPS_LOGS_JSON, &whole, &e) == ERR_OK);
    assert(ops_logs_write(other, OPS_LOGS_JSON, &pieces, &e) == ERR_OK);
    assert(str_eq(sb_view(&whole), sb_view(&pieces)));
    assert(json_parse(a, sb_view(&whole), &v, &e) == ERR_OK);
    sb_reset(&whole);
    assert(ops_logs_write(l, OPS_LOGS_HTML, &whole, &e) == ERR_OK);
    assert(str_find_nocase(sb_view(&whole), STR("<script"), 0) == STR_NONE);
    sb_reset(&whole);
    assert(ops_logs_write(l, OPS_LOGS_MARKDOWN, &whole, &e) == ERR_OK);
    assert(!has_tag(sb_view(&whole)));
    return 0;
}
