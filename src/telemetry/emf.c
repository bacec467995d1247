#include "telemetry/emf.h"

#include <assert.h>
#include <math.h>

#include "base/json.h"

static const char *const units[] = {
#define X(name, word) [EMF_##name] = (word),
    EMF_UNITS(X)
#undef X
};

static void put_dimensions(struct json_out *o)
{
    json_out_begin_array(o, "Dimensions");
    json_out_begin_array(o, NULL);
    json_out_c(o, NULL, "Environment");
    json_out_end_array(o);
    json_out_begin_array(o, NULL);
    json_out_c(o, NULL, "Environment");
    json_out_c(o, NULL, "Instance");
    json_out_end_array(o);
    json_out_end_array(o);
}

static void put_directive(struct json_out *o, const struct emf_source *from, const struct emf_metric *metrics, size_t n)
{
    json_out_begin_object(o, NULL);
    json_out_str(o, "Namespace", from->space);
    put_dimensions(o);
    json_out_begin_array(o, "Metrics");
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(metrics[i].value)) continue;
        json_out_begin_object(o, NULL);
        json_out_c(o, "Name", metrics[i].name);
        json_out_c(o, "Unit", units[metrics[i].unit]);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

void emf_line(struct sb *out, const struct emf_source *from, const struct emf_metric *metrics, size_t n,
              int64_t at_unix_ms)
{
    bool any = false;
    assert(n <= EMF_METRICS_MAX);
    for (size_t i = 0; i < n; i++)
        any = any || isfinite(metrics[i].value);
    if (!any) return;
    struct json_out o = json_out_make(out, false);
    json_out_begin_object(&o, NULL);
    json_out_begin_object(&o, "_aws");
    json_out_i64(&o, "Timestamp", at_unix_ms);
    json_out_begin_array(&o, "CloudWatchMetrics");
    put_directive(&o, from, metrics, n);
    json_out_end_array(&o);
    json_out_end_object(&o);
    json_out_str(&o, "Environment", from->environment);
    json_out_str(&o, "Instance", from->instance);
    for (size_t i = 0; i < n; i++)
        if (isfinite(metrics[i].value)) json_out_double(&o, metrics[i].name, metrics[i].value);
    json_out_end_object(&o);
    sb_char(out, '\n');
}
