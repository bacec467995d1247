/* What the tests of telemetry share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"

static inline const struct json *parsed(struct arena *a, struct str text)
{
    const struct json *v = NULL;
    struct error e = {0};
    if (json_parse(a, text, &v, &e) != ERR_OK) fail_msg("%s: %.*s", e.message, STR_ARG(text));
    return v;
}

static inline bool is_text(const struct json *v, const char *text) { return v && str_eq_c(json_str(v), text); }
