/* Talks: messages of a document in the order of their seq, and what was said before them in short. A message that another took the place of stays,
 * marked, so that an answer that still runs has a row to end in. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_chat_message, id),
    STORE_FIELD(store_chat_message, document_id),
    STORE_FIELD(store_chat_message, seq),
    STORE_FIELD(store_chat_message, by),
    STORE_FIELD(store_chat_message, role),
    STORE_FIELD(store_chat_message, text),
    STORE_FIELD(store_chat_message, state),
    STORE_FIELD(store_chat_message, model),
    STORE_FIELD(store_chat_message, reason),
    STORE_FIELD(store_chat_message, message),
    STORE_FIELD(store_chat_message, hint),
    STORE_FIELD(store_chat_message, citations),
    STORE_FIELD(store_chat_message, tools),
    STORE_FIELD(store_chat_message, context),
    STORE_FIELD(store_chat_message, created_unix_ms),
    STORE_FIELD(store_chat_message, finished_unix_ms),
    STORE_FIELD(store_chat_message, gone),
};

static const struct store_field making[] = {
    STORE_FIELD(store_chat_message, id),
    STORE_FIELD(store_chat_message, document_id),
    STORE_FIELD(store_chat_message, by),
    STORE_FIELD(store_chat_message, role),
    STORE_FIELD(store_chat_message, text),
    STORE_FIELD(store_chat_message, state),
    STORE_FIELD(store_chat_message, model),
    STORE_FIELD(store_chat_message, reason),
    STORE_FIELD(store_chat_message, message),
    STORE_FIELD(store_chat_message, hint),
    STORE_FIELD(store_chat_message, citations),
    STORE_FIELD(store_chat_message, tools),
    STORE_FIELD(store_chat_message, context),
    STORE_FIELD(store_chat_message, created_unix_ms),
    STORE_FIELD(store_chat_message, finished_unix_ms),
};

static const struct store_field changing[] = {
    STORE_FIELD(store_chat_message, text),      STORE_FIELD(store_chat_message, state),
    STORE_FIELD(store_chat_message, model),     STORE_FIELD(store_chat_message, reason),
    STORE_FIELD(store_chat_message, message),   STORE_FIELD(store_chat_message, hint),
    STORE_FIELD(store_chat_message, citations), STORE_FIELD(store_chat_message, tools),
    STORE_FIELD(store_chat_message, context),   STORE_FIELD(store_chat_message, finished_unix_ms),
};

enum err store_chat_insert(struct store_tx *tx, const struct store_chat_message *row, int64_t *ret_seq, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_CHAT_INSERT, e));
    store__bind_fields(&q, making, STORE_COUNT(making), row);
    TRY(store__query_one(&q, "document", e));
    int64_t seq = store__read_i64(&q);
    TRY(store__query_run(&q, NULL, e));
    *ret_seq = seq;
    return ERR_OK;
}

enum err store_chat_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                         struct store_chat_message *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_chat_message row = {0};
    TRY(store__query_begin(&q, tx, SQL_CHAT_FIND, e));
    store__bind_str(&q, id);
    store__bind_str(&q, owner);
    TRY(store__query_one(&q, "message", e));
    TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

static enum err read_list(struct store_query *q, struct arena *a, struct store_chat_list *ret, struct error *e)
{
    void *rows = NULL;
    size_t n = 0;
    TRY(store__read_rows(q, fields, STORE_COUNT(fields), sizeof *ret->at, a, &rows, &n, e));
    *ret = (struct store_chat_list){rows, n};
    return ERR_OK;
}

enum err store_chat_list(struct store_tx *tx, struct str document_id, int64_t after_seq, size_t limit, struct arena *a,
                         struct store_chat_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_CHAT_LIST, e));
    store__bind_str(&q, document_id);
    store__bind_i64(&q, after_seq);
    store__bind_limit(&q, limit, 0);
    return read_list(&q, a, ret, e);
}

enum err store_chat_count(struct store_tx *tx, struct str document_id, uint32_t *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_CHAT_COUNT, e));
    store__bind_str(&q, document_id);
    TRY(store__query_one(&q, "count", e));
    *ret = (uint32_t)store__read_i64(&q);
    return ERR_OK;
}

enum err store_chat_update(struct store_tx *tx, const struct store_chat_message *row, unsigned from_states,
                           bool *ret_changed, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    int64_t changes = 0;
    TRY(store__query_begin(&q, tx, SQL_CHAT_UPDATE, e));
    store__bind_str(&q, row->id);
    store__bind_i64(&q, from_states);
    store__bind_fields(&q, changing, STORE_COUNT(changing), row);
    TRY(store__query_run(&q, &changes, e));
    *ret_changed = changes > 0;
    return ERR_OK;
}

static enum err run_from(struct store_tx *tx, enum store_sql sql, struct str document_id, int64_t seq,
                         int64_t *ret_changes, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_str(&q, document_id);
    store__bind_i64(&q, seq);
    return store__query_run(&q, ret_changes, e);
}

enum err store_chat_go(struct store_tx *tx, struct str document_id, int64_t from_seq, uint32_t *ret_n, struct error *e)
{
    int64_t changes = 0;
    TRY(run_from(tx, SQL_CHAT_GO, document_id, from_seq, &changes, e));
    TRY(run_from(tx, SQL_CHAT_SUMMARY_DELETE, document_id, from_seq, NULL, e));
    *ret_n = (uint32_t)changes;
    return ERR_OK;
}

enum err store_chat_clear(struct store_tx *tx, struct str document_id, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_CHAT_CLEAR, e));
    store__bind_str(&q, document_id);
    TRY(store__query_run(&q, NULL, e));
    return run_from(tx, SQL_CHAT_SUMMARY_DELETE, document_id, 0, NULL, e);
}

enum err store_chat_interrupt(struct store_tx *tx, struct str reason, struct str message, struct str hint,
                              int64_t at_unix_ms, struct arena *a, struct store_chat_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_CHAT_INTERRUPT, e));
    store__bind_str(&q, reason);
    store__bind_str(&q, message);
    store__bind_str(&q, hint);
    store__bind_i64(&q, at_unix_ms);
    return read_list(&q, a, ret, e);
}

enum err store_chat_summary_put(struct store_tx *tx, struct str document_id, int64_t upto_seq, struct str text,
                                struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_CHAT_SUMMARY_PUT, e));
    store__bind_str(&q, document_id);
    store__bind_i64(&q, upto_seq);
    store__bind_str(&q, text);
    return store__query_run(&q, NULL, e);
}

enum err store_chat_summary_get(struct store_tx *tx, struct str document_id, struct arena *a, int64_t *ret_upto_seq,
                                struct str *ret_text, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_CHAT_SUMMARY_GET, e));
    store__bind_str(&q, document_id);
    TRY(store__query_one(&q, "summary", e));
    int64_t seq = store__read_i64(&q);
    TRY(store__read_str(&q, a, ret_text, e));
    *ret_upto_seq = seq;
    return ERR_OK;
}
