/* What requests say of findings: bodies by table, filters from a query and from JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/api_priv.h"
#include "api/findings.h"

enum { ARENA_MAX = 8 << 20 };

static struct net_request with_body(struct arena *a, struct str body)
{
    return (struct net_request){.arena = a, .content_type = STR("application/json"), .body = body};
}

static void refused(const struct error *e, const char *reason, const char *words)
{
    assert_string_equal(e->reason, reason);
    if (!strstr(e->message, words)) fail_msg("\"%s\" does not say \"%s\"", e->message, words);
}

static void test_new_finding(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    struct error e = {0};
    struct api__finding_body b;
    struct net_request rq =
        with_body(a, STR("{\"anchor\":{\"block\":3,\"start\":1,\"end\":6,\"quote\":\"Hello\"},\"kind\":"
                         "\"critical\",\"risk\":\"medium\",\"description\":\"d\",\"points\":[2]}"));
    assert_int_equal(api__finding_body_new(&rq, &b, &e), ERR_OK);
    assert_int_equal(b.anchor.block, 3);
    assert_int_equal(b.anchor.end, 6);
    assert_true(str_eq_c(b.anchor.quote, "Hello"));
    assert_int_equal(*b.text.kind, FINDING_CRITICAL);
    assert_int_equal(*b.text.risk, FINDING_MEDIUM);
    assert_true(b.text.has_points && b.text.points[0] == 2 && !b.text.has_questions);
    assert_null(b.text.rewrite);
    assert_null(b.text.suggestion);

    rq.body = STR("{\"anchor\":{\"block\":3,\"start\":1,\"end\":6},\"kind\":\"critical\"}");
    assert_int_equal(api__finding_body_new(&rq, &b, &e), ERR_INVALID);
    refused(&e, "bad_json", "anchor.quote");
    rq.body = STR("{\"version\":1}");
    assert_int_equal(api__finding_body_new(&rq, &b, &e), ERR_INVALID);
    refused(&e, "bad_json", "version");
    rq.content_type = STR("text/plain");
    assert_int_equal(api__finding_body_new(&rq, &b, &e), ERR_INVALID);
    refused(&e, "not_json", "JSON");
}

static void test_edit(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    struct error e = {0};
    struct api__finding_body b;
    struct net_request rq = with_body(a, STR("{\"rewrite\":null,\"questions\":[],\"version\":7}"));
    assert_int_equal(api__finding_body_edit(&rq, &b, &e), ERR_OK);
    assert_non_null(b.text.rewrite); /* null takes it away, "" deletes the words, absent leaves it */
    assert_null(b.text.rewrite->p);
    assert_true(b.text.has_questions && b.text.n_questions == 0 && !b.text.has_points);
    assert_null(b.text.kind);
    assert_int_equal(b.version, 7);

    rq.body = STR("{\"rewrite\":\"\"}");
    assert_int_equal(api__finding_body_edit(&rq, &b, &e), ERR_OK);
    assert_non_null(b.text.rewrite->p);
    rq.body = STR_EMPTY;
    assert_int_equal(api__finding_body_edit(&rq, &b, &e), ERR_OK);
    assert_null(b.text.rewrite);
    assert_int_equal(b.version, DECIDE_ANY_VERSION);

    static const char *const wrong[] = {"{\"rewrite\":1}",        "{\"decision\":\"accepted\"}",
                                        "{\"confidence\":1}",     "[]",
                                        "{\"description\":\"\"}", "{\"version\":0}",
                                        "{\"mine\":true}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        rq.body = str_from_c(wrong[i]);
        assert_int_equal(api__finding_body_edit(&rq, &b, &e), ERR_INVALID);
        assert_string_equal(e.reason, "bad_json");
    }
}

static void test_filters_mean_the_same(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    struct error e = {0};
    struct store_finding_filter q = {0}, j = {0};
    struct net_pair pairs[] = {{STR("risk"), STR("high,low")},
                               {STR("kind"), STR("critical")},
                               {STR("decision"), STR("open,")},
                               {STR("section"), STR("0,4")},
                               {STR("reviewer"), STR("person,a.b")},
                               {STR("category"), STR("Time, line")},
                               {STR("point"), STR("3")},
                               {STR("q"), STR("a,b")}};
    struct net_request rq = {.arena = a, .queries = pairs, .n_queries = sizeof pairs / sizeof *pairs};
    assert_int_equal(api__filter_of_query(&rq, &q, &e), ERR_OK);
    const struct json *v;
    struct str text =
        STR("{\"risk\":[\"low\",\"high\"],\"kind\":[\"critical\"],\"decision\":[\"open\"],\"section\":[0,4],"
            "\"reviewer\":[\"a.b\",\"person\"],\"category\":\"Time, line\",\"point\":3,\"q\":\"a,b\"}");
    assert_int_equal(json_parse(a, text, &v, &e), ERR_OK);
    assert_int_equal(api__filter_of_json(&rq, v, &j, &e), ERR_OK);
    assert_int_equal(q.risks, STORE_BIT(STORE_RISK_HIGH) | STORE_BIT(STORE_RISK_LOW));
    assert_true(q.risks == j.risks && q.kinds == j.kinds && q.decisions == j.decisions && q.sources == j.sources);
    assert_int_equal(q.sources, STORE_BIT(STORE_BY_PERSON));
    assert_true(q.n_sections == 2 && j.n_sections == 2 && q.sections[1] == 4 && j.sections[1] == 4);
    assert_true(str_eq(q.reviewer, j.reviewer) && str_eq_c(q.reviewer, "a.b"));
    assert_true(str_eq(q.category, j.category) && str_eq(q.text, j.text) && q.point == 3 && j.point == 3);
}

static void test_wrong_filters(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *words;
    } rows[] = {{"risk", "huge", "low, medium, high"},
                {"section", "-1", "section"},
                {"reviewer", "a,b", "reviewer"},
                {"point", "0", "point"},
                {"point", "x", "point"},
                {"decision", "no", "decision"}};
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error e = {0};
        struct store_finding_filter f = {0};
        struct net_pair pair = {str_from_c(rows[i].name), str_from_c(rows[i].value)};
        struct net_request rq = {.arena = a, .queries = &pair, .n_queries = 1};
        assert_int_equal(api__filter_of_query(&rq, &f, &e), ERR_INVALID);
        refused(&e, "bad_query", rows[i].words);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    struct error e = {0};
    uint64_t n;
    struct net_pair pair = {STR("limit"), STR("50")};
    struct net_request rq = {.arena = a, .queries = &pair, .n_queries = 1};
    assert_int_equal(api__query_number(&rq, "limit", 1, 100, 7, &n, &e), ERR_OK);
    assert_int_equal(n, 50);
    assert_int_equal(api__query_number(&rq, "before", 1, 100, 7, &n, &e), ERR_OK);
    assert_int_equal(n, 7);
    assert_int_equal(api__query_number(&rq, "limit", 1, 49, 7, &n, &e), ERR_INVALID);
    refused(&e, "bad_query", "from 1 to 49");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_new_finding), cmocka_unit_test(test_edit),
                                       cmocka_unit_test(test_filters_mean_the_same),
                                       cmocka_unit_test(test_wrong_filters), cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
