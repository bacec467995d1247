#include "base/metrics.h"

#include "base_test.h"

static void test_lines(void **state)
{
    CLEANUP_SB struct sb b = SB_INIT(10000);
    const struct metrics_label labels[] = {{"model", STR_INIT("a\"b\\c\nd")}, {"outcome", STR_INIT("")}};
    (void)state;
    metrics_one(&b, "prism_connections", METRICS_GAUGE, "Open now.", 3);
    metrics_family(&b, "prism_calls_total", METRICS_COUNTER, "Calls.");
    metrics_u64(&b, "prism_calls_total", labels, 2, 7);
    metrics_f64(&b, "prism_cost_usd_total", labels, 1, 0.25);
    assert_true(str_eq_c(sb_view(&b),
                         "# HELP prism_connections Open now.\n# TYPE prism_connections gauge\nprism_connections 3\n"
                         "# HELP prism_calls_total Calls.\n# TYPE prism_calls_total counter\n"
                         "prism_calls_total{model=\"a\\\"b\\\\c\\nd\",outcome=\"\"} 7\n"
                         "prism_cost_usd_total{model=\"a\\\"b\\\\c\\nd\"} 0.250000\n"));
}

static bool has(const struct sb *b, const char *line) { return str_find(sb_view(b), str_from_c(line), 0) != STR_NONE; }

static void test_histogram(void **state)
{
    CLEANUP_SB struct sb b = SB_INIT(10000);
    static struct metrics_histogram h;
    const struct metrics_label label = {"route", STR_INIT("/")};
    (void)state;
    metrics_histogram_put(&b, "prism_request_seconds", &label, 1, &h);
    assert_int_equal(sb_view(&b).n, 0);
    metrics_observe(&h, 0);
    metrics_observe(&h, 1000); /* a bound is inside */
    metrics_observe(&h, 1001);
    metrics_observe(&h, 40000000);
    metrics_histogram_put(&b, "prism_request_seconds", &label, 1, &h);
    assert_true(has(&b, "prism_request_seconds_bucket{route=\"/\",le=\"0.001\"} 2\n"));
    assert_true(has(&b, "prism_request_seconds_bucket{route=\"/\",le=\"0.005\"} 3\n"));
    assert_true(has(&b, "prism_request_seconds_bucket{route=\"/\",le=\"30\"} 3\n"));
    assert_true(has(&b, "prism_request_seconds_bucket{route=\"/\",le=\"+Inf\"} 4\n"));
    assert_true(has(&b, "prism_request_seconds_sum{route=\"/\"} 40.002001\n"));
    assert_true(has(&b, "prism_request_seconds_count{route=\"/\"} 4\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_histogram)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
