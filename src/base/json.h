/* JSON in and out. In: jansson parses, tables decode into structs and say the path of what is wrong. Out: a writer over struct sb.
 * Only base/json.c includes jansson. Source: RFC 8259. Thread: any; a parsed value is immutable. */
#pragma once

#include "base/sb.h"

struct json; /* a parsed value; lives as long as its arena */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Parses one value (UTF-8, depth ≤ 64, no duplicate keys). ERR_INVALID "bad_json" with line and column. */
enum err json_parse(struct arena *a, struct str text, const struct json **ret, struct error *e) MUST_USE;

enum json_type json_type(const struct json *v);
const struct json *json_get(const struct json *object, const char *key); /* NULL when absent or not an object */
size_t json_count(const struct json *array_or_object);
const struct json *json_at(const struct json *array, size_t i);
/* Walks an object's members in file order: returns the value and *ret_key, NULL at the end. *i starts at 0 and is advanced
 * (it is no index). */
const struct json *json_member(const struct json *object, size_t *i, struct str *ret_key);
struct str json_str(const struct json *v); /* .p NULL unless a string */
bool json_bool(const struct json *v, bool fallback);
double json_double(const struct json *v, double fallback);

/* Decoding by table. Unknown members are errors (a typing mistake must not be ignored silently), except a "$schema" member. */
enum json_kind {
    JSON_K_STR,    /* struct str; min/max: bytes */
    JSON_K_BOOL,   /* bool */
    JSON_K_INT,    /* int64_t; min/max: value */
    JSON_K_DOUBLE, /* double; min/max: value */
    JSON_K_ENUM,   /* int: index in .names */
    JSON_K_OBJECT, /* a struct described by .table */
    JSON_K_ARRAY,  /* struct json_list of .table's structs; min/max: count */
    JSON_K_STRS,   /* struct json_list of struct str; min/max: count */
    JSON_K_INTS,   /* struct json_list of int64_t; min/max: count */
    JSON_K_ANY,    /* const struct json * */
};

struct json_list {
    void *at;
    size_t n;
};

struct json_field {
    const char *name;
    enum json_kind kind;
    size_t offset;
    bool required;
    double min, max;                /* both 0: no limits; max < min: no upper limit */
    const char *const *names;       /* JSON_K_ENUM: NULL-terminated */
    const struct json_table *table; /* JSON_K_OBJECT, JSON_K_ARRAY */
};

struct json_table {
    size_t size; /* of the struct that is filled */
    const struct json_field *fields;
    size_t n_fields;
};

/* Fills *out (zeroed by the caller: absent optional members stay as they are). ERR_INVALID "bad_json": the message begins with the path, as in
 * "points[3].questions: must be an array of strings". Strings are borrowed from v. */
enum err json_decode(struct arena *a, const struct json *v, const struct json_table *t, void *out,
                     struct error *e) MUST_USE;

/* Writing. Commas and indentation are the writer's job; the caller pairs begin and end. Invalid UTF-8 becomes U+FFFD. */
struct json_out {
    struct sb *sb;
    unsigned depth;
    bool comma;  /* a value has been written at this level */
    bool indent; /* two spaces a level, for people */
};

static inline struct json_out json_out_make(struct sb *sb, bool indent)
{
    return (struct json_out){.sb = sb, .indent = indent};
}
void json_out_begin_object(struct json_out *o, const char *key_or_null);
void json_out_end_object(struct json_out *o);
void json_out_begin_array(struct json_out *o, const char *key_or_null);
void json_out_end_array(struct json_out *o);
void json_out_str(struct json_out *o, const char *key_or_null, struct str v);
void json_out_time(struct json_out *o, const char *key_or_null,
                   int64_t unix_ms);                                         /* RFC 3339, UTC, milliseconds; 0: null */
void json_out_c(struct json_out *o, const char *key_or_null, const char *v); /* NULL gives null */
void json_out_u64(struct json_out *o, const char *key_or_null, uint64_t v);
void json_out_i64(struct json_out *o, const char *key_or_null, int64_t v);
void json_out_double(struct json_out *o, const char *key_or_null,
                     double v); /* shortest of %.15g/%.17g that reads back; not finite gives null */
void json_out_bool(struct json_out *o, const char *key_or_null, bool v);
void json_out_null(struct json_out *o, const char *key_or_null);
void json_out_str_or_null(struct json_out *o, const char *key_or_null,
                          struct str s); /* null without a place (.p NULL) */
void json_out_filled_or_null(struct json_out *o, const char *key_or_null, struct str s); /* null for an empty text */
void json_out_raw(struct json_out *o, const char *key_or_null, struct str json); /* a value that is JSON already */
