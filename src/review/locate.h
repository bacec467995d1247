/* Finds a quote again in a document: no finding without ground. Exact first, then folded (NFKC, quotation marks, dashes, white space, footnote marks, soft hyphens), then a bounded edit distance whose threshold grows with the length.
 * Two equally good places are refused as ambiguous, never guessed. Thread: any. */
#pragma once

#include "doc/model.h"

enum locate_how { LOCATE_EXACT, LOCATE_FOLDED, LOCATE_NEAR, LOCATE_NOT_FOUND, LOCATE_AMBIGUOUS };

struct locate_result {
    enum locate_how how;
    struct doc_anchor anchor; /* EXACT, FOLDED, NEAR */
    double similarity;        /* 1 for EXACT and FOLDED; NEAR: 1 - distance / length */
    size_t places;            /* AMBIGUOUS: how many */
};

struct locate_query {
    struct str quote;
    uint32_t block; /* look here first: a match in this block wins over equal ones elsewhere; DOC_NONE: no preference */
    uint32_t first_block, end_block; /* only here; 0, 0: the whole document */
    struct str before, after;        /* words around the quote, to tell equal places apart; may be empty */
};

struct locate_index; /* folded text of a document, made once for many quotes */
enum err locate_index_new(const struct doc *doc, struct arena *a, struct locate_index **ret, struct error *e) MUST_USE;

/* Never an error for a quote that is not there: *ret says so. A quote may span neighbouring blocks (a LF or space in it meets a block border). */
enum err locate_quote(const struct locate_index *index, const struct locate_query *q, struct arena *scratch,
                      struct locate_result *ret, struct error *e) MUST_USE;
