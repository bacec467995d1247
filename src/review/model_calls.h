/* Calls of a model for one review: several on their way at once, and one thread that waits for all of them. What comes on the router's threads is put into
 * a box, at once, and taken out on the thread that waits; those who write never wait for it.
 * Limits: MODEL_BOX_MAX bytes that nobody has taken out; past that a call is ended with "answer_too_long".
 * Thread: one, but where it is said otherwise. */
#pragma once

#include "ai/router.h"

#define MODEL_BOX_MAX ((size_t)4 << 20)

enum model_news_kind {
    MODEL_ASKED, /* a model is asked now */
    MODEL_ITEM,  /* one item of the list is complete */
    MODEL_ENDED, /* nothing more comes of this call */
};

struct model_news { /* texts live in the arena of model_calls_wait */
    enum model_news_kind kind;
    size_t call;     /* as it was asked for */
    struct str text; /* ASKED: the model; ITEM: its JSON */
    bool again;      /* ASKED: an attempt before has broken off (the error says why) */
    bool listed;     /* ENDED: the whole list has come */
    enum ai_stop stop;
    struct error error; /* ENDED with AI_STOP_ERROR */
};

struct model_calls;

/* list: the member of the tool's input whose items are told. *ret: model_calls_free. */
enum err model_calls_new(struct ai_router *router, const char *list, struct model_calls **ret,
                         struct error *e) MUST_USE;
/* Cancels what runs and returns when the last has ended. c may be NULL. */
void model_calls_free(struct model_calls *c);

/* call: any number, the same for no other that runs. Errors: those of ai_router_ask; then no news of it comes. */
enum err model_calls_ask(struct model_calls *c, size_t call, const struct ai_ask *ask, struct error *e) MUST_USE;
/* So many are on their way. */
size_t model_calls_running(const struct model_calls *c);
/* One of them begins to answer, or has: what it shares with others is in the provider's cache. Thread: any. */
bool model_calls_warm(struct model_calls *c);

/* The next news, at most until a moment of time_monotonic_ns(): *ret_any false when none came. ERR_LIMIT no memory. */
enum err model_calls_wait(struct model_calls *c, int64_t until_ns, struct arena *a, bool *ret_any,
                          struct model_news *ret, struct error *e) MUST_USE;
