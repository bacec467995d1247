/* Failing every allocation once. Link the test with dep_torture: it wraps malloc, calloc and realloc of everything that is linked statically,
 * and of libraries that were handed these functions. Not part of the production code. */
#pragma once

#include <stddef.h>

#include "base/error.h"

/* Runs fn(ctx, e) with its n-th allocation failing, for n = 1, 2, … until a run in which none has failed, and returns how many have.
 * fn must clean up after itself whatever happens. Each run with a failure must end in ERR_LIMIT and the last one in ERR_OK, else the cmocka
 * test fails and says which allocation it was. */
size_t torture_run(enum err (*fn)(void *ctx, struct error *e), void *ctx);

/* The same for code whose libraries get by without some allocations: a run with a failure may also end in ERR_OK; fn tests that its answer is
 * true. */
size_t torture_run_some(enum err (*fn)(void *ctx, struct error *e), void *ctx);
