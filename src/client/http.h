/* Outgoing HTTP: one thread of its own drives every request; answers come in pieces, as they arrive, through callbacks.
 * Connections are kept and used again; HTTP/2 where the server offers it over TLS; proxies as the environment says (http_proxy, https_proxy,
 * no_proxy). Redirects are not followed, cookies not kept. Nothing of a request or an answer is ever logged, and no error shows more of a
 * URL than its host. Source: RFC 9110, 9112, 9113; libcurl.
 * Thread: any, unless said otherwise; callbacks come on the client's own thread, no lock held, and must not wait: what waits in one, waits
 * for all. */
#pragma once

#include "base/str.h"
#include "client/header.h"

struct client_http;
struct client_http_call; /* a request on its way */

struct client_http_options {
    const char *user_agent; /* borrowed; "prism/1.0" */
    const char *ca_file; /* borrowed; PEM, instead of the system's authorities; NULL: those of client/authorities.h */
    bool any_peer;       /* no certificate is looked at: for questions without secrets to this machine itself */
    size_t max_open;     /* requests at once, 1 to 10,000; one more is refused */
    size_t max_kept;     /* connections that are kept for the next request, at least 1 */
};
#define CLIENT_HTTP_DEFAULTS                                                                                           \
    {                                                                                                                  \
        .user_agent = "prism", .max_open = 2000, .max_kept = 64                                                        \
    }

/* Starts the thread. *ret: freed with client_http_free. ERR_LIMIT no memory or no thread; ERR_INTERNAL libcurl cannot be used. */
enum err client_http_new(const struct client_http_options *options, struct client_http **ret, struct error *e) MUST_USE;

/* Cancels what is open (each on_end is called), ends the thread, closes all. Nobody starts, cancels or resumes any more; calls that are not
 * freed yet may be freed later. h may be NULL. Thread: not the client's own. */
void client_http_free(struct client_http *h);

/* All in milliseconds, or bytes; 0: without a limit. A limit that is passed ends the request with the reason given here. */
struct client_http_limits {
    int64_t connect_ms; /* "connect_timeout": until there is a connection: name, TCP, TLS, proxy */
    int64_t
        first_byte_ms; /* "first_byte_timeout": from there to the first byte of the answer; the sending of the body is in it */
    int64_t stall_ms; /* "stall_timeout": between two pieces of an answer; stands still while the call is paused */
    int64_t whole_ms; /* "whole_timeout": from start to end */
    size_t max_body;  /* "too_large": of the answer */
};
#define CLIENT_HTTP_LIMITS                                                                                             \
    {                                                                                                                  \
        .connect_ms = 10000, .first_byte_ms = 60000, .stall_ms = 60000, .whole_ms = 600000, .max_body = 64 << 20       \
    }

struct client_http_request { /* all of it is copied */
    struct str method;       /* "GET", "POST", … */
    struct str url;          /* http or https; sent as it is: nothing is encoded or resolved */
    const struct client_header *headers;
    size_t n_headers;
    struct str
        body; /* sent with POST, PUT, PATCH, DELETE when .p is not NULL; its memory is given back once the answer begins */
    bool no_proxy; /* past any proxy: for services of this machine */
    struct client_http_limits limits;
};

struct client_http_head {
    int status;                          /* 200 … 599 */
    const struct client_header *headers; /* valid during the call */
    size_t n_headers;
};

/* on_head at most once, then on_data as often as something comes, then on_end: exactly once, the last call of all. Each may start, cancel,
 * pause, resume and free calls. on_head and on_data may be NULL. */
struct client_http_handler {
    void (*on_head)(void *ctx, const struct client_http_head *head);
    void (*on_data)(void *ctx, struct str bytes); /* valid during the call */
    /* e: NULL when the whole answer has come, whatever its status; else ERR_UPSTREAM with a reason of struct client_http_limits or
     *   "no_route"        the name is unknown, nothing listens there, the network says no
     *   "tls_failed"      no agreement on TLS, or the certificate is not trusted
     *   "connection_lost" it broke off before the end
     *   "bad_answer"      what came is not HTTP
     * or ERR_CONFLICT "cancelled"; ERR_LIMIT no memory. */
    void (*on_end)(void *ctx, const struct error *e);
    void *ctx; /* borrowed until on_end has returned */
};

/* Hands the request to the thread. Callbacks may come before this has returned; *ret is set before the first. Caller frees *ret with
 * client_http_call_free, whenever he likes. ERR_INVALID "bad_url", "bad_header"; ERR_BUSY "too_busy" max_open are open; ERR_LIMIT no memory.
 * On an error no callback comes. */
enum err client_http_start(struct client_http *h, const struct client_http_request *rq,
                           const struct client_http_handler *handler, struct client_http_call **ret,
                           struct error *e) MUST_USE;

/* Ends it at once, also while it waits for a name or a connection: on_end still comes, with "cancelled", unless it came already. Once this has
 * returned at most the on_head or on_data that is running right now is still to be expected before it. May be called again. */
void client_http_cancel(struct client_http_call *c);

/* No more on_data until client_http_resume (but for a piece on its way at this moment): the server is made to wait, and at most one piece is
 * held here (of HTTP/2 also what its window lets through). on_end for a limit or a broken connection may come meanwhile. */
void client_http_pause(struct client_http_call *c);
void client_http_resume(struct client_http_call *c);

/* From now on stall_ms is the limit between two pieces; counted from the last. What answers well may be given other patience in the middle of it
 * than before. Thread: the client's own, from on_head or on_data of this call. */
void client_http_stall_limit(struct client_http_call *c, int64_t stall_ms);

/* Gives the handle back; does not cancel. c may be NULL. */
void client_http_call_free(struct client_http_call *c);

struct client_http_answer {
    int status;
    const struct client_header *headers;
    size_t n_headers;
    struct str body;
};

/* Sends and waits for the whole answer, which lives in the arena. rq->limits must have a max_body. Errors: of client_http_start and of on_end.
 * Thread: one that may wait; not the client's own. */
enum err client_http_get_all(struct client_http *h, const struct client_http_request *rq, struct arena *a,
                             struct client_http_answer *ret, struct error *e) MUST_USE;
/* The same, and asks go_on several times a second while it waits: what it returns, other than ERR_OK, cancels the request and is the error.
 * go_on: NULL for never. */
enum err client_http_get_while(struct client_http *h, const struct client_http_request *rq,
                               enum err (*go_on)(void *ctx, struct error *e), void *ctx, struct arena *a,
                               struct client_http_answer *ret, struct error *e) MUST_USE;
