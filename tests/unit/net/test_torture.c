/* Each allocation of net's parsers and answers fails once: a failure is said, nothing is lost or read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/assets.h"
#include "net/cookies.h"
#include "net/form_priv.h"
#include "net/response_priv.h"
#include "support/torture.h"

static enum err handler(struct net_request *rq, struct net_response *rs, struct error *e)
{
    (void)rq;
    (void)rs;
    (void)e;
    return ERR_OK;
}

static const struct net_route routes[] = {
    {.method = NET_GET, .pattern = "/a/{id}", .handler = handler},
    {.method = NET_GET, .pattern = "/a/b/c", .handler = handler},
    {.method = NET_GET, .pattern = "/{rest*}", .handler = handler},
};

static enum err requests(void *ctx, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct net_router *router = NULL;
    struct net_request rq = {.arena = a};
    struct str raw = STR_EMPTY;
    (void)ctx;
    if (!a) return error_no_memory(e);
    TRY(net_router_new(a, routes, 3, &router, e));
    TRY(net_request_target(&rq, STR("/a/x%20y?q=1&r=%41&s"), &raw, e));
    struct net_match m = net_router_match(router, NET_GET, raw);
    rq.route = m.route;
    TRY(net_request_params(&rq, &m, e));
    TRY(net_cookies_parse(a, STR("a=b; c=d"), &rq.cookies, &rq.n_cookies, e));
    assert_true(str_eq(net_param(&rq, "id"), STR("x y")));
    assert_true(str_eq(net_query(&rq, "r"), STR("A")));
    return ERR_OK;
}

#define BODY                                                                                                           \
    "--XX\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\ntext\r\n--XX\r\n"                                       \
    "Content-Disposition: form-data; name=\"f\"; filename*=UTF-8''r%C3%A9.docx\r\nContent-Type: a/b\r\n\r\n"           \
    "0123456789012345678901234567890123456789\r\n--XX--"

static enum err forms(void *ctx, struct error *e)
{
    static struct net_pair type = {STR_INIT("Content-Type"), STR_INIT("multipart/form-data; boundary=\"XX\"")};
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct net_request rq = {.arena = a, .headers = &type, .n_headers = 1};
    struct net_form *form = NULL;
    (void)ctx;
    if (!a) return error_no_memory(e);
    TRY(net__form_new(&rq, 20, "/tmp", &form, e)); /* the file does not stay in memory */
    TRY(net__form_feed(form, STR(BODY), e));
    TRY(net__form_finish(form, &rq, e));
    assert_true(str_eq(net_part(&rq, "t")->bytes, STR("text")));
    assert_int_equal(net_part(&rq, "f")->bytes.n, 40);
    return ERR_OK;
}

static enum err answers(void *ctx, struct error *e)
{
    static const struct net_asset asset = {"/", "text/html", STR_INIT("page"), STR_INIT("gz"), {NULL, 0}, "p1", true};
    static struct net_pair accept = {STR_INIT("Accept-Encoding"), STR_INIT("gzip")};
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct net_request rq = {.arena = a, .headers = &accept, .n_headers = 1, .id = STR("id")};
    struct net_response rs;
    size_t size = 0;
    (void)ctx;
    if (!a) return error_no_memory(e);
    net__response_init(&rs, a);
    net_asset_answer(&asset, &rq, &rs);
    net_response_attachment(&rs, STR("a\xC3\xA9.docx"));
    net_cookie_set(&rs, (struct net_cookie_options){.name = "s", .value = STR("1")});
    enum err err = net__response_settle(&rs, &rq, &size, e);
    net__response_finish(&rs, &rq);
    if (err == ERR_OK && rs.failed) err = error_no_memory(e);
    if (err == ERR_OK) assert_int_equal(rs.headers.n, 14);
    net__response_reset(&rs);
    return err;
}

/* Under these sanitizers each piece of an arena is an allocation; else the arena and its first chunk are. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AT_LEAST 4
#else
#define AT_LEAST 2
#endif

static void each_allocation_may_fail(void **state)
{
    (void)state;
    assert_in_range(torture_run(requests, NULL), AT_LEAST, SIZE_MAX);
    assert_in_range(torture_run(forms, NULL), AT_LEAST, SIZE_MAX);
    assert_in_range(torture_run(answers, NULL), AT_LEAST, SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
