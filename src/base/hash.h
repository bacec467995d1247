/* Hashes for identity: names of versions and findings. base/hash.c is the only file that includes OpenSSL. Source: FIPS 180-4. Thread: any. */
#pragma once

#include "base/str.h"

#define HASH_SHA256_HEX 64

/* SHA-256 of the bytes as 64 lower-case hexadecimal digits and a NUL. ERR_INTERNAL when the library cannot give it. */
enum err hash_sha256_hex(struct str bytes, char ret[HASH_SHA256_HEX + 1], struct error *e) MUST_USE;
