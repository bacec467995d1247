/* A string builder: doubling malloc memory up to a maximum, with an error that sticks.
 * Callers append without looking and test once at the end; after a failure nothing is appended, so no half of a text can pass for a whole.
 * Rejected: building in the arena (each growth would leave the old copy behind). The memory is not kept NUL-terminated; sb_take's copy is. */
#include "base/sb.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

#define FIRST_CAP ((size_t)64)

void sb_done(struct sb *b)
{
    free(b->p);
    *b = (struct sb){.max = b->max};
}

void sb_reset(struct sb *b)
{
    b->n = 0;
    b->failed = b->no_memory = false;
}

/* Room for n more bytes; they are not counted yet. */
static bool reserve(struct sb *b, size_t n)
{
    if (b->failed) return false;
    if (n > b->max - b->n) {
        b->failed = true;
        return false;
    }
    if (n <= b->cap - b->n) return true;
    size_t need = b->n + n, cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (cap > b->max) cap = b->max;
    char *grown = realloc(b->p, cap);
    if (!grown) {
        b->failed = b->no_memory = true;
        return false;
    }
    b->p = grown;
    b->cap = cap;
    return true;
}

void sb_str(struct sb *b, struct str s)
{
    if (s.n == 0 || !reserve(b, s.n)) return;
    // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): a view of bytes has a place
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
}

void sb_c(struct sb *b, const char *c) { sb_str(b, str_from_c(c)); }

void sb_char(struct sb *b, char c)
{
    if (!reserve(b, 1)) return;
    b->p[b->n++] = c;
}

void sb_u64(struct sb *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    sb_str(b, (struct str){digits + at, sizeof digits - at});
}

void sb_rune(struct sb *b, uint32_t rune)
{
    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) rune = 0xFFFD;
    char bytes[4];
    size_t n = 0;
    if (rune < 0x80) {
        bytes[n++] = (char)rune;
    } else if (rune < 0x800) {
        bytes[n++] = (char)(0xC0 | rune >> 6);
        bytes[n++] = (char)(0x80 | (rune & 0x3F));
    } else if (rune < 0x10000) {
        bytes[n++] = (char)(0xE0 | rune >> 12);
        bytes[n++] = (char)(0x80 | (rune >> 6 & 0x3F));
        bytes[n++] = (char)(0x80 | (rune & 0x3F));
    } else {
        bytes[n++] = (char)(0xF0 | rune >> 18);
        bytes[n++] = (char)(0x80 | (rune >> 12 & 0x3F));
        bytes[n++] = (char)(0x80 | (rune >> 6 & 0x3F));
        bytes[n++] = (char)(0x80 | (rune & 0x3F));
    }
    sb_str(b, (struct str){bytes, n});
}

void sb_vprintf(struct sb *b, const char *format, va_list args)
{
    if (b->failed) return;
    char text[512];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(text, sizeof text, format, args);
    if (n < 0) {
        b->failed = true;
    } else if ((size_t)n < sizeof text) {
        sb_str(b, (struct str){text, (size_t)n});
    } else if ((size_t)n > b->max - b->n) {
        b->failed = true;
    } else {
        char *longer = malloc((size_t)n + 1);
        b->failed = b->no_memory = !longer || vsnprintf(longer, (size_t)n + 1, format, again) != n;
        sb_str(b, (struct str){longer, (size_t)n});
        free(longer);
    }
    va_end(again);
}

void sb_printf(struct sb *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sb_vprintf(b, format, args);
    va_end(args);
}

enum err sb_take(struct sb *b, struct arena *a, struct str *ret, struct error *e)
{
    bool failed = b->failed, no_memory = b->no_memory;
    size_t max = b->max;
    struct str copy = failed ? STR_EMPTY : str_dup(a, sb_view(b));
    sb_done(b);
    if (failed && !no_memory)
        return error_set_reason(e, ERR_LIMIT, "text_too_long", "the text is longer than %zu bytes", max);
    if (!copy.p) return error_no_memory(e);
    *ret = copy;
    return ERR_OK;
}

/* What stands for the ASCII byte c in XML: NULL for itself, "" to drop it. */
static const char *xml_escape(unsigned char c, bool in_attr)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\r': return "&#13;"; /* a bare one would be read as LF (XML 1.0, 2.11) */
    case '\t': return in_attr ? "&#9;" : NULL;
    case '\n': return in_attr ? "&#10;" : NULL;
    default: return c < 0x20 ? "" : NULL;
    }
}

static void xml_escaped(struct sb *b, struct str s, bool in_attr)
{
    size_t plain = 0; /* start of the bytes that go out as they are */
    for (size_t i = 0; i < s.n;) {
        size_t start = i;
        const char *instead = NULL;
        if ((unsigned char)s.p[i] < 0x80) {
            instead = xml_escape((unsigned char)s.p[i++], in_attr);
        } else {
            uint32_t rune = utf8_next(s, &i);
            bool malformed = i - start == 1;
            bool surrogate = malformed && (unsigned char)s.p[start] == 0xED && start + 2 < s.n &&
                             (unsigned char)s.p[start + 1] >= 0xA0;
            if (surrogate) i += 2;
            if (surrogate || rune == 0xFFFE || rune == 0xFFFF)
                instead = "";
            else if (malformed)
                instead = "\xEF\xBF\xBD";
        }
        if (!instead) continue;
        sb_str(b, str_sub(s, plain, start));
        sb_c(b, instead);
        plain = i;
    }
    sb_str(b, str_sub(s, plain, s.n));
}

void sb_xml_text(struct sb *b, struct str s) { xml_escaped(b, s, false); }

void sb_xml_attr(struct sb *b, struct str s) { xml_escaped(b, s, true); }
