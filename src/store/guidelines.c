/* Guidelines: what documents are reviewed against besides the frameworks, by whom they were brought, and whether the whole team may use them. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_guidelines, id),
    STORE_FIELD(store_guidelines, owner),
    STORE_FIELD(store_guidelines, team),
    STORE_FIELD(store_guidelines, name),
    STORE_FIELD(store_guidelines, state),
    STORE_FIELD(store_guidelines, framework),
    STORE_FIELD(store_guidelines, blob),
    STORE_FIELD(store_guidelines, by_model),
    STORE_FIELD(store_guidelines, reason),
    STORE_FIELD(store_guidelines, message),
    STORE_FIELD(store_guidelines, hint),
    STORE_FIELD(store_guidelines, created_unix_ms),
    STORE_FIELD(store_guidelines, changed_unix_ms),
    STORE_FIELD(store_guidelines, version),
};

static const struct store_field changing[] = {
    STORE_FIELD(store_guidelines, team),
    STORE_FIELD(store_guidelines, name),
    STORE_FIELD(store_guidelines, state),
    STORE_FIELD(store_guidelines, framework),
    STORE_FIELD(store_guidelines, by_model),
    STORE_FIELD(store_guidelines, reason),
    STORE_FIELD(store_guidelines, message),
    STORE_FIELD(store_guidelines, hint),
    STORE_FIELD(store_guidelines, changed_unix_ms),
};

enum err store_guidelines_insert(struct store_tx *tx, const struct store_guidelines *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_GUIDELINES_INSERT, e));
    store__bind_fields(&q, fields, STORE_COUNT(fields), row);
    return store__query_run(&q, NULL, e);
}

enum err store_guidelines_find(struct store_tx *tx, struct str id, struct str visitor, struct arena *a,
                               struct store_guidelines *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_guidelines row = {0};
    TRY(store__query_begin(&q, tx, SQL_GUIDELINES_FIND, e));
    store__bind_str(&q, id);
    store__bind_str(&q, visitor);
    TRY(store__query_one(&q, "guidelines", e));
    TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_guidelines_list(struct store_tx *tx, struct str visitor, size_t limit, struct arena *a,
                               struct store_guidelines_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    void *rows = NULL;
    size_t n = 0;
    TRY(store__query_begin(&q, tx, SQL_GUIDELINES_LIST, e));
    store__bind_str(&q, visitor);
    store__bind_limit(&q, limit, 0);
    TRY(store__read_rows(&q, fields, STORE_COUNT(fields), sizeof *ret->at, a, &rows, &n, e));
    *ret = (struct store_guidelines_list){rows, n};
    return ERR_OK;
}

enum err store_guidelines_update(struct store_tx *tx, const struct store_guidelines *row, bool *ret_changed,
                                 struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    int64_t changes = 0;
    TRY(store__query_begin(&q, tx, SQL_GUIDELINES_UPDATE, e));
    store__bind_str(&q, row->id);
    store__bind_i64(&q, row->version);
    store__bind_fields(&q, changing, STORE_COUNT(changing), row);
    TRY(store__query_run(&q, &changes, e));
    *ret_changed = changes > 0;
    return ERR_OK;
}

static enum err run_for(struct store_tx *tx, enum store_sql sql, struct str id, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_str(&q, id);
    return store__query_run(&q, NULL, e);
}

static enum err delete_row(struct store_tx *tx, struct str id, struct arena *a, struct str *ret_blob, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_GUIDELINES_DELETE, e));
    store__bind_str(&q, id);
    TRY(store__query_one(&q, "guidelines", e));
    TRY(store__read_str(&q, a, ret_blob, e));
    return store__query_run(&q, NULL, e);
}

enum err store_guidelines_delete(struct store_tx *tx, struct str id, struct arena *a, struct str *ret_blob,
                                 struct error *e)
{
    struct str blob = STR_EMPTY;
    bool used = false;
    TRY(delete_row(tx, id, a, &blob, e));
    TRY(run_for(tx, SQL_GUIDELINES_DELETE_JOBS, id, e));
    TRY(run_for(tx, SQL_GUIDELINES_LET_GO, id, e));
    TRY(store_blob_in_use(tx, blob, &used, e));
    *ret_blob = used ? STR_EMPTY : blob;
    return ERR_OK;
}
