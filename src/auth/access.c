/* Who may do what. The rights of a relation to a document are a row; owners are the only relation that there is. */
#include "auth/access.h"

#include "store/queries.h"

static const unsigned owner_may = (1u << ACCESS_READ) | (1u << ACCESS_CHANGE) | (1u << ACCESS_DELETE);

static const struct {
    enum store_thing thing;
    const char *name;
} things[] = {
    [ACCESS_DOCUMENT] = {STORE_THING_DOCUMENT, "document"},
    [ACCESS_REVIEW] = {STORE_THING_REVIEW, "review"},
    [ACCESS_FINDING] = {STORE_THING_FINDING, "finding"},
    [ACCESS_EXPORT] = {STORE_THING_EXPORT, "export"},
};

static enum err not_there(enum access_thing thing, struct error *e)
{
    return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such %s, or it is not yours",
                            things[thing].name);
}

enum err access_check(struct store *store, struct str visitor_id, enum access_action action, enum access_thing thing,
                      struct str id, struct arena *a, struct str *ret_document_id, int64_t *ret_used_unix_ms,
                      struct error *e)
{
    int64_t used = 0;
    struct str document_id, owner;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    if (visitor_id.n == 0) return not_there(thing, e);
    TRY(store_read(store, &tx, e));
    enum err err = store_owner_find(tx, things[thing].thing, id, a, &document_id, &owner, &used, e);
    if (err == ERR_NOT_FOUND) return not_there(thing, e);
    if (err != ERR_OK) return err;
    unsigned may = str_eq(owner, visitor_id) ? owner_may : 0;
    if (!(may & (1u << action))) return not_there(thing, e);
    if (ret_document_id) *ret_document_id = document_id;
    if (ret_used_unix_ms) *ret_used_unix_ms = used;
    return ERR_OK;
}
