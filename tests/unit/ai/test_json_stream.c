/* The input of a tool, in pieces. */
#include "ai/json_stream.h"

#include "../client/client_test.h"
#include "base/sb.h"

static enum err hear(void *ctx, struct str member, size_t index, struct str json, struct error *e)
{
    (void)e;
    sb_printf(ctx, "%.*s[%zu]=%.*s;", STR_ARG(member), index, STR_ARG(json));
    return ERR_OK;
}

static struct ai_json_stream *stream(size_t max, struct sb *heard)
{
    struct ai_json_stream *s = NULL;
    struct error e = {0};
    assert_int_equal(ai_json_stream_new(max, hear, heard, &s, &e), ERR_OK);
    return s;
}

/* What was heard, and the whole or the error, for a text in pieces of step bytes. */
static void run(struct sb *heard, const char *text, size_t step)
{
    struct ai_json_stream *s = stream(1 << 16, heard);
    struct error e = {0};
    struct str all = str_from_c(text), whole = STR_EMPTY;
    enum err err = ERR_OK;
    for (size_t at = 0; at < all.n && err == ERR_OK; at += step)
        err = ai_json_stream_feed(s, str_sub(all, at, at + step), &e);
    if (err == ERR_OK) err = ai_json_stream_end(s, &whole, &e);
    sb_str(heard, err == ERR_OK ? whole : str_from_c(e.reason));
    ai_json_stream_free(s);
}

static void test_items(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"{\"f\":[{\"q\":\"]},\\\"[\"},{\"q\":[1]}]}",
         "f[0]={\"q\":\"]},\\\"[\"};f[1]={\"q\":[1]};{\"f\":[{\"q\":\"]},\\\"[\"},{\"q\":[1]}]}"},
        {" { \"a\" : [ 1 , true,\"s\" ,[2], -1.5e3 ], \"b\":[] } ",
         "a[0]=1;a[1]=true;a[2]=\"s\";a[3]=[2];a[4]=-1.5e3;{ \"a\" : [ 1 , true,\"s\" ,[2], -1.5e3 ], \"b\":[] }"},
        {"{\"a\":{\"b\":[1,2]},\"c\":\"[3]\"}", "{\"a\":{\"b\":[1,2]},\"c\":\"[3]\"}"},
        {"{\"\\u0061\\n\":[\"\\ud83d\\ude00\xc3\xa9\"]}",
         "a\n[0]=\"\\ud83d\\ude00\xc3\xa9\";{\"\\u0061\\n\":[\"\\ud83d\\ude00\xc3\xa9\"]}"},
        {"", "{}"},
        {"  ", "{}"},
        {"{}", "{}"},
        /* not JSON; what was complete before has been handed out */
        {"{\"a\":[{\"x\":1},{\"x\":", "a[0]={\"x\":1};bad_answer"},
        {"{\"a\":[{\"x\":1} {\"x\":2}]}", "a[0]={\"x\":1};bad_answer"},
        {"{\"a\":[{\"x\" 1}]}", "bad_answer"},
        {"{\"a\":[1,,2]}", "a[0]=1;bad_answer"},
        {"{\"a\":[,1]}", "bad_answer"},
        {"{\"a\":[tru]}", "bad_answer"},
        {"{\"a\":1", "bad_answer"},
        {"{\"a\":1]", "bad_answer"},
        {"{\"a\":1}{", "bad_answer"},
        {"[1]", "bad_answer"},
        {"I found nothing.", "bad_answer"},
        {"{\"a\":[\"\xff\"]}", "bad_answer"},
        {"{[1]}", "bad_answer"},
        {"}", "bad_answer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t step = 1; step < 60; step += 7) {
            CLEANUP_SB struct sb heard = SB_INIT(1 << 16);
            run(&heard, rows[i][0], step);
            assert_str(sb_view(&heard), rows[i][1]);
        }
}

/* An item is there with its last byte, not with the next item. */
static void test_at_once(void **state)
{
    (void)state;
    CLEANUP_SB struct sb heard = SB_INIT(1 << 16);
    struct error e = {0};
    struct ai_json_stream *s = stream(1 << 16, &heard);
    assert_int_equal(ai_json_stream_feed(s, STR("{\"f\":[{\"q\":\"x\""), &e), ERR_OK);
    assert_int_equal(heard.n, 0);
    assert_int_equal(ai_json_stream_feed(s, STR("}"), &e), ERR_OK);
    assert_str(sb_view(&heard), "f[0]={\"q\":\"x\"};");
    ai_json_stream_free(s);
}

static void test_limits(void **state)
{
    (void)state;
    CLEANUP_SB struct sb heard = SB_INIT(1 << 16);
    struct error e = {0};
    struct str whole;
    struct ai_json_stream *s = stream(20, &heard);
    assert_int_equal(ai_json_stream_feed(s, STR("{\"a\":\"0123456789"), &e), ERR_OK);
    assert_int_equal(ai_json_stream_feed(s, STR("0123456789\"}"), &e), ERR_UPSTREAM);
    assert_string_equal(e.reason, "bad_answer");
    assert_has(e.message, "20 bytes");
    assert_null(strstr(e.message, "0123"));
    /* the first error is the last */
    e = (struct error){0};
    assert_int_equal(ai_json_stream_end(s, &whole, &e), ERR_UPSTREAM);
    assert_has(e.message, "20 bytes");
    ai_json_stream_free(s);
    CLEANUP_SB struct sb deep = SB_INIT(1 << 16);
    sb_c(&deep, "{\"a\":");
    for (int i = 0; i < 70; i++)
        sb_char(&deep, '[');
    s = stream(1 << 16, &heard);
    assert_int_equal(ai_json_stream_feed(s, sb_view(&deep), &e), ERR_UPSTREAM);
    ai_json_stream_free(s);
    ai_json_stream_free(NULL);
}

static enum err stop(void *ctx, struct str member, size_t index, struct str json, struct error *e)
{
    (void)member;
    (void)index;
    (void)json;
    ++*(int *)ctx;
    return error_set(e, ERR_CONFLICT, "no more");
}

static void test_stopped(void **state)
{
    (void)state;
    int calls = 0;
    struct ai_json_stream *s = NULL;
    struct error e = {0};
    assert_int_equal(ai_json_stream_new(1 << 10, stop, &calls, &s, &e), ERR_OK);
    assert_int_equal(ai_json_stream_feed(s, STR("{\"a\":[1,2,3]}"), &e), ERR_CONFLICT);
    assert_int_equal(ai_json_stream_feed(s, STR(" "), &e), ERR_CONFLICT);
    assert_int_equal(calls, 1);
    ai_json_stream_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_items), cmocka_unit_test(test_at_once),
                                       cmocka_unit_test(test_limits), cmocka_unit_test(test_stopped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
