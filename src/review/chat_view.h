/* What a person has in view when they ask: as it is kept and shown (ChatContext of docs/openapi.yaml), and as the model is told. */
#pragma once

#include "review/chat_rows.h"

/* Is all of it there, and of this document? ERR_NOT_FOUND, ERR_INVALID "no_such_section". *ret: JSON, in a. */
enum err chat_view_keep(const struct review_context *c, struct str document_id, const struct chat_view *view,
                        struct arena *a, struct str *ret, struct error *e) MUST_USE;
/* What was kept; texts in a. */
enum err chat_view_read(struct str json, struct arena *a, struct chat_view *ret, struct error *e) MUST_USE;

/* The review whose findings are in view: the one that was named, or the newest that is done; empty: none. In a. */
enum err chat_view_review(const struct review_context *c, struct str document_id, const struct chat_view *view,
                          struct arena *a, struct str *ret, struct error *e) MUST_USE;

/* For the model, without the marks around what is the document's: fence is the word that they have. with_section: the text of the section too. In a. */
enum err chat_view_text(const struct chat_lookup *l, const struct chat_view *view, bool with_section, struct str fence,
                        struct arena *a, struct str *ret, struct error *e) MUST_USE;
