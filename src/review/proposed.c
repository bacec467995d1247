/* Own sections and proposed ones are one list: a proposed one begins inside one of the document's own and ends where that does, so nothing that the
 * document says of itself is lost. What stands before the first heading gives way when a proposed section begins with it.
 * Titles are words of the document and nothing else: a model that may write headings may also write what the document does not say.
 * Rejected: changing the sections of the document as it is kept (the findings, filters and exports of earlier reviews point into them). */
#include "review/proposed.h"

#include "base/vec.h"
#include "doc/text.h"
#include "review/context.h"
#include "review/events.h"
#include "review/rows_priv.h"
#include "store/queries.h"

/* --- where --- */

static bool is_read(const struct doc *doc, uint32_t i)
{
    const struct doc_block *b = &doc->blocks.at[i];
    if (b->story != DOC_STORY_BODY || b->cell != DOC_NONE || b->is_toc || doc_block_is_blank(b)) return false;
    return b->section < doc->sections.n && doc->sections.at[b->section].reviewed;
}

bool proposed_may_begin(const struct doc *doc, uint32_t block)
{
    return block < doc->body_end_block && is_read(doc, block) && doc->blocks.at[block].heading_level == 0;
}

bool proposed_needed(const struct doc *doc)
{
    size_t sections = 0, blocks = 0, words = 0;
    for (uint32_t i = 0; i < doc->sections.n; i++)
        sections += doc->sections.at[i].reviewed && doc->sections.at[i].heading != DOC_NONE;
    if (sections >= PROPOSED_BELOW) return false;
    for (uint32_t i = 0; i < doc->body_end_block; i++) {
        if (!is_read(doc, i)) continue;
        blocks++;
        words += doc_count_words(doc->blocks.at[i].text);
    }
    return blocks >= PROPOSED_BLOCKS_MIN && words >= PROPOSED_WORDS_MIN;
}

/* --- what a model hands in --- */

struct raw {
    struct str title;
    int64_t block, level;
};
static const struct json_field raw_fields[] = {
    {.name = "block",
     .kind = JSON_K_INT,
     .offset = offsetof(struct raw, block),
     .required = true,
     .min = 0,
     .max = UINT32_MAX},
    {.name = "title",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw, title),
     .required = true,
     .min = 1,
     .max = PROPOSED_TITLE_MAX},
    {.name = "level",
     .kind = JSON_K_INT,
     .offset = offsetof(struct raw, level),
     .required = true,
     .min = 1,
     .max = PROPOSED_LEVEL_MAX},
};
static const struct json_table raw_table = {sizeof(struct raw), raw_fields, sizeof raw_fields / sizeof *raw_fields};

struct answer {
    struct json_list sections;
};
static const struct json_field answer_fields[] = {
    {.name = "sections",
     .kind = JSON_K_ARRAY,
     .offset = offsetof(struct answer, sections),
     .required = true,
     .min = 0,
     .max = PROPOSED_MOST,
     .table = &raw_table},
};
static const struct json_table answer_table = {sizeof(struct answer), answer_fields, 1};

/* The words as the block has them; empty: it has them not. */
static enum err title_of(const struct proposed_ground *g, const struct raw *raw, struct arena *a, struct str *ret,
                         struct error *e)
{
    uint32_t block = (uint32_t)raw->block;
    struct str text = g->doc->blocks.at[block].text, said;
    struct locate_result where;
    *ret = STR("");
    if (redact_back(g->redact, raw->title, a, &said, e) != ERR_OK) return error_is_no_memory(e) ? e->code : ERR_OK;
    said = str_trim(said);
    if (said.n == 0) return ERR_OK;
    size_t at = str_find(text, said, 0);
    if (at != STR_NONE) {
        *ret = str_sub(text, at, at + said.n);
        return ERR_OK;
    }
    const struct locate_query q = {.quote = said, .block = block, .first_block = block, .end_block = block + 1};
    TRY(locate_quote(g->index, &q, a, &where, e));
    if (where.how == LOCATE_EXACT || where.how == LOCATE_FOLDED)
        *ret = str_trim(str_sub(text, where.anchor.start.offset, where.anchor.end.offset));
    return ERR_OK;
}

/* Up to the next proposed heading or the end of the document's own section around it. */
static void set_ends(const struct doc *doc, struct proposed *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct proposed_section *s = &p->at[i];
        uint32_t end = doc->sections.at[doc->blocks.at[s->first].section].end_block;
        if (i + 1 < p->n && p->at[i + 1].first < end) end = p->at[i + 1].first;
        s->last = end - 1;
    }
}

static enum err bad_answer(const char *message, struct error *e)
{
    return error_set_reason(e, ERR_UPSTREAM, "bad_answer", "%s", message);
}

enum err proposed_read(const struct proposed_ground *g, struct str answer, struct arena *a, struct proposed *ret,
                       struct error *e)
{
    struct answer in = {.sections = {NULL, 0}};
    struct proposed p = {.n = 0};
    const struct json *v = NULL;
    enum err err = json_parse(a, answer, &v, e);
    if (err == ERR_OK) err = json_decode(a, v, &answer_table, &in, e);
    if (err != ERR_OK)
        return error_is_no_memory(e) ? err : bad_answer("the model's list of sections cannot be read", e);
    p.at = NEW(a, struct proposed_section, in.sections.n + 1);
    if (!p.at) return error_no_memory(e);
    for (size_t i = 0; i < in.sections.n; i++) {
        const struct raw *raw = &((const struct raw *)in.sections.at)[i];
        struct str title;
        if (!proposed_may_begin(g->doc, (uint32_t)raw->block)) continue;
        if (p.n > 0 && raw->block <= p.at[p.n - 1].first) continue;
        TRY(title_of(g, raw, a, &title, e));
        if (title.n == 0) continue;
        p.at[p.n++] =
            (struct proposed_section){.title = title, .first = (uint32_t)raw->block, .level = (uint8_t)raw->level};
    }
    if (p.n < PROPOSED_LEAST) return bad_answer("the model found no sections that stand on the document's words", e);
    set_ends(g->doc, &p);
    *ret = p;
    return ERR_OK;
}

/* --- kept --- */

static void put_list(struct json_out *o, const struct proposed *p)
{
    json_out_begin_array(o, "sections");
    for (size_t i = 0; i < p->n; i++) {
        const struct proposed_section *s = &p->at[i];
        json_out_begin_object(o, NULL);
        json_out_str(o, "title", s->title);
        json_out_u64(o, "level", s->level);
        json_out_u64(o, "first_block", s->first);
        json_out_u64(o, "last_block", s->last);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

enum err proposed_text(const struct proposed *p, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "model", p->model);
    put_list(&o, p);
    json_out_end_object(&o);
    return sb_take(&b, a, ret, e);
}

enum err proposed_of(struct str text, struct arena *a, struct proposed *ret, struct error *e)
{
    const struct json *v = NULL;
    struct proposed p = {.n = 0};
    TRY(json_parse(a, text, &v, e));
    const struct json *list = json_get(v, "sections");
    p.model = json_str(json_get(v, "model"));
    p.at = NEW(a, struct proposed_section, json_count(list) + 1);
    if (!p.at) return error_no_memory(e);
    for (; p.n < json_count(list); p.n++) {
        const struct json *s = json_at(list, p.n);
        double first = json_double(json_get(s, "first_block"), -1), last = json_double(json_get(s, "last_block"), -1);
        double level = json_double(json_get(s, "level"), 0);
        struct str title = json_str(json_get(s, "title"));
        if (!title.p || first < 0 || last < first || last >= UINT32_MAX || level < 1 || level > PROPOSED_LEVEL_MAX)
            return error_set(e, ERR_INTERNAL, "proposed sections are not as they were kept");
        p.at[p.n] = (struct proposed_section){
            .title = title, .first = (uint32_t)first, .last = (uint32_t)last, .level = (uint8_t)level};
    }
    if (!p.model.p) return error_set(e, ERR_INTERNAL, "proposed sections are not as they were kept");
    *ret = p;
    return ERR_OK;
}

/* --- laid over --- */

struct laying {
    const struct doc *doc;
    const struct proposed *p;
    struct doc_section *at;
    uint32_t n;
};

/* One of the document's own, with the proposed ones that begin in it; from: the first of them. Returns the first that does not. */
static size_t lay_section(struct laying *l, uint32_t own, size_t from)
{
    const struct doc_section *s = &l->doc->sections.at[own];
    size_t i = from;
    bool gives_way = i < l->p->n && l->p->at[i].first == s->first_block && s->first_block < s->end_block;
    if (!gives_way) {
        struct doc_section *kept = &l->at[l->n++];
        *kept = *s;
        if (i < l->p->n && l->p->at[i].first < s->end_block) kept->end_block = l->p->at[i].first;
    }
    for (; i < l->p->n && l->p->at[i].first < s->end_block; i++) {
        const struct proposed_section *x = &l->p->at[i];
        bool last = i + 1 == l->p->n || l->p->at[i + 1].first >= s->end_block;
        l->at[l->n++] = (struct doc_section){.kind = DOC_SECTION_NORMAL,
                                             .title = x->title,
                                             .label = STR(""),
                                             .level = x->level,
                                             .heading = x->first,
                                             .first_block = x->first,
                                             .end_block = last ? s->end_block : l->p->at[i + 1].first,
                                             .reviewed = s->reviewed};
    }
    return i;
}

static void set_tree(const struct laying *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        struct doc_section *s = &l->at[i];
        s->parent = DOC_NONE;
        for (uint32_t k = i; k-- > 0 && s->parent == DOC_NONE && s->level > 0;)
            if (l->at[k].level > 0 && l->at[k].level < s->level) s->parent = k;
        uint32_t next = i + 1;
        while (s->level > 0 && next < l->n && l->at[next].level > s->level)
            next++;
        s->subtree_end_block = s->level == 0 ? s->end_block
                               : next < l->n ? l->at[next].first_block
                                             : l->at[l->n - 1].end_block;
    }
}

/* Blocks of the body by where they stand; notes, headers and footers by where they are referred to. */
static void set_blocks(const struct laying *l, struct doc *doc)
{
    for (uint32_t i = 0; i < l->n; i++)
        for (uint32_t b = l->at[i].first_block; b < l->at[i].end_block && b < doc->body_end_block; b++)
            doc->blocks.at[b].section = i;
    for (uint32_t b = doc->body_end_block; b < doc->blocks.n; b++) {
        struct doc_block *block = &doc->blocks.at[b];
        if (block->section != DOC_NONE && block->body_place.block < doc->body_end_block)
            block->section = doc->blocks.at[block->body_place.block].section;
    }
}

enum err proposed_lay_over(const struct doc *doc, const struct proposed *p, struct arena *a, const struct doc **ret,
                           struct error *e)
{
    struct laying l = {.doc = doc, .p = p};
    struct doc *made = NEW(a, struct doc, 1);
    struct doc_block *blocks = NEW(a, struct doc_block, (size_t)doc->blocks.n + 1);
    l.at = NEW(a, struct doc_section, doc->sections.n + p->n);
    if (!made || !blocks || !l.at) return error_no_memory(e);
    for (size_t i = 0; i < p->n; i++)
        if (!proposed_may_begin(doc, p->at[i].first) || (i > 0 && p->at[i].first <= p->at[i - 1].first))
            return error_set(e, ERR_INTERNAL, "the proposed sections are not of this document");
    size_t next = 0;
    for (uint32_t own = 0; own < doc->sections.n; own++)
        next = lay_section(&l, own, next);
    set_tree(&l);
    *made = *doc;
    if (doc->blocks.n > 0) memcpy(blocks, doc->blocks.at, doc->blocks.n * sizeof *blocks);
    made->blocks.at = blocks;
    made->sections.at = l.at;
    made->sections.n = l.n;
    set_blocks(&l, made);
    *ret = made;
    return ERR_OK;
}

/* --- for people --- */

static const char *const state_names[STORE_PROPOSED_N] = {"none", "used", "undone"};

enum err proposed_json(const struct store_version *version, struct arena *a, struct json_out *o, struct error *e)
{
    struct proposed p = {.n = 0};
    if (version->proposed_state != STORE_PROPOSED_NONE) TRY(proposed_of(version->proposed_sections, a, &p, e));
    json_out_begin_object(o, NULL);
    json_out_c(o, "state", state_names[version->proposed_state]);
    json_out_str_or_null(o, "by", p.model);
    put_list(o, &p);
    json_out_end_object(o);
    return ERR_OK;
}

struct using
{
    const struct review_by *by;
    struct str document;
    bool use;
    int64_t now_unix_ms;
    struct arena *a;
    struct store_version *version;
};

static enum err use_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct using *u = ctx;
    struct store_document row;
    enum store_proposed state = u->use ? STORE_PROPOSED_USED : STORE_PROPOSED_UNDONE;
    TRY(store_document_find(tx, u->document, STR_EMPTY, u->a, &row, e));
    TRY(review__has_file(&row.version, e));
    *u->version = row.version;
    if (row.version.proposed_state == STORE_PROPOSED_NONE) {
        error_set_reason(e, ERR_CONFLICT, "no_proposal", "no sections were proposed for this document");
        return error_hint(e, "A model proposes some in a review of a document that shows fewer than three of its own.");
    }
    if (row.version.proposed_state == state) return ERR_OK;
    u->version->proposed_state = state;
    TRY(store_version_update(tx, u->version, e));
    return events_append(
        tx,
        &(struct events_new_row){.document_id = u->document,
                                 .kind = "document.sections",
                                 .by = u->by->visitor,
                                 .at_unix_ms = u->now_unix_ms,
                                 .data = u->use ? STR("{\"state\":\"used\"}") : STR("{\"state\":\"undone\"}")},
        e);
}

enum err proposed_use(const struct review_context *c, const struct review_by *by, struct str document, bool use,
                      struct arena *a, struct store_version *ret, struct error *e)
{
    struct using u = {
        .by = by, .document = document, .use = use, .now_unix_ms = c->now_unix_ms(), .a = a, .version = ret};
    TRY(store_write(c->store, use_write, &u, e));
    events_wake(c->events);
    return ERR_OK;
}
