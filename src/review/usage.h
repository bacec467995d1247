/* The books of calls of models: what each attempt took, waited and cost, kept in the store (store/queries.h, model_call).
 * A router hands in a record when an attempt has ended; a thread of ours writes those that have come together in one transaction, again and again
 * while the store cannot take them. Limits: at most USAGE_WAITING_MAX wait, those beyond are lost and counted in the log; what waits when
 * the process is killed is lost: budgets are then that much too wide.
 * Thread: any, but for free. */
#pragma once

#include "ai/budget.h"
#include "ai/router.h"

#define USAGE_WAITING_MAX 20000

struct store;
struct usage;

/* store: borrowed. ERR_LIMIT no memory or thread. *ret: usage_free. */
enum err usage_new(struct store *store, struct usage **ret, struct error *e) MUST_USE;
/* Writes what waits, as far as the store takes it. Nobody hands in any more: after ai_router_free. NULL is fine. Thread: none of a router. */
void usage_free(struct usage *u);

/* For ai_router_options.on_record; ctx: the struct usage. Does not wait; r is copied. */
void usage_record(void *ctx, const struct ai_record *r);

/* Adds to an empty budget what was spent on this day (UTC) by all and by each person, and ever on each document. Before a router uses it.
 * The store's errors; ERR_LIMIT. */
enum err usage_load(struct store *store, struct ai_budget *budget, int64_t now_unix_ms, struct error *e) MUST_USE;
