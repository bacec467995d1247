/* Amazon Bedrock: who signs, where to, and what is asked again.
 * A call is begun on a thread of the provider's own, because the credentials may have to be fetched and the body hashed, and both may take longer
 * than the threads that ask, or the HTTP client's own, can wait. A call that is asked again goes the same way.
 * The id stands in the path, percent-encoded but for A-Z a-z 0-9 - . _ ~ (so a ':' is %3A and the '/' of an ARN %2F); the signature encodes that once
 * more. Asked again is: once with new credentials; by the profiles of the region's geography; in one piece where a model does not stream.
 * Rejected: going on to "global." by itself, since where a text may be read is for a person to decide; asking for the list of profiles (one more
 * permission). Limits: STARTS_MAX calls that wait to be begun. */
#include "ai/bedrock.h"

#include <stdlib.h>
#include <string.h>

#include "ai/bedrock_priv.h"
#include "ai/learnt_priv.h"
#include "base/pool.h"
#include "base/time.h"
#include "client/sigv4.h"

#define STARTS_MAX 4096
#define PROFILE    STR("profile")
#define IN_ONE     STR("in one piece")

struct ai__bedrock {
    struct ai_provider base;
    struct arena *arena;
    struct client_http *http;
    struct client_credentials *credentials;
    struct str bearer, region, url;
    struct pool *pool;
    struct ai__learnt learnt;
};

static const struct ai__wire stream_wire, whole_wire;

/* --- which id --- */

/* The geographies of a region, "|"-joined, those of the narrower first; NULL: it has none of its own. */
static const char *geographies(struct str region)
{
    static const char *const rows[][2] = {
        {"us-gov-", "us-gov."},
        {"us-", "us."},
        {"eu-", "eu."},
        {"ap-northeast-", "jp.|apac."},
        {"ap-southeast-2", "au.|apac."},
        {"ap-southeast-4", "au.|apac."},
        {"ap-", "apac."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_starts(region, str_from_c(rows[i][0]))) return rows[i][1];
    return NULL;
}

/* The next profile that may have the model: its id, or .p NULL. */
static struct str next_profile(struct ai__bedrock_call *c)
{
    const char *all = geographies(c->provider->region);
    struct str part = STR_EMPTY, rest = str_from_c(all);
    if (!all || str_starts(c->base.model, STR("arn:"))) return STR_EMPTY;
    for (unsigned i = 0; i <= c->profile; i++) {
        if (!rest.p) return STR_EMPTY;
        part = str_cut(rest, '|', &rest);
    }
    c->profile++;
    return str_printf(c->base.arena, "%.*s%.*s", STR_ARG(part), STR_ARG(c->base.model));
}

static bool is_asked_by_profile(const struct ai__bedrock_call *c) { return !str_eq(c->base.sent_model, c->base.model); }

/* --- sending --- */

static struct str url_of(struct ai__bedrock_call *c, struct arena *a)
{
    CLEANUP_SB struct sb b = SB_INIT(16384);
    struct str url = STR_EMPTY;
    struct error e;
    sb_str(&b, c->provider->url);
    SB_LIT(&b, "/model/");
    client_sigv4_encode(&b, c->base.sent_model);
    sb_c(&b, c->base.wire == &stream_wire ? "/converse-stream" : "/converse");
    return sb_take(&b, a, &url, &e) == ERR_OK ? url : STR_EMPTY;
}

/* What the search for credentials says, in the words of the table; its own message and hint say more than ours could. */
static enum err no_keys(const struct ai__bedrock_call *c, struct error *e)
{
    static const char expired[] = "credentials_expired";
    if (e->code == ERR_LIMIT || e->code == ERR_BUSY) return e->code;
    struct error why = *e;
    bool no_route = ai__has(str_from_c(why.reason), "no_route|timeout|connection_lost|tls_failed");
    (void)ai_error(e,
                   no_route                           ? AI_NO_ROUTE
                   : strcmp(why.reason, expired) == 0 ? AI_EXPIRED_TOKEN
                                                      : AI_BAD_CREDENTIALS,
                   "%.*s: %s", STR_ARG(c->base.model), why.message);
    if (why.hint[0]) (void)error_hint(e, "%s", why.hint);
    return error_detail(e, "%s: %s", why.reason, why.detail);
}

static enum err send_signed(struct ai__bedrock_call *c, struct arena *a, struct str url, struct error *e)
{
    struct client_keys keys = {.expires_at_unix_ms = 0};
    if (client_credentials_get(c->provider->credentials, a, &keys, e) != ERR_OK) return no_keys(c, e);
    struct client_header headers[1 + CLIENT_SIGV4_HEADERS_MAX] = {{STR("content-type"), STR("application/json")}};
    struct client_sigv4_request rq = {
        .method = STR("POST"), .url = url, .headers = headers, .n_headers = 1, .body = sb_view(&c->base.body)};
    struct client_sigv4_options o = CLIENT_SIGV4_DEFAULTS;
    o.access_key = keys.access_key;
    o.secret_key = keys.secret_key;
    o.session_token = keys.session_token;
    o.region = c->provider->region;
    o.service = STR("bedrock");
    o.at_unix_ms = time_now_unix_ms();
    struct client_sigv4_signed got = {.n_headers = 0};
    TRY(client_sigv4_sign(a, &rq, &o, &got, e));
    c->access_key = str_dup(c->base.arena, keys.access_key);
    if (!c->access_key.p) return error_no_memory(e);
    for (size_t i = 0; i < got.n_headers; i++)
        headers[1 + i] = got.headers[i];
    return ai__send(&c->base, url, headers, 1 + got.n_headers, e);
}

static enum err send(struct ai__bedrock_call *c, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    if (!a) return error_no_memory(e);
    struct str url = url_of(c, a), bearer = c->provider->bearer;
    if (!url.p) return error_no_memory(e);
    if (bearer.n == 0) return send_signed(c, a, url, e);
    struct client_header headers[] = {{STR("content-type"), STR("application/json")}, {STR("authorization"), bearer}};
    return ai__send(&c->base, url, headers, 2, e);
}

/* On the provider's thread. */
static void send_task(void *object)
{
    struct ai__bedrock_call *c = object;
    struct error e = {0};
    enum err err = atomic_load(&c->base.cancelled) ? ERR_CONFLICT : send(c, &e);
    if (err == ERR_OK) return; /* it is the HTTP client's now */
    c->base.failed = e;
    c->base.failed.code = err;
    ai__end(&c->base);
}

/* --- refusals --- */

static bool ask_again(struct ai__bedrock_call *c, struct error *e)
{
    ai__again(&c->base);
    return pool_submit(c->provider->pool, send_task, c, e) == ERR_OK;
}

/* Where there is something that may help, it is prepared. */
static bool can_help(struct ai__bedrock_call *c, enum ai_reason reason, struct str message)
{
    if (reason == AI_EXPIRED_TOKEN && c->provider->bearer.n == 0 && !c->refreshed) {
        c->refreshed = true;
        client_credentials_expired(c->provider->credentials, c->access_key);
        return true;
    }
    bool no_such_profile = c->profile > 0 && reason == AI_MODEL_NOT_FOUND;
    if (reason == AI_NEEDS_INFERENCE_PROFILE || (no_such_profile && is_asked_by_profile(c))) {
        struct str profile = next_profile(c);
        if (!profile.p) return false;
        c->base.sent_model = profile;
        return true;
    }
    if (reason == AI_BAD_REQUEST && c->base.wire == &stream_wire &&
        ai__has(message, "tool use in streaming mode|streaming is not supported|support streaming")) {
        c->base.wire = &whole_wire;
        (void)ai__learnt_put(&c->provider->learnt, c->base.model, IN_ONE, STR("yes"));
        return true;
    }
    return false;
}

static bool refused(struct ai__call *base, struct error *e)
{
    struct ai__bedrock_call *c = (struct ai__bedrock_call *)base;
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    struct error why = {0};
    struct str message = STR_EMPTY, rest, code = str_cut(str_from_c(base->error_type), ':', &rest);
    if (ai__event_parse(base, sb_view(&base->refusal), &a, &v, &why) == ERR_OK) {
        message = json_str(json_get(v, json_get(v, "message") ? "message" : "Message"));
        if (code.n == 0) code = json_str(json_get(v, json_get(v, "code") ? "code" : "__type"));
    }
    size_t hash = str_find_char(code, '#', 0);
    if (hash != STR_NONE) code = str_sub(code, hash + 1, code.n);
    enum ai_reason reason = ai__bedrock_reason(base->status, code, message);
    if (can_help(c, reason, message)) return ask_again(c, e);
    /* none of the profiles has it: what helps is to name one */
    if (c->profile > 0 && is_asked_by_profile(c) && reason == AI_MODEL_NOT_FOUND) {
        base->sent_model = base->model;
        reason = AI_NEEDS_INFERENCE_PROFILE;
    }
    (void)ai__refuse(base, reason, code, message, e);
    return false;
}

/* --- answers --- */

/* The first bytes of an answer: this is the way to ask. */
static void remember(struct ai__bedrock_call *c)
{
    if (!is_asked_by_profile(c) || c->profile == 0) return;
    c->profile = 0;
    if (ai__learnt_put(&c->provider->learnt, c->base.model, PROFILE, c->base.sent_model))
        c->base.profile_note =
            str_printf(c->base.arena,
                       "%.*s has no on-demand throughput in %.*s; it is asked for by its inference "
                       "profile %.*s",
                       STR_ARG(c->base.model), STR_ARG(c->provider->region), STR_ARG(c->base.sent_model));
}

static enum err stream_data(struct ai__call *c, struct str bytes, struct error *e)
{
    remember((struct ai__bedrock_call *)c);
    return ai__bedrock_stream_data(c, bytes, e);
}

static enum err whole_data(struct ai__call *c, struct str bytes, struct error *e)
{
    remember((struct ai__bedrock_call *)c);
    return ai__bedrock_whole_data(c, bytes, e);
}

static void done(struct ai__call *base)
{
    struct ai__bedrock_call *c = (struct ai__bedrock_call *)base;
    client_eventstream_free(c->frames);
    sb_done(&c->whole);
}

static const struct ai__wire stream_wire = {.content_type = "application/vnd.amazon.eventstream",
                                            .data = stream_data,
                                            .end = ai__bedrock_stream_end,
                                            .refused = refused,
                                            .done = done};
static const struct ai__wire whole_wire = {.content_type = "application/json",
                                           .in_one_piece = true,
                                           .data = whole_data,
                                           .end = ai__bedrock_whole_end,
                                           .refused = refused,
                                           .done = done};

/* --- the provider --- */

static enum err call_begin(struct ai__bedrock *p, struct ai__bedrock_call *c, const struct ai_request *rq,
                           struct error *e)
{
    struct str profile = ai__learnt_get(&p->learnt, rq->model, PROFILE);
    if (profile.p) c->base.sent_model = profile;
    if (ai__learnt_get(&p->learnt, rq->model, IN_ONE).p) c->base.wire = &whole_wire;
    c->whole = (struct sb)SB_INIT(AI__ANSWER_MAX);
    TRY(ai__bedrock_frames(&c->base, e));
    ai__bedrock_body(&c->base.body, rq);
    return pool_submit(p->pool, send_task, c, e);
}

static enum err start(struct ai_provider *provider, const struct ai_request *rq, const struct ai_handler *handler,
                      struct ai_call **ret, struct error *e)
{
    struct ai__bedrock *p = (struct ai__bedrock *)provider;
    struct ai__call *base = NULL;
    TRY(ai__request_check(rq, e));
    TRY(ai__call_new(sizeof(struct ai__bedrock_call), provider->ops, &stream_wire, p->http, rq, handler, &base, e));
    base->secret = p->bearer;
    ((struct ai__bedrock_call *)base)->provider = p;
    *ret = &base->base;
    enum err err = call_begin(p, (struct ai__bedrock_call *)base, rq, e);
    if (err == ERR_OK) return ERR_OK;
    *ret = NULL;
    ai__call_unref(base);
    ai__call_unref(base);
    return err;
}

static void bedrock_free(struct ai_provider *provider)
{
    struct ai__bedrock *p = (struct ai__bedrock *)provider;
    if (!p) return;
    pool_free(p->pool);
    ai__learnt_done(&p->learnt);
    arena_free(p->arena);
}

static const struct ai_provider_ops ops = {
    .name = "bedrock", .start = start, .cancel = ai__cancel, .free_call = ai__free_call, .free = bedrock_free};

enum err ai_bedrock_new(const struct ai_bedrock_options *o, struct ai_provider **ret, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 16);
    struct ai__bedrock *p = a ? NEW(a, struct ai__bedrock, 1) : NULL;
    if (!p) return error_no_memory(e);
    p->base.ops = &ops;
    p->http = o->http;
    p->credentials = o->credentials;
    p->region = str_dup(a, o->region);
    if (o->bearer_token.n > 0) p->bearer = str_printf(a, "Bearer %.*s", STR_ARG(o->bearer_token));
    p->url = o->base_url.n > 0 ? str_dup(a, o->base_url)
                               : str_printf(a, "https://bedrock-runtime.%.*s.amazonaws.com", STR_ARG(o->region));
    if (!p->region.p || !p->url.p || (o->bearer_token.n > 0 && !p->bearer.p)) return error_no_memory(e);
    TRY(pool_new(1, STARTS_MAX, &p->pool, e));
    if (!ai__learnt_init(&p->learnt)) {
        pool_free(p->pool);
        return error_no_memory(e);
    }
    p->arena = TAKE(a);
    *ret = &p->base;
    return ERR_OK;
}
