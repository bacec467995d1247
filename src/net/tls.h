/* A certificate with those that vouch for it, and its key: read from PEM files, and held against each other, before a server begins with them.
 * GnuTLS does it, as it is what libmicrohttpd speaks TLS with. Source: RFC 7468 (PEM), 5280. Thread: any. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct net_tls {
    struct str certificate, key;         /* as the files have them, with a NUL behind */
    int64_t from_unix_ms, until_unix_ms; /* when the certificate is good */
    unsigned key_mode;                   /* permissions of the key's file */
};

/* Reads both. *ret is in a. ERR_NOT_FOUND, ERR_LIMIT, as fs_read; ERR_INVALID "bad_certificate" (none in PEM, or the chain is not in order), "bad_key"
 * (none in PEM, or with a passphrase, or it belongs to another certificate). Messages name the file. */
enum err net_tls_load(struct arena *a, const char *certificate_path, const char *key_path, struct net_tls *ret,
                      struct error *e) MUST_USE;

/* Whether the certificate is for that host name or address. */
bool net_tls_names(const struct net_tls *tls, const char *host);
