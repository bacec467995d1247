/* Files by key: uploaded documents and what was made of them. A key is a name that nobody chooses: the SHA-256 of the content or a random id
 * (base/random.h). A file is there whole or not at all, also after a power cut, and is never changed: putting a key again puts the same.
 * Errors: ERR_INVALID "bad_key"; ERR_NOT_FOUND "file_missing"; ERR_LIMIT "file_too_large"; ERR_STORAGE "files_full" (no room, quota),
 * "files_readonly" (read-only or not ours to write); ERR_INTERNAL "files_failed" (the disk, with the cause in the log's detail);
 * ERR_BUSY "too_many_open_files". Thread: any; calls wait for the disk, so not on an I/O thread. */
#pragma once

#include "base/str.h"

#define BLOB_KEY_MIN 16
#define BLOB_KEY_MAX 64 /* bytes, of 0-9 a-z */

struct blob;

/* Files in a folder, which is made (for this user alone) if it is missing; if that fails, the error is base/fs.h's and names the path. Later
 * calls do not depend on the working directory. Caller frees with blob_free. */
enum err blob_folder_open(const char *path, struct blob **ret, struct error *e) MUST_USE;
void blob_free(struct blob *b); /* no call runs; b may be NULL */

/* Keeps the bytes, or all of the file from its start to its end (fd: borrowed, a plain file; its offset stays). On disk when it returns. */
enum err blob_put_bytes(struct blob *b, struct str key, struct str bytes, struct error *e) MUST_USE;
enum err blob_put_fd(struct blob *b, struct str key, int fd, uint64_t max_bytes, struct error *e) MUST_USE;

/* Keeps the file that a function writes under a name, for libraries that want one: path is absolute and names no file yet, others that begin with it may
 * come and go. What the function returns is passed on. ERR_STORAGE "files_full" also when the file left no room. */
typedef enum err (*blob_make_fn)(void *ctx, const char *path, struct error *e);
enum err blob_make(struct blob *b, struct str key, blob_make_fn make, void *ctx, struct error *e) MUST_USE;

/* The whole file into the arena. ERR_LIMIT past max_bytes. */
enum err blob_get(struct blob *b, struct arena *a, struct str key, size_t max_bytes, struct str *ret,
                  struct error *e) MUST_USE;
/* For sending: a descriptor to read from, at its start; the caller closes it. It stays good when the file is deleted. */
enum err blob_open_fd(struct blob *b, struct str key, int *ret_fd, uint64_t *ret_size_bytes, struct error *e) MUST_USE;

enum err blob_delete(struct blob *b, struct str key,
                     struct error *e) MUST_USE; /* a file that is not there is deleted */
enum err blob_exists(struct blob *b, struct str key, bool *ret, struct error *e) MUST_USE;

/* Whether a file could be put now: writes a small one and removes it. For /ready. */
enum err blob_probe(struct blob *b, struct error *e) MUST_USE;

/* Every file that is there, in no order; each may delete the one that it is called with. It ends with the first error of each. */
struct blob_found {
    struct str key; /* during the call */
    uint64_t size_bytes;
    int64_t put_unix_ms; /* by the clock of what keeps the files */
};
enum err blob_walk(struct blob *b, enum err (*each)(void *ctx, const struct blob_found *found, struct error *e),
                   void *ctx, struct error *e) MUST_USE;

/* Removes what puts that were cut off by a crash have left and that is older than that. At start; an older server that still drains may be
 * putting files, so the age must be more than any put takes. */
enum err blob_sweep(struct blob *b, int64_t older_than_ms, size_t *ret_removed, struct error *e) MUST_USE;
