#include "base/time.h"

#include "base_test.h"

static void test_days(void **state)
{
    (void)state;
    assert_true(time_days(1970, 1, 1) == 0);
    assert_true(time_days(1969, 12, 31) == -1);
    assert_true(time_days(2000, 3, 1) == 11017);
    assert_true(time_days(1, 1, 1) == -719162);
    assert_true(time_days(9999, 12, 31) == 2932896);
}

/* Every day of the valid years follows the one before, has the next weekday, and comes back from its instant. */
static void test_every_day(void **state)
{
    (void)state;
    int64_t expected = time_days(1, 1, 1);
    int weekday = 0; /* 0001-01-01 is a Monday */
    for (int y = 1; y <= 9999; y++)
        for (int m = 1; m <= 12; m++)
            for (int d = 1; time_date_valid(y, m, d); d++, expected++, weekday = (weekday + 1) % 7) {
                if (time_days(y, m, d) != expected || time_weekday(y, m, d) != weekday)
                    fail_msg("%04d-%02d-%02d", y, m, d);
                struct time_civil c = time_to_civil(expected * 86400000 + 86399999);
                if (c.year != y || c.month != m || c.day != d || c.hour != 23 || c.milli != 999)
                    fail_msg("%04d-%02d-%02d does not come back", y, m, d);
            }
    assert_true(expected == 2932897);
}

static void test_valid(void **state)
{
    (void)state;
    assert_true(time_date_valid(2024, 2, 29));
    assert_false(time_date_valid(2023, 2, 29));
    assert_false(time_date_valid(1900, 2, 29));
    assert_true(time_date_valid(2000, 2, 29));
    assert_false(time_date_valid(2024, 4, 31));
    assert_false(time_date_valid(2024, 13, 1));
    assert_false(time_date_valid(2024, 0, 1));
    assert_false(time_date_valid(2024, 1, 0));
    assert_false(time_date_valid(0, 1, 1));
    assert_false(time_date_valid(10000, 1, 1));
    assert_int_equal(time_weekday(2026, 3, 1), 6);
}

static void test_show(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1000);
    sb_time(&b, 0, false);
    sb_char(&b, ' ');
    sb_time(&b, -1, true);
    sb_char(&b, ' ');
    sb_time(&b, 1772357400123, true);
    assert_str(sb_view(&b), "1970-01-01T00:00:00Z 1969-12-31T23:59:59.999Z 2026-03-01T09:30:00.123Z");
    sb_time(&b, INT64_MAX, true);
    sb_time(&b, INT64_MIN, true);
    assert_true(sb_ok(&b));
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } good[] = {
        {"2026-03-01T09:30:00Z", "2026-03-01T09:30:00.000Z"},
        {"2026-03-01T09:30:00", "2026-03-01T09:30:00.000Z"},
        {"2026-03-01t09:30:00.1239z", "2026-03-01T09:30:00.123Z"},
        {"2026-03-01T09:30:00.5+02:00", "2026-03-01T07:30:00.500Z"},
        {"2026-03-01T00:30:00+14:00", "2026-02-28T10:30:00.000Z"},
        {"2026-02-28T23:30:00-05:45", "2026-03-01T05:15:00.000Z"},
        {"2025-12-31T24:00:00Z", "2026-01-01T00:00:00.000Z"},
        {"2026-03-01", "2026-03-01T00:00:00.000Z"},
        {"0001-01-01", "0001-01-01T00:00:00.000Z"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CLEANUP_SB struct sb b = SB_INIT(1000);
        int64_t ms = 0;
        assert_true(time_parse_iso(str_from_c(good[i].text), &ms));
        sb_time(&b, ms, true);
        assert_str(sb_view(&b), good[i].shown);
    }
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-3-1",
                                      "2026-02-30",
                                      "2026-03-01T",
                                      "2026-03-01T09:30",
                                      "2026-03-01T09:30:60Z",
                                      "2026-03-01T24:00:01Z",
                                      "2026-03-01T25:00:00Z",
                                      "2026-03-01T09:60:00Z",
                                      "2026-03-01T09:30:00.Z",
                                      "2026-03-01T09:30:00+2:00",
                                      "2026-03-01T09:30:00+14:01",
                                      "2026-03-01T09:30:00+15:00",
                                      "2026-03-01T09:30:00ZZ",
                                      "2026-03-01T09:30:00+02:00x",
                                      "2026-03-01 09:30:00",
                                      "0000-01-01",
                                      "-2026-03-01",
                                      "2026-03-01Z",
                                      "20260301"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms = 5;
        if (time_parse_iso(str_from_c(bad[i]), &ms)) fail_msg("\"%s\" is taken", bad[i]);
        assert_true(ms == 5);
    }
}

static void test_clocks(void **state)
{
    (void)state;
    int64_t now = time_now_unix_ms(), before = time_monotonic_ns(), after = time_monotonic_ns();
    assert_true(now > 1700000000000);
    assert_true(after >= before);
    assert_true(time_from_civil(time_to_civil(now)) == now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days), cmocka_unit_test(test_every_day), cmocka_unit_test(test_valid),
        cmocka_unit_test(test_show), cmocka_unit_test(test_parse),     cmocka_unit_test(test_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
