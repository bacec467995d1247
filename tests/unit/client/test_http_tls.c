/* The HTTP client over TLS: what it trusts, and HTTP/2. The certificate is made by openssl(1) and the server is node's; without either the
 * tests are skipped, and say so. */
#include "http_test.h"

static struct fake server;
static char folder[] = "/tmp/prism-tls-XXXXXX", cert[64], key[64];

static void needs_server(void)
{
    if (server.pid > 0) return;
    print_message("# openssl or node is not installed: HTTP/2 and TLS are not looked at\n");
    skip();
}

static struct client_http *trusting(const char *ca_file)
{
    struct client_http_options o = CLIENT_HTTP_DEFAULTS;
    struct client_http *h = NULL;
    struct error e = {0};
    no_proxies();
    o.ca_file = ca_file;
    assert_int_equal(client_http_new(&o, &h, &e), ERR_OK);
    return h;
}

static const char *at(const char *path)
{
    static char url[128];
    (void)snprintf(url, sizeof url, "https://localhost:%u%s", server.port, path);
    return url;
}

static struct str get(struct client_http *h, struct arena *a, const struct client_http_request *rq)
{
    struct client_http_answer answer = {.status = 0};
    struct error e = {0};
    if (client_http_get_all(h, rq, a, &answer, &e) != ERR_OK) fail_msg("%s (%s)", e.message, e.detail);
    return answer.body;
}

static void start(struct client_http *h, struct heard *heard, const struct client_http_request *rq)
{
    struct error e = {0};
    struct client_http_handler handler = heard_handler(heard);
    if (client_http_start(h, rq, &handler, &heard->call, &e) != ERR_OK) fail_msg("%s", e.message);
}

static void test_trust(void **state)
{
    (void)state;
    needs_server();
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct client_http *h = trusting(NULL);
    struct client_http_request rq = request_make("GET", at("/echo"));
    struct client_http_answer answer;
    struct error e = {0};
    assert_int_equal(client_http_get_all(h, &rq, a, &answer, &e), ERR_UPSTREAM);
    assert_string_equal(e.reason, "tls_failed");
    assert_has(e.hint, "clock");
    client_http_free(h);
    h = trusting(cert);
    char other[128]; /* the certificate is for localhost alone */
    (void)snprintf(other, sizeof other, "https://127.0.0.1:%u/echo", server.port);
    rq = request_make("GET", other);
    assert_int_equal(client_http_get_all(h, &rq, a, &answer, &e), ERR_UPSTREAM);
    assert_string_equal(e.reason, "tls_failed");
    client_http_free(h);
    (void)setenv("SSL_CERT_FILE", cert, 1); /* what is believed where nothing else is said */
    h = trusting(NULL);
    rq = request_make("GET", at("/echo"));
    (void)get(h, a, &rq);
    client_http_free(h);
    (void)setenv("SSL_CERT_FILE", "/nowhere", 1); /* and nobody in its place */
    h = trusting(NULL);
    assert_int_equal(client_http_get_all(h, &rq, a, &answer, &e), ERR_UPSTREAM);
    assert_string_equal(e.reason, "tls_failed");
    client_http_free(h);
    (void)unsetenv("SSL_CERT_FILE");
    h = trusting("/dev/null");
    rq = request_make("GET", at("/echo"));
    assert_int_equal(client_http_get_all(h, &rq, a, &answer, &e), ERR_UPSTREAM);
    assert_string_equal(e.reason, "tls_failed");
    client_http_free(h);
}

static void test_http2(void **state)
{
    (void)state;
    needs_server();
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    struct client_http *h = trusting(cert);
    struct client_header one = {STR("X-One"), STR("1")};
    struct client_http_request rq = request_make("POST", at("/echo"));
    rq.headers = &one;
    rq.n_headers = 1;
    rq.body = STR("body");
    for (int i = 0; i < 3; i++)
        assert_str(get(h, a, &rq), "2.0 POST 1 body");
    rq.body = STR("");
    assert_str(get(h, a, &rq), "2.0 POST 1 ");
    client_http_free(h);
}

/* Many at once over the connection that is there; one that is cancelled or paused is no matter to the others. */
static void test_streams(void **state)
{
    (void)state;
    needs_server();
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    struct client_http *h = trusting(cert);
    struct client_http_request rq = request_make("GET", at("/sessions"));
    struct str sessions = get(h, a, &rq), closed = STR_EMPTY;
    struct heard heard[50];
    for (int i = 0; i < 50; i++) {
        heard_init(&heard[i]);
        heard[i].keep_bytes = false;
        rq = request_make("GET", at(i == 7 ? "/forever" : "/bytes/1000000"));
        start(h, &heard[i], &rq);
        if (i == 9) client_http_pause(heard[9].call);
    }
    heard_wait_bytes(&heard[7], 1);
    client_http_cancel(heard[7].call);
    for (int i = 0; i < 50; i++) {
        if (i == 9) continue;
        heard_wait_end(&heard[i]);
        if (i == 7) assert_string_equal(heard[i].e.reason, "cancelled");
        if (i != 7 && heard[i].e.code != ERR_OK) fail_msg("%d: %s (%s)", i, heard[i].e.message, heard[i].e.detail);
        if (i != 7) assert_int_equal(heard[i].bytes, 1000000);
    }
    client_http_resume(heard[9].call);
    heard_wait_end(&heard[9]);
    assert_int_equal(heard[9].bytes, 1000000);
    for (rq = request_make("GET", at("/closed")); !closed.n || str_eq(closed, STR("0")); sleep_ms(5))
        closed = get(h, a, &rq);
    rq = request_make("GET", at("/sessions"));
    assert_same(get(h, a, &rq), sessions);
    for (int i = 0; i < 50; i++)
        heard_done(&heard[i]);
    client_http_free(h);
}

static bool make_certificate(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(2);
        (void)execlp("openssl", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                     "-keyout", key, "-out", cert, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static int set_up(void **state)
{
    (void)state;
    char path[4096], node[] = "node";
    assert_non_null(mkdtemp(folder));
    (void)snprintf(cert, sizeof cert, "%s/cert.pem", folder);
    (void)snprintf(key, sizeof key, "%s/key.pem", folder);
    (void)source_path(path, sizeof path, "tests/support/fake_h2.mjs");
    if (!make_certificate()) return 0;
    if (!fake_start(&server, (char *const[]){node, path, cert, key, NULL})) fake_stop(&server);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_stop(&server);
    (void)remove(cert);
    (void)remove(key);
    return remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_trust), cmocka_unit_test(test_http2),
                                       cmocka_unit_test(test_streams)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
