/* The engine: what is reviewed, the order of hits, joining, errors of the receiver, threads with one engine. */
#include "rules_test.h"

#include <pthread.h>

#include "support/docx_build.h"

static void test_hits_come_in_order(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(t, "On 2026-02-30 it was TBD.\nOn 2026-02-31 it was TBC.\n# Impact\n# Next\nText TODO.");
    assert_true(t->hits.n >= 6);
    size_t before = 0;
    for (size_t i = 0; i < t->hits.n; i++) {
        size_t rank = 0;
        while (rules_at(rank) != t->hits.at[i].rule)
            rank++;
        assert_true(rank >= before);
        if (i && rank == before) assert_true(t->hits.at[i].block > t->hits.at[i - 1].block);
        before = rank;
    }
    rules_test_free(t);
}

static void test_one_rule_one_block_one_hit(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(t, "TBC and TBD and TODO and FIXME and TBA.");
    assert_int_equal(rules_test_count(t, "structure.placeholder"), 1);
    const struct rules_test_hit *hit = rules_test_hit(t, "structure.placeholder", 0);
    assert_true(str_eq(hit->quote, STR("TBC")));
    assert_true(str_ends(hit->description, STR("And 4 more in this paragraph: \"TBD\", \"TODO\", \"FIXME\", …")));
    assert_true(hit->confidence == hit->rule->confidence);
    rules_test_lines(t, "| TBC or TBD |");
    assert_true(
        str_ends(rules_test_hit(t, "structure.placeholder", 0)->description, STR("And 1 more in this cell: \"TBD\".")));
    rules_test_free(t);
}

#define MAIL                                                                                                           \
    "# Report\nThe work is done, and this paragraph says so at some length, because a mail is only taken for one that is quoted at the end when a report of its own stands before it: two hundred bytes, as it is.\nNothing more is to be said here.\nFrom: Ann Smith\nSent: Monday, 2 March 2026 10:00\nTo: Bob Jones\nSubject: The case\nThe owner is TBD."

static void test_a_quoted_mail_is_left_out_unless_asked_for(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(t, MAIL);
    assert_int_equal(rules_test_count(t, "structure.placeholder"), 0);
    assert_true(t->coverage.blocks_left_out >= 1);
    size_t all = t->coverage.blocks_left_out + t->coverage.blocks_reviewed;
    t->input.whole_document = true;
    rules_test_lines(t, MAIL);
    assert_int_equal(rules_test_count(t, "structure.placeholder"), 1);
    assert_int_equal(t->coverage.blocks_left_out, 0);
    assert_int_equal(t->coverage.blocks_reviewed, all);
    rules_test_free(t);
}

static void test_an_empty_document_has_no_hits(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_docx(t, test_docx(t->arena, "", NULL));
    assert_int_equal(t->hits.n, 0);
    rules_test_docx(
        t,
        test_docx(t->arena, "<w:p/><w:p/><w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>", NULL));
    assert_int_equal(t->hits.n, 0);
    assert_int_equal(t->coverage.blocks_reviewed, 0);
    rules_test_free(t);
}

static enum err refuse_second(void *ctx, const struct rules_hit *hit, struct error *e)
{
    (void)hit;
    size_t *n = ctx;
    return ++*n == 2 ? error_set(e, ERR_BUSY, "enough") : ERR_OK;
}

struct job {
    const struct rules_engine *engine;
    const struct doc *doc;
    size_t hits;
    enum err err;
};

static enum err count_hit(void *ctx, const struct rules_hit *hit, struct error *e)
{
    (void)hit;
    (void)e;
    ((struct job *)ctx)->hits++;
    return ERR_OK;
}

static void *run_job(void *arg)
{
    struct job *job = arg;
    struct error e = {0};
    for (int i = 0; i < 4 && job->err == ERR_OK; i++) {
        CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
        struct rules_input input = {.doc = job->doc};
        struct rules_coverage coverage = {0};
        job->err = a ? rules_run(job->engine, &input, count_hit, job, a, &coverage, &e) : ERR_LIMIT;
    }
    return NULL;
}

/* With a document of its own: the receiver's error ends the run; threads share an engine. */
static void test_receivers_and_threads(void **state)
{
    (void)state;
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    CLEANUP_DOC struct doc *doc = NULL;
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    struct rules_engine *engine = NULL;
    assert_int_equal(doc_read(test_docx_from_lines(a, "TBD on 2026-02-30.\nTBD on 2026-02-31.\nTBD."), &o, &doc, &e),
                     ERR_OK);
    assert_int_equal(rules_engine_new(NULL, &engine, &e), ERR_OK);

    struct rules_input input = {.doc = doc};
    struct rules_coverage coverage = {.n_run = 77};
    size_t n = 0;
    assert_int_equal(rules_run(engine, &input, refuse_second, &n, a, &coverage, &e), ERR_BUSY);
    assert_string_equal(e.message, "enough");
    assert_int_equal(n, 2);
    assert_int_equal(coverage.n_run, 77); /* untouched on error */

    struct job jobs[4];
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        jobs[i] = (struct job){.engine = engine, .doc = doc};
        assert_int_equal(pthread_create(&threads[i], NULL, run_job, &jobs[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(jobs[i].err, ERR_OK);
        assert_int_equal(jobs[i].hits, jobs[0].hits);
    }
    assert_true(jobs[0].hits >= 4 * 5);
    rules_engine_free(engine);
    rules_engine_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits_come_in_order),
        cmocka_unit_test(test_one_rule_one_block_one_hit),
        cmocka_unit_test(test_a_quoted_mail_is_left_out_unless_asked_for),
        cmocka_unit_test(test_an_empty_document_has_no_hits),
        cmocka_unit_test(test_receivers_and_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
