/* The certificate of a server that speaks https itself. It is judged where an operator looks on: a start or a reload with one that is over is refused,
 * with the reason. A server process that only takes the place of one that died says it in the log and goes on: a browser's warning is better
 * than nobody who answers. */
#include "base/log.h"
#include "base/time.h"
#include "cmd/serve_priv.h"
#include "net/tls.h"

enum { SOON_DAYS = 14, OTHERS = 077 };
#define DAY_MS ((int64_t)24 * 3600 * 1000)

static enum err both_or_none(const struct conf *c, struct error *e)
{
    if ((c->tls_cert.n > 0) == (c->tls_key.n > 0)) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "bad_setting", "%s is set and %s is not",
                     c->tls_cert.n ? "PRISM_TLS_CERT" : "PRISM_TLS_KEY",
                     c->tls_cert.n ? "PRISM_TLS_KEY" : "PRISM_TLS_CERT");
    return error_hint(e, "https needs the certificate and its key; without both the server speaks http.");
}

static enum err time_check(const struct conf *c, const struct net_tls *tls, struct error *e)
{
    int64_t now = time_now_unix_ms();
    bool early = now<tls->from_unix_ms, over = now> tls->until_unix_ms;
    CLEANUP_SB struct sb when = SB_INIT(64);
    if (!early && !over) return ERR_OK;
    sb_time(&when, early ? tls->from_unix_ms : tls->until_unix_ms, false);
    error_set_reason(e, ERR_INVALID, "bad_certificate", "the certificate in \"%s\" %s %.*s", c->tls_cert.p,
                     early ? "is not good before" : "has expired at", STR_ARG(sb_view(&when)));
    return error_hint(e,
                      early ? "Look whether the clock of this machine is right." : "Put a renewed one in its place.");
}

enum err cmd__tls_load(const struct conf *c, struct arena *a, bool strict, const struct net_tls **ret, struct error *e)
{
    *ret = NULL;
    TRY(both_or_none(c, e));
    if (c->tls_cert.n == 0) return ERR_OK;
    struct net_tls *tls = NEW(a, struct net_tls, 1);
    if (!tls) return error_no_memory(e);
    enum err err = net_tls_load(a, c->tls_cert.p, c->tls_key.p, tls, e);
    if (err != ERR_OK) return error_prefix(e, "PRISM_TLS_CERT, PRISM_TLS_KEY");
    struct error over;
    if (time_check(c, tls, &over) != ERR_OK) {
        if (strict) {
            *e = over;
            return e->code;
        }
        log_error("certificate_expired", L_ERROR(&over));
    }
    *ret = tls;
    return ERR_OK;
}

void cmd__tls_warn(const struct conf *c, const struct net_tls *tls)
{
    int64_t days = (tls->until_unix_ms - time_now_unix_ms()) / DAY_MS;
    if (tls->key_mode & OTHERS)
        log_warn("key_is_open", L_STR("file", c->tls_key),
                 L_C("what", "others than its owner may read the key; chmod 600 is enough for the server"));
    if (days < SOON_DAYS) log_warn("certificate_ends_soon", L_STR("file", c->tls_cert), L_I64("days", days));
    for (size_t i = 0; i < c->allowed_hosts.n; i++)
        if (!net_tls_names(tls, c->allowed_hosts.at[i].p))
            log_warn("certificate_of_another_name", L_STR("host", c->allowed_hosts.at[i]),
                     L_C("what", "PRISM_ALLOWED_HOSTS has a name that the certificate does not have"));
}
