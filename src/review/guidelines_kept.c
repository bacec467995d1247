/* Guidelines are read twice: at once by their words, so that they can be used without waiting, and by a model where one may be asked, whose list takes
 * the place of the first unless a person has changed something meanwhile (the row's version tells).
 * The file lies under the id of its row, and a sweep that is on disk before it makes sure that no crash leaves one behind, as for documents. */
#include "review/guidelines_kept.h"

#include "base/utf8.h"
#include "blob/blob.h"
#include "doc/read.h"
#include "review/entity_json.h"
#include "review/framework_json.h"
#include "review/guidelines.h"
#include "review/jobs.h"
#include "review/models.h"
#include "review/rows_priv.h"

#define SWEEP_AFTER_MS ((int64_t)3600 * 1000)
enum { NAME_MAX_BYTES = 200, POINT_NAME_MAX = 300, POINT_ASKS_MAX = 4000, POINTS_MAX = 500 };

struct adding {
    const struct review_context *c;
    struct store_guidelines row;
    struct store_job sweep, job;
    bool with_job;
};

/* --- taking in --- */

static enum err name_of(const struct guidelines_upload *up, const struct doc *doc, struct arena *a, struct str *ret,
                        struct error *e)
{
    struct str name = str_trim(up->name);
    if (!utf8_valid(up->name) || !utf8_valid(up->file_name))
        return error_set_reason(e, ERR_INVALID, "bad_name", "the name is not UTF-8");
    if (name.n > NAME_MAX_BYTES) {
        error_set_reason(e, ERR_INVALID, "bad_name", "the name has %zu bytes; the limit is %d", name.n, NAME_MAX_BYTES);
        return error_hint(e, "Give a shorter name.");
    }
    if (name.n == 0) name = str_trim(doc->properties.title);
    if (name.n == 0) name = up->file_name;
    if (name.n > NAME_MAX_BYTES) name = str_sub(name, 0, utf8_floor(name, NAME_MAX_BYTES));
    *ret = str_dup(a, name.n > 0 ? name : STR("Guidelines"));
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err insert_sweep(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct adding *add = ctx;
    return store_job_insert(tx, &add->sweep, e);
}

static enum err insert_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct adding *add = ctx;
    TRY(store_guidelines_insert(tx, &add->row, e));
    return add->with_job ? store_job_insert(tx, &add->job, e) : ERR_OK;
}

/* By their words. Without a model to read them that must give something. */
static enum err read_words(struct adding *add, const struct doc *doc, struct arena *a, struct error *e)
{
    struct framework *f = NULL;
    enum err err = guidelines_to_framework(a, doc, add->row.name, &f, e);
    if (err == ERR_OK) return framework_json(f, a, &add->row.framework, e);
    bool nothing = strcmp(e->reason, "no_requirements") == 0;
    add->row.framework = STR("{}");
    return nothing && add->with_job ? ERR_OK : err;
}

static enum err fill(struct adding *add, const struct review_by *by, const struct guidelines_upload *up,
                     struct arena *a, struct error *e)
{
    CLEANUP_DOC struct doc *doc = NULL;
    struct doc_read_options o = {.limits = add->c->limits, .reject_revisions_from = 0};
    int64_t now = add->c->now_unix_ms();
    add->with_job = add->c->models && !add->c->models->never_send;
    TRY(doc_read(up->bytes, &o, &doc, e));
    TRY(name_of(up, doc, a, &add->row.name, e));
    TRY(read_words(add, doc, a, e));
    TRY(review__id(a, &add->row.id, e));
    TRY(review__id(a, &add->sweep.id, e));
    TRY(review__id(a, &add->job.id, e));
    add->row.owner = by->visitor;
    add->row.team = up->team;
    add->row.state = add->with_job ? STORE_QUEUED : STORE_DONE;
    add->row.blob = add->row.id;
    add->row.reason = add->row.message = add->row.hint = STR("");
    add->row.created_unix_ms = add->row.changed_unix_ms = now;
    add->row.version = 1;
    add->sweep.kind = STORE_JOB_SWEEP;
    add->job.kind = STORE_JOB_GUIDELINES;
    add->sweep.ref = add->job.ref = add->row.id;
    add->sweep.created_unix_ms = add->job.created_unix_ms = add->job.not_before_unix_ms = now;
    add->sweep.not_before_unix_ms = now + SWEEP_AFTER_MS;
    return ERR_OK;
}

static enum err find_again(const struct review_context *c, struct str id, struct str visitor, struct arena *a,
                           struct store_guidelines **ret, struct error *e)
{
    struct store_guidelines *row = NEW(a, struct store_guidelines, 1);
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    if (!row) return error_no_memory(e);
    TRY(store_read(c->store, &tx, e));
    TRY(store_guidelines_find(tx, id, visitor, a, row, e));
    *ret = row;
    return ERR_OK;
}

enum err guidelines_add(const struct review_context *c, const struct review_by *by, const struct guidelines_upload *up,
                        struct arena *a, struct store_guidelines **ret, struct error *e)
{
    struct adding add = {.c = c};
    TRY(fill(&add, by, up, a, e));
    TRY(store_room(c->store, up->bytes.n, e));
    TRY(store_write(c->store, insert_sweep, &add, e));
    enum err err = blob_put_bytes(c->blob, add.row.blob, up->bytes, e);
    if (err == ERR_OK) err = store_write(c->store, insert_rows, &add, e);
    if (err != ERR_OK) {
        review__discard(c, add.row.blob);
        return err;
    }
    jobs_wake(c->jobs);
    return find_again(c, add.row.id, by->visitor, a, ret, e);
}

/* --- changing --- */

struct editing {
    const struct review_context *c;
    const struct review_by *by;
    struct str id;
    const struct guidelines_change *change;
    struct arena *a;
    struct str blob; /* of what was deleted */
};

static enum err check_mine(const struct store_guidelines *row, const struct review_by *by, struct error *e)
{
    if (str_eq(row->owner, by->visitor)) return ERR_OK;
    error_set_reason(e, ERR_CONFLICT, "not_yours",
                     "these guidelines are the team's; only who has uploaded them can change them");
    return error_hint(e, "Upload the file yourself to have guidelines of your own.");
}

static enum err check_text(const char *what, struct str s, size_t max, struct error *e)
{
    if (str_trim(s).n > 0 && s.n <= max && utf8_valid(s)) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "bad_text", "%s must be a text of 1 to %zu bytes", what, max);
}

/* The points that a person wants, as a framework; the words that point to them are found anew in what they ask. */
static enum err take_points(struct editing *w, struct store_guidelines *row, struct error *e)
{
    const struct guidelines_change *change = w->change;
    struct framework_point *points = NEW(w->a, struct framework_point, change->n_points);
    if (!points) return error_no_memory(e);
    if (change->n_points == 0 || change->n_points > POINTS_MAX)
        return error_set_reason(e, ERR_INVALID, "bad_text", "guidelines have 1 to %d requirements, not %zu", POINTS_MAX,
                                change->n_points);
    for (size_t i = 0; i < change->n_points; i++) {
        points[i] = change->points[i];
        points[i].number = (int64_t)i + 1;
        TRY(check_text("the name of a requirement", points[i].name, POINT_NAME_MAX, e));
        TRY(check_text("what a requirement asks", points[i].asks, POINT_ASKS_MAX, e));
    }
    struct framework *f = NULL;
    struct str version = str_printf(w->a, "%u", row->version + 1);
    if (!version.p) return error_no_memory(e);
    TRY(guidelines_of_points(w->a, row->name, version, points, change->n_points, &f, e));
    return framework_json(f, w->a, &row->framework, e);
}

static enum err edit_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct editing *w = ctx;
    struct store_guidelines row;
    bool changed = false;
    TRY(store_guidelines_find(tx, w->id, w->by->visitor, w->a, &row, e));
    TRY(check_mine(&row, w->by, e));
    if (row.version != w->change->version) {
        error_set_reason(e, ERR_CONFLICT, "changed_since", "these guidelines were changed since you saw them");
        return error_hint(e, "Load them again, and make your change in what is there now.");
    }
    if (w->change->name) row.name = *w->change->name;
    if (w->change->team) row.team = *w->change->team;
    if (w->change->points) {
        TRY(take_points(w, &row, e));
        row.by_model = false;
        row.state = STORE_DONE; /* what a model still reads is not wanted any more: it sees the version */
        row.reason = row.message = row.hint = STR("");
    }
    row.changed_unix_ms = w->c->now_unix_ms();
    return store_guidelines_update(tx, &row, &changed, e);
}

enum err guidelines_edit(const struct review_context *c, const struct review_by *by, struct str id,
                         const struct guidelines_change *change, struct arena *a, struct store_guidelines **ret,
                         struct error *e)
{
    struct editing w = {.c = c, .by = by, .id = id, .change = change, .a = a};
    if (change->name) TRY(check_text("the name", *change->name, NAME_MAX_BYTES, e));
    TRY(store_write(c->store, edit_rows, &w, e));
    return find_again(c, id, by->visitor, a, ret, e);
}

static enum err delete_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct editing *w = ctx;
    struct store_guidelines row;
    TRY(store_guidelines_find(tx, w->id, w->by->visitor, w->a, &row, e));
    TRY(check_mine(&row, w->by, e));
    return store_guidelines_delete(tx, w->id, w->a, &w->blob, e);
}

enum err guidelines_remove(const struct review_context *c, const struct review_by *by, struct str id, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    struct editing w = {.c = c, .by = by, .id = id, .a = a};
    if (!a) return error_no_memory(e);
    TRY(store_write_freeing(c->store, delete_rows, &w, e));
    review__discard(c, w.blob);
    return ERR_OK;
}

/* --- using --- */

static enum err own_framework(struct store_tx *tx, struct str id, struct arena *a, struct framework **ret,
                              struct error *e)
{
    struct store_guidelines row;
    *ret = NULL;
    if (id.n == 0) return ERR_OK;
    enum err err = store_guidelines_find(tx, id, STR_EMPTY, a, &row, e);
    if (err == ERR_NOT_FOUND) return ERR_OK;
    if (err != ERR_OK) return err;
    if (!str_eq_c(row.framework, "{}")) return framework_parse(a, row.framework, ret, e);
    error_set_reason(e, ERR_CONFLICT, "guidelines_not_ready", "the guidelines \"%.*s\" have no requirements yet",
                     STR_ARG(row.name));
    return error_hint(e, "Wait until they were read, or write their requirements down.");
}

enum err guidelines_framework(struct store_tx *tx, const struct review_context *c, const struct store_review *review,
                              struct arena *a, const struct framework **ret, struct error *e)
{
    const struct framework *base = frameworks_find(&c->frameworks, review->framework);
    struct framework *own = NULL, *both = NULL;
    TRY(own_framework(tx, review->guidelines, a, &own, e));
    if (own && base && !review->guidelines_only) {
        TRY(framework_join(a, base, own, &both, e));
        *ret = both;
        return ERR_OK;
    }
    *ret = own && review->guidelines_only ? own : base;
    if (*ret || review->framework.n == 0) return ERR_OK;
    error_set_reason(e, ERR_NOT_FOUND, "no_such_framework", "the framework \"%.*s\" is not there any more",
                     STR_ARG(review->framework));
    return error_hint(e, "Start another review with one of those that there are.");
}

/* --- showing --- */

static void put_points(struct json_out *o, const struct framework *f)
{
    json_out_begin_array(o, "points");
    for (size_t i = 0; f && i < f->n_points; i++) {
        json_out_begin_object(o, NULL);
        json_out_i64(o, "number", f->points[i].number);
        json_out_str(o, "name", f->points[i].name);
        json_out_str(o, "asks", f->points[i].asks);
        json_out_begin_array(o, "questions");
        for (size_t k = 0; k < f->points[i].n_questions; k++)
            json_out_str(o, NULL, f->points[i].questions[k]);
        json_out_end_array(o);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

enum err guidelines_json(struct json_out *o, const char *key, const struct store_guidelines *row, struct str viewer,
                         struct arena *a, struct error *e)
{
    struct framework *f = NULL;
    if (!str_eq_c(row->framework, "{}")) TRY(framework_parse(a, row->framework, &f, e));
    json_out_begin_object(o, key);
    json_out_str(o, "id", row->id);
    json_out_str(o, "name", row->name);
    json_out_c(o, "state", entity_state_names[row->state]);
    put_points(o, f);
    json_out_c(o, "by", row->by_model ? "model" : "words");
    problem_json(o, "problem", row->reason, row->message, row->hint);
    json_out_bool(o, "team", row->team);
    json_out_bool(o, "mine", str_eq(row->owner, viewer));
    json_out_u64(o, "version", row->version);
    json_out_end_object(o);
    return ERR_OK;
}
