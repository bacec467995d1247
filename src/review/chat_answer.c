/* Giving an answer.
 *
 *   rows, file -> prompt -> call -> text -> citations found -> feed, row
 *                  ^          |
 *                  '- tools <-'   at most CHAT_TOOL_ROUNDS times
 *
 * What a model says in a round stands when the round has ended well; an attempt that breaks off takes its words back, visibly, when another begins
 * (chat_feed_begin). When none does, the words stay and the answer says that it failed.
 * The request is made once; each round puts what the model said and what its tools gave behind it, so the prefix is the same and comes from the provider's
 * cache.
 * No extended thinking here: its budget is for reviews, and a person waits.
 * Limits: CHAT_ANSWER_MAX bytes of text, rounds, what each tool gives (chat_tools.c). Memory: the document as it was read, for as long as the answer is given. */
#include "review/chat_answer.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"
#include "base/utf8.h"
#include "doc/read.h"
#include "review/chat_prompt.h"
#include "review/chat_view.h"

#define TICK_MS 250

struct giving {
    struct chat_answer *w;
    struct arena *a; /* of this thread, for the whole answer */
    struct chat_prompt prompt;
    struct chat_cite cite;
    size_t cited;      /* citations that were told */
    size_t cited_kept; /* that stand, whatever happens to this attempt */
    struct sb raw;     /* what the model says in this round */
    struct sb held;    /* of it: what may be half a placeholder */
    bool gap;          /* text stands already: new text begins a paragraph */
    bool gap_put;
    size_t tools;      /* calls so far */
    int64_t stored_ns; /* when the row was written */
    size_t stored_bytes;
};

/* --- text --- */

static enum err tell_text(struct giving *g, struct sb *out, struct error *e)
{
    for (; g->cited < g->cite.found.n; g->cited++)
        TRY(chat_feed_citation(g->w->feed, g->cited + 1, &g->cite.found.at[g->cited], e));
    if (out->n == 0) return ERR_OK;
    if (g->gap && !g->gap_put) TRY(chat_feed_text(g->w->feed, STR("\n\n"), e));
    g->gap_put = true;
    return chat_feed_text(g->w->feed, sb_view(out), e);
}

static enum err on_begin(void *ctx, struct str model, const struct error *why, struct error *e)
{
    struct giving *g = ctx;
    if (why) {
        sb_reset(&g->raw);
        sb_reset(&g->held);
        chat_cite_back(&g->cite, g->cited_kept);
        g->cited = g->cited_kept;
        g->gap_put = false;
    }
    return chat_feed_begin(g->w->feed, model, why, e);
}

/* What the model says, in words of the document. last: nothing more comes. */
static enum err put_text(struct giving *g, struct str text, bool last, struct error *e)
{
    CLEANUP_SB struct sb out = SB_INIT(4 * CHAT_ANSWER_MAX);
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    struct str plain;
    if (!scratch) return error_no_memory(e);
    sb_str(&g->held, text);
    if (!sb_ok(&g->held)) return error_no_memory(e);
    size_t ready = last ? g->held.n : chat_prompt_ready(&g->prompt, sb_view(&g->held));
    TRY(chat_prompt_back(&g->prompt, str_sub(sb_view(&g->held), 0, ready), scratch, &plain, e));
    TRY(chat_cite_feed(&g->cite, plain, &out, e));
    if (last) TRY(chat_cite_end(&g->cite, &out, e));
    g->held.n -= ready;
    if (g->held.n > 0) memmove(g->held.p, g->held.p + ready, g->held.n);
    return tell_text(g, &out, e);
}

static enum err on_text(void *ctx, struct str text, struct error *e)
{
    struct giving *g = ctx;
    sb_str(&g->raw, text);
    if (g->raw.no_memory) return error_no_memory(e);
    return put_text(g, text, false, e);
}

/* --- the row --- */

static enum err store(struct giving *g, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    struct store_chat_message row;
    if (!a) return error_no_memory(e);
    TRY(chat_feed_row(g->w->feed, a, &row, e));
    TRY(chat_rows_update(g->w->c, &row, e));
    g->stored_bytes = row.text.n;
    g->stored_ns = time_monotonic_ns();
    return ERR_OK;
}

/* A store that is busy or full now is asked again later: the answer goes on. */
static enum err on_tick(void *ctx, struct error *e)
{
    struct giving *g = ctx;
    if (time_monotonic_ns() - g->stored_ns < g->w->store_every_ms * 1000000) return ERR_OK;
    if (chat_feed_bytes(g->w->feed) == g->stored_bytes) return ERR_OK;
    struct error why = {0};
    enum err err = store(g, &why);
    if (err == ERR_OK) return ERR_OK;
    g->stored_ns = time_monotonic_ns();
    if (err == ERR_CONFLICT && strcmp(why.reason, "stopped") == 0) {
        *e = why;
        return err;
    }
    log_warn("chat_not_stored", L_STR("message", g->w->row.id), L_ERROR(&why));
    return ERR_OK;
}

/* --- rounds --- */

static enum err run_tool(struct giving *g, const struct chat_tool_use *use, bool last_round, struct ai_part *ret,
                         struct error *e)
{
    struct chat_tool_note note;
    struct str text;
    size_t n = ++g->tools;
    TRY(chat_tool_about(&g->prompt.lookup, use, g->a, &note, e));
    TRY(chat_feed_tool(g->w->feed, n, &note, e));
    if (last_round) {
        note.over = note.failed = true;
        note.detail = STR("too many calls of tools");
        text = STR("Error: no more calls of tools are possible in this answer. Answer with what you have.");
    } else {
        TRY(chat_tool_run(&g->prompt.lookup, use, &note, g->a, &text, e));
        TRY(chat_prompt_fence(&g->prompt, text, g->a, &text, e));
    }
    *ret = (struct ai_part){.kind = AI_TOOL_RESULT, .text = text, .tool_id = use->id, .failed = note.failed};
    return chat_feed_tool(g->w->feed, n, &note, e);
}

/* What the model said and called, and what that gave, behind the messages. */
static enum err add_round(struct giving *g, const struct chat_call *call, bool last_round, struct error *e)
{
    struct str said = str_dup(g->a, sb_view(&g->raw));
    struct chat_messages *m = &g->prompt.messages;
    if (!said.p) return error_no_memory(e);
    if (str_trim(said).n > 0)
        TRY(chat_messages_add(m, AI_ASSISTANT, (struct ai_part){.kind = AI_TEXT, .text = said}, e));
    for (size_t i = 0; i < call->n_tools; i++) {
        const struct chat_tool_use *u = &call->tools[i];
        struct str input = u->input.p ? u->input : STR("{}");
        TRY(chat_messages_add(
            m, AI_ASSISTANT,
            (struct ai_part){.kind = AI_TOOL_USE, .text = input, .tool_id = u->id, .tool_name = u->name}, e));
    }
    for (size_t i = 0; i < call->n_tools; i++) {
        struct ai_part part;
        TRY(run_tool(g, &call->tools[i], last_round, &part, e));
        TRY(chat_messages_add(m, AI_USER, part, e));
    }
    return ERR_OK;
}

static enum err round_begin(struct giving *g, struct error *e)
{
    size_t bytes = chat_feed_bytes(g->w->feed);
    sb_reset(&g->raw);
    sb_reset(&g->held);
    g->gap = bytes > 0;
    g->gap_put = false;
    g->cited_kept = g->cite.found.n;
    chat_feed_keep(g->w->feed);
    struct error ignored; /* what stands is written down before the next call; if not, it is at the next interval */
    if (bytes > 0 && store(g, &ignored) == ERR_CONFLICT) {
        *e = ignored;
        return ERR_CONFLICT;
    }
    return ERR_OK;
}

static enum err no_end(struct error *e)
{
    error_set_reason(e, ERR_UPSTREAM, "no_end", "the model called tools again and again instead of answering");
    return error_hint(e, "Ask for less at once, or ask again.");
}

static enum err give_rounds(struct giving *g, enum ai_stop *ret, struct error *e)
{
    const struct chat_consumer consumer = {
        .begin = on_begin, .text = on_text, .tick = on_tick, .ctx = g, .tick_ms = TICK_MS};
    for (int round = 0; round <= CHAT_TOOL_ROUNDS + 1; round++) {
        struct chat_call call;
        struct ai_request rq;
        TRY(round_begin(g, e));
        TRY(chat_prompt_request(&g->prompt, &rq, e));
        const struct ai_ask ask = {
            .purpose = AI_FOR_CHAT, .person = g->w->visitor, .document = g->w->document_id, .request = &rq};
        TRY(chat_call(g->w->c->models->router, &ask, &g->w->stop, &consumer, g->a, &call, e));
        TRY(put_text(g, STR_EMPTY, true, e));
        *ret = call.stop;
        if (call.stop != AI_STOP_TOOL || call.n_tools == 0) return ERR_OK;
        TRY(add_round(g, &call, round >= CHAT_TOOL_ROUNDS, e));
    }
    return no_end(e);
}

/* --- from the beginning to the end --- */

static enum err give(struct giving *g, enum ai_stop *ret, struct error *e)
{
    struct chat_answer *w = g->w;
    TRY(chat_prompt_read(&g->prompt, w->c, &w->question, w->feed, g->a, e));
    chat_cite_init(&g->cite, g->prompt.lookup.doc, g->prompt.lookup.index, g->a);
    TRY(chat_prompt_make(&g->prompt, w->visitor, &w->stop, e));
    return give_rounds(g, ret, e);
}

static enum store_state end_of(struct giving *g, enum err err, enum ai_stop stop, struct error *why, bool *ret_problem)
{
    bool cut = err == ERR_OK ? stop == AI_STOP_MAX_TOKENS : strcmp(why->reason, "answer_cut") == 0;
    *ret_problem = err != ERR_OK || cut || stop == AI_STOP_REFUSAL;
    if (cut) {
        if (err == ERR_OK) error_set_reason(why, ERR_LIMIT, "answer_cut", "the answer reached the limit of its length");
        (void)error_hint(why, "Ask it to go on, or to be brief.");
        return STORE_DONE;
    }
    if (err == ERR_OK && stop == AI_STOP_REFUSAL) {
        error_set_reason(why, ERR_UPSTREAM, "refused", "the model, or a filter around it, would not answer");
        (void)error_hint(why, "Word the question in another way.");
        return STORE_FAILED;
    }
    if (err == ERR_OK) return STORE_DONE;
    if (err == ERR_CONFLICT && (strcmp(why->reason, "stopped") == 0 || strcmp(why->reason, "cancelled") == 0)) {
        *ret_problem = atomic_load(&g->w->interrupted);
        if (*ret_problem) chat_interrupted(why);
        return *ret_problem ? STORE_FAILED : STORE_CANCELLED;
    }
    return STORE_FAILED;
}

/* An error that is ours is worded for people; the log has the cause. */
static void reword(struct giving *g, struct error *why)
{
    log_warn("chat_failed", L_STR("message", g->w->row.id), L_STR("document", g->w->document_id), L_ERROR(why));
    if (why->code != ERR_INTERNAL && why->message[0]) return;
    error_set_reason(why, ERR_INTERNAL, "internal", "the server failed; it is not your fault");
    (void)error_hint(why, "Try again; if it stays so, tell the operator the time: the log has the cause.");
}

static void end(struct giving *g, enum err err, enum ai_stop stop, struct error *why)
{
    bool problem = false;
    struct error e = {0};
    if (err != ERR_OK && strcmp(why->reason, "answer_cut") != 0 && put_text(g, STR_EMPTY, true, &e) != ERR_OK)
        log_warn("chat_text_lost", L_STR("message", g->w->row.id), L_ERROR(&e));
    enum store_state state = end_of(g, err, stop, why, &problem);
    if (state == STORE_FAILED) reword(g, why);
    chat_feed_end(g->w->feed, state, problem ? why : NULL, g->w->c->now_unix_ms());
    if (store(g, &e) != ERR_OK && e.code != ERR_CONFLICT) {
        log_error("chat_not_stored", L_STR("message", g->w->row.id), L_ERROR(&e));
        chat_feed_end(g->w->feed, STORE_FAILED, &e, g->w->c->now_unix_ms());
    }
}

void chat_answer_give(struct chat_answer *w)
{
    struct error why = {0};
    enum ai_stop stop = AI_STOP_DONE;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    struct giving g = {.w = w,
                       .a = a,
                       .raw = SB_INIT(CHAT_ANSWER_MAX),
                       .held = SB_INIT(4 * CHAT_ANSWER_MAX),
                       .stored_ns = time_monotonic_ns()};
    struct trace_span span;
    trace_work_set(&w->work);
    log_context_set("user", w->visitor);
    log_context_set("document", w->document_id);
    log_context_set("chat", w->row.id);
    trace_begin(&span, TRACE_INTERNAL, STR("talk"));
    trace_text(&span, "enduser.id", w->visitor);
    trace_text(&span, "prism.document", w->document_id);
    trace_text(&span, "prism.request", str_from_c(w->work.request));
    enum err err = a ? give(&g, &stop, &why) : error_no_memory(&why);
    end(&g, err, stop, &why);
    trace_end(&span, err == ERR_OK ? NULL : why.reason[0] ? why.reason : error_code_name(why.code));
    chat_prompt_done(&g.prompt);
    sb_done(&g.raw);
    sb_done(&g.held);
    trace_work_set(NULL);
    log_context_clear();
}
