/* Reads numbers.
 *
 * Which of "," "." "'" and the spaces parts thousands is decided by form: when both a comma and a full stop stand in it, the later one
 * is the decimal mark; one kind alone parts thousands when every group behind it has three digits ("1,234", "1.234.567"), and is a
 * decimal mark otherwise ("1,5"). A single full stop is always a decimal mark ("1.234" is a ratio in English). Limits: 15 digits. */
#include "rules/evidence_number.h"

#include "base/utf8.h"

#define DIGITS_MAX   15
#define NUMBER_BYTES 48 /* longest form that is looked at */

static bool is_digit(char c) { return (unsigned)(unsigned char)c - '0' < 10u; }
static bool is_letter(char c) { return (unsigned)((unsigned char)c | 0x20) - 'a' < 26u; }

static bool take(struct str text, size_t *at, const char *what)
{
    struct str s = str_from_c(what);
    if (!str_starts(str_sub(text, *at, text.n), s)) return false;
    *at += s.n;
    return true;
}

static void skip_spaces(struct str text, size_t *at)
{
    while (*at < text.n && (take(text, at, " ") || take(text, at, "\xC2\xA0") || take(text, at, "\xE2\x80\xAF"))) {
    }
}

/* A sign or a code of money at *at. */
static bool take_currency(struct str text, size_t *at)
{
    static const char *const marks[] = {"US$",          "A$",       "C$",       "HK$",         "$",
                                        "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xB9"};
    static const char *const codes[] = {"USD", "EUR", "GBP", "JPY", "INR", "CAD", "AUD", "CHF", "CNY", "SEK",
                                        "NOK", "DKK", "PLN", "BRL", "MXN", "SGD", "AED", "Rs.", "Rs"};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (take(text, at, marks[i])) return true;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        size_t end = *at;
        if (take(text, &end, codes[i]) && (end >= text.n || !is_letter(text.p[end]))) {
            *at = end;
            return true;
        }
    }
    return false;
}

/* Bytes of a group mark at `at`, or 0. Spaces part groups only between three digits. */
static size_t mark_at(struct str text, size_t at)
{
    if (at >= text.n) return 0;
    char c = text.p[at];
    size_t n = c == ',' || c == '.' || c == '\'' || c == ' ' ? 1 : 0;
    if (!n && str_starts(str_sub(text, at, text.n), STR("\xC2\xA0"))) n = 2;
    if (!n && str_starts(str_sub(text, at, text.n), STR("\xE2\x80\xAF"))) n = 3;
    if (!n || at + n >= text.n || !is_digit(text.p[at + n])) return 0;
    if (c == ',' || c == '.') return n;
    size_t digits = 0;
    while (at + n + digits < text.n && digits < 4 && is_digit(text.p[at + n + digits]))
        digits++;
    return digits == 3 ? n : 0;
}

struct form {
    size_t marks, groups_of_three; /* marks, and those with exactly three digits behind */
    char last, first;              /* mark characters, ' ' for any space */
    size_t last_at;
    bool mixed;
};

/* Digits with marks between them from `at`; *ret_end behind them. */
static struct form look_at_form(struct str text, size_t at, size_t *ret_end)
{
    struct form f = {0};
    size_t i = at, first_group = 0;
    while (i < text.n && is_digit(text.p[i]))
        i++;
    first_group = i - at;
    for (size_t n; (n = mark_at(text, i)) > 0 && i - at < NUMBER_BYTES;) {
        char c = n == 1 ? text.p[i] : ' ';
        if ((c == ' ' || c == '\'') && first_group > 3) break;
        size_t digits = i + n, start = digits;
        while (digits < text.n && is_digit(text.p[digits]))
            digits++;
        f.marks++;
        f.groups_of_three += digits - start == 3;
        f.mixed = f.mixed || (f.first && c != f.first);
        if (!f.first) f.first = c;
        f.last = c;
        f.last_at = i;
        i = digits;
    }
    *ret_end = i;
    return f;
}

/* The decimal mark's place, or STR_NONE; *ret_sane false when the form is none of a number ("1.2.3", "12,34,5"). */
static size_t decimal_mark(struct form f, bool *ret_sane)
{
    *ret_sane = true;
    if (f.marks == 0) return STR_NONE;
    if (f.mixed) {
        *ret_sane = f.groups_of_three + 1 >= f.marks && (f.last == '.' || f.last == ',');
        if (!*ret_sane && f.groups_of_three == f.marks) *ret_sane = true;
        return f.last_at;
    }
    if (f.marks == 1 && f.last == '.') return f.last_at;
    if (f.groups_of_three == f.marks) return STR_NONE;
    *ret_sane = f.marks == 1 && f.last == ',';
    return f.last_at;
}

static bool read_digits(struct str text, size_t *at, struct number *n)
{
    size_t end;
    struct form f = look_at_form(text, *at, &end);
    bool sane;
    size_t decimal = decimal_mark(f, &sane);
    if (!sane ||
        (end < text.n && is_letter(text.p[end]) && text.p[end] != 'k' && text.p[end] != 'K' && text.p[end] != 'm' &&
         text.p[end] != 'M' && text.p[end] != 'B' && text.p[end] != 'h' && text.p[end] != 's'))
        return false;
    double value = 0, scale = 1;
    size_t digits = 0;
    for (size_t i = *at; i < end; i++) {
        if (!is_digit(text.p[i])) continue;
        if (++digits > DIGITS_MAX) return false;
        value = value * 10 + (text.p[i] - '0');
        if (decimal != STR_NONE && i > decimal) {
            scale *= 10;
            n->decimals++;
        }
    }
    if (digits == 0) return false;
    n->value = value / scale;
    *at = end;
    return true;
}

static bool take_word(struct str text, size_t *at, const char *word)
{
    size_t n = strlen(word);
    if (!str_starts_nocase(str_sub(text, *at, text.n), (struct str){word, n})) return false;
    if (*at + n < text.n && (is_letter(text.p[*at + n]) || is_digit(text.p[*at + n]))) return false;
    *at += n;
    return true;
}

/* "million", "k": multiplied in. */
static void read_scale(struct str text, size_t *at, struct number *n)
{
    static const struct {
        const char *word;
        double factor;
    } scales[] = {{"thousand", 1e3}, {"million", 1e6}, {"mn", 1e6}, {"billion", 1e9},
                  {"bn", 1e9},       {"k", 1e3},       {"M", 1e6}};
    size_t next = *at;
    skip_spaces(text, &next);
    for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
        bool letter = scales[i].word[1] == '\0';
        size_t from = letter ? *at : next; /* "5k", but not "5 k" */
        if (letter && from < text.n && text.p[from] != scales[i].word[0] && text.p[from] != 'K') continue;
        if (!take_word(text, &from, scales[i].word)) continue;
        n->value *= scales[i].factor;
        n->scaled = true;
        *at = from;
        return;
    }
}

static void read_behind(struct str text, size_t *at, struct number *n)
{
    size_t next = *at;
    skip_spaces(text, &next);
    if (take(text, &next, "%") || take_word(text, &next, "percent") || take_word(text, &next, "per cent")) {
        n->percent = true;
        *at = next;
        return;
    }
    read_scale(text, at, n);
    next = *at;
    skip_spaces(text, &next);
    if (take_currency(text, &next) || take_word(text, &next, "dollars") || take_word(text, &next, "euros") ||
        take_word(text, &next, "euro") || take_word(text, &next, "pounds") || take_word(text, &next, "rupees") ||
        take_word(text, &next, "cents")) {
        n->currency = true;
        *at = next;
        return;
    }
    size_t unit = next;
    while (unit < text.n && (is_letter(text.p[unit]) || (unsigned char)text.p[unit] >= 0x80))
        unit++;
    n->unit = str_sub(text, next, unit);
}

bool number_read(struct str text, size_t at, struct number *ret)
{
    struct number n = {.start = at};
    size_t i = at;
    bool brackets = take(text, &i, "("), minus = false;
    if (brackets) skip_spaces(text, &i);
    n.currency = take_currency(text, &i);
    if (n.currency) skip_spaces(text, &i);
    minus = take(text, &i, "-") || take(text, &i, "\xE2\x88\x92") || take(text, &i, "\xE2\x80\x93");
    if (!minus) (void)take(text, &i, "+");
    if (!n.currency) {
        n.currency = take_currency(text, &i);
        if (n.currency) skip_spaces(text, &i);
    }
    if (i >= text.n || !is_digit(text.p[i]) || !read_digits(text, &i, &n)) return false;
    read_behind(text, &i, &n);
    if (brackets) {
        if (!take(text, &i, ")")) return false;
        if (!n.percent && i < text.n && take(text, &i, "%")) n.percent = true;
        n.value = -n.value;
    }
    if (minus) n.value = -n.value;
    n.end = i;
    *ret = n;
    return true;
}

bool number_read_whole(struct str text, struct number *ret)
{
    struct str s = str_trim(text);
    struct number n;
    if (s.n == 0 || s.n > NUMBER_BYTES || !number_read(s, 0, &n)) return false;
    size_t end = n.unit.n ? (size_t)(n.unit.p + n.unit.n - s.p) : n.end;
    while (end < s.n && strchr("*.", s.p[end]))
        end++;
    if (end != s.n) return false;
    *ret = n;
    return true;
}
