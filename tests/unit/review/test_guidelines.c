#include "review_test.h"

#include "review/guidelines.h"

static void requirements_become_points(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    CLEANUP_DOC struct doc *doc = test_doc_read(
        a,
        "# Report guidelines\nThese pages help authors.\n## Timeline\nEvery entry must have a zone. It is nice to be brief. "
        "Gaps of more than a day shall be explained.\n## Owners\nA report must:\n- name the owner of each action\n- give a due date\n"
        "Nothing else matters here.\n");
    struct framework *f = NULL;
    assert_ok(guidelines_to_framework(a, doc, STR("Our guidelines"), &f, e));
    assert_str(f->name, "Our guidelines");
    assert_int_equal(f->n_points, 2);
    assert_str(f->points[0].name, "Timeline");
    assert_int_equal(f->points[0].number, 1);
    assert_str(f->points[0].asks, "Every entry must have a zone. Gaps of more than a day shall be explained.");
    assert_int_equal(f->points[0].n_questions, 2);
    assert_str(f->points[1].name, "Owners");
    assert_int_equal(f->points[1].n_questions, 2);
    assert_str(f->points[1].questions[1], "give a due date");
    bool timeline = false;
    for (size_t i = 0; i < f->points[0].n_words; i++)
        timeline = timeline || str_eq_c(f->points[0].words[i], "timeline");
    assert_true(timeline);
}

static void without_headings_each_requirement_is_a_point(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    CLEANUP_DOC struct doc *doc =
        test_doc_read(a, "You must say who acted, e.g. the team.\nDates should have a year.\n");
    struct framework *f = NULL;
    assert_ok(guidelines_to_framework(a, doc, STR("G"), &f, e));
    assert_int_equal(f->n_points, 2);
    assert_str(f->points[0].asks, "You must say who acted, e.g. the team.");
    assert_str(f->points[1].name, "Dates should have a year.");
}

static void a_document_that_asks_for_nothing_is_refused(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    CLEANUP_DOC struct doc *doc = test_doc_read(a, "# Mustard\nMustard is yellow. Shoulders are round.\n");
    struct framework *f = NULL;
    struct error e = {0};
    assert_int_equal(guidelines_to_framework(a, doc, STR("G"), &f, &e), ERR_INVALID);
    assert_string_equal(e.reason, "no_requirements");
    assert_null(f);
}

static void joined_frameworks_number_on(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    CLEANUP_DOC struct doc *doc = test_doc_read(a, "Dates must have a year.\n");
    struct framework *hawkeye = NULL, *ours = NULL, *both = NULL;
    assert_ok(framework_load(a, "hawkeye", &hawkeye, e));
    assert_ok(guidelines_to_framework(a, doc, STR("Ours"), &ours, e));
    assert_ok(framework_join(a, hawkeye, ours, &both, e));
    assert_int_equal(both->n_points, 21);
    assert_int_equal(both->points[20].number, 21);
    assert_str(both->points[20].asks, "Dates must have a year.");
    assert_int_equal(both->n_sections, hawkeye->n_sections);
    assert_str(both->name, "Hawkeye with Ours");
    assert_int_equal(ours->points[0].number, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_become_points),
        cmocka_unit_test(without_headings_each_requirement_is_a_point),
        cmocka_unit_test(a_document_that_asks_for_nothing_is_refused),
        cmocka_unit_test(joined_frameworks_number_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
