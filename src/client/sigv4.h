/* AWS Signature Version 4 for a request: as headers, or as a query (a link that works for a while).
 * Nothing is sent here and no clock is read; the caller says when. Source: AWS "Signing AWS API requests" and its published vectors, which the
 * tests hold this to. Thread: any. */
#pragma once

#include "base/sb.h"
#include "client/header.h"

enum client_sigv4_body {
    CLIENT_SIGV4_BODY_HASHED, /* the SHA-256 of the body is signed */
    CLIENT_SIGV4_BODY_SAID,   /* and sent as x-amz-content-sha256: S3 demands it */
    CLIENT_SIGV4_BODY_FREE,   /* "UNSIGNED-PAYLOAD": S3 over TLS, where TLS guards the body; links */
};

struct client_sigv4_options {
    struct str access_key, secret_key;
    struct str session_token; /* empty for keys that last */
    struct str region;        /* "eu-west-1" */
    struct str service;       /* the signing name: "bedrock" (not "bedrock-runtime"), "s3", "sts" */
    int64_t at_unix_ms;       /* the time of signing; AWS takes 5 minutes either way */
    /* All services but S3 want the path encoded once more than it is on the wire, and "." ".." "//" resolved in what is signed. false: S3,
     * whose path is signed as it is sent. */
    bool encode_path;
    bool normalize_path;
    enum client_sigv4_body body;
};
/* What Bedrock, STS and every service but S3 want; keys, region, service and time are still to be filled in. */
#define CLIENT_SIGV4_DEFAULTS                                                                                          \
    {                                                                                                                  \
        .encode_path = true, .normalize_path = true, .body = CLIENT_SIGV4_BODY_HASHED                                  \
    }

struct client_sigv4_request {
    struct str method; /* "POST" */
    struct str url;    /* as it is sent: scheme://host[:port]/path[?query], percent-encoded where it must be */
    const struct client_header *headers; /* to be signed, all of them: give those that arrive as they left. Not Host. */
    size_t n_headers;
    struct str body;
};

#define CLIENT_SIGV4_HEADERS_MAX 4

struct client_sigv4_signed {
    struct client_header headers[CLIENT_SIGV4_HEADERS_MAX]; /* to be sent besides: x-amz-…, authorization */
    size_t n_headers;
    struct str url;       /* of client_sigv4_presign: the link */
    struct str signature; /* 64 hexadecimal digits */
    struct str
        canonical; /* what was signed: to be held against what AWS says of a refused request. Has the session token: not for the log */
    struct str to_sign;
};

/* Signs for the Authorization header. All of *ret lives in the arena, or is borrowed from rq and o. A service that wants the session token
 * unsigned is signed for without one, and the caller adds the header.
 * ERR_INVALID "bad_url" no scheme://host; ERR_LIMIT no memory, a head of more than 256 kB. */
enum err client_sigv4_sign(struct arena *a, const struct client_sigv4_request *rq, const struct client_sigv4_options *o,
                           struct client_sigv4_signed *ret, struct error *e) MUST_USE;

/* Signs in the query: ret->url works for expires_s seconds (1 to 604,800) for whoever has it, so it is a secret for that long.
 * rq->headers must then be sent with it. Errors as above; ERR_INVALID "bad_expiry". */
enum err client_sigv4_presign(struct arena *a, const struct client_sigv4_request *rq,
                              const struct client_sigv4_options *o, unsigned expires_s, struct client_sigv4_signed *ret,
                              struct error *e) MUST_USE;

/* Percent-encodes for one segment of a path or one part of a query, as AWS wants it: all but A-Z a-z 0-9 - . _ ~. */
void client_sigv4_encode(struct sb *b, struct str s);
