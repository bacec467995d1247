/* The pages of the browser: files that are part of the program, by path. Every path that is a page of the application ("/documents/…") is the same
 * file; what it shows is its script's matter. */
#include "api/api_priv.h"

API__HANDLER(page)
{
    const struct api_options *o = &api__of(rq)->o;
    struct str path = str_starts(rq->path, STR("/assets/")) ? rq->path : STR("/index.html");
    const struct net_asset *asset = net_asset_find(o->assets, o->n_assets, path);
    if (!asset) return error_set_reason(e, ERR_NOT_FOUND, "no_such_page", "there is no such page");
    net_asset_answer(asset, rq, rs);
    return ERR_OK;
}
