/* What the tests of client share: cmocka with its headers in order, comparisons, and files of the shared folder. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str assert_str_a_ = (view), assert_str_b_ = str_from_c(text);                                           \
        if (!str_eq(assert_str_a_, assert_str_b_))                                                                     \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(assert_str_a_), STR_ARG(assert_str_b_));                      \
    } while (0)

#define assert_same(view, other)                                                                                       \
    do {                                                                                                               \
        struct str assert_str_a_ = (view), assert_str_b_ = (other);                                                    \
        if (!str_eq(assert_str_a_, assert_str_b_))                                                                     \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(assert_str_a_), STR_ARG(assert_str_b_));                      \
    } while (0)

/* The text has the part somewhere. */
#define assert_has(text, part)                                                                                         \
    do {                                                                                                               \
        if (str_find(str_from_c(text), str_from_c(part), 0) == STR_NONE)                                               \
            fail_msg("\"%s\" has no \"%s\"", (text), (part));                                                          \
    } while (0)
