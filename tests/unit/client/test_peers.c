/* Our signatures and our reader of event streams, judged by the AWS SDK's own code (tests/peers/aws.mjs). Skipped, in words, where its
 * packages are not installed (npm ci in tests/peers). */
#include "base/time.h"
#include "client/eventstream.h"
#include "client/sigv4.h"
#include "http_test.h"

static struct fake server;
static struct client_http *http;

static void needs_server(void)
{
    if (server.pid > 0) return;
    print_message("# the AWS SDK's packages are not installed in tests/peers: signatures are not judged by them\n");
    skip();
}

struct events {
    struct sb path, body, types, text;
};

static enum err take(void *ctx, const struct client_eventstream_message *m, struct error *e)
{
    (void)e;
    struct events *x = ctx;
    struct str type = client_eventstream_text(m, STR(":event-type"));
    struct sb *b = str_eq(type, STR("path"))    ? &x->path
                   : str_eq(type, STR("body"))  ? &x->body
                   : str_eq(type, STR("types")) ? &x->types
                                                : &x->text;
    sb_str(b, m->payload);
    for (size_t i = 3; i < m->n_headers; i++) {
        sb_printf(b, "%.*s/%d=", STR_ARG(m->headers[i].name), (int)m->headers[i].type);
        for (size_t k = 0; k < m->headers[i].value.n; k++)
            sb_printf(b, "%02x", (unsigned char)m->headers[i].value.p[k]);
        sb_char(b, ' ');
    }
    return ERR_OK;
}

/* The stream is read as it comes. */
struct reading {
    struct heard heard;
    struct client_eventstream *reader;
    enum err err;
    struct error e;
};

static void read_data(void *ctx, struct str bytes)
{
    struct reading *r = ctx;
    if (r->heard.status == 200) r->err = client_eventstream_feed(r->reader, bytes, &r->e);
    heard_data(&r->heard, bytes);
}

static void read_head(void *ctx, const struct client_http_head *head)
{
    heard_head(&((struct reading *)ctx)->heard, head);
}

static void read_end(void *ctx, const struct error *e) { heard_end(&((struct reading *)ctx)->heard, e); }

static void send_and_read(const struct client_http_request *rq, const char *path, struct str body)
{
    struct events x = {SB_INIT(1 << 20), SB_INIT(1 << 20), SB_INIT(1 << 20), SB_INIT(1 << 20)};
    struct reading r = {.reader = NULL};
    struct error e = {0};
    heard_init(&r.heard);
    assert_int_equal(client_eventstream_new(1 << 20, take, &x, &r.reader, &e), ERR_OK);
    struct client_http_handler handler = {read_head, read_data, read_end, &r};
    if (client_http_start(http, rq, &handler, &r.heard.call, &e) != ERR_OK) fail_msg("%s", e.message);
    heard_wait_end(&r.heard);
    if (r.heard.status != 200)
        fail_msg("%.*s: %d %.*s", STR_ARG(rq->url), r.heard.status, STR_ARG(sb_view(&r.heard.text)));
    if (r.err != ERR_OK) fail_msg("%s", r.e.message);
    assert_int_equal(client_eventstream_end(r.reader, &e), ERR_OK);
    assert_str(sb_view(&x.path), path);
    assert_same(sb_view(&x.body), body);
    assert_str(sb_view(&x.types),
               "yes/0= no/1= byte/2=ff short/3=0102 integer/4=01020304 long/5=fffffffffffffffe binary/6=00ff "
               "string/7=c3a9e282ac time/8=0000018bcfe5687b uuid/9=00112233445566778899aabbccddeeff ");
    struct str word = STR("Gr\xc3\xbc\xc3\x9f"
                          "e, \xe4\xb8\x96\xe7\x95\x8c, \xf0\x9f\x99\x82. ");
    assert_int_equal(x.text.n, 4000 * word.n);
    for (size_t i = 0; i < 4000; i++)
        assert_same(str_sub(sb_view(&x.text), i * word.n, (i + 1) * word.n), word);
    client_eventstream_free(r.reader);
    sb_done(&x.path);
    sb_done(&x.body);
    sb_done(&x.types);
    sb_done(&x.text);
    heard_done(&r.heard);
}

static struct client_sigv4_options options(const char *service)
{
    struct client_sigv4_options o = CLIENT_SIGV4_DEFAULTS;
    o.access_key = STR("AKIDEXAMPLE");
    o.secret_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    o.region = STR("eu-west-1");
    o.service = str_from_c(service);
    o.at_unix_ms = time_now_unix_ms();
    return o;
}

/* path: as on the wire, with what the server must have seen of it (without the query). */
static void signed_send(const char *method, const char *target, const char *path, struct str body,
                        const struct client_sigv4_options *o)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct client_header headers[CLIENT_SIGV4_HEADERS_MAX + 2] = {{STR("Content-Type"), STR("application/json")},
                                                                  {STR("X-Amz-Meta-Odd"), STR("  two   spaces ")}};
    struct str url = str_printf(a, "http://127.0.0.1:%u%s", server.port, target);
    struct client_sigv4_request to_sign = {
        .method = str_from_c(method), .url = url, .headers = headers, .n_headers = 2, .body = body};
    struct client_sigv4_signed got;
    struct error e = {0};
    if (client_sigv4_sign(a, &to_sign, o, &got, &e) != ERR_OK) fail_msg("%s", e.message);
    memcpy(headers + 2, got.headers, got.n_headers * sizeof *headers);
    struct client_http_request rq = request_make(method, "");
    rq.url = url;
    rq.headers = headers;
    rq.n_headers = 2 + got.n_headers;
    rq.body = body;
    send_and_read(&rq, path, body);
}

/* Model ids and profiles as they stand in a path. */
static void test_bedrock(void **state)
{
    (void)state;
    needs_server();
    const char *models[] = {
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
        "arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/x y+z%",
    };
    for (size_t i = 0; i < 2 * (sizeof models / sizeof *models); i++) {
        CLEANUP_SB struct sb b = SB_INIT(4096);
        CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
        struct error e = {0};
        struct str target = STR_EMPTY;
        SB_LIT(&b, "/model/");
        client_sigv4_encode(&b, str_from_c(models[i / 2]));
        SB_LIT(&b, "/converse-stream");
        assert_int_equal(sb_take(&b, a, &target, &e), ERR_OK);
        struct client_sigv4_options o = options("bedrock");
        if (i % 2) o.session_token = STR("AQoDYXdzEPT//////////wEXAMPLE==");
        signed_send("POST", target.p, target.p,
                    STR("{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"h\xc3\xa9\"}]}]}"), &o);
    }
}

static void test_queries(void **state)
{
    (void)state;
    needs_server();
    struct client_sigv4_options o = options("bedrock");
    signed_send("GET", "/inference-profiles?type=SYSTEM_DEFINED&maxResults=1000&nextToken=a%2Fb%3D%3D",
                "/inference-profiles", STR_EMPTY, &o);
    signed_send("GET", "/a/./b/../c//d?b=2&a=1&a=%20&empty=&B=3", "/a/./b/../c//d", STR_EMPTY, &o);
}

static void test_s3(void **state)
{
    (void)state;
    needs_server();
    struct client_sigv4_options o = options("s3");
    o.encode_path = o.normalize_path = false;
    o.body = CLIENT_SIGV4_BODY_SAID;
    signed_send("PUT", "/bucket/some%20key/%C3%A9.docx", "/bucket/some%20key/%C3%A9.docx", STR("bytes"), &o);
    o.body = CLIENT_SIGV4_BODY_FREE;
    signed_send("PUT", "/bucket/a//b?uploads", "/bucket/a//b", STR("bytes"), &o);
}

static void test_presigned(void **state)
{
    (void)state;
    needs_server();
    for (int i = 0; i < 2; i++) {
        CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
        struct client_sigv4_options o = options("bedrock");
        if (i) o.session_token = STR("AQoDYXdzEPT//////////wEXAMPLE==");
        struct client_sigv4_request to_sign = {.method = STR("GET")};
        struct client_sigv4_signed got;
        struct error e = {0};
        to_sign.url = str_printf(a, "http://127.0.0.1:%u/model/a%%3A0/x?b=2&a=%%2F", server.port);
        assert_int_equal(client_sigv4_presign(a, &to_sign, &o, 300, &got, &e), ERR_OK);
        struct client_http_request rq = request_make("GET", "");
        rq.url = got.url;
        send_and_read(&rq, "/model/a%3A0/x", STR_EMPTY);
    }
}

/* The judge says no where it should. */
static void test_judge(void **state)
{
    (void)state;
    needs_server();
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct client_sigv4_options o = options("bedrock");
    o.secret_key = STR("another");
    struct client_sigv4_request to_sign = {.method = STR("POST"), .body = STR("{}")};
    struct client_sigv4_signed got;
    struct client_http_answer answer;
    struct error e = {0};
    to_sign.url = str_printf(a, "http://127.0.0.1:%u/model/a/converse", server.port);
    assert_int_equal(client_sigv4_sign(a, &to_sign, &o, &got, &e), ERR_OK);
    struct client_http_request rq = request_make("POST", "");
    rq.url = to_sign.url;
    rq.headers = got.headers;
    rq.n_headers = got.n_headers;
    rq.body = STR("{}");
    assert_int_equal(client_http_get_all(http, &rq, a, &answer, &e), ERR_OK);
    assert_int_equal(answer.status, 403);
}

static int set_up(void **state)
{
    (void)state;
    char path[4096], node[] = "node";
    (void)source_path(path, sizeof path, "tests/peers/aws.mjs");
    if (!fake_start(&server, (char *const[]){node, path, NULL})) fake_stop(&server);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bedrock), cmocka_unit_test(test_queries),
                                       cmocka_unit_test(test_s3), cmocka_unit_test(test_presigned),
                                       cmocka_unit_test(test_judge)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
