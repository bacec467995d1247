/* Below LATENCY_PARTS a bucket is one µs; above, the highest bit says which power of two, and the four below it which part. */
#include "base/latency.h"

enum { PART_BITS = 4 };
_Static_assert(LATENCY_PARTS == 1 << PART_BITS, "parts are bits");
_Static_assert(LATENCY_BUCKETS == LATENCY_PARTS + (32 - PART_BITS) * LATENCY_PARTS, "up to LATENCY_MAX_US");

static size_t bucket_of(uint64_t us)
{
    if (us < LATENCY_PARTS) return (size_t)us;
    if (us >= LATENCY_MAX_US) return LATENCY_BUCKETS - 1;
    unsigned power = 63 - (unsigned)__builtin_clzll(us);
    return (power - PART_BITS + 1) * LATENCY_PARTS + ((us >> (power - PART_BITS)) & (LATENCY_PARTS - 1));
}

/* The middle. */
static uint64_t value_of(size_t bucket)
{
    if (bucket < LATENCY_PARTS) return bucket;
    unsigned shift = (unsigned)(bucket / LATENCY_PARTS) - 1;
    uint64_t least = (LATENCY_PARTS + bucket % LATENCY_PARTS) << shift;
    return least + ((UINT64_C(1) << shift) >> 1);
}

void latency_add(struct latency *l, uint64_t us)
{
    atomic_fetch_add_explicit(&l->buckets[bucket_of(us)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&l->sum_us, us, memory_order_relaxed);
}

void latency_read(const struct latency *l, struct latency_counts *ret)
{
    ret->n = 0;
    ret->sum_us = atomic_load_explicit(&l->sum_us, memory_order_relaxed);
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        ret->n += ret->buckets[i] = atomic_load_explicit(&l->buckets[i], memory_order_relaxed);
}

void latency_since(struct latency_counts *later, const struct latency_counts *earlier)
{
    later->n -= earlier->n;
    later->sum_us -= earlier->sum_us;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        later->buckets[i] -= earlier->buckets[i];
}

uint64_t latency_quantile_us(const struct latency_counts *c, double q)
{
    uint64_t so_far = 0, wanted = (uint64_t)(q * (double)c->n);
    if ((double)wanted < q * (double)c->n) wanted++;
    if (wanted == 0) wanted = 1;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        so_far += c->buckets[i];
        if (so_far >= wanted) return c->n ? value_of(i) : 0;
    }
    return 0;
}
