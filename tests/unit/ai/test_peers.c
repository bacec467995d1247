/* The providers against fakes that are built on the providers' own packages (tests/peers): Bedrock's verifies every signature with the AWS SDK's
 * code and writes its frames with it. Skipped, in words, where the packages are not installed (npm ci in tests/peers). */
#include "ai/anthropic.h"
#include "ai/bedrock.h"
#include "ai/openai.h"
#include "ai_test.h"

enum { ANTHROPIC, OPENAI, BEDROCK, PROVIDERS };

static const char *const programs[PROVIDERS] = {"fake_anthropic", "fake_openai", "fake_bedrock"};
static const char *const models[PROVIDERS] = {"claude-sonnet-4-5-20250929", "local-model",
                                              "us.anthropic.claude-sonnet-4-5-20250929-v1:0"};

static struct fake fakes[PROVIDERS];
static struct client_http *http;
static struct client_credentials *credentials;
static struct ai_provider *providers[PROVIDERS];
static const char *session_token = "";

static void needs_fakes(void)
{
    for (int i = 0; i < PROVIDERS; i++) {
        if (fakes[i].pid > 0) continue;
        print_message("# the packages of tests/peers are not installed: nothing was asked of %s\n", programs[i]);
        skip();
    }
}

static const char *env(void *ctx, const char *name)
{
    (void)ctx;
    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0) return "AKIDEXAMPLE";
    if (strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0) return "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    if (strcmp(name, "AWS_SESSION_TOKEN") == 0) return session_token;
    return strcmp(name, "AWS_EC2_METADATA_DISABLED") == 0 ? "true" : NULL;
}

static void script(int provider, const char *json)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/__script", fakes[provider].port);
    struct client_http_request rq = request_make("POST", url);
    struct client_http_answer answer = {.status = 0};
    struct error e = {0};
    rq.body = str_from_c(json);
    if (client_http_get_all(http, &rq, a, &answer, &e) != ERR_OK) fail_msg("%s", e.message);
    if (answer.status != 200) fail_msg("%.*s", STR_ARG(answer.body));
}

static struct ai_provider *make(int provider, const char *bearer)
{
    static char urls[PROVIDERS][64];
    struct ai_provider *p = NULL;
    struct error e;
    (void)snprintf(urls[provider], sizeof urls[0], "http://127.0.0.1:%u%s", fakes[provider].port,
                   provider == OPENAI ? "/v1" : "");
    struct str base = str_from_c(urls[provider]);
    struct ai_anthropic_options anthropic = {.http = http, .base_url = base, .api_key = STR("sk-ant-example")};
    struct ai_openai_options openai = {.http = http, .base_url = base};
    struct ai_bedrock_options bedrock = {.http = http,
                                         .credentials = credentials,
                                         .bearer_token = str_from_c(bearer),
                                         .region = STR("us-east-1"),
                                         .base_url = base};
    enum err err = provider == ANTHROPIC ? ai_anthropic_new(&anthropic, &p, &e)
                   : provider == OPENAI  ? ai_openai_new(&openai, &p, &e)
                                         : ai_bedrock_new(&bedrock, &p, &e);
    assert_int_equal(err, ERR_OK);
    return p;
}

static void answers(struct ai_provider *p, const char *model, const char *text)
{
    struct got g;
    struct ai_request rq = ask_request(model, false);
    ask_whole(p, &g, &rq);
    if (g.e.code) fail_msg("%s: %s (%s)", model, g.e.message, g.e.detail);
    assert_str(sb_view(&g.text), text);
    assert_int_equal(g.stop, AI_STOP_DONE);
    assert_true(g.usage.out > 0);
    got_done(&g, p);
}

static void test_text(void **state)
{
    (void)state;
    needs_fakes();
    for (int i = 0; i < PROVIDERS; i++) {
        script(i, "{\"steps\":[{\"text\":\"Gr\xc3\xbc\xc3\x9f"
                  "e, \xe4\xb8\x96\xe7\x95\x8c, \xf0\x9f\x98\x80.\",\"pieceChars\":3,\"splitBytes\":5}]}");
        answers(providers[i], models[i],
                "Gr\xc3\xbc\xc3\x9f"
                "e, \xe4\xb8\x96\xe7\x95\x8c, \xf0\x9f\x98\x80.");
    }
}

static void test_tool(void **state)
{
    (void)state;
    needs_fakes();
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        struct ai_request rq = ask_request(models[i], true);
        script(
            i,
            "{\"steps\":[{\"tool\":{\"input\":{\"f\":[{\"q\":\"n\xc3\xa9]\"},{\"q\":2}]},\"ascii\":true},\"pieceChars\":2,\"splitBytes\":7}]}");
        ask_whole(providers[i], &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_int_equal(g.stop, AI_STOP_TOOL);
        assert_true(str_find(sb_view(&g.tools), STR(" report;0 f[0]={\"q\":\"n\\u00e9]\"};0 f[1]={\"q\":2};0={\"f\":"),
                             0) != STR_NONE);
        got_done(&g, providers[i]);
    }
}

static void test_thinking(void **state)
{
    (void)state;
    needs_fakes();
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        struct ai_request rq = ask_request(models[i], true);
        rq.reasoning_tokens = 1024;
        script(i, "{\"steps\":[{\"thinking\":\"first this\",\"text\":\"then that\",\"pieceChars\":4}]}");
        ask_whole(providers[i], &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_str(sb_view(&g.thoughts), "first this");
        assert_str(sb_view(&g.text), "then that");
        assert_true(i == OPENAI || str_starts(sb_view(&g.signature), STR("sig-")));
        got_done(&g, providers[i]);
    }
}

/* A thought, a call of a tool and its result go back in the shape that the provider's rules want. */
static void test_dialogue(void **state)
{
    (void)state;
    needs_fakes();
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        struct ai_request rq = ask_request(models[i], true);
        rq.forced_tool = STR_EMPTY;
        rq.messages = ask_dialogue;
        rq.n_messages = 3;
        script(i, "{\"steps\":[{\"text\":\"well\"}]}");
        ask_whole(providers[i], &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_str(sb_view(&g.text), "well");
        got_done(&g, providers[i]);
    }
}

/* Model ids that have to be encoded, with and without a session token, and a Bedrock API key. */
static void test_signatures(void **state)
{
    (void)state;
    needs_fakes();
    static const char *const ids[] = {
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a b+c~d(e)"};
    static const char *const tokens[] = {"", "AQoDYXdzEPT//////////wEXAMPLE=="};
    script(BEDROCK, "{\"server\":{\"bearers\":[\"key-1\"]},\"steps\":[{\"text\":\"ok\",\"times\":\"always\"}]}");
    for (size_t t = 0; t < 2; t++) {
        struct client_credentials *before = credentials;
        struct client_credentials_options o = {.http = http, .env = env};
        struct error e;
        session_token = tokens[t];
        assert_int_equal(client_credentials_new(&o, &credentials, &e), ERR_OK);
        struct ai_provider *p = make(BEDROCK, NULL);
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
            answers(p, ids[i], "ok");
        p->ops->free(p);
        client_credentials_free(credentials);
        credentials = before;
    }
    session_token = "";
    struct ai_provider *p = make(BEDROCK, "key-1");
    answers(p, models[BEDROCK], "ok");
    p->ops->free(p);
}

static int64_t first_token_ms = 20000, stall_ms = 20000; /* short where silence is what is tried */

static void fails(struct ai_provider *p, const char *model, bool with_tool, const char *reason, const char *what)
{
    struct got g;
    struct ai_request rq = ask_request(model, with_tool);
    rq.limits.first_token_ms = first_token_ms;
    rq.limits.stall_ms = stall_ms;
    ask_whole(p, &g, &rq);
    if (strcmp(g.e.reason, reason) != 0)
        fail_msg("%s of %s: %s: %s (%s)", what, p->ops->name, g.e.reason, g.e.message, g.e.detail);
    assert_null(strstr(g.e.detail, "secret report"));
    got_done(&g, p);
}

static void test_errors(void **state)
{
    (void)state;
    needs_fakes();
    static const struct {
        const char *kind, *reasons[PROVIDERS]; /* NULL: this one has no such kind */
    } rows[] = {
        {"bad_request", {"bad_request", NULL, "bad_request"}},
        {"too_long", {"context_too_long", "context_too_long", "context_too_long"}},
        {"too_large", {"context_too_long", "context_too_long", "context_too_long"}},
        {"credit", {"quota", NULL, NULL}},
        {"quota", {NULL, "quota", "quota"}},
        {"bad_key", {"bad_credentials", "bad_credentials", "bad_credentials"}},
        {"no_access", {"access_denied", NULL, "access_denied"}},
        {"no_permission", {NULL, NULL, "access_denied"}},
        {"form_not_filled", {NULL, NULL, "access_denied"}},
        {"not_found", {"model_not_found", "model_not_found", "model_not_found"}},
        {"bad_model", {NULL, NULL, "model_not_found"}},
        {"timeout", {"timeout_first_token", NULL, "timeout_first_token"}},
        {"throttled", {"throttled", "throttled", "throttled"}},
        {"throttled_tokens", {"throttled", "throttled", "throttled"}},
        {"throttled_day", {NULL, NULL, "quota"}},
        {"not_ready", {NULL, NULL, "not_ready"}},
        {"internal", {"overloaded", "overloaded", "overloaded"}},
        {"unavailable", {"overloaded", "overloaded", "overloaded"}},
        {"overloaded", {"overloaded", "overloaded", "overloaded"}},
        {"bad_signature", {NULL, NULL, "bad_credentials"}},
        {"unknown_token", {NULL, NULL, "bad_credentials"}},
        {"expired_key", {NULL, NULL, "expired_token"}},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        for (int i = 0; i < PROVIDERS; i++) {
            char json[128];
            if (!rows[k].reasons[i]) continue;
            (void)snprintf(json, sizeof json, "{\"steps\":[{\"error\":\"%s\",\"times\":\"always\"}]}", rows[k].kind);
            script(i, json);
            /* keys that AWS calls expired would be fetched again: these come from the environment, and are as they were */
            fails(providers[i], models[i], true, rows[k].reasons[i], rows[k].kind);
        }
}

/* What goes wrong in the middle: a cut within a frame, a wrong checksum, silence, an error after status 200. */
static void test_broken(void **state)
{
    (void)state;
    needs_fakes();
    static const struct {
        const char *step;
        const char *reasons[PROVIDERS];
    } rows[] = {
        {"\"cut\":{\"after\":3,\"inside\":true,\"how\":\"close\"}", {"cut_off", "cut_off", "cut_off"}},
        {"\"cut\":{\"after\":3,\"inside\":true,\"how\":\"end\"}", {"cut_off", "cut_off", "cut_off"}},
        {"\"cut\":{\"after\":3,\"how\":\"reset\"}", {"cut_off", "cut_off", "cut_off"}},
        {"\"badChecksum\":{\"after\":3,\"of\":\"message\"}", {NULL, NULL, "bad_answer"}},
        {"\"badChecksum\":{\"after\":3,\"of\":\"prelude\"}", {NULL, NULL, "bad_answer"}},
        {"\"stall\":{\"after\":3,\"ms\":\"forever\"}", {"stalled", "stalled", "stalled"}},
        {"\"firstTokenMs\":60000", {"timeout_first_token", "timeout_first_token", "timeout_first_token"}},
        {"\"headersMs\":60000", {"timeout_first_token", "timeout_first_token", "timeout_first_token"}},
        {"\"firstTokenMs\":60000,\"pingMs\":20", {"timeout_first_token", "timeout_first_token", "timeout_first_token"}},
        {"\"fail\":{\"after\":3,\"error\":\"internal\"}", {"overloaded", "overloaded", "overloaded"}},
        {"\"fail\":{\"after\":3,\"error\":\"throttled\"}", {"throttled", NULL, "throttled"}},
        {"\"fail\":{\"after\":3,\"error\":\"model_error\"}", {NULL, NULL, "cut_off"}},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        for (int i = 0; i < PROVIDERS; i++) {
            char json[256];
            if (!rows[k].reasons[i]) continue;
            (void)snprintf(json, sizeof json,
                           "{\"steps\":[{\"text\":\"some text that has more than three pieces\",\"pieceChars\":4,%s}]}",
                           rows[k].step);
            script(i, json);
            first_token_ms = strcmp(rows[k].reasons[i], "timeout_first_token") == 0 ? 300 : 20000;
            stall_ms = strcmp(rows[k].reasons[i], "stalled") == 0 ? 300 : 20000;
            fails(providers[i], models[i], false, rows[k].reasons[i], rows[k].step);
        }
}

/* What is set up wrong on AWS's side, and what the provider finds out by itself. */
static void test_bedrock_setup(void **state)
{
    (void)state;
    needs_fakes();
    static const char plain[] = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    script(BEDROCK, "{\"server\":{\"clockSeconds\":3600},\"steps\":[{\"text\":\"ok\"}]}");
    fails(providers[BEDROCK], models[BEDROCK], false, "clock_off", "a clock that is an hour late");
    script(BEDROCK, "{\"server\":{\"accounts\":[]},\"steps\":[{\"text\":\"ok\"}]}");
    fails(providers[BEDROCK], models[BEDROCK], false, "bad_credentials", "keys that are not known");
    script(BEDROCK, "{\"server\":{\"region\":\"eu-west-1\"},\"steps\":[{\"text\":\"ok\"}]}");
    fails(providers[BEDROCK], models[BEDROCK], false, "bad_credentials", "another region's address");
    script(BEDROCK,
           "{\"server\":{\"profilesOnly\":[\"anthropic.claude-sonnet-4-5-20250929-v1:0\"],\"models\":[\"us.anthropic."
           "claude-sonnet-4-5-20250929-v1:0\"]},\"steps\":[{\"text\":\"ok\",\"times\":\"always\"}]}");
    for (int i = 0; i < 2; i++) {
        struct got g;
        struct ai_request rq = ask_request(plain, false);
        ask_whole(providers[BEDROCK], &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_string_equal(g.model, models[BEDROCK]);
        assert_true((i == 0) == (g.note[0] != 0));
        got_done(&g, providers[BEDROCK]);
    }
}

/* Servers without tools, each refusing in its own words. */
static void test_no_tools(void **state)
{
    (void)state;
    needs_fakes();
    static const char *const likes[] = {"openai", "llama.cpp", "ollama", "vllm"};
    for (size_t i = 0; i < sizeof likes / sizeof *likes; i++) {
        char json[256];
        struct got g;
        struct ai_request rq = ask_request(models[OPENAI], true);
        struct ai_provider *p = make(OPENAI, NULL);
        (void)snprintf(
            json, sizeof json,
            "{\"server\":{\"like\":\"%s\",\"tools\":false,\"done\":%s},\"steps\":[{\"text\":\"{\\\"f\\\":[1]}\",\"pieceChars\":3}]}",
            likes[i], i % 2 ? "false" : "true");
        script(OPENAI, json);
        ask_whole(p, &g, &rq);
        if (g.e.code) fail_msg("%s: %s (%s)", likes[i], g.e.message, g.e.detail);
        assert_str(sb_view(&g.tools), "0 schema report;0 f[0]=1;0={\"f\":[1]};");
        assert_int_equal(g.stop, AI_STOP_TOOL);
        got_done(&g, p);
        p->ops->free(p);
    }
}

/* 100,000 tokens. */
static void test_long(void **state)
{
    (void)state;
    needs_fakes();
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        struct ai_request rq = ask_request(models[i], false);
        rq.max_tokens = 200000;
        script(i, "{\"steps\":[{\"text\":{\"repeat\":\"sixteen letters \",\"tokens\":100000},\"pieceChars\":200}]}");
        ask_whole(providers[i], &g, &rq);
        if (g.e.code) fail_msg("%s (%s)", g.e.message, g.e.detail);
        assert_int_equal(g.text.n, 400000);
        assert_int_equal(g.usage.out, 100000);
        got_done(&g, providers[i]);
    }
}

/* Many at once, all of them over the one thread of the HTTP client. */
static void test_many(void **state)
{
    (void)state;
    needs_fakes();
    enum { MANY = 150 };
    static struct got all[PROVIDERS][MANY];
    for (int i = 0; i < PROVIDERS; i++)
        script(
            i,
            "{\"steps\":[{\"text\":\"all of these words are streamed to each\",\"pieceChars\":4,\"overMs\":300,\"times\":\"always\"}]}");
    for (int k = 0; k < MANY; k++)
        for (int i = 0; i < PROVIDERS; i++) {
            struct ai_request rq = ask_request(models[i], false);
            ask(providers[i], &all[i][k], &rq);
        }
    for (int i = 0; i < PROVIDERS; i++)
        for (int k = 0; k < MANY; k++) {
            struct got *g = &all[i][k];
            got_wait(g);
            if (g->e.code) fail_msg("%s (%s)", g->e.message, g->e.detail);
            assert_str(sb_view(&g->text), "all of these words are streamed to each");
            got_done(g, providers[i]);
        }
}

static int setup(void **state)
{
    (void)state;
    char path[4096], name[64], node[] = "node";
    http = http_new();
    struct client_credentials_options o = {.http = http, .env = env};
    struct error e;
    for (int i = 0; i < PROVIDERS; i++) {
        (void)snprintf(name, sizeof name, "tests/peers/%s.mjs", programs[i]);
        (void)source_path(path, sizeof path, name);
        if (!fake_start(&fakes[i], (char *const[]){node, path, NULL})) fake_stop(&fakes[i]);
    }
    if (client_credentials_new(&o, &credentials, &e) != ERR_OK) return -1;
    for (int i = 0; i < PROVIDERS; i++)
        providers[i] = make(i, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < PROVIDERS; i++)
        providers[i]->ops->free(providers[i]);
    client_credentials_free(credentials);
    client_http_free(http);
    for (int i = 0; i < PROVIDERS; i++)
        fake_stop(&fakes[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),     cmocka_unit_test(test_tool),          cmocka_unit_test(test_thinking),
        cmocka_unit_test(test_dialogue), cmocka_unit_test(test_signatures),    cmocka_unit_test(test_errors),
        cmocka_unit_test(test_broken),   cmocka_unit_test(test_bedrock_setup), cmocka_unit_test(test_no_tools),
        cmocka_unit_test(test_long),     cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
