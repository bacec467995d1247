/* Answers as libmicrohttpd wants them, or as bytes.
 * The bytes of a body are not copied: they live in the request's arena, which outlives the sending; files are sent by the kernel (sendfile).
 * An answer by hand is for a request whose body is refused while it comes. It is written at once (a socket that has sent nothing takes two
 * kilobytes), the connection then closes. Source: RFC 9112 (message format), 9110 5.6.7 (dates). */
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "net/server_priv.h"
#include "net/sse_out.h"
#include "net/tls_priv.h"

#define STREAM_BLOCK 1024

void net__suspend(struct MHD_Connection *mhd) { MHD_suspend_connection(mhd); }
void net__resume(struct MHD_Connection *mhd) { MHD_resume_connection(mhd); }

size_t net__answer_head_bytes(const struct net_response *rs)
{
    size_t n = 160; /* the status line, Date, Content-Length, Connection */
    for (size_t i = 0; i < rs->headers.n; i++)
        n += rs->headers.at[i].name.n + rs->headers.at[i].value.n + 4;
    return n;
}

/* What libmicrohttpd holds for a stream's answer. */
struct stream_answer {
    struct net_sse *stream;
    struct MHD_Connection *mhd;
};

static ssize_t stream_read(void *object, uint64_t at, char *to, size_t max)
{
    (void)at;
    struct stream_answer *a = object;
    ptrdiff_t n = net__sse_read(a->stream, a->mhd, to, max);
    return n == NET__SSE_END ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

static void stream_done(void *object)
{
    struct stream_answer *a = object;
    net__sse_detach(a->stream);
    free(a);
}

static struct MHD_Response *stream_make(struct net__exchange *x)
{
    struct stream_answer *a = malloc(sizeof *a);
    if (!a) return NULL;
    *a = (struct stream_answer){x->rs.stream, x->mhd};
    struct MHD_Response *made =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, a, stream_done);
    if (!made) {
        free(a);
        return NULL;
    }
    net__connection_request(x->connection, false); /* a stream lasts */
    net__sse_attach(x->rs.stream);
    x->stream = x->rs.stream;
    x->rs.stream = NULL; /* the reference is the answer's now */
    return made;
}

static struct MHD_Response *file_make(struct net__exchange *x)
{
    struct MHD_Response *made = MHD_create_response_from_fd_at_offset64(x->rs.fd_size, x->rs.fd, x->rs.fd_from);
    if (made) x->rs.fd = -1; /* closed with the answer */
    return made;
}

/* libmicrohttpd writes the body of a buffer as it is; it takes it as not const for callers that hand over memory. */
static struct MHD_Response *bytes_make(struct str bytes)
{
    union {
        const void *from;
        void *to;
    } p = {.from = bytes.n ? bytes.p : ""};
    return MHD_create_response_from_buffer(bytes.n, p.to, MHD_RESPMEM_PERSISTENT);
}

static bool headers_add(struct net__exchange *x, struct MHD_Response *to)
{
    bool good = !x->rs.failed;
    for (size_t i = 0; good && i < x->rs.headers.n; i++) {
        struct net_pair h = x->rs.headers.at[i]; /* constants and copies, all with a NUL behind them */
        good = MHD_add_response_header(to, h.name.p, h.value.p) == MHD_YES;
    }
    if (good && (x->connection->refused || atomic_load(&x->server->draining)))
        good = MHD_add_response_header(to, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES;
    return good;
}

void net__answer_make(struct net__exchange *x)
{
    struct net_response *rs = &x->rs;
    struct MHD_Response *made = rs->stream ? stream_make(x) : rs->fd >= 0 ? file_make(x) : bytes_make(rs->body);
    x->status = rs->status;
    x->body_bytes = rs->fd_size ? rs->fd_size : rs->body.n;
    if (!made) return;
    if (headers_add(x, made)) {
        x->answer = made;
        return;
    }
    x->stream = NULL;
    MHD_destroy_response(made);
}

void net__answer_drop(struct net__exchange *x)
{
    if (x->answer) MHD_destroy_response(x->answer);
    x->answer = NULL;
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static void date_write(struct sb *b)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct time_civil c = time_to_civil(time_now_unix_ms());
    sb_printf(b, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[time_weekday(c.year, c.month, c.day)], c.day,
              months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

void net__answer_by_hand(struct net__exchange *x)
{
    const struct net_response *rs = &x->rs;
    CLEANUP_SB struct sb b = SB_INIT(64 * 1024);
    sb_printf(&b, "HTTP/1.1 %d %s\r\n", rs->status, MHD_get_reason_phrase_for((unsigned)rs->status));
    date_write(&b);
    for (size_t i = 0; i < rs->headers.n; i++)
        sb_printf(&b, "%.*s: %.*s\r\n", STR_ARG(rs->headers.at[i].name), STR_ARG(rs->headers.at[i].value));
    sb_printf(&b, "Connection: close\r\nContent-Length: %zu\r\n\r\n", rs->body.n);
    if (!x->head_method) sb_str(&b, rs->body);
    x->state = NET__ANSWERED;
    x->connection->linger = true;
    if (!sb_ok(&b) || rs->failed) return;
    if (x->connection->session) {
        if (!net__tls_send(x->connection, sb_view(&b))) return;
    } else {
        ssize_t n = send(x->connection->fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n != (ssize_t)b.n) return; /* the client is gone, or takes nothing */
    }
    x->status = rs->status;
    x->body_bytes = rs->body.n;
    x->sent = true;
}
