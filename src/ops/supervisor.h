/* The supervisor over a server process. It owns the listening socket and the lock of the data, starts the server, and sees that there is one:
 *   - a server that dies is replaced, at once and then with growing pauses; connections wait in the socket meanwhile;
 *   - SIGHUP starts the program anew (which may be a newer one by then), and when that one is ready lets the old one end its requests. One
 *     that does not become ready is ended, and the old one stays;
 *   - SIGTERM and SIGINT let the server end its requests and jobs; a second one, or the end of the time for that, ends it at once;
 *   - the supervisor's own end, however it comes, is the server's (PR_SET_PDEATHSIG).
 *   - SIGUSR1 opens the logs anew, here and in all servers.
 * What a server is told by signal: SIGTERM, end; SIGUSR2, end as another one takes the connections; SIGUSR1.
 * It has one thread, as it forks. As process 1 of a container it takes up orphans. Thread: the main one. */
#pragma once

#include "base/error.h"

struct ops_supervisor_options {
    const char *program; /* path, looked up anew at each start */
    char *const *argv;
    int listen_fd;             /* taken over, also on failure; servers get copies (ops/child.h) */
    int lock_fd;               /* stays the caller's; servers get copies */
    void (*reopen_logs)(void); /* at SIGUSR1; servers get the signal too */
    unsigned ready_ms;         /* a server must be ready within */
    unsigned grace_ms;         /* and end within, when it is told to */
};

/* Returns when all has ended. *ret_code: 0, or that of a first server that left before it was ready, who has said why.
 * ERR_INTERNAL, ERR_LIMIT: no descriptor, no process. */
enum err ops_supervise(const struct ops_supervisor_options *options, int *ret_code, struct error *e) MUST_USE;
