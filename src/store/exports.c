/* Exports. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_export, id),
    STORE_FIELD(store_export, review_id),
    STORE_FIELD(store_export, by),
    STORE_FIELD(store_export, format),
    STORE_FIELD(store_export, options),
    STORE_FIELD(store_export, state),
    STORE_FIELD(store_export, blob),
    STORE_FIELD(store_export, name),
    STORE_FIELD(store_export, size_bytes),
    STORE_FIELD(store_export, reason),
    STORE_FIELD(store_export, message),
    STORE_FIELD(store_export, hint),
    STORE_FIELD(store_export, created_unix_ms),
    STORE_FIELD(store_export, finished_unix_ms),
    STORE_FIELD(store_export, file_removed_unix_ms),
    STORE_FIELD(store_export, bucket),
    STORE_FIELD(store_export, folder),
    STORE_FIELD(store_export, steps),
};

static const struct store_field changing[] = {
    STORE_FIELD(store_export, state),  STORE_FIELD(store_export, blob),
    STORE_FIELD(store_export, name),   STORE_FIELD(store_export, size_bytes),
    STORE_FIELD(store_export, reason), STORE_FIELD(store_export, message),
    STORE_FIELD(store_export, hint),   STORE_FIELD(store_export, finished_unix_ms),
    STORE_FIELD(store_export, bucket), STORE_FIELD(store_export, folder),
    STORE_FIELD(store_export, steps),  STORE_FIELD(store_export, file_removed_unix_ms),
};

enum err store_export_insert(struct store_tx *tx, const struct store_export *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_EXPORT_INSERT, e));
    store__bind_fields(&q, fields, STORE_COUNT(fields), row);
    return store__query_run(&q, NULL, e);
}

enum err store_export_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                           struct store_export *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_export row = {0};
    TRY(store__query_begin(&q, tx, SQL_EXPORT_FIND, e));
    store__bind_str(&q, id);
    store__bind_str(&q, owner);
    TRY(store__query_one(&q, "export", e));
    TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_export_list(struct store_tx *tx, struct str review_id, size_t limit, struct arena *a,
                           struct store_export_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    VEC(struct store_export) rows = {0};
    TRY(store__query_begin(&q, tx, SQL_EXPORT_LIST, e));
    store__bind_str(&q, review_id);
    store__bind_limit(&q, limit, 0);
    for (bool more = true;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) break;
        struct store_export *row = VEC_PUSH(a, &rows);
        if (!row) return error_no_memory(e);
        TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, row, e));
    }
    *ret = (struct store_export_list){rows.at, rows.n};
    return ERR_OK;
}

enum err store_export_update(struct store_tx *tx, const struct store_export *row, unsigned from_states,
                             bool *ret_changed, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    int64_t changes = 0;
    TRY(store__query_begin(&q, tx, SQL_EXPORT_UPDATE, e));
    store__bind_str(&q, row->id);
    store__bind_i64(&q, from_states);
    store__bind_fields(&q, changing, STORE_COUNT(changing), row);
    TRY(store__query_run(&q, &changes, e));
    *ret_changed = changes > 0;
    return ERR_OK;
}

enum err store_export_folder_taken(struct store_tx *tx, struct str bucket, struct str folder, bool *ret,
                                   struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_EXPORT_FOLDER_TAKEN, e));
    store__bind_str(&q, bucket);
    store__bind_str(&q, folder);
    TRY(store__query_one(&q, "export", e));
    *ret = store__read_i64(&q) > 0;
    return ERR_OK;
}
