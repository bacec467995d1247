/* Every allocation of an engine and of a run over a small document fails once: each is an error, none a crash or a leak. */
#include "rules_test.h"

#include "base/json.h"
#include "support/docx_build.h"
#include "support/torture.h"

static const char lines[] =
    "# Report\nThe Root Cause Analysis (RCA) is TBD; see section 9. On Monday, 2026-03-03 it came, e.g. late.\n"
    "# Timeline of Events\n- 2026-03-01: a\n- 2026-03-09: b\n- 2026-03-02 09:00: c\n- 2026-03-10 10:00: d\n"
    "# Problem\nOrders of German customers arrived late in March.\n# 1 Root Causes\nRC1: Orders of German customers arrived late.\nRC2: human error\n"
    "# 2 Preventative Actions\nPA1: Add a second alarm to the queue of the night shift\n| Action | Owner |\n| Add a second alarm | TBD |\n# 3 Impact\n# 3 Impact\nText TBD TBC.";

struct ctx {
    struct doc *doc;
    const struct json *settings;
    size_t hits, rules; /* rules: with at least one hit; the hits of one come in a row */
    const struct rule *last;
};

static enum err count_hit(void *ctx, const struct rules_hit *hit, struct error *e)
{
    (void)e;
    struct ctx *c = ctx;
    c->hits++;
    c->rules += c->last != hit->rule;
    c->last = hit->rule;
    return ERR_OK;
}

static enum err make_engine(void *ctx, struct error *e)
{
    struct ctx *c = ctx;
    struct rules_options o = {.settings = c->settings};
    struct rules_engine *engine = NULL;
    TRY(rules_engine_new(&o, &engine, e));
    rules_engine_free(engine);
    return ERR_OK;
}

struct run_ctx {
    struct ctx base;
    struct rules_engine *engine;
};

static enum err run_rules(void *ctx, struct error *e)
{
    struct run_ctx *c = ctx;
    c->base.hits = c->base.rules = 0;
    c->base.last = NULL;
    CLEANUP_ARENA struct arena *a = arena_new((size_t)16 << 20);
    if (!a) return error_no_memory(e);
    struct rules_input input = {.doc = c->base.doc};
    struct rules_coverage coverage = {0};
    return rules_run(c->engine, &input, count_hit, &c->base, a, &coverage, e);
}

static void test_failed_allocations(void **state)
{
    (void)state;
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    struct run_ctx c = {0};
    struct rules_options o = {0};
    struct doc_read_options read = DOC_READ_OPTIONS_DEFAULT;
    assert_int_equal(json_parse(a,
                                STR("{\"words\": [\"\xC3\x9C"
                                    "ber\"], \"rules\": {\"time.unexplained_gap\": {\"hours\": 30}}}"),
                                &o.settings, &e),
                     ERR_OK);
    c.base.settings = o.settings;
    assert_int_equal(doc_read(test_docx_from_lines(a, lines), &read, &c.base.doc, &e), ERR_OK);
    assert_true(torture_run(make_engine, &c.base) > 10);
    assert_int_equal(rules_engine_new(&o, &c.engine, &e), ERR_OK);
    assert_true(torture_run(run_rules, &c) > 50);
    assert_true(c.base.hits > 8);
    rules_engine_free(c.engine);
    doc_free(c.base.doc);
}

/* One document of the examples that make each rule fire: the ways to a hit fail too. */
static void test_failed_allocations_of_each_rule(void **state)
{
    (void)state;
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    CLEANUP_SB struct sb sb = SB_INIT(1 << 20);
    struct run_ctx c = {0};
    struct rules_options o = {0};
    struct doc_read_options read = DOC_READ_OPTIONS_DEFAULT;
    struct str text;
    sb_c(&sb, lines);
    for (size_t i = 0; i < rules_count(); i++) {
        sb_char(&sb, '\n');
        sb_c(&sb, rules_at(i)->fires);
    }
    assert_int_equal(sb_take(&sb, a, &text, &e), ERR_OK);
    assert_int_equal(doc_read(test_docx_from_lines(a, str_to_c(a, text)), &read, &c.base.doc, &e), ERR_OK);
    assert_int_equal(rules_engine_new(&o, &c.engine, &e), ERR_OK);
    assert_true(torture_run(run_rules, &c) > 300);
    print_message("%zu hits of %zu rules\n", c.base.hits, c.base.rules);
    assert_true(c.base.rules > 40);
    rules_engine_free(c.engine);
    doc_free(c.base.doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_failed_allocations),
                                       cmocka_unit_test(test_failed_allocations_of_each_rule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
