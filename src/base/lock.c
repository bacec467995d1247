/* Locks with an order.
 * Each thread keeps the short list of what it holds; since ranks only rise, the last of the list is the highest, and the list cannot be longer
 * than the table of ranks. A thread's identity is the address of that list: unique among living threads, and unlike pthread_t it may be
 * stored and compared atomically. The checks cost some nanoseconds a lock and stay in the shipped program.
 * Rejected: a witness log that is looked at later (nobody does), error-checking mutexes (they see double taking, not the order),
 * pthread_cond_clockwait (ThreadSanitizer of gcc 12 does not know it; the clock of the condition does the same). */
#include "base/lock.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <time.h>

#define X(name, rank, what) +1 // NOLINT(bugprone-macro-parentheses): a term of a sum
enum { RANK_COUNT = 0 LOCK_RANKS(X) };
#undef X

struct held {
    struct lock *at[RANK_COUNT]; /* in the order of taking, so by rising rank */
    size_t n;
};

static _Thread_local struct held held;

static bool is_mine(struct lock *l) { return atomic_load_explicit(&l->owner, memory_order_relaxed) == &held; }

static void remember(struct lock *l)
{
    atomic_store_explicit(&l->owner, &held, memory_order_relaxed);
    held.at[held.n++] = l;
}

static void forget(struct lock *l)
{
    size_t i = held.n;
    assert(is_mine(l) && "a lock that is not held was given back");
    while (i > 0 && held.at[i - 1] != l)
        i--;
    assert(i > 0);
    for (; i < held.n; i++)
        held.at[i - 1] = held.at[i];
    held.n--;
    atomic_store_explicit(&l->owner, NULL, memory_order_relaxed);
}

void lock_init(struct lock *l, enum lock_rank rank)
{
    int failed = pthread_mutex_init(&l->mutex, NULL);
    assert(failed == 0); /* a plain mutex of Linux needs nothing that could run out */
    l->rank = rank;
    atomic_init(&l->owner, NULL);
}

void lock_done(struct lock *l)
{
    int failed = pthread_mutex_destroy(&l->mutex);
    assert(failed == 0 && "a lock was thrown away while it was held");
}

void lock_take(struct lock *l) LOCK__ATTRIBUTE(no_thread_safety_analysis)
{
    assert(!is_mine(l) && "a lock was taken twice");
    assert((held.n == 0 || held.at[held.n - 1]->rank < l->rank) && "locks were taken in the wrong order");
    int failed = pthread_mutex_lock(&l->mutex);
    assert(failed == 0);
    remember(l);
}

void lock_give(struct lock *l) LOCK__ATTRIBUTE(no_thread_safety_analysis)
{
    forget(l);
    int failed = pthread_mutex_unlock(&l->mutex);
    assert(failed == 0);
}

void lock_assert_held(struct lock *l) { assert(is_mine(l) && "called without the lock"); }

void lock_cond_init(struct lock_cond *c)
{
    pthread_condattr_t attributes;
    int failed = pthread_condattr_init(&attributes);
    failed |= pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    failed |= pthread_cond_init(&c->cond, &attributes);
    failed |= pthread_condattr_destroy(&attributes);
    assert(failed == 0);
}

void lock_cond_done(struct lock_cond *c)
{
    int failed = pthread_cond_destroy(&c->cond);
    assert(failed == 0);
}

void lock_cond_wait(struct lock_cond *c, struct lock *l)
{
    assert(held.n == 1 && "waiting with another lock held");
    forget(l);
    int failed = pthread_cond_wait(&c->cond, &l->mutex);
    assert(failed == 0);
    remember(l);
}

bool lock_cond_wait_until(struct lock_cond *c, struct lock *l, int64_t until_monotonic_ns)
{
    int64_t until = until_monotonic_ns > 0 ? until_monotonic_ns : 0;
    struct timespec at = {.tv_sec = (time_t)(until / 1000000000), .tv_nsec = (long)(until % 1000000000)};
    assert(held.n == 1 && "waiting with another lock held");
    forget(l);
    int failed = pthread_cond_timedwait(&c->cond, &l->mutex, &at);
    assert(failed == 0 || failed == ETIMEDOUT);
    remember(l);
    return failed == 0;
}

void lock_cond_signal(struct lock_cond *c)
{
    int failed = pthread_cond_signal(&c->cond);
    assert(failed == 0);
}

void lock_cond_broadcast(struct lock_cond *c)
{
    int failed = pthread_cond_broadcast(&c->cond);
    assert(failed == 0);
}
