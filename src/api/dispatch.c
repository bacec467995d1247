/* What is done around every handler that is more than an answer from memory: the thread works for this request while it runs, so that what it logs, the
 * jobs that it makes and the calls that follow from it bear the request's id; and the request has a span, which ends when its answer is out.
 * Spans are of the interface alone (/api/): health checks would be most of all traces. */
#include <stdio.h>

#include "api/api_priv.h"
#include "base/log.h"
#include "base/trace.h"

static struct api__seen *seen_of(const struct net_request *rq) { return rq->user; }

struct str api__seen_user(const struct net_request *rq) { return seen_of(rq) ? seen_of(rq)->user : STR_EMPTY; }
struct str api__seen_document(const struct net_request *rq) { return seen_of(rq) ? seen_of(rq)->document : STR_EMPTY; }

void api__saw_user(struct net_request *rq, struct str id)
{
    if (!seen_of(rq) || id.n == 0) return;
    seen_of(rq)->user = id;
    log_context_set("user", id);
}

void api__saw_document(struct net_request *rq, struct str id)
{
    if (!seen_of(rq) || id.n == 0) return;
    seen_of(rq)->document = id;
    log_context_set("document", id);
}

static struct trace_span *begin_span(const struct net_request *rq)
{
    if (!trace_is_on() || !str_starts(str_from_c(rq->route->pattern), STR("/api/"))) return NULL;
    struct trace_span *span = NEW(rq->arena, struct trace_span, 1);
    struct str name = str_printf(rq->arena, "%.*s %s", STR_ARG(rq->method_name), rq->route->pattern);
    if (!span || !name.p) return NULL;
    trace_begin(span, TRACE_SERVER, name);
    trace_text(span, "http.request.method", rq->method_name);
    trace_text(span, "http.route", str_from_c(rq->route->pattern));
    trace_text(span, "url.scheme", rq->https ? STR("https") : STR("http"));
    trace_text(span, "prism.request", rq->id);
    return span;
}

enum err api__dispatch(struct net_request *rq, struct net_response *rs, struct error *e)
{
    const struct api *api = api__of(rq);
    const struct trace_work work = trace_work_make(rq->id, net_header(rq, "traceparent"));
    struct api__seen *seen = NEW(rq->arena, struct api__seen, 1);
    if (!seen) return error_no_memory(e);
    rq->user = seen;
    log_context_clear();
    trace_work_set(&work);
    seen->span = begin_span(rq);
    enum err err = api->handlers[rq->route - api->routes].handler(rq, rs, e);
    if (seen->span) trace_leave(seen->span);
    trace_work_set(NULL);
    log_context_clear();
    return err;
}

void api__dispatched(const struct net_request *rq, const struct net_done *done)
{
    const struct api__seen *seen = seen_of(rq);
    if (!seen || !seen->span) return;
    if (done->status) trace_number(seen->span, "http.response.status_code", done->status);
    trace_number(seen->span, "http.response.body.size", (int64_t)done->bytes);
    trace_text(seen->span, "enduser.id", seen->user);
    trace_text(seen->span, "prism.document", seen->document);
    char status[16];
    (void)snprintf(status, sizeof status, "%d", done->status);
    trace_end(seen->span, done->status >= 500 ? status : NULL);
}
