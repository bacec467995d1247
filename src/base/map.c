/* A hash table from text to pointer: linear probing in one power-of-two array, at most two thirds full, hashes kept so that growing never
 * hashes again and most misses compare no bytes. No removal, hence no tombstones. The array it grew out of stays in the arena. */
#include "base/map.h"

#include <assert.h>

#define FIRST_CAP ((size_t)16)

/* The slot of key, or the free one where it belongs. There is always a free one. */
static struct map_slot *find(struct map_slot *slots, size_t cap, struct str key, uint64_t hash)
{
    size_t i = (size_t)hash & (cap - 1);
    while (slots[i].key.p && !(slots[i].hash == hash && str_eq(slots[i].key, key)))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

void *map_get(const struct map *m, struct str key)
{
    if (m->n == 0) return NULL;
    const struct map_slot *slot = find(m->slots, m->cap, key, str_hash(key));
    return slot->key.p ? slot->value : NULL;
}

static bool grow(struct map *m)
{
    size_t cap = m->cap ? m->cap * 2 : FIRST_CAP;
    if (cap < m->cap) return false;
    struct map_slot *slots = NEW(m->a, struct map_slot, cap);
    if (!slots) return false;
    for (size_t i = 0; i < m->cap; i++) {
        if (!m->slots[i].key.p) continue;
        size_t to = (size_t)m->slots[i].hash & (cap - 1);
        while (slots[to].key.p)
            to = (to + 1) & (cap - 1);
        slots[to] = m->slots[i];
    }
    m->slots = slots;
    m->cap = cap;
    return true;
}

bool map_put(struct map *m, struct str key, void *value)
{
    assert(key.p);
    uint64_t hash = str_hash(key);
    struct map_slot *slot = m->cap ? find(m->slots, m->cap, key, hash) : NULL;
    if (slot && slot->key.p) {
        slot->value = value;
        return true;
    }
    if (!slot || (m->n + 1) * 3 > m->cap * 2) {
        if (!grow(m)) return false;
        slot = find(m->slots, m->cap, key, hash);
    }
    *slot = (struct map_slot){.key = key, .hash = hash, .value = value};
    m->n++;
    return true;
}

const struct map_slot *map_next(const struct map *m, size_t *i)
{
    while (*i < m->cap) {
        const struct map_slot *slot = &m->slots[(*i)++];
        if (slot->key.p) return slot;
    }
    return NULL;
}
