/* One request as libcurl has it (an "easy handle"): its options, what libcurl calls while it runs, and what its errors mean.
 * The body is sent through a callback and given back when the answer begins: a thousand answers being streamed do not keep a thousand
 * prompts in memory. Callbacks never end a call; they say no to libcurl, and the loop ends it afterwards.
 * Limits: CLIENT__HEAD_MAX of an answer's head. Source: curl_easy_setopt(3) of libcurl 7.88. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "client/http_priv.h"

#define PIECE        16384L /* libcurl's buffers, each way; as TLS has records */
#define KEEP_ALIVE_S 60L    /* below the 350 s after which clouds forget a silent connection */

/* --- what libcurl calls for a request --- */

static int on_connected(void *object, char *ip, char *local_ip, int port, int local_port)
{
    (void)ip;
    (void)local_ip;
    (void)port;
    (void)local_port;
    client__phase_set(object, CLIENT__WAITING);
    return CURL_PREREQFUNC_OK;
}

static size_t on_send(char *to, size_t size, size_t n, void *object)
{
    struct client_http_call *c = object;
    size_t room = size * n, left = c->body ? c->n_body - c->sent : 0;
    if (!c->body && c->n_body > 0) return CURL_READFUNC_ABORT; /* given back already: cannot be sent again */
    if (left > room) left = room;
    if (left) memcpy(to, c->body + c->sent, left);
    c->sent += left;
    return left;
}

/* The kept connection was dead: the body is sent again on a new one. */
static int on_seek(void *object, curl_off_t offset, int origin)
{
    struct client_http_call *c = object;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > c->n_body) return CURL_SEEKFUNC_FAIL;
    c->sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static bool failed_no_memory(struct client_http_call *c)
{
    (void)error_no_memory(&c->failed);
    return false;
}

static bool failed_too_large(struct client_http_call *c, const char *what, size_t max)
{
    (void)error_set_reason(&c->failed, ERR_UPSTREAM, "too_large", "%s sent %s of more than %zu bytes", c->host, what,
                           max);
    return false;
}

/* Cuts the lines into headers and tells. */
static bool head_tell(struct client_http_call *c, int status)
{
    CLEANUP_ARENA struct arena *a = arena_new(CLIENT__HEAD_MAX * 8);
    VEC(struct client_header) headers = {0};
    struct client_http_head head = {.status = status};
    struct str rest = sb_view(&c->head);
    if (!a) return failed_no_memory(c);
    while (rest.p) {
        struct str value = STR_EMPTY, line = str_trim(str_cut(rest, '\n', &rest)), name = str_cut(line, ':', &value);
        if (!value.p || name.n == 0) continue; /* the status line; the rest of a folded header */
        struct client_header *header = VEC_PUSH(a, &headers);
        if (!header) return failed_no_memory(c);
        *header = (struct client_header){str_trim(name), str_trim(value)};
    }
    head.headers = headers.at;
    head.n_headers = headers.n;
    c->head_done = true;
    if (c->sent == c->n_body) client__body_free(c);
    if (c->handler.on_head) c->handler.on_head(c->handler.ctx, &head);
    sb_done(&c->head);
    return true;
}

static size_t on_header(char *p, size_t size, size_t n, void *object)
{
    struct client_http_call *c = object;
    struct str line = {p, size * n};
    if (atomic_load(&c->cancelled)) return 0;
    client__phase_set(c, CLIENT__RECEIVING);
    if (c->head_done) return line.n; /* trailers */
    if (str_starts(line, STR("HTTP/"))) sb_reset(&c->head);
    sb_str(&c->head, line);
    if (!sb_ok(&c->head)) {
        (void)(c->head.no_memory ? failed_no_memory(c) : failed_too_large(c, "a head", CLIENT__HEAD_MAX));
        return 0;
    }
    if (str_trim(line).n > 0) return line.n;
    long status = 0;
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) return line.n; /* 100, 103: the real one follows */
    return head_tell(c, (int)status) ? line.n : 0;
}

static size_t on_data(char *p, size_t size, size_t n, void *object)
{
    struct client_http_call *c = object;
    struct str bytes = {p, size * n};
    if (atomic_load(&c->cancelled)) return CURL_WRITEFUNC_ERROR;
    if (atomic_load(&c->paused)) {
        c->held = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    client__phase_set(c, CLIENT__RECEIVING);
    if (c->limits.max_body && bytes.n > c->limits.max_body - c->received) {
        (void)failed_too_large(c, "an answer", c->limits.max_body);
        return CURL_WRITEFUNC_ERROR;
    }
    c->received += bytes.n;
    if (c->handler.on_data) c->handler.on_data(c->handler.ctx, bytes);
    return bytes.n;
}

/* --- the beginning of a call --- */

static bool set_method(struct client_http_call *c)
{
    CURL *easy = c->easy;
    bool head = strcmp(c->method, "HEAD") == 0;
    CURLcode bad = CURLE_OK;
    if (c->has_body) {
        bad |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->n_body);
        bad |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
        bad |= curl_easy_setopt(easy, CURLOPT_READDATA, c);
        bad |= curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
        bad |= curl_easy_setopt(easy, CURLOPT_SEEKDATA, c);
    } else if (head) {
        bad |= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    if (!head) bad |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, c->method);
    return bad == CURLE_OK;
}

/* With those that libcurl would add by itself taken away. */
static bool set_headers(struct client_http_call *c)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    bool typed = false;
    for (size_t i = 0; list && i < c->n_headers; i++) {
        struct str text =
            str_printf(c->arena, c->headers[i].value.n ? "%s: %s" : "%s;", c->headers[i].name.p, c->headers[i].value.p);
        typed = typed || str_eq_nocase(c->headers[i].name, STR("content-type"));
        struct curl_slist *more = text.p ? curl_slist_append(list, text.p) : NULL;
        if (!more) curl_slist_free_all(list);
        list = more;
    }
    if (list && !typed) {
        struct curl_slist *more = curl_slist_append(list, "Content-Type:");
        if (!more) curl_slist_free_all(list);
        list = more;
    }
    c->list = list;
    return list && curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, list) == CURLE_OK;
}

static bool set_options(const struct client_http *h, struct client_http_call *c)
{
    CURL *easy = c->easy;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_URL, c->url);
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    bad |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* what was signed is what is sent */
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT,
                            1L); /* a name that is being looked up is left to its thread, not waited for */
    bad |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEP_ALIVE_S);
    bad |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEP_ALIVE_S);
    bad |= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, PIECE);
    bad |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, PIECE);
    bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, h->options.user_agent);
    bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, c->curl_text);
    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, c);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, c);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, c);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, c);
    /* ours comes first; libcurl's makes it go on to a host's next address in time */
    if (c->limits.connect_ms > 0) bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)c->limits.connect_ms);
    if (h->options.ca_file) bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, h->options.ca_file);
    if (h->options.any_peer) {
        bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (c->no_proxy) bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    return bad == CURLE_OK && set_method(c) && set_headers(c);
}

bool client__easy_make(const struct client_http *h, struct client_http_call *c)
{
    c->easy = curl_easy_init();
    c->curl_text = calloc(1, CURL_ERROR_SIZE);
    return c->easy && c->curl_text && set_options(h, c);
}

/* --- what libcurl says of an ended request --- */

static const char *reason_of(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED: return "no_route";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return "tls_failed";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 */
    case CURLE_BAD_CONTENT_ENCODING: return "bad_answer";
    default: return "connection_lost";
    }
}

void client__failed_by(struct client_http_call *c, unsigned curl_code)
{
    CURLcode code = (CURLcode)curl_code;
    if (c->failed.code != ERR_OK) return;
    const char *reason = reason_of(code), *text = c->curl_text[0] ? c->curl_text : curl_easy_strerror(code);
    if (code == CURLE_OUT_OF_MEMORY) {
        (void)error_no_memory(&c->failed);
    } else if (code == CURLE_OPERATION_TIMEDOUT) { /* its own connect time-out, as long as ours */
        client__limit_passed(c, "connect_timeout", "could not be reached", c->limits.connect_ms);
    } else if (strcmp(reason, "no_route") == 0) {
        (void)error_set_reason(&c->failed, ERR_UPSTREAM, reason, "there is no way to %s: %s", c->host, text);
        (void)error_hint(&c->failed,
                         "Look at the address, at the network between here and there, and at the proxy settings.");
    } else if (strcmp(reason, "tls_failed") == 0) {
        (void)error_set_reason(&c->failed, ERR_UPSTREAM, reason, "no secure connection to %s: %s", c->host, text);
        (void)error_hint(&c->failed,
                         "Look at this machine's clock and certificate authorities, and whether a proxy opens TLS.");
    } else if (strcmp(reason, "bad_answer") == 0) {
        (void)error_set_reason(&c->failed, ERR_UPSTREAM, reason, "what %s sent is not HTTP: %s", c->host, text);
    } else {
        (void)error_set_reason(&c->failed, ERR_UPSTREAM, reason, "the connection to %s broke off %s", c->host,
                               c->head_done ? "in the middle of the answer" : "before there was an answer");
    }
    (void)error_detail(&c->failed, "curl %d: %s", (int)code, text);
}

/* --- URLs --- */

enum err client__url_check(const char *url, char *host, struct error *e)
{
    CURLU *u = curl_url();
    if (!u) return error_no_memory(e);
    char *scheme = NULL, *name = NULL;
    CURLUcode bad = curl_url_set(u, CURLUPART_URL, url, CURLU_PATH_AS_IS);
    if (!bad) bad = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
    if (!bad) bad = curl_url_get(u, CURLUPART_HOST, &name, 0);
    bool http = !bad && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    if (name) (void)snprintf(host, CLIENT__HOST_MAX, "%s", name);
    curl_free(scheme);
    curl_free(name);
    curl_url_cleanup(u);
    if (bad == CURLUE_OUT_OF_MEMORY) return error_no_memory(e);
    if (http) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "bad_url",
                     "an address for outgoing requests is no URL that begins with http:// or https://");
    return error_hint(e, "An address looks like https://host.example or http://127.0.0.1:8080.");
}
