/* Tracked changes.
 * Old and new words are compared, and only what differs is deleted and inserted, so that a reader sees the change and not the paragraph. A deletion wraps runs where they stand: inside a link (w:hyperlink may
 * not stand in w:del), inside another's insertion (<w:ins A><w:del B>, as Word nests them), one w:del for each row of runs that touch. An insertion takes the look of what it replaces.
 * What a change would break is refused in words: fields, formulas, images, note references, locked controls, more than one paragraph, another change's words.
 * Rejected: changing a field's result (its next update undoes it); moving notes (w:moveFrom needs pairs of ranges that few programs read).
 * Source: ECMA-376 part 1, 17.13.5; reference, section 6. */
#include "doc/revisions_write.h"

#include <stdlib.h>

#include "base/time.h"
#include "base/utf8.h"
#include "doc/write_diff.h"

struct change_writer {
    struct write_plan *plan;
    const struct doc_new_change *change;
    const struct doc_block *block;
    uint32_t index;
    struct str attributes;
    struct str reason; /* set when it cannot be made */
};

static void refuse(struct change_writer *c, const char *why)
{
    if (!c->reason.p) c->reason = str_from_c(why);
}

static const struct doc_run *run_at(const struct change_writer *c, uint32_t i) { return &c->plan->doc->runs.at[i]; }

/* ---- the look of inserted words ---- */

static bool has_link(const struct doc *doc, uint32_t wrap)
{
    for (; wrap != DOC_NONE; wrap = doc->wraps.at[wrap].parent)
        if (doc->wraps.at[wrap].kind == DOC_WRAP_HYPERLINK) return true;
    return false;
}

static bool is_kept_property(const struct write_plan *p, const struct doc_source *s, const struct markup_tag *tag,
                             bool in_link)
{
    static const char *const dropped[] = {"rPrChange", "ins", "del", "moveFrom", "moveTo"};
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (strcmp(markup_local(tag), dropped[i]) == 0) return false;
    struct doc_range value;
    if (strcmp(markup_local(tag), "rStyle") != 0 || !markup_attr(s, tag, ":val", &value)) return true;
    struct str id = str_sub(s->bytes, value.start, value.end);
    if (p->styles[STYLE_HYPERLINK].p && str_eq(id, p->styles[STYLE_HYPERLINK])) return in_link;
    static const int references[] = {STYLE_ANNOTATION_REFERENCE, STYLE_FOOTNOTE_REFERENCE, STYLE_ENDNOTE_REFERENCE};
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (p->styles[references[i]].p && str_eq(id, p->styles[references[i]])) return false;
    return true;
}

/* The properties of a run as inserted words take them: without their history, and without styles that mean something else. */
static bool put_properties(struct sb *sb, const struct write_plan *p, const struct doc_run *run)
{
    struct str text = doc_source_text(&p->place.main, run->rpr, p->arena);
    if (!text.p) return false;
    if (run->kind == DOC_RUN_MATH || !text.n) return true;
    struct doc_source s = {text, DOC_ENCODING_UTF8, 1};
    struct markup_tag tag;
    size_t at = 0, child = 0;
    unsigned depth = 0;
    bool keep = false, in_link = has_link(p->doc, run->wrap);
    while (markup_next_tag(&s, &at, text.n, &tag)) {
        if (tag.close) {
            depth -= depth > 0;
        } else if (depth == 0) {
            if (tag.empty) return true;
            sb_str(sb, str_sub(text, tag.start, tag.end));
            depth = 1;
            continue;
        } else {
            if (depth == 1) {
                child = tag.start;
                keep = is_kept_property(p, &s, &tag, in_link);
            }
            depth += !tag.empty;
        }
        if (depth == 1 && keep) sb_str(sb, str_sub(text, child, tag.end));
        if (depth == 0) sb_str(sb, str_sub(text, tag.start, tag.end));
    }
    return true;
}

/* What follows the id: author, date, the run, the end tag. */
static enum err insertion_text(struct change_writer *c, const struct doc_run *look, struct str words, struct str *ret,
                               struct error *e)
{
    const struct write_plan *p = c->plan;
    CLEANUP_SB struct sb sb = SB_INIT((size_t)64 << 20);
    sb_str(&sb, c->attributes);
    sb_printf(&sb, "><%.*sr>", STR_ARG(p->w));
    if (!put_properties(&sb, p, look)) return error_no_memory(e);
    write_run_text(&sb, p->w, words);
    sb_printf(&sb, "</%.*sr></%.*sins>", STR_ARG(p->w), STR_ARG(p->w));
    return sb_take(&sb, p->arena, ret, e);
}

/* ---- what may be changed ---- */

static const char *closed_reason(const struct write_plan *p, uint32_t wrap)
{
    for (; wrap != DOC_NONE; wrap = p->doc->wraps.at[wrap].parent) {
        const struct doc_wrap *w = &p->doc->wraps.at[wrap];
        if (!write_wrap_is_closed(&p->place, w)) continue;
        switch (w->kind) {
        case DOC_WRAP_FIELD:
        case DOC_WRAP_FLD_SIMPLE: return "the words are the result of a field, which its next update would write again";
        case DOC_WRAP_MATH: return "the words are part of a formula";
        case DOC_WRAP_SDT:
        case DOC_WRAP_SDT_BLOCK: return "the words are in a content control that is locked or filled from data";
        case DOC_WRAP_TEXTBOX: return "the words are in a text box";
        default: return "the words are in markup that tracked changes do not work in";
        }
    }
    return NULL;
}

/* Bytes behind the characters of a cut w:t, or the place itself. */
static size_t scan_from(const struct change_writer *c, const struct write_point *at)
{
    return at->kind == WRITE_POINT_TEXT ? run_at(c, at->run)->content.end : at->at;
}

/* Only what may stand in deleted text stands between two places. */
static bool is_plain(const struct change_writer *c, const struct write_point *from, const struct write_point *to)
{
    static const char *const plain[] = {
        "r", "t", "tab", "ptab", "br", "cr", "noBreakHyphen", "softHyphen", "sym", "lastRenderedPageBreak"};
    const struct doc_source *s = &c->plan->place.main;
    size_t at = scan_from(c, from), end = to->at;
    struct markup_tag tag;
    unsigned properties = 0;
    while (at < end && markup_next_tag(s, &at, end, &tag)) {
        if (strcmp(markup_local(&tag), "rPr") == 0 && !tag.empty) properties += tag.close ? -1u : 1u;
        if (properties || strcmp(markup_local(&tag), "rPr") == 0) continue;
        bool found = false;
        for (size_t i = 0; i < sizeof plain / sizeof *plain && !found; i++)
            found = strcmp(markup_local(&tag), plain[i]) == 0;
        if (!found) return false;
    }
    return true;
}

static void check_run(struct change_writer *c, uint32_t i, size_t start, size_t end)
{
    const struct doc_run *run = run_at(c, i);
    if (run->kind == DOC_RUN_NOTE && run->start > start && run->start < end)
        refuse(c, "the words have a footnote or endnote reference between them");
    if (run->kind == DOC_RUN_OBJECT) refuse(c, "an image or another object stands between the words");
    if (run->kind == DOC_RUN_MATH) refuse(c, "the words are part of a formula");
    if (run->kind == DOC_RUN_CHAR && run->end > run->start && c->block->text.p[run->start] == '\f')
        refuse(c, "a page break stands between the words");
    const char *why = closed_reason(c->plan, run->wrap);
    if (why) refuse(c, why);
}

/* ---- deletions ---- */

static bool touches(const struct change_writer *c, const struct write_deletion *d, const struct write_point *from,
                    uint32_t run)
{
    const struct doc_run *last = run_at(c, d->last_run), *next = run_at(c, run);
    if (last->r.start == next->r.start) return true;
    return d->to.kind == WRITE_POINT_GAP && from->kind == WRITE_POINT_GAP && d->to.at == from->at &&
           last->wrap == next->wrap;
}

/* The deletions of bytes [start, end) of the block, behind those that are in the list; or a reason. */
static enum err add_deletions(struct change_writer *c, size_t start, size_t end, struct error *e)
{
    struct write_plan *p = c->plan;
    size_t first = p->deletions.n;
    for (uint32_t i = write_run_at(p->doc, c->block, start);
         i < c->block->first_run + c->block->run_count && !c->reason.p; i++) {
        const struct doc_run *run = run_at(c, i);
        if (run->start >= end) break;
        check_run(c, i, start, end);
        if (run->start == run->end || c->reason.p) continue;
        struct write_point from, to;
        if (!write_point_before(&p->place, i, run->start > start ? run->start : start, &from) ||
            !write_point_after(&p->place, i, run->end < end ? run->end : end, &to))
            refuse(c, "a word begins or ends inside markup that cannot be divided");
        struct write_deletion *last = p->deletions.n > first ? &p->deletions.at[p->deletions.n - 1] : NULL;
        if (!last || !touches(c, last, &from, i)) {
            last = VEC_PUSH(p->arena, &p->deletions);
            if (!last) return error_no_memory(e);
            *last = (struct write_deletion){.from = from, .first_run = i, .attributes = c->attributes};
        }
        last->to = to;
        last->last_run = i;
    }
    for (size_t i = first; i < p->deletions.n; i++)
        if (!is_plain(c, &p->deletions.at[i].from, &p->deletions.at[i].to))
            refuse(c, "something that is not text (a comment's mark, a field, an image) stands between the words");
    return ERR_OK;
}

/* ---- insertions ---- */

/* Out of another's insertion where it ends or begins: ours is then not part of it. */
static void leave_insertions(const struct write_plan *p, uint32_t wrap, bool behind, struct write_point *at)
{
    for (; wrap != DOC_NONE && at->kind == WRITE_POINT_GAP; wrap = p->doc->wraps.at[wrap].parent) {
        const struct doc_wrap *w = &p->doc->wraps.at[wrap];
        if (w->kind != DOC_WRAP_INS || at->at != (behind ? w->content_end : w->content_start)) return;
        at->at = behind ? w->src.end : w->src.start;
    }
}

/* Beside one character of the block: behind the one that ends at offset, or before the one that begins there. */
static bool insertion_beside(struct change_writer *c, size_t offset, bool behind, struct write_point *ret,
                             const struct doc_run **look)
{
    struct write_plan *p = c->plan;
    uint32_t i = behind ? write_run_before(p->doc, c->block, offset) : write_run_at(p->doc, c->block, offset);
    if (i == DOC_NONE || run_at(c, i)->kind == DOC_RUN_MATH || closed_reason(p, run_at(c, i)->wrap)) return false;
    if (!(behind ? write_point_after(&p->place, i, offset, ret) : write_point_before(&p->place, i, offset, ret)))
        return false;
    *look = run_at(c, i);
    leave_insertions(p, (*look)->wrap, behind, ret);
    return true;
}

static enum err add_insertion(struct change_writer *c, const struct diff_hunk *h, size_t base, struct str words,
                              struct error *e)
{
    if (str_find(words, STR("\xEF\xBF\xBC"), 0) != STR_NONE || str_find_char(words, '\f', 0) != STR_NONE) {
        refuse(c, "images, objects and page breaks cannot be inserted");
        return ERR_OK;
    }
    bool deletes = h->old_end > h->old_start;
    bool behind = deletes || h->old_start > 0 || base == c->block->text.n;
    size_t offset = base + h->old_end;
    struct write_point at;
    const struct doc_run *look;
    if (!insertion_beside(c, offset, behind, &at, &look)) {
        behind = !behind;
        if (deletes || !insertion_beside(c, offset, behind, &at, &look)) {
            refuse(c, "there is no place for the new words that an update of a field or control would leave alone");
            return ERR_OK;
        }
    }
    struct str text;
    TRY(insertion_text(c, look, words, &text, e));
    enum write_rank rank = behind ? WRITE_INS_TAIL : WRITE_INS_HEAD;
    return write_plan_add(c->plan, at, rank, c->index, text) ? ERR_OK : error_no_memory(e);
}

/* ---- one change ---- */

static enum err add_hunks(struct change_writer *c, struct error *e)
{
    struct write_plan *p = c->plan;
    size_t base = c->change->anchor.start.offset;
    struct str words = write_clean(p->arena, c->change->replacement, true);
    if (!words.p) return error_no_memory(e);
    struct diff diff;
    TRY(write_diff_words(p->arena, str_sub(c->block->text, base, c->change->anchor.end.offset), words, &diff, e));
    if (!diff.n) refuse(c, "the text already reads so");
    for (size_t i = 0; i < diff.n && !c->reason.p; i++) {
        const struct diff_hunk *h = &diff.at[i];
        if (h->old_end > h->old_start) TRY(add_deletions(c, base + h->old_start, base + h->old_end, e));
        if (h->new_end > h->new_start && !c->reason.p)
            TRY(add_insertion(c, h, base, str_sub(words, h->new_start, h->new_end), e));
    }
    return ERR_OK;
}

static enum err change_attributes(struct change_writer *c, struct error *e)
{
    struct write_plan *p = c->plan;
    struct str author = write_clean_name(p->arena, c->change->author, 255);
    if (!author.p) return error_no_memory(e);
    if (!author.n) return error_set_reason(e, ERR_INVALID, "bad_author", "a tracked change has no author");
    CLEANUP_SB struct sb sb = SB_INIT(4096);
    sb_printf(&sb, " %.*sauthor=\"", STR_ARG(p->w));
    sb_xml_attr(&sb, author);
    sb_c(&sb, "\"");
    if (c->change->date_unix_ms != INT64_MIN) {
        sb_printf(&sb, " %.*sdate=\"", STR_ARG(p->w));
        sb_time(&sb, c->change->date_unix_ms, false);
        sb_c(&sb, "\"");
    }
    return sb_take(&sb, p->arena, &c->attributes, e);
}

static enum err check_anchor(struct change_writer *c, struct error *e)
{
    const struct doc *doc = c->plan->doc;
    const struct doc_anchor *a = &c->change->anchor;
    if (a->start.block >= doc->blocks.n || a->end.block >= doc->blocks.n ||
        a->start.offset > doc->blocks.at[a->start.block].text.n ||
        a->end.offset > doc->blocks.at[a->end.block].text.n || a->start.block > a->end.block ||
        (a->start.block == a->end.block && a->start.offset > a->end.offset))
        return error_set_reason(e, ERR_INVALID, "bad_anchor", "the place of a tracked change is not in the text");
    c->block = &doc->blocks.at[a->start.block];
    if (c->block->story != DOC_STORY_BODY) refuse(c, "only text of the body can be changed");
    if (a->start.block != a->end.block) refuse(c, "the words span several paragraphs");
    if (!c->block->text.n) refuse(c, "the paragraph has no text");
    if (utf8_floor(c->block->text, a->start.offset) != a->start.offset ||
        utf8_floor(c->block->text, a->end.offset) != a->end.offset)
        refuse(c, "the words begin or end inside a character");
    return ERR_OK;
}

struct sorted_change {
    struct doc_anchor anchor;
    uint32_t index;
};

static int compare_changes(const void *left, const void *right)
{
    const struct sorted_change *a = left;
    const struct sorted_change *b = right;
    if (a->anchor.start.block != b->anchor.start.block) return a->anchor.start.block < b->anchor.start.block ? -1 : 1;
    if (a->anchor.start.offset != b->anchor.start.offset)
        return a->anchor.start.offset < b->anchor.start.offset ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static bool is_behind(struct doc_place a, struct doc_place b)
{
    return a.block > b.block || (a.block == b.block && a.offset >= b.offset);
}

static enum err place_change(struct write_plan *p, uint32_t index, struct doc_place *taken_to,
                             struct doc_edit_result *result, struct error *e)
{
    struct change_writer c = {.plan = p, .change = &p->edits->changes[index], .index = index};
    TRY(check_anchor(&c, e));
    TRY(change_attributes(&c, e));
    if (!is_behind(c.change->anchor.start, *taken_to)) refuse(&c, "another change is on some of the same words");
    size_t items = p->items.n, deletions = p->deletions.n;
    if (!c.reason.p) TRY(add_hunks(&c, e));
    *result = (struct doc_edit_result){.outcome = DOC_EDIT_EXACT, .anchor = c.change->anchor, .reason = c.reason};
    if (c.reason.p) {
        p->items.n = items;
        p->deletions.n = deletions;
        result->outcome = DOC_EDIT_REFUSED;
    } else {
        *taken_to = c.change->anchor.end;
    }
    return ERR_OK;
}

enum err write_changes_place(struct write_plan *p, struct doc_edit_result *results, struct error *e)
{
    size_t n = p->edits->n_changes;
    struct sorted_change *sorted = NEW(p->arena, struct sorted_change, n + 1);
    if (!sorted) return error_no_memory(e);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct sorted_change){p->edits->changes[i].anchor, (uint32_t)i};
    qsort(sorted, n, sizeof *sorted, compare_changes);
    struct doc_place taken_to = {0, 0};
    for (size_t i = 0; i < n; i++)
        TRY(place_change(p, sorted[i].index, &taken_to, &results[sorted[i].index], e));
    return ERR_OK;
}
