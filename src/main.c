/* The program: argv to the table of commands (cmd/commands.c), nothing else. */
#include "cmd/commands.h"

int main(int argc, char **argv) { return cmd_main(argc, argv); }
