#include "base/str.h"

#include "base_test.h"

static void test_compare(void **state)
{
    (void)state;
    assert_true(str_eq(STR("abc"), STR("abc")));
    assert_false(str_eq(STR("abc"), STR("abd")));
    assert_true(str_eq(STR_EMPTY, STR("")));
    assert_true(str_eq_c(STR_EMPTY, NULL));
    assert_true(str_eq_nocase(STR("aBc-1"), STR("AbC-1")));
    assert_false(str_eq_nocase(STR("@"), STR("`"))); /* 0x40 and 0x60 differ by the case bit but are no letters */
    assert_false(str_eq_nocase(STR("\xC3\x89"), STR("\xC3\xA9")));
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\x80"), STR("a")) > 0);
    assert_int_equal(str_cmp(STR("x"), STR("x")), 0);
    assert_int_equal(str_cmp(STR_EMPTY, STR_EMPTY), 0);
}

static void test_starts_ends(void **state)
{
    (void)state;
    assert_true(str_starts(STR("word/x.xml"), STR("word/")));
    assert_false(str_starts(STR("wo"), STR("word/")));
    assert_true(str_starts(STR("x"), STR_EMPTY));
    assert_true(str_starts(STR_EMPTY, STR_EMPTY));
    assert_true(str_ends(STR("a.docx"), STR(".docx")));
    assert_false(str_ends(STR("a.docX"), STR(".docx")));
    assert_true(str_ends_nocase(STR("a.docX"), STR(".DOCx")));
    assert_true(str_starts_nocase(STR("HTTP://x"), STR("http:")));
    assert_false(str_starts_nocase(STR("h"), STR("http:")));
    assert_false(str_ends_nocase(STR("x"), STR("xx")));
}

static void test_sub(void **state)
{
    (void)state;
    assert_str(str_sub(STR("hello"), 1, 3), "el");
    assert_str(str_sub(STR("hello"), 3, 99), "lo");
    assert_str(str_sub(STR("hello"), 4, 2), "");
    assert_str(str_sub(STR_EMPTY, 1, 2), "");
}

static void test_find(void **state)
{
    (void)state;
    struct str s = STR("one two one");
    assert_int_equal(str_find(s, STR("one"), 0), 0);
    assert_int_equal(str_find(s, STR("one"), 1), 8);
    assert_int_equal(str_find(s, STR("one"), 9), STR_NONE);
    assert_int_equal(str_find(s, STR(""), 3), 3);
    assert_int_equal(str_find(s, STR(""), 99), STR_NONE);
    assert_int_equal(str_find(STR("ab"), STR("abc"), 0), STR_NONE);
    assert_int_equal(str_find(STR_EMPTY, STR("a"), 0), STR_NONE);
    assert_int_equal(str_find_nocase(s, STR("ONE"), 1), 8);
    assert_int_equal(str_find_nocase(s, STR("xONE"), 0), STR_NONE);
    assert_int_equal(str_find_nocase(s, STR("TWO"), 4), 4);
    assert_int_equal(str_find_nocase(s, STR(""), 11), 11);
    assert_int_equal(str_find_char(s, 't', 0), 4);
    assert_int_equal(str_find_char(s, 'o', 9), STR_NONE);
    assert_int_equal(str_find_char(s, 'o', 999), STR_NONE);
}

static void test_trim(void **state)
{
    (void)state;
    assert_str(str_trim(STR(" \t\r\nab c\xC2\xA0 \n")), "ab c");
    assert_str(str_trim(STR("\xC2\xA0\xC2\xA0")), "");
    assert_str(str_trim(STR("\xC3\xA0")), "\xC3\xA0"); /* ends with the second byte of U+00A0, but is not one */
    assert_str(str_trim(STR_EMPTY), "");
}

static void test_cut(void **state)
{
    (void)state;
    struct str rest = STR("a,,b,");
    const char *const want[] = {"a", "", "b", ""};
    size_t n = 0;
    while (rest.p) {
        struct str part = str_cut(rest, ',', &rest);
        assert_true(n < 4);
        assert_str(part, want[n++]);
    }
    assert_int_equal(n, 4);
    assert_str(str_cut(STR("abc"), ',', &rest), "abc");
    assert_null(rest.p);
}

static void test_copies(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(4096);
    struct str copy = str_dup(a, STR("x\0y"));
    assert_int_equal(copy.n, 3);
    assert_memory_equal(copy.p, "x\0y", 4);
    assert_non_null(str_dup(a, STR_EMPTY).p);
    assert_string_equal(str_to_c(a, STR("abc")), "abc");
    assert_str(str_printf(a, "%d-%s", 42, "z"), "42-z");
    assert_null(str_printf(a, "%5000d", 1).p);
    CLEANUP_ARENA struct arena *tiny = arena_new(1);
    assert_null(str_dup(tiny, STR("abc")).p);
    assert_null(str_to_c(tiny, STR("abc")));
}

static void test_u64(void **state)
{
    (void)state;
    uint64_t v = 77;
    struct error e = {0};
    assert_int_equal(str_to_u64(STR("18446744073709551615"), 0, UINT64_MAX, &v, &e), ERR_OK);
    assert_true(v == UINT64_MAX);
    assert_int_equal(str_to_u64(STR("007"), 0, 10, &v, &e), ERR_OK);
    assert_int_equal(v, 7);
    static const char *const bad[] = {
        "", " 1", "1 ", "+1", "-1", "1a", "0x1", "18446744073709551616", "184467440737095516150", "4", "11"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(str_to_u64(str_from_c(bad[i]), 5, 10, &v, &e), ERR_INVALID);
        assert_int_equal(v, 7);
        assert_has(e.message, "from 5 to 10");
        assert_has(e.message, bad[i]);
    }
}

static void test_i64(void **state)
{
    (void)state;
    int64_t v = 77;
    struct error e = {0};
    assert_int_equal(str_to_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v, &e), ERR_OK);
    assert_true(v == INT64_MIN);
    assert_int_equal(str_to_i64(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &v, &e), ERR_OK);
    assert_true(v == INT64_MAX);
    assert_int_equal(str_to_i64(STR("-0"), INT64_MIN, INT64_MAX, &v, &e), ERR_OK);
    assert_true(v == 0);
    static const char *const bad[] = {"", "-", "--1", "9223372036854775808", "-9223372036854775809", "1.0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(str_to_i64(str_from_c(bad[i]), INT64_MIN, INT64_MAX, &v, &e), ERR_INVALID);
    assert_int_equal(str_to_i64(STR("-6"), -5, 5, &v, &e), ERR_INVALID);
    assert_true(v == 0);
}

static void test_double(void **state)
{
    (void)state;
    double v = 77;
    struct error e = {0};
    assert_int_equal(str_to_double(STR("-12.5e-1"), -10, 10, &v, &e), ERR_OK);
    assert_true(v > -1.2501 && v < -1.2499);
    assert_int_equal(str_to_double(STR("3"), 0, 10, &v, &e), ERR_OK);
    assert_true(v >= 3 && v <= 3);
    static const char *const bad[] = {"",      ".",  ".5",  "5.",    "1e", "1e+",  "inf", "nan",
                                      "0x1p3", " 1", "1,5", "1e999", "11", "-0.1", "+1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(str_to_double(str_from_c(bad[i]), 0, 10, &v, &e), ERR_INVALID);
    assert_true(v >= 3 && v <= 3);
}

static void test_long_number_in_message(void **state)
{
    (void)state;
    char digits[300];
    memset(digits, '9', sizeof digits);
    struct error e = {0};
    uint64_t v = 0;
    assert_int_equal(str_to_u64((struct str){digits, sizeof digits}, 1, 2, &v, &e), ERR_INVALID);
    assert_has(e.message, "from 1 to 2");
    double d = 0;
    assert_int_equal(str_to_double((struct str){digits, sizeof digits}, 1, 2, &d, &e), ERR_INVALID);
}

static void test_hash(void **state)
{
    (void)state;
    assert_true(str_hash(STR("abc")) == str_hash(str_from_c("abc")));
    assert_true(str_hash(STR("abc")) != str_hash(STR("abd")));
    assert_true(str_hash(STR_EMPTY) == str_hash(STR("")));
    unsigned buckets[64] = {0};
    for (unsigned i = 0; i < 6400; i++) {
        char key[4] = {'k', (char)('0' + i % 80), (char)('0' + i / 80), 0};
        buckets[str_hash(str_from_c(key)) & 63]++;
    }
    for (size_t i = 0; i < 64; i++)
        assert_in_range(buckets[i], 50, 160); /* 100 each on average */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare), cmocka_unit_test(test_starts_ends),
        cmocka_unit_test(test_sub),     cmocka_unit_test(test_find),
        cmocka_unit_test(test_trim),    cmocka_unit_test(test_cut),
        cmocka_unit_test(test_copies),  cmocka_unit_test(test_u64),
        cmocka_unit_test(test_i64),     cmocka_unit_test(test_double),
        cmocka_unit_test(test_hash),    cmocka_unit_test(test_long_number_in_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
