/* Files: whole reads with a maximum, atomic writes, folder lists. Every descriptor is O_CLOEXEC. Thread: any. */
#pragma once

#include "base/str.h"
#include "base/vec.h"

/* The whole file. ERR_NOT_FOUND (message names the path), ERR_LIMIT past max_bytes, ERR_INVALID for a folder or a device. */
enum err fs_read(struct arena *a, const char *path, size_t max_bytes, struct str *ret, struct error *e) MUST_USE;

/* Writes to a temporary file beside path, syncs and renames: path has the old or the new content, never a part. mode as in open(2), e.g. 0644. */
enum err fs_write_atomic(const char *path, struct str bytes, unsigned mode, struct error *e) MUST_USE;

/* Whether so many bytes more fit on the file system of an open file or folder and its reserve stays free: 5 % of it, at least FS_RESERVE_MIN_BYTES and
 * at most FS_RESERVE_MAX_BYTES, kept for what is small and must go on (decisions, deletions, logs) when what is large is refused. true where it cannot
 * be told (fd -1, quotas): then the write itself fails. */
#define FS_RESERVE_MIN_BYTES ((uint64_t)8 << 20)
#define FS_RESERVE_MAX_BYTES ((uint64_t)64 << 20)
bool fs_has_room(int fd, uint64_t bytes);

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
