/* Networks of addresses: "10.0.0.0/8", "fd00::/8", or one address. IPv4 is kept as its mapped IPv6, so one comparison serves both.
 * Source: RFC 4632, 4291 2.3 and 2.5.5.2. Thread: any. */
#pragma once

#include <netinet/in.h>

#include "base/str.h"

struct cidr {
    struct in6_addr address; /* what is behind the prefix is 0 */
    unsigned bits;           /* 0 to 128 */
};

/* false: it is no address, no network, or has bits set behind its prefix ("10.0.0.1/8", most likely a slip). */
bool cidr_parse(struct str s, struct cidr *ret);
bool cidr_has(const struct cidr *network, const struct in6_addr *address);

/* One address, IPv4 or IPv6 (in brackets or not, without a port). false: it is none. */
bool cidr_address(struct str s, struct in6_addr *ret);
