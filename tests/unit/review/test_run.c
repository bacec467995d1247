#include "review_test.h"

#include <stdio.h>

#include "review/review.h"
#include "support/torture.h"

static const char report[] =
    "# Executive Summary\nThe seller was suspended on 3 March 2026. Details: TBD.\n"
    "# Timeline of Events\n2026-03-01 09:00 UTC The account was flagged.\n2026-03-02 10:00 UTC The case was opened.\n"
    "# Root Causes and Preventative Actions\nRC1: The root cause was human error by the analyst.\n"
    "PA1: Add a second review, by Jane Doe, until 2026-05-01; measured weekly.\n"
    "# Impact\nContact: TBD. 12 orders were refunded.\n";

struct fixture {
    struct arena *a;
    struct doc *doc;
    struct rules_engine *engine;
    struct framework *framework;
};

static void open_lines(struct fixture *f, const char *lines)
{
    struct rules_options o = {0};
    f->a = test_arena();
    f->doc = test_doc_read(f->a, lines);
    assert_ok(rules_engine_new(&o, &f->engine, e));
    assert_ok(framework_load(f->a, "hawkeye", &f->framework, e));
}

static void fixture_close(struct fixture *f)
{
    rules_engine_free(f->engine);
    doc_free(f->doc);
    arena_free(f->a);
}

static struct review_result run(const struct fixture *f, enum finding_risk min_risk, bool whole)
{
    struct review_options o = {.engine = f->engine,
                               .framework = f->framework,
                               .min_risk = min_risk,
                               .whole_document = whole,
                               .no_model_why = STR(REVIEW_NO_MODEL)};
    struct review_result r = {0};
    assert_ok(review_run(f->doc, &o, f->a, &r, e));
    return r;
}

static const struct finding *by_quote(const struct review_result *r, const char *part, const char *family)
{
    for (size_t i = 0; i < r->findings.n; i++)
        if (str_starts(r->findings.at[i].reviewer, str_from_c(family)) &&
            str_find(r->findings.at[i].quote, str_from_c(part), 0) != STR_NONE)
            return &r->findings.at[i];
    return NULL;
}

/* What holds of every result. */
static void check_result(const struct fixture *f, const struct review_result *r)
{
    for (size_t i = 0; i < r->findings.n; i++) {
        const struct finding *at = &r->findings.at[i];
        assert_int_equal(at->id.n, 16);
        assert_true(at->located);
        assert_true(str_eq(at->quote, doc_text_of(f->doc, at->anchor, f->a)));
        assert_true(at->confidence > 0 && at->confidence <= 1);
        assert_true(at->title.n > 0 && at->description.n > 0 && at->place.n > 0 && at->category.n > 0);
        assert_int_equal(at->decision, FINDING_OPEN);
        for (size_t k = 0; k < at->n_points; k++)
            assert_true(at->points[k] < f->framework->n_points);
        if (i > 0) assert_true(finding_compare(at - 1, at) <= 0);
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq(at->id, r->findings.at[k].id));
    }
}

static void hits_become_findings(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, report);
    struct review_result r = run(&f, FINDING_LOW, false);
    check_result(&f, &r);
    const struct finding *error = by_quote(&r, "human error", "cause.");
    assert_non_null(error);
    assert_true(error->n_points > 0);
    assert_int_equal(f.framework->points[error->points[0]].number, 11);
    assert_has(error->place, "Root Causes");
    assert_int_equal(error->source, FINDING_BY_RULE);
    assert_non_null(by_quote(&r, "TBD", "structure."));
    fixture_close(&f);
}

static void the_same_document_gives_the_same_ids(void **state)
{
    (void)state;
    struct fixture f, again;
    open_lines(&f, report);
    open_lines(&again, report);
    struct review_result r = run(&f, FINDING_LOW, false), r2 = run(&again, FINDING_LOW, false);
    assert_true(r.findings.n > 3);
    assert_int_equal(r.findings.n, r2.findings.n);
    for (size_t i = 0; i < r.findings.n; i++)
        assert_true(str_eq(r.findings.at[i].id, r2.findings.at[i].id));
    fixture_close(&f);
    fixture_close(&again);
}

/* A person's decision is kept by id: an edit elsewhere must not move it to another finding. */
static void an_edit_elsewhere_changes_no_id(void **state)
{
    (void)state;
    struct fixture f, edited;
    char lines[sizeof report + 80];
    (void)snprintf(lines, sizeof lines, "A new first line about nothing.\n%s", report);
    open_lines(&f, report);
    open_lines(&edited, lines);
    struct review_result r = run(&f, FINDING_LOW, false), r2 = run(&edited, FINDING_LOW, false);
    assert_true(str_eq(by_quote(&r, "human error", "cause.")->id, by_quote(&r2, "human error", "cause.")->id));
    fixture_close(&f);
    fixture_close(&edited);
}

static void equal_paragraphs_have_ids_of_their_own(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# A\nDetails: TBD.\n# B\nDetails: TBD.\n");
    struct review_result r = run(&f, FINDING_LOW, false);
    check_result(&f, &r);
    size_t n = 0;
    for (size_t i = 0; i < r.findings.n; i++)
        n += str_find(r.findings.at[i].quote, STR("TBD"), 0) != STR_NONE;
    assert_true(n >= 2);
    fixture_close(&f);
}

static void what_is_below_the_asked_risk_is_dropped_and_counted(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, report);
    struct review_result all = run(&f, FINDING_LOW, false), high = run(&f, FINDING_HIGH, false);
    assert_true(high.findings.n < all.findings.n);
    assert_int_equal(high.findings.n + high.coverage.below_min_risk, all.findings.n);
    for (size_t i = 0; i < high.findings.n; i++)
        assert_int_equal(high.findings.at[i].risk, FINDING_HIGH);
    fixture_close(&f);
}

static bool left_out(const struct review_result *r, const char *part)
{
    for (size_t i = 0; i < r->coverage.n_left_out; i++)
        if (str_find(r->coverage.left_out[i].what, str_from_c(part), 0) != STR_NONE)
            return r->coverage.left_out[i].why.n > 0;
    return false;
}

static void the_record_says_what_was_not_reviewed(void **state)
{
    (void)state;
    struct fixture f;
    char lines[sizeof report + 200];
    (void)snprintf(
        lines, sizeof lines,
        "%sFrom: Someone Else\nSent: 3 March 2026\nTo: The Team\nSubject: RE: appeal of the seller\nDear team, TBD TBD.\n",
        report);
    open_lines(&f, lines);
    struct review_result r = run(&f, FINDING_LOW, false);
    assert_true(left_out(&r, "e-mail"));
    assert_true(left_out(&r, "language model"));
    assert_true(r.coverage.blocks_reviewed < r.coverage.blocks);
    assert_true(r.coverage.rules_run > 20);
    assert_true(r.coverage.words > 30);
    struct review_result whole = run(&f, FINDING_LOW, true);
    assert_false(left_out(&whole, "e-mail"));
    assert_int_equal(whole.coverage.blocks_reviewed, whole.coverage.blocks);
    fixture_close(&f);
}

static void an_empty_document_has_a_record_too(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "");
    struct review_result r = run(&f, FINDING_LOW, false);
    check_result(&f, &r);
    assert_int_equal(r.coverage.blocks_reviewed, 0);
    assert_true(left_out(&r, "language model"));
    fixture_close(&f);
}

static enum err tortured(void *ctx, struct error *e)
{
    const struct fixture *f = ctx;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    struct review_options o = {.engine = f->engine, .framework = f->framework};
    struct review_result r = {0};
    return review_run(f->doc, &o, a, &r, e);
}

static void every_failed_allocation_is_an_error_and_nothing_worse(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\nThe cause was human error. Details: TBD.\n");
    assert_true(torture_run(tortured, &f) > 10);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_become_findings),
        cmocka_unit_test(the_same_document_gives_the_same_ids),
        cmocka_unit_test(an_edit_elsewhere_changes_no_id),
        cmocka_unit_test(equal_paragraphs_have_ids_of_their_own),
        cmocka_unit_test(what_is_below_the_asked_risk_is_dropped_and_counted),
        cmocka_unit_test(the_record_says_what_was_not_reviewed),
        cmocka_unit_test(an_empty_document_has_a_record_too),
        cmocka_unit_test(every_failed_allocation_is_an_error_and_nothing_worse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
