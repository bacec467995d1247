/* Anthropic's Messages API.
 * Events come as server-sent events whose data says its own type; what is unknown is read over, as the API asks. The reason of the end comes in
 * message_delta, the end itself is message_stop. With thinking no API lets a tool be forced: "auto" is sent then, and the prompt has to ask.
 * Rejected: the beta headers (nothing here needs them). Limits: those of call_priv.h. */
#include "ai/anthropic.h"

#include <stdlib.h>

#include "ai/call_priv.h"
#include "client/sse_in.h"

struct anthropic {
    struct ai_provider base;
    struct arena *arena;
    struct client_http *http;
    struct str url, key_header, key;
};

struct call {
    struct ai__call base;
    struct client_sse *sse;
};

/* --- the request --- */

static void cache_write(struct json_out *o, bool cache)
{
    if (!cache) return;
    json_out_begin_object(o, "cache_control");
    json_out_c(o, "type", "ephemeral");
    json_out_end_object(o);
}

static void part_write(struct json_out *o, const struct ai_part *p)
{
    static const char *const types[] = {
        [AI_TEXT] = "text", [AI_REASONING] = "thinking", [AI_TOOL_USE] = "tool_use", [AI_TOOL_RESULT] = "tool_result"};
    json_out_begin_object(o, NULL);
    json_out_c(o, "type", types[p->kind]);
    switch (p->kind) {
    case AI_TEXT: json_out_str(o, "text", p->text); break;
    case AI_REASONING:
        json_out_str(o, "thinking", p->text);
        json_out_str(o, "signature", p->signature);
        break;
    case AI_TOOL_USE:
        json_out_str(o, "id", p->tool_id);
        json_out_str(o, "name", p->tool_name);
        json_out_raw(o, "input", p->text);
        break;
    case AI_TOOL_RESULT:
        json_out_str(o, "tool_use_id", p->tool_id);
        json_out_str(o, "content", p->text);
        if (p->failed) json_out_bool(o, "is_error", true);
        break;
    }
    cache_write(o, p->cache);
    json_out_end_object(o);
}

static void parts_write(struct json_out *o, const char *key, const struct ai_part *parts, size_t n)
{
    json_out_begin_array(o, key);
    for (size_t i = 0; i < n; i++)
        part_write(o, &parts[i]);
    json_out_end_array(o);
}

static void tools_write(struct json_out *o, const struct ai_request *rq)
{
    if (rq->n_tools == 0) return;
    json_out_begin_array(o, "tools");
    for (size_t i = 0; i < rq->n_tools; i++) {
        json_out_begin_object(o, NULL);
        json_out_str(o, "name", rq->tools[i].name);
        json_out_str(o, "description", rq->tools[i].description);
        json_out_raw(o, "input_schema", rq->tools[i].schema);
        cache_write(o, rq->cache_tools && i + 1 == rq->n_tools);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    if (rq->forced_tool.n == 0 || rq->reasoning_tokens > 0) return;
    json_out_begin_object(o, "tool_choice");
    json_out_c(o, "type", "tool");
    json_out_str(o, "name", rq->forced_tool);
    json_out_bool(o, "disable_parallel_tool_use", true);
    json_out_end_object(o);
}

static void thinking_write(struct json_out *o, const struct ai_request *rq)
{
    if (rq->reasoning_tokens == 0) {
        if (rq->temperature >= 0) json_out_double(o, "temperature", rq->temperature);
        return;
    }
    bool budget = ai__thinks_by_budget(rq->model);
    json_out_begin_object(o, "thinking");
    json_out_c(o, "type", budget ? "enabled" : "adaptive");
    if (budget) json_out_i64(o, "budget_tokens", rq->reasoning_tokens);
    json_out_end_object(o);
    if (budget) return;
    json_out_begin_object(o, "output_config");
    json_out_c(o, "effort", ai__effort(rq->reasoning_tokens));
    json_out_end_object(o);
}

static void body_write(struct sb *b, const struct ai_request *rq)
{
    struct json_out o = json_out_make(b, false);
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "model", rq->model);
    json_out_i64(&o, "max_tokens", rq->max_tokens + rq->reasoning_tokens);
    json_out_bool(&o, "stream", true);
    thinking_write(&o, rq);
    tools_write(&o, rq);
    if (rq->n_system > 0) parts_write(&o, "system", rq->system, rq->n_system);
    json_out_begin_array(&o, "messages");
    for (size_t i = 0; i < rq->n_messages; i++) {
        json_out_begin_object(&o, NULL);
        json_out_c(&o, "role", rq->messages[i].role == AI_USER ? "user" : "assistant");
        parts_write(&o, "content", rq->messages[i].parts, rq->messages[i].n_parts);
        json_out_end_object(&o);
    }
    json_out_end_array(&o);
    json_out_end_object(&o);
}

/* --- the answer --- */

static const struct {
    const char *type;
    enum ai_reason reason;
} error_types[] = {
    {"invalid_request_error", AI_BAD_REQUEST},
    {"authentication_error", AI_BAD_CREDENTIALS},
    {"billing_error", AI_QUOTA},
    {"permission_error", AI_ACCESS_DENIED},
    {"not_found_error", AI_MODEL_NOT_FOUND},
    {"request_too_large", AI_CONTEXT_TOO_LONG},
    {"rate_limit_error", AI_THROTTLED},
    {"api_error", AI_OVERLOADED},
    {"timeout_error", AI_TIMEOUT_FIRST_TOKEN},
    {"overloaded_error", AI_OVERLOADED},
};

static enum err error_read(const struct ai__call *c, const struct json *v, struct error *e)
{
    const struct json *error = json_get(v, "error");
    struct str type = json_str(json_get(error, "type")), message = json_str(json_get(error, "message"));
    enum ai_reason reason = ai__by_status(c->status);
    for (size_t i = 0; i < sizeof error_types / sizeof *error_types; i++)
        if (str_eq_c(type, error_types[i].type)) reason = error_types[i].reason;
    if (reason == AI_BAD_REQUEST && ai__has(message, "too long|context limit|context window|context length"))
        reason = AI_CONTEXT_TOO_LONG;
    if (reason == AI_BAD_REQUEST && ai__has(message, "credit balance|usage limits")) reason = AI_QUOTA;
    return ai__refuse(c, reason, type, message, e);
}

static bool refused(struct ai__call *c, struct error *e)
{
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    struct error why = {0};
    if (ai__event_parse(c, sb_view(&c->refusal), &a, &v, &why) == ERR_OK)
        (void)error_read(c, v, e);
    else
        (void)ai__refuse(c, ai__by_status(c->status), STR("no JSON"), STR_EMPTY, e);
    return false;
}

static void usage_read(struct ai__call *c, const struct json *v)
{
    static const struct {
        const char *name;
        size_t at;
    } rows[] = {{"input_tokens", offsetof(struct ai_usage, in)},
                {"output_tokens", offsetof(struct ai_usage, out)},
                {"cache_read_input_tokens", offsetof(struct ai_usage, cache_read)},
                {"cache_creation_input_tokens", offsetof(struct ai_usage, cache_write)}};
    if (!v || json_type(v) != JSON_OBJECT) return;
    c->has_usage = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t n = ai__count(v, rows[i].name); /* counts are of all so far */
        if (n > 0) *(uint64_t *)(void *)((char *)&c->usage + rows[i].at) = n;
    }
}

static enum err block_start(struct ai__call *c, const struct json *v, struct error *e)
{
    const struct json *block = json_get(v, "content_block");
    struct str type = json_str(json_get(block, "type"));
    if (str_eq_c(type, "tool_use"))
        return ai__tool_start(c, ai__count(v, "index"), json_str(json_get(block, "id")),
                              json_str(json_get(block, "name")), e);
    /* thoughts may be kept to itself; a block of text is opened before there is any */
    if (ai__has(type, "thinking")) ai__begun(c);
    return ERR_OK;
}

static enum err block_delta(struct ai__call *c, const struct json *v, struct error *e)
{
    const struct json *delta = json_get(v, "delta");
    struct str type = json_str(json_get(delta, "type"));
    if (str_eq_c(type, "text_delta")) return ai__text(c, json_str(json_get(delta, "text")), e);
    if (str_eq_c(type, "thinking_delta")) return ai__reasoning(c, json_str(json_get(delta, "thinking")), STR_EMPTY, e);
    if (str_eq_c(type, "signature_delta"))
        return ai__reasoning(c, STR_EMPTY, json_str(json_get(delta, "signature")), e);
    if (str_eq_c(type, "input_json_delta"))
        return ai__tool_piece(c, ai__count(v, "index"), json_str(json_get(delta, "partial_json")), e);
    return ERR_OK;
}

static enum err message_delta(struct ai__call *c, const struct json *v, struct error *e)
{
    static const struct ai__stop_row stops[] = {
        {"end_turn", AI_STOP_DONE},         {"stop_sequence", AI_STOP_DONE},
        {"pause_turn", AI_STOP_DONE},       {"tool_use", AI_STOP_TOOL},
        {"max_tokens", AI_STOP_MAX_TOKENS}, {"model_context_window_exceeded", AI_STOP_MAX_TOKENS},
        {"refusal", AI_STOP_REFUSAL},       {NULL, AI_STOP_DONE}};
    usage_read(c, json_get(v, "usage"));
    struct str reason = json_str(json_get(json_get(v, "delta"), "stop_reason"));
    return reason.p ? ai__stopped(c, reason, stops, e) : ERR_OK;
}

static enum err event_read(struct ai__call *c, const struct json *v, struct error *e)
{
    struct str type = json_str(json_get(v, "type"));
    if (str_eq_c(type, "content_block_start")) return block_start(c, v, e);
    if (str_eq_c(type, "content_block_delta")) return block_delta(c, v, e);
    if (str_eq_c(type, "content_block_stop")) return ai__tool_end(c, ai__count(v, "index"), e);
    if (str_eq_c(type, "message_delta")) return message_delta(c, v, e);
    if (str_eq_c(type, "error")) return error_read(c, v, e);
    if (str_eq_c(type, "message_start")) usage_read(c, json_get(json_get(v, "message"), "usage"));
    if (str_eq_c(type, "message_stop")) c->finished = true;
    return ERR_OK;
}

static enum err on_event(void *ctx, struct str type, struct str data, struct error *e)
{
    (void)type; /* the data says it too */
    struct ai__call *c = ctx;
    if (c->finished) return ERR_OK;
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    TRY(ai__event_parse(c, data, &a, &v, e));
    return event_read(c, v, e);
}

static enum err data(struct ai__call *c, struct str bytes, struct error *e)
{
    struct client_sse *sse = ((struct call *)c)->sse;
    enum err err = client_sse_feed(sse, bytes, e);
    if (err == ERR_UPSTREAM && e && str_eq_c(STR("event_too_large"), e->reason))
        return ai_error(e, AI_BAD_ANSWER, "%.*s: an event of the answer's stream is too large", STR_ARG(c->model));
    return err;
}

static void done(struct ai__call *c) { client_sse_free(((struct call *)c)->sse); }

static const struct ai__wire wire = {
    .content_type = "text/event-stream", .data = data, .refused = refused, .done = done};

/* --- the provider --- */

static enum err call_start(struct anthropic *p, struct ai__call *c, const struct ai_request *rq, struct error *e)
{
    TRY(client_sse_new(AI__EVENT_MAX, on_event, c, &((struct call *)c)->sse, e));
    body_write(&c->body, rq);
    struct client_header headers[] = {{STR("content-type"), STR("application/json")},
                                      {STR("accept"), STR("text/event-stream")},
                                      {STR("anthropic-version"), STR("2023-06-01")},
                                      {p->key_header, p->key}};
    size_t n = sizeof headers / sizeof *headers;
    return ai__send(c, p->url, headers, p->key.n > 0 ? n : n - 1, e);
}

static enum err start(struct ai_provider *provider, const struct ai_request *rq, const struct ai_handler *handler,
                      struct ai_call **ret, struct error *e)
{
    struct anthropic *p = (struct anthropic *)provider;
    struct ai__call *c = NULL;
    TRY(ai__request_check(rq, e));
    TRY(ai__call_new(sizeof(struct call), provider->ops, &wire, p->http, rq, handler, &c, e));
    c->secret = p->key;
    *ret = &c->base;
    enum err err = call_start(p, c, rq, e);
    if (err == ERR_OK) return ERR_OK;
    *ret = NULL;
    ai__call_unref(c);
    ai__call_unref(c);
    return err;
}

static void anthropic_free(struct ai_provider *p)
{
    if (p) arena_free(((struct anthropic *)p)->arena);
}

static const struct ai_provider_ops ops = {
    .name = "anthropic", .start = start, .cancel = ai__cancel, .free_call = ai__free_call, .free = anthropic_free};

enum err ai_anthropic_new(const struct ai_anthropic_options *o, struct ai_provider **ret, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    struct anthropic *p = a ? NEW(a, struct anthropic, 1) : NULL;
    if (!p) return error_no_memory(e);
    struct str base = o->base_url.n > 0 ? o->base_url : STR("https://api.anthropic.com");
    p->base.ops = &ops;
    p->http = o->http;
    p->url = str_printf(a, "%.*s/v1/messages", STR_ARG(base));
    p->key_header = o->bearer ? STR("authorization") : STR("x-api-key");
    p->key = o->bearer ? str_printf(a, "Bearer %.*s", STR_ARG(o->api_key)) : str_dup(a, o->api_key);
    if (!p->url.p || !p->key.p) return error_no_memory(e);
    p->arena = TAKE(a);
    *ret = &p->base;
    return ERR_OK;
}
