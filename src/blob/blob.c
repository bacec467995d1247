/* Files by key, whatever keeps them: the check of the key, and the call of the kind's own function. */
#include "blob/blob.h"

#include "blob/blob_priv.h"

/* No dot, no slash, no letter that a file system may fold into another: a key cannot name anything but a file of ours. */
bool blob__is_key(struct str key)
{
    bool good = key.n >= BLOB_KEY_MIN && key.n <= BLOB_KEY_MAX;
    for (size_t i = 0; good && i < key.n; i++)
        good = (key.p[i] >= '0' && key.p[i] <= '9') || (key.p[i] >= 'a' && key.p[i] <= 'z');
    return good;
}

static enum err check_key(struct str key, struct error *e)
{
    if (blob__is_key(key)) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "bad_key", "a key of a file has %d to %d characters of 0-9 and a-z",
                            BLOB_KEY_MIN, BLOB_KEY_MAX);
}

void blob_free(struct blob *b)
{
    if (b) b->ops->free(b);
}

enum err blob_put_bytes(struct blob *b, struct str key, struct str bytes, struct error *e)
{
    TRY(check_key(key, e));
    return b->ops->put_bytes(b, key, bytes, e);
}

enum err blob_put_fd(struct blob *b, struct str key, int fd, uint64_t max_bytes, struct error *e)
{
    TRY(check_key(key, e));
    return b->ops->put_fd(b, key, fd, max_bytes, e);
}

enum err blob_make(struct blob *b, struct str key, blob_make_fn make, void *ctx, struct error *e)
{
    TRY(check_key(key, e));
    return b->ops->make(b, key, make, ctx, e);
}

enum err blob_get(struct blob *b, struct arena *a, struct str key, size_t max_bytes, struct str *ret, struct error *e)
{
    TRY(check_key(key, e));
    return b->ops->get(b, a, key, max_bytes, ret, e);
}

enum err blob_open_fd(struct blob *b, struct str key, int *ret_fd, uint64_t *ret_size_bytes, struct error *e)
{
    TRY(check_key(key, e));
    return b->ops->open_fd(b, key, ret_fd, ret_size_bytes, e);
}

enum err blob_delete(struct blob *b, struct str key, struct error *e)
{
    TRY(check_key(key, e));
    return b->ops->remove(b, key, e);
}

enum err blob_exists(struct blob *b, struct str key, bool *ret, struct error *e)
{
    TRY(check_key(key, e));
    return b->ops->exists(b, key, ret, e);
}

enum err blob_probe(struct blob *b, struct error *e) { return b->ops->probe(b, e); }

enum err blob_walk(struct blob *b, enum err (*each)(void *ctx, const struct blob_found *found, struct error *e),
                   void *ctx, struct error *e)
{
    return b->ops->walk(b, each, ctx, e);
}

enum err blob_sweep(struct blob *b, int64_t older_than_ms, size_t *ret_removed, struct error *e)
{
    return b->ops->sweep(b, older_than_ms, ret_removed, e);
}
