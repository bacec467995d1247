/* The server's second pair of eyes: one thread that looks at all connections now and then.
 * libmicrohttpd measures silence only, so a client that sends or takes a byte now and then holds a connection for ever; here the request line, the
 * head, every 16 KiB of the body and the whole, up to the last byte of the answer, have a time of their own. The connection's socket is shut down and the io thread finds it closed.
 * It also gives event streams their heartbeats, and reads and forgets what clients still send behind a refusal (lingering close: closing a socket
 * with unread bytes makes the kernel send a reset, which can reach the client before our answer does).
 * Rejected: a timer a connection (10,000 of them for what one walk a second does).
 * Source: RFC 9112 9.6 (tear-down). */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "net/forwarded_priv.h"
#include "net/server_priv.h"
#include "net/tls_priv.h"

#define LINGER_MS         3000
#define LINGER_BYTES      ((size_t)64 << 20)
#define TICK_MAX_MS       1000
#define TICK_MIN_MS       25
#define UNACKNOWLEDGED_MS 60000 /* a peer that acknowledges nothing for so long is gone */

static int64_t now_ms(void) { return time_monotonic_ns() / 1000000; }

void net__connection_phase(struct net__connection *c, enum net__phase phase)
{
    atomic_store_explicit(&c->since_ms, now_ms(), memory_order_relaxed);
    atomic_store_explicit(&c->phase, phase, memory_order_relaxed);
}

void net__connection_request(struct net__connection *c, bool begins)
{
    atomic_store_explicit(&c->began_ms, begins ? now_ms() : 0, memory_order_relaxed);
}

/* The address as a client is counted: IPv6 by its network, which one host has whole. */
static struct in6_addr client_address(const struct sockaddr *address, char text[INET6_ADDRSTRLEN])
{
    struct in6_addr a = {0};
    snprintf(text, INET6_ADDRSTRLEN, "unknown");
    if (address && address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text, INET6_ADDRSTRLEN);
        a.s6_addr[10] = a.s6_addr[11] = 0xff;
        memcpy(&a.s6_addr[12], &v4.sin_addr, 4);
    } else if (address && address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, text, INET6_ADDRSTRLEN);
        a = v6.sin6_addr;
        if (!IN6_IS_ADDR_V4MAPPED(&a)) memset(&a.s6_addr[8], 0, 8);
    }
    return a;
}

static struct net__client **bucket(struct net_server *s, const struct in6_addr *a)
{
    struct str bytes = {(const char *)a->s6_addr, sizeof a->s6_addr};
    return &s->clients[str_hash(bytes) % NET__CLIENT_BUCKETS];
}

/* The client of an address, made if it is not there; NULL without memory. */
static struct net__client *client_find(struct net_server *s, struct in6_addr address) REQUIRES_LOCK(s->lock)
{
    struct net__client **first = bucket(s, &address);
    for (struct net__client *c = *first; c; c = c->next) {
        if (memcmp(&c->address, &address, sizeof address) == 0) return c;
    }
    struct net__client *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    made->address = address;
    made->next = *first;
    *first = made;
    return made;
}

static void client_leave(struct net_server *s, struct net__client *client) REQUIRES_LOCK(s->lock)
{
    if (--client->n > 0) return;
    struct net__client **at = bucket(s, &client->address);
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    free(client);
}

static enum net__excess excess(const struct net_server *s, const struct net__connection *c) REQUIRES_LOCK(s->lock)
{
    if (s->n_connections > s->o.max_connections) return NET__FULL;
    if (c->client->n <= s->o.max_connections_per_client ||
        net__is_trusted(str_from_c(c->text), s->o.trusted_proxies, s->o.n_trusted_proxies))
        return NET__WELCOME;
    return NET__CLIENT_FULL;
}

struct net__connection *net__connection_new(struct net_server *s, int fd, const struct sockaddr *address)
{
    struct net__connection *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    struct in6_addr key = client_address(address, c->text);
    unsigned patience = UNACKNOWLEDGED_MS;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
    c->fd = fd;
    c->server = s;
    net__connection_phase(c, NET__IDLE);
    lock_take(&s->lock);
    c->client = client_find(s, key);
    bool known = c->client != NULL;
    if (known) {
        c->client->n++;
        s->n_connections++;
        c->refused = excess(s, c);
        c->next = s->connections;
        if (c->next) c->next->prev = c;
        s->connections = c;
    }
    lock_give(&s->lock);
    if (known) return c;
    free(c);
    return NULL;
}

/* Takes over a copy of the connection's socket, so that libmicrohttpd's close does not end it. */
static void linger_add(struct net_server *s, int fd) REQUIRES_LOCK(s->lock)
{
    if (s->n_lingers == NET__LINGER_MAX || s->stopping) return;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return;
    shutdown(copy, SHUT_WR);
    s->lingers[s->n_lingers++] = (struct net__linger){copy, now_ms() + LINGER_MS, LINGER_BYTES};
}

static void wake(const struct net_server *s)
{
    uint64_t one = 1;
    ssize_t n = write(s->wake_fd, &one, sizeof one);
    (void)n; /* it can only be that it is awake already */
}

void net__connection_free(struct net_server *s, struct net__connection *c)
{
    if (!c) return;
    bool linger = c->linger;
    lock_take(&s->lock);
    if (linger) linger_add(s, c->fd);
    net__tls_end(c);
    if (c->prev)
        c->prev->next = c->next;
    else
        s->connections = c->next;
    if (c->next) c->next->prev = c->prev;
    client_leave(s, c->client);
    if (--s->n_connections == 0) lock_cond_broadcast(&s->changed);
    lock_give(&s->lock);
    if (linger) wake(s);
    free(c);
}

void net__connections_idle_end(struct net_server *s)
{
    if (!net__idle_may_end(s)) return;
    for (struct net__connection *c = s->connections; c; c = c->next) {
        if (atomic_load_explicit(&c->phase, memory_order_relaxed) == NET__IDLE) shutdown(c->fd, SHUT_RD);
    }
}

/* How long a phase may last; 0: it is not watched. */
static int64_t phase_limit_ms(const struct net_options *o, int phase)
{
    switch (phase) {
    case NET__IDLE: return o->idle_timeout_ms;
    case NET__HANDSHAKE:
    case NET__HEAD: return o->head_timeout_ms;
    case NET__BODY: return o->body_timeout_ms;
    default: return 0;
    }
}

/* Whether a connection has used up its time. One that is too many has less, so that the few places of those are free again soon. */
static bool is_over(const struct net_options *o, const struct net__connection *c, int64_t now)
{
    int64_t limit = phase_limit_ms(o, atomic_load_explicit(&c->phase, memory_order_relaxed));
    int64_t began = atomic_load_explicit(&c->began_ms, memory_order_relaxed);
    if (limit > NET_REFUSED_MS && c->refused) limit = NET_REFUSED_MS;
    if (limit && now - atomic_load_explicit(&c->since_ms, memory_order_relaxed) > limit) return true;
    return began && now - began > o->whole_timeout_ms;
}

static void look(struct net_server *s)
{
    int64_t now = now_ms();
    lock_take(&s->lock);
    for (struct net__connection *c = s->connections; c; c = c->next) {
        if (is_over(&s->o, c, now)) shutdown(c->fd, SHUT_RDWR);
    }
    if (atomic_load(&s->draining)) net__connections_idle_end(s);
    for (struct net_sse *stream = s->streams; stream; stream = net__sse_next(stream))
        net__sse_beat(stream, now, s->o.heartbeat_ms);
    lock_give(&s->lock);
}

/* Reads what is there; false when the client has closed or had its chance. */
static bool linger_read(struct net__linger *l)
{
    char nobody[16384];
    for (int i = 0; i < 16; i++) {
        ssize_t n = recv(l->fd, nobody, sizeof nobody, MSG_DONTWAIT);
        if (n < 0) return errno == EAGAIN || errno == EINTR;
        if (n == 0 || (size_t)n >= l->bytes) return false;
        l->bytes -= (size_t)n;
    }
    return true;
}

/* The sockets were copied to `at` before; only this thread takes any away, others add at the end. */
static void lingers_read(struct net_server *s, struct net__linger *at, size_t n)
{
    int64_t now = now_ms();
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (now < at[i].until_ms && linger_read(&at[i]))
            at[kept++] = at[i];
        else
            close(at[i].fd);
    }
    lock_take(&s->lock);
    size_t added = s->n_lingers - n;
    memmove(&s->lingers[kept], &s->lingers[n], added * sizeof *s->lingers);
    memcpy(s->lingers, at, kept * sizeof *at);
    s->n_lingers = kept + added;
    lock_give(&s->lock);
}

static int tick_ms(const struct net_options *o)
{
    unsigned least = o->idle_timeout_ms;
    if (o->head_timeout_ms < least) least = o->head_timeout_ms;
    if (o->body_timeout_ms < least) least = o->body_timeout_ms;
    if (o->whole_timeout_ms < least) least = o->whole_timeout_ms;
    if (o->heartbeat_ms < least) least = o->heartbeat_ms;
    least /= 4;
    return least < TICK_MIN_MS ? TICK_MIN_MS : least > TICK_MAX_MS ? TICK_MAX_MS : (int)least;
}

static void *watch(void *object)
{
    struct net_server *s = object;
    struct net__linger at[NET__LINGER_MAX];
    struct pollfd fds[NET__LINGER_MAX + 2];
    int64_t next_look = 0;
    for (;;) {
        lock_take(&s->lock);
        bool ending = s->ending;
        size_t n = s->n_lingers;
        memcpy(at, s->lingers, n * sizeof *at);
        lock_give(&s->lock);
        if (ending) break;
        int64_t now = now_ms();
        fds[0] = (struct pollfd){.fd = s->wake_fd, .events = POLLIN};
        fds[1] = (struct pollfd){.fd = s->hands_fd, .events = POLLIN};
        for (size_t i = 0; i < n; i++)
            fds[i + 2] = (struct pollfd){.fd = at[i].fd, .events = POLLIN};
        int got = poll(fds, n + 2, next_look > now ? (int)(next_look - now) : 0);
        uint64_t count;
        if (got > 0 && (fds[0].revents & POLLIN) && read(s->wake_fd, &count, sizeof count) < 0) assert(errno == EAGAIN);
        if (got > 0 && (fds[1].revents & POLLIN)) net__tls_wake(s);
        if (n > 0) lingers_read(s, at, n);
        if (now_ms() < next_look) continue;
        look(s);
        next_look = now_ms() + tick_ms(&s->o);
    }
    return NULL;
}

enum err net__watch_start(struct net_server *s, struct error *e)
{
    sigset_t all;
    sigset_t before;
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->o.tls) s->hands_fd = epoll_create1(EPOLL_CLOEXEC);
    if (s->wake_fd < 0 || (s->o.tls && s->hands_fd < 0)) {
        error_set_reason(e, ERR_LIMIT, "no_descriptor", "the server could not start: no file descriptor is left");
        return error_detail(e, "eventfd: %s", strerrordesc_np(errno));
    }
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int failed = pthread_create(&s->watch, NULL, watch, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    s->watching = !failed;
    if (!failed) return ERR_OK;
    error_set_reason(e, ERR_LIMIT, "no_thread", "the server could not start a thread");
    return error_detail(e, "pthread_create: %s", strerrordesc_np(failed));
}

void net__watch_stop(struct net_server *s)
{
    if (s->watching) {
        lock_take(&s->lock);
        s->ending = true;
        lock_give(&s->lock);
        wake(s);
        pthread_join(s->watch, NULL);
    }
    for (size_t i = 0; i < s->n_lingers; i++)
        close(s->lingers[i].fd);
    s->n_lingers = 0;
    if (s->wake_fd >= 0) close(s->wake_fd);
    s->wake_fd = -1;
    if (s->hands_fd >= 0) close(s->hands_fd);
    s->hands_fd = -1;
}
