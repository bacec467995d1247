/* Failing every allocation once: the linker sends malloc, calloc and realloc here (-Wl,--wrap=…), and here one of them is refused.
 * Rejected: LD_PRELOAD (does not go with AddressSanitizer's own interception).
 * Limits: what shared libraries allocate is not seen, unless they were handed malloc by an object that is wrapped. Where several threads
 * allocate, which of them is refused may differ from run to run. */
#include "support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static _Atomic size_t count;   /* allocations in this run */
static _Atomic size_t fail_at; /* the one to refuse; 0: none */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static int is_refused(void) { return ++count == fail_at; }

void *__wrap_malloc(size_t n) { return is_refused() ? NULL : __real_malloc(n); }

void *__wrap_calloc(size_t n, size_t size) { return is_refused() ? NULL : __real_calloc(n, size); }

void *__wrap_realloc(void *p, size_t n) { return is_refused() ? NULL : __real_realloc(p, n); }

static size_t run_all(enum err (*fn)(void *ctx, struct error *e), void *ctx, bool all_count)
{
    for (size_t n = 1;; n++) {
        struct error e = {0};
        count = 0;
        fail_at = n;
        enum err err = fn(ctx, &e);
        size_t seen = count;
        fail_at = 0;
        if (seen < n) {
            if (err != ERR_OK) fail_msg("without a failure it ends in %s: %s", error_code_name(err), e.message);
            return n - 1;
        }
        if (err != ERR_LIMIT && (all_count || err != ERR_OK))
            fail_msg("with allocation %zu refused it ends in %s: %s", n, error_code_name(err), e.message);
    }
}

size_t torture_run(enum err (*fn)(void *ctx, struct error *e), void *ctx) { return run_all(fn, ctx, true); }

size_t torture_run_some(enum err (*fn)(void *ctx, struct error *e), void *ctx) { return run_all(fn, ctx, false); }
