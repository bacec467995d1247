/* What is sent to Bedrock's Converse: one shape for all its models. What only some know goes into additionalModelRequestFields.
 * Never top_p: with the temperature the newer models refuse it. */
#include "ai/bedrock_priv.h"

static void cache_point(struct json_out *o, bool cache)
{
    if (!cache) return;
    json_out_begin_object(o, NULL);
    json_out_begin_object(o, "cachePoint");
    json_out_c(o, "type", "default");
    json_out_end_object(o);
    json_out_end_object(o);
}

static void reasoning_write(struct json_out *o, const struct ai_part *p)
{
    json_out_begin_object(o, "reasoningContent");
    json_out_begin_object(o, "reasoningText");
    json_out_str(o, "text", p->text);
    if (p->signature.n > 0) json_out_str(o, "signature", p->signature);
    json_out_end_object(o);
    json_out_end_object(o);
}

static void tool_result_write(struct json_out *o, const struct ai_part *p)
{
    json_out_begin_object(o, "toolResult");
    json_out_str(o, "toolUseId", p->tool_id);
    json_out_begin_array(o, "content");
    json_out_begin_object(o, NULL);
    json_out_str(o, "text", p->text);
    json_out_end_object(o);
    json_out_end_array(o);
    if (p->failed) json_out_c(o, "status", "error");
    json_out_end_object(o);
}

static void part_write(struct json_out *o, const struct ai_part *p)
{
    json_out_begin_object(o, NULL);
    switch (p->kind) {
    case AI_TEXT: json_out_str(o, "text", p->text); break;
    case AI_REASONING: reasoning_write(o, p); break;
    case AI_TOOL_USE:
        json_out_begin_object(o, "toolUse");
        json_out_str(o, "toolUseId", p->tool_id);
        json_out_str(o, "name", p->tool_name);
        json_out_raw(o, "input", p->text);
        json_out_end_object(o);
        break;
    case AI_TOOL_RESULT: tool_result_write(o, p); break;
    }
    json_out_end_object(o);
    cache_point(o, p->cache);
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
    json_out_begin_object(o, "toolConfig");
    json_out_begin_array(o, "tools");
    for (size_t i = 0; i < rq->n_tools; i++) {
        json_out_begin_object(o, NULL);
        json_out_begin_object(o, "toolSpec");
        json_out_str(o, "name", rq->tools[i].name);
        json_out_str(o, "description", rq->tools[i].description);
        json_out_begin_object(o, "inputSchema");
        json_out_raw(o, "json", rq->tools[i].schema);
        json_out_end_object(o);
        json_out_end_object(o);
        json_out_end_object(o);
    }
    cache_point(o, rq->cache_tools);
    json_out_end_array(o);
    if (rq->forced_tool.n > 0 && rq->reasoning_tokens == 0) {
        json_out_begin_object(o, "toolChoice");
        json_out_begin_object(o, "tool");
        json_out_str(o, "name", rq->forced_tool);
        json_out_end_object(o);
        json_out_end_object(o);
    }
    json_out_end_object(o);
}

static void thinking_write(struct json_out *o, const struct ai_request *rq)
{
    if (rq->reasoning_tokens == 0) return;
    bool budget = ai__thinks_by_budget(rq->model);
    json_out_begin_object(o, "additionalModelRequestFields");
    json_out_begin_object(o, "thinking");
    json_out_c(o, "type", budget ? "enabled" : "adaptive");
    if (budget) json_out_i64(o, "budget_tokens", rq->reasoning_tokens);
    json_out_end_object(o);
    json_out_end_object(o);
    if (budget) return;
    json_out_begin_object(o, "outputConfig");
    json_out_c(o, "effort", ai__effort(rq->reasoning_tokens));
    json_out_end_object(o);
}

void ai__bedrock_body(struct sb *b, const struct ai_request *rq)
{
    struct json_out o = json_out_make(b, false);
    json_out_begin_object(&o, NULL);
    json_out_begin_object(&o, "inferenceConfig");
    json_out_i64(&o, "maxTokens", rq->max_tokens + rq->reasoning_tokens);
    if (rq->reasoning_tokens == 0 && rq->temperature >= 0) json_out_double(&o, "temperature", rq->temperature);
    json_out_end_object(&o);
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
