/* The plan of what goes into the main part: places and what stands there, made into splices at the end. Shared by the files that write; nobody else includes it. Thread: one at a time. */
#pragma once

#include "base/sb.h"
#include "doc/write_ids.h"
#include "doc/write_parts.h"
#include "doc/write_place.h"

/* What stands at one place, in this order. */
enum write_rank {
    WRITE_INS_TAIL, /* inserted words behind deleted ones, or behind kept words of their change */
    WRITE_END,      /* end markers with their reference runs */
    WRITE_POINT,    /* start, end and reference of a comment without extent; a reference run alone */
    WRITE_START,    /* start markers */
    WRITE_INS_HEAD, /* words inserted at the very beginning of their change */
};

struct write_item {
    struct write_point at;
    enum write_rank rank;
    uint32_t order;  /* of the comment or change */
    struct str text; /* markers; for INS: what follows the id in <w:ins …>…</w:ins> */
};

/* A stretch of whole and cut runs, siblings of each other, that becomes deleted text. */
struct write_deletion {
    struct write_point from, to;
    uint32_t first_run, last_run;
    struct str attributes; /* author and date, behind the id */
};

struct write_plan {
    const struct doc *doc;
    const struct doc_edits *edits;
    struct arena *arena;
    struct write_place place;
    struct write_ids ids;
    struct part_plan parts;
    struct str styles[STYLE_COUNT];
    struct str w;             /* "w:" or another prefix with its colon, for elements and attributes that we add */
    struct str w_declaration; /* " xmlns:w=…" where no prefix is bound (the attributes need one), else empty */
    uint64_t first_comment_id, next_revision_id, first_revision_id;
    VEC(struct write_item) items;
    VEC(struct write_deletion) deletions;
    struct splice_list splices; /* of the main part */
};

bool write_plan_add(struct write_plan *p, struct write_point at, enum write_rank rank, uint32_t order,
                    struct str text) MUST_USE;

/* Turns items and deletions into splices of the main part. */
enum err write_plan_emit(struct write_plan *p, struct error *e) MUST_USE;

/* Text as XML carries it: CR LF and CR become LF; other control characters, surrogates and U+FFFE/FFFF are dropped. keep_ff: form feeds stay (they are compared, never written). .p NULL on no memory. */
struct str write_clean(struct arena *a, struct str s, bool keep_ff);
/* A name as it is written: cleaned, LF and TAB as spaces, at most max UTF-16 units. */
struct str write_clean_name(struct arena *a, struct str s, size_t max);
struct str write_initials(struct arena *a, struct str initials, struct str author);
/* The children of a w:r for a text: w:t, w:br, w:tab. prefix with its colon. */
void write_run_text(struct sb *sb, struct str prefix, struct str text);

/* comments_write.c */
struct
    write_comment_text { /* the paragraphs of a comment as they are written, cleaned; the quoted words in front when it was moved */
    struct str *at;
    size_t n;
};
enum err write_comment_paragraphs(const struct doc *doc, const struct doc_new_comment *c,
                                  const struct doc_edit_result *placed, struct arena *a, struct write_comment_text *ret,
                                  struct error *e) MUST_USE;
size_t write_comment_count(const struct doc_edits *edits); /* with replies */
enum err write_comments_place(struct write_plan *p, struct doc_edit_result *results, struct error *e) MUST_USE;
enum err write_comments_parts(struct write_plan *p, const struct doc_edit_result *results, struct error *e) MUST_USE;

/* revisions_write.c */
enum err write_changes_place(struct write_plan *p, struct doc_edit_result *results, struct error *e) MUST_USE;

/* blocks_write.c */
enum err write_blocks_add(struct write_plan *p, struct error *e) MUST_USE;
#define WRITE_BULLET "\xE2\x80\xA2\t" /* in front of the text where the document has no style for bullets */
