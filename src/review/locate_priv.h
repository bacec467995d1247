/* What the files of locating share: layers of text that know where each of their bytes came from, and the bounded edit distance.
 * Thread: any; a layer is immutable once made. */
#pragma once

#include "doc/model.h"

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
