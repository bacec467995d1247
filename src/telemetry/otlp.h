/* Spans as a request of OTLP in JSON, for POST /v1/traces of a collector. Ids are hex, whole numbers of 64 bits texts, enums numbers.
 * Source: OpenTelemetry protocol 1.x, "JSON Protobuf Encoding"; opentelemetry-proto, trace/v1. Thread: any. */
#pragma once

#include "base/sb.h"
#include "base/trace.h"

struct otlp_resource { /* who says it; empty texts are left out */
    struct str service, version, environment, instance;
};

void otlp_traces(struct sb *out, const struct otlp_resource *from, const struct trace_span *spans, size_t n);
