/* The part of the export's job that makes a package and sends it.
 * First the whole package is made as one zip and kept, and the row names it with a list of its files: from then on every attempt, of this process or of another
 * one, sends the same bytes, and a person can fetch the zip whatever becomes of the sending. Then the files go to the bucket one after the other, read out
 * of the zip, the manifest last. What is there is written down after each file, so that what was sent is not sent again; a file that was cut off in the
 * middle is sent from its start (an upload in parts that was begun is aborted first), over what may be there: the same bytes under the same name.
 * Passing failures are tried again by the client for seconds and by the runner of jobs for minutes; the others end the export, with their reason. */
#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/time.h"
#include "blob/blob.h"
#include "review/bucket.h"
#include "review/events.h"
#include "review/export_steps.h"
#include "review/job_export_priv.h"
#include "review/package.h"

enum { EVENTS_MAX = 10000 };

struct packing {
    struct export__work *w;
    struct export_steps steps;
    struct package package;
    struct package_content content;
    struct store_finding_list all;
    struct store_chat_list chat;
    struct store_event_list events;
    struct package_zip *zip;
};

/* --- keeping how far it is --- */

static enum err keep_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct packing *p = ctx;
    const struct job__run *run = p->w->run;
    bool changed = false;
    TRY(store_job_hold(tx, run->job.id, run->worker, e));
    TRY(store_export_update(tx, &p->w->row, STORE_UNFINISHED, &changed, e));
    return changed ? ERR_OK : error_set_reason(e, ERR_CONFLICT, "stopped", "the export has ended otherwise");
}

static enum err keep(struct packing *p, struct error *e)
{
    struct export__work *w = p->w;
    TRY(job__go_on(w->run, e));
    if (p->steps.n) TRY(export_steps_write(&p->steps, w->run->a, &w->row.steps, e));
    TRY(store_write(w->run->c->store, keep_write, p, e));
    events_export_progress(w->run->c, w->document.id, &w->row);
    return ERR_OK;
}

/* --- making --- */

static enum err find_rest(struct packing *p, struct error *e)
{
    struct export__work *w = p->w;
    struct arena *a = w->run->a;
    const struct store_finding_filter all = {.decisions = 0};
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(w->run->c->store, &tx, e));
    TRY(store_finding_list(tx, w->review.id, &all, STORE_BY_PLACE, STR_EMPTY, 0, a, &p->all, e));
    TRY(store_chat_list(tx, w->document.id, 0, 0, a, &p->chat, e));
    return store_event_before(tx, w->document.id, 0, EVENTS_MAX, a, &p->events, e);
}

static enum err make_files(struct packing *p, int original, struct error *e)
{
    struct export__work *w = p->w;
    struct str name = STR_EMPTY;
    TRY(export__rebuild(w, &w->rows, e));
    TRY(job__go_on(w->run, e));
    TRY(export__make_docx(w, &name, e));
    TRY(job__go_on(w->run, e));
    TRY(export__rebuild(w, &p->all, e));
    p->content = (struct package_content){.shown = &w->shown,
                                          .document = &w->document,
                                          .version = &w->version,
                                          .review = &w->review,
                                          .findings = &p->all,
                                          .chat = &p->chat,
                                          .events = &p->events,
                                          .reviewed_name = name,
                                          .reviewed = w->bytes,
                                          .original_fd = original,
                                          .export_id = w->row.id,
                                          .at_unix_ms = w->row.created_unix_ms,
                                          .by = w->author};
    return package_make(&p->content, w->run->a, &p->package, e);
}

static enum err write_zip(void *ctx, const char *path, struct error *e)
{
    const struct packing *p = ctx;
    struct package_zip_entry entries[PACKAGE_FILES_MAX];
    struct str folder = fs_base_name(p->w->row.folder);
    for (size_t i = 0; i < p->package.n; i++) {
        const struct package_file *f = &p->package.files[i];
        entries[i] = (struct package_zip_entry){
            .bytes = f->bytes, .fd = p->content.original_fd, .fd_size = f->size, .packed = f->packed};
        entries[i].name = str_printf(p->w->run->a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(f->path));
        if (!entries[i].name.p) return error_no_memory(e);
    }
    return package_zip_write(path, entries, p->package.n, p->w->row.created_unix_ms, e);
}

static enum err keep_zip(struct packing *p, struct error *e)
{
    struct export__work *w = p->w;
    const struct review_context *c = w->run->c;
    int fd = -1;
    for (uint32_t i = 1; i < w->run->job.attempts; i++)
        review__discard(c, export__attempt_key(w, i));
    w->key = export__attempt_key(w, w->run->job.attempts);
    if (!w->key.p) return error_no_memory(e);
    TRY(blob_make(c->blob, w->key, write_zip, p, e));
    TRY(blob_open_fd(c->blob, w->key, &fd, &w->row.size_bytes, e));
    (void)close(fd);
    w->row.blob = w->key;
    export_steps_of(&p->package, &p->steps);
    enum err err = keep(p, e);
    if (err != ERR_OK) review__discard(c, w->key);
    return err;
}

static enum err make(struct packing *p, struct error *e)
{
    int original = -1;
    uint64_t size = 0;
    TRY(find_rest(p, e));
    TRY(blob_open_fd(p->w->run->c->blob, p->w->version.blob, &original, &size, e));
    enum err err = make_files(p, original, e);
    if (err == ERR_OK) err = job__go_on(p->w->run, e);
    if (err == ERR_OK) err = keep_zip(p, e);
    (void)close(original);
    return err;
}

/* --- sending --- */

struct sending { /* one file */
    struct packing *p;
    struct export_step *step;
    struct str key;
};

static enum err read_file(void *ctx, void *to, size_t n, struct error *e)
{
    const struct sending *s = ctx;
    return package_zip_read(s->p->zip, to, n, e);
}

static enum err on_begun(void *ctx, struct str id, struct error *e)
{
    struct sending *s = ctx;
    struct export_steps *steps = &s->p->steps;
    steps->upload_key = s->key;
    steps->upload_id = str_dup(s->p->w->run->a, id);
    return steps->upload_id.p ? keep(s->p, e) : error_no_memory(e);
}

/* Asked often; only what is new is kept. */
static enum err on_sent(void *ctx, uint64_t bytes, struct error *e)
{
    struct sending *s = ctx;
    if (bytes == s->step->sent) return job__go_on(s->p->w->run, e);
    s->step->sent = bytes;
    return bytes < s->step->bytes ? keep(s->p, e) : job__go_on(s->p->w->run, e); /* the last is kept with the end */
}

static enum err send_file(struct packing *p, struct export_step *step, struct error *e)
{
    const struct job__run *run = p->w->run;
    const struct review_bucket *bucket = run->c->bucket;
    struct str folder = p->w->row.folder, base = fs_base_name(folder);
    struct sending s = {.p = p, .step = step};
    s.key = str_printf(run->a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(step->path));
    struct str entry = str_printf(run->a, "%.*s/%.*s", STR_ARG(base), STR_ARG(step->path));
    if (!s.key.p || !entry.p) return error_no_memory(e);
    const struct review_bucket_object o = {.key = s.key,
                                           .content_type = step->content_type,
                                           .size = step->bytes,
                                           .read = read_file,
                                           .begun = on_begun,
                                           .sent = on_sent,
                                           .ctx = &s};
    step->sent = 0;
    TRY(package_zip_entry(p->zip, entry.p, e));
    TRY(bucket->put(bucket->ctx, &o, e));
    p->steps.upload_key = p->steps.upload_id = STR_EMPTY;
    step->sent = step->bytes;
    step->done = true;
    return keep(p, e);
}

/* What a process before left unended. That it cannot be aborted is no failure of the export: the bucket's lifecycle removes it. */
static void abort_left(struct packing *p)
{
    const struct review_bucket *bucket = p->w->run->c->bucket;
    struct error ignored;
    if (p->steps.upload_id.n) (void)!bucket->abort(bucket->ctx, p->steps.upload_key, p->steps.upload_id, &ignored);
    p->steps.upload_key = p->steps.upload_id = STR_EMPTY;
}

/* The operator has set another bucket since: what was sent is elsewhere. */
static enum err look_at_bucket(struct packing *p, struct error *e)
{
    struct export__work *w = p->w;
    const struct review_bucket *bucket = w->run->c->bucket;
    if (!bucket) {
        (void)error_set_reason(e, ERR_CONFLICT, "no_bucket", "this server exports to no bucket of S3 any more");
        return error_hint(e, "Fetch the package as a zip, or ask whoever runs the server to set S3_BUCKET_NAME.");
    }
    if (str_eq(w->row.bucket, bucket->name)) return ERR_OK;
    struct str folder = fs_base_name(w->row.folder);
    w->row.bucket = bucket->name;
    w->row.folder =
        str_printf(w->run->a, "%.*s%s%.*s", STR_ARG(bucket->base), bucket->base.n ? "/" : "", STR_ARG(folder));
    if (!w->row.folder.p) return error_no_memory(e);
    export_steps_anew(&p->steps);
    return keep(p, e);
}

static enum err send_all(struct packing *p, struct error *e)
{
    int fd = -1;
    uint64_t size = 0;
    TRY(look_at_bucket(p, e));
    abort_left(p);
    TRY(blob_open_fd(p->w->run->c->blob, p->w->row.blob, &fd, &size, e));
    TRY(package_zip_open(fd, &p->zip, e));
    enum err err = ERR_OK;
    for (size_t i = 0; i < p->steps.n && err == ERR_OK; i++)
        if (!p->steps.at[i].done) err = send_file(p, &p->steps.at[i], e);
    package_zip_close(p->zip);
    return err;
}

/* --- all of it --- */

/* Whether the zip that the row names is still there: old files may have been cleaned up since. */
static enum err is_made(struct packing *p, bool *ret, struct error *e)
{
    struct export__work *w = p->w;
    *ret = false;
    TRY(export_steps_read(w->row.steps, w->run->a, &p->steps, e));
    if (!w->row.blob.n || !p->steps.n) return ERR_OK;
    return blob_exists(w->run->c->blob, w->row.blob, ret, e);
}

static enum err package_run(struct packing *p, struct error *e)
{
    struct export__work *w = p->w;
    bool made = false;
    TRY(is_made(p, &made, e));
    w->row.state = STORE_RUNNING;
    if (!made) {
        p->steps.n = 0;
        w->row.blob = w->row.steps = STR("");
        w->row.file_removed_unix_ms = 0;
        TRY(keep(p, e));
        TRY(make(p, e));
    }
    if (str_eq_c(w->row.format, "s3")) TRY(send_all(p, e));
    return export__end(w, e);
}

enum err export__package(struct export__work *w, struct error *e)
{
    struct packing *p = NEW(w->run->a, struct packing, 1);
    if (!p) return error_no_memory(e);
    p->w = w;
    return package_run(p, e);
}
