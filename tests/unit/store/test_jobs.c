/* Jobs: never two at one, never lost, and who lost the lease changes nothing. */
#include "store_test.h"

#include <string.h>

#include "base/trace.h"

#define ALL  (STORE_BIT(STORE_JOB_REVIEW) | STORE_BIT(STORE_JOB_EXPORT) | STORE_BIT(STORE_JOB_SWEEP))
#define MOST 3 /* attempts */

static void add(struct test_store *t, const char *id, enum store_job_kind kind, int64_t not_before, int64_t created)
{
    const struct store_job job = {
        .id = str_from_c(id),
        .kind = kind,
        .ref = str_from_c(id),
        .not_before_unix_ms = not_before,
        .created_unix_ms = created,
    };
    must(store_job_insert(t->tx, &job, e));
}

/* The id of the job that this worker gets for ten milliseconds; "" for none. */
static const char *claim(struct test_store *t, unsigned kinds, const char *worker, int64_t now, struct store_job *ret)
{
    struct error error = {0};
    enum err err = store_job_claim(t->tx, kinds, str_from_c(worker), now, now + 10, MOST, t->a, ret, &error);
    if (err == ERR_NOT_FOUND) return "";
    if (err != ERR_OK) fail_msg("%s", error.message);
    return str_to_c(t->a, ret->id);
}

static struct store_job find(struct test_store *t, const char *id, enum store_job_kind kind)
{
    struct store_job job = {0};
    must(store_job_find(t->tx, kind, str_from_c(id), t->a, &job, e));
    return job;
}

static void test_claim(void **state)
{
    struct test_store *t = *state;
    struct store_job job = {0};
    add(t, "late", STORE_JOB_REVIEW, 0, 9);
    add(t, "early", STORE_JOB_EXPORT, 0, 5);
    add(t, "future", STORE_JOB_REVIEW, 1000, 1);
    assert_string_equal(claim(t, ALL, "w1", 100, &job), "early");
    assert_int_equal(job.state, STORE_RUNNING);
    assert_int_equal(job.attempts, 1);
    assert_int_equal(job.kind, STORE_JOB_EXPORT);
    assert_int_equal(job.lease_until_unix_ms, 110);
    assert_int_equal(job.created_unix_ms, 5);
    assert_str(job.ref, "early");
    assert_str(job.worker, "w1");
    assert_string_equal(claim(t, STORE_BIT(STORE_JOB_EXPORT), "w2", 100, &job), ""); /* only reviews are left */
    assert_string_equal(claim(t, ALL, "w2", 100, &job), "late");
    assert_string_equal(claim(t, ALL, "w3", 109, &job), "");
    assert_string_equal(claim(t, ALL, "w3", 110, &job), "early"); /* its lease ran out */
    assert_int_equal(job.attempts, 2);
    assert_string_equal(claim(t, STORE_BIT(STORE_JOB_REVIEW), "w4", 1000, &job), "future");
}

/* Somebody waits for an export; reviews of many who came before must not hold it up. */
static void test_exports_first(void **state)
{
    struct test_store *t = *state;
    struct store_job job = {0};
    add(t, "r1", STORE_JOB_REVIEW, 0, 1);
    add(t, "r2", STORE_JOB_REVIEW, 0, 2);
    add(t, "x3", STORE_JOB_EXPORT, 0, 3);
    add(t, "x4", STORE_JOB_EXPORT, 0, 4);
    assert_string_equal(claim(t, ALL, "w1", 100, &job), "x3");
    assert_string_equal(claim(t, STORE_BIT(STORE_JOB_REVIEW), "w2", 100, &job), "r1");
    assert_string_equal(claim(t, ALL, "w3", 100, &job), "x4");
    assert_string_equal(claim(t, ALL, "w4", 100, &job), "r2");
}

static void test_fence(void **state)
{
    struct test_store *t = *state;
    struct store_job job = {0};
    add(t, "j", STORE_JOB_REVIEW, 0, 1);
    assert_string_equal(claim(t, ALL, "w1", 100, &job), "j");
    must(store_job_hold(t->tx, STR("j"), STR("w1"), e));
    must(store_job_renew(t->tx, STR("j"), STR("w1"), 150, e));
    assert_string_equal(claim(t, ALL, "w2", 140, &job), "");
    assert_string_equal(claim(t, ALL, "w2", 150, &job), "j");
    /* everything that the first one still tries */
    must_fail(store_job_hold(t->tx, STR("j"), STR("w1"), e), ERR_CONFLICT, "lease_lost");
    must_fail(store_job_renew(t->tx, STR("j"), STR("w1"), 900, e), ERR_CONFLICT, "lease_lost");
    must_fail(store_job_retry(t->tx, STR("j"), STR("w1"), 900, STR("x"), e), ERR_CONFLICT, "lease_lost");
    must_fail(store_job_end(t->tx, STR("j"), STR("w1"), STORE_DONE, STR_EMPTY, e), ERR_CONFLICT, "lease_lost");
    assert_int_equal(find(t, "j", STORE_JOB_REVIEW).lease_until_unix_ms, 160);
    must(store_job_end(t->tx, STR("j"), STR("w2"), STORE_FAILED, STR("why"), e));
    assert_int_equal(find(t, "j", STORE_JOB_REVIEW).state, STORE_FAILED);
    assert_str(find(t, "j", STORE_JOB_REVIEW).reason, "why");
    must_fail(store_job_end(t->tx, STR("j"), STR("w2"), STORE_DONE, STR_EMPTY, e), ERR_CONFLICT, "lease_lost");
    assert_string_equal(claim(t, ALL, "w3", 9999, &job), "");
}

static void test_retry(void **state)
{
    struct test_store *t = *state;
    struct store_job job = {0};
    struct store_job_list given_up = {0};
    int64_t due = -1;
    must(store_job_next_due(t->tx, &due, e));
    assert_int_equal(due, 0);
    add(t, "j", STORE_JOB_REVIEW, 0, 1);
    must(store_job_next_due(t->tx, &due, e));
    assert_int_equal(due, 1); /* at once, which is not "none" */
    for (int64_t now = 100; now <= 300; now += 100) {
        assert_string_equal(claim(t, ALL, "w", now, &job), "j");
        must(store_job_next_due(t->tx, &due, e));
        assert_int_equal(due, now + 10);
        must(store_job_retry(t->tx, STR("j"), STR("w"), now + 50, STR("busy"), e));
        must(store_job_next_due(t->tx, &due, e));
        assert_int_equal(due, now + 50);
        assert_string_equal(claim(t, ALL, "w", now + 49, &job), "");
    }
    assert_int_equal(find(t, "j", STORE_JOB_REVIEW).attempts, MOST);
    assert_string_equal(claim(t, ALL, "w", 9999, &job), ""); /* claimed often enough */
    must(store_job_give_up(t->tx, MOST, 9999, STR("too_often"), t->a, &given_up, e));
    assert_int_equal(given_up.n, 1);
    assert_str(given_up.at[0].ref, "j");
    assert_int_equal(given_up.at[0].state, STORE_FAILED);
    assert_str(find(t, "j", STORE_JOB_REVIEW).reason, "too_often");
    must(store_job_give_up(t->tx, MOST, 9999, STR("too_often"), t->a, &given_up, e));
    assert_int_equal(given_up.n, 0);
    must(store_job_next_due(t->tx, &due, e));
    assert_int_equal(due, 0);
}

/* A worker that dies each time: the last lease must run out first. */
static void test_give_up(void **state)
{
    struct test_store *t = *state;
    struct store_job job = {0};
    struct store_job_list given_up = {0};
    add(t, "j", STORE_JOB_REVIEW, 0, 1);
    add(t, "k", STORE_JOB_REVIEW, 5000, 1);
    for (int64_t now = 100; now <= 300; now += 100)
        assert_string_equal(claim(t, ALL, "w", now, &job), "j");
    must(store_job_give_up(t->tx, MOST, 309, STR("x"), t->a, &given_up, e));
    assert_int_equal(given_up.n, 0);
    must(store_job_give_up(t->tx, MOST, 310, STR("x"), t->a, &given_up, e));
    assert_int_equal(given_up.n, 1);
    assert_int_equal(find(t, "k", STORE_JOB_REVIEW).state, STORE_QUEUED);
}

static void test_cancel(void **state)
{
    struct test_store *t = *state;
    struct store_job job = {0};
    bool changed = false;
    add(t, "j", STORE_JOB_REVIEW, 0, 1);
    assert_string_equal(claim(t, ALL, "w", 100, &job), "j");
    must(store_job_cancel(t->tx, STORE_JOB_EXPORT, STR("j"), &changed, e));
    assert_false(changed);
    must(store_job_cancel(t->tx, STORE_JOB_REVIEW, STR("j"), &changed, e));
    assert_true(changed);
    must(store_job_cancel(t->tx, STORE_JOB_REVIEW, STR("j"), &changed, e));
    assert_false(changed);
    assert_int_equal(find(t, "j", STORE_JOB_REVIEW).state, STORE_CANCELLED);
    must_fail(store_job_hold(t->tx, STR("j"), STR("w"), e), ERR_CONFLICT, "lease_lost");
    assert_string_equal(claim(t, ALL, "w", 9999, &job), "");

    must(store_job_forget(t->tx, 1, e));
    must(store_job_find(t->tx, STORE_JOB_REVIEW, STR("j"), t->a, &job, e));
    add(t, "waiting", STORE_JOB_REVIEW, 0, 1);
    must(store_job_forget(t->tx, 2, e));
    must_fail(store_job_find(t->tx, STORE_JOB_REVIEW, STR("j"), t->a, &job, e), ERR_NOT_FOUND, "not_found");
    must(store_job_find(t->tx, STORE_JOB_REVIEW, STR("waiting"), t->a, &job, e));
}

#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static enum err insert(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct store_job job = {.id = STR("far"), .kind = STORE_JOB_MODEL, .ref = STR("far"), .created_unix_ms = 1};
    (void)ctx;
    return store_job_insert(tx, &job, e);
}

/* Which request it is for: that of the thread which asks for the transaction, not of the writer's. */
static void test_for_whom(void **state)
{
    struct test_store *t = *state;
    const struct trace_work work = trace_work_make(STR("r1"), STR(PARENT));
    struct store_job job = {0};
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    trace_work_set(&work);
    must(store_write(t->store, insert, NULL, e));
    trace_work_set(NULL);
    must(store_read(t->store, &tx, e));
    must(store_job_find(tx, STORE_JOB_MODEL, STR("far"), t->a, &job, e));
    assert_str(job.request, "r1");
    assert_str(job.traceparent, PARENT);
}

static void test_count(void **state)
{
    struct test_store *t = *state;
    struct store_job job = {0};
    struct store_job_counts counts = {.n = 0};
    must(store_job_count(t->tx, t->a, &counts, e));
    assert_int_equal(counts.n, 0);
    add(t, "a", STORE_JOB_REVIEW, 0, 7);
    add(t, "b", STORE_JOB_REVIEW, 0, 5);
    add(t, "c", STORE_JOB_EXPORT, 0, 3);
    assert_str(find(t, "a", STORE_JOB_REVIEW).request, "");
    assert_string_equal(claim(t, ALL, "w", 100, &job), "c");
    must(store_job_count(t->tx, t->a, &counts, e));
    assert_int_equal(counts.n, 2);
    assert_int_equal(counts.at[0].kind, STORE_JOB_REVIEW);
    assert_int_equal(counts.at[0].state, STORE_QUEUED);
    assert_int_equal(counts.at[0].n, 2);
    assert_int_equal(counts.at[0].oldest_unix_ms, 5);
    assert_int_equal(counts.at[1].state, STORE_RUNNING);
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_tx_setup, test_store_tx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_claim),   T(test_exports_first),
        T(test_fence),   T(test_retry),
        T(test_give_up), T(test_cancel),
        T(test_count),   cmocka_unit_test_setup_teardown(test_for_whom, test_store_setup, test_store_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
