/* Tracked changes: what they look like, what they are refused on. Each write is proven by doc_write: accepting gives the meant text, rejecting the original. */
#include "write_fixture.h"

#define P(inside) "<w:p>" inside "</w:p>"
#define R(text)   "<w:r><w:t>" text "</w:t></w:r>"
#define WHO       "w:author=\"Ann Lee\" w:date=\"2026-03-01T09:15:00Z\""
#define DEL(n, text)                                                                                                   \
    "<w:del w:id=\"" n "\" " WHO "><w:r><w:delText xml:space=\"preserve\">" text "</w:delText></w:r></w:del>"
#define INS(n, text) "<w:ins w:id=\"" n "\" " WHO "><w:r><w:t xml:space=\"preserve\">" text "</w:t></w:r></w:ins>"
#define T(text)      "<w:r><w:t xml:space=\"preserve\">" text "</w:t></w:r>"

static void check(void **state, const char *body, const char *words, const char *replacement, const char *expected)
{
    struct fixture f = fixture_changed(*state, body, NULL, words, replacement);
    if (f.result.changes[0].reason.p) fail_msg("refused: %.*s", STR_ARG(f.result.changes[0].reason));
    assert_has(f.main, expected);
}

static void check_refused(void **state, const char *body, const char *words, const char *replacement,
                          const char *reason)
{
    struct fixture f = fixture_changed(*state, body, NULL, words, replacement);
    assert_int_equal(f.result.changes[0].outcome, DOC_EDIT_REFUSED);
    assert_has(f.result.changes[0].reason, reason);
    assert_true(str_eq(f.main, f.doc->parts.at[0].bytes));
}

static void test_only_the_words_that_differ(void **state)
{
    check(state, P(R("keep the old words here")), "keep the old words here", "keep the new words here",
          T("keep the ") DEL("1", "old") INS("2", "new") T(" words here"));
    check(state, P(R("one two")), "one two", "one and two", T("one ") INS("1", "and ") T("two"));
    check(state, P(R("one and two")), "one and two", "one two", T("one ") DEL("1", "and ") T("two"));
    check(state, P(R("whole")), "whole", "", "<w:p>" DEL("1", "whole") "</w:p>");
    check(
        state, P(R("a b")), "a b", "a & <x>\n\tc",
        T("a ") DEL(
            "1",
            "b") "<w:ins w:id=\"2\" " WHO
                 "><w:r><w:t xml:space=\"preserve\">&amp; &lt;x&gt;</w:t><w:br/><w:tab/><w:t xml:space=\"preserve\">c</w:t></w:r></w:ins>");
    check_refused(state, P(R("same")), "same", "same", "already");
}

static void test_runs_and_looks(void **state)
{
    /* several runs that touch are one deletion; the new words look like the last of the old */
    check(
        state,
        P("<w:r><w:t>o</w:t></w:r><w:r><w:rPr><w:rStyle w:val=\"x\"/><w:b/><w:rPrChange w:id=\"4\" w:author=\"B\"><w:rPr/></w:rPrChange></w:rPr><w:t>ld</w:t></w:r>"),
        "old", "new",
        "<w:del w:id=\"5\" " WHO
        "><w:r><w:delText xml:space=\"preserve\">o</w:delText></w:r><w:r><w:rPr><w:rStyle w:val=\"x\"/><w:b/><w:rPrChange w:id=\"4\" w:author=\"B\"><w:rPr/></w:rPrChange></w:rPr>"
        "<w:delText xml:space=\"preserve\">ld</w:delText></w:r></w:del><w:ins w:id=\"6\" " WHO
        "><w:r><w:rPr><w:rStyle w:val=\"x\"/><w:b/></w:rPr><w:t xml:space=\"preserve\">new</w:t></w:r></w:ins>");
    /* tabs and breaks go with the words; empty texts are renamed too */
    check(
        state, P("<w:r><w:t>a</w:t><w:tab/><w:t/><w:t></w:t><w:t>b</w:t></w:r>"), "a\tb", "c",
        "<w:delText xml:space=\"preserve\">a</w:delText><w:tab/><w:delText/><w:delText></w:delText><w:delText xml:space=\"preserve\">b</w:delText>");
    /* the reference of a comment in the same run stays */
    check(state, P(R("b") "<w:r><w:commentReference w:id=\"4\"/><w:t>c</w:t></w:r>"), "bc", "d",
          DEL("5", "b") "<w:r><w:commentReference w:id=\"4\"/></w:r>" DEL("6", "c") INS("7", "d"));
    /* bookmarks between runs are left outside */
    check(state, P(R("old") "<w:bookmarkEnd w:id=\"1\"/>" R("er")), "older", "newer",
          DEL("2", "old") "<w:bookmarkEnd w:id=\"1\"/>" DEL("3", "er") INS("4", "newer"));
}

static void test_white_space_and_cdata(void **state)
{
    check(state, P("<w:r><w:t>  old words \n</w:t></w:r>"), "old", "new",
          "<w:p><w:del w:id=\"1\" " WHO
          "><w:r><w:delText>  </w:delText><w:delText xml:space=\"preserve\">old</w:delText></w:r></w:del>" INS(
              "2", "new") "<w:r><w:t xml:space=\"preserve\"> words</w:t><w:t> \n</w:t></w:r></w:p>");
    check(state, P("<w:r><w:t>  old words \n</w:t></w:r>"), "words", "word",
          "<w:p><w:r><w:t>  </w:t><w:t xml:space=\"preserve\">old </w:t></w:r><w:del w:id=\"1\" " WHO
          "><w:r><w:delText xml:space=\"preserve\">words</w:delText><w:delText> \n</w:delText></w:r></w:del>" INS(
              "2", "word") "</w:p>");
    check(state, P("<w:r><w:t>x <![CDATA[<old> </w:t>]]>end</w:t></w:r>"), "old", "new",
          "<w:t xml:space=\"preserve\">x <![CDATA[<]]></w:t></w:r><w:del w:id=\"1\" " WHO
          "><w:r><w:delText xml:space=\"preserve\"><![CDATA[old]]></w:delText></w:r></w:del>" INS(
              "2", "new") "<w:r><w:t xml:space=\"preserve\"><![CDATA[> </w:t>]]>end</w:t></w:r>");
}

static void test_links(void **state)
{
    check(state, P("<w:hyperlink w:anchor=\"x\">" R("old page") "</w:hyperlink>" R("!")), "old page", "new page",
          "<w:hyperlink w:anchor=\"x\">" DEL("1", "old") INS("2", "new") T(" page") "</w:hyperlink>");
    /* from the text into the link: one deletion each */
    check(state, P(R("see") "<w:hyperlink w:anchor=\"x\">" R("page") "</w:hyperlink>"), "seepage", "go",
          DEL("1", "see") "<w:hyperlink w:anchor=\"x\">" DEL("2", "page") INS("3", "go") "</w:hyperlink>");
}

static void test_in_the_insertion_of_another(void **state)
{
    static const char body[] = P(R("x") "<w:ins w:id=\"5\" w:author=\"B\">" R("old words") "</w:ins>");
    check(state, body, "old", "new",
          "<w:ins w:id=\"5\" w:author=\"B\">" DEL("6", "old") INS("7", "new") T(" words") "</w:ins>");
    check(state, body, "words", "sentences",
          "<w:ins w:id=\"5\" w:author=\"B\">" T("old ") DEL("6", "words") "</w:ins>" INS("7", "sentences"));
}

static void test_comment_and_change_on_the_same_words(void **state)
{
    struct fixture f = fixture_of(*state, P(R("the old word")), NULL);
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c[2] = {fixture_comment(&f, "old", &text), fixture_comment(&f, "the old", &text)};
    struct doc_new_change change = {.anchor = fixture_find(&f, "old"),
                                    .replacement = STR("new"),
                                    .author = STR("Ann Lee"),
                                    .date_unix_ms = TEST_DATE};
    fixture_write(&f, &(struct doc_edits){.comments = c, .n_comments = 2, .changes = &change, .n_changes = 1});
    assert_has(f.main, "<w:commentRangeStart w:id=\"1\"/>" T("the ") M_START DEL("1", "old") INS("2", "new") M_END
               "<w:commentRangeEnd w:id=\"1\"/>");
    /* a comment that begins inside the deleted words: the deletion is interrupted */
    f = fixture_of(*state, P(R("one two")), NULL);
    c[0] = fixture_comment(&f, "two", &text);
    change.anchor = fixture_find(&f, "one two");
    change.replacement = STR("all");
    fixture_write(&f, &(struct doc_edits){.comments = c, .n_comments = 1, .changes = &change, .n_changes = 1});
    assert_has(f.main, "<w:p>" DEL("1", "one ") M_START DEL("2", "two") INS("3", "all") M_END "</w:p>");
}

static void test_what_is_refused(void **state)
{
#define FLD(type) "<w:r><w:fldChar w:fldCharType=\"" type "\"/></w:r>"
    check_refused(state,
                  P(FLD("begin") "<w:r><w:instrText>DATE</w:instrText></w:r>" FLD("separate") R("today") FLD("end")),
                  "today", "now", "field");
    check_refused(state, P("<w:fldSimple w:instr=\"PAGE\">" R("12") "</w:fldSimple>"), "12", "13", "field");
    check_refused(state, P("<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"), "x", "y", "formula");
    check_refused(state,
                  P("<w:sdt><w:sdtPr><w:lock w:val=\"contentLocked\"/></w:sdtPr><w:sdtContent>" R(
                      "locked") "</w:sdtContent></w:sdt>"),
                  "locked", "open", "content control");
    check_refused(state, P(R("one")) P(R("two")), "one\ntwo", "three", "several paragraphs");
    check_refused(state, P(R("x")), "x", "\f", "cannot be inserted");
}

static void test_notes_and_objects(void **state)
{
    static const struct test_docx_parts parts = {
        .footnotes = "<w:footnote w:id=\"2\"><w:p><w:r><w:t>note text</w:t></w:r></w:p></w:footnote>"};
    static const char body[] = P(R("a claim") "<w:r><w:footnoteReference w:id=\"2\"/></w:r>" R("that holds"));
    struct fixture f = fixture_changed(*state, body, &parts, "claimthat", "fact which");
    assert_int_equal(f.result.changes[0].outcome, DOC_EDIT_REFUSED);
    assert_has(f.result.changes[0].reason, "footnote");
    f = fixture_changed(*state, body, &parts, "claim", "fact"); /* beside it */
    assert_has(f.main, DEL("3", "claim") INS("4", "fact") "<w:r><w:footnoteReference");
    f = fixture_changed(*state, body, &parts, "note", "remark");
    assert_int_equal(f.result.changes[0].outcome, DOC_EDIT_REFUSED);
    assert_has(f.result.changes[0].reason, "body");
}

static void test_overlap_and_bad_anchors(void **state)
{
    struct fixture f = fixture_of(*state, P(R("one two three")), NULL);
    struct doc_new_change c[3] = {
        {.anchor = fixture_find(&f, "two three"),
         .replacement = STR("x"),
         .author = STR("A"),
         .date_unix_ms = INT64_MIN},
        {.anchor = fixture_find(&f, "one two"), .replacement = STR("y"), .author = STR("A"), .date_unix_ms = INT64_MIN},
        {.anchor = fixture_find(&f, "three"), .replacement = STR("z"), .author = STR("A"), .date_unix_ms = INT64_MIN}};
    fixture_write(&f, &(struct doc_edits){.changes = c, .n_changes = 3});
    assert_int_equal(f.result.changes[0].outcome, DOC_EDIT_REFUSED);
    assert_int_equal(f.result.changes[1].outcome, DOC_EDIT_EXACT);
    assert_int_equal(f.result.changes[2].outcome, DOC_EDIT_EXACT);
    assert_has(f.main, "<w:del w:id=\"1\" w:author=\"A\">");
    c[0].anchor = (struct doc_anchor){{0, 0}, {0, 1000}};
    struct doc_write_result result;
    struct error e = {0};
    assert_int_equal(doc_write(f.doc, &(struct doc_edits){.changes = c, .n_changes = 1}, f.a, &result, &e),
                     ERR_INVALID);
    assert_string_equal(e.reason, "bad_anchor");
}

static void test_insertions_at_a_point(void **state)
{
    struct fixture f = fixture_of(*state, P("<w:r><w:rPr><w:b/></w:rPr><w:t>one</w:t></w:r>"), NULL);
    struct doc_new_change c[2] = {
        {.anchor = {{0, 3}, {0, 3}}, .replacement = STR(" two"), .author = STR("A"), .date_unix_ms = INT64_MIN},
        {.anchor = {{0, 0}, {0, 0}}, .replacement = STR("zero "), .author = STR("A"), .date_unix_ms = INT64_MIN}};
    fixture_write(&f, &(struct doc_edits){.changes = c, .n_changes = 2});
    assert_has(
        f.main,
        "<w:p><w:ins w:id=\"1\" w:author=\"A\"><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">zero </w:t></w:r></w:ins><w:r>");
    assert_has(
        f.main,
        "one</w:t></w:r><w:ins w:id=\"2\" w:author=\"A\"><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\"> two</w:t></w:r></w:ins></w:p>");
}

static void test_numbers_follow_every_annotation(void **state)
{
    check(state, P("<w:bookmarkStart w:id=\"900\" w:name=\"b\"/>" R("old") "<w:bookmarkEnd w:id=\"900\"/>"), "old",
          "new", DEL("901", "old") INS("902", "new"));
    struct fixture f = fixture_changed(
        *state, P("<w:ins w:id=\"2147483647\" w:author=\"B\">" R("x") "</w:ins>" R("old")), NULL, "old", "new");
    assert_int_equal(f.result.changes[0].outcome, DOC_EDIT_REFUSED);
    /* a greater number than programs count to is another's all the same, and says nothing about the next one */
    check(state, P("<w:ins w:id=\"3000000000\" w:author=\"B\">" R("theirs ") "</w:ins>" R("old")), "old", "new",
          DEL("1", "old") INS("2", "new"));
}

WRITE_TESTS(cmocka_unit_test(test_only_the_words_that_differ), cmocka_unit_test(test_runs_and_looks),
            cmocka_unit_test(test_white_space_and_cdata), cmocka_unit_test(test_links),
            cmocka_unit_test(test_in_the_insertion_of_another),
            cmocka_unit_test(test_comment_and_change_on_the_same_words), cmocka_unit_test(test_what_is_refused),
            cmocka_unit_test(test_notes_and_objects), cmocka_unit_test(test_overlap_and_bad_anchors),
            cmocka_unit_test(test_insertions_at_a_point), cmocka_unit_test(test_numbers_follow_every_annotation))
