/* Exports: asked for here, made by job_export.c, fetched here. */
#include "review/exports.h"

#include "base/fs.h"
#include "base/json.h"
#include "base/time.h"
#include "blob/blob.h"
#include "review/bucket.h"
#include "review/events.h"
#include "review/jobs.h"
#include "review/package.h"
#include "review/rows_priv.h"

const char *const exports_format_names[] = {"docx", "json", "csv", "html", "zip", "s3", NULL};
const char *const exports_include_names[] = {"accepted", "open_and_accepted", "all", NULL};

static const char *const content_types[] = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/json",
    "text/csv; charset=utf-8",
    "text/html; charset=utf-8",
    "application/zip",
    "application/zip",
};

const char *exports_content_type(enum exports_format format) { return content_types[format]; }

bool exports_is_package(struct str format) { return str_eq_c(format, "zip") || str_eq_c(format, "s3"); }

static enum err options_json(const struct exports_options *o, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out out = json_out_make(&b, false);
    json_out_begin_object(&out, NULL);
    json_out_c(&out, "include", exports_include_names[o->include]);
    json_out_bool(&out, "tracked_changes", o->tracked_changes);
    json_out_bool(&out, "summary", o->summary);
    json_out_end_object(&out);
    return sb_take(&b, a, ret, e);
}

struct exports_options exports_options_of(struct str json)
{
    struct exports_options o = {.include = EXPORTS_ACCEPTED};
    const struct json *v = NULL;
    struct error ignored;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a || json_parse(a, json, &v, &ignored) != ERR_OK) return o;
    for (int i = 0; exports_include_names[i]; i++)
        if (str_eq_c(json_str(json_get(v, "include")), exports_include_names[i])) o.include = (enum exports_include)i;
    o.tracked_changes = json_bool(json_get(v, "tracked_changes"), false);
    o.summary = json_bool(json_get(v, "summary"), false);
    return o;
}

/* --- asking --- */

struct start { /* one transaction */
    const struct review_by *by;
    struct str review_id;
    bool needs_file; /* the document itself is part of what is made */
    struct arena *a;
    struct store_export row;
    struct store_job job;
    struct store_export *ret;
    const struct review_bucket *bucket; /* that a package goes to, or NULL */
};

enum err review__export_tell(struct store_tx *tx, const struct store_export *row, struct str document_id,
                             const char *kind, struct str by, int64_t at_unix_ms, struct error *e)
{
    CLEANUP_SB struct sb data = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&data, false);
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "export", row->id);
    json_out_str(&o, "format", row->format);
    json_out_end_object(&o);
    if (!sb_ok(&data)) return error_no_memory(e);
    return events_append(tx,
                         &(struct events_new_row){.document_id = document_id,
                                                  .review_id = row->review_id,
                                                  .kind = kind,
                                                  .by = by,
                                                  .at_unix_ms = at_unix_ms,
                                                  .data = sb_view(&data)},
                         e);
}

/* A folder that no export goes into: a second package of the same name in the same second gets a number. */
static enum err choose_folder(struct store_tx *tx, struct start *w, struct str document_name, struct error *e)
{
    bool taken = true;
    struct str name = STR_EMPTY, base = w->bucket ? w->bucket->base : STR_EMPTY;
    TRY(package_folder(document_name, w->row.created_unix_ms, w->a, &name, e));
    for (unsigned n = 1; taken; n++) {
        w->row.folder = str_printf(w->a, n > 1 ? "%.*s%s%.*s-%u" : "%.*s%s%.*s", STR_ARG(base), base.n ? "/" : "",
                                   STR_ARG(name), n);
        if (!w->row.folder.p) return error_no_memory(e);
        TRY(store_export_folder_taken(tx, w->row.bucket, w->row.folder, &taken, e));
    }
    w->row.name = str_printf(w->a, "%.*s.zip", STR_ARG(fs_base_name(w->row.folder)));
    return w->row.name.p ? ERR_OK : error_no_memory(e);
}

static enum err start_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct start *w = ctx;
    struct store_review review;
    TRY(store_review_find(tx, w->review_id, STR_EMPTY, w->a, &review, e));
    if (w->needs_file) {
        struct store_version version;
        TRY(store_version_find(tx, review.version_id, w->a, &version, e));
        TRY(review__has_file(&version, e));
    }
    if (review.state != STORE_DONE) {
        error_set_reason(e, ERR_CONFLICT, "review_not_done", "the review is not done");
        return error_hint(e, "Wait until it is, or start another.");
    }
    if (exports_is_package(w->row.format)) {
        struct store_document document;
        TRY(store_document_find(tx, review.document_id, STR_EMPTY, w->a, &document, e));
        TRY(choose_folder(tx, w, document.name, e));
    }
    TRY(store_export_insert(tx, &w->row, e));
    TRY(store_job_insert(tx, &w->job, e));
    TRY(review__export_tell(tx, &w->row, review.document_id, "export.queued", w->by->visitor, w->row.created_unix_ms,
                            e));
    return store_export_find(tx, w->row.id, STR_EMPTY, w->a, w->ret, e);
}

static enum err no_bucket(struct error *e)
{
    (void)error_set_reason(e, ERR_CONFLICT, "no_bucket", "this server exports to no bucket of S3");
    return error_hint(e, "Download the package as a zip, or ask whoever runs the server to set S3_BUCKET_NAME.");
}

enum err exports_start(const struct review_context *c, const struct review_by *by, struct str review_id,
                       const struct exports_options *o, struct arena *a, struct store_export **ret, struct error *e)
{
    int64_t now = c->now_unix_ms();
    struct start w = {.by = by, .review_id = review_id, .a = a, .ret = NEW(a, struct store_export, 1)};
    w.needs_file = o->format != EXPORTS_JSON && o->format != EXPORTS_CSV;
    if (!w.ret) return error_no_memory(e);
    if (o->format == EXPORTS_S3) {
        if (!c->bucket) return no_bucket(e);
        w.bucket = c->bucket;
    }
    w.row = (struct store_export){
        .review_id = review_id,
        .by = by->visitor,
        .format = str_from_c(exports_format_names[o->format]),
        .state = STORE_QUEUED,
        .blob = STR(""),
        .name = STR(""),
        .reason = STR(""),
        .message = STR(""),
        .hint = STR(""),
        .created_unix_ms = now,
        .bucket = w.bucket ? w.bucket->name : STR(""),
        .folder = STR(""),
        .steps = STR(""),
    };
    w.job = (struct store_job){.kind = STORE_JOB_EXPORT, .not_before_unix_ms = now, .created_unix_ms = now};
    TRY(options_json(o, a, &w.row.options, e));
    TRY(review__id(a, &w.row.id, e));
    TRY(review__id(a, &w.job.id, e));
    w.job.ref = w.row.id;
    TRY(store_room(c->store, 0, e));
    TRY(store_write(c->store, start_rows, &w, e));
    events_wake(c->events);
    jobs_wake(c->jobs);
    *ret = w.ret;
    return ERR_OK;
}

/* --- again --- */

struct again { /* one transaction */
    const struct review_context *c;
    const struct review_by *by;
    struct str id;
    struct arena *a;
    struct store_job job;
    struct store_export *ret;
};

static enum err again_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct again *w = ctx;
    struct store_export row;
    struct str document_id, owner;
    bool changed = false;
    TRY(store_export_find(tx, w->id, STR_EMPTY, w->a, &row, e));
    if (str_eq_c(row.format, "s3") && !w->c->bucket) return no_bucket(e);
    row.state = STORE_QUEUED;
    row.reason = row.message = row.hint = STR("");
    row.finished_unix_ms = 0;
    TRY(store_export_update(tx, &row, STORE_BIT(STORE_FAILED), &changed, e));
    if (!changed) {
        (void)error_set_reason(e, ERR_CONFLICT, "export_not_failed", "the export has not failed");
        return error_hint(e, "Look at the export: it says how it is.");
    }
    TRY(store_job_insert(tx, &w->job, e));
    TRY(store_owner_find(tx, STORE_THING_EXPORT, row.id, w->a, &document_id, &owner, NULL, e));
    TRY(review__export_tell(tx, &row, document_id, "export.queued", w->by->visitor, w->job.created_unix_ms, e));
    *w->ret = row;
    return ERR_OK;
}

enum err exports_retry(const struct review_context *c, const struct review_by *by, struct str id, struct arena *a,
                       struct store_export **ret, struct error *e)
{
    int64_t now = c->now_unix_ms();
    struct again w = {.c = c, .by = by, .id = id, .a = a, .ret = NEW(a, struct store_export, 1)};
    if (!w.ret) return error_no_memory(e);
    w.job = (struct store_job){.kind = STORE_JOB_EXPORT, .ref = id, .not_before_unix_ms = now, .created_unix_ms = now};
    TRY(review__id(a, &w.job.id, e));
    TRY(store_room(c->store, 0, e));
    TRY(store_write(c->store, again_rows, &w, e));
    events_wake(c->events);
    jobs_wake(c->jobs);
    *ret = w.ret;
    return ERR_OK;
}

/* --- fetching --- */

enum err exports_file(const struct review_context *c, struct str id, int *ret_fd, size_t *ret_size, struct error *e)
{
    struct store_export row;
    uint64_t size = 0;
    struct store_tx *tx = NULL;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    TRY(store_read(c->store, &tx, e));
    enum err err = store_export_find(tx, id, STR_EMPTY, a, &row, e);
    store_read_end(tx);
    if (err != ERR_OK) return err;
    bool made = row.state == STORE_DONE || (str_eq_c(row.format, "s3") && row.blob.n > 0);
    if (!made) {
        error_set_reason(e, ERR_CONFLICT, "export_not_done", "the file is not made%s",
                         row.state == STORE_FAILED ? ": making it failed" : " yet");
        return error_hint(e, "Look at the export: it says how it is.");
    }
    if (row.file_removed_unix_ms > 0) {
        struct time_civil at = time_to_civil(row.file_removed_unix_ms);
        error_set_reason(e, ERR_CONFLICT, "file_removed", "this file was removed on %04d-%02d-%02d to make room",
                         at.year, at.month, at.day);
        return error_hint(e, "Make it again: the findings and decisions that go into it are kept.");
    }
    TRY(blob_open_fd(c->blob, row.blob, ret_fd, &size, e));
    *ret_size = (size_t)size;
    return ERR_OK;
}
