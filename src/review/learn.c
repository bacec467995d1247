/* Counting is done when it is asked for: some thousand decisions are counted in milliseconds, and there is no second truth beside the findings.
 * The rank is (accepted - rejected) / (accepted + rejected + PRIOR): a Laplace estimate moved so that nothing known is 0. With PRIOR 4, one rejection
 * says -0.2, five in a row -0.56.
 * Of models the category alone counts: which of them has said it teaches nothing. */
#include "review/learn.h"

#include "base/json.h"
#include "base/map.h"
#include "base/utf8.h"
#include "review/finding.h"
#include "store/queries.h"

enum { PRIOR = 4 };

struct learn_rates {
    struct map counts; /* of a reviewer and category -> struct counts */
};

struct counts {
    uint32_t accepted, rejected;
};

/* --- rank --- */

static enum err key_of(enum store_source source, struct str reviewer, struct str category, struct sb *b,
                       struct error *e)
{
    sb_str(b, source == STORE_BY_RULE ? reviewer : STR_EMPTY);
    sb_char(b, 0);
    sb_str(b, category);
    return sb_ok(b) ? ERR_OK : error_no_memory(e);
}

static enum err add(struct learn_rates *r, const struct store_learned *row, struct arena *a, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct str key;
    TRY(key_of(row->source, row->reviewer, row->category, &b, e));
    struct counts *c = map_get(&r->counts, sb_view(&b));
    if (!c) {
        c = NEW(a, struct counts, 1);
        if (!c) return error_no_memory(e);
        TRY(sb_take(&b, a, &key, e));
        if (!map_put(&r->counts, key, c)) return error_no_memory(e);
    }
    c->accepted += row->accepted;
    c->rejected += row->rejected;
    return ERR_OK;
}

enum err learn_rates_load(struct store_tx *tx, struct str person, struct arena *a, const struct learn_rates **ret,
                          struct error *e)
{
    struct learn_rates *r = NEW(a, struct learn_rates, 1);
    struct store_learned_list list = {0};
    int64_t since = 0;
    if (!r) return error_no_memory(e);
    r->counts = map_make(a);
    TRY(store_learn_reset_get(tx, person, &since, e));
    TRY(store_learn_count(tx, person, since, a, &list, e));
    for (size_t i = 0; i < list.n; i++)
        TRY(add(r, &list.at[i], a, e));
    *ret = r;
    return ERR_OK;
}

int64_t learn_rank(const struct learn_rates *r, const struct store_finding *row)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    if (row->source == STORE_BY_PERSON || key_of(row->source, row->reviewer, row->category, &b, NULL) != ERR_OK)
        return 0;
    const struct counts *c = map_get(&r->counts, sb_view(&b));
    if (!c) return 0;
    int64_t accepted = c->accepted, rejected = c->rejected;
    return STORE_RANK_MAX * (accepted - rejected) / (accepted + rejected + PRIOR);
}

void learn_rank_all(const struct learn_rates *r, struct store_finding *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rows[i].rank = learn_rank(r, &rows[i]);
}

/* --- examples --- */

static struct str cut(struct str s)
{
    return s.n <= LEARN_EXAMPLE_BYTES ? s : str_sub(s, 0, utf8_floor(s, LEARN_EXAMPLE_BYTES));
}

static void put_example(struct sb *b, const struct store_finding *f)
{
    struct json_out o = json_out_make(b, false);
    json_out_begin_object(&o, NULL);
    json_out_c(&o, "decision", finding_decision_name((enum finding_decision)f->decision));
    json_out_str(&o, "category", cut(f->category));
    json_out_str(&o, "quote", cut(f->quote));
    json_out_str(&o, "remark", cut(f->description));
    if (f->note.n > 0) json_out_str(&o, "reason", cut(f->note));
    json_out_end_object(&o);
    sb_char(b, '\n');
}

/* The last ones of both kinds. */
static enum err load(struct store_tx *tx, struct str person, struct str document_id, struct arena *a,
                     struct store_finding_list ret[2], struct error *e)
{
    int64_t since = 0;
    TRY(store_learn_reset_get(tx, person, &since, e));
    TRY(store_learn_examples(tx, person, document_id, since, STORE_ACCEPTED, LEARN_EXAMPLES, a, &ret[0], e));
    return store_learn_examples(tx, person, document_id, since, STORE_REJECTED, LEARN_EXAMPLES, a, &ret[1], e);
}

/* Of both kinds in turn, as long as they fit. */
static bool add_example(struct sb *b, const struct store_finding_list *list, size_t i)
{
    size_t before = b->n;
    if (i >= list->n) return true;
    put_example(b, &list->at[i]);
    if (b->n <= LEARN_TEXT_MAX) return true;
    b->n = before;
    return false;
}

enum err learn_examples(const struct review_context *c, struct str person, struct str document_id, struct arena *a,
                        struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    struct store_finding_list lists[2] = {0};
    TRY(store_read(c->store, &tx, e));
    TRY(load(tx, person, document_id, a, lists, e));
    for (size_t i = 0; i < LEARN_EXAMPLES; i++)
        if (!add_example(&b, &lists[0], i) || !add_example(&b, &lists[1], i)) break;
    return sb_take(&b, a, ret, e);
}

/* --- for people --- */

enum err learn_look(const struct review_context *c, struct str person, struct arena *a, struct learn_summary *ret,
                    struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    struct store_learned_list list = {0};
    struct store_finding_list examples[2] = {0};
    int64_t since = 0;
    TRY(store_read(c->store, &tx, e));
    TRY(store_learn_reset_get(tx, person, &since, e));
    TRY(store_learn_count(tx, person, since, a, &list, e));
    TRY(load(tx, person, STR_EMPTY, a, examples, e));
    *ret = (struct learn_summary){since, list.at, list.n, examples[0].n, examples[1].n};
    return ERR_OK;
}

struct reset {
    struct str person;
    int64_t at_unix_ms;
};

static enum err reset_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct reset *w = ctx;
    return store_learn_reset_put(tx, w->person, w->at_unix_ms, e);
}

enum err learn_reset(const struct review_context *c, struct str person, struct error *e)
{
    struct reset w = {person, c->now_unix_ms()};
    return store_write(c->store, reset_write, &w, e);
}
