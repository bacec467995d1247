/* Growable arrays in an arena. VEC(struct thing) things = {0}; *VEC_PUSH(arena, &things) = thing — after testing for NULL.
 * Elements move when the array grows: keep indices, not pointers, until it is complete. Thread: one at a time. */
#pragma once

#include "base/arena.h"

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        size_t n, cap;                                                                                                 \
    }

/* Makes room for one more of size bytes and counts it; false on no memory (nothing changed). */
bool vec__push(struct arena *a, void **at, size_t *n, size_t *cap, size_t size) MUST_USE;

/* A pointer to a new zeroed element at the end, or NULL on no memory. */
#define VEC_PUSH(arena, v)                                                                                             \
    (vec__push((arena), (void **)&(v)->at, &(v)->n, &(v)->cap, sizeof(*(v)->at)) ? &(v)->at[(v)->n - 1] : NULL)
