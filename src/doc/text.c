/* Text of a document: anchored words, offsets, names of places. See text.h. */
#include "doc/text.h"

#include "base/sb.h"
#include "base/utf8.h"

#define NAME_MAX_BYTES ((size_t)4096)
#define TEXT_MAX_BYTES ((size_t)256 << 20)

static struct str take(struct sb *b, struct arena *a)
{
    struct str ret = STR_EMPTY;
    struct error e;
    if (sb_take(b, a, &ret, &e) != ERR_OK) return STR_EMPTY;
    return ret;
}

struct str doc_text_of(const struct doc *doc, struct doc_anchor anchor, struct arena *a)
{
    if (anchor.start.block >= doc->blocks.n || anchor.end.block >= doc->blocks.n) return STR("");
    if (anchor.start.block == anchor.end.block)
        return str_sub(doc->blocks.at[anchor.start.block].text, anchor.start.offset, anchor.end.offset);
    CLEANUP_SB struct sb b = SB_INIT(TEXT_MAX_BYTES);
    for (uint32_t i = anchor.start.block; i <= anchor.end.block; i++) {
        struct str text = doc->blocks.at[i].text;
        if (i > anchor.start.block) sb_char(&b, '\n');
        sb_str(&b, str_sub(text, i == anchor.start.block ? anchor.start.offset : 0,
                           i == anchor.end.block ? anchor.end.offset : text.n));
    }
    return take(&b, a);
}

struct doc_anchor doc_anchor_make(const struct doc *doc, uint32_t block, size_t start, size_t end)
{
    struct str text = doc->blocks.at[block].text;
    if (end > text.n) end = text.n;
    if (start > end) start = end;
    return (struct doc_anchor){{block, (uint32_t)utf8_grapheme_floor(text, start)},
                               {block, (uint32_t)utf8_grapheme_ceil(text, end)}};
}

struct doc_anchor doc_anchor_block(const struct doc *doc, uint32_t block)
{
    struct str text = doc->blocks.at[block].text;
    struct str inner = str_trim(text);
    if (!inner.n) return (struct doc_anchor){{block, 0}, {block, (uint32_t)text.n}};
    size_t start = (size_t)(inner.p - text.p);
    return (struct doc_anchor){{block, (uint32_t)start}, {block, (uint32_t)(start + inner.n)}};
}

size_t doc_offset_to_utf16(const struct doc_block *block, size_t byte_offset)
{
    return utf8_to_utf16(block->text, byte_offset);
}
size_t doc_offset_from_utf16(const struct doc_block *block, size_t utf16_offset)
{
    return utf8_from_utf16(block->text, utf16_offset);
}

/* The number of a note among those of its kind, from 1. */
static uint32_t note_number(const struct doc *doc, uint32_t note)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i <= note; i++)
        if (doc->notes.at[i].story == doc->notes.at[note].story) n++;
    return n;
}

static void put_section(struct sb *b, const struct doc *doc, uint32_t section)
{
    const struct doc_section *s = &doc->sections.at[section];
    if (s->kind == DOC_SECTION_QUOTED_MAIL) {
        SB_LIT(b, "quoted e-mail");
        return;
    }
    if (s->kind == DOC_SECTION_PREAMBLE) {
        sb_c(b, doc->sections.n > 1 ? "before the first heading" : "document");
        return;
    }
    SB_LIT(b, "section ");
    if (s->label.n) {
        sb_str(b, s->label);
        sb_char(b, ' ');
    }
    sb_str(b, s->title);
}

struct str doc_place_name(const struct doc *doc, uint32_t block, struct arena *a)
{
    CLEANUP_SB struct sb b = SB_INIT(NAME_MAX_BYTES);
    const struct doc_block *at = &doc->blocks.at[block];
    if (at->note != DOC_NONE) {
        sb_printf(&b, "%s %u", at->story == DOC_STORY_ENDNOTE ? "endnote" : "footnote", note_number(doc, at->note));
    } else if (at->story == DOC_STORY_HEADER || at->story == DOC_STORY_FOOTER) {
        sb_c(&b, at->story == DOC_STORY_HEADER ? "page header" : "page footer");
    } else {
        put_section(&b, doc, at->section);
        if (at->story == DOC_STORY_TEXTBOX) SB_LIT(&b, ", text box");
    }
    if (at->cell != DOC_NONE) {
        const struct doc_cell *cell = &doc->cells.at[at->cell];
        sb_printf(&b, ", table %u, row %u", cell->table + 1, cell->row_number + 1);
    }
    return take(&b, a);
}

struct str doc_section_path(const struct doc *doc, uint32_t section, struct arena *a)
{
    uint32_t chain[9]; /* levels are 1–9 and each is deeper than its parent's */
    size_t n = 0;
    for (uint32_t i = section; i != DOC_NONE && n < 9; i = doc->sections.at[i].parent)
        chain[n++] = i;
    CLEANUP_SB struct sb b = SB_INIT(NAME_MAX_BYTES * 9);
    while (n > 0) {
        const struct doc_section *s = &doc->sections.at[chain[--n]];
        if (s->label.n) {
            sb_str(&b, s->label);
            sb_char(&b, ' ');
        }
        sb_str(&b, s->title);
        if (n > 0) SB_LIT(&b, " › ");
    }
    return take(&b, a);
}

bool doc_block_is_blank(const struct doc_block *block) { return str_trim(block->text).n == 0; }

size_t doc_count_words(struct str s)
{
    size_t n = 0;
    bool in = false;
    for (size_t i = 0; i < s.n;) {
        bool space = utf8_is_space(utf8_next(s, &i));
        n += !space && !in;
        in = !space;
    }
    return n;
}
