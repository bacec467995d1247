/* The bus within one process: a bounded queue, one thread that delivers, listeners in a table by topic.
 * The thread marks the listener that it is about to call as `current` and gives the lock back for the call. A listener that is current stays
 * in its list until the call is over (unlisten waits for that), so its place in the list is good when the thread comes back, and a
 * delivery to many costs no copy of the list. New listeners go to the front of their list, behind the thread's back.
 * The table has a fixed number of lists: at ten thousand listeners each holds a few, and a table that never grows needs no care about who
 * stands in it meanwhile.
 * A drop marks the listeners of the topic; before the next message the thread calls `lost` of all that are marked. Rejected: a queue a
 * listener (memory a listener, and a slow one is slow in its callback anyway), delivering from the publishing thread (it may hold locks),
 * waiting for room (a slow page would stop reviews). */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/lock.h"
#include "bus/bus_priv.h"

#define LISTS 4096 /* a power of two */

struct message {
    struct message *next;
    size_t topic_n, payload_n;
    char bytes[]; /* topic, payload */
};

struct bus_listener {
    struct bus_listener *next; /* in its list */
    struct bus_handler handler;
    bool lost; /* is to be told */
    bool gone; /* unlisten waits; not to be called any more */
    size_t topic_n;
    char topic[];
};

struct local_bus {
    struct bus base;
    struct bus_local_options options; /* immutable */
    pthread_t thread;                 /* immutable */

    struct lock lock;      /* guards all that follows */
    struct lock_cond work; /* something to deliver, or stopping */
    struct lock_cond idle; /* current is over */
    struct message *first, **last;
    size_t n, n_bytes;
    bool any_lost, stopping;
    struct bus_listener *current; /* being called now */
    struct bus_listener *lists[LISTS];
};

static struct local_bus *local_of(struct bus *b) { return (struct local_bus *)b; }

static size_t list_of(struct str topic) { return (size_t)str_hash(topic) & (LISTS - 1); }

static struct str topic_of(const struct bus_listener *l) { return (struct str){l->topic, l->topic_n}; }

/* The first from l on that listens to topic. */
static struct bus_listener *listening_from(struct bus_listener *l, struct str topic)
{
    while (l && (l->gone || !str_eq(topic_of(l), topic)))
        l = l->next;
    return l;
}

/* ---- the bus's thread ---- */

/* Calls without the lock, and has it again. */
static void call(struct local_bus *b, struct bus_listener *l, const struct message *m) REQUIRES_LOCK(b->lock)
{
    b->current = l;
    lock_give(&b->lock);
    if (m)
        l->handler.message(l->handler.ctx, (struct str){m->bytes, m->topic_n},
                           (struct str){m->bytes + m->topic_n, m->payload_n});
    else
        l->handler.lost(l->handler.ctx, topic_of(l));
    lock_take(&b->lock);
    b->current = NULL;
    if (l->gone) lock_cond_broadcast(&b->idle);
}

static void tell_lost(struct local_bus *b) REQUIRES_LOCK(b->lock)
{
    b->any_lost = false;
    for (size_t i = 0; i < LISTS; i++) {
        for (struct bus_listener *l = b->lists[i], *next; l; l = next) {
            bool tell = l->lost && !l->gone;
            l->lost = false;
            if (tell) call(b, l, NULL);
            next =
                l->next; /* not before: it may have changed meanwhile; l stays, since whoever takes it away needs the lock */
        }
    }
}

static void deliver(struct local_bus *b, const struct message *m) REQUIRES_LOCK(b->lock)
{
    struct str topic = {m->bytes, m->topic_n};
    struct bus_listener *l = listening_from(b->lists[list_of(topic)], topic);
    while (l) {
        call(b, l, m);
        l = listening_from(l->next, topic);
    }
}

static struct message *take_first(struct local_bus *b) REQUIRES_LOCK(b->lock)
{
    struct message *m = b->first;
    b->first = m->next;
    if (!b->first) b->last = &b->first;
    b->n--;
    b->n_bytes -= m->topic_n + m->payload_n;
    return m;
}

static void *run(void *ctx)
{
    struct local_bus *b = ctx;
    lock_take(&b->lock);
    while (!b->stopping) {
        if (b->any_lost) {
            tell_lost(b);
        } else if (b->first) {
            struct message *m = take_first(b);
            deliver(b, m);
            free(m);
        } else {
            lock_cond_wait(&b->work, &b->lock);
        }
    }
    lock_give(&b->lock);
    return NULL;
}

/* ---- what callers call ---- */

static struct message *message_new(struct str topic, struct str payload)
{
    if (payload.n > BUS_PAYLOAD_MAX) return NULL;
    struct message *m = malloc(sizeof *m + topic.n + payload.n);
    if (!m) return NULL;
    m->next = NULL;
    m->topic_n = topic.n;
    m->payload_n = payload.n;
    memcpy(m->bytes, topic.p, topic.n);
    if (payload.n) memcpy(m->bytes + topic.n, payload.p, payload.n);
    return m;
}

/* Takes m into the queue, or marks those who will miss it. False when m was not taken. */
static bool enqueue(struct local_bus *b, struct str topic, struct message *m) REQUIRES_LOCK(b->lock)
{
    struct bus_listener *l = listening_from(b->lists[list_of(topic)], topic);
    if (!l) return false;
    lock_cond_signal(&b->work);
    if (!m || b->n >= b->options.queue_max || m->topic_n + m->payload_n > b->options.queue_max_bytes - b->n_bytes) {
        for (; l; l = listening_from(l->next, topic))
            l->lost = true;
        b->any_lost = true;
        return false;
    }
    *b->last = m;
    b->last = &m->next;
    b->n++;
    b->n_bytes += m->topic_n + m->payload_n;
    return true;
}

static void publish(struct bus *base, struct str topic, struct str payload)
{
    struct local_bus *b = local_of(base);
    struct message *m = message_new(topic, payload);
    lock_take(&b->lock);
    bool taken = enqueue(b, topic, m);
    lock_give(&b->lock);
    if (!taken) free(m);
}

static enum err listen_to(struct bus *base, struct str topic, struct bus_handler handler, struct bus_listener **ret,
                          struct error *e)
{
    struct local_bus *b = local_of(base);
    struct bus_listener *l = calloc(1, sizeof *l + topic.n);
    if (!l) return error_no_memory(e);
    l->handler = handler;
    l->topic_n = topic.n;
    memcpy(l->topic, topic.p, topic.n);
    struct bus_listener **list = &b->lists[list_of(topic)];
    lock_take(&b->lock);
    l->next = *list;
    *list = l;
    lock_give(&b->lock);
    *ret = l;
    return ERR_OK;
}

static void unlisten(struct bus *base, struct bus_listener *l)
{
    struct local_bus *b = local_of(base);
    struct bus_listener **at = &b->lists[list_of(topic_of(l))];
    lock_take(&b->lock);
    l->gone = true;
    while (b->current == l) {
        assert(!pthread_equal(pthread_self(), b->thread) && "a listener took itself away");
        lock_cond_wait(&b->idle, &b->lock);
    }
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    lock_give(&b->lock);
    free(l);
}

static void free_local(struct bus *base)
{
    struct local_bus *b = local_of(base);
    lock_take(&b->lock);
    b->stopping = true;
    lock_cond_signal(&b->work);
    lock_give(&b->lock);
    int failed = pthread_join(b->thread, NULL);
    assert(failed == 0);
    for (size_t i = 0; i < LISTS; i++)
        assert(!b->lists[i] && "a listener is left");
    for (struct message *m = b->first, *next; m; m = next) {
        next = m->next;
        free(m);
    }
    lock_cond_done(&b->work);
    lock_cond_done(&b->idle);
    lock_done(&b->lock);
    free(b);
}

enum err bus_local_new(const struct bus_local_options *options, struct bus **ret, struct error *e)
{
    static const struct bus_ops ops = {
        .publish = publish, .listen = listen_to, .unlisten = unlisten, .free = free_local};
    struct local_bus *b = calloc(1, sizeof *b);
    if (!b) return error_no_memory(e);
    b->base.ops = &ops;
    b->options = *options;
    b->last = &b->first;
    lock_init(&b->lock, LOCK_RANK_BUS);
    lock_cond_init(&b->work);
    lock_cond_init(&b->idle);
    int failed = pthread_create(&b->thread, NULL, run, b);
    if (failed) {
        lock_cond_done(&b->work);
        lock_cond_done(&b->idle);
        lock_done(&b->lock);
        free(b);
        return error_set_reason(e, ERR_LIMIT, "no_thread", "could not start the thread of the bus");
    }
    (void)pthread_setname_np(b->thread, "bus");
    *ret = &b->base;
    return ERR_OK;
}
