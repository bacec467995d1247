#include "doc/write_plan.h"

#include "write_test.h"

static void test_clean(void **state)
{
    struct arena *a = *state;
    assert_str(write_clean(a, STR("a\r\nb\rc\td\x01\x0B\x1F\x7F"), false), "a\nb\nc\td\x7F");
    assert_str(write_clean(a, STR("x\xEF\xBF\xBE\xEF\xBF\xBFy"), false), "xy"); /* U+FFFE, U+FFFF */
    assert_str(write_clean(a, STR("x\xED\xA0\x80\xFFy"), false), "xy");         /* a lone surrogate, no UTF-8 */
    assert_str(write_clean(a, STR("\xEF\xBF\xBD"), false), "\xEF\xBF\xBD");     /* U+FFFD itself is a character */
    assert_str(write_clean(a, STR("a\fb"), false), "ab");
    assert_str(write_clean(a, STR("a\fb"), true), "a\fb");
}

static void test_names(void **state)
{
    struct arena *a = *state;
    assert_str(write_clean_name(a, STR("  Ann\tLee\n"), 255), "Ann Lee");
    char name[600];
    memset(name, 'x', sizeof name);
    assert_int_equal(write_clean_name(a, (struct str){name, sizeof name}, 255).n, 255);
    /* an emoji is two of the 9 units */
    assert_int_equal(write_clean_name(a, STR("abcdefgh\xF0\x9F\x98\x80"), 9).n, 8);
}

static void test_not_again_37_initials(void **state)
{
    struct arena *a = *state;
    assert_str(write_initials(a, STR("AL"), STR("Ann Lee")), "AL");
    assert_str(write_initials(a, STR(""), STR("Ann van Lee")), "AvL");
    assert_str(write_initials(a, STR_EMPTY, STR("\xC3\x89mile Zola (Paris)")), "\xC3\x89ZP");
    assert_str(write_initials(a, STR("more than nine"), STR("x")), "more than");
}

static void test_run_text(void **state)
{
    (void)state;
    CLEANUP_SB struct sb sb = SB_INIT(10000);
    write_run_text(&sb, STR("w:"), STR("a < b\n\tc & d\n"));
    assert_str(
        sb_view(&sb),
        "<w:t xml:space=\"preserve\">a &lt; b</w:t><w:br/><w:tab/><w:t xml:space=\"preserve\">c &amp; d</w:t><w:br/>");
}

WRITE_TESTS(cmocka_unit_test(test_clean), cmocka_unit_test(test_names), cmocka_unit_test(test_not_again_37_initials),
            cmocka_unit_test(test_run_text))
