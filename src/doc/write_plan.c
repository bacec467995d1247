/* The plan made into splices.
 * Every place that something stands at is a stop. At a stop the markup that is open there is closed (a cut w:t and its w:r, a w:del), the items are put in their order, and what continues is opened again with
 * the same attributes and properties. Between stops nothing changes but the names and xml:space of the w:t that were cut or deleted.
 * A w:t without xml:space="preserve" that is cut gets it, and the white space at its ends that was not text moves to a w:t of its own, or it would become text.
 * Source: ECMA-376 part 1, 17.3.2 (runs), 17.13.5.14 (w:del holds runs whose text is w:delText). */
#include "doc/write_plan.h"

#include <stdlib.h>

enum { RUN_CUT = 1, RUN_START_DELETED = 2, RUN_END_DELETED = 4 };

struct emitter {
    struct write_plan *plan;
    const struct doc_source *main;
    struct sb sb;
    VEC(struct write_point) stops;
    size_t next_item, next_deletion;
    const struct write_deletion *open; /* the deletion that the walk is in, or NULL */
    size_t open_raw;                   /* byte where it began */
    struct markup_text text;           /* of the run that is cut now */
    uint32_t text_run;
    uint8_t *flags; /* per run: RUN_… */
    VEC(uint32_t) flagged;
};

bool write_plan_add(struct write_plan *p, struct write_point at, enum write_rank rank, uint32_t order, struct str text)
{
    struct write_item *item = VEC_PUSH(p->arena, &p->items);
    if (!item) return false;
    *item = (struct write_item){at, rank, order, text};
    return true;
}

static int compare_points(const void *left, const void *right) { return write_point_compare(left, right); }

static int compare_items(const void *left, const void *right)
{
    const struct write_item *a = left;
    const struct write_item *b = right;
    int order = write_point_compare(&a->at, &b->at);
    if (order) return order;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static int compare_deletions(const void *left, const void *right)
{
    const struct write_deletion *a = left;
    const struct write_deletion *b = right;
    return write_point_compare(&a->from, &b->from);
}

static bool add_stop(struct emitter *m, struct write_point at)
{
    struct write_point *stop = VEC_PUSH(m->plan->arena, &m->stops);
    if (stop) *stop = at;
    return stop != NULL;
}

static bool collect_stops(struct emitter *m)
{
    struct write_plan *p = m->plan;
    if (p->items.n) qsort(p->items.at, p->items.n, sizeof *p->items.at, compare_items);
    if (p->deletions.n) qsort(p->deletions.at, p->deletions.n, sizeof *p->deletions.at, compare_deletions);
    for (size_t i = 0; i < p->items.n; i++)
        if (!add_stop(m, p->items.at[i].at)) return false;
    for (size_t i = 0; i < p->deletions.n; i++)
        if (!add_stop(m, p->deletions.at[i].from) || !add_stop(m, p->deletions.at[i].to)) return false;
    if (m->stops.n) qsort(m->stops.at, m->stops.n, sizeof *m->stops.at, compare_points);
    size_t kept = 0;
    for (size_t i = 0; i < m->stops.n; i++)
        if (!kept || write_point_compare(&m->stops.at[kept - 1], &m->stops.at[i])) m->stops.at[kept++] = m->stops.at[i];
    m->stops.n = kept;
    return true;
}

static bool flag(struct emitter *m, uint32_t run, unsigned what)
{
    if (!m->flags[run]) {
        uint32_t *to = VEC_PUSH(m->plan->arena, &m->flagged);
        if (!to) return false;
        *to = run;
    }
    m->flags[run] |= (uint8_t)what;
    return true;
}

/* ---- one stop ---- */

static const char *text_name(bool deleted) { return deleted ? "delText" : "t"; }

static struct markup_tag tag_at(const struct emitter *m, size_t at)
{
    struct markup_tag tag = {.name = "w:t", .prefix_n = 2};
    (void)markup_next_tag(m->main, &at, m->main->bytes.n, &tag);
    return tag;
}

static struct str prefix_of(const struct markup_tag *tag) { return (struct str){tag->name, tag->prefix_n}; }

static void open_deletion(struct emitter *m, const struct write_deletion *d)
{
    struct write_plan *p = m->plan;
    sb_printf(&m->sb, "<%.*sdel%.*s %.*sid=\"%llu\"%.*s>", STR_ARG(p->w), STR_ARG(p->w_declaration), STR_ARG(p->w),
              (unsigned long long)p->next_revision_id++, STR_ARG(d->attributes));
}

/* The properties of a run, once more: a change of them that is noted there gets an id of its own. */
static bool clone_properties(struct emitter *m, const struct doc_run *run)
{
    struct write_plan *p = m->plan;
    struct str text = doc_source_text(m->main, run->rpr, p->arena);
    if (!text.p) return false;
    struct doc_source source = {text, DOC_ENCODING_UTF8, 1};
    struct markup_tag tag;
    struct doc_range id;
    size_t at = 0, done = 0;
    if (str_find(text, STR("rPrChange"), 0) != STR_NONE && p->first_revision_id != UINT64_MAX)
        while (markup_next_tag(&source, &at, text.n, &tag))
            if (strcmp(markup_local(&tag), "rPrChange") == 0 && !tag.close && markup_attr(&source, &tag, ":id", &id)) {
                sb_str(&m->sb, str_sub(text, done, id.start));
                sb_u64(&m->sb, p->next_revision_id++);
                done = id.end;
            }
    sb_str(&m->sb, str_sub(text, done, text.n));
    return true;
}

static void close_run(struct emitter *m, const struct write_point *stop, bool deleted, bool cdata)
{
    const struct doc_run *run = &m->plan->doc->runs.at[stop->run];
    if (stop->kind == WRITE_POINT_TEXT) {
        struct markup_tag t = tag_at(m, run->element.start);
        if (cdata) sb_c(&m->sb, "]]>");
        sb_printf(&m->sb, "</%.*s%s>", STR_ARG(prefix_of(&t)), text_name(deleted));
    }
    struct markup_tag r = tag_at(m, run->r.start);
    sb_printf(&m->sb, "</%s>", r.name);
}

static bool open_run(struct emitter *m, const struct write_point *stop, bool deleted, bool cdata)
{
    const struct doc_run *run = &m->plan->doc->runs.at[stop->run];
    struct str open = doc_source_text(m->main, (struct doc_range){run->r.start, run->r_open_end}, m->plan->arena);
    sb_str(&m->sb, open);
    if (!open.p || !clone_properties(m, run)) return false;
    if (stop->kind != WRITE_POINT_TEXT) return true;
    struct markup_tag t = tag_at(m, run->element.start);
    sb_printf(&m->sb, "<%.*s%s xml:space=\"preserve\">%s", STR_ARG(prefix_of(&t)), text_name(deleted),
              cdata ? "<![CDATA[" : "");
    return true;
}

static enum err raw_place(struct emitter *m, const struct write_point *stop, size_t *raw, bool *cdata, struct error *e)
{
    *raw = stop->at;
    *cdata = false;
    if (stop->kind != WRITE_POINT_TEXT) return ERR_OK;
    const struct doc_run *run = &m->plan->doc->runs.at[stop->run];
    if (m->text_run != stop->run) {
        m->text = markup_text_make(m->main, run->content, run->trim);
        m->text_run = stop->run;
    }
    struct markup_text_place place;
    if (!markup_text_seek(&m->text, stop->sub, &place))
        return error_set(e, ERR_INTERNAL, "a character of the document is not where it was read");
    *raw = place.after;
    *cdata = place.cdata_after;
    return flag(m, stop->run, RUN_CUT) ? ERR_OK : error_no_memory(e);
}

/* The run of a deletion whose w:t begins or ends there, or DOC_NONE. */
static uint32_t run_of_tag(const struct emitter *m, const struct write_deletion *d, const struct markup_tag *tag)
{
    const struct doc *doc = m->plan->doc;
    uint32_t low = d->first_run, high = d->last_run + 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (doc->runs.at[middle].element.end < tag->end)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low <= d->last_run; low++) {
        const struct doc_run *run = &doc->runs.at[low];
        if (run->element.start > tag->start) return DOC_NONE;
        if (run->kind == DOC_RUN_TEXT && (tag->close ? run->element.end == tag->end : run->element.start == tag->start))
            return low;
    }
    return DOC_NONE;
}

/* Every w:t between the bytes of a deletion becomes a w:delText: programs refuse the other there. */
static bool rename_texts(struct emitter *m, const struct write_deletion *d, size_t raw_end)
{
    struct write_plan *p = m->plan;
    size_t at = m->open_raw;
    if (d->from.kind == WRITE_POINT_TEXT) at = p->doc->runs.at[d->from.run].content.end;
    struct markup_tag tag;
    while (at < raw_end && markup_next_tag(m->main, &at, raw_end, &tag)) {
        if (strcmp(markup_local(&tag), "t") != 0) continue;
        uint32_t run = run_of_tag(m, d, &tag);
        if (run != DOC_NONE) {
            if (!flag(m, run, tag.close ? RUN_END_DELETED : RUN_START_DELETED)) return false;
            continue;
        }
        struct str text = str_printf(p->arena, "<%s%.*sdelText%s>", tag.close ? "/" : "", STR_ARG(prefix_of(&tag)),
                                     tag.empty ? "/" : "");
        if (!text.p) return false;
        splice_add(&p->splices, tag.start, tag.end - tag.start, text);
    }
    return true;
}

static void put_items(struct emitter *m, const struct write_point *stop)
{
    struct write_plan *p = m->plan;
    for (; m->next_item < p->items.n; m->next_item++) {
        const struct write_item *item = &p->items.at[m->next_item];
        if (write_point_compare(&item->at, stop)) return;
        if (item->rank == WRITE_INS_TAIL || item->rank == WRITE_INS_HEAD)
            sb_printf(&m->sb, "<%.*sins%.*s %.*sid=\"%llu\"", STR_ARG(p->w), STR_ARG(p->w_declaration), STR_ARG(p->w),
                      (unsigned long long)p->next_revision_id++);
        sb_str(&m->sb, item->text);
    }
}

static enum err emit_stop(struct emitter *m, const struct write_point *stop, struct error *e)
{
    struct write_plan *p = m->plan;
    size_t raw;
    bool cdata;
    TRY(raw_place(m, stop, &raw, &cdata, e));
    const struct write_deletion *left = m->open, *right = left;
    if (left && write_point_compare(&left->to, stop) == 0) right = NULL;
    if (!right && m->next_deletion < p->deletions.n &&
        write_point_compare(&p->deletions.at[m->next_deletion].from, stop) == 0)
        right = &p->deletions.at[m->next_deletion++];
    bool cut = stop->kind == WRITE_POINT_CHILD || stop->kind == WRITE_POINT_TEXT;
    if (cut) close_run(m, stop, left != NULL, cdata);
    if (left) sb_printf(&m->sb, "</%.*sdel>", STR_ARG(p->w));
    if (stop->kind == WRITE_POINT_EMPTY_P) sb_c(&m->sb, ">");
    put_items(m, stop);
    if (right) open_deletion(m, right);
    if (cut && !open_run(m, stop, right != NULL, cdata)) return error_no_memory(e);
    size_t remove = 0;
    if (stop->kind == WRITE_POINT_EMPTY_P) { /* "/>" goes; the tag is the last one that begins before it */
        size_t open = raw;
        while (open > 0 && doc_source_unit(m->main, open) != '<')
            open -= m->main->unit;
        struct markup_tag empty_p = tag_at(m, open);
        sb_printf(&m->sb, "</%s>", empty_p.name);
        remove = 2 * m->main->unit;
    }
    struct str text;
    TRY(sb_take(&m->sb, p->arena, &text, e));
    splice_add(&p->splices, raw, remove, text);
    if (left && left != right && !rename_texts(m, left, raw)) return error_no_memory(e);
    if (right != left) m->open_raw = raw;
    m->open = right;
    return ERR_OK;
}

/* ---- the w:t that were cut or deleted ---- */

/* White space at an end of the content that is no text, in a w:t of its own: it stays what it was, and what is beside it can say "preserve". */
static bool part_white_space(struct write_plan *p, struct str prefix, size_t at, bool cdata, bool deleted,
                             bool text_follows)
{
    struct str text = str_printf(p->arena, "%s</%.*s%s><%.*s%s%s>%s", cdata ? "]]>" : "", STR_ARG(prefix),
                                 text_name(deleted), STR_ARG(prefix), text_name(deleted),
                                 text_follows ? " xml:space=\"preserve\"" : "", cdata ? "<![CDATA[" : "");
    splice_add(&p->splices, at, 0, text);
    return text.p != NULL;
}

static bool replace_tag(struct write_plan *p, size_t from, size_t to, const char *open, struct str prefix, bool deleted,
                        const char *rest)
{
    struct str text = str_printf(p->arena, "%s%.*s%s%s>", open, STR_ARG(prefix), text_name(deleted), rest);
    splice_add(&p->splices, from, to - from, text);
    return text.p != NULL;
}

static bool edit_text_element(struct emitter *m, uint32_t index)
{
    struct write_plan *p = m->plan;
    const struct doc_run *run = &p->doc->runs.at[index];
    struct markup_tag tag = tag_at(m, run->element.start);
    struct str prefix = prefix_of(&tag);
    bool start_deleted = m->flags[index] & RUN_START_DELETED, end_deleted = m->flags[index] & RUN_END_DELETED;
    struct markup_text text = markup_text_make(m->main, run->content, run->trim);
    struct markup_text_place first, last, beyond;
    if (!run->preserve && run->trim) {
        if (!markup_text_seek(&text, 0, &first) ||
            !part_white_space(p, prefix, first.before, first.cdata_before, start_deleted, true))
            return false;
        if (start_deleted && !replace_tag(p, run->element.start, run->content.start, "<", prefix, true, ""))
            return false;
    } else if (start_deleted || !run->preserve) {
        if (!replace_tag(p, run->element.start, run->content.start, "<", prefix, start_deleted,
                         " xml:space=\"preserve\""))
            return false;
    }
    size_t n = run->end - run->start;
    if (!run->preserve && markup_text_seek(&text, n, &last) && markup_text_seek(&text, n + 1, &beyond) &&
        !part_white_space(p, prefix, last.after, last.cdata_after, end_deleted, false))
        return false;
    return !end_deleted || replace_tag(p, run->content.end, run->element.end, "</", prefix, true, "");
}

enum err write_plan_emit(struct write_plan *p, struct error *e)
{
    struct emitter m = {.plan = p, .main = &p->place.main, .sb = {.max = (size_t)256 << 20}, .text_run = DOC_NONE};
    m.flags = NEW(p->arena, uint8_t, p->doc->runs.n + 1);
    if (!m.flags || !collect_stops(&m)) return error_no_memory(e);
    for (size_t i = 0; i < m.stops.n; i++) {
        enum err err = emit_stop(&m, &m.stops.at[i], e);
        if (err != ERR_OK) {
            sb_done(&m.sb);
            return err;
        }
    }
    sb_done(&m.sb);
    for (size_t i = 0; i < m.flagged.n; i++)
        if (!edit_text_element(&m, m.flagged.at[i])) return error_no_memory(e);
    return ERR_OK;
}
