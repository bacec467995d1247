/* The books are written behind the calls: a callback of the router may not wait for the disk.
 * Rejected: a write for each record (a review of sixty sections would be sixty transactions beside its findings), and writing when an answer is handed
 * over (what was cancelled or has failed costs too). */
#include "review/usage.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "store/queries.h"

enum { BATCH = 256, AGAIN_MS = 1000, TRIES_AT_END = 3, TEXTS = 6 };
#define TOKENS_MAX ((uint64_t)1 << 40)
#define DAY_MS     ((int64_t)24 * 60 * 60 * 1000)

struct waiting { /* a record, and its texts behind it */
    struct waiting *next;
    char id[RANDOM_ID_CHARS + 1];
    struct store_model_call row;
};

struct usage {
    struct store *store;
    pthread_t thread;
    struct lock lock; /* guards all that follows */
    struct lock_cond cond;
    struct waiting *first, **last;
    size_t n;
    uint64_t lost; /* since it was said */
    bool stop;
};

/* --- handing in --- */

_Static_assert((int)AI_FOR_CHAT == STORE_FOR_CHAT && (int)AI_FOR_REVIEW == STORE_FOR_REVIEW &&
                   (int)AI_FOR_CHECK == STORE_FOR_CHECK,
               "purposes are stored");

/* What a server says may be nonsense; sums over it must not overflow. */
static uint64_t count(uint64_t n) { return n < TOKENS_MAX ? n : TOKENS_MAX; }

static struct waiting *copy(const struct ai_record *r)
{
    const struct str texts[TEXTS] = {r->person, r->document, r->review, r->model, r->asked_model, r->outcome};
    size_t bytes = 0;
    for (size_t i = 0; i < TEXTS; i++)
        bytes += texts[i].n;
    struct waiting *w = malloc(sizeof *w + bytes);
    if (!w) return NULL;
    char *to = (char *)(w + 1);
    struct str copies[TEXTS];
    for (size_t i = 0; i < TEXTS; i++) {
        copies[i] = (struct str){to, texts[i].n};
        if (texts[i].n) memcpy(to, texts[i].p, texts[i].n);
        to += texts[i].n;
    }
    random_id(w->id);
    w->next = NULL;
    w->row = (struct store_model_call){
        .id = {w->id, RANDOM_ID_CHARS},
        .at_unix_ms = r->at_unix_ms,
        .person = copies[0],
        .document_id = copies[1],
        .review_id = copies[2],
        .purpose = (enum store_purpose)r->purpose,
        .model = copies[3],
        .asked_model = copies[4],
        .outcome = copies[5],
        .tokens_in = count(r->usage.in),
        .tokens_out = count(r->usage.out),
        .cache_read = count(r->usage.cache_read),
        .cache_write = count(r->usage.cache_write),
        .queue_ms = r->queue_ms,
        .first_token_ms = r->first_token_ms,
        .whole_ms = r->whole_ms,
        .cost_microusd = r->cost_microusd,
        .priced = r->priced,
        .estimated = r->estimated,
    };
    return w;
}

void usage_record(void *ctx, const struct ai_record *r)
{
    struct usage *u = ctx;
    struct waiting *w = copy(r);
    lock_take(&u->lock);
    bool fits = w && u->n < USAGE_WAITING_MAX;
    if (fits) {
        *u->last = w;
        u->last = &w->next;
        u->n++;
    } else {
        u->lost++;
    }
    lock_cond_signal(&u->cond);
    lock_give(&u->lock);
    if (!fits) free(w);
}

/* --- writing --- */

struct batch {
    struct store_model_call rows[BATCH];
    size_t n;
};

static enum err write_batch(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct batch *b = ctx;
    return store_model_call_insert(tx, b->rows, b->n, e);
}

/* The first that wait; they stay until they were written. */
static void gather(struct usage *u, struct batch *b)
{
    lock_take(&u->lock);
    b->n = 0;
    for (struct waiting *w = u->first; w && b->n < BATCH; w = w->next)
        b->rows[b->n++] = w->row;
    lock_give(&u->lock);
}

static void drop(struct usage *u, size_t n)
{
    while (n-- > 0) {
        lock_take(&u->lock);
        struct waiting *w = u->first;
        u->first = w->next;
        if (!u->first) u->last = &u->first;
        u->n--;
        lock_give(&u->lock);
        free(w);
    }
}

static void say_lost(struct usage *u)
{
    lock_take(&u->lock);
    uint64_t lost = u->lost;
    u->lost = 0;
    lock_give(&u->lock);
    if (lost) log_error("usage_lost", L_U64("calls", lost));
}

/* false: the store does not take them now. */
static bool write_all(struct usage *u)
{
    struct batch b;
    struct error e = {0};
    say_lost(u);
    for (gather(u, &b); b.n > 0; gather(u, &b)) {
        if (store_write(u->store, write_batch, &b, &e) != ERR_OK) {
            log_warn("usage_not_written", L_ERROR(&e)); /* tried again soon */
            return false;
        }
        drop(u, b.n);
    }
    return true;
}

/* Until there is something to write; after a failure, a while. false: it is over. */
static bool wait(struct usage *u, bool failed)
{
    lock_take(&u->lock);
    int64_t until = time_monotonic_ns() + (int64_t)AGAIN_MS * 1000000;
    bool in_time = true;
    while (!u->stop && in_time && (failed || (!u->first && !u->lost))) {
        if (failed)
            in_time = lock_cond_wait_until(&u->cond, &u->lock, until);
        else
            lock_cond_wait(&u->cond, &u->lock);
    }
    bool stop = u->stop;
    lock_give(&u->lock);
    return !stop;
}

static void *run(void *object)
{
    struct usage *u = object;
    bool written = true;
    while (wait(u, !written))
        written = write_all(u);
    return NULL;
}

enum err usage_new(struct store *store, struct usage **ret, struct error *e)
{
    struct usage *u = calloc(1, sizeof *u);
    if (!u) return error_no_memory(e);
    u->store = store;
    u->last = &u->first;
    lock_init(&u->lock, LOCK_RANK_USAGE);
    lock_cond_init(&u->cond);
    if (pthread_create(&u->thread, NULL, run, u) != 0) {
        lock_cond_done(&u->cond);
        lock_done(&u->lock);
        free(u);
        return error_set(e, ERR_LIMIT, "could not start the thread that writes what models cost");
    }
    *ret = u;
    return ERR_OK;
}

void usage_free(struct usage *u)
{
    if (!u) return;
    lock_take(&u->lock);
    u->stop = true;
    lock_cond_signal(&u->cond);
    lock_give(&u->lock);
    (void)pthread_join(u->thread, NULL);
    for (int i = 0; i < TRIES_AT_END && !write_all(u); i++)
        ;
    u->lost += u->n;
    drop(u, u->n);
    say_lost(u);
    lock_cond_done(&u->cond);
    lock_done(&u->lock);
    free(u);
}

/* --- budgets --- */

static enum err load(struct ai_budget *budget, enum ai_budget_kind kind, const struct store_spent_list *list,
                     struct error *e)
{
    for (size_t i = 0; i < list->n; i++)
        TRY(ai_budget_load(budget, kind, list->at[i].id, list->at[i].microusd, e));
    return ERR_OK;
}

enum err usage_load(struct store *store, struct ai_budget *budget, int64_t now_unix_ms, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)256 << 20);
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    struct store_spent_list persons = {0}, documents = {0};
    int64_t day = now_unix_ms - now_unix_ms % DAY_MS, all = 0;
    if (!a) return error_no_memory(e);
    TRY(store_read(store, &tx, e));
    TRY(store_model_spent(tx, day, &all, e));
    TRY(store_model_spent_by_person(tx, day, a, &persons, e));
    TRY(store_model_spent_on_documents(tx, a, &documents, e));
    TRY(ai_budget_load(budget, AI_BUDGET_DAY, STR_EMPTY, all, e));
    TRY(load(budget, AI_BUDGET_PERSON, &persons, e));
    return load(budget, AI_BUDGET_DOCUMENT, &documents, e);
}
