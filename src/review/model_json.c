/* A document made into JSON, front to back in one walk, without a tree in between.
 * Neighbouring runs that look alike are written as one: Word cuts a sentence into a dozen runs (spelling state, revision ids), and a page that gets
 * them as they are is three times as large and no better. What the page must show but what is no text (notes, deletions) is a run without text, so
 * that offsets stay those of the model.
 * Rejected: HTML made here (a page has its own mind about elements, and anchors would have to be counted through them).
 * Limits: alignment, fonts and sizes are not told: the page shows what a document says, not how it was set. */
#include "review/model_json.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/utf8.h"
#include "doc/text.h"

struct writer {
    const struct doc *doc;
    struct json_out o;
    struct arena *a;
    uint32_t *heads;     /* of each cell: the cell that it continues, or itself */
    uint32_t *row_spans; /* of each cell that is a head */
    uint32_t *deleted;   /* revisions that took text out, by place */
    uint32_t n_deleted, at_deleted;
};

struct look { /* what makes two runs one */
    uint32_t format, link, revision;
    bool math;
};

size_t model_words(const struct doc *doc)
{
    size_t n = 0;
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        enum doc_story story = doc->blocks.at[i].story;
        if (story != DOC_STORY_HEADER && story != DOC_STORY_FOOTER) n += doc_count_words(doc->blocks.at[i].text);
    }
    return n;
}

/* --- small things --- */

static void put_date(struct json_out *o, const char *key, int64_t unix_ms)
{
    json_out_time(o, key, unix_ms == INT64_MIN ? 0 : unix_ms); /* a document without a date */
}

static void put_index(struct json_out *o, const char *key, uint32_t index)
{
    if (index == DOC_NONE)
        json_out_null(o, key);
    else
        json_out_u64(o, key, index);
}

/* "first_block" and "last_block" of [first, end). */
static void put_blocks(struct json_out *o, uint32_t first, uint32_t end)
{
    put_index(o, "first_block", first < end ? first : DOC_NONE);
    put_index(o, "last_block", first < end ? end - 1 : DOC_NONE);
}

static void put_flag(struct json_out *o, const char *key, bool v)
{
    if (v) json_out_bool(o, key, true);
}

static size_t utf16_at(const struct doc *doc, struct doc_place p)
{
    return p.block < doc->blocks.n ? doc_offset_to_utf16(&doc->blocks.at[p.block], p.offset) : 0;
}

/* --- sections --- */

static const char *why_not(const struct doc_section *s)
{
    if (s->reviewed) return NULL;
    if (s->kind == DOC_SECTION_QUOTED_MAIL) return "a quoted e-mail is not the author's own text";
    return "it repeats the headings, which are reviewed where they stand";
}

static void put_sections(const struct doc *doc, struct json_out *o)
{
    json_out_begin_array(o, "sections");
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        const struct doc_section *s = &doc->sections.at[i];
        size_t words = 0;
        for (uint32_t k = s->first_block; k < s->end_block; k++)
            words += doc_count_words(doc->blocks.at[k].text);
        json_out_begin_object(o, NULL);
        json_out_u64(o, "id", i);
        json_out_str(o, "title", s->title);
        json_out_str(o, "number", s->label);
        json_out_u64(o, "level", s->level);
        put_blocks(o, s->first_block, s->end_block);
        json_out_u64(o, "words", words);
        json_out_bool(o, "reviewed", s->reviewed);
        json_out_c(o, "why_not", why_not(s));
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

/* --- runs --- */

static struct look look_of(const struct doc *doc, const struct doc_run *run)
{
    struct look l = {run->format, DOC_NONE, DOC_NONE, run->kind == DOC_RUN_MATH};
    for (uint32_t i = run->wrap; i != DOC_NONE; i = doc->wraps.at[i].parent) {
        const struct doc_wrap *w = &doc->wraps.at[i];
        if (l.link == DOC_NONE) l.link = w->link;
        if (l.revision == DOC_NONE) l.revision = w->revision;
    }
    return l;
}

static bool look_same(const struct look *a, const struct look *b)
{
    return a->format == b->format && a->link == b->link && a->revision == b->revision && a->math == b->math;
}

static void put_revision(const struct doc *doc, struct json_out *o, const char *key, uint32_t revision, bool with_text)
{
    const struct doc_revision *r = &doc->revisions.at[revision];
    json_out_begin_object(o, key);
    if (with_text) json_out_str(o, "text", r->text);
    json_out_str(o, "author", r->author);
    put_date(o, "date", r->date_unix_ms);
    json_out_end_object(o);
}

/* A link that a page may follow. What else a document calls a link (javascript:, file:, \\\\server\\share) is text to a reader. */
static bool is_followed(struct str target)
{
    static const char *const starts[] = {"https://", "http://", "mailto:", "#"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (str_starts_nocase(target, str_from_c(starts[i]))) return true;
    return false;
}

static void put_look(const struct doc *doc, struct json_out *o, const struct look *l)
{
    static const struct {
        uint32_t bit;
        const char *key;
    } flags[] = {
        {DOC_BOLD, "b"},
        {DOC_ITALIC, "i"},
        {DOC_UNDERLINE, "u"},
        {DOC_STRIKE, "s"},
        {DOC_SUPERSCRIPT, "sup"},
        {DOC_SUBSCRIPT, "sub"},
        {DOC_CAPS, "caps"},
        {DOC_SMALL_CAPS, "small_caps"},
        {DOC_HIGHLIGHT, "highlight"},
        {DOC_WHITE, "white"},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        put_flag(o, flags[i].key, l->format & flags[i].bit);
    put_flag(o, "math", l->math);
    if (l->link != DOC_NONE && is_followed(doc->links.at[l->link].target))
        json_out_str(o, "href", doc->links.at[l->link].target);
    if (l->revision != DOC_NONE) put_revision(doc, o, "ins", l->revision, false);
}

static void put_run(struct writer *w, const struct doc_run *run, const struct look *look, struct str text)
{
    const struct doc *doc = w->doc;
    json_out_begin_object(&w->o, NULL);
    json_out_str(&w->o, "t", text);
    put_look(doc, &w->o, look);
    if (run->kind == DOC_RUN_NOTE && run->ref != DOC_NONE) json_out_u64(&w->o, "note", run->ref);
    if (run->kind == DOC_RUN_OBJECT) {
        bool known = run->ref != DOC_NONE;
        json_out_begin_object(&w->o, "image");
        json_out_str(&w->o, "alt", known ? doc->images.at[run->ref].alt : STR_EMPTY);
        json_out_str(&w->o, "name", known ? doc->images.at[run->ref].name : STR_EMPTY);
        json_out_end_object(&w->o);
    }
    json_out_end_object(&w->o);
}

/* What was deleted at or before an offset of the block. */
static void put_deleted(struct writer *w, uint32_t block, uint32_t offset)
{
    for (; w->at_deleted < w->n_deleted; w->at_deleted++) {
        const struct doc_revision *r = &w->doc->revisions.at[w->deleted[w->at_deleted]];
        if (r->place.block > block || (r->place.block == block && r->place.offset > offset)) return;
        if (r->place.block < block) continue;
        json_out_begin_object(&w->o, NULL);
        json_out_str(&w->o, "t", STR_EMPTY);
        put_revision(w->doc, &w->o, "del", w->deleted[w->at_deleted], true);
        json_out_end_object(&w->o);
    }
}

static bool deleted_at(const struct writer *w, uint32_t block, uint32_t offset)
{
    if (w->at_deleted >= w->n_deleted) return false;
    struct doc_place p = w->doc->revisions.at[w->deleted[w->at_deleted]].place;
    return p.block < block || (p.block == block && p.offset <= offset);
}

static bool stands_alone(const struct doc_run *run) { return run->kind == DOC_RUN_NOTE || run->kind == DOC_RUN_OBJECT; }

static void put_runs(struct writer *w, uint32_t block)
{
    const struct doc_block *b = &w->doc->blocks.at[block];
    const struct doc_run *runs = &w->doc->runs.at[b->first_run];
    json_out_begin_array(&w->o, "runs");
    for (uint32_t i = 0; i < b->run_count;) {
        put_deleted(w, block, runs[i].start);
        struct look look = look_of(w->doc, &runs[i]);
        uint32_t next = i + 1;
        while (next < b->run_count && !stands_alone(&runs[i]) && !stands_alone(&runs[next]) &&
               !deleted_at(w, block, runs[next].start)) {
            struct look other = look_of(w->doc, &runs[next]);
            if (!look_same(&look, &other)) break;
            next++;
        }
        struct str text = str_sub(b->text, runs[i].start, runs[next - 1].end);
        if (text.n > 0 || stands_alone(&runs[i])) put_run(w, &runs[i], &look, text);
        i = next;
    }
    put_deleted(w, block, UINT32_MAX);
    json_out_end_array(&w->o);
}

/* --- blocks --- */

static const char *kind_name(const struct doc_block *b)
{
    switch (b->kind) {
    case DOC_BLOCK_PARAGRAPH: return "paragraph";
    case DOC_BLOCK_HEADING: return "heading";
    case DOC_BLOCK_LIST_ITEM: return "list_item";
    case DOC_BLOCK_CELL: return "cell";
    case DOC_BLOCK_NOTE: break;
    }
    return b->story == DOC_STORY_ENDNOTE ? "endnote" : "footnote";
}

static const char *story_name(enum doc_story story)
{
    switch (story) {
    case DOC_STORY_BODY: break;
    case DOC_STORY_TEXTBOX: return "textbox";
    case DOC_STORY_FOOTNOTE: return "footnote";
    case DOC_STORY_ENDNOTE: return "endnote";
    case DOC_STORY_HEADER: return "header";
    case DOC_STORY_FOOTER: return "footer";
    }
    return NULL;
}

static void put_place_in_table(struct json_out *o, const struct doc_cell *c)
{
    json_out_u64(o, "t", c->table);
    json_out_u64(o, "row", c->row_number);
    json_out_u64(o, "col", c->column);
}

static void put_cell(struct writer *w, uint32_t cell)
{
    const struct doc_cell *c = &w->doc->cells.at[cell];
    json_out_begin_object(&w->o, "table");
    put_place_in_table(&w->o, c);
    json_out_u64(&w->o, "row_span", w->heads[cell] == cell ? w->row_spans[cell] : 1);
    json_out_u64(&w->o, "col_span", c->column_span);
    json_out_bool(&w->o, "header", w->doc->rows.at[c->row].is_header);
    json_out_bool(&w->o, "merged", w->heads[cell] != cell);
    json_out_end_object(&w->o);
}

static void put_block(struct writer *w, uint32_t i)
{
    const struct doc_block *b = &w->doc->blocks.at[i];
    struct json_out *o = &w->o;
    json_out_begin_object(o, NULL);
    json_out_u64(o, "i", i);
    put_index(o, "section", b->section);
    json_out_c(o, "kind", kind_name(b));
    if (story_name(b->story)) json_out_c(o, "story", story_name(b->story));
    if (b->heading_level) json_out_u64(o, "level", b->heading_level);
    if (b->list_level) json_out_u64(o, "list_level", b->list_level);
    if (b->label.n) json_out_str(o, "label", b->label);
    put_flag(o, "title", b->is_title);
    put_flag(o, "toc", b->is_toc);
    if (b->note != DOC_NONE) json_out_u64(o, "note", b->note);
    if (b->cell != DOC_NONE) put_cell(w, b->cell);
    put_runs(w, i);
    json_out_end_object(o);
}

/* --- what lies beside the text --- */

/* Which cells continue one above, and how many rows each head spans. Rows are walked in pairs, both in the order of their columns, so the work is
 * that of looking at each cell once or twice, however a table is merged. */
static void span_rows(struct writer *w, const struct doc_table *t)
{
    const struct doc *doc = w->doc;
    for (uint32_t r = t->first_row; r < t->first_row + t->row_count; r++) {
        const struct doc_row *row = &doc->rows.at[r];
        const struct doc_row *above = r > t->first_row ? &doc->rows.at[r - 1] : NULL;
        uint32_t k = 0;
        for (uint32_t c = row->first_cell; c < row->first_cell + row->cell_count; c++) {
            w->heads[c] = c;
            w->row_spans[c] = 1;
            if (!doc->cells.at[c].merged_up || !above) continue;
            while (k < above->cell_count && doc->cells.at[above->first_cell + k].column < doc->cells.at[c].column)
                k++;
            if (k >= above->cell_count || doc->cells.at[above->first_cell + k].column != doc->cells.at[c].column)
                continue;
            w->heads[c] = w->heads[above->first_cell + k];
            w->row_spans[w->heads[c]]++;
        }
    }
}

static void put_tables(struct writer *w)
{
    json_out_begin_array(&w->o, "tables");
    for (uint32_t i = 0; i < w->doc->tables.n; i++) {
        const struct doc_table *t = &w->doc->tables.at[i];
        json_out_begin_object(&w->o, NULL);
        put_index(&w->o, "section", t->section);
        json_out_u64(&w->o, "rows", t->row_count);
        json_out_u64(&w->o, "columns", t->column_count);
        put_blocks(&w->o, t->first_block, t->end_block);
        if (t->parent_cell == DOC_NONE) {
            json_out_null(&w->o, "in");
        } else {
            json_out_begin_object(&w->o, "in");
            put_place_in_table(&w->o, &w->doc->cells.at[t->parent_cell]);
            json_out_end_object(&w->o);
        }
        json_out_end_object(&w->o);
    }
    json_out_end_array(&w->o);
}

static void put_notes(struct writer *w)
{
    uint32_t numbers[2] = {0, 0}; /* footnotes, endnotes */
    json_out_begin_array(&w->o, "notes");
    for (uint32_t i = 0; i < w->doc->notes.n; i++) {
        const struct doc_note *n = &w->doc->notes.at[i];
        bool end = n->story == DOC_STORY_ENDNOTE;
        json_out_begin_object(&w->o, NULL);
        json_out_c(&w->o, "kind", end ? "endnote" : "footnote");
        json_out_u64(&w->o, "number", ++numbers[end]);
        put_index(&w->o, "block", n->ref.block);
        if (n->ref.block == DOC_NONE)
            json_out_null(&w->o, "offset");
        else
            json_out_u64(&w->o, "offset", utf16_at(w->doc, n->ref));
        put_blocks(&w->o, n->first_block, n->end_block);
        json_out_end_object(&w->o);
    }
    json_out_end_array(&w->o);
}

static void put_comments(struct writer *w)
{
    json_out_begin_array(&w->o, "comments");
    for (uint32_t i = 0; i < w->doc->comments.n; i++) {
        const struct doc_comment *c = &w->doc->comments.at[i];
        json_out_begin_object(&w->o, NULL);
        json_out_str(&w->o, "author", c->author);
        put_date(&w->o, "date", c->date_unix_ms);
        json_out_str(&w->o, "text", c->text);
        json_out_bool(&w->o, "resolved", c->done);
        put_index(&w->o, "parent", c->parent);
        put_index(&w->o, "block", c->anchored ? c->anchor.start.block : DOC_NONE);
        if (c->anchored) {
            json_out_u64(&w->o, "start", utf16_at(w->doc, c->anchor.start));
            json_out_u64(&w->o, "end_block", c->anchor.end.block);
            json_out_u64(&w->o, "end", utf16_at(w->doc, c->anchor.end));
        }
        json_out_end_object(&w->o);
    }
    json_out_end_array(&w->o);
}

static const char *change_name(enum doc_revision_kind kind)
{
    switch (kind) {
    case DOC_REVISION_INSERT: return "insert";
    case DOC_REVISION_DELETE: return "delete";
    case DOC_REVISION_MOVE_FROM: return "move_from";
    case DOC_REVISION_MOVE_TO: return "move_to";
    case DOC_REVISION_FORMAT: return "format";
    case DOC_REVISION_OTHER: break;
    }
    return "other";
}

static void put_changes(struct writer *w)
{
    json_out_begin_array(&w->o, "changes");
    for (uint32_t i = 0; i < w->doc->revisions.n; i++) {
        const struct doc_revision *r = &w->doc->revisions.at[i];
        json_out_begin_object(&w->o, NULL);
        json_out_c(&w->o, "kind", change_name(r->kind));
        json_out_str(&w->o, "author", r->author);
        put_date(&w->o, "date", r->date_unix_ms);
        json_out_str(&w->o, "text", r->text);
        put_index(&w->o, "block", r->place.block);
        json_out_u64(&w->o, "offset", utf16_at(w->doc, r->place));
        json_out_end_object(&w->o);
    }
    json_out_end_array(&w->o);
}

static int by_place(const void *a, const void *b, void *ctx)
{
    const struct doc *doc = ctx;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    struct doc_place p = doc->revisions.at[x].place, q = doc->revisions.at[y].place;
    if (p.block != q.block) return p.block < q.block ? -1 : 1;
    if (p.offset != q.offset) return p.offset < q.offset ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* The deletions of text, by place. A deleted paragraph mark ("¶") takes no words away; it is among the changes. */
static enum err find_deleted(struct writer *w, struct error *e)
{
    const struct doc *doc = w->doc;
    w->deleted = NEW(w->a, uint32_t, doc->revisions.n);
    if (!w->deleted) return error_no_memory(e);
    for (uint32_t i = 0; i < doc->revisions.n; i++) {
        const struct doc_revision *r = &doc->revisions.at[i];
        bool gone = r->kind == DOC_REVISION_DELETE || r->kind == DOC_REVISION_MOVE_FROM;
        if (gone && r->text.n > 0 && !str_eq_c(r->text, "¶")) w->deleted[w->n_deleted++] = i;
    }
    if (w->n_deleted > 0) qsort_r(w->deleted, w->n_deleted, sizeof *w->deleted, by_place, (void *)(uintptr_t)doc);
    return ERR_OK;
}

static enum err find_spans(struct writer *w, struct error *e)
{
    w->heads = NEW(w->a, uint32_t, w->doc->cells.n);
    w->row_spans = NEW(w->a, uint32_t, w->doc->cells.n);
    if (!w->heads || !w->row_spans) return error_no_memory(e);
    for (uint32_t i = 0; i < w->doc->tables.n; i++)
        span_rows(w, &w->doc->tables.at[i]);
    return ERR_OK;
}

enum err model_json_content(const struct doc *doc, struct sb *out, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    struct writer w = {.doc = doc, .o = json_out_make(out, false), .a = a};
    TRY(find_spans(&w, e));
    TRY(find_deleted(&w, e));
    json_out_begin_object(&w.o, NULL);
    json_out_u64(&w.o, "version", MODEL_JSON_VERSION);
    put_sections(doc, &w.o);
    json_out_begin_array(&w.o, "blocks");
    for (uint32_t i = 0; i < doc->blocks.n; i++)
        put_block(&w, i);
    json_out_end_array(&w.o);
    put_tables(&w);
    put_notes(&w);
    put_comments(&w);
    put_changes(&w);
    json_out_begin_array(&w.o, "warnings");
    for (uint32_t i = 0; i < doc->warnings.n; i++)
        json_out_str(&w.o, NULL, doc->warnings.at[i].message);
    json_out_end_array(&w.o);
    json_out_end_object(&w.o);
    return out->failed ? error_no_memory(e) : ERR_OK;
}

/* The members of sections hold no array, so the first end of one followed by "blocks" is theirs; inside a text the quotes would be escaped. */
enum err model_json_sections(struct str content, struct arena *a, struct str *ret, struct error *e)
{
    size_t end = str_find(content, STR("],\"blocks\":["), 0);
    if (end == STR_NONE) return error_set(e, ERR_INTERNAL, "the content of a document has no sections");
    struct str made = str_printf(a, "%.*s]}", (int)end, content.p);
    if (!made.p) return error_no_memory(e);
    *ret = made;
    return ERR_OK;
}
