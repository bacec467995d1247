/* The router against a provider that the test plays: which model is asked, when, how often, and what whoever asked hears. The clock stands still
 * until the test moves it. */
#include "router_test.h"

#define REVIEW                                                                                                         \
    {                                                                                                                  \
        .purpose = AI_FOR_REVIEW, .person = "p", .document = "d"                                                       \
    }
#define CHAT                                                                                                           \
    {                                                                                                                  \
        .purpose = AI_FOR_CHAT, .person = "p", .document = "d"                                                         \
    }

static struct scene s;
static const struct wish review = REVIEW, chat = CHAT;

static void open_with(size_t n_models, bool fallback)
{
    struct ai_router_options o = {.n_models = n_models, .fallback = fallback, .chat_fallback = fallback};
    scene_open(&s, &o);
}

static void assert_ends(struct ear *h, const char *reason)
{
    ear_wait(h);
    if (strcmp(h->e.reason, reason) != 0) fail_msg("it ended with \"%s\": %s", h->e.reason, h->e.message);
}

static void assert_open(size_t n)
{
    if (stage_open(&s.stage) != n) fail_msg("%zu are open instead of %zu", stage_open(&s.stage), n);
}

static void test_answer(void **state)
{
    (void)state;
    struct ear h;
    open_with(2, true);
    ear_ask(s.r, &h, &review);
    clock_pass(s.r, 700);
    scene_answer(&s, "m1", "well");
    assert_ends(&h, "");
    assert_log(&h, "m1 +well");
    assert_int_equal(h.usages, 1);
    assert_books(&s.books, "m1:");
    assert_int_equal(s.books.last.first_token_ms, 700);
    assert_int_equal(s.books.last.whole_ms, 700);
    assert_int_equal(s.books.last.usage.in, 1000);
    assert_int_equal(s.books.last.attempt, 1);
    assert_false(s.books.last.priced || s.books.last.estimated);
    struct ai_model_state m = scene_model(&s, 0);
    assert_true(m.calls == 1 && m.failed == 0 && m.tokens_in == 1000 && m.tokens_out == 100 && m.running == 0);
    assert_int_equal(m.first_token_ms, 700);
    assert_int_equal(scene_model(&s, 1).first_token_ms, -1);
    ear_done(&h);
    scene_close(&s);
}

/* The provider may answer while it is being started. */
static void test_at_once(void **state)
{
    (void)state;
    struct ear h;
    open_with(1, true);
    s.stage.answers = true;
    ear_ask(s.r, &h, &chat);
    assert_ends(&h, "");
    assert_log(&h, "m1 +at once");
    ear_done(&h);
    scene_close(&s);
}

static void test_retry_after(void **state)
{
    (void)state;
    struct ear h;
    open_with(1, true);
    ear_ask(s.r, &h, &review);
    scene_fail(&s, "m1", AI_THROTTLED, 2000);
    clock_pass(s.r, 1999);
    assert_open(0);
    assert_int_equal(scene_model(&s, 0).health, AI_COOLING);
    assert_int_equal(scene_model(&s, 0).waiting, 1);
    assert_str(scene_model(&s, 0).reason, "throttled");
    clock_pass(s.r, 1);
    scene_answer(&s, "m1", "well");
    assert_ends(&h, "");
    assert_log(&h, "m1 m1(throttled) +well");
    assert_books(&s.books, "m1:throttled m1:");
    assert_int_equal(s.books.last.queue_ms, 2000);
    assert_int_equal(s.books.last.attempt, 2);
    assert_string_equal(s.books.cooldowns, "m1:throttled:2000 ");
    assert_int_equal(scene_model(&s, 0).throttled, 1);
    ear_done(&h);
    scene_close(&s);
}

/* What an attempt handed out before it broke off is void: on_begin says so. */
static void test_partial(void **state)
{
    (void)state;
    struct ear h;
    open_with(2, true);
    ear_ask(s.r, &h, &review);
    s.stage.first->h.on_text(s.stage.first->h.ctx, STR("half of an answ"));
    scene_fail(&s, "m1", AI_CUT_OFF, 0);
    scene_answer(&s, "m2", "whole");
    assert_ends(&h, "");
    assert_log(&h, "m1 +half of an answ m2(cut_off) +whole");
    ear_done(&h);
    scene_close(&s);
}

static void test_fallback_order(void **state)
{
    (void)state;
    static const enum ai_reason reasons[] = {AI_THROTTLED, AI_OVERLOADED, AI_TIMEOUT_FIRST_TOKEN,
                                             AI_STALLED,   AI_TIMEOUT,    AI_CUT_OFF,
                                             AI_NOT_READY, AI_QUOTA,      AI_BAD_ANSWER};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct ear h;
        open_with(3, true);
        ear_ask(s.r, &h, &review);
        scene_fail(&s, "m1", reasons[i], 0);
        scene_fail(&s, "m2", AI_OVERLOADED, 0); /* at once: no time has passed */
        scene_answer(&s, "m3", "well");
        assert_ends(&h, "");
        assert_int_equal(s.books.n, 3);
        ear_done(&h);
        scene_close(&s);
    }
}

static void test_not_tried_again(void **state)
{
    (void)state;
    static const enum ai_reason reasons[] = {AI_BAD_REQUEST,     AI_CONTEXT_TOO_LONG,       AI_ACCESS_DENIED,
                                             AI_MODEL_NOT_FOUND, AI_BAD_CREDENTIALS,        AI_EXPIRED_TOKEN,
                                             AI_CLOCK_OFF,       AI_NEEDS_INFERENCE_PROFILE};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct ear h;
        struct error e;
        open_with(3, true);
        ear_ask(s.r, &h, &review);
        scene_fail(&s, "m1", reasons[i], 0);
        (void)ai_error(&e, reasons[i], "x");
        assert_ends(&h, e.reason);
        assert_string_equal(h.e.hint, e.hint);
        assert_int_equal(s.books.n, 1);
        assert_int_equal(scene_model(&s, 0).health, AI_WELL); /* it answers */
        ear_done(&h);
        scene_close(&s);
    }
}

static void test_fallback_by_purpose(void **state)
{
    (void)state;
    for (int for_chat = 0; for_chat < 2; for_chat++) {
        struct ai_router_options o = {.n_models = 2, .fallback = !for_chat, .chat_fallback = for_chat};
        struct ear yes, no;
        scene_open(&s, &o);
        ear_ask(s.r, &yes, for_chat ? &chat : &review);
        scene_fail(&s, "m1", AI_TIMEOUT, 0);
        scene_answer(&s, "m2", "well");
        assert_ends(&yes, "");
        ear_ask(s.r, &no, for_chat ? &review : &chat);
        scene_fail(&s, "m1", AI_TIMEOUT, 0); /* not worth a retry */
        assert_ends(&no, "timeout");
        ear_done(&yes);
        ear_done(&no);
        scene_close(&s);
    }
}

static void test_named_model(void **state)
{
    (void)state;
    struct ear h, other;
    struct wish w = REVIEW;
    struct error e = {0};
    open_with(3, true);
    w.model = "m2";
    ear_ask(s.r, &h, &w);
    scene_fail(&s, "m2", AI_TIMEOUT, 0);
    assert_ends(&h, "timeout");
    w.model = "m4";
    assert_int_equal(ear_try(s.r, &other, &w, &e), ERR_NOT_FOUND);
    assert_string_equal(e.reason, "unknown_model");
    ear_done(&h);
    ear_done(&other);
    scene_close(&s);
}

static void test_rounds(void **state)
{
    (void)state;
    struct ear h;
    open_with(2, true);
    ear_ask(s.r, &h, &review);
    for (int round = 0; round < 3; round++) {
        scene_fail(&s, "m1", AI_OVERLOADED, 0);
        scene_fail(&s, "m2", AI_OVERLOADED, 0);
        if (round < 2) assert_false(ear_over(&h));
        clock_pass(s.r, round == 0 ? 500 : 1000); /* the most that it may wait */
    }
    assert_ends(&h, "overloaded");
    assert_has(h.e.message, "m2");
    assert_log(&h, "m1 m2(overloaded) m1(overloaded) m2(overloaded) m1(overloaded) m2(overloaded)");
    assert_int_equal(s.books.n, 6);
    ear_done(&h);
    scene_close(&s);
}

/* A fallback model that is configured wrongly does not hide that the first was only throttled. */
static void test_wrong_fallback(void **state)
{
    (void)state;
    struct ear h;
    open_with(2, true);
    ear_ask(s.r, &h, &review);
    scene_fail(&s, "m1", AI_THROTTLED, 1000);
    scene_fail(&s, "m2", AI_ACCESS_DENIED, 0);
    assert_false(ear_over(&h));
    clock_pass(s.r, 1000);
    if (stage_open(&s.stage) == 1 && strcmp(s.stage.first->model, "m2") == 0) scene_fail(&s, "m2", AI_ACCESS_DENIED, 0);
    scene_answer(&s, "m1", "well");
    assert_ends(&h, "");
    ear_done(&h);
    scene_close(&s);
}

/* Nor is it what is said in the end. */
static void test_wrong_fallback_to_the_end(void **state)
{
    (void)state;
    struct ear h;
    open_with(2, true);
    ear_ask(s.r, &h, &review);
    for (int round = 0; round < 3; round++) {
        scene_fail(&s, "m1", AI_OVERLOADED, 0);
        scene_fail(&s, "m2", AI_ACCESS_DENIED, 0);
        clock_pass(s.r, 1000);
    }
    assert_ends(&h, "overloaded");
    assert_int_equal(s.books.n, 6);
    ear_done(&h);
    scene_close(&s);
}

/* Who waits for a cool-down waits for that of all; then one goes ahead, and the others follow its first token. */
static void test_cooldown_shared(void **state)
{
    (void)state;
    struct ear a, b, c;
    open_with(1, true);
    ear_ask(s.r, &a, &review);
    scene_fail(&s, "m1", AI_THROTTLED, 10000);
    ear_ask(s.r, &b, &review);
    ear_ask(s.r, &c, &chat);
    clock_pass(s.r, 9999);
    assert_open(0);
    assert_int_equal(scene_model(&s, 0).waiting, 3);
    clock_pass(s.r, 1);
    assert_open(1);
    assert_int_equal(scene_model(&s, 0).health, AI_PROBING);
    assert_log(&c, "m1"); /* the chat, though it came last */
    struct play *probe = s.stage.first;
    probe->h.on_text(probe->h.ctx, STR("a"));
    ai__router_settle(s.r);
    assert_int_equal(scene_model(&s, 0).health, AI_WELL);
    scene_answer(&s, "m1", "b");
    assert_open(1); /* it was halved to one at once */
    scene_answer(&s, "m1", "b");
    scene_answer(&s, "m1", "b");
    assert_ends(&a, "");
    assert_ends(&b, "");
    assert_ends(&c, "");
    ear_done(&a);
    ear_done(&b);
    ear_done(&c);
    scene_close(&s);
}

static void test_slow_probe(void **state)
{
    (void)state;
    struct ai_router_options o = {.n_models = 1};
    struct ear h[3];
    scene_open(&s, &o);
    ai_router_heard(s.r, STR("m1"), time_now_unix_ms() + 10000, STR("overloaded"));
    for (size_t i = 0; i < 3; i++)
        ear_ask(s.r, &h[i], &review);
    clock_pass(s.r, 11000);
    assert_open(1);
    clock_pass(s.r, 5000);
    assert_open(2);
    for (size_t i = 0; i < 3; i++)
        scene_answer(&s, "m1", "well");
    for (size_t i = 0; i < 3; i++) {
        assert_ends(&h[i], "");
        ear_done(&h[i]);
    }
    scene_close(&s);
}

/* Without a time from the server the cool-down doubles with each probe that is throttled, up to its maximum. */
static void test_cooldown_grows(void **state)
{
    (void)state;
    struct ai_router_options o = {.n_models = 1, .max_attempts = 10, .cooldown_ms = 1500};
    struct ear h;
    scene_open(&s, &o);
    ear_ask(s.r, &h, &review);
    for (int i = 0; i < 4; i++) {
        scene_fail(&s, "m1", AI_THROTTLED, 0);
        clock_pass(s.r, 20000);
    }
    assert_string_equal(s.books.cooldowns, "m1:throttled:500 m1:throttled:1000 m1:throttled:1500 m1:throttled:1500 ");
    scene_answer(&s, "m1", "well");
    assert_ends(&h, "");
    ear_done(&h);
    scene_close(&s);
}

/* Those that were on their way when it began say nothing new, unless the server names a later time. */
static void test_cooldown_of_many(void **state)
{
    (void)state;
    struct ear h[4];
    open_with(1, true);
    for (size_t i = 0; i < 4; i++)
        ear_ask(s.r, &h[i], &review);
    for (size_t i = 0; i < 3; i++)
        scene_fail(&s, "m1", AI_THROTTLED, 0);
    assert_string_equal(s.books.cooldowns, "m1:throttled:500 ");
    scene_fail(&s, "m1", AI_THROTTLED, 2000);
    assert_string_equal(s.books.cooldowns, "m1:throttled:500 m1:throttled:2000 ");
    clock_pass(s.r, 2000);
    for (size_t i = 0; i < 4; i++)
        scene_answer(&s, "m1", "well");
    for (size_t i = 0; i < 4; i++) {
        assert_ends(&h[i], "");
        ear_done(&h[i]);
    }
    scene_close(&s);
}

/* Whoever only waited has no more patience than whoever asked. */
static void test_patience_of_waiting(void **state)
{
    (void)state;
    struct ai_router_options o = {.n_models = 1, .max_calls = 1};
    struct ear runs, waits;
    scene_open(&s, &o);
    ear_ask(s.r, &runs, &chat);
    ear_ask(s.r, &waits, &chat);
    scene_fail(&s, "m1", AI_QUOTA, 60000);
    assert_ends(&runs, "quota");
    assert_ends(&waits, "quota");
    assert_log(&waits, "");
    ear_done(&runs);
    ear_done(&waits);
    scene_close(&s);
}

/* A Retry-After that is longer than anybody would wait ends the ask now, with what is known. */
static void test_patience(void **state)
{
    (void)state;
    struct ear talk, work, late;
    open_with(1, true);
    ear_ask(s.r, &talk, &chat);
    ear_ask(s.r, &work, &review);
    scene_fail(&s, "m1", AI_THROTTLED, 60000); /* the chat: it was first */
    assert_ends(&talk, "throttled");
    assert_int_equal(talk.retry_after_ms, 60000);
    assert_false(ear_over(&work));
    scene_fail(&s, "m1", AI_THROTTLED, 600000); /* began before, and names a later time */
    assert_ends(&work, "throttled");
    ear_ask(s.r, &late, &review);
    assert_ends(&late, "throttled");
    assert_log(&late, "");
    assert_books(&s.books, "m1:throttled m1:throttled");
    ear_done(&talk);
    ear_done(&work);
    ear_done(&late);
    scene_close(&s);
}

static void test_breaker(void **state)
{
    (void)state;
    struct ear h[12], talk, work;
    open_with(1, true);
    for (size_t i = 0; i < 12; i++)
        ear_ask(s.r, &h[i], &chat);
    for (size_t i = 0; i < 4; i++)
        scene_fail(&s, "m1", AI_TIMEOUT, 0);
    assert_int_equal(scene_model(&s, 0).health, AI_WELL);
    scene_fail(&s, "m1", AI_TIMEOUT, 0);
    assert_int_equal(scene_model(&s, 0).health, AI_BROKEN);
    for (size_t i = 0; i < 7; i++) /* of before: no news */
        scene_fail(&s, "m1", AI_TIMEOUT, 0);
    assert_string_equal(s.books.cooldowns, "m1:timeout:30000 ");
    ear_ask(s.r, &talk, &chat); /* nobody waits half a minute for nothing */
    assert_ends(&talk, "timeout");
    ear_ask(s.r, &work, &review); /* a review does, and is the probe */
    clock_pass(s.r, 30000);
    scene_answer(&s, "m1", "well");
    assert_ends(&work, "");
    assert_int_equal(scene_model(&s, 0).health, AI_WELL);
    for (size_t i = 0; i < 12; i++) {
        assert_ends(&h[i], "timeout");
        ear_done(&h[i]);
    }
    ear_done(&talk);
    ear_done(&work);
    scene_close(&s);
}

/* An answer between failures: they are not in a row. */
static void test_breaker_in_a_row(void **state)
{
    (void)state;
    open_with(1, true);
    for (size_t i = 0; i < 12; i++) {
        struct ear h;
        ear_ask(s.r, &h, &chat);
        if (i % 4 == 3)
            scene_answer(&s, "m1", "well");
        else
            scene_fail(&s, "m1", AI_TIMEOUT, 0);
        ear_wait(&h);
        ear_done(&h);
    }
    assert_int_equal(scene_model(&s, 0).health, AI_WELL);
    scene_close(&s);
}

/* A break whose probes fail lasts twice as long each time, until reviews give up too. */
static void test_breaker_deepens(void **state)
{
    (void)state;
    struct ai_router_options o = {.n_models = 1, .max_attempts = 100};
    struct ear h;
    scene_open(&s, &o);
    ear_ask(s.r, &h, &review);
    for (size_t i = 0; i < 5; i++) {
        scene_fail(&s, "m1", AI_OVERLOADED, 0);
        clock_pass(s.r, 20000);
    }
    for (int64_t ms = 30000; ms <= 120000; ms *= 2) {
        clock_pass(s.r, ms);
        scene_fail(&s, "m1", AI_OVERLOADED, 0);
    }
    assert_ends(&h, "overloaded");
    assert_string_equal(s.books.cooldowns,
                        "m1:overloaded:30000 m1:overloaded:60000 m1:overloaded:120000 m1:overloaded:240000 ");
    ear_done(&h);
    scene_close(&s);
}

/* With a model that is ill, the next is asked without asking it first. */
static void test_ill_is_passed_over(void **state)
{
    (void)state;
    struct ear a, b;
    open_with(2, true);
    ear_ask(s.r, &a, &review);
    scene_fail(&s, "m1", AI_THROTTLED, 5000);
    scene_answer(&s, "m2", "well");
    ear_ask(s.r, &b, &review);
    scene_answer(&s, "m2", "well");
    assert_log(&b, "m2 +well");
    ear_done(&a);
    ear_done(&b);
    clock_pass(s.r, 5000);
    ear_ask(s.r, &a, &review);
    scene_answer(&s, "m1", "well");
    assert_log(&a, "m1 +well");
    ear_done(&a);
    scene_close(&s);
}

static void test_heard_and_reset(void **state)
{
    (void)state;
    struct ear a, b;
    open_with(1, true);
    ai_router_heard(s.r, STR("m1"), time_now_unix_ms() + 60000, STR("throttled"));
    ai_router_heard(s.r, STR("no such"), time_now_unix_ms() + 60000, STR("throttled"));
    ear_ask(s.r, &a, &review);
    assert_open(0);
    assert_str(scene_model(&s, 0).reason, "throttled");
    assert_true(scene_model(&s, 0).until_unix_ms > time_now_unix_ms() + 50000);
    ai_router_heard(s.r, STR("m1"), time_now_unix_ms() + 30000, STR("overloaded")); /* not shorter */
    assert_str(scene_model(&s, 0).reason, "throttled");
    assert_string_equal(s.books.cooldowns, ""); /* told by another: not told on */
    assert_false(ai_router_reset(s.r, STR("no such")));
    assert_true(ai_router_reset(s.r, STR("m1")));
    ai__router_settle(s.r);
    assert_string_equal(s.books.cooldowns, "m1::0 ");
    scene_answer(&s, "m1", "well");
    assert_ends(&a, "");
    ai_router_heard(s.r, STR("m1"), time_now_unix_ms() + 60000, STR("throttled"));
    ear_ask(s.r, &b, &review);
    assert_open(0);
    ai_router_heard(s.r, STR("m1"), 0, STR(""));
    ai__router_settle(s.r);
    scene_answer(&s, "m1", "well");
    assert_ends(&b, "");
    ear_done(&a);
    ear_done(&b);
    ear_ask(s.r, &a, &review); /* what was on its way when it was reset says nothing of it now */
    assert_true(ai_router_reset(s.r, STR("m1")));
    scene_fail(&s, "m1", AI_THROTTLED, 0);
    assert_int_equal(scene_model(&s, 0).limit, 256);
    clock_pass(s.r, 500);
    scene_answer(&s, "m1", "well");
    assert_ends(&a, "");
    ear_done(&a);
    scene_close(&s);
}

static void test_check(void **state)
{
    (void)state;
    struct wish w = {.purpose = AI_FOR_CHECK, .model = "m1"};
    struct ear a, b;
    open_with(2, true);
    ai_router_heard(s.r, STR("m1"), time_now_unix_ms() + 600000, STR("overloaded"));
    ear_ask(s.r, &a, &w); /* waits for no cool-down */
    scene_fail(&s, "m1", AI_THROTTLED, 0);
    assert_ends(&a, "throttled"); /* once, on one model */
    assert_books(&s.books, "m1:throttled");
    assert_int_equal(scene_model(&s, 0).health, AI_COOLING);
    assert_true(scene_model(&s, 0).until_unix_ms > time_now_unix_ms() + 500000); /* as long as it was */
    ear_ask(s.r, &b, &w);
    scene_answer(&s, "m1", "well"); /* it answers: it is well */
    assert_ends(&b, "");
    ear_done(&a);
    ear_done(&b);
    scene_close(&s);
}

/* What fails here, before anybody was asked, is no fault of the model; too much at once here is tried again. */
static void test_own_failure(void **state)
{
    (void)state;
    struct ear h;
    open_with(1, true);
    (void)error_set_reason(&s.stage.refuses, ERR_BUSY, "too_busy", "too many connections");
    ear_ask(s.r, &h, &review);
    s.stage.refuses.code = ERR_OK;
    clock_pass(s.r, 500);
    scene_answer(&s, "m1", "well");
    assert_ends(&h, "");
    assert_books(&s.books, "m1:too_busy m1:");
    ear_done(&h);
    (void)error_set_reason(&s.stage.refuses, ERR_INVALID, "bad_request", "the request is wrong");
    ear_ask(s.r, &h, &review);
    assert_ends(&h, "bad_request");
    assert_int_equal(h.e.code, ERR_INVALID);
    ear_done(&h);
    scene_close(&s);
}

/* An answer that broke off before its tokens were said is in the books by its bytes. */
static void test_estimate(void **state)
{
    (void)state;
    char text[701] = {0};
    struct ear h;
    open_with(1, true);
    memset(text, 'a', 700);
    ear_ask(s.r, &h, &review);
    s.stage.first->h.on_text(s.stage.first->h.ctx, str_from_c(text));
    ai_router_cancel(h.call);
    assert_ends(&h, "cancelled");
    assert_true(s.books.last.estimated);
    assert_int_equal(s.books.last.usage.out, 200);
    assert_true(s.books.last.usage.in > 0);
    assert_int_equal(h.usages, 0); /* nobody said it */
    ear_done(&h);
    scene_close(&s);
}

/* When time alone will bring something: the thread sleeps until then, and no longer. */
static void test_due(void **state)
{
    (void)state;
    struct ai_router_options o = {.n_models = 1, .tokens_per_minute = 1000};
    struct ear h[2];
    struct wish w = {.purpose = AI_FOR_REVIEW, .max_tokens = 900, .max_wait_ms = 90000};
    scene_open(&s, &o);
    clock_pass(s.r, 250);
    int64_t now = clock_now();
    lock_take(&s.r->lock);
    assert_true(ai__router_due(s.r, now) == INT64_MAX);
    lock_give(&s.r->lock);
    ear_ask(s.r, &h[0], &w);
    ear_ask(s.r, &h[1], &w);
    lock_take(&s.r->lock);
    assert_int_equal(ai__router_due(s.r, now) - now, 750000000); /* tokens come back by the second */
    lock_give(&s.r->lock);
    ai_router_heard(s.r, STR("m1"), time_now_unix_ms() + 500, STR("throttled"));
    lock_take(&s.r->lock);
    int64_t due = ai__router_due(s.r, now) - now;
    lock_give(&s.r->lock);
    assert_true(due > 0 && due <= 500000000);
    scene_answer(&s, "m1", "well");
    clock_pass(s.r, 80000);
    scene_answer(&s, "m1", "well");
    for (size_t i = 0; i < 2; i++) {
        assert_ends(&h[i], "");
        ear_done(&h[i]);
    }
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answer),
                                       cmocka_unit_test(test_at_once),
                                       cmocka_unit_test(test_retry_after),
                                       cmocka_unit_test(test_partial),
                                       cmocka_unit_test(test_fallback_order),
                                       cmocka_unit_test(test_not_tried_again),
                                       cmocka_unit_test(test_fallback_by_purpose),
                                       cmocka_unit_test(test_named_model),
                                       cmocka_unit_test(test_rounds),
                                       cmocka_unit_test(test_wrong_fallback),
                                       cmocka_unit_test(test_wrong_fallback_to_the_end),
                                       cmocka_unit_test(test_cooldown_shared),
                                       cmocka_unit_test(test_slow_probe),
                                       cmocka_unit_test(test_cooldown_grows),
                                       cmocka_unit_test(test_cooldown_of_many),
                                       cmocka_unit_test(test_patience_of_waiting),
                                       cmocka_unit_test(test_patience),
                                       cmocka_unit_test(test_breaker),
                                       cmocka_unit_test(test_breaker_in_a_row),
                                       cmocka_unit_test(test_breaker_deepens),
                                       cmocka_unit_test(test_ill_is_passed_over),
                                       cmocka_unit_test(test_heard_and_reset),
                                       cmocka_unit_test(test_check),
                                       cmocka_unit_test(test_own_failure),
                                       cmocka_unit_test(test_estimate),
                                       cmocka_unit_test(test_due)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
