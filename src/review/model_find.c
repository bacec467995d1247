/* The order is: schema, placeholders back, points, quote. A near match (an edit distance) lowers the confidence by what is missing, and takes the rewrite
 * away: it was made for words that do not stand there.
 * The id of a finding is a hash of what it is about and says, so the same answer read twice gives the same ids. */
#include "review/model_find.h"

#include "base/hash.h"
#include "doc/text.h"
#include "review/model_tools.h"

#define ID_HEX 16

static enum err is_refusal(enum err err, struct error *e, bool *ret_refused)
{
    *ret_refused = err != ERR_OK && err != ERR_LIMIT;
    if (*ret_refused && error_is_no_memory(e)) *ret_refused = false;
    return *ret_refused ? ERR_OK : err;
}

static enum err texts_back(const struct model_ground *g, struct model_item *item, struct arena *a, struct error *e)
{
    struct str *texts[] = {&item->quote,       &item->title,      &item->category,
                           &item->description, &item->suggestion, &item->rewrite};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i]->n > 0) TRY(redact_back(g->redact, *texts[i], a, texts[i], e));
    struct str *questions = NEW(a, struct str, item->n_questions);
    if (!questions) return error_no_memory(e);
    for (size_t i = 0; i < item->n_questions; i++)
        TRY(redact_back(g->redact, item->questions[i], a, &questions[i], e));
    item->questions = questions;
    return ERR_OK;
}

static enum err points_of(const struct model_ground *g, const struct model_item *item, struct arena *a,
                          struct finding *ret, bool *ret_exist, struct error *e)
{
    uint32_t *points = NEW(a, uint32_t, item->n_points);
    if (!points) return error_no_memory(e);
    *ret_exist = true;
    for (size_t i = 0; i < item->n_points; i++) {
        size_t k = 0;
        while (k < g->framework->n_points && g->framework->points[k].number != item->points[i])
            k++;
        *ret_exist = *ret_exist && k < g->framework->n_points;
        points[i] = (uint32_t)k;
    }
    ret->points = points;
    ret->n_points = item->n_points;
    return ERR_OK;
}

static enum err locate(const struct model_ground *g, const struct model_part *part, const struct model_item *item,
                       struct locate_result *ret, struct error *e)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    if (!scratch) return error_no_memory(e);
    struct locate_query q = {.quote = item->quote,
                             .block = item->block < g->doc->blocks.n ? (uint32_t)item->block : DOC_NONE};
    if (part) {
        q.first_block = part->shown_from;
        q.end_block = part->end;
        TRY(locate_quote(g->index, &q, scratch, ret, e));
        if (ret->how != LOCATE_NOT_FOUND) return ERR_OK;
        q.first_block = q.end_block = 0;
    }
    return locate_quote(g->index, &q, scratch, ret, e);
}

static enum err finding_id(const struct model_ground *g, const struct finding *f, struct arena *a, struct str *ret,
                           struct error *e)
{
    CLEANUP_SB struct sb key = SB_INIT(SIZE_MAX);
    char hex[HASH_SHA256_HEX + 1];
    sb_printf(&key, "model%c%u%c%u%c", 0, f->anchor.start.block, 0, f->anchor.start.offset, 0);
    sb_str(&key, f->quote);
    sb_char(&key, 0);
    sb_str(&key, f->category);
    sb_char(&key, 0);
    sb_str(&key, f->description);
    sb_char(&key, 0);
    sb_str(&key, g->doc->blocks.at[f->anchor.start.block].text);
    if (!sb_ok(&key)) return error_no_memory(e);
    TRY(hash_sha256_hex(sb_view(&key), hex, e));
    *ret = str_dup(a, (struct str){hex, ID_HEX});
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err fill(const struct model_ground *g, const struct model_item *item, const struct locate_result *where,
                     struct str reviewer, struct arena *a, struct finding *ret, struct error *e)
{
    bool near = where->how == LOCATE_NEAR;
    uint32_t block = where->anchor.start.block;
    struct str quote = doc_text_of(g->doc, where->anchor, a);
    ret->source = FINDING_BY_MODEL;
    ret->reviewer = reviewer;
    ret->located = true;
    ret->anchor = where->anchor;
    ret->quote = str_dup(a, quote);
    ret->kind = item->kind;
    ret->risk = item->risk;
    ret->category = str_dup(a, str_trim(item->category));
    ret->confidence = item->confidence * (near ? where->similarity : 1);
    ret->title = str_dup(a, str_trim(item->title));
    ret->description = str_dup(a, str_trim(item->description));
    ret->suggestion = str_dup(a, str_trim(item->suggestion));
    ret->has_rewrite = item->has_rewrite && !near && !str_eq(item->rewrite, quote);
    ret->rewrite = ret->has_rewrite ? str_dup(a, item->rewrite) : STR_EMPTY;
    ret->section = g->doc->blocks.at[block].section;
    ret->place = doc_place_name(g->doc, block, a);
    struct str *questions = NEW(a, struct str, item->n_questions);
    bool all = ret->quote.p && ret->category.p && ret->title.p && ret->description.p && ret->suggestion.p &&
               ret->place.p && questions && (!ret->has_rewrite || ret->rewrite.p);
    for (size_t i = 0; all && i < item->n_questions; i++) {
        questions[i] = str_dup(a, item->questions[i]);
        all = questions[i].p != NULL;
    }
    if (!all) return error_no_memory(e);
    ret->questions = questions;
    ret->n_questions = item->n_questions;
    return finding_id(g, ret, a, &ret->id, e);
}

enum err model_find(const struct model_ground *g, const struct model_part *part, struct str json, struct str reviewer,
                    struct arena *a, enum model_refusal *ret_refusal, struct finding *ret, struct error *e)
{
    struct model_item item;
    struct locate_result where = {.how = LOCATE_NOT_FOUND};
    bool refused = false, exist = true;
    *ret = (struct finding){.located = false};
    *ret_refusal = MODEL_INVALID;
    TRY(is_refusal(model_item_read(json, a, &item, e), e, &refused));
    if (!refused) TRY(is_refusal(texts_back(g, &item, a, e), e, &refused));
    if (!refused) TRY(points_of(g, &item, a, ret, &exist, e));
    if (refused || !exist) return ERR_OK;
    TRY(locate(g, part, &item, &where, e));
    if (where.how == LOCATE_NOT_FOUND || where.how == LOCATE_AMBIGUOUS) {
        *ret_refusal = where.how == LOCATE_AMBIGUOUS ? MODEL_AMBIGUOUS : MODEL_NOT_FOUND;
        return ERR_OK;
    }
    *ret_refusal = MODEL_TAKEN;
    return fill(g, &item, &where, reviewer, a, ret, e);
}
