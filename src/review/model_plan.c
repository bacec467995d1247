/* Parts are cut greedily: a part takes section after section while they fit; a section that does not fit alone is cut where it is full. So each part is
 * as large as it may be, and no part begins in the middle of a section that would fit whole.
 * Rejected: one call a section (a hundred calls for a form with a hundred headings), cutting by tokens (no tokenizer here is the model's; bytes are
 * within a factor of two). */
#include "review/model_plan.h"

#include "base/vec.h"
#include "doc/text.h"
#include "review/chat_text.h"
#include "rules/ledger.h"

struct planning {
    const struct doc *doc;
    const struct model_plan_options *o;
    struct arena *a;
    bool *reviewed;
    VEC(struct model_part) parts;
    struct model_part now; /* being filled; blocks 0: none is */
};

static bool is_reviewed(const struct planning *p, uint32_t i)
{
    const struct doc_block *b = &p->doc->blocks.at[i];
    if (doc_block_is_blank(b)) return false;
    if (p->o->whole_document) return true;
    return !b->is_toc && (b->section >= p->doc->sections.n || p->doc->sections.at[b->section].reviewed);
}

/* So many bytes of what stands before a block, in its own section. */
static uint32_t overlap(const struct planning *p, uint32_t first)
{
    size_t bytes = 0;
    uint32_t from = first, section = p->doc->blocks.at[first].section;
    while (from > 0 && p->doc->blocks.at[from - 1].section == section) {
        bytes += p->doc->blocks.at[from - 1].text.n;
        if (bytes > p->o->overlap_bytes) break;
        from--;
    }
    return from;
}

static enum err close_part(struct planning *p, struct error *e)
{
    if (p->now.blocks == 0) return ERR_OK;
    struct model_part *kept = VEC_PUSH(p->a, &p->parts);
    if (!kept) return error_no_memory(e);
    *kept = p->now;
    p->now = (struct model_part){.blocks = 0};
    return ERR_OK;
}

static void take(struct planning *p, uint32_t i)
{
    const struct doc_block *b = &p->doc->blocks.at[i];
    if (p->now.blocks == 0)
        p->now = (struct model_part){.first = i, .shown_from = overlap(p, i), .section = b->section};
    p->now.end = i + 1;
    p->now.end_section = b->section == DOC_NONE ? 0 : b->section + 1;
    p->now.blocks++;
    p->now.bytes += b->text.n;
}

/* The blocks of one section, or of what stands before the first: [first, end). */
static enum err add_stretch(struct planning *p, uint32_t first, uint32_t end, struct error *e)
{
    size_t bytes = 0;
    for (uint32_t i = first; i < end; i++)
        if (p->reviewed[i]) bytes += p->doc->blocks.at[i].text.n;
    if (p->now.blocks > 0 && p->now.bytes + bytes > p->o->part_bytes) TRY(close_part(p, e));
    for (uint32_t i = first; i < end; i++) {
        if (!p->reviewed[i]) continue;
        if (p->now.blocks > 0 && p->now.bytes + p->doc->blocks.at[i].text.n > p->o->part_bytes) TRY(close_part(p, e));
        take(p, i);
    }
    return ERR_OK;
}

static enum err texts(struct planning *p, struct model_plan *plan, struct error *e)
{
    CLEANUP_SB struct sb outline = SB_INIT(SIZE_MAX), facts = SB_INIT(SIZE_MAX);
    struct rules_input input = {.doc = p->doc, .whole_document = p->o->whole_document};
    chat_text_outline(&outline, p->doc, p->o->outline_bytes);
    TRY(rules_ledger(p->o->engine, &input, p->o->facts_bytes, &facts, e));
    TRY(sb_take(&outline, p->a, &plan->outline, e));
    return sb_take(&facts, p->a, &plan->facts, e);
}

enum err model_plan_make(const struct doc *doc, const struct model_plan_options *o, struct arena *a,
                         struct model_plan *ret, struct error *e)
{
    struct planning p = {.doc = doc, .o = o, .a = a};
    struct model_plan plan = {.n = 0};
    p.reviewed = NEW(a, bool, (size_t)doc->blocks.n + 1);
    if (!p.reviewed) return error_no_memory(e);
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        p.reviewed[i] = is_reviewed(&p, i);
        plan.blocks += p.reviewed[i];
        if (p.reviewed[i]) plan.words += doc_count_words(doc->blocks.at[i].text);
    }
    for (uint32_t first = 0, end; first < doc->blocks.n; first = end) {
        for (end = first + 1; end < doc->blocks.n && doc->blocks.at[end].section == doc->blocks.at[first].section;)
            end++;
        TRY(add_stretch(&p, first, end, e));
    }
    TRY(close_part(&p, e));
    TRY(texts(&p, &plan, e));
    plan.parts = p.parts.at;
    plan.n = p.parts.n;
    plan.reviewed = p.reviewed;
    *ret = plan;
    return ERR_OK;
}

bool model_plan_split(const struct doc *doc, const struct model_plan *plan, const struct model_part *part,
                      struct model_part ret[2])
{
    size_t bytes = 0, blocks = 0;
    if (part->blocks < 2) return false;
    ret[0] = ret[1] = *part;
    for (uint32_t i = part->first; i < part->end; i++) {
        if (!plan->reviewed[i]) continue;
        if (blocks > 0 && (bytes >= part->bytes / 2 || blocks + 1 == part->blocks)) {
            ret[0].end = ret[1].first = ret[1].shown_from = i;
            ret[0].blocks = blocks;
            ret[0].bytes = bytes;
            ret[1].blocks = part->blocks - blocks;
            ret[1].bytes = part->bytes - bytes;
            ret[1].section = doc->blocks.at[i].section;
            return true;
        }
        blocks++;
        bytes += doc->blocks.at[i].text.n;
    }
    return false;
}
