#include "base/hash.h"

#include "base_test.h"

/* FIPS 180-4, the examples of its appendix, and no bytes at all. */
static void the_examples_of_the_standard_come_out(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hex;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char hex[HASH_SHA256_HEX + 1];
        struct error e = {0};
        assert_int_equal(hash_sha256_hex(str_from_c(rows[i].text), hex, &e), ERR_OK);
        assert_string_equal(hex, rows[i].hex);
    }
    char hex[HASH_SHA256_HEX + 1];
    assert_int_equal(hash_sha256_hex(STR_EMPTY, hex, NULL), ERR_OK);
    assert_string_equal(hex, rows[0].hex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_examples_of_the_standard_come_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
