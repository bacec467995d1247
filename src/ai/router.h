/* Who is asked, when, and how often: the router of model calls. It stands before a provider and gives each ask to a model that is well.
 *
 *   ask -> queue -> a model that is well and has room -> provider -> callbacks
 *            ^                                             |
 *            '--- another model at once, or the same later +
 *
 * Queue: chats before reviews, persons in turn by the tokens that they ask for (deficit round robin), so that nobody's long document delays another's
 * question; after AI_CHATS_IN_A_ROW chats a review that waits has its turn. Each model keeps a few places free of reviews, for chats.
 * Fallback: on throttling, overload, time-out, not ready and the like (ai/errors.h: another model may help) the next model is asked at once, where
 * options allow it for the purpose; on a bad request never. When each has been tried once, the round is over: what is worth a retry is tried again
 * after a random time up to base * 2^round, not before the server's Retry-After, max_attempts rounds in all.
 * Health, shared by all calls: throttling cools a model down (as long as the server says; else from backoff_base_ms on, doubled each time, up to
 * cooldown_ms), failures in a row (AI_BREAK_AFTER) break it for cooldown_ms, doubled each time up to AI_BROKEN_MAX_MS. When the time is over one
 * call is let through as a probe; with its first token the model is well again. An ask none of whose models comes back within its patience ends with
 * the model's last error instead of waiting.
 * Limits: calls at once and tokens a minute of each model are learnt: down from throttling, slowly up by success.
 * Budget: reserved before each attempt, settled after.
 *
 * Thread: any. All callbacks but the stream of an answer come on the router's own thread, those of the stream on the provider's; one at a time for an
 * ask, no lock held; they must not wait. In them every function here may be called but ai_router_stop and ai_router_free.
 * Source: M. Shreedhar, G. Varghese, Efficient Fair Queuing using Deficit Round Robin (1995); AWS Architecture Blog, Exponential Backoff And Jitter. */
#pragma once

#include "ai/budget.h"
#include "ai/prices.h"
#include "ai/provider.h"
#include "base/sb.h"

#define AI_CHATS_IN_A_ROW     8
#define AI_BREAK_AFTER        5
#define AI_BROKEN_MAX_MS      300000
#define AI_RETRY_AFTER_MAX_MS 3600000 /* a server's Retry-After is believed up to here */
#define AI_CHAT_PATIENCE_MS   20000   /* for models that are not well; a person waits */
#define AI_REVIEW_PATIENCE_MS 120000
#define AI_MODELS_MAX         16

struct ai_router;
struct ai_router_call;

/* A check waits for nobody, for no budget and no cool-down, and is tried once on one model. */
enum ai_purpose { AI_FOR_CHAT, AI_FOR_REVIEW, AI_FOR_CHECK, AI_PURPOSES };

struct ai_ask { /* all of it is copied */
    enum ai_purpose purpose;
    struct str person, document, review; /* for turns, budgets and the record; may be empty */
    const struct ai_request *request;    /* .model empty: the router chooses; else this one and no other */
    int64_t
        max_wait_ms; /* an ask that still, or again, waits so long after it was asked ends; 0: none. Limits of the request are an attempt's */
};

/* One attempt that has ended: for the books. Texts are valid during the call. */
struct ai_record {
    enum ai_purpose purpose;
    struct str person, document, review;
    struct str request;     /* that the thread which asked worked for (base/trace.h); may be empty */
    struct str model;       /* what answered, as the wire calls it */
    struct str asked_model; /* as configured */
    unsigned attempt;       /* of its ask, from 1 */
    int64_t at_unix_ms;     /* when it began */
    int64_t queue_ms;       /* it waited before, since the ask or the attempt before */
    int64_t first_token_ms; /* from its beginning; -1: none came */
    int64_t whole_ms;
    struct ai_usage usage;
    bool
        estimated; /* the usage is worked out from bytes: an answer was begun, and its end with the tokens never came */
    bool priced;   /* there is a price; else cost_microusd is 0 */
    int64_t cost_microusd;
    struct str outcome; /* empty: it was answered; else the reason of the error */
};

/* h.on_usage and h.on_end: of the last attempt, once, after its record. h.on_end also has the ends that are the router's: "cancelled", "over_budget",
 * "waited_too_long" (ERR_BUSY), and the last error when no model is left. h.ctx is the ctx of all. */
struct ai_router_handler {
    struct ai_handler h;
    /* A model is asked now. why: NULL, or the attempt before has broken off with that, and all that it handed out is void. May be NULL. */
    void (*on_begin)(void *ctx, struct str model, const struct error *why);
};

struct ai_router_options {        /* texts are copied */
    struct ai_provider *provider; /* borrowed, outlives the router */
    const struct str *models;     /* 1 to AI_MODELS_MAX, each once; the first is the primary one */
    size_t n_models;
    bool fallback, chat_fallback; /* may a review, a chat go to the next model? */
    size_t max_calls;             /* of a model at once; 0: 256 */
    uint64_t tokens_per_minute;   /* of a model, in and out; 0: none is known, it is learnt when there is reason to */
    unsigned max_attempts;        /* rounds; 0: 3 */
    int64_t backoff_base_ms, backoff_max_ms, cooldown_ms; /* 0: 500, 20000, 30000 */
    size_t max_waiting;                                   /* asks; 0: 10000 */
    size_t max_bytes;                                     /* of all requests that are held; 0: 256 MB */
    const struct ai_prices *prices;                       /* borrowed; may be NULL */
    struct ai_budget *budget;                             /* borrowed; may be NULL */
    void (*on_record)(void *ctx, const struct ai_record *r);
    /* To tell the other instances: this model is not asked before then; 0: it was reset. */
    void (*on_cooldown)(void *ctx, struct str model, int64_t until_unix_ms, struct str reason);
    void *ctx;
    int64_t (*now_ns)(void); /* for tests; NULL: time_monotonic_ns */
};

/* ERR_INVALID "bad_models" none, too many or one twice; ERR_LIMIT; ERR_INTERNAL no thread. */
enum err ai_router_new(const struct ai_router_options *o, struct ai_router **ret, struct error *e) MUST_USE;
/* Cancels everything, refuses new asks (ERR_BUSY "stopping"), returns when the last on_end has. The provider still works. May be called again. */
void ai_router_stop(struct ai_router *r);
void ai_router_free(struct ai_router *r); /* stops it; r may be NULL */

/* Does not wait. Callbacks may come before it has returned; *ret is set before the first. *ret: ai_router_call_free, at any time.
 * ERR_BUSY "too_many_waiting", "stopping"; ERR_LIMIT "over_budget" (ai/budget.h), no memory; ERR_NOT_FOUND "unknown_model". What is wrong with the
 * request itself comes to on_end. On an error no callback comes. */
enum err ai_router_ask(struct ai_router *r, const struct ai_ask *ask, const struct ai_router_handler *h,
                       struct ai_router_call **ret, struct error *e) MUST_USE;
/* Ends it at once, waiting or running: on_end comes with "cancelled" (ERR_CONFLICT), unless the end was there first. Once this has returned at most
 * one other callback, the one that is running, is to be expected before it. May be called again; not after ai_router_free. */
void ai_router_cancel(struct ai_router_call *c);
void ai_router_call_free(struct ai_router_call *c); /* does not cancel; c may be NULL */

/* For GET /models. */
enum ai_health { AI_WELL, AI_COOLING, AI_PROBING, AI_BROKEN };
const char *ai_health_name(enum ai_health h); /* "well", "cooling", … */

struct ai_model_state {
    struct str model;
    enum ai_health health;
    int64_t until_unix_ms;             /* COOLING, BROKEN: not asked before; else 0 */
    struct str reason;                 /* of the last failure that made it unwell; empty when well */
    uint32_t running, waiting, limit;  /* waiting: asks whose first choice it is */
    uint64_t tokens_per_minute;        /* configured or learnt; 0: none */
    uint64_t calls, failed, throttled; /* attempts that have ended; of them with an error; of them throttled */
    uint64_t tokens_in, tokens_out, tokens_cached; /* cached: read from the cache, not in tokens_in */
    bool priced;
    int64_t cost_microusd;
    int64_t first_token_ms; /* the median of the last 64; -1: none yet */
};
/* In configured order. ERR_LIMIT. */
enum err ai_router_models(struct ai_router *r, struct arena *a, struct ai_model_state **ret, size_t *ret_n,
                          struct error *e) MUST_USE;
/* How calls ended and how long they took, as lines of base/metrics.h. */
void ai_router_metrics(struct ai_router *r, struct sb *out);
/* It is well from now on; limits that were learnt are forgotten. false: no such model. */
bool ai_router_reset(struct ai_router *r, struct str model);
/* Another instance said so (on_cooldown there). Not told on. A model that is not configured here is nothing. */
void ai_router_heard(struct ai_router *r, struct str model, int64_t until_unix_ms, struct str reason);
