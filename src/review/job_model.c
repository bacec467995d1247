/* The job that lets a model review a version, after the rules have: each finding is kept and told the moment it is complete; the end of the review is one
 * transaction with the end of the job.
 * It has a thread of its own that mostly waits (review/jobs.h). When the process dies, the next one begins the job again: what was answered is in the
 * cache (model_result) and not paid again, what was found is in the store and recognised as a double of itself.
 * A model that fails takes nothing away: the review is done by the rules, says what went wrong, and can be asked for again. What is tried again by
 * itself is only what a model has no part in (the store is busy).
 * Memory: the document as it was read and an index of its words, as long as the job runs; jobs.c bounds the sum. */
#include <math.h>
#include <stdlib.h>

#include "base/log.h"
#include "doc/read.h"
#include "doc/text.h"
#include "review/chat_text.h"
#include "review/coverage.h"
#include "review/dismiss.h"
#include "review/events.h"
#include "review/finding_rows.h"
#include "review/guidelines_kept.h"
#include "review/jobs_priv.h"
#include "review/learn.h"
#include "review/model_coverage.h"
#include "review/model_json.h"
#include "review/model_keep.h"
#include "review/model_sections.h"

enum {
    BUDGET_LEAST = 3, /* findings that every document may have */
    LINE_MAX_BYTES = 300,
    LIST_MAX_BYTES = 24 << 10, /* of what was found, for the call about the whole */
    STARTED = STORE_PROGRESS_MAX / 10,
};

struct work {
    const struct job__run *run;
    struct store_review review; /* the row as we write it */
    struct store_document document;
    struct store_finding_list rows; /* that were there when it began */
    const struct framework *framework;
    const struct doc *doc;
    const struct learn_rates *rates;
    struct str learnt;
    struct model_keep keep;
    size_t dismissed;
    struct model_run_result result;
    bool complete;
};

static int64_t now(const struct work *w) { return w->run->c->now_unix_ms(); }

static enum err tell(struct store_tx *tx, const struct work *w, const char *kind, struct str data, struct error *e)
{
    return events_append(tx,
                         &(struct events_new_row){.document_id = w->review.document_id,
                                                  .review_id = w->review.id,
                                                  .kind = kind,
                                                  .at_unix_ms = now(w),
                                                  .data = data},
                         e);
}

/* Writes the row, if the review still runs and the job is ours. */
static enum err update(struct store_tx *tx, const struct work *w, struct error *e)
{
    bool changed = false;
    TRY(store_job_hold(tx, w->run->job.id, w->run->worker, e));
    TRY(store_review_update(tx, &w->review, STORE_BIT(STORE_RUNNING), &changed, e));
    if (changed) return ERR_OK;
    return error_set_reason(e, ERR_CONFLICT, "stopped", "the review has ended otherwise");
}

/* --- beginning --- */

static enum err begin_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct work *w = ctx;
    TRY(store_review_find(tx, w->run->job.ref, STR_EMPTY, w->run->a, &w->review, e));
    w->review.model_state = STORE_MODEL_RUNNING;
    w->review.stage = STR("model");
    w->review.progress = STARTED;
    return update(tx, w, e);
}

static enum err look(struct work *w, struct error *e)
{
    struct arena *a = w->run->a;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(w->run->c->store, &tx, e));
    TRY(store_document_find(tx, w->review.document_id, STR_EMPTY, a, &w->document, e));
    TRY(store_finding_list(tx, w->review.id, NULL, STORE_BY_PLACE, STR_EMPTY, 0, a, &w->rows, e));
    TRY(guidelines_framework(tx, w->run->c, &w->review, a, &w->framework, e));
    return learn_rates_load(tx, w->review.by, a, &w->rates, e);
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

/* From what people decided before: 1 where nothing is known, up to 2 where all was accepted, down to near 0. */
static double rate_of(const struct work *w, const struct store_finding *row)
{
    return 1 + (double)learn_rank(w->rates, row) / (STORE_RANK_MAX + 1);
}

static int compare_ids(const void *a, const void *b)
{
    return str_cmp(((const struct store_finding *)a)->id, ((const struct store_finding *)b)->id);
}

/* What is there: of the rules, of persons, and of this job when it was begun before. */
static enum err load(struct work *w, struct error *e)
{
    struct finding_list list = {0};
    double per_thousand = w->run->c->models->findings_per_1000_words;
    double most = ceil(per_thousand * (double)model_words(w->doc) / 1000);
    size_t budget = per_thousand > 0 ? (size_t)(most > BUDGET_LEAST ? most : BUDGET_LEAST) : 0;
    model_keep_init(&w->keep, w->run->a, budget);
    TRY(finding_rows_read(&w->rows, w->doc, w->framework, w->run->a, &list, e));
    if (w->rows.n > 0) qsort(w->rows.at, w->rows.n, sizeof *w->rows.at, compare_ids);
    for (size_t i = 0; i < list.n; i++) {
        struct finding *f = &list.at[i];
        const struct store_finding key = {.id = f->id};
        const struct store_finding *row = bsearch(&key, w->rows.at, w->rows.n, sizeof key, compare_ids);
        if (!row) continue;
        bool fixed = row->source == STORE_BY_PERSON || row->decision != STORE_OPEN || row->edited;
        f->id = row->fingerprint;
        TRY(model_keep_load(&w->keep, f, row->id, fixed, rate_of(w, row), e));
    }
    return ERR_OK;
}

/* --- findings --- */

static enum err copy_texts(const struct str *from, size_t n, struct arena *a, const struct str **ret, struct error *e)
{
    struct str *to = NEW(a, struct str, n);
    bool all = to != NULL;
    for (size_t i = 0; all && i < n; i++) {
        to[i] = str_dup(a, from[i]);
        all = to[i].p != NULL;
    }
    *ret = to;
    return all ? ERR_OK : error_no_memory(e);
}

/* Into the memory of the job. */
static enum err copy(const struct finding *f, struct arena *a, struct finding *ret, struct error *e)
{
    *ret = *f;
    struct str *texts[] = {&ret->id,    &ret->reviewer,    &ret->quote,      &ret->category, &ret->place,
                           &ret->title, &ret->description, &ret->suggestion, &ret->rewrite};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = str_dup(a, *texts[i]);
        if (!texts[i]->p) return error_no_memory(e);
    }
    uint32_t *points = NEW(a, uint32_t, f->n_points);
    if (!points) return error_no_memory(e);
    if (f->n_points > 0) memcpy(points, f->points, f->n_points * sizeof *points);
    ret->points = points;
    return copy_texts(f->questions, f->n_questions, a, &ret->questions, e);
}

struct adding { /* one transaction: a finding, and what it takes the place of */
    struct work *w;
    struct arena *a;
    struct store_finding *row;
    size_t n;            /* 0: it was dismissed before */
    struct str replaced; /* id of a row; empty */
    size_t dismissed;
    bool too_late; /* a person has decided on what was to be replaced */
};

static enum err ids_json(struct str id, struct arena *a, struct str *ret, struct error *e)
{
    *ret = str_printf(a, "{\"count\":1,\"findings\":[\"%.*s\"]}", STR_ARG(id));
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err take_away(struct store_tx *tx, struct adding *add, struct error *e)
{
    struct store_finding old;
    struct str data;
    bool changed = false;
    enum err err = store_finding_find(tx, add->replaced, STR_EMPTY, add->a, &old, e);
    if (err == ERR_NOT_FOUND) return ERR_OK;
    if (err != ERR_OK) return err;
    if (old.deleted) return ERR_OK;
    add->too_late = old.decision != STORE_OPEN || old.edited;
    if (add->too_late) return ERR_OK;
    old.deleted = true;
    old.changed_unix_ms = now(add->w);
    TRY(store_finding_update(tx, &old, &changed, e));
    TRY(ids_json(old.id, add->a, &data, e));
    return tell(tx, add->w, "finding.deleted", data, e);
}

static enum err add_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct adding *add = ctx;
    struct work *w = add->w;
    struct str data;
    add->too_late = false;
    TRY(store_job_hold(tx, w->run->job.id, w->run->worker, e));
    if (add->replaced.n > 0) TRY(take_away(tx, add, e));
    if (add->too_late) return ERR_OK;
    TRY(store_finding_next_seq(tx, w->review.id, &add->row->seq, e));
    TRY(store_finding_insert(tx, add->row, 1, e));
    TRY(ids_json(add->row->id, add->a, &data, e));
    return tell(tx, w, "finding.added", data, e);
}

static enum err make_row(struct adding *add, struct finding *f, struct error *e)
{
    struct work *w = add->w;
    const struct finding_rows_of of = {w->review.id, w->review.document_id, now(w)};
    const struct finding_list one = {f, 1};
    TRY(finding_rows_make(&one, w->doc, w->framework, &of, add->a, &add->row, e));
    add->n = 1;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(w->run->c->store, &tx, e));
    TRY(dismiss_filter(tx, w->review.by, add->row, &add->n, add->a, &add->dismissed, e));
    learn_rank_all(w->rates, add->row, add->n);
    return ERR_OK;
}

/* By the document's own sections, whatever the model was shown. */
static enum err set_place(const struct doc *doc, struct arena *a, struct finding *f, struct error *e)
{
    uint32_t block = f->anchor.start.block;
    f->section = doc->blocks.at[block].section;
    f->place = doc_place_name(doc, block, a);
    return f->place.p ? ERR_OK : error_no_memory(e);
}

static enum err on_found(void *ctx, const struct finding *found, struct error *e)
{
    struct work *w = ctx;
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    struct adding add = {.w = w, .a = scratch};
    enum model_keep_what what;
    size_t at = 0, replaced = 0;
    struct finding f;
    if (!scratch) return error_no_memory(e);
    TRY(copy(found, scratch, &f, e));
    TRY(set_place(w->doc, scratch, &f, e));
    TRY(make_row(&add, &f, e));
    w->dismissed += add.dismissed;
    if (add.n == 0) return ERR_OK;
    TRY(model_keep_add(&w->keep, &f, add.row->id, rate_of(w, add.row), &what, &at, &replaced, e));
    if (what == MODEL_KEEP_NOT) return ERR_OK;
    struct model_kept *kept = &w->keep.list.at[at];
    TRY(copy(&f, w->run->a, &kept->f, e));
    kept->row_id = str_dup(w->run->a, add.row->id);
    if (!kept->row_id.p) return error_no_memory(e);
    if (what == MODEL_KEEP_REPLACES) add.replaced = w->keep.list.at[replaced].row_id;
    TRY(store_write(w->run->c->store, add_write, &add, e));
    if (add.too_late) model_keep_back(&w->keep, at, replaced);
    events_wake(w->run->c->events);
    return ERR_OK;
}

/* --- the other hooks --- */

static bool on_stopped(void *ctx)
{
    const struct work *w = ctx;
    return atomic_load(w->run->stop);
}

static enum err on_cached(void *ctx, struct str key, struct arena *a, struct str *ret, struct error *e)
{
    const struct work *w = ctx;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(w->run->c->store, &tx, e));
    *ret = STR_EMPTY;
    enum err err = store_model_result_get(tx, w->review.document_id, key, a, ret, e);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

struct caching {
    const struct work *w;
    struct str key, value;
};

static enum err cache_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct caching *c = ctx;
    TRY(store_job_hold(tx, c->w->run->job.id, c->w->run->worker, e));
    return store_model_result_put(tx, c->w->review.document_id, c->key, c->value, now(c->w), e);
}

static enum err on_cache(void *ctx, struct str key, struct str value, struct error *e)
{
    struct caching c = {ctx, key, value};
    return store_write(c.w->run->c->store, cache_write, &c, e);
}

struct progressing {
    struct work *w;
    uint32_t progress;
    struct str model;
    struct store_review row;
    struct arena *a;
};

static enum err progress_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct progressing *p = ctx;
    struct work *w = p->w;
    w->review.progress = p->progress;
    if (p->model.n > 0) w->review.model = p->model;
    TRY(update(tx, w, e));
    return store_review_find(tx, w->review.id, STR_EMPTY, p->a, &p->row, e);
}

static enum err on_progress(void *ctx, size_t done, size_t n, struct str model, struct error *e)
{
    struct work *w = ctx;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    uint32_t progress = STARTED + (uint32_t)((STORE_PROGRESS_MAX - STARTED) * done / (n > 0 ? n : 1));
    struct progressing p = {.w = w, .progress = progress, .a = a};
    if (model.n > 0 && w->review.model.n == 0) {
        p.model = str_dup(w->run->a, model);
        if (!p.model.p) return error_no_memory(e);
    }
    if (p.model.n == 0 && progress == w->review.progress) return ERR_OK;
    TRY(store_write(w->run->c->store, progress_write, &p, e));
    events_progress(w->run->c, &p.row);
    return ERR_OK;
}

static enum err on_list(void *ctx, struct sb *out, struct error *e)
{
    const struct work *w = ctx;
    (void)e;
    for (size_t i = 0; i < w->keep.list.n && out->n < LIST_MAX_BYTES; i++) {
        const struct model_kept *x = &w->keep.list.at[i];
        if (x->gone) continue;
        CLEANUP_SB struct sb line = SB_INIT(SIZE_MAX);
        sb_printf(&line, "block %u, %s risk, %.*s: %.*s", x->f.anchor.start.block, finding_risk_name(x->f.risk),
                  STR_ARG(x->f.category), STR_ARG(x->f.description));
        for (size_t k = 0; k < line.n; k++)
            if ((unsigned char)line.p[k] < 0x20) line.p[k] = ' ';
        chat_text_short(out, sb_view(&line), 0, LINE_MAX_BYTES);
        sb_char(out, '\n');
    }
    return ERR_OK;
}

/* --- ending --- */

/* What the model did not review, behind what the rules did not. */
static enum err leave_out(struct work *w, const struct review_left_out *more, size_t n, struct error *e)
{
    struct arena *a = w->run->a;
    struct review_coverage c;
    TRY(coverage_read(w->review.not_reviewed, a, &c, e));
    struct review_left_out *all = NEW(a, struct review_left_out, c.n_left_out + n);
    if (!all) return error_no_memory(e);
    if (c.n_left_out > 0) memcpy(all, c.left_out, c.n_left_out * sizeof *all);
    if (n > 0) memcpy(all + c.n_left_out, more, n * sizeof *all);
    c.left_out = all;
    c.n_left_out += n;
    return coverage_record(&c, a, &w->review.not_reviewed, e);
}

static enum err set_failed(struct work *w, const struct error *why, struct error *e)
{
    struct store_review *r = &w->review;
    const struct review_left_out all = {STR(REVIEW_BY_MODEL), str_dup(w->run->a, str_from_c(why->message))};
    bool not_allowed = strcmp(why->reason, "never_send") == 0;
    r->model_state = not_allowed ? STORE_MODEL_NOT_ALLOWED : STORE_MODEL_FAILED;
    r->model_reason = str_dup(w->run->a, str_from_c(why->reason[0] ? why->reason : error_code_name(why->code)));
    r->model_message = all.why;
    r->model_hint = str_dup(w->run->a, str_from_c(why->hint));
    if (!all.why.p || !r->model_reason.p || !r->model_hint.p) return error_no_memory(e);
    return leave_out(w, &all, 1, e);
}

static void set_done(struct work *w)
{
    w->review.state = STORE_DONE;
    w->review.stage = STR("");
    w->review.progress = STORE_PROGRESS_MAX;
    w->review.finished_unix_ms = now(w);
}

static enum err end_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct work *w = ctx;
    set_done(w);
    TRY(update(tx, w, e));
    TRY(tell(tx, w, "review.done", STR_EMPTY, e));
    return store_job_end(tx, w->run->job.id, w->run->worker, STORE_DONE, STR(""), e);
}

static enum err end(struct work *w, struct error *e)
{
    TRY(store_write(w->run->c->store, end_write, w, e));
    events_wake(w->run->c->events);
    return ERR_OK;
}

static enum err end_failed(struct work *w, const struct error *why, struct error *e)
{
    log_warn("review_without_model", L_STR("review", w->review.id), L_ERROR(why));
    TRY(set_failed(w, why, e));
    return end(w, e);
}

static size_t count_kept(const struct work *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->keep.list.n; i++)
        n += w->keep.list.at[i].f.source == FINDING_BY_MODEL && !w->keep.list.at[i].gone;
    return n;
}

static enum err end_run(struct work *w, struct error *e)
{
    const struct model_coverage_of of = {.doc = w->doc,
                                         .framework = w->framework,
                                         .run = &w->result,
                                         .kept = count_kept(w),
                                         .merged = w->keep.merged,
                                         .over_budget = w->keep.over_budget,
                                         .dismissed = w->dismissed};
    const struct error *why = model_coverage_failure(&w->result);
    const struct review_left_out *left_out = NULL;
    size_t n = 0;
    TRY(model_coverage_record(&of, w->run->a, &w->review.coverage, &w->complete, e));
    w->review.prompt_version = w->result.prompt_version;
    if (w->result.model.n > 0) w->review.model = w->result.model;
    if (why) return end_failed(w, why, e);
    w->review.model_state = STORE_MODEL_DONE;
    TRY(model_coverage_left_out(&of, w->run->a, &left_out, &n, e));
    TRY(leave_out(w, left_out, n, e));
    return end(w, e);
}

/* --- the job --- */

/* Errors that are the model's part, and end it without ending the review. */
static bool is_models(const struct error *e)
{
    return strcmp(e->reason, "cannot_redact") == 0 || strcmp(e->reason, "bad_prompt") == 0 ||
           strcmp(e->reason, "never_send") == 0 || strcmp(e->reason, "no_model") == 0;
}

static enum err may_run(const struct work *w, struct error *e)
{
    const struct review_context *c = w->run->c;
    if (c->models) return models_may_send(c, &w->document, e);
    error_set_reason(e, ERR_CONFLICT, "no_model", "no language model is configured any more");
    return error_hint(e, "Start another review when one is.");
}

static enum err review(struct work *w, struct error *e)
{
    const struct review_context *c = w->run->c;
    bool redacted = c->models->redact == REDACT_ON;
    const struct doc *shown = w->doc;
    TRY(learn_examples(c, w->review.by, redacted ? w->review.document_id : STR_EMPTY, w->run->a, &w->learnt, e));
    TRY(load(w, e));
    const struct model_run_options o = {.models = c->models,
                                        .engine = c->engine,
                                        .framework = w->framework,
                                        .person = w->review.by,
                                        .document = w->review.document_id,
                                        .review = w->review.id,
                                        .learnt = w->learnt,
                                        .resumed = w->run->job.attempts > 1,
                                        .now_unix_ms = now(w)};
    const struct model_run_hooks hooks = {.stopped = on_stopped,
                                          .cached = on_cached,
                                          .cache = on_cache,
                                          .found = on_found,
                                          .progress = on_progress,
                                          .list = on_list,
                                          .ctx = w};
    TRY(model_sections_prepare(w->run, &w->review, w->doc, &shown, e));
    return model_run(shown, &o, &hooks, w->run->a, &w->result, e);
}

static enum err run(const struct job__run *run, struct error *e)
{
    struct work w = {.run = run};
    struct error why = {0};
    CLEANUP_DOC struct doc *doc = NULL;
    TRY(store_write(run->c->store, begin_write, &w, e));
    job__is_of(run, w.review.by, w.review.document_id);
    TRY(look(&w, e));
    enum err err = may_run(&w, &why);
    if (err == ERR_OK) {
        TRY(read_version(&w, &doc, e));
        w.doc = doc;
        job__holds(run, arena_used(run->a));
        err = review(&w, &why);
    }
    if (err == ERR_OK) return end_run(&w, e);
    if (is_models(&why)) return end_failed(&w, &why, e);
    *e = why;
    return err;
}

/* The rules have reviewed: that stays, whatever became of the model. */
static enum err failed(struct store_tx *tx, const struct job__run *run, const struct error *why, struct error *e)
{
    struct work w = {.run = run};
    bool changed = false;
    enum err err = store_review_find(tx, run->job.ref, STR_EMPTY, run->a, &w.review, e);
    if (err != ERR_OK) return err == ERR_NOT_FOUND ? ERR_OK : err; /* deleted meanwhile: nobody to tell */
    TRY(set_failed(&w, why, e));
    set_done(&w);
    TRY(store_review_update(tx, &w.review, STORE_BIT(STORE_RUNNING), &changed, e));
    return changed ? tell(tx, &w, "review.done", STR_EMPTY, e) : ERR_OK;
}

const struct job__kind job__model = {run, failed};
