/* prism export ID: the package of a review, by the code that makes it on a server, over a copy of the records.
 * The copy is that of prism backup, of one moment, so a server that runs need not stop, need not be asked and need not be trusted with a token; whoever may read
 * the data folder may export from it. It lies in a folder of its own below TMPDIR, with the one document file that is needed, and goes with the command. So the
 * records of the server do not know of this export: its list of exports and its activity have those that are made through it.
 * Rejected: writing into the store beside a server (one process writes); asking the server over HTTP (documents belong to visitors, and an administrator's
 * token opens none of them). Limits: a copy of the records needs as much room; begun again after a kill it makes another folder in the bucket. */
#include "cmd/export.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/time.h"
#include "blob/blob.h"
#include "bus/bus.h"
#include "cmd/bucket.h"
#include "cmd/options.h"
#include "cmd/say.h"
#include "cmd/serve_priv.h"
#include "review/exports.h"
#include "review/jobs.h"
#include "store/queries.h"

enum { ARENA_MAX = 64 << 20, LOOK_MS = 200, COPY_BYTES = 1 << 16 };

struct values {
    const char *out;
    bool s3;
};

const struct cmd_option cmd_export_options[CMD_EXPORT_OPTION_COUNT] = {
    {.name = "out",
     .letter = 'o',
     .kind = CMD_OPTION_TEXT,
     .offset = offsetof(struct values, out),
     .value = "FILE",
     .help = "Write the package to FILE, a .zip, which is not there yet."},
    {.name = "s3",
     .kind = CMD_OPTION_FLAG,
     .offset = offsetof(struct values, s3),
     .help = "Put the files of the package into a folder of the bucket that S3_BUCKET_NAME names."},
};

struct exporting {
    struct arena *arena;
    struct conf conf;
    char folder[64]; /* of the copy; empty: not made */
    struct store *store;
    struct blob *blob;
    struct bus *bus;
    struct cmd__bucket *bucket;
    struct jobs *jobs;
    struct review_context context;
    struct store_export row;
};

/* --- the copy --- */

static enum err make_folder(struct exporting *x, struct error *e)
{
    const char *base = getenv("TMPDIR");
    int n = snprintf(x->folder, sizeof x->folder, "%s/prism-export-XXXXXX", base && base[0] ? base : "/tmp");
    if (n > 0 && (size_t)n < sizeof x->folder && mkdtemp(x->folder)) return ERR_OK;
    x->folder[0] = 0;
    (void)error_set_reason(e, ERR_STORAGE, "file_not_usable", "could not make a folder for a copy of the records: %s",
                           strerrordesc_np(errno));
    return error_hint(e, "Set TMPDIR to a folder that can be written and has room.");
}

/* What waits or runs on the server is the server's: here it would be done a second time. */
static enum err end_jobs(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct exporting *x = ctx;
    struct store_job_list ended = {0};
    return store_job_give_up(tx, 0, INT64_MAX, STR("copied"), x->arena, &ended, e);
}

static enum err copy_records(struct exporting *x, struct error *e)
{
    struct str folder = str_printf(x->arena, "%s/files", x->folder);
    if (!folder.p) return error_no_memory(e);
    TRY(store_backup(x->conf.data_folder.p, x->folder, e));
    const struct store_options o = {.folder = x->folder, .lock_fd = -1, .readers = 4};
    TRY(store_open(&o, &x->store, e));
    TRY(store_write(x->store, end_jobs, x, e));
    return blob_folder_open(folder.p, &x->blob, e);
}

/* The review of that id, or the newest of the document of that id that is done. */
static enum err find_review(struct store_tx *tx, struct str id, struct arena *a, struct store_review *ret,
                            struct error *e)
{
    struct store_review_list list = {0};
    struct store_document document;
    enum err err = store_review_find(tx, id, STR_EMPTY, a, ret, e);
    if (err != ERR_NOT_FOUND) return err;
    err = store_document_find(tx, id, STR_EMPTY, a, &document, e);
    if (err == ERR_NOT_FOUND) {
        (void)error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no review and no document with the id \"%.*s\"",
                               STR_ARG(id));
        return error_hint(e, "The address of a document in the browser ends in its id.");
    }
    if (err != ERR_OK) return err;
    TRY(store_review_list(tx, document.id, 0, a, &list, e));
    for (size_t i = 0; i < list.n; i++) {
        if (list.at[i].state != STORE_DONE) continue;
        *ret = list.at[i];
        return ERR_OK;
    }
    return error_set_reason(e, ERR_CONFLICT, "review_not_done", "the document has no review that is done");
}

/* Its document's file, from the data folder into the copy. */
static enum err copy_document(struct exporting *x, const struct store_version *version, struct error *e)
{
    struct blob *from = NULL;
    int fd = -1;
    uint64_t size = 0;
    struct str folder = str_printf(x->arena, "%s/files", x->conf.data_folder.p);
    if (!folder.p) return error_no_memory(e);
    TRY(blob_folder_open(folder.p, &from, e));
    enum err err = blob_open_fd(from, version->blob, &fd, &size, e);
    if (err == ERR_OK) err = blob_put_fd(x->blob, version->blob, fd, size, e);
    if (fd >= 0) (void)close(fd);
    blob_free(from);
    return err;
}

static enum err look_up(struct exporting *x, struct str id, struct store_review *review,
                        struct store_document *document, struct error *e)
{
    struct store_version version;
    struct store_tx *tx = NULL;
    TRY(store_read(x->store, &tx, e));
    enum err err = find_review(tx, id, x->arena, review, e);
    if (err == ERR_OK) err = store_document_find(tx, review->document_id, STR_EMPTY, x->arena, document, e);
    if (err == ERR_OK) err = store_version_find(tx, review->version_id, x->arena, &version, e);
    store_read_end(tx);
    if (err != ERR_OK || version.file_removed_unix_ms > 0) return err; /* the job says that the file is not there */
    return copy_document(x, &version, e);
}

/* --- making it --- */

static enum err open_parts(struct exporting *x, bool s3, struct error *e)
{
    const struct bus_local_options bus = BUS_LOCAL_DEFAULTS;
    TRY(cmd__bucket_plan(&x->conf, x->arena, &x->bucket, e));
    if (s3 && !x->bucket) {
        (void)error_set_reason(e, ERR_INVALID, "no_bucket", "S3_BUCKET_NAME is not set");
        return error_hint(e, "Set it, or write the package to a file with -o FILE.zip.");
    }
    if (s3) TRY(cmd__bucket_open(x->bucket, e));
    TRY(bus_local_new(&bus, &x->bus, e));
    x->context = (struct review_context){.store = x->store,
                                         .blob = x->blob,
                                         .bus = x->bus,
                                         .bucket = s3 ? &x->bucket->domain : NULL,
                                         .limits = DOC_LIMITS_DEFAULT,
                                         .now_unix_ms = time_now_unix_ms};
    return frameworks_load(x->arena, &x->context.frameworks, e);
}

static enum err wait_for(struct exporting *x, struct error *e)
{
    const struct timespec nap = {.tv_nsec = LOOK_MS * 1000000};
    struct str id = x->row.id;
    do {
        struct store_tx *tx = NULL;
        (void)nanosleep(&nap, NULL);
        TRY(store_read(x->store, &tx, e));
        enum err err = store_export_find(tx, id, STR_EMPTY, x->arena, &x->row, e);
        store_read_end(tx);
        TRY(err);
    } while (x->row.state == STORE_QUEUED || x->row.state == STORE_RUNNING);
    if (x->row.state == STORE_DONE) return ERR_OK;
    (void)error_set_reason(e, ERR_UPSTREAM, "export_failed", "%.*s", STR_ARG(x->row.message));
    return error_hint(e, "%.*s", STR_ARG(x->row.hint));
}

static enum err make(struct exporting *x, struct str id, bool s3, struct error *e)
{
    struct store_review review;
    struct store_document document;
    struct store_export *begun = NULL;
    struct jobs_options jobs = JOBS_DEFAULTS;
    TRY(look_up(x, id, &review, &document, e));
    TRY(open_parts(x, s3, e));
    jobs.threads = 1;
    const struct review_by by = {.visitor = document.owner};
    const struct exports_options o = {.format = s3 ? EXPORTS_S3 : EXPORTS_ZIP};
    TRY(exports_start(&x->context, &by, review.id, &o, x->arena, &begun, e));
    x->row = *begun;
    TRY(jobs_new(&x->context, &jobs, &x->jobs, e));
    return wait_for(x, e);
}

/* --- handing it out --- */

static enum err failed(const char *path, int cause, struct error *e)
{
    return error_set_reason(e, ERR_STORAGE, "file_not_usable", "could not write \"%s\": %s", path,
                            strerrordesc_np(cause));
}

static enum err copy_out(int from, FILE *to, const char *path, struct error *e)
{
    char room[COPY_BYTES];
    for (;;) {
        ssize_t n = read(from, room, sizeof room);
        if (n == 0) return ERR_OK;
        if (n < 0 || fwrite(room, 1, (size_t)n, to) != (size_t)n) return failed(path, errno, e);
    }
}

static enum err write_out(struct exporting *x, const char *path, struct error *e)
{
    int fd = -1;
    uint64_t size = 0;
    TRY(blob_open_fd(x->blob, x->row.blob, &fd, &size, e));
    FILE *to = fopen(path, "wxe");
    enum err err = to ? copy_out(fd, to, path, e) : failed(path, errno, e);
    if (to && fclose(to) != 0 && err == ERR_OK) err = failed(path, errno, e);
    if (to && err != ERR_OK) (void)unlink(path);
    (void)close(fd);
    return err;
}

static enum err hand_out(struct exporting *x, const struct values *v, struct error *e)
{
    struct str said;
    if (v->s3) {
        said = str_printf(x->arena, "s3://%.*s/%.*s/\n", STR_ARG(x->row.bucket), STR_ARG(x->row.folder));
    } else {
        TRY(write_out(x, v->out, e));
        said = str_printf(x->arena, "%s\n", v->out);
    }
    return said.p ? cmd_print(said, e) : error_no_memory(e);
}

/* --- the command --- */

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *where)
{
    (void)s;
    (void)kind;
    (void)where;
    return remove(path);
}

static void clean_up(struct exporting *x)
{
    jobs_free(x->jobs);
    cmd__bucket_close(x->bucket);
    bus_free(x->bus);
    blob_free(x->blob);
    store_close(x->store);
    if (x->folder[0]) (void)nftw(x->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static enum err run(const struct cmd_command *self, int argc, char **argv, struct exporting *x, struct error *e)
{
    struct values v = {0};
    struct cmd_operands words;
    TRY(cmd_options_parse(self, argc, argv, &v, &words, e));
    if (words.n != 1 || v.s3 == (v.out != NULL)) {
        (void)error_set_reason(e, ERR_INVALID, "bad_option",
                               "prism export takes the id of a review or a document, and either -o FILE or --s3");
        return error_hint(e, "prism export ID -o FILE.zip");
    }
    if (v.out && fs_kind(v.out) != FS_MISSING) {
        (void)error_set_reason(e, ERR_INVALID, "file_not_usable", "\"%s\" is there already", v.out);
        return error_hint(e, "Name a file that is not there yet.");
    }
    TRY(cmd__conf_load(x->arena, &x->conf, e));
    log_start(STDERR_FILENO, LOG_LEVEL_ERROR, (enum log_format)x->conf.log_format);
    (void)umask(077);
    TRY(make_folder(x, e));
    TRY(copy_records(x, e));
    TRY(make(x, str_from_c(words.at[0]), v.s3, e));
    return hand_out(x, &v, e);
}

int cmd_export(const struct cmd_command *self, int argc, char **argv)
{
    struct error e = {0};
    struct exporting x = {.arena = arena_new(ARENA_MAX)};
    enum err err = x.arena ? run(self, argc, argv, &x, &e) : error_no_memory(&e);
    clean_up(&x);
    log_stop();
    if (err != ERR_OK) cmd_say_error(NULL, &e);
    arena_free(x.arena);
    return cmd_exit_of(err);
}
