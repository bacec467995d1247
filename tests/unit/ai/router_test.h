/* What the tests of the router share: a provider that the test plays by hand, a clock that it moves, and asks that note what they hear. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "../client/client_test.h"
#include "ai/router_priv.h"
#include "base/sb.h"
#include "base/time.h"

/* --- the clock: stands still until it is moved --- */

static _Atomic int64_t clock_ns;

static inline int64_t clock_now(void) { return atomic_load(&clock_ns); }

static inline void clock_pass(struct ai_router *r, int64_t ms)
{
    atomic_fetch_add(&clock_ns, ms * 1000000);
    ai__router_settle(r);
}

/* --- the provider: what was asked of it stays open until the test ends it --- */

struct play { /* the provider's call, from its start on */
    struct ai_call call;
    struct play *next;
    struct ai_handler h;
    char model[64];
    char text[64]; /* of the last part: which ask it is */
    atomic_bool over;
    atomic_uint refs;
};

struct stage {
    struct ai_provider provider;
    struct lock lock;
    struct play *first, **end; /* open, in the order of their start; guarded by lock, as all below */
    size_t n_open, n_started, most_open, n_cancels;
    bool answers;         /* by itself, while it is being started */
    struct error refuses; /* start fails with it, unless its code is ERR_OK */
};

static inline void play_unref(struct play *p)
{
    if (atomic_fetch_sub(&p->refs, 1) == 1) free(p);
}

/* The first that is open, for this model (NULL: any), which is then over; NULL: none. */
static inline struct play *stage_take(struct stage *s, const char *model, const struct play *only)
{
    lock_take(&s->lock);
    struct play **at = &s->first;
    while (*at && ((model && strcmp((*at)->model, model) != 0) || (only && *at != only)))
        at = &(*at)->next;
    struct play *p = *at;
    if (p) {
        *at = p->next;
        if (!*at) s->end = at;
        s->n_open--;
    }
    lock_give(&s->lock);
    return p;
}

static inline void play_answer(struct play *p, const char *text)
{
    struct ai_usage usage = {.in = 1000, .out = 100};
    struct ai_end end = {.stop = AI_STOP_DONE, .model = str_from_c(p->model)};
    p->h.on_text(p->h.ctx, str_from_c(text));
    p->h.on_usage(p->h.ctx, &usage);
    p->h.on_end(p->h.ctx, &end);
    play_unref(p);
}

static inline void play_fail(struct play *p, const struct error *e, int64_t retry_after_ms)
{
    struct ai_end end = {
        .stop = AI_STOP_ERROR, .e = e, .retry_after_ms = retry_after_ms, .model = str_from_c(p->model)};
    p->h.on_end(p->h.ctx, &end);
    play_unref(p);
}

static inline enum err stage_start(struct ai_provider *provider, const struct ai_request *rq,
                                   const struct ai_handler *h, struct ai_call **ret, struct error *e)
{
    struct stage *s = (struct stage *)provider;
    struct play *p = calloc(1, sizeof *p);
    if (!p) return error_no_memory(e);
    p->call.ops = provider->ops;
    p->h = *h;
    atomic_init(&p->refs, 2);
    (void)snprintf(p->model, sizeof p->model, "%.*s", STR_ARG(rq->model));
    const struct ai_message *m = &rq->messages[rq->n_messages - 1];
    (void)snprintf(p->text, sizeof p->text, "%.*s", STR_ARG(m->parts[m->n_parts - 1].text));
    lock_take(&s->lock);
    enum err err = s->refuses.code;
    if (err != ERR_OK) *e = s->refuses;
    bool now = s->answers;
    if (err == ERR_OK) {
        s->n_started++;
        if (!now) {
            *s->end = p;
            s->end = &p->next;
            s->n_open++;
        }
        if (s->n_open > s->most_open) s->most_open = s->n_open;
        *ret = &p->call;
    }
    lock_give(&s->lock);
    if (err != ERR_OK) free(p);
    if (err == ERR_OK && now) play_answer(p, "at once");
    return err;
}

static struct stage *stage_of_cancel; /* ops have no place for it */

static inline void stage_cancel(struct ai_call *call)
{
    struct error e;
    (void)error_set_reason(&e, ERR_CONFLICT, "cancelled", "the call was cancelled");
    lock_take(&stage_of_cancel->lock);
    stage_of_cancel->n_cancels++;
    lock_give(&stage_of_cancel->lock);
    struct play *p = stage_take(stage_of_cancel, NULL, (struct play *)call);
    if (p) play_fail(p, &e, 0);
}

static inline void stage_free_call(struct ai_call *call)
{
    if (call) play_unref((struct play *)call);
}

static const struct ai_provider_ops stage_ops = {"stage", stage_start, stage_cancel, stage_free_call, NULL};

static inline void stage_init(struct stage *s)
{
    *s = (struct stage){.provider = {&stage_ops}};
    s->end = &s->first;
    lock_init(&s->lock, LOCK_RANK_LOG);
    stage_of_cancel = s;
}

static inline size_t stage_open(struct stage *s)
{
    lock_take(&s->lock);
    size_t n = s->n_open;
    lock_give(&s->lock);
    return n;
}

/* --- an ask, and what it hears --- */

struct ear {
    struct lock lock;
    struct lock_cond more;
    struct ai_router_call *call;
    struct sb log; /* guarded by lock, as all below: "m1" begun, "m2(throttled)" begun after that, "+text" */
    unsigned ends, usages, late;
    struct error e;
    int64_t retry_after_ms;
};

/* Takes the lock; ear_leave() gives it back. The analysis follows no lock through a pointer that is returned. */
LOCK__ATTRIBUTE(no_thread_safety_analysis)
static inline struct ear *ear_enter(void *ctx)
{
    struct ear *h = ctx;
    lock_take(&h->lock);
    if (h->ends > 0) h->late++;
    return h;
}

LOCK__ATTRIBUTE(no_thread_safety_analysis)
static inline void ear_leave(struct ear *h)
{
    lock_cond_broadcast(&h->more);
    lock_give(&h->lock);
}

static inline void ear_begin(void *ctx, struct str model, const struct error *why)
{
    struct ear *h = ear_enter(ctx);
    if (why)
        sb_printf(&h->log, "%.*s(%s) ", STR_ARG(model), why->reason);
    else
        sb_printf(&h->log, "%.*s ", STR_ARG(model));
    ear_leave(h);
}

static inline void ear_text(void *ctx, struct str delta)
{
    struct ear *h = ear_enter(ctx);
    sb_printf(&h->log, "+%.*s ", STR_ARG(delta));
    ear_leave(h);
}

static inline void ear_usage(void *ctx, const struct ai_usage *u)
{
    struct ear *h = ear_enter(ctx);
    (void)u;
    h->usages++;
    ear_leave(h);
}

static inline void ear_end(void *ctx, const struct ai_end *end)
{
    struct ear *h = ear_enter(ctx);
    assert_true((end->stop == AI_STOP_ERROR) == (end->e != NULL));
    h->ends++;
    if (end->e) h->e = *end->e;
    h->retry_after_ms = end->retry_after_ms;
    ear_leave(h);
}

static inline void ear_init(struct ear *h)
{
    *h = (struct ear){.log = SB_INIT(1 << 16)};
    lock_init(&h->lock, LOCK_RANK_LOG);
    lock_cond_init(&h->more);
}

static inline void ear_done(struct ear *h)
{
    ai_router_call_free(h->call);
    sb_done(&h->log);
    lock_cond_done(&h->more);
    lock_done(&h->lock);
}

static inline void ear_wait(struct ear *h)
{
    lock_take(&h->lock);
    while (h->ends == 0)
        lock_cond_wait(&h->more, &h->lock);
    assert_int_equal(h->ends, 1);
    assert_int_equal(h->late, 0);
    assert_true(h->usages <= 1);
    lock_give(&h->lock);
}

static inline bool ear_over(struct ear *h)
{
    lock_take(&h->lock);
    bool over = h->ends > 0;
    lock_give(&h->lock);
    return over;
}

static inline void assert_log(struct ear *h, const char *log)
{
    lock_take(&h->lock);
    struct str got = str_trim(sb_view(&h->log));
    if (!str_eq(got, str_from_c(log))) fail_msg("it heard \"%.*s\" instead of \"%s\"", STR_ARG(got), log);
    lock_give(&h->lock);
}

struct wish { /* what an ask is, where it differs from the usual one */
    enum ai_purpose purpose;
    const char *person, *document, *model, *text;
    int64_t max_tokens, max_wait_ms;
};

static inline enum err wish_ask(struct ai_router *r, const struct wish *w, const struct ai_router_handler *handler,
                                struct ai_router_call **ret, struct error *e)
{
    struct ai_part part = {.kind = AI_TEXT, .text = str_from_c(w->text ? w->text : "x")};
    struct ai_message message = {AI_USER, &part, 1};
    struct ai_request rq = {.model = str_from_c(w->model),
                            .messages = &message,
                            .n_messages = 1,
                            .max_tokens = w->max_tokens ? w->max_tokens : 500};
    struct ai_ask a = {.purpose = w->purpose,
                       .person = str_from_c(w->person),
                       .document = str_from_c(w->document),
                       .review = STR("rev"),
                       .request = &rq,
                       .max_wait_ms = w->max_wait_ms};
    return ai_router_ask(r, &a, handler, ret, e);
}

static inline enum err ear_try(struct ai_router *r, struct ear *h, const struct wish *w, struct error *e)
{
    struct ai_router_handler handler = {{.on_text = ear_text, .on_usage = ear_usage, .on_end = ear_end, .ctx = h},
                                        ear_begin};
    ear_init(h);
    return wish_ask(r, w, &handler, &h->call, e);
}

static inline void ear_ask(struct ai_router *r, struct ear *h, const struct wish *w)
{
    struct error e = {0};
    if (ear_try(r, h, w, &e) != ERR_OK) fail_msg("%s", e.message);
    ai__router_settle(r);
}

/* --- the books --- */

struct books {
    struct lock lock;
    struct sb log; /* "m1:throttled " an attempt; "m1:" answered */
    size_t n;
    int64_t cost_microusd;
    struct ai_record last;
    char cooldowns[256]; /* "m1:throttled:2000 " a telling, in ms from now */
};

static inline void books_record(void *ctx, const struct ai_record *rec)
{
    struct books *b = ctx;
    lock_take(&b->lock);
    b->n++;
    b->cost_microusd += rec->cost_microusd;
    b->last = *rec;
    sb_printf(&b->log, "%.*s:%.*s ", STR_ARG(rec->asked_model), STR_ARG(rec->outcome));
    lock_give(&b->lock);
}

static inline void books_cooldown(void *ctx, struct str model, int64_t until_unix_ms, struct str reason)
{
    struct books *b = ctx;
    int64_t left = until_unix_ms ? until_unix_ms - time_now_unix_ms() : 0;
    lock_take(&b->lock);
    size_t n = strlen(b->cooldowns);
    (void)snprintf(b->cooldowns + n, sizeof b->cooldowns - n, "%.*s:%.*s:%lld ", STR_ARG(model), STR_ARG(reason),
                   (long long)((left + 50) / 100 * 100));
    lock_give(&b->lock);
}

static inline void assert_books(struct books *b, const char *log)
{
    lock_take(&b->lock);
    struct str got = str_trim(sb_view(&b->log));
    if (!str_eq(got, str_from_c(log))) fail_msg("the books say \"%.*s\" instead of \"%s\"", STR_ARG(got), log);
    lock_give(&b->lock);
}

/* --- all of it --- */

struct scene {
    struct stage stage;
    struct books books;
    struct ai_router *r;
};

static const struct str scene_models[] = {STR_INIT("m1"), STR_INIT("m2"), STR_INIT("m3")};

static inline void scene_open(struct scene *s, const struct ai_router_options *options)
{
    struct ai_router_options o = *options;
    struct error e = {0};
    stage_init(&s->stage);
    s->books = (struct books){.log = SB_INIT(1 << 20)};
    lock_init(&s->books.lock, LOCK_RANK_LOG);
    atomic_store(&clock_ns, 1000000000000);
    o.provider = &s->stage.provider;
    if (!o.models) {
        o.models = scene_models;
        o.n_models = o.n_models ? o.n_models : 1;
    }
    o.on_record = books_record;
    o.on_cooldown = books_cooldown;
    o.ctx = &s->books;
    o.now_ns = o.now_ns ? o.now_ns : clock_now;
    if (ai_router_new(&o, &s->r, &e) != ERR_OK) fail_msg("%s", e.message);
}

static inline void scene_close(struct scene *s)
{
    ai_router_free(s->r);
    assert_null(s->stage.first);
    sb_done(&s->books.log);
    lock_done(&s->books.lock);
    lock_done(&s->stage.lock);
}

static inline struct play *scene_take(struct scene *s, const char *model)
{
    struct play *p = stage_take(&s->stage, model, NULL);
    if (p) return p;
    fail_msg("nothing is asked of %s", model ? model : "any model");
    abort(); /* it does not come here, which gcc is not told */
}

static inline void scene_answer(struct scene *s, const char *model, const char *text)
{
    play_answer(scene_take(s, model), text);
    ai__router_settle(s->r);
}

static inline void scene_fail(struct scene *s, const char *model, enum ai_reason reason, int64_t retry_after_ms)
{
    struct play *p = scene_take(s, model);
    struct error e;
    (void)ai_error(&e, reason, "%s %s", p->model, ai_reason_what(reason));
    play_fail(p, &e, retry_after_ms);
    ai__router_settle(s->r);
}

static inline struct ai_model_state scene_model(struct scene *s, size_t i)
{
    static const struct str reasons[] = {STR_INIT("throttled"), STR_INIT("overloaded"), STR_INIT("not_ready")};
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct ai_model_state *states = NULL;
    size_t n = 0;
    struct error e;
    assert_int_equal(ai_router_models(s->r, a, &states, &n, &e), ERR_OK);
    assert_true(i < n);
    struct ai_model_state copy = states[i];
    copy.reason = STR("another"); /* it lives in the arena */
    for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
        if (str_eq(states[i].reason, reasons[k])) copy.reason = reasons[k];
    if (states[i].reason.n == 0) copy.reason = STR("");
    return copy;
}
