#include "doc/write_markup.h"

#include "write_test.h"

static void test_tags(void **state)
{
    (void)state;
    struct str part =
        STR("<?xml version='1.0'?><!-- <no/> --><w:p a=\"x>y\" b='/'><![CDATA[<no>]]>text<w:br /></w:p >");
    struct doc_source s = doc_source_of(part);
    struct markup_tag tag;
    size_t at = 0;
    assert_true(markup_next_tag(&s, &at, part.n, &tag));
    assert_string_equal(tag.name, "w:p");
    assert_string_equal(markup_local(&tag), "p");
    assert_false(tag.close || tag.empty);
    assert_str(str_sub(part, tag.start, tag.end), "<w:p a=\"x>y\" b='/'>");
    struct doc_range value;
    assert_true(markup_attr(&s, &tag, "b", &value));
    assert_str(str_sub(part, value.start, value.end), "/");
    assert_false(markup_attr(&s, &tag, "x", &value));
    assert_true(markup_next_tag(&s, &at, part.n, &tag));
    assert_string_equal(markup_local(&tag), "br");
    assert_true(tag.empty);
    assert_true(markup_next_tag(&s, &at, part.n, &tag));
    assert_true(tag.close);
    assert_string_equal(markup_local(&tag), "p");
    assert_false(markup_next_tag(&s, &at, part.n, &tag));
    assert_int_equal(at, part.n);
}

static void test_next_start_by_local_name(void **state)
{
    (void)state;
    struct str part =
        STR("<w:p><!-- <w:markA/> --><mark/></mark><other a='x:markC'/><![CDATA[<markD/>]]><w:markB id='/'/>"
            "<mark:x/></w:p>");
    struct markup_tag tag;
    size_t at = 0;
    assert_true(markup_next_start(part, &at, STR("mark"), &tag));
    assert_string_equal(tag.name, "mark");
    assert_true(tag.empty);
    assert_true(markup_next_start(part, &at, STR("mark"), &tag));
    assert_string_equal(tag.name, "w:markB");
    assert_str(str_sub(part, tag.start, tag.end), "<w:markB id='/'/>");
    assert_int_equal(at, tag.end);
    assert_false(markup_next_start(part, &at, STR("mark"), &tag));
    assert_int_equal(at, part.n);
}

static void test_attribute_by_ending(void **state)
{
    (void)state;
    struct str part = STR("<w:ins w:idx=\"9\" note=':id=\"1\"' w:id = '77'/>");
    struct doc_source s = doc_source_of(part);
    struct markup_tag tag;
    size_t at = 0;
    struct doc_range value;
    assert_true(markup_next_tag(&s, &at, part.n, &tag));
    assert_true(markup_attr(&s, &tag, ":id", &value));
    assert_str(str_sub(part, value.start, value.end), "77");
}

/* The byte behind the character that ends at each offset, and whether it lies in CDATA. */
static void check_places(struct str raw, unsigned trim, const char *text)
{
    struct doc_source s = doc_source_of(raw);
    struct doc_range all = {0, raw.n};
    struct str t = str_from_c(text);
    assert_true(markup_text_matches(&s, all, trim, t));
    struct markup_text walk = markup_text_make(&s, all, trim);
    struct markup_text_place place = {0};
    for (size_t i = 1; i < t.n; i++) {
        if (((unsigned char)text[i] & 0xC0) == 0x80) continue; /* inside a character */
        assert_true(markup_text_seek(&walk, i, &place));
        /* both sides of the cut read as the halves of the text */
        assert_true(place.after <= place.before);
        if (place.cdata_after) continue;
        assert_true(markup_text_matches(&s, (struct doc_range){0, place.after}, trim, str_sub(t, 0, i)));
        assert_true(markup_text_matches(&s, (struct doc_range){place.after, raw.n}, 0, str_sub(t, i, t.n)));
    }
}

static void test_text_places(void **state)
{
    (void)state;
    check_places(STR("plain"), 0, "plain");
    check_places(STR("a&amp;b&#x20AC;c&#8364;&lt;&gt;&quot;&apos;d"), 0,
                 "a&b\xE2\x82\xAC"
                 "c\xE2\x82\xAC<>\"'d");
    check_places(STR("a\r\nb\rc\nd"), 0, "a\nb\nc\nd");
    check_places(STR("ab<!-- c -->de<?pi x?>f"), 0, "abdef");
    check_places(STR(" \n ab c "), 3, "ab c");
    check_places(STR("\xF0\x9F\x98\x80\xC3\xA9x"), 0, "\xF0\x9F\x98\x80\xC3\xA9x");
}

static void test_cdata(void **state)
{
    (void)state;
    struct str raw = STR("x<![CDATA[<b>&amp;]]>y");
    struct doc_source s = doc_source_of(raw);
    assert_true(markup_text_matches(&s, (struct doc_range){0, raw.n}, 0, STR("x<b>&amp;y")));
    struct markup_text walk = markup_text_make(&s, (struct doc_range){0, raw.n}, 0);
    struct markup_text_place place;
    assert_true(markup_text_seek(&walk, 1, &place));
    assert_int_equal(place.after, 1);
    assert_false(place.cdata_after);
    assert_int_equal(place.before, 10);
    assert_true(place.cdata_before);
    assert_true(markup_text_seek(&walk, 4, &place));
    assert_int_equal(place.after, 13);
    assert_true(place.cdata_after);
}

static void test_what_does_not_match(void **state)
{
    (void)state;
    struct doc_source s = doc_source_of(STR("a<b/>c"));
    assert_false(markup_text_matches(&s, (struct doc_range){0, 6}, 0, STR("ac"))); /* an element inside */
    struct doc_source other = doc_source_of(STR("abc"));
    assert_false(markup_text_matches(&other, (struct doc_range){0, 3}, 0, STR("ab")));
    assert_false(markup_text_matches(&other, (struct doc_range){0, 3}, 0, STR("abcd")));
    struct doc_source broken = doc_source_of(STR("a&nope;"));
    assert_false(markup_text_matches(&broken, (struct doc_range){0, 7}, 0, STR("a")));
    struct markup_text walk = markup_text_make(&other, (struct doc_range){0, 3}, 0);
    struct markup_text_place place;
    assert_false(markup_text_seek(&walk, 9, &place));
}

WRITE_TESTS(cmocka_unit_test(test_tags), cmocka_unit_test(test_next_start_by_local_name),
            cmocka_unit_test(test_attribute_by_ending), cmocka_unit_test(test_text_places),
            cmocka_unit_test(test_cdata), cmocka_unit_test(test_what_does_not_match))
