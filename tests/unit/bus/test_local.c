/* The bus within one process: who hears what, in which order, what happens when it is too much, and that unlistening is final. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus_test.h"

static struct bus *bus;

static void start(size_t queue_max, size_t queue_max_bytes)
{
    struct bus_local_options options = {.queue_max = queue_max, .queue_max_bytes = queue_max_bytes};
    struct error e = {0};
    assert_int_equal(bus_local_new(&options, &bus, &e), ERR_OK);
}

static struct bus_listener *listen_with(const char *topic, struct bus_handler handler)
{
    struct bus_listener *l = NULL;
    struct error e = {0};
    assert_int_equal(bus_listen(bus, str_from_c(topic), handler, &l, &e), ERR_OK);
    return l;
}

static struct bus_listener *hear(const char *topic, struct heard *h) { return listen_with(topic, heard_handler(h)); }

static void assert_heard(struct heard *h, const char *text, size_t lost)
{
    lock_take(&h->lock);
    assert_int_equal(h->n, strlen(text));
    assert_memory_equal(h->text, text, h->n);
    assert_int_equal(h->lost, lost);
    lock_give(&h->lock);
}

static void test_topics_and_order(void **state)
{
    (void)state;
    struct heard a, a2, b;
    heard_init(&a);
    heard_init(&a2);
    heard_init(&b);
    start(100, 10000);
    struct bus_listener *on_a = hear("a", &a), *on_a2 = hear("a", &a2), *on_b = hear("b", &b);
    bus_publish(bus, STR("a"), STR("1"));
    bus_publish(bus, STR("nobody"), STR("x"));
    bus_publish(bus, STR("b"), STR("2"));
    bus_publish(bus, STR("a"), STR_EMPTY);
    bus_publish(bus, STR("a"), STR("3"));
    bus_publish(bus, STR("aa"), STR("x"));
    heard_wait(&a, 3, 0);
    heard_wait(&a2, 3, 0);
    heard_wait(&b, 1, 0);
    bus_unlisten(bus, on_a);
    bus_publish(bus, STR("a"), STR("4"));
    heard_wait(&a2, 4, 0);
    assert_heard(&a, "13", 0);
    assert_heard(&a2, "134", 0);
    assert_heard(&b, "2", 0);
    bus_unlisten(bus, on_a2);
    bus_unlisten(bus, on_b);
    bus_unlisten(bus, NULL);
    bus_free(bus);
    bus_free(NULL);
    heard_done(&a);
    heard_done(&a2);
    heard_done(&b);
}

/* Stops the bus's thread in a callback, so that what is published meanwhile stands in the queue. */
struct gate {
    struct lock lock;
    struct lock_cond changed;
    bool inside, open; /* guarded by lock */
};

static void gate_message(void *ctx, struct str topic, struct str payload)
{
    struct gate *g = ctx;
    (void)topic;
    (void)payload;
    lock_take(&g->lock);
    g->inside = true;
    lock_cond_broadcast(&g->changed);
    while (!g->open)
        lock_cond_wait(&g->changed, &g->lock);
    g->inside = false;
    lock_give(&g->lock);
}

static void ignore_lost(void *ctx, struct str topic)
{
    (void)ctx;
    (void)topic;
}

static struct bus_listener *gate_close(struct gate *g)
{
    *g = (struct gate){.open = false};
    lock_init(&g->lock, LOCK_RANK_LOG);
    lock_cond_init(&g->changed);
    struct bus_listener *l =
        listen_with("gate", (struct bus_handler){.message = gate_message, .lost = ignore_lost, .ctx = g});
    bus_publish(bus, STR("gate"), STR_EMPTY);
    lock_take(&g->lock);
    while (!g->inside)
        lock_cond_wait(&g->changed, &g->lock);
    lock_give(&g->lock);
    return l;
}

static void gate_open(struct gate *g)
{
    lock_take(&g->lock);
    g->open = true;
    lock_cond_broadcast(&g->changed);
    lock_give(&g->lock);
}

static void gate_done(struct gate *g)
{
    lock_cond_done(&g->changed);
    lock_done(&g->lock);
}

/* Publishes `payloads` one by one while the bus stands still; then as many as `expected` arrive, and `lost` is called or not. */
static void flood(size_t queue_max, size_t queue_max_bytes, const char *payloads, const char *expected, size_t lost)
{
    struct heard a, other;
    struct gate g;
    heard_init(&a);
    heard_init(&other);
    start(queue_max, queue_max_bytes);
    struct bus_listener *on_gate = gate_close(&g), *on_a = hear("a", &a), *on_other = hear("other", &other);
    for (const char *p = payloads; *p; p++)
        bus_publish(bus, STR("a"), (struct str){p, 1});
    gate_open(&g);
    heard_wait(&a, strlen(expected), lost);
    bus_publish(bus, STR("a"), STR("+")); /* there is room again */
    heard_wait(&a, strlen(expected) + 1, lost);
    lock_take(&a.lock);
    assert_int_equal(a.n, strlen(expected) + 1);
    assert_memory_equal(a.text, expected, strlen(expected));
    assert_int_equal(a.text[a.n - 1], '+');
    assert_int_equal(a.lost, lost);
    lock_give(&a.lock);
    assert_heard(&other, "", 0); /* who listens to something else has lost nothing */
    bus_unlisten(bus, on_gate);
    bus_unlisten(bus, on_a);
    bus_unlisten(bus, on_other);
    bus_free(bus);
    gate_done(&g);
    heard_done(&a);
    heard_done(&other);
}

static void test_full(void **state)
{
    (void)state;
    flood(3, 1000, "123", "123", 0);
    flood(3, 1000, "1234", "123", 1);
    flood(3, 1000, "12345678", "123", 1); /* once, however many */
    flood(100, 8, "1234", "1234", 0);     /* each is two bytes with its topic */
    flood(100, 8, "12345", "1234", 1);
    flood(100, 9, "12345", "1234", 1);
}

static void test_too_large(void **state)
{
    (void)state;
    struct heard a;
    heard_init(&a);
    start(100, (size_t)1 << 20);
    struct bus_listener *l = hear("a", &a);
    char *large = calloc(1, BUS_PAYLOAD_MAX + 1);
    assert_non_null(large);
    bus_publish(bus, STR("a"), (struct str){large, BUS_PAYLOAD_MAX});
    heard_wait(&a, 1, 0);
    assert_heard(&a, "", 0);
    bus_publish(bus, STR("a"), (struct str){large, BUS_PAYLOAD_MAX + 1});
    heard_wait(&a, 1, 1);
    free(large);
    bus_unlisten(bus, l);
    bus_free(bus);
    heard_done(&a);
}

/* What waits when the bus ends is released. */
static void test_end_with_queue(void **state)
{
    (void)state;
    struct heard a;
    struct gate g;
    heard_init(&a);
    start(100, 1000);
    struct bus_listener *on_gate = gate_close(&g), *l = hear("a", &a);
    bus_publish(bus, STR("a"), STR("1"));
    bus_publish(bus, STR("a"), STR("2"));
    bus_unlisten(bus, l); /* not the one that is being called: does not wait */
    assert_heard(&a, "", 0);
    gate_open(&g);
    bus_unlisten(bus, on_gate);
    bus_free(bus);
    gate_done(&g);
    heard_done(&a);
}

static void *unlisten_then_look(void *ctx)
{
    void **both = ctx;
    struct gate *g = both[1];
    bus_unlisten(bus, both[0]);
    lock_take(&g->lock);
    bool inside = g->inside;
    lock_give(&g->lock);
    return inside ? NULL : ctx;
}

/* Unlistening waits for the call that runs. */
static void test_unlisten_waits(void **state)
{
    (void)state;
    struct gate g;
    pthread_t thread;
    void *was_over = NULL;
    start(100, 1000);
    void *both[] = {gate_close(&g), &g};
    assert_int_equal(pthread_create(&thread, NULL, unlisten_then_look, both), 0);
    (void)usleep(20000); /* gives a wrong implementation the time to show it; a right one needs none */
    gate_open(&g);
    assert_int_equal(pthread_join(thread, &was_over), 0);
    assert_ptr_equal(was_over, both);
    bus_free(bus);
    gate_done(&g);
}

/* A handler that publishes, listens and takes others away. */
struct busy {
    struct heard *heard;
    struct bus_listener *other, *made;
};

static void busy_message(void *ctx, struct str topic, struct str payload)
{
    struct busy *busy = ctx;
    struct error e = {0};
    (void)topic;
    (void)payload;
    bus_unlisten(bus, busy->other);
    if (bus_listen(bus, STR("made"), heard_handler(busy->heard), &busy->made, &e) != ERR_OK) abort();
    bus_publish(bus, STR("made"), STR("m"));
}

static void test_from_callback(void **state)
{
    (void)state;
    struct heard made, other;
    heard_init(&made);
    heard_init(&other);
    start(100, 1000);
    struct busy busy = {.heard = &made, .other = hear("a", &other)}; /* behind the busy one in the list */
    struct bus_listener *l =
        listen_with("a", (struct bus_handler){.message = busy_message, .lost = ignore_lost, .ctx = &busy});
    bus_publish(bus, STR("a"), STR("1"));
    heard_wait(&made, 1, 0);
    assert_heard(&made, "m", 0);
    assert_heard(&other, "", 0);
    bus_unlisten(bus, l);
    bus_unlisten(bus, busy.made);
    bus_free(bus);
    heard_done(&made);
    heard_done(&other);
}

static struct bus_listener *myself;
static void take_myself_away(void *ctx, struct str topic, struct str payload)
{
    (void)ctx;
    (void)topic;
    (void)payload;
    bus_unlisten(bus, myself);
}

static void test_not_oneself(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit no_core = {0};
        (void)dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL);
        (void)alarm(30); /* it must end, not wait for itself */
        start(10, 1000);
        myself = listen_with("a", (struct bus_handler){.message = take_myself_away, .lost = ignore_lost});
        bus_publish(bus, STR("a"), STR_EMPTY);
        for (;;)
            (void)pause();
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* ---- many threads ---- */

static atomic_bool stress_over;

static void *come_and_go(void *ctx)
{
    size_t *calls = ctx;
    char topic[2] = "a";
    for (int i = 0; i < 2000; i++) {
        struct heard *h = malloc(sizeof *h);
        assert_non_null(h);
        heard_init(h);
        topic[0] = (char)('a' + i % 3);
        struct bus_listener *l = hear(topic, h);
        if (i % 4 == 0)
            heard_wait(h, 1, 0); /* someone publishes until the end, and dropped or not, another will come */
        bus_unlisten(bus, l);
        *calls += h->messages; /* nobody calls any more: no lock */
        heard_done(h);
        free(h); /* AddressSanitizer sees a call that comes later */
    }
    return NULL;
}

static void *publish_on(void *ctx)
{
    char topic[2] = "a";
    (void)ctx;
    for (int i = 0; !atomic_load(&stress_over); i++) {
        topic[0] = (char)('a' + i % 3);
        bus_publish(bus, str_from_c(topic), STR("some payload"));
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t listeners[3], publishers[2];
    size_t calls[3] = {0};
    start(64, 1 << 20);
    atomic_store(&stress_over, false);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&publishers[i], NULL, publish_on, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&listeners[i], NULL, come_and_go, &calls[i]), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(listeners[i], NULL), 0);
    atomic_store(&stress_over, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(publishers[i], NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_true(calls[i] >= 500);
    bus_free(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topics_and_order), cmocka_unit_test(test_full),
        cmocka_unit_test(test_too_large),        cmocka_unit_test(test_end_with_queue),
        cmocka_unit_test(test_unlisten_waits),   cmocka_unit_test(test_from_callback),
        cmocka_unit_test(test_not_oneself),      cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
