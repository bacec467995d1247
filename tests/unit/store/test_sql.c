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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_prepare),
        cmocka_unit_test(test_both_read_it),
    };
    return cmocka_run_group_tests(tests, test_store_setup, test_store_teardown);
}
