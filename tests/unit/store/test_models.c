/* The books of calls of models, sums over them, and results that are kept. */
#include "store_test.h"

static struct store_model_call make_call(const char *id, int64_t at, const char *person, const char *document,
                                         int64_t cost)
{
    return (struct store_model_call){
        .id = str_from_c(id),
        .at_unix_ms = at,
        .person = str_from_c(person),
        .document_id = str_from_c(document),
        .review_id = STR("r"),
        .purpose = STORE_FOR_REVIEW,
        .model = STR("eu.model-1"),
        .asked_model = STR("model-1"),
        .outcome = STR(""),
        .tokens_in = (uint64_t)1 << 40,
        .tokens_out = 20,
        .cache_read = 30,
        .cache_write = 40,
        .queue_ms = 50,
        .first_token_ms = -1,
        .whole_ms = 70,
        .cost_microusd = cost,
        .priced = true,
        .estimated = true,
    };
}

static int64_t spent(struct test_store *t, int64_t since)
{
    int64_t microusd = -1;
    must(store_model_spent(t->tx, since, &microusd, e));
    return microusd;
}

static void test_spent(void **state)
{
    struct test_store *t = *state;
    struct store_spent_list list = {0};
    assert_int_equal(spent(t, 0), 0);
    const struct store_model_call calls[] = {
        make_call("1", 100, "v", "d", 5), make_call("2", 200, "v", "d", 7),    make_call("3", 300, "w", "d2", 11),
        make_call("4", 300, "", "", 13),  make_call("5", 400, "x", "gone", 0),
    };
    must(store_model_call_insert(t->tx, calls, 5, e)); /* documents and persons need not be there */
    must(store_model_call_insert(t->tx, calls, 0, e));
    must_fail(store_model_call_insert(t->tx, calls, 1, e), ERR_CONFLICT, "exists");
    assert_int_equal(spent(t, 0), 36);
    assert_int_equal(spent(t, 200), 31);
    assert_int_equal(spent(t, 401), 0);

    must(store_model_spent_by_person(t->tx, 200, t->a, &list, e));
    assert_int_equal(list.n, 2);
    assert_str(list.at[0].id, "v");
    assert_int_equal(list.at[0].microusd, 7);
    assert_str(list.at[1].id, "w");
    assert_int_equal(list.at[1].microusd, 11);
    must(store_model_spent_on_documents(t->tx, t->a, &list, e));
    assert_int_equal(list.n, 2);
    assert_str(list.at[0].id, "d");
    assert_int_equal(list.at[0].microusd, 12);
    assert_str(list.at[1].id, "d2");
    assert_int_equal(list.at[1].microusd, 11);
}

static void test_totals(void **state)
{
    struct test_store *t = *state;
    struct store_model_total_list list = {0};
    struct store_model_call calls[] = {make_call("1", 100, "v", "d", 5), make_call("2", 200, "v", "d", 7),
                                       make_call("3", 300, "v", "d", 11), make_call("4", 300, "v", "d", 0)};
    calls[1].outcome = STR("throttled");
    calls[1].priced = false; /* of a call that failed it says nothing */
    calls[3].asked_model = STR("model-2");
    calls[3].priced = false;
    must(store_model_totals(t->tx, 0, t->a, &list, e));
    assert_int_equal(list.n, 0);
    must(store_model_call_insert(t->tx, calls, 4, e));
    must(store_model_totals(t->tx, 0, t->a, &list, e));
    assert_int_equal(list.n, 2);
    assert_str(list.at[0].model, "model-1");
    assert_int_equal(list.at[0].calls, 3);
    assert_int_equal(list.at[0].failed, 1);
    assert_int_equal(list.at[0].tokens_in, (uint64_t)3 << 40);
    assert_int_equal(list.at[0].tokens_out, 60);
    assert_int_equal(list.at[0].cache_read, 90);
    assert_int_equal(list.at[0].cache_write, 120);
    assert_int_equal(list.at[0].cost_microusd, 23);
    assert_true(list.at[0].priced);
    assert_str(list.at[1].model, "model-2");
    assert_false(list.at[1].priced);
    must(store_model_totals(t->tx, 250, t->a, &list, e));
    assert_int_equal(list.n, 2);
    assert_int_equal(list.at[0].calls, 1);
}

static void test_constraints(void **state)
{
    struct test_store *t = *state;
    struct store_model_call call = make_call("1", 100, "v", "d", 5);
    call.purpose = STORE_PURPOSE_N;
    must_fail(store_model_call_insert(t->tx, &call, 1, e), ERR_INTERNAL, "store_constraint");
}

static void test_results(void **state)
{
    struct test_store *t = *state;
    struct str result = STR_EMPTY;
    must_fail(store_model_result_get(t->tx, STR("d"), STR("k"), t->a, &result, e), ERR_NOT_FOUND, "not_found");
    must(store_model_result_put(t->tx, STR("d"), STR("k"), STR("[1]"), 5, e));
    must(store_model_result_put(t->tx, STR("d"), STR("k2"), STR("[2]"), 5, e));
    must(store_model_result_put(t->tx, STR("d"), STR("k"), STR("[3]"), 6, e));
    must(store_model_result_get(t->tx, STR("d"), STR("k"), t->a, &result, e));
    assert_str(result, "[3]");
    must(store_model_result_get(t->tx, STR("d"), STR("k2"), t->a, &result, e));
    assert_str(result, "[2]");
    must_fail(store_model_result_get(t->tx, STR("x"), STR("k"), t->a, &result, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_model_result_put(t->tx, STR("x"), STR("k"), STR("[]"), 5, e), ERR_NOT_FOUND, "gone");
}

/* What was kept for a document goes with it; what it has cost does not. */
static void test_delete(void **state)
{
    struct test_store *t = *state;
    struct store_model_call call = make_call("1", 100, "v", "d", 5);
    struct store_keys blobs = {0};
    struct str result = STR_EMPTY;
    must(store_model_call_insert(t->tx, &call, 1, e));
    must(store_model_result_put(t->tx, STR("d"), STR("k"), STR("[1]"), 5, e));
    must(store_document_delete(t->tx, STR("d"), t->a, &blobs, e));
    must_fail(store_model_result_get(t->tx, STR("d"), STR("k"), t->a, &result, e), ERR_NOT_FOUND, "not_found");
    assert_int_equal(spent(t, 0), 5);
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_tx_setup, test_store_tx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_spent), T(test_totals), T(test_constraints), T(test_results),
                                       T(test_delete)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
