/* Decisions: idempotent, exclusive, durable, and taken back step by step. */
#include "server_test.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/utf8.h"

static struct store_finding *decide(struct server *s, struct str id, enum finding_decision decision, const char *note)
{
    struct str text = str_from_c(note);
    const struct decide_choice choice = {.decision = decision, .note = note ? &text : NULL};
    struct store_finding *f = NULL;
    assert_ok(decide_one(&s->c, &s->ann, id, &choice, DECIDE_ANY_VERSION, s->a, &f, e));
    return f;
}

static size_t decided_events(struct server *s, const struct store_review *r)
{
    return server_count_events(s, r->document_id, "findings.decided");
}

/* --- one --- */

static void a_decision_is_kept_with_who_when_and_why(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding before = server_findings(s, r.id).at[0];
    struct store_finding *f = decide(s, before.id, FINDING_ACCEPTED, "right");
    assert_int_equal(f->decision, STORE_ACCEPTED);
    assert_true(str_eq(f->decided_by, s->ann.visitor));
    assert_str(f->decided_by_name, "Ann Lee");
    assert_str(f->note, "right");
    assert_true(f->decided_unix_ms > 0);
    assert_int_equal(f->version, 2);
    server_restart(s);
    struct store_finding after = server_finding(s, before.id);
    assert_int_equal(after.decision, STORE_ACCEPTED);
    assert_str(after.note, "right");
    f = decide(s, before.id, FINDING_OPEN, NULL);
    assert_int_equal(f->decision, STORE_OPEN);
    assert_str(f->decided_by, "");
    assert_int_equal(f->decided_unix_ms, 0);
    assert_str(f->note, "right"); /* it was not taken away */
    const struct decide_choice choice = {.decision = FINDING_ACCEPTED};
    assert_fails(decide_one(&s->c, &s->ann, STR("nothing"), &choice, DECIDE_ANY_VERSION, s->a, &f, e), ERR_NOT_FOUND,
                 "not_found");
}

static void not_again_26_the_same_decision_again_changes_nothing(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct str id = server_findings(s, r.id).at[0].id;
    for (int i = 0; i < 3; i++)
        (void)decide(s, id, FINDING_ACCEPTED, NULL);
    const struct decide_choice choice = {.decision = FINDING_ACCEPTED};
    struct store_finding *f = NULL;
    assert_ok(decide_one(&s->c, &s->ann, id, &choice, 1, s->a, &f, e)); /* sent again after a broken connection */
    assert_int_equal(f->version, 2);
    assert_int_equal(decided_events(s, &r), 1);
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_ACCEPTED], 1);
    (void)server_undo(s, &s->ann, r.id);
    struct decide_undone undone;
    assert_fails(decide_undo(&s->c, &s->ann, r.id, s->a, &undone, e), ERR_CONFLICT, "nothing_to_undo");
}

static void a_decision_on_a_version_that_is_gone_is_refused(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct str id = server_findings(s, r.id).at[0].id;
    server_decide(s, &s->bob, id, FINDING_REJECTED);
    const struct decide_choice choice = {.decision = FINDING_ACCEPTED};
    struct store_finding *f = NULL;
    assert_fails(decide_one(&s->c, &s->ann, id, &choice, 1, s->a, &f, e), ERR_CONFLICT, "changed_since");
    assert_int_equal(server_finding(s, id).decision, STORE_REJECTED);
    assert_ok(decide_one(&s->c, &s->ann, id, &choice, 2, s->a, &f, e));
    assert_int_equal(f->decision, STORE_ACCEPTED);
}

struct decider {
    struct server *s;
    const struct review_by *by;
    struct store_finding_list list;
    enum finding_decision decision;
    struct arena *a;
    pthread_t thread;
};

static void *decide_often(void *object)
{
    struct decider *d = object;
    const struct decide_choice choice = {.decision = d->decision};
    for (int round = 0; round < 6; round++)
        for (size_t i = 0; i < d->list.n; i++) {
            struct store_finding *f = NULL;
            struct error e = {0};
            if (decide_one(&d->s->c, d->by, d->list.at[i].id, &choice, DECIDE_ANY_VERSION, d->a, &f, &e) != ERR_OK)
                abort();
            if ((int)f->decision != (int)d->decision) abort(); /* what was acknowledged was so */
        }
    return NULL;
}

static void not_again_26_two_people_at_once_never_count_twice(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding_list list = server_findings(s, r.id);
    struct decider d[2] = {{s, &s->ann, list, FINDING_ACCEPTED, test_arena(), 0},
                           {s, &s->bob, list, FINDING_REJECTED, test_arena(), 0}};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&d[i].thread, NULL, decide_often, &d[i]), 0);
    for (size_t i = 0; i < 2; i++)
        (void)pthread_join(d[i].thread, NULL);
    struct store_review_counts c = server_review(s, r.id).counts;
    assert_int_equal(c.decision[STORE_OPEN], 0);
    assert_int_equal(c.decision[STORE_ACCEPTED] + c.decision[STORE_REJECTED], list.n);
    assert_int_equal(c.total, list.n);
    size_t changes = 0;
    for (size_t i = 0; i < list.n; i++)
        changes += server_finding(s, list.at[i].id).version - 1;
    assert_int_equal(decided_events(s, &r), changes); /* each change has its event, and each event its change */
    arena_free(d[0].a);
    arena_free(d[1].a);
}

/* --- many --- */

static void many_by_a_filter_are_one_step(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    const struct store_finding_filter high = {.risks = STORE_BIT(STORE_RISK_HIGH)};
    const struct decide_choice accept = {.decision = FINDING_ACCEPTED};
    struct decide_many_result done;
    assert_true(r.counts.risk[STORE_RISK_HIGH] > 0);
    assert_ok(decide_many(&s->c, &s->ann, r.id, NULL, 0, &high, &accept, s->a, &done, e));
    assert_int_equal(done.findings.n, r.counts.risk[STORE_RISK_HIGH]);
    assert_true(done.action.n > 0);
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_ACCEPTED], r.counts.risk[STORE_RISK_HIGH]);
    assert_int_equal(decided_events(s, &r), 1);
    assert_ok(decide_many(&s->c, &s->ann, r.id, NULL, 0, &high, &accept, s->a, &done, e)); /* again: nothing */
    assert_int_equal(done.findings.n, 0);
    assert_int_equal(done.action.n, 0);
    assert_ok(decide_many(&s->c, &s->ann, r.id, NULL, 0, NULL, &accept, s->a, &done, e)); /* all the others */
    assert_int_equal(done.findings.n, r.counts.total - r.counts.risk[STORE_RISK_HIGH]);
    struct decide_undone undone = server_undo(s, &s->ann, r.id);
    assert_str(undone.kind, "decide");
    assert_int_equal(undone.findings.n, r.counts.total - r.counts.risk[STORE_RISK_HIGH]);
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_ACCEPTED], r.counts.risk[STORE_RISK_HIGH]);
    (void)server_undo(s, &s->ann, r.id);
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_OPEN], r.counts.total);
}

static void many_by_name_are_all_or_none(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s), other = server_reviewed(s);
    struct store_finding_list list = server_findings(s, r.id);
    const struct decide_choice reject = {.decision = FINDING_REJECTED};
    struct decide_many_result done;
    struct str ids[4] = {list.at[0].id, list.at[1].id, list.at[0].id, server_findings(s, other.id).at[0].id};
    assert_fails(decide_many(&s->c, &s->ann, r.id, ids, 4, NULL, &reject, s->a, &done, e), ERR_NOT_FOUND, "not_found");
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_REJECTED], 0);
    assert_int_equal(decided_events(s, &r), 0);
    assert_ok(decide_many(&s->c, &s->ann, r.id, ids, 3, NULL, &reject, s->a, &done, e)); /* one is named twice */
    assert_int_equal(done.findings.n, 2);
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_REJECTED], 2);
    (void)server_undo(s, &s->ann, r.id);
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_REJECTED], 0);
    assert_fails(decide_many(&s->c, &s->ann, r.id, ids, DECIDE_IDS_MAX + 1, NULL, &reject, s->a, &done, e), ERR_INVALID,
                 "too_many");
    assert_fails(decide_many(&s->c, &s->ann, STR("nothing"), ids, 1, NULL, &reject, s->a, &done, e), ERR_NOT_FOUND,
                 "not_found");
}

/* --- editing --- */

static void an_edit_keeps_what_the_reviewer_said(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding was = server_findings(s, r.id).at[0];
    const enum finding_risk risk = was.risk == STORE_RISK_LOW ? FINDING_HIGH : FINDING_LOW;
    const struct str text = STR("Say it in other words."), rewrite = STR("in short"),
                     question = STR("Who says \"so\"?");
    static const int64_t points[] = {3, 12};
    const struct decide_text edit = {.risk = &risk,
                                     .description = &text,
                                     .rewrite = &rewrite,
                                     .questions = &question,
                                     .n_questions = 1,
                                     .has_questions = true,
                                     .points = points,
                                     .n_points = 2,
                                     .has_points = true};
    struct store_finding *f = NULL;
    assert_ok(decide_edit(&s->c, &s->ann, was.id, &edit, 1, s->a, &f, e));
    assert_true(f->edited);
    assert_str(f->description, "Say it in other words.");
    assert_str(f->suggestion, str_to_c(s->a, was.suggestion));
    assert_str(f->rewrite, "in short");
    assert_str(f->questions, "[\"Who says \\\"so\\\"?\"]");
    assert_str(f->point_numbers, ",3,12,");
    assert_str(f->title, str_to_c(s->a, was.title));
    const struct json *original = NULL;
    assert_ok(json_parse(s->a, f->original, &original, e));
    assert_true(str_eq(json_str(json_get(original, "description")), was.description));
    assert_ok(decide_edit(&s->c, &s->ann, was.id, &edit, 1, s->a, &f, e)); /* sent again */
    assert_int_equal(f->version, 2);
    const struct str other = STR("And once more.");
    const struct decide_text second = {.description = &other};
    assert_fails(decide_edit(&s->c, &s->ann, was.id, &second, 1, s->a, &f, e), ERR_CONFLICT, "changed_since");
    assert_ok(decide_edit(&s->c, &s->ann, was.id, &second, 2, s->a, &f, e));
    assert_ok(json_parse(s->a, f->original, &original, e));
    assert_true(str_eq(json_str(json_get(original, "description")), was.description)); /* still the first */
    (void)server_undo(s, &s->ann, r.id);
    (void)server_undo(s, &s->ann, r.id);
    struct store_finding now = server_finding(s, was.id);
    assert_true(str_eq(now.description, was.description) && str_eq(now.points, was.points) && now.risk == was.risk);
    assert_true(str_eq(now.questions, was.questions) && !now.original.p == !was.original.p);
    assert_int_equal(!now.rewrite.p, !was.rewrite.p);
    assert_false(now.edited);
    assert_int_equal(server_count_events(s, r.document_id, "finding.edited"), 2);
    assert_int_equal(server_count_events(s, r.document_id, "undone"), 2);
}

static void an_edit_that_cannot_be_is_refused(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct str id = server_findings(s, r.id).at[0].id, empty = STR(" \n"), endless = {NULL, DECIDE_TEXT_MAX + 1};
    char *long_text = NEW(s->a, char, endless.n);
    struct store_finding *f = NULL;
    assert_non_null(long_text);
    memset(long_text, 'x', endless.n);
    endless.p = long_text;
    static const int64_t points[] = {3, 999};
    const struct decide_text blank = {.description = &empty}, huge = {.suggestion = &endless},
                             unknown = {.points = points, .n_points = 2, .has_points = true};
    assert_fails(decide_edit(&s->c, &s->ann, id, &blank, -1, s->a, &f, e), ERR_INVALID, "bad_text");
    assert_fails(decide_edit(&s->c, &s->ann, id, &huge, -1, s->a, &f, e), ERR_INVALID, "bad_text");
    assert_fails(decide_edit(&s->c, &s->ann, id, &unknown, -1, s->a, &f, e), ERR_INVALID, "no_such_point");
    assert_int_equal(server_finding(s, id).version, 1);
}

/* --- adding and deleting --- */

static const enum finding_kind important = FINDING_IMPORTANT;
static const enum finding_risk high = FINDING_HIGH;

static struct store_finding *add(struct server *s, const struct store_review *r, const char *words, const char *said)
{
    const struct decide_anchor anchor = server_anchor(s, words);
    const struct str description = str_from_c(said);
    const struct decide_text text = {.kind = &important, .risk = &high, .description = &description};
    struct store_finding *f = NULL;
    assert_ok(decide_add(&s->c, &s->ann, r->id, &anchor, &text, s->a, &f, e));
    return f;
}

static void a_person_adds_a_finding_on_words(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding *f = add(s, &r, "12 orders", "Which orders?\nAnd when?");
    assert_int_equal(f->source, STORE_BY_PERSON);
    assert_true(str_eq(f->reviewer, s->ann.visitor));
    assert_str(f->reviewer_name, "Ann Lee");
    assert_str(f->quote, "12 orders");
    assert_str(f->title, "Which orders? And when?");
    assert_str(f->category, "Comment");
    assert_int_equal(f->decision, STORE_OPEN);
    assert_has(f->place, "Impact");
    assert_int_equal(server_review(s, r.id).counts.total, r.counts.total + 1);
    struct store_finding *clef = add(s, &r, "\xF0\x9D\x84\x9E were", "What?");
    assert_int_equal(clef->end - clef->start, 7); /* the clef is two units */
    assert_int_equal(server_count_events(s, r.document_id, "finding.added"), 2);
    struct decide_undone undone = server_undo(s, &s->ann, r.id);
    assert_str(undone.kind, "add");
    assert_int_equal(undone.findings.n, 0);
    assert_int_equal(server_review(s, r.id).counts.total, r.counts.total + 1);
}

static void not_again_27_a_finding_on_words_that_are_not_there_is_refused(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    const struct str description = STR("What?");
    const struct decide_text text = {.kind = &important, .risk = &high, .description = &description};
    struct decide_anchor right = server_anchor(s, "12 orders"), clef = server_anchor(s, "\xF0\x9D\x84\x9E were"), a;
    struct store_finding *f = NULL;
    struct error why = {0};
    a = right;
    a.quote = STR("13 orders");
    assert_int_equal(decide_add(&s->c, &s->ann, r.id, &a, &text, s->a, &f, &why), ERR_CONFLICT);
    assert_string_equal(why.reason, "quote_mismatch");
    assert_has(str_from_c(why.message), "12 orders");
    a = right;
    a.block = 4000;
    assert_fails(decide_add(&s->c, &s->ann, r.id, &a, &text, s->a, &f, e), ERR_INVALID, "no_such_block");
    a = right;
    a.end = a.start;
    assert_fails(decide_add(&s->c, &s->ann, r.id, &a, &text, s->a, &f, e), ERR_INVALID, "bad_anchor");
    a = right;
    a.end = 100000;
    assert_fails(decide_add(&s->c, &s->ann, r.id, &a, &text, s->a, &f, e), ERR_INVALID, "bad_anchor");
    a = clef;
    a.start++; /* the middle of a pair */
    assert_fails(decide_add(&s->c, &s->ann, r.id, &a, &text, s->a, &f, e), ERR_INVALID, "bad_anchor");
    const struct decide_text incomplete = {.kind = &important, .description = &description};
    assert_fails(decide_add(&s->c, &s->ann, r.id, &right, &incomplete, s->a, &f, e), ERR_INVALID, "bad_text");
    assert_fails(decide_add(&s->c, &s->ann, STR("nothing"), &right, &text, s->a, &f, e), ERR_NOT_FOUND, "not_found");
    struct documents_added waiting = server_upload(s, &s->ann, "w.docx", server_docx(s, server_report));
    assert_fails(decide_add(&s->c, &s->ann, waiting.review->id, &right, &text, s->a, &f, e), ERR_CONFLICT,
                 "review_not_done");
    assert_int_equal(server_review(s, r.id).counts.total, r.counts.total);
    assert_int_equal(server_count_events(s, r.document_id, "finding.added"), 0);
}

static void only_ones_own_finding_is_deleted(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding *f = add(s, &r, "12 orders", "Which?");
    struct store_finding *got = NULL;
    const struct decide_choice choice = {.decision = FINDING_ACCEPTED};
    assert_fails(decide_delete(&s->c, &s->bob, f->id, e), ERR_CONFLICT, "not_yours");
    assert_fails(decide_delete(&s->c, &s->ann, server_findings(s, r.id).at[0].id, e), ERR_CONFLICT, "not_yours");
    assert_ok(decide_delete(&s->c, &s->ann, f->id, e));
    assert_fails(decide_delete(&s->c, &s->ann, f->id, e), ERR_NOT_FOUND, "not_found");
    assert_fails(decide_one(&s->c, &s->ann, f->id, &choice, -1, s->a, &got, e), ERR_NOT_FOUND, "not_found");
    assert_int_equal(server_review(s, r.id).counts.total, r.counts.total);
    struct decide_undone undone = server_undo(s, &s->ann, r.id);
    assert_str(undone.kind, "delete");
    assert_int_equal(undone.findings.n, 1);
    assert_int_equal(server_review(s, r.id).counts.total, r.counts.total + 1);
    server_decide(s, &s->ann, f->id, FINDING_ACCEPTED);
}

/* --- undo --- */

static void steps_are_taken_back_one_by_one_in_turn(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding_list list = server_findings(s, r.id);
    struct str x = list.at[0].id, y = list.at[1].id;
    struct store_finding *mine = add(s, &r, "12 orders", "Which?");
    (void)decide(s, x, FINDING_ACCEPTED, "first");
    (void)decide(s, y, FINDING_REJECTED, NULL);
    (void)decide(s, x, FINDING_REJECTED, "second");
    (void)decide(s, mine->id, FINDING_ACCEPTED, NULL);
    (void)server_undo(s, &s->ann, r.id); /* mine: open again */
    assert_int_equal(server_finding(s, mine->id).decision, STORE_OPEN);
    (void)server_undo(s, &s->ann, r.id); /* x: accepted again */
    struct store_finding f = server_finding(s, x);
    assert_int_equal(f.decision, STORE_ACCEPTED);
    assert_str(f.note, "first");
    assert_true(str_eq(f.decided_by, s->ann.visitor));
    (void)server_undo(s, &s->ann, r.id); /* y */
    assert_int_equal(server_finding(s, y).decision, STORE_OPEN);
    server_restart(s);                   /* steps outlive the server */
    (void)server_undo(s, &s->ann, r.id); /* x */
    f = server_finding(s, x);
    assert_int_equal(f.decision, STORE_OPEN);
    assert_str(f.note, "");
    assert_str(f.decided_by, "");
    (void)server_undo(s, &s->ann, r.id); /* mine is gone */
    assert_true(server_finding(s, mine->id).deleted);
    struct decide_undone undone;
    assert_fails(decide_undo(&s->c, &s->ann, r.id, s->a, &undone, e), ERR_CONFLICT, "nothing_to_undo");
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_OPEN], r.counts.total);
}

static void what_another_has_changed_since_is_not_taken_back(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding_list list = server_findings(s, r.id);
    const struct decide_choice accept = {.decision = FINDING_ACCEPTED};
    struct decide_many_result done;
    struct decide_undone undone;
    assert_ok(decide_many(&s->c, &s->ann, r.id, NULL, 0, NULL, &accept, s->a, &done, e));
    server_decide(s, &s->bob, list.at[1].id, FINDING_REJECTED);
    assert_fails(decide_undo(&s->c, &s->ann, r.id, s->a, &undone, e), ERR_CONFLICT, "changed_since");
    struct store_review_counts c = server_review(s, r.id).counts;
    assert_int_equal(c.decision[STORE_ACCEPTED], list.n - 1); /* none of it */
    (void)server_undo(s, &s->bob, r.id);                      /* his own step */
    (void)server_undo(s, &s->ann, r.id);                      /* and now hers */
    assert_int_equal(server_review(s, r.id).counts.decision[STORE_OPEN], list.n);
    assert_fails(decide_undo(&s->c, &s->ann, STR("nothing"), s->a, &undone, e), ERR_NOT_FOUND, "not_found");
}

/* One step of a person; how the number of steps that can be taken back changes. */
static int random_step(struct server *s, const struct store_review *r, const struct store_finding *f, unsigned what,
                       bool any)
{
    struct str words = str_printf(s->a, "words %u", what);
    const struct decide_text edit = {.description = &words};
    const struct decide_choice choice = {.decision = (enum finding_decision)(what / 4 % 3), .note = &words};
    struct store_finding *got = NULL;
    switch (what % 4) {
    case 0: assert_ok(decide_edit(&s->c, &s->ann, f->id, &edit, -1, s->a, &got, e)); return 1;
    case 1: assert_ok(decide_one(&s->c, &s->ann, f->id, &choice, -1, s->a, &got, e)); return 1;
    case 2: (void)add(s, r, "12 orders", words.p); return 1;
    default: break;
    }
    if (any) (void)server_undo(s, &s->ann, r->id);
    return any ? -1 : 0;
}

/* Whatever a person does, taking all of it back ends where it began. */
static void random_steps_taken_back_end_where_they_began(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding_list list = server_findings(s, r.id);
    uint64_t seed = 42;
    int steps = 0;
    for (unsigned i = 0; i < 120; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        steps += random_step(s, &r, &list.at[(seed >> 33) % list.n], i * 4 + (unsigned)(seed >> 62), steps > 0);
    }
    assert_true(steps > 20);
    while (steps-- > 0)
        (void)server_undo(s, &s->ann, r.id);
    struct store_finding_list after = server_findings(s, r.id);
    assert_int_equal(after.n, list.n);
    for (size_t i = 0; i < list.n; i++) {
        assert_true(str_eq(after.at[i].description, list.at[i].description));
        assert_int_equal(after.at[i].decision, list.at[i].decision);
        assert_str(after.at[i].note, "");
        assert_false(after.at[i].edited);
        assert_null(after.at[i].original.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_decision_is_kept_with_who_when_and_why),
        SERVER_TEST(not_again_26_the_same_decision_again_changes_nothing),
        SERVER_TEST(a_decision_on_a_version_that_is_gone_is_refused),
        SERVER_TEST(not_again_26_two_people_at_once_never_count_twice),
        SERVER_TEST(many_by_a_filter_are_one_step),
        SERVER_TEST(many_by_name_are_all_or_none),
        SERVER_TEST(an_edit_keeps_what_the_reviewer_said),
        SERVER_TEST(an_edit_that_cannot_be_is_refused),
        SERVER_TEST(a_person_adds_a_finding_on_words),
        SERVER_TEST(not_again_27_a_finding_on_words_that_are_not_there_is_refused),
        SERVER_TEST(only_ones_own_finding_is_deleted),
        SERVER_TEST(steps_are_taken_back_one_by_one_in_turn),
        SERVER_TEST(what_another_has_changed_since_is_not_taken_back),
        SERVER_TEST(random_steps_taken_back_end_where_they_began),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
