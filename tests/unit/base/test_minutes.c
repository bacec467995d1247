/* The ring of the last minutes: turns, gaps, clocks that jump. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/minutes.h"

#define START ((int64_t)1000 * MINUTE_MS)

static struct latency took;
static struct minutes m;
static struct minute got[MINUTES_KEPT];

static struct minutes_totals totals(uint64_t requests, uint64_t errors_4xx, uint64_t errors_5xx)
{
    struct minutes_totals t = {.requests = requests, .errors_4xx = errors_4xx, .errors_5xx = errors_5xx};
    latency_read(&took, &t.took);
    return t;
}

static int begin(void **state)
{
    (void)state;
    took = (struct latency){.sum_us = 0};
    minutes_begin(&m, START + 30000);
    return 0;
}

static void test_nothing_yet(void **state)
{
    (void)state;
    struct minutes_totals t = totals(0, 0, 0);
    assert_int_equal(minutes_read(&m, &t, got), START - (MINUTES_KEPT - 1) * MINUTE_MS);
    for (size_t i = 0; i < MINUTES_KEPT - 1; i++)
        assert_false(got[i].known);
    assert_true(got[MINUTES_KEPT - 1].known);
    assert_int_equal(got[MINUTES_KEPT - 1].requests, 0);
    assert_int_equal(got[MINUTES_KEPT - 1].timed, 0);
}

static void test_each_minute_has_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < 100; i++)
        latency_add(&took, i < 95 ? 1000 : 500000);
    struct minutes_totals t = totals(100, 7, 2);
    minutes_turn(&m, START + 59999, &t); /* still the same minute */
    minutes_turn(&m, START + MINUTE_MS, &t);
    latency_add(&took, 20000);
    t = totals(103, 7, 3);
    (void)minutes_read(&m, &t, got);
    const struct minute *last = &got[MINUTES_KEPT - 1], *before = &got[MINUTES_KEPT - 2];
    assert_int_equal(before->requests, 100);
    assert_int_equal(before->errors_4xx, 7);
    assert_int_equal(before->errors_5xx, 2);
    assert_int_equal(before->timed, 100);
    assert_in_range(before->p50_us, 950, 1050);
    assert_in_range(before->p90_us, 950, 1050);
    assert_in_range(before->p99_us, 480000, 520000);
    assert_int_equal(last->requests, 3);
    assert_int_equal(last->errors_4xx, 0);
    assert_int_equal(last->errors_5xx, 1);
    assert_in_range(last->p99_us, 19000, 21000);
    assert_false(got[MINUTES_KEPT - 3].known);
}

static void test_the_oldest_go(void **state)
{
    (void)state;
    struct minutes_totals t = totals(0, 0, 0);
    for (int64_t i = 1; i <= 200; i++) {
        t = totals((uint64_t)i * (uint64_t)(i + 1) / 2, 0, 0); /* i in minute i */
        minutes_turn(&m, START + i * MINUTE_MS, &t);
    }
    int64_t from = minutes_read(&m, &t, got);
    assert_int_equal(from, START + (200 - MINUTES_KEPT + 1) * MINUTE_MS);
    for (int64_t i = 0; i < MINUTES_KEPT - 1; i++)
        assert_int_equal(got[i].requests, 200 - MINUTES_KEPT + 2 + i);
    assert_int_equal(got[MINUTES_KEPT - 1].requests, 0);
}

static void test_a_clock_that_jumps(void **state)
{
    (void)state;
    struct minutes_totals t = totals(5, 0, 0);
    minutes_turn(&m, START - 10 * MINUTE_MS, &t); /* back: counts on */
    (void)minutes_read(&m, &t, got);
    assert_int_equal(got[MINUTES_KEPT - 1].requests, 5);
    minutes_turn(&m, START + 3 * MINUTE_MS, &t); /* ahead: a gap of nothing */
    (void)minutes_read(&m, &t, got);
    assert_int_equal(got[MINUTES_KEPT - 4].requests, 5);
    for (size_t i = MINUTES_KEPT - 3; i < MINUTES_KEPT; i++) {
        assert_true(got[i].known);
        assert_int_equal(got[i].requests, 0);
    }
    minutes_turn(&m, START + 5000 * MINUTE_MS, &t); /* further than the ring */
    (void)minutes_read(&m, &t, got);
    for (size_t i = 0; i < MINUTES_KEPT; i++)
        assert_int_equal(got[i].requests, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_yet, begin),
        cmocka_unit_test_setup(test_each_minute_has_its_own, begin),
        cmocka_unit_test_setup(test_the_oldest_go, begin),
        cmocka_unit_test_setup(test_a_clock_that_jumps, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
