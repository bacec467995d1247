/* prism check: tries each configured part for real. Thread: main. */
#pragma once

#include "cmd/commands.h"

enum { CMD_CHECK_OPTION_COUNT = 1 };
extern const struct cmd_option cmd_check_options[CMD_CHECK_OPTION_COUNT];

int cmd_check(const struct cmd_command *self, int argc, char **argv);
