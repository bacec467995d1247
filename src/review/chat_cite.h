/* What a model cites in its text: "[[12]]" is block 12, "[[12|the exact words]]" words of it. Each is looked for in the document; what is found becomes
 * "[[n]]", the number of a citation of the answer, and what is not becomes plain text that says so. Nothing else in the text that comes out looks like
 * "[[n]]". Push parser: any cut of the text gives the same. Thread: one at a time. */
#pragma once

#include "base/sb.h"
#include "base/vec.h"
#include "review/locate.h"

enum {
    CHAT_CITATIONS_MAX = 200, /* of an answer; more are plain text */
    CHAT_CITED_MAX = 2000,    /* bytes that are marked; of a longer block its beginning */
    CHAT_CITE_HELD_MAX = 1000 /* bytes of what may become a citation; what is longer is none */
};

struct chat_cited {             /* as on the wire */
    uint32_t block, start, end; /* UTF-16 code units */
    struct str quote;           /* the words there, borrowed from the document */
};

struct chat_cite {
    const struct doc *doc;
    const struct locate_index *index;
    struct arena *a;
    char held[CHAT_CITE_HELD_MAX]; /* the beginning of what may become a citation */
    size_t n_held;
    VEC(struct chat_cited) found; /* found.at[n - 1] is citation n */
};

/* doc, index, a: borrowed as long as it is used; citations live in a. */
void chat_cite_init(struct chat_cite *c, const struct doc *doc, const struct locate_index *index, struct arena *a);
/* Text of the model (valid UTF-8) to out. ERR_LIMIT no memory. */
enum err chat_cite_feed(struct chat_cite *c, struct str text, struct sb *out, struct error *e) MUST_USE;
/* Nothing more comes: what was held back is text. */
enum err chat_cite_end(struct chat_cite *c, struct sb *out, struct error *e) MUST_USE;
/* An attempt is void: what was held back is forgotten, and citations with a number above n. */
void chat_cite_back(struct chat_cite *c, size_t n);

/* Finds words as a citation of a block does. false: they are not there. ERR_LIMIT. quote may be empty: the block itself. */
enum err chat_cite_find(const struct doc *doc, const struct locate_index *index, uint32_t block, struct str quote,
                        struct arena *a, bool *ret_found, struct chat_cited *ret, struct error *e) MUST_USE;
