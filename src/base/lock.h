/* Locks with an order. Every mutex of the program is a struct lock with a rank from the table below; a thread may take a lock only if its rank
 * is above that of every lock it holds. Two threads can then never wait for each other, and a program that could is stopped the first time
 * that it takes them in the wrong order, not the one time that both meet. A lock knows its owner: taking it twice, giving back what is not
 * held and waiting while another lock is held are our bugs and end the program.
 * What is guarded is said beside the field, in words: clang 14 does not take guarded_by on fields of C structs. It does see a forgotten
 * lock_give and a call of a REQUIRES_LOCK function without the lock (-Wthread-safety).
 * No I/O, no SQL, no callback and no allocation of unbounded size under a lock. Thread: any. Source: Varnish's lock table; P. Brinch Hansen. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* X(name, rank, what it guards): the order in which they may be taken, callers above those they call. Gaps are for what comes later. */
#define LOCK_RANKS(X)                                                                                                  \
    X(EMF, 90, "whether metrics for CloudWatch are to end")                                                            \
    X(JOBS_SEEN, 95, "how many jobs there are, as the store was last asked")                                           \
    X(JOBS, 100, "the runner of jobs: what is running and what is to stop")                                            \
    X(STATUS, 97, "what the server's status is made of: the last minutes, how large its folder is")                    \
    X(RETENTION, 105, "the removal of what nobody uses: when it ran, what it removed")                                 \
    X(EVENTS, 110, "the publisher of events: whether there is something new")                                          \
    X(CHAT, 140, "talks: which answers are being given, what each has said, what came from its model")                 \
    X(MODEL_BOX, 145, "what models have answered to a review, until its thread takes it")                              \
    X(API, 150, "live readers of documents: what was sent, which are over")                                            \
    X(NET, 200, "the server's lists: connections, suspended requests, live event readers")                             \
    X(STORE, 300, "the store's pool of connections")                                                                   \
    X(BUS, 400, "listeners and the queue of a bus")                                                                    \
    X(CREDENTIALS, 420, "credentials that are kept, and who fetches new ones")                                         \
    X(CHECK, 425, "a check of models: which have answered")                                                            \
    X(ROUTER, 430, "the router of model calls: who waits, which model is well")                                        \
    X(BUDGET, 435, "what was spent on models, and what is reserved")                                                   \
    X(USAGE, 438, "records of model calls that are not yet in the store")                                              \
    X(AI, 440, "calls of models: which request is on its way, which profile a model has")                              \
    X(CLIENT, 450, "requests that are to be sent, cancelled or resumed; what waits for an answer")                     \
    X(POOL, 500, "the queue of a worker pool")                                                                         \
    X(NET_STREAM, 600, "what waits to be sent on one event stream")                                                    \
    X(TRACE, 850, "spans that have ended and were not collected yet")                                                  \
    X(LOG, 900, "the counts of repeated failures")

enum lock_rank {
#define X(name, rank, what) LOCK_RANK_##name = (rank),
    LOCK_RANKS(X)
#undef X
};

#if defined __clang__
#define LOCK__ATTRIBUTE(x) __attribute__((x))
#else
#define LOCK__ATTRIBUTE(x)
#endif
/* For functions whose caller must hold the lock. */
#define REQUIRES_LOCK(l) LOCK__ATTRIBUTE(exclusive_locks_required(l))

struct LOCK__ATTRIBUTE(capability("mutex")) lock {
    pthread_mutex_t mutex;
    enum lock_rank rank;
    _Atomic(const void *)
        owner; /* identity of the thread that holds it, or NULL; only its own value means something to a thread */
};

#define LOCK_INIT(rank_)                                                                                               \
    {                                                                                                                  \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .rank = (rank_)                                                            \
    } /* for static initialisers */

void lock_init(struct lock *l, enum lock_rank rank);
void lock_done(struct lock *l); /* nobody holds it */

void lock_take(struct lock *l) LOCK__ATTRIBUTE(acquire_capability(*l));
void lock_give(struct lock *l) LOCK__ATTRIBUTE(release_capability(*l));
/* Ends the program unless this thread holds l. */
void lock_assert_held(struct lock *l) LOCK__ATTRIBUTE(assert_capability(*l));

/* Condition variables. Timeouts are on the monotonic clock (time_monotonic_ns), so that a clock that is set back makes nobody wait. */
struct lock_cond {
    pthread_cond_t cond;
};

void lock_cond_init(struct lock_cond *c);
void lock_cond_done(struct lock_cond *c); /* nobody waits on it */

/* Gives l back, waits, takes it again. May return without a signal: test the condition in a loop. l must be the only lock that is held. */
void lock_cond_wait(struct lock_cond *c, struct lock *l) REQUIRES_LOCK(*l);
/* The same until a moment of time_monotonic_ns(); false when that moment has come. A moment that has passed gives l back for an instant. */
bool lock_cond_wait_until(struct lock_cond *c, struct lock *l, int64_t until_monotonic_ns) REQUIRES_LOCK(*l);

void lock_cond_signal(struct lock_cond *c);    /* one that waits */
void lock_cond_broadcast(struct lock_cond *c); /* all */
