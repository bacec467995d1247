/* The name that a mistyped word most likely means: the edit distance to each, in three rows. Lists are short and words are typed by people, so
 * nothing faster is needed. */
#include "base/closest.h"

#include <string.h>

enum { CLOSEST_MAX = 32 }; /* bytes of a name that are compared */

/* Edit distance (insert, delete, replace, swap of neighbours), names cut to CLOSEST_MAX. */
static size_t distance(const char *a, const char *b)
{
    size_t na = strnlen(a, CLOSEST_MAX), nb = strnlen(b, CLOSEST_MAX);
    size_t row[3][CLOSEST_MAX + 1] = {0};
    size_t *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= nb; j++)
        last[j] = j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best) best = last[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[nb];
}

const char *closest_name(const char *word, size_t n, const char *(*name_at)(const void *ctx, size_t i), const void *ctx)
{
    const char *best = NULL;
    size_t best_distance = strnlen(word, CLOSEST_MAX) / 3 + 1;
    for (size_t i = 0; i < n; i++) {
        const char *name = name_at(ctx, i);
        size_t d = distance(word, name);
        if (strlen(word) >= 3 && strncmp(name, word, strlen(word)) == 0) d = 0; /* the beginning of it */
        if (d < best_distance) {
            best = name;
            best_distance = d;
        }
    }
    return best;
}
