/* Exports: what was decided is what is in the file, and nothing is handed out that was not made. */
#include "server_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "review/entity_json.h"
#include "review/exports.h"

static struct store_export export_row(struct server *s, struct str id)
{
    struct store_export x = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_export_find(tx, id, STR_EMPTY, s->a, &x, e));
    store_read_end(tx);
    return x;
}

static struct store_export make(struct server *s, struct str review, struct exports_options o)
{
    struct store_export *x = NULL;
    assert_ok(exports_start(&s->c, &s->ann, review, &o, s->a, &x, e));
    assert_int_equal(x->state, STORE_QUEUED);
    server_run_jobs(s);
    return export_row(s, x->id);
}

static struct str file_of(struct server *s, const struct store_export *x)
{
    int fd = -1;
    size_t size = 0;
    assert_ok(exports_file(&s->c, x->id, &fd, &size, e));
    assert_int_equal(size, x->size_bytes);
    char *bytes = NEW(s->a, char, size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, size + 1), (ssize_t)size);
    close(fd);
    return (struct str){bytes, size};
}

static struct str made(struct server *s, struct str review, struct exports_options o)
{
    struct store_export x = make(s, review, o);
    if (x.state != STORE_DONE) fail_msg("%.*s: %.*s", STR_ARG(x.reason), STR_ARG(x.message));
    return file_of(s, &x);
}

static struct doc *reread(struct str bytes)
{
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    struct doc *doc = NULL;
    assert_ok(doc_read(bytes, &o, &doc, e));
    return doc;
}

static const struct store_finding *with_quote(const struct store_finding_list *list, const char *quote)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq_c(list->at[i].quote, quote)) return &list->at[i];
    fail_msg("no finding on \"%s\"", quote);
    return NULL;
}

static struct store_finding *add_own(struct server *s, const struct store_review *r)
{
    static const enum finding_kind kind = FINDING_IMPORTANT;
    static const enum finding_risk risk = FINDING_MEDIUM;
    const struct decide_anchor anchor = server_anchor(s, "12 orders were refunded");
    const struct str said = STR("Which orders <were> they?");
    const struct decide_text text = {.kind = &kind, .risk = &risk, .description = &said};
    struct store_finding *f = NULL;
    assert_ok(decide_add(&s->c, &s->ann, r->id, &anchor, &text, s->a, &f, e));
    return f;
}

/* One accepted, one rejected, one of Ann's own accepted; the rest is open. */
static struct store_review decided(struct server *s)
{
    struct store_review r = server_reviewed(s);
    struct store_finding_list list = server_findings(s, r.id);
    server_decide(s, &s->ann, with_quote(&list, "human error")->id, FINDING_ACCEPTED);
    server_decide(s, &s->ann, add_own(s, &r)->id, FINDING_ACCEPTED);
    const struct str note = STR("It is a draft.");
    const struct decide_choice reject = {.decision = FINDING_REJECTED, .note = &note};
    struct store_finding *f = NULL;
    assert_ok(decide_one(&s->c, &s->ann, with_quote(&list, "TBD")->id, &reject, -1, s->a, &f, e));
    return r;
}

static void the_docx_has_what_was_accepted_as_comments_by_the_person(void **state)
{
    struct server *s = *state;
    struct store_review r = decided(s);
    struct store_export x = make(s, r.id, (struct exports_options){.format = EXPORTS_DOCX});
    assert_int_equal(x.state, STORE_DONE);
    assert_str(x.name, "report-reviewed.docx");
    struct doc *doc = reread(file_of(s, &x));
    assert_int_equal(doc->comments.n, 2);
    bool own = false, rule = false;
    for (uint32_t i = 0; i < doc->comments.n; i++) {
        const struct doc_comment *c = &doc->comments.at[i];
        assert_str(c->author, "Ann Lee");
        assert_str(c->initials, "AL");
        struct str words = doc_text_of(doc, c->anchor, s->a);
        own = own || (str_eq_c(words, "12 orders were refunded") &&
                      str_find(c->text, STR("Which orders <were> they?"), 0) != STR_NONE);
        rule = rule || str_eq_c(words, "human error");
    }
    assert_true(own && rule);
    doc_free(doc);
    struct store_event_list events = server_events(s, r.document_id);
    assert_str(events.at[events.n - 2].kind, "export.queued");
    assert_str(events.at[events.n - 1].kind, "export.done");
    assert_has(events.at[events.n - 1].data, x.id.p);
}

static void open_and_rejected_ones_come_when_they_are_asked_for(void **state)
{
    struct server *s = *state;
    struct store_review r = decided(s);
    const struct exports_options open = {.format = EXPORTS_DOCX, .include = EXPORTS_OPEN_AND_ACCEPTED},
                                 all = {.format = EXPORTS_DOCX, .include = EXPORTS_ALL, .summary = true};
    struct doc *doc = reread(made(s, r.id, open));
    assert_int_equal(doc->comments.n, r.counts.total + 1 - 1);
    doc_free(doc);
    doc = reread(made(s, r.id, all));
    assert_int_equal(doc->comments.n, r.counts.total + 1);
    size_t resolved = 0;
    for (uint32_t i = 0; i < doc->comments.n; i++)
        resolved +=
            doc->comments.at[i].done && str_find(doc->comments.at[i].text, STR("It is a draft."), 0) != STR_NONE;
    assert_int_equal(resolved, 1);
    bool summary = false;
    for (uint32_t i = 0; i < doc->blocks.n; i++)
        summary = summary || str_eq_c(doc->blocks.at[i].text, "Review summary");
    assert_true(summary);
    doc_free(doc);
}

static void one_who_gave_no_name_is_reviewer(void **state)
{
    struct server *s = *state;
    struct store_review r = decided(s);
    s->ann = s->bob; /* whoever asks for the export is the author of its comments */
    struct doc *doc = reread(made(s, r.id, (struct exports_options){.format = EXPORTS_DOCX}));
    assert_str(doc->comments.at[0].author, "Reviewer");
    doc_free(doc);
}

static void json_csv_and_html_tell_decisions(void **state)
{
    struct server *s = *state;
    struct store_review r = decided(s);
    const struct json *v = NULL;
    struct str json = made(s, r.id, (struct exports_options){.format = EXPORTS_JSON, .include = EXPORTS_ALL});
    assert_ok(json_parse(s->a, json, &v, e));
    assert_str(json_str(json_get(v, "format")), "prism-review/1");
    assert_str(json_str(json_get(v, "file")), "report.docx");
    const struct json *list = json_get(v, "findings");
    assert_int_equal(json_count(list), r.counts.total + 1);
    size_t accepted = 0, noted = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *f = json_at(list, i);
        bool is = str_eq_c(json_str(json_get(f, "decision")), "accepted");
        accepted += is;
        if (is) assert_str(json_str(json_get(f, "decided_by")), "Ann Lee");
        if (str_eq_c(json_str(json_get(f, "note")), "It is a draft.")) noted++;
        if (str_eq_c(json_str(json_get(f, "source")), "person"))
            assert_str(json_str(json_get(f, "reviewer")), "Ann Lee");
    }
    assert_int_equal(accepted, 2);
    assert_int_equal(noted, 1);
    const struct json *coverage = json_get(v, "coverage");
    assert_true(json_double(json_get(coverage, "rules_run"), 0) > 10);
    assert_true(json_count(json_get(coverage, "left_out")) > 0);
    struct store_export x = make(s, r.id, (struct exports_options){.format = EXPORTS_CSV});
    assert_str(x.name, "report-findings.csv");
    assert_has(file_of(s, &x), "human error");
    assert_has_not(file_of(s, &x), "It is a draft.");
    x = make(s, r.id, (struct exports_options){.format = EXPORTS_HTML, .include = EXPORTS_ALL});
    assert_str(x.name, "report-review.html");
    assert_has(file_of(s, &x), "Which orders &lt;were&gt; they?");
}

static void a_rewrite_is_a_tracked_change_when_asked_for(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding_list list = server_findings(s, r.id);
    const struct str rewrite = STR("a missing check");
    const struct decide_text edit = {.rewrite = &rewrite};
    struct store_finding *f = NULL;
    assert_ok(decide_edit(&s->c, &s->ann, with_quote(&list, "human error")->id, &edit, -1, s->a, &f, e));
    server_decide(s, &s->ann, f->id, FINDING_ACCEPTED);
    struct doc *doc = reread(made(s, r.id, (struct exports_options){.format = EXPORTS_DOCX, .tracked_changes = true}));
    bool inserted = false;
    for (uint32_t i = 0; i < doc->revisions.n; i++)
        inserted = inserted || str_eq_c(doc->revisions.at[i].text, "a missing check");
    assert_true(inserted);
    doc_free(doc);
}

static void what_is_not_done_is_not_exported_nor_fetched(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    const struct exports_options o = {.format = EXPORTS_CSV};
    struct store_export *x = NULL;
    int fd;
    size_t size;
    assert_fails(exports_start(&s->c, &s->ann, added.review->id, &o, s->a, &x, e), ERR_CONFLICT, "review_not_done");
    assert_fails(exports_start(&s->c, &s->ann, STR("nothing"), &o, s->a, &x, e), ERR_NOT_FOUND, "not_found");
    server_run_jobs(s);
    assert_ok(exports_start(&s->c, &s->ann, added.review->id, &o, s->a, &x, e));
    assert_fails(exports_file(&s->c, x->id, &fd, &size, e), ERR_CONFLICT, "export_not_done");
    assert_fails(exports_file(&s->c, STR("nothing"), &fd, &size, e), ERR_NOT_FOUND, "not_found");
}

static void not_again_14_an_export_that_fails_says_so(void **state)
{
    struct server *s = *state;
    struct store_review r = decided(s);
    struct store_document d = {0};
    struct store_tx *tx = NULL;
    int fd;
    size_t size;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_document_find(tx, r.document_id, STR_EMPTY, s->a, &d, e));
    store_read_end(tx);
    assert_ok(blob_delete(s->c.blob, d.version.blob, e));
    struct store_export x = make(s, r.id, (struct exports_options){.format = EXPORTS_DOCX});
    assert_int_equal(x.state, STORE_FAILED);
    assert_str(x.reason, "file_missing");
    assert_true(x.message.n > 0);
    assert_int_equal(server_count_events(s, r.document_id, "export.failed"), 1);
    assert_fails(exports_file(&s->c, x.id, &fd, &size, e), ERR_CONFLICT, "export_not_done");
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    export_entity_json(&o, NULL, &x);
    assert_has(sb_view(&b), "\"state\":\"failed\"");
    assert_has(sb_view(&b), "\"problem\":{\"reason\":\"file_missing\"");
    assert_has(sb_view(&b), "\"size_bytes\":null");
}

/* A disk that is full for a while: the export is tried again, and made when there is room. */
static void what_fails_for_a_passing_reason_is_tried_again(void **state)
{
    struct server *s = *state;
    struct store_review r = decided(s);
    const struct exports_options o = {.format = EXPORTS_CSV};
    struct store_export *x = NULL;
    struct jobs_options runner = JOBS_DEFAULTS;
    struct str from = str_printf(s->a, "%s/files/tmp", s->folder), to = str_printf(s->a, "%s/files/away", s->folder);
    assert_ok(exports_start(&s->c, &s->ann, r.id, &o, s->a, &x, e));
    assert_int_equal(rename(from.p, to.p), 0); /* nothing can be put */
    runner.retry_ms = 20;
    runner.max_attempts = 1000;
    assert_ok(jobs_new(&s->c, &runner, &s->c.jobs, e));
    struct store_job job = {0};
    for (int i = 0; i < 5000 && job.attempts == 0; i++) {
        struct store_tx *tx = NULL;
        (void)usleep(1000);
        assert_ok(store_read(s->c.store, &tx, e));
        assert_ok(store_job_find(tx, STORE_JOB_EXPORT, x->id, s->a, &job, e));
        store_read_end(tx);
    }
    (void)usleep(30000);
    assert_int_equal(export_row(s, x->id).state, STORE_QUEUED); /* not failed */
    assert_int_equal(rename(to.p, from.p), 0);
    for (int i = 0; i < 10000 && export_row(s, x->id).state != STORE_DONE; i++)
        (void)usleep(2000);
    struct store_export row = export_row(s, x->id);
    assert_int_equal(row.state, STORE_DONE);
    assert_has(file_of(s, &row), "human error");
}

static void exports_go_with_their_document(void **state)
{
    struct server *s = *state;
    struct store_review r = decided(s);
    (void)made(s, r.id, (struct exports_options){.format = EXPORTS_CSV});
    assert_int_equal(server_count_files(s), 3);
    assert_ok(documents_delete(&s->c, &s->ann, r.document_id, e));
    server_run_jobs(s);
    assert_int_equal(server_count_files(s), 0);
}

static void names_keep_script_and_kind(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "\u65E5\u672C.DOCM", server_docx(s, server_report));
    server_run_jobs(s);
    struct store_export x = make(s, added.review->id, (struct exports_options){.format = EXPORTS_DOCX});
    assert_true(str_ends(x.name, STR("-reviewed.docm")));
    assert_has(x.name, "\u65E5\u672C");
    assert_string_equal(exports_content_type(EXPORTS_JSON), "application/json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(the_docx_has_what_was_accepted_as_comments_by_the_person),
        SERVER_TEST(open_and_rejected_ones_come_when_they_are_asked_for),
        SERVER_TEST(one_who_gave_no_name_is_reviewer),
        SERVER_TEST(json_csv_and_html_tell_decisions),
        SERVER_TEST(a_rewrite_is_a_tracked_change_when_asked_for),
        SERVER_TEST(what_is_not_done_is_not_exported_nor_fetched),
        SERVER_TEST(not_again_14_an_export_that_fails_says_so),
        SERVER_TEST(what_fails_for_a_passing_reason_is_tried_again),
        SERVER_TEST(exports_go_with_their_document),
        SERVER_TEST(names_keep_script_and_kind),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
