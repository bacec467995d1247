/* The document in the HTML report: headings, lists, tables, notes, the looks of runs, and the marks of findings, with each finding's card behind the block that it is about.
 * A block's text is cut at every border of a run, a link or a mark; each piece gets one <mark> for every finding on it, so nested and overlapping findings need no special case. The first piece of a finding
 * has the id that its card links to. Everything from the document goes through html__text or sb_xml_attr.
 * Limits: tables nested deeper than TABLES_MAX are shown as paragraphs; pictures are shown as their description. */
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "doc/text.h"
#include "review/export_priv.h"

#define TABLES_MAX 16

struct mark { /* a finding on one block */
    uint32_t start, end;
    size_t finding;
    bool first; /* the finding begins here */
};
struct marks {
    struct mark *at;
    size_t n, cap;
};

struct view {
    const struct html_report *h;
    const struct doc *doc;
    struct sb *out;
    struct marks *marks;  /* of each block */
    uint32_t *first_link; /* of each block: the first of its links, chained by next_link; DOC_NONE */
    uint32_t *next_link;
    uint32_t *note_numbers;       /* as the reader of the page counts them */
    VEC(uint32_t) cuts;           /* of the block at hand */
    VEC(size_t) due;              /* findings whose cards come next */
    uint32_t run, note_run, link; /* of the block at hand: where the walk over its text is */
    unsigned depth;               /* of tables */
    bool list_open;
    unsigned last_heading; /* its level in the page */
};

/* --- preparation --- */

static enum err marks_make(struct view *v, struct error *e)
{
    const struct finding_list *list = &v->h->review->result->findings;
    for (size_t i = 0; i < list->n; i++) {
        const struct finding *f = &list->at[i];
        if (!f->located || f->anchor.end.block >= v->doc->blocks.n) continue;
        for (uint32_t b = f->anchor.start.block; b <= f->anchor.end.block; b++) {
            struct mark *m = VEC_PUSH(v->h->scratch, &v->marks[b]);
            if (!m) return error_no_memory(e);
            m->first = b == f->anchor.start.block;
            m->start = m->first ? f->anchor.start.offset : 0;
            m->end = b == f->anchor.end.block ? f->anchor.end.offset : (uint32_t)v->doc->blocks.at[b].text.n;
            m->finding = i;
        }
    }
    return ERR_OK;
}

static enum err links_make(struct view *v, struct error *e)
{
    v->first_link = NEW(v->h->scratch, uint32_t, v->doc->blocks.n);
    v->next_link = NEW(v->h->scratch, uint32_t, v->doc->links.n);
    if (!v->first_link || !v->next_link) return error_no_memory(e);
    for (uint32_t b = 0; b < v->doc->blocks.n; b++)
        v->first_link[b] = DOC_NONE;
    for (uint32_t i = v->doc->links.n; i > 0; i--) {
        const struct doc_link *l = &v->doc->links.at[i - 1];
        if (l->anchor.start.block >= v->doc->blocks.n || l->anchor.start.block != l->anchor.end.block) continue;
        v->next_link[i - 1] = v->first_link[l->anchor.start.block];
        v->first_link[l->anchor.start.block] = i - 1;
    }
    return ERR_OK;
}

/* --- one block's text --- */

static int compare_cuts(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static enum err cut(struct view *v, uint32_t at, struct error *e)
{
    uint32_t *c = VEC_PUSH(v->h->scratch, &v->cuts);
    if (!c) return error_no_memory(e);
    *c = at;
    return ERR_OK;
}

static enum err cuts_make(struct view *v, uint32_t block, struct error *e)
{
    const struct doc_block *b = &v->doc->blocks.at[block];
    v->cuts.n = 0;
    TRY(cut(v, 0, e));
    TRY(cut(v, (uint32_t)b->text.n, e));
    for (uint32_t r = b->first_run; r < b->first_run + b->run_count; r++) {
        TRY(cut(v, v->doc->runs.at[r].start, e));
        TRY(cut(v, v->doc->runs.at[r].end, e));
    }
    for (size_t i = 0; i < v->marks[block].n; i++) {
        TRY(cut(v, v->marks[block].at[i].start, e));
        TRY(cut(v, v->marks[block].at[i].end, e));
    }
    for (uint32_t l = v->first_link[block]; l != DOC_NONE; l = v->next_link[l]) {
        TRY(cut(v, v->doc->links.at[l].anchor.start.offset, e));
        TRY(cut(v, v->doc->links.at[l].anchor.end.offset, e));
    }
    qsort(v->cuts.at, v->cuts.n, sizeof *v->cuts.at, compare_cuts);
    size_t n = 0;
    for (size_t i = 0; i < v->cuts.n; i++)
        if (n == 0 || v->cuts.at[n - 1] != v->cuts.at[i]) v->cuts.at[n++] = v->cuts.at[i];
    v->cuts.n = n;
    return ERR_OK;
}

static enum err notes_number(struct view *v, struct error *e)
{
    uint32_t footnotes = 0, endnotes = 0;
    v->note_numbers = NEW(v->h->scratch, uint32_t, v->doc->notes.n);
    if (!v->note_numbers) return error_no_memory(e);
    for (uint32_t i = 0; i < v->doc->notes.n; i++)
        v->note_numbers[i] = v->doc->notes.at[i].story == DOC_STORY_ENDNOTE ? ++endnotes : ++footnotes;
    return ERR_OK;
}

static void note_number(const struct view *v, uint32_t note)
{
    sb_printf(v->out, "%s%u", v->doc->notes.at[note].story == DOC_STORY_ENDNOTE ? "e" : "", v->note_numbers[note]);
}

/* Zero-width things at this byte: references to notes, and marks of findings that are about a place between two characters. */
static void points(struct view *v, uint32_t block, uint32_t at)
{
    const struct doc_block *b = &v->doc->blocks.at[block];
    for (size_t i = 0; i < v->marks[block].n; i++) {
        const struct mark *m = &v->marks[block].at[i];
        if (m->start != at || m->end != at || !m->first) continue;
        const struct finding *f = &v->h->review->result->findings.at[m->finding];
        sb_printf(v->out, "<mark class=\"point %s\" id=\"m%zu\"></mark>", finding_risk_name(f->risk), m->finding + 1);
    }
    for (; v->note_run < b->first_run + b->run_count; v->note_run++) {
        const struct doc_run *run = &v->doc->runs.at[v->note_run];
        if (run->start > at) break;
        if (run->kind != DOC_RUN_NOTE || run->ref >= v->doc->notes.n) continue;
        sb_printf(v->out, "<sup class=\"note-ref\"><a href=\"#n%u\">", run->ref);
        note_number(v, run->ref);
        SB_LIT(v->out, "</a></sup>");
    }
}

static const struct doc_run *run_at(struct view *v, const struct doc_block *b, uint32_t at)
{
    while (v->run < b->first_run + b->run_count && v->doc->runs.at[v->run].end <= at)
        v->run++;
    if (v->run >= b->first_run + b->run_count || v->doc->runs.at[v->run].start > at) return NULL;
    return &v->doc->runs.at[v->run];
}

static bool is_web(struct str target)
{
    return str_starts_nocase(target, STR("http://")) || str_starts_nocase(target, STR("https://")) ||
           str_starts_nocase(target, STR("mailto:"));
}

static const struct doc_link *link_at(struct view *v, uint32_t at)
{
    while (v->link != DOC_NONE && v->doc->links.at[v->link].anchor.end.offset <= at)
        v->link = v->next_link[v->link];
    if (v->link == DOC_NONE) return NULL;
    const struct doc_link *link = &v->doc->links.at[v->link];
    return link->anchor.start.offset <= at && link->external && is_web(link->target) ? link : NULL;
}

static const struct {
    uint32_t format;
    const char *open, *close;
} looks[] = {
    {DOC_BOLD, "<b>", "</b>"},
    {DOC_ITALIC, "<i>", "</i>"},
    {DOC_UNDERLINE, "<u>", "</u>"},
    {DOC_STRIKE, "<s>", "</s>"},
    {DOC_SUPERSCRIPT, "<sup>", "</sup>"},
    {DOC_SUBSCRIPT, "<sub>", "</sub>"},
    {DOC_CAPS, "<span class=\"caps\">", "</span>"},
    {DOC_SMALL_CAPS, "<span class=\"small-caps\">", "</span>"},
    {DOC_HIGHLIGHT, "<span class=\"lit\">", "</span>"},
};
#define N_LOOKS (sizeof looks / sizeof *looks)

static void picture(struct view *v, const struct doc_run *run)
{
    struct str alt = STR_EMPTY;
    if (run->ref < v->doc->images.n) alt = v->doc->images.at[run->ref].alt;
    SB_LIT(v->out, "<span class=\"picture\">[picture");
    if (alt.n) SB_LIT(v->out, ": ");
    html__text(v->out, alt);
    SB_LIT(v->out, "]</span>");
}

/* One piece: nothing begins or ends inside it. */
static void piece(struct view *v, uint32_t block, uint32_t start, uint32_t end, const struct doc_run *run)
{
    const struct doc_block *b = &v->doc->blocks.at[block];
    const struct doc_link *link = link_at(v, start);
    size_t open = 0;
    uint32_t format = run ? run->format : 0;
    if (b->heading_level > 0) format &= ~(uint32_t)DOC_BOLD;
    for (size_t i = v->marks[block].n; i > 0; i--) { /* the riskiest innermost: its colour is seen */
        const struct mark *m = &v->marks[block].at[i - 1];
        if (m->start > start || m->end < end) continue;
        const struct finding *f = &v->h->review->result->findings.at[m->finding];
        sb_printf(v->out, "<mark class=\"%s\"", finding_risk_name(f->risk));
        if (m->first && m->start == start) sb_printf(v->out, " id=\"m%zu\"", m->finding + 1);
        sb_char(v->out, '>');
        open++;
    }
    if (link) {
        SB_LIT(v->out, "<a rel=\"noreferrer\" href=\"");
        sb_xml_attr(v->out, link->target);
        SB_LIT(v->out, "\">");
    }
    for (size_t i = 0; i < N_LOOKS; i++)
        if (format & looks[i].format) sb_c(v->out, looks[i].open);
    if (run && run->kind == DOC_RUN_OBJECT)
        picture(v, run);
    else
        html__text(v->out, str_sub(b->text, start, end));
    for (size_t i = N_LOOKS; i > 0; i--)
        if (format & looks[i - 1].format) sb_c(v->out, looks[i - 1].close);
    if (link) SB_LIT(v->out, "</a>");
    for (; open > 0; open--)
        SB_LIT(v->out, "</mark>");
}

/* The numbers, linked to the cards, of the findings that end at this byte. */
static void ends(struct view *v, uint32_t block, uint32_t at)
{
    for (size_t i = 0; i < v->marks[block].n; i++) {
        const struct mark *m = &v->marks[block].at[i];
        const struct finding *f = &v->h->review->result->findings.at[m->finding];
        if (m->end != at || f->anchor.end.block != block) continue;
        sb_printf(v->out, "<a class=\"ref %s\" href=\"#f%zu\"><span class=\"unseen\">finding </span>%zu</a>",
                  finding_risk_name(f->risk), m->finding + 1, m->finding + 1);
    }
}

static enum err inline_text(struct view *v, uint32_t block, struct error *e)
{
    const struct doc_block *b = &v->doc->blocks.at[block];
    TRY(cuts_make(v, block, e));
    v->run = v->note_run = b->first_run;
    v->link = v->first_link[block];
    for (size_t i = 0; i < v->cuts.n; i++) {
        uint32_t at = v->cuts.at[i];
        points(v, block, at);
        ends(v, block, at);
        if (i + 1 < v->cuts.n) piece(v, block, at, v->cuts.at[i + 1], run_at(v, b, at));
    }
    return ERR_OK;
}

/* --- blocks --- */

static void list_close(struct view *v)
{
    if (v->list_open) SB_LIT(v->out, "</ul>\n");
    v->list_open = false;
}

static enum err due_add(struct view *v, uint32_t block, struct error *e)
{
    for (size_t i = 0; i < v->marks[block].n; i++) {
        if (!v->marks[block].at[i].first) continue;
        size_t *due = VEC_PUSH(v->h->scratch, &v->due);
        if (!due) return error_no_memory(e);
        *due = v->marks[block].at[i].finding;
    }
    return ERR_OK;
}

static void due_flush(struct view *v)
{
    for (size_t i = 0; i < v->due.n; i++)
        html__card(v->h, v->due.at[i]);
    v->due.n = 0;
}

/* What is shown as one thing, with the cards of all its findings beside its top; the caller closes it. Where the window is narrow the style puts them below. */
static enum err unit_open(struct view *v, uint32_t first, uint32_t end, struct error *e)
{
    v->due.n = 0;
    for (uint32_t b = first; b < end; b++)
        TRY(due_add(v, b, e));
    SB_LIT(v->out, "<div class=\"unit\">\n");
    if (v->due.n == 0) return ERR_OK;
    SB_LIT(v->out, "<div class=\"cards\">\n");
    due_flush(v);
    SB_LIT(v->out, "</div>\n");
    return ERR_OK;
}

static bool is_unreviewed(const struct view *v, const struct doc_block *b)
{
    const struct doc *doc = v->doc;
    return b->is_toc || (b->section < doc->sections.n && !doc->sections.at[b->section].reviewed);
}

static void label(struct view *v, const struct doc_block *b)
{
    if (b->label.n == 0) return;
    SB_LIT(v->out, "<span class=\"label\">");
    html__text(v->out, b->label);
    SB_LIT(v->out, "</span> ");
}

static void class_of(struct view *v, const struct doc_block *b, const char *class)
{
    sb_printf(v->out, " dir=\"auto\" class=\"%s%s\"", class, is_unreviewed(v, b) ? " unreviewed" : "");
}

static enum err heading(struct view *v, uint32_t block, struct error *e)
{
    const struct doc_block *b = &v->doc->blocks.at[block];
    unsigned shown = b->heading_level > 4 ? 4 : b->heading_level;
    unsigned level = shown + 2 > v->last_heading + 1
                         ? v->last_heading + 1
                         : shown + 2; /* a level that the author skipped is none of the page's */
    char class[16];
    (void)snprintf(class, sizeof class, "heading h%u", shown);
    v->last_heading = level;
    list_close(v);
    sb_printf(v->out, "<h%u", level);
    if (b->section < v->doc->sections.n && v->doc->sections.at[b->section].heading == block)
        sb_printf(v->out, " id=\"s%u\"", b->section);
    class_of(v, b, class);
    sb_char(v->out, '>');
    label(v, b);
    TRY(inline_text(v, block, e));
    sb_printf(v->out, "</h%u>\n", level);
    return ERR_OK;
}

static enum err list_item(struct view *v, uint32_t block, struct error *e)
{
    const struct doc_block *b = &v->doc->blocks.at[block];
    char class[16];
    (void)snprintf(class, sizeof class, "l%u", b->list_level > 9 ? 9u : b->list_level);
    if (!v->list_open) SB_LIT(v->out, "<ul class=\"list\">\n");
    v->list_open = true;
    SB_LIT(v->out, "<li");
    class_of(v, b, class);
    sb_char(v->out, '>');
    label(v, b);
    TRY(inline_text(v, block, e));
    if (v->depth == 0) {
        TRY(due_add(v, block, e));
        due_flush(v);
    }
    SB_LIT(v->out, "</li>\n");
    return ERR_OK;
}

static enum err paragraph(struct view *v, uint32_t block, struct error *e)
{
    const struct doc_block *b = &v->doc->blocks.at[block];
    if (doc_block_is_blank(b) && b->run_count == 0 && v->marks[block].n == 0) return ERR_OK;
    if (b->heading_level > 0) {
        TRY(heading(v, block, e));
    } else if (b->list_level > 0) {
        TRY(list_item(v, block, e));
        if (v->depth == 0) return ERR_OK;
    } else {
        list_close(v);
        SB_LIT(v->out, "<p");
        class_of(v, b, b->is_title ? "title" : b->is_toc ? "toc" : "text");
        sb_char(v->out, '>');
        label(v, b);
        TRY(inline_text(v, block, e));
        SB_LIT(v->out, "</p>\n");
    }
    if (v->depth > 0) return ERR_OK;
    TRY(due_add(v, block, e));
    due_flush(v);
    return ERR_OK;
}

/* --- tables --- */

static enum err blocks(struct view *v, uint32_t first, uint32_t end, uint32_t cell, struct error *e);

/* The cell of a row that begins at this column, or NULL. Cells stand in order of their columns. */
static const struct doc_cell *cell_at(const struct doc *doc, const struct doc_row *row, uint32_t column)
{
    uint32_t low = 0, high = row->cell_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (doc->cells.at[row->first_cell + middle].column < column)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == row->cell_count) return NULL;
    const struct doc_cell *c = &doc->cells.at[row->first_cell + low];
    return c->column == column ? c : NULL;
}

/* The rows that a cell goes down: itself and those that continue its merge. */
static uint32_t row_span(const struct doc *doc, const struct doc_table *t, const struct doc_cell *c)
{
    uint32_t span = 1;
    for (uint32_t r = c->row_number + 1; r < t->row_count; r++, span++) {
        const struct doc_cell *below = cell_at(doc, &doc->rows.at[t->first_row + r], c->column);
        if (!below || !below->merged_up || below->column_span != c->column_span) break;
    }
    return span;
}

/* Does it continue a merge that a cell above really began? */
static bool is_hidden(const struct doc *doc, const struct doc_table *t, const struct doc_cell *c)
{
    if (!c->merged_up || c->row_number == 0) return false;
    const struct doc_cell *above = cell_at(doc, &doc->rows.at[t->first_row + c->row_number - 1], c->column);
    return above && above->column_span == c->column_span;
}

static enum err cell(struct view *v, const struct doc_table *t, const struct doc_row *row, uint32_t index,
                     struct error *e)
{
    const struct doc *doc = v->doc;
    const struct doc_cell *c = &doc->cells.at[index];
    if (is_hidden(doc, t, c)) return ERR_OK;
    uint32_t span = row_span(doc, t, c);
    const char *tag = row->is_header ? "th" : "td";
    sb_printf(v->out, "<%s", tag);
    if (row->is_header) SB_LIT(v->out, " scope=\"col\"");
    if (c->column_span > 1) sb_printf(v->out, " colspan=\"%u\"", c->column_span);
    if (span > 1) sb_printf(v->out, " rowspan=\"%u\"", span);
    sb_char(v->out, '>');
    for (uint32_t r = 0; r < span; r++) { /* what Word hides in the merged cells below is still text of the document */
        const struct doc_cell *part =
            r == 0 ? c : cell_at(doc, &doc->rows.at[t->first_row + c->row_number + r], c->column);
        if (part) TRY(blocks(v, part->first_block, part->end_block, (uint32_t)(part - doc->cells.at), e));
    }
    list_close(v);
    sb_printf(v->out, "</%s>\n", tag);
    return ERR_OK;
}

static enum err table(struct view *v, uint32_t index, struct error *e)
{
    const struct doc_table *t = &v->doc->tables.at[index];
    list_close(v);
    v->depth++;
    if (v->depth == 1) TRY(unit_open(v, t->first_block, t->end_block, e));
    if (v->depth == 1)
        sb_printf(v->out,
                  "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table %u of the document\">",
                  index + 1);
    SB_LIT(v->out, "<table class=\"doc-table\">\n");
    for (uint32_t r = 0; r < t->row_count; r++) {
        const struct doc_row *row = &v->doc->rows.at[t->first_row + r];
        SB_LIT(v->out, "<tr>\n");
        for (uint32_t i = 0; i < row->cell_count; i++)
            TRY(cell(v, t, row, row->first_cell + i, e));
        SB_LIT(v->out, "</tr>\n");
    }
    SB_LIT(v->out, "</table>\n");
    v->depth--;
    if (v->depth == 0) SB_LIT(v->out, "</div>\n</div>\n");
    return ERR_OK;
}

/* The table that begins at the block and stands directly in the cell (DOC_NONE: in no cell), or DOC_NONE. */
static uint32_t table_in(const struct doc *doc, uint32_t block, uint32_t cell)
{
    uint32_t at = doc->blocks.at[block].cell;
    if (at == cell || at >= doc->cells.n) return DOC_NONE;
    for (uint32_t t = doc->cells.at[at].table; t < doc->tables.n;) {
        uint32_t parent = doc->tables.at[t].parent_cell;
        if (parent == cell) return t;
        if (parent >= doc->cells.n) return DOC_NONE;
        t = doc->cells.at[parent].table;
    }
    return DOC_NONE;
}

static uint32_t text_box_end(const struct doc *doc, uint32_t at, uint32_t end)
{
    while (at < end && doc->blocks.at[at].story == DOC_STORY_TEXTBOX)
        at++;
    return at;
}

/* Blocks of a text box stand together, framed. */
static enum err text_box(struct view *v, uint32_t *at, uint32_t end, struct error *e)
{
    list_close(v);
    v->depth++;
    if (v->depth == 1) TRY(unit_open(v, *at, text_box_end(v->doc, *at, end), e));
    SB_LIT(v->out, "<div class=\"textbox\">\n");
    for (; *at < end && v->doc->blocks.at[*at].story == DOC_STORY_TEXTBOX; (*at)++)
        TRY(paragraph(v, *at, e));
    list_close(v);
    SB_LIT(v->out, "</div>\n");
    if (v->depth == 1) SB_LIT(v->out, "</div>\n");
    v->depth--;
    return ERR_OK;
}

static enum err blocks(struct view *v, uint32_t first, uint32_t end, uint32_t cell, struct error *e)
{
    for (uint32_t b = first; b < end;) {
        if (v->doc->blocks.at[b].story == DOC_STORY_TEXTBOX) {
            TRY(text_box(v, &b, end, e));
            continue;
        }
        uint32_t t = v->depth < TABLES_MAX ? table_in(v->doc, b, cell) : DOC_NONE;
        if (t != DOC_NONE && v->doc->tables.at[t].end_block > b) {
            TRY(table(v, t, e));
            b = v->doc->tables.at[t].end_block;
            continue;
        }
        TRY(paragraph(v, b, e));
        b++;
    }
    return ERR_OK;
}

/* --- the other stories --- */

static enum err notes(struct view *v, struct error *e)
{
    if (v->doc->notes.n == 0) return ERR_OK;
    SB_LIT(v->out, "<h3 class=\"story\">Notes</h3>\n");
    for (uint32_t i = 0; i < v->doc->notes.n; i++) {
        const struct doc_note *n = &v->doc->notes.at[i];
        sb_printf(v->out, "<div class=\"note\" id=\"n%u\"><span class=\"label\">", i);
        note_number(v, i);
        SB_LIT(v->out, "</span>\n");
        TRY(blocks(v, n->first_block, n->end_block, DOC_NONE, e));
        list_close(v);
        SB_LIT(v->out, "</div>\n");
    }
    return ERR_OK;
}

static enum err margins(struct view *v, struct error *e)
{
    bool any = false;
    for (uint32_t b = v->doc->body_end_block; b < v->doc->blocks.n; b++) {
        const struct doc_block *block = &v->doc->blocks.at[b];
        if ((block->story != DOC_STORY_HEADER && block->story != DOC_STORY_FOOTER) || doc_block_is_blank(block))
            continue;
        if (!any) SB_LIT(v->out, "<h3 class=\"story\">Headers and footers</h3>\n");
        any = true;
        TRY(paragraph(v, b, e));
    }
    list_close(v);
    return ERR_OK;
}

enum err html__document(const struct html_report *h, struct error *e)
{
    struct view v = {.h = h, .doc = h->review->doc, .out = h->out, .last_heading = 2};
    v.marks = NEW(h->scratch, struct marks, v.doc->blocks.n);
    if (!v.marks) return error_no_memory(e);
    TRY(marks_make(&v, e));
    TRY(links_make(&v, e));
    TRY(notes_number(&v, e));
    TRY(blocks(&v, 0, v.doc->body_end_block, DOC_NONE, e));
    list_close(&v);
    TRY(notes(&v, e));
    return margins(&v, e);
}
