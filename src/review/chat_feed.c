/* The feed of an answer.
 * All that followers may have to be told again is kept as it goes out: texts of events are made once. Text alone is cut anew for each follower, from where
 * it was: "2:1534", the generation of the text and the UTF-16 code units that were seen. A generation begins when something that was sent is void
 * (another model begins anew), so nobody puts new words behind words of another answer.
 * A sink that takes nothing more (its reader is gone, or too slow) is let go at the next event; its reader comes back with the last id.
 * Rejected: the bus (a follower needs what was said before and then the rest without a gap, which is here under one lock).
 * Limits: chat_feed.h, CHAT_ANSWER_MAX. */
#include "review/chat_feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "review/chat_rows.h"

enum { EVENT_MAX = 60 << 10, ID_MAX = 48 }; /* what a stream takes as one event; of an id */

struct chat_feed {
    struct lock lock;              /* guards all that follows */
    struct arena *a;               /* of what follows; at most CHAT_FEED_MAX */
    struct store_chat_message row; /* as it was handed in; text, lists, state and end are below */
    struct sb text;
    size_t units;            /* of text */
    size_t kept, kept_units; /* that stand, whatever happens to this attempt */
    size_t kept_citations;
    unsigned generation; /* of the text */
    struct str model;
    bool asked;                                  /* a model was, since the feed is there */
    VEC(struct str) citations, tools, proposals; /* JSON of each; [n - 1] is number n */
    enum store_state state;
    struct error problem;
    bool has_problem;
    int64_t ended_unix_ms;
    bool ended, closed;
    struct chat_sink sinks[CHAT_FOLLOWERS_MAX];
    size_t n_sinks;
};

/* --- making --- */

static enum err take_lists(struct chat_feed *f, struct error *e)
{
    bool second = false;
    struct str item;
    struct chat_lists l = {.rest = f->row.citations};
    while (chat_lists_next(&l, &item, &second)) {
        struct str *to = VEC_PUSH(f->a, &f->citations);
        if (!to) return error_no_memory(e);
        *to = item;
    }
    l = (struct chat_lists){.rest = f->row.tools};
    while (chat_lists_next(&l, &item, &second)) {
        struct str *to = second ? VEC_PUSH(f->a, &f->proposals) : VEC_PUSH(f->a, &f->tools);
        if (!to) return error_no_memory(e);
        *to = item;
    }
    return ERR_OK;
}

static enum err copy_row(struct chat_feed *f, const struct store_chat_message *row, struct error *e)
{
    TRY(chat_row_copy(row, f->a, &f->row, e));
    sb_str(&f->text, f->row.text);
    f->units = utf8_utf16_len(f->row.text);
    f->model = f->row.model;
    f->state = row->state;
    f->ended = f->state != STORE_QUEUED && f->state != STORE_RUNNING;
    f->ended_unix_ms = row->finished_unix_ms;
    f->generation = chat_generation_of(f->row.tools);
    f->has_problem = row->reason.n > 0;
    if (f->has_problem) {
        error_set_reason(&f->problem, ERR_UPSTREAM, "x", "%.*s", STR_ARG(row->message));
        (void)error_hint(&f->problem, "%.*s", STR_ARG(row->hint));
        (void)snprintf(f->problem.reason, sizeof f->problem.reason, "%.*s", STR_ARG(row->reason));
    }
    TRY(take_lists(f, e));
    f->kept = f->text.n;
    f->kept_units = f->units;
    f->kept_citations = f->citations.n;
    return sb_ok(&f->text) ? ERR_OK : error_no_memory(e);
}

enum err chat_feed_new(const struct store_chat_message *row, struct chat_feed **ret, struct error *e)
{
    struct chat_feed *f = calloc(1, sizeof *f);
    if (!f) return error_no_memory(e);
    lock_init(&f->lock, LOCK_RANK_CHAT);
    f->text = (struct sb)SB_INIT(CHAT_ANSWER_MAX);
    f->a = arena_new(CHAT_FEED_MAX + CHAT_ANSWER_MAX);
    enum err err = f->a ? copy_row(f, row, e) : error_no_memory(e);
    if (err != ERR_OK) {
        chat_feed_free(f);
        return err;
    }
    *ret = f;
    return ERR_OK;
}

void chat_feed_free(struct chat_feed *f)
{
    if (!f) return;
    chat_feed_close(f);
    sb_done(&f->text);
    arena_free(f->a);
    lock_done(&f->lock);
    free(f);
}

/* --- events --- */

static void drop(struct chat_feed *f, size_t i)
{
    struct chat_sink s = f->sinks[i];
    f->sinks[i] = f->sinks[--f->n_sinks];
    s.close(s.ctx);
}

/* To one, or (NULL) to all. */
static void send(struct chat_feed *f, const struct chat_sink *one, const char *event, struct str id, struct sb *json)
{
    struct str data = sb_view(json);
    if (!sb_ok(json)) return; /* without memory it is as if the reader had lost the line: it comes back */
    if (one) {
        (void)one->send(one->ctx, event, id, data);
        return;
    }
    for (size_t i = f->n_sinks; i-- > 0;) {
        if (!f->sinks[i].send(f->sinks[i].ctx, event, id, data)) drop(f, i);
    }
}

static struct str id_of(const struct chat_feed *f, size_t units, char to[ID_MAX])
{
    int n = snprintf(to, ID_MAX, "%u:%zu", f->generation, units);
    return (struct str){to, (size_t)n};
}

static void send_item(struct chat_feed *f, const struct chat_sink *one, const char *event, struct str item)
{
    CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
    sb_str(&b, item);
    send(f, one, event, STR_EMPTY, &b);
}

static void send_model(struct chat_feed *f, const struct chat_sink *one)
{
    CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "model", f->model);
    json_out_end_object(&o);
    send(f, one, "begin", STR_EMPTY, &b);
}

/* Its id is where the text goes on, too: who loses the line right behind it comes back without the words that are void. */
static void send_restart(struct chat_feed *f, const struct chat_sink *one, size_t units, size_t citations,
                         const struct error *why)
{
    char id[ID_MAX];
    CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "model", f->model);
    json_out_u64(&o, "offset", units);
    json_out_u64(&o, "citations", citations);
    chat_problem_json(&o, "problem", why);
    json_out_end_object(&o);
    send(f, one, "restart", id_of(f, units, id), &b);
}

/* Text from byte at on, which is code unit units. */
static void send_text(struct chat_feed *f, const struct chat_sink *one, size_t at, size_t units)
{
    struct str text = sb_view(&f->text);
    while (at < text.n) {
        char id[ID_MAX];
        CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
        struct json_out o = json_out_make(&b, false);
        size_t end = text.n - at > CHAT_DELTA_MAX ? utf8_floor(text, at + CHAT_DELTA_MAX) : text.n;
        struct str piece = str_sub(text, at, end);
        json_out_begin_object(&o, NULL);
        json_out_u64(&o, "offset", units);
        json_out_str(&o, "text", piece);
        json_out_end_object(&o);
        units += utf8_utf16_len(piece);
        send(f, one, "delta", id_of(f, units, id), &b);
        at = end;
    }
}

static void send_end(struct chat_feed *f, const struct chat_sink *one)
{
    CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
    struct json_out o = json_out_make(&b, false);
    struct store_chat_message row = f->row;
    row.state = f->state;
    row.finished_unix_ms = f->ended_unix_ms;
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "id", row.id);
    chat_state_json(&o, f->state);
    json_out_str(&o, "model", f->model);
    chat_problem_json(&o, "problem", f->has_problem ? &f->problem : NULL);
    json_out_u64(&o, "length", f->units);
    json_out_time(&o, "finished_at", f->ended_unix_ms);
    json_out_end_object(&o);
    send(f, one, "end", STR_EMPTY, &b);
}

static void send_message(struct chat_feed *f, const struct chat_sink *one, const struct store_chat_message *question)
{
    CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
    struct json_out o = json_out_make(&b, false);
    struct store_chat_message row = f->row;
    row.state = f->state;
    row.model = f->model;
    row.finished_unix_ms = f->ended_unix_ms;
    json_out_begin_object(&o, NULL);
    if (question)
        chat_message_json(&o, "question", question, true);
    else
        json_out_null(&o, "question");
    chat_message_json(&o, "answer", &row, false);
    json_out_end_object(&o);
    send(f, one, "message", STR_EMPTY, &b);
}

/* --- following --- */

/* Where a reader goes on that has seen last; false: from the beginning. */
static bool parse_last(const struct chat_feed *f, struct str last, size_t *ret_at, size_t *ret_units)
{
    uint64_t generation = 0, units = 0;
    struct str rest = STR_EMPTY, first = str_cut(last, ':', &rest);
    *ret_at = *ret_units = 0;
    if (!rest.p || str_to_u64(first, 0, UINT32_MAX, &generation, NULL) != ERR_OK) return false;
    if (str_to_u64(rest, 0, f->units, &units, NULL) != ERR_OK || generation != f->generation) return false;
    *ret_at = utf8_from_utf16(sb_view(&f->text), (size_t)units);
    *ret_units = utf8_to_utf16(sb_view(&f->text), *ret_at);
    return true;
}

static void tell_all(struct chat_feed *f, const struct chat_sink *s, const struct store_chat_message *question,
                     struct str last)
{
    size_t at, units;
    bool goes_on = parse_last(f, last, &at, &units);
    send_message(f, s, question);
    if (f->model.n > 0) send_model(f, s);
    if (last.n > 0 && !goes_on) send_restart(f, s, 0, 0, NULL);
    for (size_t i = 0; i < f->citations.n; i++)
        send_item(f, s, "citation", f->citations.at[i]);
    for (size_t i = 0; i < f->tools.n; i++)
        send_item(f, s, "tool", f->tools.at[i]);
    for (size_t i = 0; i < f->proposals.n; i++)
        send_item(f, s, "proposal", f->proposals.at[i]);
    send_text(f, s, at, units);
}

enum err chat_feed_follow(struct chat_feed *f, const struct store_chat_message *question, struct str last, bool live,
                          const struct chat_sink *sink, struct error *e)
{
    CLEANUP_SB struct sb none = SB_INIT(8);
    SB_LIT(&none, "{}");
    lock_take(&f->lock);
    bool full = f->n_sinks == CHAT_FOLLOWERS_MAX;
    bool over = f->closed || !live;
    if (!full) {
        tell_all(f, sink, question, last);
        if (over && f->ended)
            send_end(f, sink);
        else if (over)
            send(f, sink, "reconnect", STR_EMPTY, &none);
        if (!over) f->sinks[f->n_sinks++] = *sink;
    }
    lock_give(&f->lock);
    if (full) return error_set_reason(e, ERR_BUSY, "too_busy", "too many follow this answer already");
    if (over) sink->close(sink->ctx);
    return ERR_OK;
}

/* --- the worker's --- */

enum err chat_feed_begin(struct chat_feed *f, struct str model, const struct error *why, struct error *e)
{
    lock_take(&f->lock);
    struct str copy = str_eq(f->model, model) ? f->model : str_dup(f->a, model);
    bool other = !str_eq(f->model, model) || !f->asked, fail = copy.p == NULL && model.n > 0;
    if (!fail) {
        f->model = copy;
        f->asked = true;
    }
    if (!fail && why) {
        f->text.n = f->kept;
        f->units = f->kept_units;
        if (f->citations.n > f->kept_citations) f->citations.n = f->kept_citations;
        f->generation++;
        send_restart(f, NULL, f->units, f->citations.n, why);
    } else if (!fail && other) {
        send_model(f, NULL);
    }
    lock_give(&f->lock);
    return fail ? error_no_memory(e) : ERR_OK;
}

void chat_feed_keep(struct chat_feed *f)
{
    lock_take(&f->lock);
    f->kept = f->text.n;
    f->kept_units = f->units;
    f->kept_citations = f->citations.n;
    lock_give(&f->lock);
}

enum err chat_feed_text(struct chat_feed *f, struct str text, struct error *e)
{
    lock_take(&f->lock);
    size_t room = CHAT_ANSWER_MAX - f->text.n, at = f->text.n, units = f->units;
    bool full = text.n > room;
    struct str fits = full ? str_sub(text, 0, utf8_floor(text, room)) : text;
    sb_str(&f->text, fits);
    bool ok = sb_ok(&f->text);
    if (ok) {
        f->units += utf8_utf16_len(fits);
        send_text(f, NULL, at, units);
    } else {
        f->text.failed = f->text.no_memory = false; /* nothing of it was added */
    }
    lock_give(&f->lock);
    if (!ok) return error_no_memory(e);
    return full ? error_set_reason(e, ERR_LIMIT, "answer_cut", "the answer has more than %zu KB", CHAT_ANSWER_MAX >> 10)
                : ERR_OK;
}

/* Makes b an item of the feed. */
static enum err keep_item(struct chat_feed *f, struct str *to, const char *event, struct sb *b, struct error *e)
{
    struct str kept;
    TRY(sb_take(b, f->a, &kept, e));
    *to = kept;
    send_item(f, NULL, event, kept);
    return ERR_OK;
}

enum err chat_feed_citation(struct chat_feed *f, size_t n, const struct chat_cited *at, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
    struct json_out o = json_out_make(&b, false);
    chat_citation_json(&o, n, at);
    lock_take(&f->lock);
    struct str *to = VEC_PUSH(f->a, &f->citations);
    enum err err = to ? keep_item(f, to, "citation", &b, e) : error_no_memory(e);
    if (err != ERR_OK && to) f->citations.n--;
    lock_give(&f->lock);
    return err;
}

enum err chat_feed_tool(struct chat_feed *f, size_t n, const struct chat_tool_note *note, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
    struct json_out o = json_out_make(&b, false);
    if (n > CHAT_TOOLS_MAX) return ERR_OK;
    chat_tool_json(&o, n, note);
    lock_take(&f->lock);
    bool is_new = n == f->tools.n + 1;
    struct str *to = is_new ? VEC_PUSH(f->a, &f->tools) : &f->tools.at[n - 1];
    enum err err = to ? keep_item(f, to, "tool", &b, e) : error_no_memory(e);
    if (err != ERR_OK && to && is_new) f->tools.n--;
    lock_give(&f->lock);
    return err;
}

enum err chat_feed_proposal(struct chat_feed *f, const struct chat_proposal *p, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(EVENT_MAX);
    struct json_out o = json_out_make(&b, false);
    lock_take(&f->lock);
    size_t n = f->proposals.n + 1;
    chat_proposal_json(&o, n, p);
    struct str *to = n <= CHAT_PROPOSALS_MAX ? VEC_PUSH(f->a, &f->proposals) : NULL;
    enum err err = to ? keep_item(f, to, "proposal", &b, e) : ERR_LIMIT;
    if (err != ERR_OK && to) f->proposals.n--;
    lock_give(&f->lock);
    if (n > CHAT_PROPOSALS_MAX)
        return error_set_reason(e, ERR_LIMIT, "too_many", "an answer may propose %d findings", CHAT_PROPOSALS_MAX);
    return to || err == ERR_OK ? err : error_no_memory(e);
}

void chat_feed_end(struct chat_feed *f, enum store_state state, const struct error *why, int64_t at_unix_ms)
{
    lock_take(&f->lock);
    f->state = state;
    f->ended = true;
    f->ended_unix_ms = at_unix_ms;
    f->has_problem = why != NULL;
    if (why) f->problem = *why;
    lock_give(&f->lock);
}

void chat_feed_close(struct chat_feed *f)
{
    lock_take(&f->lock);
    if (f->ended && !f->closed) send_end(f, NULL);
    f->closed = true;
    while (f->n_sinks > 0)
        drop(f, f->n_sinks - 1);
    lock_give(&f->lock);
}

static enum err row_of(struct chat_feed *f, struct arena *a, struct store_chat_message *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct store_chat_message row = f->row;
    row.model = f->model;
    row.state = f->state;
    row.finished_unix_ms = f->ended_unix_ms;
    row.text = sb_view(&f->text);
    row.reason =
        str_from_c(f->has_problem ? f->problem.reason[0] ? f->problem.reason : error_code_name(f->problem.code) : "");
    row.message = str_from_c(f->has_problem ? f->problem.message : "");
    row.hint = str_from_c(f->has_problem ? f->problem.hint : "");
    chat_list_put(&b, f->citations.at, f->citations.n);
    TRY(sb_take(&b, a, &row.citations, e));
    chat_tools_put(&b, f->generation, f->tools.at, f->tools.n, f->proposals.at, f->proposals.n);
    TRY(sb_take(&b, a, &row.tools, e));
    return chat_row_copy(&row, a, ret, e);
}

enum err chat_feed_row(struct chat_feed *f, struct arena *a, struct store_chat_message *ret, struct error *e)
{
    lock_take(&f->lock);
    enum err err = row_of(f, a, ret, e);
    lock_give(&f->lock);
    return err;
}

size_t chat_feed_bytes(struct chat_feed *f)
{
    lock_take(&f->lock);
    size_t n = f->text.n;
    lock_give(&f->lock);
    return n;
}
