/* Numbers about a running program, as Prometheus reads them. There is no registry: whoever counts keeps its own counters and writes them when asked,
 * so nothing here is global. A name is a constant of [a-z0-9_] that begins with "prism_" and ends with its unit; counters end with "_total".
 * Source: the Prometheus text exposition format 0.0.4. Thread: any; a histogram may be fed by many threads at once. */
#pragma once

#include <stdatomic.h>

#include "base/sb.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metrics_kind { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

struct metrics_label {
    const char *name;
    struct str value;
};

/* The head of a family: once, before its samples. help: a sentence of one line. */
void metrics_family(struct sb *b, const char *name, enum metrics_kind kind, const char *help);

void metrics_u64(struct sb *b, const char *name, const struct metrics_label *labels, size_t n_labels, uint64_t value);
/* Seconds, money and the like. */
void metrics_f64(struct sb *b, const char *name, const struct metrics_label *labels, size_t n_labels, double value);

/* A family of one sample. */
void metrics_one(struct sb *b, const char *name, enum metrics_kind kind, const char *help, uint64_t value);

/* Durations; upper bounds in µs. The first bucket of a histogram is up to the first bound, the last one is everything above. */
#define METRICS_BOUNDS(X)                                                                                              \
    X(1000)                                                                                                            \
    X(5000)                                                                                                            \
    X(10000)                                                                                                           \
    X(25000)                                                                                                           \
    X(50000)                                                                                                           \
    X(100000)                                                                                                          \
    X(250000) X(500000) X(1000000) X(2500000) X(5000000) X(10000000) X(30000000) X(60000000) X(120000000) X(600000000)
enum {
#define X(us) +1
    METRICS_BUCKETS = 1 METRICS_BOUNDS(X)
#undef X
};

struct metrics_histogram { /* zeroed at first */
    atomic_uint_fast64_t buckets[METRICS_BUCKETS];
    atomic_uint_fast64_t sum_us;
};

void metrics_observe(struct metrics_histogram *h, uint64_t us);
/* The samples "_bucket", "_sum" and "_count", in seconds; nothing of one that was never fed. */
void metrics_histogram_put(struct sb *b, const char *name, const struct metrics_label *labels, size_t n_labels,
                           const struct metrics_histogram *h);
