/* The runner of jobs: threads that claim rows of the store and do what they say: review a version, make an export.
 * Reviews by a model have threads of their own, since they mostly wait: they are made when there is work for them, and end when there is none.
 * A job is a row with a lease. Whoever holds an unexpired lease works on it and renews it at a third; a worker that dies loses it and another takes
 * over; what a worker writes is refused by the store when its lease is gone. So a job is never lost, and its result is there once.
 * More: docs/internals/jobs.md. Thread: any, but for free. */
#pragma once

#include "base/sb.h"
#include "review/context.h"
#include "store/queries.h"

#define JOBS_HELD_MAX                                                                                                  \
    ((size_t)512                                                                                                       \
     << 20) /* bytes that reviews by a model may keep while they wait, all together: no other is begun above that */

struct jobs_options {
    size_t threads;       /* jobs at once */
    size_t model_threads; /* reviews by a model at once, beside them; 0: the others do these too */
    int64_t lease_ms;     /* how long a dead worker's job waits */
    int64_t
        retry_ms; /* before a job that failed for a passing reason (store or disk) is tried again, doubled each time */
    unsigned max_attempts; /* a job that was begun so often and never ended is given up */
};
#define JOBS_DEFAULTS                                                                                                  \
    {                                                                                                                  \
        .threads = 2, .lease_ms = 10000, .retry_ms = 1000, .max_attempts = 5                                           \
    }

struct jobs;

/* Starts the threads; they look for jobs at once. context: borrowed; its own member jobs is not used. ERR_LIMIT no memory or thread. */
enum err jobs_new(const struct review_context *context, const struct jobs_options *options, struct jobs **ret,
                  struct error *e) MUST_USE;

/* There is a new job: a thread that waits looks now. NULL is fine. */
void jobs_wake(struct jobs *jobs);

/* The work on this review or export is no longer wanted; a thread that works on it stops at its next step. NULL is fine. */
void jobs_stop(struct jobs *jobs, struct str ref);

/* Claims nothing more and waits until what runs has ended, at most timeout_ms. false: some still run. */
bool jobs_drain(struct jobs *jobs, int64_t timeout_ms);

/* Jobs being worked on here. */
size_t jobs_running(struct jobs *jobs);
/* Jobs by kind and state as the store has them, and how those that were worked on here ended, as lines of base/metrics.h. The store is asked at most every
 * JOBS_COUNTED_MS. */
#define JOBS_COUNTED_MS 2000
void jobs_metrics(struct jobs *jobs, struct sb *out);
/* Jobs that wait, of all kinds but those that only clean up; as fresh as those. */
size_t jobs_waiting(struct jobs *jobs);
/* "review", "export", "sweep", "model", "guidelines". */
const char *jobs_kind_name(enum store_job_kind kind);

/* Drains; what still runs ends at its next step and is given back, to be begun again by the next runner. Joins the threads. NULL is fine. Thread: one,
 * which is none of its own. */
void jobs_free(struct jobs *jobs);
