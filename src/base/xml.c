/* A streaming XML reader: namespaces, tokens and byte ranges.
 * Tags and text are found by xml_scan.c where the input is UTF-8 (nearly always), else by expat in xml_expat.c, which
 * also says what is wrong with what is not well-formed. Here names get their meaning. Prefixes live on a stack of
 * bindings. A name as written ("w:p") is resolved once and then found in a small direct-mapped cache; a change of the
 * bindings in scope starts a new generation of cache entries, so none is ever cleared. A tag allocates nothing:
 * attribute list, frames and bindings are reused, interned prefixes and URIs are kept for the whole reading.
 * Rejected: libxml2 (no byte offsets), recovery after an error (a half-read document must not look whole).
 * Limits: max_depth; a tag with more than ALIASED_ATTRS_MAX attributes where two prefixes name one namespace (the test
 * for doubles is pairwise).
 * Source: XML 1.0 5th ed.; Namespaces in XML 1.0 3rd ed. */
#include "base/xml.h"

#include <limits.h>
#include <stdlib.h>

#include "base/xml_priv.h"

#define XML_URI           "http://www.w3.org/XML/1998/namespace"
#define XMLNS_URI         "http://www.w3.org/2000/xmlns/"
#define ALIASED_ATTRS_MAX 256

void xml__stop(struct xml_reader *r, enum err err)
{
    if (r->err == ERR_OK) r->err = err;
}

/* The column of the current event in characters, from 1. */
static unsigned long column(const struct xml_reader *r)
{
    if (r->expat) return xml__expat_column(r);
    size_t at = r->event_at;
    unsigned long n = 1;
    for (; at > 0 && r->input.p[at - 1] != '\n' && r->input.p[at - 1] != '\r'; at--)
        if (((unsigned char)r->input.p[at - 1] & 0xC0) != 0x80) n++;
    return n;
}

unsigned long xml_line(const struct xml_reader *r)
{
    if (r->expat) return xml__expat_line(r);
    unsigned long n = 1;
    for (size_t i = 0; i < r->event_at; i++)
        if (r->input.p[i] == '\n' || (r->input.p[i] == '\r' && r->input.p[i + 1] != '\n')) n++;
    return n;
}

static enum err bad_xml(struct xml_reader *r, const char *problem, struct str name)
{
    return error_set_reason(r->e, ERR_INVALID, "bad_xml",
                            "\"%s\" is not well-formed XML: %s \"%.*s\" at line %lu, column %lu", r->what, problem,
                            STR_ARG(name), xml_line(r), column(r));
}

/* Names are short, and alike at their start ("w:"): length, start and end tell them apart. */
static size_t hash_name(struct str name)
{
    uint64_t first = name.n, last = 0;
    if (name.n >= 8) {
        memcpy(&first, name.p, 8);
        memcpy(&last, name.p + name.n - 8, 8);
    } else {
        for (size_t i = 0; i < name.n; i++)
            first = first << 8 | (unsigned char)name.p[i];
    }
    uint64_t h = (first ^ last * 3 ^ name.n) * 0x9E3779B97F4A7C15u;
    return (size_t)(h >> 32);
}

/* ---- vocabulary ---- */

static size_t vocab_start(const struct xml_reader *r, int ns, struct str local)
{
    return (hash_name(local) + (size_t)ns * 0x9E37u) & (r->vocab_cap - 1);
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

static const struct xml__binding *find_binding(const struct xml_reader *r, struct str prefix)
{
    for (size_t i = r->bindings.n; i > 0; i--)
        if (str_eq(r->bindings.at[i - 1].prefix, prefix)) return &r->bindings.at[i - 1];
    return NULL;
}

static enum err bind(struct xml_reader *r, struct str prefix, struct str uri)
{
    struct xml__binding b = {.prefix = intern(r, &r->prefixes, prefix)};
    if (uri.n > 0) b.uri = intern(r, &r->uris, uri).p;
    if (!b.prefix.p || (uri.n > 0 && !b.uri)) return error_no_memory(r->e);
    for (size_t i = 0; i < r->options->vocab->n_namespaces && !b.ns; i++)
        if (str_eq_c(uri, r->options->vocab->namespaces[i].uri)) b.ns = r->options->vocab->namespaces[i].id;

    const struct xml__binding *outer = find_binding(r, prefix);
    if (outer && outer->uri == b.uri) return ERR_OK; /* says nothing new: keep the cache */
    for (size_t i = 0; i < r->bindings.n && prefix.n > 0; i++)
        if (r->bindings.at[i].uri == b.uri && r->bindings.at[i].prefix.n > 0) r->aliased = true;
    struct xml__binding *slot = VEC_PUSH(r->arena, &r->bindings);
    if (!slot) return error_no_memory(r->e);
    *slot = b;
    r->generation++;
    return ERR_OK;
}

/* xmlns="…" or xmlns:p="…" */
static bool is_declaration(struct str name)
{
    return name.n >= 5 && memcmp(name.p, "xmlns", 5) == 0 && (name.n == 5 || name.p[5] == ':');
}

static enum err declare(struct xml_reader *r, struct str qname, struct str uri)
{
    bool has_prefix = qname.n > 5;
    struct str prefix = has_prefix ? str_sub(qname, 6, qname.n) : STR("");
    bool is_xml = str_eq(prefix, STR("xml")), xml_uri = str_eq_c(uri, XML_URI);
    if (has_prefix && (prefix.n == 0 || str_find_char(prefix, ':', 0) != STR_NONE))
        return bad_xml(r, "not a qualified name:", qname);
    if (prefix.n > 0 && uri.n == 0) return bad_xml(r, "a prefix cannot be undeclared:", qname);
    if (is_xml != xml_uri || str_eq(prefix, STR("xmlns")) || str_eq_c(uri, XMLNS_URI))
        return bad_xml(r, "a reserved prefix or namespace is declared by", qname);
    return is_xml ? ERR_OK : bind(r, prefix, uri);
}

static enum err resolve_slowly(struct xml_reader *r, struct str qname, bool is_attr, struct xml__resolved *ret)
{
    struct xml__resolved name = {0};
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
        const struct xml__binding *b = find_binding(r, prefix);
        if (!b && prefix.n > 0) return bad_xml(r, "undeclared namespace prefix", prefix);
        if (b) name.uri = b->uri;
        if (b) name.ns = b->ns;
    }
    bool plain_attr = is_attr && name.prefix_n == 0;
    name.token = name.ns || plain_attr ? vocab_token(r, name.ns, local) : XML_OTHER;
    *ret = name;
    return ERR_OK;
}

static enum err resolve(struct xml_reader *r, struct str qname, bool is_attr, struct xml__resolved *ret)
{
    if (qname.n > XML__CACHED_NAME) return resolve_slowly(r, qname, is_attr, ret);
    struct xml__cache_slot *slot = &(is_attr ? r->attributes : r->elements)[hash_name(qname) & (XML__CACHE_SLOTS - 1)];
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

static struct str local_name(struct str qname, struct xml__resolved name)
{
    return str_sub(qname, name.prefix_n ? name.prefix_n + 1 : 0, qname.n);
}

/* Namespaces in XML 1.0, 6.3: no two attributes with the same namespace and local name. Those with the same name as written are
 * found before. */
static enum err check_doubles(struct xml_reader *r)
{
    if (r->attrs.n > ALIASED_ATTRS_MAX)
        return error_set_reason(r->e, ERR_LIMIT, "too_many_attributes",
                                "\"%s\" has a tag with %zu attributes; the limit is %d", r->what, r->attrs.n,
                                ALIASED_ATTRS_MAX);
    for (size_t i = 1; i < r->attrs.n; i++)
        for (size_t j = 0; j < i && r->attr_names.at[i].uri; j++)
            if (r->attr_names.at[j].uri == r->attr_names.at[i].uri &&
                str_eq(local_name(r->attrs.at[j].qname, r->attr_names.at[j]),
                       local_name(r->attrs.at[i].qname, r->attr_names.at[i])))
                return bad_xml(r, "duplicate attribute", r->attrs.at[i].qname);
    return ERR_OK;
}

/* Takes the declarations out of the list of attributes and resolves the names of the others. */
static enum err settle_attrs(struct xml_reader *r)
{
    size_t n = r->attrs.n, kept = 0;
    for (size_t i = 0; i < n; i++)
        if (is_declaration(r->attrs.at[i].qname)) TRY(declare(r, r->attrs.at[i].qname, r->attrs.at[i].value));
    r->attr_names.n = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_declaration(r->attrs.at[i].qname)) continue;
        struct xml__resolved name = {0};
        TRY(resolve(r, r->attrs.at[i].qname, true, &name));
        r->attrs.at[kept] = r->attrs.at[i];
        r->attrs.at[kept++].token = name.token;
        if (!r->aliased) continue;
        struct xml__resolved *beside = VEC_PUSH(r->arena, &r->attr_names);
        if (!beside) return error_no_memory(r->e);
        *beside = name;
    }
    r->attrs.n = kept;
    return r->aliased ? check_doubles(r) : ERR_OK;
}

static enum err start_tag(struct xml_reader *r, struct str qname, size_t start, size_t end, bool empty)
{
    if (r->frames.n >= r->options->max_depth)
        return error_set_reason(r->e, ERR_LIMIT, "too_deep", "\"%s\" has elements nested deeper than the limit of %u",
                                r->what, r->options->max_depth);
    struct xml__frame *frame = VEC_PUSH(r->arena, &r->frames);
    if (!frame) return error_no_memory(r->e);
    frame->qname = qname;
    frame->n_bindings = r->bindings.n;
    frame->was_aliased = r->aliased;
    if (r->attrs.n) TRY(settle_attrs(r));
    TRY(resolve(r, qname, false, &frame->name));
    if (!r->handler->start) return ERR_OK;
    struct xml_tag tag = {.token = frame->name.token,
                          .ns = frame->name.ns,
                          .qname = qname,
                          .prefix = {qname.p, frame->name.prefix_n},
                          .start = start,
                          .end = end,
                          .empty = empty,
                          .depth = (unsigned)r->frames.n,
                          .attrs = r->attrs.at,
                          .n_attrs = r->attrs.n};
    return r->handler->start(r->ctx, r, &tag, r->e);
}

void xml__start(struct xml_reader *r, struct str qname, size_t start, size_t end, bool empty)
{
    r->event_at = start;
    r->err = start_tag(r, qname, start, end, empty);
}

void xml__end(struct xml_reader *r, struct str qname, size_t start, size_t end)
{
    const struct xml__frame *frame = &r->frames.at[r->frames.n - 1];
    r->event_at = start;
    if (r->handler->end) {
        struct xml_tag tag = {.token = frame->name.token,
                              .ns = frame->name.ns,
                              .qname = qname,
                              .prefix = {qname.p, frame->name.prefix_n},
                              .start = start,
                              .end = end,
                              .empty = start == end,
                              .depth = (unsigned)r->frames.n};
        r->err = r->handler->end(r->ctx, r, &tag, r->e);
    }
    r->frames.n--;
    if (r->bindings.n == frame->n_bindings) return;
    r->bindings.n = frame->n_bindings;
    r->aliased = frame->was_aliased;
    r->generation++;
}

void xml__text(struct xml_reader *r, struct str text, size_t start, size_t end)
{
    r->event_at = start;
    if (r->handler->text) r->err = r->handler->text(r->ctx, r, text, start, end, r->e);
}

/* ---- the reading ---- */

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
    r->what = o->what ? o->what : "the input";
    r->arena = arena;
    r->generation = 1;
    r->uris = map_make(arena);
    r->prefixes = map_make(arena);
    TRY(vocab_build(r));
    TRY(bind(r, STR("xml"), STR(XML_URI)));
    if (!xml__scans(input)) return xml__expat(r);
    if (xml__scan(r)) return ERR_OK;
    return r->err != ERR_OK ? r->err : xml__judge(r);
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
    const struct xml__binding *b = find_binding(r, prefix);
    return b ? b->uri : NULL;
}

int xml_prefix_ns(const struct xml_reader *r, struct str prefix)
{
    const struct xml__binding *b = find_binding(r, prefix);
    return b ? b->ns : 0;
}

bool xml_ns_prefix(const struct xml_reader *r, int ns, struct str *ret)
{
    for (size_t i = 0; i < r->bindings.n; i++) {
        const struct xml__binding *b = &r->bindings.at[i];
        if (b->ns != ns || !b->uri || find_binding(r, b->prefix) != b) continue;
        *ret = b->prefix;
        return true;
    }
    return false;
}
