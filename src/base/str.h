/* Text views: pointer and length, passed by value, never owning. Inside the server text is valid UTF-8, checked at the door.
 * Thread: any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"

struct str {
    const char *p; /* may be NULL when n is 0 */
    size_t n;      /* bytes */
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal)                                                                                              \
    {                                                                                                                  \
        "" literal, sizeof(literal) - 1                                                                                \
    } /* for static initialisers */
#define STR_EMPTY ((struct str){NULL, 0})
/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)((s).n > 2147483647u ? 2147483647u : (s).n), (s).n ? (s).p : ""

static inline struct str str_from_c(const char *c) { return (struct str){c, c ? strlen(c) : 0}; }
static inline bool str_eq(struct str a, struct str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool str_eq_c(struct str a, const char *b) { return str_eq(a, str_from_c(b)); }
/* Bytes [from, to) of s; both are cut to s.n. */
static inline struct str str_sub(struct str s, size_t from, size_t to)
{
    if (!s.p) return STR_EMPTY;
    if (to > s.n) to = s.n;
    if (from > to) from = to;
    return (struct str){s.p + from, to - from};
}

bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_starts_nocase(struct str s, struct str prefix); /* ASCII letters only */
bool str_ends_nocase(struct str s, struct str suffix);   /* ASCII letters only */
int str_cmp(struct str a, struct str b);                 /* bytes, as memcmp; the shorter one first on a tie */

#define STR_NONE ((size_t)-1)
size_t str_find(struct str s, struct str needle, size_t from);        /* byte offset at or after from, or STR_NONE */
size_t str_find_nocase(struct str s, struct str needle, size_t from); /* ASCII letters only */
size_t str_find_char(struct str s, char c, size_t from);
struct str str_trim(struct str s); /* without leading and trailing space, tab, CR, LF, U+00A0 */

/* The part before the first c, and *rest after it; without a c the whole, and *rest.p = NULL. Walk with: while (rest.p) { part = str_cut(rest, ',', &rest); } */
struct str str_cut(struct str s, char c, struct str *rest);

/* Copies into the arena, with a NUL behind it (str.n does not count it). On no memory .p is NULL (also for an empty s it is not NULL). */
struct str str_dup(struct arena *a, struct str s);
/* A NUL-terminated copy for a C API, or NULL. */
char *str_to_c(struct arena *a, struct str s) MUST_USE;
struct str str_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whole-string numbers: digits only (and one leading '-' for i64), no space. ERR_INVALID says what is accepted. */
enum err str_to_u64(struct str s, uint64_t min, uint64_t max, uint64_t *ret, struct error *e) MUST_USE;
enum err str_to_i64(struct str s, int64_t min, int64_t max, int64_t *ret, struct error *e) MUST_USE;
enum err str_to_double(struct str s, double min, double max, double *ret, struct error *e) MUST_USE; /* C locale */

uint64_t str_hash(struct str s); /* FNV-1a with a final mix: for tables, not for secrets */
