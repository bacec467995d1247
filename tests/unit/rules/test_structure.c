/* The structure family: texts that must fire and texts that must not. */
#include "rules_test.h"

#include "support/docx_build.h"

#define LONG                                                                                                           \
    "We compared the listing history with the complaint log, the warehouse scans and the carrier records of the same " \
    "two weeks, and interviewed the three people who handled the case before it was escalated to our team."

static void test_sections(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        {"structure.empty_section", "# Report\n# Impact\n# Timeline\nText.", "Impact"},
        {"structure.empty_section", "Intro.\n# Impact\n# Timeline\nText.", "Impact"},
        {"structure.empty_section", "Intro.\n# A\nText.\n## Details\n# B\nText.", "Details"},
        {"structure.empty_section", "Intro.\n# A\nText.\n# Conclusion", "Conclusion"},
        {"structure.empty_section", "# Report\n## Impact\nText.", NULL},
        {"structure.empty_section", "Intro.\n# Impact\n## First\nText.\n## Second\nText.", NULL},
        {"structure.empty_section", "Intro.\n# Impact\n| a | b |\n# Next\nText.", NULL},
        {"structure.empty_section",
         "Intro.\n# The seller shall deliver the goods.\n# The buyer shall pay for the goods.\nText.", NULL},
        {"structure.empty_section", "# Title of the report\n# Background\nText.", NULL},

        {"structure.skipped_heading_level", "# Part A\nText.\n### Part B\nText.", "Part B"},
        {"structure.skipped_heading_level", "# Part A\nText.\n## Part B\nText.\n#### Part C\nText.", "Part C"},
        {"structure.skipped_heading_level", "## Part A\nText.\n#### Part B\nText.", "Part B"},
        {"structure.skipped_heading_level", "# Part A\nText.\n###### Part B\nText.\n###### Part C\nText.", "Part B"},
        {"structure.skipped_heading_level", "# Part A\nText.\n## Part B\nText.\n### Part C\nText.\n# Part D\nText.",
         NULL},
        {"structure.skipped_heading_level", "### Part A\nText.\n### Part B\nText.", NULL},
        {"structure.skipped_heading_level", "# Part A\nText.\n## Part B\nText.\n### Part C\nText.\n## Part D\nText.",
         NULL},
        {"structure.skipped_heading_level", "Plain text alone.", NULL},

        {"structure.thin_section", "# A\n" LONG "\n# Impact\nSome orders late.", "Some orders late."},
        {"structure.thin_section", "# A\n" LONG "\n# Background\nSee.", NULL},
        {"structure.thin_section", "# A\n" LONG "\n# Findings\nThe tool failed.\n# B\n" LONG, "The tool failed."},
        {"structure.thin_section", "# A\n" LONG "\n## Impact\nVery bad.", "Very bad."},
        {"structure.thin_section", "# A\n" LONG "\n## Outcome\nReinstated the seller.", "Reinstated the seller."},
        {"structure.thin_section", "# A\n" LONG "\n# Impact\nNone.", NULL},
        {"structure.thin_section", "# A\n" LONG "\n# Impact\n12 orders late.", NULL},
        {"structure.thin_section", "# A\n" LONG "\n# Contact\nThe audit team.", NULL},
        {"structure.thin_section", "# A\n" LONG "\n# Impact\n- Some orders late.", NULL},
        {"structure.thin_section", "# A\nShort too.\n# Impact\nSome orders late.", NULL},
    };
    RULES_TEST_CASES(cases);
}

static void test_empty_sections_are_named_each(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(t, "Intro.\n# A one\n# B two\n# C three\nText.");
    assert_int_equal(rules_test_count(t, "structure.empty_section"), 2);
    rules_test_free(t);
}

static void test_missing_sections_are_one_finding(void **state)
{
    (void)state;
    static const struct str aliases[] = {STR_INIT("Chronology"), STR_INIT("Timeline")};
    static const struct rules_expected_section expected[] = {
        {.title = STR_INIT("Timeline of Events"), .aliases = aliases, .n_aliases = 2},
        {.title = STR_INIT("Impact")},
        {.title = STR_INIT("Root Cause")},
    };
    static const struct {
        const char *lines;
        const char *quote, *says;
    } cases[] = {
        {"# Report\nText.", "Report", "\"Timeline of Events\", \"Impact\", \"Root Cause\""},
        {"# 1. Timeline\nText.\n# Root causes and actions\nText.", "1. Timeline", "no section \"Impact\""},
        {"Only a paragraph.", "Only a paragraph.", "Root Cause"},
        {"# Impact\nText.\n# Impactful chronology\nText.", "Impact", "no section \"Root Cause\""},
        {"# Impact\nText.\n# Chronology\nText.\n# Root Cause Analysis\nText.", NULL, NULL},
        {"# Customer impact\nText.\n# Timeline of events\nText.\n# Root Causes\nText.", NULL, NULL},
        {"# Case\n| Impact | Text |\n| Timeline | Text |\n| Root Cause | Text |", NULL, NULL},
        {"**Impact:**\nText.\n**Timeline**\nText.\n**Root Cause:**\nText.", NULL, NULL},
    };
    struct rules_test_run *t = rules_test_new(NULL);
    t->input.expected_sections = expected;
    t->input.n_expected_sections = 3;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rules_test_lines(t, cases[i].lines);
        const struct rules_test_hit *hit = rules_test_hit(t, "structure.missing_section", 0);
        if ((hit != NULL) != (cases[i].quote != NULL)) fail_msg("%s", cases[i].lines);
        if (!hit) continue;
        assert_int_equal(rules_test_count(t, "structure.missing_section"), 1);
        if (!str_eq_c(hit->quote, cases[i].quote) ||
            str_find(hit->description, str_from_c(cases[i].says), 0) == STR_NONE)
            fail_msg("%s: \"%.*s\" %.*s", cases[i].lines, STR_ARG(hit->quote), STR_ARG(hit->description));
    }
    t->input.n_expected_sections = 0;
    rules_test_lines(t, "# Report\nText.");
    assert_int_equal(rules_test_count(t, "structure.missing_section"), 0);
    rules_test_free(t);
}

static void test_copies(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        {"structure.duplicate_heading", "# A\nText.\n# Impact\nText.\n# Impact\nText.", "Impact"},
        {"structure.duplicate_heading", "# A\nText.\n# Impact of it\nText.\n# IMPACT  of it\nText.", "IMPACT  of it"},
        {"structure.duplicate_heading", "# A\n## B\nText.\n## B\nText.", "B"},
        {"structure.duplicate_heading", "# A\nText.\n# B.\nText.\n# A\nText.", "A"},
        {"structure.duplicate_heading", "# A\n## B\nText.\n# C\n## B\nText.", NULL},
        {"structure.duplicate_heading", "# Root Cause 1\nText.\n# Root Cause 2\nText.", NULL},
        {"structure.duplicate_heading", "# Q\nT.\n# Q\nT.\n# Q\nT.\n# Q\nT.\n# Q\nT.", NULL},
        {"structure.duplicate_heading", "# A\nText.\n# B\nText.", NULL},

        {"structure.duplicate_paragraph", LONG "\nOther text.\n" LONG, LONG},
        {"structure.duplicate_paragraph", "- " LONG "\n- " LONG, LONG},
        {"structure.duplicate_paragraph", "# A\n" LONG "\n# B\nX.\n# C\n" LONG "\n" LONG, LONG},
        {"structure.duplicate_paragraph",
         "The TEAM reviewed every order of the seller in March, and found that twelve of them had been sent to the wrong place.\nX.\n"
         "The team reviewed every order of the seller in March and found that twelve of them had been sent to the wrong place!",
         "The team reviewed every order of the seller in March and found that twelve of them had been sent to the wrong place!"},
        {"structure.duplicate_paragraph", "Nothing was found.\nNothing was found.", NULL},
        {"structure.duplicate_paragraph", "| " LONG " |\n| " LONG " |", NULL},
        {"structure.duplicate_paragraph", LONG "\n" LONG " And more.", NULL},
        {"structure.duplicate_paragraph",
         "......................................................................................................................\n"
         "......................................................................................................................",
         NULL},
    };
    RULES_TEST_CASES(cases);
}

static void test_placeholders(void **state)
{
    (void)state;
    static const char rule[] = "structure.placeholder";
    static const struct rules_case cases[] = {
        {rule, "The owner is TBD.", "TBD"},
        {rule, "Case XX-XXX-XXXX was opened.", "XX-XXX-XXXX"},
        {rule, "On XX/XX/XXXX it broke.", "XX/XX/XXXX"},
        {rule, "Written by <insert name here>.", "<insert name here>"},
        {rule, "Written by [Insert name] today.", "[Insert name]"},
        {rule, "The loss was $XXXX in all.", "$XXXX"},
        {rule, "Lorem ipsum dolor sit amet.", "Lorem ipsum"},
        {rule, "The count was ??? orders.", "???"},
        {rule, "Click or tap here to enter text.", "Click or tap here to enter text."},
        {rule, "Dear {{first_name}}, hello.", "{{first_name}}"},
        {rule, "The fund pays [\xE2\x97\x8F] percent.", "[\xE2\x97\x8F]"},
        {rule, "| Owner | TBC |", "TBC"},
        {rule, "TODO: add the figures.", "TODO"},
        {rule, "The seller wrote: \"[...] we agree\".", NULL},
        {rule, "Chapter XX and chapter XXX of the book.", "XXX"},
        {rule, "See Chapter XXX for the rules and Appendix [A].", NULL},
        {rule, "Really?? Yes.", NULL},
        {rule, "Signature: ______________ Date: __________", NULL},
        {rule, "The list a[0] and the tag <br> are code; see [12] and <https://example.com>.", NULL},
        {rule, "We do add names [see the annex] to the list.", NULL},
        {rule, "The XXL size and the ATBDA code are fine.", NULL},
        {rule, "Mastodon and todo lists help.", NULL},
    };
    RULES_TEST_CASES(cases);
}

static void test_a_template_is_not_flooded(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new("{\"rules\": {\"structure.placeholder\": {\"max_findings\": 3}}}");
    rules_test_lines(t, "Owner: TBD and TBD\nB: TBD\nC: TBD\nD: TBD\nE: TBD");
    assert_int_equal(rules_test_count(t, "structure.placeholder"), 3);
    const struct rules_test_hit *joined = rules_test_hit(t, "structure.placeholder", 0);
    assert_true(str_find(joined->description, STR("And 1 more in this paragraph: \"TBD\"."), 0) != STR_NONE);
    const struct rules_test_hit *last = rules_test_hit(t, "structure.placeholder", 2);
    assert_true(str_find(last->description, STR("in 2 more places"), 0) != STR_NONE);
    rules_test_lines(t, "A: TBD\nB: TBD\nC: TBD");
    assert_int_equal(rules_test_count(t, "structure.placeholder"), 3);
    assert_true(str_eq(rules_test_hit(t, "structure.placeholder", 2)->quote, STR("TBD")));
    rules_test_free(t);
}

static void test_references(void **state)
{
    (void)state;
    static const char rule[] = "structure.missing_reference";
#define THREE "# 1 Background\nText.\n# 2 Impact\nText.\n# 3 Causes\nText.\n## 3.1 First\nText.\n"
    static const struct rules_case cases[] = {
        {rule, THREE "See section 4 for more.", "section 4"},
        {rule, THREE "See Section 3.2.", "Section 3.2"},
        {rule, "| a | b |\nTable 1: Orders by month\nTable 2 shows the rest.", "Table 2"},
        {rule, "As figure 7 shows, orders fell.", "figure 7"},
        {rule, "# Appendix A\nText.\n# Other\nThe list is in Appendix B.", "Appendix B"},
        {rule, "Fig. 1: Orders\nThe trend is in Fig. 3.", "Fig. 3"},
        {rule, THREE "See section 3.1 and section 2.", NULL},
        {rule, THREE "See section 5 of the Consumer Act.", NULL},
        {rule, THREE "It falls under Section 230(c) in the United States.", NULL},
        {rule, THREE "The Act, section 4, says so; so does Smith's section 4.", NULL},
        {rule, "See section 4 for more.", NULL},
        {rule, "Figure 18.33-1: Parking map\nThe areas in Figure 18.33-1 are free; see Figure 1 of it.", NULL},
        {rule, "Figure 2-1: Orders\nThe trend is in Figure 2-4.", "Figure 2-4"},
        {rule, THREE "It is so under Section 1.704-2(b) and Section 2.06.040.", NULL},
        {rule, "| a | b |\nTable 1: Orders by month\nTable 1 shows it all.", NULL},
        {rule, "| a | b |\nTable 1 shows it all.", NULL},
        {rule, "The list is in Appendix B.", NULL},
        {rule, "Fewer came back (returns report of April 2026, table 2).", NULL},
        {rule, "Fewer came back (the report, table 2).", "table 2"},
        {rule, "Set a table 4 meters long.", NULL},
    };
#undef THREE
    RULES_TEST_CASES(cases);
}

static void test_broken_fields(void **state)
{
    (void)state;
    static const char rule[] = "structure.broken_reference_field";
    static const struct rules_case cases[] = {
        {rule, "As in Error! Reference source not found. we said.", "Error! Reference source not found."},
        {rule, "Overview Error! Bookmark not defined.", "Error! Bookmark not defined."},
        {rule, "| Error! Not a valid link. |", "Error! Not a valid link."},
        {rule, "Siehe Fehler! Verweisquelle konnte nicht gefunden werden.",
         "Fehler! Verweisquelle konnte nicht gefunden werden."},
        {rule, "The page said Error! Try again.", NULL},
        {rule, "The reference source was not found.", NULL},
        {rule, "An error! A bookmark is not defined.", NULL},
        {rule, "Error: Reference source not found", NULL},
    };
    RULES_TEST_CASES(cases);
}

#define P(inner) "<w:p>" inner "</w:p>"
#define R(text)  "<w:r><w:t xml:space=\"preserve\">" text "</w:t></w:r>"
#define COMMENT(id, para, text)                                                                                        \
    "<w:comment w:id=\"" id "\" w:author=\"Ann\" w:initials=\"A\"><w:p w14:paraId=\"" para "\"><w:r><w:t>" text        \
    "</w:t></w:r></w:p></w:comment>"

static void comments_case(struct rules_test_run *t, const char *comments, const char *extended, const char *quote)
{
    struct test_docx_parts parts = {.comments = comments, .comments_extended = extended};
    rules_test_docx(t, test_docx(t->arena,
                                 P("<w:commentRangeStart w:id=\"1\"/>" R(
                                     "These words") "<w:commentRangeEnd w:id=\"1\"/>"
                                                    "<w:r><w:commentReference w:id=\"1\"/></w:r>" R(" and more.")),
                                 &parts));
    const struct rules_test_hit *hit = rules_test_hit(t, "structure.open_comments", 0);
    if ((hit != NULL) != (quote != NULL)) fail_msg("comments: %s", comments);
    if (hit && !str_eq_c(hit->quote, quote)) fail_msg("\"%.*s\"", STR_ARG(hit->quote));
}

static void test_open_comments(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    comments_case(t, COMMENT("1", "00000001", "Is this so?"), NULL, "These words");
    assert_true(str_find(rules_test_hit(t, "structure.open_comments", 0)->description, STR("by Ann: \"Is this so?\""),
                         0) != STR_NONE);
    comments_case(t, COMMENT("1", "00000001", "Is this so?"), "<w15:commentEx w15:paraId=\"00000001\" w15:done=\"0\"/>",
                  "These words");
    comments_case(t, COMMENT("1", "00000001", "Is this so?"), "<w15:commentEx w15:paraId=\"00000001\" w15:done=\"1\"/>",
                  NULL);
    comments_case(t, COMMENT("1", "00000001", " "), NULL, NULL);
    comments_case(t, COMMENT("7", "00000001", "Not anchored"), NULL, NULL);
    comments_case(t, "", NULL, NULL);
    rules_test_free(t);
}

static void changes_case(struct rules_test_run *t, const char *body, const char *says)
{
    rules_test_docx(t, test_docx(t->arena, body, NULL));
    const struct rules_test_hit *hit = rules_test_hit(t, "structure.tracked_changes", 0);
    assert_null(rules_test_hit(t, "structure.tracked_changes", 1));
    if ((hit != NULL) != (says != NULL)) fail_msg("changes: %s", body);
    if (hit && str_find(hit->description, str_from_c(says), 0) == STR_NONE) fail_msg("%.*s", STR_ARG(hit->description));
}

static void test_tracked_changes(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
#define INS "<w:ins w:id=\"5\" w:author=\"Bob\" w:date=\"2026-03-01T00:00:00Z\">" R("new ") "</w:ins>"
#define DEL "<w:del w:id=\"6\" w:author=\"Ann\"><w:r><w:delText>old</w:delText></w:r></w:del>"
    changes_case(t, P(R("A ") INS R("word.")), "1 insertion, 0 deletions");
    changes_case(t, P(R("A ") DEL R("word.")), "0 insertions, 1 deletion, ");
    changes_case(t, P(R("A ") INS DEL R("word.")), "1 insertion, 1 deletion, 0 other; the first is by Bob.");
    changes_case(t, P(DEL) P(R("Word.")), "1 deletion");
    changes_case(t, P(R("A word.")), NULL);
    changes_case(
        t,
        P("<w:r><w:rPr><w:b/><w:rPrChange w:id=\"9\" w:author=\"Ann\"><w:rPr/></w:rPrChange></w:rPr><w:t>Bold.</w:t></w:r>"),
        NULL);
    changes_case(t, P(DEL), NULL); /* no words to stand on */
    changes_case(t, P(R("Inserted and deleted are words.")), NULL);
#undef INS
#undef DEL
    rules_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_empty_sections_are_named_each),
        cmocka_unit_test(test_missing_sections_are_one_finding),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_placeholders),
        cmocka_unit_test(test_a_template_is_not_flooded),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_broken_fields),
        cmocka_unit_test(test_open_comments),
        cmocka_unit_test(test_tracked_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
