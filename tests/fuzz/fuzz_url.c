/* Any bytes as the target of a request: it is refused with its reason, or what a handler sees is clean, and the route that was found is the one
 * that the path spells: its pattern, filled with its parameters, is the path again. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/sb.h"
#include "base/utf8.h"
#include "net/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum err handler(struct net_request *rq, struct net_response *rs, struct error *e)
{
    (void)rq;
    (void)rs;
    (void)e;
    return ERR_OK;
}

static const struct net_route routes[] = {
    {.method = NET_GET, .pattern = "/", .handler = handler},
    {.method = NET_GET, .pattern = "/a", .handler = handler},
    {.method = NET_GET, .pattern = "/a/{id}", .handler = handler},
    {.method = NET_GET, .pattern = "/a/b/{x}/c", .handler = handler},
    {.method = NET_GET, .pattern = "/a/{id}/{other}/d", .handler = handler},
    {.method = NET_POST, .pattern = "/a/b", .handler = handler},
    {.method = NET_GET, .pattern = "/s/{name*}", .handler = handler},
    {.method = NET_GET, .pattern = "/s/{name}/t", .handler = handler},
};

static void text_check(struct str s, bool query)
{
    assert(s.p && utf8_valid(s));
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool white = query && (c == '\t' || c == '\r' || c == '\n');
        assert((c >= 0x20 && c != 0x7f) || white);
    }
}

static void route_check(struct net_request *rq, const struct net_match *m)
{
    struct error e = {0};
    CLEANUP_SB struct sb again = SB_INIT(1 << 20);
    assert(m->allowed & (1u << NET_GET));
    enum err err = net_request_params(rq, m, &e);
    assert(err == ERR_OK); /* the path was decoded before */
    rq->route = m->route;
    struct str rest = str_from_c(m->route->pattern + 1);
    for (size_t i = 0; rest.p;) {
        struct str segment = str_cut(rest, '/', &rest);
        bool parameter = segment.n > 0 && segment.p[0] == '{';
        sb_char(&again, '/');
        sb_str(&again, parameter ? rq->params[i] : segment);
        if (parameter) assert(rq->params[i++].n > 0);
    }
    assert(str_eq(sb_view(&again), rq->path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct arena *table;
    static struct net_router *router;
    struct error e = {0};
    if (!router) {
        table = arena_new(1 << 20);
        if (net_router_new(table, routes, sizeof routes / sizeof *routes, &router, &e) != ERR_OK) abort();
    }
    struct net_request rq = {.arena = arena_new((size_t)16 << 20)};
    struct str raw = STR_EMPTY;
    enum err err = net_request_target(&rq, (struct str){(const char *)data, n}, &raw, &e);
    if (err == ERR_OK) {
        text_check(rq.path, false);
        for (size_t i = 0; i < rq.n_queries; i++) {
            text_check(rq.queries[i].name, true);
            text_check(rq.queries[i].value, true);
        }
        struct net_match m = net_router_match(router, NET_GET, raw);
        if (m.route) route_check(&rq, &m);
    } else {
        assert(err == ERR_INVALID);
        assert(str_eq_c(STR("bad_path"), e.reason) || str_eq_c(STR("bad_query"), e.reason));
    }
    arena_free(rq.arena);
    return 0;
}
