#include "client/sse_in.h"

#include <stdlib.h>

#include "base/sb.h"
#include "client_test.h"

static enum err hear(void *ctx, struct str type, struct str data, struct error *e)
{
    if (str_eq(data, STR("stop"))) return error_set_reason(e, ERR_INVALID, "enough", "enough");
    sb_printf(ctx, "<%.*s|", STR_ARG(type));
    for (size_t i = 0; i < data.n; i++)
        sb_c(ctx, data.p[i] ? (char[]){data.p[i], 0} : "NUL");
    SB_LIT((struct sb *)ctx, ">");
    return ERR_OK;
}

/* The same for every size of piece. */
static void assert_heard_max(struct str bytes, size_t max_event, const char *text, const char *reason)
{
    for (size_t step = 1; step <= bytes.n; step++) {
        struct error e = {0};
        struct client_sse *r = NULL;
        CLEANUP_SB struct sb heard = SB_INIT(1 << 20);
        assert_int_equal(client_sse_new(max_event, hear, &heard, &r, &e), ERR_OK);
        enum err err = ERR_OK;
        for (size_t at = 0; err == ERR_OK && at < bytes.n; at += step) {
            struct str piece = str_sub(bytes, at, at + step);
            char *copy = malloc(piece.n); /* so that reading past a piece is seen */
            assert_non_null(copy);
            memcpy(copy, piece.p, piece.n);
            err = client_sse_feed(r, (struct str){copy, piece.n}, &e);
            free(copy);
        }
        assert_str(sb_view(&heard), text);
        assert_string_equal(e.reason, reason);
        assert_int_equal(err, e.code);
        if (err != ERR_OK) assert_int_equal(client_sse_feed(r, STR("data: x\n\n"), NULL), err);
        assert_str(sb_view(&heard), text);
        client_sse_free(r);
    }
}

static void assert_heard(const char *bytes, const char *text) { assert_heard_max(str_from_c(bytes), 1000, text, ""); }

/* The examples of the standard. */
static void test_standard(void **state)
{
    (void)state;
    assert_heard("data: YHOO\ndata: +2\ndata: 10\n\n", "<message|YHOO\n+2\n10>");
    assert_heard(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                 "<message|first event><message|second event><message| third event>");
    assert_heard("data\n\ndata\ndata\n\ndata:", "<message|><message|\n>");
    assert_heard("data:test\n\ndata: test\n\n", "<message|test><message|test>");
    assert_heard("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
                 "<add|73857293><remove|2153><add|113411>");
}

static void test_ends_of_lines(void **state)
{
    (void)state;
    assert_heard("data: a\r\n\r\ndata: b\r\rdata: c\n\n", "<message|a><message|b><message|c>");
    assert_heard("data: a\r\ndata: b\rdata: c\ndata: d\r\n\r\n", "<message|a\nb\nc\nd>");
    assert_heard("\r\n\r\n\n\rdata: a\n\r\n", "<message|a>");
    assert_heard("data: a\r\r\n", "<message|a>"); /* an event at the CR, and an empty line of its own */
}

/* A CR is the end of a line at once. */
static void test_cr_at_once(void **state)
{
    (void)state;
    CLEANUP_SB struct sb heard = SB_INIT(1000);
    struct client_sse *r = NULL;
    struct error e = {0};
    assert_int_equal(client_sse_new(1000, hear, &heard, &r, &e), ERR_OK);
    assert_int_equal(client_sse_feed(r, STR("data: a\r\n\r"), &e), ERR_OK);
    assert_str(sb_view(&heard), "<message|a>");
    assert_int_equal(client_sse_feed(r, STR("\ndata: b\n\n"), &e), ERR_OK);
    assert_str(sb_view(&heard), "<message|a><message|b>");
    client_sse_free(r);
}

static void test_fields(void **state)
{
    (void)state;
    assert_heard("event: ping\n\ndata: a\n\n", "<message|a>"); /* no data: no event, and its type is forgotten */
    assert_heard("event: x\nevent: y\ndata: a\n\n", "<y|a>");
    assert_heard("event\ndata: a\n\n", "<message|a>");
    assert_heard("Data: a\ndatum: b\nretry: 10\n: data: c\nid: d\ndata : e\ndata: f\n\n", "<message|f>");
    assert_heard("data: a:b: c\n\n", "<message|a:b: c>");
    assert_heard("data: not ended\n", "");
    assert_heard("data: [DONE]\n\ndata: after", "<message|[DONE]>");
}

static void test_mark(void **state)
{
    (void)state;
    assert_heard("\xef\xbb\xbf"
                 "data: a\n\n\xef\xbb\xbf"
                 "data: b\n\ndata: c\n\n",
                 "<message|a><message|c>");
    assert_heard("\xef\xbb\xbf\n\xef\xbb\xbf"
                 "data: b\n\ndata: c\n\n",
                 "<message|c>");
    assert_heard("\xef\xbb"
                 "data: a\n\ndata: b\n\n",
                 "<message|b>");
}

/* What is handed on is UTF-8, whatever came, and a letter may be cut anywhere. */
static void test_utf8(void **state)
{
    (void)state;
    assert_heard("event: \xc3\xa9\ndata: \xf0\x9f\x99\x82 \xe2\x82\xac\n\n",
                 "<\xc3\xa9|\xf0\x9f\x99\x82 \xe2\x82\xac>");
    assert_heard("event: \xff\ndata: a\xc3\n\n", "<\xef\xbf\xbd|a\xef\xbf\xbd>");
    assert_heard_max(STR("data: a\0b\n\n"), 100, "<message|aNULb>", "");
}

static void test_limits(void **state)
{
    (void)state;
    assert_heard_max(STR("data: 1234\n\n"), 10, "<message|1234>", "");
    assert_heard_max(STR("data: a\n\ndata: 12345\n\n"), 10, "<message|a>", "event_too_large");
    assert_heard_max(STR("data: a\n\n:890123456789"), 10, "<message|a>", "event_too_large");
    assert_heard_max(STR("data:12345\ndata:1234\n\n"), 11, "<message|12345\n1234>", "");
    assert_heard_max(STR("data:12345\ndata:12345\n\n"), 11, "", "event_too_large");
}

static void test_handler_fails(void **state)
{
    (void)state;
    assert_heard_max(STR("data: a\n\ndata: stop\n\ndata: b\n\n"), 100, "<message|a>", "enough");
}

/* An event of any size leaves no large buffer, and the next is read as the first. */
static void test_large(void **state)
{
    (void)state;
    CLEANUP_SB struct sb heard = SB_INIT(1 << 20), event = SB_INIT(1 << 20);
    struct client_sse *r = NULL;
    struct error e = {0};
    assert_int_equal(client_sse_new(1 << 18, hear, &heard, &r, &e), ERR_OK);
    for (int i = 0; i < 2; i++) {
        sb_reset(&event);
        SB_LIT(&event, "data: ");
        for (int k = 0; k < 100000; k++)
            sb_char(&event, (char)('a' + k % 26));
        SB_LIT(&event, "\n\n");
        for (size_t at = 0; at < event.n; at += 1000)
            assert_int_equal(client_sse_feed(r, str_sub(sb_view(&event), at, at + 1000), &e), ERR_OK);
    }
    assert_int_equal(heard.n, 2 * (100000 + 10));
    client_sse_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard), cmocka_unit_test(test_ends_of_lines), cmocka_unit_test(test_cr_at_once),
        cmocka_unit_test(test_fields),   cmocka_unit_test(test_mark),          cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_limits),   cmocka_unit_test(test_handler_fails), cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
