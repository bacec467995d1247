/* Keys that are kept, and the search for them.
 * A set of keys lives in an arena of its own; get copies it out under the lock, so a set that is replaced can go at once. While one caller
 * fetches, the others take the old keys as long as these are good, and wait only where there are none; a fetch that fails is everybody's
 * answer who waited for it. When new keys cannot be had the old ones serve to their end (AWS calls that static stability), and the next try
 * comes after RETRY_MS.
 * Rejected: a thread that refreshes ahead (it would ask although nobody needs keys); remembering failures (an operator who has just put a
 * file right should not wait).
 * Limits: KEYS_MAX of memory a set. */
#include "client/credentials.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/time.h"
#include "client/credentials_priv.h"

#define KEYS_MAX   ((size_t)4 << 20) /* a search reads files and answers */
#define EARLY_MS   (5 * 60 * 1000)   /* new keys are fetched so long before the old ones end */
#define STILL_GOOD (10 * 1000)       /* and these are still handed out until then */
#define RETRY_MS   (30 * 1000)

struct client_credentials {
    struct client_credentials_options o;
    struct lock lock; /* guards all below */
    struct lock_cond over;
    struct arena *arena; /* of keys; NULL: none */
    struct client_keys keys;
    bool refused;        /* AWS has called them expired */
    bool fetching;       /* somebody is at it */
    uint64_t rounds;     /* fetches that are over */
    struct error failed; /* of the last one; code ERR_OK: none */
    int64_t not_before;  /* unix ms: no new try while old keys are good */
};

static const char *from_getenv(void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
}

enum err client_credentials_new(const struct client_credentials_options *options, struct client_credentials **ret,
                                struct error *e)
{
    struct client_credentials *c = calloc(1, sizeof *c);
    if (!c) return error_no_memory(e);
    c->o = *options;
    if (!c->o.env) c->o.env = from_getenv;
    lock_init(&c->lock, LOCK_RANK_CREDENTIALS);
    lock_cond_init(&c->over);
    *ret = c;
    return ERR_OK;
}

void client_credentials_free(struct client_credentials *c)
{
    if (!c) return;
    arena_free(c->arena);
    lock_cond_done(&c->over);
    lock_done(&c->lock);
    free(c);
}

/* --- the search --- */

struct str client__env(const struct client_credentials_options *o, const char *name)
{
    struct str value = str_trim(str_from_c(o->env(o->env_ctx, name)));
    return value.n ? value : STR_EMPTY;
}

void client__tried(struct client__search *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t n = strlen(s->tried);
    if (n > 0) n += (size_t)snprintf(s->tried + n, sizeof s->tried - n, "; ");
    if (n >= sizeof s->tried) n = sizeof s->tried - 1;
    (void)vsnprintf(s->tried + n, sizeof s->tried - n, format, args);
    va_end(args);
}

static enum err keys_from_env(struct client__search *s, struct client_keys *ret, bool *found, struct error *e)
{
    struct str access = client__env(s->o, "AWS_ACCESS_KEY_ID"), secret = client__env(s->o, "AWS_SECRET_ACCESS_KEY");
    if (!access.p && !secret.p) {
        client__tried(s, "AWS_ACCESS_KEY_ID is not set");
        return ERR_OK;
    }
    if (!access.p || !secret.p) {
        error_set_reason(e, ERR_INVALID, "half_credentials", "%s is set, but %s is not",
                         access.p ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                         access.p ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        return error_hint(e, "Set both, or neither if the keys come from somewhere else.");
    }
    *ret = (struct client_keys){access, secret, client__env(s->o, "AWS_SESSION_TOKEN"), 0, STR("the environment")};
    *found = true;
    return ERR_OK;
}

static enum err search(struct client__search *s, struct client_keys *ret, struct error *e)
{
    static enum err (*const sources[])(struct client__search * s, struct client_keys * ret, bool *found,
                                       struct error *e) = {
        keys_from_env,
        client__keys_from_profile,
        client__keys_from_web_identity,
        client__keys_from_container,
        client__keys_from_instance,
    };
    bool found = false;
    for (size_t i = 0; !found && i < sizeof sources / sizeof *sources; i++)
        TRY(sources[i](s, ret, &found, e));
    if (!found) {
        error_set_reason(e, ERR_NOT_FOUND, "no_credentials", "there are no AWS credentials: %s", s->tried);
        return error_hint(e, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine or "
                             "container a role.");
    }
    if (!ret->expires_at_unix_ms || ret->expires_at_unix_ms > time_now_unix_ms()) return ERR_OK;
    error_set_reason(e, ERR_UPSTREAM, "credentials_expired", "the AWS credentials of %.*s are expired as they come",
                     STR_ARG(ret->source));
    return error_hint(e, "Look at this machine's clock.");
}

/* All texts of keys in the arena. */
static enum err keys_copy(struct arena *a, const struct client_keys *from, struct client_keys *to, struct error *e)
{
    struct client_keys k = {.access_key = str_dup(a, from->access_key),
                            .secret_key = str_dup(a, from->secret_key),
                            .session_token = str_dup(a, from->session_token),
                            .expires_at_unix_ms = from->expires_at_unix_ms,
                            .source = str_dup(a, from->source)};
    if (!k.access_key.p || !k.secret_key.p || !k.session_token.p || !k.source.p) return error_no_memory(e);
    *to = k;
    return ERR_OK;
}

/* A set of keys in an arena that holds nothing else. */
static enum err fetch(const struct client_credentials *c, struct arena **ret_arena, struct client_keys *ret,
                      struct error *e)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(KEYS_MAX), *own = arena_new(KEYS_MAX);
    if (!scratch || !own) return error_no_memory(e);
    struct client__search s = {.o = &c->o, .arena = scratch};
    struct client_keys keys = {.expires_at_unix_ms = 0};
    enum err err = search(&s, &keys, e);
    TRY(err);
    TRY(keys_copy(own, &keys, ret, e));
    *ret_arena = TAKE(own);
    return ERR_OK;
}

/* --- what is kept --- */

/* Are there keys that last so long? */
static bool good_for(struct client_credentials *c, int64_t ms) REQUIRES_LOCK(c->lock)
{
    if (!c->arena || c->refused) return false;
    return !c->keys.expires_at_unix_ms || c->keys.expires_at_unix_ms - time_now_unix_ms() > ms;
}

/* Fetches, with the lock given back meanwhile. */
static void refresh(struct client_credentials *c) REQUIRES_LOCK(c->lock)
{
    struct arena *arena = NULL;
    struct client_keys keys;
    struct error failed = {.code = ERR_OK};
    c->fetching = true;
    lock_give(&c->lock);
    (void)(fetch(c, &arena, &keys, &failed) == ERR_OK);
    lock_take(&c->lock);
    struct arena *old = arena ? c->arena : NULL;
    if (arena) {
        c->arena = arena;
        c->keys = keys;
        c->refused = false;
    } else {
        c->not_before = time_now_unix_ms() + RETRY_MS;
    }
    c->failed = failed;
    c->fetching = false;
    c->rounds++;
    lock_cond_broadcast(&c->over);
    arena_free(old);
}

/* Until there are keys, or a fetch that was waited for has failed. */
static enum err keys_have(struct client_credentials *c, struct error *e) REQUIRES_LOCK(c->lock)
{
    if (good_for(c, EARLY_MS)) return ERR_OK;
    if (good_for(c, STILL_GOOD) && (c->fetching || time_now_unix_ms() < c->not_before)) return ERR_OK;
    if (!c->fetching) {
        refresh(c);
    } else {
        for (uint64_t round = c->rounds; round == c->rounds;)
            lock_cond_wait(&c->over, &c->lock);
    }
    if (c->failed.code == ERR_OK || good_for(c, STILL_GOOD)) return ERR_OK;
    if (e) *e = c->failed;
    return c->failed.code;
}

enum err client_credentials_get(struct client_credentials *c, struct arena *a, struct client_keys *ret, struct error *e)
{
    lock_take(&c->lock);
    enum err err = keys_have(c, e);
    if (err == ERR_OK) err = keys_copy(a, &c->keys, ret, e);
    lock_give(&c->lock);
    return err;
}

void client_credentials_expired(struct client_credentials *c, struct str access_key)
{
    lock_take(&c->lock);
    if (c->arena && str_eq(c->keys.access_key, access_key)) c->refused = true;
    lock_give(&c->lock);
}

enum err client_credentials_region(struct client_credentials *c, struct arena *a, struct str *ret, struct error *e)
{
    struct client__search s = {.o = &c->o, .arena = a};
    struct str region = STR_EMPTY;
    enum err err = client__region_local(&s, &region, e);
    if (err == ERR_OK && !region.p) err = client__region_of_instance(&s, &region, e);
    if (err == ERR_OK && !region.p) {
        (void)error_set_reason(e, ERR_NOT_FOUND, "no_region", "there is no AWS region: %s", s.tried);
        (void)error_hint(e, "Set AWS_REGION, for example to eu-west-1.");
        err = ERR_NOT_FOUND;
    }
    if (err != ERR_OK) return err;
    region = str_dup(a, region);
    if (!region.p) return error_no_memory(e);
    *ret = region;
    return ERR_OK;
}
