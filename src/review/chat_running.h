/* The answers that are being given: a list under one lock, with references. What is in it runs, or is about to; a row of the store says how each ended.
 * Thread: any. */
#pragma once

#include "review/chat_answer.h"

struct chat_running { /* an answer that is given, or about to be */
    struct chat_answer w;
    struct chat *chat;
    struct chat_running *next; /* by the chat's lock */
    unsigned refs;             /* by the chat's lock: the thread's, and those who look */
    struct str id;             /* by the chat's lock: of the answer; empty until it is in the store */
};

struct chat {
    const struct review_context *c;
    struct chat_options o;
    struct lock lock;
    struct lock_cond gone;      /* one has left the list */
    struct chat_running *first; /* by lock, as all that follows */
    size_t n;                   /* in the list */
    size_t alive;               /* that are not freed yet */
    bool stopping;
};

/* Not in the list yet; one reference. ERR_LIMIT. */
enum err chat_running_new(struct chat *chat, const struct review_by *by, struct str document_id,
                          struct chat_running **ret, struct error *e) MUST_USE;
/* Into the list, with its own reference. ERR_CONFLICT "answer_running" one for this document and visitor is there; ERR_BUSY "too_many_answers", "stopping":
 * t is then still the caller's, to be let go with chat_running_drop. */
enum err chat_running_enter(struct chat *chat, struct chat_running *t, struct error *e) MUST_USE;
void chat_running_drop(struct chat_running *t); /* one that never was in the list */
/* Out of the list: who looks now finds its row. */
void chat_running_leave(struct chat_running *t);
void chat_running_unref(struct chat_running *t);

/* With a reference; NULL: none is given. *ret_ready: it is in the store, and has a feed. */
struct chat_running *chat_running_find(struct chat *chat, struct str document_id, struct str visitor, bool *ret_ready);
/* By the answer's id. */
struct chat_running *chat_running_answer(struct chat *chat, struct str document_id, struct str id);

/* Waits until it has left the list. false: not in time. */
bool chat_running_gone(struct chat *chat, const struct chat_running *t, int64_t timeout_ms);
/* Takes none any more, and waits until all are gone and freed. false: not in time. */
bool chat_running_none(struct chat *chat, int64_t timeout_ms);
/* Ends all that are in the list, as interrupted. */
void chat_running_interrupt(struct chat *chat);
