/* The parts of the packaging convention: content types and relationships. Both are small XML files read once.
 * Relationship types are shortened to what stands behind "/relationships/", so that transitional, strict and
 * Microsoft URIs are one name; targets are resolved to part names here, and what is external stays a URL that nobody
 * fetches. Source: ECMA-376 part 2, 8.2 and 9; part 1, annex on strict names. Limits: those of xml_read. */
#include "base/xml.h"
#include "doc/package_priv.h"

enum { NS_REL = 1, NS_TYPES };
enum {
    T_RELATIONSHIP = 1,
    T_ID,
    T_TYPE,
    T_TARGET,
    T_TARGET_MODE,
    T_OVERRIDE,
    T_DEFAULT,
    T_PART_NAME,
    T_CONTENT_TYPE,
    T_EXTENSION
};

static const struct xml_ns opc_namespaces[] = {
    {"http://schemas.openxmlformats.org/package/2006/relationships", NS_REL},
    {"http://schemas.openxmlformats.org/package/2006/content-types", NS_TYPES},
};
static const struct xml_name opc_names[] = {
    {NS_REL, "Relationship", T_RELATIONSHIP},
    {0, "Id", T_ID},
    {0, "Type", T_TYPE},
    {0, "Target", T_TARGET},
    {0, "TargetMode", T_TARGET_MODE},
    {NS_TYPES, "Override", T_OVERRIDE},
    {NS_TYPES, "Default", T_DEFAULT},
    {0, "PartName", T_PART_NAME},
    {0, "ContentType", T_CONTENT_TYPE},
    {0, "Extension", T_EXTENSION},
};
static const struct xml_vocab opc_vocab = {opc_namespaces, sizeof opc_namespaces / sizeof opc_namespaces[0], opc_names,
                                           sizeof opc_names / sizeof opc_names[0]};
#define OPC_DEPTH 16

struct str doc__lower(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (!p) return STR_EMPTY;
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
    return (struct str){p, s.n};
}

void *doc__find_name(const struct map *m, struct str name)
{
    char lower[256];
    if (name.n <= sizeof lower) {
        for (size_t i = 0; i < name.n; i++)
            lower[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] + 32) : name.p[i];
        return map_get(m, (struct str){lower, name.n});
    }
    const struct map_slot *slot;
    for (size_t i = 0; (slot = map_next(m, &i));)
        if (str_eq_nocase(slot->key, name)) return slot->value;
    return NULL;
}

struct types_reader {
    struct arena *a;
    struct doc__types types;
};

static enum err types_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    (void)r;
    struct types_reader *t = ctx;
    if (tag->token != T_OVERRIDE && tag->token != T_DEFAULT) return ERR_OK;
    struct str name = xml_attr(tag, tag->token == T_OVERRIDE ? T_PART_NAME : T_EXTENSION);
    struct str type = xml_attr(tag, T_CONTENT_TYPE);
    if (!name.p || !type.p) return ERR_OK;
    if (str_starts(name, STR("/"))) name = str_sub(name, 1, name.n);
    struct str key = doc__lower(t->a, name);
    struct str *value = NEW(t->a, struct str, 1);
    if (!key.p || !value) return error_no_memory(e);
    *value = str_dup(t->a, type);
    if (!value->p) return error_no_memory(e);
    struct map *m = tag->token == T_OVERRIDE ? &t->types.overrides : &t->types.defaults;
    return map_put(m, key, value) ? ERR_OK : error_no_memory(e);
}

enum err doc__types_read(struct arena *a, struct str xml, struct doc__types *ret, struct error *e)
{
    struct types_reader t = {.a = a, .types = {map_make(a), map_make(a)}};
    const struct xml_options o = {.vocab = &opc_vocab, .max_depth = OPC_DEPTH, .what = "[Content_Types].xml"};
    TRY(xml_read(xml, &o, &(struct xml_handler){.start = types_start}, &t, e));
    *ret = t.types;
    return ERR_OK;
}

struct str doc__types_of(const struct doc__types *types, struct str part)
{
    const struct str *found = doc__find_name(&types->overrides, part);
    if (!found) {
        size_t dot = part.n;
        while (dot > 0 && part.p[dot - 1] != '.' && part.p[dot - 1] != '/')
            dot--;
        if (dot > 0 && part.p[dot - 1] == '.') found = doc__find_name(&types->defaults, str_sub(part, dot, part.n));
    }
    return found ? *found : STR_EMPTY;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* %41 as A, a backslash as a slash; up to a fragment. Returns the length. */
static size_t decode_target(struct str target, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < target.n && target.p[i] != '#'; i++) {
        char c = target.p[i];
        if (c == '%' && i + 2 < target.n && hex(target.p[i + 1]) >= 0 && hex(target.p[i + 2]) >= 0) {
            c = (char)(hex(target.p[i + 1]) * 16 + hex(target.p[i + 2]));
            i += 2;
        }
        out[n++] = c == '\\' ? '/' : c;
    }
    return n;
}

/* The part that a relationship of `part` points to. "..", beyond the top, stays at the top. .p NULL on no memory. */
static struct str resolve(struct arena *a, struct str part, struct str target)
{
    char *out = arena_alloc(a, part.n + target.n + 2);
    char *path = arena_alloc(a, target.n + 1);
    if (!out || !path) return STR_EMPTY;
    struct str rest = {path, decode_target(target, path)};
    size_t n = 0;
    if (!str_starts(rest, STR("/")))
        for (size_t i = 0; i < part.n; i++)
            if (part.p[i] == '/') n = i;
    if (n) memcpy(out, part.p, n);
    while (rest.p) {
        struct str step = str_cut(rest, '/', &rest);
        if (!step.n || str_eq_c(step, ".")) continue;
        if (str_eq_c(step, "..")) {
            while (n > 0 && out[n - 1] != '/')
                n--;
            if (n > 0) n--;
            continue;
        }
        if (n) out[n++] = '/';
        memcpy(out + n, step.p, step.n);
        n += step.n;
    }
    return (struct str){out, n};
}

struct rels_reader {
    struct arena *a;
    struct str part;
    VEC(struct doc_rel) rels;
    bool strict; /* the main document is reached by a strict relationship */
};

static struct str short_type(struct str type)
{
    static const struct str mark = STR_INIT("/relationships/");
    size_t at = str_find(type, mark, 0);
    struct str s = at == STR_NONE ? type : str_sub(type, at + mark.n, type.n);
    if (str_eq_c(s, "extendedProperties")) return STR("extended-properties");
    if (str_eq_c(s, "customProperties")) return STR("custom-properties");
    return s;
}

static enum err rels_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    (void)r;
    struct rels_reader *s = ctx;
    if (tag->token != T_RELATIONSHIP) return ERR_OK;
    struct str id = xml_attr(tag, T_ID), type = xml_attr(tag, T_TYPE), target = xml_attr(tag, T_TARGET);
    if (!id.p || !type.p || !target.p) return ERR_OK;
    struct doc_rel *rel = VEC_PUSH(s->a, &s->rels);
    if (!rel) return error_no_memory(e);
    rel->external = str_eq_nocase(xml_attr(tag, T_TARGET_MODE), STR("External"));
    rel->id = str_dup(s->a, id);
    rel->type = str_dup(s->a, short_type(type));
    rel->target = rel->external ? str_dup(s->a, target) : resolve(s->a, s->part, target);
    if (!rel->id.p || !rel->type.p || !rel->target.p) return error_no_memory(e);
    if (str_starts(type, STR("http://purl.oclc.org/ooxml/officeDocument/")) && str_eq_c(rel->type, "officeDocument"))
        s->strict = true;
    return ERR_OK;
}

enum err doc__rels_read(struct arena *a, struct str xml, const char *what, struct str part, struct doc_rels *ret,
                        bool *ret_strict, struct error *e)
{
    struct rels_reader s = {.a = a, .part = part};
    const struct xml_options o = {.vocab = &opc_vocab, .max_depth = OPC_DEPTH, .what = what};
    TRY(xml_read(xml, &o, &(struct xml_handler){.start = rels_start}, &s, e));
    *ret = (struct doc_rels){s.rels.at, s.rels.n};
    *ret_strict = s.strict;
    return ERR_OK;
}

const struct doc_rel *doc_rels_by_id(const struct doc_rels *rels, struct str id)
{
    for (size_t i = 0; i < rels->n; i++)
        if (str_eq(rels->at[i].id, id)) return &rels->at[i];
    return NULL;
}

const struct doc_rel *doc_rels_first(const struct doc_rels *rels, const char *type)
{
    for (size_t i = 0; i < rels->n; i++)
        if (!rels->at[i].external && str_eq_c(rels->at[i].type, type)) return &rels->at[i];
    return NULL;
}

struct str doc_package_rels_name(struct arena *a, struct str part)
{
    size_t slash = 0;
    for (size_t i = 0; i < part.n; i++)
        if (part.p[i] == '/') slash = i + 1;
    return str_printf(a, "%.*s_rels/%.*s.rels", (int)slash, part.p ? part.p : "",
                      STR_ARG(str_sub(part, slash, part.n)));
}
