/* The invariants of a model. See check.h. Each check names the array and the index, so that a fuzzer's finding can be
 * read. */
#include "doc/check.h"

#include "base/utf8.h"

#define REQUIRE(condition, what, i)                                                                                    \
    do {                                                                                                               \
        if (!(condition)) return error_set(e, ERR_INTERNAL, "the model is wrong: %s (%zu)", what, (size_t)(i));        \
    } while (0)

static bool in_part(const struct doc *doc, uint32_t part, struct doc_range r)
{
    return part < doc->parts.n && r.start <= r.end && r.end <= doc->parts.at[part].bytes.n;
}

/* Begins a tag: '<', in UTF-16 with a NUL beside it. */
static bool is_tag(const struct doc *doc, uint32_t part, struct doc_range r)
{
    if (!in_part(doc, part, r) || r.start == r.end) return false;
    struct str bytes = doc->parts.at[part].bytes;
    return bytes.p[r.start] == '<' || (bytes.p[r.start] == 0 && r.start + 1 < bytes.n && bytes.p[r.start + 1] == '<');
}

static bool inside(struct doc_range inner, struct doc_range outer)
{
    return inner.start >= outer.start && inner.end <= outer.end;
}

static bool place_ok(const struct doc *doc, struct doc_place p)
{
    return p.block < doc->blocks.n && p.offset <= doc->blocks.at[p.block].text.n &&
           utf8_floor(doc->blocks.at[p.block].text, p.offset) == p.offset;
}

static bool anchor_ok(const struct doc *doc, struct doc_anchor a)
{
    if (!place_ok(doc, a.start) || !place_ok(doc, a.end)) return false;
    return a.start.block != a.end.block ? a.start.block < a.end.block : a.start.offset <= a.end.offset;
}

static bool index_ok(uint32_t i, uint32_t n) { return i == DOC_NONE || i < n; }

static enum err check_run(const struct doc *doc, const struct doc_block *block, size_t i, uint32_t at, struct error *e)
{
    const struct doc_run *run = &doc->runs.at[i];
    REQUIRE(run->start == at && run->end >= run->start && run->end <= block->text.n, "runs do not cover the text", i);
    REQUIRE(run->kind == DOC_RUN_NOTE ? run->start == run->end : run->start < run->end, "a run's length", i);
    REQUIRE(utf8_floor(block->text, run->start) == run->start, "a run cuts a character", i);
    REQUIRE(is_tag(doc, block->part, run->element) && is_tag(doc, block->part, run->r), "a run's range", i);
    REQUIRE(inside(run->element, run->r) && inside(run->r, block->src), "a run outside of its element", i);
    REQUIRE(run->r_open_end > run->r.start && run->r_open_end <= run->r.end, "the start tag of a run", i);
    REQUIRE(run->rpr.start >= run->r_open_end && run->rpr.end <= run->r.end && run->rpr.start <= run->rpr.end,
            "the rPr of a run", i);
    if (run->kind == DOC_RUN_TEXT || run->kind == DOC_RUN_MATH)
        REQUIRE(inside(run->content, run->element) && run->content.start < run->content.end, "a run's content", i);
    REQUIRE(index_ok(run->wrap, doc->wraps.n), "a run's wrapper", i);
    uint32_t refs = run->kind == DOC_RUN_NOTE ? doc->notes.n : run->kind == DOC_RUN_OBJECT ? doc->images.n : 0;
    REQUIRE(index_ok(run->ref, refs), "a run's reference", i);
    return ERR_OK;
}

static enum err check_blocks(const struct doc *doc, struct error *e)
{
    for (size_t i = 0; i < doc->blocks.n; i++) {
        const struct doc_block *block = &doc->blocks.at[i];
        REQUIRE(utf8_valid(block->text) && utf8_valid(block->label), "a block's text is not UTF-8", i);
        REQUIRE(is_tag(doc, block->part, block->src) && is_tag(doc, block->part, block->open), "a block's range", i);
        REQUIRE(block->open.start == block->src.start && block->open.end <= block->src.end, "a block's start tag", i);
        REQUIRE(block->content_start >= block->open.end && block->content_start <= block->src.end, "a block's content",
                i);
        REQUIRE(block->heading_level <= 9 && block->list_level <= 9, "a block's level", i);
        REQUIRE(block->section < doc->sections.n, "a block's section", i);
        REQUIRE(index_ok(block->cell, doc->cells.n) && index_ok(block->note, doc->notes.n), "a block's cell or note",
                i);
        REQUIRE(block->first_run <= doc->runs.n && doc->runs.n - block->first_run >= block->run_count, "a block's runs",
                i);
        REQUIRE(!doc->body_end_block || place_ok(doc, block->body_place), "a block's place in the body", i);
        REQUIRE(!doc->body_end_block || block->body_place.block < doc->body_end_block,
                "a block's place is not in the body", i);
        REQUIRE((block->story == DOC_STORY_BODY) <= (i < doc->body_end_block), "a body block behind the body", i);
        uint32_t at = 0;
        for (size_t k = block->first_run; k < block->first_run + block->run_count; k++) {
            TRY(check_run(doc, block, k, at, e));
            at = doc->runs.at[k].end;
        }
        REQUIRE(at == block->text.n, "runs do not reach the end of the text", i);
    }
    return ERR_OK;
}

static enum err check_wraps(const struct doc *doc, struct error *e)
{
    for (size_t i = 0; i < doc->wraps.n; i++) {
        const struct doc_wrap *wrap = &doc->wraps.at[i];
        REQUIRE(is_tag(doc, wrap->part, wrap->src), "a wrapper's range", i);
        REQUIRE(wrap->content_start >= wrap->src.start && wrap->content_start <= wrap->content_end &&
                    wrap->content_end <= wrap->src.end,
                "a wrapper's content", i);
        REQUIRE(wrap->parent == DOC_NONE || wrap->parent < i, "a wrapper's parent", i);
        REQUIRE(index_ok(wrap->revision, doc->revisions.n) && index_ok(wrap->link, doc->links.n),
                "a wrapper's reference", i);
        REQUIRE(utf8_valid(wrap->field), "a field's text", i);
    }
    return ERR_OK;
}

static enum err check_sections(const struct doc *doc, struct error *e)
{
    uint32_t at = 0;
    for (size_t i = 0; i < doc->sections.n; i++) {
        const struct doc_section *s = &doc->sections.at[i];
        REQUIRE(s->first_block == at && s->end_block >= at && s->end_block <= doc->body_end_block,
                "sections do not partition the body", i);
        at = s->end_block;
        REQUIRE(s->subtree_end_block >= s->end_block && s->subtree_end_block <= doc->body_end_block,
                "a section's subtree", i);
        REQUIRE(s->parent == DOC_NONE || (s->parent < i && doc->sections.at[s->parent].level < s->level),
                "a section's parent", i);
        REQUIRE(s->heading == DOC_NONE || s->heading == s->first_block, "a section's heading", i);
        REQUIRE((s->kind == DOC_SECTION_PREAMBLE) == (s->level == 0) && s->level <= 9, "a section's level", i);
    }
    REQUIRE(doc->sections.n > 0 && at == doc->body_end_block, "sections do not reach the end of the body", at);
    return ERR_OK;
}

static enum err check_cell(const struct doc *doc, const struct doc_table *t, uint32_t row, size_t i, struct error *e)
{
    const struct doc_cell *cell = &doc->cells.at[i];
    REQUIRE(cell->row == row && cell->table == doc->rows.at[row].table, "a cell's row", i);
    REQUIRE(cell->first_block >= t->first_block && cell->first_block <= cell->end_block &&
                cell->end_block <= t->end_block,
            "a cell's blocks", i);
    REQUIRE(cell->column_span >= 1 && cell->column + cell->column_span <= t->column_count, "a cell's columns", i);
    for (uint32_t k = cell->first_block; k < cell->end_block; k++)
        REQUIRE(doc->blocks.at[k].cell != DOC_NONE, "a block of a cell that is in none", k);
    return ERR_OK;
}

static enum err check_tables(const struct doc *doc, struct error *e)
{
    uint32_t row = 0, cell = 0;
    for (size_t i = 0; i < doc->tables.n; i++) {
        const struct doc_table *t = &doc->tables.at[i];
        REQUIRE(is_tag(doc, t->part, t->src), "a table's range", i);
        REQUIRE(t->first_block <= t->end_block && t->end_block <= doc->blocks.n, "a table's blocks", i);
        REQUIRE(t->section < doc->sections.n && index_ok(t->parent_cell, doc->cells.n), "a table's place", i);
        REQUIRE(t->first_row == row && doc->rows.n - row >= t->row_count, "a table's rows", i);
        for (uint32_t r = row; r < row + t->row_count; r++) {
            REQUIRE(doc->rows.at[r].table == i && doc->rows.at[r].first_cell == cell, "a row's table", r);
            REQUIRE(doc->cells.n - cell >= doc->rows.at[r].cell_count, "a row's cells", r);
            for (uint32_t c = 0; c < doc->rows.at[r].cell_count; c++)
                TRY(check_cell(doc, t, r, cell++, e));
        }
        row += t->row_count;
    }
    REQUIRE(row == doc->rows.n && cell == doc->cells.n, "rows or cells of no table", row);
    return ERR_OK;
}

static enum err check_references(const struct doc *doc, struct error *e)
{
    for (size_t i = 0; i < doc->notes.n; i++) {
        const struct doc_note *note = &doc->notes.at[i];
        REQUIRE(note->first_block <= note->end_block && note->end_block <= doc->blocks.n, "a note's blocks", i);
        REQUIRE(note->ref.block == DOC_NONE || place_ok(doc, note->ref), "a note's reference", i);
        REQUIRE(index_ok(note->ref_run, doc->runs.n), "a note's run", i);
    }
    for (size_t i = 0; i < doc->links.n && doc->blocks.n; i++)
        REQUIRE(anchor_ok(doc, doc->links.at[i].anchor), "a link's anchor", i);
    for (size_t i = 0; i < doc->images.n; i++)
        REQUIRE(place_ok(doc, doc->images.at[i].place), "an image's place", i);
    for (size_t i = 0; i < doc->bookmarks.n && doc->blocks.n; i++)
        REQUIRE(place_ok(doc, doc->bookmarks.at[i].place), "a bookmark's place", i);
    for (size_t i = 0; i < doc->revisions.n && doc->blocks.n; i++)
        REQUIRE(place_ok(doc, doc->revisions.at[i].place) && utf8_valid(doc->revisions.at[i].text), "a tracked change",
                i);
    for (size_t i = 0; i < doc->comments.n; i++) {
        const struct doc_comment *c = &doc->comments.at[i];
        REQUIRE(!c->anchored || anchor_ok(doc, c->anchor), "a comment's anchor", i);
        REQUIRE(index_ok(c->parent, doc->comments.n) && utf8_valid(c->text), "a comment", i);
    }
    for (size_t i = 0; i < doc->warnings.n; i++)
        REQUIRE(doc->warnings.at[i].message.n && utf8_valid(doc->warnings.at[i].message), "a warning", i);
    return ERR_OK;
}

enum err doc_check(const struct doc *doc, struct error *e)
{
    REQUIRE(doc->parts.n > 0 && doc->body_content_end <= doc->parts.at[0].bytes.n, "the end of the body",
            doc->body_content_end);
    TRY(check_blocks(doc, e));
    TRY(check_wraps(doc, e));
    TRY(check_sections(doc, e));
    TRY(check_tables(doc, e));
    return check_references(doc, e);
}
