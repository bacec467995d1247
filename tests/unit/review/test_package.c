/* The parts of packages: names from people, the zip, and the steps that a row keeps. Whole packages: tests/integration/test_s3.py. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"
#include "review/export_steps.h"
#include "review/package.h"
#include "review_test.h"

static struct arena *a;

static int setup(void **state)
{
    (void)state;
    a = arena_new((size_t)64 << 20);
    return a ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(a);
    return 0;
}

static struct str named(const char *name, const char *extension)
{
    struct str ret = STR_EMPTY;
    struct error e = {0};
    assert_int_equal(package_name(str_from_c(name), str_from_c(extension), a, &ret, &e), ERR_OK);
    return ret;
}

static void names_that_are_safe_stay(void **state)
{
    (void)state;
    static const char *const good[] = {"Report 2026 (final)_v-2", "日本 報告", "отчёт", "تقرير",
                                       "Überblick – neu",         "नमस्ते",      "a.b",   "😀"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_string_equal(named(good[i], "").p, good[i]);
    assert_string_equal(named("Bericht.docx", ".docx").p, "Bericht.docx");
}

static void unsafe_names_become_safe_and_stay_different(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      ".",
                                      "..",
                                      "a/b",
                                      "a\\b",
                                      "a:b",
                                      "a|b",
                                      "a*b",
                                      "a?b",
                                      "a\"b",
                                      "a<b",
                                      "a>b",
                                      "a%b",
                                      "a{b",
                                      "a~b",
                                      "a#b",
                                      "a\nb",
                                      "a\x7F"
                                      "b",
                                      "a ",
                                      " a",
                                      ".a",
                                      "a.",
                                      "CON",
                                      "nul",
                                      "COM1.x",
                                      "lpt9",
                                      "a\u202E"
                                      "b",
                                      "a\u200B"
                                      "b",
                                      "a\u2028"
                                      "b",
                                      "=a",
                                      "a&b",
                                      "a$b",
                                      "a'b",
                                      "a`b",
                                      "a+b",
                                      "a,b",
                                      "a;b"};
    enum { N = sizeof bad / sizeof *bad };
    struct str made[N];
    for (size_t i = 0; i < N; i++) {
        made[i] = named(bad[i], "");
        assert_true(made[i].n > 8 && utf8_valid(made[i]));
        assert_null(strpbrk(made[i].p, "/\\:|*?\"<>%{}~#\n\x7F&$'`+,;="));
        assert_true(made[i].p[0] != '.' && made[i].p[0] != ' ');
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq_nocase(made[i], made[k]));
    }
    assert_true(str_starts(named("CON.docx", ".docx"), STR("_CON-")));
}

static void long_names_are_cut_between_letters(void **state)
{
    (void)state;
    CLEANUP_SB struct sb one = SB_INIT(4096), two = SB_INIT(4096);
    for (int i = 0; i < 300; i++) {
        SB_LIT(&one, "世");
        SB_LIT(&two, "世");
    }
    SB_LIT(&two, "!");
    sb_char(&one, 0);
    sb_char(&two, 0);
    struct str x = named(one.p, ".docx"), y = named(two.p, ".docx");
    assert_true(x.n <= PACKAGE_NAME_MAX && utf8_valid(x) && str_ends(x, STR(".docx")));
    assert_false(str_eq(x, y));
}

static void a_folder_has_name_and_time(void **state)
{
    (void)state;
    struct str folder = STR_EMPTY;
    struct error e = {0};
    assert_int_equal(package_folder(STR("日本.DOCX"), 1795716526123, a, &folder, &e), ERR_OK);
    assert_string_equal(folder.p, "日本_review_20261126T180846Z");
}

static void a_zip_gives_back_what_was_put(void **state)
{
    (void)state;
    char folder[] = "/tmp/prism-package-XXXXXX", path[64], other[64];
    struct package_zip *z = NULL;
    struct error e = {0};
    char got[100000];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/z", folder);
    (void)snprintf(other, sizeof other, "%s/f", folder);
    int fd = open(other, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "from a file", 11), 11);
    char *big = NEW(a, char, sizeof got);
    assert_non_null(big);
    for (size_t i = 0; i < sizeof got; i++)
        big[i] = (char)(i * i % 251);
    const struct package_zip_entry entries[] = {
        {.name = STR("x/日本.docx"), .fd = fd, .fd_size = 11, .packed = true},
        {.name = STR("x/big"), .bytes = {big, sizeof got}},
        {.name = STR("x/empty"), .bytes = STR("")},
    };
    assert_int_equal(package_zip_write(path, entries, 3, 1795716526123, &e), ERR_OK);
    assert_int_equal(package_zip_write(path, entries, 3, 1795716526123, &e),
                     ERR_INTERNAL); /* never over what is there */
    assert_int_equal(package_zip_open(open(path, O_RDONLY | O_CLOEXEC), &z, &e), ERR_OK);
    assert_int_equal(package_zip_entry(z, "x/big", &e), ERR_OK);
    for (size_t at = 0, n = 1; at < sizeof got; at += n, n = n * 3 < sizeof got - at ? n * 3 : sizeof got - at)
        assert_int_equal(package_zip_read(z, got + at, n, &e), ERR_OK);
    assert_memory_equal(got, big, sizeof got);
    assert_int_equal(package_zip_read(z, got, 1, &e), ERR_INTERNAL); /* behind the end */
    assert_int_equal(package_zip_entry(z, "x/日本.docx", &e), ERR_OK);
    assert_int_equal(package_zip_read(z, got, 11, &e), ERR_OK);
    assert_memory_equal(got, "from a file", 11);
    assert_int_equal(package_zip_entry(z, "x/nothing", &e), ERR_INTERNAL);
    package_zip_close(z);
    assert_int_equal(package_zip_open(dup(fd), &z, &e), ERR_INTERNAL); /* no zip */
    (void)close(fd);
    (void)unlink(path);
    (void)unlink(other);
    (void)rmdir(folder);
}

static void steps_come_back_from_a_row(void **state)
{
    (void)state;
    struct export_steps got, s = {.n = 2, .upload_key = STR("k \"q\""), .upload_id = STR("id")};
    struct str text = STR_EMPTY;
    uint64_t bytes = 0, sent = 0;
    struct error e = {0};
    s.at[0] = (struct export_step){STR("original/日本.docx"), STR("t"), STR("ab"), 100, 100, true};
    s.at[1] = (struct export_step){STR("manifest.json"), STR("t"), STR("cd"), 50, 8, false};
    assert_int_equal(export_steps_write(&s, a, &text, &e), ERR_OK);
    assert_int_equal(export_steps_read(text, a, &got, &e), ERR_OK);
    assert_int_equal(got.n, 2);
    assert_true(str_eq(got.at[0].path, s.at[0].path) && got.at[0].done && got.at[0].bytes == 100);
    assert_true(str_eq(got.at[1].sha256, STR("cd")) && !got.at[1].done && got.at[1].sent == 8);
    assert_true(str_eq(got.upload_key, s.upload_key) && str_eq(got.upload_id, s.upload_id));
    export_steps_sum(&got, &bytes, &sent);
    assert_int_equal(bytes, 150);
    assert_int_equal(sent, 108);
    export_steps_anew(&got);
    export_steps_sum(&got, &bytes, &sent);
    assert_int_equal(sent, 0);
    assert_int_equal(got.upload_id.n, 0);
    static const char *const bad[] = {"", "{", "[]", "{\"files\":[{}]}", "{\"files\":1}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(export_steps_read(str_from_c(bad[i]), a, &got, &e), ERR_OK);
        assert_int_equal(got.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_safe_stay),
        cmocka_unit_test(unsafe_names_become_safe_and_stay_different),
        cmocka_unit_test(long_names_are_cut_between_letters),
        cmocka_unit_test(a_folder_has_name_and_time),
        cmocka_unit_test(a_zip_gives_back_what_was_put),
        cmocka_unit_test(steps_come_back_from_a_row),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
