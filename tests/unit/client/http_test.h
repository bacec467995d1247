/* What the tests of the HTTP client share: a handler that notes what it hears, and the fake server. */
#pragma once

#include <time.h>

#include "base/lock.h"
#include "base/sb.h"
#include "client/http.h"
#include "fake.h"

/* Waiting for it is bounded by the test's own timeout. */
struct heard {
    struct lock lock;
    struct lock_cond more;
    struct sb text; /* guarded by lock, as all below: what came */
    int status;
    unsigned heads, ends;
    bool out_of_order; /* a piece without a head, or after the end; asserted by the test's own thread */
    size_t bytes;      /* of the answer */
    struct error e;    /* of the end; code ERR_OK: none */
    bool keep_bytes;   /* in text; else only counted */
    struct client_http_call *call;
};

static inline void heard_init(struct heard *h)
{
    *h = (struct heard){.text = SB_INIT(1 << 20), .keep_bytes = true};
    lock_init(&h->lock, LOCK_RANK_LOG);
    lock_cond_init(&h->more);
}

static inline void heard_done(struct heard *h)
{
    client_http_call_free(h->call);
    sb_done(&h->text);
    lock_cond_done(&h->more);
    lock_done(&h->lock);
}

static inline void heard_head(void *ctx, const struct client_http_head *head)
{
    struct heard *h = ctx;
    lock_take(&h->lock);
    h->heads++;
    h->status = head->status;
    lock_cond_broadcast(&h->more);
    lock_give(&h->lock);
}

static inline void heard_data(void *ctx, struct str bytes)
{
    struct heard *h = ctx;
    lock_take(&h->lock);
    h->out_of_order = h->out_of_order || h->heads != 1 || h->ends > 0;
    if (h->keep_bytes) sb_str(&h->text, bytes);
    h->bytes += bytes.n;
    lock_cond_broadcast(&h->more);
    lock_give(&h->lock);
}

static inline void heard_end(void *ctx, const struct error *e)
{
    struct heard *h = ctx;
    lock_take(&h->lock);
    h->ends++;
    if (e) h->e = *e;
    lock_cond_broadcast(&h->more);
    lock_give(&h->lock);
}

static inline struct client_http_handler heard_handler(struct heard *h)
{
    return (struct client_http_handler){heard_head, heard_data, heard_end, h};
}

static inline void heard_wait_end(struct heard *h)
{
    lock_take(&h->lock);
    while (h->ends == 0)
        lock_cond_wait(&h->more, &h->lock);
    assert_int_equal(h->ends, 1);
    assert_false(h->out_of_order);
    lock_give(&h->lock);
}

static inline void heard_wait_bytes(struct heard *h, size_t bytes)
{
    lock_take(&h->lock);
    while (h->bytes < bytes && h->ends == 0)
        lock_cond_wait(&h->more, &h->lock);
    assert_int_equal(h->ends, 0);
    lock_give(&h->lock);
}

/* The tests' servers are on this machine. */
static inline void no_proxies(void)
{
    const char *names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                           "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)unsetenv(names[i]);
}

static inline struct client_http *http_new(void)
{
    no_proxies();
    struct client_http_options o = CLIENT_HTTP_DEFAULTS;
    struct client_http *h = NULL;
    struct error e = {0};
    if (client_http_new(&o, &h, &e) != ERR_OK) fail_msg("%s", e.message);
    return h;
}

static inline struct client_http_request request_make(const char *method, const char *url)
{
    return (struct client_http_request){
        .method = str_from_c(method), .url = str_from_c(url), .limits = CLIENT_HTTP_LIMITS};
}

static inline void sleep_ms(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}
