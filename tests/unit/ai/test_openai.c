/* Chat completions: what is sent, what is read, what is learnt of a server, and every way in which it goes wrong. */
#include "ai/openai.h"

#include "ai_test.h"

static struct server server;
static struct client_http *http;
static struct ai_provider *provider; /* a new one for each test: it learns */

#define SSE        "Content-Type: text/event-stream\r\nx-request-id: req_1\r\n"
#define JSON       "Content-Type: application/json\r\n"
#define DATA(json) "data: " json "\n\n"
#define DELTA(json)                                                                                                    \
    DATA("{\"object\":\"chat.completion.chunk\",\"new\":{},\"choices\":[{\"index\":0,\"delta\":" json                  \
         ",\"finish_reason\":null}]}")
#define FINISH(why)       DATA("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" why "\"}]}")
#define TEXT(text)        DELTA("{\"role\":\"assistant\",\"content\":\"" text "\"}")
#define CALL(index, more) DELTA("{\"tool_calls\":[{\"index\":" index "," more "}]}")
#define USAGE                                                                                                          \
    DATA("{\"choices\":[],\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":44,\"prompt_tokens_details\":{"        \
         "\"cached_tokens\":10}}}")
#define DONE DATA("[DONE]")

static void says(const char *body, size_t step)
{
    server_says(&server, (struct reply){.status = 200, .headers = SSE, .body = str_from_c(body), .step = step});
}

static void refuses(int status, const char *body)
{
    server_says(&server,
                (struct reply){.status = status, .headers = JSON "retry-after-ms: 1500\r\n", .body = str_from_c(body)});
}

static int fresh(void **state)
{
    (void)state;
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/v1", server.port);
    struct ai_openai_options o = {.http = http, .base_url = str_from_c(url), .api_key = STR("sk-secret")};
    struct error e;
    return ai_openai_new(&o, &provider, &e) == ERR_OK ? 0 : -1;
}

static int stale(void **state)
{
    (void)state;
    provider->ops->free(provider);
    server_forget(&server);
    return 0;
}

static void test_request(void **state)
{
    (void)state;
    struct got g;
    struct ai_request rq = ask_request("local", true);
    says(FINISH("stop") DONE, 0);
    says(FINISH("stop") DONE, 0);
    ask_whole(provider, &g, &rq);
    got_done(&g, provider);
    const char *sent = server_asked(&server, 0);
    assert_has(sent, "POST /v1/chat/completions HTTP/1.1\r\n");
    assert_has(sent, "authorization: Bearer sk-secret\r\n");
    assert_has(
        sent,
        "{\"model\":\"local\",\"stream\":true,\"temperature\":0.5,\"messages\":[{\"role\":\"system\",\"content\":"
        "\"You review.\"},{\"role\":\"user\",\"content\":\"The secret report of the third quarter.\\n\\nReview section 1.\"}],"
        "\"max_tokens\":500,\"stream_options\":{\"include_usage\":true},\"tools\":[{\"type\":\"function\","
        "\"function\":{\"name\":\"report\",\"description\":\"Reports findings.\",\"parameters\":{\"type\":"
        "\"object\"}}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"report\"}}}");
    rq.messages = ask_dialogue;
    rq.n_messages = 3;
    rq.reasoning_tokens = 2000;
    ask_whole(provider, &g, &rq);
    got_done(&g, provider);
    sent = server_asked(&server, 1);
    assert_has(sent, "\"reasoning_effort\":\"low\"");
    assert_has(sent, "\"max_tokens\":2500");
    assert_null(strstr(sent, "temperature"));
    assert_has(sent,
               "{\"role\":\"assistant\",\"content\":\"I look.\",\"tool_calls\":[{\"id\":\"t1\",\"type\":\"function\","
               "\"function\":{\"name\":\"report\",\"arguments\":\"{\\\"q\\\":\\\"owner\\\"}\"}}]},{\"role\":\"tool\","
               "\"tool_call_id\":\"t1\",\"content\":\"none\"},{\"role\":\"user\",\"content\":\"Well?\"}");
}

static void test_answer(void **state)
{
    (void)state;
    static const char body[] =
        ": keep-alive\n\n" DELTA("{\"reasoning_content\":\"hm\"}") TEXT("Gr\xc3\xbc\xc3\x9f") TEXT("e \\ud83d\\ude00")
            CALL("0", "\"id\":\"c0\",\"type\":\"function\",\"function\":{\"name\":\"report\",\"arguments\":\"\"}")
                CALL("0", "\"function\":{\"arguments\":\"{\\\"f\\\":[{\\\"q\\\":\\\"a\"}")
                    CALL("1", "\"id\":\"c1\",\"function\":{\"name\":\"report\",\"arguments\":\"{}\"}")
                        CALL("0", "\"function\":{\"name\":\"report\",\"arguments\":\"]\\\"}, 2]}\"}")
                            FINISH("tool_calls") USAGE DONE TEXT("after");
    static const size_t steps[] = {0, 1, 3, 7, 64};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct got g;
        struct ai_request rq = ask_request("local", true);
        says(body, steps[i]);
        ask_whole(provider, &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_str(sb_view(&g.text), "Gr\xc3\xbc\xc3\x9f"
                                     "e \xf0\x9f\x98\x80");
        assert_str(sb_view(&g.thoughts), "hm");
        assert_str(sb_view(&g.tools),
                   "0 c0 report;1 c1 report;0 f[0]={\"q\":\"a]\"};0 f[1]=2;0={\"f\":[{\"q\":\"a]\"}, 2]};1={};");
        assert_int_equal(g.stop, AI_STOP_TOOL);
        assert_int_equal(g.usage.in, 20);
        assert_int_equal(g.usage.cache_read, 10);
        assert_int_equal(g.usage.out, 44);
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
        const char *reason, *tools;
    } rows[] = {
        {TEXT("a") FINISH("stop") DONE, AI_STOP_DONE, "", ""},
        {TEXT("a") FINISH("stop"), AI_STOP_DONE, "", ""}, /* some just close */
        {TEXT("a") FINISH("length") DONE, AI_STOP_MAX_TOKENS, "", ""},
        {TEXT("a") FINISH("content_filter") DONE, AI_STOP_REFUSAL, "", ""},
        {DELTA("{\"refusal\":\"no\"}") FINISH("stop") DONE, AI_STOP_REFUSAL, "", ""},
        {TEXT("a") FINISH("invented") DONE, AI_STOP_DONE, "", ""},
        /* servers that give no index, or call it "stop" */
        {DELTA("{\"tool_calls\":[{\"function\":{\"name\":\"report\",\"arguments\":\"{}\"}}]}") FINISH("stop") DONE,
         AI_STOP_TOOL, "", "0  report;0={};"},
        {CALL("0", "\"id\":\"c\",\"function\":{\"name\":\"report\",\"arguments\":\"{\\\"a\\\":\"}") FINISH("length")
             DONE,
         AI_STOP_MAX_TOKENS, "", "0 c report;"},
        {CALL("0", "\"id\":\"c\",\"function\":{\"name\":\"report\",\"arguments\":\"{\\\"a\\\":\"}") FINISH("tool_calls")
             DONE,
         AI_STOP_ERROR, "bad_answer", "0 c report;"},
        {TEXT("a"), AI_STOP_ERROR, "cut_off", ""},
        {TEXT("a") DONE, AI_STOP_ERROR, "cut_off", ""},
        {DATA("{\"a\":"), AI_STOP_ERROR, "bad_answer", ""},
        {TEXT("a") DATA("{\"error\":{\"message\":\"oh\",\"type\":\"server_error\"}}"), AI_STOP_ERROR, "overloaded", ""},
        {DATA("{\"error\":{\"message\":\"maximum context length is 5\"}}"), AI_STOP_ERROR, "context_too_long", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct got g;
        struct ai_request rq = ask_request("local", true);
        says(rows[i].body, 5);
        ask_whole(provider, &g, &rq);
        if (g.stop != rows[i].stop || strcmp(g.e.reason, rows[i].reason) != 0)
            fail_msg("row %zu: %d %s (%s)", i, (int)g.stop, g.e.reason, g.e.message);
        assert_str(sb_view(&g.tools), rows[i].tools);
        got_done(&g, provider);
        server_forget(&server);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body, *reason;
    } rows[] = {
        {400,
         "{\"error\":{\"message\":\"wrong \\\"The secret report of the third quarter.\\\"\",\"type\":\"invalid_request_error\",\"code\":null}}",
         "bad_request"},
        {400, "{\"error\":{\"message\":\"m\",\"code\":\"context_length_exceeded\"}}", "context_too_long"},
        {400, "{\"message\":\"This model's maximum context length is 8192 tokens.\"}", "context_too_long"},
        {400,
         "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\",\"type\":\"exceed_context_size_error\"}}",
         "context_too_long"},
        {401, "{\"error\":{\"message\":\"Incorrect API key provided\",\"code\":\"invalid_api_key\"}}",
         "bad_credentials"},
        {403, "{\"error\":{\"message\":\"Country not supported\"}}", "access_denied"},
        {404, "{\"error\":\"model \\\"x\\\" not found, try pulling it first\"}", "model_not_found"},
        {429, "{\"error\":{\"message\":\"Rate limit reached\",\"code\":\"rate_limit_exceeded\"}}", "throttled"},
        {429, "{\"error\":{\"message\":\"You exceeded your current quota\",\"code\":\"insufficient_quota\"}}", "quota"},
        {500, "{\"error\":{\"message\":\"oh\"}}", "overloaded"},
        {503, "{\"error\":{\"message\":\"Loading model\",\"type\":\"unavailable_error\",\"code\":503}}", "not_ready"},
        {503, "no JSON", "overloaded"},
        {301, "", "bad_answer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct got g;
        struct ai_request rq = ask_request("local", true);
        refuses(rows[i].status, rows[i].body);
        ask_whole(provider, &g, &rq);
        if (strcmp(g.e.reason, rows[i].reason) != 0) fail_msg("row %zu: %s (%s)", i, g.e.reason, g.e.message);
        assert_int_equal(g.retry_after_ms, 1500);
        assert_null(strstr(g.e.detail, "secret"));
        assert_null(strstr(g.e.message, "secret"));
        got_done(&g, provider);
        server_forget(&server);
    }
}

/* A server without tools: the schema is asked for instead, the answer is the tool's input, and the next request knows it. */
static void test_no_tools(void **state)
{
    (void)state;
    struct got g;
    struct ai_request rq = ask_request("local", true);
    static const char answer[] = TEXT("{\\\"f\\\":[{\\\"q\\\":") TEXT("1}]}") FINISH("stop") DONE;
    refuses(500, "{\"error\":{\"message\":\"tools param requires --jinja flag\"}}");
    says(answer, 0);
    says(answer, 0);
    for (int i = 0; i < 2; i++) {
        ask_whole(provider, &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_int_equal(g.stop, AI_STOP_TOOL);
        assert_str(sb_view(&g.text), "");
        assert_str(sb_view(&g.tools), "0 schema report;0 f[0]={\"q\":1};0={\"f\":[{\"q\":1}]};");
        got_done(&g, provider);
    }
    for (size_t i = 1; i < 3; i++) {
        assert_has(server_asked(&server, i),
                   "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"report\","
                   "\"schema\":{\"type\":\"object\"},\"strict\":true}}}");
        assert_null(strstr(server_asked(&server, i), "\"tools\""));
        assert_has(server_asked(&server, i), "The secret report of the third quarter.");
    }
}

static void test_learns(void **state)
{
    (void)state;
    struct got g;
    struct ai_request rq = ask_request("gpt", false);
    refuses(400,
            "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.\"}}");
    refuses(400, "{\"error\":{\"message\":\"unknown field stream_options\"}}");
    says(TEXT("a") FINISH("stop") DONE, 0);
    says(TEXT("a") FINISH("stop") DONE, 0);
    ask_whole(provider, &g, &rq);
    assert_int_equal(g.stop, AI_STOP_DONE);
    got_done(&g, provider);
    assert_has(server_asked(&server, 2), "\"max_completion_tokens\":500}");
    /* another model is another matter */
    rq.model = STR("other");
    ask_whole(provider, &g, &rq);
    got_done(&g, provider);
    assert_has(server_asked(&server, 3), "\"max_tokens\":500,\"stream_options\"");
    /* the same refusal again is an error and not a circle */
    server_forget(&server);
    rq.model = STR("gpt");
    refuses(400, "{\"error\":{\"message\":\"max_completion_tokens is too large\"}}");
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "bad_request");
    got_done(&g, provider);
}

static int setup(void **state)
{
    (void)state;
    server_start(&server);
    http = http_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    client_http_free(http);
    server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_request, fresh, stale),
        cmocka_unit_test_setup_teardown(test_answer, fresh, stale),
        cmocka_unit_test_setup_teardown(test_stops, fresh, stale),
        cmocka_unit_test_setup_teardown(test_refusals, fresh, stale),
        cmocka_unit_test_setup_teardown(test_no_tools, fresh, stale),
        cmocka_unit_test_setup_teardown(test_learns, fresh, stale),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
