/* The zip: entries sorted by path, packed as small as they get, without a time and with modes, so that the same files are the same bytes and what is to be
 * executed can be. libzip for its central directory and deflate; rejected: doc/package.h's writer, which changes a zip that is there. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

#include "ops/bundle_priv.h"

enum {
    DOS_DATE = 1 << 5 | 1,
    LEVEL = 6
}; /* 1980-01-01, the first that there is; 9 takes three times as long for one percent less */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct bundle__file *)a)->path, ((const struct bundle__file *)b)->path);
}

static enum err failed(zip_error_t *z, struct error *e)
{
    if (zip_error_code_zip(z) == ZIP_ER_MEMORY) return error_no_memory(e);
    return error_set(e, ERR_INTERNAL, "could not pack the bundle: %s", zip_error_strerror(z));
}

static bool add(zip_t *zip, const struct bundle__file *f)
{
    zip_source_t *source = zip_source_buffer(zip, f->bytes.n ? f->bytes.p : "", f->bytes.n, 0);
    zip_int64_t at = source ? zip_file_add(zip, f->path, source, ZIP_FL_ENC_UTF_8) : -1;
    if (at < 0) {
        zip_source_free(source);
        return false;
    }
    zip_uint64_t i = (zip_uint64_t)at;
    zip_uint32_t mode = (zip_uint32_t)(S_IFREG | (f->runs ? 0755 : 0644)) << 16;
    return zip_set_file_compression(zip, i, ZIP_CM_DEFLATE, LEVEL) == 0 &&
           zip_file_set_dostime(zip, i, 0, DOS_DATE, 0) == 0 &&
           zip_file_set_external_attributes(zip, i, 0, ZIP_OPSYS_UNIX, mode) == 0;
}

/* All of the closed archive. */
static enum err take(struct arena *a, zip_source_t *source, struct str *ret, struct error *e)
{
    zip_stat_t s;
    if (zip_source_stat(source, &s) != 0 || !(s.valid & ZIP_STAT_SIZE) || zip_source_open(source) != 0)
        return failed(zip_source_error(source), e);
    char *to = arena_alloc(a, s.size);
    zip_int64_t n = to ? zip_source_read(source, to, s.size) : -1;
    enum err err = !to                                  ? error_no_memory(e)
                   : n < 0 || (zip_uint64_t)n != s.size ? failed(zip_source_error(source), e)
                                                        : ERR_OK;
    (void)zip_source_close(source);
    if (err == ERR_OK) *ret = (struct str){to, s.size};
    return err;
}

static enum err pack(struct ops_bundle *b, zip_source_t *source, struct str *ret, struct error *e)
{
    zip_error_t z;
    zip_error_init(&z);
    zip_source_keep(source); /* the archive takes one of the two */
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &z);
    if (!zip) {
        zip_source_free(source);
        enum err err = failed(&z, e);
        zip_error_fini(&z);
        return err;
    }
    for (size_t i = 0; i < b->files.n; i++)
        if (!add(zip, &b->files.at[i])) {
            enum err err = failed(zip_get_error(zip), e);
            zip_discard(zip);
            return err;
        }
    if (zip_close(zip) != 0) {
        enum err err = failed(zip_get_error(zip), e);
        zip_discard(zip);
        return err;
    }
    return take(b->a, source, ret, e);
}

enum err bundle__pack(struct ops_bundle *b, struct str *ret, struct error *e)
{
    zip_error_t z;
    zip_error_init(&z);
    if (b->files.n) qsort(b->files.at, b->files.n, sizeof *b->files.at, by_path);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &z);
    enum err err = source ? pack(b, source, ret, e) : failed(&z, e);
    zip_source_free(source);
    zip_error_fini(&z);
    return err;
}
