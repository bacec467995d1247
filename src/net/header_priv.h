/* Parts of header values. Private to net. Thread: any. Source: RFC 9110, 5.6; RFC 8187. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

bool net__is_token(struct str s); /* tchar of RFC 9110, 5.6.2, at least one */

/* The value of the first parameter of that name (any case) in "value; name=token; name=\"quoted\"", unquoted; .p NULL when it is not there.
 * In a quoted value only \" and \\ are escapes, so that the paths that some browsers sent stay whole. ERR_LIMIT without memory. */
enum err net__header_parameter(struct arena *a, struct str value, const char *name, struct str *ret,
                               struct error *e) MUST_USE;

/* The text of UTF-8'language'percent-encoded; .p NULL when it is not that. ERR_LIMIT without memory. */
enum err net__header_extended(struct arena *a, struct str value, struct str *ret, struct error *e) MUST_USE;

/* The byte that the escape "%XX" at s.p[i] stands for; -1 when there is none. */
int net__percent_byte(struct str s, size_t i);
