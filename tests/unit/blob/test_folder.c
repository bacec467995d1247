/* Files in a folder: what was put comes back, keys cannot lead out, nothing is left behind. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "blob_test.h"

#include "base/random.h"
#include "base/time.h"

static void test_put_get(void **state)
{
    (void)state;
    struct error e = {0};
    struct str got = STR_EMPTY;
    bool there = true;
    assert_int_equal(blob_exists(blob, STR(KEY), &there, &e), ERR_OK);
    assert_false(there);
    assert_int_equal(blob_get(blob, a, STR(KEY), 100, &got, &e), ERR_NOT_FOUND);
    assert_string_equal(e.reason, "file_missing");

    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("a\0b"), &e), ERR_OK);
    assert_int_equal(blob_exists(blob, STR(KEY), &there, &e), ERR_OK);
    assert_true(there);
    assert_content(KEY, STR("a\0b"));
    assert_int_equal(fs_kind(in_store("ab/" KEY)), FS_FILE);
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("longer than before"), &e), ERR_OK);
    assert_content(KEY, STR("longer than before"));
    assert_int_equal(blob_put_bytes(blob, STR("00000000000000000000000000"), STR_EMPTY, &e), ERR_OK);
    assert_content("00000000000000000000000000", STR_EMPTY);
    assert_int_equal(count_files(), 2);

    assert_int_equal(blob_get(blob, a, STR(KEY), 18, &got, &e), ERR_OK);
    assert_int_equal(blob_get(blob, a, STR(KEY), 17, &got, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "file_too_large");

    assert_int_equal(blob_delete(blob, STR(KEY), &e), ERR_OK);
    assert_int_equal(blob_delete(blob, STR(KEY), &e), ERR_OK);
    assert_int_equal(blob_exists(blob, STR(KEY), &there, &e), ERR_OK);
    assert_false(there);
    assert_int_equal(count_files(), 1);
}

static enum err write_named(void *ctx, const char *path, struct error *e)
{
    const char *text = ctx;
    assert_int_equal(path[0], '/');
    assert_int_equal(fs_kind(path), FS_MISSING);
    if (text[0]) assert_int_equal(fs_write_atomic(path, str_from_c(text), 0600, e), ERR_OK);
    return text[0] ? ERR_OK : error_set_reason(e, ERR_LIMIT, "mine", "not made");
}

/* What a function writes by name is kept whole, or nothing is. */
static void test_make(void **state)
{
    (void)state;
    struct error e = {0};
    char text[] = "made", none[] = "";
    bool there = true;
    assert_int_equal(blob_make(blob, STR(KEY), write_named, none, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "mine");
    assert_int_equal(blob_exists(blob, STR(KEY), &there, &e), ERR_OK);
    assert_false(there);
    assert_int_equal(blob_make(blob, STR(KEY), write_named, text, &e), ERR_OK);
    assert_content(KEY, STR("made"));
    assert_int_equal(count_files(), 1);
    assert_int_equal(blob_make(blob, STR("../x"), write_named, text, &e), ERR_INVALID);
}

/* Private: other users of the machine can neither list nor read. */
static void test_modes(void **state)
{
    (void)state;
    struct error e = {0};
    struct stat st;
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("x"), &e), ERR_OK);
    static const char *const names[] = {".", "tmp", "ab", ("ab/" KEY)};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(stat(in_store(names[i]), &st), 0);
        assert_int_equal(st.st_mode & 077, 0);
    }
}

static void test_keys(void **state)
{
    (void)state;
    struct error e = {0};
    struct str got = STR_EMPTY;
    bool there = false;
    int fd = -1;
    uint64_t size = 0;
    char long_key[BLOB_KEY_MAX + 1];
    memset(long_key, 'z', sizeof long_key);
    struct str longest = {long_key, BLOB_KEY_MAX};
    assert_int_equal(blob_put_bytes(blob, longest, STR("x"), &e), ERR_OK);
    assert_int_equal(blob_exists(blob, longest, &there, &e), ERR_OK);
    assert_true(there);
    const struct str wrong[] = {
        STR_INIT(""),
        STR_INIT("short"),
        STR_INIT("012345678901234"),
        STR_INIT("../../../etc/passwd"),
        STR_INIT("abcdefghijklmnop/../x"),
        STR_INIT("ABCDEF0123456789ABCDEF"),
        STR_INIT("abcdefghijklmnop.docx"),
        STR_INIT("abcdefghijklmnop\0x"),
        STR_INIT("abcdefghijklmnop\xc3\xa9"),
        {long_key, BLOB_KEY_MAX + 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        e = (struct error){0};
        assert_int_equal(blob_put_bytes(blob, wrong[i], STR("x"), &e), ERR_INVALID);
        assert_string_equal(e.reason, "bad_key");
        assert_int_equal(blob_put_fd(blob, wrong[i], 0, 10, &e), ERR_INVALID);
        assert_int_equal(blob_get(blob, a, wrong[i], 10, &got, &e), ERR_INVALID);
        assert_int_equal(blob_open_fd(blob, wrong[i], &fd, &size, &e), ERR_INVALID);
        assert_int_equal(blob_delete(blob, wrong[i], &e), ERR_INVALID);
        assert_int_equal(blob_exists(blob, wrong[i], &there, &e), ERR_INVALID);
    }
    assert_int_equal(count_files(), 1);
}

/* From the start, whatever the offset; to the byte of the limit; larger than a buffer. */
static void test_put_fd(void **state)
{
    (void)state;
    struct error e = {0};
    struct str big = {arena_alloc(a, 300001), 300001};
    assert_non_null(big.p);
    random_bytes((char *)(uintptr_t)big.p, big.n);
    char *path = str_to_c(a, str_printf(a, "%s/upload", folder));
    assert_int_equal(fs_write_atomic(path, big, 0600, &e), ERR_OK);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
    assert_int_equal(blob_put_fd(blob, STR(KEY), fd, 300001, &e), ERR_OK);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
    assert_content(KEY, big);
    assert_int_equal(blob_put_fd(blob, STR("cd34567890abcdef"), fd, 300000, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "file_too_large");
    assert_int_equal(count_files(), 1);
    close(fd);
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(blob_put_fd(blob, STR("cd34567890abcdef"), pipes[0], 300000, &e), ERR_INTERNAL);
    assert_string_equal(e.reason, "files_failed");
    assert_int_equal(count_files(), 1);
    close(pipes[0]);
    close(pipes[1]);
}

/* Sending goes on when the file is deleted meanwhile. */
static void test_open_fd(void **state)
{
    (void)state;
    struct error e = {0};
    int fd = -1;
    uint64_t size = 0;
    char got[16] = "";
    assert_int_equal(blob_open_fd(blob, STR(KEY), &fd, &size, &e), ERR_NOT_FOUND);
    assert_int_equal(fd, -1);
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("content"), &e), ERR_OK);
    assert_int_equal(blob_open_fd(blob, STR(KEY), &fd, &size, &e), ERR_OK);
    assert_int_equal(size, 7);
    assert_int_equal(blob_delete(blob, STR(KEY), &e), ERR_OK);
    assert_int_equal(read(fd, got, sizeof got), 7);
    assert_string_equal(got, "content");
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd);
}

/* A link or a folder with the name of a key is not followed and not read. */
static void test_no_links(void **state)
{
    (void)state;
    struct error e = {0};
    struct str got = STR_EMPTY;
    bool there = true;
    char *secret = str_to_c(a, str_printf(a, "%s/secret", folder));
    assert_int_equal(fs_write_atomic(secret, STR("secret"), 0600, &e), ERR_OK);
    assert_int_equal(mkdir(in_store("ab"), 0700), 0);
    assert_int_equal(symlink(secret, in_store("ab/" KEY)), 0);
    assert_int_equal(blob_get(blob, a, STR(KEY), 100, &got, &e), ERR_INTERNAL);
    assert_int_equal(blob_exists(blob, STR(KEY), &there, &e), ERR_OK);
    assert_false(there);
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("mine"), &e), ERR_OK); /* in the place of the link */
    assert_content(KEY, STR("mine"));
    struct str kept = STR_EMPTY;
    assert_int_equal(fs_read(a, secret, 100, &kept, &e), ERR_OK);
    assert_true(str_eq_c(kept, "secret"));
    assert_int_equal(mkdir(in_store("ab/ab34567890abcdee"), 0700), 0);
    assert_int_equal(blob_get(blob, a, STR("ab34567890abcdee"), 100, &got, &e), ERR_INTERNAL);
}

static void test_probe_and_sweep(void **state)
{
    (void)state;
    struct error e = {0};
    size_t removed = 99;
    assert_int_equal(blob_probe(blob, &e), ERR_OK);
    assert_int_equal(count_files(), 0);
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("x"), &e), ERR_OK);
    assert_int_equal(fs_write_atomic(in_store("tmp/cut-off-1"), STR("half"), 0600, &e), ERR_OK);
    assert_int_equal(fs_write_atomic(in_store("tmp/cut-off-2"), STR("half"), 0600, &e), ERR_OK);
    assert_int_equal(blob_sweep(blob, 3600000, &removed, &e), ERR_OK);
    assert_int_equal(removed, 0); /* they may still be in the making */
    const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(utimensat(AT_FDCWD, in_store("tmp/cut-off-1"), old, 0), 0);
    assert_int_equal(blob_sweep(blob, 3600000, &removed, &e), ERR_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(blob_sweep(blob, 0, &removed, &e), ERR_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(count_files(), 1);
    assert_content(KEY, STR("x"));
}

/* The folder is found whatever becomes the working directory, and a second open of it is fine. */
struct seen {
    size_t n;
    uint64_t bytes;
    int64_t put_unix_ms;
    bool remove;
};

static enum err see(void *ctx, const struct blob_found *found, struct error *e)
{
    struct seen *s = ctx;
    s->n++;
    s->bytes += found->size_bytes;
    s->put_unix_ms = found->put_unix_ms;
    return s->remove ? blob_delete(blob, found->key, e) : ERR_OK;
}

static enum err refuse(void *ctx, const struct blob_found *found, struct error *e)
{
    (void)ctx;
    (void)found;
    return error_set(e, ERR_LIMIT, "enough");
}

static void test_walk(void **state)
{
    (void)state;
    struct error e = {0};
    struct seen s = {0};
    assert_int_equal(blob_walk(blob, see, &s, &e), ERR_OK);
    assert_int_equal(s.n, 0);
    int64_t before = time_now_unix_ms();
    assert_int_equal(blob_put_bytes(blob, STR("aa34567890abcdef"), STR("123"), &e), ERR_OK);
    assert_int_equal(blob_put_bytes(blob, STR("aa34567890abcdeg"), STR("4567"), &e), ERR_OK);
    assert_int_equal(blob_put_bytes(blob, STR("zz34567890abcdef"), STR(""), &e), ERR_OK);
    assert_int_equal(fs_write_atomic(in_store("aa/README"), STR("not ours"), 0600, &e), ERR_OK);
    assert_int_equal(fs_write_atomic(in_store("tmp/aa34567890abcdef"), STR("being written"), 0600, &e), ERR_OK);
    assert_int_equal(blob_walk(blob, see, &s, &e), ERR_OK);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.bytes, 7);
    assert_true(s.put_unix_ms >= before - 2000 && s.put_unix_ms <= time_now_unix_ms() + 2000);
    assert_int_equal(blob_walk(blob, refuse, NULL, &e), ERR_LIMIT);
    s = (struct seen){.remove = true};
    assert_int_equal(blob_walk(blob, see, &s, &e), ERR_OK);
    s = (struct seen){0};
    assert_int_equal(blob_walk(blob, see, &s, &e), ERR_OK);
    assert_int_equal(s.n, 0);
    assert_int_equal(count_files(), 2);
}

static void test_open(void **state)
{
    (void)state;
    struct error e = {0};
    struct blob *second = NULL;
    char *before = getcwd(NULL, 0);
    assert_non_null(before);
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(blob_folder_open("x/files", &second, &e), ERR_OK);
    assert_int_equal(chdir(before), 0);
    free(before);
    assert_int_equal(blob_put_bytes(second, STR(KEY), STR("x"), &e), ERR_OK);
    assert_content(KEY, STR("x"));
    blob_free(second);
    blob_free(NULL);

    second = NULL;
    assert_int_equal(fs_write_atomic(in_store("plain"), STR("x"), 0600, &e), ERR_OK);
    assert_int_equal(blob_folder_open(in_store("plain"), &second, &e), ERR_INVALID);
    assert_string_equal(e.reason, "not_a_folder");
    assert_int_equal(blob_folder_open(in_store("plain/below"), &second, &e), ERR_NOT_FOUND);
    assert_null(second);
}

/* The folder is taken away while it is in use: an error of the server, not "your file is missing". */
static void test_folder_gone(void **state)
{
    (void)state;
    struct error e = {0};
    size_t removed = 0;
    assert_int_equal(rmdir(in_store("tmp")), 0);
    assert_int_equal(blob_put_bytes(blob, STR(KEY), STR("x"), &e), ERR_INTERNAL);
    assert_string_equal(e.reason, "files_failed");
    assert_int_equal(blob_probe(blob, &e), ERR_INTERNAL);
    assert_int_equal(blob_sweep(blob, 0, &removed, &e), ERR_INTERNAL);
}

static void *put_same(void *ctx)
{
    struct error e = {0};
    for (int i = 0; i < 50; i++) {
        struct str got = STR_EMPTY;
        CLEANUP_ARENA struct arena *mine = arena_new(1 << 20);
        if (!mine || blob_put_bytes(blob, STR(KEY), STR("the same for all"), &e) != ERR_OK) return ctx;
        if (blob_get(blob, mine, STR(KEY), 1000, &got, &e) != ERR_OK || !str_eq_c(got, "the same for all")) return ctx;
        if (blob_probe(blob, &e) != ERR_OK) return ctx;
    }
    return NULL;
}

/* Two people upload the same file at once: it is never half there. */
static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    void *wrong = NULL;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_same, &threads), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_int_equal(count_files(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put_get, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_make, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_modes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_put_fd, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_open_fd, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_probe_and_sweep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_walk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folder_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_threads, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
