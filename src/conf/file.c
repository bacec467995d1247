/* The syntax of prism.conf. It is that which systemd's EnvironmentFile and shells agree on, so a file serves both; what they read differently
 * (escapes, variables, a comment behind a value) is not accepted, or is plain text. */
#include "conf/file.h"

#include "base/utf8.h"

static enum err bad(struct error *e, unsigned line, const char *what)
{
    return error_set_reason(e, ERR_INVALID, "bad_conf_file", "line %u %s", line, what);
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return s.n > 0;
}

/* Without the quotation marks around it. */
static enum err unquote(struct str *value, unsigned line, struct error *e)
{
    struct str v = *value;
    char quote = v.n ? v.p[0] : '\0';
    if (quote != '"' && quote != '\'') return ERR_OK;
    struct str inside = str_sub(v, 1, v.n - 1);
    if (v.n < 2 || v.p[v.n - 1] != quote) return bad(e, line, "begins a quotation and does not end it");
    if (str_find_char(inside, quote, 0) != STR_NONE) return bad(e, line, "has a quotation mark within the quotation");
    *value = inside;
    return ERR_OK;
}

static enum err parse_line(struct str text, unsigned line, struct conf_line *ret, struct error *e)
{
    struct str rest = STR_EMPTY, name = str_trim(str_cut(text, '=', &rest)), value = str_trim(rest);
    if (!rest.p) return bad(e, line, "has no \"=\"; NAME=value is accepted");
    if (!is_name(name)) return bad(e, line, "does not begin with the name of a setting; NAME=value is accepted");
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7F) return bad(e, line, "has a control character");
    TRY(unquote(&value, line, e));
    *ret = (struct conf_line){.name = name, .value = value, .line = line};
    return ERR_OK;
}

enum err conf_file_parse(struct arena *a, struct str text, struct conf_lines *ret, struct error *e)
{
    struct conf_lines lines = {0};
    unsigned line = 0;
    if (!utf8_valid(text)) return error_set_reason(e, ERR_INVALID, "bad_conf_file", "the file is not text in UTF-8");
    if (str_starts(text, STR("\xEF\xBB\xBF"))) text = str_sub(text, 3, text.n);
    for (struct str rest = text; rest.p;) {
        struct str one = str_trim(str_cut(rest, '\n', &rest));
        line++;
        if (one.n == 0 || one.p[0] == '#') continue;
        struct conf_line *slot = VEC_PUSH(a, &lines);
        if (!slot) return error_no_memory(e);
        TRY(parse_line(one, line, slot, e));
        for (size_t i = 0; i + 1 < lines.n; i++)
            if (str_eq(lines.at[i].name, slot->name))
                return error_set_reason(e, ERR_INVALID, "bad_conf_file", "lines %u and %u both set %.*s",
                                        lines.at[i].line, line, STR_ARG(slot->name));
    }
    *ret = lines;
    return ERR_OK;
}
