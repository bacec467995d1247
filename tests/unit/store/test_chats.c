/* Talks: messages come back as they went in and in their order; what is gone is in no list; an answer ends once. */
#include "store_test.h"

static void same_message(struct store_chat_message a, struct store_chat_message b)
{
    same_str(a, b, id);
    same_str(a, b, document_id);
    same_int(a, b, seq);
    same_str(a, b, by);
    same_int(a, b, role);
    same_str(a, b, text);
    same_int(a, b, state);
    same_str(a, b, model);
    same_str(a, b, reason);
    same_str(a, b, message);
    same_str(a, b, hint);
    same_str(a, b, citations);
    same_str(a, b, tools);
    same_str(a, b, context);
    same_int(a, b, created_unix_ms);
    same_int(a, b, finished_unix_ms);
    same_int(a, b, gone);
}

static int64_t add(struct test_store *t, const char *id, enum store_chat_role role)
{
    const struct store_chat_message row = make_message(id, "d", role);
    int64_t seq = 0;
    must(store_chat_insert(t->tx, &row, &seq, e));
    return seq;
}

static struct store_chat_list list(struct test_store *t, int64_t after, size_t limit)
{
    struct store_chat_list all = {0};
    must(store_chat_list(t->tx, STR("d"), after, limit, t->a, &all, e));
    return all;
}

static uint32_t count(struct test_store *t)
{
    uint32_t n = 99;
    must(store_chat_count(t->tx, STR("d"), &n, e));
    return n;
}

static void test_list(void **state)
{
    struct test_store *t = *state;
    struct store_chat_message meant = make_message("m1", "d", STORE_CHAT_PERSON), found = {0};
    const struct store_chat_message lost = make_message("m9", "nothing", STORE_CHAT_PERSON);
    int64_t seq = 0;
    assert_int_equal(list(t, 0, 0).n, 0);
    assert_int_equal(count(t), 0);
    meant.seq = add(t, "m1", STORE_CHAT_PERSON);
    assert_int_equal(meant.seq, 1);
    assert_int_equal(add(t, "m2", STORE_CHAT_MODEL), 2);
    assert_int_equal(add(t, "m3", STORE_CHAT_PERSON), 3);
    must(store_chat_find(t->tx, STR("m1"), STR("v"), t->a, &found, e));
    same_message(found, meant);
    must(store_chat_find(t->tx, STR("m1"), STR_EMPTY, t->a, &found, e));
    must_fail(store_chat_find(t->tx, STR("m1"), STR("w"), t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_chat_find(t->tx, STR("m9"), STR_EMPTY, t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_chat_insert(t->tx, &lost, &seq, e), ERR_NOT_FOUND, "gone");
    assert_int_equal(list(t, 0, 0).n, 3);
    same_message(list(t, 0, 1).at[0], meant);
    assert_str(list(t, 1, 1).at[0].id, "m2");
    assert_int_equal(list(t, 3, 0).n, 0);
    assert_int_equal(count(t), 3);
}

static void test_update(void **state)
{
    struct test_store *t = *state;
    struct store_chat_message row = make_message("m1", "d", STORE_CHAT_MODEL), found = {0};
    bool changed = true;
    row.seq = add(t, "m1", STORE_CHAT_MODEL);
    row.text = STR("The owner.");
    row.state = STORE_DONE;
    row.model = STR("m-2");
    row.reason = STR("r2");
    row.message = STR("s2");
    row.hint = STR("h2");
    row.citations = STR("[3]");
    row.tools = STR("[4]");
    row.context = STR("{}");
    row.finished_unix_ms = 99;
    must(store_chat_update(t->tx, &row, STORE_BIT(STORE_QUEUED), &changed, e));
    assert_false(changed); /* it is running */
    must(store_chat_update(t->tx, &row, STORE_UNFINISHED, &changed, e));
    assert_true(changed);
    must(store_chat_find(t->tx, STR("m1"), STR_EMPTY, t->a, &found, e));
    same_message(found, row);
    must(store_chat_update(t->tx, &row, STORE_UNFINISHED, &changed, e));
    assert_false(changed); /* it has ended */
}

/* Those from one on are gone, and so is a summary that tells of them; their numbers are not used again. */
static void test_go(void **state)
{
    struct test_store *t = *state;
    struct store_chat_message found = {0};
    struct str text = STR_EMPTY;
    int64_t upto = 0;
    uint32_t n = 0;
    for (char id[2] = "a"; id[0] < 'e'; id[0]++)
        (void)add(t, id, STORE_CHAT_PERSON);
    must(store_chat_summary_put(t->tx, STR("d"), 2, STR("short"), e));
    must(store_chat_go(t->tx, STR("d"), 3, &n, e));
    assert_int_equal(n, 2);
    assert_int_equal(list(t, 0, 0).n, 2);
    assert_int_equal(count(t), 2);
    must(store_chat_find(t->tx, STR("d"), STR_EMPTY, t->a, &found, e));
    assert_true(found.gone);
    must(store_chat_summary_get(t->tx, STR("d"), t->a, &upto, &text, e));
    assert_int_equal(add(t, "f", STORE_CHAT_PERSON), 5);
    must(store_chat_go(t->tx, STR("d"), 2, &n, e));
    assert_int_equal(n, 2);
    must_fail(store_chat_summary_get(t->tx, STR("d"), t->a, &upto, &text, e), ERR_NOT_FOUND, "not_found");
    must(store_chat_clear(t->tx, STR("d"), e));
    must_fail(store_chat_find(t->tx, STR("a"), STR_EMPTY, t->a, &found, e), ERR_NOT_FOUND, "not_found");
}

static void test_summary(void **state)
{
    struct test_store *t = *state;
    struct str text = STR_EMPTY;
    int64_t upto = 0;
    must_fail(store_chat_summary_get(t->tx, STR("d"), t->a, &upto, &text, e), ERR_NOT_FOUND, "not_found");
    must(store_chat_summary_put(t->tx, STR("d"), 4, STR("short"), e));
    must(store_chat_summary_put(t->tx, STR("d"), 6, STR("longer"), e));
    must(store_chat_summary_get(t->tx, STR("d"), t->a, &upto, &text, e));
    assert_int_equal(upto, 6);
    assert_str(text, "longer");
    must_fail(store_chat_summary_put(t->tx, STR("x"), 6, STR("longer"), e), ERR_NOT_FOUND, "gone");
    must(store_chat_clear(t->tx, STR("d"), e));
    must_fail(store_chat_summary_get(t->tx, STR("d"), t->a, &upto, &text, e), ERR_NOT_FOUND, "not_found");
}

static void test_interrupt(void **state)
{
    struct test_store *t = *state;
    struct store_chat_list ended = {0};
    struct store_chat_message found = {0};
    (void)add(t, "m1", STORE_CHAT_PERSON);
    (void)add(t, "m2", STORE_CHAT_MODEL);
    must(store_chat_interrupt(t->tx, STR("interrupted"), STR("The server stopped."), STR("Ask again."), 500, t->a,
                              &ended, e));
    assert_int_equal(ended.n, 1);
    must(store_chat_find(t->tx, STR("m2"), STR_EMPTY, t->a, &found, e));
    same_message(found, ended.at[0]);
    assert_int_equal(found.state, STORE_FAILED);
    assert_str(found.reason, "interrupted");
    assert_str(found.message, "The server stopped.");
    assert_str(found.hint, "Ask again.");
    assert_int_equal(found.finished_unix_ms, 500);
    assert_str(found.text, "What is missing?");
    must(store_chat_interrupt(t->tx, STR("x"), STR("x"), STR("x"), 501, t->a, &ended, e));
    assert_int_equal(ended.n, 0);
}

static void test_delete(void **state)
{
    struct test_store *t = *state;
    struct store_keys blobs = {0};
    struct store_chat_message found = {0};
    struct str text = STR_EMPTY;
    int64_t upto = 0;
    (void)add(t, "m1", STORE_CHAT_PERSON);
    must(store_chat_summary_put(t->tx, STR("d"), 4, STR("short"), e));
    must(store_document_delete(t->tx, STR("d"), t->a, &blobs, e));
    must_fail(store_chat_find(t->tx, STR("m1"), STR_EMPTY, t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_chat_summary_get(t->tx, STR("d"), t->a, &upto, &text, e), ERR_NOT_FOUND, "not_found");
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_tx_setup, test_store_tx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_list),    T(test_update),    T(test_go),
                                       T(test_summary), T(test_interrupt), T(test_delete)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
