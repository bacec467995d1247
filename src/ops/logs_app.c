/* What the program says: gunicorn, prism, and both behind the prefix that Beanstalk's log of a Procfile has; and the kernel and systemd in messages.
 *   gunicorn  [2025-11-26 18:33:09 +0000] [11696] [INFO] Listening at: http://0.0.0.0:8000 (11696)
 *   prism     {"time":"2026-11-26T09:30:00.123Z","level":"info","event":"started",…}, or the same as text, name=value (base/log.h)
 *   both      Nov 26 18:33:09 ip-172-31-32-81 web[11696]: …
 * Lines of an access log among them are requests. Whatever else a program prints (its own texts, lines of a traceback) is counted as not read. */
#include "base/json.h"
#include "ops/logs_priv.h"

enum { BOOT_MS = 10000, JSON_ARENA_MAX = 1 << 20 };

/* --- servers --- */
static struct logs_server *server_begin(struct ops_logs *l, const char *program, int64_t at)
{
    if (l->servers.n >= LOGS_SERVERS_MAX) return NULL;
    struct logs_server *s = VEC_PUSH(l->a, &l->servers);
    if (!s) {
        l->no_memory = true;
        return NULL;
    }
    *s = (struct logs_server){.program = program, .start = at, .ready = LOGS_NO_TIME};
    return s;
}

/* The one that ran then: the last that had started. The same server may be told in two logs, which are read one after the other. */
static struct logs_server *server_at(struct ops_logs *l, const char *program, int64_t at)
{
    struct logs_server *found = NULL;
    for (size_t i = 0; i < l->servers.n; i++) {
        struct logs_server *s = &l->servers.at[i];
        if (strcmp(s->program, program) == 0 && s->start <= at && (!found || s->start >= found->start)) found = s;
    }
    return found;
}

static void worker(struct logs_server *s, int64_t at, struct str pid)
{
    uint64_t number;
    if (!logs__take_digits(&pid, 10, &number)) return;
    for (size_t i = 0; i < s->n_pids; i++)
        if (s->pids[i] == number) return; /* said in two logs */
    if (s->n_pids < LOGS_PIDS_MAX) s->pids[s->n_pids++] = number;
    if (at != LOGS_NO_TIME && s->start != LOGS_NO_TIME && at - s->start > BOOT_MS)
        s->renewed++;
    else
        s->booted++;
}

static void gunicorn_message(struct ops_logs *l, int64_t at, struct str message)
{
    struct logs_server *s = server_at(l, "gunicorn", at);
    struct str rest;
    if ((rest = logs__after(message, STR("Starting gunicorn "))).p) {
        if (s && s->start == at) return; /* told by the other log */
        s = server_begin(l, "gunicorn", at);
        if (s) s->version = logs__shown(l, logs__word(rest), 40);
        logs__setting(l, "gunicorn", logs__word(rest));
        return;
    }
    if (!s) s = server_begin(l, "gunicorn", at); /* its first lines were rotated away */
    if (!s) return;
    if ((rest = logs__after(message, STR("Listening at: "))).p) {
        s->listen = logs__shown(l, logs__word(rest), 100);
        if (s->ready == LOGS_NO_TIME) s->ready = at;
        logs__setting(l, "listens on", s->listen);
    } else if ((rest = logs__after(message, STR("Using worker: "))).p) {
        s->worker_class = logs__shown(l, logs__word(rest), 40);
        logs__setting(l, "worker class", s->worker_class);
    } else if (str_starts(message, STR("Server is ready"))) {
        s->ready = at;
    } else if ((rest = logs__after(message, STR("Booting worker with pid: "))).p) {
        worker(s, at, rest);
    }
}

static bool gunicorn_line(struct ops_logs *l, struct str line)
{
    struct str rest = line;
    int64_t at;
    if (!logs__take(&rest, STR("[")) || !logs__take_time(l, &rest, &at) || !logs__take(&rest, STR("] ["))) return false;
    (void)str_cut(rest, ']', &rest); /* process */
    if (!rest.p || !logs__take(&rest, STR(" ["))) return false;
    struct str level = str_cut(rest, ']', &rest);
    if (!rest.p) return false;
    rest = str_trim(rest);
    logs__seen(l, at);
    gunicorn_message(l, at, rest);
    bool serious = str_eq(level, STR("ERROR")) || str_eq(level, STR("CRITICAL"));
    if (!logs__note_known(l, LOGS_APP, at, rest) && serious) logs__note_other(l, at, rest);
    return true;
}

/* --- prism --- */
struct prism_event {
    int64_t at;
    struct str level, event, version, bind, port, pid;
};

static const struct {
    const char *event, *note;
} prism_notes[] = {{"server_died", "server_died"},        {"server_not_ready", "server_not_ready"},
                   {"reload_failed", "server_not_ready"}, {"start_failed", "server_not_ready"},
                   {"server_cut", "requests_cut"},        {"requests_cut", "requests_cut"},
                   {"request_failed", "request_failed"},  {"stopping", "server_stopped"}};

static void prism_started(struct ops_logs *l, const struct prism_event *p)
{
    struct logs_server *s = server_begin(l, "prism", p->at);
    if (!s) return;
    struct str listen =
        str_printf(l->a, "%.*s:%.*s", STR_ARG(str_sub(p->bind, 0, 100)), STR_ARG(str_sub(p->port, 0, 10)));
    if (!listen.p) l->no_memory = true;
    s->ready = p->at; /* it says so when it answers */
    s->version = logs__shown(l, p->version, 40);
    s->listen = logs__shown(l, listen, 120);
    worker(s, p->at, p->pid);
    logs__setting(l, "prism", s->version);
    logs__setting(l, "listens on", s->listen);
}

static void prism_event(struct ops_logs *l, const struct prism_event *p, struct str line)
{
    logs__seen(l, p->at);
    if (str_eq(p->event, STR("started"))) prism_started(l, p);
    for (size_t i = 0; i < sizeof prism_notes / sizeof prism_notes[0]; i++)
        if (str_eq_c(p->event, prism_notes[i].event)) {
            logs__note(l, prism_notes[i].note, p->at, line);
            return;
        }
    if (str_eq(p->level, STR("error"))) logs__note_other(l, p->at, line);
}

/* A number or a text as text; "" for anything else. .p NULL on no memory. */
static struct str member_text(struct arena *a, const struct json *v, const char *name)
{
    const struct json *member = json_get(v, name);
    if (!member || json_type(member) > JSON_STRING || json_type(member) < JSON_NUMBER) return STR("");
    double number = json_double(member, -1);
    if (json_type(member) == JSON_NUMBER && number >= 0 && number < 1e15)
        return str_printf(a, "%llu", (unsigned long long)number);
    return json_type(member) == JSON_STRING ? json_str(member) : STR("");
}

static bool prism_json_line(struct ops_logs *l, struct str line)
{
    CLEANUP_ARENA struct arena *a = arena_new(JSON_ARENA_MAX);
    const struct json *v;
    struct error e;
    struct prism_event p = {.at = LOGS_NO_TIME};
    if (!a) {
        l->no_memory = true;
        return false;
    }
    if (json_parse(a, line, &v, &e) != ERR_OK) {
        l->no_memory = l->no_memory || error_is_no_memory(&e);
        return false;
    }
    p.event = member_text(a, v, "event");
    p.level = member_text(a, v, "level");
    struct str time = member_text(a, v, "time");
    if (p.event.n == 0 || !logs__take_time(l, &time, &p.at)) return false;
    p.version = member_text(a, v, "version");
    p.bind = member_text(a, v, "bind");
    p.port = member_text(a, v, "port");
    p.pid = member_text(a, v, "pid");
    if (!p.version.p || !p.bind.p || !p.port.p || !p.pid.p) l->no_memory = true;
    prism_event(l, &p, line);
    return true;
}

/* The value of " name=" in a text line; values with spaces are quoted. */
static struct str text_field(struct str fields, const char *name)
{
    for (size_t at = 0; (at = str_find(fields, str_from_c(name), at)) != STR_NONE; at++) {
        struct str quoted, rest = str_sub(fields, at + strlen(name), fields.n);
        if (at == 0 || fields.p[at - 1] != ' ' || !logs__take(&rest, STR("="))) continue;
        return logs__take_quoted(&rest, &quoted) ? quoted : str_cut(rest, ' ', &rest);
    }
    return STR_EMPTY;
}

static bool prism_text_line(struct ops_logs *l, struct str line)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    struct prism_event p;
    struct str rest = line;
    bool known = false;
    if (!logs__take_time(l, &rest, &p.at) || !logs__take(&rest, STR(" "))) return false;
    p.level = str_cut(rest, ' ', &rest);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        known = known || str_eq_c(p.level, levels[i]);
    if (!known || !rest.p) return false;
    struct str fields, event = str_cut(rest, ' ', &fields);
    p.event = event;
    if (!fields.p) fields = STR_EMPTY;
    fields = fields.p ? (struct str){fields.p - 1, fields.n + 1} : fields; /* the space in front of the first */
    p.version = text_field(fields, "version");
    p.bind = text_field(fields, "bind");
    p.port = text_field(fields, "port");
    p.pid = text_field(fields, "pid");
    prism_event(l, &p, line);
    return true;
}

/* --- */
/* "Nov 26 18:33:09 host web[11696]: " */
static void take_prefix(struct ops_logs *l, struct str *line, int64_t *at)
{
    struct str rest = *line;
    if (!logs__take_syslog_time(l, &rest, at)) return;
    struct str message = logs__after(rest, STR(": "));
    if (message.p) *line = message;
}

bool logs__app_line(struct ops_logs *l, struct str line)
{
    int64_t at = LOGS_NO_TIME;
    take_prefix(l, &line, &at);
    if (line.n && line.p[0] == '{') return prism_json_line(l, line);
    if (gunicorn_line(l, line) || prism_text_line(l, line)) return true;
    if (logs__access_line(l, line, LOGS_FROM_APP)) return true;
    return logs__note_known(l, LOGS_APP, at, line) || str_starts(line, STR("prism serves on "));
}

bool logs__system_line(struct ops_logs *l, struct str line)
{
    int64_t at;
    struct str rest = line;
    if (!logs__take_syslog_time(l, &rest, &at) && !logs__take_time(l, &rest, &at)) return false;
    logs__seen(l, at);
    (void)logs__note_known(l, LOGS_SYSTEM, at, str_trim(rest));
    return true;
}
