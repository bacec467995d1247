/* What callers of the HTTP client call: requests are copied and put into a list, and the thread (http_loop.c) is woken.
 * Nothing here touches libcurl or waits for the network. A call is shared by its caller and the thread, and goes with the later of the two;
 * the caller says what he wants (cancelled, paused) in atomics and pokes, the thread acts on it between two calls of libcurl, so that it
 * never happens within one.
 * Rejected: a handle that the caller must not use after on_end (every cancel would race with it).
 * Limits: max_open calls; URL_MAX, HEADERS_MAX bytes of a request's head. */
#include "client/http.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/time.h"
#include "client/authorities.h"
#include "client/http_priv.h"

#define URL_MAX      ((size_t)32 << 10)
#define REQUEST_MAX  ((size_t)256 << 10) /* the arena of a request, without its body */
#define BODY_MAPPED  ((size_t)64 << 10)  /* bytes */
#define MAX_OPEN_MAX 10000
#define ASK_NS       ((int64_t)200 * 1000000) /* between two questions whether an answer is still wanted */

static void wake(struct client_http *h)
{
    uint64_t one = 1;
    ssize_t n = write(h->wake, &one, sizeof one); /* full means: it is awake */
    (void)n;
}

/* --- the client --- */

static int thread_start(struct client_http *h)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all); /* also SIGPIPE, which TLS may raise */
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int failed = pthread_create(&h->thread, NULL, client__loop_run, h);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void client_free(struct client_http *h)
{
    client__loop_done(h);
    if (h->wake >= 0) (void)close(h->wake);
    lock_done(&h->lock);
    free(h);
}

enum err client_http_new(const struct client_http_options *options, struct client_http **ret, struct error *e)
{
    assert(options->max_open >= 1 && options->max_open <= MAX_OPEN_MAX && options->max_kept >= 1);
    struct client_http *h = calloc(1, sizeof *h);
    if (!h) return error_no_memory(e);
    h->options = *options;
    if (!h->options.ca_file) h->options.ca_file = client_authorities();
    h->last_started = &h->started;
    h->epoll = -1;
    lock_init(&h->lock, LOCK_RANK_CLIENT);
    h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum err err = h->wake < 0 ? error_set(e, ERR_LIMIT, "too many files are open") : client__loop_init(h, e);
    int failed = err == ERR_OK ? thread_start(h) : 0;
    if (failed) {
        (void)error_set_reason(e, ERR_LIMIT, "no_thread", "could not start the thread for outgoing requests");
        err = error_detail(e, "pthread_create: %s", strerrordesc_np(failed));
    }
    if (err != ERR_OK) {
        client_free(h);
        return err;
    }
    *ret = h;
    return ERR_OK;
}

void client_http_free(struct client_http *h)
{
    if (!h) return;
    lock_take(&h->lock);
    h->stopping = true;
    lock_give(&h->lock);
    wake(h);
    int failed = pthread_join(h->thread, NULL);
    assert(failed == 0 && "a client was freed by its own thread");
    client_free(h);
}

/* --- calls --- */

/* A large body is a mapping of its own: freed memory within malloc's would stay with the program, held by the small pieces of libcurl that
 * were allocated behind it (measured: 1,000 bodies of 200 kB, all given back, kept 200 MB). */
static char *body_new(size_t n)
{
    if (n < BODY_MAPPED) return malloc(n);
    char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void client__body_free(struct client_http_call *c)
{
    if (c->body && c->n_body >= BODY_MAPPED)
        (void)munmap(c->body, c->n_body);
    else
        free(c->body);
    c->body = NULL;
}

void client__call_unref(struct client_http_call *c)
{
    if (!c || atomic_fetch_sub(&c->refs, 1) > 1) return;
    client__body_free(c);
    arena_free(c->arena);
    free(c);
}

void client_http_call_free(struct client_http_call *c) { client__call_unref(c); }

/* A header that would become two, or another request, is refused. */
static bool is_plain(struct str s, bool name)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == 0 || c == '\r' || c == '\n' || (name && (c <= ' ' || c == ':' || c >= 127))) return false;
    }
    return !name || s.n > 0;
}

static enum err head_copy(struct client_http_call *c, const struct client_http_request *rq, struct error *e)
{
    c->headers = NEW(c->arena, struct client_header, rq->n_headers);
    c->method = str_to_c(c->arena, rq->method);
    c->url = str_to_c(c->arena, rq->url);
    if (!c->headers || !c->method || !c->url) return error_no_memory(e);
    for (size_t i = 0; i < rq->n_headers; i++) {
        if (!is_plain(rq->headers[i].name, true) || !is_plain(rq->headers[i].value, false))
            return error_set_reason(e, ERR_INVALID, "bad_header",
                                    "a header of a request has no name, or a line break or a NUL in it");
        c->headers[i].name = str_dup(c->arena, rq->headers[i].name);
        c->headers[i].value = str_dup(c->arena, rq->headers[i].value);
        if (!c->headers[i].name.p || !c->headers[i].value.p) return error_no_memory(e);
    }
    c->n_headers = rq->n_headers;
    return ERR_OK;
}

static enum err request_copy(struct client_http_call *c, const struct client_http_request *rq, struct error *e)
{
    if (!is_plain(rq->method, true))
        return error_set_reason(e, ERR_INVALID, "bad_header", "a request's method must be one word");
    if (rq->url.n > URL_MAX || !is_plain(rq->url, false) || str_find_char(rq->url, ' ', 0) != STR_NONE)
        return error_set_reason(e, ERR_INVALID, "bad_url",
                                "a request's URL must be encoded, on one line and at most %zu bytes long", URL_MAX);
    TRY(head_copy(c, rq, e));
    TRY(client__url_check(c->url, c->host, e));
    c->limits = rq->limits;
    c->no_proxy = rq->no_proxy;
    c->has_body = rq->body.p != NULL;
    if (!rq->body.p || rq->body.n == 0) return ERR_OK;
    c->n_body = rq->body.n;
    c->body = body_new(rq->body.n);
    if (!c->body) return error_no_memory(e);
    memcpy(c->body, rq->body.p, rq->body.n);
    return ERR_OK;
}

static enum err call_enqueue(struct client_http *h, struct client_http_call *c, struct error *e)
{
    lock_take(&h->lock);
    bool stopping = h->stopping, full = h->n_open >= h->options.max_open;
    if (!stopping && !full) {
        h->n_open++;
        *h->last_started = c;
        h->last_started = &c->next_started;
    }
    lock_give(&h->lock);
    if (stopping) return error_set_reason(e, ERR_CONFLICT, "cancelled", "the program is ending");
    if (!full) return ERR_OK;
    (void)error_set_reason(e, ERR_BUSY, "too_busy", "%zu outgoing requests are open already", h->options.max_open);
    return error_hint(e, "Try again in a moment.");
}

enum err client_http_start(struct client_http *h, const struct client_http_request *rq,
                           const struct client_http_handler *handler, struct client_http_call **ret, struct error *e)
{
    struct client_http_call *c = calloc(1, sizeof *c);
    if (!c) return error_no_memory(e);
    atomic_store(&c->refs, 1);
    c->h = h;
    c->handler = *handler;
    c->arena = arena_new(REQUEST_MAX);
    enum err err = c->arena ? request_copy(c, rq, e) : error_no_memory(e);
    if (err != ERR_OK) {
        client__call_unref(c);
        return err;
    }
    struct client_http_call *before = *ret;
    *ret = c; /* before the thread can know of it */
    atomic_store(&c->refs, 2);
    err = call_enqueue(h, c, e);
    if (err != ERR_OK) {
        *ret = before;
        atomic_store(&c->refs, 1);
        client__call_unref(c);
        return err;
    }
    wake(h);
    return ERR_OK;
}

/* Asks the thread to look at c. */
static void poke(struct client_http_call *c)
{
    struct client_http *h = c->h;
    lock_take(&h->lock);
    bool first = !c->is_poked;
    if (first) {
        c->is_poked = true;
        c->next_poked = h->poked;
        h->poked = c;
        atomic_fetch_add(&c->refs, 1); /* the list's */
    }
    lock_give(&h->lock);
    if (first) wake(h);
}

void client_http_cancel(struct client_http_call *c)
{
    if (!atomic_exchange(&c->cancelled, true)) poke(c);
}

void client_http_pause(struct client_http_call *c) { atomic_store(&c->paused, true); }

void client_http_resume(struct client_http_call *c)
{
    if (atomic_exchange(&c->paused, false)) poke(c);
}

/* --- waiting for the whole --- */

struct waiter {
    struct lock lock;
    struct lock_cond over;
    bool done;           /* guarded by lock; what follows is the thread's until it is set */
    struct arena *arena; /* where the answer goes */
    struct sb body;
    struct client_http_answer answer;
    struct error failed; /* code ERR_OK: not */
};

static void waiter_head(void *ctx, const struct client_http_head *head)
{
    struct waiter *w = ctx;
    struct client_header *copy = NEW(w->arena, struct client_header, head->n_headers);
    bool ok = copy;
    for (size_t i = 0; ok && i < head->n_headers; i++) {
        copy[i].name = str_dup(w->arena, head->headers[i].name);
        copy[i].value = str_dup(w->arena, head->headers[i].value);
        ok = copy[i].name.p && copy[i].value.p;
    }
    if (!ok) (void)error_no_memory(&w->failed);
    w->answer = (struct client_http_answer){.status = head->status, .headers = copy, .n_headers = head->n_headers};
}

static void waiter_data(void *ctx, struct str bytes) { sb_str(&((struct waiter *)ctx)->body, bytes); }

static void waiter_end(void *ctx, const struct error *e)
{
    struct waiter *w = ctx;
    if (e) w->failed = *e;
    lock_take(&w->lock);
    w->done = true;
    lock_cond_broadcast(&w->over); /* under the lock: once it is given back, w may be gone */
    lock_give(&w->lock);
}

/* Until the end has come. What go_on says, if it was an error. */
static enum err waiter_wait(struct waiter *w, struct client_http_call *c, enum err (*go_on)(void *ctx, struct error *e),
                            void *ctx, struct error *e)
{
    enum err err = ERR_OK;
    lock_take(&w->lock);
    while (!w->done) {
        if (!go_on || err != ERR_OK) {
            lock_cond_wait(&w->over, &w->lock);
        } else if (!lock_cond_wait_until(&w->over, &w->lock, time_monotonic_ns() + ASK_NS)) {
            lock_give(&w->lock);
            err = go_on(ctx, e);
            if (err != ERR_OK) client_http_cancel(c);
            lock_take(&w->lock);
        }
    }
    lock_give(&w->lock);
    return err;
}

enum err client_http_get_all(struct client_http *h, const struct client_http_request *rq, struct arena *a,
                             struct client_http_answer *ret, struct error *e)
{
    return client_http_get_while(h, rq, NULL, NULL, a, ret, e);
}

enum err client_http_get_while(struct client_http *h, const struct client_http_request *rq,
                               enum err (*go_on)(void *ctx, struct error *e), void *ctx, struct arena *a,
                               struct client_http_answer *ret, struct error *e)
{
    assert(rq->limits.max_body > 0);
    struct waiter w = {.arena = a, .body = SB_INIT(rq->limits.max_body)};
    struct client_http_handler handler = {waiter_head, waiter_data, waiter_end, &w};
    struct client_http_call *c = NULL;
    lock_init(&w.lock, LOCK_RANK_CLIENT);
    lock_cond_init(&w.over);
    enum err err = client_http_start(h, rq, &handler, &c, e);
    if (err == ERR_OK) {
        err = waiter_wait(&w, c, go_on, ctx, e);
        client_http_call_free(c);
        if (err == ERR_OK && w.failed.code != ERR_OK) {
            err = w.failed.code;
            if (e) *e = w.failed;
        }
    }
    if (err == ERR_OK) err = sb_take(&w.body, a, &w.answer.body, e);
    if (err == ERR_OK) *ret = w.answer;
    sb_done(&w.body);
    lock_cond_done(&w.over);
    lock_done(&w.lock);
    return err;
}
