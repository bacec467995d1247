/* What the store asks of a database: connect, prepare, bind, step, convert, and begin and end transactions. All that is SQLite's own (pragmas, error codes,
 * how a transaction begins) is behind this header, in store/drv_sqlite.c, the only file that sees <sqlite3.h>; a second database is a second such file.
 * SQL comes in as store/sql.c has it: what SQLite and PostgreSQL both read, parameters as $1, $2, …
 * Errors are those of store/store.h. A connection and its statements are used by one thread at a time. */
#pragma once

#include "base/str.h"

struct drv;      /* a connection */
struct drv_stmt; /* a prepared statement of a connection */

enum drv_identity {
    DRV_EMPTY,  /* nothing in it */
    DRV_OURS,   /* prism's */
    DRV_FOREIGN /* somebody else's */
};

/* folder: as store_options. writer: may change and creates; a reader needs a database that is there. Caller closes. */
enum err store__drv_open(const char *folder, bool writer, struct drv **ret, struct error *e) MUST_USE;
void store__drv_close(struct drv *d); /* after all statements were freed; d may be NULL */

/* Whose database it is, and its schema's version when it is ours. Changes nothing. */
enum err store__drv_identify(struct drv *d, enum drv_identity *ret, int64_t *ret_version, struct error *e) MUST_USE;
/* Marks it as ours, of this version. Within a write transaction. */
enum err store__drv_mark(struct drv *d, int64_t version, struct error *e) MUST_USE;
/* Settings of a database that is ours: durable commits, readers beside the writer, foreign keys; then the names of its files are brought to the disk.
 * Outside of transactions. */
enum err store__drv_settle(struct drv *d, const char *folder, struct error *e) MUST_USE;
/* Statements without parameters and results, separated by ';': the schema's. */
enum err store__drv_script(struct drv *d, const char *sql, struct error *e) MUST_USE;

enum drv_step {
    DRV_BEGIN_READ,  /* a snapshot */
    DRV_BEGIN_WRITE, /* shuts out other writers at once */
    DRV_COMMIT,      /* on disk when it returns */
    DRV_ROLLBACK,
    DRV_SAVE,    /* a savepoint; they do not nest */
    DRV_RELEASE, /* forgets it, keeps the changes */
    DRV_UNDO,    /* back to it, and forgets it */
    DRV_STEP_N
};
enum err store__drv_step(struct drv *d, enum drv_step step, struct error *e) MUST_USE;
/* Takes over into the database what the log has, as far as readers allow, so that the log begins anew. What does not work now works later. */
void store__drv_fold_log(struct drv *d);
/* Gives pages that are used no more back to the file system, at most so many; how many are left of them in *ret_left (0 where this database cannot: it
 * was made before it could). In a transaction. */
enum err store__drv_shrink(struct drv *d, unsigned pages, int64_t *ret_left, struct error *e) MUST_USE;
/* False also when the database ended it by itself, as it may after an error. */
bool store__drv_in_transaction(const struct drv *d);
/* What failed last on this connection. */
const struct error *store__drv_last(const struct drv *d);

/* A copy of the database as of now into a file that is not there yet, while others go on writing; checked. */
enum err store__drv_copy(struct drv *d, const char *to, struct error *e) MUST_USE;

/* *sql lives as long as the connection. */
enum err store__drv_prepare(struct drv *d, const char *sql, struct drv_stmt **ret, struct error *e) MUST_USE;
void store__drv_stmt_free(struct drv_stmt *s); /* s may be NULL */

/* Parameter n (1: "$1"); a text is borrowed until the statement is reset, an absent one (p NULL) is "". Failures are told by the next store__drv_next. */
void store__drv_bind_str(struct drv_stmt *s, unsigned n, struct str v);
void store__drv_bind_i64(struct drv_stmt *s, unsigned n, int64_t v);
void store__drv_bind_f64(struct drv_stmt *s, unsigned n, double v);
void store__drv_bind_null(struct drv_stmt *s, unsigned n);

/* Runs on: *ret_row true, a row is there to be read; false, it is over. */
enum err store__drv_next(struct drv_stmt *s, bool *ret_row, struct error *e) MUST_USE;
/* Columns of that row from 0, read once each. */
bool store__drv_is_null(struct drv_stmt *s, unsigned column);
int64_t store__drv_i64(struct drv_stmt *s, unsigned column);
double store__drv_f64(struct drv_stmt *s, unsigned column);
enum err store__drv_str(struct drv_stmt *s, unsigned column, struct arena *a, struct str *ret,
                        struct error *e) MUST_USE; /* copied; NULL: p NULL */
/* Rows that the last statement which ended changed. */
int64_t store__drv_changes(const struct drv_stmt *s);
/* Ends a run: for the next one. Parameters are forgotten. */
void store__drv_reset(struct drv_stmt *s);
