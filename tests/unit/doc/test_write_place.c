/* Every rule of where a comment's markers stand. Each write is proven by doc_write itself; here the bytes are looked at. */
#include "write_fixture.h"

#define P(inside) "<w:p>" inside "</w:p>"
#define R(text)   "<w:r><w:t>" text "</w:t></w:r>"

static void check(void **state, const char *body, const char *words, const char *expected)
{
    struct fixture f = fixture_commented(*state, body, NULL, words);
    assert_has(f.main, expected);
}

static void check_outcome(void **state, const char *body, const char *words, enum doc_edit_outcome outcome,
                          const char *expected)
{
    struct fixture f = fixture_commented(*state, body, NULL, words);
    assert_has(f.main, expected);
    assert_int_equal(f.result.comments[0].outcome, outcome);
}

static void test_whole_run_gets_markers_only(void **state)
{
    check_outcome(state, P("<w:pPr><w:jc w:val=\"left\"/></w:pPr>" R("all of it")), "all of it", DOC_EDIT_EXACT,
                  "</w:pPr>" M_START "<w:r><w:t>all of it</w:t></w:r>" M_END "</w:p>");
    /* several whole runs */
    check(state, P(R("one ") R("two") R(" three")), "two",
          "<w:r><w:t>one </w:t></w:r>" M_START "<w:r><w:t>two</w:t></w:r>" M_END "<w:r>");
}

static void test_run_is_split_with_its_look(void **state)
{
    check_outcome(state, P("<w:r w:rsidR=\"00AB\"><w:rPr><w:b/></w:rPr><w:t>one two three</w:t></w:r>"), "two",
                  DOC_EDIT_EXACT,
                  "<w:r w:rsidR=\"00AB\"><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">one </w:t></w:r>" M_START
                  "<w:r w:rsidR=\"00AB\"><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">two</w:t></w:r>" M_END
                  "<w:r w:rsidR=\"00AB\"><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\"> three</w:t></w:r>");
}

static void test_other_children_stay_whole(void **state)
{
    check(state, P("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"), "b",
          "<w:t>a</w:t><w:tab/></w:r>" M_START "<w:r><w:t>b</w:t></w:r>" M_END "<w:r><w:br/><w:t>c</w:t></w:r>");
    check(state, P("<w:r><w:lastRenderedPageBreak/><w:t>a</w:t></w:r>"), "a",
          M_START "<w:r><w:lastRenderedPageBreak/><w:t>a</w:t></w:r>" M_END);
}

static void test_history_of_a_format_gets_its_own_number(void **state)
{
    check(
        state,
        P("<w:r><w:rPr><w:b/><w:rPrChange w:id=\"7\" w:author=\"B\"><w:rPr><w:i/></w:rPr></w:rPrChange></w:rPr><w:t>one two</w:t></w:r>"),
        "two",
        M_START
        "<w:r><w:rPr><w:b/><w:rPrChange w:id=\"8\" w:author=\"B\"><w:rPr><w:i/></w:rPr></w:rPrChange></w:rPr><w:t xml:space=\"preserve\">two");
}

static void test_characters_are_not_cut(void **state)
{
    check(state, P(R("a&amp;b &#x201C;c&#x201D; d")),
          "\xE2\x80\x9C"
          "c\xE2\x80\x9D",
          ">a&amp;b </w:t></w:r>" M_START "<w:r><w:t xml:space=\"preserve\">&#x201C;c&#x201D;</w:t></w:r>" M_END);
    /* e and its accent, asked for without the accent: the whole letter */
    check_outcome(state,
                  P(R("caf"
                      "e\xCC\x81"
                      " au lait")),
                  "cafe", DOC_EDIT_WIDENED, M_START "<w:r><w:t xml:space=\"preserve\">cafe\xCC\x81</w:t></w:r>" M_END);
    check(state, P(R("x \xF0\x9F\x98\x80 y")), "\xF0\x9F\x98\x80",
          M_START "<w:r><w:t xml:space=\"preserve\">\xF0\x9F\x98\x80</w:t></w:r>" M_END);
}

static void test_white_space_that_is_no_text_stays_none(void **state)
{
    check(state, P("<w:r><w:t>\n  one two\n </w:t></w:r>"), "one",
          M_START "<w:r><w:t>\n  </w:t><w:t xml:space=\"preserve\">one</w:t></w:r>" M_END
                  "<w:r><w:t xml:space=\"preserve\"> two</w:t><w:t>\n </w:t></w:r></w:p>");
    check(state, P("<w:r><w:t xml:space='default'> a b </w:t></w:r>"), "b",
          "<w:r><w:t xml:space='default'> </w:t><w:t xml:space=\"preserve\">a </w:t></w:r>" M_START
          "<w:r><w:t xml:space=\"preserve\">b</w:t><w:t> </w:t></w:r>" M_END "</w:p>");
}

static void test_cdata_and_xml_comments(void **state)
{
    check(state, P("<w:r><w:t xml:space=\"preserve\">x<![CDATA[<one> two]]> y</w:t></w:r>"), "<one>",
          ">x</w:t></w:r>" M_START "<w:r><w:t xml:space=\"preserve\"><![CDATA[<one>]]></w:t></w:r>" M_END
          "<w:r><w:t xml:space=\"preserve\"><![CDATA[ two]]> y</w:t>");
    check(state, P("<w:r><w:t xml:space=\"preserve\">one<!-- not text --> two</w:t></w:r>"), "two",
          ">one<!-- not text --> </w:t></w:r>" M_START "<w:r><w:t xml:space=\"preserve\">two</w:t></w:r>");
}

static void test_hyperlinks(void **state)
{
    static const char body[] = P(R("see ") "<w:hyperlink w:anchor=\"x\">" R(
        "the page") "</w:hyperlink><w:r><w:t xml:space=\"preserve\"> now</w:t></w:r>");
    check(state, body, "page",
          "<w:hyperlink w:anchor=\"x\"><w:r><w:t xml:space=\"preserve\">the </w:t></w:r>" M_START
          "<w:r><w:t xml:space=\"preserve\">page</w:t></w:r>" M_END "</w:hyperlink>");
    check(state, body, "the page",
          M_START "<w:hyperlink w:anchor=\"x\"><w:r><w:t>the page</w:t></w:r></w:hyperlink>" M_END);
    check(state, body, "the page now", M_START "<w:hyperlink w:anchor=\"x\">");
    check(state, body, "page now",
          "the </w:t></w:r>" M_START "<w:r><w:t xml:space=\"preserve\">page</w:t></w:r></w:hyperlink>");
}

static void test_content_controls(void **state)
{
    check(state, P("<w:sdt><w:sdtPr/><w:sdtContent>" R("value") "</w:sdtContent></w:sdt>"), "value",
          "<w:sdtContent>" M_START "<w:r><w:t>value</w:t></w:r>" M_END "</w:sdtContent>");
    check_outcome(
        state,
        P("<w:sdt><w:sdtPr><w:lock w:val=\"sdtContentLocked\"/></w:sdtPr><w:sdtContent>" R(
            "one two") "</w:sdtContent></w:sdt>"),
        "two", DOC_EDIT_WIDENED,
        M_START
        "<w:sdt><w:sdtPr><w:lock w:val=\"sdtContentLocked\"/></w:sdtPr><w:sdtContent><w:r><w:t>one two</w:t></w:r></w:sdtContent></w:sdt>" M_END);
    check(state,
          P("<w:sdt><w:sdtPr><w:dataBinding w:xpath=\"/a\"/></w:sdtPr><w:sdtContent>" R(
              "bound") "</w:sdtContent></w:sdt>"),
          "bound", M_START "<w:sdt>");
}

static void test_locked_control_around_paragraphs(void **state)
{
    static const char control[] =
        "<w:sdt><w:sdtPr><w:lock w:val=\"contentLocked\"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>locked words</w:t></w:r></w:p></w:sdtContent></w:sdt>";
    char body[600];
    (void)snprintf(body, sizeof body, "%s<w:p><w:pPr><w:jc w:val=\"left\"/></w:pPr><w:r><w:t>next</w:t></w:r></w:p>",
                   control);
    struct fixture f = fixture_commented(*state, body, NULL, "words");
    assert_has(f.main, M_START "<w:sdt>");
    assert_has(
        f.main,
        "</w:sdt><w:commentRangeEnd w:id=\"0\"/><w:p><w:pPr><w:jc w:val=\"left\"/></w:pPr><w:r><w:commentReference w:id=\"0\"/></w:r><w:r><w:t>next");
    assert_int_equal(f.result.comments[0].outcome, DOC_EDIT_WIDENED);
    /* no paragraph follows: inside after all */
    check(state, control, "locked words", "<w:sdtContent><w:p>" M_START);
}

#define FLD(type) "<w:r><w:fldChar w:fldCharType=\"" type "\"/></w:r>"
#define CODE(c)   "<w:r><w:instrText>" c "</w:instrText></w:r>"

static void test_fields_are_taken_whole(void **state)
{
    check_outcome(state, P(R("on ") FLD("begin") CODE(" DATE ") FLD("separate") R("1 March 2026") FLD("end") R(".")),
                  "March", DOC_EDIT_WIDENED,
                  "<w:r><w:t>on </w:t></w:r>" M_START FLD("begin") CODE(" DATE ") FLD("separate") R("1 March 2026")
                      FLD("end") M_END R("."));
    /* one in another */
    check(state,
          P(FLD("begin") CODE("IF") FLD("separate") R("a") FLD("begin") CODE("PAGE") FLD("separate") R("77") FLD("end")
                FLD("end")),
          "77", "<w:p>" M_START FLD("begin"));
    /* over paragraphs */
    check(state,
          P(R("x") FLD("begin") CODE("TOC") FLD("separate") R("Entry 1")) P(R("Entry 2")) P(FLD("end") R("behind")),
          "Entry 2", R("x") M_START FLD("begin"));
    check(state,
          P(R("x") FLD("begin") CODE("TOC") FLD("separate") R("Entry 1")) P(R("Entry 2")) P(FLD("end") R("behind")),
          "Entry 2", P(R("Entry 2")) "<w:p>" FLD("end") M_END R("behind"));
    check(state, P("<w:fldSimple w:instr=\"PAGE\">" R("12") "</w:fldSimple>"), "12",
          M_START "<w:fldSimple w:instr=\"PAGE\">" R("12") "</w:fldSimple>" M_END);
}

/* Without an end there is no field to go around: it would reach to the end of the part. */
static void test_a_field_without_an_end_is_none(void **state)
{
    check(state, P(FLD("begin") CODE("DATE") FLD("separate") R("today")) P(R("b")), "today",
          FLD("separate") M_START R("today") M_END "</w:p>");
}

static void test_text_beside_a_field_in_one_run(void **state)
{
    check_outcome(
        state,
        P("<w:r><w:t>before</w:t><w:fldChar w:fldCharType=\"begin\"/><w:instrText>PAGE</w:instrText><w:fldChar w:fldCharType=\"separate\"/></w:r>"
          "<w:r><w:t>3</w:t><w:fldChar w:fldCharType=\"end\"/><w:t>after</w:t></w:r>"),
        "before", DOC_EDIT_EXACT,
        M_START "<w:r><w:t>before</w:t></w:r>" M_END "<w:r><w:fldChar w:fldCharType=\"begin\"/>");
    check_outcome(state,
                  P("<w:r><w:t>a</w:t></w:r>" FLD("begin") CODE("PAGE")
                        FLD("separate") "<w:r><w:t>3</w:t><w:fldChar w:fldCharType=\"end\"/><w:t>after</w:t></w:r>"),
                  "after", DOC_EDIT_EXACT,
                  "<w:fldChar w:fldCharType=\"end\"/></w:r>" M_START "<w:r><w:t>after</w:t></w:r>" M_END);
}

static void test_formulas_are_taken_whole(void **state)
{
    check_outcome(state, P(R("if ") "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>" R(" then")), "=", DOC_EDIT_WIDENED,
                  R("if ") M_START "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>" M_END);
}

static void test_insertions(void **state)
{
    static const char body[] = P(R("old ") "<w:ins w:id=\"5\" w:author=\"B\">" R("new words") "</w:ins>" R(" end"));
    check(state, body, "new words", M_START "<w:ins w:id=\"5\" w:author=\"B\">" R("new words") "</w:ins>" M_END);
    check(state, body, "words",
          "new </w:t></w:r>" M_START "<w:r><w:t xml:space=\"preserve\">words</w:t></w:r>" M_END "</w:ins>");
    /* beside a deletion: outside it */
    check(state, P("<w:del w:id=\"5\" w:author=\"B\"><w:r><w:delText>gone</w:delText></w:r></w:del>" R("here")), "here",
          "</w:del>" M_START R("here") M_END);
}

static void test_insertions_around_paragraphs(void **state)
{
    /* no run can stand beside a paragraph or a row */
    static const char ins[] = "<w:ins w:id=\"5\" w:author=\"B\">",
                      row[] = "<w:tbl><w:ins w:id=\"5\" w:author=\"B\"><w:tr>";
    char body[512];
    (void)snprintf(body, sizeof body, "%s%s</w:ins>", ins, P(R("new words")));
    check(state, body, "new words", "B\"><w:p>" M_START R("new words") M_END "</w:p></w:ins>");
    (void)snprintf(body, sizeof body, "%s<w:tc>%s</w:tc></w:tr></w:ins></w:tbl>", row, P(R("new words")));
    check(state, body, "new words", "<w:tc><w:p>" M_START R("new words") M_END "</w:p></w:tc>");
    static const char moved[] = "<w:moveTo w:id=\"5\" w:author=\"B\">" P(R("one")) P(R("two")) "</w:moveTo>";
    check(state, moved, "one\ntwo", "B\"><w:p>" M_START R("one") "</w:p><w:p>" R("two") M_END "</w:p></w:moveTo>");
}

static void test_nested_markup_in_a_run(void **state)
{
    check(
        state,
        P("<w:r><mc:AlternateContent><mc:Choice Requires=\"nobody\"><w:t>no</w:t></mc:Choice><mc:Fallback><w:t>yes sir</w:t></mc:Fallback></mc:AlternateContent></w:r>"),
        "sir", "<w:p>" M_START "<w:r><mc:AlternateContent>");
    check(
        state,
        P("<w:r><w:ruby><w:rt><w:r><w:t>furi</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>kanji</w:t></w:r></w:rubyBase></w:ruby></w:r>" R(
            "x")),
        "kanji", "<w:p>" M_START "<w:r><w:ruby>");
}

static void test_not_again_5_right_paragraph_with_tables_before(void **state)
{
    static const char body[] =
        P(R("first")) "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>" P(
            "<w:pPr><w:spacing w:after=\"0\"/></w:pPr><w:bookmarkStart w:id=\"3\" w:name=\"b\"/>" R(
                "right here") "<w:bookmarkEnd w:id=\"3\"/>");
    check(state, body, "right here",
          "</w:pPr><w:bookmarkStart w:id=\"3\" w:name=\"b\"/>" M_START R("right here") M_END
          "<w:bookmarkEnd w:id=\"3\"/>");
    check(state, body, "cell", "<w:tc><w:p>" M_START R("cell") M_END "</w:p></w:tc>");
}

static void test_ranges_over_paragraphs_and_cells(void **state)
{
    static const char body[] = P(R("one two")) "<w:p/>" P("<w:pPr><w:keepNext/></w:pPr>" R("three four"));
    check(state, body, "two\n\nthree", "one </w:t></w:r>" M_START);
    check(state, body, "two\n\nthree", "</w:pPr><w:r><w:t xml:space=\"preserve\">three</w:t></w:r>" M_END);
    check(state, "<w:tbl><w:tr><w:tc>" P(R("a")) "</w:tc><w:tc>" P(R("b")) "</w:tc></w:tr></w:tbl>" P(R("c")), "a\nb",
          "<w:tc><w:p>" M_START R("a") "</w:p></w:tc><w:tc><w:p>" R("b") M_END);
}

static void test_notes_go_to_their_reference(void **state)
{
    struct fixture f = fixture_commented(
        *state, P(R("claim") "<w:r><w:footnoteReference w:id=\"2\"/></w:r>" R(".")),
        &(struct test_docx_parts){
            .footnotes = "<w:footnote w:id=\"2\"><w:p><w:r><w:t>the source &amp; page</w:t></w:r></w:p></w:footnote>"},
        "source & page");
    assert_has(f.main, R("claim") M_START "<w:r><w:footnoteReference w:id=\"2\"/></w:r>" M_END);
    assert_int_equal(f.result.comments[0].outcome, DOC_EDIT_MOVED);
    assert_has(f.comments, "On \xE2\x80\x9Csource &amp; page\xE2\x80\x9D (footnote");
}

static void test_headers_go_to_their_section(void **state)
{
    static const struct test_docx_parts parts = {.header = "<w:p><w:r><w:t>Confidential draft</w:t></w:r></w:p>"};
    struct fixture f = fixture_commented(
        *state,
        "<w:p/>" P(R("First words")) "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdHeader\"/></w:sectPr>",
        &parts, "draft");
    assert_has(f.main, M_START "<w:r><w:t xml:space=\"preserve\">First</w:t></w:r>" M_END);
    assert_int_equal(f.result.comments[0].outcome, DOC_EDIT_MOVED);
    assert_has(f.comments, "\xE2\x80\x9C"
                           "draft\xE2\x80\x9D");
    /* a body without text: in its empty paragraph */
    f = fixture_commented(
        *state, "<w:p w:rsidR=\"1\"/><w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdHeader\"/></w:sectPr>",
        &parts, "draft");
    assert_has(f.main, "<w:p w:rsidR=\"1\">" M_START M_END "</w:p>");
}

#define BOX(text)                                                                                                                                      \
    "<w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wp:inline><wp:docPr id=\"1\" name=\"Box\"/><a:graphic><a:graphicData><wps:wsp>" \
    "<wps:txbx><w:txbxContent><w:p><w:r><w:t>" text                                                                                                    \
    "</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice>"                          \
    "<mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>" text                                                                              \
    "</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"

static void test_text_boxes_go_to_their_paragraph(void **state)
{
    struct fixture f =
        fixture_commented(*state, P("<w:pPr><w:jc w:val=\"left\"/></w:pPr>" BOX("boxed words")), NULL, "boxed");
    assert_has(f.main, "</w:pPr>" M_START "<w:r><mc:AlternateContent>");
    assert_has(f.main, "</mc:AlternateContent></w:r>" M_END "</w:p>");
    assert_int_equal(f.result.comments[0].outcome, DOC_EDIT_MOVED);
}

static void test_empty_ranges(void **state)
{
    struct fixture f = fixture_of(*state, P(R("one two three")) "<w:p/>", NULL);
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c = fixture_comment(&f, "two", &text);
    c.anchor.end = c.anchor.start;
    c.anchor.start.offset++;
    c.anchor.end.offset++;
    fixture_write(&f, &(struct doc_edits){.comments = &c, .n_comments = 1});
    assert_has(f.main, M_START "<w:r><w:t xml:space=\"preserve\">two</w:t></w:r>" M_END);
    assert_int_equal(f.result.comments[0].outcome, DOC_EDIT_WIDENED);
    struct error e = {0};
    struct doc_write_result result;
    c.anchor = (struct doc_anchor){{1, 0}, {1, 0}};
    assert_int_equal(doc_write(f.doc, &(struct doc_edits){.comments = &c, .n_comments = 1}, f.a, &result, &e),
                     ERR_INVALID);
    assert_string_equal(e.reason, "bad_anchor");
    static const struct doc_anchor bad[] = {{{9, 0}, {9, 1}}, {{0, 5}, {0, 2}}, {{0, 0}, {0, 99}}, {{1, 0}, {0, 3}}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        c.anchor = bad[i];
        assert_int_equal(doc_write(f.doc, &(struct doc_edits){.comments = &c, .n_comments = 1}, f.a, &result, &e),
                         ERR_INVALID);
        assert_string_equal(e.reason, "bad_anchor");
    }
}

static void test_other_prefixes(void **state)
{
    struct fixture f = fixture_commented(
        *state, NULL,
        &(struct test_docx_parts){
            .document =
                "<ns0:document xmlns:ns0=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><ns0:body><ns0:p><ns0:r><ns0:t>one "
                "two</ns0:t></ns0:r></ns0:p></ns0:body></ns0:document>"},
        "two");
    assert_has(
        f.main,
        "<ns0:t xml:space=\"preserve\">one </ns0:t></ns0:r><ns0:commentRangeStart ns0:id=\"0\"/><ns0:r><ns0:t xml:space=\"preserve\">two</ns0:t></ns0:r>");
    f = fixture_commented(
        *state, NULL,
        &(struct test_docx_parts){
            .document =
                "<document xmlns=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><body><p><r><t>one two</t></r></p></body></document>"},
        "two");
    assert_has(
        f.main,
        "<t xml:space=\"preserve\">one </t></r><w:commentRangeStart xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" w:id=\"0\"/><r>");
}

static struct str utf16(struct arena *a, const char *xml)
{
    struct doc_source s = {STR("\xFF\xFE"), DOC_ENCODING_UTF16LE, 2};
    struct splice_list l = splice_list_make(a);
    splice_add(&l, 2, 0, str_from_c(xml));
    struct str ret = STR_EMPTY;
    assert_int_equal(splice_apply(&l, &s, a, &ret, NULL), ERR_OK);
    return ret;
}

static void test_other_encodings(void **state)
{
    struct arena *a = *state;
    static const char xml[] =
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>\xF0\x9F\x98\x80 one "
        "tw\xC3\xB6</w:t></w:r></w:p></w:body></w:document>";
    /* the builder takes C text: put the part in through the package */
    struct fixture plain = fixture_of(a, P(R("x")), NULL);
    struct doc_part_change change = {plain.doc->parts.at[0].name, utf16(a, xml)};
    struct str docx;
    struct error e = {0};
    assert_int_equal(doc_package_write(plain.doc->package, &change, 1, a, &docx, &e), ERR_OK);
    struct fixture f = fixture_open(a, docx);
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c = fixture_comment(&f, "one tw\xC3\xB6", &text);
    fixture_write(&f, &(struct doc_edits){.comments = &c, .n_comments = 1});
    struct doc_source s = doc_source_of(f.main);
    assert_int_equal(s.encoding, DOC_ENCODING_UTF16LE);
    assert_has(doc_source_text(&s, (struct doc_range){0, f.main.n}, a),
               ">\xF0\x9F\x98\x80 </w:t></w:r>" M_START
               "<w:r><w:t xml:space=\"preserve\">one tw\xC3\xB6</w:t></w:r>" M_END);
    f = fixture_commented(
        a, NULL,
        &(struct test_docx_parts){
            .document =
                "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p>"
                "<w:r><w:t>\xE9t\xE9 one</w:t></w:r></w:p></w:body></w:document>"},
        "\xC3\xA9t\xC3\xA9");
    assert_has(f.main, M_START "<w:r><w:t xml:space=\"preserve\">\xE9t\xE9</w:t></w:r>" M_END);
}

static void test_many_comments_on_one_run(void **state)
{
    struct fixture f = fixture_of(*state, P(R("one two three")), NULL);
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c[3] = {fixture_comment(&f, "one two", &text), fixture_comment(&f, "two three", &text),
                                   fixture_comment(&f, "one two", &text)};
    fixture_write(&f, &(struct doc_edits){.comments = c, .n_comments = 3});
    assert_has(
        f.main,
        "<w:p>" M_START
        "<w:commentRangeStart w:id=\"2\"/><w:r><w:t xml:space=\"preserve\">one </w:t></w:r><w:commentRangeStart w:id=\"1\"/>"
        "<w:r><w:t xml:space=\"preserve\">two</w:t></w:r>" M_END "<w:commentRangeEnd w:id=\"2\"/>");
    assert_has(f.main, "<w:r><w:t xml:space=\"preserve\"> three</w:t></w:r><w:commentRangeEnd w:id=\"1\"/>");
}

WRITE_TESTS(cmocka_unit_test(test_whole_run_gets_markers_only), cmocka_unit_test(test_run_is_split_with_its_look),
            cmocka_unit_test(test_other_children_stay_whole),
            cmocka_unit_test(test_history_of_a_format_gets_its_own_number),
            cmocka_unit_test(test_characters_are_not_cut),
            cmocka_unit_test(test_white_space_that_is_no_text_stays_none),
            cmocka_unit_test(test_cdata_and_xml_comments), cmocka_unit_test(test_hyperlinks),
            cmocka_unit_test(test_content_controls), cmocka_unit_test(test_locked_control_around_paragraphs),
            cmocka_unit_test(test_fields_are_taken_whole), cmocka_unit_test(test_a_field_without_an_end_is_none),
            cmocka_unit_test(test_text_beside_a_field_in_one_run), cmocka_unit_test(test_formulas_are_taken_whole),
            cmocka_unit_test(test_insertions), cmocka_unit_test(test_insertions_around_paragraphs),
            cmocka_unit_test(test_nested_markup_in_a_run),
            cmocka_unit_test(test_not_again_5_right_paragraph_with_tables_before),
            cmocka_unit_test(test_ranges_over_paragraphs_and_cells), cmocka_unit_test(test_notes_go_to_their_reference),
            cmocka_unit_test(test_headers_go_to_their_section), cmocka_unit_test(test_text_boxes_go_to_their_paragraph),
            cmocka_unit_test(test_empty_ranges), cmocka_unit_test(test_other_prefixes),
            cmocka_unit_test(test_other_encodings), cmocka_unit_test(test_many_comments_on_one_run))
