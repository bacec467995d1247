#include "base/closest.h"

#include "base_test.h"

static const char *const names[] = {"PORT", "PRISM_BIND", "PRISM_DATA", "MAX_CONTENT_LENGTH", "markdown"};
static const char *name_at(const void *ctx, size_t i)
{
    (void)ctx;
    return names[i];
}

static void assert_closest(const char *word, const char *expected)
{
    const char *got = closest_name(word, 5, name_at, NULL);
    if (!expected) {
        assert_null(got);
    } else {
        assert_non_null(got);
        assert_string_equal(got, expected);
    }
}

static void test_closest(void **state)
{
    (void)state;
    assert_closest("PORT", "PORT");
    assert_closest("PROT", "PORT");
    assert_closest("POT", "PORT");
    assert_closest("PORTE", "PORT");
    assert_closest("MAX_CONTENT_LENGHT", "MAX_CONTENT_LENGTH");
    assert_closest("MAX_CONNTENT_LEN", "MAX_CONTENT_LENGTH");
    assert_closest("mark", "markdown"); /* the beginning of it */
    assert_closest("ma", NULL);
    assert_closest("host", NULL);
    assert_closest("", NULL);
    assert_closest("PRISM_DATE", "PRISM_DATA");
    assert_closest("a word that is longer than all that is compared, PRISM_DATA", NULL);
    assert_null(closest_name("PORT", 0, name_at, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_closest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
