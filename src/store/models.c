/* The books of calls of models, and what they have answered. A row of the books is never changed: sums are made when they are asked for, over an index that begins with
 * the time, or that has documents and costs in it. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field call_fields[] = {
    STORE_FIELD(store_model_call, id),
    STORE_FIELD(store_model_call, at_unix_ms),
    STORE_FIELD(store_model_call, person),
    STORE_FIELD(store_model_call, document_id),
    STORE_FIELD(store_model_call, review_id),
    STORE_FIELD(store_model_call, purpose),
    STORE_FIELD(store_model_call, model),
    STORE_FIELD(store_model_call, asked_model),
    STORE_FIELD(store_model_call, outcome),
    STORE_FIELD(store_model_call, tokens_in),
    STORE_FIELD(store_model_call, tokens_out),
    STORE_FIELD(store_model_call, cache_read),
    STORE_FIELD(store_model_call, cache_write),
    STORE_FIELD(store_model_call, queue_ms),
    STORE_FIELD(store_model_call, first_token_ms),
    STORE_FIELD(store_model_call, whole_ms),
    STORE_FIELD(store_model_call, cost_microusd),
    STORE_FIELD(store_model_call, priced),
    STORE_FIELD(store_model_call, estimated),
};

static const struct store_field spent_fields[] = {
    STORE_FIELD(store_spent, id),
    STORE_FIELD(store_spent, microusd),
};

static const struct store_field total_fields[] = {
    STORE_FIELD(store_model_total, model),       STORE_FIELD(store_model_total, calls),
    STORE_FIELD(store_model_total, failed),      STORE_FIELD(store_model_total, tokens_in),
    STORE_FIELD(store_model_total, tokens_out),  STORE_FIELD(store_model_total, cache_read),
    STORE_FIELD(store_model_total, cache_write), STORE_FIELD(store_model_total, cost_microusd),
    STORE_FIELD(store_model_total, priced),
};

enum err store_model_call_insert(struct store_tx *tx, const struct store_model_call *rows, size_t n, struct error *e)
{
    for (size_t i = 0; i < n; i++) {
        CLEANUP_QUERY struct store_query q = {0};
        TRY(store__query_begin(&q, tx, SQL_MODEL_CALL_INSERT, e));
        store__bind_fields(&q, call_fields, STORE_COUNT(call_fields), &rows[i]);
        TRY(store__query_run(&q, NULL, e));
    }
    return ERR_OK;
}

enum err store_model_spent(struct store_tx *tx, int64_t since_unix_ms, int64_t *ret_microusd, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_MODEL_SPENT, e));
    store__bind_i64(&q, since_unix_ms);
    TRY(store__query_one(&q, "sum", e));
    *ret_microusd = store__read_i64(&q);
    return ERR_OK;
}

static enum err read_spent(struct store_query *q, struct arena *a, struct store_spent_list *ret, struct error *e)
{
    void *rows = NULL;
    size_t n = 0;
    TRY(store__read_rows(q, spent_fields, STORE_COUNT(spent_fields), sizeof *ret->at, a, &rows, &n, e));
    *ret = (struct store_spent_list){rows, n};
    return ERR_OK;
}

enum err store_model_spent_by_person(struct store_tx *tx, int64_t since_unix_ms, struct arena *a,
                                     struct store_spent_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_MODEL_SPENT_BY_PERSON, e));
    store__bind_i64(&q, since_unix_ms);
    return read_spent(&q, a, ret, e);
}

enum err store_model_spent_on_documents(struct store_tx *tx, struct arena *a, struct store_spent_list *ret,
                                        struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_MODEL_SPENT_ON_DOCUMENTS, e));
    return read_spent(&q, a, ret, e);
}

enum err store_model_totals(struct store_tx *tx, int64_t since_unix_ms, struct arena *a,
                            struct store_model_total_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    void *rows = NULL;
    size_t n = 0;
    TRY(store__query_begin(&q, tx, SQL_MODEL_TOTALS, e));
    store__bind_i64(&q, since_unix_ms);
    TRY(store__read_rows(&q, total_fields, STORE_COUNT(total_fields), sizeof *ret->at, a, &rows, &n, e));
    *ret = (struct store_model_total_list){rows, n};
    return ERR_OK;
}

enum err store_model_result_put(struct store_tx *tx, struct str document_id, struct str key, struct str result,
                                int64_t at_unix_ms, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_MODEL_RESULT_PUT, e));
    store__bind_str(&q, document_id);
    store__bind_str(&q, key);
    store__bind_str(&q, result);
    store__bind_i64(&q, at_unix_ms);
    return store__query_run(&q, NULL, e);
}

enum err store_model_result_get(struct store_tx *tx, struct str document_id, struct str key, struct arena *a,
                                struct str *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_MODEL_RESULT_GET, e));
    store__bind_str(&q, document_id);
    store__bind_str(&q, key);
    TRY(store__query_one(&q, "result", e));
    return store__read_str(&q, a, ret, e);
}
