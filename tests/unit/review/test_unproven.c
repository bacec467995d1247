/* A reviewed document that does not pass its proof: told, kept, and handed out to nobody. The linker sends doc_write here, since no document is
 * known for which the real one fails. */
#include "server_test.h"

#include "doc/write.h"
#include "review/exports.h"

enum err __wrap_doc_write(const struct doc *doc, const struct doc_edits *edits, struct arena *a,
                          struct doc_write_result *ret, struct error *e);

enum err __wrap_doc_write(const struct doc *doc, const struct doc_edits *edits, struct arena *a,
                          struct doc_write_result *ret, struct error *e)
{
    (void)doc;
    (void)edits;
    (void)a;
    ret->bytes = STR("the copy that failed");
    return error_set_reason(e, ERR_INTERNAL, "proof_failed", "the reviewed document did not pass its check");
}

static void not_again_14_a_copy_that_failed_its_proof_is_kept_and_not_handed_out(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    const struct exports_options o = {.format = EXPORTS_DOCX};
    struct store_export *x = NULL, row = {0};
    struct store_tx *tx = NULL;
    struct str kept = STR_EMPTY;
    int fd;
    size_t size;
    assert_ok(exports_start(&s->c, &s->ann, r.id, &o, s->a, &x, e));
    server_run_jobs(s);
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_export_find(tx, x->id, STR_EMPTY, s->a, &row, e));
    store_read_end(tx);
    assert_int_equal(row.state, STORE_FAILED);
    assert_str(row.reason, "proof_failed");
    assert_has(row.message, "did not pass its check");
    assert_ok(blob_get(s->c.blob, s->a, row.blob, 1000, &kept, e));
    assert_str(kept, "the copy that failed");
    assert_has(row.hint, str_to_c(s->a, row.blob));
    assert_fails(exports_file(&s->c, x->id, &fd, &size, e), ERR_CONFLICT, "export_not_done");
    assert_int_equal(server_count_events(s, r.document_id, "export.failed"), 1);
    assert_ok(documents_delete(&s->c, &s->ann, r.document_id, e));
    server_run_jobs(s);
    assert_int_equal(server_count_files(s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(not_again_14_a_copy_that_failed_its_proof_is_kept_and_not_handed_out),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
