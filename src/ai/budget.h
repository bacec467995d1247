/* What may be spent on models: in a day by all, in a day by one person, and on one document as long as it lives. A call reserves what it may cost
 * before it starts and settles what it has cost at its end, so a budget is never passed, however many calls run at once. Where a call only does
 * not fit because of what others have reserved it may wait for them; where it does not fit beside what is spent, it is refused in words.
 * Days are those of UTC. Amounts are micro-USD. In memory: what was spent before comes from the store at start (ai_budget_load). Limits: several
 * servers at once each count their own, on top of what they loaded; of the AI_BUDGET_KEPT persons and documents used last the sums are kept.
 * Thread: any. */
#pragma once

#include "base/str.h"

#define AI_BUDGET_KEPT 100000 /* persons and documents, each */

struct ai_budget;

struct ai_budget_limits { /* micro-USD; 0: none */
    int64_t day, person, document;
};

enum ai_budget_kind { AI_BUDGET_DAY, AI_BUDGET_PERSON, AI_BUDGET_DOCUMENT, AI_BUDGET_KINDS };

struct ai_reserved { /* what a call holds back; a value; zeroed: nothing */
    struct ai_budget__entry *person, *document;
    int64_t microusd;
    bool open; /* not yet settled */
};

/* now_unix_ms: NULL for the wall clock. ERR_LIMIT. *ret: ai_budget_free. */
enum err ai_budget_new(const struct ai_budget_limits *limits, int64_t (*now_unix_ms)(void), struct ai_budget **ret,
                       struct error *e) MUST_USE;
void ai_budget_free(struct ai_budget *b); /* nothing is reserved any more; b may be NULL */

/* Adds what was spent before: today by all (id is not read), today by a person, or ever on a document. ERR_LIMIT no memory. */
enum err ai_budget_load(struct ai_budget *b, enum ai_budget_kind kind, struct str id, int64_t microusd,
                        struct error *e) MUST_USE;

/* Is there room for so much more? ERR_LIMIT "over_budget": beside what is spent it does not fit; the message says which budget, how much of it is
 * spent and when it opens again. An empty person or document has no budget of its own. */
enum err ai_budget_check(struct ai_budget *b, struct str person, struct str document, int64_t microusd,
                         struct error *e) MUST_USE;

/* The same, and holds it back. Also ERR_BUSY "budget_reserved": it will fit if what others have reserved is not all spent; ask again when one has
 * settled. ERR_LIMIT no memory. *ret is to be settled exactly once. */
enum err ai_budget_reserve(struct ai_budget *b, struct str person, struct str document, int64_t microusd,
                           struct ai_reserved *ret, struct error *e) MUST_USE;
/* What it has cost in the end, 0 or more; *held is empty afterwards. */
void ai_budget_settle(struct ai_budget *b, struct ai_reserved *held, int64_t microusd);

struct ai_budget_state {
    struct ai_budget_limits limits;
    struct ai_budget_limits used; /* today by all, today by this person, ever on this document */
    struct ai_budget_limits held; /* reserved by calls that run */
    int64_t day_opens_unix_ms;    /* when the budgets of a day begin anew */
};
/* person, document: may be empty. */
struct ai_budget_state ai_budget_state(struct ai_budget *b, struct str person, struct str document);
