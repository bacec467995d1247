/* Actions and events: what was done, to be undone and to be told. Their numbers come from counters that a transaction raises, so they rise in the order
 * of commits in either database (a sequence of PostgreSQL would not), and a number is never used again. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field action_fields[] = {
    STORE_FIELD(store_action, id),     STORE_FIELD(store_action, seq),     STORE_FIELD(store_action, review_id),
    STORE_FIELD(store_action, by),     STORE_FIELD(store_action, kind),    STORE_FIELD(store_action, at_unix_ms),
    STORE_FIELD(store_action, undone), STORE_FIELD(store_action, inverse),
};

static const struct store_field event_fields[] = {
    STORE_FIELD(store_event, seq),  STORE_FIELD(store_event, document_id), STORE_FIELD(store_event, review_id),
    STORE_FIELD(store_event, kind), STORE_FIELD(store_event, by),          STORE_FIELD(store_event, at_unix_ms),
    STORE_FIELD(store_event, data), STORE_FIELD(store_event, by_name), /* only comes out */
};
#define ONLY_OUT 1

enum err store_action_insert(struct store_tx *tx, const struct store_action *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_action numbered = *row;
    TRY(store__next_number(tx, "action", &numbered.seq, e));
    TRY(store__query_begin(&q, tx, SQL_ACTION_INSERT, e));
    store__bind_fields(&q, action_fields, STORE_COUNT(action_fields), &numbered);
    return store__query_run(&q, NULL, e);
}

enum err store_action_last(struct store_tx *tx, struct str review_id, struct str by, struct arena *a,
                           struct store_action *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_action row = {0};
    TRY(store__query_begin(&q, tx, SQL_ACTION_LAST, e));
    store__bind_str(&q, review_id);
    store__bind_str(&q, by);
    TRY(store__query_one(&q, "step to undo", e));
    TRY(store__read_fields(&q, action_fields, STORE_COUNT(action_fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_action_undone(struct store_tx *tx, struct str id, bool *ret_changed, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    int64_t changes = 0;
    TRY(store__query_begin(&q, tx, SQL_ACTION_UNDONE, e));
    store__bind_str(&q, id);
    TRY(store__query_run(&q, &changes, e));
    *ret_changed = changes > 0;
    return ERR_OK;
}

/* ---- Events ---- */

enum err store_event_append(struct store_tx *tx, const struct store_event *row, int64_t *ret_seq, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_event numbered = *row;
    TRY(store__next_number(tx, "event", &numbered.seq, e));
    TRY(store__query_begin(&q, tx, SQL_EVENT_INSERT, e));
    store__bind_fields(&q, event_fields, STORE_COUNT(event_fields) - ONLY_OUT, &numbered);
    TRY(store__query_run(&q, NULL, e));
    *ret_seq = numbered.seq;
    return ERR_OK;
}

static enum err read_events(struct store_query *q, size_t limit, struct arena *a, struct store_event_list *ret,
                            struct error *e)
{
    VEC(struct store_event) rows = {0};
    bool more = true;
    for (;;) {
        TRY(store__query_next(q, &more, e));
        if (!more || (limit && rows.n == limit)) break;
        struct store_event *row = VEC_PUSH(a, &rows);
        if (!row) return error_no_memory(e);
        TRY(store__read_fields(q, event_fields, STORE_COUNT(event_fields), a, row, e));
    }
    *ret = (struct store_event_list){rows.at, rows.n, more};
    return ERR_OK;
}

enum err store_event_since(struct store_tx *tx, struct str document_id, int64_t after_seq, size_t limit,
                           struct arena *a, struct store_event_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, document_id.n ? SQL_EVENT_SINCE : SQL_EVENT_SINCE_OF_ALL, e));
    if (document_id.n) store__bind_str(&q, document_id);
    store__bind_i64(&q, after_seq);
    store__bind_limit(&q, limit, 1);
    return read_events(&q, limit, a, ret, e);
}

enum err store_event_before(struct store_tx *tx, struct str document_id, int64_t before_seq, size_t limit,
                            struct arena *a, struct store_event_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_EVENT_BEFORE, e));
    store__bind_str(&q, document_id);
    store__bind_i64(&q, before_seq ? before_seq : INT64_MAX);
    store__bind_limit(&q, limit, 1);
    return read_events(&q, limit, a, ret, e);
}

enum err store_event_last(struct store_tx *tx, struct str document_id, int64_t *ret_seq, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, document_id.n ? SQL_EVENT_LAST : SQL_LAST_NUMBER, e));
    store__bind_str(&q, document_id.n ? document_id : STR("event"));
    TRY(store__query_one(&q, "event", e));
    *ret_seq = store__read_i64(&q);
    return ERR_OK;
}
