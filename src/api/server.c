/* What the server is and how it is: health, readiness, version and limits, frameworks and rules. */
#include <stdio.h>
#include <time.h>

#include "api/api_priv.h"
#include "api/spec.h"
#include "base/time.h"
#include "review/decide.h"
#include "review/exports.h"
#include "review/framework.h"
#include "rules/rules.h"

enum { HEALTH_BYTES = 62 };

/* On an io thread and without the store: it says that the process answers, nothing else. */
API__HANDLER(health)
{
    struct timespec now;
    char *text = arena_alloc(rq->arena, HEALTH_BYTES + 1);
    if (!text) return error_no_memory(e);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct time_civil t = time_to_civil((int64_t)now.tv_sec * 1000);
    (void)snprintf(text, HEALTH_BYTES + 1,
                   "{\"status\":\"healthy\",\"timestamp\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06ld\"}\n", t.year, t.month,
                   t.day, t.hour, t.minute, t.second, now.tv_nsec / 1000);
    net_response_status(rs, 200);
    net_response_body(rs, "application/json", (struct str){text, HEALTH_BYTES});
    return ERR_OK;
}

API__HANDLER(ready)
{
    const struct api_options *o = &api__of(rq)->o;
    bool all = true, stopping = o->stopping && atomic_load(o->stopping);
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES), probes = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&probes, false);
    json_out_begin_array(&out, NULL);
    for (size_t i = 0; i < o->n_probes; i++) {
        struct error why = {0};
        bool ok = o->probes[i].check(o->probes[i].ctx, &why) == ERR_OK;
        all = all && ok;
        json_out_begin_object(&out, NULL);
        json_out_c(&out, "name", o->probes[i].name);
        json_out_bool(&out, "ok", ok);
        if (!ok) json_out_c(&out, "reason", why.reason[0] ? why.reason : error_code_name(why.code));
        json_out_end_object(&out);
    }
    json_out_end_array(&out);
    sb_printf(&text, "{\"status\":\"%s\",\"probes\":%.*s}",
              stopping ? "stopping"
              : all    ? "ready"
                       : "not_ready",
              STR_ARG(sb_view(&probes)));
    if (!sb_ok(&probes)) return error_no_memory(e);
    return api__json(rq, rs, all && !stopping ? 200 : 503, &text, e);
}

API__HANDLER(openapi)
{
    (void)e;
    net_response_status(rs, 200);
    net_response_body(rs, "application/yaml", (struct str){(const char *)api__specs[0].bytes, api__specs[0].n});
    (void)rq;
    return ERR_OK;
}

API__HANDLER(server)
{
    const struct api_options *o = &api__of(rq)->o;
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_c(&out, "name", "prism");
    json_out_c(&out, "version", PRISM_VERSION);
    json_out_begin_object(&out, "limits");
    json_out_u64(&out, "max_upload_bytes", o->max_upload_bytes);
    json_out_u64(&out, "max_file_name_bytes", DOCUMENTS_NAME_MAX);
    json_out_u64(&out, "max_name_bytes", VISITOR_NAME_MAX);
    json_out_u64(&out, "max_text_bytes", DECIDE_TEXT_MAX);
    json_out_end_object(&out);
    json_out_begin_array(&out, "reviewers");
    json_out_c(&out, NULL, "rules");
    if (o->models) json_out_c(&out, NULL, "model");
    json_out_end_array(&out);
    api__put_server_model(&out, o->models);
    if (o->review->framework)
        json_out_str(&out, "framework_default", o->review->framework->id);
    else
        json_out_null(&out, "framework_default");
    json_out_begin_array(&out, "exports");
    for (size_t i = 0; exports_format_names[i]; i++)
        if (i != EXPORTS_S3 || o->review->bucket) json_out_c(&out, NULL, exports_format_names[i]);
    json_out_end_array(&out);
    json_out_bool(&out, "accounts", false);
    json_out_begin_object(&out, "retention");
    json_out_u64(&out, "days", o->review->retention.days);
    json_out_c(&out, "records", o->review->retention.records ? "remove" : "keep");
    json_out_end_object(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

static void put_framework(struct json_out *out, const struct framework *f)
{
    json_out_begin_object(out, NULL);
    json_out_str(out, "id", f->id);
    json_out_str(out, "title", f->name);
    json_out_str(out, "description", f->description);
    json_out_begin_array(out, "points");
    for (size_t i = 0; i < f->n_points; i++) {
        const struct framework_point *p = &f->points[i];
        json_out_begin_object(out, NULL);
        json_out_i64(out, "number", p->number);
        json_out_str(out, "title", p->name);
        json_out_str(out, "asks", p->asks);
        json_out_begin_array(out, "questions");
        for (size_t k = 0; k < p->n_questions; k++)
            json_out_str(out, NULL, p->questions[k]);
        json_out_end_array(out);
        json_out_end_object(out);
    }
    json_out_end_array(out);
    json_out_end_object(out);
}

API__HANDLER(frameworks)
{
    const struct frameworks *all = &api__context(rq)->frameworks;
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "frameworks");
    for (size_t i = 0; i < all->n; i++)
        put_framework(&out, all->at[i]);
    json_out_end_array(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(rules)
{
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "rules");
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        json_out_begin_object(&out, NULL);
        json_out_c(&out, "id", rule->id);
        json_out_c(&out, "title", rule->title);
        json_out_c(&out, "family", rules_family_name(rule->family));
        json_out_c(&out, "category", rule->category);
        json_out_c(&out, "why", rule->why);
        json_out_c(&out, "risk", finding_risk_name((enum finding_risk)rule->risk));
        json_out_c(&out, "kind", finding_kind_name((enum finding_kind)rule->kind));
        json_out_bool(&out, "enabled", !rule->off);
        json_out_end_object(&out);
    }
    json_out_end_array(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

/* Whoever asks is shown to be an administrator by the request, not by the name. */
static enum err answer_me(struct net_request *rq, struct net_response *rs, const struct visitor *v, struct error *e)
{
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_str(&out, "id", v->id);
    json_out_str(&out, "name", v->name);
    json_out_bool(&out, "admin", api__is_admin(rq));
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(me)
{
    struct visitor v;
    TRY(api__visitor_made(rq, rs, &v, e));
    return answer_me(rq, rs, &v, e);
}

API__HANDLER(me_put)
{
    struct body {
        struct str name;
    } body = {.name = STR_EMPTY};
    static const struct json_field fields[] = {
        {.name = "name", .kind = JSON_K_STR, .offset = offsetof(struct body, name), .required = true},
    };
    static const struct json_table table = {sizeof body, fields, sizeof fields / sizeof *fields};
    struct visitor v;
    TRY(api__body(rq, &table, &body, e));
    TRY(api__visitor_made(rq, rs, &v, e));
    TRY(visitor_rename(api__context(rq)->store, v.id, body.name, rq->arena, &v, e));
    return answer_me(rq, rs, &v, e);
}
