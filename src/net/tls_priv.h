/* TLS of a connection. Private to net. */
#pragma once

#include "net/server_priv.h"

/* "TLS 1.2 and 1.3 as the library recommends them"; for libmicrohttpd. */
extern const char net__tls_priorities[];

/* A new connection, before its first byte; session: libmicrohttpd's. Io thread. */
void net__tls_begin(struct net__connection *c, struct MHD_Connection *mhd, void *session);
/* Writes all of the bytes as far as the client takes them now; false: it does not. Io thread. */
bool net__tls_send(struct net__connection *c, struct str bytes);
/* Handshakes that wait for their client and may go on: wakes them. Watch thread. */
void net__tls_wake(struct net_server *s);
/* No handshake waits any more. */
void net__tls_quit(struct net_server *s) REQUIRES_LOCK(s->lock);
/* The connection is about to be closed. Caller holds the server's lock. */
void net__tls_end(struct net__connection *c);
