/* The registry as a whole: every row complete, in order, and behaving as its own examples say. */
#include "rules_test.h"

#include <ctype.h>
#include <string.h>

#include "rules/registry_priv.h"
#include "support/docx_build.h"

static void test_rows_are_complete_and_sorted(void **state)
{
    (void)state;
    assert_true(rules_count() >= 40);
    assert_null(rules_at(rules_count()));
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        assert_non_null(rule);
        const char *family = rules_family_name(rule->family);
        assert_true(strncmp(rule->id, family, strlen(family)) == 0 && rule->id[strlen(family)] == '.');
        for (const char *c = rule->id; *c; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_' || *c == '.');
        assert_true(rule->title && rule->title[0] && rule->why && rule->why[0] && rule->category && rule->category[0]);
        assert_true(rule->fires && rule->fires[0] && rule->spares && rule->spares[0] && rule->check);
        assert_true(rule->confidence > 0 && rule->confidence <= 1);
        assert_ptr_equal(rules_find(str_from_c(rule->id)), rule);
        if (i == 0) continue;
        const struct rule *before = rules_at(i - 1);
        assert_true(before->family < rule->family ||
                    (before->family == rule->family && strcmp(before->id, rule->id) < 0));
    }
    assert_null(rules_find(STR("structure.no_such_rule")));
}

static void test_parameters_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < rules_count(); i++)
        for (size_t k = 0; k < RULE_PARAMS_MAX && rules_at(i)->params[k].name; k++) {
            const struct rule_param *p = &rules_at(i)->params[k];
            assert_true(p->meaning && p->meaning[0] && strcmp(p->name, "enabled") != 0);
            if (p->type != RULE_PARAM_STRS) assert_true(p->min <= p->value && p->value <= p->max && p->min < p->max);
        }
}

static void test_pattern_names_are_unique(void **state)
{
    (void)state;
    for (const struct rules_pattern_list *a = rules__pattern_lists; a->specs; a++)
        for (size_t i = 0; i < *a->count; i++)
            for (const struct rules_pattern_list *b = a; b->specs; b++)
                for (size_t k = b == a ? i + 1 : 0; k < *b->count; k++)
                    assert_string_not_equal(a->specs[i].name, b->specs[k].name);
}

/* Rules whose examples speak of what plain lines cannot hold; their own tests make such documents. */
static bool needs_more_than_lines(const struct rule *rule)
{
    static const char *const ids[] = {"structure.open_comments", "structure.tracked_changes", "time.future_date",
                                      "privacy.hidden_text", "privacy.hidden_properties"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (strcmp(rule->id, ids[i]) == 0) return true;
    return rule->family == RULE_LINKS; /* link targets: tests of their own */
}

/* A rule that could not run here (no dictionary) says so and is not judged. */
static bool was_skipped(const struct rules_test_run *t, const struct rule *rule)
{
    for (size_t i = 0; i < t->coverage.n_skipped; i++)
        if (t->coverage.skipped[i].rule == rule) return true;
    return false;
}

static void test_every_rule_behaves_as_its_row_says(void **state)
{
    (void)state;
    static const struct str aliases[] = {STR_INIT("Root Cause")};
    static const struct rules_expected_section expected[] = {
        {.title = STR_INIT("Root Cause Analysis"), .aliases = aliases, .n_aliases = 1}};
    struct rules_test_run *t = rules_test_new(NULL);
    t->input.expected_sections = expected;
    t->input.n_expected_sections = 1;
    size_t failed = 0;
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        if (needs_more_than_lines(rule) || rule->off) continue;
        rules_test_lines(t, rule->fires);
        if (was_skipped(t, rule)) continue;
        if (rules_test_count(t, rule->id) == 0) {
            print_error("%s does not fire on: %s\n", rule->id, rule->fires);
            failed++;
        }
        rules_test_lines(t, rule->spares);
        const struct rules_test_hit *hit = rules_test_hit(t, rule->id, 0);
        if (!hit) continue;
        print_error("%s fires on: %s\n  at \"%.*s\": %.*s\n", rule->id, rule->spares, STR_ARG(hit->quote),
                    STR_ARG(hit->description));
        failed++;
    }
    rules_test_free(t);
    if (failed) fail_msg("%zu examples", failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_complete_and_sorted),
        cmocka_unit_test(test_parameters_are_complete),
        cmocka_unit_test(test_pattern_names_are_unique),
        cmocka_unit_test(test_every_rule_behaves_as_its_row_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
