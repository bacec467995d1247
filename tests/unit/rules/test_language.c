/* The language family: texts that must fire and texts that must not. */
#include "rules_test.h"

#define CASE(name, fires, quote)                                                                                       \
    {                                                                                                                  \
        "language." name, fires, quote                                                                                 \
    }
#define TEN   "the team and the seller had to wait for the invoice of "
#define PROSE TEN TEN TEN

/* A short line tells nothing of its language, so the document does. */
#define GERMAN                                                                                                         \
    "Das Konto des Kunden wurde gesperrt, weil sein Antrag nicht vollst\xC3\xA4ndig war und niemand ihn noch einmal "  \
    "gepr\xC3\xBC"                                                                                                     \
    "ft hat; erst nach der Beschwerde kam der Fehler ans Licht. "

static void test_acronyms(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("acronym_undefined", "The case was sent to the TRMS team.", "TRMS"),
        CASE("acronym_undefined", "Our SLAs were missed, as the SOP was old.", "SLAs"),
        CASE("acronym_undefined", "The queue of the ATO team was long, and the ATO team was small.", "ATO"),
        CASE("acronym_undefined", "It is the QXR that failed.", "QXR"),
        CASE("acronym_undefined", "The case was sent to the Transaction Risk Management System (TRMS) team.", NULL),
        CASE("acronym_undefined", "The PDF was sent to the USA by the CEO.", NULL),
        CASE("acronym_undefined", "It was paid to GB82 WEST 1234 5698 7654 32 in May.", NULL),
        CASE("acronym_undefined", "ALL CASES MUST BE SENT TO TRMS", NULL),
        CASE("acronym_undefined", "It is in part XIV of the plan, box X200.", NULL),
        CASE("acronym_undefined", "Do NOT send it. We did not.", NULL),
        CASE("acronym_undefined", "The office is in Sacramento, CA and the office is open.", NULL),
        CASE("acronym_undefined", "# TRMS\nThe system was late.", NULL),
        CASE("acronym_undefined", GERMAN GERMAN GERMAN "\nWeiter geht TRMS QXR.", NULL),

        CASE("acronym_redefined", "The Service Level Agreement (SLA) holds.\nThe Seller Learning Academy (SLA) helps.",
             "Seller Learning Academy (SLA)"),
        CASE("acronym_redefined", "The Root Cause Analysis (RCA) is here.\nThe Root Cause Analysis (RCA) is there.",
             "Root Cause Analysis (RCA)"),
        CASE("acronym_redefined", "A Quality Control (QC) step.\nThe Quality Council (QC) met.",
             "Quality Council (QC)"),
        CASE("acronym_redefined", "The Risk Team (RT) met.\nThe Review Team (RT) met.", "Review Team (RT)"),
        CASE("acronym_redefined", "The Service Level Agreement (SLA) holds.\nThe SLA was missed.", NULL),
        CASE("acronym_redefined", "The Service Level Agreement (SLA) holds.\nA Root Cause Analysis (RCA) follows.",
             NULL),
        CASE("acronym_redefined", "The SLA was missed.", NULL),
        CASE("acronym_redefined", "The Service Level Agreement (SLA) is in the annex (A).", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_sentences(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("long_sentence", "Short one. In " PROSE TEN TEN "May. Short.", "In " PROSE TEN TEN "May."),
        CASE("long_sentence", "- In " PROSE TEN TEN "May", "In " PROSE TEN TEN "May"),
        CASE("long_sentence", PROSE PROSE "x.", PROSE PROSE "x."),
        CASE("long_sentence", PROSE ", " PROSE "x!", PROSE ", " PROSE "x!"),
        CASE("long_sentence", PROSE "May. The end. In " PROSE "June.", NULL),
        CASE("long_sentence", "They " PROSE "x; " PROSE "y; and " TEN "z.", NULL),
        CASE("long_sentence", "They (a) " PROSE "x, (b) " PROSE "y, (c) " TEN "z.", NULL),
        CASE("long_sentence",
             "12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 "
             "43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 and so on.",
             NULL),
        CASE("long_sentence", "# " PROSE PROSE "x", NULL),

        CASE("repeated_word", "The seller sent the the invoice.", "the the"),
        CASE("repeated_word", "We we looked at it.", "We we"),
        CASE("repeated_word", "It was was late, and that was it.", "was was"),
        CASE("repeated_word", "The seller sent\xC2\xA0sent it.", "sent\xC2\xA0sent"),
        CASE("repeated_word", "Take a a look at it.", "a a"),
        CASE("repeated_word", "The seller had had a warning, and that that was old.", NULL),
        CASE("repeated_word", "He lives in Wagga Wagga.", NULL),
        CASE("repeated_word", "It is the end. The the-end case.", NULL),
        CASE("repeated_word", "Read this. This is it; it, it said.", NULL),
        CASE("repeated_word", "Das sind Regeln, die die Firma und die Leute nicht kennen.", NULL),
        CASE("repeated_word", "Groups 12 12 13 of the list.", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_wording(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("passive_actor", "# Root Causes\nNo appeal was overlooked.", NULL),
        CASE("passive_actor", "# Root Causes\nThe second appeal was overlooked.", "was overlooked"),
        CASE("passive_actor", "# Timeline\n- The alarm was never checked.", "was never checked"),
        CASE("passive_actor", "# Findings\nThe policy has not been updated since May.", "has not been updated"),
        CASE("passive_actor", "# Corrective actions\nIt was mistakenly approved.", "was mistakenly approved"),
        CASE("passive_actor", "# Root Causes\nThe second appeal was overlooked by the night shift.", NULL),
        CASE("passive_actor", "# Root Causes\nThe seller was suspended on 3 March.", NULL),
        CASE("passive_actor", "# Scope\nThe second appeal was overlooked.", NULL),
        CASE("passive_actor", "# Root Causes\nThe night shift overlooked the second appeal.", NULL),
        CASE("passive_actor", "# Root Causes\nThe appeal was reviewed on Monday.", NULL),

        CASE("weasel", "The fix will be deployed as soon as possible.", "as soon as possible"),
        CASE("weasel", "Presumably the seller did not know.", "Presumably"),
        CASE("weasel", "It is believed that the job failed.", "It is believed that"),
        CASE("weasel", "This helps to some extent.", "to some extent"),
        CASE("weasel", "The fix will be deployed on 3 March 2026.", NULL),
        CASE("weasel", "The seller wrote \"hopefully\" in the ticket.", NULL),
        CASE("weasel", "We believe it, and it is possible.", NULL),
        CASE("weasel", "# In due course\nText.", NULL),

        CASE("absolute", "Everybody knows that it is late.", "Everybody knows"),
        CASE("absolute", "The new check ensures that this will never happen again.", "will never"),
        CASE("absolute", "It is 100% safe now.", "100% safe"),
        CASE("absolute", "This completely eliminates the risk.", "completely eliminates"),
        CASE("absolute", "The job can never fail.", "can never"),
        CASE("absolute", "This has never been reported before.", NULL),
        CASE("absolute", "100% of 12 cases were reviewed.", NULL),
        CASE("absolute", "We always ask twice.", NULL),
        CASE("absolute", "All customers of the region got mail.", NULL),

        CASE("blame", "The agent failed to follow the procedure.", "The agent failed to follow"),
        CASE("blame", "This was careless work.", "careless"),
        CASE("blame", "The foreman was negligent.", "was negligent"),
        CASE("blame", "Liability for negligent acts is limited.", NULL),
        CASE("blame", "It was the fault of the night shift.", "the fault of"),
        CASE("blame", "She should have known.", "She should have known"),
        CASE("blame", "The agents followed a procedure that had no second check.", NULL),
        CASE("blame", "The job failed to follow the redirect.", NULL),
        CASE("blame", "Lazy loading was switched on.", NULL),
        CASE("blame", "The seller called the decision \"stupid\".", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_terms(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("mixed_spelling", "The e-mail was sent.\nA second email followed.", "email"),
        CASE("mixed_spelling", "We organise it. They organize it. We organise more.", "organize"),
        CASE("mixed_spelling", "The colour and the colors.\nThe color.", "color"),
        CASE("mixed_spelling", "It was cancelled, then canceled.", "canceled"),
        CASE("mixed_spelling", "We analyse. They analyze.", "analyze"),
        CASE("mixed_spelling", "The e-mail was sent. A second e-mail followed.", NULL),
        CASE("mixed_spelling", "Four of us came for the form. We re-sign and resign.", NULL),
        CASE("mixed_spelling", "Write to e-mail.contoso.com/email by email.", NULL),
        CASE("mixed_spelling", "Otherwise it is wise to revise the size of the prize.", NULL),

        CASE("mixed_capitals",
             "We wrote a Root Cause Analysis for each of the nine cases.\n"
             "For this the Root Cause Analysis is attached to the case.\n"
             "Afterwards each root cause analysis is filed in the archive.",
             "root cause analysis"),
        CASE("mixed_capitals",
             "The case was with the Risk Team for all of the nine days.\n"
             "On Monday the Risk Team has sent it back to the seller.\n"
             "After that the risk team was told that it is closed.",
             "risk team"),
        CASE("mixed_capitals",
             "We wrote a root cause analysis for each of the nine cases.\n"
             "Afterwards each root cause analysis is filed in the archive.",
             NULL),
        CASE("mixed_capitals",
             "The Department of Public Health was told of it in all the cases.\n"
             "The Department of Public Health was told of it in all the cases.\n"
             "This is of interest for the public health of the region.",
             NULL),
        CASE("mixed_capitals",
             "1.1 The Contractor inspects each of the pumps twice in a year.\n"
             "1.2 The Contractor replaces the parts of each of the pumps at once.\n"
             "A call at night is answered by the Contractor within four hours.",
             NULL),
        CASE("mixed_capitals",
             "# The Risk Team\nRisk Team meets on Monday and the team is small and new.\n"
             "After that the risk team was told that it is closed.",
             NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_contracts_are_spared_in_words(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(
        t, "The Seller shall, pursuant to section 2 hereof, deliver. Notwithstanding the foregoing, the Buyer "
           "shall pay as soon as possible, and " PROSE PROSE "shall hold herein.");
    assert_int_equal(rules_test_count(t, "language.long_sentence"), 0);
    assert_int_equal(rules_test_count(t, "language.weasel"), 0);
    size_t said = 0;
    for (size_t i = 0; i < t->coverage.n_skipped; i++)
        if (str_find(t->coverage.skipped[i].reason, STR("contract"), 0) != STR_NONE) said++;
    assert_true(said >= 2);
    rules_test_free(t);
}

static void test_settings_reach_the_rules(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new("{\"rules\": {\"language.long_sentence\": {\"max_words\": 20},"
                                              "\"language.acronym_undefined\": {\"known\": [\"TRMS\"]},"
                                              "\"language.double_space\": {\"enabled\": true},"
                                              "\"language.punctuation\": {\"enabled\": true}}, \"words\": [\"QXR\"]}");
    rules_test_lines(t, PROSE "x. The TRMS and the QXR are  known , as is the ABX,too,but no.");
    assert_int_equal(rules_test_count(t, "language.long_sentence"), 1);
    assert_int_equal(rules_test_count(t, "language.acronym_undefined"), 1);
    assert_true(str_eq_c(rules_test_hit(t, "language.acronym_undefined", 0)->quote, "ABX"));
    assert_true(str_eq_c(rules_test_hit(t, "language.double_space", 0)->quote, "  "));
    assert_true(str_eq_c(rules_test_hit(t, "language.punctuation", 0)->quote, " ,"));
    rules_test_free(t);
}

static void test_a_repeated_word_has_its_rewrite(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(t, "The seller sent the the invoice.");
    const struct rules_test_hit *hit = rules_test_hit(t, "language.repeated_word", 0);
    assert_non_null(hit);
    assert_true(str_eq_c(hit->rewrite, "the"));
    rules_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acronyms),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_wording),
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_contracts_are_spared_in_words),
        cmocka_unit_test(test_settings_reach_the_rules),
        cmocka_unit_test(test_a_repeated_word_has_its_rewrite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
