/* Exports: begun, listed, looked at, fetched. */
#include "review/exports.h"

#include "api/api_priv.h"
#include "review/entity_json.h"
#include "store/queries.h"

static enum err answer(struct net_request *rq, struct net_response *rs, int status, const struct store_export *export,
                       struct error *e)
{
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    export_entity_json(&out, NULL, export);
    return api__json(rq, rs, status, &text, e);
}

API__HANDLER(exports_start)
{
    struct body {
        int format, include;
        bool tracked_changes, summary;
    } body = {0};
    static const struct json_field fields[] = {
        {.name = "format",
         .kind = JSON_K_ENUM,
         .offset = offsetof(struct body, format),
         .required = true,
         .names = exports_format_names},
        {.name = "include",
         .kind = JSON_K_ENUM,
         .offset = offsetof(struct body, include),
         .names = exports_include_names},
        {.name = "tracked_changes", .kind = JSON_K_BOOL, .offset = offsetof(struct body, tracked_changes)},
        {.name = "summary", .kind = JSON_K_BOOL, .offset = offsetof(struct body, summary)},
    };
    static const struct json_table table = {sizeof body, fields, sizeof fields / sizeof *fields};
    struct api__who who;
    struct store_export *export;
    TRY(api__body(rq, &table, &body, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_REVIEW, &who, e));
    struct exports_options o = {.format = (enum exports_format)body.format,
                                .include = (enum exports_include)body.include,
                                .tracked_changes = body.tracked_changes,
                                .summary = body.summary};
    TRY(exports_start(api__context(rq), &who.by, who.id, &o, rq->arena, &export, e));
    api__location(rq, rs, "exports", export->id);
    return answer(rq, rs, 202, export, e);
}

API__HANDLER(exports_list)
{
    struct api__who who;
    struct store_export_list found;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(api__allow(rq, ACCESS_READ, ACCESS_REVIEW, &who, e));
    TRY(store_read(api__context(rq)->store, &tx, e));
    TRY(store_export_list(tx, who.id, API_LIST_MAX, rq->arena, &found, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "exports");
    for (size_t i = 0; i < found.n; i++)
        export_entity_json(&out, NULL, &found.at[i]);
    json_out_end_array(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

static enum err find(struct net_request *rq, struct store_export *ret, struct error *e)
{
    struct api__who who;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(api__allow(rq, ACCESS_READ, ACCESS_EXPORT, &who, e));
    TRY(store_read(api__context(rq)->store, &tx, e));
    return store_export_find(tx, who.id, who.visitor.id, rq->arena, ret, e);
}

API__HANDLER(export)
{
    struct store_export export;
    TRY(find(rq, &export, e));
    return answer(rq, rs, 200, &export, e);
}

API__HANDLER(export_retry)
{
    struct api__who who;
    struct store_export *export;
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_EXPORT, &who, e));
    TRY(exports_retry(api__context(rq), &who.by, who.id, rq->arena, &export, e));
    return answer(rq, rs, 202, export, e);
}

API__HANDLER(export_file)
{
    struct store_export export;
    int fd, format;
    size_t size;
    TRY(find(rq, &export, e));
    TRY(api__word(export.format, "the format", exports_format_names, "bad_export", &format, e));
    TRY(exports_file(api__context(rq), export.id, &fd, &size, e));
    net_response_status(rs, 200);
    net_response_etag(rs, export.id);
    net_response_header(rs, "Cache-Control", STR("private, no-cache"));
    net_response_attachment(rs, export.name);
    net_response_fd(rs, fd, size, exports_content_type((enum exports_format)format));
    return ERR_OK;
}
