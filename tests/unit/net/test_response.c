/* net/response, net/assets and the sending side of net/cookies, without a socket: what an answer holds in the end. */
#include "net/response.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/assets.h"
#include "net/cookies.h"
#include "net/response_priv.h"

static struct net_request rq;
static struct net_response rs;
static struct net_pair headers[4];
static struct error e;

static int set_up(void **state)
{
    (void)state;
    rq = (struct net_request){.arena = arena_new(1 << 20), .id = STR("the-id"), .headers = headers};
    net__response_init(&rs, rq.arena);
    e = (struct error){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    net__response_reset(&rs);
    arena_free(rq.arena);
    return 0;
}

static void asks(const char *name, struct str value)
{
    headers[rq.n_headers++] = (struct net_pair){str_from_c(name), value};
}

static struct str header(const char *name)
{
    for (size_t i = 0; i < rs.headers.n; i++) {
        if (str_eq_c(rs.headers.at[i].name, name)) return rs.headers.at[i].value;
    }
    return STR_EMPTY;
}

static void assert_header(const char *name, const char *value)
{
    struct str got = header(name);
    assert_non_null(got.p);
    if (!str_eq_c(got, value)) fail_msg("%s: %.*s", name, STR_ARG(got));
}

static size_t refused_size;
static enum err settle(void) { return net__response_settle(&rs, &rq, &refused_size, &e); }

static void every_answer_is_guarded(void **state)
{
    (void)state;
    net_response_status(&rs, 200);
    net_response_body(&rs, "application/json", STR("{}"));
    net__response_finish(&rs, &rq);
    assert_header("Content-Type", "application/json");
    assert_header("X-Content-Type-Options", "nosniff");
    assert_header("Referrer-Policy", "same-origin");
    assert_header("Cross-Origin-Resource-Policy", "same-origin");
    assert_header("Cross-Origin-Opener-Policy", "same-origin");
    assert_header("Cache-Control", "no-store");
    assert_header("X-Request-Id", "the-id");
    struct str csp = header("Content-Security-Policy");
    assert_true(str_find(csp, STR("default-src 'none'"), 0) == 0);
    assert_true(str_find(csp, STR("frame-ancestors 'none'"), 0) != STR_NONE);
    assert_true(str_find(csp, STR("require-trusted-types-for 'script'"), 0) != STR_NONE);
    assert_true(str_find(csp, STR("unsafe"), 0) == STR_NONE);
}

static void a_handler_chooses_its_caching(void **state)
{
    (void)state;
    net_response_status(&rs, 200);
    net_response_header(&rs, "cache-control", STR("max-age=5"));
    net__response_finish(&rs, &rq);
    assert_header("cache-control", "max-age=5");
    assert_null(header("Cache-Control").p);
}

static void headers_cannot_be_split(void **state)
{
    (void)state;
    net_response_header(&rs, "Location", STR("/a\r\nSet-Cookie: x=y"));
    assert_true(rs.failed);
    net__response_reset(&rs);
    net_response_header(&rs, "Location", STR("/a"));
    assert_false(rs.failed);
    net_response_header(&rs, "Location", STR("/a\0b"));
    assert_true(rs.failed);
}

static void conditions(void **state)
{
    (void)state;
    net_response_status(&rs, 200);
    net_response_body(&rs, "text/css", STR("body"));
    net_response_header(&rs, "Content-Encoding", STR("gzip"));
    net_response_header(&rs, "Vary", STR("Accept-Encoding"));
    net_response_etag(&rs, STR("v2"));
    asks("If-None-Match", STR("\"v1\", W/\"v2\""));
    assert_int_equal(settle(), ERR_OK);
    net__response_finish(&rs, &rq);
    assert_int_equal(rs.status, 304);
    assert_int_equal(rs.body.n, 0);
    assert_header("ETag", "\"v2\"");
    assert_header("Vary", "Accept-Encoding");
    assert_null(header("Content-Type").p);
    assert_null(header("Content-Encoding").p);
}

static void conditions_that_do_not_hold(void **state)
{
    (void)state;
    net_response_status(&rs, 200);
    net_response_body(&rs, "text/css", STR("body"));
    net_response_etag(&rs, STR("v2"));
    asks("If-None-Match", STR("\"v1\""));
    assert_int_equal(settle(), ERR_OK);
    assert_int_equal(rs.status, 200);
    rq.n_headers = 0;
    asks("If-None-Match", STR("\"v2\""));
    rq.method = NET_POST;
    assert_int_equal(settle(), ERR_OK);
    assert_int_equal(rs.status, 200);
    rq.method = NET_GET;
    rs.status = 404;
    assert_int_equal(settle(), ERR_OK);
    assert_int_equal(rs.status, 404);
}

static void etag_lists(void **state)
{
    (void)state;
    assert_true(net_etag_matches(STR("*"), STR("x")));
    assert_true(net_etag_matches(STR(" \"a\" ,\"x\""), STR("x")));
    assert_true(net_etag_matches(STR("W/\"x\""), STR("x")));
    assert_true(net_etag_matches(STR("\"a,b\", \"x\""), STR("a,b")));
    assert_false(net_etag_matches(STR("\"a\""), STR("x")));
    assert_false(net_etag_matches(STR("x"), STR("x")));
    assert_false(net_etag_matches(STR(""), STR("x")));
    assert_false(net_etag_matches(STR("\"x"), STR("x")));
    net_response_etag(&rs, STR("with\"quote"));
    assert_true(rs.failed);
}

/* A file of 100 bytes, answered. */
static void file_answer(void)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 100), 0);
    net__response_reset(&rs);
    net_response_status(&rs, 200);
    net_response_fd(&rs, fd, 100, "application/zip");
    net_response_etag(&rs, STR("f1"));
    rq.n_headers = 0;
}

static void range(struct str wanted, int status, size_t from, size_t n, const char *content_range)
{
    file_answer();
    asks("Range", wanted);
    assert_int_equal(settle(), ERR_OK);
    assert_int_equal(rs.status, status);
    assert_int_equal(rs.fd_from, from);
    assert_int_equal(rs.fd_size, n);
    if (content_range)
        assert_header("Content-Range", content_range);
    else
        assert_null(header("Content-Range").p);
}

static void ranges(void **state)
{
    (void)state;
    range(STR("bytes=0-9"), 206, 0, 10, "bytes 0-9/100");
    range(STR("bytes=90-"), 206, 90, 10, "bytes 90-99/100");
    range(STR("bytes=-1"), 206, 99, 1, "bytes 99-99/100");
    range(STR("bytes=-1000"), 206, 0, 100, "bytes 0-99/100");
    range(STR("bytes=99-200"), 206, 99, 1, "bytes 99-99/100");
    range(STR("bytes=0-18446744073709551615"), 206, 0, 100, "bytes 0-99/100");
    range(STR("bytes=5-4"), 200, 0, 100, NULL);
    range(STR("bytes=-"), 200, 0, 100, NULL);
    range(STR("bytes=a-b"), 200, 0, 100, NULL);
    range(STR("bytes=0-1,5-6"), 200, 0, 100, NULL);
    range(STR("lines=0-1"), 200, 0, 100, NULL);
    assert_header("Accept-Ranges", "bytes");
}

static void ranges_that_are_not_there(void **state)
{
    (void)state;
    const char *bad[] = {"bytes=100-", "bytes=-0", "bytes=200-300"};
    for (size_t i = 0; i < 3; i++) {
        file_answer();
        asks("Range", str_from_c(bad[i]));
        e = (struct error){0};
        assert_int_equal(settle(), ERR_INVALID);
        assert_string_equal(e.reason, "bad_range");
        assert_int_equal(refused_size, 100);
    }
}

static void a_range_of_another_version_is_the_whole(void **state)
{
    (void)state;
    file_answer();
    asks("Range", STR("bytes=0-9"));
    asks("If-Range", STR("\"old\""));
    assert_int_equal(settle(), ERR_OK);
    assert_int_equal(rs.status, 200);
    file_answer();
    asks("Range", STR("bytes=0-9"));
    asks("If-Range", STR("\"f1\""));
    assert_int_equal(settle(), ERR_OK);
    assert_int_equal(rs.status, 206);
}

static void attachments_have_safe_names(void **state)
{
    (void)state;
    net_response_attachment(&rs, STR("R\xC3\xA9sum\xC3\xA9 \"x\".docx"));
    assert_header("Content-Disposition",
                  "attachment; filename=\"R_sum_ _x_.docx\"; filename*=UTF-8''R%C3%A9sum%C3%A9%20%22x%22.docx");
    net__response_reset(&rs);
    net_response_attachment(&rs, STR("../a\\b\r\nc%41.docx"));
    assert_header("Content-Disposition",
                  "attachment; filename=\".._a_b__c_41.docx\"; filename*=UTF-8''.._a_b__c%2541.docx");
    net__response_reset(&rs);
    char name[400];
    for (size_t i = 0; i < 399; i += 3)
        memcpy(name + i, "\xE2\x82\xAC", 3);
    net_response_attachment(&rs, (struct str){name, 399});
    assert_false(rs.failed);
    assert_true(header("Content-Disposition").n < 500);
}

static void cookies_are_kept_to_the_server(void **state)
{
    (void)state;
    net_cookie_set(&rs, (struct net_cookie_options){.name = "session", .value = STR("abc"), .secure = true});
    assert_header("Set-Cookie", "session=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
    net__response_reset(&rs);
    net_cookie_set(&rs, (struct net_cookie_options){.name = "s", .value = STR("1"), .path = "/api", .max_age_s = 3600});
    assert_header("Set-Cookie", "s=1; Path=/api; HttpOnly; SameSite=Strict; Max-Age=3600");
    net__response_reset(&rs);
    net_cookie_set(&rs, (struct net_cookie_options){.name = "s", .value = STR(""), .max_age_s = -1});
    assert_header("Set-Cookie", "s=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    net__response_reset(&rs);
    net_cookie_set(&rs, (struct net_cookie_options){.name = "s", .value = STR("a;b")});
    assert_true(rs.failed);
}

static const struct net_asset assets[] = {
    {"/", "text/html; charset=utf-8", STR_INIT("page"), {NULL, 0}, {NULL, 0}, "p1", false},
    {"/a/app.js", "text/javascript", STR_INIT("script"), STR_INIT("gz"), STR_INIT("br"), "s1", true},
    {"/a/only.css", "text/css", STR_INIT("style"), STR_INIT("gz"), {NULL, 0}, "c1", true},
};

static void assets_are_found(void **state)
{
    (void)state;
    assert_ptr_equal(net_asset_find(assets, 3, STR("/")), &assets[0]);
    assert_ptr_equal(net_asset_find(assets, 3, STR("/a/app.js")), &assets[1]);
    assert_ptr_equal(net_asset_find(assets, 3, STR("/a/only.css")), &assets[2]);
    assert_null(net_asset_find(assets, 3, STR("/a/app")));
    assert_null(net_asset_find(assets, 0, STR("/")));
}

static void the_best_encoding_is_chosen(void **state)
{
    (void)state;
    const unsigned all = 1u << NET_IDENTITY | 1u << NET_GZIP | 1u << NET_BROTLI;
    const unsigned gzip = 1u << NET_IDENTITY | 1u << NET_GZIP;
    assert_int_equal(net_accept_encoding(STR("gzip, deflate, br"), all), NET_BROTLI);
    assert_int_equal(net_accept_encoding(STR("gzip, deflate, br"), gzip), NET_GZIP);
    assert_int_equal(net_accept_encoding(STR("gzip"), all), NET_GZIP);
    assert_int_equal(net_accept_encoding(STR("GZIP;q=0.9, br;q=0.8"), all), NET_GZIP);
    assert_int_equal(net_accept_encoding(STR("br;q=0, gzip;q=0"), all), NET_IDENTITY);
    assert_int_equal(net_accept_encoding(STR("*"), all), NET_BROTLI);
    assert_int_equal(net_accept_encoding(STR("*;q=0"), all), NET_IDENTITY);
    assert_int_equal(net_accept_encoding(STR("identity, gzip;q=0.5"), all), NET_IDENTITY);
    assert_int_equal(net_accept_encoding(STR("br;q=nonsense, gzip"), all), NET_GZIP);
    assert_int_equal(net_accept_encoding(STR_EMPTY, all), NET_IDENTITY);
    assert_int_equal(net_accept_encoding(STR(""), all), NET_IDENTITY);
    assert_int_equal(net_accept_encoding(STR("x-gzip"), all), NET_GZIP);
}

static void assets_are_answered(void **state)
{
    (void)state;
    asks("Accept-Encoding", STR("br"));
    net_asset_answer(&assets[1], &rq, &rs);
    assert_true(str_eq(rs.body, STR("br")));
    assert_header("Content-Encoding", "br");
    assert_header("Vary", "Accept-Encoding");
    assert_header("Cache-Control", "public, max-age=31536000, immutable");
    assert_true(str_eq(rs.etag, STR("\"s1-br\"")));
    asks("If-None-Match", STR("\"s1\"")); /* the tag of another encoding */
    assert_int_equal(settle(), ERR_OK);
    assert_int_equal(rs.status, 200);
    net__response_reset(&rs);
    rq.n_headers = 0;
    asks("If-None-Match", STR("\"p1\""));
    net_asset_answer(&assets[0], &rq, &rs);
    assert_header("Cache-Control", "no-cache");
    assert_null(header("Vary").p);
    assert_null(header("Content-Encoding").p);
    assert_int_equal(settle(), ERR_OK);
    assert_int_equal(rs.status, 304);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_answer_is_guarded),
        TEST(a_handler_chooses_its_caching),
        TEST(headers_cannot_be_split),
        TEST(conditions),
        TEST(conditions_that_do_not_hold),
        TEST(etag_lists),
        TEST(ranges),
        TEST(ranges_that_are_not_there),
        TEST(a_range_of_another_version_is_the_whole),
        TEST(attachments_have_safe_names),
        TEST(cookies_are_kept_to_the_server),
        TEST(assets_are_found),
        TEST(the_best_encoding_is_chosen),
        TEST(assets_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
