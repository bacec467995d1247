/* Sends spans (base/trace.h) to a collector, by OTLP over HTTP in JSON, from a thread of its own. Nobody waits for it: while the collector is down or slow
 * spans wait in their bounded list, and what finds it full is dropped and counted there.
 * A batch that the collector could not take now (no connection, 429, 502, 503, 504) is sent again after growing pauses, EXPORTER_ATTEMPTS times in all; one
 * that it refuses is dropped. Both are counted.
 * Source: OpenTelemetry protocol 1.x, OTLP/HTTP. Thread: any, but for new and free. */
#pragma once

#include "base/sb.h"
#include "telemetry/otlp.h"

#define EXPORTER_ATTEMPTS     4
#define EXPORTER_BATCH        256 /* spans of a request */
#define EXPORTER_PAUSE_MAX_MS 30000

struct exporter;

struct exporter_options { /* texts are borrowed */
    struct str url;       /* before /v1/traces */
    struct str headers;   /* "name=value,…", values percent-encoded; may be empty; a secret */
    struct otlp_resource from;
    int64_t delay_ms; /* spans wait at most so long, unless there are many; also the first pause */
    size_t spans;     /* that may wait */
    double ratio;     /* trace_options */
    /* A batch was given up: why, and of how many spans. On the exporter's thread. */
    void (*on_lost)(void *ctx, const struct error *why, size_t spans);
    void *ctx;
};

/* Spans are kept from here on. ERR_INVALID "bad_setting" headers that are none; ERR_LIMIT. *ret: exporter_free, while no other thread begins or ends
 * spans. */
enum err exporter_new(const struct exporter_options *o, struct exporter **ret, struct error *e) MUST_USE;
/* Sends what waits, if that can be done at once, and keeps none any more. x may be NULL. */
void exporter_free(struct exporter *x);
/* What it counts, as lines of base/metrics.h. */
void exporter_metrics(struct exporter *x, struct sb *out);
