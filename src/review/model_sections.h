/* Asks a model for the sections of a document that shows too few of its own (review/proposed.h), once in a review, before the document is laid out for
 * it. What comes of it is kept with the version and used by later reviews without asking; once a person has undone it, nobody asks again. */
#pragma once

#include "review/jobs_priv.h"
#include "review/proposed.h"

/* *ret: the document as models are to be shown it, doc itself or one laid over it in run->a. A proposal that fails or is refused changes nothing. The
 * caller has asked whether the document may be sent. Errors: ERR_CONFLICT "stopped", "lease_lost"; those of the store; ERR_LIMIT. */
enum err model_sections_prepare(const struct job__run *run, const struct store_review *review, const struct doc *doc,
                                const struct doc **ret, struct error *e) MUST_USE;
