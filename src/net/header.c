/* Parts of header values: tokens, parameters with quoted strings, extended values.
 * Source: RFC 9110 5.6.2, 5.6.4, 5.6.6; RFC 8187 3.2. */
#include "net/header_priv.h"

#include "base/utf8.h"

bool net__is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c))) return false;
    }
    return s.n > 0;
}

/* The end of a parameter that starts at `at`: its ';' outside of quotes, or the end of s. */
static size_t parameter_end(struct str s, size_t at)
{
    bool quoted = false;
    for (; at < s.n; at++) {
        if (quoted && s.p[at] == '\\' && at + 1 < s.n && (s.p[at + 1] == '"' || s.p[at + 1] == '\\'))
            at++;
        else if (s.p[at] == '"')
            quoted = !quoted;
        else if (s.p[at] == ';' && !quoted)
            break;
    }
    return at;
}

static struct str unquote(struct arena *a, struct str s)
{
    char *to = str_to_c(a, s);
    size_t n = 0;
    if (!to) return STR_EMPTY;
    if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"') return (struct str){to, s.n};
    for (size_t i = 1; i + 1 < s.n; i++) {
        if (s.p[i] == '\\' && i + 2 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\')) i++;
        to[n++] = s.p[i];
    }
    return (struct str){to, n};
}

enum err net__header_parameter(struct arena *a, struct str value, const char *name, struct str *ret, struct error *e)
{
    *ret = STR_EMPTY;
    for (size_t at = parameter_end(value, 0); at < value.n;) {
        size_t end = parameter_end(value, at + 1);
        struct str text = STR_EMPTY;
        struct str found = str_trim(str_cut(str_sub(value, at + 1, end), '=', &text));
        at = end;
        if (!text.p || !str_eq_nocase(found, str_from_c(name))) continue;
        *ret = unquote(a, str_trim(text));
        return ret->p ? ERR_OK : error_no_memory(e);
    }
    return ERR_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

int net__percent_byte(struct str s, size_t i)
{
    if (i + 2 >= s.n || s.p[i] != '%') return -1;
    int high = hex_digit(s.p[i + 1]);
    int low = hex_digit(s.p[i + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

enum err net__header_extended(struct arena *a, struct str value, struct str *ret, struct error *e)
{
    *ret = STR_EMPTY;
    struct str text = STR_EMPTY;
    struct str charset = str_cut(value, '\'', &text);
    str_cut(text, '\'', &text); /* the language */
    if (!text.p || !str_eq_nocase(charset, STR("UTF-8"))) return ERR_OK;
    char *to = str_to_c(a, text);
    size_t n = 0;
    if (!to) return error_no_memory(e);
    for (size_t i = 0; i < text.n; i++) {
        to[n] = text.p[i];
        if (text.p[i] == '%') {
            int byte = net__percent_byte(text, i);
            if (byte < 0) return ERR_OK;
            to[n] = (char)byte;
            i += 2;
        }
        n++;
    }
    if (utf8_valid((struct str){to, n})) *ret = (struct str){to, n};
    return ERR_OK;
}
