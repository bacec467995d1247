/* The rules about privacy are run over a document that has nothing but texts: what is no block (a comment, a property) is one here, so there is one way
 * of finding for all. What they hand out is taken before the engine joins the hits of a block. */
#include "rules/personal.h"

#include "rules/engine_priv.h"
#include "rules/personal_priv.h"

#define SCRATCH_MAX ((size_t)256 << 20)

struct texts {
    VEC(struct str) at;
};

static bool put(struct texts *t, struct arena *a, struct str text)
{
    struct str *slot = VEC_PUSH(a, &t->at);
    if (slot) *slot = text;
    return slot != NULL;
}

/* The blocks first, blank ones too, so that they keep their numbers. */
static bool gather(const struct doc *doc, struct arena *a, struct texts *t)
{
    const struct doc_properties *p = &doc->properties;
    const struct str properties[] = {p->title,    p->subject,     p->creator, p->last_modified_by, p->keywords,
                                     p->category, p->description, p->company, p->application};
    bool ok = true;
    for (uint32_t i = 0; i < doc->blocks.n; i++)
        ok = ok && put(t, a, doc->blocks.at[i].text);
    for (uint32_t i = 0; i < doc->comments.n; i++)
        ok = ok && put(t, a, doc->comments.at[i].text) && put(t, a, doc->comments.at[i].author);
    for (uint32_t i = 0; i < doc->revisions.n; i++)
        ok = ok && put(t, a, doc->revisions.at[i].text) && put(t, a, doc->revisions.at[i].author);
    for (uint32_t i = 0; i < doc->links.n; i++)
        ok = ok && put(t, a, doc->links.at[i].target);
    for (uint32_t i = 0; i < doc->images.n; i++)
        ok = ok && put(t, a, doc->images.at[i].name) && put(t, a, doc->images.at[i].alt);
    for (uint32_t i = 0; i < doc->hidden.n; i++)
        ok = ok && put(t, a, doc->hidden.at[i].text);
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        ok = ok && put(t, a, properties[i]);
    return ok;
}

static enum rules_personal_kind kind_of(const struct rule *rule)
{
    static const struct {
        const char *id;
        enum rules_personal_kind kind;
    } kinds[] = {{"privacy.email", RULES_EMAIL},       {"privacy.phone", RULES_PHONE},
                 {"privacy.card_number", RULES_CARD},  {"privacy.iban", RULES_ACCOUNT},
                 {"privacy.national_id", RULES_ID},    {"privacy.ip_address", RULES_IP},
                 {"privacy.access_key", RULES_SECRET}, {"privacy.password", RULES_SECRET}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(rule->id, kinds[i].id) == 0) return kinds[i].kind;
    return RULES_PERSONAL_KINDS; /* about privacy, but not of a value */
}

static enum err take(const struct rules_run *run, enum rules_personal_kind kind, struct arena *a,
                     struct rules__personal_list *list, struct error *e)
{
    if (run->sink->hits.n >= RULE_HITS_MAX)
        return error_set_reason(e, ERR_LIMIT, "too_many_personal", "there are more than %u personal data of a kind",
                                RULE_HITS_MAX);
    for (size_t i = 0; i < run->sink->hits.n; i++) {
        struct doc_anchor at = run->sink->hits.at[i].anchor;
        struct rules_personal *found = VEC_PUSH(a, &list->at);
        if (!found) return error_no_memory(e);
        found->kind = kind;
        found->value = str_sub(run->doc->blocks.at[at.start.block].text, at.start.offset, at.end.offset);
    }
    run->sink->hits.n = 0;
    return ERR_OK;
}

static enum err find(struct rules_run *run, struct arena *a, struct rules__personal_list *list, struct error *e)
{
    for (size_t i = 0; i < run->engine->n_rules; i++) {
        const struct rule *rule = run->engine->rules[i];
        enum rules_personal_kind kind = rule->family == RULE_PRIVACY ? kind_of(rule) : RULES_PERSONAL_KINDS;
        if (kind == RULES_PERSONAL_KINDS) continue;
        TRY(rule->check(run, rule, e));
        TRY(take(run, kind, a, list, e));
    }
    return ERR_OK;
}

enum err rules_personal_find(const struct rules_engine *engine, const struct doc *doc, struct arena *a,
                             struct rules_personal_found *ret, struct error *e)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(SCRATCH_MAX);
    struct texts texts = {0};
    struct rules__personal_list list = {0};
    if (!scratch || !gather(doc, a, &texts)) return error_no_memory(e);
    struct doc_block *blocks = NEW(scratch, struct doc_block, texts.at.n);
    bool *reviewed = NEW(scratch, bool, texts.at.n);
    if (!blocks || !reviewed) return error_no_memory(e);
    for (size_t i = 0; i < texts.at.n; i++) {
        blocks[i].text = texts.at.at[i];
        reviewed[i] = texts.at.at[i].n > 0;
    }
    const struct doc all = {.blocks = {blocks, (uint32_t)texts.at.n}};
    struct rules__sink sink = {.lasting = scratch};
    struct rules_run run = {
        .engine = engine, .doc = &all, .arena = scratch, .reviewed = reviewed, .sink = &sink, .every = true};
    TRY(find(&run, a, &list, e));
    TRY(rules__people_find(doc, texts.at.at, texts.at.n, a, &list, e));
    *ret = (struct rules_personal_found){list.at.at, list.at.n, texts.at.at, texts.at.n};
    return ERR_OK;
}
