/* The removal of what nobody uses: a thread that makes a pass every hour, and the pass.
 * Documents are taken one a transaction: deleting one with thousands of findings takes milliseconds, in which everybody's writes wait. Lists are
 * read from snapshots, LIST at a time, behind the last id, so one that must stay is not met again in the pass.
 * Rejected: a job in the queue (a pass would wait behind reviews, and needs no lease: it may run twice); looking at the times of files (they say when a file was
 * put, not when its document was used, and the replaced system's cron looked in the wrong folders besides). */
#include "review/retention.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "blob/blob.h"
#include "review/events.h"
#include "review/jobs.h"
#include "review/rows_priv.h"
#include "store/queries.h"

#define HOUR_MS   ((int64_t)3600 * 1000)
#define DAY_MS    (24 * HOUR_MS)
#define PASS_MS   HOUR_MS
#define ORPHAN_MS HOUR_MS /* than any upload takes until its rows are there */

enum { LIST = 100, ROWS = 500 };

int64_t retention_kept_until(const struct review_retention *r, const struct store_document *d)
{
    if (r->days == 0 || d->used_unix_ms == 0 || d->version.file_removed_unix_ms > 0) return 0;
    return d->used_unix_ms + (int64_t)r->days * DAY_MS;
}

/* --- being used --- */

struct use {
    struct str document_id;
    int64_t now_unix_ms;
};

static enum err use_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct use *u = ctx;
    return store_document_used(tx, u->document_id, u->now_unix_ms, e);
}

void retention_used(const struct review_context *c, struct str document_id, int64_t used_unix_ms)
{
    struct error ignored = {0};
    struct use u = {document_id, c->now_unix_ms()};
    if (u.now_unix_ms - used_unix_ms < HOUR_MS) return;
    if (store_write(c->store, use_write, &u, &ignored) != ERR_OK)
        log_warn("use_not_kept", L_STR("document", document_id), L_ERROR(&ignored));
}

/* --- a pass --- */

struct pass {
    const struct review_context *c;
    const atomic_bool *stop;
    struct store_retain r;
    struct retention_counts *counts;
};

static bool is_over(const struct pass *p) { return p->stop && atomic_load(p->stop); }

struct removal { /* one transaction */
    const struct pass *p;
    struct str id;
    struct arena *a;
    bool removed;
    struct str blob;
    struct store_keys blobs;
};

static enum err document_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct removal *w = ctx;
    const struct store_retain *r = &w->p->r;
    w->blobs = (struct store_keys){0};
    TRY(store_retain_document(tx, r, w->id, w->a, &w->removed, &w->blobs, e));
    if (!w->removed) return ERR_OK;
    TRY(review__sweep_later(tx, &w->blobs, r->now_unix_ms, w->a, e));
    return events_append(tx,
                         &(struct events_new_row){.document_id = w->id,
                                                  .kind = r->records ? "document.deleted" : "document.file_removed",
                                                  .at_unix_ms = r->now_unix_ms},
                         e);
}

/* With one file, which the job deletes if we do not. */
static enum err one_file(struct store_tx *tx, struct removal *w, struct error *e)
{
    w->blobs = (struct store_keys){&w->blob, w->removed && w->blob.n > 0};
    return review__sweep_later(tx, &w->blobs, w->p->r.now_unix_ms, w->a, e);
}

static enum err export_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct removal *w = ctx;
    w->blob = STR_EMPTY;
    TRY(store_retain_export(tx, &w->p->r, w->id, w->a, &w->removed, &w->blob, e));
    return one_file(tx, w, e);
}

static enum err guidelines_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct removal *w = ctx;
    w->blob = STR_EMPTY;
    TRY(store_retain_guideline(tx, &w->p->r, w->id, w->a, &w->removed, &w->blob, e));
    return one_file(tx, w, e);
}

/* A kind of thing with files: how those that may go are found, and how one goes. */
struct kind {
    enum err (*list)(struct store_tx *tx, const struct store_retain *r, struct str after, size_t limit, struct arena *a,
                     struct store_keys *ret, struct error *e);
    store_write_fn remove;
};

static enum err list_some(const struct pass *p, const struct kind *kind, struct str after, struct arena *a,
                          struct store_keys *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(p->c->store, &tx, e));
    return kind->list(tx, &p->r, after, LIST, a, ret, e);
}

/* after: copied out of the arena of the list before. */
static enum err remove_some(const struct pass *p, const struct kind *kind, char after[RANDOM_ID_CHARS + 1],
                            size_t *count, bool *ret_more, struct error *e)
{
    struct store_keys ids = {0};
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    TRY(list_some(p, kind, str_from_c(after), a, &ids, e));
    for (size_t i = 0; i < ids.n && !is_over(p); i++) {
        struct removal w = {.p = p, .id = ids.at[i], .a = a};
        TRY(store_write_freeing(p->c->store, kind->remove, &w, e));
        review__sweep_now(p->c, &w.blobs);
        *count += w.removed;
    }
    *ret_more = ids.n == LIST && !is_over(p);
    if (*ret_more) (void)snprintf(after, RANDOM_ID_CHARS + 1, "%.*s", STR_ARG(ids.at[LIST - 1]));
    return ERR_OK;
}

static enum err remove_all(const struct pass *p, const struct kind *kind, size_t *count, struct error *e)
{
    char after[RANDOM_ID_CHARS + 1] = "";
    for (bool more = !is_over(p); more;)
        TRY(remove_some(p, kind, after, count, &more, e));
    return ERR_OK;
}

/* --- rows without files --- */

struct rows { /* one transaction */
    int64_t before_unix_ms;
    struct store_keys keys;
};

static enum err calls_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct rows *w = ctx;
    return store_retain_calls_delete(tx, &w->keys, e);
}

static enum err events_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct rows *w = ctx;
    return store_retain_events_delete(tx, &w->keys, w->before_unix_ms, e);
}

static enum err forget(const struct pass *p, int64_t before_unix_ms,
                       enum err (*list)(struct store_tx *tx, int64_t before_unix_ms, size_t limit, struct arena *a,
                                        struct store_keys *ret, struct error *e),
                       store_write_fn remove, size_t *count, struct error *e)
{
    struct rows w = {.before_unix_ms = before_unix_ms};
    do {
        struct store_tx *tx = NULL;
        CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
        if (!a) return error_no_memory(e);
        TRY(store_read(p->c->store, &tx, e));
        enum err err = list(tx, before_unix_ms, ROWS, a, &w.keys, e);
        store_read_end(tx);
        if (err == ERR_OK && w.keys.n > 0) err = store_write_freeing(p->c->store, remove, &w, e);
        if (err != ERR_OK) return err;
        *count += w.keys.n;
    } while (w.keys.n == ROWS && !is_over(p));
    return ERR_OK;
}

/* Whole days, so that what budgets and people ask of a day is there or not. */
static int64_t books_before(const struct pass *p)
{
    int64_t days = p->c->retention.days > RETENTION_BOOKS_DAYS ? p->c->retention.days : RETENTION_BOOKS_DAYS;
    int64_t today = p->r.now_unix_ms - p->r.now_unix_ms % DAY_MS;
    return today - days * DAY_MS;
}

static enum err from_now_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct pass *p = ctx;
    return store_retain_from_now(tx, p->r.now_unix_ms, e);
}

static enum err remove_unused(struct pass *p, struct error *e)
{
    static const struct kind documents = {store_retain_documents, document_write};
    static const struct kind exports = {store_retain_exports, export_write};
    static const struct kind guidelines = {store_retain_guidelines, guidelines_write};
    struct retention_counts *n = p->counts;
    TRY(store_write_freeing(p->c->store, from_now_write, p, e));
    TRY(remove_all(p, &documents, &n->documents, e));
    TRY(remove_all(p, &exports, &n->exports, e));
    TRY(remove_all(p, &guidelines, &n->guidelines, e));
    if (is_over(p)) return ERR_OK;
    TRY(forget(p, books_before(p), store_retain_calls, calls_write, &n->calls, e));
    return forget(p, p->r.before_unix_ms, store_retain_events, events_write, &n->events, e);
}

/* --- files without rows --- */

static enum err orphan(void *ctx, const struct blob_found *found, struct error *e)
{
    const struct pass *p = ctx;
    bool used = false;
    if (is_over(p) || p->r.now_unix_ms - found->put_unix_ms < ORPHAN_MS) return ERR_OK;
    TRY(review__file_used(p->c, found->key, &used, e));
    if (used) return ERR_OK;
    TRY(blob_delete(p->c->blob, found->key, e));
    p->counts->orphans++;
    return ERR_OK;
}

static enum err shrink(const struct pass *p, struct error *e)
{
    for (bool more = true; more && !is_over(p);)
        TRY(store_shrink(p->c->store, &more, e));
    return ERR_OK;
}

enum err retention_pass(const struct review_context *c, const atomic_bool *stop, struct retention_counts *ret,
                        struct error *e)
{
    size_t temps = 0;
    int64_t now = c->now_unix_ms();
    struct pass p = {.c = c, .stop = stop, .counts = ret};
    *ret = (struct retention_counts){0};
    p.r = (struct store_retain){now - (int64_t)c->retention.days * DAY_MS, c->retention.records, now};
    if (c->retention.days > 0) TRY(remove_unused(&p, e));
    events_wake(c->events);
    jobs_wake(c->jobs);
    TRY(blob_walk(c->blob, orphan, &p, e));
    TRY(blob_sweep(c->blob, ORPHAN_MS, &temps, e));
    ret->orphans += temps;
    return shrink(&p, e);
}

/* --- the thread --- */

struct retention {
    const struct review_context *c;
    pthread_t thread;
    atomic_bool stop;
    struct lock lock;
    struct lock_cond wake;
    struct retention_state state; /* by lock */
};

static void add(struct retention_counts *sum, const struct retention_counts *n)
{
    sum->documents += n->documents;
    sum->exports += n->exports;
    sum->guidelines += n->guidelines;
    sum->calls += n->calls;
    sum->events += n->events;
    sum->orphans += n->orphans;
}

static void pass(struct retention *r)
{
    struct error e = {0};
    struct retention_counts n;
    int64_t began = time_monotonic_ns();
    enum err err = retention_pass(r->c, &r->stop, &n, &e);
    if (err != ERR_OK) log_warn("retention_failed", L_ERROR(&e));
    if (n.documents + n.exports + n.guidelines + n.calls + n.events + n.orphans > 0)
        log_info("retention", L_U64("documents", n.documents), L_U64("exports", n.exports),
                 L_U64("guidelines", n.guidelines), L_U64("model_calls", n.calls), L_U64("events", n.events),
                 L_U64("files_of_nothing", n.orphans), L_I64("took_ms", (time_monotonic_ns() - began) / 1000000));
    lock_take(&r->lock);
    add(&r->state.removed, &n);
    if (err == ERR_OK && !atomic_load(&r->stop)) r->state.passed_unix_ms = r->c->now_unix_ms();
    r->state.next_unix_ms = r->c->now_unix_ms() + PASS_MS;
    lock_give(&r->lock);
}

static void *work(void *object)
{
    struct retention *r = object;
    while (!atomic_load(&r->stop)) {
        pass(r);
        int64_t until = time_monotonic_ns() + PASS_MS * 1000000;
        lock_take(&r->lock);
        while (!atomic_load(&r->stop) && lock_cond_wait_until(&r->wake, &r->lock, until))
            ;
        lock_give(&r->lock);
    }
    return NULL;
}

static void release(struct retention *r)
{
    lock_cond_done(&r->wake);
    lock_done(&r->lock);
    free(r);
}

enum err retention_new(const struct review_context *context, struct retention **ret, struct error *e)
{
    struct retention *r = calloc(1, sizeof *r);
    if (!r) return error_no_memory(e);
    r->c = context;
    lock_init(&r->lock, LOCK_RANK_RETENTION);
    lock_cond_init(&r->wake);
    if (pthread_create(&r->thread, NULL, work, r) != 0) {
        release(r);
        return error_set(e, ERR_LIMIT, "could not start the thread that removes what nobody uses");
    }
    *ret = r;
    return ERR_OK;
}

void retention_free(struct retention *r)
{
    if (!r) return;
    lock_take(&r->lock);
    atomic_store(&r->stop, true);
    lock_cond_broadcast(&r->wake);
    lock_give(&r->lock);
    (void)pthread_join(r->thread, NULL);
    release(r);
}

struct retention_state retention_state(struct retention *r)
{
    lock_take(&r->lock);
    struct retention_state state = r->state;
    lock_give(&r->lock);
    return state;
}
