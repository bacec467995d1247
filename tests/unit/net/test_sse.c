/* net/sse_out over sockets: order, form, slow readers, drain, clients that leave, streams that never begin. */
#include "net/sse_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "peer.h"

static struct house house;

static int set_up(void **state)
{
    struct net_options o = {.heartbeat_ms = 200};
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

#define REQUEST "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"

/* Opens a stream; what came with it is read up to the event that the handler had sent before it returned. */
static int stream_open(struct house *h, struct sb *b)
{
    struct answer a = ANSWER_INIT;
    int before = house_now(h, &h->streams);
    int fd = peer_connect(h);
    peer_say(fd, REQUEST);
    peer_read(fd, &a, false);
    assert_int_equal(a.status, 200);
    assert_true(str_eq(answer_header(&a, "Content-Type"), STR("text/event-stream")));
    assert_true(str_eq(answer_header(&a, "Cache-Control"), STR("no-store")));
    house_until(h, &h->streams, before + 1);
    peer_read_until(fd, b, "data: early\n\n");
    answer_done(&a);
    return fd;
}

static void events_have_their_form(void **state)
{
    (void)state;
    struct house h;
    struct sb b = SB_INIT(1 << 20);
    house_start(&h, NULL, 1, 10); /* no heartbeat in between */
    int fd = stream_open(&h, &b);
    assert_true(str_eq(sb_view(&b), STR("event: hello\nid: 1\ndata: early\n\n")));
    sb_reset(&b);
    assert_true(net_sse_send(h.stream, STR_EMPTY, STR_EMPTY, STR("one\ntwo\r\nthree\rfour\n")));
    assert_true(net_sse_send(h.stream, STR("e"), STR_EMPTY, STR("")));
    net_sse_close(h.stream);
    assert_false(net_sse_send(h.stream, STR("e"), STR_EMPTY, STR("late")));
    peer_read_end(fd, &b);
    assert_true(
        str_eq(sb_view(&b), STR("data: one\ndata: two\ndata: three\ndata: four\ndata: \n\nevent: e\ndata: \n\n")));
    house_until(&h, &h.closed, 1);
    house_until(&h, &h.answered, 1);
    assert_int_equal(h.last.status, 200);
    assert_int_equal(h.last.bytes, sizeof "event: hello\nid: 1\ndata: early\n\n" - 1 + b.n);
    assert_false(net_sse_send(h.stream, STR("e"), STR_EMPTY, STR("too late")));
    close(fd);
    sb_done(&b);
    house_stop(&h);
}

struct sender {
    struct net_sse *stream;
    int who, sent;
};

static void *send_many(void *object)
{
    struct sender *s = object;
    for (int i = 0; i < 500; i++) {
        char text[64];
        snprintf(text, sizeof text, "%d %d.", s->who, i);
        if (!net_sse_send(s->stream, STR("n"), STR_EMPTY, str_from_c(text))) break;
        s->sent++;
        if (i % 50 == 0) usleep(1000);
    }
    return NULL;
}

static void what_threads_send_keeps_its_order(void **state)
{
    (void)state;
    struct sb b = SB_INIT(1 << 20);
    struct sender senders[4];
    pthread_t threads[4];
    int fd = stream_open(&house, &b);
    for (int i = 0; i < 4; i++) {
        senders[i] = (struct sender){house.stream, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, send_many, &senders[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        char last[32];
        snprintf(last, sizeof last, "data: %d 499.", i);
        peer_read_until(fd, &b, last);
    }
    for (int i = 0; i < 4; i++) {
        size_t at = 0;
        pthread_join(threads[i], NULL);
        assert_int_equal(senders[i].sent, 500);
        for (int k = 0; k < 500; k++) {
            char text[64];
            snprintf(text, sizeof text, "data: %d %d.\n\n", i, k);
            at = str_find(sb_view(&b), str_from_c(text), at);
            assert_true(at != STR_NONE);
        }
    }
    close(fd);
    sb_done(&b);
}

static void silence_is_broken_by_heartbeats(void **state)
{
    (void)state;
    struct sb b = SB_INIT(1 << 20);
    int fd = stream_open(&house, &b);
    peer_read_until(fd, &b, ":\n\n");
    sb_reset(&b);
    peer_read_until(fd, &b, ":\n\n");
    assert_true(net_sse_send(house.stream, STR("x"), STR_EMPTY, STR("y")));
    peer_read_until(fd, &b, "event: x\ndata: y\n\n");
    close(fd);
    sb_done(&b);
}

static void a_client_that_left_is_noticed(void **state)
{
    (void)state;
    struct sb b = SB_INIT(1 << 20);
    int fd = stream_open(&house, &b);
    close(fd);
    house_until(&house, &house.closed, house_now(&house, &house.streams)); /* by a heartbeat */
    assert_false(net_sse_send(house.stream, STR("x"), STR_EMPTY, STR("y")));
    sb_done(&b);
}

/* Whatever the slow reader had begun to read, it reads whole events, then the word to load anew, then the end. */
static void a_slow_reader_is_told_to_reload(void **state)
{
    (void)state;
    struct sb b = SB_INIT(32 << 20);
    struct sb data = SB_INIT(1 << 20);
    for (int i = 0; i < 10000; i++)
        sb_char(&data, (char)('a' + i % 26));
    int fd = stream_open(&house, &b);
    int sent = 0;
    sb_reset(&b);
    while (sent < 10000 && net_sse_send(house.stream, STR("big"), STR_EMPTY, sb_view(&data))) {
        sent++;
        usleep(300); /* the socket fills, so that an event is begun when the stream is given up */
    }
    assert_true(sent < 10000);
    assert_false(net_sse_send(house.stream, STR("big"), STR_EMPTY, STR("small")));
    peer_read_end(fd, &b);
    struct str rest = sb_view(&b);
    int whole = 0;
    while (str_starts(rest, STR("event: big\ndata: "))) {
        assert_true(str_starts(str_sub(rest, 17, rest.n), sb_view(&data)));
        assert_true(str_starts(str_sub(rest, 17 + data.n, rest.n), STR("\n\n")));
        rest = str_sub(rest, 17 + data.n + 2, rest.n);
        whole++;
        if (str_starts(rest, STR(":\n\n"))) rest = str_sub(rest, 3, rest.n);
    }
    assert_true(whole <= sent);
    assert_true(str_eq(rest, STR("event: reload\ndata: slow\n\n")));
    house_until(&house, &house.closed, house_now(&house, &house.streams));
    close(fd);
    sb_done(&b);
    sb_done(&data);
}

/* Four times what may wait otherwise, in one go and before anything is read; then no more. */
static void more_may_wait_where_it_was_allowed(void **state)
{
    (void)state;
    enum { EVENTS = 4 * NET_SSE_BUFFER_MAX / 10000 };
    struct sb b = SB_INIT(32 << 20);
    struct sb data = SB_INIT(1 << 20);
    for (int i = 0; i < 10000; i++)
        sb_char(&data, 'y');
    int fd = stream_open(&house, &b);
    sb_reset(&b);
    net_sse_allow(house.stream, (size_t)EVENTS * 10100);
    for (int i = 0; i < EVENTS; i++)
        assert_true(net_sse_send(house.stream, STR("big"), STR_EMPTY, sb_view(&data)));
    net_sse_close(house.stream);
    peer_read_end(fd, &b);
    assert_int_equal(b.n, (size_t)EVENTS * (STR("event: big\ndata: \n\n").n + data.n));
    close(fd);
    sb_done(&b);
    sb_done(&data);
}

static void an_event_that_is_too_large_is_a_reload(void **state)
{
    (void)state;
    struct sb b = SB_INIT(1 << 20);
    struct sb data = SB_INIT(1 << 20);
    for (size_t i = 0; i < NET_SSE_BUFFER_MAX; i++)
        sb_char(&data, 'x');
    int fd = stream_open(&house, &b);
    sb_reset(&b);
    assert_false(net_sse_send(house.stream, STR("big"), STR_EMPTY, sb_view(&data)));
    peer_read_end(fd, &b);
    assert_true(str_ends(sb_view(&b), STR("event: reload\ndata: slow\n\n")));
    close(fd);
    sb_done(&b);
    sb_done(&data);
}

static void a_stream_that_never_begins_is_closed(void **state)
{
    (void)state;
    int streams = house_now(&house, &house.streams);
    peer_refused(&house, STR("GET /no-events HTTP/1.1\r\nHost: localhost\r\n\r\n"), 503, "no_events", PEER_STAYS);
    house_until(&house, &house.closed, house_now(&house, &house.streams));
    assert_int_equal(house.streams, streams + 1);
    assert_false(net_sse_send(house.stream, STR("x"), STR_EMPTY, STR("y")));
    struct answer a = ANSWER_INIT;
    int fd = peer_connect(&house);
    peer_say(fd, "HEAD /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    peer_read(fd, &a, false);
    assert_int_equal(a.status, 200);
    house_until(&house, &house.closed, streams + 2);
    answer_done(&a);
    close(fd);
}

static void drain_tells_streams_to_come_again(void **state)
{
    (void)state;
    struct house h;
    struct sb b = SB_INIT(1 << 20);
    house_start(&h, NULL, 1, 10);
    int fd = stream_open(&h, &b);
    assert_true(net_sse_send(h.stream, STR("last"), STR_EMPTY, STR("words")));
    assert_true(net_server_drain(h.server, 10000, 0));
    peer_read_end(fd, &b);
    assert_true(
        str_ends(sb_view(&b), STR("event: last\ndata: words\n\nretry: 1000\nevent: reconnect\ndata: drain\n\n")));
    assert_true(peer_closed(fd));
    assert_int_equal(h.closed, 1);
    close(fd);
    sb_done(&b);
    house_stop(&h);
}

/* Hundreds of streams, sends from a thread, and the server goes in the middle of it. */
static void many_streams_end_with_the_server(void **state)
{
    (void)state;
    enum { MANY = 200 };
    struct house h;
    struct sb b = SB_INIT(1 << 20);
    static int fds[MANY];
    struct net_options o = {.heartbeat_ms = 100, .max_connections_per_client = MANY};
    pthread_t thread;
    house_start(&h, &o, 2, 100);
    for (int i = 0; i < MANY; i++) {
        fds[i] = stream_open(&h, &b);
        sb_reset(&b);
    }
    struct sender s = {.stream = net_sse_ref(h.stream)};
    assert_int_equal(pthread_create(&thread, NULL, send_many, &s), 0);
    for (int i = 0; i < MANY / 2; i++)
        close(fds[i]);
    house_stop(&h); /* asserts that each stream was closed once */
    pthread_join(thread, NULL);
    net_sse_unref(s.stream);
    for (int i = MANY / 2; i < MANY; i++)
        close(fds[i]);
    sb_done(&b);
}

#define TEST(f) cmocka_unit_test(f)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_have_their_form),
        TEST(what_threads_send_keeps_its_order),
        TEST(silence_is_broken_by_heartbeats),
        TEST(a_client_that_left_is_noticed),
        TEST(a_slow_reader_is_told_to_reload),
        TEST(more_may_wait_where_it_was_allowed),
        TEST(an_event_that_is_too_large_is_a_reload),
        TEST(a_stream_that_never_begins_is_closed),
        TEST(drain_tells_streams_to_come_again),
        TEST(many_streams_end_with_the_server),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
