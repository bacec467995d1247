/* What the tests of ai share: cmocka with its headers in order, and comparisons. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sb.h"

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str assert_str_a_ = (view), assert_str_b_ = str_from_c(text);                                           \
        if (!str_eq(assert_str_a_, assert_str_b_))                                                                     \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(assert_str_a_), STR_ARG(assert_str_b_));                      \
    } while (0)

#define assert_has(view, part)                                                                                         \
    do {                                                                                                               \
        struct str assert_has_ = (view);                                                                               \
        if (str_find(assert_has_, str_from_c(part), 0) == STR_NONE)                                                    \
            fail_msg("\"%.*s\" has no \"%s\"", STR_ARG(assert_has_), (part));                                          \
    } while (0)

#define assert_has_not(view, part)                                                                                     \
    do {                                                                                                               \
        struct str assert_has_ = (view);                                                                               \
        if (str_find(assert_has_, str_from_c(part), 0) != STR_NONE)                                                    \
            fail_msg("\"%.*s\" has \"%s\"", STR_ARG(assert_has_), (part));                                             \
    } while (0)
