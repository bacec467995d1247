/* A review made into files: the reviewed .docx, and reports as text, JSON, SARIF, HTML, CSV. Thread: any. */
#pragma once

#include "base/sb.h"
#include "doc/write.h"
#include "review/review.h"

struct export_review {    /* all that a report shows */
    struct str file_name; /* as the person named it, without folders */
    struct str sha256;    /* of the file, hex */
    const struct doc *doc;
    const struct framework *framework;
    struct str framework_why; /* how it was chosen */
    const struct review_result *result;
    struct str model;          /* the language model that reviewed too; empty: none did */
    struct str model_coverage; /* its record, "Coverage" of docs/openapi.yaml; empty: there is none */
    int64_t at_unix_ms;        /* when the review ran */
};

/* For a terminal: findings with place, quote, what and what to do; a summary line at the end. color: ANSI colours. */
void export_text(const struct export_review *r, bool color, struct sb *out);
/* One JSON object a document: docs/review.schema.json. Offsets are UTF-16 code units. */
void export_json(const struct export_review *r, struct json_out *out);
/* SARIF 2.1.0, one run for all documents. */
void export_sarif(const struct export_review *const *reviews, size_t n, struct sb *out);
/* One HTML file that needs no other: the document with its marks, the findings beside it, prints well, light and dark. No script. */
enum err export_html(const struct export_review *r, struct sb *out, struct error *e) MUST_USE;
/* RFC 4180 with a header; cells that a spreadsheet would run as a formula are defused with a leading apostrophe. */
void export_csv(const struct export_review *r, struct sb *out);

struct export_docx_options {
    struct str author, initials; /* "AI-Prism", "AP" */
    int64_t date_unix_ms;
    bool summary;       /* adds a summary at the end: by section, risk and framework point */
    bool track_changes; /* exact rewrites become tracked changes beside the comment */
    bool open_too;      /* also findings that nobody has decided yet (the command line) */
    bool rejected_too;  /* also rejected findings: as comments that are resolved and say so, and never as changes */
};

/* The reviewed .docx: a comment for each finding; proven (doc_write). *ret lives in the arena. */
enum err export_docx(const struct export_review *r, const struct export_docx_options *o, struct arena *a,
                     struct doc_write_result *ret, struct error *e) MUST_USE;

/* The name of an exported file: the person's file name without ".docx" (or without the suffix's own extension) and with the suffix, as in "日本.docx" and "-reviewed.docx". Only path separators and control
 * characters are taken out; at most 255 bytes; different names stay different. */
enum err export_file_name(struct str name, const char *suffix, struct arena *a, struct str *ret,
                          struct error *e) MUST_USE;

/* The first letters of the parts of a name: "AI-Prism" gives "AP". In a; empty on no memory. */
struct str export_initials(struct str name, struct arena *a);
