/* The report as a page: what stands in it, in which order and in which words. How a heading or a table looks is logs_markdown.c's and logs_html.c's
 * affair, so both say the same. All texts, our own too, are escaped there: a line of a log can be no markup.
 * A part for which the logs hold nothing is one sentence that says so; what is not in the logs is not guessed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "ops/logs_priv.h"

enum { PATHS_SHOWN = 20, LARGE_SHOWN = 10, LARGE_BYTES = 100 << 10, AROUND_MS = 120000, TIMELINE_MAX = 2000 };

/* --- texts --- */
static struct str text(struct logs_page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static struct str text(struct logs_page *p, const char *format, ...)
{
    CLEANUP_SB struct sb b = SB_INIT(1 << 16);
    va_list args;
    va_start(args, format);
    sb_vprintf(&b, format, args);
    va_end(args);
    struct str ret = sb_ok(&b) ? str_dup(p->logs->a, sb_view(&b)) : STR_EMPTY;
    if (!ret.p) p->out->failed = p->out->no_memory = true;
    return ret;
}

/* 2025-11-26 18:33:19 */
static struct str when(struct logs_page *p, int64_t at)
{
    if (at == LOGS_NO_TIME) return STR("–");
    struct time_civil c = time_to_civil(at);
    return text(p, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

/* 389,686 */
static struct str number(struct logs_page *p, uint64_t v)
{
    char digits[24], out[32];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, v);
    size_t used = 0;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0) out[used++] = ',';
        out[used++] = digits[i];
    }
    return text(p, "%.*s", (int)used, out);
}

static struct str share(struct logs_page *p, uint64_t part, uint64_t n)
{
    return n ? text(p, "%.1f %%", 100.0 * (double)part / (double)n) : STR("–");
}

static struct str seconds(struct logs_page *p, double us) { return text(p, "%.3f s", us / 1e6); }

static struct str path_text(struct logs_page *p, const struct logs_path *path)
{
    return text(p, "%.*s%s%.*s", STR_ARG(path->method), path->method.n ? " " : "", STR_ARG(path->path));
}

static struct str or_dash(struct str s) { return s.n ? s : STR("–"); }

static void say(struct logs_page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct logs_page *p, const char *format, ...)
{
    CLEANUP_SB struct sb b = SB_INIT(1 << 16);
    va_list args;
    va_start(args, format);
    sb_vprintf(&b, format, args);
    va_end(args);
    if (sb_ok(&b))
        p->ops->paragraph(p, sb_view(&b));
    else
        p->out->failed = p->out->no_memory = true;
}

#define COLUMNS(...)                                                                                                   \
    static const char *const columns[] = {__VA_ARGS__};                                                                \
    enum { N = sizeof columns / sizeof columns[0] };                                                                   \
    p->ops->table(p, columns, N)
#define ROW(...) p->ops->row(p, columns, (const struct str[N]){__VA_ARGS__}, N)

/* --- parts --- */
static void summary(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    p->ops->heading(p, "Verdict");
    say(p, "%s", logs__verdict_text(l->verdict));
    if (l->reasons.n == 0) return;
    p->ops->list_begin(p);
    for (size_t i = 0; i < l->reasons.n; i++)
        p->ops->item(p, logs__level_name(l->reasons.at[i].level), l->reasons.at[i].text);
    p->ops->list_end(p);
}

static const char *outcome(const struct logs_run *run)
{
    return run->outcome == LOGS_RUN_DONE     ? "succeeded"
           : run->outcome == LOGS_RUN_FAILED ? "failed"
                                             : "end not in the log";
}

static int64_t first_pass(const struct ops_logs *l)
{
    int64_t first = LOGS_NO_TIME;
    const struct map_slot *slot;
    for (size_t i = 0; (slot = map_next(&l->counted->sources, &i));) {
        const struct logs_source *s = slot->value;
        if (s->passed && s->first != LOGS_NO_TIME && (first == LOGS_NO_TIME || s->first < first)) first = s->first;
    }
    return first;
}

static void deployments(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    const struct logs_run *last = logs__last_run(l);
    p->ops->heading(p, "Deployments");
    if (!last) {
        say(p, "The logs hold no deployment (eb-engine.log is missing, or has only requests for logs).");
        return;
    }
    COLUMNS("Instance", "Command", "Begin (UTC)", "End (UTC)", ">Took", "Outcome", "Failed in", "Error");
    for (size_t i = 0; i < l->runs.n; i++) {
        const struct logs_run *r = &l->runs.at[i];
        if (!r->deploys) continue;
        ROW(or_dash(r->instance), r->command, when(p, r->start), when(p, r->end),
            text(p, "%.1f s", (double)(r->end - r->start) / 1000), str_from_c(outcome(r)), or_dash(r->failed_in),
            or_dash(r->error));
    }
    p->ops->table_end(p);
    int64_t pass = first_pass(l);
    if (pass != LOGS_NO_TIME && pass >= last->start && pass - last->start < 86400000)
        say(p, "From the begin of the last one to the first passing health check: %.0f s.",
            (double)(pass - last->start) / 1000);
    say(p,
        "These are the engine's own seconds on the instance. Beanstalk calls an environment done only after its health has been good for "
        "some minutes.");
}

struct moment {
    int64_t at;
    size_t order;
    struct str what;
    const char *source;
};

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

struct moments {
    struct moment *at;
    size_t n;
};

static void moment(struct moments *m, int64_t at, struct str what, const char *source)
{
    if (at == LOGS_NO_TIME || m->n == TIMELINE_MAX) return;
    m->at[m->n] = (struct moment){.at = at, .order = m->n, .what = what, .source = source};
    m->n++;
}

static void moments_of_server(struct logs_page *p, struct moments *m)
{
    for (size_t i = 0; i < p->logs->servers.n; i++) {
        const struct logs_server *s = &p->logs->servers.at[i];
        if (s->start != s->ready)
            moment(m, s->start, text(p, "%s %.*s starts", s->program, STR_ARG(s->version)), "program");
        moment(m, s->ready, text(p, "%s listens on %.*s", s->program, STR_ARG(or_dash(s->listen))), "program");
    }
    const struct logs_requests *r = p->logs->counted;
    moment(m, r->first, STR("first request"), "requests");
    moment(m, first_pass(p->logs), STR("first check of a source that passes"), "requests");
    if (p->logs->onset_5xx.any) moment(m, p->logs->onset_5xx.from * 60000, STR("5xx begin (minute)"), "requests");
    if (p->logs->onset_4xx.any) moment(m, p->logs->onset_4xx.from * 60000, STR("4xx begin (minute)"), "requests");
    moment(m, r->last, STR("last request"), "requests");
}

static void timeline(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    struct moments m = {.at = NEW(l->a, struct moment, TIMELINE_MAX)};
    p->ops->heading(p, "Timeline");
    if (!m.at) {
        p->out->failed = p->out->no_memory = true;
        return;
    }
    for (size_t i = 0; i < l->runs.n; i++) {
        const struct logs_run *r = &l->runs.at[i];
        if (!r->deploys) continue;
        moment(&m, r->start, text(p, "engine begins %.*s", STR_ARG(r->command)), "engine");
        for (size_t k = r->first_phase; k < r->first_phase + r->n_phases; k++)
            moment(&m, l->phases.at[k].at, l->phases.at[k].name, "engine");
        moment(&m, r->end, text(p, "engine: %s", outcome(r)), "engine");
    }
    for (size_t i = 0; i < l->commands.n; i++)
        moment(&m, l->commands.at[i].at,
               text(p, "command %.*s %s", STR_ARG(l->commands.at[i].name),
                    l->commands.at[i].failed ? "failed" : "succeeded"),
               "cfn-init");
    moments_of_server(p, &m);
    if (m.n == 0) {
        say(p, "The logs hold no step with a time.");
        return;
    }
    qsort(m.at, m.n, sizeof m.at[0], by_time);
    COLUMNS("Time (UTC)", ">After", "What", "Log of");
    for (size_t i = 0; i < m.n; i++)
        ROW(when(p, m.at[i].at), text(p, "+%.1f s", i ? (double)(m.at[i].at - m.at[i - 1].at) / 1000 : 0.0),
            m.at[i].what, str_from_c(m.at[i].source));
    p->ops->table_end(p);
}

static void installed(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    p->ops->heading(p, "What was installed");
    if (l->packages.n == 0) {
        say(p, "Nothing, by these logs.");
        return;
    }
    size_t pip = 0;
    for (size_t i = 0; i < l->packages.n; i++)
        pip += strcmp(l->packages.at[i]->by, "pip") == 0;
    say(p, "%zu packages by pip, %zu by dnf.", pip, l->packages.n - pip);
    COLUMNS("Package", "Version", "By", "Instead of");
    for (size_t i = 0; i < l->packages.n; i++) {
        const struct logs_package *k = l->packages.at[i];
        ROW(k->name, or_dash(k->version), str_from_c(k->by), or_dash(k->replaced));
    }
    p->ops->table_end(p);
}

static struct str pids(struct logs_page *p, const struct logs_server *s)
{
    CLEANUP_SB struct sb b = SB_INIT(4096);
    for (size_t i = 0; i < s->n_pids; i++)
        sb_printf(&b, "%s%" PRIu64, i ? ", " : "", s->pids[i]);
    if (!sb_ok(&b)) p->out->failed = p->out->no_memory = true;
    return or_dash(text(p, "%.*s", STR_ARG(sb_view(&b))));
}

static void servers(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    p->ops->heading(p, "The program and its workers");
    if (l->servers.n == 0) {
        say(p, "No start of the program is in the logs.");
        return;
    }
    COLUMNS("Program", "Version", "Start (UTC)", ">Ready after", "Listens on", "Worker class", ">Workers",
            ">Later ones", "Processes");
    for (size_t i = 0; i < l->servers.n; i++) {
        const struct logs_server *s = &l->servers.at[i];
        bool timed = s->ready != LOGS_NO_TIME && s->start != LOGS_NO_TIME;
        ROW(str_from_c(s->program), or_dash(s->version), when(p, s->start),
            timed ? text(p, "%.1f s", (double)(s->ready - s->start) / 1000) : STR("–"), or_dash(s->listen),
            or_dash(s->worker_class), number(p, s->booted), number(p, s->renewed), pids(p, s));
    }
    p->ops->table_end(p);
}

static void health(struct logs_page *p)
{
    const struct logs_requests *r = p->logs->counted;
    size_t n;
    const struct logs_source **list = logs__sources(p->logs, r, &n);
    p->ops->heading(p, "Health checks");
    if (!list) p->out->failed = p->out->no_memory = true;
    if (!list || n == 0) {
        say(p, "The logs hold none.");
        return;
    }
    say(p, "%" PRIu64 " checks from %zu sources, %.*s passed.", r->checks.n, n,
        STR_ARG(share(p, r->checks.n2, r->checks.n)));
    COLUMNS("Source", "Instance", "Agent", ">Checks", ">Passed", ">Interval", ">Longest run of failures", "First (UTC)",
            "Last (UTC)");
    for (size_t i = 0; i < n; i++) {
        const struct logs_source *s = list[i];
        unsigned interval = logs__interval_s(s);
        ROW(s->address, or_dash(s->instance), or_dash(s->agent), number(p, s->n), share(p, s->passed, s->n),
            interval ? text(p, "%u s", interval) : STR("–"), number(p, s->longest_failed), when(p, s->first),
            when(p, s->last));
    }
    p->ops->table_end(p);
}

static void sum_row(struct logs_page *p, const char *const *columns, struct str name, const struct logs_sum *s)
{
    const struct str cells[] = {name,
                                number(p, s->n),
                                number(p, s->n2),
                                number(p, s->n3),
                                number(p, s->n4),
                                number(p, s->n5),
                                number(p, s->bytes),
                                number(p, s->n ? s->min_bytes : 0),
                                number(p, s->max_bytes)};
    p->ops->row(p, columns, cells, sizeof cells / sizeof cells[0]);
}

static void statuses(struct logs_page *p, const struct logs_requests *r)
{
    CLEANUP_SB struct sb b = SB_INIT(16384);
    for (size_t i = 100; i < 600; i++)
        if (r->statuses[i]) sb_printf(&b, "%s%zu: %" PRIu64, b.n ? ", " : "", i, r->statuses[i]);
    if (!sb_ok(&b)) p->out->failed = p->out->no_memory = true;
    say(p, "By status: %.*s.", STR_ARG(sb_view(&b)));
}

static void paths(struct logs_page *p, const struct logs_requests *r)
{
    size_t n;
    const struct logs_path **list = logs__paths(p->logs, r, false, &n);
    if (!list) {
        p->out->failed = p->out->no_memory = true;
        return;
    }
    if (n > PATHS_SHOWN) say(p, "The %d most asked of %zu paths:", PATHS_SHOWN, n);
    COLUMNS("Path", ">Requests", ">2xx", ">3xx", ">4xx", ">5xx", ">Bytes", ">Smallest", ">Largest");
    for (size_t i = 0; i < n && i < PATHS_SHOWN; i++)
        sum_row(p, columns, path_text(p, list[i]), &list[i]->sum);
    p->ops->table_end(p);
}

static void requests(struct logs_page *p)
{
    static const char *const origins[] = {"nginx's access log", "healthd's log of requests",
                                          "the program's access log"};
    const struct logs_requests *r = p->logs->counted;
    p->ops->heading(p, "Requests");
    if (r->all.n + r->checks.n == 0) {
        say(p, "The logs hold none.");
        return;
    }
    say(p, "As %s tells them, from %.*s to %.*s UTC: %" PRIu64 ", and %" PRIu64 " health checks.",
        origins[r - p->logs->requests], STR_ARG(when(p, r->first)), STR_ARG(when(p, r->last)), r->all.n, r->checks.n);
    COLUMNS("Type", ">Requests", ">2xx", ">3xx", ">4xx", ">5xx", ">Bytes", ">Smallest", ">Largest");
    for (size_t t = 0; t < LOGS_TYPE_COUNT; t++)
        if (r->types[t].n) sum_row(p, columns, str_from_c(logs__type_name((enum logs_type)t)), &r->types[t]);
    p->ops->table_end(p);
    statuses(p, r);
    paths(p, r);
}

static void onset(struct logs_page *p, const char *what, const struct logs_onset *o)
{
    if (!o->any) {
        say(p, "%s: never above what is accepted.", what);
        return;
    }
    say(p,
        "%s: from %.*s UTC (minute) %s%.*s, %" PRIu64 " of %" PRIu64 " requests (%.*s); before it %" PRIu64
        " of %" PRIu64 " (%.*s).",
        what, STR_ARG(when(p, o->from * 60000)), o->open ? "to the end of the log, last " : "to ",
        STR_ARG(when(p, o->to * 60000)), o->errors, o->n, STR_ARG(share(p, o->errors, o->n)), o->errors_before,
        o->n_before, STR_ARG(share(p, o->errors_before, o->n_before)));
}

/* What was logged around an onset: each kind of message once, with its first time there. */
static void around(struct logs_page *p, int64_t onset_at)
{
    const struct ops_logs *l = p->logs;
    bool any = false;
    for (size_t row = 0; row < logs__note_count(); row++) {
        int64_t first = LOGS_NO_TIME;
        for (size_t i = 0; i < l->marks.n; i++) {
            const struct logs_mark *m = &l->marks.at[i];
            if (m->note != row || m->at < onset_at - AROUND_MS || m->at > onset_at + AROUND_MS) continue;
            if (first == LOGS_NO_TIME || m->at < first) first = m->at;
        }
        if (first == LOGS_NO_TIME) continue;
        if (!any) {
            say(p, "Logged within two minutes of it:");
            p->ops->list_begin(p);
        }
        any = true;
        p->ops->item(p, logs__level_name(logs__note_row(row)->level),
                     text(p, "%.*s: %s", STR_ARG(when(p, first)), logs__note_row(row)->title));
    }
    if (any) p->ops->list_end(p);
}

static void errors_over_time(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    p->ops->heading(p, "Errors over time");
    if (l->counted->all.n == 0) {
        say(p, "The logs hold no request but health checks.");
        return;
    }
    p->ops->plot(p);
    onset(p, "5xx (more than 1 %)", &l->onset_5xx);
    if (l->onset_5xx.any) around(p, l->onset_5xx.from * 60000);
    onset(p, "4xx (more than 5 %)", &l->onset_4xx);
    if (l->onset_4xx.any && !l->onset_5xx.any) around(p, l->onset_4xx.from * 60000);
    if (l->counted->off_minutes)
        say(p, "%" PRIu64 " requests lie in too many different minutes to be shown here.", l->counted->off_minutes);
}

static void slow(struct logs_page *p)
{
    const struct logs_requests *r = p->logs->timed;
    p->ops->heading(p, "Slow responses");
    if (!r) {
        say(p, "No log says how long requests took.");
        return;
    }
    say(p, "Of %" PRIu64 " requests half took at most %.*s, 90 of 100 %.*s, 99 of 100 %.*s; the slowest %.*s.",
        r->timed, STR_ARG(seconds(p, (double)logs__latency(r, 0.5))),
        STR_ARG(seconds(p, (double)logs__latency(r, 0.9))), STR_ARG(seconds(p, (double)logs__latency(r, 0.99))),
        STR_ARG(seconds(p, (double)r->max_us)));
    COLUMNS("Time (UTC)", "Request", ">Status", ">Took", ">Usually");
    for (size_t i = 0; i < r->n_slow; i++) {
        const struct logs_slow *s = &r->slow[i];
        ROW(when(p, s->at), path_text(p, s->path), text(p, "%d", s->status), seconds(p, (double)s->us),
            seconds(p, (double)s->path->time_us / (double)(s->path->timed ? s->path->timed : 1)));
    }
    p->ops->table_end(p);
}

static void large(struct logs_page *p)
{
    size_t n = 0;
    const struct logs_path **list = logs__paths(p->logs, p->logs->counted, true, &n);
    p->ops->heading(p, "Large responses");
    if (!list) p->out->failed = p->out->no_memory = true;
    if (!list || n == 0 || list[0]->sum.max_bytes < LARGE_BYTES) {
        say(p, "None of more than 100 KiB.");
        return;
    }
    COLUMNS("Request", ">Largest", ">Times", ">Bytes in all");
    for (size_t i = 0; i < n && i < LARGE_SHOWN && list[i]->sum.max_bytes >= LARGE_BYTES; i++)
        ROW(path_text(p, list[i]), number(p, list[i]->sum.max_bytes), number(p, list[i]->sum.n),
            number(p, list[i]->sum.bytes));
    p->ops->table_end(p);
}

static void others(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    size_t n;
    const struct logs_other **list = logs__others(l, &n);
    if (!list) {
        p->out->failed = p->out->no_memory = true;
        return;
    }
    if (n == 0) return;
    say(p, "Errors that are not explained here:");
    COLUMNS(">Times", "First (UTC)", "Log", "Message");
    for (size_t i = 0; i < n; i++)
        ROW(number(p, list[i]->n), when(p, list[i]->first), list[i]->file, list[i]->example);
    p->ops->table_end(p);
    if (l->more_others) say(p, "And %" PRIu64 " errors of more kinds.", l->more_others);
}

static void warnings(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    bool any = l->n_others > 0;
    p->ops->heading(p, "Warnings and errors explained");
    for (int level = LOGS_GRAVE; level >= LOGS_REMARK; level--)
        for (size_t i = 0; i < logs__note_count(); i++) {
            const struct logs_note_row *row = logs__note_row(i);
            const struct logs_note *note = &l->notes[i];
            if (row->level != (enum logs_level)level || note->n == 0) continue;
            any = true;
            p->ops->list_begin(p);
            p->ops->item(p, logs__level_name(row->level),
                         text(p, "%s: %" PRIu64 " time%s, first %.*s, last %.*s (%.*s). %s %s", row->title, note->n,
                              note->n == 1 ? "" : "s", STR_ARG(when(p, note->first)), STR_ARG(when(p, note->last)),
                              STR_ARG(note->file), row->meaning, row->advice));
            p->ops->item(p, "example", note->example);
            p->ops->list_end(p);
        }
    others(p);
    if (!any) say(p, "None.");
}

static void settings(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    p->ops->heading(p, "Configuration found");
    if (l->settings.n == 0 && !l->has_zone) {
        say(p, "None is in the logs.");
        return;
    }
    COLUMNS("What", "Value", "Found in");
    for (size_t i = 0; i < l->settings.n; i++)
        ROW(str_from_c(l->settings.at[i].name), l->settings.at[i].value, l->settings.at[i].source);
    if (l->has_zone)
        ROW(STR("time zone of the host"),
            text(p, "UTC%c%02d:%02d", l->zone_minutes < 0 ? '-' : '+', abs(l->zone_minutes) / 60,
                 abs(l->zone_minutes) % 60),
            STR("nginx's access log; times without a zone were read so"));
    p->ops->table_end(p);
}

static void checklist(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    p->ops->heading(p, "Checklist");
    COLUMNS("What", "State", "By");
    for (size_t i = 0; i < l->checks.n; i++)
        ROW(str_from_c(l->checks.at[i].title), str_from_c(logs__state_name(l->checks.at[i].state)),
            l->checks.at[i].evidence);
    p->ops->table_end(p);
}

static void files(struct logs_page *p)
{
    const struct ops_logs *l = p->logs;
    size_t others = 0; /* a folder such as /var/log has many; the JSON report names them */
    p->ops->heading(p, "What was read");
    COLUMNS("File", "As", ">Bytes", ">Lines", ">Not understood", "Remark");
    for (size_t i = 0; i < l->files.n; i++) {
        const struct logs_file *f = &l->files.at[i];
        others += f->kind == LOGS_OTHER;
        if (f->kind == LOGS_OTHER) continue;
        ROW(f->name, str_from_c(logs__kind_name(f->kind)), number(p, f->bytes), number(p, f->lines),
            number(p, f->unknown),
            f->wrong.n ? f->wrong
            : f->cut   ? STR("cut: a limit was reached")
                       : STR("–"));
    }
    p->ops->table_end(p);
    if (others) say(p, "%zu other files are no logs that are known, and were not read.", others);
}

void logs__page(struct logs_page *p)
{
    static void (*const parts[])(struct logs_page *) = {summary,  deployments, timeline,         installed, servers,
                                                        health,   requests,    errors_over_time, slow,      large,
                                                        warnings, settings,    checklist,        files};
    p->ops->begin(p, text(p, "Deployment report: %.*s", STR_ARG(p->logs->name)));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && !p->out->failed; i++)
        parts[i](p);
    p->ops->end(p);
}
