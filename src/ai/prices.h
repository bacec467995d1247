/* What tokens cost: a table that is data. The program has one inside (prices/models.json, read from providers' public lists); a file of the same
 * format goes before it, row by row, so that a team writes down only what differs: a contract of its own, a local model at 0, an application
 * inference profile whose ARN does not say which model it is.
 *
 *   {"as_of": "2026-08", "prices": [{"models": ["eu.anthropic.claude-sonnet-4-5*"], "in": 3.3, "out": 16.5, "cache_read": 0.33, "cache_write": 4.125}]}
 *
 * Prices are US dollars for a million tokens. A '*' stands for any text. Rows are tried in order, the first that fits is the price. Of an ARN
 * what is behind its last '/' is tried first, then the whole. Where no row fits there is no price, and none is guessed.
 * Thread: any; what is loaded does not change. */
#pragma once

#include "ai/provider.h"
#include "base/str.h"

struct ai_prices;

struct ai_price { /* micro-USD for a million tokens */
    int64_t in, out, cache_read, cache_write;
};

/* path: the team's own file, or NULL. ERR_NOT_FOUND, ERR_INVALID "bad_prices" (the message names the file and the member), ERR_LIMIT.
 * *ret: ai_prices_free. */
enum err ai_prices_new(const char *path, struct ai_prices **ret, struct error *e) MUST_USE;
void ai_prices_free(struct ai_prices *p); /* p may be NULL */

/* false: no row fits (then *ret is untouched). p may be NULL: no row. */
bool ai_prices_find(const struct ai_prices *p, struct str model, struct ai_price *ret);

/* In micro-USD, rounded up; never overflows. */
int64_t ai_price_cost(const struct ai_price *price, const struct ai_usage *usage);
