/* What is configured, for people: printed values load again as the same; docs/configuration.md is what the program prints. */
#include "conf_test.h"

/* What conf_print_text says, loaded as a file, gives the same values. */
static void assert_comes_back(void)
{
    CLEANUP_SB struct sb b = SB_INIT(100000);
    struct conf before = conf;
    struct str printed = STR_EMPTY;
    conf_print_text(&conf, &b);
    assert_int_equal(sb_take(&b, a, &printed, &e), ERR_OK);
    char *path = text("$/again.conf", folder);
    assert_int_equal(fs_write_atomic(path, printed, 0600, &e), ERR_OK);
    assert_loads("PRISM_CONF=$/again.conf");
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++) {
        if (i == CONF_conf_file) continue;
        if (!str_eq(conf.texts[i], before.texts[i]))
            fail_msg("%s was \"%.*s\" and is \"%.*s\"", conf__rows[i].name, STR_ARG(before.texts[i]),
                     STR_ARG(conf.texts[i]));
    }
}

static void test_text(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(100000);
    write_conf("prism.conf", "PRISM_WORKERS=7\n");
    assert_loads("PRISM_DATA=$", "PORT=81", "PRISM_FRAMEWORK= two words ", "PRISM_ALLOWED_HOSTS=A.b , c");
    conf_print_text(&conf, &b);
    sb_char(&b, '\0');
    assert_true(has(b.p, "# from the environment\nPORT=81\n"));
    assert_true(has(b.p, "# from the file\nPRISM_WORKERS=7\n"));
    assert_true(has(b.p, "# default\nPRISM_BIND=127.0.0.1\n"));
    assert_true(has(b.p, "PRISM_FRAMEWORK=\" two words \"\n"));
    assert_true(has(b.p, "PRISM_ALLOWED_HOSTS=a.b,c\n"));
    assert_true(has(b.p, text("# the file is $/prism.conf\n", folder)));
    assert_comes_back();
    assert_loads("PRISM_DATA=$", "PRISM_FRAMEWORK=\"quoted\"", "PRISM_RULES=a b/r.json", "PRISM_LOG_LEVEL=warn");
    assert_comes_back();
    assert_loads("PRISM_DATA=$");
    assert_comes_back();
}

static void test_page(void **state)
{
    (void)state;
    const char *source = getenv("TEST_SOURCE");
    CLEANUP_SB struct sb b = SB_INIT(100000);
    struct str page = STR_EMPTY;
    assert_non_null(source);
    conf_print_markdown(&b);
    assert_true(sb_ok(&b));
    assert_int_equal(fs_read(a, text("$/docs/configuration.md", source), 100000, &page, &e), ERR_OK);
    if (!str_eq(page, sb_view(&b)))
        fail_msg(
            "docs/configuration.md is not what \"prism conf --markdown\" prints; write it again with that command");
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        assert_true(str_find(page, str_from_c(text("| `$` |", conf__rows[i].name)), 0) != STR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_page, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
