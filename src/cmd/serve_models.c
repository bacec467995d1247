/* The models in the server: made from the settings, hung into what the domain works with, kept in step with other instances, and tried on request.
 * A server without models makes nothing of this. With them the start waits for no network, and for the store only where a budget is set, since what
 * was spent before must be known before anything more is.
 * What one instance has learnt of a model (throttled until then) goes over the bus, topic "models", as JSON; the one who said it does not hear
 * itself. Where the bus is that of this process alone, nobody else listens, which costs nothing. */
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "bus/bus.h"
#include "cmd/checks.h"
#include "cmd/serve_priv.h"
#include "review/models.h"
#include "review/prompt.h"
#include "review/usage.h"
#include "store/queries.h"

#define TOPIC STR("models")

enum { MESSAGE_MAX_BYTES = 4096, CALLS_A_REVIEW = 8, SPENT_MAX_BYTES = 64 << 20, DAY_MS = 86400000 };

struct cmd__server_models {
    struct cmd__server *server;
    struct cmd__models *plan;
    struct api_models api;
    struct review_models domain;
    struct usage *usage;
    struct bus_listener *listener;
    char instance[RANDOM_ID_CHARS + 1]; /* who says it on the bus */
    bool profile_said[AI_MODELS_MAX];   /* of the router's thread */
};

/* --- what the router tells; on its thread --- */

/* A check asks past the budgets, but what it costs is spent. Without memory the books alone have it, and the next start reads them. */
static void spend(struct cmd__server_models *m, const struct ai_record *r)
{
    struct error e;
    if (ai_budget_load(m->plan->budget, AI_BUDGET_DAY, STR_EMPTY, r->cost_microusd, &e) != ERR_OK)
        log_warn("budget_not_counted", L_ERROR(&e));
}

/* Of the request that it is for, also where a job asked. */
static void log_call(const struct ai_record *r)
{
    static const char *const purposes[AI_PURPOSES] = {"chat", "review", "check"};
    static const struct log_field none = {.kind = LOG_KIND_NONE};
    const struct log_field fields[] = {r->request.n ? L_STR("request", r->request) : none,
                                       r->person.n ? L_STR("user", r->person) : none,
                                       r->document.n ? L_STR("document", r->document) : none,
                                       r->review.n ? L_STR("review", r->review) : none,
                                       L_C("purpose", purposes[r->purpose]),
                                       L_STR("model", r->model),
                                       L_U64("attempt", r->attempt),
                                       L_STR("outcome", r->outcome.n ? r->outcome : STR("answered")),
                                       L_I64("queue_ms", r->queue_ms),
                                       L_I64("first_token_ms", r->first_token_ms),
                                       L_I64("ms", r->whole_ms),
                                       L_U64("tokens_in", r->usage.in + r->usage.cache_write),
                                       L_U64("tokens_cached", r->usage.cache_read),
                                       L_U64("tokens_out", r->usage.out),
                                       L_I64("cost_microusd", r->cost_microusd)};
    log_event(LOG_LEVEL_INFO, "model_call", fields, sizeof fields / sizeof *fields);
}

static void on_record(void *ctx, const struct ai_record *r)
{
    struct cmd__server_models *m = ctx;
    log_call(r);
    usage_record(m->usage, r);
    if (r->purpose == AI_FOR_CHECK) spend(m, r);
    for (size_t i = 0; i < m->plan->n && r->outcome.n == 0; i++) {
        if (m->profile_said[i] || !str_eq(m->plan->names[i], r->asked_model) || str_eq(r->model, r->asked_model))
            continue;
        m->profile_said[i] = true;
        log_info("model_by_profile", L_STR("model", r->asked_model), L_STR("profile", r->model));
    }
}

static void on_cooldown(void *ctx, struct str model, int64_t until_unix_ms, struct str reason)
{
    struct cmd__server_models *m = ctx;
    CLEANUP_SB struct sb b = SB_INIT(MESSAGE_MAX_BYTES);
    struct json_out o = json_out_make(&b, false);
    if (until_unix_ms > 0)
        log_warn("model_cooling", L_STR("model", model), L_STR("reason", reason),
                 L_I64("for_ms", until_unix_ms - time_now_unix_ms()));
    json_out_begin_object(&o, NULL);
    json_out_c(&o, "from", m->instance);
    json_out_str(&o, "model", model);
    json_out_i64(&o, "until", until_unix_ms);
    json_out_str(&o, "reason", reason);
    json_out_end_object(&o);
    if (sb_ok(&b)) bus_publish(m->server->bus, TOPIC, sb_view(&b));
}

/* --- what other instances tell; on the bus's thread --- */

static void on_message(void *ctx, struct str topic, struct str payload)
{
    struct cmd__server_models *m = ctx;
    struct body {
        struct str from, model, reason;
        int64_t until;
    } body = {.until = 0};
    static const struct json_field fields[] = {
        {.name = "from", .kind = JSON_K_STR, .offset = offsetof(struct body, from), .required = true},
        {.name = "model", .kind = JSON_K_STR, .offset = offsetof(struct body, model), .required = true},
        {.name = "until", .kind = JSON_K_INT, .offset = offsetof(struct body, until), .required = true},
        {.name = "reason", .kind = JSON_K_STR, .offset = offsetof(struct body, reason), .required = true},
    };
    static const struct json_table table = {sizeof body, fields, sizeof fields / sizeof *fields};
    const struct json *v = NULL;
    (void)topic;
    CLEANUP_ARENA struct arena *a = arena_new(MESSAGE_MAX_BYTES * 16);
    if (!a || json_parse(a, payload, &v, NULL) != ERR_OK || json_decode(a, v, &table, &body, NULL) != ERR_OK) return;
    if (!str_eq_c(body.from, m->instance)) ai_router_heard(m->plan->router, body.model, body.until, body.reason);
}

static void on_lost(void *ctx, struct str topic)
{
    (void)ctx; /* the next throttling says it again */
    (void)topic;
}

/* --- what was spent before --- */

/* Of documents only where they have a budget: that is a walk over all that was ever asked. */
static enum err load_spent(struct cmd__server *s, struct ai_budget *b, struct error *e)
{
    int64_t now = time_now_unix_ms(), spent = 0;
    struct store_spent_list persons = {.n = 0};
    if (s->conf.budget_document > 0) return usage_load(s->store, b, now, e);
    CLEANUP_ARENA struct arena *a = arena_new(SPENT_MAX_BYTES);
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    if (!a) return error_no_memory(e);
    TRY(store_read(s->store, &tx, e));
    TRY(store_model_spent(tx, now / DAY_MS * DAY_MS, &spent, e));
    TRY(ai_budget_load(b, AI_BUDGET_DAY, STR_EMPTY, spent, e));
    TRY(store_model_spent_by_person(tx, now / DAY_MS * DAY_MS, a, &persons, e));
    for (size_t i = 0; i < persons.n; i++)
        TRY(ai_budget_load(b, AI_BUDGET_PERSON, persons.at[i].id, persons.at[i].microusd, e));
    return ERR_OK;
}

/* --- up and down --- */

static void fill(struct cmd__server_models *m, const struct prompts *prompts)
{
    const struct conf *c = &m->server->conf;
    struct cmd__models *p = m->plan;
    m->api = (struct api_models){.router = p->router,
                                 .budget = p->budget,
                                 .provider = p->provider,
                                 .names = p->names,
                                 .n = p->n,
                                 .redact = c->redact,
                                 .never_send = c->never_send};
    m->domain = (struct review_models){.router = p->router,
                                       .provider = str_from_c(p->provider),
                                       .primary = p->names[0],
                                       .max_tokens = (int64_t)c->max_tokens,
                                       .temperature = c->temperature,
                                       .reasoning_tokens = c->reasoning ? (int64_t)c->reasoning_tokens : 0,
                                       .min_confidence = c->min_confidence,
                                       .redact = c->redact ? REDACT_ON : REDACT_OFF,
                                       .never_send = c->never_send,
                                       .prompts = prompts,
                                       .usage = m->usage,
                                       .findings_per_1000_words = c->findings_per_1000_words,
                                       .cosmetic = c->cosmetic,
                                       .max_calls_per_review = CALLS_A_REVIEW};
}

enum err cmd__server_models_plan(struct cmd__server *s, struct error *e)
{
    struct cmd__models *plan = NULL;
    TRY(cmd__models_plan(&s->conf, s->arena, &plan, e));
    if (!plan) return ERR_OK;
    s->models = NEW(s->arena, struct cmd__server_models, 1);
    if (!s->models) return error_no_memory(e);
    s->models->server = s;
    s->models->plan = plan;
    random_id(s->models->instance);
    return ERR_OK;
}

enum err cmd__server_models_start(struct cmd__server *s, struct error *e)
{
    struct cmd__server_models *m = s->models;
    struct prompts *prompts = NULL;
    if (!m) {
        log_info("models", L_C("provider", "none"));
        return ERR_OK;
    }
    TRY(prompts_load(s->arena, s->conf.prompts_folder.n ? s->conf.prompts_folder.p : NULL, &prompts, e));
    TRY(usage_new(s->store, &m->usage, e));
    TRY(cmd__models_open(m->plan, on_record, on_cooldown, m, e));
    TRY(load_spent(s, m->plan->budget, e));
    const struct bus_handler handler = {.message = on_message, .lost = on_lost, .ctx = m};
    TRY(bus_listen(s->bus, TOPIC, handler, &m->listener, e));
    fill(m, prompts);
    s->context.models = &m->domain;
    log_info("models", L_C("provider", m->plan->provider), L_STR("where", m->plan->where),
             L_STR("primary", m->plan->names[0]), L_U64("fallback", m->plan->n - 1), L_BOOL("redact", s->conf.redact),
             L_BOOL("never_send", s->conf.never_send));
    if (m->plan->warnings.n) log_warn("models", L_STR("note", m->plan->warnings));
    return ERR_OK;
}

const struct cmd__models *cmd__server_models_plan_of(const struct cmd__server *s)
{
    return s->models ? s->models->plan : NULL;
}

const struct api_models *cmd__server_models_api(const struct cmd__server *s)
{
    return s->models ? &s->models->api : NULL;
}

void cmd__server_models_stop(struct cmd__server *s)
{
    if (s->models && s->models->plan->router) ai_router_stop(s->models->plan->router);
}

void cmd__server_models_free(struct cmd__server *s)
{
    if (!s->models) return;
    bus_unlisten(s->bus, s->models->listener);
    cmd__models_close(s->models->plan);
    usage_free(s->models->usage);
}

struct str cmd__server_models_say(const struct cmd__server *s)
{
    const struct cmd__server_models *m = s->models;
    if (!m) return STR("No language model is configured: the rules review alone, and nothing leaves this machine.\n");
    if (s->conf.never_send)
        return STR("A language model is configured, and PRISM_NEVER_SEND keeps every document from it.\n");
    return str_printf(s->arena, "Documents are also sent to %.*s (%s, %.*s).\n", STR_ARG(m->plan->names[0]),
                      m->plan->provider, STR_ARG(m->plan->where));
}
