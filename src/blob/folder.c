/* Files in a folder: <first two characters of the key>/<key>, and tmp/ for what is being written.
 * A put writes tmp/<random id>, syncs it, renames it to its place and syncs the folder there: after a power cut the key names the whole file or
 * nothing, and what is cut off lies in tmp/, where the sweep at start finds it without looking through everything.
 * All calls are relative to a descriptor of the folder that is opened once, so nothing depends on the working directory or on links that
 * someone puts in the path later. Sub-folders keep folders small: at a million files each has some thousand.
 * A deletion is not synced: if a power cut undoes it, a file is left that nothing names.
 * A put that would touch the reserve of the file system (base/fs.h) is refused as if the disk were full: what is small must go on.
 * Rejected: O_TMPFILE with linkat (not on every file system, and linkat does not replace), hard links to the upload (another file system),
 * base/fs.h's atomic write (its temporary files lie beside the target, in a thousand folders, and it takes paths). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/random.h"
#include "base/time.h"
#include "blob/blob_priv.h"

#define TEMP_FOLDER "tmp"
#define COPY_BYTES  65536
#define PROBE_BYTES 4096 /* a block: what a full disk refuses */

struct folder {
    struct blob base;
    int fd;     /* of the folder */
    char *path; /* absolute; for what must be written by name */
};

/* Paths below the folder. */
struct names {
    char sub[3];                                         /* "ab" */
    char path[sizeof "ab/" + BLOB_KEY_MAX];              /* "ab/abcdef…" */
    char temp[sizeof TEMP_FOLDER "/" + RANDOM_ID_CHARS]; /* "tmp/<random>" */
};

static int fd_of(struct blob *b) { return ((struct folder *)b)->fd; }

static void close_fd(const int *fd)
{
    if (*fd >= 0) close(*fd);
}
#define CLEANUP_FD __attribute__((cleanup(close_fd)))

/* Moves it out of its variable, which closes nothing then. */
static int take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

static struct names names_of(struct str key)
{
    struct names n;
    (void)snprintf(n.sub, sizeof n.sub, "%.2s", key.p);
    (void)snprintf(n.path, sizeof n.path, "%.2s/%.*s", key.p, STR_ARG(key));
    return n;
}

static void name_temp(struct names *n)
{
    char id[RANDOM_ID_CHARS + 1];
    random_id(id);
    (void)snprintf(n->temp, sizeof n->temp, TEMP_FOLDER "/%s", id);
}

/* Says that the server could not `what` ("write") the file `name` (for the log only) because of the errno `cause`. */
static enum err io_error(struct error *e, const char *what, const char *name, int cause)
{
    switch (cause) {
    case ENOENT:
        error_set_reason(e, ERR_NOT_FOUND, "file_missing", "the file is not there any more");
        error_hint(e, "Upload the document again.");
        break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        error_set_reason(e, ERR_STORAGE, "files_full", "the server has too little space left for files");
        error_hint(e,
                   "Nothing was changed. Delete documents that are no longer needed, or ask whoever runs the server to "
                   "make room in its data folder.");
        break;
    case EROFS:
    case EACCES:
    case EPERM:
        error_set_reason(e, ERR_STORAGE, "files_readonly", "the server may not %s files in its data folder", what);
        error_hint(e, "Nothing was changed. Whoever runs the server must make its data folder writable for it.");
        break;
    case EMFILE:
    case ENFILE:
        error_set_reason(e, ERR_BUSY, "too_many_open_files", "the server has too many files open");
        error_hint(e, "Try again in a moment.");
        break;
    case ENOMEM: return error_no_memory(e);
    default:
        error_set_reason(e, ERR_INTERNAL, "files_failed", "the server could not %s a file", what);
        error_hint(e, "The log of the server says why.");
        break;
    }
    const char *text = strerrordesc_np(cause);
    return error_detail(e, "%s \"%s\" in the folder of files: %s (errno %d)", what, name, text ? text : "unknown",
                        cause);
}

/* ---- putting ---- */

/* 0 or an errno. */
static int write_all(int fd, struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t put = write(fd, bytes.p, bytes.n);
        if (put < 0 && errno != EINTR) return errno;
        if (put > 0) bytes = str_sub(bytes, (size_t)put, bytes.n);
    }
    return 0;
}

static enum err copy_all(int from, int to, uint64_t max_bytes, const char *name, struct error *e)
{
    char buffer[COPY_BYTES];
    uint64_t n = 0;
    for (;;) {
        ssize_t got = pread(from, buffer, sizeof buffer, (off_t)n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int cause = errno; /* of the uploaded file, not of ours: never "missing" or "full" */
            error_set_reason(e, ERR_INTERNAL, "files_failed", "the server could not read the uploaded file");
            return error_detail(e, "read for \"%s\": errno %d", name, cause);
        }
        if (got == 0) return ERR_OK;
        n += (uint64_t)got;
        if (n > max_bytes)
            return error_set_reason(e, ERR_LIMIT, "file_too_large", "the file is larger than the limit of %llu bytes",
                                    (unsigned long long)max_bytes);
        int cause = write_all(to, (struct str){buffer, (size_t)got});
        if (cause) return io_error(e, "write", name, cause);
    }
}

/* 0 or an errno. */
static int sync_folder(int at, const char *name)
{
    CLEANUP_FD int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno;
    if (fsync(fd) == 0 || errno == EINVAL) return 0; /* EINVAL: this file system does not sync folders */
    return errno;
}

/* 0 or an errno. */
static int move_into_place(int at, const struct names *n)
{
    if (mkdirat(at, n->sub, 0700) == 0) {
        int cause = sync_folder(at, ".");
        if (cause) return cause;
    } else if (errno != EEXIST) {
        return errno;
    }
    if (renameat(at, n->temp, at, n->path) != 0) return errno;
    return sync_folder(at, n->sub);
}

/* How much a put will write. */
static uint64_t size_of(int fd, struct str bytes)
{
    struct stat st;
    if (fd < 0) return bytes.n;
    return fstat(fd, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

/* fd < 0: the bytes. */
static enum err put(struct blob *b, struct str key, int fd, uint64_t max_bytes, struct str bytes, struct error *e)
{
    int at = fd_of(b), cause = 0;
    enum err err = ERR_OK;
    struct names n = names_of(key);
    name_temp(&n);
    if (!fs_has_room(at, size_of(fd, bytes))) return io_error(e, "write", n.path, ENOSPC);
    int temp = openat(at, n.temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (temp < 0) return io_error(e, "write", n.temp, errno == ENOENT ? EIO : errno); /* the folder itself is gone */
    if (fd >= 0)
        err = copy_all(fd, temp, max_bytes, n.path, e);
    else
        cause = write_all(temp, bytes);
    if (err == ERR_OK && cause == 0 && !fs_has_room(at, 0)) cause = ENOSPC; /* others wrote at the same time */
    if (err == ERR_OK && cause == 0 && fsync(temp) != 0) cause = errno;
    if (close(temp) != 0 && cause == 0) cause = errno; /* NFS says only now that there is no room */
    if (err == ERR_OK && cause == 0) cause = move_into_place(at, &n);
    if (err == ERR_OK && cause) err = io_error(e, "write", n.path, cause == ENOENT ? EIO : cause);
    if (err != ERR_OK) (void)unlinkat(at, n.temp, 0); /* not there if it was renamed already */
    return err;
}

static enum err put_bytes(struct blob *b, struct str key, struct str bytes, struct error *e)
{
    return put(b, key, -1, 0, bytes, e);
}

static enum err put_fd(struct blob *b, struct str key, int fd, uint64_t max_bytes, struct error *e)
{
    return put(b, key, fd, max_bytes, STR_EMPTY, e);
}

/* What a function has written under a temporary name. */
static enum err keep_made(int at, const struct names *n, struct error *e)
{
    int fd = openat(at, n->temp, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), cause = fd < 0 ? EIO : 0;
    if (cause == 0 && !fs_has_room(at, 0)) cause = ENOSPC;
    if (cause == 0 && fsync(fd) != 0) cause = errno;
    if (fd >= 0) (void)close(fd);
    if (cause == 0) cause = move_into_place(at, n);
    return cause ? io_error(e, "write", n->path, cause == ENOENT ? EIO : cause) : ERR_OK;
}

static enum err make(struct blob *b, struct str key, blob_make_fn fn, void *ctx, struct error *e)
{
    char path[PATH_MAX];
    int at = fd_of(b);
    struct names n = names_of(key);
    name_temp(&n);
    int written = snprintf(path, sizeof path, "%s/%s", ((struct folder *)b)->path, n.temp);
    if (written < 0 || (size_t)written >= sizeof path) return io_error(e, "write", n.temp, ENAMETOOLONG);
    if (!fs_has_room(at, 0)) return io_error(e, "write", n.path, ENOSPC);
    enum err err = fn(ctx, path, e);
    if (err == ERR_OK) err = keep_made(at, &n, e);
    if (err != ERR_OK) (void)unlinkat(at, n.temp, 0); /* not there if it was renamed already */
    return err;
}

/* ---- reading ---- */

static enum err open_fd(struct blob *b, struct str key, int *ret_fd, uint64_t *ret_size_bytes, struct error *e)
{
    struct names n = names_of(key);
    struct stat st;
    CLEANUP_FD int fd = openat(fd_of(b), n.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return io_error(e, "read", n.path, errno);
    if (fstat(fd, &st) != 0) return io_error(e, "read", n.path, errno);
    if (!S_ISREG(st.st_mode)) return io_error(e, "read", n.path, EISDIR);
    *ret_size_bytes = (uint64_t)st.st_size;
    *ret_fd = take_fd(&fd);
    return ERR_OK;
}

static enum err get(struct blob *b, struct arena *a, struct str key, size_t max_bytes, struct str *ret, struct error *e)
{
    CLEANUP_FD int fd = -1;
    uint64_t size = 0;
    TRY(open_fd(b, key, &fd, &size, e));
    if (size > max_bytes)
        return error_set_reason(e, ERR_LIMIT, "file_too_large", "the file has %llu bytes; the limit is %zu",
                                (unsigned long long)size, max_bytes);
    char *p = arena_alloc(a, (size_t)size);
    if (!p) return error_no_memory(e);
    for (size_t n = 0; n < size;) {
        ssize_t got = read(fd, p + n, (size_t)size - n);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return io_error(e, "read", names_of(key).path, got < 0 ? errno : EIO); /* files do not shrink */
        n += (size_t)got;
    }
    *ret = (struct str){p, (size_t)size};
    return ERR_OK;
}

static enum err remove_file(struct blob *b, struct str key, struct error *e)
{
    struct names n = names_of(key);
    if (unlinkat(fd_of(b), n.path, 0) == 0 || errno == ENOENT) return ERR_OK;
    return io_error(e, "remove", n.path, errno);
}

static enum err exists(struct blob *b, struct str key, bool *ret, struct error *e)
{
    struct names n = names_of(key);
    struct stat st;
    if (fstatat(fd_of(b), n.path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        *ret = S_ISREG(st.st_mode);
        return ERR_OK;
    }
    if (errno != ENOENT) return io_error(e, "read", n.path, errno);
    *ret = false;
    return ERR_OK;
}

/* ---- upkeep ---- */

static enum err probe(struct blob *b, struct error *e)
{
    static const char zeros[PROBE_BYTES];
    struct names n = {0};
    name_temp(&n);
    int fd = openat(fd_of(b), n.temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return io_error(e, "write", n.temp, errno == ENOENT ? EIO : errno);
    int cause = write_all(fd, (struct str){zeros, sizeof zeros});
    if (close(fd) != 0 && cause == 0) cause = errno;
    if (unlinkat(fd_of(b), n.temp, 0) != 0 && cause == 0) cause = errno == ENOENT ? EIO : errno;
    return cause ? io_error(e, "write", n.temp, cause) : ERR_OK;
}

static enum err sweep(struct blob *b, int64_t older_than_ms, size_t *ret_removed, struct error *e)
{
    int64_t now_ms = time_now_unix_ms();
    size_t removed = 0;
    int fd = openat(fd_of(b), TEMP_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return io_error(e, "read", TEMP_FOLDER, errno == ENOENT ? EIO : errno);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return error_no_memory(e); /* what else can fail here */
    }
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir))) {
        struct stat st;
        if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) continue;
        int64_t changed_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
        if (now_ms - changed_ms < older_than_ms) continue;
        if (unlinkat(fd, entry->d_name, 0) == 0) removed++; /* one that cannot go takes room and does no harm */
    }
    closedir(dir);
    *ret_removed = removed;
    return ERR_OK;
}

/* One sub-folder. Names that are none of ours are left alone. */
static enum err walk_sub(int at, const char *sub,
                         enum err (*each)(void *ctx, const struct blob_found *found, struct error *e), void *ctx,
                         struct error *e)
{
    CLEANUP_FD int fd = openat(at, sub, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return errno == ENOENT || errno == ENOTDIR ? ERR_OK : io_error(e, "read", sub, errno);
    DIR *dir = fdopendir(fd);
    if (!dir) return error_no_memory(e);
    int inner = take_fd(&fd);
    enum err err = ERR_OK;
    const struct dirent *entry = NULL;
    while (err == ERR_OK && (entry = readdir(dir))) {
        struct stat st;
        struct blob_found found = {.key = str_from_c(entry->d_name)};
        if (!blob__is_key(found.key) || fstatat(inner, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (!S_ISREG(st.st_mode)) continue;
        found.size_bytes = (uint64_t)st.st_size;
        found.put_unix_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
        err = each(ctx, &found, e);
    }
    closedir(dir);
    return err;
}

static enum err walk(struct blob *b, enum err (*each)(void *ctx, const struct blob_found *found, struct error *e),
                     void *ctx, struct error *e)
{
    int fd = openat(fd_of(b), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return io_error(e, "read", ".", errno == ENOENT ? EIO : errno);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return error_no_memory(e);
    }
    enum err err = ERR_OK;
    const struct dirent *entry = NULL;
    while (err == ERR_OK && (entry = readdir(dir)))
        if (strlen(entry->d_name) == 2 && entry->d_name[0] != '.') err = walk_sub(fd, entry->d_name, each, ctx, e);
    closedir(dir);
    return err;
}

static void free_folder(struct blob *b)
{
    close(fd_of(b));
    free(((struct folder *)b)->path);
    free(b);
}

enum err blob_folder_open(const char *path, struct blob **ret, struct error *e)
{
    static const struct blob_ops ops = {
        .put_bytes = put_bytes,
        .put_fd = put_fd,
        .make = make,
        .get = get,
        .open_fd = open_fd,
        .remove = remove_file,
        .exists = exists,
        .probe = probe,
        .walk = walk,
        .sweep = sweep,
        .free = free_folder,
    };
    if (fs_kind(path) == FS_MISSING) {
        TRY(fs_make_folders(path, e));
        if (chmod(path, 0700) != 0) return io_error(e, "write", path, errno);
    }
    CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOTDIR)
        return error_set_reason(e, ERR_INVALID, "not_a_folder", "\"%s\" is not a folder", path);
    if (fd < 0) return io_error(e, "read", path, errno == ENOENT ? EIO : errno);
    if (mkdirat(fd, TEMP_FOLDER, 0700) != 0 && errno != EEXIST) return io_error(e, "write", path, errno);
    struct folder *f = calloc(1, sizeof *f);
    if (!f) return error_no_memory(e);
    f->base.ops = &ops;
    f->path = realpath(path, NULL);
    if (!f->path) {
        int cause = errno;
        free(f);
        return cause == ENOMEM ? error_no_memory(e) : io_error(e, "read", path, cause);
    }
    f->fd = take_fd(&fd);
    *ret = &f->base;
    return ERR_OK;
}
