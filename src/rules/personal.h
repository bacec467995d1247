/* What of a document must not leave the house as it is: what the family of rules about privacy finds (without its mercy for mailboxes of a role and
 * for domains of examples, and whatever a team has switched off), and the names of people where the document shows surely that they are names.
 * Looked at is all that could be sent: every block, comments, tracked changes, links, names of images, properties. Thread: any. */
#pragma once

#include "rules/rules.h"

enum rules_personal_kind {
    RULES_PERSON,
    RULES_EMAIL,
    RULES_PHONE,
    RULES_CARD,
    RULES_ACCOUNT,
    RULES_ID, /* given out by a state */
    RULES_IP,
    RULES_SECRET, /* access keys, passwords */
    RULES_PERSONAL_KINDS
};

struct rules_personal {
    enum rules_personal_kind kind;
    struct str value; /* as it stands in one of the texts; of a person as "Jane Doe" */
};

struct rules_personal_found {
    const struct rules_personal *at; /* in order of kinds and texts; a value may be in it several times */
    size_t n;
    const struct str *texts; /* that were looked through, borrowed from the document; the blocks first */
    size_t n_texts;
};

/* *ret lives in a, its texts in the document. ERR_LIMIT "too_many_personal": more of one kind than are found; no memory. */
enum err rules_personal_find(const struct rules_engine *engine, const struct doc *doc, struct arena *a,
                             struct rules_personal_found *ret, struct error *e) MUST_USE;
