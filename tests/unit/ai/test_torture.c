/* Every allocation fails once: of a request as it is written and sent, of a tool input as it is read, and of an answer (Bedrock's, whose reader can
 * be called without a connection; the others differ in the words alone). */
#include "support/torture.h"

#include "../client/client_test.h"
#include "ai/anthropic.h"
#include "ai/bedrock_priv.h"
#include "ai/json_stream.h"
#include "ai/openai.h"
#include "base/sb.h"
#include "support/frame.h"

static enum err on_item(void *ctx, struct str member, size_t index, struct str json, struct error *e)
{
    (void)member;
    (void)index;
    (void)json;
    (void)e;
    ++*(size_t *)ctx;
    return ERR_OK;
}

static enum err use_stream(void *ctx, struct error *e)
{
    (void)ctx;
    size_t n = 0;
    struct ai_json_stream *s = NULL;
    struct str whole = STR_EMPTY;
    TRY(ai_json_stream_new(1 << 16, on_item, &n, &s, e));
    enum err err = ai_json_stream_feed(s, STR("{\"f\":[{\"q\":\"some text that is long enough\"}, "), e);
    if (err == ERR_OK) err = ai_json_stream_feed(s, STR("2]}"), e);
    if (err == ERR_OK) err = ai_json_stream_end(s, &whole, e);
    if (err == ERR_OK) assert_int_equal(n, 2);
    ai_json_stream_free(s);
    return err;
}

static void test_stream(void **state)
{
    (void)state;
    assert_true(torture_run(use_stream, NULL) >= 4);
}

static void on_end(void *ctx, const struct ai_end *end)
{
    (void)ctx;
    (void)end;
    fail_msg("a call that was not begun has ended");
}

/* Up to the HTTP client, which refuses the address: so all is written and nothing is sent. */
static enum err use(enum err (*make)(struct ai_provider **ret, struct error *e), struct error *e)
{
    static const struct ai_part parts[] = {{.kind = AI_TEXT, .text = STR_INIT("text"), .cache = true}};
    static const struct ai_message messages[] = {{AI_USER, parts, 1}};
    static const struct ai_tool tools[] = {{STR_INIT("t"), STR_INIT("d"), STR_INIT("{}")}};
    struct ai_request rq = {.model = STR("m"),
                            .system = parts,
                            .n_system = 1,
                            .messages = messages,
                            .n_messages = 1,
                            .tools = tools,
                            .n_tools = 1,
                            .forced_tool = STR("t"),
                            .max_tokens = 1};
    struct ai_handler handler = {.on_end = on_end};
    struct ai_provider *p = NULL;
    struct ai_call *call = NULL;
    TRY(make(&p, e));
    enum err err = p->ops->start(p, &rq, &handler, &call, e);
    assert_null(call);
    p->ops->free(p);
    if (err != ERR_INVALID) return err;
    assert_string_equal(e->reason, "bad_url");
    return ERR_OK;
}

static enum err make_anthropic(struct ai_provider **ret, struct error *e)
{
    struct ai_anthropic_options o = {.base_url = STR("nowhere"), .api_key = STR("k"), .bearer = true};
    return ai_anthropic_new(&o, ret, e);
}

static enum err make_openai(struct ai_provider **ret, struct error *e)
{
    struct ai_openai_options o = {.base_url = STR("nowhere"), .api_key = STR("k")};
    return ai_openai_new(&o, ret, e);
}

static enum err use_anthropic(void *ctx, struct error *e)
{
    (void)ctx;
    return use(make_anthropic, e);
}

static enum err use_openai(void *ctx, struct error *e)
{
    (void)ctx;
    return use(make_openai, e);
}

static void test_requests(void **state)
{
    (void)state;
    assert_true(torture_run(use_anthropic, NULL) >= 8);
    assert_true(torture_run(use_openai, NULL) >= 8);
}

static void nothing(struct ai__call *c) { client_eventstream_free(((struct ai__bedrock_call *)c)->frames); }

static void ended(void *ctx, const struct ai_end *end) { *(enum ai_stop *)ctx = end->stop; }

/* An answer as it comes; the end is what the bytes were. */
static enum err use_answer(void *ctx, struct error *e)
{
    static const struct ai__wire wire = {.done = nothing};
    enum ai_stop stop = AI_STOP_ERROR;
    struct ai_handler handler = {.on_end = ended, .ctx = &stop};
    struct ai_request rq = {.model = STR("m")};
    struct ai__call *c = NULL;
    TRY(ai__call_new(sizeof(struct ai__bedrock_call), NULL, &wire, NULL, &rq, &handler, &c, e));
    c->begun = true; /* there is no connection whose limits could be set */
    c->status = 200;
    enum err err = ai__bedrock_frames(c, e);
    struct str bytes = *(struct str *)ctx;
    for (size_t at = 0; err == ERR_OK && at < bytes.n; at += 50)
        err = ai__bedrock_stream_data(c, str_sub(bytes, at, at + 50), e);
    if (err == ERR_OK) err = ai__bedrock_stream_end(c, e);
    c->failed.code = err;
    ai__end(c);
    assert_true((err == ERR_OK) == (stop == AI_STOP_TOOL));
    ai__call_unref(c);
    return err;
}

static void test_answer(void **state)
{
    (void)state;
    char room[4096];
    CLEANUP_SB struct sb b = SB_INIT(sizeof room);
    frame_event(&b, STR("contentBlockDelta"), STR("{\"delta\":{\"text\":\"a\"}}"));
    frame_event(&b, STR("contentBlockStart"), STR("{\"start\":{\"toolUse\":{\"toolUseId\":\"t\",\"name\":\"n\"}}}"));
    frame_event(&b, STR("contentBlockDelta"), STR("{\"delta\":{\"toolUse\":{\"input\":\"{\\\"f\\\":[1]}\"}}}"));
    frame_event(&b, STR("contentBlockStop"), STR("{}"));
    frame_event(&b, STR("messageStop"), STR("{\"stopReason\":\"tool_use\"}"));
    struct str bytes = sb_view(&b);
    assert_true(torture_run(use_answer, &bytes) >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stream), cmocka_unit_test(test_requests),
                                       cmocka_unit_test(test_answer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
