/* An attempt: which ask is next and which model it is given to, what the provider is asked, and what it calls back. What it calls goes straight through to
 * whoever asked, on its own thread; only the end is handed over to the router's. */
#include "ai/router_priv.h"

#include <stdio.h>

#include "base/time.h"

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
    ai__list_add(&r->ended_end, c);
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
        ai__ask_end(r, c);
    }
    return false;
}

/* Names are those of OpenTelemetry's conventions for generative models. */
static void begin_span(const struct ai_router *r, struct ai_router_call *c, const struct ai__model *m)
{
    char name[TRACE_NAME_MAX + 1];
    struct str provider = str_from_c(r->o.provider->ops->name);
    (void)snprintf(name, sizeof name, "chat %.*s", STR_ARG(m->name));
    trace_work_set(&c->work);
    trace_begin(&c->span, TRACE_CLIENT, str_from_c(name));
    trace_text(&c->span, "gen_ai.operation.name", STR("chat"));
    trace_text(&c->span, "gen_ai.provider.name", str_eq_c(provider, "bedrock") ? STR("aws.bedrock") : provider);
    trace_text(&c->span, "gen_ai.request.model", m->name);
    trace_number(&c->span, "gen_ai.request.max_tokens", c->request.max_tokens);
    trace_number(&c->span, "prism.attempt", c->attempts);
    trace_number(&c->span, "prism.queue_ms", c->attempt.queue_ms);
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
    begin_span(r, c, m);
    if (c->out.on_begin && !atomic_load(&c->cancelled))
        c->out.on_begin(c->out.h.ctx, m->name, c->attempts > 1 ? &c->last : NULL);
    enum err err = r->o.provider->ops->start(r->o.provider, &rq, &handler, &call, &e);
    t->call = call;
    trace_leave(&c->span);
    trace_work_set(NULL);
    if (err == ERR_OK) return;
    t->e = e;
    t->own = true;
    t->stop = AI_STOP_ERROR;
    t->ended_ns = ai__now(r);
    lock_take(&r->lock);
    ai__list_add(&r->ended_end, c);
    lock_give(&r->lock);
}

bool ai__start_next(struct ai_router *r)
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
    ai__ask_move(r, c, AI__RUNNING);
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
