/* Options by table: every way of writing one, and what is said of a wrong one. */
#include "cmd/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct values {
    bool fast;
    const char *out;
    int color;
};

static const char *const colors[] = {"auto", "always", "never", NULL};
static const struct cmd_option options[] = {
    {.name = "fast", .letter = 'f', .kind = CMD_OPTION_FLAG, .offset = offsetof(struct values, fast)},
    {.name = "out", .letter = 'o', .kind = CMD_OPTION_TEXT, .offset = offsetof(struct values, out), .value = "OUT"},
    {.name = "color", .kind = CMD_OPTION_CHOICE, .offset = offsetof(struct values, color), .choices = colors},
};
static const struct cmd_command command = {.name = "try", .options = options, .n_options = 3};

struct parsed {
    struct values values;
    struct cmd_operands words;
    struct error e;
    char *argv[8];
};

static enum err parse(struct parsed *p, const char *const *words)
{
    int n = 0;
    *p = (struct parsed){0};
    for (; words[n]; n++)
        p->argv[n] = (char *)(uintptr_t)words[n];
    return cmd_options_parse(&command, n, p->argv, &p->values, &p->words, &p->e);
}
#define PARSE(p, ...) parse((p), (const char *const[]){__VA_ARGS__, NULL})

static void every_way_of_writing(void **state)
{
    (void)state;
    struct parsed p;
    assert_int_equal(PARSE(&p, "a.docx", "--out", "x", "-f", "b.docx", "--color=never"), ERR_OK);
    assert_true(p.values.fast);
    assert_string_equal(p.values.out, "x");
    assert_int_equal(p.values.color, 2);
    assert_int_equal(p.words.n, 2);
    assert_string_equal(p.words.at[0], "a.docx");
    assert_string_equal(p.words.at[1], "b.docx");

    assert_int_equal(PARSE(&p, "-ox"), ERR_OK);
    assert_string_equal(p.values.out, "x");
    assert_int_equal(PARSE(&p, "-o=x"), ERR_OK);
    assert_string_equal(p.values.out, "x");
    assert_int_equal(PARSE(&p, "-fox", "a"), ERR_OK);
    assert_true(p.values.fast);
    assert_string_equal(p.values.out, "x");
    assert_int_equal(PARSE(&p, "-fo", "x", "a"), ERR_OK);
    assert_string_equal(p.values.out, "x");
    assert_int_equal(p.words.n, 1);
    assert_int_equal(PARSE(&p, "--out=a", "--out=b"), ERR_OK);
    assert_string_equal(p.values.out, "b");
}

static void hyphens_as_operands(void **state)
{
    (void)state;
    struct parsed p;
    assert_int_equal(PARSE(&p, "-", "--", "--fast", "-o"), ERR_OK);
    assert_false(p.values.fast);
    assert_int_equal(p.words.n, 3);
    assert_string_equal(p.words.at[0], "-");
    assert_string_equal(p.words.at[1], "--fast");
    assert_int_equal(PARSE(&p, "--out", "-"), ERR_OK);
    assert_string_equal(p.values.out, "-");
}

static void unknown_option_names_the_closest(void **state)
{
    (void)state;
    struct parsed p;
    assert_int_equal(PARSE(&p, "--colour", "never"), ERR_INVALID);
    assert_string_equal(p.e.message, "unknown option \"--colour\"");
    assert_non_null(strstr(p.e.hint, "--color?"));
    assert_int_equal(PARSE(&p, "--qqqqqq"), ERR_INVALID);
    assert_null(strstr(p.e.hint, "Did you mean"));
    assert_non_null(strstr(p.e.hint, "prism help try"));
    assert_int_equal(PARSE(&p, "-f=1"), ERR_INVALID);
    assert_string_equal(p.e.message, "--fast takes no value");
    assert_int_equal(PARSE(&p, "-fx"), ERR_INVALID);
    assert_string_equal(p.e.message, "unknown option \"-fx\"");
    assert_int_equal(PARSE(&p, "-x"), ERR_INVALID);
}

static void values_are_checked(void **state)
{
    (void)state;
    struct parsed p;
    assert_int_equal(PARSE(&p, "--color", "alwyas"), ERR_INVALID);
    assert_non_null(strstr(p.e.hint, "auto, always, never"));
    assert_non_null(strstr(p.e.hint, "\"always\""));
    assert_int_equal(PARSE(&p, "a", "--out"), ERR_INVALID);
    assert_string_equal(p.e.message, "--out needs a value");
    assert_int_equal(PARSE(&p, "--out="), ERR_INVALID);
    assert_int_equal(PARSE(&p, "--fast=yes"), ERR_INVALID);
}

static void every_command_explains_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < cmd_count(); i++) {
        CLEANUP_SB struct sb text = SB_INIT(1 << 16);
        const struct cmd_command *c = cmd_at(i);
        cmd_help_command(c, &text);
        assert_true(sb_ok(&text));
        assert_ptr_equal(cmd_find(c->name), c);
        for (size_t o = 0; o < c->n_options; o++) {
            char option[64];
            (void)snprintf(option, sizeof option, "--%s", c->options[o].name);
            assert_true(str_find(sb_view(&text), str_from_c(option), 0) != STR_NONE);
            for (size_t k = 0; k < o; k++) {
                assert_string_not_equal(c->options[o].name, c->options[k].name);
                assert_false(c->options[o].letter && c->options[o].letter == c->options[k].letter);
            }
        }
        struct str rest = sb_view(&text), line;
        while (rest.p) {
            line = str_cut(rest, '\n', &rest);
            assert_true(line.n <= 80);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_of_writing),
        cmocka_unit_test(hyphens_as_operands),
        cmocka_unit_test(unknown_option_names_the_closest),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(every_command_explains_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
