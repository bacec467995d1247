/* Findings: every column comes back, each filter lets through what it names, pages follow the order, counts are right, and a change is made only to the
 * version that was seen. */
#include "store_test.h"

#include <stdio.h>
#include <string.h>

static void same_finding(struct store_finding a, struct store_finding b)
{
    same_str(a, b, id);
    same_str(a, b, review_id);
    same_str(a, b, document_id);
    same_int(a, b, seq);
    same_str(a, b, fingerprint);
    same_int(a, b, source);
    same_str(a, b, reviewer);
    same_str(a, b, reviewer_name);
    same_int(a, b, block);
    same_int(a, b, start);
    same_int(a, b, end);
    same_int(a, b, located);
    same_str(a, b, quote);
    same_int(a, b, section);
    same_str(a, b, place);
    same_int(a, b, kind);
    same_int(a, b, risk);
    same_str(a, b, category);
    assert_true(a.confidence >= b.confidence && a.confidence <= b.confidence);
    same_int(a, b, rank);
    same_str(a, b, title);
    same_str(a, b, description);
    same_str(a, b, why);
    same_str(a, b, suggestion);
    same_str(a, b, rewrite);
    same_str(a, b, questions);
    same_str(a, b, points);
    same_str(a, b, point_numbers);
    same_int(a, b, decision);
    assert_true(str_eq(a.decided_by, b.decided_by) && str_eq(a.note, b.note));
    same_int(a, b, decided_unix_ms);
    same_int(a, b, edited);
    same_str(a, b, original);
    same_int(a, b, created_unix_ms);
    same_int(a, b, changed_unix_ms);
    same_int(a, b, version);
    same_int(a, b, deleted);
}

static struct store_finding find(struct test_store *t, const char *id)
{
    struct store_finding f = {0};
    must(store_finding_find(t->tx, str_from_c(id), STR("v"), t->a, &f, e));
    return f;
}

static void test_columns(void **state)
{
    struct test_store *t = *state;
    struct store_finding f = make_finding("f", "r", "d", 7), found = {0};
    uint32_t seq = 99;
    must(store_finding_next_seq(t->tx, STR("r"), &seq, e));
    assert_int_equal(seq, 0);
    must(store_finding_insert(t->tx, &f, 1, e));
    same_finding(find(t, "f"), f);
    must_fail(store_finding_find(t->tx, STR("f"), STR("x"), t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must_fail(store_finding_find(t->tx, STR("g"), STR_EMPTY, t->a, &found, e), ERR_NOT_FOUND, "not_found");
    must(store_finding_next_seq(t->tx, STR("r"), &seq, e));
    assert_int_equal(seq, 8);

    /* empty is not absent; the largest numbers fit */
    struct store_finding g = make_finding("g", "r", "d", UINT32_MAX);
    g.rewrite = STR("");
    g.original = STR("{}");
    g.block = g.start = g.end = g.section = UINT32_MAX;
    g.located = false;
    must(store_finding_insert(t->tx, &g, 1, e));
    same_finding(find(t, "g"), g);

    struct store_finding same_seq = make_finding("h", "r", "d", 7);
    must_fail(store_finding_insert(t->tx, &same_seq, 1, e), ERR_CONFLICT, "exists");
}

/* People's findings and decisions bear their name of now. */
static void test_names(void **state)
{
    struct test_store *t = *state;
    struct store_finding f = make_finding("f", "r", "d", 0), rule = make_finding("rule", "r", "d", 1);
    f.source = STORE_BY_PERSON;
    f.reviewer = STR("v");
    f.reviewer_name = STR("as it was");
    f.decided_by = STR("v");
    rule.reviewer = STR("v"); /* a rule of that name is no person */
    must(store_finding_insert(t->tx, &f, 1, e));
    must(store_finding_insert(t->tx, &rule, 1, e));
    assert_str(find(t, "f").reviewer_name, "Ada Lovelace");
    assert_str(find(t, "f").decided_by_name, "Ada Lovelace");
    must(store_visitor_rename(t->tx, STR("v"), STR("Grace"), e));
    assert_str(find(t, "f").reviewer_name, "Grace");
    assert_str(find(t, "f").decided_by_name, "Grace");
    assert_str(find(t, "rule").reviewer_name, "Dates");
    assert_str(find(t, "rule").decided_by_name, "");
}

/* ---- Filters ---- */

/* Which of a to h a filter lets through, as a text; asked of the list and of the count. */
static void lets_through(struct test_store *t, struct store_finding_filter filter, const char *meant)
{
    struct store_finding_list list = {0};
    struct store_finding_counts counts = {0};
    char got[32] = "";
    must(store_finding_list(t->tx, STR("r"), &filter, STORE_BY_PLACE, STR_EMPTY, 0, t->a, &list, e));
    for (size_t i = 0; i < list.n; i++)
        got[i] = list.at[i].id.p[0];
    assert_string_equal(got, meant);
    must(store_finding_count(t->tx, STR("r"), &filter, t->a, &counts, e));
    assert_int_equal(counts.matching, strlen(meant));
    assert_int_equal(counts.total, 6);
}
#define FILTER(...) ((struct store_finding_filter){__VA_ARGS__})

static void insert_six(struct test_store *t)
{
    struct store_finding f[8];
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct store_review other = make_review("other", "d", 1);
    for (uint32_t i = 0; i < 8; i++)
        f[i] = make_finding(ids[i], i == 7 ? "other" : "r", "d", i);
    f[0].risk = STORE_RISK_HIGH;
    f[0].source = f[1].source = STORE_BY_MODEL;
    f[0].confidence = 0.79;
    f[1].confidence = 0.8;
    f[1].risk = STORE_RISK_LOW;
    f[1].kind = STORE_KIND_CRITICAL;
    f[2].decision = STORE_ACCEPTED;
    f[2].note = STR("\xC3\x84rgerlich");
    f[3].decision = STORE_REJECTED;
    f[3].section = 12;
    f[3].point_numbers = STR(",1,");
    f[4].source = STORE_BY_PERSON;
    f[4].reviewer = STR("v");
    f[4].section = 1;
    f[4].category = STR("people");
    f[4].point_numbers = STR("");
    f[5].quote = STR("50% of_it \\ \xC3\x9C"
                     "BER");
    f[5].rewrite = STR("Rewritten \xCE\xA3");
    f[6].deleted = true; /* g and h are never seen */
    must(store_review_insert(t->tx, &other, e));
    must(store_finding_insert(t->tx, f, 8, e));
}

static void test_filters(void **state)
{
    struct test_store *t = *state;
    static const uint32_t one[] = {1}, some[] = {12, 1, 77}, none[] = {0};
    insert_six(t);
    lets_through(t, FILTER(0), "abcdef");
    lets_through(t, FILTER(.risks = STORE_BIT(STORE_RISK_HIGH)), "a");
    lets_through(t, FILTER(.risks = STORE_BIT(STORE_RISK_HIGH) | STORE_BIT(STORE_RISK_LOW)), "ab");
    lets_through(t, FILTER(.kinds = STORE_BIT(STORE_KIND_CRITICAL)), "b");
    lets_through(t, FILTER(.kinds = STORE_BIT(STORE_KIND_SUGGESTION)), "");
    lets_through(t, FILTER(.decisions = STORE_BIT(STORE_ACCEPTED)), "c");
    lets_through(t, FILTER(.decisions = STORE_BIT(STORE_OPEN) | STORE_BIT(STORE_REJECTED)), "abdef");
    lets_through(t, FILTER(.sources = STORE_BIT(STORE_BY_PERSON)), "e");
    lets_through(t, FILTER(.sections = one, .n_sections = 1), "e"); /* not section 12 */
    lets_through(t, FILTER(.sections = some, .n_sections = 3), "de");
    lets_through(t, FILTER(.sections = none, .n_sections = 1), "");
    lets_through(t, FILTER(.reviewer = STR("v")), "e");
    lets_through(t, FILTER(.reviewer = STR("facts")), "");
    lets_through(t, FILTER(.category = STR("facts")), "abcdf");
    lets_through(t, FILTER(.point = 1), "d"); /* not 12 */
    lets_through(t, FILTER(.point = 12), "abcf");
    lets_through(t, FILTER(.point = 2), "");
    lets_through(t, FILTER(.risks = STORE_BIT(STORE_RISK_MEDIUM), .decisions = STORE_BIT(STORE_OPEN), .point = 3), "f");
    /* what a model is not sure of is folded away; what rules and persons say never is */
    lets_through(t, FILTER(.folded = STORE_FOLDED_ONLY, .folded_below = 0.8), "a");
    lets_through(t, FILTER(.folded = STORE_FOLDED_NOT, .folded_below = 0.8), "bcdef");
    lets_through(t, FILTER(.folded = STORE_FOLDED_ANY, .folded_below = 0.8), "abcdef");
}

/* Text: whatever the case, in any script, in every text that is shown, and nothing in it is special. */
static void test_search(void **state)
{
    struct test_store *t = *state;
    insert_six(t);
    lets_through(t, FILTER(.text = STR("NAME the")), "abcdef");     /* suggestion */
    lets_through(t, FILTER(.text = STR("a DATE")), "abcdef");       /* title */
    lets_through(t, FILTER(.text = STR("What it SAYS")), "abcdef"); /* description */
    lets_through(t, FILTER(.text = STR("Monday")), "abcde");        /* quote */
    lets_through(t,
                 FILTER(.text = STR("\xC3\xBC"
                                    "ber")),
                 "f");                                               /* a capital that ASCII does not have */
    lets_through(t, FILTER(.text = STR("rewritten \xCF\x83")), "f"); /* rewrite */
    lets_through(t, FILTER(.text = STR("\xC3\xA4RGER")), "c");       /* note */
    lets_through(t, FILTER(.text = STR("50%")), "f");
    lets_through(t, FILTER(.text = STR("5%o")), "");
    lets_through(t, FILTER(.text = STR("of_it")), "f");
    lets_through(t, FILTER(.text = STR("o_day")), "");
    lets_through(t, FILTER(.text = STR("\\ ")), "f");
    lets_through(t, FILTER(.text = STR("' OR 1=1 --")), "");

    struct store_finding_list list = {0};
    struct store_finding_counts counts = {0};
    static char letters[STORE_QUERY_MAX + 1];
    static uint32_t sections[STORE_SECTIONS_MAX + 1];
    memset(letters, 'x', sizeof letters);
    lets_through(t, FILTER(.text = {letters, STORE_QUERY_MAX}), "");
    lets_through(t, FILTER(.sections = sections, .n_sections = STORE_SECTIONS_MAX), "");
    struct store_finding_filter long_text = {.text = {letters, sizeof letters}};
    struct store_finding_filter long_list = {.sections = sections, .n_sections = STORE_SECTIONS_MAX + 1};
    must_fail(store_finding_list(t->tx, STR("r"), &long_text, 0, STR_EMPTY, 0, t->a, &list, e), ERR_INVALID,
              "bad_filter");
    must_fail(store_finding_count(t->tx, STR("r"), &long_list, t->a, &counts, e), ERR_INVALID, "bad_filter");
}

/* ---- Order and pages ---- */

/* The ids of all pages of three. */
static void pages(struct test_store *t, enum store_finding_sort sort, const char *meant)
{
    struct store_finding_list page = {0};
    char got[32] = "";
    size_t n = 0;
    struct str cursor = STR_EMPTY;
    do {
        must(store_finding_list(t->tx, STR("r"), NULL, sort, cursor, 3, t->a, &page, e));
        for (size_t i = 0; i < page.n; i++)
            got[n++] = page.at[i].id.p[0];
        cursor = page.next;
    } while (cursor.n);
    assert_string_equal(got, meant);
}

static void test_order(void **state)
{
    struct test_store *t = *state;
    static const struct {
        const char *id;
        uint32_t block, start;
        enum store_risk risk;
        int64_t rank;
    } rows[] = {{"a", 9, 1, STORE_RISK_HIGH, 0},
                {"b", 5, 7, STORE_RISK_LOW, STORE_RANK_MAX},
                {"c", 5, 2, STORE_RISK_MEDIUM, 0},
                {"d", 5, 2, STORE_RISK_HIGH, 0},
                {"e", 0, 0, STORE_RISK_LOW, 0},
                {"f", 12, 0, STORE_RISK_MEDIUM, 1},
                {"g", 20, 0, STORE_RISK_HIGH, -STORE_RANK_MAX}};
    for (uint32_t i = 0; i < STORE_COUNT(rows); i++) {
        struct store_finding f = make_finding(rows[i].id, "r", "d", i);
        f.block = rows[i].block;
        f.start = rows[i].start;
        f.risk = rows[i].risk;
        f.rank = rows[i].rank;
        must(store_finding_insert(t->tx, &f, 1, e));
    }
    pages(t, STORE_BY_PLACE, "ecdbafg");
    pages(t, STORE_BY_DANGER, "dagfcbe");

    /* a page goes on behind the last finding, though that is gone and others came */
    struct store_finding_list page = {0};
    bool changed = false;
    must(store_finding_list(t->tx, STR("r"), NULL, STORE_BY_PLACE, STR_EMPTY, 3, t->a, &page, e));
    struct store_finding gone = page.at[2], early = make_finding("x", "r", "d", 50),
                         late = make_finding("y", "r", "d", 51);
    gone.deleted = true;
    early.block = 1;
    late.block = 10;
    must(store_finding_update(t->tx, &gone, &changed, e));
    must(store_finding_insert(t->tx, &early, 1, e));
    must(store_finding_insert(t->tx, &late, 1, e));
    must(store_finding_list(t->tx, STR("r"), NULL, STORE_BY_PLACE, page.next, 9, t->a, &page, e));
    assert_int_equal(page.n, 5);
    assert_str(page.at[0].id, "b");
    assert_str(page.at[2].id, "y");

    static const char *const bad[] = {"p",          "p1",         "p1-2-3-4",   "p1-2-3-4-5-6",
                                      "p1-2-3-4-x", "q1-2-3-4-5", "r0-1-1-1-1", "p1--3-4-5"};
    for (size_t i = 0; i < STORE_COUNT(bad); i++)
        must_fail(store_finding_list(t->tx, STR("r"), NULL, STORE_BY_PLACE, str_from_c(bad[i]), 3, t->a, &page, e),
                  ERR_INVALID, "bad_cursor");
}

static void test_counts(void **state)
{
    struct test_store *t = *state;
    const struct store_finding_filter filter = {.decisions = STORE_BIT(STORE_OPEN)};
    struct store_finding_counts c = {0};
    insert_six(t);
    must(store_finding_count(t->tx, STR("r"), &filter, t->a, &c, e));
    assert_int_equal(c.matching, 4);
    assert_int_equal(c.total, 6);
    assert_int_equal(c.decision[STORE_OPEN], 4);
    assert_int_equal(c.decision[STORE_ACCEPTED], 1);
    assert_int_equal(c.decision[STORE_REJECTED], 1);
    assert_int_equal(c.risk[STORE_RISK_HIGH], 1);
    assert_int_equal(c.risk[STORE_RISK_MEDIUM], 4);
    assert_int_equal(c.risk[STORE_RISK_LOW], 1);
    assert_int_equal(c.kind[STORE_KIND_CRITICAL], 1);
    assert_int_equal(c.kind[STORE_KIND_IMPORTANT], 5);
    assert_int_equal(c.kind[STORE_KIND_SUGGESTION], 0);
    static const struct store_section_count meant[] = {{1, 1, 1}, {2, 4, 3}, {12, 1, 0}};
    assert_int_equal(c.n_sections, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(c.sections[i].section, meant[i].section);
        assert_int_equal(c.sections[i].total, meant[i].total);
        assert_int_equal(c.sections[i].open, meant[i].open);
    }
    must(store_finding_count(t->tx, STR("r"), NULL, t->a, &c, e));
    assert_int_equal(c.matching, 6);
    must(store_finding_count(t->tx, STR("none"), NULL, t->a, &c, e));
    assert_int_equal(c.total, 0);
}

/* ---- Changes ---- */

static void test_decide(void **state)
{
    struct test_store *t = *state;
    struct store_finding f = make_finding("f", "r", "d", 0), meant = f;
    bool changed = false;
    must(store_finding_insert(t->tx, &f, 1, e));
    meant.decision = STORE_ACCEPTED;
    meant.decided_by = STR("v");
    meant.decided_unix_ms = 77;
    meant.note = STR("yes");
    meant.changed_unix_ms = 78;
    f = meant;
    f.title = STR("not written by a decision");
    must(store_finding_decide(t->tx, &f, &changed, e));
    assert_true(changed);
    must(store_finding_decide(t->tx, &f, &changed, e));
    assert_false(changed); /* it is version 2 now */
    meant.version = 2;
    same_finding(find(t, "f"), meant);

    f = meant;
    f.deleted = true;
    must(store_finding_update(t->tx, &f, &changed, e));
    assert_true(changed);
    f.version = 3;
    must(store_finding_decide(t->tx, &f, &changed, e));
    assert_false(changed); /* it is deleted */
    f.id = STR("none");
    must(store_finding_decide(t->tx, &f, &changed, e));
    assert_false(changed);
}

static void test_update(void **state)
{
    struct test_store *t = *state;
    struct store_finding f = make_finding("f", "r", "d", 0);
    bool changed = false;
    must(store_finding_insert(t->tx, &f, 1, e));
    f.kind = STORE_KIND_CRITICAL;
    f.risk = STORE_RISK_HIGH;
    f.category = STR("1");
    f.title = STR("2");
    f.description = STR("3");
    f.why = STR("4");
    f.suggestion = STR("5");
    f.rewrite = STR("6");
    f.questions = STR("[7]");
    f.points = STR("[8]");
    f.point_numbers = STR(",8,");
    f.decision = STORE_REJECTED;
    f.decided_by = STR("v");
    f.decided_unix_ms = 9;
    f.note = STR("Ten");
    f.edited = true;
    f.original = STR("{\"title\":\"A date\"}");
    f.changed_unix_ms = 11;
    must(store_finding_update(t->tx, &f, &changed, e));
    assert_true(changed);
    f.version = 2;
    same_finding(find(t, "f"), f);
    f.version = 1;
    must(store_finding_update(t->tx, &f, &changed, e));
    assert_false(changed);

    /* what is searched follows the texts */
    struct store_finding_list list = {0};
    struct store_finding_filter old = {.text = STR("a date")}, now = {.text = STR("TEN")};
    must(store_finding_list(t->tx, STR("r"), &old, STORE_BY_PLACE, STR_EMPTY, 0, t->a, &list, e));
    assert_int_equal(list.n, 0);
    must(store_finding_list(t->tx, STR("r"), &now, STORE_BY_PLACE, STR_EMPTY, 0, t->a, &list, e));
    assert_int_equal(list.n, 1);

    /* deleted, it is in no list; brought back, it is */
    f.version = 2;
    f.deleted = true;
    must(store_finding_update(t->tx, &f, &changed, e));
    must(store_finding_list(t->tx, STR("r"), NULL, STORE_BY_PLACE, STR_EMPTY, 0, t->a, &list, e));
    assert_int_equal(list.n, 0);
    assert_true(find(t, "f").deleted);
    f.version = 3;
    f.deleted = false;
    f.rewrite = STR_EMPTY;
    must(store_finding_update(t->tx, &f, &changed, e));
    must(store_finding_list(t->tx, STR("r"), NULL, STORE_BY_PLACE, STR_EMPTY, 0, t->a, &list, e));
    assert_int_equal(list.n, 1);
    assert_null(list.at[0].rewrite.p);
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_tx_setup, test_store_tx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_columns), T(test_names),  T(test_filters), T(test_search),
        T(test_order),   T(test_counts), T(test_decide),  T(test_update),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
