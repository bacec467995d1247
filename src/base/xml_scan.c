/* The scanner: finds the tags and the text of well-formed XML in UTF-8.
 * Nearly every part of every document is UTF-8 without a document type, and this file knows no more than that: no
 * entities but the five, no other encodings, no messages. What is told to xml.c points into the input, so a tag costs
 * neither copy nor allocation; only an attribute value with a reference or a line break in it is made anew. It stops
 * at the first byte that is not well-formed, and expat, which then reads the input once more, says what is wrong. So
 * there is one judge, and one place for messages.
 * Reading a long document is mostly this. expat took nearly twice as long as all that is made of its events: it hashes
 * each name, copies each value and looks at each byte several times. The fuzz target of the reader holds every reading
 * against expat's.
 * Names are those of the 5th edition (expat knows the 4th's, in which some letters of newer scripts are missing).
 * Limits: none of its own; depth is xml.c's. Source: XML 1.0 5th ed., the productions named below. */
#include "base/xml_priv.h"

#include <stdlib.h>

#define PAIRWISE_MAX 12 /* so many attributes are compared each with each, more are sorted */

enum {
    NAME_START = 1, /* [4] of ASCII */
    NAME = 2,       /* [4a] of ASCII */
    SPACE = 4,      /* [3] */
    TEXT = 8,       /* may stand in text, and nothing more is to be said about it */
    VALUE = 16,     /* likewise in the value of an attribute, quotes excepted */
    DATA = 32,      /* likewise in a comment, CDATA, a processing instruction, … */
    ENDING = 64,    /* … where these may stand as well, but may be the beginning of the end */
};

#define PLAIN  (TEXT | VALUE | DATA)
#define LETTER (NAME_START | NAME | PLAIN)
static const unsigned char class_of[256] = {
    ['\t'] = SPACE | TEXT | DATA,
    ['\n'] = SPACE,
    ['\r'] = SPACE,
    [' '] = SPACE | PLAIN,
    ['!'] = PLAIN,
    ['"'] = TEXT | DATA,
    ['#' ... '%'] = PLAIN,
    ['&'] = DATA,
    ['\''] = TEXT | DATA,
    ['(' ... ','] = PLAIN,
    ['-'] = NAME | TEXT | VALUE | ENDING,
    ['.'] = NAME | PLAIN,
    ['/'] = PLAIN,
    ['0' ... '9'] = NAME | PLAIN,
    [':'] = LETTER,
    [';'] = PLAIN,
    ['<'] = DATA,
    ['='] = PLAIN,
    ['>'] = PLAIN,
    ['?'] = TEXT | VALUE | ENDING,
    ['@'] = PLAIN,
    ['A' ... 'Z'] = LETTER,
    ['['] = PLAIN,
    ['\\'] = PLAIN,
    [']'] = VALUE | ENDING,
    ['^'] = PLAIN,
    ['_'] = LETTER,
    ['`'] = PLAIN,
    ['a' ... 'z'] = LETTER,
    ['{' ... 0x7F] = PLAIN,
};

struct scan {
    struct xml_reader *r;
    const char *begin, *end;
    const char *p; /* the next byte */
};

static bool is(char c, unsigned classes) { return (class_of[(unsigned char)c] & classes) != 0; }
static size_t at(const struct scan *s, const char *p) { return (size_t)(p - s->begin); }
static size_t left(const struct scan *s) { return (size_t)(s->end - s->p); }

static bool take(struct scan *s, const char *what, size_t n)
{
    if (left(s) < n || memcmp(s->p, what, n) != 0) return false;
    s->p += n;
    return true;
}
#define TAKE_LITERAL(s, literal) take((s), "" literal, sizeof(literal) - 1)

static bool skip_space(struct scan *s)
{
    const char *from = s->p;
    while (s->p < s->end && is(*s->p, SPACE))
        s->p++;
    return s->p > from;
}

/* ---- characters ---- */

/* The length of the character at p beyond ASCII, 0 when it is none (RFC 3629) or XML has no such character ([2]). */
static size_t character(const char *p, size_t n, uint32_t *ret)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t more = u[0] >= 0xC2 && u[0] <= 0xDF ? 1 : (u[0] & 0xF0) == 0xE0 ? 2 : u[0] >= 0xF0 && u[0] <= 0xF4 ? 3 : 0;
    if (!more || n <= more) return 0;
    uint32_t rune = u[0] & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((u[i] & 0xC0) != 0x80) return 0;
        rune = rune << 6 | (u[i] & 0x3Fu);
    }
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (rune < least[more] || rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF) || rune == 0xFFFE || rune == 0xFFFF)
        return 0;
    *ret = rune;
    return more + 1;
}

/* Moves over characters of the class and all beyond ASCII; false at one that is none. */
static bool skip_class(struct scan *s, unsigned class)
{
    const char *p = s->p;
    while (p < s->end) {
        if (is(*p, class)) {
            p++;
            continue;
        }
        if ((unsigned char)*p < 0x80) break;
        uint32_t rune = 0;
        size_t n = character(p, (size_t)(s->end - p), &rune);
        if (!n) return false;
        p += n;
    }
    s->p = p;
    return true;
}

/* [4], [4a] beyond ASCII */
static bool is_name_rune(uint32_t rune, bool first)
{
    static const uint32_t starts[][2] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
                                         {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
                                         {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (rune >= starts[i][0] && rune <= starts[i][1]) return true;
    return !first && (rune == 0xB7 || (rune >= 0x300 && rune <= 0x36F) || rune == 0x203F || rune == 0x2040);
}

static bool scan_name(struct scan *s, struct str *ret)
{
    const char *from = s->p;
    unsigned class = NAME_START;
    while (s->p < s->end) {
        if (is(*s->p, class)) {
            s->p++;
        } else {
            uint32_t rune = 0;
            size_t n = (unsigned char)*s->p < 0x80 ? 0 : character(s->p, left(s), &rune);
            if (!n || !is_name_rune(rune, class == NAME_START)) break;
            s->p += n;
        }
        class = NAME;
    }
    *ret = (struct str){from, (size_t)(s->p - from)};
    return ret->n > 0;
}

/* ---- references ---- */

static size_t put_rune(char *to, uint32_t rune)
{
    if (rune < 0x80) {
        to[0] = (char)rune;
        return 1;
    }
    size_t more = rune < 0x800 ? 1 : rune < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    to[0] = (char)(unsigned char)(lead[more] | rune >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        to[i] = (char)(unsigned char)(0x80 | ((rune >> (6 * (more - i))) & 0x3F));
    return more + 1;
}

static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a' + 10);
    return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 16;
}

/* [66]: behind "&#" */
static bool scan_char_ref(struct scan *s, uint32_t *ret)
{
    unsigned base = TAKE_LITERAL(s, "x") ? 16 : 10, digit;
    const char *from = s->p;
    uint32_t rune = 0;
    for (; s->p < s->end && (digit = digit_of(*s->p)) < base; s->p++) {
        rune = rune * base + digit;
        if (rune > 0x10FFFF) return false;
    }
    *ret = rune;
    if (s->p == from || !TAKE_LITERAL(s, ";")) return false;
    if (rune < 0x20) return rune == '\t' || rune == '\n' || rune == '\r';
    return (rune < 0xD800 || rune > 0xDFFF) && rune != 0xFFFE && rune != 0xFFFF;
}

/* A reference at '&': 1–4 bytes of what it means. */
static bool scan_reference(struct scan *s, char to[4], size_t *ret_n)
{
    static const struct {
        struct str name;
        char means;
    } entities[] = {{STR_INIT("&amp;"), '&'},
                    {STR_INIT("&lt;"), '<'},
                    {STR_INIT("&gt;"), '>'},
                    {STR_INIT("&quot;"), '"'},
                    {STR_INIT("&apos;"), '\''}};
    if (TAKE_LITERAL(s, "&#")) {
        uint32_t rune = 0;
        if (!scan_char_ref(s, &rune)) return false;
        *ret_n = put_rune(to, rune);
        return true;
    }
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (take(s, entities[i].name.p, entities[i].name.n)) {
            to[0] = entities[i].means;
            *ret_n = 1;
            return true;
        }
    return false;
}

/* ---- attributes ---- */

/* The rest of a value, which begins at `from` and has something at s->p that does not stand for itself ([10], 3.3.3). */
static bool decode_value(struct scan *s, const char *from, char quote, struct str *ret)
{
    const char *close = memchr(s->p, quote, left(s));
    if (!close) return false;
    size_t n = (size_t)(s->p - from), k = 0;
    char *to = arena_alloc(s->r->arena, (size_t)(close - from) + 4);
    if (!to) {
        xml__stop(s->r, error_no_memory(s->r->e));
        return false;
    }
    memcpy(to, from, n);
    while (s->p < close) {
        const char *plain = s->p;
        if (*plain == '&') {
            if (!scan_reference(s, to + n, &k)) return false;
            n += k;
        } else if (is(*plain, SPACE)) {
            s->p += *plain == '\r' && plain[1] == '\n' ? 2 : 1; /* the quote is behind it */
            to[n++] = ' ';
        } else if (*plain == '"' || *plain == '\'') {
            to[n++] = *s->p++;
        } else {
            if (!skip_class(s, VALUE) || s->p == plain) return false;
            memcpy(to + n, plain, (size_t)(s->p - plain));
            n += (size_t)(s->p - plain);
        }
    }
    s->p = close + 1;
    *ret = (struct str){to, n};
    return true;
}

static bool scan_value(struct scan *s, struct str *ret)
{
    if (s->p == s->end || (*s->p != '"' && *s->p != '\'')) return false;
    char quote = *s->p++;
    const char *from = s->p;
    for (;;) {
        if (!skip_class(s, VALUE) || s->p == s->end) return false;
        if (*s->p == quote) break;
        if (*s->p == '&' || is(*s->p, SPACE)) return decode_value(s, from, quote, ret);
        if (*s->p != '"' && *s->p != '\'') return false;
        s->p++;
    }
    *ret = (struct str){from, (size_t)(s->p - from)};
    s->p++;
    return true;
}

static bool scan_attr(struct scan *s) /* [41] */
{
    struct xml_attr *attr = VEC_PUSH(s->r->arena, &s->r->attrs);
    if (!attr) {
        xml__stop(s->r, error_no_memory(s->r->e));
        return false;
    }
    if (!scan_name(s, &attr->qname)) return false;
    skip_space(s);
    if (!TAKE_LITERAL(s, "=")) return false;
    skip_space(s);
    return scan_value(s, &attr->value);
}

static int compare_names(const void *x, const void *y)
{
    const struct str *a = x, *b = y;
    return str_cmp(*a, *b);
}

static bool has_doubles_sorted(struct scan *s)
{
    size_t n = s->r->attrs.n;
    struct str *names = calloc(n, sizeof *names);
    if (!names) {
        xml__stop(s->r, error_no_memory(s->r->e));
        return true;
    }
    for (size_t i = 0; i < n; i++)
        names[i] = s->r->attrs.at[i].qname;
    qsort(names, n, sizeof *names, compare_names);
    bool twice = false;
    for (size_t i = 1; i < n && !twice; i++)
        twice = str_eq(names[i - 1], names[i]);
    free(names);
    return twice;
}

/* Unique Att Spec (3.1), by names as written; namespaces are xml.c's. */
static bool has_doubles(struct scan *s)
{
    const struct xml_attr *attrs = s->r->attrs.at;
    if (s->r->attrs.n > PAIRWISE_MAX) return has_doubles_sorted(s);
    for (size_t i = 1; i < s->r->attrs.n; i++)
        for (size_t j = 0; j < i; j++)
            if (str_eq(attrs[i].qname, attrs[j].qname)) return true;
    return false;
}

/* ---- tags ---- */

static bool scan_start(struct scan *s) /* [40], [44]: at '<' */
{
    size_t start = at(s, s->p++);
    struct str name;
    bool empty = false;
    s->r->attrs.n = 0;
    if (!scan_name(s, &name)) return false;
    for (;;) {
        bool space = skip_space(s);
        if (TAKE_LITERAL(s, ">")) break;
        if ((empty = TAKE_LITERAL(s, "/>"))) break;
        if (!space || !scan_attr(s)) return false;
    }
    if (s->r->attrs.n > 1 && has_doubles(s)) return false;
    size_t end = at(s, s->p);
    xml__start(s->r, name, start, end, empty);
    if (empty && s->r->err == ERR_OK) xml__end(s->r, name, end, end);
    return s->r->err == ERR_OK;
}

static bool scan_end(struct scan *s) /* [42]: at "</" */
{
    size_t start = at(s, s->p);
    struct str name = s->r->frames.at[s->r->frames.n - 1].qname;
    s->p += 2;
    if (!take(s, name.p, name.n)) return false;
    skip_space(s);
    if (!TAKE_LITERAL(s, ">")) return false; /* also where the name goes on */
    xml__end(s->r, name, start, at(s, s->p));
    return s->r->err == ERR_OK;
}

static bool scan_comment(struct scan *s) /* [15]: behind "<!--" */
{
    while (skip_class(s, DATA | SPACE) && s->p < s->end) {
        if (TAKE_LITERAL(s, "--")) return TAKE_LITERAL(s, ">");
        if (!is(*s->p, ENDING)) return false;
        s->p++;
    }
    return false;
}

static bool scan_instruction(struct scan *s) /* [16]: behind "<?" */
{
    struct str target;
    if (!scan_name(s, &target) || str_eq_nocase(target, STR("xml"))) return false;
    if (TAKE_LITERAL(s, "?>")) return true;
    if (!skip_space(s)) return false;
    while (skip_class(s, DATA | SPACE) && s->p < s->end) {
        if (TAKE_LITERAL(s, "?>")) return true;
        if (!is(*s->p, ENDING)) return false;
        s->p++;
    }
    return false;
}

/* ---- text ---- */

/* What was moved over since `from`, if anything. */
static bool tell_text(struct scan *s, const char *from)
{
    if (s->p > from) xml__text(s->r, (struct str){from, (size_t)(s->p - from)}, at(s, from), at(s, s->p));
    return s->r->err == ERR_OK;
}

static bool scan_line_end(struct scan *s) /* 2.11 */
{
    size_t start = at(s, s->p);
    if (!TAKE_LITERAL(s, "\r\n")) s->p++;
    xml__text(s->r, STR("\n"), start, at(s, s->p));
    return s->r->err == ERR_OK;
}

static bool scan_cdata(struct scan *s) /* [18]: behind "<![CDATA[" */
{
    const char *from = s->p;
    while (skip_class(s, DATA) && s->p < s->end) {
        if (left(s) >= 3 && memcmp(s->p, "]]>", 3) == 0) {
            bool ok = tell_text(s, from);
            s->p += 3;
            return ok;
        }
        if (*s->p == '\n' || *s->p == '\r') {
            if (!tell_text(s, from) || !scan_line_end(s)) return false;
            from = s->p;
        } else if (is(*s->p, ENDING)) {
            s->p++;
        } else {
            return false;
        }
    }
    return false;
}

/* Text and references up to the next '<' ([14]). */
static bool scan_text(struct scan *s)
{
    const char *from = s->p;
    while (skip_class(s, TEXT) && s->p < s->end) {
        char c = *s->p;
        if (c == '<') return tell_text(s, from);
        if (c == ']') {
            if (left(s) >= 3 && memcmp(s->p, "]]>", 3) == 0) return false;
            s->p++;
            continue;
        }
        if (!tell_text(s, from)) return false;
        if (c == '&') {
            size_t start = at(s, s->p), n = 0;
            char means[4];
            if (!scan_reference(s, means, &n)) return false;
            xml__text(s->r, (struct str){means, n}, start, at(s, s->p));
            if (s->r->err != ERR_OK) return false;
        } else if (c != '\n' && c != '\r') {
            return false;
        } else if (!scan_line_end(s)) {
            return false;
        }
        from = s->p;
    }
    return false;
}

/* ---- the document ---- */

/* [27]*: comments, instructions and white space around the root. False at something else, or when it is broken. */
static bool scan_misc(struct scan *s)
{
    for (;;) {
        skip_space(s);
        if (TAKE_LITERAL(s, "<!--")) {
            if (!scan_comment(s)) return false;
        } else if (TAKE_LITERAL(s, "<?")) {
            if (!scan_instruction(s)) return false;
        } else {
            return true;
        }
    }
}

static bool scan_content(struct scan *s) /* [43], until the root is closed */
{
    while (s->r->frames.n > 0) {
        if (s->p == s->end) return false;
        char next = left(s) > 1 ? s->p[1] : '\0';
        bool ok;
        if (*s->p != '<')
            ok = scan_text(s);
        else if (next == '/')
            ok = scan_end(s);
        else if (next == '?')
            ok = TAKE_LITERAL(s, "<?") && scan_instruction(s);
        else if (next == '!')
            ok = TAKE_LITERAL(s, "<!--") ? scan_comment(s) : TAKE_LITERAL(s, "<![CDATA[") && scan_cdata(s);
        else
            ok = scan_start(s);
        if (!ok) return false;
    }
    return true;
}

/* Name = "value" of the declaration. The name of an encoding may be in any case of letters. */
static bool declares(struct scan *s, const char *name, struct str value, bool any_case)
{
    struct scan back = *s;
    bool space = skip_space(s);
    char quote = '\0';
    if (space && take(s, name, strlen(name))) {
        skip_space(s);
        if (TAKE_LITERAL(s, "=")) {
            skip_space(s);
            quote = s->p < s->end ? *s->p++ : '\0';
        }
    }
    struct str found = str_sub((struct str){s->p, left(s)}, 0, value.n);
    bool same = any_case ? str_eq_nocase(found, value) : str_eq(found, value);
    if ((quote == '"' || quote == '\'') && same && left(s) > value.n && s->p[value.n] == quote) {
        s->p += value.n + 1;
        return true;
    }
    *s = back;
    return false;
}

/* The mark and the declaration, if any ([22], [23]); false when they are not what everybody writes. */
static bool scan_declaration(struct scan *s)
{
    (void)TAKE_LITERAL(s, "\xEF\xBB\xBF");
    if (left(s) < 6 || memcmp(s->p, "<?xml", 5) != 0 || !is(s->p[5], SPACE)) return true;
    s->p += 5;
    if (!declares(s, "version", STR("1.0"), false)) return false;
    (void)declares(s, "encoding", STR("UTF-8"), true);
    if (!declares(s, "standalone", STR("yes"), false)) (void)declares(s, "standalone", STR("no"), false);
    skip_space(s);
    return TAKE_LITERAL(s, "?>");
}

bool xml__scans(struct str input)
{
    struct scan s = {.begin = input.p, .end = input.p + input.n, .p = input.p};
    if (input.n < 4) return false;
    bool utf16 = (unsigned char)input.p[0] >= 0xFE || input.p[0] == '\0' || input.p[1] == '\0';
    return !utf16 && scan_declaration(&s);
}

bool xml__scan(struct xml_reader *r)
{
    struct scan s = {.r = r, .begin = r->input.p, .end = r->input.p + r->input.n, .p = r->input.p};
    if (!scan_declaration(&s) || !scan_misc(&s)) return false;
    if (s.p == s.end || *s.p != '<' || !scan_start(&s) || !scan_content(&s)) return false;
    return scan_misc(&s) && s.p == s.end;
}
