/* What people write: editing a finding, adding one, deleting one's own.
 * A finding that a person adds is held to the document like any other: its words must stand where it says. The quote comes from the page, which shows
 * the text of the model; if other words stand there, page and document are not the same, and the finding would land on words that nobody meant. */
#include "base/utf8.h"
#include "doc/text.h"
#include "review/decide_priv.h"
#include "review/events.h"
#include "review/export_priv.h"
#include "review/finding_rows.h"
#include "review/guidelines_kept.h"

#define TITLE_CHARS    80
#define CATEGORY_NONE  "Comment"
#define SHOWN_CHARS    60 /* of words in a message */
#define QUESTION_BYTES 4000

/* --- what is written --- */

static enum err check_text(const struct decide_text *t, struct error *e)
{
    if (t->category) TRY(decide__check_length("category", *t->category, DECIDE_TITLE_MAX, e));
    if (t->description) TRY(decide__check_length("description", *t->description, DECIDE_TEXT_MAX, e));
    if (t->suggestion) TRY(decide__check_length("suggestion", *t->suggestion, DECIDE_TEXT_MAX, e));
    if (t->rewrite) TRY(decide__check_length("rewrite", *t->rewrite, DECIDE_TEXT_MAX, e));
    for (size_t i = 0; i < t->n_questions; i++)
        TRY(decide__check_length("question", t->questions[i], QUESTION_BYTES, e));
    if (t->n_questions > DECIDE_QUESTIONS_MAX || t->n_points > DECIDE_POINTS_MAX)
        return error_set_reason(e, ERR_INVALID, "bad_text", "a finding has at most %d questions and %d points",
                                DECIDE_QUESTIONS_MAX, DECIDE_POINTS_MAX);
    if (!t->description || str_trim(*t->description).n > 0) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "bad_text", "the description is empty");
    return error_hint(e, "Say what is wrong with these words.");
}

/* The first words of what a person says, as the title of their finding. */
static enum err title_of(struct str description, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    export__one_line(&b, str_trim(description), TITLE_CHARS);
    return sb_take(&b, a, ret, e);
}

static enum err put_points(struct store_tx *tx, const struct decide__act *act, const struct decide_text *t,
                           const struct store_review *review, struct store_finding *row, struct error *e)
{
    const struct framework *f = NULL;
    if (!t->has_points) return ERR_OK;
    enum err err = guidelines_framework(tx, act->c, review, act->a, &f, e);
    if (err != ERR_OK && error_is_no_memory(e)) return err;
    if (!f && t->n_points > 0)
        return error_set_reason(e, ERR_INVALID, "no_such_point", "what \"%.*s\" asks for is not there any more",
                                STR_ARG(review->framework_title));
    return finding_rows_points(f, t->points, t->n_points, act->a, &row->points, &row->point_numbers, e);
}

/* What was given goes into the row. */
static enum err put_text(struct store_tx *tx, const struct decide__act *act, const struct decide_text *t,
                         const struct store_review *review, struct store_finding *row, struct error *e)
{
    if (t->kind) row->kind = (enum store_kind) * t->kind;
    if (t->risk) row->risk = (enum store_risk) * t->risk;
    if (t->category) row->category = t->category->p ? *t->category : STR("");
    if (t->description) row->description = *t->description;
    if (t->suggestion) row->suggestion = t->suggestion->p ? *t->suggestion : STR("");
    if (t->rewrite) row->rewrite = *t->rewrite;
    if (t->has_questions) TRY(finding_rows_texts(t->questions, t->n_questions, act->a, &row->questions, e));
    if (t->description && row->source == STORE_BY_PERSON) TRY(title_of(row->description, act->a, &row->title, e));
    return put_points(tx, act, t, review, row, e);
}

/* --- editing --- */

struct edit {
    struct decide__act act;
    struct str id;
    const struct decide_text *text;
    int64_t version;
    struct store_finding *ret;
    bool changed;
};

/* What the reviewer said, for the wire: points as numbers. */
static enum err original_of(const struct store_finding *row, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX), points = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    struct str numbers = row->point_numbers; /* ",3,12," */
    sb_printf(&points, "[%.*s]", STR_ARG(numbers.n > 2 ? str_sub(numbers, 1, numbers.n - 1) : STR_EMPTY));
    if (!sb_ok(&points)) return error_no_memory(e);
    json_out_begin_object(&o, NULL);
    json_out_c(&o, "kind", finding_kind_name((enum finding_kind)row->kind));
    json_out_c(&o, "risk", finding_risk_name((enum finding_risk)row->risk));
    json_out_str(&o, "category", row->category);
    json_out_str(&o, "description", row->description);
    json_out_str(&o, "suggestion", row->suggestion);
    json_out_str_or_null(&o, "rewrite", row->rewrite);
    json_out_raw(&o, "questions", row->questions);
    json_out_raw(&o, "points", sb_view(&points));
    json_out_end_object(&o);
    return sb_take(&b, a, ret, e);
}

static bool same_words(const struct store_finding *a, const struct store_finding *b)
{
    return a->kind == b->kind && a->risk == b->risk && str_eq(a->category, b->category) &&
           str_eq(a->description, b->description) && str_eq(a->suggestion, b->suggestion) &&
           decide__same(a->rewrite, b->rewrite) && str_eq(a->questions, b->questions) && str_eq(a->points, b->points);
}

static enum err edit_in(struct store_tx *tx, struct edit *w, struct decide__step *step, struct error *e)
{
    struct store_finding *row = w->ret, before;
    struct store_review review;
    TRY(decide__find(tx, w->id, w->act.a, row, e));
    TRY(store_review_find(tx, row->review_id, STR_EMPTY, w->act.a, &review, e));
    before = *row;
    TRY(put_text(tx, &w->act, w->text, &review, row, e));
    if (same_words(&before, row)) {
        *row = before;
        return ERR_OK;
    }
    if (w->version != DECIDE_ANY_VERSION && w->version != (int64_t)row->version) return decide__changed(e);
    if (!before.original.p) TRY(original_of(&before, w->act.a, &row->original, e));
    row->edited = true;
    row->changed_unix_ms = w->act.now_unix_ms;
    TRY(decide__write(tx, row, w->act.a, e));
    decide__step_add(step, &before, row, DECIDE__WORDS);
    w->changed = true;
    const struct decide__ending ending = {row->document_id, row->review_id, "edit", "finding.edited", NULL, STR_EMPTY};
    return decide__step_end(step, tx, &w->act, &ending, NULL, e);
}

static enum err edit_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct decide__step step;
    decide__step_begin(&step);
    enum err err = edit_in(tx, ctx, &step, e);
    decide__step_done(&step);
    return err;
}

enum err decide_edit(const struct review_context *c, const struct review_by *by, struct str finding_id,
                     const struct decide_text *text, int64_t version, struct arena *a, struct store_finding **ret,
                     struct error *e)
{
    struct edit w = {.act = {c, by, c->now_unix_ms(), a},
                     .id = finding_id,
                     .text = text,
                     .version = version,
                     .ret = NEW(a, struct store_finding, 1)};
    if (!w.ret) return error_no_memory(e);
    TRY(check_text(text, e));
    TRY(store_write(c->store, edit_write, &w, e));
    if (w.changed) events_wake(c->events);
    *ret = w.ret;
    return ERR_OK;
}

/* --- adding --- */

struct add {
    struct decide__act act;
    struct store_finding *row;
    const struct decide_also *also; /* may be NULL */
};

static enum err mismatch(struct str words, struct error *e)
{
    CLEANUP_SB struct sb shown = SB_INIT(SIZE_MAX);
    export__one_line(&shown, words, SHOWN_CHARS);
    error_set_reason(e, ERR_CONFLICT, "quote_mismatch", "other words stand there: \"%.*s\"", STR_ARG(sb_view(&shown)));
    return error_hint(e, "Load the document again and select the words once more.");
}

/* An offset of the wire in bytes; false when it is none of the text, or in the middle of a character. */
static bool byte_of(const struct doc_block *block, uint32_t utf16, size_t *ret)
{
    *ret = doc_offset_from_utf16(block, utf16);
    return doc_offset_to_utf16(block, *ret) == utf16;
}

static enum err place(const struct doc *doc, const struct decide_anchor *anchor, struct arena *a,
                      struct store_finding *row, struct error *e)
{
    size_t start, end;
    if (anchor->block >= doc->blocks.n) {
        error_set_reason(e, ERR_INVALID, "no_such_block", "the document has no block %u", anchor->block);
        return error_hint(e, "Its blocks are numbered from 0 to %u.", doc->blocks.n ? doc->blocks.n - 1 : 0);
    }
    const struct doc_block *block = &doc->blocks.at[anchor->block];
    if (anchor->start >= anchor->end || !byte_of(block, anchor->start, &start) || !byte_of(block, anchor->end, &end)) {
        error_set_reason(e, ERR_INVALID, "bad_anchor", "%u to %u is no stretch of the text of block %u", anchor->start,
                         anchor->end, anchor->block);
        return error_hint(e, "Give start and end in UTF-16 code units, start before end; the block has %zu.",
                          utf8_utf16_len(block->text));
    }
    struct str words = str_sub(block->text, start, end);
    if (!str_eq(words, anchor->quote)) return mismatch(words, e);
    row->block = anchor->block;
    row->start = anchor->start;
    row->end = anchor->end;
    row->located = true;
    row->section = block->section;
    row->quote = str_dup(a, words);
    row->place = doc_place_name(doc, anchor->block, a);
    return row->quote.p && row->place.p ? ERR_OK : error_no_memory(e);
}

static enum err find_version(const struct review_context *c, struct str review_id, struct arena *a,
                             struct store_review *ret, struct store_version *ret_version, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(c->store, &tx, e));
    TRY(store_review_find(tx, review_id, STR_EMPTY, a, ret, e));
    bool rules_done = ret->state == STORE_RUNNING && str_eq_c(ret->stage, "model"); /* all stands that a person needs */
    if (ret->state != STORE_DONE && !rules_done) {
        error_set_reason(e, ERR_CONFLICT, "review_not_done", "the review is not done");
        return error_hint(e, "Wait until it is, or start another.");
    }
    return store_version_find(tx, ret->version_id, a, ret_version, e);
}

static enum err add_in(struct store_tx *tx, struct add *w, struct decide__step *step, struct error *e)
{
    struct store_finding *row = w->row, before;
    TRY(store_finding_next_seq(tx, row->review_id, &row->seq, e));
    TRY(store_finding_insert(tx, row, 1, e));
    TRY(store_finding_find(tx, row->id, STR_EMPTY, w->act.a, row, e));
    if (w->also) TRY(w->also->fn(tx, row, w->also->ctx, e));
    before = *row;
    before.deleted = true;
    decide__step_add(step, &before, row, DECIDE__PRESENCE | DECIDE__DECISION | DECIDE__WORDS);
    const struct decide__ending ending = {row->document_id, row->review_id, "add", "finding.added", NULL, STR_EMPTY};
    return decide__step_end(step, tx, &w->act, &ending, NULL, e);
}

static enum err add_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct decide__step step;
    decide__step_begin(&step);
    enum err err = add_in(tx, ctx, &step, e);
    decide__step_done(&step);
    return err;
}

static enum err fill_row(struct add *w, const struct store_review *review, const struct decide_text *text,
                         struct error *e)
{
    struct store_finding *row = w->row;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    row->review_id = review->id;
    row->document_id = review->document_id;
    row->source = STORE_BY_PERSON;
    row->reviewer = w->act.by->visitor;
    row->reviewer_name = STR("");
    row->category = STR(CATEGORY_NONE);
    row->confidence = 1;
    row->title = row->why = row->suggestion = row->decided_by = row->note = row->point_numbers = STR("");
    row->questions = row->points = STR("[]");
    row->created_unix_ms = row->changed_unix_ms = w->act.now_unix_ms;
    row->version = 1;
    TRY(review__id(w->act.a, &row->id, e));
    row->fingerprint = row->id;
    TRY(store_read(w->act.c->store, &tx, e));
    TRY(put_text(tx, &w->act, text, review, row, e));
    if (row->category.n == 0) row->category = STR(CATEGORY_NONE);
    return ERR_OK;
}

static enum err check_place(const struct review_context *c, const struct store_version *version,
                            const struct decide_anchor *anchor, struct arena *a, struct store_finding *row,
                            struct error *e)
{
    CLEANUP_ARENA struct arena *file = arena_new(SIZE_MAX);
    CLEANUP_DOC struct doc *doc = NULL;
    if (!file) return error_no_memory(e);
    TRY(review__version_read(c, version, file, &doc, e));
    return place(doc, anchor, a, row, e);
}

enum err decide_add(const struct review_context *c, const struct review_by *by, struct str review_id,
                    const struct decide_anchor *anchor, const struct decide_text *text, struct arena *a,
                    struct store_finding **ret, struct error *e)
{
    return decide_add_and(c, by, review_id, anchor, text, NULL, a, ret, e);
}

enum err decide_add_and(const struct review_context *c, const struct review_by *by, struct str review_id,
                        const struct decide_anchor *anchor, const struct decide_text *text,
                        const struct decide_also *also, struct arena *a, struct store_finding **ret, struct error *e)
{
    struct store_review review;
    struct store_version version;
    struct add w = {{c, by, c->now_unix_ms(), a}, NEW(a, struct store_finding, 1), also};
    if (!w.row) return error_no_memory(e);
    if (!text->kind || !text->risk || !text->description)
        return error_set_reason(e, ERR_INVALID, "bad_text", "a finding needs a kind, a risk and a description");
    TRY(check_text(text, e));
    TRY(find_version(c, review_id, a, &review, &version, e));
    TRY(check_place(c, &version, anchor, a, w.row, e));
    TRY(fill_row(&w, &review, text, e));
    TRY(store_write(c->store, add_write, &w, e));
    events_wake(c->events);
    *ret = w.row;
    return ERR_OK;
}

/* --- deleting --- */

struct removal {
    struct decide__act act;
    struct str id;
};

static enum err is_own(const struct store_finding *row, const struct review_by *by, struct error *e)
{
    if (row->source == STORE_BY_PERSON && str_eq(row->reviewer, by->visitor)) return ERR_OK;
    error_set_reason(e, ERR_CONFLICT, "not_yours", "only who has added a finding can delete it");
    return error_hint(e, "Reject it instead: it then is in no export.");
}

static enum err remove_in(struct store_tx *tx, struct removal *w, struct decide__step *step, struct error *e)
{
    struct store_finding row, before;
    TRY(decide__find(tx, w->id, w->act.a, &row, e));
    TRY(is_own(&row, w->act.by, e));
    before = row;
    row.deleted = true;
    row.changed_unix_ms = w->act.now_unix_ms;
    TRY(decide__write(tx, &row, w->act.a, e));
    decide__step_add(step, &before, &row, DECIDE__PRESENCE);
    const struct decide__ending ending = {row.document_id, row.review_id, "delete", "finding.deleted", NULL, STR_EMPTY};
    return decide__step_end(step, tx, &w->act, &ending, NULL, e);
}

static enum err remove_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct decide__step step;
    decide__step_begin(&step);
    enum err err = remove_in(tx, ctx, &step, e);
    decide__step_done(&step);
    return err;
}

enum err decide_delete(const struct review_context *c, const struct review_by *by, struct str finding_id,
                       struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    struct removal w = {{c, by, c->now_unix_ms(), a}, finding_id};
    TRY(store_write(c->store, remove_write, &w, e));
    events_wake(c->events);
    return ERR_OK;
}
