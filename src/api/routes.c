/* The whole interface as one table; docs/openapi.yaml describes the same rows, and a test holds the one to the other.
 * Sizes: a body of JSON is at most JSON_MAX; a route without one takes none. The upload's limit is a setting and is put in when the table is made. */
#include "api/api_priv.h"

enum {
    JSON_MAX = 256 << 10,     /* the longest texts of a finding, escaped */
    GUIDELINES_MAX = 4 << 20, /* all requirements, escaped */
    FORM_ROOM = 64 << 10,     /* of a form beside its file */
};

#define V1 "/api/v1"

#define ROUTE(verb, path, name, ...)                                                                                   \
    {                                                                                                                  \
        .method = NET_##verb, .pattern = (path), .handler = api__##name, ##__VA_ARGS__                                 \
    }

static const struct net_route table[] = {
    ROUTE(GET, "/health", health, .flags = NET_INLINE | NET_ALWAYS),
    ROUTE(GET, "/ready", ready, .flags = NET_ALWAYS),
    ROUTE(GET, "/metrics", metrics),

    ROUTE(GET, V1 "/openapi.yaml", openapi, .flags = NET_INLINE),
    ROUTE(GET, V1 "/server", server, .flags = NET_INLINE),
    ROUTE(GET, V1 "/frameworks", frameworks),
    ROUTE(GET, V1 "/rules", rules),
    ROUTE(GET, V1 "/me", me),
    ROUTE(PUT, V1 "/me", me_put, .max_body = JSON_MAX),

    ROUTE(GET, V1 "/models", models),
    ROUTE(POST, V1 "/models/reset", models_reset, .max_body = JSON_MAX),
    ROUTE(POST, V1 "/check", check),
    ROUTE(GET, V1 "/status", status),

    ROUTE(POST, V1 "/documents", documents_add, .flags = NET_MULTIPART),
    ROUTE(GET, V1 "/documents", documents_list),
    ROUTE(GET, V1 "/documents/{document}", document),
    ROUTE(PATCH, V1 "/documents/{document}", document_change, .max_body = JSON_MAX),
    ROUTE(DELETE, V1 "/documents/{document}", document_delete),
    ROUTE(GET, V1 "/documents/{document}/file", document_file),
    ROUTE(GET, V1 "/documents/{document}/content", document_content),
    ROUTE(GET, V1 "/documents/{document}/sections", document_sections),
    ROUTE(POST, V1 "/documents/{document}/sections/proposal", document_sections_use, .max_body = JSON_MAX),
    ROUTE(GET, V1 "/documents/{document}/activity", document_activity),
    ROUTE(GET, V1 "/documents/{document}/events", document_events),

    ROUTE(GET, V1 "/documents/{document}/chat", chat),
    ROUTE(POST, V1 "/documents/{document}/chat", chat_ask, .max_body = JSON_MAX),
    ROUTE(DELETE, V1 "/documents/{document}/chat", chat_clear),
    ROUTE(POST, V1 "/documents/{document}/chat/stop", chat_stop),
    ROUTE(POST, V1 "/documents/{document}/chat/{message}/retry", chat_retry),
    ROUTE(GET, V1 "/documents/{document}/chat/{message}/events", chat_events),
    ROUTE(PUT, V1 "/documents/{document}/chat/{message}/proposals/{proposal}", chat_proposal, .max_body = JSON_MAX),

    ROUTE(POST, V1 "/documents/{document}/reviews", reviews_start, .max_body = JSON_MAX),
    ROUTE(GET, V1 "/documents/{document}/reviews", reviews_list),
    ROUTE(GET, V1 "/reviews/{review}", review),
    ROUTE(POST, V1 "/reviews/{review}/cancel", review_cancel),

    ROUTE(GET, V1 "/reviews/{review}/findings", findings_list),
    ROUTE(POST, V1 "/reviews/{review}/findings", findings_add, .max_body = JSON_MAX),
    ROUTE(POST, V1 "/reviews/{review}/decisions", findings_decide, .max_body = JSON_MAX),
    ROUTE(POST, V1 "/reviews/{review}/undo", undo),
    ROUTE(GET, V1 "/findings/{finding}", finding),
    ROUTE(PATCH, V1 "/findings/{finding}", finding_edit, .max_body = JSON_MAX),
    ROUTE(DELETE, V1 "/findings/{finding}", finding_delete),
    ROUTE(PUT, V1 "/findings/{finding}/decision", finding_decide, .max_body = JSON_MAX),

    ROUTE(GET, V1 "/dismissals", dismissals),
    ROUTE(DELETE, V1 "/dismissals/{dismissal}", dismissal_delete),
    ROUTE(GET, V1 "/learning", learning),
    ROUTE(DELETE, V1 "/learning", learning_reset),

    ROUTE(POST, V1 "/reviews/{review}/exports", exports_start, .max_body = JSON_MAX),
    ROUTE(GET, V1 "/reviews/{review}/exports", exports_list),
    ROUTE(GET, V1 "/exports/{export}", export),
    ROUTE(GET, V1 "/exports/{export}/file", export_file),
    ROUTE(POST, V1 "/exports/{export}/retry", export_retry),

    ROUTE(POST, V1 "/guidelines", guidelines_add, .flags = NET_MULTIPART),
    ROUTE(GET, V1 "/guidelines", guidelines_list),
    ROUTE(GET, V1 "/guidelines/{guidelines}", guidelines_one),
    ROUTE(PATCH, V1 "/guidelines/{guidelines}", guidelines_edit, .max_body = GUIDELINES_MAX),
    ROUTE(DELETE, V1 "/guidelines/{guidelines}", guidelines_delete),

    ROUTE(GET, "/", page, .flags = NET_INLINE),
    ROUTE(GET, "/assets/{file*}", page, .flags = NET_INLINE),
    ROUTE(GET, "/status", page, .flags = NET_INLINE),
    ROUTE(GET, "/documents/{document}", page, .flags = NET_INLINE),
};

enum err api_new(struct arena *a, const struct api_options *options, struct api **ret, struct error *e)
{
    size_t n = sizeof table / sizeof *table;
    struct api *api = NEW(a, struct api, 1);
    struct net_route *routes = NEW(a, struct net_route, n);
    if (!api || !routes) return error_no_memory(e);
    memcpy(routes, table, sizeof table);
    for (size_t i = 0; i < n; i++)
        if (routes[i].flags & NET_MULTIPART) routes[i].max_body = options->max_upload_bytes + FORM_ROOM;
    for (size_t i = 0; i < n; i++)
        if (!(routes[i].flags & NET_INLINE)) routes[i].handler = api__dispatch;
    *api = (struct api){.o = *options, .routes = routes, .handlers = table, .n_routes = n};
    TRY(api__pages_under(a, &api->o, e));
    api->live = api__live_new(a, options->pool, options->review->bus);
    api->counts = api__counts_new(a, n);
    if (!api->live || !api->counts) return error_no_memory(e);
    *ret = api;
    return ERR_OK;
}

void api_done(struct api *api)
{
    if (api) api__live_done(api->live);
}

const struct net_route *api_routes(const struct api *api, size_t *ret_n)
{
    *ret_n = api->n_routes;
    return api->routes;
}
