/* Dismissals: a finding that was rejected is not raised again, with the reason that was given, in one document, in all documents of a person, or in
 * everybody's. It is recognised by its words: the quote, whatever its case, white space, dashes and quotation marks, and its category; a rule's also by
 * the rule and by what it says (one rule says several things of the same words: which section is missing). A finding that stands nowhere in the text is
 * recognised by what it says.
 * Scopes are taken by name, never guessed: only what was dismissed for the team is shown to others, with its quote, its reason and who has done it.
 * When the document is deleted, what holds in it goes, and of what holds elsewhere the quote.
 * Limits: a model that gives the same remark another category raises it again.
 * Thread: any; functions with a transaction: that of it. */
#pragma once

#include "review/context.h"

#define DISMISS_QUOTE_MAX 500  /* bytes of a quote that are kept for people */
#define DISMISS_LIST_MAX  1000 /* newest */

struct store_tx;
struct store_finding;
struct store_dismissal_list;

enum dismiss_scope { DISMISS_IN_DOCUMENT, DISMISS_FOR_PERSON, DISMISS_FOR_TEAM };

/* What a reviewer has found and is about to store: those that were dismissed for its document, for this person or for the team are taken out of
 * rows; the order of the others stays. *ret_dismissed: how many went, for the record of coverage. a: scratch. The store's errors; ERR_LIMIT. */
enum err dismiss_filter(struct store_tx *tx, struct str person, struct store_finding *rows, size_t *n, struct arena *a,
                        size_t *ret_dismissed, struct error *e) MUST_USE;

/* A finding that is rejected: it is not raised again. ERR_INVALID "nothing_to_dismiss": of a person's own. */
enum err dismiss_put(struct store_tx *tx, const struct store_finding *row, enum dismiss_scope scope,
                     const struct review_by *by, int64_t now_unix_ms, struct arena *a, struct error *e) MUST_USE;
/* A finding that is no longer rejected: what this person has dismissed of it may be raised again. */
enum err dismiss_take_back(struct store_tx *tx, const struct store_finding *row, struct str person, struct arena *a,
                           struct error *e) MUST_USE;

/* This person's and the team's, and of the document (may be empty: none), whose owner they are; newest first, at most DISMISS_LIST_MAX. In a. */
enum err dismiss_list(const struct review_context *c, const struct review_by *by, struct str document_id,
                      struct arena *a, struct store_dismissal_list *ret, struct error *e) MUST_USE;
/* ERR_NOT_FOUND: there is none, or it is another's. ERR_CONFLICT "not_yours": the team's, made by another, and not an administrator. */
enum err dismiss_delete(const struct review_context *c, const struct review_by *by, struct str id, bool admin,
                        struct error *e) MUST_USE;
