/* CloudWatch's embedded metric format: a line of JSON that CloudWatch Logs makes metrics of, whatever brought it there. A line stands alone: nothing may be
 * before or behind it in its log event.
 * Each metric is there twice: for the environment, where CloudWatch adds up the instances, and for the instance.
 * Source: Amazon CloudWatch, "Specification: Embedded metric format". Thread: any. */
#pragma once

#include "base/sb.h"

#define EMF_METRICS_MAX 100 /* of a line */

/* X(name, word): as CloudWatch calls them. */
#define EMF_UNITS(X)                                                                                                   \
    X(COUNT, "Count")                                                                                                  \
    X(SECONDS, "Seconds")                                                                                              \
    X(BYTES, "Bytes")                                                                                                  \
    X(PERCENT, "Percent")                                                                                              \
    X(NONE, "None")
enum emf_unit {
#define X(name, word) EMF_##name,
    EMF_UNITS(X)
#undef X
};

struct emf_metric {
    const char *name; /* a constant of letters and digits */
    enum emf_unit unit;
    double value; /* NAN: there is none, and the metric is left out */
};

struct emf_source {
    struct str space;                 /* the namespace */
    struct str environment, instance; /* dimensions; neither is empty */
};

/* A line with its end; of at most EMF_METRICS_MAX metrics. Nothing where all are left out. */
void emf_line(struct sb *out, const struct emf_source *from, const struct emf_metric *metrics, size_t n,
              int64_t at_unix_ms);
