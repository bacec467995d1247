/* What a comment is made of: its text, its thread, its ids, its people; beside what was there before. */
#include "write_fixture.h"

#define P(inside) "<w:p>" inside "</w:p>"
#define R(text)   "<w:r><w:t>" text "</w:t></w:r>"

static struct str part(struct fixture *f, const char *rel)
{
    struct doc_rels rels;
    struct str bytes = STR_EMPTY;
    assert_int_equal(doc_package_rels(f->out, doc_package_main_part(f->out), &rels, NULL), ERR_OK);
    const struct doc_rel *r = doc_rels_first(&rels, rel);
    if (r) assert_int_equal(doc_package_part(f->out, r->target, &bytes, NULL), ERR_OK);
    return bytes;
}

/* Comments read back from the output. */
static const struct doc *reread(struct fixture *f) { return fixture_open(f->a, f->result.bytes).doc; }

static struct str last_para_id(struct str comments, const char *id)
{
    char open[64];
    (void)snprintf(open, sizeof open, "<w:comment w:id=\"%s\"", id);
    size_t at = str_find(comments, str_from_c(open), 0), end = str_find(comments, STR("</w:comment>"), at),
           found = STR_NONE;
    assert_true(at != STR_NONE && end != STR_NONE);
    while ((at = str_find(comments, STR("paraId=\""), at)) < end)
        found = at += 8;
    assert_true(found != STR_NONE);
    return str_sub(comments, found, found + 8);
}

static void test_thread(void **state)
{
    struct fixture f = fixture_of(*state, P(R("words")), NULL);
    static const struct str text[] = {STR_INIT("First."), STR_INIT("Second.")}, answer = STR_INIT("No."),
                            more = STR_INIT("Yes.");
    struct doc_new_reply replies[] = {{STR("Bob"), STR("B"), TEST_DATE + 60000, &answer, 1},
                                      {STR("Ann Lee"), STR("AL"), TEST_DATE + 120000, &more, 1}};
    struct doc_new_comment c = fixture_comment(&f, "words", text);
    c.n_paragraphs = 2;
    c.replies = replies;
    c.n_replies = 2;
    c.done = true;
    fixture_write(&f, &(struct doc_edits){.comments = &c, .n_comments = 1});
    assert_has(
        f.main,
        "<w:commentRangeStart w:id=\"0\"/><w:commentRangeStart w:id=\"1\"/><w:commentRangeStart w:id=\"2\"/>" R(
            "words") "<w:commentRangeEnd w:id=\"0\"/>"
                     "<w:r><w:commentReference w:id=\"0\"/></w:r><w:commentRangeEnd w:id=\"1\"/><w:r><w:commentReference w:id=\"1\"/></w:r><w:commentRangeEnd w:id=\"2\"/>");
    struct str root = last_para_id(f.comments, "0"), reply = last_para_id(f.comments, "1");
    struct str extended = part(&f, "commentsExtended");
    struct str entry = str_printf(f.a, "<w15:commentEx w15:paraId=\"%.*s\" w15:done=\"1\"/>", STR_ARG(root));
    assert_has(extended, entry.p);
    entry = str_printf(f.a, "<w15:commentEx w15:paraId=\"%.*s\" w15:paraIdParent=\"%.*s\" w15:done=\"1\"/>",
                       STR_ARG(reply), STR_ARG(root));
    assert_has(extended, entry.p);
    assert_true(root.p[0] < '8' && reply.p[0] < '8');
    assert_has(part(&f, "commentsExtensible"), "w16cex:dateUtc=\"2026-03-01T09:16:00Z\"");
    assert_has(part(&f, "commentsIds"), entry.p ? "w16cid:durableId=\"" : "");
    struct str people = part(&f, "people");
    assert_has(
        people,
        "<w15:person w15:author=\"Bob\"><w15:presenceInfo w15:providerId=\"None\" w15:userId=\"Bob\"/></w15:person>");
    assert_int_equal(str_find(people, STR("\"Ann Lee\""), str_find(people, STR("userId=\"Ann Lee\""), 0) + 10),
                     STR_NONE); /* once */
    const struct doc *back = reread(&f);
    assert_int_equal(back->comments.n, 3);
    assert_str(back->comments.at[0].text, "First.\nSecond.");
    assert_int_equal(back->comments.at[2].parent, 0);
    assert_true(back->comments.at[0].done);
}

static void test_not_again_3_text_that_xml_must_escape(void **state)
{
    static const struct str nasty[] = {
        STR_INIT("a & b < \"c\" ]]> 'd'"),
        STR_INIT("\xF0\x9F\x98\x80 \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"),
        STR_INIT("\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xE2\x80\x8F(1)\xE2\x80\x8E abc"),
        STR_INIT("bell\x07 null-free \x1B[0m \x0B\x0C end\x7F"),
        STR_INIT("\xEF\xBF\xBE not \xEF\xBF\xBF characters \xED\xA0\x80"),
        STR_INIT("  edges  "),
        STR_INIT(""),
    };
    struct fixture f = fixture_of(*state, P(R("words")), NULL);
    struct doc_new_comment c = fixture_comment(&f, "words", nasty);
    c.n_paragraphs = sizeof nasty / sizeof *nasty;
    c.author = STR("A & <B> \"C\"");
    c.initials = STR("&<>\"");
    fixture_write(&f, &(struct doc_edits){.comments = &c, .n_comments = 1});
    const struct doc *back = reread(&f);
    assert_str(back->comments.at[0].author, "A & <B> \"C\"");
    assert_str(back->comments.at[0].initials, "&<>\"");
    assert_str(
        back->comments.at[0].text,
        "a & b < \"c\" ]]> 'd'\n\xF0\x9F\x98\x80 \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB\n\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xE2\x80\x8F(1)\xE2\x80\x8E abc\n"
        "bell null-free [0m  end\x7F\n not  characters \n  edges");
}

static void test_not_again_37_newlines_dates_initials(void **state)
{
    static const struct str text = STR_INIT("line one\nline two\r\n\tindented");
    struct fixture f = fixture_of(*state, P(R("words")), NULL);
    struct doc_new_comment c = fixture_comment(&f, "words", &text);
    c.initials = STR_EMPTY;
    c.date_unix_ms = TEST_DATE + 999;
    fixture_write(&f, &(struct doc_edits){.comments = &c, .n_comments = 1});
    assert_has(
        f.comments,
        "<w:t xml:space=\"preserve\">line one</w:t><w:br/><w:t xml:space=\"preserve\">line two</w:t><w:br/><w:tab/><w:t xml:space=\"preserve\">indented</w:t>");
    assert_has(f.comments, "w:author=\"Ann Lee\" w:date=\"2026-03-01T09:15:00Z\" w:initials=\"AL\"");
    assert_has(part(&f, "commentsExtensible"), "w16cex:dateUtc=\"2026-03-01T09:15:00Z\"");
    assert_str(reread(&f)->comments.at[0].text, "line one\nline two\n\tindented");
}

#define OLD_COMMENTS                                                                                                                                                                       \
    "<w:comment w:id=\"7\" w:author=\"Old\" w:initials=\"O\" w:date=\"2020-01-02T03:04:05Z\"><w:p w14:paraId=\"00000001\"><w:r><w:t>keep &#x201C;me&#x201D;</w:t></w:r></w:p></w:comment>" \
    "<w:comment w:id=\"9\" w:author=\"Old\"><w:p w14:paraId=\"00000002\"><w:r><w:t>reply</w:t></w:r></w:p></w:comment>"

static void test_not_again_4_comments_that_were_there(void **state)
{
    static const struct test_docx_parts parts = {
        .comments = OLD_COMMENTS,
        .comments_extended =
            "<w15:commentEx w15:paraId=\"00000001\" w15:done=\"1\"/><w15:commentEx w15:paraId=\"00000002\" w15:paraIdParent=\"00000001\" w15:done=\"1\"/>",
        .people = "<w15:person w15:author=\"Old\"/><w15:person w15:author='Ann &#76;ee'/>"};
    struct fixture f = fixture_commented(
        *state,
        P("<w:commentRangeStart w:id=\"7\"/><w:commentRangeStart w:id=\"9\"/>" R(
            "one two") "<w:commentRangeEnd w:id=\"7\"/><w:r><w:commentReference w:id=\"7\"/></w:r><w:commentRangeEnd w:id=\"9\"/><w:r><w:commentReference w:id=\"9\"/></w:r>"
                       "<w:r><w:commentReference w:id=\"30\"/></w:r>"),
        &parts, "two");
    assert_has(f.comments,
               OLD_COMMENTS "<w:comment w:id=\"31\""); /* bytes kept; behind a reference whose comment is gone, too */
    assert_has(f.main, "<w:commentRangeStart w:id=\"31\"/>");
    assert_has(part(&f, "commentsExtended"),
               "w15:paraIdParent=\"00000001\" w15:done=\"1\"/><w15:commentEx w15:paraId=\"");
    assert_int_equal(str_find(part(&f, "people"), STR("presenceInfo"), 0), STR_NONE); /* she is there already */
    const struct doc *back = reread(&f);
    assert_int_equal(back->comments.n, 3);
    assert_str(back->comments.at[0].text, "keep \xE2\x80\x9Cme\xE2\x80\x9D");
    assert_true(back->comments.at[0].done);
    assert_false(back->comments.at[2].done);
}

static struct str with_comments_part(struct arena *a, const char *comments_xml, const char *type)
{
    struct test_zip_entry more = {.name = "word/notes.xml", .bytes = str_from_c(comments_xml)};
    char rels[300];
    (void)snprintf(rels, sizeof rels, "<Relationship Id=\"x1\" Type=\"%s\" Target=\"notes.xml\"/>", type);
    return test_docx(
        a, P(R("one two")),
        &(struct test_docx_parts){
            .rels = rels,
            .more = &more,
            .n_more = 1,
            .content_types =
                "<Override PartName=\"/word/notes.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml\"/>"});
}

#define COMMENTS_REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
#define W_NS         "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

static void write_on_two(struct fixture *f)
{
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c = fixture_comment(f, "two", &text);
    fixture_write(f, &(struct doc_edits){.comments = &c, .n_comments = 1});
}

static void test_comments_part_as_others_write_it(void **state)
{
    struct arena *a = *state;
    /* an empty one, closed at once, under another name */
    struct fixture f = fixture_open(a, with_comments_part(a, "<w:comments xmlns:w=\"" W_NS "\"/>", COMMENTS_REL));
    write_on_two(&f);
    assert_has(
        f.comments,
        "<w:comments xmlns:w=\"" W_NS
        "\" xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" mc:Ignorable=\"w14\"><w:comment ");
    assert_has(f.comments, "</w:comment></w:comments>");
    assert_false(doc_package_has(f.out, STR("word/comments.xml")));
    /* w14 bound to something else, another prefix for w, Ignorable with other names */
    f = fixture_open(
        a,
        with_comments_part(
            a,
            "<x:comments xmlns:x=\"" W_NS
            "\" xmlns:w14=\"urn:other\" xmlns:wp14=\"urn:wp\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" mc:Ignorable='wp14'>\n</x:comments>",
            COMMENTS_REL));
    write_on_two(&f);
    assert_has(f.comments,
               "mc:Ignorable='wp14 word14' xmlns:word14=\"http://schemas.microsoft.com/office/word/2010/wordml\">");
    assert_has(f.comments, "<x:p word14:paraId=\"");
    /* the default namespace: attributes need a prefix of their own */
    f = fixture_open(a, with_comments_part(a, "<comments xmlns=\"" W_NS "\"></comments>", COMMENTS_REL));
    write_on_two(&f);
    assert_has(f.comments, "<w:comment xmlns:w=\"" W_NS "\" w:id=\"0\"");
}

static void test_broken_comments_are_not_written_to(void **state)
{
    struct arena *a = *state;
    struct fixture f = fixture_open(
        a, with_comments_part(a, "<w:comments xmlns:w=\"" W_NS "\"><w:comment></w:comments>", COMMENTS_REL));
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c = fixture_comment(&f, "two", &text);
    struct doc_write_result result;
    struct error e = {0};
    assert_int_equal(doc_write(f.doc, &(struct doc_edits){.comments = &c, .n_comments = 1}, a, &result, &e),
                     ERR_INVALID);
    assert_string_equal(e.reason, "comments_broken");
}

static void test_package_additions(void **state)
{
    struct fixture f = fixture_commented(*state, P(R("words")), NULL, "words");
    static const char *const rels[] = {"comments", "commentsExtended", "commentsIds", "commentsExtensible", "people"};
    struct doc_rels list;
    assert_int_equal(doc_package_rels(f.out, doc_package_main_part(f.out), &list, NULL), ERR_OK);
    for (size_t i = 0; i < 5; i++) {
        const struct doc_rel *rel = doc_rels_first(&list, rels[i]);
        assert_non_null(rel);
        assert_has(doc_package_content_type(f.out, rel->target), rels[i]);
        for (size_t j = 0; j < list.n; j++)
            assert_true(&list.at[j] == rel || !str_eq(list.at[j].id, rel->id));
    }
}

static void test_strict_documents(void **state)
{
    struct fixture f = fixture_commented(*state, P(R("words")), &(struct test_docx_parts){.strict = true}, "words");
    assert_has(f.comments, "<w:comments xmlns:w=\"http://purl.oclc.org/ooxml/wordprocessingml/main\"");
    struct str rels;
    assert_int_equal(doc_package_part(f.out, STR("word/_rels/document.xml.rels"), &rels, NULL), ERR_OK);
    assert_has(rels, "http://purl.oclc.org/ooxml/officeDocument/relationships/comments");
    assert_has(rels, "http://schemas.microsoft.com/office/2011/relationships/commentsExtended");
}

static void test_styles_by_their_names(void **state)
{
    static const char styles[] =
        "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/></w:style>"
        "<w:style w:type=\"paragraph\" w:styleId=\"a4\"><w:name w:val=\"Annotation Text\"/></w:style>"
        "<w:style w:type=\"character\" w:styleId=\"a5\"><w:name w:val=\"annotation reference\"/></w:style>";
    struct fixture f = fixture_commented(*state, P(R("words")), &(struct test_docx_parts){.styles = styles}, "words");
    assert_has(
        f.comments,
        "<w:pPr><w:pStyle w:val=\"a4\"/></w:pPr><w:r><w:rPr><w:rStyle w:val=\"a5\"/></w:rPr><w:annotationRef/></w:r>");
    assert_has(f.main, "<w:r><w:rPr><w:rStyle w:val=\"a5\"/></w:rPr><w:commentReference w:id=\"0\"/></w:r>");
    f = fixture_commented(*state, P(R("words")), &(struct test_docx_parts){.styles = ""}, "words");
    assert_has_not(f.comments, "Style");
}

static void test_limits(void **state)
{
    struct fixture f = fixture_of(*state, P(R("words")), NULL);
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c = fixture_comment(&f, "words", &text);
    struct doc_new_reply *replies = NEW(f.a, struct doc_new_reply, 40000);
    assert_non_null(replies);
    c.replies = replies;
    c.n_replies = 32767;
    struct doc_write_result result;
    struct error e = {0};
    assert_int_equal(doc_write(f.doc, &(struct doc_edits){.comments = &c, .n_comments = 1}, f.a, &result, &e),
                     ERR_LIMIT);
    assert_string_equal(e.reason, "too_many_comments");
    c.n_replies = 0;
    c.author = STR(" \x01 ");
    assert_int_equal(doc_write(f.doc, &(struct doc_edits){.comments = &c, .n_comments = 1}, f.a, &result, &e),
                     ERR_INVALID);
    assert_string_equal(e.reason, "bad_author");
}

static void test_no_edits_change_no_byte_of_a_part(void **state)
{
    struct fixture f = fixture_of(*state, P(R("words")), NULL);
    fixture_write(&f, &(struct doc_edits){0});
    assert_true(str_eq(f.main, f.doc->parts.at[0].bytes));
    assert_int_equal(doc_package_entry_count(f.out), doc_package_entry_count(f.doc->package));
}

WRITE_TESTS(cmocka_unit_test(test_thread), cmocka_unit_test(test_not_again_3_text_that_xml_must_escape),
            cmocka_unit_test(test_not_again_37_newlines_dates_initials),
            cmocka_unit_test(test_not_again_4_comments_that_were_there),
            cmocka_unit_test(test_comments_part_as_others_write_it),
            cmocka_unit_test(test_broken_comments_are_not_written_to), cmocka_unit_test(test_package_additions),
            cmocka_unit_test(test_strict_documents), cmocka_unit_test(test_styles_by_their_names),
            cmocka_unit_test(test_limits), cmocka_unit_test(test_no_edits_change_no_byte_of_a_part))
