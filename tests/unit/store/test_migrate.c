/* From version to version: a file of an older version keeps all that is in it; a change that cannot be made leaves it as it was; and rules that hold
 * for the schema as it is now. */
#include "store_test.h"

#include <stdio.h>

#include "store/schema_priv.h"

/* As version 1 knew them. */
static const char rows_of_1[] =
    "INSERT INTO visitor VALUES ('v', 'hash', 'Ada', 1, 2);"
    "INSERT INTO document VALUES ('d', 'v', 'a.docx', 'd-version', 3);"
    "INSERT INTO version VALUES ('d-version', 'd', 'sha', 4, 'blob', 'content', 't', 'w', 5, 6, 7, 8, 9, 10, 11);"
    "INSERT INTO review VALUES ('r', 'd', 'd-version', 'v', 2, 'hawkeye', 'Hawkeye', 'why', 1000, 'stage', '', '', '',"
    " '[]', 12, 13, 14);"
    "INSERT INTO job VALUES ('j', 0, 'r', 1, 2, 15, 16, 'worker', 'reason', 17);"
    "INSERT INTO job VALUES ('k', 2, '', 0, 0, 18, 0, '', '', 19);"
    "INSERT INTO event VALUES (1, 'd', 'r', 'review.done', 'v', 20, '{}');"
    "UPDATE counter SET value = 1 WHERE name = 'event';";

/* A file of version 1 with these rows, and a little more. */
static struct drv *make_file(struct test_store *t, const char *more)
{
    struct drv *d = NULL;
    must(store__drv_open(t->folder, true, &d, e));
    must(store__drv_step(d, DRV_BEGIN_WRITE, e));
    must(store__schema_steps(d, 0, 1, e));
    const char *sql[] = {rows_of_1, more};
    for (size_t i = 0; i < 2; i++)
        must(store__drv_script(d, sql[i], e));
    must(store__drv_step(d, DRV_COMMIT, e));
    return d;
}

static int make_store(void **state)
{
    assert_int_equal(test_store_setup(state), 0);
    struct test_store *t = *state;
    store_close(t->store);
    t->store = NULL;
    assert_int_equal(remove(test_store_path(t, STORE_FILE)), 0);
    return 0;
}

static void look(struct test_store *t, struct store_tx *tx)
{
    struct store_document d = {0};
    struct store_review r = {0};
    struct store_job job = {0};
    struct store_version v = {0};
    must(store_document_find(tx, STR("d"), STR("v"), t->a, &d, e));
    assert_str(d.name, "a.docx");
    assert_false(d.never_send);
    assert_str(d.guidelines, "");
    assert_str(d.latest.id, "r");
    must(store_version_find(tx, STR("d-version"), t->a, &v, e));
    assert_int_equal(v.tracked_changes, 10);
    assert_int_equal(v.created_unix_ms, 11);
    assert_str(v.proposed_sections, "");
    assert_int_equal(v.proposed_state, STORE_PROPOSED_NONE);
    must(store_review_find(tx, STR("r"), STR("v"), t->a, &r, e));
    assert_int_equal(r.finished_unix_ms, 14);
    assert_str(r.coverage, "{}");
    assert_str(r.model, "");
    assert_int_equal(r.model_state, STORE_MODEL_NONE);
    assert_false(r.guidelines_only);
    must(store_job_find(tx, STORE_JOB_REVIEW, STR("r"), t->a, &job, e));
    assert_str(job.id, "j");
    assert_int_equal(job.state, STORE_RUNNING);
    assert_int_equal(job.attempts, 2);
    assert_int_equal(job.not_before_unix_ms, 15);
    assert_int_equal(job.lease_until_unix_ms, 16);
    assert_str(job.worker, "worker");
    assert_str(job.reason, "reason");
    assert_int_equal(job.created_unix_ms, 17);
    must(store_job_find(tx, STORE_JOB_SWEEP, STR_EMPTY, t->a, &job, e));
    assert_int_equal(job.state, STORE_QUEUED);
}

/* What version 1 had no word for. */
static enum err use_new(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct store_job job = {.id = STR("m"), .kind = STORE_JOB_MODEL, .ref = STR("r"), .created_unix_ms = 30};
    struct store_job claimed = {0};
    const struct store_event event = {.document_id = STR("d"), .kind = STR("k"), .data = STR("{}")};
    int64_t *seq = ctx;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    if (!a) return error_no_memory(e);
    TRY(store_job_insert(tx, &job, e));
    TRY(store_job_claim(tx, STORE_BIT(STORE_JOB_MODEL), STR("w"), 100, 200, 3, a, &claimed, e));
    return store_event_append(tx, &event, seq, e);
}

static void test_from_1(void **state)
{
    struct test_store *t = *state;
    int64_t seq = 0;
    store__drv_close(make_file(t, ""));
    must(test_store_open(t->folder, &t->store, e));
    for (unsigned i = 0; i < 2; i++) { /* again after a start that changes nothing */
        struct store_tx *tx = NULL;
        must(store_read(t->store, &tx, e));
        look(t, tx);
        store_read_end(tx);
        test_store_reopen(t);
    }
    must(store_write(t->store, use_new, &seq, e));
    assert_int_equal(seq, 2); /* numbers go on */
}

/* All or nothing: here a table stands in the way of the last step. */
static void test_all_or_nothing(void **state)
{
    struct test_store *t = *state;
    enum drv_identity identity = DRV_EMPTY;
    int64_t version = 0;
    struct drv *d = make_file(t, "CREATE TABLE learn_reset (x TEXT);");
    struct error error = {0};
    assert_true(store__schema_prepare(d, t->folder, &error) != ERR_OK);
    must(store__drv_identify(d, &identity, &version, e));
    assert_int_equal(identity, DRV_OURS);
    assert_int_equal(version, 1);
    must(store__drv_script(d, "DROP TABLE learn_reset;", e));
    must(store__schema_prepare(d, t->folder, e));
    store__drv_close(d);
    must(test_store_open(t->folder, &t->store, e));
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    must(store_read(t->store, &tx, e));
    look(t, tx);
}

/* Deleting a document would else read whole tables. */
static void test_keys_are_indexed(void **state)
{
    static const char text[] =
        "SELECT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND NOT EXISTS"
        " (SELECT 1 FROM pragma_index_list(m.name) l, pragma_index_info(l.name) i"
        " WHERE i.seqno = 0 AND i.name = f.\"from\" AND l.partial = 0)";
    static const char all[] = "SELECT count(*) FROM sqlite_master m, pragma_foreign_key_list(m.name) f";
    struct test_store *t = *state;
    struct drv_stmt *statement = NULL;
    struct str table = STR_EMPTY;
    bool more = true;
    const char *const sql[] = {text, all};
    must(test_store_open(t->folder, &t->store, e));
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    must(store_read(t->store, &tx, e));
    must(store__drv_prepare(tx->drv, sql[0], &statement, e));
    must(store__drv_next(statement, &more, e));
    if (more) {
        must(store__drv_str(statement, 0, t->a, &table, e));
        fail_msg("a key of %.*s has no index", STR_ARG(table));
    }
    store__drv_stmt_free(statement);
    must(store__drv_prepare(tx->drv, sql[1], &statement, e));
    must(store__drv_next(statement, &more, e));
    assert_true(store__drv_i64(statement, 0) >= 10); /* it has looked at some */
    store__drv_stmt_free(statement);
}

#define T(test) cmocka_unit_test_setup_teardown(test, make_store, test_store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(test_from_1), T(test_all_or_nothing), T(test_keys_are_indexed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
