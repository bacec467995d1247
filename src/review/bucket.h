/* Where packages of reviews are exported to: a bucket of S3, given by whoever wires the program (cmd/bucket.h), as this room knows no network.
 * Thread: any that may wait. */
#pragma once

#include "base/str.h"

struct review_bucket_object {
    struct str key, content_type;
    uint64_t size;
    /* Gives the next n bytes. */
    enum err (*read)(void *ctx, void *to, size_t n, struct error *e);
    /* Sending in parts has begun; id is what abort needs. */
    enum err (*begun)(void *ctx, struct str id, struct error *e);
    /* So many bytes are there; also asked before each try: an error ends it. */
    enum err (*sent)(void *ctx, uint64_t bytes, struct error *e);
    void *ctx;
};

struct review_bucket {
    struct str name; /* of the bucket */
    struct str base; /* the folder in it that folders of reviews lie in, without slashes at its ends; may be empty */
    /* ERR_OK: all of it is there. Errors: those of client/s3.h; passing ones are ERR_UPSTREAM and ERR_BUSY. */
    enum err (*put)(void *ctx, const struct review_bucket_object *o, struct error *e);
    enum err (*abort)(void *ctx, struct str key, struct str id, struct error *e);
    void *ctx; /* borrowed */
};
