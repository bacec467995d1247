/* Arenas: all memory of one lifetime (a request, a job, a document, the process), released at once.
 * An arena is created with a maximum; asking for more returns NULL and the caller reports error_no_memory(). Memory is zeroed.
 * Under AddressSanitizer and ThreadSanitizer every allocation is its own malloc, so that overruns inside an arena are found.
 * Thread: one at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct arena;

/* max_bytes: the sum of all that may be allocated. NULL when there is no memory. */
struct arena *arena_new(size_t max_bytes) MUST_USE;

/* Runs the deferred calls, last first, then releases all memory. a may be NULL. */
void arena_free(struct arena *a);

/* n bytes, aligned for any type, zeroed; NULL past the maximum. n = 0 gives a pointer that may not be read. */
void *arena_alloc(struct arena *a, size_t n) MUST_USE;

/* Grows p (old_n bytes, from this arena, or NULL) to new_n ≥ old_n bytes, the new ones zeroed. May move; the old memory is then given back only with
 * the arena. In place where p was the last allocation. NULL past the maximum (p is then unchanged). */
void *arena_grow(struct arena *a, void *p, size_t old_n, size_t new_n) MUST_USE;

/* n objects of size bytes with the product checked. Use through NEW. */
void *arena_alloc_array(struct arena *a, size_t n, size_t size) MUST_USE;
#define NEW(arena, type, n) ((type *)arena_alloc_array((arena), (n), sizeof(type)))

/* Calls fn(object) when the arena is freed. Takes ownership of object at once: when there is no memory for the note, fn(object) is called
 * before false is returned. */
bool arena_defer(struct arena *a, void (*fn)(void *object), void *object) MUST_USE;

/* Bytes handed out so far (without overhead). */
size_t arena_used(const struct arena *a);

/* For a program's main, before the first arena: up to so many bytes of freed memory stay with the process, for the next arena, instead of
 * going back to the kernel, which hands them out again page by page. Touching fresh pages was a quarter of reading a long document. */
void arena_keep_freed(size_t bytes);

void arena__cleanup(struct arena **a);
/* CLEANUP_ARENA struct arena *a = arena_new(…): freed when the variable goes out of scope; TAKE() moves it out. */
#define CLEANUP_ARENA __attribute__((cleanup(arena__cleanup)))

/* Moves a pointer out of a variable that cleans up after itself. */
#define TAKE(p)                                                                                                        \
    __extension__({                                                                                                    \
        __typeof__(p) take_p_ = (p);                                                                                   \
        (p) = NULL;                                                                                                    \
        take_p_;                                                                                                       \
    })
