/* The bucket of exports: settings to a client, the client as the domain wants it, and trying it.
 * What is tried is what an export needs, putting below the base path; that the object cannot be deleted again is no failure, since an export never deletes. The
 * object always has the same name, so checks that may not delete leave one behind and not many. */
#include "cmd/bucket.h"

#include "base/sb.h"
#include "cmd/models.h"

#define PROBE "prism-check.txt"

static enum err put(void *ctx, const struct review_bucket_object *o, struct error *e)
{
    const struct cmd__bucket *b = ctx;
    const struct client_s3_object object = {.key = o->key,
                                            .content_type = o->content_type,
                                            .size = o->size,
                                            .read = o->read,
                                            .begun = o->begun,
                                            .sent = o->sent,
                                            .ctx = o->ctx};
    return client_s3_put(b->s3, &object, e);
}

static enum err abort_upload(void *ctx, struct str key, struct str id, struct error *e)
{
    const struct cmd__bucket *b = ctx;
    return client_s3_abort(b->s3, key, id, e);
}

enum err cmd__bucket_plan(const struct conf *conf, struct arena *a, struct cmd__bucket **ret, struct error *e)
{
    *ret = NULL;
    if (!conf->s3_bucket.n) return ERR_OK;
    struct cmd__bucket *b = NEW(a, struct cmd__bucket, 1);
    if (!b) return error_no_memory(e);
    *b = (struct cmd__bucket){.conf = conf, .region = conf->s3_region};
    b->domain = (struct review_bucket){
        .name = conf->s3_bucket, .base = conf->s3_base_path, .put = put, .abort = abort_upload, .ctx = b};
    enum err err = b->region.n ? ERR_OK : cmd__aws_region(conf, a, &b->region, e);
    if (err == ERR_NOT_FOUND && strcmp(e->reason, "no_region") == 0) {
        if (!conf->s3_url.n) {
            (void)error_set_reason(
                e, ERR_INVALID, "bad_setting",
                "S3_BUCKET_NAME is set, and there is no region for it: S3_REGION, AWS_REGION and AWS_DEFAULT_REGION are not set, "
                "and the AWS profile names none");
            return error_hint(e, "Set S3_REGION to the region of the bucket; the console of S3 shows it.");
        }
        b->region = STR("us-east-1"); /* what servers that speak as S3 does take where none is set */
        *e = (struct error){0};
        err = ERR_OK;
    }
    if (err == ERR_OK) *ret = b;
    return err;
}

enum err cmd__bucket_open(struct cmd__bucket *b, struct error *e)
{
    const struct client_http_options http = CLIENT_HTTP_DEFAULTS;
    struct client_s3_options o = CLIENT_S3_DEFAULTS;
    TRY(client_http_new(&http, &b->http, e));
    const struct client_credentials_options keys = {.http = b->http};
    TRY(client_credentials_new(&keys, &b->credentials, e));
    o.http = b->http;
    o.credentials = b->credentials;
    o.bucket = b->conf->s3_bucket;
    o.region = b->region;
    o.url = b->conf->s3_url;
    return client_s3_new(&o, &b->s3, e);
}

void cmd__bucket_close(struct cmd__bucket *b)
{
    if (!b) return;
    client_s3_free(b->s3);
    client_credentials_free(b->credentials);
    client_http_free(b->http);
    b->s3 = NULL;
    b->credentials = NULL;
    b->http = NULL;
}

/* --- trying it --- */

static const char probe_text[] = "prism check was here; this file may be deleted.\n";

static enum err read_probe(void *ctx, void *to, size_t n, struct error *e)
{
    (void)ctx;
    (void)e;
    memcpy(to, probe_text, n);
    return ERR_OK;
}

static enum err try_bucket(const struct cmd__bucket *b, struct str key, bool *ret_left, struct error *e)
{
    struct error why = {0};
    const struct client_s3_object probe = {.key = key,
                                           .content_type = STR("text/plain; charset=utf-8"),
                                           .size = sizeof probe_text - 1,
                                           .read = read_probe};
    TRY(client_s3_put(b->s3, &probe, e));
    *ret_left = client_s3_delete(b->s3, key, &why) != ERR_OK;
    if (*ret_left && strcmp(why.reason, "s3_access_denied") != 0) {
        *e = why;
        return why.code;
    }
    return ERR_OK;
}

enum err cmd__check_bucket(struct cmd__checks *c, struct cmd__bucket *b, struct error *e)
{
    struct error why = {0};
    bool left = false;
    cmd__check_begin(c);
    struct str base = b->domain.base;
    struct str key = str_printf(c->arena, "%.*s%s" PROBE, STR_ARG(base), base.n ? "/" : "");
    if (!key.p) return error_no_memory(e);
    enum err tried = try_bucket(b, key, &left, &why);
    struct str text = str_printf(
        c->arena, "objects can be put into the bucket %.*s (%.*s)%s%.*s%s", STR_ARG(b->domain.name), STR_ARG(b->region),
        left ? "; deleting is not allowed, so " : "", STR_ARG(left ? key : STR_EMPTY), left ? " stays there" : "");
    if (!text.p) return error_no_memory(e);
    return cmd__check_tried(c, "s3", text, tried, &why, e);
}
