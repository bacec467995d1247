/* From settings to a plan of models. What is wrong in itself conf has refused already; here is what does not go together.
 * The region of Bedrock is looked for in the settings and in the AWS profile, and not, as the SDKs go on to do, at the instance's metadata service:
 * that one is asked over the network, and where there is none, the start of the server would hang. */
#include <stdlib.h>

#include "base/sb.h"
#include "cmd/models.h"

enum { WARNINGS_MAX_BYTES = 2000 };

static enum err lacks(struct error *e, const char *what, const char *hint)
{
    (void)error_set_reason(e, ERR_INVALID, "bad_setting", "%s", what);
    return error_hint(e, "%s docs/models.md describes each provider; PRISM_MODEL_PROVIDER=none does without one.",
                      hint);
}

/* The host of an address, for people. */
static struct str host_of(struct str url)
{
    struct str rest = str_sub(url, str_find(url, STR("://"), 0) + 3, url.n);
    return str_cut(rest, '/', &rest);
}

static bool is_this_machine(struct str host)
{
    return str_starts(host, STR("127.")) || str_starts(host, STR("[::1]")) ||
           str_eq_nocase(str_cut(host, ':', &host), STR("localhost"));
}

/* --- the names --- */

static bool has_name(const struct cmd__models *m, struct str name)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->names[i], name)) return true;
    return false;
}

/* One that is named again is the same model: its place is the first. */
static enum err put_names(struct cmd__models *m, struct str primary, const struct conf_list *fallback,
                          const char *setting, struct error *e)
{
    m->names[m->n++] = primary;
    for (size_t i = 0; i < fallback->n; i++) {
        if (has_name(m, fallback->at[i])) continue;
        if (m->n == AI_MODELS_MAX)
            return error_set_reason(e, ERR_INVALID, "bad_setting", "%s names more than %d models", setting,
                                    AI_MODELS_MAX - 1);
        m->names[m->n++] = fallback->at[i];
    }
    return ERR_OK;
}

/* --- bedrock --- */

/* The environment as the settings have it: a region may stand in prism.conf. */
static struct str configured_region(const struct conf *c)
{
    return c->aws_region.n ? c->aws_region : c->aws_default_region;
}

static const char *env_without_network(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "AWS_EC2_METADATA_DISABLED") == 0 ? "true" : getenv(name);
}

enum err cmd__aws_region(const struct conf *conf, struct arena *a, struct str *ret, struct error *e)
{
    const struct client_credentials_options o = {.env = env_without_network};
    struct client_credentials *files = NULL;
    *ret = configured_region(conf);
    if (ret->n) return ERR_OK;
    TRY(client_credentials_new(&o, &files, e));
    enum err err = client_credentials_region(files, a, ret, e);
    client_credentials_free(files);
    return err;
}

static enum err find_region(struct cmd__models *m, struct arena *a, struct error *e)
{
    enum err err = cmd__aws_region(m->conf, a, &m->region, e);
    if (err != ERR_NOT_FOUND || strcmp(e->reason, "no_region") != 0) return err;
    const char *profile = getenv("AWS_PROFILE");
    (void)error_set_reason(
        e, ERR_INVALID, "bad_setting",
        "Bedrock is to be asked, and there is no region for it: AWS_REGION and AWS_DEFAULT_REGION are not set, and the AWS profile "
        "\"%.60s\" names none",
        profile && profile[0] ? profile : "default");
    return error_hint(
        e, "Set AWS_REGION to a region that has the model, for example eu-west-1. docs/models.md describes it.");
}

static enum err plan_bedrock(struct cmd__models *m, struct arena *a, struct error *e)
{
    const struct conf *c = m->conf;
    m->provider = "bedrock";
    TRY(find_region(m, a, e));
    m->where = c->bedrock_url.n ? str_printf(a, "%.*s at %.*s", STR_ARG(m->region), STR_ARG(host_of(c->bedrock_url)))
                                : m->region;
    if (!m->where.p) return error_no_memory(e);
    return put_names(m, c->bedrock_model, &c->bedrock_fallback_models, "BEDROCK_FALLBACK_MODELS", e);
}

/* --- the others --- */

static enum err plan_anthropic(struct cmd__models *m, struct error *e)
{
    const struct conf *c = m->conf;
    m->provider = "anthropic";
    if (!c->anthropic_key.n && !c->anthropic_url.n)
        return lacks(e, "Anthropic is to be asked, and no key is set for it", "Set ANTHROPIC_API_KEY.");
    m->where = c->anthropic_url.n ? host_of(c->anthropic_url) : STR("api.anthropic.com");
    return put_names(m, c->anthropic_model, &c->fallback_models, "PRISM_FALLBACK_MODELS", e);
}

static enum err plan_openai(struct cmd__models *m, struct error *e)
{
    const struct conf *c = m->conf;
    m->provider = "openai";
    if (!c->openai_url.n && !c->openai_key.n)
        return lacks(
            e, "a server that speaks chat completions is to be asked, and neither its address nor a key is set",
            "Set PRISM_OPENAI_URL, for example to http://127.0.0.1:11434/v1, or PRISM_OPENAI_KEY for OpenAI itself.");
    if (!c->openai_model.n)
        return lacks(e, "PRISM_OPENAI_URL or PRISM_OPENAI_KEY is set, and no model",
                     "Set PRISM_OPENAI_MODEL to a name that the server lists under its address and /models.");
    m->where = c->openai_url.n ? host_of(c->openai_url) : STR("api.openai.com");
    return put_names(m, c->openai_model, &c->fallback_models, "PRISM_FALLBACK_MODELS", e);
}

/* What was set for a provider and is not read, since another one is asked, or none of this kind. */
static void warn_unread(const struct cmd__models *m, struct sb *b)
{
    const struct conf *c = m->conf;
    bool bedrock = c->model_provider == CONF_PROVIDER_BEDROCK;
    if (bedrock && c->fallback_models.n)
        SB_LIT(b, "PRISM_FALLBACK_MODELS is not read: of bedrock it is BEDROCK_FALLBACK_MODELS. ");
    if (!bedrock && c->bedrock_fallback_models.n)
        SB_LIT(b, "BEDROCK_FALLBACK_MODELS is not read: of other providers it is PRISM_FALLBACK_MODELS. ");
}

static enum err warn(struct cmd__models *m, struct arena *a, struct error *e)
{
    const struct conf *c = m->conf;
    CLEANUP_SB struct sb b = SB_INIT(WARNINGS_MAX_BYTES);
    struct str url = c->model_provider == CONF_PROVIDER_BEDROCK     ? c->bedrock_url
                     : c->model_provider == CONF_PROVIDER_ANTHROPIC ? c->anthropic_url
                                                                    : c->openai_url;
    if (str_starts_nocase(url, STR("http://")) && !is_this_machine(host_of(url)))
        sb_printf(&b, "Documents and keys go to %.*s without encryption; use https. ", STR_ARG(host_of(url)));
    warn_unread(m, &b);
    if (b.n > 0 && sb_ok(&b)) b.n--; /* the space behind the last sentence */
    return sb_take(&b, a, &m->warnings, e);
}

enum err cmd__models_plan(const struct conf *conf, struct arena *a, struct cmd__models **ret, struct error *e)
{
    *ret = NULL;
    if (conf->model_provider == CONF_PROVIDER_NONE) return ERR_OK;
    struct cmd__models *m = NEW(a, struct cmd__models, 1);
    if (!m) return error_no_memory(e);
    *m = (struct cmd__models){.conf = conf};
    switch ((enum conf_model_provider)conf->model_provider) {
    case CONF_PROVIDER_BEDROCK: TRY(plan_bedrock(m, a, e)); break;
    case CONF_PROVIDER_ANTHROPIC: TRY(plan_anthropic(m, e)); break;
    case CONF_PROVIDER_OPENAI: TRY(plan_openai(m, e)); break;
    case CONF_PROVIDER_NONE:
    case CONF_PROVIDER_AUTO: break;
    }
    TRY(warn(m, a, e));
    *ret = m;
    return ERR_OK;
}
