/* What a model has looked at and what not: the record that every review with a model ends with. All of the document is accounted for, section by section; a
 * section is only as good as its worst part. Thread: any. */
#pragma once

#include "review/model_run.h"

struct model_coverage_of {
    const struct doc *doc;
    const struct framework *framework;
    const struct model_run_result *run;
    size_t kept, merged, over_budget, dismissed; /* findings */
};

/* "Coverage" of docs/openapi.yaml, in a. *ret_complete: everything was reviewed. */
enum err model_coverage_record(const struct model_coverage_of *of, struct arena *a, struct str *ret, bool *ret_complete,
                               struct error *e) MUST_USE;
/* The same for people, as what review_coverage leaves out: a line for each stretch of sections that was not reviewed for one reason. In a. */
enum err model_coverage_left_out(const struct model_coverage_of *of, struct arena *a,
                                 const struct review_left_out **ret, size_t *ret_n, struct error *e) MUST_USE;
/* The first thing that went wrong, where nothing was reviewed at all; NULL: something was, or there was nothing to do. */
const struct error *model_coverage_failure(const struct model_run_result *run);
