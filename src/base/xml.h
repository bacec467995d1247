/* A streaming XML reader that knows namespaces and exact byte ranges. It refuses every document type declaration (so: no entities
 * of the document's own, no expansion, no external fetch), bounds depth, and never recovers from an error.
 *
 * Names are resolved to small integers by a vocabulary: the caller lists the namespaces (several URIs may share one id, as strict and
 * transitional OOXML do) and the (namespace, local name) pairs it cares for. All else is token XML_OTHER.
 *
 * Offsets are bytes of the input as given, in its own encoding (UTF-8 with or without BOM, UTF-16 LE/BE, ISO-8859-1, US-ASCII); names, values and text are
 * handed out as UTF-8. Sources: XML 1.0 5th ed.; Namespaces in XML 1.0; expat 2.5 for what is not UTF-8.
 * Thread: any; one reader is used by one thread. */
#pragma once

#include "base/str.h"

enum { XML_OTHER = 0 }; /* the token of every name outside the vocabulary */

struct xml_ns {
    const char *uri;
    int id; /* > 0 */
};

struct xml_name {
    int ns;            /* an id of the namespaces; 0 for an attribute without a prefix */
    const char *local; /* local name */
    int token;         /* > 0 */
};

struct xml_vocab {
    const struct xml_ns *namespaces;
    size_t n_namespaces;
    const struct xml_name *names; /* sorted by nothing; elements and attributes together */
    size_t n_names;
};

struct xml_attr {
    int token;        /* by the vocabulary; unprefixed attributes are looked up with ns 0 */
    struct str qname; /* as written, prefix included */
    struct str value; /* normalized and decoded, UTF-8 */
};

/* One tag. Everything in it is valid during the callback only. */
struct xml_tag {
    int token;
    int ns;                       /* id of its namespace, 0 when it is none of the vocabulary's */
    struct str qname;             /* as written */
    struct str prefix;            /* part of qname before ':', or empty */
    size_t start, end;            /* bytes of the tag itself in the input: [start, end) */
    bool empty;                   /* start callback: written as <a/>; the end callback follows with start = end */
    unsigned depth;               /* 1 for the root */
    const struct xml_attr *attrs; /* start callback only; namespace declarations are not among them */
    size_t n_attrs;
};

struct xml_reader;

struct xml_handler {
    /* Each returns ERR_OK to go on; an error stops the reading and is returned by xml_read. text may be NULL. */
    enum err (*start)(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e);
    enum err (*end)(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e);
    /* A piece of character data (any cut of the text is possible), and the bytes it came from: a character reference is a piece of its own.
     * (Of a CDATA section of more than 1,024 characters that is not in UTF-8 the pieces' ends are the section's.) */
    enum err (*text)(void *ctx, struct xml_reader *r, struct str text, size_t start, size_t end, struct error *e);
};

struct xml_options {
    const struct xml_vocab *vocab;
    unsigned max_depth;  /* ERR_LIMIT "too_deep" past it */
    const char *what;    /* the name of the input for messages, e.g. "word/document.xml" */
    struct arena *arena; /* NULL or where the reader's own scratch is counted; freed by xml_read itself otherwise */
};

/* Reads the whole input. Errors: ERR_INVALID with reason "bad_xml" (message has `what` and the line), "dtd_forbidden", "unsupported_encoding"; ERR_LIMIT "too_deep".
 * or the callback's own. */
enum err xml_read(struct str input, const struct xml_options *o, const struct xml_handler *h, void *ctx,
                  struct error *e) MUST_USE;

/* During a callback: the namespace URI that a prefix ("" for the default) is bound to here, or NULL; and the id of a prefix in scope (0: unknown to the vocabulary). */
const char *xml_prefix_uri(const struct xml_reader *r, struct str prefix);
int xml_prefix_ns(const struct xml_reader *r, struct str prefix);
/* During a callback: the first prefix in scope that is bound to a namespace of this id (unshadowed); false when there is none. *ret may be "" (default). */
bool xml_ns_prefix(const struct xml_reader *r, int ns, struct str *ret);
/* During a callback: the line (from 1) of the current event. */
unsigned long xml_line(const struct xml_reader *r);

/* The value of the attribute with that token, or .p NULL. */
static inline struct str xml_attr(const struct xml_tag *tag, int token)
{
    for (size_t i = 0; i < tag->n_attrs; i++)
        if (tag->attrs[i].token == token) return tag->attrs[i].value;
    return STR_EMPTY;
}
