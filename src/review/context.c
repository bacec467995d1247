/* What the domain works with: names of people, the built-in frameworks, loaded once so that a request compiles none. */
#include "review/context.h"

#include "review/framework.h"

struct str review_shown_name(struct str chosen) { return chosen.n > 0 ? chosen : STR("Reviewer"); }

enum err frameworks_load(struct arena *a, struct frameworks *ret, struct error *e)
{
    size_t n = framework_builtin_count();
    const struct framework **at = NEW(a, const struct framework *, n);
    if (!at) return error_no_memory(e);
    for (size_t i = 0; i < n; i++) {
        struct framework *f = NULL;
        TRY(framework_load(a, framework_builtin_name(i), &f, e));
        at[i] = f;
    }
    *ret = (struct frameworks){at, n};
    return ERR_OK;
}

const struct framework *frameworks_find(const struct frameworks *f, struct str id)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->at[i]->id, id)) return f->at[i];
    return NULL;
}
