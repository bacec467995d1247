/* What ends an ask beside an answer: a cancel, its patience, a full queue, a budget, the end of the router. */
#include "router_test.h"

static struct scene s;

static void open_with(size_t max_calls)
{
    struct ai_router_options o = {.max_calls = max_calls};
    scene_open(&s, &o);
}

static const struct wish review = {.purpose = AI_FOR_REVIEW, .person = "p", .document = "d"};

static void assert_ends(struct ear *h, const char *reason)
{
    ear_wait(h);
    if (strcmp(h->e.reason, reason) != 0) fail_msg("it ended with \"%s\": %s", h->e.reason, h->e.message);
}

static void test_cancel_waiting(void **state)
{
    (void)state;
    struct ear runs, waits, behind;
    open_with(1);
    ear_ask(s.r, &runs, &review);
    ear_ask(s.r, &waits, &review);
    ear_ask(s.r, &behind, &review);
    ai_router_cancel(waits.call);
    ai_router_cancel(waits.call);
    assert_ends(&waits, "cancelled");
    assert_int_equal(waits.e.code, ERR_CONFLICT);
    assert_log(&waits, "");
    assert_int_equal(s.stage.n_cancels, 0);
    ai_router_cancel(waits.call); /* after the end: nothing */
    scene_answer(&s, "m1", "well");
    scene_answer(&s, "m1", "well");
    assert_ends(&runs, "");
    assert_ends(&behind, "");
    assert_int_equal(s.books.n, 2);
    ai_router_cancel(runs.call);
    ear_done(&runs);
    ear_done(&waits);
    ear_done(&behind);
    scene_close(&s);
}

static void test_cancel_running(void **state)
{
    (void)state;
    struct ear h, next;
    open_with(1);
    ear_ask(s.r, &h, &review);
    ear_ask(s.r, &next, &review);
    s.stage.first->h.on_text(s.stage.first->h.ctx, STR("a"));
    ai_router_cancel(h.call);
    assert_ends(&h, "cancelled");
    assert_log(&h, "m1 +a");
    ai__router_settle(s.r);
    assert_int_equal(s.stage.n_cancels, 1);
    assert_books(&s.books, "m1:cancelled");
    scene_answer(&s, "m1", "well"); /* its place is free */
    assert_ends(&next, "");
    assert_int_equal(scene_model(&s, 0).health, AI_WELL);
    ear_done(&h);
    ear_done(&next);
    scene_close(&s);
}

static void test_cancel_in_backoff(void **state)
{
    (void)state;
    struct ear h;
    open_with(1);
    ear_ask(s.r, &h, &review);
    struct ai_usage usage = {.in = 5};
    s.stage.first->h.on_usage(s.stage.first->h.ctx, &usage);
    scene_fail(&s, "m1", AI_THROTTLED, 5000);
    assert_false(ear_over(&h));
    assert_int_equal(s.books.last.usage.in, 5);
    ai_router_cancel(h.call);
    assert_ends(&h, "cancelled");
    clock_pass(s.r, 10000);
    assert_log(&h, "m1");
    assert_int_equal(h.usages, 0); /* that was the attempt's, and this end is not */
    assert_int_equal(s.stage.n_started, 1);
    ear_done(&h);
    scene_close(&s);
}

/* A probe that is cancelled has found out nothing: another goes. */
static void test_cancel_probe(void **state)
{
    (void)state;
    struct ear h[3];
    open_with(4);
    ai_router_heard(s.r, STR("m1"), time_now_unix_ms() + 1000, STR("throttled"));
    for (size_t i = 0; i < 3; i++)
        ear_ask(s.r, &h[i], &review);
    clock_pass(s.r, 1100);
    assert_int_equal(stage_open(&s.stage), 1);
    ai_router_cancel(h[0].call);
    assert_ends(&h[0], "cancelled");
    ai__router_settle(s.r);
    assert_int_equal(stage_open(&s.stage), 1);
    assert_int_equal(scene_model(&s, 0).health, AI_PROBING);
    scene_answer(&s, "m1", "well");
    scene_answer(&s, "m1", "well");
    for (size_t i = 0; i < 3; i++) {
        ear_wait(&h[i]);
        ear_done(&h[i]);
    }
    scene_close(&s);
}

/* The handle may go first. */
static void test_let_go(void **state)
{
    (void)state;
    struct ear h;
    open_with(1);
    ear_ask(s.r, &h, &review);
    ai_router_call_free(h.call);
    h.call = NULL;
    scene_answer(&s, "m1", "well");
    assert_ends(&h, "");
    ear_done(&h);
    ai_router_call_free(NULL);
    scene_close(&s);
}

static void test_max_wait(void **state)
{
    (void)state;
    struct ear runs, waits, fails;
    struct wish w = review;
    open_with(1);
    ear_ask(s.r, &runs, &review);
    w.max_wait_ms = 3000;
    ear_ask(s.r, &waits, &w);
    clock_pass(s.r, 2999);
    assert_false(ear_over(&waits));
    clock_pass(s.r, 1);
    assert_ends(&waits, "waited_too_long");
    assert_int_equal(waits.e.code, ERR_BUSY);
    scene_answer(&s, "m1", "well");
    ear_ask(s.r, &fails, &w);
    clock_pass(s.r, 10000); /* it runs: that is no waiting */
    assert_false(ear_over(&fails));
    scene_fail(&s, "m1", AI_THROTTLED, 1000); /* and now would have to wait again */
    clock_pass(s.r, 0);
    assert_ends(&fails, "throttled");
    ear_done(&runs);
    ear_done(&waits);
    ear_done(&fails);
    scene_close(&s);
}

static void test_full(void **state)
{
    (void)state;
    struct ai_router_options o = {.max_calls = 1, .max_waiting = 2, .max_bytes = 4000};
    struct ear h[3], no;
    struct error e = {0};
    char text[4096];
    struct wish large = review;
    scene_open(&s, &o);
    for (size_t i = 0; i < 3; i++)
        ear_ask(s.r, &h[i], &review);
    assert_int_equal(ear_try(s.r, &no, &review, &e), ERR_BUSY);
    assert_string_equal(e.reason, "too_many_waiting");
    ear_done(&no);
    ai_router_cancel(h[2].call);
    assert_ends(&h[2], "cancelled");
    ai__router_settle(s.r);
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    large.text = text;
    assert_int_equal(ear_try(s.r, &no, &large, &e), ERR_BUSY); /* there is a place, and no memory */
    assert_string_equal(e.reason, "too_many_waiting");
    ear_done(&no);
    scene_answer(&s, "m1", "well");
    scene_answer(&s, "m1", "well");
    ear_ask(s.r, &no, &large); /* alone it may be as large as a request can be */
    scene_answer(&s, "m1", "well");
    assert_ends(&no, "");
    ear_done(&no);
    for (size_t i = 0; i < 3; i++) {
        ear_wait(&h[i]);
        ear_done(&h[i]);
    }
    scene_close(&s);
}

static void test_stop(void **state)
{
    (void)state;
    struct ear runs, also, waits, backs_off, no;
    struct error e = {0};
    open_with(2);
    ear_ask(s.r, &backs_off, &review);
    scene_fail(&s, "m1", AI_OVERLOADED, 0);
    struct wish chat = review;
    chat.purpose = AI_FOR_CHAT;
    ear_ask(s.r, &runs, &chat);
    ear_ask(s.r, &also, &review);
    ear_ask(s.r, &waits, &review);
    ai_router_stop(s.r);
    assert_int_equal(stage_open(&s.stage), 0);
    assert_ends(&runs, "cancelled");
    assert_ends(&also, "cancelled");
    assert_ends(&backs_off, "cancelled");
    assert_ends(&waits, "cancelled");
    assert_int_equal(ear_try(s.r, &no, &review, &e), ERR_BUSY);
    assert_string_equal(e.reason, "stopping");
    ai_router_stop(s.r);
    ear_done(&runs);
    ear_done(&waits);
    ear_done(&also);
    ear_done(&backs_off);
    ear_done(&no);
    scene_close(&s);
}

/* --- budgets: claude-haiku-4-5 is 1 USD in, 5 USD out; an answer of the stage costs 1,500 micro-USD --- */

static const struct str haiku = STR_INIT("claude-haiku-4-5");
static struct ai_prices *prices;
static struct ai_budget *budget;

static void open_budget(struct ai_budget_limits limits)
{
    struct error e;
    assert_int_equal(ai_prices_new(NULL, &prices, &e), ERR_OK);
    assert_int_equal(ai_budget_new(&limits, NULL, &budget, &e), ERR_OK);
    struct ai_router_options o = {.models = &haiku, .n_models = 1, .prices = prices, .budget = budget};
    scene_open(&s, &o);
}

static void close_budget(void)
{
    scene_close(&s);
    ai_budget_free(budget);
    ai_prices_free(prices);
}

/* Reserved before the start, so never passed, however many ask at once; who only has to wait for others waits. */
static void test_budget(void **state)
{
    (void)state;
    const int64_t limit = 6000;
    struct ear h[3], no;
    struct error e = {0};
    open_budget((struct ai_budget_limits){.day = limit});
    for (size_t i = 0; i < 3; i++)
        ear_ask(s.r, &h[i], &review); /* at most 2,500 for the answer, and some for the question */
    assert_int_equal(stage_open(&s.stage), 2);
    assert_int_equal(scene_model(&s, 0).waiting, 1);
    struct ai_budget_state b = ai_budget_state(budget, STR("p"), STR("d"));
    assert_true(b.used.day == 0 && b.held.day > 5000 && b.held.day <= limit);
    scene_answer(&s, NULL, "well");
    scene_answer(&s, NULL, "well");
    assert_int_equal(stage_open(&s.stage), 1);                /* 3,000 are spent: there is room now */
    assert_int_equal(ear_try(s.r, &no, &review, &e), ERR_OK); /* may still fit */
    scene_answer(&s, NULL, "well");
    assert_ends(&no, "over_budget");
    assert_int_equal(no.e.code, ERR_LIMIT);
    assert_has(no.e.message, "0.0045 of 0.0060 USD");
    assert_has(no.e.message, "opens again on ");
    ear_done(&no);
    assert_int_equal(ear_try(s.r, &no, &review, &e), ERR_LIMIT); /* known at once now */
    assert_string_equal(e.reason, "over_budget");
    ear_done(&no);
    b = ai_budget_state(budget, STR("p"), STR("d"));
    assert_true(b.used.day == 4500 && b.used.person == 4500 && b.used.document == 4500 && b.held.day == 0);
    assert_int_equal(s.books.cost_microusd, 4500);
    assert_true(s.books.last.priced);
    for (size_t i = 0; i < 3; i++) {
        assert_ends(&h[i], "");
        ear_done(&h[i]);
    }
    close_budget();
}

/* One person's budget is not another's; a check needs none. */
static void test_budget_of_person(void **state)
{
    (void)state;
    struct ear a, no, b, check;
    struct error e = {0};
    struct wish other = review, w = {.purpose = AI_FOR_CHECK, .person = "p"};
    open_budget((struct ai_budget_limits){.person = 3000, .document = 100000});
    ear_ask(s.r, &a, &review);
    scene_answer(&s, NULL, "well");
    assert_int_equal(ear_try(s.r, &no, &review, &e), ERR_LIMIT);
    assert_has(e.message, "your budget of today");
    other.person = "q";
    ear_ask(s.r, &b, &other);
    ear_ask(s.r, &check, &w);
    assert_int_equal(stage_open(&s.stage), 2);
    scene_answer(&s, NULL, "well");
    scene_answer(&s, NULL, "well");
    assert_ends(&a, "");
    assert_ends(&b, "");
    assert_ends(&check, "");
    ear_done(&a);
    ear_done(&no);
    ear_done(&b);
    ear_done(&check);
    close_budget();
}

/* What failed gives back what it held; each attempt reserves anew. */
static void test_budget_of_failures(void **state)
{
    (void)state;
    struct ear h;
    open_budget((struct ai_budget_limits){.document = 3000});
    ear_ask(s.r, &h, &review);
    scene_fail(&s, NULL, AI_OVERLOADED, 0);
    struct ai_budget_state b = ai_budget_state(budget, STR("p"), STR("d"));
    assert_true(b.used.document == 0 && b.held.document == 0);
    clock_pass(s.r, 500);
    scene_answer(&s, NULL, "well");
    assert_ends(&h, "");
    assert_int_equal(ai_budget_state(budget, STR("p"), STR("d")).used.document, 1500);
    ear_done(&h);
    close_budget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cancel_waiting),
                                       cmocka_unit_test(test_cancel_running),
                                       cmocka_unit_test(test_cancel_in_backoff),
                                       cmocka_unit_test(test_cancel_probe),
                                       cmocka_unit_test(test_let_go),
                                       cmocka_unit_test(test_max_wait),
                                       cmocka_unit_test(test_full),
                                       cmocka_unit_test(test_stop),
                                       cmocka_unit_test(test_budget),
                                       cmocka_unit_test(test_budget_of_person),
                                       cmocka_unit_test(test_budget_of_failures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
