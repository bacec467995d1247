/* What the tests of the writer share: an arena for each case, and comparisons of text views. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str assert_str_a_ = (view), assert_str_b_ = str_from_c(text);                                           \
        if (!str_eq(assert_str_a_, assert_str_b_))                                                                     \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(assert_str_a_), STR_ARG(assert_str_b_));                      \
    } while (0)

static int write_test_setup(void **state)
{
    *state = arena_new((size_t)1 << 30);
    return *state ? 0 : -1;
}

static int write_test_teardown(void **state)
{
    arena_free(*state);
    return 0;
}

/* main(): every case gets an arena as *state. */
#define WRITE_TESTS(...)                                                                                               \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        struct CMUnitTest tests[] = {__VA_ARGS__};                                                                     \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {                                                    \
            tests[i].setup_func = write_test_setup;                                                                    \
            tests[i].teardown_func = write_test_teardown;                                                              \
        }                                                                                                              \
        return cmocka_run_group_tests(tests, NULL, NULL);                                                              \
    }
