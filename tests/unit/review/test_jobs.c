/* Jobs: never lost, never done twice, whatever dies and whenever it is cancelled. */
#include "server_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/random.h"
#include "base/time.h"
#include "doc/text.h"
#include "review/coverage.h"
#include "review/jobs_priv.h"

/* --- what a review leaves --- */

static void a_review_runs_and_its_findings_stand_on_their_words(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct doc *doc = test_doc_read(s->a, server_report);
    struct store_finding_list list = server_findings(s, r.id);
    assert_int_equal(list.n, r.counts.total);
    assert_str(r.framework, "hawkeye");
    assert_str(r.why_framework, ""); /* it was asked for */
    assert_true(r.framework_title.n > 0);
    assert_int_equal(r.progress, STORE_PROGRESS_MAX);
    assert_true(r.started_unix_ms >= r.created_unix_ms && r.finished_unix_ms >= r.started_unix_ms);
    bool cites = false;
    for (size_t i = 0; i < list.n; i++) {
        const struct store_finding *f = &list.at[i];
        const struct doc_block *block = &doc->blocks.at[f->block];
        size_t from = doc_offset_from_utf16(block, f->start), to = doc_offset_from_utf16(block, f->end);
        assert_true(str_eq(str_sub(block->text, from, to), f->quote));
        assert_int_equal(f->id.n, RANDOM_ID_CHARS);
        assert_int_equal(f->version, 1);
        assert_int_equal(f->decision, STORE_OPEN);
        assert_true(f->why.n > 0 && f->title.n > 0 && f->reviewer_name.n > 0 && f->place.n > 0);
        assert_int_equal(f->section, block->section);
        if (str_eq_c(f->quote, "human error")) cites = str_find(f->point_numbers, STR(",11,"), 0) != STR_NONE;
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq(f->id, list.at[k].id));
    }
    assert_true(cites);
    struct review_coverage c = {0};
    assert_ok(coverage_read(r.not_reviewed, s->a, &c, e));
    assert_true(c.rules_run > 10 && c.words > 30 && c.blocks_reviewed > 5);
    assert_has(c.left_out[c.n_left_out - 1].what, "language model");
    struct store_event_list events = server_events(s, r.document_id);
    static const char *const kinds[] = {"document.added", "review.queued", "review.started", "review.done"};
    assert_int_equal(events.n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_str(events.at[i].kind, kinds[i]);
    doc_free(doc);
}

static void without_a_framework_the_one_that_fits_is_chosen(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, "# Plan\nWe will see.\n"));
    assert_str(added.review->framework, "");
    server_run_jobs(s);
    struct store_review r = server_review(s, added.review->id);
    assert_str(r.framework, "general");
    assert_true(r.why_framework.n > 0 && r.framework_title.n > 0);
    s->c.framework = frameworks_find(&s->c.frameworks, STR("hawkeye")); /* the server's own choice */
    added = server_upload(s, &s->ann, "r.docx", server_docx(s, "# Plan\nWe will see.\n"));
    server_run_jobs(s);
    assert_str(server_review(s, added.review->id).framework, "hawkeye");
}

static void not_again_15_another_review_has_findings_of_its_own(void **state)
{
    struct server *s = *state;
    struct store_review first = server_reviewed(s), *second = NULL;
    struct store_finding_list a = server_findings(s, first.id);
    server_decide(s, &s->ann, a.at[0].id, FINDING_ACCEPTED);
    assert_ok(reviews_start(&s->c, &s->ann, first.document_id, &(struct reviews_ask){.framework = STR("general")}, s->a,
                            &second, e));
    assert_int_equal(second->state, STORE_QUEUED);
    server_run_jobs(s);
    struct store_finding_list b = server_findings(s, second->id);
    assert_true(b.n > 0);
    assert_str(server_review(s, second->id).framework, "general");
    for (size_t i = 0; i < a.n; i++)
        for (size_t k = 0; k < b.n; k++)
            assert_false(str_eq(a.at[i].id, b.at[k].id));
    assert_int_equal(server_review(s, first.id).counts.decision[STORE_ACCEPTED], 1);
    assert_int_equal(server_review(s, second->id).counts.decision[STORE_ACCEPTED], 0);
    assert_fails(
        reviews_start(&s->c, &s->ann, STR("nothing"), &(struct reviews_ask){.no_model = true}, s->a, &second, e),
        ERR_NOT_FOUND, "not_found");
    assert_fails(reviews_start(&s->c, &s->ann, first.document_id, &(struct reviews_ask){.framework = STR("x")}, s->a,
                               &second, e),
                 ERR_NOT_FOUND, "no_such_framework");
}

/* --- workers that die --- */

struct hand { /* a worker whose steps the test takes one by one */
    struct server *s;
    char name[RANDOM_ID_CHARS + 1];
    atomic_bool stop;
    struct job__run run;
    struct arena *a;
    unsigned kinds;
};

static enum err claim_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct hand *h = ctx;
    int64_t now = h->s->c.now_unix_ms();
    return store_job_claim(tx, h->kinds, str_from_c(h->name), now, now + 10000, 5, h->a, &h->run.job, e);
}

static void claim(struct server *s, struct hand *h)
{
    *h = (struct hand){.s = s, .a = s->a, .kinds = STORE_BIT(STORE_JOB_REVIEW) | STORE_BIT(STORE_JOB_EXPORT)};
    random_id(h->name);
    h->run.c = &s->c;
    h->run.worker = str_from_c(h->name);
    h->run.a = h->a;
    h->run.stop = &h->stop;
    assert_ok(store_write(s->c.store, claim_write, h, e));
}

static void a_worker_that_lost_its_lease_keeps_nothing(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    struct hand slow, fast;
    claim(s, &slow);
    server_later(20000);
    claim(s, &fast);
    assert_true(str_eq(slow.run.job.id, fast.run.job.id));
    assert_fails(job__review.run(&slow.run, e), ERR_CONFLICT, "lease_lost");
    assert_int_equal(server_findings(s, added.review->id).n, 0);
    assert_ok(job__review.run(&fast.run, e));
    size_t n = server_findings(s, added.review->id).n;
    assert_true(n > 3);
    assert_fails(job__review.run(&slow.run, e), ERR_CONFLICT, "lease_lost");
    assert_fails(job__review.run(&fast.run, e), ERR_CONFLICT, "lease_lost"); /* it is done */
    assert_int_equal(server_findings(s, added.review->id).n, n);
    assert_int_equal(server_count_events(s, added.document->id, "review.done"), 1);
    assert_int_equal(server_review(s, added.review->id).state, STORE_DONE);
}

static void a_review_that_ran_when_the_server_died_runs_again(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    struct hand dead;
    claim(s, &dead);
    server_restart(s);
    server_later(20000); /* the lease of the dead one has run out */
    server_run_jobs(s);
    assert_int_equal(server_review(s, added.review->id).state, STORE_DONE);
    size_t n = server_findings(s, added.review->id).n;
    assert_true(n > 3);
    server_restart(s);
    server_run_jobs(s);
    assert_int_equal(server_findings(s, added.review->id).n, n);
}

static void what_kills_the_server_again_and_again_is_given_up(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    struct hand dead;
    for (int i = 0; i < 5; i++) {
        claim(s, &dead);
        server_later(20000);
    }
    server_run_jobs(s);
    struct store_review r = server_review(s, added.review->id);
    assert_int_equal(r.state, STORE_FAILED);
    assert_str(r.reason, "gave_up");
    assert_true(r.message.n > 0 && r.hint.n > 0);
    assert_int_equal(server_count_events(s, added.document->id, "review.failed"), 1);
}

/* --- cancelling --- */

static void a_review_that_waits_is_cancelled(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    struct store_review *r = NULL;
    assert_ok(reviews_cancel(&s->c, &s->ann, added.review->id, s->a, &r, e));
    assert_int_equal(r->state, STORE_CANCELLED);
    assert_true(r->finished_unix_ms > 0);
    server_run_jobs(s);
    assert_int_equal(server_review(s, r->id).state, STORE_CANCELLED);
    assert_int_equal(server_findings(s, r->id).n, 0);
    assert_ok(reviews_cancel(&s->c, &s->ann, r->id, s->a, &r, e)); /* again: nothing */
    assert_int_equal(server_count_events(s, added.document->id, "review.cancelled"), 1);
    assert_int_equal(server_count_events(s, added.document->id, "review.started"), 0);
    assert_fails(reviews_cancel(&s->c, &s->ann, STR("nothing"), s->a, &r, e), ERR_NOT_FOUND, "not_found");
}

static void a_review_that_runs_is_cancelled_and_keeps_nothing(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    struct store_review *r = NULL;
    struct hand h;
    claim(s, &h);
    assert_ok(reviews_cancel(&s->c, &s->ann, added.review->id, s->a, &r, e));
    assert_fails(job__review.run(&h.run, e), ERR_CONFLICT, "lease_lost");
    assert_int_equal(server_findings(s, r->id).n, 0);
    assert_int_equal(server_review(s, r->id).state, STORE_CANCELLED);
}

static void a_review_that_is_to_stop_stops_at_its_next_step(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    struct hand h;
    claim(s, &h);
    atomic_store(&h.stop, true);
    assert_fails(job__review.run(&h.run, e), ERR_CONFLICT, "stopped");
    assert_int_equal(server_findings(s, added.review->id).n, 0);
}

static void a_cancel_at_any_moment_ends_one_way_or_the_other(void **state)
{
    struct server *s = *state;
    struct jobs_options o = JOBS_DEFAULTS;
    struct str bytes = server_docx(s, server_report);
    assert_ok(jobs_new(&s->c, &o, &s->c.jobs, e));
    size_t done = 0;
    for (unsigned i = 0; i < 24; i++) {
        struct documents_added added = server_upload(s, &s->ann, "r.docx", bytes);
        struct store_review *r = NULL;
        (void)usleep(i * 1500);
        assert_ok(reviews_cancel(&s->c, &s->ann, added.review->id, s->a, &r, e));
        enum store_state state_now = r->state;
        assert_true(state_now == STORE_DONE || state_now == STORE_CANCELLED);
        (void)usleep(3000);
        struct store_review later = server_review(s, r->id);
        assert_int_equal(later.state, state_now);
        assert_int_equal(later.counts.total > 0, state_now == STORE_DONE);
        done += state_now == STORE_DONE;
    }
    assert_true(jobs_drain(s->c.jobs, 20000));
    (void)done; /* how many were faster depends on the machine */
}

/* --- failing --- */

static void a_review_whose_file_is_gone_says_so(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    assert_ok(blob_delete(s->c.blob, added.document->version.blob, e));
    server_run_jobs(s);
    struct store_review r = server_review(s, added.review->id);
    assert_int_equal(r.state, STORE_FAILED);
    assert_str(r.reason, "file_missing");
    assert_true(r.message.n > 0);
    assert_str(r.stage, "");
    assert_int_equal(server_count_events(s, added.document->id, "review.failed"), 1);
    assert_int_equal(r.counts.total, 0);
}

static void a_document_that_is_deleted_under_its_review_is_no_failure(void **state)
{
    struct server *s = *state;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    struct hand h;
    struct error why = {0};
    claim(s, &h);
    assert_ok(documents_delete(&s->c, &s->ann, added.document->id, e));
    assert_true(job__review.run(&h.run, &why) != ERR_OK);
    server_run_jobs(s);
    assert_int_equal(server_events(s, added.document->id).n, 1);
    assert_int_equal(server_count_files(s), 0);
}

/* --- the runner --- */

static bool wait_done(struct server *s, struct str review)
{
    for (int i = 0; i < 10000; i++) {
        if (server_review(s, review).state == STORE_DONE) return true;
        (void)usleep(2000);
    }
    return false;
}

static void many_jobs_on_many_threads_are_each_done_once(void **state)
{
    struct server *s = *state;
    struct jobs_options o = JOBS_DEFAULTS;
    struct str bytes = server_docx(s, server_report), ids[12];
    o.threads = 4;
    assert_ok(jobs_new(&s->c, &o, &s->c.jobs, e));
    for (size_t i = 0; i < 12; i++)
        ids[i] = server_upload(s, i % 2 ? &s->ann : &s->bob, "r.docx", bytes).review->id;
    size_t n = 0;
    for (size_t i = 0; i < 12; i++) {
        assert_true(wait_done(s, ids[i]));
        size_t found = server_findings(s, ids[i]).n;
        if (n == 0) n = found;
        assert_int_equal(found, n);
    }
    assert_true(n > 3);
    assert_true(jobs_drain(s->c.jobs, 20000));
    jobs_wake(s->c.jobs);
    assert_true(jobs_drain(s->c.jobs, 20000));
    size_t started = server_count_events(s, STR_EMPTY, "review.started");
    assert_int_equal(started, 12);
}

static void a_drained_runner_leaves_jobs_to_the_next(void **state)
{
    struct server *s = *state;
    struct jobs_options o = JOBS_DEFAULTS;
    assert_ok(jobs_new(&s->c, &o, &s->c.jobs, e));
    assert_true(jobs_drain(s->c.jobs, 20000));
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    (void)usleep(20000);
    assert_int_equal(server_review(s, added.review->id).state, STORE_QUEUED);
    jobs_free(s->c.jobs);
    s->c.jobs = NULL;
    server_run_jobs(s);
    assert_int_equal(server_review(s, added.review->id).state, STORE_DONE);
}

static struct store_job job_of(struct server *s, struct str review)
{
    struct store_job job = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_job_find(tx, STORE_JOB_REVIEW, review, s->a, &job, e));
    store_read_end(tx);
    return job;
}

static void a_runner_that_ends_gives_back_what_it_stopped(void **state)
{
    struct server *s = *state;
    struct jobs_options o = JOBS_DEFAULTS;
    struct str bytes = server_docx(s, server_report);
    for (unsigned i = 0; i < 12; i++) {
        assert_ok(jobs_new(&s->c, &o, &s->c.jobs, e));
        struct documents_added added = server_upload(s, &s->ann, "r.docx", bytes);
        (void)usleep(i * 1500);
        jobs_free(s->c.jobs);
        s->c.jobs = NULL;
        struct store_job job = job_of(s, added.review->id);
        assert_true(job.state == STORE_DONE || job.state == STORE_QUEUED); /* nobody waits for a lease */
        server_run_jobs(s);
        assert_int_equal(server_review(s, added.review->id).state, STORE_DONE);
        assert_int_equal(server_count_events(s, added.document->id, "review.done"), 1);
    }
}

struct progress {
    _Atomic(size_t) n;
    atomic_bool fell;
    double last; /* the bus's thread */
};

static void on_progress(void *ctx, struct str topic, struct str payload)
{
    struct progress *p = ctx;
    struct events_message m;
    const struct json *v = NULL;
    struct error e = {0};
    (void)topic;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a || !events_parse(payload, &m) || !str_eq_c(m.kind, "review.progress")) return;
    if (m.seq != 0 || json_parse(a, m.json, &v, &e) != ERR_OK) abort();
    double now = json_double(json_get(json_get(v, "review_state"), "progress"), -1);
    if (now < p->last) atomic_store(&p->fell, true);
    p->last = now;
    (void)atomic_fetch_add(&p->n, 1);
}

static void on_lost(void *ctx, struct str topic)
{
    (void)ctx;
    (void)topic;
    abort();
}

static void progress_is_published_and_only_rises(void **state)
{
    struct server *s = *state;
    struct progress p = {.last = 0};
    struct bus_listener *l = NULL;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    const struct bus_handler handler = {on_progress, on_lost, &p};
    assert_ok(bus_listen(s->c.bus, events_topic(s->a, added.document->id), handler, &l, e));
    server_run_jobs(s);
    for (int i = 0; i < 5000 && atomic_load(&p.n) < 3; i++)
        (void)usleep(1000);
    bus_unlisten(s->c.bus, l);
    assert_int_equal(atomic_load(&p.n), 3); /* reading, rules, storing */
    assert_false(atomic_load(&p.fell));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_review_runs_and_its_findings_stand_on_their_words),
        SERVER_TEST(without_a_framework_the_one_that_fits_is_chosen),
        SERVER_TEST(not_again_15_another_review_has_findings_of_its_own),
        SERVER_TEST(a_worker_that_lost_its_lease_keeps_nothing),
        SERVER_TEST(a_review_that_ran_when_the_server_died_runs_again),
        SERVER_TEST(what_kills_the_server_again_and_again_is_given_up),
        SERVER_TEST(a_review_that_waits_is_cancelled),
        SERVER_TEST(a_review_that_runs_is_cancelled_and_keeps_nothing),
        SERVER_TEST(a_review_that_is_to_stop_stops_at_its_next_step),
        SERVER_TEST(a_cancel_at_any_moment_ends_one_way_or_the_other),
        SERVER_TEST(a_review_whose_file_is_gone_says_so),
        SERVER_TEST(a_document_that_is_deleted_under_its_review_is_no_failure),
        SERVER_TEST(many_jobs_on_many_threads_are_each_done_once),
        SERVER_TEST(a_drained_runner_leaves_jobs_to_the_next),
        SERVER_TEST(a_runner_that_ends_gives_back_what_it_stopped),
        SERVER_TEST(progress_is_published_and_only_rises),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
