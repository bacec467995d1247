/* What the status of a server asks: sums over indexes, so that a page that asks every few seconds costs little. Work is counted from the rows, so it outlives
 * a server and is that of all that share the store. */
#include <string.h>

#include "store/queries.h"
#include "store/store_priv.h"

static enum err count(struct store_tx *tx, enum store_sql sql, uint64_t *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    TRY(store__query_one(&q, "count", e));
    *ret = (uint64_t)store__read_i64(&q);
    return ERR_OK;
}

enum err store_status_documents(struct store_tx *tx, uint64_t *ret, uint64_t *ret_without_file, struct error *e)
{
    TRY(count(tx, SQL_STATUS_DOCUMENTS, ret, e));
    return count(tx, SQL_STATUS_WITHOUT_FILE, ret_without_file, e);
}

/* Two numbers a stretch. */
static enum err by_stretch(struct store_tx *tx, enum store_sql sql, int64_t since_unix_ms, int64_t stretch_ms, size_t n,
                           uint64_t *first, uint64_t *second, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, sql, e));
    store__bind_i64(&q, since_unix_ms);
    store__bind_i64(&q, stretch_ms);
    for (bool more = true;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) return ERR_OK;
        int64_t at = store__read_i64(&q), a = store__read_i64(&q), b = store__read_i64(&q);
        if (at < 0 || (uint64_t)at >= n) continue; /* the clock of who wrote it is ahead */
        first[at] = (uint64_t)a;
        if (second) second[at] = (uint64_t)b;
    }
}

enum err store_status_work(struct store_tx *tx, int64_t since_unix_ms, int64_t stretch_ms, size_t n,
                           uint64_t *ret_reviews, uint64_t *ret_calls, uint64_t *ret_failed, struct error *e)
{
    memset(ret_reviews, 0, n * sizeof *ret_reviews);
    memset(ret_calls, 0, n * sizeof *ret_calls);
    memset(ret_failed, 0, n * sizeof *ret_failed);
    TRY(by_stretch(tx, SQL_STATUS_REVIEWS, since_unix_ms, stretch_ms, n, ret_reviews, NULL, e));
    return by_stretch(tx, SQL_STATUS_CALLS, since_unix_ms, stretch_ms, n, ret_calls, ret_failed, e);
}
