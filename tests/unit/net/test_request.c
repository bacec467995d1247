/* net/request: targets, decoding, look-ups; net/cookies and net/header through them. */
#include "net/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/cookies.h"
#include "net/header_priv.h"
#include "net/multipart.h"

static struct net_request rq;
static struct str raw;
static struct error e;

static int set_up(void **state)
{
    (void)state;
    rq = (struct net_request){.arena = arena_new(1 << 20)};
    raw = STR_EMPTY;
    e = (struct error){0};
    return rq.arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(rq.arena);
    return 0;
}

static void good(const char *target)
{
    assert_int_equal(net_request_target(&rq, str_from_c(target), &raw, &e), ERR_OK);
}

static void bad(struct str target, const char *reason)
{
    struct net_request fresh = {.arena = rq.arena};
    struct error mine = {0};
    assert_int_equal(net_request_target(&fresh, target, &raw, &mine), ERR_INVALID);
    assert_string_equal(mine.reason, reason);
}
#define BAD_PATH(s)  bad(STR(s), "bad_path")
#define BAD_QUERY(s) bad(STR(s), "bad_query")

#define assert_str(s, text)                                                                                            \
    do {                                                                                                               \
        struct str got_ = (s);                                                                                         \
        assert_non_null(got_.p);                                                                                       \
        if (!str_eq_c(got_, text)) fail_msg("got \"%.*s\"", STR_ARG(got_));                                            \
    } while (0)

static void paths_and_queries_are_decoded(void **state)
{
    (void)state;
    good("/a%20b/%C3%A9?q=x+y%2Bz&empty=&flag&%C3%A9=%E2%82%AC&q=second&lines=a%0Ab");
    assert_str(rq.path, "/a b/\xC3\xA9");
    assert_str(raw, "/a%20b/%C3%A9");
    assert_str(net_query(&rq, "q"), "x y+z");
    assert_str(net_query(&rq, "empty"), "");
    assert_str(net_query(&rq, "flag"), "");
    assert_str(net_query(&rq, "\xC3\xA9"), "\xE2\x82\xAC");
    assert_str(net_query(&rq, "lines"), "a\nb");
    assert_null(net_query(&rq, "none").p);
    assert_null(net_query(&rq, "Q").p);
    assert_int_equal(rq.n_queries, 6);
}

static void a_target_without_query_has_none(void **state)
{
    (void)state;
    good("/x");
    assert_null(rq.query_text.p);
    assert_int_equal(rq.n_queries, 0);
    good("/x?");
    assert_non_null(rq.query_text.p);
    assert_int_equal(rq.n_queries, 0);
    good("/a?&&b=1&");
    assert_str(net_query(&rq, "b"), "1");
    assert_int_equal(rq.n_queries, 1);
}

static void an_absolute_target_names_the_host(void **state)
{
    (void)state;
    good("http://example.org:8000/p?q=1");
    assert_str(rq.host, "example.org:8000");
    assert_str(rq.path, "/p");
    assert_str(net_query(&rq, "q"), "1");
    BAD_PATH("http://example.org"); /* an empty path is for the client to write as "/" */
}

static void what_is_no_path_is_refused(void **state)
{
    (void)state;
    BAD_PATH("");
    BAD_PATH("*");
    BAD_PATH("x/y");
    BAD_PATH("/a b");
    BAD_PATH("/%");
    BAD_PATH("/%4");
    BAD_PATH("/%4g");
    BAD_PATH("/%00");
    BAD_PATH("/%0A");
    BAD_PATH("/%7f");
    BAD_PATH("/%C3%28");
    BAD_PATH("/%ED%A0%80"); /* a surrogate */
    BAD_PATH("/%C0%AF");    /* a long form of '/' */
    BAD_PATH("/\xC3");
    BAD_PATH("/a#b");
    BAD_PATH("/a/../b");
    BAD_PATH("/a/%2e%2E/b");
    BAD_PATH("/.");
    BAD_PATH("/a/./b");
    BAD_PATH("/a%2f..%2Fb"); /* a decoded slash borders a segment too */
    good("/...");
    good("/.well-known/x");
}

static void what_is_no_query_is_refused(void **state)
{
    (void)state;
    BAD_QUERY("/?q=%");
    BAD_QUERY("/?q=%00");
    BAD_QUERY("/?q=%1b");
    BAD_QUERY("/?q=%FF");
    BAD_QUERY("/?%C3=1");
    BAD_QUERY("/?q=a b");
    char many[4096] = "/?";
    for (int i = 0; i < NET_QUERIES_MAX; i++)
        memcpy(many + 2 + i * 4, "a=1&", 4);
    bad((struct str){many, 2 + NET_QUERIES_MAX * 4}, "bad_query"); /* one more, empty */
    struct net_request fresh = {.arena = rq.arena};
    assert_int_equal(net_request_target(&fresh, (struct str){many, 1 + NET_QUERIES_MAX * 4}, &raw, &e), ERR_OK);
    assert_int_equal(fresh.n_queries, NET_QUERIES_MAX);
}

static enum err handler(struct net_request *r, struct net_response *rs, struct error *err)
{
    (void)r;
    (void)rs;
    (void)err;
    return ERR_OK;
}

static void parameters_have_the_names_of_the_pattern(void **state)
{
    (void)state;
    static const struct net_route route = {.method = NET_GET, .pattern = "/d/{id}/f/{name*}", .handler = handler};
    struct net_router *r = NULL;
    assert_null(net_param(&rq, "id").p);
    assert_int_equal(net_router_new(rq.arena, &route, 1, &r, &e), ERR_OK);
    good("/d/a%2Fb/f/x/%C3%A9");
    struct net_match m = net_router_match(r, NET_GET, raw);
    assert_int_equal(net_request_params(&rq, &m, &e), ERR_OK);
    rq.route = m.route;
    assert_str(net_param(&rq, "id"), "a/b");
    assert_str(net_param(&rq, "name"), "x/\xC3\xA9");
    assert_null(net_param(&rq, "other").p);
}

static void headers_and_parts_are_found_by_name(void **state)
{
    (void)state;
    struct net_pair headers[] = {{STR_INIT("X-One"), STR_INIT("1")}, {STR_INIT("x-one"), STR_INIT("2")}};
    struct net_part parts[] = {{.name = STR("a"), .bytes = STR("A")}, {.name = STR("b"), .bytes = STR("B")}};
    rq.headers = headers;
    rq.n_headers = 2;
    rq.parts = parts;
    rq.n_parts = 2;
    assert_str(net_header(&rq, "x-ONE"), "1");
    assert_null(net_header(&rq, "x-two").p);
    assert_str(net_part(&rq, "b")->bytes, "B");
    assert_null(net_part(&rq, "c"));
}

static void cookies_are_read(void **state)
{
    (void)state;
    struct str header = STR("a=1; session=\"q u\"; b=x=y;; =no; none ; c=");
    assert_int_equal(net_cookies_parse(rq.arena, header, &rq.cookies, &rq.n_cookies, &e), ERR_OK);
    assert_int_equal(rq.n_cookies, 4);
    assert_str(net_cookie(&rq, "a"), "1");
    assert_str(net_cookie(&rq, "session"), "q u");
    assert_str(net_cookie(&rq, "b"), "x=y");
    assert_str(net_cookie(&rq, "c"), "");
    assert_null(net_cookie(&rq, "A").p);
    assert_null(net_cookie(&rq, "none").p);
}

static void cookies_beyond_the_limit_are_left_out(void **state)
{
    (void)state;
    char many[2000];
    size_t n = 0;
    for (int i = 0; i < 300; i++, n += 4)
        memcpy(many + n, "a=b;", 4);
    assert_int_equal(net_cookies_parse(rq.arena, (struct str){many, n}, &rq.cookies, &rq.n_cookies, &e), ERR_OK);
    assert_int_equal(rq.n_cookies, NET_COOKIES_MAX);
}

static void parameters_of_a_header_value(void **state)
{
    (void)state;
    struct str v = STR("form-data; a=1; b=\"x;y=\\\"z\\\\\"; C = t ;filename=\"C:\\dir\\f.docx\"");
    struct str got = STR_EMPTY;
    assert_int_equal(net__header_parameter(rq.arena, v, "a", &got, &e), ERR_OK);
    assert_str(got, "1");
    assert_int_equal(net__header_parameter(rq.arena, v, "b", &got, &e), ERR_OK);
    assert_str(got, "x;y=\"z\\");
    assert_int_equal(net__header_parameter(rq.arena, v, "c", &got, &e), ERR_OK);
    assert_str(got, "t");
    assert_int_equal(net__header_parameter(rq.arena, v, "filename", &got, &e), ERR_OK);
    assert_str(got, "C:\\dir\\f.docx");
    assert_int_equal(net__header_parameter(rq.arena, v, "y", &got, &e), ERR_OK);
    assert_null(got.p);
}

static void extended_values(void **state)
{
    (void)state;
    struct str got = STR_EMPTY;
    assert_int_equal(net__header_extended(rq.arena, STR("UTF-8'en'%e2%82%ac%20rates"), &got, &e), ERR_OK);
    assert_str(got, "\xE2\x82\xAC rates");
    assert_int_equal(net__header_extended(rq.arena, STR("utf-8''a"), &got, &e), ERR_OK);
    assert_str(got, "a");
    const char *none[] = {"ISO-8859-1''a", "a", "UTF-8'a", "UTF-8''%f", "UTF-8''%ff"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(net__header_extended(rq.arena, str_from_c(none[i]), &got, &e), ERR_OK);
        assert_null(got.p);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paths_and_queries_are_decoded),
        TEST(a_target_without_query_has_none),
        TEST(an_absolute_target_names_the_host),
        TEST(what_is_no_path_is_refused),
        TEST(what_is_no_query_is_refused),
        TEST(parameters_have_the_names_of_the_pattern),
        TEST(headers_and_parts_are_found_by_name),
        TEST(cookies_are_read),
        TEST(cookies_beyond_the_limit_are_left_out),
        TEST(parameters_of_a_header_value),
        TEST(extended_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
