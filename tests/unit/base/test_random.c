#include "base/random.h"

#include "base_test.h"

/* Nothing is left out at either end, and nothing comes twice. */
static void test_bytes(void **state)
{
    (void)state;
    unsigned char big[100000] = {0}, again[100000] = {0};
    size_t seen[256] = {0};
    random_bytes(big, 0);
    assert_int_equal(big[0], 0);
    random_bytes(big, sizeof big);
    random_bytes(again, sizeof again);
    assert_memory_not_equal(big, again, sizeof big);
    for (size_t i = 0; i < sizeof big; i++)
        seen[big[i]]++;
    for (size_t i = 0; i < 256; i++) /* 390 are expected: 200 or 600 are ten standard deviations away */
        assert_in_range(seen[i], 200, 600);
    unsigned char edge[10] = {0};
    random_bytes(edge + 1, 8);
    assert_int_equal(edge[0], 0);
    assert_int_equal(edge[9], 0);
}

/* Each place of an id takes each of the 32 digits; no two of a thousand ids are the same. */
static void test_ids(void **state)
{
    (void)state;
    enum { IDS = 1000 };
    static char ids[IDS][RANDOM_ID_CHARS + 1];
    static bool seen[RANDOM_ID_CHARS][128];
    for (size_t i = 0; i < IDS; i++) {
        random_id(ids[i]);
        assert_int_equal(strlen(ids[i]), RANDOM_ID_CHARS);
        assert_int_equal(strspn(ids[i], "0123456789abcdefghjkmnpqrstvwxyz"), RANDOM_ID_CHARS);
        for (size_t k = 0; k < RANDOM_ID_CHARS; k++)
            seen[k][(unsigned char)ids[i][k]] = true;
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(ids[i], ids[k]);
    }
    for (size_t k = 0; k < RANDOM_ID_CHARS; k++) {
        size_t digits = 0;
        for (size_t c = 0; c < 128; c++)
            digits += seen[k][c];
        assert_int_equal(digits, 32);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bytes), cmocka_unit_test(test_ids)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
