/* Growable arrays: doubling in an arena, from 8 elements on. The old array stays in the arena when it moves, so a vector of n elements may
 * cost up to twice its size; arena_grow avoids that where the vector is what was allocated last. */
#include "base/vec.h"

bool vec__grow(struct arena *a, void **at, size_t *cap, size_t size)
{
    size_t new_cap = *cap ? *cap * 2 : 8, old_bytes = 0, new_bytes = 0;
    if (new_cap < *cap || __builtin_mul_overflow(*cap, size, &old_bytes) ||
        __builtin_mul_overflow(new_cap, size, &new_bytes))
        return false;
    void *grown = arena_grow(a, *at, old_bytes, new_bytes);
    if (!grown) return false;
    *at = grown;
    *cap = new_cap;
    return true;
}
