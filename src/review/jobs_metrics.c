/* How many jobs there are, and how they end. The store is asked by whoever looks, at most every JOBS_COUNTED_MS: the rows are those of a day, and a
 * second look in the same moment learns nothing. */
#include "base/time.h"
#include "review/entity_json.h"
#include "review/jobs_priv.h"

static const char *const outcomes[JOB__OUTCOMES] = {"done", "again", "failed", "dropped"};

void job__counts_init(struct job__counts *c) { lock_init(&c->lock, LOCK_RANK_JOBS_SEEN); }

void job__counts_done(struct job__counts *c) { lock_done(&c->lock); }

void job__count(struct job__counts *c, enum store_job_kind kind, enum job__outcome outcome, int64_t took_ns)
{
    if (kind >= STORE_JOB_KIND_N) return;
    atomic_fetch_add_explicit(&c->outcomes[kind][outcome], 1, memory_order_relaxed);
    metrics_observe(&c->took[kind], (uint64_t)took_ns / 1000);
}

/* --- looking --- */

static enum err ask(const struct review_context *context, struct arena *a, struct store_job_counts *ret,
                    struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(context->store, &tx, e));
    return store_job_count(tx, a, ret, e);
}

/* What was seen stays when the store cannot be asked: /ready says that. */
static void look(struct job__counts *c, const struct review_context *context)
{
    struct store_job_counts rows = {.n = 0};
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    lock_take(&c->lock);
    bool fresh = c->seen && time_monotonic_ns() - c->seen_ns < (int64_t)JOBS_COUNTED_MS * 1000000;
    lock_give(&c->lock);
    if (fresh || !a || ask(context, a, &rows, NULL) != ERR_OK) return;
    lock_take(&c->lock);
    memset(c->states, 0, sizeof c->states);
    memset(c->oldest_unix_ms, 0, sizeof c->oldest_unix_ms);
    for (size_t i = 0; i < rows.n; i++) {
        const struct store_job_count *row = &rows.at[i];
        if (row->kind >= STORE_JOB_KIND_N || row->state >= STORE_STATE_N) continue;
        c->states[row->kind][row->state] = row->n;
        if (row->state == STORE_QUEUED) c->oldest_unix_ms[row->kind] = row->oldest_unix_ms;
    }
    c->seen = true;
    c->seen_ns = time_monotonic_ns();
    lock_give(&c->lock);
}

size_t jobs_waiting(struct jobs *jobs)
{
    const struct review_context *context = NULL;
    struct job__counts *c = job__counts_of(jobs, &context);
    int64_t n = 0;
    look(c, context);
    lock_take(&c->lock);
    for (int kind = 0; kind < STORE_JOB_KIND_N; kind++)
        if (kind != STORE_JOB_SWEEP) n += c->states[kind][STORE_QUEUED];
    lock_give(&c->lock);
    return n > 0 ? (size_t)n : 0;
}

/* --- writing --- */

static struct metrics_label label_of(int kind)
{
    return (struct metrics_label){"kind", str_from_c(jobs_kind_name((enum store_job_kind)kind))};
}

static void put_seen(struct job__counts *c, int64_t now_unix_ms, struct sb *out)
{
    int64_t seen[STORE_JOB_KIND_N][STORE_STATE_N], oldest[STORE_JOB_KIND_N];
    lock_take(&c->lock);
    memcpy(seen, c->states, sizeof seen);
    memcpy(oldest, c->oldest_unix_ms, sizeof oldest);
    lock_give(&c->lock);
    metrics_family(out, "prism_jobs", METRICS_GAUGE,
                   "Jobs in the store by kind and state; those that have ended are kept for a day.");
    for (int kind = 0; kind < STORE_JOB_KIND_N; kind++) {
        struct metrics_label labels[] = {label_of(kind), {"state", STR_EMPTY}};
        for (int state = 0; state < STORE_STATE_N; state++) {
            labels[1].value = str_from_c(entity_state_names[state]);
            metrics_u64(out, "prism_jobs", labels, 2, (uint64_t)seen[kind][state]);
        }
    }
    metrics_family(out, "prism_jobs_oldest_seconds", METRICS_GAUGE,
                   "For how long the oldest job that waits has waited; 0: none waits.");
    for (int kind = 0; kind < STORE_JOB_KIND_N; kind++) {
        const struct metrics_label label = label_of(kind);
        int64_t ms = oldest[kind] > 0 && now_unix_ms > oldest[kind] ? now_unix_ms - oldest[kind] : 0;
        metrics_f64(out, "prism_jobs_oldest_seconds", &label, 1, (double)ms / 1000);
    }
}

static void put_ended(struct job__counts *c, struct sb *out)
{
    metrics_family(
        out, "prism_jobs_ended_total", METRICS_COUNTER,
        "Runs of jobs by this server: done, to be tried again, failed, or dropped (cancelled, or given back).");
    for (int kind = 0; kind < STORE_JOB_KIND_N; kind++) {
        struct metrics_label labels[] = {label_of(kind), {"outcome", STR_EMPTY}};
        for (int i = 0; i < JOB__OUTCOMES; i++) {
            uint64_t n = atomic_load_explicit(&c->outcomes[kind][i], memory_order_relaxed);
            labels[1].value = str_from_c(outcomes[i]);
            if (n > 0) metrics_u64(out, "prism_jobs_ended_total", labels, 2, n);
        }
    }
    metrics_family(out, "prism_job_seconds", METRICS_HISTOGRAM, "How long runs of jobs took, however they ended.");
    for (int kind = 0; kind < STORE_JOB_KIND_N; kind++) {
        const struct metrics_label label = label_of(kind);
        metrics_histogram_put(out, "prism_job_seconds", &label, 1, &c->took[kind]);
    }
}

void jobs_metrics(struct jobs *jobs, struct sb *out)
{
    const struct review_context *context = NULL;
    struct job__counts *c = job__counts_of(jobs, &context);
    look(c, context);
    put_seen(c, context->now_unix_ms(), out);
    put_ended(c, out);
    metrics_one(out, "prism_jobs_running", METRICS_GAUGE, "Jobs that this server works on.", jobs_running(jobs));
}
