/* prism serve: the server. Thread: main. */
#pragma once

#include "cmd/commands.h"

int cmd_serve(const struct cmd_command *self, int argc, char **argv);
