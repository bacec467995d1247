/* The HTTP interface: what docs/openapi.yaml describes, as a table of routes over the domain. A handler turns a request into a call of review or
 * auth, and what comes back into an answer; it decides nothing else. Lists are read from the store directly (store/queries.h).
 * Thread: an api is immutable once made; handlers run on the pool, those marked NET_INLINE on io threads. */
#pragma once

#include <stdatomic.h>

#include "ai/router.h"
#include "base/latency.h"
#include "base/minutes.h"
#include "base/sb.h"
#include "net/assets.h"
#include "net/server.h"
#include "review/context.h"
#include "review/retention.h"

struct api;

struct api_probe { /* one question of GET /ready */
    const char *name;
    enum err (*check)(void *ctx, struct error *e);
    void *ctx;
};

enum api_access_log { API_ACCESS_LOG_NONE, API_ACCESS_LOG_COMBINED, API_ACCESS_LOG_GUNICORN, API_ACCESS_LOG_JSON };

struct api_models { /* the language models that are asked; all borrowed */
    struct ai_router *router;
    struct ai_budget *budget;
    const char *provider;    /* "bedrock" */
    const struct str *names; /* as configured, the primary first */
    size_t n;
    bool redact, never_send;
};

enum api_checked_state { API_CHECKED_OK, API_CHECKED_FAILED, API_CHECKED_NONE };
const char *api_checked_state_name(enum api_checked_state state); /* "ok", "failed", "not_configured" */

struct api_checked { /* one part that was tried */
    const char *part;
    struct str model; /* of part "model"; empty: none is configured */
    enum api_checked_state state;
    int64_t ms;
    struct str message, hint, reason;
    struct str detail; /* not sent: what the other side said of it */
};

enum api_part_state { API_PART_OK, API_PART_FAILED, API_PART_NONE, API_PART_UNTRIED };

struct api_part { /* of the server, as it is now */
    const char *name;
    enum api_part_state state; /* NONE: not set up; UNTRIED: set up, and only a check tries it */
    struct str message, hint;  /* may be empty */
};

struct api_instance { /* a server process */
    struct str name;  /* of the machine, or as set */
    int64_t pid, began_unix_ms;
    uint64_t restarts, reloads; /* of its supervisor's servers */
    uint64_t memory_bytes;
    uint64_t connections, connections_max, workers, workers_busy, requests_waiting;
};

struct api_room { /* of the data folder */
    uint64_t store_bytes, files_bytes, temp_bytes;
    uint64_t free_bytes, disk_bytes;
    int64_t measured_unix_ms;
};

struct api_status { /* what only the one who wired the server knows of it */
    const struct api_part *parts;
    size_t n_parts;
    struct api_instance self;
    struct minute minutes[MINUTES_KEPT];
    int64_t minutes_from_unix_ms;
    struct api_room room;
    struct retention_state retention;
};

struct api_options {
    const struct review_context *review; /* borrowed */
    struct pool *pool;                   /* that handlers run on; borrowed */
    size_t max_upload_bytes;             /* of a document */
    int64_t visitor_idle_ms;             /* how long a visitor's cookie lasts without being used */
    bool secure_cookies;                 /* always; else only where a proxy says that the request came by https */
    enum api_access_log access_log;      /* a line a request on standard output */
    const atomic_bool *stopping; /* the server was told to end: not ready from then on; borrowed; NULL: it never is */
    const struct api_probe *probes; /* borrowed */
    size_t n_probes;
    /* What the other parts of the server count, as lines of base/metrics.h; false: this client may not see it. NULL: nobody may. */
    bool (*metrics)(void *ctx, struct str client, struct sb *out);
    void *metrics_ctx;
    const struct api_models *models; /* borrowed; NULL: none is configured */
    struct str admin_token;          /* borrowed; a secret; empty: there is none */
    bool local;                      /* the server is bound to loopback */
    /* Tries each part of the server; waits for as long as that takes. In a. ERR_CONFLICT "check_running". */
    enum err (*check)(void *ctx, struct arena *a, const struct api_checked **ret, size_t *ret_n, struct error *e);
    void *check_ctx;
    /* How the server is, for its administrators. In a. */
    enum err (*status)(void *ctx, struct arena *a, struct api_status *ret, struct error *e);
    void *status_ctx;
    struct str base_path; /* that a proxy shows the server under, "/prism"; borrowed, NUL-terminated; .n 0: none */
    const struct net_asset *assets; /* the pages, sorted by path; borrowed */
    size_t n_assets;
};

/* In a, as is everything of it. options: copied. ERR_LIMIT. */
enum err api_new(struct arena *a, const struct api_options *options, struct api **ret, struct error *e) MUST_USE;

/* After the server and its pool are gone, before the bus is. api may be NULL. */
void api_done(struct api *api);

/* The table for net_options.routes; net_options.ctx is the api. */
const struct net_route *api_routes(const struct api *api, size_t *ret_n);

/* What was answered since the start. Health checks (/health, /ready) and /metrics are not in it: every few seconds from each node of a balancer, they
 * would hide what people see. Streams of events are not in took: they last as long as a page is open. */
struct api_totals {
    uint64_t requests;  /* the sum of status, and those whose client was gone first */
    uint64_t status[6]; /* by hundreds: [2] is 2xx */
    struct latency_counts took;
};
void api_totals(const struct api *api, struct api_totals *ret);

/* For net_options: words every error as application/problem+json, and logs those that are ours. */
void api_on_error(struct net_request *rq, struct net_response *rs, int status, const struct error *e);
/* For net_options: a line of the log for each request that changes something or fails (others at debug). */
void api_on_done(const struct net_request *rq, const struct net_done *done);
