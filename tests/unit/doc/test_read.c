/* Paragraphs, runs and their exact ranges; what is text and what is not. */
#include "read_test.h"

static void test_runs_have_exact_ranges(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc =
        read_body(t, "<w:p><w:pPr><w:jc w:val=\"left\"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>Hel</w:t></w:r>"
                     "<w:r><w:t xml:space=\"preserve\">lo </w:t><w:tab/><w:t>a &amp; b</w:t></w:r></w:p>");
    assert_int_equal(doc->blocks.n, 1);
    const struct doc_block *b = &doc->blocks.at[0];
    assert_str(b->text, "Hello \ta & b");
    assert_int_equal(b->run_count, 4);
    const struct doc_run *r = &doc->runs.at[b->first_run];
    assert_str(source(doc, 0, r[0].element), "<w:t>Hel</w:t>");
    assert_str(source(doc, 0, r[0].content), "Hel");
    assert_str(source(doc, 0, r[0].rpr), "<w:rPr><w:b/></w:rPr>");
    assert_str(source(doc, 0, r[0].r), "<w:r><w:rPr><w:b/></w:rPr><w:t>Hel</w:t></w:r>");
    assert_true(r[0].format & DOC_BOLD);
    assert_false(r[0].preserve);
    assert_int_equal(r[1].rpr.start, r[1].r_open_end);
    assert_int_equal(r[1].rpr.end, r[1].r_open_end);
    assert_true(r[1].preserve);
    assert_false(r[1].format & DOC_BOLD);
    assert_str(source(doc, 0, r[2].element), "<w:tab/>");
    assert_int_equal(r[2].kind, DOC_RUN_CHAR);
    assert_str(source(doc, 0, r[3].content), "a &amp; b");
    assert_int_equal(r[1].r.start, r[3].r.start);
    assert_int_equal(r[1].r.end, r[3].r.end);
    assert_str(source(doc, 0, (struct doc_range){b->content_start, b->content_start + 5}), "<w:r>");
    assert_str(source(doc, 0, b->open), "<w:p>");
}

static void test_empty_paragraphs_are_blocks(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(t, "<w:p/><w:p></w:p><w:p><w:r/></w:p><w:sectPr/>");
    assert_int_equal(doc->blocks.n, 3);
    assert_int_equal(doc->blocks.at[0].open.end, doc->blocks.at[0].src.end);
    assert_str(source(doc, 0, (struct doc_range){doc->body_content_end, doc->body_content_end + 8}), "<w:sectP");
    doc = read_body(t, "");
    assert_int_equal(doc->blocks.n, 0);
    assert_int_equal(doc->sections.n, 1);
    doc = read_body(t, "<w:p/>");
    assert_str(source(doc, 0, (struct doc_range){doc->body_content_end, doc->body_content_end + 9}), "</w:body>");
}

static void test_white_space_counts_only_when_preserved(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:p><w:r><w:t>  two words \n</w:t></w:r><w:r><w:t xml:space=\"preserve\"> x </w:t></w:r><w:r><w:t>  </w:t></w:r></w:p>");
    assert_str(doc->blocks.at[0].text, "two words x ");
    assert_int_equal(doc->runs.at[0].trim, 2);
    assert_int_equal(doc->blocks.at[0].run_count, 2);
}

static void test_characters_that_are_elements(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\" w:pos=\"720\"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:br w:type=\"page\"/><w:cr/>"
        "<w:noBreakHyphen/><w:softHyphen/><w:sym w:font=\"Wingdings\" w:char=\"F0FC\"/><w:sym w:font=\"Other\" w:char=\"F041\"/><w:lastRenderedPageBreak/></w:r></w:p>");
    assert_str(doc->blocks.at[0].text, "a\nb\f\n\xE2\x80\x91\xC2\xAD\xE2\x9C\x93\xEF\x81\x81");
}

static void test_hidden_text_is_not_text(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc =
        read_body(t, "<w:p><w:r><w:t>seen</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t><w:tab/></w:r>"
                     "<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>!</w:t></w:r></w:p>");
    assert_str(doc->blocks.at[0].text, "seen!");
}

static void test_looks_come_from_styles_too(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>a</w:t></w:r><w:r><w:rPr><w:rStyle w:val=\"Strong\"/></w:rPr><w:t>b</w:t></w:r>"
        "<w:r><w:rPr><w:b w:val=\"false\"/><w:sz w:val=\"40\"/></w:rPr><w:t>c</w:t></w:r></w:p>"
        "<w:p><w:r><w:rPr><w:color w:val=\"FFFFFF\"/></w:rPr><w:t>white</w:t></w:r><w:r><w:rPr><w:color w:val=\"FFFFFF\"/><w:shd w:fill=\"000000\"/></w:rPr><w:t>shown</w:t></w:r></w:p>");
    const struct doc_run *r = doc->runs.at;
    assert_true(r[0].format & DOC_BOLD);
    assert_int_equal(r[0].half_points, 22);
    assert_false(r[1].format & DOC_BOLD); /* two styles toggle each other */
    assert_false(r[2].format & DOC_BOLD);
    assert_int_equal(r[2].half_points, 40);
    assert_true(r[3].format & DOC_WHITE);
    assert_false(r[4].format & DOC_WHITE);
}

static void test_utf16_and_bom_keep_their_offsets(void **state)
{
    struct read_test *t = *state;
    const char *xml =
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">"
        "<w:body><w:p><w:r><w:t>caf\xC3\xA9</w:t></w:r></w:p></w:body></w:document>";
    CLEANUP_SB struct sb wide = SB_INIT(65536);
    sb_c(&wide, "\xFF\xFE");
    for (const char *p = xml; *p; p++) {
        unsigned unit = (unsigned char)*p;
        if (unit == 0xC3) unit = 0xC0 + ((unsigned char)*++p & 0x3Fu); /* U+00E9 */
        sb_char(&wide, (char)unit);
        sb_char(&wide, 0);
    }
    struct str made = test_docx(t->a, "<w:p/>", NULL), bytes = STR_EMPTY;
    struct doc_package *p = NULL;
    struct doc_limits limits = DOC_LIMITS_DEFAULT;
    assert_int_equal(doc_package_open(t->a, made, &limits, &p, &t->e), ERR_OK);
    struct doc_part_change change = {STR("word/document.xml"), sb_view(&wide)};
    assert_int_equal(doc_package_write(p, &change, 1, t->a, &bytes, &t->e), ERR_OK);
    const struct doc *doc = read_bytes(t, bytes);
    assert_str(doc->blocks.at[0].text, "caf\xC3\xA9");
    struct str content = source(doc, 0, doc->runs.at[0].content);
    assert_int_equal(content.n, 8);
    assert_memory_equal(content.p, "c\0a\0f\0\xE9\0", 8);
}

static void test_alternate_content_is_read_once(void **state)
{
    struct read_test *t = *state;
    const char *box =
        "<w:p><w:r><w:t>before </w:t></w:r><w:r><mc:AlternateContent>"
        "<mc:Choice Requires=\"wps\"><w:drawing><wps:wsp><wps:txbx><w:txbxContent><w:p><w:r><w:t>in the box</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice>"
        "<mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>in the box</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r><w:r><w:t>after</w:t></w:r></w:p>";
    const struct doc *doc = read_body(t, box);
    assert_int_equal(doc->blocks.n, 2);
    assert_str(doc->blocks.at[0].text, "beforeafter");
    assert_str(doc->blocks.at[1].text, "in the box");
    assert_int_equal(doc->blocks.at[1].story, DOC_STORY_TEXTBOX);
    assert_int_equal(doc->blocks.at[1].body_place.block, 0);
    assert_int_equal(doc->blocks.at[1].body_place.offset, 6);
    doc = read_body(
        t,
        "<w:p><mc:AlternateContent><mc:Choice xmlns:zz=\"urn:new\" Requires=\"zz\"><w:r><w:t>new</w:t></w:r></mc:Choice>"
        "<mc:Fallback><w:r><w:t>old</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>");
    assert_str(doc->blocks.at[0].text, "old");
}

static void test_fields_give_results_not_codes(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:p><w:r><w:t xml:space=\"preserve\">See </w:t></w:r><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> REF _x \\h </w:instrText></w:r>"
        "<w:r><w:t>code</w:t></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>Table 1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        "<w:fldSimple w:instr=\" PAGE \"><w:r><w:t>, 7</w:t></w:r></w:fldSimple></w:p>");
    assert_str(doc->blocks.at[0].text, "See Table 1, 7");
    const struct doc_run *r = &doc->runs.at[1];
    const struct doc_wrap *w = &doc->wraps.at[r->wrap];
    assert_int_equal(w->kind, DOC_WRAP_FIELD);
    assert_str(w->field, "REF _x \\h");
    assert_true(str_starts(source(doc, 0, w->src), STR("<w:r><w:fldChar w:fldCharType=\"begin\"/>")));
    assert_true(str_ends(source(doc, 0, w->src), STR("<w:fldChar w:fldCharType=\"end\"/></w:r>")));
    assert_int_equal(doc->wraps.at[doc->runs.at[2].wrap].kind, DOC_WRAP_FLD_SIMPLE);
    assert_int_equal(doc->runs.at[0].wrap, DOC_NONE);
}

static void test_links_know_their_target_and_words(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .rels =
            "<Relationship Id=\"rId9\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" Target=\"https://example.com/a?b=1&amp;c\" TargetMode=\"External\"/>"};
    const struct doc *doc = read_with(
        t,
        "<w:p><w:r><w:t xml:space=\"preserve\">at </w:t></w:r><w:hyperlink r:id=\"rId9\"><w:r><w:t>the site</w:t></w:r></w:hyperlink><w:hyperlink w:anchor=\"top\"><w:r><w:t>up</w:t></w:r></w:hyperlink>"
        "<w:hyperlink r:id=\"rId404\"><w:r><w:t>lost</w:t></w:r></w:hyperlink></w:p>"
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>HYPERLINK \"http://old.example/\" \\l \"part\"</w:instrText><w:fldChar w:fldCharType=\"separate\"/><w:t>old</w:t><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>",
        &parts);
    assert_int_equal(doc->links.n, 4);
    assert_str(doc->links.at[0].target, "https://example.com/a?b=1&c");
    assert_true(doc->links.at[0].external);
    assert_int_equal(doc->links.at[0].anchor.start.offset, 3);
    assert_int_equal(doc->links.at[0].anchor.end.offset, 11);
    assert_str(doc->links.at[1].target, "#top");
    assert_str(doc->links.at[2].target, "");
    assert_str(doc->links.at[3].target, "http://old.example/#part");
    assert_int_equal(doc->links.at[3].anchor.start.block, 1);
    assert_int_equal(doc->links.at[3].anchor.end.offset, 3);
    assert_int_equal(doc->wraps.at[doc->runs.at[1].wrap].link, 0);
}

static void test_content_controls(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:sdt><w:sdtPr><w:rPr><w:vanish/></w:rPr><w:lock w:val=\"sdtContentLocked\"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>block</w:t></w:r>"
        "<w:sdt><w:sdtPr><w:dataBinding w:xpath=\"/a\"/></w:sdtPr><w:sdtContent><w:r><w:t>bound</w:t></w:r></w:sdtContent></w:sdt></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>free</w:t></w:r></w:sdtContent></w:sdt></w:p>");
    assert_str(doc->blocks.at[0].text, "blockbound");
    const struct doc_wrap *outer = &doc->wraps.at[doc->runs.at[0].wrap], *inner = &doc->wraps.at[doc->runs.at[1].wrap];
    assert_int_equal(outer->kind, DOC_WRAP_SDT_BLOCK);
    assert_true(outer->locked);
    assert_int_equal(inner->kind, DOC_WRAP_SDT);
    assert_true(inner->locked);
    assert_int_equal(inner->parent, doc->runs.at[0].wrap);
    assert_str(source(doc, 0, (struct doc_range){inner->content_start, inner->content_end}),
               "<w:r><w:t>bound</w:t></w:r>");
    assert_false(doc->wraps.at[doc->runs.at[2].wrap].locked);
}

static void test_pictures_are_placeholders_with_their_alt_text(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .rels =
            "<Relationship Id=\"rId9\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"media/a.png\"/>"};
    const struct doc *doc = read_with(
        t,
        "<w:p><w:r><w:t>x</w:t></w:r><w:r><w:drawing><wp:inline><wp:docPr id=\"1\" name=\"Picture 1\" descr=\"A chart of sales\"/><a:graphic><a:graphicData><pic:pic><pic:blipFill>"
        "<a:blip r:embed=\"rId9\"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r><w:r><w:t>y</w:t></w:r></w:p>"
        "<w:p><w:r><w:drawing><wp:inline><wp:docPr id=\"2\" name=\"Line 2\"/></wp:inline></w:drawing></w:r></w:p>",
        &parts);
    assert_str(doc->blocks.at[0].text, "x\xEF\xBF\xBCy");
    assert_int_equal(doc->images.n, 1);
    assert_str(doc->images.at[0].alt, "A chart of sales");
    assert_str(doc->images.at[0].name, "Picture 1");
    assert_str(doc->images.at[0].target, "word/media/a.png");
    assert_int_equal(doc->images.at[0].place.offset, 1);
    assert_int_equal(doc->runs.at[1].ref, 0);
    assert_true(str_ends(source(doc, 0, doc->runs.at[1].element), STR("</w:drawing>")));
    assert_str(doc->blocks.at[1].text, ""); /* a drawn line shows nothing to read */
}

static void test_formulas_are_text_that_stays_whole(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:p><w:r><w:t>E</w:t></w:r><m:oMathPara><m:oMath><m:r><m:t>=mc</m:t></m:r><m:sSup><m:e><m:r><m:t>2</m:t></m:r></m:e></m:sSup></m:oMath></m:oMathPara></w:p>");
    assert_str(doc->blocks.at[0].text, "E=mc2");
    assert_int_equal(doc->runs.at[1].kind, DOC_RUN_MATH);
    assert_true(str_starts(source(doc, 0, doc->runs.at[2].r), STR("<m:oMathPara>")));
    assert_true(str_ends(source(doc, 0, doc->runs.at[2].r), STR("</m:oMathPara>")));
    assert_int_equal(doc->wraps.at[doc->runs.at[1].wrap].kind, DOC_WRAP_MATH);
}

static void test_ruby_gives_its_base_only(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:p><w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>kan</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>\xE6\xBC\xA2</w:t></w:r></w:rubyBase></w:ruby><w:t>!</w:t></w:r></w:p>");
    assert_str(doc->blocks.at[0].text, "\xE6\xBC\xA2!");
}

static void test_properties_and_settings(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .core =
            "<dc:title>Report &amp; more</dc:title><dc:creator>Ann</dc:creator><cp:lastModifiedBy>Bo</cp:lastModifiedBy><dcterms:created xsi:type=\"dcterms:W3CDTF\">2024-05-06T07:08:09Z</dcterms:created>",
        .app = "<Pages>12</Pages><Words>3456</Words><Company>C</Company><Application>W</Application>",
        .settings = "<w:documentProtection w:edit=\"readOnly\" w:enforcement=\"1\"/>"};
    const struct doc *doc = read_with(t, "<w:p/>", &parts);
    assert_str(doc->properties.title, "Report & more");
    assert_str(doc->properties.creator, "Ann");
    assert_str(doc->properties.last_modified_by, "Bo");
    assert_int_equal(doc->properties.created_unix_ms, INT64_C(1714979289000));
    assert_true(doc->properties.modified_unix_ms == INT64_MIN);
    assert_int_equal(doc->properties.pages, 12);
    assert_int_equal(doc->properties.words, 3456);
    assert_int_equal(doc->warnings.n, 1);
    assert_int_equal(doc->warnings.at[0].code, DOC_WARN_PROTECTED);
}

static void test_strict_documents_are_read_alike(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .strict = true,
        .core = "<dc:title>T</dc:title>",
        .app = "<Pages>3</Pages>",
        .footnotes = "<w:footnote w:id=\"1\"><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnote>"};
    const struct doc *doc = read_with(
        t,
        "<w:p><w:pPr><w:pStyle w:val=\"Heading2\"/></w:pPr><w:r><w:t>H</w:t></w:r></w:p><w:p><w:r><w:t>x</w:t><w:footnoteReference w:id=\"1\"/></w:r></w:p>",
        &parts);
    assert_true(doc->strict);
    assert_int_equal(doc->blocks.at[0].heading_level, 2);
    assert_int_equal(doc->notes.n, 1);
    assert_int_equal(doc->properties.pages, 3);
    assert_str(doc->blocks.at[2].text, "note");
}

static void test_macro_and_template_documents_are_read(void **state)
{
    struct read_test *t = *state;
    static const struct {
        const char *type;
        enum doc_package_kind kind;
    } rows[] = {{"application/vnd.ms-word.document.macroEnabled.main+xml", DOC_PACKAGE_DOCM},
                {"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml", DOC_PACKAGE_DOTX},
                {"application/vnd.ms-word.template.macroEnabledTemplate.main+xml", DOC_PACKAGE_DOTM}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct test_docx_parts parts = {.main_type = rows[i].type};
        const struct doc *doc = read_with(t, "<w:p><w:r><w:t>x</w:t></w:r></w:p>", &parts);
        assert_int_equal(doc_package_kind(doc->package), rows[i].kind);
    }
}

static void test_unknown_wrappers_lose_no_text(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:new><w:p><zz:w xmlns:zz=\"urn:z\"><w:r><w:t>a</w:t></w:r></zz:w><w:smartTag><w:r><w:t>b</w:t></w:r></w:smartTag><w:bdo><w:r><w:t>c</w:t></w:r></w:bdo></w:p></w:new>");
    assert_str(doc->blocks.at[0].text, "abc");
}

static void test_broken_parts_that_are_not_needed_become_warnings(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {.numbering = "<w:num", .footnotes = "<w:oops>", .comments = "<w:comment>"};
    const struct doc *doc = read_with(t, "<w:p><w:r><w:t>x</w:t></w:r></w:p>", &parts);
    assert_str(doc->blocks.at[0].text, "x");
    assert_int_equal(doc->warnings.n, 3);
    assert_int_equal(doc->warnings.at[0].code, DOC_WARN_NUMBERING);
    assert_int_equal(doc->warnings.at[1].code, DOC_WARN_PART_SKIPPED);
    assert_int_equal(doc->warnings.at[2].code, DOC_WARN_COMMENTS_BROKEN);
}

static void test_prefix_of_the_main_namespace(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .document =
            "<document xmlns=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><body><p><r><t>x</t></r></p></body></document>"};
    const struct doc *doc = read_with(t, "", &parts);
    assert_str(doc->blocks.at[0].text, "x");
    assert_int_equal(doc->parts.at[0].w_prefix.n, 0);
}

static void test_every_failed_allocation_is_an_error(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .comments = "<w:comment w:id=\"0\" w:author=\"A\"><w:p><w:r><w:t>c</w:t></w:r></w:p></w:comment>",
        .footnotes = "<w:footnote w:id=\"1\"><w:p><w:r><w:t>n</w:t></w:r></w:p></w:footnote>",
        .core = "<dc:title>T</dc:title>"};
    struct str body = test_body_from_lines(t->a, "# One\n- item\n| a | b |\n**bold**\ntext");
    struct str bytes = test_docx(t->a, body.p, &parts);
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    bool read = false;
    unsigned failures = 0;
    for (size_t max = 64; !read && max < ((size_t)1 << 20); max += 509) {
        struct doc *doc = NULL;
        o.limits.max_memory_bytes = max;
        enum err code = doc_read(bytes, &o, &doc, &t->e);
        read = code == ERR_OK;
        if (!read) {
            failures++;
            assert_int_equal(code, ERR_LIMIT);
            assert_null(doc);
        }
        doc_free(doc);
    }
    assert_true(read);
    assert_true(failures > 20);
}

#define T(name) cmocka_unit_test_setup_teardown(name, read_test_setup, read_test_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_runs_have_exact_ranges),
        T(test_empty_paragraphs_are_blocks),
        T(test_white_space_counts_only_when_preserved),
        T(test_characters_that_are_elements),
        T(test_hidden_text_is_not_text),
        T(test_looks_come_from_styles_too),
        T(test_utf16_and_bom_keep_their_offsets),
        T(test_alternate_content_is_read_once),
        T(test_fields_give_results_not_codes),
        T(test_links_know_their_target_and_words),
        T(test_content_controls),
        T(test_pictures_are_placeholders_with_their_alt_text),
        T(test_formulas_are_text_that_stays_whole),
        T(test_ruby_gives_its_base_only),
        T(test_properties_and_settings),
        T(test_strict_documents_are_read_alike),
        T(test_macro_and_template_documents_are_read),
        T(test_unknown_wrappers_lose_no_text),
        T(test_broken_parts_that_are_not_needed_become_warnings),
        T(test_prefix_of_the_main_namespace),
        T(test_every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
