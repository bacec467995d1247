/* Where range markers and tracked changes may stand: from an anchor to places between the elements of the main part. Thread: one at a time. */
#pragma once

#include "doc/write.h"
#include "doc/write_markup.h"

enum write_point_kind {
    WRITE_POINT_GAP,     /* between elements at run level */
    WRITE_POINT_CHILD,   /* between two children of a w:r, which is closed and opened again */
    WRITE_POINT_TEXT,    /* inside a w:t, which is closed and opened again with its w:r */
    WRITE_POINT_EMPTY_P, /* in a <w:p/> */
};

/* A place, ordered by (at, sub). */
struct write_point {
    size_t at;    /* byte of the main part; TEXT: of the w:t's content, EMPTY_P: of the "/>" */
    uint32_t sub; /* TEXT: bytes of the run's text before the place */
    uint32_t run; /* CHILD, TEXT: the run that is cut */
    enum write_point_kind kind;
};

struct write_span {
    struct write_point start, end;
    size_t
        reference; /* where the reference runs stand when not at the end (a control that is a block of its own), else 0 */
    struct doc_anchor anchor; /* the text between, in the input's blocks */
    enum doc_edit_outcome outcome;
    struct str quote_place; /* MOVED: the name of the place that was meant */
};

struct write_place {
    const struct doc *doc;
    struct arena *arena;
    struct doc_source main;
    uint8_t *cuttable; /* per run: 0 not known yet, 1 yes, 2 no */
};

enum err write_place_init(struct write_place *p, const struct doc *doc, struct arena *a, struct error *e) MUST_USE;

int write_point_compare(const struct write_point *a, const struct write_point *b);

/* Where the markers of a comment go. ERR_INVALID "bad_anchor". */
enum err write_place_comment(struct write_place *p, struct doc_anchor anchor, struct write_span *ret,
                             struct error *e) MUST_USE;

/* The index of the text run that holds the byte at offset / that ends the byte before offset of a block, or DOC_NONE. */
uint32_t write_run_at(const struct doc *doc, const struct doc_block *block, size_t offset);
uint32_t write_run_before(const struct doc *doc, const struct doc_block *block, size_t offset);

/* The place in front of the character at offset of that run's block, and the one behind the character that ends there; false when it falls into what cannot be cut (the place is then
 * the run's edge: before it, behind it). */
bool write_point_before(struct write_place *p, uint32_t run, size_t offset, struct write_point *ret);
bool write_point_after(struct write_place *p, uint32_t run, size_t offset, struct write_point *ret);

/* A wrapper that markers and changes stay out of: fields, formulas, locked controls, and what is no plain container of runs. */
bool write_wrap_is_closed(const struct write_place *p, const struct doc_wrap *wrap);

/* The range that a comment is on once `anchor` is checked and rounded to whole characters; empty ranges grow to a word. */
enum err write_anchor_normal(const struct doc *doc, struct doc_anchor anchor, struct doc_anchor *ret,
                             struct error *e) MUST_USE;
