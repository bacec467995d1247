/* What the parts of prism serve share. */
#pragma once

#include <stdatomic.h>

#include "api/api.h"
#include "cmd/bucket.h"
#include "cmd/models.h"
#include "net/server.h"
#include "ops/child.h"
#include "review/exports.h"

struct cmd__server { /* NULL: not made yet */
    struct arena *arena;
    struct conf conf;
    enum ops_child_kind kind;
    int64_t began_unix_ms;
    struct store *store;
    struct blob *blob;
    struct bus *bus;
    struct rules_engine *engine;
    struct review_context context;
    struct events *events;
    struct jobs *jobs;
    struct retention *retention;
    struct chat *chat;
    struct pool *pool;
    struct api *api;
    struct api_probe probes[2];
    _Atomic(struct net_server *) net;  /* answers before it is known here: NULL until then */
    struct cmd__server_models *models; /* NULL: none are configured */
    struct exporter *exporter;         /* NULL: no spans are kept */
    struct cmd__status *status;
    struct cmd__emf *emf;       /* NULL: none is written */
    struct cmd__bucket *bucket; /* NULL: none is set */
    struct exports_counts export_counts;
    atomic_bool checking;
    atomic_bool stopping; /* told to end, and no other server takes its place */
};

/* From the environment of this process. */
enum err cmd__conf_load(struct arena *a, struct conf *ret, struct error *e) MUST_USE;

/* Names under which people may reach the server (serve_hosts.c). In a. */
enum err cmd__allowed_hosts(const struct conf *c, struct arena *a, const struct str **ret, size_t *ret_n,
                            struct error *e) MUST_USE;

/* The proxies whose word on their clients is believed (serve_hosts.c). In a. */
enum err cmd__trusted_proxies(const struct conf *c, struct arena *a, const struct cidr **ret, size_t *ret_n,
                              struct error *e) MUST_USE;

/* Standard error and standard output become the files of the settings, which SIGUSR1 opens anew (serve_logs.c); the settings outlive the process's
 * other parts. by_signal: the process has a handler for it. ERR_INVALID "bad_setting". reopen: as the signal does it. */
enum err cmd__logs_open(const struct conf *c, bool by_signal, struct error *e) MUST_USE;
void cmd__logs_reopen(void);
/* At the end: standard error is again what it was before it became a file; false: it did not. */
bool cmd__logs_leave(void);

/* The certificate and key of the settings, judged; *ret NULL: none are set. strict: one that is over, or not yet good, is an error; else it is logged
 * (serve_tls.c). In a. warn: logs what is not wrong and should be known. */
enum err cmd__tls_load(const struct conf *c, struct arena *a, bool strict, const struct net_tls **ret,
                       struct error *e) MUST_USE;
void cmd__tls_warn(const struct conf *c, const struct net_tls *tls);

/* api_options.metrics (serve_metrics.c); ctx: the server. */
bool cmd__metrics(void *ctx, struct str client, struct sb *out);
uint64_t cmd__memory_bytes(void); /* resident, of this process */

struct str cmd__instance(
    struct cmd__server *s); /* its name: as set, or the machine's; in the server's arena (serve_watch.c) */

/* The status (serve_status.c): start behind the interface, before the network; stop when nobody asks it any more, before the interface is taken down. status: api_options.status; ctx: the server. */
enum err cmd__status_start(struct cmd__server *s, struct error *e) MUST_USE;
void cmd__status_stop(struct cmd__server *s);
enum err cmd__server_status(void *ctx, struct arena *a, struct api_status *ret, struct error *e) MUST_USE;

/* Spans to a collector (serve_watch.c): before anything that makes some; ends with exporter_free, after it. Metrics for CloudWatch (serve_emf.c), by name of
 * the instance: behind all that they are of; stop writes the last, before any of it is taken down. */
enum err cmd__traces_start(struct cmd__server *s, struct error *e) MUST_USE;
enum err cmd__metrics_start(struct cmd__server *s, struct error *e) MUST_USE;
enum err cmd__emf_start(struct cmd__server *s, struct str instance, struct error *e) MUST_USE;
void cmd__emf_stop(struct cmd__server *s);

/* The language models (serve_models.c), in this order. plan: what is set for them is looked at, nothing is made; errors of cmd__models_plan. start: behind
 * store and bus, before jobs. api: for api_options. say: a line for the terminal, in the server's arena. stop: every call ends, before who waits for one
 * is taken down; free: after that, before the bus. */
enum err cmd__server_models_plan(struct cmd__server *s, struct error *e) MUST_USE;
enum err cmd__server_models_start(struct cmd__server *s, struct error *e) MUST_USE;
const struct cmd__models *cmd__server_models_plan_of(const struct cmd__server *s); /* NULL: none */
const struct api_models *cmd__server_models_api(const struct cmd__server *s);      /* NULL: none */
struct str cmd__server_models_say(const struct cmd__server *s);                    /* .p NULL: no memory */
void cmd__server_models_stop(struct cmd__server *s);
void cmd__server_models_free(struct cmd__server *s);

/* api_options.check (serve_check.c); ctx: the server. */
enum err cmd__server_check(void *ctx, struct arena *a, const struct api_checked **ret, size_t *ret_n,
                           struct error *e) MUST_USE;

/* The supervisor's part (serve_supervise.c): returns when all has ended. *ret_code: what the process ends with. */
enum err cmd__supervise(int *ret_code, struct error *e) MUST_USE;
