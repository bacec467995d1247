/* What several rules (and later the model's prompt) need to know of a document, found once a run: sentences, words, dates, acronyms, labels. Thread: as the run. */
#pragma once

#include "base/vec.h"
#include "doc/model.h"

struct facts_span { /* bytes [start, end) of a block's text */
    uint32_t block;
    uint32_t start, end;
};

enum facts_date_format {
    FACTS_DATE_ISO /* 2026-03-01 */,
    FACTS_DATE_MDY /* 3/1/2026 */,
    FACTS_DATE_DMY /* 1.3.2026, 25/12/2026 */,
    FACTS_DATE_TEXT /* 1 March 2026, March 1, 2026 */,
    FACTS_DATE_AMBIGUOUS /* 3/4/2026: either */
};

struct facts_date {
    struct facts_span span;
    enum facts_date_format format;
    int year;         /* 0: not written */
    int month, day;   /* day 0: month and year only; AMBIGUOUS: read as MDY */
    bool valid;       /* such a day exists */
    int weekday;      /* written beside it: 0 Monday … 6 Sunday; -1: none */
    int hour, minute; /* -1: no time written beside it */
    bool has_zone;    /* a zone, an offset or "UTC" beside the time */
};

struct facts_acronym {
    struct str text; /* "RCA" */
    struct facts_span first_use;
    uint32_t uses;
    VEC(struct facts_span)
    definitions;              /* "Root Cause Analysis (RCA)" or "RCA (Root Cause Analysis)": the span of both */
    VEC(struct str) meanings; /* the words, one for each definition */
};

struct facts_label { /* "RC1", "PA1a", "Root Cause 2:" at the start of a block, its list label or a cell */
    struct facts_span span;
    bool is_action; /* preventative action, else root cause */
    int number;     /* 1 */
    char letter;    /* 'a', or 0 */
};

struct rules_facts {
    VEC(struct facts_span)
    sentences; /* in document order; a heading, a cell and a list item end a sentence; abbreviations do not */
    uint32_t *first_sentence; /* [blocks + 1]: sentences of block b are [first_sentence[b], first_sentence[b + 1]) */
    VEC(struct facts_date) dates; /* in document order */
    VEC(struct facts_acronym) acronyms;
    VEC(struct facts_label) labels;
    size_t words;               /* of the reviewed blocks */
    bool english;               /* the text is English, or too short to tell: rules that go by English words ask */
    const bool *english_blocks; /* [blocks]: the same of each; one of a few words is as the last that could be told */
    bool legal;                 /* reads like a contract or a statute: words_is_legal() */
};

/* Reviewed blocks only. ret lives in the arena. */
struct rules_run;
enum err facts_find(struct rules_run *run, struct rules_facts **ret, struct error *e) MUST_USE;
