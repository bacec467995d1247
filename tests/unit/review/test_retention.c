/* What nobody uses goes, to the minute; what is used or worked on stays. */
#include "server_test.h"

#include "base/random.h"
#include "review/exports.h"
#include "review/retention.h"
#include "review/rows_priv.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS  (24 * HOUR_MS)

static struct store_document find(struct server *s, struct str id)
{
    struct store_document d = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_document_find(tx, id, STR_EMPTY, s->a, &d, e));
    store_read_end(tx);
    return d;
}

static struct retention_counts pass(struct server *s)
{
    struct retention_counts n;
    assert_ok(retention_pass(&s->c, NULL, &n, e));
    return n;
}

static struct store_document upload(struct server *s, const char *name)
{
    struct str bytes = server_docx(s, server_report);
    const struct documents_upload up = {.name = str_from_c(name), .bytes = bytes};
    struct documents_added added;
    assert_ok(documents_add(&s->c, &s->ann, &up, s->a, &added, e));
    return *added.document;
}

static void until_when_is_the_days_after_the_last_use(void **state)
{
    (void)state;
    const struct review_retention week = {.days = 7}, never = {.days = 0};
    struct store_document d = {.used_unix_ms = 1000};
    assert_int_equal(retention_kept_until(&week, &d), 1000 + 7 * DAY_MS);
    assert_int_equal(retention_kept_until(&never, &d), 0);
    d.version.file_removed_unix_ms = 1;
    assert_int_equal(retention_kept_until(&week, &d), 0);
    d = (struct store_document){.used_unix_ms = 0};
    assert_int_equal(retention_kept_until(&week, &d), 0);
}

static void a_file_goes_when_its_time_has_come_and_not_before(void **state)
{
    struct server *s = *state;
    s->c.retention = (struct review_retention){.days = 7};
    struct store_document d = upload(s, "a.docx");
    assert_int_equal(server_count_files(s), 2);
    server_later(7 * DAY_MS - HOUR_MS);
    assert_int_equal(pass(s).documents, 0);
    assert_int_equal(server_count_files(s), 2);
    server_later(2 * HOUR_MS);
    assert_int_equal(pass(s).documents, 1);
    assert_int_equal(server_count_files(s), 0);
    struct store_document gone = find(s, d.id);
    assert_true(gone.version.file_removed_unix_ms > d.created_unix_ms);
    assert_str(gone.name, "a.docx");
    assert_int_equal(server_count_events(s, d.id, "document.file_removed"), 1);
    assert_int_equal(pass(s).documents, 0);
    assert_int_equal(server_count_events(s, d.id, "document.file_removed"), 1);
    int fd = -1;
    size_t size = 0;
    struct str json;
    assert_fails(documents_file(&s->c, d.id, &fd, &size, e), ERR_CONFLICT, "file_removed");
    assert_fails(documents_json(&s->c, d.id, DOCUMENTS_CONTENT, s->a, &json, e), ERR_CONFLICT, "file_removed");
}

static void use_is_written_down_once_an_hour(void **state)
{
    struct server *s = *state;
    struct store_document d = upload(s, "a.docx");
    server_later(HOUR_MS / 2);
    retention_used(&s->c, d.id, d.used_unix_ms);
    assert_int_equal(find(s, d.id).used_unix_ms, d.used_unix_ms);
    server_later(HOUR_MS);
    retention_used(&s->c, d.id, d.used_unix_ms);
    int64_t used = find(s, d.id).used_unix_ms;
    assert_true(used >= d.used_unix_ms + HOUR_MS);
    server_later(-DAY_MS); /* a clock that goes back takes no day away */
    retention_used(&s->c, d.id, 0);
    assert_int_equal(find(s, d.id).used_unix_ms, used);
}

static void with_records_all_goes(void **state)
{
    struct server *s = *state;
    s->c.retention = (struct review_retention){.days = 1, .records = true};
    struct store_review review = server_reviewed(s);
    struct store_document d = find(s, review.document_id);
    server_later(DAY_MS + HOUR_MS);
    assert_int_equal(pass(s).documents, 1);
    assert_int_equal(server_count_files(s), 0);
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_fails(store_document_find(tx, d.id, STR_EMPTY, s->a, &d, e), ERR_NOT_FOUND, "not_found");
    store_read_end(tx);
    server_later(DAY_MS + HOUR_MS);
    assert_int_equal(pass(s).events, 1); /* that it was deleted */
    assert_int_equal(server_events(s, d.id).n, 0);
}

static void what_is_queued_or_runs_keeps_its_document(void **state)
{
    struct server *s = *state;
    s->c.retention = (struct review_retention){.days = 1, .records = true};
    struct documents_added added = server_upload(s, &s->ann, "a.docx", server_docx(s, server_report));
    server_later(30 * DAY_MS);
    assert_int_equal(pass(s).documents, 0); /* its review is queued */
    server_run_jobs(s);
    const struct exports_options o = {.format = EXPORTS_CSV};
    struct store_export *x = NULL;
    assert_ok(exports_start(&s->c, &s->ann, added.review->id, &o, s->a, &x, e));
    assert_int_equal(pass(s).documents, 0); /* its export is */
    server_run_jobs(s);
    assert_int_equal(pass(s).documents, 1);
}

static void more_than_a_list_and_more_than_may_go(void **state)
{
    struct server *s = *state;
    s->c.retention = (struct review_retention){.days = 1};
    enum { N = 130 };
    struct str ids[N];
    for (size_t i = 0; i < N; i++)
        ids[i] = upload(s, "a.docx").id;
    server_later(2 * DAY_MS);
    for (size_t i = 0; i < N; i += 10)
        retention_used(&s->c, ids[i], 0);
    assert_int_equal(pass(s).documents, N - N / 10);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(find(s, ids[i]).version.file_removed_unix_ms == 0, i % 10 == 0);
    assert_int_equal(server_count_files(s), 2 * N / 10);
}

/* A server that died between the rows and the files: the job is there. */
static void what_a_dead_server_left_is_finished(void **state)
{
    struct server *s = *state;
    struct str key = STR("0123456789abcdef0123456789");
    s->c.retention = (struct review_retention){.days = 1};
    (void)upload(s, "a.docx");
    assert_ok(blob_put_bytes(s->c.blob, key, STR("left over"), e));
    assert_int_equal(pass(s).orphans, 0); /* younger than an hour: its row may be on its way */
    server_later(2 * HOUR_MS);
    assert_int_equal(pass(s).orphans, 1);
    assert_int_equal(server_count_files(s), 2);
}

/* What was read from a document is kept under a name of its form; made anew, no row names it, and it is used all the same. */
static void content_that_was_made_anew_is_no_orphan(void **state)
{
    struct server *s = *state;
    struct store_document d = upload(s, "a.docx");
    bool used = false;
    assert_ok(review__file_used(&s->c, d.version.content_blob, &used, e));
    assert_true(used);
    struct str other = str_printf(s->a, "%.*sc0", STR_ARG(d.version.id));
    assert_ok(review__file_used(&s->c, other, &used, e)); /* of a form that is no more */
    assert_false(used);
    struct str stranger = str_printf(s->a, "%.*s", (int)d.version.content_blob.n - RANDOM_ID_CHARS,
                                     d.version.content_blob.p + RANDOM_ID_CHARS);
    stranger = str_printf(s->a, "00000000000000000000000000%.*s", STR_ARG(stranger));
    assert_ok(review__file_used(&s->c, stranger, &used, e));
    assert_false(used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(until_when_is_the_days_after_the_last_use),
        SERVER_TEST(a_file_goes_when_its_time_has_come_and_not_before),
        SERVER_TEST(use_is_written_down_once_an_hour),
        SERVER_TEST(with_records_all_goes),
        SERVER_TEST(what_is_queued_or_runs_keeps_its_document),
        SERVER_TEST(more_than_a_list_and_more_than_may_go),
        SERVER_TEST(what_a_dead_server_left_is_finished),
        SERVER_TEST(content_that_was_made_anew_is_no_orphan),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
