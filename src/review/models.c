#include "review/models.h"

#include "store/queries.h"

double models_folded_below(const struct review_context *c) { return c->models ? c->models->min_confidence : 0; }

enum err models_may_send(const struct review_context *c, const struct store_document *document, struct error *e)
{
    if (c->models && c->models->never_send) {
        error_set_reason(e, ERR_CONFLICT, "never_send", "this server sends no document to a model");
        return error_hint(e, "The operator has set PRISM_NEVER_SEND; the rules review alone.");
    }
    if (!document->never_send) return ERR_OK;
    error_set_reason(e, ERR_CONFLICT, "never_send", "this document is marked \"never send to a model\"");
    return error_hint(e, "Take the mark away, if it may be sent; the rules review it either way.");
}
