/* Files: whole reads with a maximum, atomic writes, folder lists.
 * A write goes to a temporary file in the same folder (so that rename cannot cross file systems), is synced, renamed over the target, and the
 * folder is synced: after a power cut the path has the old or the new content. A target that is a link stays a link: what it points to is
 * written. What exists and is no plain file is refused, since rename would put a file in the place of a device.
 * Limits: folders are walked WALK_DEPTH_MAX deep. Source: POSIX open, rename, fsync; Linux getrandom(2). */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/sb.h"

#define WALK_DEPTH_MAX 64
#define TEMP_TRIES     8

/* Says that `verb` ("open", "write") of path failed with the errno `cause`. */
static enum err io_error(struct error *e, const char *verb, const char *path, int cause)
{
    const char *text = strerrordesc_np(cause);
    enum err code = ERR_INTERNAL;
    const char *reason = "io_error";
    switch (cause) {
    case ENOENT:
    case ENOTDIR:
        code = ERR_NOT_FOUND;
        reason = "file_not_found";
        break;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case ENAMETOOLONG:
    case EISDIR:
    case EEXIST:
    case EINVAL:
        code = ERR_INVALID;
        reason = "file_not_usable";
        break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        code = ERR_STORAGE;
        reason = "disk_full";
        break;
    case ENOMEM: return error_no_memory(e);
    case EMFILE:
    case ENFILE:
        code = ERR_BUSY;
        reason = "too_many_open_files";
        break;
    default: break;
    }
    error_set_reason(e, code, reason, "could not %s \"%s\": %s", verb, path, text ? text : "unknown error");
    error_detail(e, "%s: errno %d", path, cause);
    return code;
}

static void close_fd(const int *fd)
{
    if (*fd >= 0) close(*fd);
}
#define CLEANUP_FD __attribute__((cleanup(close_fd)))

static void free_chars(char **p) { free(*p); }
#define CLEANUP_CHARS __attribute__((cleanup(free_chars)))

static enum err too_large(const char *path, size_t max_bytes, struct error *e)
{
    return error_set_reason(e, ERR_LIMIT, "file_too_large", "file \"%s\" is larger than the limit of %zu bytes", path,
                            max_bytes);
}

static enum err read_all(struct arena *a, int fd, const char *path, size_t expected, size_t max_bytes, struct str *ret,
                         struct error *e)
{
    size_t cap = expected + 1, n = 0; /* one more, to see the end without growing */
    char *p = arena_alloc(a, cap);
    if (!p) return error_no_memory(e);
    for (;;) {
        ssize_t got = read(fd, p + n, cap - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_error(e, "read", path, errno);
        if (got == 0) break;
        n += (size_t)got;
        if (n > max_bytes) return too_large(path, max_bytes, e);
        if (n < cap) continue;
        char *grown = cap > SIZE_MAX / 2 ? NULL : arena_grow(a, p, cap, cap * 2);
        if (!grown) return error_no_memory(e);
        p = grown;
        cap *= 2;
    }
    *ret = (struct str){p, n};
    return ERR_OK;
}

enum err fs_read(struct arena *a, const char *path, size_t max_bytes, struct str *ret, struct error *e)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not make us wait */
    if (fd < 0) return io_error(e, "open", path, errno);
    struct stat st;
    if (fstat(fd, &st) != 0) return io_error(e, "examine", path, errno);
    if (S_ISDIR(st.st_mode)) return error_set_reason(e, ERR_INVALID, "not_a_file", "\"%s\" is a folder", path);
    if (!S_ISREG(st.st_mode)) return error_set_reason(e, ERR_INVALID, "not_a_file", "\"%s\" is not a plain file", path);
    if (st.st_size < 0 || (uint64_t)st.st_size > max_bytes) return too_large(path, max_bytes, e);
    return read_all(a, fd, path, (size_t)st.st_size, max_bytes, ret, e);
}

/* Creates a file that did not exist beside target; *ret_path is malloc'd. */
static enum err open_temp(const char *target, unsigned mode, char **ret_path, int *ret_fd, struct error *e)
{
    struct str path = str_from_c(target), folder = str_sub(path, 0, path.n - fs_base_name(path).n);
    size_t size = folder.n + sizeof ".prism-0123456789abcdef.tmp";
    CLEANUP_CHARS char *temp = calloc(1, size);
    if (!temp) return error_no_memory(e);
    if (folder.n) memcpy(temp, folder.p, folder.n);
    for (int i = 0; i < TEMP_TRIES; i++) {
        uint64_t random = 0;
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) return io_error(e, "write", target, EIO);
        (void)snprintf(temp + folder.n, size - folder.n, ".prism-%016" PRIx64 ".tmp", random);
        int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
        if (fd < 0 && errno == EEXIST) continue;
        if (fd < 0) return io_error(e, "write", target, errno);
        *ret_fd = fd;
        *ret_path = TAKE(temp);
        return ERR_OK;
    }
    return io_error(e, "write", target, EEXIST);
}

/* Writes, syncs and closes. 0 or an errno. */
static int write_and_close(int fd, struct str bytes)
{
    int cause = 0;
    for (size_t n = 0; n < bytes.n && cause == 0;) {
        ssize_t put = write(fd, bytes.p + n, bytes.n - n);
        if (put >= 0)
            n += (size_t)put;
        else if (errno != EINTR)
            cause = errno;
    }
    if (cause == 0 && fsync(fd) != 0) cause = errno;
    if (close(fd) != 0 && cause == 0) cause = errno;
    return cause;
}

/* Makes a rename in path's folder lasting. 0 or an errno. */
static int sync_folder(const char *path)
{
    struct str whole = str_from_c(path), folder = str_sub(whole, 0, whole.n - fs_base_name(whole).n);
    CLEANUP_CHARS char *name = folder.n ? strndup(folder.p, folder.n) : strdup(".");
    if (!name) return ENOMEM;
    CLEANUP_FD int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno == EACCES ? 0 : errno; /* a folder that we may write but not read cannot be synced */
    if (fsync(fd) == 0 || errno == EINVAL || errno == EROFS) return 0; /* some file systems do not sync folders */
    return errno;
}

enum err fs_write_atomic(const char *path, struct str bytes, unsigned mode, struct error *e)
{
    enum fs_kind kind = fs_kind(path);
    if (kind == FS_FOLDER) return error_set_reason(e, ERR_INVALID, "not_a_file", "\"%s\" is a folder", path);
    if (kind == FS_OTHER) return error_set_reason(e, ERR_INVALID, "not_a_file", "\"%s\" is not a plain file", path);
    CLEANUP_CHARS char *resolved = kind == FS_FILE ? realpath(path, NULL) : strdup(path);
    if (!resolved) return io_error(e, "write", path, errno);

    CLEANUP_CHARS char *temp = NULL;
    int fd = -1;
    enum err err = open_temp(resolved, mode, &temp, &fd, e);
    if (err != ERR_OK) return err;
    int cause = write_and_close(fd, bytes);
    // NOLINTBEGIN(clang-analyzer-core.NonNullParamChecker): open_temp() has set it
    if (cause == 0 && rename(temp, resolved) != 0) cause = errno;
    if (cause != 0) {
        (void)unlink(temp);
        return io_error(e, "write", path, cause);
    }
    // NOLINTEND(clang-analyzer-core.NonNullParamChecker)
    cause = sync_folder(resolved);
    return cause ? io_error(e, "sync the folder of", path, cause) : ERR_OK;
}

enum fs_kind fs_kind(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) return FS_MISSING;
    if (S_ISREG(st.st_mode)) return FS_FILE;
    return S_ISDIR(st.st_mode) ? FS_FOLDER : FS_OTHER;
}

/* ---- walking ---- */

struct walk {
    struct arena *a;
    bool (*filter)(struct str name);
    struct fs_list list;
    struct error *e;
};

static void close_dir(DIR **dir)
{
    if (*dir) closedir(*dir);
}
#define CLEANUP_DIR __attribute__((cleanup(close_dir)))

static enum err walk_folder(struct walk *w, int fd, struct str path, unsigned depth);

static enum err walk_entry(struct walk *w, int folder_fd, struct str folder, const char *name, unsigned depth)
{
    struct str path = str_printf(w->a, "%.*s%s%s", STR_ARG(folder), str_ends(folder, STR("/")) ? "" : "/", name);
    if (!path.p) return error_no_memory(w->e);
    struct stat st;
    if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ERR_OK : io_error(w->e, "examine", path.p, errno); /* gone meanwhile */
    if (S_ISREG(st.st_mode)) {
        if (w->filter && !w->filter(str_from_c(name))) return ERR_OK;
        char **slot = VEC_PUSH(w->a, &w->list);
        if (!slot) return error_no_memory(w->e);
        *slot = str_to_c(w->a, path);
        return *slot ? ERR_OK : error_no_memory(w->e);
    }
    if (!S_ISDIR(st.st_mode)) return ERR_OK;
    int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return io_error(w->e, "open folder", path.p, errno);
    return walk_folder(w, fd, path, depth + 1);
}

/* Closes fd. path is NUL-terminated. */
static enum err walk_folder(struct walk *w, int fd, struct str path, unsigned depth)
{
    CLEANUP_DIR DIR *dir = fdopendir(fd);
    if (!dir) {
        int cause = errno;
        close(fd);
        return io_error(w->e, "open folder", path.p, cause);
    }
    if (depth > WALK_DEPTH_MAX)
        return error_set_reason(w->e, ERR_LIMIT, "too_deep", "folder \"%s\" lies deeper than the limit of %d levels",
                                path.p, WALK_DEPTH_MAX);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) return errno ? io_error(w->e, "read folder", path.p, errno) : ERR_OK;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        TRY(walk_entry(w, dirfd(dir), path, entry->d_name, depth));
    }
}

static int compare_paths(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

enum err fs_walk(struct arena *a, const char *folder, bool (*filter)(struct str name), struct fs_list *ret,
                 struct error *e)
{
    struct walk w = {.a = a, .filter = filter, .e = e};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOTDIR && fs_kind(folder) != FS_MISSING)
        return error_set_reason(e, ERR_INVALID, "not_a_folder", "\"%s\" is not a folder", folder);
    if (fd < 0) return io_error(e, "open folder", folder, errno);
    TRY(walk_folder(&w, fd, str_from_c(folder), 1));
    if (w.list.n > 1) qsort(w.list.at, w.list.n, sizeof *w.list.at, compare_paths);
    *ret = w.list;
    return ERR_OK;
}

bool fs_has_room(int fd, uint64_t bytes)
{
    struct statvfs st;
    if (fstatvfs(fd, &st) != 0 || st.f_blocks == 0) return true;
    uint64_t reserve = (uint64_t)st.f_blocks * st.f_frsize / 20, free_bytes = (uint64_t)st.f_bavail * st.f_frsize;
    if (reserve < FS_RESERVE_MIN_BYTES) reserve = FS_RESERVE_MIN_BYTES;
    if (reserve > FS_RESERVE_MAX_BYTES) reserve = FS_RESERVE_MAX_BYTES;
    return free_bytes >= reserve && free_bytes - reserve >= bytes;
}

enum err fs_make_folders(const char *path, struct error *e)
{
    CLEANUP_CHARS char *prefix = strdup(path);
    if (!prefix) return error_no_memory(e);
    for (size_t i = 1, n = strlen(path); i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        prefix[i] = '\0';
        if (mkdir(prefix, 0755) != 0 && errno != EEXIST && fs_kind(prefix) != FS_FOLDER)
            return io_error(e, "create folder", path, errno);
        prefix[i] = path[i];
    }
    if (fs_kind(path) != FS_FOLDER)
        return error_set_reason(e, ERR_INVALID, "not_a_folder",
                                "could not create folder \"%s\": something else has that name", path);
    return ERR_OK;
}

struct str fs_base_name(struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_sub(path, at, path.n);
}
