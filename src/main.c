/* The program: argv to the table of commands (cmd/commands.c), nothing else. */
#include "base/arena.h"
#include "cmd/commands.h"

enum { KEPT_BYTES = 16 << 20 }; /* what a long document and a copy of it take */

int main(int argc, char **argv)
{
    arena_keep_freed(KEPT_BYTES);
    return cmd_main(argc, argv);
}
