/* Every allocation of reading and printing the configuration fails once. */
#include "support/torture.h"

#include "conf_test.h"

static enum err use_conf(void *ctx, struct error *error)
{
    char data[128], *environment[] = {data,
                                      (char[]){"PRISM_ALLOWED_HOSTS=a,b"},
                                      (char[]){"PRISM_RULES=r.json"},
                                      (char[]){"PRISM_OPENAI_KEY=k"},
                                      (char[]){"PRISM_OPENAI_URL=http://h/v1/"},
                                      NULL};
    struct conf c;
    (void)snprintf(data, sizeof data, "PRISM_DATA=%s", (char *)ctx);
    CLEANUP_ARENA struct arena *mine = arena_new(1 << 20);
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    if (!mine) return error_no_memory(error);
    TRY(conf_load(mine, environment, STR("/"), &c, error));
    conf_print_text(&c, &b);
    conf_print_markdown(&b);
    return sb_ok(&b) ? ERR_OK : error_no_memory(error);
}

static void test_conf(void **state)
{
    (void)state;
    write_conf("prism.conf", "PORT=1\nPRISM_RULES=x.json\n");
    assert_true(torture_run(use_conf, folder) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_conf, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
