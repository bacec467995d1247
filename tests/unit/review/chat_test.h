/* What the tests of talks share: a provider that plays what the test wrote, readers that note what they hear, and a server with both. */
#pragma once

#include "server_test.h"

#include "ai/router.h"
#include "base/lock.h"
#include "review/chat.h"
#include "review/models.h"
#include "review/prompt.h"

/* --- the provider --- */

enum act_kind { ACT_TEXT, ACT_TOOL, ACT_WAIT, ACT_STOP, ACT_FAIL, ACT_MANY };
struct act {
    enum act_kind kind;
    const char *a, *b; /* TEXT: a; TOOL: name a, input b; FAIL: reason of ai/errors.h as its number in n */
    long n;            /* STOP: enum ai_stop; MANY: how often a */
};
#define SAY(text)                                                                                                      \
    {                                                                                                                  \
        ACT_TEXT, text, NULL, 0                                                                                        \
    }
#define SAY_MANY(text, n)                                                                                              \
    {                                                                                                                  \
        ACT_MANY, text, NULL, n                                                                                        \
    }
#define USE(name, input)                                                                                               \
    {                                                                                                                  \
        ACT_TOOL, name, input, 0                                                                                       \
    }
#define WAIT                                                                                                           \
    {                                                                                                                  \
        ACT_WAIT, NULL, NULL, 0                                                                                        \
    } /* until chat_gate_open, or a cancel */
#define STOP(how)                                                                                                      \
    {                                                                                                                  \
        ACT_STOP, NULL, NULL, how                                                                                      \
    }
#define FAIL(reason)                                                                                                   \
    {                                                                                                                  \
        ACT_FAIL, NULL, NULL, reason                                                                                   \
    }

/* The acts of all calls, one after the other; a call ends with STOP or FAIL. A call beyond them fails the test. */
void chat_script(const struct act *acts, size_t n);
#define SCRIPT(...)                                                                                                    \
    do {                                                                                                               \
        static const struct act script_acts_[] = {__VA_ARGS__};                                                        \
        chat_script(script_acts_, sizeof script_acts_ / sizeof *script_acts_);                                         \
    } while (0)
void chat_gate_open(void); /* for one WAIT */
void chat_until_waiting(void);

/* Call number i as it was asked: "system: …", then "user: …", "assistant: …", "tool name input", "result: …" a part each, and its cache points as
 * "(cached)". In the server's arena; fails the test when there was none. */
struct str chat_asked(struct server *s, size_t i);
size_t chat_calls(void);
size_t chat_cancels(void);

/* --- readers --- */

struct reader {
    struct lock lock;
    struct lock_cond cond;
    struct sb events; /* "event id json\n" */
    bool closed;
    struct chat_sink sink;
};
void reader_init(struct reader *r);
void reader_done(struct reader *r);
/* What was heard so far has the text; waits for it, some seconds at most. */
void reader_until(struct reader *r, const char *text);
/* Waits for the end and gives all that was heard, in the server's arena. */
struct str reader_all(struct server *s, struct reader *r);
/* The text that the deltas put together, each at its offset. */
struct str reader_text(struct server *s, struct reader *r);

/* --- a server that talks --- */

struct talk {
    struct server *s;
    struct ai_router *router;
    struct review_models models;
    struct chat *chat;
    struct str document, review; /* Ann's; review: done */
};
/* With models "one" and "two". */
struct talk *talk_begin(struct server *s);
void talk_end(struct talk *t);

void talk_ask_with(struct talk *t, const struct chat_question *q, struct reader *r);
void talk_ask(struct talk *t, const char *text, struct reader *r);
/* Asks and waits: the answer's row. */
struct store_chat_message talk_answered(struct talk *t, const char *text);
struct store_chat_list talk_rows(struct talk *t);
