/* What a kind of file store implements. blob.c checks the keys, so that each kind need not. */
#pragma once

#include "blob/blob.h"

struct blob_ops {
    enum err (*put_bytes)(struct blob *b, struct str key, struct str bytes, struct error *e);
    enum err (*put_fd)(struct blob *b, struct str key, int fd, uint64_t max_bytes, struct error *e);
    enum err (*make)(struct blob *b, struct str key, blob_make_fn make, void *ctx, struct error *e);
    enum err (*get)(struct blob *b, struct arena *a, struct str key, size_t max_bytes, struct str *ret,
                    struct error *e);
    enum err (*open_fd)(struct blob *b, struct str key, int *ret_fd, uint64_t *ret_size_bytes, struct error *e);
    enum err (*remove)(struct blob *b, struct str key, struct error *e);
    enum err (*exists)(struct blob *b, struct str key, bool *ret, struct error *e);
    enum err (*probe)(struct blob *b, struct error *e);
    enum err (*walk)(struct blob *b, enum err (*each)(void *ctx, const struct blob_found *found, struct error *e),
                     void *ctx, struct error *e);
    enum err (*sweep)(struct blob *b, int64_t older_than_ms, size_t *ret_removed, struct error *e);
    void (*free)(struct blob *b);
};

/* Has this the form of a key? A kind that finds other things among its files leaves them alone. */
bool blob__is_key(struct str key);

/* The first member of every kind. */
struct blob {
    const struct blob_ops *ops;
};
