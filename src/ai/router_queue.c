/* Whose turn it is: deficit round robin, a queue a purpose.
 * Each person has a ring place while something of theirs waits, and a credit in tokens. The next call is the first in the ring that its person can
 * pay; where nobody can, all whose call could start get as many quanta as the one who needs the fewest. So persons get equal shares of the tokens
 * that are asked for, whether they ask sixty times for little or once for much, and a person who comes new waits for one turn of the others at
 * most. Who has nothing waiting loses the credit: turns cannot be saved up.
 * Whose call cannot start now (its model is ill or full) is passed over and gets no credit for it.
 * Rejected: first come first served (one long document delays all), a priority by age (the same, later), equal turns by call (a long ask costs a
 * hundred times a short one), weights by person (nobody to say them). */
#include <assert.h>
#include <stdlib.h>

#include "ai/router_priv.h"

static struct ai__person **bucket_of(struct ai__queue *q, struct str id)
{
    return &q->buckets[str_hash(id) % AI__BUCKETS];
}

struct ai__person *ai__queue_person(struct ai__queue *q, struct str id)
{
    struct ai__person **bucket = bucket_of(q, id), *p = *bucket;
    while (p && !str_eq((struct str){p->id, p->n}, id))
        p = p->next;
    if (!p) {
        p = calloc(1, sizeof *p + id.n);
        if (!p) return NULL;
        p->n = id.n;
        if (id.n > 0) memcpy(p->id, id.p, id.n);
        p->next = *bucket;
        *bucket = p;
    }
    p->refs++;
    return p;
}

void ai__queue_person_unref(struct ai__queue *q, struct ai__person *p)
{
    if (--p->refs > 0) return;
    assert(!p->head && !p->ring_next);
    struct ai__person **at = bucket_of(q, (struct str){p->id, p->n});
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    free(p);
}

static void ring_add(struct ai__queue *q, struct ai__person *p)
{
    if (!q->turn) {
        q->turn = p->ring_next = p->ring_prev = p;
        return;
    }
    p->ring_next = q->turn; /* behind all others */
    p->ring_prev = q->turn->ring_prev;
    p->ring_prev->ring_next = p->ring_next->ring_prev = p;
}

static void ring_remove(struct ai__queue *q, struct ai__person *p)
{
    if (q->turn == p) q->turn = p->ring_next == p ? NULL : p->ring_next;
    p->ring_prev->ring_next = p->ring_next;
    p->ring_next->ring_prev = p->ring_prev;
    p->ring_next = p->ring_prev = NULL;
    p->credit = 0;
}

void ai__queue_push(struct ai__queue *q, struct ai_router_call *c, bool front)
{
    struct ai__person *p = c->turn;
    c->next = front ? p->head : NULL;
    c->prev = front ? NULL : p->tail;
    *(c->next ? &c->next->prev : &p->tail) = c;
    *(c->prev ? &c->prev->next : &p->head) = c;
    if (!p->ring_next) ring_add(q, p);
}

void ai__queue_remove(struct ai__queue *q, struct ai_router_call *c)
{
    struct ai__person *p = c->turn;
    *(c->next ? &c->next->prev : &p->tail) = c->prev;
    *(c->prev ? &c->prev->next : &p->head) = c->next;
    c->next = c->prev = NULL;
    if (!p->head) ring_remove(q, p);
}

uint64_t ai__call_tokens(const struct ai_router_call *c)
{
    uint64_t out = c->request.max_tokens > 0 ? (uint64_t)c->request.max_tokens : 0;
    uint64_t thoughts = c->request.reasoning_tokens > 0 ? (uint64_t)c->request.reasoning_tokens : 0;
    const uint64_t most = (uint64_t)1 << 40; /* no model has as many: sums stay far from their end */
    return c->tokens_in + (out < most ? out : most) + (thoughts < most ? thoughts : most);
}

static uint64_t lacks(const struct ai_router_call *c)
{
    uint64_t need = c->paid ? 0 : ai__call_tokens(c), has = c->turn->credit;
    return need > has ? need - has : 0;
}

struct ai_router_call *ai__queue_next(struct ai__queue *q, bool (*can)(struct ai_router_call *c, int64_t now_ns),
                                      int64_t now_ns)
{
    while (q->turn) {
        uint64_t least = UINT64_MAX;
        struct ai__person *p = q->turn;
        do {
            if (can(p->head, now_ns)) {
                uint64_t lack = lacks(p->head);
                if (lack == 0) return p->head;
                least = lack < least ? lack : least;
            }
            p = p->ring_next;
        } while (p != q->turn);
        if (least == UINT64_MAX) return NULL;
        uint64_t quanta = (least + AI__QUANTUM - 1) / AI__QUANTUM;
        do {
            if (can(p->head, now_ns)) p->credit += quanta * AI__QUANTUM;
            p = p->ring_next;
        } while (p != q->turn);
    }
    return NULL;
}

void ai__queue_take(struct ai__queue *q, struct ai_router_call *c)
{
    struct ai__person *p = c->turn;
    if (!c->paid) p->credit -= ai__call_tokens(c);
    c->paid = true;
    q->turn = p->ring_next;
    ai__queue_remove(q, c);
}
