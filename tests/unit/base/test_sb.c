#include "base/sb.h"

#include "base_test.h"

static void test_append(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(100000);
    SB_LIT(&b, "a");
    sb_c(&b, "bc");
    sb_c(&b, NULL);
    sb_char(&b, 'd');
    sb_u64(&b, 0);
    sb_u64(&b, UINT64_MAX);
    sb_printf(&b, "%s=%d", "x", -1);
    sb_str(&b, STR_EMPTY);
    assert_true(sb_ok(&b));
    assert_str(sb_view(&b), "abcd018446744073709551615x=-1");
    sb_reset(&b);
    assert_int_equal(sb_view(&b).n, 0);
    for (int i = 0; i < 3000; i++)
        sb_char(&b, (char)('a' + i % 26));
    sb_printf(&b, "%2000d", 7); /* longer than the builder's own buffer for formatting */
    assert_int_equal(b.n, 5000);
    assert_int_equal(b.p[2999], 'a' + 2999 % 26);
    assert_int_equal(b.p[4999], '7');
}

static void test_failure_sticks(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(4096);
    struct sb b = SB_INIT(10);
    struct str taken = STR("before");
    struct error e = {0};
    SB_LIT(&b, "12345");
    SB_LIT(&b, "678901"); /* does not fit, and must not go in by half */
    SB_LIT(&b, "6");
    sb_printf(&b, "%d", 1);
    assert_false(sb_ok(&b));
    assert_str(sb_view(&b), "12345");
    assert_int_equal(sb_take(&b, a, &taken, &e), ERR_LIMIT);
    assert_str(taken, "before");
    assert_has(e.message, "10 bytes");
    assert_true(sb_ok(&b));
    SB_LIT(&b, "1234567890");
    assert_true(sb_ok(&b));
    assert_int_equal(sb_take(&b, a, &taken, &e), ERR_OK);
    assert_str(taken, "1234567890");
    assert_int_equal(taken.p[10], 0);
    sb_printf(&b, "%600d", 1);
    assert_false(sb_ok(&b));
    sb_reset(&b);
    assert_true(sb_ok(&b));
    assert_int_equal(sb_take(&b, a, &taken, &e), ERR_OK);
    assert_int_equal(taken.n, 0);
    sb_done(&b);
}

static void test_take_without_arena_memory(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(8);
    CLEANUP_SB struct sb b = SB_INIT(100);
    struct str taken = STR_EMPTY;
    struct error e = {0};
    SB_LIT(&b, "123456789");
    assert_int_equal(sb_take(&b, a, &taken, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "out_of_memory");
    assert_null(taken.p);
}

static void test_rune(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1000);
    static const uint32_t runes[] = {0x41, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF, 0xD800, 0x110000};
    for (size_t i = 0; i < sizeof runes / sizeof *runes; i++)
        sb_rune(&b, runes[i]);
    assert_str(sb_view(&b),
               "A\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void test_xml_text(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1000);
    sb_xml_text(&b, STR("a & b < \"c\" ]]> 'd'\t\n\r\x01\x1F\xEF\xBF\xBE\xEF\xBF\xBF\xF0\x9F\x98\x80"));
    assert_str(sb_view(&b), "a &amp; b &lt; &quot;c&quot; ]]&gt; 'd'\t\n&#13;\xF0\x9F\x98\x80");
    sb_reset(&b);
    sb_xml_attr(&b, STR("\t\n\r<\x7F\xC2\x85"));
    assert_str(sb_view(&b), "&#9;&#10;&#13;&lt;\x7F\xC2\x85");
    sb_reset(&b);
    sb_xml_text(&b, STR("x\xED\xA0\x80y\xFFz\xC3")); /* a surrogate is dropped, other stray bytes are shown as such */
    assert_str(sb_view(&b), "xy\xEF\xBF\xBDz\xEF\xBF\xBD");
    sb_reset(&b);
    sb_xml_text(&b, STR_EMPTY);
    assert_int_equal(b.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_failure_sticks),
        cmocka_unit_test(test_take_without_arena_memory),
        cmocka_unit_test(test_rune),
        cmocka_unit_test(test_xml_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
