/* Dismissals hold where they were made for; decisions teach whoever owns the documents, and nobody else. */
#include "store_test.h"

#include <stdio.h>

static void same_dismissal(struct store_dismissal a, struct store_dismissal b)
{
    same_str(a, b, id);
    same_int(a, b, scope);
    same_str(a, b, scope_id);
    same_str(a, b, reviewer);
    same_str(a, b, category);
    same_str(a, b, key);
    same_str(a, b, document_id);
    same_str(a, b, quote);
    same_str(a, b, reason);
    same_str(a, b, by);
    same_int(a, b, at_unix_ms);
}

static void dismiss(struct test_store *t, struct store_dismissal row) { must(store_dismissal_insert(t->tx, &row, e)); }

static struct store_dismissal_list hold_for(struct test_store *t, const char *document, const char *person)
{
    struct store_dismissal_list list = {0};
    must(store_dismissal_list(t->tx, str_from_c(document), str_from_c(person), 0, t->a, &list, e));
    return list;
}

static void test_scopes(void **state)
{
    struct test_store *t = *state;
    struct store_dismissal team = make_dismissal("3", STORE_SCOPE_TEAM, "", "k"), found = {0};
    team.at_unix_ms = 90;
    dismiss(t, make_dismissal("1", STORE_SCOPE_DOCUMENT, "d", "k"));
    dismiss(t, make_dismissal("2", STORE_SCOPE_PERSON, "v", "k"));
    dismiss(t, team);
    assert_int_equal(hold_for(t, "d", "v").n, 3);
    same_dismissal(hold_for(t, "d", "v").at[0], team); /* the last one first */
    assert_str(hold_for(t, "d", "v").at[0].by_name, "Ada Lovelace");
    assert_int_equal(hold_for(t, "d", "w").n, 2);
    assert_int_equal(hold_for(t, "", "v").n, 2);
    assert_int_equal(hold_for(t, "v", "d").n, 1); /* ids of one kind are none of the other */
    assert_int_equal(hold_for(t, "", "").n, 1);
    must(store_dismissal_find(t->tx, STR("2"), t->a, &found, e));
    same_dismissal(found, make_dismissal("2", STORE_SCOPE_PERSON, "v", "k"));
    must_fail(store_dismissal_find(t->tx, STR("x"), t->a, &found, e), ERR_NOT_FOUND, "not_found");
}

static void test_once(void **state)
{
    struct test_store *t = *state;
    struct store_dismissal again = make_dismissal("2", STORE_SCOPE_DOCUMENT, "d", "k");
    dismiss(t, make_dismissal("1", STORE_SCOPE_DOCUMENT, "d", "k"));
    again.reason = STR("");
    dismiss(t, again);
    assert_int_equal(hold_for(t, "d", "v").n, 1);
    assert_str(hold_for(t, "d", "v").at[0].id, "1");
    assert_str(hold_for(t, "d", "v").at[0].reason, "we say so here");
    again.reason = STR("now for another reason");
    dismiss(t, again);
    assert_str(hold_for(t, "d", "v").at[0].reason, "now for another reason");
}

static bool holds(struct test_store *t, const char *document, const char *person, const char *key)
{
    bool yes = false;
    must(store_dismissal_holds(t->tx, str_from_c(document), str_from_c(person), str_from_c(key), &yes, e));
    return yes;
}

static void test_holds(void **state)
{
    struct test_store *t = *state;
    dismiss(t, make_dismissal("1", STORE_SCOPE_DOCUMENT, "d", "a"));
    dismiss(t, make_dismissal("2", STORE_SCOPE_PERSON, "v", "b"));
    dismiss(t, make_dismissal("3", STORE_SCOPE_TEAM, "", "c"));
    assert_true(holds(t, "d", "v", "a") && holds(t, "d", "v", "b") && holds(t, "d", "v", "c"));
    assert_true(holds(t, "d", "w", "a") && holds(t, "d2", "v", "b") && holds(t, "d2", "w", "c"));
    assert_false(holds(t, "d2", "v", "a") || holds(t, "d", "w", "b") || holds(t, "d", "v", "x"));
    assert_false(holds(t, "v", "d", "a") || holds(t, "v", "d", "b"));
}

static void test_taken_back(void **state)
{
    struct test_store *t = *state;
    const struct store_dismissal nowhere = make_dismissal("9", STORE_SCOPE_PERSON, "", "k");
    struct store_dismissal other = make_dismissal("5", STORE_SCOPE_TEAM, "", "k");
    struct store_keys blobs = {0};
    must_fail(store_dismissal_insert(t->tx, &nowhere, e), ERR_INTERNAL, "store_constraint");
    other.by = STR("w");
    dismiss(t, make_dismissal("1", STORE_SCOPE_DOCUMENT, "d", "k"));
    dismiss(t, make_dismissal("2", STORE_SCOPE_PERSON, "v", "k"));
    dismiss(t, make_dismissal("3", STORE_SCOPE_DOCUMENT, "d", "k3"));
    dismiss(t, make_dismissal("4", STORE_SCOPE_DOCUMENT, "d2", "k"));
    dismiss(t, other);
    must(store_dismissal_delete(t->tx, STR("3"), e));
    must_fail(store_dismissal_delete(t->tx, STR("3"), e), ERR_NOT_FOUND, "not_found");
    must(store_dismissal_take_back(t->tx, STR("d"), STR("v"), STR("k"), e));
    assert_int_equal(hold_for(t, "d", "v").n, 1); /* another's for the team stays */
    assert_int_equal(hold_for(t, "d2", "v").n, 2);
    dismiss(t, make_dismissal("6", STORE_SCOPE_DOCUMENT, "d", "k"));
    dismiss(t, make_dismissal("7", STORE_SCOPE_PERSON, "d", "k"));
    must(store_document_delete(t->tx, STR("d"), t->a, &blobs, e));
    assert_int_equal(hold_for(t, "d", "x").n, 1);
    assert_int_equal(hold_for(t, "x", "d").n, 2);      /* the person's */
    assert_str(hold_for(t, "x", "d").at[0].quote, ""); /* its words are gone with it */
    assert_str(hold_for(t, "x", "d").at[1].quote, "");
    assert_str(hold_for(t, "x", "d").at[1].reason, "we say so here");
}

/* ---- Learning ---- */

/* A decided finding of review r, or of another. */
static void decided(struct test_store *t, const char *review, const char *document, enum store_source source,
                    const char *reviewer, enum store_decision decision, int64_t at)
{
    static char ids[64][16];
    static uint32_t n;
    char *id = ids[n % 64];
    (void)snprintf(id, sizeof ids[0], "f%u", (unsigned)n);
    struct store_finding f = make_finding(id, review, document, n++);
    f.source = source;
    f.reviewer = str_from_c(reviewer);
    f.decision = decision;
    f.decided_by = STR("v");
    f.decided_unix_ms = at;
    must(store_finding_insert(t->tx, &f, 1, e));
}

/* Another visitor w with document d2 and review r2. */
static void add_other(struct test_store *t)
{
    const struct store_visitor w = make_visitor("w");
    struct store_document d = make_document("d2", "w", 1);
    const struct store_version v = make_version("d2-version", "d2");
    const struct store_review r = make_review("r2", "d2", 1);
    d.never_send = false;
    must(store_visitor_insert(t->tx, &w, e));
    must(store_document_insert(t->tx, &d, e));
    must(store_version_insert(t->tx, &v, e));
    must(store_review_insert(t->tx, &r, e));
}

static struct store_learned_list learned(struct test_store *t, const char *visitor, int64_t since)
{
    struct store_learned_list list = {0};
    must(store_learn_count(t->tx, str_from_c(visitor), since, t->a, &list, e));
    return list;
}

static void test_count(void **state)
{
    struct test_store *t = *state;
    add_other(t);
    decided(t, "r", "d", STORE_BY_RULE, "rule.a", STORE_ACCEPTED, 100);
    decided(t, "r", "d", STORE_BY_RULE, "rule.a", STORE_ACCEPTED, 200);
    decided(t, "r", "d", STORE_BY_RULE, "rule.a", STORE_REJECTED, 300);
    decided(t, "r", "d", STORE_BY_RULE, "rule.b", STORE_OPEN, 0);
    decided(t, "r", "d", STORE_BY_MODEL, "model", STORE_REJECTED, 300);
    decided(t, "r", "d", STORE_BY_PERSON, "v", STORE_ACCEPTED, 300);
    decided(t, "r2", "d2", STORE_BY_RULE, "rule.a", STORE_REJECTED, 300);
    assert_int_equal(learned(t, "v", 0).n, 2);
    struct store_learned first = learned(t, "v", 0).at[0], second = learned(t, "v", 0).at[1];
    assert_int_equal(first.source, STORE_BY_RULE);
    assert_str(first.reviewer, "rule.a");
    assert_str(first.reviewer_name, "Dates");
    assert_str(first.category, "facts");
    assert_int_equal(first.accepted, 2);
    assert_int_equal(first.rejected, 1);
    assert_int_equal(second.source, STORE_BY_MODEL);
    assert_int_equal(second.rejected, 1);
    first = learned(t, "v", 199).at[0];
    assert_int_equal(first.accepted, 1);
    assert_int_equal(learned(t, "v", 300).n, 0);
    assert_int_equal(learned(t, "w", 0).n, 1); /* theirs alone */
    assert_int_equal(learned(t, "w", 0).at[0].rejected, 1);
    assert_int_equal(learned(t, "", 0).n, 0);
}

static size_t examples(struct test_store *t, const char *visitor, const char *document, int64_t since,
                       enum store_decision decision, size_t limit)
{
    struct store_finding_list list = {0};
    must(
        store_learn_examples(t->tx, str_from_c(visitor), str_from_c(document), since, decision, limit, t->a, &list, e));
    for (size_t i = 1; i < list.n; i++)
        assert_true(list.at[i - 1].decided_unix_ms >= list.at[i].decided_unix_ms);
    if (list.n) assert_str(list.at[0].description, "What it says.");
    return list.n;
}

static void test_examples(void **state)
{
    struct test_store *t = *state;
    const struct store_document open_one = {.id = STR("d")};
    add_other(t);
    for (int64_t i = 0; i < 5; i++)
        decided(t, "r", "d", STORE_BY_MODEL, "model", i < 3 ? STORE_ACCEPTED : STORE_REJECTED, 100 + 10 * i);
    decided(t, "r", "d", STORE_BY_RULE, "rule.a", STORE_ACCEPTED, 500);
    decided(t, "r2", "d2", STORE_BY_MODEL, "model", STORE_ACCEPTED, 500);
    assert_int_equal(examples(t, "v", "", 0, STORE_ACCEPTED, 9), 0); /* d is never sent */
    must(store_document_update(t->tx, &open_one, e));
    assert_int_equal(examples(t, "v", "", 0, STORE_ACCEPTED, 9), 3);
    assert_int_equal(examples(t, "v", "", 0, STORE_ACCEPTED, 2), 2);
    assert_int_equal(examples(t, "v", "", 109, STORE_ACCEPTED, 9), 2);
    assert_int_equal(examples(t, "v", "", 0, STORE_REJECTED, 9), 2);
    assert_int_equal(examples(t, "v", "d", 0, STORE_REJECTED, 9), 2);
    assert_int_equal(examples(t, "v", "d2", 0, STORE_ACCEPTED, 9), 0); /* not theirs */
    assert_int_equal(examples(t, "w", "", 0, STORE_ACCEPTED, 9), 1);
}

static void test_reset(void **state)
{
    struct test_store *t = *state;
    int64_t at = 9;
    must(store_learn_reset_get(t->tx, STR("v"), &at, e));
    assert_int_equal(at, 0);
    must(store_learn_reset_put(t->tx, STR("v"), 100, e));
    must(store_learn_reset_put(t->tx, STR("v"), 200, e));
    must(store_learn_reset_get(t->tx, STR("v"), &at, e));
    assert_int_equal(at, 200);
    must(store_learn_reset_get(t->tx, STR("w"), &at, e));
    assert_int_equal(at, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_tx_setup, test_store_tx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_scopes), T(test_once),     T(test_holds), T(test_taken_back),
                                       T(test_count),  T(test_examples), T(test_reset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
