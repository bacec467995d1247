/* What a thread works for, and how long what takes: the id of the request that began it all, and spans.
 *
 * A span is a piece of work with a beginning, an end and a span that it is part of: request -> review -> section -> call of a model. Ids are those of W3C
 * Trace Context, so that a trace may begin before us (traceparent of a request) and go on behind us (of a call of a model).
 *
 *   struct trace_span span;
 *   trace_begin(&span, TRACE_INTERNAL, "section");      what is begun on this thread until trace_leave is part of it
 *   trace_number(&span, "prism.section", 3);
 *   trace_leave(&span);                                 on the thread that began it; once
 *   trace_end(&span, NULL);                             on any thread; once
 *
 * Work that goes to another thread takes trace_work_now() with it, and sets it there; the store carries it into a transaction and keeps it with a job.
 * Nobody waits for whoever collects spans: they go into a list of bounded length, and what finds it full is counted and forgotten. Without trace_start
 * spans cost nothing, and a traceparent that came in goes out as it came.
 * A span holds names, ids and numbers; never the text of a document, never a secret. Like the log this is global state.
 * Source: W3C Trace Context 1; OpenTelemetry, Trace API and SDK. Thread: any; start and stop: while no other thread begins or ends spans. */
#pragma once

#include "base/str.h"

#define TRACE_REQUEST_MAX    128 /* bytes of the id of a request */
#define TRACE_PARENT_CHARS   55  /* of a traceparent */
#define TRACE_NAME_MAX       96
#define TRACE_ATTRIBUTES_MAX 16
#define TRACE_TEXT_MAX       512 /* bytes of all texts of a span */

struct trace_link {             /* a span, from afar */
    uint8_t trace[16], span[8]; /* trace: all 0: there is none */
    bool sampled;               /* somebody keeps it */
};

struct trace_work {                      /* what a thread works for */
    char request[TRACE_REQUEST_MAX + 1]; /* the id of the request that began it; empty: none did */
    struct trace_link link;              /* of the span that it is part of */
};

/* That of this thread. */
struct trace_work trace_work_now(void);
/* From now on; "request" of the log's context with it. work: copied; NULL: for nothing. */
void trace_work_set(const struct trace_work *work);
/* request is cut to TRACE_REQUEST_MAX, and what is not printable ASCII left out; traceparent: as trace_parent_read; what is none counts as none. */
struct trace_work trace_work_make(struct str request, struct str traceparent);

/* "00-<trace>-<span>-01"; versions after 00 are read by what they share with it. false: it is none, and *ret is empty. */
bool trace_parent_read(struct str traceparent, struct trace_link *ret);
/* Empty where there is none. ret: room for TRACE_PARENT_CHARS and a NUL. */
struct str trace_parent_write(const struct trace_link *link, char ret[TRACE_PARENT_CHARS + 1]);
bool trace_is_none(const struct trace_link *link);

enum trace_kind { TRACE_INTERNAL = 1, TRACE_SERVER, TRACE_CLIENT }; /* as in OTLP */

struct trace_attribute {
    const char *key; /* a constant */
    bool is_text;
    uint16_t at, n; /* of a text: where it is in the span's */
    int64_t number;
};

struct trace_span {
    bool on;     /* it is kept; else only link is set */
    bool inside; /* entered and not left */
    bool failed;
    enum trace_kind kind;
    struct trace_link link, before; /* before: what the thread worked for, its parent unless there was none */
    char name[TRACE_NAME_MAX + 1];
    char error[64]; /* the reason of a failure */
    int64_t began_unix_ns, took_ns, began_ns;
    struct trace_attribute attributes[TRACE_ATTRIBUTES_MAX];
    size_t n_attributes, n_text;
    char text[TRACE_TEXT_MAX];
};

/* name: copied, cut. A span that is part of none begins a trace, which is kept by chance (trace_options.ratio); else it is kept if its parent is. */
void trace_begin(struct trace_span *s, enum trace_kind kind, struct str name);
void trace_text(struct trace_span *s, const char *key,
                struct str value); /* left out where there is no room, or empty */
void trace_number(struct trace_span *s, const char *key, int64_t value);
void trace_leave(struct trace_span *s);
/* reason: why it failed, or NULL. May be called of a span that was never begun, if it is zeroed: nothing. */
void trace_end(struct trace_span *s, const char *reason);

/* --- whoever collects them --- */

struct trace_options {
    size_t spans; /* that may wait to be taken */
    double ratio; /* of traces that begin here, those that are kept: 0 to 1 */
};

enum err trace_start(const struct trace_options *options, struct error *e) MUST_USE; /* ERR_LIMIT no memory */
void trace_stop(void);
bool trace_is_on(void);
/* The oldest into to; how many. */
size_t trace_take(struct trace_span *to, size_t max);
/* Until n wait, or a moment of time_monotonic_ns(), or trace_wake. Thread: one. */
void trace_wait(size_t n, int64_t until_ns);
void trace_wake(void);

struct trace_counts {
    uint64_t kept, dropped; /* dropped: the list was full */
    size_t waiting;
};
struct trace_counts trace_counts(void);
