/* What the files that change rows share. Thread: any. */
#pragma once

#include "review/context.h"
#include "store/queries.h"

struct doc;

/* A new id, in a. */
enum err review__id(struct arena *a, struct str *ret, struct error *e) MUST_USE;

/* Reads the file of a version; it lives in a, the document is freed with doc_free() before a is. */
enum err review__version_read(const struct review_context *c, const struct store_version *version, struct arena *a,
                              struct doc **ret, struct error *e) MUST_USE;

/* ERR_CONFLICT "file_removed" when the file of this version was removed, as nobody used it: the message says when. */
enum err review__has_file(const struct store_version *version, struct error *e) MUST_USE;

/* In the transaction that lets go of files: jobs that delete them even when the server dies now; and, after it, deleting them at once. */
enum err review__sweep_later(struct store_tx *tx, const struct store_keys *blobs, int64_t now_unix_ms, struct arena *a,
                             struct error *e) MUST_USE;
void review__sweep_now(const struct review_context *c, const struct store_keys *blobs);

/* Does a row name this file, or the one that it was made of? */
enum err review__file_used(const struct review_context *c, struct str key, bool *ret, struct error *e) MUST_USE;
/* Deletes a file that no row names; what cannot be deleted now stays. */
void review__discard(const struct review_context *c, struct str key);
/* Deletes a file, and what was made of it, unless a row names it. */
enum err review__sweep(const struct review_context *c, struct str key, struct error *e) MUST_USE;

/* --- reviews.c: a review to be --- */

struct review__start {
    struct str framework; /* id; empty: the one that fits */
    struct store_review row;
    struct store_job job;
};
/* The framework that was asked for: name may be empty (the default of the context). ERR_NOT_FOUND "no_such_framework". */
enum err review__framework_asked(const struct review_context *c, struct str name, struct str *ret,
                                 struct error *e) MUST_USE;
/* Fills row and job of *start, whose framework is set. */
enum err review__start_make(const struct review_context *c, const struct review_by *by, struct str document_id,
                            struct str version_id, int64_t now_unix_ms, struct arena *a, struct review__start *start,
                            struct error *e) MUST_USE;
/* In a transaction: review, job, event. */
enum err review__start_in(struct store_tx *tx, const struct review__start *start, struct error *e) MUST_USE;

/* --- exports.c --- */

/* An event of an export, with its id in the data. */
enum err review__export_tell(struct store_tx *tx, const struct store_export *row, struct str document_id,
                             const char *kind, struct str by, int64_t at_unix_ms, struct error *e) MUST_USE;
