/* The statements as texts: each is there, SQLite takes it, and it uses no word that only one database knows. */
#include "store_test.h"

#include "store/store_priv.h"

static void test_all_prepare(void **state)
{
    struct test_store *t = *state;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    must(store_read(t->store, &tx, e));
    for (size_t i = 0; i < SQL_N; i++) {
        struct drv_stmt *statement = NULL;
        assert_non_null(store__sql[i]);
        must(store__drv_prepare(tx->drv, store__sql[i], &statement, e));
        store__drv_stmt_free(statement);
    }
}

static void test_both_read_it(void **state)
{
    static const char *const words[] = {
        "rowid", "OR REPLACE", "OR IGNORE", "json_", "instr",  "datetime", "GLOB", "AUTOINCREMENT",
        "?",     "ILIKE",      "now()",     "::",    "IFNULL", "\"",       "`",    "["};
    (void)state;
    for (size_t i = 0; i < SQL_N; i++)
        for (size_t w = 0; w < STORE_COUNT(words); w++)
            if (str_find_nocase(str_from_c(store__sql[i]), str_from_c(words[w]), 0) != STR_NONE)
                fail_msg("only one database reads \"%s\": %s", words[w], store__sql[i]);
}

/* What of a plan reads a whole table. */
static bool reads_all(struct str step)
{
    static const char *const fine[] = {
        "SCAN p",                                        /* the page that was asked for */
        "SCAN c LEFT-JOIN",                              /* and its counts */
        "SCAN job USING INDEX job_unfinished",           /* few are */
        "SCAN job USING COVERING INDEX job_by_state",    /* of a day, for who counts, every other second at most */
        "SCAN chat_message USING INDEX chat_unfinished", /* and at a start alone */
    };
    if (!str_starts(step, STR("SCAN"))) return false;
    for (size_t i = 0; i < STORE_COUNT(fine); i++)
        if (str_starts(step, str_from_c(fine[i]))) return false;
    return true;
}

static void look_at_plan(struct test_store *t, struct store_tx *tx, const char *text)
{
    struct drv_stmt *statement = NULL;
    struct str step = STR_EMPTY;
    bool more = true;
    char *sql = str_to_c(t->a, str_printf(t->a, "EXPLAIN QUERY PLAN %s", text));
    assert_non_null(sql);
    must(store__drv_prepare(tx->drv, sql, &statement, e));
    for (;;) {
        must(store__drv_next(statement, &more, e));
        if (!more) break;
        must(store__drv_str(statement, 3, t->a, &step, e));
        if (reads_all(step)) fail_msg("%.*s: %s", STR_ARG(step), text);
    }
    store__drv_stmt_free(statement);
}

/* Every statement finds its rows by an index, but for the one that forgets old jobs. */
static void test_plans(void **state)
{
    struct test_store *t = *state;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    must(store_read(t->store, &tx, e));
    for (size_t i = 0; i < SQL_N; i++)
        if (i != SQL_STATUS_DOCUMENTS && i != SQL_JOB_FORGET) look_at_plan(t, tx, store__sql[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_prepare),
        cmocka_unit_test(test_both_read_it),
        cmocka_unit_test(test_plans),
    };
    return cmocka_run_group_tests(tests, test_store_setup, test_store_teardown);
}
