/* One run of "prism review", shared by its files: what is the same for all documents, and what becomes of each. Thread: main. */
#pragma once

#include "base/json.h"
#include "cmd/inputs.h"
#include "cmd/review.h"
#include "review/export.h"

struct cmd__document { /* one reviewed document; all of it lives in its arena */
    struct arena *arena;
    struct doc *doc; /* has an arena of its own */
    struct review_result *result;
    struct export_review shown;
    const char *written; /* where the copy with comments is, or NULL */
};

struct cmd__failure {
    const char *file;
    struct error error;
};

struct cmd__report { /* where the report goes, and what of it waits */
    enum cmd_format format;
    const char *path; /* NULL: standard output, as it comes */
    bool to_stderr;   /* standard output is taken by the document */
    bool folder;      /* path is a folder: one HTML file a document */
    bool many;        /* several documents: a line of totals at the end */
    bool color;
    struct cmd_names names; /* in the folder */
    struct sb text;         /* what is not written yet */
    struct json_out json;
    size_t n_csv;                    /* documents in the CSV so far */
    VEC(struct cmd__document) kept;  /* SARIF is one run for all documents: they are kept until its end */
    VEC(struct cmd__failure) failed; /* for the JSON report */
};

struct cmd__run {
    const struct cmd_review_values *values;
    struct arena *arena; /* of the run */
    struct rules_engine *engine;
    struct framework *framework;  /* named; NULL: chosen for each document */
    struct framework *guidelines; /* or NULL */
    struct cmd_inputs inputs;
    bool out_is_folder;
    struct cmd_names out_names;
    struct cmd__report report;
    size_t n_reviewed, n_failed, n_internal, n_with_findings, n_findings[3]; /* by risk */
};

/* review_file.c: reviews input i, writes it where it goes, hands it to the report. Errors concern this document alone. */
enum err cmd__review_file(struct cmd__run *run, size_t i, struct error *e) MUST_USE;
void cmd__document_free(struct cmd__document *d);
/* Reads a document (a file or standard input) into an arena. *ret is freed with doc_free(). */
enum err cmd__document_read(const struct cmd_input *input, struct arena *a, struct str *ret_bytes, struct doc **ret,
                            struct error *e) MUST_USE;

/* review_report.c. begin, one add a document (which takes *d over on success), end. */
enum err cmd__report_begin(struct cmd__run *run, struct error *e) MUST_USE;
enum err cmd__report_add(struct cmd__run *run, const struct cmd_input *input, struct cmd__document *d,
                         struct error *e) MUST_USE;
enum err cmd__report_fail(struct cmd__run *run, const char *file, const struct error *why, struct error *e) MUST_USE;
enum err cmd__report_end(struct cmd__run *run, struct error *e) MUST_USE;
void cmd__report_done(struct cmd__report *report);

/* Names the document that is being reviewed, on a terminal and for several; n = 0 wipes it away. */
void cmd__progress(const struct cmd__run *run, size_t n);
