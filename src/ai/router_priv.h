/* The parts of the router. router.c is its doors and its thread, router_ask.c an ask from one state to the next, router_start.c an attempt,
 * router_run.c what follows from its end, router_state.c what others see. The rest decide: router_queue.c whose turn it is, router_health.c which
 * model is asked at all, router_limits.c how much of it at once, router_timer.c when what waits is due. What decides is called with the
 * lock, by whatever thread; it calls nobody back.
 * Of a call: what is marked "provider" is written by the thread of its provider while it runs, and read by the router's after on_end has handed it
 * over. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "ai/router.h"
#include "base/lock.h"
#include "base/metrics.h"
#include "base/trace.h"

#define AI__MS_NS             ((int64_t)1000000)
#define AI__NEVER             INT64_MAX
#define AI__WINDOW            60   /* seconds in which tokens are counted */
#define AI__FIRST_TOKENS      64   /* times to the first token that are kept of a model */
#define AI__QUANTUM           4096 /* tokens of a turn: as many as one answer has, so that a turn is about one ask */
#define AI__REQUEST_MAX_BYTES ((size_t)24 << 20)

struct ai__person;

enum ai__ask_state { AI__WAITING, AI__BACKOFF, AI__RUNNING, AI__ENDING };

struct ai__attempt {
    struct ai_call *call; /* the router's thread alone */
    size_t model;
    uint32_t epoch;  /* of the model when it began */
    bool own;        /* it failed before anybody was asked */
    bool probe;      /* the model was not well when it began */
    uint64_t tokens; /* that were counted for it */
    int64_t began_ns, began_unix_ms, queue_ms;
    struct ai_reserved held;
    /* provider */
    int64_t first_ns; /* 0: no token yet */
    size_t bytes_out;
    struct ai_usage usage;
    bool has_usage;
    enum ai_stop stop;
    struct error e;
    int64_t retry_after_ms, ended_ns;
    struct str wire_model, profile_note; /* in the call's arena */
};

struct ai_router_call {
    struct ai_router *router;
    atomic_uint refs; /* who asked; the router, until on_end has returned */
    atomic_bool cancelled;
    /* does not change */
    struct arena *arena;
    struct ai_request request;
    enum ai_purpose purpose;
    struct str person, document, review;
    struct trace_work work; /* of the thread that asked */
    size_t bytes;
    uint64_t tokens_in; /* estimated */
    struct ai_router_handler out;
    size_t first, n_models; /* those that it may be given to */
    int64_t asked_ns, deadline_ns;
    /* guarded by the router's lock */
    enum ai__ask_state state;
    struct ai__person *turn;
    struct ai_router_call *next, *prev;         /* of the same person; or next that ended, that is to end */
    struct ai_router_call *all_next, *all_prev; /* every call */
    struct ai_router_call *cancel_next;
    bool cancel_queued;
    size_t timer_at; /* in the heap; SIZE_MAX: not */
    int64_t due_ns;
    uint64_t pass;   /* in which there was no budget for it */
    bool paid;       /* its turn was paid for: it comes back without waiting for another */
    bool over;       /* on_end has returned */
    bool of_attempt; /* the end is that of its attempt */
    bool retry;      /* something of this round is worth it */
    uint32_t tried;  /* models of this round, a bit each */
    unsigned round, attempts;
    int64_t waits_since_ns;
    struct error last; /* why it broke off, or ends; code ERR_OK: not yet */
    int64_t last_retry_after_ms;
    /* the router's thread, but for what is the provider's */
    struct ai__attempt attempt;
    struct trace_span span; /* of the attempt */
};

/* A person's asks of one purpose, in order. Lives as long as one of them, waiting or not, so that putting one back needs no memory. */
struct ai__person {
    struct ai__person *next;                  /* of the same bucket */
    struct ai__person *ring_next, *ring_prev; /* NULL: nothing waits */
    struct ai_router_call *head, *tail;
    uint64_t credit; /* tokens */
    size_t refs, n;
    char id[];
};

#define AI__BUCKETS 512
struct ai__queue { /* of a purpose */
    struct ai__person *buckets[AI__BUCKETS];
    struct ai__person *turn; /* whose it is next; NULL: nobody waits */
};

struct ai__model {
    struct str name;
    struct ai_price price;
    bool priced;
    /* health; guarded by the lock, as all below */
    enum ai_health health;
    int64_t until_ns;                     /* COOLING, BROKEN: not asked before; PROBING: no second probe before */
    uint32_t epoch;                       /* grows when it falls ill: what began before says nothing new */
    unsigned throttles, failures, breaks; /* in a row */
    struct error last;                    /* why it is not well */
    bool tell;                            /* on_cooldown is to be called */
    /* limits */
    double limit; /* calls at once */
    uint32_t running;
    uint64_t tokens_per_minute;        /* 0: none is known */
    uint64_t seconds[AI__WINDOW], sum; /* tokens by the second in which they were asked for */
    int64_t second;                    /* of the newest */
    bool short_of_tokens;              /* somebody waits for them, or has since they last grew */
    int64_t lowered_ns, raised_ns;
    int64_t series_ns; /* since then it was lowered at least once a minute */
    /* counts */
    uint64_t calls, failed, throttled, tokens_in, tokens_out, tokens_cached;
    int64_t cost_microusd;
    uint64_t answered, outcomes[AI_REASONS + 1]; /* of calls: failures by reason, the last: any other */
    struct metrics_histogram first_token, whole;
    int32_t first_tokens[AI__FIRST_TOKENS]; /* ms */
    size_t n_first_tokens;                  /* ever */
};

struct ai_router {
    struct ai_router_options o;
    struct arena *arena;
    pthread_t thread;
    struct lock lock;
    struct lock_cond work, idle; /* for the thread; for who waits until it has nothing to do */
    struct ai__model models[AI_MODELS_MAX];
    /* guarded by lock, as all below */
    struct ai__queue queues[AI_PURPOSES];
    struct ai_router_call *all;
    size_t n_all, n_waiting, bytes;
    struct ai_router_call **timers; /* a heap */
    size_t n_timers, timers_cap;
    struct ai_router_call *ended, **ended_end;   /* attempts */
    struct ai_router_call *ending, **ending_end; /* calls, of c->last */
    struct ai_router_call *cancels;
    uint64_t pass;
    unsigned chats; /* since a review began */
    bool sweep;     /* a model fell ill: some may have no hope left */
    bool stopping, leave;
    uint64_t sleeps;
};

/* --- request_copy.c; any thread --- */

size_t ai__request_bytes(const struct ai_request *rq);
uint64_t ai__tokens_of(size_t bytes); /* about; of texts in Latin letters */
enum err ai__request_copy(struct arena *a, const struct ai_request *rq, struct ai_request *ret,
                          struct error *e) MUST_USE;

/* --- router_queue.c --- */

/* The person of an ask, with a reference; NULL on no memory. */
struct ai__person *ai__queue_person(struct ai__queue *q, struct str id);
void ai__queue_person_unref(struct ai__queue *q, struct ai__person *p);
void ai__queue_push(struct ai__queue *q, struct ai_router_call *c, bool front);
void ai__queue_remove(struct ai__queue *q, struct ai_router_call *c);
/* The call whose turn it is among those for which can() holds; it stays in the queue until ai__queue_take. NULL: none. */
struct ai_router_call *ai__queue_next(struct ai__queue *q, bool (*can)(struct ai_router_call *c, int64_t now_ns),
                                      int64_t now_ns);
void ai__queue_take(struct ai__queue *q, struct ai_router_call *c); /* removes it; its person has paid */
uint64_t ai__call_tokens(const struct ai_router_call *c);           /* what it asks for: in and out */

/* --- router_timer.c --- */

bool ai__timer_reserve(struct ai_router *r, size_t n) MUST_USE; /* room for n calls; false: no memory */
void ai__timer_set(struct ai_router *r, struct ai_router_call *c, int64_t due_ns); /* AI__NEVER: none */
int64_t ai__timer_first(const struct ai_router *r);

/* --- router_health.c --- */

bool ai__health_open(const struct ai__model *m, int64_t now_ns); /* may one be asked now? */
void ai__health_began(struct ai__model *m, struct ai__attempt *t, int64_t now_ns);
void ai__health_alive(struct ai__model *m, const struct ai__attempt *t); /* the first token */
/* e: NULL: answered. own: it failed here, nobody was asked. Says whether it fell ill or its time was made longer. */
bool ai__health_ended(struct ai_router *r, struct ai__model *m, const struct ai__attempt *t, const struct error *e,
                      bool own, int64_t now_ns);
void ai__health_well(struct ai__model *m);
/* Until then, for this reason; not shorter than it is already. Says whether anything changed. */
bool ai__health_ill(struct ai__model *m, enum ai_health as, int64_t until_ns, const struct error *why);
/* None of its models comes back within the patience of its purpose. *ret: the one that comes first. */
bool ai__health_hopeless(struct ai_router *r, const struct ai_router_call *c, int64_t now_ns,
                         const struct ai__model **ret);

/* --- router_limits.c --- */

void ai__limits_init(struct ai__model *m, const struct ai_router_options *o);
bool ai__limits_room(struct ai__model *m, const struct ai_router_call *c, int64_t now_ns);
void ai__limits_began(struct ai__model *m, struct ai__attempt *t, uint64_t tokens, int64_t now_ns);
/* Before ai__health_ended: whether it is news that it throttles goes by the epoch. */
void ai__limits_ended(const struct ai_router_options *o, struct ai__model *m, const struct ai__attempt *t,
                      const struct error *e, int64_t now_ns);

/* --- router_ask.c --- */

void ai__ask_unref(struct ai_router_call *c);
void ai__ask_move(struct ai_router *r, struct ai_router_call *c, enum ai__ask_state state);
/* Into the queue, or to its end where there is no hope. */
void ai__ask_enqueue(struct ai_router *r, struct ai_router_call *c, bool front);
void ai__ask_end(struct ai_router *r, struct ai_router_call *c); /* by c->last; whatever it did is over */
void ai__ask_end_cancelled(struct ai_router *r, struct ai_router_call *c);
void ai__ask_end_hopeless(struct ai_router *r, struct ai_router_call *c, const struct ai__model *soonest);
void ai__list_add(struct ai_router_call ***end, struct ai_router_call *c);
struct ai_router_call *ai__list_take(struct ai_router_call **first, struct ai_router_call ***end); /* NULL: empty */

/* --- router_start.c --- */

/* Starts what is next, or ends what turns out to have no budget; false: nothing can start now. */
bool ai__start_next(struct ai_router *r) REQUIRES_LOCK(r->lock);

/* --- router_run.c --- */

int64_t ai__now(const struct ai_router *r);
/* Something that is due, if anything is: gives the lock back while it calls out. */
bool ai__router_step(struct ai_router *r) REQUIRES_LOCK(r->lock);
int64_t ai__router_due(struct ai_router *r,
                       int64_t now_ns); /* when there will be something, as far as time alone brings it */

/* --- router.c --- */

/* For tests: returns when the thread has seen the time as it is now, and has nothing more to do. */
void ai__router_settle(struct ai_router *r);
