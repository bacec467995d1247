/* The request of an answer: what the model is told, shown and allowed to do. Thread: the one of the answer. */
#pragma once

#include "review/chat_rows.h"
#include "review/models.h"

struct chat_prompt {
    struct chat_lookup lookup; /* document, index, redaction, review */
    struct doc *doc;           /* owned; lives in a */
    struct arena *a;           /* borrowed */
    const struct store_chat_message *question;
    struct str fence;              /* the name of the marks around what is the document's */
    struct ai_part system[2];      /* instructions; the document */
    struct chat_messages messages; /* so far */
};

/* Reads the file, and what of it is looked into. Errors: the store's, those of reading, ERR_CONFLICT "cannot_redact". */
enum err chat_prompt_read(struct chat_prompt *p, const struct review_context *c,
                          const struct store_chat_message *question, struct chat_feed *feed, struct arena *a,
                          struct error *e) MUST_USE;
/* System and messages. Asks the model for a summary of a long talk first; when it gives none, earlier turns are left out, and it is told. */
enum err chat_prompt_make(struct chat_prompt *p, struct str visitor, struct chat_stop *stop, struct error *e) MUST_USE;
/* *rq borrows from p. */
enum err chat_prompt_request(struct chat_prompt *p, struct ai_request *rq, struct error *e) MUST_USE;
/* p may be zero. */
void chat_prompt_done(struct chat_prompt *p);

/* Text of the document between its marks. */
enum err chat_prompt_fence(const struct chat_prompt *p, struct str text, struct arena *a, struct str *ret,
                           struct error *e) MUST_USE;
/* How many bytes of what the model says so far can be read: what is behind may be half a placeholder. */
size_t chat_prompt_ready(const struct chat_prompt *p, struct str said);
/* Placeholders back to what they stand for. What is none of ours stays as it is. *ret: in a, or said itself. */
enum err chat_prompt_back(const struct chat_prompt *p, struct str said, struct arena *a, struct str *ret,
                          struct error *e) MUST_USE;
