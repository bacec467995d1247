/* What a document states, in a few lines: its dates, terms, numbers and names with the blocks where they stand. A reviewer that is shown one part of a
 * document at a time holds the part against them. Thread: any. */
#pragma once

#include "base/sb.h"
#include "rules/rules.h"

/* Appends at most about max bytes of lines ("date 2026-03-01: blocks 4, 17"), in reading order within each kind. Only of blocks that input has reviewed.
 * Failures of the builder stick in it; ERR_LIMIT no memory. */
enum err rules_ledger(const struct rules_engine *engine, const struct rules_input *input, size_t max, struct sb *out,
                      struct error *e) MUST_USE;
