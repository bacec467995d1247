/* What an answer has said so far, and who listens. Its worker adds; whoever follows is told what there is and then what is added.
 * Texts that are handed in are copied. Thread: any for everything but new and free; sinks are called under the lock. */
#pragma once

#include "base/lock.h"
#include "base/vec.h"
#include "review/chat.h"
#include "review/chat_cite.h"
#include "store/queries.h"

enum {
    CHAT_FOLLOWERS_MAX = 32, /* of an answer */
    CHAT_TOOLS_MAX = 64,     /* calls of tools of an answer that are shown */
    CHAT_PROPOSALS_MAX = 20, /* of an answer */
    CHAT_ABOUT_MAX = 200,    /* bytes of what a call of a tool was about, and of what came of it */
    CHAT_FEED_MAX = 8 << 20, /* bytes of citations, calls and proposals */
    CHAT_DELTA_MAX = 8 << 10 /* bytes of text in an event */
};

struct chat_tool_note { /* a call of a tool, for people */
    struct str name, about, detail;
    bool over, failed;
};

struct chat_proposal {
    enum finding_kind kind;
    enum finding_risk risk;
    struct str category, description, suggestion, rewrite; /* rewrite: p NULL: none */
    struct chat_cited at;
    enum finding_decision decision; /* open at first */
    struct str finding;             /* id of what it has become; empty */
};

struct chat_feed;

/* row: of the answer; its text, citations and so on are taken as what was said before. *ret: chat_feed_free. */
enum err chat_feed_new(const struct store_chat_message *row, struct chat_feed **ret, struct error *e) MUST_USE;
/* Closes sinks that are left. f may be NULL. Nobody else uses it. */
void chat_feed_free(struct chat_feed *f);

/* The sink is told all that there is: event "message" with the question (may be NULL), then the rest behind last (an id of a delta, or empty). Of an
 * answer that has ended it is closed at once; of one that another process gives (the row says that it runs, live is false) too, after "reconnect".
 * ERR_BUSY "too_busy" too many listen. */
enum err chat_feed_follow(struct chat_feed *f, const struct store_chat_message *question, struct str last, bool live,
                          const struct chat_sink *sink, struct error *e) MUST_USE;

/* --- the worker's --- */

/* A model is asked. why: NULL, or what is behind the last chat_feed_keep is void because of that. */
enum err chat_feed_begin(struct chat_feed *f, struct str model, const struct error *why, struct error *e) MUST_USE;
/* What was said so far stands, whatever happens to the next attempt. */
void chat_feed_keep(struct chat_feed *f);
/* ERR_LIMIT: CHAT_ANSWER_MAX is reached; as much as fits was added. */
enum err chat_feed_text(struct chat_feed *f, struct str text, struct error *e) MUST_USE;
/* Number n (the next one). */
enum err chat_feed_citation(struct chat_feed *f, size_t n, const struct chat_cited *at, struct error *e) MUST_USE;
/* n: from 1; the next one, or one that is there already. Past CHAT_TOOLS_MAX nothing is shown. */
enum err chat_feed_tool(struct chat_feed *f, size_t n, const struct chat_tool_note *note, struct error *e) MUST_USE;
/* ERR_LIMIT "too_many": CHAT_PROPOSALS_MAX. */
enum err chat_feed_proposal(struct chat_feed *f, const struct chat_proposal *p, struct error *e) MUST_USE;
/* No more comes. why: NULL, or what the person is told. The row (chat_feed_row) is as it will be kept from here on; sinks are told by chat_feed_close. */
void chat_feed_end(struct chat_feed *f, enum store_state state, const struct error *why, int64_t at_unix_ms);
void chat_feed_close(struct chat_feed *f);

/* As it is now, in a. */
enum err chat_feed_row(struct chat_feed *f, struct arena *a, struct store_chat_message *ret, struct error *e) MUST_USE;
size_t chat_feed_bytes(struct chat_feed *f);                               /* of text */
struct str chat_feed_last(struct chat_feed *f, size_t n, struct arena *a); /* the last n bytes of text, or fewer */

/* --- chat_json.c --- */

/* ChatMessage of docs/openapi.yaml. with_text false: the text and what belongs to it is left empty. */
void chat_message_json(struct json_out *o, const char *key_or_null, const struct store_chat_message *row,
                       bool with_text);
void chat_problem_json(struct json_out *o, const char *key, const struct error *why); /* null for NULL */
void chat_citation_json(struct json_out *o, size_t n, const struct chat_cited *at);
void chat_tool_json(struct json_out *o, size_t n, const struct chat_tool_note *note);
void chat_proposal_json(struct json_out *o, size_t n, const struct chat_proposal *p);
