/* The input of a tool, as a model writes it: pieces of one JSON object, cut anywhere. Every item of an array that is a member of the top level is
 * handed out as soon as its last byte is there, so that a finding can be shown while the next is being written; the whole at the end.
 * Each item, and the whole, has passed the JSON parser when it is handed out. The first error is the last.
 * Thread: any; one stream is used by one thread at a time. */
#pragma once

#include "base/str.h"

/* json: the item. member: the array's name. Both are valid during the call. An error stops the reading and is returned by feed. */
typedef enum err (*ai_json_item_fn)(void *ctx, struct str member, size_t index, struct str json, struct error *e);

struct ai_json_stream;

/* max: bytes of the whole. on_item may be NULL; ctx is borrowed. Caller frees with ai_json_stream_free. ERR_LIMIT no memory. */
enum err ai_json_stream_new(size_t max, ai_json_item_fn on_item, void *ctx, struct ai_json_stream **ret,
                            struct error *e) MUST_USE;
void ai_json_stream_free(struct ai_json_stream *s); /* s may be NULL */

/* ERR_UPSTREAM "bad_answer": no JSON object (of UTF-8, 64 levels at most), or longer than max; ERR_LIMIT no memory; or on_item's error. */
enum err ai_json_stream_feed(struct ai_json_stream *s, struct str bytes, struct error *e) MUST_USE;

/* No more will come. *ret: the whole, until the stream is freed; "{}" when nothing came, as of tools that take nothing. Errors as above, "bad_answer" too
 * for an object that is not closed. */
enum err ai_json_stream_end(struct ai_json_stream *s, struct str *ret, struct error *e) MUST_USE;
