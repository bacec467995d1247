/* What Bedrock answers: frames of an event stream, or one JSON object.
 * An event's type stands in its frame's header, its payload is the inner object. The usage comes in "metadata", after "messageStop": so the answer is
 * over with the former, or with the end of the stream behind the latter. An exception may come where an event could, long after status 200. */
#include "ai/bedrock_priv.h"

/* --- errors --- */

enum ai_reason ai__bedrock_reason(int status, struct str code, struct str message)
{
    static const struct {
        const char *code;
        const char *words; /* in the message; NULL: any. The first row that fits */
        enum ai_reason reason;
    } rows[] = {
        {"ValidationException", "on-demand throughput", AI_NEEDS_INFERENCE_PROFILE},
        {"ValidationException", "too long|context length|context window|maximum tokens|too many input tokens",
         AI_CONTEXT_TOO_LONG},
        {"ValidationException", "model identifier is invalid|invalid model identifier", AI_MODEL_NOT_FOUND},
        {"ValidationException", NULL, AI_BAD_REQUEST},
        {"ServiceQuotaExceededException", NULL, AI_QUOTA},
        {"ExpiredToken", NULL, AI_EXPIRED_TOKEN},
        {"AccessDenied", "has expired", AI_EXPIRED_TOKEN},
        {"AccessDenied", "api key|bearer token", AI_BAD_CREDENTIALS},
        {"AccessDenied", NULL, AI_ACCESS_DENIED},
        {"RequestTimeTooSkewed", NULL, AI_CLOCK_OFF},
        {"RequestExpired", NULL, AI_CLOCK_OFF},
        {"InvalidSignature", "expired|not yet current", AI_CLOCK_OFF},
        {"", "the security token included in the request is expired", AI_EXPIRED_TOKEN},
        {"InvalidSignature", NULL, AI_BAD_CREDENTIALS},
        {"IncompleteSignature", NULL, AI_BAD_CREDENTIALS},
        {"UnrecognizedClient", NULL, AI_BAD_CREDENTIALS},
        {"InvalidClientTokenId", NULL, AI_BAD_CREDENTIALS},
        {"MissingAuthenticationToken", NULL, AI_BAD_CREDENTIALS},
        {"ResourceNotFoundException", "use case details", AI_ACCESS_DENIED},
        {"ResourceNotFoundException", NULL, AI_MODEL_NOT_FOUND},
        {"FTUFormNotFilled", NULL, AI_ACCESS_DENIED},
        {"ModelTimeoutException", NULL, AI_TIMEOUT_FIRST_TOKEN},
        {"ModelNotReadyException", NULL, AI_NOT_READY},
        {"ModelStreamErrorException", NULL, AI_CUT_OFF},
        {"ModelErrorException", NULL, AI_BAD_ANSWER},
        {"Throttling", "per day", AI_QUOTA},
        {"Throttling", NULL, AI_THROTTLED},
        {"TooManyRequests", NULL, AI_THROTTLED},
        {"ServiceUnavailable", NULL, AI_OVERLOADED},
        {"InternalServer", NULL, AI_OVERLOADED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_starts_nocase(code, str_from_c(rows[i].code)) && (!rows[i].words || ai__has(message, rows[i].words)))
            return rows[i].reason;
    return ai__by_status(status == 200 ? 500 : status);
}

/* --- the stream --- */

static void usage_read(struct ai__call *c, const struct json *v)
{
    if (!v || json_type(v) != JSON_OBJECT) return;
    c->has_usage = true;
    c->usage = (struct ai_usage){.in = ai__count(v, "inputTokens"),
                                 .out = ai__count(v, "outputTokens"),
                                 .cache_read = ai__count(v, "cacheReadInputTokens"),
                                 .cache_write = ai__count(v, "cacheWriteInputTokens")};
}

static enum err block_start(struct ai__call *c, const struct json *v, struct error *e)
{
    const struct json *tool = json_get(json_get(v, "start"), "toolUse");
    if (!tool) return ERR_OK;
    return ai__tool_start(c, ai__count(v, "contentBlockIndex"), json_str(json_get(tool, "toolUseId")),
                          json_str(json_get(tool, "name")), e);
}

static enum err block_delta(struct ai__call *c, const struct json *v, struct error *e)
{
    const struct json *delta = json_get(v, "delta"), *tool = json_get(delta, "toolUse"),
                      *thought = json_get(delta, "reasoningContent");
    if (tool) return ai__tool_piece(c, ai__count(v, "contentBlockIndex"), json_str(json_get(tool, "input")), e);
    if (thought)
        return ai__reasoning(c, json_str(json_get(thought, "text")), json_str(json_get(thought, "signature")), e);
    return ai__text(c, json_str(json_get(delta, "text")), e);
}

static enum err stopped(struct ai__call *c, const struct json *v, struct error *e)
{
    static const struct ai__stop_row stops[] = {{"end_turn", AI_STOP_DONE},
                                                {"stop_sequence", AI_STOP_DONE},
                                                {"tool_use", AI_STOP_TOOL},
                                                {"max_tokens", AI_STOP_MAX_TOKENS},
                                                {"model_context_window_exceeded", AI_STOP_MAX_TOKENS},
                                                {"guardrail_intervened", AI_STOP_REFUSAL},
                                                {"content_filtered", AI_STOP_REFUSAL},
                                                {"malformed_model_output", AI_STOP_ERROR},
                                                {"malformed_tool_use", AI_STOP_ERROR},
                                                {NULL, AI_STOP_DONE}};
    return ai__stopped(c, json_str(json_get(v, "stopReason")), stops, e);
}

static enum err event_read(struct ai__call *c, struct str type, const struct json *v, struct error *e)
{
    if (str_eq_c(type, "contentBlockStart")) return block_start(c, v, e);
    if (str_eq_c(type, "contentBlockDelta")) return block_delta(c, v, e);
    if (str_eq_c(type, "contentBlockStop")) return ai__tool_end(c, ai__count(v, "contentBlockIndex"), e);
    if (str_eq_c(type, "messageStop")) return stopped(c, v, e);
    if (str_eq_c(type, "metadata")) {
        usage_read(c, json_get(v, "usage"));
        c->finished = c->stop_known;
    }
    return ERR_OK;
}

static enum err exception_read(struct ai__call *c, const struct client_eventstream_message *m, struct error *e)
{
    struct str code = client_eventstream_text(m, STR(":exception-type")),
               text = client_eventstream_text(m, STR(":error-message"));
    if (!code.p) code = client_eventstream_text(m, STR(":error-code"));
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    struct error why = {0};
    if (m->payload.n > 0 && ai__event_parse(c, m->payload, &a, &v, &why) == ERR_OK)
        text = json_str(json_get(v, "message"));
    return ai__refuse(c, ai__bedrock_reason(c->status, code, text), code, text, e);
}

static enum err on_message(void *ctx, const struct client_eventstream_message *m, struct error *e)
{
    struct ai__call *c = ctx;
    struct str kind = client_eventstream_text(m, STR(":message-type"));
    if (c->finished) return ERR_OK;
    if (str_eq_c(kind, "exception") || str_eq_c(kind, "error")) return exception_read(c, m, e);
    if (!str_eq_c(kind, "event")) return ERR_OK;
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    TRY(ai__event_parse(c, m->payload, &a, &v, e));
    return event_read(c, client_eventstream_text(m, STR(":event-type")), v, e);
}

enum err ai__bedrock_frames(struct ai__call *c, struct error *e)
{
    return client_eventstream_new(AI__EVENT_MAX, on_message, c, &((struct ai__bedrock_call *)c)->frames, e);
}

enum err ai__bedrock_stream_data(struct ai__call *c, struct str bytes, struct error *e)
{
    struct error why = {0};
    enum err err = client_eventstream_feed(((struct ai__bedrock_call *)c)->frames, bytes, &why);
    if (err == ERR_OK) return ERR_OK;
    if (err == ERR_UPSTREAM && ai__has(str_from_c(why.reason), "bad_checksum|bad_frame|frame_too_large"))
        return ai_error(e, AI_BAD_ANSWER, "%.*s: %s", STR_ARG(c->model), why.message);
    *e = why;
    return err;
}

enum err ai__bedrock_stream_end(struct ai__call *c, struct error *e)
{
    struct error why = {0};
    if (client_eventstream_end(((struct ai__bedrock_call *)c)->frames, &why) != ERR_OK && !c->finished)
        return ai_error(e, AI_CUT_OFF, "%.*s: %s", STR_ARG(c->model), why.message);
    c->finished = c->finished || c->stop_known;
    return ERR_OK;
}

/* --- the whole --- */

enum err ai__bedrock_whole_data(struct ai__call *c, struct str bytes, struct error *e)
{
    struct sb *b = &((struct ai__bedrock_call *)c)->whole;
    ai__begun(c);
    sb_str(b, bytes);
    if (sb_ok(b)) return ERR_OK;
    return b->no_memory
               ? error_no_memory(e)
               : ai_error(e, AI_BAD_ANSWER, "%.*s answered with more than %zu bytes", STR_ARG(c->model), b->max);
}

/* As deep as the parser lets it be. */
static void value_copy(struct json_out *o, const char *key, const struct json *v)
{
    struct str name;
    size_t at = 0;
    switch (v ? json_type(v) : JSON_NULL) {
    case JSON_NULL: json_out_null(o, key); return;
    case JSON_BOOL: json_out_bool(o, key, json_bool(v, false)); return;
    case JSON_NUMBER: json_out_double(o, key, json_double(v, 0)); return;
    case JSON_STRING: json_out_str(o, key, json_str(v)); return;
    case JSON_ARRAY:
        json_out_begin_array(o, key);
        for (size_t i = 0; i < json_count(v); i++)
            value_copy(o, NULL, json_at(v, i));
        json_out_end_array(o);
        return;
    case JSON_OBJECT:
        json_out_begin_object(o, key);
        for (const struct json *member; (member = json_member(v, &at, &name));)
            value_copy(o, name.p, member);
        json_out_end_object(o);
        return;
    }
}

static enum err tool_read(struct ai__call *c, uint64_t index, const struct json *tool, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(AI__ANSWER_MAX);
    struct json_out o = json_out_make(&b, false);
    value_copy(&o, NULL, json_get(tool, "input"));
    if (!sb_ok(&b)) return error_no_memory(e);
    TRY(ai__tool_start(c, index, json_str(json_get(tool, "toolUseId")), json_str(json_get(tool, "name")), e));
    TRY(ai__tool_piece(c, index, sb_view(&b), e));
    return ai__tool_end(c, index, e);
}

static enum err block_read(struct ai__call *c, uint64_t index, const struct json *block, struct error *e)
{
    const struct json *tool = json_get(block, "toolUse"),
                      *thought = json_get(json_get(block, "reasoningContent"), "reasoningText");
    if (tool) return tool_read(c, index, tool, e);
    TRY(ai__reasoning(c, json_str(json_get(thought, "text")), STR_EMPTY, e));
    TRY(ai__reasoning(c, STR_EMPTY, json_str(json_get(thought, "signature")), e));
    return ai__text(c, json_str(json_get(block, "text")), e);
}

enum err ai__bedrock_whole_end(struct ai__call *c, struct error *e)
{
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    TRY(ai__event_parse(c, sb_view(&((struct ai__bedrock_call *)c)->whole), &a, &v, e));
    const struct json *content = json_get(json_get(json_get(v, "output"), "message"), "content");
    if (!content) return ai_error(e, AI_BAD_ANSWER, "%.*s: the answer has no message in it", STR_ARG(c->model));
    usage_read(c, json_get(v, "usage"));
    for (size_t i = 0; i < json_count(content); i++)
        TRY(block_read(c, i, json_at(content, i), e));
    TRY(stopped(c, v, e));
    c->finished = true;
    return ERR_OK;
}
