/* Each entity as JSON. What a row keeps as JSON (questions, points, the original of an edit, the record of coverage) was written by us and goes out as
 * it is; where the wire wants a part of it, the row's owner in review/ made it so that it can be taken as it is. */
#include "review/entity_json.h"

#include "review/context.h"
#include "review/coverage.h"
#include "review/export_steps.h"
#include "review/exports.h"
#include "review/finding.h"
#include "review/retention.h"
#include "store/queries.h"

/* --- documents --- */

void document_json_members(struct json_out *o, const struct store_document *d, const struct review_retention *retention)
{
    const struct store_version *v = &d->version;
    json_out_str(o, "id", d->id);
    json_out_str(o, "name", d->name);
    json_out_time(o, "created_at", d->created_unix_ms);
    json_out_u64(o, "size_bytes", v->size_bytes);
    json_out_str(o, "sha256", v->sha256);
    json_out_str(o, "title", v->title);
    json_out_str(o, "author", v->author);
    json_out_u64(o, "words", v->words);
    if (v->pages)
        json_out_u64(o, "pages", v->pages);
    else
        json_out_null(o, "pages");
    json_out_u64(o, "sections", v->sections);
    json_out_u64(o, "blocks", v->blocks);
    json_out_u64(o, "comments", v->comments);
    json_out_u64(o, "tracked_changes", v->tracked_changes);
    json_out_bool(o, "never_send", d->never_send);
    json_out_filled_or_null(o, "guidelines", d->guidelines);
    json_out_time(o, "kept_until", retention_kept_until(retention, d));
    json_out_time(o, "file_removed_at", v->file_removed_unix_ms);
}

void document_json(struct json_out *o, const char *key, const struct store_document *d,
                   const struct review_retention *retention)
{
    json_out_begin_object(o, key);
    document_json_members(o, d, retention);
    json_out_end_object(o);
}

/* --- reviews --- */

const char *const entity_state_names[STORE_STATE_N] = {"queued", "running", "done", "failed", "cancelled"};

void problem_json(struct json_out *o, const char *key, struct str reason, struct str message, struct str hint)
{
    if (reason.n == 0) {
        json_out_null(o, key);
        return;
    }
    json_out_begin_object(o, key);
    json_out_str(o, "reason", reason);
    json_out_str(o, "detail", message);
    json_out_str(o, "hint", hint);
    json_out_end_object(o);
}

static void put_counts(struct json_out *o, const struct store_review_counts *c)
{
    json_out_begin_object(o, "counts");
    json_out_u64(o, "total", c->total);
    json_out_u64(o, "open", c->decision[STORE_OPEN]);
    json_out_u64(o, "accepted", c->decision[STORE_ACCEPTED]);
    json_out_u64(o, "rejected", c->decision[STORE_REJECTED]);
    json_out_u64(o, "high", c->risk[STORE_RISK_HIGH]);
    json_out_u64(o, "medium", c->risk[STORE_RISK_MEDIUM]);
    json_out_u64(o, "low", c->risk[STORE_RISK_LOW]);
    json_out_end_object(o);
}

static void put_model(struct json_out *o, const struct store_review *r)
{
    static const char *const names[] = {"none", "queued", "running", "done", "failed", "not_allowed", "cancelled"};
    bool problem = r->model_state == STORE_MODEL_FAILED || r->model_state == STORE_MODEL_NOT_ALLOWED;
    json_out_begin_object(o, "model");
    json_out_c(o, "state", names[r->model_state]);
    json_out_filled_or_null(o, "name", r->model);
    json_out_filled_or_null(o, "prompt_version", r->prompt_version);
    problem_json(o, "problem", problem ? r->model_reason : STR_EMPTY, r->model_message, r->model_hint);
    json_out_end_object(o);
    if (r->coverage.n > 2) /* more than {} */
        json_out_raw(o, "coverage", r->coverage);
    else
        json_out_null(o, "coverage");
}

void review_json(struct json_out *o, const char *key, const struct store_review *r)
{
    json_out_begin_object(o, key);
    json_out_str(o, "id", r->id);
    json_out_str(o, "document", r->document_id);
    json_out_c(o, "state", entity_state_names[r->state]);
    json_out_str(o, "stage", r->stage);
    json_out_double(o, "progress", (double)r->progress / STORE_PROGRESS_MAX);
    json_out_begin_object(o, "framework");
    json_out_filled_or_null(o, "id", r->framework);
    json_out_filled_or_null(o, "title", r->framework_title);
    json_out_str(o, "why", r->why_framework);
    json_out_end_object(o);
    json_out_begin_array(o, "reviewers");
    json_out_c(o, NULL, "rules");
    if (r->model_state != STORE_MODEL_NONE && r->model_state != STORE_MODEL_NOT_ALLOWED) json_out_c(o, NULL, "model");
    json_out_end_array(o);
    json_out_time(o, "created_at", r->created_unix_ms);
    json_out_time(o, "started_at", r->started_unix_ms);
    json_out_time(o, "finished_at", r->finished_unix_ms);
    problem_json(o, "problem", r->state == STORE_FAILED ? r->reason : STR_EMPTY, r->message, r->hint);
    put_counts(o, &r->counts);
    coverage_not_reviewed(o, "not_reviewed", r->not_reviewed);
    json_out_u64(o, "dismissed", coverage_dismissed(r->not_reviewed));
    put_model(o, r);
    json_out_end_object(o);
}

/* --- findings --- */

static void put_reviewer(struct json_out *o, const struct store_finding *f)
{
    static const char *const kinds[] = {"rule", "model", "person"};
    bool person = f->source == STORE_BY_PERSON;
    json_out_begin_object(o, "reviewer");
    json_out_c(o, "kind", kinds[f->source]);
    json_out_str(o, "id", f->reviewer);
    json_out_str(o, "name", person ? review_shown_name(f->reviewer_name) : f->reviewer_name);
    json_out_end_object(o);
}

static void put_anchor(struct json_out *o, const struct store_finding *f)
{
    json_out_begin_object(o, "anchor");
    json_out_u64(o, "block", f->block);
    json_out_u64(o, "start", f->start);
    json_out_u64(o, "end", f->end);
    json_out_str(o, "quote", f->quote);
    json_out_end_object(o);
}

static void put_decision(struct json_out *o, const struct store_finding *f)
{
    json_out_c(o, "decision", finding_decision_name((enum finding_decision)f->decision));
    if (f->decision == STORE_OPEN)
        json_out_null(o, "decided_by");
    else
        json_out_str(o, "decided_by", review_shown_name(f->decided_by_name));
    json_out_time(o, "decided_at", f->decision == STORE_OPEN ? 0 : f->decided_unix_ms);
    json_out_filled_or_null(o, "note", f->note);
}

void finding_json(struct json_out *o, const char *key, const struct store_finding *f, struct str viewer,
                  double folded_below)
{
    json_out_begin_object(o, key);
    json_out_str(o, "id", f->id);
    json_out_str(o, "review", f->review_id);
    put_reviewer(o, f);
    put_anchor(o, f);
    json_out_bool(o, "located", f->located);
    if (f->section == DOC_NONE)
        json_out_null(o, "section");
    else
        json_out_u64(o, "section", f->section);
    json_out_c(o, "kind", finding_kind_name((enum finding_kind)f->kind));
    json_out_c(o, "risk", finding_risk_name((enum finding_risk)f->risk));
    json_out_str(o, "category", f->category);
    json_out_double(o, "confidence", f->confidence);
    json_out_bool(o, "folded", f->source == STORE_BY_MODEL && f->confidence < folded_below);
    json_out_str(o, "title", f->title);
    json_out_str(o, "description", f->description);
    json_out_str(o, "why", f->why);
    json_out_str(o, "suggestion", f->suggestion);
    json_out_str_or_null(o, "rewrite", f->rewrite);
    json_out_raw(o, "questions", f->questions);
    json_out_raw(o, "points", f->points);
    put_decision(o, f);
    json_out_bool(o, "edited", f->edited);
    if (f->original.p)
        json_out_raw(o, "original", f->original);
    else
        json_out_null(o, "original");
    json_out_time(o, "created_at", f->created_unix_ms);
    json_out_time(o, "changed_at", f->changed_unix_ms);
    json_out_u64(o, "version", f->version);
    json_out_bool(o, "mine", f->source == STORE_BY_PERSON && viewer.n > 0 && str_eq(f->reviewer, viewer));
    json_out_end_object(o);
}

/* --- exports --- */

static void put_destination(struct json_out *o, const struct store_export *x)
{
    CLEANUP_SB struct sb b = SB_INIT(4096);
    if (!x->bucket.n) {
        json_out_null(o, "destination");
        return;
    }
    sb_printf(&b, "s3://%.*s/%.*s/", STR_ARG(x->bucket), STR_ARG(x->folder));
    json_out_begin_object(o, "destination");
    json_out_str(o, "bucket", x->bucket);
    json_out_str(o, "folder", x->folder);
    json_out_str(o, "url", sb_view(&b));
    json_out_end_object(o);
}

/* What a package is doing now, or null. */
static const char *stage_of(const struct store_export *x)
{
    if (!exports_is_package(x->format) || x->state != STORE_RUNNING) return NULL;
    return x->blob.n && str_eq_c(x->format, "s3") ? "uploading" : "making";
}

static void put_steps(struct json_out *o, const struct store_export *x, const struct export_steps *steps)
{
    bool s3 = str_eq_c(x->format, "s3"), now = x->state == STORE_RUNNING; /* the first that is not done is on its way */
    json_out_begin_array(o, "steps");
    for (size_t i = 0; i < steps->n; i++) {
        const struct export_step *step = &steps->at[i];
        bool done = step->done || !s3; /* of a zip all are there once they are listed */
        json_out_begin_object(o, NULL);
        json_out_str(o, "file", step->path);
        json_out_u64(o, "bytes", step->bytes);
        json_out_u64(o, "sent_bytes", done ? step->bytes : step->sent);
        json_out_c(o, "state", done ? "done" : now ? "running" : "waiting");
        now = now && done;
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static void put_package(struct json_out *o, const struct store_export *x)
{
    struct export_steps steps = {.n = 0};
    uint64_t bytes = 0, sent = 0;
    struct error ignored;
    CLEANUP_ARENA struct arena *a = x->steps.n ? arena_new(1 << 20) : NULL;
    if (a && export_steps_read(x->steps, a, &steps, &ignored) != ERR_OK) steps.n = 0;
    export_steps_sum(&steps, &bytes, &sent);
    bool s3 = str_eq_c(x->format, "s3");
    put_destination(o, x);
    json_out_c(o, "stage", stage_of(x));
    json_out_double(o, "progress",
                    x->state == STORE_DONE     ? 1
                    : s3 && bytes && x->blob.n ? (double)sent / (double)bytes
                                               : 0);
    put_steps(o, x, &steps);
    json_out_bool(o, "has_file", x->blob.n > 0 && (x->state == STORE_DONE || s3));
}

void export_entity_json(struct json_out *o, const char *key, const struct store_export *x)
{
    struct exports_options options = exports_options_of(x->options);
    json_out_begin_object(o, key);
    json_out_str(o, "id", x->id);
    json_out_str(o, "review", x->review_id);
    json_out_str(o, "format", x->format);
    json_out_c(o, "include", exports_include_names[options.include]);
    json_out_bool(o, "tracked_changes", options.tracked_changes);
    json_out_bool(o, "summary", options.summary);
    json_out_c(o, "state", entity_state_names[x->state]);
    json_out_str(o, "name", x->name);
    if (x->state == STORE_DONE)
        json_out_u64(o, "size_bytes", x->size_bytes);
    else
        json_out_null(o, "size_bytes");
    json_out_time(o, "created_at", x->created_unix_ms);
    json_out_time(o, "finished_at", x->finished_unix_ms);
    json_out_time(o, "file_removed_at", x->file_removed_unix_ms);
    problem_json(o, "problem", x->state == STORE_FAILED ? x->reason : STR_EMPTY, x->message, x->hint);
    put_package(o, x);
    json_out_bool(o, "can_retry", x->state == STORE_FAILED);
    json_out_end_object(o);
}
