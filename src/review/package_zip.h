/* The zip of a package: written by name, read entry by entry as a stream. The only file besides doc/package.c and ops/logs_source.c that includes libzip is
 * package_zip.c. Thread: any; one zip is used by one thread at a time. */
#pragma once

#include "base/str.h"

struct package_zip_entry {
    struct str name;  /* UTF-8, with "/" between folders */
    struct str bytes; /* borrowed until the zip is written; .p NULL: all of fd */
    int fd;           /* borrowed; of a plain file */
    uint64_t fd_size;
    bool packed; /* it is packed in itself (a .docx): stored as it is */
};

/* Writes a new file. ERR_STORAGE "files_full"; ERR_INTERNAL "files_failed"; ERR_LIMIT no memory. On an error there is no file. */
enum err package_zip_write(const char *path, const struct package_zip_entry *entries, size_t n, int64_t at_unix_ms,
                           struct error *e) MUST_USE;

struct package_zip;
/* fd: taken, also on an error. Caller closes. ERR_INTERNAL "files_failed": it is no zip of ours. */
enum err package_zip_open(int fd, struct package_zip **ret, struct error *e) MUST_USE;
void package_zip_close(struct package_zip *z); /* NULL is fine */
/* From now on package_zip_read gives the bytes of this entry, from its start. name: NUL-terminated. */
enum err package_zip_entry(struct package_zip *z, const char *name, struct error *e) MUST_USE;
/* Exactly n bytes. */
enum err package_zip_read(struct package_zip *z, void *to, size_t n, struct error *e) MUST_USE;
