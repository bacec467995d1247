/* UTF-8: checking, stepping, counting in UTF-16 units, folding and graphemes (utf8proc does the Unicode tables). Offsets are bytes.
 * Source: RFC 3629; Unicode UAX #15 and #29. Thread: any. */
#pragma once

#include "base/sb.h"

bool utf8_valid(struct str s); /* shortest form, no surrogates, ≤ U+10FFFF */

/* The code point at *at (valid UTF-8, *at < s.n), and *at moved behind it. Bytes that are not UTF-8 give U+FFFD and move by one. */
uint32_t utf8_next(struct str s, size_t *at);
/* The code point that ends at *at (> 0), and *at moved to its start. */
uint32_t utf8_prev(struct str s, size_t *at);
/* at moved back to the start of the code point that it lies in. */
size_t utf8_floor(struct str s, size_t at);

size_t utf8_utf16_len(struct str s);                    /* UTF-16 code units */
size_t utf8_to_utf16(struct str s, size_t byte_offset); /* units before that byte (floored to a code point) */
size_t utf8_from_utf16(
    struct str s,
    size_t
        utf16_offset); /* bytes before that unit; the middle of a pair gives the pair's start; past the end gives s.n */

size_t utf8_grapheme_floor(struct str s,
                           size_t at); /* moved back/on to a border of extended grapheme clusters (UAX #29) */
size_t utf8_grapheme_ceil(struct str s, size_t at);

/* Unicode classes of one code point. */
bool utf8_is_letter(uint32_t rune);
bool utf8_is_digit(uint32_t rune); /* Nd */
bool utf8_is_space(uint32_t rune); /* White_Space, U+200B and U+FEFF included */
bool utf8_is_upper(uint32_t rune);
bool utf8_is_lower(uint32_t rune);
uint32_t utf8_to_lower(uint32_t rune); /* simple mapping */

/* Simple case folding of the whole text, for comparing (not for showing). */
struct str utf8_fold_case(struct arena *a, struct str s); /* .p NULL on no memory */

/* Compatibility decomposition (NFKD, UAX #15) of one code point into ret; how many code points. What follows it is not looked at: the caller
 * orders combining marks by their class (0: no mark, a starter). */
#define UTF8_DECOMPOSE_MAX 18
size_t utf8_decompose(uint32_t rune, uint32_t ret[UTF8_DECOMPOSE_MAX]);
unsigned utf8_combining_class(uint32_t rune);
