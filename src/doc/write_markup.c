/* Tags, attributes and characters of a part, found by their bytes.
 * The model says where a w:t lies; a comment may begin in the middle of it, so a character's byte is found by walking the raw content: entities, character references, CDATA sections, comments, CR LF and
 * the encoding all make text and bytes differ. Scanning goes by code unit, since every character of markup is ASCII.
 * Source: XML 1.0 5th ed., 2.4, 2.5, 2.7, 2.11, 4.1. */
#include "doc/write_markup.h"

static bool is_space(unsigned unit) { return unit == ' ' || unit == '\t' || unit == '\n' || unit == '\r'; }

static bool at_ascii(const struct doc_source *s, size_t at, size_t end, const char *what)
{
    for (; *what; what++, at += s->unit)
        if (at >= end || doc_source_unit(s, at) != (unsigned char)*what) return false;
    return true;
}

/* The byte behind the next `what`, or end. */
static size_t behind(const struct doc_source *s, size_t at, size_t end, const char *what)
{
    for (; at < end; at += s->unit)
        if (at_ascii(s, at, end, what)) return at + strlen(what) * s->unit;
    return end;
}

/* Skips what begins with "<!" or "<?" at *at; false when an element tag stands there. */
static bool skip_misc(const struct doc_source *s, size_t *at, size_t end)
{
    unsigned next = *at + s->unit < end ? doc_source_unit(s, *at + s->unit) : 0;
    if (next != '!' && next != '?') return false;
    if (at_ascii(s, *at, end, "<!--"))
        *at = behind(s, *at + 4 * s->unit, end, "-->");
    else if (at_ascii(s, *at, end, "<![CDATA["))
        *at = behind(s, *at, end, "]]>");
    else if (at_ascii(s, *at, end, "<?"))
        *at = behind(s, *at, end, "?>");
    else
        return false;
    return true;
}

static size_t tag_end_of_bytes(struct str bytes, size_t at, size_t end)
{
    const char *p = bytes.p + at, *stop = bytes.p + end;
    for (; p < stop; p++) {
        if (*p == '>') return (size_t)(p - bytes.p) + 1;
        if (*p != '"' && *p != '\'') continue;
        p = memchr(p + 1, *p, (size_t)(stop - p - 1));
        if (!p) return end;
    }
    return end;
}

/* Behind the '>' of the tag at `at`, or end. */
static size_t tag_end(const struct doc_source *s, size_t at, size_t end)
{
    if (s->unit == 1) return tag_end_of_bytes(s->bytes, at, end);
    unsigned quote = 0;
    for (; at < end; at += s->unit) {
        unsigned unit = doc_source_unit(s, at);
        if (quote) {
            if (unit == quote) quote = 0;
        } else if (unit == '"' || unit == '\'') {
            quote = unit;
        } else if (unit == '>') {
            return at + s->unit;
        }
    }
    return end;
}

/* The next '<', or end. */
static size_t next_less(const struct doc_source *s, size_t at, size_t end)
{
    if (s->unit == 1) {
        const char *less = memchr(s->bytes.p + at, '<', end - at);
        return less ? (size_t)(less - s->bytes.p) : end;
    }
    while (at < end && doc_source_unit(s, at) != '<')
        at += s->unit;
    return at < end ? at : end;
}

bool markup_next_tag(const struct doc_source *s, size_t *at, size_t end, struct markup_tag *ret)
{
    size_t i = *at;
    while (i < end) {
        if (doc_source_unit(s, i) != '<') {
            i = next_less(s, i, end);
            continue;
        }
        if (skip_misc(s, &i, end)) continue;
        ret->start = i;
        ret->end = tag_end(s, i, s->bytes.n);
        i += s->unit;
        ret->close = doc_source_unit(s, i) == '/';
        if (ret->close) i += s->unit;
        size_t n = 0;
        ret->prefix_n = 0;
        for (; i < ret->end && n + 1 < sizeof ret->name; i += s->unit) {
            unsigned unit = doc_source_unit(s, i);
            if (is_space(unit) || unit == '>' || unit == '/') break;
            ret->name[n++] = (char)(unit < 0x80 ? unit : '?');
            if (unit == ':' && !ret->prefix_n) ret->prefix_n = n;
        }
        ret->name[n] = 0;
        ret->empty =
            !ret->close && ret->end - ret->start >= 3 * s->unit && doc_source_unit(s, ret->end - 2 * s->unit) == '/';
        *at = ret->end;
        return true;
    }
    *at = end;
    return false;
}

bool markup_next_start(struct str text, size_t *at, struct str local, struct markup_tag *ret)
{
    const struct doc_source s = {text, DOC_ENCODING_UTF8, 1};
    size_t i = *at;
    while ((i = next_less(&s, i, text.n)) < text.n) {
        if (skip_misc(&s, &i, text.n)) continue;
        size_t name = i + 1, end = name;
        for (; end < text.n && !is_space((unsigned char)text.p[end]) && text.p[end] != '>' && text.p[end] != '/'; end++)
            if (text.p[end] == ':') name = end + 1;
        if (str_starts(str_sub(text, name, end), local)) {
            *at = i;
            return markup_next_tag(&s, at, text.n, ret);
        }
        i = end;
    }
    *at = text.n;
    return false;
}

bool markup_attr(const struct doc_source *s, const struct markup_tag *tag, const char *qname, struct doc_range *ret)
{
    unsigned quote = 0;
    size_t name_n = strlen(qname);
    bool ending = qname[0] == ':';
    for (size_t at = tag->start + s->unit; at < tag->end; at += s->unit) {
        unsigned unit = doc_source_unit(s, at);
        if (quote) {
            if (unit == quote) quote = 0;
            continue;
        }
        if (unit == '"' || unit == '\'') {
            quote = unit;
            continue;
        }
        if (!at_ascii(s, at, tag->end, qname) || (!ending && !is_space(doc_source_unit(s, at - s->unit)))) continue;
        size_t i = at + name_n * s->unit;
        while (i < tag->end && is_space(doc_source_unit(s, i)))
            i += s->unit;
        if (doc_source_unit(s, i) != '=') continue;
        i += s->unit;
        while (i < tag->end && is_space(doc_source_unit(s, i)))
            i += s->unit;
        unsigned mark = doc_source_unit(s, i);
        if (mark != '"' && mark != '\'') continue;
        ret->start = i += s->unit;
        while (i < tag->end && doc_source_unit(s, i) != mark)
            i += s->unit;
        ret->end = i;
        return true;
    }
    return false;
}

static size_t rune_bytes(uint32_t rune) { return rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4; }

static uint32_t reference(const struct doc_source *s, size_t at, size_t end)
{
    static const struct {
        const char *text;
        uint32_t rune;
    } named[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (at_ascii(s, at, end, named[i].text)) return named[i].rune;
    bool hex = at_ascii(s, at, end, "&#x");
    if (!hex && !at_ascii(s, at, end, "&#")) return 0;
    uint32_t rune = 0;
    for (at += (hex ? 3 : 2) * s->unit; at < end && rune <= 0x10FFFF; at += s->unit) {
        unsigned unit = doc_source_unit(s, at), lower = unit | 0x20;
        if (unit == ';') return rune;
        if (unit >= '0' && unit <= '9')
            rune = rune * (hex ? 16 : 10) + unit - '0';
        else if (hex && lower >= 'a' && lower <= 'f')
            rune = rune * 16 + lower - 'a' + 10;
        else
            return 0;
    }
    return 0;
}

/* Moves to the start of the next character, past markup that is none. False at the end. */
static bool to_character(struct markup_text *t)
{
    const struct doc_source *s = t->source;
    while (t->at < t->end) {
        if (t->cdata && at_ascii(s, t->at, t->end, "]]>")) {
            t->cdata = false;
            t->at += 3 * s->unit;
        } else if (t->cdata || doc_source_unit(s, t->at) != '<') {
            return true;
        } else if (at_ascii(s, t->at, t->end, "<![CDATA[")) {
            t->cdata = true;
            t->at += 9 * s->unit;
        } else if (!skip_misc(s, &t->at, t->end)) {
            t->odd = true;
            t->at = tag_end(s, t->at, t->end);
        }
    }
    return false;
}

/* Reads the character at t->at (to_character() was true). */
static uint32_t read_character(struct markup_text *t)
{
    const struct doc_source *s = t->source;
    uint32_t rune;
    if (!t->cdata && doc_source_unit(s, t->at) == '&') {
        rune = reference(s, t->at, t->end);
        if (!rune) t->odd = true;
        t->at = behind(s, t->at, t->end, ";");
    } else {
        rune = doc_source_rune(s, &t->at);
        if (rune == '\r') {
            if (doc_source_unit(s, t->at) == '\n') t->at += s->unit;
            rune = '\n';
        }
    }
    if (t->at > t->end) t->at = t->end;
    t->text_bytes += rune_bytes(rune);
    t->last_end = t->at;
    t->last_cdata = t->cdata;
    return rune;
}

struct markup_text markup_text_make(const struct doc_source *s, struct doc_range content, unsigned trim)
{
    struct markup_text t = {.source = s, .end = content.end, .at = content.start, .last_end = content.start};
    for (unsigned i = 0; i < trim && to_character(&t); i++)
        (void)read_character(&t);
    t.text_bytes = 0;
    return t;
}

bool markup_text_seek(struct markup_text *t, size_t offset, struct markup_text_place *ret)
{
    while (t->text_bytes < offset && to_character(t))
        (void)read_character(t);
    if (t->text_bytes != offset) return false;
    ret->after = t->last_end;
    ret->cdata_after = t->last_cdata;
    struct markup_text ahead = *t;
    bool more = to_character(&ahead);
    ret->before = more ? ahead.at : t->last_end;
    ret->cdata_before = more ? ahead.cdata : t->last_cdata;
    return true;
}

bool markup_text_matches(const struct doc_source *s, struct doc_range content, unsigned trim, struct str text)
{
    struct markup_text t = markup_text_make(s, content, trim);
    size_t at = 0;
    while (at < text.n) {
        if (!to_character(&t)) return false;
        size_t from = t.text_bytes;
        uint32_t rune = read_character(&t);
        size_t n = t.text_bytes - from;
        char utf8[4] = {0};
        if (n == 1) utf8[0] = (char)rune;
        if (n == 2) utf8[0] = (char)(0xC0 | rune >> 6);
        if (n == 3) utf8[0] = (char)(0xE0 | rune >> 12);
        if (n == 4) utf8[0] = (char)(0xF0 | rune >> 18);
        for (size_t i = 1; i < n; i++)
            utf8[i] = (char)(0x80 | ((rune >> (6 * (n - 1 - i))) & 0x3F));
        if (t.odd || n > text.n - at || memcmp(utf8, text.p + at, n) != 0) return false;
        at += n;
    }
    while (to_character(&t))
        if (!is_space(read_character(&t))) return false;
    return !t.odd;
}
