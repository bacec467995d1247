/* The state machine that turns one XML part into blocks and runs. story.c owns the stack and the paragraphs;
 * story_run.c text and objects; story_wrap.c what stands around runs (links, controls, tracked changes, text boxes);
 * story_field.c fields; story_table.c tables. Every open element has a frame that says what to do at its end.
 * Elements that mean nothing are transparent: their children are read as if they stood in their place, so that no
 * text is lost in a wrapper that nobody knew. */
#pragma once

#include "doc/read_priv.h"

enum doc__what {
    IS_TRANSPARENT,
    IS_BODY,
    IS_P,
    IS_P_PR,
    IS_MARK_PR, /* rPr in pPr: the look of the paragraph mark */
    IS_NUM_PR,
    IS_SECT_PR,
    IS_R,
    IS_R_PR,
    IS_TEXT,
    IS_INSTR,
    IS_CHAR,
    IS_WRAP,
    IS_LINK,
    IS_INS,
    IS_DEL,
    IS_SDT,
    IS_SDT_PR,
    IS_SDT_CONTENT,
    IS_TEXTBOX,
    IS_ALTERNATIVES,
    IS_DRAWING,
    IS_MATH,
    IS_TBL,
    IS_TBL_PR,
    IS_TR,
    IS_TR_PR,
    IS_TC,
    IS_TC_PR,
    IS_NOTE,
    IS_COUNT
};

struct doc__frame {
    uint8_t what; /* enum doc__what */
    bool
        flag; /* P: in_para before; INS, DEL: counted as dead; SDT: table of contents; ALTERNATIVES: a branch was taken; TEXT: text is kept */
    uint32_t index; /* of the wrap, table, image …, or DOC_NONE */
    uint32_t aux;   /* INS, DEL: the revision */
    size_t at;      /* R_PR: start of the tag; MATH: first run */
};

struct doc__chars {
    char *p;
    size_t n, cap;
};

/* The w:r that is open. */
struct doc__r {
    bool open;
    struct doc_range range;
    size_t open_end;
    struct doc_range rpr;
    struct doc__format format;
    bool hidden;
};

struct doc__para {
    uint32_t block;
    bool ready; /* style, format and number are settled */
    struct doc__chars text;
    VEC(struct doc_run) runs;
    VEC(struct doc__r) outer_r; /* of w:r in w:ruby in w:r */
    struct doc__r r;
    const struct doc__style *style;
    struct doc__format format; /* defaults and style */
    bool shaded;
    uint8_t name_level; /* heading level by the id of a style that is nowhere defined, or 0 */
    int outline;        /* direct w:outlineLvl, or -1 */
    bool has_num, has_level;
    uint32_t num_id;
    uint8_t num_level;
};

struct doc__open_revision {
    uint32_t index;
    struct doc__chars text;
};

struct doc__field {
    uint32_t wrap;
    size_t begin; /* byte of its fldChar: names it if the story has to be read again */
    bool in_code; /* before "separate" */
    bool is_toc;
    struct doc__chars instr;
};

struct doc__textbox {
    enum doc_story story;
    size_t field_base;
    struct doc_place place;
};

struct doc__drawing {
    struct str name, alt;
    struct str target;
    bool external, has_object, has_name;
    bool is_ole;
    size_t start;
};

struct doc__open_table {
    uint32_t table, row, row_number, column, outer_cell;
    bool styled; /* has a table style: its cells may be dark */
    bool cell_shaded;
};

enum doc__sink { SINK_NONE, SINK_TEXT, SINK_MATH, SINK_REVISION, SINK_INSTR, SINK_HIDDEN };

struct doc__story {
    struct doc__builder *b;
    struct xml_reader *xml;
    enum doc_story story; /* of the paragraphs that begin now */
    enum doc_story root_story;
    uint32_t part;
    struct doc_rels rels;
    struct doc_place outside; /* body_place of headers, footers and notes */
    VEC(struct doc__frame) frames;
    unsigned skip; /* depth of the element whose content is passed over; 0: none */

    VEC(struct doc__para) paras; /* buffers are kept for reuse: n_paras are open */
    size_t n_paras;
    bool in_para;         /* directly in a paragraph, not in a box in one */
    uint32_t last_closed; /* block that ended last in this story, or DOC_NONE */

    VEC(uint32_t) wraps;                      /* open ones, innermost last */
    VEC(struct doc__open_revision) revisions; /* n_revisions are open */
    size_t n_revisions;
    unsigned dead;                 /* open deletions (and rejected insertions) around */
    unsigned revived;              /* open rejected deletions around */
    VEC(struct doc__field) fields; /* n_fields are open */
    size_t n_fields, field_base;
    VEC(uint32_t) ending_fields; /* wraps of fields whose end stands in the w:r that is open */
    unsigned toc;                /* open tables of contents */
    VEC(size_t) broken_fields;   /* begins without an end, whose field would be the rest of the story; sorted */
    bool again;                  /* one was found */
    VEC(struct doc__textbox) textboxes;
    VEC(struct doc__drawing) drawings;
    VEC(struct doc__open_table) tables;
    uint32_t cell, note;
    unsigned math; /* depth of formulas */
    struct doc_range math_range;
    uint32_t layout_first; /* first block of the current section of the page layout */
    bool layout_ends;      /* the open paragraph is the last of it */

    enum doc__sink sink;
    struct doc_run pending; /* the run of the text that is open */
    size_t text_start;
};

/* The innermost open paragraph. */
static inline struct doc__para *doc__para(struct doc__story *s) { return &s->paras.at[s->n_paras - 1]; }
/* Is text that stands here seen on the page? */
bool doc__story_visible(const struct doc__story *s);
/* Here, in the text of the open paragraph, or at the start of the next one. */
struct doc_place doc__story_place(const struct doc__story *s);
/* The end of the last paragraph when none is open: where a range ends that ends between paragraphs. */
struct doc_place doc__story_end_place(const struct doc__story *s);
/* Passes over the element: its frame stays, its content is not seen. */
void doc__story_skip(struct doc__story *s, const struct xml_tag *tag);
struct doc__frame *doc__story_frame(struct doc__story *s); /* of the current element */
uint8_t doc__story_parent(const struct doc__story *s);     /* what the element around it is */
enum err doc__story_dup(struct doc__story *s, struct str v, struct str *ret, struct error *e) MUST_USE;
enum err doc__chars_put(struct doc__story *s, struct doc__chars *c, struct str v, struct error *e) MUST_USE;
/* Settles style, format and number of the open paragraph, at its first content. */
enum err doc__para_ready(struct doc__story *s, struct error *e) MUST_USE;

/* What begins at a tag: fills the frame. What ends with it: gets a copy of the frame. */
typedef enum err (*doc__start_fn)(struct doc__story *s, const struct xml_tag *tag, struct error *e);
typedef enum err (*doc__end_fn)(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f,
                                struct error *e);

/* story_misplaced.c: notes when the element that has just begun has no place there. */
void doc__story_note_place(struct doc__story *s, int token);

/* story_para.c */
enum err doc__start_p(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_p(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__child_p_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_p_pr(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__child_num_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__child_mark_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__child_sect_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);

/* story_run.c */
enum err doc__start_r(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_r(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__start_r_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__child_r_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_r_pr(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__start_text(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_text(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__start_char(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_char(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__start_note_ref(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_math(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_math(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__start_drawing(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_drawing_detail(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_drawing(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);

/* story_wrap.c */
enum err doc__start_wrap(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_link(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_ins(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_del(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_sdt(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__child_sdt_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_sdt_content(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_textbox(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_wrap(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__end_link(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__end_change(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__end_sdt(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__end_sdt_content(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f,
                              struct error *e);
enum err doc__end_textbox(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__wrap_push(struct doc__story *s, enum doc_wrap_kind kind, size_t start, size_t content, uint32_t *ret,
                        struct error *e) MUST_USE;
void doc__wrap_pop(struct doc__story *s, uint32_t wrap);
uint32_t doc__wrap_top(const struct doc__story *s);
/* A tracked change without content of its own (a mark, a row, a format). */
enum err doc__revision_push(struct doc__story *s, enum doc_revision_kind kind, const struct xml_tag *tag,
                            struct str text, uint32_t *ret, struct error *e) MUST_USE;
bool doc__revision_rejected(const struct doc__story *s, const struct xml_tag *tag);
enum err doc__format_change(struct doc__story *s, const struct xml_tag *tag,
                            struct error *e); /* rPrChange and its kin: noted, skipped */
enum err doc__revision_text(struct doc__story *s, struct str text,
                            struct error *e) MUST_USE; /* for the innermost open one */

/* story_field.c */
enum err doc__start_fld_char(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_fld_simple(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_instr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_instr(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
bool doc__field_in_code(const struct doc__story *s);
/* The w:r with the ends of fields is over. */
void doc__fields_r_ends(struct doc__story *s, size_t end);
/* Ends the fields above `base` that nobody ended. *ret_again: there was one; the story must be read again without it. */
enum err doc__fields_close(struct doc__story *s, size_t base, size_t end, bool *ret_again, struct error *e) MUST_USE;

/* story_table.c */
enum err doc__start_tbl(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_tr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__start_tc(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__child_tbl_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__child_tr_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__child_tc_pr(struct doc__story *s, const struct xml_tag *tag, struct error *e);
enum err doc__end_tbl(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
enum err doc__end_tc(struct doc__story *s, const struct xml_tag *tag, const struct doc__frame *f, struct error *e);
/* Rows of a table and cells of a row in sequence, after the whole document was read: nested tables interleave them. */
enum err doc__tables_order(struct doc__builder *b, struct error *e) MUST_USE;
