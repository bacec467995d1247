/* Reading the bytes of a part where they stand: the next tag, an attribute's value, the byte of a character of a w:t. For parts that have been read as well-formed XML before, so nothing is checked
 * again; but no input makes it read outside the part. Thread: any. */
#pragma once

#include "doc/splice.h"

struct markup_tag {
    size_t start, end;
    bool close, empty; /* </a>, <a/> */
    char name[48];     /* qualified name, cut when longer */
    size_t prefix_n;   /* bytes of name before the local name: the prefix and its colon */
};

static inline const char *markup_local(const struct markup_tag *tag) { return tag->name + tag->prefix_n; }

/* The next element tag that begins in [*at, end), *at moved behind it; text, comments, CDATA sections and processing instructions are skipped. */
bool markup_next_tag(const struct doc_source *s, size_t *at, size_t end, struct markup_tag *ret);

/* The next start tag of UTF-8 text at or behind *at whose local name begins with `local`, *at moved behind it. Other tags are not even looked
 * through, which is right in well-formed XML alone. */
bool markup_next_start(struct str text, size_t *at, struct str local, struct markup_tag *ret);

/* The value of the first attribute with that qualified name (or, when it begins with ':', that ending), as it stands between its quotes. */
bool markup_attr(const struct doc_source *s, const struct markup_tag *tag, const char *qname, struct doc_range *ret);

/* A place in the character data of a w:t. */
struct markup_text_place {
    size_t before; /* byte in front of the character at the offset: markup between the two characters lies before it */
    size_t after;  /* byte behind the character that ends at the offset */
    bool cdata_before, cdata_after; /* that byte lies in a CDATA section */
};

/* Walks the characters of a w:t, so that many offsets in rising order cost one pass. */
struct markup_text {
    const struct doc_source *source;
    size_t end; /* of the content */
    size_t at;
    size_t text_bytes; /* UTF-8 bytes of text walked so far */
    size_t last_end;   /* byte behind the last character */
    bool cdata, last_cdata;
    bool odd; /* an element inside, or more than it should be */
};

/* trim: white-space characters at the start that are not text. */
struct markup_text markup_text_make(const struct doc_source *s, struct doc_range content, unsigned trim);
/* Where a character begins; offset ≥ the last one asked for, in bytes of the text. False when it is not there. */
bool markup_text_seek(struct markup_text *t, size_t offset, struct markup_text_place *ret);
/* The content is exactly that text (and, where it was trimmed, white space behind it), in character data alone: it may be cut. */
bool markup_text_matches(const struct doc_source *s, struct doc_range content, unsigned trim, struct str text);
