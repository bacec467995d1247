/* "prism bundle": its options. Thread: main. */
#pragma once

#include "cmd/commands.h"

enum { CMD_BUNDLE_OPTION_COUNT = 5 };
extern const struct cmd_option cmd_bundle_options[CMD_BUNDLE_OPTION_COUNT];
int cmd_bundle(const struct cmd_command *self, int argc, char **argv);
