/* A streaming XML reader over expat: namespaces, tokens and byte ranges.
 * Expat's own namespace mode is not used: it glues URI and local name into one long string that would have to be compared a tag, and it hides
 * the prefix, which writing needs. Prefixes live on a stack of bindings here. A name as written ("w:p") is resolved once and then found in a
 * small direct-mapped cache; a change of the bindings in scope starts a new generation of cache entries, so none is ever cleared. A tag
 * allocates nothing: attribute list, frames and bindings are reused, interned prefixes and URIs are kept for the whole reading.
 * Ranges are expat's byte index and count of the current event; the input is fed in slices, because a
 * build of expat that keeps context (Debian's) copies what it is fed: a slice's copy stays in the cache, the whole part's would not.
 * Rejected: libxml2 (no byte offsets), recovery after an error (a half-read document must not look whole).
 * Limits: max_depth; a tag with more than ALIASED_ATTRS_MAX attributes where two prefixes name one namespace (the test for doubles is pairwise).
 * Source: XML 1.0 5th ed.; Namespaces in XML 1.0 3rd ed.; expat 2.5 reference. */
#include "base/xml.h"

#include <limits.h>
#include <stdlib.h>

#include <expat.h>

#include "base/map.h"
#include "base/vec.h"

#define XML_URI           "http://www.w3.org/XML/1998/namespace"
#define XMLNS_URI         "http://www.w3.org/2000/xmlns/"
#define CACHE_SLOTS       256u
#define CACHED_NAME_MAX   31
#define ALIASED_ATTRS_MAX 256
#define SLICE             ((size_t)64 << 10) /* bytes fed at once … */
#define SLICE_MAX         ((size_t)1 << 30)  /* … and while one token goes on and on */

/* A name as written, resolved. */
struct resolved {
    const char *uri;   /* interned: equal URIs have equal pointers; NULL for no namespace */
    int token, ns;     /* as in struct xml_tag */
    unsigned prefix_n; /* bytes before the ':', 0 when there is none */
};

struct cache_slot {
    struct resolved to;
    unsigned generation; /* valid when equal to the reader's */
    unsigned char n;
    char name[CACHED_NAME_MAX];
};

struct binding {
    struct str prefix; /* interned; empty for the default namespace */
    const char *uri;   /* interned; NULL: undeclared by xmlns="" */
    int ns;            /* id by the vocabulary, or 0 */
};

/* An element that is open. */
struct frame {
    struct resolved name;
    size_t qname_n;
    size_t n_bindings; /* in scope outside of it */
    bool was_aliased;  /* aliased outside of it */
};

struct xml_reader {
    XML_Parser parser;
    struct str input;
    const struct xml_options *options;
    const struct xml_handler *handler;
    void *ctx;
    struct error *e;
    enum err err;  /* the first error of a callback or of ours; nothing is called after it */
    bool progress; /* something was handed out since the last slice */
    struct arena *arena;
    struct map uris;                 /* URI → itself, for interning */
    struct map prefixes;             /* likewise */
    const struct xml_name **vocab;   /* open addressing by (ns, local) */
    size_t vocab_cap;                /* a power of two */
    unsigned generation;             /* of the cache */
    bool aliased;                    /* two prefixes in scope may name the same namespace */
    VEC(struct binding) bindings;    /* innermost last */
    VEC(struct frame) frames;        /* innermost last */
    VEC(struct xml_attr) attrs;      /* of the current tag */
    VEC(struct resolved) attr_names; /* beside attrs, filled only while aliased */
    struct cache_slot
        elements[CACHE_SLOTS]; /* an unprefixed element has the default namespace, an attribute has none: */
    struct cache_slot attributes[CACHE_SLOTS]; /* so each has its own cache */
};

/* Stops the reading with an error that is already set. */
static void stop(struct xml_reader *r, enum err err)
{
    if (err == ERR_OK || r->err != ERR_OK) return;
    r->err = err;
    XML_StopParser(r->parser, XML_FALSE);
}

static const char *what(const struct xml_reader *r) { return r->options->what ? r->options->what : "the input"; }

static enum err bad_xml(struct xml_reader *r, const char *problem, struct str name)
{
    return error_set_reason(r->e, ERR_INVALID, "bad_xml",
                            "\"%s\" is not well-formed XML: %s \"%.*s\" at line %lu, column %lu", what(r), problem,
                            STR_ARG(name), (unsigned long)XML_GetCurrentLineNumber(r->parser),
                            (unsigned long)XML_GetCurrentColumnNumber(r->parser) + 1);
}

static size_t hash_name(const char *name, size_t n)
{
    uint32_t h = 5381;
    for (size_t i = 0; i < n; i++)
        h = h * 33 ^ (unsigned char)name[i];
    return (h ^ h >> 13) * 0x9E3779B1u >> 8;
}

/* ---- vocabulary ---- */

static size_t vocab_start(const struct xml_reader *r, int ns, struct str local)
{
    return (hash_name(local.p, local.n) + (size_t)ns * 0x9E37u) & (r->vocab_cap - 1);
}

static enum err vocab_build(struct xml_reader *r)
{
    const struct xml_vocab *v = r->options->vocab;
    for (r->vocab_cap = 16; r->vocab_cap < v->n_names * 2; r->vocab_cap *= 2)
        continue;
    r->vocab = NEW(r->arena, const struct xml_name *, r->vocab_cap);
    if (!r->vocab) return error_no_memory(r->e);
    for (size_t i = 0; i < v->n_names; i++) {
        size_t at = vocab_start(r, v->names[i].ns, str_from_c(v->names[i].local));
        while (r->vocab[at])
            at = (at + 1) & (r->vocab_cap - 1);
        r->vocab[at] = &v->names[i];
    }
    return ERR_OK;
}

static int vocab_token(const struct xml_reader *r, int ns, struct str local)
{
    for (size_t at = vocab_start(r, ns, local); r->vocab[at]; at = (at + 1) & (r->vocab_cap - 1))
        if (r->vocab[at]->ns == ns && str_eq_c(local, r->vocab[at]->local)) return r->vocab[at]->token;
    return XML_OTHER;
}

/* ---- namespaces ---- */

/* The one copy of s that lives as long as the reading, or .p NULL. */
static struct str intern(struct xml_reader *r, struct map *m, struct str s)
{
    const char *known = map_get(m, s);
    if (known) return (struct str){known, s.n};
    char *copy = str_to_c(r->arena, s);
    if (!copy || !map_put(m, (struct str){copy, s.n}, copy)) return STR_EMPTY;
    return (struct str){copy, s.n};
}

static const struct binding *find_binding(const struct xml_reader *r, struct str prefix)
{
    for (size_t i = r->bindings.n; i > 0; i--)
        if (str_eq(r->bindings.at[i - 1].prefix, prefix)) return &r->bindings.at[i - 1];
    return NULL;
}

static enum err bind(struct xml_reader *r, struct str prefix, struct str uri)
{
    struct binding b = {.prefix = intern(r, &r->prefixes, prefix)};
    if (uri.n > 0) b.uri = intern(r, &r->uris, uri).p;
    if (!b.prefix.p || (uri.n > 0 && !b.uri)) return error_no_memory(r->e);
    for (size_t i = 0; i < r->options->vocab->n_namespaces && !b.ns; i++)
        if (str_eq_c(uri, r->options->vocab->namespaces[i].uri)) b.ns = r->options->vocab->namespaces[i].id;

    const struct binding *outer = find_binding(r, prefix);
    if (outer && outer->uri == b.uri) return ERR_OK; /* says nothing new: keep the cache */
    for (size_t i = 0; i < r->bindings.n && prefix.n > 0; i++)
        if (r->bindings.at[i].uri == b.uri && r->bindings.at[i].prefix.n > 0) r->aliased = true;
    struct binding *slot = VEC_PUSH(r->arena, &r->bindings);
    if (!slot) return error_no_memory(r->e);
    *slot = b;
    r->generation++;
    return ERR_OK;
}

static bool is_declaration(const char *name)
{
    return name[0] == 'x' && strncmp(name, "xmlns", 5) == 0 && (name[5] == '\0' || name[5] == ':');
}

static enum err declare(struct xml_reader *r, const char *name, struct str uri)
{
    struct str prefix = name[5] == ':' ? str_from_c(name + 6) : STR(""), qname = str_from_c(name);
    bool is_xml = str_eq(prefix, STR("xml")), xml_uri = str_eq_c(uri, XML_URI);
    if (name[5] == ':' && (prefix.n == 0 || str_find_char(prefix, ':', 0) != STR_NONE))
        return bad_xml(r, "not a qualified name:", qname);
    if (prefix.n > 0 && uri.n == 0) return bad_xml(r, "a prefix cannot be undeclared:", qname);
    if (is_xml != xml_uri || str_eq(prefix, STR("xmlns")) || str_eq_c(uri, XMLNS_URI))
        return bad_xml(r, "a reserved prefix or namespace is declared by", qname);
    return is_xml ? ERR_OK : bind(r, prefix, uri);
}

static enum err resolve_slowly(struct xml_reader *r, struct str qname, bool is_attr, struct resolved *ret)
{
    struct resolved name = {0};
    struct str local = qname;
    size_t colon = str_find_char(qname, ':', 0);
    if (colon != STR_NONE) {
        local = str_sub(qname, colon + 1, qname.n);
        if (colon == 0 || colon > UINT_MAX || local.n == 0 || str_find_char(local, ':', 0) != STR_NONE)
            return bad_xml(r, "not a qualified name:", qname);
        name.prefix_n = (unsigned)colon;
    }
    if (name.prefix_n > 0 || !is_attr) {
        struct str prefix = str_sub(qname, 0, name.prefix_n);
        const struct binding *b = find_binding(r, prefix);
        if (!b && prefix.n > 0) return bad_xml(r, "undeclared namespace prefix", prefix);
        if (b) name.uri = b->uri;
        if (b) name.ns = b->ns;
    }
    bool plain_attr = is_attr && name.prefix_n == 0;
    name.token = name.ns || plain_attr ? vocab_token(r, name.ns, local) : XML_OTHER;
    *ret = name;
    return ERR_OK;
}

static enum err resolve(struct xml_reader *r, struct str qname, bool is_attr, struct resolved *ret)
{
    if (qname.n > CACHED_NAME_MAX) return resolve_slowly(r, qname, is_attr, ret);
    struct cache_slot *slot = &(is_attr ? r->attributes : r->elements)[hash_name(qname.p, qname.n) & (CACHE_SLOTS - 1)];
    if (slot->generation == r->generation && slot->n == qname.n && memcmp(slot->name, qname.p, qname.n) == 0) {
        *ret = slot->to;
        return ERR_OK;
    }
    TRY(resolve_slowly(r, qname, is_attr, ret));
    slot->to = *ret;
    slot->generation = r->generation;
    slot->n = (unsigned char)qname.n;
    memcpy(slot->name, qname.p, qname.n);
    return ERR_OK;
}

/* ---- tags ---- */

static struct str local_name(struct str qname, struct resolved name)
{
    return str_sub(qname, name.prefix_n ? name.prefix_n + 1 : 0, qname.n);
}

/* Namespaces in XML 1.0, 6.3: no two attributes with the same namespace and local name. Expat has found those with the same name as written. */
static enum err check_doubles(struct xml_reader *r)
{
    if (r->attrs.n > ALIASED_ATTRS_MAX)
        return error_set_reason(r->e, ERR_LIMIT, "too_many_attributes",
                                "\"%s\" has a tag with %zu attributes; the limit is %d", what(r), r->attrs.n,
                                ALIASED_ATTRS_MAX);
    for (size_t i = 1; i < r->attrs.n; i++)
        for (size_t j = 0; j < i && r->attr_names.at[i].uri; j++)
            if (r->attr_names.at[j].uri == r->attr_names.at[i].uri &&
                str_eq(local_name(r->attrs.at[j].qname, r->attr_names.at[j]),
                       local_name(r->attrs.at[i].qname, r->attr_names.at[i])))
                return bad_xml(r, "duplicate attribute", r->attrs.at[i].qname);
    return ERR_OK;
}

static enum err read_attrs(struct xml_reader *r, const XML_Char **atts)
{
    r->attrs.n = r->attr_names.n = 0;
    for (size_t i = 0; atts[i]; i += 2)
        if (is_declaration(atts[i])) TRY(declare(r, atts[i], str_from_c(atts[i + 1])));
    for (size_t i = 0; atts[i]; i += 2) {
        if (is_declaration(atts[i])) continue;
        struct str qname = str_from_c(atts[i]);
        struct resolved name = {0};
        TRY(resolve(r, qname, true, &name));
        struct xml_attr *attr = VEC_PUSH(r->arena, &r->attrs);
        if (!attr) return error_no_memory(r->e);
        *attr = (struct xml_attr){.token = name.token, .qname = qname, .value = str_from_c(atts[i + 1])};
        if (!r->aliased) continue;
        struct resolved *beside = VEC_PUSH(r->arena, &r->attr_names);
        if (!beside) return error_no_memory(r->e);
        *beside = name;
    }
    return r->aliased ? check_doubles(r) : ERR_OK;
}

/* The tag that ends before byte end is written as <a/>. A '/' before the '>' can be nothing else: within an attribute a quote follows it. */
static bool is_empty_tag(struct str input, size_t start, size_t end)
{
    if (end - start < 4) return false;
    const char *last = input.p + end - 4;
    if (last[3] == '\0') return last[0] == '/' && last[1] == '\0'; /* UTF-16 LE */
    if (last[2] == '\0') return last[0] == '\0' && last[1] == '/'; /* UTF-16 BE */
    return last[2] == '/';
}

static void event_range(const struct xml_reader *r, size_t *start, size_t *end)
{
    XML_Index at = XML_GetCurrentByteIndex(r->parser);
    int n = XML_GetCurrentByteCount(r->parser);
    *start = at < 0 ? 0 : (size_t)at;
    *end = *start + (n < 0 ? 0 : (size_t)n);
    if (*end > r->input.n) *end = r->input.n;
}

static enum err start_tag(struct xml_reader *r, struct str qname, const XML_Char **atts)
{
    if (r->frames.n >= r->options->max_depth)
        return error_set_reason(r->e, ERR_LIMIT, "too_deep", "\"%s\" has elements nested deeper than the limit of %u",
                                what(r), r->options->max_depth);
    struct frame *frame = VEC_PUSH(r->arena, &r->frames);
    if (!frame) return error_no_memory(r->e);
    *frame = (struct frame){.qname_n = qname.n, .n_bindings = r->bindings.n, .was_aliased = r->aliased};
    TRY(read_attrs(r, atts));
    TRY(resolve(r, qname, false, &frame->name));
    if (!r->handler->start) return ERR_OK;

    struct xml_tag tag = {.token = frame->name.token,
                          .ns = frame->name.ns,
                          .qname = qname,
                          .prefix = {qname.p, frame->name.prefix_n},
                          .depth = (unsigned)r->frames.n,
                          .attrs = r->attrs.at,
                          .n_attrs = r->attrs.n};
    event_range(r, &tag.start, &tag.end);
    tag.empty = is_empty_tag(r->input, tag.start, tag.end);
    return r->handler->start(r->ctx, r, &tag, r->e);
}

static void on_start(void *user, const XML_Char *name, const XML_Char **atts)
{
    struct xml_reader *r = user;
    r->progress = true;
    if (r->err == ERR_OK) stop(r, start_tag(r, str_from_c(name), atts));
}

static void on_end(void *user, const XML_Char *name)
{
    struct xml_reader *r = user;
    r->progress = true;
    if (r->err != ERR_OK || r->frames.n == 0) return;
    struct frame frame = r->frames.at[r->frames.n - 1];
    if (r->handler->end) {
        struct xml_tag tag = {.token = frame.name.token,
                              .ns = frame.name.ns,
                              .qname = {name, frame.qname_n},
                              .prefix = {name, frame.name.prefix_n},
                              .depth = (unsigned)r->frames.n};
        event_range(r, &tag.start, &tag.end);
        tag.empty = tag.start == tag.end;
        stop(r, r->handler->end(r->ctx, r, &tag, r->e));
    }
    r->frames.n--;
    if (r->bindings.n == frame.n_bindings) return;
    r->bindings.n = frame.n_bindings;
    r->aliased = frame.was_aliased;
    r->generation++;
}

static void on_text(void *user, const XML_Char *s, int n)
{
    struct xml_reader *r = user;
    r->progress = true;
    if (r->err != ERR_OK || n <= 0) return;
    size_t start = 0, end = 0;
    event_range(r, &start, &end);
    stop(r, r->handler->text(r->ctx, r, (struct str){s, (size_t)n}, start, end, r->e));
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                       int has_internal_subset)
{
    struct xml_reader *r = user;
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    if (r->err != ERR_OK) return;
    stop(r, error_set_reason(r->e, ERR_INVALID, "dtd_forbidden",
                             "\"%s\" has a document type declaration at line %lu, which is not allowed", what(r),
                             xml_line(r)));
}

/* ---- the reading ---- */

static enum err parse_error(struct xml_reader *r)
{
    enum XML_Error code = XML_GetErrorCode(r->parser);
    if (code == XML_ERROR_NO_MEMORY) return error_no_memory(r->e);
    if (code == XML_ERROR_UNKNOWN_ENCODING)
        return error_set_reason(r->e, ERR_INVALID, "unsupported_encoding",
                                "\"%s\" is written in an encoding that is not supported; UTF-8, UTF-16, ISO-8859-1 "
                                "and US-ASCII are",
                                what(r));
    const char *text = XML_ErrorString(code);
    return error_set_reason(r->e, ERR_INVALID, "bad_xml", "\"%s\" is not well-formed XML: %s at line %lu, column %lu",
                            what(r), text ? text : "unknown error", xml_line(r),
                            (unsigned long)XML_GetCurrentColumnNumber(r->parser) + 1);
}

static enum err parse(struct xml_reader *r)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    if (r->handler->text) XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    size_t at = 0, slice = SLICE;
    bool last = false;
    while (!last) {
        int n = r->input.n - at > slice ? (int)slice : (int)(r->input.n - at);
        r->progress = false;
        last = (size_t)n == r->input.n - at;
        enum XML_Status status = XML_Parse(r->parser, r->input.n ? r->input.p + at : "", n, last);
        if (r->err != ERR_OK) return r->err;
        if (status != XML_STATUS_OK) return parse_error(r);
        at += (size_t)n;
        if (r->progress)
            slice = SLICE;
        else if (slice < SLICE_MAX)
            slice *= 2; /* expat scans an unfinished token anew for each slice */
    }
    return ERR_OK;
}

static enum err read_in_arena(struct str input, const struct xml_options *o, const struct xml_handler *h, void *ctx,
                              struct arena *arena, struct error *e)
{
    struct xml_reader *r = NEW(arena, struct xml_reader, 1);
    if (!r) return error_no_memory(e);
    r->input = input;
    r->options = o;
    r->handler = h;
    r->ctx = ctx;
    r->e = e;
    r->arena = arena;
    r->generation = 1;
    r->uris = map_make(arena);
    r->prefixes = map_make(arena);
    TRY(vocab_build(r));
    TRY(bind(r, STR("xml"), STR(XML_URI)));
    /* plain malloc: the tests that fail allocations wrap it, and would not see the calls inside a shared library */
    const XML_Memory_Handling_Suite memory = {malloc, realloc, free};
    r->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (!r->parser) return error_no_memory(e);
    enum err err = parse(r);
    XML_ParserFree(r->parser);
    return err;
}

enum err xml_read(struct str input, const struct xml_options *o, const struct xml_handler *h, void *ctx,
                  struct error *e)
{
    if (o->arena) return read_in_arena(input, o, h, ctx, o->arena, e);
    /* attributes cost most: about 32 bytes of scratch for each byte of ` a=""`, were the whole input one tag */
    size_t max = 0;
    if (__builtin_mul_overflow(input.n, (size_t)64, &max) || __builtin_add_overflow(max, (size_t)1 << 20, &max))
        max = SIZE_MAX;
    CLEANUP_ARENA struct arena *scratch = arena_new(max);
    if (!scratch) return error_no_memory(e);
    return read_in_arena(input, o, h, ctx, scratch, e);
}

const char *xml_prefix_uri(const struct xml_reader *r, struct str prefix)
{
    const struct binding *b = find_binding(r, prefix);
    return b ? b->uri : NULL;
}

int xml_prefix_ns(const struct xml_reader *r, struct str prefix)
{
    const struct binding *b = find_binding(r, prefix);
    return b ? b->ns : 0;
}

bool xml_ns_prefix(const struct xml_reader *r, int ns, struct str *ret)
{
    for (size_t i = 0; i < r->bindings.n; i++) {
        const struct binding *b = &r->bindings.at[i];
        if (b->ns != ns || !b->uri || find_binding(r, b->prefix) != b) continue;
        *ret = b->prefix;
        return true;
    }
    return false;
}

unsigned long xml_line(const struct xml_reader *r) { return (unsigned long)XML_GetCurrentLineNumber(r->parser); }
