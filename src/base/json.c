/* JSON in: jansson's parser, and tables that decode a value into structs.
 * A struct json is a json_t seen through our own accessors; the root joins the arena, so values need no counting. Decoding carries the path as
 * a chain of stack frames and renders it only when something is wrong. Writing is in json_out.c.
 * Jansson's own depth limit (2048) is deeper than we want to recurse, so a scan of the brackets before parsing enforces DEPTH_MAX.
 * Limits: jansson 2.14 does not survive its own allocations failing within a token (it reports a syntax error or drops a byte); depth 64; integers of 64 bits; no U+0000 in strings. Source: RFC 8259. */
#include "base/json.h"

/* Our header and jansson's have these names in common; jansson's get others here, so its json_is_object() and the like cannot be used. */
#define json_type   jansson_type
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY  JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_NULL   JANSSON_NULL
#include <jansson.h>
#undef json_type
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_NULL

#include "base/utf8.h"

#define DEPTH_MAX 64

static json_t *raw(const struct json *v)
{
    return (json_t *)(uintptr_t)v; /* jansson takes no const even where it only reads */
}

static void release(void *object) { json_decref(object); }

/* Is there a bracket outside of strings that opens more than DEPTH_MAX levels? Its place goes to *line and *column. Text that is no JSON
 * may be judged either way: it is refused in the end. */
static bool too_deep(struct str text, size_t *line, size_t *column)
{
    size_t depth = 0, line_start = 0;
    bool in_string = false;
    *line = 1;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n') {
            ++*line;
            line_start = i + 1;
        }
        if (in_string) {
            if (c == '\\') i++;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            *column = i - line_start + 1;
            if (++depth > DEPTH_MAX) return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return false;
}

/* Jansson quotes what it was reading, and may stop within a code point: what is no UTF-8 or no printable character becomes '?'. */
static void clean_text(char *text)
{
    struct str s = str_from_c(text);
    for (size_t at = 0; at < s.n;) {
        size_t start = at;
        uint32_t rune = utf8_next(s, &at);
        if (rune < 0x20 || (at - start == 1 && rune >= 0x80)) text[start] = '?';
    }
}

enum err json_parse(struct arena *a, struct str text, const struct json **ret, struct error *e)
{
    size_t line = 0, column = 0;
    if (too_deep(text, &line, &column))
        return error_set_reason(e, ERR_INVALID, "bad_json",
                                "not valid JSON: nested deeper than %d levels at line %zu, column %zu", DEPTH_MAX, line,
                                column);
    if (!utf8_valid(text)) return error_set_reason(e, ERR_INVALID, "bad_json", "not valid JSON: it is not UTF-8");
    json_error_t problem = {.text = ""};
    json_t *root = json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!root) {
        if (problem.text[0] == '\0' || json_error_code(&problem) == json_error_out_of_memory) return error_no_memory(e);
        clean_text(problem.text);
        return error_set_reason(e, ERR_INVALID, "bad_json", "not valid JSON: %s at line %d, column %d", problem.text,
                                problem.line, problem.column);
    }
    if (!arena_defer(a, release, root)) return error_no_memory(e);
    *ret = (const struct json *)root;
    return ERR_OK;
}

enum json_type json_type(const struct json *v)
{
    if (!v) return JSON_NULL;
    switch (json_typeof(raw(v))) {
    case JANSSON_OBJECT: return JSON_OBJECT;
    case JANSSON_ARRAY: return JSON_ARRAY;
    case JANSSON_STRING: return JSON_STRING;
    case JSON_INTEGER:
    case JSON_REAL: return JSON_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE: return JSON_BOOL;
    case JANSSON_NULL: break;
    }
    return JSON_NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return (const struct json *)json_object_get(raw(object), key); /* NULL for what is no object */
}

size_t json_count(const struct json *array_or_object)
{
    json_t *v = raw(array_or_object);
    return json_type(array_or_object) == JSON_OBJECT ? json_object_size(v) : json_array_size(v);
}

const struct json *json_at(const struct json *array, size_t i)
{
    return (const struct json *)json_array_get(raw(array), i);
}

const struct json *json_member(const struct json *object, size_t *i, struct str *ret_key)
{
    /* *i is jansson's iterator, whose object is not changing; 0 before the first, SIZE_MAX behind the last member */
    if (json_type(object) != JSON_OBJECT || *i == SIZE_MAX) return NULL;
    void *at = *i == 0 ? json_object_iter(raw(object)) : (void *)(uintptr_t)*i;
    if (!at) return NULL;
    void *next = json_object_iter_next(raw(object), at);
    *i = next ? (size_t)(uintptr_t)next : SIZE_MAX;
    *ret_key = str_from_c(json_object_iter_key(at));
    return (const struct json *)json_object_iter_value(at);
}

struct str json_str(const struct json *v)
{
    const char *p = json_string_value(raw(v));
    return (struct str){p, p ? json_string_length(raw(v)) : 0};
}

bool json_bool(const struct json *v, bool fallback)
{
    return json_is_boolean(raw(v)) ? json_is_true(raw(v)) : fallback;
}

double json_double(const struct json *v, double fallback)
{
    return json_is_number(raw(v)) ? json_number_value(raw(v)) : fallback;
}

/* ---- decoding ---- */

/* Where a value stands: a member of an object (name) or an element of an array (name NULL). */
struct path {
    const struct path *parent;
    struct str name;
    size_t index;
};

static void write_path(struct sb *b, const struct path *path)
{
    if (!path) return;
    write_path(b, path->parent);
    if (!path->name.p) {
        sb_printf(b, "[%zu]", path->index);
        return;
    }
    if (b->n > 0) sb_char(b, '.');
    sb_str(b, path->name);
}

static enum err bad_value(const struct path *path, struct error *e, struct str what)
{
    CLEANUP_SB struct sb b = SB_INIT(64 * 1024);
    write_path(&b, path);
    if (b.no_memory) return error_no_memory(e);
    struct str shown = sb_view(&b);
    if (shown.n > 120) shown.n = utf8_floor(shown, 120);
    if (shown.n == 0) shown = STR("the top level");
    return error_set_reason(e, ERR_INVALID, "bad_json", "%.*s: %.*s", STR_ARG(shown), STR_ARG(what));
}

static bool has_limits(const struct json_field *f) { return f->min != 0 || f->max != 0; }

static bool within(const struct json_field *f, double v)
{
    if (!has_limits(f)) return true;
    return v >= f->min && (f->max < f->min || v <= f->max);
}

/* "must be an array of strings (1 to 20 of them)" */
static enum err wrong_kind(const struct json_field *f, const struct path *path, const char *noun, const char *unit,
                           struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(1024);
    sb_printf(&b, "must be %s", noun);
    if (has_limits(f) && f->max < f->min)
        sb_printf(&b, ", at least %.15g%s", f->min, unit);
    else if (has_limits(f))
        sb_printf(&b, ", %.15g to %.15g%s", f->min, f->max, unit);
    if (!sb_ok(&b)) return error_no_memory(e);
    return bad_value(path, e, sb_view(&b));
}

static enum err wrong_name(const struct json_field *f, const struct path *path, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(4096);
    SB_LIT(&b, "must be one of");
    for (size_t i = 0; f->names[i]; i++)
        sb_printf(&b, "%s \"%s\"", i ? "," : "", f->names[i]);
    if (!sb_ok(&b)) return error_no_memory(e);
    return bad_value(path, e, sb_view(&b));
}

static enum err decode_object(struct arena *a, const struct json *v, const struct json_table *t, void *out,
                              const struct path *path, struct error *e);

static enum err decode_int(const struct json *v, const struct json_field *f, int64_t *to, const struct path *path,
                           struct error *e)
{
    if (!json_is_integer(raw(v)) || !within(f, (double)json_integer_value(raw(v))))
        return wrong_kind(f, path, "a whole number", "", e);
    *to = json_integer_value(raw(v));
    return ERR_OK;
}

static enum err decode_enum(const struct json *v, const struct json_field *f, int *to, const struct path *path,
                            struct error *e)
{
    struct str s = json_str(v);
    for (int i = 0; s.p && f->names[i]; i++) {
        if (!str_eq_c(s, f->names[i])) continue;
        *to = i;
        return ERR_OK;
    }
    return wrong_name(f, path, e);
}

static enum err decode_objects(struct arena *a, const struct json *v, const struct json_field *f, struct json_list *to,
                               const struct path *path, struct error *e)
{
    if (json_type(v) != JSON_ARRAY || !within(f, (double)json_count(v)))
        return wrong_kind(f, path, "an array of objects", " of them", e);
    struct json_list list = {.n = json_count(v)};
    list.at = arena_alloc_array(a, list.n, f->table->size);
    if (!list.at) return error_no_memory(e);
    for (size_t i = 0; i < list.n; i++) {
        struct path here = {.parent = path, .index = i};
        TRY(decode_object(a, json_at(v, i), f->table, (char *)list.at + i * f->table->size, &here, e));
    }
    *to = list;
    return ERR_OK;
}

static enum err decode_strs(struct arena *a, const struct json *v, const struct json_field *f, struct json_list *to,
                            const struct path *path, struct error *e)
{
    if (json_type(v) != JSON_ARRAY || !within(f, (double)json_count(v)))
        return wrong_kind(f, path, "an array of strings", " of them", e);
    struct str *at = NEW(a, struct str, json_count(v));
    if (!at) return error_no_memory(e);
    for (size_t i = 0; i < json_count(v); i++) {
        struct path here = {.parent = path, .index = i};
        at[i] = json_str(json_at(v, i));
        if (!at[i].p) return bad_value(&here, e, STR("must be a string"));
    }
    *to = (struct json_list){.at = at, .n = json_count(v)};
    return ERR_OK;
}

static enum err decode_ints(struct arena *a, const struct json *v, const struct json_field *f, struct json_list *to,
                            const struct path *path, struct error *e)
{
    if (json_type(v) != JSON_ARRAY || !within(f, (double)json_count(v)))
        return wrong_kind(f, path, "an array of whole numbers", " of them", e);
    int64_t *at = NEW(a, int64_t, json_count(v));
    if (!at) return error_no_memory(e);
    const struct json_field any = {.kind = JSON_K_INT};
    for (size_t i = 0; i < json_count(v); i++) {
        struct path here = {.parent = path, .index = i};
        TRY(decode_int(json_at(v, i), &any, &at[i], &here, e));
    }
    *to = (struct json_list){.at = at, .n = json_count(v)};
    return ERR_OK;
}

static enum err decode_value(struct arena *a, const struct json *v, const struct json_field *f, void *to,
                             const struct path *path, struct error *e)
{
    switch (f->kind) {
    case JSON_K_STR: {
        struct str s = json_str(v);
        if (!s.p || !within(f, (double)s.n)) return wrong_kind(f, path, "a string", " bytes long", e);
        *(struct str *)to = s;
        return ERR_OK;
    }
    case JSON_K_BOOL:
        if (json_type(v) != JSON_BOOL) return bad_value(path, e, STR("must be true or false"));
        *(bool *)to = json_bool(v, false);
        return ERR_OK;
    case JSON_K_INT: return decode_int(v, f, to, path, e);
    case JSON_K_DOUBLE:
        if (json_type(v) != JSON_NUMBER || !within(f, json_double(v, 0))) return wrong_kind(f, path, "a number", "", e);
        *(double *)to = json_double(v, 0);
        return ERR_OK;
    case JSON_K_ENUM: return decode_enum(v, f, to, path, e);
    case JSON_K_OBJECT: return decode_object(a, v, f->table, to, path, e);
    case JSON_K_ARRAY: return decode_objects(a, v, f, to, path, e);
    case JSON_K_STRS: return decode_strs(a, v, f, to, path, e);
    case JSON_K_INTS: return decode_ints(a, v, f, to, path, e);
    case JSON_K_ANY: *(const struct json **)to = v; return ERR_OK;
    }
    return error_set(e, ERR_INTERNAL, "unknown kind %d in a JSON table", (int)f->kind);
}

static enum err unknown_member(const struct json_table *t, const struct path *path, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(4096);
    SB_LIT(&b, "is not known here; known are");
    for (size_t i = 0; i < t->n_fields; i++)
        sb_printf(&b, "%s \"%s\"", i ? "," : "", t->fields[i].name);
    if (!sb_ok(&b)) return error_no_memory(e);
    return bad_value(path, e, sb_view(&b));
}

static const struct json_field *find_field(const struct json_table *t, struct str name)
{
    for (size_t i = 0; i < t->n_fields; i++)
        if (str_eq_c(name, t->fields[i].name)) return &t->fields[i];
    return NULL;
}

static enum err decode_object(struct arena *a, const struct json *v, const struct json_table *t, void *out,
                              const struct path *path, struct error *e)
{
    if (json_type(v) != JSON_OBJECT) return bad_value(path, e, STR("must be an object"));
    const struct json *member = NULL;
    struct path here = {.parent = path};
    for (size_t i = 0; (member = json_member(v, &i, &here.name));) {
        const struct json_field *f = find_field(t, here.name);
        if (!f && str_eq(here.name, STR("$schema"))) continue;
        if (!f) return unknown_member(t, &here, e);
        TRY(decode_value(a, member, f, (char *)out + f->offset, &here, e));
    }
    for (size_t i = 0; i < t->n_fields; i++) {
        here.name = str_from_c(t->fields[i].name);
        if (t->fields[i].required && !json_get(v, t->fields[i].name)) return bad_value(&here, e, STR("is missing"));
    }
    return ERR_OK;
}

enum err json_decode(struct arena *a, const struct json *v, const struct json_table *t, void *out, struct error *e)
{
    return decode_object(a, v, t, out, NULL, e);
}
