/* What stands in paragraphs: text, characters that are elements, objects, formulas, references to notes; and how it
 * looks. See story_priv.h. Sources: ECMA-376 part 1, 17.3.2–17.3.3, 22.1; reference 8. Limits: symbols outside the
 * table stay private-use characters. */
#include "doc/story_priv.h"

#include "base/sb.h"
#include "base/utf8.h"

/* Properties that a paragraph style and a character style toggle against each other (17.7.3). */
#define TOGGLES (DOC_BOLD | DOC_ITALIC | DOC_STRIKE | DOC_CAPS | DOC_SMALL_CAPS | DOC__VANISH)

static bool in_run(const struct doc__story *s)
{
    return s->in_para && s->n_paras && s->paras.at[s->n_paras - 1].r.open;
}

enum err doc__start_r(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!s->in_para) return ERR_OK;
    TRY(doc__para_ready(s, e));
    struct doc__para *p = doc__para(s);
    if (p->r.open) {
        struct doc__r *outer = VEC_PUSH(s->b->a, &p->outer_r);
        if (!outer) return error_no_memory(e);
        *outer = p->r;
    }
    p->r = (struct doc__r){.open = true,
                           .range = {tag->start, tag->end},
                           .open_end = tag->end,
                           .rpr = {tag->end, tag->end},
                           .format = p->format,
                           .hidden = (p->format.on & DOC__VANISH) != 0};
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_R;
    f->index = (uint32_t)p->runs.n;
    return ERR_OK;
}

enum err doc__end_r(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)e;
    struct doc__para *p = doc__para(s);
    for (size_t i = f->index; i < p->runs.n; i++)
        if (p->runs.at[i].r.start == p->r.range.start) p->runs.at[i].r.end = tag->end;
    doc__fields_r_ends(s, tag->end);
    p->r.open = false;
    if (p->outer_r.n) p->r = p->outer_r.at[--p->outer_r.n];
    return ERR_OK;
}

/* ---- looks ---- */

enum err doc__start_r_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)e;
    if (doc__story_parent(s) != IS_R) {
        doc__story_skip(s, tag);
        return ERR_OK;
    }
    struct doc__para *p = doc__para(s);
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_R_PR;
    f->at = tag->start;
    p->r.format = (struct doc__format){0}; /* direct ones are collected, then put over the styles */
    return ERR_OK;
}

enum err doc__child_r_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__para *p = doc__para(s);
    doc__story_skip(s, tag);
    if (tag->token == T_R_PR_CHANGE) return doc__format_change(s, tag, e);
    if (tag->token == T_R_STYLE) {
        const struct doc__style *style = doc__style(&s->b->styles, xml_attr(tag, T_VAL));
        doc__story_frame(s)[-1].index = style ? (uint32_t)(style - s->b->styles.all.at) : DOC_NONE;
        return ERR_OK;
    }
    doc__format_read(&p->r.format, tag);
    return ERR_OK;
}

enum err doc__end_r_pr(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)e;
    struct doc__para *p = doc__para(s);
    struct doc__format format = p->format;
    if (f->index != DOC_NONE) {
        const struct doc__format *style = &s->b->styles.all.at[f->index].format;
        uint32_t toggled = p->format.on ^ style->on;
        format = doc__format_over(format, *style);
        uint32_t both = style->set & TOGGLES;
        format.on = (format.on & ~both) | (toggled & both);
    }
    format = doc__format_over(format, p->r.format);
    p->r.format = format;
    p->r.hidden = (format.on & DOC__VANISH) != 0;
    p->r.rpr = (struct doc_range){f->at, tag->end};
    return ERR_OK;
}

static uint32_t public_format(const struct doc__story *s, const struct doc__para *p, const struct doc__format *f)
{
    uint32_t on = f->on & (DOC__VANISH - 1);
    bool shaded = p->shaded || (f->on & DOC__SHADED) || s->story == DOC_STORY_TEXTBOX;
    if (s->tables.n) {
        const struct doc__open_table *t = &s->tables.at[s->tables.n - 1];
        shaded = shaded || t->styled || t->cell_shaded;
    }
    if (shaded || (f->on & DOC_HIGHLIGHT)) on &= ~(uint32_t)DOC_WHITE;
    if (f->color && f->color == f->fill) on |= DOC_WHITE;
    return on;
}

/* A run of the open paragraph for text that was just put: everything but the kind's own fields. NULL on no memory. */
static struct doc_run *run_push(struct doc__story *s, enum doc_run_kind kind, size_t start)
{
    struct doc__para *p = doc__para(s);
    struct doc_run *run = VEC_PUSH(s->b->a, &p->runs);
    if (!run) return NULL;
    *run = (struct doc_run){.kind = kind,
                            .start = (uint32_t)start,
                            .end = (uint32_t)p->text.n,
                            .format = public_format(s, p, &p->r.format),
                            .half_points = p->r.format.half_points,
                            .wrap = doc__wrap_top(s),
                            .ref = DOC_NONE,
                            .r = p->r.range,
                            .r_open_end = p->r.open_end,
                            .rpr = p->r.rpr};
    return run;
}

/* ---- text ---- */

static enum doc__sink sink_for(const struct doc__story *s, const struct xml_tag *tag)
{
    if (s->math && s->in_para) return doc__story_visible(s) ? SINK_MATH : SINK_REVISION;
    if (!in_run(s) || tag->token == T_M_T) return SINK_NONE;
    const struct doc__para *p = &s->paras.at[s->n_paras - 1];
    if (doc__field_in_code(s)) return SINK_NONE;
    if (p->r.hidden) return s->dead ? SINK_NONE : SINK_HIDDEN;
    if (s->dead) return SINK_REVISION;
    if (tag->token == T_DEL_TEXT && !s->revived)
        return SINK_NONE; /* deleted text outside a deletion: Word does not show it */
    return SINK_TEXT;
}

enum err doc__start_text(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)e;
    doc__story_frame(s)->what = IS_TEXT;
    s->sink = sink_for(s, tag);
    if (s->sink != SINK_TEXT && s->sink != SINK_MATH) return ERR_OK;
    s->text_start = doc__para(s)->text.n;
    s->pending = (struct doc_run){.element = {tag->start, tag->end},
                                  .content = {tag->end, tag->end},
                                  .preserve = str_eq_c(xml_attr(tag, T_XML_SPACE), "preserve")};
    return ERR_OK;
}

static bool is_xml_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* Takes white space off both ends of the text that was just put; returns how much at its start. */
static size_t trim_text(struct doc__chars *text, size_t start)
{
    size_t from = start, to = text->n;
    while (to > from && is_xml_space(text->p[to - 1]))
        to--;
    while (from < to && is_xml_space(text->p[from]))
        from++;
    if (from > start) memmove(text->p + start, text->p + from, to - from);
    text->n = to - (from - start);
    return from - start;
}

enum err doc__end_text(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)f;
    enum doc__sink sink = s->sink;
    s->sink = SINK_NONE;
    if (sink != SINK_TEXT && sink != SINK_MATH) return ERR_OK;
    struct doc__para *p = doc__para(s);
    size_t trim = 0;
    if (!s->pending.preserve && p->text.n > s->text_start) trim = trim_text(&p->text, s->text_start);
    if (p->text.n == s->text_start) return ERR_OK;
    if (trim > UINT16_MAX)
        return error_set_reason(e, ERR_LIMIT, "too_large", "the document has a text with %zu spaces in front", trim);
    struct doc_run *run = run_push(s, sink == SINK_TEXT ? DOC_RUN_TEXT : DOC_RUN_MATH, s->text_start);
    if (!run) return error_no_memory(e);
    run->trim = (uint16_t)trim;
    run->element = (struct doc_range){s->pending.element.start, tag->end};
    run->content =
        (struct doc_range){s->pending.content.start, tag->start == tag->end ? s->pending.content.start : tag->start};
    run->preserve = s->pending.preserve;
    if (sink == SINK_MATH) {
        run->r = s->math_range;
        run->r_open_end = s->math_range.end;
        run->rpr = (struct doc_range){s->math_range.end, s->math_range.end};
    }
    if (!s->n_revisions) return ERR_OK;
    return doc__revision_text(s, (struct str){p->text.p + s->text_start, p->text.n - s->text_start}, e);
}

/* ---- characters that are elements ---- */

/* Symbol fonts: byte → what it shows. Anything else of a symbol font stays in the private use area, where w:char has
 * it. */
static const struct {
    const char *font;
    uint16_t code;
    uint16_t rune;
} symbols[] = {
    {"Symbol", 0xB7, 0x2022},      {"Symbol", 0xB0, 0x00B0},      {"Symbol", 0xB1, 0x00B1},
    {"Symbol", 0xB3, 0x2265},      {"Symbol", 0xA3, 0x2264},      {"Symbol", 0xB4, 0x00D7},
    {"Symbol", 0xB8, 0x00F7},      {"Symbol", 0xB9, 0x2260},      {"Symbol", 0xBB, 0x2248},
    {"Symbol", 0xAE, 0x2192},      {"Symbol", 0xAC, 0x2190},      {"Symbol", 0xDE, 0x21D2},
    {"Symbol", 0x61, 0x03B1},      {"Symbol", 0x62, 0x03B2},      {"Symbol", 0x67, 0x03B3},
    {"Symbol", 0x64, 0x03B4},      {"Symbol", 0x65, 0x03B5},      {"Symbol", 0x6D, 0x03BC},
    {"Symbol", 0x70, 0x03C0},      {"Symbol", 0x73, 0x03C3},      {"Symbol", 0x44, 0x0394},
    {"Symbol", 0x53, 0x03A3},      {"Symbol", 0x57, 0x03A9},      {"Symbol", 0xA5, 0x221E},
    {"Symbol", 0x2D, 0x2212},      {"Symbol", 0xD3, 0x00A9},      {"Symbol", 0xD2, 0x00AE},
    {"Symbol", 0xD4, 0x2122},      {"Wingdings", 0xA7, 0x25AA},   {"Wingdings", 0x6C, 0x25CF},
    {"Wingdings", 0x6E, 0x25A0},   {"Wingdings", 0xA8, 0x25FB},   {"Wingdings", 0x6F, 0x25A1},
    {"Wingdings", 0xFC, 0x2713},   {"Wingdings", 0xFB, 0x2717},   {"Wingdings", 0xFE, 0x2611},
    {"Wingdings", 0xFD, 0x2612},   {"Wingdings", 0xD8, 0x27A2},   {"Wingdings", 0xE0, 0x2192},
    {"Wingdings", 0xDF, 0x2190},   {"Wingdings", 0xE8, 0x2794},   {"Wingdings", 0x4A, 0x263A},
    {"Wingdings", 0x4C, 0x2639},   {"Wingdings 2", 0x50, 0x2713}, {"Wingdings 2", 0x52, 0x2611},
    {"Wingdings 2", 0xA3, 0x25A1},
};

static uint32_t parse_hex(struct str s)
{
    uint32_t v = 0;
    for (size_t i = 0; i < s.n && i < 6; i++) {
        char c = s.p[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) return 0;
        v = v * 16 + digit;
    }
    return v;
}

static uint32_t symbol_rune(const struct xml_tag *tag)
{
    uint32_t v = parse_hex(xml_attr(tag, T_CHAR));
    struct str font = xml_attr(tag, T_FONT);
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
        if ((v & 0xF0FF) == (0xF000u | symbols[i].code) || v == symbols[i].code)
            if (str_eq_nocase(font, str_from_c(symbols[i].font))) return symbols[i].rune;
    return v >= 0x20 && v <= 0xFFFD && (v < 0xD800 || v > 0xDFFF) ? v : 0xFFFD;
}

static uint32_t char_rune(const struct xml_tag *tag)
{
    switch (tag->token) {
    case T_TAB:
    case T_PTAB: return '\t';
    case T_CR: return '\n';
    case T_BR: {
        struct str type = xml_attr(tag, T_TYPE);
        return str_eq_c(type, "page") || str_eq_c(type, "column") ? '\f' : '\n';
    }
    case T_NO_BREAK_HYPHEN: return 0x2011;
    case T_SOFT_HYPHEN: return 0x00AD;
    default: return symbol_rune(tag);
    }
}

/* Puts one character as a run whose element is still open. */
static enum err put_rune(struct doc__story *s, enum doc_run_kind kind, uint32_t rune, size_t tag_start, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(8);
    sb_rune(&b, rune);
    struct str text = sb_view(&b);
    if (!sb_ok(&b)) return error_no_memory(e);
    if (s->dead) return doc__revision_text(s, text, e);
    struct doc__para *p = doc__para(s);
    size_t start = p->text.n;
    TRY(doc__chars_put(s, &p->text, text, e));
    struct doc_run *run = run_push(s, kind, start);
    if (!run) return error_no_memory(e);
    run->element = (struct doc_range){tag_start, tag_start};
    return s->n_revisions ? doc__revision_text(s, text, e) : ERR_OK;
}

enum err doc__start_char(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!in_run(s) || doc__para(s)->r.hidden || doc__field_in_code(s)) return ERR_OK;
    TRY(put_rune(s, DOC_RUN_CHAR, char_rune(tag), tag->start, e));
    if (s->dead) return ERR_OK;
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_CHAR;
    f->index = (uint32_t)(doc__para(s)->runs.n - 1);
    return ERR_OK;
}

enum err doc__end_char(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)e;
    doc__para(s)->runs.at[f->index].element.end = tag->end;
    return ERR_OK;
}

enum err doc__start_note_ref(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct str id = xml_attr(tag, T_ID);
    if (!in_run(s) || !id.p || s->root_story != DOC_STORY_BODY) return ERR_OK;
    struct doc__note_mark *mark = VEC_PUSH(s->b->a, &s->b->note_marks);
    if (!mark) return error_no_memory(e);
    mark->story = tag->token == T_FOOTNOTE_REFERENCE ? DOC_STORY_FOOTNOTE : DOC_STORY_ENDNOTE;
    mark->place = doc__story_place(s);
    mark->live = doc__story_visible(s) && !doc__para(s)->r.hidden;
    TRY(doc__story_dup(s, id, &mark->id, e));
    if (!mark->live) return ERR_OK;
    struct doc_run *run = run_push(s, DOC_RUN_NOTE, doc__para(s)->text.n);
    if (!run) return error_no_memory(e);
    run->element = (struct doc_range){tag->start, tag->end};
    run->ref = (uint32_t)(s->b->note_marks.n - 1); /* of the mark; read.c puts the note's index here */
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_CHAR;
    f->index = (uint32_t)(doc__para(s)->runs.n - 1);
    return ERR_OK;
}

/* ---- formulas ---- */

enum err doc__start_math(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!s->in_para) return ERR_OK;
    TRY(doc__para_ready(s, e));
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_MATH;
    if (s->math++ > 0) return ERR_OK;
    TRY(doc__wrap_push(s, DOC_WRAP_MATH, tag->start, tag->end, &f->index, e));
    s->math_range = (struct doc_range){tag->start, tag->end};
    f->at = doc__para(s)->runs.n;
    return ERR_OK;
}

enum err doc__end_math(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)e;
    s->math--;
    if (f->index == DOC_NONE) return ERR_OK;
    struct doc__para *p = doc__para(s);
    for (size_t i = f->at; i < p->runs.n; i++)
        if (p->runs.at[i].kind == DOC_RUN_MATH) p->runs.at[i].r.end = tag->end;
    struct doc_wrap *wrap = &s->b->wraps.at[f->index];
    wrap->src.end = tag->end;
    wrap->content_end = tag->start == tag->end ? wrap->content_start : tag->start;
    doc__wrap_pop(s, f->index);
    return ERR_OK;
}

/* ---- pictures and objects ---- */

enum err doc__start_drawing(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!in_run(s)) return ERR_OK;
    struct doc__drawing *d = VEC_PUSH(s->b->a, &s->drawings);
    if (!d) return error_no_memory(e);
    *d = (struct doc__drawing){.start = tag->start};
    doc__story_frame(s)->what = IS_DRAWING;
    return ERR_OK;
}

static enum err drawing_target(struct doc__story *s, struct doc__drawing *d, struct str rel_id, struct error *e)
{
    d->has_object = true;
    if (!rel_id.n || d->target.p) return ERR_OK;
    const struct doc_rel *rel = doc_rels_by_id(&s->rels, rel_id);
    if (!rel) return ERR_OK;
    d->target = rel->target;
    d->external = rel->external;
    if (!rel->external) return ERR_OK;
    return doc__warn(s->b, DOC_WARN_EXTERNAL_TARGET, e,
                     "a picture is linked from outside the document and was not fetched: %.*s", STR_ARG(rel->target));
}

enum err doc__start_drawing_detail(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!s->drawings.n) return ERR_OK;
    struct doc__drawing *d = &s->drawings.at[s->drawings.n - 1];
    switch (tag->token) {
    case T_WP_DOC_PR: {
        if (d->has_name) return ERR_OK;
        d->has_name = true;
        struct str alt = xml_attr(tag, T_PLAIN_DESCR);
        if (!alt.n) alt = xml_attr(tag, T_PLAIN_TITLE);
        TRY(doc__story_dup(s, xml_attr(tag, T_PLAIN_NAME), &d->name, e));
        return doc__story_dup(s, alt, &d->alt, e);
    }
    case T_V_SHAPE: {
        struct str alt = xml_attr(tag, T_PLAIN_ALT);
        return d->has_name || !alt.n ? ERR_OK : doc__story_dup(s, alt, &d->alt, e);
    }
    case T_A_BLIP: {
        struct str id = xml_attr(tag, T_R_EMBED);
        return drawing_target(s, d, id.n ? id : xml_attr(tag, T_R_LINK), e);
    }
    case T_O_OLEOBJECT:
        d->is_ole = true;
        d->has_object = true;
        return ERR_OK;
    case T_V_IMAGEDATA:
    case T_C_CHART: return drawing_target(s, d, xml_attr(tag, T_R_ID), e);
    default: d->has_object = true; return ERR_OK; /* a diagram */
    }
}

enum err doc__end_drawing(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)f;
    struct doc__drawing d = s->drawings.at[--s->drawings.n];
    if (d.is_ole) s->b->has_object = true;
    if (!d.has_object || !in_run(s) || doc__para(s)->r.hidden || doc__field_in_code(s)) return ERR_OK;
    if (s->dead) return put_rune(s, DOC_RUN_OBJECT, 0xFFFC, d.start, e);
    struct doc_image *image = VEC_PUSH(s->b->a, &s->b->images);
    if (!image) return error_no_memory(e);
    *image = (struct doc_image){
        .place = doc__story_place(s), .name = d.name, .alt = d.alt, .target = d.target, .external = d.external};
    TRY(put_rune(s, DOC_RUN_OBJECT, 0xFFFC, d.start, e));
    struct doc__para *p = doc__para(s);
    p->runs.at[p->runs.n - 1].element.end = tag->end;
    p->runs.at[p->runs.n - 1].ref = (uint32_t)(s->b->images.n - 1);
    return ERR_OK;
}
