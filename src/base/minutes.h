/* What was answered in each of the last minutes, made of totals that only grow: whoever keeps the totals hands them in when a minute has ended, and whenever
 * somebody looks. So counting itself costs nothing more. A minute in which nobody was there to hand them in counts as one in which nothing was.
 * A value; nothing is allocated. Thread: one at a time. */
#pragma once

#include <stdbool.h>

#include "base/latency.h"

#define MINUTES_KEPT 60 /* the one that runs included */
#define MINUTE_MS    60000

struct minutes_totals { /* since the start of the program */
    uint64_t requests, errors_4xx, errors_5xx;
    struct latency_counts took;
};

struct minute {
    bool known; /* false: before the program was started */
    uint64_t requests, errors_4xx, errors_5xx;
    uint64_t timed; /* requests that the percentiles are of; 0: these mean nothing */
    uint64_t p50_us, p90_us, p99_us;
};

struct minutes {
    struct minute ring[MINUTES_KEPT]; /* minute n at n % MINUTES_KEPT */
    int64_t began;                    /* number of the first minute, since 1970 */
    int64_t number;                   /* of the minute that runs */
    struct minutes_totals before;     /* at its beginning */
};

void minutes_begin(struct minutes *m, int64_t now_unix_ms);
/* Ends the minutes that are over. At the beginning of each, or later: what was counted since the last call belongs to the minute of that. */
void minutes_turn(struct minutes *m, int64_t now_unix_ms, const struct minutes_totals *totals);
/* The last MINUTES_KEPT, oldest first, after minutes_turn with the same. Returns when the first of them began, unix ms. */
int64_t minutes_read(const struct minutes *m, const struct minutes_totals *totals, struct minute ret[MINUTES_KEPT]);
