/* The log: one event a line, a constant name and fields, as JSON for machines or as text for a terminal.
 *
 *   log_warn("model_retry", L_C("model", name), L_U64("attempt", n), L_ERROR(&e));
 *   {"time":"2026-11-26T09:30:00.123Z","level":"warn","event":"model_retry","request":"2k…","model":"m","attempt":2,"code":"upstream",…}
 *
 * Only the top layers log (api dispatch, runner of jobs, ops, cmd); libraries return errors. Never the text of a document, never a secret.
 * Failures that repeat are counted, not repeated: of a warn or error event with the same name and reason, LOG_BURST are written in
 * LOG_WINDOW_MS; how many more there were is said in a line "repeated" once the time is over.
 * Nothing is allocated and no lock is held while writing: a line is one write(2) of at most LOG_LINE_MAX bytes, which neither a pipe nor a
 * file that is open for appending mixes with others. A field that does not fit is left out, and "cut":true says so.
 * With the metrics the only global state of the program. Thread: any; log_start and log_stop: while no other thread logs. */
#pragma once

#include "base/str.h"

#define LOG_LINE_MAX    4096 /* bytes, new line included; PIPE_BUF of Linux */
#define LOG_TEXT_MAX    1024 /* bytes of one text */
#define LOG_BURST       5
#define LOG_WINDOW_MS   10000
#define LOG_CONTEXT_MAX 128 /* bytes of an id */
#define LOG_CONTEXTS    4   /* ids that a thread may have */

/* X(name, word) */
#define LOG_LEVELS(X)                                                                                                  \
    X(DEBUG, "debug")                                                                                                  \
    X(INFO, "info")                                                                                                    \
    X(WARN, "warn")                                                                                                    \
    X(ERROR, "error")

enum log_level {
#define X(name, word) LOG_LEVEL_##name,
    LOG_LEVELS(X)
#undef X
};

enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_JSON, LOG_FORMAT_TEXT }; /* auto: text on a terminal, else JSON */

/* fd: borrowed until log_stop or the next start, open for appending. Before the first start: stderr, info, JSON. */
void log_start(int fd, enum log_level lowest, enum log_format format);
/* Writes what was counted; the log then goes to stderr. */
void log_stop(void);

/* Ids of what this thread is doing and for whom, in every line until they are cleared, in the order in which they were set. key: a constant, "request",
 * "user", "document", "job" or "chat"; one that is there gets another id. id is copied, cut to LOG_CONTEXT_MAX; empty: this one is cleared. A line
 * that has a field of that name itself has it once, its own. */
void log_context_set(const char *key, struct str id);
void log_context_clear(void); /* all */

enum log_kind { LOG_KIND_NONE, LOG_KIND_STR, LOG_KIND_U64, LOG_KIND_I64, LOG_KIND_BOOL, LOG_KIND_ERROR };
struct log_field {
    const char *name; /* a constant */
    enum log_kind kind;
    struct str text;
    union {
        uint64_t u64;
        int64_t i64;
        const struct error *error;
    };
};

#define L_STR(name_, value)  ((struct log_field){.name = (name_), .kind = LOG_KIND_STR, .text = (value)})
#define L_C(name_, value)    L_STR(name_, str_from_c(value))
#define L_U64(name_, value)  ((struct log_field){.name = (name_), .kind = LOG_KIND_U64, .u64 = (value)})
#define L_I64(name_, value)  ((struct log_field){.name = (name_), .kind = LOG_KIND_I64, .i64 = (value)})
#define L_BOOL(name_, value) ((struct log_field){.name = (name_), .kind = LOG_KIND_BOOL, .u64 = (value)})
/* "code", "reason", "message" and "detail" of an error, those that are not empty. */
#define L_ERROR(e) ((struct log_field){.name = "", .kind = LOG_KIND_ERROR, .error = (e)})

/* The last warnings and errors, the newest first, as far as a person wants to read them: what was written, not what was only counted. */
#define LOG_PROBLEMS 40
struct log_problem {
    int64_t at_unix_ms;
    enum log_level level;
    char event[48];
    char reason[48];   /* may be empty */
    char message[200]; /* cut; may be empty */
};
size_t log_problems(struct log_problem ret[LOG_PROBLEMS]);

/* event: a constant of [a-z0-9_]. Use through the macros. */
void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t n);
#define LOG__EVENT(level, event, ...)                                                                                  \
    log_event(level, event, (const struct log_field[]){{.kind = LOG_KIND_NONE}, ##__VA_ARGS__},                        \
              sizeof((const struct log_field[]){{.kind = LOG_KIND_NONE}, ##__VA_ARGS__}) / sizeof(struct log_field))
#define log_debug(event, ...) LOG__EVENT(LOG_LEVEL_DEBUG, event, ##__VA_ARGS__)
#define log_info(event, ...)  LOG__EVENT(LOG_LEVEL_INFO, event, ##__VA_ARGS__)
#define log_warn(event, ...)  LOG__EVENT(LOG_LEVEL_WARN, event, ##__VA_ARGS__)
#define log_error(event, ...) LOG__EVENT(LOG_LEVEL_ERROR, event, ##__VA_ARGS__)
