/* What the domain knows of language models: the way to ask one, and how. Hangs at review_context.models; NULL there: none is configured, and everything
 * that needs one says so. Thread: any; immutable once wired. */
#pragma once

#include "ai/router.h"
#include "review/context.h"
#include "review/redact.h"

struct prompts;
struct usage;
struct store_document;

struct review_models {
    struct ai_router *router; /* borrowed, as all here */
    struct str provider;      /* "bedrock" */
    struct str primary;       /* the first model, as configured */
    int64_t max_tokens;       /* of an answer */
    double temperature;       /* below 0: the model's own */
    int64_t reasoning_tokens; /* 0: no extended thinking */
    double min_confidence;    /* findings below are folded away */
    enum redact_mode redact;
    bool never_send; /* the team's mark: nothing is sent to a model */
    const struct prompts *prompts;
    struct usage *usage;            /* NULL: no books are kept */
    double findings_per_1000_words; /* budget of what a model may find; 0: none */
    bool cosmetic;                  /* remarks on style alone are wanted */
    size_t max_calls_per_review;    /* at once */
};

/* Findings of models with less confidence are folded away. */
double models_folded_below(const struct review_context *c);

/* May this document be sent to a model? ERR_CONFLICT "never_send": it, or everything here, is marked so; the message says which. */
enum err models_may_send(const struct review_context *c, const struct store_document *document,
                         struct error *e) MUST_USE;
