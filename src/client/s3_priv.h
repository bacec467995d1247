/* What the files of the S3 client share. */
#pragma once

#include "client/s3.h"

enum { CLIENT__S3_ANSWER_MAX = 1 << 20 }; /* bytes of XML that S3 may answer with */

struct client__s3_said {      /* an answer of S3, in an arena; what is not there is empty */
    struct str code, message; /* of an <Error> */
    struct str region;        /* where an error says that the bucket is */
    struct str upload_id;     /* of an upload in parts that was begun */
    bool is_error;            /* the root is <Error>, whatever the status was */
};

/* Reads the XML of an answer. Only the elements below the root count. What is not XML, or too deep, is ERR_INVALID or ERR_LIMIT, and *ret is empty. */
enum err client__s3_read(struct str xml, struct arena *a, struct client__s3_said *ret, struct error *e) MUST_USE;

struct client__s3_refusal { /* what is known of a request that S3 refused */
    int status;
    const struct client__s3_said *said;
    struct str region_header;             /* x-amz-bucket-region: S3 knows better; may be empty */
    struct str bucket, region, keys_from; /* as we asked; keys_from: where the credentials came from */
};

/* The error that says it, with what to do. */
enum err client__s3_refused(const struct client__s3_refusal *r, struct error *e);
