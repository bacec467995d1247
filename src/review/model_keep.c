/* The weight is risk (1 to 3) times confidence times the rate of acceptance: what costs most if it is right, and is most likely right here.
 * A finding whose words are the same is the same, whoever of the models said it: the ids are equal then, and that is looked at first. */
#include "review/model_keep.h"

void model_keep_init(struct model_keep *k, struct arena *a, size_t budget)
{
    *k = (struct model_keep){.a = a, .budget = budget};
}

static bool counts(const struct model_kept *x) { return x->f.source == FINDING_BY_MODEL && !x->fixed && !x->gone; }

static double weight_of(const struct finding *f, double rate) { return ((double)f->risk + 1) * f->confidence * rate; }

static enum err push(struct model_keep *k, const struct finding *f, struct str row_id, bool fixed, double rate,
                     struct error *e)
{
    struct model_kept *x = VEC_PUSH(k->a, &k->list);
    if (!x) return error_no_memory(e);
    *x = (struct model_kept){.f = *f, .row_id = row_id, .fixed = fixed, .weight = weight_of(f, rate)};
    k->open += counts(x);
    return ERR_OK;
}

enum err model_keep_load(struct model_keep *k, const struct finding *f, struct str row_id, bool fixed, double rate,
                         struct error *e)
{
    return push(k, f, row_id, fixed, rate, e);
}

/* The first that says the same; SIZE_MAX: none does. */
static enum err find_double(struct model_keep *k, const struct finding *f, size_t *ret, struct error *e)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    if (!scratch) return error_no_memory(e);
    *ret = SIZE_MAX;
    for (size_t i = 0; i < k->list.n && *ret == SIZE_MAX; i++) {
        const struct model_kept *x = &k->list.at[i];
        bool is_double = x->f.source == FINDING_BY_MODEL && str_eq(x->f.id, f->id);
        if (!is_double && !x->gone) TRY(review_is_double(&x->f, f, scratch, &is_double, e));
        if (is_double) *ret = i;
    }
    return ERR_OK;
}

static size_t lightest(const struct model_keep *k)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < k->list.n; i++)
        if (counts(&k->list.at[i]) && (found == SIZE_MAX || k->list.at[i].weight < k->list.at[found].weight)) found = i;
    return found;
}

static enum err replace(struct model_keep *k, size_t which, const struct finding *f, struct str row_id, double rate,
                        enum model_keep_what *ret_what, size_t *ret, size_t *ret_replaced, struct error *e)
{
    TRY(push(k, f, row_id, false, rate, e));
    k->open -= counts(&k->list.at[which]);
    k->list.at[which].gone = true;
    *ret_what = MODEL_KEEP_REPLACES;
    *ret = k->list.n - 1;
    *ret_replaced = which;
    return ERR_OK;
}

enum err model_keep_add(struct model_keep *k, const struct finding *f, struct str row_id, double rate,
                        enum model_keep_what *ret_what, size_t *ret, size_t *ret_replaced, struct error *e)
{
    size_t other = SIZE_MAX;
    *ret_what = MODEL_KEEP_NOT;
    TRY(find_double(k, f, &other, e));
    if (other != SIZE_MAX) {
        const struct model_kept *x = &k->list.at[other];
        k->merged++;
        if (x->fixed || x->gone || str_eq(x->f.id, f->id) || !review_is_better(f, &x->f)) return ERR_OK;
        return replace(k, other, f, row_id, rate, ret_what, ret, ret_replaced, e);
    }
    if (k->budget == 0 || k->open < k->budget) {
        *ret_what = MODEL_KEEP_NEW;
        *ret = k->list.n;
        return push(k, f, row_id, false, rate, e);
    }
    k->over_budget++;
    other = lightest(k);
    if (other == SIZE_MAX || k->list.at[other].weight >= weight_of(f, rate)) return ERR_OK;
    return replace(k, other, f, row_id, rate, ret_what, ret, ret_replaced, e);
}

void model_keep_back(struct model_keep *k, size_t at, size_t replaced)
{
    struct model_kept *x = &k->list.at[at], *other = &k->list.at[replaced];
    k->open -= counts(x);
    x->gone = true;
    other->gone = false;
    other->fixed = true;
}
