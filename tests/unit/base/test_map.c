#include "base/map.h"

#include "base_test.h"

#define MANY 100000

static void test_many_keys(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new((size_t)128 << 20);
    struct map m = map_make(a);
    static int values[MANY];
    assert_null(map_get(&m, STR("k0")));
    for (int i = 0; i < MANY; i++) {
        struct str key = str_printf(a, "k%d", i);
        assert_non_null(key.p);
        assert_true(map_put(&m, key, &values[i]));
    }
    assert_int_equal(m.n, MANY);
    assert_true(m.cap >= MANY * 3 / 2 && (m.cap & (m.cap - 1)) == 0);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(map_get(&m, str_printf(a, "k%d", i)), &values[i]);
    assert_null(map_get(&m, STR("k100000")));
    assert_null(map_get(&m, STR("")));

    size_t seen = 0;
    const struct map_slot *slot = NULL;
    for (size_t i = 0; (slot = map_next(&m, &i));) {
        int *value = slot->value;
        assert_int_equal(*value, 0);
        *value = 1;
        seen++;
    }
    assert_int_equal(seen, MANY);
}

static void test_replace_and_empty_key(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct map m = map_make(a);
    int x = 0, y = 0;
    assert_true(map_put(&m, STR(""), &x));
    assert_true(map_put(&m, STR("k"), &x));
    assert_true(map_put(&m, STR("k"), &y));
    assert_int_equal(m.n, 2);
    assert_ptr_equal(map_get(&m, STR("")), &x);
    assert_ptr_equal(map_get(&m, STR("k")), &y);
}

static void test_no_memory(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(16 * sizeof(struct map_slot)); /* the first table and no second */
    struct map m = map_make(a);
    static const char keys[] = "abcdefghijklmnop";
    int x = 0;
    size_t n = 0;
    while (n < 16 && map_put(&m, (struct str){keys + n, 1}, &x))
        n++;
    assert_in_range(n, 8, 15);
    assert_int_equal(m.n, n);
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(map_get(&m, (struct str){keys + i, 1}), &x);
    assert_null(map_get(&m, (struct str){keys + n, 1}));
    assert_true(map_put(&m, STR("a"), &m)); /* replacing needs no room */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_replace_and_empty_key),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
