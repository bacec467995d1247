/* Command-line options by table. Thread: any. */
#pragma once

#include "cmd/commands.h"

struct cmd_operands { /* what is no option, in order; borrowed from argv */
    char **at;
    size_t n;
};

/* Fills *values (preset with the defaults) by the command's options; a repeated one counts last. "--name value", "--name=value", "-n value",
 * "-nvalue", "-ab" for "-a -b"; "--" ends the options, "-" is an operand. Options and operands may be mixed; argv is reordered so that operands stand together.
 * ERR_INVALID "bad_option": the message names the word, the hint the closest option. */
enum err cmd_options_parse(const struct cmd_command *c, int argc, char **argv, void *values, struct cmd_operands *ret,
                           struct error *e) MUST_USE;
