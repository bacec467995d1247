/* The texts that people write in findings. A new one and an edit have the same members; what differs is which must be there. Members that only the
 * server sets (decision, reviewer, confidence, …) are unknown here and so refused. */
#include "api/api_priv.h"
#include "api/findings.h"

static const char *const kind_names[] = {"suggestion", "important", "critical", NULL}; /* enum finding_kind */
static const char *const risk_names[] = {"low", "medium", "high", NULL};               /* enum finding_risk */

enum { UNSET = -1 };

struct body {
    struct api__anchor_body anchor;
    int kind, risk;
    struct str category, description, suggestion;
    const struct json *rewrite;
    struct json_list questions, points;
    int64_t version;
};

static const struct json_field anchor_fields[] = {
    {.name = "block",
     .kind = JSON_K_INT,
     .offset = offsetof(struct api__anchor_body, block),
     .required = true,
     .max = UINT32_MAX - 1},
    {.name = "start",
     .kind = JSON_K_INT,
     .offset = offsetof(struct api__anchor_body, start),
     .required = true,
     .max = UINT32_MAX},
    {.name = "end",
     .kind = JSON_K_INT,
     .offset = offsetof(struct api__anchor_body, end),
     .required = true,
     .max = UINT32_MAX},
    {.name = "quote",
     .kind = JSON_K_STR,
     .offset = offsetof(struct api__anchor_body, quote),
     .required = true,
     .min = 1,
     .max = DECIDE_TEXT_MAX},
};
const struct json_table api__anchor_table = {sizeof(struct api__anchor_body), anchor_fields,
                                             sizeof anchor_fields / sizeof *anchor_fields};

/* X(required of a new one, row) would hide more than it saves: the tables differ in two rows and in what may be absent. */
#define FIELD_ANCHOR                                                                                                   \
    {                                                                                                                  \
        .name = "anchor", .kind = JSON_K_OBJECT, .offset = offsetof(struct body, anchor), .required = true,            \
        .table = &api__anchor_table                                                                                    \
    }
#define FIELDS_SAID(must)                                                                                              \
    {.name = "kind",                                                                                                   \
     .kind = JSON_K_ENUM,                                                                                              \
     .offset = offsetof(struct body, kind),                                                                            \
     .required = (must),                                                                                               \
     .names = kind_names},                                                                                             \
        {.name = "risk",                                                                                               \
         .kind = JSON_K_ENUM,                                                                                          \
         .offset = offsetof(struct body, risk),                                                                        \
         .required = (must),                                                                                           \
         .names = risk_names},                                                                                         \
        {.name = "category", .kind = JSON_K_STR, .offset = offsetof(struct body, category), .max = DECIDE_TITLE_MAX},  \
        {.name = "description",                                                                                        \
         .kind = JSON_K_STR,                                                                                           \
         .offset = offsetof(struct body, description),                                                                 \
         .required = (must),                                                                                           \
         .min = 1,                                                                                                     \
         .max = DECIDE_TEXT_MAX},                                                                                      \
        {.name = "suggestion",                                                                                         \
         .kind = JSON_K_STR,                                                                                           \
         .offset = offsetof(struct body, suggestion),                                                                  \
         .max = DECIDE_TEXT_MAX},                                                                                      \
        {.name = "rewrite", .kind = JSON_K_ANY, .offset = offsetof(struct body, rewrite)},                             \
        {.name = "questions",                                                                                          \
         .kind = JSON_K_STRS,                                                                                          \
         .offset = offsetof(struct body, questions),                                                                   \
         .max = DECIDE_QUESTIONS_MAX},                                                                                 \
    {                                                                                                                  \
        .name = "points", .kind = JSON_K_INTS, .offset = offsetof(struct body, points), .max = DECIDE_POINTS_MAX       \
    }

static const struct json_field new_fields[] = {FIELD_ANCHOR, FIELDS_SAID(true)};
static const struct json_table new_table = {sizeof(struct body), new_fields, sizeof new_fields / sizeof *new_fields};
static const struct json_field edit_fields[] = {
    {.name = "version",
     .kind = JSON_K_INT,
     .offset = offsetof(struct body, version),
     .min = 1,
     .max = API__VERSION_MAX},
    FIELDS_SAID(false),
};
static const struct json_table edit_table = {sizeof(struct body), edit_fields,
                                             sizeof edit_fields / sizeof *edit_fields};

/* A string, or null for none; absent is neither. */
static enum err take_rewrite(const struct body *b, struct api__finding_body *ret, struct error *e)
{
    if (!b->rewrite) return ERR_OK;
    ret->rewrite = json_str(b->rewrite);
    if (!ret->rewrite.p && json_type(b->rewrite) != JSON_NULL)
        return error_set_reason(e, ERR_INVALID, "bad_json", "rewrite: must be a text or null");
    if (ret->rewrite.n > DECIDE_TEXT_MAX)
        return error_set_reason(e, ERR_INVALID, "bad_json", "rewrite: at most %d bytes", DECIDE_TEXT_MAX);
    ret->text.rewrite = &ret->rewrite;
    return ERR_OK;
}

static enum err read_body(struct net_request *rq, const struct json_table *table, struct api__finding_body *ret,
                          struct error *e)
{
    struct body b = {.kind = UNSET, .risk = UNSET, .version = DECIDE_ANY_VERSION};
    *ret = (struct api__finding_body){.version = DECIDE_ANY_VERSION};
    TRY(api__body(rq, table, &b, e));
    TRY(take_rewrite(&b, ret, e));
    ret->anchor = (struct decide_anchor){(uint32_t)b.anchor.block, (uint32_t)b.anchor.start, (uint32_t)b.anchor.end,
                                         b.anchor.quote};
    ret->version = b.version;
    ret->kind = (enum finding_kind)(b.kind == UNSET ? 0 : b.kind);
    ret->risk = (enum finding_risk)(b.risk == UNSET ? 0 : b.risk);
    ret->category = b.category;
    ret->description = b.description;
    ret->suggestion = b.suggestion;
    struct decide_text *t = &ret->text;
    if (b.kind != UNSET) t->kind = &ret->kind;
    if (b.risk != UNSET) t->risk = &ret->risk;
    if (b.category.p) t->category = &ret->category;
    if (b.description.p) t->description = &ret->description;
    if (b.suggestion.p) t->suggestion = &ret->suggestion;
    t->questions = b.questions.at;
    t->n_questions = b.questions.n;
    t->has_questions = b.questions.at != NULL;
    t->points = b.points.at;
    t->n_points = b.points.n;
    t->has_points = b.points.at != NULL;
    return ERR_OK;
}

enum err api__finding_body_new(struct net_request *rq, struct api__finding_body *ret, struct error *e)
{
    return read_body(rq, &new_table, ret, e);
}

enum err api__finding_body_edit(struct net_request *rq, struct api__finding_body *ret, struct error *e)
{
    return read_body(rq, &edit_table, ret, e);
}
