/* A dismissal is recognised by a key: SHA-256 of what must be the same. The words are folded first (review/locate_priv.h), so that a typing correction
 * of a dash or a space does not bring a finding back.
 * Rejected: the fingerprint of the finding as the key (it has the whole text of its block in it: any edit beside the quote would bring it back); an index
 * of similar quotes (what is hidden must be told in a sentence, and "something like that" is none). */
#include "review/dismiss.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/utf8.h"
#include "review/locate_priv.h"
#include "review/rows_priv.h"

enum { WORDS_MAX = 20000 }; /* bytes of a text that are compared */

static enum err put_folded(struct sb *b, struct str words, struct arena *a, struct error *e)
{
    struct locate_layer folded = {0};
    struct str some = str_sub(words, 0, utf8_floor(words, words.n < WORDS_MAX ? words.n : WORDS_MAX));
    sb_char(b, 0);
    if (some.n == 0) return ERR_OK;
    TRY(locate__layer_make(some, LOCATE_SQUEEZED, false, a, &folded, e));
    sb_str(b, folded.text);
    return ERR_OK;
}

/* Of a finding that a person has edited: as the reviewer said it, and will say it again. */
static enum err as_it_was(const struct store_finding *row, struct arena *a, struct str *ret_category,
                          struct str *ret_description, struct error *e)
{
    const struct json *original = NULL;
    *ret_category = row->category;
    *ret_description = row->description;
    if (!row->original.p) return ERR_OK;
    TRY(json_parse(a, row->original, &original, e));
    *ret_category = json_str(json_get(original, "category"));
    *ret_description = json_str(json_get(original, "description"));
    return ERR_OK;
}

static enum err key_of(const struct store_finding *row, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct str category, description;
    char hex[HASH_SHA256_HEX + 1];
    bool rule = row->source == STORE_BY_RULE;
    TRY(as_it_was(row, a, &category, &description, e));
    sb_str(&b, rule ? STR("rule") : STR("model"));
    sb_char(&b, 0);
    if (rule) sb_str(&b, row->reviewer);
    TRY(put_folded(&b, category, a, e));
    TRY(put_folded(&b, row->located ? row->quote : STR_EMPTY, a, e));
    if (rule || !row->located) TRY(put_folded(&b, description, a, e));
    if (!sb_ok(&b)) return error_no_memory(e);
    TRY(hash_sha256_hex(sb_view(&b), hex, e));
    *ret = str_dup(a, str_from_c(hex));
    return ret->p ? ERR_OK : error_no_memory(e);
}

enum err dismiss_filter(struct store_tx *tx, struct str person, struct store_finding *rows, size_t *n, struct arena *a,
                        size_t *ret_dismissed, struct error *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        struct str key;
        bool holds = false;
        TRY(key_of(&rows[i], a, &key, e));
        TRY(store_dismissal_holds(tx, rows[i].document_id, person, key, &holds, e));
        if (!holds) rows[kept++] = rows[i];
    }
    *ret_dismissed = *n - kept;
    *n = kept;
    return ERR_OK;
}

enum err dismiss_put(struct store_tx *tx, const struct store_finding *row, enum dismiss_scope scope,
                     const struct review_by *by, int64_t now_unix_ms, struct arena *a, struct error *e)
{
    const struct str scope_ids[] = {
        [DISMISS_IN_DOCUMENT] = row->document_id, [DISMISS_FOR_PERSON] = by->visitor, [DISMISS_FOR_TEAM] = STR("")};
    size_t end = row->quote.n < DISMISS_QUOTE_MAX ? row->quote.n : utf8_floor(row->quote, DISMISS_QUOTE_MAX);
    if (row->source == STORE_BY_PERSON) {
        error_set_reason(e, ERR_INVALID, "nothing_to_dismiss",
                         "a person has added this finding; no reviewer raises it");
        return error_hint(e, "Delete it, or reject it without dismissing it.");
    }
    struct store_dismissal d = {
        .scope = (enum store_scope)scope,
        .scope_id = scope_ids[scope],
        .reviewer = row->reviewer,
        .category = row->category,
        .document_id = row->document_id,
        .quote = str_sub(row->quote, 0, end),
        .reason = row->note,
        .by = by->visitor,
        .at_unix_ms = now_unix_ms,
    };
    TRY(review__id(a, &d.id, e));
    TRY(key_of(row, a, &d.key, e));
    return store_dismissal_insert(tx, &d, e);
}

enum err dismiss_take_back(struct store_tx *tx, const struct store_finding *row, struct str person, struct arena *a,
                           struct error *e)
{
    struct str key;
    if (row->source == STORE_BY_PERSON) return ERR_OK;
    TRY(key_of(row, a, &key, e));
    return store_dismissal_take_back(tx, row->document_id, person, key, e);
}

/* --- for people --- */

enum err dismiss_list(const struct review_context *c, const struct review_by *by, struct str document_id,
                      struct arena *a, struct store_dismissal_list *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(c->store, &tx, e));
    return store_dismissal_list(tx, document_id, by->visitor, DISMISS_LIST_MAX, a, ret, e);
}

struct deletion {
    struct str id;
    const struct review_by *by;
    bool admin;
    struct arena *a;
};

static enum err none(struct error *e)
{
    return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such dismissal, or it is not yours");
}

/* Of what is not for all, only those whose it is know that it is there. */
static enum err may_delete(struct store_tx *tx, const struct deletion *w, const struct store_dismissal *d,
                           struct error *e)
{
    struct str document_id, owner = d->scope_id;
    if (d->scope == STORE_SCOPE_TEAM) {
        if (w->admin || str_eq(d->by, w->by->visitor)) return ERR_OK;
        error_set_reason(e, ERR_CONFLICT, "not_yours", "somebody else has dismissed this for the team");
        return error_hint(e, "Ask them, or an administrator.");
    }
    if (d->scope == STORE_SCOPE_DOCUMENT)
        TRY(store_owner_find(tx, STORE_THING_DOCUMENT, d->scope_id, w->a, &document_id, &owner, NULL, e));
    return str_eq(owner, w->by->visitor) ? ERR_OK : none(e);
}

static enum err delete_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct deletion *w = ctx;
    struct store_dismissal d;
    enum err err = store_dismissal_find(tx, w->id, w->a, &d, e);
    if (err != ERR_OK) return err == ERR_NOT_FOUND ? none(e) : err;
    TRY(may_delete(tx, w, &d, e));
    return store_dismissal_delete(tx, d.id, e);
}

enum err dismiss_delete(const struct review_context *c, const struct review_by *by, struct str id, bool admin,
                        struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)1 << 20);
    struct deletion w = {id, by, admin, a};
    if (!a) return error_no_memory(e);
    return store_write(c->store, delete_write, &w, e);
}
