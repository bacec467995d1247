/* Documents and their versions. A document comes out with its version, its latest review and that review's counts in one statement, for one as for a
 * page of a hundred. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_document, id),
    STORE_FIELD(store_document, owner),
    STORE_FIELD(store_document, name),
    STORE_FIELD(store_document, version_id),
    STORE_FIELD(store_document, created_unix_ms),
    STORE_FIELD(store_document, never_send),
    STORE_FIELD(store_document, guidelines),
    STORE_FIELD(store_document, used_unix_ms),
};

static const struct store_field version_fields[] = {
    STORE_FIELD(store_version, id),
    STORE_FIELD(store_version, document_id),
    STORE_FIELD(store_version, sha256),
    STORE_FIELD(store_version, size_bytes),
    STORE_FIELD(store_version, blob),
    STORE_FIELD(store_version, content_blob),
    STORE_FIELD(store_version, title),
    STORE_FIELD(store_version, author),
    STORE_FIELD(store_version, words),
    STORE_FIELD(store_version, pages),
    STORE_FIELD(store_version, sections),
    STORE_FIELD(store_version, blocks),
    STORE_FIELD(store_version, comments),
    STORE_FIELD(store_version, tracked_changes),
    STORE_FIELD(store_version, created_unix_ms),
    STORE_FIELD(store_version, proposed_sections),
    STORE_FIELD(store_version, proposed_state),
    STORE_FIELD(store_version, file_removed_unix_ms),
};

enum err store_document_insert(struct store_tx *tx, const struct store_document *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_DOCUMENT_INSERT, e));
    store__bind_fields(&q, fields, STORE_COUNT(fields), row);
    return store__query_run(&q, NULL, e);
}

enum err store_version_insert(struct store_tx *tx, const struct store_version *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_VERSION_INSERT, e));
    store__bind_fields(&q, version_fields, STORE_COUNT(version_fields), row);
    return store__query_run(&q, NULL, e);
}

static enum err read_document(struct store_query *q, struct arena *a, struct store_document *ret, struct error *e)
{
    TRY(store__read_fields(q, fields, STORE_COUNT(fields), a, ret, e));
    TRY(store__read_fields(q, version_fields, STORE_COUNT(version_fields), a, &ret->version, e));
    TRY(store__review_read(q, a, &ret->latest, &ret->has_review, e));
    return ERR_OK;
}

enum err store_document_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                             struct store_document *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_document row = {0};
    TRY(store__query_begin(&q, tx, SQL_DOCUMENT_FIND, e));
    store__bind_str(&q, id);
    store__bind_str(&q, owner);
    TRY(store__query_one(&q, "document", e));
    TRY(read_document(&q, a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_version_find(struct store_tx *tx, struct str id, struct arena *a, struct store_version *ret,
                            struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_version row = {0};
    TRY(store__query_begin(&q, tx, SQL_VERSION_FIND, e));
    store__bind_str(&q, id);
    TRY(store__query_one(&q, "version", e));
    TRY(store__read_fields(&q, version_fields, STORE_COUNT(version_fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_document_update(struct store_tx *tx, const struct store_document *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_DOCUMENT_UPDATE, e));
    store__bind_str(&q, row->id);
    store__bind_i64(&q, row->never_send);
    store__bind_str(&q, row->guidelines);
    return store__query_change(&q, "document", e);
}

enum err store_version_update(struct store_tx *tx, const struct store_version *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_VERSION_UPDATE, e));
    store__bind_str(&q, row->id);
    store__bind_str(&q, row->proposed_sections);
    store__bind_i64(&q, row->proposed_state);
    return store__query_change(&q, "version", e);
}

/* "d<created>-<id>": the place behind a document. */
struct place {
    int64_t created_unix_ms;
    struct str id;
};

static enum err read_cursor(struct str cursor, struct place *ret, struct error *e)
{
    *ret = (struct place){INT64_MAX, STR_EMPTY};
    if (cursor.n == 0) return ERR_OK;
    size_t dash = str_find_char(cursor, '-', 0);
    if (dash == STR_NONE) return store__cursor_bad(e);
    TRY(store__cursor_read(str_sub(cursor, 0, dash), 'd', &ret->created_unix_ms, 1, e));
    ret->id = str_sub(cursor, dash + 1, cursor.n);
    return ERR_OK;
}

enum err store_document_list(struct store_tx *tx, struct str owner, struct str cursor, size_t limit, struct arena *a,
                             struct store_document_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    VEC(struct store_document) rows = {0};
    struct place from = {0};
    struct str next = STR_EMPTY;
    TRY(read_cursor(cursor, &from, e));
    TRY(store__query_begin(&q, tx, SQL_DOCUMENT_LIST, e));
    store__bind_str(&q, owner);
    store__bind_i64(&q, from.created_unix_ms);
    store__bind_str(&q, from.id);
    store__bind_limit(&q, limit, 1);
    for (bool more = true;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) break;
        if (limit && rows.n == limit) {
            const struct store_document *last = &rows.at[rows.n - 1];
            next = str_printf(a, "d%lld-%.*s", (long long)last->created_unix_ms, STR_ARG(last->id));
            if (!next.p) return error_no_memory(e);
            break;
        }
        struct store_document *row = VEC_PUSH(a, &rows);
        if (!row) return error_no_memory(e);
        TRY(read_document(&q, a, row, e));
    }
    *ret = (struct store_document_list){rows.at, rows.n, next};
    return ERR_OK;
}

/* ---- Deleting ---- */

static enum err run_for(struct store_tx *tx, enum store_sql sql, struct str id, int64_t *ret_changes, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_str(&q, id);
    return store__query_run(&q, ret_changes, e);
}

static enum err list_blobs(struct store_tx *tx, struct str id, struct arena *a, struct store_keys *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    VEC(struct str) keys = {0};
    TRY(store__query_begin(&q, tx, SQL_DOCUMENT_BLOBS, e));
    store__bind_str(&q, id);
    for (bool more = true;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) break;
        struct str *key = VEC_PUSH(a, &keys);
        if (!key) return error_no_memory(e);
        TRY(store__read_str(&q, a, key, e));
    }
    *ret = (struct store_keys){keys.at, keys.n};
    return ERR_OK;
}

enum err store_document_delete(struct store_tx *tx, struct str id, struct arena *a, struct store_keys *ret_blobs,
                               struct error *e)
{
    struct store_keys blobs = {0};
    int64_t changes = 0;
    size_t left = 0;
    TRY(list_blobs(tx, id, a, &blobs, e));
    TRY(run_for(tx, SQL_DOCUMENT_DELETE_JOBS, id, NULL, e));
    TRY(run_for(tx, SQL_DOCUMENT_DELETE_EVENTS, id, NULL, e));
    TRY(run_for(tx, SQL_DOCUMENT_DELETE_DISMISSALS, id, NULL, e));
    TRY(run_for(tx, SQL_DOCUMENT_DELETE_QUOTES, id, NULL, e));
    TRY(run_for(tx, SQL_DOCUMENT_DELETE, id, &changes, e));
    if (changes == 0) return store__not_found("document", e);
    for (size_t i = 0; i < blobs.n; i++) {
        bool used = false;
        TRY(store_blob_in_use(tx, blobs.at[i], &used, e));
        if (!used) blobs.at[left++] = blobs.at[i];
    }
    *ret_blobs = (struct store_keys){blobs.at, left};
    return ERR_OK;
}

enum err store_blob_in_use(struct store_tx *tx, struct str blob, bool *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_BLOB_IN_USE, e));
    store__bind_str(&q, blob);
    return store__query_next(&q, ret, e);
}
