/* Filters of findings, from a query and from JSON: the same names, the same meaning. */
#include "api/api_priv.h"
#include "api/findings.h"
#include "review/models.h"

static const char *const risk_names[] = {"low", "medium", "high",
                                         NULL}; /* in the order of enum store_risk, and so on */
static const char *const kind_names[] = {"suggestion", "important", "critical", NULL};
static const char *const decision_names[] = {"open", "accepted", "rejected", NULL};
static const char *const folded_names[] = {"false", "true", NULL};
static const char *const source_names[] = {"rule", "model", "person", NULL};

struct filling {
    struct store_finding_filter *filter;
    struct arena *a;
    const char *reason; /* of what is wrong */
    uint32_t *sections;
    size_t cap_sections;
};

static enum err add_bit(struct str value, const char *what, const char *const *names, unsigned *set,
                        const struct filling *f, struct error *e)
{
    int i;
    TRY(api__word(value, what, names, f->reason, &i, e));
    *set |= STORE_BIT(i);
    return ERR_OK;
}

static enum err add_risk(void *ctx, struct str value, struct error *e)
{
    struct filling *f = ctx;
    return add_bit(value, "risk", risk_names, &f->filter->risks, f, e);
}

static enum err add_kind(void *ctx, struct str value, struct error *e)
{
    struct filling *f = ctx;
    return add_bit(value, "kind", kind_names, &f->filter->kinds, f, e);
}

static enum err add_decision(void *ctx, struct str value, struct error *e)
{
    struct filling *f = ctx;
    return add_bit(value, "decision", decision_names, &f->filter->decisions, f, e);
}

/* A kind of reviewer, or one reviewer by its id. */
static enum err add_reviewer(void *ctx, struct str value, struct error *e)
{
    struct filling *f = ctx;
    struct error none;
    int i;
    if (api__word(value, "reviewer", source_names, f->reason, &i, &none) == ERR_OK) {
        f->filter->sources |= STORE_BIT(i);
        return ERR_OK;
    }
    if (f->filter->reviewer.n > 0)
        return error_set_reason(e, ERR_INVALID, f->reason, "reviewer: rule, model, person, or the id of one reviewer");
    f->filter->reviewer = value;
    return ERR_OK;
}

static enum err add_section_number(struct filling *f, uint64_t section, struct error *e)
{
    if (f->filter->n_sections >= STORE_SECTIONS_MAX)
        return error_set_reason(e, ERR_INVALID, f->reason, "section: more than %d", STORE_SECTIONS_MAX);
    if (!f->sections) f->sections = NEW(f->a, uint32_t, STORE_SECTIONS_MAX);
    if (!f->sections) return error_no_memory(e);
    f->sections[f->filter->n_sections++] = (uint32_t)section;
    f->filter->sections = f->sections;
    return ERR_OK;
}

static enum err add_section(void *ctx, struct str value, struct error *e)
{
    struct filling *f = ctx;
    uint64_t section;
    if (str_to_u64(value, 0, UINT32_MAX, &section, e) != ERR_OK)
        return error_set_reason(e, ERR_INVALID, f->reason, "section must be ids of sections, as in 0,3");
    return add_section_number(f, section, e);
}

static enum err check_text(const struct filling *f, struct error *e)
{
    if (f->filter->text.n <= STORE_QUERY_MAX) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, f->reason, "q: at most %d bytes", STORE_QUERY_MAX);
}

static void set_folded(struct net_request *rq, bool folded, struct store_finding_filter *filter)
{
    filter->folded = folded ? STORE_FOLDED_ONLY : STORE_FOLDED_NOT;
    filter->folded_below = models_folded_below(api__context(rq));
}

enum err api__filter_of_query(struct net_request *rq, struct store_finding_filter *ret, struct error *e)
{
    struct filling f = {.filter = ret, .a = rq->arena, .reason = "bad_query"};
    struct str folded = net_query(rq, "folded");
    uint64_t point;
    int i;
    if (folded.n > 0) {
        TRY(api__word(folded, "folded", folded_names, f.reason, &i, e));
        set_folded(rq, i == 1, ret);
    }
    TRY(api__query_list(rq, "risk", add_risk, &f, e));
    TRY(api__query_list(rq, "kind", add_kind, &f, e));
    TRY(api__query_list(rq, "decision", add_decision, &f, e));
    TRY(api__query_list(rq, "section", add_section, &f, e));
    TRY(api__query_list(rq, "reviewer", add_reviewer, &f, e));
    TRY(api__query_number(rq, "point", 1, INT32_MAX, 0, &point, e));
    ret->point = (uint32_t)point;
    ret->category = net_query(rq, "category");
    ret->text = net_query(rq, "q");
    return check_text(&f, e);
}

struct filter_body {
    struct json_list risk, kind, decision, section, reviewer;
    struct str category, q;
    int64_t point;
    const struct json *folded;
};

static enum err add_all(const struct json_list *list, enum err (*add)(void *ctx, struct str value, struct error *e),
                        struct filling *f, struct error *e)
{
    for (size_t i = 0; i < list->n; i++)
        TRY(add(f, ((const struct str *)list->at)[i], e));
    return ERR_OK;
}

enum err api__filter_of_json(struct net_request *rq, const struct json *v, struct store_finding_filter *ret,
                             struct error *e)
{
    static const struct json_field fields[] = {
        {.name = "risk", .kind = JSON_K_STRS, .offset = offsetof(struct filter_body, risk), .max = STORE_RISK_N},
        {.name = "kind", .kind = JSON_K_STRS, .offset = offsetof(struct filter_body, kind), .max = STORE_KIND_N},
        {.name = "decision",
         .kind = JSON_K_STRS,
         .offset = offsetof(struct filter_body, decision),
         .max = STORE_DECISION_N},
        {.name = "section",
         .kind = JSON_K_INTS,
         .offset = offsetof(struct filter_body, section),
         .max = STORE_SECTIONS_MAX},
        {.name = "reviewer", .kind = JSON_K_STRS, .offset = offsetof(struct filter_body, reviewer), .max = 4},
        {.name = "folded", .kind = JSON_K_ANY, .offset = offsetof(struct filter_body, folded)},
        {.name = "category", .kind = JSON_K_STR, .offset = offsetof(struct filter_body, category), .max = 200},
        {.name = "point",
         .kind = JSON_K_INT,
         .offset = offsetof(struct filter_body, point),
         .min = 1,
         .max = INT32_MAX},
        {.name = "q", .kind = JSON_K_STR, .offset = offsetof(struct filter_body, q), .max = STORE_QUERY_MAX},
    };
    static const struct json_table table = {sizeof(struct filter_body), fields, sizeof fields / sizeof *fields};
    struct filter_body body = {0};
    struct filling f = {.filter = ret, .a = rq->arena, .reason = "bad_json"};
    if (json_type(v) != JSON_OBJECT) return error_set_reason(e, ERR_INVALID, "bad_json", "filter: must be an object");
    if (json_decode(rq->arena, v, &table, &body, e) != ERR_OK) return error_prefix(e, "filter");
    TRY(add_all(&body.risk, add_risk, &f, e));
    TRY(add_all(&body.kind, add_kind, &f, e));
    TRY(add_all(&body.decision, add_decision, &f, e));
    TRY(add_all(&body.reviewer, add_reviewer, &f, e));
    for (size_t i = 0; i < body.section.n; i++) {
        int64_t section = ((const int64_t *)body.section.at)[i];
        if (section < 0 || section > UINT32_MAX)
            return error_set_reason(e, ERR_INVALID, "bad_json", "filter.section: must be ids of sections");
        TRY(add_section_number(&f, (uint64_t)section, e));
    }
    if (body.folded && json_type(body.folded) != JSON_BOOL)
        return error_set_reason(e, ERR_INVALID, "bad_json", "filter.folded: must be true or false");
    if (body.folded) set_folded(rq, json_bool(body.folded, false), ret);
    ret->category = body.category;
    ret->point = (uint32_t)body.point;
    ret->text = body.q;
    return ERR_OK;
}
