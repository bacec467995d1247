#include "telemetry/otlp.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"

enum { STATUS_ERROR = 2 };

static void put_text(struct json_out *o, const char *key, struct str text)
{
    if (text.n == 0) return;
    json_out_begin_object(o, NULL);
    json_out_c(o, "key", key);
    json_out_begin_object(o, "value");
    json_out_str(o, "stringValue", text);
    json_out_end_object(o);
    json_out_end_object(o);
}

static void put_i64(struct json_out *o, const char *key, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    json_out_c(o, key, text);
}

static void put_number(struct json_out *o, const char *key, int64_t number)
{
    json_out_begin_object(o, NULL);
    json_out_c(o, "key", key);
    json_out_begin_object(o, "value");
    put_i64(o, "intValue", number);
    json_out_end_object(o);
    json_out_end_object(o);
}

static void put_hex(struct json_out *o, const char *key, const uint8_t *bytes, size_t n)
{
    char text[2 * sizeof((struct trace_link *)0)->trace + 1];
    for (size_t i = 0; i < n; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    json_out_c(o, key, text);
}

static void put_attributes(struct json_out *o, const struct trace_span *s)
{
    json_out_begin_array(o, "attributes");
    for (size_t i = 0; i < s->n_attributes; i++) {
        const struct trace_attribute *a = &s->attributes[i];
        if (a->is_text)
            put_text(o, a->key, (struct str){s->text + a->at, a->n});
        else
            put_number(o, a->key, a->number);
    }
    if (s->failed) put_text(o, "error.type", str_from_c(s->error));
    json_out_end_array(o);
}

static void put_span(struct json_out *o, const struct trace_span *s)
{
    json_out_begin_object(o, NULL);
    put_hex(o, "traceId", s->link.trace, sizeof s->link.trace);
    put_hex(o, "spanId", s->link.span, sizeof s->link.span);
    if (!trace_is_none(&s->before)) put_hex(o, "parentSpanId", s->before.span, sizeof s->before.span);
    json_out_c(o, "name", s->name);
    json_out_u64(o, "kind", (uint64_t)s->kind);
    put_i64(o, "startTimeUnixNano", s->began_unix_ns);
    put_i64(o, "endTimeUnixNano", s->began_unix_ns + s->took_ns);
    put_attributes(o, s);
    json_out_begin_object(o, "status");
    if (s->failed) json_out_u64(o, "code", STATUS_ERROR);
    json_out_end_object(o);
    json_out_end_object(o);
}

void otlp_traces(struct sb *out, const struct otlp_resource *from, const struct trace_span *spans, size_t n)
{
    struct json_out o = json_out_make(out, false);
    json_out_begin_object(&o, NULL);
    json_out_begin_array(&o, "resourceSpans");
    json_out_begin_object(&o, NULL);
    json_out_begin_object(&o, "resource");
    json_out_begin_array(&o, "attributes");
    put_text(&o, "service.name", from->service);
    put_text(&o, "service.version", from->version);
    put_text(&o, "service.instance.id", from->instance);
    put_text(&o, "deployment.environment.name", from->environment);
    put_text(&o, "telemetry.sdk.name", STR("prism"));
    put_text(&o, "telemetry.sdk.language", STR("c"));
    json_out_end_array(&o);
    json_out_end_object(&o);
    json_out_begin_array(&o, "scopeSpans");
    json_out_begin_object(&o, NULL);
    json_out_begin_object(&o, "scope");
    json_out_c(&o, "name", "prism");
    json_out_end_object(&o);
    json_out_begin_array(&o, "spans");
    for (size_t i = 0; i < n; i++)
        put_span(&o, &spans[i]);
    json_out_end_array(&o);
    json_out_end_object(&o);
    json_out_end_array(&o);
    json_out_end_object(&o);
    json_out_end_array(&o);
    json_out_end_object(&o);
}
