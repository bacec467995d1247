/* Who may be between the server and its people, and under which names they reach it: a page elsewhere can make a browser ask this machine under the page's own name (DNS rebinding); the
 * name that the browser then sends is not ours, and the request is refused. So the names are always a list, never "any": localhost, the
 * address that the server listens on or, where that is all of them, those of this machine, and what the setting adds. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <sys/socket.h>

#include "base/cidr.h"
#include "base/vec.h"
#include "cmd/serve_priv.h"

struct hosts {
    struct str *at;
    size_t n, cap;
};

static enum err add(struct hosts *hosts, struct arena *a, struct str host, struct error *e)
{
    struct str *at = VEC_PUSH(a, hosts);
    if (!at) return error_no_memory(e);
    *at = host;
    return ERR_OK;
}

/* As it stands in a Host header: an IPv6 address in brackets. */
static enum err add_address(struct hosts *hosts, struct arena *a, struct str address, struct error *e)
{
    bool six = str_find_char(address, ':', 0) != STR_NONE;
    struct str host = str_printf(a, "%s%.*s%s", six ? "[" : "", STR_ARG(address), six ? "]" : "");
    return host.p ? add(hosts, a, host, e) : error_no_memory(e);
}

static enum err add_interface(struct hosts *hosts, struct arena *a, const struct ifaddrs *i, struct error *e)
{
    char text[INET6_ADDRSTRLEN];
    const void *address = NULL;
    if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET)
        address = &((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr;
    else if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET6)
        address = &((const struct sockaddr_in6 *)(const void *)i->ifa_addr)->sin6_addr;
    if (!address || !inet_ntop(i->ifa_addr->sa_family, address, text, sizeof text)) return ERR_OK;
    return add_address(hosts, a, str_from_c(text), e);
}

static enum err add_interfaces(struct hosts *hosts, struct arena *a, struct error *e)
{
    struct ifaddrs *all = NULL;
    enum err err = ERR_OK;
    if (getifaddrs(&all) != 0) return error_set(e, ERR_INTERNAL, "could not list the addresses of this machine");
    for (const struct ifaddrs *i = all; i && err == ERR_OK; i = i->ifa_next)
        err = add_interface(hosts, a, i, e);
    freeifaddrs(all);
    return err;
}

enum err cmd__allowed_hosts(const struct conf *c, struct arena *a, const struct str **ret, size_t *ret_n,
                            struct error *e)
{
    struct hosts hosts = {0};
    TRY(add(&hosts, a, STR("localhost"), e));
    TRY(add(&hosts, a, STR("127.0.0.1"), e));
    TRY(add(&hosts, a, STR("[::1]"), e));
    if (str_eq_c(c->bind, "0.0.0.0") || str_eq_c(c->bind, "::"))
        TRY(add_interfaces(&hosts, a, e));
    else
        TRY(add_address(&hosts, a, c->bind, e));
    for (size_t i = 0; i < c->allowed_hosts.n; i++)
        TRY(add(&hosts, a, c->allowed_hosts.at[i], e));
    *ret = hosts.at;
    *ret_n = hosts.n;
    return ERR_OK;
}

enum err cmd__trusted_proxies(const struct conf *c, struct arena *a, const struct cidr **ret, size_t *ret_n,
                              struct error *e)
{
    static struct str machine[] = {STR_INIT("127.0.0.0/8"), STR_INIT("::1")};
    struct conf_list list = c->trusted_proxies;
    if (c->origins[CONF_trusted_proxies] == CONF_FROM_DEFAULT) list = (struct conf_list){machine, 2};
    struct cidr *at = NEW(a, struct cidr, list.n);
    size_t n = 0;
    if (!at) return error_no_memory(e);
    for (size_t i = 0; i < list.n; i++)
        n += cidr_parse(list.at[i], &at[n]); /* what is none is the word "none" */
    *ret = at;
    *ret_n = n;
    return ERR_OK;
}
