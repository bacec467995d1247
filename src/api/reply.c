/* Errors as answers. A problem says what is wrong (detail), what to do (hint), a code for programs (reason) and the request's id, with which an
 * operator finds the cause in the log. What only the log may know (struct error's detail: paths, errno, SQL) is not sent; of an error that is ours
 * (ERR_INTERNAL) not even the message is, because nobody who wrote it thought of a stranger reading it. */
#include "api/api_priv.h"
#include "base/log.h"

enum { PROBLEM_MAX_BYTES = 8192, SLOW_US = 1000000 };

static const char *title_of(int status)
{
    switch (status) {
    case 400: return "The request is not right";
    case 403: return "Not allowed";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 409: return "It does not fit how things are now";
    case 413: return "Too large";
    case 415: return "Not a kind of body that is understood";
    case 416: return "No such part";
    case 429: return "Too many at once";
    case 431: return "Too large a request head";
    case 502: return "Another server failed";
    case 503: return "Not now";
    case 507: return "No room";
    default: break;
    }
    return status < 500 ? "The request is not right" : "The server failed";
}

/* A message as a sentence: "the file is empty" becomes "The file is empty." What begins with a path or a quotation is left as it is. */
void api__sentence(struct sb *b, struct str message)
{
    size_t word = 0;
    while (word < message.n && message.p[word] >= 'a' && message.p[word] <= 'z')
        word++;
    bool plain = word > 0 && (word == message.n || message.p[word] == ' ' || message.p[word] == ',');
    if (plain) {
        sb_char(b, (char)(message.p[0] - 'a' + 'A'));
        message = str_sub(message, 1, message.n);
    }
    sb_str(b, message);
    if (message.n > 0 && !strchr(".!?", message.p[message.n - 1])) sb_char(b, '.');
}

static void put_problem(struct json_out *o, struct str request_id, int status, const struct error *e)
{
    CLEANUP_SB struct sb text = SB_INIT(PROBLEM_MAX_BYTES);
    bool ours = e->code == ERR_INTERNAL || e->message[0] == '\0';
    const char *reason = e->reason[0] ? e->reason : error_code_name(e->code);
    json_out_begin_object(o, NULL);
    sb_printf(&text, "/problems/%s", reason);
    json_out_str(o, "type", sb_view(&text));
    json_out_c(o, "title", title_of(status));
    json_out_i64(o, "status", status);
    sb_reset(&text);
    api__sentence(&text, str_from_c(ours ? "the server failed; it is not your fault" : e->message));
    json_out_str(o, "detail", sb_view(&text));
    json_out_c(o, "hint",
               ours ? "Try again; if it stays so, tell the operator the request_id: the log has the cause." : e->hint);
    json_out_c(o, "reason", reason);
    json_out_str(o, "request_id", request_id);
    json_out_end_object(o);
    sb_char(o->sb, '\n');
    if (!sb_ok(&text)) o->sb->failed = true;
}

/* Somebody who follows an old link, not a program: shown the page, which says so in its own words. */
static bool answer_lost(const struct net_request *rq, struct net_response *rs, const struct error *e)
{
    const struct api_options *o = &api__of(rq)->o;
    if (strcmp(e->reason, "no_such_page") != 0 || rq->method != NET_GET) return false;
    if (str_starts(rq->path, STR("/api/")) || str_find(net_header(rq, "Accept"), STR("text/html"), 0) == STR_NONE)
        return false;
    const struct net_asset *page = net_asset_find(o->assets, o->n_assets, STR("/index.html"));
    if (page) net_response_body(rs, page->type, page->identity);
    return page != NULL;
}

void api_on_error(struct net_request *rq, struct net_response *rs, int status, const struct error *e)
{
    struct error none;
    struct str body;
    CLEANUP_SB struct sb text = SB_INIT(PROBLEM_MAX_BYTES);
    struct json_out o = json_out_make(&text, false);
    if (error_is_no_memory(e)) net_response_status(rs, status = 503); /* our limit, not the client's */
    if (status >= 500 && e->code != ERR_BUSY)
        log_error("request_failed", L_STR("request", rq->id), L_STR("user", api__seen_user(rq)),
                  L_STR("document", api__seen_document(rq)), L_STR("path", rq->path), L_ERROR(e));
    api__visitor_keep(rq, rs);
    if (answer_lost(rq, rs, e)) return;
    put_problem(&o, rq->id, status, e);
    if (sb_take(&text, rq->arena, &body, &none) != ERR_OK)
        body = STR(
            "{\"type\":\"about:blank\",\"title\":\"Not now\",\"status\":503,\"detail\":\"The server has no memory left.\","
            "\"hint\":\"Try again later.\",\"reason\":\"out_of_memory\",\"request_id\":\"\"}\n");
    net_response_body(rs, "application/problem+json", body);
}

void api_on_done(const struct net_request *rq, const struct net_done *done)
{
    api__count(api__of(rq), rq, done);
    api__access_log(api__of(rq)->o.access_log, rq, done);
    api__dispatched(rq, done);
    enum log_level level = LOG_LEVEL_DEBUG;
    if (rq->method != NET_GET || done->duration_us >= SLOW_US) level = LOG_LEVEL_INFO;
    if (done->status >= 500) level = LOG_LEVEL_WARN;
    static const struct log_field none = {.kind = LOG_KIND_NONE};
    const struct log_field fields[] = {L_STR("request", rq->id),
                                       L_STR("client", rq->client),
                                       L_STR("method", rq->method_name),
                                       L_STR("path", rq->path),
                                       L_I64("status", done->status),
                                       L_U64("bytes", done->bytes),
                                       L_U64("us", done->duration_us),
                                       L_U64("ms", done->duration_us / 1000),
                                       api__seen_user(rq).n ? L_STR("user", api__seen_user(rq)) : none,
                                       api__seen_document(rq).n ? L_STR("document", api__seen_document(rq)) : none};
    log_event(level, "request", fields, sizeof fields / sizeof *fields);
}

enum err api__json(struct net_request *rq, struct net_response *rs, int status, struct sb *text, struct error *e)
{
    struct str body;
    sb_char(text, '\n');
    TRY(sb_take(text, rq->arena, &body, e));
    net_response_status(rs, status);
    net_response_body(rs, "application/json", body);
    return ERR_OK;
}

void api__put_next(struct json_out *o, struct str next) { json_out_filled_or_null(o, "next", next); }

void api__location(struct net_request *rq, struct net_response *rs, const char *kind, struct str id)
{
    struct str at = str_printf(rq->arena, "%.*s/api/v1/%s/%.*s", STR_ARG(api__of(rq)->o.base_path), kind, STR_ARG(id));
    net_response_header(rs, "Location", at);
}
