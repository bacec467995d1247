/* Talking with the model about a document. A question is kept, and so is its answer, which is work that outlives the request: it goes on when the
 * page is closed, is written down at intervals and at its end, and whoever follows it hears what was said so far and then the rest.
 * Words of the document that an answer cites are found in it again, or stand there as plain text; a finding that the model proposes is none until a
 * person accepts it. Everything belongs to the owner of the document; rights are not asked here (auth/access.h). What the model may look up:
 * chat_tools.c; how the talk becomes a request: chat_turns.c.
 * Limits: below; one answer at once for a document and visitor; max_answers in all, each with a thread of its own while it runs.
 * Of an answer that another process gives (a server that is being replaced) only what is written down is seen.
 * Thread: any that the store serves, but for new, drain and free. */
#pragma once

#include "base/json.h"
#include "review/context.h"
#include "review/decide.h"

#define CHAT_TEXT_MAX      8000              /* bytes of a question */
#define CHAT_SELECTION_MAX 8000              /* bytes of the words that a question is about */
#define CHAT_MESSAGES_MAX  1000              /* of a document: questions and answers */
#define CHAT_FINDINGS_MAX  20                /* that a question is about */
#define CHAT_ANSWER_MAX    ((size_t)1 << 19) /* bytes of an answer; it is ended there, and says so (answer_cut) */

struct chat;
struct store_finding;

struct chat_options {
    size_t max_answers;     /* at once; 0: 256 */
    int64_t store_every_ms; /* an answer that runs is written down so often; 0: 2000 */
    bool alone;             /* no other process works on this store: answers that the rows say run were interrupted */
};

/* context: borrowed; its own member chat is not used. ERR_LIMIT; the store's. */
enum err chat_new(const struct review_context *context, const struct chat_options *options, struct chat **ret,
                  struct error *e) MUST_USE;
/* Takes no question any more (ERR_BUSY "stopping") and waits until the answers have ended, at most timeout_ms. false: some still run. */
bool chat_drain(struct chat *chat, int64_t timeout_ms);
/* Ends what still runs, to be kept as "interrupted", and waits for that: while its models can still be called off. chat may be NULL. */
void chat_end(struct chat *chat);
/* The same, and frees. Nobody uses it any more. NULL is fine. Thread: one. */
void chat_free(struct chat *chat);

/* Where the events of an answer go; docs/openapi.yaml has them (ask_chat). */
struct chat_sink {
    /* May not wait; called under a lock of ours. false: nobody listens any more, and close follows. */
    bool (*send)(void *ctx, const char *event, struct str id, struct str json);
    void (*close)(
        void
            *ctx); /* exactly once, after the last event, if the function that was given the sink has returned ERR_OK */
    void *ctx;
};

struct chat_view { /* what a person had before it */
    bool has_section;
    uint32_t section;
    struct str review; /* empty: the newest that is done */
    const struct str *findings;
    size_t n_findings;
    bool has_selection;
    struct decide_anchor selection;
};

struct chat_question {
    struct str document_id;
    struct str text;
    struct chat_view view;
    struct str replaces; /* a question of this document: it and all behind it go; empty */
};

/* ERR_CONFLICT "no_model", "never_send", "answer_running", "chat_full"; ERR_INVALID "bad_text", "not_a_question"; ERR_NOT_FOUND (the message, review
 * or a finding); ERR_BUSY "too_many_answers", "stopping". What goes wrong later is told by the event "end". */
enum err chat_ask(struct chat *chat, const struct review_by *by, const struct chat_question *question,
                  const struct chat_sink *sink, struct error *e) MUST_USE;
/* The question of an answer once more. ERR_INVALID "not_an_answer". */
enum err chat_retry(struct chat *chat, const struct review_by *by, struct str document_id, struct str message_id,
                    const struct chat_sink *sink, struct error *e) MUST_USE;
/* last: the id of the last delta that was seen, or empty; what is none of this answer is the same as empty. */
enum err chat_follow(struct chat *chat, struct str document_id, struct str message_id, struct str last,
                     const struct chat_sink *sink, struct error *e) MUST_USE;
/* Returns when it has ended. *ret_stopped, in a: the answer, or empty when none ran. */
enum err chat_stop(struct chat *chat, const struct review_by *by, struct str document_id, struct arena *a,
                   struct str *ret_stopped, struct error *e) MUST_USE;
/* Stops, and forgets all. */
enum err chat_clear(struct chat *chat, const struct review_by *by, struct str document_id, struct error *e) MUST_USE;

/* The answer of get_chat: messages behind seq after, at most limit. In a. */
enum err chat_list(struct chat *chat, const struct review_by *by, struct str document_id, int64_t after, size_t limit,
                   struct arena *a, struct json_out *o, struct error *e) MUST_USE;

struct chat_choice { /* about a proposal */
    bool accept;
    struct str review;              /* empty: the one in view when it was asked, or the newest that is done */
    const struct decide_text *text; /* what takes the place of the model's words; questions and points are not read */
};
/* Accepted, it becomes a finding of the person's (review/decide.h: its errors too), once, whoever asks how often. ERR_CONFLICT "changed_since": it
 * was waved away, or accepted, before. *ret_finding, in a: NULL when it was not accepted. The proposal as it is now is written to o. */
enum err chat_decide(struct chat *chat, const struct review_by *by, struct str document_id, struct str message_id,
                     uint32_t proposal, const struct chat_choice *choice, struct arena *a,
                     struct store_finding **ret_finding, struct json_out *o, struct error *e) MUST_USE;
