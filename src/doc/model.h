/* The model of a document: what a reader made of the parts, with the byte range of everything in its part, so that a writer can splice.
 * Plain data in one arena, immutable once doc_read() has returned it; all text is UTF-8. Indices point into the arrays of struct doc; DOC_NONE is "no such".
 *
 * Order of blocks ("document order"): the body's paragraphs as they stand, those of a text box behind the paragraph that holds it; then footnotes, endnotes (in order of their
 * references), headers, footers. Every w:p is a block, the empty ones too, so that block numbers are stable under a re-read.
 *
 * Text of a block = what a reader of the page sees with insertions kept and deletions left out: w:t as is, tabs TAB, line breaks LF, page and column breaks FF, no-break hyphen U+2011, soft hyphen
 * U+00AD, images and embedded objects U+FFFC, symbols as their character; field results but not field codes; notes and comment references are zero-width; hidden text (w:vanish) is not text, it is in doc.hidden.
 * List numbers are not text: they are in label. Sources: ECMA-376 part 1, 17; reference 8–10. Thread: any. */
#pragma once

#include "base/str.h"

#define DOC_NONE UINT32_MAX

struct doc_range { /* bytes [start, end) of a part, in its own encoding */
    size_t start, end;
};

enum doc_story {
    DOC_STORY_BODY,
    DOC_STORY_TEXTBOX,
    DOC_STORY_FOOTNOTE,
    DOC_STORY_ENDNOTE,
    DOC_STORY_HEADER,
    DOC_STORY_FOOTER
};

enum doc_block_kind { DOC_BLOCK_PARAGRAPH, DOC_BLOCK_HEADING, DOC_BLOCK_LIST_ITEM, DOC_BLOCK_CELL, DOC_BLOCK_NOTE };

enum doc_heading_source {
    DOC_HEADING_NONE,
    DOC_HEADING_OUTLINE, /* w:outlineLvl on the paragraph or in its style chain */
    DOC_HEADING_STYLE,   /* a style named "heading N" */
    DOC_HEADING_LOOK,    /* no style says so: it looks and reads like a heading */
};

struct doc_place { /* a point in the text */
    uint32_t block;
    uint32_t offset; /* byte of the block's text */
};

struct
    doc_anchor { /* a stretch of text; start <= end in document order, both in the same story; a finding's anchor lies in one block as a rule */
    struct doc_place start, end;
};

struct doc_block {
    enum doc_story story;
    enum doc_block_kind
        kind; /* HEADING before CELL before LIST_ITEM before NOTE, by what is most telling; the fields below say all */
    struct str text;
    struct str label;      /* the number or bullet that Word shows: "1.", "a)", "RC1", "•"; or empty */
    struct str style;      /* w:name of the paragraph style ("heading 1"), or empty */
    uint8_t heading_level; /* 1–9; 0: no heading. A paragraph without text is none, whatever its style */
    uint8_t list_level;    /* 1–9; 0: no list item */
    enum doc_heading_source heading_source;
    bool is_title;     /* Title or Subtitle style */
    bool is_toc;       /* inside a table of contents */
    bool mark_deleted; /* the paragraph mark is deleted by a tracked change */
    uint32_t section;  /* for notes, headers, text boxes: the section of the place that refers to them */
    uint32_t cell;     /* innermost table cell, or DOC_NONE */
    uint32_t note;     /* for FOOTNOTE and ENDNOTE, or DOC_NONE */
    uint32_t first_run, run_count;
    uint32_t part;
    struct doc_range src;  /* <w:p …> … </w:p> */
    struct doc_range open; /* the start tag; open.end == src.end for <w:p/> */
    size_t content_start;  /* where run-level content begins: behind w:pPr */
    /* For every story but BODY: the place in the body that refers to it (for headers and footers the first body block of
     * the section that uses them; {0, 0} for a note that nothing refers to); for BODY itself: {this block, 0}. Means
     * nothing when the body has no block (body_end_block is 0). */
    struct doc_place body_place;
};

enum doc_run_kind {
    DOC_RUN_TEXT,   /* w:t */
    DOC_RUN_CHAR,   /* tab, break, hyphens, symbol: a whole element that stands for one character; cannot be split */
    DOC_RUN_OBJECT, /* image, embedded object: U+FFFC */
    DOC_RUN_NOTE,   /* a footnote or endnote reference: zero-width */
    DOC_RUN_MATH,   /* m:t inside a formula: text that cannot be split from its formula */
};

enum {
    DOC_BOLD = 1 << 0,
    DOC_ITALIC = 1 << 1,
    DOC_UNDERLINE = 1 << 2,
    DOC_STRIKE = 1 << 3,
    DOC_CAPS = 1 << 4,
    DOC_SMALL_CAPS = 1 << 5,
    DOC_SUPERSCRIPT = 1 << 6,
    DOC_SUBSCRIPT = 1 << 7,
    DOC_WHITE = 1 << 8 /* white or near white on no shading, or of the colour of its shading: cannot be seen */,
    DOC_HIGHLIGHT = 1 << 9
};

/* One child of a w:r that gives text: the smallest thing with a look of its own. Several share a w:r where it has several children. Runs of a block cover its text
 * without gap, in order. */
struct doc_run {
    enum doc_run_kind kind;
    uint32_t start, end;  /* bytes of the block's text */
    uint32_t format;      /* DOC_BOLD | …, styles resolved */
    uint16_t half_points; /* font size, 0: unknown */
    uint16_t
        trim; /* white-space characters of w:t that are not text because xml:space is not "preserve": at its start */
    uint32_t wrap;            /* innermost wrapper, or DOC_NONE */
    uint32_t ref;             /* NOTE: index of the note; OBJECT: index of the image; else DOC_NONE */
    struct doc_range element; /* <w:t>…</w:t>, <w:tab/>, … */
    struct doc_range content; /* TEXT: the character data between the tags */
    struct doc_range r;       /* the w:r around it; MATH: the outermost m:oMath(Para) */
    size_t r_open_end;        /* end of the w:r start tag */
    struct doc_range rpr;     /* w:rPr in it; empty range at r_open_end when there is none */
    bool preserve;            /* w:t has xml:space="preserve" */
};

enum doc_wrap_kind {
    DOC_WRAP_HYPERLINK,
    DOC_WRAP_INS /* w:ins, w:moveTo */,
    DOC_WRAP_SDT /* inline content control */,
    DOC_WRAP_SDT_BLOCK,
    DOC_WRAP_FLD_SIMPLE,
    DOC_WRAP_FIELD /* complex: begin … end */,
    DOC_WRAP_SMART_TAG,
    DOC_WRAP_MATH,
    DOC_WRAP_TEXTBOX,
    DOC_WRAP_OTHER /* bdo, dir, customXml, ruby … */
};

/* Something around runs (or around blocks), nested by parent. */
struct doc_wrap {
    enum doc_wrap_kind kind;
    uint32_t parent;
    uint32_t part;
    struct doc_range
        src; /* first to last byte; FIELD: from the w:r of its begin to the end of the w:r of its end (may span paragraphs) */
    size_t content_start, content_end; /* where children begin and end (sdt: inside w:sdtContent) */
    bool locked;       /* SDT: content is locked or bound to data: markers go around it, its text is not changed */
    uint32_t revision; /* INS: index of the revision, else DOC_NONE */
    uint32_t link;     /* HYPERLINK and HYPERLINK fields: index of the link, else DOC_NONE */
    struct str field;  /* FIELD, FLD_SIMPLE: the instruction, trimmed: "REF _Ref123 \\h" */
};

enum doc_section_kind {
    DOC_SECTION_NORMAL,
    DOC_SECTION_PREAMBLE,   /* what stands before the first heading; has no heading block */
    DOC_SECTION_QUOTED_MAIL /* the e-mail quoted at the end of a report */
};

struct doc_section {
    enum doc_section_kind kind;
    struct str title; /* text of the heading, trimmed; "" for the preamble; the subject for a quoted mail */
    struct str label; /* its number, as the heading's label */
    uint8_t level;    /* 1–9; 0 for the preamble */
    uint32_t parent;  /* section or DOC_NONE */
    uint32_t heading; /* block or DOC_NONE */
    uint32_t first_block, end_block; /* own body blocks, heading included, up to the next heading of any level */
    uint32_t subtree_end_block;      /* up to the next heading of its level or higher */
    bool reviewed;                   /* by default; false for QUOTED_MAIL and a table of contents */
};

struct doc_table {
    uint32_t parent_cell; /* nested: the cell it stands in, else DOC_NONE */
    uint32_t section;
    uint32_t first_row, row_count;
    uint32_t column_count;           /* grid columns of the widest row */
    uint32_t first_block, end_block; /* nested tables included */
    uint32_t part;
    struct doc_range src;
};

struct doc_row {
    uint32_t table;
    uint32_t first_cell, cell_count;
    bool is_header; /* w:tblHeader */
    bool deleted;   /* by a tracked change */
};

struct doc_cell {
    uint32_t table, row;         /* row: index into rows */
    uint32_t row_number, column; /* from 0 in the table; grid column */
    uint32_t column_span;
    bool merged_up; /* continues a vertical merge */
    uint32_t first_block, end_block;
};

struct doc_note {
    enum doc_story story; /* FOOTNOTE or ENDNOTE */
    struct str id;
    struct doc_place ref; /* where the body refers to it; block DOC_NONE when nothing does */
    uint32_t ref_run;     /* the run of the reference, or DOC_NONE */
    uint32_t first_block, end_block;
};

struct doc_link {
    struct str target; /* URL, or "#bookmark"; "" when broken (no such relationship) */
    bool external;
    struct doc_anchor anchor; /* the text it is on */
};

struct doc_image {
    struct doc_place place;
    struct str name, alt; /* wp:docPr name and descr (or title) */
    struct str target;    /* part or URL */
    bool external;
};

struct doc_bookmark {
    struct str name;
    struct doc_place place;
};

struct doc_comment { /* one that is already there */
    struct str id, author, initials;
    struct str text;      /* paragraphs joined by LF */
    int64_t date_unix_ms; /* INT64_MIN: none given */
    uint32_t parent;      /* the comment that it answers, or DOC_NONE */
    bool done;
    bool anchored; /* has a place in the body */
    struct doc_anchor anchor;
};

enum doc_revision_kind {
    DOC_REVISION_INSERT,
    DOC_REVISION_DELETE,
    DOC_REVISION_MOVE_FROM,
    DOC_REVISION_MOVE_TO,
    DOC_REVISION_FORMAT,
    DOC_REVISION_OTHER
};

struct doc_revision { /* a tracked change that is already there */
    enum doc_revision_kind kind;
    struct str id, author;
    int64_t date_unix_ms; /* INT64_MIN: none given */
    struct str text;      /* inserted or deleted text; "¶" for a paragraph mark */
    struct doc_place place;
};

enum doc_hidden_kind {
    DOC_HIDDEN_VANISHED, /* w:vanish: text that is no text of its block */
    DOC_HIDDEN_PROPERTY  /* a custom property */
};

struct doc_hidden { /* what no reader of the page sees */
    enum doc_hidden_kind kind;
    struct str text;        /* VANISHED: of neighbouring runs together */
    struct doc_place place; /* PROPERTY: block DOC_NONE */
};

struct doc_properties {
    struct str title, subject, creator, last_modified_by, keywords, description, category, company, application;
    int64_t created_unix_ms, modified_unix_ms; /* INT64_MIN: none */
    uint32_t pages, words;                     /* as the author's program counted them; 0: unknown */
};

enum doc_warning_code {
    DOC_WARN_EXTERNAL_TARGET,
    DOC_WARN_ALT_CHUNK /* content that was not reviewed */,
    DOC_WARN_EMBEDDED_OBJECT,
    DOC_WARN_SIGNED,
    DOC_WARN_PROTECTED,
    DOC_WARN_MACROS,
    DOC_WARN_CORRUPT_ENTRY /* a part that we do not need */,
    DOC_WARN_COMMENTS_BROKEN /* cannot be written to */,
    DOC_WARN_PART_SKIPPED,
    DOC_WARN_DUPLICATE_COMMENT_ID,
    DOC_WARN_DANGLING_COMMENT,
    DOC_WARN_NUMBERING
};

struct doc_warning {
    enum doc_warning_code code;
    struct str message; /* a sentence for the user */
};

struct doc_part {
    struct str name;
    struct str bytes;     /* inflated, as in the package */
    enum doc_story story; /* BODY for the main part */
    struct str w_prefix;  /* prefix of the main namespace at the root ("w"), may be "" */
};

/* Elements that stand where the format has no place for them: for each kind the set of what they stand in, as numbers of the reader's own. */
enum doc_misplaced {
    DOC_MISPLACED_RUN,
    DOC_MISPLACED_TEXT, /* w:t in what is deleted and w:delText elsewhere, too */
    DOC_MISPLACED_MARK, /* the start or end of a comment's range */
    DOC_MISPLACED_REFERENCE,
    DOC_MISPLACED_CHANGE, /* w:ins, w:del */
    DOC_MISPLACED_COUNT
};

#define DOC_ARRAY(type)                                                                                                \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        uint32_t n;                                                                                                    \
    }

struct doc_package;

struct doc {
    struct arena *arena;
    struct doc_package *package;
    DOC_ARRAY(struct doc_part) parts; /* the parts that hold stories; [0] is the main part */
    DOC_ARRAY(struct doc_block) blocks;
    DOC_ARRAY(struct doc_run) runs;
    DOC_ARRAY(struct doc_wrap) wraps;
    DOC_ARRAY(struct doc_section) sections; /* at least one, also when the body is empty */
    DOC_ARRAY(struct doc_table) tables;
    DOC_ARRAY(struct doc_row) rows;
    DOC_ARRAY(struct doc_cell) cells;
    DOC_ARRAY(struct doc_note) notes;
    DOC_ARRAY(struct doc_link) links;
    DOC_ARRAY(struct doc_image) images;
    DOC_ARRAY(struct doc_bookmark) bookmarks;
    DOC_ARRAY(struct doc_comment) comments;
    DOC_ARRAY(struct doc_revision) revisions;
    DOC_ARRAY(struct doc_warning) warnings;
    DOC_ARRAY(struct doc_hidden) hidden;
    struct doc_properties properties;
    uint32_t body_end_block; /* blocks [0, body_end_block) are the body with its text boxes */
    size_t
        body_content_end; /* byte in the main part where new blocks may be added: before the final w:sectPr or </w:body> */
    bool strict;
    uint64_t misplaced[DOC_MISPLACED_COUNT]; /* sets that another reading can be compared with, nothing else */
};
