/* What the files of the HTTP client share: http.c is what callers call, http_loop.c is the thread, http_easy.c is one request as libcurl has it,
 * http_limits.c its time limits. Only http_loop.c and http_easy.c see libcurl. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/lock.h"
#include "base/sb.h"
#include "client/http.h"

#define CLIENT__HOST_MAX 256
#define CLIENT__HEAD_MAX ((size_t)64 << 10) /* bytes of an answer's head */

enum client__phase { CLIENT__CONNECTING, CLIENT__WAITING, CLIENT__RECEIVING };

struct client_http_call {
    struct client_http *h; /* not to be followed once the client was freed */
    atomic_uint refs;      /* the caller's and the thread's */
    atomic_bool cancelled;
    atomic_bool paused;

    /* the request, immutable but for the body, which is the thread's */
    struct arena *arena; /* holds the texts */
    const char *method, *url;
    struct client_header *headers; /* NUL-terminated name and value */
    size_t n_headers;
    char host[CLIENT__HOST_MAX]; /* for messages */
    bool no_proxy;
    struct client_http_limits limits;
    struct client_http_handler handler;
    char *body; /* of its own; NULL: none, or given back */
    size_t n_body;
    bool has_body;

    /* guarded by h->lock */
    struct client_http_call *next_started, *next_poked;
    bool is_poked;

    /* the thread's own */
    struct client_http_call *next_taken;  /* of those that were poked */
    void *easy;                           /* CURL; NULL: not begun */
    void *list;                           /* struct curl_slist: the headers as libcurl wants them */
    char *curl_text;                      /* libcurl's own words of an error */
    struct client_http_call *prev, *next; /* in h->open */
    enum client__phase phase;
    int64_t began_ns, phase_ns; /* monotonic; phase_ns: of the last piece while RECEIVING */
    struct sb head;             /* lines of the answer's head, until on_head */
    bool head_done;
    bool held; /* libcurl holds a piece that was not taken */
    size_t sent, received;
    struct error failed; /* code ERR_OK: not by us */
};

struct client_http {
    struct client_http_options options;
    pthread_t thread;
    int wake; /* eventfd: there is something in the lists, or the end */

    struct lock lock; /* guards the four below */
    struct client_http_call *started, **last_started;
    struct client_http_call *poked; /* cancelled or resumed */
    size_t n_open;                  /* started and not ended */
    bool stopping;

    /* the thread's own */
    int epoll;
    void *multi;      /* CURLM */
    int64_t timer_ns; /* when libcurl wants to be called; INT64_MAX: not */
    int64_t look_ns;  /* when the limits are to be looked at; no later than the first of them */
    struct client_http_call *open;
};

/* http_loop.c. enum err: what libcurl says no to. */
enum err client__loop_init(struct client_http *h, struct error *e) MUST_USE; /* before the thread is started */
void client__loop_done(struct client_http *h);                               /* after it has ended */
void *client__loop_run(void *http);                                          /* the thread */

/* http_easy.c: makes c->easy and what it needs; false: no memory, and what was made is freed by the end of the call. */
bool client__easy_make(const struct client_http *h, struct client_http_call *c) MUST_USE;
/* Fills c->failed by a CURLcode, unless it is filled. */
void client__failed_by(struct client_http_call *c, unsigned curl_code);
/* Is it a URL that can be sent to? host: CLIENT__HOST_MAX bytes. ERR_INVALID "bad_url". */
enum err client__url_check(const char *url, char *host, struct error *e) MUST_USE;

/* http_limits.c. Deadlines are of time_monotonic_ns(), INT64_MAX: never. */
void client__phase_set(struct client_http_call *c, enum client__phase phase); /* begins now, or goes on */
int64_t client__phase_deadline(const struct client_http_call *c);
int64_t client__whole_deadline(const struct client_http_call *c);
void client__look_by(struct client_http *h, int64_t ns); /* the limits are looked at by then */
/* Has a limit passed? c->failed then says which. */
bool client__limit_check(struct client_http_call *c, int64_t now);
/* Fills c->failed: "<host> <what> within <ms>". */
void client__limit_passed(struct client_http_call *c, const char *reason, const char *what, int64_t ms);

/* http.c: gives the body's memory back, at once. */
void client__body_free(struct client_http_call *c);
/* Gives a reference back. */
void client__call_unref(struct client_http_call *c);
