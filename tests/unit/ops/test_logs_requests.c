/* Counting of requests: nothing grows with a log, the sums stay right when the tables are full, and onsets begin at their minute. */
#include "logs_test.h"

#include <stdio.h>

static const int64_t start = INT64_C(1764182000000) / 60000 * 60000; /* a whole minute */

static void request(struct ops_logs *l, int64_t at, const char *path, int status, int64_t us)
{
    const struct logs_request rq = {.at = at,
                                    .client = STR("1.2.3.4"),
                                    .method = STR("GET"),
                                    .path = str_from_c(path),
                                    .status = status,
                                    .bytes = 100,
                                    .us = us};
    logs__request(l, LOGS_FROM_NGINX, &rq);
}

static struct ops_logs *begin(struct arena **a)
{
    *a = arena_new((size_t)128 << 20);
    struct ops_logs *l = logs_test_new(*a);
    logs_test_file(l, LOGS_ACCESS, "access.log", STR(""));
    return l;
}

static void full_tables_keep_the_sums(void **state)
{
    (void)state;
    struct arena *a;
    struct ops_logs *l = begin(&a);
    const struct logs_requests *r = &l->requests[LOGS_FROM_NGINX];
    enum { N = 40000 };
    char path[32];
    for (int i = 0; i < N; i++) {
        (void)snprintf(path, sizeof path, "/p%dx", i);
        request(l, start + (int64_t)i * 60000, path, 200, -1);
    }
    size_t used = arena_used(a);
    for (int i = 0; i < N; i++) {
        (void)snprintf(path, sizeof path, "/q%dx", i);
        request(l, start + (int64_t)i * 60000, path, 200, -1);
    }
    assert_true(arena_used(a) == used); /* the tables are full: nothing more is taken */
    logs_test_judge(l);
    uint64_t by_path = 0, by_minute = r->off_minutes;
    size_t n;
    const struct logs_path **paths = logs__paths(l, r, false, &n);
    assert_true(n == LOGS_PATHS_MAX + 1);
    assert_string_equal(paths[0]->path.p, "(other paths)");
    for (size_t i = 0; i < n; i++)
        by_path += paths[i]->sum.n;
    for (size_t i = 0; i < r->n_minutes; i++)
        by_minute += r->minutes[i].n;
    assert_int_equal(by_path, (uint64_t)2 * N);
    assert_int_equal(by_minute, (uint64_t)2 * N);
    assert_true(r->off_minutes > 0);
    arena_free(a);
}

static void quantiles_are_within_a_sixteenth(void **state)
{
    (void)state;
    struct arena *a;
    struct ops_logs *l = begin(&a);
    const struct logs_requests *r = &l->requests[LOGS_FROM_NGINX];
    for (int64_t i = 1; i <= 1000; i++)
        request(l, start, "/x", 200, i * 997);
    static const double shares[] = {0.01, 0.5, 0.9, 0.99};
    for (size_t i = 0; i < 4; i++) {
        double truth = shares[i] * 1000 * 997, got = (double)logs__latency(r, shares[i]);
        assert_true(got >= truth && got <= truth * (1 + 1.0 / 16));
    }
    assert_int_equal(logs__latency(r, 1.0), 997000);
    assert_int_equal(r->max_us, 997000);
    assert_int_equal(r->n_slow, LOGS_SLOW_MAX);
    for (size_t i = 0; i < LOGS_SLOW_MAX; i++)
        assert_int_equal(r->slow[i].us, (1000 - i) * 997);
    arena_free(a);
}

static void an_onset_begins_at_its_minute_and_not_by_one_error(void **state)
{
    (void)state;
    struct arena *a;
    struct ops_logs *l = begin(&a);
    for (int64_t m = 0; m < 100; m++)
        for (int i = 0; i < 100; i++) {
            bool once = m == 10 && i == 0;         /* a single error: no onset */
            bool bad = m >= 50 && m < 60 && i < 5; /* 5 % */
            bool health = i == 99;
            request(l, start + m * 60000 + i * 500, health ? "/health" : "/x", once || bad ? 500 : 200, -1);
        }
    logs_test_judge(l);
    assert_true(l->onset_5xx.any);
    assert_int_equal(l->onset_5xx.from, start / 60000 + 50);
    assert_int_equal(l->onset_5xx.to, start / 60000 + 59);
    assert_false(l->onset_5xx.open);
    assert_int_equal(l->onset_5xx.errors, 50);
    assert_int_equal(l->onset_5xx.n, 990); /* without the checks */
    assert_int_equal(l->onset_5xx.errors_before, 1);
    assert_false(l->onset_4xx.any);
    arena_free(a);
}

static void errors_to_the_end_are_said_so(void **state)
{
    (void)state;
    struct arena *a;
    struct ops_logs *l = begin(&a);
    for (int64_t m = 0; m < 20; m++)
        for (int i = 0; i < 10; i++)
            request(l, start + m * 60000, "/x", m >= 10 ? 404 : 200, -1);
    logs_test_judge(l);
    assert_true(l->onset_4xx.any && l->onset_4xx.open && !l->onset_5xx.any);
    assert_int_equal(l->verdict, OPS_LOGS_PROBLEMS);
    arena_free(a);
}

static void spans_hold_everything_whatever_their_width(void **state)
{
    (void)state;
    struct arena *a;
    struct ops_logs *l = begin(&a);
    struct logs_span spans[30];
    int64_t each = 0;
    for (int64_t m = 0; m < 5000; m++)
        request(l, start + m * 60000, "/x", m % 10 ? 200 : 500, -1);
    logs_test_judge(l);
    size_t n = logs__spans(l->counted, spans, 30, &each);
    uint64_t all = 0, fives = 0;
    for (size_t i = 0; i < n; i++) {
        all += spans[i].n;
        fives += spans[i].n5;
    }
    assert_true(n > 0 && n <= 30);
    assert_int_equal(all, 5000);
    assert_int_equal(fives, 500);
    assert_int_equal(each, 360);
    arena_free(a);
}

static void a_route_is_one_row(void **state)
{
    (void)state;
    struct arena *a;
    struct ops_logs *l = begin(&a);
    request(l, start, "/api/v1/reviews/ymjccrvekygt2ys5c6zkjs4aam/findings?risk=high", 200, -1);
    request(l, start, "/api/v1/reviews/5g9g2m2z0x1s8h6w4e1q7t3c9d/findings", 200, -1);
    request(l, start, "/item/17", 200, -1);
    request(l, start, "/item/18?secret=1", 200, -1);
    size_t n;
    const struct logs_path **paths = logs__paths(l, &l->requests[LOGS_FROM_NGINX], false, &n);
    assert_int_equal(n, 2);
    assert_string_equal(paths[0]->path.p, "/api/v1/reviews/:id/findings");
    assert_string_equal(paths[1]->path.p, "/item/:id");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_tables_keep_the_sums),
        cmocka_unit_test(quantiles_are_within_a_sixteenth),
        cmocka_unit_test(an_onset_begins_at_its_minute_and_not_by_one_error),
        cmocka_unit_test(errors_to_the_end_are_said_so),
        cmocka_unit_test(spans_hold_everything_whatever_their_width),
        cmocka_unit_test(a_route_is_one_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
