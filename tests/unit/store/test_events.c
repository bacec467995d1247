/* Actions and events: their numbers rise, the last step that can be undone is found with what it takes to undo it, and events are replayed and paged. */
#include "store_test.h"

#include <string.h>

static void test_actions(void **state)
{
    struct test_store *t = *state;
    struct store_action last = {0};
    const struct store_action one = {
        .id = STR("one"),
        .review_id = STR("r"),
        .by = STR("v"),
        .kind = STR("decide"),
        .at_unix_ms = 50,
        .inverse = STR("{\"findings\":[{\"id\":\"f\",\"decision\":\"open\",\"note\":\"\xE2\x80\x9C\"}]}"),
    };
    struct store_action two = one, others = one;
    bool changed = false;
    two.id = STR("two"); /* at the same moment */
    others.id = STR("others");
    others.by = STR("w");
    must_fail(store_action_last(t->tx, STR("r"), STR("v"), t->a, &last, e), ERR_NOT_FOUND, "not_found");
    must(store_action_insert(t->tx, &one, e));
    must(store_action_insert(t->tx, &two, e));
    must(store_action_insert(t->tx, &others, e));
    must(store_action_last(t->tx, STR("r"), STR("v"), t->a, &last, e));
    assert_str(last.id, "two");
    must(store_action_undone(t->tx, STR("two"), &changed, e));
    assert_true(changed);
    must(store_action_undone(t->tx, STR("two"), &changed, e));
    assert_false(changed);

    must(store_action_last(t->tx, STR("r"), STR("v"), t->a, &last, e));
    same_str(last, one, id);
    same_str(last, one, review_id);
    same_str(last, one, by);
    same_str(last, one, kind);
    same_int(last, one, at_unix_ms);
    same_str(last, one, inverse);
    assert_false(last.undone);
    assert_true(last.seq > 0);
    must(store_action_undone(t->tx, STR("one"), &changed, e));
    must_fail(store_action_last(t->tx, STR("r"), STR("v"), t->a, &last, e), ERR_NOT_FOUND, "not_found");
}

static int64_t append(struct test_store *t, const char *document, const char *by)
{
    const struct store_event event = {
        .document_id = str_from_c(document),
        .review_id = STR("r"),
        .kind = STR("findings.decided"),
        .by = str_from_c(by),
        .at_unix_ms = 60,
        .data = STR("{\"n\":1}"),
    };
    int64_t seq = 0;
    must(store_event_append(t->tx, &event, &seq, e));
    return seq;
}

static void test_events(void **state)
{
    struct test_store *t = *state;
    struct store_event_list list = {0};
    int64_t last = -1, seq[5];
    must(store_event_last(t->tx, STR("d"), &last, e));
    assert_int_equal(last, 0);
    must(store_event_last(t->tx, STR_EMPTY, &last, e));
    assert_int_equal(last, 0);
    for (int i = 0; i < 5; i++)
        seq[i] = append(t, i == 2 ? "other" : "d", i == 4 ? "" : "v");
    for (int i = 1; i < 5; i++)
        assert_true(seq[i] > seq[i - 1]);

    must(store_event_since(t->tx, STR("d"), 0, 0, t->a, &list, e));
    assert_int_equal(list.n, 4);
    assert_false(list.more);
    assert_int_equal(list.at[0].seq, seq[0]);
    assert_str(list.at[0].document_id, "d");
    assert_str(list.at[0].review_id, "r");
    assert_str(list.at[0].kind, "findings.decided");
    assert_str(list.at[0].by, "v");
    assert_str(list.at[0].by_name, "Ada Lovelace");
    assert_int_equal(list.at[0].at_unix_ms, 60);
    assert_str(list.at[0].data, "{\"n\":1}");
    assert_str(list.at[3].by_name, "");

    must(store_event_since(t->tx, STR("d"), seq[0], 2, t->a, &list, e));
    assert_int_equal(list.n, 2);
    assert_true(list.more);
    assert_int_equal(list.at[0].seq, seq[1]);
    assert_int_equal(list.at[1].seq, seq[3]);
    must(store_event_since(t->tx, STR("d"), seq[1], 2, t->a, &list, e));
    assert_false(list.more); /* exactly as many as asked for */
    must(store_event_since(t->tx, STR_EMPTY, seq[0], 0, t->a, &list, e));
    assert_int_equal(list.n, 4);
    assert_str(list.at[1].document_id, "other");

    must(store_event_before(t->tx, STR("d"), 0, 3, t->a, &list, e));
    assert_int_equal(list.n, 3);
    assert_true(list.more);
    assert_int_equal(list.at[0].seq, seq[4]);
    must(store_event_before(t->tx, STR("d"), list.at[2].seq, 3, t->a, &list, e));
    assert_int_equal(list.n, 1);
    assert_false(list.more);
    assert_int_equal(list.at[0].seq, seq[0]);

    must(store_event_last(t->tx, STR("d"), &last, e));
    assert_int_equal(last, seq[4]);
    must(store_event_last(t->tx, STR("other"), &last, e));
    assert_int_equal(last, seq[2]);
    must(store_event_last(t->tx, STR_EMPTY, &last, e));
    assert_int_equal(last, seq[4]);
}

/* The number of an event that was deleted with its document is not given again: who has seen it would miss the new one. */
static void test_never_again(void **state)
{
    struct test_store *t = *state;
    struct store_keys blobs = {0};
    int64_t seq = append(t, "d", "v");
    must(store_document_delete(t->tx, STR("d"), t->a, &blobs, e));
    assert_true(append(t, "d", "v") > seq);
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_tx_setup, test_store_tx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_actions), T(test_events), T(test_never_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
