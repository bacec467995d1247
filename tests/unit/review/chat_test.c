#include "chat_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/utf8.h"

#define WAIT_NS ((int64_t)30 * 1000000000)
enum { ASKED_MAX = 64 };

static struct stage {
    struct ai_provider provider;
    struct lock lock;
    struct lock_cond cond;
    const struct act *acts; /* by lock, as all that follows */
    size_t n, at;
    size_t gates, waiting, running, cancels;
    struct sb asked[ASKED_MAX];
    size_t n_asked;
} stage;

struct play {
    struct ai_call call;
    struct ai_handler h;
    char model[32];
    size_t first, end; /* of the acts */
    bool cancelled;    /* by the stage's lock */
    atomic_uint refs;
};

/* --- playing --- */

static void play_end(struct play *p, enum ai_stop how, const struct error *e)
{
    const struct ai_usage usage = {.in = 10, .out = 5};
    const struct ai_end end = {.stop = how, .e = e, .model = str_from_c(p->model)};
    p->h.on_usage(p->h.ctx, &usage);
    p->h.on_end(p->h.ctx, &end);
}

static bool wait_gate(struct play *p)
{
    lock_take(&stage.lock);
    stage.waiting++;
    lock_cond_broadcast(&stage.cond);
    while (stage.gates == 0 && !p->cancelled)
        lock_cond_wait(&stage.cond, &stage.lock);
    if (!p->cancelled) stage.gates--;
    stage.waiting--;
    bool go_on = !p->cancelled;
    lock_give(&stage.lock);
    return go_on;
}

/* false: the call has ended. */
static bool act(struct play *p, const struct act *a, unsigned *tool)
{
    struct error e = {0};
    char id[32];
    switch (a->kind) {
    case ACT_MANY:
    case ACT_TEXT:
        for (long i = 0; i < (a->kind == ACT_MANY ? a->n : 1); i++)
            p->h.on_text(p->h.ctx, str_from_c(a->a));
        return true;
    case ACT_TOOL:
        (void)snprintf(id, sizeof id, "use%u", *tool);
        p->h.on_tool_start(p->h.ctx, *tool, str_from_c(id), str_from_c(a->a));
        p->h.on_tool_input(p->h.ctx, (*tool)++, str_from_c(a->b));
        return true;
    case ACT_WAIT:
        if (wait_gate(p)) return true;
        error_set_reason(&e, ERR_CONFLICT, "cancelled", "the call was cancelled");
        break;
    case ACT_STOP: play_end(p, (enum ai_stop)a->n, NULL); return false;
    case ACT_FAIL:
        (void)ai_error(&e, (enum ai_reason)a->n, "%s %s", p->model, ai_reason_what((enum ai_reason)a->n));
        break;
    }
    play_end(p, AI_STOP_ERROR, &e);
    return false;
}

static void play_free(struct ai_call *call)
{
    struct play *p = (struct play *)call;
    if (p && atomic_fetch_sub(&p->refs, 1) == 1) free(p);
}

static void *play(void *ctx)
{
    struct play *p = ctx;
    unsigned tool = 0;
    size_t at = p->first;
    while (at < p->end && act(p, &stage.acts[at], &tool))
        at++;
    play_free(&p->call);
    lock_take(&stage.lock);
    stage.running--;
    lock_cond_broadcast(&stage.cond);
    lock_give(&stage.lock);
    return NULL;
}

static void note_part(struct sb *b, const char *who, const struct ai_part *part)
{
    switch (part->kind) {
    case AI_TEXT: sb_printf(b, "%s: ", who); break;
    case AI_TOOL_USE: sb_printf(b, "tool %.*s ", STR_ARG(part->tool_name)); break;
    case AI_TOOL_RESULT:
        sb_printf(b, "result%s of %.*s: ", part->failed ? " (failed)" : "", STR_ARG(part->tool_id));
        break;
    case AI_REASONING: sb_c(b, "reasoning: "); break;
    }
    sb_str(b, part->text);
    sb_c(b, part->cache ? " (cached)\n" : "\n");
}

static void note(const struct ai_request *rq)
{
    struct sb *b = &stage.asked[stage.n_asked++];
    *b = (struct sb)SB_INIT(SIZE_MAX);
    for (size_t i = 0; i < rq->n_system; i++)
        note_part(b, "system", &rq->system[i]);
    for (size_t i = 0; i < rq->n_messages; i++) {
        assert_int_equal(rq->messages[i].role, i % 2 ? AI_ASSISTANT : AI_USER);
        for (size_t k = 0; k < rq->messages[i].n_parts; k++)
            note_part(b, i % 2 ? "assistant" : "user", &rq->messages[i].parts[k]);
    }
    assert_int_equal(rq->n_messages % 2, 1);
    assert_true(sb_ok(b));
}

static enum err start(struct ai_provider *provider, const struct ai_request *rq, const struct ai_handler *h,
                      struct ai_call **ret, struct error *e)
{
    pthread_t thread;
    struct play *p = calloc(1, sizeof *p);
    (void)e;
    assert_non_null(p);
    p->call.ops = provider->ops;
    p->h = *h;
    atomic_init(&p->refs, 2);
    (void)snprintf(p->model, sizeof p->model, "%.*s", STR_ARG(rq->model));
    lock_take(&stage.lock);
    if (stage.at >= stage.n) fail_msg("the model was asked once more than the test has an answer");
    p->first = p->end = stage.at;
    while (stage.acts[p->end].kind != ACT_STOP && stage.acts[p->end].kind != ACT_FAIL)
        p->end++;
    stage.at = ++p->end;
    note(rq);
    stage.running++;
    lock_give(&stage.lock);
    *ret = &p->call;
    assert_int_equal(pthread_create(&thread, NULL, play, p), 0);
    assert_int_equal(pthread_detach(thread), 0);
    return ERR_OK;
}

static void cancel(struct ai_call *call)
{
    struct play *p = (struct play *)call;
    lock_take(&stage.lock);
    p->cancelled = true;
    stage.cancels++;
    lock_cond_broadcast(&stage.cond);
    lock_give(&stage.lock);
}

static void free_provider(struct ai_provider *p) { (void)p; }

static const struct ai_provider_ops ops = {"played", start, cancel, play_free, free_provider};

void chat_script(const struct act *acts, size_t n)
{
    lock_take(&stage.lock);
    stage.acts = acts;
    stage.n = n;
    stage.at = 0;
    lock_give(&stage.lock);
}

void chat_gate_open(void)
{
    lock_take(&stage.lock);
    stage.gates++;
    lock_cond_broadcast(&stage.cond);
    lock_give(&stage.lock);
}

void chat_until_waiting(void)
{
    lock_take(&stage.lock);
    while (stage.waiting == 0) {
        if (!lock_cond_wait_until(&stage.cond, &stage.lock, time_monotonic_ns() + WAIT_NS))
            fail_msg("the model was not asked");
    }
    lock_give(&stage.lock);
}

struct str chat_asked(struct server *s, size_t i)
{
    lock_take(&stage.lock);
    if (i >= stage.n_asked) fail_msg("the model was asked %zu times only", stage.n_asked);
    struct str copy = str_dup(s->a, sb_view(&stage.asked[i]));
    lock_give(&stage.lock);
    assert_non_null(copy.p);
    return copy;
}

size_t chat_calls(void)
{
    lock_take(&stage.lock);
    size_t n = stage.n_asked;
    lock_give(&stage.lock);
    return n;
}

size_t chat_cancels(void)
{
    lock_take(&stage.lock);
    size_t n = stage.cancels;
    lock_give(&stage.lock);
    return n;
}

/* --- readers --- */

static bool reader_send(void *ctx, const char *event, struct str id, struct str json)
{
    struct reader *r = ctx;
    lock_take(&r->lock);
    sb_printf(&r->events, "%s %.*s ", event, STR_ARG(id));
    sb_str(&r->events, json);
    sb_char(&r->events, '\n');
    lock_cond_broadcast(&r->cond);
    lock_give(&r->lock);
    return true;
}

static void reader_close(void *ctx)
{
    struct reader *r = ctx;
    lock_take(&r->lock);
    assert_false(r->closed);
    r->closed = true;
    lock_cond_broadcast(&r->cond);
    lock_give(&r->lock);
}

void reader_init(struct reader *r)
{
    *r = (struct reader){.events = SB_INIT(SIZE_MAX), .sink = {reader_send, reader_close, r}};
    lock_init(&r->lock, LOCK_RANK_NET_STREAM);
    lock_cond_init(&r->cond);
}

void reader_done(struct reader *r)
{
    sb_done(&r->events);
    lock_cond_done(&r->cond);
    lock_done(&r->lock);
}

void reader_until(struct reader *r, const char *text)
{
    lock_take(&r->lock);
    while (str_find(sb_view(&r->events), str_from_c(text), 0) == STR_NONE) {
        if (r->closed || !lock_cond_wait_until(&r->cond, &r->lock, time_monotonic_ns() + WAIT_NS))
            fail_msg("no \"%s\" in: %.*s", text, STR_ARG(sb_view(&r->events)));
    }
    lock_give(&r->lock);
}

struct str reader_all(struct server *s, struct reader *r)
{
    lock_take(&r->lock);
    while (!r->closed) {
        if (!lock_cond_wait_until(&r->cond, &r->lock, time_monotonic_ns() + WAIT_NS))
            fail_msg("no end: %.*s", STR_ARG(sb_view(&r->events)));
    }
    struct str copy = str_dup(s->a, sb_view(&r->events));
    lock_give(&r->lock);
    assert_non_null(copy.p);
    return copy;
}

struct str reader_text(struct server *s, struct reader *r)
{
    struct str rest = reader_all(s, r), text;
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    while (rest.p) {
        struct str line = str_cut(rest, '\n', &rest), json = STR_EMPTY;
        const struct json *v = NULL;
        bool restart = str_starts(line, STR("restart "));
        if (!restart && !str_starts(line, STR("delta "))) continue;
        (void)str_cut(line, ' ', &json);
        (void)str_cut(json, ' ', &json);
        assert_ok(json_parse(s->a, json, &v, e));
        size_t offset = (size_t)json_double(json_get(v, "offset"), -1);
        if (restart) b.n = utf8_from_utf16(sb_view(&b), offset);
        assert_int_equal(offset, utf8_utf16_len(sb_view(&b)));
        if (!restart) sb_str(&b, json_str(json_get(v, "text")));
    }
    assert_ok(sb_take(&b, s->a, &text, e));
    return text;
}

/* --- a server that talks --- */

struct talk *talk_begin(struct server *s)
{
    static const struct str names[] = {STR_INIT("one"), STR_INIT("two")};
    struct talk *t = NEW(s->a, struct talk, 1);
    struct prompts *prompts = NULL;
    assert_non_null(t);
    stage = (struct stage){.provider = {&ops}};
    lock_init(&stage.lock, LOCK_RANK_CLIENT);
    lock_cond_init(&stage.cond);
    const struct ai_router_options o = {.provider = &stage.provider,
                                        .models = names,
                                        .n_models = 2,
                                        .fallback = true,
                                        .chat_fallback = true,
                                        .max_attempts = 1};
    t->s = s;
    assert_ok(ai_router_new(&o, &t->router, e));
    assert_ok(prompts_load(s->a, NULL, &prompts, e));
    t->models = (struct review_models){
        .router = t->router, .provider = STR("played"), .primary = names[0], .max_tokens = 1000, .prompts = prompts};
    t->review = server_reviewed(s).id;
    t->document = server_review(s, t->review).document_id;
    s->c.models = &t->models;
    const struct chat_options options = {.max_answers = 4, .store_every_ms = 1, .alone = true};
    assert_ok(chat_new(&s->c, &options, &t->chat, e));
    return t;
}

void talk_end(struct talk *t)
{
    chat_free(t->chat);
    ai_router_free(t->router);
    t->s->c.models = NULL;
    lock_take(&stage.lock);
    while (stage.running > 0)
        lock_cond_wait(&stage.cond, &stage.lock);
    lock_give(&stage.lock);
    for (size_t i = 0; i < stage.n_asked; i++)
        sb_done(&stage.asked[i]);
    lock_cond_done(&stage.cond);
    lock_done(&stage.lock);
}

void talk_ask_with(struct talk *t, const struct chat_question *q, struct reader *r)
{
    struct chat_question question = *q;
    reader_init(r);
    question.document_id = t->document;
    assert_ok(chat_ask(t->chat, &t->s->ann, &question, &r->sink, e));
}

void talk_ask(struct talk *t, const char *text, struct reader *r)
{
    const struct chat_question q = {.text = str_from_c(text)};
    talk_ask_with(t, &q, r);
}

struct store_chat_list talk_rows(struct talk *t)
{
    struct store_chat_list list = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(t->s->c.store, &tx, e));
    assert_ok(store_chat_list(tx, t->document, 0, 0, t->s->a, &list, e));
    store_read_end(tx);
    return list;
}

struct store_chat_message talk_answered(struct talk *t, const char *text)
{
    struct reader r;
    talk_ask(t, text, &r);
    (void)reader_all(t->s, &r);
    reader_done(&r);
    struct store_chat_list list = talk_rows(t);
    return list.at[list.n - 1];
}
