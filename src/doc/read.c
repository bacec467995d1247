/* Reads a document: the parts in their order, then what joins them — notes with their references, headers with the
 * sections of the page layout, comments with their words, blocks with their sections. A part that is broken and not
 * needed for the body's text becomes a warning. Sources: ECMA-376 part 1, 11; reference 1, 8. Limits: struct
 * doc_limits; all memory is one arena. */
#include "doc/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "doc/story_priv.h"

enum err doc__warn(struct doc__builder *b, enum doc_warning_code code, struct error *e, const char *format, ...)
{
    char text[320];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0) n = 0;
    if ((size_t)n >= sizeof text) {
        n = (int)sizeof text - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) /* not in the middle of a character */
            n--;
    }
    struct doc_warning *warning = VEC_PUSH(b->a, &b->warnings);
    if (!warning) return error_no_memory(e);
    warning->code = code;
    warning->message = str_dup(b->a, (struct str){text, (size_t)n});
    return warning->message.p ? ERR_OK : error_no_memory(e);
}

/* A part that failed: a warning when the document can be read without it, else the error itself. */
static enum err forgive(struct doc__builder *b, enum err code, enum doc_warning_code warning, const char *loss,
                        struct error *e)
{
    if (code == ERR_OK) return ERR_OK;
    bool harmless = code == ERR_NOT_FOUND || (code == ERR_INVALID && strcmp(e->reason, "dtd_forbidden") != 0);
    if (!harmless) return code;
    char message[sizeof e->message];
    memcpy(message, e->message, sizeof message);
    if (strcmp(e->reason, "corrupt_entry") == 0 && warning == DOC_WARN_PART_SKIPPED) warning = DOC_WARN_CORRUPT_ENTRY;
    return doc__warn(b, warning, e, "%s: %s", loss, message);
}

static enum err part_c(struct doc__builder *b, struct str name, struct str *ret_xml, char **ret_what, struct error *e)
{
    *ret_what = str_to_c(b->a, name);
    if (!*ret_what) return error_no_memory(e);
    return doc_package_part(b->package, name, ret_xml, e);
}

static enum err read_styles(struct doc__builder *b, const struct doc_rel *rel, struct error *e)
{
    struct str xml = STR_EMPTY;
    char *what = NULL;
    b->styles = (struct doc__styles){.a = b->a, .by_id = map_make(b->a), .empty = true};
    if (!rel) return ERR_OK;
    TRY(part_c(b, rel->target, &xml, &what, e));
    return doc__styles_read(b->a, xml, what, &b->styles, e);
}

static enum err read_numbering(struct doc__builder *b, const struct doc_rel *rel, struct error *e)
{
    struct str xml = STR_EMPTY;
    char *what = NULL;
    TRY(doc__numbering_new(b->a, &b->numbering, e));
    if (!rel) return ERR_OK;
    TRY(part_c(b, rel->target, &xml, &what, e));
    return doc__numbering_read(b->a, xml, what, &b->styles, &b->numbering, e);
}

/* ---- notes ---- */

/* The note that each reference means, as a table, so that thousands of notes stay linear. */
static enum err notes_by_mark(struct doc__builder *b, uint32_t **ret, struct error *e)
{
    struct map by_id[2] = {map_make(b->a), map_make(b->a)};
    uint32_t *to = NEW(b->a, uint32_t, b->note_marks.n);
    if (!to) return error_no_memory(e);
    for (size_t i = 0; i < b->notes.n; i++) {
        struct map *m = &by_id[b->notes.at[i].story == DOC_STORY_ENDNOTE];
        if (b->notes.at[i].id.n && !map_get(m, b->notes.at[i].id) &&
            !map_put(m, b->notes.at[i].id, (void *)(uintptr_t)(i + 1)))
            return error_no_memory(e);
    }
    for (size_t i = 0; i < b->note_marks.n; i++) {
        const struct doc__note_mark *mark = &b->note_marks.at[i];
        uintptr_t found = mark->id.n ? (uintptr_t)map_get(&by_id[mark->story == DOC_STORY_ENDNOTE], mark->id) : 0;
        to[i] = found ? (uint32_t)(found - 1) : DOC_NONE;
    }
    *ret = to;
    return ERR_OK;
}

struct note_order {
    struct doc_note note;
    uint32_t old;
};

static int by_reference(const void *x, const void *y)
{
    const struct note_order *a = x, *b = y;
    if (a->note.ref.block != b->note.ref.block)
        return a->note.ref.block < b->note.ref.block ? -1 : 1; /* DOC_NONE is last */
    if (a->note.ref.offset != b->note.ref.offset) return a->note.ref.offset < b->note.ref.offset ? -1 : 1;
    return (a->old > b->old) - (a->old < b->old);
}

static void move_place(struct doc_place *p, const uint32_t *to, uint32_t lo, uint32_t hi)
{
    if (p->block != DOC_NONE && p->block >= lo && p->block < hi) p->block = to[p->block - lo];
}

static void move_range(uint32_t *first, uint32_t *end, const uint32_t *to, uint32_t lo, uint32_t hi)
{
    if (*first < lo || *first >= hi) return;
    uint32_t n = *end - *first;
    *first = to[*first - lo];
    *end = *first + n;
}

/* Everything that points at blocks [lo, hi) follows them. */
static void move_indices(struct doc__builder *b, const uint32_t *to, uint32_t lo, uint32_t hi)
{
    for (size_t i = 0; i < b->tables.n; i++)
        move_range(&b->tables.at[i].first_block, &b->tables.at[i].end_block, to, lo, hi);
    for (size_t i = 0; i < b->cells.n; i++)
        move_range(&b->cells.at[i].first_block, &b->cells.at[i].end_block, to, lo, hi);
    for (size_t i = 0; i < b->links.n; i++) {
        move_place(&b->links.at[i].anchor.start, to, lo, hi);
        move_place(&b->links.at[i].anchor.end, to, lo, hi);
    }
    for (size_t i = 0; i < b->images.n; i++)
        move_place(&b->images.at[i].place, to, lo, hi);
    for (size_t i = 0; i < b->bookmarks.n; i++)
        move_place(&b->bookmarks.at[i].place, to, lo, hi);
    for (size_t i = 0; i < b->revisions.n; i++)
        move_place(&b->revisions.at[i].place, to, lo, hi);
    for (size_t i = 0; i < b->hidden.n; i++)
        move_place(&b->hidden.at[i].place, to, lo, hi);
}

/* Puts the notes [first, end) and their blocks in the order of their references. */
static enum err order_notes(struct doc__builder *b, size_t first, size_t end, struct error *e)
{
    if (end - first < 2) return ERR_OK;
    uint32_t lo = b->notes.at[first].first_block, hi = b->notes.at[end - 1].end_block;
    struct note_order *order = NEW(b->a, struct note_order, end - first);
    uint32_t *to = NEW(b->a, uint32_t, hi - lo + 1);
    struct doc_block *blocks = NEW(b->a, struct doc_block, hi - lo);
    if (!order || !to || !blocks) return error_no_memory(e);
    for (size_t i = first; i < end; i++)
        order[i - first] = (struct note_order){b->notes.at[i], (uint32_t)i};
    qsort(order, end - first, sizeof *order, by_reference);
    uint32_t at = lo;
    for (size_t i = 0; i < end - first; i++) {
        struct doc_note *note = &b->notes.at[first + i];
        *note = order[i].note;
        for (uint32_t k = note->first_block; k < note->end_block; k++) {
            to[k - lo] = at;
            blocks[at - lo] = b->blocks.at[k];
            if (blocks[at - lo].note != DOC_NONE) blocks[at - lo].note = (uint32_t)(first + i);
            at++;
        }
        uint32_t n = note->end_block - note->first_block;
        note->first_block = at - n;
        note->end_block = at;
    }
    if (at != hi) return ERR_OK; /* blocks outside notes: the part is odd, its own order stays */
    memcpy(&b->blocks.at[lo], blocks, (hi - lo) * sizeof *blocks);
    move_indices(b, to, lo, hi);
    return ERR_OK;
}

static enum err read_notes(struct doc__builder *b, const struct doc_rels *rels, const char *type, enum doc_story story,
                           struct error *e)
{
    const struct doc_rel *rel = doc_rels_first(rels, type);
    if (!rel) return ERR_OK;
    size_t first = b->notes.n, first_block = b->blocks.n;
    struct doc_place nowhere = {0, 0};
    enum err code = doc__story_read(b, story, rel->target, nowhere, e);
    TRY(forgive(b, code, DOC_WARN_PART_SKIPPED, "the notes were not reviewed", e));
    uint32_t *to = NULL;
    TRY(notes_by_mark(b, &to, e));
    for (size_t i = 0; i < b->note_marks.n; i++)
        if (to[i] != DOC_NONE && b->notes.at[to[i]].ref.block == DOC_NONE)
            b->notes.at[to[i]].ref = b->note_marks.at[i].place;
    TRY(order_notes(b, first, b->notes.n, e));
    for (size_t i = first_block; i < b->blocks.n; i++) {
        struct doc_block *block = &b->blocks.at[i];
        if (block->note != DOC_NONE && b->notes.at[block->note].ref.block != DOC_NONE)
            block->body_place = b->notes.at[block->note].ref;
    }
    return ERR_OK;
}

/* Runs that refer to notes know their marks so far; now the notes. */
static enum err join_note_runs(struct doc__builder *b, struct error *e)
{
    uint32_t *to = NULL;
    TRY(notes_by_mark(b, &to, e));
    for (size_t i = 0; i < b->runs.n; i++) {
        struct doc_run *run = &b->runs.at[i];
        if (run->kind != DOC_RUN_NOTE) continue;
        run->ref = to[run->ref];
        if (run->ref != DOC_NONE && b->notes.at[run->ref].ref_run == DOC_NONE)
            b->notes.at[run->ref].ref_run = (uint32_t)i;
    }
    return ERR_OK;
}

/* ---- headers and footers ---- */

static bool part_is_read(const struct doc__builder *b, struct str name)
{
    for (size_t i = 0; i < b->parts.n; i++)
        if (str_eq_nocase(b->parts.at[i].name, name)) return true;
    return false;
}

static enum err read_bands(struct doc__builder *b, const struct doc_rels *rels, enum doc_story story, struct error *e)
{
    for (size_t i = 0; i < b->bands.n; i++) {
        const struct doc__band *band = &b->bands.at[i];
        const struct doc_rel *rel = doc_rels_by_id(rels, band->rel_id);
        /* What the part is, its relationship says: some programs mix up the references. */
        if (!rel || rel->external || !str_eq_c(rel->type, story == DOC_STORY_HEADER ? "header" : "footer")) continue;
        if (part_is_read(b, rel->target)) continue;
        struct doc_place place = {band->first_block < b->body_end_block ? band->first_block : 0, 0};
        enum err code = doc__story_read(b, story, rel->target, place, e);
        TRY(forgive(b, code, DOC_WARN_PART_SKIPPED, "a header or footer was not reviewed", e));
    }
    return ERR_OK;
}

/* ---- the whole ---- */

static enum err warn_package(struct doc__builder *b, const struct doc_rels *rels, struct error *e)
{
    if (doc_package_is_signed(b->package))
        TRY(doc__warn(b, DOC_WARN_SIGNED, e,
                      "the document is digitally signed; a copy with comments loses its signature"));
    if (doc_rels_first(rels, "vbaProject"))
        TRY(doc__warn(b, DOC_WARN_MACROS, e, "the document has macros; they are kept as they are and never run"));
    if (b->has_object)
        TRY(doc__warn(b, DOC_WARN_EMBEDDED_OBJECT, e,
                      "the document has embedded objects, whose content was not reviewed"));
    return ERR_OK;
}

static enum err read_parts(struct doc__builder *b, struct error *e)
{
    struct doc_rels rels = {0};
    struct str main_part = doc_package_main_part(b->package);
    TRY(doc_package_rels(b->package, main_part, &rels, e));
    TRY(forgive(b, read_styles(b, doc_rels_first(&rels, "styles"), e), DOC_WARN_PART_SKIPPED,
                "the document's styles cannot be read, so headings may be missed", e));
    TRY(forgive(b, read_numbering(b, doc_rels_first(&rels, "numbering"), e), DOC_WARN_NUMBERING,
                "the document's numbering cannot be read, so list numbers are missing", e));
    TRY(doc__story_read(b, DOC_STORY_BODY, main_part, (struct doc_place){0, 0}, e));
    b->body_end_block = (uint32_t)b->blocks.n;
    TRY(read_notes(b, &rels, "footnotes", DOC_STORY_FOOTNOTE, e));
    TRY(read_notes(b, &rels, "endnotes", DOC_STORY_ENDNOTE, e));
    TRY(join_note_runs(b, e));
    TRY(read_bands(b, &rels, DOC_STORY_HEADER, e));
    TRY(read_bands(b, &rels, DOC_STORY_FOOTER, e));
    TRY(doc__tables_order(b, e));
    TRY(doc__headings_by_look(b, e));
    TRY(doc__sections_build(b, e));
    TRY(forgive(b, doc__comments_read(b, &rels, e), DOC_WARN_COMMENTS_BROKEN, "the document's comments cannot be read",
                e));
    TRY(forgive(b, doc__properties_read(b, e), DOC_WARN_PART_SKIPPED, "the document's properties cannot be read", e));
    TRY(forgive(b, doc__settings_read(b, &rels, e), DOC_WARN_PART_SKIPPED, "the document's settings cannot be read",
                e));
    return warn_package(b, &rels, e);
}

#define HAND_OVER(name)                                                                                                \
    do {                                                                                                               \
        doc->name.at = b->name.at;                                                                                     \
        doc->name.n = (uint32_t)b->name.n;                                                                             \
    } while (0)

enum err doc__hidden_put(struct doc__builder *b, enum doc_hidden_kind kind, struct doc_place place, struct str text,
                         struct error *e)
{
    struct doc__hidden *last = b->hidden.n ? &b->hidden.at[b->hidden.n - 1] : NULL;
    if (!last || kind != DOC_HIDDEN_VANISHED || last->kind != kind || last->place.block != place.block) {
        last = VEC_PUSH(b->a, &b->hidden);
        if (!last) return error_no_memory(e);
        *last = (struct doc__hidden){kind, place, b->hidden_text.n, b->hidden_text.n};
    }
    for (size_t i = 0; i < text.n; i++) {
        char *c = VEC_PUSH(b->a, &b->hidden_text);
        if (!c) return error_no_memory(e);
        *c = text.p[i];
    }
    last->end = b->hidden_text.n;
    return ERR_OK;
}

static enum err hand_over_hidden(const struct doc__builder *b, struct doc *doc, struct error *e)
{
    doc->hidden.at = NEW(b->a, struct doc_hidden, b->hidden.n);
    if (!doc->hidden.at) return error_no_memory(e);
    doc->hidden.n = (uint32_t)b->hidden.n;
    for (size_t i = 0; i < b->hidden.n; i++) {
        const struct doc__hidden *h = &b->hidden.at[i];
        doc->hidden.at[i] = (struct doc_hidden){
            h->kind, str_sub((struct str){b->hidden_text.at, b->hidden_text.n}, h->start, h->end), h->place};
    }
    return ERR_OK;
}

static void hand_over(const struct doc__builder *b, struct doc *doc)
{
    doc->arena = b->a;
    doc->package = b->package;
    HAND_OVER(parts);
    HAND_OVER(blocks);
    HAND_OVER(runs);
    HAND_OVER(wraps);
    HAND_OVER(sections);
    HAND_OVER(tables);
    HAND_OVER(rows);
    HAND_OVER(cells);
    HAND_OVER(notes);
    HAND_OVER(links);
    HAND_OVER(images);
    HAND_OVER(bookmarks);
    HAND_OVER(comments);
    HAND_OVER(revisions);
    memcpy(doc->misplaced, b->misplaced, sizeof doc->misplaced);
    HAND_OVER(warnings);
    doc->properties = b->properties;
    doc->body_end_block = b->body_end_block;
    doc->body_content_end = b->body_content_end;
    doc->strict = doc_package_is_strict(b->package);
}

enum err doc_read(struct str bytes, const struct doc_read_options *o, struct doc **ret, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(o->limits.max_memory_bytes);
    struct doc__builder *b = a ? NEW(a, struct doc__builder, 1) : NULL;
    struct doc *doc = a ? NEW(a, struct doc, 1) : NULL;
    if (!b || !doc) return error_no_memory(e);
    b->a = a;
    b->options = *o;
    b->properties.created_unix_ms = b->properties.modified_unix_ms = INT64_MIN;
    struct error own; /* texts are needed to forgive, also when the caller wants none */
    if (!e) e = &own;
    TRY(doc_package_open(a, bytes, &o->limits, &b->package, e));
    TRY(read_parts(b, e));
    hand_over(b, doc);
    TRY(hand_over_hidden(b, doc, e));
    (void)TAKE(a);
    *ret = doc;
    return ERR_OK;
}

void doc_free(struct doc *doc)
{
    if (doc) arena_free(doc->arena);
}

void doc__cleanup(struct doc **doc) { doc_free(*doc); }
