/* The parts of facts_find(), one file each, and the small scanners that they share. Shared only by the facts files. */
#pragma once

#include "rules/engine_priv.h"
#include "rules/facts.h"

static inline bool facts__is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool facts__is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool facts__is_alpha(char c) { return (c >= 'a' && c <= 'z') || facts__is_upper(c); }
/* Is the byte part of a word: an ASCII letter or digit, or part of a character outside ASCII that is no dash, quotation mark or no-break space (U+2000–203F, U+00A0)? */
static inline bool facts__word_at(struct str text, size_t i)
{
    if (i >= text.n) return false;
    unsigned char c = (unsigned char)text.p[i];
    if (c < 0x80) return facts__is_alpha((char)c) || facts__is_digit((char)c);
    size_t lead = i;
    while (lead > 0 && i - lead < 3 && ((unsigned char)text.p[lead] & 0xC0) == 0x80)
        lead--;
    struct str s = str_sub(text, lead, text.n);
    return !(s.n >= 2 && (memcmp(s.p, "\xE2\x80", 2) == 0 || memcmp(s.p, "\xC2\xA0", 2) == 0));
}

/* Appends those of one block, in order. */
enum err facts__dates(struct rules_run *run, struct rules_facts *facts, uint32_t block, struct error *e) MUST_USE;
enum err facts__labels(struct rules_run *run, struct rules_facts *facts, uint32_t block, struct error *e) MUST_USE;
/* Of the whole document. */
enum err facts__acronyms(struct rules_run *run, struct rules_facts *facts, struct error *e) MUST_USE;
