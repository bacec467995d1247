/* Places that are near a quote: q-grams vote for diagonals of the squeezed layer, those with most votes are aligned.
 * By the q-gram lemma a place with k errors shares all but k * LOCATE_GRAM of the quote's q-grams; the rarest are asked first, so common ones seldom have to be.
 * Limits: VOTES_MAX votes (VOTES_CEILING where even the rarest q-gram is frequent; then nothing is told apart any more), CLUSTERS_MAX alignments. Source: Ukkonen 1992. */
#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "review/locate_priv.h"

#define VOTES_MAX     2000  /* places of q-grams that vote */
#define VOTES_CEILING 20000 /* where even the rarest q-gram is frequent */
#define CLUSTERS_MAX  64    /* that are aligned */

struct gram {
    size_t n, offset;
};

static int compare_grams(const void *a, const void *b)
{
    const struct gram *x = a, *y = b;
    if (x->n != y->n) return x->n < y->n ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int compare_diagonals(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

struct cluster { /* neighbouring diagonals */
    int64_t low, high;
    size_t votes;
};
struct clusters {
    struct cluster *at;
    size_t n, cap;
};

static int compare_clusters(const void *a, const void *b)
{
    const struct cluster *x = a, *y = b;
    if (x->votes != y->votes) return x->votes > y->votes ? -1 : 1;
    return x->low < y->low ? -1 : x->low > y->low;
}

/* The diagonals (place minus offset in the needle) that the rarest q-grams vote for. *ret_cut: not all that had a say were heard. */
static enum err vote(struct locate__search *s, struct str needle, int64_t **ret, size_t *ret_n, bool *ret_cut,
                     struct error *e)
{
    const struct locate_layer *layer = &s->index->layers[LOCATE_SQUEEZED];
    size_t n_grams = needle.n - LOCATE_GRAM + 1, votes = 0, n = 0;
    struct gram *grams = NEW(s->scratch, struct gram, n_grams);
    if (!grams) return error_no_memory(e);
    for (size_t i = 0; i < n_grams; i++) {
        grams[i].offset = i;
        (void)locate__layer_gram(layer, needle.p + i, &grams[i].n);
    }
    qsort(grams, n_grams, sizeof *grams, compare_grams);
    size_t used = 0;
    while (used < n_grams && (votes == 0 || votes + grams[used].n <= VOTES_MAX))
        votes += grams[used++].n;
    *ret_cut = votes > VOTES_CEILING;
    int64_t *diagonals = NEW(s->scratch, int64_t, votes);
    if (!diagonals) return error_no_memory(e);
    for (size_t i = 0; i < used; i++) {
        size_t places = 0;
        const uint32_t *at = locate__layer_gram(layer, needle.p + grams[i].offset, &places);
        for (size_t k = 0; k < places && n < VOTES_CEILING; k++)
            diagonals[n++] = (int64_t)at[k] - (int64_t)grams[i].offset;
    }
    if (n > 0) qsort(diagonals, n, sizeof *diagonals, compare_diagonals);
    *ret = diagonals;
    *ret_n = n;
    return ERR_OK;
}

static enum err clusters_make(struct locate__search *s, const int64_t *diagonals, size_t n, int64_t errors,
                              struct clusters *ret, struct error *e)
{
    struct cluster *last = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!last || diagonals[i] - last->low > 2 * errors) {
            last = VEC_PUSH(s->scratch, ret);
            if (!last) return error_no_memory(e);
            *last = (struct cluster){diagonals[i], diagonals[i], 0};
        }
        last->high = diagonals[i];
        last->votes++;
    }
    if (ret->n > 0) qsort(ret->at, ret->n, sizeof *ret->at, compare_clusters);
    return ERR_OK;
}

static int prefer_border(void *ctx, size_t at, bool end)
{
    const struct locate__search *s = ctx;
    size_t start = 0, after = 0;
    size_t n = s->index->layers[LOCATE_SQUEEZED].text.n;
    if (end ? at == 0 : at >= n) return 0;
    if (!locate__raw_range(s->index, LOCATE_SQUEEZED, end ? at - 1 : at, end ? at : at + 1, &start, &after)) return 0;
    return locate__is_border(locate__raw(s), end ? after : start) ? 1 : 0;
}

/* Widens a near place to whole words and whole characters of the source, and adds it unless it overlaps one that is as good. */
static enum err near_add(struct locate__search *s, struct locate__places *places, size_t start, size_t end,
                         size_t distance, struct error *e)
{
    const struct locate_layer *layer = &s->index->layers[LOCATE_SQUEEZED];
    size_t from = layer->from[start], to = layer->from[end - 1];
    (void)utf8_next(locate__raw(s), &to);
    if (memchr(locate__raw(s).p + from, '\0', to - from))
        return ERR_OK; /* no quote crosses from one story into another */
    while (s->word_first && !locate__is_border(locate__raw(s), from))
        (void)utf8_prev(locate__raw(s), &from);
    while (s->word_last && !locate__is_border(locate__raw(s), to))
        (void)utf8_next(locate__raw(s), &to);
    for (size_t i = 0; i < places->n; i++) {
        struct locate__place *p = &places->at[i];
        if (p->start >= to || from >= p->end) continue;
        if (distance < p->distance) *p = (struct locate__place){from, to, distance, true};
        return ERR_OK;
    }
    return locate__place_add(s, places, from, to, distance, e);
}

enum err locate__find_near(struct locate__search *s, struct str needle, size_t errors, struct locate__places *places,
                           bool *ret_cut, struct error *e)
{
    int64_t *diagonals = NULL;
    size_t n = 0;
    TRY(vote(s, needle, &diagonals, &n, ret_cut, e));
    struct clusters clusters = {0};
    TRY(clusters_make(s, diagonals, n, (int64_t)errors, &clusters, e));
    if (clusters.n > CLUSTERS_MAX && clusters.at[CLUSTERS_MAX].votes == clusters.at[0].votes) *ret_cut = true;
    for (size_t i = 0; i < clusters.n && i < CLUSTERS_MAX && clusters.at[i].votes * 4 >= clusters.at[0].votes; i++) {
        const struct cluster *c = &clusters.at[i];
        int64_t middle = c->low + (c->high - c->low) / 2;
        struct locate_align align = {
            .text = s->index->layers[LOCATE_SQUEEZED].text,
            .needle = needle,
            .at = middle > 0 ? (size_t)middle : 0,
            .slack = (size_t)(c->high - c->low) / 2 + 1 + errors + (middle < 0 ? (size_t)-middle : 0),
            .max = errors,
            .prefer = prefer_border,
            .ctx = s,
        };
        bool found = false;
        size_t start = 0, end = 0, distance = 0;
        TRY(locate__align(&align, s->scratch, &found, &start, &end, &distance, e));
        if (found) TRY(near_add(s, places, start, end, distance, e));
    }
    return ERR_OK;
}
