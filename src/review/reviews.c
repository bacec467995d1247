/* Reviews: a row that says what is to be done, and a job that does it (job_review.c). */
#include "review/reviews.h"

#include "review/events.h"
#include "review/framework.h"
#include "review/jobs.h"
#include "review/rows_priv.h"

enum err review__framework_asked(const struct review_context *c, struct str name, struct str *ret, struct error *e)
{
    const struct framework *f = name.n > 0 ? frameworks_find(&c->frameworks, name) : c->framework;
    if (f || name.n == 0) {
        *ret = f ? f->id : STR("");
        return ERR_OK;
    }
    CLEANUP_SB struct sb names = SB_INIT(200);
    for (size_t i = 0; i < c->frameworks.n; i++) {
        if (i) SB_LIT(&names, ", ");
        sb_str(&names, c->frameworks.at[i]->id);
    }
    error_set_reason(e, ERR_NOT_FOUND, "no_such_framework", "there is no framework \"%.*s\"", STR_ARG(name));
    return error_hint(e, "There are: %.*s.", STR_ARG(sb_view(&names)));
}

enum err review__start_make(const struct review_context *c, const struct review_by *by, struct str document_id,
                            struct str version_id, int64_t now_unix_ms, struct arena *a, struct review__start *start,
                            struct error *e)
{
    const struct framework *f = frameworks_find(&c->frameworks, start->framework);
    start->row = (struct store_review){
        .document_id = document_id,
        .version_id = version_id,
        .by = by->visitor,
        .state = STORE_QUEUED,
        .framework = start->framework,
        .framework_title = f ? f->name : STR(""),
        .why_framework = STR(""),
        .stage = STR(""),
        .reason = STR(""),
        .message = STR(""),
        .hint = STR(""),
        .not_reviewed = STR("[]"),
        .coverage = STR("{}"),
        .model_state = c->models ? STORE_MODEL_QUEUED : STORE_MODEL_NONE,
        .created_unix_ms = now_unix_ms,
    };
    start->job = (struct store_job){
        .kind = STORE_JOB_REVIEW,
        .not_before_unix_ms = now_unix_ms,
        .created_unix_ms = now_unix_ms,
    };
    TRY(review__id(a, &start->row.id, e));
    TRY(review__id(a, &start->job.id, e));
    start->job.ref = start->row.id;
    return ERR_OK;
}

static enum err tell(struct store_tx *tx, const struct store_review *row, const char *kind, struct str by,
                     int64_t at_unix_ms, struct error *e)
{
    return events_append(
        tx,
        &(struct events_new_row){
            .document_id = row->document_id, .review_id = row->id, .kind = kind, .by = by, .at_unix_ms = at_unix_ms},
        e);
}

enum err review__start_in(struct store_tx *tx, const struct review__start *start, struct error *e)
{
    const struct store_review *row = &start->row;
    TRY(store_review_insert(tx, row, e));
    TRY(store_job_insert(tx, &start->job, e));
    return tell(tx, row, "review.queued", row->by, row->created_unix_ms, e);
}

struct change { /* one transaction */
    const struct review_context *c;
    const struct review_by *by;
    const struct reviews_ask *ask;
    struct str id; /* of the document, or the review */
    struct arena *a;
    struct review__start start;
    struct store_review *ret;
};

/* Guidelines that are asked for must be there and theirs; those that the document names may be gone. */
static enum err against(struct store_tx *tx, struct change *w, const struct store_document *document, struct error *e)
{
    struct store_guidelines row;
    bool asked = w->ask->guidelines.p != NULL;
    struct str id = asked ? w->ask->guidelines : document->guidelines;
    w->start.row.model_state = w->ask->no_model || !w->c->models ? STORE_MODEL_NONE : STORE_MODEL_QUEUED;
    if (id.n == 0) return ERR_OK;
    enum err err = store_guidelines_find(tx, id, w->by->visitor, w->a, &row, e);
    if (err == ERR_NOT_FOUND && !asked) return ERR_OK;
    if (err != ERR_OK) return err;
    w->start.row.guidelines = row.id;
    w->start.row.guidelines_only = w->ask->guidelines_only;
    return ERR_OK;
}

static enum err start_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct change *w = ctx;
    struct store_document document;
    TRY(store_document_find(tx, w->id, STR_EMPTY, w->a, &document, e));
    TRY(review__has_file(&document.version, e));
    TRY(review__start_make(w->c, w->by, document.id, document.version_id, w->c->now_unix_ms(), w->a, &w->start, e));
    TRY(against(tx, w, &document, e));
    TRY(review__start_in(tx, &w->start, e));
    return store_review_find(tx, w->start.row.id, STR_EMPTY, w->a, w->ret, e);
}

enum err reviews_start(const struct review_context *c, const struct review_by *by, struct str document_id,
                       const struct reviews_ask *ask, struct arena *a, struct store_review **ret, struct error *e)
{
    struct change w = {.c = c, .by = by, .ask = ask, .id = document_id, .a = a, .ret = NEW(a, struct store_review, 1)};
    if (!w.ret) return error_no_memory(e);
    TRY(review__framework_asked(c, ask->framework, &w.start.framework, e));
    TRY(store_room(c->store, 0, e));
    TRY(store_write(c->store, start_rows, &w, e));
    events_wake(c->events);
    jobs_wake(c->jobs);
    *ret = w.ret;
    return ERR_OK;
}

static enum err cancel_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct change *w = ctx;
    bool changed = false, had_job = false;
    int64_t now = w->c->now_unix_ms();
    TRY(store_review_find(tx, w->id, STR_EMPTY, w->a, w->ret, e));
    w->ret->state = STORE_CANCELLED;
    w->ret->stage = STR("");
    w->ret->finished_unix_ms = now;
    if (w->ret->model_state == STORE_MODEL_QUEUED || w->ret->model_state == STORE_MODEL_RUNNING)
        w->ret->model_state = STORE_MODEL_CANCELLED;
    TRY(store_review_update(tx, w->ret, STORE_UNFINISHED, &changed, e));
    if (changed) {
        TRY(store_job_cancel(tx, STORE_JOB_REVIEW, w->id, &had_job, e));
        TRY(store_job_cancel(tx, STORE_JOB_MODEL, w->id, &had_job, e));
        TRY(tell(tx, w->ret, "review.cancelled", w->by->visitor, now, e));
    }
    return store_review_find(tx, w->id, STR_EMPTY, w->a, w->ret, e);
}

enum err reviews_cancel(const struct review_context *c, const struct review_by *by, struct str id, struct arena *a,
                        struct store_review **ret, struct error *e)
{
    struct change w = {.c = c, .by = by, .id = id, .a = a, .ret = NEW(a, struct store_review, 1)};
    if (!w.ret) return error_no_memory(e);
    TRY(store_write(c->store, cancel_rows, &w, e));
    jobs_stop(c->jobs, id);
    events_wake(c->events);
    *ret = w.ret;
    return ERR_OK;
}
