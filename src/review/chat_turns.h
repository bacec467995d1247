/* A talk as the messages of a request: a summary of what is long ago, the turns since, and the question with what the person has in view.
 * Thread: any. */
#pragma once

#include "ai/provider.h"
#include "base/vec.h"
#include "review/chat_tools.h"

enum {
    CHAT_TURN_MAX = 12 << 10,  /* bytes of an earlier message that the model is given; the rest is left out */
    CHAT_TALK_MAX = 48 << 10,  /* bytes of earlier messages before they are summarised */
    CHAT_TALK_TURNS = 40,      /* and how many */
    CHAT_TURNS_KEPT = 6,       /* of the newest, that are not */
    CHAT_SUMMARY_MAX = 8 << 10 /* bytes of a summary */
};

struct chat_messages { /* alternating, the first is the user's; parts of one message are joined in one array */
    VEC(struct ai_message) list;
    struct arena *a;
};

/* A part behind the last one; a message of its own where the role changes. An empty text is none. ERR_LIMIT. */
enum err chat_messages_add(struct chat_messages *m, enum ai_role role, struct ai_part part, struct error *e) MUST_USE;

struct chat_talk {
    const struct store_chat_message *rows; /* oldest first; the last is the question */
    size_t n;
    struct str summary; /* of those up to upto_seq; may be empty */
    int64_t upto_seq;
};

/* The earlier turns; the last part of them is marked for the cache. Answers that were broken off say so; citations are as the model writes them. */
enum err chat_turns_earlier(const struct chat_talk *talk, const struct redact *redact, struct chat_messages *m,
                            struct error *e) MUST_USE;

/* What is to be summarised now: rows behind talk->upto_seq up to *ret_upto, which is the seq of an answer. false: nothing. */
bool chat_summary_due(const struct chat_talk *talk, int64_t *ret_upto);
/* Those, with the summary before, as the text of one message; in a. */
enum err chat_summary_text(const struct chat_talk *talk, int64_t upto, const struct redact *redact, struct arena *a,
                           struct str *ret, struct error *e) MUST_USE;
