/* The syntax of prism.conf. */
#include "conf/file.h"

#include "conf_test.h"

static void test_lines(void **state)
{
    (void)state;
    struct conf_lines lines = {0};
    assert_int_equal(conf_file_parse(a,
                                     STR("\xEF\xBB\xBF# comment\n"
                                         "\n"
                                         "PORT=1\r\n"
                                         "  A_b2 =  two words  \n"
                                         "\t#X=1\n"
                                         "C=\"  kept \"\n"
                                         "D='a \"b\"'\n"
                                         "E=\n"
                                         "F==x=# no comment\n"
                                         "G=\"\""),
                                     &lines, &e),
                     ERR_OK);
    static const struct {
        const char *name, *value;
        unsigned line;
    } expected[] = {{"PORT", "1", 3}, {"A_b2", "two words", 4},    {"C", "  kept ", 6}, {"D", "a \"b\"", 7},
                    {"E", "", 8},     {"F", "=x=# no comment", 9}, {"G", "", 10}};
    assert_int_equal(lines.n, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < lines.n; i++) {
        assert_true(str_eq_c(lines.at[i].name, expected[i].name));
        assert_true(str_eq_c(lines.at[i].value, expected[i].value));
        assert_int_equal(lines.at[i].line, expected[i].line);
    }
    assert_int_equal(conf_file_parse(a, STR_EMPTY, &lines, &e), ERR_OK);
    assert_int_equal(lines.n, 0);
}

static void test_wrong(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *says;
    } wrong[] = {
        {STR_INIT("A=1\nPORT 8000\n"), "line 2 has no \"=\""},
        {STR_INIT("export A=1"), "line 1 does not begin with the name of a setting"},
        {STR_INIT("=1"), "line 1 does not begin with the name"},
        {STR_INIT("1A=1"), "line 1 does not begin with the name"},
        {STR_INIT("A=\"x"), "line 1 begins a quotation and does not end it"},
        {STR_INIT("A=\""), "line 1 begins a quotation and does not end it"},
        {STR_INIT("A=\"x\" # why"), "does not end it"},
        {STR_INIT("A=\"x\"y\""), "line 1 has a quotation mark within the quotation"},
        {STR_INIT("A=a\x01z"), "line 1 has a control character"},
        {STR_INIT("A=a\0b"), "line 1 has a control character"},
        {STR_INIT("A=\xff"), "the file is not text in UTF-8"},
        {STR_INIT("A=1\nB=2\n\nA=3"), "lines 1 and 4 both set A"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct conf_lines lines = {0};
        e = (struct error){0};
        assert_int_equal(conf_file_parse(a, wrong[i].text, &lines, &e), ERR_INVALID);
        assert_string_equal(e.reason, "bad_conf_file");
        if (!has(e.message, wrong[i].says)) fail_msg("%s", e.message);
        assert_int_equal(lines.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
