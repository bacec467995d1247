/* What the files of locating share: layers of text that know where each of their bytes came from, and the bounded edit distance.
 * Thread: any; a layer is immutable once made. */
#pragma once

#include "review/locate.h"

enum locate_mode {
    LOCATE_RAW,      /* the text as it is */
    LOCATE_FOLD,     /* NFKD, quotation marks, dashes, white space made one; marks of notes and soft hyphens dropped */
    LOCATE_SQUEEZED, /* folded, and no white space, dashes, combining marks or case */
    LOCATE_MODES
};

#define LOCATE_GRAM 5 /* bytes of a q-gram */

struct locate_layer {
    struct str text;
    const uint32_t *from;   /* for each byte of text: the byte of the source whose code point it came from */
    const uint32_t *bucket; /* q-grams by hash: at[bucket[h]] … at[bucket[h + 1]] are the places where they stand */
    const uint32_t *at;
    unsigned bits; /* of a hash */
};

/* Folds the source. A layer without an index (for a quote) has no bucket and at. */
enum err locate__layer_make(struct str source, enum locate_mode mode, bool index, struct arena *a,
                            struct locate_layer *ret, struct error *e) MUST_USE;
/* The places of the q-gram at p (LOCATE_GRAM bytes, and whatever else hashes so). */
const uint32_t *locate__layer_gram(const struct locate_layer *layer, const char *p, size_t *ret_n);

/* Best alignment of needle with a stretch of text that starts within slack bytes of at: a stretch [*ret_start, *ret_end) of text at the
 * smallest edit distance, if that is <= max. Among equal ends and starts, prefer(ctx, at, end) breaks the tie (the larger wins), then the
 * length nearest to the needle's. */
struct locate_align {
    struct str text, needle;
    size_t at; /* may be past either end: it is cut */
    size_t slack, max;
    int (*prefer)(void *ctx, size_t at, bool end);
    void *ctx;
};
enum err locate__align(const struct locate_align *q, struct arena *scratch, bool *ret_found, size_t *ret_start,
                       size_t *ret_end, size_t *ret_distance, struct error *e) MUST_USE;

struct locate_index {
    const struct doc *doc;
    const uint32_t *block_start; /* where each block's text starts in the raw text, and its end at [blocks.n] */
    struct locate_layer layers[LOCATE_MODES];
};

struct locate__place { /* a stretch of the raw text */
    size_t start, end;
    size_t distance;
    bool whole; /* whole words at both ends */
};
struct locate__places {
    struct locate__place *at;
    size_t n, cap;
};

struct locate__search { /* one quote on its way through the layers */
    const struct locate_index *index;
    const struct locate_query *q;
    struct str quote; /* trimmed */
    struct arena *scratch;
    size_t scope_start, scope_end; /* bytes of the raw text */
    bool word_first, word_last;    /* the quote begins, ends with a character of a word */
    bool is_long;
};

/* The raw text that all layers come from. */
struct str locate__raw(const struct locate__search *s);
/* No word is cut at this byte of the text. */
bool locate__is_border(struct str text, size_t at);
/* The stretch of the raw text under bytes [start, end) of a layer; false when it would cut a character of the source. */
bool locate__raw_range(const struct locate_index *index, enum locate_mode mode, size_t start, size_t end,
                       size_t *ret_start, size_t *ret_end);
/* Adds a place, if it is in the scope and its quote may stand there. */
enum err locate__place_add(struct locate__search *s, struct locate__places *places, size_t start, size_t end,
                           size_t distance, struct error *e) MUST_USE;

/* locate_near.c: places within so many errors of the squeezed needle (>= LOCATE_GRAM bytes). *ret_cut: there were too many to look at all. */
enum err locate__find_near(struct locate__search *s, struct str needle, size_t errors, struct locate__places *places,
                           bool *ret_cut, struct error *e) MUST_USE;
