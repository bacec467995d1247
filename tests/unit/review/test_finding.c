#include "review_test.h"

#include <stdlib.h>

#include "review/finding.h"

static void names_go_both_ways(void **state)
{
    (void)state;
    for (int i = FINDING_LOW; i <= FINDING_HIGH; i++) {
        enum finding_risk risk = FINDING_LOW;
        assert_true(finding_risk_parse(str_from_c(finding_risk_name((enum finding_risk)i)), &risk));
        assert_int_equal(risk, i);
    }
    enum finding_risk kept = FINDING_MEDIUM;
    assert_false(finding_risk_parse(STR("High"), &kept));
    assert_false(finding_risk_parse(STR_EMPTY, &kept));
    assert_int_equal(kept, FINDING_MEDIUM);
    assert_string_equal(finding_kind_name(FINDING_CRITICAL), "critical");
    assert_string_equal(finding_decision_name(FINDING_REJECTED), "rejected");
    assert_string_equal(finding_source_name(FINDING_BY_PERSON), "person");
}

static struct finding at(uint32_t block, uint32_t start, enum finding_risk risk, const char *reviewer)
{
    return (struct finding){
        .anchor = {{block, start}, {block, start + 5}}, .risk = risk, .reviewer = str_from_c(reviewer)};
}

static void findings_stand_in_document_order_the_riskier_first(void **state)
{
    (void)state;
    struct finding f[] = {at(2, 0, FINDING_HIGH, "a"), at(1, 9, FINDING_LOW, "a"), at(1, 2, FINDING_LOW, "b"),
                          at(1, 2, FINDING_LOW, "a"), at(1, 2, FINDING_HIGH, "z")};
    qsort(f, 5, sizeof *f, finding_compare);
    assert_int_equal(f[0].risk, FINDING_HIGH);
    assert_str(f[1].reviewer, "a");
    assert_str(f[2].reviewer, "b");
    assert_int_equal(f[3].anchor.start.offset, 9);
    assert_int_equal(f[4].anchor.start.block, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(findings_stand_in_document_order_the_riskier_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
