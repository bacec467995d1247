/* Files that are part of the program.
 * They were compressed when the program was built, at the highest level, so an answer is a pointer into the program: nothing is copied.
 * The three encodings have three tags, or a cache would give a client the bytes of one under the tag of another (RFC 9110, 8.8.3.3).
 * Source: RFC 9110 (12.5.3), 9111, 8246. */
#include "net/assets.h"

#include "base/sb.h"

const struct net_asset *net_asset_find(const struct net_asset *assets, size_t n, struct str path)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = str_cmp(str_from_c(assets[middle].path), path);
        if (order == 0) return &assets[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

#define Q_UNSAID (-1)

/* ";q=0.5" of a member in thousandths; 1000 without one, 0 where it cannot be read. */
static int q_value(struct str parameters)
{
    while (parameters.p) {
        struct str value = STR_EMPTY;
        struct str name = str_trim(str_cut(str_cut(parameters, ';', &parameters), '=', &value));
        if (!str_eq_nocase(name, STR("q")) || !value.p) continue;
        double q = 0;
        if (str_to_double(str_trim(value), 0, 1, &q, NULL) != ERR_OK) return 0;
        return (int)(q * 1000 + 0.5);
    }
    return 1000;
}

enum net_encoding net_accept_encoding(struct str header, unsigned has)
{
    static const struct str names[] = {STR_INIT("identity"), STR_INIT("gzip"), STR_INIT("br")};
    int q[] = {Q_UNSAID, Q_UNSAID, Q_UNSAID};
    int q_star = Q_UNSAID;
    struct str rest = header;
    while (rest.p) {
        struct str parameters = STR_EMPTY;
        struct str name = str_trim(str_cut(str_cut(rest, ',', &rest), ';', &parameters));
        if (str_eq_nocase(name, STR("x-gzip"))) name = names[NET_GZIP];
        if (str_eq(name, STR("*"))) q_star = q_value(parameters);
        for (int i = 0; i <= NET_BROTLI; i++) {
            if (str_eq_nocase(name, names[i])) q[i] = q_value(parameters);
        }
    }
    enum net_encoding best = NET_IDENTITY;
    /* what is not named is as good as '*'; without '*' only identity is acceptable, and less than anything that was named */
    int best_q = q[NET_IDENTITY] > 0 ? q[NET_IDENTITY] : 0;
    for (int i = NET_GZIP; i <= NET_BROTLI; i++) {
        int it = q[i] != Q_UNSAID ? q[i] : q_star;
        if (!(has & (1u << i)) || it <= 0 || it < best_q) continue;
        best = (enum net_encoding)i;
        best_q = it;
    }
    return best;
}

void net_asset_answer(const struct net_asset *asset, const struct net_request *rq, struct net_response *rs)
{
    static const struct {
        const char *name, *tag_end;
    } encodings[] = {{NULL, ""}, {"gzip", "-gz"}, {"br", "-br"}};
    unsigned has = 1u << NET_IDENTITY;
    if (asset->gzip.p) has |= 1u << NET_GZIP;
    if (asset->brotli.p) has |= 1u << NET_BROTLI;
    enum net_encoding it = net_accept_encoding(net_header(rq, "Accept-Encoding"), has);
    net_response_status(rs, 200);
    net_response_body(rs, asset->type,
                      it == NET_BROTLI ? asset->brotli
                      : it == NET_GZIP ? asset->gzip
                                       : asset->identity);
    if (encodings[it].name) net_response_header(rs, "Content-Encoding", str_from_c(encodings[it].name));
    if (has != 1u << NET_IDENTITY) net_response_header(rs, "Vary", STR("Accept-Encoding"));
    net_response_header(rs, "Cache-Control",
                        asset->immutable ? STR("public, max-age=31536000, immutable") : STR("no-cache"));
    CLEANUP_SB struct sb tag = SB_INIT(256);
    sb_printf(&tag, "%s%s", asset->etag, encodings[it].tag_end);
    net_response_etag(rs, sb_view(&tag)); /* an empty one, for want of memory, fails the answer */
}
