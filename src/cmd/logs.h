/* "prism logs": its options. Thread: main. */
#pragma once

#include "cmd/commands.h"

enum { CMD_LOGS_OPTION_COUNT = 2 };
extern const struct cmd_option cmd_logs_options[CMD_LOGS_OPTION_COUNT];
