/* Cookies in and out. What a browser sends is taken as it is (its values are opaque to us); what we send is kept to the strict grammar.
 * Limits: NET_COOKIES_MAX pairs. Source: RFC 6265, 4.1 and 5.4; 6265bis. */
#include "net/cookies.h"

#include <assert.h>
#include <inttypes.h>

#include "base/sb.h"
#include "net/response_priv.h"

enum err net_cookies_parse(struct arena *a, struct str header, struct net_pair **ret_pairs, size_t *ret_n,
                           struct error *e)
{
    size_t most = 1;
    for (size_t i = 0; i < header.n; i++)
        most += header.p[i] == ';';
    if (most > NET_COOKIES_MAX) most = NET_COOKIES_MAX;
    struct net_pair *pairs = NEW(a, struct net_pair, most);
    size_t n = 0;
    if (!pairs) return error_no_memory(e);
    struct str rest = header;
    while (rest.p && n < most) {
        struct str value = STR_EMPTY;
        struct str name = str_trim(str_cut(str_cut(rest, ';', &rest), '=', &value));
        if (name.n == 0 || !value.p) continue;
        value = str_trim(value);
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"') value = str_sub(value, 1, value.n - 1);
        pairs[n++] = (struct net_pair){name, value};
    }
    *ret_pairs = pairs;
    *ret_n = n;
    return ERR_OK;
}

/* cookie-octet of RFC 6265, 4.1.1 */
static bool is_cookie_value(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\') return false;
    }
    return true;
}

void net_cookie_set(struct net_response *rs, struct net_cookie_options cookie)
{
    if (!is_cookie_value(cookie.value)) {
        rs->failed = true;
        return;
    }
    CLEANUP_SB struct sb b = SB_INIT(4096);
    sb_printf(&b, "%s=%.*s; Path=%s; HttpOnly; SameSite=Strict", cookie.name, STR_ARG(cookie.value),
              cookie.path ? cookie.path : "/");
    if (cookie.max_age_s > 0) sb_printf(&b, "; Max-Age=%" PRId64, cookie.max_age_s);
    if (cookie.max_age_s < 0) SB_LIT(&b, "; Max-Age=0");
    if (cookie.secure) SB_LIT(&b, "; Secure");
    if (sb_ok(&b))
        net_response_header(rs, "Set-Cookie", sb_view(&b));
    else
        rs->failed = true;
}
