/* How a document is laid before a model: in parts, each of which fits into one call. Sections in reading order, small ones joined, long ones split between
 * blocks; a part that continues a section shows the blocks before it again, to be read and not to be reviewed. Thread: any. */
#pragma once

#include "doc/model.h"

struct rules_engine;

struct model_part {
    uint32_t first,
        end; /* blocks that are reviewed: [first, end); those that are not (blank, quoted e-mail) are skipped */
    uint32_t shown_from;  /* <= first: where what is shown begins */
    uint32_t section;     /* the first one's; DOC_NONE: before any heading */
    uint32_t end_section; /* one past the last one's */
    size_t blocks, bytes; /* that are reviewed */
};

struct model_plan {
    struct model_part *parts;
    size_t n;
    const bool *reviewed; /* [blocks] */
    size_t blocks, words; /* that are reviewed */
    struct str outline;   /* the sections, a line each */
    struct str facts;     /* what the document states, a line each (rules/ledger.h) */
};

struct model_plan_options {
    const struct rules_engine *engine;
    size_t part_bytes;    /* at most so much text is reviewed in a call, but for one block that is longer */
    size_t overlap_bytes; /* of what is shown again before */
    size_t outline_bytes, facts_bytes;
    bool whole_document; /* also what is not reviewed by default */
};
#define MODEL_PLAN_DEFAULTS                                                                                            \
    {                                                                                                                  \
        .part_bytes = 12000, .overlap_bytes = 1200, .outline_bytes = 6000, .facts_bytes = 6000                         \
    }

/* In a. A document without anything to review gives no parts. */
enum err model_plan_make(const struct doc *doc, const struct model_plan_options *o, struct arena *a,
                         struct model_plan *ret, struct error *e) MUST_USE;

/* Cuts a part between two blocks near its middle; false: it has one block. For an answer that was cut. */
bool model_plan_split(const struct doc *doc, const struct model_plan *plan, const struct model_part *part,
                      struct model_part ret[2]);
