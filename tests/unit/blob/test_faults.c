/* What the disk refuses, at each step of a put: the right reason is given, the old file stays whole, nothing is left behind, and the next put
 * is fine. The n-th call of a function that is named fails with an errno. */
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>

#include "blob_test.h"

static const char *fail_in; /* NULL: nowhere */
static int fail_nth, fail_with;
static bool short_writes; /* write takes one byte, every other time it is interrupted first */

static bool is_refused(const char *function)
{
    if (!fail_in || strcmp(fail_in, function) != 0 || --fail_nth > 0) return false;
    fail_in = NULL;
    errno = fail_with;
    return true;
}

int __real_close(int fd);
int __real_fsync(int fd);
int __real_mkdirat(int at, const char *path, mode_t mode);
int __real_openat64(int at, const char *path, int flags, mode_t mode);
ssize_t __real_pread64(int fd, void *to, size_t n, off64_t at);
ssize_t __real_read(int fd, void *to, size_t n);
int __real_renameat(int from_at, const char *from, int to_at, const char *to);
ssize_t __real_write(int fd, const void *from, size_t n);
int __wrap_close(int fd);
int __wrap_fsync(int fd);
int __wrap_mkdirat(int at, const char *path, mode_t mode);
int __wrap_openat64(int at, const char *path, int flags, mode_t mode);
ssize_t __wrap_pread64(int fd, void *to, size_t n, off64_t at);
ssize_t __wrap_read(int fd, void *to, size_t n);
int __wrap_renameat(int from_at, const char *from, int to_at, const char *to);
ssize_t __wrap_write(int fd, const void *from, size_t n);

int __wrap_close(int fd)
{
    bool refused = is_refused("close");
    int result = __real_close(fd); /* as on Linux: closed even when it fails */
    if (!refused) return result;
    errno = fail_with;
    return -1;
}

int __wrap_fsync(int fd) { return is_refused("fsync") ? -1 : __real_fsync(fd); }

int __wrap_mkdirat(int at, const char *path, mode_t mode)
{
    return is_refused("mkdirat") ? -1 : __real_mkdirat(at, path, mode);
}

int __wrap_openat64(int at, const char *path, int flags, mode_t mode)
{
    return is_refused("openat") ? -1 : __real_openat64(at, path, flags, mode);
}

ssize_t __wrap_pread64(int fd, void *to, size_t n, off64_t at)
{
    return is_refused("pread") ? -1 : __real_pread64(fd, to, n, at);
}

ssize_t __wrap_read(int fd, void *to, size_t n) { return is_refused("read") ? -1 : __real_read(fd, to, n); }

int __wrap_renameat(int from_at, const char *from, int to_at, const char *to)
{
    return is_refused("renameat") ? -1 : __real_renameat(from_at, from, to_at, to);
}

ssize_t __wrap_write(int fd, const void *from, size_t n)
{
    static bool interrupt;
    if (is_refused("write")) return -1;
    if (!short_writes) return __real_write(fd, from, n);
    interrupt = !interrupt;
    if (!interrupt) return __real_write(fd, from, n ? 1 : 0);
    errno = EINTR;
    return -1;
}

static void refuse(const char *function, int nth, int with)
{
    fail_in = function;
    fail_nth = nth;
    fail_with = with;
}

static const struct {
    const char *function;
    int nth;
} steps[] = {
    {"openat", 1},                                                /* the temporary file */
    {"write", 1},  {"fsync", 1},    {"close", 1}, {"mkdirat", 1}, /* the sub-folder */
    {"openat", 2},                                                /* the folder, to sync it */
    {"fsync", 2},  {"renameat", 1},
};

static const struct {
    int with;
    enum err code;
    const char *reason;
} causes[] = {
    {ENOSPC, ERR_STORAGE, "files_full"},    {EDQUOT, ERR_STORAGE, "files_full"},
    {EROFS, ERR_STORAGE, "files_readonly"}, {EACCES, ERR_STORAGE, "files_readonly"},
    {EIO, ERR_INTERNAL, "files_failed"},    {EMFILE, ERR_BUSY, "too_many_open_files"},
    {ENOENT, ERR_INTERNAL, "files_failed"},
};

static void put_refused(size_t step, size_t cause)
{
    struct error e = {0};
    struct str got = STR_EMPTY;
    refuse(steps[step].function, steps[step].nth, causes[cause].with);
    enum err err = blob_put_bytes(blob, STR(KEY), STR("new"), &e);
    if (fail_in) fail_msg("step %zu was not reached", step);
    if (err != causes[cause].code || strcmp(e.reason, causes[cause].reason) != 0)
        fail_msg("step %zu, errno %d: %s (%s)", step, causes[cause].with, e.reason, e.message);
    assert_true(e.detail[0] && e.hint[0]);
    assert_int_equal(blob_get(blob, a, STR(KEY), 10, &got, &e), ERR_NOT_FOUND);
    assert_int_equal(count_files(), 0);
}

static void test_put(void **state)
{
    (void)state;
    struct error e = {0};
    for (size_t step = 0; step < sizeof steps / sizeof *steps; step++) {
        for (size_t cause = 0; cause < sizeof causes / sizeof *causes; cause++) {
            put_refused(step, cause);
            assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("new"), &e), ERR_OK);
            assert_content(KEY, STR("new"));
            assert_int_equal(blob_delete(blob, STR(KEY), &e), ERR_OK);
            assert_int_equal(rmdir(in_store("ab")), 0); /* so that it is made again */
        }
    }
}

/* What was there stays whole until the new one is. */
static void test_old_stays(void **state)
{
    (void)state;
    struct error e = {0};
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("old"), &e), ERR_OK);
    static const char *const functions[] = {"openat", "write", "fsync", "close", "renameat"};
    for (size_t i = 0; i < 5; i++) {
        refuse(functions[i], 1, ENOSPC);
        assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("new"), &e), ERR_STORAGE);
        assert_content(KEY, STR("old"));
        assert_int_equal(count_files(), 1);
    }
    refuse("fsync", 2, EIO); /* renamed, but it may not last: said, and the file that is there is whole */
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("new"), &e), ERR_INTERNAL);
    assert_content(KEY, STR("new"));
    refuse("fsync", 2, EINVAL); /* a file system that does not sync folders */
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("newer"), &e), ERR_OK);
}

static void test_put_fd(void **state)
{
    (void)state;
    struct error e = {0};
    char *path = str_to_c(a, str_printf(a, "%s/upload", folder));
    assert_int_equal(fs_write_atomic(path, STR("some content"), 0600, &e), ERR_OK);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    refuse("pread", 1, EIO);
    assert_int_equal(blob_put_fd(blob, STR(KEY), fd, 100, &e), ERR_INTERNAL);
    assert_string_equal(e.reason, "files_failed");
    refuse("write", 1, EDQUOT);
    assert_int_equal(blob_put_fd(blob, STR(KEY), fd, 100, &e), ERR_STORAGE);
    assert_int_equal(count_files(), 0);
    refuse("pread", 1, EINTR);
    short_writes = true;
    assert_int_equal(blob_put_fd(blob, STR(KEY), fd, 100, &e), ERR_OK);
    short_writes = false;
    assert_content(KEY, STR("some content"));
    refuse("read", 1, EINTR);
    assert_content(KEY, STR("some content"));
    close(fd);
}

static void test_read_and_probe(void **state)
{
    (void)state;
    struct error e = {0};
    struct str got = STR_EMPTY;
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("x"), &e), ERR_OK);
    refuse("read", 1, EIO);
    assert_int_equal(blob_get(blob, a, STR(KEY), 10, &got, &e), ERR_INTERNAL);
    refuse("openat", 1, EMFILE);
    assert_int_equal(blob_get(blob, a, STR(KEY), 10, &got, &e), ERR_BUSY);
    refuse("openat", 1, EROFS);
    assert_int_equal(blob_probe(blob, &e), ERR_STORAGE);
    assert_string_equal(e.reason, "files_readonly");
    refuse("write", 1, ENOSPC);
    assert_int_equal(blob_probe(blob, &e), ERR_STORAGE);
    assert_string_equal(e.reason, "files_full");
    refuse("close", 1, EDQUOT);
    assert_int_equal(blob_probe(blob, &e), ERR_STORAGE);
    assert_int_equal(blob_probe(blob, &e), ERR_OK);
    assert_int_equal(count_files(), 1);
}

static void test_open(void **state)
{
    (void)state;
    struct error e = {0};
    struct blob *second = NULL;
    refuse("mkdirat", 1, EROFS);
    assert_int_equal(blob_folder_open(folder, &second, &e), ERR_STORAGE);
    assert_string_equal(e.reason, "files_readonly");
    assert_null(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_old_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_put_fd, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_and_probe, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_open, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
