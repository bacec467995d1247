/* Which of the findings that a model hands in are kept, beside those that are there: doubles go, and past the budget only what weighs more than the lightest
 * stays. What a person has decided, changed or written is never replaced. Thread: one. */
#pragma once

#include "base/vec.h"
#include "review/review.h"

struct model_kept {
    struct finding f;  /* lives as long as the keep */
    struct str row_id; /* of the store; empty where there is none */
    bool fixed;        /* a person has decided on it or changed it, or wrote it: it stays */
    bool gone;         /* another has taken its place */
    double weight;     /* of a model's: risk, confidence, how often such ones are accepted */
};

struct model_keep {
    struct arena *a;
    size_t budget; /* findings of a model that may be open at once; 0: any number */
    VEC(struct model_kept) list;
    size_t open;        /* of a model's, neither fixed nor gone */
    size_t merged;      /* doubles of what was there */
    size_t over_budget; /* that were not kept, or had to go, for the budget */
};

enum model_keep_what {
    MODEL_KEEP_NEW,
    MODEL_KEEP_REPLACES, /* it takes the place of another */
    MODEL_KEEP_NOT       /* counted, and not kept */
};

/* a: in which the list lives. */
void model_keep_init(struct model_keep *k, struct arena *a, size_t budget);
/* One that is there already; borrowed. rate: how often people accept such ones, 0 to 1. ERR_LIMIT. */
enum err model_keep_load(struct model_keep *k, const struct finding *f, struct str row_id, bool fixed, double rate,
                         struct error *e) MUST_USE;
/* A new one of a model; borrowed. *ret: where it is in the list (not for NOT); *ret_replaced: the one whose place it takes. ERR_LIMIT. */
enum err model_keep_add(struct model_keep *k, const struct finding *f, struct str row_id, double rate,
                        enum model_keep_what *ret_what, size_t *ret, size_t *ret_replaced, struct error *e) MUST_USE;
/* It could not be replaced after all (a person was faster): takes add back. */
void model_keep_back(struct model_keep *k, size_t at, size_t replaced);
