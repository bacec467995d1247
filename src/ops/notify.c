/* The datagram by hand: libsystemd would be a library more in the program for these few lines, which its own manual page encourages to write. */
#include "ops/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

#define FIRST_GIVEN 3 /* SD_LISTEN_FDS_START */

void ops_notify(const char *text)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = path ? strlen(path) : 0;
    if (n < 2 || n >= sizeof at.sun_path || (path[0] != '/' && path[0] != '@')) return;
    memcpy(at.sun_path, path, n);
    if (path[0] == '@') at.sun_path[0] = 0; /* an abstract one */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    (void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&at, size);
    close(fd);
}

static bool variable_is(const char *name, uint64_t least, uint64_t most)
{
    uint64_t value = 0;
    const char *text = getenv(name);
    return text && str_to_u64(str_from_c(text), least, most, &value, NULL) == ERR_OK;
}

int ops_socket_given(void)
{
    uint64_t pid = (uint64_t)getpid();
    bool given = variable_is("LISTEN_PID", pid, pid) && variable_is("LISTEN_FDS", 1, 64);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (!given) return -1;
    (void)fcntl(FIRST_GIVEN, F_SETFD, FD_CLOEXEC);
    return FIRST_GIVEN;
}
