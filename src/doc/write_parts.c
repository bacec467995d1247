/* The package around the text: what must be added to carry comments.
 * A part is never rebuilt: elements go in front of the root's end tag, with the prefixes that the root has bound. A new part costs three edits: the zip entry, its content type, its relationship.
 * Source: ECMA-376 part 2, 6.2, 6.5 and 7.2.3; part 3, 7.2 (mc:Ignorable names only prefixes that are declared on the element). */
#include "doc/write_parts.h"

#include "base/sb.h"
#include "base/xml.h"
#include "doc/write_markup.h"

#define URI_W14 "http://schemas.microsoft.com/office/word/2010/wordml"
#define URI_MC  "http://schemas.openxmlformats.org/markup-compatibility/2006"

enum { NS_ASKED = 1, NS_W14, NS_MC };
enum { T_IGNORABLE = 1 };

/* ---- roots ---- */

struct root_reader {
    struct part_root root;
    struct arena *arena;
};

static bool copy(struct arena *a, struct str s, struct str *ret)
{
    *ret = str_dup(a, s);
    return ret->p != NULL;
}

static bool is_taken(const struct xml_reader *r, const char *prefix, const char *uri)
{
    const char *bound = xml_prefix_uri(r, str_from_c(prefix));
    return bound && strcmp(bound, uri) != 0;
}

static enum err root_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct root_reader *reader = ctx;
    struct part_root *root = &reader->root;
    if (tag->depth != 1) return ERR_OK;
    root->start = tag->start;
    root->open_end = tag->end;
    root->empty = tag->empty;
    struct str prefix;
    bool ok = copy(reader->arena, tag->qname, &root->qname);
    root->prefix_bound = xml_ns_prefix(r, NS_ASKED, &prefix);
    if (tag->ns == NS_ASKED && (!root->prefix_bound || !prefix.n)) {
        prefix = tag->prefix;
        root->prefix_bound = true;
    }
    if (root->prefix_bound) ok = ok && copy(reader->arena, prefix, &root->prefix);
    if (xml_ns_prefix(r, NS_W14, &prefix) && prefix.n) ok = ok && copy(reader->arena, prefix, &root->w14_prefix);
    if (xml_ns_prefix(r, NS_MC, &prefix) && prefix.n) ok = ok && copy(reader->arena, prefix, &root->mc_prefix);
    root->w14_taken = is_taken(r, "w14", URI_W14);
    root->mc_taken = is_taken(r, "mc", URI_MC);
    struct str ignorable = xml_attr(tag, T_IGNORABLE);
    if (ignorable.p) ok = ok && copy(reader->arena, ignorable, &root->ignorable);
    return ok ? ERR_OK : error_no_memory(e);
}

static enum err root_end(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    (void)r;
    (void)e;
    struct root_reader *reader = ctx;
    if (tag->depth == 1) reader->root.end_start = tag->start;
    return ERR_OK;
}

enum err part_root_read(struct str bytes, const char *const *uris, const char *what, struct arena *a,
                        struct part_root *ret, struct error *e)
{
    struct xml_ns namespaces[6];
    size_t n = 0;
    for (; n < 4 && uris[n]; n++)
        namespaces[n] = (struct xml_ns){uris[n], NS_ASKED};
    namespaces[n++] = (struct xml_ns){URI_W14, NS_W14};
    namespaces[n++] = (struct xml_ns){URI_MC, NS_MC};
    static const struct xml_name names[] = {{NS_MC, "Ignorable", T_IGNORABLE}};
    struct xml_vocab vocab = {namespaces, n, names, 1};
    struct xml_options options = {.vocab = &vocab, .max_depth = 512, .what = what, .arena = a};
    struct xml_handler handler = {root_start, root_end, NULL};
    struct root_reader reader = {.arena = a};
    TRY(xml_read(bytes, &options, &handler, &reader, e));
    reader.root.source = doc_source_of(bytes);
    if (reader.root.empty) reader.root.end_start = reader.root.open_end;
    *ret = reader.root;
    return ERR_OK;
}

void part_root_append(const struct part_root *root, struct splice_list *l, struct str text)
{
    if (!root->empty) {
        splice_add(l, root->end_start, 0, text);
        return;
    }
    size_t slash = root->open_end - 2 * root->source.unit;
    struct str whole = str_printf(l->arena, ">%.*s</%.*s>", STR_ARG(text), STR_ARG(root->qname));
    if (!whole.p) l->failed = true;
    splice_add(l, slash, root->open_end - slash, whole);
}

static bool lists(struct str words, struct str word)
{
    for (size_t at = str_find(words, word, 0); at != STR_NONE; at = str_find(words, word, at + 1)) {
        bool left = at == 0 || strchr(" \t\r\n", words.p[at - 1]);
        bool right = at + word.n == words.n || strchr(" \t\r\n", words.p[at + word.n]);
        if (left && right) return true;
    }
    return false;
}

enum err part_root_allow_w14(const struct part_root *root, struct splice_list *l, struct arena *a, struct str *ret,
                             struct error *e)
{
    struct str w14 = root->w14_prefix.p ? root->w14_prefix : root->w14_taken ? STR("word14") : STR("w14");
    struct str mc = root->mc_prefix.p ? root->mc_prefix : root->mc_taken ? STR("compat") : STR("mc");
    CLEANUP_SB struct sb sb = SB_INIT(4096);
    if (!root->w14_prefix.p) sb_printf(&sb, " xmlns:%.*s=\"" URI_W14 "\"", STR_ARG(w14));
    if (!root->mc_prefix.p) sb_printf(&sb, " xmlns:%.*s=\"" URI_MC "\"", STR_ARG(mc));
    if (!root->ignorable.p) sb_printf(&sb, " %.*s:Ignorable=\"%.*s\"", STR_ARG(mc), STR_ARG(w14));
    struct markup_tag tag;
    size_t at = root->start;
    struct doc_range value;
    if (root->ignorable.p && !lists(root->ignorable, w14) &&
        markup_next_tag(&root->source, &at, root->open_end, &tag) &&
        markup_attr(&root->source, &tag, ":Ignorable", &value)) {
        struct str more = str_printf(a, "%s%.*s", root->ignorable.n ? " " : "", STR_ARG(w14));
        if (!more.p) return error_no_memory(e);
        splice_add(l, value.end, 0, more);
    }
    struct str attributes;
    TRY(sb_take(&sb, a, &attributes, e));
    size_t unit = root->source.unit;
    if (attributes.n) splice_add(l, root->open_end - (root->empty ? 2 * unit : unit), 0, attributes);
    *ret = w14;
    return ERR_OK;
}

/* ---- the package ---- */

enum err part_plan_init(struct part_plan *plan, struct doc_package *p, struct arena *a, struct error *e)
{
    *plan = (struct part_plan){.package = p, .arena = a};
    TRY(doc_package_rels(p, doc_package_main_part(p), &plan->rels, e));
    plan->next_rel = 1;
    for (size_t i = 0; i < plan->rels.n; i++) {
        uint64_t v;
        struct str id = plan->rels.at[i].id;
        if (!str_starts_nocase(id, STR("rId")) || str_to_u64(str_sub(id, 3, id.n), 0, 1u << 30, &v, NULL) != ERR_OK)
            continue;
        if (v >= plan->next_rel) plan->next_rel = v + 1;
    }
    return ERR_OK;
}

static struct str folder_of(struct str part)
{
    size_t n = part.n;
    while (n > 0 && part.p[n - 1] != '/')
        n--;
    return str_sub(part, 0, n);
}

enum err part_plan_change(struct part_plan *plan, struct str name, struct str bytes, struct error *e)
{
    struct doc_part_change *change = VEC_PUSH(plan->arena, &plan->changes);
    if (!change) return error_no_memory(e);
    *change = (struct doc_part_change){name, bytes};
    return ERR_OK;
}

static enum err add_override(struct part_plan *plan, struct str name, const char *type, struct error *e)
{
    CLEANUP_SB struct sb sb = SB_INIT(65536);
    sb_c(&sb, "Override PartName=\"/");
    sb_xml_attr(&sb, name);
    sb_printf(&sb, "\" ContentType=\"%s\"/>", type);
    struct str *to = VEC_PUSH(plan->arena, &plan->new_overrides);
    return to ? sb_take(&sb, plan->arena, to, e) : error_no_memory(e);
}

static enum err add_rel(struct part_plan *plan, const struct part_kind *kind, struct str name, struct error *e)
{
    struct str folder = folder_of(doc_package_main_part(plan->package));
    CLEANUP_SB struct sb sb = SB_INIT(65536);
    sb_printf(&sb, "Relationship Id=\"rId%llu\" Type=\"%s\" Target=\"", (unsigned long long)plan->next_rel++,
              kind->rel_uri);
    sb_xml_attr(&sb, str_sub(name, folder.n, name.n));
    sb_c(&sb, "\"/>");
    struct str *to = VEC_PUSH(plan->arena, &plan->new_rels);
    return to ? sb_take(&sb, plan->arena, to, e) : error_no_memory(e);
}

/* A name beside the main part that neither an entry nor a content type has. */
static enum err free_name(struct part_plan *plan, const char *base, struct str *ret, struct error *e)
{
    struct str folder = folder_of(doc_package_main_part(plan->package));
    struct str types;
    TRY(doc_package_part(plan->package, STR("[Content_Types].xml"), &types, e));
    for (unsigned i = 0; i < 10000; i++) {
        struct str name = i ? str_printf(plan->arena, "%.*s%s%u.xml", STR_ARG(folder), base, i)
                            : str_printf(plan->arena, "%.*s%s.xml", STR_ARG(folder), base);
        struct str quoted = str_printf(plan->arena, "/%.*s", STR_ARG(name));
        if (!name.p || !quoted.p) return error_no_memory(e);
        if (doc_package_has(plan->package, name) || str_find_nocase(types, quoted, 0) != STR_NONE) continue;
        *ret = name;
        return ERR_OK;
    }
    return error_set(e, ERR_INTERNAL, "there is no free name for a part \"%s\"", base);
}

enum err part_plan_find(struct part_plan *plan, const struct part_kind *kind, struct str *ret_name,
                        struct str *ret_bytes, struct error *e)
{
    const struct doc_rel *rel = doc_rels_first(&plan->rels, kind->rel);
    if (rel && doc_package_has(plan->package, rel->target)) {
        *ret_name = rel->target;
        return doc_package_part(plan->package, rel->target, ret_bytes, e);
    }
    struct str name;
    if (rel) { /* it names a part that is not there: now it will be */
        name = rel->target;
        struct str type = doc_package_content_type(plan->package, name);
        if (!str_eq_c(type, kind->content_type)) TRY(add_override(plan, name, kind->content_type, e));
    } else {
        TRY(free_name(plan, kind->name, &name, e));
        TRY(add_override(plan, name, kind->content_type, e));
        TRY(add_rel(plan, kind, name, e));
    }
    *ret_name = name;
    *ret_bytes = STR_EMPTY;
    return ERR_OK;
}

/* Adds <prefix:line elements to the end of a part that has the given namespace. */
static enum err append_lines(struct part_plan *plan, struct str bytes, const char *uri, const char *what,
                             const struct str *lines, size_t n, struct str *ret, struct error *e)
{
    struct part_root root;
    TRY(part_root_read(bytes, (const char *const[]){uri, NULL}, what, plan->arena, &root, e));
    if (!root.prefix_bound) return error_set_reason(e, ERR_INVALID, "not_opc", "%s is not what it should be", what);
    CLEANUP_SB struct sb sb = SB_INIT((size_t)16 << 20);
    for (size_t i = 0; i < n; i++)
        sb_printf(&sb, "<%.*s%s%.*s", STR_ARG(root.prefix), root.prefix.n ? ":" : "", STR_ARG(lines[i]));
    struct str text;
    TRY(sb_take(&sb, plan->arena, &text, e));
    struct splice_list l = splice_list_make(plan->arena);
    part_root_append(&root, &l, text);
    return splice_apply(&l, &root.source, plan->arena, ret, e);
}

#define URI_TYPES "http://schemas.openxmlformats.org/package/2006/content-types"
#define URI_RELS  "http://schemas.openxmlformats.org/package/2006/relationships"

static enum err finish_rels(struct part_plan *plan, struct error *e)
{
    struct str name = doc_package_rels_name(plan->arena, doc_package_main_part(plan->package));
    if (!name.p) return error_no_memory(e);
    struct str bytes =
        STR("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<Relationships xmlns=\"" URI_RELS
            "\"></Relationships>");
    if (doc_package_has(plan->package, name)) {
        TRY(doc_package_part(plan->package, name, &bytes, e));
    } else if (!doc_package_content_type(plan->package, name).p) {
        TRY(add_override(plan, name, "application/vnd.openxmlformats-package.relationships+xml", e));
    }
    TRY(append_lines(plan, bytes, URI_RELS, "the relationships of the main part", plan->new_rels.at, plan->new_rels.n,
                     &bytes, e));
    return part_plan_change(plan, name, bytes, e);
}

enum err part_plan_finish(struct part_plan *plan, struct error *e)
{
    if (plan->new_rels.n) TRY(finish_rels(plan, e));
    if (!plan->new_overrides.n) return ERR_OK;
    struct str types = STR("[Content_Types].xml"), bytes;
    TRY(doc_package_part(plan->package, types, &bytes, e));
    TRY(append_lines(plan, bytes, URI_TYPES, "[Content_Types].xml", plan->new_overrides.at, plan->new_overrides.n,
                     &bytes, e));
    return part_plan_change(plan, types, bytes, e);
}

/* ---- styles ---- */

enum { T_STYLE = 1, T_NAME, T_VAL, T_STYLE_ID };

struct style_reader {
    struct arena *arena;
    struct str id;
    struct str *ids;
};

static enum err style_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    static const char *const names[STYLE_COUNT] = {"annotation text",    "annotation reference", "heading 1",
                                                   "heading 2",          "list bullet",          "hyperlink",
                                                   "footnote reference", "endnote reference"};
    (void)r;
    struct style_reader *reader = ctx;
    if (tag->token == T_STYLE) {
        reader->id = str_dup(reader->arena, xml_attr(tag, T_STYLE_ID));
        return reader->id.p ? ERR_OK : error_no_memory(e);
    }
    if (tag->token != T_NAME || tag->depth != 3) return ERR_OK;
    struct str name = xml_attr(tag, T_VAL);
    for (int i = 0; i < STYLE_COUNT; i++)
        if (reader->id.n && !reader->ids[i].p && str_eq_nocase(name, str_from_c(names[i]))) reader->ids[i] = reader->id;
    return ERR_OK;
}

enum err part_styles_find(struct part_plan *plan, struct str ret[STYLE_COUNT], struct error *e)
{
    for (int i = 0; i < STYLE_COUNT; i++)
        ret[i] = STR_EMPTY;
    const struct doc_rel *rel = doc_rels_first(&plan->rels, "styles");
    struct str bytes;
    struct error ignored;
    if (!rel || doc_package_part(plan->package, rel->target, &bytes, &ignored) != ERR_OK) return ERR_OK;
    static const struct xml_ns namespaces[] = {{"http://schemas.openxmlformats.org/wordprocessingml/2006/main", 1},
                                               {"http://purl.oclc.org/ooxml/wordprocessingml/main", 1}};
    static const struct xml_name names[] = {
        {1, "style", T_STYLE}, {1, "name", T_NAME}, {1, "val", T_VAL}, {1, "styleId", T_STYLE_ID}};
    static const struct xml_vocab vocab = {namespaces, 2, names, sizeof names / sizeof *names};
    struct xml_options options = {.vocab = &vocab, .max_depth = 512, .what = "the styles", .arena = plan->arena};
    struct xml_handler handler = {style_start, NULL, NULL};
    struct style_reader reader = {.arena = plan->arena, .ids = ret};
    if (xml_read(bytes, &options, &handler, &reader, &ignored) == ERR_OK) return ERR_OK;
    for (int i = 0; i < STYLE_COUNT; i++)
        ret[i] = STR_EMPTY;
    return ignored.code == ERR_LIMIT ? error_set(e, ERR_LIMIT, "%s", ignored.message) : ERR_OK;
}
