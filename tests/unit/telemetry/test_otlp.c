/* Spans as OTLP has them in JSON. */
#include "telemetry/otlp.h"

#include "telemetry_test.h"

#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static const struct otlp_resource from = {
    .service = STR_INIT("prism"), .version = STR_INIT("1"), .instance = STR_INIT("i-1")};

static const struct json *span_at(const struct json *root, size_t i)
{
    const struct json *scope = json_at(json_get(json_at(json_get(root, "resourceSpans"), 0), "scopeSpans"), 0);
    return json_at(json_get(scope, "spans"), i);
}

static void test_spans(void **state)
{
    CLEANUP_SB struct sb b = SB_INIT(100000);
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    const struct trace_options keep = {4, 1};
    const struct trace_work work = trace_work_make(STR("r"), STR(PARENT));
    struct trace_span outer, inner, got[2];
    (void)state;
    assert_int_equal(trace_start(&keep, NULL), ERR_OK);
    trace_work_set(&work);
    trace_begin(&outer, TRACE_SERVER, STR("POST /\xff\"x\""));
    trace_begin(&inner, TRACE_CLIENT, STR("chat m"));
    trace_text(&inner, "gen_ai.request.model", STR("m \"\n"));
    trace_number(&inner, "gen_ai.usage.input_tokens", INT64_MIN);
    trace_end(&inner, "throttled");
    trace_end(&outer, NULL);
    trace_work_set(NULL);
    assert_int_equal(trace_take(got, 2), 2);
    trace_stop();
    got[0].began_unix_ns = 1764179599123456789;
    got[0].took_ns = 11;
    otlp_traces(&b, &from, got, 2);
    assert_true(sb_ok(&b));
    const struct json *root = parsed(a, sb_view(&b)), *s = span_at(root, 0), *t = span_at(root, 1);
    assert_true(is_text(json_get(s, "traceId"), "0af7651916cd43dd8448eb211c80319c"));
    assert_int_equal(json_str(json_get(s, "spanId")).n, 16);
    assert_true(str_eq(json_str(json_get(s, "parentSpanId")), json_str(json_get(t, "spanId"))));
    assert_true(is_text(json_get(t, "parentSpanId"), "b7ad6b7169203331"));
    assert_true(is_text(json_get(s, "startTimeUnixNano"), "1764179599123456789"));
    assert_true(is_text(json_get(s, "endTimeUnixNano"), "1764179599123456800"));
    const struct json *attributes = json_get(s, "attributes");
    assert_int_equal(json_count(attributes), 3);
    assert_true(is_text(json_get(json_get(json_at(attributes, 0), "value"), "stringValue"), "m \"\n"));
    assert_true(is_text(json_get(json_get(json_at(attributes, 1), "value"), "intValue"), "-9223372036854775808"));
    assert_true(is_text(json_get(json_at(attributes, 2), "key"), "error.type"));
    assert_true(str_find(sb_view(&b), STR("\"kind\":3"), 0) != STR_NONE &&
                str_find(sb_view(&b), STR("\"kind\":2"), 0) != STR_NONE);
    assert_true(str_find(sb_view(&b), STR("\"status\":{\"code\":2}"), 0) != STR_NONE);
    assert_true(str_find(sb_view(&b), STR("\"status\":{}"), 0) != STR_NONE);
    const struct json *resource = json_get(json_at(json_get(root, "resourceSpans"), 0), "resource");
    assert_int_equal(json_count(json_get(resource, "attributes")), 5); /* no environment: left out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_spans)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
