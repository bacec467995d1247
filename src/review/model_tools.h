/* What a model may hand in: the tool report_findings, its schema, and what is taken from its input. The schema is the same bytes for everybody, so that
 * providers keep it compiled and cached. Thread: any. */
#pragma once

#include "ai/provider.h"
#include "review/finding.h"

#define MODEL_TOOL_FINDINGS "report_findings"
#define MODEL_TOOL_MEMBER   "findings" /* the array in its input */

enum { /* bytes, but for questions and points */
       MODEL_TITLE_MAX = 160,
       MODEL_TEXT_MAX = 4000,
       MODEL_QUOTE_MAX = 2000,
       MODEL_CATEGORY_MAX = 100,
       MODEL_QUESTIONS_MAX = 10,
       MODEL_POINTS_MAX = 10
};

extern const struct ai_tool model_tool_findings;

struct model_item { /* one finding as the model wrote it; texts are borrowed from what was read */
    int64_t block;
    struct str quote, title, category, description, suggestion;
    bool has_rewrite;
    struct str rewrite;
    enum finding_kind kind;
    enum finding_risk risk;
    double confidence;
    const struct str *questions;
    size_t n_questions;
    const int64_t *points;
    size_t n_points;
};

/* Strictly by the schema: a word that is none of those, a number that is none, a text too long, a member too many: ERR_INVALID "bad_finding", and the
 * message says which member. Nothing is put in the place of what is missing. In a. */
enum err model_item_read(struct str json, struct arena *a, struct model_item *ret, struct error *e) MUST_USE;
