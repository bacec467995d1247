/* What the three providers share. call.c is a call from its start to its end: the HTTP request, the limits, cancelling. answer.c is what
 * comes of it: text, thoughts, tools. read.c is what reading needs, and what is known of models. A provider writes the request, reads its own format into the functions of answer.c, and says what a
 * refusal means.
 * Thread: what is marked "runs" is for the thread that runs the call at this moment: the starter's until it is sent, then the HTTP client's. */
#pragma once

#include <stdatomic.h>

#include "ai/json_stream.h"
#include "ai/provider.h"
#include "base/json.h"
#include "base/lock.h"
#include "base/trace.h"
#include "client/http.h"

#define AI__TOOLS_MAX    32
#define AI__ANSWER_MAX   ((size_t)8 << 20)  /* bytes of text, thoughts and tool inputs in one answer */
#define AI__EVENT_MAX    ((size_t)1 << 20)  /* bytes of one event of a stream */
#define AI__REQUEST_MAX  ((size_t)24 << 20) /* bytes of a request's body */
#define AI__REFUSAL_MAX  ((size_t)64 << 10) /* bytes that are read of a refusal */
#define AI__HEADERS_MAX  16                 /* of a provider */
#define AI__THINKING_MIN 1024               /* tokens; the least budget that the APIs take */

struct ai__call;

/* How a provider reads answers. All of them run. */
struct ai__wire {
    const char *content_type;                                                /* of a stream; "" : it is not looked at */
    enum err (*data)(struct ai__call *c, struct str bytes, struct error *e); /* of an answer with status 200 */
    enum err (*end)(struct ai__call *c, struct error *e);                    /* all of it has come; may be NULL */
    /* The server said no. true: it was asked again; false: *e is filled. */
    bool (*refused)(struct ai__call *c, struct error *e);
    bool in_one_piece;                /* nothing comes before all of it does: only the limit of the whole holds */
    void (*done)(struct ai__call *c); /* frees what is the provider's, not c; also of a half-built call */
};

struct ai__tool {
    uint64_t index; /* on the wire */
    struct ai_json_stream *input;
    struct ai__call *call;
    bool open;
};

struct ai__call { /* the first member of a provider's own */
    struct ai_call base;
    const struct ai__wire *wire;
    struct client_http *http; /* borrowed */
    struct ai_handler out;
    struct ai_limits limits;
    struct trace_work work; /* what is sent as headers of every provider */
    struct arena *arena;    /* small texts that live as long as the call */
    struct str model;       /* as it was asked for, and in messages */
    struct str secret; /* the key that is sent, as its header has it; borrowed of the provider; no error may show it */
    struct str sent_model, profile_note; /* for struct ai_end; runs */
    atomic_uint refs;                    /* the caller's, and that of what runs */
    atomic_bool cancelled;

    struct lock lock;
    struct client_http_call *on_way; /* guarded by lock: what a cancel ends */

    /* runs */
    struct sb body;                /* of the request; given back once the answer begins */
    struct client_http_call *sent; /* the same as on_way */
    int64_t sent_ns;               /* monotonic */
    int status;                    /* 0: no head yet */
    char error_type[96], request_id[96];
    int64_t retry_after_ms;
    struct sb refusal; /* its body, as far as it is kept */
    bool begun;        /* the model has */
    bool finished;     /* the mark of the end has come: what may still come does not matter */
    enum ai_stop stop;
    bool stop_known;
    size_t bytes; /* of the answer */
    struct ai__tool tools[AI__TOOLS_MAX];
    unsigned n_tools;
    struct ai_usage usage;
    bool has_usage;
    struct error late;   /* a tool input that was ended too early: an error unless the answer was cut by max_tokens */
    struct error failed; /* code ERR_OK: not */
};

/* --- call.c --- */

/* ERR_INVALID "bad_request": what is wrong with the request. Any thread. */
enum err ai__request_check(const struct ai_request *rq, struct error *e) MUST_USE;
/* A call of size bytes, which begin with struct ai__call; two references. Freed by ai__call_unref, twice. */
enum err ai__call_new(size_t size, const struct ai_provider_ops *ops, const struct ai__wire *wire,
                      struct client_http *http, const struct ai_request *rq, const struct ai_handler *handler,
                      struct ai__call **ret, struct error *e) MUST_USE;
void ai__call_unref(struct ai__call *c);
/* Sends c->body; runs. The call may be over before this has returned. On an error nothing was sent: cancelled included. */
enum err ai__send(struct ai__call *c, struct str url, const struct client_header *headers, size_t n_headers,
                  struct error *e) MUST_USE;
/* What was refused is forgotten, and ai__send may follow; runs. */
void ai__again(struct ai__call *c);
/* on_usage, on_end, and the reference of what runs: the last that is done with c. */
void ai__end(struct ai__call *c);
void ai__cancel(struct ai_call *c);    /* as ops.cancel */
void ai__free_call(struct ai_call *c); /* as ops.free_call */

/* --- read.c --- */

/* Fills *e by the table; returns its code. What the provider says goes into the detail: status, type, request id, and its message without what is
 * quoted in it. */
enum err ai__refuse(const struct ai__call *c, enum ai_reason reason, struct str type, struct str message,
                    struct error *e);
/* What a status means where the body says no more. */
enum ai_reason ai__by_status(int status);
/* Is one of the "|"-joined texts in s, in any case of its letters? */
bool ai__has(struct str s, const char *texts);
/* The text of an event. *ret_a: freed by the caller. The words of the parser quote what it read: they are not passed on. */
enum err ai__event_parse(const struct ai__call *c, struct str text, struct arena **ret_a, const struct json **ret,
                         struct error *e) MUST_USE;
/* Sets c->stop by what the provider gives as its reason; AI_STOP_ERROR: "bad_answer". rows end with .reason NULL. */
struct ai__stop_row {
    const char *reason;
    enum ai_stop stop;
};
enum err ai__stopped(struct ai__call *c, struct str reason, const struct ai__stop_row *rows, struct error *e) MUST_USE;
/* Does this model take a budget for its thoughts? Those that came later decide themselves, and take an effort. */
bool ai__thinks_by_budget(struct str model);
const char *ai__effort(int64_t reasoning_tokens);               /* "low", "medium", "high" */
uint64_t ai__count(const struct json *object, const char *key); /* 0: absent, no number */

/* --- answer.c; all of them run. ERR_CONFLICT "cancelled": the call was cancelled meanwhile --- */

enum err ai__text(struct ai__call *c, struct str delta, struct error *e) MUST_USE;
enum err ai__reasoning(struct ai__call *c, struct str delta, struct str signature, struct error *e) MUST_USE;
/* A tool that is begun twice is ended first. */
enum err ai__tool_start(struct ai__call *c, uint64_t index, struct str id, struct str name, struct error *e) MUST_USE;
enum err ai__tool_piece(struct ai__call *c, uint64_t index, struct str piece, struct error *e) MUST_USE;
enum err ai__tool_end(struct ai__call *c, uint64_t index, struct error *e) MUST_USE; /* none is open there: nothing */
void ai__tools_free(struct ai__call *c);
/* The model has begun: from here on the limit is that between two pieces. */
void ai__begun(struct ai__call *c);
