/* Cancelling a call in each of its states, by whom and when it pleases; run under ThreadSanitizer too (make tsan). */
#include "ai/anthropic.h"
#include "ai/bedrock.h"
#include "ai/openai.h"
#include "ai_test.h"
#include "support/frame.h"

enum { ANTHROPIC, OPENAI, BEDROCK, PROVIDERS };

static struct server server;
static struct client_http *http;
static struct ai_provider *providers[PROVIDERS];

/* What each says: the beginning of an answer and a text "a" (with nothing behind it), and what ends it. */
static struct sb begun[PROVIDERS], ended[PROVIDERS], whole[PROVIDERS]; /* whole: both */
static const char *const heads[PROVIDERS] = {"Content-Type: text/event-stream\r\n",
                                             "Content-Type: text/event-stream\r\n",
                                             "Content-Type: application/vnd.amazon.eventstream\r\n"};

static void answers_make(void)
{
    for (int i = 0; i < PROVIDERS; i++)
        begun[i] = ended[i] = whole[i] = (struct sb)SB_INIT(1 << 16);
    sb_c(&begun[ANTHROPIC],
         "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5}}}\n\n"
         "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n");
    sb_c(&ended[ANTHROPIC], "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
                            "data: {\"type\":\"message_stop\"}\n\n");
    sb_c(&begun[OPENAI], "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n");
    sb_c(&ended[OPENAI], "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    frame_event(&begun[BEDROCK], STR("contentBlockDelta"), STR("{\"delta\":{\"text\":\"a\"}}"));
    frame_event(&ended[BEDROCK], STR("messageStop"), STR("{\"stopReason\":\"end_turn\"}"));
    frame_event(&ended[BEDROCK], STR("metadata"), STR("{\"usage\":{}}"));
    for (int i = 0; i < PROVIDERS; i++) {
        sb_str(&whole[i], sb_view(&begun[i]));
        sb_str(&whole[i], sb_view(&ended[i]));
    }
}

static void says(int provider, struct str body, bool stall)
{
    server_says(&server, (struct reply){200, heads[provider], body, 0, stall});
}

static void assert_cancelled(struct ai_provider *p, struct got *g)
{
    p->ops->cancel(g->call);
    p->ops->cancel(g->call);
    got_wait(g);
    assert_string_equal(g->e.reason, "cancelled");
    assert_int_equal(g->e.code, ERR_CONFLICT);
    assert_int_equal(g->stop, AI_STOP_ERROR);
    p->ops->cancel(g->call); /* after the end: nothing */
    got_done(g, p);
    server_forget(&server);
}

static void test_waiting(void **state)
{
    (void)state;
    struct ai_request rq = ask_request("m", false);
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        server_says(&server, (struct reply){.stall = true});
        ask(providers[i], &g, &rq);
        server_wait_begun(&server, 1); /* it was asked, and says nothing */
        assert_cancelled(providers[i], &g);
        says(i, STR(""), true);
        ask(providers[i], &g, &rq);
        server_wait_begun(&server, 1); /* a head, and no model */
        assert_cancelled(providers[i], &g);
    }
}

static void test_streaming(void **state)
{
    (void)state;
    struct ai_request rq = ask_request("m", false);
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        says(i, sb_view(&begun[i]), true);
        ask(providers[i], &g, &rq);
        got_wait_text(&g, "a");
        assert_cancelled(providers[i], &g);
    }
}

/* In the middle of a refusal that would be asked again. */
static void test_refused(void **state)
{
    (void)state;
    struct ai_request rq = ask_request("m", true);
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        server_says(&server,
                    (struct reply){400, "Content-Length: 1000\r\n",
                                   STR("{\"message\":\"does not support tools, on-demand throughput"), 0, true});
        ask(providers[i], &g, &rq);
        server_wait_begun(&server, 1);
        assert_cancelled(providers[i], &g);
    }
}

struct inside {
    struct got got;
    struct ai_provider *provider;
    unsigned texts;
};

static void cancel_inside(void *ctx, struct str delta)
{
    struct inside *in = ctx;
    in->texts++;
    in->provider->ops->cancel(in->got.call);
    got_text(&in->got, delta);
}

static void end_inside(void *ctx, const struct ai_end *end) { got_end(&((struct inside *)ctx)->got, end); }

/* From a callback: what lies behind it in the same bytes is not handed out. */
static void test_inside(void **state)
{
    (void)state;
    struct ai_request rq = ask_request("m", false);
    for (int i = 0; i < PROVIDERS; i++) {
        CLEANUP_SB struct sb body = SB_INIT(1 << 16);
        struct inside in = {.provider = providers[i]};
        struct ai_handler handler = {.on_text = cancel_inside, .on_end = end_inside, .ctx = &in};
        struct error e;
        sb_str(&body, sb_view(&begun[i]));
        sb_str(&body, sb_view(&begun[i]));
        says(i, sb_view(&body), true);
        got_init(&in.got);
        assert_int_equal(providers[i]->ops->start(providers[i], &rq, &handler, &in.got.call, &e), ERR_OK);
        got_wait(&in.got);
        assert_int_equal(in.texts, 1);
        assert_cancelled(providers[i], &in.got);
    }
}

static void test_over(void **state)
{
    (void)state;
    struct ai_request rq = ask_request("m", false);
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        says(i, sb_view(&whole[i]), false);
        ask_whole(providers[i], &g, &rq);
        assert_int_equal(g.stop, AI_STOP_DONE);
        providers[i]->ops->cancel(g.call);
        got_done(&g, providers[i]);
        server_forget(&server);
    }
}

static void *cancel_thread(void *object)
{
    struct got *g = object;
    g->call->ops->cancel(g->call);
    return NULL;
}

/* At any moment from the start on, by two threads; each call ends once, as cancelled or as it would have. */
static void test_races(void **state)
{
    (void)state;
    struct ai_request rq = ask_request("m", false);
    for (int round = 0; round < 40; round++) {
        int i = round % PROVIDERS;
        struct got g;
        pthread_t other;
        for (int k = 0; k < 4; k++) /* one that was cancelled may come late, and take an answer */
            says(i, sb_view(&whole[i]), false);
        ask(providers[i], &g, &rq);
        if (round % 4 == 1) server_wait_begun(&server, 1);
        if (round % 4 == 2) sleep_ms(round % 3);
        assert_int_equal(pthread_create(&other, NULL, cancel_thread, &g), 0);
        providers[i]->ops->cancel(g.call);
        assert_int_equal(pthread_join(other, NULL), 0);
        got_wait(&g);
        assert_true(g.stop == AI_STOP_DONE || strcmp(g.e.reason, "cancelled") == 0);
        got_done(&g, providers[i]);
        server_forget(&server);
    }
}

/* The caller may let go of the handle first; and a client that is freed ends what is open. */
static void test_let_go(void **state)
{
    (void)state;
    struct ai_request rq = ask_request("m", false);
    for (int i = 0; i < PROVIDERS; i++) {
        struct got g;
        says(i, sb_view(&whole[i]), false);
        ask(providers[i], &g, &rq);
        providers[i]->ops->free_call(g.call);
        g.call = NULL;
        got_wait(&g);
        assert_int_equal(g.stop, AI_STOP_DONE);
        got_done(&g, providers[i]);
        server_forget(&server);
    }
}

static struct ai_provider *make(int provider, struct client_http *h)
{
    char url[64];
    struct ai_provider *p = NULL;
    struct error e;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", server.port);
    struct str base = str_from_c(url);
    struct ai_anthropic_options anthropic = {.http = h, .base_url = base, .api_key = STR("k")};
    struct ai_openai_options openai = {.http = h, .base_url = base};
    struct ai_bedrock_options bedrock = {
        .http = h, .bearer_token = STR("k"), .region = STR("eu-west-1"), .base_url = base};
    enum err err = provider == ANTHROPIC ? ai_anthropic_new(&anthropic, &p, &e)
                   : provider == OPENAI  ? ai_openai_new(&openai, &p, &e)
                                         : ai_bedrock_new(&bedrock, &p, &e);
    assert_int_equal(err, ERR_OK);
    return p;
}

static void test_client_freed(void **state)
{
    (void)state;
    struct ai_request rq = ask_request("m", false);
    for (int i = 0; i < PROVIDERS; i++) {
        struct client_http *h = http_new();
        struct ai_provider *p = make(i, h);
        struct got g;
        says(i, sb_view(&begun[i]), true);
        ask(p, &g, &rq);
        got_wait_text(&g, "a");
        client_http_free(h);
        got_wait(&g);
        assert_string_equal(g.e.reason, "cancelled");
        p->ops->cancel(g.call);
        got_done(&g, p);
        p->ops->free(p);
        server_forget(&server);
    }
}

static int setup(void **state)
{
    (void)state;
    answers_make();
    server_start(&server);
    http = http_new();
    for (int i = 0; i < PROVIDERS; i++)
        providers[i] = make(i, http);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_stop(&server); /* it reads what is freed here */
    for (int i = 0; i < PROVIDERS; i++) {
        providers[i]->ops->free(providers[i]);
        sb_done(&begun[i]);
        sb_done(&ended[i]);
        sb_done(&whole[i]);
    }
    client_http_free(http);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_waiting), cmocka_unit_test(test_streaming),
                                       cmocka_unit_test(test_refused), cmocka_unit_test(test_inside),
                                       cmocka_unit_test(test_over),    cmocka_unit_test(test_races),
                                       cmocka_unit_test(test_let_go),  cmocka_unit_test(test_client_freed)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
