/* Events: each once, in the order of commits, live and from the log alike. */
#include "server_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/lock.h"

enum { HEARD_MAX = 4000 };

struct heard {
    struct lock lock;
    int64_t seqs[HEARD_MAX];
    size_t n, lost;
    struct sb last; /* JSON of the last one */
};

static void on_message(void *ctx, struct str topic, struct str payload)
{
    struct heard *h = ctx;
    struct events_message m;
    (void)topic;
    if (!events_parse(payload, &m)) abort();
    lock_take(&h->lock);
    if (m.seq > 0 && h->n < HEARD_MAX) h->seqs[h->n++] = m.seq;
    if (m.seq > 0) {
        sb_reset(&h->last);
        sb_str(&h->last, m.json);
    }
    lock_give(&h->lock);
}

static void on_lost(void *ctx, struct str topic)
{
    struct heard *h = ctx;
    (void)topic;
    lock_take(&h->lock);
    h->lost++;
    lock_give(&h->lock);
}

static struct bus_listener *listen(struct server *s, struct heard *h, struct str document_id)
{
    const struct bus_handler handler = {on_message, on_lost, h};
    struct bus_listener *l = NULL;
    *h = (struct heard){.last = SB_INIT(SIZE_MAX)};
    lock_init(&h->lock, LOCK_RANK_LOG); /* above all that the bus holds */
    assert_ok(bus_listen(s->c.bus, events_topic(s->a, document_id), handler, &l, e));
    return l;
}

static size_t heard(struct heard *h)
{
    lock_take(&h->lock);
    size_t n = h->n;
    lock_give(&h->lock);
    return n;
}

static void wait_heard(struct heard *h, size_t n)
{
    for (int i = 0; i < 10000 && heard(h) < n; i++)
        (void)usleep(1000);
    assert_int_equal(heard(h), n);
}

static void done(struct server *s, struct heard *h, struct bus_listener *l)
{
    bus_unlisten(s->c.bus, l);
    assert_int_equal(h->lost, 0);
    sb_done(&h->last);
    lock_done(&h->lock);
}

static const struct json *parse(struct server *s, struct str text)
{
    const struct json *v = NULL;
    assert_ok(json_parse(s->a, text, &v, e));
    return v;
}

static const struct json *last_of(struct server *s, struct heard *h)
{
    lock_take(&h->lock);
    struct str text = str_dup(s->a, sb_view(&h->last));
    lock_give(&h->lock);
    return parse(s, text);
}

static void a_decision_is_told_live_with_the_finding_as_it_is(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct str id = server_findings(s, r.id).at[0].id;
    struct heard h;
    assert_ok(events_new(&s->c, &s->c.events, e));
    struct bus_listener *l = listen(s, &h, r.document_id);
    server_decide(s, &s->ann, id, FINDING_ACCEPTED);
    wait_heard(&h, 1);
    const struct json *ev = last_of(s, &h);
    assert_str(json_str(json_get(ev, "kind")), "findings.decided");
    assert_str(json_str(json_get(json_get(ev, "by"), "name")), "Ann Lee");
    assert_true(json_bool(json_get(json_get(ev, "by"), "mine"), false));
    assert_true(str_eq(json_str(json_get(ev, "document")), r.document_id));
    const struct json *f = json_at(json_get(ev, "findings"), 0);
    assert_true(str_eq(json_str(json_get(f, "id")), id));
    assert_str(json_str(json_get(f, "decision")), "accepted");
    assert_str(json_str(json_get(f, "decided_by")), "Ann Lee");
    assert_int_equal((int)json_double(json_get(json_get(json_get(ev, "review_state"), "counts"), "accepted"), -1), 1);
    assert_null(json_get(ev, "reload"));
    server_decide(s, &s->ann, id, FINDING_ACCEPTED); /* nothing changes, nothing is told */
    server_decide(s, &s->bob, id, FINDING_OPEN);
    wait_heard(&h, 2);
    ev = last_of(s, &h);
    assert_str(json_str(json_get(json_get(ev, "by"), "name")), "Reviewer"); /* he gave no name */
    assert_false(json_bool(json_get(json_get(ev, "by"), "mine"), true));
    done(s, &h, l);
}

static void a_review_that_is_done_asks_for_a_reload(void **state)
{
    struct server *s = *state;
    struct heard h;
    struct documents_added added = server_upload(s, &s->ann, "r.docx", server_docx(s, server_report));
    assert_ok(events_new(&s->c, &s->c.events, e));
    struct bus_listener *l = listen(s, &h, added.document->id);
    server_run_jobs(s);
    wait_heard(&h, 2); /* started, done; what was before is not told again */
    const struct json *ev = last_of(s, &h);
    assert_str(json_str(json_get(ev, "kind")), "review.done");
    assert_str(json_str(json_get(json_get(ev, "by"), "name")), "prism");
    assert_true(json_bool(json_get(ev, "reload"), false));
    assert_str(json_str(json_get(json_get(ev, "review_state"), "state")), "done");
    assert_ok(documents_delete(&s->c, &s->ann, added.document->id, e));
    wait_heard(&h, 3);
    ev = last_of(s, &h);
    assert_str(json_str(json_get(ev, "kind")), "document.deleted");
    assert_true(json_bool(json_get(json_get(ev, "by"), "mine"), false));
    done(s, &h, l);
}

static void more_findings_than_an_event_names_are_a_reload(void **state)
{
    struct server *s = *state;
    static const enum finding_kind kind = FINDING_SUGGESTION;
    static const enum finding_risk risk = FINDING_LOW;
    struct store_review r = server_reviewed(s);
    const struct decide_anchor anchor = server_anchor(s, "12 orders");
    const struct str said = STR("Which?");
    const struct decide_text text = {.kind = &kind, .risk = &risk, .description = &said};
    for (size_t i = r.counts.total; i <= EVENTS_FINDINGS_MAX; i++) {
        struct store_finding *f = NULL;
        assert_ok(decide_add(&s->c, &s->ann, r.id, &anchor, &text, s->a, &f, e));
    }
    const struct decide_choice accept = {.decision = FINDING_ACCEPTED};
    struct decide_many_result many;
    struct events_message *m = NULL;
    size_t n = 0;
    bool more = true;
    struct store_event_list before = server_events(s, r.document_id);
    assert_ok(decide_many(&s->c, &s->ann, r.id, NULL, 0, NULL, &accept, s->a, &many, e));
    assert_int_equal(many.findings.n, EVENTS_FINDINGS_MAX + 1);
    assert_ok(
        events_since(&s->c, r.document_id, before.at[before.n - 1].seq, 10, s->ann.visitor, s->a, &m, &n, &more, e));
    assert_int_equal(n, 1);
    const struct json *ev = parse(s, m[0].json);
    assert_true(json_bool(json_get(ev, "reload"), false));
    assert_null(json_get(ev, "findings"));
    assert_int_equal((int)json_double(json_get(json_get(ev, "data"), "count"), 0), EVENTS_FINDINGS_MAX + 1);
    assert_true(m[0].json.n < BUS_PAYLOAD_MAX / 2);
    (void)server_undo(s, &s->ann, r.id); /* each text is small, but all of them are no message */
    const struct store_finding_filter suggestions = {.kinds = STORE_BIT(STORE_KIND_SUGGESTION)};
    assert_ok(decide_many(&s->c, &s->ann, r.id, NULL, 0, &suggestions, &accept, s->a, &many, e));
    assert_true(many.findings.n <= EVENTS_FINDINGS_MAX);
    before = server_events(s, r.document_id);
    assert_ok(
        events_since(&s->c, r.document_id, before.at[before.n - 2].seq, 10, s->ann.visitor, s->a, &m, &n, &more, e));
    assert_true(json_bool(json_get(parse(s, m[0].json), "reload"), false));
    assert_true(m[0].json.n < BUS_PAYLOAD_MAX / 2);
}

struct writer {
    struct server *s;
    struct store_finding_list list;
    unsigned seed;
    struct arena *a;
    pthread_t thread;
};

static void *write_often(void *object)
{
    struct writer *w = object;
    for (unsigned i = 0; i < 60; i++) {
        const struct decide_choice choice = {.decision = (enum finding_decision)((i + w->seed) % 3)};
        struct store_finding *f = NULL;
        struct error e = {0};
        if (decide_one(&w->s->c, &w->s->ann, w->list.at[(i * 7 + w->seed) % w->list.n].id, &choice, DECIDE_ANY_VERSION,
                       w->a, &f, &e) != ERR_OK)
            abort();
    }
    return NULL;
}

/* A page that has seen event n has seen all before it; and what it is told later is exactly the rest. */
static void events_come_in_the_order_of_commits_and_none_is_missing(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct writer w[3];
    struct heard h;
    int64_t from = server_events(s, r.document_id).at[3].seq;
    assert_ok(events_new(&s->c, &s->c.events, e));
    struct bus_listener *l = listen(s, &h, r.document_id);
    for (unsigned i = 0; i < 3; i++) {
        w[i] = (struct writer){s, server_findings(s, r.id), i, test_arena(), 0};
        assert_int_equal(pthread_create(&w[i].thread, NULL, write_often, &w[i]), 0);
    }
    for (unsigned i = 0; i < 3; i++) {
        (void)pthread_join(w[i].thread, NULL);
        arena_free(w[i].a);
    }
    struct store_event_list all = server_events(s, r.document_id);
    wait_heard(&h, all.n - 4);
    struct events_message *m = NULL;
    size_t n = 0;
    bool more = true;
    assert_ok(events_since(&s->c, r.document_id, from, 0, s->ann.visitor, s->a, &m, &n, &more, e));
    assert_false(more);
    assert_int_equal(n, all.n - 4);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(h.seqs[i], all.at[i + 4].seq);
        assert_int_equal(m[i].seq, all.at[i + 4].seq);
    }
    assert_ok(events_since(&s->c, r.document_id, from, 5, s->ann.visitor, s->a, &m, &n, &more, e));
    assert_int_equal(n, 5);
    assert_true(more);
    done(s, &h, l);
}

static void activity_tells_who_and_what_without_the_findings(void **state)
{
    struct server *s = *state;
    struct store_review r = server_reviewed(s);
    struct store_finding_list list = server_findings(s, r.id);
    server_decide(s, &s->ann, list.at[0].id, FINDING_REJECTED);
    struct store_event_list events = server_events(s, r.document_id);
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    events_json(&o, &events.at[4], s->bob.visitor);
    const struct json *ev = parse(s, sb_view(&b));
    assert_int_equal(json_count(ev), 7);
    assert_false(json_bool(json_get(json_get(ev, "by"), "mine"), true));
    assert_str(json_str(json_get(json_get(ev, "data"), "decision")), "rejected");
    assert_true(str_eq(json_str(json_at(json_get(json_get(ev, "data"), "findings"), 0)), list.at[0].id));
    assert_int_equal(json_str(json_get(ev, "at")).n, sizeof "2026-01-01T00:00:00.000Z" - 1);
}

static void payloads_that_are_none_are_known(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "1",           "1\n",          "1\nkind",
                                      "\nkind\n{}", "x\nkind\n{}", "-1\nkind\n{}", "1\n\n{}"};
    struct events_message m;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(events_parse(str_from_c(bad[i]), &m));
    assert_true(events_parse(STR("12\nreview.done\n{\"a\":1}"), &m));
    assert_int_equal(m.seq, 12);
    assert_str(m.kind, "review.done");
    assert_str(m.json, "{\"a\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_decision_is_told_live_with_the_finding_as_it_is),
        SERVER_TEST(a_review_that_is_done_asks_for_a_reload),
        SERVER_TEST(more_findings_than_an_event_names_are_a_reload),
        SERVER_TEST(events_come_in_the_order_of_commits_and_none_is_missing),
        SERVER_TEST(activity_tells_who_and_what_without_the_findings),
        cmocka_unit_test(payloads_that_are_none_are_known),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
