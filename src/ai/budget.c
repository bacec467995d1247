/* What may be spent on models.
 * A sum of all and two tables, of persons and of documents, whose entries also stand in a list by use, so that the oldest can go when a table is
 * full. An entry that somebody has reserved from is pinned. Sums of a day are zeroed when they are looked at on another day: no timer.
 * What was reserved before midnight and ends after it counts for the new day; the store's books, which go by the beginning, may differ by that.
 * Rejected: asking the store each time (calls are settled on threads that must not wait); refusing what fits but for reservations (a hundred calls
 * that reserve 6 cents and cost one would close the day at noon). */
#include "ai/budget.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/time.h"

#define DAY_MS  ((int64_t)86400000)
#define BUCKETS 4096

struct ai_budget__entry {
    struct ai_budget__entry *next; /* of the same bucket */
    struct ai_budget__entry *newer, *older;
    int64_t used, held, day;
    uint32_t pins; /* reservations */
    struct str id; /* lies behind this */
};

struct table {
    struct ai_budget__entry *buckets[BUCKETS];
    struct ai_budget__entry *newest, *oldest;
    size_t n;
};

struct ai_budget {
    struct lock lock;
    struct ai_budget_limits limits;
    int64_t (*now_unix_ms)(void);
    struct ai_budget__entry all; /* guarded by lock, as all below; not in a table */
    struct table persons, documents;
};

/* --- tables --- */

static void unlink_use(struct table *t, struct ai_budget__entry *x)
{
    *(x->newer ? &x->newer->older : &t->newest) = x->older;
    *(x->older ? &x->older->newer : &t->oldest) = x->newer;
}

static void link_newest(struct table *t, struct ai_budget__entry *x)
{
    x->newer = NULL;
    x->older = t->newest;
    *(t->newest ? &t->newest->newer : &t->oldest) = x;
    t->newest = x;
}

static void oldest_drop(struct table *t)
{
    struct ai_budget__entry *x = t->oldest;
    while (x && x->pins > 0)
        x = x->newer;
    if (!x) return;
    struct ai_budget__entry **at = &t->buckets[str_hash(x->id) % BUCKETS];
    while (*at != x)
        at = &(*at)->next;
    *at = x->next;
    unlink_use(t, x);
    t->n--;
    free(x);
}

static struct ai_budget__entry *entry_find(struct table *t, struct str id)
{
    for (struct ai_budget__entry *x = t->buckets[str_hash(id) % BUCKETS]; x; x = x->next)
        if (str_eq(x->id, id)) return x;
    return NULL;
}

/* The entry, made when it is not there; NULL on no memory. */
static struct ai_budget__entry *entry_get(struct table *t, struct str id)
{
    struct ai_budget__entry *x = entry_find(t, id);
    if (x) {
        unlink_use(t, x);
        link_newest(t, x);
        return x;
    }
    x = calloc(1, sizeof *x + id.n);
    if (!x) return NULL;
    memcpy(x + 1, id.p, id.n);
    x->id = (struct str){(const char *)(x + 1), id.n};
    if (t->n >= AI_BUDGET_KEPT) oldest_drop(t);
    struct ai_budget__entry **bucket = &t->buckets[str_hash(id) % BUCKETS];
    x->next = *bucket;
    *bucket = x;
    link_newest(t, x);
    t->n++;
    return x;
}

static void table_free(struct table *t)
{
    for (struct ai_budget__entry *x = t->newest, *older = NULL; x; x = older) {
        assert(x->pins == 0 && "a reservation was not settled");
        older = x->older;
        free(x);
    }
}

/* --- the budgets --- */

enum err ai_budget_new(const struct ai_budget_limits *limits, int64_t (*now_unix_ms)(void), struct ai_budget **ret,
                       struct error *e)
{
    struct ai_budget *b = calloc(1, sizeof *b);
    if (!b) return error_no_memory(e);
    lock_init(&b->lock, LOCK_RANK_BUDGET);
    b->limits = *limits;
    b->now_unix_ms = now_unix_ms ? now_unix_ms : time_now_unix_ms;
    *ret = b;
    return ERR_OK;
}

void ai_budget_free(struct ai_budget *b)
{
    if (!b) return;
    table_free(&b->persons);
    table_free(&b->documents);
    lock_done(&b->lock);
    free(b);
}

static int64_t today(const struct ai_budget *b) { return b->now_unix_ms() / DAY_MS; }

static void renew(struct ai_budget__entry *x, int64_t day)
{
    if (x->day == day) return;
    x->day = day;
    x->used = 0;
}

/* Entries of what is asked for, the day's renewed; the one whose id is empty stays NULL. Of what has no entry: make, or NULL. false: no memory. */
static bool entries(struct ai_budget *b, struct str person, struct str document, bool make,
                    struct ai_budget__entry *ret[AI_BUDGET_KINDS])
{
    int64_t day = today(b);
    struct ai_budget__entry *(*get)(struct table *, struct str) = make ? entry_get : entry_find;
    ret[AI_BUDGET_DAY] = &b->all;
    ret[AI_BUDGET_PERSON] = person.n > 0 ? get(&b->persons, person) : NULL;
    ret[AI_BUDGET_DOCUMENT] = document.n > 0 ? get(&b->documents, document) : NULL;
    renew(&b->all, day);
    if (ret[AI_BUDGET_PERSON]) renew(ret[AI_BUDGET_PERSON], day);
    return !make || ((ret[AI_BUDGET_PERSON] || person.n == 0) && (ret[AI_BUDGET_DOCUMENT] || document.n == 0));
}

static int64_t limit_of(const struct ai_budget *b, enum ai_budget_kind kind)
{
    return kind == AI_BUDGET_DAY ? b->limits.day : kind == AI_BUDGET_PERSON ? b->limits.person : b->limits.document;
}

static enum err over(const struct ai_budget *b, enum ai_budget_kind kind, int64_t used, struct error *e)
{
    static const char *const whose[] = {"today's budget for models", "your budget of today for models",
                                        "this document's budget for models"};
    int64_t limit = limit_of(b, kind);
    int digits = limit < 1000000 ? 4 : 2;
    struct time_civil t = time_to_civil((today(b) + 1) * DAY_MS);
    char when[64] = "it does not open again by itself";
    if (kind != AI_BUDGET_DOCUMENT)
        (void)snprintf(when, sizeof when, "it opens again on %04d-%02d-%02d at 00:00 UTC", t.year, t.month, t.day);
    (void)error_set_reason(e, ERR_LIMIT, "over_budget", "%s has no room for this: %.*f of %.*f USD are spent; %s",
                           whose[kind], digits, (double)used / 1e6, digits, (double)limit / 1e6, when);
    return error_hint(e, "%s",
                      kind == AI_BUDGET_DOCUMENT
                          ? "Whoever runs this server can raise the budget of a document (PRISM_BUDGET_DOCUMENT)."
                          : "Try again then; whoever runs this server can raise the budget.");
}

/* Does so much fit? The narrowest budget speaks first. */
static enum err fits(const struct ai_budget *b, struct ai_budget__entry *const at[AI_BUDGET_KINDS], int64_t microusd,
                     struct error *e)
{
    bool later = false;
    for (size_t i = AI_BUDGET_KINDS; i-- > 0;) {
        enum ai_budget_kind kind = (enum ai_budget_kind)i;
        int64_t limit = limit_of(b, kind), used = at[kind] ? at[kind]->used : 0, held = at[kind] ? at[kind]->held : 0;
        if (limit <= 0) continue;
        if (used > limit || microusd > limit - used) return over(b, kind, used, e);
        later = later || held > limit - used - microusd;
    }
    if (!later) return ERR_OK;
    return error_set_reason(e, ERR_BUSY, "budget_reserved", "what calls that run have reserved leaves no room");
}

enum err ai_budget_load(struct ai_budget *b, enum ai_budget_kind kind, struct str id, int64_t microusd, struct error *e)
{
    struct ai_budget__entry *at[AI_BUDGET_KINDS];
    lock_take(&b->lock);
    bool ok =
        entries(b, kind == AI_BUDGET_PERSON ? id : STR_EMPTY, kind == AI_BUDGET_DOCUMENT ? id : STR_EMPTY, true, at);
    if (ok && at[kind]) at[kind]->used += microusd;
    lock_give(&b->lock);
    return ok ? ERR_OK : error_no_memory(e);
}

enum err ai_budget_check(struct ai_budget *b, struct str person, struct str document, int64_t microusd, struct error *e)
{
    struct ai_budget__entry *at[AI_BUDGET_KINDS];
    lock_take(&b->lock);
    (void)entries(b, person, document, false, at);
    enum err err = fits(b, at, microusd, e);
    lock_give(&b->lock);
    return err == ERR_BUSY ? ERR_OK : err;
}

enum err ai_budget_reserve(struct ai_budget *b, struct str person, struct str document, int64_t microusd,
                           struct ai_reserved *ret, struct error *e)
{
    struct ai_budget__entry *at[AI_BUDGET_KINDS];
    lock_take(&b->lock);
    enum err err = entries(b, person, document, true, at) ? fits(b, at, microusd, e) : error_no_memory(e);
    for (int kind = 0; err == ERR_OK && kind < AI_BUDGET_KINDS; kind++) {
        if (!at[kind]) continue;
        at[kind]->held += microusd;
        at[kind]->pins++;
    }
    lock_give(&b->lock);
    if (err == ERR_OK) *ret = (struct ai_reserved){at[AI_BUDGET_PERSON], at[AI_BUDGET_DOCUMENT], microusd, true};
    return err;
}

void ai_budget_settle(struct ai_budget *b, struct ai_reserved *held, int64_t microusd)
{
    if (!held->open) return;
    struct ai_budget__entry *at[] = {&b->all, held->person, held->document};
    lock_take(&b->lock);
    int64_t day = today(b);
    renew(&b->all, day);
    if (held->person) renew(held->person, day);
    for (int kind = 0; kind < AI_BUDGET_KINDS; kind++) {
        if (!at[kind]) continue;
        at[kind]->held -= held->microusd;
        at[kind]->used += microusd;
        at[kind]->pins--;
    }
    lock_give(&b->lock);
    *held = (struct ai_reserved){0};
}

struct ai_budget_state ai_budget_state(struct ai_budget *b, struct str person, struct str document)
{
    struct ai_budget__entry *at[AI_BUDGET_KINDS];
    lock_take(&b->lock);
    struct ai_budget_state s = {.limits = b->limits, .day_opens_unix_ms = (today(b) + 1) * DAY_MS};
    (void)entries(b, person, document, false, at);
    s.used.day = b->all.used;
    s.held.day = b->all.held;
    if (at[AI_BUDGET_PERSON]) {
        s.used.person = at[AI_BUDGET_PERSON]->used;
        s.held.person = at[AI_BUDGET_PERSON]->held;
    }
    if (at[AI_BUDGET_DOCUMENT]) {
        s.used.document = at[AI_BUDGET_DOCUMENT]->used;
        s.held.document = at[AI_BUDGET_DOCUMENT]->held;
    }
    lock_give(&b->lock);
    return s;
}
