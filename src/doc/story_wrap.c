/* What stands around runs: links, content controls, tracked changes, text boxes. See story_priv.h. A run's wrapper is
 * the innermost that is open. Fields begin and end where they like, so open wrappers are a list that things leave
 * from the middle, not a stack. Sources: ECMA-376 part 1, 17.5, 17.13, 17.16.22. */
#include "doc/story_priv.h"

#include "base/time.h"

uint32_t doc__wrap_top(const struct doc__story *s) { return s->wraps.n ? s->wraps.at[s->wraps.n - 1] : DOC_NONE; }

enum err doc__wrap_push(struct doc__story *s, enum doc_wrap_kind kind, size_t start, size_t content, uint32_t *ret,
                        struct error *e)
{
    uint32_t parent = doc__wrap_top(s);
    struct doc_wrap *wrap = VEC_PUSH(s->b->a, &s->b->wraps);
    uint32_t *open = VEC_PUSH(s->b->a, &s->wraps);
    if (!wrap || !open) return error_no_memory(e);
    *wrap = (struct doc_wrap){.kind = kind,
                              .parent = parent,
                              .part = s->part,
                              .src = {start, content},
                              .content_start = content,
                              .content_end = content,
                              .revision = DOC_NONE,
                              .link = DOC_NONE};
    *open = *ret = (uint32_t)(s->b->wraps.n - 1);
    return ERR_OK;
}

void doc__wrap_pop(struct doc__story *s, uint32_t wrap)
{
    for (size_t i = s->wraps.n; i > 0; i--) {
        if (s->wraps.at[i - 1] != wrap) continue;
        memmove(&s->wraps.at[i - 1], &s->wraps.at[i], (s->wraps.n - i) * sizeof *s->wraps.at);
        s->wraps.n--;
        return;
    }
}

enum err doc__start_wrap(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!s->in_para) return ERR_OK;
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_WRAP;
    return doc__wrap_push(s, tag->token == T_SMART_TAG ? DOC_WRAP_SMART_TAG : DOC_WRAP_OTHER, tag->start, tag->end,
                          &f->index, e);
}

static void close_wrap(struct doc__story *s, uint32_t index, const struct xml_tag *tag)
{
    struct doc_wrap *wrap = &s->b->wraps.at[index];
    wrap->src.end = tag->end;
    if (tag->start != tag->end) wrap->content_end = tag->start;
    doc__wrap_pop(s, index);
}

enum err doc__end_wrap(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)e;
    close_wrap(s, f->index, tag);
    return ERR_OK;
}

/* ---- links ---- */

enum err doc__start_link(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (!s->in_para) return ERR_OK;
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_LINK;
    TRY(doc__wrap_push(s, DOC_WRAP_HYPERLINK, tag->start, tag->end, &f->index, e));
    struct str id = xml_attr(tag, T_R_ID), bookmark = xml_attr(tag, T_ANCHOR);
    struct doc_link *link = VEC_PUSH(s->b->a, &s->b->links);
    if (!link) return error_no_memory(e);
    s->b->wraps.at[f->index].link = (uint32_t)(s->b->links.n - 1);
    link->target = STR("");
    const struct doc_rel *rel = id.n ? doc_rels_by_id(&s->rels, id) : NULL;
    if (rel) {
        link->target = rel->target;
        link->external = rel->external;
        if (bookmark.n) link->target = str_printf(s->b->a, "%.*s#%.*s", STR_ARG(rel->target), STR_ARG(bookmark));
    } else if (!id.n && bookmark.n) {
        link->target = str_printf(s->b->a, "#%.*s", STR_ARG(bookmark));
    }
    if (!link->target.p) return error_no_memory(e);
    link->anchor.start = link->anchor.end = doc__story_place(s);
    return ERR_OK;
}

enum err doc__end_link(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)e;
    s->b->links.at[s->b->wraps.at[f->index].link].anchor.end = doc__story_place(s);
    close_wrap(s, f->index, tag);
    return ERR_OK;
}

/* ---- tracked changes ---- */

bool doc__revision_rejected(const struct doc__story *s, const struct xml_tag *tag)
{
    uint64_t id = 0, from = s->b->options.reject_revisions_from;
    return from && from <= DOC_REVISION_ID_MAX &&
           str_to_u64(xml_attr(tag, T_ID), from, DOC_REVISION_ID_MAX, &id, NULL) == ERR_OK;
}

enum err doc__revision_push(struct doc__story *s, enum doc_revision_kind kind, const struct xml_tag *tag,
                            struct str text, uint32_t *ret, struct error *e)
{
    struct doc_revision *revision = VEC_PUSH(s->b->a, &s->b->revisions);
    if (!revision) return error_no_memory(e);
    *revision =
        (struct doc_revision){.kind = kind, .text = text, .date_unix_ms = INT64_MIN, .place = doc__story_place(s)};
    if (ret) *ret = (uint32_t)(s->b->revisions.n - 1);
    TRY(doc__story_dup(s, xml_attr(tag, T_ID), &revision->id, e));
    TRY(doc__story_dup(s, xml_attr(tag, T_AUTHOR), &revision->author, e));
    struct str date = xml_attr(tag, T_W16DU_DATE_UTC);
    if (!date.n) date = xml_attr(tag, T_DATE);
    int64_t at = 0;
    if (date.n && time_parse_iso(date, &at)) revision->date_unix_ms = at;
    return ERR_OK;
}

enum err doc__format_change(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    doc__story_skip(s, tag);
    return doc__revision_push(s, DOC_REVISION_FORMAT, tag, STR(""), NULL, e);
}

enum err doc__revision_text(struct doc__story *s, struct str text, struct error *e)
{
    if (!s->n_revisions) return ERR_OK;
    return doc__chars_put(s, &s->revisions.at[s->n_revisions - 1].text, text, e);
}

/* Notes the change and collects its text until its end. */
static enum err open_revision(struct doc__story *s, enum doc_revision_kind kind, const struct xml_tag *tag,
                              struct error *e)
{
    struct doc__frame *f = doc__story_frame(s);
    TRY(doc__revision_push(s, kind, tag, STR(""), &f->aux, e));
    struct doc__open_revision *open =
        s->n_revisions < s->revisions.n ? &s->revisions.at[s->n_revisions] : VEC_PUSH(s->b->a, &s->revisions);
    if (!open) return error_no_memory(e);
    s->n_revisions++;
    open->index = f->aux;
    open->text.n = 0;
    return ERR_OK;
}

enum err doc__start_ins(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_INS;
    f->flag = doc__revision_rejected(s, tag);
    TRY(open_revision(s, tag->token == T_INS ? DOC_REVISION_INSERT : DOC_REVISION_MOVE_TO, tag, e));
    if (f->flag) {
        s->dead++;
        return ERR_OK;
    }
    TRY(doc__wrap_push(s, DOC_WRAP_INS, tag->start, tag->end, &f->index, e));
    s->b->wraps.at[f->index].revision = f->aux;
    return ERR_OK;
}

enum err doc__start_del(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_DEL;
    f->flag = !doc__revision_rejected(s, tag);
    TRY(open_revision(s, tag->token == T_DEL ? DOC_REVISION_DELETE : DOC_REVISION_MOVE_FROM, tag, e));
    if (f->flag) {
        s->dead++;
        return ERR_OK;
    }
    s->revived++;
    return doc__wrap_push(s, DOC_WRAP_OTHER, tag->start, tag->end, &f->index, e);
}

enum err doc__end_change(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    const struct doc__open_revision *open = &s->revisions.at[--s->n_revisions];
    if (open->text.n)
        TRY(doc__story_dup(s, (struct str){open->text.p, open->text.n}, &s->b->revisions.at[open->index].text, e));
    if (f->flag)
        s->dead--;
    else if (f->what == IS_DEL)
        s->revived--;
    if (f->index != DOC_NONE) close_wrap(s, f->index, tag);
    return ERR_OK;
}

/* ---- content controls ---- */

enum err doc__start_sdt(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_SDT;
    return doc__wrap_push(s, s->in_para ? DOC_WRAP_SDT : DOC_WRAP_SDT_BLOCK, tag->start, tag->end, &f->index, e);
}

/* Children and grandchildren of w:sdtPr alike. The frame of the w:sdt is found by looking back for it. */
enum err doc__child_sdt_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)e;
    size_t at = s->frames.n - 1;
    while (at > 0 && s->frames.at[at].what != IS_SDT)
        at--;
    struct doc_wrap *wrap = &s->b->wraps.at[s->frames.at[at].index];
    struct str v = xml_attr(tag, T_VAL);
    switch (tag->token) {
    case T_LOCK:
        if (str_eq_c(v, "contentLocked") || str_eq_c(v, "sdtContentLocked")) wrap->locked = true;
        break;
    case T_DATA_BINDING:
    case T_W15_DATA_BINDING: wrap->locked = true; break;
    case T_DOC_PART_OBJ: doc__story_frame(s)->what = IS_SDT_PR; return ERR_OK;
    case T_DOC_PART_GALLERY:
        if (str_eq_c(v, "Table of Contents")) s->frames.at[at].flag = true;
        break;
    default: break;
    }
    doc__story_skip(s, tag);
    return ERR_OK;
}

enum err doc__start_sdt_content(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)e;
    if (doc__story_parent(s) != IS_SDT) return ERR_OK;
    const struct doc__frame *sdt = doc__story_frame(s) - 1;
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_SDT_CONTENT;
    f->index = sdt->index;
    f->flag = sdt->flag;
    if (f->flag) s->toc++;
    struct doc_wrap *wrap = &s->b->wraps.at[f->index];
    wrap->content_start = wrap->content_end = tag->end;
    return ERR_OK;
}

enum err doc__end_sdt_content(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f,
                              struct error *e)
{
    (void)e;
    if (f->flag) s->toc--;
    struct doc_wrap *wrap = &s->b->wraps.at[f->index];
    if (tag->start != tag->end) wrap->content_end = tag->start;
    return ERR_OK;
}

enum err doc__end_sdt(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)e;
    s->b->wraps.at[f->index].src.end = tag->end;
    doc__wrap_pop(s, f->index);
    return ERR_OK;
}

/* ---- text boxes ---- */

enum err doc__start_textbox(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    struct doc__textbox *box = VEC_PUSH(s->b->a, &s->textboxes);
    if (!box) return error_no_memory(e);
    struct doc_place here = doc__story_place(s);
    *box = (struct doc__textbox){.story = s->story, .field_base = s->field_base};
    box->place = s->root_story == DOC_STORY_BODY ? here : s->outside;
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_TEXTBOX;
    f->flag = s->in_para;
    TRY(doc__wrap_push(s, DOC_WRAP_TEXTBOX, tag->start, tag->end, &f->index, e));
    s->story = DOC_STORY_TEXTBOX;
    s->field_base = s->n_fields;
    s->in_para = false;
    return ERR_OK;
}

enum err doc__end_textbox(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    TRY(doc__fields_close(s, s->field_base, tag->start, &s->again, e));
    const struct doc__textbox *box = &s->textboxes.at[--s->textboxes.n];
    s->story = box->story;
    s->field_base = box->field_base;
    s->in_para = f->flag;
    close_wrap(s, f->index, tag);
    return ERR_OK;
}
