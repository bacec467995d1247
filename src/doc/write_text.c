/* Text as it is written: cleaned for XML, cut to what programs accept, and as the children of a run.
 * Source: XML 1.0 5th ed., 2.2 and 2.11; [MS-OI29500] 2.1.310 ff. (255 and 9 characters). */
#include "base/utf8.h"
#include "doc/write_plan.h"

static bool is_carried(uint32_t rune, bool keep_ff)
{
    if (rune < 0x20) return rune == '\t' || rune == '\n' || (rune == '\f' && keep_ff);
    return rune < 0xD800 || (rune > 0xDFFF && rune != 0xFFFE && rune != 0xFFFF && rune <= 0x10FFFF);
}

struct str write_clean(struct arena *a, struct str s, bool keep_ff)
{
    char *to = NEW(a, char, s.n + 1);
    if (!to) return STR_EMPTY;
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        uint32_t rune = utf8_next(s, &at);
        if (rune == '\r') {
            if (at < s.n && s.p[at] == '\n') at++;
            to[n++] = '\n';
        } else if (is_carried(rune, keep_ff) &&
                   (rune != 0xFFFD || at - start == 3)) { /* bytes that are not UTF-8 go too */
            memcpy(to + n, s.p + start, at - start);
            n += at - start;
        }
    }
    return (struct str){to, n};
}

struct str write_clean_name(struct arena *a, struct str s, size_t max)
{
    struct str clean = write_clean(a, s, false);
    if (!clean.p) return STR_EMPTY;
    clean = str_trim(clean);
    char *to = NEW(a, char, clean.n + 1);
    if (!to) return STR_EMPTY;
    size_t n = 0, units = 0;
    for (size_t at = 0; at < clean.n;) {
        size_t start = at;
        uint32_t rune = utf8_next(clean, &at);
        units += rune > 0xFFFF ? 2 : 1;
        if (units > max) break;
        memcpy(to + n, clean.p + start, at - start);
        if (rune == '\n' || rune == '\t') to[n] = ' ';
        n += at - start;
    }
    return (struct str){to, n};
}

struct str write_initials(struct arena *a, struct str initials, struct str author)
{
    struct str given = write_clean_name(a, initials, 9);
    if (given.n || !given.p) return given;
    struct str name = write_clean_name(a, author, 255);
    char *to = NEW(a, char, name.n + 1);
    if (!to || !name.p) return STR_EMPTY;
    size_t n = 0, units = 0;
    bool word = false;
    for (size_t at = 0; at < name.n;) {
        size_t start = at;
        uint32_t rune = utf8_next(name, &at);
        bool letter = utf8_is_letter(rune) || utf8_is_digit(rune);
        if (letter && !word) {
            units += rune > 0xFFFF ? 2 : 1;
            if (units > 9) break;
            memcpy(to + n, name.p + start, at - start);
            n += at - start;
        }
        word = letter;
    }
    return (struct str){to, n};
}

void write_run_text(struct sb *sb, struct str w, struct str text)
{
    size_t from = 0;
    for (size_t at = 0; at <= text.n; at++) {
        bool special = at < text.n && (text.p[at] == '\n' || text.p[at] == '\t');
        if (at < text.n && !special) continue;
        if (at > from) {
            sb_printf(sb, "<%.*st xml:space=\"preserve\">", STR_ARG(w));
            sb_xml_text(sb, str_sub(text, from, at));
            sb_printf(sb, "</%.*st>", STR_ARG(w));
        }
        if (special) sb_printf(sb, "<%.*s%s/>", STR_ARG(w), text.p[at] == '\n' ? "br" : "tab");
        from = at + 1;
    }
}
