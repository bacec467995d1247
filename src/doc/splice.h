/* Splices: a part's bytes with stretches replaced, everything between them carried as it was; and the encodings in which parts come.
 * Texts to put in are UTF-8 and are written in the part's own encoding. Thread: any. */
#pragma once

#include "base/vec.h"
#include "doc/model.h"

enum doc_encoding {
    DOC_ENCODING_UTF8,
    DOC_ENCODING_UTF16LE,
    DOC_ENCODING_UTF16BE,
    DOC_ENCODING_LATIN1,
    DOC_ENCODING_ASCII
};

/* The bytes of a part, read code unit by code unit: markup is ASCII in every encoding that we take, so that scanning for it needs no decoding. */
struct doc_source {
    struct str bytes;
    enum doc_encoding encoding;
    unsigned unit; /* bytes of a code unit: 1, or 2 for UTF-16 */
};

/* Finds the encoding as XML 1.0 appendix F says: byte order mark, else the first bytes, else the XML declaration, else UTF-8. */
struct doc_source doc_source_of(struct str bytes);

/* The code unit at a byte, 0 past the end. */
static inline unsigned doc_source_unit(const struct doc_source *s, size_t at)
{
    if (at >= s->bytes.n || s->bytes.n - at < s->unit) return 0;
    const unsigned char *p = (const unsigned char *)s->bytes.p + at;
    if (s->unit == 1) return p[0];
    return s->encoding == DOC_ENCODING_UTF16LE ? p[0] | (unsigned)p[1] << 8 : p[1] | (unsigned)p[0] << 8;
}

/* The code point at *at, which is moved behind it; at the end (or in the middle of a character) U+FFFD and one unit. */
uint32_t doc_source_rune(const struct doc_source *s, size_t *at);

/* A stretch as UTF-8: borrowed where the part is UTF-8 or ASCII, else in the arena; .p NULL on no memory. */
struct str doc_source_text(const struct doc_source *s, struct doc_range range, struct arena *a);

struct splice {
    size_t at, remove; /* bytes of the part */
    struct str insert; /* UTF-8; borrowed until the splices are applied */
    uint32_t order;    /* as added: insertions at one place keep it */
};

struct splice_list {
    struct arena *arena;
    VEC(struct splice) items;
    bool failed; /* no memory; reported by splice_apply */
};

static inline struct splice_list splice_list_make(struct arena *a) { return (struct splice_list){.arena = a}; }
void splice_add(struct splice_list *l, size_t at, size_t remove, struct str insert);

/* Sorts the list and returns the part with the replacements made. An insertion where a replaced stretch begins goes before it. ERR_INTERNAL when stretches overlap or lie outside the part (ours to
 * prevent), ERR_LIMIT on no memory. */
enum err splice_apply(struct splice_list *l, const struct doc_source *s, struct arena *a, struct str *ret,
                      struct error *e) MUST_USE;
