/* Whose turn it is, and how much at once: fairness between persons, chats before reviews, limits that are learnt. */
#include "router_test.h"

static struct scene s;

struct crowd {
    struct ear h[100];
    size_t n;
};

static struct crowd crowd;

static void asks(enum ai_purpose purpose, const char *person, const char *text, size_t n, int64_t max_tokens)
{
    struct wish w = {.purpose = purpose, .person = person, .text = text, .max_tokens = max_tokens};
    for (size_t i = 0; i < n; i++)
        ear_ask(s.r, &crowd.h[crowd.n++], &w);
}

/* Answers whatever is open, one after the other; the texts of those that came up, in order. */
static void answer_all(struct sb *order)
{
    for (struct play *p; (p = stage_take(&s.stage, NULL, NULL));) {
        sb_printf(order, "%s ", p->text);
        play_answer(p, "well");
        ai__router_settle(s.r);
    }
}

static void crowd_done(void)
{
    for (size_t i = 0; i < crowd.n; i++) {
        ear_wait(&crowd.h[i]);
        ear_done(&crowd.h[i]);
    }
    crowd.n = 0;
    scene_close(&s);
}

static void open_with(size_t max_calls, uint64_t tokens_per_minute)
{
    struct ai_router_options o = {.max_calls = max_calls, .tokens_per_minute = tokens_per_minute};
    scene_open(&s, &o);
}

/* Somebody's sixty sections, then somebody else's one, and a question: the question is next, the one section after at most one more of the sixty. */
static void test_sixty_sections(void **state)
{
    (void)state;
    CLEANUP_SB struct sb order = SB_INIT(1 << 12);
    open_with(1, 0);
    asks(AI_FOR_REVIEW, "a", "a", 60, 4000);
    asks(AI_FOR_REVIEW, "b", "b", 1, 4000);
    asks(AI_FOR_CHAT, "c", "c", 1, 4000);
    answer_all(&order);
    struct str got = sb_view(&order);
    if (!str_starts(got, STR("a c b a ")) && !str_starts(got, STR("a c a b "))) fail_msg("%.*s", STR_ARG(got));
    assert_int_equal(got.n, 2 * 62);
    crowd_done();
}

/* Turns go by tokens: who asks for eight times as much at once is asked for an eighth as often. */
static void test_equal_tokens(void **state)
{
    (void)state;
    CLEANUP_SB struct sb order = SB_INIT(1 << 12);
    size_t small = 0, large = 0;
    open_with(1, 0);
    asks(AI_FOR_REVIEW, "x", "-", 1, 1);
    asks(AI_FOR_REVIEW, "a", "l", 10, 32000);
    asks(AI_FOR_REVIEW, "b", "s", 80, 4000);
    answer_all(&order);
    for (size_t i = 2; small < 72; i += 2) { /* as long as both wait */
        *(order.p[i] == 's' ? &small : &large) += 1;
        assert_true(small * 4000 <= large * 32000 + 64000 && large * 32000 <= small * 4000 + 64000);
    }
    crowd_done();
}

/* Who waits long gets no more than others: a credit is not saved while nothing waits. */
static void test_persons_alternate(void **state)
{
    (void)state;
    CLEANUP_SB struct sb order = SB_INIT(1 << 12);
    open_with(1, 0);
    asks(AI_FOR_REVIEW, "x", "-", 1, 4000);
    asks(AI_FOR_REVIEW, "a", "a", 10, 4000);
    asks(AI_FOR_REVIEW, "b", "b", 10, 4000);
    asks(AI_FOR_REVIEW, "c", "c", 10, 4000);
    answer_all(&order);
    for (size_t i = 2; i + 6 <= order.n; i += 6) { /* each three have one of each */
        struct str three = str_sub(sb_view(&order), i, i + 6);
        assert_true(str_find_char(three, 'a', 0) != STR_NONE && str_find_char(three, 'b', 0) != STR_NONE &&
                    str_find_char(three, 'c', 0) != STR_NONE);
    }
    crowd_done();
}

/* Small asks are not answered in bunches. */
static void test_small_ones_alternate(void **state)
{
    (void)state;
    CLEANUP_SB struct sb order = SB_INIT(1 << 12);
    open_with(1, 0);
    asks(AI_FOR_CHAT, "x", "-", 1, 100);
    asks(AI_FOR_CHAT, "a", "a", 4, 100);
    asks(AI_FOR_CHAT, "b", "b", 4, 100);
    answer_all(&order);
    assert_str(sb_view(&order), "- a b a b a b a b ");
    crowd_done();
}

/* What is left of a turn is gone when nothing waits: it cannot be saved up. */
static void test_credit_is_not_saved(void **state)
{
    (void)state;
    CLEANUP_SB struct sb order = SB_INIT(1 << 12);
    open_with(1, 0);
    asks(AI_FOR_REVIEW, "a", "a", 1, 500);
    asks(AI_FOR_REVIEW, "b", "b", 1, 4000);
    asks(AI_FOR_REVIEW, "a", "A", 1, 3400);
    answer_all(&order);
    assert_str(sb_view(&order), "a b A ");
    crowd_done();
}

/* Who comes back after a failure has had to wait for that turn already, and does not pay twice. */
static void test_paid_once(void **state)
{
    (void)state;
    CLEANUP_SB struct sb order = SB_INIT(1 << 12);
    open_with(1, 0);
    asks(AI_FOR_REVIEW, "a", "a", 1, 8000);
    asks(AI_FOR_REVIEW, "b", "b", 3, 4000);
    scene_fail(&s, "m1", AI_OVERLOADED, 0); /* b is next, and a comes back while it runs */
    clock_pass(s.r, 500);
    answer_all(&order);
    assert_str(sb_view(&order), "b a b b ");
    crowd_done();
}

static void test_chats_in_a_row(void **state)
{
    (void)state;
    CLEANUP_SB struct sb order = SB_INIT(1 << 12);
    open_with(1, 0);
    asks(AI_FOR_CHAT, "x", "-", 1, 100);
    asks(AI_FOR_REVIEW, "a", "r", 2, 100);
    asks(AI_FOR_CHAT, "b", "c", 20, 100);
    answer_all(&order);
    assert_str(sb_view(&order), "- c c c c c c c r c c c c c c c c r c c c c c ");
    crowd_done();
}

/* Reviews leave places free for chats. */
static void test_places_for_chats(void **state)
{
    (void)state;
    CLEANUP_SB struct sb order = SB_INIT(1 << 12);
    open_with(16, 0);
    asks(AI_FOR_REVIEW, "a", "r", 40, 100);
    assert_int_equal(stage_open(&s.stage), 14);
    asks(AI_FOR_CHAT, "b", "c", 3, 100);
    assert_int_equal(stage_open(&s.stage), 16);
    assert_int_equal(scene_model(&s, 0).running, 16);
    assert_int_equal(scene_model(&s, 0).waiting, 27);
    answer_all(&order);
    assert_int_equal(s.stage.most_open, 16);
    crowd_done();
}

/* Halved by throttling, once for all that were on their way; one more for as many answers as there are places. */
static void test_limit_learnt(void **state)
{
    (void)state;
    open_with(64, 0);
    asks(AI_FOR_CHAT, "a", "c", 64, 100);
    for (size_t i = 0; i < 3; i++)
        scene_fail(&s, "m1", AI_THROTTLED, 1000);
    assert_int_equal(scene_model(&s, 0).limit, 32);
    assert_int_equal(scene_model(&s, 0).tokens_per_minute, 0); /* once is no rate */
    clock_pass(s.r, 1500);
    assert_int_equal(stage_open(&s.stage), 61); /* nothing new while more than that run */
    for (size_t i = 0; i < 30; i++)
        scene_answer(&s, "m1", "well"); /* until 31 are open, and one that was throttled comes back as the probe */
    uint32_t before = scene_model(&s, 0).limit;
    assert_int_equal(before, 32); /* what began before teaches nothing more */
    for (size_t i = 0; stage_open(&s.stage) > 0; i++)
        scene_answer(&s, "m1", "well");
    uint32_t idle = scene_model(&s, 0).limit;
    for (size_t round = 0; round < 36; round++) {
        asks(AI_FOR_CHAT, "b", "c", 1, 100);
        scene_answer(&s, "m1", "well");
    }
    assert_int_equal(scene_model(&s, 0).limit, idle); /* places that are not used teach nothing */
    assert_true(ai_router_reset(s.r, STR("m1")));
    assert_int_equal(scene_model(&s, 0).limit, 64);
    crowd_done();
}

/* Answers to what began before it was lowered do not raise it again. */
static void test_old_answers(void **state)
{
    (void)state;
    open_with(16, 0);
    asks(AI_FOR_CHAT, "a", "c", 16, 100);
    scene_fail(&s, "m1", AI_THROTTLED, 100);
    for (size_t i = 0; i < 15; i++)
        scene_answer(&s, "m1", "well");
    assert_int_equal(scene_model(&s, 0).limit, 8);
    clock_pass(s.r, 1000);
    scene_answer(&s, "m1", "well");
    crowd_done();
}

/* Down to one, and never to none. */
static void test_limit_of_one(void **state)
{
    (void)state;
    open_with(8, 0);
    asks(AI_FOR_REVIEW, "a", "r", 1, 100);
    for (size_t i = 0; i < 2; i++) {
        scene_fail(&s, "m1", AI_THROTTLED, 100);
        assert_int_equal(scene_model(&s, 0).limit, 1);
        clock_pass(s.r, 20000);
    }
    scene_answer(&s, "m1", "well");
    assert_int_equal(scene_model(&s, 0).limit, 2);
    crowd_done();
}

/* So many tokens in any sixty seconds, and no more. */
static void test_tokens_per_minute(void **state)
{
    (void)state;
    open_with(100, 5000);
    asks(AI_FOR_REVIEW, "a", "r", 10, 1400);
    size_t n = stage_open(&s.stage);
    assert_int_equal(n, 3);
    clock_pass(s.r, 30000);
    assert_int_equal(stage_open(&s.stage), 3);
    clock_pass(s.r, 29000);
    assert_int_equal(stage_open(&s.stage), 3);
    clock_pass(s.r, 1000);
    assert_int_equal(stage_open(&s.stage), 6);
    /* an answer that is shorter than was asked for gives the rest back: 1100 of about 1480 tokens, three times */
    for (size_t i = 0; i < 6; i++)
        scene_answer(&s, "m1", "well");
    clock_pass(s.r, 1000);
    assert_int_equal(stage_open(&s.stage), 1);
    clock_pass(s.r, 60000);
    assert_int_equal(stage_open(&s.stage), 4);
    while (stage_open(&s.stage) > 0)
        scene_answer(&s, "m1", "well");
    crowd_done();
}

/* One that is larger than a minute's tokens goes alone. */
static void test_large_one(void **state)
{
    (void)state;
    open_with(100, 1000);
    asks(AI_FOR_REVIEW, "a", "l", 1, 50000);
    asks(AI_FOR_REVIEW, "a", "s", 1, 100);
    assert_int_equal(stage_open(&s.stage), 1);
    clock_pass(s.r, 60000);
    assert_int_equal(stage_open(&s.stage), 2);
    while (stage_open(&s.stage) > 0)
        scene_answer(&s, "m1", "well");
    crowd_done();
}

/* Throttled for a minute though there are ever fewer calls at once: it is the rate. It goes up again where it holds somebody back. */
static void test_rate_learnt(void **state)
{
    (void)state;
    open_with(8, 0);
    asks(AI_FOR_CHAT, "a", "c", 90, 900);
    for (size_t i = 0; i < 7; i++) { /* every ten seconds one is throttled, and the others are answered */
        assert_int_equal(scene_model(&s, 0).tokens_per_minute, 0);
        scene_fail(&s, "m1", AI_THROTTLED, 1000);
        for (size_t k = 0; k < 8 && stage_open(&s.stage) > 0; k++)
            scene_answer(&s, "m1", "well");
        clock_pass(s.r, 10000);
        if (scene_model(&s, 0).tokens_per_minute > 0) break;
    }
    uint64_t rate = scene_model(&s, 0).tokens_per_minute;
    assert_true(rate > 4000 && rate < 100000);
    for (size_t i = 0; i < 200 && scene_model(&s, 0).waiting > 0; i++) {
        clock_pass(s.r, 10000);
        while (stage_open(&s.stage) > 0)
            scene_answer(&s, "m1", "well");
    }
    while (stage_open(&s.stage) > 0)
        scene_answer(&s, "m1", "well");
    assert_int_equal(scene_model(&s, 0).waiting, 0);
    assert_true(scene_model(&s, 0).tokens_per_minute > rate);
    crowd_done();
}

/* Throttled twice in a burst: that is no rate. */
static void test_burst_is_no_rate(void **state)
{
    (void)state;
    open_with(8, 0);
    asks(AI_FOR_CHAT, "a", "c", 12, 900);
    for (size_t i = 0; i < 3; i++) {
        scene_fail(&s, "m1", AI_THROTTLED, 100);
        while (stage_open(&s.stage) > 0)
            scene_answer(&s, "m1", "well");
        clock_pass(s.r, 1500);
    }
    assert_int_equal(scene_model(&s, 0).tokens_per_minute, 0);
    while (stage_open(&s.stage) > 0)
        scene_answer(&s, "m1", "well");
    crowd_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sixty_sections),      cmocka_unit_test(test_equal_tokens),
        cmocka_unit_test(test_persons_alternate),   cmocka_unit_test(test_small_ones_alternate),
        cmocka_unit_test(test_credit_is_not_saved), cmocka_unit_test(test_paid_once),
        cmocka_unit_test(test_chats_in_a_row),      cmocka_unit_test(test_places_for_chats),
        cmocka_unit_test(test_limit_learnt),        cmocka_unit_test(test_old_answers),
        cmocka_unit_test(test_limit_of_one),        cmocka_unit_test(test_tokens_per_minute),
        cmocka_unit_test(test_large_one),           cmocka_unit_test(test_rate_learnt),
        cmocka_unit_test(test_burst_is_no_rate)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
