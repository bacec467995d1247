#include "review_test.h"

#include <stdlib.h>

#include "review/export.h"

static const char lines[] =
    "# Impact\nThe cause was human error. In order to help, we wrote.\n# Actions\nNobody acted.\n";

struct fixture {
    struct arena *a;
    struct doc *doc, *out;
    struct framework *framework;
    struct finding findings[4];
    struct review_result result;
    struct export_review review;
    struct export_docx_options options;
};

static struct finding *add(struct fixture *f, const char *words, enum finding_decision decision)
{
    struct finding *at = &f->findings[f->result.findings.n++];
    for (uint32_t b = 0; b < f->doc->blocks.n; b++) {
        size_t from = str_find(f->doc->blocks.at[b].text, str_from_c(words), 0);
        if (from == STR_NONE) continue;
        *at = (struct finding){
            .id = STR("0123456789abcdef"),
            .reviewer = STR("cause.human_error"),
            .located = true,
            .anchor = doc_anchor_make(f->doc, b, from, from + strlen(words)),
            .quote = str_from_c(words),
            .risk = FINDING_HIGH,
            .category = STR("Root cause"),
            .confidence = 0.8,
            .title = STR("Human error given as cause"),
            .description = STR("a & b < \"c\" ]]>"),
            .suggestion = STR("Ask why."),
            .section = f->doc->blocks.at[b].section,
            .decision = decision,
        };
        return at;
    }
    fail_msg("\"%s\" is not in the document", words);
    return at;
}

static void open_fixture(struct fixture *f)
{
    *f = (struct fixture){0};
    f->a = test_arena();
    f->doc = test_doc_read(f->a, lines);
    assert_ok(framework_load(f->a, "hawkeye", &f->framework, e));
    struct framework_touch *touches = NEW(f->a, struct framework_touch, f->framework->n_points);
    assert_non_null(touches);
    f->result.findings.at = f->findings;
    f->result.coverage.touches = touches;
    f->review = (struct export_review){
        .file_name = STR("r.docx"), .doc = f->doc, .framework = f->framework, .result = &f->result};
    f->options = (struct export_docx_options){
        .author = STR("AI-Prism"), .initials = STR("AP"), .date_unix_ms = 1774000000000, .open_too = true};
}

static void write_and_read(struct fixture *f, struct doc_write_result *w)
{
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    assert_ok(export_docx(&f->review, &f->options, f->a, w, e));
    assert_ok(doc_read(w->bytes, &o, &f->out, e));
}

static void fixture_close(struct fixture *f)
{
    doc_free(f->out);
    doc_free(f->doc);
    arena_free(f->a);
}

static void a_finding_is_a_comment_on_its_words(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct finding *at = add(&f, "human error", FINDING_OPEN);
    static const struct str questions[] = {STR_INIT("Who says so?")};
    static const uint32_t points[] = {10};
    at->questions = questions;
    at->n_questions = 1;
    at->points = points;
    at->n_points = 1;
    struct doc_write_result w = {0};
    write_and_read(&f, &w);
    assert_int_equal(f.out->comments.n, 1);
    const struct doc_comment *c = &f.out->comments.at[0];
    assert_str(c->author, "AI-Prism");
    assert_str(c->initials, "AP");
    assert_str(doc_text_of(f.out, c->anchor, f.a), "human error");
    assert_str(
        c->text,
        "High risk \u00B7 Root cause: Human error given as cause\na & b < \"c\" ]]>\nSuggestion: Ask why.\nQuestions:\n\u2013 Who says "
        "so?\nFramework: 11 Root Cause Analysis");
    fixture_close(&f);
}

static void what_was_rejected_is_not_exported(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    add(&f, "human error", FINDING_REJECTED);
    add(&f, "In order to", FINDING_OPEN);
    add(&f, "Nobody acted", FINDING_ACCEPTED);
    f.options.open_too = false;
    struct doc_write_result w = {0};
    write_and_read(&f, &w);
    assert_int_equal(f.out->comments.n, 1);
    assert_str(doc_text_of(f.out, f.out->comments.at[0].anchor, f.a), "Nobody acted");
    fixture_close(&f);
}

static void what_was_rejected_is_a_resolved_comment_when_all_is_asked_for(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct finding *at = add(&f, "human error", FINDING_REJECTED);
    at->note = STR("It is a quotation.");
    at->has_rewrite = true;
    at->rewrite = STR("a slip");
    add(&f, "Nobody acted", FINDING_ACCEPTED);
    f.options.rejected_too = f.options.track_changes = true;
    struct doc_write_result w = {0};
    write_and_read(&f, &w);
    assert_int_equal(f.out->comments.n, 2);
    assert_true(f.out->comments.at[0].done);
    assert_has(f.out->comments.at[0].text, "This finding was rejected.\nNote: It is a quotation.");
    assert_false(f.out->comments.at[1].done);
    assert_int_equal(f.out->revisions.n, 0);
    fixture_close(&f);
}

static void a_rewrite_is_a_tracked_change_or_a_proposal(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct finding *at = add(&f, "In order to", FINDING_OPEN);
    at->has_rewrite = true;
    at->rewrite = STR("To");
    struct doc_write_result w = {0};
    write_and_read(&f, &w);
    assert_int_equal(f.out->revisions.n, 0);
    assert_has(f.out->comments.at[0].text, "Proposed wording: To");
    doc_free(f.out);
    f.options.track_changes = true;
    write_and_read(&f, &w);
    assert_true(f.out->revisions.n > 0);
    assert_has_not(f.out->comments.at[0].text, "Proposed wording");
    bool changed = false;
    for (uint32_t b = 0; b < f.out->blocks.n; b++)
        changed = changed || str_find(f.out->blocks.at[b].text, STR("To help, we wrote"), 0) != STR_NONE;
    assert_true(changed);
    fixture_close(&f);
}

/* Two rewrites of the same words cannot both be made: the second is told, not lost. */
static void a_change_that_cannot_be_made_is_told(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct finding *at = add(&f, "In order to", FINDING_OPEN);
    at->has_rewrite = true;
    at->rewrite = STR("To");
    at = add(&f, "order to help", FINDING_OPEN);
    at->has_rewrite = true;
    at->rewrite = STR("order to aid");
    f.options.track_changes = true;
    struct doc_write_result w = {0};
    write_and_read(&f, &w);
    size_t told = 0;
    for (uint32_t i = 0; i < f.out->comments.n; i++)
        told += str_find(f.out->comments.at[i].text,
                         STR("could not be made as a tracked change because another change"), 0) != STR_NONE;
    assert_int_equal(told, 1);
    fixture_close(&f);
}

/* A field's text is Word's own: the writer refuses to change it, and the comment says why. */
static void a_change_that_the_writer_refuses_is_told(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    doc_free(f.doc);
    struct str bytes = test_docx(
        f.a,
        "<w:p><w:r><w:t xml:space=\"preserve\">See </w:t></w:r><w:fldSimple w:instr=\"REF x\"><w:r><w:t>section "
        "nine</w:t></w:r></w:fldSimple><w:r><w:t>.</w:t></w:r></w:p>",
        NULL);
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    assert_ok(doc_read(bytes, &o, &f.doc, e));
    f.review.doc = f.doc;
    struct finding *at = add(&f, "section nine", FINDING_OPEN);
    at->has_rewrite = true;
    at->rewrite = STR("section 8");
    f.options.track_changes = true;
    struct doc_write_result w = {0};
    write_and_read(&f, &w);
    assert_int_equal(w.changes[0].outcome, DOC_EDIT_REFUSED);
    assert_has(f.out->comments.at[0].text, "Proposed wording: section 8");
    assert_has(f.out->comments.at[0].text, "could not be made as a tracked change because");
    fixture_close(&f);
}

static void the_summary_says_what_was_found_where(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    add(&f, "human error", FINDING_OPEN);
    f.options.summary = true;
    struct doc_write_result w = {0};
    write_and_read(&f, &w);
    static const char *const said[] = {"Review summary", "By risk", "High risk: 1", "Impact: 1 finding (1 high)",
                                       "11 Root Cause Analysis: 0 findings"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        bool found = false;
        for (uint32_t b = 0; b < f.out->blocks.n; b++)
            found = found || str_find(f.out->blocks.at[b].text, str_from_c(said[i]), 0) != STR_NONE;
        if (!found) fail_msg("the summary does not say \"%s\"", said[i]);
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding_is_a_comment_on_its_words),
        cmocka_unit_test(what_was_rejected_is_not_exported),
        cmocka_unit_test(what_was_rejected_is_a_resolved_comment_when_all_is_asked_for),
        cmocka_unit_test(a_rewrite_is_a_tracked_change_or_a_proposal),
        cmocka_unit_test(a_change_that_cannot_be_made_is_told),
        cmocka_unit_test(a_change_that_the_writer_refuses_is_told),
        cmocka_unit_test(the_summary_says_what_was_found_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
