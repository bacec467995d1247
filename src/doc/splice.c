/* Splices applied to the bytes of a part.
 * The list is sorted once and the part copied once, so that a thousand edits cost one pass. The XML declaration is never touched, so a part keeps its encoding: what is put in is widened for UTF-16, and
 * for ISO-8859-1 and US-ASCII what the encoding lacks becomes a character reference, which is why texts may only be put where references are allowed (character data, attribute values).
 * Rejected: re-encoding a part as UTF-8 (it would change every byte of it), and a rope (the parts are a few megabytes).
 * Source: XML 1.0 5th ed., 4.3.3 and appendix F. */
#include "doc/splice.h"

#include <stdlib.h>

#include "base/sb.h"
#include "base/utf8.h"

static struct str declared_encoding(struct str bytes)
{
    struct str head = str_sub(bytes, 0, 256);
    if (!head.p || !str_starts(head, STR("<?xml"))) return STR_EMPTY;
    size_t end = str_find(head, STR("?>"), 0);
    if (end == STR_NONE) return STR_EMPTY;
    size_t at = str_find(str_sub(head, 0, end), STR("encoding"), 0);
    if (at == STR_NONE) return STR_EMPTY;
    at += 8;
    while (at < end && head.p[at] != '"' && head.p[at] != '\'')
        at++;
    if (at >= end) return STR_EMPTY;
    size_t close = str_find_char(head, head.p[at], at + 1);
    return close == STR_NONE || close > end ? STR_EMPTY : str_sub(head, at + 1, close);
}

struct doc_source doc_source_of(struct str bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    struct doc_source s = {bytes, DOC_ENCODING_UTF8, 1};
    if (bytes.n >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == '<' && p[1] == 0))) {
        s.encoding = DOC_ENCODING_UTF16LE;
        s.unit = 2;
    } else if (bytes.n >= 2 && ((p[0] == 0xFE && p[1] == 0xFF) || (p[0] == 0 && p[1] == '<'))) {
        s.encoding = DOC_ENCODING_UTF16BE;
        s.unit = 2;
    } else {
        struct str name = declared_encoding(bytes);
        if (str_eq_nocase(name, STR("ISO-8859-1"))) s.encoding = DOC_ENCODING_LATIN1;
        if (str_eq_nocase(name, STR("US-ASCII"))) s.encoding = DOC_ENCODING_ASCII;
    }
    return s;
}

uint32_t doc_source_rune(const struct doc_source *s, size_t *at)
{
    if (s->encoding == DOC_ENCODING_UTF8) {
        if (*at >= s->bytes.n) {
            *at += 1;
            return 0xFFFD;
        }
        return utf8_next(s->bytes, at);
    }
    unsigned unit = doc_source_unit(s, *at);
    *at += s->unit;
    if (s->unit == 1 || unit < 0xD800 || unit > 0xDFFF) return unit;
    unsigned low = doc_source_unit(s, *at);
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF) return 0xFFFD;
    *at += s->unit;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

struct str doc_source_text(const struct doc_source *s, struct doc_range range, struct arena *a)
{
    struct str raw = str_sub(s->bytes, range.start, range.end);
    if (s->encoding == DOC_ENCODING_UTF8 || s->encoding == DOC_ENCODING_ASCII) return raw.p ? raw : STR("");
    CLEANUP_SB struct sb sb = SB_INIT(raw.n * 3 + 1);
    for (size_t at = range.start; at < range.start + raw.n;)
        sb_rune(&sb, doc_source_rune(s, &at));
    struct str ret;
    return sb_take(&sb, a, &ret, NULL) == ERR_OK ? ret : STR_EMPTY;
}

void splice_add(struct splice_list *l, size_t at, size_t remove, struct str insert)
{
    uint32_t order = (uint32_t)l->items.n;
    struct splice *item = VEC_PUSH(l->arena, &l->items);
    if (!item) {
        l->failed = true;
        return;
    }
    *item = (struct splice){at, remove, insert, order};
}

static int compare(const void *left, const void *right)
{
    const struct splice *a = left;
    const struct splice *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    if ((a->remove == 0) != (b->remove == 0)) return a->remove == 0 ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* At most this many bytes of the part per byte of UTF-8: a character reference of US-ASCII, "&#128;" for two bytes, is the longest. */
static size_t encoded_max(const struct doc_source *s, struct str text)
{
    return s->encoding == DOC_ENCODING_UTF8 ? text.n : text.n * 4;
}

static size_t put_reference(char *to, uint32_t rune)
{
    char digits[8];
    size_t n = 0, at = 0;
    for (; rune; rune /= 10)
        digits[n++] = (char)('0' + rune % 10);
    to[at++] = '&';
    to[at++] = '#';
    while (n)
        to[at++] = digits[--n];
    to[at++] = ';';
    return at;
}

static size_t put_unit(char *to, enum doc_encoding encoding, unsigned unit)
{
    unsigned char low = (unsigned char)(unit & 0xFF), high = (unsigned char)(unit >> 8);
    to[0] = (char)(encoding == DOC_ENCODING_UTF16LE ? low : high);
    to[1] = (char)(encoding == DOC_ENCODING_UTF16LE ? high : low);
    return 2;
}

static size_t put_text(char *to, const struct doc_source *s, struct str text)
{
    if (s->encoding == DOC_ENCODING_UTF8) {
        if (text.n) memcpy(to, text.p, text.n);
        return text.n;
    }
    uint32_t last = s->encoding == DOC_ENCODING_LATIN1 ? 0xFF : 0x7F;
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        uint32_t rune = utf8_next(text, &at);
        if (s->unit == 1) {
            if (rune <= last)
                to[n++] = (char)(unsigned char)rune;
            else
                n += put_reference(to + n, rune);
        } else if (rune < 0x10000) {
            n += put_unit(to + n, s->encoding, rune);
        } else {
            n += put_unit(to + n, s->encoding, 0xD800 + ((rune - 0x10000) >> 10));
            n += put_unit(to + n, s->encoding, 0xDC00 + ((rune - 0x10000) & 0x3FF));
        }
    }
    return n;
}

enum err splice_apply(struct splice_list *l, const struct doc_source *s, struct arena *a, struct str *ret,
                      struct error *e)
{
    if (l->failed) return error_no_memory(e);
    if (l->items.n) qsort(l->items.at, l->items.n, sizeof *l->items.at, compare);
    size_t max = s->bytes.n, done = 0;
    for (size_t i = 0; i < l->items.n; i++) {
        const struct splice *item = &l->items.at[i];
        if (item->at < done || item->at > s->bytes.n || item->remove > s->bytes.n - item->at) {
            (void)error_set_reason(e, ERR_INTERNAL, "bad_splice", "the edits of a part overlap");
            return error_detail(e, "splice %zu of %zu at %zu, %zu bytes, behind %zu", i, l->items.n, item->at,
                                item->remove, done);
        }
        done = item->at + item->remove;
        max += encoded_max(s, item->insert);
    }
    char *to = NEW(a, char, max + 1);
    if (!to) return error_no_memory(e);
    size_t n = 0;
    done = 0;
    for (size_t i = 0; i < l->items.n; i++) {
        const struct splice *item = &l->items.at[i];
        memcpy(to + n, s->bytes.p + done, item->at - done);
        n += item->at - done;
        n += put_text(to + n, s, item->insert);
        done = item->at + item->remove;
    }
    if (s->bytes.n > done) memcpy(to + n, s->bytes.p + done, s->bytes.n - done);
    n += s->bytes.n - done;
    *ret = (struct str){to, n};
    return ERR_OK;
}
