/* Settings of a team: what they change, and that a mistake in them is an error that helps. */
#include "rules_test.h"

#include "base/json.h"

static const char long_case[] =
    "# Timeline of Events\n- 2026-03-01: first complaint.\n- 2026-03-02: listing blocked.\n- 2026-03-09: appeal.";

static void test_a_rule_is_switched_off(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new("{\"rules\": {\"time.unexplained_gap\": {\"enabled\": false}}}");
    rules_test_lines(t, long_case);
    assert_int_equal(rules_test_count(t, "time.unexplained_gap"), 0);
    size_t off = t->coverage.n_off;
    rules_test_free(t);
    t = rules_test_new("{}");
    rules_test_lines(t, long_case);
    assert_int_equal(rules_test_count(t, "time.unexplained_gap"), 1);
    assert_int_equal(t->coverage.n_off, off - 1);
    assert_int_equal(t->coverage.n_run + t->coverage.n_off + t->coverage.n_skipped, rules_count());
    rules_test_free(t);
}

static void test_a_parameter_is_set(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(
        "{\"$schema\": \"x\", \"rules\": {\"time.unexplained_gap\": {\"hours\": 200}}, \"words\": [\"Hawkeye\"]}");
    rules_test_lines(t, long_case);
    assert_int_equal(rules_test_count(t, "time.unexplained_gap"), 0);
    rules_test_free(t);
}

static void test_a_mistake_is_named_with_its_path(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *says, *says_too;
    } cases[] = {
        {"[]", "the settings must be an object", "\"rules\""},
        {"{\"rule\": {}}", "rule: there is no such member", "rules, words"},
        {"{\"rules\": []}", "rules: must be an object", ""},
        {"{\"rules\": {\"time.gaps\": {}}}", "rules.time.gaps: there is no such rule", "unexplained_gap"},
        {"{\"rules\": {\"time.unexplaned_gap\": {}}}", "rules.time.unexplaned_gap: there is no such rule",
         "did you mean \"time.unexplained_gap\"?"},
        {"{\"rules\": {\"nonsense\": {}}}", "rules.nonsense: there is no such rule", "structure, time"},
        {"{\"rules\": {\"time.unexplained_gap\": 7}}", "rules.time.unexplained_gap: must be an object", "enabled"},
        {"{\"rules\": {\"time.unexplained_gap\": {\"enabled\": 1}}}",
         "rules.time.unexplained_gap.enabled: must be true or false", ""},
        {"{\"rules\": {\"time.unexplained_gap\": {\"hour\": 2}}}",
         "rules.time.unexplained_gap.hour: there is no such setting", "enabled, hours"},
        {"{\"rules\": {\"time.unexplained_gap\": {\"hours\": 0}}}",
         "rules.time.unexplained_gap.hours: must be a whole number from 1 to 8760", ""},
        {"{\"rules\": {\"time.unexplained_gap\": {\"hours\": 1.5}}}", "whole number", ""},
        {"{\"rules\": {\"time.unexplained_gap\": {\"hours\": \"2\"}}}", "whole number", ""},
        {"{\"rules\": {\"cause.restates_problem\": {\"share\": 2}}}",
         "rules.cause.restates_problem.share: must be a number from 0.5 to 1", ""},
        {"{\"words\": \"Hawkeye\"}", "words: must be an array", ""},
        {"{\"words\": [\"Hawkeye\", 3]}", "words[1]: must be a word", ""},
        {"{\"words\": [\"\"]}", "words[0]: must be a word", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
        struct error e = {0};
        struct rules_options o = {0};
        struct rules_engine *engine = NULL;
        assert_int_equal(json_parse(a, str_from_c(cases[i].settings), &o.settings, &e), ERR_OK);
        assert_int_equal(rules_engine_new(&o, &engine, &e), ERR_INVALID);
        assert_null(engine);
        assert_string_equal(e.reason, "bad_settings");
        if (!strstr(e.message, cases[i].says) || !strstr(e.message, cases[i].says_too))
            fail_msg("%s gives: %s", cases[i].settings, e.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_rule_is_switched_off),
        cmocka_unit_test(test_a_parameter_is_set),
        cmocka_unit_test(test_a_mistake_is_named_with_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
