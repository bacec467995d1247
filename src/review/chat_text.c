/* The document for a model of a talk. */
#include "review/chat_text.h"

#include "base/utf8.h"
#include "doc/text.h"

static void put_line(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        sb_char(b, (unsigned char)s.p[i] < 0x20 ? ' ' : s.p[i]);
}

void chat_text_short(struct sb *b, struct str s, size_t from, size_t max)
{
    size_t start = 0;
    if (s.n > max && from > max / 2) start = utf8_floor(s, from - max / 2);
    size_t end = s.n - start > max ? utf8_floor(s, start + max) : s.n;
    if (start > 0) SB_LIT(b, "…");
    put_line(b, str_sub(s, start, end));
    if (end < s.n) SB_LIT(b, "…");
}

static void put_section(struct sb *b, const struct doc *doc, uint32_t section)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    struct str path = a ? doc_section_path(doc, section, a) : STR_EMPTY;
    if (!path.p) b->failed = b->no_memory = true;
    sb_printf(b, "(section %u", section);
    if (path.n > 0) {
        SB_LIT(b, ": ");
        chat_text_short(b, path, 0, 300);
    }
    SB_LIT(b, ")\n");
}

/* What the reader must know of the place, when it is another than that of the block before. */
static void put_place(struct sb *b, const struct doc *doc, uint32_t block, uint32_t before)
{
    const struct doc_block *at = &doc->blocks.at[block], *was = before == DOC_NONE ? NULL : &doc->blocks.at[before];
    bool body = at->story == DOC_STORY_BODY || at->story == DOC_STORY_TEXTBOX;
    if (body && at->section < doc->sections.n && (!was || was->section != at->section))
        put_section(b, doc, at->section);
    if (!body && (!was || was->story != at->story)) {
        static const char *const names[] = {"body", "text box", "footnotes", "endnotes", "page header", "page footer"};
        sb_printf(b, "(%s)\n", names[at->story]);
    }
    if (at->cell == DOC_NONE) return;
    const struct doc_cell *cell = &doc->cells.at[at->cell];
    if (!was || was->cell == DOC_NONE || doc->cells.at[was->cell].row != cell->row)
        sb_printf(b, "(table %u, row %u)\n", cell->table + 1, cell->row_number + 1);
}

uint32_t chat_text_blocks(struct sb *b, const struct doc *doc, uint32_t first, uint32_t end, size_t max)
{
    size_t begun = b->n;
    uint32_t before = DOC_NONE, i = first;
    for (; i < end && i < doc->blocks.n && b->n - begun < max && sb_ok(b); i++) {
        const struct doc_block *at = &doc->blocks.at[i];
        if (doc_block_is_blank(at)) continue;
        put_place(b, doc, i, before);
        before = i;
        sb_printf(b, "[%u] ", i);
        put_line(b, at->text);
        sb_char(b, '\n');
    }
    return i;
}

static size_t words_of(const struct doc *doc, const struct doc_section *s)
{
    size_t n = 0;
    for (uint32_t i = s->first_block; i < s->end_block; i++)
        n += doc_count_words(doc->blocks.at[i].text);
    return n;
}

void chat_text_outline(struct sb *b, const struct doc *doc, size_t max)
{
    size_t begun = b->n;
    for (uint32_t i = 0; i < doc->sections.n && sb_ok(b); i++) {
        const struct doc_section *s = &doc->sections.at[i];
        if (b->n - begun > max) {
            sb_printf(b, "(and %u more sections)\n", doc->sections.n - i);
            return;
        }
        for (unsigned level = 1; level < s->level; level++)
            SB_LIT(b, "  ");
        sb_printf(b, "section %u: ", i);
        if (s->label.n > 0) {
            put_line(b, s->label);
            sb_char(b, ' ');
        }
        chat_text_short(b, s->title.n > 0 ? s->title : STR("(no heading)"), 0, 200);
        sb_printf(b, " (blocks %u to %u, %zu words)\n", s->first_block, s->end_block ? s->end_block - 1 : 0,
                  words_of(doc, s));
    }
}
