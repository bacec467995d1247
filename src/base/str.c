/* Text views: searching, cutting, copying, numbers.
 * All of it is by bytes; what needs Unicode is in utf8.c. Numbers are whole-string and strict: a setting "12abc" is a typing mistake, not 12.
 * Doubles go through strtod_l with the C locale, after the text has been checked by a grammar of our own (strtod alone takes "inf", "0x1p3"
 * and leading space). Source of the hash: FNV-1a 64; the final mix is that of MurmurHash3, as FNV leaves the low bits poor for short keys. */
#include "base/str.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define DOUBLE_TEXT_MAX 63

static unsigned char lower(char c) { return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

static bool same_nocase(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

bool str_eq_nocase(struct str a, struct str b) { return a.n == b.n && same_nocase(a.p, b.p, a.n); }

bool str_starts(struct str s, struct str prefix) { return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix); }

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq_nocase(str_sub(s, 0, prefix.n), prefix);
}

bool str_ends_nocase(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq_nocase(str_sub(s, s.n - suffix.n, s.n), suffix);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c != 0) return c;
    return a.n < b.n ? -1 : a.n > b.n;
}

size_t str_find(struct str s, struct str needle, size_t from)
{
    if (from > s.n || needle.n > s.n - from) return STR_NONE;
    if (needle.n == 0) return from;
    const char *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
    return hit ? (size_t)(hit - s.p) : STR_NONE;
}

size_t str_find_nocase(struct str s, struct str needle, size_t from)
{
    if (from > s.n || needle.n > s.n - from) return STR_NONE;
    if (needle.n == 0) return from;
    for (size_t i = from, first = lower(needle.p[0]); i <= s.n - needle.n; i++)
        if (lower(s.p[i]) == first && same_nocase(s.p + i, needle.p, needle.n)) return i;
    return STR_NONE;
}

size_t str_find_char(struct str s, char c, size_t from)
{
    if (from >= s.n) return STR_NONE;
    const char *hit = memchr(s.p + from, c, s.n - from);
    return hit ? (size_t)(hit - s.p) : STR_NONE;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct str str_trim(struct str s)
{
    const struct str no_break = STR("\xC2\xA0");
    for (;;) {
        if (s.n && is_blank(s.p[0]))
            s = str_sub(s, 1, s.n);
        else if (str_starts(s, no_break))
            s = str_sub(s, 2, s.n);
        else
            break;
    }
    for (;;) {
        if (s.n && is_blank(s.p[s.n - 1]))
            s.n--;
        else if (str_ends(s, no_break))
            s.n -= 2;
        else
            return s;
    }
}

struct str str_cut(struct str s, char c, struct str *rest)
{
    size_t at = str_find_char(s, c, 0);
    if (at == STR_NONE) {
        *rest = STR_EMPTY;
        return s;
    }
    *rest = str_sub(s, at + 1, s.n);
    return str_sub(s, 0, at);
}

struct str str_dup(struct arena *a, struct str s)
{
    char *copy = str_to_c(a, s);
    return (struct str){copy, copy ? s.n : 0};
}

char *str_to_c(struct arena *a, struct str s)
{
    if (s.n == SIZE_MAX) return NULL;
    char *copy = arena_alloc(a, s.n + 1);
    if (copy && s.n) memcpy(copy, s.p, s.n);
    return copy;
}

struct str str_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (text && vsnprintf(text, (size_t)n + 1, format, again) != n) text = NULL;
    va_end(again);
    return (struct str){text, text ? (size_t)n : 0};
}

/* Digits only, at least one; false past UINT64_MAX as well. */
static bool parse_digits(struct str s, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n == 0) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *ret = v;
    return true;
}

/* At most 40 bytes of s, for messages. */
static struct str excerpt(struct str s)
{
    if (s.n <= 40) return s;
    size_t n = 40;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

enum err str_to_u64(struct str s, uint64_t min, uint64_t max, uint64_t *ret, struct error *e)
{
    uint64_t v = 0;
    if (!parse_digits(s, &v) || v < min || v > max) {
        struct str shown = excerpt(s);
        return error_set_reason(e, ERR_INVALID, "bad_number",
                                "\"%.*s\" is not accepted: give a whole number from %" PRIu64 " to %" PRIu64,
                                STR_ARG(shown), min, max);
    }
    *ret = v;
    return ERR_OK;
}

enum err str_to_i64(struct str s, int64_t min, int64_t max, int64_t *ret, struct error *e)
{
    bool negative = s.n && s.p[0] == '-';
    uint64_t digits = 0;
    bool ok = parse_digits(negative ? str_sub(s, 1, s.n) : s, &digits);
    if (ok) ok = digits <= (uint64_t)INT64_MAX + (negative ? 1u : 0u);
    /* -1 - (digits - 1): also right for INT64_MIN, whose digits are no int64_t */
    int64_t v = 0;
    if (ok) v = negative && digits ? -1 - (int64_t)(digits - 1) : (int64_t)digits;
    if (!ok || v < min || v > max) {
        struct str shown = excerpt(s);
        return error_set_reason(e, ERR_INVALID, "bad_number",
                                "\"%.*s\" is not accepted: give a whole number from %" PRId64 " to %" PRId64,
                                STR_ARG(shown), min, max);
    }
    *ret = v;
    return ERR_OK;
}

static size_t skip_digits(struct str s, size_t i)
{
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i;
}

/* [-]digits[.digits][(e|E)[+|-]digits] */
static bool is_decimal(struct str s)
{
    size_t i = s.n && s.p[0] == '-', start = i;
    i = skip_digits(s, i);
    if (i == start) return false;
    if (i < s.n && s.p[i] == '.') {
        start = ++i;
        i = skip_digits(s, i);
        if (i == start) return false;
    }
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
        start = i;
        i = skip_digits(s, i);
        if (i == start) return false;
    }
    return i == s.n;
}

enum err str_to_double(struct str s, double min, double max, double *ret, struct error *e)
{
    double v = NAN;
    if (s.n <= DOUBLE_TEXT_MAX && is_decimal(s)) {
        char text[DOUBLE_TEXT_MAX + 1] = "";
        memcpy(text, s.p, s.n);
        locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        if (c_locale == (locale_t)0) return error_no_memory(e);
        v = strtod_l(text, NULL, c_locale);
        freelocale(c_locale);
    }
    if (!(isfinite(v) && v >= min && v <= max)) {
        struct str shown = excerpt(s);
        return error_set_reason(e, ERR_INVALID, "bad_number", "\"%.*s\" is not accepted: give a number from %g to %g",
                                STR_ARG(shown), min, max);
    }
    *ret = v;
    return ERR_OK;
}

uint64_t str_hash(struct str s)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001B3u;
    h ^= h >> 33;
    h *= 0xFF51AFD7ED558CCDu;
    h ^= h >> 33;
    h *= 0xC4CEB9FE1A85EC53u;
    return h ^ h >> 33;
}
