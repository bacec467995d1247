/* prism health: asks a server that runs whether it is alive. Thread: main. */
#pragma once

#include "cmd/commands.h"

int cmd_health(const struct cmd_command *self, int argc, char **argv);
