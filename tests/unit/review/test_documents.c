/* Documents: taken in whole or not at all, never mixed, handed out, deleted with all that hangs on them. */
#include "server_test.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "review/rows_priv.h"

static struct store_document find(struct server *s, struct str id)
{
    struct store_document d = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_document_find(tx, id, STR_EMPTY, s->a, &d, e));
    store_read_end(tx);
    return d;
}

static size_t count_documents(struct server *s, const struct review_by *by)
{
    struct store_document_list list = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_document_list(tx, by->visitor, STR_EMPTY, 0, s->a, &list, e));
    store_read_end(tx);
    return list.n;
}

static struct str file_of(struct server *s, struct str id)
{
    int fd = -1;
    size_t size = 0;
    assert_ok(documents_file(&s->c, id, &fd, &size, e));
    char *bytes = NEW(s->a, char, size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, size + 1), (ssize_t)size);
    close(fd);
    return (struct str){bytes, size};
}

static void an_upload_is_kept_and_described(void **state)
{
    struct server *s = *state;
    struct str bytes = server_docx(s, server_report);
    struct documents_added added = server_upload(s, &s->ann, "r\xC3\xA9port.docx", bytes);
    char hex[HASH_SHA256_HEX + 1];
    assert_ok(hash_sha256_hex(bytes, hex, e));
    struct store_document d = find(s, added.document->id);
    assert_str(d.name, "r\xC3\xA9port.docx");
    assert_true(str_eq(d.owner, s->ann.visitor));
    assert_str(d.version.sha256, hex);
    assert_int_equal(d.version.size_bytes, bytes.n);
    assert_int_equal(d.version.sections, 4);
    assert_true(d.version.words > 30 && d.version.blocks >= 10);
    assert_true(str_eq(file_of(s, d.id), bytes));
    assert_true(d.has_review);
    assert_int_equal(d.latest.state, STORE_QUEUED);
    assert_true(str_eq(d.latest.id, added.review->id));
    struct store_event_list events = server_events(s, d.id);
    assert_int_equal(events.n, 2);
    assert_str(events.at[0].kind, "document.added");
    assert_has(events.at[0].data, "r\xC3\xA9port.docx");
    assert_str(events.at[1].kind, "review.queued");
    assert_true(str_eq(events.at[1].by, s->ann.visitor));
}

static void an_upload_without_a_review_has_none(void **state)
{
    struct server *s = *state;
    const struct documents_upload up = {.name = STR("a.docx"), .bytes = server_docx(s, "text\n")};
    struct documents_added added = {0};
    assert_ok(documents_add(&s->c, &s->ann, &up, s->a, &added, e));
    assert_null(added.review);
    assert_false(find(s, added.document->id).has_review);
}

static void not_again_13_a_file_that_cannot_be_read_is_told_and_leaves_nothing(void **state)
{
    struct server *s = *state;
    struct str good = server_docx(s, server_report);
    char *broken = NEW(s->a, char, good.n);
    assert_non_null(broken);
    memcpy(broken, good.p, good.n);
    memset(broken + good.n / 3, 'x', good.n / 3);
    const struct str files[] = {
        STR(""),
        STR("not a zip at all"),
        STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 an old .doc"),
        str_sub(good, 0, good.n / 2),
        {broken, good.n},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const struct documents_upload up = {.name = STR("bad.docx"), .bytes = files[i], .review = true};
        struct documents_added added = {0};
        struct error e = {0};
        enum err err = documents_add(&s->c, &s->ann, &up, s->a, &added, &e);
        assert_true(err == ERR_INVALID || err == ERR_LIMIT);
        assert_true(e.message[0] && e.reason[0]);
        assert_null(added.document);
    }
    assert_int_equal(count_documents(s, &s->ann), 0);
    assert_int_equal(server_count_files(s), 0);
    assert_int_equal(server_events(s, STR_EMPTY).n, 0);
}

static void a_file_past_the_limit_is_refused(void **state)
{
    struct server *s = *state;
    struct str good = server_docx(s, server_report);
    s->c.limits.max_file_bytes = good.n - 1;
    const struct documents_upload up = {.name = STR("big.docx"), .bytes = good};
    struct documents_added added = {0};
    struct error e = {0};
    assert_int_equal(documents_add(&s->c, &s->ann, &up, s->a, &added, &e), ERR_LIMIT);
    assert_int_equal(server_count_files(s), 0);
}

static void an_unknown_framework_is_refused_with_those_that_there_are(void **state)
{
    struct server *s = *state;
    const struct documents_upload up = {
        .name = STR("a.docx"), .bytes = server_docx(s, "text\n"), .review = true, .framework = STR("hawkeyes")};
    struct documents_added added = {0};
    struct error e = {0};
    assert_int_equal(documents_add(&s->c, &s->ann, &up, s->a, &added, &e), ERR_NOT_FOUND);
    assert_string_equal(e.reason, "no_such_framework");
    assert_has(str_from_c(e.hint), "hawkeye");
    assert_int_equal(count_documents(s, &s->ann), 0);
}

static void not_again_36_names_keep_their_script(void **state)
{
    struct server *s = *state;
    static const struct {
        const char *given, *kept;
    } names[] = {
        {"\u65E5\u672C.docx", "\u65E5\u672C.docx"},
        {"\u041E\u0442\u0447\u0451\u0442 2.docx", "\u041E\u0442\u0447\u0451\u0442 2.docx"},
        {"C:\\Users\\x\\report.docx", "report.docx"},
        {"../../etc/passwd", "passwd"},
        {"a\x01\n\u202E"
         "b.docx",
         "ab.docx"},
        {"", "document.docx"},
        {"folder/", "document.docx"},
    };
    struct str bytes = server_docx(s, "text\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_str(server_upload(s, &s->ann, names[i].given, bytes).document->name, names[i].kept);
    char *endless = NEW(s->a, char, DOCUMENTS_NAME_MAX + 2);
    assert_non_null(endless);
    memset(endless, 'n', DOCUMENTS_NAME_MAX + 1);
    const struct documents_upload up = {.name = str_from_c(endless), .bytes = bytes};
    struct documents_added added = {0};
    assert_fails(documents_add(&s->c, &s->ann, &up, s->a, &added, e), ERR_INVALID, "bad_name");
    const struct documents_upload latin = {.name = STR("caf\xE9.docx"), .bytes = bytes};
    assert_fails(documents_add(&s->c, &s->ann, &latin, s->a, &added, e), ERR_INVALID, "bad_name");
}

struct uploader {
    struct server *s;
    const struct review_by *by;
    struct str bytes;
    struct arena *a;
    struct str ids[20];
    pthread_t thread;
};

static void *upload_often(void *object)
{
    struct uploader *u = object;
    const struct documents_upload up = {.name = STR("report.docx"), .bytes = u->bytes};
    for (size_t i = 0; i < 20; i++) {
        struct documents_added added = {0};
        struct error e = {0};
        if (documents_add(&u->s->c, u->by, &up, u->a, &added, &e) != ERR_OK) abort();
        u->ids[i] = added.document->id;
    }
    return NULL;
}

static void not_again_7_two_people_with_the_same_name_at_once_never_mix(void **state)
{
    struct server *s = *state;
    struct uploader u[2] = {{s, &s->ann, server_docx(s, "# Ann\nwhat Ann wrote\n"), test_arena(), {{0}}, 0},
                            {s, &s->bob, server_docx(s, "# Bob\nwhat Bob wrote\n"), test_arena(), {{0}}, 0}};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&u[i].thread, NULL, upload_often, &u[i]), 0);
    for (size_t i = 0; i < 2; i++)
        (void)pthread_join(u[i].thread, NULL);
    for (size_t i = 0; i < 40; i++) {
        struct uploader *of = &u[i / 20];
        struct str content = STR_EMPTY;
        assert_true(str_eq(file_of(s, of->ids[i % 20]), of->bytes));
        assert_ok(documents_json(&s->c, of->ids[i % 20], DOCUMENTS_CONTENT, s->a, &content, e));
        assert_has(content, i < 20 ? "what Ann wrote" : "what Bob wrote");
        assert_true(str_eq(find(s, of->ids[i % 20]).owner, of->by->visitor));
    }
    assert_int_equal(count_documents(s, &s->ann), 20);
    arena_free(u[0].a);
    arena_free(u[1].a);
}

static void content_is_kept_and_made_anew_when_it_is_gone(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    struct str kept = STR_EMPTY, again = STR_EMPTY, sections = STR_EMPTY;
    struct store_document d = find(s, added.document->id);
    bool there = false;
    assert_ok(blob_exists(s->c.blob, d.version.content_blob, &there, e));
    assert_true(there);
    assert_ok(documents_json(&s->c, d.id, DOCUMENTS_CONTENT, s->a, &kept, e));
    assert_ok(blob_delete(s->c.blob, d.version.content_blob, e));
    assert_ok(documents_json(&s->c, d.id, DOCUMENTS_CONTENT, s->a, &again, e));
    assert_true(str_eq(kept, again));
    assert_ok(blob_exists(s->c.blob, d.version.content_blob, &there, e));
    assert_true(there);
    assert_ok(documents_json(&s->c, d.id, DOCUMENTS_SECTIONS, s->a, &sections, e));
    assert_has(sections, "Timeline of Events");
    assert_has_not(sections, "human error");
    assert_fails(documents_json(&s->c, STR("nothing"), DOCUMENTS_CONTENT, s->a, &kept, e), ERR_NOT_FOUND, "not_found");
}

static void a_deleted_document_is_gone_with_its_files(void **state)
{
    struct server *s = *state;
    struct documents_added gone = server_upload(s, &s->ann, "gone.docx", server_docx(s, server_report));
    struct documents_added stays = server_upload(s, &s->bob, "stays.docx", server_docx(s, server_report));
    server_run_jobs(s);
    assert_int_equal(server_count_files(s), 4);
    assert_ok(documents_delete(&s->c, &s->ann, gone.document->id, e));
    server_run_jobs(s);
    assert_int_equal(server_count_files(s), 2);
    assert_int_equal(count_documents(s, &s->ann), 0);
    assert_int_equal(server_review(s, stays.review->id).state, STORE_DONE);
    int fd;
    size_t size;
    assert_fails(documents_file(&s->c, gone.document->id, &fd, &size, e), ERR_NOT_FOUND, "not_found");
    assert_fails(documents_delete(&s->c, &s->ann, gone.document->id, e), ERR_NOT_FOUND, "not_found");
    struct store_event_list events = server_events(s, gone.document->id);
    assert_int_equal(events.n, 1);
    assert_str(events.at[0].kind, "document.deleted");
    assert_str(events.at[0].data, "{}");
}

/* A server that died between putting the files and writing the rows. */
static void files_of_an_upload_that_was_cut_off_are_swept(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, "text\n"));
    struct store_document d = find(s, added.document->id);
    bool there = true;
    assert_ok(blob_put_bytes(s->c.blob, STR("00000000000000000000000000"), STR("left over"), e));
    assert_ok(review__sweep(&s->c, STR("00000000000000000000000000"), e));
    assert_ok(blob_exists(s->c.blob, STR("00000000000000000000000000"), &there, e));
    assert_false(there);
    server_later((int64_t)2 * 3600 * 1000); /* the look that each upload asks for in an hour */
    server_run_jobs(s);
    assert_int_equal(server_count_files(s), 2);
    assert_true(str_eq(file_of(s, d.id), server_docx(s, "text\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(an_upload_is_kept_and_described),
        SERVER_TEST(an_upload_without_a_review_has_none),
        SERVER_TEST(not_again_13_a_file_that_cannot_be_read_is_told_and_leaves_nothing),
        SERVER_TEST(a_file_past_the_limit_is_refused),
        SERVER_TEST(an_unknown_framework_is_refused_with_those_that_there_are),
        SERVER_TEST(not_again_36_names_keep_their_script),
        SERVER_TEST(not_again_7_two_people_with_the_same_name_at_once_never_mix),
        SERVER_TEST(content_is_kept_and_made_anew_when_it_is_gone),
        SERVER_TEST(a_deleted_document_is_gone_with_its_files),
        SERVER_TEST(files_of_an_upload_that_was_cut_off_are_swept),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
