/* The store: what must survive, in one SQL database of the data folder. This header is opening, transactions and what goes wrong;
 * store/queries.h is what can be asked and changed.
 *
 * Writing: store_write hands a function to the writer's thread, which takes all that wait, runs each in its own savepoint, and commits them
 * at once; each is answered when the commit is on disk. A change that was acknowledged survives kill -9 and a power cut. One function
 * that fails undoes its own changes only.
 * Reading: store_read gives a snapshot on a connection of its own; readers never wait for the writer, nor it for them.
 *
 *   static enum err rename(struct store_tx *tx, void *ctx, struct error *e) { … return store_visitor_rename(tx, …, e); }
 *   TRY(store_write(store, rename, &what, e));
 *
 *   CLEANUP_STORE_READ struct store_tx *tx = NULL;
 *   TRY(store_read(store, &tx, e));
 *   TRY(store_document_find(tx, id, owner, a, &row, e));
 *
 * Reasons of errors, each with a sentence and what to do: store_full, store_readonly, store_io, store_damaged, store_busy, store_in_use, store_newer,
 * store_foreign; of a change: exists (ERR_CONFLICT: unique), gone (ERR_NOT_FOUND: what it belongs to is not there any more). */
#pragma once

#include "base/sb.h"
#include "base/str.h"

#define STORE_FILE      "prism.db"
#define STORE_LOCK_FILE "prism.lock"

struct store;
struct store_tx; /* a transaction or a snapshot: the first parameter of every query */

struct store_options {
    const char *folder; /* the data folder; is there and can be written */
    int lock_fd;        /* of store_lock_take, stays the caller's; -1: store_open takes the lock itself */
    unsigned readers;   /* how many snapshots there may be at once; one more waits. At least 1 */
};

/* One process a data folder: takes the lock file of folder and writes our pid into it. The lock is held until the descriptor and all its copies in
 * other processes are closed; a supervisor that holds it for its children clears FD_CLOEXEC or forks. Caller closes.
 * ERR_CONFLICT store_in_use: the message names the folder and the pid that has it. ERR_STORAGE store_readonly, store_full; ERR_INTERNAL store_io. */
enum err store_lock_take(const char *folder, int *ret_fd, struct error *e) MUST_USE;

/* Opens the database of folder, makes it where there is none, brings an older one to this version (nothing is touched before it is known to be
 * ours), and starts the writer. Caller closes with store_close.
 * ERR_INVALID store_newer, store_foreign; ERR_CONFLICT store_in_use; ERR_STORAGE store_full, store_readonly; ERR_INTERNAL store_damaged, store_io; ERR_LIMIT. */
enum err store_open(const struct store_options *options, struct store **ret, struct error *e) MUST_USE;

/* Copies the store of folder, which servers may be using, into the folder `to`, which has none yet: as of one moment, and checked.
 * ERR_NOT_FOUND "no_store"; ERR_INVALID store_newer, store_foreign; the others of store_open. */
enum err store_backup(const char *folder, const char *to, struct error *e) MUST_USE;

/* Ends the writer and closes. Nobody reads, writes or waits any more. s may be NULL. */
void store_close(struct store *s);

/* What runs in a transaction. ctx is as given to store_write. It is called once, on the writer's thread, while the caller waits: it may use the
 * caller's arena and variables. It waits for nothing, does no other I/O and starts no other transaction: everybody's writes wait for it.
 * What it returns is what store_write returns; anything but ERR_OK undoes what it changed. */
typedef enum err (*store_write_fn)(struct store_tx *tx, void *ctx, struct error *e);

/* ERR_OK: committed and on disk. Else nothing of it was changed: fn's own error, or that of the commit (then fn's results mean nothing).
 * Thread: any but the writer's; holding no lock. */
enum err store_write(struct store *s, store_write_fn fn, void *ctx, struct error *e) MUST_USE;

/* The same for what makes room, such as deleting. When the disk is full, the reserve of the store is given up for it and fn is called once more; what it changed
 * in the store the first time was undone, what it left in ctx was not, so it sets that anew. */
enum err store_write_freeing(struct store *s, store_write_fn fn, void *ctx, struct error *e) MUST_USE;

/* Whether so many bytes more fit into the folder and leave a reserve for what is small (base/fs.h, fs_has_room): to be asked before something large
 * begins, so that decisions and deletions go on when there is no room for more. ERR_STORAGE store_full. Thread: any. */
enum err store_room(const struct store *s, uint64_t bytes, struct error *e) MUST_USE;

/* A snapshot: sees every write that was acknowledged before, and from its first query on none that comes later. Short: what it holds open the database cannot reuse.
 * Give back with store_read_end, on any thread; used by one at a time. Waits while all readers are taken: a thread takes one at a time.
 * Thread: any, holding no lock. */
enum err store_read(struct store *s, struct store_tx **ret, struct error *e) MUST_USE;
void store_read_end(struct store_tx *tx); /* tx may be NULL */

/* After much was deleted: gives room that the store does not use back to the file system, a little (1 MiB), so that nobody waits for long. *ret_more: there is
 * more to give. Deleted rows are used again at once in any case. */
enum err store_shrink(struct store *s, bool *ret_more, struct error *e) MUST_USE;

/* What it counts and measures, as lines of base/metrics.h. Thread: any. */
void store_metrics(struct store *s, struct sb *out);

/* For /ready: reads, and writes a row through to the disk. The store's error, or ERR_OK. */
enum err store_probe(struct store *s, struct error *e) MUST_USE;

static inline void store__read_cleanup(struct store_tx **tx) { store_read_end(*tx); }
#define CLEANUP_STORE_READ __attribute__((cleanup(store__read_cleanup)))
