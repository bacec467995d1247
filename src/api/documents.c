/* Documents: uploading, listing, fetching, deleting. */
#include <unistd.h>

#include "api/api_priv.h"
#include "net/multipart.h"
#include "review/entity_json.h"
#include "review/events.h"
#include "review/model_json.h"
#include "review/proposed.h"
#include "store/queries.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 100, ACTIVITY_DEFAULT = 50 };

static const char DOCX[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/* --- uploading --- */

static enum err take_part(const struct net_part *part, struct documents_upload *up, unsigned *seen, struct error *e)
{
    static const char *const names[] = {"file", "framework", "review", "never_send", NULL};
    static const char *const truths[] = {"false", "true", NULL};
    int which, truth;
    TRY(api__word(part->name, "a part of the form", names, "bad_form", &which, e));
    if (*seen & (1u << which)) {
        error_set_reason(e, ERR_INVALID, "bad_form", "the form has more than one part \"%s\"", names[which]);
        return error_hint(e, "One request uploads one document.");
    }
    *seen |= 1u << which;
    switch (which) {
    case 0:
        if (!part->file_name.p)
            return error_set_reason(e, ERR_INVALID, "bad_form", "the part \"file\" is not a file: it has no file name");
        up->name = part->file_name;
        up->bytes = part->bytes;
        return ERR_OK;
    case 1: up->framework = part->bytes; return ERR_OK;
    default:
        TRY(api__word(part->bytes, names[which], truths, "bad_form", &truth, e));
        *(which == 2 ? &up->review : &up->never_send) = truth == 1;
        return ERR_OK;
    }
}

static enum err read_upload(const struct net_request *rq, struct documents_upload *up, struct error *e)
{
    unsigned seen = 0;
    for (size_t i = 0; i < rq->n_parts; i++)
        TRY(take_part(&rq->parts[i], up, &seen, e));
    if (seen & 1u) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "no_file", "the form has no part \"file\"");
    return error_hint(e, "Send the document as multipart/form-data: curl -F file=@report.docx.");
}

API__HANDLER(documents_add)
{
    struct documents_upload up = {.review = true};
    struct documents_added added;
    struct visitor v;
    TRY(read_upload(rq, &up, e));
    TRY(api__visitor_made(rq, rs, &v, e));
    struct review_by by = api__by(&v);
    TRY(documents_add(api__context(rq), &by, &up, rq->arena, &added, e));
    api__saw_document(rq, added.document->id);
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    document_json(&out, "document", added.document, &api__context(rq)->retention);
    if (added.review)
        review_json(&out, "review", added.review);
    else
        json_out_null(&out, "review");
    json_out_end_object(&out);
    api__location(rq, rs, "documents", added.document->id);
    return api__json(rq, rs, 201, &text, e);
}

/* --- listing --- */

static void put_listed(struct json_out *out, const struct net_request *rq, const struct store_document *d)
{
    json_out_begin_object(out, NULL);
    document_json_members(out, d, &api__context(rq)->retention);
    if (d->has_review)
        review_json(out, "latest_review", &d->latest);
    else
        json_out_null(out, "latest_review");
    json_out_end_object(out);
}

static enum err list(struct net_request *rq, struct str owner, struct store_document_list *ret, struct error *e)
{
    uint64_t limit;
    struct str cursor = net_query(rq, "cursor");
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(api__query_number(rq, "limit", 1, LIST_MAX, LIST_DEFAULT, &limit, e));
    if (owner.n == 0) return ERR_OK; /* a stranger owns nothing */
    TRY(store_read(api__context(rq)->store, &tx, e));
    return store_document_list(tx, owner, cursor, limit, rq->arena, ret, e);
}

API__HANDLER(documents_list)
{
    struct visitor v;
    struct store_document_list found = {0};
    TRY(api__visitor(rq, &v, e));
    TRY(list(rq, v.id, &found, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "documents");
    for (size_t i = 0; i < found.n; i++)
        put_listed(&out, rq, &found.at[i]);
    json_out_end_array(&out);
    api__put_next(&out, found.next);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

/* --- one --- */

static enum err find(struct net_request *rq, struct store_document *ret, struct error *e)
{
    struct api__who who;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(api__allow(rq, ACCESS_READ, ACCESS_DOCUMENT, &who, e));
    TRY(store_read(api__context(rq)->store, &tx, e));
    return store_document_find(tx, who.id, who.visitor.id, rq->arena, ret, e);
}

API__HANDLER(document)
{
    struct store_document d;
    TRY(find(rq, &d, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    put_listed(&out, rq, &d);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(document_change)
{
    struct body {
        const struct json *never_send, *guidelines;
    } body = {.never_send = NULL};
    static const struct json_field fields[] = {
        {.name = "never_send", .kind = JSON_K_ANY, .offset = offsetof(struct body, never_send)},
        {.name = "guidelines", .kind = JSON_K_ANY, .offset = offsetof(struct body, guidelines)},
    };
    static const struct json_table table = {sizeof body, fields, sizeof fields / sizeof *fields};
    struct api__who who;
    struct store_document *d;
    struct documents_change change = {.never_send = NULL};
    TRY(api__body(rq, &table, &body, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_DOCUMENT, &who, e));
    bool mark = json_bool(body.never_send, false);
    struct str id = json_str(body.guidelines);
    if (body.never_send && json_type(body.never_send) != JSON_BOOL)
        return error_set_reason(e, ERR_INVALID, "bad_json", "never_send: must be true or false");
    if (body.guidelines && !id.p && json_type(body.guidelines) != JSON_NULL)
        return error_set_reason(e, ERR_INVALID, "bad_json", "guidelines: must be an id or null");
    if (!id.p) id = STR("");
    if (body.never_send) change.never_send = &mark;
    if (body.guidelines) change.guidelines = &id;
    TRY(documents_change(api__context(rq), &who.by, who.id, &change, rq->arena, &d, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    put_listed(&out, rq, d);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(document_delete)
{
    struct api__who who;
    TRY(api__allow(rq, ACCESS_DELETE, ACCESS_DOCUMENT, &who, e));
    TRY(documents_delete(api__context(rq), &who.by, who.id, e));
    net_response_status(rs, 204);
    return ERR_OK;
}

/* What a browser has already. The tag tells the bytes, so they need not be read to know. */
static bool is_known(const struct net_request *rq, struct net_response *rs, struct str tag)
{
    net_response_etag(rs, tag);
    net_response_header(rs, "Cache-Control", STR("private, no-cache"));
    struct str list = net_header(rq, "If-None-Match");
    if (!list.p || !net_etag_matches(list, tag)) return false;
    net_response_status(rs, 304);
    return true;
}

API__HANDLER(document_file)
{
    struct store_document d;
    int fd;
    size_t size;
    TRY(find(rq, &d, e));
    if (is_known(rq, rs, d.version.sha256)) return ERR_OK;
    TRY(documents_file(api__context(rq), d.id, &fd, &size, e));
    net_response_status(rs, 200);
    net_response_attachment(rs, d.name);
    net_response_fd(rs, fd, size, DOCX);
    return ERR_OK;
}

static enum err answer_json(struct net_request *rq, struct net_response *rs, enum documents_part part, const char *kind,
                            struct error *e)
{
    struct store_document d;
    struct str json;
    TRY(find(rq, &d, e));
    struct str tag = str_printf(rq->arena, "%.*s-%s%d.%d", STR_ARG(d.version.sha256), kind, MODEL_JSON_VERSION,
                                (int)d.version.proposed_state); /* a proposal is made once */
    if (!tag.p) return error_no_memory(e);
    if (is_known(rq, rs, tag)) return ERR_OK;
    TRY(documents_json(api__context(rq), d.id, part, rq->arena, &json, e));
    net_response_status(rs, 200);
    net_response_body(rs, "application/json", json);
    return ERR_OK;
}

API__HANDLER(document_content) { return answer_json(rq, rs, DOCUMENTS_CONTENT, "c", e); }
API__HANDLER(document_sections) { return answer_json(rq, rs, DOCUMENTS_SECTIONS, "s", e); }

API__HANDLER(document_sections_use)
{
    struct body {
        bool use;
    } body = {.use = false};
    static const struct json_field fields[] = {
        {.name = "use", .kind = JSON_K_BOOL, .offset = offsetof(struct body, use), .required = true},
    };
    static const struct json_table table = {sizeof body, fields, 1};
    struct api__who who;
    struct store_version version;
    TRY(api__body(rq, &table, &body, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_DOCUMENT, &who, e));
    TRY(proposed_use(api__context(rq), &who.by, who.id, body.use, rq->arena, &version, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    TRY(proposed_json(&version, rq->arena, &out, e));
    return api__json(rq, rs, 200, &text, e);
}

/* --- activity --- */

static enum err activity(struct net_request *rq, struct api__who *who, struct store_event_list *ret, struct error *e)
{
    uint64_t before, limit;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(api__query_number(rq, "limit", 1, LIST_MAX, ACTIVITY_DEFAULT, &limit, e));
    TRY(api__query_number(rq, "before", 1, INT64_MAX, 0, &before, e));
    TRY(api__allow(rq, ACCESS_READ, ACCESS_DOCUMENT, who, e));
    TRY(store_read(api__context(rq)->store, &tx, e));
    return store_event_before(tx, who->id, (int64_t)before, limit, rq->arena, ret, e);
}

API__HANDLER(document_activity)
{
    struct api__who who;
    struct store_event_list found;
    TRY(activity(rq, &who, &found, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "events");
    for (size_t i = 0; i < found.n; i++)
        events_json(&out, &found.at[i], who.visitor.id);
    json_out_end_array(&out);
    if (found.more && found.n > 0)
        json_out_i64(&out, "next", found.at[found.n - 1].seq);
    else
        json_out_null(&out, "next");
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}
