#include "base/vec.h"

#include "base_test.h"

static void test_push_many(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new((size_t)16 << 20);
    VEC(struct {
        int v;
        char c;
    })
    v = {0};
    for (int i = 0; i < 100000; i++) {
        if (i % 1000 == 0) assert_non_null(arena_alloc(a, 1)); /* so that it must move at times */
        assert_non_null(VEC_PUSH(a, &v));
        v.at[v.n - 1].v = i;
    }
    assert_int_equal(v.n, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(v.at[i].v, i);
}

static void test_new_element_is_zero(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(4096);
    VEC(int) v = {0};
    *VEC_PUSH(a, &v) = 7;
    v.n = 0;
    assert_int_equal(*VEC_PUSH(a, &v), 0);
}

static void test_no_memory_changes_nothing(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(8 * sizeof(int));
    VEC(int) v = {0};
    for (int i = 0; i < 8; i++) {
        int *slot = VEC_PUSH(a, &v);
        assert_non_null(slot);
        *slot = i;
    }
    assert_null(VEC_PUSH(a, &v));
    assert_int_equal(v.n, 8);
    for (int i = 0; i < 8; i++)
        assert_int_equal(v.at[i], i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push_many),
        cmocka_unit_test(test_new_element_is_zero),
        cmocka_unit_test(test_no_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
