/* Live events of a document: a listener of the bus whose messages go out as a stream.
 * What was missed (Last-Event-ID) is read from the store after listening has begun, so that nothing falls between; what comes meanwhile over the
 * bus only says "there is more", and is read too, until nothing came in between. From then on messages go straight out, and those that were read
 * already are known by their number. A client that has missed more than fits is told `reload` and asks for the state anew.
 * A stream ends on an io thread, which may not wait for the bus; so ended ones are laid aside, and the pool takes them off the bus.
 * Rejected: one listener for all documents (every event would be looked up in a table of readers under a lock). */
#include "review/events.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/api_priv.h"
#include "base/lock.h"
#include "bus/bus.h"
#include "net/sse_out.h"

enum { REPLAY_MAX = 200, REPLAY_MAX_BYTES = NET_SSE_BUFFER_MAX / 2, ROUNDS_MAX = 20 };

struct api__live {
    struct lock lock;
    struct stream *ended; /* guarded by lock: over, still on the bus */
    bool reaping;         /* guarded by lock: the pool is at it */
    struct pool *pool;
    struct bus *bus;
};

struct stream {
    struct api__live *live;
    struct net_sse *out;
    struct bus_listener *listener;
    struct stream *next;    /* in live->ended */
    _Atomic(unsigned) refs; /* the handler's, until it is done, and that of on_close */
    struct lock lock;
    bool direct;  /* guarded by lock: messages go straight out */
    bool pending; /* guarded by lock: one came before that */
    int64_t last; /* number that was sent last: the handler's until direct is set, then guarded by lock */
};

static void stream_unref(struct stream *s)
{
    if (atomic_fetch_sub(&s->refs, 1) != 1) return;
    bus_unlisten(s->live->bus, s->listener);
    net_sse_unref(s->out);
    lock_done(&s->lock);
    free(s);
}

static void send_reload(struct stream *s) { (void)net_sse_send(s->out, STR("reload"), STR_EMPTY, STR("{}")); }

static void send_message(struct stream *s, const struct events_message *m)
{
    char id[24];
    if (m->seq > 0 && m->seq <= s->last) return;
    int n = m->seq > 0 ? snprintf(id, sizeof id, "%lld", (long long)m->seq) : 0;
    (void)net_sse_send(s->out, m->kind, (struct str){id, (size_t)n}, m->json);
    if (m->seq > 0) s->last = m->seq;
}

/* Sending only appends to the stream's buffer, so it may be done under the lock. */
static void on_message(void *ctx, struct str topic, struct str payload)
{
    struct stream *s = ctx;
    struct events_message m;
    (void)topic;
    if (!events_parse(payload, &m)) return;
    lock_take(&s->lock);
    if (s->direct)
        send_message(s, &m);
    else
        s->pending = true;
    lock_give(&s->lock);
}

static void on_lost(void *ctx, struct str topic)
{
    (void)topic;
    send_reload(ctx);
}

/* --- ending --- */

static void reap(void *object)
{
    struct api__live *live = object;
    lock_take(&live->lock);
    struct stream *s = live->ended;
    live->ended = NULL;
    live->reaping = false;
    lock_give(&live->lock);
    while (s) {
        struct stream *next = s->next;
        stream_unref(s);
        s = next;
    }
}

static void on_close(void *ctx, struct net_sse *out)
{
    struct stream *s = ctx;
    struct api__live *live = s->live;
    struct error e;
    (void)out;
    lock_take(&live->lock);
    s->next = live->ended;
    live->ended = s;
    bool begin = !live->reaping;
    live->reaping = true;
    lock_give(&live->lock);
    if (!begin || pool_submit(live->pool, reap, live, &e) == ERR_OK) return;
    lock_take(&live->lock);
    live->reaping = false; /* the pool is full: the next stream that ends tries again */
    lock_give(&live->lock);
}

struct api__live *api__live_new(struct arena *a, struct pool *pool, struct bus *bus)
{
    struct api__live *live = NEW(a, struct api__live, 1);
    if (!live) return NULL;
    lock_init(&live->lock, LOCK_RANK_API);
    live->pool = pool;
    live->bus = bus;
    return live;
}

void api__live_done(struct api__live *live)
{
    reap(live);
    lock_done(&live->lock);
}

/* --- beginning --- */

/* What the client has not seen. *ret_whole false: it is too much. */
static enum err replay(struct net_request *rq, const struct api__who *who, struct stream *s, bool *ret_whole,
                       struct error *e)
{
    struct events_message *at;
    size_t n, bytes = 0;
    bool more;
    TRY(events_since(api__context(rq), who->id, s->last, REPLAY_MAX, who->visitor.id, rq->arena, &at, &n, &more, e));
    for (size_t i = 0; i < n; i++)
        bytes += at[i].json.n;
    *ret_whole = !more && bytes <= REPLAY_MAX_BYTES;
    for (size_t i = 0; *ret_whole && i < n; i++)
        send_message(s, &at[i]);
    return ERR_OK;
}

static enum err catch_up(struct net_request *rq, const struct api__who *who, struct stream *s, struct error *e)
{
    bool whole = true, done = false;
    for (int i = 0; i < ROUNDS_MAX && whole && !done; i++) {
        lock_take(&s->lock);
        s->pending = false;
        lock_give(&s->lock);
        TRY(replay(rq, who, s, &whole, e));
        lock_take(&s->lock);
        done = s->direct = !s->pending && whole;
        lock_give(&s->lock);
    }
    if (done) return ERR_OK;
    lock_take(&s->lock);
    s->direct = true;
    lock_give(&s->lock);
    send_reload(s);
    return ERR_OK;
}

/* The header of an EventSource that connects again; 0: it sees the document for the first time. What is no number is none of ours. */
static int64_t last_seen(const struct net_request *rq)
{
    uint64_t seq;
    struct error none;
    struct str text = net_header(rq, "Last-Event-ID");
    return text.n && str_to_u64(text, 1, INT64_MAX, &seq, &none) == ERR_OK ? (int64_t)seq : 0;
}

static enum err open_stream(struct net_request *rq, const struct api__who *who, struct stream **ret, struct error *e)
{
    struct api__live *live = api__of(rq)->live;
    struct bus_handler handler = {.message = on_message, .lost = on_lost};
    struct str topic = events_topic(rq->arena, who->id);
    struct stream *s = calloc(1, sizeof *s);
    if (!s || !topic.p) {
        free(s);
        return error_no_memory(e);
    }
    lock_init(&s->lock, LOCK_RANK_API);
    s->live = live;
    s->last = last_seen(rq);
    s->direct = s->last == 0;
    atomic_store(&s->refs, 2);
    s->out = net_sse_new(rq, on_close, s);
    if (!s->out) {
        atomic_store(&s->refs, 1); /* on_close will not come */
        stream_unref(s);
        return error_no_memory(e);
    }
    *ret = s;
    handler.ctx = s;
    return bus_listen(live->bus, topic, handler, &s->listener, e);
}

API__HANDLER(document_events)
{
    struct api__who who;
    struct stream *s = NULL;
    TRY(api__allow(rq, ACCESS_READ, ACCESS_DOCUMENT, &who, e));
    enum err err = open_stream(rq, &who, &s, e);
    if (!s) return err;
    if (err == ERR_OK && !s->direct) err = catch_up(rq, &who, s, e);
    if (err == ERR_OK) net_response_stream(rs, s->out);
    stream_unref(s);
    return err;
}
