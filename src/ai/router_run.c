/* What follows from an end, and all else that may be due. It runs on the router's thread, one thing at a time: it alone starts, cancels and frees the
 * provider's calls, and calls back whoever asked. So nothing has to be kept alive for a cancel that comes at the same moment, and no
 * callback meets another of the same ask.
 *
 *   WAITING --its turn, a model that is open and has room--> RUNNING --answered, hopeless, cancelled--> ENDING
 *      ^  '--BACKOFF <--- the round is over ------------------'
 *      '----------------- another model, at once -------------'
 *
 * Rejected: starting on the thread of whoever asks (two threads then race for the last place, and for the order of callbacks). */
#include "ai/router_priv.h"

#include <stdio.h>

#include "base/random.h"
#include "base/time.h"

int64_t ai__now(const struct ai_router *r) { return r->o.now_ns(); }

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
    if (rec->outcome.n > 0)
        m->outcomes[ai_error_reason(&t->e)]++;
    else
        m->answered++;
    metrics_observe(&m->whole, (uint64_t)rec->whole_ms * 1000);
    if (rec->outcome.n > 0) m->failed++;
    if (ai_error_reason(&t->e) == AI_THROTTLED) m->throttled++;
    m->tokens_in += rec->usage.in + rec->usage.cache_write;
    m->tokens_out += rec->usage.out;
    m->tokens_cached += rec->usage.cache_read;
    m->cost_microusd += rec->cost_microusd;
    if (rec->first_token_ms < 0) return;
    metrics_observe(&m->first_token, (uint64_t)rec->first_token_ms * 1000);
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
                            .request = str_from_c(c->work.request),
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

static void end_span(struct ai_router_call *c, const struct ai_record *rec)
{
    char reason[sizeof c->attempt.e.reason];
    trace_text(&c->span, "gen_ai.response.model", rec->model);
    trace_number(&c->span, "gen_ai.usage.input_tokens", (int64_t)(rec->usage.in + rec->usage.cache_read));
    trace_number(&c->span, "gen_ai.usage.output_tokens", (int64_t)rec->usage.out);
    if (rec->first_token_ms >= 0) trace_number(&c->span, "prism.first_token_ms", rec->first_token_ms);
    (void)snprintf(reason, sizeof reason, "%.*s", STR_ARG(rec->outcome));
    trace_end(&c->span, reason[0] ? reason : NULL);
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
        ai__ask_end(r, c);
    } else if (ai__health_hopeless(r, c, now_ns, &soonest)) {
        ai__ask_end_hopeless(r, c, soonest);
    } else {
        int64_t due = now_ns + backoff_ns(r, c->round - 1);
        c->tried = 0;
        c->retry = c->of_attempt = false;
        ai__ask_move(r, c, AI__BACKOFF);
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
        ai__ask_end(r, c);
        return;
    }
    if (atomic_load(&c->cancelled)) {
        ai__ask_end_cancelled(r, c);
        return;
    }
    bool retry = ai_error_worth_retry(&t->e) || t->e.code == ERR_BUSY, other = ai_error_worth_fallback(&t->e);
    bool is_first = c->tried == 0;
    /* What only a fallback model refuses does not speak for the first one, which was too busy. */
    if (retry || other || is_first) {
        c->last = t->e;
        c->last_retry_after_ms = t->retry_after_ms;
    }
    if (c->purpose == AI_FOR_CHECK) {
        ai__ask_end(r, c);
        return;
    }
    c->tried |= (uint32_t)1 << t->model;
    c->retry = c->retry || retry;
    if ((other || !is_first) && another_is_open(r, c, now_ns))
        ai__ask_enqueue(r, c, true);
    else
        round_over(r, c, now_ns);
}

static bool ended_next(struct ai_router *r) REQUIRES_LOCK(r->lock)
{
    struct ai_router_call *c = ai__list_take(&r->ended, &r->ended_end);
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
    end_span(c, &rec);
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
    struct ai_router_call *c = ai__list_take(&r->ending, &r->ending_end);
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
        ai__ask_end_cancelled(r, c);
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
        ai__ask_enqueue(r, c, true);
        return true;
    }
    if (c->last.code == ERR_OK) {
        (void)error_set_reason(&c->last, ERR_BUSY, "waited_too_long",
                               "no model had room for this in the time that it could wait");
        (void)error_hint(&c->last, "Try again later: many ask at the moment.");
    }
    ai__ask_end(r, c);
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
        if (c->purpose != AI_FOR_CHECK && ai__health_hopeless(r, c, now, &soonest)) ai__ask_end_hopeless(r, c, soonest);
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
           ai__start_next(r);
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
