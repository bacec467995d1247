/* When what waits is due: a heap of calls, each at most once in it. Its room is made when a call is asked for, so that setting a timer cannot fail. */
#include <stdlib.h>

#include "ai/router_priv.h"

bool ai__timer_reserve(struct ai_router *r, size_t n)
{
    if (n <= r->timers_cap) return true;
    size_t cap = r->timers_cap ? 2 * r->timers_cap : 64;
    struct ai_router_call **timers = realloc(r->timers, (cap > n ? cap : n) * sizeof(*timers));
    if (!timers) return false;
    r->timers = timers;
    r->timers_cap = cap > n ? cap : n;
    return true;
}

static void put(struct ai_router *r, size_t at, struct ai_router_call *c)
{
    r->timers[at] = c;
    c->timer_at = at;
}

static void up(struct ai_router *r, size_t at, struct ai_router_call *c)
{
    for (; at > 0 && r->timers[(at - 1) / 2]->due_ns > c->due_ns; at = (at - 1) / 2)
        put(r, at, r->timers[(at - 1) / 2]);
    put(r, at, c);
}

static void down(struct ai_router *r, size_t at, struct ai_router_call *c)
{
    for (size_t child; (child = 2 * at + 1) < r->n_timers; at = child) {
        if (child + 1 < r->n_timers && r->timers[child + 1]->due_ns < r->timers[child]->due_ns) child++;
        if (r->timers[child]->due_ns >= c->due_ns) break;
        put(r, at, r->timers[child]);
    }
    put(r, at, c);
}

static void removed(struct ai_router *r, size_t at)
{
    struct ai_router_call *last = r->timers[--r->n_timers];
    if (at == r->n_timers) return;
    if (at > 0 && last->due_ns < r->timers[(at - 1) / 2]->due_ns)
        up(r, at, last);
    else
        down(r, at, last);
}

void ai__timer_set(struct ai_router *r, struct ai_router_call *c, int64_t due_ns)
{
    if (c->timer_at != SIZE_MAX) removed(r, c->timer_at);
    c->timer_at = SIZE_MAX;
    c->due_ns = due_ns;
    if (due_ns != AI__NEVER) up(r, r->n_timers++, c);
}

int64_t ai__timer_first(const struct ai_router *r) { return r->n_timers > 0 ? r->timers[0]->due_ns : AI__NEVER; }
