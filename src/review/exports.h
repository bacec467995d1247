/* Files made of a review for a person: queued here, made by a job (review/jobs.h), fetched when done. An export shows the findings and decisions
 * of the moment in which it is made. Thread: any that the store serves. */
#pragma once

#include <stdatomic.h>

#include "review/context.h"

struct store_export;

/* ZIP and S3 are packages (review/package.h): everything of the review, as one file to be fetched, or also as a folder in the bucket. */
enum exports_format { EXPORTS_DOCX, EXPORTS_JSON, EXPORTS_CSV, EXPORTS_HTML, EXPORTS_ZIP, EXPORTS_S3 };
enum { EXPORTS_FORMAT_N = EXPORTS_S3 + 1 };

/* How exports ended since the start, by format: for metrics. Whoever wires the domain gives one (review_context.export_counts) and reads it. */
struct exports_counts {
    atomic_uint_fast64_t done[EXPORTS_FORMAT_N], failed[EXPORTS_FORMAT_N];
};

enum exports_include { EXPORTS_ACCEPTED, EXPORTS_OPEN_AND_ACCEPTED, EXPORTS_ALL };

extern const char *const exports_format_names[];  /* "docx" "json" "csv" "html" "zip" "s3" NULL */
extern const char *const exports_include_names[]; /* "accepted" "open_and_accepted" "all" NULL */

struct exports_options {
    enum exports_format format;
    enum exports_include include;
    bool tracked_changes; /* DOCX: exact rewrites as tracked changes */
    bool summary;         /* DOCX: a summary behind the end */
};

/* Of a row's options (JSON as exports_start keeps it); defaults for what cannot be read. The format is a column of its own. */
struct exports_options exports_options_of(struct str json);

bool exports_is_package(struct str format);

/* ERR_CONFLICT "no_bucket": S3, and none is set. ERR_NOT_FOUND "not_found"; ERR_CONFLICT "review_not_done": it has not ended as done (a running one would give a file without its findings). */
enum err exports_start(const struct review_context *c, const struct review_by *by, struct str review_id,
                       const struct exports_options *o, struct arena *a, struct store_export **ret,
                       struct error *e) MUST_USE;

/* Begins one that failed again; of a package what is made and what is in the bucket already stays. ERR_NOT_FOUND; ERR_CONFLICT "export_not_failed",
 * "no_bucket". */
enum err exports_retry(const struct review_context *c, const struct review_by *by, struct str id, struct arena *a,
                       struct store_export **ret, struct error *e) MUST_USE;

/* Of a package that goes to the bucket the file is there as soon as it is made, whatever becomes of the sending. The file that was made, open for reading; the caller closes *ret_fd. ERR_NOT_FOUND; ERR_CONFLICT "export_not_done" until it is. */
enum err exports_file(const struct review_context *c, struct str id, int *ret_fd, size_t *ret_size,
                      struct error *e) MUST_USE;
/* "application/json" and so on. */
const char *exports_content_type(enum exports_format format);
