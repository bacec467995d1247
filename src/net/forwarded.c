/* A chain of proxies writes a list: each appends the address that it sees. Read from the right, every address that is a trusted proxy's is skipped, and
 * the first one that is not is the client: what stands left of it, the client may have invented. Of the protocol and the host the last value counts,
 * as the proxy next to us wrote it; proxies in between are told to pass them on.
 * Rejected: a number of hops to skip (wrong as soon as one path has another length), the first address of the list (anybody can write it).
 * Limits: of a list in several fields the last one is read last, as RFC 9110 5.2 joins them. */
#include "net/forwarded_priv.h"

#include "base/cidr.h"
#include "net/header_priv.h"

bool net__is_trusted(struct str address, const struct cidr *trusted, size_t n_trusted)
{
    struct in6_addr at;
    if (!cidr_address(address, &at)) return false;
    for (size_t i = 0; i < n_trusted; i++)
        if (cidr_has(&trusted[i], &at)) return true;
    return false;
}

/* The address of "1.2.3.4", "1.2.3.4:80", "[::1]:80", "::1". */
static struct str without_port(struct str s)
{
    if (s.n > 0 && s.p[0] == '[') {
        size_t end = str_find_char(s, ']', 0);
        return end == STR_NONE ? s : str_sub(s, 1, end);
    }
    size_t colon = str_find_char(s, ':', 0);
    bool one = colon != STR_NONE && str_find_char(s, ':', colon + 1) == STR_NONE;
    return one ? str_sub(s, 0, colon) : s;
}

/* Walks a comma-separated list from the right: cuts the last element off. */
static struct str last_cut(struct str *rest)
{
    size_t at = rest->n;
    while (at > 0 && rest->p[at - 1] != ',')
        at--;
    struct str last = str_trim(str_sub(*rest, at, rest->n));
    *rest = at > 0 ? str_sub(*rest, 0, at - 1) : STR_EMPTY;
    return last;
}

/* One step to the left: false when the walk is over, as this is the client or nobody knows. */
static bool step(struct str address, const struct cidr *trusted, size_t n_trusted, struct net__forwarded *ret)
{
    struct in6_addr at;
    if (!cidr_address(address, &at)) return false;
    ret->client = address;
    return net__is_trusted(address, trusted, n_trusted);
}

static void read_list(const struct net_request *rq, const struct cidr *trusted, size_t n_trusted,
                      struct net__forwarded *ret)
{
    for (size_t i = rq->n_headers; i-- > 0;) {
        if (!str_eq_nocase(rq->headers[i].name, STR("X-Forwarded-For"))) continue;
        struct str rest = rq->headers[i].value;
        while (rest.p)
            if (!step(without_port(last_cut(&rest)), trusted, n_trusted, ret)) return;
    }
}

/* for=, host= and proto= of the standard field. */
static bool read_standard(const struct net_request *rq, const struct cidr *trusted, size_t n_trusted,
                          struct net__forwarded *ret)
{
    struct str rest = net_header(rq, "Forwarded"), address = STR_EMPTY, value = STR_EMPTY;
    for (bool nearest = true; rest.p; nearest = false) {
        struct error ignored;
        struct str last = last_cut(&rest), element = str_printf(rq->arena, ";%.*s", STR_ARG(last));
        if (!element.p) return false;
        if (nearest) {
            if (net__header_parameter(rq->arena, element, "host", &ret->host, &ignored) != ERR_OK ||
                net__header_parameter(rq->arena, element, "proto", &value, &ignored) != ERR_OK)
                return false;
            if (value.p) ret->https = str_eq_nocase(value, STR("https"));
        }
        if (net__header_parameter(rq->arena, element, "for", &address, &ignored) != ERR_OK) return false;
        if (!address.p || !step(without_port(address), trusted, n_trusted, ret)) return true;
    }
    return true;
}

/* The last value of the last field of a name; .p NULL without one. */
static struct str last_value(const struct net_request *rq, struct str name)
{
    for (size_t i = rq->n_headers; i-- > 0;) {
        if (!str_eq_nocase(rq->headers[i].name, name)) continue;
        struct str rest = rq->headers[i].value;
        return last_cut(&rest);
    }
    return STR_EMPTY;
}

bool net__forwarded_read(const struct net_request *rq, const struct cidr *trusted, size_t n_trusted,
                         struct net__forwarded *ret)
{
    *ret = (struct net__forwarded){.client = rq->client, .https = rq->https};
    if (!net__is_trusted(rq->client, trusted, n_trusted)) return true;
    if (!read_standard(rq, trusted, n_trusted, ret)) return false;
    read_list(rq, trusted, n_trusted, ret);
    struct str host = last_value(rq, STR("X-Forwarded-Host")), proto = last_value(rq, STR("X-Forwarded-Proto"));
    if (host.n > 0) ret->host = host;
    if (proto.n > 0) ret->https = str_eq_nocase(proto, STR("https"));
    return true;
}
