/* For the tests of net: a server with routes for every case, on a free loopback port, and a client that speaks HTTP byte by byte. */
#pragma once

#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sb.h"
#include "net/server.h"
#include "net/sse_out.h"

/* What handlers share with the test; rq->ctx. */
struct house {
    struct pool *pool;
    struct net_server *server;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool open;              /* handlers of /wait may end */
    int waiting;            /* handlers of /wait that have begun */
    int running;            /* that have not ended */
    struct net_sse *stream; /* of the last /events; one reference */
    int streams;            /* opened so far */
    int closed;             /* closed so far, as on_close has told */
    int answered;           /* on_done calls */
    int gone;               /* of them with status 0 */
    struct net_done last;
    char last_route[64]; /* pattern of the last one */
};

/* Starts a server; options beyond the routes, pool and callbacks are taken from o. */
void house_start(struct house *h, const struct net_options *o, size_t workers, size_t queue);
void house_stop(struct house *h);
void house_open_door(struct house *h);
int house_now(struct house *h, const int *count); /* read under the lock */
/* Waits until *count is at least n; the test fails after ten seconds. */
void house_until(struct house *h, const int *count, int n);
size_t house_connections_until(struct house *h, size_t n); /* waits until there are n */

int peer_connect(const struct house *h);
/* false: the server took not all of it. */
bool peer_send(int fd, struct str bytes);
void peer_say(int fd, const char *text);

struct answer {
    int status;      /* 0: the server closed without one */
    char head[8192]; /* with the status line, NUL at the end */
    struct sb body;  /* decoded when it was chunked */
    bool closes;     /* Connection: close */
};
#define ANSWER_INIT                                                                                                    \
    {                                                                                                                  \
        .body = SB_INIT(64 << 20)                                                                                      \
    }

/* Reads one answer. has_body: false after HEAD. */
void peer_read(int fd, struct answer *a, bool has_body);
/* Whether the server has closed; waits for it. */
bool peer_closed(int fd);
/* The value of a header of the answer; .p NULL when it is not there. */
struct str answer_header(const struct answer *a, const char *name);
void answer_done(struct answer *a);

/* One request on a connection of its own: the status, and the answer's body compared (NULL: not). */
void peer_expect(const struct house *h, const char *request, int status, const char *body);
/* The reason of a refusal, and that the connection is closed behind it or not. */
enum { PEER_STAYS, PEER_CLOSES };
void peer_refused(const struct house *h, struct str request, int status, const char *reason, int what);

/* Reads from a chunked stream until `text` was seen (or the test fails); what was read is appended to b, decoded. */
void peer_read_until(int fd, struct sb *b, const char *text);
/* Reads a chunked stream to its last chunk. */
void peer_read_end(int fd, struct sb *b);
