/* What decisions teach: counted and chosen from a visitor's own findings when it is asked for, so that there is nothing that could say otherwise than
 * they do, and what is deleted teaches no more. */
#include "store/findings_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_learned, source),   STORE_FIELD(store_learned, reviewer),
    STORE_FIELD(store_learned, category), STORE_FIELD(store_learned, reviewer_name),
    STORE_FIELD(store_learned, accepted), STORE_FIELD(store_learned, rejected),
};

enum err store_learn_count(struct store_tx *tx, struct str visitor, int64_t since_unix_ms, struct arena *a,
                           struct store_learned_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    void *rows = NULL;
    size_t n = 0;
    TRY(store__query_begin(&q, tx, SQL_LEARN_COUNT, e));
    store__bind_str(&q, visitor);
    store__bind_i64(&q, since_unix_ms);
    TRY(store__read_rows(&q, fields, STORE_COUNT(fields), sizeof *ret->at, a, &rows, &n, e));
    *ret = (struct store_learned_list){rows, n};
    return ERR_OK;
}

enum err store_learn_examples(struct store_tx *tx, struct str visitor, struct str document_id, int64_t since_unix_ms,
                              enum store_decision decision, size_t limit, struct arena *a,
                              struct store_finding_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    VEC(struct store_finding) rows = {0};
    TRY(store__query_begin(&q, tx, SQL_LEARN_EXAMPLES, e));
    store__bind_str(&q, visitor);
    store__bind_i64(&q, since_unix_ms);
    store__bind_i64(&q, decision);
    store__bind_str(&q, document_id);
    store__bind_limit(&q, limit, 0);
    for (bool more = true;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) break;
        struct store_finding *row = VEC_PUSH(a, &rows);
        if (!row) return error_no_memory(e);
        TRY(store__finding_read(&q, a, row, e));
    }
    *ret = (struct store_finding_list){rows.at, rows.n, STR_EMPTY};
    return ERR_OK;
}

enum err store_learn_reset_put(struct store_tx *tx, struct str visitor, int64_t at_unix_ms, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_LEARN_RESET_PUT, e));
    store__bind_str(&q, visitor);
    store__bind_i64(&q, at_unix_ms);
    return store__query_run(&q, NULL, e);
}

enum err store_learn_reset_get(struct store_tx *tx, struct str visitor, int64_t *ret_unix_ms, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    bool there = false;
    TRY(store__query_begin(&q, tx, SQL_LEARN_RESET_GET, e));
    store__bind_str(&q, visitor);
    TRY(store__query_next(&q, &there, e));
    *ret_unix_ms = there ? store__read_i64(&q) : 0;
    return ERR_OK;
}
