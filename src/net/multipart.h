/* multipart/form-data as it arrives: a push parser, and a collector that keeps fields in memory and files in temporary files.
 * Any split of the input gives the same events. Source: RFC 7578, 2046 (5.1), 8187 (filename*), and the HTML standard for what browsers send.
 * Thread: one at a time. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* What a part says of itself. Texts are UTF-8. */
struct net_part_head {
    struct str name;         /* never empty */
    struct str file_name;    /* without folders and control characters; .p NULL when it is a field, not a file */
    struct str content_type; /* as sent; .p NULL without one */
};

struct net_multipart_sink {
    enum err (*begin)(void *ctx, const struct net_part_head *head, struct error *e); /* head: until end() */
    enum err (*data)(void *ctx, struct str bytes, struct error *e); /* any number of times, never empty */
    enum err (*end)(void *ctx, struct error *e);
    void *ctx;
};

struct net_multipart_limits {
    size_t parts;      /* how many */
    size_t head_bytes; /* of one part's header fields, and of what stands before the first boundary */
};

struct net_multipart;

/* content_type: the request's Content-Type. ERR_INVALID "bad_multipart" unless it is multipart/form-data with a boundary of 1–70 bytes.
 * Lives in a; texts of heads are released with a too. An error of the sink ends the parse with that error. */
enum err net_multipart_new(struct arena *a, struct str content_type, struct net_multipart_limits limits,
                           struct net_multipart_sink sink, struct net_multipart **ret_parser, struct error *e) MUST_USE;
/* ERR_INVALID "bad_multipart" (message says what is wrong), ERR_LIMIT "too_many_parts", "part_head_too_large". After an error: failed for good. */
enum err net_multipart_feed(struct net_multipart *m, struct str bytes, struct error *e) MUST_USE;
/* ERR_INVALID "bad_multipart" when the closing boundary has not been seen. */
enum err net_multipart_finish(struct net_multipart *m, struct error *e) MUST_USE;

/* A part that was received whole. */
struct net_part {
    struct str name, file_name, content_type; /* as in struct net_part_head */
    struct str bytes;                         /* of a file: mapped, released with the request */
};
