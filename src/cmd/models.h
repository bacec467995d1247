/* The language models that the settings ask for, as prism serve and prism check both need them: first a plan, which looks at the settings alone and
 * refuses what cannot work, then what asks them. Neither waits for the network: credentials are fetched with the first call.
 * Thread: main, unless said otherwise. */
#pragma once

#include "ai/router.h"
#include "client/credentials.h"
#include "conf/conf.h"

struct cmd__models {
    const struct conf *conf;
    const char *provider; /* "bedrock", "anthropic", "openai" */
    struct str names[AI_MODELS_MAX];
    size_t n;
    struct str where;    /* for people: the region, or the host that is asked */
    struct str region;   /* of bedrock */
    struct str warnings; /* sentences, or empty: what works and should not be so */

    /* What asks them; NULL: not made yet. */
    struct client_http *http;
    struct client_credentials *credentials;
    struct ai_provider *ai;
    struct ai_prices *prices;
    struct ai_budget *budget;
    struct ai_router *router;
};

/* conf: borrowed, outlives the plan. *ret in a; NULL: no model is configured. ERR_INVALID "bad_setting": what is set contradicts itself or lacks
 * something; errors of the AWS profile (client_credentials_region). */
enum err cmd__models_plan(const struct conf *conf, struct arena *a, struct cmd__models **ret, struct error *e) MUST_USE;

/* AWS_REGION, AWS_DEFAULT_REGION, the region of the AWS profile; nobody is asked over the network. ERR_NOT_FOUND "no_region", and errors of the profile. */
enum err cmd__aws_region(const struct conf *conf, struct arena *a, struct str *ret, struct error *e) MUST_USE;

/* Makes all of it. on_record, on_cooldown, ctx: of ai_router_options. Errors: of ai_prices_new ("bad_prices"), ERR_LIMIT, ERR_INTERNAL. After an error
 * as after use: cmd__models_close. */
enum err cmd__models_open(struct cmd__models *m, void (*on_record)(void *ctx, const struct ai_record *r),
                          void (*on_cooldown)(void *ctx, struct str model, int64_t until_unix_ms, struct str reason),
                          void *ctx, struct error *e) MUST_USE;
/* Ends all calls and frees; the plan stays. m may be NULL. */
void cmd__models_close(struct cmd__models *m);
