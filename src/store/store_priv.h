/* What the files of the store share: connections with their statements, and running a statement by its name with rows bound and read by tables of fields. */
#pragma once

#include <sys/types.h>

#include "base/lock.h"
#include "base/sb.h"
#include "base/vec.h"
#include "store/driver.h"
#include "store/sql_priv.h"
#include "store/store.h"

/* A connection, and the transaction or snapshot that it is in. */
struct store_tx {
    struct store *store;
    struct drv *drv;
    struct drv_stmt *statements[SQL_N]; /* prepared when first used */
    unsigned prepared;                  /* how many were */
    bool writes;                        /* the writer's */
    int64_t began_ns;                   /* of a reader: when it was asked for */
    struct store_tx *next;              /* in the list of idle readers */
};

/* Gives the lock of store_lock_take back; fd may be -1. */
void store__lock_give(int fd);

/* ---- The reserve ---- */

#define STORE__RESERVE_BYTES ((off_t)4 << 20)

/* What fails here is not told: there is no reserve then. Thread: one at a time; fd stays the same from open to close. */
struct store__reserve {
    int fd; /* of its file, also to ask the file system; -1: none */
    bool is_there;
    bool impossible; /* this file system cannot */
};

void store__reserve_open(struct store__reserve *r, const char *folder);
bool store__reserve_release(struct store__reserve *r); /* false: there was none */
void store__reserve_renew(struct store__reserve *r);   /* where it is missing and there is room */
void store__reserve_close(struct store__reserve *r);

/* ---- Statements ---- */

/* One run of a statement. Parameters are bound one after the other. */
struct store_query {
    struct drv_stmt *stmt;
    unsigned bound, read;
};

void store__query_end(struct store_query *q);
/* CLEANUP_QUERY struct store_query q = {0}: ended when it goes out of scope. What was bound must live until then. */
#define CLEANUP_QUERY __attribute__((cleanup(store__query_end)))

/* Queries that change something assert that tx may. */
enum err store__query_begin(struct store_query *q, struct store_tx *tx, enum store_sql sql, struct error *e) MUST_USE;
void store__bind_str(struct store_query *q, struct str v);
void store__bind_i64(struct store_query *q, int64_t v);
void store__bind_f64(struct store_query *q, double v);
/* How many rows may come: all for 0. */
void store__bind_limit(struct store_query *q, size_t limit, size_t extra);

/* Runs a statement without results to its end. *ret_changes may be NULL. */
enum err store__query_run(struct store_query *q, int64_t *ret_changes, struct error *e) MUST_USE;
enum err store__query_next(struct store_query *q, bool *ret_row, struct error *e) MUST_USE;
/* The row that must be there: else ERR_NOT_FOUND "there is no such <what>". */
enum err store__query_one(struct store_query *q, const char *what, struct error *e) MUST_USE;
/* Runs a change of what must be there: else ERR_NOT_FOUND, as above. */
enum err store__query_change(struct store_query *q, const char *what, struct error *e) MUST_USE;
enum err store__not_found(const char *what, struct error *e);

/* Columns, one after the other. */
int64_t store__read_i64(struct store_query *q);
enum err store__read_str(struct store_query *q, struct arena *a, struct str *ret, struct error *e) MUST_USE;

/* ---- Rows by tables ---- */

enum store_field_kind {
    STORE_FIELD_STR,
    STORE_FIELD_STR_OR_NULL,
    STORE_FIELD_BOOL,
    STORE_FIELD_U32, /* and enums */
    STORE_FIELD_U64,
    STORE_FIELD_I64,
    STORE_FIELD_F64
};

struct store_field {
    enum store_field_kind kind;
    size_t offset;
};

#define STORE_FIELD(type, member)                                                                                      \
    {                                                                                                                  \
        _Generic(((struct type *)0)->member, struct str                                                                \
                 : STORE_FIELD_STR, bool                                                                               \
                 : STORE_FIELD_BOOL, uint32_t                                                                          \
                 : STORE_FIELD_U32, uint64_t                                                                           \
                 : STORE_FIELD_U64, int64_t                                                                            \
                 : STORE_FIELD_I64, double                                                                             \
                 : STORE_FIELD_F64),                                                                                   \
            offsetof(struct type, member)                                                                              \
    }
#define STORE_FIELD_NULLABLE(type, member)                                                                             \
    {                                                                                                                  \
        STORE_FIELD_STR_OR_NULL, offsetof(struct type, member)                                                         \
    }

#define STORE_COUNT(array) (sizeof(array) / sizeof *(array))

void store__bind_fields(struct store_query *q, const struct store_field *fields, size_t n, const void *row);
enum err store__read_fields(struct store_query *q, const struct store_field *fields, size_t n, struct arena *a,
                            void *row, struct error *e) MUST_USE;
/* All rows that come, of row_size bytes each, in a. Fields that are not of the table are zero. */
enum err store__read_rows(struct store_query *q, const struct store_field *fields, size_t n, size_t row_size,
                          struct arena *a, void **ret_rows, size_t *ret_n, struct error *e) MUST_USE;

/* ---- Shared by entities ---- */

/* One more than the last of a counter of the schema. */
enum err store__next_number(struct store_tx *tx, const char *counter, int64_t *ret, struct error *e) MUST_USE;

struct store_review;
/* Reads the columns of a review and its counts; *ret_there false where an outer join found none. */
enum err store__review_read(struct store_query *q, struct arena *a, struct store_review *ret, bool *ret_there,
                            struct error *e) MUST_USE;

/* Integers of a cursor that this store has given: mark and n numbers, "p3-14-15". ERR_INVALID bad_cursor. */
enum err store__cursor_read(struct str cursor, char mark, int64_t *numbers, size_t n, struct error *e) MUST_USE;
enum err store__cursor_bad(struct error *e);
