#include "base/utf8.h"

#include "base_test.h"

/* Every code point at a border of the encoding, and its neighbours. */
static const uint32_t border_runes[] = {0,       1,       0x7F,    0x80,    0x81,     0x7FF,   0x800,
                                        0x801,   0xD7FF,  0xE000,  0xFFFD,  0xFFFE,   0xFFFF,  0x10000,
                                        0x10001, 0x3FFFF, 0x40000, 0xFFFFF, 0x100000, 0x10FFFF};
#define N_BORDERS (sizeof border_runes / sizeof *border_runes)

static const char *const malformed[] = {
    "\x80", /* a continuation byte alone */
    "\xBF",
    "\xC0\x80", /* too long forms */
    "\xC1\xBF",
    "\xE0\x80\x80",
    "\xE0\x9F\xBF",
    "\xF0\x80\x80\x80",
    "\xF0\x8F\xBF\xBF",
    "\xC2", /* cut short */
    "\xE2\x82",
    "\xF0\x9F\x98",
    "\xC2\x41",
    "\xE2\x82\x41",
    "\xF0\x9F\x98\x41",
    "\xED\xA0\x80", /* surrogates */
    "\xED\xBF\xBF",
    "\xF4\x90\x80\x80", /* past U+10FFFF */
    "\xF5\x80\x80\x80",
    "\xF8\x88\x80\x80\x80",
    "\xFE",
    "\xFF",
};

static void test_borders_both_ways(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1000);
    for (size_t i = 0; i < N_BORDERS; i++)
        sb_rune(&b, border_runes[i]);
    struct str s = sb_view(&b);
    assert_true(utf8_valid(s));
    size_t at = 0, starts[N_BORDERS + 1] = {0}, units = 0;
    for (size_t i = 0; i < N_BORDERS; i++) {
        starts[i] = at;
        assert_int_equal(utf8_next(s, &at), border_runes[i]);
        for (size_t k = starts[i]; k < at; k++) {
            assert_int_equal(utf8_floor(s, k), starts[i]);
            assert_int_equal(utf8_to_utf16(s, k), units);
        }
        assert_int_equal(utf8_from_utf16(s, units), starts[i]);
        if (border_runes[i] > 0xFFFF) assert_int_equal(utf8_from_utf16(s, units + 1), starts[i]);
        units += border_runes[i] > 0xFFFF ? 2 : 1;
    }
    assert_int_equal(at, s.n);
    assert_int_equal(utf8_utf16_len(s), units);
    assert_int_equal(utf8_to_utf16(s, s.n + 5), units);
    assert_int_equal(utf8_from_utf16(s, units), s.n);
    assert_int_equal(utf8_from_utf16(s, units + 100), s.n);
    assert_int_equal(utf8_floor(s, s.n + 1), s.n);
    for (size_t i = N_BORDERS; i > 0; i--) {
        assert_int_equal(utf8_prev(s, &at), border_runes[i - 1]);
        assert_int_equal(at, starts[i - 1]);
    }
}

static void test_every_code_point(void **state)
{
    (void)state;
    for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
        if (rune == 0xD800) rune = 0xE000;
        CLEANUP_SB struct sb b = SB_INIT(8);
        sb_rune(&b, rune);
        size_t at = 0;
        if (!utf8_valid(sb_view(&b)) || utf8_next(sb_view(&b), &at) != rune || at != b.n ||
            utf8_prev(sb_view(&b), &at) != rune || at != 0)
            fail_msg("U+%04X", rune);
    }
}

static void test_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        for (size_t pad = 0; pad < 10; pad++) { /* also where eight bytes are looked at together */
            CLEANUP_SB struct sb b = SB_INIT(100);
            for (size_t k = 0; k < pad; k++)
                sb_char(&b, 'a');
            sb_c(&b, malformed[i]);
            assert_false(utf8_valid(sb_view(&b)));
            size_t at = pad;
            assert_int_equal(utf8_next(sb_view(&b), &at), 0xFFFD);
            assert_int_equal(at, pad + 1);
            at = b.n;
            size_t steps = 0;
            while (at > 0) {
                (void)utf8_prev(sb_view(&b), &at);
                steps++;
            }
            assert_int_equal(steps, b.n); /* no byte belongs to a sequence */
            assert_int_equal(utf8_utf16_len(sb_view(&b)), b.n);
            for (size_t k = 0; k <= b.n; k++)
                assert_int_equal(utf8_floor(sb_view(&b), k), k);
            assert_in_range(utf8_grapheme_floor(sb_view(&b), b.n - 1), 0, b.n);
        }
    }
    assert_true(utf8_valid(STR_EMPTY));
}

static void test_utf16(void **state)
{
    (void)state;
    struct str s = STR("plain ascii text, then \xC3\xA9 and \xF0\x9F\x98\x80 and more ascii");
    assert_int_equal(utf8_utf16_len(s), s.n - 1 - 2);
    size_t emoji = str_find(s, STR("\xF0"), 0);
    assert_int_equal(utf8_to_utf16(s, emoji), emoji - 1);
    assert_int_equal(utf8_to_utf16(s, emoji + 2), emoji - 1);
    assert_int_equal(utf8_to_utf16(s, emoji + 4), emoji + 1);
    assert_int_equal(utf8_from_utf16(s, emoji), emoji); /* the low surrogate */
    for (size_t i = 0; i <= s.n; i++)
        assert_int_equal(utf8_from_utf16(s, utf8_to_utf16(s, i)), utf8_floor(s, i));
    assert_int_equal(utf8_utf16_len(STR_EMPTY), 0);
    assert_int_equal(utf8_from_utf16(STR_EMPTY, 3), 0);
}

/* The clusters of s are exactly those whose byte lengths are given, from every byte. */
static void check_clusters(const char *text, const size_t *lengths, size_t n)
{
    struct str s = str_from_c(text);
    size_t start = 0;
    for (size_t i = 0; i < n; i++) {
        size_t end = start + lengths[i];
        for (size_t at = start; at < end; at++) {
            size_t floor = utf8_grapheme_floor(s, at), ceil = utf8_grapheme_ceil(s, at);
            if (floor != start || ceil != (at == start ? start : end))
                fail_msg("at %zu of \"%s\": %zu to %zu, not %zu to %zu", at, text, floor, ceil, start, end);
        }
        start = end;
    }
    assert_int_equal(start, s.n);
    assert_int_equal(utf8_grapheme_floor(s, s.n), s.n);
    assert_int_equal(utf8_grapheme_ceil(s, s.n + 3), s.n);
}
#define CLUSTERS(text, ...)                                                                                            \
    check_clusters(text, (const size_t[]){__VA_ARGS__}, sizeof((const size_t[]){__VA_ARGS__}) / sizeof(size_t))

static void test_graphemes(void **state)
{
    (void)state;
    CLUSTERS("abc", 1, 1, 1);
    CLUSTERS("a\r\nb", 1, 2, 1);
    CLUSTERS("e\xCC\x81x", 3, 1); /* combining acute */
    CLUSTERS("e\xCC\x81\xCC\x82\xCC\x83", 7);
    CLUSTERS("\xCC\x81x", 2, 1); /* a mark with nothing before it */
    /* man, ZWJ, woman, ZWJ, girl; then a letter */
    CLUSTERS("\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7x", 18, 1);
    CLUSTERS("a\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD!", 1, 8, 1); /* thumb with skin tone */
    /* regional indicators pair up from the left: DE, FR, and one over */
    CLUSTERS("\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7\xF0\x9F\x87\xA9", 8, 8, 4);
    CLUSTERS("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB\xEA\xB0\x80", 9, 3); /* Hangul jamo, then a syllable */
    CLUSTERS("\xE4\xB8\xAD\xE6\x96\x87", 3, 3);
    assert_int_equal(utf8_grapheme_floor(STR_EMPTY, 0), 0);
    assert_int_equal(utf8_grapheme_ceil(STR_EMPTY, 0), 0);
}

static void test_very_long_cluster(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    sb_char(&b, 'e');
    for (int i = 0; i < 20000; i++)
        sb_rune(&b, 0x301);
    size_t at = utf8_grapheme_floor(sb_view(&b), 30001); /* ends, at a code point */
    assert_true(at <= 30001 && at % 2 == 1);
}

static void test_classes(void **state)
{
    (void)state;
    assert_true(utf8_is_letter('a') && utf8_is_letter('Z') && utf8_is_letter(0xE9) && utf8_is_letter(0x4E2D) &&
                utf8_is_letter(0x5D0));
    assert_false(utf8_is_letter('1') || utf8_is_letter('_') || utf8_is_letter('@') || utf8_is_letter('[') ||
                 utf8_is_letter(0x301) || utf8_is_letter(0x110000));
    assert_true(utf8_is_digit('0') && utf8_is_digit('9') && utf8_is_digit(0x663));
    assert_false(utf8_is_digit('a') || utf8_is_digit(0xBD) || utf8_is_digit(0x2160));
    static const uint32_t spaces[] = {9,      10,     11,     12,     13,     32,     0x85,   0xA0,   0x1680,
                                      0x2000, 0x200A, 0x200B, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        assert_true(utf8_is_space(spaces[i]));
    assert_false(utf8_is_space('a') || utf8_is_space(8) || utf8_is_space(14) || utf8_is_space(0x200C) ||
                 utf8_is_space(0x180E));
    assert_true(utf8_is_upper('A') && utf8_is_upper(0xC9) && utf8_is_upper(0x410));
    assert_false(utf8_is_upper('a') || utf8_is_upper(0xE9) || utf8_is_upper('1'));
    assert_true(utf8_is_lower('a') && utf8_is_lower(0xE9));
    assert_false(utf8_is_lower('A') || utf8_is_lower(0xC9) || utf8_is_lower('1'));
    assert_int_equal(utf8_to_lower('A'), 'a');
    assert_int_equal(utf8_to_lower('['), '[');
    assert_int_equal(utf8_to_lower(0xC9), 0xE9);
    assert_int_equal(utf8_to_lower(0x130000), 0x130000);
}

static void test_fold(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    assert_str(utf8_fold_case(a, STR("Hello \xC3\x89T\xC3\x89 1")), "hello \xC3\xA9t\xC3\xA9 1");
    /* the three sigmas are one */
    assert_str(utf8_fold_case(a, STR("\xCE\xA3\xCF\x83\xCF\x82")), "\xCF\x83\xCF\x83\xCF\x83");
    assert_str(utf8_fold_case(a, STR("\xE1\xBA\x9E")), "\xC3\x9F"); /* capital sharp s: simple folding, not "ss" */
    assert_non_null(utf8_fold_case(a, STR_EMPTY).p);
    CLEANUP_ARENA struct arena *tiny = arena_new(1);
    assert_null(utf8_fold_case(tiny, STR("abc")).p);
}

static void check_decomposed(uint32_t rune, const uint32_t *want, size_t n)
{
    uint32_t got[UTF8_DECOMPOSE_MAX] = {0};
    assert_int_equal(utf8_decompose(rune, got), n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(got[i], want[i]);
}

static void test_decompose(void **state)
{
    (void)state;
    check_decomposed('a', (const uint32_t[]){'a'}, 1);
    check_decomposed(0xE9, (const uint32_t[]){'e', 0x301}, 2);
    check_decomposed(0xFB01, (const uint32_t[]){'f', 'i'}, 2); /* ligature */
    check_decomposed(0xFF21, (const uint32_t[]){'A'}, 1);      /* full width */
    check_decomposed(0xA0, (const uint32_t[]){' '}, 1);
    check_decomposed(0xAC00, (const uint32_t[]){0x1100, 0x1161}, 2);
    uint32_t longest[UTF8_DECOMPOSE_MAX] = {0};
    for (uint32_t rune = 0; rune <= 0x110000; rune++) {
        size_t n = utf8_decompose(rune, longest);
        if (n > UTF8_DECOMPOSE_MAX) fail_msg("U+%04X: %zu", rune, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_borders_both_ways), cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_malformed),         cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_graphemes),         cmocka_unit_test(test_very_long_cluster),
        cmocka_unit_test(test_classes),           cmocka_unit_test(test_fold),
        cmocka_unit_test(test_decompose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
