/* The doors of the router, and its thread.
 * A door changes what is to be done, under the lock, and wakes the thread; the thread does one thing after the other (router_run.c) until nothing is due,
 * and then sleeps until time alone will bring something. Everything that was asked for is in one list until its on_end has returned, so that a
 * stop can wait for the last. */
#include "ai/router.h"

#include <assert.h>
#include <stdlib.h>

#include "ai/router_priv.h"
#include "base/time.h"

static void *run(void *object)
{
    struct ai_router *r = object;
    lock_take(&r->lock);
    while (!r->leave) {
        if (ai__router_step(r)) continue;
        int64_t now = ai__now(r), due = ai__router_due(r, now);
        r->sleeps++;
        lock_cond_broadcast(&r->idle);
        if (due == AI__NEVER)
            lock_cond_wait(&r->work, &r->lock);
        else if (due > now)
            (void)lock_cond_wait_until(&r->work, &r->lock, time_monotonic_ns() + (due - now));
    }
    lock_give(&r->lock);
    return NULL;
}

static void wake(struct ai_router *r) { lock_cond_signal(&r->work); }

void ai__router_settle(struct ai_router *r)
{
    lock_take(&r->lock);
    wake(r);
    for (uint64_t sleeps = r->sleeps; r->sleeps == sleeps;)
        lock_cond_wait(&r->idle, &r->lock);
    lock_give(&r->lock);
}

/* --- made and taken down --- */

static enum err models_make(struct ai_router *r, const struct ai_router_options *o, struct error *e)
{
    if (o->n_models < 1 || o->n_models > AI_MODELS_MAX)
        return error_set_reason(e, ERR_INVALID, "bad_models", "%zu models are configured; 1 to %d are possible",
                                o->n_models, AI_MODELS_MAX);
    for (size_t i = 0; i < o->n_models; i++) {
        struct ai__model *m = &r->models[i];
        m->name = str_dup(r->arena, o->models[i]);
        if (!m->name.p) return error_no_memory(e);
        m->priced = ai_prices_find(o->prices, m->name, &m->price);
        ai__limits_init(m, &r->o);
        for (size_t k = 0; k < i; k++)
            if (str_eq(m->name, r->models[k].name))
                return error_set_reason(e, ERR_INVALID, "bad_models", "the model \"%.*s\" is configured twice",
                                        STR_ARG(m->name));
        if (m->name.n == 0) return error_set_reason(e, ERR_INVALID, "bad_models", "the name of a model is empty");
    }
    return ERR_OK;
}

static void defaults(struct ai_router_options *o)
{
    if (o->max_calls == 0) o->max_calls = 256;
    if (o->max_attempts == 0) o->max_attempts = 3;
    if (o->backoff_base_ms <= 0) o->backoff_base_ms = 500;
    if (o->backoff_max_ms <= 0) o->backoff_max_ms = 20000;
    if (o->cooldown_ms <= 0) o->cooldown_ms = 30000;
    if (o->max_waiting == 0) o->max_waiting = 10000;
    if (o->max_bytes == 0) o->max_bytes = (size_t)256 << 20;
    if (!o->now_ns) o->now_ns = time_monotonic_ns;
}

static void destroy(struct ai_router *r)
{
    assert(r->n_all == 0);
    lock_cond_done(&r->work);
    lock_cond_done(&r->idle);
    lock_done(&r->lock);
    arena_free(r->arena);
    free(r->timers);
    free(r);
}

enum err ai_router_new(const struct ai_router_options *o, struct ai_router **ret, struct error *e)
{
    struct ai_router *r = calloc(1, sizeof *r);
    if (!r) return error_no_memory(e);
    lock_init(&r->lock, LOCK_RANK_ROUTER);
    lock_cond_init(&r->work);
    lock_cond_init(&r->idle);
    r->o = *o;
    r->o.models = NULL; /* theirs */
    defaults(&r->o);
    r->ended_end = &r->ended;
    r->ending_end = &r->ending;
    r->arena = arena_new((size_t)1 << 20);
    enum err err = r->arena ? models_make(r, o, e) : error_no_memory(e);
    if (err == ERR_OK && pthread_create(&r->thread, NULL, run, r) != 0)
        err = error_set(e, ERR_INTERNAL, "the thread of the router could not be started");
    if (err != ERR_OK) {
        destroy(r);
        return err;
    }
    *ret = r;
    return ERR_OK;
}

/* Under the lock. */
static void cancel(struct ai_router *r, struct ai_router_call *c)
{
    if (atomic_exchange(&c->cancelled, true)) return;
    c->cancel_next = r->cancels;
    c->cancel_queued = true;
    r->cancels = c;
    wake(r);
}

void ai_router_stop(struct ai_router *r)
{
    lock_take(&r->lock);
    r->stopping = true;
    for (struct ai_router_call *c = r->all; c; c = c->all_next)
        cancel(r, c);
    while (r->n_all > 0)
        lock_cond_wait(&r->idle, &r->lock);
    lock_give(&r->lock);
}

void ai_router_free(struct ai_router *r)
{
    if (!r) return;
    ai_router_stop(r);
    lock_take(&r->lock);
    r->leave = true;
    wake(r);
    lock_give(&r->lock);
    int failed = pthread_join(r->thread, NULL);
    assert(failed == 0 && "a router was freed in a callback");
    destroy(r);
}

/* --- asking --- */

static enum err models_choose(struct ai_router *r, const struct ai_ask *ask, struct ai_router_call *c, struct error *e)
{
    bool on = ask->purpose == AI_FOR_CHAT ? r->o.chat_fallback : ask->purpose == AI_FOR_REVIEW && r->o.fallback;
    c->n_models = on ? r->o.n_models : 1;
    if (ask->request->model.n == 0) return ERR_OK;
    c->n_models = 1;
    while (c->first < r->o.n_models && !str_eq(r->models[c->first].name, ask->request->model))
        c->first++;
    if (c->first < r->o.n_models) return ERR_OK;
    return error_set_reason(e, ERR_NOT_FOUND, "unknown_model", "no model \"%.*s\" is configured",
                            STR_ARG(str_sub(ask->request->model, 0, 100)));
}

static bool keep(struct ai_router_call *c, struct str s, struct str *ret)
{
    *ret = str_dup(c->arena, s);
    return ret->p != NULL;
}

static enum err call_fill(struct ai_router *r, const struct ai_ask *ask, const struct ai_router_handler *h,
                          struct ai_router_call *c, struct error *e)
{
    TRY(models_choose(r, ask, c, e));
    c->bytes = ai__request_bytes(ask->request);
    if (c->bytes > AI__REQUEST_MAX_BYTES)
        return error_set_reason(e, ERR_INVALID, "bad_request",
                                "the request to the model is wrong: it is longer than 24 MB, which is more than any "
                                "provider takes");
    c->tokens_in = ai__tokens_of(c->bytes);
    c->arena = arena_new(2 * AI__REQUEST_MAX_BYTES);
    if (!c->arena) return error_no_memory(e);
    TRY(ai__request_copy(c->arena, ask->request, &c->request, e));
    if (!keep(c, ask->person, &c->person) || !keep(c, ask->document, &c->document) || !keep(c, ask->review, &c->review))
        return error_no_memory(e);
    c->purpose = ask->purpose;
    c->out = *h;
    c->work = trace_work_now();
    c->asked_ns = c->waits_since_ns = ai__now(r);
    c->deadline_ns = ask->max_wait_ms > 0 ? c->asked_ns + ask->max_wait_ms * AI__MS_NS : AI__NEVER;
    return ERR_OK;
}

/* Refused here and now, where nothing else than time could help. */
static enum err budget_check(struct ai_router *r, const struct ai_router_call *c, struct error *e)
{
    const struct ai__model *m = &r->models[c->first];
    struct ai_usage most = {.in = c->tokens_in, .out = ai__call_tokens(c) - c->tokens_in};
    if (!r->o.budget || c->purpose == AI_FOR_CHECK) return ERR_OK;
    return ai_budget_check(r->o.budget, c->person, c->document, m->priced ? ai_price_cost(&m->price, &most) : 0, e);
}

static enum err admit(struct ai_router *r, struct ai_router_call *c, struct error *e) REQUIRES_LOCK(r->lock)
{
    if (r->stopping) return error_set_reason(e, ERR_BUSY, "stopping", "the server is being stopped");
    bool full = r->n_waiting >= r->o.max_waiting || (r->bytes > 0 && r->bytes + c->bytes > r->o.max_bytes);
    if (full) {
        (void)error_set_reason(e, ERR_BUSY, "too_many_waiting", "%zu questions to the model wait already",
                               r->n_waiting);
        return error_hint(e, "Try again in a minute.");
    }
    if (!ai__timer_reserve(r, r->n_all + 1)) return error_no_memory(e);
    c->turn = ai__queue_person(&r->queues[c->purpose], c->person);
    return c->turn ? ERR_OK : error_no_memory(e);
}

enum err ai_router_ask(struct ai_router *r, const struct ai_ask *ask, const struct ai_router_handler *h,
                       struct ai_router_call **ret, struct error *e)
{
    struct ai_router_call *c = calloc(1, sizeof *c);
    if (!c) return error_no_memory(e);
    c->router = r;
    atomic_init(&c->refs, 1);
    c->timer_at = SIZE_MAX;
    c->state = AI__ENDING; /* it waits not yet */
    enum err err = call_fill(r, ask, h, c, e);
    if (err == ERR_OK) err = budget_check(r, c, e);
    if (err != ERR_OK) {
        ai__ask_unref(c);
        return err;
    }
    lock_take(&r->lock);
    err = admit(r, c, e);
    if (err == ERR_OK) {
        atomic_store(&c->refs, 2);
        *ret = c;
        r->n_all++;
        r->bytes += c->bytes;
        c->all_next = r->all;
        if (r->all) r->all->all_prev = c;
        r->all = c;
        ai__ask_enqueue(r, c, false);
        wake(r);
    }
    lock_give(&r->lock);
    if (err != ERR_OK) ai__ask_unref(c);
    return err;
}

void ai_router_cancel(struct ai_router_call *c)
{
    struct ai_router *r = c->router;
    lock_take(&r->lock);
    if (!c->over) cancel(r, c);
    lock_give(&r->lock);
}

void ai_router_call_free(struct ai_router_call *c)
{
    if (c) ai__ask_unref(c);
}
