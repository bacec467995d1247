/* Visitors. The secret is 256 bits from the kernel; the store has its SHA-256, which for a secret that nobody can guess is as good as a slow password
 * hash and a thousand times faster. It is looked up by an index, so what a comparison's time tells is a hash, not the secret. */
#include "auth/visitor.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/utf8.h"
#include "store/queries.h"

#define SEEN_PART 100 /* of idle_max_ms: so often is it noted that a visitor was seen */

struct write { /* what runs in a transaction */
    struct store_visitor row;
    int64_t at_unix_ms;
    struct arena *a;
};

static enum err insert(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct write *w = ctx;
    return store_visitor_insert(tx, &w->row, e);
}

static enum err seen(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct write *w = ctx;
    return store_visitor_seen(tx, w->row.id, w->at_unix_ms, e);
}

static enum err rename_to(struct store_tx *tx, void *ctx, struct error *e)
{
    struct write *w = ctx;
    TRY(store_visitor_rename(tx, w->row.id, w->row.name, e));
    return store_visitor_find(tx, w->row.id, w->a, &w->row, e);
}

enum err visitor_make(struct store *store, int64_t now_unix_ms, struct arena *a, struct visitor_new *ret,
                      struct error *e)
{
    unsigned char bytes[VISITOR_SECRET_CHARS / 2];
    char id[RANDOM_ID_CHARS + 1], secret[VISITOR_SECRET_CHARS + 1], hash[HASH_SHA256_HEX + 1];
    random_id(id);
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(secret + 2 * i, 3, "%02x", bytes[i]);
    TRY(hash_sha256_hex(str_from_c(secret), hash, e));
    struct visitor_new made = {.visitor = {.id = str_dup(a, str_from_c(id)), .name = STR("")},
                               .secret = str_dup(a, str_from_c(secret))};
    if (!made.visitor.id.p || !made.secret.p) return error_no_memory(e);
    struct write w = {.row = {.id = made.visitor.id,
                              .secret_hash = str_from_c(hash),
                              .name = STR(""),
                              .created_unix_ms = now_unix_ms,
                              .seen_unix_ms = now_unix_ms}};
    TRY(store_write(store, insert, &w, e));
    *ret = made;
    return ERR_OK;
}

static enum err nobody(struct error *e)
{
    return error_set_reason(e, ERR_NOT_FOUND, "no_visitor", "the cookie %s is nobody's, or was not used for too long",
                            VISITOR_COOKIE);
}

static enum err look_up(struct store *store, struct str secret, struct arena *a, struct store_visitor *ret,
                        struct error *e)
{
    char hash[HASH_SHA256_HEX + 1];
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    if (secret.n != VISITOR_SECRET_CHARS) return nobody(e);
    TRY(hash_sha256_hex(secret, hash, e));
    TRY(store_read(store, &tx, e));
    enum err err = store_visitor_find_by_secret(tx, str_from_c(hash), a, ret, e);
    return err == ERR_NOT_FOUND ? nobody(e) : err;
}

enum err visitor_find(struct store *store, struct str secret, int64_t idle_max_ms, int64_t now_unix_ms, struct arena *a,
                      struct visitor *ret, struct error *e)
{
    struct write w = {.at_unix_ms = now_unix_ms};
    TRY(look_up(store, secret, a, &w.row, e));
    int64_t idle_ms = now_unix_ms - w.row.seen_unix_ms;
    if (idle_ms > idle_max_ms) return nobody(e);
    if (idle_ms > idle_max_ms / SEEN_PART) {
        enum err err = store_write(store, seen, &w, e);
        if (err != ERR_OK && err != ERR_STORAGE) return err; /* on a full disk it is tried again at the next request */
    }
    *ret = (struct visitor){w.row.id, w.row.name};
    return ERR_OK;
}

static enum err check_name(struct str name, struct error *e)
{
    if (!utf8_valid(name)) return error_set_reason(e, ERR_INVALID, "bad_name", "the name is not UTF-8");
    if (name.n > VISITOR_NAME_MAX) {
        error_set_reason(e, ERR_INVALID, "bad_name", "the name has %zu bytes; the limit is %d", name.n,
                         VISITOR_NAME_MAX);
        return error_hint(e, "Give a shorter name.");
    }
    for (size_t i = 0; i < name.n;) {
        uint32_t r = utf8_next(name, &i);
        if (r < 0x20 || (r >= 0x7F && r < 0xA0) || r == 0x2028 || r == 0x2029)
            return error_set_reason(e, ERR_INVALID, "bad_name", "the name has a control character or a line break");
    }
    return ERR_OK;
}

enum err visitor_rename(struct store *store, struct str id, struct str name, struct arena *a, struct visitor *ret,
                        struct error *e)
{
    name = str_trim(name);
    TRY(check_name(name, e));
    struct write w = {.row = {.id = id, .name = name.p ? name : STR("")}, .a = a};
    TRY(store_write(store, rename_to, &w, e));
    *ret = (struct visitor){w.row.id, w.row.name};
    return ERR_OK;
}
