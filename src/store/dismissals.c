/* Dismissals: what is not to be raised again, for one document, for one person, or for the team. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_dismissal, id),          STORE_FIELD(store_dismissal, scope),
    STORE_FIELD(store_dismissal, scope_id),    STORE_FIELD(store_dismissal, reviewer),
    STORE_FIELD(store_dismissal, category),    STORE_FIELD(store_dismissal, key),
    STORE_FIELD(store_dismissal, document_id), STORE_FIELD(store_dismissal, quote),
    STORE_FIELD(store_dismissal, reason),      STORE_FIELD(store_dismissal, by),
    STORE_FIELD(store_dismissal, at_unix_ms),  STORE_FIELD(store_dismissal, by_name), /* only comes out */
};
#define ONLY_OUT 1

enum err store_dismissal_insert(struct store_tx *tx, const struct store_dismissal *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_DISMISSAL_INSERT, e));
    store__bind_fields(&q, fields, STORE_COUNT(fields) - ONLY_OUT, row);
    return store__query_run(&q, NULL, e);
}

enum err store_dismissal_find(struct store_tx *tx, struct str id, struct arena *a, struct store_dismissal *ret,
                              struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_dismissal row = {0};
    TRY(store__query_begin(&q, tx, SQL_DISMISSAL_FIND, e));
    store__bind_str(&q, id);
    TRY(store__query_one(&q, "dismissal", e));
    TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_dismissal_list(struct store_tx *tx, struct str document_id, struct str person, size_t limit,
                              struct arena *a, struct store_dismissal_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    void *rows = NULL;
    size_t n = 0;
    TRY(store__query_begin(&q, tx, SQL_DISMISSAL_LIST, e));
    store__bind_str(&q, document_id);
    store__bind_str(&q, person);
    store__bind_limit(&q, limit, 0);
    TRY(store__read_rows(&q, fields, STORE_COUNT(fields), sizeof *ret->at, a, &rows, &n, e));
    *ret = (struct store_dismissal_list){rows, n};
    return ERR_OK;
}

enum err store_dismissal_holds(struct store_tx *tx, struct str document_id, struct str person, struct str key,
                               bool *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_DISMISSAL_HOLDS, e));
    store__bind_str(&q, document_id);
    store__bind_str(&q, person);
    store__bind_str(&q, key);
    return store__query_next(&q, ret, e);
}

enum err store_dismissal_delete(struct store_tx *tx, struct str id, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_DISMISSAL_DELETE, e));
    store__bind_str(&q, id);
    return store__query_change(&q, "dismissal", e);
}

enum err store_dismissal_take_back(struct store_tx *tx, struct str document_id, struct str by, struct str key,
                                   struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_DISMISSAL_TAKE_BACK, e));
    store__bind_str(&q, document_id);
    store__bind_str(&q, by);
    store__bind_str(&q, key);
    return store__query_run(&q, NULL, e);
}
