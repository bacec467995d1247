/* What nobody uses goes: which rows may, and their going. Each removal asks its question again in the transaction that removes, so a document that
 * was opened, or a review that was begun, between the list and the removal keeps it. */
#include "store/queries.h"
#include "store/store_priv.h"

static enum err run(struct store_tx *tx, enum store_sql sql, struct str id, const int64_t *at, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_str(&q, id);
    if (at) store__bind_i64(&q, *at);
    return store__query_run(&q, NULL, e);
}

static enum err read_keys(struct store_query *q, struct arena *a, struct store_keys *ret, struct error *e)
{
    VEC(struct str) keys = {0};
    for (bool more = true;;) {
        TRY(store__query_next(q, &more, e));
        if (!more) break;
        struct str *key = VEC_PUSH(a, &keys);
        if (!key) return error_no_memory(e);
        TRY(store__read_str(q, a, key, e));
    }
    *ret = (struct store_keys){keys.at, keys.n};
    return ERR_OK;
}

static enum err list(struct store_tx *tx, enum store_sql sql, const struct store_retain *r, struct str after,
                     size_t limit, struct arena *a, struct store_keys *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_i64(&q, r->before_unix_ms);
    store__bind_i64(&q, r->records);
    store__bind_str(&q, after);
    store__bind_limit(&q, limit, 0);
    return read_keys(&q, a, ret, e);
}

/* Is the answer still that it may go? */
static enum err still(struct store_tx *tx, enum store_sql sql, const struct store_retain *r, struct str id, bool *ret,
                      struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_i64(&q, r->before_unix_ms);
    store__bind_i64(&q, r->records);
    store__bind_str(&q, id);
    return store__query_next(&q, ret, e);
}

static enum err list_old(struct store_tx *tx, enum store_sql sql, int64_t before_unix_ms, size_t limit, struct arena *a,
                         struct store_keys *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_i64(&q, before_unix_ms);
    store__bind_limit(&q, limit, 0);
    return read_keys(&q, a, ret, e);
}

/* ---- Documents ---- */

enum err store_document_used(struct store_tx *tx, struct str id, int64_t at_unix_ms, struct error *e)
{
    return run(tx, SQL_DOCUMENT_USED, id, &at_unix_ms, e);
}

enum err store_retain_from_now(struct store_tx *tx, int64_t now_unix_ms, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_RETAIN_FROM_NOW, e));
    store__bind_i64(&q, now_unix_ms);
    return store__query_run(&q, NULL, e);
}

enum err store_retain_documents(struct store_tx *tx, const struct store_retain *r, struct str after, size_t limit,
                                struct arena *a, struct store_keys *ret, struct error *e)
{
    return list(tx, SQL_RETAIN_DOCUMENTS, r, after, limit, a, ret, e);
}

/* The rows of the files say that they are gone; findings, decisions and the log of activity stay. */
static enum err remove_texts(struct store_tx *tx, const struct store_retain *r, struct str id, struct arena *a,
                             struct store_keys *ret_blobs, struct error *e)
{
    {
        CLEANUP_QUERY struct store_query q = {0};
        TRY(store__query_begin(&q, tx, SQL_DOCUMENT_BLOBS, e));
        store__bind_str(&q, id);
        TRY(read_keys(&q, a, ret_blobs, e));
    }
    TRY(run(tx, SQL_RETAIN_VERSIONS_GONE, id, &r->now_unix_ms, e));
    TRY(run(tx, SQL_RETAIN_EXPORTS_GONE, id, &r->now_unix_ms, e));
    TRY(run(tx, SQL_RETAIN_RESULTS_GONE, id, NULL, e));
    TRY(run(tx, SQL_CHAT_CLEAR, id, NULL, e));
    return run(tx, SQL_RETAIN_SUMMARY_GONE, id, NULL, e);
}

enum err store_retain_document(struct store_tx *tx, const struct store_retain *r, struct str id, struct arena *a,
                               bool *ret_removed, struct store_keys *ret_blobs, struct error *e)
{
    TRY(still(tx, SQL_RETAIN_DOCUMENT, r, id, ret_removed, e));
    if (!*ret_removed) return ERR_OK;
    if (r->records) return store_document_delete(tx, id, a, ret_blobs, e);
    return remove_texts(tx, r, id, a, ret_blobs, e);
}

/* ---- Exports ---- */

enum err store_retain_exports(struct store_tx *tx, const struct store_retain *r, struct str after, size_t limit,
                              struct arena *a, struct store_keys *ret, struct error *e)
{
    return list(tx, SQL_RETAIN_EXPORTS, r, after, limit, a, ret, e);
}

enum err store_retain_export(struct store_tx *tx, const struct store_retain *r, struct str id, struct arena *a,
                             bool *ret_removed, struct str *ret_blob, struct error *e)
{
    {
        CLEANUP_QUERY struct store_query q = {0};
        TRY(store__query_begin(&q, tx, SQL_RETAIN_EXPORT_BLOB, e));
        store__bind_str(&q, id);
        TRY(store__query_next(&q, ret_removed, e));
        if (!*ret_removed) return ERR_OK;
        TRY(store__read_str(&q, a, ret_blob, e));
    }
    if (r->records) return run(tx, SQL_RETAIN_EXPORT_DELETE, id, NULL, e);
    return run(tx, SQL_RETAIN_EXPORT_GONE, id, &r->now_unix_ms, e);
}

/* ---- Guidelines ---- */

enum err store_retain_guidelines(struct store_tx *tx, const struct store_retain *r, struct str after, size_t limit,
                                 struct arena *a, struct store_keys *ret, struct error *e)
{
    return list(tx, SQL_RETAIN_GUIDELINES, r, after, limit, a, ret, e);
}

enum err store_retain_guideline(struct store_tx *tx, const struct store_retain *r, struct str id, struct arena *a,
                                bool *ret_removed, struct str *ret_blob, struct error *e)
{
    TRY(still(tx, SQL_RETAIN_GUIDELINES_ONE, r, id, ret_removed, e));
    if (!*ret_removed) return ERR_OK;
    if (r->records) return store_guidelines_delete(tx, id, a, ret_blob, e);
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_RETAIN_GUIDELINES_GONE, e));
    store__bind_str(&q, id);
    store__bind_i64(&q, r->now_unix_ms);
    TRY(store__query_one(&q, "guidelines", e));
    TRY(store__read_str(&q, a, ret_blob, e));
    return store__query_run(&q, NULL, e);
}

/* ---- Books and events ---- */

enum err store_retain_calls(struct store_tx *tx, int64_t before_unix_ms, size_t limit, struct arena *a,
                            struct store_keys *ret, struct error *e)
{
    return list_old(tx, SQL_RETAIN_CALLS, before_unix_ms, limit, a, ret, e);
}

enum err store_retain_calls_delete(struct store_tx *tx, const struct store_keys *ids, struct error *e)
{
    for (size_t i = 0; i < ids->n; i++)
        TRY(run(tx, SQL_RETAIN_CALL_DELETE, ids->at[i], NULL, e));
    return ERR_OK;
}

enum err store_retain_events(struct store_tx *tx, int64_t before_unix_ms, size_t limit, struct arena *a,
                             struct store_keys *ret, struct error *e)
{
    return list_old(tx, SQL_RETAIN_EVENTS, before_unix_ms, limit, a, ret, e);
}

enum err store_retain_events_delete(struct store_tx *tx, const struct store_keys *documents, int64_t before_unix_ms,
                                    struct error *e)
{
    for (size_t i = 0; i < documents->n; i++)
        TRY(run(tx, SQL_RETAIN_EVENTS_DELETE, documents->at[i], &before_unix_ms, e));
    return ERR_OK;
}
