/* What decisions teach: a rank for new findings, examples for a model, for each person from their own documents alone; and that it can be reset. */
#include "review/learn.h"

#include "server_test.h"

#include "base/json.h"

static const struct learn_rates *rates(struct server *s, const struct review_by *by)
{
    const struct learn_rates *r = NULL;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(learn_rates_load(tx, by->visitor, s->a, &r, e));
    return r;
}

static struct learn_summary look(struct server *s, const struct review_by *by)
{
    struct learn_summary l = {0};
    assert_ok(learn_look(&s->c, by->visitor, s->a, &l, e));
    return l;
}

static void test_rank(void **state)
{
    struct server *s = *state;
    struct store_review review = server_reviewed(s);
    struct store_finding_list list = server_findings(s, review.id);
    struct store_finding a = list.at[0], b = list.at[0];
    for (size_t i = 1; i < list.n && str_eq(b.reviewer, a.reviewer); i++)
        b = list.at[i];
    assert_false(str_eq(b.reviewer, a.reviewer));
    assert_int_equal(learn_rank(rates(s, &s->ann), &a), 0);
    server_decide(s, &s->ann, a.id, FINDING_ACCEPTED);
    server_decide(s, &s->ann, b.id, FINDING_REJECTED);
    int64_t up = learn_rank(rates(s, &s->ann), &a), down = learn_rank(rates(s, &s->ann), &b);
    assert_true(up > 0 && up < STORE_RANK_MAX / 2); /* one says little */
    assert_int_equal(down, -up);
    struct store_finding other = a;
    other.category = STR("another");
    assert_int_equal(learn_rank(rates(s, &s->ann), &other), 0);
    other = a;
    other.source = STORE_BY_PERSON;
    assert_int_equal(learn_rank(rates(s, &s->ann), &other), 0);
    assert_int_equal(learn_rank(rates(s, &s->bob), &a), 0); /* of others' decisions he knows nothing */

    /* the next review has them */
    struct documents_added added = server_upload(s, &s->ann, "b.docx", server_docx(s, server_report));
    server_run_jobs(s);
    list = server_findings(s, added.review->id);
    size_t found = 0;
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(list.at[i].reviewer, b.reviewer) && str_eq(list.at[i].category, b.category)) {
            assert_int_equal(list.at[i].rank, down);
            found++;
        }
    assert_true(found > 0);

    server_decide(s, &s->ann, a.id, FINDING_OPEN);
    assert_int_equal(learn_rank(rates(s, &s->ann), &a), 0); /* what is taken back teaches no more */
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

/* Findings of a model in this review, the first accepted of n decided in turn. */
static void add_models(struct server *s, struct store_review review, size_t n, struct str description)
{
    struct store_finding_list list = server_findings(s, review.id);
    struct store_finding *rows = NEW(s->a, struct store_finding, n);
    assert_non_null(rows);
    for (size_t i = 0; i < n; i++) {
        rows[i] = list.at[0];
        rows[i].id = str_printf(s->a, "%.*s-m%zu", STR_ARG(review.id), i);
        rows[i].seq = (uint32_t)(1000 + i);
        rows[i].source = STORE_BY_MODEL;
        rows[i].reviewer = rows[i].reviewer_name = STR("model-1");
        rows[i].category = STR("Logic");
        rows[i].description = description;
    }
    struct insertion insertion = {rows, n};
    assert_ok(store_write(s->c.store, insert, &insertion, e));
    for (size_t i = 0; i < n; i++)
        server_decide(s, &s->ann, rows[i].id, i % 2 ? FINDING_REJECTED : FINDING_ACCEPTED);
}

static struct str examples(struct server *s, const struct review_by *by, struct str document)
{
    struct str text = STR_EMPTY;
    assert_ok(learn_examples(&s->c, by->visitor, document, s->a, &text, e));
    return text;
}

static size_t lines_of(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static void test_examples(void **state)
{
    struct server *s = *state;
    struct store_review review = server_reviewed(s);
    server_decide(s, &s->ann, server_findings(s, review.id).at[0].id, FINDING_ACCEPTED); /* a rule needs none */
    assert_int_equal(examples(s, &s->ann, STR_EMPTY).n, 0);
    add_models(s, review, 4, STR("A \"remark\"\nof two lines."));
    struct str text = examples(s, &s->ann, STR_EMPTY);
    assert_int_equal(lines_of(text), 4);
    struct str rest = text;
    for (size_t i = 0; i < 4; i++) {
        const struct json *line = NULL;
        assert_ok(json_parse(s->a, str_cut(rest, '\n', &rest), &line, e));
        assert_true(str_eq(json_str(json_get(line, "decision")), i % 2 ? STR("rejected") : STR("accepted")));
        assert_true(str_eq(json_str(json_get(line, "category")), STR("Logic")));
        assert_true(str_eq(json_str(json_get(line, "remark")), STR("A \"remark\"\nof two lines.")));
    }
    assert_int_equal(lines_of(examples(s, &s->ann, review.document_id)), 4);
    assert_int_equal(examples(s, &s->ann, STR("another")).n, 0);
    assert_int_equal(examples(s, &s->bob, STR_EMPTY).n, 0);
    assert_int_equal(examples(s, &s->bob, review.document_id).n, 0);
}

/* However much was decided, and however long it is. */
static void test_bounded(void **state)
{
    struct server *s = *state;
    struct store_review review = server_reviewed(s);
    char *words = NEW(s->a, char, 10000);
    assert_non_null(words);
    memset(words, 'x', 10000);
    add_models(s, review, 60, (struct str){words, 10000});
    struct str text = examples(s, &s->ann, STR_EMPTY);
    assert_true(text.n > 1000 && text.n <= LEARN_TEXT_MAX);
    assert_true(text.p[text.n - 1] == '\n'); /* whole lines */
    assert_true(lines_of(text) <= (size_t)2 * LEARN_EXAMPLES);
    assert_int_equal(look(s, &s->ann).accepted, LEARN_EXAMPLES);
}

static void test_reset(void **state)
{
    struct server *s = *state;
    struct store_review review = server_reviewed(s);
    add_models(s, review, 4, STR("A remark."));
    struct learn_summary l = look(s, &s->ann);
    assert_int_equal(l.since_unix_ms, 0);
    assert_int_equal(l.n, 1);
    assert_true(str_eq(l.at[0].reviewer, STR("model-1")));
    assert_int_equal(l.at[0].accepted, 2);
    assert_int_equal(l.at[0].rejected, 2);
    assert_int_equal(l.accepted, 2);
    assert_int_equal(l.rejected, 2);
    assert_int_equal(look(s, &s->bob).n, 0);
    assert_ok(learn_reset(&s->c, s->ann.visitor, e));
    l = look(s, &s->ann);
    assert_true(l.since_unix_ms > 0);
    assert_int_equal(l.n, 0);
    assert_int_equal(l.accepted + l.rejected, 0);
    assert_int_equal(examples(s, &s->ann, STR_EMPTY).n, 0);
    server_later(1000);
    server_decide(s, &s->ann, str_printf(s->a, "%.*s-m0", STR_ARG(review.id)), FINDING_REJECTED);
    assert_int_equal(look(s, &s->ann).at[0].rejected, 1); /* decisions from now on */
}

int main(void)
{
    const struct CMUnitTest tests[] = {SERVER_TEST(test_rank), SERVER_TEST(test_examples), SERVER_TEST(test_bounded),
                                       SERVER_TEST(test_reset)};
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
