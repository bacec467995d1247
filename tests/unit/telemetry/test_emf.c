/* Lines for CloudWatch: what has no value is in neither list, and nothing can end a line early. */
#include "telemetry/emf.h"

#include <math.h>

#include "telemetry_test.h"

static const struct emf_source from = {STR_INIT("AI-Prism"), STR_INIT("prod \"1\"\n"), STR_INIT("i-1")};

static void test_line(void **state)
{
    CLEANUP_SB struct sb b = SB_INIT(4000);
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    const struct emf_metric metrics[] = {{"ApplicationRequestsTotal", EMF_COUNT, 7},
                                         {"ApplicationLatencyP99", EMF_SECONDS, NAN},
                                         {"ProcessMemory", EMF_BYTES, 1e9},
                                         {"ProcessCPU", EMF_PERCENT, 0.5}};
    (void)state;
    emf_line(&b, &from, metrics, 4, 1764179599123);
    struct str line = sb_view(&b);
    assert_true(sb_ok(&b) && str_find_char(line, '\n', 0) == line.n - 1);
    const struct json *root = parsed(a, line), *aws = json_get(root, "_aws");
    assert_true(str_find(line, STR("\"Timestamp\":1764179599123,"), 0) != STR_NONE);
    const struct json *directive = json_at(json_get(aws, "CloudWatchMetrics"), 0);
    assert_true(is_text(json_get(directive, "Namespace"), "AI-Prism"));
    const struct json *dimensions = json_get(directive, "Dimensions");
    assert_int_equal(json_count(dimensions), 2);
    assert_int_equal(json_count(json_at(dimensions, 0)), 1);
    assert_true(is_text(json_at(json_at(dimensions, 1), 1), "Instance"));
    assert_true(is_text(json_get(root, "Environment"), "prod \"1\"\n"));
    const struct json *listed = json_get(directive, "Metrics");
    assert_int_equal(json_count(listed), 3);
    assert_true(is_text(json_get(json_at(listed, 1), "Unit"), "Bytes"));
    assert_null(json_get(root, "ApplicationLatencyP99"));
    assert_non_null(json_get(root, "ProcessMemory"));
    assert_int_equal(json_count(root), 6);
}

static void test_nothing(void **state)
{
    CLEANUP_SB struct sb b = SB_INIT(4000);
    const struct emf_metric none = {"ApplicationLatencyP99", EMF_SECONDS, NAN};
    (void)state;
    emf_line(&b, &from, &none, 1, 1);
    emf_line(&b, &from, NULL, 0, 1);
    assert_int_equal(b.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_line), cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
