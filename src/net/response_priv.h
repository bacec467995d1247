/* What an answer holds between its handler and the socket. Private to net. */
#pragma once

#include "base/sb.h"
#include "base/vec.h"
#include "net/request.h"
#include "net/response.h"

struct net_response {
    struct arena *arena;          /* of the request */
    int status;                   /* 0: none was set */
    bool failed;                  /* something could not be kept: no memory, or a header that is none */
    VEC(struct net_pair) headers; /* names are constants, values are in the arena */
    struct str body;              /* of fd < 0 */
    int fd;                       /* the body is a file, ours to close; -1: it is not */
    size_t fd_from, fd_size;      /* the part of it that is sent */
    struct str etag;              /* with its quotes; .p NULL: none */
    struct net_sse *stream;       /* one reference */
    bool cache_control;           /* the handler has set it */
};

void net__response_init(struct net_response *rs, struct arena *a);
/* Drops what was set so far (closing and unreferencing what it holds); for another answer instead. */
void net__response_reset(struct net_response *rs);

/* Settles conditions and ranges of a GET: may turn the answer into 304 or 206. A range that cannot be given is ERR_INVALID "bad_range", with
 * *ret_size the size that the header Content-Range of the refusal names. */
enum err net__response_settle(struct net_response *rs, const struct net_request *rq, size_t *ret_size,
                              struct error *e) MUST_USE;

/* The header lines that every answer has. rs->headers get them. */
void net__response_finish(struct net_response *rs, const struct net_request *rq);
