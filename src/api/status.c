/* GET /status: how the server is, for its administrators: its parts, its processes, the queue, the last hour, models, room, and what went wrong last. Nothing of
 * a document is in it. What the store and the models know is asked here; the rest is of whoever wired the server (api_options.status). Servers stand in a list, so
 * that more of them fit. */
#include "api/api_priv.h"
#include "base/log.h"
#include "review/jobs.h"
#include "store/queries.h"

static const char *const part_states[] = {"ok", "failed", "not_configured", "untried"};

static void put_parts(struct json_out *o, const struct api_status *s)
{
    json_out_begin_array(o, "parts");
    for (size_t i = 0; i < s->n_parts; i++) {
        const struct api_part *p = &s->parts[i];
        json_out_begin_object(o, NULL);
        json_out_c(o, "part", p->name);
        json_out_c(o, "state", part_states[p->state]);
        json_out_str(o, "message", p->message);
        json_out_str(o, "hint", p->hint);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static void put_instance(struct json_out *o, const struct api_instance *i, int64_t now_unix_ms)
{
    json_out_begin_object(o, NULL);
    json_out_str(o, "name", i->name);
    json_out_c(o, "version", PRISM_VERSION);
    json_out_i64(o, "pid", i->pid);
    json_out_time(o, "started_at", i->began_unix_ms);
    json_out_i64(o, "uptime_s", (now_unix_ms - i->began_unix_ms) / 1000);
    json_out_u64(o, "restarts", i->restarts);
    json_out_u64(o, "reloads", i->reloads);
    json_out_u64(o, "memory_bytes", i->memory_bytes);
    json_out_u64(o, "connections", i->connections);
    json_out_u64(o, "connections_max", i->connections_max);
    json_out_u64(o, "workers", i->workers);
    json_out_u64(o, "workers_busy", i->workers_busy);
    json_out_u64(o, "requests_waiting", i->requests_waiting);
    json_out_end_object(o);
}

/* --- the queue --- */

static void put_queue(struct json_out *o, const struct store_job_counts *counts)
{
    json_out_begin_array(o, "queue");
    for (int kind = 0; kind < STORE_JOB_KIND_N; kind++) {
        int64_t queued = 0, running = 0, oldest = 0;
        for (size_t i = 0; i < counts->n; i++) {
            const struct store_job_count *c = &counts->at[i];
            if ((int)c->kind != kind || (c->state != STORE_QUEUED && c->state != STORE_RUNNING)) continue;
            *(c->state == STORE_QUEUED ? &queued : &running) += c->n;
            if (oldest == 0 || c->oldest_unix_ms < oldest) oldest = c->oldest_unix_ms;
        }
        json_out_begin_object(o, NULL);
        json_out_c(o, "kind", jobs_kind_name((enum store_job_kind)kind));
        json_out_i64(o, "queued", queued);
        json_out_i64(o, "running", running);
        json_out_time(o, "oldest_at", oldest);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

/* --- the last hour --- */

struct work { /* by minute */
    uint64_t reviews[MINUTES_KEPT], calls[MINUTES_KEPT], failed[MINUTES_KEPT];
};

static uint64_t requests(const struct minute *m) { return m->requests; }
static uint64_t errors_4xx(const struct minute *m) { return m->errors_4xx; }
static uint64_t errors_5xx(const struct minute *m) { return m->errors_5xx; }

static void put_counts(struct json_out *o, const char *key, const struct api_status *s,
                       uint64_t (*number)(const struct minute *m))
{
    json_out_begin_array(o, key);
    for (size_t i = 0; i < MINUTES_KEPT; i++)
        if (s->minutes[i].known)
            json_out_u64(o, NULL, number(&s->minutes[i]));
        else
            json_out_null(o, NULL);
    json_out_end_array(o);
}

static uint64_t p50(const struct minute *m) { return m->p50_us; }
static uint64_t p90(const struct minute *m) { return m->p90_us; }
static uint64_t p99(const struct minute *m) { return m->p99_us; }

static void put_took(struct json_out *o, const char *key, const struct api_status *s,
                     uint64_t (*number)(const struct minute *m))
{
    json_out_begin_array(o, key);
    for (size_t i = 0; i < MINUTES_KEPT; i++)
        if (s->minutes[i].timed > 0)
            json_out_double(o, NULL, (double)number(&s->minutes[i]) / 1000);
        else
            json_out_null(o, NULL);
    json_out_end_array(o);
}

static void put_work(struct json_out *o, const char *key, const uint64_t n[MINUTES_KEPT])
{
    json_out_begin_array(o, key);
    for (size_t i = 0; i < MINUTES_KEPT; i++)
        json_out_u64(o, NULL, n[i]);
    json_out_end_array(o);
}

static void put_minutes(struct json_out *o, const struct api_status *s, const struct work *w)
{
    json_out_begin_object(o, "minutes");
    json_out_time(o, "from", s->minutes_from_unix_ms);
    put_counts(o, "requests", s, requests);
    put_counts(o, "errors_4xx", s, errors_4xx);
    put_counts(o, "errors_5xx", s, errors_5xx);
    put_took(o, "p50_ms", s, p50);
    put_took(o, "p90_ms", s, p90);
    put_took(o, "p99_ms", s, p99);
    put_work(o, "reviews", w->reviews);
    put_work(o, "model_calls", w->calls);
    put_work(o, "model_failed", w->failed);
    json_out_end_object(o);
}

/* --- room --- */

static void put_retention(struct json_out *o, const struct review_retention *r, const struct retention_state *s)
{
    json_out_begin_object(o, "retention");
    json_out_u64(o, "days", r->days);
    json_out_c(o, "records", r->records ? "remove" : "keep");
    json_out_time(o, "passed_at", s->passed_unix_ms);
    json_out_time(o, "next_at", s->next_unix_ms);
    json_out_u64(o, "documents", s->removed.documents);
    json_out_u64(o, "exports", s->removed.exports);
    json_out_u64(o, "guidelines", s->removed.guidelines);
    json_out_u64(o, "orphans", s->removed.orphans);
    json_out_end_object(o);
}

static void put_storage(struct json_out *o, const struct net_request *rq, const struct api_status *s,
                        uint64_t documents, uint64_t without_file)
{
    const struct api_room *r = &s->room;
    json_out_begin_object(o, "storage");
    json_out_u64(o, "store_bytes", r->store_bytes);
    json_out_u64(o, "files_bytes", r->files_bytes);
    json_out_u64(o, "temp_bytes", r->temp_bytes);
    json_out_u64(o, "free_bytes", r->free_bytes);
    json_out_u64(o, "disk_bytes", r->disk_bytes);
    json_out_time(o, "measured_at", r->measured_unix_ms);
    json_out_u64(o, "documents", documents);
    json_out_u64(o, "files_removed", without_file);
    put_retention(o, &api__context(rq)->retention, &s->retention);
    json_out_end_object(o);
}

/* --- what went wrong --- */

static void put_problems(struct json_out *o)
{
    struct log_problem list[LOG_PROBLEMS];
    size_t n = log_problems(list);
    json_out_begin_array(o, "problems");
    for (size_t i = 0; i < n; i++) {
        json_out_begin_object(o, NULL);
        json_out_time(o, "at", list[i].at_unix_ms);
        json_out_c(o, "level", list[i].level == LOG_LEVEL_ERROR ? "error" : "warn");
        json_out_c(o, "event", list[i].event);
        json_out_c(o, "reason", list[i].reason);
        json_out_c(o, "message", list[i].message);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

/* --- all of it --- */

struct asked { /* of the store */
    struct store_job_counts jobs;
    struct work work;
    uint64_t documents, without_file;
};

static enum err ask_store(struct net_request *rq, int64_t since_unix_ms, struct asked *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(api__context(rq)->store, &tx, e));
    TRY(store_job_count(tx, rq->arena, &ret->jobs, e));
    TRY(store_status_documents(tx, &ret->documents, &ret->without_file, e));
    return store_status_work(tx, since_unix_ms, MINUTE_MS, MINUTES_KEPT, ret->work.reviews, ret->work.calls,
                             ret->work.failed, e);
}

API__HANDLER(status)
{
    const struct api_options *o = &api__of(rq)->o;
    struct api_status *s = NEW(rq->arena, struct api_status, 1);
    struct asked asked = {.documents = 0};
    struct visitor v;
    int64_t now = api__context(rq)->now_unix_ms();
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    TRY(api__admin(rq, e));
    if (!s) return error_no_memory(e);
    TRY(api__visitor(rq, &v, e));
    TRY(o->status(o->status_ctx, rq->arena, s, e));
    TRY(ask_store(rq, s->minutes_from_unix_ms, &asked, e));
    json_out_begin_object(&out, NULL);
    json_out_time(&out, "at", now);
    put_parts(&out, s);
    json_out_begin_array(&out, "instances");
    put_instance(&out, &s->self, now);
    json_out_end_array(&out);
    put_queue(&out, &asked.jobs);
    put_minutes(&out, s, &asked.work);
    json_out_begin_object(&out, "models");
    TRY(api__put_models(rq, &out, v.id, e));
    json_out_end_object(&out);
    put_storage(&out, rq, s, asked.documents, asked.without_file);
    put_problems(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}
