/* What was learnt of a model. */
#include "ai/learnt_priv.h"

#define TEXTS_MAX ((size_t)1 << 20)

bool ai__learnt_init(struct ai__learnt *l)
{
    lock_init(&l->lock, LOCK_RANK_AI);
    l->arena = arena_new(TEXTS_MAX);
    return l->arena != NULL;
}

void ai__learnt_done(struct ai__learnt *l)
{
    if (!l->arena) return;
    arena_free(l->arena);
    lock_done(&l->lock);
}

static struct str find(struct ai__learnt *l, struct str model, struct str fact) REQUIRES_LOCK(l->lock);
static struct str find(struct ai__learnt *l, struct str model, struct str fact)
{
    lock_assert_held(&l->lock);
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->rows[i].model, model) && str_eq(l->rows[i].fact, fact)) return l->rows[i].value;
    return STR_EMPTY;
}

struct str ai__learnt_get(struct ai__learnt *l, struct str model, struct str fact)
{
    lock_take(&l->lock);
    struct str value = find(l, model, fact);
    lock_give(&l->lock);
    return value;
}

bool ai__learnt_put(struct ai__learnt *l, struct str model, struct str fact, struct str value)
{
    bool is_new = false;
    lock_take(&l->lock);
    if (!find(l, model, fact).p && l->n < AI__LEARNT_MAX) {
        struct str m = str_dup(l->arena, model), f = str_dup(l->arena, fact), v = str_dup(l->arena, value);
        is_new = m.p && f.p && v.p;
        if (is_new) {
            l->rows[l->n].model = m;
            l->rows[l->n].fact = f;
            l->rows[l->n++].value = v;
        }
    }
    lock_give(&l->lock);
    return is_new;
}
