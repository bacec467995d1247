/* Events. One thread reads what was committed, in the order of commits, and publishes it: so a page that has seen event 12 has seen all before it, and
 * a page that comes back with "12" is told exactly the rest. It reads the store and not what its callers remember, so a crash between a commit and
 * its publication loses nothing.
 * Rejected: publishing in the thread that has committed (two threads may overtake each other, and a page that reconnects between the two would miss one for ever).
 * What a page is told of findings is what they are when the event is read, so a replay ends in the same state, however late it comes.
 * Limits: "mine" is told from the owner of the document, the only one who can see it; JSON_MAX bytes a message, past that "reload". */
#include "review/events.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/time.h"
#include "bus/bus.h"
#include "review/entity_json.h"
#include "review/models.h"
#include "store/queries.h"

enum {
    JSON_MAX = 40000, /* below BUS_PAYLOAD_MAX and what one slow reader may leave waiting */
    BATCH = 64,       /* events a snapshot */
    ARENA_MAX = 64 << 20,
    LOOK_MS = 1000, /* another process on this store (one that takes over from another) wakes nobody here */
};

struct events {
    const struct review_context *context;
    pthread_t thread;
    struct lock lock;
    struct lock_cond cond;
    bool woken, stop; /* by lock */
    int64_t seq;      /* the thread's: published up to here */
};

/* --- one event as JSON --- */

static void put_head(struct json_out *o, const struct store_event *ev, struct str viewer)
{
    if (ev->seq > 0)
        json_out_i64(o, "seq", ev->seq);
    else
        json_out_null(o, "seq");
    json_out_str(o, "kind", ev->kind);
    json_out_time(o, "at", ev->at_unix_ms);
    json_out_begin_object(o, "by");
    json_out_str(o, "name", ev->by.n > 0 ? review_shown_name(ev->by_name) : STR("prism"));
    json_out_bool(o, "mine", ev->by.n > 0 && str_eq(ev->by, viewer));
    json_out_end_object(o);
    json_out_str(o, "document", ev->document_id);
    json_out_filled_or_null(o, "review", ev->review_id);
    json_out_raw(o, "data", ev->data.n > 0 ? ev->data : STR("{}"));
}

void events_json(struct json_out *o, const struct store_event *event, struct str viewer)
{
    json_out_begin_object(o, NULL);
    put_head(o, event, viewer);
    json_out_end_object(o);
}

struct live { /* one event being made for a page */
    struct store_tx *tx;
    const struct store_event *ev;
    struct str viewer;
    double folded_below;
    struct arena *a;
    struct store_review review; /* as it is now */
    bool has_review;
    struct store_export export;
    bool has_export;
    struct store_finding *findings;
    size_t n_findings;
    bool reload; /* findings are not told one by one */
};

/* What is not there any more is just not told. */
static enum err unless_gone(enum err err, bool *ret_there)
{
    *ret_there = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err find_findings(struct live *l, const struct json *data, struct error *e)
{
    const struct json *ids = json_get(data, "findings");
    double count = json_double(json_get(data, "count"), 0);
    size_t n = json_count(ids);
    l->reload = str_eq_c(l->ev->kind, "review.done") || str_eq_c(l->ev->kind, "review.rules_done") || count > (double)n;
    l->findings = NEW(l->a, struct store_finding, n);
    if (!l->findings) return error_no_memory(e);
    for (size_t i = 0; i < n && !l->reload; i++) {
        struct store_finding *f = &l->findings[l->n_findings];
        bool there = false;
        TRY(unless_gone(store_finding_find(l->tx, json_str(json_at(ids, i)), STR_EMPTY, l->a, f, e), &there));
        if (there && !f->deleted) l->n_findings++;
    }
    return ERR_OK;
}

static enum err find_all(struct live *l, struct error *e)
{
    const struct json *data = NULL;
    TRY(json_parse(l->a, l->ev->data.n > 0 ? l->ev->data : STR("{}"), &data, e));
    struct str export_id = json_str(json_get(data, "export"));
    if (l->ev->review_id.n > 0)
        TRY(unless_gone(store_review_find(l->tx, l->ev->review_id, STR_EMPTY, l->a, &l->review, e), &l->has_review));
    if (export_id.n > 0)
        TRY(unless_gone(store_export_find(l->tx, export_id, STR_EMPTY, l->a, &l->export, e), &l->has_export));
    return find_findings(l, data, e);
}

static void put_live(const struct live *l, struct sb *out, bool with_findings)
{
    struct json_out o = json_out_make(out, false);
    json_out_begin_object(&o, NULL);
    put_head(&o, l->ev, l->viewer);
    if (with_findings && !l->reload && l->n_findings > 0) {
        json_out_begin_array(&o, "findings");
        for (size_t i = 0; i < l->n_findings; i++)
            finding_json(&o, NULL, &l->findings[i], l->viewer, l->folded_below);
        json_out_end_array(&o);
    }
    if (l->reload || !with_findings) json_out_bool(&o, "reload", true);
    if (l->has_review) review_json(&o, "review_state", &l->review);
    if (l->has_export) export_entity_json(&o, "export", &l->export);
    json_out_end_object(&o);
}

static enum err make_live(const struct review_context *c, struct store_tx *tx, const struct store_event *ev,
                          struct str viewer, struct arena *a, struct str *ret, struct error *e)
{
    struct live l = {.tx = tx, .ev = ev, .viewer = viewer, .folded_below = models_folded_below(c), .a = a};
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    TRY(find_all(&l, e));
    put_live(&l, &b, true);
    if (b.n > JSON_MAX) {
        sb_reset(&b);
        put_live(&l, &b, false);
    }
    return sb_take(&b, a, ret, e);
}

/* --- messages --- */

struct str events_topic(struct arena *a, struct str document_id)
{
    return str_printf(a, "document/%.*s", STR_ARG(document_id));
}

bool events_parse(struct str payload, struct events_message *ret)
{
    struct str rest = payload;
    struct str seq = str_cut(rest, '\n', &rest);
    if (!rest.p) return false;
    struct str kind = str_cut(rest, '\n', &rest);
    if (!rest.p || kind.n == 0) return false;
    int64_t number = 0;
    if (str_to_i64(seq, 0, INT64_MAX, &number, NULL) != ERR_OK) return false;
    *ret = (struct events_message){number, kind, rest};
    return true;
}

static void publish(const struct review_context *c, struct arena *a, const struct store_event *ev, struct str json)
{
    struct str topic = events_topic(a, ev->document_id);
    struct str payload = str_printf(a, "%lld\n%.*s\n%.*s", (long long)ev->seq, STR_ARG(ev->kind), STR_ARG(json));
    if (topic.p && payload.p) bus_publish(c->bus, topic, payload);
}

void events_progress(const struct review_context *c, const struct store_review *review)
{
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct store_event ev = {.document_id = review->document_id,
                             .review_id = review->id,
                             .kind = STR("review.progress"),
                             .at_unix_ms = c->now_unix_ms()};
    struct live l = {.ev = &ev, .review = *review, .has_review = true};
    if (!a) return;
    put_live(&l, &b, true);
    if (sb_ok(&b)) publish(c, a, &ev, sb_view(&b));
}

void events_export_progress(const struct review_context *c, struct str document_id, const struct store_export *row)
{
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct store_event ev = {.document_id = document_id,
                             .review_id = row->review_id,
                             .kind = STR("export.progress"),
                             .at_unix_ms = c->now_unix_ms()};
    struct live l = {.ev = &ev, .export = *row, .has_export = true};
    if (!a) return;
    put_live(&l, &b, true);
    if (sb_ok(&b)) publish(c, a, &ev, sb_view(&b));
}

enum err events_append(struct store_tx *tx, const struct events_new_row *row, struct error *e)
{
    int64_t seq = 0;
    const struct store_event ev = {.document_id = row->document_id,
                                   .review_id = row->review_id.n > 0 ? row->review_id : STR(""),
                                   .kind = str_from_c(row->kind),
                                   .by = row->by.n > 0 ? row->by : STR(""),
                                   .at_unix_ms = row->at_unix_ms,
                                   .data = row->data.n > 0 ? row->data : STR("{}")};
    return store_event_append(tx, &ev, &seq, e);
}

enum err events_since(const struct review_context *c, struct str document_id, int64_t seq, size_t limit,
                      struct str viewer, struct arena *a, struct events_message **ret, size_t *ret_n, bool *ret_more,
                      struct error *e)
{
    struct store_event_list list = {0};
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(c->store, &tx, e));
    TRY(store_event_since(tx, document_id, seq, limit, a, &list, e));
    struct events_message *made = NEW(a, struct events_message, list.n);
    if (!made) return error_no_memory(e);
    for (size_t i = 0; i < list.n; i++) {
        made[i] = (struct events_message){.seq = list.at[i].seq, .kind = list.at[i].kind};
        TRY(make_live(c, tx, &list.at[i], viewer, a, &made[i].json, e));
    }
    *ret = made;
    *ret_n = list.n;
    *ret_more = list.more;
    return ERR_OK;
}

/* --- the publisher --- */

/* Who looks at a document: its owner. Of one that is gone, whoever deleted it. */
static enum err viewer_of(struct store_tx *tx, const struct store_event *ev, struct arena *a, struct str *ret,
                          struct error *e)
{
    struct str document_id;
    enum err err = store_owner_find(tx, STORE_THING_DOCUMENT, ev->document_id, a, &document_id, ret, NULL, e);
    if (err != ERR_NOT_FOUND) return err;
    *ret = ev->by;
    return ERR_OK;
}

static enum err publish_one(const struct review_context *c, struct store_tx *tx, const struct store_event *ev,
                            struct error *e)
{
    struct str viewer, json;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    if (!a) return error_no_memory(e);
    TRY(viewer_of(tx, ev, a, &viewer, e));
    TRY(make_live(c, tx, ev, viewer, a, &json, e));
    publish(c, a, ev, json);
    return ERR_OK;
}

static enum err publish_batch(struct events *ev, bool *ret_more, struct error *e)
{
    const struct review_context *c = ev->context;
    struct store_event_list list = {0};
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    if (!a) return error_no_memory(e);
    TRY(store_read(c->store, &tx, e));
    TRY(store_event_since(tx, STR_EMPTY, ev->seq, BATCH, a, &list, e));
    for (size_t i = 0; i < list.n; i++) {
        TRY(publish_one(c, tx, &list.at[i], e));
        ev->seq = list.at[i].seq;
    }
    *ret_more = list.more;
    return ERR_OK;
}

static bool wait_for_news(struct events *ev)
{
    lock_take(&ev->lock);
    int64_t until = time_monotonic_ns() + (int64_t)LOOK_MS * 1000000;
    while (!ev->woken && !ev->stop && lock_cond_wait_until(&ev->cond, &ev->lock, until))
        ;
    ev->woken = false;
    bool stop = ev->stop;
    lock_give(&ev->lock);
    return !stop;
}

static void *run(void *object)
{
    struct events *ev = object;
    while (wait_for_news(ev)) {
        bool more = true;
        struct error e = {0};
        while (more)
            if (publish_batch(ev, &more, &e) != ERR_OK) {
                log_warn("events_not_published", L_ERROR(&e)); /* looked at again soon: nothing is lost */
                more = false;
            }
    }
    return NULL;
}

enum err events_new(const struct review_context *context, struct events **ret, struct error *e)
{
    struct events *ev = calloc(1, sizeof *ev);
    if (!ev) return error_no_memory(e);
    struct store_tx *tx = NULL;
    ev->context = context;
    enum err err = store_read(context->store, &tx, e);
    if (err == ERR_OK) err = store_event_last(tx, STR_EMPTY, &ev->seq, e);
    store_read_end(tx);
    if (err != ERR_OK) {
        free(ev);
        return err;
    }
    lock_init(&ev->lock, LOCK_RANK_EVENTS);
    lock_cond_init(&ev->cond);
    if (pthread_create(&ev->thread, NULL, run, ev) != 0) {
        lock_cond_done(&ev->cond);
        lock_done(&ev->lock);
        free(ev);
        return error_set(e, ERR_LIMIT, "could not start the thread that publishes events");
    }
    *ret = ev;
    return ERR_OK;
}

void events_wake(struct events *ev)
{
    if (!ev) return;
    lock_take(&ev->lock);
    ev->woken = true;
    lock_cond_signal(&ev->cond);
    lock_give(&ev->lock);
}

void events_free(struct events *ev)
{
    if (!ev) return;
    lock_take(&ev->lock);
    ev->stop = true;
    lock_cond_signal(&ev->cond);
    lock_give(&ev->lock);
    (void)pthread_join(ev->thread, NULL);
    lock_cond_done(&ev->cond);
    lock_done(&ev->lock);
    free(ev);
}
