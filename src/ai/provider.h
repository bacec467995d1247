/* Asking a model, whichever it is: one request in, a stream of events out. A provider (Bedrock, Anthropic, OpenAI-compatible) speaks one wire
 * format behind this interface; whoever decides between models (fallback, fairness) can stand behind it too.
 * The first answer is the only one: nothing is tried again here, but for what costs nothing and is learnt once (an inference profile, expired
 * keys, a server without tools), and only before anything was handed out. No text of a request or an answer is logged or put into an error.
 * Thread: any, unless said otherwise. Callbacks come on a thread of the provider or of the HTTP client, one at a time for a call, no lock held,
 * and must not wait: what waits in one, waits for all. */
#pragma once

#include "ai/errors.h"
#include "base/str.h"

/* A piece of a message. */
enum ai_part_kind {
    AI_TEXT,
    AI_REASONING,   /* what the model thought, given back as it came: text and signature of on_reasoning */
    AI_TOOL_USE,    /* of the assistant: it called a tool */
    AI_TOOL_RESULT, /* of the user: what the tool gave */
};

struct ai_part {
    enum ai_part_kind kind;
    struct str text;      /* of TOOL_USE: the input, a JSON object; of TOOL_RESULT: what it gave */
    struct str signature; /* REASONING */
    struct str tool_id;   /* TOOL_USE, TOOL_RESULT: as on_tool_start said it */
    struct str tool_name; /* TOOL_USE */
    bool failed;          /* TOOL_RESULT */
    bool
        cache; /* all up to here is the same in many requests: kept by the provider where it can; at most 4 in a request */
};

enum ai_role { AI_USER, AI_ASSISTANT };

struct ai_message {
    enum ai_role role;
    const struct ai_part *parts;
    size_t n_parts;
};

struct ai_tool {
    struct str name;        /* [a-zA-Z0-9_-], 1 to 64 */
    struct str description; /* for the model */
    struct str schema;      /* of its input: JSON Schema, an object */
};

/* All in milliseconds; a limit that is passed ends the call with the reason given here. 0: none. */
struct ai_limits {
    int64_t connect_ms; /* no_route: until there is a connection */
    int64_t
        first_token_ms; /* timeout_first_token: from there until the model begins to think, to write or to call a tool */
    int64_t stall_ms;   /* stalled: between two pieces after that */
    int64_t whole_ms;   /* timeout */
};
#define AI_LIMITS                                                                                                      \
    {                                                                                                                  \
        .connect_ms = 10000, .first_token_ms = 120000, .stall_ms = 60000, .whole_ms = 600000                           \
    }

struct ai_request { /* all of it is copied by start */
    struct str model;
    const struct ai_part *system; /* AI_TEXT only */
    size_t n_system;
    const struct ai_message *messages; /* at least one; the first and the last are the user's */
    size_t n_messages;
    const struct ai_tool *tools;
    size_t n_tools;
    bool cache_tools; /* as ai_part.cache, behind the last tool */
    /* A tool that must be called, or empty. With reasoning no API lets it be forced: it is then asked for, and the answer may be text. */
    struct str forced_tool;
    int64_t max_tokens; /* of the answer, at least 1; what it thinks comes on top */
    double
        temperature; /* 0 to 1; below 0: the provider's own. With reasoning it is not sent: the APIs demand their own */
    int64_t reasoning_tokens; /* the budget of extended thinking; 0: none; at least 1024 otherwise */
    struct ai_limits limits;
};

enum ai_stop {
    AI_STOP_DONE,       /* the model said all it had to say */
    AI_STOP_TOOL,       /* it called tools and waits for what they give */
    AI_STOP_MAX_TOKENS, /* cut: text is incomplete, and a tool input that was not ended never comes to on_tool_input */
    AI_STOP_REFUSAL,    /* the model, or a filter around it, would not */
    AI_STOP_ERROR,
};

struct ai_usage { /* tokens; those of the cache are not in in */
    uint64_t in, out, cache_read, cache_write;
};

struct ai_end {
    enum ai_stop stop;
    /* AI_STOP_ERROR: its reason is one of ai/errors.h, or "cancelled" (ERR_CONFLICT), "too_busy" (ERR_BUSY), no memory (ERR_LIMIT), or that of a
     * request that cannot be sent (ERR_INVALID "bad_url", "bad_header"). Else NULL. */
    const struct error *e;
    int64_t retry_after_ms;  /* the server asks not to be asked again before; 0: it did not say */
    struct str model;        /* what answered, as it is called on the wire (an inference profile, say) */
    struct str profile_note; /* not empty once for a model: .model answers in the place of its plain id */
};

/* Any may be NULL but on_end. Texts are valid during the call, and valid UTF-8. tool: which call of a tool, from 0, in the order in which they
 * begin. on_tool_item: an item of an array that is a member of the input's top level, complete, in order, before on_tool_input has the whole. */
struct ai_handler {
    void (*on_text)(void *ctx, struct str delta);
    void (*on_reasoning)(void *ctx, struct str delta, struct str signature); /* one of the two is empty */
    void (*on_tool_start)(void *ctx, unsigned tool, struct str id, struct str name);
    void (*on_tool_item)(void *ctx, unsigned tool, struct str member, size_t index, struct str json);
    void (*on_tool_input)(void *ctx, unsigned tool, struct str json); /* an object */
    void (*on_usage)(void *ctx, const struct ai_usage *u); /* at most once, before on_end, also of a failed call */
    void (*on_end)(void *ctx, const struct ai_end *end);   /* exactly once, the last of all */
    void *ctx;                                             /* borrowed until on_end has returned */
};

struct ai_call { /* the first member of a provider's own */
    const struct ai_provider_ops *ops;
};

struct ai_provider { /* the first member of a provider's own */
    const struct ai_provider_ops *ops;
};

struct ai_provider_ops {
    const char *name; /* "bedrock": as in configuration */
    /* Does not wait. Callbacks may come before it has returned; *ret is set before the first. *ret: given back with free_call, at any time.
     * What this thread works for (base/trace.h) goes out with it, as headers x-request-id and traceparent.
     * ERR_INVALID "bad_request" the request contradicts what is said above; ERR_BUSY "too_busy"; ERR_LIMIT no memory. On an error no
     * callback comes. */
    enum err (*start)(struct ai_provider *p, const struct ai_request *rq, const struct ai_handler *handler,
                      struct ai_call **ret, struct error *e);
    /* Ends it at once: on_end still comes, with "cancelled", unless the end was there first. Once this has returned at most one other callback,
     * the one that is running, is to be expected before it. May be called again. */
    void (*cancel)(struct ai_call *c);
    void (*free_call)(struct ai_call *c); /* does not cancel; c may be NULL */
    void (*free)(struct ai_provider *p);  /* every call has ended; p may be NULL */
};
