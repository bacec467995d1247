/* The files of a package and how far each is, as the row of an export keeps them: what a page shows, and what a worker goes on from after another died.
 * Thread: any. */
#pragma once

#include "base/json.h"
#include "review/package.h"

struct export_step {
    struct str path, content_type, sha256;
    uint64_t bytes, sent; /* sent: of those, in the bucket */
    bool done;            /* the object is there as a whole */
};

struct export_steps {
    struct export_step at[PACKAGE_FILES_MAX];
    size_t n;
    struct str upload_key, upload_id; /* of an upload in parts that was begun and has not ended; empty */
};

/* Of the files that were made; nothing is sent yet. Texts are borrowed. */
void export_steps_of(const struct package *p, struct export_steps *ret);
/* As a row keeps them, in a. */
enum err export_steps_write(const struct export_steps *s, struct arena *a, struct str *ret, struct error *e) MUST_USE;
/* Of a row, in a; what cannot be read is no steps. */
enum err export_steps_read(struct str text, struct arena *a, struct export_steps *ret, struct error *e) MUST_USE;
/* Nothing is sent any more: they go into another folder. */
void export_steps_anew(struct export_steps *s);
void export_steps_sum(const struct export_steps *s, uint64_t *ret_bytes, uint64_t *ret_sent);
