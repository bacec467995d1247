/* An ask, from one state to the next: into the queue, and to its end. */
#include <stdlib.h>

#include "ai/router_priv.h"

void ai__ask_unref(struct ai_router_call *c)
{
    if (atomic_fetch_sub(&c->refs, 1) > 1) return;
    arena_free(c->arena);
    free(c);
}

void ai__list_add(struct ai_router_call ***end, struct ai_router_call *c)
{
    c->next = NULL;
    **end = c;
    *end = &c->next;
}

struct ai_router_call *ai__list_take(struct ai_router_call **first, struct ai_router_call ***end)
{
    struct ai_router_call *c = *first;
    if (!c) return NULL;
    *first = c->next;
    if (!*first) *end = first;
    c->next = NULL;
    return c;
}

void ai__ask_move(struct ai_router *r, struct ai_router_call *c, enum ai__ask_state state)
{
    bool was = c->state == AI__WAITING || c->state == AI__BACKOFF, is = state == AI__WAITING || state == AI__BACKOFF;
    r->n_waiting += (size_t)is - (size_t)was;
    c->state = state;
}

void ai__ask_end(struct ai_router *r, struct ai_router_call *c)
{
    if (c->state == AI__WAITING) ai__queue_remove(&r->queues[c->purpose], c);
    ai__timer_set(r, c, AI__NEVER);
    ai__ask_move(r, c, AI__ENDING);
    ai__list_add(&r->ending_end, c);
}

void ai__ask_end_cancelled(struct ai_router *r, struct ai_router_call *c)
{
    (void)error_set_reason(&c->last, ERR_CONFLICT, "cancelled", "the call was cancelled");
    c->last_retry_after_ms = 0;
    ai__ask_end(r, c);
}

void ai__ask_end_hopeless(struct ai_router *r, struct ai_router_call *c, const struct ai__model *soonest)
{
    c->last = soonest->last;
    c->last_retry_after_ms = (soonest->until_ns - ai__now(r)) / AI__MS_NS;
    ai__ask_end(r, c);
}

void ai__ask_enqueue(struct ai_router *r, struct ai_router_call *c, bool front)
{
    const struct ai__model *soonest = NULL;
    c->of_attempt = false;
    ai__queue_push(&r->queues[c->purpose], c, front);
    ai__ask_move(r, c, AI__WAITING);
    ai__timer_set(r, c, c->deadline_ns);
    if (c->purpose != AI_FOR_CHECK && ai__health_hopeless(r, c, ai__now(r), &soonest))
        ai__ask_end_hopeless(r, c, soonest);
}
