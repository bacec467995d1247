/* JSON out: a writer over struct sb.
 * It keeps no stack: "has a value been written at this level" is all that commas need, and after an end it is always true. Errors stick in the
 * builder. Rejected: building a tree first (a report may be large; it is written once, front to back).
 * Source: RFC 8259, 7: control characters, quote and backslash are escaped, all else goes out as UTF-8. */
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "base/time.h"
#include "base/utf8.h"

static void new_line(struct json_out *o)
{
    if (!o->indent) return;
    sb_char(o->sb, '\n');
    for (unsigned i = 0; i < o->depth; i++)
        SB_LIT(o->sb, "  ");
}

static void write_escape(struct sb *b, unsigned char c)
{
    switch (c) {
    case '"': SB_LIT(b, "\\\""); break;
    case '\\': SB_LIT(b, "\\\\"); break;
    case '\b': SB_LIT(b, "\\b"); break;
    case '\f': SB_LIT(b, "\\f"); break;
    case '\n': SB_LIT(b, "\\n"); break;
    case '\r': SB_LIT(b, "\\r"); break;
    case '\t': SB_LIT(b, "\\t"); break;
    default: sb_printf(b, "\\u%04x", c);
    }
}

static void write_str(struct sb *b, struct str s)
{
    size_t plain = 0; /* start of the bytes that go out as they are */
    sb_char(b, '"');
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t start = i;
        if (c < 0x80) {
            i++;
            if (c >= 0x20 && c != '"' && c != '\\') continue;
            sb_str(b, str_sub(s, plain, start));
            write_escape(b, c);
        } else {
            uint32_t rune = utf8_next(s, &i);
            if (i - start > 1) continue; /* one byte: it was not UTF-8 */
            sb_str(b, str_sub(s, plain, start));
            sb_rune(b, rune);
        }
        plain = i;
    }
    sb_str(b, str_sub(s, plain, s.n));
    sb_char(b, '"');
}

/* What stands before a value: comma, line, key. */
static void begin_value(struct json_out *o, const char *key)
{
    if (o->comma) sb_char(o->sb, ',');
    if (o->depth > 0) new_line(o);
    o->comma = true;
    if (!key) return;
    write_str(o->sb, str_from_c(key));
    sb_char(o->sb, ':');
    if (o->indent) sb_char(o->sb, ' ');
}

static void begin_level(struct json_out *o, const char *key, char bracket)
{
    begin_value(o, key);
    sb_char(o->sb, bracket);
    o->depth++;
    o->comma = false;
}

static void end_level(struct json_out *o, char bracket)
{
    o->depth--;
    if (o->comma) new_line(o);
    sb_char(o->sb, bracket);
    o->comma = true;
}

void json_out_begin_object(struct json_out *o, const char *key_or_null) { begin_level(o, key_or_null, '{'); }

void json_out_end_object(struct json_out *o) { end_level(o, '}'); }

void json_out_begin_array(struct json_out *o, const char *key_or_null) { begin_level(o, key_or_null, '['); }

void json_out_end_array(struct json_out *o) { end_level(o, ']'); }

void json_out_str(struct json_out *o, const char *key_or_null, struct str v)
{
    begin_value(o, key_or_null);
    write_str(o->sb, v);
}

void json_out_time(struct json_out *o, const char *key, int64_t unix_ms)
{
    CLEANUP_SB struct sb b = SB_INIT(64);
    if (unix_ms == 0) {
        json_out_null(o, key);
        return;
    }
    sb_time(&b, unix_ms, true);
    if (!sb_ok(&b)) o->sb->failed = o->sb->no_memory = true;
    json_out_str(o, key, sb_view(&b));
}

void json_out_c(struct json_out *o, const char *key_or_null, const char *v)
{
    if (v)
        json_out_str(o, key_or_null, str_from_c(v));
    else
        json_out_null(o, key_or_null);
}

void json_out_u64(struct json_out *o, const char *key_or_null, uint64_t v)
{
    begin_value(o, key_or_null);
    sb_u64(o->sb, v);
}

void json_out_i64(struct json_out *o, const char *key_or_null, int64_t v)
{
    begin_value(o, key_or_null);
    if (v < 0) sb_char(o->sb, '-');
    sb_u64(o->sb, v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v);
}

void json_out_double(struct json_out *o, const char *key_or_null, double v)
{
    if (!isfinite(v)) {
        json_out_null(o, key_or_null);
        return;
    }
    char text[32];
    double back = 0;
    int n = snprintf(text, sizeof text, "%.15g", v);
    if (str_to_double((struct str){text, (size_t)n}, -DBL_MAX, DBL_MAX, &back, NULL) != ERR_OK || back < v || back > v)
        n = snprintf(text, sizeof text, "%.17g", v);
    begin_value(o, key_or_null);
    sb_str(o->sb, (struct str){text, (size_t)n});
}

void json_out_bool(struct json_out *o, const char *key_or_null, bool v)
{
    begin_value(o, key_or_null);
    sb_c(o->sb, v ? "true" : "false");
}

void json_out_null(struct json_out *o, const char *key_or_null)
{
    begin_value(o, key_or_null);
    SB_LIT(o->sb, "null");
}

void json_out_str_or_null(struct json_out *o, const char *key_or_null, struct str s)
{
    if (s.p)
        json_out_str(o, key_or_null, s);
    else
        json_out_null(o, key_or_null);
}

void json_out_filled_or_null(struct json_out *o, const char *key_or_null, struct str s)
{
    json_out_str_or_null(o, key_or_null, s.n > 0 ? s : STR_EMPTY);
}

void json_out_raw(struct json_out *o, const char *key_or_null, struct str json)
{
    begin_value(o, key_or_null);
    sb_str(o->sb, json);
}
