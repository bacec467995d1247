/* Numbers that are not in use yet: comment ids, revision ids, paragraph ids. Thread: one at a time. */
#pragma once

#include "doc/read.h"
#include "doc/splice.h"

#define WRITE_ID_MAX DOC_REVISION_ID_MAX

struct write_ids {
    struct arena *arena;
    VEC(uint32_t) comments; /* ids of comments and their markers */
    VEC(uint32_t) others;   /* every other number that is an id of something: changes, bookmarks, … */
    uint32_t *set;          /* paragraph ids and durable ids in use: open addressing, 0 is free */
    size_t set_n, set_cap;
};

static inline struct write_ids write_ids_make(struct arena *a) { return (struct write_ids){.arena = a}; }

/* Collects the ids of a part: from every attribute with a prefix and the local name id, paraId or durableId. False on no memory. */
bool write_ids_scan(struct write_ids *ids, struct str part) MUST_USE;

/* The first of n ids in a row that no comment has: behind the greatest; when there is no room behind it, the first gap. UINT64_MAX when there is none. */
uint64_t write_ids_comments(struct write_ids *ids, size_t n);

/* The first of n ids behind those of every annotation, UINT64_MAX when there is no room. */
uint64_t write_ids_revisions(const struct write_ids *ids, size_t n);

/* A number 0 < v < 0x7FFFFFFF that is no paragraph or durable id yet, made from the seed; it is in use from then on. 0 on no memory. */
uint32_t write_ids_fresh(struct write_ids *ids, uint64_t seed);
