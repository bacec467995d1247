/* Nothing is sent where personal data would have to be replaced first: that is not done here yet, and a mode that only looks safe would be worse than
 * none. Without it texts go as they are. */
#include "review/redact.h"

struct redact {
    enum redact_mode mode;
};

static enum err cannot(struct error *e)
{
    error_set_reason(e, ERR_CONFLICT, "cannot_redact",
                     "personal data cannot be replaced by placeholders, so nothing is sent to a model");
    return error_hint(e, "The rules review alone. The operator can switch this off: PRISM_REDACT=false.");
}

enum err redact_new(const struct doc *doc, enum redact_mode mode, struct arena *a, struct redact **ret, struct error *e)
{
    (void)doc;
    struct redact *r = NEW(a, struct redact, 1);
    if (!r) return error_no_memory(e);
    r->mode = mode;
    if (mode != REDACT_OFF) return cannot(e);
    *ret = r;
    return ERR_OK;
}

static enum err same(const struct redact *r, struct str text, struct str *ret, struct error *e)
{
    if (r->mode != REDACT_OFF) return cannot(e);
    *ret = text;
    return ERR_OK;
}

enum err redact_text(const struct redact *r, struct str text, struct arena *a, struct str *ret, struct error *e)
{
    (void)a;
    return same(r, text, ret, e);
}

enum err redact_back(const struct redact *r, struct str text, struct arena *a, struct str *ret, struct error *e)
{
    (void)a;
    return same(r, text, ret, e);
}
