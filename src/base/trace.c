/* The work of a thread is thread-local. Spans that have ended stand in a ring under a lock that is held for a copy of some hundred bytes; the thread that
 * takes them does nothing else under it.
 * Rejected: a list a thread (who collects would have to walk them all, and threads of the server come and go); no lock (the ring is written some thousand
 * times a second at most). */
#include "base/trace.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"

static _Thread_local struct trace_work work;

static atomic_bool is_on;
static struct lock ring_lock = LOCK_INIT(LOCK_RANK_TRACE);
static struct { /* guarded by ring_lock, but for ratio, which does not change while spans are begun */
    struct trace_span *at;
    size_t size, first, n;
    size_t wanted; /* who waits, waits for so many; 0: nobody does */
    bool woken;
    uint64_t kept, dropped;
    double ratio;
    struct lock_cond changed;
} ring;

/* --- ids --- */

bool trace_is_none(const struct trace_link *link)
{
    static const uint8_t none[sizeof link->trace];
    return memcmp(link->trace, none, sizeof none) == 0;
}

static bool read_hex(struct str s, uint8_t *to)
{
    bool any = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) return false;
        to[i / 2] = (uint8_t)(i % 2 ? to[i / 2] | digit : digit << 4);
        any = any || digit != 0;
    }
    return any;
}

bool trace_parent_read(struct str traceparent, struct trace_link *ret)
{
    struct trace_link link = {.sampled = false};
    uint8_t version = 0, flags = 0;
    struct str s = traceparent;
    *ret = link;
    if (s.n < TRACE_PARENT_CHARS || s.p[2] != '-' || s.p[35] != '-' || s.p[52] != '-') return false;
    if (!read_hex(str_sub(s, 0, 2), &version) && !str_starts(s, STR("00"))) return false;
    if (version == 0xff || (version == 0 ? s.n != TRACE_PARENT_CHARS : s.n > TRACE_PARENT_CHARS && s.p[55] != '-'))
        return false;
    if (!read_hex(str_sub(s, 3, 35), link.trace) || !read_hex(str_sub(s, 36, 52), link.span)) return false;
    if (!read_hex(str_sub(s, 53, 55), &flags) && !str_eq_c(str_sub(s, 53, 55), "00")) return false;
    link.sampled = flags & 1;
    *ret = link;
    return true;
}

static char *write_hex(char *to, const uint8_t *from, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *to++ = digits[from[i] >> 4];
        *to++ = digits[from[i] & 15];
    }
    return to;
}

struct str trace_parent_write(const struct trace_link *link, char ret[TRACE_PARENT_CHARS + 1])
{
    char *to = ret;
    *ret = 0;
    if (trace_is_none(link)) return STR_EMPTY;
    memcpy(to, "00-", 3);
    to = write_hex(to + 3, link->trace, sizeof link->trace);
    *to++ = '-';
    to = write_hex(to, link->span, sizeof link->span);
    memcpy(to, link->sampled ? "-01" : "-00", 4);
    return (struct str){ret, TRACE_PARENT_CHARS};
}

/* --- what a thread works for --- */

struct trace_work trace_work_now(void) { return work; }

void trace_work_set(const struct trace_work *w)
{
    work = w ? *w : (struct trace_work){.request = ""};
    log_context_set("request", str_from_c(work.request));
}

struct trace_work trace_work_make(struct str request, struct str traceparent)
{
    struct trace_work made = {.request = ""};
    size_t n = 0;
    for (size_t i = 0; i < request.n && n < TRACE_REQUEST_MAX; i++)
        if (request.p[i] > ' ' && request.p[i] < 0x7f) made.request[n++] = request.p[i];
    (void)trace_parent_read(traceparent, &made.link);
    return made;
}

/* --- spans --- */

static int64_t now_unix_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* By the last bytes of the id, which are chance, as OpenTelemetry's TraceIdRatioBased does it: every program keeps the same traces. */
static bool by_chance(const uint8_t trace[16])
{
    uint64_t chance = 0;
    for (size_t i = 8; i < 16; i++)
        chance = chance << 8 | trace[i];
    return (double)(chance >> 11) < ring.ratio * 9007199254740992.0; /* 2^53 */
}

void trace_begin(struct trace_span *s, enum trace_kind kind, struct str name)
{
    s->on = s->inside = s->failed = false;
    s->link = s->before = work.link;
    if (!atomic_load_explicit(&is_on, memory_order_acquire)) return;
    random_bytes(s->link.span, sizeof s->link.span);
    s->link.span[0] |= 1; /* never all 0 */
    if (trace_is_none(&work.link)) {
        random_bytes(s->link.trace, sizeof s->link.trace);
        s->link.trace[0] |= 1;
        s->link.sampled = by_chance(s->link.trace);
    }
    s->on = s->link.sampled;
    s->inside = true;
    s->kind = kind;
    s->n_attributes = s->n_text = 0;
    s->error[0] = 0;
    (void)snprintf(s->name, sizeof s->name, "%.*s", STR_ARG(name));
    s->began_unix_ns = now_unix_ns();
    s->began_ns = time_monotonic_ns();
    work.link = s->link;
}

static struct trace_attribute *attribute(struct trace_span *s, const char *key)
{
    if (!s->on || s->n_attributes == TRACE_ATTRIBUTES_MAX) return NULL;
    struct trace_attribute *a = &s->attributes[s->n_attributes++];
    *a = (struct trace_attribute){.key = key};
    return a;
}

void trace_text(struct trace_span *s, const char *key, struct str value)
{
    if (value.n == 0 || value.n > sizeof s->text - s->n_text) return;
    struct trace_attribute *a = attribute(s, key);
    if (!a) return;
    a->is_text = true;
    a->at = (uint16_t)s->n_text;
    a->n = (uint16_t)value.n;
    memcpy(s->text + s->n_text, value.p, value.n);
    s->n_text += value.n;
}

void trace_number(struct trace_span *s, const char *key, int64_t value)
{
    struct trace_attribute *a = attribute(s, key);
    if (a) a->number = value;
}

void trace_leave(struct trace_span *s)
{
    if (!s->inside) return;
    s->inside = false;
    work.link = s->before;
}

static void keep(const struct trace_span *s)
{
    lock_take(&ring_lock);
    if (ring.n < ring.size) {
        ring.at[(ring.first + ring.n++) % ring.size] = *s;
        ring.kept++;
    } else {
        ring.dropped++;
    }
    if (ring.wanted && ring.n >= ring.wanted) lock_cond_signal(&ring.changed);
    lock_give(&ring_lock);
}

void trace_end(struct trace_span *s, const char *reason)
{
    trace_leave(s);
    if (!s->on) return;
    s->on = false;
    s->failed = reason != NULL;
    if (reason) (void)snprintf(s->error, sizeof s->error, "%s", reason);
    s->took_ns = time_monotonic_ns() - s->began_ns;
    keep(s);
}

/* --- collecting --- */

enum err trace_start(const struct trace_options *options, struct error *e)
{
    struct trace_span *at = calloc(options->spans, sizeof *at);
    if (!at) return error_no_memory(e);
    lock_cond_init(&ring.changed);
    lock_take(&ring_lock);
    ring.at = at;
    ring.size = options->spans;
    ring.first = ring.n = ring.wanted = 0;
    ring.woken = false;
    ring.kept = ring.dropped = 0;
    ring.ratio = options->ratio;
    lock_give(&ring_lock);
    atomic_store_explicit(&is_on, true, memory_order_release);
    return ERR_OK;
}

void trace_stop(void)
{
    if (!atomic_exchange(&is_on, false)) return;
    lock_take(&ring_lock);
    struct trace_span *at = ring.at;
    ring.at = NULL;
    ring.size = ring.n = 0;
    lock_give(&ring_lock);
    lock_cond_done(&ring.changed);
    free(at);
}

bool trace_is_on(void) { return atomic_load_explicit(&is_on, memory_order_acquire); }

size_t trace_take(struct trace_span *to, size_t max)
{
    size_t n = 0;
    lock_take(&ring_lock);
    for (; n < max && ring.n > 0; n++) {
        to[n] = ring.at[ring.first];
        ring.first = (ring.first + 1) % ring.size;
        ring.n--;
    }
    lock_give(&ring_lock);
    return n;
}

void trace_wait(size_t n, int64_t until_ns)
{
    lock_take(&ring_lock);
    ring.wanted = n;
    while (ring.n < n && !ring.woken)
        if (!lock_cond_wait_until(&ring.changed, &ring_lock, until_ns)) break;
    ring.wanted = 0;
    ring.woken = false;
    lock_give(&ring_lock);
}

void trace_wake(void)
{
    lock_take(&ring_lock);
    ring.woken = true;
    lock_cond_signal(&ring.changed);
    lock_give(&ring_lock);
}

struct trace_counts trace_counts(void)
{
    lock_take(&ring_lock);
    struct trace_counts c = {ring.kept, ring.dropped, ring.n};
    lock_give(&ring_lock);
    return c;
}
