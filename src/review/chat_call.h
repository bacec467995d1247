/* One call of a model for a talk, waited for: what comes on the router's threads is put into a box and taken out on the thread that waits.
 * Thread: the one that calls; chat_call_stop: any. */
#pragma once

#include "ai/router.h"
#include "base/lock.h"
#include "base/vec.h"

enum {
    CHAT_CALL_TOOLS_MAX = 16,        /* calls of tools in one answer of the model; more are not carried out */
    CHAT_TOOL_INPUT_MAX = 128 << 10, /* bytes of the input of one */
};

/* Whether the work is to end, and who waits for what. One for an answer. */
struct chat_stop {
    struct lock lock;
    struct lock_cond cond;
    bool stop; /* by lock */
};
void chat_stop_init(struct chat_stop *s);
void chat_stop_done(struct chat_stop *s);
void chat_stop_now(struct chat_stop *s);

struct chat_tool_use {
    struct str id, name, input; /* input: JSON; .p NULL: it was too long */
};

struct chat_consumer { /* on the calling thread; what fails ends the call */
    /* A model is asked; why: NULL, or all text since the last begin is void. */
    enum err (*begin)(void *ctx, struct str model, const struct error *why, struct error *e);
    enum err (*text)(void *ctx, struct str text, struct error *e);
    /* Called at least every tick_ms. */
    enum err (*tick)(void *ctx, struct error *e);
    void *ctx;
    int64_t tick_ms;
};

struct chat_call {
    enum ai_stop stop;           /* never AI_STOP_ERROR */
    struct chat_tool_use *tools; /* of AI_STOP_TOOL, in order */
    size_t n_tools;
};

/* Asks and waits. *ret lives in a. Errors: those of the router and of the model; ERR_CONFLICT "stopped"; what the consumer says. */
enum err chat_call(struct ai_router *router, const struct ai_ask *ask, struct chat_stop *stop,
                   const struct chat_consumer *consumer, struct arena *a, struct chat_call *ret,
                   struct error *e) MUST_USE;
