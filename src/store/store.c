/* Opening, the writer and the readers.
 *
 * The writer is one thread with one connection. It takes all that waits (at most GROUP_MAX), begins one transaction, runs each function in a savepoint, and
 * commits once: while the disk makes one commit durable the next group gathers, so 32 threads share an fsync and a lone one waits for its own only. A
 * function that fails is rolled back to its savepoint; where the database gave up the whole transaction (no space, no memory), all
 * of the group are told so, since nothing of theirs is there.
 * Readers are connections in a list; a snapshot takes one, or opens one more up to the maximum.
 * Rejected: a connection a thread for writing (they fail with "busy", or wait asleep; the replaced system lost five seconds to that); committing
 * each alone (as many fsyncs as changes); a leader among the callers instead of a thread (saves a switch, but then callers' stacks
 * and arenas are touched by whichever thread leads).
 * On a full disk what frees room is run once more on the reserve (reserve.c), after the log was taken over into the database.
 * Limits: one writer; a function that dawdles holds up everybody. */
#include "store/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/metrics.h"
#include "base/time.h"
#include "base/trace.h"
#include "store/schema_priv.h"
#include "store/store_priv.h"

#define GROUP_MAX     256
#define GATHER_NS_MAX 1000000
#define WRITER_STACK  ((size_t)1 << 20)

/* On the stack of the thread that waits. */
struct write {
    store_write_fn fn;
    void *ctx;
    struct error *e;
    enum err result;
    bool frees;             /* room: has a right to the reserve */
    struct trace_work work; /* what the thread that waits works for: so does fn */
    bool done;              /* guarded by the store's lock */
    struct lock_cond answered;
    struct write *next;
};

struct store {
    char *folder;
    int lock_fd; /* ours, or -1 */
    unsigned readers_max;
    struct store_tx *writer;       /* used by the writer's thread alone */
    struct store__reserve reserve; /* same, but its fd */
    pthread_t thread;
    bool has_thread;

    struct lock lock; /* guards what follows */
    struct lock_cond wanted;
    struct write *first, **last; /* what waits to be written */
    size_t waiting;              /* how many */
    bool stopping;
    struct store_tx *idle; /* readers */
    unsigned readers;      /* idle and in use */
    struct lock_cond reader_back;

    struct { /* fed by any thread */
        struct metrics_histogram write, commit, read, wait;
        atomic_uint_fast64_t failed;
    } took;
};

static _Thread_local bool is_writer;

/* ---- Connections ---- */

static void tx_free(struct store_tx *tx)
{
    if (!tx) return;
    for (size_t i = 0; i < SQL_N; i++)
        store__drv_stmt_free(tx->statements[i]);
    store__drv_close(tx->drv);
    free(tx);
}

static enum err tx_new(struct store *s, bool writes, struct store_tx **ret, struct error *e)
{
    struct store_tx *tx = calloc(1, sizeof *tx);
    if (!tx) return error_no_memory(e);
    tx->store = s;
    tx->writes = writes;
    enum err err = store__drv_open(s->folder, writes, &tx->drv, e);
    if (err == ERR_OK)
        err = writes ? store__schema_prepare(tx->drv, s->folder, e) : store__drv_settle(tx->drv, s->folder, e);
    if (err == ERR_OK)
        *ret = tx;
    else
        tx_free(tx);
    return err;
}

/* ---- The writer ---- */

/* What fails now is of no more interest: the transaction is lost already. */
static void roll_back(struct store_tx *tx)
{
    struct error ignored;
    if (store__drv_in_transaction(tx->drv)) (void)!store__drv_step(tx->drv, DRV_ROLLBACK, &ignored);
}

/* Runs one in its savepoint. false: the whole transaction is lost. */
static bool run_one(struct store_tx *tx, struct write *w)
{
    w->result = store__drv_step(tx->drv, DRV_SAVE, w->e);
    if (w->result != ERR_OK) return false;
    trace_work_set(&w->work);
    w->result = w->fn(tx, w->ctx, w->e);
    trace_work_set(NULL);
    if (!store__drv_in_transaction(tx->drv)) return false;
    if (w->result == ERR_OK) {
        w->result = store__drv_step(tx->drv, DRV_RELEASE, w->e);
        return w->result == ERR_OK;
    }
    struct error ignored;
    return store__drv_step(tx->drv, DRV_UNDO, &ignored) == ERR_OK;
}

/* Everyone who believes to have succeeded has not, for this cause. */
static void fail_all(struct write *group, const struct error *cause)
{
    assert(cause->code != ERR_OK && "a transaction was lost without a cause");
    for (struct write *w = group; w; w = w->next) {
        if (w->result != ERR_OK) continue;
        w->result = cause->code;
        *w->e = *cause;
    }
}

static void run_group(struct store_tx *tx, struct write *group)
{
    struct error e = {0};
    bool changes = false;
    enum err err = store__drv_step(tx->drv, DRV_BEGIN_WRITE, &e);
    if (err != ERR_OK) {
        fail_all(group, &e);
        return;
    }
    for (struct write *w = group; w; w = w->next) {
        if (!run_one(tx, w)) {
            e = *store__drv_last(tx->drv);
            roll_back(tx);
            fail_all(group, &e);
            return;
        }
        changes = changes || w->result == ERR_OK;
    }
    if (changes) {
        err = store__drv_step(tx->drv, DRV_COMMIT, &e);
        if (err != ERR_OK) fail_all(group, &e);
    }
    roll_back(tx);
}

static bool is_full(const struct write *w)
{
    return w->result == ERR_STORAGE && strcmp(w->e->reason, "store_full") == 0;
}

/* Those who free room get another try, each alone and with the reserve. */
static void run_freeing(struct store *s, struct write *group)
{
    for (struct write *w = group, *next; w; w = next) {
        next = w->next;
        if (!w->frees || !is_full(w)) continue;
        store__reserve_release(&s->reserve);
        store__drv_fold_log(s->writer->drv);
        *w->e = (struct error){0};
        w->next = NULL;
        run_group(s->writer, w);
        w->next = next;
    }
}

/* Takes what waits, in its order; how many in *ret_n. */
static struct write *take_group(struct store *s, size_t *ret_n) REQUIRES_LOCK(s->lock)
{
    struct write *group = s->first, *end = group;
    size_t n = 1;
    for (; end && end->next && n < GROUP_MAX; n++)
        end = end->next;
    if (!end) return NULL;
    s->first = end->next;
    if (!s->first) s->last = &s->first;
    end->next = NULL;
    s->waiting -= n;
    *ret_n = n;
    return group;
}

/* Those who were just answered may want to write again at once. Without a moment for them they would come too late for this commit, and half of
 * the threads would always wait for two. The moment is short beside what the commit before took, and over when as many are there as were in it. */
static void gather(struct store *s, size_t n, int64_t took_ns) REQUIRES_LOCK(s->lock)
{
    int64_t moment_ns = took_ns / 8 < GATHER_NS_MAX ? took_ns / 8 : GATHER_NS_MAX;
    int64_t until = time_monotonic_ns() + moment_ns;
    while (s->waiting < n && !s->stopping)
        if (!lock_cond_wait_until(&s->wanted, &s->lock, until)) break;
}

/* Those of the group are gone with their stacks as soon as the lock is given back. */
static void answer(struct write *group)
{
    for (struct write *w = group, *next; w; w = next) {
        next = w->next;
        w->done = true;
        lock_cond_signal(&w->answered);
    }
}

static void *write_on(void *ctx)
{
    struct store *s = ctx;
    size_t n = 0;
    is_writer = true;
    lock_take(&s->lock);
    for (;;) {
        struct write *group = take_group(s, &n);
        if (!group && s->stopping) break;
        if (!group) {
            lock_cond_wait(&s->wanted, &s->lock);
            continue;
        }
        lock_give(&s->lock);
        int64_t began = time_monotonic_ns();
        run_group(s->writer, group);
        run_freeing(s, group);
        store__reserve_renew(&s->reserve);
        int64_t took_ns = time_monotonic_ns() - began;
        metrics_observe(&s->took.commit, (uint64_t)took_ns / 1000);
        lock_take(&s->lock);
        answer(group);
        if (n > 1) gather(s, n + s->waiting, took_ns);
    }
    lock_give(&s->lock);
    return NULL;
}

static enum err write_and_wait(struct store *s, store_write_fn fn, void *ctx, bool frees, struct error *e)
{
    struct error own = {0};
    struct write w = {.fn = fn, .ctx = ctx, .e = e ? e : &own, .frees = frees, .work = trace_work_now()};
    int64_t began = time_monotonic_ns();
    assert(!is_writer && "a transaction within a transaction");
    lock_cond_init(&w.answered);
    lock_take(&s->lock);
    *s->last = &w;
    s->last = &w.next; // cppcheck-suppress autoVariables ; this function waits until w is out of the list
    s->waiting++;
    lock_cond_signal(&s->wanted);
    while (!w.done)
        lock_cond_wait(&w.answered, &s->lock);
    lock_give(&s->lock);
    lock_cond_done(&w.answered);
    metrics_observe(&s->took.write, (uint64_t)(time_monotonic_ns() - began) / 1000);
    if (w.result == ERR_STORAGE || w.result == ERR_INTERNAL || w.result == ERR_BUSY)
        atomic_fetch_add_explicit(&s->took.failed, 1, memory_order_relaxed);
    return w.result;
}

enum err store_write(struct store *s, store_write_fn fn, void *ctx, struct error *e)
{
    return write_and_wait(s, fn, ctx, false, e);
}

enum err store_write_freeing(struct store *s, store_write_fn fn, void *ctx, struct error *e)
{
    return write_and_wait(s, fn, ctx, true, e);
}

enum err store_room(const struct store *s, uint64_t bytes, struct error *e)
{
    if (fs_has_room(s->reserve.fd, bytes)) return ERR_OK;
    error_set_reason(e, ERR_STORAGE, "store_full",
                     "the server has too little space left on its disk for more documents");
    return error_hint(e,
                      "Delete documents that are no longer needed, or ask whoever runs the server to make room for its "
                      "data folder; what is there can still be read, decided and deleted.");
}

/* ---- Readers ---- */

/* An idle reader, or NULL and the right to open one. */
static struct store_tx *take_reader(struct store *s)
{
    lock_take(&s->lock);
    while (!s->idle && s->readers >= s->readers_max)
        lock_cond_wait(&s->reader_back, &s->lock);
    struct store_tx *tx = s->idle;
    if (tx)
        s->idle = tx->next;
    else
        s->readers++;
    lock_give(&s->lock);
    return tx;
}

/* tx NULL: the right alone. */
static void give_reader(struct store *s, struct store_tx *tx)
{
    lock_take(&s->lock);
    if (tx) {
        tx->next = s->idle;
        s->idle = tx;
    } else {
        s->readers--;
    }
    lock_cond_signal(&s->reader_back);
    lock_give(&s->lock);
}

enum err store_read(struct store *s, struct store_tx **ret, struct error *e)
{
    int64_t began = time_monotonic_ns();
    struct store_tx *tx = take_reader(s);
    metrics_observe(&s->took.wait, (uint64_t)(time_monotonic_ns() - began) / 1000);
    enum err err = tx ? ERR_OK : tx_new(s, false, &tx, e);
    if (err == ERR_OK) err = store__drv_step(tx->drv, DRV_BEGIN_READ, e);
    if (err == ERR_OK) {
        tx->began_ns = began;
        *ret = tx;
        return ERR_OK;
    }
    tx_free(tx);
    give_reader(s, NULL);
    return err;
}

void store_read_end(struct store_tx *tx)
{
    if (!tx) return;
    struct store *s = tx->store;
    struct error ignored;
    metrics_observe(&s->took.read, (uint64_t)(time_monotonic_ns() - tx->began_ns) / 1000);
    if (store__drv_in_transaction(tx->drv) && store__drv_step(tx->drv, DRV_COMMIT, &ignored) != ERR_OK) {
        /* in whatever state it is, nobody shall read with it again */
        tx_free(tx);
        tx = NULL;
    }
    give_reader(s, tx);
}

/* ---- Opening ---- */

static enum err start_writer(struct store *s, struct error *e)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return error_no_memory(e);
    int failed = pthread_attr_setstacksize(&attributes, WRITER_STACK);
    if (failed == 0) failed = pthread_create(&s->thread, &attributes, write_on, s);
    pthread_attr_destroy(&attributes);
    if (failed != 0) {
        error_set(e, ERR_LIMIT, "the writer of the store could not be started");
        return error_detail(e, "pthread_create: errno %d", failed);
    }
    s->has_thread = true;
    return ERR_OK;
}

/* A disk that is full already must not keep people from deleting. */
static enum err open_writer(struct store *s, struct error *e)
{
    store__reserve_open(&s->reserve, s->folder);
    enum err err = tx_new(s, true, &s->writer, e);
    if (err == ERR_STORAGE && store__reserve_release(&s->reserve)) err = tx_new(s, true, &s->writer, e);
    if (err == ERR_OK) store__reserve_renew(&s->reserve);
    return err;
}

/* The one who starts the server is told which folder; those who use it later are not. */
static enum err name_folder(const struct store *s, enum err err, struct error *e)
{
    if (err == ERR_OK || !s->folder || !e || strstr(e->message, s->folder) || error_is_no_memory(e)) return err;
    return error_prefix(e, "the data folder \"%s\"", s->folder);
}

enum err store_open(const struct store_options *options, struct store **ret, struct error *e)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s) return error_no_memory(e);
    lock_init(&s->lock, LOCK_RANK_STORE);
    lock_cond_init(&s->wanted);
    lock_cond_init(&s->reader_back);
    s->last = &s->first;
    s->lock_fd = s->reserve.fd = -1;
    s->readers_max = options->readers > 0 ? options->readers : 1;
    s->folder = strdup(options->folder);
    enum err err = s->folder ? ERR_OK : error_no_memory(e);
    if (err == ERR_OK && options->lock_fd < 0) err = store_lock_take(s->folder, &s->lock_fd, e);
    if (err == ERR_OK) err = open_writer(s, e);
    if (err == ERR_OK) err = start_writer(s, e);
    err = name_folder(s, err, e);
    if (err == ERR_OK)
        *ret = s;
    else
        store_close(s);
    return err;
}

void store_close(struct store *s)
{
    if (!s) return;
    lock_take(&s->lock);
    s->stopping = true;
    lock_cond_signal(&s->wanted);
    lock_give(&s->lock);
    if (s->has_thread) pthread_join(s->thread, NULL);
    assert(!s->first && "the store was closed under a writer");
    while (s->idle) {
        struct store_tx *tx = s->idle;
        s->idle = tx->next;
        s->readers--;
        tx_free(tx);
    }
    assert(s->readers == 0 && "the store was closed under a reader");
    tx_free(s->writer);
    store__reserve_close(&s->reserve);
    store__lock_give(s->lock_fd);
    lock_cond_done(&s->reader_back);
    lock_cond_done(&s->wanted);
    lock_done(&s->lock);
    free(s->folder);
    free(s);
}

/* ---- Counts ---- */

void store_metrics(struct store *s, struct sb *out)
{
    static const char times[] = "prism_store_seconds";
    const struct {
        struct metrics_label label;
        const struct metrics_histogram *h;
    } rows[] = {{{"operation", STR("write")}, &s->took.write},
                {{"operation", STR("commit")}, &s->took.commit},
                {{"operation", STR("read")}, &s->took.read},
                {{"operation", STR("reader_wait")}, &s->took.wait}};
    lock_take(&s->lock);
    size_t waiting = s->waiting, readers = s->readers;
    for (const struct store_tx *tx = s->idle; tx; tx = tx->next)
        readers--;
    lock_give(&s->lock);
    metrics_family(
        out, times, METRICS_HISTOGRAM,
        "write: a change, from being asked for to being on disk; commit: the writer's work on a group of changes; "
        "read: a snapshot in use; reader_wait: of that, waiting for a free reader.");
    for (size_t i = 0; i < STORE_COUNT(rows); i++)
        metrics_histogram_put(out, times, &rows[i].label, 1, rows[i].h);
    metrics_one(out, "prism_store_failed_total", METRICS_COUNTER,
                "Changes that failed for want of room, a broken disk or a busy store.",
                atomic_load_explicit(&s->took.failed, memory_order_relaxed));
    metrics_one(out, "prism_store_writes_waiting", METRICS_GAUGE, "Changes that wait for the writer.", waiting);
    metrics_one(out, "prism_store_readers", METRICS_GAUGE, "Snapshots in use.", readers);
    metrics_one(out, "prism_store_readers_max", METRICS_GAUGE, "Snapshots that there may be at once.", s->readers_max);
}

/* ---- Probe ---- */

static enum err touch(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)ctx;
    CLEANUP_QUERY struct store_query q = {0};
    TRY(store__query_begin(&q, tx, SQL_PROBE, e));
    return store__query_run(&q, NULL, e);
}

enum err store_probe(struct store *s, struct error *e)
{
    {
        CLEANUP_STORE_READ struct store_tx *tx = NULL;
        CLEANUP_QUERY struct store_query q = {0};
        TRY(store_read(s, &tx, e));
        TRY(store__query_begin(&q, tx, SQL_LAST_NUMBER, e));
        store__bind_str(&q, STR("probe"));
        TRY(store__query_one(&q, "counter", e));
    }
    return store_write(s, touch, NULL, e);
}
