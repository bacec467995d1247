/* The rows of a talk: lists in JSON as they keep them, copies, and the transactions. Thread: any that the store serves. */
#pragma once

#include "base/json.h"
#include "review/chat.h"
#include "review/chat_turns.h"
#include "store/queries.h"

struct chat_cited;

const struct review_context *chat_context(const struct chat *chat); /* chat.c */

/* --- JSON in rows (chat_json.c) --- */

struct chat_lists { /* walks the items of a row's lists; those of a second list (proposals behind tools) come last */
    struct str rest;
    bool second;
};
bool chat_lists_next(struct chat_lists *l, struct str *ret, bool *ret_second);
void chat_list_put(struct sb *b, const struct str *items, size_t n);
/* What store_chat_message.tools keeps of an answer. */
void chat_tools_put(struct sb *b, unsigned generation, const struct str *tools, size_t n_tools,
                    const struct str *proposals, size_t n_proposals);
unsigned chat_generation_of(struct str tools);
void chat_anchor_json(struct json_out *o, const char *key, const struct chat_cited *at);
void chat_state_json(struct json_out *o, enum store_state state);

/* --- rows --- */

enum err chat_row_copy(const struct store_chat_message *row, struct arena *a, struct store_chat_message *ret,
                       struct error *e) MUST_USE;

struct chat_rows_new { /* a question and its answer to be */
    struct str document_id;
    const struct review_by *by;
    struct str text, context; /* of the question */
    struct str replaces;      /* a question that goes, with all behind it; empty */
    struct str
        retried; /* an answer that goes, with all behind it: its question is asked again, text and context are not read; empty */
    struct store_chat_message question, answer; /* come out, in the arena */
};
/* Errors: those of chat_ask and chat_retry. */
enum err chat_rows_add(const struct review_context *c, struct chat_rows_new *n, struct arena *a,
                       struct error *e) MUST_USE;

/* Writes an answer that ran until now. ERR_CONFLICT "stopped": it is not there any more, or was ended otherwise. */
enum err chat_rows_update(const struct review_context *c, const struct store_chat_message *row,
                          struct error *e) MUST_USE;

/* A message of this document that is not gone. */
enum err chat_rows_find(const struct review_context *c, struct str document_id, struct str id, struct arena *a,
                        struct store_chat_message *ret, struct error *e) MUST_USE;

/* The talk up to a question, as far as it is not summarised. */
enum err chat_rows_talk(const struct review_context *c, const struct store_chat_message *question, struct arena *a,
                        struct chat_talk *ret, struct error *e) MUST_USE;
enum err chat_rows_summary(const struct review_context *c, struct str document_id, int64_t upto_seq, struct str text,
                           struct error *e) MUST_USE;
enum err chat_rows_clear(const struct review_context *c, struct str document_id, struct error *e) MUST_USE;
/* All that the rows say runs: interrupted. */
enum err chat_rows_interrupt(const struct review_context *c, size_t *ret_n, struct error *e) MUST_USE;

/* What people are told of an answer that a server left. */
void chat_interrupted(struct error *e);
