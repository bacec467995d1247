/* Visitors, and whose a thing is. */
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_visitor, id),           STORE_FIELD(store_visitor, secret_hash),
    STORE_FIELD(store_visitor, name),         STORE_FIELD(store_visitor, created_unix_ms),
    STORE_FIELD(store_visitor, seen_unix_ms),
};

enum err store_visitor_insert(struct store_tx *tx, const struct store_visitor *row, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_VISITOR_INSERT, e));
    store__bind_fields(&q, fields, STORE_COUNT(fields), row);
    return store__query_run(&q, NULL, e);
}

static enum err find(struct store_tx *tx, enum store_sql sql, struct str key, struct arena *a,
                     struct store_visitor *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_visitor row = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_str(&q, key);
    TRY(store__query_one(&q, "visitor", e));
    TRY(store__read_fields(&q, fields, STORE_COUNT(fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_visitor_find(struct store_tx *tx, struct str id, struct arena *a, struct store_visitor *ret,
                            struct error *e)
{
    return find(tx, SQL_VISITOR_FIND, id, a, ret, e);
}

enum err store_visitor_find_by_secret(struct store_tx *tx, struct str secret_hash, struct arena *a,
                                      struct store_visitor *ret, struct error *e)
{
    return find(tx, SQL_VISITOR_FIND_BY_SECRET, secret_hash, a, ret, e);
}

enum err store_visitor_rename(struct store_tx *tx, struct str id, struct str name, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    int64_t changes = 0;
    TRY(store__query_begin(&q, tx, SQL_VISITOR_RENAME, e));
    store__bind_str(&q, id);
    store__bind_str(&q, name);
    TRY(store__query_run(&q, &changes, e));
    return changes ? ERR_OK : store__not_found("visitor", e);
}

enum err store_visitor_seen(struct store_tx *tx, struct str id, int64_t at_unix_ms, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    int64_t changes = 0;
    TRY(store__query_begin(&q, tx, SQL_VISITOR_SEEN, e));
    store__bind_str(&q, id);
    store__bind_i64(&q, at_unix_ms);
    TRY(store__query_run(&q, &changes, e));
    return changes ? ERR_OK : store__not_found("visitor", e);
}

enum err store_owner_find(struct store_tx *tx, enum store_thing thing, struct str id, struct arena *a,
                          struct str *ret_document_id, struct str *ret_owner, int64_t *ret_used_unix_ms,
                          struct error *e)
{
    static const struct {
        enum store_sql sql;
        const char *what;
    } things[] = {
        [STORE_THING_DOCUMENT] = {SQL_OWNER_OF_DOCUMENT, "document"},
        [STORE_THING_REVIEW] = {SQL_OWNER_OF_REVIEW, "review"},
        [STORE_THING_FINDING] = {SQL_OWNER_OF_FINDING, "finding"},
        [STORE_THING_EXPORT] = {SQL_OWNER_OF_EXPORT, "export"},
    };
    CLEANUP_QUERY struct store_query q = {0};
    struct str document_id = STR_EMPTY, owner = STR_EMPTY;
    TRY(store__query_begin(&q, tx, things[thing].sql, e));
    store__bind_str(&q, id);
    TRY(store__query_one(&q, things[thing].what, e));
    TRY(store__read_str(&q, a, &document_id, e));
    TRY(store__read_str(&q, a, &owner, e));
    *ret_document_id = document_id;
    *ret_owner = owner;
    if (ret_used_unix_ms) *ret_used_unix_ms = store__read_i64(&q);
    return ERR_OK;
}
