#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "net/multipart.h"

#define PATIENCE_S 10

/* --- handlers --- */

static enum err say(struct net_request *rq, struct net_response *rs, struct str text)
{
    net_response_status(rs, 200);
    net_response_body(rs, "text/plain; charset=utf-8", str_dup(rq->arena, text));
    return ERR_OK;
}

static enum err hello(struct net_request *rq, struct net_response *rs, struct error *e)
{
    (void)e;
    return say(rq, rs, STR("hello"));
}

static enum err echo(struct net_request *rq, struct net_response *rs, struct error *e)
{
    (void)e;
    net_response_status(rs, 200);
    net_response_body(rs, "application/octet-stream", rq->body);
    return ERR_OK;
}

/* All that a handler can see, as text. */
static enum err show(struct net_request *rq, struct net_response *rs, struct error *e)
{
    struct str session = net_cookie(rq, "session");
    (void)e;
    return say(rq, rs,
               str_printf(rq->arena, "%s %.*s id=%.*s q=%.*s host=%.*s client=%.*s type=%.*s x=%.*s session=%.*s",
                          net_method_name(rq->method), STR_ARG(rq->path), STR_ARG(net_param(rq, "id")),
                          STR_ARG(net_query(rq, "q")), STR_ARG(rq->host), STR_ARG(rq->client),
                          STR_ARG(rq->content_type), STR_ARG(net_header(rq, "X-Test")), STR_ARG(session)));
}

static enum err form(struct net_request *rq, struct net_response *rs, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(4096);
    (void)e;
    for (size_t i = 0; i < rq->n_parts; i++) {
        const struct net_part *p = &rq->parts[i];
        uint64_t sum = 0;
        for (size_t k = 0; k < p->bytes.n; k++)
            sum += (unsigned char)p->bytes.p[k];
        sb_printf(&b, "%.*s|%.*s|%zu|%llu;", STR_ARG(p->name), STR_ARG(p->file_name), p->bytes.n,
                  (unsigned long long)sum);
    }
    return say(rq, rs, sb_view(&b));
}

#define FILE_SIZE 300000
static enum err file(struct net_request *rq, struct net_response *rs, struct error *e)
{
    char block[1000];
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    (void)rq;
    if (fd < 0) return error_set(e, ERR_INTERNAL, "no file");
    for (int i = 0; i < FILE_SIZE / 1000; i++) {
        memset(block, 'a' + i % 26, sizeof block);
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block) return error_set(e, ERR_INTERNAL, "no write");
    }
    net_response_status(rs, 200);
    net_response_fd(rs, fd, FILE_SIZE, "application/zip");
    net_response_etag(rs, STR("f1"));
    net_response_attachment(rs, STR("report.docx"));
    return ERR_OK;
}

static enum err wait_at_door(struct net_request *rq, struct net_response *rs, struct error *e)
{
    struct house *h = rq->ctx;
    (void)e;
    pthread_mutex_lock(&h->mutex);
    h->waiting++;
    h->running++;
    pthread_cond_broadcast(&h->changed);
    while (!h->open)
        pthread_cond_wait(&h->changed, &h->mutex);
    h->running--;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->mutex);
    return say(rq, rs, STR("waited"));
}

static enum err lose(struct net_request *rq, struct net_response *rs, struct error *e)
{
    (void)rq;
    net_response_status(rs, 200);
    net_response_header(rs, "X-Left", STR("over"));
    return error_set_reason(e, ERR_NOT_FOUND, "lost", "it is lost");
}

static enum err nothing(struct net_request *rq, struct net_response *rs, struct error *e)
{
    (void)rq;
    (void)rs;
    (void)e;
    return ERR_OK;
}

static enum err many_headers(struct net_request *rq, struct net_response *rs, struct error *e)
{
    char value[200];
    memset(value, 'v', sizeof value);
    for (int i = 0; i < 20; i++)
        net_response_header(rs, "X-Many", (struct str){value, sizeof value});
    return hello(rq, rs, e);
}

static void on_close(void *ctx, struct net_sse *stream)
{
    struct house *h = ctx;
    (void)stream;
    pthread_mutex_lock(&h->mutex);
    h->closed++;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->mutex);
}

static struct net_sse *stream_open(struct net_request *rq)
{
    struct house *h = rq->ctx;
    struct net_sse *s = net_sse_new(rq, on_close, h);
    assert_non_null(s);
    assert_true(net_sse_send(s, STR("hello"), STR("1"), STR("early")));
    pthread_mutex_lock(&h->mutex);
    net_sse_unref(h->stream);
    h->stream = net_sse_ref(s);
    h->streams++;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->mutex);
    return s;
}

static enum err events(struct net_request *rq, struct net_response *rs, struct error *e)
{
    struct net_sse *s = stream_open(rq);
    (void)e;
    net_response_stream(rs, s);
    net_sse_unref(s);
    return ERR_OK;
}

/* A handler that makes a stream and then fails. */
static enum err no_events(struct net_request *rq, struct net_response *rs, struct error *e)
{
    struct net_sse *s = stream_open(rq);
    net_response_stream(rs, s);
    net_sse_unref(s);
    return error_set_reason(e, ERR_BUSY, "no_events", "not now");
}

static const struct net_route routes[] = {
    {.method = NET_GET, .pattern = "/hello", .handler = hello},
    {.method = NET_GET, .pattern = "/inline", .handler = hello, .flags = NET_INLINE},
    {.method = NET_GET, .pattern = "/alive", .handler = hello, .flags = NET_INLINE | NET_ALWAYS},
    {.method = NET_POST, .pattern = "/echo", .handler = echo, .max_body = 1 << 20},
    {.method = NET_PUT, .pattern = "/tiny", .handler = echo, .max_body = 10},
    {.method = NET_POST, .pattern = "/form", .handler = form, .flags = NET_MULTIPART, .max_body = 4 << 20},
    {.method = NET_GET, .pattern = "/show/{id}", .handler = show},
    {.method = NET_POST, .pattern = "/show/{id}", .handler = show, .max_body = 100},
    {.method = NET_DELETE, .pattern = "/show/{id}", .handler = show},
    {.method = NET_POST, .pattern = "/open", .handler = hello, .flags = NET_CROSS_SITE, .max_body = 100},
    {.method = NET_GET, .pattern = "/file", .handler = file},
    {.method = NET_GET, .pattern = "/wait", .handler = wait_at_door},
    {.method = NET_GET, .pattern = "/fail", .handler = lose},
    {.method = NET_GET, .pattern = "/nothing", .handler = nothing},
    {.method = NET_GET, .pattern = "/many", .handler = many_headers},
    {.method = NET_GET, .pattern = "/events", .handler = events},
    {.method = NET_GET, .pattern = "/no-events", .handler = no_events},
};

static void on_error(struct net_request *rq, struct net_response *rs, int status, const struct error *e)
{
    struct str text =
        str_printf(rq->arena, "{\"status\":%d,\"code\":\"%s\",\"detail\":\"%s\"}", status, e->reason, e->message);
    net_response_body(rs, "application/problem+json", text);
}

static void on_done(const struct net_request *rq, const struct net_done *done)
{
    struct house *h = rq->ctx;
    pthread_mutex_lock(&h->mutex);
    h->answered++;
    h->gone += done->status == 0;
    h->last = *done;
    snprintf(h->last_route, sizeof h->last_route, "%s", rq->route ? rq->route->pattern : "");
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->mutex);
}

/* --- the house --- */

void house_start(struct house *h, const struct net_options *o, size_t workers, size_t queue)
{
    struct error e = {0};
    struct net_options mine = o ? *o : (struct net_options){0};
    *h = (struct house){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    assert_int_equal(pool_new(workers, queue, &h->pool, &e), ERR_OK);
    if (!o || o->listen_fd == 0) mine.listen_fd = -1;
    mine.address = "127.0.0.1";
    mine.routes = routes;
    mine.n_routes = sizeof routes / sizeof *routes;
    mine.pool = h->pool;
    mine.ctx = h;
    mine.on_error = on_error;
    mine.on_done = on_done;
    if (net_server_new(&mine, &h->server, &e) != ERR_OK) fail_msg("%s (%s)", e.message, e.detail);
    assert_true(net_server_port(h->server) > 0);
}

void house_stop(struct house *h)
{
    house_open_door(h);
    net_server_free(h->server);
    pool_free(h->pool);
    net_sse_unref(h->stream);
    assert_int_equal(h->closed, h->streams);
}

void house_open_door(struct house *h)
{
    pthread_mutex_lock(&h->mutex);
    h->open = true;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->mutex);
}

int house_now(struct house *h, const int *count)
{
    pthread_mutex_lock(&h->mutex);
    int n = *count;
    pthread_mutex_unlock(&h->mutex);
    return n;
}

void house_until(struct house *h, const int *count, int n)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int failed = 0;
    pthread_mutex_lock(&h->mutex);
    while (*count < n && !failed)
        failed = pthread_cond_timedwait(&h->changed, &h->mutex, &until);
    pthread_mutex_unlock(&h->mutex);
    if (failed) fail_msg("waited too long for %d", n);
}

size_t house_connections_until(struct house *h, size_t n)
{
    for (int i = 0; i < PATIENCE_S * 100 && net_server_connections(h->server) != n; i++)
        usleep(10000);
    return net_server_connections(h->server);
}

/* --- the client --- */

int peer_connect(const struct house *h)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)net_server_port(h->server))};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

bool peer_send(int fd, struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0) return false; /* what the server said about it is read */
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return true;
}

void peer_say(int fd, const char *text) { peer_send(fd, str_from_c(text)); }

static int byte(int fd)
{
    unsigned char c;
    ssize_t n = recv(fd, &c, 1, 0);
    if (n < 0 && errno == EAGAIN) fail_msg("the server says nothing");
    return n == 1 ? c : -1;
}

static void line(int fd, char *to, size_t max)
{
    size_t n = 0;
    int c;
    while ((c = byte(fd)) >= 0 && c != '\n')
        if (c != '\r' && n + 1 < max) to[n++] = (char)c;
    to[n] = '\0';
}

/* One chunk; false at the last one. */
static bool chunk(int fd, struct sb *b)
{
    char text[32];
    unsigned n = 0;
    line(fd, text, sizeof text);
    assert_int_equal(sscanf(text, "%x", &n), 1);
    for (unsigned i = 0; i < n; i++) {
        int c = byte(fd);
        assert_true(c >= 0);
        sb_char(b, (char)c);
    }
    line(fd, text, sizeof text);
    return n > 0;
}

struct str answer_header(const struct answer *a, const char *name)
{
    struct str rest = str_from_c(a->head);
    while (rest.p) {
        struct str value = STR_EMPTY;
        struct str found = str_cut(str_cut(rest, '\n', &rest), ':', &value);
        if (value.p && str_eq_nocase(found, str_from_c(name))) return str_trim(value);
    }
    return STR_EMPTY;
}

static void body(int fd, struct answer *a)
{
    struct str length = answer_header(a, "Content-Length");
    uint64_t n = 0;
    if (str_eq(answer_header(a, "Transfer-Encoding"), STR("chunked"))) {
        while (chunk(fd, &a->body)) {
        }
        return;
    }
    if (!length.p) return;
    assert_int_equal(str_to_u64(length, 0, 1 << 30, &n, NULL), ERR_OK);
    char block[16384];
    while (n > 0) {
        ssize_t got = recv(fd, block, n < sizeof block ? (size_t)n : sizeof block, 0);
        assert_true(got > 0);
        sb_str(&a->body, (struct str){block, (size_t)got});
        n -= (uint64_t)got;
    }
}

void peer_read(int fd, struct answer *a, bool has_body)
{
    size_t n = 0;
    char text[2048];
    sb_reset(&a->body);
    a->status = 0;
    do {
        line(fd, text, sizeof text);
        n += (size_t)snprintf(a->head + n, sizeof a->head - n, "%s\n", text);
        assert_true(n < sizeof a->head);
    } while (text[0] != '\0');
    if (sscanf(a->head, "HTTP/1.%*d %d", &a->status) != 1) return;
    a->closes = str_eq_nocase(answer_header(a, "Connection"), STR("close"));
    if (has_body && a->status != 304 && a->status != 204) body(fd, a);
}

bool peer_closed(int fd)
{
    char c;
    ssize_t n = recv(fd, &c, 1, 0);
    return n == 0 || (n < 0 && errno == ECONNRESET);
}

void answer_done(struct answer *a) { sb_done(&a->body); }

void peer_expect(const struct house *h, const char *request, int status, const char *text)
{
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(h);
    peer_say(fd, request);
    peer_read(fd, &a, strncmp(request, "HEAD ", 5) != 0);
    if (a.status != status) fail_msg("%.60s: %s%.*s", request, a.head, STR_ARG(sb_view(&a.body)));
    if (text && !str_eq_c(sb_view(&a.body), text)) fail_msg("%.60s: %.*s", request, STR_ARG(sb_view(&a.body)));
    answer_done(&a);
    close(fd);
}

void peer_refused(const struct house *h, struct str request, int status, const char *reason, int what)
{
    struct answer a = ANSWER_INIT;
    char wanted[64];
    int fd = peer_connect(h);
    peer_send(fd, request);
    peer_read(fd, &a, true);
    snprintf(wanted, sizeof wanted, "\"code\":\"%s\"", reason);
    if (a.status != status || str_find(sb_view(&a.body), str_from_c(wanted), 0) == STR_NONE)
        fail_msg("%.*s: %s%.*s", (int)(request.n < 80 ? request.n : 80), request.p, a.head, STR_ARG(sb_view(&a.body)));
    assert_true(str_eq(answer_header(&a, "Content-Type"), STR("application/problem+json")));
    assert_int_equal(answer_header(&a, "X-Request-Id").n, 26);
    assert_non_null(answer_header(&a, "Date").p);
    assert_non_null(answer_header(&a, "Content-Security-Policy").p);
    assert_int_equal(a.closes, what == PEER_CLOSES);
    if (what == PEER_CLOSES) assert_true(peer_closed(fd));
    answer_done(&a);
    close(fd);
}

void peer_read_until(int fd, struct sb *b, const char *text)
{
    while (str_find(sb_view(b), str_from_c(text), 0) == STR_NONE)
        if (!chunk(fd, b)) fail_msg("the stream ended: %.*s", STR_ARG(sb_view(b)));
}

void peer_read_end(int fd, struct sb *b)
{
    while (chunk(fd, b)) {
    }
}
