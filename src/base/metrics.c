/* The text format is lines; what is in a label may be anything a person typed, so it is escaped. Rejected: a library of metrics (none for C is in
 * Debian), the protocol buffer format (nobody needs it). A histogram that is read while it is fed may be one observation apart in sum and count,
 * which Prometheus does not mind. */
#include "base/metrics.h"

#include <inttypes.h>
#include <stdio.h>

void metrics_family(struct sb *b, const char *name, enum metrics_kind kind, const char *help)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    sb_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kinds[kind]);
}

static void put_value(struct sb *b, struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\\' || c == '"') sb_char(b, '\\');
        if (c == '\n')
            sb_c(b, "\\n");
        else
            sb_char(b, c);
    }
}

/* name{labels,le="le"}; le may be NULL. */
static void put_name(struct sb *b, const char *name, const char *suffix, const struct metrics_label *labels,
                     size_t n_labels, const char *le)
{
    char before = '{';
    sb_printf(b, "%s%s", name, suffix);
    for (size_t i = 0; i < n_labels; i++) {
        sb_printf(b, "%c%s=\"", before, labels[i].name);
        put_value(b, labels[i].value);
        sb_char(b, '"');
        before = ',';
    }
    if (le) {
        sb_printf(b, "%cle=\"%s\"", before, le);
        before = ',';
    }
    if (before == ',') sb_char(b, '}');
    sb_char(b, ' ');
}

void metrics_u64(struct sb *b, const char *name, const struct metrics_label *labels, size_t n_labels, uint64_t value)
{
    put_name(b, name, "", labels, n_labels, NULL);
    sb_printf(b, "%" PRIu64 "\n", value);
}

void metrics_f64(struct sb *b, const char *name, const struct metrics_label *labels, size_t n_labels, double value)
{
    put_name(b, name, "", labels, n_labels, NULL);
    sb_printf(b, "%.6f\n", value);
}

void metrics_one(struct sb *b, const char *name, enum metrics_kind kind, const char *help, uint64_t value)
{
    metrics_family(b, name, kind, help);
    metrics_u64(b, name, NULL, 0, value);
}

static const uint64_t bounds[] = {
#define X(us) us,
    METRICS_BOUNDS(X)
#undef X
};
enum { BOUNDS = sizeof bounds / sizeof *bounds };

void metrics_observe(struct metrics_histogram *h, uint64_t us)
{
    size_t i = 0;
    while (i < BOUNDS && us > bounds[i])
        i++;
    atomic_fetch_add_explicit(&h->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum_us, us, memory_order_relaxed);
}

void metrics_histogram_put(struct sb *b, const char *name, const struct metrics_label *labels, size_t n_labels,
                           const struct metrics_histogram *h)
{
    uint64_t counts[METRICS_BUCKETS], total = 0, sum = atomic_load_explicit(&h->sum_us, memory_order_relaxed);
    for (size_t i = 0; i < METRICS_BUCKETS; i++)
        total += counts[i] = atomic_load_explicit(&h->buckets[i], memory_order_relaxed);
    if (total == 0) return;
    uint64_t so_far = 0;
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        char le[32] = "+Inf";
        if (i < BOUNDS) (void)snprintf(le, sizeof le, "%g", (double)bounds[i] / 1e6);
        so_far += counts[i];
        put_name(b, name, "_bucket", labels, n_labels, le);
        sb_printf(b, "%" PRIu64 "\n", so_far);
    }
    put_name(b, name, "_sum", labels, n_labels, NULL);
    sb_printf(b, "%.6f\n", (double)sum / 1e6);
    put_name(b, name, "_count", labels, n_labels, NULL);
    sb_printf(b, "%" PRIu64 "\n", total);
}
