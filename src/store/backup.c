/* A backup of the store: SQLite's own online copy, so that a server need not stop and no half of a transaction is in it.
 * Rejected: copying the files (the log and the database change while they are read), VACUUM INTO (the same, and rewrites everything). */
#include "base/fs.h"
#include "base/sb.h"
#include "store/driver.h"
#include "store/schema_priv.h"
#include "store/store.h"

enum { PATH_MAX_BYTES = 4096 };

static enum err put_path(struct sb *b, const char *folder, struct error *e)
{
    sb_printf(b, "%s/" STORE_FILE, folder);
    sb_char(b, 0);
    if (sb_ok(b)) return ERR_OK;
    return b->no_memory ? error_no_memory(e)
                        : error_set_reason(e, ERR_INVALID, "store_io", "the path \"%s\" is too long", folder);
}

enum err store_backup(const char *folder, const char *to, struct error *e)
{
    struct drv *d = NULL;
    int64_t version = 0;
    CLEANUP_SB struct sb from_path = SB_INIT(PATH_MAX_BYTES), to_path = SB_INIT(PATH_MAX_BYTES);
    TRY(put_path(&from_path, folder, e));
    TRY(put_path(&to_path, to, e));
    if (fs_kind(from_path.p) == FS_MISSING)
        return error_set_reason(e, ERR_NOT_FOUND, "no_store", "there is no store in \"%s\"", folder);
    TRY(store__drv_open(folder, false, &d, e));
    enum err err = store__schema_check(d, folder, &version, e);
    if (err == ERR_OK) err = store__drv_copy(d, to_path.p, e);
    store__drv_close(d);
    return err;
}
