/* Every allocation of base fails once: nothing crashes or leaks, and the caller hears of it. Expat's are among them, as xml.c hands it malloc;
 * jansson's are not: its lexer drops a byte of a long token when its buffer cannot grow, which nobody outside can notice. */
#include "support/torture.h"

#include <fcntl.h>
#include <unistd.h>

#include "base_test.h"

#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/xml.h"

static void nothing(void *object) { *(int *)object += 1; }

static enum err use_arena(void *ctx, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    int *calls = ctx;
    if (!a) return error_no_memory(e);
    if (!arena_defer(a, nothing, calls)) return error_no_memory(e);
    VEC(int) v = {0};
    for (int i = 0; i < 5000; i++) {
        int *slot = VEC_PUSH(a, &v);
        if (!slot) return error_no_memory(e);
        *slot = i;
    }
    if (!arena_alloc(a, 300000)) return error_no_memory(e);
    if (!str_dup(a, STR("x")).p || !str_printf(a, "%d", 5).p) return error_no_memory(e);
    return ERR_OK;
}

static void test_arena(void **state)
{
    (void)state;
    int calls = 0;
    size_t n = torture_run(use_arena, &calls);
    assert_true(n >= 4);
    assert_int_equal(calls, n); /* in each run but the one without an arena, also where the note had no memory */
}

static enum err use_sb(void *ctx, struct error *e)
{
    (void)ctx;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    if (!a) return error_no_memory(e);
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    for (int i = 0; i < 300; i++)
        sb_u64(&b, 12345);
    sb_printf(&b, "%2000d", 1);
    sb_xml_text(&b, STR("<&>"));
    struct str text = STR_EMPTY;
    TRY(sb_take(&b, a, &text, e));
    assert_int_equal(text.n, 1500 + 2000 + 13);
    return utf8_fold_case(a, STR("ABC")).p ? ERR_OK : error_no_memory(e);
}

static void test_sb(void **state)
{
    (void)state;
    assert_true(torture_run(use_sb, NULL) >= 5);
}

static enum err use_map(void *ctx, struct error *e)
{
    static const char keys[] = "the keys of this map are the tails of this text";
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    if (!a) return error_no_memory(e);
    struct map m = map_make(a);
    for (size_t i = 0; i < sizeof keys - 1; i++)
        if (!map_put(&m, str_from_c(keys + i), ctx)) {
            assert_int_equal(m.n, i);
            if (i) assert_ptr_equal(map_get(&m, str_from_c(keys)), ctx);
            return error_no_memory(e);
        }
    return ERR_OK;
}

static void test_map(void **state)
{
    (void)state;
    assert_true(torture_run(use_map, state) >= 3);
}

static enum err ignore_tag(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    (void)ctx, (void)r, (void)tag, (void)e;
    return ERR_OK;
}

static enum err ignore_text(void *ctx, struct xml_reader *r, struct str text, size_t start, size_t end, struct error *e)
{
    (void)ctx, (void)r, (void)text, (void)start, (void)end, (void)e;
    return ERR_OK;
}

static enum err use_xml(void *ctx, struct error *e)
{
    static const struct xml_ns namespaces[] = {{"urn:w", 1}};
    static const struct xml_name names[] = {{1, "p", 1}};
    static const struct xml_vocab vocab = {namespaces, 1, names, 1};
    static const struct xml_handler handler = {ignore_tag, ignore_tag, ignore_text};
    const struct xml_options options = {.vocab = &vocab, .max_depth = 64, .what = "x"};
    return xml_read(str_from_c(ctx), &options, &handler, ctx, e);
}

#define XML_BODY                                                                                                       \
    "<w:p xmlns:w='urn:w' xmlns:v='urn:w' a='1' b='2' w:c='&lt;3'>"                                                    \
    "<w:p xmlns:w='urn:x'><a><a><a><a><a><a><a><a><a>t&amp;<![CDATA[x]]></a></a></a></a></a></a></a></a></a></w:p>"    \
    "<b c1='' c2='' c3='' c4='' c5='' c6='' c7='' c8='' c9='' c10='' c11='' c12='' c13=''/></w:p>"

static void test_xml(void **state)
{
    (void)state;
    char scanned[] = "<?xml version='1.0' encoding='UTF-8'?>" XML_BODY;
    char by_expat[] = "<?xml version='1.0' encoding='ISO-8859-1'?>" XML_BODY;
    assert_true(torture_run(use_xml, scanned) > 10);
    assert_true(torture_run(use_xml, by_expat) > 20);
}

struct point {
    int64_t id;
    struct json_list words;
};
static const struct json_field point_fields[] = {
    {.name = "id", .kind = JSON_K_INT, .offset = offsetof(struct point, id)},
    {.name = "words", .kind = JSON_K_STRS, .offset = offsetof(struct point, words)},
};
static const struct json_table point_table = {sizeof(struct point), point_fields, 2};
struct list {
    struct json_list points;
};
static const struct json_field list_fields[] = {
    {.name = "points", .kind = JSON_K_ARRAY, .offset = offsetof(struct list, points), .table = &point_table},
};
static const struct json_table list_table = {sizeof(struct list), list_fields, 1};

static enum err use_json(void *ctx, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    if (!a) return error_no_memory(e);
    const struct json *v = NULL;
    struct list list = {0};
    TRY(json_parse(a, str_from_c(ctx), &v, e));
    TRY(json_decode(a, v, &list_table, &list, e));
    CLEANUP_SB struct sb b = SB_INIT(1 << 16);
    struct json_out o = json_out_make(&b, true);
    json_out_begin_array(&o, NULL);
    for (size_t i = 0; i < list.points.n; i++)
        json_out_i64(&o, NULL, ((const struct point *)list.points.at)[i].id);
    json_out_end_array(&o);
    struct str text = STR_EMPTY;
    return sb_take(&b, a, &text, e);
}

static void test_json(void **state)
{
    (void)state;
    char text[] =
        "{\"points\":[{\"id\":1,\"words\":[\"a\",\"a long word that needs memory of its own\"]},{\"id\":2},{\"id\":3},"
        "{\"id\":4},{\"id\":5},{\"id\":6},{\"id\":7},{\"id\":8},{\"id\":9}]}";
    assert_true(torture_run(use_json, text) >= 4);
}

/* A value of the wrong kind is reported with its path, unless memory fails on the way. */
static enum err use_wrong_json(void *ctx, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    if (!a) return error_no_memory(e);
    const struct json *v = NULL;
    struct list list = {0};
    TRY(json_parse(a, str_from_c(ctx), &v, e));
    enum err err = json_decode(a, v, &list_table, &list, e);
    return err == ERR_INVALID ? ERR_OK : err;
}

static void test_wrong_json(void **state)
{
    (void)state;
    char text[] = "{\"points\":[{\"id\":\"x\"}]}";
    assert_true(torture_run(use_wrong_json, text) >= 3);
}

static enum err use_log(void *ctx, struct error *e)
{
    (void)ctx;
    struct error some = {.code = ERR_LIMIT, .message = "some"};
    (void)e;
    log_context_set("job", STR("j1"));
    for (int i = 0; i < 20; i++)
        log_error("some_failure", L_ERROR(&some), L_U64("i", 7), L_C("text", "a\nb"));
    log_stop();
    log_context_clear();
    return ERR_OK;
}

/* The log can say that there is no memory: it asks for none. */
static void test_log(void **state)
{
    (void)state;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(null >= 0);
    log_start(null, LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    assert_int_equal(torture_run(use_log, NULL), 0);
    close(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena), cmocka_unit_test(test_sb),   cmocka_unit_test(test_map),
        cmocka_unit_test(test_xml),   cmocka_unit_test(test_json), cmocka_unit_test(test_wrong_json),
        cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
