/* What the tests of the bus share: cmocka, and a listener that notes what it hears. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lock.h"
#include "bus/bus.h"

/* Waiting for it is bounded by the test's own timeout. */
struct heard {
    struct lock lock;
    struct lock_cond more;
    char text[4096]; /* guarded by lock: payloads, one after the other */
    size_t n;        /* guarded by lock: bytes of text */
    size_t messages; /* guarded by lock */
    size_t lost;     /* guarded by lock */
};

static inline void heard_init(struct heard *h)
{
    *h = (struct heard){.n = 0};
    lock_init(&h->lock, LOCK_RANK_LOG);
    lock_cond_init(&h->more);
}

static inline void heard_done(struct heard *h)
{
    lock_cond_done(&h->more);
    lock_done(&h->lock);
}

static inline void heard_message(void *ctx, struct str topic, struct str payload)
{
    struct heard *h = ctx;
    (void)topic;
    lock_take(&h->lock);
    if (payload.n <= sizeof h->text - h->n && payload.n) {
        memcpy(h->text + h->n, payload.p, payload.n);
        h->n += payload.n;
    }
    h->messages++;
    lock_cond_broadcast(&h->more);
    lock_give(&h->lock);
}

static inline void heard_lost(void *ctx, struct str topic)
{
    struct heard *h = ctx;
    (void)topic;
    lock_take(&h->lock);
    h->lost++;
    lock_cond_broadcast(&h->more);
    lock_give(&h->lock);
}

static inline struct bus_handler heard_handler(struct heard *h)
{
    return (struct bus_handler){.message = heard_message, .lost = heard_lost, .ctx = h};
}

/* Waits until so much was heard. */
static inline void heard_wait(struct heard *h, size_t messages, size_t lost)
{
    lock_take(&h->lock);
    while (h->messages < messages || h->lost < lost)
        lock_cond_wait(&h->more, &h->lock);
    lock_give(&h->lock);
}
