/* Dismissals: what was dismissed is not raised in the next review of where it was dismissed, and nowhere else; and it is when that is taken back. */
#include "review/dismiss.h"

#include "server_test.h"

#include "review/coverage.h"

/* The report again, or another one with the same words and some more, by this person; its findings. */
static struct store_finding_list again(struct server *s, const struct review_by *by, const char *more,
                                       struct store_review *ret_review)
{
    struct str lines = str_printf(s->a, "%s%s", server_report, more);
    struct documents_added added = server_upload(s, by, "again.docx", server_docx(s, str_to_c(s->a, lines)));
    server_run_jobs(s);
    *ret_review = server_review(s, added.review->id);
    assert_int_equal(ret_review->state, STORE_DONE);
    return server_findings(s, added.review->id);
}

/* A second review of the same document. */
static struct store_finding_list reviewed_again(struct server *s, struct str document, struct store_review *ret_review)
{
    struct store_review *row = NULL;
    const struct reviews_ask ask = {.framework = STR("hawkeye")};
    assert_ok(reviews_start(&s->c, &s->ann, document, &ask, s->a, &row, e));
    server_run_jobs(s);
    *ret_review = server_review(s, row->id);
    assert_int_equal(ret_review->state, STORE_DONE);
    return server_findings(s, row->id);
}

static size_t count(const struct store_finding_list *list, const struct store_finding *like)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        n += str_eq(list->at[i].reviewer, like->reviewer) && str_eq(list->at[i].quote, like->quote) &&
             str_eq(list->at[i].description, like->description);
    return n;
}

static struct store_finding dismissed(struct server *s, const struct review_by *by, struct str finding,
                                      enum dismiss_scope scope)
{
    struct store_finding *row = NULL;
    const struct str note = STR("we say so here");
    const struct decide_choice choice = {FINDING_REJECTED, &note, &scope};
    assert_ok(decide_one(&s->c, by, finding, &choice, DECIDE_ANY_VERSION, s->a, &row, e));
    return *row;
}

static struct store_dismissal_list held(struct server *s, const struct review_by *by, struct str document)
{
    struct store_dismissal_list list = {0};
    assert_ok(dismiss_list(&s->c, by, document, s->a, &list, e));
    return list;
}

static size_t dismissed_count(struct server *s, const struct store_review *r)
{
    struct review_coverage c = {0};
    assert_ok(coverage_read(r->not_reviewed, s->a, &c, e));
    return c.dismissed;
}

/* A finding of a rule in the report that is there once. */
static struct store_finding pick(struct server *s, struct str review)
{
    struct store_finding_list list = server_findings(s, review);
    for (size_t i = 0; i < list.n; i++)
        if (str_find(list.at[i].quote, STR("human error"), 0) != STR_NONE && count(&list, &list.at[i]) == 1)
            return list.at[i];
    fail_msg("no rule says anything of \"human error\"");
    return list.at[0];
}

static void test_document(void **state)
{
    struct server *s = *state;
    struct store_review first = server_reviewed(s), second = {0};
    struct store_finding f = pick(s, first.id);
    size_t all = server_findings(s, first.id).n;
    dismissed(s, &s->ann, f.id, DISMISS_IN_DOCUMENT);
    struct store_finding_list list = reviewed_again(s, first.document_id, &second);
    assert_int_equal(count(&list, &f), 0);
    assert_int_equal(list.n, all - 1); /* nothing else has gone */
    assert_int_equal(dismissed_count(s, &second), 1);
    assert_int_equal(dismissed_count(s, &first), 0);
    list = again(s, &s->ann, "", &second); /* another document */
    assert_int_equal(count(&list, &f), 1);
    assert_int_equal(held(s, &s->ann, first.document_id).n, 1);
    assert_true(str_eq(held(s, &s->ann, first.document_id).at[0].reason, STR("we say so here")));
    assert_int_equal(held(s, &s->ann, STR_EMPTY).n, 0);
    assert_int_equal(held(s, &s->bob, STR_EMPTY).n, 0);
}

static void test_person_and_team(void **state)
{
    struct server *s = *state;
    struct store_review first = server_reviewed(s), other = {0};
    struct store_finding f = pick(s, first.id);
    dismissed(s, &s->ann, f.id, DISMISS_FOR_PERSON);
    struct store_finding_list list = again(s, &s->ann, "", &other);
    assert_int_equal(count(&list, &f), 0);
    list = again(s, &s->bob, "", &other);
    assert_int_equal(count(&list, &f), 1); /* nobody else is told, nor misses it */
    assert_int_equal(held(s, &s->bob, STR_EMPTY).n, 0);
    dismissed(s, &s->ann, f.id, DISMISS_FOR_TEAM);
    list = again(s, &s->bob, "", &other);
    assert_int_equal(count(&list, &f), 0);
    assert_int_equal(held(s, &s->bob, STR_EMPTY).n, 1);
    assert_int_equal(held(s, &s->ann, STR_EMPTY).n, 2);
}

/* The words count, not how they are set, nor what stands around them. */
static void test_words(void **state)
{
    struct server *s = *state;
    struct store_review first = server_reviewed(s);
    struct store_finding f = pick(s, first.id), rows[6];
    size_t n = 6, gone = 0;
    dismissed(s, &s->ann, f.id, DISMISS_FOR_PERSON);
    for (size_t i = 0; i < n; i++)
        rows[i] = f;
    rows[0].quote = str_printf(s->a, " %.*s ", STR_ARG(f.quote)); /* so it is the same */
    rows[0].block = 77;
    rows[1].quote = STR("something else");
    rows[2].reviewer = STR("another.rule");
    rows[3].category = STR("another");
    rows[4].description = STR("It says something else of these words.");
    rows[5].source = STORE_BY_MODEL;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(dismiss_filter(tx, s->ann.visitor, rows, &n, s->a, &gone, e));
    assert_int_equal(gone, 1);
    assert_int_equal(n, 5);
    assert_true(str_eq(rows[0].quote, STR("something else"))); /* in their order */
    assert_int_equal(rows[4].source, STORE_BY_MODEL);
}

struct insertion {
    struct store_finding *rows;
    size_t n;
};

static enum err insert(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct insertion *w = ctx;
    return store_finding_insert(tx, w->rows, w->n, e);
}

/* A model says the same in other words, and is called otherwise tomorrow. */
static void test_model(void **state)
{
    struct server *s = *state;
    struct store_review first = server_reviewed(s);
    struct store_finding f = pick(s, first.id), rows[4];
    size_t n = 4, gone = 0;
    f.id = STR("m1");
    f.seq = 1000;
    f.source = STORE_BY_MODEL;
    f.reviewer = f.reviewer_name = STR("model-1");
    struct insertion insertion = {&f, 1};
    assert_ok(store_write(s->c.store, insert, &insertion, e));
    dismissed(s, &s->ann, f.id, DISMISS_IN_DOCUMENT);
    for (size_t i = 0; i < n; i++)
        rows[i] = f;
    rows[0].reviewer = STR("model-2");
    rows[0].description = STR("In other words.");
    rows[1].category = STR("another");
    rows[2].located = false; /* then the quote is not what it is about */
    rows[3].document_id = STR("another");
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(dismiss_filter(tx, s->ann.visitor, rows, &n, s->a, &gone, e));
    assert_int_equal(gone, 1);
    assert_int_equal(n, 3);
    assert_true(str_eq(rows[0].category, STR("another")));
}

/* What is accepted, opened again or undone is raised again; an edit does not hide what the reviewer said. */
static void test_taken_back(void **state)
{
    struct server *s = *state;
    struct store_review first = server_reviewed(s);
    struct store_finding f = pick(s, first.id);
    struct store_finding *edited = NULL;
    const struct str words = STR("My own words."), category = STR("Mine");
    const struct decide_text text = {.description = &words, .category = &category};
    assert_ok(decide_edit(&s->c, &s->ann, f.id, &text, DECIDE_ANY_VERSION, s->a, &edited, e));
    dismissed(s, &s->ann, f.id, DISMISS_FOR_PERSON);
    struct store_finding_list list = reviewed_again(s, first.document_id, &first);
    assert_int_equal(count(&list, &f), 0);
    server_decide(s, &s->ann, f.id, FINDING_ACCEPTED);
    assert_int_equal(held(s, &s->ann, STR_EMPTY).n, 0);
    dismissed(s, &s->ann, f.id, DISMISS_FOR_TEAM);
    server_decide(s, &s->ann, f.id, FINDING_OPEN);
    assert_int_equal(held(s, &s->ann, STR_EMPTY).n, 0);
    dismissed(s, &s->ann, f.id, DISMISS_FOR_PERSON);
    dismissed(s, &s->ann, f.id, DISMISS_FOR_PERSON); /* again is once */
    assert_int_equal(held(s, &s->ann, STR_EMPTY).n, 1);
    server_undo(s, &s->ann, f.review_id);
    assert_int_equal(held(s, &s->ann, STR_EMPTY).n, 0);
}

static void test_refused(void **state)
{
    struct server *s = *state;
    struct store_review first = server_reviewed(s);
    struct store_finding f = pick(s, first.id), *mine = NULL;
    const enum dismiss_scope scope = DISMISS_FOR_PERSON;
    const struct decide_choice accept = {FINDING_ACCEPTED, NULL, &scope}, reject = {FINDING_REJECTED, NULL, &scope};
    const enum finding_kind kind = FINDING_IMPORTANT;
    const enum finding_risk risk = FINDING_LOW;
    const struct str words = STR("Mine.");
    const struct decide_text text = {.kind = &kind, .risk = &risk, .description = &words};
    const struct decide_anchor anchor = server_anchor(s, "human error");
    assert_fails(decide_one(&s->c, &s->ann, f.id, &accept, DECIDE_ANY_VERSION, s->a, &mine, e), ERR_INVALID,
                 "nothing_to_dismiss");
    assert_ok(decide_add(&s->c, &s->ann, first.id, &anchor, &text, s->a, &mine, e));
    struct str id = mine->id;
    assert_fails(decide_one(&s->c, &s->ann, id, &reject, DECIDE_ANY_VERSION, s->a, &mine, e), ERR_INVALID,
                 "nothing_to_dismiss");
    assert_int_equal(server_finding(s, id).decision, STORE_OPEN); /* all or nothing */
}

static void test_delete(void **state)
{
    struct server *s = *state;
    struct store_review first = server_reviewed(s);
    struct store_finding f = pick(s, first.id);
    dismissed(s, &s->ann, f.id, DISMISS_IN_DOCUMENT);
    struct str id = held(s, &s->ann, first.document_id).at[0].id;
    assert_fails(dismiss_delete(&s->c, &s->bob, id, true, e), ERR_NOT_FOUND, "not_found");
    assert_fails(dismiss_delete(&s->c, &s->ann, STR("x"), false, e), ERR_NOT_FOUND, "not_found");
    assert_ok(dismiss_delete(&s->c, &s->ann, id, false, e));
    assert_fails(dismiss_delete(&s->c, &s->ann, id, false, e), ERR_NOT_FOUND, "not_found");
    dismissed(s, &s->ann, f.id, DISMISS_FOR_PERSON);
    id = held(s, &s->ann, STR_EMPTY).at[0].id;
    assert_fails(dismiss_delete(&s->c, &s->bob, id, false, e), ERR_NOT_FOUND, "not_found");
    assert_ok(dismiss_delete(&s->c, &s->ann, id, false, e));
    dismissed(s, &s->ann, f.id, DISMISS_FOR_TEAM);
    id = held(s, &s->bob, STR_EMPTY).at[0].id;
    assert_fails(dismiss_delete(&s->c, &s->bob, id, false, e), ERR_CONFLICT, "not_yours");
    assert_ok(dismiss_delete(&s->c, &s->bob, id, true, e)); /* an administrator */
    assert_int_equal(held(s, &s->bob, STR_EMPTY).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(test_document), SERVER_TEST(test_person_and_team), SERVER_TEST(test_words),
        SERVER_TEST(test_model),    SERVER_TEST(test_taken_back),      SERVER_TEST(test_refused),
        SERVER_TEST(test_delete),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
