/* The one place that knows of the variable which launch/launch.c sets. */
#include "ops/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PROGRAM_VARIABLE "_PRISM_PROGRAM"

enum { PATH_BYTES = 4096 };

/* The path of bin/prism of the bundle, or NULL. */
static const char *launcher(void)
{
    const char *path = getenv(PROGRAM_VARIABLE);
    return path && path[0] == '/' ? path : NULL;
}

void ops_program_began(void)
{
    if (launcher()) (void)prctl(PR_SET_NAME, "prism");
}

enum err ops_program_path(char *path, size_t n, struct error *e)
{
    const char *given = launcher();
    ssize_t got = given ? snprintf(path, n, "%s", given) : readlink("/proc/self/exe", path, n - 1);
    if (got < 0 || (size_t)got >= n)
        return error_set_reason(e, ERR_INTERNAL, "no_program", "could not find the path of this program");
    path[got] = 0;
    return ERR_OK;
}

bool ops_program_beside(const char *name, char *path, size_t n)
{
    const char *given = launcher(), *bin = given ? strrchr(given, '/') : NULL;
    if (!bin) return false;
    while (bin > given && *bin == '/')
        bin--;
    while (bin > given && *bin != '/')
        bin--; /* the "/" in front of bin/prism */
    int got = snprintf(path, n, "%.*s/lib/%s", (int)(bin - given), given, name);
    return got > 0 && (size_t)got < n && access(path, R_OK) == 0;
}

const char *ops_program_dictionary(void)
{
    static _Thread_local char path[PATH_BYTES];
    return ops_program_beside("hunspell", path, sizeof path) ? path : NULL;
}
