/* Document properties (core and extended), and what word/settings.xml says that a reviewer should know. Sources:
 * ECMA-376 part 2, 11; part 1, 15.2.12.3, 17.15.1. */
#include "base/time.h"
#include "doc/read_priv.h"

struct properties_reader {
    struct doc__builder *b;
    int token; /* of the element that is open, when its text is wanted */
    VEC(char) text;
};

static enum err properties_start(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    (void)e;
    struct properties_reader *r = ctx;
    r->token = tag->token;
    r->text.n = 0;
    return ERR_OK;
}

static enum err properties_text(void *ctx, struct xml_reader *xml, struct str text, size_t start, size_t end,
                                struct error *e)
{
    (void)xml;
    (void)start;
    (void)end;
    struct properties_reader *r = ctx;
    for (size_t i = 0; r->token && i < text.n; i++) {
        char *c = VEC_PUSH(r->b->a, &r->text);
        if (!c) return error_no_memory(e);
        *c = text.p[i];
    }
    return ERR_OK;
}

static enum err properties_end(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    struct properties_reader *r = ctx;
    struct doc_properties *p = &r->b->properties;
    struct str value = str_trim((struct str){r->text.at, r->text.n}), *to = NULL;
    switch (tag->token == r->token ? tag->token : 0) {
    case T_DC_TITLE: to = &p->title; break;
    case T_DC_SUBJECT: to = &p->subject; break;
    case T_DC_CREATOR: to = &p->creator; break;
    case T_DC_DESCRIPTION: to = &p->description; break;
    case T_CP_KEYWORDS: to = &p->keywords; break;
    case T_CP_CATEGORY: to = &p->category; break;
    case T_CP_LAST_MODIFIED_BY: to = &p->last_modified_by; break;
    case T_EP_COMPANY: to = &p->company; break;
    case T_EP_APPLICATION: to = &p->application; break;
    case T_EP_PAGES: p->pages = doc__number(value, 0); break;
    case T_EP_WORDS: p->words = doc__number(value, 0); break;
    case T_DCTERMS_CREATED:
        if (!time_parse_iso(value, &p->created_unix_ms)) p->created_unix_ms = INT64_MIN;
        break;
    case T_DCTERMS_MODIFIED:
        if (!time_parse_iso(value, &p->modified_unix_ms)) p->modified_unix_ms = INT64_MIN;
        break;
    default: break;
    }
    r->token = 0;
    if (!to) return ERR_OK;
    *to = str_dup(r->b->a, value);
    return to->p ? ERR_OK : error_no_memory(e);
}

static enum err read_part(struct doc__builder *b, const struct doc_rel *rel, const struct xml_handler *h, void *ctx,
                          struct error *e)
{
    struct str xml = STR_EMPTY;
    char *what = str_to_c(b->a, rel->target);
    if (!what) return error_no_memory(e);
    TRY(doc_package_part(b->package, rel->target, &xml, e));
    const struct xml_options o = {.vocab = &doc__vocab, .max_depth = 128, .what = what};
    return xml_read(xml, &o, h, ctx, e);
}

/* Custom properties: the text of each value. Numbers and truth values are texts too; who reads them tells. */
static enum err custom_end(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    (void)tag;
    struct properties_reader *r = ctx;
    struct str text = str_trim((struct str){r->text.at, r->text.n});
    r->text.n = 0;
    if (text.n == 0) return ERR_OK;
    return doc__hidden_put(r->b, DOC_HIDDEN_PROPERTY, (struct doc_place){DOC_NONE, 0}, text, e);
}

static enum err custom_start(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    TRY(properties_start(ctx, xml, tag, e));
    ((struct properties_reader *)ctx)->token = 1; /* any text is wanted */
    return ERR_OK;
}

enum err doc__properties_read(struct doc__builder *b, struct error *e)
{
    static const struct xml_handler custom = {.start = custom_start, .end = custom_end, .text = properties_text};
    static const struct xml_handler handler = {
        .start = properties_start, .end = properties_end, .text = properties_text};
    struct doc_rels rels = {0};
    TRY(doc_package_rels(b->package, STR(""), &rels, e));
    for (size_t i = 0; i < rels.n; i++) {
        const struct doc_rel *rel = &rels.at[i];
        bool is_custom = str_eq_c(rel->type, "custom-properties");
        if (rel->external ||
            !(is_custom || str_ends(rel->type, STR("core-properties")) || str_eq_c(rel->type, "extended-properties")))
            continue;
        struct properties_reader r = {.b = b};
        TRY(read_part(b, rel, is_custom ? &custom : &handler, &r, e));
    }
    return ERR_OK;
}

struct settings_reader {
    struct doc__builder *b;
    const struct doc_rels *rels; /* of the settings part */
};

static enum err settings_start(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    struct settings_reader *r = ctx;
    if (tag->token == T_DOCUMENT_PROTECTION) {
        struct str on = xml_attr(tag, T_ENFORCEMENT), edit = xml_attr(tag, T_EDIT);
        if (!on.p || !doc__on_off(on)) return ERR_OK;
        return doc__warn(r->b, DOC_WARN_PROTECTED, e, "the document is protected against editing (%.*s)",
                         STR_ARG(edit.n ? edit : STR("all")));
    }
    if (tag->token != T_ATTACHED_TEMPLATE) return ERR_OK;
    const struct doc_rel *rel = doc_rels_by_id(r->rels, xml_attr(tag, T_R_ID));
    if (!rel || !rel->external) return ERR_OK;
    return doc__warn(r->b, DOC_WARN_EXTERNAL_TARGET, e,
                     "the document names a template outside of it, which was not fetched: %.*s", STR_ARG(rel->target));
}

enum err doc__settings_read(struct doc__builder *b, const struct doc_rels *rels, struct error *e)
{
    static const struct xml_handler handler = {.start = settings_start};
    const struct doc_rel *rel = doc_rels_first(rels, "settings");
    if (!rel) return ERR_OK;
    struct doc_rels own = {0};
    TRY(doc_package_rels(b->package, rel->target, &own, e));
    struct settings_reader r = {.b = b, .rels = &own};
    return read_part(b, rel, &handler, &r, e);
}
