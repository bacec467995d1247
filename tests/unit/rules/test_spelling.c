/* The dictionary and the spelling rule. Skips in words where there is no dictionary. */
#include "rules_test.h"

#include <unistd.h>

#include "rules/spelling.h"
#include "support/docx_build.h"

static bool no_dictionary(void)
{
    if (access("/usr/share/hunspell/en_US.dic", R_OK) == 0) return false;
    print_message("skipped: there is no en_US dictionary for hunspell on this machine\n");
    return true;
}

static void use_dictionary(bool in_background)
{
    struct rules__dictionary *d = NULL;
    struct error e = {0};
    assert_int_equal(spelling_new(NULL, in_background, &d, &e), ERR_OK);
    assert_true(spelling_ready(d));
    assert_true(spelling_knows(d, STR("received")));
    assert_false(spelling_knows(d, STR("recieved")));
    assert_true(spelling_knows(d, STR("")));
    assert_true(spelling_knows(d, STR("a-word-that-is-longer-than-what-is-looked-up-in-the-dictionary-at-all")));

    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct str near[3];
    size_t n = 0, left = 5000;
    assert_int_equal(spelling_near(d, STR("recieved"), near, 3, &left, &n, a, &e), ERR_OK);
    assert_int_equal(n, 1);
    assert_true(str_eq_c(near[0], "received"));
    assert_int_equal(spelling_near(d, STR("xqzzyjk"), near, 3, &left, &n, a, &e), ERR_OK);
    assert_int_equal(n, 0);
    assert_int_equal(spelling_near(d, STR("cas"), near, 3, &left, &n, a, &e), ERR_OK);
    assert_int_equal(n, 3);
    left = 0; /* the work is bounded by what the caller allows */
    assert_int_equal(spelling_near(d, STR("recieved"), near, 3, &left, &n, a, &e), ERR_OK);
    assert_int_equal(n, 0);
    spelling_free(d);
    spelling_free(NULL);
}

static void test_dictionary(void **state)
{
    (void)state;
    if (no_dictionary()) skip();
    use_dictionary(false);
    use_dictionary(true);
    struct rules__dictionary *d = NULL; /* released while it is being loaded */
    struct error e = {0};
    assert_int_equal(spelling_new(NULL, true, &d, &e), ERR_OK);
    spelling_free(d);
}

static void test_no_dictionary_is_said(void **state)
{
    (void)state;
    struct rules__dictionary *d = NULL;
    struct error e = {0};
    assert_int_equal(spelling_new("/nonexistent", false, &d, &e), ERR_NOT_FOUND);
    assert_null(d);
    assert_string_equal(e.reason, "no_dictionary");
    assert_non_null(strstr(e.message, "/nonexistent"));

    struct rules_options o = {.dictionary_folder = "/nonexistent"};
    struct rules_test_run *t = rules_test_new(NULL);
    rules_engine_free(t->engine);
    t->engine = NULL;
    assert_int_equal(rules_engine_new(&o, &t->engine, &e), ERR_OK);
    rules_test_lines(t, "The seller recieved a warning.");
    assert_int_equal(rules_test_count(t, "language.spelling"), 0);
    bool said = false;
    for (size_t i = 0; i < t->coverage.n_skipped; i++)
        if (str_find(t->coverage.skipped[i].reason, STR("dictionary"), 0) != STR_NONE) said = true;
    assert_true(said);
    rules_test_free(t);
}

static void test_rule(void **state)
{
    (void)state;
    if (no_dictionary()) skip();
    static const struct rules_case cases[] = {
        {"language.spelling", "The seller recieved a warning.", "recieved"},
        {"language.spelling", "This occured in the night.", "occured"},
        {"language.spelling", "They are definately late, and seperate.", "definately"},
        {"language.spelling", "We could not acommodate the buyer.", "acommodate"},
        {"language.spelling", "The managment was told untill now.", "managment"},
        {"language.spelling", "The seller received a warning.", NULL},
        {"language.spelling",
         "We learnt to organise the behaviour and the programme of the centre, cancelled and fulfilled.", NULL},
        {"language.spelling", "Mr Recieved and Contosso met the iPhnoe at src/recieved.c and recieved@contoso.com.",
         NULL},
        {"language.spelling", "The frobnitz and the xqzzy are ours.", NULL},
        {"language.spelling", "The statis is a statis, one statis of the old statis.", NULL},
        {"language.spelling", "The popu- lation is a microservices-based preauthorization of the assignees.", NULL},
        {"language.spelling", "don't can’t seller's sellers’ we're o'clock", NULL},
    };
    RULES_TEST_CASES(cases);
}

static void test_other_languages(void **state)
{
    (void)state;
    if (no_dictionary()) skip();
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(
        t, "Der Verkäufer hat die Rechnung nicht erhalten und konnte deshalb nicht antworten, weil niemand wusste, "
           "dass sie verschickt worden war.\nDie Regeln wurden nicht geprüft.");
    assert_int_equal(rules_test_count(t, "language.spelling"), 0);
    rules_test_lines(t, "これは日本語の文章です。");
    assert_int_equal(rules_test_count(t, "language.spelling"), 0);
    rules_test_lines(
        t, "To the of and is zufaellig nirgends wirklich it of the gelesen worden gewesen, of the and verstanden "
           "gesprochen geschrieben in the of and geblieben, the of and it is gegangen gekommen of the "
           "and gewonnen verloren zerbrochen to the vergessen gefunden of the and it getroffen gehalten "
           "to the gezogen geschoben of the gerissen.");
    assert_int_equal(rules_test_count(t, "language.spelling"), 0);
    bool said = false;
    for (size_t i = 0; i < t->coverage.n_skipped; i++)
        if (str_find(t->coverage.skipped[i].reason, STR("not English"), 0) != STR_NONE) said = true;
    assert_true(said);
    rules_test_free(t);
}

static void test_rewrites_and_the_teams_words(void **state)
{
    (void)state;
    if (no_dictionary()) skip();
    struct rules_test_run *t = rules_test_new("{\"words\": [\"occured\"]}");
    rules_test_lines(t, "It occured that the seller recieved it.");
    assert_int_equal(rules_test_count(t, "language.spelling"), 1);
    assert_true(str_eq_c(rules_test_hit(t, "language.spelling", 0)->rewrite, "received"));
    rules_test_free(t);
}

static void test_marks_of_notes_are_no_letters(void **state)
{
    (void)state;
    if (no_dictionary()) skip();
    struct rules_test_run *t = rules_test_new(NULL);
    for (int raised = 0; raised < 2; raised++) {
        struct str body =
            str_printf(t->arena,
                       "<w:p><w:r><w:t xml:space=\"preserve\">The samples showed</w:t></w:r><w:r><w:rPr>%s</w:rPr>"
                       "<w:t>a</w:t></w:r><w:r><w:t xml:space=\"preserve\"> the result.</w:t></w:r></w:p>",
                       raised ? "<w:vertAlign w:val=\"superscript\"/>" : "");
        rules_test_docx(t, test_docx(t->arena, body.p, NULL));
        assert_int_equal(rules_test_count(t, "language.spelling"), raised ? 0 : 1);
    }
    rules_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_no_dictionary_is_said),
        cmocka_unit_test(test_rule),
        cmocka_unit_test(test_other_languages),
        cmocka_unit_test(test_rewrites_and_the_teams_words),
        cmocka_unit_test(test_marks_of_notes_are_no_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
