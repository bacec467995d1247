/* The access log: a line for each request on standard output, in a format that the tools of an operator read already. The application's log goes to
 * standard error, so that the two can be kept apart.
 * What a client sends (target, referer, user agent) is written so that it cannot end the line or the field: quotes, backslashes and everything outside
 * printable ASCII become \xHH, as nginx does it. A query is not written: nobody's search belongs into a log. Cookies are in no format.
 * Source: nginx, "Module ngx_http_log_module" (combined); gunicorn, settings "access_log_format" (the same, and %(D)s, microseconds). */
#include <unistd.h>

#include "api/api_priv.h"
#include "base/time.h"

enum { LINE_MAX_BYTES = 4000, TEXT_MAX = 1000 };

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

void api__access_log(enum api_access_log format, const struct net_request *rq, const struct net_done *done)
{
    CLEANUP_SB struct sb b = SB_INIT(LINE_MAX_BYTES);
    if (format == API_ACCESS_LOG_NONE) return;
    put_text(&b, rq->client);
    sb_c(&b, " - - [");
    put_time(&b);
    sb_c(&b, "] \"");
    put_text(&b, rq->method_name);
    sb_char(&b, ' ');
    put_text(&b, rq->path);
    /* 499, as nginx says it, where nobody was left to answer */
    sb_printf(&b, " HTTP/1.%c\" %d %llu \"", rq->old ? '0' : '1', done->status ? done->status : 499,
              (unsigned long long)done->bytes);
    put_text(&b, net_header(rq, "Referer"));
    sb_c(&b, "\" \"");
    put_text(&b, net_header(rq, "User-Agent"));
    sb_char(&b, '"');
    if (format == API_ACCESS_LOG_GUNICORN) sb_printf(&b, " %llu", (unsigned long long)done->duration_us);
    sb_char(&b, '\n');
    if (sb_ok(&b)) (void)!write(STDOUT_FILENO, sb_view(&b).p, sb_view(&b).n);
}
