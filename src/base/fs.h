/* Files: whole reads with a maximum, atomic writes, folder lists. Every descriptor is O_CLOEXEC. Thread: any. */
#pragma once

#include "base/str.h"
#include "base/vec.h"

/* The whole file. ERR_NOT_FOUND (message names the path), ERR_LIMIT past max_bytes, ERR_INVALID for a folder or a device. */
enum err fs_read(struct arena *a, const char *path, size_t max_bytes, struct str *ret, struct error *e) MUST_USE;

/* Writes to a temporary file beside path, syncs and renames: path has the old or the new content, never a part. mode as in open(2), e.g. 0644. */
enum err fs_write_atomic(const char *path, struct str bytes, unsigned mode, struct error *e) MUST_USE;

enum fs_kind { FS_MISSING, FS_FILE, FS_FOLDER, FS_OTHER };
enum fs_kind fs_kind(const char *path); /* follows links */

/* Paths of the plain files below a folder (recursive, no links followed, sorted by bytes) whose names pass the filter (NULL: all). */
struct fs_list {
    char **at;
    size_t n, cap;
};
enum err fs_walk(struct arena *a, const char *folder, bool (*filter)(struct str name), struct fs_list *ret,
                 struct error *e) MUST_USE;

enum err fs_make_folders(const char *path, struct error *e) MUST_USE; /* as mkdir -p, 0755 */
struct str fs_base_name(struct str path);                             /* after the last '/' */
