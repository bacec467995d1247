/* "prism rules": its options, and the pages that it prints. Thread: main. */
#pragma once

#include "base/sb.h"
#include "cmd/commands.h"
#include "rules/rules.h"

enum { CMD_RULES_OPTION_COUNT = 2 };
extern const struct cmd_option cmd_rules_options[CMD_RULES_OPTION_COUNT];

struct cmd__rules_points { /* what a built-in framework's points say of a rule */
    struct str framework;  /* its id */
    const int64_t *numbers;
    const struct str *names;
    size_t n;
};

/* A rule, and the points it speaks to in each built-in framework. */
struct cmd__rules_row {
    const struct rule *rule;
    const struct cmd__rules_points *points;
    size_t n_points; /* frameworks */
};

/* docs/rules.md. */
void cmd__rules_markdown(const struct cmd__rules_row *rows, size_t n, struct sb *out);
void cmd__rules_json(const struct cmd__rules_row *rows, size_t n, struct sb *out);
/* A line a rule, or, detailed, all there is to know of each. */
void cmd__rules_text(const struct cmd__rules_row *rows, size_t n, bool detailed, struct sb *out);
