/* The log.
 * A line is put together in a buffer on the stack and written with one write(2): atomic by itself for a pipe (PIPE_BUF) and a file that is
 * open for appending, so no lock is needed where many threads log. A field that does not fit is taken back whole, so that a line is valid
 * JSON whatever it carries; room for the end is kept free from the start.
 * Repeated failures stand in a table of REPEAT_SLOTS, the only thing under the lock. What is due is copied out and written after the lock
 * was given back. When the table is full of others, a failure is written as it comes: rather too much than nothing.
 * A line that cannot be written is lost: there is nowhere to say so.
 * Rejected: a thread that writes (what was logged last before a crash is what one wants to read), syslog (no fields). */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/time.h"
#include "base/utf8.h"

#define REPEAT_SLOTS 32
#define END_ROOM     16 /* bytes of ,"cut":true}\n */

struct line {
    char p[LOG_LINE_MAX];
    size_t n;
    bool json;
    bool full; /* something did not fit since the last mark */
    bool cut;  /* a field was left out */
};

/* Failures of one kind within a window. */
struct repeat {
    const char *event; /* NULL: free */
    enum log_level level;
    char reason[sizeof(((struct error *)0)->reason)];
    int64_t since_ns; /* monotonic: the first of the window */
    uint64_t written, counted;
};

static const char *const level_words[] = {
#define X(name, word) [LOG_LEVEL_##name] = (word),
    LOG_LEVELS(X)
#undef X
};

static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_lowest = LOG_LEVEL_INFO;
static atomic_bool log_as_text;

static struct lock repeats_lock = LOCK_INIT(LOCK_RANK_LOG);
static struct repeat repeats[REPEAT_SLOTS]; /* guarded by repeats_lock */

static struct log_problem problems[LOG_PROBLEMS]; /* guarded by repeats_lock: a ring */
static size_t n_problems;                         /* ever; guarded by repeats_lock */

static _Thread_local struct {
    const char *key;
    size_t n;
    char id[LOG_CONTEXT_MAX];
} contexts[LOG_CONTEXTS];
static _Thread_local size_t n_contexts;

static void put(struct line *l, struct str s)
{
    if (l->full || s.n > sizeof l->p - END_ROOM - l->n) {
        l->full = true;
        return;
    }
    if (s.n) memcpy(l->p + l->n, s.p, s.n);
    l->n += s.n;
}

static void put_quoted(struct line *l, struct str s)
{
    put(l, STR("\""));
    for (size_t i = 0; i < s.n && !l->full;) {
        size_t start = i;
        char escape[12];
        uint32_t rune = utf8_next(s, &i);
        if (rune == '"' || rune == '\\') {
            put(l, STR("\\"));
        } else if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0)) { /* nothing that steers a terminal */
            int n = snprintf(escape, sizeof escape, "\\u%04x", (unsigned)rune);
            put(l, (struct str){escape, (size_t)n});
            continue;
        } else if (rune >= 0x80 && i - start == 1) {
            put(l, STR("\xEF\xBF\xBD")); /* U+FFFD: it was not UTF-8 */
            continue;
        }
        put(l, str_sub(s, start, i));
    }
    put(l, STR("\""));
}

/* As it is where a person can tell where it ends. */
static void put_text(struct line *l, struct str s)
{
    bool plain = s.n > 0;
    for (size_t i = 0; i < s.n && plain; i++)
        plain = s.p[i] > ' ' && s.p[i] < 0x7F && s.p[i] != '"' && s.p[i] != '=' && s.p[i] != '\\';
    if (plain && !l->json)
        put(l, s);
    else
        put_quoted(l, s);
}

static void put_name(struct line *l, const char *name)
{
    if (l->json) {
        put(l, l->n > 1 ? STR(",\"") : STR("\""));
        put(l, str_from_c(name));
        put(l, STR("\":"));
    } else {
        put(l, STR(" "));
        put(l, str_from_c(name));
        put(l, STR("="));
    }
}

/* Ends a field that began at mark: all of it, or nothing. */
static void keep_or_cut(struct line *l, size_t mark)
{
    if (!l->full) return;
    l->n = mark;
    l->full = false;
    l->cut = true;
}

static void field_str(struct line *l, const char *name, struct str s)
{
    size_t mark = l->n, n = s.n;
    if (n > LOG_TEXT_MAX) {
        n = LOG_TEXT_MAX;
        while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
            n--;
        l->cut = true;
    }
    put_name(l, name);
    put_text(l, str_sub(s, 0, n));
    keep_or_cut(l, mark);
}

static void field_word(struct line *l, const char *name, struct str word)
{
    size_t mark = l->n;
    put_name(l, name);
    put(l, word);
    keep_or_cut(l, mark);
}

static void field_error(struct line *l, const struct error *e)
{
    field_str(l, "code", str_from_c(error_code_name(e->code)));
    if (e->reason[0]) field_str(l, "reason", str_from_c(e->reason));
    if (e->message[0]) field_str(l, "message", str_from_c(e->message));
    if (e->detail[0]) field_str(l, "detail", str_from_c(e->detail));
}

static void put_field(struct line *l, const struct log_field *f)
{
    char digits[24];
    int n = 0;
    switch (f->kind) {
    case LOG_KIND_NONE: return;
    case LOG_KIND_STR: field_str(l, f->name, f->text); return;
    case LOG_KIND_BOOL: field_word(l, f->name, f->u64 ? STR("true") : STR("false")); return;
    case LOG_KIND_ERROR: field_error(l, f->error); return;
    case LOG_KIND_U64: n = snprintf(digits, sizeof digits, "%" PRIu64, f->u64); break;
    case LOG_KIND_I64: n = snprintf(digits, sizeof digits, "%" PRId64, f->i64); break;
    }
    field_word(l, f->name, (struct str){digits, (size_t)n});
}

static void begin_line(struct line *l, enum log_level level, const char *event)
{
    char time[32];
    struct time_civil c = time_to_civil(time_now_unix_ms());
    int n = snprintf(time, sizeof time, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day, c.hour, c.minute,
                     c.second, c.milli);
    struct str at = {time, (size_t)n < sizeof time ? (size_t)n : sizeof time - 1};
    l->n = 0;
    l->json = !atomic_load_explicit(&log_as_text, memory_order_relaxed);
    l->full = l->cut = false;
    if (l->json) {
        put(l, STR("{"));
        field_str(l, "time", at);
        field_str(l, "level", str_from_c(level_words[level]));
        field_str(l, "event", str_from_c(event));
    } else {
        put(l, at);
        put(l, STR(" "));
        put(l, str_from_c(level_words[level]));
        put(l, STR(" "));
        put(l, str_from_c(event));
    }
}

static void end_line(struct line *l)
{
    /* END_ROOM was kept free for this */
    struct str cut = !l->cut ? STR_EMPTY : l->json ? STR(",\"cut\":true") : STR(" cut=true");
    struct str end = l->json ? STR("}\n") : STR("\n");
    if (cut.n) memcpy(l->p + l->n, cut.p, cut.n);
    l->n += cut.n;
    memcpy(l->p + l->n, end.p, end.n);
    l->n += end.n;
    ssize_t put = 0;
    do {
        put = write(atomic_load_explicit(&log_fd, memory_order_relaxed), l->p, l->n);
    } while (put < 0 && errno == EINTR);
}

static void write_repeat(const struct repeat *r)
{
    struct line l;
    begin_line(&l, r->level, "repeated");
    field_str(&l, "of", str_from_c(r->event));
    if (r->reason[0]) field_str(&l, "reason", str_from_c(r->reason));
    put_field(&l, &L_U64("times", r->counted));
    end_line(&l);
}

/* Takes what is over (all: everything) out of the table into due; returns how many had something to say. */
static size_t take_due(int64_t now_ns, bool all, struct repeat due[REPEAT_SLOTS]) REQUIRES_LOCK(repeats_lock)
{
    size_t n = 0;
    for (size_t i = 0; i < REPEAT_SLOTS; i++) {
        struct repeat *r = &repeats[i];
        if (!r->event || (!all && now_ns - r->since_ns < (int64_t)LOG_WINDOW_MS * 1000000)) continue;
        if (r->counted) due[n++] = *r;
        r->event = NULL;
    }
    return n;
}

/* Counts a failure; false when it is one too many to be written. */
static bool count_failure(enum log_level level, const char *event, const char *reason, int64_t now_ns)
    REQUIRES_LOCK(repeats_lock)
{
    struct repeat *free_slot = NULL;
    for (size_t i = 0; i < REPEAT_SLOTS; i++) {
        struct repeat *r = &repeats[i];
        if (!r->event) {
            if (!free_slot) free_slot = r;
        } else if (strcmp(r->event, event) == 0 && strcmp(r->reason, reason) == 0) {
            if (r->written < LOG_BURST) {
                r->written++;
                return true;
            }
            r->counted++;
            return false;
        }
    }
    if (!free_slot) return true;
    *free_slot = (struct repeat){.event = event, .level = level, .since_ns = now_ns, .written = 1};
    memcpy(free_slot->reason, reason, strnlen(reason, sizeof free_slot->reason - 1));
    return true;
}

/* False when this failure is only counted. */
static bool admit(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
    struct repeat due[REPEAT_SLOTS];
    const char *reason = "";
    int64_t now_ns = time_monotonic_ns();
    for (size_t i = 0; i < n; i++) {
        if (fields[i].kind != LOG_KIND_ERROR) continue;
        reason = fields[i].error->reason[0] ? fields[i].error->reason : error_code_name(fields[i].error->code);
    }
    lock_take(&repeats_lock);
    size_t n_due = take_due(now_ns, false, due);
    bool yes = level < LOG_LEVEL_WARN || count_failure(level, event, reason, now_ns);
    lock_give(&repeats_lock);
    for (size_t i = 0; i < n_due; i++)
        write_repeat(&due[i]);
    return yes;
}

void log_start(int fd, enum log_level lowest, enum log_format format)
{
    bool text = format == LOG_FORMAT_TEXT || (format == LOG_FORMAT_AUTO && isatty(fd) == 1);
    atomic_store(&log_fd, fd);
    atomic_store(&log_lowest, (int)lowest);
    atomic_store(&log_as_text, text);
}

void log_stop(void)
{
    struct repeat due[REPEAT_SLOTS];
    lock_take(&repeats_lock);
    size_t n_due = take_due(0, true, due);
    lock_give(&repeats_lock);
    for (size_t i = 0; i < n_due; i++)
        write_repeat(&due[i]);
    log_start(STDERR_FILENO, LOG_LEVEL_INFO, LOG_FORMAT_AUTO);
}

void log_context_set(const char *key, struct str id)
{
    size_t i = 0;
    while (i < n_contexts && strcmp(contexts[i].key, key) != 0)
        i++;
    if (id.n == 0 && i < n_contexts) {
        n_contexts--;
        memmove(&contexts[i], &contexts[i + 1], (n_contexts - i) * sizeof *contexts);
    }
    if (id.n == 0 || i == LOG_CONTEXTS) return;
    if (i == n_contexts) n_contexts++;
    contexts[i].key = key;
    contexts[i].n = id.n < sizeof contexts[i].id ? id.n : sizeof contexts[i].id;
    memcpy(contexts[i].id, id.p, contexts[i].n);
}

void log_context_clear(void) { n_contexts = 0; }

static bool has_field(const struct log_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (fields[i].kind != LOG_KIND_NONE && strcmp(fields[i].name, name) == 0) return true;
    return false;
}

static void copy_text(char *to, size_t size, struct str s)
{
    size_t n = s.n < size ? s.n : size - 1;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    if (n) memcpy(to, s.p, n);
    to[n] = 0;
}

static void remember(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
    struct log_problem p = {.at_unix_ms = time_now_unix_ms(), .level = level};
    copy_text(p.event, sizeof p.event, str_from_c(event));
    for (size_t i = 0; i < n; i++) {
        const struct log_field *f = &fields[i];
        if (f->kind == LOG_KIND_ERROR) {
            copy_text(p.reason, sizeof p.reason, str_from_c(f->error->reason));
            copy_text(p.message, sizeof p.message, str_from_c(f->error->message));
        } else if (f->kind == LOG_KIND_STR && strcmp(f->name, "reason") == 0) {
            copy_text(p.reason, sizeof p.reason, f->text);
        } else if (f->kind == LOG_KIND_STR && (strcmp(f->name, "message") == 0 || strcmp(f->name, "what") == 0)) {
            copy_text(p.message, sizeof p.message, f->text);
        } else if (f->kind == LOG_KIND_STR && strcmp(f->name, "path") == 0 && !p.message[0]) {
            copy_text(p.message, sizeof p.message, f->text); /* of a request: all there is to say */
        }
    }
    lock_take(&repeats_lock);
    problems[n_problems++ % LOG_PROBLEMS] = p;
    lock_give(&repeats_lock);
}

size_t log_problems(struct log_problem ret[LOG_PROBLEMS])
{
    lock_take(&repeats_lock);
    size_t n = n_problems < LOG_PROBLEMS ? n_problems : LOG_PROBLEMS;
    for (size_t i = 0; i < n; i++)
        ret[i] = problems[(n_problems - 1 - i) % LOG_PROBLEMS];
    lock_give(&repeats_lock);
    return n;
}

void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
    struct line l;
    if ((int)level < atomic_load_explicit(&log_lowest, memory_order_relaxed)) return;
    if (!admit(level, event, fields, n)) return;
    if (level >= LOG_LEVEL_WARN) remember(level, event, fields, n);
    begin_line(&l, level, event);
    for (size_t i = 0; i < n_contexts; i++)
        if (!has_field(fields, n, contexts[i].key))
            field_str(&l, contexts[i].key, (struct str){contexts[i].id, contexts[i].n});
    for (size_t i = 0; i < n; i++)
        put_field(&l, &fields[i]);
    end_line(&l);
}
