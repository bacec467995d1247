/* The words that differ between two texts: what a tracked change deletes and inserts. Thread: any. */
#pragma once

#include "base/str.h"
#include "base/vec.h"

struct diff_hunk {
    size_t old_start, old_end; /* bytes deleted; may be empty */
    size_t new_start, new_end; /* bytes put in their place; may be empty */
};

struct diff {
    struct diff_hunk *at;
    size_t n;
};

/* In order, without overlap. Words are never cut; equal words between two differences are kept, but not white space or punctuation alone. ERR_LIMIT on no memory. */
enum err write_diff_words(struct arena *a, struct str old_text, struct str new_text, struct diff *ret,
                          struct error *e) MUST_USE;
