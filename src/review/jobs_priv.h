/* A job being worked on, and the kinds of work. Thread: the worker's that has it. */
#pragma once

#include <stdatomic.h>

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
};

/* ERR_CONFLICT "stopped" when the work is no longer wanted: between steps. */
enum err job__go_on(const struct job__run *run, struct error *e) MUST_USE;

/* So much memory the job will keep until it ends; while all keep more than JOBS_HELD_MAX, no other is claimed that waits for a model. */
void job__holds(const struct job__run *run, size_t bytes);

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
