/* Routes as a table: method and pattern to handler. The table is compiled once into a tree of path segments; a look-up walks the path's
 * segments and does not depend on the number of routes.
 * Patterns: "/api/v1/documents/{id}" ({name} is one segment, not empty), "/assets/{name*}" (the rest, at least one byte, last only).
 * Fixed text is preferred to {name}, {name} to {name*}, segment by segment, with going back; the path is found first, whatever the method, so
 * that GET /a/{id} does not answer GET /a/b where POST /a/b is there. A trailing '/' is part of the path: "/a" and "/a/"
 * are two. HEAD and OPTIONS are not registered: net answers them from the others.
 * Thread: any once made. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct net_request;
struct net_response;

/* X(name, text) */
#define NET_METHODS(X)                                                                                                 \
    X(GET, "GET")                                                                                                      \
    X(POST, "POST")                                                                                                    \
    X(PUT, "PUT")                                                                                                      \
    X(PATCH, "PATCH")                                                                                                  \
    X(DELETE, "DELETE")

enum net_method {
#define X(name, text) NET_##name,
    NET_METHODS(X)
#undef X
        NET_METHOD_COUNT,
    NET_OPTIONS = NET_METHOD_COUNT,
    NET_OTHER
};

/* Answers rq through rs. ERR_OK: rs is the answer (net checks that it has a status). Else *e is filled, what rs held is dropped, and
 * net_options.on_error makes the answer. */
typedef enum err (*net_handler_fn)(struct net_request *rq, struct net_response *rs, struct error *e);

enum net_route_flags {
    NET_INLINE = 1,     /* the handler never blocks: it runs on the io thread, without the pool */
    NET_MULTIPART = 2,  /* the body must be multipart/form-data and comes as rq->parts */
    NET_CROSS_SITE = 4, /* an unsafe method without the same-origin check (a caller that shows a token of its own) */
    NET_ALWAYS =
        8 /* answered under any host name, as load balancers ask by address, and when there are too many connections */
};

struct net_route {
    enum net_method method; /* NET_GET … NET_DELETE */
    const char *pattern;
    net_handler_fn handler;
    unsigned flags;  /* enum net_route_flags */
    size_t max_body; /* bytes; 0: no body is accepted */
    const void *row; /* for the owner: its own row of this route (documentation, access), or NULL */
};

#define NET_PARAMS_MAX   8
#define NET_SEGMENTS_MAX 32 /* of a path; a longer one matches nothing */

struct net_router;

/* routes: borrowed as long as the router lives (in arena a). ERR_INVALID names the row: a pattern that is none, two rows of one method and
 * pattern, more than NET_PARAMS_MAX names, one name twice. */
enum err net_router_new(struct arena *a, const struct net_route *routes, size_t n, struct net_router **ret_router,
                        struct error *e) MUST_USE;

struct net_match {
    const struct net_route
        *route; /* NULL: no route of that method (then allowed says which there are) or no such path (allowed 0) */
    unsigned allowed;                  /* bit 1 << method for each method that the path has */
    struct str params[NET_PARAMS_MAX]; /* still percent-encoded, in the pattern's order; views of path */
    size_t n_params;
};

/* path: still percent-encoded, starting with '/'. Fixed segments are compared after decoding unreserved characters. Allocates nothing. */
struct net_match net_router_match(const struct net_router *r, enum net_method method, struct str path);

/* The name of the i-th parameter of a route's pattern; .p NULL past the last. */
struct str net_route_param_name(const struct net_route *route, size_t i);

/* "GET"; "OTHER" for what has no row. */
const char *net_method_name(enum net_method m);
enum net_method net_method_from(struct str name); /* "HEAD" gives NET_GET */
