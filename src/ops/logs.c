/* A bundle of logs, from its files to its verdict. The parts:
 *   logs_source.c    files and zip entries, as lines        logs_requests.c  requests counted
 *   logs_engine.c    the deployment                         logs_notes.c     messages that are known
 *   logs_nginx.c     requests and nginx's errors            logs_judge.c     onsets, checklist, verdict
 *   logs_app.c       gunicorn, prism, the system            logs_page.c      the report; logs_markdown.c, logs_html.c, logs_json.c
 * One pass over each file, in an order in which what is read first helps with the rest (enum logs_kind); nothing is kept of a line but counts and a
 * few excerpts. The report has no time of its own, so that the same logs give the same report.
 * Rejected: an own program in Python beside this one (an operator would need both), and keeping all lines (logs have no end). */
#include "ops/logs.h"

#include "base/fs.h"
#include "ops/logs_priv.h"

static const struct ops_logs_limits default_limits = {
    .max_files = 10000,
    .max_file_bytes = (uint64_t)1 << 30,
    .max_total_bytes = (uint64_t)4 << 30,
};

struct ops_logs *logs__new(struct arena *a, const struct ops_logs_limits *limits)
{
    struct ops_logs *l = NEW(a, struct ops_logs, 1);
    struct logs_note *notes = NEW(a, struct logs_note, logs__note_count());
    if (!l || !notes) return NULL;
    l->a = a;
    l->limits = limits ? *limits : default_limits;
    l->latest = LOGS_NO_TIME;
    l->notes = notes;
    l->others = map_make(a);
    l->packages_known = map_make(a);
    logs__requests_init(l);
    return l;
}

void logs__setting(struct ops_logs *l, const char *name, struct str value)
{
    if (value.n == 0 || l->settings.n >= LOGS_SETTINGS_MAX) return;
    for (size_t i = 0; i < l->settings.n; i++)
        if (strcmp(l->settings.at[i].name, name) == 0) return;
    struct logs_setting *s = VEC_PUSH(l->a, &l->settings);
    if (!s) {
        l->no_memory = true;
        return;
    }
    *s = (struct logs_setting){.name = name, .value = logs__shown(l, value, 120), .source = l->file->name};
}

static bool any_known(const struct ops_logs *l)
{
    for (size_t i = 0; i < l->files.n; i++) {
        const struct logs_file *f = &l->files.at[i];
        if (f->kind != LOGS_OTHER && f->lines > f->unknown) return true;
        if (f->kind != LOGS_OTHER && f->kind != LOGS_TAIL && f->lines == 0 && f->wrong.n == 0)
            return true; /* an empty log */
    }
    return false;
}

enum err ops_logs_read(struct arena *a, const char *path, const struct ops_logs_limits *limits, struct ops_logs **ret,
                       struct error *e)
{
    struct ops_logs *l = logs__new(a, limits);
    if (!l) return error_no_memory(e);
    struct str name = str_from_c(path);
    while (name.n > 1 && name.p[name.n - 1] == '/')
        name.n--;
    l->name = logs__shown(l, fs_base_name(name), 200);
    TRY(logs__source_read(l, path, e));
    if (!l->no_memory && !any_known(l)) {
        error_set_reason(e, ERR_INVALID, "no_logs", "\"%.*s\" holds no log that is known", STR_ARG(l->name));
        return error_hint(e, "Known are eb-engine.log, eb-hooks.log, cfn-init.log, nginx/access.log and error.log, "
                             "healthd/application.log, web.stdout.log, gunicorn's logs, messages.");
    }
    if (!l->no_memory) {
        logs__requests_end(l);
        logs__judge(l);
    }
    if (l->no_memory) return error_no_memory(e);
    *ret = l;
    return ERR_OK;
}

enum ops_logs_verdict ops_logs_verdict(const struct ops_logs *l) { return l->verdict; }

enum err ops_logs_write(const struct ops_logs *l, enum ops_logs_format format, struct sb *out, struct error *e)
{
    if (format == OPS_LOGS_JSON) {
        logs__json(l, out);
    } else {
        struct logs_page page = {.ops = format == OPS_LOGS_HTML ? &logs__html : &logs__markdown, .logs = l, .out = out};
        logs__page(&page);
    }
    if (out->failed) return out->no_memory ? error_no_memory(e) : error_set(e, ERR_LIMIT, "the report is too large");
    return ERR_OK;
}
