/* What the two files of the export's job share. Thread: the worker's that has it. */
#pragma once

#include "review/export.h"
#include "review/exports.h"
#include "review/jobs_priv.h"

struct export__work {
    const struct job__run *run;
    struct store_export row;
    struct exports_options options;
    struct store_review review;
    const struct framework *framework; /* and guidelines */
    struct store_document document;
    struct store_version version;
    struct str author;              /* of comments */
    struct store_finding_list rows; /* those that a single file shows, and the comments of a package's document */
    struct doc *doc;                /* NULL: its file is gone */
    struct doc *stand_in;           /* then, in the run's arena */
    struct review_result result;
    struct export_review shown; /* of rows */
    struct str key, bytes;
};

/* The key of the file of an attempt. */
struct str export__attempt_key(const struct export__work *w, uint32_t attempt);
/* Makes shown of rows; may be called again with others. */
enum err export__rebuild(struct export__work *w, const struct store_finding_list *rows, struct error *e) MUST_USE;
/* Makes the reviewed document of shown: bytes, and its name. */
enum err export__make_docx(struct export__work *w, struct str *ret_name, struct error *e) MUST_USE;
/* Ends the job and the export as done: blob, size and name are the row's. */
enum err export__end(struct export__work *w, struct error *e) MUST_USE;

/* A package (job_package.c): made, kept, and where it goes to a bucket, sent. */
enum err export__package(struct export__work *w, struct error *e) MUST_USE;
