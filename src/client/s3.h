/* Objects of one bucket of S3: put (in parts where they are large), deleted; each request signed, tried again where that may help, and every
 * refusal worded with what to do about it.
 * The bucket is named by the host (https://bucket.s3.region.amazonaws.com/key); where its name has a dot, which no certificate of AWS fits, or where
 * another endpoint is given, by the path. Every body carries its SHA-256, signed, so S3 refuses what arrived otherwise than it left.
 *
 * Reasons of errors: of S3 "s3_access_denied", "s3_bad_keys" (ERR_FORBIDDEN), "s3_no_bucket" (ERR_NOT_FOUND), "s3_wrong_region", "s3_clock_off",
 * "s3_refused" (ERR_INVALID: its own words), and those that pass: "s3_slow_down" (ERR_BUSY), "s3_unavailable", "s3_upload_lost" (ERR_UPSTREAM); of the way there,
 * those of client/http.h; of keys, those of client/credentials.h.
 * Source: Amazon S3 API reference: PutObject, CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload, DeleteObject, "Error
 * responses". Thread: any that may wait; several may use one client. */
#pragma once

#include "client/credentials.h"

#define CLIENT_S3_PART_BYTES                                                                                           \
    ((size_t)8 << 20)          /* what is larger goes in parts of this size; one is in memory at a time */
#define CLIENT_S3_KEY_MAX 1024 /* bytes of a key */

struct client_s3;

struct client_s3_options {
    struct client_http *http;               /* borrowed */
    struct client_credentials *credentials; /* borrowed */
    struct str bucket, region;              /* copied */
    struct str url;  /* copied; "https://host[:port][/path]" of another endpoint; empty: AWS's own of the region */
    unsigned tries;  /* of one request, 1 to 10 */
    int64_t wait_ms; /* before the second try; doubled with each */
};
#define CLIENT_S3_DEFAULTS                                                                                             \
    {                                                                                                                  \
        .tries = 4, .wait_ms = 250                                                                                     \
    }

/* Asks nobody yet. Caller frees with client_s3_free. ERR_LIMIT no memory. */
enum err client_s3_new(const struct client_s3_options *options, struct client_s3 **ret, struct error *e) MUST_USE;
void client_s3_free(struct client_s3 *s); /* no call runs; s may be NULL */

struct client_s3_object { /* one that is to be put; nothing is kept of it */
    struct str
        key; /* UTF-8, at most CLIENT_S3_KEY_MAX bytes; neither begins with "/" nor has "." or ".." between two */
    struct str content_type; /* "text/csv; charset=utf-8" */
    uint64_t size;           /* bytes */
    /* Gives n bytes (at most CLIENT_S3_PART_BYTES), those behind the ones before: the object is read once, from its start to its end. */
    enum err (*read)(void *ctx, void *to, size_t n, struct error *e);
    /* An upload in parts has begun: id is what client_s3_abort needs should this process die before its end. May be NULL. */
    enum err (*begun)(void *ctx, struct str id, struct error *e);
    /* So many bytes of it are there; also asked before each try, with what was told last: an error ends the upload. May be NULL. */
    enum err (*sent)(void *ctx, uint64_t bytes, struct error *e);
    void *ctx;
};

/* The whole object is there when it returns ERR_OK; an object of that key was replaced. On an error none of it is (an upload in parts is aborted, as
 * well as can be). Errors of the callbacks are passed on; ERR_INVALID "s3_bad_key". */
enum err client_s3_put(struct client_s3 *s, const struct client_s3_object *o, struct error *e) MUST_USE;
/* Gives up an upload in parts that was begun by a process before; one that is not there any more is fine. */
enum err client_s3_abort(struct client_s3 *s, struct str key, struct str upload_id, struct error *e) MUST_USE;
/* An object that is not there is deleted. */
enum err client_s3_delete(struct client_s3 *s, struct str key, struct error *e) MUST_USE;
