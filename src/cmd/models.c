/* What asks the models of a plan, in the order in which one needs the other:
 *
 *   outgoing HTTP -> credentials -> provider; prices, budget -> router
 *
 * and down in reverse. */
#include "cmd/models.h"

#include <math.h>
#include <stdlib.h>

#include "ai/anthropic.h"
#include "ai/bedrock.h"
#include "ai/openai.h"

enum {
    CALLS_BESIDE = 64, /* requests at once beside those of models: credentials, checks */
    OPEN_MAX = 10000,  /* of client/http.h */
};

/* As the AWS SDKs read it, but that a region may stand in prism.conf. Thread: any; nobody changes the environment. */
static const char *env(void *ctx, const char *name)
{
    const struct cmd__models *m = ctx;
    return strcmp(name, "AWS_REGION") == 0 ? m->region.p : getenv(name);
}

static enum err open_bedrock(struct cmd__models *m, struct error *e)
{
    const struct client_credentials_options from = {.http = m->http, .env = env, .env_ctx = m};
    TRY(client_credentials_new(&from, &m->credentials, e));
    const struct ai_bedrock_options o = {.http = m->http,
                                         .credentials = m->credentials,
                                         .bearer_token = m->conf->bedrock_bearer,
                                         .region = m->region,
                                         .base_url = m->conf->bedrock_url};
    return ai_bedrock_new(&o, &m->ai, e);
}

static enum err open_provider(struct cmd__models *m, struct error *e)
{
    const struct conf *c = m->conf;
    if (c->model_provider == CONF_PROVIDER_BEDROCK) return open_bedrock(m, e);
    if (c->model_provider == CONF_PROVIDER_ANTHROPIC) {
        const struct ai_anthropic_options o = {
            .http = m->http, .base_url = c->anthropic_url, .api_key = c->anthropic_key};
        return ai_anthropic_new(&o, &m->ai, e);
    }
    const struct ai_openai_options o = {.http = m->http, .base_url = c->openai_url, .api_key = c->openai_key};
    return ai_openai_new(&o, &m->ai, e);
}

static int64_t microusd(double usd) { return llround(usd * 1e6); }

static enum err open_budget(struct cmd__models *m, struct error *e)
{
    const struct conf *c = m->conf;
    const struct ai_budget_limits limits = {
        .day = microusd(c->budget_day), .person = microusd(c->budget_person), .document = microusd(c->budget_document)};
    TRY(ai_prices_new(c->prices_file.n ? c->prices_file.p : NULL, &m->prices, e));
    return ai_budget_new(&limits, NULL, &m->budget, e);
}

enum err cmd__models_open(struct cmd__models *m, void (*on_record)(void *ctx, const struct ai_record *r),
                          void (*on_cooldown)(void *ctx, struct str model, int64_t until_unix_ms, struct str reason),
                          void *ctx, struct error *e)
{
    const struct conf *c = m->conf;
    struct client_http_options http = CLIENT_HTTP_DEFAULTS;
    size_t open = m->n * c->model_calls + CALLS_BESIDE;
    http.user_agent = "prism/" PRISM_VERSION;
    http.max_open = open < OPEN_MAX ? open : OPEN_MAX;
    TRY(client_http_new(&http, &m->http, e));
    TRY(open_provider(m, e));
    TRY(open_budget(m, e));
    const struct ai_router_options router = {.provider = m->ai,
                                             .models = m->names,
                                             .n_models = m->n,
                                             .fallback = c->model_fallback,
                                             .chat_fallback = c->chat_fallback,
                                             .max_calls = c->model_calls,
                                             .tokens_per_minute = c->model_tokens_per_minute,
                                             .prices = m->prices,
                                             .budget = m->budget,
                                             .on_record = on_record,
                                             .on_cooldown = on_cooldown,
                                             .ctx = ctx};
    return ai_router_new(&router, &m->router, e);
}

void cmd__models_close(struct cmd__models *m)
{
    if (!m) return;
    ai_router_free(m->router);
    ai_budget_free(m->budget);
    ai_prices_free(m->prices);
    if (m->ai) m->ai->ops->free(m->ai);
    client_credentials_free(m->credentials);
    client_http_free(m->http);
    m->router = NULL;
    m->budget = NULL;
    m->prices = NULL;
    m->ai = NULL;
    m->credentials = NULL;
    m->http = NULL;
}
