/* Sections: a heading and what follows it. They partition the body's blocks; what stands before the first heading is
 * a section too, so that no text is outside of one. Blocks of other stories belong to the section that refers to
 * them. Headings in tables and text boxes open no section. The e-mail quoted at the end is a section of its own, not
 * reviewed by default. Sources: reference 9. */
#include "doc/read_priv.h"

static bool opens_section(const struct doc_block *block)
{
    return block->heading_level && block->story == DOC_STORY_BODY && block->cell == DOC_NONE && !block->is_toc;
}

static struct doc_section *add_section(struct doc__builder *b, struct doc_section section)
{
    struct doc_section *s = VEC_PUSH(b->a, &b->sections);
    if (s) *s = section;
    return s;
}

/* Own ranges end where the next section begins; parents by level; subtrees end at the next section of the same level
 * or higher. */
static void link_sections(struct doc__builder *b)
{
    for (size_t i = 0; i < b->sections.n; i++) {
        struct doc_section *s = &b->sections.at[i];
        s->end_block = i + 1 < b->sections.n ? b->sections.at[i + 1].first_block : b->body_end_block;
        s->subtree_end_block = b->body_end_block;
        s->parent = DOC_NONE;
    }
    /* The chain of open sections runs through parent, so each section is closed once: linear. */
    uint32_t open = DOC_NONE;
    for (size_t i = 0; i < b->sections.n; i++) {
        struct doc_section *s = &b->sections.at[i];
        while (open != DOC_NONE && b->sections.at[open].level >= s->level) {
            b->sections.at[open].subtree_end_block = s->first_block;
            open = b->sections.at[open].parent;
        }
        if (s->level == 0) continue; /* the preamble holds nothing */
        s->parent = open;
        open = (uint32_t)i;
    }
    if (b->sections.n > 1 && b->sections.at[0].level == 0)
        b->sections.at[0].subtree_end_block = b->sections.at[0].end_block;
}

/* Is everything under the heading a table of contents? */
static bool is_toc_section(const struct doc__builder *b, const struct doc_section *s)
{
    bool any = false;
    for (uint32_t i = s->first_block; i < s->end_block; i++) {
        const struct doc_block *block = &b->blocks.at[i];
        if (i == s->heading || !str_trim(block->text).n) continue;
        if (!block->is_toc) return false;
        any = true;
    }
    return any;
}

static void assign_sections(struct doc__builder *b)
{
    for (uint32_t k = 0; k < b->sections.n; k++) {
        struct doc_section *s = &b->sections.at[k];
        if (s->kind != DOC_SECTION_QUOTED_MAIL) s->reviewed = !is_toc_section(b, s);
        for (uint32_t i = s->first_block; i < s->end_block; i++)
            b->blocks.at[i].section = k;
    }
    for (size_t i = b->body_end_block; i < b->blocks.n; i++) {
        struct doc_block *block = &b->blocks.at[i];
        block->section =
            block->body_place.block < b->body_end_block ? b->blocks.at[block->body_place.block].section : 0;
    }
    for (size_t i = 0; i < b->tables.n; i++) {
        struct doc_table *t = &b->tables.at[i];
        t->section =
            t->first_block < b->blocks.n ? b->blocks.at[t->first_block].section : (uint32_t)(b->sections.n - 1);
    }
}

enum err doc__sections_build(struct doc__builder *b, struct error *e)
{
    struct str subject = STR("");
    uint32_t mail = doc__mail_find(b, &subject);
    uint32_t end = mail == DOC_NONE ? b->body_end_block : mail;
    if (!(b->body_end_block && (mail == 0 || opens_section(&b->blocks.at[0]))))
        if (!add_section(b, (struct doc_section){
                                .kind = DOC_SECTION_PREAMBLE, .title = STR(""), .label = STR(""), .heading = DOC_NONE}))
            return error_no_memory(e);
    for (uint32_t i = 0; i < end; i++) {
        const struct doc_block *block = &b->blocks.at[i];
        if (!opens_section(block)) continue;
        if (!add_section(b, (struct doc_section){.title = str_trim(block->text),
                                                 .label = block->label,
                                                 .level = block->heading_level,
                                                 .heading = i,
                                                 .first_block = i}))
            return error_no_memory(e);
    }
    if (mail != DOC_NONE && !add_section(b, (struct doc_section){.kind = DOC_SECTION_QUOTED_MAIL,
                                                                 .title = subject,
                                                                 .label = STR(""),
                                                                 .level = 1,
                                                                 .heading = DOC_NONE,
                                                                 .first_block = mail}))
        return error_no_memory(e);
    link_sections(b);
    assign_sections(b);
    return ERR_OK;
}
