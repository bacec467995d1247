/* Documents: taken in, handed out, deleted.
 * Nothing a person names becomes a name of ours: files lie under random keys, so two uploads never meet, whatever they are called and whenever
 * they come.
 * Files and rows cannot be written at once. So that no crash leaves a file that nobody knows of, a row that says "look whether this file belongs to
 * something" (a job, see review/jobs.h) is on disk before the file is put, and is made in the transaction that deletes a document. It is due
 * an hour after an upload and at once after a deletion.
 * Limits: the content of a document is one piece of JSON, in memory while it is sent. */
#include "review/documents.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/time.h"
#include "base/utf8.h"
#include "blob/blob.h"
#include "doc/read.h"
#include "review/events.h"
#include "review/framework.h"
#include "review/jobs.h"
#include "review/model_json.h"
#include "review/proposed.h"
#include "review/reviews.h"
#include "review/rows_priv.h"
#include "store/queries.h"

#define SWEEP_AFTER_MS    ((int64_t)3600 * 1000)
#define CONTENT_MAX_BYTES ((size_t)512 << 20)

enum err review__id(struct arena *a, struct str *ret, struct error *e)
{
    char id[RANDOM_ID_CHARS + 1];
    random_id(id);
    *ret = str_dup(a, str_from_c(id));
    return ret->p ? ERR_OK : error_no_memory(e);
}

void review__discard(const struct review_context *c, struct str key)
{
    struct error ignored;
    if (key.n > 0 && blob_delete(c->blob, key, &ignored) != ERR_OK) return; /* left for the sweep */
}

/* The key under which the content of a version lies, in the form of today. */
static struct str content_key(struct arena *a, struct str version_id)
{
    return str_printf(a, "%.*sc%d", STR_ARG(version_id), MODEL_JSON_VERSION);
}

/* --- names --- */

static bool is_dropped(uint32_t r)
{
    return r < 0x20 || (r >= 0x7F && r < 0xA0) || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069);
}

/* As the person named it, in whatever script; without folders and what cannot be seen. */
static enum err name_of(struct str given, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    if (!utf8_valid(given)) return error_set_reason(e, ERR_INVALID, "bad_name", "the name of the file is not UTF-8");
    size_t from = 0;
    for (size_t i = 0; i < given.n; i++)
        if (given.p[i] == '/' || given.p[i] == '\\') from = i + 1;
    for (size_t i = from; i < given.n;) {
        uint32_t r = utf8_next(given, &i);
        if (!is_dropped(r)) sb_rune(&b, r);
    }
    if (b.n > DOCUMENTS_NAME_MAX) {
        error_set_reason(e, ERR_INVALID, "bad_name", "the name of the file has %zu bytes; the limit is %d", b.n,
                         DOCUMENTS_NAME_MAX);
        return error_hint(e, "Give the file a shorter name.");
    }
    if (str_trim(sb_view(&b)).n == 0 && !b.failed) {
        sb_reset(&b);
        SB_LIT(&b, "document.docx");
    }
    return sb_take(&b, a, ret, e);
}

/* --- taking in --- */

struct adding { /* one upload on its way */
    const struct review_context *c;
    const struct review_by *by;
    struct arena *a;
    struct store_document document;
    struct store_version version;
    struct store_job sweep;
    bool with_review;
    struct review__start start;
    struct documents_added *ret;
};

static enum err insert_sweep(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct adding *add = ctx;
    return store_job_insert(tx, &add->sweep, e);
}

static enum err insert_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct adding *add = ctx;
    TRY(store_document_insert(tx, &add->document, e));
    TRY(store_version_insert(tx, &add->version, e));
    CLEANUP_SB struct sb data = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&data, false);
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "name", add->document.name);
    json_out_end_object(&o);
    if (!sb_ok(&data)) return error_no_memory(e);
    TRY(events_append(tx,
                      &(struct events_new_row){.document_id = add->document.id,
                                               .kind = "document.added",
                                               .by = add->by->visitor,
                                               .at_unix_ms = add->document.created_unix_ms,
                                               .data = sb_view(&data)},
                      e));
    if (add->with_review) TRY(review__start_in(tx, &add->start, e));
    TRY(store_document_find(tx, add->document.id, STR_EMPTY, add->a, add->ret->document, e));
    if (!add->with_review) return ERR_OK;
    return store_review_find(tx, add->start.row.id, STR_EMPTY, add->a, add->ret->review, e);
}

/* What is told of a document without reading it again. */
static enum err describe(const struct doc *doc, struct str bytes, struct adding *add, struct error *e)
{
    char hex[HASH_SHA256_HEX + 1];
    struct store_version *v = &add->version;
    TRY(hash_sha256_hex(bytes, hex, e));
    v->sha256 = str_dup(add->a, str_from_c(hex));
    v->title = str_dup(add->a, doc->properties.title);
    v->author = str_dup(add->a, doc->properties.creator);
    if (!v->sha256.p || !v->title.p || !v->author.p) return error_no_memory(e);
    v->size_bytes = bytes.n;
    v->words = (uint32_t)model_words(doc);
    v->pages = doc->properties.pages;
    v->sections = doc->sections.n;
    v->blocks = doc->blocks.n;
    v->comments = doc->comments.n;
    v->tracked_changes = doc->revisions.n;
    return ERR_OK;
}

/* Reads the whole file: what it cannot be read for is told before anything is kept. */
static enum err read_all(struct adding *add, struct str bytes, struct sb *content, struct error *e)
{
    CLEANUP_DOC struct doc *doc = NULL;
    struct doc_read_options o = {.limits = add->c->limits, .reject_revisions_from = 0};
    TRY(doc_read(bytes, &o, &doc, e));
    TRY(model_json_content(doc, content, e));
    return describe(doc, bytes, add, e);
}

static enum err name_ids(struct adding *add, struct error *e)
{
    int64_t now = add->c->now_unix_ms();
    TRY(review__id(add->a, &add->document.id, e));
    TRY(review__id(add->a, &add->version.id, e));
    TRY(review__id(add->a, &add->sweep.id, e));
    add->document.owner = add->by->visitor;
    add->document.version_id = add->version.id;
    add->document.created_unix_ms = add->document.used_unix_ms = add->version.created_unix_ms = now;
    add->version.document_id = add->document.id;
    add->version.blob = add->version.id;
    add->version.content_blob = content_key(add->a, add->version.id);
    if (!add->version.content_blob.p) return error_no_memory(e);
    add->sweep.kind = STORE_JOB_SWEEP;
    add->sweep.ref = add->version.id;
    add->sweep.created_unix_ms = now;
    add->sweep.not_before_unix_ms = now + SWEEP_AFTER_MS;
    if (!add->with_review) return ERR_OK;
    return review__start_make(add->c, add->by, add->document.id, add->version.id, now, add->a, &add->start, e);
}

static enum err keep(struct adding *add, struct str bytes, struct str content, struct error *e)
{
    TRY(store_room(add->c->store, bytes.n + content.n, e));
    TRY(store_write(add->c->store, insert_sweep, add, e));
    TRY(blob_put_bytes(add->c->blob, add->version.blob, bytes, e));
    TRY(blob_put_bytes(add->c->blob, add->version.content_blob, content, e));
    return store_write(add->c->store, insert_rows, add, e);
}

enum err documents_add(const struct review_context *c, const struct review_by *by, const struct documents_upload *up,
                       struct arena *a, struct documents_added *ret, struct error *e)
{
    CLEANUP_SB struct sb content = SB_INIT(CONTENT_MAX_BYTES);
    struct documents_added made = {.document = NEW(a, struct store_document, 1)};
    struct adding add = {.c = c, .by = by, .a = a, .with_review = up->review, .ret = &made};
    add.document.never_send = up->never_send;
    add.document.guidelines = STR("");
    if (up->review) made.review = NEW(a, struct store_review, 1);
    if (!made.document || (up->review && !made.review)) return error_no_memory(e);
    TRY(name_of(up->name, a, &add.document.name, e));
    TRY(review__framework_asked(c, up->framework, &add.start.framework, e));
    TRY(read_all(&add, up->bytes, &content, e));
    TRY(name_ids(&add, e));
    enum err err = keep(&add, up->bytes, sb_view(&content), e);
    if (err != ERR_OK) { /* what a file that cannot be deleted now leaves is swept in an hour */
        review__discard(c, add.version.blob);
        review__discard(c, add.version.content_blob);
        return err;
    }
    events_wake(c->events);
    jobs_wake(c->jobs);
    *ret = made;
    return ERR_OK;
}

/* --- changing --- */

struct changing {
    const struct review_by *by;
    struct str id;
    const struct documents_change *change;
    int64_t now_unix_ms;
    struct arena *a;
    struct store_document *row;
};

/* For the log of activity: who has marked it, or has taken the mark away. */
static enum err tell_marked(struct store_tx *tx, const struct changing *w, struct error *e)
{
    return events_append(
        tx,
        &(struct events_new_row){.document_id = w->id,
                                 .kind = w->row->never_send ? "document.never_send" : "document.may_send",
                                 .by = w->by->visitor,
                                 .at_unix_ms = w->now_unix_ms},
        e);
}

static enum err change_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct changing *w = ctx;
    struct store_guidelines ignored;
    TRY(store_document_find(tx, w->id, STR_EMPTY, w->a, w->row, e));
    bool marked = w->row->never_send;
    if (w->change->guidelines) {
        w->row->guidelines = *w->change->guidelines;
        if (w->row->guidelines.n > 0)
            TRY(store_guidelines_find(tx, w->row->guidelines, w->by->visitor, w->a, &ignored, e));
    }
    if (w->change->never_send) w->row->never_send = *w->change->never_send;
    TRY(store_document_update(tx, w->row, e));
    return marked == w->row->never_send ? ERR_OK : tell_marked(tx, w, e);
}

enum err documents_change(const struct review_context *c, const struct review_by *by, struct str id,
                          const struct documents_change *change, struct arena *a, struct store_document **ret,
                          struct error *e)
{
    struct changing w = {.by = by,
                         .id = id,
                         .change = change,
                         .now_unix_ms = c->now_unix_ms(),
                         .a = a,
                         .row = NEW(a, struct store_document, 1)};
    if (!w.row) return error_no_memory(e);
    TRY(store_write(c->store, change_rows, &w, e));
    events_wake(c->events);
    *ret = w.row;
    return ERR_OK;
}

/* --- deleting --- */

struct deleting {
    struct str id;
    const struct review_by *by;
    int64_t now_unix_ms;
    struct arena *a;
    struct store_keys blobs; /* of the document's files */
};

enum err review__sweep_later(struct store_tx *tx, const struct store_keys *blobs, int64_t now_unix_ms, struct arena *a,
                             struct error *e)
{
    for (size_t i = 0; i < blobs->n; i++) {
        struct store_job sweep = {.kind = STORE_JOB_SWEEP,
                                  .ref = blobs->at[i],
                                  .created_unix_ms = now_unix_ms,
                                  .not_before_unix_ms = now_unix_ms};
        TRY(review__id(a, &sweep.id, e));
        TRY(store_job_insert(tx, &sweep, e));
    }
    return ERR_OK;
}

/* What fails here the jobs do again. */
void review__sweep_now(const struct review_context *c, const struct store_keys *blobs)
{
    struct error ignored;
    for (size_t i = 0; i < blobs->n; i++)
        if (review__sweep(c, blobs->at[i], &ignored) != ERR_OK) return;
}

static enum err delete_rows(struct store_tx *tx, void *ctx, struct error *e)
{
    struct deleting *d = ctx;
    d->blobs = (struct store_keys){0};
    TRY(store_document_delete(tx, d->id, d->a, &d->blobs, e));
    TRY(review__sweep_later(tx, &d->blobs, d->now_unix_ms, d->a, e));
    return events_append(
        tx,
        &(struct events_new_row){
            .document_id = d->id, .kind = "document.deleted", .by = d->by->visitor, .at_unix_ms = d->now_unix_ms},
        e);
}

enum err documents_delete(const struct review_context *c, const struct review_by *by, struct str id, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    struct deleting d = {.id = id, .by = by, .now_unix_ms = c->now_unix_ms(), .a = a};
    TRY(store_write_freeing(c->store, delete_rows, &d, e));
    review__sweep_now(c, &d.blobs);
    events_wake(c->events);
    jobs_wake(c->jobs);
    return ERR_OK;
}

enum err review__file_used(const struct review_context *c, struct str key, bool *ret, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    if (!a) return error_no_memory(e);
    TRY(store_read(c->store, &tx, e));
    TRY(store_blob_in_use(tx, key, ret, e));
    if (*ret || key.n <= RANDOM_ID_CHARS) return ERR_OK;
    struct str of = str_sub(key, 0, RANDOM_ID_CHARS),
               content = content_key(a, of); /* made anew, so its row names none */
    if (!content.p) return error_no_memory(e);
    return str_eq(content, key) ? store_blob_in_use(tx, of, ret, e) : ERR_OK;
}

enum err review__sweep(const struct review_context *c, struct str key, struct error *e)
{
    bool in_use = true;
    struct store_tx *tx = NULL;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    TRY(store_read(c->store, &tx, e));
    enum err err = store_blob_in_use(tx, key, &in_use, e);
    store_read_end(tx);
    if (err != ERR_OK || in_use) return err;
    struct str content = content_key(a, key);
    if (!content.p) return error_no_memory(e);
    TRY(blob_delete(c->blob, key, e));
    return blob_delete(c->blob, content, e);
}

/* --- handing out --- */

enum err review__has_file(const struct store_version *version, struct error *e)
{
    if (version->file_removed_unix_ms == 0) return ERR_OK;
    struct time_civil at = time_to_civil(version->file_removed_unix_ms);
    error_set_reason(e, ERR_CONFLICT, "file_removed",
                     "the file of this document was removed on %04d-%02d-%02d, as nobody had used it for a while",
                     at.year, at.month, at.day);
    return error_hint(e, "Its findings and decisions are kept. Upload the document again to go on with it.");
}

/* One whose file is there. */
static enum err version_of(const struct review_context *c, struct str id, struct arena *a, struct store_version *ret,
                           struct error *e)
{
    struct store_document row;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(c->store, &tx, e));
    TRY(store_document_find(tx, id, STR_EMPTY, a, &row, e));
    TRY(review__has_file(&row.version, e));
    *ret = row.version;
    return ERR_OK;
}

enum err documents_file(const struct review_context *c, struct str id, int *ret_fd, size_t *ret_size, struct error *e)
{
    struct store_version version;
    uint64_t size = 0;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    TRY(version_of(c, id, a, &version, e));
    TRY(blob_open_fd(c->blob, version.blob, ret_fd, &size, e));
    *ret_size = (size_t)size;
    return ERR_OK;
}

enum err review__version_read(const struct review_context *c, const struct store_version *version, struct arena *a,
                              struct doc **ret, struct error *e)
{
    struct str bytes;
    struct doc_read_options o = {.limits = c->limits, .reject_revisions_from = 0};
    TRY(review__has_file(version, e));
    TRY(blob_get(c->blob, a, version->blob, c->limits.max_file_bytes, &bytes, e));
    return doc_read(bytes, &o, ret, e);
}

static enum err content_anew(const struct review_context *c, const struct store_version *version, struct str key,
                             struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(CONTENT_MAX_BYTES);
    CLEANUP_ARENA struct arena *file = arena_new(SIZE_MAX);
    CLEANUP_DOC struct doc *doc = NULL;
    if (!file) return error_no_memory(e);
    TRY(review__version_read(c, version, file, &doc, e));
    TRY(model_json_content(doc, &b, e));
    TRY(sb_take(&b, a, ret, e));
    struct error ignored; /* it is shown all the same, and made anew again next time */
    if (blob_put_bytes(c->blob, key, *ret, &ignored) != ERR_OK) review__discard(c, key);
    return ERR_OK;
}

/* What was made at the upload knows of no proposals: they are put in as its last member. */
static enum err put_proposed(const struct store_version *version, struct str object, struct arena *a, struct str *ret,
                             struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(CONTENT_MAX_BYTES);
    struct json_out o = json_out_make(&b, false);
    if (object.n < 2 || object.p[object.n - 1] != '}')
        return error_set(e, ERR_INTERNAL, "the content of a document is no object");
    sb_str(&b, str_sub(object, 0, object.n - 1));
    SB_LIT(&b, ",\"proposed_sections\":");
    TRY(proposed_json(version, a, &o, e));
    SB_LIT(&b, "}");
    return sb_take(&b, a, ret, e);
}

enum err documents_json(const struct review_context *c, struct str id, enum documents_part part, struct arena *a,
                        struct str *ret, struct error *e)
{
    struct store_version version;
    struct str key, content;
    TRY(version_of(c, id, a, &version, e));
    key = content_key(a, version.id);
    if (!key.p) return error_no_memory(e);
    enum err err = blob_get(c->blob, a, key, CONTENT_MAX_BYTES, &content, e);
    if (err == ERR_NOT_FOUND) err = content_anew(c, &version, key, a, &content, e);
    if (err != ERR_OK) return err;
    if (part == DOCUMENTS_SECTIONS) TRY(model_json_sections(content, a, &content, e));
    return put_proposed(&version, content, a, ret, e);
}
