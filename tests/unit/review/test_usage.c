/* The books: every record that is handed in is in the store once, whoever hands it in, and budgets begin with what was spent. */
#include "review/usage.h"

#include "server_test.h"

#include <pthread.h>
#include <stdlib.h>

static struct ai_record make_record(const char *person, const char *document, int64_t at, int64_t cost)
{
    return (struct ai_record){
        .purpose = AI_FOR_CHAT,
        .person = str_from_c(person),
        .document = str_from_c(document),
        .review = STR("r"),
        .model = STR("eu.model-1"),
        .asked_model = STR("model-1"),
        .attempt = 2,
        .at_unix_ms = at,
        .queue_ms = 3,
        .first_token_ms = -1,
        .whole_ms = 5,
        .usage = {.in = 10, .out = 20, .cache_read = 30, .cache_write = UINT64_MAX}, /* a server may say so */
        .priced = true,
        .cost_microusd = cost,
        .outcome = STR("throttled"),
    };
}

static struct store_model_total totals(struct server *s)
{
    struct store_model_total_list list = {0};
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_model_totals(tx, 0, s->a, &list, e));
    assert_int_equal(list.n, 1);
    return list.at[0];
}

static void test_written(void **state)
{
    struct server *s = *state;
    struct usage *u = NULL;
    assert_ok(usage_new(s->c.store, &u, e));
    char person[] = "ann";
    struct ai_record r = make_record(person, "d", 100, 7);
    usage_record(u, &r);
    person[0] = 'x'; /* it was copied */
    usage_free(u);
    struct store_model_total t = totals(s);
    assert_true(str_eq(t.model, STR("model-1")));
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.failed, 1);
    assert_int_equal(t.tokens_in, 10);
    assert_int_equal(t.tokens_out, 20);
    assert_int_equal(t.cache_read, 30);
    assert_true(t.cache_write > 0 && t.cache_write < UINT64_MAX / 2);
    assert_int_equal(t.cost_microusd, 7);
    struct store_spent_list persons = {0};
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_model_spent_by_person(tx, 100, s->a, &persons, e));
    assert_int_equal(persons.n, 1);
    assert_true(str_eq(persons.at[0].id, STR("ann")));
}

enum { THREADS = 4, EACH = 700 };

static void *hand_in(void *u)
{
    for (int i = 0; i < EACH; i++) {
        struct ai_record r = make_record("ann", "d", 100 + i, 1);
        usage_record(u, &r);
    }
    return NULL;
}

static void test_many(void **state)
{
    struct server *s = *state;
    struct usage *u = NULL;
    pthread_t threads[THREADS];
    assert_ok(usage_new(s->c.store, &u, e));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hand_in, u), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    usage_free(u);
    assert_int_equal(totals(s).calls, THREADS * EACH);
    assert_int_equal(totals(s).cost_microusd, THREADS * EACH);
}

static int64_t the_day;
static int64_t today(void) { return the_day; }

static void test_load(void **state)
{
    struct server *s = *state;
    struct usage *u = NULL;
    struct ai_budget *b = NULL;
    const struct ai_budget_limits limits = {.day = 1000, .person = 1000, .document = 1000};
    the_day = (int64_t)20000 * 86400000 + 5000;
    const struct ai_record records[] = {
        make_record("ann", "d", the_day - 5001, 100), /* yesterday */
        make_record("ann", "d", the_day - 5000, 20),
        make_record("bob", "d2", the_day, 3),
    };
    usage_free(NULL);
    assert_ok(usage_new(s->c.store, &u, e));
    for (size_t i = 0; i < 3; i++)
        usage_record(u, &records[i]);
    usage_free(u);
    assert_ok(ai_budget_new(&limits, today, &b, e));
    assert_ok(usage_load(s->c.store, b, the_day, e));
    struct ai_budget_state state_ann = ai_budget_state(b, STR("ann"), STR("d"));
    assert_int_equal(state_ann.used.day, 23);
    assert_int_equal(state_ann.used.person, 20);
    assert_int_equal(state_ann.used.document, 120);
    assert_int_equal(ai_budget_state(b, STR("bob"), STR("d3")).used.person, 3);
    assert_int_equal(ai_budget_state(b, STR("bob"), STR("d3")).used.document, 0);
    ai_budget_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SERVER_TEST(test_written), SERVER_TEST(test_many), SERVER_TEST(test_load)};
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
