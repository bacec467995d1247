/* The time family: texts that must fire and texts that must not. */
#include "rules_test.h"

#include "support/docx_build.h"

static void test_dates(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        {"time.impossible_date", "It came on 2026-02-30.", "2026-02-30"},
        {"time.impossible_date", "It came on 31 April 2026.", "31 April 2026"},
        {"time.impossible_date", "It came on February 29, 2025.", "February 29, 2025"},
        {"time.impossible_date", "| 13/13/2026 | event |", "13/13/2026"},
        {"time.impossible_date", "It came on 29 February 2024.", NULL},
        {"time.impossible_date", "It came on February 29.", NULL},
        {"time.impossible_date", "Version 31.4.2 of 2026, part 45/67/2026.", NULL},
        {"time.impossible_date", "The ratio of 31/12 and 12/31/2025.", NULL},

        {"time.weekday_mismatch", "On Monday, March 3, 2026 it came.", "March 3, 2026"},
        {"time.weekday_mismatch", "It came on 2026-03-03 (Wed).", "2026-03-03"},
        {"time.weekday_mismatch", "Fri 3/25/2026: it came.", "3/25/2026"},
        {"time.weekday_mismatch", "It came on Sunday, the 1st of April 2026.", "1st of April 2026"},
        {"time.weekday_mismatch", "On Tuesday, March 3, 2026 it came.", NULL},
        {"time.weekday_mismatch", "On Friday 3/4/2026 it came.", NULL}, /* 3 April 2026 was a Friday */
        {"time.weekday_mismatch", "On Monday, March 3 it came.", NULL},
        {"time.weekday_mismatch", "It came on March 3, 2026. Monday is another day.", NULL},

        {"time.ambiguous_date", "It came on 3/4/2026.", "3/4/2026"},
        {"time.ambiguous_date", "On 01/02/2026 and on 02/03/2026.", "01/02/2026"},
        {"time.ambiguous_date", "| 5/6/26 | event |", "5/6/26"},
        {"time.ambiguous_date", "On 1 May 2026 and 6/5/2026.", "6/5/2026"},
        {"time.ambiguous_date", "On 3/25/2026 and 3/4/2026.", NULL},
        {"time.ambiguous_date", "On 25/3/2026 and 3/4/2026.", NULL},
        {"time.ambiguous_date", "On 3/3/2026 it came.", NULL},
        {"time.ambiguous_date", "On Friday 3/4/2026 and 2026-03-04.", NULL},

        {"time.date_without_year", "# A\nIt came on March 3.", "March 3"},
        {"time.date_without_year", "# A\nIt came on 3 March and left on March 5, 2026.", NULL},
        {"time.date_without_year", "# A\nIt came on 3 March.\nIt left on March 5, 2026.", "3 March"},
        {"time.date_without_year", "# A\nOn 2026-03-01.\n# B\nOn March 5 it left.", "March 5"},
        {"time.date_without_year", "# A\n| Mar. 3 | came |\n| Mar. 5 | left |", "Mar. 3"},
        {"time.date_without_year", "# A\nIt came on March 3, 2026 and left on March 5.", NULL},
        {"time.date_without_year", "# Events of 2026\nIt came on March 3.", NULL},
        {"time.date_without_year", "Report of 1 April 2026\n# A\nIt came on March 3.", NULL},
        {"time.date_without_year", "# A\nThe march of 3 men in May.", NULL},

        {"time.mixed_formats", "On 2026-03-01, 2026-03-02 and 3/25/2026.", "3/25/2026"},
        {"time.mixed_formats", "On 3/25/2026, 3/26/2026 and 25/12/2026.", "25/12/2026"},
        {"time.mixed_formats", "On 1.3.2026 and 2.3.2026 and 2026-03-05.", "2026-03-05"},
        {"time.mixed_formats", "On 1 March 2026, 2 March 2026 and 2026-03-05.", "2026-03-05"},
        {"time.mixed_formats", "On 2026-03-01 and 2026-03-02.", NULL},
        {"time.mixed_formats", "On 3/25/2026 and 3/4/2026.", NULL},
        {"time.mixed_formats", "On 1 March 2026 it came.\n| 2026-03-01 | came |\n| 2026-03-02 | left |", NULL},
        {"time.mixed_formats", "In March 2026, on 2026-03-02.", NULL},
        {"time.mixed_formats", "On 1 March 2026 it came.\n- 2026-03-01: came.\n- 2026-03-02: left.", NULL},
        {"time.mixed_formats", "On 1 March 2026 it came.\n- It came on 2026-03-01.\n- It left on 2026-03-02.",
         "1 March 2026"},
    };
    RULES_TEST_CASES(cases);
}

#define T "# Timeline of Events\n"

static void test_timelines(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        {"time.out_of_order", T "- 2026-03-01: a\n- 2026-03-04: b\n- 2026-03-02: c\n- 2026-03-05: d", "2026-03-02"},
        {"time.out_of_order", T "- 2026-03-01: a\n- 2026-03-02: b\n- 2026-09-03: c\n- 2026-03-04: d\n- 2026-03-05: e",
         "2026-09-03"},
        {"time.out_of_order",
         "# Case\n| Date | Event |\n| 2026-03-01 | a |\n| 2026-03-02 | b |\n| 2026-03-03 | c |\n| 2026-03-01 | d |",
         "2026-03-01"},
        {"time.out_of_order",
         T "1 March 2026 09:00 a\n1 March 2026 10:00 b\n1 March 2026 08:00 c\n1 March 2026 11:00 d", "1 March 2026"},
        {"time.out_of_order", T "- March 1: a\n- March 2: b\n- March 1: c\n- March 4: d", "March 1"},
        {"time.out_of_order", T "- 2026-03-05: a\n- 2026-03-04: b\n- 2026-03-01: c", NULL},
        {"time.out_of_order", T "- 2026-03-01: a\n- 2026-03-01: b\n- 2026-03-02: c", NULL},
        {"time.out_of_order", T "- 2026-03-01 09:00: a\n- 2026-03-01: b\n- 2026-03-01 10:00: c", NULL},
        {"time.out_of_order", T "- 30 December: a\n- 31 December: b\n- 2 January: c", NULL},
        {"time.out_of_order",
         "# Case\n2026-03-05 was a bad day.\nSales fell.\nOrders fell.\n2026-03-01 was better.\nNothing else.\n2026-03-07 was worst.",
         NULL},
        {"time.out_of_order", "# Holidays\n| 2026-12-25 | a |\n| 2026-01-01 | b |\n| 2026-05-01 | c |", NULL},

        {"time.unexplained_gap", T "- 2026-03-01: a\n- 2026-03-02: b\n- 2026-03-09: c", "2026-03-09"},
        {"time.unexplained_gap", T "- 2026-03-01 09:00: a\n- 2026-03-01 10:00: b\n- 2026-03-02 12:00: c", "2026-03-02"},
        {"time.unexplained_gap",
         "# Case\n| Timeline | Event |\n| 2026-03-01 | a |\n| 2026-03-02 | b |\n| 2026-03-04 | c |", "2026-03-04"},
        {"time.unexplained_gap", "# Chronology\n1 March 2026: a\n5 March 2026: b\n6 March 2026: c", "5 March 2026"},
        {"time.unexplained_gap", T "- 2026-03-09: a\n- 2026-03-02: b\n- 2026-03-01: c", "2026-03-09"},
        {"time.unexplained_gap", T "- 2026-03-01: a\n- 2026-03-02: b\n- 2026-03-09: c; nobody had looked", NULL},
        {"time.unexplained_gap", T "- 2026-03-01: a\n- 2026-03-02: b\n- 2026-03-03: c", NULL},
        {"time.unexplained_gap",
         T "- 2026-03-01: a\n- 2026-03-03: b\n- 2026-03-02: c\n- 2026-03-04: d\n- 2026-03-05: e", NULL},
        {"time.unexplained_gap",
         T "- 2026-03-02 09:00: a\n- 2026-03-01 10:00: b\n- 2026-03-02 20:00: c\n- 2026-03-03 08:00: d", NULL},
        {"time.unexplained_gap", T "- 2026-03-01: a\n- 2026-03-02: b\n- 2026-03-09: c, after waiting for the invoice",
         NULL},
        {"time.unexplained_gap", T "- 2026-03-01: a\n- 2026-03-02: b; no reply over the weekend\n- 2026-03-09: c",
         NULL},
        {"time.unexplained_gap", "# Releases\n- 2026-03-01: a\n- 2026-04-02: b\n- 2026-05-09: c", NULL},
        {"time.unexplained_gap", T "- 2026-03-01 09:00: a\n- 2026-03-01 10:00: b\n- 2026-03-02 09:30: c", NULL},

        {"time.missing_zone", T "- 2026-03-01 09:00: a\n- 2026-03-01 10:00: b\n- 2026-03-02 12:00: c", "2026-03-01"},
        {"time.missing_zone",
         T
         "| Date | Time | Event |\n| 2026-03-01 | 09:00 | a |\n| 2026-03-01 | 10:00 | b |\n| 2026-03-02 | 11:00 | c |",
         "2026-03-01"},
        {"time.missing_zone", T "1 March 2026, 9 am a\n1 March 2026, 10 am b\n2 March 2026, 3 pm c", "1 March 2026"},
        {"time.missing_zone", "# Log\n- 2026-03-01 09:00: a\n- 2026-03-01 10:00: b\n- 2026-03-02 12:00: c",
         "2026-03-01"},
        {"time.missing_zone",
         T "All times in CET.\n- 2026-03-01 09:00: a\n- 2026-03-01 10:00: b\n- 2026-03-02 12:00: c", NULL},
        {"time.missing_zone", T "- 2026-03-01 09:00 UTC: a\n- 2026-03-01 10:00: b\n- 2026-03-02 12:00: c", NULL},
        {"time.missing_zone",
         T
         "| Date | Time (UTC) | Event |\n| 2026-03-01 | 09:00 | a |\n| 2026-03-01 | 10:00 | b |\n| 2026-03-02 | 11:00 | c |",
         NULL},
        {"time.missing_zone",
         T "All times are Central European Time.\n- 2026-03-01 09:00: a\n- 2026-03-01 10:00: b\n- 2026-03-02 12:00: c",
         NULL},
        {"time.missing_zone", T "- 2026-03-01: a\n- 2026-03-02: b\n- 2026-03-03: c", NULL},
        {"time.missing_zone", "We met at 09:00 on 2026-03-01 and at 10:00 on 2026-03-02.", NULL},
    };
    RULES_TEST_CASES(cases);
}

static void test_many_gaps_are_one_finding(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(
        t, T "- 2026-03-01: a\n- 2026-03-05: b\n- 2026-03-10: c\n- 2026-04-20: d\n- 2026-05-01: e\n- 2026-05-09: f");
    assert_int_equal(rules_test_count(t, "time.unexplained_gap"), 1);
    const struct rules_test_hit *hit = rules_test_hit(t, "time.unexplained_gap", 0);
    assert_true(str_eq(hit->quote, STR("2026-04-20")));
    assert_true(str_find(hit->description, STR("longest of 5 gaps"), 0) != STR_NONE);
    rules_test_free(t);
}

static void test_dates_after_the_document(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *quote;
    } cases[] = {
        {"The seller was reinstated on 2026-08-05.", "2026-08-05"},
        {"The audit took place on 5 August 2026 in Berlin.", "5 August 2026"},
        {"| Date | Event |\n| 2027-03-01 | first complaint |", "2027-03-01"},
        {"It was blocked on 3/25/2027.", "3/25/2027"},
        {"The audit is due by 2026-08-05.", NULL},
        {"We meet on 5 August 2026 in Berlin.", NULL},
        {"The festival is on 5 August 2026.", NULL},
        {"The workshop takes a third sample on 5 August 2026.", NULL},
        {"The workshop took a third sample on 5 August 2026.", "5 August 2026"},
        {"# Timetable\n- 2026-08-05: The books are packed.", NULL},
        {"# Timeline\n- 2026-08-05: The books are packed.", "2026-08-05"},
        {"The festival was on 5 August 2026.", "5 August 2026"},
        {"The team will test it on 5 August 2026.", NULL},
        {"| Action | Due |\n| Test it | 2026-08-05 |", NULL},
        {"# Next steps\nTest on 2026-08-05.", NULL},
        {"It was blocked on 2026-03-16.", NULL}, /* a zone may be a day ahead */
        {"It was blocked on 2026-03-01.", NULL},
    };
    struct rules_test_run *t = rules_test_new(NULL);
    struct test_docx_parts parts = {
        .core = "<dcterms:created xsi:type=\"dcterms:W3CDTF\">2026-03-10T10:00:00Z</dcterms:created><dcterms:modified "
                "xsi:type=\"dcterms:W3CDTF\">2026-03-15T10:00:00Z</dcterms:modified>"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str body = test_body_from_lines(t->arena, cases[i].lines);
        rules_test_docx(t, test_docx(t->arena, body.p, &parts));
        const struct rules_test_hit *hit = rules_test_hit(t, "time.future_date", 0);
        if ((hit != NULL) != (cases[i].quote != NULL)) fail_msg("%s", cases[i].lines);
        if (hit && !str_eq_c(hit->quote, cases[i].quote)) fail_msg("%s: %.*s", cases[i].lines, STR_ARG(hit->quote));
        rules_test_docx(t, test_docx(t->arena, body.p, NULL)); /* no properties: nothing to compare with */
        assert_int_equal(rules_test_count(t, "time.future_date"), 0);
    }
    rules_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_timelines),
        cmocka_unit_test(test_many_gaps_are_one_finding),
        cmocka_unit_test(test_dates_after_the_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
