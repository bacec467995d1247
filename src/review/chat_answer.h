/* An answer being given: one thread from its question to its end. */
#pragma once

#include <stdatomic.h>

#include "base/trace.h"
#include "review/chat_call.h"
#include "review/chat_feed.h"
#include "review/chat_rows.h"

enum { CHAT_TOOL_ROUNDS = 8 /* in which an answer may use tools */ };

struct chat_answer {
    const struct review_context *c;
    struct arena *a;                         /* of the answer; what is made while it runs is its thread's */
    struct str document_id, visitor;         /* in a */
    struct store_chat_message question, row; /* as they were inserted; in a */
    struct chat_feed *feed;
    struct chat_stop stop;
    struct trace_work work;  /* of the request that asked */
    atomic_bool interrupted; /* it is stopped because the server ends, not because somebody wants it */
    int64_t store_every_ms;
};

/* Gives it: calls the model, carries out tools, keeps what is said at intervals and at the end, ends the feed but does not close it. Never fails: what goes wrong is told to those
 * who follow, and is in the row. Thread: one, of its own. */
void chat_answer_give(struct chat_answer *w);
