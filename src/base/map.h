/* A hash table from text to pointer, in an arena: open addressing, no removal. Keys are not copied and must live as long as the map.
 * Thread: any while nobody puts. */
#pragma once

#include "base/str.h"

struct map_slot {
    struct str key; /* key.p NULL: free */
    uint64_t hash;
    void *value;
};

struct map {
    struct arena *a;
    struct map_slot *slots; /* NULL until the first put */
    size_t n, cap;          /* cap: a power of two */
};

static inline struct map map_make(struct arena *a) { return (struct map){.a = a}; }
void *map_get(const struct map *m, struct str key); /* NULL when absent */
/* Adds or replaces. false on no memory (the map is unchanged). key.p must not be NULL. */
bool map_put(struct map *m, struct str key, void *value) MUST_USE;
/* Walks in no order: for (size_t i = 0; (slot = map_next(m, &i));) */
const struct map_slot *map_next(const struct map *m, size_t *i);
