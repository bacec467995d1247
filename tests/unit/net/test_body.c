/* net/server with bodies: limits, spilling to files, forms, uploads at once, a disk that is full. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/spool_priv.h"
#include "peer.h"

static struct house house;

static int set_up(void **state)
{
    struct net_options o = {.max_uploads = 2};
    (void)state;
    house_start(&house, &o, 2, 100);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(&house);
    return 0;
}

#define H "Host: localhost\r\n"

static struct sb pattern(size_t n)
{
    struct sb b = SB_INIT(16 << 20);
    for (size_t i = 0; i < n; i++)
        sb_char(&b, (char)('a' + i * 7 % 23));
    return b;
}

static void echoes_of(const struct house *h, size_t n, size_t chunk)
{
    struct sb body = pattern(n);
    struct answer a = ANSWER_INIT;
    char head[200];
    int fd = peer_connect(h);
    if (chunk == 0) {
        snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\n" H "Content-Length: %zu\r\n\r\n", n);
        peer_say(fd, head);
        peer_send(fd, sb_view(&body));
    } else {
        peer_say(fd, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
        for (size_t i = 0; i < n; i += chunk) {
            struct str part = str_sub(sb_view(&body), i, i + chunk);
            snprintf(head, sizeof head, "%zx\r\n", part.n);
            peer_say(fd, head);
            peer_send(fd, part);
            peer_say(fd, "\r\n");
        }
        peer_say(fd, "0\r\n\r\n");
    }
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 200);
    assert_true(str_eq(sb_view(&a.body), sb_view(&body)));
    assert_false(a.closes);
    sb_done(&body);
    answer_done(&a);
    close(fd);
}

static void echoes(size_t n, size_t chunk) { echoes_of(&house, n, chunk); }

static void bodies_of_all_sizes_come_back(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 100, 6143, 6144, 65535, 65536, 65537, 200000, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        echoes(sizes[i], 0);
        echoes(sizes[i], 10007);
    }
    echoes(3000, 1);
}

static void too_large_is_said_before_the_body(void **state)
{
    (void)state;
    /* no byte of it was sent, and the answer is there */
    peer_refused(&house, STR("PUT /tiny HTTP/1.1\r\n" H "Content-Length: 11\r\n\r\n"), 413, "body_too_large",
                 PEER_CLOSES);
    peer_refused(&house, STR("PUT /tiny HTTP/1.1\r\n" H "Content-Length: 18446744073709551615\r\n\r\n"), 413,
                 "body_too_large", PEER_CLOSES);
    peer_refused(&house, STR("PUT /tiny HTTP/1.1\r\n" H "Content-Length: 11\r\nExpect: 100-continue\r\n\r\n"), 413,
                 "body_too_large", PEER_CLOSES);
    peer_refused(&house, STR("DELETE /show/1 HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\n"), 413, "body_too_large",
                 PEER_CLOSES);
    peer_refused(&house,
                 STR("PUT /tiny HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n"), 413,
                 "body_too_large", PEER_CLOSES);
    peer_refused(&house,
                 STR("PUT /tiny HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n6\r\n123456\r\n"), 413,
                 "body_too_large", PEER_CLOSES);
    peer_expect(&house, "PUT /tiny HTTP/1.1\r\n" H "Content-Length: 10\r\n\r\n1234567890", 200, "1234567890");
}

/* A client that sends all it has and reads then must read our words, not a reset: its bytes are taken (a reset would also make some systems
 * forget what had arrived). */
static void a_client_that_does_not_listen_hears_it_still(void **state)
{
    (void)state;
    struct sb body = pattern(8 << 20);
    for (int i = 0; i < 10; i++) {
        struct answer a = ANSWER_INIT;
        int fd = peer_connect(&house);
        peer_say(fd, "PUT /tiny HTTP/1.1\r\n" H "Content-Length: 8388608\r\n\r\n");
        assert_true(peer_send(fd, sb_view(&body)));
        peer_read(fd, &a, true);
        assert_int_equal(a.status, 413);
        answer_done(&a);
        close(fd);
    }
    sb_done(&body);
    assert_int_equal(house_connections_until(&house, 0), 0);
}

static void clients_may_wait_to_be_told_to_go_on(void **state)
{
    (void)state;
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    peer_say(fd, "PUT /tiny HTTP/1.1\r\n" H "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    peer_read(fd, &a, false);
    assert_int_equal(a.status, 100);
    peer_say(fd, "abc");
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 200);
    assert_true(str_eq(sb_view(&a.body), STR("abc")));
    answer_done(&a);
    close(fd);
}

static void form_send(int fd, size_t file_bytes, size_t field_bytes)
{
    struct sb file = pattern(file_bytes);
    struct sb field = pattern(field_bytes);
    struct sb b = SB_INIT(16 << 20);
    char head[200];
    sb_printf(&b, "--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n%.*s\r\n", STR_ARG(sb_view(&field)));
    sb_c(&b, "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"r\xC3\xA9port.docx\"\r\n\r\n");
    sb_str(&b, sb_view(&file));
    sb_c(&b, "\r\n--XX--\r\n");
    snprintf(head, sizeof head,
             "POST /form HTTP/1.1\r\n" H
             "Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: %zu\r\n\r\n",
             b.n);
    peer_say(fd, head);
    peer_send(fd, sb_view(&b));
    sb_done(&b);
    sb_done(&file);
    sb_done(&field);
}

static unsigned long long pattern_sum(size_t n)
{
    unsigned long long sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += 'a' + i * 7 % 23;
    return sum;
}

static void forms_are_received(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 65536, 65537, 3000000};
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char wanted[200];
        form_send(fd, sizes[i], 5);
        peer_read(fd, &a, true);
        snprintf(wanted, sizeof wanted, "title||5|%llu;file|r\xC3\xA9port.docx|%zu|%llu;", pattern_sum(5), sizes[i],
                 pattern_sum(sizes[i]));
        assert_int_equal(a.status, 200);
        if (!str_eq_c(sb_view(&a.body), wanted)) fail_msg("%.*s", STR_ARG(sb_view(&a.body)));
    }
    answer_done(&a);
    close(fd);
}

#define FORM(type, body) "POST /form HTTP/1.1\r\n" H "Content-Type: " type "\r\nContent-Length: " body

static void bad_forms_are_refused(void **state)
{
    (void)state;
    peer_refused(&house, STR(FORM("application/json", "2\r\n\r\n{}")), 415, "not_multipart", PEER_CLOSES);
    peer_refused(&house, STR(FORM("multipart/form-data", "2\r\n\r\n{}")), 400, "bad_multipart", PEER_CLOSES);
    peer_refused(&house, STR(FORM("multipart/form-data; boundary=X", "6\r\n\r\n--Xxxx")), 400, "bad_multipart",
                 PEER_CLOSES);
    /* cut short by the client: the request is whole, the form is not */
    peer_refused(&house, STR(FORM("multipart/form-data; boundary=X", "5\r\n\r\n--X\r\n")), 400, "bad_multipart",
                 PEER_STAYS);
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    form_send(fd, 10, 70000);
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 413);
    assert_true(str_find(sb_view(&a.body), STR("field_too_large"), 0) != STR_NONE);
    answer_done(&a);
    close(fd);
}

/* A connection whose large body the server has agreed to receive. */
static int upload_begin(void)
{
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    peer_say(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n");
    peer_read(fd, &a, false);
    assert_int_equal(a.status, 100);
    answer_done(&a);
    return fd;
}

static void only_so_many_uploads_at_once(void **state)
{
    (void)state;
    struct answer a = ANSWER_INIT;
    struct sb body = pattern(100000);
    int one = upload_begin();
    int two = upload_begin();
    peer_refused(&house, STR("POST /echo HTTP/1.1\r\n" H "Content-Length: 65537\r\n\r\n"), 503, "too_many_uploads",
                 PEER_CLOSES);
    int fd = peer_connect(&house);
    peer_say(fd, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n186a0\r\n");
    peer_send(fd, sb_view(&body)); /* grows beyond the limit unannounced */
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 503);
    assert_non_null(answer_header(&a, "Retry-After").p);
    close(fd);
    echoes(65536, 0); /* small ones go on */
    peer_send(two, sb_view(&body));
    peer_read(two, &a, true);
    assert_int_equal(a.status, 200);
    echoes(100000, 0); /* its place is free */
    close(one);        /* a client that leaves gives its place back */
    assert_int_equal(house_connections_until(&house, 1), 1);
    one = upload_begin();
    fd = upload_begin();
    close(one);
    close(two);
    close(fd);
    sb_done(&body);
    answer_done(&a);
}

static void a_folder_that_takes_nothing(void **state)
{
    (void)state;
    struct house h;
    struct net_options o = {.temp_folder = "/nonexistent"};
    struct sb body = pattern(100000);
    struct answer a = ANSWER_INIT;
    house_start(&h, &o, 1, 10);
    int fd = peer_connect(&h);
    peer_say(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 100000\r\n\r\n");
    peer_send(fd, sb_view(&body));
    peer_read(fd, &a, true);
    assert_int_equal(a.status, 503);
    assert_true(str_find(sb_view(&a.body), STR("no_space"), 0) != STR_NONE);
    assert_true(str_find(sb_view(&a.body), STR("nonexistent"), 0) == STR_NONE); /* paths are for the log */
    close(fd);
    answer_done(&a);
    sb_done(&body);
    house_stop(&h);
}

static void a_full_disk_is_said(void **state)
{
    (void)state;
    struct net_spool s;
    struct error e = {0};
    struct rlimit before;
    struct rlimit small = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    struct sb body = pattern(10000);
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    net__spool_init(&s, 100, "/tmp");
    assert_int_equal(net__spool_add(&s, str_sub(sb_view(&body), 0, 100), &e), ERR_OK);
    assert_int_equal(net__spool_add(&s, sb_view(&body), &e), ERR_BUSY);
    assert_string_equal(e.reason, "no_space");
    setrlimit(RLIMIT_FSIZE, &before);
    net__spool_done(&s);
    sb_done(&body);
}

static void nothing_is_left_in_the_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/test-net-XXXXXX";
    struct house h;
    assert_non_null(mkdtemp(folder));
    struct net_options o = {.temp_folder = folder};
    house_start(&h, &o, 1, 10);
    echoes_of(&h, 200000, 0);
    int fd = peer_connect(&h);
    struct sb body = pattern(90000);
    peer_say(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 100000\r\n\r\n");
    peer_send(fd, sb_view(&body));
    assert_int_equal(rmdir(folder), 0); /* empty while one is being received */
    close(fd);
    sb_done(&body);
    house_stop(&h);
}

#define TEST(f) cmocka_unit_test(f)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bodies_of_all_sizes_come_back),
        TEST(too_large_is_said_before_the_body),
        TEST(a_client_that_does_not_listen_hears_it_still),
        TEST(clients_may_wait_to_be_told_to_go_on),
        TEST(forms_are_received),
        TEST(bad_forms_are_refused),
        TEST(only_so_many_uploads_at_once),
        TEST(a_folder_that_takes_nothing),
        TEST(a_full_disk_is_said),
        TEST(nothing_is_left_in_the_folder),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
