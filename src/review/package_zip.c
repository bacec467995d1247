/* Zips by libzip: it takes what is in memory and what is in files, and writes by name, so no package is in memory as a whole.
 * Rejected: writing the format ourselves (libzip is here already); unpacking to files before an upload (twice the room). */
#include "review/package_zip.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zip.h>

static enum err failed(const char *what, zip_error_t *why, struct error *e)
{
    int cause = zip_error_code_system(why);
    if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG) {
        (void)error_set_reason(e, ERR_STORAGE, "files_full", "the server has too little space left for files");
        return error_hint(
            e, "Delete documents that are no longer needed, or ask whoever runs the server to make room in its "
               "data folder.");
    }
    if (zip_error_code_zip(why) == ZIP_ER_MEMORY) return error_no_memory(e);
    (void)error_set_reason(e, ERR_INTERNAL, "files_failed", "the server could not %s a package", what);
    return error_detail(e, "%s a zip: %s", what, zip_error_strerror(why));
}

/* --- writing --- */

static zip_source_t *source_of(zip_t *z, const struct package_zip_entry *entry)
{
    if (entry->bytes.p) return zip_source_buffer(z, entry->bytes.p, entry->bytes.n, 0);
    int fd = dup(entry->fd); /* closed with the stream; libzip reads from where it stands */
    FILE *file = fd < 0 || lseek(fd, 0, SEEK_SET) != 0 ? NULL : fdopen(fd, "rb");
    zip_source_t *source = file ? zip_source_filep(z, file, 0, (zip_int64_t)entry->fd_size) : NULL;
    if (source) return source;
    if (file)
        (void)fclose(file);
    else if (fd >= 0)
        (void)close(fd);
    return NULL;
}

static bool add(zip_t *z, const struct package_zip_entry *entry, int64_t at_unix_ms)
{
    char name[2048];
    int written = snprintf(name, sizeof name, "%.*s", STR_ARG(entry->name));
    if (written < 0 || (size_t)written >= sizeof name) return false;
    zip_source_t *source = source_of(z, entry);
    if (!source) return false;
    zip_int64_t index = zip_file_add(z, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    zip_uint64_t i = (zip_uint64_t)index;
    return zip_set_file_compression(z, i, entry->packed ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0) == 0 &&
           zip_file_set_mtime(z, i, (time_t)(at_unix_ms / 1000), 0) == 0;
}

enum err package_zip_write(const char *path, const struct package_zip_entry *entries, size_t n, int64_t at_unix_ms,
                           struct error *e)
{
    int code = 0;
    bool good = true;
    zip_t *z = zip_open(path, ZIP_CREATE | ZIP_EXCL, &code);
    if (!z) {
        zip_error_t why;
        zip_error_init_with_code(&why, code);
        enum err err = failed("write", &why, e);
        zip_error_fini(&why);
        return err;
    }
    for (size_t i = 0; i < n && good; i++)
        good = add(z, &entries[i], at_unix_ms);
    if (good && zip_close(z) == 0) return ERR_OK;
    enum err err = failed("write", zip_get_error(z), e);
    zip_discard(z);
    return err;
}

/* --- reading --- */

struct package_zip {
    zip_t *zip;
    zip_file_t *entry; /* that is read; NULL: none */
};

enum err package_zip_open(int fd, struct package_zip **ret, struct error *e)
{
    int code = 0;
    struct package_zip *z = calloc(1, sizeof *z);
    if (z) z->zip = zip_fdopen(fd, 0, &code);
    if (z && z->zip) {
        *ret = z;
        return ERR_OK;
    }
    (void)close(fd);
    if (!z) return error_no_memory(e);
    free(z);
    zip_error_t why;
    zip_error_init_with_code(&why, code);
    enum err err = failed("read", &why, e);
    zip_error_fini(&why);
    return err;
}

void package_zip_close(struct package_zip *z)
{
    if (!z) return;
    if (z->entry) (void)zip_fclose(z->entry);
    zip_discard(z->zip);
    free(z);
}

enum err package_zip_entry(struct package_zip *z, const char *name, struct error *e)
{
    if (z->entry) (void)zip_fclose(z->entry);
    z->entry = zip_fopen(z->zip, name, ZIP_FL_ENC_UTF_8);
    return z->entry ? ERR_OK : failed("read", zip_get_error(z->zip), e);
}

enum err package_zip_read(struct package_zip *z, void *to, size_t n, struct error *e)
{
    for (char *at = to; n > 0;) {
        zip_int64_t got = zip_fread(z->entry, at, n);
        if (got <= 0) return failed("read", zip_file_get_error(z->entry), e);
        at += got;
        n -= (size_t)got;
    }
    return ERR_OK;
}
