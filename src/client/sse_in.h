/* Reads text/event-stream, in which Anthropic and OpenAI-compatible servers stream: bytes in, in whatever pieces they come; events out.
 * "id" and "retry" are read over: a request to a model is never taken up again by itself. The first error is the last.
 * Source: HTML standard, 9.2.6. Thread: any; one reader is used by one thread at a time. */
#pragma once

#include "base/str.h"

/* type: "message" where the server gave none. data: its lines with LF between them; valid UTF-8 (bytes that are not came as U+FFFD). Both are
 * valid during the call. An error stops the reading and is returned by feed. */
typedef enum err (*client_sse_fn)(void *ctx, struct str type, struct str data, struct error *e);

struct client_sse;

/* max_event: bytes of one event's data and of one line, at least 1. ctx is borrowed. Caller frees with client_sse_free. ERR_LIMIT no memory. */
enum err client_sse_new(size_t max_event, client_sse_fn on_event, void *ctx, struct client_sse **ret,
                        struct error *e) MUST_USE;
void client_sse_free(struct client_sse *r); /* r may be NULL */

/* Calls on_event for each event that is now complete. ERR_UPSTREAM "event_too_large"; ERR_LIMIT no memory; or on_event's own error.
 * There is no end to be told: an event that has no empty line behind it is none. */
enum err client_sse_feed(struct client_sse *r, struct str bytes, struct error *e) MUST_USE;
