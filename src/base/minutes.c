/* A ring by the number of the minute. Clocks jump: one that goes back counts on in the minute that runs, one that leaps ahead leaves minutes of nothing. */
#include "base/minutes.h"

#include <string.h>

void minutes_begin(struct minutes *m, int64_t now_unix_ms)
{
    memset(m, 0, sizeof *m);
    m->began = m->number = now_unix_ms / MINUTE_MS;
}

static struct minute since(const struct minutes_totals *before, const struct minutes_totals *totals)
{
    struct latency_counts took = totals->took;
    latency_since(&took, &before->took);
    return (struct minute){
        .known = true,
        .requests = totals->requests - before->requests,
        .errors_4xx = totals->errors_4xx - before->errors_4xx,
        .errors_5xx = totals->errors_5xx - before->errors_5xx,
        .timed = took.n,
        .p50_us = latency_quantile_us(&took, 0.5),
        .p90_us = latency_quantile_us(&took, 0.9),
        .p99_us = latency_quantile_us(&took, 0.99),
    };
}

void minutes_turn(struct minutes *m, int64_t now_unix_ms, const struct minutes_totals *totals)
{
    int64_t number = now_unix_ms / MINUTE_MS;
    if (number <= m->number) return;
    m->ring[m->number % MINUTES_KEPT] = since(&m->before, totals);
    m->before = *totals;
    int64_t first = m->number + 1 > number - MINUTES_KEPT ? m->number + 1 : number - MINUTES_KEPT;
    for (int64_t skipped = first; skipped < number; skipped++)
        m->ring[skipped % MINUTES_KEPT] = (struct minute){.known = true};
    m->number = number;
}

int64_t minutes_read(const struct minutes *m, const struct minutes_totals *totals, struct minute ret[MINUTES_KEPT])
{
    int64_t first = m->number - MINUTES_KEPT + 1;
    for (int64_t i = 0; i < MINUTES_KEPT - 1; i++)
        ret[i] = first + i >= m->began ? m->ring[(first + i) % MINUTES_KEPT] : (struct minute){.known = false};
    ret[MINUTES_KEPT - 1] = since(&m->before, totals);
    return first * MINUTE_MS;
}
