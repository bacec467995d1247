/* The router before the real providers: first against a server that answers what the test wrote, byte for byte, then against the fakes that are built on
 * the providers' own packages (tests/peers; skipped, in words, where these are not installed). */
#include "ai/anthropic.h"
#include "ai/bedrock.h"
#include "ai/openai.h"
#include "ai_test.h"
#include "router_test.h"

enum { ANTHROPIC, OPENAI, BEDROCK, PROVIDERS };

static struct server server;
static struct fake fakes[PROVIDERS];
static struct client_http *http;
static const char *const programs[PROVIDERS] = {"fake_anthropic", "fake_openai", "fake_bedrock"};

static struct ai_provider *make(int provider, unsigned port)
{
    char url[64];
    struct ai_provider *p = NULL;
    struct error e;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, provider == OPENAI ? "/v1" : "");
    struct str base = str_from_c(url);
    struct ai_anthropic_options anthropic = {.http = http, .base_url = base, .api_key = STR("sk-ant-example")};
    struct ai_openai_options openai = {.http = http, .base_url = base};
    struct ai_bedrock_options bedrock = {
        .http = http, .bearer_token = STR("key-1"), .region = STR("us-east-1"), .base_url = base};
    enum err err = provider == ANTHROPIC ? ai_anthropic_new(&anthropic, &p, &e)
                   : provider == OPENAI  ? ai_openai_new(&openai, &p, &e)
                                         : ai_bedrock_new(&bedrock, &p, &e);
    assert_int_equal(err, ERR_OK);
    return p;
}

static struct books books;

static struct ai_router *router_make(struct ai_provider *p, const struct str *models, size_t n)
{
    struct ai_router_options o = {.provider = p,
                                  .models = models,
                                  .n_models = n,
                                  .fallback = true,
                                  .chat_fallback = true,
                                  .backoff_base_ms = 1,
                                  .backoff_max_ms = 4,
                                  .cooldown_ms = 20,
                                  .on_record = books_record,
                                  .ctx = &books};
    struct ai_router *r = NULL;
    struct error e;
    books = (struct books){.log = SB_INIT(1 << 20)};
    lock_init(&books.lock, LOCK_RANK_LOG);
    assert_int_equal(ai_router_new(&o, &r, &e), ERR_OK);
    return r;
}

static void router_done(struct ai_router *r, struct ai_provider *p)
{
    ai_router_free(r);
    p->ops->free(p);
    sb_done(&books.log);
    lock_done(&books.lock);
}

static const struct wish review = {.purpose = AI_FOR_REVIEW, .person = "p", .document = "d"};

/* --- replaced-system.md, section 6, 33 --- */

/* A refusal in the provider's shape: status, its code, and a message that says something else. Its text is the server's until it is sent. */
static void refuses(int provider, int status, const char *const codes[PROVIDERS], const char *message)
{
    static char bodies[2][512], heads[2][256];
    static unsigned next;
    char *body = bodies[next % 2], *head = heads[next % 2];
    next++;
    if (provider == ANTHROPIC)
        (void)snprintf(body, sizeof *bodies, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"%s\"}}",
                       codes[provider], message);
    else if (provider == OPENAI)
        (void)snprintf(body, sizeof *bodies, "{\"error\":{\"type\":\"%s\",\"message\":\"%s\"}}", codes[provider],
                       message);
    else
        (void)snprintf(body, sizeof *bodies, "{\"message\":\"%s\"}", message);
    (void)snprintf(head, sizeof *heads, "Content-Type: application/json\r\nx-amzn-ErrorType: %s\r\n", codes[provider]);
    server_says(&server, (struct reply){.status = status, .headers = head, .body = str_from_c(body)});
}

/* Throttling is known by its code. A message of another refusal that speaks of rates, of generating, of too many requests is none: it is told at once,
 * asked once, and cools nothing down. A message of throttling may say what it likes. And nobody who asks waits while it is waited. */
static void test_not_again_33(void **state)
{
    (void)state;
    static const char *const words = "could not generate: the rate, too many requests, throttling and capacity are not "
                                     "taken as parameters";
    static const char *const bad[PROVIDERS] = {"invalid_request_error", "invalid_request_error", "ValidationException"};
    static const char *const busy[PROVIDERS] = {"rate_limit_error", "rate_limit_exceeded", "ThrottlingException"};
    static const struct str model = STR_INIT("m1");
    for (int i = 0; i < PROVIDERS; i++) {
        struct ear h;
        struct ai_provider *p = make(i, server.port);
        struct ai_router *r = router_make(p, &model, 1);
        refuses(i, 400, bad, words);
        ear_ask(r, &h, &review);
        ear_wait(&h);
        assert_string_equal(h.e.reason, "bad_request");
        assert_books(&books, "m1:bad_request");
        CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
        struct ai_model_state *m = NULL;
        size_t n = 0;
        struct error e;
        assert_int_equal(ai_router_models(r, a, &m, &n, &e), ERR_OK);
        assert_true(m[0].health == AI_WELL && m[0].throttled == 0);
        ear_done(&h);
        server_forget(&server);
        refuses(i, 429, busy, "please come again later");
        refuses(i, 400, bad, words);
        ear_ask(r, &h, &review); /* returned, and it is not over: what follows runs on the router's thread */
        ear_wait(&h);
        if (strcmp(h.e.reason, "bad_request") != 0) fail_msg("%s: %s (%s)", p->ops->name, h.e.message, h.e.detail);
        assert_log(&h, "m1 m1(throttled)");
        assert_books(&books, "m1:bad_request m1:throttled m1:bad_request");
        ear_done(&h);
        server_forget(&server);
        router_done(r, p);
    }
}

/* --- the fakes --- */

#define SOON "{\"kind\":\"throttled\",\"headers\":{\"retry-after-ms\":\"20\"}}"

static const struct str fake_models[PROVIDERS][2] = {
    {STR_INIT("claude-sonnet-4-5-20250929"), STR_INIT("claude-haiku-4-5-20251001")},
    {STR_INIT("local-model"), STR_INIT("other-model")},
    {STR_INIT("us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
     STR_INIT("us.anthropic.claude-haiku-4-5-20251001-v1:0")}};

static void needs_fakes(void)
{
    for (int i = 0; i < PROVIDERS; i++) {
        if (fakes[i].pid > 0) continue;
        print_message("# the packages of tests/peers are not installed: nothing was asked of %s\n", programs[i]);
        skip();
    }
}

static void script(int provider, const char *steps)
{
    static const char *const settings[PROVIDERS] = {"{}", "{\"models\":[\"local-model\",\"other-model\"]}",
                                                    "{\"bearers\":[\"key-1\"]}"};
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    CLEANUP_SB struct sb json = SB_INIT(1 << 16);
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/__script", fakes[provider].port);
    struct client_http_request rq = request_make("POST", url);
    struct client_http_answer answer = {.status = 0};
    struct error e = {0};
    sb_printf(&json, "{\"server\":%s,\"steps\":[%s]}", settings[provider], steps);
    rq.body = sb_view(&json);
    if (client_http_get_all(http, &rq, a, &answer, &e) != ERR_OK) fail_msg("%s", e.message);
    if (answer.status != 200) fail_msg("%.*s", STR_ARG(answer.body));
}

static void answers(int provider, const char *steps, const char *text, size_t attempts)
{
    struct ear h;
    struct ai_provider *p = make(provider, fakes[provider].port);
    struct ai_router *r = router_make(p, fake_models[provider], 2);
    script(provider, steps);
    ear_ask(r, &h, &review);
    ear_wait(&h);
    if (h.e.code) fail_msg("%s: %s (%s)", programs[provider], h.e.message, h.e.detail);
    lock_take(&h.lock);
    struct str log = str_trim(sb_view(&h.log)); /* what is behind the last beginning is the answer */
    if (!str_ends(log, str_from_c(text))) fail_msg("%.*s", STR_ARG(log));
    lock_give(&h.lock);
    ai__router_settle(r);
    if (books.n != attempts) fail_msg("%.*s", STR_ARG(sb_view(&books.log)));
    assert_true(h.usages == 1 && books.last.usage.out > 0);
    ear_done(&h);
    router_done(r, p);
}

/* Throttled, overloaded, silent, cut in the middle: the next model answers, or the same one does later. */
static void test_recovers(void **state)
{
    (void)state;
    needs_fakes();
    for (int i = 0; i < PROVIDERS; i++) {
        answers(i, "{\"error\":" SOON ",\"when\":{\"model\":\"sonnet|local\"},\"times\":\"always\"},{\"text\":\"ok\"}",
                "+ok", 2);
        answers(i, "{\"error\":\"overloaded\",\"times\":3},{\"text\":\"ok\"}", "+ok", 4);
        answers(i, "{\"error\":" SOON ",\"times\":2},{\"text\":\"ok\"}", "+ok", 3);
        answers(i,
                "{\"text\":\"this is cut\",\"pieceChars\":4,\"cut\":{\"after\":2,\"inside\":true}},{\"text\":\"ok\"}",
                "(cut_off) +ok", 2);
    }
}

/* Two hundred at once, of twenty persons, where each tenth is throttled: all are answered. */
static void test_two_hundred(void **state)
{
    (void)state;
    needs_fakes();
    enum { MANY = 200 };
    static struct ear all[MANY];
    for (int i = 0; i < PROVIDERS; i++) {
        struct ai_provider *p = make(i, fakes[i].port);
        struct ai_router *r = router_make(p, fake_models[i], 2);
        script(i, "{\"text\":\"one\",\"times\":30},{\"error\":" SOON ",\"times\":10},{\"text\":\"two\",\"times\":60},"
                  "{\"error\":\"unavailable\",\"times\":4},{\"text\":\"three\",\"overMs\":50,\"times\":\"always\"}");
        for (unsigned k = 0; k < MANY; k++) {
            char person[8];
            (void)snprintf(person, sizeof person, "p%u", k % 20);
            struct wish w = {.purpose = k % 10 ? AI_FOR_REVIEW : AI_FOR_CHAT, .person = person, .document = "d"};
            struct error e;
            assert_int_equal(ear_try(r, &all[k], &w, &e), ERR_OK);
        }
        for (unsigned k = 0; k < MANY; k++) {
            ear_wait(&all[k]);
            if (all[k].e.code) fail_msg("%s: %s (%s)", programs[i], all[k].e.message, all[k].e.detail);
            ear_done(&all[k]);
        }
        ai__router_settle(r);
        assert_true(books.n >= MANY + 10 && books.n <= MANY + 14);
        router_done(r, p);
    }
}

/* A cancel in the middle of a stream goes through to the connection, and the place is free. */
static void test_cancel(void **state)
{
    (void)state;
    needs_fakes();
    for (int i = 0; i < PROVIDERS; i++) {
        struct ear h, next;
        struct ai_provider *p = make(i, fakes[i].port);
        struct ai_router *r = router_make(p, fake_models[i], 1);
        script(
            i,
            "{\"text\":\"never all of this\",\"pieceChars\":4,\"stall\":{\"after\":1,\"ms\":\"forever\"}},{\"text\":\"ok\"}");
        ear_ask(r, &h, &review);
        lock_take(&h.lock);
        while (str_find_char(sb_view(&h.log), '+', 0) == STR_NONE)
            lock_cond_wait(&h.more, &h.lock);
        lock_give(&h.lock);
        ai_router_cancel(h.call);
        ear_wait(&h);
        assert_string_equal(h.e.reason, "cancelled");
        ear_ask(r, &next, &review);
        ear_wait(&next);
        assert_string_equal(next.e.reason, "");
        ear_done(&h);
        ear_done(&next);
        router_done(r, p);
    }
}

static int setup(void **state)
{
    (void)state;
    char path[4096], name[64], node[] = "node";
    http = http_new();
    server_start(&server);
    for (int i = 0; i < PROVIDERS; i++) {
        (void)snprintf(name, sizeof name, "tests/peers/%s.mjs", programs[i]);
        (void)source_path(path, sizeof path, name);
        if (!fake_start(&fakes[i], (char *const[]){node, path, NULL})) fake_stop(&fakes[i]);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_stop(&server);
    client_http_free(http);
    for (int i = 0; i < PROVIDERS; i++)
        fake_stop(&fakes[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_not_again_33), cmocka_unit_test(test_recovers),
                                       cmocka_unit_test(test_two_hundred), cmocka_unit_test(test_cancel)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
