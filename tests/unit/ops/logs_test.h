/* Logs for the tests of ops/logs.h: texts as files of a bundle, without a disk. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ops/logs_priv.h"

static inline struct ops_logs *logs_test_new(struct arena *a)
{
    struct ops_logs *l = logs__new(a, NULL);
    assert_non_null(l);
    l->name = STR("bundle");
    return l;
}

static inline void logs_test_file(struct ops_logs *l, enum logs_kind kind, const char *name, struct str text)
{
    struct logs_lines *lines = NEW(l->a, struct logs_lines, 1);
    assert_non_null(lines);
    logs__file_begin(l, str_from_c(name), kind, lines);
    logs__file_feed(l, lines, text);
    logs__file_end(l, lines);
}

static inline void logs_test_judge(struct ops_logs *l)
{
    logs__requests_end(l);
    logs__judge(l);
    assert_false(l->no_memory);
}
