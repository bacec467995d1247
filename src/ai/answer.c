/* What comes of a call: text, thoughts and tool inputs go out as they come in.
 * A tool input that ends too early is not an error yet: providers close the block first and say afterwards that the answer was cut by max_tokens.
 * So it is kept (c->late) until the reason of the end is known.
 * Limits: AI__ANSWER_MAX bytes, AI__TOOLS_MAX tools. */
#include <inttypes.h>

#include "ai/call_priv.h"

static enum err go_on(struct ai__call *c, size_t more, struct error *e)
{
    if (atomic_load(&c->cancelled)) return error_set_reason(e, ERR_CONFLICT, "cancelled", "the call was cancelled");
    if (more > AI__ANSWER_MAX - c->bytes)
        return ai_error(e, AI_BAD_ANSWER, "%.*s answered with more than %zu bytes", STR_ARG(c->model), AI__ANSWER_MAX);
    c->bytes += more;
    ai__begun(c);
    return ERR_OK;
}

void ai__begun(struct ai__call *c)
{
    if (c->begun) return;
    c->begun = true;
    client_http_stall_limit(c->sent, c->limits.stall_ms);
}

enum err ai__text(struct ai__call *c, struct str delta, struct error *e)
{
    if (delta.n == 0) return ERR_OK;
    TRY(go_on(c, delta.n, e));
    if (c->out.on_text) c->out.on_text(c->out.ctx, delta);
    return ERR_OK;
}

enum err ai__reasoning(struct ai__call *c, struct str delta, struct str signature, struct error *e)
{
    if (delta.n + signature.n == 0) return ERR_OK;
    TRY(go_on(c, delta.n + signature.n, e));
    if (c->out.on_reasoning) c->out.on_reasoning(c->out.ctx, delta, signature);
    return ERR_OK;
}

static struct ai__tool *find(struct ai__call *c, uint64_t index)
{
    for (unsigned i = c->n_tools; i > 0; i--)
        if (c->tools[i - 1].index == index && c->tools[i - 1].open) return &c->tools[i - 1];
    return NULL;
}

static enum err on_item(void *ctx, struct str member, size_t index, struct str json, struct error *e)
{
    struct ai__tool *t = ctx;
    struct ai__call *c = t->call;
    TRY(go_on(c, 0, e));
    if (c->out.on_tool_item) c->out.on_tool_item(c->out.ctx, (unsigned)(t - c->tools), member, index, json);
    return ERR_OK;
}

enum err ai__tool_start(struct ai__call *c, uint64_t index, struct str id, struct str name, struct error *e)
{
    TRY(ai__tool_end(c, index, e));
    TRY(go_on(c, id.n + name.n, e));
    if (c->n_tools == AI__TOOLS_MAX)
        return ai_error(e, AI_BAD_ANSWER, "%.*s called more than %d tools at once", STR_ARG(c->model), AI__TOOLS_MAX);
    struct ai__tool *t = &c->tools[c->n_tools];
    *t = (struct ai__tool){.index = index, .call = c};
    TRY(ai_json_stream_new(AI__ANSWER_MAX, on_item, t, &t->input, e));
    t->open = true;
    c->n_tools++;
    if (c->out.on_tool_start) c->out.on_tool_start(c->out.ctx, (unsigned)(t - c->tools), id, name);
    return ERR_OK;
}

enum err ai__tool_piece(struct ai__call *c, uint64_t index, struct str piece, struct error *e)
{
    struct ai__tool *t = find(c, index);
    if (!t)
        return ai_error(e, AI_BAD_ANSWER, "%.*s sent the input of a tool that it did not call (%" PRIu64 ")",
                        STR_ARG(c->model), index);
    TRY(go_on(c, piece.n, e));
    return ai_json_stream_feed(t->input, piece, e);
}

enum err ai__tool_end(struct ai__call *c, uint64_t index, struct error *e)
{
    struct ai__tool *t = find(c, index);
    if (!t) return ERR_OK;
    TRY(go_on(c, 0, e));
    t->open = false;
    struct str whole = STR_EMPTY;
    struct error why = {0};
    enum err err = ai_json_stream_end(t->input, &whole, &why);
    if (err == ERR_OK && c->out.on_tool_input) c->out.on_tool_input(c->out.ctx, (unsigned)(t - c->tools), whole);
    ai_json_stream_free(t->input);
    t->input = NULL;
    if (err == ERR_UPSTREAM) {
        c->late = why;
        return ERR_OK;
    }
    if (err != ERR_OK && e) *e = why;
    return err;
}

void ai__tools_free(struct ai__call *c)
{
    for (unsigned i = 0; i < c->n_tools; i++)
        ai_json_stream_free(c->tools[i].input);
}
