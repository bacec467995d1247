/* JSON on any bytes: what parses is written, read again, and is the same; decoding it by a table fills the table or says why not. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct item {
    int64_t id;
    struct str title;
    struct json_list words; /* struct str */
    int level;
};

struct settings {
    bool on;
    double share;
    struct item main;
    struct json_list items;   /* struct item */
    struct json_list numbers; /* int64_t */
    const struct json *extra;
};

static const char *const levels[] = {"low", "high", NULL};
static const struct json_field item_fields[] = {
    {.name = "id", .kind = JSON_K_INT, .offset = offsetof(struct item, id), .required = true, .min = 1, .max = 20},
    {.name = "t", .kind = JSON_K_STR, .offset = offsetof(struct item, title), .min = 1, .max = 10},
    {.name = "w", .kind = JSON_K_STRS, .offset = offsetof(struct item, words), .min = 1, .max = 3},
    {.name = "l", .kind = JSON_K_ENUM, .offset = offsetof(struct item, level), .names = levels},
};
static const struct json_table item_table = {sizeof(struct item), item_fields, 4};
static const struct json_field settings_fields[] = {
    {.name = "on", .kind = JSON_K_BOOL, .offset = offsetof(struct settings, on)},
    {.name = "share", .kind = JSON_K_DOUBLE, .offset = offsetof(struct settings, share), .min = 0, .max = 1},
    {.name = "main", .kind = JSON_K_OBJECT, .offset = offsetof(struct settings, main), .table = &item_table},
    {.name = "items", .kind = JSON_K_ARRAY, .offset = offsetof(struct settings, items), .table = &item_table},
    {.name = "n", .kind = JSON_K_INTS, .offset = offsetof(struct settings, numbers)},
    {.name = "x", .kind = JSON_K_ANY, .offset = offsetof(struct settings, extra)},
};
static const struct json_table settings_table = {sizeof(struct settings), settings_fields, 6};

static void write_value(struct arena *a, struct json_out *o, const char *key, const struct json *v)
{
    switch (json_type(v)) {
    case JSON_NULL: json_out_null(o, key); break;
    case JSON_BOOL: json_out_bool(o, key, json_bool(v, false)); break;
    case JSON_NUMBER: json_out_double(o, key, json_double(v, 0)); break;
    case JSON_STRING: json_out_str(o, key, json_str(v)); break;
    case JSON_ARRAY:
        json_out_begin_array(o, key);
        for (size_t i = 0; i < json_count(v); i++)
            write_value(a, o, NULL, json_at(v, i));
        json_out_end_array(o);
        break;
    case JSON_OBJECT: {
        json_out_begin_object(o, key);
        struct str name = STR_EMPTY;
        const struct json *member = NULL;
        for (size_t i = 0; (member = json_member(v, &i, &name));) {
            char *c = str_to_c(a, name);
            assert(c);
            write_value(a, o, c, member);
        }
        json_out_end_object(o);
    }
    }
}

static bool same(const struct json *x, const struct json *y)
{
    if (json_type(x) != json_type(y) || json_count(x) != json_count(y)) return false;
    double dx = json_double(x, 0), dy = json_double(y, 0);
    if (dx < dy || dx > dy || json_bool(x, false) != json_bool(y, false) || !str_eq(json_str(x), json_str(y)))
        return false;
    if (json_type(x) == JSON_ARRAY)
        for (size_t i = 0; i < json_count(x); i++)
            if (!same(json_at(x, i), json_at(y, i))) return false;
    if (json_type(x) != JSON_OBJECT) return true;
    struct str key_x = STR_EMPTY, key_y = STR_EMPTY;
    for (size_t i = 0, k = 0;;) {
        const struct json *mx = json_member(x, &i, &key_x), *my = json_member(y, &k, &key_y);
        if (!mx || !my) return !mx && !my;
        if (!str_eq(key_x, key_y) || !same(mx, my)) return false;
    }
}

static void write_and_read_back(struct arena *a, const struct json *v, bool indent)
{
    CLEANUP_SB struct sb b = SB_INIT((size_t)64 << 20);
    struct json_out o = json_out_make(&b, indent);
    write_value(a, &o, NULL, v);
    assert(sb_ok(&b) && o.depth == 0 && utf8_valid(sb_view(&b)));
    const struct json *back = NULL;
    assert(json_parse(a, sb_view(&b), &back, NULL) == ERR_OK);
    assert(same(v, back));
}

static void decode(struct arena *a, const struct json *v)
{
    struct settings s = {0};
    struct error e = {0};
    enum err err = json_decode(a, v, &settings_table, &s, &e);
    if (err) {
        assert(err == ERR_INVALID && e.code == err && utf8_valid(str_from_c(e.message)));
        assert(str_find(str_from_c(e.message), STR(": "), 0) != STR_NONE);
        return;
    }
    for (size_t i = 0; i < s.items.n; i++) {
        const struct item *item = (const struct item *)s.items.at + i;
        assert(item->id >= 1 && item->id <= 20 && item->title.n <= 10 && item->words.n <= 3 && item->level <= 1);
    }
    assert(s.share >= 0 && s.share <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    assert(a);
    const struct json *v = NULL;
    struct error e = {0};
    enum err err = json_parse(a, (struct str){(const char *)data, n}, &v, &e);
    if (err) {
        assert(err == ERR_INVALID && e.message[0] && utf8_valid(str_from_c(e.message)));
        return 0;
    }
    write_and_read_back(a, v, false);
    write_and_read_back(a, v, true);
    decode(a, v);
    return 0;
}
