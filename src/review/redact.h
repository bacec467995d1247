/* Personal data replaced by placeholders in everything that is sent to a model, and put back in what it answers.
 * What is personal is found once in the whole document: names where it shows surely that they are names, addresses of e-mail, numbers of telephones,
 * accounts and people. Each value has one placeholder ([PERSON_1], [EMAIL_2]) wherever it stands, so that the model can still tell who is who.
 * Thread: any; a redaction is immutable once made. */
#pragma once

#include "doc/model.h"

enum redact_mode {
    REDACT_OFF, /* both ways give the text itself */
    REDACT_ON
};

struct redact;

/* Looks through the document. *ret lives in a. ERR_CONFLICT "cannot_redact": it cannot be done surely, so nothing may be sent; ERR_LIMIT. */
enum err redact_new(const struct doc *doc, enum redact_mode mode, struct arena *a, struct redact **ret,
                    struct error *e) MUST_USE;

/* A text as it may be sent; in a. ERR_CONFLICT "cannot_redact": something would remain. */
enum err redact_text(const struct redact *r, struct str text, struct arena *a, struct str *ret,
                     struct error *e) MUST_USE;

/* What a model has answered, with the values in their places; in a. ERR_INVALID "unknown_placeholder": it has made one up. */
enum err redact_back(const struct redact *r, struct str text, struct arena *a, struct str *ret,
                     struct error *e) MUST_USE;
