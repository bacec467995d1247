/* The language models for people and administrators: how each is, what was spent, taking back a cool-down, and trying everything.
 * Nothing here says more of a provider than its name and its models': no address, no account, no key. */
#include "api/api_priv.h"
#include "base/log.h"
#include "store/queries.h"

enum { SENTENCE_MAX_BYTES = 4096 };
#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static double usd(int64_t microusd) { return (double)microusd / 1e6; }

void api__put_server_model(struct json_out *o, const struct api_models *models)
{
    if (!models) {
        json_out_null(o, "model");
        return;
    }
    json_out_begin_object(o, "model");
    json_out_c(o, "provider", models->provider);
    json_out_str(o, "primary", models->names[0]);
    json_out_begin_array(o, "fallback");
    for (size_t i = 1; i < models->n; i++)
        json_out_str(o, NULL, models->names[i]);
    json_out_end_array(o);
    json_out_bool(o, "chat", !models->never_send);
    json_out_bool(o, "redact", models->redact);
    json_out_end_object(o);
}

/* --- how they are --- */

static void put_tokens(struct json_out *o, uint64_t in, uint64_t out, uint64_t cached)
{
    json_out_begin_object(o, "tokens");
    json_out_u64(o, "in", in);
    json_out_u64(o, "out", out);
    json_out_u64(o, "cached", cached);
    json_out_end_object(o);
}

static void put_model(struct json_out *o, const struct ai_model_state *m)
{
    json_out_begin_object(o, NULL);
    json_out_str(o, "model", m->model);
    json_out_c(o, "health", ai_health_name(m->health));
    if (m->until_unix_ms > 0)
        json_out_time(o, "until", m->until_unix_ms);
    else
        json_out_null(o, "until");
    json_out_str(o, "reason", m->reason);
    json_out_u64(o, "running", m->running);
    json_out_u64(o, "waiting", m->waiting);
    json_out_u64(o, "limit", m->limit);
    json_out_u64(o, "calls", m->calls);
    json_out_u64(o, "failed", m->failed);
    json_out_u64(o, "throttled", m->throttled);
    put_tokens(o, m->tokens_in, m->tokens_out, m->tokens_cached);
    json_out_double(o, "cost_usd", usd(m->cost_microusd));
    json_out_bool(o, "priced", m->priced);
    if (m->first_token_ms >= 0)
        json_out_i64(o, "first_token_ms", m->first_token_ms);
    else
        json_out_null(o, "first_token_ms");
    json_out_end_object(o);
}

static void put_budget(struct json_out *o, const char *key, int64_t limit, int64_t used)
{
    json_out_begin_object(o, key);
    json_out_double(o, "limit_usd", usd(limit));
    json_out_double(o, "used_usd", usd(used));
    json_out_end_object(o);
}

/* What the books say of today: it outlives the server, what the router counts does not. */
static enum err read_today(struct net_request *rq, struct store_model_total_list *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    int64_t now = api__context(rq)->now_unix_ms();
    TRY(store_read(api__context(rq)->store, &tx, e));
    return store_model_totals(tx, now - now % DAY_MS, rq->arena, ret, e);
}

static void put_today(struct json_out *o, const struct store_model_total_list *today)
{
    json_out_begin_array(o, "today");
    for (size_t i = 0; i < today->n; i++) {
        const struct store_model_total *t = &today->at[i];
        json_out_begin_object(o, NULL);
        json_out_str(o, "model", t->model);
        json_out_u64(o, "calls", t->calls);
        json_out_u64(o, "failed", t->failed);
        put_tokens(o, t->tokens_in, t->tokens_out, t->cache_read);
        json_out_double(o, "cost_usd", usd(t->cost_microusd));
        json_out_bool(o, "priced", t->priced);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

enum err api__put_models(struct net_request *rq, struct json_out *o, struct str visitor, struct error *e)
{
    const struct api_models *models = api__of(rq)->o.models;
    struct ai_model_state *states = NULL;
    struct ai_budget_state budget = {.day_opens_unix_ms = 0};
    struct store_model_total_list today = {0};
    size_t n = 0;
    if (models) {
        TRY(ai_router_models(models->router, rq->arena, &states, &n, e));
        budget = ai_budget_state(models->budget, visitor, STR_EMPTY);
        TRY(read_today(rq, &today, e));
    }
    json_out_bool(o, "configured", models != NULL);
    json_out_begin_array(o, "models");
    for (size_t i = 0; i < n; i++)
        put_model(o, &states[i]);
    json_out_end_array(o);
    put_today(o, &today);
    json_out_begin_object(o, "budget");
    put_budget(o, "day", budget.limits.day, budget.used.day);
    put_budget(o, "person", budget.limits.person, budget.used.person);
    json_out_end_object(o);
    return ERR_OK;
}

static enum err answer_models(struct net_request *rq, struct net_response *rs, struct error *e)
{
    const struct api_models *models = api__of(rq)->o.models;
    struct visitor v;
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    TRY(api__visitor(rq, &v, e));
    json_out_begin_object(&out, NULL);
    json_out_filled_or_null(&out, "provider", str_from_c(models ? models->provider : NULL));
    json_out_filled_or_null(&out, "primary", models ? models->names[0] : STR_EMPTY);
    TRY(api__put_models(rq, &out, v.id, e));
    json_out_bool(&out, "never_send", models && models->never_send);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(models) { return answer_models(rq, rs, e); }

API__HANDLER(models_reset)
{
    struct body {
        struct str model;
    } body = {.model = STR_EMPTY};
    static const struct json_field fields[] = {
        {.name = "model", .kind = JSON_K_STR, .offset = offsetof(struct body, model), .required = true},
    };
    static const struct json_table table = {sizeof body, fields, sizeof fields / sizeof *fields};
    const struct api_models *models = api__of(rq)->o.models;
    TRY(api__admin(rq, e));
    TRY(api__body(rq, &table, &body, e));
    if (!models || !ai_router_reset(models->router, body.model)) {
        (void)error_set_reason(e, ERR_NOT_FOUND, "unknown_model", "there is no model of this name here");
        return error_hint(e, "GET /api/v1/models lists those that there are.");
    }
    log_info("model_reset", L_STR("model", body.model));
    return answer_models(rq, rs, e);
}

/* --- trying everything --- */

const char *api_checked_state_name(enum api_checked_state state)
{
    switch (state) {
    case API_CHECKED_OK: return "ok";
    case API_CHECKED_FAILED: return "failed";
    case API_CHECKED_NONE: break;
    }
    return "not_configured";
}

static void put_part(struct json_out *o, struct sb *sentence, const struct api_checked *p)
{
    json_out_begin_object(o, NULL);
    json_out_c(o, "part", p->part);
    if (p->model.n) json_out_str(o, "model", p->model);
    json_out_c(o, "state", api_checked_state_name(p->state));
    json_out_i64(o, "ms", p->ms);
    sb_reset(sentence);
    api__sentence(sentence, p->message);
    json_out_str(o, "message", sb_view(sentence));
    if (!sb_ok(sentence)) o->sb->failed = true;
    json_out_str(o, "hint", p->hint);
    json_out_str(o, "reason", p->reason);
    json_out_end_object(o);
}

API__HANDLER(check)
{
    const struct api_options *o = &api__of(rq)->o;
    const struct api_checked *parts = NULL;
    size_t n = 0;
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES), sentence = SB_INIT(SENTENCE_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    TRY(api__admin(rq, e));
    TRY(o->check(o->check_ctx, rq->arena, &parts, &n, e));
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "parts");
    for (size_t i = 0; i < n; i++) {
        if (parts[i].state == API_CHECKED_FAILED)
            log_warn("check_failed", L_C("part", parts[i].part), L_STR("model", parts[i].model),
                     L_STR("reason", parts[i].reason), L_STR("message", parts[i].message),
                     L_STR("detail", parts[i].detail));
        put_part(&out, &sentence, &parts[i]);
    }
    json_out_end_array(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}
