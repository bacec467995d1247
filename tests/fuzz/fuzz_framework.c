/* Any bytes as a framework: read or refused with a reason; what was read is whole, numbers its points differently and can be joined with itself. */
#include <assert.h>
#include <stdlib.h>

#include "review/guidelines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new((size_t)256 << 20);
    struct framework *f = NULL, *both = NULL;
    struct error e = {0};
    if (!a) return 0;
    if (framework_parse(a, (struct str){(const char *)data, n}, &f, &e) == ERR_OK) {
        assert(f->id.n > 0 && f->name.n > 0 && f->n_points > 0);
        for (size_t i = 0; i < f->n_points; i++) {
            assert(f->points[i].name.n > 0 && f->points[i].asks.n > 0);
            for (size_t k = 0; k < i; k++)
                assert(f->points[k].number != f->points[i].number);
        }
        if (framework_join(a, f, f, &both, &e) == ERR_OK) assert(both->n_points == 2 * f->n_points);
    } else {
        assert(f == NULL);
        assert(e.code == ERR_INVALID || e.code == ERR_LIMIT);
        assert(e.message[0]);
    }
    arena_free(a);
    return 0;
}
