/* The access log: a line for each request on standard output, in a format that the tools of an operator read already. The application's log goes to
 * standard error, so that the two can be kept apart.
 * What a client sends (target, referer, user agent) is written so that it cannot end the line or the field: quotes, backslashes and everything outside
 * printable ASCII become \xHH, as nginx does it. A query is not written, not that of a referer either: nobody's search belongs into a log. Cookies are in no
 * format. As JSON a line also has the request's id, the visitor, the document and, where spans are kept, the trace.
 * Source: nginx, "Module ngx_http_log_module" (combined); gunicorn, settings "access_log_format" (the same, and %(D)s, microseconds). */
#include <unistd.h>

#include "api/api_priv.h"
#include "base/time.h"
#include "base/trace.h"

enum { LINE_MAX_BYTES = 8000, TEXT_MAX = 500 };

/* 499, as nginx says it, where nobody was left to answer */
static int status_of(const struct net_done *done) { return done->status ? done->status : 499; }

static void put_text(struct sb *b, struct str s)
{
    if (s.n == 0) sb_char(b, '-');
    for (size_t i = 0; i < s.n && i < TEXT_MAX; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            sb_printf(b, "\\x%02X", c);
        else
            sb_char(b, (char)c);
    }
}

/* 26/Nov/2026:15:20:00 +0000 */
static void put_time(struct sb *b)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct time_civil t = time_to_civil(time_now_unix_ms());
    sb_printf(b, "%02d/%s/%04d:%02d:%02d:%02d +0000", t.day, months[t.month - 1], t.year, t.hour, t.minute, t.second);
}

/* Of an address where somebody was before: its query may be a search. */
static struct str referer(const struct net_request *rq)
{
    struct str rest;
    return str_cut(net_header(rq, "Referer"), '?', &rest);
}

static void put_combined(struct sb *b, const struct net_request *rq, const struct net_done *done)
{
    put_text(b, rq->client);
    sb_c(b, " - - [");
    put_time(b);
    sb_c(b, "] \"");
    put_text(b, rq->method_name);
    sb_char(b, ' ');
    put_text(b, rq->path);
    sb_printf(b, " HTTP/1.%c\" %d %llu \"", rq->old ? '0' : '1', status_of(done), (unsigned long long)done->bytes);
    put_text(b, referer(rq));
    sb_c(b, "\" \"");
    put_text(b, net_header(rq, "User-Agent"));
    sb_char(b, '"');
}

/* Bytes of a client as text; nothing where there are none. */
static void put_header(struct json_out *o, const char *key, struct str value)
{
    CLEANUP_SB struct sb b = SB_INIT(4 * TEXT_MAX + 1);
    if (value.n == 0) return;
    put_text(&b, value);
    json_out_str(o, key, sb_view(&b));
}

static void put_known(struct json_out *o, const char *key, struct str value)
{
    if (value.n > 0) json_out_str(o, key, value);
}

static void put_json(struct sb *b, const struct net_request *rq, const struct net_done *done)
{
    const struct api__seen *seen = rq->user;
    struct json_out o = json_out_make(b, false);
    json_out_begin_object(&o, NULL);
    json_out_time(&o, "time", time_now_unix_ms());
    put_known(&o, "request", rq->id);
    put_header(&o, "client", rq->client);
    put_header(&o, "method", rq->method_name);
    put_header(&o, "path", rq->path);
    if (rq->route) json_out_c(&o, "route", rq->route->pattern);
    json_out_c(&o, "protocol", rq->old ? "HTTP/1.0" : "HTTP/1.1");
    json_out_i64(&o, "status", status_of(done));
    json_out_u64(&o, "bytes", done->bytes);
    json_out_double(&o, "ms", (double)done->duration_us / 1000);
    put_known(&o, "user", api__seen_user(rq));
    put_known(&o, "document", api__seen_document(rq));
    if (seen && seen->span) {
        char parent[TRACE_PARENT_CHARS + 1];
        put_known(&o, "trace", str_sub(trace_parent_write(&seen->span->link, parent), 3, 35));
    }
    put_header(&o, "referer", referer(rq));
    put_header(&o, "agent", net_header(rq, "User-Agent"));
    json_out_end_object(&o);
}

void api__access_log(enum api_access_log format, const struct net_request *rq, const struct net_done *done)
{
    CLEANUP_SB struct sb b = SB_INIT(LINE_MAX_BYTES);
    if (format == API_ACCESS_LOG_NONE) return;
    if (format == API_ACCESS_LOG_JSON)
        put_json(&b, rq, done);
    else
        put_combined(&b, rq, done);
    if (format == API_ACCESS_LOG_GUNICORN) sb_printf(&b, " %llu", (unsigned long long)done->duration_us);
    sb_char(&b, '\n');
    if (sb_ok(&b)) (void)!write(STDOUT_FILENO, sb_view(&b).p, sb_view(&b).n);
}
