/* What proxies say of the client behind them, where they are trusted. Private to net. Thread: any. Source: RFC 7239; X-Forwarded-For, -Proto and
 * -Host as nginx, AWS's load balancer and CloudFront send them. */
#pragma once

#include "net/request.h"

struct cidr;

struct net__forwarded {
    struct str client; /* the address nearest to us that is not a trusted proxy's; in the request's memory */
    struct str host;   /* that the client asked for; .p NULL: not said */
    bool https;        /* the client speaks https to the outermost proxy */
};

/* peer: the connection's address. Fills what trusted proxies say; a peer that is none says nothing. false: the fields of a trusted proxy cannot be read
 * ("X-Forwarded-For: unknown" can: the proxy itself is the client then). */
bool net__forwarded_read(const struct net_request *rq, const struct cidr *trusted, size_t n_trusted,
                         struct net__forwarded *ret);

bool net__is_trusted(struct str address, const struct cidr *trusted, size_t n_trusted);
