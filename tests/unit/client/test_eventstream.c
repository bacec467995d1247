#include "client/eventstream.h"

#include <stdio.h>
#include <stdlib.h>

#include "client_test.h"
#include "support/frame.h"

/* What was read, as text: the headers and payload of each message, and what ended it. */
struct heard {
    struct sb text;
    size_t stop_at; /* the message whose handler fails; 0: none */
    size_t messages;
};

static enum err hear(void *ctx, const struct client_eventstream_message *m, struct error *e)
{
    struct heard *h = ctx;
    if (++h->messages == h->stop_at) return error_set_reason(e, ERR_INVALID, "enough", "enough");
    for (size_t i = 0; i < m->n_headers; i++) {
        sb_printf(&h->text, "%.*s/%d=", STR_ARG(m->headers[i].name), (int)m->headers[i].type);
        for (size_t k = 0; k < m->headers[i].value.n; k++) {
            unsigned char c = (unsigned char)m->headers[i].value.p[k];
            if (m->headers[i].type == CLIENT_EVENTSTREAM_TEXT)
                sb_char(&h->text, (char)c);
            else
                sb_printf(&h->text, "%02x", c);
        }
        sb_char(&h->text, ' ');
    }
    sb_printf(&h->text, "[%zu]%.*s\n", m->payload.n, STR_ARG(m->payload));
    return ERR_OK;
}

static void hear_all(struct heard *h, struct str bytes, size_t step, size_t max_payload, struct error *e)
{
    struct client_eventstream *r = NULL;
    enum err err = client_eventstream_new(max_payload, hear, h, &r, e);
    assert_int_equal(err, ERR_OK);
    for (size_t at = 0; err == ERR_OK && at < bytes.n; at += step) {
        /* pieces of their own, so that reading past one is seen */
        struct str piece = str_sub(bytes, at, at + step);
        char *copy = malloc(piece.n);
        assert_non_null(copy);
        memcpy(copy, piece.p, piece.n);
        err = client_eventstream_feed(r, (struct str){copy, piece.n}, e);
        free(copy);
    }
    if (err == ERR_OK) {
        err = client_eventstream_end(r, e);
    } else { /* the first error is the last */
        struct error again = {0};
        assert_int_equal(client_eventstream_feed(r, STR("x"), &again), err);
        assert_string_equal(again.message, e->message);
        assert_int_equal(client_eventstream_end(r, &again), err);
        assert_string_equal(again.reason, e->reason);
    }
    assert_int_equal(err, e->code);
    client_eventstream_free(r);
}

/* The same for every size of piece. */
static void assert_heard(struct str bytes, size_t max_payload, const char *text, const char *reason)
{
    for (size_t step = 1; step <= bytes.n; step++) {
        struct error e = {0};
        struct heard h = {.text = SB_INIT(1 << 20)};
        hear_all(&h, bytes, step, max_payload, &e);
        assert_str(sb_view(&h.text), text);
        assert_string_equal(e.reason, reason);
        sb_done(&h.text);
    }
}

static void from_hex(struct sb *b, const char *hex)
{
    for (; *hex; hex += 2) {
        unsigned v = 0;
        assert_int_equal(sscanf(hex, "%2x", &v), 1);
        sb_char(b, (char)v);
    }
}

/* A frame that botocore reads. */
#define MESSAGE_STOP                                                                                                     \
    "0000007a00000051ca2c46650b3a6576656e742d7479706507000b6d65737361676553746f700d3a636f6e74656e742d747970650700106170" \
    "706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b2273746f70526561736f6e223a22656e645f7475" \
    "726e227d5fbf09fc"

static void test_known(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20), made = SB_INIT(1 << 20);
    from_hex(&b, MESSAGE_STOP);
    assert_int_equal(b.n, 122);
    assert_heard(sb_view(&b), 1 << 20,
                 ":event-type/7=messageStop :content-type/7=application/json :message-type/7=event "
                 "[25]{\"stopReason\":\"end_turn\"}\n",
                 "");
    frame_event(&made, STR("messageStop"), STR("{\"stopReason\":\"end_turn\"}"));
    assert_same(sb_view(&made), sb_view(&b)); /* what the other tests read is made as that was */
}

static void test_types(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20), h = SB_INIT(1 << 20);
    frame_header(&h, STR("a"), 0, STR_EMPTY);
    frame_header(&h, STR("b"), 1, STR_EMPTY);
    frame_header(&h, STR("c"), 2, STR("\xff"));
    frame_header(&h, STR("d"), 3, STR("\x01\x02"));
    frame_header(&h, STR("e"), 4, STR("abcd"));
    frame_header(&h, STR("f"), 5, STR("abcdefgh"));
    frame_header(&h, STR("g"), 6, STR("\0\x01"));
    frame_header(&h, STR("h"), 7, STR("\xc3\xa9"));
    frame_header(&h, STR("i"), 8, STR("ABCDEFGH"));
    frame_header(&h, STR("j"), 9, STR("0123456789abcdef"));
    frame_write(&b, sb_view(&h), STR_EMPTY);
    frame_write(&b, STR_EMPTY, STR("second"));
    frame_write(&b, STR_EMPTY, STR_EMPTY);
    assert_heard(sb_view(&b), 1 << 20,
                 "a/0= b/1= c/2=ff d/3=0102 e/4=61626364 f/5=6162636465666768 g/6=0001 h/7=\xc3\xa9 "
                 "i/8=4142434445464748 j/9=30313233343536373839616263646566 [0]\n[6]second\n[0]\n",
                 "");
}

/* One good frame, then headers as given. */
static void refused(struct str headers, const char *reason)
{
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    frame_write(&b, STR_EMPTY, STR("good"));
    frame_write(&b, headers, STR("{}"));
    assert_heard(sb_view(&b), 1 << 20, "[4]good\n", reason);
}

static void test_bad_headers(void **state)
{
    (void)state;
    refused(STR("\x05"
                "ab"),
            "bad_frame");                           /* the name is longer than the rest */
    refused(STR("\x00\x07\x00\x01x"), "bad_frame"); /* no name */
    refused(STR("\x01"
                "a"),
            "bad_frame"); /* no type */
    refused(STR("\x01"
                "a\x0a"),
            "bad_frame"); /* no such type */
    refused(STR("\x01"
                "a\x07\x00"),
            "bad_frame"); /* half a length */
    refused(STR("\x01"
                "a\x07\x00\x05"
                "abcd"),
            "bad_frame"); /* the value is longer than the rest */
    refused(STR("\x01"
                "a\x05"
                "1234567"),
            "bad_frame"); /* seven bytes of a long */
    refused(STR("\x01"
                "a\x00\x01"
                "a\x01"),
            "bad_frame"); /* twice */
    refused(STR("\x01"
                "a\x07\x00\x02\xc3\x28"),
            "bad_frame"); /* not UTF-8 */
    refused(STR("\x01"
                "\xff\x00"),
            "bad_frame");
    CLEANUP_SB struct sb many = SB_INIT(1 << 20);
    for (int i = 0; i <= CLIENT_EVENTSTREAM_HEADERS_MAX; i++) {
        char name[8];
        int n = snprintf(name, sizeof name, "h%d", i);
        frame_header(&many, (struct str){name, (size_t)n}, 0, STR_EMPTY);
    }
    refused(sb_view(&many), "bad_frame");
}

/* Every bit of a frame that is turned is seen: by one of the checksums, or as lengths that cannot be. */
static void test_bits(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    from_hex(&b, MESSAGE_STOP);
    for (size_t bit = 0; bit < b.n * 8; bit++) {
        b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
        struct error e = {0};
        struct heard h = {.text = SB_INIT(1 << 20)};
        hear_all(&h, sb_view(&b), b.n, 1 << 20, &e);
        assert_int_equal(e.code, ERR_UPSTREAM);
        assert_string_equal(e.reason, "bad_checksum");
        assert_int_equal(h.messages, 0);
        sb_done(&h.text);
        b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
    }
}

/* Lengths with a right checksum that contradict each other, or are too large: refused once the prelude is there. */
static void lengths_refused(uint32_t total, uint32_t headers, const char *reason)
{
    CLEANUP_SB struct sb b = SB_INIT(64);
    frame_u32(&b, total);
    frame_u32(&b, headers);
    frame_u32(&b, frame_crc(sb_view(&b)));
    assert_heard(sb_view(&b), 1000, "", reason);
}

static void test_lengths(void **state)
{
    (void)state;
    lengths_refused(15, 0, "bad_frame");
    lengths_refused(0, 0, "bad_frame");
    lengths_refused(16, 1, "bad_frame");
    lengths_refused(100, 0xffffffff, "bad_frame");
    lengths_refused(16 + 1001, 0, "frame_too_large");
    lengths_refused(0xffffffff, 0, "frame_too_large");
    lengths_refused(16 + 128 * 1024 + 1, 128 * 1024 + 1, "frame_too_large");
    lengths_refused(16 + 1000, 0, "cut_stream");
}

static void test_cut(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    frame_event(&b, STR("metadata"), STR("{}"));
    for (size_t n = 1; n < b.n; n++) {
        struct error e = {0};
        struct heard h = {.text = SB_INIT(1 << 20)};
        hear_all(&h, str_sub(sb_view(&b), 0, n), n, 1 << 20, &e);
        assert_string_equal(e.reason, "cut_stream");
        assert_int_equal(h.messages, 0);
        sb_done(&h.text);
    }
}

static void test_handler_fails(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    for (int i = 0; i < 3; i++)
        frame_event(&b, STR("x"), STR("{}"));
    for (size_t step = 1; step <= b.n; step++) {
        struct error e = {0};
        struct heard h = {.text = SB_INIT(1 << 20), .stop_at = 2};
        hear_all(&h, sb_view(&b), step, 1 << 20, &e);
        assert_string_equal(e.reason, "enough");
        assert_int_equal(h.messages, 2);
        sb_done(&h.text);
    }
}

static enum err find_text(void *ctx, const struct client_eventstream_message *m, struct error *e)
{
    (void)e;
    size_t *found = ctx;
    assert_str(client_eventstream_text(m, STR(":event-type")), "delta");
    assert_null(client_eventstream_text(m, STR(":exception-type")).p);
    assert_null(client_eventstream_text(m, STR("number")).p); /* is there, and no text */
    *found += m->n_headers;
    return ERR_OK;
}

static void test_text(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20), headers = SB_INIT(4096);
    frame_header(&headers, STR("number"), 4, STR("abcd"));
    frame_header(&headers, STR(":event-type"), 7, STR("delta"));
    frame_write(&b, sb_view(&headers), STR_EMPTY);
    struct client_eventstream *r = NULL;
    struct error e = {0};
    size_t found = 0;
    assert_int_equal(client_eventstream_new(10, find_text, &found, &r, &e), ERR_OK);
    assert_int_equal(client_eventstream_feed(r, sb_view(&b), &e), ERR_OK);
    assert_int_equal(found, 2);
    client_eventstream_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),         cmocka_unit_test(test_types),   cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_bits),          cmocka_unit_test(test_lengths), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_handler_fails), cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
