/* The parts of facts_find(), one file each, and the small scanners that they share. Shared only by the facts files. */
#pragma once

#include "rules/engine_priv.h"
#include "rules/facts.h"

static inline bool facts__is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool facts__is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool facts__is_alpha(char c) { return (c >= 'a' && c <= 'z') || facts__is_upper(c); }
/* Part of a word: ASCII letters and digits, and every byte of a character outside ASCII (an approximation that only delimits). */
static inline bool facts__is_word(char c) { return facts__is_alpha(c) || facts__is_digit(c) || (c & 0x80) != 0; }

/* Appends those of one block, in order. */
enum err facts__dates(struct rules_run *run, struct rules_facts *facts, uint32_t block, struct error *e) MUST_USE;
enum err facts__labels(struct rules_run *run, struct rules_facts *facts, uint32_t block, struct error *e) MUST_USE;
/* Of the whole document. */
enum err facts__acronyms(struct rules_run *run, struct rules_facts *facts, struct error *e) MUST_USE;
