/* What a model may do in a talk: look something up, and propose a finding. Nothing changes the document, a review or a decision. What a tool gives is told to the
 * model also when it is that the input was wrong, so that it can do better. Thread: the one of the answer. */
#pragma once

#include "ai/provider.h"
#include "review/chat_call.h"
#include "review/chat_feed.h"
#include "review/redact.h"

struct chat_lookup { /* what the tools look into */
    const struct review_context *c;
    const struct doc *doc;
    const struct locate_index *index;
    const struct redact *redact; /* what the model sees and says is without names */
    struct str review_id;        /* whose findings are listed; empty: there is no review */
    struct chat_feed *feed;      /* where proposals go */
};

const struct ai_tool *chat_tools(size_t *ret_n);

/* note: name and about are set before, in a (chat_tool_about); over, failed and detail by this. *ret: for the model, in a, redacted. Errors: the store's,
 * ERR_LIMIT no memory. */
enum err chat_tool_run(const struct chat_lookup *l, const struct chat_tool_use *use, struct chat_tool_note *note,
                       struct arena *a, struct str *ret, struct error *e) MUST_USE;
/* What it is about, for people. */
enum err chat_tool_about(const struct chat_lookup *l, const struct chat_tool_use *use, struct arena *a,
                         struct chat_tool_note *ret, struct error *e) MUST_USE;

/* A finding in one line. */
void chat_finding_line(struct sb *b, const struct store_finding *f);
