/* Guidelines: whose they are, who sees them, and that deleting leaves nothing that names them. */
#include "store_test.h"

static void same_guidelines(struct store_guidelines a, struct store_guidelines b)
{
    same_str(a, b, id);
    same_str(a, b, owner);
    same_int(a, b, team);
    same_str(a, b, name);
    same_int(a, b, state);
    same_str(a, b, framework);
    same_str(a, b, blob);
    same_int(a, b, by_model);
    same_str(a, b, reason);
    same_str(a, b, message);
    same_str(a, b, hint);
    same_int(a, b, created_unix_ms);
    same_int(a, b, changed_unix_ms);
    same_int(a, b, version);
}

static void add(struct test_store *t, const char *id, const char *owner, int64_t created, bool team)
{
    struct store_guidelines row = make_guidelines(id, owner, created);
    row.team = team;
    must(store_guidelines_insert(t->tx, &row, e));
}

static void test_find(void **state)
{
    struct test_store *t = *state;
    const struct store_visitor other = make_visitor("w");
    struct store_guidelines found = {0};
    const struct store_guidelines lost = make_guidelines("x", "nobody", 1);
    must(store_visitor_insert(t->tx, &other, e));
    add(t, "g", "v", 10, false);
    add(t, "h", "v", 20, true);
    must(store_guidelines_find(t->tx, STR("g"), STR("v"), t->a, &found, e));
    same_guidelines(found, make_guidelines("g", "v", 10));
    must_fail(store_guidelines_find(t->tx, STR("g"), STR("w"), t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must(store_guidelines_find(t->tx, STR("g"), STR_EMPTY, t->a, &found, e));
    must(store_guidelines_find(t->tx, STR("h"), STR("w"), t->a, &found, e));
    assert_true(found.team);
    must_fail(store_guidelines_find(t->tx, STR("x"), STR_EMPTY, t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_guidelines_insert(t->tx, &lost, e), ERR_NOT_FOUND, "gone");
}

static void test_list(void **state)
{
    struct test_store *t = *state;
    const struct store_visitor other = make_visitor("w");
    struct store_guidelines_list list = {0};
    must(store_visitor_insert(t->tx, &other, e));
    add(t, "mine", "v", 10, false);
    add(t, "mine and the team's", "v", 20, true);
    add(t, "theirs", "w", 30, false);
    add(t, "theirs and the team's", "w", 40, true);
    must(store_guidelines_list(t->tx, STR("v"), 0, t->a, &list, e));
    assert_int_equal(list.n, 3);
    assert_str(list.at[0].id, "theirs and the team's");
    assert_str(list.at[1].id, "mine and the team's");
    assert_str(list.at[2].id, "mine");
    same_guidelines(list.at[2], make_guidelines("mine", "v", 10));
    must(store_guidelines_list(t->tx, STR("v"), 1, t->a, &list, e));
    assert_int_equal(list.n, 1);
}

static void test_update(void **state)
{
    struct test_store *t = *state;
    struct store_guidelines row = make_guidelines("g", "v", 10), found = {0};
    bool changed = true;
    add(t, "g", "v", 10, false);
    row.team = true;
    row.name = STR("n2");
    row.state = STORE_FAILED;
    row.framework = STR("{}");
    row.by_model = false;
    row.reason = STR("r2");
    row.message = STR("m2");
    row.hint = STR("h2");
    row.changed_unix_ms = 99;
    row.version = 2;
    must(store_guidelines_update(t->tx, &row, &changed, e));
    assert_false(changed);
    row.version = 1;
    must(store_guidelines_update(t->tx, &row, &changed, e));
    assert_true(changed);
    must(store_guidelines_find(t->tx, STR("g"), STR("v"), t->a, &found, e));
    row.version = 2;
    same_guidelines(found, row);
}

static void test_delete(void **state)
{
    struct test_store *t = *state;
    const struct store_job job = {.id = STR("j"), .kind = STORE_JOB_GUIDELINES, .ref = STR("g")};
    struct store_guidelines twin = make_guidelines("g2", "v", 20);
    struct store_document d = {0};
    struct store_job found = {0};
    struct str blob = STR_EMPTY;
    bool used = false;
    twin.blob = STR("g"); /* the same file */
    add(t, "g", "v", 10, false);
    must(store_guidelines_insert(t->tx, &twin, e));
    must(store_job_insert(t->tx, &job, e));
    must(store_blob_in_use(t->tx, STR("g"), &used, e));
    assert_true(used);
    must(store_document_find(t->tx, STR("d"), STR("v"), t->a, &d, e));
    assert_str(d.guidelines, "g");
    must(store_guidelines_delete(t->tx, STR("g"), t->a, &blob, e));
    assert_str(blob, "");
    must(store_document_find(t->tx, STR("d"), STR("v"), t->a, &d, e));
    assert_str(d.guidelines, "");
    assert_true(d.never_send); /* the rest of it is as it was */
    must_fail(store_job_find(t->tx, STORE_JOB_GUIDELINES, STR("g"), t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must(store_guidelines_delete(t->tx, STR("g2"), t->a, &blob, e));
    assert_str(blob, "g");
    must(store_blob_in_use(t->tx, STR("g"), &used, e));
    assert_false(used);
    must_fail(store_guidelines_delete(t->tx, STR("g"), t->a, &blob, e), ERR_NOT_FOUND, "not_found");
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_tx_setup, test_store_tx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_find), T(test_list), T(test_update), T(test_delete)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
