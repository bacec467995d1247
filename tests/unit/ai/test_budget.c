/* Budgets: what fits, what waits, what is refused in words, and when they open again. */
#include "support/torture.h"

#include <stdio.h>

#include "../client/client_test.h"
#include "ai/budget.h"

static int64_t now_ms = 1795651200000; /* 2026-11-26T00:00:00Z */

static int64_t now(void) { return now_ms; }

static struct ai_budget *make(int64_t day, int64_t person, int64_t document)
{
    struct ai_budget_limits limits = {day, person, document};
    struct ai_budget *b = NULL;
    struct error e;
    assert_int_equal(ai_budget_new(&limits, now, &b, &e), ERR_OK);
    return b;
}

static enum err reserve(struct ai_budget *b, const char *person, const char *document, int64_t microusd,
                        struct ai_reserved *held, struct error *e)
{
    return ai_budget_reserve(b, str_from_c(person), str_from_c(document), microusd, held, e);
}

static void test_fits(void **state)
{
    (void)state;
    struct ai_budget *b = make(100, 0, 0);
    struct ai_reserved one = {0}, two = {0};
    struct error e;
    assert_int_equal(reserve(b, "p", "d", 60, &one, &e), ERR_OK);
    assert_int_equal(reserve(b, "q", "d", 60, &two, &e), ERR_BUSY); /* if the first spends less */
    assert_string_equal(e.reason, "budget_reserved");
    assert_int_equal(ai_budget_check(b, STR("q"), STR("d"), 60, &e), ERR_OK);
    assert_int_equal(reserve(b, "q", "d", 101, &two, &e), ERR_LIMIT);
    assert_int_equal(reserve(b, "q", "d", 40, &two, &e), ERR_OK); /* to the last */
    ai_budget_settle(b, &one, 10);
    ai_budget_settle(b, &one, 10); /* it is settled: nothing */
    ai_budget_settle(b, &two, 40);
    struct ai_budget_state s = ai_budget_state(b, STR("p"), STR(""));
    assert_true(s.used.day == 50 && s.held.day == 0 && s.used.person == 10 && s.used.document == 0);
    assert_int_equal(s.day_opens_unix_ms, now_ms + 86400000);
    assert_int_equal(ai_budget_check(b, STR("p"), STR("d"), 51, &e), ERR_LIMIT);
    assert_int_equal(ai_budget_check(b, STR("p"), STR("d"), 50, &e), ERR_OK);
    ai_budget_free(b);
    ai_budget_free(NULL);
}

/* The narrowest budget speaks. */
static void test_words(void **state)
{
    (void)state;
    struct ai_budget *b = make(50000000, 5000000, 2000000);
    struct error e;
    assert_int_equal(ai_budget_load(b, AI_BUDGET_DAY, STR(""), 49000000, &e), ERR_OK);
    assert_int_equal(ai_budget_load(b, AI_BUDGET_PERSON, STR("p"), 4500000, &e), ERR_OK);
    assert_int_equal(ai_budget_load(b, AI_BUDGET_DOCUMENT, STR("d"), 1999999, &e), ERR_OK);
    assert_int_equal(ai_budget_check(b, STR("x"), STR("y"), 1000001, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "over_budget");
    assert_string_equal(e.message, "today's budget for models has no room for this: 49.00 of 50.00 USD are spent; it "
                                   "opens again on 2026-11-27 at 00:00 UTC");
    assert_int_equal(ai_budget_check(b, STR("p"), STR("y"), 600000, &e), ERR_LIMIT);
    assert_has(e.message, "your budget of today for models has no room for this: 4.50 of 5.00 USD are spent");
    assert_int_equal(ai_budget_check(b, STR("p"), STR("d"), 600000, &e), ERR_LIMIT);
    assert_has(e.message, "this document's budget");
    assert_has(e.message, "does not open again by itself");
    assert_has(e.hint, "PRISM_BUDGET_DOCUMENT");
    assert_int_equal(ai_budget_check(b, STR("p"), STR(""), 500000, &e), ERR_OK); /* no document, no budget of one */
    ai_budget_free(b);
}

static void test_next_day(void **state)
{
    (void)state;
    struct ai_budget *b = make(100, 100, 100);
    struct ai_reserved over_night = {0}, held = {0};
    struct error e;
    assert_int_equal(reserve(b, "p", "d", 60, &over_night, &e), ERR_OK);
    assert_int_equal(reserve(b, "p", "d2", 40, &held, &e), ERR_OK);
    ai_budget_settle(b, &held, 40);
    now_ms += 86400000;
    struct ai_budget_state s = ai_budget_state(b, STR("p"), STR("d2"));
    assert_true(s.used.day == 0 && s.used.person == 0 && s.used.document == 40 && s.held.day == 60);
    ai_budget_settle(b, &over_night, 30);
    s = ai_budget_state(b, STR("p"), STR("d"));
    assert_true(s.used.day == 30 && s.used.person == 30 && s.used.document == 30);
    assert_int_equal(ai_budget_check(b, STR("p"), STR("d"), 71, &e), ERR_LIMIT);
    now_ms += 86400000;
    assert_int_equal(ai_budget_check(b, STR("p"), STR("d"), 71, &e), ERR_LIMIT); /* a document has no tomorrow */
    assert_has(e.message, "document");
    assert_int_equal(ai_budget_check(b, STR("p"), STR("x"), 100, &e), ERR_OK);
    ai_budget_free(b);
}

/* Of more than are kept the oldest are forgotten, but none that is reserved from. */
static void test_bounded(void **state)
{
    (void)state;
    struct ai_budget *b = make(0, 0, 100);
    struct ai_reserved held = {0};
    struct error e;
    assert_int_equal(reserve(b, "", "pinned", 60, &held, &e), ERR_OK);
    assert_int_equal(ai_budget_load(b, AI_BUDGET_DOCUMENT, STR("old"), 60, &e), ERR_OK);
    for (unsigned i = 0; i < AI_BUDGET_KEPT; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "d%u", i);
        assert_int_equal(ai_budget_load(b, AI_BUDGET_DOCUMENT, str_from_c(id), 60, &e), ERR_OK);
    }
    assert_int_equal(ai_budget_check(b, STR(""), STR("old"), 60, &e), ERR_OK);
    assert_int_equal(ai_budget_check(b, STR(""), STR("d99999"), 60, &e), ERR_LIMIT);
    ai_budget_settle(b, &held, 60);
    assert_int_equal(ai_budget_check(b, STR(""), STR("pinned"), 60, &e), ERR_LIMIT);
    ai_budget_free(b);
}

static enum err use(void *ctx, struct error *e)
{
    (void)ctx;
    struct ai_budget_limits limits = {100, 100, 100};
    struct ai_budget *b = NULL;
    struct ai_reserved held = {0};
    TRY(ai_budget_new(&limits, now, &b, e));
    enum err err = ai_budget_load(b, AI_BUDGET_PERSON, STR("p"), 10, e);
    if (err == ERR_OK) err = reserve(b, "q", "d", 10, &held, e);
    ai_budget_settle(b, &held, 10);
    struct ai_budget_state s = ai_budget_state(b, STR("q"), STR("d"));
    assert_int_equal(s.used.day, err == ERR_OK ? 10 : 0);
    assert_int_equal(s.held.day, 0);
    ai_budget_free(b);
    return err;
}

static void test_torture(void **state)
{
    (void)state;
    assert_int_equal(torture_run(use, NULL), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fits), cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_next_day), cmocka_unit_test(test_bounded),
                                       cmocka_unit_test(test_torture)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
