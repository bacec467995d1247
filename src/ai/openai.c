/* Chat completions.
 * The body is written in two parts: what does not depend on what the server knows, messages before all, and behind it the tail (tools or schema,
 * the limit of tokens). A refusal that says that something is unknown is remembered for the model, the tail is written again, and the request
 * sent once more. The end of the answer is [DONE], and where a server just closes, a finish_reason that was seen.
 * Rejected: probing a server at the start (it may be down then, and what it knows depends on the model that is asked for).
 * Limits: those of call_priv.h. */
#include "ai/openai.h"

#include <stdlib.h>

#include "ai/call_priv.h"
#include "ai/learnt_priv.h"
#include "client/sse_in.h"

#define NO_TOOLS     STR("no tools")
#define NEW_MAX_NAME STR("max_completion_tokens")
#define NO_USAGE_ASK STR("no stream_options")
#define RESENDS_MAX  3

struct openai {
    struct ai_provider base;
    struct arena *arena;
    struct client_http *http;
    struct str url, key;
    struct ai__learnt learnt;
};

struct call {
    struct ai__call base;
    struct openai *provider;
    struct client_sse *sse;
    struct json_out at; /* the writer where the tail begins */
    size_t n_common;    /* bytes before it */
    struct ai_tool *tools;
    size_t n_tools;
    struct str forced;
    int64_t max_tokens, reasoning_tokens;
    bool by_schema; /* in this sending: text is the input of the forced tool */
    bool told_refusal;
    unsigned resends;
    uint64_t last_index; /* of a tool, for servers that give none */
};

/* --- the request --- */

static void texts_write(struct json_out *o, const char *key, const struct ai_part *parts, size_t n)
{
    CLEANUP_SB struct sb b = SB_INIT(AI__REQUEST_MAX);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].kind != AI_TEXT) continue;
        if (b.n > 0) SB_LIT(&b, "\n\n");
        sb_str(&b, parts[i].text);
    }
    json_out_str(o, key, sb_view(&b));
    if (sb_ok(&b)) return;
    o->sb->failed = true;
    o->sb->no_memory = b.no_memory;
}

static void tool_calls_write(struct json_out *o, const struct ai_message *m)
{
    bool begun = false;
    for (size_t i = 0; i < m->n_parts; i++) {
        const struct ai_part *p = &m->parts[i];
        if (p->kind != AI_TOOL_USE) continue;
        if (!begun) json_out_begin_array(o, "tool_calls");
        begun = true;
        json_out_begin_object(o, NULL);
        json_out_str(o, "id", p->tool_id);
        json_out_c(o, "type", "function");
        json_out_begin_object(o, "function");
        json_out_str(o, "name", p->tool_name);
        json_out_str(o, "arguments", p->text);
        json_out_end_object(o);
        json_out_end_object(o);
    }
    if (begun) json_out_end_array(o);
}

/* What tools gave comes as messages of its own, before what the person says. */
static void message_write(struct json_out *o, const struct ai_message *m)
{
    bool has_text = m->role == AI_ASSISTANT;
    for (size_t i = 0; i < m->n_parts; i++) {
        const struct ai_part *p = &m->parts[i];
        has_text = has_text || p->kind == AI_TEXT;
        if (p->kind != AI_TOOL_RESULT) continue;
        json_out_begin_object(o, NULL);
        json_out_c(o, "role", "tool");
        json_out_str(o, "tool_call_id", p->tool_id);
        json_out_str(o, "content", p->text);
        json_out_end_object(o);
    }
    if (!has_text) return;
    json_out_begin_object(o, NULL);
    json_out_c(o, "role", m->role == AI_USER ? "user" : "assistant");
    texts_write(o, "content", m->parts, m->n_parts);
    tool_calls_write(o, m);
    json_out_end_object(o);
}

static void common_write(struct call *c, const struct ai_request *rq)
{
    c->at = json_out_make(&c->base.body, false);
    json_out_begin_object(&c->at, NULL);
    json_out_str(&c->at, "model", rq->model);
    json_out_bool(&c->at, "stream", true);
    if (rq->reasoning_tokens > 0)
        json_out_c(&c->at, "reasoning_effort", ai__effort(rq->reasoning_tokens));
    else if (rq->temperature >= 0)
        json_out_double(&c->at, "temperature", rq->temperature);
    json_out_begin_array(&c->at, "messages");
    if (rq->n_system > 0) {
        json_out_begin_object(&c->at, NULL);
        json_out_c(&c->at, "role", "system");
        texts_write(&c->at, "content", rq->system, rq->n_system);
        json_out_end_object(&c->at);
    }
    for (size_t i = 0; i < rq->n_messages; i++)
        message_write(&c->at, &rq->messages[i]);
    json_out_end_array(&c->at);
    c->n_common = c->base.body.n;
}

static void tools_write(struct json_out *o, const struct call *c)
{
    json_out_begin_array(o, "tools");
    for (size_t i = 0; i < c->n_tools; i++) {
        json_out_begin_object(o, NULL);
        json_out_c(o, "type", "function");
        json_out_begin_object(o, "function");
        json_out_str(o, "name", c->tools[i].name);
        json_out_str(o, "description", c->tools[i].description);
        json_out_raw(o, "parameters", c->tools[i].schema);
        json_out_end_object(o);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    if (c->forced.n == 0) return;
    json_out_begin_object(o, "tool_choice");
    json_out_c(o, "type", "function");
    json_out_begin_object(o, "function");
    json_out_str(o, "name", c->forced);
    json_out_end_object(o);
    json_out_end_object(o);
}

static void schema_write(struct json_out *o, const struct call *c)
{
    size_t i = 0;
    while (!str_eq(c->tools[i].name, c->forced))
        i++;
    json_out_begin_object(o, "response_format");
    json_out_c(o, "type", "json_schema");
    json_out_begin_object(o, "json_schema");
    json_out_str(o, "name", c->forced);
    json_out_raw(o, "schema", c->tools[i].schema);
    json_out_bool(o, "strict", true);
    json_out_end_object(o);
    json_out_end_object(o);
}

static bool knows(const struct call *c, struct str fact)
{
    return ai__learnt_get(&c->provider->learnt, c->base.model, fact).p != NULL;
}

static enum err send(struct call *c, struct error *e)
{
    struct sb *b = &c->base.body;
    struct json_out o = c->at;
    b->n = c->n_common;
    c->by_schema = c->forced.n > 0 && knows(c, NO_TOOLS);
    json_out_i64(&o, knows(c, NEW_MAX_NAME) ? "max_completion_tokens" : "max_tokens",
                 c->max_tokens + c->reasoning_tokens);
    if (!knows(c, NO_USAGE_ASK)) {
        json_out_begin_object(&o, "stream_options");
        json_out_bool(&o, "include_usage", true);
        json_out_end_object(&o);
    }
    if (c->by_schema)
        schema_write(&o, c);
    else if (c->n_tools > 0)
        tools_write(&o, c);
    json_out_end_object(&o);
    struct client_header headers[] = {{STR("content-type"), STR("application/json")},
                                      {STR("accept"), STR("text/event-stream")},
                                      {STR("authorization"), c->provider->key}};
    return ai__send(&c->base, c->provider->url, headers, c->provider->key.n > 0 ? 3 : 2, e);
}

/* --- the answer --- */

/* Servers put it in three ways: {"error":{"message","type","code"}}, {"error":"text"}, {"message"} or {"detail"}. */
static void refusal_read(const struct json *v, struct str *type, struct str *message)
{
    const struct json *error = json_get(v, "error");
    const struct json *at = error && json_type(error) == JSON_OBJECT ? error : v;
    static const char *const texts[] = {"message", "detail", "error"};
    for (size_t i = 0; i < 3 && !message->p; i++)
        *message = json_str(json_get(at, texts[i]));
    *type = json_str(json_get(at, "code"));
    if (!type->p) *type = json_str(json_get(at, "type"));
}

static enum ai_reason reason_of(int status, struct str type, struct str message)
{
    enum ai_reason reason = ai__by_status(status == 200 ? 500 : status);
    if (ai__has(type, "insufficient_quota|billing") || ai__has(message, "exceeded your current quota")) return AI_QUOTA;
    if (ai__has(type, "rate_limit")) return AI_THROTTLED;
    if (ai__has(type, "context_length_exceeded|exceed_context_size") ||
        ai__has(message, "context length|context size|maximum context|context window|too many tokens"))
        return AI_CONTEXT_TOO_LONG;
    if (ai__has(type, "model_not_found") ||
        (ai__has(message, "model") && ai__has(message, "not found|does not exist|no such model")))
        return AI_MODEL_NOT_FOUND;
    if (ai__has(type, "invalid_api_key|authentication")) return AI_BAD_CREDENTIALS;
    if (reason == AI_OVERLOADED && ai__has(message, "loading model|is loading|not ready")) return AI_NOT_READY;
    return reason;
}

static enum err error_read(const struct ai__call *c, const struct json *v, struct error *e)
{
    struct str type = STR_EMPTY, message = STR_EMPTY;
    refusal_read(v, &type, &message);
    return ai__refuse(c, reason_of(c->status, type, message), type, message, e);
}

/* Does the server say that it does not know something that can be left out? It is then remembered. */
static bool learn(struct call *c, struct str message)
{
    static const struct {
        const char *words;
        struct str fact;
    } rows[] = {
        {"max_completion_tokens", STR_INIT("max_completion_tokens")},
        {"stream_options", STR_INIT("no stream_options")},
        {"support tool|support function|tools is not supported|tools are not supported|tools param requires|tool choice requires|tool_choice",
         STR_INIT("no tools")}};
    int status = c->base.status;
    if (c->resends >= RESENDS_MAX ||
        !(status == 400 || status == 404 || status == 422 || status == 500 || status == 501))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is_tools = str_eq(rows[i].fact, NO_TOOLS);
        if (!ai__has(message, rows[i].words) || knows(c, rows[i].fact) || (is_tools && c->forced.n == 0)) continue;
        (void)ai__learnt_put(&c->provider->learnt, c->base.model, rows[i].fact, STR("yes"));
        return knows(c, rows[i].fact); /* there may be no room: then it is no use to try */
    }
    return false;
}

static bool refused(struct ai__call *base, struct error *e)
{
    struct call *c = (struct call *)base;
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    struct error why = {0};
    struct str type = STR_EMPTY, message = STR_EMPTY;
    if (ai__event_parse(base, sb_view(&base->refusal), &a, &v, &why) == ERR_OK) refusal_read(v, &type, &message);
    if (learn(c, message)) {
        c->resends++;
        ai__again(base);
        return send(c, e) == ERR_OK;
    }
    (void)ai__refuse(base, reason_of(base->status, type, message), type, message, e);
    return false;
}

static enum err text(struct call *c, struct str delta, struct error *e)
{
    if (!c->by_schema || delta.n == 0) return ai__text(&c->base, delta, e);
    if (c->base.n_tools == 0) TRY(ai__tool_start(&c->base, 0, STR("schema"), c->forced, e));
    return ai__tool_piece(&c->base, 0, delta, e);
}

static enum err tool_call(struct call *c, const struct json *v, struct error *e)
{
    const struct json *function = json_get(v, "function"), *index = json_get(v, "index");
    struct str name = json_str(json_get(function, "name")), id = json_str(json_get(v, "id"));
    if (index)
        c->last_index = ai__count(v, "index");
    else if (name.n > 0)
        c->last_index = c->base.n_tools;
    bool is_new = true; /* some servers repeat the name with each piece */
    for (unsigned i = 0; i < c->base.n_tools; i++)
        is_new = is_new && !(c->base.tools[i].open && c->base.tools[i].index == c->last_index);
    if (is_new && name.n > 0) TRY(ai__tool_start(&c->base, c->last_index, id, name, e));
    struct str arguments = json_str(json_get(function, "arguments"));
    return arguments.n > 0 ? ai__tool_piece(&c->base, c->last_index, arguments, e) : ERR_OK;
}

static enum err delta_read(struct call *c, const struct json *delta, struct error *e)
{
    static const char *const thoughts[] = {"reasoning_content", "reasoning"};
    for (size_t i = 0; i < 2; i++) {
        struct str thought = json_str(json_get(delta, thoughts[i]));
        if (thought.n == 0) continue;
        TRY(ai__reasoning(&c->base, thought, STR_EMPTY, e));
        break;
    }
    TRY(text(c, json_str(json_get(delta, "content")), e));
    struct str refusal = json_str(json_get(delta, "refusal"));
    c->told_refusal = c->told_refusal || refusal.n > 0;
    TRY(ai__text(&c->base, refusal, e));
    const struct json *calls = json_get(delta, "tool_calls");
    for (size_t i = 0; calls && i < json_count(calls); i++)
        TRY(tool_call(c, json_at(calls, i), e));
    return ERR_OK;
}

static enum err finish(struct call *c, struct str reason, struct error *e)
{
    static const struct ai__stop_row stops[] = {
        {"stop", AI_STOP_DONE},         {"tool_calls", AI_STOP_TOOL},        {"function_call", AI_STOP_TOOL},
        {"length", AI_STOP_MAX_TOKENS}, {"content_filter", AI_STOP_REFUSAL}, {NULL, AI_STOP_DONE}};
    TRY(ai__stopped(&c->base, reason, stops, e));
    if (c->told_refusal) c->base.stop = AI_STOP_REFUSAL;
    if (c->base.stop == AI_STOP_TOOL && c->base.n_tools == 0) c->base.stop = AI_STOP_DONE;
    for (unsigned i = 0; i < c->base.n_tools; i++)
        TRY(ai__tool_end(&c->base, c->base.tools[i].index, e));
    return ERR_OK;
}

static void usage_read(struct ai__call *c, const struct json *v)
{
    if (!v || json_type(v) != JSON_OBJECT) return;
    uint64_t cached = ai__count(json_get(v, "prompt_tokens_details"), "cached_tokens"),
             in = ai__count(v, "prompt_tokens");
    c->has_usage = true;
    c->usage = (struct ai_usage){
        .in = in > cached ? in - cached : 0, .out = ai__count(v, "completion_tokens"), .cache_read = cached};
}

static enum err on_event(void *ctx, struct str type, struct str data, struct error *e)
{
    (void)type;
    struct call *c = ctx;
    if (c->base.finished) return ERR_OK;
    if (str_eq(str_trim(data), STR("[DONE]"))) {
        c->base.finished = true;
        return ERR_OK;
    }
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    TRY(ai__event_parse(&c->base, data, &a, &v, e));
    const struct json *error = json_get(v, "error"), *choice = json_at(json_get(v, "choices"), 0);
    if (error && json_type(error) != JSON_NULL) return error_read(&c->base, v, e);
    usage_read(&c->base, json_get(v, "usage"));
    if (!choice || c->base.stop_known) return ERR_OK;
    TRY(delta_read(c, json_get(choice, "delta"), e));
    struct str reason = json_str(json_get(choice, "finish_reason"));
    return reason.n > 0 ? finish(c, reason, e) : ERR_OK;
}

static enum err data(struct ai__call *c, struct str bytes, struct error *e)
{
    enum err err = client_sse_feed(((struct call *)c)->sse, bytes, e);
    if (err == ERR_UPSTREAM && e && str_eq_c(STR("event_too_large"), e->reason))
        return ai_error(e, AI_BAD_ANSWER, "%.*s: an event of the answer's stream is too large", STR_ARG(c->model));
    return err;
}

static enum err end(struct ai__call *c, struct error *e)
{
    (void)e;
    c->finished = c->finished || c->stop_known;
    return ERR_OK;
}

static void done(struct ai__call *c) { client_sse_free(((struct call *)c)->sse); }

static const struct ai__wire wire = {
    .content_type = "text/event-stream", .data = data, .end = end, .refused = refused, .done = done};

/* --- the provider --- */

static enum err tools_copy(struct call *c, const struct ai_request *rq, struct error *e)
{
    struct arena *a = c->base.arena;
    c->tools = NEW(a, struct ai_tool, rq->n_tools);
    c->forced = str_dup(a, rq->forced_tool);
    if (!c->tools || !c->forced.p) return error_no_memory(e);
    for (; c->n_tools < rq->n_tools; c->n_tools++) {
        struct ai_tool *t = &c->tools[c->n_tools];
        t->name = str_dup(a, rq->tools[c->n_tools].name);
        t->description = str_dup(a, rq->tools[c->n_tools].description);
        t->schema = str_dup(a, rq->tools[c->n_tools].schema);
        if (!t->name.p || !t->description.p || !t->schema.p) return error_no_memory(e);
    }
    return ERR_OK;
}

static enum err call_start(struct call *c, const struct ai_request *rq, struct error *e)
{
    TRY(client_sse_new(AI__EVENT_MAX, on_event, c, &c->sse, e));
    TRY(tools_copy(c, rq, e));
    c->max_tokens = rq->max_tokens;
    c->reasoning_tokens = rq->reasoning_tokens;
    common_write(c, rq);
    return send(c, e);
}

static enum err start(struct ai_provider *provider, const struct ai_request *rq, const struct ai_handler *handler,
                      struct ai_call **ret, struct error *e)
{
    struct openai *p = (struct openai *)provider;
    struct ai__call *base = NULL;
    TRY(ai__request_check(rq, e));
    TRY(ai__call_new(sizeof(struct call), provider->ops, &wire, p->http, rq, handler, &base, e));
    base->secret = p->key;
    ((struct call *)base)->provider = p;
    *ret = &base->base;
    enum err err = call_start((struct call *)base, rq, e);
    if (err == ERR_OK) return ERR_OK;
    *ret = NULL;
    ai__call_unref(base);
    ai__call_unref(base);
    return err;
}

static void openai_free(struct ai_provider *provider)
{
    struct openai *p = (struct openai *)provider;
    if (!p) return;
    ai__learnt_done(&p->learnt);
    arena_free(p->arena);
}

static const struct ai_provider_ops ops = {
    .name = "openai", .start = start, .cancel = ai__cancel, .free_call = ai__free_call, .free = openai_free};

enum err ai_openai_new(const struct ai_openai_options *o, struct ai_provider **ret, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    struct openai *p = a ? NEW(a, struct openai, 1) : NULL;
    if (!p) return error_no_memory(e);
    struct str base = o->base_url.n > 0 ? o->base_url : STR("https://api.openai.com/v1");
    p->base.ops = &ops;
    p->http = o->http;
    p->url = str_printf(a, "%.*s/chat/completions", STR_ARG(base));
    if (o->api_key.n > 0) p->key = str_printf(a, "Bearer %.*s", STR_ARG(o->api_key));
    if (!p->url.p || (o->api_key.n > 0 && !p->key.p) || !ai__learnt_init(&p->learnt)) return error_no_memory(e);
    p->arena = TAKE(a);
    *ret = &p->base;
    return ERR_OK;
}
