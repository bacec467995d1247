/* Deciding, and taking back. All changes run one after the other on the store's writer, so what is read in a transaction is what is changed in it:
 * two people who decide the same finding at once are both served, and the second sees what the first has done.
 * Idempotent by state: what is asked for and already so is no change, whoever made it so; a client that sends a request again after a broken
 * connection does no harm. Only then is the version asked that it saw. */
#include "review/decide.h"

#include "review/decide_priv.h"
#include "review/events.h"

struct one { /* of the decisions */
    struct decide__act act;
    struct str id;
    const struct decide_choice *choice;
    int64_t version;
    struct store_finding *ret;
    bool changed;
};

static bool is_so(const struct store_finding *f, const struct decide_choice *choice)
{
    return (int)f->decision == (int)choice->decision && (!choice->note || str_eq(f->note, *choice->note));
}

/* What is no longer rejected is no longer dismissed. */
static enum err raise_again(struct store_tx *tx, const struct decide__act *act, const struct store_finding *before,
                            const struct store_finding *after, struct error *e)
{
    if (before->decision != STORE_REJECTED || after->decision == STORE_REJECTED) return ERR_OK;
    return dismiss_take_back(tx, after, act->by->visitor, act->a, e);
}

/* *row becomes what it is after the decision. */
static enum err decide(struct store_tx *tx, const struct decide__act *act, const struct decide_choice *choice,
                       struct store_finding *row, struct decide__step *step, struct error *e)
{
    struct store_finding before = *row;
    bool open = choice->decision == FINDING_OPEN, changed = false;
    row->decision = (enum store_decision)choice->decision;
    row->decided_by = open ? STR("") : act->by->visitor;
    row->decided_unix_ms = open ? 0 : act->now_unix_ms;
    if (choice->note) row->note = choice->note->p ? *choice->note : STR("");
    row->changed_unix_ms = act->now_unix_ms;
    TRY(store_finding_decide(tx, row, &changed, e));
    if (!changed) return decide__changed(e);
    TRY(raise_again(tx, act, &before, row, e));
    decide__step_add(step, &before, row, DECIDE__DECISION);
    return store_finding_find(tx, row->id, STR_EMPTY, act->a, row, e);
}

static enum err dismiss(struct store_tx *tx, const struct one *w, struct error *e)
{
    if (!w->choice->dismiss) return ERR_OK;
    return dismiss_put(tx, w->ret, *w->choice->dismiss, w->act.by, w->act.now_unix_ms, w->act.a, e);
}

static enum err one_in(struct store_tx *tx, struct one *w, struct decide__step *step, struct error *e)
{
    struct store_finding *row = w->ret;
    TRY(decide__find(tx, w->id, w->act.a, row, e));
    if (is_so(row, w->choice)) return dismiss(tx, w, e);
    if (w->version != DECIDE_ANY_VERSION && w->version != (int64_t)row->version) return decide__changed(e);
    TRY(decide(tx, &w->act, w->choice, row, step, e));
    TRY(dismiss(tx, w, e));
    w->changed = true;
    const struct decide__ending ending = {row->document_id, row->review_id,
                                          "decide",         "findings.decided",
                                          "decision",       str_from_c(finding_decision_name(w->choice->decision))};
    return decide__step_end(step, tx, &w->act, &ending, NULL, e);
}

static enum err one_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct decide__step step;
    decide__step_begin(&step);
    enum err err = one_in(tx, ctx, &step, e);
    decide__step_done(&step);
    return err;
}

static struct decide__act act_of(const struct review_context *c, const struct review_by *by, struct arena *a)
{
    return (struct decide__act){c, by, c->now_unix_ms(), a};
}

static enum err check_choice(const struct decide_choice *choice, struct error *e)
{
    if (choice->dismiss && choice->decision != FINDING_REJECTED) {
        error_set_reason(e, ERR_INVALID, "nothing_to_dismiss", "only what is rejected can be dismissed");
        return error_hint(e, "Send decision \"rejected\" with it, or leave dismiss away.");
    }
    return choice->note ? decide__check_length("note", *choice->note, DECIDE_TEXT_MAX, e) : ERR_OK;
}

enum err decide_one(const struct review_context *c, const struct review_by *by, struct str finding_id,
                    const struct decide_choice *choice, int64_t version, struct arena *a, struct store_finding **ret,
                    struct error *e)
{
    struct one w = {act_of(c, by, a), finding_id, choice, version, NEW(a, struct store_finding, 1), false};
    if (!w.ret) return error_no_memory(e);
    TRY(check_choice(choice, e));
    TRY(store_write(c->store, one_write, &w, e));
    if (w.changed) events_wake(c->events);
    *ret = w.ret;
    return ERR_OK;
}

/* --- many --- */

struct many {
    struct decide__act act;
    struct str review_id;
    const struct str *ids;
    size_t n_ids;
    const struct store_finding_filter *filter;
    const struct decide_choice *choice;
    struct decide_many_result *ret;
};

static enum err of_this_review(const struct many *w, const struct store_finding *row, struct error *e)
{
    if (str_eq(row->review_id, w->review_id)) return ERR_OK;
    return error_set_reason(e, ERR_NOT_FOUND, "not_found", "the finding %.*s is not of this review", STR_ARG(row->id));
}

static enum err take(struct store_tx *tx, struct many *w, struct store_finding *row, struct decide__step *step,
                     struct error *e)
{
    struct decide_findings *done = &w->ret->findings;
    if (is_so(row, w->choice)) return ERR_OK;
    TRY(decide(tx, &w->act, w->choice, row, step, e));
    done->at[done->n++] = *row;
    return ERR_OK;
}

static enum err take_ids(struct store_tx *tx, struct many *w, struct decide__step *step, struct error *e)
{
    w->ret->findings.at = NEW(w->act.a, struct store_finding, w->n_ids);
    if (!w->ret->findings.at) return error_no_memory(e);
    for (size_t i = 0; i < w->n_ids; i++) {
        struct store_finding row;
        TRY(decide__find(tx, w->ids[i], w->act.a, &row, e));
        TRY(of_this_review(w, &row, e));
        TRY(take(tx, w, &row, step, e));
    }
    return ERR_OK;
}

static enum err take_filtered(struct store_tx *tx, struct many *w, struct decide__step *step, struct error *e)
{
    struct store_finding_list list = {0};
    TRY(store_finding_list(tx, w->review_id, w->filter, STORE_BY_PLACE, STR_EMPTY, 0, w->act.a, &list, e));
    w->ret->findings.at = NEW(w->act.a, struct store_finding, list.n);
    if (!w->ret->findings.at) return error_no_memory(e);
    for (size_t i = 0; i < list.n; i++)
        TRY(take(tx, w, &list.at[i], step, e));
    return ERR_OK;
}

static enum err many_in(struct store_tx *tx, struct many *w, struct decide__step *step, struct error *e)
{
    struct store_review review;
    TRY(store_review_find(tx, w->review_id, STR_EMPTY, w->act.a, &review, e));
    TRY(w->ids ? take_ids(tx, w, step, e) : take_filtered(tx, w, step, e));
    if (w->ret->findings.n == 0) return ERR_OK;
    const struct decide__ending ending = {review.document_id, review.id,
                                          "decide",           "findings.decided",
                                          "decision",         str_from_c(finding_decision_name(w->choice->decision))};
    return decide__step_end(step, tx, &w->act, &ending, &w->ret->action, e);
}

static enum err many_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct decide__step step;
    decide__step_begin(&step);
    enum err err = many_in(tx, ctx, &step, e);
    decide__step_done(&step);
    return err;
}

enum err decide_many(const struct review_context *c, const struct review_by *by, struct str review_id,
                     const struct str *ids, size_t n_ids, const struct store_finding_filter *filter,
                     const struct decide_choice *choice, struct arena *a, struct decide_many_result *ret,
                     struct error *e)
{
    struct decide_many_result made = {0};
    struct many w = {act_of(c, by, a), review_id, ids, n_ids, filter, choice, &made};
    if (n_ids > DECIDE_IDS_MAX) {
        error_set_reason(e, ERR_INVALID, "too_many", "%zu findings are named; the limit is %d", n_ids, DECIDE_IDS_MAX);
        return error_hint(e, "Name them by a filter, or in several requests.");
    }
    TRY(check_choice(choice, e));
    TRY(store_write(c->store, many_write, &w, e));
    if (made.findings.n > 0) events_wake(c->events);
    *ret = made;
    return ERR_OK;
}

/* --- undo --- */

struct undo {
    struct decide__act act;
    struct str review_id;
    struct decide_undone *ret;
};

static enum err take_back(struct store_tx *tx, struct undo *w, const struct json *entry, struct decide__step *step,
                          struct error *e)
{
    struct store_finding row, before;
    struct decide_findings *done = &w->ret->findings;
    enum err err = store_finding_find(tx, json_str(json_get(entry, "id")), STR_EMPTY, w->act.a, &row, e);
    if (err == ERR_NOT_FOUND) return decide__changed(e);
    if (err != ERR_OK) return err;
    if (!decide__state_holds(&row, json_get(entry, "after"))) return decide__changed(e);
    before = row;
    decide__state_take(&row, json_get(entry, "before"));
    row.changed_unix_ms = w->act.now_unix_ms;
    TRY(decide__write(tx, &row, w->act.a, e));
    TRY(raise_again(tx, &w->act, &before, &row, e));
    decide__step_add(step, &before, &row, 0);
    if (!row.deleted) done->at[done->n++] = row;
    return ERR_OK;
}

static enum err last_step(struct store_tx *tx, const struct undo *w, struct store_action *ret, struct error *e)
{
    enum err err = store_action_last(tx, w->review_id, w->act.by->visitor, w->act.a, ret, e);
    if (err != ERR_NOT_FOUND) return err;
    return error_set_reason(e, ERR_CONFLICT, "nothing_to_undo", "there is nothing of yours to undo in this review");
}

static enum err undo_in(struct store_tx *tx, struct undo *w, struct decide__step *step, struct error *e)
{
    struct store_action action;
    struct store_review review;
    const struct json *inverse = NULL;
    bool changed = false;
    TRY(store_review_find(tx, w->review_id, STR_EMPTY, w->act.a, &review, e));
    TRY(last_step(tx, w, &action, e));
    TRY(json_parse(w->act.a, action.inverse, &inverse, e));
    const struct json *entries = json_get(inverse, "findings");
    w->ret->findings.at = NEW(w->act.a, struct store_finding, json_count(entries));
    if (!w->ret->findings.at) return error_no_memory(e);
    for (size_t i = json_count(entries); i > 0; i--)
        TRY(take_back(tx, w, json_at(entries, i - 1), step, e));
    TRY(store_action_undone(tx, action.id, &changed, e));
    w->ret->kind = action.kind;
    w->ret->at_unix_ms = action.at_unix_ms;
    const struct decide__ending ending = {review.document_id, review.id, NULL, "undone", "undone", action.kind};
    return decide__step_end(step, tx, &w->act, &ending, NULL, e);
}

static enum err undo_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct decide__step step;
    decide__step_begin(&step);
    enum err err = undo_in(tx, ctx, &step, e);
    decide__step_done(&step);
    return err;
}

enum err decide_undo(const struct review_context *c, const struct review_by *by, struct str review_id, struct arena *a,
                     struct decide_undone *ret, struct error *e)
{
    struct decide_undone made = {0};
    struct undo w = {act_of(c, by, a), review_id, &made};
    TRY(store_write(c->store, undo_write, &w, e));
    events_wake(c->events);
    *ret = made;
    return ERR_OK;
}
