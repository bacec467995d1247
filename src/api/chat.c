/* Talking with the model about a document. An answer outlives its request (review/chat.h): the stream that answers is only one that follows it, and more
 * may wait on it than on others, because what was said before comes in one go. */
#include "review/chat.h"

#include "api/api_priv.h"
#include "api/findings.h"
#include "net/sse_out.h"
#include "review/entity_json.h"
#include "review/models.h"

enum {
    PAGE_DEFAULT = 50,
    PAGE_MAX = 100,
    STREAM_MAX = 4 << 20, /* bytes of an answer of CHAT_ANSWER_MAX with all that belongs to it, as events */
};

static const char *const kind_names[] = {"suggestion", "important", "critical", NULL}; /* enum finding_kind */
static const char *const risk_names[] = {"low", "medium", "high", NULL};               /* enum finding_risk */

enum { UNSET = -1 };

/* --- a stream as the sink of an answer --- */

static bool sink_send(void *ctx, const char *event, struct str id, struct str json)
{
    return net_sse_send(ctx, str_from_c(event), id, json);
}

static void sink_close(void *ctx)
{
    net_sse_close(ctx);
    net_sse_unref(ctx);
}

struct stream {          /* that answers the request, if what it follows can be followed */
    struct net_sse *out; /* ours */
    struct chat_sink sink;
};

static enum err stream_open(struct net_request *rq, struct stream *ret, struct error *e)
{
    struct net_sse *out = net_sse_new(rq, NULL, NULL);
    if (!out) return error_no_memory(e);
    net_sse_allow(out, STREAM_MAX);
    *ret = (struct stream){out, {sink_send, sink_close, net_sse_ref(out)}};
    return ERR_OK;
}

static enum err stream_answer(struct net_response *rs, struct stream *s, enum err err)
{
    if (err == ERR_OK)
        net_response_stream(rs, s->out);
    else
        net_sse_unref(s->out); /* the sink's: nobody took it */
    net_sse_unref(s->out);
    return err;
}

static enum err talks(const struct net_request *rq, struct chat **ret, struct error *e)
{
    *ret = api__context(rq)->chat;
    if (*ret) return ERR_OK;
    return error_set(e, ERR_INTERNAL, "the server was made without talks");
}

/* --- asking --- */

struct ask_body {
    struct str text, review, replaces;
    int64_t section;
    struct json_list findings;
    struct api__anchor_body selection;
};

static enum err read_ask(struct net_request *rq, struct chat_question *ret, struct error *e)
{
    static const struct json_field fields[] = {
        {.name = "text",
         .kind = JSON_K_STR,
         .offset = offsetof(struct ask_body, text),
         .required = true,
         .min = 1,
         .max = CHAT_TEXT_MAX},
        {.name = "section", .kind = JSON_K_INT, .offset = offsetof(struct ask_body, section), .max = UINT32_MAX - 1},
        {.name = "review", .kind = JSON_K_STR, .offset = offsetof(struct ask_body, review), .max = 100},
        {.name = "findings",
         .kind = JSON_K_STRS,
         .offset = offsetof(struct ask_body, findings),
         .max = CHAT_FINDINGS_MAX},
        {.name = "selection",
         .kind = JSON_K_OBJECT,
         .offset = offsetof(struct ask_body, selection),
         .table = &api__anchor_table},
        {.name = "replaces", .kind = JSON_K_STR, .offset = offsetof(struct ask_body, replaces), .max = 100},
    };
    static const struct json_table table = {sizeof(struct ask_body), fields, sizeof fields / sizeof *fields};
    struct ask_body b = {.section = UNSET};
    TRY(api__body(rq, &table, &b, e));
    *ret = (struct chat_question){
        .text = b.text,
        .replaces = b.replaces,
        .view = {.has_section = b.section != UNSET,
                 .section = b.section != UNSET ? (uint32_t)b.section : 0,
                 .review = b.review,
                 .findings = b.findings.at,
                 .n_findings = b.findings.n,
                 .has_selection = b.selection.quote.p != NULL,
                 .selection = {(uint32_t)b.selection.block, (uint32_t)b.selection.start, (uint32_t)b.selection.end,
                               b.selection.quote}},
    };
    return ERR_OK;
}

API__HANDLER(chat_ask)
{
    struct api__who who;
    struct chat *chat;
    struct chat_question question;
    struct stream stream;
    TRY(read_ask(rq, &question, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_DOCUMENT, &who, e));
    TRY(talks(rq, &chat, e));
    question.document_id = who.id;
    TRY(stream_open(rq, &stream, e));
    return stream_answer(rs, &stream, chat_ask(chat, &who.by, &question, &stream.sink, e));
}

API__HANDLER(chat_retry)
{
    struct api__who who;
    struct chat *chat;
    struct stream stream;
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_DOCUMENT, &who, e));
    TRY(talks(rq, &chat, e));
    TRY(stream_open(rq, &stream, e));
    return stream_answer(rs, &stream, chat_retry(chat, &who.by, who.id, net_param(rq, "message"), &stream.sink, e));
}

API__HANDLER(chat_events)
{
    struct api__who who;
    struct chat *chat;
    struct stream stream;
    struct str last = net_header(rq, "Last-Event-ID");
    if (last.n == 0) last = net_query(rq, "from");
    TRY(api__allow(rq, ACCESS_READ, ACCESS_DOCUMENT, &who, e));
    TRY(talks(rq, &chat, e));
    TRY(stream_open(rq, &stream, e));
    return stream_answer(rs, &stream, chat_follow(chat, who.id, net_param(rq, "message"), last, &stream.sink, e));
}

/* --- the rest --- */

API__HANDLER(chat)
{
    struct api__who who;
    struct chat *chat;
    uint64_t after, limit;
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    TRY(api__allow(rq, ACCESS_READ, ACCESS_DOCUMENT, &who, e));
    TRY(api__query_number(rq, "after", 0, INT64_MAX, 0, &after, e));
    TRY(api__query_number(rq, "limit", 1, PAGE_MAX, PAGE_DEFAULT, &limit, e));
    TRY(talks(rq, &chat, e));
    TRY(chat_list(chat, &who.by, who.id, (int64_t)after, limit, rq->arena, &out, e));
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(chat_clear)
{
    struct api__who who;
    struct chat *chat;
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_DOCUMENT, &who, e));
    TRY(talks(rq, &chat, e));
    TRY(chat_clear(chat, &who.by, who.id, e));
    net_response_status(rs, 204);
    return ERR_OK;
}

API__HANDLER(chat_stop)
{
    struct api__who who;
    struct chat *chat;
    struct str stopped;
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_DOCUMENT, &who, e));
    TRY(talks(rq, &chat, e));
    TRY(chat_stop(chat, &who.by, who.id, rq->arena, &stopped, e));
    json_out_begin_object(&out, NULL);
    json_out_filled_or_null(&out, "stopped", stopped);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

struct choice_body {
    int state, kind, risk;
    struct str review, category, description, suggestion;
    const struct json *rewrite;
};

static enum err read_choice(struct net_request *rq, struct choice_body *b, struct error *e)
{
    static const char *const states[] = {"accepted", "rejected", NULL};
#define FIELD(name_, kind_, member, ...)                                                                               \
    {                                                                                                                  \
        .name = (name_), .kind = (kind_), .offset = offsetof(struct choice_body, member), ##__VA_ARGS__                \
    }
    static const struct json_field fields[] = {
        FIELD("state", JSON_K_ENUM, state, .required = true, .names = states),
        FIELD("kind", JSON_K_ENUM, kind, .names = kind_names),
        FIELD("risk", JSON_K_ENUM, risk, .names = risk_names),
        FIELD("review", JSON_K_STR, review, .max = 100),
        FIELD("category", JSON_K_STR, category, .max = DECIDE_TITLE_MAX),
        FIELD("description", JSON_K_STR, description, .min = 1, .max = DECIDE_TEXT_MAX),
        FIELD("suggestion", JSON_K_STR, suggestion, .max = DECIDE_TEXT_MAX),
        FIELD("rewrite", JSON_K_ANY, rewrite),
    };
#undef FIELD
    static const struct json_table table = {sizeof(struct choice_body), fields, sizeof fields / sizeof *fields};
    *b = (struct choice_body){.kind = UNSET, .risk = UNSET};
    TRY(api__body(rq, &table, b, e));
    if (!b->rewrite || json_type(b->rewrite) == JSON_NULL || json_str(b->rewrite).p) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "bad_json", "rewrite: must be a text or null");
}

API__HANDLER(chat_proposal)
{
    struct api__who who;
    struct chat *chat;
    struct choice_body b;
    struct store_finding *finding;
    uint64_t n = 0;
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES), proposal = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false), inner = json_out_make(&proposal, false);
    TRY(read_choice(rq, &b, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_DOCUMENT, &who, e));
    TRY(talks(rq, &chat, e));
    if (str_to_u64(net_param(rq, "proposal"), 1, UINT32_MAX, &n, NULL) != ERR_OK)
        return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such proposal");
    const enum finding_kind kind = (enum finding_kind)b.kind;
    const enum finding_risk risk = (enum finding_risk)b.risk;
    const struct str rewrite = json_str(b.rewrite);
    const struct decide_text changed = {.kind = b.kind != UNSET ? &kind : NULL,
                                        .risk = b.risk != UNSET ? &risk : NULL,
                                        .category = b.category.p ? &b.category : NULL,
                                        .description = b.description.p ? &b.description : NULL,
                                        .suggestion = b.suggestion.p ? &b.suggestion : NULL,
                                        .rewrite = b.rewrite ? &rewrite : NULL};
    const struct chat_choice choice = {.accept = b.state == 0, .review = b.review, .text = &changed};
    TRY(chat_decide(chat, &who.by, who.id, net_param(rq, "message"), (uint32_t)n, &choice, rq->arena, &finding, &inner,
                    e));
    json_out_begin_object(&out, NULL);
    json_out_raw(&out, "proposal", sb_view(&proposal));
    if (finding)
        finding_json(&out, "finding", finding, who.visitor.id, models_folded_below(api__context(rq)));
    else
        json_out_null(&out, "finding");
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}
