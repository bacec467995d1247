/* What opening and writing say when the folder, the file or the disk is not as it should be; and that nothing is damaged by it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "store_test.h"

#define NOBODY 65534

static struct str read_file(struct test_store *t, const char *name)
{
    struct str bytes = STR_EMPTY;
    must(fs_read(t->a, test_store_path(t, name), (size_t)64 << 20, &bytes, e));
    return bytes;
}

static void write_file(struct test_store *t, const char *name, struct str bytes)
{
    must(fs_write_atomic(test_store_path(t, name), bytes, 0600, e));
}

static void close_store(struct test_store *t)
{
    store_close(t->store);
    t->store = NULL;
}

/* Opening fails so, says all of these, and changes nothing. */
static void refused(struct test_store *t, enum err code, const char *reason, const char *part)
{
    struct error error = {0};
    struct store *s = NULL;
    struct str before = read_file(t, STORE_FILE);
    enum err err = test_store_open(t->folder, &s, &error);
    if (err != code || strcmp(error.reason, reason) != 0)
        fail_msg("%s, %s: %s (%s)", error_code_name(err), error.reason, error.message, error.detail);
    assert_non_null(strstr(error.message, part));
    assert_non_null(strstr(error.message, t->folder)); /* which of them */
    assert_true(error.hint[0]);
    assert_null(s);
    assert_true(str_eq(read_file(t, STORE_FILE), before));
}

/* ---- The lock ---- */

static void test_in_use(void **state)
{
    struct test_store *t = *state;
    char pid[32];
    (void)snprintf(pid, sizeof pid, "process %d", (int)getpid());
    refused(t, ERR_CONFLICT, "store_in_use", pid);
    close_store(t);
    must(test_store_open(t->folder, &t->store, e)); /* given back */
}

/* The lock of a process that was killed is free. */
static void test_lock_of_the_dead(void **state)
{
    struct test_store *t = *state;
    int ready[2];
    char c = 0;
    close_store(t);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = -1;
        if (store_lock_take(t->folder, &fd, NULL) != ERR_OK) _exit(1);
        (void)!write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    char pid[32];
    (void)snprintf(pid, sizeof pid, "process %d", (int)child);
    refused(t, ERR_CONFLICT, "store_in_use", pid);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    must(test_store_open(t->folder, &t->store, e));
    close(ready[0]);
    close(ready[1]);
}

/* A supervisor holds the lock; the store opens under it and leaves it. */
static void test_lock_of_another(void **state)
{
    struct test_store *t = *state;
    int fd = -1, other = -1;
    close_store(t);
    must(store_lock_take(t->folder, &fd, e));
    refused(t, ERR_CONFLICT, "store_in_use", "in use");
    const struct store_options options = {.folder = t->folder, .lock_fd = fd, .readers = 1};
    must(store_open(&options, &t->store, e));
    close_store(t);
    must_fail(store_lock_take(t->folder, &other, e), ERR_CONFLICT, "store_in_use");
    close(fd);
    must(store_lock_take(t->folder, &other, e));
    close(other);
}

static void test_no_folder(void **state)
{
    struct test_store *t = *state;
    struct store *s = NULL;
    char *nowhere = test_store_path(t, "nowhere");
    must_fail(test_store_open(nowhere, &s, e), ERR_INTERNAL, "store_io");
    static char long_path[5000];
    memset(long_path, 'x', sizeof long_path - 1);
    must_fail(test_store_open(long_path, &s, e), ERR_INTERNAL, "store_io");
}

/* Documents are private: so are the files. */
static void test_rights(void **state)
{
    struct test_store *t = *state;
    static const char *const names[] = {STORE_FILE, STORE_FILE "-wal", STORE_LOCK_FILE};
    must(store_write(t->store, test_fill, NULL, e));
    for (size_t i = 0; i < STORE_COUNT(names); i++) {
        struct stat st;
        assert_int_equal(stat(test_store_path(t, names[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

/* ---- Files that are not ours ---- */

/* Runs SQL on the file as another program would. */
static void change(struct test_store *t, const char *sql)
{
    struct drv *d = NULL;
    must(store__drv_open(t->folder, true, &d, e));
    must(store__drv_script(d, sql, e));
    store__drv_close(d);
}

static void test_newer(void **state)
{
    struct test_store *t = *state;
    close_store(t);
    change(t, "PRAGMA user_version = 1000");
    refused(t, ERR_INVALID, "store_newer", "1000");
}

static void test_foreign(void **state)
{
    struct test_store *t = *state;
    close_store(t);
    assert_int_equal(unlink(test_store_path(t, STORE_FILE)), 0);
    change(t, "CREATE TABLE bookmarks (url TEXT)");
    refused(t, ERR_INVALID, "store_foreign", STORE_FILE);
    change(t, "DROP TABLE bookmarks; PRAGMA application_id = 77");
    refused(t, ERR_INVALID, "store_foreign", STORE_FILE);
    change(t, "PRAGMA application_id = 0; PRAGMA user_version = 3");
    refused(t, ERR_INVALID, "store_foreign", STORE_FILE);
}

static void test_damaged(void **state)
{
    struct test_store *t = *state;
    must(store_write(t->store, test_fill, NULL, e));
    close_store(t);
    struct str whole = read_file(t, STORE_FILE);

    write_file(t, STORE_FILE,
               STR("this is a letter, not a database; it is longer than the header of one, "
                   "so that it is not taken for a file that was just begun ................"));
    refused(t, ERR_INTERNAL, "store_damaged", "damaged");

    /* the second half is gone */
    write_file(t, STORE_FILE, str_sub(whole, 0, whole.n / 2));
    struct error error = {0};
    enum err err = test_store_open(t->folder, &t->store, &error);
    if (err == ERR_OK) {
        struct store_tx *tx = NULL;
        struct store_document_list list = {0};
        must(store_read(t->store, &tx, e));
        err = store_document_list(tx, STR("v"), STR_EMPTY, 0, t->a, &list, &error);
        store_read_end(tx);
        close_store(t);
    }
    assert_int_equal(err, ERR_INTERNAL);
    assert_string_equal(error.reason, "store_damaged");

    write_file(t, STORE_FILE, whole); /* the backup */
    must(test_store_open(t->folder, &t->store, e));
}

/* A start that was cut off before its first commit leaves a file without anything: that is no stranger's. */
static void test_begun(void **state)
{
    struct test_store *t = *state;
    close_store(t);
    assert_int_equal(unlink(test_store_path(t, STORE_FILE)), 0);
    write_file(t, STORE_FILE, STR(""));
    must(test_store_open(t->folder, &t->store, e));
    must(store_write(t->store, test_fill, NULL, e));
}

/* ---- Disks that refuse ---- */

/* Runs fn in a child, as nobody where we are root (whom rights do not stop), and returns its exit status. */
static int in_child(struct test_store *t, int (*fn)(struct test_store *t))
{
    (void)fflush(NULL);
    pid_t child = fork();
    int status = -1;
    if (child == 0) {
        if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0) _exit(100);
        _exit(fn(t));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

static int says(enum err err, const struct error *e, enum err code, const char *reason)
{
    if (err == code && strcmp(e->reason, reason) == 0 && e->message[0] && e->hint[0]) return 0;
    (void)fprintf(stderr, "%s, %s: %s (%s)\n", error_code_name(err), e->reason, e->message, e->detail);
    return 1;
}

static int open_readonly(struct test_store *t)
{
    struct error e = {0};
    enum err err = test_store_open(t->folder, &t->store, &e);
    return says(err, &e, ERR_STORAGE, "store_readonly");
}

static void give_to_nobody(struct test_store *t, mode_t folder, mode_t file)
{
    static const char *const names[] = {STORE_FILE, STORE_LOCK_FILE};
    for (size_t i = 0; i < STORE_COUNT(names); i++) {
        char *path = test_store_path(t, names[i]);
        if (geteuid() == 0) assert_int_equal(chown(path, NOBODY, NOBODY), 0);
        assert_int_equal(chmod(path, strcmp(names[i], STORE_FILE) == 0 ? file : 0600), 0);
    }
    if (geteuid() == 0) assert_int_equal(chown(t->folder, NOBODY, NOBODY), 0);
    assert_int_equal(chmod(t->folder, folder), 0);
}

static void test_readonly(void **state)
{
    struct test_store *t = *state;
    close_store(t);
    struct str before = read_file(t, STORE_FILE);
    give_to_nobody(t, 0700, 0400); /* the file */
    assert_int_equal(in_child(t, open_readonly), 0);
    give_to_nobody(t, 0500, 0600); /* the folder, where the log must go */
    assert_int_equal(in_child(t, open_readonly), 0);
    assert_int_equal(unlink(test_store_path(t, STORE_LOCK_FILE)), 0);
    assert_int_equal(in_child(t, open_readonly), 0); /* not even the lock */
    assert_int_equal(chmod(t->folder, 0700), 0);
    assert_true(str_eq(read_file(t, STORE_FILE), before));
}

static enum err many_events(struct store_tx *tx, void *ctx, struct error *e)
{
    static char data[4096];
    memset(data, 'x', sizeof data);
    const struct store_event event = {.document_id = STR("d"), .data = {data, sizeof data}};
    int64_t seq = 0;
    for (unsigned i = 0; i < *(unsigned *)ctx; i++)
        TRY(store_event_append(tx, &event, &seq, e));
    return ERR_OK;
}

#define COUNTED_EVENTS 8

struct counted { /* calls */
    unsigned n;
};

static enum err count_and_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct counted *c = ctx;
    unsigned events = COUNTED_EVENTS;
    c->n++;
    return many_events(tx, &events, e);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(101);
}

/* Writes until the disk (a limit on the size of files) refuses; what was acknowledged can be read, and when there is room again it goes on. */
static int fill_disk(struct test_store *t)
{
    struct error e = {0};
    unsigned one = 1, many = 1000, acknowledged = 0;
    enum err err = ERR_OK;
    struct store_tx *tx = NULL;
    struct store_event_list list = {0};
    (void)signal(SIGXFSZ, SIG_IGN);
    if (test_store_open(t->folder, &t->store, &e) != ERR_OK) return 2;
    limit_files(1 << 20);
    for (; acknowledged < 1000 && err == ERR_OK; acknowledged += err == ERR_OK)
        err = store_write(t->store, many_events, &one, &e);
    if (acknowledged == 0 || acknowledged == 1000) return 3;
    if (says(err, &e, ERR_STORAGE, "store_full")) return 4;
    if (says(store_write(t->store, many_events, &many, &e), &e, ERR_STORAGE, "store_full")) return 5;
    err = ERR_OK; /* a page or two may still fit */
    for (unsigned i = 0; i < 10 && err == ERR_OK; i++)
        err = store_probe(t->store, &e);
    if (says(err, &e, ERR_STORAGE, "store_full")) return 6;
    struct counted counted = {0};
    if (says(store_write(t->store, count_and_write, &counted, &e), &e, ERR_STORAGE, "store_full")) return 11;
    if (counted.n != 1) return 12;
    counted.n = 0; /* the log begins anew for what makes room */
    if (store_write_freeing(t->store, count_and_write, &counted, &e) != ERR_OK || counted.n != 2) return 13;
    acknowledged += COUNTED_EVENTS;
    if (store_read(t->store, &tx, &e) != ERR_OK) return 7;
    if (store_event_since(tx, STR("d"), 0, 0, t->a, &list, &e) != ERR_OK || list.n != acknowledged) return 8;
    store_read_end(tx);
    limit_files(RLIM_INFINITY);
    if (store_probe(t->store, &e) != ERR_OK) return 9;
    if (store_write(t->store, many_events, &one, &e) != ERR_OK) return 10;
    return 0;
}

static void test_full(void **state)
{
    struct test_store *t = *state;
    close_store(t);
    give_to_nobody(t, 0700, 0600);
    assert_int_equal(in_child(t, fill_disk), 0);
    must(test_store_open(t->folder, &t->store, e)); /* after a death without closing */
    must(store_probe(t->store, e));
}

static off_t reserve_bytes(struct test_store *t)
{
    struct stat st;
    assert_int_equal(stat(test_store_path(t, "prism.reserve"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    return (off_t)st.st_blocks * 512 < st.st_size ? -1 : st.st_size;
}

/* Room is set aside, given up, and set aside again; a store that finds none makes it. */
static void test_reserve(void **state)
{
    struct test_store *t = *state;
    struct store__reserve r;
    if (reserve_bytes(t) == 0) skip(); /* the file system cannot allocate */
    assert_int_equal(reserve_bytes(t), STORE__RESERVE_BYTES);
    close_store(t);
    store__reserve_open(&r, t->folder);
    assert_true(store__reserve_release(&r));
    assert_int_equal(reserve_bytes(t), 0);
    assert_false(store__reserve_release(&r));
    store__reserve_close(&r);
    must(test_store_open(t->folder, &t->store, e));
    assert_int_equal(reserve_bytes(t), STORE__RESERVE_BYTES);
    store__reserve_open(&r, "/nowhere");
    assert_false(store__reserve_release(&r));
    store__reserve_renew(&r);
    store__reserve_close(&r);
}

static void test_room(void **state)
{
    struct test_store *t = *state;
    must(store_room(t->store, 1, e));
    must_fail(store_room(t->store, INT64_MAX, e), ERR_STORAGE, "store_full");
}

/* No room from the beginning. */
static int open_full(struct test_store *t)
{
    struct error e = {0};
    (void)signal(SIGXFSZ, SIG_IGN);
    limit_files(4096);
    enum err err = test_store_open(t->folder, &t->store, &e);
    return says(err, &e, ERR_STORAGE, "store_full");
}

static void test_full_at_start(void **state)
{
    struct test_store *t = *state;
    close_store(t);
    assert_int_equal(truncate(test_store_path(t, STORE_FILE), 0), 0);
    give_to_nobody(t, 0700, 0600);
    assert_int_equal(in_child(t, open_full), 0);
    must(test_store_open(t->folder, &t->store, e));
    must(store_write(t->store, test_fill, NULL, e));
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_setup, test_store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_in_use), T(test_lock_of_the_dead), T(test_lock_of_another), T(test_no_folder), T(test_rights),
        T(test_newer),  T(test_foreign),          T(test_damaged),         T(test_begun),     T(test_readonly),
        T(test_full),   T(test_full_at_start),    T(test_reserve),         T(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
