/* Who asks. A visitor is made only by the requests that must have one (an upload, one's own name); for everything else a stranger is somebody who owns
 * nothing, and no row is written for each passing robot. */
#include "api/api_priv.h"
#include "base/hash.h"
#include "net/cookies.h"
#include "review/retention.h"

/* The cookie itself lasts; how long it opens anything without being used is the server's matter (visitor_idle_ms), which need not tell the browser
 * of each request that came. */
static void give_cookie(const struct net_request *rq, struct net_response *rs, struct str secret)
{
    net_cookie_set(rs,
                   (struct net_cookie_options){.name = VISITOR_COOKIE,
                                               .value = secret,
                                               .path = api__of(rq)->o.base_path.n ? api__of(rq)->o.base_path.p : "/",
                                               .max_age_s = VISITOR_LOOPBACK_MS / 1000,
                                               .secure = api__of(rq)->o.secure_cookies || rq->https});
}

enum err api__visitor(struct net_request *rq, struct visitor *ret, struct error *e)
{
    const struct api_options *o = &api__of(rq)->o;
    struct str secret = net_cookie(rq, VISITOR_COOKIE);
    *ret = (struct visitor){.id = STR_EMPTY};
    if (!secret.n) return ERR_OK;
    enum err err =
        visitor_find(o->review->store, secret, o->visitor_idle_ms, o->review->now_unix_ms(), rq->arena, ret, e);
    if (err == ERR_NOT_FOUND) {
        *ret = (struct visitor){.id = STR_EMPTY};
        return ERR_OK;
    }
    if (err == ERR_OK) api__saw_user(rq, ret->id);
    return err;
}

enum err api__visitor_made(struct net_request *rq, struct net_response *rs, struct visitor *ret, struct error *e)
{
    TRY(api__visitor(rq, ret, e));
    if (ret->id.n) return ERR_OK;
    struct visitor_new *made = NEW(rq->arena, struct visitor_new, 1);
    if (!made) return error_no_memory(e);
    TRY(visitor_make(api__context(rq)->store, api__context(rq)->now_unix_ms(), rq->arena, made, e));
    if (rq->user) ((struct api__seen *)rq->user)->made = made;
    api__saw_user(rq, made->visitor.id);
    give_cookie(rq, rs, made->secret);
    *ret = made->visitor;
    return ERR_OK;
}

void api__visitor_keep(struct net_request *rq, struct net_response *rs)
{
    const struct api__seen *seen = rq->user;
    if (seen && seen->made) give_cookie(rq, rs, seen->made->secret);
}

struct review_by api__by(const struct visitor *v) { return (struct review_by){.visitor = v->id, .name = v->name}; }

static struct str thing_id(const struct net_request *rq, enum access_thing thing)
{
    switch (thing) {
    case ACCESS_DOCUMENT: return net_param(rq, "document");
    case ACCESS_REVIEW: return net_param(rq, "review");
    case ACCESS_FINDING: return net_param(rq, "finding");
    case ACCESS_EXPORT: break;
    }
    return net_param(rq, "export");
}

enum err api__allow(struct net_request *rq, enum access_action action, enum access_thing thing, struct api__who *ret,
                    struct error *e)
{
    ret->id = thing_id(rq, thing);
    TRY(api__visitor(rq, &ret->visitor, e));
    ret->by = api__by(&ret->visitor);
    int64_t used_unix_ms = 0;
    const struct review_context *c = api__context(rq);
    TRY(access_check(c->store, ret->visitor.id, action, thing, ret->id, rq->arena, &ret->document_id, &used_unix_ms,
                     e));
    retention_used(c, ret->document_id, used_unix_ms);
    api__saw_document(rq, ret->document_id);
    return ERR_OK;
}

/* --- administrators --- */

/* In a time that says nothing of where they differ, nor of how long the secret is. */
static bool same_secret(struct str given, struct str secret)
{
    char a[HASH_SHA256_HEX + 1], b[HASH_SHA256_HEX + 1];
    unsigned char differ = 0;
    if (hash_sha256_hex(given, a, NULL) != ERR_OK || hash_sha256_hex(secret, b, NULL) != ERR_OK) return false;
    for (size_t i = 0; i < HASH_SHA256_HEX; i++)
        differ |= (unsigned char)(a[i] ^ b[i]);
    return differ == 0;
}

bool api__is_admin(const struct net_request *rq)
{
    const struct api_options *o = &api__of(rq)->o;
    struct str header = net_header(rq, "Authorization");
    if (o->admin_token.n)
        return str_starts_nocase(header, STR("Bearer ")) &&
               same_secret(str_trim(str_sub(header, 7, header.n)), o->admin_token);
    /* a proxy of this machine says whom it speaks for */
    bool here = str_starts(rq->client, STR("127.")) || str_eq_c(rq->client, "::1");
    return o->local && here;
}

enum err api__admin(const struct net_request *rq, struct error *e)
{
    if (api__is_admin(rq)) return ERR_OK;
    (void)error_set_reason(e, ERR_FORBIDDEN, "not_admin", "this is for administrators of the server");
    return error_hint(
        e, "Send the value of PRISM_ADMIN_TOKEN in the header Authorization: Bearer …; the operator sets it.");
}
