/* The job that reviews a version: reads the file, lets the reviewers run, keeps what they found.
 * All findings, the end of the review and the end of the job are one transaction that begins with the lease: a worker that was thought dead and wakes
 * up again keeps nothing, so findings are there once. A run that is begun again begins from the start; nothing of the first one is there. */
#include "doc/read.h"
#include "review/coverage.h"
#include "review/dismiss.h"
#include "review/events.h"
#include "review/finding_rows.h"
#include "review/guidelines_kept.h"
#include "review/jobs_priv.h"
#include "review/learn.h"
#include "review/models.h"

enum { STEPS = 3 }; /* reading, rules, storing: progress is how many are done; with a model these are the first tenth */

struct work {
    const struct job__run *run;
    struct store_review review; /* the row as we write it */
    const struct framework *framework;
    struct review_result result;
    struct store_finding *rows;
    size_t n_rows;
    bool with_model; /* a model reviews when the rules have */
    struct store_job model_job;
};

static int64_t now(const struct work *w) { return w->run->c->now_unix_ms(); }

static enum err tell(struct store_tx *tx, const struct work *w, const char *kind, struct error *e)
{
    return events_append(
        tx,
        &(struct events_new_row){
            .document_id = w->review.document_id, .review_id = w->review.id, .kind = kind, .at_unix_ms = now(w)},
        e);
}

/* Writes the row, if it still waits or runs. */
static enum err update(struct store_tx *tx, const struct work *w, struct error *e)
{
    bool changed = false;
    TRY(store_job_hold(tx, w->run->job.id, w->run->worker, e));
    TRY(store_review_update(tx, &w->review, STORE_UNFINISHED, &changed, e));
    if (changed) return ERR_OK;
    return error_set_reason(e, ERR_CONFLICT, "review_ended", "the review has ended otherwise");
}

static enum err begin_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct work *w = ctx;
    TRY(store_review_find(tx, w->run->job.ref, STR_EMPTY, w->run->a, &w->review, e));
    w->review.state = STORE_RUNNING;
    w->review.stage = STR("reading");
    w->review.progress = 0;
    w->review.started_unix_ms = now(w);
    TRY(update(tx, w, e));
    return tell(tx, w, "review.started", e);
}

static enum err stage_write(struct store_tx *tx, void *ctx, struct error *e) { return update(tx, ctx, e); }

static void stage(struct work *w, const char *name, uint32_t steps_done)
{
    w->review.stage = str_from_c(name);
    bool more = w->review.model_state == STORE_MODEL_QUEUED;
    w->review.progress = STORE_PROGRESS_MAX * steps_done / STEPS / (more ? 10 : 1);
    events_progress(w->run->c, &w->review);
}

/* --- the review --- */

static enum err find_framework(struct work *w, struct error *e)
{
    struct store_tx *tx = NULL;
    TRY(store_read(w->run->c->store, &tx, e));
    enum err err = guidelines_framework(tx, w->run->c, &w->review, w->run->a, &w->framework, e);
    store_read_end(tx);
    return err;
}

static enum err choose(struct work *w, const struct doc *doc, struct error *e)
{
    struct framework *chosen = NULL;
    struct str why = STR("");
    if (w->review.framework.n == 0 && !w->review.guidelines_only) {
        TRY(framework_choose(w->run->a, doc, &chosen, &why, e));
        w->review.framework = chosen->id;
        w->review.why_framework = why;
    }
    TRY(find_framework(w, e));
    if (!w->framework) { /* the guidelines alone were asked for, and they are gone */
        error_set_reason(e, ERR_NOT_FOUND, "not_found", "the guidelines are not there any more");
        return error_hint(e, "Start another review.");
    }
    w->review.framework_title = w->framework->name;
    return ERR_OK;
}

/* What was dismissed is not raised again; the others are ranked by what was accepted before. */
static enum err sift(struct work *w, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    const struct learn_rates *rates = NULL;
    TRY(store_read(w->run->c->store, &tx, e));
    TRY(dismiss_filter(tx, w->review.by, w->rows, &w->n_rows, w->run->a, &w->result.coverage.dismissed, e));
    TRY(learn_rates_load(tx, w->review.by, w->run->a, &rates, e));
    learn_rank_all(rates, w->rows, w->n_rows);
    return ERR_OK;
}

/* Whether a model is to review too, and why not (*ret_why). */
static enum err ask_model(struct work *w, struct str *ret_why, struct error *e)
{
    struct store_review *r = &w->review;
    const struct review_context *c = w->run->c;
    struct store_document document;
    struct error why = {0};
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    *ret_why = c->models ? STR("it was not asked for") : STR(REVIEW_NO_MODEL);
    if (!c->models) r->model_state = STORE_MODEL_NONE;
    if (r->model_state != STORE_MODEL_QUEUED) return ERR_OK;
    TRY(store_read(c->store, &tx, e));
    TRY(store_document_find(tx, r->document_id, STR_EMPTY, w->run->a, &document, e));
    w->with_model = models_may_send(c, &document, &why) == ERR_OK;
    *ret_why = STR("");
    if (w->with_model) {
        w->model_job = (struct store_job){.kind = STORE_JOB_MODEL, .ref = r->id, .created_unix_ms = now(w)};
        return review__id(w->run->a, &w->model_job.id, e);
    }
    r->model_state = STORE_MODEL_NOT_ALLOWED;
    r->model_reason = str_dup(w->run->a, str_from_c(why.reason));
    r->model_message = *ret_why = str_dup(w->run->a, str_from_c(why.message));
    r->model_hint = str_dup(w->run->a, str_from_c(why.hint));
    return r->model_reason.p && r->model_message.p && r->model_hint.p ? ERR_OK : error_no_memory(e);
}

static enum err review(struct work *w, const struct doc *doc, struct error *e)
{
    struct str no_model_why;
    TRY(choose(w, doc, e));
    TRY(ask_model(w, &no_model_why, e));
    TRY(job__go_on(w->run, e));
    stage(w, "rules", 1);
    TRY(store_write(w->run->c->store, stage_write, w, e));
    const struct review_options o = {
        .engine = w->run->c->engine, .framework = w->framework, .min_risk = FINDING_LOW, .no_model_why = no_model_why};
    TRY(review_run(doc, &o, w->run->a, &w->result, e));
    TRY(job__go_on(w->run, e));
    stage(w, "storing", 2);
    const struct finding_rows_of of = {w->review.id, w->review.document_id, now(w)};
    TRY(finding_rows_make(&w->result.findings, doc, w->framework, &of, w->run->a, &w->rows, e));
    w->n_rows = w->result.findings.n;
    TRY(sift(w, e));
    return coverage_record(&w->result.coverage, w->run->a, &w->review.not_reviewed, e);
}

static enum err end_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct work *w = ctx;
    w->review.state = w->with_model ? STORE_RUNNING : STORE_DONE;
    w->review.stage = w->with_model ? STR("model") : STR("");
    w->review.progress = w->with_model ? STORE_PROGRESS_MAX / 10 : STORE_PROGRESS_MAX;
    w->review.finished_unix_ms = w->with_model ? 0 : now(w);
    TRY(update(tx, w, e));
    TRY(store_finding_insert(tx, w->rows, w->n_rows, e));
    if (w->with_model) TRY(store_job_insert(tx, &w->model_job, e));
    TRY(tell(tx, w, w->with_model ? "review.rules_done" : "review.done", e));
    return store_job_end(tx, w->run->job.id, w->run->worker, STORE_DONE, STR(""), e);
}

static enum err read_version(const struct work *w, struct doc **ret, struct error *e)
{
    struct store_version version;
    struct store_tx *tx = NULL;
    TRY(store_read(w->run->c->store, &tx, e));
    enum err err = store_version_find(tx, w->review.version_id, w->run->a, &version, e);
    store_read_end(tx);
    if (err != ERR_OK) return err;
    return review__version_read(w->run->c, &version, w->run->a, ret, e);
}

static enum err run(const struct job__run *run, struct error *e)
{
    struct work w = {.run = run};
    CLEANUP_DOC struct doc *doc = NULL;
    TRY(store_write(run->c->store, begin_write, &w, e));
    job__is_of(run, w.review.by, w.review.document_id);
    events_wake(run->c->events);
    stage(&w, "reading", 0);
    TRY(read_version(&w, &doc, e));
    TRY(review(&w, doc, e));
    TRY(store_write(run->c->store, end_write, &w, e));
    events_wake(run->c->events);
    return ERR_OK;
}

/* --- failing --- */

static enum err failed(struct store_tx *tx, const struct job__run *run, const struct error *why, struct error *e)
{
    struct work w = {.run = run};
    struct store_review *r = &w.review;
    bool changed = false;
    enum err err = store_review_find(tx, run->job.ref, STR_EMPTY, run->a, r, e);
    if (err != ERR_OK) return err == ERR_NOT_FOUND ? ERR_OK : err; /* deleted meanwhile: nobody to tell */
    r->state = STORE_FAILED;
    r->stage = STR("");
    r->reason = str_from_c(why->reason[0] ? why->reason : error_code_name(why->code));
    r->message = str_from_c(why->message);
    r->hint = str_from_c(why->hint);
    r->finished_unix_ms = now(&w);
    TRY(store_review_update(tx, r, STORE_UNFINISHED, &changed, e));
    return changed ? tell(tx, &w, "review.failed", e) : ERR_OK;
}

const struct job__kind job__review = {run, failed};
