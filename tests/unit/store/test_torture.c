/* Every allocation fails once, those of SQLite included, as the driver hands it malloc. SQLite gets by without some of them, so a call may also succeed. Either way
 * its answer is true: what it says is there is there, and what it says has failed is not. */
#include "support/torture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "store_test.h"

struct attempt {
    struct test_store *t;
    unsigned n; /* runs so far: each has ids of its own */
    store_write_fn work;
};

static enum err open_and_close(void *ctx, struct error *e)
{
    struct attempt *at = ctx;
    struct store *s = NULL;
    enum err err = test_store_open(at->t->folder, &s, e);
    store_close(s);
    return err;
}

static void test_open(void **state)
{
    struct test_store *t = *state;
    struct attempt at = {.t = t};
    store_close(t->store);
    t->store = NULL;
    assert_true(torture_run_some(open_and_close, &at) > 20);
    must(test_store_open(t->folder, &t->store, e));
}

static enum err insert_two(struct store_tx *tx, void *ctx, struct error *e)
{
    char(*ids)[32] = ctx;
    for (unsigned i = 0; i < 2; i++) {
        const struct store_visitor visitor = make_visitor(ids[i]);
        TRY(store_visitor_insert(tx, &visitor, e));
    }
    return ERR_OK;
}

static enum err count_two(struct test_store *t, char ids[2][32], unsigned *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct store_visitor found;
    if (!a) return error_no_memory(e);
    *ret = 0;
    TRY(store_read(t->store, &tx, e));
    for (unsigned i = 0; i < 2; i++) {
        enum err err = store_visitor_find(tx, str_from_c(ids[i]), a, &found, e);
        if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
        *ret += err == ERR_OK;
    }
    return ERR_OK;
}

static enum err write_two(void *ctx, struct error *e)
{
    struct attempt *at = ctx;
    char ids[2][32];
    unsigned there = 9;
    for (unsigned i = 0; i < 2; i++)
        (void)snprintf(ids[i], sizeof ids[i], "%u-%u", at->n, i);
    at->n++;
    enum err err = store_write(at->t->store, insert_two, ids, e);
    enum err looked = count_two(at->t, ids, &there, NULL);
    if (looked == ERR_LIMIT) {
        assert_int_equal(count_two(at->t, ids, &there, NULL), ERR_OK); /* only one allocation fails */
        assert_int_equal(there, err == ERR_OK ? 2 : 0);
        return ERR_LIMIT;
    }
    assert_int_equal(looked, ERR_OK);
    assert_int_equal(there, err == ERR_OK ? 2 : 0);
    return err;
}

static void test_write(void **state)
{
    struct test_store *t = *state;
    struct attempt at = {.t = t};
    test_store_reopen(t); /* nothing is prepared */
    assert_true(torture_run_some(write_two, &at) > 3);
}

/* All that a review does, and all that is asked of it. */
static enum err work(struct store_tx *tx, void *ctx, struct error *e)
{
    struct arena *a = ctx;
    struct store_finding f = make_finding("f", "r", "d", 0);
    struct store_finding_list list;
    struct store_finding_counts counts;
    struct store_document_list documents;
    struct store_keys blobs;
    const uint32_t sections[] = {2, 3};
    const struct store_finding_filter filter = {
        .sections = sections,
        .n_sections = 2,
        .point = 3,
        .text = STR("DAY"),
    };
    const struct store_event event = {.document_id = STR("d"), .kind = STR("k"), .data = STR("{}")};
    const struct store_job job = {.id = STR("j"), .ref = STR("r")};
    struct store_event_list events;
    struct store_job claimed;
    bool changed = false;
    int64_t seq = 0;
    f.note = STR("note");
    TRY(test_fill(tx, NULL, e));
    TRY(store_job_insert(tx, &job, e));
    TRY(store_job_claim(tx, STORE_BIT(STORE_JOB_REVIEW), STR("w"), 5, 9, 3, a, &claimed, e));
    TRY(store_finding_insert(tx, &f, 1, e));
    TRY(store_finding_decide(tx, &f, &changed, e));
    TRY(store_finding_find(tx, f.id, STR("v"), a, &f, e));
    TRY(store_finding_update(tx, &f, &changed, e));
    TRY(store_finding_list(tx, STR("r"), &filter, STORE_BY_DANGER, STR_EMPTY, 1, a, &list, e));
    TRY(store_finding_count(tx, STR("r"), &filter, a, &counts, e));
    TRY(store_event_append(tx, &event, &seq, e));
    TRY(store_event_since(tx, STR("d"), 0, 0, a, &events, e));
    TRY(store_document_list(tx, STR("v"), STR_EMPTY, 0, a, &documents, e));
    assert(changed && list.n == 1 && counts.matching == 1 && events.n == 1 && documents.n == 1);
    TRY(store_document_delete(tx, STR("d"), a, &blobs, e));
    return error_set_reason(e, ERR_BUSY, "undone", "all went well, and it shall not stay");
}

/* The same for what models, talks, guidelines and decisions leave. */
static enum err more_work(struct store_tx *tx, void *ctx, struct error *e)
{
    struct arena *a = ctx;
    const struct store_model_call call = {
        .id = STR("c"), .person = STR("v"), .document_id = STR("d"), .cost_microusd = 3};
    const struct store_chat_message message = make_message("m", "d", STORE_CHAT_MODEL);
    const struct store_guidelines guidelines = make_guidelines("g", "v", 1);
    const struct store_dismissal dismissal = make_dismissal("x", STORE_SCOPE_TEAM, "", "k");
    struct store_finding f = make_finding("f", "r", "d", 0);
    const struct store_document sent = {.id = STR("d")};
    struct store_spent_list spent;
    struct store_model_total_list totals;
    struct store_chat_list messages;
    struct store_guidelines_list all_guidelines;
    struct store_dismissal_list dismissals;
    struct store_learned_list learned;
    struct store_finding_list examples;
    struct str text;
    int64_t seq = 0;
    f.source = STORE_BY_MODEL;
    f.decision = STORE_ACCEPTED;
    f.decided_unix_ms = 5;
    TRY(test_fill(tx, NULL, e));
    TRY(store_model_call_insert(tx, &call, 1, e));
    TRY(store_model_spent_by_person(tx, 0, a, &spent, e));
    TRY(store_model_totals(tx, 0, a, &totals, e));
    TRY(store_model_result_put(tx, STR("d"), STR("k"), STR("[]"), 1, e));
    TRY(store_model_result_get(tx, STR("d"), STR("k"), a, &text, e));
    TRY(store_chat_insert(tx, &message, &seq, e));
    TRY(store_chat_list(tx, STR("d"), 0, 0, a, &messages, e));
    TRY(store_guidelines_insert(tx, &guidelines, e));
    TRY(store_guidelines_list(tx, STR("v"), 0, a, &all_guidelines, e));
    TRY(store_dismissal_insert(tx, &dismissal, e));
    TRY(store_dismissal_list(tx, STR("d"), STR("v"), 0, a, &dismissals, e));
    TRY(store_finding_insert(tx, &f, 1, e));
    TRY(store_document_update(tx, &sent, e));
    TRY(store_learn_count(tx, STR("v"), 0, a, &learned, e));
    TRY(store_learn_examples(tx, STR("v"), STR_EMPTY, 0, STORE_ACCEPTED, 9, a, &examples, e));
    assert(spent.n == 1 && totals.n == 1 && messages.n == 1 && all_guidelines.n == 1 && dismissals.n == 1);
    assert(learned.n == 1 && examples.n == 1 && text.n == 2);
    return error_set_reason(e, ERR_BUSY, "undone", "all went well, and it shall not stay");
}

static enum err do_work(void *ctx, struct error *e)
{
    struct attempt *at = ctx;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    if (!a) return error_no_memory(e);
    enum err err = store_write(at->t->store, at->work, a, e);
    return err == ERR_BUSY ? ERR_OK : err;
}

/* Once with statements that must be prepared, which keep what they have got so far; then with all of them there. */
static void test_work(void **state)
{
    struct test_store *t = *state;
    const store_write_fn works[] = {work, more_work};
    for (size_t i = 0; i < STORE_COUNT(works); i++) {
        struct attempt at = {.t = t, .work = works[i]};
        test_store_reopen(t);
        assert_true(torture_run_some(do_work, &at) > 20);
        assert_true(torture_run_some(do_work, &at) > 20);
    }
    must(store_write(t->store, test_fill, NULL, e));
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_setup, test_store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_open), T(test_write), T(test_work)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
