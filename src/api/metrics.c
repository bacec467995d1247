/* GET /metrics: what is counted of requests, here, and what the parts of the server say of themselves.
 * Requests are counted by route, not by address: an address is data (ids), and would make a series each. Counting is a few atomic additions on the io
 * thread that has sent the answer. */
#include "base/metrics.h"

#include "api/api_priv.h"

enum { METRICS_MAX_BYTES = 4 << 20 };

static const char *const classes[] = {"gone", "1xx", "2xx", "3xx", "4xx", "5xx"};

struct route_counts {
    atomic_uint_fast64_t
        status[sizeof classes / sizeof *classes]; /* hundreds; 0: the client was gone before its answer */
    struct metrics_histogram took;
    atomic_uint_fast64_t bytes;
};

struct api__counts {
    size_t n_routes;
    struct latency took;
    struct route_counts *routes; /* one a row of the table, and one more for requests that match none */
};

struct api__counts *api__counts_new(struct arena *a, size_t n_routes)
{
    struct api__counts *c = NEW(a, struct api__counts, 1);
    if (!c) return NULL;
    c->n_routes = n_routes;
    c->routes = NEW(a, struct route_counts, n_routes + 1);
    return c->routes ? c : NULL;
}

static bool is_stream(const struct api *api, size_t i)
{
    static const net_handler_fn streams[] = {api__document_events, api__chat_ask, api__chat_retry, api__chat_events};
    for (size_t k = 0; k < sizeof streams / sizeof *streams; k++)
        if (i < api->n_routes && api->handlers[i].handler == streams[k]) return true;
    return false;
}

static bool is_check(const struct api *api, size_t i)
{
    static const net_handler_fn checks[] = {api__health, api__ready, api__metrics};
    for (size_t k = 0; k < sizeof checks / sizeof *checks; k++)
        if (i < api->n_routes && api->handlers[i].handler == checks[k]) return true;
    return false;
}

void api__count(const struct api *api, const struct net_request *rq, const struct net_done *done)
{
    struct api__counts *c = api->counts;
    size_t at = rq->route ? (size_t)(rq->route - api->routes) : c->n_routes;
    struct route_counts *r = &c->routes[at];
    atomic_fetch_add_explicit(&r->status[done->status / 100], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&r->bytes, done->bytes, memory_order_relaxed);
    if (done->status != 0) metrics_observe(&r->took, done->duration_us);
    if (!is_stream(api, at) && !is_check(api, at)) latency_add(&c->took, done->duration_us);
}

void api_totals(const struct api *api, struct api_totals *ret)
{
    *ret = (struct api_totals){.requests = 0};
    for (size_t i = 0; i <= api->n_routes; i++) {
        if (is_check(api, i)) continue;
        for (size_t k = 0; k < sizeof classes / sizeof *classes; k++) {
            uint64_t n = atomic_load_explicit(&api->counts->routes[i].status[k], memory_order_relaxed);
            ret->status[k] += n;
            ret->requests += n;
        }
    }
    latency_read(&api->counts->took, &ret->took);
}

/* method and route, in that order. */
static void name_route(const struct api *api, size_t i, struct metrics_label ret[2])
{
    bool none = i == api->n_routes;
    ret[0] = (struct metrics_label){"method", none ? STR("") : str_from_c(net_method_name(api->routes[i].method))};
    ret[1] = (struct metrics_label){"route", none ? STR("none") : str_from_c(api->routes[i].pattern)};
}

static void put_requests(const struct api *api, struct sb *b)
{
    struct metrics_label labels[3];
    metrics_family(b, "prism_requests_total", METRICS_COUNTER, "Requests answered, by route and class of status.");
    for (size_t i = 0; i <= api->n_routes; i++) {
        name_route(api, i, labels);
        for (size_t k = 0; k < sizeof classes / sizeof *classes; k++) {
            uint64_t n = atomic_load_explicit(&api->counts->routes[i].status[k], memory_order_relaxed);
            labels[2] = (struct metrics_label){"status", str_from_c(classes[k])};
            if (n > 0) metrics_u64(b, "prism_requests_total", labels, 3, n);
        }
    }
    metrics_family(b, "prism_response_bytes_total", METRICS_COUNTER, "Bytes of answers' bodies sent.");
    for (size_t i = 0; i <= api->n_routes; i++) {
        uint64_t n = atomic_load_explicit(&api->counts->routes[i].bytes, memory_order_relaxed);
        name_route(api, i, labels);
        if (n > 0) metrics_u64(b, "prism_response_bytes_total", labels, 2, n);
    }
    metrics_family(b, "prism_request_seconds", METRICS_HISTOGRAM, "From the first line of a request to the last byte.");
    for (size_t i = 0; i <= api->n_routes; i++) {
        name_route(api, i, labels);
        metrics_histogram_put(b, "prism_request_seconds", labels, 2, &api->counts->routes[i].took);
    }
}

API__HANDLER(metrics)
{
    const struct api *api = api__of(rq);
    struct str body;
    CLEANUP_SB struct sb text = SB_INIT(METRICS_MAX_BYTES);
    if (!api->o.metrics || !api->o.metrics(api->o.metrics_ctx, rq->client, &text))
        return error_set_reason(e, ERR_NOT_FOUND, "no_such_page", "there is nothing at this address");
    put_requests(api, &text);
    TRY(sb_take(&text, rq->arena, &body, e));
    net_response_status(rs, 200);
    net_response_body(rs, METRICS_TYPE, body);
    return ERR_OK;
}
