/* The thread of the HTTP client: libcurl's multi interface over epoll.
 * libcurl says which sockets it waits for and when it wants to be called; epoll says which are ready; so a piece of an answer costs what that
 * one stream costs, however many are open. (curl_multi_poll and curl_multi_perform look at each of them every time.) A request that ends,
 * is cancelled or passes a limit ends here, between two calls of libcurl, in one function (call_end).
 * Rejected: a thread a request (1,000 stacks), more threads than one (1,000 streams of text are a few per cent of a core), waiting for one
 * connection to show whether it can carry many (CURLOPT_PIPEWAIT: libcurl 7.88 then lets those that wait go one by one). So a burst to a server
 * of HTTP/2 may open a connection each; later requests share what is there.
 * Limits: EVENTS at a time. Source: curl_multi_socket_action(3), curl_easy_pause(3) of libcurl 7.88. */
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "client/http_priv.h"

#define EVENTS 128
#define MS_NS  ((int64_t)1000000)

/* --- the end of a call --- */

static void call_unlink(struct client_http *h, struct client_http_call *c)
{
    if (c->prev) c->prev->next = c->next;
    if (c->next) c->next->prev = c->prev;
    if (h->open == c) h->open = c->next;
    c->prev = c->next = NULL;
}

/* The one place where on_end is called. err: c->failed or NULL. Not within a callback of libcurl. */
static void call_end(struct client_http *h, struct client_http_call *c, const struct error *err)
{
    if (c->easy) {
        (void)curl_multi_remove_handle(h->multi, c->easy);
        curl_easy_cleanup(c->easy);
        c->easy = NULL;
    }
    curl_slist_free_all(c->list);
    free(c->curl_text);
    c->curl_text = NULL;
    c->list = NULL;
    sb_done(&c->head);
    client__body_free(c);
    call_unlink(h, c);
    lock_take(&h->lock);
    h->n_open--;
    lock_give(&h->lock);
    c->handler.on_end(c->handler.ctx, err);
    client__call_unref(c);
}

static void call_fail(struct client_http *h, struct client_http_call *c)
{
    struct error failed = c->failed; /* on_end may free the call */
    call_end(h, c, &failed);
}

static void call_cancelled(struct client_http *h, struct client_http_call *c)
{
    (void)error_set_reason(&c->failed, ERR_CONFLICT, "cancelled", "the request was cancelled");
    call_fail(h, c);
}

static void call_begin(struct client_http *h, struct client_http_call *c)
{
    c->next = h->open;
    if (h->open) h->open->prev = c;
    h->open = c;
    c->head = (struct sb)SB_INIT(CLIENT__HEAD_MAX);
    c->began_ns = time_monotonic_ns();
    client__phase_set(c, CLIENT__CONNECTING);
    client__look_by(h, client__whole_deadline(c));
    if (client__easy_make(h, c) && curl_multi_add_handle(h->multi, c->easy) == CURLM_OK) return;
    (void)error_no_memory(&c->failed);
    call_fail(h, c);
}

static void limits_look(struct client_http *h)
{
    int64_t now = time_monotonic_ns();
    if (now < h->look_ns) return;
    h->look_ns = INT64_MAX;
    for (struct client_http_call *c = h->open, *next = NULL; c; c = next) {
        next = c->next; /* on_end may start calls; they are put in front */
        if (client__limit_check(c, now)) {
            call_fail(h, c);
            continue;
        }
        client__look_by(h, client__phase_deadline(c));
        client__look_by(h, client__whole_deadline(c));
    }
}

static void messages_read(struct client_http *h)
{
    int left = 0;
    for (CURLMsg *m = NULL; (m = curl_multi_info_read(h->multi, &left));) {
        if (m->msg != CURLMSG_DONE) continue;
        CURLcode code = m->data.result;
        char *private = NULL;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
        struct client_http_call *c = (void *)private;
        if (atomic_load(&c->cancelled)) {
            call_cancelled(h, c);
        } else if (code == CURLE_OK && c->head_done) {
            call_end(h, c, NULL);
        } else {
            client__failed_by(c, code == CURLE_OK ? CURLE_WEIRD_SERVER_REPLY : code);
            call_fail(h, c);
        }
    }
}

/* --- the lists --- */

static void call_poked(struct client_http *h, struct client_http_call *c)
{
    if (!c->easy) return; /* over, or not begun: then it is looked at when it begins */
    if (atomic_load(&c->cancelled)) {
        call_cancelled(h, c);
        return;
    }
    if (atomic_load(&c->paused)) return;
    client__phase_set(c, c->phase); /* the silence was ours */
    if (!c->held) return;
    c->held = false;
    CURLcode code = curl_easy_pause(c->easy, CURLPAUSE_CONT); /* hands out what was held */
    if (code == CURLE_OK) return;
    client__failed_by(c, code);
    call_fail(h, c);
}

/* false: the client is being freed. */
static bool lists_take(struct client_http *h)
{
    lock_take(&h->lock);
    struct client_http_call *started = h->started, *poked = h->poked;
    bool stopping = h->stopping;
    h->started = h->poked = NULL;
    h->last_started = &h->started;
    for (struct client_http_call *c = poked; c; c = c->next_poked) {
        c->next_taken = c->next_poked; /* from here on it may be poked again */
        c->is_poked = false;
    }
    lock_give(&h->lock);
    while (started) {
        struct client_http_call *c = started;
        started = c->next_started;
        c->next_started = NULL;
        if (stopping || atomic_load(&c->cancelled))
            call_cancelled(h, c);
        else
            call_begin(h, c);
    }
    while (poked) {
        struct client_http_call *c = poked;
        poked = c->next_taken;
        call_poked(h, c);
        client__call_unref(c);
    }
    return !stopping;
}

/* --- the loop --- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *object, void *socket_object)
{
    (void)easy;
    (void)socket_object;
    struct client_http *h = object;
    struct epoll_event event = {.data.fd = fd};
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(h->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    if (epoll_ctl(h->epoll, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
    return errno == ENOENT && epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -1;
}

static int on_timer(CURLM *multi, long ms, void *object)
{
    (void)multi;
    struct client_http *h = object;
    h->timer_ns = ms < 0 ? INT64_MAX : time_monotonic_ns() + ms * MS_NS;
    return 0;
}

static int wait_ms(const struct client_http *h)
{
    int64_t until = h->timer_ns < h->look_ns ? h->timer_ns : h->look_ns;
    if (until == INT64_MAX) return -1;
    int64_t left = until - time_monotonic_ns();
    if (left <= 0) return 0;
    int64_t ms = (left + MS_NS - 1) / MS_NS;
    return ms > 60000 ? 60000 : (int)ms;
}

static void events_take(struct client_http *h)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(h->epoll, events, EVENTS, wait_ms(h)), running = 0;
    for (int i = 0; i < n; i++) {
        int fd = events[i].data.fd;
        uint32_t what = events[i].events;
        if (fd == h->wake) {
            uint64_t count = 0;
            ssize_t got = read(fd, &count, sizeof count);
            (void)got;
            continue;
        }
        int mask = (what & EPOLLIN ? CURL_CSELECT_IN : 0) | (what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        (void)curl_multi_socket_action(h->multi, fd, mask, &running);
    }
    if (h->timer_ns <= time_monotonic_ns()) {
        h->timer_ns = INT64_MAX;
        (void)curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

void *client__loop_run(void *http)
{
    struct client_http *h = http;
    while (lists_take(h)) {
        events_take(h);
        messages_read(h);
        limits_look(h);
    }
    while (h->open)
        call_cancelled(h, h->open);
    (void)lists_take(h); /* what was poked meanwhile; nothing can be started any more */
    return NULL;
}

/* --- life and death --- */

static CURLcode global_code;

static void global_init(void) { global_code = curl_global_init(CURL_GLOBAL_DEFAULT); }

enum err client__loop_init(struct client_http *h, struct error *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, global_init); /* never undone: OpenSSL is shared with others */
    if (global_code != CURLE_OK)
        return error_set(e, ERR_INTERNAL, "libcurl cannot be used: %s", curl_easy_strerror(global_code));
    h->timer_ns = h->look_ns = INT64_MAX;
    h->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = h->wake};
    if (h->epoll < 0 || epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->wake, &event) != 0)
        return error_set(e, ERR_LIMIT, "too many files are open");
    h->multi = curl_multi_init();
    if (!h->multi) return error_no_memory(e);
    CURLMcode bad = CURLM_OK;
    bad |= curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    bad |= curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    bad |= curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    bad |= curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    bad |= curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)h->options.max_kept);
    return bad == CURLM_OK ? ERR_OK : error_set(e, ERR_INTERNAL, "libcurl does not know an option");
}

void client__loop_done(struct client_http *h)
{
    if (h->multi) (void)curl_multi_cleanup(h->multi);
    if (h->epoll >= 0) (void)close(h->epoll);
}
