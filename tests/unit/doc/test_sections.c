/* Headings by style, language, outline and look; sections; the quoted e-mail; and that no text is outside of the review. */
#include "doc/text.h"
#include "read_test.h"

static const struct doc_section *section_titled(const struct doc *doc, const char *title)
{
    for (uint32_t i = 0; i < doc->sections.n; i++)
        if (str_eq_c(doc->sections.at[i].title, title)) return &doc->sections.at[i];
    return NULL;
}

static void test_sections_nest_by_level(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_lines(t, "intro\n# One\na\n## Two\nb\n### Three\nc\n## Four\nd\n# Five\ne");
    assert_int_equal(doc->sections.n, 6);
    assert_int_equal(doc->sections.at[0].kind, DOC_SECTION_PREAMBLE);
    const struct doc_section *one = &doc->sections.at[1];
    assert_str(one->title, "One");
    assert_int_equal(one->first_block, 1);
    assert_int_equal(one->end_block, 3);
    assert_int_equal(one->subtree_end_block, 9);
    assert_int_equal(doc->sections.at[3].parent, 2);
    assert_int_equal(doc->sections.at[4].parent, 1);
    assert_int_equal(doc->sections.at[5].parent, DOC_NONE);
    assert_str(doc_section_path(doc, 3, t->a), "One › Two › Three");
    assert_str(doc_place_name(doc, 4, t->a), "section Two");
    assert_int_equal(doc->blocks.at[0].section, 0);
    assert_int_equal(doc->blocks.at[6].section, 3);
}

static void test_heading_levels_by_every_way(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .styles =
            "<w:style w:type=\"paragraph\" w:styleId=\"a\"><w:name w:val=\"heading 3\"/></w:style>"
            "<w:style w:type=\"paragraph\" w:styleId=\"b\"><w:name w:val=\"Mine\"/><w:basedOn w:val=\"a\"/></w:style>"
            "<w:style w:type=\"paragraph\" w:styleId=\"c\"><w:name w:val=\"\xC3\x9C"
            "berschrift 2\"/></w:style>"
            "<w:style w:type=\"paragraph\" w:styleId=\"d\"><w:name w:val=\"Other\"/><w:pPr><w:outlineLvl w:val=\"4\"/></w:pPr></w:style>"
            "<w:style w:type=\"paragraph\" w:styleId=\"e\"><w:name w:val=\"TOC Heading\"/><w:basedOn w:val=\"a\"/><w:pPr><w:outlineLvl w:val=\"9\"/></w:pPr></w:style>"
            "<w:style w:type=\"paragraph\" w:styleId=\"f\"><w:name w:val=\"loop\"/><w:basedOn w:val=\"g\"/></w:style>"
            "<w:style w:type=\"paragraph\" w:styleId=\"g\"><w:name w:val=\"loop too\"/><w:basedOn w:val=\"f\"/></w:style>"};
    static const struct {
        const char *ppr;
        int level;
        enum doc_heading_source source;
    } rows[] = {{"<w:pStyle w:val=\"a\"/>", 3, DOC_HEADING_STYLE},
                {"<w:pStyle w:val=\"b\"/>", 3, DOC_HEADING_STYLE},
                {"<w:pStyle w:val=\"c\"/>", 2, DOC_HEADING_STYLE},
                {"<w:pStyle w:val=\"d\"/>", 5, DOC_HEADING_OUTLINE},
                {"<w:pStyle w:val=\"e\"/>", 0, DOC_HEADING_NONE},
                {"<w:pStyle w:val=\"f\"/>", 0, DOC_HEADING_NONE},
                {"<w:outlineLvl w:val=\"0\"/>", 1, DOC_HEADING_OUTLINE},
                {"<w:pStyle w:val=\"a\"/><w:outlineLvl w:val=\"9\"/>", 0, DOC_HEADING_NONE},
                {"<w:pStyle w:val=\"Heading4\"/>", 4, DOC_HEADING_STYLE}};
    CLEANUP_SB struct sb body = SB_INIT(65536);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        sb_printf(&body, "<w:p><w:pPr>%s</w:pPr><w:r><w:t>x</w:t></w:r></w:p>", rows[i].ppr);
    sb_char(&body, 0);
    const struct doc *doc = read_with(t, body.p, &parts);
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(doc->blocks.at[i].heading_level, rows[i].level);
        assert_int_equal(doc->blocks.at[i].heading_source, rows[i].source);
    }
}

static void test_headings_in_tables_and_empty_ones_open_nothing(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr></w:p><w:tbl><w:tr><w:tc><w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>in a cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>");
    assert_int_equal(doc->sections.n, 1);
    assert_int_equal(doc->blocks.at[0].heading_level, 0);
    assert_int_equal(doc->blocks.at[1].kind, DOC_BLOCK_HEADING);
}

static void test_headings_by_look(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_lines(
        t,
        "**Review of the case 4711**\nExecutive Summary\nThe account was closed after the second warning and this is a long line of text.\n"
        "**What happened to the account**\nIt was closed on the second day, as the first mail says.\n"
        "TIMELINE OF EVENTS\nOn Monday the case was opened by the team and read by two people.\n"
        "Note that the timeline was tight\nThis line and the one above are plain.\n"
        "**Date: 12 May 2024**\nA value in bold is no heading, nor is a whole sentence.\n"
        "**This is all bold but it is a sentence.**\nAnd so it is text, and it does not open a section at all.\n"
        "Root Causes and Preventative Actions:\nRC1 was found to be the missing check of the second address.\n| Impact | 5 |\nEnd.");
    assert_non_null(section_titled(doc, "Executive Summary"));
    assert_non_null(section_titled(doc, "What happened to the account"));
    assert_non_null(section_titled(doc, "TIMELINE OF EVENTS"));
    assert_non_null(section_titled(doc, "Root Causes and Preventative Actions:"));
    assert_int_equal(doc->sections.n, 5);
    assert_true(doc->blocks.at[0].is_title);
    assert_int_equal(doc->blocks.at[1].heading_source, DOC_HEADING_LOOK);
    /* With headings by style, looks say nothing. */
    doc = read_lines(
        t,
        "# One\n**Bold line**\ntext that is long enough to be text\n# Two\nBackground\ntext that is long enough to be text");
    assert_int_equal(doc->sections.n, 2);
}

#define REPORT                                                                                                                               \
    "# Report\nThe account was closed after the second warning, and this is the text of the report proper, which is long enough to be one. " \
    "It goes on with what was done and why, and by whom, so that a reader can follow it from the first to the last day of the case.\n"

static void test_the_quoted_mail_is_a_section_of_its_own(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_lines(
        t, REPORT
        "# Appendix\nThe mail follows.\n-----Original Message-----\nFrom: Ann\nSent: Monday, 6 May 2024 10:00\nTo: Bo\nSubject: The case\nDear Bo,\nplease look.\n**Bold in the mail**\nand more text in the mail");
    const struct doc_section *mail = &doc->sections.at[doc->sections.n - 1];
    assert_int_equal(mail->kind, DOC_SECTION_QUOTED_MAIL);
    assert_str(mail->title, "The case");
    assert_false(mail->reviewed);
    assert_str(doc->blocks.at[mail->first_block].text, "-----Original Message-----");
    assert_int_equal(mail->end_block, doc->body_end_block);
    assert_true(doc->sections.at[1].reviewed);
    assert_int_equal(doc->sections.n, 3);
}

static void test_a_table_of_contents_is_not_reviewed(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val=\"Table of Contents\"/></w:docPartObj></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Contents</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val=\"TOC1\"/></w:pPr><w:r><w:t>One 1</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>One</w:t></w:r></w:p><w:p><w:r><w:t>x</w:t></w:r></w:p>");
    assert_true(doc->blocks.at[0].is_toc && doc->blocks.at[1].is_toc);
    assert_false(doc->sections.at[0].reviewed);
    assert_true(doc->sections.at[1].reviewed);
}

/* ---- what the replaced system left out of the review without a word ---- */

/* Every word is in exactly one block, and that block in a section that is reviewed. */
static void assert_reviewed(const struct doc *doc, const char *words)
{
    unsigned found = 0;
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        if (str_find(doc->blocks.at[i].text, str_from_c(words), 0) == STR_NONE) continue;
        found++;
        if (!doc->sections.at[doc->blocks.at[i].section].reviewed) fail_msg("\"%s\" is not reviewed", words);
    }
    if (found != 1) fail_msg("\"%s\" is in %u blocks", words, found);
}

static void test_not_again_6_text_before_the_first_heading(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_lines(t, "words in front\n# One\nx\n# Two\ny");
    assert_reviewed(doc, "words in front");
    doc = read_lines(t, "only words");
    assert_reviewed(doc, "only words");
}

static void test_not_again_6_text_in_tables(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_lines(t, "# One\n| in a cell | b |\n| c | last cell |\n# Two\ny");
    assert_reviewed(doc, "in a cell");
    assert_reviewed(doc, "last cell");
    assert_int_equal(doc->blocks.at[1].section, 0);
}

static void test_not_again_6_paragraphs_mistaken_for_headings(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_lines(
        t,
        "Summary\nThe timeline was tight\nText with enough words to be more than a heading could ever be.\nImpact was low\nMore text with enough words to be more than a heading.");
    assert_reviewed(doc, "The timeline was tight");
    assert_reviewed(doc, "Impact was low");
    assert_null(section_titled(doc, "The timeline was tight"));
    assert_null(section_titled(doc, "Impact was low"));
}

static void test_not_again_6_sections_of_the_same_title(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_lines(t, "# Impact\nfirst text\n# Other\nx\n# Impact\nsecond text");
    assert_int_equal(doc->sections.n, 3);
    assert_reviewed(doc, "first text");
    assert_reviewed(doc, "second text");
}

static void test_not_again_6_long_text(void **state)
{
    struct read_test *t = *state;
    CLEANUP_SB struct sb lines = SB_INIT(1 << 20);
    SB_LIT(&lines, "# One\n");
    for (int i = 0; i < 4000; i++)
        SB_LIT(&lines, "many words ");
    SB_LIT(&lines, "and the last of them\n# Two\nend");
    sb_char(&lines, 0);
    const struct doc *doc = read_lines(t, lines.p);
    assert_reviewed(doc, "and the last of them");
    assert_int_equal(doc->blocks.at[1].text.n, 4000 * 11 + 20);
}

static void test_not_again_6_lines_that_begin_as_a_mail_does(void **state)
{
    struct read_test *t = *state;
    /* Single lines; a memo's head; a mail in the middle. */
    const struct doc *doc =
        read_lines(t, REPORT "To: be decided by the team\nFrom: the first day on\nSubject: to change\nthe last words");
    assert_reviewed(doc, "To: be decided");
    assert_reviewed(doc, "the last words");
    doc = read_lines(t, "MEMORANDUM\nFrom: Ann\nDate: 6 May 2024\nTo: Bo\nSubject: The case\nthe memo itself\n" REPORT);
    assert_reviewed(doc, "the memo itself");
    assert_reviewed(doc, "Subject: The case");
    doc = read_lines(t, REPORT "From: Ann\nSent: Monday\nTo: Bo\nSubject: x\nthe mail\n# Findings\nwhat we found");
    assert_reviewed(doc, "the mail");
    assert_reviewed(doc, "what we found");
}

#define T(name) cmocka_unit_test_setup_teardown(name, read_test_setup, read_test_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_sections_nest_by_level),
        T(test_heading_levels_by_every_way),
        T(test_headings_in_tables_and_empty_ones_open_nothing),
        T(test_headings_by_look),
        T(test_the_quoted_mail_is_a_section_of_its_own),
        T(test_a_table_of_contents_is_not_reviewed),
        T(test_not_again_6_text_before_the_first_heading),
        T(test_not_again_6_text_in_tables),
        T(test_not_again_6_paragraphs_mistaken_for_headings),
        T(test_not_again_6_sections_of_the_same_title),
        T(test_not_again_6_long_text),
        T(test_not_again_6_lines_that_begin_as_a_mail_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
