/* The listening socket: opened by the server itself, or by whoever hands it to servers that come and go. Thread: any. */
#pragma once

#include "base/error.h"

/* Listens on address (numeric, IPv4 or IPv6) and port (0: a free one), not blocking, closed on exec. *ret_fd is the caller's.
 * ERR_INVALID "bad_address", "address_in_use", "cannot_listen". */
enum err net_listen(const char *address, unsigned port, int *ret_fd, struct error *e) MUST_USE;

/* 0 when fd is no socket with a port. */
unsigned net_listen_port(int fd);
