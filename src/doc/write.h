/* Writes comments and tracked changes into a copy of the document, by splicing bytes into the parts that must change; everything else stays as it was. The output is read back and proven before it
 * is handed out. Source: ECMA-376 part 1, 17.13; [MS-DOCX] 2.5–2.7. Thread: any. */
#pragma once

#include "doc/model.h"
#include "doc/read.h"

struct doc_new_reply {
    struct str author, initials;
    int64_t date_unix_ms;
    const struct str *paragraphs;
    size_t n_paragraphs;
};

struct doc_new_comment {
    struct doc_anchor
        anchor; /* any story: outside the body it is placed at the place in the body that refers to it, and the quoted words go in front of the text */
    struct str author;   /* 1–255 characters; cut when longer */
    struct str initials; /* at most 9 characters */
    int64_t date_unix_ms;
    const struct str *paragraphs; /* LF inside is a line break, TAB a tab; what XML cannot carry is dropped */
    size_t n_paragraphs;
    bool done; /* resolved: the thread with its replies */
    const struct doc_new_reply *replies;
    size_t n_replies;
};

struct doc_new_change {
    struct doc_anchor
        anchor; /* in one block of the body, not in a field, formula, locked control or another's deletion */
    struct str replacement; /* "" deletes */
    struct str author;
    int64_t date_unix_ms;
};

enum doc_new_block_style { DOC_NEW_HEADING, DOC_NEW_SUBHEADING, DOC_NEW_PARAGRAPH, DOC_NEW_BULLET };
struct doc_new_block { /* added at the end of the body, on a new page */
    enum doc_new_block_style style;
    struct str text;
};

struct doc_edits {
    const struct doc_new_comment *comments;
    size_t n_comments;
    const struct doc_new_change *changes;
    size_t n_changes;
    const struct doc_new_block *blocks;
    size_t n_blocks;
};

/* What became of each edit, beside what was asked. */
enum doc_edit_outcome {
    DOC_EDIT_EXACT,   /* on exactly its words */
    DOC_EDIT_WIDENED, /* the range was widened: a whole field, formula, link or control */
    DOC_EDIT_MOVED,   /* outside the body: at the place that refers to it */
    DOC_EDIT_REFUSED, /* a change that cannot be made there; nothing was written for it */
};
struct doc_edit_result {
    enum doc_edit_outcome outcome;
    struct doc_anchor anchor; /* where it sits now, in the input's blocks */
    struct str reason;        /* REFUSED: why, a sentence */
};

struct doc_write_result {
    struct str bytes;                 /* the .docx */
    struct doc_edit_result *comments; /* one each */
    struct doc_edit_result *changes;  /* one each; a refused change is no error */
    uint64_t first_comment_id, first_revision_id;
};

/* Everything in *ret lives in the arena. Errors: ERR_INVALID "comments_broken" (comments.xml is there and cannot be read), "bad_anchor" (outside the text, or empty in a block without text), "bad_author" (a comment, reply or change whose author has no character that XML carries), ERR_LIMIT "too_many_comments" (32,767 per
 * document, what is there included), ERR_INTERNAL "proof_failed": the output did not pass doc_prove (the message says which check; detail has the numbers; ret is then filled so that the caller can keep the copy for the log). */
enum err doc_write(const struct doc *doc, const struct doc_edits *edits, struct arena *a, struct doc_write_result *ret,
                   struct error *e) MUST_USE;

/* The proof, also part of doc_write: reads `result->bytes` back and checks that the package rules hold (every part readable, content types and relationships there, every other entry unchanged byte for byte), that each comment sits on its words with its author, text, thread and state, that its marks, runs and changes stand only where the format has a place for them, that
 * what was there before (comments, revisions) still is, that rejecting our changes gives the input's text, and that accepting them gives the intended text. */
enum err doc_prove(const struct doc *doc, const struct doc_edits *edits, const struct doc_write_result *result,
                   struct error *e) MUST_USE;
