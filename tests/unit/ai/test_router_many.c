/* A thousand asks at once, from several threads, of models that fail by chance, with cancels at any moment: each ends once, each attempt is in the books
 * once, nothing is lost and nothing is left. Run under ThreadSanitizer too (make tsan). And: every allocation fails once. */
#include "support/torture.h"

#include <pthread.h>
#include <time.h>

#include "router_test.h"

#define THREADS 4
#define EACH    250

static struct scene s;

static int64_t real_now(void) { return time_monotonic_ns(); }

struct many {
    unsigned thread;
    struct ear h[EACH];
};

static struct many many[THREADS];
static atomic_bool asked;

static void *ask_thread(void *object)
{
    struct many *m = object;
    for (unsigned i = 0; i < EACH; i++) {
        char person[8];
        struct error e = {0};
        (void)snprintf(person, sizeof person, "p%u", (m->thread * EACH + i) % 50);
        struct wish w = {.purpose = i % 7 == 0 ? AI_FOR_CHAT : AI_FOR_REVIEW, .person = person, .document = "d"};
        if (ear_try(s.r, &m->h[i], &w, &e) != ERR_OK) abort();
        if (i % 11 == 0) ai_router_cancel(m->h[i].call);
        if (i % 13 == 0 && i > 20) ai_router_cancel(m->h[i - 20].call);
    }
    return NULL;
}

/* Plays the provider until all have been asked and nothing is left. */
static void *play_thread(void *object)
{
    static const enum ai_reason reasons[] = {AI_THROTTLED, AI_OVERLOADED, AI_CUT_OFF, AI_STALLED, AI_BAD_REQUEST};
    unsigned n = *(unsigned *)object;
    while (!atomic_load(&asked)) {
        struct play *p = stage_take(&s.stage, NULL, NULL);
        if (!p) {
            (void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
            continue;
        }
        if (++n % 5 > 0) {
            play_answer(p, "well");
            continue;
        }
        struct error e;
        enum ai_reason reason = reasons[n / 5 % 5];
        (void)ai_error(&e, reason, "%s", p->model);
        p->h.on_text(p->h.ctx, STR("half"));
        play_fail(p, &e, reason == AI_THROTTLED ? 1 : 0);
    }
    return NULL;
}

static void test_thousand(void **state)
{
    (void)state;
    struct ai_router_options o = {.n_models = 3,
                                  .fallback = true,
                                  .chat_fallback = true,
                                  .max_calls = 40,
                                  .backoff_base_ms = 1,
                                  .backoff_max_ms = 4,
                                  .cooldown_ms = 5,
                                  .now_ns = real_now};
    pthread_t askers[THREADS], players[2];
    unsigned seeds[2] = {0, 3};
    size_t reasons_known = 0;
    scene_open(&s, &o);
    atomic_store(&asked, false);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&players[i], NULL, play_thread, &seeds[i]), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        many[i].thread = i;
        assert_int_equal(pthread_create(&askers[i], NULL, ask_thread, &many[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(askers[i], NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        for (unsigned k = 0; k < EACH; k++)
            ear_wait(&many[i].h[k]);
    atomic_store(&asked, true);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_join(players[i], NULL), 0);
    ai__router_settle(s.r);
    assert_int_equal(s.stage.n_open, 0);
    assert_int_equal(s.books.n, s.stage.n_started);
    assert_true(s.stage.most_open <= 3 * 40);
    for (size_t i = 0; i < 3; i++) {
        struct ai_model_state m = scene_model(&s, i);
        assert_int_equal(m.running, 0);
        assert_int_equal(m.waiting, 0);
    }
    assert_true(scene_model(&s, 0).calls > 0 && scene_model(&s, 1).calls > 0 && scene_model(&s, 2).calls > 0);
    assert_int_equal(scene_model(&s, 0).calls + scene_model(&s, 1).calls + scene_model(&s, 2).calls, s.books.n);
    for (unsigned i = 0; i < THREADS; i++)
        for (unsigned k = 0; k < EACH; k++) {
            struct error *e = &many[i].h[k].e;
            reasons_known +=
                e->reason[0] == 0 || strcmp(e->reason, "cancelled") == 0 || ai_error_reason(e) != AI_REASONS;
            ear_done(&many[i].h[k]);
        }
    assert_int_equal(reasons_known, THREADS * EACH);
    scene_close(&s);
}

/* A stop in the middle of it all returns when the last has ended. */
static void test_stop_amid(void **state)
{
    (void)state;
    struct ai_router_options o = {.n_models = 2, .fallback = true, .backoff_base_ms = 1, .now_ns = real_now};
    pthread_t player;
    unsigned seed = 0;
    scene_open(&s, &o);
    atomic_store(&asked, false);
    assert_int_equal(pthread_create(&player, NULL, play_thread, &seed), 0);
    many[0].thread = 0;
    (void)ask_thread(&many[0]);
    ai_router_stop(s.r);
    for (unsigned k = 0; k < EACH; k++)
        assert_true(ear_over(&many[0].h[k]));
    atomic_store(&asked, true);
    assert_int_equal(pthread_join(player, NULL), 0);
    assert_int_equal(s.books.n, s.stage.n_started);
    for (unsigned k = 0; k < EACH; k++)
        ear_done(&many[0].h[k]);
    scene_close(&s);
}

/* --- every allocation fails once --- */

static void end_of(void *ctx, const struct ai_end *end)
{
    struct ear *h = ctx;
    lock_take(&h->lock);
    h->ends++;
    if (end->e) h->e = *end->e;
    lock_cond_broadcast(&h->more);
    lock_give(&h->lock);
}

static void no_record(void *ctx, const struct ai_record *r)
{
    ++*(size_t *)ctx;
    assert_true(r->asked_model.n > 0);
}

static enum err use(void *ctx, struct error *e)
{
    struct stage stage;
    struct ear h;
    size_t records = 0;
    (void)ctx;
    stage_init(&stage);
    stage.answers = true;
    ear_init(&h);
    struct ai_router *r = NULL;
    struct ai_router_options o = {
        .provider = &stage.provider, .models = scene_models, .n_models = 3, .on_record = no_record, .ctx = &records};
    struct ai_router_handler handler = {{.on_end = end_of, .ctx = &h}, NULL};
    struct wish w = {.purpose = AI_FOR_REVIEW, .person = "p", .document = "d"};
    enum err err = ai_router_new(&o, &r, e);
    if (err == ERR_OK) err = wish_ask(r, &w, &handler, &h.call, e);
    if (err == ERR_OK) {
        ear_wait(&h);
        err = h.e.code;
        *e = h.e;
        assert_int_equal(records, 1);
    } else {
        assert_int_equal(h.ends, 0);
        assert_null(h.call);
    }
    CLEANUP_ARENA struct arena *a = err == ERR_OK ? arena_new(1 << 16) : NULL;
    struct ai_model_state *states = NULL;
    size_t n = 0;
    if (err == ERR_OK) err = a ? ai_router_models(r, a, &states, &n, e) : error_no_memory(e);
    ear_done(&h);
    ai_router_free(r);
    lock_done(&stage.lock);
    return err;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run_some(use, NULL) >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_thousand), cmocka_unit_test(test_stop_amid),
                                       cmocka_unit_test(test_torture)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
