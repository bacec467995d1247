/* What people do with findings: decide, edit, add, delete, undo. Each is one transaction: the change, its event and its step of undo are all there
 * or none is; when a function has returned ERR_OK, it is on disk. Two people who decide at once are served one after the other; who said which
 * version it saw (version) learns when another was faster. Rights are not asked here (auth/access.h). Thread: any that the store serves. */
#pragma once

#include "review/context.h"
#include "review/dismiss.h"
#include "review/finding.h"

struct store_finding;
struct store_finding_filter;
struct store_tx;

#define DECIDE_TEXT_MAX      20000 /* bytes of each text that a person writes */
#define DECIDE_TITLE_MAX     200   /* bytes of a category */
#define DECIDE_QUESTIONS_MAX 50
#define DECIDE_POINTS_MAX    50
#define DECIDE_IDS_MAX       1000
#define DECIDE_ANY_VERSION   ((int64_t)-1)

struct decide_findings { /* rows as they are now, in the arena */
    struct store_finding *at;
    size_t n;
};

/* Errors of all: ERR_NOT_FOUND "not_found"; the store's. ERR_CONFLICT: "changed_since" (the finding is no longer of the version that was named; or
 * what is to be undone was changed by another), "not_yours", "nothing_to_undo", "quote_mismatch", "review_not_done". */

struct decide_choice {
    enum finding_decision decision;
    const struct str *note;            /* NULL: as it was; else replaces it ("" takes it away) */
    const enum dismiss_scope *dismiss; /* NULL: it is not dismissed; else it also is, there (decide_one only) */
};

/* What is dismissed (review/dismiss.h) is not raised again; when it is accepted, opened again or the step is undone, what this person has dismissed of it
 * may be. ERR_INVALID "nothing_to_dismiss": a person's own, or the decision is not to reject it.
 * Idempotent: what is already so changes nothing, gives no event and no step of undo. version: of the finding that the person saw, or
 * DECIDE_ANY_VERSION. ERR_CONFLICT "changed_since". */
enum err decide_one(const struct review_context *c, const struct review_by *by, struct str finding_id,
                    const struct decide_choice *choice, int64_t version, struct arena *a, struct store_finding **ret,
                    struct error *e) MUST_USE;

struct decide_many_result {
    struct decide_findings findings; /* those that changed */
    struct str action;               /* the step of undo; empty when nothing changed */
};

/* Those of ids (all must be of this review), or those that the filter takes. One event, one step of undo. ERR_INVALID "too_many" past
 * DECIDE_IDS_MAX ids. */
enum err decide_many(const struct review_context *c, const struct review_by *by, struct str review_id,
                     const struct str *ids, size_t n_ids, const struct store_finding_filter *filter,
                     const struct decide_choice *choice, struct arena *a, struct decide_many_result *ret,
                     struct error *e) MUST_USE;

/* What a person writes of a finding; NULL: as it was (edit), or none (add). */
struct decide_text {
    const enum finding_kind *kind;
    const enum finding_risk *risk;
    const struct str *category, *description, *suggestion;
    const struct str *rewrite; /* .p NULL: no rewrite */
    const struct str *questions;
    size_t n_questions;
    bool has_questions;
    const int64_t *points; /* numbers of the framework */
    size_t n_points;
    bool has_points;
};

/* What the reviewer said is kept ("original") at the first edit. ERR_INVALID "bad_text" (empty description, too long), "no_such_point";
 * ERR_CONFLICT "changed_since". What is already so changes nothing. */
enum err decide_edit(const struct review_context *c, const struct review_by *by, struct str finding_id,
                     const struct decide_text *text, int64_t version, struct arena *a, struct store_finding **ret,
                     struct error *e) MUST_USE;

struct decide_anchor { /* as on the wire */
    uint32_t block;
    uint32_t start, end; /* UTF-16 code units; start < end */
    struct str quote;    /* the words there */
};

/* A person's own finding; open at first, as all are. kind, risk and description must be given. ERR_INVALID "no_such_block", "bad_anchor" (outside
 * the block's text, empty, through the middle of a character), "bad_text", "no_such_point"; ERR_CONFLICT "quote_mismatch" (other words stand there:
 * the message has them), "review_not_done" (it has not ended as done). */
enum err decide_add(const struct review_context *c, const struct review_by *by, struct str review_id,
                    const struct decide_anchor *anchor, const struct decide_text *text, struct arena *a,
                    struct store_finding **ret, struct error *e) MUST_USE;

/* The same with one more change in its transaction, given the row: what that says undoes both. */
struct decide_also {
    enum err (*fn)(struct store_tx *tx, const struct store_finding *row, void *ctx, struct error *e);
    void *ctx;
};
enum err decide_add_and(const struct review_context *c, const struct review_by *by, struct str review_id,
                        const struct decide_anchor *anchor, const struct decide_text *text,
                        const struct decide_also *also, struct arena *a, struct store_finding **ret,
                        struct error *e) MUST_USE;

/* A person's own finding. ERR_CONFLICT "not_yours": a rule's is not deleted but rejected. Undo brings it back. */
enum err decide_delete(const struct review_context *c, const struct review_by *by, struct str finding_id,
                       struct error *e) MUST_USE;

struct decide_undone {
    struct str kind;                 /* of the action: "decide", "edit", "add", "delete" */
    int64_t at_unix_ms;              /* when it was done */
    struct decide_findings findings; /* as they are now; one that was added is gone and not among them */
};

/* Takes back the last step of this person in this review that was not taken back. ERR_CONFLICT "nothing_to_undo"; "changed_since": one of its
 * findings was changed otherwise since, so nothing is taken back. */
enum err decide_undo(const struct review_context *c, const struct review_by *by, struct str review_id, struct arena *a,
                     struct decide_undone *ret, struct error *e) MUST_USE;
