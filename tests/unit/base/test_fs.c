#include "base/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_test.h"

#include "base/sb.h"

static char folder[64]; /* of the running test */

static int set_up(void **state)
{
    (void)state;
    memcpy(folder, "/tmp/prism-test-XXXXXX", sizeof "/tmp/prism-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void test_room(void **state)
{
    (void)state;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(fs_has_room(fd, 1)); /* or no test could run here */
    assert_false(fs_has_room(fd, INT64_MAX));
    assert_true(fs_has_room(-1, INT64_MAX));
    close(fd);
    fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* has no size */
    assert_true(fs_has_room(fd, INT64_MAX));
    close(fd);
}

static char *in_folder(struct arena *a, const char *name)
{
    struct str path = str_printf(a, "%s/%s", folder, name);
    assert_non_null(path.p);
    return str_to_c(a, path);
}

static size_t count_entries(void)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t n = 0;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2;
}

static void test_write_then_read(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    struct str got = STR_EMPTY;
    const char *path = in_folder(a, "f");
    assert_int_equal(fs_write_atomic(path, STR("first\0x"), 0640, &e), ERR_OK);
    assert_int_equal(fs_read(a, path, 100, &got, &e), ERR_OK);
    assert_int_equal(got.n, 7);
    assert_memory_equal(got.p, "first\0x", 7);
    assert_int_equal(fs_write_atomic(path, STR("2"), 0640, &e), ERR_OK);
    assert_int_equal(fs_read(a, path, 1, &got, &e), ERR_OK);
    assert_str(got, "2");
    assert_int_equal(fs_write_atomic(path, STR_EMPTY, 0640, &e), ERR_OK);
    assert_int_equal(fs_read(a, path, 0, &got, &e), ERR_OK);
    assert_int_equal(got.n, 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777 & ~0640u, 0);
    assert_int_equal(count_entries(), 1); /* no temporary file is left */
}

static void test_read_errors(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    struct str got = STR("before");
    assert_int_equal(fs_read(a, in_folder(a, "absent"), 100, &got, &e), ERR_NOT_FOUND);
    assert_has(e.message, "/absent\": No such file or directory");
    assert_has(e.detail, "errno 2");
    assert_int_equal(fs_read(a, folder, 100, &got, &e), ERR_INVALID);
    assert_has(e.message, "is a folder");
    assert_int_equal(fs_read(a, "/dev/null", 100, &got, &e), ERR_INVALID);
    const char *fifo = in_folder(a, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(fs_read(a, fifo, 100, &got, &e), ERR_INVALID); /* and does not wait */
    const char *path = in_folder(a, "f");
    assert_int_equal(fs_write_atomic(path, STR("12345"), 0600, &e), ERR_OK);
    assert_int_equal(fs_read(a, path, 4, &got, &e), ERR_LIMIT);
    assert_has(e.message, "limit of 4 bytes");
    CLEANUP_ARENA struct arena *tiny = arena_new(4);
    assert_int_equal(fs_read(tiny, path, 100, &got, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "out_of_memory");
    assert_str(got, "before");
}

/* Files of /proc say that they are empty: the end is where read says so. */
static void test_read_without_size(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    struct str got = STR_EMPTY;
    assert_int_equal(fs_read(a, "/proc/self/status", 1 << 16, &got, &e), ERR_OK);
    assert_true(got.n > 100);
    assert_int_equal(fs_read(a, "/proc/self/status", 100, &got, &e), ERR_LIMIT);
}

static void test_write_errors(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    assert_int_equal(fs_write_atomic(in_folder(a, "no/such/f"), STR("x"), 0600, &e), ERR_NOT_FOUND);
    assert_has(e.message, "no/such/f");
    assert_int_equal(fs_write_atomic(folder, STR("x"), 0600, &e), ERR_INVALID);
    assert_int_equal(fs_write_atomic("/dev/full", STR("x"), 0600, &e), ERR_INVALID); /* a device stays a device */
    assert_int_equal(fs_kind("/dev/full"), FS_OTHER);
    const char *path = in_folder(a, "f");
    assert_int_equal(fs_write_atomic(path, STR("x"), 0600, &e), ERR_OK);
    assert_int_equal(fs_write_atomic(in_folder(a, "f/under"), STR("x"), 0600, &e), ERR_NOT_FOUND);
    assert_has(e.message, "Not a directory");
    char name[300];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(fs_write_atomic(in_folder(a, name), STR("x"), 0600, &e), ERR_INVALID); /* rename fails */
    assert_int_equal(count_entries(), 1);
}

static void test_link_stays(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    struct str got = STR_EMPTY;
    const char *path = in_folder(a, "f"), *link_path = in_folder(a, "link");
    assert_int_equal(fs_write_atomic(path, STR("old"), 0600, &e), ERR_OK);
    assert_int_equal(symlink("f", link_path), 0);
    assert_int_equal(fs_write_atomic(link_path, STR("new"), 0600, &e), ERR_OK);
    assert_int_equal(fs_read(a, path, 100, &got, &e), ERR_OK);
    assert_str(got, "new");
    struct stat st;
    assert_int_equal(lstat(link_path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void test_relative_path(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    enum err err = fs_write_atomic("plain", STR("x"), 0600, &e);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(err, ERR_OK);
    assert_int_equal(fs_kind(in_folder(a, "plain")), FS_FILE);
}

static bool is_docx(struct str name) { return str_ends(name, STR(".docx")); }

static void test_walk(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    struct fs_list list = {0};
    static const char *const files[] = {"b.docx", "a/z.docx", "a/b/c.docx", "a.docx", "a/b/note.txt", "B.docx"};
    assert_int_equal(fs_make_folders(in_folder(a, "a/b"), &e), ERR_OK);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(fs_write_atomic(in_folder(a, files[i]), STR("x"), 0600, &e), ERR_OK);
    assert_int_equal(symlink("..", in_folder(a, "a/loop")), 0);
    assert_int_equal(symlink("../a.docx", in_folder(a, "a/link.docx")), 0);
    assert_int_equal(fs_walk(a, folder, is_docx, &list, &e), ERR_OK);
    static const char *const want[] = {"B.docx", "a.docx", "a/b/c.docx", "a/z.docx", "b.docx"};
    assert_int_equal(list.n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(list.at[i], in_folder(a, want[i]));
    struct fs_list all = {0};
    assert_int_equal(fs_walk(a, in_folder(a, ""), NULL, &all, &e), ERR_OK); /* with a '/' at the end */
    assert_int_equal(all.n, 6);
    assert_string_equal(all.at[0], in_folder(a, "B.docx"));
    assert_int_equal(fs_walk(a, in_folder(a, "absent"), NULL, &list, &e), ERR_NOT_FOUND);
    assert_int_equal(fs_walk(a, in_folder(a, "a.docx"), NULL, &list, &e), ERR_INVALID);
    assert_has(e.message, "is not a folder");
    assert_int_equal(list.n, 5);
}

static void test_walk_depth(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    struct fs_list list = {0};
    CLEANUP_SB struct sb b = SB_INIT(10000);
    sb_c(&b, folder);
    for (int i = 0; i < 70; i++)
        SB_LIT(&b, "/d");
    sb_char(&b, '\0');
    assert_int_equal(fs_make_folders(b.p, &e), ERR_OK);
    assert_int_equal(fs_walk(a, folder, NULL, &list, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "too_deep");
}

static void test_folders_kinds_names(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    const char *deep = in_folder(a, "x//y/z/");
    assert_int_equal(fs_make_folders(deep, &e), ERR_OK);
    assert_int_equal(fs_make_folders(deep, &e), ERR_OK);
    assert_int_equal(fs_kind(deep), FS_FOLDER);
    assert_int_equal(fs_kind(in_folder(a, "absent")), FS_MISSING);
    const char *file = in_folder(a, "f");
    assert_int_equal(fs_write_atomic(file, STR("x"), 0600, &e), ERR_OK);
    assert_int_equal(fs_kind(file), FS_FILE);
    assert_int_equal(fs_make_folders(file, &e), ERR_INVALID);
    assert_has(e.message, "something else has that name");
    assert_int_equal(fs_make_folders(in_folder(a, "f/g"), &e), ERR_NOT_FOUND);
    assert_int_equal(fs_make_folders("", &e), ERR_INVALID);
    assert_str(fs_base_name(STR("a/b.docx")), "b.docx");
    assert_str(fs_base_name(STR("b.docx")), "b.docx");
    assert_str(fs_base_name(STR("a/")), "");
    assert_str(fs_base_name(STR_EMPTY), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_then_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_errors, set_up, tear_down),
        cmocka_unit_test(test_read_without_size),
        cmocka_unit_test_setup_teardown(test_write_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_link_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_relative_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_walk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_walk_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folders_kinds_names, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
