/* How rules are tested: a document of plain lines (support/docx_build.h), a rule, and the words that its first hit must stand on. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/vec.h"
#include "doc/read.h"
#include "doc/text.h"
#include "rules/rules.h"

struct rules_test_hit {
    const struct rule *rule;
    uint32_t block;
    struct str quote, description, suggestion, rewrite;
    double confidence;
};

struct rules_test_run {
    struct arena *arena;
    struct rules_engine *engine;
    VEC(struct rules_test_hit) hits;
    struct rules_coverage coverage;
    struct rules_input input; /* what a test may set before rules_test_docx(): expected sections, whole_document */
};

/* settings: JSON text or NULL. */
struct rules_test_run *rules_test_new(const char *settings);
void rules_test_free(struct rules_test_run *t);

/* Runs all rules; the hits replace those of the run before. A failure fails the test. */
void rules_test_docx(struct rules_test_run *t, struct str docx);
void rules_test_lines(struct rules_test_run *t, const char *lines);

/* The at-th hit of a rule, or NULL. */
const struct rules_test_hit *rules_test_hit(const struct rules_test_run *t, const char *rule, size_t at);
size_t rules_test_count(const struct rules_test_run *t, const char *rule);

struct rules_case {
    const char *rule;
    const char *lines;
    const char *quote; /* the words that the first hit stands on; NULL: no hit */
};
/* All cases, each failure printed; fails at the end if there was one. */
void rules_test_cases(const struct rules_case *cases, size_t n);
#define RULES_TEST_CASES(cases) rules_test_cases((cases), sizeof(cases) / sizeof((cases)[0]))
