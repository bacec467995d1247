/* Reads application/vnd.amazon.eventstream, the binary frames in which Bedrock streams: bytes in, in whatever pieces they come; messages out.
 * Both checksums of a frame are verified before anything of it is believed. The first error is the last: what comes after it is refused with
 * the same error. Source: AWS "Event stream encoding" (Smithy specification, amazon-eventstream).
 * Thread: any; one reader is used by one thread at a time. */
#pragma once

#include "base/str.h"

#define CLIENT_EVENTSTREAM_HEADERS_MAX 64                         /* headers of a message */
#define CLIENT_EVENTSTREAM_PAYLOAD_MAX ((size_t)24 * 1024 * 1024) /* bytes; what the format allows */

enum client_eventstream_type { /* as on the wire */
                               CLIENT_EVENTSTREAM_TRUE,
                               CLIENT_EVENTSTREAM_FALSE,
                               CLIENT_EVENTSTREAM_I8,
                               CLIENT_EVENTSTREAM_I16,
                               CLIENT_EVENTSTREAM_I32,
                               CLIENT_EVENTSTREAM_I64,
                               CLIENT_EVENTSTREAM_BYTES,
                               CLIENT_EVENTSTREAM_TEXT, /* valid UTF-8 */
                               CLIENT_EVENTSTREAM_TIME,
                               CLIENT_EVENTSTREAM_UUID,
};

struct client_eventstream_header {
    struct str name; /* ":event-type" */
    enum client_eventstream_type type;
    struct str value; /* its bytes, numbers big-endian; empty for true and false */
};

struct client_eventstream_message {
    const struct client_eventstream_header *headers; /* names differ from each other */
    size_t n_headers;
    struct str payload;
};

/* m and all it shows are valid during the call. An error stops the reading and is returned by feed. */
typedef enum err (*client_eventstream_fn)(void *ctx, const struct client_eventstream_message *m, struct error *e);

struct client_eventstream;

/* max_payload: 1 to CLIENT_EVENTSTREAM_PAYLOAD_MAX bytes. ctx is borrowed. Caller frees with client_eventstream_free. ERR_LIMIT no memory. */
enum err client_eventstream_new(size_t max_payload, client_eventstream_fn on_message, void *ctx,
                                struct client_eventstream **ret, struct error *e) MUST_USE;
void client_eventstream_free(struct client_eventstream *r); /* r may be NULL */

/* Calls on_message for each message that is now complete. ERR_UPSTREAM with reason "bad_checksum", "bad_frame" (lengths, header types, names
 * that come twice, text that is not UTF-8) or "frame_too_large"; ERR_LIMIT no memory; or on_message's own error. */
enum err client_eventstream_feed(struct client_eventstream *r, struct str bytes, struct error *e) MUST_USE;

/* No more bytes will come. ERR_UPSTREAM "cut_stream" within a frame; an earlier error again. */
enum err client_eventstream_end(struct client_eventstream *r, struct error *e) MUST_USE;

/* The text of the header with that name, or .p NULL (also when it is no text). */
struct str client_eventstream_text(const struct client_eventstream_message *m, struct str name);
