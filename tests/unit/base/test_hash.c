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

/* Cases 1, 2 and 6 (a key longer than a block) of RFC 4231. */
static void test_hmac(void **state)
{
    (void)state;
    struct error e = {0};
    unsigned char sum[HASH_SHA256_BYTES];
    char hex[HASH_SHA256_HEX + 1] = "", key[131];
    memset(key, 0x0b, 20);
    assert_int_equal(hash_hmac_sha256((struct str){key, 20}, STR("Hi There"), sum, &e), ERR_OK);
    hash_hex(sum, sizeof sum, hex);
    assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_int_equal(hash_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), sum, &e), ERR_OK);
    hash_hex(sum, sizeof sum, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    struct str text = STR("Test Using Larger Than Block-Size Key - Hash Key First");
    assert_int_equal(hash_hmac_sha256((struct str){key, sizeof key}, text, sum, &e), ERR_OK);
    hash_hex(sum, sizeof sum, hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known), cmocka_unit_test(test_hmac)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
