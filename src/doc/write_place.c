/* From an anchor in the text to places in the markup.
 * A place is as close to the words as the format allows. It moves outwards where programs would lose a marker: out of fields (an update rewrites them), formulas, locked or bound controls; out of a link or
 * another's insertion that the range covers whole, so that accepting, rejecting or removing it keeps the comment. A run is cut only when the range begins or ends inside it.
 * Comments on notes, headers, footers and text boxes go to the body: Word ignores ranges there and LibreOffice 7.4 refuses the file.
 * Limits: a locked control that is a block of its own is gone around only when a paragraph follows it directly, since the reference needs one.
 * Source: ECMA-376 part 1, 17.13.4; reference, section 4. */
#include "doc/write_place.h"

#include "base/utf8.h"
#include "doc/text.h"

enum err write_place_init(struct write_place *p, const struct doc *doc, struct arena *a, struct error *e)
{
    if (!doc->parts.n) return error_set(e, ERR_INTERNAL, "the document has no main part");
    *p = (struct write_place){.doc = doc, .arena = a, .main = doc_source_of(doc->parts.at[0].bytes)};
    p->cuttable = NEW(a, uint8_t, doc->runs.n + 1);
    return p->cuttable ? ERR_OK : error_no_memory(e);
}

int write_point_compare(const struct write_point *a, const struct write_point *b)
{
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return a->sub < b->sub ? -1 : a->sub > b->sub;
}

/* ---- runs of a block ---- */

/* The last run of the block whose start is below limit, or DOC_NONE. */
static uint32_t last_run_below(const struct doc *doc, const struct doc_block *block, size_t limit)
{
    uint32_t low = 0, high = block->run_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (doc->runs.at[block->first_run + middle].start < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? block->first_run + low - 1 : DOC_NONE;
}

uint32_t write_run_at(const struct doc *doc, const struct doc_block *block, size_t offset)
{
    uint32_t i = last_run_below(doc, block, offset + 1);
    return i != DOC_NONE && doc->runs.at[i].end > offset ? i : DOC_NONE;
}

uint32_t write_run_before(const struct doc *doc, const struct doc_block *block, size_t offset)
{
    uint32_t i = last_run_below(doc, block, offset);
    return i != DOC_NONE && doc->runs.at[i].end >= offset ? i : DOC_NONE;
}

static bool same_r(const struct doc_run *a, const struct doc_run *b) { return a->r.start == b->r.start; }

/* No element stands in those bytes but the mark of a page break of the last printing. */
static bool is_clean(const struct write_place *p, size_t from, size_t to)
{
    struct markup_tag tag;
    while (from < to && markup_next_tag(&p->main, &from, to, &tag))
        if (!tag.close && strcmp(markup_local(&tag), "lastRenderedPageBreak") != 0) return false;
    return true;
}

/* The element is a child of its w:r, not of something in it (the fallback of an AlternateContent): the w:r can be closed in front of it. */
static bool is_child_of_r(const struct write_place *p, const struct doc_run *run)
{
    size_t at = run->rpr.end > run->r_open_end ? run->rpr.end : run->r_open_end;
    struct markup_tag tag;
    size_t depth = 0;
    while (at < run->element.start && markup_next_tag(&p->main, &at, run->element.start, &tag)) {
        if (tag.close)
            depth -= depth > 0;
        else
            depth += !tag.empty;
    }
    return depth == 0;
}

static bool is_in_formula(const struct doc_run *run) { return run->kind == DOC_RUN_MATH; }

static struct write_point edge_before(const struct write_place *p, uint32_t index)
{
    const struct doc_run *run = &p->doc->runs.at[index];
    size_t inside = run->rpr.end > run->r_open_end ? run->rpr.end : run->r_open_end;
    bool first = index == 0 || !same_r(run - 1, run);
    if (is_in_formula(run) || (first && is_clean(p, inside, run->element.start)) || !is_child_of_r(p, run))
        return (struct write_point){run->r.start, 0, index, WRITE_POINT_GAP};
    return (struct write_point){run->element.start, 0, index, WRITE_POINT_CHILD};
}

static struct write_point edge_after(const struct write_place *p, uint32_t index)
{
    const struct doc_run *run = &p->doc->runs.at[index];
    bool last = index + 1 >= p->doc->runs.n || !same_r(run + 1, run);
    if (is_in_formula(run) || (last && is_clean(p, run->element.end, run->r.end)) || !is_child_of_r(p, run))
        return (struct write_point){run->r.end, 0, index, WRITE_POINT_GAP};
    return (struct write_point){run->element.end, 0, index, WRITE_POINT_CHILD};
}

static const struct doc_block *block_of(const struct doc *doc, uint32_t block) { return &doc->blocks.at[block]; }

static bool can_cut(struct write_place *p, uint32_t index, struct str text)
{
    const struct doc_run *run = &p->doc->runs.at[index];
    if (run->kind != DOC_RUN_TEXT) return false;
    if (!p->cuttable[index])
        p->cuttable[index] =
            is_child_of_r(p, run) && markup_text_matches(&p->main, run->content, run->trim, text) ? 1 : 2;
    return p->cuttable[index] == 1;
}

/* The run's text: found through the block that holds it. */
static struct str text_of_run(const struct write_place *p, uint32_t index, const struct doc_block *block)
{
    const struct doc_run *run = &p->doc->runs.at[index];
    return str_sub(block->text, run->start, run->end);
}

static const struct doc_block *block_of_run(const struct doc *doc, uint32_t index)
{
    uint32_t low = 0, high = doc->blocks.n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (doc->blocks.at[middle].first_run <= index)
            low = middle;
        else
            high = middle;
    }
    while (low > 0 && index >= doc->blocks.at[low].first_run + doc->blocks.at[low].run_count)
        low--;
    return &doc->blocks.at[low];
}

static bool point_inside(struct write_place *p, uint32_t index, size_t offset, struct write_point *ret)
{
    const struct doc_run *run = &p->doc->runs.at[index];
    if (!can_cut(p, index, text_of_run(p, index, block_of_run(p->doc, index)))) return false;
    *ret = (struct write_point){run->content.start, (uint32_t)(offset - run->start), index, WRITE_POINT_TEXT};
    return true;
}

bool write_point_before(struct write_place *p, uint32_t index, size_t offset, struct write_point *ret)
{
    const struct doc_run *run = &p->doc->runs.at[index];
    if (offset > run->start && point_inside(p, index, offset, ret)) return true;
    *ret = edge_before(p, index);
    return offset == run->start && is_child_of_r(p, run);
}

bool write_point_after(struct write_place *p, uint32_t index, size_t offset, struct write_point *ret)
{
    const struct doc_run *run = &p->doc->runs.at[index];
    if (offset < run->end && point_inside(p, index, offset, ret)) return true;
    *ret = edge_after(p, index);
    return offset == run->end && is_child_of_r(p, run);
}

/* ---- anchors ---- */

static enum err bad_anchor(struct error *e, const char *why)
{
    return error_set_reason(e, ERR_INVALID, "bad_anchor", "the place of a comment or change is not in the text: %s",
                            why);
}

static struct doc_anchor word_at(const struct doc *doc, struct doc_place place)
{
    struct str text = block_of(doc, place.block)->text;
    size_t start = place.offset, end = place.offset;
    while (end < text.n) {
        size_t next = end;
        if (utf8_is_space(utf8_next(text, &next))) break;
        end = next;
    }
    while (start > 0) {
        size_t before = start;
        if (utf8_is_space(utf8_prev(text, &before))) break;
        start = before;
    }
    if (start == end) { /* between two spaces, or at an end of the block: one character */
        if (end < text.n)
            end = utf8_grapheme_ceil(text, end + 1);
        else
            start = utf8_grapheme_floor(text, start - 1);
    }
    return (struct doc_anchor){{place.block, (uint32_t)start}, {place.block, (uint32_t)end}};
}

enum err write_anchor_normal(const struct doc *doc, struct doc_anchor anchor, struct doc_anchor *ret, struct error *e)
{
    struct doc_place start = anchor.start, end = anchor.end;
    if (start.block >= doc->blocks.n || end.block >= doc->blocks.n) return bad_anchor(e, "no such block");
    if (start.block > end.block || (start.block == end.block && start.offset > end.offset))
        return bad_anchor(e, "it ends before it begins");
    const struct doc_block *first = block_of(doc, start.block);
    const struct doc_block *last = block_of(doc, end.block);
    if (first->story != last->story) return bad_anchor(e, "it spans two stories");
    if (start.offset > first->text.n || end.offset > last->text.n)
        return bad_anchor(e, "it lies behind the end of its block");
    start.offset = (uint32_t)utf8_grapheme_floor(first->text, start.offset);
    end.offset = (uint32_t)utf8_grapheme_ceil(last->text, end.offset);
    /* the first character at or behind the start, the last one before the end */
    struct doc_place from = start, to = end;
    while (from.block < end.block &&
           (from.offset >= block_of(doc, from.block)->text.n || block_of(doc, from.block)->story != first->story))
        from = (struct doc_place){from.block + 1, 0};
    while (to.block > from.block && (to.offset == 0 || block_of(doc, to.block)->story != first->story))
        to = (struct doc_place){to.block - 1, (uint32_t)block_of(doc, to.block - 1)->text.n};
    if (from.block == to.block && from.offset >= to.offset) {
        if (!block_of(doc, start.block)->text.n) return bad_anchor(e, "it is empty, in a block without text");
        *ret = word_at(doc, start);
        return ERR_OK;
    }
    *ret = (struct doc_anchor){from, to};
    return ERR_OK;
}

/* ---- wrappers ---- */

bool write_wrap_is_closed(const struct write_place *p, const struct doc_wrap *wrap)
{
    switch (wrap->kind) {
    case DOC_WRAP_FLD_SIMPLE:
    case DOC_WRAP_FIELD:
    case DOC_WRAP_MATH:
    case DOC_WRAP_TEXTBOX: return true;
    case DOC_WRAP_SDT:
    case DOC_WRAP_SDT_BLOCK: return wrap->locked;
    case DOC_WRAP_HYPERLINK:
    case DOC_WRAP_INS:
    case DOC_WRAP_SMART_TAG: return false;
    case DOC_WRAP_OTHER: break;
    }
    struct markup_tag tag;
    size_t at = wrap->src.start;
    if (!markup_next_tag(&p->main, &at, wrap->src.end, &tag) || tag.start != wrap->src.start) return true;
    static const char *const open[] = {"bdo", "dir", "customXml", "smartTag"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        if (strcmp(markup_local(&tag), open[i]) == 0) return false;
    return true;
}

/* The bytes that a closed wrapper takes at run level: a ruby stands in a w:r, which is then the least that can be gone around. */
static struct doc_range closed_range(const struct write_place *p, const struct doc_wrap *wrap)
{
    struct doc_range range = wrap->src;
    struct markup_tag tag;
    size_t at = range.start;
    if (wrap->kind != DOC_WRAP_OTHER || !markup_next_tag(&p->main, &at, range.end, &tag)) return range;
    if (strcmp(markup_local(&tag), "ruby") != 0 && strcmp(markup_local(&tag), "AlternateContent") != 0) return range;
    size_t start = range.start, end = range.end;
    while (start > 0) { /* back to the tag before, over properties */
        start -= p->main.unit;
        if (doc_source_unit(&p->main, start) != '<') continue;
        at = start;
        if (!markup_next_tag(&p->main, &at, range.start, &tag) || tag.start != start) continue;
        if (strcmp(markup_local(&tag), "p") == 0 || (strcmp(markup_local(&tag), "r") == 0 && tag.close))
            return range; /* not in a w:r */
        if (strcmp(markup_local(&tag), "r") == 0) break;
    }
    while (markup_next_tag(&p->main, &end, p->main.bytes.n, &tag)) {
        if (strcmp(markup_local(&tag), "r") != 0) continue;
        if (tag.close) return (struct doc_range){start, tag.end};
        return range;
    }
    return range;
}

/* One end of a range on its way outwards. */
struct walk {
    uint32_t run;    /* the outermost text run of the range on this side */
    uint32_t offset; /* in that run's block */
    uint32_t wrap;   /* innermost wrapper not looked at yet */
    struct write_point point;
};

static bool is_within(const struct doc_run *run, struct doc_range range)
{
    return run->r.start >= range.start && run->r.end <= range.end;
}

static bool in_wrap(const struct doc_run *run, const struct doc_wrap *wrap) { return is_within(run, wrap->src); }

/* The next text run of the main part's body in a direction, or DOC_NONE. */
static uint32_t neighbour(const struct write_place *p, uint32_t run, int step)
{
    const struct doc *doc = p->doc;
    const struct doc_block *block = block_of_run(doc, run);
    for (uint32_t i = run + (uint32_t)step; i < doc->runs.n; i += (uint32_t)step) {
        if (i < block->first_run || i >= block->first_run + block->run_count) block = block_of_run(doc, i);
        if (block->part != 0) return DOC_NONE;
        if (block->story == DOC_STORY_BODY && doc->runs.at[i].end > doc->runs.at[i].start) return i;
    }
    return DOC_NONE;
}

static void grow_to(const struct write_place *p, struct walk *w, struct doc_range range, int step)
{
    uint32_t next;
    uint32_t run = w->run;
    while ((next = neighbour(p, run, step)) != DOC_NONE && is_within(&p->doc->runs.at[next], range))
        run = next;
    w->run = run;
    w->offset = step < 0 ? p->doc->runs.at[run].start : p->doc->runs.at[run].end;
}

/* The paragraph that begins right behind a block-level wrapper: where the reference may stand; 0 when there is none. */
static size_t reference_behind(const struct write_place *p, const struct doc_wrap *wrap)
{
    const struct doc *doc = p->doc;
    size_t at = wrap->src.end;
    struct markup_tag tag;
    if (!markup_next_tag(&p->main, &at, p->main.bytes.n, &tag)) return 0;
    for (uint32_t i = 0; i < doc->blocks.n && i < doc->body_end_block; i++) {
        const struct doc_block *block = &doc->blocks.at[i];
        if (block->part == 0 && block->src.start == tag.start)
            return block->open.end == block->src.end ? 0 : block->content_start;
    }
    return 0;
}

/* Moves an end out of every closed wrapper around it. */
static void leave_closed(struct write_place *p, struct walk *w, int step, size_t *reference)
{
    const struct doc *doc = p->doc;
    uint32_t outermost = w->wrap;
    for (uint32_t i = w->wrap; i != DOC_NONE; i = doc->wraps.at[i].parent) {
        const struct doc_wrap *wrap = &doc->wraps.at[i];
        if (!write_wrap_is_closed(p, wrap)) continue;
        if (wrap->kind == DOC_WRAP_SDT_BLOCK) {
            size_t behind = reference_behind(p, wrap);
            if (!behind) continue;
            *reference = behind;
        } else {
            *reference = 0;
        }
        struct doc_range range = closed_range(p, wrap);
        w->point = (struct write_point){step < 0 ? range.start : range.end, 0, DOC_NONE, WRITE_POINT_GAP};
        if (w->run != DOC_NONE) grow_to(p, w, range, step);
        outermost = wrap->parent;
    }
    w->wrap = outermost;
}

/* The range reaches from the first to the last character of the wrapper. */
static bool covers(const struct write_place *p, const struct walk *first, const struct walk *last,
                   const struct doc_wrap *wrap)
{
    const struct doc *doc = p->doc;
    const struct doc_run *from = &doc->runs.at[first->run];
    const struct doc_run *to = &doc->runs.at[last->run];
    if (in_wrap(from, wrap)) {
        if (first->offset > from->start) return false;
        uint32_t before = neighbour(p, first->run, -1);
        if (before != DOC_NONE && in_wrap(&doc->runs.at[before], wrap)) return false;
    }
    if (in_wrap(to, wrap)) {
        if (last->offset < to->end) return false;
        uint32_t behind = neighbour(p, last->run, 1);
        if (behind != DOC_NONE && in_wrap(&doc->runs.at[behind], wrap)) return false;
    }
    return true;
}

/* Some programs put w:ins and w:moveTo around paragraphs and rows, where no run can stand beside them. */
static bool holds_paragraph(const struct write_place *p, const struct doc_wrap *wrap, uint32_t run)
{
    return wrap->src.start < block_of_run(p->doc, run)->src.start;
}

static void leave_covered(const struct write_place *p, struct walk *w, const struct walk *first,
                          const struct walk *last, int step)
{
    const struct doc *doc = p->doc;
    for (uint32_t i = w->wrap; i != DOC_NONE; i = doc->wraps.at[i].parent) {
        const struct doc_wrap *wrap = &doc->wraps.at[i];
        if (wrap->kind == DOC_WRAP_SDT_BLOCK || holds_paragraph(p, wrap, w->run) || !covers(p, first, last, wrap))
            return;
        bool both = in_wrap(&doc->runs.at[first->run], wrap) && in_wrap(&doc->runs.at[last->run], wrap);
        if (wrap->kind == DOC_WRAP_SDT && both) continue; /* inside its content, but out of what covers it */
        if (write_wrap_is_closed(p, wrap)) return;        /* a block-level control that could not be left */
        w->point = (struct write_point){step < 0 ? wrap->src.start : wrap->src.end, 0, DOC_NONE, WRITE_POINT_GAP};
    }
}

static void leave_wraps(struct write_place *p, struct walk *first, struct walk *last, size_t *reference)
{
    size_t ignored = 0;
    leave_closed(p, first, -1, &ignored);
    leave_closed(p, last, 1, reference);
    struct walk from = *first, to = *last;
    leave_covered(p, first, &from, &to, -1);
    leave_covered(p, last, &from, &to, 1);
}

/* ---- comments ---- */

static bool same_anchor(struct doc_anchor a, struct doc_anchor b)
{
    return a.start.block == b.start.block && a.start.offset == b.start.offset && a.end.block == b.end.block &&
           a.end.offset == b.end.offset;
}

/* The outermost text run of the same w:r (of the same formula). */
static uint32_t edge_of_r(const struct write_place *p, uint32_t run, int step)
{
    uint32_t next;
    while ((next = neighbour(p, run, step)) != DOC_NONE && same_r(&p->doc->runs.at[next], &p->doc->runs.at[run]))
        run = next;
    return run;
}

static enum err span_of_text(struct write_place *p, struct doc_anchor anchor, struct write_span *ret, struct error *e)
{
    const struct doc *doc = p->doc;
    struct walk first = {.run = write_run_at(doc, block_of(doc, anchor.start.block), anchor.start.offset),
                         .offset = anchor.start.offset};
    struct walk last = {.run = write_run_before(doc, block_of(doc, anchor.end.block), anchor.end.offset),
                        .offset = anchor.end.offset};
    if (first.run == DOC_NONE || last.run == DOC_NONE) return bad_anchor(e, "no run holds it");
    if (!write_point_before(p, first.run, first.offset, &first.point)) {
        if (first.point.kind == WRITE_POINT_GAP) first.run = edge_of_r(p, first.run, -1);
        first.offset = doc->runs.at[first.run].start;
    }
    if (!write_point_after(p, last.run, last.offset, &last.point)) {
        if (last.point.kind == WRITE_POINT_GAP) last.run = edge_of_r(p, last.run, 1);
        last.offset = doc->runs.at[last.run].end;
    }
    first.wrap = doc->runs.at[first.run].wrap;
    last.wrap = doc->runs.at[last.run].wrap;
    size_t reference = 0;
    leave_wraps(p, &first, &last, &reference);
    const struct doc_block *from = block_of_run(doc, first.run);
    const struct doc_block *to = block_of_run(doc, last.run);
    *ret =
        (struct write_span){.start = first.point, .end = last.point, .reference = reference, .outcome = DOC_EDIT_EXACT};
    ret->anchor = (struct doc_anchor){{(uint32_t)(from - doc->blocks.at), first.offset},
                                      {(uint32_t)(to - doc->blocks.at), last.offset}};
    if (!same_anchor(ret->anchor, anchor)) ret->outcome = DOC_EDIT_WIDENED;
    return ERR_OK;
}

/* The innermost wrapper of the main part around a byte. */
static uint32_t wrap_around(const struct doc *doc, size_t at)
{
    uint32_t found = DOC_NONE;
    for (uint32_t i = 0; i < doc->wraps.n; i++) {
        const struct doc_wrap *wrap = &doc->wraps.at[i];
        if (wrap->part != 0 || wrap->src.start >= at || wrap->src.end <= at) continue;
        if (found == DOC_NONE || wrap->src.start >= doc->wraps.at[found].src.start) found = i;
    }
    return found;
}

/* The text that a range took in when it left a field that reaches over more than its own paragraph. */
static void anchor_to_points(const struct write_place *p, struct write_span *s)
{
    const struct doc *doc = p->doc;
    struct doc_place own = s->anchor.start;
    for (uint32_t b = 0; b < doc->body_end_block; b++) {
        const struct doc_block *block = block_of(doc, b);
        for (uint32_t i = 0; block->story == DOC_STORY_BODY && i < block->run_count; i++) {
            const struct doc_run *run = &doc->runs.at[block->first_run + i];
            if (run->end == run->start || run->r.start < s->start.at || run->r.end > s->end.at) continue;
            if (b < s->anchor.start.block || (b == own.block && s->anchor.start.block == b))
                s->anchor.start = b < own.block ? (struct doc_place){b, run->start} : own;
            if (b > s->anchor.end.block || (b == s->anchor.end.block && run->end > s->anchor.end.offset))
                s->anchor.end = (struct doc_place){b, run->end};
        }
    }
}

/* All of a paragraph's content, text or not. */
static void span_of_paragraph(struct write_place *p, uint32_t index, struct write_span *ret)
{
    const struct doc_block *block = block_of(p->doc, index);
    *ret = (struct write_span){.anchor = {{index, 0}, {index, (uint32_t)block->text.n}}};
    if (block->open.end == block->src.end) {
        ret->start = ret->end =
            (struct write_point){block->open.end - 2 * p->main.unit, 0, DOC_NONE, WRITE_POINT_EMPTY_P};
        return;
    }
    size_t close = block->src.end - p->main.unit;
    while (close > block->content_start && doc_source_unit(&p->main, close) != '<')
        close -= p->main.unit;
    struct walk first = {.run = DOC_NONE,
                         .wrap = wrap_around(p->doc, block->content_start),
                         .point = {block->content_start, 0, DOC_NONE, WRITE_POINT_GAP}};
    struct walk last = {
        .run = DOC_NONE, .wrap = wrap_around(p->doc, close), .point = {close, 0, DOC_NONE, WRITE_POINT_GAP}};
    size_t ignored;
    leave_closed(p, &first, -1, &ignored);
    leave_closed(p, &last, 1, &ret->reference);
    ret->start = first.point;
    ret->end = last.point;
    anchor_to_points(p, ret);
}

static void span_of_note(struct write_place *p, uint32_t run, struct doc_place place, struct write_span *ret)
{
    struct walk first = {.run = DOC_NONE, .wrap = p->doc->runs.at[run].wrap, .point = edge_before(p, run)};
    struct walk last = {.run = DOC_NONE, .wrap = first.wrap, .point = edge_after(p, run)};
    *ret = (struct write_span){.anchor = {place, place}};
    size_t ignored;
    leave_closed(p, &first, -1, &ignored);
    leave_closed(p, &last, 1, &ret->reference);
    ret->start = first.point;
    ret->end = last.point;
    anchor_to_points(p, ret);
}

static bool in_field(const struct doc *doc, const struct doc_block *block)
{
    for (uint32_t i = 0; i < block->run_count; i++)
        for (uint32_t w = doc->runs.at[block->first_run + i].wrap; w != DOC_NONE; w = doc->wraps.at[w].parent)
            if (doc->wraps.at[w].kind == DOC_WRAP_FIELD) return true;
    return false;
}

/* The first paragraph with text of the section that a header or footer belongs to: one that is no field, when there is one. */
static uint32_t first_text_block(const struct doc *doc, uint32_t from)
{
    uint32_t found = DOC_NONE;
    for (uint32_t i = from; i < doc->body_end_block; i++) {
        const struct doc_block *block = block_of(doc, i);
        if (block->story != DOC_STORY_BODY || doc_block_is_blank(block)) continue;
        if (!in_field(doc, block)) return i;
        if (found == DOC_NONE) found = i;
    }
    return found;
}

static uint32_t any_body_block(const struct doc *doc)
{
    for (uint32_t i = 0; i < doc->body_end_block; i++)
        if (block_of(doc, i)->story == DOC_STORY_BODY) return i;
    return DOC_NONE;
}

static enum err span_outside_body(struct write_place *p, uint32_t index, struct write_span *ret, struct error *e)
{
    const struct doc *doc = p->doc;
    const struct doc_block *block = block_of(doc, index);
    struct doc_place place = block->body_place;
    if (place.block >= doc->body_end_block || block_of(doc, place.block)->story != DOC_STORY_BODY)
        place = (struct doc_place){any_body_block(doc), 0};
    if (place.block == DOC_NONE) return bad_anchor(e, "the body has no paragraph to put it on");
    const struct doc_note *note = block->note == DOC_NONE ? NULL : &doc->notes.at[block->note];
    bool header = block->story == DOC_STORY_HEADER || block->story == DOC_STORY_FOOTER;
    uint32_t text = header ? first_text_block(doc, place.block) : DOC_NONE;
    if (note && note->ref_run != DOC_NONE && note->ref.block == place.block) {
        span_of_note(p, note->ref_run, note->ref, ret);
    } else if (text != DOC_NONE) {
        struct doc_anchor anchor = doc_anchor_block(doc, text);
        TRY(span_of_text(p, word_at(doc, anchor.start), ret, e));
    } else if (block_of(doc, place.block)->text.n) {
        TRY(span_of_text(
            p, (struct doc_anchor){{place.block, 0}, {place.block, (uint32_t)block_of(doc, place.block)->text.n}}, ret,
            e));
    } else {
        span_of_paragraph(p, place.block, ret);
    }
    ret->outcome = DOC_EDIT_MOVED;
    ret->quote_place = doc_place_name(doc, index, p->arena);
    return ret->quote_place.p ? ERR_OK : error_no_memory(e);
}

enum err write_place_comment(struct write_place *p, struct doc_anchor asked, struct write_span *ret, struct error *e)
{
    const struct doc *doc = p->doc;
    struct doc_anchor anchor;
    TRY(write_anchor_normal(doc, asked, &anchor, e));
    if (block_of(doc, anchor.start.block)->story != DOC_STORY_BODY)
        return span_outside_body(p, anchor.start.block, ret, e);
    TRY(span_of_text(p, anchor, ret, e));
    if (!same_anchor(ret->anchor, asked)) ret->outcome = DOC_EDIT_WIDENED;
    return ERR_OK;
}
