/* A finding: one remark on a document, and what people decided about it. Plain data; the words are DESIGN.md's. Thread: any. */
#pragma once

#include "base/json.h"
#include "doc/model.h"

enum finding_kind { FINDING_SUGGESTION, FINDING_IMPORTANT, FINDING_CRITICAL };
enum finding_risk { FINDING_LOW, FINDING_MEDIUM, FINDING_HIGH };
enum finding_decision { FINDING_OPEN, FINDING_ACCEPTED, FINDING_REJECTED };
enum finding_source { FINDING_BY_RULE, FINDING_BY_MODEL, FINDING_BY_PERSON };

struct finding {
    struct str id; /* stable for the same document and content: hex of a hash */
    enum finding_source source;
    struct str reviewer; /* rule id, model name or person */
    bool located; /* false: the quote was not found; anchor is then the section's heading or the document's start */
    struct doc_anchor anchor;
    struct str quote; /* the anchored words, exactly as in the document */
    enum finding_kind kind;
    enum finding_risk risk;
    struct str category;
    double confidence; /* 0–1 */
    struct str title;  /* a few words: the rule's title */
    struct str description, suggestion;
    bool has_rewrite;
    struct str rewrite;
    const struct str *questions;
    size_t n_questions;
    const uint32_t *points; /* indices into the framework's points */
    size_t n_points;
    uint32_t section;
    struct str place; /* "section 4.2 Timeline, table 3, row 2" */
    enum finding_decision decision;
    struct str note;            /* of the decision; may be empty */
    struct str decided_by;      /* a person's name; empty while it is open */
    int64_t decided_at_unix_ms; /* means nothing while it is open */
    bool edited;                /* a person changed what the reviewer said */
};

struct finding_list {
    struct finding *at; /* in document order */
    size_t n;
};

const char *finding_kind_name(enum finding_kind kind);             /* "critical" "important" "suggestion" */
const char *finding_risk_name(enum finding_risk risk);             /* "high" "medium" "low" */
const char *finding_decision_name(enum finding_decision decision); /* "open" "accepted" "rejected" */
const char *finding_source_name(enum finding_source source);       /* "rule" "model" "person" */
bool finding_risk_parse(struct str s, enum finding_risk *ret);

/* Document order: anchor, then risk (high first), then reviewer. For qsort. */
int finding_compare(const void *a, const void *b);
