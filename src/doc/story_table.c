/* Tables: rows, cells, grid columns. Nested tables interleave their rows and cells with those of the table around
 * them; doc__tables_order puts each table's together at the end. See story_priv.h. Sources: ECMA-376 part 1, 17.4. */
#include "doc/story_priv.h"

enum err doc__start_tbl(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    if (s->in_para) return ERR_OK; /* in a paragraph there is no table: what it holds is read all the same */
    struct doc_table *table = VEC_PUSH(s->b->a, &s->b->tables);
    struct doc__open_table *open = VEC_PUSH(s->b->a, &s->tables);
    if (!table || !open) return error_no_memory(e);
    uint32_t block = (uint32_t)s->b->blocks.n;
    *table = (struct doc_table){.parent_cell = s->cell,
                                .first_block = block,
                                .end_block = block,
                                .part = s->part,
                                .src = {tag->start, tag->end}};
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_TBL;
    f->index = (uint32_t)(s->b->tables.n - 1);
    *open = (struct doc__open_table){.table = f->index, .row = DOC_NONE, .row_number = DOC_NONE, .outer_cell = s->cell};
    return ERR_OK;
}

enum err doc__end_tbl(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)e;
    struct doc_table *table = &s->b->tables.at[f->index];
    table->src.end = tag->end;
    table->end_block = (uint32_t)s->b->blocks.n;
    s->cell = s->tables.at[--s->tables.n].outer_cell;
    return ERR_OK;
}

static bool directly_in_table(const struct doc__story *s, uint8_t what)
{
    for (size_t i = s->frames.n - 1; i > 0; i--) {
        uint8_t around = s->frames.at[i - 1].what;
        if (around == what) return true;
        if (around == IS_P || around == IS_TEXTBOX || around == IS_TC || around == IS_TBL || around == IS_TR)
            return false;
    }
    return false;
}

enum err doc__start_tr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)tag;
    if (!directly_in_table(s, IS_TBL)) return ERR_OK;
    struct doc__open_table *t = &s->tables.at[s->tables.n - 1];
    struct doc_row *row = VEC_PUSH(s->b->a, &s->b->rows);
    if (!row) return error_no_memory(e);
    *row = (struct doc_row){.table = t->table};
    t->row = (uint32_t)(s->b->rows.n - 1);
    t->row_number++; /* DOC_NONE + 1 is the first, 0 */
    t->column = 0;
    doc__story_frame(s)->what = IS_TR;
    return ERR_OK;
}

enum err doc__start_tc(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    (void)tag;
    if (!directly_in_table(s, IS_TR)) return ERR_OK;
    struct doc__open_table *t = &s->tables.at[s->tables.n - 1];
    struct doc_cell *cell = VEC_PUSH(s->b->a, &s->b->cells);
    if (!cell) return error_no_memory(e);
    *cell = (struct doc_cell){.table = t->table,
                              .row = t->row,
                              .row_number = t->row_number,
                              .column = t->column,
                              .column_span = 1,
                              .first_block = (uint32_t)s->b->blocks.n,
                              .end_block = (uint32_t)s->b->blocks.n};
    struct doc__frame *f = doc__story_frame(s);
    f->what = IS_TC;
    f->index = s->cell = (uint32_t)(s->b->cells.n - 1);
    t->cell_shaded = false;
    return ERR_OK;
}

enum err doc__end_tc(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e)
{
    (void)tag;
    (void)e;
    struct doc__open_table *t = &s->tables.at[s->tables.n - 1];
    struct doc_cell *cell = &s->b->cells.at[f->index];
    cell->end_block = (uint32_t)s->b->blocks.n;
    t->column += cell->column_span;
    struct doc_table *table = &s->b->tables.at[t->table];
    if (t->column > table->column_count) table->column_count = t->column;
    s->cell = t->outer_cell;
    t->cell_shaded = false;
    return ERR_OK;
}

enum err doc__child_tbl_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    doc__story_skip(s, tag);
    if (tag->token == T_TBL_PR_CHANGE) return doc__format_change(s, tag, e);
    if (tag->token == T_TBL_STYLE) s->tables.at[s->tables.n - 1].styled = true;
    return ERR_OK;
}

enum err doc__child_tr_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    doc__story_skip(s, tag);
    struct doc__open_table *t = &s->tables.at[s->tables.n - 1];
    struct doc_row *row = &s->b->rows.at[t->row];
    switch (tag->token) {
    case T_TBL_HEADER: row->is_header = doc__on_off(xml_attr(tag, T_VAL)); return ERR_OK;
    case T_GRID_BEFORE: t->column = doc__number(xml_attr(tag, T_VAL), 0) % 64; return ERR_OK;
    case T_INS: return doc__revision_push(s, DOC_REVISION_INSERT, tag, STR(""), NULL, e);
    case T_DEL:
        row->deleted = !doc__revision_rejected(s, tag);
        return doc__revision_push(s, DOC_REVISION_DELETE, tag, STR(""), NULL, e);
    case T_TR_PR_CHANGE: return doc__format_change(s, tag, e);
    default: return ERR_OK;
    }
}

enum err doc__child_tc_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e)
{
    doc__story_skip(s, tag);
    struct doc_cell *cell = &s->b->cells.at[s->cell];
    switch (tag->token) {
    case T_GRID_SPAN: {
        uint32_t span = doc__number(xml_attr(tag, T_VAL), 1);
        cell->column_span = span < 1 ? 1 : span > 1024 ? 1024 : span;
        return ERR_OK;
    }
    case T_V_MERGE: cell->merged_up = !str_eq_c(xml_attr(tag, T_VAL), "restart"); return ERR_OK;
    case T_SHD: {
        struct doc__format f = {0};
        doc__format_read(&f, tag);
        s->tables.at[s->tables.n - 1].cell_shaded = (f.on & DOC__SHADED) != 0;
        return ERR_OK;
    }
    case T_CELL_INS:
    case T_CELL_DEL: return doc__revision_push(s, DOC_REVISION_OTHER, tag, STR(""), NULL, e);
    case T_TC_PR_CHANGE: return doc__format_change(s, tag, e);
    default: return ERR_OK;
    }
}

/* ---- the order at the end ---- */

/* For elements 0 … n-1 with owner owner[i] (< n_owners): their positions when sorted by owner, stable. first[o] is
 * where those of o begin. */
static void counting_order(const uint32_t *owner, size_t n, uint32_t *first, size_t n_owners, uint32_t *to)
{
    for (size_t i = 0; i < n; i++)
        first[owner[i] + 1]++;
    for (size_t o = 0; o < n_owners; o++)
        first[o + 1] += first[o];
    for (size_t i = 0; i < n; i++)
        to[i] = first[owner[i]]++;
    for (size_t o = n_owners; o > 0; o--)
        first[o] = first[o - 1];
    first[0] = 0;
}

static enum err order_rows(struct doc__builder *b, struct error *e)
{
    size_t n = b->rows.n;
    uint32_t *owner = NEW(b->a, uint32_t, n), *first = NEW(b->a, uint32_t, b->tables.n + 1),
             *to = NEW(b->a, uint32_t, n);
    struct doc_row *rows = NEW(b->a, struct doc_row, n);
    if (!owner || !first || !to || !rows) return error_no_memory(e);
    for (size_t i = 0; i < n; i++)
        owner[i] = b->rows.at[i].table;
    counting_order(owner, n, first, b->tables.n, to);
    for (size_t i = 0; i < n; i++)
        rows[to[i]] = b->rows.at[i];
    for (size_t t = 0; t < b->tables.n; t++) {
        b->tables.at[t].first_row = first[t];
        b->tables.at[t].row_count = first[t + 1] - first[t];
    }
    for (size_t i = 0; i < b->cells.n; i++)
        b->cells.at[i].row = to[b->cells.at[i].row];
    if (n) memcpy(b->rows.at, rows, n * sizeof *rows);
    return ERR_OK;
}

enum err doc__tables_order(struct doc__builder *b, struct error *e)
{
    if (!b->tables.n) return ERR_OK;
    TRY(order_rows(b, e));
    size_t n = b->cells.n, n_rows = b->rows.n;
    uint32_t *owner = NEW(b->a, uint32_t, n), *first = NEW(b->a, uint32_t, n_rows + 1), *to = NEW(b->a, uint32_t, n);
    struct doc_cell *cells = NEW(b->a, struct doc_cell, n);
    if (!owner || !first || !to || !cells) return error_no_memory(e);
    for (size_t i = 0; i < n; i++)
        owner[i] = b->cells.at[i].row;
    counting_order(owner, n, first, n_rows, to);
    for (size_t i = 0; i < n; i++)
        cells[to[i]] = b->cells.at[i];
    for (size_t r = 0; r < n_rows; r++) {
        b->rows.at[r].first_cell = first[r];
        b->rows.at[r].cell_count = first[r + 1] - first[r];
    }
    for (size_t i = 0; i < b->blocks.n; i++)
        if (b->blocks.at[i].cell != DOC_NONE) b->blocks.at[i].cell = to[b->blocks.at[i].cell];
    for (size_t t = 0; t < b->tables.n; t++)
        if (b->tables.at[t].parent_cell != DOC_NONE) b->tables.at[t].parent_cell = to[b->tables.at[t].parent_cell];
    if (n) memcpy(b->cells.at, cells, n * sizeof *cells);
    return ERR_OK;
}
