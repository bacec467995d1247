/* Hashes for identity (names of versions and findings) and for signatures of requests. base/hash.c is the only file that includes OpenSSL.
 * Source: FIPS 180-4; RFC 2104. Thread: any. */
#pragma once

#include "base/str.h"

#define HASH_SHA256_BYTES 32
#define HASH_SHA256_HEX   64

/* SHA-256 of the bytes as 64 lower-case hexadecimal digits and a NUL. ERR_INTERNAL when the library cannot give it. */
enum err hash_sha256_hex(struct str bytes, char ret[HASH_SHA256_HEX + 1], struct error *e) MUST_USE;

/* HMAC with SHA-256 of the message. The key may be of any length. ERR_INTERNAL as above. */
enum err hash_hmac_sha256(struct str key, struct str message, unsigned char ret[HASH_SHA256_BYTES],
                          struct error *e) MUST_USE;

/* n bytes as 2 n lower-case hexadecimal digits and a NUL. */
void hash_hex(const unsigned char *bytes, size_t n, char *ret);
