/* The exporter without a collector: who ends spans never waits for it, what cannot be sent is counted, and headers that are none are refused. With one:
 * tests/integration/test_telemetry.py. */
#include "telemetry/exporter.h"

#include "base/time.h"
#include "telemetry_test.h"

static const struct exporter_options nobody = {
    .url = STR_INIT("http://127.0.0.1:9"), .delay_ms = 10, .spans = 8, .ratio = 1};

static void test_headers(void **state)
{
    static const char *const wrong[] = {"a", "=b", "a b=c", "a=%", "a=%4", "a=%0a", "a=%zz", "a=b,,c=d"};
    static const char *const right[] = {"", "a=b", "a=", "a=b,", "authorization=Bearer%20x%2Cy,b=c=d"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct exporter_options o = nobody;
        struct exporter *x = NULL;
        struct error e = {0};
        o.headers = str_from_c(wrong[i]);
        assert_int_equal(exporter_new(&o, &x, &e), ERR_INVALID);
        assert_string_equal(e.reason, "bad_setting");
        assert_false(trace_is_on());
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct exporter_options o = nobody;
        struct exporter *x = NULL;
        o.headers = str_from_c(right[i]);
        assert_int_equal(exporter_new(&o, &x, NULL), ERR_OK);
        assert_true(trace_is_on());
        exporter_free(x);
        assert_false(trace_is_on());
    }
    exporter_free(NULL);
}

static void count_lost(void *ctx, const struct error *why, size_t spans)
{
    size_t *n = ctx;
    assert_true(why->code != ERR_OK);
    *n += spans; /* read once the exporter has ended */
}

static void test_nobody_there(void **state)
{
    CLEANUP_SB struct sb b = SB_INIT(10000);
    struct exporter_options o = nobody;
    struct exporter *x = NULL;
    size_t lost = 0;
    (void)state;
    o.on_lost = count_lost;
    o.ctx = &lost;
    assert_int_equal(exporter_new(&o, &x, NULL), ERR_OK);
    for (int i = 0; i < 1000; i++) {
        struct trace_span s;
        trace_begin(&s, TRACE_INTERNAL, STR("work"));
        trace_end(&s, NULL);
    }
    struct trace_counts c = trace_counts();
    assert_int_equal(c.kept + c.dropped, 1000);
    assert_true(c.waiting <= 8);
    exporter_metrics(x, &b);
    assert_true(str_find(sb_view(&b), STR("prism_trace_spans_total{fate=\"sent\"} 0\n"), 0) != STR_NONE);
    exporter_free(x);
    assert_true(lost > 0 && lost <= c.kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_headers), cmocka_unit_test(test_nobody_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
