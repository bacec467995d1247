/* Facts: sentences, dates, acronyms, labels, as the rules see them. */
#include "rules_test.h"

#include <stdio.h>

#include "rules/engine_priv.h"
#include "rules/facts.h"
#include "support/docx_build.h"

/* The facts of a document of lines; everything is reviewed. */
struct fixture {
    struct arena *arena;
    struct doc *doc;
    struct rules_run run;
};

static void setup(struct fixture *f, const char *lines)
{
    struct error e = {0};
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    *f = (struct fixture){.arena = arena_new((size_t)64 << 20)};
    assert_non_null(f->arena);
    assert_int_equal(doc_read(test_docx_from_lines(f->arena, lines), &o, &f->doc, &e), ERR_OK);
    bool *reviewed = NEW(f->arena, bool, f->doc->blocks.n + 1);
    assert_non_null(reviewed);
    for (uint32_t i = 0; i < f->doc->blocks.n; i++)
        reviewed[i] = !doc_block_is_blank(&f->doc->blocks.at[i]);
    f->run = (struct rules_run){.doc = f->doc, .arena = f->arena, .reviewed = reviewed};
    assert_int_equal(facts_find(&f->run, &f->run.facts, &e), ERR_OK);
}

static void teardown(struct fixture *f)
{
    doc_free(f->doc);
    arena_free(f->arena);
}

static struct str text_of(const struct fixture *f, struct facts_span s)
{
    return str_sub(f->doc->blocks.at[s.block].text, s.start, s.end);
}

static void assert_str(struct str got, const char *expected)
{
    if (!str_eq_c(got, expected)) fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(got), expected);
}

static void test_sentences(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *sentences[5];
    } cases[] = {
        {"It broke. We fixed it.", {"It broke.", "We fixed it."}},
        {"Mr. Smith called Dr. Jones, e.g. twice. He left.", {"Mr. Smith called Dr. Jones, e.g. twice.", "He left."}},
        {"The rate was 3.5 percent. It fell.", {"The rate was 3.5 percent.", "It fell."}},
        {"J. K. Miller approved it. Then it went live.", {"J. K. Miller approved it.", "Then it went live."}},
        {"She said \"It is done.\" Then she left.", {"She said \"It is done.\"", "Then she left."}},
        {"See No. 5 for details. No. The answer is no.", {"See No. 5 for details.", "No.", "The answer is no."}},
        {"Is it done? Yes! Good\xE2\x80\xA6 Next.", {"Is it done?", "Yes!", "Good\xE2\x80\xA6", "Next."}},
        {"We use logs, scans, etc. The rest is lost.", {"We use logs, scans, etc.", "The rest is lost."}},
        {"It was 9 a.m. Eastern time. It rained.", {"It was 9 a.m. Eastern time.", "It rained."}},
        {"Acme Inc. Sales rose. All was well.", {"Acme Inc. Sales rose.", "All was well."}},
        {"Visit example.com. version 2.0 is out", {"Visit example.com. version 2.0 is out"}},
        {"(It failed.) We know.", {"(It failed.)", "We know."}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        setup(&f, cases[i].text);
        size_t n = 0;
        while (n < 5 && cases[i].sentences[n])
            n++;
        if (f.run.facts->sentences.n != n) {
            for (size_t k = 0; k < f.run.facts->sentences.n; k++)
                print_error("  %.*s\n", STR_ARG(text_of(&f, f.run.facts->sentences.at[k])));
            fail_msg("%s: %zu sentences, not %zu", cases[i].text, f.run.facts->sentences.n, n);
        }
        for (size_t k = 0; k < n; k++)
            assert_str(text_of(&f, f.run.facts->sentences.at[k]), cases[i].sentences[k]);
        teardown(&f);
    }
}

static void test_sentences_belong_to_their_block(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, "# Heading without a stop\nOne. Two.\n- item\n| cell | other |");
    assert_int_equal(f.run.facts->sentences.n, 6);
    assert_int_equal(f.run.facts->first_sentence[1], 1);
    assert_int_equal(f.run.facts->first_sentence[2], 3);
    assert_int_equal(f.run.facts->first_sentence[f.doc->blocks.n], 6);
    assert_int_equal(f.run.facts->words, 9);
    teardown(&f);
}

struct date_case {
    const char *text, *words;
    enum facts_date_format format;
    int year, month, day, weekday, hour, minute;
    bool zone, valid;
};

static void test_dates(void **state)
{
    (void)state;
    static const struct date_case cases[] = {
        {"On 2026-03-01 it broke", "2026-03-01", FACTS_DATE_ISO, 2026, 3, 1, -1, -1, -1, false, true},
        {"2026-03-01T09:30:00Z", "2026-03-01", FACTS_DATE_ISO, 2026, 3, 1, -1, 9, 30, true, true},
        {"2026-03-01 09:30 UTC", "2026-03-01", FACTS_DATE_ISO, 2026, 3, 1, -1, 9, 30, true, true},
        {"2026-13-45", "2026-13-45", FACTS_DATE_ISO, 2026, 13, 45, -1, -1, -1, false, false},
        {"on 3/25/2026.", "3/25/2026", FACTS_DATE_MDY, 2026, 3, 25, -1, -1, -1, false, true},
        {"25/12/26 at 3 pm", "25/12/26", FACTS_DATE_DMY, 2026, 12, 25, -1, 15, 0, false, true},
        {"(1.3.2026)", "1.3.2026", FACTS_DATE_DMY, 2026, 3, 1, -1, -1, -1, false, true},
        {"3/4/2026", "3/4/2026", FACTS_DATE_AMBIGUOUS, 2026, 3, 4, -1, -1, -1, false, true},
        {"31/04/2026", "31/04/2026", FACTS_DATE_DMY, 2026, 4, 31, -1, -1, -1, false, false},
        {"1 March 2026", "1 March 2026", FACTS_DATE_TEXT, 2026, 3, 1, -1, -1, -1, false, true},
        {"the 1st of March, 2026", "1st of March, 2026", FACTS_DATE_TEXT, 2026, 3, 1, -1, -1, -1, false, true},
        {"Monday, March 2nd, 2026", "March 2nd, 2026", FACTS_DATE_TEXT, 2026, 3, 2, 0, -1, -1, false, true},
        {"March 2, 2026 (Tue)", "March 2, 2026", FACTS_DATE_TEXT, 2026, 3, 2, 1, -1, -1, false, true},
        {"Sept. 9 2026", "Sept. 9 2026", FACTS_DATE_TEXT, 2026, 9, 9, -1, -1, -1, false, true},
        {"01-Mar-26", "01-Mar-26", FACTS_DATE_TEXT, 2026, 3, 1, -1, -1, -1, false, true},
        {"in March 2026 we", "March 2026", FACTS_DATE_TEXT, 2026, 3, 0, -1, -1, -1, false, true},
        {"on March 3 we", "March 3", FACTS_DATE_TEXT, 0, 3, 3, -1, -1, -1, false, true},
        {"March 1\xE2\x80\x93"
         "3, 2026",
         "March 1\xE2\x80\x93"
         "3, 2026",
         FACTS_DATE_TEXT, 2026, 3, 1, -1, -1, -1, false, true},
        {"29 February 2023", "29 February 2023", FACTS_DATE_TEXT, 2023, 2, 29, -1, -1, -1, false, false},
        {"at 10:15 CET on 4 May 2026", "4 May 2026", FACTS_DATE_TEXT, 2026, 5, 4, -1, 10, 15, true, true},
        {"4 May 2026, 10:15 p.m. (PST)", "4 May 2026", FACTS_DATE_TEXT, 2026, 5, 4, -1, 22, 15, true, true},
        {"Fri 6\xC2\xA0March 2026", "6\xC2\xA0March 2026", FACTS_DATE_TEXT, 2026, 3, 6, 4, -1, -1, false, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        const struct date_case *c = &cases[i];
        setup(&f, c->text);
        if (f.run.facts->dates.n != 1) fail_msg("%s: %zu dates", c->text, f.run.facts->dates.n);
        const struct facts_date *d = &f.run.facts->dates.at[0];
        assert_str(text_of(&f, d->span), c->words);
        if (d->format != c->format || d->year != c->year || d->month != c->month || d->day != c->day ||
            d->weekday != c->weekday || d->hour != c->hour || d->minute != c->minute || d->has_zone != c->zone ||
            d->valid != c->valid)
            fail_msg("%s: format %d, %d-%d-%d, weekday %d, %d:%d, zone %d, valid %d", c->text, (int)d->format, d->year,
                     d->month, d->day, d->weekday, d->hour, d->minute, d->has_zone, d->valid);
        teardown(&f);
    }
}

static void test_a_range_shares_its_year(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f, "From 30 December to 2 January 2026 nobody looked.");
    assert_int_equal(f.run.facts->dates.n, 2);
    assert_int_equal(f.run.facts->dates.at[0].year, 2025);
    assert_int_equal(f.run.facts->dates.at[1].year, 2026);
    teardown(&f);
}

static void test_what_is_no_date(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "version 10.1.202",  "IP 10.12.20.26", "order 123-45-6789",
        "1/2 of the orders", "section 3.1.2",  "Clause 1 May be used",
        "we may 5 times",    "March on",       "phone 555/12/2026x",
        "12/2026",           "ratio 3/4",      "a mark 20 points",
        "build 2026-03",     "$3.04.2026",     "he may 2 do it",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        setup(&f, cases[i]);
        if (f.run.facts->dates.n)
            fail_msg("%s: \"%.*s\"", cases[i], STR_ARG(text_of(&f, f.run.facts->dates.at[0].span)));
        teardown(&f);
    }
}

static const struct facts_acronym *acronym(const struct fixture *f, const char *text)
{
    for (size_t i = 0; i < f->run.facts->acronyms.n; i++)
        if (str_eq_c(f->run.facts->acronyms.at[i].text, text)) return &f->run.facts->acronyms.at[i];
    return NULL;
}

static void test_acronyms_and_their_definitions(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *acronym, *meaning;
        unsigned uses;
    } cases[] = {
        {"The Root Cause Analysis (RCA) is late. The RCA was due.", "RCA", "Root Cause Analysis", 2},
        {"The RCA (Root Cause Analysis) is late.", "RCA", "Root Cause Analysis", 1},
        {"Key performance indicators (KPIs) fell.", "KPI", "Key performance indicators", 1},
        {"The Extensible Markup Language (\"XML\") is old.", "XML", "Extensible Markup Language", 1},
        {"RCA \xE2\x80\x93 Root Cause Analysis", "RCA", "Root Cause Analysis", 1},
        {"SLA: Service Level Agreement", "SLA", "Service Level Agreement", 1},
        {"| RCA | Root Cause Analysis |", "RCA", "Root Cause Analysis", 1},
        {"Research and development (R&D) costs rose.", "R&D", "Research and development", 1},
        {"The RCA is late.", "RCA", NULL, 1},
        {"The meeting in the morning (RCA) was long.", "RCA", NULL, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        setup(&f, cases[i].lines);
        const struct facts_acronym *a = acronym(&f, cases[i].acronym);
        if (!a) fail_msg("%s: not found", cases[i].lines);
        if (a->uses != cases[i].uses) fail_msg("%s: %u uses", cases[i].lines, a->uses);
        assert_int_equal(a->definitions.n, cases[i].meaning ? 1 : 0);
        assert_int_equal(a->definitions.n, a->meanings.n);
        if (cases[i].meaning) assert_str(a->meanings.at[0], cases[i].meaning);
        teardown(&f);
    }
}

static void test_what_is_no_acronym(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f,
          "THIS WHOLE LINE IS SHOUTED OUT LOUD\nA dog. I went. iPhone, McDonald, B2, USERNAMEISLONG, a_ID, user@ACME");
    for (size_t i = 0; i < f.run.facts->acronyms.n; i++)
        print_error("%.*s\n", STR_ARG(f.run.facts->acronyms.at[i].text));
    assert_int_equal(f.run.facts->acronyms.n, 0);
    teardown(&f);
}

static void test_labels(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f,
          "RC1: The alarm was off.\nPA1a - Test it.\n| RC 2 | text |\n- Root Cause 3: more\n# Preventative Action 4b\n"
          "See RC9 for more.\nPART 1\nRCA1 is none\nPA12345 is a number");
    static const struct {
        const char *text;
        bool action;
        int number;
        char letter;
    } expected[] = {{"RC1", false, 1, 0},
                    {"PA1a", true, 1, 'a'},
                    {"RC 2", false, 2, 0},
                    {"Root Cause 3", false, 3, 0},
                    {"Preventative Action 4b", true, 4, 'b'}};
    assert_int_equal(f.run.facts->labels.n, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct facts_label *l = &f.run.facts->labels.at[i];
        assert_str(text_of(&f, l->span), expected[i].text);
        assert_int_equal(l->is_action, expected[i].action);
        assert_int_equal(l->number, expected[i].number);
        assert_int_equal(l->letter, expected[i].letter);
    }
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_sentences_belong_to_their_block),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_a_range_shares_its_year),
        cmocka_unit_test(test_what_is_no_date),
        cmocka_unit_test(test_acronyms_and_their_definitions),
        cmocka_unit_test(test_what_is_no_acronym),
        cmocka_unit_test(test_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
