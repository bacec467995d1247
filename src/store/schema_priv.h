/* The schema as steps from one version to the next. */
#pragma once

#include "store/driver.h"

/* Whether this program can read it; *ret_version: of its schema. Changes nothing. ERR_INVALID store_foreign, store_newer. */
enum err store__schema_check(struct drv *d, const char *folder, int64_t *ret_version, struct error *e) MUST_USE;
/* Makes or brings up to date the database of this connection, in one transaction; a database that is not ours or of a later version is not touched.
 * ERR_INVALID store_foreign, store_newer. */
enum err store__schema_prepare(struct drv *d, const char *folder, struct error *e) MUST_USE;
/* Brings it from one version to another, and marks it. Within a write transaction. For tests too: they make files of older versions. */
enum err store__schema_steps(struct drv *d, int64_t from, int64_t to, struct error *e) MUST_USE;
