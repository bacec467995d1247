/* Tells systemd what becomes of the service: its protocol is a datagram to the socket that NOTIFY_SOCKET names. Without it nothing is done.
 * Source: sd_notify(3), sd_listen_fds(3). Thread: the main one. */
#pragma once

/* text: "READY=1", lines of NAME=VALUE. What cannot be sent is not: systemd then waits, and says so. */
void ops_notify(const char *text);

/* The listening socket that systemd hands over (LISTEN_PID, LISTEN_FDS), or -1. Takes the variables out of the environment. */
int ops_socket_given(void);
