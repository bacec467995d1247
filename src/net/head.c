/* The head of a request, judged.
 * One pass in this order, so that a client learns the most basic fault first: framing, fields, address, room, host, route, origin, body.
 * Framing is refused wherever two readers could see two different requests: both Transfer-Encoding and Content-Length, either of them twice,
 * an encoding other than chunked, chunked in HTTP/1.0, field names with spaces. Nothing in front of us can then be led to smuggle one.
 * Rejected: taking two equal Content-Length fields for one (RFC 9112 allows it; no client sends them), trusting Sec-Fetch-Site alone (older
 * browsers send only Origin). Source: RFC 9110, 9112 6.3 and 11.2; Fetch, "Origin header"; W3C Fetch Metadata. */
#include "net/cookies.h"
#include "net/forwarded_priv.h"
#include "net/header_priv.h"
#include "net/server_priv.h"

/* libmicrohttpd keeps a field in a struct of about this size beside its text. */
#define FIELD_COST 64

static size_t header_count(const struct net_request *rq, struct str name)
{
    size_t n = 0;
    for (size_t i = 0; i < rq->n_headers; i++)
        n += str_eq_nocase(rq->headers[i].name, name);
    return n;
}

static bool fields_check(struct net__exchange *x)
{
    const struct net_request *rq = &x->rq;
    for (size_t i = 0; i < rq->n_headers; i++) {
        struct net_pair h = rq->headers[i];
        x->head_bytes += h.name.n + h.value.n + FIELD_COST;
        if (!net__is_token(h.name))
            return net__refuse_as(x, 400, "bad_header", "a header field has a name that is none");
        for (size_t k = 0; k < h.value.n; k++) {
            unsigned char c = (unsigned char)h.value.p[k];
            if ((c < 0x20 && c != '\t') || c == 0x7f)
                return net__refuse_as(x, 400, "bad_header", "a header field has a control character");
        }
    }
    size_t max = x->server->o.max_head_bytes - NET__ANSWER_HEAD_MAX;
    if (x->head_bytes <= max) return true;
    error_set_reason(&x->error, ERR_LIMIT, "head_too_large",
                     "the request's address and header fields need %zu bytes; the limit is %zu", x->head_bytes, max);
    error_hint(&x->error, "Large cookies of other programs on this host may be the cause: clear them.");
    return net__refuse(x, 431);
}

/* Letters, digits and a few signs: it goes into logs and back to the client. */
static bool is_request_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && c != '-' && c != '_' && c != '.') return false;
    }
    return s.n > 0 && s.n <= NET_REQUEST_ID_MAX;
}

/* "Root=1-67891233-abcdef012345678912345678;Self=…" of AWS's load balancers: what follows Root=. */
static struct str trace_root(struct str trace)
{
    while (trace.p) {
        struct str value = STR_EMPTY;
        struct str name = str_trim(str_cut(str_cut(trace, ';', &trace), '=', &value));
        if (str_eq_nocase(name, STR("Root")) && value.p) return str_trim(value);
    }
    return STR_EMPTY;
}

/* Whoever is in front may have named the request already: then its name is kept, so that its logs and ours can be laid side by side. */
static void id_take(struct net_request *rq)
{
    struct str given = net_header(rq, "X-Request-Id");
    if (!is_request_id(given)) given = trace_root(net_header(rq, "X-Amzn-Trace-Id"));
    struct str copy = is_request_id(given) ? str_dup(rq->arena, given) : STR_EMPTY;
    if (copy.p) rq->id = copy; /* else the one that it was born with */
}

static bool framing_check(struct net__exchange *x, bool old)
{
    struct str coding = net_header(&x->rq, "Transfer-Encoding");
    struct str length = net_header(&x->rq, "Content-Length");
    uint64_t n = 0;
    x->has_body =
        coding.p || length.p; /* until it is known that the length is 0: a refusal here closes the connection */
    if (header_count(&x->rq, STR("Transfer-Encoding")) > 1 || header_count(&x->rq, STR("Content-Length")) > 1)
        return net__refuse_as(x, 400, "bad_framing", "Transfer-Encoding or Content-Length was sent twice");
    if (coding.p && length.p)
        return net__refuse_as(x, 400, "bad_framing", "Transfer-Encoding and Content-Length exclude each other");
    if (coding.p && (old || !str_eq_nocase(coding, STR("chunked"))))
        return net__refuse_as(x, 400, "bad_framing",
                              "the only Transfer-Encoding that is taken is chunked, in HTTP/1.1");
    if (length.p && str_to_u64(length, 0, UINT64_MAX, &n, NULL) != ERR_OK)
        return net__refuse_as(x, 400, "bad_framing", "Content-Length is no number");
    x->has_body = coding.p || n > 0;
    return true;
}

/* The host without its port. */
static struct str host_name(struct str host)
{
    size_t from = host.p[0] == '[' ? str_find_char(host, ']', 0) : 0;
    size_t colon = from == STR_NONE ? STR_NONE : str_find_char(host, ':', from);
    return str_sub(host, 0, colon);
}

static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (c == '\0' || !strchr("-._~:[]%", c))) return false;
    }
    if (host.n == 0) return false;
    struct str port = str_sub(host, host_name(host).n + 1, host.n);
    for (size_t i = 0; i < port.n; i++)
        if (port.p[i] < '0' || port.p[i] > '9') return false;
    return true;
}

static bool host_allowed(struct net__exchange *x, struct str host)
{
    const struct net_options *o = &x->server->o;
    struct str name = host_name(host);
    if (!is_host(host)) return net__refuse_as(x, 400, "bad_header", "Host is no host name");
    for (size_t i = 0; i < o->n_allowed_hosts; i++) {
        if (str_eq_nocase(name, o->allowed_hosts[i])) return true;
    }
    if (o->n_allowed_hosts == 0 || x->always) return true;
    error_set_reason(&x->error, ERR_INVALID, "wrong_host", "this server is not \"%.*s\"", STR_ARG(name));
    error_hint(&x->error, "It answers to %.*s and the like; the operator can allow other names.",
               STR_ARG(o->allowed_hosts[0]));
    return net__refuse(x, 403);
}

/* Both names must be ours, the one that the client used and the one that the proxy used to us. */
static bool forwarded_check(struct net__exchange *x)
{
    struct net_request *rq = &x->rq;
    struct net__forwarded f;
    const struct net_options *o = &x->server->o;
    if (!net__forwarded_read(rq, o->trusted_proxies, o->n_trusted_proxies, &f))
        return net__refuse_as(x, 400, "bad_header", "what the proxy says of its client cannot be read");
    if (f.host.p && !host_allowed(x, f.host)) return false;
    rq->client = f.client;
    rq->https = f.https;
    if (f.host.p) rq->host = f.host;
    return true;
}

static bool host_check(struct net__exchange *x, bool old)
{
    struct net_request *rq = &x->rq;
    if (header_count(rq, STR("Host")) > 1) return net__refuse_as(x, 400, "bad_header", "Host was sent twice");
    if (!rq->host.p) rq->host = net_header(rq, "Host");
    if (!rq->host.p && !old) return net__refuse_as(x, 400, "bad_header", "Host is missing");
    if (!rq->host.p) return true; /* HTTP/1.0 of a health check; no browser */
    return host_allowed(x, rq->host);
}

/* An origin's host with its port, without the port that its scheme implies; .p NULL for "null" and what is no origin. */
static struct str origin_host(struct str origin)
{
    bool tls = str_starts_nocase(origin, STR("https://"));
    if (!tls && !str_starts_nocase(origin, STR("http://"))) return STR_EMPTY;
    struct str host = str_sub(origin, tls ? 8 : 7, origin.n);
    struct str port = tls ? STR(":443") : STR(":80");
    return str_ends(host, port) ? str_sub(host, 0, host.n - port.n) : host;
}

/* Host has the port that the client used, unless it is its scheme's. The scheme is not known behind a proxy, so both are tried. */
static bool host_is(struct str host, struct str origin)
{
    struct str of = origin_host(origin);
    struct str implied = str_starts_nocase(origin, STR("https://")) ? STR(":443") : STR(":80");
    if (!of.p || !host.p) return false;
    if (str_ends(host, implied)) host = str_sub(host, 0, host.n - implied.n);
    return str_eq_nocase(host, of);
}

static bool origin_check(struct net__exchange *x)
{
    const struct net_request *rq = &x->rq;
    struct str site = net_header(rq, "Sec-Fetch-Site");
    struct str origin = net_header(rq, "Origin");
    if (rq->method == NET_GET || (rq->route->flags & NET_CROSS_SITE)) return true;
    bool foreign = (site.p && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none"))) ||
                   (origin.p && !host_is(rq->host, origin));
    if (!foreign) return true;
    return net__refuse_as(x, 403, "cross_site", "the request comes from a page of another site");
}

/* The path behind the base; the base alone is the root. A path without it stays: the proxy has taken it off. */
static struct str behind_base(struct str path, struct str base)
{
    if (!str_starts(path, base)) return path;
    if (path.n == base.n) return STR("/");
    return path.p[base.n] == '/' ? str_sub(path, base.n, path.n) : path;
}

static bool target_check(struct net__exchange *x, struct str *ret_raw_path)
{
    struct str base = x->server->o.base_path;
    if (net_request_target(&x->rq, x->target, ret_raw_path, &x->error) != ERR_OK) return net__refuse_error(x);
    if (base.n > 0 && str_starts(*ret_raw_path, base)) {
        *ret_raw_path = behind_base(*ret_raw_path, base);
        x->rq.path = behind_base(x->rq.path, base);
    }
    return true;
}

static bool route_check(struct net__exchange *x, const struct net_match *match)
{
    struct net_request *rq = &x->rq;
    x->allowed = match->allowed;
    if (!match->allowed) {
        error_set_reason(&x->error, ERR_NOT_FOUND, "no_such_page", "there is nothing at this address");
        return net__refuse(x, 404);
    }
    if (rq->method == NET_OPTIONS) return true;
    if (!match->route) return net__refuse_as(x, 405, "method_not_allowed", "this address does not take that method");
    rq->route = match->route;
    return net_request_params(rq, match, &x->error) == ERR_OK || net__refuse_error(x);
}

static bool out_of_memory(struct net__exchange *x)
{
    error_set_reason(&x->error, ERR_BUSY, "out_of_memory", "the server is out of memory");
    return net__refuse_error(x);
}

/* rq->content_type: without parameters, in lower case. */
static bool media_type_read(struct net_request *rq, struct str header)
{
    struct str type = str_trim(str_sub(header, 0, str_find_char(header, ';', 0)));
    char *to = str_to_c(rq->arena, type);
    if (!to) return false;
    for (size_t i = 0; i < type.n; i++)
        if (to[i] >= 'A' && to[i] <= 'Z') to[i] = (char)(to[i] - 'A' + 'a');
    rq->content_type = (struct str){to, type.n};
    return true;
}

static bool body_check(struct net__exchange *x)
{
    struct net_request *rq = &x->rq;
    struct str type = net_header(rq, "Content-Type");
    struct str length = net_header(rq, "Content-Length");
    uint64_t n = 0;
    size_t max = rq->route ? rq->route->max_body : 0;
    if (type.p && !media_type_read(rq, type)) return out_of_memory(x);
    if (length.p && str_to_u64(length, 0, UINT64_MAX, &n, &x->error) != ERR_OK) return net__refuse_error(x);
    if (n > max || (x->has_body && max == 0)) return net__refuse_too_large(x, max);
    if (!rq->route || !(rq->route->flags & NET_MULTIPART)) return net__upload_check(x, n);
    if (!str_eq(rq->content_type, STR("multipart/form-data")))
        return net__refuse_as(x, 415, "not_multipart", "this address takes multipart/form-data");
    if (!net__upload_check(x, n)) return false;
    return net__form_new(rq, x->server->o.upload_bytes, x->server->o.temp_folder, &x->form, &x->error) == ERR_OK ||
           net__refuse_error(x);
}

static bool cookies_read(struct net__exchange *x)
{
    struct net_request *rq = &x->rq;
    struct str header = net_header(rq, "Cookie");
    if (!header.p) return true;
    return net_cookies_parse(rq->arena, header, &rq->cookies, &rq->n_cookies, &x->error) == ERR_OK || out_of_memory(x);
}

/* Connections beyond the limits and requests of a server that stops. */
static bool room_check(struct net__exchange *x)
{
    struct net_server *s = x->server;
    if (x->connection->refused == NET__WELCOME || x->always) return true;
    if (x->connection->refused == NET__CLIENT_FULL) {
        error_set_reason(&x->error, ERR_BUSY, "too_many_from_you",
                         "%s has too many connections open; the limit for one client is %zu", x->connection->text,
                         s->o.max_connections_per_client);
        error_hint(&x->error,
                   "Close some of them, or try again in a moment. Where that is a proxy, the operator names it "
                   "in the settings.");
        return net__refuse(x, 429);
    }
    error_set_reason(&x->error, ERR_BUSY, "too_many_connections", "too many connections are open; the limit is %zu",
                     s->o.max_connections);
    error_hint(&x->error, "Try again in a moment.");
    return net__refuse_error(x);
}

void net__exchange_head(struct net__exchange *x, struct str method, struct str version)
{
    struct net_request *rq = &x->rq;
    struct str raw_path = STR_EMPTY;
    bool old = str_eq(version, STR("HTTP/1.0")); /* libmicrohttpd takes no other but 1.x */
    rq->method_name = method;
    rq->old = old;
    rq->method = net_method_from(method);
    x->head_method = str_eq(method, STR("HEAD"));
    x->head_bytes += method.n + version.n + 8;
    x->state = NET__RECEIVING;
    id_take(rq);
    bool good = framing_check(x, old) && fields_check(x) && target_check(x, &raw_path);
    struct net_match match = {0};
    if (good) match = net_router_match(x->server->router, rq->method, raw_path);
    x->always = match.route && (match.route->flags & NET_ALWAYS);
    good = good && room_check(x) && host_check(x, old) && forwarded_check(x) && route_check(x, &match);
    if (good && rq->route) good = origin_check(x) && cookies_read(x);
    if (good) body_check(x);
    net__connection_phase(x->connection, x->has_body ? NET__BODY : NET__ANSWER);
}
