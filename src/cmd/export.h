/* prism export: a package of a review, as a zip or into the bucket of S3. Thread: main. */
#pragma once

#include "cmd/commands.h"

#define CMD_EXPORT_OPTION_COUNT 2

extern const struct cmd_option cmd_export_options[CMD_EXPORT_OPTION_COUNT];

int cmd_export(const struct cmd_command *self, int argc, char **argv);
