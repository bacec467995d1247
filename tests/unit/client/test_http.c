/* The HTTP client against a server that also does what no server should. Times are short, and nothing is asserted of how long it took. */
#include "client/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "http_test.h"

static struct fake server;
static struct client_http *http;

static const char *at(const char *path)
{
    static char room[8][256];
    static unsigned next;
    char *url = room[next++ % 8];
    (void)snprintf(url, sizeof room[0], "http://127.0.0.1:%u%s", server.port, path);
    return url;
}

static void start(struct heard *h, const struct client_http_request *rq)
{
    struct error e = {0};
    struct client_http_handler handler = heard_handler(h);
    if (client_http_start(http, rq, &handler, &h->call, &e) != ERR_OK) fail_msg("%s", e.message);
}

/* The whole answer, as text; it is the caller's to free its arena. */
static struct client_http_answer get_all(struct arena *a, const struct client_http_request *rq)
{
    struct client_http_answer answer = {.status = 0};
    struct error e = {0};
    if (client_http_get_all(http, rq, a, &answer, &e) != ERR_OK)
        fail_msg("%.*s: %s (%s)", STR_ARG(rq->url), e.message, e.detail);
    return answer;
}

static long number_at(const char *path)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct client_http_request rq = request_make("GET", at(path));
    int64_t n = 0;
    struct error e = {0};
    assert_int_equal(str_to_i64(get_all(a, &rq).body, 0, 1 << 30, &n, &e), ERR_OK);
    return (long)n;
}

/* What is sent is what was given, and Host, User-Agent, Accept. */
static void test_sent(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct client_header headers[] = {{STR("X-One"), STR("1")}, {STR("X-None"), STR_EMPTY}};
    struct client_http_request rq = request_make("GET", at("/echo/a%20b/../c//d?x=%3A&y"));
    rq.headers = headers;
    rq.n_headers = 2;
    struct client_http_answer got = get_all(a, &rq);
    struct str want =
        str_printf(a,
                   "GET /echo/a%%20b/../c//d?x=%%3A&y\naccept: */*\nhost: 127.0.0.1:%u\nuser-agent: prism\n"
                   "x-none: \nx-one: 1\n\n",
                   server.port);
    assert_int_equal(got.status, 200);
    assert_same(got.body, want);
}

static void body_sent(const char *method, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new(64 << 20);
    CLEANUP_SB struct sb body = SB_INIT(16 << 20);
    for (size_t i = 0; i < n; i++)
        sb_char(&body, (char)('a' + i % 23));
    struct client_header type = {STR("Content-Type"), STR("application/json")};
    struct client_http_request rq = request_make(method, at("/echo"));
    rq.headers = &type;
    rq.n_headers = 1;
    rq.body = n ? sb_view(&body) : STR("");
    struct client_http_answer got = get_all(a, &rq);
    struct str want = str_printf(a,
                                 "%s /echo\naccept: */*\ncontent-length: %zu\ncontent-type: application/json\n"
                                 "host: 127.0.0.1:%u\nuser-agent: prism\n\n",
                                 method, n, server.port);
    assert_same(str_sub(got.body, 0, want.n), want);
    assert_same(str_sub(got.body, want.n, got.body.n), sb_view(&body));
}

static void test_bodies(void **state)
{
    (void)state;
    body_sent("POST", 10);
    body_sent("POST", 0);
    body_sent("PUT", 3000000);
    body_sent("DELETE", 5);
}

/* Any status is an answer; redirects are not followed; what comes before the answer is passed over. */
static void test_answers(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct client_http_request rq = request_make("POST", at("/status/429/slow%20down"));
    rq.body = STR("{}");
    struct client_http_answer got = get_all(a, &rq);
    assert_int_equal(got.status, 429);
    assert_str(client_header_find(got.headers, got.n_headers, STR("retry-after")), "7");
    assert_null(client_header_find(got.headers, got.n_headers, STR("retry")).p);
    assert_str(got.body, "slow%20down");
    rq = request_make("GET", at("/redirect"));
    assert_int_equal(get_all(a, &rq).status, 302);
    rq = request_make("GET", at("/early"));
    got = get_all(a, &rq);
    assert_int_equal(got.status, 200);
    assert_str(client_header_find(got.headers, got.n_headers, STR("X-Real")), "yes");
    assert_null(client_header_find(got.headers, got.n_headers, STR("Link")).p);
    rq = request_make("GET", at("/drip/1/0"));
    got = get_all(a, &rq);
    assert_str(client_header_find(got.headers, got.n_headers, STR("x-odd")), "a  b");
    rq = request_make("HEAD", at("/status/200/"));
    assert_int_equal(get_all(a, &rq).status, 200);
}

static void test_pieces(void **state)
{
    (void)state;
    struct heard h;
    heard_init(&h);
    struct client_http_request rq = request_make("GET", at("/drip/3/20"));
    start(&h, &rq);
    heard_wait_bytes(&h, 8); /* the first is here, and the answer is not over */
    heard_wait_end(&h);
    assert_str(sb_view(&h.text), "piece 0;piece 1;piece 2;");
    assert_int_equal(h.e.code, ERR_OK);
    assert_int_equal(h.status, 200);
    heard_done(&h);
}

/* A connection serves one request after the other; one that died meanwhile is replaced, and nobody learns of it. */
static void test_kept(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct client_http *before = http;
    http = http_new(); /* with no connections yet */
    long n = number_at("/connections");
    for (int i = 0; i < 4; i++)
        assert_int_equal(number_at("/connections"), n);
    struct client_http_request rq = request_make("GET", at("/once"));
    assert_str(get_all(a, &rq).body, "once");
    sleep_ms(150);
    rq = request_make("POST", at("/echo"));
    rq.body = STR("again");
    assert_true(str_ends(get_all(a, &rq).body, STR("\n\nagain")));
    assert_int_equal(number_at("/connections"), n + 1);
    client_http_free(http);
    http = before;
}

/* A socket that takes connections, or refuses them, and says nothing. */
static int listen_silently(bool listening, char *url, size_t n, const char *scheme)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    if (listening) assert_int_equal(listen(fd, 16), 0);
    (void)snprintf(url, n, "%s://127.0.0.1:%u/", scheme, ntohs(address.sin_port));
    return fd;
}

static void fails(const struct client_http_request *rq, const char *reason)
{
    struct heard h;
    heard_init(&h);
    start(&h, rq);
    heard_wait_end(&h);
    if (strcmp(h.e.reason, reason) != 0)
        fail_msg("%.*s: \"%s\" (%s, %s), not \"%s\"", STR_ARG(rq->url), h.e.reason, h.e.message, h.e.detail, reason);
    assert_int_equal(h.e.code, ERR_UPSTREAM);
    assert_has(h.e.message, "127.0.0.1");
    heard_done(&h);
}

static void test_limits(void **state)
{
    (void)state;
    char url[64];
    int fd = listen_silently(true, url, sizeof url, "https");
    struct client_http_request rq = request_make("GET", url);
    rq.limits.connect_ms = 50;
    fails(&rq, "connect_timeout");
    (void)close(fd);
    rq = request_make("POST", at("/silent"));
    rq.body = STR("{}");
    rq.limits.first_byte_ms = 50;
    fails(&rq, "first_byte_timeout");
    rq = request_make("GET", at("/stall"));
    rq.limits.stall_ms = 50;
    fails(&rq, "stall_timeout");
    rq = request_make("GET", at("/forever"));
    rq.limits.whole_ms = 100;
    fails(&rq, "whole_timeout");
    rq = request_make("GET", at("/bytes/10000"));
    rq.limits.max_body = 9999;
    fails(&rq, "too_large");
    rq.limits.max_body = 10000;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    assert_int_equal(get_all(a, &rq).body.n, 10000);
    rq = request_make("GET", at("/head/90000"));
    fails(&rq, "too_large");
    /* far enough from each of them */
    rq = request_make("GET", at("/drip/3/10"));
    rq.limits = (struct client_http_limits){20000, 20000, 20000, 20000, 1000};
    assert_int_equal(get_all(a, &rq).body.n, 24);
}

static void test_broken(void **state)
{
    (void)state;
    char url[64];
    int fd = listen_silently(false, url, sizeof url, "http");
    struct client_http_request rq = request_make("GET", url);
    fails(&rq, "no_route");
    (void)close(fd);
    static const char *const rows[][2] = {{"/cut", "connection_lost"},
                                          {"/cut_chunk", "connection_lost"},
                                          {"/reset", "connection_lost"},
                                          {"/noise", "bad_answer"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rq = request_make("GET", at(rows[i][0]));
        fails(&rq, rows[i][1]);
    }
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/echo", server.port); /* TLS is not spoken there */
    rq = request_make("GET", url);
    fails(&rq, "tls_failed");
}

static void assert_cancelled(struct heard *h)
{
    client_http_cancel(h->call);
    client_http_cancel(h->call);
    heard_wait_end(h);
    assert_string_equal(h->e.reason, "cancelled");
    assert_int_equal(h->e.code, ERR_CONFLICT);
    client_http_cancel(h->call); /* after the end: nothing */
    client_http_pause(h->call);
    client_http_resume(h->call);
    sleep_ms(5);
    assert_int_equal(h->ends, 1);
}

/* In each phase: at once, while connecting, waiting, receiving. */
static void test_cancel(void **state)
{
    (void)state;
    char url[64];
    int fd = listen_silently(true, url, sizeof url, "https");
    const char *urls[] = {url, url, at("/silent"), at("/forever")};
    long closed = number_at("/closed");
    for (int i = 0; i < 4; i++) {
        struct heard h;
        heard_init(&h);
        struct client_http_request rq = request_make("GET", urls[i]);
        start(&h, &rq);
        if (i > 0) sleep_ms(20);
        if (i == 3) heard_wait_bytes(&h, 1);
        assert_cancelled(&h);
        heard_done(&h);
    }
    while (number_at("/closed") == closed) /* the server sees it too */
        sleep_ms(5);
    (void)close(fd);
}

static void cancel_in_data(void *ctx, struct str bytes)
{
    struct heard *h = ctx;
    heard_data(ctx, bytes);
    client_http_cancel(h->call);
}

static void test_cancel_within(void **state)
{
    (void)state;
    struct heard h;
    heard_init(&h);
    struct client_http_handler handler = {heard_head, cancel_in_data, heard_end, &h};
    struct client_http_request rq = request_make("GET", at("/bytes/10000000"));
    struct error e = {0};
    assert_int_equal(client_http_start(http, &rq, &handler, &h.call, &e), ERR_OK);
    heard_wait_end(&h);
    assert_string_equal(h.e.reason, "cancelled");
    assert_true(h.bytes <= 20000); /* the piece in which it was said, and none after it */
    heard_done(&h);
}

static void pause_in_data(void *ctx, struct str bytes)
{
    struct heard *h = ctx;
    bool first = h->bytes == 0;
    heard_data(ctx, bytes);
    if (first) client_http_pause(h->call);
}

/* Nothing comes while it is paused, the silence counts for nothing, and all comes afterwards. */
static void test_pause(void **state)
{
    (void)state;
    struct heard h;
    heard_init(&h);
    h.keep_bytes = false;
    struct client_http_handler handler = {heard_head, pause_in_data, heard_end, &h};
    struct client_http_request rq = request_make("GET", at("/bytes/30000000"));
    rq.limits.stall_ms = 2000;
    struct error e = {0};
    assert_int_equal(client_http_start(http, &rq, &handler, &h.call, &e), ERR_OK);
    heard_wait_bytes(&h, 1);
    sleep_ms(2300);
    lock_take(&h.lock);
    assert_true(h.bytes <= 16384);
    assert_int_equal(h.ends, 0);
    lock_give(&h.lock);
    for (int i = 0; i < 200; i++) { /* and in any order */
        client_http_resume(h.call);
        client_http_pause(h.call);
    }
    client_http_resume(h.call);
    heard_wait_end(&h);
    if (h.e.code != ERR_OK) fail_msg("%s", h.e.message);
    assert_int_equal(h.bytes, 30000000);
    heard_done(&h);
}

static void test_paused_cancel(void **state)
{
    (void)state;
    struct heard h;
    heard_init(&h);
    struct client_http_handler handler = {heard_head, pause_in_data, heard_end, &h};
    struct client_http_request rq = request_make("GET", at("/bytes/10000000"));
    struct error e = {0};
    assert_int_equal(client_http_start(http, &rq, &handler, &h.call, &e), ERR_OK);
    heard_wait_bytes(&h, 1);
    sleep_ms(20);
    assert_cancelled(&h);
    heard_done(&h);
}

/* Freeing the client ends what is open, each once. */
static void test_freed(void **state)
{
    (void)state;
    struct client_http *before = http;
    http = http_new();
    struct heard h[20];
    const char *paths[] = {"/silent", "/forever", "/stall", "/slow/5000"};
    for (int i = 0; i < 20; i++) {
        heard_init(&h[i]);
        struct client_http_request rq = request_make("GET", at(paths[i % 4]));
        start(&h[i], &rq);
        if (i == 14) heard_wait_bytes(&h[13], 1);
        if (i == 14) client_http_cancel(h[3].call);
    }
    client_http_free(http);
    http = before;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(h[i].ends, 1);
        assert_string_equal(h[i].e.reason, "cancelled");
        heard_done(&h[i]);
    }
    client_http_free(NULL);
}

static void test_busy(void **state)
{
    (void)state;
    struct client_http_options o = CLIENT_HTTP_DEFAULTS;
    struct client_http *before = http;
    struct error e = {0};
    struct heard h[3];
    o.max_open = 2;
    assert_int_equal(client_http_new(&o, &http, &e), ERR_OK);
    struct client_http_request rq = request_make("GET", at("/silent"));
    for (int i = 0; i < 3; i++)
        heard_init(&h[i]);
    start(&h[0], &rq);
    start(&h[1], &rq);
    struct client_http_handler handler = heard_handler(&h[2]);
    assert_int_equal(client_http_start(http, &rq, &handler, &h[2].call, &e), ERR_BUSY);
    assert_string_equal(e.reason, "too_busy");
    assert_null(h[2].call);
    assert_cancelled(&h[0]);
    start(&h[2], &rq); /* there is room again */
    client_http_free(http);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(h[i].ends, 1);
        heard_done(&h[i]);
    }
    http = before;
}

static void refused(const char *method, const char *url, struct client_header header, const char *reason)
{
    struct error e = {0};
    struct client_http_call *c = NULL;
    struct client_http_request rq = request_make(method, url);
    struct client_http_handler handler = {.on_end = heard_end};
    rq.headers = &header;
    rq.n_headers = 1;
    assert_int_equal(client_http_start(http, &rq, &handler, &c, &e), ERR_INVALID);
    assert_string_equal(e.reason, reason);
    assert_null(c);
    if (strstr(e.message, "s3cret")) fail_msg("a message shows a secret: %s", e.message);
}

static void test_refused(void **state)
{
    (void)state;
    struct client_header fine = {STR("a"), STR("b")};
    const char *urls[] = {"",        "example.com",       "ftp://example.com/s3cret", "file:///etc/s3cret",
                          "http://", "http://a b/s3cret", "http://a/s3\ncret"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        refused("GET", urls[i], fine, "bad_url");
    refused("GE T", at("/"), fine, "bad_header");
    refused("", at("/"), fine, "bad_header");
    refused("GET", at("/"), (struct client_header){STR("a"), STR("s3cret\r\nb: c")}, "bad_header");
    refused("GET", at("/"), (struct client_header){STR("a\nb"), STR("s3cret")}, "bad_header");
    refused("GET", at("/"), (struct client_header){STR(""), STR("s3cret")}, "bad_header");
    refused("GET", at("/"), (struct client_header){STR("a"), STR("s3cret\0")}, "bad_header");
}

/* The proxy of the environment is asked, unless the request is for this machine. */
static void test_proxy(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    assert_int_equal(setenv("http_proxy", at("/"), 1), 0);
    struct client_http_request rq = request_make("GET", "http://prism-test.invalid/some/path");
    struct client_http_answer got = get_all(a, &rq);
    assert_int_equal(got.status, 404);
    assert_str(got.body, "{\"path\": \"http://prism-test.invalid/some/path\"}");
    char url[64];
    int fd = listen_silently(false, url, sizeof url, "http");
    rq = request_make("GET", url);
    assert_int_equal(get_all(a, &rq).status, 404);
    rq.no_proxy = true;
    assert_int_equal(client_http_get_all(http, &rq, a, &got, &e), ERR_UPSTREAM);
    assert_string_equal(e.reason, "no_route");
    assert_int_equal(unsetenv("http_proxy"), 0);
    (void)close(fd);
}

#define MANY 1000

/* A thousand answers at once, each whole and its own. */
static void test_many(void **state)
{
    (void)state;
    struct heard *h = calloc(MANY, sizeof *h);
    assert_non_null(h);
    for (int i = 0; i < MANY; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/drip/%d/50", 3 + i % 4);
        heard_init(&h[i]);
        struct client_http_request rq = request_make("POST", at(path));
        rq.body = STR("{\"prompt\":\"some text\"}");
        start(&h[i], &rq);
    }
    for (int i = 0; i < MANY; i++) {
        heard_wait_end(&h[i]);
        if (h[i].e.code != ERR_OK) fail_msg("%d: %s (%s)", i, h[i].e.message, h[i].e.detail);
        CLEANUP_SB struct sb want = SB_INIT(1000);
        for (int k = 0; k < 3 + i % 4; k++)
            sb_printf(&want, "piece %d;", k);
        assert_same(sb_view(&h[i].text), sb_view(&want));
        heard_done(&h[i]);
    }
    free(h);
}

static int set_up(void **state)
{
    (void)state;
    char path[4096];
    char python[] = "python3";
    struct rlimit files = {0};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < 8192 ? files.rlim_max : 8192;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)source_path(path, sizeof path, "tests/support/fake_http.py");
    assert_true(fake_start(&server, (char *const[]){python, path, NULL}));
    http = http_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    client_http_free(http);
    fake_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sent),   cmocka_unit_test(test_bodies),        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_pieces), cmocka_unit_test(test_kept),          cmocka_unit_test(test_limits),
        cmocka_unit_test(test_broken), cmocka_unit_test(test_cancel),        cmocka_unit_test(test_cancel_within),
        cmocka_unit_test(test_pause),  cmocka_unit_test(test_paused_cancel), cmocka_unit_test(test_freed),
        cmocka_unit_test(test_busy),   cmocka_unit_test(test_refused),       cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
