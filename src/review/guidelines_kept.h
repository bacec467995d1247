/* Guidelines that people keep: uploaded once, read into requirements (review/guidelines.h by their words at once, by a model later where there is one),
 * looked through and changed by a person, and used in reviews. They are their owner's; those for the team are read by everybody and changed by
 * their owner alone. Thread: any that the store serves. */
#pragma once

#include "review/context.h"
#include "review/framework.h"

struct json_out;
struct store_guidelines;
struct store_review;
struct store_tx;

struct guidelines_upload {
    struct str file_name; /* as the person named the file */
    struct str name;      /* for people; empty: the title of the document, else the name of the file */
    struct str bytes;     /* borrowed */
    bool team;
};

/* Reads the file and keeps it. With a model that may be asked they are queued for it; without one they are done. Errors: those of doc_read; ERR_INVALID "bad_name";
 * "no_requirements": without a model, and no sentence asks for anything; the store's and the blobs'. *ret lives in a. */
enum err guidelines_add(const struct review_context *c, const struct review_by *by, const struct guidelines_upload *up,
                        struct arena *a, struct store_guidelines **ret, struct error *e) MUST_USE;

struct guidelines_change { /* NULL: as it was */
    const struct str *name;
    const bool *team;
    const struct framework_point *points; /* number, name, asks and questions; the words are found anew */
    size_t n_points;
    int64_t version; /* that the person saw */
};

/* ERR_NOT_FOUND; ERR_CONFLICT "not_yours", "changed_since", "being_read"; ERR_INVALID "bad_text". */
enum err guidelines_edit(const struct review_context *c, const struct review_by *by, struct str id,
                         const struct guidelines_change *change, struct arena *a, struct store_guidelines **ret,
                         struct error *e) MUST_USE;

/* ERR_NOT_FOUND; ERR_CONFLICT "not_yours". Reviews that used them stay. */
enum err guidelines_remove(const struct review_context *c, const struct review_by *by, struct str id,
                           struct error *e) MUST_USE;

/* What a review is against: its framework, its guidelines, or both (framework_join). Guidelines that are gone count as none. In a.
 * ERR_CONFLICT "guidelines_not_ready": they are being read, or could not be; ERR_NOT_FOUND "no_such_framework": nothing of it is there any more.
 * *ret is NULL for a review whose framework is not chosen yet. */
enum err guidelines_framework(struct store_tx *tx, const struct review_context *c, const struct store_review *review,
                              struct arena *a, const struct framework **ret, struct error *e) MUST_USE;

/* As docs/openapi.yaml has Guidelines. ERR_LIMIT no memory. viewer: who looks ("mine"). */
enum err guidelines_json(struct json_out *o, const char *key_or_null, const struct store_guidelines *row,
                         struct str viewer, struct arena *a, struct error *e) MUST_USE;
