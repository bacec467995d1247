/* Growable arrays in an arena. VEC(struct thing) things = {0}; *VEC_PUSH(arena, &things) = thing — after testing for NULL.
 * Elements move when the array grows: keep indices, not pointers, until it is complete. Thread: one at a time. */
#pragma once

#include <string.h>

#include "base/arena.h"

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        size_t n, cap;                                                                                                 \
    }

/* Makes room for more elements of size bytes; false on no memory (nothing changed). */
bool vec__grow(struct arena *a, void **at, size_t *cap, size_t size) MUST_USE;

/* A pointer to a new zeroed element at the end, or NULL on no memory. (It is cleared here: it may have been there before n was lowered.) */
#define VEC_PUSH(arena, v)                                                                                             \
    ((v)->n < (v)->cap || vec__grow((arena), (void **)&(v)->at, &(v)->cap, sizeof(*(v)->at))                           \
         ? (__typeof__((v)->at))memset(&(v)->at[(v)->n++], 0, sizeof(*(v)->at))                                        \
         : NULL)
