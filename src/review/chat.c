/* Talks: which answers are being given, and what people do with them.
 * An answer that is given has a thread of its own: it waits for the model most of its time, and must not keep one of the pool's from others. How many there are is
 * bounded; nobody waits in a queue here, the router has one. The list of answers is what says that one runs: who asks takes a place in it first, so a person
 * who clicks twice asks once.
 * An answer leaves the list when its row says how it ended; who looks for it then finds the row.
 * Rejected: jobs of the store (an answer that is begun again after a crash says other words than the person has read; it is interrupted instead, and says so). */
#include "review/chat.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/utf8.h"
#include "review/chat_running.h"
#include "review/chat_view.h"
#include "review/models.h"
#include "review/rows_priv.h"

enum { ANSWERS_DEFAULT = 256, STORE_EVERY_MS = 2000, STOP_WAIT_MS = 30000, LIST_BYTES = 8 << 20, ARENA_MAX = 1 << 30 };

const struct review_context *chat_context(const struct chat *chat) { return chat->c; }

/* --- asking --- */

static enum err allowed(const struct review_context *c, struct str document_id, struct error *e)
{
    struct store_document document;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    if (!a) return error_no_memory(e);
    if (!c->models || !c->models->router) {
        error_set_reason(e, ERR_CONFLICT, "no_model", "no model is configured, so there is nobody to answer");
        return error_hint(e, "The operator can configure one: docs/models.md says how. The rules review without one.");
    }
    TRY(store_read(c->store, &tx, e));
    TRY(store_document_find(tx, document_id, STR_EMPTY, a, &document, e));
    TRY(review__has_file(&document.version, e));
    return models_may_send(c, &document, e);
}

static void *work(void *ctx)
{
    struct chat_running *t = ctx;
    chat_answer_give(&t->w);
    chat_running_leave(t);
    chat_feed_close(t->w.feed); /* who hears the end may ask the next question */
    chat_running_unref(t);
    return NULL;
}

static enum err start_thread(struct chat_running *t, struct error *e)
{
    pthread_t thread;
    pthread_attr_t attributes;
    int failed = pthread_attr_init(&attributes);
    if (!failed) failed = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (!failed) failed = pthread_create(&thread, &attributes, work, t);
    (void)pthread_attr_destroy(&attributes);
    if (!failed) return ERR_OK;
    error_set_reason(e, ERR_BUSY, "too_many_answers", "there is no thread for one more answer");
    return error_hint(e, "Try again in a moment.");
}

/* The row of an answer that nobody can give. */
static void give_up(struct chat_running *t, const struct error *why)
{
    struct error e = {0};
    struct store_chat_message row = t->w.row;
    row.state = STORE_FAILED;
    row.reason = str_from_c(why->reason[0] ? why->reason : error_code_name(why->code));
    row.message = str_from_c(why->message);
    row.hint = str_from_c(why->hint);
    row.finished_unix_ms = t->w.c->now_unix_ms();
    if (chat_rows_update(t->w.c, &row, &e) != ERR_OK)
        log_error("chat_not_stored", L_STR("message", row.id), L_ERROR(&e));
}

/* Its own thread has the entry from here on. */
static enum err launch(struct chat_running *t, const struct chat_sink *sink, struct error *e)
{
    struct chat *chat = t->chat;
    enum err err = chat_feed_new(&t->w.row, &t->w.feed, e);
    if (err == ERR_OK) {
        lock_take(&chat->lock);
        t->id = t->w.row.id;
        t->refs++; /* ours, until the sink is in */
        lock_give(&chat->lock);
        err = start_thread(t, e);
        if (err != ERR_OK) {
            lock_take(&chat->lock);
            t->id = STR_EMPTY;
            t->refs--;
            lock_give(&chat->lock);
        }
    }
    if (err != ERR_OK) {
        give_up(t, e);
        chat_running_leave(t);
        chat_running_unref(t);
        return err;
    }
    err = chat_feed_follow(t->w.feed, &t->w.question, STR_EMPTY, true, sink, e);
    chat_running_unref(t);
    return err;
}

static enum err begin(struct chat *chat, const struct chat_rows_new *asked, const struct chat_sink *sink,
                      struct error *e)
{
    struct chat_running *t = NULL;
    struct chat_rows_new rows = *asked;
    TRY(chat_running_new(chat, asked->by, asked->document_id, &t, e));
    enum err err = chat_running_enter(chat, t, e);
    if (err != ERR_OK) {
        chat_running_drop(t);
        return err;
    }
    err = chat_rows_add(chat->c, &rows, t->w.a, e);
    if (err == ERR_OK) err = chat_row_copy(&rows.question, t->w.a, &t->w.question, e);
    if (err == ERR_OK) err = chat_row_copy(&rows.answer, t->w.a, &t->w.row, e);
    if (err != ERR_OK) {
        chat_running_leave(t);
        chat_running_unref(t);
        return err;
    }
    return launch(t, sink, e);
}

/* What goes out again in one event: no control characters, which JSON blows up. */
static enum err check_text(const char *what, struct str text, size_t max, struct error *e)
{
    bool good = text.n <= max && utf8_valid(text);
    for (size_t i = 0; i < text.n && good; i++)
        good = (unsigned char)text.p[i] >= 0x20 || text.p[i] == '\n' || text.p[i] == '\r' || text.p[i] == '\t';
    if (good) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "bad_text", "%s has at most %zu bytes, and no control characters", what,
                            max);
}

static enum err check_question(const struct chat_question *q, struct error *e)
{
    if (str_trim(q->text).n == 0) return error_set_reason(e, ERR_INVALID, "bad_text", "the question has no text");
    TRY(check_text("a question", q->text, CHAT_TEXT_MAX, e));
    if (q->view.has_selection) TRY(check_text("a selection", q->view.selection.quote, CHAT_SELECTION_MAX, e));
    if (q->view.n_findings <= CHAT_FINDINGS_MAX) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "too_many", "a question is about at most %d findings", CHAT_FINDINGS_MAX);
}

enum err chat_ask(struct chat *chat, const struct review_by *by, const struct chat_question *q,
                  const struct chat_sink *sink, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    struct chat_rows_new rows = {.document_id = q->document_id, .by = by, .text = q->text, .replaces = q->replaces};
    if (!a) return error_no_memory(e);
    TRY(check_question(q, e));
    TRY(allowed(chat->c, q->document_id, e));
    TRY(chat_view_keep(chat->c, q->document_id, &q->view, a, &rows.context, e));
    return begin(chat, &rows, sink, e);
}

enum err chat_retry(struct chat *chat, const struct review_by *by, struct str document_id, struct str message_id,
                    const struct chat_sink *sink, struct error *e)
{
    const struct chat_rows_new rows = {.document_id = document_id, .by = by, .retried = message_id};
    TRY(allowed(chat->c, document_id, e));
    return begin(chat, &rows, sink, e);
}

/* --- following, stopping, clearing --- */

enum err chat_follow(struct chat *chat, struct str document_id, struct str message_id, struct str last,
                     const struct chat_sink *sink, struct error *e)
{
    struct store_chat_message row;
    struct chat_feed *feed = NULL;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    if (!a) return error_no_memory(e);
    struct chat_running *t = chat_running_answer(chat, document_id, message_id);
    if (t) {
        enum err err = chat_feed_follow(t->w.feed, NULL, last, true, sink, e);
        chat_running_unref(t);
        return err;
    }
    TRY(chat_rows_find(chat->c, document_id, message_id, a, &row, e));
    if (row.role != STORE_CHAT_MODEL)
        return error_set_reason(e, ERR_INVALID, "not_an_answer", "only an answer can be followed");
    TRY(chat_feed_new(&row, &feed, e));
    enum err err = chat_feed_follow(feed, NULL, last, false, sink, e);
    chat_feed_free(feed);
    return err;
}

enum err chat_stop(struct chat *chat, const struct review_by *by, struct str document_id, struct arena *a,
                   struct str *ret_stopped, struct error *e)
{
    bool ready;
    struct chat_running *t = chat_running_find(chat, document_id, by->visitor, &ready);
    *ret_stopped = STR_EMPTY;
    if (!t) return ERR_OK;
    chat_stop_now(&t->w.stop);
    bool gone = chat_running_gone(chat, t, STOP_WAIT_MS);
    struct str id = str_dup(a, t->w.row.id);
    chat_running_unref(t);
    if (!id.p) return error_no_memory(e);
    if (!gone) return error_set_reason(e, ERR_BUSY, "busy", "the answer is being stopped; try again in a moment");
    *ret_stopped = id;
    return ERR_OK;
}

enum err chat_clear(struct chat *chat, const struct review_by *by, struct str document_id, struct error *e)
{
    struct str stopped;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    if (!a) return error_no_memory(e);
    TRY(chat_stop(chat, by, document_id, a, &stopped, e));
    return chat_rows_clear(chat->c, document_id, e);
}

/* --- listing --- */

static void put_problem(struct json_out *o, const struct review_context *c, struct str document_id)
{
    struct error why = {0};
    chat_problem_json(o, "problem", allowed(c, document_id, &why) == ERR_OK ? NULL : &why);
}

static void put_limits(struct json_out *o)
{
    json_out_begin_object(o, "limits");
    json_out_u64(o, "max_text_bytes", CHAT_TEXT_MAX);
    json_out_u64(o, "max_messages", CHAT_MESSAGES_MAX);
    json_out_u64(o, "max_answer_bytes", CHAT_ANSWER_MAX);
    json_out_end_object(o);
}

static enum err read_page(struct chat *chat, struct str document_id, int64_t after, size_t limit, struct arena *a,
                          struct store_chat_list *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(chat->c->store, &tx, e));
    return store_chat_list(tx, document_id, after, limit + 1, a, ret, e);
}

enum err chat_list(struct chat *chat, const struct review_by *by, struct str document_id, int64_t after, size_t limit,
                   struct arena *a, struct json_out *o, struct error *e)
{
    struct store_chat_list list;
    struct store_chat_message live = {.id = STR_EMPTY};
    const struct review_context *c = chat->c;
    size_t bytes = 0, n = 0;
    bool ready;
    struct chat_running *t = chat_running_find(chat, document_id, by->visitor, &ready);
    enum err err = t && ready ? chat_feed_row(t->w.feed, a, &live, e) : ERR_OK;
    if (t) chat_running_unref(t);
    if (err != ERR_OK) return err;
    TRY(read_page(chat, document_id, after, limit, a, &list, e));
    json_out_begin_object(o, NULL);
    json_out_begin_array(o, "messages");
    for (; n < list.n && n < limit && (n == 0 || bytes < LIST_BYTES); n++) {
        const struct store_chat_message *row = &list.at[n];
        if (row->state == STORE_RUNNING && str_eq(row->id, live.id)) row = &live;
        chat_message_json(o, NULL, row, true);
        bytes += row->text.n + row->citations.n + row->tools.n;
    }
    json_out_end_array(o);
    if (n < list.n)
        json_out_i64(o, "next", list.at[n - 1].seq);
    else
        json_out_null(o, "next");
    json_out_filled_or_null(o, "running", live.id);
    json_out_filled_or_null(o, "model", c->models ? c->models->primary : STR_EMPTY);
    put_problem(o, c, document_id);
    put_limits(o);
    json_out_end_object(o);
    return ERR_OK;
}

/* --- up and down --- */

enum err chat_new(const struct review_context *context, const struct chat_options *options, struct chat **ret,
                  struct error *e)
{
    size_t n = 0;
    if (options->alone) {
        TRY(chat_rows_interrupt(context, &n, e));
        if (n > 0) log_warn("answers_interrupted", L_U64("answers", n));
    }
    struct chat *chat = calloc(1, sizeof *chat);
    if (!chat) return error_no_memory(e);
    chat->c = context;
    chat->o = *options;
    if (chat->o.max_answers == 0) chat->o.max_answers = ANSWERS_DEFAULT;
    if (chat->o.store_every_ms == 0) chat->o.store_every_ms = STORE_EVERY_MS;
    lock_init(&chat->lock, LOCK_RANK_CHAT);
    lock_cond_init(&chat->gone);
    *ret = chat;
    return ERR_OK;
}

bool chat_drain(struct chat *chat, int64_t timeout_ms) { return chat_running_none(chat, timeout_ms); }

void chat_end(struct chat *chat)
{
    if (!chat) return;
    (void)chat_running_none(chat, 0);
    chat_running_interrupt(chat);
    while (!chat_running_none(chat, 60000))
        log_warn("chat_waits", L_C("what", "answers that are being ended"));
}

void chat_free(struct chat *chat)
{
    if (!chat) return;
    chat_end(chat);
    lock_cond_done(&chat->gone);
    lock_done(&chat->lock);
    free(chat);
}
