/* Cookies. Source: RFC 6265, and 6265bis for SameSite and the __Host- prefix. Thread: any. */
#pragma once

#include "base/str.h"
#include "net/request.h"
#include "net/response.h"

struct net_cookie_options {
    const char *name;  /* a constant token */
    struct str value;  /* visible ASCII without quotes, commas, semicolons, backslashes; else the answer fails */
    const char *path;  /* NULL: "/" */
    int64_t max_age_s; /* 0: for the browser's session; negative: the cookie is deleted */
    bool secure;       /* over TLS only */
};

/* Set-Cookie, always HttpOnly and SameSite=Strict. */
void net_cookie_set(struct net_response *rs, struct net_cookie_options cookie);

/* Parses a Cookie header into pairs; what is no pair is left out, as browsers' servers do. At most NET_COOKIES_MAX are kept.
 * ERR_LIMIT when there is no memory. */
#define NET_COOKIES_MAX 64
enum err net_cookies_parse(struct arena *a, struct str header, struct net_pair **ret_pairs, size_t *ret_n,
                           struct error *e) MUST_USE;
