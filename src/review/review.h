/* One review: reviewers over a version, their hits made findings, doubles merged, in document order. Without a model the rules review alone, and the coverage record says so.
 * Thread: any; engine and framework are shared, immutable. */
#pragma once

#include "review/finding.h"
#include "review/framework.h"

#define REVIEW_BY_MODEL "a review by a language model" /* as what is left out calls it */
#define REVIEW_NO_MODEL "none is configured: the rules reviewed alone"

struct review_options {
    const struct rules_engine *engine;
    const struct framework *framework;
    enum finding_risk min_risk; /* findings below are dropped and counted */
    bool whole_document;        /* also sections that are not reviewed by default */
    struct str no_model_why; /* why no language model reviews too; empty: one does, and says itself what it left out */
};

struct review_left_out {
    struct str what; /* "section 9 RE: appeal (quoted e-mail)" */
    struct str why;
};

struct review_coverage { /* what was looked at and what was not: no review without it */
    size_t blocks, blocks_reviewed, words;
    size_t rules_run, rules_off;
    const struct review_left_out *left_out;
    size_t n_left_out;
    const struct framework_touch *touches; /* one a point of the framework */
    size_t below_min_risk;                 /* findings dropped by min_risk */
    size_t merged;                         /* doubles */
    size_t dismissed;                      /* what was not to be raised again */
};

struct review_result {
    struct finding_list findings;
    struct review_coverage coverage;
};

/* *ret lives in the arena. */
enum err review_run(const struct doc *doc, const struct review_options *o, struct arena *a, struct review_result *ret,
                    struct error *e) MUST_USE;

/* review/merge.c: drops doubles: overlapping anchors and similarity >= 0.85 of the normalized descriptions, or the same anchor and category (but never two different rules for that
 * alone: they check different things); the surer one stays, and what a person wrote or decided before all else. The list is in document order. Returns how many went. Stable. */
enum err review_merge(struct finding_list *list, struct arena *scratch, size_t *ret_merged, struct error *e) MUST_USE;
/* The same for two: do they say one thing? Which of them would stay? (false: the second) */
enum err review_is_double(const struct finding *a, const struct finding *b, struct arena *scratch, bool *ret,
                          struct error *e) MUST_USE;
bool review_is_better(const struct finding *a, const struct finding *b);
