/* The document as a model of a talk reads it: blocks with their numbers, a line each, "[12] text", and lines in parentheses that say where one is. Line ends in
 * a block become spaces, so that no text can pass for another block. Failures stick in the builder. Thread: any. */
#pragma once

#include "base/sb.h"
#include "doc/model.h"

/* Blocks from first up to end, as long as less than max bytes were written; blank ones are left out. Returns the first block that was not. */
uint32_t chat_text_blocks(struct sb *b, const struct doc *doc, uint32_t first, uint32_t end, size_t max);

/* A section a line with its id, its blocks and its words, as far as max bytes go. */
void chat_text_outline(struct sb *b, const struct doc *doc, size_t max);

/* At most max bytes of s in one line; "…" where something was left out. from: a byte that is to be in it. */
void chat_text_short(struct sb *b, struct str s, size_t from, size_t max);
