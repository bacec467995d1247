/* net/server over a socket: requests, refusals, methods, ranges, workers, limits. */
#include "net/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "peer.h"

static struct house house;

static int set_up(void **state)
{
    static const struct str hosts[] = {STR_INIT("localhost"), STR_INIT("127.0.0.1"), STR_INIT("[::1]")};
    struct net_options o = {.allowed_hosts = hosts, .n_allowed_hosts = 3};
    (void)state;
    house_start(&house, &o, 2, 100);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(&house);
    return 0;
}

#define H                                      "Host: localhost\r\n"
#define GET(path)                              "GET " path " HTTP/1.1\r\n" H "\r\n"
#define refused(request, status, reason, what) peer_refused(&house, STR(request), status, reason, what)

static void answers_from_worker_and_io_thread(void **state)
{
    (void)state;
    peer_expect(&house, GET("/hello"), 200, "hello");
    peer_expect(&house, GET("/inline"), 200, "hello");
    peer_expect(&house, "GET /hello HTTP/1.0\r\n\r\n", 200, "hello");
    peer_expect(&house, "GET http://localhost/hello HTTP/1.1\r\n" H "\r\n", 200, "hello");
}

static void handlers_see_the_request(void **state)
{
    (void)state;
    peer_expect(&house,
                "POST /show/a%2Fb?q=x+y HTTP/1.1\r\nHost: LocalHost:80\r\nX-Test: 1\r\nCookie: a=b; session=s1\r\n"
                "Content-Type: Application/JSON; charset=utf-8\r\nContent-Length: 0\r\n\r\n",
                200,
                "POST /show/a/b id=a/b q=x y host=LocalHost:80 client=127.0.0.1 type=application/json x=1 session=s1");
}

static void connections_are_kept(void **state)
{
    (void)state;
    struct answer a = ANSWER_INIT;
    struct str first = STR_EMPTY;
    char id[32] = "";
    int fd = peer_connect(&house);
    for (int i = 0; i < 50; i++) {
        peer_say(fd, i % 2 ? GET("/hello") : GET("/inline"));
        peer_read(fd, &a, true);
        assert_int_equal(a.status, 200);
        assert_false(a.closes);
        first = answer_header(&a, "X-Request-Id");
        assert_int_equal(first.n, 26);
        assert_false(str_eq_c(first, id)); /* each has its own */
        snprintf(id, sizeof id, "%.*s", STR_ARG(first));
    }
    peer_say(fd, "GET /hello HTTP/1.1\r\n" H "Connection: close\r\n\r\n");
    peer_read(fd, &a, true);
    assert_true(a.closes);
    assert_true(peer_closed(fd));
    answer_done(&a);
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    peer_say(fd,
             GET("/show/1") "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\ntwo" GET("/nowhere") GET("/hello"));
    peer_read(fd, &a, true);
    assert_true(str_starts(sb_view(&a.body), STR("GET /show/1 id=1")));
    peer_read(fd, &a, true);
    assert_true(str_eq(sb_view(&a.body), STR("two")));
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 404);
    peer_read(fd, &a, true);
    assert_true(str_eq(sb_view(&a.body), STR("hello")));
    answer_done(&a);
    close(fd);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    (void)state;
    struct answer a = ANSWER_INIT;
    struct str text =
        STR("POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
    int fd = peer_connect(&house);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    for (size_t i = 0; i < text.n; i++)
        peer_send(fd, str_sub(text, i, i + 1));
    peer_read(fd, &a, true);
    assert_true(str_eq(sb_view(&a.body), STR("abcde")));
    answer_done(&a);
    close(fd);
}

static void what_is_refused_before_the_handler(void **state)
{
    (void)state;
    refused(GET("/nowhere"), 404, "no_such_page", PEER_STAYS);
    refused(GET("/show/a%ff"), 400, "bad_path", PEER_STAYS);
    refused(GET("/show/../hello"), 400, "bad_path", PEER_STAYS);
    refused(GET("/show/a?q=%zz"), 400, "bad_query", PEER_STAYS);
    refused("GET /hello HTTP/1.1\r\n\r\n", 400, "bad_header", PEER_STAYS);
    refused("GET /hello HTTP/1.1\r\n" H H "\r\n", 400, "bad_header", PEER_STAYS);
    refused("GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "bad_header", PEER_STAYS);
    refused("GET /hello HTTP/1.1\r\nHost: localhost:80x\r\n\r\n", 400, "bad_header", PEER_STAYS);
    refused("GET /hello HTTP/1.1\r\n" H "X y: 1\r\n\r\n", 400, "bad_header", PEER_STAYS);
    refused("GET /hello HTTP/1.1\r\n" H "X: a\x01z\r\n\r\n", 400, "bad_header", PEER_STAYS);
    refused(GET("/hello?x=a b"), 400, "bad_query", PEER_STAYS);
}

static void two_readers_see_one_request(void **state)
{
    (void)state;
#define POST(fields) "POST /echo HTTP/1.1\r\n" H fields "\r\n"
    refused(POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") "0\r\n\r\n", 400, "bad_framing", PEER_CLOSES);
    refused(POST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") "0\r\n\r\n", 400, "bad_framing", PEER_CLOSES);
    refused(POST("Content-Length: 5\r\nContent-Length: 5\r\n") "hello", 400, "bad_framing", PEER_CLOSES);
    refused(POST("Content-Length: 5\r\nContent-Length: 6\r\n") "hello", 400, "bad_framing", PEER_CLOSES);
    refused(POST("Transfer-Encoding: gzip, chunked\r\n") "0\r\n\r\n", 400, "bad_framing", PEER_CLOSES);
    refused(POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n") "0\r\n\r\n", 400, "bad_framing",
            PEER_CLOSES);
    refused("POST /echo HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad_framing", PEER_CLOSES);
    refused(POST("Content-Length : 5\r\n") "hello", 400, "bad_header", PEER_STAYS);
    /* the body of a refused request is not taken for a request */
    refused("DELETE /show/1 HTTP/1.1\r\n" H "Content-Length: 30\r\n\r\n" GET("/hello"), 413, "body_too_large",
            PEER_CLOSES);
    refused("PATCH /echo HTTP/1.1\r\n" H "Content-Length: 30\r\n\r\n" GET("/hello"), 405, "method_not_allowed",
            PEER_CLOSES);
    peer_expect(&house, POST("Content-Length: x\r\n"), 400, NULL); /* libmicrohttpd's own */
    peer_expect(&house, POST("Content-Length: -1\r\n"), 400, NULL);
    peer_expect(&house, POST("Transfer-Encoding: chunked\r\n") "zz\r\n", 400, NULL);
}

static void methods(void **state)
{
    (void)state;
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    peer_say(fd, "HEAD /hello HTTP/1.1\r\n" H "\r\n"
                 "OPTIONS /show/1 HTTP/1.1\r\n" H "\r\n"
                 "PUT /show/1 HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n"
                 "BREW /hello HTTP/1.1\r\n" H "\r\n");
    peer_read(fd, &a, false);
    assert_int_equal(a.status, 200);
    assert_true(str_eq(answer_header(&a, "Content-Length"), STR("5")));
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 204);
    assert_true(str_eq(answer_header(&a, "Allow"), STR("GET, HEAD, POST, DELETE, OPTIONS")));
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 405);
    assert_true(str_eq(answer_header(&a, "Allow"), STR("GET, HEAD, POST, DELETE, OPTIONS")));
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 405);
    assert_true(str_eq(answer_header(&a, "Allow"), STR("GET, HEAD, OPTIONS")));
    answer_done(&a);
    close(fd);
    peer_expect(&house, "OPTIONS /nowhere HTTP/1.1\r\n" H "\r\n", 404, NULL);
}

static void other_sites_cannot_act(void **state)
{
    (void)state;
#define FROM(fields) "POST /show/1 HTTP/1.1\r\nHost: localhost:8000\r\nContent-Length: 0\r\n" fields "\r\n"
    refused(FROM("Origin: http://evil.example\r\n"), 403, "cross_site", PEER_STAYS);
    refused(FROM("Origin: http://localhost:8001\r\n"), 403, "cross_site", PEER_STAYS);
    refused(FROM("Origin: http://localhost\r\n"), 403, "cross_site", PEER_STAYS);
    refused(FROM("Origin: null\r\n"), 403, "cross_site", PEER_STAYS);
    refused(FROM("Sec-Fetch-Site: cross-site\r\n"), 403, "cross_site", PEER_STAYS);
    refused(FROM("Sec-Fetch-Site: same-site\r\n"), 403, "cross_site", PEER_STAYS);
    refused(FROM("Sec-Fetch-Site: cross-site\r\nOrigin: http://localhost:8000\r\n"), 403, "cross_site", PEER_STAYS);
    peer_expect(&house, FROM("Origin: http://localhost:8000\r\nSec-Fetch-Site: same-origin\r\n"), 200, NULL);
    peer_expect(&house, FROM("Origin: HTTP://LOCALHOST:8000\r\n"), 200, NULL);
    peer_expect(&house, FROM("Sec-Fetch-Site: none\r\n"), 200, NULL);
    peer_expect(&house, FROM(""), 200, NULL); /* no browser */
    peer_expect(&house, "POST /show/1 HTTP/1.1\r\n" H "Origin: https://localhost\r\nContent-Length: 0\r\n\r\n", 200,
                NULL);
    peer_expect(&house, "POST /show/1 HTTP/1.1\r\n" H "Origin: http://localhost:80\r\nContent-Length: 0\r\n\r\n", 200,
                NULL);
    peer_expect(&house, "GET /hello HTTP/1.1\r\n" H "Origin: http://evil.example\r\n\r\n", 200, "hello");
    peer_expect(&house, "POST /open HTTP/1.1\r\n" H "Origin: http://evil.example\r\nContent-Length: 0\r\n\r\n", 200,
                NULL);
}

static void only_our_hosts(void **state)
{
    (void)state;
    refused("GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403, "wrong_host", PEER_STAYS);
    refused("GET /hello HTTP/1.1\r\nHost: localhost.evil.example:80\r\n\r\n", 403, "wrong_host", PEER_STAYS);
    refused("GET http://evil.example/hello HTTP/1.1\r\n" H "\r\n", 403, "wrong_host", PEER_STAYS);
    peer_expect(&house, "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n", 200, "hello");
    peer_expect(&house, "GET /hello HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", 200, "hello");
    /* a load balancer asks by address */
    peer_expect(&house, "GET /alive HTTP/1.1\r\nHost: 172.31.32.81\r\n\r\n", 200, "hello");
    refused("GET /alive HTTP/1.1\r\nHost: no/host\r\n\r\n", 400, "bad_header", PEER_STAYS);
}

static void a_head_that_is_too_large(void **state)
{
    (void)state;
    struct sb b = SB_INIT(1 << 20);
    for (size_t n = 1000; n < 20000; n += 97) { /* whatever the size: an answer, never silence */
        struct answer a = ANSWER_INIT;
        int fd = peer_connect(&house);
        sb_reset(&b);
        sb_c(&b, "GET /hello HTTP/1.1\r\n" H "X-Large: ");
        for (size_t i = 0; i < n; i++)
            sb_char(&b, 'x');
        sb_c(&b, "\r\n\r\n");
        peer_send(fd, sb_view(&b));
        peer_read(fd, &a, true);
        if (a.status != (n < 3000 ? 200 : 431) && a.status != 200) fail_msg("%zu bytes: %s", n, a.head);
        if (n > 3600) assert_int_equal(a.status, 431);
        answer_done(&a);
        close(fd);
    }
    sb_reset(&b);
    sb_c(&b, "GET /hello HTTP/1.1\r\n" H "X: ");
    for (int i = 0; i < 3700; i++)
        sb_char(&b, 'x');
    sb_c(&b, "\r\n\r\n");
    peer_refused(&house, sb_view(&b), 431, "head_too_large", PEER_CLOSES);
    sb_reset(&b);
    sb_c(&b, "GET /hello HTTP/1.1\r\n" H);
    for (int i = 0; i < 66; i++)
        sb_c(&b, "a:b\r\n");
    sb_c(&b, "\r\n");
    peer_refused(&house, sb_view(&b), 431, "head_too_large", PEER_CLOSES);
    sb_done(&b);
}

static void files_and_ranges(void **state)
{
    (void)state;
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    peer_say(fd, GET("/file"));
    peer_read(fd, &a, true);
    assert_int_equal(a.body.n, 300000);
    assert_int_equal(a.body.p[299999], 'a' + 299 % 26);
    assert_true(str_eq(answer_header(&a, "ETag"), STR("\"f1\"")));
    assert_true(str_starts(answer_header(&a, "Content-Disposition"), STR("attachment; filename=\"report.docx\"")));
    peer_say(fd, "GET /file HTTP/1.1\r\n" H "Range: bytes=999-1000\r\n\r\n");
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 206);
    assert_true(str_eq(sb_view(&a.body), STR("ab")));
    assert_true(str_eq(answer_header(&a, "Content-Range"), STR("bytes 999-1000/300000")));
    peer_say(fd, "HEAD /file HTTP/1.1\r\n" H "\r\n");
    peer_read(fd, &a, false);
    assert_true(str_eq(answer_header(&a, "Content-Length"), STR("300000")));
    peer_say(fd, "GET /file HTTP/1.1\r\n" H "If-None-Match: \"f1\"\r\n\r\n");
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 304);
    peer_say(fd, "GET /file HTTP/1.1\r\n" H "Range: bytes=300000-\r\n\r\n");
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 416);
    assert_true(str_eq(answer_header(&a, "Content-Range"), STR("bytes */300000")));
    answer_done(&a);
    close(fd);
}

static void errors_of_handlers(void **state)
{
    (void)state;
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    refused(GET("/fail"), 404, "lost", PEER_STAYS);
    refused(GET("/nothing"), 500, "no_answer", PEER_STAYS);
    refused(GET("/many"), 500, "no_answer", PEER_STAYS);
    peer_say(fd, GET("/fail"));
    peer_read(fd, &a, true);
    assert_null(answer_header(&a, "X-Left").p);
    answer_done(&a);
    close(fd);
}

/* --- each with a server of its own --- */

static void the_access_log_is_told(void **state)
{
    (void)state;
    struct house h;
    house_start(&h, NULL, 1, 10);
    peer_expect(&h, GET("/show/secret-id"), 200, NULL);
    house_until(&h, &h.answered, 1);
    assert_string_equal(h.last_route, "/show/{id}");
    assert_int_equal(h.last.status, 200);
    assert_true(h.last.bytes > 20);
    peer_expect(&h, "HEAD /hello HTTP/1.1\r\n" H "\r\n", 200, NULL);
    house_until(&h, &h.answered, 2);
    assert_int_equal(h.last.status, 200);
    assert_int_equal(h.last.bytes, 0);
    peer_expect(&h, "POST /hello HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", 405, NULL);
    house_until(&h, &h.answered, 3);
    assert_int_equal(h.last.status, 405);
    assert_true(h.last.bytes > 0);
    house_stop(&h);
}

static void a_full_pool_is_busy(void **state)
{
    (void)state;
    struct house h;
    int fds[3];
    struct answer a = ANSWER_INIT;
    house_start(&h, NULL, 1, 1);
    fds[0] = peer_connect(&h);
    peer_say(fds[0], GET("/wait"));
    house_until(&h, &h.waiting, 1); /* it runs; the next one waits in the queue */
    fds[1] = peer_connect(&h);
    peer_say(fds[1], GET("/wait"));
    fds[2] = -1;
    for (int i = 0; i < 200 && a.status != 503; i++) { /* until the second one has arrived, this one waits instead */
        peer_expect(&h, GET("/inline"), 200, "hello");
        fds[2] = peer_connect(&h);
        struct timeval soon = {.tv_usec = 50000};
        setsockopt(fds[2], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
        peer_say(fds[2], GET("/hello"));
        char c;
        if (recv(fds[2], &c, 1, MSG_PEEK) == 1) peer_read(fds[2], &a, true);
        close(fds[2]);
    }
    assert_int_equal(a.status, 503);
    assert_true(str_find(sb_view(&a.body), STR("too_busy"), 0) != STR_NONE);
    assert_non_null(answer_header(&a, "Retry-After").p);
    house_open_door(&h);
    peer_read(fds[0], &a, true);
    assert_true(str_eq(sb_view(&a.body), STR("waited")));
    peer_read(fds[1], &a, true);
    assert_int_equal(a.status, 200);
    answer_done(&a);
    close(fds[0]);
    close(fds[1]);
    house_stop(&h);
}

static void a_client_that_leaves_harms_nobody(void **state)
{
    (void)state;
    struct house h;
    house_start(&h, NULL, 2, 10);
    for (int i = 0; i < 4; i++) {
        int fd = peer_connect(&h);
        struct linger now = {.l_onoff = 1, .l_linger = 0}; /* a reset, not a goodbye */
        peer_say(fd, GET("/wait"));
        if (i < 2) house_until(&h, &h.waiting, i + 1);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(fd);
    }
    house_open_door(&h);
    house_until(&h, &h.answered, 2);
    peer_expect(&h, GET("/hello"), 200, "hello");
    assert_int_equal(house_connections_until(&h, 0), 0);
    house_stop(&h);
}

static void slow_clients_are_cut(void **state)
{
    (void)state;
    struct house h;
    struct net_options o = {.head_timeout_ms = 200, .body_timeout_ms = 200, .idle_timeout_ms = 400};
    house_start(&h, &o, 1, 10);
    const char *slow[] = {"GET /he", "GET /hello HTTP/1.1\r\nHost: x\r\n", "",
                          "POST /echo HTTP/1.1\r\n" H "Content-Length: 100\r\n\r\nabc"};
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
        int fd = peer_connect(&h);
        bool cut = false;
        struct timeval step = {.tv_usec = 50000};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &step, sizeof step);
        peer_say(fd, slow[i]);
        for (int k = 0; k < 200 && !cut; k++) { /* a byte now and then does not help */
            cut = peer_closed(fd);
            if (i > 0) peer_say(fd, i == 2 ? "" : "x");
        }
        assert_true(cut);
        close(fd);
    }
    assert_int_equal(house_connections_until(&h, 0), 0);
    house_stop(&h);
}

/* 200, and the connection does not stay. */
static void answered_and_closed(struct house *h, const char *request)
{
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(h);
    peer_say(fd, request);
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 200);
    assert_true(a.closes && peer_closed(fd));
    answer_done(&a);
    close(fd);
}

static void when_it_is_full_health_is_still_answered(void **state)
{
    (void)state;
    struct house h;
    struct net_options o = {.max_connections = 4};
    struct answer a = ANSWER_INIT;
    int fds[4 + NET_REFUSED_MAX];
    house_start(&h, &o, 1, 10);
    for (int i = 0; i < 4; i++)
        fds[i] = peer_connect(&h);
    assert_int_equal(house_connections_until(&h, 4), 4);
    for (int i = 0; i < 3; i++) {
        answered_and_closed(&h, GET("/alive"));
        peer_refused(&h, STR(GET("/hello")), 503, "too_many_connections", PEER_CLOSES);
    }
    assert_int_equal(house_connections_until(&h, 4), 4);
    int late = peer_connect(&h);
    peer_say(late, GET("/hello"));
    peer_read(late, &a, true);
    assert_int_equal(a.status, 503);
    assert_non_null(answer_header(&a, "Retry-After").p);
    close(late);
    /* connections that say nothing keep the few places of the refused for a short time only */
    for (int i = 4; i < 4 + NET_REFUSED_MAX; i++)
        fds[i] = peer_connect(&h);
    answered_and_closed(&h, GET("/alive"));
    assert_int_equal(house_connections_until(&h, 4), 4);
    for (int i = 0; i < 4 + NET_REFUSED_MAX; i++)
        close(fds[i]);
    answer_done(&a);
    house_stop(&h);
}

static void a_request_has_a_whole_time(void **state)
{
    (void)state;
    struct house h;
    struct net_options o = {.whole_timeout_ms = 300};
    house_start(&h, &o, 1, 10);
    /* its head and body are in time, its handler is not */
    int fd = peer_connect(&h);
    peer_say(fd, GET("/wait"));
    house_until(&h, &h.waiting, 1);
    assert_true(peer_closed(fd));
    close(fd);
    house_open_door(&h);
    /* a stream lasts, and a connection between requests has none */
    struct sb b = SB_INIT(1 << 20);
    int stream = peer_connect(&h), kept = peer_connect(&h);
    struct answer a = ANSWER_INIT;
    peer_say(stream, GET("/events"));
    peer_read(stream, &a, false);
    house_until(&h, &h.streams, 1);
    peer_say(kept, GET("/hello"));
    peer_read(kept, &a, true);
    usleep(900000);
    peer_say(kept, GET("/hello"));
    peer_read(kept, &a, true);
    assert_int_equal(a.status, 200);
    pthread_mutex_lock(&h.mutex);
    net_sse_send(h.stream, STR("late"), STR(""), STR("still here"));
    pthread_mutex_unlock(&h.mutex);
    peer_read_until(stream, &b, "still here");
    sb_done(&b);
    answer_done(&a);
    close(stream);
    close(kept);
    house_stop(&h);
}

static void the_proxy_s_name_of_a_request_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *id; /* NULL: one of our own */
    } rows[] = {
        {"X-Request-Id: abc-DEF_1.2\r\n", "abc-DEF_1.2"},
        {"X-Amzn-Trace-Id: Self=1-1-2;Root=1-67891233-abcdef0123\r\n", "1-67891233-abcdef0123"},
        {"X-Amzn-Trace-Id: Root=1-2-3\r\nX-Request-Id: mine\r\n", "mine"},
        {"X-Amzn-Trace-Id: Root=1-2-3\r\nX-Request-Id: no good\r\n", "1-2-3"},
        {"X-Request-Id: a\"b\r\n", NULL},
        {"X-Request-Id: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n", NULL},
        {"X-Amzn-Trace-Id: Sampled=1\r\n", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer a = ANSWER_INIT;
        CLEANUP_SB struct sb request = SB_INIT(4096);
        sb_printf(&request, "GET /hello HTTP/1.1\r\n" H "%s\r\n", rows[i].fields);
        int fd = peer_connect(&house);
        assert_true(peer_send(fd, sb_view(&request)));
        peer_read(fd, &a, true);
        struct str id = answer_header(&a, "X-Request-Id");
        if (rows[i].id)
            assert_true(str_eq_c(id, rows[i].id));
        else
            assert_int_equal(id.n, 26);
        answer_done(&a);
        close(fd);
    }
}

static void one_client_has_its_share(void **state)
{
    (void)state;
    struct house h;
    struct net_options o = {.max_connections_per_client = 3};
    int fds[3];
    house_start(&h, &o, 1, 10);
    for (int i = 0; i < 3; i++)
        fds[i] = peer_connect(&h);
    assert_int_equal(house_connections_until(&h, 3), 3);
    peer_refused(&h, STR(GET("/hello")), 429, "too_many_from_you", PEER_CLOSES);
    answered_and_closed(&h, GET("/alive"));
    close(fds[0]);
    assert_int_equal(house_connections_until(&h, 2), 2);
    peer_expect(&h, GET("/hello"), 200, "hello");
    close(fds[1]);
    close(fds[2]);
    house_stop(&h);
}

static void drain_lets_requests_end(void **state)
{
    (void)state;
    struct house h;
    struct answer a = ANSWER_INIT;
    house_start(&h, NULL, 1, 10);
    int idle = peer_connect(&h);
    int busy = peer_connect(&h);
    peer_say(idle, GET("/hello"));
    peer_read(idle, &a, true);
    peer_say(busy, GET("/wait"));
    house_until(&h, &h.waiting, 1);
    assert_false(net_server_drain(h.server, 50, 0)); /* the busy one is not done */
    assert_true(peer_closed(idle));
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)net_server_port(h.server))};
    inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    int late = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_not_equal(connect(late, (struct sockaddr *)&at, sizeof at), 0);
    house_open_door(&h);
    peer_read(busy, &a, true);
    assert_true(str_eq(sb_view(&a.body), STR("waited")));
    assert_true(a.closes);
    assert_true(peer_closed(busy));
    assert_int_equal(house_connections_until(&h, 0), 0);
    answer_done(&a);
    close(idle);
    close(busy);
    close(late);
    house_stop(&h);
}

static void drain_says_when_all_are_gone(void **state)
{
    (void)state;
    struct house h;
    struct answer a = ANSWER_INIT;
    house_start(&h, NULL, 1, 10);
    int fd = peer_connect(&h);
    peer_say(fd, GET("/hello"));
    peer_read(fd, &a, true);
    assert_true(net_server_drain(h.server, 10000, 0));
    answer_done(&a);
    close(fd);
    house_stop(&h);
}

/* A socket of someone else (a supervisor) goes on listening when the server is gone. */
static void a_socket_that_was_handed_over(void **state)
{
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 10), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    int early = -1;
    for (int round = 0; round < 3; round++) {
        struct house h;
        struct net_options o = {.listen_fd = dup(fd)};
        struct answer a = ANSWER_INIT;
        house_start(&h, &o, 1, 10);
        assert_int_equal(net_server_port(h.server), ntohs(at.sin_port));
        if (early >= 0) { /* came while nobody served: it is answered now */
            peer_read(early, &a, true);
            assert_int_equal(a.status, 200);
            close(early);
        }
        peer_expect(&h, GET("/hello"), 200, "hello");
        assert_true(net_server_drain(h.server, 10000, 0));
        early = peer_connect(&h);
        peer_say(early, GET("/inline"));
        house_stop(&h);
        answer_done(&a);
    }
    close(early);
    close(fd);
}

static void words(struct net_request *rq, struct net_response *rs, int status, const struct error *e)
{
    (void)rq;
    (void)rs;
    (void)status;
    (void)e;
}

static void does_not_start(struct net_options o, enum err code, const char *reason)
{
    struct error e = {0};
    struct net_server *s = NULL;
    o.on_error = words;
    o.pool = house.pool;
    assert_int_equal(net_server_new(&o, &s, &e), code);
    assert_string_equal(e.reason, reason);
    assert_null(s);
}

static void bad_options_are_said(void **state)
{
    (void)state;
    static const struct net_route bad = {.method = NET_GET, .pattern = "bad"};
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    does_not_start((struct net_options){.listen_fd = -1, .address = "localhost"}, ERR_INVALID, "bad_address");
    does_not_start((struct net_options){.listen_fd = -1}, ERR_INVALID, "bad_address");
    does_not_start((struct net_options){.listen_fd = -1, .address = "127.0.0.1", .port = 65536}, ERR_INVALID,
                   "bad_address");
    does_not_start((struct net_options){.listen_fd = -1, .address = "192.0.2.1"}, ERR_INVALID, "cannot_listen");
    does_not_start((struct net_options){.listen_fd = -1, .address = "127.0.0.1", .port = net_server_port(house.server)},
                   ERR_INVALID, "address_in_use");
    does_not_start((struct net_options){.listen_fd = -1, .address = "::1", .routes = &bad, .n_routes = 1}, ERR_INVALID,
                   "bad_route");
    does_not_start((struct net_options){.listen_fd = pipes[0], .routes = &bad, .n_routes = 1}, ERR_INVALID,
                   "bad_route");
    assert_int_equal(close(pipes[0]), -1); /* was taken over */
    close(pipes[1]);
    net_server_free(NULL);
}

static void descriptors_limit_connections(void **state)
{
    (void)state;
    struct rlimit before;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &before);
    limit = (struct rlimit){.rlim_cur = 300, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    size_t possible = net_server_connections_possible();
    getrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(limit.rlim_cur, limit.rlim_max); /* it was raised */
    assert_true(possible < limit.rlim_max);
    assert_true(possible > 0);
    setrlimit(RLIMIT_NOFILE, &before);
}

#define TEST(f) cmocka_unit_test(f)
int main(void)
{
    const struct CMUnitTest shared[] = {
        TEST(answers_from_worker_and_io_thread),
        TEST(handlers_see_the_request),
        TEST(connections_are_kept),
        TEST(pipelined_requests_are_answered_in_order),
        TEST(a_request_may_come_byte_by_byte),
        TEST(what_is_refused_before_the_handler),
        TEST(two_readers_see_one_request),
        TEST(methods),
        TEST(other_sites_cannot_act),
        TEST(only_our_hosts),
        TEST(a_head_that_is_too_large),
        TEST(files_and_ranges),
        TEST(errors_of_handlers),
        TEST(the_access_log_is_told),
        TEST(a_full_pool_is_busy),
        TEST(a_client_that_leaves_harms_nobody),
        TEST(slow_clients_are_cut),
        TEST(one_client_has_its_share),
        TEST(when_it_is_full_health_is_still_answered),
        TEST(a_request_has_a_whole_time),
        TEST(the_proxy_s_name_of_a_request_is_kept),
        TEST(drain_lets_requests_end),
        TEST(drain_says_when_all_are_gone),
        TEST(a_socket_that_was_handed_over),
        TEST(bad_options_are_said),
        TEST(descriptors_limit_connections),
    };
    return cmocka_run_group_tests(shared, set_up, tear_down);
}
