/* One request, from its first line to its answer: where its body goes, who runs its handler, what is said when something fails.
 * A refusal that is found before the handler is kept in the exchange. It is answered at once when a body is still to come and after the request
 * otherwise, which keeps the connection usable.
 * The handler runs on the pool while the connection sleeps. From the moment that the pool has the exchange until the worker has woken the
 * connection, the io thread does not look at it. */
#include <assert.h>

#include "base/random.h"
#include "base/time.h"
#include "net/server_priv.h"

#define RETRY_AFTER "2"                 /* seconds */
#define BODY_MARK   ((size_t)16 * 1024) /* of a body, in body_timeout_ms */

struct net__exchange *net__exchange_new(struct net_server *s, struct net__connection *c, struct MHD_Connection *mhd,
                                        struct str target)
{
    struct arena *a = arena_new(s->o.request_max_bytes);
    if (!a) return NULL;
    struct net__exchange *x = NEW(a, struct net__exchange, 1);
    struct str copy = str_dup(a, target);
    char *id = NEW(a, char, RANDOM_ID_CHARS + 1);
    if (!x || !copy.p || !id) {
        arena_free(a);
        return NULL;
    }
    random_id(id);
    x->server = s;
    x->connection = c;
    x->mhd = mhd;
    x->target = copy;
    x->head_bytes = target.n;
    x->rq.arena = a;
    x->rq.ctx = s->o.ctx;
    x->rq.id = (struct str){id, RANDOM_ID_CHARS};
    x->rq.client = str_from_c(c->text);
    x->rq.https = s->o.tls != NULL;
    x->rq.began_ns = time_monotonic_ns();
    x->rq.exchange = x;
    net__response_init(&x->rs, a);
    net__spool_init(&x->spool, s->o.upload_bytes, s->o.temp_folder);
    net__connection_phase(c, NET__HEAD);
    net__connection_request(c, true);
    return x;
}

static void upload_release(struct net__exchange *x)
{
    if (x->upload) atomic_fetch_sub(&x->server->uploads, 1);
    x->upload = false;
}

void net__exchange_free(struct net__exchange *x)
{
    if (!x) return;
    upload_release(x);
    net__answer_drop(x);
    net__spool_done(&x->spool);
    net__response_reset(&x->rs);
    arena_free(x->rq.arena);
}

/* Keeps a refusal; the first one stays. Returns false, for `return net__refuse(…)`. */
bool net__refuse(struct net__exchange *x, int status)
{
    assert(x->error.code != ERR_OK && x->refusal == 0);
    x->refusal = status;
    return false;
}

bool net__refuse_as(struct net__exchange *x, int status, const char *reason, const char *message)
{
    error_set_reason(&x->error, ERR_INVALID, reason, "%s", message);
    return net__refuse(x, status);
}

/* With the status that belongs to the error's code. */
bool net__refuse_error(struct net__exchange *x) { return net__refuse(x, error_code_http_status(x->error.code)); }

bool net__refuse_too_large(struct net__exchange *x, size_t max)
{
    if (max == 0)
        error_set_reason(&x->error, ERR_LIMIT, "body_too_large", "this address takes no body");
    else
        error_set_reason(&x->error, ERR_LIMIT, "body_too_large",
                         "the request's body is larger than the limit, %zu bytes", max);
    return net__refuse(x, 413);
}

/* A body beyond upload_bytes is one of few. */
bool net__upload_check(struct net__exchange *x, uint64_t n)
{
    struct net_server *s = x->server;
    if (x->upload || n <= s->o.upload_bytes) return true;
    x->upload = true;
    if (atomic_fetch_add(&s->uploads, 1) < s->o.max_uploads) return true;
    error_set_reason(&x->error, ERR_BUSY, "too_many_uploads", "%zu uploads are being received already",
                     s->o.max_uploads);
    error_hint(&x->error, "Try again in a moment.");
    return net__refuse_error(x);
}

void net__exchange_body(struct net__exchange *x, struct str bytes)
{
    size_t max = x->rq.route ? x->rq.route->max_body : 0;
    if (bytes.n > max - x->received) {
        net__refuse_too_large(x, max);
        return;
    }
    x->received += bytes.n;
    if (!net__upload_check(x, x->received)) return;
    if (x->received - x->mark >= BODY_MARK) {
        x->mark = x->received;
        net__connection_phase(x->connection, NET__BODY);
    }
    enum err err = x->form ? net__form_feed(x->form, bytes, &x->error) : net__spool_add(&x->spool, bytes, &x->error);
    if (err != ERR_OK) net__refuse_error(x);
}

/* Makes x->rs the answer of an error. */
static void error_answer(struct net__exchange *x, int status, const struct error *e)
{
    struct net_response *rs = &x->rs;
    net__response_reset(rs);
    net_response_status(rs, status);
    x->server->o.on_error(&x->rq, rs, status, e);
    if (rs->failed) { /* no memory even for words */
        net__response_reset(rs);
        net_response_status(rs, status);
    }
    if (rs->status == 503 || rs->status == 429) net_response_header(rs, "Retry-After", STR(RETRY_AFTER));
    if (rs->status == 416)
        net_response_header(rs, "Content-Range", str_printf(x->rq.arena, "bytes */%zu", x->range_size));
}

static void allow_header(struct net__exchange *x)
{
    CLEANUP_SB struct sb b = SB_INIT(128);
    for (int m = 0; m < NET_METHOD_COUNT; m++) {
        if (!(x->allowed & (1u << m))) continue;
        sb_c(&b, net_method_name((enum net_method)m));
        sb_c(&b, m == NET_GET ? ", HEAD, " : ", ");
    }
    SB_LIT(&b, "OPTIONS");
    net_response_header(&x->rs, "Allow", sb_view(&b));
}

/* x->rs gets what every answer has. */
static void answer_finish(struct net__exchange *x)
{
    net__response_finish(&x->rs, &x->rq);
    /* not of localhost, where other programs serve plain pages under the same name */
    if (x->server->o.tls && !str_starts_nocase(x->rq.host, STR("localhost")))
        net_response_header(&x->rs, "Strict-Transport-Security", STR("max-age=31536000"));
    if (net__answer_head_bytes(&x->rs) <= NET__ANSWER_HEAD_MAX) return;
    struct error e = {0};
    error_set_reason(&e, ERR_INTERNAL, "no_answer", "the answer has more header fields than a connection can keep");
    error_answer(x, 500, &e);
    net__response_finish(&x->rs, &x->rq);
}

static void answer_ready(struct net__exchange *x)
{
    answer_finish(x);
    net__answer_make(x);
    x->state = NET__ANSWERED;
}

void net__exchange_refuse(struct net__exchange *x)
{
    upload_release(x);
    error_answer(x, x->refusal, &x->error);
    if (x->rs.status == 405) allow_header(x);
    answer_finish(x);
}

static void refusal_ready(struct net__exchange *x)
{
    net__exchange_refuse(x);
    net__answer_make(x);
    x->state = NET__ANSWERED;
}

/* What a handler that said "fine" left undone. */
static enum err answer_check(const struct net_response *rs, struct error *e)
{
    if (rs->failed) return error_set_reason(e, ERR_BUSY, "out_of_memory", "the answer could not be made");
    if (rs->status) return ERR_OK;
    return error_set_reason(e, ERR_INTERNAL, "no_answer", "the server has no answer to this request");
}

/* The body, whole, where the handler finds it. */
static enum err body_finish(struct net__exchange *x, struct error *e)
{
    upload_release(x);
    if (x->form) return net__form_finish(x->form, &x->rq, e);
    return net__spool_bytes(&x->spool, &x->rq.body, e);
}

static void handle(struct net__exchange *x)
{
    struct net_request *rq = &x->rq;
    struct error e = {0};
    enum err err = body_finish(x, &e);
    if (err == ERR_OK) err = rq->route->handler(rq, &x->rs, &e);
    if (err == ERR_OK) err = answer_check(&x->rs, &e);
    int status = err == ERR_OK ? 0 : error_code_http_status(err);
    if (err == ERR_OK && net__response_settle(&x->rs, rq, &x->range_size, &e) != ERR_OK) status = 416;
    if (status) error_answer(x, status, &e);
    answer_ready(x);
}

static bool working_begin(struct net_server *s)
{
    lock_take(&s->lock);
    bool runs = !s->stopping;
    if (runs) s->working++;
    lock_give(&s->lock);
    return runs;
}

/* The exchange goes back to its io thread; then, and not before, may the server end. */
static void working_end(struct net_server *s, struct MHD_Connection *mhd)
{
    net__resume(mhd);
    lock_take(&s->lock);
    s->working--;
    lock_cond_broadcast(&s->changed);
    lock_give(&s->lock);
}

/* On the pool. */
static void work(void *object)
{
    struct net__exchange *x = object;
    handle(x);
    working_end(x->server, x->mhd);
}

/* false: the connection sleeps, and x may be the worker's already. */
static bool submit(struct net__exchange *x)
{
    struct net_server *s = x->server;
    if (!working_begin(s)) {
        error_set_reason(&x->error, ERR_BUSY, "stopping", "the server is being stopped");
        net__refuse_error(x);
        refusal_ready(x);
        return true;
    }
    x->state = NET__WORKING;
    net__suspend(x->mhd);
    struct error e = {0};
    if (pool_submit(s->o.pool, work, x, &e) == ERR_OK) return false;
    x->error = e;
    net__refuse_error(x);
    refusal_ready(x);
    working_end(s, x->mhd);
    return false;
}

static void options_answer(struct net__exchange *x)
{
    net_response_status(&x->rs, 204);
    allow_header(x);
    answer_ready(x);
}

bool net__exchange_run(struct net__exchange *x)
{
    net__connection_phase(x->connection, NET__ANSWER);
    if (x->refusal) {
        refusal_ready(x);
    } else if (x->rq.method == NET_OPTIONS) {
        options_answer(x);
    } else if (x->rq.route->flags & NET_INLINE) {
        handle(x);
    } else {
        return submit(x);
    }
    return true;
}
