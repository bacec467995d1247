/* Giving room back. The pages of deleted rows are used again by new ones; what is too much is cut off the end of the file, in steps, as each moves pages
 * about. Stores made by versions before this one cannot. */
#include "store/store_priv.h"

enum { PAGES_A_STEP = 256 };

static enum err shrink(struct store_tx *tx, void *ctx, struct error *e)
{
    int64_t left = 0;
    bool *more = ctx;
    TRY(store__drv_shrink(tx->drv, PAGES_A_STEP, &left, e));
    *more = left > 0;
    return ERR_OK;
}

enum err store_shrink(struct store *s, bool *ret_more, struct error *e)
{
    return store_write_freeing(s, shrink, ret_more, e);
}
