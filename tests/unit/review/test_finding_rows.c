/* Findings and coverage, kept as rows and read again: what a report shows of them is what the reviewer said. */
#include "review_test.h"

#include "base/json.h"
#include "review/coverage.h"
#include "review/finding_rows.h"
#include "support/torture.h"

struct fixture {
    struct arena *a;
    struct doc *doc;
    struct framework *framework;
    struct finding findings[3];
};

static const struct finding_rows_of of = {STR_INIT("review"), STR_INIT("document"), 1790000000000};

static void open_fixture(struct fixture *f)
{
    static const struct str questions[] = {STR_INIT("Who \"says\" so?"), STR_INIT("\xF0\x9D\x84\x9E")};
    static const uint32_t points[] = {2, 10};
    *f = (struct fixture){.a = test_arena()};
    f->doc = test_doc_read(f->a, "# Impact\n\xF0\x9D\x84\x9E The cause was human error.\nSecond.\n");
    assert_ok(framework_load(f->a, "hawkeye", &f->framework, e));
    size_t at = str_find(f->doc->blocks.at[1].text, STR("human error"), 0);
    f->findings[0] = (struct finding){
        .id = STR("print"),
        .reviewer = STR("cause.human_error"),
        .located = true,
        .anchor = doc_anchor_make(f->doc, 1, at, at + 11),
        .quote = STR("human error"),
        .kind = FINDING_CRITICAL,
        .risk = FINDING_HIGH,
        .category = STR("Root cause"),
        .confidence = 0.75,
        .title = STR("t"),
        .description = STR("d"),
        .suggestion = STR("s"),
        .has_rewrite = true,
        .rewrite = STR(""), /* delete the words */
        .questions = questions,
        .n_questions = 2,
        .points = points,
        .n_points = 2,
        .section = 0,
        .place = STR("section Impact"),
    };
    f->findings[1] = f->findings[0];
    f->findings[1].has_rewrite = false;
    f->findings[1].n_questions = f->findings[1].n_points = 0;
    f->findings[1].anchor.end = (struct doc_place){2, 6}; /* over two blocks */
    f->findings[1].quote = STR("human error.\nSecond");
    f->findings[2] = f->findings[1];
    f->findings[2].located = false;
    f->findings[2].quote = STR("words that are not there");
    f->findings[2].anchor = doc_anchor_make(f->doc, 0, 0, 6);
}

static void fixture_close(struct fixture *f)
{
    doc_free(f->doc);
    arena_free(f->a);
}

static void findings_come_back_as_they_were(void **state)
{
    (void)state;
    struct fixture f;
    struct store_finding *rows = NULL;
    struct finding_list back = {0}, list = {0};
    open_fixture(&f);
    list = (struct finding_list){f.findings, 1};
    assert_ok(finding_rows_make(&list, f.doc, f.framework, &of, f.a, &rows, e));
    assert_int_equal(rows->start, 17); /* the clef is two units */
    assert_int_equal(rows->end, 28);
    assert_str(rows->point_numbers, ",3,11,");
    assert_has(rows->points, "{\"number\":11,\"title\":");
    assert_true(rows->why.n > 0);
    struct store_finding_list kept = {rows, 1, STR_EMPTY};
    assert_ok(finding_rows_read(&kept, f.doc, f.framework, f.a, &back, e));
    const struct finding *a = &f.findings[0], *b = &back.at[0];
    assert_true(a->anchor.start.block == b->anchor.start.block && a->anchor.start.offset == b->anchor.start.offset);
    assert_true(a->anchor.end.block == b->anchor.end.block && a->anchor.end.offset == b->anchor.end.offset);
    assert_true(str_eq(a->quote, b->quote) && str_eq(a->reviewer, b->reviewer) && str_eq(a->place, b->place));
    assert_true(b->has_rewrite && b->rewrite.n == 0);
    assert_int_equal(b->n_questions, 2);
    assert_true(str_eq(a->questions[0], b->questions[0]) && str_eq(a->questions[1], b->questions[1]));
    assert_int_equal(b->n_points, 2);
    assert_true(a->points[0] == b->points[0] && a->points[1] == b->points[1]);
    assert_true(a->kind == b->kind && a->risk == b->risk && b->decision == FINDING_OPEN);
    fixture_close(&f);
}

static void a_finding_over_blocks_is_anchored_in_the_first(void **state)
{
    (void)state;
    struct fixture f;
    struct store_finding *rows = NULL;
    open_fixture(&f);
    struct finding_list list = {&f.findings[1], 1};
    assert_ok(finding_rows_make(&list, f.doc, f.framework, &of, f.a, &rows, e));
    assert_str(rows->quote, "human error.");
    assert_int_equal(rows->block, 1);
    assert_int_equal(rows->end - rows->start, 12);
    assert_null(rows->rewrite.p);
    assert_str(rows->questions, "[]");
    fixture_close(&f);
}

static void one_that_was_not_found_keeps_its_quote(void **state)
{
    (void)state;
    struct fixture f;
    struct store_finding *rows = NULL;
    struct finding_list list, back = {0};
    open_fixture(&f);
    list = (struct finding_list){&f.findings[2], 1};
    assert_ok(finding_rows_make(&list, f.doc, f.framework, &of, f.a, &rows, e));
    assert_false(rows->located);
    assert_str(rows->quote, "words that are not there");
    rows->block = 4000; /* a row that names a block that the document has not */
    struct store_finding_list kept = {rows, 1, STR_EMPTY};
    assert_ok(finding_rows_read(&kept, f.doc, f.framework, f.a, &back, e));
    assert_false(back.at[0].located);
    assert_int_equal(back.at[0].anchor.start.block, 0);
    fixture_close(&f);
}

static void points_that_are_none_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct str json, numbers;
    struct error why = {0};
    static const int64_t points[] = {11, 21};
    open_fixture(&f);
    assert_int_equal(finding_rows_points(f.framework, points, 2, f.a, &json, &numbers, &why), ERR_INVALID);
    assert_string_equal(why.reason, "no_such_point");
    assert_ok(finding_rows_points(f.framework, NULL, 0, f.a, &json, &numbers, e));
    assert_str(json, "[]");
    assert_str(numbers, "");
    fixture_close(&f);
}

static void coverage_comes_back_and_its_list_is_cut_out(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const struct review_left_out left_out[] = {{STR_INIT("a],\"blocks\":1"), STR_INIT("why \"so\"")},
                                                      {STR_INIT("b"), STR_INIT("c")}};
    const struct review_coverage c = {.blocks = 9,
                                      .blocks_reviewed = 8,
                                      .words = 7,
                                      .rules_run = 6,
                                      .rules_off = 5,
                                      .merged = 4,
                                      .dismissed = 13,
                                      .left_out = left_out,
                                      .n_left_out = 2};
    struct review_coverage back = {0};
    struct str record;
    const struct json *list = NULL;
    assert_ok(coverage_record(&c, a, &record, e));
    assert_ok(coverage_read(record, a, &back, e));
    assert_true(back.blocks == 9 && back.blocks_reviewed == 8 && back.words == 7 && back.rules_run == 6);
    assert_true(back.rules_off == 5 && back.merged == 4 && back.n_left_out == 2 && back.dismissed == 13);
    assert_int_equal(coverage_dismissed(record), 13);
    assert_int_equal(coverage_dismissed(STR("[]")), 0);
    assert_int_equal(coverage_dismissed(STR("{\"merged\":7}")), 0); /* of before there were any */
    assert_true(str_eq(back.left_out[0].what, left_out[0].what) && str_eq(back.left_out[0].why, left_out[0].why));
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    coverage_not_reviewed(&o, NULL, record);
    assert_ok(json_parse(a, sb_view(&b), &list, e));
    assert_int_equal(json_count(list), 2);
    assert_true(str_eq(json_str(json_get(json_at(list, 0), "section")), left_out[0].what));
    sb_reset(&b);
    o = json_out_make(&b, false);
    coverage_not_reviewed(&o, NULL, STR("[]")); /* of a review that has not run */
    assert_str(sb_view(&b), "[]");
    assert_ok(coverage_read(STR("[]"), a, &back, e));
    assert_int_equal(back.n_left_out, 0);
}

static enum err there_and_back(void *ctx, struct error *e)
{
    struct fixture *f = ctx;
    struct store_finding *rows = NULL;
    struct finding_list list = {f->findings, 3}, back = {0};
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    TRY(finding_rows_make(&list, f->doc, f->framework, &of, a, &rows, e));
    struct store_finding_list kept = {rows, 3, STR_EMPTY};
    return finding_rows_read(&kept, f->doc, f->framework, a, &back, e);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    assert_true(torture_run(there_and_back, &f) > 3);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_come_back_as_they_were),
        cmocka_unit_test(a_finding_over_blocks_is_anchored_in_the_first),
        cmocka_unit_test(one_that_was_not_found_keeps_its_quote),
        cmocka_unit_test(points_that_are_none_are_refused),
        cmocka_unit_test(coverage_comes_back_and_its_list_is_cut_out),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
