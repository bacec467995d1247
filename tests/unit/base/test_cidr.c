#include "base/cidr.h"

#include "base_test.h"

static bool has(const char *network, const char *address)
{
    struct cidr n;
    struct in6_addr at;
    assert_true(cidr_parse(str_from_c(network), &n));
    assert_true(cidr_address(str_from_c(address), &at));
    return cidr_has(&n, &at);
}

static void test_networks(void **state)
{
    (void)state;
    assert_true(has("10.0.0.0/8", "10.1.2.3"));
    assert_false(has("10.0.0.0/8", "11.0.0.0"));
    assert_true(has("10.1.2.3", "10.1.2.3"));
    assert_false(has("10.1.2.3", "10.1.2.4"));
    assert_true(has("192.168.4.0/22", "192.168.7.255"));
    assert_false(has("192.168.4.0/22", "192.168.8.0"));
    assert_true(has("0.0.0.0/0", "255.1.2.3"));
    assert_false(has("0.0.0.0/0", "2001:db8::1")); /* IPv4 alone */
    assert_true(has("::/0", "2001:db8::1"));
    assert_true(has("::/0", "1.2.3.4"));
    assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(has("10.0.0.0/8", "::ffff:10.9.9.9"));
    assert_true(has("::1", "[::1]"));
}

static void test_what_is_none(void **state)
{
    static const char *const wrong[] = {
        "",       "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/",    "10.0.0.0/-1", "10.0.0/8",   "::1/127",
        "::/129", "localhost",  "1.2.3.4:80",  "10.0.0.0/8/8", "none",        "10.0.0.0/ 8"};
    struct cidr n;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(cidr_parse(str_from_c(wrong[i]), &n));
    assert_false(cidr_parse((struct str){"1.2.3.4\0", 8}, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_networks), cmocka_unit_test(test_what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
