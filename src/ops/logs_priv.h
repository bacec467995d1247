/* What the parsers of logs fill and the report is written from. Private to ops/logs*.c. Times are unix milliseconds, LOGS_NO_TIME where a line had none.
 * Memory: all in the arena of the bundle, each list with a maximum below. When the arena has no more, no_memory sticks and reading fails at its end. */
#pragma once

#include "base/map.h"
#include "base/vec.h"
#include "ops/logs.h"

#define LOGS_NO_TIME INT64_MIN

enum {
    LOGS_LINE_MAX = 32 << 10, /* bytes of a line that are looked at */
    LOGS_EXCERPT_MAX = 300,   /* bytes of a line that the report quotes */
    LOGS_RUNS_MAX = 100,      /* of the engine */
    LOGS_PHASES_MAX = 1000,
    LOGS_SERVERS_MAX = 100,
    LOGS_PACKAGES_MAX = 2000,
    LOGS_COMMANDS_MAX = 200,
    LOGS_SETTINGS_MAX = 100,
    LOGS_PATHS_MAX = 2000, /* distinct ones; more are counted as one */
    LOGS_SOURCES_MAX = 64, /* of health checks */
    LOGS_MINUTES_MAX = 1 << 15,
    LOGS_OTHERS_MAX = 50,  /* kinds of errors that no row of the table of notes knows */
    LOGS_MARKS_MAX = 2000, /* notes with their times, for what happened around an onset */
    LOGS_GAP_MAX_S = 600,
    LOGS_SLOW_MAX = 10,
    LOGS_PIDS_MAX = 64,
};

/* In the order in which they are read: nginx's access log says the zone of the host, and all times give the year that syslog leaves out. */
enum logs_kind {
    LOGS_ACCESS,
    LOGS_HEALTHD,
    LOGS_APP,
    LOGS_ENGINE,
    LOGS_HOOKS,
    LOGS_CFN,
    LOGS_ERROR,
    LOGS_DAEMON,
    LOGS_SYSTEM,
    LOGS_TAIL, /* several logs in one text */
    LOGS_OTHER,
    LOGS_KIND_COUNT
};

struct logs_file {
    struct str name; /* path within the bundle, safe to show */
    enum logs_kind kind;
    struct str instance; /* "i-0abc…" of the path, or empty */
    uint64_t bytes, lines;
    uint64_t unknown; /* lines that are not of the format */
    bool cut;         /* a limit ended it */
    struct str wrong; /* why it could not be read to its end, or empty */
};

struct logs_phase {
    int64_t at;
    struct str name;
};

/* One run of Beanstalk's engine on one instance. */
struct logs_run {
    struct str command;  /* "env-launch", "app-deploy", … or empty */
    struct str instance; /* or empty */
    int64_t start, end;
    enum { LOGS_RUN_OPEN, LOGS_RUN_DONE, LOGS_RUN_FAILED } outcome; /* open: the log does not say */
    struct str failed_in, error;
    size_t first_phase, n_phases;
    bool deploys; /* it is a deployment, not a request for logs */
};

struct logs_package {
    struct str name, version, replaced; /* the version that was there, or empty */
    const char *by;                     /* "pip", "dnf" */
};

struct logs_command { /* of cfn-init or a hook */
    int64_t at;
    struct str name;
    bool failed;
};

struct logs_server {
    const char *program; /* "gunicorn", "prism" */
    struct str version, listen, worker_class;
    int64_t start, ready;
    uint64_t pids[LOGS_PIDS_MAX];
    size_t n_pids;
    uint64_t booted;  /* workers of the first seconds */
    uint64_t renewed; /* and those that came later */
};

struct logs_setting {
    const char *name;
    struct str value, source;
};

/* What a request was for. */
#define LOGS_TYPES(X)                                                                                                  \
    X(HEALTH, "health checks")                                                                                         \
    X(PAGE, "page")                                                                                                    \
    X(STATIC, "static files")                                                                                          \
    X(API, "interface (/api)")                                                                                         \
    X(ACTION, "actions (POST and other changes)")                                                                      \
    X(VIEW, "other reading")                                                                                           \
    X(BROKEN, "no HTTP request")
enum logs_type {
#define X(name, text) LOGS_TYPE_##name,
    LOGS_TYPES(X)
#undef X
        LOGS_TYPE_COUNT
};

#define LOGS_LATENCY_BUCKETS 640 /* sixteen a power of two of microseconds */

struct logs_sum {
    uint64_t n, n2, n3, n4, n5, bytes, max_bytes, min_bytes;
};

struct logs_path {
    struct str method, path;
    enum logs_type type;
    struct logs_sum sum;
    uint64_t timed, time_us, max_us;
    int64_t first_5xx;
};

struct logs_minute {
    int64_t minute; /* since 1970; LOGS_NO_TIME: free */
    uint32_t n, n4, n5, checks, failed;
};

struct logs_source { /* who asks for /health */
    struct str address, agent, instance;
    uint64_t n, passed, run_failed, longest_failed;
    int64_t first, last;
    uint32_t gaps[LOGS_GAP_MAX_S + 1]; /* seconds between two checks: how often */
};

struct logs_slow {
    int64_t at;
    uint64_t us;
    int status;
    const struct logs_path *path;
};

/* The requests as one of the logs tells them. */
struct logs_requests {
    struct logs_sum all;    /* health checks left out */
    struct logs_sum checks; /* health checks alone */
    struct logs_sum types[LOGS_TYPE_COUNT];
    uint64_t statuses[600];
    int64_t first, last;
    struct map paths; /* of struct logs_path */
    size_t n_paths;
    struct logs_path *rest; /* those for which there was no room */
    struct map sources;     /* of struct logs_source */
    size_t n_sources;
    struct logs_minute *minutes; /* LOGS_MINUTES_MAX, by hash; sorted and n_minutes of them once all is read */
    size_t n_minutes;
    uint64_t off_minutes; /* requests for which there was no room */
    uint64_t latency[LOGS_LATENCY_BUCKETS];
    uint64_t timed, max_us;
    struct logs_slow slow[LOGS_SLOW_MAX];
    size_t n_slow;
};

enum logs_origin { LOGS_FROM_NGINX, LOGS_FROM_HEALTHD, LOGS_FROM_APP, LOGS_ORIGIN_COUNT };

struct logs_request { /* one line of such a log */
    int64_t at;
    struct str client, method, path, agent;
    int status;
    uint64_t bytes;
    int64_t us; /* -1: not said */
};

enum logs_level { LOGS_REMARK, LOGS_WARNING, LOGS_GRAVE };

/* A message that is known: when it is that, what it means and what to do. */
struct logs_note_row {
    const char *id;
    enum logs_level level;
    const char *title, *meaning, *advice;
};

struct logs_note { /* how often it was met */
    uint64_t n;
    int64_t first, last;
    struct str example, file;
};

struct logs_other {
    uint64_t n;
    int64_t first;
    struct str example, file;
};

struct logs_mark {
    int64_t at;
    size_t note;
};

struct logs_onset { /* when the share of errors passed what is accepted */
    bool any;
    int64_t from, to; /* the minutes of the first and the last */
    bool open;        /* it was so at the end of the log */
    uint64_t n, errors, n_before, errors_before;
};

enum logs_state { LOGS_VERIFIED, LOGS_NOT_VERIFIED, LOGS_CONTRADICTED };
struct logs_check { /* a line of the checklist */
    const char *id, *title;
    enum logs_state state;
    struct str evidence;
};

struct logs_reason {
    enum logs_level level;
    struct str text;
};

struct ops_logs {
    struct arena *a;
    struct ops_logs_limits limits;
    bool no_memory;
    struct str name; /* of the bundle */
    uint64_t total_bytes;
    VEC(struct logs_file) files;

    bool has_zone;
    int zone_minutes; /* of the host, by nginx's access log */
    int64_t latest;   /* of all times so far */

    VEC(struct logs_run) runs;
    VEC(struct logs_phase) phases;
    VEC(struct logs_package *) packages;
    struct map packages_known;
    VEC(struct logs_command) commands;
    VEC(struct logs_server) servers;
    VEC(struct logs_setting) settings;
    struct logs_requests requests[LOGS_ORIGIN_COUNT];
    struct logs_note *notes; /* one a row of the table */
    struct map others;
    size_t n_others;
    uint64_t more_others;
    VEC(struct logs_mark) marks;

    /* of the line that is read */
    struct logs_file *file;
    enum logs_kind kind; /* the file's, or within a LOGS_TAIL what its last heading said */
    bool tail_rule;      /* the last line was a rule of hyphens */
    bool dnf_list;       /* within "Installed:" */
    struct logs_package replaced;
    size_t run; /* index + 1 of the run of this file; 0: none */

    /* judged */
    const struct logs_requests *counted; /* the log that tells most of the requests */
    const struct logs_requests *timed;   /* and the one that has their times; or NULL */
    struct logs_onset onset_5xx, onset_4xx;
    VEC(struct logs_check) checks;
    VEC(struct logs_reason) reasons;
    enum ops_logs_verdict verdict;
};

/* --- logs_text.c: pieces of a line --- */
/* Takes what it names from the front of *s; on false *s is as it was. */
bool logs__take_digits(struct str *s, size_t max, uint64_t *ret);
bool logs__take(struct str *s, struct str text);
bool logs__take_quoted(struct str *s, struct str *ret); /* "…", a backslash takes the next */
/* 2025/11/26 18:31:57.123456, 2025-11-26T18:31:57,123Z, … +0000. Without a zone the host's. */
bool logs__take_time(const struct ops_logs *l, struct str *s, int64_t *ret);
/* 26/Nov/2025:18:33:19 +0000; *zone: minutes. */
bool logs__take_access_time(struct str *s, int64_t *ret, int *zone);
/* Nov 26 18:33:09; the year by the latest time that is known, LOGS_NO_TIME when none is. */
bool logs__take_syslog_time(const struct ops_logs *l, struct str *s, int64_t *ret);
/* What stands behind the first `needle`; .p NULL without one. */
struct str logs__after(struct str s, struct str needle);
struct str logs__word(struct str s); /* up to white space, without quotes, comma and bracket at its ends */
bool logs__has(struct str s, const char *needle);
struct str logs__instance(struct str s); /* the first "i-" and 8 to 17 hexadecimal digits, or empty */
/* A copy that may be shown: valid UTF-8 in one line, what looks like a credential replaced, cut to max bytes. */
struct str logs__shown(struct ops_logs *l, struct str s, size_t max);
void logs__seen(struct ops_logs *l, int64_t at);

/* --- logs_engine.c, logs_nginx.c, logs_app.c: one line of a format. false: it is not of the format --- */
bool logs__engine_line(struct ops_logs *l, struct str line);
void logs__engine_end(struct ops_logs *l); /* of a file */
bool logs__cfn_line(struct ops_logs *l, struct str line);
bool logs__access_line(struct ops_logs *l, struct str line, enum logs_origin origin);
bool logs__error_line(struct ops_logs *l, struct str line);
bool logs__healthd_line(struct ops_logs *l, struct str line);
bool logs__daemon_line(struct ops_logs *l, struct str line);
bool logs__app_line(struct ops_logs *l, struct str line);
bool logs__system_line(struct ops_logs *l, struct str line);

void logs__setting(struct ops_logs *l, const char *name, struct str value); /* the first value of a name stays */

/* --- logs_notes.c --- */
size_t logs__note_count(void);
const struct logs_note_row *logs__note_row(size_t i);
/* Counts a message of that id. */
void logs__note(struct ops_logs *l, const char *id, int64_t at, struct str line);
/* Counts what the message is known for; false: nothing. kind: whose message. */
bool logs__note_known(struct ops_logs *l, enum logs_kind kind, int64_t at, struct str message);
/* Counts an error that no row knows, by its text without numbers. */
void logs__note_other(struct ops_logs *l, int64_t at, struct str message);

/* --- logs_requests.c --- */
void logs__requests_init(struct ops_logs *l);
void logs__request(struct ops_logs *l, enum logs_origin origin, const struct logs_request *rq);
void logs__requests_end(struct ops_logs *l); /* sorts the minutes */
const char *logs__type_name(enum logs_type type);
uint64_t logs__latency(const struct logs_requests *r, double share); /* µs that so much of the requests stay below */
unsigned logs__interval_s(const struct logs_source *s);              /* the median; 0: fewer than two checks */
/* All of them, the most important first; *n. NULL on no memory. */
const struct logs_path **logs__paths(const struct ops_logs *l, const struct logs_requests *r, bool by_size, size_t *n);
const struct logs_source **logs__sources(const struct ops_logs *l, const struct logs_requests *r, size_t *n);
const struct logs_other **logs__others(const struct ops_logs *l, size_t *n);

/* --- logs_source.c --- */
enum err logs__source_read(struct ops_logs *l, const char *path, struct error *e) MUST_USE;
enum logs_kind logs__kind_of(struct str path);
const char *logs__kind_name(enum logs_kind kind);
/* A file in pieces, as they come; finish: its last line may have no end. */
struct logs_lines {
    char part[LOGS_LINE_MAX]; /* of a line whose end has not come */
    size_t n;                 /* a line that is longer is cut */
};
void logs__file_begin(struct ops_logs *l, struct str name, enum logs_kind kind, struct logs_lines *lines);
void logs__file_feed(struct ops_logs *l, struct logs_lines *lines, struct str bytes);
void logs__file_end(struct ops_logs *l, struct logs_lines *lines);

/* --- logs.c, logs_judge.c --- */
struct ops_logs *logs__new(struct arena *a, const struct ops_logs_limits *limits);
void logs__judge(struct ops_logs *l);
const char *logs__verdict_name(enum ops_logs_verdict v);
const char *logs__verdict_text(enum ops_logs_verdict v);
const char *logs__level_name(enum logs_level level);
const char *logs__state_name(enum logs_state state);
/* The last deployment, or NULL. */
const struct logs_run *logs__last_run(const struct ops_logs *l);

/* --- logs_page.c writes the report through one of these: logs_markdown.c, logs_html.c --- */
struct logs_page {
    const struct logs_page_ops *ops;
    const struct ops_logs *logs;
    struct sb *out;
    size_t column; /* of the row that is written */
};
struct logs_page_ops {
    void (*begin)(struct logs_page *p, struct str title);
    void (*end)(struct logs_page *p);
    void (*heading)(struct logs_page *p, const char *text);
    void (*paragraph)(struct logs_page *p, struct str text);
    void (*table)(struct logs_page *p, const char *const *columns,
                  size_t n); /* a column that begins with '>' is of numbers */
    void (*row)(struct logs_page *p, const char *const *columns, const struct str *cells, size_t n);
    void (*table_end)(struct logs_page *p);
    void (*item)(struct logs_page *p, const char *mark, struct str text); /* of a list; mark: "ok", "problem", … */
    void (*list_begin)(struct logs_page *p);
    void (*list_end)(struct logs_page *p);
    void (*plot)(struct logs_page *p); /* errors over time */
};
extern const struct logs_page_ops logs__markdown, logs__html;
void logs__page(struct logs_page *p);
void logs__json(const struct ops_logs *l, struct sb *out);
/* Minutes joined so that there are at most max: what a plot and a table show. */
struct logs_span {
    int64_t from_minute;
    uint64_t n, n4, n5, checks, failed;
};
size_t logs__spans(const struct logs_requests *r, struct logs_span *ret, size_t max, int64_t *ret_minutes_each);
