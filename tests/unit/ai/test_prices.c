/* What tokens cost: the table of the program, a team's own before it, and what is wrong with one. */
#include "support/torture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../client/client_test.h"
#include "ai/prices.h"
#include "base/fs.h"

static char path[] = "/tmp/prism_prices_XXXXXX";

static void write_file(const char *text)
{
    struct error e;
    assert_int_equal(fs_write_atomic(path, str_from_c(text), 0600, &e), ERR_OK);
}

static void assert_price(const struct ai_prices *p, const char *model, int64_t in, int64_t out)
{
    struct ai_price price = {-1, -1, -1, -1};
    bool found = ai_prices_find(p, str_from_c(model), &price);
    if (!found || price.in != in || price.out != out)
        fail_msg("%s: %d, %lld in, %lld out", model, found, (long long)price.in, (long long)price.out);
}

static void test_ours(void **state)
{
    (void)state;
    struct ai_prices *p = NULL;
    struct ai_price price = {.in = 7};
    struct error e;
    assert_int_equal(ai_prices_new(NULL, &p, &e), ERR_OK);
    assert_price(p, "global.anthropic.claude-sonnet-4-5-20250929-v1:0", 3000000, 15000000);
    assert_price(p, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", 3300000, 16500000);
    assert_price(p, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 3300000, 16500000);
    assert_price(p, "anthropic.claude-sonnet-4-5-20250929-v1:0", 3300000, 16500000);
    assert_price(p, "claude-sonnet-4-5-20250929", 3000000, 15000000);
    assert_price(p, "arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-5-x",
                 3000000, 15000000);
    assert_price(p, "arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-5-x",
                 3300000, 16500000);
    assert_price(p, "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-haiku-4-5-x", 1100000, 5500000);
    assert_true(ai_prices_find(p, STR("eu.anthropic.claude-sonnet-4-5-20250929-v1:0"), &price));
    assert_true(price.cache_read == 330000 && price.cache_write == 4125000);
    static const char *const none[] = {"llama3", "", "claude",
                                       "arn:aws:bedrock:eu-west-1:1:application-inference-profile/x9"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        price.in = 7;
        assert_false(ai_prices_find(p, str_from_c(none[i]), &price));
        assert_int_equal(price.in, 7);
    }
    assert_false(ai_prices_find(NULL, STR("claude-sonnet-4-5"), &price));
    ai_prices_free(p);
    ai_prices_free(NULL);
}

static void test_own(void **state)
{
    (void)state;
    struct ai_prices *p = NULL;
    struct error e;
    write_file(
        "{\"prices\": ["
        "{\"models\": [\"arn:*:application-inference-profile/x9\", \"llama*\"], \"in\": 0, \"out\": 0, \"cache_read\": 0, \"cache_write\": 0},"
        "{\"models\": [\"*sonnet*v1:0\"], \"in\": 2.5, \"out\": 10, \"cache_read\": 0.25, \"cache_write\": 3}]}");
    assert_int_equal(ai_prices_new(path, &p, &e), ERR_OK);
    assert_price(p, "llama3", 0, 0);
    assert_price(p, "arn:aws:bedrock:eu-west-1:1:application-inference-profile/x9", 0, 0);
    assert_price(p, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", 2500000, 10000000);
    assert_price(p, "claude-haiku-4-5-x", 1000000, 5000000); /* ours, where the team says nothing */
    ai_prices_free(p);
}

static void test_wrong(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"{", "line 1"},
        {"{}", "prices"},
        {"{\"prices\": [{\"models\": [\"m\"], \"in\": 1, \"out\": 1, \"cache_read\": 1}]}", "cache_write"},
        {"{\"prices\": [{\"models\": [], \"in\": 1, \"out\": 1, \"cache_read\": 1, \"cache_write\": 1}]}", "models"},
        {"{\"prices\": [{\"models\": [\"m\"], \"in\": -1, \"out\": 1, \"cache_read\": 1, \"cache_write\": 1}]}", "in"},
        {"{\"prices\": [{\"models\": [\"m\"], \"in\": \"1\", \"out\": 1, \"cache_read\": 1, \"cache_write\": 1}]}",
         "in"},
        {"{\"prices\": [], \"price\": 1}", "price"}};
    struct ai_prices *p = NULL;
    struct error e;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_file(rows[i][0]);
        assert_int_equal(ai_prices_new(path, &p, &e), ERR_INVALID);
        assert_string_equal(e.reason, "bad_prices");
        assert_has(e.message, path);
        assert_has(e.message, rows[i][1]);
        assert_has(e.hint, "cache_write");
        assert_null(p);
    }
    assert_int_equal(ai_prices_new("/no/such/file", &p, &e), ERR_NOT_FOUND);
}

static void test_cost(void **state)
{
    (void)state;
    struct ai_price price = {3000000, 15000000, 300000, 3750000};
    struct ai_usage u = {.in = 1000, .out = 100, .cache_read = 10000, .cache_write = 1000};
    assert_int_equal(ai_price_cost(&price, &u), 3000 + 1500 + 3000 + 3750);
    assert_int_equal(ai_price_cost(&price, &(struct ai_usage){.cache_read = 1}), 1); /* up */
    assert_int_equal(ai_price_cost(&price, &(struct ai_usage){0}), 0);
    struct ai_price dear = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    struct ai_usage much = {UINT64_MAX / 8, UINT64_MAX / 8, UINT64_MAX / 8, UINT64_MAX / 8};
    assert_true(ai_price_cost(&dear, &much) == INT64_MAX);
}

static enum err load(void *ctx, struct error *e)
{
    (void)ctx;
    struct ai_prices *p = NULL;
    TRY(ai_prices_new(path, &p, e));
    assert_price(p, "m", 1000000, 1000000);
    ai_prices_free(p);
    return ERR_OK;
}

static void test_torture(void **state)
{
    (void)state;
    write_file("{\"prices\": [{\"models\": [\"m\"], \"in\": 1, \"out\": 1, \"cache_read\": 1, \"cache_write\": 1}]}");
    assert_true(torture_run(load, NULL) >= 2);
}

static int setup(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static int teardown(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ours), cmocka_unit_test(test_own),
                                       cmocka_unit_test(test_wrong), cmocka_unit_test(test_cost),
                                       cmocka_unit_test(test_torture)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
