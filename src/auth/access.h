/* The one question of access: may this visitor do that to this thing? Everything belongs to a document, and a document to a visitor; its owner may
 * do all, others nothing. What is not yours is answered like what is not there, so that asking tells nothing.
 * Every route that names a document, review, finding or export asks here before anything else. Thread: any that the store serves. */
#pragma once

#include "base/str.h"

struct store;

enum access_action {
    ACCESS_READ,
    ACCESS_CHANGE, /* review, decide, edit, add, export */
    ACCESS_DELETE, /* the document itself */
};

enum access_thing { ACCESS_DOCUMENT, ACCESS_REVIEW, ACCESS_FINDING, ACCESS_EXPORT };

/* ret_document_id: the document it belongs to, in a; ret_used_unix_ms: when that was used last; each may be NULL. ERR_NOT_FOUND "not_found": the message names the kind of thing ("there is no such
 * document, or it is not yours"). ERR_INVALID never: an id of any form is just not there. */
enum err access_check(struct store *store, struct str visitor_id, enum access_action action, enum access_thing thing,
                      struct str id, struct arena *a, struct str *ret_document_id, int64_t *ret_used_unix_ms,
                      struct error *e) MUST_USE;
