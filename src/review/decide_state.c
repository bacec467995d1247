/* What a step of undo keeps: of each finding the touched part of its state before and after. A step is taken back if the finding still is as the step
 * left it; whether it went elsewhere and back in between does not matter. (Versions would not do: taking back a later step counts the version up, and the
 * one before it could never be taken back.) */
#include "review/decide_priv.h"

#include "review/events.h"

bool decide__same(struct str a, struct str b)
{
    if (!a.p || !b.p) return !a.p && !b.p;
    return str_eq(a, b);
}

/* --- state --- */

static void put_state(struct json_out *o, const char *key, const struct store_finding *f, unsigned parts)
{
    json_out_begin_object(o, key);
    if (parts & DECIDE__DECISION) {
        json_out_i64(o, "decision", f->decision);
        json_out_str(o, "decided_by", f->decided_by);
        json_out_i64(o, "decided_at", f->decided_unix_ms);
        json_out_str(o, "note", f->note);
    }
    if (parts & DECIDE__WORDS) {
        json_out_i64(o, "kind", f->kind);
        json_out_i64(o, "risk", f->risk);
        json_out_str(o, "category", f->category);
        json_out_str(o, "title", f->title);
        json_out_str(o, "description", f->description);
        json_out_str(o, "suggestion", f->suggestion);
        json_out_str_or_null(o, "rewrite", f->rewrite);
        json_out_str(o, "questions", f->questions); /* JSON in a text: it comes back as it was, byte for byte */
        json_out_str(o, "points", f->points);
        json_out_str(o, "point_numbers", f->point_numbers);
        json_out_bool(o, "edited", f->edited);
        json_out_str_or_null(o, "original", f->original);
    }
    if (parts & DECIDE__PRESENCE) json_out_bool(o, "deleted", f->deleted);
    json_out_end_object(o);
}

static int64_t number(const struct json *state, const char *key)
{
    return (int64_t)json_double(json_get(state, key), 0);
}

static bool same_text(const struct json *state, const char *key, struct str now)
{
    return decide__same(json_str(json_get(state, key)), now);
}

static bool same_words(const struct store_finding *f, const struct json *s)
{
    return number(s, "kind") == (int64_t)f->kind && number(s, "risk") == (int64_t)f->risk &&
           same_text(s, "category", f->category) && same_text(s, "title", f->title) &&
           same_text(s, "description", f->description) && same_text(s, "suggestion", f->suggestion) &&
           same_text(s, "rewrite", f->rewrite) && same_text(s, "questions", f->questions) &&
           same_text(s, "points", f->points) && json_bool(json_get(s, "edited"), false) == f->edited &&
           same_text(s, "original", f->original);
}

bool decide__state_holds(const struct store_finding *f, const struct json *s)
{
    if (json_get(s, "deleted") && json_bool(json_get(s, "deleted"), false) != f->deleted) return false;
    if (json_get(s, "decision") &&
        !(number(s, "decision") == (int64_t)f->decision && same_text(s, "decided_by", f->decided_by) &&
          number(s, "decided_at") == f->decided_unix_ms && same_text(s, "note", f->note)))
        return false;
    return !json_get(s, "description") || same_words(f, s);
}

static struct str text(const struct json *state, const char *key) { return json_str(json_get(state, key)); }

void decide__state_take(struct store_finding *f, const struct json *s)
{
    if (json_get(s, "deleted")) f->deleted = json_bool(json_get(s, "deleted"), false);
    if (json_get(s, "decision")) {
        f->decision = (enum store_decision)number(s, "decision");
        f->decided_by = text(s, "decided_by");
        f->decided_unix_ms = number(s, "decided_at");
        f->note = text(s, "note");
    }
    if (!json_get(s, "description")) return;
    f->kind = (enum store_kind)number(s, "kind");
    f->risk = (enum store_risk)number(s, "risk");
    f->category = text(s, "category");
    f->title = text(s, "title");
    f->description = text(s, "description");
    f->suggestion = text(s, "suggestion");
    f->rewrite = text(s, "rewrite");
    f->questions = text(s, "questions");
    f->points = text(s, "points");
    f->point_numbers = text(s, "point_numbers");
    f->edited = json_bool(json_get(s, "edited"), false);
    f->original = text(s, "original");
}

/* --- steps --- */

void decide__step_begin(struct decide__step *step)
{
    *step = (struct decide__step){.inverse = SB_INIT(SIZE_MAX), .ids = SB_INIT(SIZE_MAX)};
    step->o = json_out_make(&step->inverse, false);
    json_out_begin_object(&step->o, NULL);
    json_out_begin_array(&step->o, "findings");
}

void decide__step_done(struct decide__step *step)
{
    sb_done(&step->inverse);
    sb_done(&step->ids);
}

void decide__step_add(struct decide__step *step, const struct store_finding *before, const struct store_finding *after,
                      unsigned parts)
{
    json_out_begin_object(&step->o, NULL);
    json_out_str(&step->o, "id", before->id);
    put_state(&step->o, "before", before, parts);
    put_state(&step->o, "after", after, parts);
    json_out_end_object(&step->o);
    if (step->n++ < EVENTS_FINDINGS_MAX)
        sb_printf(&step->ids, "%s\"%.*s\"", step->n > 1 ? "," : "", STR_ARG(before->id));
}

static enum err put_event(struct decide__step *step, struct store_tx *tx, const struct decide__act *act,
                          const struct decide__ending *ending, struct error *e)
{
    CLEANUP_SB struct sb data = SB_INIT(SIZE_MAX), ids = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&data, false);
    sb_printf(&ids, "[%.*s]", STR_ARG(sb_view(&step->ids)));
    json_out_begin_object(&o, NULL);
    if (ending->key) json_out_str(&o, ending->key, ending->value);
    json_out_u64(&o, "count", step->n);
    json_out_raw(&o, "findings", sb_view(&ids));
    json_out_end_object(&o);
    if (!sb_ok(&data) || !sb_ok(&ids) || !sb_ok(&step->ids)) return error_no_memory(e);
    return events_append(tx,
                         &(struct events_new_row){.document_id = ending->document_id,
                                                  .review_id = ending->review_id,
                                                  .kind = ending->event_kind,
                                                  .by = act->by->visitor,
                                                  .at_unix_ms = act->now_unix_ms,
                                                  .data = sb_view(&data)},
                         e);
}

enum err decide__step_end(struct decide__step *step, struct store_tx *tx, const struct decide__act *act,
                          const struct decide__ending *ending, struct str *ret_action, struct error *e)
{
    json_out_end_array(&step->o);
    json_out_end_object(&step->o);
    if (!sb_ok(&step->inverse)) return error_no_memory(e);
    if (ending->action_kind) {
        struct store_action action = {.review_id = ending->review_id,
                                      .by = act->by->visitor,
                                      .kind = str_from_c(ending->action_kind),
                                      .at_unix_ms = act->now_unix_ms,
                                      .inverse = sb_view(&step->inverse)};
        TRY(review__id(act->a, &action.id, e));
        TRY(store_action_insert(tx, &action, e));
        if (ret_action) *ret_action = action.id;
    }
    return put_event(step, tx, act, ending, e);
}

/* --- rows --- */

enum err decide__changed(struct error *e)
{
    error_set_reason(e, ERR_CONFLICT, "changed_since", "the finding has been changed in the meantime");
    return error_hint(e, "Look at it as it is now, and decide again.");
}

enum err decide__find(struct store_tx *tx, struct str id, struct arena *a, struct store_finding *ret, struct error *e)
{
    TRY(store_finding_find(tx, id, STR_EMPTY, a, ret, e));
    if (ret->deleted) return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such finding any more");
    return ERR_OK;
}

enum err decide__write(struct store_tx *tx, struct store_finding *row, struct arena *a, struct error *e)
{
    bool changed = false;
    TRY(store_finding_update(tx, row, &changed, e));
    if (!changed) return decide__changed(e);
    return store_finding_find(tx, row->id, STR_EMPTY, a, row, e);
}

enum err decide__check_length(const char *what, struct str s, size_t max, struct error *e)
{
    if (s.n <= max) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "bad_text", "the %s has %zu bytes; the limit is %zu", what, s.n, max);
    return error_hint(e, "Make it shorter.");
}
