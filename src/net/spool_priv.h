/* Bytes that come bit by bit and are read as one text at the end: in memory while they are few, then in a temporary file that has no name (so
 * that nothing is left behind whatever happens) and is mapped to be read. Private to net.
 * Thread: one at a time. Source: Linux open(2), O_TMPFILE. */
#pragma once

#include "base/sb.h"

struct net_spool {
    struct sb memory;
    int fd;             /* -1: all is in memory */
    size_t n;           /* bytes in all */
    size_t memory_max;  /* more go to the file */
    const char *folder; /* for the file; borrowed */
    void *mapped;       /* NULL: not yet */
};

void net__spool_init(struct net_spool *s, size_t memory_max, const char *folder);
/* ERR_BUSY "no_space" when the folder's disk is full but for the reserve of base/fs.h or the folder cannot be used; ERR_LIMIT without memory. */
enum err net__spool_add(struct net_spool *s, struct str bytes, struct error *e) MUST_USE;
/* All of it; valid until net__spool_done. Nothing is added after this. */
enum err net__spool_bytes(struct net_spool *s, struct str *ret, struct error *e) MUST_USE;
void net__spool_done(struct net_spool *s); /* takes what was initialised, or zeroed memory with fd -1 */
