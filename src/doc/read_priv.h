/* What the files of the reader share. The order of reading: styles.c, numbering.c, then story*.c for each part with
 * text (it fills the builder below), then comments_read.c, properties.c, headings_look.c, sections.c, mail.c; read.c
 * calls them in that order. */
#pragma once

#include "base/map.h"
#include "doc/read.h"
#include "doc/vocab.h"

/* ---- looks (styles.c) ---- */

enum { DOC__VANISH = 1 << 16, DOC__SHADED = 1 << 17 }; /* beside DOC_BOLD … of model.h */

struct doc__format {
    uint32_t set;         /* properties that something is said about */
    uint32_t on;          /* of those, the ones that hold */
    uint32_t color, fill; /* of the text and of its shading, as 0xRRGGBB + 1; 0: nothing said, or automatic */
    uint16_t half_points; /* 0: nothing said */
};

/* Takes one child of a w:rPr. */
void doc__format_read(struct doc__format *f, const struct xml_tag *tag);
struct doc__format doc__format_over(struct doc__format base, struct doc__format top);
bool doc__on_off(struct str value);                    /* of w:b, w:i …: absent means on */
uint32_t doc__number(struct str s, uint32_t fallback); /* digits only, at most 2^31 - 1 */

/* ---- styles (styles.c) ---- */

enum doc__style_type { DOC__STYLE_PARAGRAPH, DOC__STYLE_CHARACTER, DOC__STYLE_TABLE, DOC__STYLE_NUMBERING };

#define DOC__NO_LEVEL 255u

struct doc__style {
    enum doc__style_type type;
    struct str id, name, based_on;
    bool is_default;
    bool resolved, resolving;  /* resolving: guards against a style that is based on itself */
    bool shaded;               /* pPr/shd */
    struct doc__format format; /* own; after resolving that of the whole chain */
    uint8_t outline;           /* own w:outlineLvl 0–9, DOC__NO_LEVEL: none */
    uint8_t heading_level;     /* resolved, 1–9; 0: none */
    enum doc_heading_source heading_source;
    bool has_num;    /* resolved: says something about a number */
    uint32_t num_id; /* resolved; 0: numbering is switched off */
    uint8_t num_level;
    bool is_title, is_toc;
};

struct doc__styles {
    struct arena *a;
    VEC(struct doc__style) all;
    struct map by_id; /* id → index + 1; paragraph, character and the others share no ids in practice */
    const struct doc__style *default_paragraph; /* or NULL */
    struct doc__format defaults;                /* docDefaults */
    bool empty;                                 /* no styles part */
};

enum err doc__styles_read(struct arena *a, struct str xml, const char *what, struct doc__styles *ret,
                          struct error *e) MUST_USE;
const struct doc__style *doc__style(const struct doc__styles *styles, struct str id); /* or NULL */
/* The level that a style name stands for, in the languages that write it into files ("heading 2", "Überschrift 2",
 * "标题 2"), or 0. */
uint8_t doc__heading_name(struct str name);

/* ---- numbering (numbering.c) ---- */

struct doc__numbering;
/* An empty one serves a document without the part. */
enum err doc__numbering_new(struct arena *a, struct doc__numbering **ret, struct error *e) MUST_USE;
enum err doc__numbering_read(struct arena *a, struct str xml, const char *what, const struct doc__styles *styles,
                             struct doc__numbering **ret, struct error *e) MUST_USE;
void doc__numbering_reset(struct doc__numbering *n); /* every story counts from the beginning */
/* The level that a numbered style has in the list that it names, by w:lvl/w:pStyle; fallback when no level names it. */
uint8_t doc__numbering_style_level(const struct doc__numbering *n, uint32_t num_id, struct str style_id,
                                   uint8_t fallback);
/* Counts one paragraph of that list and level and makes its label. *ret_label is empty for "none"; false as value
 * when there is no such list. */
enum err doc__numbering_next(struct doc__numbering *n, struct arena *a, uint32_t num_id, uint8_t level, bool *ret_known,
                             struct str *ret_label, struct error *e) MUST_USE;

/* ---- the builder (read.c, story*.c) ---- */

enum doc__mark_kind { DOC__MARK_START, DOC__MARK_END, DOC__MARK_REFERENCE };

struct doc__comment_mark { /* commentRangeStart, commentRangeEnd, commentReference in the main part */
    enum doc__mark_kind kind;
    struct str id;
    struct doc_place place;
};

struct doc__note_mark { /* a footnote or endnote reference */
    enum doc_story story;
    struct str id;
    struct doc_place place;
    bool live; /* not deleted or hidden */
};

struct doc__band { /* a header or footer that a section of the page layout asks for */
    struct str rel_id;
    uint32_t first_block; /* of that section */
};

struct doc__hidden {
    enum doc_hidden_kind kind;
    struct doc_place place;
    size_t start, end; /* bytes of hidden_text */
};

struct doc__builder {
    struct arena *a;
    struct doc_package *package;
    struct doc_read_options options;
    struct doc__styles styles;
    struct doc__numbering *numbering;
    VEC(struct doc_part) parts;
    VEC(struct doc_block) blocks;
    VEC(struct doc_run) runs;
    VEC(struct doc_wrap) wraps;
    VEC(struct doc_section) sections;
    VEC(struct doc_table) tables;
    VEC(struct doc_row) rows;
    VEC(struct doc_cell) cells;
    VEC(struct doc_note) notes;
    VEC(struct doc_link) links;
    VEC(struct doc_image) images;
    VEC(struct doc_bookmark) bookmarks;
    VEC(struct doc_comment) comments;
    VEC(struct doc_revision) revisions;
    VEC(struct doc_warning) warnings;
    VEC(struct doc__hidden) hidden;
    VEC(char) hidden_text; /* of all of them */
    VEC(struct doc__comment_mark) comment_marks;
    VEC(struct doc__note_mark) note_marks;
    VEC(struct doc__band) bands;
    struct doc_properties properties;
    uint32_t body_end_block;
    size_t body_content_end;
    bool has_object; /* an embedded object was seen */
    uint64_t misplaced[DOC_MISPLACED_COUNT];
};

/* Adds to the last one when that is of the same block. */
enum err doc__hidden_put(struct doc__builder *b, enum doc_hidden_kind kind, struct doc_place place, struct str text,
                         struct error *e) MUST_USE;

/* message: format and arguments of a sentence for the user. */
enum err doc__warn(struct doc__builder *b, enum doc_warning_code code, struct error *e, const char *format, ...)
    __attribute__((format(printf, 4, 5))) MUST_USE;

/* Reads a part with text (body, notes, header, footer) into the builder. body_place: of headers and footers. */
enum err doc__story_read(struct doc__builder *b, enum doc_story story, struct str name, struct doc_place body_place,
                         struct error *e) MUST_USE;

enum err doc__comments_read(struct doc__builder *b, const struct doc_rels *rels, struct error *e) MUST_USE;
enum err doc__properties_read(struct doc__builder *b, struct error *e) MUST_USE;
enum err doc__settings_read(struct doc__builder *b, const struct doc_rels *rels, struct error *e) MUST_USE;
/* Headings by look, where the author used none by style. */
enum err doc__headings_by_look(struct doc__builder *b, struct error *e) MUST_USE;
enum err doc__sections_build(struct doc__builder *b, struct error *e) MUST_USE;
/* The first block of the e-mail quoted at the end of the body, or DOC_NONE. ret_subject: the rest of its subject
 * line. */
uint32_t doc__mail_find(const struct doc__builder *b, struct str *ret_subject);
