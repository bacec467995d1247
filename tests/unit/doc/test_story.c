/* Tables, notes, headers, comments and tracked changes that are there, text boxes, broken fields. */
#include "doc/text.h"
#include "read_test.h"

#define P(text)   "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"
#define TC(inner) "<w:tc>" inner "</w:tc>"

static void test_tables_rows_and_cells(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t, P("before") "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid>"
                       "<w:tr><w:trPr><w:tblHeader/></w:trPr>" TC("<w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr>" P("a"))
                           TC(P("b")) "</w:tr>"
                                      "<w:tr><w:trPr><w:gridBefore w:val=\"1\"/></w:trPr>" TC(
                                          "<w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr>" P("c") P("d"))
                                          TC("<w:tcPr><w:vMerge/></w:tcPr><w:p/>") "</w:tr>"
                                                                                   "</w:tbl>" P("after"));
    assert_int_equal(doc->tables.n, 1);
    const struct doc_table *table = &doc->tables.at[0];
    assert_int_equal(table->row_count, 2);
    assert_int_equal(table->column_count, 3);
    assert_int_equal(table->first_block, 1);
    assert_int_equal(table->end_block, 6);
    assert_true(doc->rows.at[0].is_header);
    assert_false(doc->rows.at[1].is_header);
    assert_int_equal(doc->cells.n, 4);
    assert_int_equal(doc->cells.at[0].column_span, 2);
    assert_int_equal(doc->cells.at[1].column, 2);
    assert_int_equal(doc->cells.at[2].column, 1);
    assert_int_equal(doc->cells.at[2].row_number, 1);
    assert_false(doc->cells.at[2].merged_up);
    assert_true(doc->cells.at[3].merged_up);
    assert_int_equal(doc->cells.at[2].end_block - doc->cells.at[2].first_block, 2);
    assert_int_equal(doc->blocks.at[3].cell, 2);
    assert_int_equal(doc->blocks.at[3].kind, DOC_BLOCK_CELL);
    assert_int_equal(doc->blocks.at[6].cell, DOC_NONE);
    assert_str(doc_place_name(doc, 3, t->a), "document, table 1, row 2");
}

static void test_nested_tables_keep_their_rows_together(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t, "<w:tbl><w:tr>" TC(P("a")) TC("<w:tbl><w:tr>" TC(P("x")) "</w:tr><w:tr>" TC(P("y")) "</w:tr></w:tbl>" P("b"))
               TC(P("c")) "</w:tr>"
                          "<w:sdt><w:sdtContent><w:tr>" TC(P("d")) "</w:tr></w:sdtContent></w:sdt></w:tbl>");
    assert_int_equal(doc->tables.n, 2);
    assert_int_equal(doc->tables.at[0].row_count, 2);
    assert_int_equal(doc->rows.at[0].cell_count, 3);
    assert_int_equal(doc->tables.at[1].parent_cell, 1);
    assert_int_equal(doc->tables.at[1].first_row, 2);
    assert_str(doc->blocks.at[1].text, "x");
    assert_int_equal(doc->cells.at[doc->blocks.at[1].cell].table, 1);
    assert_str(doc->blocks.at[3].text, "b");
    assert_int_equal(doc->blocks.at[3].cell, 1);
    assert_int_equal(doc->cells.at[doc->blocks.at[4].cell].column, 2);
}

static void test_notes_follow_their_references(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .footnotes = "<w:footnote w:id=\"2\">" P("second") "</w:footnote><w:footnote w:id=\"7\">" P(
            "first") "<w:p><w:r><w:t>more</w:t></w:r></w:p></w:footnote><w:footnote w:id=\"9\">" P("of none") "</w:footnote>",
        .endnotes = "<w:endnote w:id=\"1\">" P("at the end") "</w:endnote>"};
    const struct doc *doc = read_with(
        t,
        P("zero") "<w:p><w:r><w:t>one</w:t><w:footnoteReference w:id=\"7\"/><w:t>two</w:t></w:r><w:r><w:footnoteReference w:id=\"2\"/><w:endnoteReference w:id=\"1\"/></w:r></w:p>",
        &parts);
    assert_int_equal(doc->body_end_block, 2);
    assert_str(doc->blocks.at[1].text, "onetwo");
    assert_str(doc->blocks.at[2].text, "first");
    assert_str(doc->blocks.at[3].text, "more");
    assert_str(doc->blocks.at[4].text, "second");
    assert_str(doc->blocks.at[5].text, "of none");
    assert_str(doc->blocks.at[6].text, "at the end");
    assert_int_equal(doc->notes.n, 4);
    const struct doc_note *note = &doc->notes.at[0];
    assert_str(note->id, "7");
    assert_int_equal(note->ref.block, 1);
    assert_int_equal(note->ref.offset, 3);
    assert_int_equal(note->first_block, 2);
    assert_int_equal(note->end_block, 4);
    assert_int_equal(doc->runs.at[note->ref_run].kind, DOC_RUN_NOTE);
    assert_int_equal(doc->runs.at[note->ref_run].ref, 0);
    assert_int_equal(doc->blocks.at[3].note, 0);
    assert_int_equal(doc->blocks.at[3].body_place.block, 1);
    assert_int_equal(doc->blocks.at[3].body_place.offset, 3);
    assert_int_equal(doc->notes.at[2].ref.block, DOC_NONE);
    assert_int_equal(doc->blocks.at[6].story, DOC_STORY_ENDNOTE);
    assert_str(doc_place_name(doc, 4, t->a), "footnote 2");
}

static void test_headers_and_footers_belong_to_their_first_page(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {.header = P("head"), .footer = P("foot")};
    const struct doc *doc = read_with(
        t,
        P("a") "<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>b</w:t></w:r></w:p>" P(
            "c") "<w:sectPr><w:footerReference r:id=\"rIdFooter\"/><w:headerReference r:id=\"rIdHeader\"/></w:sectPr>",
        &parts);
    assert_int_equal(doc->blocks.n, 5);
    assert_int_equal(doc->blocks.at[3].story, DOC_STORY_HEADER);
    assert_str(doc->blocks.at[3].text, "head");
    assert_int_equal(doc->blocks.at[3].body_place.block, 2);
    assert_str(doc->blocks.at[4].text, "foot");
    assert_int_equal(doc->parts.n, 3);
    assert_str(doc->parts.at[1].name, "word/header1.xml");
    assert_str(doc_place_name(doc, 3, t->a), "page header");
}

static void test_deleted_text_is_not_text_but_listed(void **state)
{
    struct read_test *t = *state;
    const char *body =
        "<w:p><w:pPr><w:rPr><w:del w:id=\"9\" w:author=\"Ann\" w:date=\"2024-05-06T07:08:09Z\"/></w:rPr></w:pPr><w:r><w:t xml:space=\"preserve\">keep </w:t></w:r>"
        "<w:del w:id=\"1\" w:author=\"Ann\" w:date=\"2024-05-06T07:08:09Z\"><w:r><w:delText xml:space=\"preserve\">gone</w:delText><w:tab/></w:r></w:del>"
        "<w:ins w:id=\"2\" w:author=\"Bo\"><w:r><w:t>new</w:t></w:r><w:del w:id=\"3\" w:author=\"Ann\"><w:r><w:delText>er</w:delText></w:r></w:del></w:ins>"
        "<w:moveFrom w:id=\"4\" w:author=\"Bo\"><w:r><w:t>moved</w:t></w:r></w:moveFrom></w:p>"
        "<w:p><w:moveTo w:id=\"5\" w:author=\"Bo\"><w:r><w:rPr><w:rPrChange w:id=\"6\" w:author=\"Cy\"><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>moved</w:t></w:r></w:moveTo></w:p>";
    const struct doc *doc = read_body(t, body);
    assert_str(doc->blocks.at[0].text, "keep new");
    assert_str(doc->blocks.at[1].text, "moved");
    assert_true(doc->blocks.at[0].mark_deleted);
    assert_false(doc->blocks.at[1].mark_deleted);
    static const struct {
        enum doc_revision_kind kind;
        const char *author, *text;
    } want[] = {{DOC_REVISION_DELETE, "Ann", "¶"},       {DOC_REVISION_DELETE, "Ann", "gone\t"},
                {DOC_REVISION_INSERT, "Bo", "new"},      {DOC_REVISION_DELETE, "Ann", "er"},
                {DOC_REVISION_MOVE_FROM, "Bo", "moved"}, {DOC_REVISION_MOVE_TO, "Bo", "moved"},
                {DOC_REVISION_FORMAT, "Cy", ""}};
    assert_int_equal(doc->revisions.n, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(doc->revisions.at[i].kind, want[i].kind);
        assert_str(doc->revisions.at[i].author, want[i].author);
        assert_str(doc->revisions.at[i].text, want[i].text);
    }
    assert_int_equal(doc->revisions.at[1].date_unix_ms, INT64_C(1714979289000));
    assert_true(doc->revisions.at[2].date_unix_ms == INT64_MIN);
    assert_int_equal(doc->revisions.at[1].place.offset, 5);
    const struct doc_run *run = &doc->runs.at[1];
    assert_int_equal(doc->wraps.at[run->wrap].kind, DOC_WRAP_INS);
    assert_int_equal(doc->wraps.at[run->wrap].revision, 2);
}

static void test_changes_from_an_id_on_can_be_read_as_rejected(void **state)
{
    struct read_test *t = *state;
    struct str bytes = test_docx(
        t->a,
        "<w:p><w:ins w:id=\"99\" w:author=\"A\"><w:r><w:t>theirs </w:t></w:r></w:ins><w:del w:id=\"100\" w:author=\"P\"><w:r><w:delText>old</w:delText></w:r></w:del>"
        "<w:ins w:id=\"101\" w:author=\"P\"><w:r><w:t>new</w:t></w:r></w:ins></w:p>",
        NULL);
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    o.reject_revisions_from = 100;
    assert_int_equal(doc_read(bytes, &o, &t->doc, &t->e), ERR_OK);
    assert_int_equal(doc_check(t->doc, &t->e), ERR_OK);
    assert_str(t->doc->blocks.at[0].text, "theirsold");
}

static void test_comments_with_threads_and_places(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .comments =
            "<w:comment w:id=\"0\" w:author=\"Ann\" w:initials=\"A\" w:date=\"2024-01-01T10:00:00Z\"><w:p w14:paraId=\"00000001\"><w:r><w:t>one</w:t></w:r></w:p><w:p w14:paraId=\"0000000A\"><w:r><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p></w:comment>"
            "<w:comment w:id=\"1\" w:author=\"Bo\"><w:p w14:paraId=\"0000000B\"><w:r><w:annotationRef/></w:r><w:r><w:t>answer</w:t></w:r></w:p></w:comment>"
            "<w:comment w:id=\"2\" w:author=\"Cy\"><w:p w14:paraId=\"0000000C\"><w:r><w:t>answer to the answer</w:t></w:r></w:p></w:comment>"
            "<w:comment w:id=\"3\" w:author=\"Di\"><w:p><w:r><w:t>a point</w:t></w:r></w:p></w:comment>"
            "<w:comment w:id=\"4\" w:author=\"Ed\"><w:p><w:r><w:t>nowhere</w:t></w:r></w:p></w:comment>",
        .comments_extended =
            "<w15:commentEx w15:paraId=\"a\" w15:done=\"1\"/><w15:commentEx w15:paraId=\"0000000B\" w15:paraIdParent=\"0000000A\" w15:done=\"0\"/><w15:commentEx w15:paraId=\"0000000C\" w15:paraIdParent=\"0000000B\"/>",
        .comments_ids = "<w16cid:commentId w16cid:paraId=\"0000000A\" w16cid:durableId=\"12345678\"/>",
        .comments_extensible =
            "<w16cex:commentExtensible w16cex:durableId=\"12345678\" w16cex:dateUtc=\"2024-01-01T18:00:00Z\"/>"};
    const struct doc *doc = read_with(
        t,
        "<w:p><w:r><w:t xml:space=\"preserve\">the </w:t></w:r><w:commentRangeStart w:id=\"0\"/><w:r><w:t>words</w:t></w:r><w:commentRangeEnd w:id=\"0\"/><w:r><w:commentReference w:id=\"0\"/></w:r>"
        "<w:r><w:t>!</w:t><w:commentReference w:id=\"3\"/></w:r></w:p><w:commentRangeStart w:id=\"1\"/><w:p><w:r><w:t>whole</w:t></w:r></w:p><w:commentRangeEnd w:id=\"1\"/><w:p><w:r><w:commentReference w:id=\"1\"/><w:commentReference w:id=\"77\"/></w:r></w:p>",
        &parts);
    assert_int_equal(doc->comments.n, 5);
    const struct doc_comment *c = doc->comments.at;
    assert_str(c[0].text, "one\ntwo\nthree");
    assert_str(c[0].initials, "A");
    assert_true(c[0].done);
    assert_int_equal(c[0].date_unix_ms, INT64_C(1704132000000)); /* the UTC date, not the local one */
    assert_str(doc_text_of(doc, c[0].anchor, t->a), "words");
    assert_int_equal(c[0].parent, DOC_NONE);
    assert_int_equal(c[1].parent, 0);
    assert_int_equal(c[2].parent, 0);
    assert_true(c[1].done && c[2].done);
    assert_str(doc_text_of(doc, c[1].anchor, t->a), "whole");
    assert_true(c[3].anchored);
    assert_int_equal(c[3].anchor.start.offset, 10);
    assert_int_equal(c[3].anchor.end.offset, 10);
    assert_false(c[4].anchored);
    assert_int_equal(doc->warnings.n, 1);
    assert_int_equal(doc->warnings.at[0].code, DOC_WARN_DANGLING_COMMENT);
}

static void test_text_boxes_in_tables_and_headers(void **state)
{
    struct read_test *t = *state;
#define BOX(inner)                                                                                                     \
    "<w:p><w:r><w:t>host</w:t></w:r><w:r><w:pict><v:shape><v:textbox><w:txbxContent>" inner                            \
    "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    const struct test_docx_parts parts = {.header = BOX(P("in the head"))};
    const struct doc *doc =
        read_with(t,
                  "<w:tbl><w:tr>" TC(BOX(P("boxed") "<w:tbl><w:tr>" TC(P("deep")) "</w:tr></w:tbl>" P(
                      ""))) "</w:tr></w:tbl><w:p/><w:sectPr><w:headerReference r:id=\"rIdHeader\"/></w:sectPr>",
                  &parts);
    assert_str(doc->blocks.at[0].text, "host");
    assert_str(doc->blocks.at[1].text, "boxed");
    assert_int_equal(doc->blocks.at[1].story, DOC_STORY_TEXTBOX);
    assert_int_equal(doc->blocks.at[1].body_place.offset, 4);
    assert_str(doc->blocks.at[2].text, "deep");
    assert_int_equal(doc->tables.at[1].parent_cell, 0);
    assert_int_equal(doc->blocks.at[5].story, DOC_STORY_HEADER);
    assert_str(doc->blocks.at[6].text, "in the head");
    assert_int_equal(doc->blocks.at[6].story, DOC_STORY_TEXTBOX);
    assert_int_equal(doc->blocks.at[6].part, 1);
    assert_int_equal(doc->blocks.at[6].body_place.block, 0);
}

static void test_a_field_that_nobody_ends_hides_nothing(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        P("a") "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:t>b</w:t></w:r></w:p>" P(
            "c") "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>PAGE</w:instrText><w:fldChar w:fldCharType=\"separate\"/><w:t>7</w:t><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>");
    assert_int_equal(doc->blocks.n, 4);
    assert_str(doc->blocks.at[1].text, "b");
    assert_str(doc->blocks.at[2].text, "c");
    assert_str(doc->blocks.at[3].text, "7");
}

static void test_a_result_that_nobody_ends_is_only_text(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc =
        read_body(t, "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>TOC</w:instrText><w:fldChar "
                     "w:fldCharType=\"separate\"/></w:r><w:r><w:t>a</w:t></w:r></w:p>" P("b"));
    assert_str(doc->blocks.at[0].text, "a");
    assert_false(doc->blocks.at[0].is_toc || doc->blocks.at[1].is_toc);
    assert_int_equal(doc->wraps.n, 0);
}

static void test_fields_over_paragraphs_nest(void **state)
{
    struct read_test *t = *state;
#define FLD(type) "<w:fldChar w:fldCharType=\"" type "\"/>"
    const struct doc *doc = read_body(
        t,
        "<w:p><w:r>" FLD("begin") "<w:instrText>TOC \\o</w:instrText>" FLD("separate") "</w:r><w:r><w:t>One</w:t><w:tab/></w:r><w:r>" FLD(
            "begin") "<w:instrText>PAGEREF x</w:instrText>" FLD("separate") "<w:t>3</w:t>" FLD("end") "</w:r></w:p>"
                                                                                                      "<w:p><w:r><w:t>Two</w:t></w:r></w:p><w:p><w:r>" FLD(
                                                                                                          "end") "</w:r></w:p>" P("text"));
    assert_str(doc->blocks.at[0].text, "One\t3");
    assert_true(doc->blocks.at[0].is_toc && doc->blocks.at[1].is_toc);
    assert_false(doc->blocks.at[3].is_toc);
    const struct doc_run *run = &doc->runs.at[2];
    assert_str(doc->wraps.at[run->wrap].field, "PAGEREF x");
    assert_str(doc->wraps.at[doc->wraps.at[run->wrap].parent].field, "TOC \\o");
    assert_true(str_ends(source(doc, 0, doc->wraps.at[doc->wraps.at[run->wrap].parent].src), STR(FLD("end") "</w:r>")));
}

#define T(name) cmocka_unit_test_setup_teardown(name, read_test_setup, read_test_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_tables_rows_and_cells),
        T(test_nested_tables_keep_their_rows_together),
        T(test_notes_follow_their_references),
        T(test_headers_and_footers_belong_to_their_first_page),
        T(test_deleted_text_is_not_text_but_listed),
        T(test_changes_from_an_id_on_can_be_read_as_rejected),
        T(test_comments_with_threads_and_places),
        T(test_text_boxes_in_tables_and_headers),
        T(test_a_field_that_nobody_ends_hides_nothing),
        T(test_a_result_that_nobody_ends_is_only_text),
        T(test_fields_over_paragraphs_nest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
