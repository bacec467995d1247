#include "base/json.h"

#include <math.h>

#include "base_test.h"

static const struct json *parse(struct arena *a, const char *text)
{
    const struct json *v = NULL;
    struct error e = {0};
    if (json_parse(a, str_from_c(text), &v, &e)) fail_msg("%s: %s", text, e.message);
    return v;
}

static void test_values(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    const struct json *v =
        parse(a, "{\"s\":\"\\u00e9x\",\"n\":-1.5e2,\"i\":7,\"t\":true,\"f\":false,\"z\":null,\"a\":[1,[]],\"o\":{}}");
    assert_int_equal(json_type(v), JSON_OBJECT);
    assert_int_equal(json_count(v), 8);
    assert_str(json_str(json_get(v, "s")), "\xC3\xA9x");
    assert_true(json_double(json_get(v, "n"), 0) <= -150 && json_double(json_get(v, "n"), 0) >= -150);
    assert_int_equal((int)json_double(json_get(v, "i"), 0), 7);
    assert_true(json_bool(json_get(v, "t"), false));
    assert_false(json_bool(json_get(v, "f"), true));
    static const struct {
        const char *key;
        enum json_type type;
    } types[] = {{"s", JSON_STRING}, {"n", JSON_NUMBER}, {"i", JSON_NUMBER}, {"t", JSON_BOOL},     {"f", JSON_BOOL},
                 {"z", JSON_NULL},   {"a", JSON_ARRAY},  {"o", JSON_OBJECT}, {"absent", JSON_NULL}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_int_equal(json_type(json_get(v, types[i].key)), types[i].type);
    assert_int_equal(json_count(json_get(v, "a")), 2);
    assert_int_equal(json_type(json_at(json_get(v, "a"), 1)), JSON_ARRAY);
    assert_null(json_at(json_get(v, "a"), 2));
    /* the wrong kind gives the fallback, and NULL is borne */
    assert_null(json_get(json_get(v, "a"), "x"));
    assert_null(json_get(NULL, "x"));
    assert_null(json_str(json_get(v, "i")).p);
    assert_null(json_str(NULL).p);
    assert_true(json_bool(json_get(v, "s"), true));
    assert_true(json_double(NULL, 4) >= 4);
    assert_int_equal(json_count(NULL), 0);
    assert_int_equal(json_type(parse(a, " 12 ")), JSON_NUMBER);
}

static void test_members_in_order(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    const struct json *v = parse(a, "{\"z\":1,\"a\":2,\"m\":3}"), *member = NULL;
    const char *const want[] = {"z", "a", "m"};
    size_t n = 0;
    struct str key = STR_EMPTY;
    for (size_t i = 0; (member = json_member(v, &i, &key)); n++) {
        assert_true(n < 3);
        assert_str(key, want[n]);
        assert_int_equal((size_t)json_double(member, 0), n + 1);
    }
    assert_int_equal(n, 3);
    size_t i = 0;
    assert_null(json_member(parse(a, "{}"), &i, &key));
    assert_null(json_member(parse(a, "[1]"), &i, &key));
    assert_null(json_member(NULL, &i, &key));
}

static void check_bad(const char *text, const char *part)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    const struct json *v = NULL;
    struct error e = {0};
    assert_int_equal(json_parse(a, str_from_c(text), &v, &e), ERR_INVALID);
    assert_string_equal(e.reason, "bad_json");
    assert_has(e.message, part);
    assert_null(v);
}

static void test_bad_text(void **state)
{
    (void)state;
    check_bad("", "line 1");
    check_bad("{\"a\":1,\n \"b\" 2}", "line 2, column");
    check_bad("{\"a\":1,\"a\":2}", "duplicate");
    check_bad("[1,]", "line 1");
    check_bad("[1] x", "line 1");
    check_bad("\"\xFF\"", "UTF-8");
    check_bad("'a'", "line 1");
    check_bad("{\"a\":1e999}", "line 1");
    check_bad("[99999999999999999999]", "line 1");
    check_bad("\"\\u0000\"", "line 1");
}

static void test_depth(void **state)
{
    (void)state;
    char text[300] = "";
    for (size_t n = 64; n <= 65; n++) {
        memset(text, '[', n);
        memset(text + n, ']', n);
        text[2 * n] = '\0';
        if (n == 64) {
            CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
            assert_non_null(parse(a, text));
        } else {
            check_bad(text, "64 levels at line 1, column 65");
        }
    }
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    /* brackets in strings are no levels */
    assert_non_null(
        parse(a, "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\""));
}

struct point {
    int64_t id;
    struct str title;
    struct json_list questions; /* struct str */
    int level;
};
struct settings {
    struct str name;
    bool on;
    double share;
    struct point main;
    struct json_list points;  /* struct point */
    struct json_list numbers; /* int64_t */
    const struct json *extra;
};

static const char *const levels[] = {"low", "high", NULL};
static const struct json_field point_fields[] = {
    {.name = "id", .kind = JSON_K_INT, .offset = offsetof(struct point, id), .required = true, .min = 1, .max = 20},
    {.name = "title", .kind = JSON_K_STR, .offset = offsetof(struct point, title), .min = 1, .max = 10},
    {.name = "questions", .kind = JSON_K_STRS, .offset = offsetof(struct point, questions), .min = 1, .max = 3},
    {.name = "level", .kind = JSON_K_ENUM, .offset = offsetof(struct point, level), .names = levels},
};
static const struct json_table point_table = {sizeof(struct point), point_fields, 4};
static const struct json_field settings_fields[] = {
    {.name = "name", .kind = JSON_K_STR, .offset = offsetof(struct settings, name), .required = true},
    {.name = "on", .kind = JSON_K_BOOL, .offset = offsetof(struct settings, on)},
    {.name = "share", .kind = JSON_K_DOUBLE, .offset = offsetof(struct settings, share), .min = 0, .max = 1},
    {.name = "main", .kind = JSON_K_OBJECT, .offset = offsetof(struct settings, main), .table = &point_table},
    {.name = "points",
     .kind = JSON_K_ARRAY,
     .offset = offsetof(struct settings, points),
     .table = &point_table,
     .min = 1,
     .max = -1},
    {.name = "numbers", .kind = JSON_K_INTS, .offset = offsetof(struct settings, numbers)},
    {.name = "extra", .kind = JSON_K_ANY, .offset = offsetof(struct settings, extra)},
};
static const struct json_table settings_table = {sizeof(struct settings), settings_fields, 7};

static void test_decode(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    struct settings s = {.share = 0.25};
    struct error e = {0};
    const struct json *v = parse(
        a,
        "{\"$schema\":\"x.json\",\"name\":\"N\",\"on\":true,\"main\":{\"id\":20,\"level\":\"high\"},"
        "\"points\":[{\"id\":1,\"title\":\"T\",\"questions\":[\"a\",\"b\"]},{\"id\":2}],\"numbers\":[-5,6],\"extra\":null}");
    assert_int_equal(json_decode(a, v, &settings_table, &s, &e), ERR_OK);
    assert_str(s.name, "N");
    assert_true(s.on);
    assert_true(s.share >= 0.25); /* absent: as the caller set it */
    assert_int_equal(s.main.id, 20);
    assert_int_equal(s.main.level, 1);
    assert_int_equal(s.points.n, 2);
    const struct point *points = s.points.at;
    assert_str(points[0].title, "T");
    assert_int_equal(points[0].questions.n, 2);
    const struct str *questions = points[0].questions.at;
    assert_str(questions[1], "b");
    assert_int_equal(points[1].id, 2);
    assert_int_equal(points[1].questions.n, 0);
    const int64_t *numbers = s.numbers.at;
    assert_int_equal(s.numbers.n, 2);
    assert_true(numbers[0] == -5 && numbers[1] == 6);
    assert_int_equal(json_type(s.extra), JSON_NULL);
    assert_non_null(s.extra);
}

static void test_decode_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "the top level: must be an object"},
        {"{}", "name: is missing"},
        {"{\"name\":5}", "name: must be a string"},
        {"{\"name\":null}", "name: must be a string"},
        {"{\"name\":\"\",\"nmae\":1}", "nmae: is not known here; known are \"name\", \"on\", \"share\""},
        {"{\"name\":\"\",\"on\":1}", "on: must be true or false"},
        {"{\"name\":\"\",\"share\":1.5}", "share: must be a number, 0 to 1"},
        {"{\"name\":\"\",\"main\":{\"id\":0}}", "main.id: must be a whole number, 1 to 20"},
        {"{\"name\":\"\",\"main\":{\"id\":1.5}}", "main.id: must be a whole number, 1 to 20"},
        {"{\"name\":\"\",\"main\":{\"id\":1,\"title\":\"12345678901\"}}",
         "main.title: must be a string, 1 to 10 bytes long"},
        {"{\"name\":\"\",\"points\":[{\"id\":1},{\"id\":2},{\"id\":3},{\"id\":4,\"questions\":\"x\"}]}",
         "points[3].questions: must be an array of strings, 1 to 3 of them"},
        {"{\"name\":\"\",\"points\":[{\"id\":1,\"questions\":[\"a\",7]}]}", "points[0].questions[1]: must be a string"},
        {"{\"name\":\"\",\"points\":[{}]}", "points[0].id: is missing"},
        {"{\"name\":\"\",\"points\":[3]}", "points[0]: must be an object"},
        {"{\"name\":\"\",\"points\":[]}", "points: must be an array of objects, at least 1 of them"},
        {"{\"name\":\"\",\"points\":[{\"id\":1,\"level\":\"mid\"}]}",
         "points[0].level: must be one of \"low\", \"high\""},
        {"{\"name\":\"\",\"numbers\":[1,\"2\"]}", "numbers[1]: must be a whole number"},
        {"{\"name\":\"\",\"numbers\":{}}", "numbers: must be an array of whole numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
        struct settings s = {0};
        struct error e = {0};
        assert_int_equal(json_decode(a, parse(a, cases[i].text), &settings_table, &s, &e), ERR_INVALID);
        assert_string_equal(e.reason, "bad_json");
        if (!str_starts(str_from_c(e.message), str_from_c(cases[i].message)))
            fail_msg("%s gives \"%s\", not \"%s\"", cases[i].text, e.message, cases[i].message);
    }
}

static void test_write(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(10000);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "s", STR("q\" b\\ n\n t\t r\r \b\f \x01 \x1F / \xC3\xA9\xFF"));
    json_out_c(&o, "c", "x");
    json_out_c(&o, "no", NULL);
    json_out_u64(&o, "u", UINT64_MAX);
    json_out_i64(&o, "i", INT64_MIN);
    json_out_double(&o, "d", 0.1);
    json_out_double(&o, "third", 1.0 / 3);
    json_out_double(&o, "inf", INFINITY);
    json_out_double(&o, "nan", NAN);
    json_out_bool(&o, "k\"", true);
    json_out_begin_array(&o, "a");
    json_out_begin_array(&o, NULL);
    json_out_end_array(&o);
    json_out_null(&o, NULL);
    json_out_bool(&o, NULL, false);
    json_out_end_array(&o);
    json_out_begin_object(&o, "e");
    json_out_end_object(&o);
    json_out_end_object(&o);
    assert_str(
        sb_view(&b),
        "{\"s\":\"q\\\" b\\\\ n\\n t\\t r\\r \\b\\f \\u0001 \\u001f / \xC3\xA9\xEF\xBF\xBD\",\"c\":\"x\",\"no\":null,"
        "\"u\":18446744073709551615,\"i\":-9223372036854775808,\"d\":0.1,\"third\":0.33333333333333331,"
        "\"inf\":null,\"nan\":null,\"k\\\"\":true,\"a\":[[],null,false],\"e\":{}}");
}

static void test_write_or_null(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(10000);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_array(&o, NULL);
    json_out_str_or_null(&o, NULL, STR_EMPTY);
    json_out_str_or_null(&o, NULL, STR(""));
    json_out_str_or_null(&o, NULL, STR("x"));
    json_out_filled_or_null(&o, NULL, STR_EMPTY);
    json_out_filled_or_null(&o, NULL, STR(""));
    json_out_filled_or_null(&o, NULL, STR("x"));
    json_out_end_array(&o);
    assert_str(sb_view(&b), "[null,\"\",\"x\",null,null,\"x\"]");
}

static void test_write_for_people(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(10000);
    struct json_out o = json_out_make(&b, true);
    json_out_begin_object(&o, NULL);
    json_out_begin_array(&o, "a");
    json_out_u64(&o, NULL, 1);
    json_out_u64(&o, NULL, 2);
    json_out_end_array(&o);
    json_out_begin_object(&o, "e");
    json_out_end_object(&o);
    json_out_end_object(&o);
    assert_str(sb_view(&b), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"e\": {}\n}");
}

static void test_doubles_read_back(void **state)
{
    (void)state;
    static const double values[] = {
        0, 1, -1, 0.1, 1e-300, 1.7976931348623157e308, 5e-324, 123456789.125, 2.0 / 3, 1e21, -9007199254740993.0};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
        CLEANUP_SB struct sb b = SB_INIT(1000);
        struct json_out o = json_out_make(&b, false);
        json_out_double(&o, NULL, values[i]);
        const struct json *v = NULL;
        assert_int_equal(json_parse(a, sb_view(&b), &v, NULL), ERR_OK);
        double back = json_double(v, NAN);
        assert_true(back >= values[i] && back <= values[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_members_in_order),
        cmocka_unit_test(test_bad_text),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_errors),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_write_or_null),
        cmocka_unit_test(test_write_for_people),
        cmocka_unit_test(test_doubles_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
