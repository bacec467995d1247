/* net/multipart: the same events for every cut; what browsers and curl send; what is refused. */
#include "net/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sb.h"

/* Events as text: "[name|file|type]bytes;" */
struct seen {
    struct sb b;
};

static enum err begin(void *ctx, const struct net_part_head *h, struct error *e)
{
    (void)e;
    struct seen *s = ctx;
    sb_printf(&s->b, "[%.*s|%s%.*s|%.*s]", STR_ARG(h->name), h->file_name.p ? "" : "-", STR_ARG(h->file_name),
              STR_ARG(h->content_type));
    return ERR_OK;
}

static enum err data(void *ctx, struct str bytes, struct error *e)
{
    (void)e;
    struct seen *s = ctx;
    assert_true(bytes.n > 0);
    sb_str(&s->b, bytes);
    return ERR_OK;
}

static enum err end(void *ctx, struct error *e)
{
    (void)e;
    sb_char(&((struct seen *)ctx)->b, ';');
    return ERR_OK;
}

#define TYPE "multipart/form-data; boundary=XX"

/* Feeds the body in pieces of `step` bytes. */
static enum err run(struct seen *s, const char *type, struct str body, size_t step, struct error *e)
{
    struct net_multipart_limits limits = {.parts = 4, .head_bytes = 300};
    struct net_multipart_sink sink = {begin, data, end, s};
    struct net_multipart *m = NULL;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    *s = (struct seen){.b = SB_INIT(1 << 20)};
    TRY(net_multipart_new(a, str_from_c(type), limits, sink, &m, e));
    for (size_t i = 0; i < body.n; i += step)
        TRY(net_multipart_feed(m, str_sub(body, i, i + step), e));
    return net_multipart_finish(m, e);
}

static void gives(const char *type, struct str body, const char *events)
{
    for (size_t step = 1; step <= body.n; step++) {
        struct seen s;
        struct error e = {0};
        enum err err = run(&s, type, body, step, &e);
        if (err != ERR_OK) fail_msg("in pieces of %zu: %s", step, e.message);
        if (!str_eq_c(sb_view(&s.b), events)) fail_msg("in pieces of %zu: %.*s", step, STR_ARG(sb_view(&s.b)));
        sb_done(&s.b);
    }
}

static void refuses(const char *type, struct str body, enum err code, const char *reason, const char *why)
{
    for (size_t step = 1; step <= body.n + 1; step += body.n ? body.n : 1) {
        struct seen s;
        struct error e = {0};
        assert_int_equal(run(&s, type, body, step, &e), code);
        assert_string_equal(e.reason, reason);
        if (!strstr(e.message, why)) fail_msg("\"%s\" does not say \"%s\"", e.message, why);
        sb_done(&s.b);
    }
}
#define BAD(body, why) refuses(TYPE, STR(body), ERR_INVALID, "bad_multipart", why)

#define HEAD "Content-Disposition: form-data; name=\"a\"\r\n"

static void fields_and_files(void **state)
{
    (void)state;
    gives(TYPE,
          STR("--XX\r\n" HEAD "\r\none\r\n--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"r.docx\"\r\n"
              "Content-Type: application/zip\r\n\r\nPK\r\n\r\n--X\r\n--XX--\r\n"),
          "[a|-|]one;[f|r.docx|application/zip]PK\r\n\r\n--X;");
}

static void what_looks_like_a_boundary_is_data(void **state)
{
    (void)state;
    gives(TYPE, STR("--XX\r\n" HEAD "\r\n\r\n\r\r\n-\r\n--\r\n--X\r\r\n--XY\r\n--XX--"),
          "[a|-|]\r\n\r\r\n-\r\n--\r\n--X\r\r\n--XY;");
}

static void empty_parts_and_no_parts(void **state)
{
    (void)state;
    gives(TYPE, STR("--XX\r\n" HEAD "\r\n\r\n--XX--"), "[a|-|];");
    gives(TYPE, STR("--XX--\r\n"), "");
    gives(TYPE, STR("preamble\r\n--XX \t\r\n" HEAD "\r\nx\r\n--XX--epilogue\r\n--XX"), "[a|-|]x;");
}

static void names_as_browsers_and_curl_write_them(void **state)
{
    (void)state;
#define FILE_PART(disposition) STR("--XX\r\nContent-Disposition: form-data; " disposition "\r\n\r\n\r\n--XX--")
    gives(TYPE, FILE_PART("name=\"a\"; filename=\"C:\\dir\\f.docx\""), "[a|f.docx|];");
    gives(TYPE, FILE_PART("name=\"a\"; filename=\"../../etc/passwd\""), "[a|passwd|];");
    gives(TYPE, FILE_PART("name=\"a\"; filename=\"..\""), "[a||];");
    gives(TYPE, FILE_PART("name=\"a\"; filename=\"\""), "[a||];");
    gives(TYPE, FILE_PART("name=\"a%22b\"; filename=\"x%22%0D%0Ay%20.docx\""), "[a\"b|x\"y%20.docx|];");
    gives(TYPE, FILE_PART("name=a; filename=\"q\\\"x.docx\""), "[a|q\"x.docx|];");
    gives(TYPE, FILE_PART("name=\"a\"; filename=\"\xC3\xA9.docx\""), "[a|\xC3\xA9.docx|];");
    gives(TYPE, FILE_PART("name=\"a\"; filename=\"e.docx\"; filename*=UTF-8''%C3%A9.docx"), "[a|\xC3\xA9.docx|];");
    gives(TYPE, FILE_PART("name=\"a\"; filename=\"e.docx\"; filename*=latin1''%E9"), "[a|e.docx|];");
    gives(TYPE, FILE_PART("filename=\"semi;colon.docx\"; name=\"a\""), "[a|semi;colon.docx|];");
}

static void boundaries(void **state)
{
    (void)state;
    gives("Multipart/Form-Data; charset=utf-8; boundary=\"a b:c\"", STR("--a b:c\r\n" HEAD "\r\nx\r\n--a b:c--"),
          "[a|-|]x;");
    refuses("multipart/form-data", STR("x"), ERR_INVALID, "bad_multipart", "no boundary");
    refuses("multipart/form-data; boundary=", STR("x"), ERR_INVALID, "bad_multipart", "no boundary");
    refuses("multipart/mixed; boundary=XX", STR("x"), ERR_INVALID, "bad_multipart", "not announced");
    refuses("multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890",
            STR("x"), ERR_INVALID, "bad_multipart", "no boundary");
    refuses("multipart/form-data; boundary=\"x\r\"", STR("x"), ERR_INVALID, "bad_multipart", "no boundary");
}

static void broken_bodies_are_refused(void **state)
{
    (void)state;
    BAD("", "ends before");
    BAD("--XX", "ends before");
    BAD("--XX\r\n" HEAD "\r\nx", "ends before");
    BAD("--XX\r\n" HEAD "\r\nx\r\n--XX", "ends before");
    BAD("--XX\r\n" HEAD "\r\nx\r\n--XX-", "ends before");
    BAD("--XXY\r\n", "something else behind it");
    BAD("--XX\rx", "something else behind it");
    BAD("--XX-x", "something else behind it");
    BAD("--XX\r\n\r\nx\r\n--XX--", "without a name");
    BAD("--XX\r\nContent-Type: a/b\r\n\r\nx\r\n--XX--", "without a name");
    BAD("--XX\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--XX--", "without a name");
    BAD("--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--XX--", "not form-data");
    BAD("--XX\r\n" HEAD HEAD "\r\nx\r\n--XX--", "two Content-Disposition");
    BAD("--XX\r\nnonsense\r\n" HEAD "\r\nx\r\n--XX--", "malformed header line");
    BAD("--XX\r\n" HEAD "Content-Transfer-Encoding: base64\r\n\r\nx\r\n--XX--", "Content-Transfer-Encoding");
    BAD("--XX\r\nContent-Disposition: form-data; name=\"\xC3\"\r\n\r\nx\r\n--XX--", "not UTF-8");
    BAD("--XX\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\xC3(\"\r\n\r\nx\r\n--XX--", "not UTF-8");
}

static void limits_hold(void **state)
{
    (void)state;
    char body[2000];
    memset(body, 'x', sizeof body);
    refuses(TYPE, (struct str){body, 400}, ERR_INVALID, "bad_multipart", "does not begin with its boundary");
    memcpy(body, "--XX\r\nA: ", 9);
    refuses(TYPE, (struct str){body, 400}, ERR_LIMIT, "part_head_too_large", "300 bytes");
#define PART "\r\n--XX\r\n" HEAD "\r\nx"
    gives(TYPE, STR(PART PART PART PART "\r\n--XX--"), "[a|-|]x;[a|-|]x;[a|-|]x;[a|-|]x;");
    refuses(TYPE, STR(PART PART PART PART PART "\r\n--XX--"), ERR_LIMIT, "too_many_parts", "more than 4");
}

static enum err full(void *ctx, struct str bytes, struct error *e)
{
    (void)ctx;
    (void)bytes;
    return error_set_reason(e, ERR_BUSY, "no_space", "full");
}

static void an_error_of_the_sink_ends_it_for_good(void **state)
{
    (void)state;
    struct seen s = {.b = SB_INIT(1000)};
    struct net_multipart_limits limits = {.parts = 4, .head_bytes = 300};
    struct net_multipart_sink sink = {begin, full, end, &s};
    struct net_multipart *m = NULL;
    struct error e = {0};
    struct arena *a = arena_new(1 << 20);
    assert_int_equal(net_multipart_new(a, STR(TYPE), limits, sink, &m, &e), ERR_OK);
    assert_int_equal(net_multipart_feed(m, STR("--XX\r\n" HEAD "\r\nx"), &e), ERR_BUSY);
    e = (struct error){0};
    assert_int_equal(net_multipart_feed(m, STR("more"), &e), ERR_BUSY);
    assert_string_equal(e.reason, "no_space");
    assert_int_equal(net_multipart_finish(m, &e), ERR_BUSY);
    sb_done(&s.b);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_files),
        cmocka_unit_test(what_looks_like_a_boundary_is_data),
        cmocka_unit_test(empty_parts_and_no_parts),
        cmocka_unit_test(names_as_browsers_and_curl_write_them),
        cmocka_unit_test(boundaries),
        cmocka_unit_test(broken_bodies_are_refused),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(an_error_of_the_sink_ends_it_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
