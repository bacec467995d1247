/* Anchors, offsets on the wire, names of places. */
#include "doc/text.h"
#include "read_test.h"

static void test_anchors_are_widened_to_whole_characters(void **state)
{
    struct read_test *t = *state;
    /* e with a combining accent, then a family of emoji joined into one */
    const struct doc *doc = read_lines(t, "xe\xCC\x81y\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7z");
    struct doc_anchor a = doc_anchor_make(doc, 0, 2, 3);
    assert_int_equal(a.start.offset, 1);
    assert_int_equal(a.end.offset, 4);
    a = doc_anchor_make(doc, 0, 9, 10);
    assert_int_equal(a.start.offset, 5);
    assert_int_equal(a.end.offset, 16);
    a = doc_anchor_make(doc, 0, 900, 1000);
    assert_int_equal(a.start.offset, 17);
    assert_int_equal(a.end.offset, 17);
}

static void test_offsets_on_the_wire_are_utf16(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_lines(t, "a\xC3\xA9\xF0\x9F\x98\x80z");
    const struct doc_block *b = &doc->blocks.at[0];
    assert_int_equal(doc_offset_to_utf16(b, 0), 0);
    assert_int_equal(doc_offset_to_utf16(b, 3), 2);
    assert_int_equal(doc_offset_to_utf16(b, 7), 4);
    assert_int_equal(doc_offset_from_utf16(b, 4), 7);
    assert_int_equal(doc_offset_from_utf16(b, 3), 3); /* the middle of a pair */
    assert_int_equal(doc_offset_from_utf16(b, 99), 8);
}

static void test_text_of_anchors_over_blocks(void **state)
{
    struct read_test *t = *state;
    const struct doc *doc = read_body(
        t,
        "<w:p><w:r><w:t xml:space=\"preserve\">  one two </w:t></w:r></w:p><w:p/><w:p><w:r><w:t>three</w:t></w:r></w:p>");
    assert_str(doc_text_of(doc, doc_anchor_block(doc, 0), t->a), "one two");
    assert_str(doc_text_of(doc, (struct doc_anchor){{0, 6}, {2, 2}}, t->a), "two \n\nth");
    assert_true(doc_block_is_blank(&doc->blocks.at[1]));
    assert_false(doc_block_is_blank(&doc->blocks.at[2]));
    assert_str(doc_text_of(doc, (struct doc_anchor){{7, 0}, {7, 1}}, t->a), ""); /* no such block */
}

#define T(name) cmocka_unit_test_setup_teardown(name, read_test_setup, read_test_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_anchors_are_widened_to_whole_characters),
        T(test_offsets_on_the_wire_are_utf16),
        T(test_text_of_anchors_over_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
