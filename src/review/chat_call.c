/* A call of a model, waited for.
 * The box between the threads holds what was not taken out yet: text that is bounded by what an answer may have, the inputs of tools, and the end. When
 * an attempt is void the box forgets what is in it, and says so. The one who waits wakes up for text at most every GATHER_MS, so that a model
 * that writes letter by letter makes no event for each.
 * The box lives until the router has said the end, so a call that is no longer wanted is cancelled and its end waited for. */
#include "review/chat_call.h"

#include <stdlib.h>

#include "base/time.h"
#include "review/chat.h"

#define GATHER_NS ((int64_t)15 * 1000000)

struct box {
    struct chat_stop *stop; /* its lock guards all that follows */
    struct sb text;
    bool begun;  /* a model was asked since the box was looked into */
    bool broken; /* and what was handed out before is void */
    struct sb model;
    struct error why; /* of broken */
    struct {
        struct sb id, name, input;
        bool complete, too_long;
    } tools[CHAT_CALL_TOOLS_MAX];
    size_t n_tools;
    bool ended;
    enum ai_stop how;
    struct error end;
    bool no_memory;
};

void chat_stop_init(struct chat_stop *s)
{
    *s = (struct chat_stop){.stop = false};
    lock_init(&s->lock, LOCK_RANK_CHAT);
    lock_cond_init(&s->cond);
}

void chat_stop_done(struct chat_stop *s)
{
    lock_cond_done(&s->cond);
    lock_done(&s->lock);
}

void chat_stop_now(struct chat_stop *s)
{
    lock_take(&s->lock);
    s->stop = true;
    lock_cond_broadcast(&s->cond);
    lock_give(&s->lock);
}

/* --- on the threads of the router and the provider --- */

static void tools_forget(struct box *b)
{
    for (size_t i = 0; i < b->n_tools; i++) {
        sb_done(&b->tools[i].id);
        sb_done(&b->tools[i].name);
        sb_done(&b->tools[i].input);
    }
    b->n_tools = 0;
}

static void on_begin(void *ctx, struct str model, const struct error *why)
{
    struct box *b = ctx;
    lock_take(&b->stop->lock);
    b->begun = true;
    sb_reset(&b->model);
    sb_str(&b->model, model);
    if (why) {
        b->broken = true;
        b->why = *why;
        sb_reset(&b->text);
        tools_forget(b);
    }
    lock_cond_broadcast(&b->stop->cond);
    lock_give(&b->stop->lock);
}

static void on_text(void *ctx, struct str delta)
{
    struct box *b = ctx;
    lock_take(&b->stop->lock);
    sb_str(&b->text, delta); /* past its maximum the answer is too long anyway: the rest is not missed */
    if (b->text.no_memory) b->no_memory = true;
    lock_cond_broadcast(&b->stop->cond);
    lock_give(&b->stop->lock);
}

static void on_tool_start(void *ctx, unsigned tool, struct str id, struct str name)
{
    struct box *b = ctx;
    lock_take(&b->stop->lock);
    if (tool < CHAT_CALL_TOOLS_MAX && tool == b->n_tools) {
        b->tools[tool].id = b->tools[tool].name = (struct sb)SB_INIT(1024);
        b->tools[tool].input = (struct sb)SB_INIT(CHAT_TOOL_INPUT_MAX);
        b->tools[tool].complete = false;
        sb_str(&b->tools[tool].id, id);
        sb_str(&b->tools[tool].name, name);
        b->n_tools++;
    }
    lock_give(&b->stop->lock);
}

static void on_tool_input(void *ctx, unsigned tool, struct str json)
{
    struct box *b = ctx;
    lock_take(&b->stop->lock);
    if (tool < b->n_tools) {
        sb_str(&b->tools[tool].input, json);
        b->tools[tool].complete = true;
    }
    lock_give(&b->stop->lock);
}

static void on_end(void *ctx, const struct ai_end *end)
{
    struct box *b = ctx;
    lock_take(&b->stop->lock);
    b->ended = true;
    b->how = end->stop;
    if (end->e) b->end = *end->e;
    lock_cond_broadcast(&b->stop->cond);
    lock_give(&b->stop->lock); /* the one who waits may free the box from here on */
}

/* --- on the thread that waits --- */

struct taken { /* out of the box */
    struct sb text, model;
    struct error why;
    bool begun, broken, ended, stop, no_memory;
};

/* Waits for something to do, until a moment. */
static void take(struct box *b, int64_t until_ns, bool wait_for_end, struct taken *t)
{
    struct chat_stop *s = b->stop;
    lock_take(&s->lock);
    while (!b->ended && (wait_for_end || (b->text.n == 0 && !b->begun && !s->stop && !b->no_memory))) {
        if (wait_for_end)
            lock_cond_wait(&s->cond, &s->lock);
        else if (!lock_cond_wait_until(&s->cond, &s->lock, until_ns))
            break;
    }
    *t = (struct taken){.text = b->text,
                        .model = b->model,
                        .why = b->why,
                        .begun = b->begun,
                        .broken = b->broken,
                        .ended = b->ended,
                        .stop = s->stop,
                        .no_memory = b->no_memory};
    b->text = b->model = (struct sb)SB_INIT(CHAT_ANSWER_MAX + 1);
    b->begun = b->broken = false;
    lock_give(&s->lock);
}

static enum err consume(const struct chat_consumer *c, const struct taken *t, struct error *e)
{
    if (t->no_memory || !sb_ok(&t->model)) return error_no_memory(e);
    if (t->begun) TRY(c->begin(c->ctx, sb_view(&t->model), t->broken ? &t->why : NULL, e));
    if (t->text.n > 0) TRY(c->text(c->ctx, sb_view(&t->text), e));
    if (sb_ok(&t->text)) return ERR_OK;
    return error_set_reason(e, ERR_LIMIT, "answer_cut", "the answer has more than %zu KB", CHAT_ANSWER_MAX >> 10);
}

/* More text may come until then; the end and a stop are not waited for. */
static void gather(struct box *b, int64_t until_ns)
{
    struct chat_stop *s = b->stop;
    lock_take(&s->lock);
    while (!b->ended && !s->stop && lock_cond_wait_until(&s->cond, &s->lock, until_ns))
        ;
    lock_give(&s->lock);
}

/* Until the end, or until something fails; *ret_ended: the end has come. */
static enum err follow(struct box *b, const struct chat_consumer *c, bool *ret_ended, struct error *e)
{
    int64_t tick = time_monotonic_ns() + c->tick_ms * 1000000;
    for (;;) {
        struct taken t;
        take(b, tick, false, &t);
        enum err err = consume(c, &t, e);
        *ret_ended = t.ended;
        sb_done(&t.text);
        sb_done(&t.model);
        if (err != ERR_OK) return err;
        if (t.stop && !t.ended) return error_set_reason(e, ERR_CONFLICT, "stopped", "the answer was stopped");
        if (t.ended) return ERR_OK;
        if (time_monotonic_ns() >= tick) {
            TRY(c->tick(c->ctx, e));
            tick = time_monotonic_ns() + c->tick_ms * 1000000;
        }
        gather(b, time_monotonic_ns() + GATHER_NS);
    }
}

static enum err take_tools(struct box *b, struct arena *a, struct chat_call *ret, struct error *e)
{
    ret->tools = NEW(a, struct chat_tool_use, b->n_tools);
    if (!ret->tools) return error_no_memory(e);
    for (size_t i = 0; i < b->n_tools; i++) {
        struct chat_tool_use *u = &ret->tools[ret->n_tools];
        if (!b->tools[i].complete) continue;
        u->id = str_dup(a, sb_view(&b->tools[i].id));
        u->name = str_dup(a, sb_view(&b->tools[i].name));
        if (sb_ok(&b->tools[i].input)) {
            u->input = str_dup(a, sb_view(&b->tools[i].input));
            if (!u->input.p) return error_no_memory(e);
        }
        if (!u->id.p || !u->name.p || b->tools[i].input.no_memory) return error_no_memory(e);
        ret->n_tools++;
    }
    return ERR_OK;
}

static enum err finish(struct box *b, struct arena *a, struct chat_call *ret, struct error *e)
{
    if (b->how == AI_STOP_ERROR) {
        *e = b->end;
        return e->code != ERR_OK ? e->code : error_set(e, ERR_INTERNAL, "a call of a model ended without a reason");
    }
    *ret = (struct chat_call){.stop = b->how};
    return b->how == AI_STOP_TOOL ? take_tools(b, a, ret, e) : ERR_OK;
}

enum err chat_call(struct ai_router *router, const struct ai_ask *ask, struct chat_stop *stop,
                   const struct chat_consumer *consumer, struct arena *a, struct chat_call *ret, struct error *e)
{
    struct ai_router_call *call = NULL;
    struct box *b = calloc(1, sizeof *b);
    if (!b) return error_no_memory(e);
    b->stop = stop;
    b->text = b->model = (struct sb)SB_INIT(CHAT_ANSWER_MAX + 1);
    const struct ai_router_handler handler = {.h = {.on_text = on_text,
                                                    .on_tool_start = on_tool_start,
                                                    .on_tool_input = on_tool_input,
                                                    .on_end = on_end,
                                                    .ctx = b},
                                              .on_begin = on_begin};
    bool ended = false;
    enum err err = ai_router_ask(router, ask, &handler, &call, e);
    if (err == ERR_OK) {
        err = follow(b, consumer, &ended, e);
        if (!ended) {
            struct taken rest;
            ai_router_cancel(call);
            take(b, 0, true, &rest);
            sb_done(&rest.text);
            sb_done(&rest.model);
        }
        if (err == ERR_OK) err = finish(b, a, ret, e);
    }
    ai_router_call_free(call);
    tools_forget(b);
    sb_done(&b->text);
    sb_done(&b->model);
    free(b);
    return err;
}
