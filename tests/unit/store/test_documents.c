/* Visitors, documents, versions, reviews and exports: every column comes back as it went in, lists go page by page, what is somebody else's is not there,
 * and deleting leaves nothing. */
#include "store_test.h"

#include <stdio.h>
#include <string.h>

static void same_visitor(struct store_visitor a, struct store_visitor b)
{
    same_str(a, b, id);
    same_str(a, b, secret_hash);
    same_str(a, b, name);
    same_int(a, b, created_unix_ms);
    same_int(a, b, seen_unix_ms);
}

static void test_visitors(void **state)
{
    struct test_store *t = *state;
    struct store_visitor found = {0}, two = make_visitor("two");
    must(store_visitor_insert(t->tx, &two, e));
    must(store_visitor_find(t->tx, two.id, t->a, &found, e));
    same_visitor(found, two);
    must(store_visitor_find_by_secret(t->tx, two.secret_hash, t->a, &found, e));
    same_visitor(found, two);

    must(store_visitor_rename(t->tx, two.id, STR("\xE7\x8E\x8B"), e));
    must(store_visitor_seen(t->tx, two.id, 9000, e));
    must(store_visitor_seen(t->tx, two.id, 8000, e));
    must(store_visitor_find(t->tx, two.id, t->a, &found, e));
    assert_str(found.name, "\xE7\x8E\x8B");
    assert_int_equal(found.seen_unix_ms, 9000);

    must_fail(store_visitor_find(t->tx, STR("nobody"), t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_visitor_find_by_secret(t->tx, STR("nobody"), t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_visitor_rename(t->tx, STR("nobody"), STR("x"), e), ERR_NOT_FOUND, "not_found");
    must_fail(store_visitor_seen(t->tx, STR("nobody"), 1, e), ERR_NOT_FOUND, "not_found");
    assert_str(found.name, "\xE7\x8E\x8B"); /* untouched by what failed */

    struct store_visitor same_secret = make_visitor("three");
    same_secret.secret_hash = two.secret_hash;
    must_fail(store_visitor_insert(t->tx, &same_secret, e), ERR_CONFLICT, "exists");
    must_fail(store_visitor_insert(t->tx, &two, e), ERR_CONFLICT, "exists");
}

static void same_version(struct store_version a, struct store_version b)
{
    same_str(a, b, id);
    same_str(a, b, document_id);
    same_str(a, b, sha256);
    same_int(a, b, size_bytes);
    same_str(a, b, blob);
    same_str(a, b, content_blob);
    same_str(a, b, title);
    same_str(a, b, author);
    same_int(a, b, words);
    same_int(a, b, pages);
    same_int(a, b, sections);
    same_int(a, b, blocks);
    same_int(a, b, comments);
    same_int(a, b, tracked_changes);
    same_int(a, b, created_unix_ms);
    same_str(a, b, proposed_sections);
    same_int(a, b, proposed_state);
}

static void same_review(struct store_review a, struct store_review b)
{
    same_str(a, b, id);
    same_str(a, b, document_id);
    same_str(a, b, version_id);
    same_str(a, b, by);
    same_int(a, b, state);
    same_str(a, b, framework);
    same_str(a, b, framework_title);
    same_str(a, b, why_framework);
    same_int(a, b, progress);
    same_str(a, b, stage);
    assert_true(str_eq(a.reason, b.reason) && str_eq(a.message, b.message) && str_eq(a.hint, b.hint));
    same_str(a, b, not_reviewed);
    same_int(a, b, created_unix_ms);
    same_int(a, b, started_unix_ms);
    same_int(a, b, finished_unix_ms);
    same_str(a, b, guidelines);
    same_int(a, b, guidelines_only);
    same_str(a, b, coverage);
    same_str(a, b, model);
    same_str(a, b, prompt_version);
    same_int(a, b, model_state);
    same_str(a, b, model_reason);
    same_str(a, b, model_message);
    same_str(a, b, model_hint);
}

static void test_document(void **state)
{
    struct test_store *t = *state;
    struct store_document d = {0}, meant = make_document("d", "v", 100);
    must(store_document_find(t->tx, STR("d"), STR("v"), t->a, &d, e));
    same_str(d, meant, id);
    same_str(d, meant, owner);
    same_str(d, meant, name);
    same_str(d, meant, version_id);
    same_int(d, meant, created_unix_ms);
    same_version(d.version, make_version("d-version", "d"));
    assert_true(d.has_review);
    same_int(d, meant, never_send);
    same_str(d, meant, guidelines);
    same_review(d.latest, make_review("r", "d", 200));
    assert_int_equal(d.latest.counts.total, 0);

    must(store_document_find(t->tx, STR("d"), STR_EMPTY, t->a, &d, e));
    must_fail(store_document_find(t->tx, STR("d"), STR("x"), t->a, &d, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_document_find(t->tx, STR("x"), STR_EMPTY, t->a, &d, e), ERR_NOT_FOUND, "not_found");

    struct store_version version = {0};
    must(store_version_find(t->tx, STR("d-version"), t->a, &version, e));
    same_version(version, make_version("d-version", "d"));
    must_fail(store_version_find(t->tx, STR("x"), t->a, &version, e), ERR_NOT_FOUND, "not_found");
}

static void test_update(void **state)
{
    struct test_store *t = *state;
    struct store_document d = {.id = STR("d"), .guidelines = STR("h")}, now = {0};
    struct store_version v = {.id = STR("d-version"), .proposed_state = STORE_PROPOSED_UNDONE}, found = {0};
    must(store_document_update(t->tx, &d, e));
    must(store_version_update(t->tx, &v, e));
    must(store_document_find(t->tx, STR("d"), STR("v"), t->a, &now, e));
    assert_false(now.never_send);
    assert_str(now.guidelines, "h");
    assert_str(now.owner, "v");
    must(store_version_find(t->tx, STR("d-version"), t->a, &found, e));
    assert_str(found.proposed_sections, "");
    assert_int_equal(found.proposed_state, STORE_PROPOSED_UNDONE);
    assert_str(found.title, "The title");
    d.id = v.id = STR("x");
    must_fail(store_document_update(t->tx, &d, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_version_update(t->tx, &v, e), ERR_NOT_FOUND, "not_found");
}

/* What belongs to something that is not there is refused. */
static void test_parents(void **state)
{
    struct test_store *t = *state;
    struct store_document d = make_document("d2", "nobody", 1);
    struct store_version v = make_version("v2", "nothing");
    struct store_review r = make_review("r2", "nothing", 1);
    struct store_finding f = make_finding("f2", "nothing", "d", 0);
    struct store_export x = {.id = STR("x2"), .review_id = STR("nothing")};
    struct store_action a = {.id = STR("a2"), .review_id = STR("nothing")};
    must_fail(store_document_insert(t->tx, &d, e), ERR_NOT_FOUND, "gone");
    must_fail(store_version_insert(t->tx, &v, e), ERR_NOT_FOUND, "gone");
    must_fail(store_review_insert(t->tx, &r, e), ERR_NOT_FOUND, "gone");
    must_fail(store_finding_insert(t->tx, &f, 1, e), ERR_NOT_FOUND, "gone");
    must_fail(store_export_insert(t->tx, &x, e), ERR_NOT_FOUND, "gone");
    must_fail(store_action_insert(t->tx, &a, e), ERR_NOT_FOUND, "gone");
}

/* Values that the schema does not take. */
static void test_constraints(void **state)
{
    struct test_store *t = *state;
    struct store_review r = make_review("r2", "d", 1);
    r.progress = STORE_PROGRESS_MAX + 1;
    must_fail(store_review_insert(t->tx, &r, e), ERR_INTERNAL, "store_constraint");
    r.progress = 0;
    r.state = STORE_STATE_N;
    must_fail(store_review_insert(t->tx, &r, e), ERR_INTERNAL, "store_constraint");
    r.state = STORE_QUEUED;
    r.model_state = STORE_MODEL_STATE_N;
    must_fail(store_review_insert(t->tx, &r, e), ERR_INTERNAL, "store_constraint");
    struct store_version v = make_version("v2", "d");
    v.blob = STR_EMPTY;
    must_fail(store_version_insert(t->tx, &v, e), ERR_INTERNAL, "store_constraint");
    struct store_finding f = make_finding("f2", "r", "d", 0);
    f.confidence = 1.5;
    must_fail(store_finding_insert(t->tx, &f, 1, e), ERR_INTERNAL, "store_constraint");
    f = make_finding("f2", "r", "d", 0);
    f.start = f.end + 1;
    must_fail(store_finding_insert(t->tx, &f, 1, e), ERR_INTERNAL, "store_constraint");
}

static void test_reviews(void **state)
{
    struct test_store *t = *state;
    struct store_review r = {0}, meant = make_review("r", "d", 200), later = make_review("later", "d", 300);
    bool changed = false;
    must(store_review_find(t->tx, STR("r"), STR("v"), t->a, &r, e));
    same_review(r, meant);
    must_fail(store_review_find(t->tx, STR("r"), STR("x"), t->a, &r, e), ERR_NOT_FOUND, "not_found");

    meant.state = STORE_FAILED;
    meant.framework = STR("general");
    meant.framework_title = STR("General");
    meant.why_framework = STR("why");
    meant.progress = 1000;
    meant.stage = STR("stage");
    meant.reason = STR("reason");
    meant.message = STR("message");
    meant.hint = STR("hint");
    meant.not_reviewed = STR("[1]");
    meant.started_unix_ms = 201;
    meant.finished_unix_ms = 202;
    meant.coverage = STR("{\"calls\":3}");
    meant.model = STR("m2");
    meant.prompt_version = STR("p2");
    meant.model_state = STORE_MODEL_DONE;
    meant.model_reason = STR("mr");
    meant.model_message = STR("mm");
    meant.model_hint = STR("mh");
    must(store_review_update(t->tx, &meant, STORE_BIT(STORE_RUNNING), &changed, e));
    assert_false(changed); /* it is queued */
    must(store_review_find(t->tx, STR("r"), STR_EMPTY, t->a, &r, e));
    same_review(r, make_review("r", "d", 200));
    must(store_review_update(t->tx, &meant, STORE_UNFINISHED, &changed, e));
    assert_true(changed);
    must(store_review_find(t->tx, STR("r"), STR_EMPTY, t->a, &r, e));
    same_review(r, meant);
    must(store_review_update(t->tx, &meant, STORE_UNFINISHED, &changed, e));
    assert_false(changed); /* it has ended */

    struct store_review_list list = {0};
    must(store_review_insert(t->tx, &later, e));
    must(store_review_list(t->tx, STR("d"), 0, t->a, &list, e));
    assert_int_equal(list.n, 2);
    same_review(list.at[0], later);
    same_review(list.at[1], meant);
    must(store_review_list(t->tx, STR("d"), 1, t->a, &list, e));
    assert_int_equal(list.n, 1);
    assert_str(list.at[0].id, "later");
    must(store_review_list(t->tx, STR("x"), 0, t->a, &list, e));
    assert_int_equal(list.n, 0);

    struct store_document d = {0};
    must(store_document_find(t->tx, STR("d"), STR_EMPTY, t->a, &d, e));
    same_review(d.latest, later);
    struct store_document_list documents = {0};
    must(store_document_list(t->tx, STR("v"), STR_EMPTY, 0, t->a, &documents, e));
    later.coverage = STR("{}"); /* lists of documents do without */
    same_review(documents.at[0].latest, later);
}

/* Counts of each review are its own, and leave out what was deleted. */
static void test_counts(void **state)
{
    struct test_store *t = *state;
    struct store_review other = make_review("other", "d", 150);
    struct store_finding f[6];
    static const char *const ids[] = {"f0", "f1", "f2", "f3", "f4", "f5"};
    must(store_review_insert(t->tx, &other, e));
    for (uint32_t i = 0; i < 6; i++)
        f[i] = make_finding(ids[i], i == 5 ? "other" : "r", "d", i);
    f[0].decision = STORE_ACCEPTED;
    f[1].decision = STORE_REJECTED;
    f[2].risk = STORE_RISK_HIGH;
    f[3].risk = STORE_RISK_LOW;
    f[4].deleted = true;
    must(store_finding_insert(t->tx, f, 6, e));
    struct store_document_list list = {0};
    must(store_document_list(t->tx, STR("v"), STR_EMPTY, 10, t->a, &list, e));
    assert_int_equal(list.n, 1);
    const struct store_review_counts *c = &list.at[0].latest.counts;
    assert_str(list.at[0].latest.id, "r");
    assert_int_equal(c->total, 4);
    assert_int_equal(c->decision[STORE_OPEN], 2);
    assert_int_equal(c->decision[STORE_ACCEPTED], 1);
    assert_int_equal(c->decision[STORE_REJECTED], 1);
    assert_int_equal(c->risk[STORE_RISK_HIGH], 1);
    assert_int_equal(c->risk[STORE_RISK_MEDIUM], 2);
    assert_int_equal(c->risk[STORE_RISK_LOW], 1);
    struct store_review_list reviews = {0};
    must(store_review_list(t->tx, STR("d"), 0, t->a, &reviews, e));
    assert_int_equal(reviews.at[0].counts.total, 4);
    assert_int_equal(reviews.at[1].counts.total, 1);
}

static void add_document(struct test_store *t, const char *id, const char *owner, int64_t at)
{
    struct store_document d = make_document(id, owner, at);
    struct store_version v = make_version(id, id);
    v.id = d.version_id;
    must(store_document_insert(t->tx, &d, e));
    must(store_version_insert(t->tx, &v, e));
}

/* Page by page: newest first, also among those of one moment, none twice or left out though others come and go. */
static void test_list(void **state)
{
    struct test_store *t = *state;
    struct store_visitor two = make_visitor("two");
    struct store_document_list page = {0};
    must(store_visitor_insert(t->tx, &two, e));
    static char ids[7][8];
    for (int i = 0; i < 7; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "d%d", i);
        add_document(t, ids[i], "v", i < 3 ? 500 : 600 + i);
    }
    add_document(t, "not-ours", "two", 605);
    static const char *const order[] = {"d6", "d5", "d4", "d3", "d2", "d1", "d0", "d"};
    struct str cursor = STR_EMPTY;
    for (size_t i = 0; i < 8; i += 3) {
        must(store_document_list(t->tx, STR("v"), cursor, 3, t->a, &page, e));
        assert_int_equal(page.n, i < 6 ? 3 : 2);
        for (size_t k = 0; k < page.n; k++)
            assert_str(page.at[k].id, order[i + k]);
        assert_true((page.next.n > 0) == (i < 6));
        cursor = page.next;
        if (i == 0) add_document(t, "newer", "v", 9000);
    }
    assert_false(page.at[0].has_review);
    assert_true(page.at[1].has_review);
    must(store_document_list(t->tx, STR("v"), STR_EMPTY, 9, t->a, &page, e));
    assert_int_equal(page.n, 9);
    assert_int_equal(page.next.n, 0); /* exactly all: no further page */
    must(store_document_list(t->tx, STR("v"), STR_EMPTY, 0, t->a, &page, e));
    assert_int_equal(page.n, 9);
    static const char *const bad[] = {"x", "d", "d-", "dx-1", "p1-2", "d1", "1-2", "d-1-2", "d99999999999999999999-1"};
    for (size_t i = 0; i < STORE_COUNT(bad); i++)
        must_fail(store_document_list(t->tx, STR("v"), str_from_c(bad[i]), 3, t->a, &page, e), ERR_INVALID,
                  "bad_cursor");
}

static void same_export(struct store_export a, struct store_export b)
{
    same_str(a, b, id);
    same_str(a, b, review_id);
    same_str(a, b, by);
    same_str(a, b, format);
    same_str(a, b, options);
    same_int(a, b, state);
    same_str(a, b, blob);
    same_str(a, b, name);
    same_int(a, b, size_bytes);
    same_str(a, b, reason);
    same_str(a, b, message);
    same_str(a, b, hint);
    same_int(a, b, created_unix_ms);
    same_int(a, b, finished_unix_ms);
    same_str(a, b, bucket);
    same_str(a, b, folder);
    same_str(a, b, steps);
}

static void test_exports(void **state)
{
    struct test_store *t = *state;
    struct store_export x =
                            {
                                .id = STR("x"),
                                .review_id = STR("r"),
                                .by = STR("v"),
                                .format = STR("docx"),
                                .options = STR("{}"),
                                .state = STORE_QUEUED,
                                .blob = STR(""),
                                .name = STR(""),
                                .reason = STR(""),
                                .message = STR(""),
                                .hint = STR(""),
                                .created_unix_ms = 10,
                                .bucket = STR("b"),
                                .folder = STR("base/r_review_1"),
                                .steps = STR(""),
                            },
                        found = {0}, later = x;
    bool changed = false;
    must(store_export_insert(t->tx, &x, e));
    must(store_export_find(t->tx, STR("x"), STR("v"), t->a, &found, e));
    same_export(found, x);
    must_fail(store_export_find(t->tx, STR("x"), STR("nobody"), t->a, &found, e), ERR_NOT_FOUND, "not_found");
    x.state = STORE_DONE;
    x.blob = STR("x-blob");
    x.name = STR("report (reviewed).docx");
    x.size_bytes = (uint64_t)1 << 40;
    x.reason = STR("a");
    x.message = STR("b");
    x.hint = STR("c");
    x.finished_unix_ms = 20;
    x.folder = STR("base/r_review_2");
    x.steps = STR("{}");
    bool taken = false;
    must(store_export_folder_taken(t->tx, STR("b"), STR("base/r_review_1"), &taken, e));
    assert_true(taken);
    must(store_export_folder_taken(t->tx, STR("other"), STR("base/r_review_1"), &taken, e));
    assert_false(taken);
    must(store_export_update(t->tx, &x, STORE_UNFINISHED, &changed, e));
    assert_true(changed);
    must(store_export_find(t->tx, STR("x"), STR_EMPTY, t->a, &found, e));
    same_export(found, x);
    must(store_export_update(t->tx, &later, STORE_UNFINISHED, &changed, e));
    assert_false(changed);
    later.id = STR("later");
    later.created_unix_ms = 11;
    must(store_export_insert(t->tx, &later, e));
    struct store_export_list list = {0};
    must(store_export_list(t->tx, STR("r"), 0, t->a, &list, e));
    assert_int_equal(list.n, 2);
    same_export(list.at[0], later);
    same_export(list.at[1], x);
    must(store_export_list(t->tx, STR("r"), 1, t->a, &list, e));
    assert_int_equal(list.n, 1);
}

static void test_owner(void **state)
{
    struct test_store *t = *state;
    struct store_finding f = make_finding("f", "r", "d", 0);
    struct store_export x = {.id = STR("x"), .review_id = STR("r"), .created_unix_ms = 1};
    f.deleted = true;
    must(store_finding_insert(t->tx, &f, 1, e));
    must(store_export_insert(t->tx, &x, e));
    static const struct {
        enum store_thing thing;
        const char *id;
    } things[] = {
        {STORE_THING_DOCUMENT, "d"}, {STORE_THING_REVIEW, "r"}, {STORE_THING_FINDING, "f"}, {STORE_THING_EXPORT, "x"}};
    for (size_t i = 0; i < STORE_COUNT(things); i++) {
        struct str document = STR_EMPTY, owner = STR_EMPTY;
        must(store_owner_find(t->tx, things[i].thing, str_from_c(things[i].id), t->a, &document, &owner, NULL, e));
        assert_str(document, "d");
        assert_str(owner, "v");
        must_fail(store_owner_find(t->tx, things[i].thing, STR("v"), t->a, &document, &owner, NULL, e), ERR_NOT_FOUND,
                  "not_found");
    }
}

static bool has_key(struct store_keys keys, const char *key)
{
    for (size_t i = 0; i < keys.n; i++)
        if (str_eq_c(keys.at[i], key)) return true;
    return false;
}

static bool in_use(struct test_store *t, const char *blob)
{
    bool used = false;
    must(store_blob_in_use(t->tx, str_from_c(blob), &used, e));
    return used;
}

/* All that hangs on it goes, what hangs on others stays, and only files that nobody else names are given back. */
static void test_delete(void **state)
{
    struct test_store *t = *state;
    add_document(t, "d2", "v", 700);
    struct store_version shared = make_version("v3", "d2");
    struct store_finding f[] = {make_finding("f", "r", "d", 0), make_finding("g", "r", "d", 1)};
    struct store_export x = {.id = STR("x"), .review_id = STR("r"), .blob = STR("x-blob"), .created_unix_ms = 1};
    struct store_export unfinished = {.id = STR("y"), .review_id = STR("r"), .created_unix_ms = 1};
    struct store_action step = {.id = STR("a"), .review_id = STR("r"), .by = STR("v")};
    struct store_event event = {.document_id = STR("d"), .kind = STR("k")}, other = {.document_id = STR("d2")};
    struct store_job jobs[] = {{.id = STR("j1"), .kind = STORE_JOB_REVIEW, .ref = STR("r")},
                               {.id = STR("j2"), .kind = STORE_JOB_EXPORT, .ref = STR("x")},
                               {.id = STR("j3"), .kind = STORE_JOB_SWEEP}};
    struct store_keys blobs = {0};
    int64_t seq = 0;
    shared.blob = STR("d-version"); /* the same file as d's */
    must(store_version_insert(t->tx, &shared, e));
    must(store_finding_insert(t->tx, f, 2, e));
    must(store_export_insert(t->tx, &x, e));
    must(store_export_insert(t->tx, &unfinished, e));
    must(store_action_insert(t->tx, &step, e));
    must(store_event_append(t->tx, &event, &seq, e));
    must(store_event_append(t->tx, &other, &seq, e));
    for (size_t i = 0; i < 3; i++)
        must(store_job_insert(t->tx, &jobs[i], e));
    assert_true(in_use(t, "x-blob") && in_use(t, "d"));

    must(store_document_delete(t->tx, STR("d"), t->a, &blobs, e));
    assert_int_equal(blobs.n, 2);
    assert_true(has_key(blobs, "x-blob") && has_key(blobs, "d")); /* "d" is its content */
    assert_false(in_use(t, "x-blob") || in_use(t, "d"));
    assert_true(in_use(t, "d-version"));

    struct store_document d = {0};
    struct store_version version = {0};
    struct store_review review = {0};
    struct store_finding finding = {0};
    struct store_export export = {0};
    struct store_action action = {0};
    struct store_job job = {0};
    struct store_event_list events = {0};
    must_fail(store_document_find(t->tx, STR("d"), STR_EMPTY, t->a, &d, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_version_find(t->tx, STR("d-version"), t->a, &version, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_review_find(t->tx, STR("r"), STR_EMPTY, t->a, &review, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_finding_find(t->tx, STR("f"), STR_EMPTY, t->a, &finding, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_export_find(t->tx, STR("x"), STR_EMPTY, t->a, &export, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_action_last(t->tx, STR("r"), STR("v"), t->a, &action, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_job_find(t->tx, STORE_JOB_REVIEW, STR("r"), t->a, &job, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_job_find(t->tx, STORE_JOB_EXPORT, STR("x"), t->a, &job, e), ERR_NOT_FOUND, "not_found");
    must(store_event_since(t->tx, STR("d"), 0, 0, t->a, &events, e));
    assert_int_equal(events.n, 0);
    must(store_event_since(t->tx, STR_EMPTY, 0, 0, t->a, &events, e));
    assert_int_equal(events.n, 1);
    must(store_job_find(t->tx, STORE_JOB_SWEEP, STR_EMPTY, t->a, &job, e));
    must(store_document_find(t->tx, STR("d2"), STR("v"), t->a, &d, e));
    must_fail(store_document_delete(t->tx, STR("d"), t->a, &blobs, e), ERR_NOT_FOUND, "not_found");
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_tx_setup, test_store_tx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_visitors), T(test_document), T(test_update),  T(test_parents), T(test_constraints), T(test_reviews),
        T(test_counts),   T(test_list),     T(test_exports), T(test_owner),   T(test_delete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
