/* Worker threads over a ring of work.
 * The ring is allocated once at its full size: submitting allocates nothing, so a full machine says "busy" and not "out of memory".
 * Rejected: a list that grows (it hides overload until memory is gone), a queue a thread with stealing (our pieces of work are milliseconds
 * long; one lock is not what they wait for), futures (the work itself knows whom to tell).
 * Limits: POOL_THREADS_MAX threads, the queue_max of pool_new. */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"

struct work {
    void (*fn)(void *object);
    void *object;
};

struct pool {
    struct lock lock;        /* guards the ring and ending */
    struct lock_cond filled; /* there is work, or the end */
    struct work *ring;       /* queue_max of them */
    size_t first, n;         /* the oldest, and how many wait */
    size_t queue_max;
    bool ending; /* what is queued is run, then the threads end */
    size_t busy; /* by lock: threads with work */
    size_t n_threads;
    pthread_t threads[POOL_THREADS_MAX]; /* the first n_threads were started */
};

/* had: the thread comes back from work. */
static bool work_take(struct pool *p, bool had, struct work *ret)
{
    bool got = false;
    lock_take(&p->lock);
    p->busy -= had;
    while (p->n == 0 && !p->ending)
        lock_cond_wait(&p->filled, &p->lock);
    if (p->n > 0) {
        *ret = p->ring[p->first];
        p->first = (p->first + 1) % p->queue_max;
        p->n--;
        p->busy++;
        got = true;
    }
    lock_give(&p->lock);
    return got;
}

static void *worker(void *object)
{
    struct pool *p = object;
    struct work w;
    for (bool had = false; work_take(p, had, &w); had = true)
        w.fn(w.object);
    return NULL;
}

/* Signals are the main thread's: workers are started with all of them blocked. */
static int thread_start(struct pool *p)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int failed = pthread_create(&p->threads[p->n_threads], NULL, worker, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed) p->n_threads++;
    return failed;
}

enum err pool_new(size_t threads, size_t queue_max, struct pool **ret_pool, struct error *e)
{
    assert(threads >= 1 && threads <= POOL_THREADS_MAX && queue_max >= 1);
    struct pool *p = calloc(1, sizeof *p);
    if (!p) return error_no_memory(e);
    lock_init(&p->lock, LOCK_RANK_POOL);
    lock_cond_init(&p->filled);
    p->queue_max = queue_max;
    p->ring = calloc(queue_max, sizeof *p->ring);
    if (!p->ring) {
        pool_free(p);
        return error_no_memory(e);
    }
    while (p->n_threads < threads) {
        int failed = thread_start(p);
        if (!failed) continue;
        size_t started = p->n_threads;
        pool_free(p);
        error_set_reason(e, ERR_LIMIT, "no_thread", "could start only %zu of %zu worker threads", started, threads);
        return error_detail(e, "pthread_create: %s", strerrordesc_np(failed));
    }
    *ret_pool = p;
    return ERR_OK;
}

enum err pool_submit(struct pool *p, void (*fn)(void *object), void *object, struct error *e)
{
    lock_take(&p->lock);
    assert(!p->ending && "work for a pool that is being freed");
    bool full = p->n == p->queue_max;
    if (!full) p->ring[(p->first + p->n++) % p->queue_max] = (struct work){fn, object};
    lock_give(&p->lock);
    if (full) {
        error_set_reason(e, ERR_BUSY, "too_busy", "all workers are busy and %zu requests wait already", p->queue_max);
        return error_hint(e, "Try again in a moment.");
    }
    lock_cond_signal(&p->filled);
    return ERR_OK;
}

size_t pool_waiting(struct pool *p)
{
    lock_take(&p->lock);
    size_t n = p->n;
    lock_give(&p->lock);
    return n;
}

size_t pool_busy(struct pool *p)
{
    lock_take(&p->lock);
    size_t n = p->busy;
    lock_give(&p->lock);
    return n;
}

size_t pool_threads(const struct pool *p) { return p->n_threads; }

void pool_free(struct pool *p)
{
    if (!p) return;
    lock_take(&p->lock);
    p->ending = true;
    lock_give(&p->lock);
    lock_cond_broadcast(&p->filled);
    for (size_t i = 0; i < p->n_threads; i++) {
        int failed = pthread_join(p->threads[i], NULL);
        assert(failed == 0 && "a pool was freed by one of its own threads");
    }
    lock_cond_done(&p->filled);
    lock_done(&p->lock);
    free(p->ring);
    free(p);
}
