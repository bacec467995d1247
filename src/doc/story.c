/* The stack of open elements and the tables that say what begins and ends with each. See story_priv.h for the idea.
 * Sources: ECMA-376 part 1, 17; part 3 (markup compatibility). Limits: max_depth and max_blocks of the document's
 * limits. */
#include "doc/story_priv.h"

#define SAMPLE_BYTES ((size_t)32 << 10)
#define RESERVE_FROM ((size_t)64 << 10) /* smaller parts grow in a moment */

void doc__story_skip(struct doc__story *s, const struct xml_tag *tag) { s->skip = tag->depth; }
struct doc__frame *doc__story_frame(struct doc__story *s) { return &s->frames.at[s->frames.n - 1]; }
uint8_t doc__story_parent(const struct doc__story *s)
{
    return s->frames.n >= 2 ? s->frames.at[s->frames.n - 2].what : (uint8_t)IS_TRANSPARENT;
}

bool doc__story_visible(const struct doc__story *s) { return s->dead == 0 && !doc__field_in_code(s); }

struct doc_place doc__story_place(const struct doc__story *s)
{
    if (s->in_para && s->n_paras) {
        const struct doc__para *p = &s->paras.at[s->n_paras - 1];
        return (struct doc_place){p->block, (uint32_t)p->text.n};
    }
    return (struct doc_place){(uint32_t)s->b->blocks.n, 0};
}

struct doc_place doc__story_end_place(const struct doc__story *s)
{
    if ((s->in_para && s->n_paras) || s->last_closed == DOC_NONE) return doc__story_place(s);
    return (struct doc_place){s->last_closed, (uint32_t)s->b->blocks.at[s->last_closed].text.n};
}

enum err doc__story_dup(struct doc__story *s, struct str v, struct str *ret, struct error *e)
{
    *ret = str_dup(s->b->a, v);
    return ret->p ? ERR_OK : error_no_memory(e);
}

enum err doc__chars_put(struct doc__story *s, struct doc__chars *c, struct str v, struct error *e)
{
    if (!v.n) return ERR_OK;
    if (v.n > c->cap - c->n) {
        size_t cap = c->cap ? c->cap : 256;
        while (cap - c->n < v.n)
            cap *= 2;
        char *p = arena_grow(s->b->a, c->p, c->cap, cap);
        if (!p) return error_no_memory(e);
        c->p = p;
        c->cap = cap;
    }
    memcpy(c->p + c->n, v.p, v.n);
    c->n += v.n;
    return ERR_OK;
}

/* ---- single elements ---- */

static enum err start_root(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct str prefix = STR_EMPTY;
    (void)e;
    if (xml_ns_prefix(s->xml, NS_W, &prefix)) TRY(doc__story_dup(s, prefix, &s->b->parts.at[s->part].w_prefix, e));
    (void)tag;
    return ERR_OK;
}

static enum err start_body(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)e;
    doc__story_frame(s)->what = IS_BODY;
    s->b->body_content_end = tag->end;
    return ERR_OK;
}

static enum err end_body(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)f;
    (void)e;
    if (!doc__story_frame(s)->flag && tag->start != tag->end) s->b->body_content_end = tag->start;
    return ERR_OK;
}

static enum err start_sect_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)e;
    uint8_t parent = doc__story_parent(s);
    if (parent == IS_BODY) {
        s->frames.at[s->frames.n - 2].flag = true;
        s->b->body_content_end = tag->start;
    }
    doc__story_frame(s)->what = IS_SECT_PR;
    return ERR_OK;
}

static enum err start_note(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct str type = xml_attr(tag, T_TYPE);
    if ((s->root_story != DOC_STORY_FOOTNOTE && s->root_story != DOC_STORY_ENDNOTE) ||
        (type.p && !str_eq_c(type, "normal"))) {
        doc__story_skip(s, tag); /* separators */
        return ERR_OK;
    }
    struct doc_note *note = VEC_PUSH(s->b->a, &s->b->notes);
    if (!note) return error_no_memory(e);
    *note = (struct doc_note){.story = s->root_story,
                              .ref = {DOC_NONE, 0},
                              .ref_run = DOC_NONE,
                              .first_block = (uint32_t)s->b->blocks.n,
                              .end_block = (uint32_t)s->b->blocks.n};
    TRY(doc__story_dup(s, xml_attr(tag, T_ID), &note->id, e));
    s->note = (uint32_t)(s->b->notes.n - 1);
    s->last_closed = DOC_NONE;
    doc__story_frame(s)->what = IS_NOTE;
    return ERR_OK;
}

static enum err end_note(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)tag;
    (void)f;
    (void)e;
    s->b->notes.at[s->note].end_block = (uint32_t)s->b->blocks.n;
    s->note = DOC_NONE;
    return ERR_OK;
}

static enum err start_comment_mark(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct str id = xml_attr(tag, T_ID);
    if (s->part != 0 || !id.p) return ERR_OK;
    struct doc__comment_mark *mark = VEC_PUSH(s->b->a, &s->b->comment_marks);
    if (!mark) return error_no_memory(e);
    mark->kind = tag->token == T_COMMENT_RANGE_START ? DOC__MARK_START
                 : tag->token == T_COMMENT_RANGE_END ? DOC__MARK_END
                                                     : DOC__MARK_REFERENCE;
    mark->place = mark->kind == DOC__MARK_START ? doc__story_place(s) : doc__story_end_place(s);
    return doc__story_dup(s, id, &mark->id, e);
}

static enum err start_bookmark(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct str name = xml_attr(tag, T_NAME);
    if (!name.n) return ERR_OK;
    struct doc_bookmark *mark = VEC_PUSH(s->b->a, &s->b->bookmarks);
    if (!mark) return error_no_memory(e);
    mark->place = doc__story_place(s);
    return doc__story_dup(s, name, &mark->name, e);
}

static enum err start_alternatives(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)tag;
    (void)e;
    doc__story_frame(s)->what = IS_ALTERNATIVES;
    return ERR_OK;
}

static bool can_read(const struct doc__story *s, struct str requires)
{
    struct str rest = requires;
    while (rest.p) {
        struct str prefix = str_cut(rest, ' ', &rest);
        if (prefix.n && !doc__ns_understood(xml_prefix_ns(s->xml, prefix))) return false;
    }
    return true;
}

/* Exactly one branch is read: the first Choice that we understand, else the Fallback. */
static enum err child_alternatives(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)e;
    struct doc__frame *alternatives = &s->frames.at[s->frames.n - 2];
    bool take = !alternatives->flag && (tag->token == T_MC_FALLBACK ||
                                        (tag->token == T_MC_CHOICE && can_read(s, xml_attr(tag, T_PLAIN_REQUIRES))));
    if (take)
        alternatives->flag = true;
    else
        doc__story_skip(s, tag);
    return ERR_OK;
}

static enum err start_alt_chunk(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    doc__story_skip(s, tag);
    return doc__warn(s->b, DOC_WARN_ALT_CHUNK, e,
                     tag->token == T_ALT_CHUNK ? "the document includes another document, which was not reviewed"
                                               : "the document refers to a sub-document, which was not reviewed");
}

static enum err start_skipped(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)e;
    doc__story_skip(s, tag);
    return ERR_OK;
}

/* ---- the tables ---- */

static const doc__start_fn starters[T_COUNT] = {
    [T_DOCUMENT] = start_root,
    [T_HDR] = start_root,
    [T_FTR] = start_root,
    [T_FOOTNOTES] = start_root,
    [T_ENDNOTES] = start_root,
    [T_BODY] = start_body,
    [T_FOOTNOTE] = start_note,
    [T_ENDNOTE] = start_note,
    [T_P] = doc__start_p,
    [T_SECT_PR] = start_sect_pr,
    [T_R] = doc__start_r,
    [T_R_PR] = doc__start_r_pr,
    [T_P_PR] = start_skipped, /* not in a paragraph: of a ruby or a formula */
    [T_T] = doc__start_text,
    [T_DEL_TEXT] = doc__start_text,
    [T_M_T] = doc__start_text,
    [T_INSTR_TEXT] = doc__start_instr,
    [T_DEL_INSTR_TEXT] = doc__start_instr,
    [T_TAB] = doc__start_char,
    [T_PTAB] = doc__start_char,
    [T_BR] = doc__start_char,
    [T_CR] = doc__start_char,
    [T_NO_BREAK_HYPHEN] = doc__start_char,
    [T_SOFT_HYPHEN] = doc__start_char,
    [T_SYM] = doc__start_char,
    [T_FOOTNOTE_REFERENCE] = doc__start_note_ref,
    [T_ENDNOTE_REFERENCE] = doc__start_note_ref,
    [T_COMMENT_REFERENCE] = start_comment_mark,
    [T_COMMENT_RANGE_START] = start_comment_mark,
    [T_COMMENT_RANGE_END] = start_comment_mark,
    [T_BOOKMARK_START] = start_bookmark,
    [T_HYPERLINK] = doc__start_link,
    [T_INS] = doc__start_ins,
    [T_MOVE_TO] = doc__start_ins,
    [T_DEL] = doc__start_del,
    [T_MOVE_FROM] = doc__start_del,
    [T_SDT] = doc__start_sdt,
    [T_SDT_CONTENT] = doc__start_sdt_content,
    [T_FLD_SIMPLE] = doc__start_fld_simple,
    [T_FLD_CHAR] = doc__start_fld_char,
    [T_SMART_TAG] = doc__start_wrap,
    [T_CUSTOM_XML] = doc__start_wrap,
    [T_BDO] = doc__start_wrap,
    [T_DIR] = doc__start_wrap,
    [T_RUBY] = doc__start_wrap,
    [T_RT] = start_skipped,
    [T_RUBY_PR] = start_skipped,
    [T_M_O_MATH] = doc__start_math,
    [T_M_O_MATH_PARA] = doc__start_math,
    [T_DRAWING] = doc__start_drawing,
    [T_PICT] = doc__start_drawing,
    [T_OBJECT] = doc__start_drawing,
    [T_WP_DOC_PR] = doc__start_drawing_detail,
    [T_A_BLIP] = doc__start_drawing_detail,
    [T_C_CHART] = doc__start_drawing_detail,
    [T_DGM_REL_IDS] = doc__start_drawing_detail,
    [T_V_IMAGEDATA] = doc__start_drawing_detail,
    [T_V_SHAPE] = doc__start_drawing_detail,
    [T_O_OLEOBJECT] = doc__start_drawing_detail,
    [T_TXBX_CONTENT] = doc__start_textbox,
    [T_MC_ALTERNATE_CONTENT] = start_alternatives,
    [T_TBL] = doc__start_tbl,
    [T_TBL_GRID] = start_skipped,
    [T_TR] = doc__start_tr,
    [T_TC] = doc__start_tc,
    [T_ALT_CHUNK] = start_alt_chunk,
    [T_SUB_DOC] = start_alt_chunk,
};

/* Elements that look at their children themselves. */
static const doc__start_fn child_starters[IS_COUNT] = {
    [IS_P_PR] = doc__child_p_pr,
    [IS_MARK_PR] = doc__child_mark_pr,
    [IS_NUM_PR] = doc__child_num_pr,
    [IS_SECT_PR] = doc__child_sect_pr,
    [IS_R_PR] = doc__child_r_pr,
    [IS_SDT_PR] = doc__child_sdt_pr,
    [IS_ALTERNATIVES] = child_alternatives,
    [IS_TBL_PR] = doc__child_tbl_pr,
    [IS_TR_PR] = doc__child_tr_pr,
    [IS_TC_PR] = doc__child_tc_pr,
    [IS_TEXT] = start_skipped,
    [IS_INSTR] = start_skipped,
};

static const doc__end_fn enders[IS_COUNT] = {
    [IS_BODY] = end_body,
    [IS_P] = doc__end_p,
    [IS_P_PR] = doc__end_p_pr,
    [IS_R] = doc__end_r,
    [IS_R_PR] = doc__end_r_pr,
    [IS_TEXT] = doc__end_text,
    [IS_INSTR] = doc__end_instr,
    [IS_CHAR] = doc__end_char,
    [IS_WRAP] = doc__end_wrap,
    [IS_LINK] = doc__end_link,
    [IS_INS] = doc__end_change,
    [IS_DEL] = doc__end_change,
    [IS_SDT] = doc__end_sdt,
    [IS_SDT_CONTENT] = doc__end_sdt_content,
    [IS_TEXTBOX] = doc__end_textbox,
    [IS_DRAWING] = doc__end_drawing,
    [IS_MATH] = doc__end_math,
    [IS_TBL] = doc__end_tbl,
    [IS_TC] = doc__end_tc,
    [IS_NOTE] = end_note,
};

/* Properties that stand in their element only, whatever else has the same name. */
static enum err start_in_parent(struct doc__story *s, const struct xml_tag *tag, uint8_t parent, bool *ret_done)
{
    uint8_t what = IS_TRANSPARENT;
    if (tag->token == T_P_PR && parent == IS_P)
        what = IS_P_PR;
    else if (tag->token == T_SDT_PR && parent == IS_SDT)
        what = IS_SDT_PR;
    else if (tag->token == T_TBL_PR && parent == IS_TBL)
        what = IS_TBL_PR;
    else if (tag->token == T_TR_PR && parent == IS_TR)
        what = IS_TR_PR;
    else if (tag->token == T_TC_PR && parent == IS_TC)
        what = IS_TC_PR;
    *ret_done = what != IS_TRANSPARENT;
    if (*ret_done) doc__story_frame(s)->what = what;
    return ERR_OK;
}

static enum err check_root(const struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    static const int roots[] = {
        [DOC_STORY_BODY] = T_DOCUMENT,    [DOC_STORY_TEXTBOX] = T_DOCUMENT, [DOC_STORY_FOOTNOTE] = T_FOOTNOTES,
        [DOC_STORY_ENDNOTE] = T_ENDNOTES, [DOC_STORY_HEADER] = T_HDR,       [DOC_STORY_FOOTER] = T_FTR};
    if (tag->token == roots[s->root_story]) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "not_a_word_document", "\"%.*s\" in the file is no Word text but <%.*s>",
                     STR_ARG(s->b->parts.at[s->part].name), STR_ARG(tag->qname));
    return error_hint(e, "Choose a Word document saved as .docx.");
}

static enum err on_start(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    struct doc__story *s = ctx;
    if (s->skip) return ERR_OK;
    s->xml = xml;
    if (tag->depth == 1) TRY(check_root(s, tag, e));
    struct doc__frame *frame = VEC_PUSH(s->b->a, &s->frames);
    if (!frame) return error_no_memory(e);
    *frame = (struct doc__frame){.index = DOC_NONE, .aux = DOC_NONE};
    uint8_t parent = doc__story_parent(s);
    if (child_starters[parent]) return child_starters[parent](s, tag, e);
    doc__story_note_place(s, tag->token);
    bool done = false;
    TRY(start_in_parent(s, tag, parent, &done));
    if (done || !starters[tag->token]) return ERR_OK;
    return starters[tag->token](s, tag, e);
}

static enum err on_end(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    struct doc__story *s = ctx;
    if (s->skip && tag->depth != s->skip) return ERR_OK;
    s->xml = xml;
    bool skipped = s->skip != 0;
    s->skip = 0;
    struct doc__frame frame = *doc__story_frame(s);
    enum err code = !skipped && enders[frame.what] ? enders[frame.what](s, tag, &frame, e) : ERR_OK;
    s->frames.n--;
    return code;
}

static enum err on_text(void *ctx, struct xml_reader *xml, struct str text, size_t start, size_t end, struct error *e)
{
    (void)xml;
    (void)start;
    (void)end;
    struct doc__story *s = ctx;
    if (s->skip) return ERR_OK;
    switch (s->sink) {
    case SINK_TEXT:
    case SINK_MATH: return doc__chars_put(s, &doc__para(s)->text, text, e);
    case SINK_REVISION: return doc__revision_text(s, text, e);
    case SINK_HIDDEN: return doc__hidden_put(s->b, DOC_HIDDEN_VANISHED, doc__story_place(s), text, e);
    case SINK_INSTR: return doc__chars_put(s, &s->fields.at[s->n_fields - 1].instr, text, e);
    case SINK_NONE: break;
    }
    return ERR_OK;
}

/* ---- the story ---- */

/* How far the builder's arrays were filled before the story, so that it can be read again. */
struct checkpoint {
    size_t blocks, runs, wraps, tables, rows, cells, notes, links, images, bookmarks, revisions, comment_marks,
        note_marks, bands, warnings, hidden;
};

static struct checkpoint checkpoint_take(const struct doc__builder *b)
{
    return (struct checkpoint){b->blocks.n,     b->runs.n,      b->wraps.n,     b->tables.n,
                               b->rows.n,       b->cells.n,     b->notes.n,     b->links.n,
                               b->images.n,     b->bookmarks.n, b->revisions.n, b->comment_marks.n,
                               b->note_marks.n, b->bands.n,     b->warnings.n,  b->hidden.n};
}

static void checkpoint_restore(struct doc__builder *b, const struct checkpoint *c)
{
    b->blocks.n = c->blocks;
    b->runs.n = c->runs;
    b->wraps.n = c->wraps;
    b->tables.n = c->tables;
    b->rows.n = c->rows;
    b->cells.n = c->cells;
    b->notes.n = c->notes;
    b->links.n = c->links;
    b->images.n = c->images;
    b->bookmarks.n = c->bookmarks;
    b->revisions.n = c->revisions;
    b->comment_marks.n = c->comment_marks;
    b->note_marks.n = c->note_marks;
    b->bands.n = c->bands;
    b->warnings.n = c->warnings;
    b->hidden.n = c->hidden;
}

static enum err read_once(struct doc__story *s, const struct xml_options *o, bool *ret_again, struct error *e)
{
    static const struct xml_handler handler = {.start = on_start, .end = on_end, .text = on_text};
    struct str bytes = s->b->parts.at[s->part].bytes;
    s->story = s->root_story;
    s->last_closed = s->cell = s->note = DOC_NONE;
    s->layout_first = (uint32_t)s->b->blocks.n;
    doc__numbering_reset(s->b->numbering);
    TRY(xml_read(bytes, o, &handler, s, e));
    return doc__fields_close(s, 0, bytes.n, ret_again, e);
}

static void clamp(const struct doc__builder *b, struct doc_place *place)
{
    if (place->block == DOC_NONE || place->block < b->blocks.n) return;
    *place = (struct doc_place){0, 0};
    if (b->blocks.n)
        *place = (struct doc_place){(uint32_t)(b->blocks.n - 1), (uint32_t)b->blocks.at[b->blocks.n - 1].text.n};
}

/* Places "at the start of the next paragraph" when there was none: they go to the end of the last one. */
static void clamp_places(struct doc__builder *b, const struct checkpoint *from)
{
    for (size_t i = from->links; i < b->links.n; i++) {
        struct doc_anchor *anchor = &b->links.at[i].anchor;
        clamp(b, &anchor->start);
        clamp(b, &anchor->end);
        if (anchor->end.block < anchor->start.block ||
            (anchor->end.block == anchor->start.block && anchor->end.offset < anchor->start.offset))
            anchor->start = anchor->end;
    }
    for (size_t i = from->images; i < b->images.n; i++)
        clamp(b, &b->images.at[i].place);
    for (size_t i = from->bookmarks; i < b->bookmarks.n; i++)
        clamp(b, &b->bookmarks.at[i].place);
    for (size_t i = from->revisions; i < b->revisions.n; i++)
        clamp(b, &b->revisions.at[i].place);
    for (size_t i = from->hidden; i < b->hidden.n; i++)
        clamp(b, &b->hidden.at[i].place);
    for (size_t i = from->comment_marks; i < b->comment_marks.n; i++)
        clamp(b, &b->comment_marks.at[i].place);
    for (size_t i = from->note_marks; i < b->note_marks.n; i++)
        clamp(b, &b->note_marks.at[i].place);
    for (size_t i = from->blocks; i < b->blocks.n; i++)
        if (b->blocks.at[i].story == DOC_STORY_TEXTBOX) clamp(b, &b->blocks.at[i].body_place);
}

/* How many tags of that local name a part has, from samples of its start, middle and end. */
static size_t estimate_tags(struct str bytes, struct str local)
{
    size_t found = 0, seen = 0;
    for (size_t k = 0; k < 3; k++) {
        size_t from = bytes.n / 3 * k;
        struct str sample = str_sub(bytes, from, from + SAMPLE_BYTES);
        if (k > 0 && bytes.n < 3 * SAMPLE_BYTES) break;
        seen += sample.n;
        for (size_t at = 0; (at = str_find(sample, local, at)) != STR_NONE; at += local.n)
            if (at + local.n < sample.n && (sample.p[at + local.n] == '>' || sample.p[at + local.n] == ' ')) found++;
    }
    return seen ? (size_t)((double)found / (double)seen * (double)bytes.n * 1.06) + 64 : 0;
}

/* The two large arrays at about their final size: growing by doubling would leave as much again behind. An estimate
 * that is wrong costs that, nothing else; no memory is no error here. */
static void reserve(struct doc__builder *b, struct str bytes)
{
    if (bytes.n < RESERVE_FROM) return;
    size_t blocks = estimate_tags(bytes, STR("<w:p")), runs = estimate_tags(bytes, STR("<w:t"));
    /* A part of nothing but tags must not take the memory that reading it needs. */
    size_t share = b->options.limits.max_memory_bytes / 4;
    if (blocks > share / sizeof(struct doc_block)) blocks = share / sizeof(struct doc_block);
    if (runs > share / sizeof(struct doc_run)) runs = share / sizeof(struct doc_run);
    if (!b->blocks.cap && blocks && (b->blocks.at = NEW(b->a, struct doc_block, blocks))) b->blocks.cap = blocks;
    if (!b->runs.cap && runs && (b->runs.at = NEW(b->a, struct doc_run, runs))) b->runs.cap = runs;
}

static enum err read_part(struct doc__story *s, struct str name, const struct checkpoint *start, struct error *e)
{
    struct doc__builder *b = s->b;
    char *what = str_to_c(b->a, name);
    if (!what) return error_no_memory(e);
    const struct xml_options o = {.vocab = &doc__vocab, .max_depth = b->options.limits.max_depth, .what = what};
    bool again = false;
    TRY(read_once(s, &o, &again, e));
    if (!again) return ERR_OK;
    /* The first pass found every field that nobody ends, so the second finds none. */
    checkpoint_restore(b, start);
    struct doc__story fresh = {
        .b = b, .root_story = s->root_story, .outside = s->outside, .part = s->part, .rels = s->rels};
    fresh.broken_fields.at = s->broken_fields.at;
    fresh.broken_fields.n = s->broken_fields.n;
    fresh.broken_fields.cap = s->broken_fields.cap;
    *s = fresh;
    return read_once(s, &o, &again, e);
}

enum err doc__story_read(struct doc__builder *b, enum doc_story story, struct str name, struct doc_place body_place,
                         struct error *e)
{
    struct str bytes = STR_EMPTY;
    TRY(doc_package_part(b->package, name, &bytes, e));
    struct doc__story s = {.b = b, .root_story = story, .outside = body_place, .part = (uint32_t)b->parts.n};
    TRY(doc_package_rels(b->package, name, &s.rels, e));
    struct doc_part *part = VEC_PUSH(b->a, &b->parts);
    if (!part) return error_no_memory(e);
    *part = (struct doc_part){.name = name, .bytes = bytes, .story = story, .w_prefix = STR("w")};
    reserve(b, bytes);
    struct checkpoint start = checkpoint_take(b);
    enum err code = read_part(&s, name, &start, e);
    if (code != ERR_OK) { /* the caller may go on without this part */
        checkpoint_restore(b, &start);
        b->parts.n--;
        return code;
    }
    clamp_places(b, &start);
    return ERR_OK;
}
