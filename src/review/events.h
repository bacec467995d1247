/* Events of documents, live and from the log. An event is a row that is written in the transaction of what it tells of; events_new starts a thread
 * that reads committed rows in their order and publishes them on the bus, so nobody sees an event of what is not on disk, and none before an earlier
 * one. Progress alone is published without a row.
 * Topic: "document/" and the document's id. Payload: three lines: seq (0: no row, not for replay), kind, and the JSON of one line that docs/openapi.yaml
 * calls Event. Findings in it are as they are when it is read; what would not fit a message is "reload": true. Thread: any, but for free. */
#pragma once

#include "base/json.h"
#include "review/context.h"

struct store_event;
struct store_export;
struct store_review;
struct store_tx;

/* Starts the thread: everything committed from now on is published. context: borrowed. */
enum err events_new(const struct review_context *context, struct events **ret, struct error *e) MUST_USE;
void events_free(struct events *events); /* NULL is fine. Thread: one */
/* Something was committed. NULL is fine. */
void events_wake(struct events *events);

/* The topic of a document, in a; .p NULL on no memory. */
struct str events_topic(struct arena *a, struct str document_id);

struct events_message {
    int64_t seq; /* 0: none */
    struct str kind, json;
};
/* Takes a payload apart (borrowed). false: it is none. */
bool events_parse(struct str payload, struct events_message *ret);

/* Events of a document behind seq, oldest first, at most limit; as they would have come live. *ret: an array in a. *ret_more: there are more. */
enum err events_since(const struct review_context *c, struct str document_id, int64_t seq, size_t limit,
                      struct str viewer, struct arena *a, struct events_message **ret, size_t *ret_n, bool *ret_more,
                      struct error *e) MUST_USE;

/* One event for the list of activity: without findings and review. viewer: who looks ("mine"). */
void events_json(struct json_out *o, const struct store_event *event, struct str viewer);

/* --- for those who make them --- */

#define EVENTS_FINDINGS_MAX 100 /* findings that an event names; past that it only says how many */

struct events_new_row {                /* an event to be: seq is the store's */
    struct str document_id, review_id; /* review_id: empty for none */
    const char *kind;
    struct str by; /* visitor; empty: the server */
    int64_t at_unix_ms;
    struct str data; /* a JSON object; empty: {} */
};
/* In the transaction of what it tells of. */
enum err events_append(struct store_tx *tx, const struct events_new_row *row, struct error *e) MUST_USE;

/* Publishes an export as it is, as "export.progress": lost when nobody listens. */
void events_export_progress(const struct review_context *c, struct str document_id, const struct store_export *row);
/* Publishes a review as it is, as "review.progress": lost when nobody listens. */
void events_progress(const struct review_context *c, const struct store_review *review);
