/* One process a data folder: flock(2) on a file of its own. A lock of flock goes with the open file, so it ends with its holder however that dies, and can be
 * handed to a child as a descriptor. The file stays; it says who holds it as long as somebody does.
 * Rejected: a lock on the database itself (SQLite's own locks live there, and closing any descriptor of it would drop them); a file
 * that is there or not (it would outlive kill -9). */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/store_priv.h"

/* The pid in the file; 0: it says none. */
static uint64_t pid_in(int fd)
{
    char text[24];
    uint64_t pid = 0;
    ssize_t n = pread(fd, text, sizeof text, 0);
    struct str s = n > 0 ? str_trim((struct str){text, (size_t)n}) : STR_EMPTY;
    return str_to_u64(s, 1, INT32_MAX, &pid, NULL) == ERR_OK ? pid : 0;
}

/* For people alone, so a failure (no space) does not matter. */
static void write_pid(int fd)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    assert(n > 0);
    if (ftruncate(fd, 0) == 0) (void)!pwrite(fd, text, (size_t)n, 0);
}

static enum err say_in_use(const char *folder, uint64_t pid, struct error *e)
{
    if (pid)
        error_set_reason(e, ERR_CONFLICT, "store_in_use",
                         "the data folder \"%s\" is in use by another prism, process %llu", folder,
                         (unsigned long long)pid);
    else
        error_set_reason(e, ERR_CONFLICT, "store_in_use", "the data folder \"%s\" is in use by another prism", folder);
    return error_hint(e, "Stop that process first, or name another data folder (PRISM_DATA).");
}

static enum err say_cannot(const char *folder, int cause, struct error *e)
{
    if (cause == EACCES || cause == EPERM || cause == EROFS) {
        error_set_reason(e, ERR_STORAGE, "store_readonly", "the data folder \"%s\" cannot be written", folder);
        error_hint(e, "Let the user that runs prism write to it, or name another data folder (PRISM_DATA).");
    } else if (cause == ENOSPC || cause == EDQUOT) {
        error_set_reason(e, ERR_STORAGE, "store_full", "the disk of the data folder \"%s\" is full", folder);
        error_hint(e, "Free some space on it, or name another data folder (PRISM_DATA).");
    } else {
        error_set_reason(e, ERR_INTERNAL, "store_io", "the data folder \"%s\" cannot be used", folder);
        error_hint(e, "Make the folder, or name another one (PRISM_DATA); the log of prism names the cause.");
    }
    return error_detail(e, STORE_LOCK_FILE ": errno %d", cause);
}

enum err store_lock_take(const char *folder, int *ret_fd, struct error *e)
{
    CLEANUP_SB struct sb path = SB_INIT(4096);
    sb_printf(&path, "%s/" STORE_LOCK_FILE, folder);
    sb_char(&path, 0);
    if (!sb_ok(&path)) return path.no_memory ? error_no_memory(e) : say_cannot(folder, ENAMETOOLONG, e);
    int fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return say_cannot(folder, errno, e);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        write_pid(fd);
        *ret_fd = fd;
        return ERR_OK;
    }
    int cause = errno;
    uint64_t pid = pid_in(fd);
    close(fd);
    return cause == EWOULDBLOCK ? say_in_use(folder, pid, e) : say_cannot(folder, cause, e);
}

void store__lock_give(int fd)
{
    if (fd < 0) return;
    (void)!ftruncate(fd, 0);
    close(fd);
}
