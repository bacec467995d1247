/* nginx's access and error log, and what Beanstalk's health agent reads and writes.
 *   access   ADDRESS - USER [26/Nov/2025:18:33:19 +0000] "GET / HTTP/1.1" 200 62 "referer" "agent" …   (combined; gunicorn and prism write it too,
 *            with the microseconds behind it)
 *   error    2025/11/26 18:33:19 [warn] 11711#11711: *3 message, client: …, request: "…", upstream: "…"
 *   healthd  1764181999.123"/path"200"0.002"0.002"address                   (seconds; the request's and the upstream's)
 *   daemon   W, [2025-11-26T18:33:21.123456 #1833]  WARN -- healthd daemon: message
 * Sources: nginx, ngx_http_log_module and ngx_errlog; Elastic Beanstalk developer guide, "Enhanced health log format". */
#include "ops/logs_priv.h"

/* "GET /path HTTP/1.1"; anything else (a TLS handshake on the plain port) stays empty. */
static void split_request(struct str line, struct logs_request *rq)
{
    struct str rest, method = str_cut(line, ' ', &rest);
    for (size_t i = 0; i < method.n; i++)
        if (method.p[i] < 'A' || method.p[i] > 'Z') return;
    if (!rest.p || method.n == 0 || method.n > 16) return;
    rq->method = method;
    rq->path = str_cut(rest, ' ', &rest);
}

static void zone(struct ops_logs *l, int minutes, enum logs_origin origin)
{
    if (origin != LOGS_FROM_NGINX || l->has_zone) return;
    l->has_zone = true;
    l->zone_minutes = minutes;
}

bool logs__access_line(struct ops_logs *l, struct str line, enum logs_origin origin)
{
    struct logs_request rq = {.us = -1, .at = LOGS_NO_TIME};
    struct str rest, quoted, referer;
    uint64_t status, us;
    int minutes = 0;
    rq.client = str_cut(line, ' ', &rest);
    rest = logs__after(rest, STR("["));
    if (!rest.p || !logs__take_access_time(&rest, &rq.at, &minutes) || !logs__take(&rest, STR("] ")) ||
        !logs__take_quoted(&rest, &quoted) || !logs__take(&rest, STR(" ")) || !logs__take_digits(&rest, 3, &status) ||
        status < 100 || status > 599 || !logs__take(&rest, STR(" ")))
        return false;
    split_request(quoted, &rq);
    if (!logs__take_digits(&rest, 18, &rq.bytes)) (void)logs__take(&rest, STR("-"));
    (void)logs__take(&rest, STR(" "));
    if (logs__take_quoted(&rest, &referer) && logs__take(&rest, STR(" "))) (void)logs__take_quoted(&rest, &rq.agent);
    if (logs__take(&rest, STR(" ")) && logs__take_digits(&rest, 15, &us) && rest.n == 0) rq.us = (int64_t)us;
    rq.status = (int)status;
    zone(l, minutes, origin);
    logs__request(l, origin, &rq);
    return true;
}

bool logs__error_line(struct ops_logs *l, struct str line)
{
    struct str rest = line;
    int64_t at;
    if (!logs__take_time(l, &rest, &at)) return false;
    struct str message = str_trim(rest);
    rest = message;
    if (!logs__take(&rest, STR("["))) return false;
    struct str level = str_cut(rest, ']', &rest);
    if (!rest.p) return false;
    logs__seen(l, at);
    struct str upstream = logs__after(rest, STR("upstream: \"http://"));
    if (upstream.p) logs__setting(l, "upstream of nginx", str_sub(upstream, 0, str_find_char(upstream, '/', 0)));
    bool serious = str_eq(level, STR("error")) || str_eq(level, STR("crit")) || str_eq(level, STR("alert")) ||
                   str_eq(level, STR("emerg"));
    if (!logs__note_known(l, LOGS_ERROR, at, message) && serious) logs__note_other(l, at, message);
    return true;
}

/* Seconds with a fraction; "-" is none. */
static bool seconds(struct str s, double *ret)
{
    struct error e;
    return str_to_double(s, 0, 1e12, ret, &e) == ERR_OK;
}

bool logs__healthd_line(struct ops_logs *l, struct str line)
{
    struct str rest = line, field[6];
    double at, took;
    uint64_t status;
    struct error e;
    for (size_t i = 0; i < 6; i++)
        field[i] = rest.p ? str_cut(rest, '"', &rest) : STR_EMPTY;
    if (!seconds(field[0], &at) || at > 253370764800.0 || str_to_u64(field[2], 100, 599, &status, &e) != ERR_OK)
        return false;
    struct logs_request rq = {.at = (int64_t)(at * 1000 + 0.5),
                              .path = field[1],
                              .status = (int)status,
                              .us = -1,
                              .client = field[5].n ? field[5] : STR("-")};
    if (seconds(field[3], &took) && took < 1e9) rq.us = (int64_t)(took * 1e6 + 0.5);
    logs__request(l, LOGS_FROM_HEALTHD, &rq);
    return true;
}

bool logs__daemon_line(struct ops_logs *l, struct str line)
{
    struct str rest = logs__after(line, STR(", ["));
    int64_t at;
    if (!rest.p || !logs__take_time(l, &rest, &at)) return false;
    logs__seen(l, at);
    struct str message = logs__after(rest, STR(" -- "));
    if (!message.p) return false;
    bool error = logs__has(str_sub(line, 0, 2), "E,") || logs__has(str_sub(line, 0, 2), "F,");
    if (!logs__note_known(l, LOGS_DAEMON, at, message) && error) logs__note_other(l, at, message);
    return true;
}
