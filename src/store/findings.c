/* Findings: made, found, changed. Each carries its texts once more, case-folded, for searching: neither database folds more than ASCII by itself in
 * the same way. */
#include "store/findings_priv.h"

#include "base/utf8.h"
#include "store/queries.h"
#include "store/store_priv.h"

static const struct store_field fields[] = {
    STORE_FIELD(store_finding, id),
    STORE_FIELD(store_finding, review_id),
    STORE_FIELD(store_finding, document_id),
    STORE_FIELD(store_finding, seq),
    STORE_FIELD(store_finding, fingerprint),
    STORE_FIELD(store_finding, source),
    STORE_FIELD(store_finding, reviewer),
    STORE_FIELD(store_finding, reviewer_name),
    STORE_FIELD(store_finding, block),
    STORE_FIELD(store_finding, start),
    STORE_FIELD(store_finding, end),
    STORE_FIELD(store_finding, located),
    STORE_FIELD(store_finding, quote),
    STORE_FIELD(store_finding, section),
    STORE_FIELD(store_finding, place),
    STORE_FIELD(store_finding, kind),
    STORE_FIELD(store_finding, risk),
    STORE_FIELD(store_finding, category),
    STORE_FIELD(store_finding, confidence),
    STORE_FIELD(store_finding, rank),
    STORE_FIELD(store_finding, title),
    STORE_FIELD(store_finding, description),
    STORE_FIELD(store_finding, why),
    STORE_FIELD(store_finding, suggestion),
    STORE_FIELD_NULLABLE(store_finding, rewrite),
    STORE_FIELD(store_finding, questions),
    STORE_FIELD(store_finding, points),
    STORE_FIELD(store_finding, point_numbers),
    STORE_FIELD(store_finding, decision),
    STORE_FIELD(store_finding, decided_by),
    STORE_FIELD(store_finding, decided_unix_ms),
    STORE_FIELD(store_finding, note),
    STORE_FIELD(store_finding, edited),
    STORE_FIELD_NULLABLE(store_finding, original),
    STORE_FIELD(store_finding, created_unix_ms),
    STORE_FIELD(store_finding, changed_unix_ms),
    STORE_FIELD(store_finding, version),
    STORE_FIELD(store_finding, deleted),
    STORE_FIELD(store_finding, decided_by_name), /* only comes out */
};
#define ONLY_OUT 1

static const struct store_field deciding[] = {
    STORE_FIELD(store_finding, decision),
    STORE_FIELD(store_finding, decided_by),
    STORE_FIELD(store_finding, decided_unix_ms),
    STORE_FIELD(store_finding, note),
};

static const struct store_field changing[] = {
    STORE_FIELD(store_finding, kind),
    STORE_FIELD(store_finding, risk),
    STORE_FIELD(store_finding, category),
    STORE_FIELD(store_finding, title),
    STORE_FIELD(store_finding, description),
    STORE_FIELD(store_finding, why),
    STORE_FIELD(store_finding, suggestion),
    STORE_FIELD_NULLABLE(store_finding, rewrite),
    STORE_FIELD(store_finding, questions),
    STORE_FIELD(store_finding, points),
    STORE_FIELD(store_finding, point_numbers),
    STORE_FIELD(store_finding, decision),
    STORE_FIELD(store_finding, decided_by),
    STORE_FIELD(store_finding, decided_unix_ms),
    STORE_FIELD(store_finding, note),
    STORE_FIELD(store_finding, edited),
    STORE_FIELD_NULLABLE(store_finding, original),
    STORE_FIELD(store_finding, changed_unix_ms),
    STORE_FIELD(store_finding, deleted),
};

/* What is searched of one finding; the separator is in no text that a person types. */
static enum err fold_texts(const struct store_finding *row, struct arena *a, struct str *ret, struct error *e)
{
    const struct str parts[] = {row->title, row->description, row->suggestion, row->rewrite, row->quote};
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    for (size_t i = 0; i < STORE_COUNT(parts); i++) {
        sb_str(&b, parts[i]);
        sb_char(&b, '\x1f');
    }
    if (!sb_ok(&b)) return error_no_memory(e);
    *ret = utf8_fold_case(a, sb_view(&b));
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err fold_note(struct str note, struct arena *a, struct str *ret, struct error *e)
{
    *ret = STR_EMPTY;
    if (note.n == 0) return ERR_OK;
    *ret = utf8_fold_case(a, note);
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err insert_one(struct store_tx *tx, const struct store_finding *row, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    CLEANUP_QUERY struct store_query q = {0};
    struct str folded = STR_EMPTY, note = STR_EMPTY;
    if (!a) return error_no_memory(e);
    TRY(fold_texts(row, a, &folded, e));
    TRY(fold_note(row->note, a, &note, e));
    TRY(store__query_begin(&q, tx, SQL_FINDING_INSERT, e));
    store__bind_fields(&q, fields, STORE_COUNT(fields) - ONLY_OUT, row);
    store__bind_str(&q, folded);
    store__bind_str(&q, note);
    return store__query_run(&q, NULL, e);
}

enum err store_finding_insert(struct store_tx *tx, const struct store_finding *rows, size_t n, struct error *e)
{
    for (size_t i = 0; i < n; i++)
        TRY(insert_one(tx, &rows[i], e));
    return ERR_OK;
}

enum err store_finding_next_seq(struct store_tx *tx, struct str review_id, uint32_t *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_FINDING_NEXT_SEQ, e));
    store__bind_str(&q, review_id);
    TRY(store__query_one(&q, "review", e));
    *ret = (uint32_t)store__read_i64(&q);
    return ERR_OK;
}

enum err store__finding_read(struct store_query *q, struct arena *a, struct store_finding *ret, struct error *e)
{
    struct store_finding row = {0};
    TRY(store__read_fields(q, fields, STORE_COUNT(fields), a, &row, e));
    *ret = row;
    return ERR_OK;
}

enum err store_finding_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                            struct store_finding *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_FINDING_FIND, e));
    store__bind_str(&q, id);
    store__bind_str(&q, owner);
    TRY(store__query_one(&q, "finding", e));
    return store__finding_read(&q, a, ret, e);
}

enum err store_finding_decide(struct store_tx *tx, const struct store_finding *row, bool *ret_changed, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    CLEANUP_QUERY struct store_query q = {0};
    struct str note = STR_EMPTY;
    int64_t changes = 0;
    if (!a) return error_no_memory(e);
    TRY(fold_note(row->note, a, &note, e));
    TRY(store__query_begin(&q, tx, SQL_FINDING_DECIDE, e));
    store__bind_str(&q, row->id);
    store__bind_i64(&q, row->version);
    store__bind_fields(&q, deciding, STORE_COUNT(deciding), row);
    store__bind_str(&q, note);
    store__bind_i64(&q, row->changed_unix_ms);
    TRY(store__query_run(&q, &changes, e));
    *ret_changed = changes > 0;
    return ERR_OK;
}

enum err store_finding_update(struct store_tx *tx, const struct store_finding *row, bool *ret_changed, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    CLEANUP_QUERY struct store_query q = {0};
    struct str folded = STR_EMPTY, note = STR_EMPTY;
    int64_t changes = 0;
    if (!a) return error_no_memory(e);
    TRY(fold_texts(row, a, &folded, e));
    TRY(fold_note(row->note, a, &note, e));
    TRY(store__query_begin(&q, tx, SQL_FINDING_UPDATE, e));
    store__bind_str(&q, row->id);
    store__bind_i64(&q, row->version);
    store__bind_fields(&q, changing, STORE_COUNT(changing), row);
    store__bind_str(&q, folded);
    store__bind_str(&q, note);
    TRY(store__query_run(&q, &changes, e));
    *ret_changed = changes > 0;
    return ERR_OK;
}
