/* Times of five formats, and excerpts that hide what looks like a credential. */
#include "logs_test.h"

#include "base/time.h"

struct fixture {
    struct arena *a;
    struct ops_logs *l;
};

static int set_up(void **state)
{
    static struct fixture f;
    f.a = arena_new((size_t)64 << 20);
    f.l = logs_test_new(f.a);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct fixture *)*state)->a);
    return 0;
}

static int64_t utc(int year, int month, int day, int hour, int minute, int second, int milli)
{
    return time_from_civil((struct time_civil){year, month, day, hour, minute, second, milli});
}

static void times_are_read_as_each_program_writes_them(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        const char *text;
        int64_t minutes; /* from 18:31:57.123 UTC */
        const char *rest;
    } rows[] = {
        {"2025/11/26 18:31:57.123456 [INFO]", 0, " [INFO]"},
        {"2025-11-26 18:31:57,123 [INFO]", 0, " [INFO]"},
        {"2025-11-26T18:31:57.123Z x", 0, " x"},
        {"2025-11-26 18:31:57.123 +0000] [1]", 0, "] [1]"},
        {"2025-11-26 20:01:57.123 +0130]", 0, "]"},
        {"2025-11-26T13:31:57.123-05:00", 0, ""},
        {"2025/11/26 18:32:57.1239 [warn]", 1, " [warn]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str s = str_from_c(rows[i].text);
        int64_t at = 0;
        assert_true(logs__take_time(f->l, &s, &at));
        assert_int_equal(at, utc(2025, 11, 26, 18, 31, 57, 123) + rows[i].minutes * 60000);
        assert_true(str_eq_c(s, rows[i].rest));
    }
}

static void what_is_no_time_is_left_where_it_is(void **state)
{
    const struct fixture *f = *state;
    static const char *const rows[] = {"",
                                       "2025",
                                       "2025/11/26",
                                       "2025/13/26 18:31:57",
                                       "2025/02/30 18:31:57",
                                       "x",
                                       "2025-11/26",
                                       "2025/11/26 24:31:57",
                                       "2025/11/26 18:61:57",
                                       "2025/11/26 18:31:57.x",
                                       "26/11/2025 18:31:57"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str s = str_from_c(rows[i]);
        int64_t at;
        assert_false(logs__take_time(f->l, &s, &at));
        assert_true(str_eq_c(s, rows[i]));
    }
}

static void a_time_without_a_zone_is_the_hosts(void **state)
{
    const struct fixture *f = *state;
    struct str s = STR("2025/11/26 18:31:57 [warn]"), zoned = STR("2025-11-26 18:31:57 +0000]");
    int64_t at;
    f->l->has_zone = true;
    f->l->zone_minutes = -180;
    assert_true(logs__take_time(f->l, &s, &at));
    assert_int_equal(at, utc(2025, 11, 26, 21, 31, 57, 0));
    assert_true(logs__take_time(f->l, &zoned, &at));
    assert_int_equal(at, utc(2025, 11, 26, 18, 31, 57, 0));
}

static void the_time_of_an_access_log_has_its_own_zone(void **state)
{
    (void)state;
    struct str s = STR("26/Nov/2025:18:33:19 +0530] x"), wrong = STR("26/Nob/2025:18:33:19 +0530]");
    int64_t at;
    int zone;
    assert_true(logs__take_access_time(&s, &at, &zone));
    assert_int_equal(at, utc(2025, 11, 26, 13, 3, 19, 0));
    assert_int_equal(zone, 330);
    assert_true(str_eq(s, STR("] x")));
    assert_false(logs__take_access_time(&wrong, &at, &zone));
}

static void syslog_takes_the_year_from_the_other_logs(void **state)
{
    const struct fixture *f = *state;
    struct str s = STR("Nov  6 18:33:09 host"), december = STR("Dec 31 23:59:59 host");
    int64_t at = 0;
    assert_true(logs__take_syslog_time(f->l, &s, &at));
    assert_int_equal(at, LOGS_NO_TIME);
    logs__seen(f->l, utc(2025, 11, 26, 0, 0, 0, 0));
    s = STR("Nov  6 18:33:09 host");
    assert_true(logs__take_syslog_time(f->l, &s, &at));
    assert_int_equal(at, utc(2025, 11, 6, 18, 33, 9, 0));
    logs__seen(f->l, utc(2026, 1, 2, 0, 0, 0, 0));
    assert_true(logs__take_syslog_time(f->l, &december, &at));
    assert_int_equal(at, utc(2025, 12, 31, 23, 59, 59, 0));
}

static void credentials_are_not_shown(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        const char *line, *shown;
    } rows[] = {
        {"DB_PASSWORD=hunter2 next", "DB_PASSWORD=*** next"},
        {"token: abc", "token: ***"},
        {"?X-Amz-Signature=0a1b&x=1", "?X-Amz-Signature=***&x=1"},
        {"key AKIAIOSFODNN7EXAMPLE.", "key ***."},
        {"redis://user:pw@host:6379/0", "redis://***@host:6379/0"},
        {"Authorization: Bearer a b c", "Authorization: ***"},
        {"{\"secret\":\"xyz\",\"a\":1}", "{\"secret\":\"***"},
        {"no tokens here, passwords neither", "no tokens here, passwords neither"},
        {"tokenizer=fast", "tokenizer=***"}, /* rather too much */
        {"a\x1b[31mb\xff", "a [31mb\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str shown = logs__shown(f->l, str_from_c(rows[i].line), LOGS_EXCERPT_MAX);
        assert_string_equal(shown.p, rows[i].shown);
    }
    assert_int_equal(logs__shown(f->l, STR("aaaaaaaaaaaaaaaaaaaa"), 10).n, 10 + 3); /* and an ellipsis */
}

static void an_instance_is_known_by_its_id(void **state)
{
    (void)state;
    assert_true(str_eq(logs__instance(STR("logs/i-0123456789abcdef0/x")), STR("i-0123456789abcdef0")));
    assert_true(str_eq(logs__instance(STR("i-12345678")), STR("i-12345678")));
    assert_int_equal(logs__instance(STR("ami-0123456789abcdef0 i-123 hi-12345678")).n, 0);
}

static void files_are_known_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum logs_kind kind;
    } rows[] = {
        {"var/log/eb-engine.log", LOGS_ENGINE},
        {"var/log/rotated/eb-engine.log1764180061.gz", LOGS_ENGINE},
        {"var/log/eb-hooks.log", LOGS_HOOKS},
        {"var/log/cfn-init-cmd.log", LOGS_CFN},
        {"var/log/nginx/access.log", LOGS_ACCESS},
        {"nginx_error.log", LOGS_ERROR},
        {"var/log/gunicorn/access.log", LOGS_APP},
        {"var/log/gunicorn/error.log", LOGS_APP},
        {"var/log/web.stdout.log", LOGS_APP},
        {"var/log/nginx/healthd/application.log.2025-11-26-18", LOGS_HEALTHD},
        {"var/log/healthd/daemon.log", LOGS_DAEMON},
        {"var/log/messages", LOGS_SYSTEM},
        {"TailLogs-1764182000.txt", LOGS_TAIL},
        {"var/log/cfn-hup.log", LOGS_OTHER},
        {"access.logic.png", LOGS_ACCESS}, /* read, and nothing of it understood */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(logs__kind_of(str_from_c(rows[i].path)), rows[i].kind);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(times_are_read_as_each_program_writes_them),
        CASE(what_is_no_time_is_left_where_it_is),
        CASE(a_time_without_a_zone_is_the_hosts),
        CASE(the_time_of_an_access_log_has_its_own_zone),
        CASE(syslog_takes_the_year_from_the_other_logs),
        CASE(credentials_are_not_shown),
        CASE(an_instance_is_known_by_its_id),
        CASE(files_are_known_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
