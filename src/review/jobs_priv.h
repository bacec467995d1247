/* A job being worked on, and the kinds of work. Thread: the worker's that has it. */
#pragma once

#include <stdatomic.h>

#include "base/lock.h"
#include "base/metrics.h"
#include "base/trace.h"
#include "review/jobs.h"
#include "review/rows_priv.h"

struct job__held {      /* memory that a job keeps while it waits for a model */
    atomic_size_t *sum; /* of all */
    size_t bytes;
};

struct job__run {
    const struct review_context *c;
    struct store_job job;
    struct str worker;
    struct arena *a;   /* of this run */
    atomic_bool *stop; /* it is no longer wanted, or no longer ours */
    struct job__held *held;
    struct trace_span *span; /* may be NULL */
};

/* ERR_CONFLICT "stopped" when the work is no longer wanted: between steps. */
enum err job__go_on(const struct job__run *run, struct error *e) MUST_USE;

/* Whose document it works on: for the log and the span of the job. */
void job__is_of(const struct job__run *run, struct str user, struct str document);

/* So much memory the job will keep until it ends; while all keep more than JOBS_HELD_MAX, no other is claimed that waits for a model. */
void job__holds(const struct job__run *run, size_t bytes);

/* What is counted of them (jobs_metrics.c). */
enum job__outcome { JOB__DONE, JOB__AGAIN, JOB__FAILED, JOB__DROPPED, JOB__OUTCOMES };
struct job__counts {
    struct metrics_histogram took[STORE_JOB_KIND_N];
    atomic_uint_fast64_t outcomes[STORE_JOB_KIND_N][JOB__OUTCOMES];
    struct lock lock; /* guards what was seen of the store */
    bool seen;
    int64_t seen_ns; /* monotonic */
    int64_t states[STORE_JOB_KIND_N][STORE_STATE_N];
    int64_t oldest_unix_ms[STORE_JOB_KIND_N]; /* of those that wait; 0: none does */
};
void job__counts_init(struct job__counts *c);
void job__counts_done(struct job__counts *c);
void job__count(struct job__counts *c, enum store_job_kind kind, enum job__outcome outcome, int64_t took_ns);
struct job__counts *job__counts_of(struct jobs *jobs, const struct review_context **ret_context); /* jobs.c */

/* A kind of work. run does it and ends the job in the transaction that keeps its result. failed tells people that it cannot be done, in the transaction in
 * which the job ends as failed (already has when it is called). Errors of run: ERR_CONFLICT "lease_lost", "stopped": not ours any more, or not wanted. */
struct job__kind {
    enum err (*run)(const struct job__run *run, struct error *e);
    enum err (*failed)(struct store_tx *tx, const struct job__run *run, const struct error *why, struct error *e);
};
extern const struct job__kind job__review;     /* job_review.c */
extern const struct job__kind job__export;     /* job_export.c */
extern const struct job__kind job__guidelines; /* job_guidelines.c */
extern const struct job__kind job__model;      /* job_model.c */
