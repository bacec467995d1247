/* The list of answers that are being given. It is short (max_answers), so it is walked. */
#include "review/chat_running.h"

#include <stdlib.h>

#include "base/time.h"

enum { ARENA_MAX = 1 << 30 };

void chat_running_drop(struct chat_running *t)
{
    chat_feed_free(t->w.feed);
    chat_stop_done(&t->w.stop);
    arena_free(t->w.a);
    free(t);
}

static void done_with(struct chat_running *t)
{
    struct chat *chat = t->chat;
    chat_running_drop(t);
    lock_take(&chat->lock);
    chat->alive--;
    lock_cond_broadcast(&chat->gone);
    lock_give(&chat->lock);
}

void chat_running_unref(struct chat_running *t)
{
    struct chat *chat = t->chat;
    lock_take(&chat->lock);
    bool last = --t->refs == 0;
    lock_give(&chat->lock);
    if (last) done_with(t);
}

/* Out of the list: who looks now finds its row. */
void chat_running_leave(struct chat_running *t)
{
    struct chat *chat = t->chat;
    lock_take(&chat->lock);
    for (struct chat_running **at = &chat->first; *at; at = &(*at)->next) {
        if (*at != t) continue;
        *at = t->next;
        chat->n--;
        break;
    }
    lock_cond_broadcast(&chat->gone);
    lock_give(&chat->lock);
}

/* With a reference; NULL: none is given. *ret_ready: it is in the store, and has a feed. */
struct chat_running *chat_running_find(struct chat *chat, struct str document_id, struct str visitor, bool *ret_ready)
{
    lock_take(&chat->lock);
    struct chat_running *t = chat->first;
    while (t && !(str_eq(t->w.document_id, document_id) && str_eq(t->w.visitor, visitor)))
        t = t->next;
    if (t) t->refs++;
    *ret_ready = t && t->id.n > 0;
    lock_give(&chat->lock);
    return t;
}

struct chat_running *chat_running_answer(struct chat *chat, struct str document_id, struct str id)
{
    lock_take(&chat->lock);
    struct chat_running *t = chat->first;
    while (t && !(t->id.n > 0 && str_eq(t->id, id) && str_eq(t->w.document_id, document_id)))
        t = t->next;
    if (t) t->refs++;
    lock_give(&chat->lock);
    return t;
}

static enum err running_already(struct error *e)
{
    error_set_reason(e, ERR_CONFLICT, "answer_running", "an answer is being given already");
    return error_hint(e, "Wait until it has ended, or stop it.");
}

enum err chat_running_enter(struct chat *chat, struct chat_running *t, struct error *e)
{
    lock_take(&chat->lock);
    bool stopping = chat->stopping, full = chat->n >= chat->o.max_answers, same = false;
    for (struct chat_running *other = chat->first; other; other = other->next)
        same = same || (str_eq(other->w.document_id, t->w.document_id) && str_eq(other->w.visitor, t->w.visitor));
    if (!stopping && !full && !same) {
        t->next = chat->first;
        chat->first = t;
        chat->n++;
        chat->alive++;
    }
    lock_give(&chat->lock);
    if (stopping) return error_set_reason(e, ERR_BUSY, "stopping", "the server is stopping; try again in a moment");
    if (same) return running_already(e);
    if (!full) return ERR_OK;
    error_set_reason(e, ERR_BUSY, "too_many_answers", "%zu answers are being given already", chat->o.max_answers);
    return error_hint(e, "Try again in a moment.");
}

enum err chat_running_new(struct chat *chat, const struct review_by *by, struct str document_id,
                          struct chat_running **ret, struct error *e)
{
    struct chat_running *t = calloc(1, sizeof *t);
    if (!t) return error_no_memory(e);
    t->chat = chat;
    t->refs = 1;
    t->w.c = chat->c;
    t->w.store_every_ms = chat->o.store_every_ms;
    t->w.work = trace_work_now();
    chat_stop_init(&t->w.stop);
    t->w.a = arena_new(ARENA_MAX);
    t->w.document_id = t->w.a ? str_dup(t->w.a, document_id) : STR_EMPTY;
    t->w.visitor = t->w.a ? str_dup(t->w.a, by->visitor) : STR_EMPTY;
    if (!t->w.document_id.p || !t->w.visitor.p) {
        chat_running_drop(t);
        return error_no_memory(e);
    }
    *ret = t;
    return ERR_OK;
}

/* Until it has left the list. */
bool chat_running_gone(struct chat *chat, const struct chat_running *t, int64_t timeout_ms)
{
    int64_t until = time_monotonic_ns() + timeout_ms * 1000000;
    bool there = true, in_time = true;
    lock_take(&chat->lock);
    while (in_time && there) {
        there = false;
        for (const struct chat_running *other = chat->first; other; other = other->next)
            there = there || other == t;
        if (there) in_time = lock_cond_wait_until(&chat->gone, &chat->lock, until);
    }
    lock_give(&chat->lock);
    return !there;
}

bool chat_running_none(struct chat *chat, int64_t timeout_ms)
{
    int64_t until = time_monotonic_ns() + timeout_ms * 1000000;
    lock_take(&chat->lock);
    chat->stopping = true;
    while (chat->alive > 0 && lock_cond_wait_until(&chat->gone, &chat->lock, until))
        ;
    bool none = chat->alive == 0;
    lock_give(&chat->lock);
    return none;
}

void chat_running_interrupt(struct chat *chat)
{
    for (;;) { /* one after the other: a stop is taken outside of the lock */
        lock_take(&chat->lock);
        struct chat_running *t = chat->first;
        while (t && atomic_load(&t->w.interrupted))
            t = t->next;
        if (t) {
            atomic_store(&t->w.interrupted, true);
            t->refs++;
        }
        lock_give(&chat->lock);
        if (!t) return;
        chat_stop_now(&t->w.stop);
        chat_running_unref(t);
    }
}
