#include "base/hash.h"

#include "base_test.h"

/* The examples of FIPS 180-4's companion document, and a million letters. */
static void test_known(void **state)
{
    (void)state;
    char hex[HASH_SHA256_HEX + 1] = "";
    struct error e = {0};
    assert_int_equal(hash_sha256_hex(STR("abc"), hex, &e), ERR_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(hash_sha256_hex(STR_EMPTY, hex, &e), ERR_OK);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    char *many = arena_alloc(a, 1000000);
    assert_non_null(many);
    memset(many, 'a', 1000000);
    assert_int_equal(hash_sha256_hex((struct str){many, 1000000}, hex, &e), ERR_OK);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
