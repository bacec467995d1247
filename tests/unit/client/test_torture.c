/* Every allocation fails once. */
#include "support/torture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sb.h"
#include "client/credentials.h"
#include "client/eventstream.h"
#include "client/sigv4.h"
#include "client/sse_in.h"
#include "client_test.h"
#include "support/frame.h"

static enum err on_message(void *ctx, const struct client_eventstream_message *m, struct error *e)
{
    (void)m;
    (void)e;
    ++*(size_t *)ctx;
    return ERR_OK;
}

static enum err use_eventstream(void *ctx, struct error *e)
{
    struct str bytes = *(struct str *)ctx;
    struct client_eventstream *r = NULL;
    size_t n = 0;
    TRY(client_eventstream_new(1 << 16, on_message, &n, &r, e));
    enum err err = client_eventstream_feed(r, str_sub(bytes, 0, 5), e);
    if (err == ERR_OK) err = client_eventstream_feed(r, str_sub(bytes, 5, 100), e);
    if (err == ERR_OK) err = client_eventstream_feed(r, str_sub(bytes, 100, bytes.n), e);
    if (err == ERR_OK) err = client_eventstream_end(r, e);
    client_eventstream_free(r);
    if (err == ERR_OK) assert_int_equal(n, 2);
    return err;
}

static void test_eventstream(void **state)
{
    (void)state;
    char room[2048];
    CLEANUP_SB struct sb b = SB_INIT(sizeof room);
    frame_event(&b, STR("contentBlockDelta"), STR("{\"delta\":{\"text\":\"some text that makes it long\"}}"));
    frame_event(&b, STR("messageStop"), STR("{}"));
    struct str bytes = sb_view(&b);
    assert_true(torture_run(use_eventstream, &bytes) >= 4);
}

static enum err on_event(void *ctx, struct str type, struct str data, struct error *e)
{
    (void)type;
    (void)data;
    (void)e;
    ++*(size_t *)ctx;
    return ERR_OK;
}

static enum err use_sse(void *ctx, struct error *e)
{
    (void)ctx;
    struct client_sse *r = NULL;
    size_t n = 0;
    TRY(client_sse_new(1 << 16, on_event, &n, &r, e));
    enum err err = client_sse_feed(r, STR("event: \xff\nda"), e);
    if (err == ERR_OK) err = client_sse_feed(r, STR("ta: \xff\n\ndata: more\n\n"), e);
    client_sse_free(r);
    if (err == ERR_OK) assert_int_equal(n, 2);
    return err;
}

static void test_sse(void **state)
{
    (void)state;
    assert_true(torture_run(use_sse, NULL) >= 6);
}

static enum err use_sigv4(void *ctx, struct error *e)
{
    (void)ctx;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    if (!a) return error_no_memory(e);
    struct client_header type = {STR("Content-Type"), STR("application/json")};
    struct client_sigv4_request rq = {.method = STR("POST"), .headers = &type, .n_headers = 1, .body = STR("{}")};
    rq.url = STR("https://example.com/a/../b?x=1&y=2&z=%20");
    struct client_sigv4_options o = CLIENT_SIGV4_DEFAULTS;
    o.access_key = STR("AKIDEXAMPLE");
    o.secret_key = STR("secret");
    o.session_token = STR("token");
    o.region = STR("eu-west-1");
    o.service = STR("bedrock");
    struct client_sigv4_signed got = {.n_headers = 0};
    TRY(client_sigv4_sign(a, &rq, &o, &got, e));
    return client_sigv4_presign(a, &rq, &o, 60, &got, e);
}

static void test_sigv4(void **state)
{
    (void)state;
    assert_true(torture_run(use_sigv4, NULL) >= 20);
}

/* Nothing is asked over HTTP: the keys are in the files. */
static const char *env(void *ctx, const char *name)
{
    const char *path = ctx;
    if (strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0 || strcmp(name, "AWS_CONFIG_FILE") == 0) return path;
    return strcmp(name, "HOME") == 0 ? "/nonexistent" : NULL;
}

static enum err use_credentials(void *ctx, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    if (!a) return error_no_memory(e);
    struct client_credentials_options o = {.env = env, .env_ctx = ctx};
    struct client_credentials *c = NULL;
    struct client_keys k;
    struct str region = STR_EMPTY;
    TRY(client_credentials_new(&o, &c, e));
    enum err err = client_credentials_get(c, a, &k, e);
    if (err == ERR_OK) err = client_credentials_region(c, a, &region, e);
    client_credentials_free(c);
    if (err == ERR_OK) {
        assert_str(k.access_key, "AKIA");
        assert_str(region, "eu-west-1");
    }
    return err;
}

static void test_credentials(void **state)
{
    (void)state;
    char path[] = "/tmp/prism-torture-XXXXXX";
    static const char text[] = "[default]\naws_access_key_id=AKIA\naws_secret_access_key=s\nregion=eu-west-1\n";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    (void)close(fd);
    assert_true(torture_run(use_credentials, path) >= 8);
    (void)remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_eventstream), cmocka_unit_test(test_sse),
                                       cmocka_unit_test(test_sigv4), cmocka_unit_test(test_credentials)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
