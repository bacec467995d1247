/* What the files of api share. */
#pragma once

#include "api/api.h"
#include "auth/access.h"
#include "auth/visitor.h"
#include "base/json.h"
#include "review/documents.h"

enum {
    API_ANSWER_MAX_BYTES = 32 << 20, /* of an answer in JSON */
    API_LIST_MAX = 200               /* of a list that has no pages */
};

struct api {
    struct api_options o;
    const struct net_route *routes;
    const struct net_route *handlers; /* the same rows, with the handlers that api__dispatch calls */
    size_t n_routes;
    struct api__live *live;
    struct api__counts *counts;
};

/* Io thread (access_log.c). */
void api__access_log(enum api_access_log format, const struct net_request *rq, const struct net_done *done);

/* --- around every handler (dispatch.c) --- */

struct api__seen { /* what became known of a request: net_request.user, unless its route is NET_INLINE */
    const struct visitor_new *made; /* its visitor was made by it: every answer carries the cookie, an error too */
    struct str user, document;      /* ids; empty: not known, or none */
    struct trace_span *span;        /* NULL: none is kept */
};
enum err api__dispatch(struct net_request *rq, struct net_response *rs, struct error *e);
void api__dispatched(const struct net_request *rq, const struct net_done *done); /* io thread: the answer is out */
/* For the log, from here on. */
void api__saw_user(struct net_request *rq, struct str id);
void api__saw_document(struct net_request *rq, struct str id);
struct str api__seen_user(const struct net_request *rq);
struct str api__seen_document(const struct net_request *rq);

/* Requests, counted (metrics.c). In a; NULL on no memory. */
struct api__counts *api__counts_new(struct arena *a, size_t n_routes) MUST_USE;
void api__count(const struct api *api, const struct net_request *rq, const struct net_done *done);

/* The pages, with the base path in them where there is one (pages.c). In a. */
enum err api__pages_under(struct arena *a, struct api_options *o, struct error *e) MUST_USE;

/* Live streams (events.c). In a; NULL on no memory. done: when no stream is open and no pool runs any more. */
struct api__live *api__live_new(struct arena *a, struct pool *pool, struct bus *bus) MUST_USE;
void api__live_done(struct api__live *live);

/* --- reading a request (ask.c) --- */

static inline const struct api *api__of(const struct net_request *rq) { return rq->ctx; }
static inline const struct review_context *api__context(const struct net_request *rq) { return api__of(rq)->o.review; }

/* The JSON object that is the body into *out by the table (json_decode). An empty body is an empty object. ERR_INVALID "not_json" (another
 * content type), "bad_json". */
enum err api__body(struct net_request *rq, const struct json_table *table, void *out, struct error *e) MUST_USE;

/* A whole number of the query; fallback when it is absent. ERR_INVALID "bad_query". */
enum err api__query_number(const struct net_request *rq, const char *name, uint64_t min, uint64_t max,
                           uint64_t fallback, uint64_t *ret, struct error *e) MUST_USE;
/* A comma-separated list of the query: each value to add. ERR_INVALID "bad_query" (what add says). */
enum err api__query_list(const struct net_request *rq, const char *name,
                         enum err (*add)(void *ctx, struct str value, struct error *e), void *ctx,
                         struct error *e) MUST_USE;

/* A word that is one of names (NULL-terminated). ERR_INVALID with the reason: the message lists them. */
enum err api__word(struct str value, const char *what, const char *const *names, const char *reason, int *ret,
                   struct error *e) MUST_USE;

/* --- who asks (who.c) --- */

/* The visitor of the cookie; *ret.id empty when there is none. */
enum err api__visitor(struct net_request *rq, struct visitor *ret, struct error *e) MUST_USE;
/* The same, and a new one with its cookie when there is none. */
enum err api__visitor_made(struct net_request *rq, struct net_response *rs, struct visitor *ret,
                           struct error *e) MUST_USE;
/* An error answer gives a new visitor its cookie too. */
void api__visitor_keep(struct net_request *rq, struct net_response *rs);
/* Is this request an administrator's? It carries the token; or there is none, and it comes from this machine to a server of this machine. */
bool api__is_admin(const struct net_request *rq);
/* ERR_FORBIDDEN "not_admin" where it is none. */
enum err api__admin(const struct net_request *rq, struct error *e) MUST_USE;
struct review_by api__by(const struct visitor *v);

/* May the visitor of this request do that to the thing that the route's parameter names? Fills what handlers then need. */
struct api__who {
    struct visitor visitor;
    struct review_by by;
    struct str id;          /* of the thing */
    struct str document_id; /* that it belongs to */
};
enum err api__allow(struct net_request *rq, enum access_action action, enum access_thing thing, struct api__who *ret,
                    struct error *e) MUST_USE;

/* --- answering (reply.c) --- */

/* Answers with the JSON in text, which is emptied. */
enum err api__json(struct net_request *rq, struct net_response *rs, int status, struct sb *text,
                   struct error *e) MUST_USE;
/* Location: /api/v1/kind/id. */
void api__put_next(struct json_out *o, struct str next); /* "next": the cursor, or null when it is empty */
/* A message as a sentence: "the file is empty" becomes "The file is empty." */
void api__sentence(struct sb *b, struct str message);
void api__location(struct net_request *rq, struct net_response *rs, const char *kind, struct str id);

/* Members "configured", "models", "today" and "budget" of GET /models (models.c): how the models are. */
enum err api__put_models(struct net_request *rq, struct json_out *o, struct str visitor, struct error *e) MUST_USE;

/* Member "model" of GET /server (models.c). models: NULL for none. */
void api__put_server_model(struct json_out *o, const struct api_models *models);

/* --- handlers, a file a resource --- */
#define API__HANDLER(name) enum err api__##name(struct net_request *rq, struct net_response *rs, struct error *e)
API__HANDLER(health);
API__HANDLER(ready);
API__HANDLER(metrics);
API__HANDLER(openapi);
API__HANDLER(server);
API__HANDLER(frameworks);
API__HANDLER(rules);
API__HANDLER(me);
API__HANDLER(me_put);
API__HANDLER(status);
API__HANDLER(models);
API__HANDLER(models_reset);
API__HANDLER(check);
API__HANDLER(documents_add);
API__HANDLER(documents_list);
API__HANDLER(document);
API__HANDLER(document_change);
API__HANDLER(document_delete);
API__HANDLER(document_file);
API__HANDLER(document_content);
API__HANDLER(document_sections);
API__HANDLER(document_sections_use);
API__HANDLER(document_activity);
API__HANDLER(document_events);
API__HANDLER(chat);
API__HANDLER(chat_ask);
API__HANDLER(chat_clear);
API__HANDLER(chat_stop);
API__HANDLER(chat_retry);
API__HANDLER(chat_events);
API__HANDLER(chat_proposal);
API__HANDLER(reviews_start);
API__HANDLER(reviews_list);
API__HANDLER(review);
API__HANDLER(review_cancel);
API__HANDLER(findings_list);
API__HANDLER(findings_add);
API__HANDLER(findings_decide);
API__HANDLER(finding);
API__HANDLER(finding_edit);
API__HANDLER(finding_delete);
API__HANDLER(finding_decide);
API__HANDLER(undo);
API__HANDLER(dismissals);
API__HANDLER(dismissal_delete);
API__HANDLER(learning);
API__HANDLER(learning_reset);
API__HANDLER(exports_start);
API__HANDLER(exports_list);
API__HANDLER(export_retry);
API__HANDLER(export);
API__HANDLER(export_file);
API__HANDLER(guidelines_add);
API__HANDLER(guidelines_list);
API__HANDLER(guidelines_one);
API__HANDLER(guidelines_edit);
API__HANDLER(guidelines_delete);
API__HANDLER(page);
