/* Drops findings that say the same about the same words: two reviewers often see one thing.
 * Overlapping anchors and nearly the same description, or the same anchor and category. Two different rules are never merged for their category alone: what one checks
 * the other does not, and dropping it would hide a remark. Descriptions are compared by the words they share (Sørensen–Dice over multisets), which does
 * not mind word order. Rejected: edit distance of the texts (quadratic, and a changed order looks like another remark).
 * Limits: descriptions are compared up to WORDS_MAX words. */
#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "review/review.h"

#define SIMILAR   0.85
#define WORDS_MAX 400

struct words { /* of one description: hashes, sorted */
    uint64_t *at;
    size_t n;
    bool made;
};

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Letters and digits make words; case and everything else do not count. */
static enum err words_make(struct str text, struct arena *scratch, struct words *ret, struct error *e)
{
    uint64_t *at = NEW(scratch, uint64_t, WORDS_MAX);
    if (!at) return error_no_memory(e);
    size_t n = 0;
    uint64_t hash = 0;
    for (size_t i = 0; i < text.n && n < WORDS_MAX;) {
        uint32_t r = utf8_next(text, &i);
        bool is_word = utf8_is_letter(r) || utf8_is_digit(r);
        if (is_word) hash = (hash ? hash : 1469598103934665603u) * 1099511628211u ^ utf8_to_lower(r);
        if (hash && (!is_word || i >= text.n)) {
            at[n++] = hash;
            hash = 0;
        }
    }
    if (n > 0) qsort(at, n, sizeof *at, compare_hashes);
    *ret = (struct words){at, n, true};
    return ERR_OK;
}

static double similarity(const struct words *a, const struct words *b)
{
    size_t i = 0, k = 0, shared = 0;
    while (i < a->n && k < b->n) {
        if (a->at[i] == b->at[k]) {
            shared++;
            i++;
            k++;
        } else if (a->at[i] < b->at[k]) {
            i++;
        } else {
            k++;
        }
    }
    return a->n + b->n == 0 ? 1 : 2 * (double)shared / (double)(a->n + b->n);
}

static bool place_before(struct doc_place a, struct doc_place b)
{
    return a.block != b.block ? a.block < b.block : a.offset < b.offset;
}

static bool place_same(struct doc_place a, struct doc_place b) { return a.block == b.block && a.offset == b.offset; }

static bool same_anchor(const struct finding *a, const struct finding *b)
{
    return place_same(a->anchor.start, b->anchor.start) && place_same(a->anchor.end, b->anchor.end);
}

static bool overlap(const struct finding *a, const struct finding *b)
{
    if (same_anchor(a, b)) return true;
    return place_before(a->anchor.start, b->anchor.end) && place_before(b->anchor.start, a->anchor.end);
}

static enum err doubles(const struct finding *a, const struct finding *b, struct words *words_a, struct words *words_b,
                        struct arena *scratch, bool *ret, struct error *e)
{
    *ret = false;
    if (!a->located || !b->located || !overlap(a, b)) return ERR_OK;
    bool two_rules = a->source == FINDING_BY_RULE && b->source == FINDING_BY_RULE && !str_eq(a->reviewer, b->reviewer);
    if (!two_rules && same_anchor(a, b) && str_eq(a->category, b->category)) {
        *ret = true;
        return ERR_OK;
    }
    if (!words_a->made) TRY(words_make(a->description, scratch, words_a, e));
    if (!words_b->made) TRY(words_make(b->description, scratch, words_b, e));
    *ret = similarity(words_a, words_b) >= SIMILAR;
    return ERR_OK;
}

enum err review_is_double(const struct finding *a, const struct finding *b, struct arena *scratch, bool *ret,
                          struct error *e)
{
    struct words of_a = {.made = false}, of_b = {.made = false};
    return doubles(a, b, &of_a, &of_b, scratch, ret, e);
}

/* The one that stays: what a person decided or wrote, then the surer, then the riskier; else the first. */
bool review_is_better(const struct finding *a, const struct finding *b)
{
    bool a_person = a->decision != FINDING_OPEN || a->source == FINDING_BY_PERSON;
    bool b_person = b->decision != FINDING_OPEN || b->source == FINDING_BY_PERSON;
    if (a_person != b_person) return a_person;
    if (a->confidence > b->confidence || a->confidence < b->confidence) return a->confidence > b->confidence;
    return a->risk > b->risk;
}

enum err review_merge(struct finding_list *list, struct arena *scratch, size_t *ret_merged, struct error *e)
{
    size_t n = list->n;
    bool *gone = NEW(scratch, bool, n);
    struct words *words = NEW(scratch, struct words, n);
    if (!gone || !words) return error_no_memory(e);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n && !gone[i]; k++) {
            if (place_before(list->at[i].anchor.end, list->at[k].anchor.start))
                break; /* in order: none further on overlaps */
            if (gone[k]) continue;
            bool is_double = false;
            TRY(doubles(&list->at[i], &list->at[k], &words[i], &words[k], scratch, &is_double, e));
            if (!is_double) continue;
            if (review_is_better(&list->at[k], &list->at[i]))
                gone[i] = true;
            else
                gone[k] = true;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!gone[i]) list->at[kept++] = list->at[i];
    list->n = kept;
    *ret_merged = n - kept;
    return ERR_OK;
}
