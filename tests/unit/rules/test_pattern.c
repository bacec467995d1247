/* Patterns: what is found and where, UTF-8, bad sources, and text that backtracks for ever elsewhere. */
#include "rules/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct pattern *compile(const char *source, bool caseless)
{
    struct pattern *p = NULL;
    struct error e = {0};
    if (pattern_new(source, caseless, &p, &e) != ERR_OK) fail_msg("%s", e.message);
    return p;
}

static void finds_with_groups(void **state)
{
    (void)state;
    struct pattern *p = compile("(\\d{4})-(\\d\\d)(x)?", false);
    struct str text = STR("on 2026-03 and 2027-04x");
    struct pattern_match m;
    assert_true(pattern_find(p, text, 0, &m));
    assert_int_equal(m.start, 3);
    assert_int_equal(m.end, 10);
    assert_true(str_eq_c(pattern_group(text, &m, 0), "2026-03"));
    assert_true(str_eq_c(pattern_group(text, &m, 1), "2026"));
    assert_true(str_eq_c(pattern_group(text, &m, 2), "03"));
    assert_int_equal(m.group_start[3], STR_NONE);
    assert_int_equal(m.group_start[9], STR_NONE);
    assert_int_equal(pattern_group(text, &m, 3).n, 0);
    assert_true(pattern_find(p, text, m.end, &m));
    assert_true(str_eq_c(pattern_group(text, &m, 3), "x"));
    assert_false(pattern_find(p, text, m.end, &m));
    pattern_free(p);
}

static void steps_over_the_edges(void **state)
{
    (void)state;
    struct pattern *p = compile("é|a*$", false);
    struct pattern_match m;
    assert_true(pattern_find(p, STR_EMPTY, 0, &m));
    assert_int_equal(m.end, 0);
    assert_false(pattern_find(p, STR_EMPTY, 1, &m));
    assert_false(pattern_find(p, STR("abc"), 99, &m));
    struct str accents = STR("éé");
    assert_true(pattern_find(p, accents, 1, &m)); /* the middle of the first é */
    assert_int_equal(m.start, 2);
    pattern_free(p);
}

static void knows_letters_of_all_scripts(void **state)
{
    (void)state;
    struct pattern *p = compile("\\bÜBER\\w+", true);
    struct pattern_match m;
    struct str text = STR("das überprüfte Ergebnis");
    assert_true(pattern_find(p, text, 0, &m));
    assert_true(str_eq_c(pattern_group(text, &m, 0), "überprüfte"));
    pattern_free(p);

    p = compile("\\bÜber", false);
    assert_false(pattern_find(p, text, 0, &m));
    pattern_free(p);
}

static void more_groups_than_kept(void **state)
{
    (void)state;
    struct pattern *p = compile("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", false);
    struct str text = STR("abcdefghijk");
    struct pattern_match m;
    assert_true(pattern_find(p, text, 0, &m));
    assert_int_equal(m.end, 11);
    assert_true(str_eq_c(pattern_group(text, &m, 9), "i"));
    pattern_free(p);
}

static void a_bad_source_is_named(void **state)
{
    (void)state;
    struct pattern *p = NULL;
    struct error e = {0};
    assert_int_equal(pattern_new("abc(def", false, &p, &e), ERR_INTERNAL);
    assert_null(p);
    assert_non_null(strstr(e.message, "abc(def"));
    assert_non_null(strstr(e.message, "at byte 7"));
    pattern_free(NULL);
}

/* Exponential backtracking over 10,000 characters would outlive the universe; the limits end it. A deep match that is merely long is
 * found. */
static void hostile_text_ends(void **state)
{
    (void)state;
    size_t n = 10000;
    char *many = malloc(n + 1);
    assert_non_null(many);
    memset(many, 'a', n);
    many[n] = '!';
    struct pattern *p = compile("^(?:a+)+$", false);
    struct pattern_match m;
    assert_false(pattern_find(p, (struct str){many, n + 1}, 0, &m));
    pattern_free(p);

    p = compile("(?:a|b)*!", false);
    bool found =
        pattern_find(p, (struct str){many, n + 1}, 0, &m); /* beyond the JIT's stack: either answer, no crash */
    assert_true(!found || m.end == n + 1);
    pattern_free(p);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_with_groups),
        cmocka_unit_test(steps_over_the_edges),
        cmocka_unit_test(knows_letters_of_all_scripts),
        cmocka_unit_test(more_groups_than_kept),
        cmocka_unit_test(a_bad_source_is_named),
        cmocka_unit_test(hostile_text_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
