/* The report as JSON, for programs: docs/logs.schema.json says what each member is. All lists whole, where the pages show the most important rows. */
#include "base/json.h"
#include "base/time.h"
#include "ops/logs_priv.h"

enum { SPANS = 1000 };

/* Members of a JSON writer are text alone: a time is one, or null. */
static void put_time(struct json_out *o, const char *key, int64_t at)
{
    json_out_time(o, key, at == LOGS_NO_TIME ? 0 : at);
}

static void put_verdict(const struct ops_logs *l, struct json_out *o)
{
    json_out_c(o, "verdict", logs__verdict_name(l->verdict));
    json_out_begin_array(o, "reasons");
    for (size_t i = 0; i < l->reasons.n; i++) {
        json_out_begin_object(o, NULL);
        json_out_c(o, "level", logs__level_name(l->reasons.at[i].level));
        json_out_str(o, "text", l->reasons.at[i].text);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static void put_run(const struct ops_logs *l, const struct logs_run *r, struct json_out *o)
{
    static const char *const outcomes[] = {
        [LOGS_RUN_OPEN] = "open", [LOGS_RUN_DONE] = "succeeded", [LOGS_RUN_FAILED] = "failed"};
    json_out_begin_object(o, NULL);
    json_out_filled_or_null(o, "instance", r->instance);
    json_out_str(o, "command", r->command);
    put_time(o, "start", r->start);
    put_time(o, "end", r->end);
    json_out_i64(o, "duration_ms", r->end - r->start);
    json_out_c(o, "outcome", outcomes[r->outcome]);
    json_out_filled_or_null(o, "failed_in", r->failed_in);
    json_out_filled_or_null(o, "error", r->error);
    json_out_begin_array(o, "phases");
    for (size_t i = r->first_phase; i < r->first_phase + r->n_phases; i++) {
        int64_t next = i + 1 < r->first_phase + r->n_phases ? l->phases.at[i + 1].at : r->end;
        json_out_begin_object(o, NULL);
        put_time(o, "at", l->phases.at[i].at);
        json_out_i64(o, "duration_ms", next - l->phases.at[i].at);
        json_out_str(o, "name", l->phases.at[i].name);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static void put_deployment(const struct ops_logs *l, struct json_out *o)
{
    json_out_begin_array(o, "deployments");
    for (size_t i = 0; i < l->runs.n; i++)
        if (l->runs.at[i].deploys) put_run(l, &l->runs.at[i], o);
    json_out_end_array(o);
    json_out_begin_array(o, "commands");
    for (size_t i = 0; i < l->commands.n; i++) {
        json_out_begin_object(o, NULL);
        put_time(o, "at", l->commands.at[i].at);
        json_out_str(o, "name", l->commands.at[i].name);
        json_out_bool(o, "failed", l->commands.at[i].failed);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_begin_array(o, "packages");
    for (size_t i = 0; i < l->packages.n; i++) {
        json_out_begin_object(o, NULL);
        json_out_str(o, "name", l->packages.at[i]->name);
        json_out_filled_or_null(o, "version", l->packages.at[i]->version);
        json_out_c(o, "by", l->packages.at[i]->by);
        json_out_filled_or_null(o, "replaced", l->packages.at[i]->replaced);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static void put_servers(const struct ops_logs *l, struct json_out *o)
{
    json_out_begin_array(o, "servers");
    for (size_t i = 0; i < l->servers.n; i++) {
        const struct logs_server *s = &l->servers.at[i];
        json_out_begin_object(o, NULL);
        json_out_c(o, "program", s->program);
        json_out_filled_or_null(o, "version", s->version);
        put_time(o, "start", s->start);
        put_time(o, "ready", s->ready);
        json_out_filled_or_null(o, "listen", s->listen);
        json_out_filled_or_null(o, "worker_class", s->worker_class);
        json_out_u64(o, "workers", s->booted);
        json_out_u64(o, "workers_later", s->renewed);
        json_out_begin_array(o, "pids");
        for (size_t k = 0; k < s->n_pids; k++)
            json_out_u64(o, NULL, s->pids[k]);
        json_out_end_array(o);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static void put_sum(struct json_out *o, const struct logs_sum *s)
{
    json_out_u64(o, "requests", s->n);
    json_out_u64(o, "status_2xx", s->n2);
    json_out_u64(o, "status_3xx", s->n3);
    json_out_u64(o, "status_4xx", s->n4);
    json_out_u64(o, "status_5xx", s->n5);
    json_out_u64(o, "bytes", s->bytes);
    json_out_u64(o, "bytes_smallest", s->n ? s->min_bytes : 0);
    json_out_u64(o, "bytes_largest", s->max_bytes);
}

static void put_health(const struct ops_logs *l, struct json_out *o)
{
    size_t n;
    const struct logs_source **list = logs__sources(l, l->counted, &n);
    json_out_begin_object(o, "health_checks");
    json_out_u64(o, "checks", l->counted->checks.n);
    json_out_u64(o, "passed", l->counted->checks.n2);
    json_out_begin_array(o, "sources");
    for (size_t i = 0; list && i < n; i++) {
        unsigned interval = logs__interval_s(list[i]);
        json_out_begin_object(o, NULL);
        json_out_str(o, "address", list[i]->address);
        json_out_str(o, "agent", list[i]->agent);
        json_out_filled_or_null(o, "instance", list[i]->instance);
        json_out_u64(o, "checks", list[i]->n);
        json_out_u64(o, "passed", list[i]->passed);
        if (interval)
            json_out_u64(o, "interval_s", interval);
        else
            json_out_null(o, "interval_s");
        json_out_u64(o, "longest_run_of_failures", list[i]->longest_failed);
        put_time(o, "first", list[i]->first);
        put_time(o, "last", list[i]->last);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static void put_paths(const struct ops_logs *l, struct json_out *o)
{
    size_t n;
    const struct logs_path **list = logs__paths(l, l->counted, false, &n);
    json_out_begin_array(o, "paths");
    for (size_t i = 0; list && i < n; i++) {
        json_out_begin_object(o, NULL);
        json_out_str(o, "method", list[i]->method);
        json_out_str(o, "path", list[i]->path);
        put_sum(o, &list[i]->sum);
        put_time(o, "first_5xx", list[i]->first_5xx);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static void put_requests(const struct ops_logs *l, struct json_out *o)
{
    static const char *const origins[] = {"nginx", "healthd", "program"};
    const struct logs_requests *r = l->counted;
    json_out_begin_object(o, "requests");
    json_out_c(o, "told_by", origins[r - l->requests]);
    put_time(o, "first", r->first);
    put_time(o, "last", r->last);
    put_sum(o, &r->all);
    json_out_begin_array(o, "types");
    for (size_t t = 0; t < LOGS_TYPE_COUNT; t++) {
        if (r->types[t].n == 0) continue;
        json_out_begin_object(o, NULL);
        json_out_c(o, "type", logs__type_name((enum logs_type)t));
        put_sum(o, &r->types[t]);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_begin_array(o, "statuses");
    for (unsigned status = 100; status < 600; status++) {
        if (r->statuses[status] == 0) continue;
        json_out_begin_object(o, NULL);
        json_out_u64(o, "status", status);
        json_out_u64(o, "requests", r->statuses[status]);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    put_paths(l, o);
    json_out_end_object(o);
}

static void put_onset(struct json_out *o, const char *key, const struct logs_onset *onset)
{
    if (!onset->any) {
        json_out_null(o, key);
        return;
    }
    json_out_begin_object(o, key);
    put_time(o, "from", onset->from * 60000);
    put_time(o, "to", onset->to * 60000);
    json_out_bool(o, "to_the_end", onset->open);
    json_out_u64(o, "requests", onset->n);
    json_out_u64(o, "errors", onset->errors);
    json_out_u64(o, "requests_before", onset->n_before);
    json_out_u64(o, "errors_before", onset->errors_before);
    json_out_end_object(o);
}

static void put_errors(const struct ops_logs *l, struct json_out *o)
{
    struct logs_span *spans = NEW(l->a, struct logs_span, SPANS);
    int64_t each = 1;
    size_t n = spans ? logs__spans(l->counted, spans, SPANS, &each) : 0;
    if (!spans) o->sb->failed = o->sb->no_memory = true;
    json_out_begin_object(o, "errors");
    put_onset(o, "onset_5xx", &l->onset_5xx);
    put_onset(o, "onset_4xx", &l->onset_4xx);
    json_out_i64(o, "minutes_each", each);
    json_out_u64(o, "requests_without_a_place", l->counted->off_minutes);
    json_out_begin_array(o, "over_time");
    for (size_t i = 0; i < n; i++) {
        json_out_begin_object(o, NULL);
        put_time(o, "from", spans[i].from_minute * 60000);
        json_out_u64(o, "requests", spans[i].n);
        json_out_u64(o, "status_4xx", spans[i].n4);
        json_out_u64(o, "status_5xx", spans[i].n5);
        json_out_u64(o, "health_checks", spans[i].checks);
        json_out_u64(o, "health_checks_failed", spans[i].failed);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static void put_latency(const struct ops_logs *l, struct json_out *o)
{
    const struct logs_requests *r = l->timed;
    if (!r) {
        json_out_null(o, "latency");
        return;
    }
    json_out_begin_object(o, "latency");
    json_out_u64(o, "requests", r->timed);
    json_out_u64(o, "p50_us", logs__latency(r, 0.5));
    json_out_u64(o, "p90_us", logs__latency(r, 0.9));
    json_out_u64(o, "p99_us", logs__latency(r, 0.99));
    json_out_u64(o, "max_us", r->max_us);
    json_out_begin_array(o, "slowest");
    for (size_t i = 0; i < r->n_slow; i++) {
        json_out_begin_object(o, NULL);
        put_time(o, "at", r->slow[i].at);
        json_out_str(o, "method", r->slow[i].path->method);
        json_out_str(o, "path", r->slow[i].path->path);
        json_out_i64(o, "status", r->slow[i].status);
        json_out_u64(o, "us", r->slow[i].us);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static void put_notes(const struct ops_logs *l, struct json_out *o)
{
    json_out_begin_array(o, "notes");
    for (size_t i = 0; i < logs__note_count(); i++) {
        const struct logs_note_row *row = logs__note_row(i);
        const struct logs_note *note = &l->notes[i];
        if (note->n == 0) continue;
        json_out_begin_object(o, NULL);
        json_out_c(o, "id", row->id);
        json_out_c(o, "level", logs__level_name(row->level));
        json_out_c(o, "title", row->title);
        json_out_c(o, "meaning", row->meaning);
        json_out_c(o, "advice", row->advice);
        json_out_u64(o, "times", note->n);
        put_time(o, "first", note->first);
        put_time(o, "last", note->last);
        json_out_str(o, "file", note->file);
        json_out_str(o, "example", note->example);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    size_t n;
    const struct logs_other **others = logs__others(l, &n);
    json_out_begin_array(o, "other_errors");
    for (size_t i = 0; others && i < n; i++) {
        json_out_begin_object(o, NULL);
        json_out_u64(o, "times", others[i]->n);
        put_time(o, "first", others[i]->first);
        json_out_str(o, "file", others[i]->file);
        json_out_str(o, "example", others[i]->example);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_u64(o, "other_errors_not_kept", l->more_others);
}

static void put_rest(const struct ops_logs *l, struct json_out *o)
{
    static const char *const states[] = {
        [LOGS_VERIFIED] = "verified", [LOGS_NOT_VERIFIED] = "not_verified", [LOGS_CONTRADICTED] = "contradicted"};
    json_out_begin_array(o, "configuration");
    for (size_t i = 0; i < l->settings.n; i++) {
        json_out_begin_object(o, NULL);
        json_out_c(o, "name", l->settings.at[i].name);
        json_out_str(o, "value", l->settings.at[i].value);
        json_out_str(o, "file", l->settings.at[i].source);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    if (l->has_zone)
        json_out_i64(o, "zone_minutes", l->zone_minutes);
    else
        json_out_null(o, "zone_minutes");
    json_out_begin_array(o, "checklist");
    for (size_t i = 0; i < l->checks.n; i++) {
        json_out_begin_object(o, NULL);
        json_out_c(o, "id", l->checks.at[i].id);
        json_out_c(o, "title", l->checks.at[i].title);
        json_out_c(o, "state", states[l->checks.at[i].state]);
        json_out_str(o, "evidence", l->checks.at[i].evidence);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_begin_array(o, "files");
    for (size_t i = 0; i < l->files.n; i++) {
        const struct logs_file *f = &l->files.at[i];
        json_out_begin_object(o, NULL);
        json_out_str(o, "name", f->name);
        json_out_c(o, "kind", logs__kind_name(f->kind));
        json_out_filled_or_null(o, "instance", f->instance);
        json_out_u64(o, "bytes", f->bytes);
        json_out_u64(o, "lines", f->lines);
        json_out_u64(o, "not_understood", f->unknown);
        json_out_bool(o, "cut", f->cut);
        json_out_filled_or_null(o, "wrong", f->wrong);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

void logs__json(const struct ops_logs *l, struct sb *out)
{
    struct json_out o = json_out_make(out, true);
    json_out_begin_object(&o, NULL);
    json_out_c(&o, "format", "prism-logs/1");
    json_out_str(&o, "bundle", l->name);
    put_verdict(l, &o);
    put_deployment(l, &o);
    put_servers(l, &o);
    put_health(l, &o);
    put_requests(l, &o);
    put_errors(l, &o);
    put_latency(l, &o);
    put_notes(l, &o);
    put_rest(l, &o);
    json_out_end_object(&o);
    SB_LIT(out, "\n");
}
