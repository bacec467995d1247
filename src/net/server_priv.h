/* What the files of the server share. Only server.c and server_answer.c see libmicrohttpd. Private to net.
 *
 * The way of a request: on_uri (server.c) makes an exchange; the head is judged (head.c); the body is received (exchange.c); the handler
 * runs, here or on the pool (exchange.c); its answer is made (answer.c) and queued by the io thread (server.c); on_completed ends it.
 * A refusal while a body is still to come is written by hand and the connection is closed behind it: libmicrohttpd takes answers only before
 * and after a body. The watch thread (watch.c) then reads what the client still sends, for a while, or the kernel would answer it with a reset
 * that can overtake our words.
 * Threads: an exchange belongs to its io thread, but to the worker while its state is NET__WORKING. */
#pragma once

#include <netinet/in.h>
#include <stdatomic.h>

#include "base/lock.h"
#include "base/time.h"
#include "net/form_priv.h"
#include "net/response_priv.h"
#include "net/server.h"
#include "net/spool_priv.h"

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;

/* Where a connection is; what the watch thread measures. */
enum net__phase {
    NET__HANDSHAKE, /* of TLS */
    NET__IDLE,      /* no request line yet */
    NET__HEAD,      /* the request line is there, the head is not whole */
    NET__BODY,      /* a body is being received */
    NET__ANSWER     /* the handler's or the client's time: not watched here (the client's: libmicrohttpd's timeout) */
};

/* Why a connection is one too many. */
enum net__excess { NET__WELCOME, NET__FULL, NET__CLIENT_FULL };

/* Connections of one address. */
struct net__client {
    struct net__client *next; /* in its bucket */
    struct in6_addr address;  /* IPv4 as mapped, IPv6 cut to /64 */
    size_t n;
};

struct net__connection {
    struct net__connection *next, *prev; /* guarded by the server's lock */
    struct net__client *client;          /* same */
    int fd;                              /* borrowed from libmicrohttpd; closed only after this struct was unlinked */
    atomic_int phase;                    /* enum net__phase; written by the io thread, read by the watch thread */
    atomic_int_fast64_t since_ms;        /* monotonic; of the phase, or of the last 16 KiB of a body */
    atomic_int_fast64_t began_ms;        /* monotonic; of the request whose whole time is measured; 0: none is */
    enum net__excess refused;            /* one too many: its first request is told so */
    bool linger;                         /* io thread: the client may still be sending what nobody wants */
    /* TLS (tls.c), on the io thread but for asleep: */
    struct net_server *server;
    struct MHD_Connection *mhd;  /* borrowed */
    void *session;               /* GnuTLS's; borrowed; NULL: plain */
    bool heard, shaken;          /* the first byte has come; the handshake is done */
    bool watched;                /* the socket is in hands_fd */
    bool asleep;                 /* the handshake waits for its client; guarded by the server's lock */
    char text[INET6_ADDRSTRLEN]; /* the address */
};

enum net__state {
    NET__NEW,       /* made; the head is not judged */
    NET__RECEIVING, /* the head is judged; the body, if any, is coming */
    NET__WORKING,   /* suspended, with the pool */
    NET__ANSWERED   /* ready to be queued, or queued */
};

struct net__exchange {
    struct net_server *server;
    struct net__connection *connection;
    struct MHD_Connection *mhd;
    struct net_request rq;
    struct net_response rs;
    enum net__state state;
    struct str target;  /* as sent */
    size_t head_bytes;  /* of the request's head, and what libmicrohttpd keeps with it */
    int refusal;        /* the status of an error found before the handler; 0: none */
    struct error error; /* of the refusal */
    unsigned allowed;   /* methods of the path, for Allow */
    size_t range_size;  /* for the Content-Range of a refused range */
    bool head_method;   /* HEAD: the body is not sent */
    bool always;        /* the route has NET_ALWAYS */
    bool has_body;      /* the client said that one is coming */
    bool upload;        /* counted in the server's uploads */
    size_t received;    /* bytes of the body */
    size_t mark;        /* received at connection->since_ms */
    struct net_spool spool;
    struct net_form *form;       /* of NET_MULTIPART routes */
    struct MHD_Response *answer; /* NULL: could not be made, or none yet */
    int status;                  /* of the answer */
    size_t body_bytes;           /* of the answer */
    bool sent;                   /* it was written by hand */
    struct net_sse *stream;      /* of the answer; borrowed: the answer has its own reference */
};

#define NET__LINGER_MAX     64
#define NET__CLIENT_BUCKETS 1024

struct net__linger {
    int fd;           /* ours */
    int64_t until_ms; /* monotonic */
    size_t bytes;     /* that may still be read */
};

struct net_server {
    struct net_options o; /* with defaults filled in */
    struct arena *arena;  /* of the router */
    struct net_router *router;
    struct MHD_Daemon *daemon;
    int listen_fd; /* ours; -1: none yet */
    bool quiet;    /* it was taken from the daemon */
    unsigned port;
    atomic_size_t uploads;
    atomic_bool draining;        /* no connection is kept open */
    _Atomic int64_t idle_end_ns; /* draining: until then an idle connection may ask once more */
    pthread_t watch;
    bool watching;    /* the thread was started */
    int wake_fd;      /* eventfd: the watch thread looks around */
    int hands_fd;     /* epoll: handshakes that wait; -1: no TLS */
    struct lock lock; /* guards what follows */
    struct lock_cond changed;
    struct net__connection *connections;
    size_t n_connections;
    struct net__client *clients[NET__CLIENT_BUCKETS];
    struct net_sse *streams;
    size_t working; /* exchanges with the pool */
    bool stopping;  /* no exchange goes to the pool any more */
    bool ending;    /* the watch thread ends */
    bool quitting;  /* no handshake waits any more */
    struct net__linger lingers[NET__LINGER_MAX];
    size_t n_lingers;
};

/* exchange.c */

/* An exchange for a request line; NULL without memory. target: copied. */
struct net__exchange *net__exchange_new(struct net_server *s, struct net__connection *c, struct MHD_Connection *mhd,
                                        struct str target);
/* A piece of the body. A refusal is kept in x. */
void net__exchange_body(struct net__exchange *x, struct str bytes);
/* The request is whole: its handler runs. true: here, the answer is there. false: on the pool; x is the worker's until the io thread gets it again. */
bool net__exchange_run(struct net__exchange *x);
/* Makes x->rs the answer of a refusal (x->refusal, x->error). */
void net__exchange_refuse(struct net__exchange *x);
void net__exchange_free(struct net__exchange *x);

/* Keep a refusal (x->error is set, or set here); return false, for `return net__refuse(…)`. */
bool net__refuse(struct net__exchange *x, int status);
bool net__refuse_as(struct net__exchange *x, int status, const char *reason, const char *message);
bool net__refuse_error(struct net__exchange *x); /* with the status that belongs to the error's code */
bool net__refuse_too_large(struct net__exchange *x, size_t max);
/* Whether a body of n bytes may go on: one beyond upload_bytes is one of few. */
bool net__upload_check(struct net__exchange *x, uint64_t n);

/* head.c */

/* Judges the head: method, version ("HTTP/1.1") and rq.headers are set. A refusal is kept in x. */
void net__exchange_head(struct net__exchange *x, struct str method, struct str version);

/* answer.c */

/* Turns x->rs into x->answer, which stays NULL without memory. */
void net__answer_make(struct net__exchange *x);
/* Gives the answer up that was made and not queued (the connection has gone in between). */
void net__answer_drop(struct net__exchange *x);
/* Writes x->rs to the socket by hand, as the last answer of this connection, and leaves the rest to the watch thread. */
void net__answer_by_hand(struct net__exchange *x);
/* Bytes of the header lines. */
size_t net__answer_head_bytes(const struct net_response *rs);
/* Head of an answer: what of a connection's memory is kept for it. */
#define NET__ANSWER_HEAD_MAX ((size_t)2560)
void net__suspend(struct MHD_Connection *mhd);
void net__resume(struct MHD_Connection *mhd);

/* watch.c */

enum err net__watch_start(struct net_server *s, struct error *e) MUST_USE;
void net__watch_stop(struct net_server *s);
/* A new connection; NULL without memory. */
struct net__connection *net__connection_new(struct net_server *s, int fd, const struct sockaddr *address);
/* The connection is about to be closed. Releases it. */
void net__connection_free(struct net_server *s, struct net__connection *c);
void net__connection_phase(struct net__connection *c, enum net__phase phase);
/* A request's whole time is measured from now on, or no more. */
void net__connection_request(struct net__connection *c, bool begins);
/* Draining: the time in which an idle connection may ask once more is over. */
static inline bool net__idle_may_end(const struct net_server *s)
{
    return time_monotonic_ns() >= atomic_load(&s->idle_end_ns);
}
/* When it is: lets connections that wait for a request read their end; what has been sent already is still read. Caller holds the lock. */
void net__connections_idle_end(struct net_server *s) REQUIRES_LOCK(s->lock);

/* sse_out.c */

/* The next bytes of a stream into to: how many; 0 when the connection was suspended; -1 at the end. Io thread. */
#define NET__SSE_END (-1)
ptrdiff_t net__sse_read(struct net_sse *s, struct MHD_Connection *mhd, char *to, size_t max);
/* The stream's answer has begun: from now on net__sse_detach ends it, not the end of the request. */
void net__sse_attach(struct net_sse *s);
/* The stream's connection is done with it. Gives back the answer's reference. Io thread. */
void net__sse_detach(struct net_sse *s);
/* A heartbeat where one is due. */
void net__sse_beat(struct net_sse *s, int64_t now_ms, int64_t every_ms);
/* Tells the client to come again and ends the stream. */
void net__sse_reconnect(struct net_sse *s);
uint64_t net__sse_sent(struct net_sse *s);              /* bytes */
struct net_sse *net__sse_next(const struct net_sse *s); /* in the server's list; caller holds the server's lock */
