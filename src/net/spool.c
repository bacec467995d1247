/* Received bytes, in memory or in a nameless file.
 * The file is written by io threads: that is a copy into the page cache, in pieces of some kilobytes. Rejected: keeping uploads in memory
 * (max_uploads of them would be half a gigabyte), handing each piece to the pool (a queue entry for every 3 KB). */
#include "net/spool_priv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

void net__spool_init(struct net_spool *s, size_t memory_max, const char *folder)
{
    *s = (struct net_spool){.memory = SB_INIT(memory_max), .fd = -1, .memory_max = memory_max, .folder = folder};
}

static enum err no_space(const struct net_spool *s, int cause, struct error *e)
{
    error_set_reason(e, ERR_BUSY, "no_space", "the server has too little space left for what is being uploaded");
    error_hint(e, "Delete documents that are no longer needed, or ask whoever runs the server to make room in its data "
                  "folder.");
    return error_detail(e, "temporary file in \"%s\": %s", s->folder, strerrordesc_np(cause));
}

/* Not every file system knows O_TMPFILE; there the name is removed as soon as it is made. */
static int nameless_file(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/prism-XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) unlink(path);
    return fd;
}

static enum err write_all(const struct net_spool *s, struct str bytes, struct error *e)
{
    if (!fs_has_room(s->fd, bytes.n)) return no_space(s, ENOSPC, e);
    while (bytes.n > 0) {
        ssize_t n = write(s->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return no_space(s, errno, e);
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return ERR_OK;
}

enum err net__spool_add(struct net_spool *s, struct str bytes, struct error *e)
{
    assert(!s->mapped);
    if (s->fd < 0 && bytes.n <= s->memory_max - s->n) {
        sb_str(&s->memory, bytes);
        if (!sb_ok(&s->memory)) return error_no_memory(e);
        s->n += bytes.n;
        return ERR_OK;
    }
    if (s->fd < 0) {
        s->fd = nameless_file(s->folder);
        if (s->fd < 0) return no_space(s, errno, e);
        TRY(write_all(s, sb_view(&s->memory), e));
        sb_done(&s->memory);
    }
    TRY(write_all(s, bytes, e));
    s->n += bytes.n;
    return ERR_OK;
}

enum err net__spool_bytes(struct net_spool *s, struct str *ret, struct error *e)
{
    if (s->fd < 0) {
        *ret = s->n ? sb_view(&s->memory) : STR("");
        return ERR_OK;
    }
    if (!s->mapped) {
        void *at = mmap(NULL, s->n, PROT_READ, MAP_PRIVATE, s->fd, 0);
        if (at == MAP_FAILED) return error_no_memory(e);
        s->mapped = at;
    }
    *ret = (struct str){s->mapped, s->n};
    return ERR_OK;
}

void net__spool_done(struct net_spool *s)
{
    if (s->mapped) munmap(s->mapped, s->n);
    if (s->fd >= 0) close(s->fd);
    sb_done(&s->memory);
    s->mapped = NULL;
    s->fd = -1;
}
