/* Event streams to clients.
 * A stream is a list of frames (one event each) between whoever sends and the io thread that writes. When there is nothing to write, the io
 * thread suspends the connection (libmicrohttpd then forgets its socket) and the next frame resumes it; both happen under the stream's lock, so
 * that no frame is missed in between.
 * What waits is bounded. A reader that is too slow loses all that waits but the rest of the frame that it has begun to read, so that what it
 * gets stays well-formed, and then the word to load the page's state anew.
 * References: the sender's, the server's list, the request's arena (which ends a stream that never became an answer), the answer's.
 * Rejected: one thread a stream (thousands), dropping single events (a page cannot know what it missed), polling.
 * Limits: NET_SSE_BUFFER_MAX, or what net_sse_allow says. Source: HTML standard, 9.2.5 and 9.2.6. */
#include "net/sse_out.h"

#include <assert.h>
#include <stdlib.h>

#include "base/time.h"
#include "net/server_priv.h"

struct frame {
    struct frame *next;
    struct str bytes; /* behind the struct, or a constant */
};

struct net_sse {
    struct lock lock; /* guards all but refs and the list's links */
    atomic_int refs;
    struct net_server *server;
    struct net_sse *next, *prev; /* the server's list; guarded by its lock */
    void (*on_close)(void *ctx, struct net_sse *stream);
    void *ctx;
    struct frame *first, *last;       /* what waits */
    size_t first_sent;                /* bytes of the first frame that are out */
    size_t waiting;                   /* bytes of all frames */
    size_t allowed;                   /* how many may wait */
    uint64_t sent;                    /* bytes in all */
    int64_t last_ms;                  /* when something was written, monotonic */
    struct MHD_Connection *suspended; /* waits for a frame; NULL: it does not */
    bool attached;                    /* it is an answer */
    bool ending;                      /* nothing is added; ends when the frames are out */
    bool over;                        /* the client is gone, or never came */
    struct frame farewell;            /* the last word, added once; must not need memory */
    struct frame beat;                /* a heartbeat, added only when nothing else waits */
};

static const struct str word_reload = STR_INIT("event: reload\ndata: slow\n\n");
static const struct str word_reconnect = STR_INIT("retry: 1000\nevent: reconnect\ndata: drain\n\n");
static const struct str word_beat = STR_INIT(":\n\n");

static int64_t now_ms(void) { return time_monotonic_ns() / 1000000; }

static void frame_free(struct net_sse *s, struct frame *f)
{
    if (f != &s->farewell && f != &s->beat) free(f);
}

static void frames_drop(struct net_sse *s)
{
    for (struct frame *next = NULL, *f = s->first; f; f = next) {
        next = f->next;
        frame_free(s, f);
    }
    s->first = s->last = NULL;
    s->first_sent = s->waiting = 0;
}

/* Drops what waits, but the frame that is on its way. */
static void frames_drop_unsent(struct net_sse *s)
{
    struct frame *begun = s->first_sent > 0 ? s->first : NULL;
    size_t sent = s->first_sent;
    if (!begun) {
        frames_drop(s);
        return;
    }
    s->first = begun->next;
    frames_drop(s);
    begun->next = NULL;
    s->first = s->last = begun;
    s->first_sent = sent;
    s->waiting = begun->bytes.n;
}

static void frame_add(struct net_sse *s, struct frame *f)
{
    f->next = NULL;
    if (s->last)
        s->last->next = f;
    else
        s->first = f;
    s->last = f;
    s->waiting += f->bytes.n;
}

/* The io thread is to look again. Caller holds the lock: the connection cannot go while it is suspended. */
static void wake(struct net_sse *s)
{
    struct MHD_Connection *mhd = s->suspended;
    s->suspended = NULL;
    if (mhd) net__resume(mhd);
}

/* The last word. Caller holds the lock. */
static void farewell(struct net_sse *s, struct str word)
{
    s->farewell.bytes = word;
    frame_add(s, &s->farewell);
    s->ending = true;
}

struct net_sse *net_sse_ref(struct net_sse *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void net_sse_unref(struct net_sse *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1) return;
    frames_drop(s);
    lock_done(&s->lock);
    free(s);
}

static void list_add(struct net_sse *s)
{
    struct net_server *server = s->server;
    lock_take(&server->lock);
    s->next = server->streams;
    if (s->next) s->next->prev = s;
    server->streams = s;
    lock_give(&server->lock);
}

static void list_remove(struct net_sse *s)
{
    struct net_server *server = s->server;
    lock_take(&server->lock);
    if (s->prev)
        s->prev->next = s->next;
    else
        server->streams = s->next;
    if (s->next) s->next->prev = s->prev;
    lock_give(&server->lock);
}

struct net_sse *net__sse_next(const struct net_sse *s) { return s->next; }

/* The stream is over: tells the owner, and leaves the server's list. Io thread, no lock held. */
static void finish(struct net_sse *s)
{
    lock_take(&s->lock);
    assert(!s->over);
    s->over = true;
    s->suspended = NULL;
    frames_drop(s);
    lock_give(&s->lock);
    list_remove(s);
    if (s->on_close) s->on_close(s->ctx, s);
    net_sse_unref(s); /* the list's */
}

/* The request is over. A stream that did not become its answer ends with it. */
static void request_end(void *object)
{
    struct net_sse *s = object;
    lock_take(&s->lock);
    bool attached = s->attached;
    lock_give(&s->lock);
    if (!attached) finish(s);
    net_sse_unref(s);
}

struct net_sse *net_sse_new(struct net_request *rq, void (*on_close)(void *ctx, struct net_sse *stream), void *ctx)
{
    struct net_sse *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    lock_init(&s->lock, LOCK_RANK_NET_STREAM);
    atomic_init(&s->refs, 3); /* caller, list, arena */
    s->server = rq->exchange->server;
    s->last_ms = now_ms();
    s->allowed = NET_SSE_BUFFER_MAX;
    list_add(s);
    if (!arena_defer(rq->arena, request_end, s)) { /* has been ended */
        net_sse_unref(s);
        return NULL;
    }
    s->on_close = on_close;
    s->ctx = ctx;
    return s;
}

static bool one_line(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\0') return false;
    }
    return true;
}

/* "data: " before each line of the text; CRLF, CR and LF end one. */
static void data_write(struct sb *b, struct str data)
{
    size_t from = 0;
    for (size_t i = 0; i <= data.n; i++) {
        if (i < data.n && data.p[i] != '\n' && data.p[i] != '\r') continue;
        SB_LIT(b, "data: ");
        sb_str(b, str_sub(data, from, i));
        sb_char(b, '\n');
        if (i + 1 < data.n && data.p[i] == '\r' && data.p[i + 1] == '\n') i++;
        from = i + 1;
    }
}

/* The event as a frame; NULL when it is larger than a stream may hold, or without memory. */
static struct frame *frame_new(struct str event, struct str id, struct str data)
{
    CLEANUP_SB struct sb b = SB_INIT(NET_SSE_BUFFER_MAX);
    if (event.n > 0) sb_printf(&b, "event: %.*s\n", STR_ARG(event));
    if (id.n > 0) sb_printf(&b, "id: %.*s\n", STR_ARG(id));
    data_write(&b, data);
    sb_char(&b, '\n');
    if (!sb_ok(&b)) return NULL;
    struct frame *f = malloc(sizeof *f + b.n);
    if (!f) return NULL;
    memcpy(f + 1, b.p, b.n);
    f->bytes = (struct str){(const char *)(f + 1), b.n};
    return f;
}

bool net_sse_send(struct net_sse *s, struct str event, struct str id, struct str data)
{
    assert(one_line(event) && one_line(id));
    struct frame *f = frame_new(event, id, data);
    lock_take(&s->lock);
    bool open = !s->over && !s->ending;
    bool fits = f && s->waiting <= s->allowed && f->bytes.n <= s->allowed - s->waiting;
    if (open && fits) {
        frame_add(s, f);
        f = NULL;
    } else if (open) {
        frames_drop_unsent(s);
        farewell(s, word_reload);
    }
    if (open) wake(s);
    lock_give(&s->lock);
    free(f);
    return open && fits;
}

void net_sse_allow(struct net_sse *s, size_t bytes)
{
    lock_take(&s->lock);
    s->allowed = bytes;
    lock_give(&s->lock);
}

void net_sse_close(struct net_sse *s)
{
    lock_take(&s->lock);
    s->ending = true;
    wake(s);
    lock_give(&s->lock);
}

void net__sse_reconnect(struct net_sse *s)
{
    lock_take(&s->lock);
    if (!s->over && !s->ending) {
        farewell(s, word_reconnect);
        wake(s);
    }
    lock_give(&s->lock);
}

void net__sse_beat(struct net_sse *s, int64_t now, int64_t every_ms)
{
    lock_take(&s->lock);
    bool due = !s->over && !s->ending && !s->first && now - s->last_ms >= every_ms;
    if (due) {
        s->beat.bytes = word_beat;
        frame_add(s, &s->beat);
        wake(s);
    }
    lock_give(&s->lock);
}

void net__sse_attach(struct net_sse *s)
{
    lock_take(&s->lock);
    s->attached = true;
    lock_give(&s->lock);
}

void net__sse_detach(struct net_sse *s)
{
    finish(s);
    net_sse_unref(s);
}

uint64_t net__sse_sent(struct net_sse *s)
{
    lock_take(&s->lock);
    uint64_t n = s->sent;
    lock_give(&s->lock);
    return n;
}

ptrdiff_t net__sse_read(struct net_sse *s, struct MHD_Connection *mhd, char *to, size_t max)
{
    size_t n = 0;
    lock_take(&s->lock);
    while (s->first && n < max) {
        struct frame *f = s->first;
        struct str part = str_sub(f->bytes, s->first_sent, s->first_sent + (max - n));
        memcpy(to + n, part.p, part.n);
        n += part.n;
        s->first_sent += part.n;
        if (s->first_sent < f->bytes.n) break;
        s->first = f->next;
        if (!s->first) s->last = NULL;
        s->first_sent = 0;
        s->waiting -= f->bytes.n;
        frame_free(s, f);
    }
    s->sent += n;
    if (n > 0) s->last_ms = now_ms();
    bool end = n == 0 && s->ending;
    if (n == 0 && !end) {
        s->suspended = mhd;
        net__suspend(mhd);
    }
    lock_give(&s->lock);
    return end ? NET__SSE_END : (ptrdiff_t)n;
}
