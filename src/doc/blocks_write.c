/* The summary: paragraphs on a new page, in front of the body's last section properties.
 * Headings and bullets take the document's own styles, found by their names; where it has none they are formatted directly. Numbering that a heading style brings is switched off, since the summary is no
 * chapter of the document.
 * Source: ECMA-376 part 1, 17.3.1 (the order of elements in w:pPr). */
#include "doc/blocks_write.h"

static void put_style(struct sb *sb, const struct write_plan *p, int style)
{
    sb_printf(sb, "<%.*spStyle %.*sval=\"", STR_ARG(p->w), STR_ARG(p->w));
    sb_xml_attr(sb, p->styles[style]);
    sb_c(sb, "\"/>");
}

static void put_properties(struct sb *sb, const struct write_plan *p, const struct doc_new_block *block, bool first)
{
    struct str w = p->w;
    bool heading = block->style == DOC_NEW_HEADING || block->style == DOC_NEW_SUBHEADING;
    int style = block->style == DOC_NEW_HEADING      ? STYLE_HEADING_1
                : block->style == DOC_NEW_SUBHEADING ? STYLE_HEADING_2
                                                     : STYLE_LIST_BULLET;
    bool styled = block->style != DOC_NEW_PARAGRAPH && p->styles[style].p;
    sb_printf(sb, "<%.*spPr>", STR_ARG(w));
    if (styled) put_style(sb, p, style);
    if (heading) sb_printf(sb, "<%.*skeepNext/>", STR_ARG(w));
    if (first) sb_printf(sb, "<%.*spageBreakBefore/>", STR_ARG(w));
    if (heading)
        sb_printf(sb, "<%.*snumPr><%.*silvl %.*sval=\"0\"/><%.*snumId %.*sval=\"0\"/></%.*snumPr>", STR_ARG(w),
                  STR_ARG(w), STR_ARG(w), STR_ARG(w), STR_ARG(w), STR_ARG(w));
    if (heading && !styled)
        sb_printf(sb, "<%.*sspacing %.*sbefore=\"240\" %.*safter=\"120\"/>", STR_ARG(w), STR_ARG(w), STR_ARG(w));
    if (block->style == DOC_NEW_BULLET && !styled)
        sb_printf(sb, "<%.*sind %.*sleft=\"360\" %.*shanging=\"360\"/>", STR_ARG(w), STR_ARG(w), STR_ARG(w));
    if (heading && !styled)
        sb_printf(sb, "<%.*soutlineLvl %.*sval=\"%d\"/>", STR_ARG(w), STR_ARG(w), block->style == DOC_NEW_SUBHEADING);
    sb_printf(sb, "</%.*spPr>", STR_ARG(w));
}

static void put_run_properties(struct sb *sb, const struct write_plan *p, const struct doc_new_block *block)
{
    bool top = block->style == DOC_NEW_HEADING, heading = top || block->style == DOC_NEW_SUBHEADING;
    if (!heading || p->styles[top ? STYLE_HEADING_1 : STYLE_HEADING_2].p) return;
    struct str w = p->w;
    sb_printf(sb, "<%.*srPr><%.*sb/><%.*ssz %.*sval=\"%d\"/></%.*srPr>", STR_ARG(w), STR_ARG(w), STR_ARG(w), STR_ARG(w),
              top ? 32 : 26, STR_ARG(w));
}

enum err write_blocks_add(struct write_plan *p, struct error *e)
{
    CLEANUP_SB struct sb sb = SB_INIT((size_t)64 << 20);
    for (size_t i = 0; i < p->edits->n_blocks; i++) {
        const struct doc_new_block *block = &p->edits->blocks[i];
        struct str text = write_clean(p->arena, block->text, false);
        if (!text.p) return error_no_memory(e);
        sb_printf(&sb, "<%.*sp%.*s>", STR_ARG(p->w), STR_ARG(p->w_declaration));
        put_properties(&sb, p, block, i == 0);
        bool mark = block->style == DOC_NEW_BULLET && !p->styles[STYLE_LIST_BULLET].p;
        if (mark) {
            text = str_printf(p->arena, WRITE_BULLET "%.*s", STR_ARG(text));
            if (!text.p) return error_no_memory(e);
        }
        if (text.n) {
            sb_printf(&sb, "<%.*sr>", STR_ARG(p->w));
            put_run_properties(&sb, p, block);
            write_run_text(&sb, p->w, text);
            sb_printf(&sb, "</%.*sr>", STR_ARG(p->w));
        }
        sb_printf(&sb, "</%.*sp>", STR_ARG(p->w));
    }
    struct str all;
    TRY(sb_take(&sb, p->arena, &all, e));
    splice_add(&p->splices, p->doc->body_content_end, 0, all);
    return ERR_OK;
}
