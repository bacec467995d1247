/* One attempt, from its start to what follows from its end. All of it but what the provider calls runs on the router's thread, one thing at a time:
 * it alone starts, cancels and frees the provider's calls, and calls back whoever asked. So nothing has to be kept alive for a cancel that comes at the
 * same moment, and no callback meets another of the same ask. What the provider calls goes straight through to whoever asked; only the end is
 * handed over.
 *
 *   WAITING --its turn, a model that is open and has room--> RUNNING --answered, hopeless, cancelled--> ENDING
 *      ^  '--BACKOFF <--- the round is over ------------------'
 *      '----------------- another model, at once -------------'
 *
 * Rejected: starting on the thread of whoever asks (two threads then race for the last place, and for the order of callbacks). */
#include <assert.h>
#include <stdlib.h>

#include "ai/router_priv.h"
#include "base/random.h"
#include "base/time.h"

int64_t ai__now(const struct ai_router *r) { return r->o.now_ns(); }

void ai__ask_unref(struct ai_router_call *c)
{
    if (atomic_fetch_sub(&c->refs, 1) > 1) return;
    arena_free(c->arena);
    free(c);
}

/* --- from one state to the next --- */

static void list_add(struct ai_router_call ***end, struct ai_router_call *c)
{
    c->next = NULL;
    **end = c;
    *end = &c->next;
}

static struct ai_router_call *list_take(struct ai_router_call **first, struct ai_router_call ***end)
{
    struct ai_router_call *c = *first;
    if (!c) return NULL;
    *first = c->next;
    if (!*first) *end = first;
    c->next = NULL;
    return c;
}

static void set_state(struct ai_router *r, struct ai_router_call *c, enum ai__call_state state)
{
    bool was = c->state == AI__WAITING || c->state == AI__BACKOFF, is = state == AI__WAITING || state == AI__BACKOFF;
    r->n_waiting += (size_t)is - (size_t)was;
    c->state = state;
}

/* It ends, by c->last; whatever it did is over. */
static void end(struct ai_router *r, struct ai_router_call *c)
{
    if (c->state == AI__WAITING) ai__queue_remove(&r->queues[c->purpose], c);
    ai__timer_set(r, c, AI__NEVER);
    set_state(r, c, AI__ENDING);
    list_add(&r->ending_end, c);
}

static void end_cancelled(struct ai_router *r, struct ai_router_call *c)
{
    (void)error_set_reason(&c->last, ERR_CONFLICT, "cancelled", "the call was cancelled");
    c->last_retry_after_ms = 0;
    end(r, c);
}

static void end_hopeless(struct ai_router *r, struct ai_router_call *c, const struct ai__model *soonest)
{
    if (c->last.code == ERR_OK) c->last = soonest->last;
    c->last_retry_after_ms = (soonest->until_ns - ai__now(r)) / AI__MS_NS;
    end(r, c);
}

void ai__call_enqueue(struct ai_router *r, struct ai_router_call *c, bool front)
{
    const struct ai__model *soonest = NULL;
    c->of_attempt = false;
    ai__queue_push(&r->queues[c->purpose], c, front);
    set_state(r, c, AI__WAITING);
    ai__timer_set(r, c, c->deadline_ns);
    if (c->purpose != AI_FOR_CHECK && ai__health_hopeless(r, c, ai__now(r), &soonest)) end_hopeless(r, c, soonest);
}

/* --- what the provider calls --- */

static struct ai_router_call *heard(void *ctx)
{
    struct ai_router_call *c = ctx;
    return atomic_load(&c->cancelled) ? NULL : c;
}

static void began_to_answer(struct ai_router_call *c)
{
    struct ai_router *r = c->router;
    struct ai__attempt *t = &c->attempt;
    if (t->first_ns != 0) return;
    t->first_ns = ai__now(r);
    lock_take(&r->lock);
    ai__health_alive(&r->models[t->model], t);
    if (t->probe) lock_cond_signal(&r->work);
    lock_give(&r->lock);
}

static void on_text(void *ctx, struct str delta)
{
    struct ai_router_call *c = heard(ctx);
    if (!c) return;
    began_to_answer(c);
    c->attempt.bytes_out += delta.n;
    if (c->out.h.on_text) c->out.h.on_text(c->out.h.ctx, delta);
}

static void on_reasoning(void *ctx, struct str delta, struct str signature)
{
    struct ai_router_call *c = heard(ctx);
    if (!c) return;
    began_to_answer(c);
    c->attempt.bytes_out += delta.n;
    if (c->out.h.on_reasoning) c->out.h.on_reasoning(c->out.h.ctx, delta, signature);
}

static void on_tool_start(void *ctx, unsigned tool, struct str id, struct str name)
{
    struct ai_router_call *c = heard(ctx);
    if (!c) return;
    began_to_answer(c);
    if (c->out.h.on_tool_start) c->out.h.on_tool_start(c->out.h.ctx, tool, id, name);
}

static void on_tool_item(void *ctx, unsigned tool, struct str member, size_t index, struct str json)
{
    struct ai_router_call *c = heard(ctx);
    if (!c) return;
    c->attempt.bytes_out += json.n; /* the whole of the input repeats it */
    if (c->out.h.on_tool_item) c->out.h.on_tool_item(c->out.h.ctx, tool, member, index, json);
}

static void on_tool_input(void *ctx, unsigned tool, struct str json)
{
    struct ai_router_call *c = heard(ctx);
    if (c && c->out.h.on_tool_input) c->out.h.on_tool_input(c->out.h.ctx, tool, json);
}

static void on_usage(void *ctx, const struct ai_usage *u)
{
    struct ai_router_call *c = ctx;
    c->attempt.usage = *u;
    c->attempt.has_usage = true;
}

/* Where there is no memory for it the text is left out. */
static struct str keep(struct ai_router_call *c, struct str s)
{
    struct str kept = s.n > 0 ? str_dup(c->arena, s) : STR_EMPTY;
    return kept.p ? kept : STR_EMPTY;
}

static void on_end(void *ctx, const struct ai_end *ended)
{
    struct ai_router_call *c = ctx;
    struct ai_router *r = c->router;
    struct ai__attempt *t = &c->attempt;
    t->stop = ended->stop;
    if (ended->e) t->e = *ended->e;
    t->retry_after_ms = ended->retry_after_ms;
    t->wire_model = keep(c, ended->model);
    t->profile_note = keep(c, ended->profile_note);
    t->ended_ns = ai__now(r);
    lock_take(&r->lock);
    list_add(&r->ended_end, c);
    lock_cond_signal(&r->work);
    lock_give(&r->lock);
}

/* --- starting --- */

/* The model that c is given to if it starts now, or -1: the first one of this round that is open. One that is open and full is waited for: having
 * much to do is no reason to ask another. Where none of this round is left, another round may begin with those that were asked. */
static int candidate(struct ai_router_call *c, int64_t now_ns)
{
    struct ai_router *r = c->router;
    if (c->purpose == AI_FOR_CHECK) return (int)c->first;
    for (size_t i = c->first; i < c->first + c->n_models; i++) {
        if ((c->tried >> i & 1) || !ai__health_open(&r->models[i], now_ns)) continue;
        return ai__limits_room(&r->models[i], c, now_ns) ? (int)i : -1;
    }
    if (c->tried == 0) return -1;
    c->tried = 0;
    c->round++;
    return candidate(c, now_ns);
}

static bool can(struct ai_router_call *c, int64_t now_ns)
{
    return c->pass != c->router->pass && candidate(c, now_ns) >= 0;
}

static struct ai_router_call *next_call(struct ai_router *r, int64_t now_ns)
{
    struct ai_router_call *c = ai__queue_next(&r->queues[AI_FOR_CHECK], can, now_ns);
    if (!c && r->chats >= AI_CHATS_IN_A_ROW) c = ai__queue_next(&r->queues[AI_FOR_REVIEW], can, now_ns);
    if (!c) c = ai__queue_next(&r->queues[AI_FOR_CHAT], can, now_ns);
    if (!c) c = ai__queue_next(&r->queues[AI_FOR_REVIEW], can, now_ns);
    return c;
}

/* false: it has to wait, or has ended. */
static bool reserve(struct ai_router *r, struct ai_router_call *c, const struct ai__model *m, struct ai_reserved *ret)
{
    struct error e = {0};
    struct ai_usage most = {.in = c->tokens_in, .out = ai__call_tokens(c) - c->tokens_in};
    if (!r->o.budget || c->purpose == AI_FOR_CHECK) return true;
    int64_t cost = m->priced ? ai_price_cost(&m->price, &most) : 0;
    enum err err = ai_budget_reserve(r->o.budget, c->person, c->document, cost, ret, &e);
    if (err == ERR_OK) return true;
    c->pass = r->pass;
    if (err != ERR_BUSY) {
        c->last = e;
        c->last_retry_after_ms = 0;
        end(r, c);
    }
    return false;
}

/* What the provider is asked; its answer may be over before this has returned. */
static void ask(struct ai_router *r, struct ai_router_call *c, const struct ai__model *m)
{
    static const struct ai_handler calls = {on_text,       on_reasoning, on_tool_start, on_tool_item,
                                            on_tool_input, on_usage,     on_end,        NULL};
    struct ai__attempt *t = &c->attempt;
    struct ai_handler handler = calls;
    struct ai_request rq = c->request;
    struct ai_call *call = NULL;
    struct error e = {0};
    handler.ctx = c;
    rq.model = m->name;
    if (c->out.on_begin && !atomic_load(&c->cancelled))
        c->out.on_begin(c->out.h.ctx, m->name, c->attempts > 1 ? &c->last : NULL);
    enum err err = r->o.provider->ops->start(r->o.provider, &rq, &handler, &call, &e);
    t->call = call;
    if (err == ERR_OK) return;
    t->e = e;
    t->own = true;
    t->stop = AI_STOP_ERROR;
    t->ended_ns = ai__now(r);
    lock_take(&r->lock);
    list_add(&r->ended_end, c);
    lock_give(&r->lock);
}

static bool start_next(struct ai_router *r) REQUIRES_LOCK(r->lock)
{
    struct ai_router_call *c = NULL;
    struct ai_reserved held = {0};
    int64_t now = ai__now(r);
    size_t i = 0;
    r->pass++;
    do {
        c = next_call(r, now);
        if (!c) return r->ending != NULL; /* some may have ended for want of a budget */
        i = (size_t)candidate(c, now);
    } while (!reserve(r, c, &r->models[i], &held));
    struct ai__model *m = &r->models[i];
    ai__queue_take(&r->queues[c->purpose], c);
    ai__timer_set(r, c, AI__NEVER);
    set_state(r, c, AI__RUNNING);
    if (c->purpose == AI_FOR_CHAT) r->chats++;
    if (c->purpose == AI_FOR_REVIEW) r->chats = 0;
    c->attempts++;
    c->attempt = (struct ai__attempt){.model = i, .held = held, .began_ns = now, .began_unix_ms = time_now_unix_ms()};
    c->attempt.queue_ms = (now - c->waits_since_ns) / AI__MS_NS;
    ai__limits_began(m, &c->attempt, ai__call_tokens(c), now);
    ai__health_began(m, &c->attempt, now);
    lock_give(&r->lock);
    ask(r, c, m);
    lock_take(&r->lock);
    return true;
}

/* --- what follows from an end --- */

/* Tokens as the provider said, or, where an answer was begun and the end with the tokens never came, by its bytes: it will be on the bill. */
static bool usage_estimate(struct ai_router_call *c)
{
    struct ai__attempt *t = &c->attempt;
    if (t->has_usage || t->first_ns == 0) return false;
    t->usage = (struct ai_usage){.in = c->tokens_in, .out = ai__tokens_of(t->bytes_out)};
    return true;
}

static void count(struct ai__model *m, const struct ai__attempt *t, const struct ai_record *rec)
{
    m->calls++;
    if (rec->outcome.n > 0) m->failed++;
    if (ai_error_reason(&t->e) == AI_THROTTLED) m->throttled++;
    m->tokens_in += rec->usage.in + rec->usage.cache_write;
    m->tokens_out += rec->usage.out;
    m->tokens_cached += rec->usage.cache_read;
    m->cost_microusd += rec->cost_microusd;
    if (rec->first_token_ms < 0) return;
    int64_t ms = rec->first_token_ms < INT32_MAX ? rec->first_token_ms : INT32_MAX;
    m->first_tokens[m->n_first_tokens++ % AI__FIRST_TOKENS] = (int32_t)ms;
}

static struct ai_record record_make(struct ai_router *r, struct ai_router_call *c)
{
    struct ai__attempt *t = &c->attempt;
    const struct ai__model *m = &r->models[t->model];
    struct ai_price price = m->price;
    bool estimated = usage_estimate(c);
    struct ai_record rec = {.purpose = c->purpose,
                            .person = c->person,
                            .document = c->document,
                            .review = c->review,
                            .model = t->wire_model.n > 0 ? t->wire_model : m->name,
                            .asked_model = m->name,
                            .attempt = c->attempts,
                            .at_unix_ms = t->began_unix_ms,
                            .queue_ms = t->queue_ms,
                            .first_token_ms = t->first_ns != 0 ? (t->first_ns - t->began_ns) / AI__MS_NS : -1,
                            .whole_ms = (t->ended_ns - t->began_ns) / AI__MS_NS,
                            .usage = t->usage,
                            .estimated = estimated};
    rec.priced = ai_prices_find(r->o.prices, rec.model, &price) || m->priced;
    if (rec.priced) rec.cost_microusd = ai_price_cost(&price, &t->usage);
    if (t->stop == AI_STOP_ERROR) rec.outcome = t->e.reason[0] ? str_from_c(t->e.reason) : STR("failed");
    return rec;
}

static bool another_is_open(struct ai_router *r, const struct ai_router_call *c, int64_t now_ns)
{
    for (size_t i = c->first; i < c->first + c->n_models; i++)
        if (!(c->tried >> i & 1) && ai__health_open(&r->models[i], now_ns)) return true;
    return false;
}

/* Full jitter: calls that failed together do not come back together. */
static int64_t backoff_ns(const struct ai_router *r, unsigned round)
{
    int64_t ms = r->o.backoff_base_ms;
    while (round-- > 0 && ms < r->o.backoff_max_ms)
        ms *= 2;
    if (ms > r->o.backoff_max_ms) ms = r->o.backoff_max_ms;
    uint64_t chance = 0;
    random_bytes(&chance, sizeof chance);
    return (int64_t)(chance % ((uint64_t)(ms * AI__MS_NS) + 1));
}

static void round_over(struct ai_router *r, struct ai_router_call *c, int64_t now_ns)
{
    const struct ai__model *soonest = NULL;
    if (!c->retry || ++c->round >= r->o.max_attempts) {
        end(r, c);
    } else if (ai__health_hopeless(r, c, now_ns, &soonest)) {
        end_hopeless(r, c, soonest);
    } else {
        int64_t due = now_ns + backoff_ns(r, c->round - 1);
        c->tried = 0;
        c->retry = c->of_attempt = false;
        set_state(r, c, AI__BACKOFF);
        ai__timer_set(r, c, due < c->deadline_ns ? due : c->deadline_ns);
    }
}

/* The attempt of c has ended; c is not running any more. */
static void decide(struct ai_router *r, struct ai_router_call *c, int64_t now_ns)
{
    const struct ai__attempt *t = &c->attempt;
    c->waits_since_ns = now_ns;
    c->of_attempt = true;
    if (t->stop != AI_STOP_ERROR) {
        c->last.code = ERR_OK;
        end(r, c);
        return;
    }
    if (atomic_load(&c->cancelled)) {
        end_cancelled(r, c);
        return;
    }
    bool retry = ai_error_worth_retry(&t->e) || t->e.code == ERR_BUSY, other = ai_error_worth_fallback(&t->e);
    bool is_first = c->tried == 0;
    /* What only a fallback model refuses does not speak for the first one, which was too busy. */
    if (retry || other || is_first) {
        c->last = t->e;
        c->last_retry_after_ms = t->retry_after_ms;
    }
    if (c->purpose == AI_FOR_CHECK || (!retry && !other && is_first)) {
        end(r, c);
        return;
    }
    c->tried |= (uint32_t)1 << t->model;
    c->retry = c->retry || retry;
    if ((other || !is_first) && another_is_open(r, c, now_ns))
        ai__call_enqueue(r, c, true);
    else
        round_over(r, c, now_ns);
}

static bool ended_next(struct ai_router *r) REQUIRES_LOCK(r->lock)
{
    struct ai_router_call *c = list_take(&r->ended, &r->ended_end);
    if (!c) return false;
    struct ai__attempt *t = &c->attempt;
    struct ai__model *m = &r->models[t->model];
    struct ai_call *call = t->call;
    int64_t now = ai__now(r);
    bool cancelled = atomic_load(&c->cancelled) || strcmp(t->e.reason, "cancelled") == 0;
    struct ai_record rec = record_make(r, c);
    const struct error *e = t->stop == AI_STOP_ERROR ? &t->e : NULL;
    ai__limits_ended(&r->o, m, t, e, now);
    if (ai__health_ended(r, m, t, e, e && (t->own || cancelled), now)) r->sweep = m->tell = true;
    count(m, t, &rec);
    if (r->o.budget) ai_budget_settle(r->o.budget, &t->held, rec.cost_microusd);
    t->call = NULL;
    decide(r, c, now);
    lock_give(&r->lock);
    r->o.provider->ops->free_call(call);
    if (r->o.on_record) r->o.on_record(r->o.ctx, &rec);
    lock_take(&r->lock);
    return true;
}

/* --- the rest of what may be due --- */

static void forget(struct ai_router *r, struct ai_router_call *c)
{
    struct ai_router_call **at = &r->cancels;
    while (c->cancel_queued && *at != c)
        at = &(*at)->cancel_next;
    if (c->cancel_queued) *at = c->cancel_next;
    *(c->all_prev ? &c->all_prev->all_next : &r->all) = c->all_next;
    if (c->all_next) c->all_next->all_prev = c->all_prev;
    ai__queue_person_unref(&r->queues[c->purpose], c->turn);
    r->bytes -= c->bytes;
    c->over = true;
    if (--r->n_all == 0) lock_cond_broadcast(&r->idle);
}

static bool end_next(struct ai_router *r) REQUIRES_LOCK(r->lock)
{
    struct ai_router_call *c = list_take(&r->ending, &r->ending_end);
    if (!c) return false;
    const struct ai__attempt *t = &c->attempt;
    bool failed = c->last.code != ERR_OK;
    struct ai_end ended = {.stop = failed ? AI_STOP_ERROR : t->stop,
                           .e = failed ? &c->last : NULL,
                           .retry_after_ms = failed ? c->last_retry_after_ms : 0,
                           .model = c->attempts == 0      ? STR_EMPTY
                                    : t->wire_model.n > 0 ? t->wire_model
                                                          : r->models[t->model].name,
                           .profile_note = t->profile_note};
    lock_give(&r->lock);
    if (c->of_attempt && t->has_usage && c->out.h.on_usage) c->out.h.on_usage(c->out.h.ctx, &t->usage);
    c->out.h.on_end(c->out.h.ctx, &ended);
    lock_take(&r->lock);
    forget(r, c);
    ai__ask_unref(c);
    return true;
}

static bool cancel_next(struct ai_router *r) REQUIRES_LOCK(r->lock)
{
    struct ai_router_call *c = r->cancels;
    if (!c) return false;
    r->cancels = c->cancel_next;
    c->cancel_queued = false;
    if (c->state == AI__WAITING || c->state == AI__BACKOFF) {
        end_cancelled(r, c);
    } else if (c->state == AI__RUNNING && c->attempt.call) {
        struct ai_call *call = c->attempt.call;
        lock_give(&r->lock);
        r->o.provider->ops->cancel(call);
        lock_take(&r->lock);
    }
    return true;
}

static bool timer_next(struct ai_router *r)
{
    int64_t now = ai__now(r);
    if (ai__timer_first(r) > now) return false;
    struct ai_router_call *c = r->timers[0];
    if (c->deadline_ns > now) {
        ai__call_enqueue(r, c, true);
        return true;
    }
    if (c->last.code == ERR_OK) {
        (void)error_set_reason(&c->last, ERR_BUSY, "waited_too_long",
                               "no model had room for this in the time that it could wait");
        (void)error_hint(&c->last, "Try again later: many ask at the moment.");
    }
    end(r, c);
    return true;
}

/* Some model fell ill: who has no hope any more is told so now. */
static bool sweep_next(struct ai_router *r)
{
    if (!r->sweep) return false;
    r->sweep = false;
    int64_t now = ai__now(r);
    for (struct ai_router_call *c = r->all; c; c = c->all_next) {
        const struct ai__model *soonest = NULL;
        if (c->state != AI__WAITING && c->state != AI__BACKOFF) continue;
        if (c->purpose != AI_FOR_CHECK && ai__health_hopeless(r, c, now, &soonest)) end_hopeless(r, c, soonest);
    }
    return true;
}

static bool tell_next(struct ai_router *r) REQUIRES_LOCK(r->lock)
{
    struct ai__model *m = r->models;
    while (m < r->models + r->o.n_models && !m->tell)
        m++;
    if (m == r->models + r->o.n_models) return false;
    char reason[sizeof m->last.reason];
    bool ill = m->health != AI_WELL;
    int64_t until = ill ? time_now_unix_ms() + (m->until_ns - ai__now(r)) / AI__MS_NS : 0;
    memcpy(reason, m->last.reason, sizeof reason);
    m->tell = false;
    lock_give(&r->lock);
    if (r->o.on_cooldown) r->o.on_cooldown(r->o.ctx, m->name, until, ill ? str_from_c(reason) : STR_EMPTY);
    lock_take(&r->lock);
    return true;
}

bool ai__router_step(struct ai_router *r)
{
    return cancel_next(r) || ended_next(r) || tell_next(r) || sweep_next(r) || end_next(r) || timer_next(r) ||
           start_next(r);
}

int64_t ai__router_due(struct ai_router *r, int64_t now_ns)
{
    int64_t due = ai__timer_first(r);
    for (size_t i = 0; r->n_waiting > 0 && i < r->o.n_models; i++) {
        const struct ai__model *m = &r->models[i];
        int64_t second = (now_ns / 1000000000 + 1) * 1000000000;
        if (m->health != AI_WELL && m->until_ns > now_ns && m->until_ns < due) due = m->until_ns;
        if (m->short_of_tokens && second < due) due = second;
    }
    return due;
}
