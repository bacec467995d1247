/* POST /check: every part of a server that runs, tried for real. One at a time, since each asks the models for money. */
#include "base/time.h"
#include "blob/blob.h"
#include "cmd/checks.h"
#include "cmd/serve_priv.h"
#include "store/store.h"

enum { SMALL_UPLOAD_BYTES = 1 << 20 };

static enum err check_settings(struct cmd__server *s, struct cmd__checks *c, struct error *e)
{
    cmd__check_begin(c);
    bool file = s->conf.conf_file.n > 0;
    return cmd__check_ok(c, "settings",
                         file ? STR("the environment and the file of settings are right")
                              : STR("the environment is right; there is no file of settings"),
                         e);
}

static enum err check_store(struct cmd__server *s, struct cmd__checks *c, struct error *e)
{
    struct error why = {0};
    cmd__check_begin(c);
    enum err tried = store_probe(s->store, &why);
    if (tried == ERR_OK) tried = store_room(s->store, SMALL_UPLOAD_BYTES, &why);
    return cmd__check_tried(c, "store", STR("records can be read and written, and there is room"), tried, &why, e);
}

static enum err check_files(struct cmd__server *s, struct cmd__checks *c, struct error *e)
{
    struct error why = {0};
    cmd__check_begin(c);
    enum err tried = blob_probe(s->blob, &why);
    return cmd__check_tried(c, "files", STR("files can be kept"), tried, &why, e);
}

static enum err check_all(struct cmd__server *s, struct cmd__checks *c, struct error *e)
{
    TRY(check_settings(s, c, e));
    TRY(check_store(s, c, e));
    TRY(check_files(s, c, e));
    if (s->bucket) TRY(cmd__check_bucket(c, s->bucket, e));
    return cmd__check_models(c, cmd__server_models_plan_of(s), e);
}

enum err cmd__server_check(void *ctx, struct arena *a, const struct api_checked **ret, size_t *ret_n, struct error *e)
{
    struct cmd__server *s = ctx;
    struct cmd__checks c = {.arena = a};
    if (atomic_exchange(&s->checking, true)) {
        (void)error_set_reason(e, ERR_CONFLICT, "check_running", "a check runs already");
        return error_hint(e, "Wait for its end; it takes half a minute at most.");
    }
    enum err err = check_all(s, &c, e);
    atomic_store(&s->checking, false);
    *ret = c.parts.at;
    *ret_n = c.parts.n;
    return err;
}
