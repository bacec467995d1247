/* What making and listing findings share. */
#pragma once

#include "store/queries.h"
#include "store/store_priv.h"

/* The columns of one row, in the order of FINDING_ROWS. */
enum err store__finding_read(struct store_query *q, struct arena *a, struct store_finding *ret,
                             struct error *e) MUST_USE;
