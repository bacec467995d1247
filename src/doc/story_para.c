/* Paragraphs: their properties, and the block that each becomes. See story_priv.h. Sources: ECMA-376 part 1, 17.3.1,
 * 17.6; reference 9. */
#include "doc/story_priv.h"

/* A paragraph to fill, with the buffers of an earlier one. */
static struct doc__para *open_para(struct doc__story *s)
{
    struct doc__para *p = s->n_paras < s->paras.n ? &s->paras.at[s->n_paras] : VEC_PUSH(s->b->a, &s->paras);
    if (!p) return NULL;
    s->n_paras++;
    struct doc__para fresh = {.text = p->text, .outline = -1};
    fresh.text.n = 0;
    fresh.runs.at = p->runs.at;
    fresh.runs.cap = p->runs.cap;
    fresh.outer_r.at = p->outer_r.at;
    fresh.outer_r.cap = p->outer_r.cap;
    *p = fresh;
    return p;
}

static struct doc_place body_place(const struct doc__story *s, uint32_t block)
{
    if (s->story == DOC_STORY_TEXTBOX && s->textboxes.n) return s->textboxes.at[0].place;
    return s->root_story == DOC_STORY_BODY ? (struct doc_place){block, 0} : s->outside;
}

enum err doc__start_p(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__builder *b = s->b;
    if (b->blocks.n >= b->options.limits.max_blocks)
        return error_set_reason(e, ERR_LIMIT, "too_large", "the document has more than %zu paragraphs",
                                b->options.limits.max_blocks);
    struct doc_place place = body_place(s, (uint32_t)b->blocks.n);
    struct doc_block *block = VEC_PUSH(b->a, &b->blocks);
    struct doc__para *p = open_para(s);
    if (!block || !p) return error_no_memory(e);
    p->block = (uint32_t)(b->blocks.n - 1);
    *block = (struct doc_block){.story = s->story,
                                .is_toc = s->toc > 0,
                                .cell = s->cell,
                                .note = s->note,
                                .first_run = (uint32_t)b->runs.n,
                                .part = s->part,
                                .src = {tag->start, tag->end},
                                .open = {tag->start, tag->end},
                                .content_start = tag->end,
                                .body_place = place};
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_P;
    f->flag = s->in_para;
    s->in_para = true;
    return ERR_OK;
}

/* ---- properties ---- */

enum err doc__child_p_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__para *p = doc__para(s);
    switch (tag->token) {
    case T_P_STYLE:
        p->style = doc__style(&s->b->styles, xml_attr(tag, T_VAL));
        if (!p->style) p->name_level = doc__heading_name(xml_attr(tag, T_VAL));
        break;
    case T_OUTLINE_LVL: p->outline = (int)doc__number(xml_attr(tag, T_VAL), 9); break;
    case T_SHD: {
        struct doc__format f = {0};
        doc__format_read(&f, tag);
        p->shaded = (f.on & DOC__SHADED) != 0;
        break;
    }
    case T_NUM_PR: doc__story_frame(s)->what = IS_NUM_PR; return ERR_OK;
    case T_R_PR: doc__story_frame(s)->what = IS_MARK_PR; return ERR_OK;
    case T_SECT_PR:
        doc__story_frame(s)->what = IS_SECT_PR;
        if (s->root_story == DOC_STORY_BODY) s->layout_ends = true;
        return ERR_OK;
    case T_P_PR_CHANGE: return doc__format_change(s, tag, e);
    default: break;
    }
    doc__story_skip(s, tag);
    return ERR_OK;
}

enum err doc__child_num_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__para *p = doc__para(s);
    doc__story_skip(s, tag);
    if (tag->token == T_NUM_ID) {
        p->has_num = true;
        p->num_id = doc__number(xml_attr(tag, T_VAL), 0);
    } else if (tag->token == T_ILVL) {
        p->has_level = true;
        p->num_level = (uint8_t)(doc__number(xml_attr(tag, T_VAL), 0) % 9);
    } else if (tag->token == T_NUMBERING_CHANGE || tag->token == T_INS) {
        return doc__format_change(s, tag, e);
    }
    return ERR_OK;
}

/* The paragraph mark itself can be inserted, deleted or moved. */
enum err doc__child_mark_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    doc__story_skip(s, tag);
    enum doc_revision_kind kind = DOC_REVISION_INSERT;
    switch (tag->token) {
    case T_INS: break;
    case T_MOVE_TO: kind = DOC_REVISION_MOVE_TO; break;
    case T_DEL: kind = DOC_REVISION_DELETE; break;
    case T_MOVE_FROM: kind = DOC_REVISION_MOVE_FROM; break;
    case T_R_PR_CHANGE: return doc__format_change(s, tag, e);
    default: return ERR_OK;
    }
    bool gone = (kind == DOC_REVISION_DELETE || kind == DOC_REVISION_MOVE_FROM) != doc__revision_rejected(s, tag);
    if (gone) s->b->blocks.at[doc__para(s)->block].mark_deleted = true;
    return doc__revision_push(s, kind, tag, STR("¶"), NULL, e);
}

enum err doc__child_sect_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    doc__story_skip(s, tag);
    if (tag->token == T_SECT_PR_CHANGE) return doc__format_change(s, tag, e);
    if ((tag->token != T_HEADER_REFERENCE && tag->token != T_FOOTER_REFERENCE) || s->root_story != DOC_STORY_BODY)
        return ERR_OK;
    struct doc__band *band = VEC_PUSH(s->b->a, &s->b->bands);
    if (!band) return error_no_memory(e);
    band->first_block = s->layout_first;
    return doc__story_dup(s, xml_attr(tag, T_R_ID), &band->rel_id, e);
}

static void settle_heading(const struct doc__para *p, struct doc_block *block)
{
    if (p->outline >= 0) {
        block->heading_level = p->outline < 9 ? (uint8_t)(p->outline + 1) : 0;
        block->heading_source = block->heading_level ? DOC_HEADING_OUTLINE : DOC_HEADING_NONE;
        if (p->style && p->style->heading_level == block->heading_level)
            block->heading_source = p->style->heading_source;
    } else if (p->name_level) {
        block->heading_level = p->name_level;
        block->heading_source = DOC_HEADING_STYLE;
    } else if (p->style) {
        block->heading_level = p->style->heading_level;
        block->heading_source = p->style->heading_source;
    }
}

static enum err settle_number(struct doc__story *s, struct doc__para *p, struct doc_block *block, struct error *e)
{
    uint32_t num_id = p->num_id;
    uint8_t level = p->num_level;
    if (p->style && p->style->has_num) {
        if (!p->has_num) num_id = p->style->num_id;
        if (!p->has_level)
            level = doc__numbering_style_level(s->b->numbering, num_id, p->style->id, p->style->num_level);
    }
    bool known = false;
    struct str label = STR_EMPTY;
    TRY(doc__numbering_next(s->b->numbering, s->b->a, num_id, level, &known, &label, e));
    if (!known) return ERR_OK;
    block->label = str_trim(label);
    block->list_level = (uint8_t)(level + 1);
    return ERR_OK;
}

enum err doc__para_ready(struct doc__story *s, struct error *e)
{
    struct doc__para *p = doc__para(s);
    if (p->ready) return ERR_OK;
    p->ready = true;
    const struct doc__styles *styles = &s->b->styles;
    if (!p->style) p->style = styles->default_paragraph;
    p->format = styles->defaults;
    struct doc_block *block = &s->b->blocks.at[p->block];
    if (p->style) {
        p->format = doc__format_over(p->format, p->style->format);
        p->shaded = p->shaded || p->style->shaded;
        block->style = p->style->name;
        block->is_title = p->style->is_title;
        block->is_toc = block->is_toc || p->style->is_toc;
    }
    settle_heading(p, block);
    return settle_number(s, p, block, e);
}

enum err doc__end_p_pr(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)f;
    struct doc_block *block = &s->b->blocks.at[doc__para(s)->block];
    if (block->content_start == block->open.end) block->content_start = tag->end;
    return doc__para_ready(s, e);
}

/* ---- the end ---- */

static bool is_blank(struct str text) { return str_trim(text).n == 0; }

static void settle_kind(struct doc_block *block)
{
    if (is_blank(block->text)) { /* an empty heading is no heading, an empty item of a list no item */
        block->heading_level = 0;
        block->heading_source = DOC_HEADING_NONE;
        block->is_title = false;
        block->list_level = 0;
    }
    if (block->heading_level)
        block->kind = DOC_BLOCK_HEADING;
    else if (block->cell != DOC_NONE)
        block->kind = DOC_BLOCK_CELL;
    else if (block->list_level)
        block->kind = DOC_BLOCK_LIST_ITEM;
    else if (block->note != DOC_NONE)
        block->kind = DOC_BLOCK_NOTE;
    else
        block->kind = DOC_BLOCK_PARAGRAPH;
}

enum err doc__end_p(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    TRY(doc__para_ready(s, e));
    struct doc__para *p = doc__para(s);
    struct doc_block *block = &s->b->blocks.at[p->block];
    block->src.end = tag->end;
    block->text = STR("");
    if (p->text.n) TRY(doc__story_dup(s, (struct str){p->text.p, p->text.n}, &block->text, e));
    block->first_run = (uint32_t)s->b->runs.n;
    block->run_count = (uint32_t)p->runs.n;
    for (size_t i = 0; i < p->runs.n; i++) {
        struct doc_run *run = VEC_PUSH(s->b->a, &s->b->runs);
        if (!run) return error_no_memory(e);
        *run = p->runs.at[i];
    }
    settle_kind(block);
    s->last_closed = p->block;
    s->n_paras--;
    s->in_para = f->flag;
    if (s->layout_ends && !s->in_para) {
        s->layout_ends = false;
        s->layout_first = (uint32_t)s->b->blocks.n;
    }
    return ERR_OK;
}
