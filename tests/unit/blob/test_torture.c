/* Every allocation fails once. */
#include "support/torture.h"

#include "blob_test.h"

static enum err use_blob(void *ctx, struct error *e)
{
    struct blob *b = NULL;
    struct str got = STR_EMPTY;
    size_t removed = 0;
    enum err err = blob_folder_open(ctx, &b, e);
    if (err != ERR_OK) return err;
    CLEANUP_ARENA struct arena *mine = arena_new(1 << 20);
    err = mine ? blob_put_bytes(b, STR(KEY), STR("some"), e) : error_no_memory(e);
    if (err == ERR_OK) err = blob_get(b, mine, STR(KEY), 100, &got, e);
    if (err == ERR_OK) err = blob_probe(b, e);
    if (err == ERR_OK) err = blob_sweep(b, 0, &removed, e);
    blob_free(b);
    return err;
}

static void test_blob(void **state)
{
    (void)state;
    char *path = in_store(".");
    assert_true(torture_run(use_blob, path) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_blob, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
