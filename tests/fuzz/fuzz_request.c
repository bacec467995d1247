/* Any bytes as the head and the body of a request, as libmicrohttpd hands them over: it is refused with a reason and a status of the header's list, or its
 * handler runs and sees a request that is whole; in both cases the answer can be sent: no field of it breaks a line. What must never reach a handler
 * is asked here once more and otherwise: two lengths, a page of another site, a body that is too long.
 * Input: method, target and version by spaces, then "name: value" lines, an empty line, and the body, which comes in two pieces. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/sb.h"
#include "base/utf8.h"
#include "net/multipart.h"
#include "net/server_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { HEADERS_MAX = 24, BODY_MAX = 4096 };

static bool ran; /* the handler of this input */

static enum err handler(struct net_request *rq, struct net_response *rs, struct error *e)
{
    (void)e;
    ran = true;
    assert(rq->path.p && utf8_valid(rq->path) && rq->path.p[0] == '/');
    assert(rq->body.n <= rq->route->max_body);
    for (size_t i = 0; i < rq->n_parts; i++)
        assert(rq->parts[i].bytes.n <= BODY_MAX && rq->parts[i].name.p);
    for (size_t i = 0; i < rq->n_cookies; i++)
        assert(rq->cookies[i].name.n > 0);
    net_response_status(rs, 200);
    net_response_attachment(rs, net_query(rq, "name").p ? net_query(rq, "name") : rq->path);
    net_response_etag(rs, STR("tag"));
    net_response_body(rs, "text/plain", rq->path);
    return ERR_OK;
}

static const struct net_route routes[] = {
    {.method = NET_GET, .pattern = "/a", .handler = handler, .flags = NET_INLINE},
    {.method = NET_GET, .pattern = "/a/{id}", .handler = handler, .flags = NET_INLINE},
    {.method = NET_PUT, .pattern = "/a/{id}", .handler = handler, .flags = NET_INLINE, .max_body = BODY_MAX},
    {.method = NET_POST,
     .pattern = "/f",
     .handler = handler,
     .flags = NET_INLINE | NET_MULTIPART,
     .max_body = BODY_MAX},
};

static void on_error(struct net_request *rq, struct net_response *rs, int status, const struct error *e)
{
    (void)rq;
    static const int known[] = {400, 403, 404, 405, 413, 415, 416, 431, 500, 503};
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known = is_known || known[i] == status;
    assert(is_known && e->reason[0] && e->message[0]);
    net_response_body(rs, "text/plain", str_from_c(e->reason));
}

static struct net_server *server(void)
{
    static const struct str hosts[] = {STR_INIT("localhost"), STR_INIT("[::1]")};
    static struct net_server s = {
        .o = {.on_error = on_error,
              .allowed_hosts = hosts,
              .n_allowed_hosts = 2,
              .max_head_bytes = 6144,
              .max_uploads = 1,
              .upload_bytes = 1024,
              .request_max_bytes = (size_t)16 << 20,
              .temp_folder = "/tmp"},
    };
    struct error e = {0};
    if (!s.arena) {
        s.arena = arena_new(1 << 20);
        if (net_router_new(s.arena, routes, sizeof routes / sizeof *routes, &s.router, &e) != ERR_OK) abort();
        lock_init(&s.lock, LOCK_RANK_NET);
    }
    return &s;
}

/* The next line, without its end; .p NULL when there is none. */
static struct str line(struct str *rest)
{
    struct str l = str_cut(*rest, '\n', rest);
    return str_ends(l, STR("\r")) ? str_sub(l, 0, l.n - 1) : l;
}

/* As libmicrohttpd does: copies with a NUL behind them, and none within. */
static struct str text(struct arena *a, struct str s)
{
    s = str_dup(a, str_sub(s, 0, str_find_char(s, '\0', 0)));
    assert(s.p);
    return s;
}

static void headers_read(struct net_request *rq, struct str *rest)
{
    rq->headers = NEW(rq->arena, struct net_pair, HEADERS_MAX);
    assert(rq->headers);
    while (rest->p && rq->n_headers < HEADERS_MAX) {
        struct str value = STR_EMPTY, l = line(rest);
        if (l.n == 0) return;
        struct str name = str_cut(l, ':', &value);
        rq->headers[rq->n_headers++] = (struct net_pair){text(rq->arena, name), text(rq->arena, str_trim(value))};
    }
}

static size_t count(const struct net_request *rq, struct str name)
{
    size_t n = 0;
    for (size_t i = 0; i < rq->n_headers; i++)
        n += str_eq_nocase(rq->headers[i].name, name);
    return n;
}

/* "localhost" or "[::1]", and a port of digits. */
static bool is_ours(struct str host)
{
    size_t n = host.n;
    while (n > 0 && host.p[n - 1] >= '0' && host.p[n - 1] <= '9')
        n--;
    if (n > 0 && host.p[n - 1] == ':') host = str_sub(host, 0, n - 1);
    return str_eq_nocase(host, STR("localhost")) || str_eq_nocase(host, STR("[::1]"));
}

/* What no handler may be asked for. */
static void dangers_check(const struct net__exchange *x)
{
    const struct net_request *rq = &x->rq;
    struct str site = net_header(rq, "Sec-Fetch-Site");
    assert(count(rq, STR("Content-Length")) + count(rq, STR("Transfer-Encoding")) <= 1);
    assert(count(rq, STR("Host")) <= 1);
    assert(rq->method == NET_GET || !site.p || !str_eq(site, STR("cross-site")));
    assert(!rq->host.p || is_ours(rq->host));
    assert(x->received <= rq->route->max_body);
}

static void answer_check(const struct net__exchange *x)
{
    assert(x->rs.status >= 200 && x->rs.status < 600);
    for (size_t i = 0; i < x->rs.headers.n; i++) {
        struct net_pair h = x->rs.headers.at[i];
        assert(h.name.n > 0 && str_find_char(h.value, '\n', 0) == STR_NONE &&
               str_find_char(h.value, '\r', 0) == STR_NONE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct net__connection c = {.fd = -1, .text = "127.0.0.1"};
    struct str rest = {(const char *)data, n}, after = STR_EMPTY, version = STR_EMPTY;
    struct str first = line(&rest);
    struct str method = str_cut(first, ' ', &after), target = str_cut(after, ' ', &version);
    if (method.n == 0 || target.n == 0) return 0; /* libmicrohttpd refuses it */
    CLEANUP_ARENA struct arena *a = arena_new((size_t)16 << 20);
    struct net__exchange *x = a ? net__exchange_new(server(), &c, NULL, text(a, target)) : NULL;
    if (!x) return 0;
    ran = false;
    headers_read(&x->rq, &rest);
    net__exchange_head(x, text(a, method), str_eq(version, STR("HTTP/1.0")) ? version : STR("HTTP/1.1"));
    size_t cut = rest.n / 3;
    if (!x->refusal && rest.n > 0 && x->has_body) net__exchange_body(x, str_sub(rest, 0, cut));
    if (!x->refusal && rest.n > 0 && x->has_body) net__exchange_body(x, str_sub(rest, cut, rest.n));
    bool refused = x->refusal != 0;
    assert(net__exchange_run(x)); /* here, as all handlers are inline */
    assert(!(refused && ran));
    if (ran) dangers_check(x);
    answer_check(x);
    net__exchange_free(x);
    return 0;
}
