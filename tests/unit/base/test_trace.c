/* Spans: which are part of which, what is kept of them, and that nobody ever waits for whoever collects them. */
#include "base/trace.h"

#include <pthread.h>

#include "base/log.h"
#include "base/time.h"
#include "base_test.h"

#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void test_parent(void **state)
{
    char text[TRACE_PARENT_CHARS + 1];
    struct trace_link link;
    (void)state;
    assert_true(trace_parent_read(STR(PARENT), &link));
    assert_true(link.sampled && link.trace[0] == 0x0a && link.span[7] == 0x31);
    assert_true(str_eq_c(trace_parent_write(&link, text), PARENT));
    assert_true(trace_parent_read(STR("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"), &link));
    assert_false(link.sampled);
    assert_true(trace_parent_read(STR("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-09-more"), &link));
    assert_true(link.sampled);
    static const char *const wrong[] = {
        "",
        "00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(trace_parent_read(str_from_c(wrong[i]), &link));
        assert_true(trace_is_none(&link));
        assert_int_equal(trace_parent_write(&link, text).n, 0);
    }
}

static void start(size_t spans, double ratio)
{
    const struct trace_options o = {spans, ratio};
    assert_int_equal(trace_start(&o, NULL), ERR_OK);
    trace_work_set(NULL);
}

static bool same_span(const uint8_t a[8], const uint8_t b[8]) { return memcmp(a, b, 8) == 0; }

static void test_tree(void **state)
{
    struct trace_span outer, inner, beside, got[4];
    (void)state;
    start(4, 1);
    trace_begin(&outer, TRACE_SERVER, STR("GET /"));
    trace_begin(&inner, TRACE_CLIENT, STR("call"));
    trace_text(&inner, "model", STR("m"));
    trace_number(&inner, "tokens", -3);
    trace_end(&inner, "throttled");
    trace_leave(&outer);
    trace_begin(&beside, TRACE_INTERNAL, STR("another"));
    trace_end(&beside, NULL);
    trace_end(&outer, NULL);
    trace_end(&outer, NULL); /* once is enough */
    assert_int_equal(trace_take(got, 4), 3);
    assert_true(same_span(got[0].before.span, outer.link.span));
    assert_memory_equal(got[0].link.trace, outer.link.trace, 16);
    assert_true(got[0].failed && strcmp(got[0].error, "throttled") == 0);
    assert_int_equal(got[0].n_attributes, 2);
    assert_true(got[0].attributes[0].is_text && got[0].attributes[1].number == -3);
    assert_true(trace_is_none(&got[1].before) && trace_is_none(&got[2].before));
    assert_memory_not_equal(got[1].link.trace, outer.link.trace, 16);
    assert_true(got[2].took_ns >= got[0].took_ns && got[2].kind == TRACE_SERVER);
    assert_true(got[0].began_unix_ns >= got[2].began_unix_ns);
    trace_stop();
}

/* From outside and to another thread. */
static void *elsewhere(void *ctx)
{
    struct trace_span span;
    trace_work_set(ctx);
    trace_begin(&span, TRACE_INTERNAL, STR("job"));
    trace_end(&span, NULL);
    return NULL;
}

static void test_work(void **state)
{
    struct trace_span request, got[2];
    pthread_t thread;
    (void)state;
    start(4, 0); /* by chance none; who comes sampled is kept all the same */
    struct trace_work work = trace_work_make(STR("r 1\n\xff"), STR(PARENT));
    assert_string_equal(work.request, "r1");
    trace_work_set(&work);
    trace_begin(&request, TRACE_SERVER, STR("POST /"));
    work = trace_work_now();
    trace_leave(&request);
    assert_int_equal(pthread_create(&thread, NULL, elsewhere, &work), 0);
    (void)pthread_join(thread, NULL);
    trace_end(&request, NULL);
    assert_int_equal(trace_take(got, 2), 2);
    assert_true(same_span(got[0].before.span, request.link.span));
    assert_int_equal(got[1].before.span[7], 0x31);
    assert_string_equal(trace_work_now().request, "r1");
    /* what is not sampled is not kept, and says so to those behind it */
    trace_work_set(NULL);
    trace_begin(&request, TRACE_SERVER, STR("GET /"));
    work = trace_work_now();
    assert_false(trace_is_none(&work.link) || work.link.sampled);
    trace_end(&request, NULL);
    assert_int_equal(trace_take(got, 2), 0);
    trace_stop();
    /* without a collector a traceparent goes through */
    work = trace_work_make(STR(""), STR(PARENT));
    trace_work_set(&work);
    trace_begin(&request, TRACE_SERVER, STR("GET /"));
    assert_int_equal(trace_work_now().link.span[7], 0x31);
    trace_end(&request, NULL);
    trace_work_set(NULL);
}

static void test_full(void **state)
{
    struct trace_span span, got[8];
    char long_text[TRACE_TEXT_MAX + 1] = {0};
    (void)state;
    start(3, 1);
    for (int i = 0; i < 10; i++) {
        trace_begin(&span, TRACE_INTERNAL, (struct str){long_text, sizeof long_text});
        for (int k = 0; k < TRACE_ATTRIBUTES_MAX + 3; k++)
            trace_number(&span, "k", k);
        trace_text(&span, "t", (struct str){long_text, sizeof long_text}); /* does not fit */
        trace_end(&span, NULL);
    }
    struct trace_counts c = trace_counts();
    assert_true(c.kept == 3 && c.dropped == 7 && c.waiting == 3);
    trace_wait(2, time_monotonic_ns() + (int64_t)60 * 1000000000); /* at once: three are there */
    assert_int_equal(trace_take(got, 2), 2);
    assert_int_equal(trace_take(got, 8), 1);
    assert_int_equal(got[0].n_attributes, TRACE_ATTRIBUTES_MAX);
    trace_wake();
    trace_wait(2, time_monotonic_ns() + (int64_t)60 * 1000000000); /* nor now */
    trace_stop();
}

/* Threads that begin and end spans while one takes them. */
static void *spin(void *ctx)
{
    struct trace_span outer, inner;
    for (int i = 0; i < 500; i++) {
        trace_begin(&outer, TRACE_INTERNAL, STR("outer"));
        trace_begin(&inner, TRACE_INTERNAL, STR("inner"));
        trace_end(&inner, NULL);
        trace_end(&outer, NULL);
    }
    return ctx;
}

static void test_threads(void **state)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    struct trace_span got[16];
    size_t n = 0;
    (void)state;
    start(64, 1);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, spin, NULL), 0);
    for (struct trace_counts c = trace_counts(); c.kept + c.dropped < 1000; c = trace_counts()) {
        trace_wait(16, time_monotonic_ns() + 1000000);
        n += trace_take(got, 16);
    }
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    for (size_t more = 1; more > 0; n += more)
        more = trace_take(got, 16);
    struct trace_counts c = trace_counts();
    assert_int_equal(c.kept + c.dropped, THREADS * 1000);
    assert_int_equal(n, c.kept);
    trace_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parent), cmocka_unit_test(test_tree),    cmocka_unit_test(test_work),
        cmocka_unit_test(test_full),   cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
