/* Findings as rows of the store and back. A row's anchor is one stretch of one block, in UTF-16 code units, as on the wire; a finding that goes over
 * several blocks is anchored at what of it stands in the first. Thread: any. */
#pragma once

#include "review/framework.h"
#include "review/review.h"
#include "store/queries.h"

struct finding_rows_of { /* what the rows belong to */
    struct str review_id, document_id;
    int64_t now_unix_ms;
};

/* Rows with new ids, in a, which borrow texts of the findings. */
enum err finding_rows_make(const struct finding_list *list, const struct doc *doc, const struct framework *framework,
                           const struct finding_rows_of *of, struct arena *a, struct store_finding **ret,
                           struct error *e) MUST_USE;

/* Findings for a report, in document order; texts are borrowed from the rows. */
enum err finding_rows_read(const struct store_finding_list *rows, const struct doc *doc,
                           const struct framework *framework, struct arena *a, struct finding_list *ret,
                           struct error *e) MUST_USE;

/* The points of a framework as a row keeps them, in a: [{"number","title"}…] and ",3,12,". ERR_INVALID "no_such_point". */
enum err finding_rows_points(const struct framework *framework, const int64_t *numbers, size_t n, struct arena *a,
                             struct str *ret_json, struct str *ret_numbers, struct error *e) MUST_USE;
/* Texts as a JSON array, in a. */
enum err finding_rows_texts(const struct str *texts, size_t n, struct arena *a, struct str *ret,
                            struct error *e) MUST_USE;
