#include "doc/splice.h"

#include "write_test.h"

static struct str apply(struct arena *a, struct str bytes, size_t at, size_t remove, const char *insert)
{
    struct doc_source s = doc_source_of(bytes);
    struct splice_list l = splice_list_make(a);
    splice_add(&l, at, remove, str_from_c(insert));
    struct str ret = STR_EMPTY;
    struct error e = {0};
    if (splice_apply(&l, &s, a, &ret, &e) != ERR_OK) fail_msg("%s: %s", e.message, e.detail);
    return ret;
}

static void test_order(void **state)
{
    struct arena *a = *state;
    struct doc_source s = doc_source_of(STR("0123456789"));
    struct splice_list l = splice_list_make(a);
    splice_add(&l, 5, 2, STR("[56]"));
    splice_add(&l, 5, 0, STR("first "));
    splice_add(&l, 5, 0, STR("second "));
    splice_add(&l, 7, 0, STR("behind "));
    splice_add(&l, 0, 0, STR("start "));
    splice_add(&l, 10, 0, STR(" end"));
    struct str ret = STR_EMPTY;
    assert_int_equal(splice_apply(&l, &s, a, &ret, NULL), ERR_OK);
    assert_str(ret, "start 01234first second [56]behind 789 end");
}

static void test_overlap_is_an_error(void **state)
{
    struct arena *a = *state;
    struct doc_source s = doc_source_of(STR("0123456789"));
    struct str ret = STR("untouched");
    struct error e = {0};
    struct splice_list l = splice_list_make(a);
    splice_add(&l, 2, 4, STR(""));
    splice_add(&l, 5, 1, STR(""));
    assert_int_equal(splice_apply(&l, &s, a, &ret, &e), ERR_INTERNAL);
    assert_string_equal(e.reason, "bad_splice");
    struct splice_list outside = splice_list_make(a);
    splice_add(&outside, 9, 2, STR(""));
    assert_int_equal(splice_apply(&outside, &s, a, &ret, &e), ERR_INTERNAL);
    assert_str(ret, "untouched");
}

static void test_encodings(void **state)
{
    struct arena *a = *state;
    static const char le[] = {'\xFF', '\xFE', 'a', 0, 'b', 0};
    static const char be[] = {0, '<', 0, 'b'};
    static const char le_out[] = {'\xFF', '\xFE', 'a', 0, '\xAC', '\x20', '\x3D', '\xD8', '\x00', '\xDE', 'b', 0};
    static const char be_out[] = {0, '<', '\x20', '\xAC', '\xD8', '\x3D', '\xDE', '\x00', 0, 'b'};
    const char *euro_smile = "\xE2\x82\xAC\xF0\x9F\x98\x80";
    struct str got = apply(a, (struct str){le, sizeof le}, 4, 0, euro_smile);
    assert_true(str_eq(got, (struct str){le_out, sizeof le_out}));
    got = apply(a, (struct str){be, sizeof be}, 2, 0, euro_smile);
    assert_true(str_eq(got, (struct str){be_out, sizeof be_out}));
    struct str latin1 = STR("<?xml version='1.0' encoding='iso-8859-1'?><a>\xE9</a>");
    got = apply(a, latin1, latin1.n - 4, 0, "\xC3\xA9\xE2\x82\xAC");
    assert_str(got, "<?xml version='1.0' encoding='iso-8859-1'?><a>\xE9\xE9&#8364;</a>");
    struct str ascii = STR("<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a></a>");
    got = apply(a, ascii, ascii.n - 4, 0, "\xC3\xA9");
    assert_str(got, "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><a>&#233;</a>");
}

static void test_text_of_a_source(void **state)
{
    struct arena *a = *state;
    static const char le[] = {'\xFF', '\xFE', 'a', 0, '\x3D', '\xD8', '\x00', '\xDE', '\x3D', '\xD8'};
    struct doc_source s = doc_source_of((struct str){le, sizeof le});
    assert_str(doc_source_text(&s, (struct doc_range){2, 8}, a), "a\xF0\x9F\x98\x80");
    assert_str(doc_source_text(&s, (struct doc_range){8, 10}, a), "\xEF\xBF\xBD"); /* half a pair at the end */
    struct doc_source latin1 = doc_source_of(STR("<?xml version='1.0' encoding='ISO-8859-1'?>\xE9"));
    assert_str(doc_source_text(&latin1, (struct doc_range){43, 44}, a), "\xC3\xA9");
}

WRITE_TESTS(cmocka_unit_test(test_order), cmocka_unit_test(test_overlap_is_an_error), cmocka_unit_test(test_encodings),
            cmocka_unit_test(test_text_of_a_source))
