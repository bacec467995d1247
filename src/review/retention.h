/* What nobody uses goes. A document is used when it is uploaded, opened, or anything is done to it or asked of it; after review_retention.days without that its
 * file goes, and with it what has its text in it but for findings: what was read from it, talks, what models have answered, files made of it. The record stays:
 * the document's row, reviews, findings, decisions, the log of activity; or goes too, as the operator chooses (review_retention.records).
 * Files that were made (exports) go by their own age, as they can be made again. A person's guidelines go when nothing in use was reviewed against them; the
 * team's never. Books of model calls go after BOOKS_DAYS, but never those that a budget still asks for (today's, and of documents that can be sent); events
 * of documents that are gone go after the same days as files. Dismissals go with their document's row; a person's and the team's stay.
 * Also removed, whatever the days: files that no row names, and what cut-off writes have left, once they are older than an hour.
 * A pass works in small transactions, each of which asks again whether it may; so it does no harm beside requests, jobs, or another server's pass. What dies
 * between a row's going and its file's is done by a job (review/jobs.h). Thread: any, but for free. */
#pragma once

#include <stdatomic.h>

#include "review/context.h"

struct store_document;

#define RETENTION_BOOKS_DAYS 31 /* at least: a month's costs can be read from the books */

/* Until when a document is kept if nobody uses it; 0: for ever, or its file is gone already. */
int64_t retention_kept_until(const struct review_retention *r, const struct store_document *d);

/* A document is used now; used_unix_ms: when it was before. Written down once an hour, not each time; that it cannot be is no error of the request. */
void retention_used(const struct review_context *c, struct str document_id, int64_t used_unix_ms);

struct retention_counts { /* what a pass removed */
    size_t documents, exports, guidelines, calls, events;
    size_t orphans; /* files that no row named */
};

/* One pass, on the caller's thread. *ret is what was done also when it fails. stop: ends it at its next step; may be NULL. */
enum err retention_pass(const struct review_context *c, const atomic_bool *stop, struct retention_counts *ret,
                        struct error *e) MUST_USE;

struct retention;

/* Starts a thread: a pass at once, then one every hour. context: borrowed. ERR_LIMIT. */
enum err retention_new(const struct review_context *context, struct retention **ret, struct error *e) MUST_USE;
void retention_free(struct retention *r); /* a pass ends at its next step; NULL is fine. Thread: one */

struct retention_state {
    int64_t passed_unix_ms; /* end of the last whole pass; 0: none yet */
    int64_t next_unix_ms;
    struct retention_counts removed; /* since the start of the server */
};
struct retention_state retention_state(struct retention *r);
