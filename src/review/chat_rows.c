/* The transactions of a talk. A question and the answer to be are one, so there is no question that nobody answers, nor an answer twice. */
#include "review/chat_rows.h"

#include "review/rows_priv.h"

enum { TALK_ROWS = 200 /* that a talk is read back, at most */ };

enum err chat_row_copy(const struct store_chat_message *row, struct arena *a, struct store_chat_message *ret,
                       struct error *e)
{
    struct store_chat_message made = *row;
    struct str *const texts[] = {&made.id,        &made.document_id, &made.by,      &made.text,
                                 &made.model,     &made.reason,      &made.message, &made.hint,
                                 &made.citations, &made.tools,       &made.context};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = str_dup(a, *texts[i]);
        if (!texts[i]->p) return error_no_memory(e);
    }
    *ret = made;
    return ERR_OK;
}

void chat_interrupted(struct error *e)
{
    error_set_reason(e, ERR_BUSY, "interrupted", "the server ended while this answer was being given");
    (void)error_hint(e, "What it had said is kept; ask again for the rest.");
}

/* --- asking --- */

struct add {
    const struct review_context *c;
    struct chat_rows_new *n;
    struct arena *a;
};

static enum err find(struct store_tx *tx, struct str document_id, struct str id, struct arena *a,
                     struct store_chat_message *ret, struct error *e)
{
    TRY(store_chat_find(tx, id, STR_EMPTY, a, ret, e));
    if (!ret->gone && str_eq(ret->document_id, document_id)) return ERR_OK;
    return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such message");
}

static enum err go_from(struct store_tx *tx, struct str document_id, int64_t seq, struct error *e)
{
    uint32_t n = 0;
    return store_chat_go(tx, document_id, seq, &n, e);
}

static enum err replace(struct store_tx *tx, struct add *w, struct error *e)
{
    struct store_chat_message old;
    if (w->n->replaces.n == 0) return ERR_OK;
    TRY(find(tx, w->n->document_id, w->n->replaces, w->a, &old, e));
    if (old.role != STORE_CHAT_PERSON)
        return error_set_reason(e, ERR_INVALID, "not_a_question", "only a question can be replaced by another");
    return go_from(tx, w->n->document_id, old.seq, e);
}

/* The question of the answer that is retried: the answer's context names it. */
static enum err retry(struct store_tx *tx, struct add *w, struct error *e)
{
    struct store_chat_message old;
    const struct json *context = NULL;
    TRY(find(tx, w->n->document_id, w->n->retried, w->a, &old, e));
    if (old.role != STORE_CHAT_MODEL)
        return error_set_reason(e, ERR_INVALID, "not_an_answer", "only an answer can be asked for again");
    TRY(json_parse(w->a, old.context, &context, e));
    TRY(find(tx, w->n->document_id, json_str(json_get(context, "question")), w->a, &w->n->question, e));
    return go_from(tx, w->n->document_id, old.seq, e);
}

static enum err check_room(struct store_tx *tx, struct str document_id, struct error *e)
{
    uint32_t n = 0;
    TRY(store_chat_count(tx, document_id, &n, e));
    if (n + 2 <= CHAT_MESSAGES_MAX) return ERR_OK;
    error_set_reason(e, ERR_CONFLICT, "chat_full", "there are %u messages about this document; the limit is %d", n,
                     CHAT_MESSAGES_MAX);
    return error_hint(e, "Clear the talk to begin a new one.");
}

static enum err new_row(struct add *w, enum store_chat_role role, struct store_chat_message *ret, struct error *e)
{
    struct str none = STR("");
    *ret = (struct store_chat_message){.document_id = w->n->document_id,
                                       .by = w->n->by->visitor,
                                       .role = role,
                                       .text = role == STORE_CHAT_PERSON ? w->n->text : none,
                                       .state = role == STORE_CHAT_PERSON ? STORE_DONE : STORE_RUNNING,
                                       .model = none,
                                       .reason = none,
                                       .message = none,
                                       .hint = none,
                                       .citations = STR("[]"),
                                       .tools = STR("[]"),
                                       .context = w->n->context,
                                       .created_unix_ms = w->c->now_unix_ms()};
    if (role == STORE_CHAT_PERSON) ret->finished_unix_ms = ret->created_unix_ms;
    if (role == STORE_CHAT_MODEL) {
        ret->context = str_printf(w->a, "{\"question\":\"%.*s\"}", STR_ARG(w->n->question.id));
        if (!ret->context.p) return error_no_memory(e);
    }
    return review__id(w->a, &ret->id, e);
}

static enum err add_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct add *w = ctx;
    struct chat_rows_new *n = w->n;
    if (n->retried.n > 0) {
        TRY(retry(tx, w, e));
    } else {
        TRY(replace(tx, w, e));
        TRY(check_room(tx, n->document_id, e));
        TRY(new_row(w, STORE_CHAT_PERSON, &n->question, e));
        TRY(store_chat_insert(tx, &n->question, &n->question.seq, e));
    }
    TRY(new_row(w, STORE_CHAT_MODEL, &n->answer, e));
    return store_chat_insert(tx, &n->answer, &n->answer.seq, e);
}

enum err chat_rows_add(const struct review_context *c, struct chat_rows_new *n, struct arena *a, struct error *e)
{
    struct add w = {c, n, a};
    return store_write(c->store, add_write, &w, e);
}

/* --- the answer --- */

static enum err update_write(struct store_tx *tx, void *ctx, struct error *e)
{
    bool changed = false;
    TRY(store_chat_update(tx, ctx, STORE_UNFINISHED, &changed, e));
    if (changed) return ERR_OK;
    return error_set_reason(e, ERR_CONFLICT, "stopped", "the answer is not there any more");
}

enum err chat_rows_update(const struct review_context *c, const struct store_chat_message *row, struct error *e)
{
    struct store_chat_message copy = *row;
    return store_write(c->store, update_write, &copy, e);
}

/* --- reading --- */

enum err chat_rows_find(const struct review_context *c, struct str document_id, struct str id, struct arena *a,
                        struct store_chat_message *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(c->store, &tx, e));
    return find(tx, document_id, id, a, ret, e);
}

static enum err summary_of(struct store_tx *tx, struct str document_id, struct arena *a, struct chat_talk *ret,
                           struct error *e)
{
    struct error why = {0};
    enum err err = store_chat_summary_get(tx, document_id, a, &ret->upto_seq, &ret->summary, &why);
    if (err == ERR_OK || err == ERR_NOT_FOUND) return ERR_OK;
    *e = why;
    return err;
}

enum err chat_rows_talk(const struct review_context *c, const struct store_chat_message *question, struct arena *a,
                        struct chat_talk *ret, struct error *e)
{
    struct store_chat_list list;
    int64_t after = question->seq - TALK_ROWS;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    *ret = (struct chat_talk){.n = 0};
    TRY(store_read(c->store, &tx, e));
    TRY(summary_of(tx, question->document_id, a, ret, e));
    if (after < ret->upto_seq) after = ret->upto_seq;
    TRY(store_chat_list(tx, question->document_id, after, 0, a, &list, e));
    while (list.n > 0 && list.at[list.n - 1].seq > question->seq)
        list.n--;
    ret->rows = list.at;
    ret->n = list.n;
    if (ret->n > 0 && ret->rows[ret->n - 1].seq == question->seq) return ERR_OK;
    return error_set_reason(e, ERR_CONFLICT, "stopped", "the question is not there any more");
}

/* --- the rest --- */

struct summary {
    struct str document_id, text;
    int64_t upto_seq;
};

static enum err summary_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct summary *s = ctx;
    return store_chat_summary_put(tx, s->document_id, s->upto_seq, s->text, e);
}

enum err chat_rows_summary(const struct review_context *c, struct str document_id, int64_t upto_seq, struct str text,
                           struct error *e)
{
    struct summary s = {document_id, text, upto_seq};
    return store_write(c->store, summary_write, &s, e);
}

static enum err clear_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct str *document_id = ctx;
    return store_chat_clear(tx, *document_id, e);
}

enum err chat_rows_clear(const struct review_context *c, struct str document_id, struct error *e)
{
    return store_write_freeing(c->store, clear_write, &document_id, e);
}

struct interrupt {
    int64_t now_unix_ms;
    struct arena *a;
    struct store_chat_list list;
};

static enum err interrupt_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct interrupt *w = ctx;
    struct error why = {0};
    chat_interrupted(&why);
    return store_chat_interrupt(tx, str_from_c(why.reason), str_from_c(why.message), str_from_c(why.hint),
                                w->now_unix_ms, w->a, &w->list, e);
}

enum err chat_rows_interrupt(const struct review_context *c, size_t *ret_n, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    struct interrupt w = {.now_unix_ms = c->now_unix_ms(), .a = a};
    TRY(store_write(c->store, interrupt_write, &w, e));
    *ret_n = w.list.n;
    return ERR_OK;
}
