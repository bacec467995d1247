/* A pool of worker threads over one bounded queue: for work that may block (the store, documents), handed over by threads that may not.
 * A full queue is said at once (ERR_BUSY), so that the one who asks learns of it while it still matters; nothing ever waits to be queued.
 * Thread: any, but for pool_free. */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct pool;

#define POOL_THREADS_MAX 256

/* threads: 1 to POOL_THREADS_MAX, started here. queue_max: pieces of work that may wait, at least 1 (those that run are not counted).
 * *ret_pool: freed with pool_free. ERR_LIMIT when there is no memory or no thread to be had; nothing is left behind then. */
enum err pool_new(size_t threads, size_t queue_max, struct pool **ret_pool, struct error *e) MUST_USE;

/* fn(object) will run once on one of the threads, in order of submission where there is one thread. object is handed over: until fn has it,
 * nobody touches it. ERR_BUSY (reason "too_busy") when the queue is full: fn will not run and object is still the caller's. */
enum err pool_submit(struct pool *p, void (*fn)(void *object), void *object, struct error *e) MUST_USE;

/* Pieces of work that wait for a thread; threads that have one; threads. */
size_t pool_waiting(struct pool *p);
size_t pool_busy(struct pool *p);
size_t pool_threads(const struct pool *p);

/* Runs what is queued to its end, joins the threads and releases all. Nobody submits any more. p may be NULL. Not on a thread of the pool. */
void pool_free(struct pool *p);
