/* Visitors: who a browser or a script is, as long as there are no accounts. A visitor is a row of the store and a secret in a cookie; the store
 * keeps the secret's SHA-256 alone, so that who reads the store can be nobody.
 * The cookie is VISITOR_COOKIE (HttpOnly, SameSite=Strict), made on the first request that needs one. Thread: any that the store serves. */
#pragma once

#include "base/str.h"

#define VISITOR_COOKIE       "prism_visitor"
#define VISITOR_SECRET_CHARS 64                                /* 256 bits from the kernel, in hexadecimal */
#define VISITOR_NAME_MAX     200                               /* bytes of UTF-8 */
#define VISITOR_LOOPBACK_MS  ((int64_t)400 * 24 * 3600 * 1000) /* how long a cookie lasts on loopback */

struct store;

struct visitor {
    struct str id;
    struct str name; /* as chosen; empty: none was */
};

struct visitor_new {
    struct visitor visitor;
    struct str secret; /* for the cookie, told this once */
};

/* A new one. *ret lives in a. Errors: the store's. */
enum err visitor_make(struct store *store, int64_t now_unix_ms, struct arena *a, struct visitor_new *ret,
                      struct error *e) MUST_USE;

/* Whose secret it is. ERR_NOT_FOUND "no_visitor": nobody's, or its owner was not seen for idle_max_ms (what the visitor owns stays, but this cookie
 * opens it no more). Notes that it was seen, at most once in a hundredth of idle_max_ms. */
enum err visitor_find(struct store *store, struct str secret, int64_t idle_max_ms, int64_t now_unix_ms, struct arena *a,
                      struct visitor *ret, struct error *e) MUST_USE;

/* Another name, trimmed; empty: none. ERR_INVALID "bad_name": longer than VISITOR_NAME_MAX, or with control characters. */
enum err visitor_rename(struct store *store, struct str id, struct str name, struct arena *a, struct visitor *ret,
                        struct error *e) MUST_USE;
