/* The HTTP server: connections, limits, threads. Knows nothing of what is served: routes are a table, errors are worded by a callback.
 * io threads (epoll) read requests and write answers and never block; a handler runs on the pool while its connection is suspended, unless its
 * route is NET_INLINE. Names of files and limits are in the options; a client that goes beyond one is told which.
 * What net refuses itself, with the reason given to on_error:
 *   400 bad_path bad_query bad_header bad_framing bad_multipart   403 wrong_host cross_site   404 no_such_page   405 method_not_allowed
 *   413 body_too_large   415 not_multipart   416 bad_range   429 too_many_from_you (with Retry-After)   431 head_too_large   500 no_answer
 *   503 too_many_uploads too_many_connections too_busy no_space out_of_memory stopping (with Retry-After)
 * A connection beyond the limits is told so at its first request, unless that is for a route with NET_ALWAYS, and closed behind it; it has
 * NET_REFUSED_MS to ask. Those are few (NET_REFUSED_MAX beyond max_connections); what comes beyond them waits in the socket.
 * A request that is so broken that libmicrohttpd refuses it (no request line, a head beyond all limits) gets that library's own page.
 * Safe against other sites' pages: an unsafe method with an Origin that is not the Host, or with a Sec-Fetch-Site other than same-origin and
 * none, is refused (cross_site); so is, with allowed_hosts, a Host that is not ours (wrong_host: DNS rebinding).
 * Source: RFC 9110, 9112; Fetch metadata (W3C). */
#pragma once

#include "base/cidr.h"
#include "base/pool.h"
#include "net/request.h"
#include "net/response.h"
#include "net/router.h"
#include "net/tls.h"

struct net_server;

#define NET_REFUSED_MAX 64
#define NET_REFUSED_MS  2000

/* What became of a request. */
struct net_done {
    int status;           /* 0: the client was gone before it had an answer */
    uint64_t bytes;       /* of the body, as far as it was sent */
    uint64_t duration_us; /* from the first line to the last byte */
};

struct net_options {
    /* where: a descriptor that listens already (taken over, also on failure), or -1 and an address */
    int listen_fd;
    const char *address; /* numeric, IPv4 or IPv6 */
    unsigned port;       /* 0: a free one, see net_server_port */

    /* what */
    const struct net_route *routes; /* borrowed */
    size_t n_routes;
    struct pool *pool; /* borrowed: outlives the server */
    void *ctx;         /* given to handlers as rq->ctx */
    /* Words an error: status was set on rs already and may be set anew. e->reason as above, or the handler's. Io thread or worker; must not
     * block. Required. */
    void (*on_error)(struct net_request *rq, struct net_response *rs, int status, const struct error *e);
    /* After each answer, on an io thread; must not block. rq is as the handler left it. NULL: nobody asks. */
    void (*on_done)(const struct net_request *rq, const struct net_done *done);

    /* who: hosts that may be in Host, without port, lower case ("localhost", "127.0.0.1", "[::1]"); n 0: any */
    const struct str *allowed_hosts;
    size_t n_allowed_hosts;

    /* proxies in front: X-Forwarded-For, -Proto, -Host and Forwarded count when the peer is in one of these. Their connections are those of many
     * people, so max_connections_per_client does not count for them */
    const struct cidr *trusted_proxies;
    size_t n_trusted_proxies;

    /* a path under which a proxy shows the server ("/prism"): taken off the front of requests that have it; .n 0: none */
    struct str base_path;

    /* the server speaks https with this; read while it is started. NULL: http */
    const struct net_tls *tls;

    /* limits: 0 is the default */
    size_t io_threads;      /* default: one a processor, at most 8 */
    size_t max_connections; /* default 10000, and what net_server_connections_possible() says if that is less */
    size_t max_connections_per_client; /* by address (IPv6: by /64); default 256 */
    size_t max_head_bytes;             /* memory of a connection, request and answer heads together; default 6144 */
    size_t max_uploads;                /* bodies beyond upload_bytes being received at once; default 32 */
    size_t upload_bytes;      /* a body larger than this goes to a file and counts as an upload; default 65536 */
    size_t request_max_bytes; /* of rq->arena; default 64 MiB */
    unsigned
        head_timeout_ms; /* from the first line of a request to the end of its head, and for a handshake; default 15000 */
    unsigned body_timeout_ms; /* for each 16 KiB of a body; default 15000 */
    unsigned
        whole_timeout_ms; /* from the first line of a request to the last byte of its answer, but of an event stream; default 600000 */
    unsigned heartbeat_ms;    /* of event streams; default NET_SSE_HEARTBEAT_MS */
    unsigned idle_timeout_ms; /* between requests, and for an answer of which the client takes nothing; default 75000 */
    const char *temp_folder;  /* for bodies; default "/tmp". Files have no name in it */
};

/* Starts threads and answers from now on. options: copied (what it points to is borrowed). *ret_server: freed with net_server_free.
 * ERR_INVALID: an address that is none, a bad table, the port is in use ("address_in_use"); ERR_LIMIT: memory, descriptors, threads. */
enum err net_server_new(const struct net_options *options, struct net_server **ret_server, struct error *e) MUST_USE;

unsigned net_server_port(const struct net_server *s);

/* Stops listening, lets requests that have begun be answered (with Connection: close), ends streams (`event: reconnect`) and, after idle_ms, idle
 * connections: until then one may ask once more, as a client may be about to send when we close (RFC 9112 9.5), and no request of it is lost.
 * true when all were gone within deadline_ms. Once. Not on an io thread or worker. */
bool net_server_drain(struct net_server *s, unsigned deadline_ms, unsigned idle_ms);

/* Ends at once what is still open, waits for handlers that run, and releases all. Before the pool is freed. s may be NULL. */
void net_server_free(struct net_server *s);

/* How many connections the descriptors of this process allow, some kept back for files; raises the soft limit (RLIMIT_NOFILE) to the hard one. */
size_t net_server_connections_possible(void);

/* Connections that are open. */
size_t net_server_connections(struct net_server *s);
