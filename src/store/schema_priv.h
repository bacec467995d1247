/* The schema as steps from one version to the next. */
#pragma once

#include "store/driver.h"

/* Makes or brings up to date the database of this connection, in one transaction; a database that is not ours or of a later version is not touched.
 * ERR_INVALID store_foreign, store_newer. */
enum err store__schema_prepare(struct drv *d, const char *folder, struct error *e) MUST_USE;
