/* Findings: listed by filters, looked at, added, edited, deleted, decided, undone. */
#include "api/findings.h"

#include <stdio.h>

#include "api/api_priv.h"
#include "review/decide.h"
#include "review/entity_json.h"
#include "review/models.h"
#include "store/queries.h"

enum { LIST_DEFAULT = 200, LIST_MAX = 1000 };

static const char *const sort_names[] = {"place", "risk", NULL};
static const char *const decision_names[] = {"open", "accepted", "rejected", NULL};

/* --- answers --- */

static enum err answer(struct net_request *rq, struct net_response *rs, int status, const struct api__who *who,
                       const struct store_finding *finding, struct error *e)
{
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    finding_json(&out, NULL, finding, who->visitor.id, models_folded_below(api__context(rq)));
    return api__json(rq, rs, status, &text, e);
}

static void put_all(struct net_request *rq, struct json_out *out, const struct store_finding *at, size_t n,
                    const struct api__who *who)
{
    json_out_begin_array(out, "findings");
    for (size_t i = 0; i < n; i++)
        finding_json(out, NULL, &at[i], who->visitor.id, models_folded_below(api__context(rq)));
    json_out_end_array(out);
}

/* --- the list --- */

struct list {
    struct store_finding_list found;
    struct store_finding_counts counts;
};

static enum err read_list(struct net_request *rq, struct str review_id, struct list *ret, struct error *e)
{
    uint64_t limit;
    int sort = 0;
    struct store_finding_filter filter = {0};
    struct str cursor = net_query(rq, "cursor"), sort_name = net_query(rq, "sort");
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(api__query_number(rq, "limit", 1, LIST_MAX, LIST_DEFAULT, &limit, e));
    if (sort_name.p) TRY(api__word(sort_name, "sort", sort_names, "bad_query", &sort, e));
    TRY(api__filter_of_query(rq, &filter, e));
    TRY(store_read(api__context(rq)->store, &tx, e));
    TRY(store_finding_count(tx, review_id, &filter, rq->arena, &ret->counts, e));
    return store_finding_list(tx, review_id, &filter, sort ? STORE_BY_DANGER : STORE_BY_PLACE, cursor, limit, rq->arena,
                              &ret->found, e);
}

static void put_counts(struct json_out *out, const struct store_finding_counts *c)
{
    json_out_begin_object(out, "counts");
    json_out_begin_object(out, "decision");
    for (int i = 0; i < STORE_DECISION_N; i++)
        json_out_u64(out, finding_decision_name((enum finding_decision)i), c->decision[i]);
    json_out_end_object(out);
    json_out_begin_object(out, "risk");
    for (int i = 0; i < STORE_RISK_N; i++)
        json_out_u64(out, finding_risk_name((enum finding_risk)i), c->risk[i]);
    json_out_end_object(out);
    json_out_begin_object(out, "kind");
    for (int i = 0; i < STORE_KIND_N; i++)
        json_out_u64(out, finding_kind_name((enum finding_kind)i), c->kind[i]);
    json_out_end_object(out);
    json_out_begin_object(out, "section");
    for (size_t i = 0; i < c->n_sections; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%u", c->sections[i].section);
        json_out_u64(out, key, c->sections[i].total);
    }
    json_out_end_object(out);
    json_out_end_object(out);
}

API__HANDLER(findings_list)
{
    struct api__who who;
    struct list list;
    TRY(api__allow(rq, ACCESS_READ, ACCESS_REVIEW, &who, e));
    TRY(read_list(rq, who.id, &list, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    put_all(rq, &out, list.found.at, list.found.n, &who);
    json_out_u64(&out, "total", list.counts.matching);
    api__put_next(&out, list.found.next);
    put_counts(&out, &list.counts);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

/* --- one --- */

API__HANDLER(finding)
{
    struct api__who who;
    struct store_finding finding;
    TRY(api__allow(rq, ACCESS_READ, ACCESS_FINDING, &who, e));
    {
        CLEANUP_STORE_READ struct store_tx *tx = NULL;
        TRY(store_read(api__context(rq)->store, &tx, e));
        TRY(store_finding_find(tx, who.id, who.visitor.id, rq->arena, &finding, e));
    }
    if (finding.deleted) return error_set_reason(e, ERR_NOT_FOUND, "not_found", "the finding was deleted");
    return answer(rq, rs, 200, &who, &finding, e);
}

API__HANDLER(findings_add)
{
    struct api__finding_body body;
    struct api__who who;
    struct store_finding *made;
    TRY(api__finding_body_new(rq, &body, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_REVIEW, &who, e));
    TRY(decide_add(api__context(rq), &who.by, who.id, &body.anchor, &body.text, rq->arena, &made, e));
    api__location(rq, rs, "findings", made->id);
    return answer(rq, rs, 201, &who, made, e);
}

API__HANDLER(finding_edit)
{
    struct api__finding_body body;
    struct api__who who;
    struct store_finding *changed;
    TRY(api__finding_body_edit(rq, &body, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_FINDING, &who, e));
    TRY(decide_edit(api__context(rq), &who.by, who.id, &body.text, body.version, rq->arena, &changed, e));
    return answer(rq, rs, 200, &who, changed, e);
}

API__HANDLER(finding_delete)
{
    struct api__who who;
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_FINDING, &who, e));
    TRY(decide_delete(api__context(rq), &who.by, who.id, e));
    net_response_status(rs, 204);
    return ERR_OK;
}

/* --- decisions --- */

API__HANDLER(finding_decide)
{
    struct body {
        int decision;
        struct str note;
        int64_t version;
        int dismiss;
    } body = {.version = DECIDE_ANY_VERSION, .dismiss = -1};
    static const char *const scope_names[] = {"document", "person", "team", NULL}; /* enum dismiss_scope */
    static const struct json_field fields[] = {
        {.name = "decision",
         .kind = JSON_K_ENUM,
         .offset = offsetof(struct body, decision),
         .required = true,
         .names = decision_names},
        {.name = "note", .kind = JSON_K_STR, .offset = offsetof(struct body, note), .max = API__NOTE_MAX},
        {.name = "version",
         .kind = JSON_K_INT,
         .offset = offsetof(struct body, version),
         .min = 1,
         .max = API__VERSION_MAX},
        {.name = "dismiss", .kind = JSON_K_ENUM, .offset = offsetof(struct body, dismiss), .names = scope_names},
    };
    static const struct json_table table = {sizeof body, fields, sizeof fields / sizeof *fields};
    struct api__who who;
    struct store_finding *changed;
    TRY(api__body(rq, &table, &body, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_FINDING, &who, e));
    enum dismiss_scope scope = body.dismiss < 0 ? DISMISS_IN_DOCUMENT : (enum dismiss_scope)body.dismiss;
    struct decide_choice choice = {.decision = (enum finding_decision)body.decision,
                                   .note = body.note.p ? &body.note : NULL,
                                   .dismiss = body.dismiss < 0 ? NULL : &scope};
    TRY(decide_one(api__context(rq), &who.by, who.id, &choice, body.version, rq->arena, &changed, e));
    return answer(rq, rs, 200, &who, changed, e);
}

struct many_body {
    int decision;
    struct str note;
    struct json_list ids;
    const struct json *filter;
};

static enum err read_many(struct net_request *rq, struct many_body *body, struct store_finding_filter *filter,
                          struct error *e)
{
    static const struct json_field fields[] = {
        {.name = "decision",
         .kind = JSON_K_ENUM,
         .offset = offsetof(struct many_body, decision),
         .required = true,
         .names = decision_names},
        {.name = "note", .kind = JSON_K_STR, .offset = offsetof(struct many_body, note), .max = API__NOTE_MAX},
        {.name = "ids",
         .kind = JSON_K_STRS,
         .offset = offsetof(struct many_body, ids),
         .min = 1,
         .max = DECIDE_IDS_MAX},
        {.name = "filter", .kind = JSON_K_ANY, .offset = offsetof(struct many_body, filter)},
    };
    static const struct json_table table = {sizeof *body, fields, sizeof fields / sizeof *fields};
    TRY(api__body(rq, &table, body, e));
    if ((body->ids.n > 0) == (body->filter != NULL)) {
        error_set_reason(e, ERR_INVALID, "bad_json", "the body must have either ids or filter");
        return error_hint(e, "ids names findings; filter {} takes all of the review.");
    }
    return body->filter ? api__filter_of_json(rq, body->filter, filter, e) : ERR_OK;
}

API__HANDLER(findings_decide)
{
    struct many_body body = {0};
    struct store_finding_filter filter = {0};
    struct api__who who;
    struct decide_many_result done;
    TRY(read_many(rq, &body, &filter, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_REVIEW, &who, e));
    struct decide_choice choice = {.decision = (enum finding_decision)body.decision,
                                   .note = body.note.p ? &body.note : NULL};
    TRY(decide_many(api__context(rq), &who.by, who.id, body.ids.at, body.ids.n, body.filter ? &filter : NULL, &choice,
                    rq->arena, &done, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_u64(&out, "changed", done.findings.n);
    put_all(rq, &out, done.findings.at, done.findings.n, &who);
    json_out_filled_or_null(&out, "action", done.action);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(undo)
{
    struct api__who who;
    struct decide_undone undone;
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_REVIEW, &who, e));
    TRY(decide_undo(api__context(rq), &who.by, who.id, rq->arena, &undone, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_object(&out, "undone");
    json_out_str(&out, "kind", undone.kind);
    json_out_time(&out, "at", undone.at_unix_ms);
    json_out_end_object(&out);
    put_all(rq, &out, undone.findings.at, undone.findings.n, &who);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}
