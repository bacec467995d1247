#include "base/latency.h"

#include "base_test.h"

static void test_error_bound(void **state)
{
    (void)state;
    for (uint64_t us = 0; us < LATENCY_MAX_US; us = us < 100 ? us + 1 : us + us / 7) {
        struct latency l = {.sum_us = 0};
        struct latency_counts c;
        latency_add(&l, us);
        latency_read(&l, &c);
        uint64_t got = latency_quantile_us(&c, 0.5), off = got > us ? got - us : us - got;
        assert_int_equal(c.n, 1);
        assert_true(off * 32 <= us || off <= 1);
    }
}

static void test_quantiles(void **state)
{
    static struct latency l;
    struct latency_counts before, after;
    (void)state;
    latency_read(&l, &before);
    assert_int_equal(latency_quantile_us(&before, 0.99), 0);
    for (uint64_t i = 1; i <= 1000; i++)
        latency_add(&l, i * 1000); /* 1 ms to 1 s */
    latency_read(&l, &after);
    const struct {
        double q;
        uint64_t us;
    } rows[] = {{0.5, 500000}, {0.9, 900000}, {0.99, 990000}, {0, 1000}, {1, 1000000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t got = latency_quantile_us(&after, rows[i].q), us = rows[i].us;
        assert_true((got > us ? got - us : us - got) * 32 <= us);
    }
    before = after;
    latency_add(&l, UINT64_C(1) << 40); /* beyond all */
    latency_read(&l, &after);
    latency_since(&after, &before);
    assert_int_equal(after.n, 1);
    assert_int_equal(after.sum_us, UINT64_C(1) << 40);
    assert_true(latency_quantile_us(&after, 0.5) > LATENCY_MAX_US / 32 * 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_error_bound), cmocka_unit_test(test_quantiles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
