/* A request as a handler sees it: parsed, checked, whole. Everything here lives as long as the request (until its answer was sent), in its arena
 * or in the connection's memory. Text from the client is valid UTF-8 without control characters once it is in the path, the route's parameters and
 * the query (where tab, CR and LF may be); header values are bytes as they came, without NUL, CR and LF.
 * Thread: the one that the handler runs on; net touches nothing of it in the meantime.
 * Source: RFC 9110, 9112 (HTTP), 3986 (URL), 6265 (cookies). */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "net/router.h"

struct net_pair {
    struct str name, value;
};

struct net_part;

#define NET_REQUEST_ID_MAX 64

struct net_request {
    enum net_method method; /* HEAD arrives here as NET_GET: the body is left away when it is sent */
    struct str method_name; /* as sent, "HEAD" included */
    struct str
        path; /* decoded, without the query and net_options.base_path; .p NULL in an error answer when it could not be read */
    struct str query_text; /* as sent, without '?'; .p NULL without one */
    struct str host;       /* as sent, with its port, or as a trusted proxy forwards it; .p NULL when there is none */
    struct str client; /* the client's address as text, without its port: the peer's, or what a trusted proxy says */
    bool old;          /* HTTP/1.0 */
    bool https;        /* the client came by https: to us, or as a trusted proxy says */
    struct str
        id; /* of this request, sent as X-Request-Id: what the client's X-Request-Id or the Root of its X-Amzn-Trace-Id says (at most
                        * NET_REQUEST_ID_MAX letters, digits, '-', '_', '.'), else 26 digits of base 32 */
    struct str body;         /* the whole body; a large one is a mapped temporary file. Empty for multipart */
    struct str content_type; /* of the body, without parameters, in lower case; .p NULL without one */
    struct net_part
        *parts; /* the parts of a multipart/form-data body, in order, see net/multipart.h (routes with NET_MULTIPART) */
    size_t n_parts;
    const struct net_route *route; /* the matched row; NULL in an error answer before that */
    struct arena *arena; /* of this request: answers may be built in it; at most net_options.request_max_bytes */
    void *ctx;           /* net_options.ctx */
    void *user;          /* for the owner: NULL at first (a session, say), released by arena_defer if it must be */
    int64_t began_ns;    /* time_monotonic_ns() of its first line */
    /* net's own: */
    struct net_pair *headers, *queries, *cookies;
    size_t n_headers, n_queries, n_cookies;
    struct str params[NET_PARAMS_MAX]; /* by the order of the pattern */
    struct net__exchange *exchange;
};

/* The first value of that name, .p NULL when there is none (a value may be empty: .n 0 with .p not NULL). */
struct str net_param(const struct net_request *rq,
                     const char *name); /* of the route's pattern, decoded; always there for a name of it */
struct str net_query(const struct net_request *rq, const char *name);  /* decoded */
struct str net_header(const struct net_request *rq, const char *name); /* any case */
struct str net_cookie(const struct net_request *rq, const char *name); /* exact name; without surrounding quotes */
/* The part of that name, or NULL. */
const struct net_part *net_part(const struct net_request *rq, const char *name);

/* The parsers behind it, for the server and the fuzzer. */

#define NET_QUERIES_MAX 64

/* target: as in the request line: "/path?query", or "http://host/path?query" (then rq->host is set, else left alone).
 * ERR_INVALID "bad_path": not starting with '/', a space, a bad percent escape, not UTF-8 when decoded, a control character, "." or ".." as a
 * segment, a fragment. Fills rq->path, rq->query_text, rq->queries from rq->arena, and *ret_raw_path (as sent, for net_router_match).
 * ERR_INVALID "bad_query": the same for names and values (there '+' is a space, and tab, CR and LF are allowed), more than NET_QUERIES_MAX. */
enum err net_request_target(struct net_request *rq, struct str target, struct str *ret_raw_path,
                            struct error *e) MUST_USE;

/* Decodes what a match found into rq->params. ERR_INVALID "bad_path". */
enum err net_request_params(struct net_request *rq, const struct net_match *match, struct error *e) MUST_USE;
