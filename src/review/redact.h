/* Personal data replaced by placeholders in everything that is sent to a model, and put back in what it answers.
 * What is personal is found once in the whole document (rules/personal.h): names where it shows surely that they are names, addresses of e-mail, numbers
 * of telephones, accounts and people, addresses of machines, secrets. Each value has one number ([PERSON_1], [EMAIL_2]) wherever it stands; other
 * ways of writing it and parts of a name have the same with a second one ([PERSON_1_2]), so that the model can still tell who is who, and what is put
 * back is what stood there, byte for byte.
 * Limits: a value that is in the texts to be sent but not in the document is not known here; postal addresses are not found.
 * Thread: any; a redaction is immutable once made. */
#pragma once

#include "doc/model.h"

enum redact_mode {
    REDACT_OFF, /* both ways give the text itself */
    REDACT_ON
};

struct redact;
struct rules_engine;

/* Looks through the document. engine, doc: borrowed by *ret, which lives in a. ERR_CONFLICT "cannot_redact": it cannot be done surely, so nothing may
 * be sent; ERR_LIMIT no memory. */
enum err redact_new(const struct rules_engine *engine, const struct doc *doc, enum redact_mode mode, struct arena *a,
                    struct redact **ret, struct error *e) MUST_USE;

/* A text as it may be sent; in a, or the text itself. ERR_CONFLICT "cannot_redact": something would remain, or could not be put back: a value in a form
 * that is not known, or words that look like a placeholder. */
enum err redact_text(const struct redact *r, struct str text, struct arena *a, struct str *ret,
                     struct error *e) MUST_USE;

/* What a model has answered, with the values in their places; in a, or the text itself. ERR_INVALID "unknown_placeholder": it has made one up. */
enum err redact_back(const struct redact *r, struct str text, struct arena *a, struct str *ret,
                     struct error *e) MUST_USE;
