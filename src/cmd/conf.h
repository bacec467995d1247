/* prism conf: shows the settings. Thread: main. */
#pragma once

#include "cmd/commands.h"

enum { CMD_CONF_OPTION_COUNT = 1 };
extern const struct cmd_option cmd_conf_options[CMD_CONF_OPTION_COUNT];

int cmd_conf(const struct cmd_command *self, int argc, char **argv);
