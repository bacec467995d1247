/* Room that is kept for deleting. A full disk refuses deletions too, as they are written to the log before anything is given back; so a file of some
 * megabytes lies in the folder, and is emptied when there is no other room. It is filled again as soon as there is more room than the reserve of
 * base/fs.h, so one bad hour is survived as well as the next.
 * It is allocated (fallocate), not written: no bytes go to the disk. Where a file system cannot do that there is none, and deletions on a full disk
 * must wait for whoever runs the server.
 * Rejected: trusting base/fs.h's reserve alone (other programs fill disks as well). */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/store_priv.h"

#define RESERVE_FILE "prism.reserve"

void store__reserve_open(struct store__reserve *r, const char *folder)
{
    CLEANUP_SB struct sb path = SB_INIT(4096);
    *r = (struct store__reserve){.fd = -1};
    sb_printf(&path, "%s/" RESERVE_FILE, folder);
    sb_char(&path, 0);
    if (!sb_ok(&path)) return;
    r->fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    r->is_there = r->fd >= 0 && lseek(r->fd, 0, SEEK_END) >= STORE__RESERVE_BYTES;
}

bool store__reserve_release(struct store__reserve *r)
{
    if (!r->is_there || ftruncate(r->fd, 0) != 0) return false;
    r->is_there = false;
    return true;
}

void store__reserve_renew(struct store__reserve *r)
{
    if (r->fd < 0 || r->is_there || r->impossible || !fs_has_room(r->fd, STORE__RESERVE_BYTES)) return;
    r->is_there = fallocate(r->fd, 0, 0, STORE__RESERVE_BYTES) == 0;
    if (r->is_there) return;
    r->impossible = errno != ENOSPC && errno != EDQUOT && errno != EINTR;
    (void)!ftruncate(r->fd, 0); /* what it got */
}

void store__reserve_close(struct store__reserve *r)
{
    if (r->fd >= 0) close(r->fd);
    r->fd = -1;
}
