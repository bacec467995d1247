/* What the parts of prism serve share. */
#pragma once

#include "api/api.h"
#include "conf/conf.h"
#include "net/server.h"
#include "review/context.h"

struct cmd__server { /* NULL: not made yet */
    struct arena *arena;
    struct conf conf;
    struct store *store;
    struct blob *blob;
    struct bus *bus;
    struct rules_engine *engine;
    struct review_context context;
    struct events *events;
    struct jobs *jobs;
    struct pool *pool;
    struct api *api;
    struct api_probe probes[2];
    struct net_server *net;
};

/* From the environment of this process. */
enum err cmd__conf_load(struct arena *a, struct conf *ret, struct error *e) MUST_USE;

/* Names under which people may reach the server (serve_hosts.c). In a. */
enum err cmd__allowed_hosts(const struct conf *c, struct arena *a, const struct str **ret, size_t *ret_n,
                            struct error *e) MUST_USE;

/* The proxies whose word on their clients is believed (serve_hosts.c). In a. */
enum err cmd__trusted_proxies(const struct conf *c, struct arena *a, const struct cidr **ret, size_t *ret_n,
                              struct error *e) MUST_USE;

/* api_options.metrics (serve_metrics.c); ctx: the server. */
bool cmd__metrics(void *ctx, struct str client, struct sb *out);

/* The supervisor's part (serve_supervise.c): returns when all has ended. *ret_code: what the process ends with. */
enum err cmd__supervise(int *ret_code, struct error *e) MUST_USE;
