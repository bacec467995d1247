/* The proof must be able to fail: outputs that are damaged on purpose, each found, each named. */
#include "write_fixture.h"

#define P(inside) "<w:p>" inside "</w:p>"
#define R(text)   "<w:r><w:t>" text "</w:t></w:r>"

static const struct str text = STR_INIT("Why this?");
static const struct doc_new_reply reply = {STR_INIT("Bob"), STR_INIT("B"), TEST_DATE, &text, 1};

struct written {
    struct fixture f;
    struct doc_new_comment comment;
    struct doc_new_change change;
    struct doc_edits edits;
};

static void write_all(struct arena *a, struct written *w)
{
    static const struct test_docx_parts parts = {
        .comments =
            "<w:comment w:id=\"5\" w:author=\"Old\"><w:p w14:paraId=\"00000001\"><w:r><w:t>old one</w:t></w:r></w:p></w:comment>",
        .core = "<dc:title>T</dc:title>"};
    w->f = fixture_of(a,
                      P("<w:commentRangeStart w:id=\"5\"/>" R(
                          "one two three") "<w:commentRangeEnd w:id=\"5\"/><w:r><w:commentReference w:id=\"5\"/></w:r>")
                          P(R("four five") "<w:ins w:id=\"8\" w:author=\"Old\">" R("six") "</w:ins>"),
                      &parts);
    w->comment = fixture_comment(&w->f, "two", &text);
    w->comment.replies = &reply;
    w->comment.n_replies = 1;
    w->change = (struct doc_new_change){.anchor = fixture_find(&w->f, "five"),
                                        .replacement = STR("5"),
                                        .author = STR("Ann Lee"),
                                        .date_unix_ms = TEST_DATE};
    w->edits = (struct doc_edits){.comments = &w->comment, .n_comments = 1, .changes = &w->change, .n_changes = 1};
    fixture_write(&w->f, &w->edits);
}

/* The text of a part with its first `from` replaced. */
static struct str replaced(struct arena *a, struct str s, const char *from, const char *to)
{
    size_t at = str_find(s, str_from_c(from), 0);
    if (at == STR_NONE) fail_msg("the output has no \"%s\"", from);
    struct str rest = str_sub(s, at + strlen(from), s.n);
    return str_printf(a, "%.*s%s%.*s", STR_ARG(str_sub(s, 0, at)), to, STR_ARG(rest));
}

static void expect_failure(struct written *w, struct str bytes, const char *what)
{
    struct doc_write_result damaged = w->f.result;
    damaged.bytes = bytes;
    struct error e = {0};
    if (doc_prove(w->f.doc, &w->edits, &damaged, &e) == ERR_OK) fail_msg("the proof did not see it: %s", what);
    assert_int_equal(e.code, ERR_INTERNAL);
    assert_string_equal(e.reason, "proof_failed");
    if (!strstr(e.message, what)) fail_msg("\"%s\" (%s) does not say \"%s\"", e.message, e.detail, what);
}

static void damage(struct written *w, const char *part, const char *from, const char *to, const char *what)
{
    struct str bytes, out;
    assert_int_equal(doc_package_part(w->f.out, str_from_c(part), &bytes, NULL), ERR_OK);
    struct doc_part_change change = {str_from_c(part), replaced(w->f.a, bytes, from, to)};
    assert_non_null(change.bytes.p);
    assert_int_equal(doc_package_write(w->f.out, &change, 1, w->f.a, &out, NULL), ERR_OK);
    expect_failure(w, out, what);
}

static void test_a_good_output_passes(void **state)
{
    struct written w;
    write_all(*state, &w);
    struct error e = {0};
    assert_int_equal(doc_prove(w.f.doc, &w.edits, &w.f.result, &e), ERR_OK);
}

#define MAIN     "word/document.xml"
#define COMMENTS "word/comments.xml"

static void test_texts(void **state)
{
    struct written w;
    write_all(*state, &w);
    damage(&w, MAIN, ">four", ">for", "accepted is not what was meant");
    damage(&w, MAIN, ">5</w:t>", ">6</w:t>", "accepted is not what was meant");
    damage(&w, MAIN, "five</w:delText>", "fife</w:delText>", "rejected is not the original's");
    damage(&w, MAIN, "</w:body>", "<w:p/></w:body>", "paragraphs were lost or added");
    damage(&w, MAIN, "<w:r><w:t xml:space=\"preserve\">one",
           "<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">one", "the look of the text changed");
    damage(&w, MAIN, "</w:body>", "</w:bod>", "cannot be read back");
}

static void test_comments(void **state)
{
    struct written w;
    write_all(*state, &w);
    damage(&w, COMMENTS, "Why this?", "Why that?", "another text");
    damage(&w, COMMENTS, "w:author=\"Ann Lee\"", "w:author=\"Ann\"", "another author");
    damage(&w, "word/commentsExtensible.xml", "09:15:00Z", "09:16:00Z", "another date");
    damage(&w, COMMENTS, "old one", "old 1", "was there changed");
    damage(&w, MAIN, "<w:r><w:t xml:space=\"preserve\">one </w:t></w:r><w:commentRangeStart w:id=\"6\"/>",
           "<w:commentRangeStart w:id=\"6\"/><w:r><w:t xml:space=\"preserve\">one </w:t></w:r>", "not on its words");
    damage(&w, MAIN, "<w:r><w:commentReference w:id=\"6\"/></w:r>", "", "a mark of a comment is missing");
    damage(&w, MAIN, "<w:commentRangeEnd w:id=\"7\"/>", "", "not on its words");
    damage(&w, MAIN, "<w:commentRangeEnd w:id=\"7\"/><w:r><w:commentReference w:id=\"7\"/></w:r>",
           "<w:r><w:commentReference w:id=\"7\"/></w:r><w:commentRangeEnd w:id=\"7\"/>",
           "the marks of a comment are not in order");
    damage(&w, "word/commentsExtended.xml", "w15:paraIdParent=\"", "w15:other=\"", "another thread or state");
    damage(&w, "word/commentsExtended.xml", "w15:done=\"0\"", "w15:done=\"1\"", "another thread or state");
}

/* Text and XML comments that speak of marks are none, and however many they are, each byte is looked at once. */
static void test_what_only_looks_like_a_mark(void **state)
{
    CLEANUP_SB struct sb sb = SB_INIT((size_t)16 << 20);
    sb_c(&sb, "<w:p><w:r><w:t>one ");
    for (int i = 0; i < 300000; i++)
        sb_printf(&sb, "commentR %d ", i); /* counted, or it is packed so small that a reader takes it for a bomb */
    sb_c(&sb, "</w:t></w:r><!-- <w:commentReference w:id=\"0\"/> < commentR --></w:p>");
    struct str body;
    assert_int_equal(sb_take(&sb, *state, &body, NULL), ERR_OK);
    char *c = str_to_c(*state, body);
    assert_non_null(c);
    struct fixture f = fixture_commented(*state, c, NULL, "one");
    assert_int_equal(f.result.comments[0].outcome, DOC_EDIT_EXACT);
}

#define START_6   "<w:commentRangeStart w:id=\"6\"/>"
#define END_6     "<w:commentRangeEnd w:id=\"6\"/>"
#define REF_6     "<w:r><w:commentReference w:id=\"6\"/></w:r>"
#define MISPLACED "something stands where the format has no place for it"

/* Programs drop a mark that stands in the wrong element, and some refuse the file; our own reader takes it. */
static void test_places(void **state)
{
    struct written w;
    write_all(*state, &w);
    damage(&w, MAIN, END_6 REF_6, END_6 "<w:r>" END_6 "</w:r>" REF_6, "the marks of a comment are not in order");
    damage(&w, MAIN, END_6 REF_6, "<w:r>" END_6 "</w:r>" REF_6, MISPLACED);
    damage(&w, MAIN, END_6 REF_6, END_6 "<w:r>" REF_6 "</w:r>", MISPLACED);
    damage(&w, MAIN, REF_6, "<w:commentReference w:id=\"6\"/>", MISPLACED);
    damage(&w, MAIN, END_6 REF_6, "<w:sdt>" END_6 "<w:sdtContent>" REF_6 "</w:sdtContent></w:sdt>", MISPLACED);
    damage(&w, MAIN, END_6 REF_6, END_6 "<w:del w:id=\"90\" w:author=\"Ann Lee\">" REF_6 "</w:del>", MISPLACED);
    damage(&w, MAIN, "<w:t xml:space=\"preserve\">one ", "<w:r><w:t xml:space=\"preserve\">one </w:t></w:r><w:t>",
           MISPLACED);
    damage(&w, MAIN, "five</w:delText>", "five</w:delText><w:t></w:t>", MISPLACED);
    damage(&w, MAIN, "<w:r><w:delText", "<w:ins w:id=\"91\" w:author=\"Ann Lee\"/><w:r><w:delText", MISPLACED);
    damage(&w, MAIN, "<w:r><w:t xml:space=\"preserve\">one </w:t></w:r>" START_6,
           "<w:r><w:t xml:space=\"preserve\">one </w:t>" START_6 "</w:r>", MISPLACED);
    damage(&w, MAIN, START_6, "<w:pPr>" START_6 "</w:pPr>", "a comment is not on its words");
}

/* The reference of a comment behind its paragraph: the words are right, and no program shows the comment. */
static void test_a_reference_between_paragraphs(void **state)
{
    struct fixture f = fixture_commented(*state, P(R("one")) P(R("two")), NULL, "one");
    struct written w = {.f = f};
    static const struct str why = STR_INIT("Why?");
    w.comment = fixture_comment(&f, "one", &why);
    w.edits = (struct doc_edits){.comments = &w.comment, .n_comments = 1};
    damage(&w, MAIN, M_END "</w:p>", "</w:p>" M_END, MISPLACED);
    damage(&w, MAIN, M_END "</w:p>", "<w:commentRangeEnd w:id=\"0\"/></w:p><w:r><w:commentReference w:id=\"0\"/></w:r>",
           MISPLACED);
}

/* A document that has such places itself can still be written to. */
static void test_misplaced_in_the_input(void **state)
{
    struct fixture f = fixture_commented(*state, P("<w:r><w:r><w:t>one two three</w:t></w:r></w:r>"), NULL, "two");
    assert_int_equal(f.result.comments[0].outcome, DOC_EDIT_EXACT);
    (void)fixture_changed(*state, P("<w:r><w:r><w:t>one two three</w:t></w:r></w:r>"), NULL, "two", "2");
    (void)fixture_commented(*state, "<w:r><w:t>lost</w:t></w:r>" P(R("one")), NULL, "one");
}

static void test_tracked_changes_that_were_there(void **state)
{
    struct written w;
    write_all(*state, &w);
    damage(&w, MAIN, "w:id=\"8\" w:author=\"Old\"", "w:id=\"8\" w:author=\"New\"",
           "a tracked change that was there changed");
}

static void test_the_package(void **state)
{
    struct written w;
    write_all(*state, &w);
    damage(&w, "docProps/core.xml", "<dc:title>T", "<dc:title>U", "a part changed that should not");
    damage(&w, "[Content_Types].xml", "wordprocessingml.commentsIds+xml", "wordprocessingml.other+xml",
           "wrong content type");
    damage(&w, "word/_rels/document.xml.rels", "2016/09/relationships/commentsIds", "2016/09/relationships/other",
           "a part of the comments is missing");
    damage(&w, "word/people.xml", "</w15:people>", "", "a part cannot be read");
    struct doc_part_change more = {STR("word/more.xml"), STR("<a/>")};
    struct str out;
    assert_int_equal(doc_package_write(w.f.out, &more, 1, w.f.a, &out, NULL), ERR_OK);
    expect_failure(&w, out, "should not be there");
    expect_failure(&w, str_sub(w.f.result.bytes, 0, w.f.result.bytes.n / 2), "cannot be read back");
    expect_failure(&w, doc_package_bytes(w.f.doc->package), "missing"); /* nothing was written at all */
}

WRITE_TESTS(cmocka_unit_test(test_a_good_output_passes), cmocka_unit_test(test_texts), cmocka_unit_test(test_comments),
            cmocka_unit_test(test_places), cmocka_unit_test(test_a_reference_between_paragraphs),
            cmocka_unit_test(test_misplaced_in_the_input), cmocka_unit_test(test_what_only_looks_like_a_mark),
            cmocka_unit_test(test_tracked_changes_that_were_there), cmocka_unit_test(test_the_package))
