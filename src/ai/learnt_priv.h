/* What was learnt of a model by asking it: facts of a few words, kept as long as the provider lives, so that each is paid for once.
 * Limits: AI__LEARNT_MAX facts; what is over that is learnt again each time. Thread: any. */
#pragma once

#include "base/lock.h"
#include "base/str.h"

#define AI__LEARNT_MAX 256

struct ai__learnt {
    struct lock lock;
    struct arena *arena; /* guarded by lock, as all below */
    struct {
        struct str model, fact, value;
    } rows[AI__LEARNT_MAX];
    size_t n;
};

bool ai__learnt_init(struct ai__learnt *l) MUST_USE; /* false: no memory */
void ai__learnt_done(struct ai__learnt *l);          /* also of one that was not made */
/* Until ai__learnt_done; .p NULL: nothing is known. */
struct str ai__learnt_get(struct ai__learnt *l, struct str model, struct str fact);
/* false: it was known, or is not kept. */
bool ai__learnt_put(struct ai__learnt *l, struct str model, struct str fact, struct str value);
