/* Reads a .docx into the model. */
#pragma once

#include "doc/model.h"
#include "doc/package.h"

#define DOC_REVISION_ID_MAX                                                                                            \
    2147483647u /* most programs read a w:id as a signed 32-bit number; we give no greater one */

struct doc_read_options {
    struct doc_limits limits;
    /* Read tracked changes whose w:id is a number from this to DOC_REVISION_ID_MAX as rejected (insertions left out, deletions live), all others as usual. 0: none. For the proof of an output. */
    uint64_t reject_revisions_from;
};
#define DOC_READ_OPTIONS_DEFAULT                                                                                       \
    {                                                                                                                  \
        .limits = DOC_LIMITS_DEFAULT, .reject_revisions_from = 0                                                       \
    }

/* bytes: borrowed, must outlive the document. *ret: everything lives in its own arena; the caller frees it with doc_free(). Errors: those of doc_package_open, and ERR_INVALID "bad_xml" (names part and line), "dtd_forbidden",
 * "unsupported_encoding", ERR_LIMIT "too_deep", "too_large". A part that is broken but not needed for text (numbering, styles, comments, properties, notes) is a warning, not an error.
 * Thread: any. */
enum err doc_read(struct str bytes, const struct doc_read_options *o, struct doc **ret, struct error *e) MUST_USE;

/* doc may be NULL. */
void doc_free(struct doc *doc);
void doc__cleanup(struct doc **doc);
#define CLEANUP_DOC __attribute__((cleanup(doc__cleanup)))
