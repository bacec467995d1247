/* A review by a model, from the document to its findings: laid out in parts, each asked for, what comes back held to the document's words and handed on at
 * once; then one call about the whole. It knows no store: what is kept, and what was answered before, is the caller's.
 * What a call hands in is handed on even if the call breaks off afterwards: a finding stands on the document's words, whoever stops talking. Whether a
 * part was reviewed is another matter, and only a call that ended well says so. Thread: one. */
#pragma once

#include "base/trace.h"
#include "review/model_find.h"
#include "review/models.h"

enum model_unit_state {
    MODEL_UNIT_WAITS,
    MODEL_UNIT_ASKED,
    MODEL_UNIT_REVIEWED,
    MODEL_UNIT_CACHED, /* it was answered before, and nothing was paid now */
    MODEL_UNIT_CUT,    /* the answer was longer than an answer may be, and the part cannot be made smaller */
    MODEL_UNIT_FAILED,
    MODEL_UNIT_OVER_BUDGET, /* a budget is used up */
    MODEL_UNIT_SPLIT,       /* two others took its place */
};

struct model_unit { /* what is asked for in one call */
    struct model_part part;
    bool whole; /* it is about the document as a whole; part means nothing */
    enum model_unit_state state;
    struct error why;        /* CUT, FAILED, OVER_BUDGET */
    struct str model;        /* that answered */
    unsigned asked;          /* how often */
    unsigned depth;          /* how often it was split */
    struct str content;      /* what the answer rests on (model_prompt_part) */
    struct sb items;         /* what was handed in, for the cache */
    struct trace_span *span; /* while it is asked for, and spans are kept; else NULL */
};

struct model_run_hooks {
    /* Is it no longer wanted? Asked at least five times a second. */
    bool (*stopped)(void *ctx);
    /* What was kept under a key; .p NULL: nothing. In a. */
    enum err (*cached)(void *ctx, struct str key, struct arena *a, struct str *ret, struct error *e);
    enum err (*cache)(void *ctx, struct str key, struct str value, struct error *e);
    /* A finding, grounded; valid during the call. */
    enum err (*found)(void *ctx, const struct finding *f, struct error *e);
    /* done of n calls have ended; model: what answers now, or empty. */
    enum err (*progress)(void *ctx, size_t done, size_t n, struct str model, struct error *e);
    /* Lines about what was found so far, for the call about the whole. */
    enum err (*list)(void *ctx, struct sb *out, struct error *e);
    void *ctx;
};

struct model_run_options {
    const struct review_models *models;
    const struct rules_engine *engine;
    const struct framework *framework;
    struct str person, document, review; /* for turns, budgets, books */
    struct str learnt;                   /* lines for the model; may be empty */
    bool resumed;                        /* answers of fallback models are taken from the cache too */
    int64_t now_unix_ms;
};

struct model_run_result {
    struct model_unit *
        units; /* those about parts in document order as they were made, then the one about the whole if it was asked */
    size_t n;
    const struct model_plan *plan;
    struct str model; /* the first that answered; empty: none did */
    struct str prompt_version;
    size_t calls;                   /* that were made */
    size_t refused[MODEL_REFUSALS]; /* findings that were handed in and are none */
};

/* *ret lives in a. A call that fails is no error, but a unit that has failed; errors are: ERR_CONFLICT "stopped", "cannot_redact"; ERR_INVALID
 * "bad_prompt"; ERR_LIMIT; what a hook returned. */
enum err model_run(const struct doc *doc, const struct model_run_options *o, const struct model_run_hooks *hooks,
                   struct arena *a, struct model_run_result *ret, struct error *e) MUST_USE;
