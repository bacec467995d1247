/* What the files of the XML reader share. xml_scan.c and xml_expat.c find tags and text in the bytes and check that
 * they are well-formed; both tell xml.c, which knows namespaces and tokens and calls the handler. */
#pragma once

#include "base/map.h"
#include "base/vec.h"
#include "base/xml.h"

#define XML__CACHE_SLOTS 256u
#define XML__CACHED_NAME 31

/* A name as written, resolved. */
struct xml__resolved {
    const char *uri;   /* interned: equal URIs have equal pointers; NULL for no namespace */
    int token, ns;     /* as in struct xml_tag */
    unsigned prefix_n; /* bytes before the ':', 0 when there is none */
};

struct xml__cache_slot {
    struct xml__resolved to;
    unsigned generation; /* valid when equal to the reader's */
    unsigned char n;
    char name[XML__CACHED_NAME];
};

struct xml__binding {
    struct str prefix; /* interned; empty for the default namespace */
    const char *uri;   /* interned; NULL: undeclared by xmlns="" */
    int ns;            /* id by the vocabulary, or 0 */
};

/* An element that is open. */
struct xml__frame {
    struct xml__resolved name;
    struct str qname;  /* of the scanner, in the input; expat's is valid during its call only */
    size_t n_bindings; /* in scope outside of it */
    bool was_aliased;  /* aliased outside of it */
};

struct xml_reader {
    struct str input;
    const struct xml_options *options;
    const struct xml_handler *handler;
    void *ctx;
    const char *what; /* the input's name for messages */
    struct error *e;
    enum err err;    /* the first error of a callback or of ours; nothing is called after it */
    size_t event_at; /* byte of the current event */
    void *expat;     /* the parser while expat reads, else NULL */
    bool progress;   /* something was handed out since the last slice that expat was fed */
    struct arena *arena;
    struct map uris;                      /* URI → itself, for interning */
    struct map prefixes;                  /* likewise */
    const struct xml_name **vocab;        /* open addressing by (ns, local) */
    size_t vocab_cap;                     /* a power of two */
    unsigned generation;                  /* of the cache */
    bool aliased;                         /* two prefixes in scope may name the same namespace */
    VEC(struct xml__binding) bindings;    /* innermost last */
    VEC(struct xml__frame) frames;        /* innermost last */
    VEC(struct xml_attr) attrs;           /* of the current tag; declarations too until xml__start has taken them out */
    VEC(struct xml__resolved) attr_names; /* beside attrs, filled only while aliased */
    /* An unprefixed element has the default namespace, an attribute has none: so each has its own cache. */
    struct xml__cache_slot elements[XML__CACHE_SLOTS];
    struct xml__cache_slot attributes[XML__CACHE_SLOTS];
};

/* Sets the reader's error, unless it has one. */
void xml__stop(struct xml_reader *r, enum err err);

/* What was found. Each may set r->err, after which nothing more may be told. The attributes of a start tag are pushed
 * to r->attrs before, with qname and value. */
void xml__start(struct xml_reader *r, struct str qname, size_t start, size_t end, bool empty);
void xml__end(struct xml_reader *r, struct str qname, size_t start, size_t end);
void xml__text(struct xml_reader *r, struct str text, size_t start, size_t end);

/* xml_scan.c */
/* The input is UTF-8 by its first bytes and its declaration, which is one that everybody writes. */
bool xml__scans(struct str input);
/* Reads it. False when it is not well-formed (r->err is still ERR_OK then) or r->err is set. */
bool xml__scan(struct xml_reader *r) MUST_USE;

/* xml_expat.c */
enum err xml__expat(struct xml_reader *r) MUST_USE;
/* What is wrong with an input that is not well-formed, said without telling anything of it. */
enum err xml__judge(struct xml_reader *r) MUST_USE;
unsigned long xml__expat_line(const struct xml_reader *r);
unsigned long xml__expat_column(const struct xml_reader *r);
