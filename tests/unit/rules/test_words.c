/* Words, phrases and kinds of text; and that no rule is more than linear in hostile text: each text here is so long that a quadratic
 * rule would not end within the test's time limit. */
#include "rules_test.h"

#include <stdlib.h>

#include "rules/words.h"
#include "support/docx_build.h"

static void test_next(void **state)
{
    (void)state;
    struct str text = STR("Don’t re-use X200, Über-naïve 'IT'!");
    static const char *const expected[] = {"Don’t", "re", "use", "X200", "Über", "naïve", "IT"};
    struct word w;
    size_t at = 0;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_true(words_next(text, &at, &w));
        assert_true(str_eq_c(words_text(text, w), expected[i]));
        assert_int_equal(w.upper_first, i == 0 || i >= 3 ? (i != 5) : 0);
        assert_int_equal(w.all_upper, i == 6);
        assert_int_equal(w.has_digit, i == 3);
    }
    assert_false(words_next(text, &at, &w));
    assert_false(words_next(STR_EMPTY, &(size_t){0}, &w));
}

static void test_phrases(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    static const struct phrase table[] = {
        {"a lot of", "long"}, {"a lot", "short"}, {"one * two", "gap"}, {"don't", NULL}};
    struct phrases set = {0};
    struct error e = {0};
    assert_int_equal(phrases_make(a, table, 4, &set, &e), ERR_OK);
    static const struct {
        struct str text;
        const char *note;
        size_t end;
    } cases[] = {
        {STR_INIT("A  lot of it"), "long", 9}, {STR_INIT("a lot, of"), "short", 5}, {STR_INIT("a. lot"), NULL, 0},
        {STR_INIT("One big TWO"), "gap", 11},  {STR_INIT("one two"), NULL, 0},      {STR_INIT("another lot"), NULL, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct word w;
        size_t at = 0, end = 0;
        assert_true(words_next(cases[i].text, &at, &w));
        const struct phrase *found = phrases_at(&set, cases[i].text, w, &end);
        if (!cases[i].note) {
            assert_null(found);
            continue;
        }
        assert_non_null(found);
        assert_string_equal(found->note, cases[i].note);
        assert_int_equal(end, cases[i].end);
    }
}

static void test_english(void **state)
{
    (void)state;
    assert_true(words_is_english(STR("The seller has sent the invoice to the team of the region."), false));
    assert_false(words_is_english(STR("Der Verkäufer hat die Rechnung an das Team der Region geschickt."), true));
    assert_false(words_is_english(STR("Gammon MD, Wolff MS, Neugut AI, Eng SM, Teitelbaum SL, Britton JA"), true));
    assert_true(words_is_english(STR("Bonjour tout le monde"), true));
    assert_false(words_is_english(STR("Hello world"), false));
}

static void test_long_keys(void **state)
{
    (void)state;
    char buf[WORDS_KEY_MAX];
    assert_true(str_eq_c(words_key(STR("DON’T"), buf), "don't"));
    assert_null(words_key(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), buf).p);
}

#define HOSTILE_BYTES ((size_t)1 << 18)

/* `unit` again and again as one paragraph. */
static void run_repeated(struct rules_test_run *t, const char *unit)
{
    CLEANUP_SB struct sb body = SB_INIT(HOSTILE_BYTES * 8);
    SB_LIT(&body, "<w:p><w:r><w:t xml:space=\"preserve\">");
    while (body.n < HOSTILE_BYTES)
        sb_xml_text(&body, str_from_c(unit));
    SB_LIT(&body, "</w:t></w:r></w:p>");
    sb_char(&body, '\0');
    assert_true(sb_ok(&body));
    rules_test_docx(t, test_docx(t->arena, body.p, NULL));
}

static void test_hostile_text_ends(void **state)
{
    (void)state;
    static const char *const units[] = {
        "a",         "1",     "A",       " ",         "@",   "a@",   "1 ",    "1-",           "+1 ",
        "(1",        "://",   "http://", "a.",        "a-",  "-",    "% ",    "1% ",          "1,",
        "DE89",      "DE89 ", "the ",    "was not ",  "Aa ", "A B ", "1.1.",  "a:",           ":",
        "eyJa.",     "sk-",   "key: ",   "password ", "’",   "\"",   "many ", "\xE2\x80\x89", "A1 ",
        "12 aa bb ", "$",     "(A) "};
    struct rules_test_run *t = rules_test_new(NULL);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        run_repeated(t, units[i]);
    rules_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next),      cmocka_unit_test(test_phrases),           cmocka_unit_test(test_english),
        cmocka_unit_test(test_long_keys), cmocka_unit_test(test_hostile_text_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
