/* From words to files, in a folder made for the test; and names for results. */
#include "cmd/inputs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"

struct fixture {
    struct arena *a;
    char folder[64];
    char before[4096];
};

static void touch(const char *name)
{
    struct error e;
    assert_int_equal(fs_write_atomic(name, STR("x"), 0644, &e), ERR_OK);
}

static int setup(void **state)
{
    struct error e;
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->a = arena_new(1 << 20);
    assert_non_null(f->a);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/prism-inputs-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    assert_non_null(getcwd(f->before, sizeof f->before));
    assert_int_equal(chdir(f->folder), 0);
    assert_int_equal(fs_make_folders("in/deep", &e), ERR_OK);
    touch("in/b.docx");
    touch("in/a.DOCX");
    touch("in/deep/c.docm");
    touch("in/~$a.docx");
    touch("in/notes.txt");
    touch("日本.docx");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = {"in/b.docx",    "in/a.DOCX", "in/deep/c.docm",  "in/~$a.docx",
                                        "in/notes.txt", "日本.docx", "b-reviewed.docx", "link.docx"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        (void)unlink(files[i]);
    (void)rmdir("in/deep");
    (void)rmdir("in");
    int failed = chdir(f->before) || rmdir(f->folder);
    arena_free(f->a);
    free(f);
    return failed;
}

static struct cmd_inputs find(struct fixture *f, size_t n, char **words)
{
    struct cmd_inputs inputs = {0};
    struct error e;
    const struct cmd_operands operands = {.at = words, .n = n};
    assert_int_equal(cmd_inputs_find(f->a, &operands, &inputs, &e), ERR_OK);
    return inputs;
}

static void a_folder_gives_its_documents(void **state)
{
    char in[] = "in";
    struct cmd_inputs inputs = find(*state, 1, (char *[]){in});
    assert_int_equal(inputs.n, 3);
    assert_string_equal(inputs.at[0].path, "in/a.DOCX");
    assert_string_equal(inputs.at[1].path, "in/b.docx");
    assert_string_equal(inputs.at[2].path, "in/deep/c.docm");
    assert_int_equal(inputs.wrong.n, 0);
    assert_true(inputs.many);
}

static void a_pattern_is_expanded(void **state)
{
    char pattern[] = "in/*.docx", nothing[] = "in/*.doc";
    struct cmd_inputs inputs = find(*state, 2, (char *[]){pattern, nothing});
    assert_int_equal(inputs.n, 1);
    assert_string_equal(inputs.at[0].path, "in/b.docx");
    assert_int_equal(inputs.wrong.n, 1);
}

static void a_file_is_reviewed_once(void **state)
{
    char one[] = "in/b.docx", again[] = "in/../in/b.docx", link_name[] = "link.docx", folder[] = "in";
    assert_int_equal(symlink("in/b.docx", link_name), 0);
    struct cmd_inputs inputs = find(*state, 4, (char *[]){one, again, link_name, folder});
    assert_int_equal(inputs.n, 3);
    assert_true(cmd_inputs_have(&inputs, "./in/b.docx"));
    assert_false(cmd_inputs_have(&inputs, "in/notes.txt"));
    assert_false(cmd_inputs_have(&inputs, "nowhere"));
}

static void what_is_missing_is_counted(void **state)
{
    char gone[] = "gone.docx", named[] = "in/notes.txt", in[] = "-";
    struct cmd_inputs inputs = find(*state, 4, (char *[]){gone, named, in, in});
    assert_int_equal(inputs.wrong.n, 1);
    assert_int_equal(inputs.n, 2); /* a file that is named is tried, whatever its name; "-" once */
    assert_true(inputs.at[1].is_stdin);
}

static void names_of_results(void **state)
{
    struct fixture *f = *state;
    char word[] = "in/b.docx";
    struct cmd_inputs inputs = find(f, 1, (char *[]){word});
    struct cmd_names names = cmd_names_make(f->a, "out", &inputs);
    assert_string_equal(cmd_names_take(&names, "in/b.docx", "-reviewed", NULL), "out/b-reviewed.docx");
    assert_string_equal(cmd_names_take(&names, "other/b.docx", "-reviewed", NULL), "out/b-reviewed-2.docx");
    assert_string_equal(cmd_names_take(&names, "x/b.docm", "-reviewed", NULL), "out/b-reviewed.docm");
    assert_string_equal(cmd_names_take(&names, "b", "", ".html"), "out/b.html");
    assert_string_equal(cmd_names_take(&names, "-", "-reviewed", NULL), "out/stdin-reviewed.docx");
    char longest[256] = {0};
    memset(longest, 'x', 255);
    const char *cut = cmd_names_take(&names, longest, "-reviewed", NULL);
    assert_true(strlen(cut) <= strlen("out/") + 255 && strstr(cut, "-reviewed"));
    assert_string_equal(cmd_names_take(&names, ".docx", "-reviewed", NULL), "out/.docx-reviewed");
}

/* A name in another script stays what it is. */
static void not_again_36(void **state)
{
    struct fixture *f = *state;
    char word[] = "日本.docx";
    struct cmd_inputs inputs = find(f, 1, (char *[]){word});
    assert_int_equal(inputs.n, 1);
    struct cmd_names names = cmd_names_make(f->a, "out/", &inputs);
    assert_string_equal(cmd_names_take(&names, word, "-reviewed", NULL), "out/日本-reviewed.docx");
    assert_string_equal(cmd_names_take(&names, "Отчёт № 5.docx", "-reviewed", NULL), "out/Отчёт № 5-reviewed.docx");
}

static void a_result_never_takes_an_input_s_name(void **state)
{
    struct fixture *f = *state;
    char one[] = "in/b.docx", reviewed[] = "b-reviewed.docx";
    touch(reviewed);
    struct cmd_inputs inputs = find(f, 2, (char *[]){one, reviewed});
    struct cmd_names names = cmd_names_make(f->a, ".", &inputs);
    assert_string_equal(cmd_names_take(&names, one, "-reviewed", NULL), "./b-reviewed-2.docx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_gives_its_documents, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pattern_is_expanded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_is_reviewed_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_missing_is_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(names_of_results, setup, teardown),
        cmocka_unit_test_setup_teardown(not_again_36, setup, teardown),
        cmocka_unit_test_setup_teardown(a_result_never_takes_an_input_s_name, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
