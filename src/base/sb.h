/* A string builder with a maximum. Errors stick: append what you like and test once, at sb_take or sb_ok.
 * Memory is from malloc (a builder lives shorter than an arena); SB_INIT needs no free until the first append.
 * Thread: one at a time. */
#pragma once

#include "base/str.h"

struct sb {
    char *p;
    size_t n, cap, max;
    bool failed;    /* out of memory or past max; all further appends do nothing */
    bool no_memory; /* failed, and not because of max */
};

#define SB_INIT(max_bytes)                                                                                             \
    {                                                                                                                  \
        NULL, 0, 0, (max_bytes), false, false                                                                          \
    }
#define CLEANUP_SB __attribute__((cleanup(sb_done)))

void sb_done(struct sb *b);  /* releases; the builder is then empty and usable again */
void sb_reset(struct sb *b); /* empties, keeps the memory, forgets the failure */
void sb_str(struct sb *b, struct str s);
void sb_c(struct sb *b, const char *c);
void sb_char(struct sb *b, char c);
void sb_u64(struct sb *b, uint64_t v);
void sb_rune(struct sb *b, uint32_t rune); /* as UTF-8; U+FFFD for what is no code point */
void sb_printf(struct sb *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sb_vprintf(struct sb *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
#define SB_LIT(b, literal) sb_str((b), STR(literal))

static inline struct str sb_view(const struct sb *b)
{
    return (struct str){b->p, b->n};
} /* valid until the next append */
static inline bool sb_ok(const struct sb *b) { return !b->failed; }

/* The whole text, copied into the arena; the builder is emptied, also on failure. ERR_LIMIT when an append had failed. */
enum err sb_take(struct sb *b, struct arena *a, struct str *ret, struct error *e) MUST_USE;

/* Text for XML character data or a double-quoted attribute: escapes & < > ", and drops what XML 1.0 cannot carry (2.2 Char: control
 * characters but TAB LF CR, surrogates, U+FFFE/FFFF). CR becomes a character reference, in an attribute TAB and LF
 * too (a reader would normalize them). Bytes that are not UTF-8 become U+FFFD. */
void sb_xml_text(struct sb *b, struct str s);
void sb_xml_attr(struct sb *b, struct str s);
