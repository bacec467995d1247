/* Arenas: bump allocation in chunks.
 * A chunk comes from calloc and is handed out front to back, never twice, so memory is zero without clearing it (large chunks are fresh pages
 * of the kernel). Chunks double from CHUNK_MIN to CHUNK_MAX, so that a small arena stays small; what is larger than a quarter of the next
 * chunk gets a chunk of its own and the current one goes on being filled.
 * Under AddressSanitizer and ThreadSanitizer every allocation is a chunk of its own and growing always moves: overruns inside an arena and stale
 * pointers show, also of other threads.
 * Rejected: giving single objects back (lifetimes are the arena's), one big reservation (costs address space per request).
 * Limits: max_bytes of arena_new, counted in units of ALIGN. */
#include "base/arena.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ONE_MALLOC_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ONE_MALLOC_EACH 1
#endif
#endif
#ifndef ONE_MALLOC_EACH
#define ONE_MALLOC_EACH 0
#endif

#define ALIGN     ((size_t)16)
#define CHUNK_MIN ((size_t)4096)
#define CHUNK_MAX ((size_t)1 << 20)

struct chunk {
    _Alignas(16) struct chunk *next; /* the one taken before */
    _Alignas(16) char bytes[];
};

struct deferred {
    struct deferred *next; /* the one noted before */
    void (*fn)(void *object);
    void *object;
};

struct arena {
    size_t max, used;          /* in bytes, rounded up to ALIGN an allocation */
    char *free, *end;          /* what is left of the current chunk */
    char *last;                /* the last allocation in the current chunk */
    size_t next_size;          /* of the next chunk */
    struct chunk *chunks;      /* all, newest first */
    struct deferred *deferred; /* newest first */
};

struct arena *arena_new(size_t max_bytes)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a) return NULL;
    a->max = max_bytes;
    a->next_size = CHUNK_MIN;
    return a;
}

void arena_free(struct arena *a)
{
    if (!a) return;
    for (struct deferred *d = a->deferred; d; d = d->next)
        d->fn(d->object);
    struct chunk *next = NULL;
    for (struct chunk *c = a->chunks; c; c = next) {
        next = c->next;
        free(c);
    }
    free(a);
}

void arena__cleanup(struct arena **a)
{
    arena_free(*a);
    *a = NULL;
}

static struct chunk *chunk_new(struct arena *a, size_t n)
{
    if (n > SIZE_MAX - sizeof(struct chunk)) return NULL;
    struct chunk *c = calloc(1, sizeof *c + n);
    if (!c) return NULL;
    c->next = a->chunks;
    a->chunks = c;
    return c;
}

/* The slow way of arena_alloc; n is a multiple of ALIGN and within the maximum. */
static void *alloc_chunk(struct arena *a, size_t n)
{
    if (n > a->next_size / 4) {
        struct chunk *own = chunk_new(a, n);
        return own ? own->bytes : NULL;
    }
    struct chunk *c = chunk_new(a, a->next_size);
    if (!c) return NULL;
    a->last = c->bytes;
    a->free = c->bytes + n;
    a->end = c->bytes + a->next_size;
    if (a->next_size < CHUNK_MAX) a->next_size *= 2;
    return c->bytes;
}

static size_t round_up(size_t n) { return (n + (ALIGN - 1)) & ~(ALIGN - 1); }

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > a->max - a->used) return NULL;
    size_t rounded = round_up(n);
    if (rounded < n || rounded > a->max - a->used) return NULL;
    if (ONE_MALLOC_EACH) {
        struct chunk *own = chunk_new(a, n);
        if (!own) return NULL;
        a->used += rounded;
        return own->bytes;
    }
    if (rounded == 0) return a; /* any pointer but NULL: it may not be read */
    if ((size_t)(a->end - a->free) >= rounded) {
        a->last = a->free;
        a->free += rounded;
        a->used += rounded;
        return a->last;
    }
    void *p = alloc_chunk(a, rounded);
    if (p) a->used += rounded;
    return p;
}

/* Grows the last allocation where it is; false when it is not the last one or has no room behind it. */
static bool grow_in_place(struct arena *a, const void *p, size_t old_n, size_t new_n)
{
    if (ONE_MALLOC_EACH || p != a->last) return false;
    size_t more = round_up(new_n) - round_up(old_n);
    if (more > (size_t)(a->end - a->free)) return false;
    a->free += more;
    a->used += more;
    return true;
}

void *arena_grow(struct arena *a, void *p, size_t old_n, size_t new_n)
{
    if (new_n > SIZE_MAX - ALIGN) return NULL;
    if (!p || old_n == 0) return arena_alloc(a, new_n);
    if (round_up(new_n) - round_up(old_n) > a->max - a->used) return NULL;
    if (grow_in_place(a, p, old_n, new_n)) return p;
    void *moved = arena_alloc(a, new_n);
    if (moved) memcpy(moved, p, old_n);
    return moved;
}

void *arena_alloc_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
    return arena_alloc(a, bytes);
}

bool arena_defer(struct arena *a, void (*fn)(void *object), void *object)
{
    struct deferred *d = NEW(a, struct deferred, 1);
    if (!d) {
        fn(object);
        return false;
    }
    *d = (struct deferred){.next = a->deferred, .fn = fn, .object = object};
    a->deferred = d;
    return true;
}

size_t arena_used(const struct arena *a) { return a->used; }

void arena_keep_freed(size_t bytes)
{
    int n = bytes < INT_MAX ? (int)bytes : INT_MAX;
    (void)mallopt(M_MMAP_THRESHOLD, n); /* what is mapped on its own is unmapped when it is freed */
    (void)mallopt(M_TRIM_THRESHOLD, n);
}
