/* The heap of what is due, against a plain search: set, set again and taken out in any order, it stays a heap and its first is the first. */
#include "router_test.h"

#define CALLS 200

static void test_heap(void **state)
{
    (void)state;
    static struct ai_router r;
    static struct ai_router_call calls[CALLS];
    uint32_t chance = 1;
    for (size_t i = 0; i < CALLS; i++) {
        calls[i].timer_at = SIZE_MAX;
        calls[i].due_ns = AI__NEVER;
        assert_true(ai__timer_reserve(&r, i + 1));
    }
    for (size_t n = 0; n < 20000; n++) {
        int64_t least = AI__NEVER;
        size_t set = 0;
        chance = chance * 1664525 + 1013904223;
        struct ai_router_call *c = &calls[(chance >> 8) % CALLS];
        chance = chance * 1664525 + 1013904223;
        ai__timer_set(&r, c, chance >> 31 ? AI__NEVER : (chance >> 8) % 100000);
        for (size_t i = 0; i < CALLS; i++) {
            set += calls[i].timer_at != SIZE_MAX;
            least = calls[i].due_ns < least ? calls[i].due_ns : least;
        }
        assert_true(ai__timer_first(&r) == least);
        assert_int_equal(r.n_timers, set);
        for (size_t i = 1; i < r.n_timers; i++)
            assert_true(r.timers[(i - 1) / 2]->due_ns <= r.timers[i]->due_ns && r.timers[i]->timer_at == i);
    }
    free(r.timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_heap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
