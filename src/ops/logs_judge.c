/* What the counts mean: when errors began, what is verified, and the verdict.
 * The thresholds are those of the alarms that operators of the replaced system had: more than 1 % of the answers 5xx, more than 5 % 4xx, p99 over 30 s.
 * An onset is the first minute from which a window of five minutes holds that share (and three errors, so that one error of two requests is none);
 * it ends with the last minute of which that is true. Checks of health do not count: they would thin out the errors of people.
 * A check is "verified" only by lines that show it, "contradicted" by lines that show the opposite; all else is "not verified", with how to find
 * out. A status says only that something was answered: the replaced system answered 200 also where no model had been asked. */
#include <inttypes.h>

#include "ops/logs_priv.h"

enum { WINDOW_MINUTES = 5, ERRORS_MIN = 3, SETTLING_MS = 30000, P99_MAX_US = 30000000 };
static const double share_5xx = 0.01, share_4xx = 0.05;

static const char *const verdict_names[] = {"healthy", "problems", "failed", "unknown"};
static const char *const verdict_texts[] = {
    "Healthy: nothing in these logs needs a person.",
    "Problems: it works, and something needs a person.",
    "Failed: the deployment failed, or nobody is served.",
    "Unknown: these logs hold too little to say.",
};
static const char *const level_names[] = {"remark", "warning", "grave"};
static const char *const state_names[] = {"verified", "not verified", "contradicted"};

const char *logs__verdict_name(enum ops_logs_verdict v) { return verdict_names[v]; }
const char *logs__verdict_text(enum ops_logs_verdict v) { return verdict_texts[v]; }
const char *logs__level_name(enum logs_level level) { return level_names[level]; }
const char *logs__state_name(enum logs_state state) { return state_names[state]; }

const struct logs_run *logs__last_run(const struct ops_logs *l)
{
    const struct logs_run *last = NULL;
    for (size_t i = 0; i < l->runs.n; i++)
        if (l->runs.at[i].deploys && (!last || l->runs.at[i].start >= last->start)) last = &l->runs.at[i];
    return last;
}

/* --- onset --- */
static struct logs_onset onset(const struct logs_requests *r, double share, bool fives)
{
    struct logs_onset o = {0};
    size_t to = 0;
    for (size_t i = 0; i < r->n_minutes; i++) {
        uint64_t n = 0, errors = 0;
        const struct logs_minute *m = &r->minutes[i];
        for (size_t k = i; k < r->n_minutes && r->minutes[k].minute < m->minute + WINDOW_MINUTES; k++) {
            n += r->minutes[k].n;
            errors += fives ? r->minutes[k].n5 : r->minutes[k].n4;
        }
        uint64_t own = fives ? m->n5 : m->n4;
        if (own == 0 || (double)errors <= share * (double)n) continue;
        if (!o.any && errors < ERRORS_MIN) continue;
        if (!o.any) o.from = m->minute;
        o.any = true;
        o.to = m->minute;
        to = i;
    }
    if (!o.any) return o;
    for (size_t i = 0; i < r->n_minutes; i++) {
        const struct logs_minute *m = &r->minutes[i];
        uint64_t errors = fives ? m->n5 : m->n4;
        if (m->minute < o.from) {
            o.n_before += m->n;
            o.errors_before += errors;
        } else if (i <= to) {
            o.n += m->n;
            o.errors += errors;
        }
    }
    o.open = o.to + WINDOW_MINUTES > r->minutes[r->n_minutes - 1].minute;
    return o;
}

/* --- checklist --- */
static void check(struct ops_logs *l, const char *id, const char *title, enum logs_state state, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static void check(struct ops_logs *l, const char *id, const char *title, enum logs_state state, const char *format, ...)
{
    CLEANUP_SB struct sb b = SB_INIT(2048);
    struct logs_check *c = VEC_PUSH(l->a, &l->checks);
    va_list args;
    va_start(args, format);
    sb_vprintf(&b, format, args);
    va_end(args);
    struct str evidence = sb_ok(&b) ? str_dup(l->a, sb_view(&b)) : STR_EMPTY;
    if (!c || !evidence.p) {
        l->no_memory = true;
        return;
    }
    *c = (struct logs_check){.id = id, .title = title, .state = state, .evidence = evidence};
}

static void reason(struct ops_logs *l, enum logs_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void reason(struct ops_logs *l, enum logs_level level, const char *format, ...)
{
    CLEANUP_SB struct sb b = SB_INIT(2048);
    struct logs_reason *r = VEC_PUSH(l->a, &l->reasons);
    va_list args;
    va_start(args, format);
    sb_vprintf(&b, format, args);
    va_end(args);
    struct str text = sb_ok(&b) ? str_dup(l->a, sb_view(&b)) : STR_EMPTY;
    if (!r || !text.p) {
        l->no_memory = true;
        return;
    }
    *r = (struct logs_reason){.level = level, .text = text};
}

static uint64_t note_count(const struct ops_logs *l, const char *id)
{
    for (size_t i = 0; i < logs__note_count(); i++)
        if (strcmp(logs__note_row(i)->id, id) == 0) return l->notes[i].n;
    return 0;
}

static void check_deployment(struct ops_logs *l)
{
    const struct logs_run *run = logs__last_run(l);
    const char *title = "The last deployment ended well";
    if (!run) {
        check(l, "deployed", title, LOGS_NOT_VERIFIED, "no deployment in eb-engine.log");
        return;
    }
    if (run->outcome == LOGS_RUN_FAILED) {
        check(l, "deployed", title, LOGS_CONTRADICTED, "%.*s failed%s%.*s: %.*s", STR_ARG(run->command),
              run->failed_in.n ? " in " : "", STR_ARG(run->failed_in), STR_ARG(run->error));
        reason(l, LOGS_GRAVE, "The last deployment failed%s%.*s: %.*s", run->failed_in.n ? " in " : "",
               STR_ARG(run->failed_in), STR_ARG(run->error));
        l->verdict = OPS_LOGS_FAILED;
    } else if (run->outcome == LOGS_RUN_OPEN) {
        check(l, "deployed", title, LOGS_NOT_VERIFIED, "its end is not in the log");
        reason(l, LOGS_WARNING, "The end of the last deployment is not in the log: it was cut off, or still ran.");
    } else {
        check(l, "deployed", title, LOGS_VERIFIED, "%.*s, %.1f s by the engine's log", STR_ARG(run->command),
              (double)(run->end - run->start) / 1000);
    }
}

static void check_commands(struct ops_logs *l)
{
    size_t n_failed = 0;
    for (size_t i = 0; i < l->commands.n; i++)
        n_failed += l->commands.at[i].failed;
    const char *title = "Commands of .ebextensions succeeded";
    if (n_failed)
        check(l, "commands", title, LOGS_CONTRADICTED, "%zu of %zu failed", n_failed, l->commands.n);
    else if (l->commands.n)
        check(l, "commands", title, LOGS_VERIFIED, "%zu of %zu", l->commands.n, l->commands.n);
    else
        check(l, "commands", title, LOGS_NOT_VERIFIED, "none in cfn-init.log");
}

static void check_server(struct ops_logs *l)
{
    const struct logs_server *s = l->servers.n ? &l->servers.at[l->servers.n - 1] : NULL;
    const char *title = "The program started and listens";
    if (!s) {
        check(l, "started", title, LOGS_NOT_VERIFIED, "no start in the program's log");
        return;
    }
    if (s->ready == LOGS_NO_TIME)
        check(l, "started", title, LOGS_CONTRADICTED, "%s started, and never said that it listens", s->program);
    else
        check(l, "started", title, LOGS_VERIFIED, "%s %.*s on %.*s", s->program, STR_ARG(s->version),
              STR_ARG(s->listen));
    bool kept = s->renewed == 0 && note_count(l, "worker_timeout") == 0 && note_count(l, "worker_killed") == 0 &&
                note_count(l, "server_died") == 0;
    check(l, "workers", "Its workers came up and stayed",
          s->booted == 0 ? LOGS_NOT_VERIFIED
          : kept         ? LOGS_VERIFIED
                         : LOGS_CONTRADICTED,
          "%" PRIu64 " at the start, %" PRIu64 " later", s->booted, s->renewed);
    if (s->ready == LOGS_NO_TIME) reason(l, LOGS_GRAVE, "%s started and never said that it listens.", s->program);
    if (s->renewed)
        reason(l, LOGS_WARNING, "%" PRIu64 " worker%s of %s started later than the rest: workers were replaced.",
               s->renewed, s->renewed == 1 ? "" : "s", s->program);
}

static void check_health(struct ops_logs *l)
{
    const struct logs_sum *c = &l->counted->checks;
    const char *title = "Health checks pass";
    if (c->n == 0) {
        check(l, "health", title, LOGS_NOT_VERIFIED, "no check in the logs of requests (nginx may leave them out)");
        return;
    }
    check(l, "health", title, c->n2 == c->n ? LOGS_VERIFIED : LOGS_CONTRADICTED,
          "%" PRIu64 " of %" PRIu64 " answered 2xx", c->n2, c->n);
    if (c->n2 == 0) {
        reason(l, LOGS_GRAVE, "None of %" PRIu64 " health checks passed.", c->n);
        l->verdict = OPS_LOGS_FAILED;
    } else if (c->n2 < c->n) {
        reason(l, LOGS_WARNING, "%" PRIu64 " of %" PRIu64 " health checks failed.", c->n - c->n2, c->n);
    }
}

static void check_type(struct ops_logs *l, const char *id, const char *title, enum logs_type type)
{
    const struct logs_sum *s = &l->counted->types[type];
    if (s->n == 0)
        check(l, id, title, LOGS_NOT_VERIFIED, "no such request");
    else
        check(l, id, title, s->n4 + s->n5 == 0 ? LOGS_VERIFIED : LOGS_CONTRADICTED,
              "%" PRIu64 " requests, %" PRIu64 " refused (4xx), %" PRIu64 " failed (5xx)", s->n, s->n4, s->n5);
}

/* Does anything happen that people came for? Paths of this program and of the replaced one. */
static void check_use(struct ops_logs *l, const char *id, const char *title, const char *const *paths, size_t n)
{
    struct logs_sum sum = {0};
    const struct map_slot *slot;
    for (size_t i = 0; (slot = map_next(&l->counted->paths, &i));) {
        const struct logs_path *p = slot->value;
        for (size_t k = 0; k < n; k++) {
            if (!str_eq(p->method, STR("POST")) || !str_eq_c(p->path, paths[k])) continue;
            sum.n += p->sum.n;
            sum.n2 += p->sum.n2;
            sum.n5 += p->sum.n5;
        }
    }
    if (sum.n == 0)
        check(l, id, title, LOGS_NOT_VERIFIED, "nobody did it in this time; try it by hand");
    else if (sum.n2 == 0)
        check(l, id, title, LOGS_CONTRADICTED, "asked %" PRIu64 " times, never answered 2xx", sum.n);
    else
        check(l, id, title, LOGS_NOT_VERIFIED,
              "answered 2xx %" PRIu64 " of %" PRIu64
              " times; a status does not show that the result is right, so look at one",
              sum.n2, sum.n);
}

static void check_uses(struct ops_logs *l)
{
    static const char *const upload[] = {"/upload", "/api/v1/documents"};
    static const char *const analysis[] = {"/analyze_section", "/api/v1/reviews"};
    static const char *const chat[] = {"/chat", "/api/v1/reviews/:id/chat"};
    static const char *const result[] = {"/complete_review", "/export_to_s3", "/api/v1/reviews/:id/exports"};
    check_use(l, "upload", "Documents can be uploaded", upload, 2);
    check_use(l, "analysis", "Documents are reviewed", analysis, 2);
    check_use(l, "chat", "Questions are answered", chat, 2);
    check_use(l, "export", "Results can be fetched and exported", result, 3);
}

static void share_check(struct ops_logs *l, const char *id, const char *title, uint64_t errors, double most,
                        enum logs_level level)
{
    uint64_t n = l->counted->all.n;
    double share = n ? (double)errors / (double)n : 0;
    if (n == 0) {
        check(l, id, title, LOGS_NOT_VERIFIED, "no requests but health checks");
        return;
    }
    check(l, id, title, share <= most ? LOGS_VERIFIED : LOGS_CONTRADICTED, "%" PRIu64 " of %" PRIu64 " (%.1f %%)",
          errors, n, share * 100);
    if (share > most && errors >= ERRORS_MIN)
        reason(l, level, "%.1f %% of the answers (%" PRIu64 " of %" PRIu64 ") are %s; more than %g %% is too much.",
               share * 100, errors, n, level == LOGS_GRAVE ? "5xx" : "4xx", most * 100);
}

static void check_requests(struct ops_logs *l)
{
    check_type(l, "page", "The page is served", LOGS_TYPE_PAGE);
    check_type(l, "static", "Static files are served", LOGS_TYPE_STATIC);
    share_check(l, "5xx", "At most 1 % of the answers are 5xx", l->counted->all.n5, share_5xx, LOGS_GRAVE);
    share_check(l, "4xx", "At most 5 % of the answers are 4xx", l->counted->all.n4, share_4xx, LOGS_WARNING);
    const char *title = "99 of 100 answers come within 30 s";
    if (!l->timed) {
        check(l, "latency", title, LOGS_NOT_VERIFIED,
              "no log says how long requests took (healthd or gunicorn's access log would)");
        return;
    }
    uint64_t p99 = logs__latency(l->timed, 0.99);
    check(l, "latency", title, p99 <= P99_MAX_US ? LOGS_VERIFIED : LOGS_CONTRADICTED,
          "p99 is %.3f s of %" PRIu64 " requests", (double)p99 / 1e6, l->timed->timed);
    if (p99 > P99_MAX_US)
        reason(l, LOGS_WARNING, "The slowest hundredth of the answers takes %.1f s or more.", (double)p99 / 1e6);
}

static void check_beyond(struct ops_logs *l)
{
    static const struct {
        const char *id, *title, *how;
    } rows[] = {
        {"scaling", "Instances are added and removed by load",
         "not in an instance's logs; look at the auto-scaling group's activity after a load test"},
        {"alarms", "Alarms reach a person", "not in these logs; set an alarm to ALARM by hand and see who is told"},
        {"https", "People come by HTTPS", "not in these logs; ask the balancer's listener, and whether HTTP redirects"},
        {"s3", "Files reach the bucket", "not in these logs; list the bucket's prefix after an export"},
        {"load", "It bears the load that is expected",
         "the logs show only the load that was; test with as many people as will come"},
        {"cost", "The cost is what was planned", "not in these logs; see the bill by tag after a day"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(l, rows[i].id, rows[i].title, LOGS_NOT_VERIFIED, "%s", rows[i].how);
}

/* --- verdict --- */
/* While a deployment exchanges the program nginx finds nobody there: that is no problem of its own. */
static bool is_of_a_deployment(const struct ops_logs *l, const struct logs_note_row *row, const struct logs_note *note)
{
    if (strcmp(row->id, "upstream_refused") != 0 && strcmp(row->id, "no_live_upstream") != 0) return false;
    if (note->first == LOGS_NO_TIME) return false;
    for (size_t i = 0; i < l->runs.n; i++) {
        const struct logs_run *run = &l->runs.at[i];
        if (run->deploys && note->first >= run->start && note->last <= run->end + SETTLING_MS) return true;
    }
    return false;
}

static void reasons_of_notes(struct ops_logs *l)
{
    for (size_t i = 0; i < logs__note_count(); i++) {
        const struct logs_note_row *row = logs__note_row(i);
        if (l->notes[i].n == 0 || row->level == LOGS_REMARK || is_of_a_deployment(l, row, &l->notes[i])) continue;
        reason(l, row->level, "%s (%" PRIu64 " time%s).", row->title, l->notes[i].n, l->notes[i].n == 1 ? "" : "s");
    }
    if (l->n_others)
        reason(l, LOGS_WARNING, "The logs hold errors of %zu other kind%s.", l->n_others, l->n_others == 1 ? "" : "s");
}

static bool serves_nobody(const struct ops_logs *l)
{
    const struct logs_requests *r = l->counted;
    uint64_t n = 0, errors = 0;
    if (r->n_minutes == 0) return false;
    int64_t last = r->minutes[r->n_minutes - 1].minute;
    for (size_t i = r->n_minutes; i-- && r->minutes[i].minute + WINDOW_MINUTES > last;) {
        n += r->minutes[i].n + r->minutes[i].checks;
        errors += r->minutes[i].n5 + r->minutes[i].failed;
    }
    return errors >= ERRORS_MIN && errors * 2 > n;
}

/* The gravest first, else in the order of the report. */
static void order_reasons(struct ops_logs *l)
{
    for (size_t i = 1; i < l->reasons.n; i++) {
        struct logs_reason r = l->reasons.at[i];
        size_t at = i;
        for (; at > 0 && l->reasons.at[at - 1].level < r.level; at--)
            l->reasons.at[at] = l->reasons.at[at - 1];
        l->reasons.at[at] = r;
    }
}

static void verdict(struct ops_logs *l)
{
    const struct logs_requests *r = l->counted;
    bool evidence = logs__last_run(l) || l->servers.n || r->all.n || r->checks.n;
    if (serves_nobody(l)) {
        reason(l, LOGS_GRAVE, "At the end of the log most answers are errors.");
        l->verdict = OPS_LOGS_FAILED;
    }
    order_reasons(l);
    if (l->verdict == OPS_LOGS_FAILED) return;
    l->verdict = evidence ? OPS_LOGS_HEALTHY : OPS_LOGS_UNKNOWN;
    for (size_t i = 0; i < l->reasons.n; i++)
        if (l->reasons.at[i].level != LOGS_REMARK) l->verdict = OPS_LOGS_PROBLEMS;
}

/* Of several logs that tell the same requests: nginx's, which people's requests come through, else the one with the most. */
static void choose(struct ops_logs *l)
{
    l->counted = &l->requests[LOGS_FROM_NGINX];
    for (size_t i = 0; i < LOGS_ORIGIN_COUNT; i++) {
        const struct logs_requests *r = &l->requests[i];
        if (l->counted->all.n + l->counted->checks.n == 0) l->counted = r;
        if (r->timed && (!l->timed || r->timed > l->timed->timed)) l->timed = r;
    }
}

void logs__judge(struct ops_logs *l)
{
    l->verdict = OPS_LOGS_UNKNOWN;
    choose(l);
    l->onset_5xx = onset(l->counted, share_5xx, true);
    l->onset_4xx = onset(l->counted, share_4xx, false);
    check_deployment(l);
    check_commands(l);
    check_server(l);
    check_health(l);
    check_requests(l);
    check_uses(l);
    check_beyond(l);
    reasons_of_notes(l);
    verdict(l);
}
