/* The evidence family: texts that must fire and texts that must not. */
#include "rules_test.h"

#define CASE(name, fires, quote)                                                                                       \
    {                                                                                                                  \
        "evidence." name, fires, quote                                                                                 \
    }

static void test_totals(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("total_mismatch", "| Region | Cases |\n| EU | 120 |\n| US | 80 |\n| Total | 210 |", "210"),
        CASE("total_mismatch", "| Item | Cost |\n| A | $1,200.50 |\n| B | $99.50 |\n| Total | $1,310.00 |",
             "$1,310.00"),
        CASE("total_mismatch", "| Item | EUR |\n| A | 1.200,50 |\n| B | 99,50 |\n| Grand total | 1.399,00 |",
             "1.399,00"),
        CASE("total_mismatch", "| Item | Result |\n| Sales | 500 |\n| Refunds | (120) |\n| Total | 620 |", "620"),
        CASE("total_mismatch",
             "| T | N |\n| A | 5 |\n| B | 5 |\n| Subtotal | 10 |\n| C | 4 |\n| D | 4 |\n| Total | 20 |", "20"),
        CASE("total_mismatch", "| Item | Fee a year (EUR) |\n| A | 120 |\n| B | 80 |\n| Total | 210 |", "210"),
        CASE("total_mismatch", "| Book | Year |\n| A | 1999 |\n| B | 2004 |\n| Total | 2 |", NULL),
        CASE("total_mismatch", "| Region | Cases |\n| EU | 120 |\n| US | 80 |\n| Total | 200 |", NULL),
        CASE("total_mismatch", "| Item | Cost |\n| A | $1,200.50 |\n| B | $99.50 |\n| Total | $1,300.00 |", NULL),
        CASE("total_mismatch", "| Item | Result |\n| Sales | 500 |\n| Refunds | (120) |\n| Total | 380 |", NULL),
        CASE("total_mismatch",
             "| T | N |\n| A | 5 |\n| B | 5 |\n| Subtotal | 10 |\n| C | 4 |\n| D | 4 |\n| Total | 18 |", NULL),
        CASE(
            "total_mismatch",
            "| T | N |\n| A | 5 |\n| B | 5 |\n| Subtotal | 10 |\n| C | 4 |\n| D | 4 |\n| Subtotal | 8 |\n| Total | 18 |",
            NULL),
        CASE("total_mismatch", "| Team | Average |\n| A | 4 |\n| B | 6 |\n| Total | 5 |", NULL),
        CASE("total_mismatch", "| Team | Hours |\n| A | 1.3 |\n| B | 1.3 |\n| Total | 2.5 |", NULL),
        CASE("total_mismatch", "| Team | Hours |\n| A | 3 |\n| B | several |\n| Total | 9 |", NULL),
        CASE("total_mismatch", "| Team | Hours |\n| A | 3 |\n| B | - |\n| Total | 3 |", NULL),
        CASE("total_mismatch", "| Team | Share |\n| A | 30% |\n| B | 40% |\n| Total | 35% |", NULL),
        CASE("total_mismatch",
             "| Kind | Cases |\n| Late | 30 |\n| of which lost | 10 |\n| Damaged | 5 |\n| Total | 35 |", NULL),
        CASE("total_mismatch",
             "| Kind | Cost |\n| Late | 1.2 million |\n| Lost | 0.9 million |\n| Total | 2.1 million |", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_percentages(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("percent_sum", "Split by region: 50 % EU, 30 % US, 10 % JP.", "50 % EU, 30 % US, 10 %"),
        CASE("percent_sum", "The distribution was 45% late, 35% damaged and 25% lost.",
             "45% late, 35% damaged and 25%"),
        CASE("percent_sum", "| Cause | Share |\n| A | 50% |\n| B | 30% |", "30%"),
        CASE("percent_sum", "| Cause | Part |\n| A | 52% |\n| B | 30% |\n| C | 20% |", "20%"),
        CASE("percent_sum", "| Cause | Part |\n| A | 50% |\n| B | 30% |\n| Total | 100% |", "30%"),
        CASE("percent_sum", "82 % are in rows K to M, 12 % in row F and 9 % elsewhere.",
             "82 % are in rows K to M, 12 % in row F and 9 %"),
        CASE("percent_sum", "82 % are in rows K to M, 12 % in row F and 6 % elsewhere.", NULL),
        CASE("percent_sum", "Split by region: 50 % EU, 30 % US, 20 % JP.", NULL),
        CASE("percent_sum", "The distribution was 33.3% A, 33.3% B and 33.3% C.", NULL),
        CASE("percent_sum", "| Cause | Share |\n| A | 70% |\n| B | 30% |\n| Total | 100% |", NULL),
        CASE("percent_sum", "| Team | Success rate |\n| A | 98% |\n| B | 97% |\n| C | 99% |", NULL),
        CASE("percent_sum", "Late orders rose from 10% to 20% and then to 35%.", NULL),
        CASE("percent_sum", "The split was 50% EU, 30% US, 10% JP and the rest elsewhere.", NULL),
        CASE("percent_sum", "| Cause | Share |\n| A | 33% |\n| B | 33% |\n| C | 33% |", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_quantities(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("quantity_conflict", "We notified 420 affected sellers.\nAffected sellers: 450", "450"),
        CASE("quantity_conflict",
             "In all 420 affected sellers were notified.\nLater 450 affected sellers were counted.", "450"),
        CASE("quantity_conflict", "| Metric | Value |\n| Late orders | 1,200 |\n\nThere were 1,300 late orders.",
             "1,300"),
        CASE("quantity_conflict", "Number of refunded orders: 12\n# Impact\nRefunded orders: 13", "13"),
        CASE("quantity_conflict", "We told 420 affected sellers by e-mail.\nAffected sellers: 450", "450"),
        CASE("quantity_conflict", "We told 420 affected sellers by Monday.\nAffected sellers: 450", NULL),
        CASE("quantity_conflict", "We notified 420 affected sellers.\nAffected sellers: 420", NULL),
        CASE("quantity_conflict", "Answer within 10 business days.\nAppeal within 30 business days.", NULL),
        CASE("quantity_conflict", "We saw 12 sellers.\nThen we saw 30 sellers.", NULL),
        CASE("quantity_conflict", "There were 40 late orders in Spain.\nThere were 50 late orders in France.", NULL),
        CASE("quantity_conflict", "First 40 late orders were found, then 50 late orders were found.", NULL),
        CASE("quantity_conflict", "There were 40 late orders.\nWe found another 50 late orders.", NULL),

        CASE("currency_missing", "This led to a loss of 12,000.", "loss of 12,000"),
        CASE("currency_missing", "The refunds totalled 3.4 million in March.", "refunds totalled 3.4 million"),
        CASE("currency_missing", "The total cost was about 4500, half of it for labour.", "cost was about 4500"),
        CASE("currency_missing", "Fees amounted to 980 and were paid.", "Fees amounted to 980"),
        CASE("currency_missing", "This led to a loss of 12,000 EUR.", NULL),
        CASE("currency_missing", "This led to a loss of $12,000.", NULL),
        CASE("currency_missing", "There was a loss of 12 parcels.", NULL),
        CASE("currency_missing", "The cost was 40% higher.", NULL),
        CASE("currency_missing", "A budget of 2024 is attached.", NULL),
        CASE("currency_missing", "Refunds of 500 orders were made.", NULL),

        CASE("unit_missing", "The response time was 250.", "response time was 250"),
        CASE("unit_missing", "A latency of 40, measured twice, is fine.", "latency of 40"),
        CASE("unit_missing", "The downtime was about 12 and nobody noticed.", "downtime was about 12"),
        CASE("unit_missing", "The temperature reached 85.", "temperature reached 85"),
        CASE("unit_missing", "The response time was 250 ms.", NULL),
        CASE("unit_missing", "The downtime was 12 minutes.", NULL),
        CASE("unit_missing", "The temperature reached 85°C.", NULL),
        CASE("unit_missing", "The delay of 3 orders was noticed.", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_claims(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("vague_quantity", "# Impact\nSeveral customers were charged twice.", "Several"),
        CASE("vague_quantity", "# How customers saw it\nLots of users gave up.", "Lots of"),
        CASE("vague_quantity", "# How we work\nLots of users are on our site.", NULL),
        CASE("vague_quantity", "# Findings\nA large number of listings stayed online.", "A large number of"),
        CASE("vague_quantity", "# Executive Summary\nWe refunded a lot of orders.", "a lot of"),
        CASE("vague_quantity", "# Customer impact\n- Many sellers complained.", "Many"),
        CASE("vague_quantity", "# Impact\nSeveral customers (42) were charged twice.", NULL),
        CASE("vague_quantity", "# Approach\nSeveral customers were asked.", NULL),
        CASE("vague_quantity", "# Impact\nWe do not know how many customers were charged.", NULL),
        CASE("vague_quantity", "# Impact\nWe looked at it from several angles.", NULL),
        CASE("vague_quantity", "# Impact\nThe parties are jointly and severally liable, joint and several customers.",
             NULL),

        CASE("impact_unquantified", "# Impact\nCustomers were unhappy and complained about the late deliveries.",
             "Impact"),
        CASE("impact_unquantified",
             "# Customer Impact\n## Sellers\nSellers could not log in and lost their listings for a while.",
             "Customer Impact"),
        CASE("impact_unquantified",
             "# Report\n## Business impact\nThe trust of sellers in the process was hurt and support was busy.",
             "Business impact"),
        CASE("impact_unquantified", "# Impacts\n- Late deliveries in the whole region\n- Angry customers and sellers",
             "Impacts"),
        CASE("impact_unquantified", "# Impact\nIn March, 312 customers complained about late deliveries.", NULL),
        CASE("impact_unquantified", "# Impact\nNo customer was affected by the failure of the night job.", NULL),
        CASE("impact_unquantified", "# Impact\nThe exact number is unknown and will be counted by the team.", NULL),
        CASE("impact_unquantified", "# Impact\nSee below.", NULL),
        CASE(
            "impact_unquantified",
            "# Environmental impact assessment of the new northern warehouse\nThe site is quiet, and the birds like it very much.",
            NULL),

        CASE("claim_without_source", "Studies show that most sellers never read the policy.", "Studies show"),
        CASE("claim_without_source", "It is well known that appeals take long.", "It is well known"),
        CASE("claim_without_source", "In this area research suggests a link to fatigue.", "research suggests"),
        CASE("claim_without_source", "Experts agree that training helps.", "Experts agree"),
        CASE("claim_without_source", "According to experts, training helps.", "According to experts"),
        CASE("claim_without_source", "It has been shown time and again that protests fade.",
             "It has been shown time and again"),
        CASE("claim_without_source", "Literature shows that one move in five loses records.", "Literature shows"),
        CASE("claim_without_source", "Studies have proven that long forms are left.", "Studies have proven"),
        CASE("claim_without_source", "According to experts at the fair (see the report), training helps.", NULL),
        CASE("claim_without_source", "Studies show that 60 % of sellers never read the policy (Miller, 2024).", NULL),
        CASE("claim_without_source", "Research suggests a link to fatigue (see appendix).", NULL),
        CASE("claim_without_source", "Our data shows a link to fatigue.", NULL),
        CASE("claim_without_source", "Studies show this: https://contoso.com/study.", NULL),
        CASE("claim_without_source", "The studies were shown to the team.", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_what_a_total_should_be_is_said(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(t, "| Item | Cost |\n| A | $1,200.50 |\n| B | $99.50 |\n| Total | $1,310.00 |");
    const struct rules_test_hit *hit = rules_test_hit(t, "evidence.total_mismatch", 0);
    assert_non_null(hit);
    assert_true(str_find(hit->description, STR("1300.00"), 0) != STR_NONE);
    rules_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals),
        cmocka_unit_test(test_percentages),
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_what_a_total_should_be_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
