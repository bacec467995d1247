/* prism backup and prism restore. Thread: main. */
#pragma once

#include "cmd/commands.h"

int cmd_backup(const struct cmd_command *self, int argc, char **argv);
int cmd_restore(const struct cmd_command *self, int argc, char **argv);
