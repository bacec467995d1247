/* Bounded edit distance between a quote and a stretch of text near a known place.
 * Ukkonen's band: with at most max errors and a start within slack of the place, row i of the table needs only the columns within slack + max of the
 * diagonal. One pass forward finds the cheapest ends, one pass backward from the chosen end the cheapest starts; ties go to the caller's
 * preference (word borders), then to the length nearest to the quote's.
 * Rejected: Myers' bit-parallel algorithm: faster per cell, but the band is narrow here and it does not give starts.
 * Limits: bytes, not code points, are compared: a wrong letter of two bytes may count twice. Source: Ukkonen 1985; Navarro 2001. */
#include <stdlib.h>

#include "base/vec.h"
#include "review/locate_priv.h"

#define FAR (UINT32_MAX / 2)

struct band {
    struct str text, needle;
    bool backward;  /* both are read from their ends; columns count from the end of text */
    int64_t center; /* column of row 0 in the middle of the band */
    int64_t reach;  /* columns on either side */
    int64_t free;   /* columns around center at which row 0 is free */
    size_t max;
};

static char text_at(const struct band *b, int64_t column)
{
    return b->backward ? b->text.p[b->text.n - 1 - (size_t)column] : b->text.p[column];
}

static char needle_at(const struct band *b, size_t row)
{
    return b->backward ? b->needle.p[b->needle.n - 1 - row] : b->needle.p[row];
}

/* Fills row with the costs of the last row; false when every cell is over max. row has 2 * reach + 2 cells. */
static bool band_run(const struct band *b, uint32_t *row)
{
    size_t width = (size_t)(2 * b->reach + 1);
    for (size_t i = 0; i <= width; i++) {
        int64_t column = b->center - b->reach + (int64_t)i;
        bool is_free = i < width && column >= 0 && column <= (int64_t)b->text.n && llabs(column - b->center) <= b->free;
        row[i] = is_free ? 0 : FAR;
    }
    for (size_t r = 1; r <= b->needle.n; r++) {
        uint32_t left = FAR, least = FAR;
        for (size_t i = 0; i < width; i++) {
            int64_t column = b->center - b->reach + (int64_t)(r + i); /* characters of text before it */
            uint32_t cost = row[i + 1] + 1;                           /* a character of the needle is not in the text */
            if (column > 0 && column <= (int64_t)b->text.n) {
                uint32_t diagonal = row[i] + (text_at(b, column - 1) != needle_at(b, r - 1));
                if (diagonal < cost) cost = diagonal;
                if (left + 1 < cost) cost = left + 1;
            }
            if (column < 0 || column > (int64_t)b->text.n || cost > FAR) cost = FAR;
            row[i] = left = cost;
            if (cost < least) least = cost;
        }
        row[width] = FAR;
        if (least > b->max) return false;
    }
    return true;
}

/* The best cell of the last row: least cost, then preference, then nearness to the middle. */
static int64_t best_column(const struct band *b, const struct locate_align *q, const uint32_t *row, uint32_t *ret_cost)
{
    int64_t best = -1, best_off = 0;
    int best_preference = 0;
    uint32_t least = FAR;
    for (size_t i = 0; i < (size_t)(2 * b->reach + 1); i++)
        if (row[i] < least) least = row[i];
    for (size_t i = 0; least < FAR && i < (size_t)(2 * b->reach + 1); i++) {
        if (row[i] != least) continue;
        int64_t column = b->center - b->reach + (int64_t)(b->needle.n + i);
        size_t at = b->backward ? b->text.n - (size_t)column : (size_t)column;
        int preference = q->prefer ? q->prefer(q->ctx, at, !b->backward) : 0;
        int64_t off = llabs((int64_t)i - b->reach);
        if (best >= 0 && (preference < best_preference || (preference == best_preference && off >= best_off))) continue;
        best = column;
        best_preference = preference;
        best_off = off;
    }
    *ret_cost = least;
    return best;
}

enum err locate__align(const struct locate_align *q, struct arena *scratch, bool *ret_found, size_t *ret_start,
                       size_t *ret_end, size_t *ret_distance, struct error *e)
{
    *ret_found = false;
    int64_t at = q->at > q->text.n ? (int64_t)q->text.n : (int64_t)q->at;
    struct band forward = {q->text, q->needle, false, at, (int64_t)(q->slack + q->max), (int64_t)q->slack, q->max};
    uint32_t *row = NEW(scratch, uint32_t, 2 * (size_t)forward.reach + 2);
    if (!row) return error_no_memory(e);
    uint32_t cost = 0;
    if (!band_run(&forward, row)) return ERR_OK;
    int64_t end = best_column(&forward, q, row, &cost);
    if (end < 0 || cost > q->max) return ERR_OK;
    struct band back = {q->text, q->needle, true, (int64_t)q->text.n - end, (int64_t)q->max, 0, q->max};
    if (!band_run(&back, row)) return ERR_OK;
    int64_t start = best_column(&back, q, row, &cost);
    if (start < 0 || (int64_t)q->text.n - start >= end) return ERR_OK;
    *ret_start = q->text.n - (size_t)start;
    *ret_end = (size_t)end;
    *ret_distance = cost;
    *ret_found = true;
    return ERR_OK;
}
