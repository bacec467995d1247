/* Reviews of a document: started, cancelled. They run as jobs (review/jobs.h). Thread: any that the store serves. */
#pragma once

#include "review/context.h"

struct store_review;

struct reviews_ask {
    struct str framework;  /* a built-in name; empty: the one that fits */
    struct str guidelines; /* id of those that it is reviewed against too; .p NULL: the document's; empty: none */
    bool guidelines_only;  /* against them alone */
    bool no_model;         /* by the rules alone */
};

/* Queues a review of the document's current version. ERR_NOT_FOUND "not_found" (the document, or the guidelines), "no_such_framework".
 * *ret lives in a. */
enum err reviews_start(const struct review_context *c, const struct review_by *by, struct str document_id,
                       const struct reviews_ask *ask, struct arena *a, struct store_review **ret,
                       struct error *e) MUST_USE;

/* A queued or running review ends as cancelled, at once: what it finds after this is not kept. One that has ended stays as it is (no error,
 * no event). ERR_NOT_FOUND. */
enum err reviews_cancel(const struct review_context *c, const struct review_by *by, struct str id, struct arena *a,
                        struct store_review **ret, struct error *e) MUST_USE;
