/* Anthropic's Messages API: what is sent, what is read, and every way in which it goes wrong. */
#include "ai/anthropic.h"

#include "ai_test.h"

static struct server server;
static struct client_http *http;
static struct ai_provider *provider;

#define SSE         "Content-Type: text/event-stream; charset=utf-8\r\nrequest-id: req_1\r\n"
#define JSON        "Content-Type: application/json\r\nrequest-id: req_1\r\n"
#define EVENT(data) "event: x\r\ndata: " data "\r\n\r\n"
#define STARTED                                                                                                        \
    EVENT("{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":11,"                      \
          "\"cache_read_input_tokens\":22,\"cache_creation_input_tokens\":33,\"output_tokens\":1}}}")
#define TEXT(text)                                                                                                     \
    EVENT("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" text "\"}}")
#define STOPPED(reason)                                                                                                \
    EVENT("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason "\"},\"usage\":{\"output_tokens\":44}}")
#define OVER EVENT("{\"type\":\"message_stop\"}")
#define TOOL(index)                                                                                                    \
    EVENT("{\"type\":\"content_block_start\",\"index\":" index                                                         \
          ",\"content_block\":{\"type\":\"tool_use\",\"id\":\"t" index "\",\"name\":\"report\",\"input\":{}}}")
#define INPUT(index, json)                                                                                             \
    EVENT("{\"type\":\"content_block_delta\",\"index\":" index                                                         \
          ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"" json "\"}}")
#define CLOSED(index) EVENT("{\"type\":\"content_block_stop\",\"index\":" index "}")

static void says(const char *body, size_t step)
{
    server_says(&server, (struct reply){.status = 200, .headers = SSE, .body = str_from_c(body), .step = step});
}

static void test_request(void **state)
{
    (void)state;
    struct got g;
    struct ai_request rq = ask_request("claude-sonnet-4-5-20250929", true);
    says(STARTED OVER, 0);
    says(STARTED OVER, 0);
    says(STARTED OVER, 0);
    ask_whole(provider, &g, &rq);
    got_done(&g, provider);
    const char *sent = server_asked(&server, 0);
    assert_has(sent, "POST /base/v1/messages HTTP/1.1\r\n");
    assert_has(sent, "x-api-key: sk-secret\r\n");
    assert_has(sent, "anthropic-version: 2023-06-01\r\n");
    assert_has(
        sent,
        "{\"model\":\"claude-sonnet-4-5-20250929\",\"max_tokens\":500,\"stream\":true,\"temperature\":0.5,"
        "\"tools\":[{\"name\":\"report\",\"description\":\"Reports findings.\",\"input_schema\":{\"type\":\"object\"},"
        "\"cache_control\":{\"type\":\"ephemeral\"}}],\"tool_choice\":{\"type\":\"tool\",\"name\":\"report\","
        "\"disable_parallel_tool_use\":true},\"system\":[{\"type\":\"text\",\"text\":\"You review.\","
        "\"cache_control\":{\"type\":\"ephemeral\"}}],\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
        "\"text\":\"The secret report of the third quarter.\",\"cache_control\":{\"type\":\"ephemeral\"}},{\"type\":\"text\",\"text\":"
        "\"Review section 1.\"}]}]}");
    /* with thinking nothing is forced and no temperature is sent; the answer keeps its room */
    rq.messages = ask_dialogue;
    rq.n_messages = 3;
    rq.reasoning_tokens = 2000;
    ask_whole(provider, &g, &rq);
    got_done(&g, provider);
    sent = server_asked(&server, 1);
    assert_has(
        sent,
        "\"max_tokens\":2500,\"stream\":true,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},\"tools\"");
    assert_null(strstr(sent, "tool_choice"));
    assert_null(strstr(sent, "temperature"));
    assert_has(
        sent,
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"Look.\",\"signature\":\"sig\"},"
        "{\"type\":\"text\",\"text\":\"I look.\"},{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"report\","
        "\"input\":{\"q\":\"owner\"}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
        "\"tool_use_id\":\"t1\",\"content\":\"none\",\"is_error\":true}");
    /* later models decide themselves */
    rq.model = STR("claude-sonnet-5");
    ask_whole(provider, &g, &rq);
    got_done(&g, provider);
    assert_has(server_asked(&server, 2), "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"low\"}");
    server_forget(&server);
}

/* Whatever way the bytes are cut; what is unknown is read over. */
static void test_answer(void **state)
{
    (void)state;
    static const char whole[] = STARTED EVENT("{\"type\":\"ping\"}") EVENT("{\"type\":\"invented\",\"x\":[1,{}]}")
        EVENT("{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\"}}") EVENT(
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}")
            EVENT(
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"s1\"}}")
                TEXT("Gr\xc3\xbc\xc3\x9f") TEXT("e \\ud83d\\ude00") EVENT(
                    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"odd_delta\",\"text\":\"no\"}}")
                    CLOSED("0") TOOL("1") INPUT("1", "") INPUT("1", "{\\\"f\\\":[{\\\"q\\\":\\\"a")
                        INPUT("1", "]\\\"},") INPUT("1", " 2]}") CLOSED("1") TOOL("2") CLOSED("2") STOPPED("tool_use")
                            OVER TEXT("after");
    static const size_t steps[] = {0, 1, 3, 7, 64};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct got g;
        struct ai_request rq = ask_request("claude-sonnet-4-5", true);
        says(whole, steps[i]);
        ask_whole(provider, &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_str(sb_view(&g.text), "Gr\xc3\xbc\xc3\x9f"
                                     "e \xf0\x9f\x98\x80");
        assert_str(sb_view(&g.thoughts), "hm");
        assert_str(sb_view(&g.signature), "s1");
        assert_str(sb_view(&g.tools),
                   "0 t1 report;0 f[0]={\"q\":\"a]\"};0 f[1]=2;0={\"f\":[{\"q\":\"a]\"}, 2]};1 t2 report;1={};");
        assert_int_equal(g.stop, AI_STOP_TOOL);
        assert_int_equal(g.usage.in, 11);
        assert_int_equal(g.usage.cache_read, 22);
        assert_int_equal(g.usage.cache_write, 33);
        assert_int_equal(g.usage.out, 44);
        assert_string_equal(g.model, "claude-sonnet-4-5");
        got_done(&g, provider);
        server_forget(&server);
    }
}

static void test_stops(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum ai_stop stop;
        const char *reason;
    } rows[] = {
        {STARTED TEXT("a") STOPPED("end_turn") OVER, AI_STOP_DONE, ""},
        {STARTED TEXT("a") STOPPED("stop_sequence") OVER, AI_STOP_DONE, ""},
        {STARTED TEXT("a") STOPPED("of_tomorrow") OVER, AI_STOP_DONE, ""},
        {STARTED TEXT("a") STOPPED("max_tokens") OVER, AI_STOP_MAX_TOKENS, ""},
        {STARTED TEXT("a") STOPPED("refusal") OVER, AI_STOP_REFUSAL, ""},
        /* a tool input that max_tokens cut is no error, and is not handed out; one that the model broke is */
        {STARTED TOOL("0") INPUT("0", "{\\\"a\\\":[1") CLOSED("0") STOPPED("max_tokens") OVER, AI_STOP_MAX_TOKENS, ""},
        {STARTED TOOL("0") INPUT("0", "{\\\"a\\\":[1") CLOSED("0") STOPPED("tool_use") OVER, AI_STOP_ERROR,
         "bad_answer"},
        {STARTED TOOL("0") INPUT("0", "{]") CLOSED("0") STOPPED("max_tokens") OVER, AI_STOP_ERROR, "bad_answer"},
        {STARTED INPUT("3", "{") OVER, AI_STOP_ERROR, "bad_answer"},
        /* broken off */
        {STARTED TEXT("a"), AI_STOP_ERROR, "cut_off"},
        {STARTED TEXT("a") STOPPED("end_turn"), AI_STOP_ERROR, "cut_off"},
        {STARTED TEXT("a") "event: x\ndata: {\"type\":\"content_blo", AI_STOP_ERROR, "cut_off"},
        {"", AI_STOP_ERROR, "cut_off"},
        {STARTED EVENT("{\"type\":"), AI_STOP_ERROR, "bad_answer"},
        /* an error long after status 200 */
        {STARTED TEXT("a")
             EVENT("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"),
         AI_STOP_ERROR, "overloaded"},
        {EVENT("{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"m\"}}"), AI_STOP_ERROR,
         "throttled"},
        {EVENT("{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"m\"}}"), AI_STOP_ERROR,
         "overloaded"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct got g;
        struct ai_request rq = ask_request("claude-sonnet-4-5", true);
        says(rows[i].body, 5);
        ask_whole(provider, &g, &rq);
        if (g.stop != rows[i].stop || strcmp(g.e.reason, rows[i].reason) != 0)
            fail_msg("row %zu: %d %s (%s)", i, (int)g.stop, g.e.reason, g.e.message);
        assert_true(str_find(sb_view(&g.tools), STR("0="), 0) == STR_NONE);
        got_done(&g, provider);
        server_forget(&server);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *type, *message, *reason;
    } rows[] = {
        {400, "invalid_request_error", "messages: wrong 'The secret report of the third quarter.' there",
         "bad_request"},
        {400, "invalid_request_error", "messages.0: The secret report of the third quarter. is odd", "bad_request"},
        {400, "invalid_request_error", "prompt is too long: 214523 tokens > 200000 maximum", "context_too_long"},
        {400, "invalid_request_error", "Your credit balance is too low", "quota"},
        {401, "authentication_error", "invalid x-api-key", "bad_credentials"},
        {402, "billing_error", "pay", "quota"},
        {403, "permission_error", "no", "access_denied"},
        {404, "not_found_error", "model: x", "model_not_found"},
        {413, "request_too_large", "large", "context_too_long"},
        {429, "rate_limit_error", "slow", "throttled"},
        {500, "api_error", "oh", "overloaded"},
        {504, "timeout_error", "late", "timeout_first_token"},
        {529, "overloaded_error", "full", "overloaded"},
        {529, "new_error", "full", "overloaded"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct got g;
        char body[512];
        struct ai_request rq = ask_request("claude-sonnet-4-5", false);
        (void)snprintf(body, sizeof body,
                       "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"%s\"},\"new\":1}", rows[i].type,
                       rows[i].message);
        server_says(&server, (struct reply){rows[i].status, JSON "retry-after: 7\r\n", str_from_c(body), 3, false});
        ask_whole(provider, &g, &rq);
        if (strcmp(g.e.reason, rows[i].reason) != 0) fail_msg("row %zu: %s (%s)", i, g.e.reason, g.e.message);
        assert_int_equal(g.stop, AI_STOP_ERROR);
        assert_int_equal(g.retry_after_ms, 7000);
        assert_has(g.e.message, "claude-sonnet-4-5");
        assert_has(g.e.detail, "req_1");
        assert_true(g.e.hint[0] != 0);
        assert_null(strstr(g.e.detail, "secret"));
        got_done(&g, provider);
        server_forget(&server);
    }
    /* what is no JSON, and what is no stream */
    struct got g;
    struct ai_request rq = ask_request("claude-sonnet-4-5", false);
    server_says(&server, (struct reply){502, "Content-Type: text/html\r\n",
                                        STR("<h1>The secret report of the third quarter.</h1>"), 0, false});
    server_says(&server, (struct reply){200, "Content-Type: text/html\r\n", STR("<h1>login</h1>"), 0, false});
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "overloaded");
    got_done(&g, provider);
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "bad_answer");
    assert_has(g.e.message, "text/html");
    got_done(&g, provider);
    server_forget(&server);
}

static void test_limits(void **state)
{
    (void)state;
    struct got g;
    struct ai_request rq = ask_request("claude-sonnet-4-5", false);
    rq.limits = (struct ai_limits){10000, 60, 20000, 20000};
    /* no head; a head and no model */
    server_says(&server, (struct reply){.stall = true});
    server_says(&server, (struct reply){200, SSE, STR(STARTED), 0, true});
    for (int i = 0; i < 2; i++) {
        ask_whole(provider, &g, &rq);
        assert_string_equal(g.e.reason, "timeout_first_token");
        got_done(&g, provider);
    }
    /* the model has begun, and another limit holds */
    rq.limits = (struct ai_limits){10000, 20000, 60, 20000};
    server_says(&server, (struct reply){200, SSE, STR(STARTED TEXT("a")), 0, true});
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "stalled");
    assert_str(sb_view(&g.text), "a");
    assert_int_equal(g.usage.in, 11); /* what is known of a call that failed */
    got_done(&g, provider);
    rq.limits = (struct ai_limits){10000, 20000, 20000, 100};
    server_says(&server, (struct reply){200, SSE, STR(STARTED TEXT("a")), 0, true});
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "timeout");
    got_done(&g, provider);
    /* the end of the answer is the end, also where HTTP does not end */
    rq.limits = (struct ai_limits){10000, 20000, 20000, 300};
    server_says(&server, (struct reply){200, SSE, STR(STARTED TEXT("a") STOPPED("end_turn") OVER), 0, true});
    ask_whole(provider, &g, &rq);
    assert_int_equal(g.stop, AI_STOP_DONE);
    got_done(&g, provider);
    server_forget(&server);
}

/* 100,000 tokens come through, and what has no end is ended. */
static void test_huge(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 26);
    sb_c(&b, STARTED);
    for (int i = 0; i < 4000; i++)
        sb_c(&b,
             TEXT("a hundred letters in each piece, so that it is about twenty-five tokens, which is a little more. "));
    sb_c(&b, STOPPED("end_turn") OVER);
    struct got g;
    struct ai_request rq = ask_request("claude-sonnet-4-5", false);
    server_says(&server, (struct reply){200, SSE, sb_view(&b), 0, false});
    ask_whole(provider, &g, &rq);
    assert_int_equal(g.stop, AI_STOP_DONE);
    assert_true(g.text.n > 380000);
    got_done(&g, provider);
    server_forget(&server);
    /* a text that has no end is ended */
    sb_reset(&b);
    for (int i = 0; i < 900; i++)
        sb_c(&b, "a text of ten thousand bytes is long; ");
    CLEANUP_SB struct sb endless = SB_INIT(1 << 26);
    while (endless.n < 9u << 20)
        sb_printf(&endless,
                  "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"%.*s\"}}\n\n",
                  STR_ARG(sb_view(&b)));
    server_says(&server, (struct reply){200, SSE, sb_view(&endless), 0, false});
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "bad_answer");
    assert_true(g.text.n <= 8 << 20);
    got_done(&g, provider);
    server_forget(&server);
    /* one event that is too large */
    sb_reset(&b);
    sb_c(&b, "data: ");
    for (int i = 0; i < 200000; i++)
        sb_c(&b, "0123456789");
    server_says(&server, (struct reply){200, SSE, sb_view(&b), 0, false});
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "bad_answer");
    got_done(&g, provider);
    server_forget(&server);
}

static void test_wrong_requests(void **state)
{
    (void)state;
    struct got g;
    struct ai_handler handler = got_handler(&g);
    struct ai_tool tool = ask_tools[0];
    struct ai_part part = ask_called[2];
    struct ai_message message = {AI_ASSISTANT, &part, 1};
    for (int i = 0; i < 9; i++) {
        struct ai_request rq = ask_request("m", true);
        struct ai_message three[] = {ask_messages[0], message, ask_messages[0]};
        rq.tools = &tool;
        tool = ask_tools[0];
        part = ask_called[2];
        if (i == 0) rq.model = STR_EMPTY;
        if (i == 1) rq.max_tokens = 0;
        if (i == 2) rq.temperature = 1.5;
        if (i == 3) rq.reasoning_tokens = 1000;
        if (i == 4) rq.n_messages = 0;
        if (i == 5) tool.name = STR("no name");
        if (i == 6) tool.schema = STR("[1]");
        if (i == 7) rq.forced_tool = STR("other");
        if (i == 8) {
            part.text = STR("{");
            rq.messages = three;
            rq.n_messages = 3;
        }
        struct error e = {0};
        struct ai_call *call = NULL;
        assert_int_equal(provider->ops->start(provider, &rq, &handler, &call, &e), ERR_INVALID);
        assert_string_equal(e.reason, "bad_request");
        assert_null(call);
    }
}

static int setup(void **state)
{
    (void)state;
    server_start(&server);
    http = http_new();
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/base", server.port);
    struct ai_anthropic_options o = {.http = http, .base_url = str_from_c(url), .api_key = STR("sk-secret")};
    struct error e;
    return ai_anthropic_new(&o, &provider, &e) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    provider->ops->free(provider);
    client_http_free(http);
    server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),        cmocka_unit_test(test_answer), cmocka_unit_test(test_stops),
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_limits), cmocka_unit_test(test_huge),
        cmocka_unit_test(test_wrong_requests),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
