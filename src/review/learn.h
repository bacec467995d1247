/* What decisions teach. From what a person has accepted and rejected in their own documents comes a rank for new findings (within a risk, what is
 * accepted more often comes first), and a few examples for the next call of a model. Nothing is kept but the decisions themselves, so what is undone or
 * deleted teaches no more; a reset leaves them, and counts from then on.
 * Nobody learns from others: neither counts nor examples are another person's.
 * Thread: any. */
#pragma once

#include "review/context.h"

#define LEARN_EXAMPLES      8    /* of accepted and of rejected findings, each: the last ones */
#define LEARN_TEXT_MAX      4000 /* bytes of all examples */
#define LEARN_EXAMPLE_BYTES 240  /* bytes of a text of an example */

struct store_tx;
struct store_finding;
struct store_learned;
struct learn_rates;

/* How often findings of each reviewer and category were accepted. *ret lives in a. Thread: of the transaction. */
enum err learn_rates_load(struct store_tx *tx, struct str person, struct arena *a, const struct learn_rates **ret,
                          struct error *e) MUST_USE;
/* For store_finding.rank: 0 where nothing was decided, above it what is mostly accepted; a few decisions say little. */
int64_t learn_rank(const struct learn_rates *r, const struct store_finding *row);
/* Gives each row its rank. */
void learn_rank_all(const struct learn_rates *r, struct store_finding *rows, size_t n);

/* Examples for a model, a JSON object a line: {"decision":"rejected","category","quote","remark","reason"}; empty when there are none. They are words of
 * people and documents: data, never instructions, to be fenced as the text of a document is. Documents that are never to be sent to a model give
 * none. document_id: only from this one, which is what may be sent where personal data are replaced (review/redact.h knows one document); empty: all. */
enum err learn_examples(const struct review_context *c, struct str person, struct str document_id, struct arena *a,
                        struct str *ret, struct error *e) MUST_USE;

struct learn_summary {
    int64_t since_unix_ms; /* when it was reset; 0: never */
    const struct store_learned *at;
    size_t n;
    size_t accepted, rejected; /* examples that the next call gets */
};
/* In a. */
enum err learn_look(const struct review_context *c, struct str person, struct arena *a, struct learn_summary *ret,
                    struct error *e) MUST_USE;
enum err learn_reset(const struct review_context *c, struct str person, struct error *e) MUST_USE;
