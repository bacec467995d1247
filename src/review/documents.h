/* Documents: taking one in, handing it out, deleting it. Rights are not asked here (auth/access.h). Thread: any that the store serves. */
#pragma once

#include "review/context.h"

struct store_document;
struct store_review;

#define DOCUMENTS_NAME_MAX 1000 /* bytes of UTF-8 */

struct documents_upload {
    struct str name;      /* as the person named the file, any script; folders in front are taken off */
    struct str bytes;     /* borrowed */
    bool review;          /* queue a review too */
    struct str framework; /* for it: a built-in name; empty: the one that fits */
    bool never_send;      /* to a language model */
};

struct documents_added {
    struct store_document *document;
    struct store_review *review; /* NULL: none was asked for */
};

/* The file is read whole before anything is kept: one that cannot be read leaves nothing behind. Then file and content are put, and the rows of
 * document, version, review and job with their events are one transaction. Every upload is a document of its own, whatever its name.
 * Errors: those of doc_read (ERR_INVALID, ERR_LIMIT with their reasons); ERR_INVALID "bad_name" (too long, control characters, not UTF-8),
 * ERR_NOT_FOUND "no_such_framework"; the store's and the blobs'. *ret lives in a. */
enum err documents_add(const struct review_context *c, const struct review_by *by,
                       const struct documents_upload *upload, struct arena *a, struct documents_added *ret,
                       struct error *e) MUST_USE;

struct documents_change { /* NULL: as it was */
    const bool *never_send;
    const struct str *guidelines; /* that reviews are made against when they name none: an id; empty: none */
};

/* A running review by a model is not called back: what was sent is sent. ERR_NOT_FOUND (the document, or the guidelines). *ret lives in a. */
enum err documents_change(const struct review_context *c, const struct review_by *by, struct str id,
                          const struct documents_change *change, struct arena *a, struct store_document **ret,
                          struct error *e) MUST_USE;

/* Rows at once, with all that hangs on the document; then its files. What a crash leaves of files is swept at the next start.
 * ERR_NOT_FOUND. */
enum err documents_delete(const struct review_context *c, const struct review_by *by, struct str id,
                          struct error *e) MUST_USE;

/* The original file, open for reading; the caller closes *ret_fd. ERR_NOT_FOUND. */
enum err documents_file(const struct review_context *c, struct str id, int *ret_fd, size_t *ret_size,
                        struct error *e) MUST_USE;

enum documents_part { DOCUMENTS_CONTENT, DOCUMENTS_SECTIONS };

/* The document as JSON (review/model_json.h), in a. Kept since the upload; made anew from the file when it is missing or of an older form. With the
 * sections that were proposed for it (review/proposed.h).
 * ERR_NOT_FOUND. */
enum err documents_json(const struct review_context *c, struct str id, enum documents_part part, struct arena *a,
                        struct str *ret, struct error *e) MUST_USE;
