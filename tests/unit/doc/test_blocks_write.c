/* The summary at the end. */
#include "write_fixture.h"

#define P(inside) "<w:p>" inside "</w:p>"
#define R(text)   "<w:r><w:t>" text "</w:t></w:r>"

static const struct doc_new_block blocks[] = {{DOC_NEW_HEADING, STR_INIT("Summary & more")},
                                              {DOC_NEW_SUBHEADING, STR_INIT("By risk")},
                                              {DOC_NEW_PARAGRAPH, STR_INIT("Two\nlines")},
                                              {DOC_NEW_BULLET, STR_INIT("a point")}};

static void test_styles_of_the_document(void **state)
{
    static const char styles[] =
        "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"1\"><w:name w:val=\"heading 1\"/></w:style>"
        "<w:style w:type=\"paragraph\" w:styleId=\"2\"><w:name w:val=\"Heading 2\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"LB\"><w:name w:val=\"List Bullet\"/></w:style>";
    struct fixture f = fixture_of(
        *state, P(R("text")) "<w:sectPr><w:pgSz w:w=\"1\" w:h=\"2\"/></w:sectPr>",
        &(struct test_docx_parts){
            .styles = styles, .footnotes = "<w:footnote w:id=\"2\"><w:p><w:r><w:t>n</w:t></w:r></w:p></w:footnote>"});
    fixture_write(&f, &(struct doc_edits){.blocks = blocks, .n_blocks = 4});
    assert_has(f.main,
               "text</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val=\"1\"/><w:keepNext/><w:pageBreakBefore/><w:numPr>");
    assert_has(f.main, "<w:pStyle w:val=\"2\"/><w:keepNext/>");
    assert_has(f.main, "Two</w:t><w:br/><w:t xml:space=\"preserve\">lines");
    assert_has(
        f.main,
        "<w:p><w:pPr><w:pStyle w:val=\"LB\"/></w:pPr><w:r><w:t xml:space=\"preserve\">a point</w:t></w:r></w:p><w:sectPr>");
    assert_has_not(f.main, "<w:sz ");
}

static void test_no_styles(void **state)
{
    struct fixture f = fixture_of(*state, P(R("text")), &(struct test_docx_parts){.styles = ""});
    fixture_write(&f, &(struct doc_edits){.blocks = blocks, .n_blocks = 4});
    assert_has(
        f.main,
        "<w:outlineLvl w:val=\"0\"/></w:pPr><w:r><w:rPr><w:b/><w:sz w:val=\"32\"/></w:rPr><w:t xml:space=\"preserve\">Summary &amp; more</w:t>");
    assert_has(
        f.main,
        "<w:t xml:space=\"preserve\">\xE2\x80\xA2</w:t><w:tab/><w:t xml:space=\"preserve\">a point</w:t></w:r></w:p></w:body>");
    assert_has_not(f.main, "pStyle");
}

static void test_with_a_comment(void **state)
{
    struct fixture f = fixture_of(*state, P(R("text")), NULL);
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c = fixture_comment(&f, "text", &text);
    fixture_write(&f, &(struct doc_edits){.comments = &c, .n_comments = 1, .blocks = blocks, .n_blocks = 4});
    assert_has(f.main, M_END "</w:p><w:p><w:pPr>");
}

WRITE_TESTS(cmocka_unit_test(test_styles_of_the_document), cmocka_unit_test(test_no_styles),
            cmocka_unit_test(test_with_a_comment))
