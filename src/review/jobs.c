/* The runner of jobs: some threads that work, and a keeper that looks after them.
 * A thread claims the oldest job that is due and works until there is none; then it waits to be woken. What is woken for is only "look": a wake that is
 * lost or comes twice does no harm, and the keeper looks every KEEP_MS anyway (for jobs that wait for a time, and for leases of workers that died).
 * The keeper renews the leases of what runs here, so a long review needs no care of its own, and gives up what was begun too often: a document that kills
 * the server must not do it for ever.
 * While the disk has no more than its reserve left, reviews and exports wait in their queue and only what makes room goes on.
 * What fails for a passing reason (the disk is full, the store is busy) is tried again later; what fails for good is told to people at once.
 * Rejected: a process for each job (memory of the rules and dictionaries again); an in-memory queue (lost with the process).
 * Limits: a job that is stopped ends at its next step, not within one. */
#include "review/jobs.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "blob/blob.h"
#include "review/events.h"
#include "review/jobs_priv.h"

#define KEEP_MS      1000 /* the keeper looks at least so often */
#define FORGET_MS    ((int64_t)24 * 3600 * 1000)
#define CLEAN_NS     ((int64_t)3600 * 1000000000)
#define RETRY_MAX_MS ((int64_t)10 * 60 * 1000)
#define SWEEPS       STORE_BIT(STORE_JOB_SWEEP)
#define MODEL_KINDS  STORE_BIT(STORE_JOB_MODEL)
#define IDLE_NS      ((int64_t)10 * 1000000000) /* a thread for models that has nothing to do ends */
#define MODEL_STACK  ((size_t)2 << 20)          /* what is not touched is no memory */
#define OTHER_KINDS                                                                                                    \
    (STORE_BIT(STORE_JOB_REVIEW) | STORE_BIT(STORE_JOB_EXPORT) | STORE_BIT(STORE_JOB_GUIDELINES) | SWEEPS)
enum { JOB_ARENA_MAX = 1 << 30 };

struct lane {              /* threads that do the same kinds of jobs */
    unsigned kinds;        /* STORE_BIT of each */
    size_t first, n;       /* slots of the runner: [first, first + n) */
    bool on_demand;        /* threads are made when there is work, and end */
    struct lock_cond work; /* there may be a job, or the end has come */
    size_t wakes;          /* by lock: threads that are to look */
    size_t idle;           /* by lock: threads that wait to be woken */
};

struct slot { /* one working thread */
    struct jobs *jobs;
    struct lane *lane;
    pthread_t thread;
    enum { SLOT_EMPTY, SLOT_RUNS, SLOT_OVER } state; /* by lock; OVER: its thread is to be joined */
    char worker[RANDOM_ID_CHARS + 1];                /* a name that nobody else ever had */
    bool busy;                                       /* by lock: looks for a job or has one */
    char job[RANDOM_ID_CHARS + 1];                   /* by lock: that it works on; empty: none */
    char ref[BLOB_KEY_MAX + 1];                      /* by lock: of that job */
    atomic_bool stop;                                /* that job is to end */
};

struct jobs {
    const struct review_context *context;
    struct jobs_options o;
    struct lock lock;
    struct lock_cond quiet; /* a thread has become idle, or the end has come for the keeper */
    bool draining, stop;    /* by lock: no more claims; the keeper ends */
    bool ending;            /* by lock: what runs is to stop */
    pthread_t keeper;
    struct lane general, models;
    atomic_size_t held; /* bytes that jobs keep while they wait for a model */
    size_t n_slots;
    struct slot *slots;
    struct job__counts counts;
};

struct job__counts *job__counts_of(struct jobs *jobs, const struct review_context **ret_context)
{
    *ret_context = jobs->context;
    return &jobs->counts;
}

void job__holds(const struct job__run *run, size_t bytes)
{
    if (!run->held) return;
    run->held->bytes += bytes;
    atomic_fetch_add(run->held->sum, bytes);
}

void job__is_of(const struct job__run *run, struct str user, struct str document)
{
    log_context_set("user", user);
    log_context_set("document", document);
    if (!run->span) return;
    trace_text(run->span, "enduser.id", user);
    trace_text(run->span, "prism.document", document);
}

enum err job__go_on(const struct job__run *run, struct error *e)
{
    if (!atomic_load(run->stop)) return ERR_OK;
    return error_set_reason(e, ERR_CONFLICT, "stopped", "the work is no longer wanted");
}

/* --- one job --- */

static enum err sweep_end(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct job__run *run = ctx;
    return store_job_end(tx, run->job.id, run->worker, STORE_DONE, STR(""), e);
}

static enum err sweep(const struct job__run *run, struct error *e)
{
    struct job__run mine = *run;
    TRY(review__sweep(run->c, run->job.ref, e));
    return store_write_freeing(run->c->store, sweep_end, &mine, e);
}

static enum err sweep_failed(struct store_tx *tx, const struct job__run *run, const struct error *why, struct error *e)
{
    (void)tx;
    (void)run;
    (void)why;
    (void)e;
    return ERR_OK; /* no person waits for it; the log has it */
}

const char *jobs_kind_name(enum store_job_kind kind)
{
    static const char *const names[STORE_JOB_KIND_N] = {[STORE_JOB_REVIEW] = "review",
                                                        [STORE_JOB_EXPORT] = "export",
                                                        [STORE_JOB_SWEEP] = "sweep",
                                                        [STORE_JOB_MODEL] = "model",
                                                        [STORE_JOB_GUIDELINES] = "guidelines"};
    return kind < STORE_JOB_KIND_N ? names[kind] : "other";
}

static const struct job__kind *kind_of(enum store_job_kind kind)
{
    static const struct job__kind sweeping = {sweep, sweep_failed};
    switch (kind) {
    case STORE_JOB_REVIEW: return &job__review;
    case STORE_JOB_EXPORT: return &job__export;
    case STORE_JOB_GUIDELINES: return &job__guidelines;
    case STORE_JOB_MODEL: return &job__model;
    case STORE_JOB_SWEEP:
    case STORE_JOB_KIND_N: break;
    }
    return &sweeping;
}

static bool is_not_ours(const struct error *e)
{
    return e->code == ERR_CONFLICT && (strcmp(e->reason, "lease_lost") == 0 || strcmp(e->reason, "stopped") == 0);
}

/* Would it go better later? */
static bool is_passing(const struct error *e)
{
    switch (e->code) {
    case ERR_BUSY:
    case ERR_STORAGE:
    case ERR_UPSTREAM: return true;
    case ERR_INTERNAL: return strcmp(e->reason, "store_io") == 0 || strcmp(e->reason, "files_failed") == 0;
    case ERR_LIMIT: return strcmp(e->reason, "out_of_memory") == 0; /* others give theirs back when they are done */
    case ERR_OK:
    case ERR_INVALID:
    case ERR_NOT_FOUND:
    case ERR_FORBIDDEN:
    case ERR_CONFLICT: break;
    }
    return false;
}

struct outcome { /* of a job that failed: one transaction */
    const struct job__run *run;
    const struct job__kind *kind;
    const struct error *why;
    int64_t again_unix_ms;
};

static enum err retry_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct outcome *o = ctx;
    return store_job_retry(tx, o->run->job.id, o->run->worker, o->again_unix_ms, str_from_c(o->why->reason), e);
}

static enum err failed_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct outcome *o = ctx;
    TRY(store_job_end(tx, o->run->job.id, o->run->worker, STORE_FAILED, str_from_c(o->why->reason), e));
    return o->kind->failed(tx, o->run, o->why, e);
}

static int64_t retry_at(const struct jobs *jobs, const struct store_job *job)
{
    int64_t wait = jobs->o.retry_ms;
    for (uint32_t i = 1; i < job->attempts && wait < RETRY_MAX_MS; i++)
        wait *= 2;
    return jobs->context->now_unix_ms() + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS);
}

static bool is_to_be_tried_again(const struct jobs *jobs, const struct store_job *job, const struct error *why)
{
    return is_passing(why) && job->attempts < jobs->o.max_attempts;
}

static enum job__outcome outcome_of(const struct jobs *jobs, const struct store_job *job, enum err err,
                                    const struct error *why)
{
    if (err == ERR_OK) return JOB__DONE;
    if (is_not_ours(why)) return JOB__DROPPED;
    return is_to_be_tried_again(jobs, job, why) ? JOB__AGAIN : JOB__FAILED;
}

/* When even this cannot be written, the lease runs out and the job is claimed again. */
static void tell_failure(const struct jobs *jobs, const struct job__run *run, const struct job__kind *kind,
                         const struct error *why)
{
    struct error e = {0};
    struct outcome o = {run, kind, why, retry_at(jobs, &run->job)};
    bool again = is_to_be_tried_again(jobs, &run->job, why);
    log_warn(again ? "job_will_be_tried_again" : "job_failed", L_STR("ref", run->job.ref),
             L_U64("attempt", run->job.attempts), L_ERROR(why));
    enum err err = store_write(run->c->store, again ? retry_write : failed_write, &o, &e);
    if (err == ERR_OK)
        events_wake(run->c->events);
    else if (!is_not_ours(&e))
        log_warn("job_failure_not_kept", L_STR("ref", run->job.ref), L_ERROR(&e));
}

/* Not ours any more, or not wanted. What is only not wanted by a runner that ends is given back. */
static void drop(struct jobs *jobs, const struct job__run *run, const struct job__kind *kind, const struct error *why)
{
    struct error e = {0};
    struct outcome o = {run, kind, why, jobs->context->now_unix_ms()};
    bool stopped = strcmp(why->reason, "stopped") == 0;
    log_info("job_dropped", L_STR("ref", run->job.ref), L_C("reason", why->reason));
    if (!stopped || store_write(run->c->store, retry_write, &o, &e) == ERR_OK || is_not_ours(&e)) return;
    log_warn("job_not_given_back", L_STR("ref", run->job.ref), L_ERROR(&e)); /* its lease runs out */
}

/* For whoever asked for the job: its lines and its calls of models bear the id of that request, and its span is part of that trace. */
static void begin_work(struct trace_span *span, const struct store_job *job)
{
    const struct trace_work work = trace_work_make(job->request, job->traceparent);
    const char *kind = jobs_kind_name(job->kind);
    log_context_clear();
    trace_work_set(&work);
    log_context_set("job", job->id);
    trace_begin(span, TRACE_INTERNAL, str_from_c(kind));
    trace_text(span, "prism.job.kind", str_from_c(kind));
    trace_text(span, "prism.job.id", job->id);
    trace_text(span, "prism.job.ref", job->ref);
    trace_text(span, "prism.request", job->request);
    trace_number(span, "prism.job.attempt", job->attempts);
}

static void work_on(struct slot *s, const struct store_job *job, struct arena *a)
{
    struct error e = {0};
    struct job__held held = {.sum = &s->jobs->held};
    struct trace_span span;
    const struct job__run run = {s->jobs->context, *job, str_from_c(s->worker), a, &s->stop, &held, &span};
    const struct job__kind *kind = kind_of(job->kind);
    int64_t began = time_monotonic_ns();
    begin_work(&span, job);
    enum err err = kind->run(&run, &e);
    int64_t took_ns = time_monotonic_ns() - began, took_ms = took_ns / 1000000;
    job__count(&s->jobs->counts, job->kind, outcome_of(s->jobs, job, err, &e), took_ns);
    if (err == ERR_OK)
        log_info("job_done", L_C("kind", jobs_kind_name(job->kind)), L_STR("ref", job->ref), L_I64("ms", took_ms));
    else if (is_not_ours(&e))
        drop(s->jobs, &run, kind, &e);
    else
        tell_failure(s->jobs, &run, kind, &e);
    atomic_fetch_sub(&s->jobs->held, held.bytes);
    trace_end(&span, err == ERR_OK ? NULL : e.reason[0] ? e.reason : error_code_name(e.code));
    trace_work_set(NULL);
    log_context_clear();
}

/* --- claiming --- */

static void *work(void *object);

struct claim { /* one transaction */
    const struct slot *slot;
    struct arena *a;
    unsigned kinds; /* STORE_BIT of each that may be claimed */
    struct store_job job;
};

static enum err claim_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct claim *w = ctx;
    const struct jobs *jobs = w->slot->jobs;
    int64_t now = jobs->context->now_unix_ms();
    return store_job_claim(tx, w->kinds, str_from_c(w->slot->worker), now, now + jobs->o.lease_ms, jobs->o.max_attempts,
                           w->a, &w->job, e);
}

static void take_note(struct slot *s, struct str job, struct str ref)
{
    lock_take(&s->jobs->lock);
    (void)snprintf(s->job, sizeof s->job, "%.*s", STR_ARG(job));
    (void)snprintf(s->ref, sizeof s->ref, "%.*s", STR_ARG(ref));
    atomic_store(&s->stop, s->jobs->ending);
    lock_give(&s->jobs->lock);
}

/* By lock. Made under it, so that who ends the threads knows them all. Without a thread the work waits for those that there are. */
static void slot_start(struct slot *s, size_t stack)
{
    pthread_attr_t attributes;
    if (s->state == SLOT_OVER) (void)pthread_join(s->thread, NULL);
    s->busy = true; /* until it waits for the first time */
    s->state = SLOT_EMPTY;
    if (pthread_attr_init(&attributes) != 0) return;
    if (stack > 0) (void)pthread_attr_setstacksize(&attributes, stack);
    if (pthread_create(&s->thread, &attributes, work, s) == 0) s->state = SLOT_RUNS;
    (void)pthread_attr_destroy(&attributes);
    if (s->state == SLOT_EMPTY) s->busy = false;
}

/* There may be a job for one more of its threads. */
static void lane_wake(struct jobs *jobs, struct lane *lane)
{
    lock_take(&jobs->lock);
    if (lane->wakes < lane->n) lane->wakes++;
    lock_cond_signal(&lane->work);
    if (lane->on_demand && lane->idle < lane->wakes && !jobs->draining) {
        size_t i = lane->first;
        while (i < lane->first + lane->n && jobs->slots[i].state == SLOT_RUNS)
            i++;
        if (i < lane->first + lane->n) slot_start(&jobs->slots[i], MODEL_STACK);
    }
    lock_give(&jobs->lock);
}

/* What may be claimed now. */
static unsigned kinds_now(const struct slot *s)
{
    struct error e = {0};
    unsigned kinds = s->lane->kinds;
    if (store_room(s->jobs->context->store, 0, &e) != ERR_OK) kinds &= SWEEPS;
    if (atomic_load(&s->jobs->held) >= JOBS_HELD_MAX) kinds &= ~MODEL_KINDS;
    return kinds;
}

/* true: there may be more. */
static bool claim_and_work(struct slot *s)
{
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new(JOB_ARENA_MAX);
    struct claim w = {.slot = s, .a = a, .kinds = kinds_now(s)};
    if (!a || w.kinds == 0) return false;
    enum err err = store_write_freeing(s->jobs->context->store, claim_write, &w, &e);
    if (err != ERR_OK) {
        if (err != ERR_NOT_FOUND) log_warn("jobs_not_claimed", L_ERROR(&e));
        return false;
    }
    take_note(s, w.job.id, w.job.ref);
    if (s->lane->on_demand) lane_wake(s->jobs, s->lane); /* another looks for the next */
    work_on(s, &w.job, a);
    if (w.job.kind == STORE_JOB_REVIEW && s->jobs->models.n > 0) lane_wake(s->jobs, &s->jobs->models);
    take_note(s, STR_EMPTY, STR_EMPTY);
    return true;
}

static bool is_draining(struct jobs *jobs)
{
    lock_take(&jobs->lock);
    bool draining = jobs->draining;
    lock_give(&jobs->lock);
    return draining;
}

/* Waits to be woken; false at the end. The thread is busy when it returns true. */
static bool wait_for_work(struct slot *s)
{
    struct jobs *jobs = s->jobs;
    lock_take(&jobs->lock);
    struct lane *lane = s->lane;
    int64_t until = time_monotonic_ns() + IDLE_NS;
    bool patient = true;
    s->busy = false;
    lock_cond_broadcast(&jobs->quiet);
    lane->idle++;
    while (!jobs->draining && lane->wakes == 0 && patient) {
        if (lane->on_demand)
            patient = lock_cond_wait_until(&lane->work, &jobs->lock, until);
        else
            lock_cond_wait(&lane->work, &jobs->lock);
    }
    lane->idle--;
    bool go = !jobs->draining && lane->wakes > 0;
    if (go) lane->wakes--;
    s->busy = go;
    if (!go) s->state = SLOT_OVER;
    lock_give(&jobs->lock);
    return go;
}

static void *work(void *object)
{
    struct slot *s = object;
    while (wait_for_work(s))
        while (!is_draining(s->jobs) && claim_and_work(s))
            ;
    return NULL;
}

/* --- keeping --- */

struct keep { /* one transaction of the keeper */
    struct jobs *jobs;
    struct str job, worker;
    struct arena *a;
    struct error why;
    int64_t now_unix_ms;
    bool given_up;
};

static enum err renew_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct keep *k = ctx;
    return store_job_renew(tx, k->job, k->worker, k->now_unix_ms + k->jobs->o.lease_ms, e);
}

static void renew(struct jobs *jobs, struct slot *s)
{
    char job[RANDOM_ID_CHARS + 1];
    struct error e = {0};
    lock_take(&jobs->lock);
    memcpy(job, s->job, sizeof job);
    lock_give(&jobs->lock);
    if (!job[0]) return;
    struct keep k = {.jobs = jobs,
                     .job = str_from_c(job),
                     .worker = str_from_c(s->worker),
                     .now_unix_ms = jobs->context->now_unix_ms()};
    if (store_write(jobs->context->store, renew_write, &k, &e) == ERR_OK || !is_not_ours(&e)) return;
    lock_take(&jobs->lock);
    if (strcmp(s->job, job) == 0) atomic_store(&s->stop, true);
    lock_give(&jobs->lock);
}

static enum err give_up_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct keep *k = ctx;
    struct store_job_list list = {0};
    atomic_bool stop = false;
    TRY(store_job_give_up(tx, k->jobs->o.max_attempts, k->now_unix_ms, STR("gave_up"), k->a, &list, e));
    for (size_t i = 0; i < list.n; i++) {
        const struct job__run run = {k->jobs->context, list.at[i], STR(""), k->a, &stop, NULL, NULL};
        TRY(kind_of(list.at[i].kind)->failed(tx, &run, &k->why, e));
    }
    k->given_up = list.n > 0;
    return ERR_OK;
}

static void give_up(struct jobs *jobs)
{
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    struct keep k = {.jobs = jobs, .a = a, .now_unix_ms = jobs->context->now_unix_ms()};
    if (!a) return;
    (void)error_set_reason(&k.why, ERR_INTERNAL, "gave_up", "it was begun %u times and ended none of them",
                           jobs->o.max_attempts);
    (void)error_hint(&k.why, "The server stopped each time while it worked on this document. Please report it.");
    if (store_write(jobs->context->store, give_up_write, &k, &e) != ERR_OK) {
        log_warn("jobs_not_looked_after", L_ERROR(&e));
        return;
    }
    if (!k.given_up) return;
    log_error("job_given_up", L_ERROR(&k.why));
    events_wake(jobs->context->events);
}

static enum err forget_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct keep *k = ctx;
    return store_job_forget(tx, k->now_unix_ms - FORGET_MS, e);
}

static void forget(struct jobs *jobs)
{
    struct error e = {0};
    struct keep k = {.now_unix_ms = jobs->context->now_unix_ms()};
    if (store_write(jobs->context->store, forget_write, &k, &e) != ERR_OK) log_warn("jobs_not_forgotten", L_ERROR(&e));
}

/* When a job that nobody works on is due, the time to look after it has come. */
static bool is_due(struct jobs *jobs, struct error *e)
{
    int64_t due = 0;
    struct store_tx *tx = NULL;
    if (store_read(jobs->context->store, &tx, e) != ERR_OK) return false;
    enum err err = store_job_next_due(tx, &due, e);
    store_read_end(tx);
    return err == ERR_OK && due != 0 && due <= jobs->context->now_unix_ms();
}

static bool wait_to_keep(struct jobs *jobs)
{
    int64_t wait_ms = jobs->o.lease_ms / 3 < KEEP_MS ? jobs->o.lease_ms / 3 : KEEP_MS;
    int64_t until = time_monotonic_ns() + wait_ms * 1000000;
    lock_take(&jobs->lock);
    while (!jobs->stop && lock_cond_wait_until(&jobs->quiet, &jobs->lock, until))
        ;
    bool stop = jobs->stop;
    lock_give(&jobs->lock);
    return !stop;
}

/* Says once that room is short, and once that it is there again. */
static void watch_room(const struct jobs *jobs, bool *is_short)
{
    struct error e = {0};
    bool now_short = store_room(jobs->context->store, 0, &e) != ERR_OK;
    if (now_short && !*is_short) log_warn("room_short", L_ERROR(&e));
    if (!now_short && *is_short) log_info("room_again");
    *is_short = now_short;
}

static void *keep(void *object)
{
    struct jobs *jobs = object;
    struct error e = {0};
    bool is_short = false;
    int64_t renewed = time_monotonic_ns(), cleaned = 0;
    while (wait_to_keep(jobs)) {
        if (cleaned == 0 || time_monotonic_ns() - cleaned >= CLEAN_NS) {
            forget(jobs);
            cleaned = time_monotonic_ns();
        }
        bool renewal = time_monotonic_ns() - renewed >= jobs->o.lease_ms / 3 * 1000000;
        for (size_t i = 0; i < jobs->n_slots && renewal; i++)
            renew(jobs, &jobs->slots[i]);
        if (renewal) renewed = time_monotonic_ns();
        watch_room(jobs, &is_short);
        if (!is_due(jobs, &e)) continue;
        give_up(jobs);
        jobs_wake(jobs);
    }
    return NULL;
}

/* --- the runner --- */

static void end_threads(struct jobs *jobs)
{
    lock_take(&jobs->lock);
    jobs->draining = jobs->ending = true; /* no thread is made any more */
    for (size_t i = 0; i < jobs->n_slots; i++)
        atomic_store(&jobs->slots[i].stop, true);
    lock_cond_broadcast(&jobs->general.work);
    lock_cond_broadcast(&jobs->models.work);
    lock_give(&jobs->lock);
    for (size_t i = 0; i < jobs->n_slots; i++) {
        lock_take(&jobs->lock); /* its thread says there that it is over */
        bool made = jobs->slots[i].state != SLOT_EMPTY;
        lock_give(&jobs->lock);
        if (made) (void)pthread_join(jobs->slots[i].thread, NULL);
    }
}

static void release(struct jobs *jobs)
{
    lock_cond_done(&jobs->general.work);
    lock_cond_done(&jobs->models.work);
    lock_cond_done(&jobs->quiet);
    lock_done(&jobs->lock);
    job__counts_done(&jobs->counts);
    free(jobs->slots);
    free(jobs);
}

static void lay_out(struct jobs *jobs)
{
    size_t n = jobs->o.threads, n_models = jobs->o.model_threads;
    jobs->general = (struct lane){.kinds = OTHER_KINDS | (n_models == 0 ? MODEL_KINDS : 0), .n = n, .wakes = n};
    jobs->models = (struct lane){.kinds = MODEL_KINDS, .first = n, .n = n_models, .on_demand = true};
    lock_cond_init(&jobs->general.work);
    lock_cond_init(&jobs->models.work);
    for (size_t i = 0; i < jobs->n_slots; i++) {
        jobs->slots[i].jobs = jobs;
        jobs->slots[i].lane = i < n ? &jobs->general : &jobs->models;
        random_id(jobs->slots[i].worker);
    }
}

static enum err start(struct jobs *jobs, struct error *e)
{
    bool all = true;
    lock_take(&jobs->lock);
    for (size_t i = 0; i < jobs->o.threads; i++) {
        slot_start(&jobs->slots[i], 0);
        all = all && jobs->slots[i].state == SLOT_RUNS;
    }
    lock_give(&jobs->lock);
    if (!all) return error_set(e, ERR_LIMIT, "could not start a thread for jobs");
    if (pthread_create(&jobs->keeper, NULL, keep, jobs) != 0)
        return error_set(e, ERR_LIMIT, "could not start the thread that looks after jobs");
    if (jobs->models.n > 0) lane_wake(jobs, &jobs->models);
    return ERR_OK;
}

enum err jobs_new(const struct review_context *context, const struct jobs_options *options, struct jobs **ret,
                  struct error *e)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);
    if (!jobs) return error_no_memory(e);
    jobs->context = context;
    jobs->o = *options;
    jobs->n_slots = options->threads + options->model_threads;
    jobs->slots = calloc(jobs->n_slots, sizeof *jobs->slots);
    if (!jobs->slots) jobs->n_slots = 0;
    lock_init(&jobs->lock, LOCK_RANK_JOBS);
    job__counts_init(&jobs->counts);
    lock_cond_init(&jobs->quiet);
    lay_out(jobs);
    enum err err = jobs->slots ? start(jobs, e) : error_no_memory(e);
    if (err != ERR_OK) {
        end_threads(jobs);
        release(jobs);
        return err;
    }
    *ret = jobs;
    return ERR_OK;
}

void jobs_wake(struct jobs *jobs)
{
    if (!jobs) return;
    lane_wake(jobs, &jobs->general);
    if (jobs->models.n > 0) lane_wake(jobs, &jobs->models);
}

void jobs_stop(struct jobs *jobs, struct str ref)
{
    if (!jobs) return;
    lock_take(&jobs->lock);
    for (size_t i = 0; i < jobs->n_slots; i++)
        if (str_eq_c(ref, jobs->slots[i].ref)) atomic_store(&jobs->slots[i].stop, true);
    lock_give(&jobs->lock);
}

static bool is_quiet(const struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->n_slots; i++)
        if (jobs->slots[i].busy) return false;
    return true;
}

size_t jobs_running(struct jobs *jobs)
{
    size_t n = 0;
    lock_take(&jobs->lock);
    for (size_t i = 0; i < jobs->n_slots; i++)
        n += jobs->slots[i].job[0] != 0;
    lock_give(&jobs->lock);
    return n;
}

bool jobs_drain(struct jobs *jobs, int64_t timeout_ms)
{
    int64_t until = time_monotonic_ns() + timeout_ms * 1000000;
    lock_take(&jobs->lock);
    jobs->draining = true;
    lock_cond_broadcast(&jobs->general.work);
    lock_cond_broadcast(&jobs->models.work);
    while (!is_quiet(jobs) && lock_cond_wait_until(&jobs->quiet, &jobs->lock, until))
        ;
    bool quiet = is_quiet(jobs);
    lock_give(&jobs->lock);
    return quiet;
}

void jobs_free(struct jobs *jobs)
{
    if (!jobs) return;
    end_threads(jobs);
    lock_take(&jobs->lock);
    jobs->stop = true;
    lock_cond_broadcast(&jobs->quiet);
    lock_give(&jobs->lock);
    (void)pthread_join(jobs->keeper, NULL);
    release(jobs);
}
