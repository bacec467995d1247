/* Reviews. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_review, id),
    STORE_FIELD(store_review, document_id),
    STORE_FIELD(store_review, version_id),
    STORE_FIELD(store_review, by),
    STORE_FIELD(store_review, state),
    STORE_FIELD(store_review, framework),
    STORE_FIELD(store_review, framework_title),
    STORE_FIELD(store_review, why_framework),
    STORE_FIELD(store_review, progress),
    STORE_FIELD(store_review, stage),
    STORE_FIELD(store_review, reason),
    STORE_FIELD(store_review, message),
    STORE_FIELD(store_review, hint),
    STORE_FIELD(store_review, not_reviewed),
    STORE_FIELD(store_review, created_unix_ms),
    STORE_FIELD(store_review, started_unix_ms),
    STORE_FIELD(store_review, finished_unix_ms),
    STORE_FIELD(store_review, guidelines),
    STORE_FIELD(store_review, guidelines_only),
    STORE_FIELD(store_review, coverage),
    STORE_FIELD(store_review, model),
    STORE_FIELD(store_review, prompt_version),
    STORE_FIELD(store_review, model_state),
    STORE_FIELD(store_review, model_reason),
    STORE_FIELD(store_review, model_message),
    STORE_FIELD(store_review, model_hint),
    /* these only come out */
    STORE_FIELD(store_review, counts.total),
    STORE_FIELD(store_review, counts.decision[STORE_OPEN]),
    STORE_FIELD(store_review, counts.decision[STORE_ACCEPTED]),
    STORE_FIELD(store_review, counts.decision[STORE_REJECTED]),
    STORE_FIELD(store_review, counts.risk[STORE_RISK_LOW]),
    STORE_FIELD(store_review, counts.risk[STORE_RISK_MEDIUM]),
    STORE_FIELD(store_review, counts.risk[STORE_RISK_HIGH]),
};
#define COUNTS 7

static const struct store_field changing[] = {
    STORE_FIELD(store_review, state),
    STORE_FIELD(store_review, framework),
    STORE_FIELD(store_review, framework_title),
    STORE_FIELD(store_review, why_framework),
    STORE_FIELD(store_review, progress),
    STORE_FIELD(store_review, stage),
    STORE_FIELD(store_review, reason),
    STORE_FIELD(store_review, message),
    STORE_FIELD(store_review, hint),
    STORE_FIELD(store_review, not_reviewed),
    STORE_FIELD(store_review, started_unix_ms),
    STORE_FIELD(store_review, finished_unix_ms),
    STORE_FIELD(store_review, coverage),
    STORE_FIELD(store_review, model),
    STORE_FIELD(store_review, prompt_version),
    STORE_FIELD(store_review, model_state),
    STORE_FIELD(store_review, model_reason),
    STORE_FIELD(store_review, model_message),
    STORE_FIELD(store_review, model_hint),
};

enum err store__review_read(struct store_query *q, struct arena *a, struct store_review *ret, bool *ret_there,
                            struct error *e)
{
    struct store_review row = {0};
    TRY(store__read_fields(q, fields, STORE_COUNT(fields), a, &row, e));
    *ret_there = row.id.p != NULL;
    *ret = row;
    return ERR_OK;
}

enum err store_review_insert(struct store_tx *tx, const struct store_review *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_REVIEW_INSERT, e));
    store__bind_fields(&q, fields, STORE_COUNT(fields) - COUNTS, row);
    return store__query_run(&q, NULL, e);
}

enum err store_review_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                           struct store_review *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    bool there = false;
    TRY(store__query_begin(&q, tx, SQL_REVIEW_FIND, e));
    store__bind_str(&q, id);
    store__bind_str(&q, owner);
    TRY(store__query_one(&q, "review", e));
    return store__review_read(&q, a, ret, &there, e);
}

enum err store_review_list(struct store_tx *tx, struct str document_id, size_t limit, struct arena *a,
                           struct store_review_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    VEC(struct store_review) rows = {0};
    TRY(store__query_begin(&q, tx, SQL_REVIEW_LIST, e));
    store__bind_str(&q, document_id);
    store__bind_limit(&q, limit, 0);
    for (bool more = true, there = false;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) break;
        struct store_review *row = VEC_PUSH(a, &rows);
        if (!row) return error_no_memory(e);
        TRY(store__review_read(&q, a, row, &there, e));
    }
    *ret = (struct store_review_list){rows.at, rows.n};
    return ERR_OK;
}

enum err store_review_update(struct store_tx *tx, const struct store_review *row, unsigned from_states,
                             bool *ret_changed, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    int64_t changes = 0;
    TRY(store__query_begin(&q, tx, SQL_REVIEW_UPDATE, e));
    store__bind_str(&q, row->id);
    store__bind_i64(&q, from_states);
    store__bind_fields(&q, changing, STORE_COUNT(changing), row);
    TRY(store__query_run(&q, &changes, e));
    *ret_changed = changes > 0;
    return ERR_OK;
}
