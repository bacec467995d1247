/* SQLite.
 * WAL: readers see the last commit and never wait. synchronous=FULL: a commit is one fsync of the log. Connections are opened NOMUTEX, as each is used by one
 * thread at a time. SQLite's memory comes from malloc, so that sanitizers and the allocation tests see it; its statistics, a mutex around each
 * allocation, are off.
 * "$1" is only a name to SQLite, so a statement keeps where each number went.
 * Rejected: mmap of the database (an I/O error becomes a signal); SQLITE_CONFIG_SINGLETHREAD (connections would share state without locks). */
#include "store/driver.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/sb.h"
#include "store/store.h"

#define APPLICATION_ID 1347572557 /* "PRSM" */
#define BUSY_MS        5000       /* an older server that drains may be writing */
#define PARAMS_MAX     40

struct drv {
    sqlite3 *db;
    struct drv_stmt *steps[DRV_STEP_N]; /* prepared when first used */
    struct error last;
};

struct drv_stmt {
    struct drv *drv;
    sqlite3_stmt *stmt;
    int place[PARAMS_MAX + 1]; /* of "$n"; 0: there is none */
    int bind_failed;           /* the first failure since the last reset */
};

static void *memory_new(int n) { return malloc((size_t)n); }
static void *memory_grow(void *p, int n) { return realloc(p, (size_t)n); }
static int memory_size(void *p) { return p ? (int)malloc_usable_size(p) : 0; }
static int memory_round_up(int n) { return (n + 7) & ~7; }
static int memory_start(void *ctx)
{
    (void)ctx;
    return SQLITE_OK;
}
static void memory_stop(void *ctx) { (void)ctx; }

static void configure(void)
{
    static const sqlite3_mem_methods memory = {
        memory_new, free, memory_grow, memory_size, memory_round_up, memory_start, memory_stop, NULL,
    };
    int rc = sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
    assert(rc == SQLITE_OK && "SQLite was started before its settings");
    rc = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    assert(rc == SQLITE_OK);
}

/* ---- Errors ---- */

static enum err say_full(struct error *e)
{
    error_set_reason(e, ERR_STORAGE, "store_full", "the store cannot grow: its disk is full");
    return error_hint(
        e, "Free some space on the disk of the data folder, or raise its quota; nothing that was saved is lost.");
}

static enum err say_readonly(struct error *e)
{
    error_set_reason(e, ERR_STORAGE, "store_readonly", "the store cannot be changed: its folder or file is read-only");
    return error_hint(e, "Let the user that runs prism write to the data folder and all files in it.");
}

static enum err say_damaged(struct error *e)
{
    error_set_reason(e, ERR_INTERNAL, "store_damaged", "the store \"" STORE_FILE "\" is damaged or not a database");
    return error_hint(e, "Stop prism, keep a copy of the data folder, and put a backup of \"" STORE_FILE
                         "\" back; check the disk.");
}

static enum err say_io(struct error *e)
{
    error_set_reason(e, ERR_INTERNAL, "store_io", "the disk of the store failed");
    return error_hint(e, "Check the disk of the data folder and the system's log; the log of prism names the cause.");
}

static enum err say_constraint(int rc, struct error *e)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return error_set_reason(e, ERR_NOT_FOUND, "gone", "what this belongs to is not there any more");
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY: return error_set_reason(e, ERR_CONFLICT, "exists", "this is there already");
    default:
        return error_set_reason(e, ERR_INTERNAL, "store_constraint",
                                "the store was given a value that it does not take");
    }
}

/* An I/O error by its cause: what a person can do differs. */
static enum err say_cause(int cause, struct error *e)
{
    switch (cause) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return say_full(e);
    case EACCES:
    case EPERM:
    case EROFS: return say_readonly(e);
    default: return say_io(e);
    }
}

static enum err say(int rc, int cause, struct error *e)
{
    switch (rc & 0xff) {
    case SQLITE_NOMEM: return error_no_memory(e);
    case SQLITE_FULL: return say_full(e);
    case SQLITE_PERM:
    case SQLITE_AUTH: return say_readonly(e);
    case SQLITE_READONLY: return rc == SQLITE_READONLY_DBMOVED ? say_io(e) : say_readonly(e);
    case SQLITE_IOERR: return rc == SQLITE_IOERR_NOMEM ? error_no_memory(e) : say_cause(cause, e);
    case SQLITE_CANTOPEN: return say_cause(cause, e);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return say_damaged(e);
    case SQLITE_CONSTRAINT: return say_constraint(rc, e);
    case SQLITE_TOOBIG: return error_set_reason(e, ERR_LIMIT, "too_large", "a text is too large for the store");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        error_set_reason(e, ERR_BUSY, "store_busy", "another program has held the store for %d seconds",
                         BUSY_MS / 1000);
        return error_hint(e, "End the program that has \"" STORE_FILE "\" open, or try again.");
    default: return error_set_reason(e, ERR_INTERNAL, "store_failed", "the store failed");
    }
}

/* The errno behind an I/O error. sqlite3_system_errno does not know of those of a commit, so the files are asked, the log first. */
static int cause_of(struct drv *d, int rc)
{
    int cause = 0;
    sqlite3_file *log = NULL;
    if ((rc & 0xff) != SQLITE_IOERR) return sqlite3_system_errno(d->db);
    sqlite3_file_control(d->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log && log->pMethods) log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &cause);
    if (cause == 0) sqlite3_file_control(d->db, "main", SQLITE_FCNTL_LAST_ERRNO, &cause);
    return cause ? cause : sqlite3_system_errno(d->db);
}

/* Remembers it with the connection, and hands it out. */
static enum err fail(struct drv *d, int rc, struct error *e)
{
    int cause = cause_of(d, rc);
    enum err err = say(rc, cause, &d->last);
    assert(err != ERR_OK);
    error_detail(&d->last, "sqlite %d: %s (errno %d)", rc, sqlite3_errmsg(d->db), cause);
    if (e) *e = d->last;
    return err;
}

const struct error *store__drv_last(const struct drv *d) { return &d->last; }

/* ---- Connections ---- */

/* The file of a new store is for this user alone; SQLite gives its other files the same rights. */
static enum err make_file(const char *path, struct error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        int cause = errno;
        say_cause(cause, e);
        return error_detail(e, "open %s: errno %d", path, cause);
    }
    close(fd);
    return ERR_OK;
}

/* That the names of new files survive a power cut. */
static enum err sync_folder(const char *folder, struct error *e)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 ? -1 : fsync(fd);
    int cause = errno;
    if (fd >= 0) close(fd);
    if (failed == 0) return ERR_OK;
    say_cause(cause, e);
    return error_detail(e, "fsync %s: errno %d", folder, cause);
}

static enum err open_path(struct drv *d, const char *path, bool writer, struct error *e)
{
    int rc =
        sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (!d->db) return error_no_memory(e);
    sqlite3_extended_result_codes(d->db, 1);
    if (rc != SQLITE_OK) return fail(d, sqlite3_extended_errcode(d->db), e);
    sqlite3_busy_timeout(d->db, BUSY_MS);
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(d->db, SQLITE_LIMIT_ATTACHED, 0);
    /* SQLite quietly opens what it may not write for reading */
    if (writer && sqlite3_db_readonly(d->db, "main") == 1) return say_readonly(e);
    return ERR_OK;
}

enum err store__drv_open(const char *folder, bool writer, struct drv **ret, struct error *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);
    CLEANUP_SB struct sb path = SB_INIT(4096);
    sb_printf(&path, "%s/" STORE_FILE, folder);
    sb_char(&path, 0);
    if (!sb_ok(&path)) {
        if (path.no_memory) return error_no_memory(e);
        return error_set_reason(e, ERR_INVALID, "store_io", "the path of the data folder is too long");
    }
    if (writer) TRY(make_file(path.p, e));
    struct drv *d = calloc(1, sizeof *d);
    if (!d) return error_no_memory(e);
    enum err err = open_path(d, path.p, writer, e);
    if (err != ERR_OK)
        store__drv_close(d);
    else
        *ret = d;
    return err;
}

void store__drv_close(struct drv *d)
{
    if (!d) return;
    for (size_t i = 0; i < DRV_STEP_N; i++)
        store__drv_stmt_free(d->steps[i]);
    int rc = sqlite3_close(d->db);
    assert(rc == SQLITE_OK && "a statement outlived its connection");
    free(d);
}

/* The integer that a statement of one row gives. */
static enum err ask(struct drv *d, const char *sql, int64_t *ret, struct error *e)
{
    struct drv_stmt *s = NULL;
    bool row = false;
    TRY(store__drv_prepare(d, sql, &s, e));
    enum err err = store__drv_next(s, &row, e);
    if (err == ERR_OK) *ret = row ? store__drv_i64(s, 0) : 0;
    store__drv_stmt_free(s);
    return err;
}

enum err store__drv_identify(struct drv *d, enum drv_identity *ret, int64_t *ret_version, struct error *e)
{
    int64_t application = 0, tables = 0;
    TRY(ask(d, "PRAGMA application_id", &application, e));
    TRY(ask(d, "PRAGMA user_version", ret_version, e));
    TRY(ask(d, "SELECT count(*) FROM sqlite_schema", &tables, e));
    if (application == APPLICATION_ID)
        *ret = DRV_OURS;
    else
        *ret = application == 0 && *ret_version == 0 && tables == 0 ? DRV_EMPTY : DRV_FOREIGN;
    return ERR_OK;
}

enum err store__drv_script(struct drv *d, const char *sql, struct error *e)
{
    int rc = sqlite3_exec(d->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ERR_OK : fail(d, rc, e);
}

enum err store__drv_mark(struct drv *d, int64_t version, struct error *e)
{
    CLEANUP_SB struct sb sql = SB_INIT(200);
    sb_printf(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %lld", APPLICATION_ID, (long long)version);
    sb_char(&sql, 0);
    if (!sb_ok(&sql)) return error_no_memory(e);
    return store__drv_script(d, sql.p, e);
}

enum err store__drv_settle(struct drv *d, const char *folder, struct error *e)
{
    int64_t ignored = 0;
    TRY(store__drv_script(d, "PRAGMA auto_vacuum = INCREMENTAL", e)); /* of one that is made now; else nothing */
    TRY(ask(d, "PRAGMA journal_mode = WAL", &ignored, e));
    TRY(store__drv_script(d,
                          "PRAGMA synchronous = FULL;"
                          "PRAGMA foreign_keys = ON;"
                          "PRAGMA temp_store = MEMORY;"
                          "PRAGMA cache_size = -4000;",
                          e));
    TRY(ask(d, "PRAGMA journal_size_limit = 67108864", &ignored, e));
    TRY(ask(d, "PRAGMA user_version", &ignored, e)); /* the first read makes the file of the log */
    return sync_folder(folder, e);
}

/* ---- Statements ---- */

enum err store__drv_step(struct drv *d, enum drv_step step, struct error *e)
{
    static const char *const sql[DRV_STEP_N] = {
        [DRV_BEGIN_READ] = "BEGIN",     [DRV_BEGIN_WRITE] = "BEGIN IMMEDIATE", [DRV_COMMIT] = "COMMIT",
        [DRV_ROLLBACK] = "ROLLBACK",    [DRV_SAVE] = "SAVEPOINT one",          [DRV_RELEASE] = "RELEASE one",
        [DRV_UNDO] = "ROLLBACK TO one",
    };
    bool row = false;
    if (!d->steps[step]) TRY(store__drv_prepare(d, sql[step], &d->steps[step], e));
    enum err err = store__drv_next(d->steps[step], &row, e);
    store__drv_reset(d->steps[step]);
    if (err == ERR_OK && step == DRV_UNDO) err = store__drv_step(d, DRV_RELEASE, e);
    return err;
}

void store__drv_fold_log(struct drv *d)
{
    sqlite3_wal_checkpoint_v2(d->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

enum err store__drv_shrink(struct drv *d, unsigned pages, int64_t *ret_left, struct error *e)
{
    int64_t vacuum = 0;
    CLEANUP_SB struct sb sql = SB_INIT(64);
    *ret_left = 0;
    TRY(ask(d, "PRAGMA auto_vacuum", &vacuum, e));
    if (vacuum == 0) return ERR_OK;
    sb_printf(&sql, "PRAGMA incremental_vacuum(%u)", pages);
    sb_char(&sql, 0);
    if (!sb_ok(&sql)) return error_no_memory(e);
    TRY(store__drv_script(d, sql.p, e));
    return ask(d, "PRAGMA freelist_count", ret_left, e);
}

bool store__drv_in_transaction(const struct drv *d) { return !sqlite3_get_autocommit(d->db); }

/* Where each "$n" went. */
static void find_params(struct drv_stmt *s)
{
    int n = sqlite3_bind_parameter_count(s->stmt);
    for (int i = 1; i <= n; i++) {
        const char *name = sqlite3_bind_parameter_name(s->stmt, i);
        uint64_t number = 0;
        enum err err = str_to_u64(str_from_c(name + 1), 1, PARAMS_MAX, &number, NULL);
        assert(err == ERR_OK && "a parameter is not $1 to $40");
        s->place[number] = i;
    }
}

enum err store__drv_prepare(struct drv *d, const char *sql, struct drv_stmt **ret, struct error *e)
{
    struct drv_stmt *s = calloc(1, sizeof *s);
    if (!s) return fail(d, SQLITE_NOMEM, e);
    int rc = sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
    if (rc != SQLITE_OK) {
        free(s);
        return fail(d, rc, e);
    }
    s->drv = d;
    find_params(s);
    *ret = s;
    return ERR_OK;
}

void store__drv_stmt_free(struct drv_stmt *s)
{
    if (!s) return;
    sqlite3_finalize(s->stmt);
    free(s);
}

static int place(const struct drv_stmt *s, unsigned n)
{
    assert(n >= 1 && n <= PARAMS_MAX && s->place[n] && "the statement has no such parameter");
    return s->place[n];
}

static void bound(struct drv_stmt *s, int rc)
{
    if (rc != SQLITE_OK && s->bind_failed == SQLITE_OK) s->bind_failed = rc;
}

void store__drv_bind_str(struct drv_stmt *s, unsigned n, struct str v)
{
    bound(s, sqlite3_bind_text64(s->stmt, place(s, n), v.n ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void store__drv_bind_i64(struct drv_stmt *s, unsigned n, int64_t v)
{
    bound(s, sqlite3_bind_int64(s->stmt, place(s, n), v));
}

void store__drv_bind_f64(struct drv_stmt *s, unsigned n, double v)
{
    bound(s, sqlite3_bind_double(s->stmt, place(s, n), v));
}

void store__drv_bind_null(struct drv_stmt *s, unsigned n) { bound(s, sqlite3_bind_null(s->stmt, place(s, n))); }

enum err store__drv_next(struct drv_stmt *s, bool *ret_row, struct error *e)
{
    int rc = s->bind_failed != SQLITE_OK ? s->bind_failed : sqlite3_step(s->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) return fail(s->drv, rc, e);
    *ret_row = rc == SQLITE_ROW;
    return ERR_OK;
}

bool store__drv_is_null(struct drv_stmt *s, unsigned column)
{
    return sqlite3_column_type(s->stmt, (int)column) == SQLITE_NULL;
}

int64_t store__drv_i64(struct drv_stmt *s, unsigned column) { return sqlite3_column_int64(s->stmt, (int)column); }

double store__drv_f64(struct drv_stmt *s, unsigned column) { return sqlite3_column_double(s->stmt, (int)column); }

enum err store__drv_str(struct drv_stmt *s, unsigned column, struct arena *a, struct str *ret, struct error *e)
{
    struct str copy = STR_EMPTY;
    if (!store__drv_is_null(s, column)) {
        const char *p = (const char *)sqlite3_column_text(s->stmt, (int)column);
        if (!p) return fail(s->drv, SQLITE_NOMEM, e);
        copy = str_dup(a, (struct str){p, (size_t)sqlite3_column_bytes(s->stmt, (int)column)});
        if (!copy.p) return error_no_memory(e);
    }
    *ret = copy;
    return ERR_OK;
}

int64_t store__drv_changes(const struct drv_stmt *s) { return sqlite3_changes64(s->drv->db); }

void store__drv_reset(struct drv_stmt *s)
{
    sqlite3_reset(s->stmt);
    sqlite3_clear_bindings(s->stmt);
    s->bind_failed = SQLITE_OK;
}

/* ---- Backup ---- */

static enum err copy_into(struct drv *from, sqlite3 *to, struct error *e)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from->db, "main");
    if (!b) return say(sqlite3_extended_errcode(to), sqlite3_system_errno(to), e);
    int rc = sqlite3_backup_step(b, -1); /* all of it under one snapshot: writers go on in the log */
    int end = sqlite3_backup_finish(b);
    if (rc == SQLITE_DONE && end == SQLITE_OK) return ERR_OK;
    return say(end != SQLITE_OK ? end : rc, sqlite3_system_errno(to), e);
}

static enum err check_sound(sqlite3 *db, struct error *e)
{
    sqlite3_stmt *s = NULL;
    bool sound = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &s, NULL) == SQLITE_OK &&
                 sqlite3_step(s) == SQLITE_ROW && str_eq_c(str_from_c((const char *)sqlite3_column_text(s, 0)), "ok");
    sqlite3_finalize(s);
    return sound ? ERR_OK : say_damaged(e);
}

enum err store__drv_copy(struct drv *d, const char *to, struct error *e)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(to, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    enum err err = rc == SQLITE_OK ? copy_into(d, db, e) : say(rc, db ? sqlite3_system_errno(db) : 0, e);
    if (err == ERR_OK) err = check_sound(db, e);
    (void)sqlite3_close(db);
    return err;
}
