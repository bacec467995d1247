/* Guidelines: uploading, listing, looking through, changing, deleting. */
#include "api/api_priv.h"
#include "net/multipart.h"
#include "review/guidelines_kept.h"
#include "store/queries.h"

enum { LIST_MAX = 200 };

/* --- uploading --- */

static enum err take_part(const struct net_part *part, struct guidelines_upload *up, unsigned *seen, struct error *e)
{
    static const char *const names[] = {"file", "name", "team", NULL};
    static const char *const truths[] = {"false", "true", NULL};
    int which, truth;
    TRY(api__word(part->name, "a part of the form", names, "bad_form", &which, e));
    if (*seen & (1u << which))
        return error_set_reason(e, ERR_INVALID, "bad_form", "the form has more than one part \"%s\"", names[which]);
    *seen |= 1u << which;
    switch (which) {
    case 0:
        if (!part->file_name.p)
            return error_set_reason(e, ERR_INVALID, "bad_form", "the part \"file\" is not a file: it has no file name");
        up->file_name = part->file_name;
        up->bytes = part->bytes;
        return ERR_OK;
    case 1: up->name = part->bytes; return ERR_OK;
    default:
        TRY(api__word(part->bytes, "team", truths, "bad_form", &truth, e));
        up->team = truth == 1;
        return ERR_OK;
    }
}

static enum err answer(struct net_request *rq, struct net_response *rs, int status, const struct store_guidelines *row,
                       struct str viewer, struct error *e)
{
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    TRY(guidelines_json(&out, NULL, row, viewer, rq->arena, e));
    return api__json(rq, rs, status, &text, e);
}

API__HANDLER(guidelines_add)
{
    struct guidelines_upload up = {.team = false};
    struct store_guidelines *made;
    struct visitor v;
    unsigned seen = 0;
    for (size_t i = 0; i < rq->n_parts; i++)
        TRY(take_part(&rq->parts[i], &up, &seen, e));
    if (!(seen & 1u)) {
        error_set_reason(e, ERR_INVALID, "no_file", "the form has no part \"file\"");
        return error_hint(e, "Send the guidelines as multipart/form-data: curl -F file=@guidelines.docx.");
    }
    TRY(api__visitor_made(rq, rs, &v, e));
    struct review_by by = api__by(&v);
    TRY(guidelines_add(api__context(rq), &by, &up, rq->arena, &made, e));
    api__location(rq, rs, "guidelines", made->id);
    return answer(rq, rs, made->state == STORE_DONE ? 201 : 202, made, v.id, e);
}

/* --- reading --- */

static enum err list(struct net_request *rq, struct str visitor, struct store_guidelines_list *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(api__context(rq)->store, &tx, e));
    return store_guidelines_list(tx, visitor, LIST_MAX, rq->arena, ret, e);
}

API__HANDLER(guidelines_list)
{
    struct visitor v;
    struct store_guidelines_list found = {0};
    TRY(api__visitor(rq, &v, e));
    /* a stranger sees those of the team; "-" is nobody's id */
    TRY(list(rq, v.id.n > 0 ? v.id : STR("-"), &found, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "guidelines");
    for (size_t i = 0; i < found.n; i++)
        TRY(guidelines_json(&out, NULL, &found.at[i], v.id, rq->arena, e));
    json_out_end_array(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(guidelines_one)
{
    struct visitor v;
    struct store_guidelines row;
    TRY(api__visitor(rq, &v, e));
    {
        CLEANUP_STORE_READ struct store_tx *tx = NULL;
        TRY(store_read(api__context(rq)->store, &tx, e));
        TRY(store_guidelines_find(tx, net_param(rq, "guidelines"), v.id.n > 0 ? v.id : STR("-"), rq->arena, &row, e));
    }
    return answer(rq, rs, 200, &row, v.id, e);
}

/* --- changing --- */

struct point_body {
    int64_t number; /* as it was shown; they are numbered anew */
    struct str name, asks;
    struct json_list questions;
};

struct body {
    struct str name;
    const struct json *team;
    struct json_list points;
    int64_t version;
};

static const struct json_field point_fields[] = {
    {.name = "number", .kind = JSON_K_INT, .offset = offsetof(struct point_body, number), .min = 0, .max = 1e6},
    {.name = "name", .kind = JSON_K_STR, .offset = offsetof(struct point_body, name), .required = true, .max = 300},
    {.name = "asks", .kind = JSON_K_STR, .offset = offsetof(struct point_body, asks), .required = true, .max = 4000},
    {.name = "questions", .kind = JSON_K_STRS, .offset = offsetof(struct point_body, questions), .max = 50},
};
static const struct json_table point_table = {sizeof(struct point_body), point_fields,
                                              sizeof point_fields / sizeof *point_fields};

static enum err points_of(struct net_request *rq, const struct json_list *list, struct guidelines_change *change,
                          struct error *e)
{
    const struct point_body *at = list->at;
    struct framework_point *points = NEW(rq->arena, struct framework_point, list->n);
    if (!points) return error_no_memory(e);
    for (size_t i = 0; i < list->n; i++)
        points[i] = (struct framework_point){
            .name = at[i].name, .asks = at[i].asks, .questions = at[i].questions.at, .n_questions = at[i].questions.n};
    change->points = points;
    change->n_points = list->n;
    return ERR_OK;
}

API__HANDLER(guidelines_edit)
{
    static const struct json_field fields[] = {
        {.name = "name", .kind = JSON_K_STR, .offset = offsetof(struct body, name), .max = 200},
        {.name = "team", .kind = JSON_K_ANY, .offset = offsetof(struct body, team)},
        {.name = "points",
         .kind = JSON_K_ARRAY,
         .offset = offsetof(struct body, points),
         .max = 500,
         .table = &point_table},
        {.name = "version",
         .kind = JSON_K_INT,
         .offset = offsetof(struct body, version),
         .required = true,
         .min = 1,
         .max = 1e9},
    };
    static const struct json_table table = {sizeof(struct body), fields, sizeof fields / sizeof *fields};
    struct body body = {.name = STR_EMPTY};
    struct visitor v;
    struct store_guidelines *row;
    struct guidelines_change change = {.name = NULL};
    TRY(api__body(rq, &table, &body, e));
    TRY(api__visitor(rq, &v, e));
    bool team = json_bool(body.team, false);
    if (body.team && json_type(body.team) != JSON_BOOL)
        return error_set_reason(e, ERR_INVALID, "bad_json", "team: must be true or false");
    if (body.name.p) change.name = &body.name;
    if (body.team) change.team = &team;
    if (body.points.at) TRY(points_of(rq, &body.points, &change, e));
    change.version = body.version;
    struct review_by by = api__by(&v);
    TRY(guidelines_edit(api__context(rq), &by, net_param(rq, "guidelines"), &change, rq->arena, &row, e));
    return answer(rq, rs, 200, row, v.id, e);
}

API__HANDLER(guidelines_delete)
{
    struct visitor v;
    TRY(api__visitor(rq, &v, e));
    struct review_by by = api__by(&v);
    TRY(guidelines_remove(api__context(rq), &by, net_param(rq, "guidelines"), e));
    net_response_status(rs, 204);
    return ERR_OK;
}
