/* The HTTP server: life and death, and what libmicrohttpd calls.
 * libmicrohttpd accepts, parses requests and sends answers on io threads with epoll. What it says of a request is put into an exchange
 * (server_priv.h) and judged there; while a handler runs on the pool, the connection is suspended, so an io thread never waits.
 * A connection has one block of memory (max_head_bytes) for the heads of a request and of its answer; that and two structs are all that an idle
 * connection costs.
 * The end: libmicrohttpd may not be stopped while a connection is suspended, so free waits for the handlers, ends the streams, and only then
 * stops it. The listening socket is taken from it before (quiesce): its own stop would shut the socket down, and with it the copies that a
 * supervisor and the next server process hold.
 * Rejected: evhttp and civetweb (a third of the speed), a parser of our own (framing is where servers are attacked; this one is old and looked
 * at), HTTP/2 (a proxy in front does it).
 * Limits: struct net_options. */
#include "net/server.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "net/listen.h"
#include "net/server_priv.h"
#include "net/sse_out.h"
#include "net/tls_priv.h"

#define DESCRIPTORS_KEPT 256 /* for files, the store, pipes */
#define HEADERS_MAX      64
#define MORE_MAX         5 /* options of the library that are not always given */

/* --- what libmicrohttpd calls, on io threads --- */

static struct net__connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void on_connection(void *object, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct net_server *s = object;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        net__connection_free(s, *context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *peer = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct net__connection *c = net__connection_new(s, fd->connect_fd, peer ? peer->client_addr : NULL);
    *context = c;
    if (!c || !s->o.tls) return;
    const union MHD_ConnectionInfo *tls = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    net__tls_begin(c, mhd, tls->tls_session);
}

/* The request line is there. What is returned comes back as *context. */
static void *on_uri(void *object, const char *uri, struct MHD_Connection *mhd)
{
    struct net__connection *c = connection_of(mhd);
    return c ? net__exchange_new(object, c, mhd, str_from_c(uri)) : NULL;
}

struct header_list {
    struct net_pair at[HEADERS_MAX];
    size_t n; /* may be more than there is room for */
};

static enum MHD_Result on_header(void *object, enum MHD_ValueKind kind, const char *name, size_t n_name,
                                 const char *value, size_t n_value)
{
    (void)kind;
    struct header_list *list = object;
    if (list->n < HEADERS_MAX) list->at[list->n] = (struct net_pair){{name, n_name}, {value ? value : "", n_value}};
    list->n++;
    return MHD_YES;
}

/* rq->headers: views of the connection's memory, which keeps them until the answer was sent. */
static bool headers_read(struct net__exchange *x)
{
    struct header_list list;
    list.n = 0;
    MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, on_header, &list);
    size_t n = list.n < HEADERS_MAX ? list.n : HEADERS_MAX;
    x->rq.headers = NEW(x->rq.arena, struct net_pair, n);
    if (!x->rq.headers) return false;
    if (n > 0) memcpy(x->rq.headers, list.at, n * sizeof *list.at);
    x->rq.n_headers = n;
    if (list.n > n) x->head_bytes = SIZE_MAX / 2; /* is refused as too large */
    return true;
}

static enum MHD_Result refuse_now(struct net__exchange *x)
{
    net__exchange_refuse(x);
    net__answer_by_hand(x);
    return MHD_NO;
}

static enum MHD_Result head_judge(struct net__exchange *x, const char *method, const char *version)
{
    if (!headers_read(x)) return MHD_NO;
    net__exchange_head(x, str_from_c(method), str_from_c(version));
    /* a large head leaves libmicrohttpd no room for an answer; a connection too many is to go */
    bool now = x->has_body || x->refusal == 431 || x->connection->refused;
    return x->refusal && now ? refuse_now(x) : MHD_YES;
}

static enum MHD_Result answer_queue(struct net__exchange *x)
{
    if (!x->answer) return MHD_NO;
    enum MHD_Result queued = MHD_queue_response(x->mhd, (unsigned)x->status, x->answer);
    net__answer_drop(x); /* our reference */
    return queued;
}

/* Called for the head, then for each piece of the body, then for the whole request, and again when a suspended one was resumed. */
static enum MHD_Result on_request(void *object, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *data, size_t *n_data, void **context)
{
    (void)object;
    (void)mhd;
    (void)url; /* decoded too freely; we decode the target ourselves */
    struct net__exchange *x = *context;
    if (!x) return MHD_NO;
    if (x->state == NET__NEW) return head_judge(x, method, version);
    if (x->state == NET__RECEIVING && *n_data > 0) {
        net__exchange_body(x, (struct str){data, *n_data});
        *n_data = 0;
        return x->refusal ? refuse_now(x) : MHD_YES;
    }
    if (x->state == NET__RECEIVING && !net__exchange_run(x)) return MHD_YES;
    return answer_queue(x);
}

static void on_completed(void *object, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how)
{
    (void)mhd;
    struct net_server *s = object;
    struct net__exchange *x = *context;
    if (!x) return;
    *context = NULL;
    bool whole = x->sent || (how == MHD_REQUEST_TERMINATED_COMPLETED_OK && x->state == NET__ANSWERED);
    struct net_done done = {
        .status = whole || x->stream ? x->status : 0,
        .bytes = x->stream                  ? net__sse_sent(x->stream)
                 : whole && !x->head_method ? x->body_bytes
                                            : 0,
        .duration_us = (uint64_t)(time_monotonic_ns() - x->rq.began_ns) / 1000,
    };
    if (s->o.on_done) s->o.on_done(&x->rq, &done);
    net__connection_phase(x->connection, NET__IDLE);
    net__connection_request(x->connection, false);
    if (atomic_load(&s->draining) && net__idle_may_end(s)) shutdown(x->connection->fd, SHUT_RD);
    net__exchange_free(x);
}

static void on_message(void *object, const char *format, va_list args)
{
    /* libmicrohttpd's remarks on clients that close, and the like; libraries do not log */
    (void)object;
    (void)format;
    (void)args;
}

/* --- starting --- */

size_t net_server_connections_possible(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
    }
    if (limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    return limit.rlim_cur > DESCRIPTORS_KEPT ? (size_t)limit.rlim_cur - DESCRIPTORS_KEPT : 0;
}

static size_t or_default(size_t value, size_t fallback) { return value ? value : fallback; }

static size_t processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 8 ? 8 : (size_t)n;
}

static void defaults_fill(struct net_options *o)
{
    size_t possible = net_server_connections_possible();
    o->io_threads = or_default(o->io_threads, processors());
    o->max_connections = or_default(o->max_connections, 10000);
    if (o->max_connections > possible) o->max_connections = possible;
    o->max_connections_per_client = or_default(o->max_connections_per_client, 256);
    o->max_head_bytes = or_default(o->max_head_bytes, 6144);
    o->max_uploads = or_default(o->max_uploads, 32);
    o->upload_bytes = or_default(o->upload_bytes, 65536);
    o->request_max_bytes = or_default(o->request_max_bytes, (size_t)64 << 20);
    o->head_timeout_ms = (unsigned)or_default(o->head_timeout_ms, 15000);
    o->body_timeout_ms = (unsigned)or_default(o->body_timeout_ms, 15000);
    o->idle_timeout_ms = (unsigned)or_default(o->idle_timeout_ms, 75000);
    o->whole_timeout_ms = (unsigned)or_default(o->whole_timeout_ms, 600000);
    o->heartbeat_ms = (unsigned)or_default(o->heartbeat_ms, NET_SSE_HEARTBEAT_MS);
    if (!o->temp_folder) o->temp_folder = "/tmp";
}

static enum err socket_take(struct net_server *s, struct error *e)
{
    if (s->listen_fd < 0) TRY(net_listen(s->o.address, s->o.port, &s->listen_fd, e));
    int flags = fcntl(s->listen_fd, F_GETFL);
    if (flags < 0 || fcntl(s->listen_fd, F_SETFL, flags | O_NONBLOCK) != 0) {
        error_set_reason(e, ERR_INVALID, "cannot_listen", "the listening socket that was handed over is none");
        return error_detail(e, "fcntl: %s", strerrordesc_np(errno));
    }
    s->port = net_listen_port(s->listen_fd);
    return ERR_OK;
}

/* libmicrohttpd takes texts as not const, and only reads them. */
static struct MHD_OptionItem pointer_option(enum MHD_OPTION option, const char *text)
{
    union {
        const char *from;
        void *to;
    } p = {.from = text};
    return (struct MHD_OptionItem){option, 0, p.to};
}

static enum err daemon_start(struct net_server *s, struct error *e)
{
    const struct net_options *o = &s->o;
    size_t limit = o->max_connections + NET_REFUSED_MAX;
    unsigned silence_s = (o->idle_timeout_ms + 999) / 1000;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem more[MORE_MAX];
    size_t n = 0;
    if (o->io_threads > 1) /* a pool has two or more */
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->io_threads, NULL};
    if (o->tls) {
        flags |= MHD_USE_TLS;
        more[n++] = pointer_option(MHD_OPTION_HTTPS_MEM_CERT, o->tls->certificate.p);
        more[n++] = pointer_option(MHD_OPTION_HTTPS_MEM_KEY, o->tls->key.p);
        more[n++] = pointer_option(MHD_OPTION_HTTPS_PRIORITIES, net__tls_priorities);
    }
    more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_message, NULL,
                                 MHD_OPTION_LISTEN_SOCKET, s->listen_fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)limit,
                                 MHD_OPTION_CONNECTION_TIMEOUT, silence_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                 o->max_head_bytes, MHD_OPTION_URI_LOG_CALLBACK, on_uri, s, MHD_OPTION_NOTIFY_COMPLETED,
                                 on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_ARRAY,
                                 more, MHD_OPTION_END);
    if (s->daemon) return ERR_OK;
    error_set_reason(e, ERR_LIMIT, "no_server", "the HTTP server could not start with %zu threads and %zu connections",
                     o->io_threads, o->max_connections);
    return error_detail(e, "MHD_start_daemon: %s", strerrordesc_np(errno));
}

static enum err start(struct net_server *s, struct error *e)
{
    s->arena = arena_new((size_t)16 << 20);
    if (!s->arena) return error_no_memory(e);
    TRY(net_router_new(s->arena, s->o.routes, s->o.n_routes, &s->router, e));
    if (s->o.max_connections == 0)
        return error_set_reason(e, ERR_LIMIT, "no_descriptor",
                                "this process may open too few files for a server; it needs more than %d",
                                DESCRIPTORS_KEPT);
    TRY(socket_take(s, e));
    TRY(net__watch_start(s, e));
    return daemon_start(s, e);
}

enum err net_server_new(const struct net_options *options, struct net_server **ret_server, struct error *e)
{
    assert(options->on_error && options->pool);
    struct net_server *s = calloc(1, sizeof *s);
    if (!s) {
        if (options->listen_fd >= 0) close(options->listen_fd);
        return error_no_memory(e);
    }
    s->o = *options;
    s->listen_fd = options->listen_fd;
    s->wake_fd = s->hands_fd = -1;
    defaults_fill(&s->o);
    assert(s->o.max_head_bytes >= NET__ANSWER_HEAD_MAX + 1024);
    lock_init(&s->lock, LOCK_RANK_NET);
    lock_cond_init(&s->changed);
    enum err err = start(s, e);
    if (err != ERR_OK) {
        net_server_free(s);
        return err;
    }
    *ret_server = s;
    return ERR_OK;
}

unsigned net_server_port(const struct net_server *s) { return s->port; }

size_t net_server_connections(struct net_server *s)
{
    lock_take(&s->lock);
    size_t n = s->n_connections;
    lock_give(&s->lock);
    return n;
}

/* --- stopping --- */

/* No new connections; other processes' copies of the listening socket go on listening. An io thread may be about to accept from our descriptor,
 * so its number stays taken, by nothing, until the threads are gone. */
static void listening_end(struct net_server *s)
{
    atomic_store(&s->draining, true);
    if (!s->daemon || s->quiet) return;
    s->quiet = true;
    MHD_quiesce_daemon(s->daemon);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0) return; /* no descriptor left: it is closed later, when the server is freed */
    dup3(nothing, s->listen_fd, O_CLOEXEC);
    close(nothing);
}

static void streams_end(struct net_server *s) REQUIRES_LOCK(s->lock)
{
    for (struct net_sse *stream = s->streams; stream; stream = net__sse_next(stream))
        net__sse_reconnect(stream);
}

bool net_server_drain(struct net_server *s, unsigned deadline_ms, unsigned idle_ms)
{
    int64_t now = time_monotonic_ns(), until = now + (int64_t)deadline_ms * 1000000;
    bool in_time = true;
    atomic_store(&s->idle_end_ns, now + (int64_t)idle_ms * 1000000);
    listening_end(s);
    lock_take(&s->lock);
    streams_end(s);
    net__connections_idle_end(s);
    while (s->n_connections > 0 && in_time)
        in_time = lock_cond_wait_until(&s->changed, &s->lock, until);
    bool all = s->n_connections == 0;
    lock_give(&s->lock);
    return all;
}

void net_server_free(struct net_server *s)
{
    if (!s) return;
    listening_end(s);
    lock_take(&s->lock);
    s->stopping = true;
    while (s->working > 0)
        lock_cond_wait(&s->changed, &s->lock);
    streams_end(s);
    net__tls_quit(s);
    lock_give(&s->lock);
    if (s->daemon) MHD_stop_daemon(s->daemon);
    if (s->listen_fd >= 0) close(s->listen_fd);
    net__watch_stop(s);
    assert(s->n_connections == 0 && !s->streams);
    lock_cond_done(&s->changed);
    lock_done(&s->lock);
    arena_free(s->arena);
    free(s);
}
