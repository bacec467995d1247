#include "doc/write_diff.h"

#include "base/sb.h"
#include "write_test.h"

/* "the [-old-]{+new+} words" */
static void check(struct arena *a, const char *old_text, const char *new_text, const char *expected)
{
    struct diff d = {0};
    struct str o = str_from_c(old_text), n = str_from_c(new_text);
    assert_int_equal(write_diff_words(a, o, n, &d, NULL), ERR_OK);
    CLEANUP_SB struct sb sb = SB_INIT(100000);
    CLEANUP_SB struct sb accepted = SB_INIT(100000);
    size_t at = 0;
    for (size_t i = 0; i < d.n; i++) {
        sb_str(&sb, str_sub(o, at, d.at[i].old_start));
        sb_str(&accepted, str_sub(o, at, d.at[i].old_start));
        if (d.at[i].old_end > d.at[i].old_start)
            sb_printf(&sb, "[-%.*s-]", STR_ARG(str_sub(o, d.at[i].old_start, d.at[i].old_end)));
        if (d.at[i].new_end > d.at[i].new_start)
            sb_printf(&sb, "{+%.*s+}", STR_ARG(str_sub(n, d.at[i].new_start, d.at[i].new_end)));
        sb_str(&accepted, str_sub(n, d.at[i].new_start, d.at[i].new_end));
        at = d.at[i].old_end;
    }
    sb_str(&sb, str_sub(o, at, o.n));
    sb_str(&accepted, str_sub(o, at, o.n));
    assert_true(str_eq(sb_view(&accepted), n) || (n.n == 0 && accepted.n == 0));
    assert_str(sb_view(&sb), expected);
}

static void test_words(void **state)
{
    struct arena *a = *state;
    check(a, "the old word", "the new word", "the [-old-]{+new+} word");
    check(a, "same", "same", "same");
    check(a, "", "all new", "{+all new+}");
    check(a, "all old", "", "[-all old-]");
    check(a, "one two", "one and two", "one {+and +}two");
    check(a, "one and two", "one two", "one [-and -]two");
    check(a, "recieve it", "receive it", "[-recieve-]{+receive+} it"); /* never a part of a word */
    check(a, "It don't cost 1,234.50 now", "It doesn't cost 1,234.75 now",
          "It [-don't-]{+doesn't+} cost [-1,234.50-]{+1,234.75+} now");
    check(a, "a b c d", "a x y d", "a [-b c-]{+x y+} d");           /* a kept space alone is no island */
    check(a, "x keep y", "z keep w", "[-x-]{+z+} keep [-y-]{+w+}"); /* a kept word is */
}

static void test_characters_stay_whole(void **state)
{
    struct arena *a = *state;
    /* a letter with a combining accent, and a family emoji of several code points */
    check(a, "e\xCC\x81 x", "e x", "[-e\xCC\x81-]{+e+} x");
    check(a, "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7!", "\xF0\x9F\x91\xA9!",
          "[-\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7-]{+\xF0\x9F\x91\xA9+}!");
}

static void test_objects_are_islands(void **state)
{
    check(*state, "a \xEF\xBF\xBC b", "c \xEF\xBF\xBC d", "[-a-]{+c+} \xEF\xBF\xBC [-b-]{+d+}");
}

static void test_long_texts_are_one_hunk(void **state)
{
    struct arena *a = *state;
    char *o = NEW(a, char, 20001), *n = NEW(a, char, 20001);
    assert_true(o && n);
    for (size_t i = 0; i < 20000; i += 2) {
        o[i] = 'a';
        n[i] = 'b';
        o[i + 1] = n[i + 1] = ' ';
    }
    struct diff d = {0};
    assert_int_equal(write_diff_words(a, str_from_c(o), str_from_c(n), &d, NULL), ERR_OK);
    assert_int_equal(d.n, 1);
}

WRITE_TESTS(cmocka_unit_test(test_words), cmocka_unit_test(test_characters_stay_whole),
            cmocka_unit_test(test_objects_are_islands), cmocka_unit_test(test_long_texts_are_one_hunk))
