/* A server under a supervisor is the same program with three descriptors and a word in its environment. The descriptors have fixed numbers, as
 * in socket activation, so that a newer program understands an older supervisor. */
#include "ops/child.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ops_child_restarts restarts;

struct ops_child_restarts ops_child_restarts(void) { return restarts; }

enum ops_child_kind ops_child_take(void)
{
    const char *how = getenv(OPS_CHILD_VARIABLE);
    if (!how) return OPS_CHILD_NONE;
    enum ops_child_kind kind = strcmp(how, "next") == 0 ? OPS_CHILD_NEXT : OPS_CHILD_FIRST;
    unsetenv(OPS_CHILD_VARIABLE);
    const char *said = getenv(OPS_CHILD_RESTARTS);
    if (said && sscanf(said, "%lu,%lu", &restarts.deaths, &restarts.reloads) != 2)
        restarts = (struct ops_child_restarts){.deaths = 0};
    unsetenv(OPS_CHILD_RESTARTS);
    for (int fd = OPS_FD_LISTEN; fd <= OPS_FD_READY; fd++)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return kind;
}

void ops_child_ready(void)
{
    (void)!write(OPS_FD_READY, "R", 1); /* a supervisor that is gone has taken this process with it */
    close(OPS_FD_READY);
}
