/* The C library parses the addresses; only the prefix is ours. */
#include "base/cidr.h"

#include <arpa/inet.h>

enum { MAPPED_BITS = 96 };

static bool parse(struct str s, struct in6_addr *ret, bool *ret_v4)
{
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;
    if (s.n == 0 || s.n >= sizeof text) return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    if (strlen(text) != s.n) return false;
    *ret_v4 = inet_pton(AF_INET, text, &v4) == 1;
    if (!*ret_v4) return inet_pton(AF_INET6, text, ret) == 1;
    *ret = (struct in6_addr){0};
    ret->s6_addr[10] = ret->s6_addr[11] = 0xff;
    memcpy(&ret->s6_addr[12], &v4, sizeof v4);
    return true;
}

bool cidr_address(struct str s, struct in6_addr *ret)
{
    bool v4;
    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') s = str_sub(s, 1, s.n - 1);
    return parse(s, ret, &v4);
}

/* The byte of a mask of so many bits. */
static unsigned mask_byte(unsigned bits, unsigned i)
{
    if (bits >= 8 * (i + 1)) return 0xff;
    return bits <= 8 * i ? 0 : (0xffu << (8 * (i + 1) - bits)) & 0xff;
}

bool cidr_has(const struct cidr *network, const struct in6_addr *address)
{
    for (unsigned i = 0; i < 16; i++)
        if ((address->s6_addr[i] & mask_byte(network->bits, i)) != network->address.s6_addr[i]) return false;
    return true;
}

bool cidr_parse(struct str s, struct cidr *ret)
{
    size_t slash = str_find_char(s, '/', 0);
    bool v4 = false;
    uint64_t bits = 0;
    struct cidr made = {0};
    if (!parse(str_sub(s, 0, slash), &made.address, &v4)) return false;
    made.bits = 128;
    if (slash != STR_NONE) {
        if (str_to_u64(str_sub(s, slash + 1, s.n), 0, v4 ? 32 : 128, &bits, NULL) != ERR_OK) return false;
        made.bits = (unsigned)bits + (v4 ? MAPPED_BITS : 0);
    }
    if (!cidr_has(&made, &made.address)) return false;
    *ret = made;
    return true;
}
