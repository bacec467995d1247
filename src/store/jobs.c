/* Jobs. Claiming is one statement, so two workers never get the same; every statement of a worker asks for its name, so one whose lease was taken over
 * changes nothing. */
#include "base/trace.h"
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_job, id),
    STORE_FIELD(store_job, kind),
    STORE_FIELD(store_job, ref),
    STORE_FIELD(store_job, state),
    STORE_FIELD(store_job, attempts),
    STORE_FIELD(store_job, not_before_unix_ms),
    STORE_FIELD(store_job, lease_until_unix_ms),
    STORE_FIELD(store_job, worker),
    STORE_FIELD(store_job, reason),
    STORE_FIELD(store_job, created_unix_ms),
    STORE_FIELD(store_job, request),
    STORE_FIELD(store_job, traceparent),
};

static const struct store_field making[] = {
    STORE_FIELD(store_job, id),
    STORE_FIELD(store_job, kind),
    STORE_FIELD(store_job, ref),
    STORE_FIELD(store_job, not_before_unix_ms),
    STORE_FIELD(store_job, created_unix_ms),
};

enum err store_job_insert(struct store_tx *tx, const struct store_job *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_JOB_INSERT, e));
    char parent[TRACE_PARENT_CHARS + 1];
    const struct trace_work work = trace_work_now();
    store__bind_fields(&q, making, STORE_COUNT(making), row);
    store__bind_str(&q, str_from_c(work.request));
    store__bind_str(&q, trace_parent_write(&work.link, parent));
    return store__query_run(&q, NULL, e);
}

enum err store_job_claim(struct store_tx *tx, unsigned kinds, struct str worker, int64_t now_unix_ms,
                         int64_t lease_until_unix_ms, uint32_t max_attempts, struct arena *a, struct store_job *ret,
                         struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_job row = {0};
    TRY(store__query_begin(&q, tx, SQL_JOB_CLAIM, e));
    store__bind_str(&q, worker);
    store__bind_i64(&q, lease_until_unix_ms);
    store__bind_i64(&q, kinds);
    store__bind_i64(&q, now_unix_ms);
    store__bind_i64(&q, max_attempts);
    TRY(store__query_one(&q, "job", e));
    TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, &row, e));
    TRY(store__query_run(&q, NULL, e));
    *ret = row;
    return ERR_OK;
}

/* Runs what begins with the id and the worker. */
static enum err run_ours(struct store_query *q, struct error *e)
{
    int64_t changes = 0;
    TRY(store__query_run(q, &changes, e));
    if (changes) return ERR_OK;
    return error_set_reason(e, ERR_CONFLICT, "lease_lost", "this job is no longer the worker's");
}

static enum err begin_ours(struct store_query *q, struct store_tx *tx, enum store_sql sql, struct str id,
                           struct str worker, struct error *e)
{
    TRY(store__query_begin(q, tx, sql, e));
    store__bind_str(q, id);
    store__bind_str(q, worker);
    return ERR_OK;
}

enum err store_job_renew(struct store_tx *tx, struct str id, struct str worker, int64_t lease_until_unix_ms,
                         struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(begin_ours(&q, tx, SQL_JOB_RENEW, id, worker, e));
    store__bind_i64(&q, lease_until_unix_ms);
    return run_ours(&q, e);
}

enum err store_job_hold(struct store_tx *tx, struct str id, struct str worker, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(begin_ours(&q, tx, SQL_JOB_HOLD, id, worker, e));
    return run_ours(&q, e);
}

enum err store_job_end(struct store_tx *tx, struct str id, struct str worker, enum store_state state, struct str reason,
                       struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(begin_ours(&q, tx, SQL_JOB_END, id, worker, e));
    store__bind_i64(&q, state);
    store__bind_str(&q, reason);
    return run_ours(&q, e);
}

enum err store_job_retry(struct store_tx *tx, struct str id, struct str worker, int64_t not_before_unix_ms,
                         struct str reason, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(begin_ours(&q, tx, SQL_JOB_RETRY, id, worker, e));
    store__bind_i64(&q, not_before_unix_ms);
    store__bind_str(&q, reason);
    return run_ours(&q, e);
}

enum err store_job_cancel(struct store_tx *tx, enum store_job_kind kind, struct str ref, bool *ret_changed,
                          struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    int64_t changes = 0;
    TRY(store__query_begin(&q, tx, SQL_JOB_CANCEL, e));
    store__bind_str(&q, ref);
    store__bind_i64(&q, kind);
    TRY(store__query_run(&q, &changes, e));
    *ret_changed = changes > 0;
    return ERR_OK;
}

enum err store_job_give_up(struct store_tx *tx, uint32_t max_attempts, int64_t now_unix_ms, struct str reason,
                           struct arena *a, struct store_job_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    VEC(struct store_job) rows = {0};
    TRY(store__query_begin(&q, tx, SQL_JOB_GIVE_UP, e));
    store__bind_i64(&q, max_attempts);
    store__bind_i64(&q, now_unix_ms);
    store__bind_str(&q, reason);
    for (bool more = true;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) break;
        struct store_job *row = VEC_PUSH(a, &rows);
        if (!row) return error_no_memory(e);
        TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, row, e));
    }
    *ret = (struct store_job_list){rows.at, rows.n};
    return ERR_OK;
}

enum err store_job_next_due(struct store_tx *tx, int64_t *ret_unix_ms, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_JOB_NEXT_DUE, e));
    TRY(store__query_one(&q, "job", e));
    if (store__drv_is_null(q.stmt, 0)) {
        *ret_unix_ms = 0;
        return ERR_OK;
    }
    int64_t due = store__read_i64(&q);
    *ret_unix_ms = due > 0 ? due : 1;
    return ERR_OK;
}

enum err store_job_count(struct store_tx *tx, struct arena *a, struct store_job_counts *ret, struct error *e)
{
    static const struct store_field counted[] = {
        STORE_FIELD(store_job_count, kind),
        STORE_FIELD(store_job_count, state),
        STORE_FIELD(store_job_count, n),
        STORE_FIELD(store_job_count, oldest_unix_ms),
    };
    CLEANUP_QUERY struct store_query q = {0};
    void *rows = NULL;
    size_t n = 0;
    TRY(store__query_begin(&q, tx, SQL_JOB_COUNT, e));
    TRY(store__read_rows(&q, counted, STORE_COUNT(counted), sizeof(struct store_job_count), a, &rows, &n, e));
    *ret = (struct store_job_counts){rows, n};
    return ERR_OK;
}

enum err store_job_find(struct store_tx *tx, enum store_job_kind kind, struct str ref, struct arena *a,
                        struct store_job *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_job row = {0};
    TRY(store__query_begin(&q, tx, SQL_JOB_FIND, e));
    store__bind_str(&q, ref);
    store__bind_i64(&q, kind);
    TRY(store__query_one(&q, "job", e));
    TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_job_forget(struct store_tx *tx, int64_t before_unix_ms, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_JOB_FORGET, e));
    store__bind_i64(&q, before_unix_ms);
    return store__query_run(&q, NULL, e);
}
