/* Files that are part of the program (the pages), answered by name with the best encoding that the client takes.
 * Source: RFC 9110 (12.5.3 Accept-Encoding, 13 conditions), 9111 (caching), 8246 (immutable). Thread: any. */
#pragma once

#include "base/str.h"
#include "net/request.h"
#include "net/response.h"

struct net_asset {
    const char *path;    /* "/assets/app-3f9c2b1a.js" */
    const char *type;    /* Content-Type */
    struct str identity; /* the bytes; all three are static */
    struct str gzip;     /* .p NULL: there is none */
    struct str brotli;   /* .p NULL: there is none */
    const char *etag;    /* of the identity bytes, without quotes; encodings get "-gz" and "-br" behind it */
    bool immutable;      /* its name changes with its bytes: kept for a year; else asked for each time (no-cache) */
};

/* The asset with that path, or NULL. assets: sorted by path (bytes). */
const struct net_asset *net_asset_find(const struct net_asset *assets, size_t n, struct str path);

/* Answers with it: 200, or 304 when If-None-Match has its tag. */
void net_asset_answer(const struct net_asset *asset, const struct net_request *rq, struct net_response *rs);

enum net_encoding { NET_IDENTITY, NET_GZIP, NET_BROTLI };
/* The best of those that are there (has: bit 1 << encoding; identity always) by the header's q-values; on a tie brotli, then gzip.
 * header.p NULL: identity. */
enum net_encoding net_accept_encoding(struct str header, unsigned has);
