/* The cause family: texts that must fire and texts that must not. */
#include "rules_test.h"

#define RC "# Root Causes\n"
#define PA "# Preventative Actions\n"

static void test_labels(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        {"cause.cause_without_action", RC "RC1: a\nRC2: b\n" PA "PA1: c", "RC2"},
        {"cause.cause_without_action", "# Root Causes and Preventative Actions\n| RC1 | a |\n| PA1a | b |\n| RC3 | c |",
         "RC3"},
        {"cause.cause_without_action", RC "Root Cause 1: a\nRoot Cause 2: b\n" PA "Preventative Action 1: c",
         "Root Cause 2"},
        {"cause.cause_without_action", "# Root Cause\nThe alarm was off after the migration.\n# Impact\nTwelve orders.",
         "Root Cause"},
        {"cause.cause_without_action", RC "RC1: a\nRC2: b\n" PA "PA1a: c\nPA1b: d\nPA2: e", NULL},
        {"cause.cause_without_action", RC "RC1: a\nRC2: b\n" PA "PA1: answers RC1 and RC2", NULL},
        {"cause.cause_without_action", "# Root Cause\nThe alarm was off.\n# Remediation\nIt is on again.", NULL},
        {"cause.cause_without_action", "# Why it happened\nThe alarm was off.\n# What we change\nIt is tested daily.",
         NULL},
        {"cause.cause_without_action", "# Why it happened\nThe alarm was off.\n# What we saw\nIt was late.",
         "Why it happened"},
        {"cause.cause_without_action", "# Root Cause\nThe alarm was off. As a corrective action it was replaced.",
         NULL},
        {"cause.cause_without_action", "# Fees\nThe buyer pays.\n# Cause of action\nText.", NULL},

        {"cause.action_without_cause", RC "RC1: a\n" PA "PA1: b\nPA2: c", "PA2"},
        {"cause.action_without_cause", RC "RC1: a\n" PA "- PA1a: b\n- PA4b: c", "PA4b"},
        {"cause.action_without_cause", RC "Root Cause 1: a\n" PA "Preventative Action 1: b\nPreventative Action 3: c",
         "Preventative Action 3"},
        {"cause.action_without_cause",
         "# Summary\nTwelve orders were late.\n# Preventative Actions\nOperations tests the alarm daily.",
         "Preventative Actions"},
        {"cause.action_without_cause", RC "RC1: a\n" PA "PA1: b\nPA1b: c", NULL},
        {"cause.action_without_cause", "# Root Cause\nThe alarm was off.\n" PA "Operations tests the alarm.", NULL},
        {"cause.action_without_cause",
         "# Summary\nIt was late because the alarm was off.\n" PA "Operations tests the alarm.", NULL},
        {"cause.action_without_cause", "# Duties\nThe seller shall take action.\n# Fees\nNone.", NULL},
    };
    RULES_TEST_CASES(cases);
}

static void test_actions(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        {"cause.action_without_owner", PA "- Add a second alarm to the queue by 2026-05-01.",
         "Add a second alarm to the queue by 2026-05-01."},
        {"cause.action_without_owner",
         "# Actions\n| Action | Owner | Due |\n| Add a second alarm | J. Smith | 2026-05-01 |\n| Rewrite the whole runbook | TBD | 2026-05-01 |",
         "Rewrite the whole runbook"},
        {"cause.action_without_owner",
         "# Overview\n| Action item | Responsible | Deadline |\n| Add a second alarm | | 2026-05-01 |",
         "Add a second alarm"},
        {"cause.action_without_owner",
         "# Root Causes and Preventative Actions\nRC1: The alarm was off.\nPA1: Add a second alarm in May.",
         "PA1: Add a second alarm in May."},
        {"cause.action_without_owner", "# Next Steps\n- Rewrite the runbook this week.",
         "Rewrite the runbook this week."},
        {"cause.action_without_owner", PA "- The catalog team adds a second alarm.", NULL},
        {"cause.action_without_owner", PA "- Add a second alarm (J. Smith) by 2026-05-01.", NULL},
        {"cause.action_without_owner", PA "PA1: Add a second alarm to the queue.\nOwner: J. Smith", NULL},
        {"cause.action_without_owner", PA "- Seller Performance will add a second alarm.", NULL},
        {"cause.action_without_owner", "# Features\n- Add a second alarm to the queue.", NULL},
        {"cause.action_without_owner", "# What we do\n- The glossary is to be cleaned up.\nWe read it in May.",
         "The glossary is to be cleaned up."},
        {"cause.action_without_owner", "# Measures\n- Rewrite the runbook this week.",
         "Rewrite the runbook this week."},
        {"cause.action_without_owner", PA "- Rewrite the runbook this week.\nOwner: J. Smith", NULL},
        {"cause.action_without_owner", PA "- Joost de Wit has the phone list checked.", NULL},
        {"cause.action_without_owner", PA "- The registry (head: Mr Benali) compares the list.", NULL},
        {"cause.action_without_owner",
         "# Follow-up\n| Work | Owner | By |\n| Stiffen the north handrail | tbd | 2026-05-01 |",
         "Stiffen the north handrail"},
        {"cause.action_without_owner", "# What we saw\n- The runbook was old and long.", NULL},
        {"cause.action_without_owner", "# Actions\n| Action | Owner |\n| Add a second alarm | J. Smith |", NULL},

        {"cause.action_without_due_date", PA "- The catalog team adds a second alarm to the queue.",
         "The catalog team adds a second alarm to the queue."},
        {"cause.action_without_due_date", "# Actions\n| Action | Owner | Due |\n| Add a second alarm | J. Smith | - |",
         "Add a second alarm"},
        {"cause.action_without_due_date",
         PA "PA1: The team adds an alarm.\nOwner: J. Smith\nPA2: The team writes a runbook.\nDue: 2026-05-01",
         "PA1: The team adds an alarm."},
        {"cause.action_without_due_date", "# Next Steps\n- Legal looks at the new contract.",
         "Legal looks at the new contract."},
        {"cause.action_without_due_date", PA "- The catalog team adds a second alarm by 1 May.", NULL},
        {"cause.action_without_due_date", PA "- The catalog team has been told and the alarm was added.", NULL},
        {"cause.action_without_due_date", PA "- The catalog team adds a second alarm in Q3.", NULL},
        {"cause.action_without_due_date", PA "- The catalog team looks at the queue daily.", NULL},
        {"cause.action_without_due_date", PA "- The catalog team looks at the queue every Monday.", NULL},
        {"cause.action_without_due_date", PA "- The catalog team looks at the queue each morning.", NULL},
        {"cause.action_without_due_date", "# Actions\n| Action | Who | Until |\n| Add a second alarm | J. Smith | |",
         "Add a second alarm"},
        {"cause.action_without_due_date", "# Resolving Actions\n- The catalog team adds a second alarm.", NULL},

        {"cause.no_effectiveness_measure",
         PA "- The catalog team adds a second queue for listings by 2026-05-01.\n- It rewrites the runbook.",
         "Preventative Actions"},
        {"cause.no_effectiveness_measure",
         RC "RC1: The queue was full and nobody saw it.\n" PA
            "PA1: The catalog team adds a second queue and rewrites the runbook by May 2026.",
         "Preventative Actions"},
        {"cause.no_effectiveness_measure",
         "# Action Plan\nThe catalog team will hire two more people for the night shift by the end of May.",
         "Action Plan"},
        {"cause.no_effectiveness_measure",
         "# Corrective Actions\n| Action | Owner |\n| Add a second queue for all the listings of sellers | J. Smith in the catalog team |",
         "Corrective Actions"},
        {"cause.no_effectiveness_measure",
         PA "- The catalog team adds a second queue by 2026-05-01 and tracks late listings; target below 2%.", NULL},
        {"cause.no_effectiveness_measure",
         PA
         "- The catalog team adds a second queue for listings by 2026-05-01, soon.\n# Success Metrics\nLate listings.",
         NULL},
        {"cause.no_effectiveness_measure", PA "- Buy alarms.", NULL},
        {"cause.no_effectiveness_measure",
         PA "- The catalog team adds a second queue for listings by 2026-05-01. The goal is five late ones.", NULL},
        {"cause.no_effectiveness_measure",
         "# Duties\nThe catalog team adds a second queue for listings by the first day of next month.", NULL},
    };
    RULES_TEST_CASES(cases);
}

static void test_many_lacking_are_one_finding(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(
        t, PA
        "- Add a second alarm\n- Rewrite the whole runbook\n- Buy two new scanners\n- Clean the old queue\n- Paint the wall green");
    assert_int_equal(rules_test_count(t, "cause.action_without_owner"), 1);
    assert_true(str_find(rules_test_hit(t, "cause.action_without_owner", 0)->description, STR("5 of the 5 actions"),
                         0) != STR_NONE);
    rules_test_free(t);
}

static void test_roots(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        {"cause.human_error", RC "The listing was blocked by human error.", "human error"},
        {"cause.human_error", "# Why it happened\nA volunteer made a mistake.", "made a mistake"},
        {"cause.human_error", RC "A volunteer made a mistake because the form is unclear.", NULL},
        {"cause.human_error", "The root cause was negligence of the shift.", "negligence"},
        {"cause.human_error", "# Findings\nRC1: An oversight by the agent.", "An oversight"},
        {"cause.human_error", RC "- Lack of attention during the review.", "Lack of attention"},
        {"cause.human_error", RC "The agent forgot to press the button.", "forgot"},
        {"cause.human_error", RC "It was not human error: the tool has no second check.", NULL},
        {"cause.human_error", RC "A human error passed because nothing checks the list.", NULL},
        {"cause.human_error", RC "It was a human error. There was no alarm to catch it.", NULL},
        {"cause.human_error", "# Liability\nThe seller is liable for negligence and human error.", NULL},
        {"cause.human_error", RC "The oversight committee had no data.", NULL},
        {"cause.human_error", RC "RC1: The tool was down.\nPA1: Training against human error.", NULL},

        {"cause.restates_problem",
         "# Problem Statement\nListings of twelve sellers were suspended wrongly in the toys category.\n# Root Cause\nSeller listings in the toys category were suspended wrongly.",
         "Seller listings in the toys category were suspended wrongly."},
        {"cause.restates_problem",
         "# Issue\nCustomers received damaged glass bottles from the Leipzig warehouse.\n" RC
         "RC1: Customers received damaged bottles from the Leipzig warehouse.",
         "RC1: Customers received damaged bottles from the Leipzig warehouse."},
        {"cause.restates_problem",
         "# What happened\nThe payment service rejected valid cards for three hours.\n" RC
         "- The payment service rejected valid cards for hours.",
         "The payment service rejected valid cards for hours."},
        {"cause.restates_problem",
         "# Problem\nOrders of German customers arrived late in March.\n# Root Cause Analysis\nThe orders of German customers arrived late.",
         "The orders of German customers arrived late."},
        {"cause.restates_problem",
         "# Problem\nOrders of German customers arrived late in March.\n" RC
         "The orders of German customers arrived late because the carrier was on strike.",
         NULL},
        {"cause.restates_problem",
         "# Problem\nOrders of German customers arrived late in March.\n" RC "The carrier's strike stopped all vans.",
         NULL},
        {"cause.restates_problem", "# Problem\nOrders arrived late.\n" RC "Orders arrived late.",
         NULL}, /* too short to judge */
        {"cause.restates_problem",
         "# Summary\nOrders of German customers arrived late in March.\n# Impact\nOrders of German customers arrived late in March.",
         NULL},
    };
    RULES_TEST_CASES(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_many_lacking_are_one_finding),
        cmocka_unit_test(test_roots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
