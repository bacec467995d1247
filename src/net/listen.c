/* One socket for all io threads, and for all server processes: each accepts from it, so it does not block. The backlog is what waits while a server
 * is replaced; the kernel cuts it to net.core.somaxconn. */
#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096

struct address {
    struct sockaddr_storage storage;
    socklen_t n;
};

static bool address_read(const char *text, unsigned port, struct address *ret)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    *ret = (struct address){0};
    if (text && inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(&ret->storage, &v4, sizeof v4);
        ret->n = sizeof v4;
    } else if (text && inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        memcpy(&ret->storage, &v6, sizeof v6);
        ret->n = sizeof v6;
    }
    return ret->n > 0 && port <= 65535;
}

static enum err listen_error(const char *address, unsigned port, int cause, struct error *e)
{
    bool taken = cause == EADDRINUSE;
    error_set_reason(e, ERR_INVALID, taken ? "address_in_use" : "cannot_listen", "could not listen on %s port %u: %s",
                     address, port,
                     taken                    ? "another program does already"
                     : cause == EACCES        ? "ports below 1024 are for the administrator"
                     : cause == EADDRNOTAVAIL ? "this machine does not have that address"
                                              : strerrordesc_np(cause));
    error_hint(e, taken ? "Stop that program, or choose another port." : "Choose another address or port.");
    return ERR_INVALID;
}

enum err net_listen(const char *address, unsigned port, int *ret_fd, struct error *e)
{
    struct address at;
    int one = 1;
    if (!address_read(address, port, &at))
        return error_set_reason(e, ERR_INVALID, "bad_address", "\"%s\" port %u is no numeric address with a port",
                                address ? address : "", port);
    int fd = socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return listen_error(address, port, errno, e);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at.storage, at.n) != 0 || listen(fd, BACKLOG) != 0) {
        int cause = errno;
        close(fd);
        return listen_error(address, port, cause, e);
    }
    *ret_fd = fd;
    return ERR_OK;
}

unsigned net_listen_port(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &n) != 0) return 0;
    if (at.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&at)->sin_port);
    return at.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&at)->sin6_port) : 0;
}
