#include "review_test.h"

#include "base/json.h"
#include "base/utf8.h"
#include "review/model_json.h"
#include "support/torture.h"

struct fixture {
    struct arena *a;
    struct doc *doc;
    struct str text;
    const struct json *content;
};

static void open_bytes(struct fixture *f, struct str bytes)
{
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    assert_non_null(bytes.p);
    assert_ok(doc_read(bytes, &o, &f->doc, e));
    assert_ok(model_json_content(f->doc, &b, e));
    assert_ok(sb_take(&b, f->a, &f->text, e));
    assert_ok(json_parse(f->a, f->text, &f->content, e));
}

static void open_body(struct fixture *f, const char *body, const struct test_docx_parts *parts)
{
    f->a = test_arena();
    open_bytes(f, test_docx(f->a, body, parts));
}

static void fixture_close(struct fixture *f)
{
    doc_free(f->doc);
    arena_free(f->a);
}

static const struct json *blocks_at(const struct fixture *f, size_t i)
{
    return json_at(json_get(f->content, "blocks"), i);
}

static const struct json *run_at(const struct fixture *f, size_t block, size_t i)
{
    return json_at(json_get(blocks_at(f, block), "runs"), i);
}

static int64_t number(const struct json *object, const char *key)
{
    return (int64_t)json_double(json_get(object, key), -1);
}

static bool is(const struct json *object, const char *key, const char *text)
{
    return str_eq_c(json_str(json_get(object, key)), text);
}

/* What anchors stand on: the runs of each block, put together, are its text. */
static void check_texts(const struct fixture *f)
{
    const struct json *blocks = json_get(f->content, "blocks");
    assert_int_equal(json_count(blocks), f->doc->blocks.n);
    for (size_t i = 0; i < json_count(blocks); i++) {
        CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
        const struct json *runs = json_get(json_at(blocks, i), "runs");
        for (size_t k = 0; k < json_count(runs); k++)
            sb_str(&b, json_str(json_get(json_at(runs, k), "t")));
        if (!str_eq(sb_view(&b), f->doc->blocks.at[i].text))
            fail_msg("block %zu: \"%.*s\" is not \"%.*s\"", i, STR_ARG(sb_view(&b)),
                     STR_ARG(f->doc->blocks.at[i].text));
        assert_int_equal(number(json_at(blocks, i), "i"), (int64_t)i);
    }
}

static void a_document_of_lines(void **state)
{
    (void)state;
    struct fixture f = {.a = test_arena()};
    open_bytes(
        &f, test_docx_from_lines(f.a, "Before.\n# One\nText of two words.\n## Deep\n- item\n| a | b |\n| c | d |\n"));
    check_texts(&f);
    const struct json *sections = json_get(f.content, "sections");
    assert_int_equal(json_count(sections), 3);
    assert_int_equal(number(f.content, "version"), MODEL_JSON_VERSION);
    assert_true(is(json_at(sections, 0), "title", ""));
    assert_true(is(json_at(sections, 1), "title", "One"));
    assert_int_equal(number(json_at(sections, 1), "first_block"), 1);
    assert_int_equal(number(json_at(sections, 1), "last_block"), 2);
    assert_int_equal(number(json_at(sections, 1), "words"), 5);
    assert_int_equal(number(json_at(sections, 2), "level"), 2);
    assert_true(json_bool(json_get(json_at(sections, 2), "reviewed"), false));
    assert_int_equal(json_type(json_get(json_at(sections, 2), "why_not")), JSON_NULL);
    assert_true(is(blocks_at(&f, 1), "kind", "heading"));
    assert_int_equal(number(blocks_at(&f, 1), "level"), 1);
    assert_true(is(blocks_at(&f, 4), "kind", "list_item"));
    assert_true(json_str(json_get(blocks_at(&f, 4), "label")).n > 0);
    assert_true(is(blocks_at(&f, 5), "kind", "cell"));
    const struct json *cell = json_get(blocks_at(&f, 8), "table");
    assert_int_equal(number(cell, "t"), 0);
    assert_int_equal(number(cell, "row"), 1);
    assert_int_equal(number(cell, "col"), 1);
    const struct json *table = json_at(json_get(f.content, "tables"), 0);
    assert_int_equal(number(table, "rows"), 2);
    assert_int_equal(number(table, "columns"), 2);
    assert_int_equal(number(table, "first_block"), 5);
    assert_int_equal(number(table, "last_block"), 8);
    assert_int_equal(model_words(f.doc), 12);
    fixture_close(&f);
}

#define R(rpr, text) "<w:r><w:rPr>" rpr "</w:rPr><w:t xml:space=\"preserve\">" text "</w:t></w:r>"

static void runs_that_look_alike_are_one(void **state)
{
    (void)state;
    struct fixture f = {0};
    open_body(&f,
              "<w:p>" R("", "plain ") R("", "too, ") R("<w:b/>", "bold") R(
                  "<w:b/><w:i/>", "both") "<w:r><w:tab/></w:r>" R("<w:vertAlign w:val=\"superscript\"/>", "2") "</w:p>",
              NULL);
    check_texts(&f);
    assert_true(is(run_at(&f, 0, 0), "t", "plain too, "));
    assert_null(json_get(run_at(&f, 0, 0), "b"));
    assert_true(is(run_at(&f, 0, 1), "t", "bold"));
    assert_true(json_bool(json_get(run_at(&f, 0, 1), "b"), false));
    assert_true(json_bool(json_get(run_at(&f, 0, 2), "i"), false));
    assert_true(is(run_at(&f, 0, 3), "t", "\t"));
    assert_true(json_bool(json_get(run_at(&f, 0, 4), "sup"), false));
    fixture_close(&f);
}

static void insertions_and_deletions_are_told_and_offsets_stay(void **state)
{
    (void)state;
    struct fixture f = {0};
    open_body(
        &f,
        "<w:p>" R(
            "",
            "We ") "<w:del w:id=\"1\" w:author=\"Ann\" w:date=\"2026-03-01T09:30:00Z\"><w:r><w:delText>never </w:delText></w:r></w:del>"
                   "<w:ins w:id=\"2\" w:author=\"Bob\"><w:r><w:t>always</w:t></w:r></w:ins>" R(
                       "",
                       " said so.") "</w:p>"
                                    "<w:p>" R(
                                        "",
                                        "End") "<w:del w:id=\"3\" w:author=\"Ann\"><w:r><w:delText>ing</w:delText></w:r></w:del></w:p>",
        NULL);
    check_texts(&f);
    assert_true(is(run_at(&f, 0, 0), "t", "We "));
    const struct json *del = json_get(run_at(&f, 0, 1), "del");
    assert_true(is(run_at(&f, 0, 1), "t", ""));
    assert_true(is(del, "text", "never "));
    assert_true(is(del, "author", "Ann"));
    assert_true(is(del, "date", "2026-03-01T09:30:00.000Z"));
    assert_true(is(run_at(&f, 0, 2), "t", "always"));
    assert_true(is(json_get(run_at(&f, 0, 2), "ins"), "author", "Bob"));
    assert_int_equal(json_type(json_get(json_get(run_at(&f, 0, 2), "ins"), "date")), JSON_NULL);
    assert_true(is(json_get(run_at(&f, 1, 1), "del"), "text", "ing"));
    const struct json *changes = json_get(f.content, "changes");
    assert_int_equal(json_count(changes), 3);
    assert_true(is(json_at(changes, 0), "kind", "delete"));
    assert_int_equal(number(json_at(changes, 2), "block"), 1);
    assert_int_equal(number(json_at(changes, 2), "offset"), 3);
    fixture_close(&f);
}

static void a_deletion_between_equal_runs_keeps_its_place(void **state)
{
    (void)state;
    struct fixture f = {0};
    open_body(
        &f,
        "<w:p>" R("", "left ") "<w:del w:id=\"1\" w:author=\"A\"><w:r><w:delText>gone</w:delText></w:r></w:del>" R(
            "", "right") "</w:p>",
        NULL);
    check_texts(&f);
    assert_int_equal(json_count(json_get(blocks_at(&f, 0), "runs")), 3);
    assert_true(is(run_at(&f, 0, 0), "t", "left "));
    assert_non_null(json_get(run_at(&f, 0, 1), "del"));
    assert_true(is(run_at(&f, 0, 2), "t", "right"));
    fixture_close(&f);
}

static void links_that_a_page_may_not_follow_are_text(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct test_docx_parts parts = {
        .rels =
            "<Relationship Id=\"rIdA\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" "
            "Target=\"https://example.com/a?b=1\" TargetMode=\"External\"/>"
            "<Relationship Id=\"rIdB\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" "
            "Target=\"javascript:alert(1)\" TargetMode=\"External\"/>"};
    open_body(&f,
              "<w:p><w:hyperlink r:id=\"rIdA\">" R("", "good") "</w:hyperlink><w:hyperlink r:id=\"rIdB\">" R(
                  "", "bad") "</w:hyperlink></w:p>",
              &parts);
    check_texts(&f);
    assert_true(is(run_at(&f, 0, 0), "href", "https://example.com/a?b=1"));
    assert_true(is(run_at(&f, 0, 1), "t", "bad"));
    assert_null(json_get(run_at(&f, 0, 1), "href"));
    assert_has_not(f.text, "javascript");
    fixture_close(&f);
}

static void notes_and_comments_stand_where_they_belong(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct test_docx_parts parts = {
        .footnotes = "<w:footnote w:id=\"5\"><w:p>" R("", "See page 9.") "</w:p></w:footnote>",
        .comments = "<w:comment w:id=\"0\" w:author=\"Eve\" w:date=\"2026-01-02T03:04:05Z\" w:initials=\"E\"><w:p>" R(
            "", "Why?") "</w:p></w:comment>",
    };
    open_body(
        &f,
        "<w:p>" R("", "Costs \xF0\x9D\x84\x9E ") "<w:commentRangeStart w:id=\"0\"/>" R(
            "", "rose") "<w:commentRangeEnd w:id=\"0\"/>"
                        "<w:r><w:commentReference w:id=\"0\"/></w:r><w:r><w:footnoteReference w:id=\"5\"/></w:r></w:p>",
        &parts);
    check_texts(&f);
    const struct json *c = json_at(json_get(f.content, "comments"), 0);
    assert_true(is(c, "author", "Eve"));
    assert_true(is(c, "text", "Why?"));
    assert_int_equal(number(c, "start"), 9); /* the clef is two UTF-16 units */
    assert_int_equal(number(c, "end"), 13);
    assert_int_equal(number(c, "block"), 0);
    assert_int_equal(number(c, "end_block"), 0);
    const struct json *note = json_at(json_get(f.content, "notes"), 0);
    assert_true(is(note, "kind", "footnote"));
    assert_int_equal(number(note, "number"), 1);
    assert_int_equal(number(note, "offset"), 13);
    assert_int_equal(number(note, "first_block"), 1);
    assert_true(is(blocks_at(&f, 1), "kind", "footnote"));
    assert_true(is(blocks_at(&f, 1), "story", "footnote"));
    bool seen = false;
    for (size_t i = 0; i < json_count(json_get(blocks_at(&f, 0), "runs")); i++)
        seen = seen || (number(run_at(&f, 0, i), "note") == 0 && is(run_at(&f, 0, i), "t", ""));
    assert_true(seen);
    fixture_close(&f);
}

#define TC(pr, text) "<w:tc><w:tcPr>" pr "</w:tcPr><w:p>" R("", text) "</w:p></w:tc>"

static void merged_cells_span_and_are_shown_once(void **state)
{
    (void)state;
    struct fixture f = {0};
    open_body(&f,
              "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>" TC("<w:gridSpan w:val=\"2\"/>", "wide")
                  TC("<w:vMerge w:val=\"restart\"/>",
                     "tall") "</w:tr>"
                             "<w:tr>" TC("", "a") TC("", "b")
                                 TC("<w:vMerge/>", "") "</w:tr>"
                                                       "<w:tr>" TC("", "c") TC("", "d")
                                                           TC("<w:vMerge/>", "") "</w:tr></w:tbl><w:p/>",
              NULL);
    check_texts(&f);
    const struct json *wide = json_get(blocks_at(&f, 0), "table"), *tall = json_get(blocks_at(&f, 1), "table");
    assert_int_equal(number(wide, "col_span"), 2);
    assert_int_equal(number(wide, "row_span"), 1);
    assert_true(json_bool(json_get(wide, "header"), false));
    assert_int_equal(number(tall, "row_span"), 3);
    assert_int_equal(number(tall, "col"), 2);
    assert_false(json_bool(json_get(tall, "merged"), true));
    assert_true(json_bool(json_get(json_get(blocks_at(&f, 4), "table"), "merged"), false));
    assert_true(json_bool(json_get(json_get(blocks_at(&f, 7), "table"), "merged"), false));
    fixture_close(&f);
}

#define REPORT                                                                                                             \
    "# Re],\"blocks\":[port\nThe account was closed after the second warning, and this is the text of the report proper, " \
    "which is long enough to be one. It goes on with what was done and why, and by whom, so that a reader can follow it "  \
    "from the first to the last day of the case.\n"

static void a_quoted_mail_says_why_it_is_not_reviewed(void **state)
{
    (void)state;
    struct fixture f = {.a = test_arena()};
    open_bytes(&f, test_docx_from_lines(f.a, REPORT "From: Ann\nSent: Monday\nTo: Bo\nSubject: x\nthe mail"));
    const struct json *sections = json_get(f.content, "sections");
    const struct json *mail = json_at(sections, json_count(sections) - 1);
    assert_false(json_bool(json_get(mail, "reviewed"), true));
    assert_has(json_str(json_get(mail, "why_not")), "quoted e-mail");
    fixture_close(&f);
}

static void sections_are_cut_out_of_the_content(void **state)
{
    (void)state;
    struct fixture f = {.a = test_arena()};
    open_bytes(&f, test_docx_from_lines(f.a, REPORT "# Next\nText.\n"));
    struct str cut = STR_EMPTY;
    const struct json *alone = NULL;
    assert_ok(model_json_sections(f.text, f.a, &cut, e));
    assert_ok(json_parse(f.a, cut, &alone, e));
    assert_int_equal(json_count(alone), 2);
    assert_int_equal(number(alone, "version"), MODEL_JSON_VERSION);
    assert_int_equal(json_count(json_get(alone, "sections")), 2);
    assert_true(is(json_at(json_get(alone, "sections"), 0), "title", "Re],\"blocks\":[port"));
    struct error e = {0};
    assert_int_equal(model_json_sections(STR("{}"), f.a, &cut, &e), ERR_INTERNAL);
    fixture_close(&f);
}

static void an_empty_document_has_a_section_without_blocks(void **state)
{
    (void)state;
    struct fixture f = {0};
    open_body(&f, "", NULL);
    check_texts(&f);
    assert_int_equal(json_count(json_get(f.content, "blocks")), f.doc->blocks.n);
    if (f.doc->blocks.n == 0)
        assert_int_equal(json_type(json_get(json_at(json_get(f.content, "sections"), 0), "first_block")), JSON_NULL);
    fixture_close(&f);
}

static enum err make(void *ctx, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    return model_json_content(ctx, &b, e);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct doc *doc = test_doc_read(a, "# A\ntext\n| a | b |\n");
    assert_true(torture_run(make, doc) > 3);
    doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_of_lines),
        cmocka_unit_test(runs_that_look_alike_are_one),
        cmocka_unit_test(insertions_and_deletions_are_told_and_offsets_stay),
        cmocka_unit_test(a_deletion_between_equal_runs_keeps_its_place),
        cmocka_unit_test(links_that_a_page_may_not_follow_are_text),
        cmocka_unit_test(notes_and_comments_stand_where_they_belong),
        cmocka_unit_test(merged_cells_span_and_are_shown_once),
        cmocka_unit_test(a_quoted_mail_says_why_it_is_not_reviewed),
        cmocka_unit_test(sections_are_cut_out_of_the_content),
        cmocka_unit_test(an_empty_document_has_a_section_without_blocks),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
