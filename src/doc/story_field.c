/* Fields: their code is not text, their result is. A complex field is begin … separate … end in runs that may stand
 * in different paragraphs and nest, so they have a list of their own. A begin that nobody ends would hide the rest of
 * the document: the story is then read again with that begin ignored — text that Word may not show is better than
 * text that nobody reviews. See story_priv.h. Sources: ECMA-376 part 1, 17.16. */
#include "doc/story_priv.h"

#include <stdlib.h>

bool doc__field_in_code(const struct doc__story *s)
{
    for (size_t i = s->field_base; i < s->n_fields; i++)
        if (s->fields.at[i].in_code) return true;
    return false;
}

static int by_offset(const void *x, const void *y)
{
    const size_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static bool is_broken(const struct doc__story *s, size_t begin)
{
    return s->broken_fields.n && bsearch(&begin, s->broken_fields.at, s->broken_fields.n, sizeof begin, by_offset);
}

/* What a HYPERLINK instruction points to: "url", or \l "bookmark". */
static struct str link_target(struct arena *a, struct str instr)
{
    struct str rest = str_trim(str_sub(instr, 9, instr.n)), target = STR(""), bookmark = STR_EMPTY;
    bool local = false;
    while (rest.n) {
        struct str word;
        if (rest.p[0] == '"') {
            size_t end = str_find_char(rest, '"', 1);
            word = str_sub(rest, 1, end);
            rest = end == STR_NONE ? STR_EMPTY : str_trim(str_sub(rest, end + 1, rest.n));
        } else {
            size_t end = str_find_char(rest, ' ', 0);
            word = str_sub(rest, 0, end);
            rest = end == STR_NONE ? STR_EMPTY : str_trim(str_sub(rest, end, rest.n));
        }
        if (str_eq_nocase(word, STR("\\l")))
            local = true;
        else if (local) {
            bookmark = word;
            local = false;
        } else if (word.n && word.p[0] != '\\' && !target.n)
            target = word;
    }
    if (!bookmark.n) return target;
    return str_printf(a, "%.*s#%.*s", STR_ARG(target), STR_ARG(bookmark));
}

static bool instr_is(struct str instr, struct str name)
{
    return str_starts_nocase(instr, name) && (instr.n == name.n || instr.p[name.n] == ' ' || instr.p[name.n] == '"');
}

/* The instruction is complete: gives the wrap its text, and a link where it is one. */
static enum err settle_instr(struct doc__story *s, uint32_t wrap, struct str instr, struct error *e)
{
    TRY(doc__story_dup(s, str_trim(instr), &s->b->wraps.at[wrap].field, e));
    instr = s->b->wraps.at[wrap].field;
    if (!instr_is(instr, STR("HYPERLINK"))) return ERR_OK;
    struct doc_link *link = VEC_PUSH(s->b->a, &s->b->links);
    if (!link) return error_no_memory(e);
    link->target = link_target(s->b->a, instr);
    if (!link->target.p) return error_no_memory(e);
    link->external = link->target.n && link->target.p[0] != '#';
    link->anchor.start = link->anchor.end = doc__story_place(s);
    s->b->wraps.at[wrap].link = (uint32_t)(s->b->links.n - 1);
    return ERR_OK;
}

static enum err field_begin(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (is_broken(s, tag->start)) return ERR_OK;
    struct doc__field *field = s->n_fields < s->fields.n ? &s->fields.at[s->n_fields] : VEC_PUSH(s->b->a, &s->fields);
    if (!field) return error_no_memory(e);
    s->n_fields++;
    *field = (struct doc__field){.begin = tag->start, .in_code = true, .instr = field->instr};
    field->instr.n = 0;
    const struct doc__r *r = &doc__para(s)->r;
    return doc__wrap_push(s, DOC_WRAP_FIELD, r->open ? r->range.start : tag->start, tag->end, &field->wrap, e);
}

static enum err field_separate(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__field *field = &s->fields.at[s->n_fields - 1];
    if (!field->in_code) return ERR_OK;
    field->in_code = false;
    TRY(settle_instr(s, field->wrap, (struct str){field->instr.p, field->instr.n}, e));
    struct doc_wrap *wrap = &s->b->wraps.at[field->wrap];
    wrap->content_start = wrap->content_end = tag->end;
    if (!instr_is(wrap->field, STR("TOC"))) return ERR_OK;
    field->is_toc = true;
    s->toc++;
    s->b->blocks.at[doc__para(s)->block].is_toc = true;
    return ERR_OK;
}

/* Takes the innermost field off the list. r_end: where the w:r of its end character ends, as far as it is known yet. */
static enum err close_field(struct doc__story *s, size_t content_end, struct error *e)
{
    struct doc__field *field = &s->fields.at[--s->n_fields];
    if (field->in_code) TRY(settle_instr(s, field->wrap, (struct str){field->instr.p, field->instr.n}, e));
    if (field->is_toc) s->toc--;
    struct doc_wrap *wrap = &s->b->wraps.at[field->wrap];
    if (wrap->link != DOC_NONE) s->b->links.at[wrap->link].anchor.end = doc__story_end_place(s);
    wrap->content_end = field->in_code ? wrap->content_start : content_end;
    doc__wrap_pop(s, field->wrap);
    return ERR_OK;
}

enum err doc__start_fld_char(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!s->in_para || !s->n_paras) return ERR_OK;
    TRY(doc__para_ready(s, e));
    struct str type = xml_attr(tag, T_FLD_CHAR_TYPE);
    if (str_eq_c(type, "begin")) return field_begin(s, tag, e);
    if (s->n_fields <= s->field_base) return ERR_OK; /* nothing is open here */
    if (str_eq_c(type, "separate")) return field_separate(s, tag, e);
    if (!str_eq_c(type, "end")) return ERR_OK;
    uint32_t wrap = s->fields.at[s->n_fields - 1].wrap;
    TRY(close_field(s, tag->start, e));
    s->b->wraps.at[wrap].src.end = tag->end;
    struct doc__r *r = &doc__para(s)->r;
    if (!r->open) return ERR_OK;
    uint32_t *ending = VEC_PUSH(s->b->a, &s->ending_fields); /* the w:r goes on: its end is the field's */
    if (!ending) return error_no_memory(e);
    *ending = wrap;
    return ERR_OK;
}

void doc__fields_r_ends(struct doc__story *s, size_t end)
{
    for (size_t i = 0; i < s->ending_fields.n; i++)
        s->b->wraps.at[s->ending_fields.at[i]].src.end = end;
    s->ending_fields.n = 0;
}

enum err doc__fields_close(struct doc__story *s, size_t base, size_t end, bool *ret_again, struct error *e)
{
    bool found = false;
    while (s->n_fields > base) {
        const struct doc__field *field = &s->fields.at[s->n_fields - 1];
        size_t *broken = VEC_PUSH(s->b->a, &s->broken_fields);
        if (!broken) return error_no_memory(e);
        *broken = field->begin;
        found = true;
        uint32_t wrap = field->wrap;
        TRY(close_field(s, end, e));
        s->b->wraps.at[wrap].src.end = end;
    }
    if (found) qsort(s->broken_fields.at, s->broken_fields.n, sizeof *s->broken_fields.at, by_offset);
    *ret_again = *ret_again || found || s->again;
    return ERR_OK;
}

enum err doc__start_fld_simple(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!s->in_para) return ERR_OK;
    TRY(doc__para_ready(s, e));
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_WRAP;
    TRY(doc__wrap_push(s, DOC_WRAP_FLD_SIMPLE, tag->start, tag->end, &f->index, e));
    TRY(settle_instr(s, f->index, xml_attr(tag, T_INSTR), e));
    if (s->b->wraps.at[f->index].link != DOC_NONE) f->what = IS_LINK;
    return ERR_OK;
}

enum err doc__start_instr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)tag;
    (void)e;
    doc__story_frame(s)->what = IS_INSTR;
    s->sink = s->n_fields > s->field_base && s->fields.at[s->n_fields - 1].in_code ? SINK_INSTR : SINK_NONE;
    return ERR_OK;
}

enum err doc__end_instr(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)tag;
    (void)f;
    (void)e;
    s->sink = SINK_NONE;
    return ERR_OK;
}
