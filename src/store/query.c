/* Running statements: the way from a name in sql_priv.h to rows.
 * Rows are bound and read by tables of fields, in the order of the statement's columns, so that no file spells forty columns twice. */
#include "store/store_priv.h"

#include <assert.h>
#include <string.h>

void store__query_end(struct store_query *q)
{
    if (q->stmt) store__drv_reset(q->stmt);
    *q = (struct store_query){0};
}

static bool is_reading(const char *sql) { return strncmp(sql, "SELECT", 6) == 0 || strncmp(sql, "WITH", 4) == 0; }

enum err store__query_begin(struct store_query *q, struct store_tx *tx, enum store_sql sql, struct error *e)
{
    assert((tx->writes || is_reading(store__sql[sql])) && "a change outside of store_write");
    if (!tx->statements[sql]) {
        TRY(store__drv_prepare(tx->drv, store__sql[sql], &tx->statements[sql], e));
        tx->prepared++;
    }
    *q = (struct store_query){.stmt = tx->statements[sql]};
    return ERR_OK;
}

void store__bind_str(struct store_query *q, struct str v) { store__drv_bind_str(q->stmt, ++q->bound, v); }
void store__bind_i64(struct store_query *q, int64_t v) { store__drv_bind_i64(q->stmt, ++q->bound, v); }
void store__bind_f64(struct store_query *q, double v) { store__drv_bind_f64(q->stmt, ++q->bound, v); }

void store__bind_limit(struct store_query *q, size_t limit, size_t extra)
{
    store__bind_i64(q, limit == 0 || limit > INT32_MAX ? INT64_MAX : (int64_t)(limit + extra));
}

enum err store__query_next(struct store_query *q, bool *ret_row, struct error *e)
{
    q->read = 0;
    return store__drv_next(q->stmt, ret_row, e);
}

enum err store__query_run(struct store_query *q, int64_t *ret_changes, struct error *e)
{
    bool row = true;
    while (row)
        TRY(store__query_next(q, &row, e));
    if (ret_changes) *ret_changes = store__drv_changes(q->stmt);
    return ERR_OK;
}

enum err store__not_found(const char *what, struct error *e)
{
    return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such %s", what);
}

enum err store__query_one(struct store_query *q, const char *what, struct error *e)
{
    bool row = false;
    TRY(store__query_next(q, &row, e));
    return row ? ERR_OK : store__not_found(what, e);
}

enum err store__query_change(struct store_query *q, const char *what, struct error *e)
{
    int64_t changes = 0;
    TRY(store__query_run(q, &changes, e));
    return changes ? ERR_OK : store__not_found(what, e);
}

int64_t store__read_i64(struct store_query *q) { return store__drv_i64(q->stmt, q->read++); }

enum err store__read_str(struct store_query *q, struct arena *a, struct str *ret, struct error *e)
{
    return store__drv_str(q->stmt, q->read++, a, ret, e);
}

static void bind_text(struct store_query *q, bool nullable, const struct str *v)
{
    if (nullable && !v->p)
        store__drv_bind_null(q->stmt, ++q->bound);
    else
        store__bind_str(q, *v);
}

void store__bind_fields(struct store_query *q, const struct store_field *fields, size_t n, const void *row)
{
    for (size_t i = 0; i < n; i++) {
        const void *at = (const char *)row + fields[i].offset;
        switch (fields[i].kind) {
        case STORE_FIELD_STR:
        case STORE_FIELD_STR_OR_NULL: bind_text(q, fields[i].kind == STORE_FIELD_STR_OR_NULL, at); break;
        case STORE_FIELD_BOOL: store__bind_i64(q, *(const bool *)at); break;
        case STORE_FIELD_U32: store__bind_i64(q, *(const uint32_t *)at); break;
        case STORE_FIELD_U64:
        case STORE_FIELD_I64: store__bind_i64(q, *(const int64_t *)at); break;
        case STORE_FIELD_F64: store__bind_f64(q, *(const double *)at); break;
        }
    }
}

enum err store__read_fields(struct store_query *q, const struct store_field *fields, size_t n, struct arena *a,
                            void *row, struct error *e)
{
    for (size_t i = 0; i < n; i++) {
        void *at = (char *)row + fields[i].offset;
        switch (fields[i].kind) {
        case STORE_FIELD_STR:
        case STORE_FIELD_STR_OR_NULL: TRY(store__read_str(q, a, at, e)); break;
        case STORE_FIELD_BOOL: *(bool *)at = store__read_i64(q) != 0; break;
        case STORE_FIELD_U32: *(uint32_t *)at = (uint32_t)store__read_i64(q); break;
        case STORE_FIELD_U64:
        case STORE_FIELD_I64: *(int64_t *)at = store__read_i64(q); break;
        case STORE_FIELD_F64: *(double *)at = store__drv_f64(q->stmt, q->read++); break;
        }
    }
    return ERR_OK;
}

enum err store__read_rows(struct store_query *q, const struct store_field *fields, size_t n, size_t row_size,
                          struct arena *a, void **ret_rows, size_t *ret_n, struct error *e)
{
    void *rows = NULL;
    size_t count = 0, room = 0;
    for (bool more = true;; count++) {
        TRY(store__query_next(q, &more, e));
        if (!more) break;
        if (count == room && !vec__grow(a, &rows, &room, row_size)) return error_no_memory(e);
        char *row = (char *)rows + count * row_size;
        memset(row, 0, row_size);
        TRY(store__read_fields(q, fields, n, a, row, e));
    }
    *ret_rows = rows;
    *ret_n = count;
    return ERR_OK;
}

enum err store__next_number(struct store_tx *tx, const char *counter, int64_t *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_NEXT_NUMBER, e));
    store__bind_str(&q, str_from_c(counter));
    TRY(store__query_one(&q, counter, e));
    int64_t number = store__read_i64(&q);
    TRY(store__query_run(&q, NULL, e));
    *ret = number;
    return ERR_OK;
}

enum err store__cursor_bad(struct error *e)
{
    error_set_reason(e, ERR_INVALID, "bad_cursor", "this cursor was not given by this list");
    return error_hint(e, "Begin again without a cursor, and take each one from \"next\" of the page before.");
}

enum err store__cursor_read(struct str cursor, char mark, int64_t *numbers, size_t n, struct error *e)
{
    if (cursor.n == 0 || cursor.p[0] != mark) return store__cursor_bad(e);
    struct str rest = str_sub(cursor, 1, cursor.n);
    for (size_t i = 0; i < n; i++) {
        if (!rest.p) return store__cursor_bad(e);
        struct str part = str_cut(rest, '-', &rest);
        if (str_to_i64(part, 0, INT64_MAX, &numbers[i], NULL) != ERR_OK) return store__cursor_bad(e);
    }
    return rest.p ? store__cursor_bad(e) : ERR_OK;
}
