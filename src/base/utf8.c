/* UTF-8: checking, stepping, UTF-16 counting, classes and graphemes.
 * Decoding is a straight reading of RFC 3629's table (shortest form, no surrogates). Text is mostly ASCII, so the long loops take eight bytes
 * at a time while none has its high bit set. Graphemes: rules GB11–13 need what came before, so a border is found by walking back to a place
 * where utf8proc's stateless test already says "break" (that is a break whatever came before) and forward from there with state.
 * Limits: the walk back ends after GRAPHEME_WALK_MAX code points (a longer cluster is only made by an attacker) and takes that place as a border.
 * Source: RFC 3629; Unicode UAX #29, UAX #44 (White_Space). */
#include "base/utf8.h"

#include <utf8proc.h>

#define GRAPHEME_WALK_MAX 4096
#define REPLACEMENT       0xFFFDu
#define ZERO_WIDTH_JOINER 0x200Du

static uint32_t byte_at(struct str s, size_t i) { return (unsigned char)s.p[i]; }

static bool is_continuation(uint32_t byte) { return (byte & 0xC0) == 0x80; }

/* Length of the sequence at i and its code point, or 0 when the bytes there are not UTF-8. */
static size_t decode(struct str s, size_t i, uint32_t *rune)
{
    uint32_t lead = byte_at(s, i);
    size_t left = s.n - i;
    if (lead < 0x80) {
        *rune = lead;
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4 || left < 2) return 0;
    uint32_t second = byte_at(s, i + 1);
    if (!is_continuation(second)) return 0;
    if (lead < 0xE0) {
        *rune = (lead & 0x1F) << 6 | (second & 0x3F);
        return 2;
    }
    if (left < 3 || !is_continuation(byte_at(s, i + 2))) return 0;
    if (lead < 0xF0) {
        uint32_t v = (lead & 0x0F) << 12 | (second & 0x3F) << 6 | (byte_at(s, i + 2) & 0x3F);
        if (v < 0x800 || (v >= 0xD800 && v <= 0xDFFF)) return 0;
        *rune = v;
        return 3;
    }
    if (left < 4 || !is_continuation(byte_at(s, i + 3))) return 0;
    uint32_t v =
        (lead & 0x07) << 18 | (second & 0x3F) << 12 | (byte_at(s, i + 2) & 0x3F) << 6 | (byte_at(s, i + 3) & 0x3F);
    if (v < 0x10000 || v > 0x10FFFF) return 0;
    *rune = v;
    return 4;
}

/* The first byte at or after i, before end, that may be no ASCII. */
static size_t skip_ascii(struct str s, size_t i, size_t end)
{
    while (end - i >= 8) {
        uint64_t eight = 0;
        memcpy(&eight, s.p + i, sizeof eight);
        if (eight & 0x8080808080808080u) break;
        i += 8;
    }
    while (i < end && byte_at(s, i) < 0x80)
        i++;
    return i;
}

bool utf8_valid(struct str s)
{
    for (size_t i = 0; i < s.n;) {
        i = skip_ascii(s, i, s.n);
        if (i == s.n) break;
        uint32_t rune = 0;
        size_t n = decode(s, i, &rune);
        if (n == 0) return false;
        i += n;
    }
    return true;
}

uint32_t utf8_next(struct str s, size_t *at)
{
    uint32_t rune = REPLACEMENT;
    size_t n = decode(s, *at, &rune);
    *at += n ? n : 1;
    return n ? rune : REPLACEMENT;
}

uint32_t utf8_prev(struct str s, size_t *at)
{
    size_t end = *at < s.n ? *at : s.n;
    struct str before = {s.p, end};
    for (size_t back = 1; back <= 4 && back <= end; back++) {
        uint32_t rune = 0;
        if (is_continuation(byte_at(s, end - back))) continue;
        if (decode(before, end - back, &rune) != back) break;
        *at = end - back;
        return rune;
    }
    *at = end - 1;
    return REPLACEMENT;
}

size_t utf8_floor(struct str s, size_t at)
{
    if (at >= s.n) return s.n;
    for (size_t back = 0; back <= 3 && back <= at; back++) {
        uint32_t rune = 0;
        if (is_continuation(byte_at(s, at - back))) continue;
        return back > 0 && decode(s, at - back, &rune) > back ? at - back : at;
    }
    return at;
}

size_t utf8_utf16_len(struct str s) { return utf8_to_utf16(s, s.n); }

size_t utf8_to_utf16(struct str s, size_t byte_offset)
{
    size_t end = utf8_floor(s, byte_offset), units = 0;
    for (size_t i = 0; i < end;) {
        size_t ascii_end = skip_ascii(s, i, end);
        units += ascii_end - i;
        i = ascii_end;
        if (i < end) units += utf8_next(s, &i) > 0xFFFF ? 2 : 1;
    }
    return units;
}

size_t utf8_from_utf16(struct str s, size_t utf16_offset)
{
    size_t i = 0, left = utf16_offset;
    while (left > 0 && i < s.n) {
        size_t stop = left < s.n - i ? i + left : s.n, ascii_end = skip_ascii(s, i, stop);
        left -= ascii_end - i;
        i = ascii_end;
        if (left == 0 || i == s.n) break;
        size_t next = i, units = utf8_next(s, &next) > 0xFFFF ? 2 : 1;
        if (units > left) break; /* the middle of a pair */
        left -= units;
        i = next;
    }
    return i;
}

/* Both bytes around at are ASCII and not CR LF: a border whatever stands further away. */
static bool is_plain_border(struct str s, size_t at)
{
    uint32_t before = byte_at(s, at - 1), after = byte_at(s, at);
    return before < 0x80 && after < 0x80 && !(before == '\r' && after == '\n');
}

/* The borders nearest to at: *start ≤ at ≤ *end, equal when at is one itself. at is the start of a code point, 0 < at < s.n. */
static void find_borders(struct str s, size_t at, size_t *start, size_t *end)
{
    size_t from = at;
    size_t peek = at;
    uint32_t after = utf8_next(s, &peek);
    for (int walked = 0; from > 0 && walked < GRAPHEME_WALK_MAX; walked++) {
        size_t prev_at = from;
        uint32_t before = utf8_prev(s, &prev_at);
        /* after a joiner the stateless test knows nothing (GB11) */
        if (before != ZERO_WIDTH_JOINER && utf8proc_grapheme_break((utf8proc_int32_t)before, (utf8proc_int32_t)after))
            break;
        from = prev_at;
        after = before;
    }
    utf8proc_int32_t state = 0;
    size_t border = from, i = from;
    uint32_t rune = utf8_next(s, &i);
    while (border < at) {
        *start = border;
        while (i < s.n) {
            size_t rune_at = i;
            uint32_t next = utf8_next(s, &i);
            bool is_break =
                utf8proc_grapheme_break_stateful((utf8proc_int32_t)rune, (utf8proc_int32_t)next, &state) != 0;
            rune = next;
            if (!is_break) continue;
            border = rune_at;
            break;
        }
        if (border == *start) border = s.n;
    }
    *end = border;
    if (border == at) *start = at;
}

static void borders(struct str s, size_t at, size_t *start, size_t *end)
{
    size_t floored = utf8_floor(s, at);
    *start = *end = floored;
    if (at == 0 || at >= s.n) return;
    if (floored == at && is_plain_border(s, at)) return;
    if (floored > 0) find_borders(s, floored, start, end);
    if (*end >= at) return;
    /* at lay inside a code point that begins a cluster: the end is that cluster's */
    size_t next = floored, ignored = 0;
    (void)utf8_next(s, &next);
    if (next >= s.n)
        *end = s.n;
    else
        find_borders(s, next, &ignored, end);
}

size_t utf8_grapheme_floor(struct str s, size_t at)
{
    size_t start = 0, end = 0;
    borders(s, at, &start, &end);
    return start;
}

size_t utf8_grapheme_ceil(struct str s, size_t at)
{
    size_t start = 0, end = 0;
    borders(s, at, &start, &end);
    return end;
}

static utf8proc_category_t category(uint32_t rune)
{
    return rune > 0x10FFFF ? UTF8PROC_CATEGORY_CN : utf8proc_category((utf8proc_int32_t)rune);
}

bool utf8_is_letter(uint32_t rune)
{
    if (rune < 0x80) return (rune | 0x20) >= 'a' && (rune | 0x20) <= 'z';
    utf8proc_category_t c = category(rune);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

bool utf8_is_digit(uint32_t rune)
{
    if (rune < 0x80) return rune >= '0' && rune <= '9';
    return category(rune) == UTF8PROC_CATEGORY_ND;
}

bool utf8_is_space(uint32_t rune)
{
    if (rune < 0x80) return rune == ' ' || (rune >= 9 && rune <= 13);
    return rune == 0x85 || rune == 0xA0 || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200B) || rune == 0x2028 ||
           rune == 0x2029 || rune == 0x202F || rune == 0x205F || rune == 0x3000 || rune == 0xFEFF;
}

bool utf8_is_upper(uint32_t rune)
{
    if (rune < 0x80) return rune >= 'A' && rune <= 'Z';
    return category(rune) == UTF8PROC_CATEGORY_LU;
}

bool utf8_is_lower(uint32_t rune)
{
    if (rune < 0x80) return rune >= 'a' && rune <= 'z';
    return category(rune) == UTF8PROC_CATEGORY_LL;
}

uint32_t utf8_to_lower(uint32_t rune)
{
    if (rune < 0x80) return rune >= 'A' && rune <= 'Z' ? rune + 0x20 : rune;
    return rune > 0x10FFFF ? rune : (uint32_t)utf8proc_tolower((utf8proc_int32_t)rune);
}

/* Simple folding: where the full one has more than one code point (U+1E9E to "ss"), the lower-case letter. */
static uint32_t fold(uint32_t rune)
{
    if (rune < 0x80) return utf8_to_lower(rune);
    utf8proc_int32_t folded[4] = {0};
    int boundclass = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)rune, folded, 4, UTF8PROC_CASEFOLD, &boundclass);
    return n == 1 ? (uint32_t)folded[0] : utf8_to_lower(rune);
}

struct str utf8_fold_case(struct arena *a, struct str s)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    for (size_t i = 0; i < s.n;)
        sb_rune(&b, fold(utf8_next(s, &i)));
    struct str folded = STR_EMPTY;
    if (sb_take(&b, a, &folded, NULL) != ERR_OK) return STR_EMPTY;
    return folded;
}

size_t utf8_decompose(uint32_t rune, uint32_t ret[UTF8_DECOMPOSE_MAX])
{
    utf8proc_int32_t parts[UTF8_DECOMPOSE_MAX] = {0};
    int boundclass = 0;
    utf8proc_ssize_t n = rune < 0x80 || rune > 0x10FFFF
                             ? 0
                             : utf8proc_decompose_char((utf8proc_int32_t)rune, parts, UTF8_DECOMPOSE_MAX,
                                                       UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, &boundclass);
    if (n <= 0 || n > UTF8_DECOMPOSE_MAX) {
        ret[0] = rune;
        return 1;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        ret[i] = (uint32_t)parts[i];
    return (size_t)n;
}

unsigned utf8_combining_class(uint32_t rune)
{
    if (rune < 0x300 || rune > 0x10FFFF) return 0;
    int c = utf8proc_get_property((utf8proc_int32_t)rune)->combining_class;
    return c > 0 ? (unsigned)c : 0;
}
