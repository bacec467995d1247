#include "base/arena.h"

#include "base_test.h"

static bool all_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0) return false;
    return true;
}

static void test_zeroed_aligned_apart(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    assert_non_null(a);
    char *blocks[400] = {0};
    for (size_t i = 0; i < 400; i++) {
        blocks[i] = arena_alloc(a, i * 7 + 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        assert_true(all_zero(blocks[i], i * 7 + 1));
        memset(blocks[i], (int)(i % 251) + 1, i * 7 + 1);
    }
    for (size_t i = 0; i < 400; i++)
        for (size_t k = 0; k < i * 7 + 1; k++)
            assert_int_equal((unsigned char)blocks[i][k], i % 251 + 1);
    char *large = arena_alloc(a, (size_t)5 << 20);
    assert_non_null(large);
    assert_true(all_zero(large, (size_t)5 << 20));
    assert_non_null(arena_alloc(a, 0));
    assert_true(arena_used(a) >= (size_t)5 << 20);
}

static void test_maximum(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1000);
    assert_null(arena_alloc(a, 1001));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_alloc(a, SIZE_MAX - 7));
    assert_non_null(arena_alloc(a, 500));
    assert_null(arena_alloc(a, 500));
    size_t used = arena_used(a);
    assert_true(used >= 500 && used <= 1000);
    size_t n = 0;
    while (arena_alloc(a, 1))
        n++;
    assert_true(n > 0 && n <= 500);
    assert_true(arena_used(a) <= 1000);
    assert_null(arena_alloc_array(a, SIZE_MAX / 2, 3));
    assert_null(NEW(a, uint64_t, SIZE_MAX / 4));
}

static void test_grow(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new((size_t)16 << 20);
    char *p = NULL;
    size_t n = 0;
    for (size_t to = 3; to < 200000; to = to * 3 / 2 + 1) {
        p = arena_grow(a, p, n, to);
        assert_non_null(p);
        for (size_t i = 0; i < n; i++)
            assert_int_equal((unsigned char)p[i], i % 255 + 1);
        assert_true(all_zero(p + n, to - n));
        for (size_t i = n; i < to; i++)
            p[i] = (char)(unsigned char)(i % 255 + 1);
        n = to;
        if (to % 2) assert_non_null(arena_alloc(a, 10)); /* now p is not the last one */
    }
    assert_null(arena_grow(a, p, n, (size_t)17 << 20));
    assert_int_equal((unsigned char)p[n - 1], (n - 1) % 255 + 1);
    assert_null(arena_grow(a, p, n, SIZE_MAX));
}

struct order {
    char letters[8];
    size_t n;
};
struct note {
    struct order *order;
    char letter;
};

static void write_note(void *object)
{
    struct note *note = object;
    note->order->letters[note->order->n++] = note->letter;
}

static void test_defer_last_first(void **state)
{
    (void)state;
    struct order order = {0};
    struct note notes[] = {{&order, 'a'}, {&order, 'b'}, {&order, 'c'}};
    struct arena *a = arena_new(4096);
    for (size_t i = 0; i < 3; i++)
        assert_true(arena_defer(a, write_note, &notes[i]));
    assert_int_equal(order.n, 0);
    arena_free(a);
    assert_string_equal(order.letters, "cba");
}

static void test_defer_without_memory(void **state)
{
    (void)state;
    struct order order = {0};
    struct note note = {&order, 'x'};
    CLEANUP_ARENA struct arena *a = arena_new(8);
    assert_false(arena_defer(a, write_note, &note));
    assert_string_equal(order.letters, "x");
}

static void test_cleanup_and_take(void **state)
{
    (void)state;
    struct order order = {0};
    struct note note = {&order, 'x'};
    struct arena *taken = NULL;
    {
        CLEANUP_ARENA struct arena *a = arena_new(4096);
        assert_true(arena_defer(a, write_note, &note));
        taken = TAKE(a);
        assert_null(a);
    }
    assert_int_equal(order.n, 0);
    arena_free(taken);
    assert_int_equal(order.n, 1);
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_aligned_apart),
        cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_defer_last_first),
        cmocka_unit_test(test_defer_without_memory),
        cmocka_unit_test(test_cleanup_and_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
