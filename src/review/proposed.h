/* Sections that a model has proposed for a document that shows too few of its own: kept beside the version as JSON, laid over the document for whoever
 * asks a model, shown to people and undone by them. The document itself, and the sections of its findings, stay what they are. Thread: any. */
#pragma once

#include "base/json.h"
#include "review/locate.h"
#include "review/redact.h"

struct review_context;
struct review_by;
struct store_version;

enum {
    PROPOSED_BELOW = 3,      /* a document with so many sections of its own, reviewed and under a heading, needs none */
    PROPOSED_BLOCKS_MIN = 6, /* paragraphs outside tables: a shorter one is read at a glance */
    PROPOSED_WORDS_MIN = 150,
    PROPOSED_LEAST = 2, /* one heading divides nothing */
    PROPOSED_MOST = 200,
    PROPOSED_TITLE_MAX = 200, /* bytes */
    PROPOSED_LEVEL_MAX = 3,
};

struct proposed_section {
    struct str title;     /* words of its first block */
    uint32_t first, last; /* blocks of the body; up to the next heading, proposed or the document's own */
    uint8_t level;        /* 1–PROPOSED_LEVEL_MAX */
};

struct proposed {
    struct str model;
    struct proposed_section *at; /* in document order */
    size_t n;
};

/* Does it show too few sections, and is it long enough for that to matter? */
bool proposed_needed(const struct doc *doc);

/* May a section begin there: a paragraph of the body outside tables that is reviewed, has text and is no heading of the document's own. */
bool proposed_may_begin(const struct doc *doc, uint32_t block);

struct proposed_ground { /* what an answer is held to; all borrowed */
    const struct doc *doc;
    const struct locate_index *index;
    const struct redact *redact;
};

/* The answer of a model, {"sections":[{"block","title","level"}]}. A section is left out when none may begin at its block, when it does not stand behind
 * the one before, or when its title is not in the block's words; ERR_UPSTREAM "bad_answer" when the answer is not of this form or fewer than
 * PROPOSED_LEAST remain. *ret lives in a; its model is the caller's to say. */
enum err proposed_read(const struct proposed_ground *g, struct str answer, struct arena *a, struct proposed *ret,
                       struct error *e) MUST_USE;

/* As it is kept in store_version.proposed_sections, and back; in a. ERR_INTERNAL when it was not made so. */
enum err proposed_text(const struct proposed *p, struct arena *a, struct str *ret, struct error *e) MUST_USE;
enum err proposed_of(struct str text, struct arena *a, struct proposed *ret, struct error *e) MUST_USE;

/* The document with these sections among its own: *ret shares all with doc but sections and the blocks' numbers of them; in a, valid as long as doc.
 * ERR_INTERNAL when they do not fit the document. */
enum err proposed_lay_over(const struct doc *doc, const struct proposed *p, struct arena *a, const struct doc **ret,
                           struct error *e) MUST_USE;

/* ProposedSections of docs/openapi.yaml. */
enum err proposed_json(const struct store_version *version, struct arena *a, struct json_out *o,
                       struct error *e) MUST_USE;

/* A person uses them or not; saying again what is so already changes nothing. ERR_NOT_FOUND; ERR_CONFLICT "no_proposal". *ret: the version as it is
 * now, in a. */
enum err proposed_use(const struct review_context *c, const struct review_by *by, struct str document, bool use,
                      struct arena *a, struct store_version *ret, struct error *e) MUST_USE;
