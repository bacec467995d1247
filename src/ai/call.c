/* A call of a model, from its start to its end.
 * It has two owners, the caller and what runs it, and goes with the later of the two. What runs it is one thread at a time: it is handed from the
 * starter to the HTTP client's thread by sending, and may be sent once more after a refusal. Only the flag of a cancel and the request that it
 * ends are seen by other threads.
 * The limit of the first token is counted from the sending: what HTTP calls the first byte may come long before the model begins, and servers send
 * comments and pings to keep a connection. So before the model begins, silence has what is left of that limit, and after it the limit of a stall.
 * Rejected: a timer of our own (the HTTP client has one). */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "ai/call_priv.h"
#include "base/time.h"

#define MS_NS     ((int64_t)1000000)
#define LINGER_MS 5000 /* for the end of HTTP, when the end of the answer is there */

/* --- the request --- */

static enum err bad(struct error *e, const char *what)
{
    return error_set_reason(e, ERR_INVALID, "bad_request", "the request to the model is wrong: %s", what);
}

static enum err object_check(struct str text, const char *what, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 12);
    const struct json *v = NULL;
    struct error why = {0};
    if (!a) return error_no_memory(e);
    if (json_parse(a, text, &v, &why) == ERR_OK && json_type(v) == JSON_OBJECT) return ERR_OK;
    return error_is_no_memory(&why) ? error_no_memory(e) : bad(e, what);
}

static bool is_name(struct str s)
{
    bool ok = s.n >= 1 && s.n <= 64;
    for (size_t i = 0; ok && i < s.n; i++)
        ok = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
             s.p[i] == '_' || s.p[i] == '-';
    return ok;
}

static enum err message_check(const struct ai_message *m, struct error *e)
{
    if (m->n_parts == 0) return bad(e, "a message is empty");
    for (size_t i = 0; i < m->n_parts; i++) {
        const struct ai_part *p = &m->parts[i];
        bool model_s = p->kind == AI_REASONING || p->kind == AI_TOOL_USE;
        if (model_s && m->role != AI_ASSISTANT) return bad(e, "a thought or a call of a tool is not the model's");
        if (p->kind == AI_TOOL_RESULT && m->role != AI_USER) return bad(e, "the result of a tool is the model's");
        if (p->kind == AI_TOOL_USE) TRY(object_check(p->text, "the input of a tool is no JSON object", e));
    }
    return ERR_OK;
}

enum err ai__request_check(const struct ai_request *rq, struct error *e)
{
    if (rq->model.n == 0 || rq->model.n > 2048) return bad(e, "it names no model");
    if (rq->max_tokens < 1) return bad(e, "max_tokens is less than 1");
    if (rq->temperature > 1) return bad(e, "the temperature is above 1");
    if (rq->reasoning_tokens != 0 && rq->reasoning_tokens < AI__THINKING_MIN)
        return bad(e, "the budget of reasoning is below 1024 tokens");
    if (rq->n_messages == 0 || rq->messages[0].role != AI_USER || rq->messages[rq->n_messages - 1].role != AI_USER)
        return bad(e, "the first and the last message must be the user's");
    for (size_t i = 0; i < rq->n_messages; i++)
        TRY(message_check(&rq->messages[i], e));
    for (size_t i = 0; i < rq->n_system; i++)
        if (rq->system[i].kind != AI_TEXT) return bad(e, "the system's part has something else than text");
    bool found = rq->forced_tool.n == 0;
    for (size_t i = 0; i < rq->n_tools; i++) {
        if (!is_name(rq->tools[i].name)) return bad(e, "the name of a tool is not 1 to 64 of a-z A-Z 0-9 _ -");
        TRY(object_check(rq->tools[i].schema, "the schema of a tool is no JSON object", e));
        found = found || str_eq(rq->tools[i].name, rq->forced_tool);
    }
    return found ? ERR_OK : bad(e, "the tool that must be called is not among the tools");
}

enum err ai__call_new(size_t size, const struct ai_provider_ops *ops, const struct ai__wire *wire,
                      struct client_http *http, const struct ai_request *rq, const struct ai_handler *handler,
                      struct ai__call **ret, struct error *e)
{
    struct ai__call *c = calloc(1, size);
    if (!c) return error_no_memory(e);
    c->base.ops = ops;
    c->wire = wire;
    c->http = http;
    c->out = *handler;
    c->limits = rq->limits;
    c->work = trace_work_now();
    c->body = (struct sb)SB_INIT(AI__REQUEST_MAX);
    c->refusal = (struct sb)SB_INIT(AI__REFUSAL_MAX);
    lock_init(&c->lock, LOCK_RANK_AI);
    atomic_init(&c->refs, 2);
    c->arena = arena_new(AI__REQUEST_MAX);
    c->model = c->arena ? str_dup(c->arena, rq->model) : STR_EMPTY;
    c->sent_model = c->model;
    if (!c->model.p) {
        ai__call_unref(c);
        ai__call_unref(c);
        return error_no_memory(e);
    }
    *ret = c;
    return ERR_OK;
}

void ai__call_unref(struct ai__call *c)
{
    if (atomic_fetch_sub(&c->refs, 1) > 1) return;
    c->wire->done(c);
    ai__tools_free(c);
    client_http_call_free(c->on_way);
    sb_done(&c->body);
    sb_done(&c->refusal);
    lock_done(&c->lock);
    arena_free(c->arena);
    free(c);
}

/* --- the answer --- */

static int64_t retry_after(const struct client_http_head *h)
{
    static const struct {
        struct str name;
        int64_t unit_ms;
    } rows[] = {{STR_INIT("retry-after-ms"), 1}, {STR_INIT("x-amz-retry-after"), 1}, {STR_INIT("retry-after"), 1000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str v = str_trim(client_header_find(h->headers, h->n_headers, rows[i].name));
        double n = 0;
        struct error e;
        if (v.n > 0 && str_to_double(v, 0, 86400000, &n, &e) == ERR_OK) return (int64_t)(n * (double)rows[i].unit_ms);
    }
    return 0;
}

static void header_keep(const struct client_http_head *h, char *room, size_t n, const char *const *names)
{
    for (; *names; names++) {
        struct str v = client_header_find(h->headers, h->n_headers, str_from_c(*names));
        if (v.n > 0) {
            (void)snprintf(room, n, "%.*s", STR_ARG(v));
            return;
        }
    }
}

/* Before the model begins, silence has what is left of the limit of the first token. */
static void patience(struct ai__call *c)
{
    if (c->begun || c->limits.first_token_ms <= 0 || c->wire->in_one_piece) return;
    int64_t left = c->limits.first_token_ms - (time_monotonic_ns() - c->sent_ns) / MS_NS;
    client_http_stall_limit(c->sent, left > 1 ? left : 1);
}

static void on_head(void *ctx, const struct client_http_head *head)
{
    static const char *const types[] = {"x-amzn-errortype", NULL};
    static const char *const ids[] = {"x-amzn-requestid", "request-id", "x-request-id", NULL};
    struct ai__call *c = ctx;
    c->status = head->status;
    header_keep(head, c->error_type, sizeof c->error_type, types);
    header_keep(head, c->request_id, sizeof c->request_id, ids);
    c->retry_after_ms = retry_after(head);
    if (c->status != 200) return;
    sb_done(&c->body);
    patience(c);
    struct str type = client_header_find(head->headers, head->n_headers, STR("content-type"));
    if (str_starts_nocase(type, str_from_c(c->wire->content_type))) return;
    (void)ai_error(&c->failed, AI_BAD_ANSWER, "%.*s: what answers sends \"%.*s\", and not %s", STR_ARG(c->model),
                   (int)(type.n > 60 ? 60 : type.n), type.n ? type.p : "", c->wire->content_type);
    client_http_cancel(c->sent);
}

static void on_data(void *ctx, struct str bytes)
{
    struct ai__call *c = ctx;
    if (c->failed.code != ERR_OK || atomic_load(&c->cancelled)) return;
    if (c->status != 200) {
        sb_str(&c->refusal, str_sub(bytes, 0, AI__REFUSAL_MAX - c->refusal.n));
        return;
    }
    enum err err = c->wire->data(c, bytes, &c->failed);
    c->failed.code = err;
    if (err != ERR_OK) {
        client_http_cancel(c->sent);
        return;
    }
    patience(c);
    if (c->finished) client_http_stall_limit(c->sent, LINGER_MS);
}

/* What the HTTP client says, in the words of the table. */
static void http_failed(struct ai__call *c, const struct error *why)
{
    static const struct {
        const char *reason;
        enum ai_reason as;
    } rows[] = {{"connect_timeout", AI_NO_ROUTE}, {"no_route", AI_NO_ROUTE},
                {"tls_failed", AI_NO_ROUTE},      {"first_byte_timeout", AI_TIMEOUT_FIRST_TOKEN},
                {"stall_timeout", AI_STALLED},    {"whole_timeout", AI_TIMEOUT},
                {"connection_lost", AI_CUT_OFF},  {"too_large", AI_BAD_ANSWER},
                {"bad_answer", AI_BAD_ANSWER}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(why->reason, rows[i].reason) != 0) continue;
        bool before = rows[i].as == AI_STALLED && !c->begun;
        (void)ai_error(&c->failed, before ? AI_TIMEOUT_FIRST_TOKEN : rows[i].as, "%.*s: %s", STR_ARG(c->model),
                       before ? "the model did not begin to answer in time" : why->message);
        (void)error_detail(&c->failed, "%s%s%s", why->reason, why->detail[0] ? ": " : "", why->detail);
        return;
    }
    c->failed = *why;
}

static void on_end(void *ctx, const struct error *why)
{
    struct ai__call *c = ctx;
    bool cancelled = atomic_load(&c->cancelled);
    if (c->failed.code == ERR_OK && !cancelled) {
        if (c->status != 0 && c->status != 200) {
            if (c->wire->refused(c, &c->failed)) return;
        } else if (why && !c->finished) {
            http_failed(c, why);
        } else if (!why && c->wire->end) {
            c->failed.code = c->wire->end(c, &c->failed);
        }
    }
    ai__end(c);
}

/* A cancel has nothing more to end. */
static void way_clear(struct ai__call *c)
{
    lock_take(&c->lock);
    struct client_http_call *old = c->on_way;
    c->on_way = NULL;
    lock_give(&c->lock);
    client_http_call_free(old);
}

void ai__end(struct ai__call *c)
{
    way_clear(c); /* the HTTP client may be gone before the caller lets go */
    bool over = c->finished && c->stop_known;
    if (atomic_load(&c->cancelled) && !over) {
        (void)error_set_reason(&c->failed, ERR_CONFLICT, "cancelled", "the call was cancelled");
    } else if (c->failed.code == ERR_OK && c->late.code != ERR_OK && c->stop != AI_STOP_MAX_TOKENS) {
        c->failed = c->late;
    } else if (c->failed.code == ERR_OK && !over) {
        (void)ai_error(&c->failed, AI_CUT_OFF, "%.*s: the answer broke off before its end", STR_ARG(c->model));
    }
    struct ai_end end = {.stop = c->stop, .model = c->sent_model, .profile_note = c->profile_note};
    if (c->failed.code != ERR_OK) {
        end.stop = AI_STOP_ERROR;
        end.e = &c->failed;
        end.retry_after_ms = c->retry_after_ms;
    }
    if (c->has_usage && c->out.on_usage) c->out.on_usage(c->out.ctx, &c->usage);
    c->out.on_end(c->out.ctx, &end);
    ai__call_unref(c);
}

/* --- sending, cancelling --- */

enum err ai__send(struct ai__call *c, struct str url, const struct client_header *headers, size_t n_headers,
                  struct error *e)
{
    if (atomic_load(&c->cancelled)) return error_set_reason(e, ERR_CONFLICT, "cancelled", "the call was cancelled");
    if (!sb_ok(&c->body))
        return c->body.no_memory ? error_no_memory(e)
                                 : bad(e, "it is longer than 24 MB, which is more than any provider takes");
    int64_t first_ms = c->wire->in_one_piece ? 0 : c->limits.first_token_ms;
    struct client_header all[AI__HEADERS_MAX + 2];
    char parent[TRACE_PARENT_CHARS + 1];
    size_t n = n_headers;
    assert(n_headers <= AI__HEADERS_MAX);
    memcpy(all, headers, n_headers * sizeof *headers);
    /* Not signed where the others are: a signature covers what it names, and proxies may add spans of their own. */
    if (c->work.request[0]) all[n++] = (struct client_header){STR("x-request-id"), str_from_c(c->work.request)};
    if (!trace_is_none(&c->work.link))
        all[n++] = (struct client_header){STR("traceparent"), trace_parent_write(&c->work.link, parent)};
    struct client_http_request rq = {
        .method = STR("POST"), .url = url, .headers = all, .n_headers = n, .body = sb_view(&c->body)};
    rq.limits = (struct client_http_limits){.connect_ms = c->limits.connect_ms,
                                            .first_byte_ms = first_ms,
                                            .stall_ms = first_ms,
                                            .whole_ms = c->limits.whole_ms,
                                            .max_body = 4 * AI__ANSWER_MAX};
    struct client_http_handler handler = {on_head, on_data, on_end, c};
    c->sent_ns = time_monotonic_ns();
    atomic_fetch_add(&c->refs, 1); /* it may be over before start has returned */
    /* Held over the start, body and all, so that a second sending cannot overtake the first; nobody but a cancel waits for it. */
    lock_take(&c->lock);
    enum err err = client_http_start(c->http, &rq, &handler, &c->sent, e);
    if (err == ERR_OK) {
        c->on_way = c->sent;
        if (atomic_load(&c->cancelled)) client_http_cancel(c->on_way);
    }
    lock_give(&c->lock);
    ai__call_unref(c);
    return err;
}

void ai__again(struct ai__call *c)
{
    way_clear(c);
    c->status = 0;
    c->error_type[0] = c->request_id[0] = 0;
    c->retry_after_ms = 0;
    sb_reset(&c->refusal);
}

void ai__cancel(struct ai_call *call)
{
    struct ai__call *c = (struct ai__call *)call;
    atomic_store(&c->cancelled, true);
    lock_take(&c->lock);
    if (c->on_way) client_http_cancel(c->on_way);
    lock_give(&c->lock);
}

void ai__free_call(struct ai_call *c)
{
    if (c) ai__call_unref((struct ai__call *)c);
}
