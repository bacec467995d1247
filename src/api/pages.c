/* The pages of the browser: files that are part of the program, by path. Every path that is a page of the application ("/documents/…") is the same
 * file; what it shows is its script's matter. */
#include "api/api_priv.h"

enum { PAGE_MAX_BYTES = 64 << 10 };

static const struct str meta = STR_INIT("<meta name=\"base\" content=\""), file_path = STR_INIT("\"/assets/");

/* The page names its files by absolute paths, and its scripts read the base from a meta element: both get it here, so that no script stands in the
 * page (the policy of its content forbids that) and no base element is needed (it would move links within the page). */
static enum err page_under(struct arena *a, struct str base, struct net_asset *page, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(PAGE_MAX_BYTES);
    struct str rest = page->identity, made, tag;
    for (size_t i = 0; i < rest.n; i++) {
        struct str left = str_sub(rest, i, rest.n);
        bool in_meta = str_starts(left, meta), in_asset = str_starts(left, file_path);
        if (in_meta) sb_str(&b, meta);
        if (in_asset) sb_char(&b, '"');
        if (in_meta || in_asset) sb_str(&b, base);
        if (in_meta) i += meta.n - 1;
        if (!in_meta && !in_asset) sb_char(&b, rest.p[i]);
        if (in_asset) {
            sb_str(&b, STR("/assets/"));
            i += file_path.n - 1;
        }
    }
    TRY(sb_take(&b, a, &made, e));
    tag = str_printf(a, "%s-%llx", page->etag, (unsigned long long)str_hash(base));
    if (!tag.p) return error_no_memory(e);
    page->identity = made;
    page->gzip = page->brotli = STR_EMPTY; /* it is small */
    page->etag = tag.p;
    return ERR_OK;
}

enum err api__pages_under(struct arena *a, struct api_options *o, struct error *e)
{
    const struct net_asset *page = net_asset_find(o->assets, o->n_assets, STR("/index.html"));
    if (o->base_path.n == 0 || !page) return ERR_OK;
    struct net_asset *assets = NEW(a, struct net_asset, o->n_assets);
    if (!assets) return error_no_memory(e);
    memcpy(assets, o->assets, o->n_assets * sizeof *assets);
    TRY(page_under(a, o->base_path, &assets[page - o->assets], e));
    o->assets = assets;
    return ERR_OK;
}

API__HANDLER(page)
{
    const struct api_options *o = &api__of(rq)->o;
    struct str path = str_starts(rq->path, STR("/assets/")) ? rq->path : STR("/index.html");
    const struct net_asset *asset = net_asset_find(o->assets, o->n_assets, path);
    if (!asset) return error_set_reason(e, ERR_NOT_FOUND, "no_such_page", "there is no such page");
    net_asset_answer(asset, rq, rs);
    return ERR_OK;
}
