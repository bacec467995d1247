/* Bedrock: what is sent, what is read, whose profile is taken, and every way in which it goes wrong. Signatures are judged elsewhere, by the AWS
 * SDK's own code (test_peers.c). */
#include "ai/bedrock.h"

#include "ai_test.h"
#include "support/frame.h"

static struct server server;
static struct client_http *http;
static struct client_credentials *credentials;
static struct ai_provider *provider; /* a new one for each test: it learns */

#define STREAM "Content-Type: application/vnd.amazon.eventstream\r\nx-amzn-RequestId: req_1\r\n"
#define JSON   "Content-Type: application/json\r\nx-amzn-RequestId: req_1\r\n"
#define ON_DEMAND                                                                                                       \
    "{\"message\":\"Invocation of model ID x with on-demand throughput isn\xe2\x80\x99t supported. Retry your request " \
    "with the ID or ARN of an inference profile that contains this model.\"}"

/* Frames from "type json\n" lines; a type that begins with '!' is an exception. */
static struct str frames(struct sb *b, const char *lines)
{
    sb_reset(b);
    for (struct str line, rest = str_from_c(lines); rest.p;) {
        line = str_cut(rest, '\n', &rest);
        struct str json, type = str_cut(line, ' ', &json);
        if (type.n == 0) continue;
        if (type.p[0] != '!') {
            frame_event(b, type, json);
            continue;
        }
        CLEANUP_SB struct sb headers = SB_INIT(4096);
        frame_header(&headers, STR(":exception-type"), 7, str_sub(type, 1, type.n));
        frame_header(&headers, STR(":content-type"), 7, STR("application/json"));
        frame_header(&headers, STR(":message-type"), 7, STR("exception"));
        frame_write(b, sb_view(&headers), json);
    }
    return sb_view(b);
}

static void says(struct str body, size_t step)
{
    server_says(&server, (struct reply){.status = 200, .headers = STREAM, .body = body, .step = step});
}

static void refuses(int status, const char *code, const char *body)
{
    static char room[REPLIES_MAX][256];
    static unsigned next;
    char *headers = room[next++ % REPLIES_MAX];
    (void)snprintf(headers, sizeof room[0],
                   JSON "x-amzn-ErrorType: %s:http://internal.amazon.com/coral/\r\nx-amz-retry-after: 2500\r\n", code);
    server_says(&server, (struct reply){.status = status, .headers = headers, .body = str_from_c(body)});
}

static const char *env(void *ctx, const char *name)
{
    (void)ctx;
    static const char *const rows[][2] = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                                          {"AWS_SECRET_ACCESS_KEY", "secret-of-aws"},
                                          {"AWS_SESSION_TOKEN", "token"},
                                          {"AWS_EC2_METADATA_DISABLED", "true"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i][0], name) == 0) return rows[i][1];
    return NULL;
}

static struct ai_provider *make(struct client_credentials *c, const char *bearer, const char *region)
{
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", server.port);
    struct ai_bedrock_options o = {.http = http,
                                   .credentials = c,
                                   .bearer_token = str_from_c(bearer),
                                   .region = str_from_c(region),
                                   .base_url = str_from_c(url)};
    struct ai_provider *p = NULL;
    struct error e;
    assert_int_equal(ai_bedrock_new(&o, &p, &e), ERR_OK);
    return p;
}

static int fresh(void **state)
{
    (void)state;
    provider = make(credentials, NULL, "eu-west-1");
    return 0;
}

static int stale(void **state)
{
    (void)state;
    provider->ops->free(provider);
    server_forget(&server);
    return 0;
}

#define OVER "messageStop {\"stopReason\":\"end_turn\"}\nmetadata {\"usage\":{}}\n"

static void test_request(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    struct got g;
    struct ai_request rq = ask_request("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", true);
    for (int i = 0; i < 3; i++)
        says(frames(&b, OVER), 0);
    ask_whole(provider, &g, &rq);
    got_done(&g, provider);
    const char *sent = server_asked(&server, 0);
    assert_has(sent, "POST /model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream HTTP/1.1\r\n");
    assert_has(sent, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/");
    assert_has(sent, "/eu-west-1/bedrock/aws4_request");
    assert_null(strstr(sent, "secret-of-aws"));
    assert_has(
        sent,
        "{\"inferenceConfig\":{\"maxTokens\":500,\"temperature\":0.5},\"toolConfig\":{\"tools\":[{\"toolSpec\":{\"name\":"
        "\"report\",\"description\":\"Reports findings.\",\"inputSchema\":{\"json\":{\"type\":\"object\"}}}},"
        "{\"cachePoint\":{\"type\":\"default\"}}],\"toolChoice\":{\"tool\":{\"name\":\"report\"}}},\"system\":["
        "{\"text\":\"You review.\"},{\"cachePoint\":{\"type\":\"default\"}}],\"messages\":[{\"role\":\"user\",\"content\":["
        "{\"text\":\"The secret report of the third quarter.\"},{\"cachePoint\":{\"type\":\"default\"}},{\"text\":\"Review section 1.\"}]}]}");
    rq.model = STR("arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-5");
    rq.messages = ask_dialogue;
    rq.n_messages = 3;
    rq.reasoning_tokens = 2000;
    ask_whole(provider, &g, &rq);
    got_done(&g, provider);
    sent = server_asked(&server, 1);
    assert_has(
        sent,
        "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A111122223333%3Ainference-profile%2Feu.anthropic.claude-sonnet-4-5/");
    assert_has(
        sent,
        "{\"inferenceConfig\":{\"maxTokens\":2500},\"additionalModelRequestFields\":{\"thinking\":{\"type\":\"enabled\","
        "\"budget_tokens\":2000}}");
    assert_null(strstr(sent, "toolChoice"));
    assert_has(
        sent,
        "{\"reasoningContent\":{\"reasoningText\":{\"text\":\"Look.\",\"signature\":\"sig\"}}},{\"text\":\"I look.\"},"
        "{\"toolUse\":{\"toolUseId\":\"t1\",\"name\":\"report\",\"input\":{\"q\":\"owner\"}}}]},{\"role\":\"user\",\"content\":"
        "[{\"toolResult\":{\"toolUseId\":\"t1\",\"content\":[{\"text\":\"none\"}],\"status\":\"error\"}}");
    struct ai_provider *bearer = make(NULL, "bedrock-key", "eu-west-1");
    rq = ask_request("m", false);
    ask_whole(bearer, &g, &rq);
    got_done(&g, bearer);
    bearer->ops->free(bearer);
    assert_has(server_asked(&server, 2), "authorization: Bearer bedrock-key\r\n");
}

static void test_answer(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    struct str body = frames(
        &b,
        "messageStart {\"role\":\"assistant\",\"p\":\"abcd\"}\n"
        "invented {\"x\":[1]}\n"
        "contentBlockDelta {\"delta\":{\"reasoningContent\":{\"text\":\"hm\"}},\"contentBlockIndex\":0}\n"
        "contentBlockDelta {\"delta\":{\"reasoningContent\":{\"signature\":\"s1\"}},\"contentBlockIndex\":0}\n"
        "contentBlockStop {\"contentBlockIndex\":0}\n"
        "contentBlockDelta {\"delta\":{\"text\":\"Gr\xc3\xbc\xc3\x9f\"},\"contentBlockIndex\":1}\n"
        "contentBlockDelta {\"delta\":{\"text\":\"e \xf0\x9f\x98\x80\"},\"contentBlockIndex\":1}\n"
        "contentBlockDelta {\"delta\":{\"new\":\"x\"},\"contentBlockIndex\":1}\n"
        "contentBlockStart {\"start\":{\"toolUse\":{\"toolUseId\":\"t1\",\"name\":\"report\"}},\"contentBlockIndex\":2}\n"
        "contentBlockDelta {\"delta\":{\"toolUse\":{\"input\":\"\"}},\"contentBlockIndex\":2}\n"
        "contentBlockDelta {\"delta\":{\"toolUse\":{\"input\":\"{\\\"f\\\":[{\\\"q\\\":\\\"a\"}},\"contentBlockIndex\":2}\n"
        "contentBlockDelta {\"delta\":{\"toolUse\":{\"input\":\"]\\\"}, 2]}\"}},\"contentBlockIndex\":2}\n"
        "contentBlockStop {\"contentBlockIndex\":2}\n"
        "messageStop {\"stopReason\":\"tool_use\"}\n"
        "metadata {\"usage\":{\"inputTokens\":11,\"outputTokens\":44,\"totalTokens\":1,\"cacheReadInputTokens\":22,"
        "\"cacheWriteInputTokens\":33},\"metrics\":{\"latencyMs\":1}}\n");
    static const size_t steps[] = {0, 1, 3, 7, 64};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct got g;
        struct ai_request rq = ask_request("m", true);
        says(body, steps[i]);
        ask_whole(provider, &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_str(sb_view(&g.text), "Gr\xc3\xbc\xc3\x9f"
                                     "e \xf0\x9f\x98\x80");
        assert_str(sb_view(&g.thoughts), "hm");
        assert_str(sb_view(&g.signature), "s1");
        assert_str(sb_view(&g.tools), "0 t1 report;0 f[0]={\"q\":\"a]\"};0 f[1]=2;0={\"f\":[{\"q\":\"a]\"}, 2]};");
        assert_int_equal(g.stop, AI_STOP_TOOL);
        assert_int_equal(g.usage.in, 11);
        assert_int_equal(g.usage.out, 44);
        assert_int_equal(g.usage.cache_read, 22);
        assert_int_equal(g.usage.cache_write, 33);
        got_done(&g, provider);
        server_forget(&server);
    }
}

static void test_stops(void **state)
{
    (void)state;
#define TEXT "contentBlockDelta {\"delta\":{\"text\":\"a\"},\"contentBlockIndex\":0}\n"
    static const struct {
        const char *lines;
        enum ai_stop stop;
        const char *reason;
    } rows[] = {
        {TEXT "messageStop {\"stopReason\":\"end_turn\"}\n", AI_STOP_DONE,
         ""}, /* no metadata: the cost is lost, not the answer */
        {TEXT "messageStop {\"stopReason\":\"invented\"}\n", AI_STOP_DONE, ""},
        {TEXT "messageStop {\"stopReason\":\"max_tokens\"}\n", AI_STOP_MAX_TOKENS, ""},
        {TEXT "messageStop {\"stopReason\":\"guardrail_intervened\"}\n", AI_STOP_REFUSAL, ""},
        {TEXT "messageStop {\"stopReason\":\"content_filtered\"}\n", AI_STOP_REFUSAL, ""},
        {TEXT "messageStop {\"stopReason\":\"malformed_tool_use\"}\n", AI_STOP_ERROR, "bad_answer"},
        {TEXT, AI_STOP_ERROR, "cut_off"},
        {"", AI_STOP_ERROR, "cut_off"},
        {TEXT "contentBlockDelta {\n", AI_STOP_ERROR, "bad_answer"},
        {TEXT "!throttlingException {\"message\":\"Too many requests\"}\n", AI_STOP_ERROR, "throttled"},
        {TEXT "!serviceUnavailableException {\"message\":\"x\"}\n", AI_STOP_ERROR, "overloaded"},
        {TEXT "!internalServerException {\"message\":\"x\"}\n", AI_STOP_ERROR, "overloaded"},
        {TEXT "!modelStreamErrorException {\"message\":\"x\",\"originalStatusCode\":500}\n", AI_STOP_ERROR, "cut_off"},
        {TEXT "!validationException {\"message\":\"x\"}\n", AI_STOP_ERROR, "bad_request"},
        {TEXT "!newException \n", AI_STOP_ERROR, "overloaded"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_SB struct sb b = SB_INIT(1 << 20);
        struct got g;
        struct ai_request rq = ask_request("m", false);
        says(frames(&b, rows[i].lines), 11);
        ask_whole(provider, &g, &rq);
        if (g.stop != rows[i].stop || strcmp(g.e.reason, rows[i].reason) != 0)
            fail_msg("row %zu: %d %s (%s)", i, (int)g.stop, g.e.reason, g.e.message);
        got_done(&g, provider);
        server_forget(&server);
    }
    /* a frame that is cut, and one with a wrong checksum */
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    struct got g;
    struct ai_request rq = ask_request("m", false);
    struct str body = frames(&b, TEXT TEXT);
    says(str_sub(body, 0, body.n - 9), 0);
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "cut_off");
    assert_str(sb_view(&g.text), "a");
    got_done(&g, provider);
    b.p[b.n - 6] ^= 1;
    says(body, 0);
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "bad_answer");
    assert_str(sb_view(&g.text), "a");
    got_done(&g, provider);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *code, *message, *reason;
    } rows[] = {
        {400, "ValidationException", "The provided model identifier is invalid.", "model_not_found"},
        {400, "ValidationException", "wrong: 'The secret report of the third quarter.'", "bad_request"},
        {400, "ValidationException", "Input is too long for requested model.", "context_too_long"},
        {400, "ServiceQuotaExceededException", "quota", "quota"},
        {400, "IncompleteSignatureException", "x", "bad_credentials"},
        {403, "InvalidSignatureException", "Signature expired: 20260101T000000Z is now earlier than", "clock_off"},
        {403, "InvalidSignatureException", "The request signature we calculated does not match", "bad_credentials"},
        {403, "UnrecognizedClientException", "The security token included in the request is invalid.",
         "bad_credentials"},
        {403, "AccessDeniedException", "You don't have access to the model with the specified model ID.",
         "access_denied"},
        {403, "AccessDeniedException", "Bearer Token has expired", "expired_token"},
        {403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.",
         "bad_credentials"},
        {404, "ResourceNotFoundException", "end of life", "model_not_found"},
        {408, "ModelTimeoutException", "x", "timeout_first_token"},
        {424, "ModelErrorException", "x", "bad_answer"},
        {429, "ThrottlingException", "Too many tokens, please wait", "throttled"},
        {429, "ThrottlingException", "Too many tokens per day, please wait", "quota"},
        {429, "ModelNotReadyException", "x", "not_ready"},
        {500, "InternalServerException", "x", "overloaded"},
        {503, "ServiceUnavailableException", "x", "overloaded"},
        {418, "NewException", "x", "bad_request"},
    };
    struct ai_provider *p = make(NULL, "bedrock-key", "eu-west-1");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[256];
        struct got g;
        struct ai_request rq = ask_request("m", false);
        (void)snprintf(body, sizeof body, "{\"message\":\"%s\"}", rows[i].message);
        refuses(rows[i].status, rows[i].code, body);
        ask_whole(p, &g, &rq);
        if (strcmp(g.e.reason, rows[i].reason) != 0) fail_msg("row %zu: %s (%s)", i, g.e.reason, g.e.message);
        assert_int_equal(g.retry_after_ms, 2500);
        assert_has(g.e.detail, rows[i].code);
        assert_has(g.e.detail, "req_1");
        assert_null(strstr(g.e.detail, "secret"));
        assert_null(strstr(g.e.detail, "bedrock-key"));
        got_done(&g, p);
        server_forget(&server);
    }
    p->ops->free(p);
}

/* Expired keys are fetched again, once. */
static void test_expired(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    struct got g;
    struct ai_request rq = ask_request("m", false);
    refuses(403, "ExpiredTokenException", "{\"message\":\"The security token included in the request is expired\"}");
    says(frames(&b, OVER), 0);
    ask_whole(provider, &g, &rq);
    assert_int_equal(g.stop, AI_STOP_DONE);
    got_done(&g, provider);
    server_forget(&server);
    for (int i = 0; i < 3; i++)
        refuses(403, "ExpiredTokenException", "{\"message\":\"expired\"}");
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "expired_token");
    assert_int_equal(server.n_asked, 2);
    got_done(&g, provider);
}

static void test_profile(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    struct got g;
    struct ai_request rq = ask_request("anthropic.claude-sonnet-4-5-20250929-v1:0", false);
    refuses(400, "ValidationException", ON_DEMAND);
    says(frames(&b, OVER), 0);
    says(frames(&b, OVER), 0);
    ask_whole(provider, &g, &rq);
    if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
    assert_string_equal(g.model, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
    assert_has(g.note, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
    got_done(&g, provider);
    assert_has(server_asked(&server, 1), "POST /model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream ");
    /* remembered, and said once */
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.note, "");
    got_done(&g, provider);
    assert_has(server_asked(&server, 2), "POST /model/eu.anthropic.");
    server_forget(&server);
    /* the narrower geography first; none of them: the person has to name one */
    struct ai_provider *p = make(credentials, NULL, "ap-northeast-1");
    refuses(400, "ValidationException", ON_DEMAND);
    refuses(400, "ValidationException", "{\"message\":\"The provided model identifier is invalid.\"}");
    refuses(400, "ValidationException", "{\"message\":\"The provided model identifier is invalid.\"}");
    ask_whole(p, &g, &rq);
    assert_string_equal(g.e.reason, "needs_inference_profile");
    got_done(&g, p);
    p->ops->free(p);
    assert_has(server_asked(&server, 1), "POST /model/jp.anthropic.");
    assert_has(server_asked(&server, 2), "POST /model/apac.anthropic.");
    assert_int_equal(server.n_asked, 3);
    server_forget(&server);
    /* a region without a geography of its own: never a wider one by itself */
    p = make(credentials, NULL, "sa-east-1");
    refuses(400, "ValidationException", ON_DEMAND);
    ask_whole(p, &g, &rq);
    assert_string_equal(g.e.reason, "needs_inference_profile");
    assert_int_equal(server.n_asked, 1);
    got_done(&g, p);
    p->ops->free(p);
}

/* A model that does not stream with tools answers in one piece. */
static void test_whole(void **state)
{
    (void)state;
    struct got g;
    struct ai_request rq = ask_request("meta.llama", true);
    static const char body[] =
        "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"reasoningContent\":{\"reasoningText\":{\"text\":\"hm\","
        "\"signature\":\"s\"}}},{\"text\":\"I see.\"},{\"toolUse\":{\"toolUseId\":\"t\",\"name\":\"report\",\"input\":{\"f\":[{\"q\":"
        "\"a\",\"n\":1.5,\"b\":true,\"x\":null}],\"s\":\"\\u00fc\"}}}]}},\"stopReason\":\"tool_use\",\"usage\":{\"inputTokens\":3,"
        "\"outputTokens\":4},\"new\":1}";
    refuses(400, "ValidationException", "{\"message\":\"This model doesn't support tool use in streaming mode.\"}");
    server_says(&server, (struct reply){200, JSON, str_from_c(body), 9, false});
    server_says(&server, (struct reply){200, JSON, str_from_c(body), 0, false});
    server_says(&server, (struct reply){200, JSON, STR("{\"output\":1}"), 0, false});
    server_says(&server, (struct reply){200, JSON, STR("{\"output\":"), 0, false});
    for (int i = 0; i < 2; i++) {
        ask_whole(provider, &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_str(sb_view(&g.thoughts), "hm");
        assert_str(sb_view(&g.signature), "s");
        assert_str(sb_view(&g.text), "I see.");
        assert_str(sb_view(&g.tools),
                   "0 t report;0 f[0]={\"q\":\"a\",\"n\":1.5,\"b\":true,\"x\":null};0={\"f\":[{\"q\":\"a\",\"n\":1.5,"
                   "\"b\":true,\"x\":null}],\"s\":\"\xc3\xbc\"};");
        assert_int_equal(g.stop, AI_STOP_TOOL);
        assert_int_equal(g.usage.out, 4);
        got_done(&g, provider);
    }
    for (int i = 0; i < 2; i++) {
        ask_whole(provider, &g, &rq);
        assert_string_equal(g.e.reason, "bad_answer");
        got_done(&g, provider);
    }
    assert_has(server_asked(&server, 2), "POST /model/meta.llama/converse HTTP/1.1\r\n");
    /* there is no first token to wait for */
    server_says(&server, (struct reply){.stall = true});
    rq.limits = (struct ai_limits){10000, 30, 30, 200};
    ask_whole(provider, &g, &rq);
    assert_string_equal(g.e.reason, "timeout");
    got_done(&g, provider);
}

static const char *no_env(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "AWS_EC2_METADATA_DISABLED") == 0 ? "true" : NULL;
}

static void test_no_credentials(void **state)
{
    (void)state;
    struct client_credentials_options o = {.http = http, .env = no_env};
    struct client_credentials *none = NULL;
    struct error e;
    assert_int_equal(client_credentials_new(&o, &none, &e), ERR_OK);
    struct ai_provider *p = make(none, NULL, "eu-west-1");
    struct got g;
    struct ai_request rq = ask_request("m", false);
    ask_whole(p, &g, &rq);
    assert_string_equal(g.e.reason, "bad_credentials");
    assert_has(g.e.detail, "no_credentials");
    got_done(&g, p);
    p->ops->free(p);
    client_credentials_free(none);
}

static int setup(void **state)
{
    (void)state;
    server_start(&server);
    http = http_new();
    struct client_credentials_options o = {.http = http, .env = env};
    struct error e;
    return client_credentials_new(&o, &credentials, &e) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    client_credentials_free(credentials);
    client_http_free(http);
    server_stop(&server);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_request),  TEST(test_answer),        TEST(test_stops),
                                       TEST(test_refusals), TEST(test_expired),       TEST(test_profile),
                                       TEST(test_whole),    TEST(test_no_credentials)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
