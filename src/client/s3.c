/* The S3 client: one request is made, signed, sent and judged in ask(); what goes in parts is three kinds of requests around a buffer of one part.
 * An object is read once, in order, and a part stays in its buffer until S3 has it, so a part that is cut off is sent again from memory and the source need
 * not go back. What passes (no answer, 5xx, "slow down") is tried again after a wait that doubles and is spread by chance; what does not is told at once.
 * Keys that have expired are fetched anew, once a request.
 * Rejected: the AWS SDK for C++ (not in Debian, larger than all of this program); signing without the hash of the body, which is allowed over TLS and would leave
 * what a broken proxy makes of it unnoticed. Limits: one part at a time, 10,000 parts (80 GB). */
#include "client/s3.h"

#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "base/sb.h"
#include "base/time.h"
#include "base/utf8.h"
#include "client/s3_priv.h"
#include "client/sigv4.h"

enum {
    CONNECT_MS = 10000,
    ANSWER_MS = 120000, /* with the sending of a part in it */
    STALL_MS = 60000,
    WHOLE_MS = 300000,
    PARTS_MAX = 10000,
    NAP_MS = 50,
    WAIT_MAX_MS = 20000,
    URL_MAX = 8192,
    BODY_MAX = 2 << 20,
};

struct client_s3 {
    struct client_http *http;
    struct client_credentials *credentials;
    struct str bucket, region;
    struct str base; /* of the URL: everything in front of "/key" */
    unsigned tries;
    int64_t wait_ms;
    struct arena *arena; /* itself and its texts */
};

/* --- making one --- */

/* .p NULL: no memory. */
static struct str base_of(const struct client_s3_options *o, struct arena *a)
{
    const char *cn = str_starts(o->region, STR("cn-")) ? ".cn" : "";
    if (o->url.n) return str_printf(a, "%.*s/%.*s", STR_ARG(o->url), STR_ARG(o->bucket));
    if (str_find_char(o->bucket, '.', 0) == STR_NONE)
        return str_printf(a, "https://%.*s.s3.%.*s.amazonaws.com%s", STR_ARG(o->bucket), STR_ARG(o->region), cn);
    return str_printf(a, "https://s3.%.*s.amazonaws.com%s/%.*s", STR_ARG(o->region), cn, STR_ARG(o->bucket));
}

enum err client_s3_new(const struct client_s3_options *o, struct client_s3 **ret, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    struct client_s3 *s = a ? NEW(a, struct client_s3, 1) : NULL;
    if (!s) return error_no_memory(e);
    *s = (struct client_s3){.http = o->http,
                            .credentials = o->credentials,
                            .bucket = str_dup(a, o->bucket),
                            .region = str_dup(a, o->region),
                            .base = base_of(o, a),
                            .tries = o->tries,
                            .wait_ms = o->wait_ms};
    if (!s->bucket.p || !s->region.p || !s->base.p) return error_no_memory(e);
    s->arena = TAKE(a);
    *ret = s;
    return ERR_OK;
}

void client_s3_free(struct client_s3 *s)
{
    if (s) arena_free(s->arena);
}

/* --- one request --- */

struct asking { /* one request, however often it is tried */
    struct client_s3 *s;
    const char *method;
    struct str key, query;                         /* query: encoded, with its "?", or empty */
    struct str content_type;                       /* or empty */
    struct str body;                               /* .p NULL: none */
    enum err (*go_on)(void *ctx, struct error *e); /* asked before each try; NULL: nobody minds */
    void *ctx;
    /* the answer, in the arena that ask was given */
    struct client_http_answer answer;
    struct client__s3_said said;
};

static enum err url_of(const struct asking *q, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(URL_MAX);
    sb_str(&b, q->s->base);
    for (struct str rest = q->key; rest.p;) {
        struct str segment = str_cut(rest, '/', &rest);
        sb_char(&b, '/');
        client_sigv4_encode(&b, segment);
    }
    sb_str(&b, q->query);
    return sb_take(&b, a, ret, e);
}

static enum err sign(const struct asking *q, const struct client_keys *keys, struct str url, struct arena *a,
                     struct client_header headers[2 + CLIENT_SIGV4_HEADERS_MAX], size_t *ret_n, struct error *e)
{
    size_t n = 0;
    struct client_sigv4_options o = {.access_key = keys->access_key,
                                     .secret_key = keys->secret_key,
                                     .session_token = keys->session_token,
                                     .region = q->s->region,
                                     .service = STR("s3"),
                                     .at_unix_ms = time_now_unix_ms(),
                                     .body = CLIENT_SIGV4_BODY_SAID};
    if (q->content_type.n) headers[n++] = (struct client_header){STR("content-type"), q->content_type};
    const struct client_sigv4_request rq = {
        .method = str_from_c(q->method), .url = url, .headers = headers, .n_headers = n, .body = q->body};
    struct client_sigv4_signed got = {.n_headers = 0};
    TRY(client_sigv4_sign(a, &rq, &o, &got, e));
    for (size_t i = 0; i < got.n_headers; i++)
        headers[n++] = got.headers[i];
    *ret_n = n;
    return ERR_OK;
}

static enum err no_way(struct error *e)
{
    char hint[sizeof e->hint];
    memcpy(hint, e->hint, sizeof hint);
    (void)error_prefix(e, "S3 was not reached");
    return error_hint(
        e, "%s",
        hint[0]
            ? hint
            : "Look at the network of this machine, at https_proxy, and at PRISM_S3_URL if it is set; then try again.");
}

/* What is wrong with the answer, or ERR_OK. */
static enum err judge(struct asking *q, const struct client_keys *keys, struct arena *a, struct error *e)
{
    struct error ignored;
    const struct client_http_answer *answer = &q->answer;
    q->said = (struct client__s3_said){.is_error = false};
    if (answer->body.n && client__s3_read(answer->body, a, &q->said, &ignored) != ERR_OK)
        q->said = (struct client__s3_said){.is_error = false};
    if (answer->status / 100 == 2 && !q->said.is_error) return ERR_OK;
    const struct client__s3_refusal refusal = {
        .status = answer->status,
        .said = &q->said,
        .region_header = client_header_find(answer->headers, answer->n_headers, STR("x-amz-bucket-region")),
        .bucket = q->s->bucket,
        .region = q->s->region,
        .keys_from = keys->source};
    return client__s3_refused(&refusal, e);
}

static enum err ask_once(struct asking *q, struct arena *a, struct error *e)
{
    struct str url = STR_EMPTY;
    struct client_keys keys = {.expires_at_unix_ms = 0};
    struct client_header headers[2 + CLIENT_SIGV4_HEADERS_MAX];
    struct client_http_request rq = {.method = str_from_c(q->method),
                                     .headers = headers,
                                     .body = q->body,
                                     .limits = {.connect_ms = CONNECT_MS,
                                                .first_byte_ms = ANSWER_MS,
                                                .stall_ms = STALL_MS,
                                                .whole_ms = WHOLE_MS,
                                                .max_body = CLIENT__S3_ANSWER_MAX}};
    TRY(url_of(q, a, &url, e));
    TRY(client_credentials_get(q->s->credentials, a, &keys, e));
    TRY(sign(q, &keys, url, a, headers, &rq.n_headers, e));
    rq.url = url;
    enum err err = client_http_get_while(q->s->http, &rq, q->go_on, q->ctx, a, &q->answer, e);
    if (err == ERR_UPSTREAM) return no_way(e);
    if (err != ERR_OK) return err;
    err = judge(q, &keys, a, e);
    if (err != ERR_OK && str_eq_c(q->said.code, "ExpiredToken"))
        client_credentials_expired(q->s->credentials, keys.access_key);
    return err;
}

static enum err go_on(const struct asking *q, struct error *e) { return q->go_on ? q->go_on(q->ctx, e) : ERR_OK; }

/* In naps, so that who no longer wants it does not wait. */
static enum err wait(const struct asking *q, unsigned tried, struct error *e)
{
    uint16_t chance;
    int64_t ms = q->s->wait_ms;
    for (unsigned i = 1; i < tried && ms < WAIT_MAX_MS; i++)
        ms *= 2;
    random_bytes(&chance, sizeof chance);
    ms += ms * chance / UINT16_MAX / 2; /* many that failed at once do not come back at once */
    for (int64_t until = time_monotonic_ns() + ms * 1000000; time_monotonic_ns() < until;) {
        const struct timespec nap = {.tv_nsec = (ms < NAP_MS ? ms : NAP_MS) * 1000000};
        TRY(go_on(q, e));
        (void)nanosleep(&nap, NULL);
    }
    return ERR_OK;
}

static bool may_help(const struct error *e)
{
    if (e->code == ERR_BUSY) return true;
    return e->code == ERR_UPSTREAM && strcmp(e->reason, "tls_failed") != 0 && strcmp(e->reason, "s3_upload_lost") != 0;
}

/* Tries until it is answered well, or as often as is allowed. The answer lives in a. */
static enum err ask(struct asking *q, struct arena *a, struct error *e)
{
    bool renewed = false;
    for (unsigned tried = 1;; tried++) {
        struct error why = {0};
        TRY(go_on(q, e));
        enum err err = ask_once(q, a, &why);
        if (err == ERR_OK) return ERR_OK;
        bool again = tried < q->s->tries && may_help(&why);
        if (!again && !renewed && str_eq_c(q->said.code, "ExpiredToken")) again = renewed = true;
        if (!again) {
            *e = why;
            return err;
        }
        TRY(wait(q, tried, e));
    }
}

/* --- putting --- */

struct putting {
    struct client_s3 *s;
    const struct client_s3_object *o;
    uint64_t sent;
    struct str id;      /* of an upload in parts */
    struct arena *a;    /* of the whole put */
    char *part;         /* the bytes that are on their way */
    struct sb complete; /* the list of parts */
};

static enum err put_goes_on(void *ctx, struct error *e)
{
    const struct putting *p = ctx;
    return p->o->sent ? p->o->sent(p->o->ctx, p->sent, e) : ERR_OK;
}

static struct asking asking_of(struct putting *p, const char *method)
{
    return (struct asking){.s = p->s, .method = method, .key = p->o->key, .go_on = put_goes_on, .ctx = p};
}

static enum err told(struct putting *p, size_t n, struct error *e)
{
    p->sent += n;
    return put_goes_on(p, e);
}

static enum err put_whole(struct putting *p, struct error *e)
{
    size_t n = (size_t)p->o->size;
    struct asking q = asking_of(p, "PUT");
    if (n > 0) TRY(p->o->read(p->o->ctx, p->part, n, e));
    q.content_type = p->o->content_type;
    q.body = (struct str){p->part, n};
    TRY(ask(&q, p->a, e));
    return told(p, n, e);
}

static enum err begin(struct putting *p, struct error *e)
{
    struct asking q = asking_of(p, "POST");
    q.query = STR("?uploads=");
    q.content_type = p->o->content_type;
    q.body = STR("");
    TRY(ask(&q, p->a, e));
    if (!q.said.upload_id.n)
        return error_set_reason(e, ERR_UPSTREAM, "s3_unavailable", "S3 has begun an upload and does not say which");
    p->id = q.said.upload_id;
    SB_LIT(&p->complete, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    return p->o->begun ? p->o->begun(p->o->ctx, p->id, e) : ERR_OK;
}

/* "?partNumber=7&uploadId=…"; number 0: "?uploadId=…". .p NULL: no memory. */
static struct str upload_query(struct str id, unsigned number, struct arena *a)
{
    CLEANUP_SB struct sb b = SB_INIT(URL_MAX);
    struct str ret = STR_EMPTY;
    struct error ignored;
    SB_LIT(&b, "?");
    if (number) sb_printf(&b, "partNumber=%u&", number);
    SB_LIT(&b, "uploadId=");
    client_sigv4_encode(&b, id);
    return sb_take(&b, a, &ret, &ignored) == ERR_OK ? ret : STR_EMPTY;
}

static enum err put_part(struct putting *p, unsigned number, size_t n, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(BODY_MAX);
    struct asking q = asking_of(p, "PUT");
    if (!a) return error_no_memory(e);
    TRY(p->o->read(p->o->ctx, p->part, n, e));
    q.query = upload_query(p->id, number, a);
    q.body = (struct str){p->part, n};
    if (!q.query.p) return error_no_memory(e);
    TRY(ask(&q, a, e));
    struct str etag = client_header_find(q.answer.headers, q.answer.n_headers, STR("etag"));
    if (!etag.n)
        return error_set_reason(e, ERR_UPSTREAM, "s3_unavailable", "S3 has taken a part and gives no tag for it");
    sb_printf(&p->complete, "<Part><PartNumber>%u</PartNumber><ETag>", number);
    sb_xml_text(&p->complete, etag);
    SB_LIT(&p->complete, "</ETag></Part>");
    return told(p, n, e);
}

static enum err put_parts(struct putting *p, struct error *e)
{
    unsigned number = 1;
    for (uint64_t at = 0; at < p->o->size; number++) {
        uint64_t left = p->o->size - at;
        size_t n = left < CLIENT_S3_PART_BYTES ? (size_t)left : CLIENT_S3_PART_BYTES;
        if (number > PARTS_MAX)
            return error_set_reason(e, ERR_LIMIT, "too_large", "the file has more than %d parts", PARTS_MAX);
        TRY(put_part(p, number, n, e));
        at += n;
    }
    struct asking q = asking_of(p, "POST");
    SB_LIT(&p->complete, "</CompleteMultipartUpload>");
    q.query = upload_query(p->id, 0, p->a);
    q.content_type = STR("application/xml");
    q.body = sb_view(&p->complete);
    if (!q.query.p || !sb_ok(&p->complete)) return error_no_memory(e);
    return ask(&q, p->a, e);
}

static bool key_is_sound(struct str key)
{
    if (key.n == 0 || key.n > CLIENT_S3_KEY_MAX || !utf8_valid(key)) return false;
    for (struct str rest = key; rest.p;) {
        struct str segment = str_cut(rest, '/', &rest);
        if (segment.n == 0 || str_eq_c(segment, ".") || str_eq_c(segment, "..")) return false;
    }
    return true;
}

static enum err bad_key(struct error *e)
{
    return error_set_reason(e, ERR_INVALID, "s3_bad_key", "this name is none that S3 takes for an object");
}

static enum err put(struct putting *p, struct error *e)
{
    struct error ignored;
    if (p->o->size <= CLIENT_S3_PART_BYTES) return put_whole(p, e);
    enum err err = begin(p, e);
    if (err == ERR_OK) err = put_parts(p, e);
    if (err != ERR_OK && p->id.n)
        (void)!client_s3_abort(p->s, p->o->key, p->id, &ignored); /* else: the bucket's lifecycle */
    return err;
}

enum err client_s3_put(struct client_s3 *s, const struct client_s3_object *o, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(CLIENT_S3_PART_BYTES + BODY_MAX);
    size_t room = o->size < CLIENT_S3_PART_BYTES ? (size_t)o->size : CLIENT_S3_PART_BYTES;
    struct putting p = {.s = s, .o = o, .a = a, .complete = SB_INIT(BODY_MAX)};
    if (!key_is_sound(o->key)) return bad_key(e);
    p.part = a ? NEW(a, char, room + 1) : NULL;
    if (!p.part) return error_no_memory(e);
    enum err err = put(&p, e);
    sb_done(&p.complete);
    return err;
}

/* --- the others --- */

enum err client_s3_abort(struct client_s3 *s, struct str key, struct str upload_id, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(BODY_MAX);
    struct error why = {0};
    if (!a) return error_no_memory(e);
    struct asking q = {.s = s, .method = "DELETE", .key = key, .query = upload_query(upload_id, 0, a)};
    if (!key_is_sound(key)) return bad_key(e);
    if (!q.query.p) return error_no_memory(e);
    enum err err = ask(&q, a, &why);
    if (err == ERR_OK || strcmp(why.reason, "s3_upload_lost") == 0) return ERR_OK;
    *e = why;
    return err;
}

enum err client_s3_delete(struct client_s3 *s, struct str key, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(BODY_MAX);
    struct asking q = {.s = s, .method = "DELETE", .key = key};
    if (!a) return error_no_memory(e);
    if (!key_is_sound(key)) return bad_key(e);
    return ask(&q, a, e);
}
