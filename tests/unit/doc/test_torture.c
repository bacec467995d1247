/* Every allocation of a reading and of a writing fails once, and every size of the caller's arena is too small once: each is an error of
 * the limit kind, none a crash, a leak, a failed proof or a document with something missing. */
#include "support/torture.h"

#include "write_fixture.h"

static const char body[] =
    "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>Head</w:t></w:r></w:p>"
    "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"2\"/></w:numPr></w:pPr><w:commentRangeStart w:id=\"5\"/>"
    "<w:r><w:rPr><w:b/></w:rPr><w:t>one two three</w:t></w:r><w:commentRangeEnd w:id=\"5\"/>"
    "<w:r><w:commentReference w:id=\"5\"/></w:r><w:r><w:footnoteReference w:id=\"2\"/></w:r></w:p>"
    "<w:p><w:hyperlink w:anchor=\"x\"><w:r><w:t>four &amp; five</w:t></w:r></w:hyperlink>"
    "<w:ins w:id=\"8\" w:author=\"Old\"><w:r><w:t>six</w:t></w:r></w:ins>"
    "<w:del w:id=\"9\" w:author=\"Old\"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    "<w:tbl><w:tr><w:tc><w:p><w:bookmarkStart w:id=\"1\" w:name=\"x\"/><w:r><w:fldChar w:fldCharType=\"begin\"/>"
    "<w:instrText>DATE</w:instrText><w:fldChar w:fldCharType=\"separate\"/><w:t>seven</w:t>"
    "<w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:tc></w:tr></w:tbl>"
    "<w:p><w:r><w:t>eight nine</w:t></w:r></w:p>"
    "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdHeader\"/></w:sectPr>";

static const struct test_docx_parts parts = {
    .comments =
        "<w:comment w:id=\"5\" w:author=\"Old\"><w:p w14:paraId=\"00000001\"><w:r><w:t>old</w:t></w:r></w:p></w:comment>",
    .comments_extended = "<w15:commentEx w15:paraId=\"00000001\" w15:done=\"1\"/>",
    .footnotes = "<w:footnote w:id=\"2\"><w:p><w:r><w:t>note words</w:t></w:r></w:p></w:footnote>",
    .header = "<w:p><w:r><w:t>header words</w:t></w:r></w:p>",
    .settings = "<w:documentProtection w:edit=\"comments\" w:enforcement=\"1\"/>",
    .core = "<dc:title>T</dc:title>",
    .app = "<Pages>2</Pages>",
};

struct ctx {
    struct str docx;
    const struct doc *doc;
    struct doc_edits edits;
    size_t memory; /* of the caller's arena */
};

static enum err read_it(void *ctx, struct error *e)
{
    const struct ctx *c = ctx;
    CLEANUP_DOC struct doc *doc = NULL;
    struct doc_read_options options = DOC_READ_OPTIONS_DEFAULT;
    TRY(doc_read(c->docx, &options, &doc, e));
    assert_int_equal(doc->blocks.n, 7);
    assert_int_equal(doc->warnings.n, 1); /* protected; nothing was skipped */
    assert_int_equal(doc->comments.n, 1);
    assert_true(doc->comments.at[0].done);
    return ERR_OK;
}

static enum err write_it(void *ctx, struct error *e)
{
    const struct ctx *c = ctx;
    CLEANUP_ARENA struct arena *a = arena_new(c->memory);
    if (!a) return error_no_memory(e);
    struct doc_write_result result;
    TRY(doc_write(c->doc, &c->edits, a, &result, e));
    assert_int_equal(result.comments[0].outcome, DOC_EDIT_EXACT);
    assert_int_equal(result.comments[1].outcome, DOC_EDIT_MOVED);
    assert_int_equal(result.changes[0].outcome, DOC_EDIT_EXACT);
    return ERR_OK;
}

static void test_reading(void **state)
{
    struct ctx c = {.docx = test_docx(*state, body, &parts)};
    assert_non_null(c.docx.p);
    assert_true(torture_run(read_it, &c) > 20);
}

static void write_in_little_memory(struct ctx *c)
{
    size_t failures = 0;
    for (size_t memory = 256; memory < (size_t)1 << 24; memory += memory / 8) {
        struct error e = {0};
        c->memory = memory;
        enum err err = write_it(c, &e);
        if (err == ERR_OK) break;
        if (err != ERR_LIMIT) fail_msg("with %zu bytes it ends in %s: %s", memory, error_code_name(err), e.message);
        failures++;
    }
    assert_in_range(failures, 10, 80);
}

static void test_writing(void **state)
{
    static const struct str text[] = {STR_INIT("Why \x01this?"), STR_INIT("And\nthat?")};
    static const struct doc_new_reply reply = {STR_INIT("Bob"), STR_INIT("B"), TEST_DATE, text, 1};
    static const struct doc_new_block block = {DOC_NEW_BULLET, STR_INIT("point")};
    struct fixture f = fixture_of(*state, body, &parts);
    struct doc_new_comment comments[] = {fixture_comment(&f, "two", text), fixture_comment(&f, "note", text)};
    comments[0].replies = &reply;
    comments[0].n_replies = 1;
    comments[1].n_paragraphs = 2;
    struct doc_new_change change = {fixture_find(&f, "six"), STR("6"), STR("Ann Lee"), TEST_DATE};
    struct ctx c = {.doc = f.doc,
                    .edits = {.comments = comments,
                              .n_comments = 2,
                              .changes = &change,
                              .n_changes = 1,
                              .blocks = &block,
                              .n_blocks = 1},
                    .memory = (size_t)64 << 20};
    assert_true(torture_run(write_it, &c) > 20);
    write_in_little_memory(&c);
}

WRITE_TESTS(cmocka_unit_test(test_reading), cmocka_unit_test(test_writing))
