/* Durations, counted finely enough for percentiles. Buckets are 16 a power of two, so a percentile is within 1/32 (3.2 %) of the true one, from 16 µs to
 * over an hour; below and above it is within 1 µs, and said as LATENCY_MAX_US. It takes 4 KB, and a duration costs two atomic additions.
 * Source: HdrHistogram's idea of buckets that grow with the value. Thread: any; may be fed by many threads at once. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define LATENCY_PARTS   16 /* of a power of two */
#define LATENCY_BUCKETS 464
#define LATENCY_MAX_US  (UINT64_C(1) << 32)

struct latency { /* zeroed at first */
    atomic_uint_fast64_t buckets[LATENCY_BUCKETS];
    atomic_uint_fast64_t sum_us;
};

struct latency_counts { /* of some time */
    uint64_t buckets[LATENCY_BUCKETS];
    uint64_t n, sum_us;
};

void latency_add(struct latency *l, uint64_t us);
/* All that was ever added. One that is being added may be in the sum and not yet in a bucket. */
void latency_read(const struct latency *l, struct latency_counts *ret);
/* What was added between two readings, into *later. */
void latency_since(struct latency_counts *later, const struct latency_counts *earlier);
/* The duration that a share q (0 to 1) of all did not pass; 0 of none. */
uint64_t latency_quantile_us(const struct latency_counts *c, double q);
