/* The table of errors, and what is remembered of models. */
#include "ai/errors.h"

#include <stdio.h>

#include "../client/client_test.h"
#include "ai/learnt_priv.h"

/* Who decides about retries and fallbacks relies on these. */
static void test_worth(void **state)
{
    (void)state;
    static const struct {
        enum ai_reason reason;
        const char *name;
        bool retry, fallback;
    } rows[AI_REASONS] = {
        {AI_THROTTLED, "throttled", true, true},
        {AI_OVERLOADED, "overloaded", true, true},
        {AI_TIMEOUT_FIRST_TOKEN, "timeout_first_token", true, true},
        {AI_STALLED, "stalled", true, true},
        {AI_TIMEOUT, "timeout", false, true},
        {AI_CUT_OFF, "cut_off", true, true},
        {AI_NOT_READY, "not_ready", true, true},
        {AI_ACCESS_DENIED, "access_denied", false, false},
        {AI_MODEL_NOT_FOUND, "model_not_found", false, false},
        {AI_NEEDS_INFERENCE_PROFILE, "needs_inference_profile", false, false},
        {AI_CONTEXT_TOO_LONG, "context_too_long", false, false},
        {AI_BAD_REQUEST, "bad_request", false, false},
        {AI_BAD_CREDENTIALS, "bad_credentials", false, false},
        {AI_EXPIRED_TOKEN, "expired_token", false, false},
        {AI_CLOCK_OFF, "clock_off", false, false},
        {AI_QUOTA, "quota", false, true},
        {AI_NO_ROUTE, "no_route", true, false},
        {AI_BAD_ANSWER, "bad_answer", true, true},
    };
    for (size_t i = 0; i < AI_REASONS; i++) {
        struct error e = {0};
        assert_int_equal(ai_error(&e, rows[i].reason, "m: %s", ai_reason_what(rows[i].reason)), ERR_UPSTREAM);
        assert_string_equal(e.reason, rows[i].name);
        assert_true(e.hint[0] != 0 && strlen(e.hint) < sizeof e.hint - 1); /* not cut */
        assert_has(e.message, ai_reason_what(rows[i].reason));
        assert_int_equal(ai_error_worth_retry(&e), rows[i].retry);
        assert_int_equal(ai_error_worth_fallback(&e), rows[i].fallback);
    }
    struct error e = {0};
    (void)error_set_reason(&e, ERR_CONFLICT, "cancelled", "the call was cancelled");
    assert_false(ai_error_worth_retry(&e) || ai_error_worth_fallback(&e));
    (void)error_no_memory(&e);
    assert_false(ai_error_worth_retry(&e) || ai_error_worth_fallback(&e));
}

static void test_learnt(void **state)
{
    (void)state;
    static struct ai__learnt l;
    assert_true(ai__learnt_init(&l));
    assert_null(ai__learnt_get(&l, STR("m"), STR("f")).p);
    assert_true(ai__learnt_put(&l, STR("m"), STR("f"), STR("1")));
    assert_false(ai__learnt_put(&l, STR("m"), STR("f"), STR("2"))); /* known: said once */
    assert_str(ai__learnt_get(&l, STR("m"), STR("f")), "1");
    assert_null(ai__learnt_get(&l, STR("other"), STR("f")).p);
    assert_null(ai__learnt_get(&l, STR("m"), STR("other")).p);
    for (int i = 0; i < AI__LEARNT_MAX * 2; i++) {
        char model[16];
        (void)snprintf(model, sizeof model, "m%d", i);
        assert_int_equal(ai__learnt_put(&l, str_from_c(model), STR("f"), STR("x")), i < AI__LEARNT_MAX - 1);
    }
    ai__learnt_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_worth), cmocka_unit_test(test_learnt)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
