#include "base/xml.h"

#include "base_test.h"

#include "base/sb.h"

enum { NS_W = 1, NS_R = 2, NS_XML = 3 };
enum { T_P = 1, T_R, T_T, T_VAL, T_ID, T_PLAIN, T_SPACE };

static const struct xml_ns namespaces[] = {
    {"urn:w", NS_W}, {"urn:w-strict", NS_W}, {"urn:r", NS_R}, {"http://www.w3.org/XML/1998/namespace", NS_XML}};
static const struct xml_name names[] = {{NS_W, "p", T_P},          {NS_W, "r", T_R},   {NS_W, "t", T_T},
                                        {NS_W, "val", T_VAL},      {NS_R, "id", T_ID}, {0, "plain", T_PLAIN},
                                        {NS_XML, "space", T_SPACE}};
static const struct xml_vocab vocab = {namespaces, 4, names, 7};

/* What a reading saw, as text: "<name=token(attr=token:value)@depth", ">name=token", and text pieces as "'text'". */
struct seen {
    struct sb log;
    struct str input;
    bool check_tags;     /* the input's bytes at each range must be the tag (UTF-8 input only) */
    bool ranges;         /* log ranges of text */
    const char *fail_at; /* the qname whose start fails */
    size_t n_starts, n_after_failure;
    bool failed;
};

static enum err on_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct seen *s = ctx;
    (void)r;
    s->n_starts++;
    if (s->failed) s->n_after_failure++;
    sb_printf(&s->log, "<%.*s=%d", STR_ARG(tag->qname), tag->token);
    for (size_t i = 0; i < tag->n_attrs; i++)
        sb_printf(&s->log, "(%.*s=%d:%.*s)", STR_ARG(tag->attrs[i].qname), tag->attrs[i].token,
                  STR_ARG(tag->attrs[i].value));
    sb_printf(&s->log, "@%u%s", tag->depth, tag->empty ? "/" : "");
    if (s->check_tags) {
        struct str bytes = str_sub(s->input, tag->start, tag->end);
        assert_int_equal(bytes.n, tag->end - tag->start);
        assert_true(str_starts(bytes, STR("<")));
        assert_true(str_starts(str_sub(bytes, 1, bytes.n), tag->qname));
        assert_true(str_ends(bytes, tag->empty ? STR("/>") : STR(">")));
        assert_int_equal(str_find_char(bytes, '<', 1), STR_NONE);
    }
    if (s->fail_at && str_eq_c(tag->qname, s->fail_at)) {
        s->failed = true;
        return error_set_reason(e, ERR_BUSY, "mine", "stopped by the test");
    }
    return ERR_OK;
}

static enum err on_end(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct seen *s = ctx;
    (void)r, (void)e;
    if (s->failed) s->n_after_failure++;
    sb_printf(&s->log, ">%.*s=%d", STR_ARG(tag->qname), tag->token);
    if (s->check_tags && !tag->empty) {
        struct str bytes = str_sub(s->input, tag->start, tag->end);
        assert_true(str_starts(bytes, STR("</")) && str_ends(bytes, STR(">")));
        assert_true(str_starts(str_sub(bytes, 2, bytes.n), tag->qname));
        assert_int_equal(str_find_char(bytes, '<', 1), STR_NONE);
    }
    if (s->check_tags && tag->empty) {
        assert_int_equal(tag->start, tag->end);
        assert_str(str_sub(s->input, tag->end - 2, tag->end), "/>");
    }
    return ERR_OK;
}

static enum err on_text(void *ctx, struct xml_reader *r, struct str text, size_t start, size_t end, struct error *e)
{
    struct seen *s = ctx;
    (void)r, (void)e;
    if (s->failed) s->n_after_failure++;
    if (s->ranges)
        sb_printf(&s->log, "'%.*s'%zu-%zu", STR_ARG(text), start, end);
    else
        sb_printf(&s->log, "'%.*s'", STR_ARG(text));
    return ERR_OK;
}

static const struct xml_handler handler = {on_start, on_end, on_text};

static enum err read_with(struct seen *s, struct str input, struct error *e)
{
    const struct xml_options options = {.vocab = &vocab, .max_depth = 10, .what = "word/document.xml"};
    s->input = input;
    s->log = (struct sb)SB_INIT(1 << 20);
    return xml_read(input, &options, &handler, s, e);
}

static void check_log(struct str input, const char *log)
{
    struct seen s = {.check_tags = true};
    struct error e = {0};
    enum err err = read_with(&s, input, &e);
    if (err) fail_msg("%s", e.message);
    assert_str(sb_view(&s.log), log);
    sb_done(&s.log);
}

static void check_refused(struct str input, enum err code, const char *reason, const char *part)
{
    struct seen s = {0};
    struct error e = {0};
    enum err err = read_with(&s, input, &e);
    sb_done(&s.log);
    if (err != code || strcmp(e.reason, reason) != 0)
        fail_msg("\"%.*s\" gives %d %s: %s", STR_ARG(input), err, e.reason, e.message);
    assert_has(e.message, part);
    assert_has(e.message, "\"word/document.xml\"");
}

static void test_tags(void **state)
{
    (void)state;
    check_log(STR("<?xml version=\"1.0\"?>\n<!-- c --><w:p xmlns:w='urn:w'\n a='1' w:val=\"x&lt;&#65;\">"
                  "<w:r/><w:r plain=\"/\"  /><w:t\tplain=\"/\">t</w:t ><x/></w:p>"),
              "<w:p=1(a=0:1)(w:val=4:x<A)@1<w:r=2@2/>w:r=2<w:r=2(plain=6:/)@2/>w:r=2<w:t=3(plain=6:/)@2't'>w:t=3"
              "<x=0@2/>x=0>w:p=1");
    check_log(STR("\xEF\xBB\xBF<a xml:space='preserve'>\xC3\xA9<b \xC3\xA9='&quot;'/></a>"),
              "<a=0(xml:space=7:preserve)@1'\xC3\xA9'<b=0(\xC3\xA9=0:\")@2/>b=0>a=0");
}

static void test_prefixes_shadow(void **state)
{
    (void)state;
    /* strict and transitional are one; a prefix means what the nearest declaration says, and the old thing again behind it */
    check_log(
        STR("<w:p xmlns:w='urn:w'><w:r xmlns:w='urn:w-strict'><w:t/></w:r><w:r xmlns:w='urn:other'><w:t/></w:r><w:t/>"
            "<w:r xmlns:w='urn:r'><w:id w:id='1' id='2'/></w:r><w:id/></w:p>"),
        "<w:p=1@1<w:r=2@2<w:t=3@3/>w:t=3>w:r=2<w:r=0@2<w:t=0@3/>w:t=0>w:r=0<w:t=3@2/>w:t=3"
        "<w:r=0@2<w:id=5(w:id=5:1)(id=0:2)@3/>w:id=5>w:r=0<w:id=0@2/>w:id=0>w:p=1");
    /* the default namespace is for elements only, and can be taken away */
    check_log(STR("<p xmlns='urn:w' val='1' plain='2'><r><t xmlns=''><plain/></t></r><t/></p>"),
              "<p=1(val=0:1)(plain=6:2)@1<r=2@2<t=0@3<plain=0@4/>plain=0>t=0>r=2<t=3@2/>t=3>p=1");
    /* a declaration counts for the attributes before it in the same tag */
    check_log(STR("<a><b q:val='1' xmlns:q='urn:w'/></a>"), "<a=0@1<b=0(q:val=4:1)@2/>b=0>a=0");
}

static void test_long_names(void **state)
{
    (void)state;
    check_log(
        STR("<a:aVeryLongElementNameThatNoCacheSlotHolds xmlns:a='urn:w' a:val='1'/>"),
        "<a:aVeryLongElementNameThatNoCacheSlotHolds=0(a:val=4:1)@1/>a:aVeryLongElementNameThatNoCacheSlotHolds=0");
    check_log(STR("<aPrefixThatIsLongerThanTheCacheSlots:p xmlns:aPrefixThatIsLongerThanTheCacheSlots='urn:w'/>"),
              "<aPrefixThatIsLongerThanTheCacheSlots:p=1@1/>aPrefixThatIsLongerThanTheCacheSlots:p=1");
}

static void test_namespace_errors(void **state)
{
    (void)state;
    check_refused(STR("<a>\n <q:b/></a>"), ERR_INVALID, "bad_xml", "prefix \"q\" at line 2, column 2");
    check_refused(STR("<a q:b='1'/>"), ERR_INVALID, "bad_xml", "\"q\"");
    check_refused(STR("<a><b xmlns:q='urn:w'/><q:c/></a>"), ERR_INVALID, "bad_xml", "\"q\"");
    check_refused(STR("<a xmlns:q=''/>"), ERR_INVALID, "bad_xml", "xmlns:q");
    check_refused(STR("<a xmlns:xml='urn:w'/>"), ERR_INVALID, "bad_xml", "xmlns:xml");
    check_refused(STR("<a xmlns:xmlns='urn:w'/>"), ERR_INVALID, "bad_xml", "xmlns:xmlns");
    check_refused(STR("<a xmlns:q='http://www.w3.org/XML/1998/namespace'/>"), ERR_INVALID, "bad_xml", "xmlns:q");
    check_refused(STR("<a:b:c xmlns:a='urn:w'/>"), ERR_INVALID, "bad_xml", "a:b:c");
    check_refused(STR("<:a/>"), ERR_INVALID, "bad_xml", ":a");
    check_refused(STR("<a: xmlns:a='urn:w'/>"), ERR_INVALID, "bad_xml", "a:");
    check_refused(STR("<a xmlns:p='urn:w' xmlns:q='urn:w' p:x='1' q:x='2'/>"), ERR_INVALID, "bad_xml",
                  "duplicate attribute \"q:x\"");
    check_log(STR("<a xmlns:p='urn:w' xmlns:q='urn:w' p:x='1' q:y='2' x='3'/>"),
              "<a=0(p:x=0:1)(q:y=0:2)(x=0:3)@1/>a=0");
    check_log(STR("<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:space='x'/>"), "<a=0(xml:space=7:x)@1/>a=0");
}

static void check_text(struct str input, const char *log)
{
    struct seen s = {.ranges = true};
    struct error e = {0};
    enum err err = read_with(&s, input, &e);
    if (err) fail_msg("%s", e.message);
    assert_str(sb_view(&s.log), log);
    sb_done(&s.log);
}

static void test_text_ranges(void **state)
{
    (void)state;
    check_text(STR("<a>xy&amp;z&#xE9;&#128512;w</a>"),
               "<a=0@1'xy'3-5'&'5-10'z'10-11'\xC3\xA9'11-17'\xF0\x9F\x98\x80'17-26'w'26-27>a=0");
    check_text(STR("<a>l\r\nm\rn\no</a>"), "<a=0@1'l'3-4'\n'4-6'm'6-7'\n'7-8'n'8-9'\n'9-10'o'10-11>a=0");
    check_text(STR("<a>p<![CDATA[q<&]]>r</a>"), "<a=0@1'p'3-4'q<&'13-16'r'19-20>a=0");
    check_text(STR("<a>p<!-- c -->q<?pi x?>r</a>"), "<a=0@1'p'3-4'q'14-15'r'23-24>a=0");
    check_text(STR("\xEF\xBB\xBF<a>\xC3\xA9</a>"), "<a=0@1'\xC3\xA9'6-8>a=0");
    check_text(STR("<?xml version='1.0' encoding='ISO-8859-1'?><a>e\xE9\xFC!</a>"),
               "<a=0@1'e\xC3\xA9\xC3\xBC!'46-50>a=0");
    check_text(STR("<?xml version='1.0' encoding='US-ASCII'?><a>e&#xE9;</a>"), "<a=0@1'e'44-45'\xC3\xA9'45-51>a=0");
}

/* ASCII, and "E" and "S" for U+00E9 and U+1F600, as UTF-16 with a byte order mark. */
static struct str to_utf16(char *buffer, const char *text, bool big)
{
    size_t n = 0;
    for (const char *c = text - 1; c < text || *c; c++) {
        uint16_t units[2] = {c < text ? 0xFEFF : *c == 'E' ? 0xE9 : *c == 'S' ? 0xD83D : (uint16_t)*c, 0xDE00};
        for (int i = 0; i < (c >= text && *c == 'S' ? 2 : 1); i++) {
            buffer[n++] = (char)(big ? units[i] >> 8 : units[i] & 0xFF);
            buffer[n++] = (char)(big ? units[i] & 0xFF : units[i] >> 8);
        }
    }
    return (struct str){buffer, n};
}

static void test_utf16_ranges(void **state)
{
    (void)state;
    static const char text[] = "_<a p='/'>xE&amp;S\r\n<b q='/' /><c/></a>";
    for (int big = 0; big < 2; big++) {
        char buffer[200];
        /* byte 0: the mark; "<a" begins at 2 */
        check_text(to_utf16(buffer, text + 1, big),
                   "<a=0(p=0:/)@1'x\xC3\xA9'20-24'&'24-34'\xF0\x9F\x98\x80'34-38'\n'38-42"
                   "<b=0(q=0:/)@2/>b=0<c=0@2/>c=0>a=0");
    }
}

/* Much text is handed out in pieces; together they are the text, and their ranges follow each other without a gap. */
struct pieces {
    size_t next, n_text, n_pieces;
};

static enum err on_piece(void *ctx, struct xml_reader *r, struct str text, size_t start, size_t end, struct error *e)
{
    struct pieces *p = ctx;
    (void)r, (void)e;
    if (p->n_pieces++) assert_int_equal(start, p->next);
    p->next = end;
    p->n_text += text.n;
    return ERR_OK;
}

static void test_long_text_is_gapless(void **state)
{
    (void)state;
    const struct xml_options options = {.vocab = &vocab, .max_depth = 10, .what = "x"};
    const struct xml_handler only_text = {.text = on_piece};
    struct error e = {0};
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    SB_LIT(&b, "<?xml version='1.0' encoding='ISO-8859-1'?><a>");
    size_t start = b.n;
    for (int i = 0; i < 20000; i++)
        sb_c(&b, i % 50 == 7 ? "\r\n" : i % 3 ? "\xE9" : "x");
    size_t end = b.n;
    SB_LIT(&b, "</a>");
    struct pieces p = {0};
    assert_int_equal(xml_read(sb_view(&b), &options, &only_text, &p, &e), ERR_OK);
    assert_int_equal(p.next, end);
    assert_true(p.n_pieces > 20);
    assert_true(p.n_text > end - start); /* two bytes of UTF-8 for most */
}

static void test_errors(void **state)
{
    (void)state;
    check_refused(STR("<a>\n <b></c></a>"), ERR_INVALID, "bad_xml",
                  "\"word/document.xml\" is not well-formed XML: mismatched tag at line 2, column 7");
    check_refused(STR(""), ERR_INVALID, "bad_xml", "no element found");
    check_refused(STR_EMPTY, ERR_INVALID, "bad_xml", "no element found");
    check_refused(STR("<a>"), ERR_INVALID, "bad_xml", "line 1");
    check_refused(STR("<a/><b/>"), ERR_INVALID, "bad_xml", "line 1");
    check_refused(STR("<a b='1' b='2'/>"), ERR_INVALID, "bad_xml", "duplicate attribute");
    check_refused(STR("<a>&nbsp;</a>"), ERR_INVALID, "bad_xml", "undefined entity");
    check_refused(STR("<a>\xFF</a>"), ERR_INVALID, "bad_xml", "invalid token");
    check_refused(STR("<a>\x01</a>"), ERR_INVALID, "bad_xml", "invalid token");
    check_refused(STR("PK\x03\x04"), ERR_INVALID, "bad_xml", "line 1");
    check_refused(STR("<?xml version='1.0' encoding='KOI8-R'?><a/>"), ERR_INVALID, "unsupported_encoding",
                  "ISO-8859-1");
    check_refused(STR("<?xml version='1.0' encoding='UTF-16'?><a/>"), ERR_INVALID, "bad_xml", "encoding");
}

/* The scanner stops at each, and expat, which is asked what is wrong, agrees. */
static void test_not_well_formed(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "<a b='1'c='2'/>",
        "<a b=1/>",
        "<a b/>",
        "<a b='<'/>",
        "<a b='&x;'/>",
        "<a b='&amp'/>",
        "<a b='1'",
        "<a / >",
        "<1a/>",
        "< a/>",
        "<a></a",
        "<a></ab>",
        "<ab></a>",
        "<a></b>",
        "</a>",
        "<a>]]></a>",
        "<a>&#0;</a>",
        "<a>&#x;</a>",
        "<a>&#xD800;</a>",
        "<a>&#x110000;</a>",
        "<a>&#xFFFE;</a>",
        "<a>&amp</a>",
        "<a>&;</a>",
        "<a>\x0B</a>",
        "<a>\xC0\x80</a>",
        "<a>\xED\xA0\x80</a>",
        "<a>\xEF\xBF\xBF</a>",
        "<a>\xF4\x90\x80\x80</a>",
        "<a>\xE2\x82</a>",
        "<a><!-- -- --></a>",
        "<a><!-- ---></a>",
        "<a><!-- </a>",
        "<a><![CDATA[x]]</a>",
        "<a><![cdata[x]]></a>",
        "<a><?xml version='1.0'?></a>",
        "<a><?XML x?></a>",
        "<a><? x?></a>",
        "<a><?x</a>",
        "<a/>x",
        "x<a/>",
        "<a/><!-- --",
        " <?xml version='1.0'?><a/>",
        "<?xml version='1.0' standalone='YES'?><a/>",
        "<?xml encoding='UTF-8'?><a/>",
        "<a c1='' c2='' c3='' c4='' c5='' c6='' c7='' c8='' c9='' c10='' c11='' c12='' c13='' c7=''/>"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_refused(str_from_c(wrong[i]), ERR_INVALID, "bad_xml", " at line ");
}

static void test_odd_but_well_formed(void **state)
{
    (void)state;
    check_log(
        STR("<?xml version=\"1.0\" encoding='utf-8' standalone=\"no\" ?><?pi?><!--x-y--><a b = 'x&#10;y\r\n\tz \"'\n></a\n>"
            "<?pi a ?b>?>\n<!-- -->"),
        "<a=0(b=0:x\ny  z \")@1>a=0");
    check_text(STR("<a>]] ]>&gt;&apos;<![CDATA[]]]]><![CDATA[>\r\n]]></a>"),
               "<a=0@1']] ]>'3-8'>'8-12'\''12-18']]'27-29'>'41-42'\n'42-44>a=0");
    check_text(STR("<\xC3\xA9t\xC3\xA9>\xF0\x9F\x98\x80\x7F</\xC3\xA9t\xC3\xA9>"),
               "<\xC3\xA9t\xC3\xA9=0@1'\xF0\x9F\x98\x80\x7F'7-12>\xC3\xA9t\xC3\xA9=0");
}

static void test_no_doctype(void **state)
{
    (void)state;
    check_refused(STR("<!DOCTYPE a><a/>"), ERR_INVALID, "dtd_forbidden", "line 1");
    check_refused(STR("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"), ERR_INVALID, "dtd_forbidden", "line 1");
    check_refused(STR("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z \"&x;&x;\">]><a>&z;</a>"),
                  ERR_INVALID, "dtd_forbidden", "line 2");
}

static void test_depth(void **state)
{
    (void)state;
    check_log(STR("<a><a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a></a>"),
              "<a=0@1<a=0@2<a=0@3<a=0@4<a=0@5<a=0@6<a=0@7<a=0@8<a=0@9<a=0@10/>a=0>a=0>a=0>a=0>a=0>a=0>a=0>a=0>a=0>a=0");
    check_refused(STR("<a><a><a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a></a></a>"), ERR_LIMIT,
                  "too_deep", "10");
}

static void test_callback_stops(void **state)
{
    (void)state;
    struct seen s = {.fail_at = "b"};
    struct error e = {0};
    assert_int_equal(read_with(&s, STR("<a>x<b>y</b><c/>z</a>"), &e), ERR_BUSY);
    assert_string_equal(e.reason, "mine");
    assert_int_equal(s.n_starts, 2);
    assert_int_equal(s.n_after_failure, 0);
    sb_done(&s.log);
    s = (struct seen){.fail_at = "b"};
    assert_int_equal(read_with(&s, STR("<a><b/><c/></a>"), NULL), ERR_BUSY);
    assert_int_equal(s.n_after_failure, 0); /* not even the end of <b/> */
    sb_done(&s.log);
}

static enum err ask(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct sb *b = ctx;
    (void)e;
    struct str prefix = STR("?");
    bool any = xml_ns_prefix(r, NS_W, &prefix);
    const char *uri = xml_prefix_uri(r, STR("w"));
    sb_printf(b, "%.*s: w is %s %d, ", STR_ARG(tag->qname), uri ? uri : "none", xml_prefix_ns(r, STR("w")));
    sb_printf(b, "NS_W by %s%.*s, line %lu\n", any ? "=" : "nothing ", STR_ARG(prefix), xml_line(r));
    assert_string_equal(xml_prefix_uri(r, STR("xml")), "http://www.w3.org/XML/1998/namespace");
    return ERR_OK;
}

static void test_scope_questions(void **state)
{
    (void)state;
    const struct xml_options options = {.vocab = &vocab, .max_depth = 10, .what = "x"};
    const struct xml_handler asking = {.start = ask};
    struct error e = {0};
    CLEANUP_SB struct sb b = SB_INIT(10000);
    assert_int_equal(
        xml_read(
            STR("<a xmlns:w='urn:w'>\n<b xmlns:w='urn:x'/>\n<c xmlns:v='urn:w' xmlns:w='urn:r'/>\n<d xmlns='urn:w-strict'><e xmlns:w='urn:y'/></d><f/></a>"),
            &options, &asking, &b, &e),
        ERR_OK);
    assert_str(sb_view(&b), "a: w is urn:w 1, NS_W by =w, line 1\nb: w is urn:x 0, NS_W by nothing ?, line 2\n"
                            "c: w is urn:r 2, NS_W by =v, line 3\nd: w is urn:w 1, NS_W by =w, line 4\n"
                            "e: w is urn:y 0, NS_W by =, line 4\nf: w is urn:w 1, NS_W by =w, line 4\n");
}

static enum err count_attrs(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    (void)r, (void)e;
    *(size_t *)ctx += tag->n_attrs;
    assert_str(xml_attr(tag, T_PLAIN), "last");
    assert_null(xml_attr(tag, T_VAL).p);
    return ERR_OK;
}

static void test_many_attributes(void **state)
{
    (void)state;
    const struct xml_options options = {.vocab = &vocab, .max_depth = 10, .what = "x"};
    const struct xml_handler counting = {.start = count_attrs};
    for (int aliased = 0; aliased < 2; aliased++) {
        CLEANUP_SB struct sb b = SB_INIT(1 << 20);
        struct error e = {0};
        size_t n = 0;
        sb_c(&b, aliased ? "<a xmlns:p='urn:w' xmlns:q='urn:w'" : "<a");
        for (int i = 0; i < 20000; i++)
            sb_printf(&b, " a%d=''", i);
        SB_LIT(&b, " plain='last'/>");
        enum err err = xml_read(sb_view(&b), &options, &counting, &n, &e);
        assert_int_equal(err, aliased ? ERR_LIMIT : ERR_OK);
        if (!aliased) assert_int_equal(n, 20001);
        if (aliased) assert_string_equal(e.reason, "too_many_attributes");
    }
}

static void test_given_arena(void **state)
{
    (void)state;
    size_t n = 0;
    const struct xml_handler counting = {.start = count_attrs};
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20), *tiny = arena_new(1000);
    struct xml_options options = {.vocab = &vocab, .max_depth = 10, .what = "x", .arena = a};
    assert_int_equal(xml_read(STR("<a plain='last'/>"), &options, &counting, &n, &e), ERR_OK);
    assert_int_equal(n, 1);
    assert_true(arena_used(a) > 0);
    options.arena = tiny;
    assert_int_equal(xml_read(STR("<a plain='last'/>"), &options, &counting, &n, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "out_of_memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_prefixes_shadow),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_namespace_errors),
        cmocka_unit_test(test_text_ranges),
        cmocka_unit_test(test_utf16_ranges),
        cmocka_unit_test(test_long_text_is_gapless),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_not_well_formed),
        cmocka_unit_test(test_odd_but_well_formed),
        cmocka_unit_test(test_no_doctype),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_callback_stops),
        cmocka_unit_test(test_scope_questions),
        cmocka_unit_test(test_many_attributes),
        cmocka_unit_test(test_given_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
